/* SPDX-License-Identifier: MIT */
/* hardware - getters of the node's hardware and directories that a VM gets at. */
#include "facts/bind.h"
#include "facts/getter.h"
#include "facts/volume.h"

/*
 * Adds @key of every member of @family to @f, split at ';'; false, and @f unknown, when
 * one cannot be read.
 */
static bool add_property(struct getting *g, struct fact *f, struct slice family,
			 const char *key)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	while ((entry = getting_family(g, family, &at))) {
		struct fact_origin origin = origin_entry(g, entry);
		struct slice value, one;

		props_read(g, entry, &p);
		if (p.bad) {
			value_unknown(g, f, origin, "%.*s: %s", SLICE_ARG(entry->key),
				      p.why);
			return false;
		}
		value = props_get(&p, key);
		while (value.len) {
			(void)slice_cut(value, ';', &one, &value);
			if (one.len)
				value_add(g, f, one, origin);
		}
	}
	return true;
}

void vm_hostpci_raw(struct getting *g, struct fact *f)
{
	value_list(f);
	(void)add_property(g, f, LITERAL("hostpci"), "host");
}

void vm_hostpci_mapped(struct getting *g, struct fact *f)
{
	value_list(f);
	(void)add_property(g, f, LITERAL("hostpci"), "mapping");
}

/* Whether @host begins with a domain, of four digits or more: it has two colons. */
static bool has_domain(struct slice host)
{
	struct slice head, rest = host;

	return slice_cut(rest, ':', &head, &rest) && memchr(rest.ptr, ':', rest.len);
}

/* Whether @host, "01:00" or "0000:01:00.0", names @device, or it and its siblings. */
static bool names_device(struct slice host, struct slice device)
{
	static const char domain[] = "0000:"; /* that of an address without any */
	size_t n = sizeof(domain) - 1;
	struct slice rest = device;

	if (!has_domain(host)) {
		if (!slice_starts(device, domain))
			return false;
		rest = (struct slice){ device.ptr + n, device.len - n };
	}
	return rest.len >= host.len && strncasecmp(rest.ptr, host.ptr, host.len) == 0 &&
	       (rest.len == host.len || rest.ptr[host.len] == '.');
}

void vm_hostpci_storage(struct getting *g, struct fact *f)
{
	const struct fact *raw = getting_fact(g, FACT_hostpci_raw);
	const struct pci_devices *all = g->in->controllers;

	if (value_unknown_as(f, raw))
		return;
	value_list(f);
	for (size_t i = 0; i < raw->nitems; i++)
		for (size_t k = 0; all && k < all->n; k++)
			if (names_device(raw->items[i].text, all->items[k]))
				value_add_once(g, f, raw->items[i].text,
					       raw->items[i].origin);
}

/* Whether @host is QEMU's own redirection, no device of the node. */
static bool is_spice(struct slice host)
{
	return host.len == 5 && strncasecmp(host.ptr, "spice", 5) == 0;
}

/* @id without the 0x that it may begin with. */
static struct slice without_0x(struct slice id)
{
	return slice_starts(id, "0x") ? (struct slice){ id.ptr + 2, id.len - 2 } : id;
}

/* A USB device's ids as people write them: 0x046D:C52B is 046d:c52b. A port as it stands. */
static struct slice plain_host(struct getting *g, struct slice host)
{
	struct slice vendor, product;
	char *made;

	if (!slice_cut(host, ':', &vendor, &product))
		return host;
	vendor = without_0x(vendor);
	product = without_0x(product);
	made = arena_printf(g->arena, "%.*s:%.*s", SLICE_ARG(vendor), SLICE_ARG(product));
	return value_lower(g, made ? slice_of(made) : host);
}

void vm_usb_raw(struct getting *g, struct fact *f)
{
	struct fact all = { .state = FACT_STATE_KNOWN };

	value_list(f);
	if (!add_property(g, &all, LITERAL("usb"), "host")) {
		(void)value_unknown_as(f, &all);
		return;
	}
	for (size_t i = 0; i < all.nitems; i++)
		if (!is_spice(all.items[i].text))
			value_add(g, f, plain_host(g, all.items[i].text),
				  all.items[i].origin);
}

void vm_usb_mapped(struct getting *g, struct fact *f)
{
	value_list(f);
	(void)add_property(g, f, LITERAL("usb"), "mapping");
}

void vm_virtiofs(struct getting *g, struct fact *f)
{
	value_list(f);
	(void)add_property(g, f, LITERAL("virtiofs"), "dirid");
}

/*
 * Adds the members of @family that are a device of the node: all that QEMU is to have but
 * @other. Proxmox looks at their form when they are set, not when a VM starts, and takes a
 * path that does not begin with '/'.
 */
static void add_ports(struct getting *g, struct fact *f, struct slice family,
		      const char *other)
{
	const struct guestconf_entry *entry;
	size_t at = 0;

	while ((entry = getting_family(g, family, &at)))
		if (guestconf_is_perl_true(entry->value) &&
		    !slice_eq(entry->value, other))
			value_add(g, f, bind_path(entry->value, g->arena),
				  origin_entry(g, entry));
}

void vm_host_serial(struct getting *g, struct fact *f)
{
	value_list(f);
	add_ports(g, f, LITERAL("serial"), "socket");
	add_ports(g, f, LITERAL("parallel"), "");
}

/* Whether a drive moves with its VM, as far as can be told. */
enum moves { MOVES_NOT, MOVES_MAYBE, MOVES };

/* Whether the drive @v does: by its path, or by its storage where those are known. */
static enum moves drive_moves(const struct getting *g, const struct volume *v)
{
	const struct cluster_storages *s = g->in->storages;
	enum source_state state = g->in->sources[SOURCE_STORAGE].state;
	struct slice storage = volume_storage(v);
	const struct cluster_storage *row;

	if (v->unused || volume_is_cloudinit(v) || slice_eq(v->source, "none"))
		return MOVES;
	if (!storage.ptr)
		return props_is_true(&v->props, "shared") ? MOVES : MOVES_NOT;
	if (state == SOURCE_STATE_FAILED)
		return MOVES_MAYBE;
	if (state != SOURCE_STATE_READ || !s)
		return MOVES; /* a file outside a cluster: nothing speaks against it */
	row = cluster_find_storage(s, storage);
	return row && row->shared ? MOVES : MOVES_NOT;
}

/* Answers for the drives: one that stays decides, one that may leaves it open. */
static void drives_move(struct getting *g, struct fact *f)
{
	const struct source_status *storages = &g->in->sources[SOURCE_STORAGE];
	bool maybe = false;
	struct volume v;
	size_t at = 0;

	while (volume_next(g, &at, &v, f)) {
		enum moves moves = drive_moves(g, &v);

		if (moves == MOVES_NOT) {
			value_flag(f, false, origin_entry(g, v.entry));
			return;
		}
		maybe |= moves == MOVES_MAYBE;
	}
	if (maybe)
		value_unknown(g, f, origin_line(g, SOURCE_STORAGE, 0), "%s",
			      storages->why ? storages->why : "cannot be read");
	else if (f->state != FACT_STATE_UNKNOWN)
		value_flag(f, true, (struct fact_origin){ 0 });
}

/* Whether a list of hardware that stays behind is empty; else @f is answered. */
static bool is_free_of(struct getting *g, struct fact *f, enum fact_id id)
{
	const struct fact *list = getting_fact(g, id);

	if (value_unknown_as(f, list))
		return false;
	if (!list->nitems)
		return true;
	value_flag(f, false, list->items[0].origin);
	return false;
}

/* The options that alone stop a live migration. Source: PVE::QemuMigrate::Helpers. */
static const struct guestconf_entry *stopper(const struct getting *g)
{
	static const char *const keys[] = { "amd-sev", "intel-tdx", "ivshmem", "hostpci",
					    "hostusb" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct guestconf_entry *entry = getting_entry(g, slice_of(keys[i]));

		if (entry)
			return entry;
	}
	return NULL;
}

/*
 * Devices of the node, mapped ones too (whether a mapping can move is not in the guest's
 * file), the node's own CPU, and disks that only this node has.
 */
void vm_live_migratable(struct getting *g, struct fact *f)
{
	static const enum fact_id lists[] = { FACT_hostpci_raw, FACT_hostpci_mapped,
					      FACT_usb_raw,     FACT_usb_mapped,
					      FACT_host_serial, FACT_virtiofs };
	const struct guestconf_entry *entry = stopper(g);
	const struct fact *cpu = getting_fact(g, FACT_cpu);

	if (entry) {
		value_flag(f, false, origin_entry(g, entry));
		return;
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!is_free_of(g, f, lists[i]))
			return;
	if (value_unknown_as(f, cpu))
		return;
	if (slice_eq(cpu->text, "host") || slice_eq(cpu->text, "max")) {
		value_flag(f, false, cpu->origin);
		return;
	}
	drives_move(g, f);
}
