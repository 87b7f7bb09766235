/* SPDX-License-Identifier: MIT */
#include "facts/volume.h"

#include "base/cleanup.h"
#include "facts/bind.h"
#include "pve/drive.h"

static const struct slice families_ct[] = { { "mp", 2 }, { "unused", 6 } };
static const struct slice families_vm[] = {
	{ "ide", 3 },     { "sata", 4 },     { "scsi", 4 },   { "virtio", 6 },
	{ "efidisk", 7 }, { "tpmstate", 8 }, { "unused", 6 },
};

/* Whether @entry is a volume of a container: rootfs, or of a number that PVE looks at. */
static bool is_ct_volume(const struct guestconf_entry *entry)
{
	if (slice_same(entry->key, LITERAL("rootfs")))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(families_ct); i++)
		if (entry_is(entry, families_ct[i]))
			return entry->option != NULL;
	return false;
}

/* Whether @entry is a drive of a VM. */
static bool is_vm_volume(const struct guestconf_entry *entry)
{
	for (size_t i = 0; i < ARRAY_LEN(families_vm); i++)
		if (entry_is(entry, families_vm[i]))
			return true;
	return false;
}

/* Whether @name stands before @at in @value. */
static bool stands_before(struct slice value, const char *at, struct slice name)
{
	return (size_t)(at - value.ptr) >= name.len &&
	       memcmp(at - name.len, name.ptr, name.len) == 0;
}

/* Whether a path may be the source in @value: one that is bare, or is called so. */
static bool may_have_path(struct slice value)
{
	const char *at = value.ptr, *end = value.ptr + value.len;

	for (; at < end && (at = memchr(at, '/', (size_t)(end - at))); at++)
		if (at == value.ptr || at[-1] == ',' ||
		    stands_before(value, at, LITERAL("volume=")) ||
		    stands_before(value, at, LITERAL("file=")))
			return true;
	return false;
}

/* volume_next(), but of volumes that may be a path alone where @paths. */
static bool next(struct getting *g, size_t *at, struct volume *v, struct fact *f,
		 bool paths)
{
	bool ct = g->in->kind == GUEST_CT;

	while ((v->entry = getting_next(g, at))) {
		if (!(ct ? is_ct_volume(v->entry) : is_vm_volume(v->entry)) ||
		    (paths && !may_have_path(v->entry->value)) ||
		    !getting_counts(g, v->entry))
			continue;
		props_read(g, v->entry, &v->props);
		if (v->props.bad) {
			value_unknown(g, f, origin_entry(g, v->entry), "%.*s: %s",
				      SLICE_ARG(v->entry->key), v->props.why);
			return false;
		}
		v->source = props_get(&v->props, ct ? "volume" : "file");
		v->unused = slice_starts(v->entry->key, "unused");
		return true;
	}
	return false;
}

bool volume_next(struct getting *g, size_t *at, struct volume *v, struct fact *f)
{
	return next(g, at, v, f, false);
}

bool volume_next_path(struct getting *g, size_t *at, struct volume *v, struct fact *f)
{
	while (next(g, at, v, f, true))
		if (v->source.len && *v->source.ptr == '/')
			return true;
	return false;
}

struct slice volume_storage(const struct volume *v)
{
	struct slice storage, rest;

	if (!v->source.len || *v->source.ptr == '/' ||
	    !slice_cut(v->source, ':', &storage, &rest) || !storage.len)
		return (struct slice){ 0 };
	return storage;
}

bool volume_is_cdrom(const struct volume *v)
{
	return slice_eq(props_get(&v->props, "media"), "cdrom");
}

bool volume_is_cloudinit(const struct volume *v)
{
	return drive_is_cloudinit(v->source);
}

/*
 * Whether @v is what somebody put into a CD drive. What else is in one belongs to the guest:
 * of "STORAGE:GIB,media=cdrom" Proxmox makes a volume, as of a disk.
 */
static bool is_inserted(const struct volume *v)
{
	struct slice storage, name;

	if (!volume_is_cdrom(v))
		return false;
	return !volume_storage(v).ptr ||
	       (slice_cut(v->source, ':', &storage, &name) && slice_starts(name, "iso/"));
}

enum { GIB_SHIFT = 30 };

/* a + b, UINT64_MAX when that is more. */
static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/*
 * Size of @v in bytes: its size=, or what "STORAGE:GIB" asks for; 0 when neither says.
 * UINT64_MAX: a container's volume without quota, which Proxmox notes as size 0.
 */
static uint64_t size_of(const struct getting *g, const struct volume *v)
{
	struct slice size = props_get(&v->props, "size"), storage, gib;
	double number;
	uint64_t bytes = 0;

	if (size.len && format_size(size, &bytes))
		return bytes || g->in->kind == GUEST_VM ? bytes : UINT64_MAX;
	if (!slice_cut(v->source, ':', &storage, &gib))
		gib = v->source;
	if (!size.len && gib.len && *gib.ptr >= '0' && *gib.ptr <= '9' &&
	    format_number(gib, &number) && number < 1e9)
		return (uint64_t)(number * (1 << GIB_SHIFT));
	return 0;
}

void guest_disk_gib(struct getting *g, struct fact *f)
{
	struct fact_origin origin = { 0 };
	struct volume v;
	uint64_t bytes = 0, part = (uint64_t)1 << GIB_SHIFT;
	size_t at = 0;

	while (volume_next(g, &at, &v, f)) {
		if (is_inserted(&v) || (volume_is_cdrom(&v) && volume_is_cloudinit(&v)))
			continue;
		bytes = add(bytes, size_of(g, &v));
		origin = origin_entry(g, v.entry);
	}
	if (f->state == FACT_STATE_UNKNOWN)
		return;
	value_number(f,
		     bytes == UINT64_MAX ? FACT_UNLIMITED
					 : bytes / part + (bytes % part != 0),
		     origin);
}

void guest_storage(struct getting *g, struct fact *f)
{
	struct volume v;
	size_t at = 0;

	value_list(f);
	while (volume_next(g, &at, &v, f)) {
		struct slice storage = volume_storage(&v);

		if (storage.ptr && !is_inserted(&v))
			value_add_once(g, f, storage, origin_entry(g, v.entry));
	}
}

void vm_iso_storage(struct getting *g, struct fact *f)
{
	struct volume v;
	size_t at = 0;

	value_list(f);
	while (volume_next(g, &at, &v, f)) {
		struct slice storage = volume_storage(&v);
		bool empty = slice_eq(v.source, "none") || !v.source.len;

		if ((volume_is_cdrom(&v) || slice_eq(v.source, "cdrom")) && !empty &&
		    !volume_is_cloudinit(&v))
			value_add_once(g, f, storage.ptr ? storage : v.source,
				       origin_entry(g, v.entry));
	}
}

/*
 * Adds the ROM file of the PCI device @entry if it is any file of the node: Proxmox puts the
 * text behind the directory's name as it stands, and the VM reads what QEMU finds there.
 */
static bool add_rom_file(struct getting *g, struct fact *f,
			 const struct guestconf_entry *entry)
{
	static const char key[] = "romfile=", directory[] = "/usr/share/kvm/";
	struct slice path = { 0 };
	struct props p;
	char *text;

	if (!memmem(entry->value.ptr, entry->value.len, key, sizeof(key) - 1))
		return true;
	props_read(g, entry, &p);
	if (p.bad) {
		value_unknown(g, f, origin_entry(g, entry), "%.*s: %s",
			      SLICE_ARG(entry->key), p.why);
		return false;
	}
	text = arena_printf(g->arena, "%s%.*s", directory,
			    SLICE_ARG(props_get(&p, "romfile")));
	if (text)
		path = bind_path(slice_of(text), g->arena);
	if (path.ptr && !slice_starts(path, directory))
		value_add(g, f, path, origin_entry(g, entry));
	return true;
}

void vm_host_disk(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct volume v;
	size_t at = 0;

	value_list(f);
	while (volume_next_path(g, &at, &v, f))
		value_add(g, f, bind_path(v.source, g->arena), origin_entry(g, v.entry));
	if (f->state == FACT_STATE_UNKNOWN)
		return;
	at = 0;
	while ((entry = getting_family(g, LITERAL("hostpci"), &at)))
		if (!add_rom_file(g, f, entry))
			return;
}

void vm_cache_unsafe(struct getting *g, struct fact *f)
{
	struct volume v;
	size_t at = 0;

	value_list(f);
	while (volume_next(g, &at, &v, f))
		if (slice_eq(props_get(&v.props, "cache"), "unsafe"))
			value_add(g, f, v.entry->key, origin_entry(g, v.entry));
}
