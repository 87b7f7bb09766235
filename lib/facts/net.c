/* SPDX-License-Identifier: MIT */
/* net - getters of network devices, the same for containers and VMs. */
#include "facts/getter.h"

/*
 * Splits the next of @family after *@at into @p. NULL after the last, and when one cannot
 * be read, which makes @f unknown.
 */
static const struct guestconf_entry *next(struct getting *g, struct slice family,
					  size_t *at, struct props *p, struct fact *f)
{
	const struct guestconf_entry *entry = getting_family(g, family, at);

	if (!entry)
		return NULL;
	props_read(g, entry, p);
	if (!p->bad)
		return entry;
	value_unknown(g, f, origin_entry(g, entry), "%.*s: %s", SLICE_ARG(entry->key),
		      p->why);
	return NULL;
}

void guest_bridge(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, LITERAL("net"), &at, &p, f))) {
		struct slice bridge = props_get(&p, "bridge");

		if (bridge.len)
			value_add_once(g, f, bridge, origin_entry(g, entry));
	}
}

/* The number @text as people write it: +5 and 005 are 5. */
static struct slice plain_number(struct slice text)
{
	while (text.len > 1 && (*text.ptr == '+' || *text.ptr == '0'))
		text = (struct slice){ text.ptr + 1, text.len - 1 };
	return text;
}

/* Adds the VLAN or range of VLANs @text, which @entry says. */
static void add_vlan(struct getting *g, struct fact *f, struct slice text,
		     const struct guestconf_entry *entry)
{
	struct slice from, to, range = text;
	char *made = NULL;

	if (!text.len)
		return;
	if (slice_cut(text, '-', &from, &to))
		made = arena_printf(g->arena, "%.*s-%.*s", SLICE_ARG(plain_number(from)),
				    SLICE_ARG(plain_number(to)));
	else
		range = plain_number(text);
	value_add_once(g, f, made ? slice_of(made) : range, origin_entry(g, entry));
}

void guest_vlan(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, LITERAL("net"), &at, &p, f))) {
		struct slice one, trunks = props_get(&p, "trunks");

		add_vlan(g, f, props_get(&p, "tag"), entry);
		while (trunks.len) {
			(void)slice_cut(trunks, ';', &one, &trunks);
			add_vlan(g, f, one, entry);
		}
	}
}

/* Adds the address @ip unless it is one that the guest gets from elsewhere. */
static void add_address(struct getting *g, struct fact *f, struct slice ip,
			const struct guestconf_entry *entry)
{
	if (ip.len && !slice_eq(ip, "dhcp") && !slice_eq(ip, "auto") &&
	    !slice_eq(ip, "manual"))
		value_add_once(g, f, ip, origin_entry(g, entry));
}

void guest_static_ip(struct getting *g, struct fact *f)
{
	struct slice family =
		g->in->kind == GUEST_CT ? LITERAL("net") : LITERAL("ipconfig");
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, family, &at, &p, f))) {
		add_address(g, f, props_get(&p, "ip"), entry);
		add_address(g, f, props_get(&p, "ip6"), entry);
	}
}

void guest_net_no_firewall(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, LITERAL("net"), &at, &p, f)))
		if (!props_is_true(&p, "firewall"))
			value_add(g, f, entry->key, origin_entry(g, entry));
}

void vm_net_no_virtio(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, LITERAL("net"), &at, &p, f)))
		if (!slice_eq(props_get(&p, "model"), "virtio"))
			value_add(g, f, entry->key, origin_entry(g, entry));
}

/* Source: PVE::QemuServer, print_netdev_full: such a device is one of "type=user". */
void vm_net_user(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	value_list(f);
	while ((entry = next(g, LITERAL("net"), &at, &p, f)))
		if (!guestconf_is_perl_true(props_get(&p, "bridge")))
			value_add(g, f, entry->key, origin_entry(g, entry));
}
