/* SPDX-License-Identifier: MIT */
/* ct - getters of containers: what features: allows, and what runs as init. */
#include "facts/getter.h"

#include "pve/format.h"

static const struct fact_origin by_default = { 0 };

/*
 * Reads @key of features: into @ret, {NULL, 0} when it is not there. NULL and @f answered
 * when there are no features, or none that can be read; else their entry.
 */
static const struct guestconf_entry *feature(struct getting *g, struct fact *f,
					     const char *key, struct slice *ret)
{
	const struct guestconf_entry *entry = ENTRY(g, "features");
	struct props p;

	*ret = (struct slice){ 0 };
	if (!entry || !value_is_true(entry->value))
		return NULL;
	props_read(g, entry, &p);
	if (p.bad) {
		value_unknown(g, f, origin_entry(g, entry), "features: %s", p.why);
		return NULL;
	}
	*ret = props_get(&p, key);
	return entry;
}

/* Answers with the truth of @key of features:. */
static void feature_flag(struct getting *g, struct fact *f, const char *key)
{
	struct slice value;
	const struct guestconf_entry *entry = feature(g, f, key, &value);

	if (f->state != FACT_STATE_UNKNOWN)
		value_flag(f, value_is_true(value),
			   value.ptr ? origin_entry(g, entry) : by_default);
}

/* LXC's own switch does what the feature does, whoever throws it. */
void ct_nesting(struct getting *g, struct fact *f)
{
	const struct guestconf_raw *raw =
		raw_last(g, LITERAL("lxc.apparmor.allow_nesting"));

	if (raw && value_is_true(raw_value(raw)))
		value_flag(f, true, origin_raw(g, raw));
	else
		feature_flag(g, f, "nesting");
}

void ct_keyctl(struct getting *g, struct fact *f)
{
	feature_flag(g, f, "keyctl");
}

void ct_fuse(struct getting *g, struct fact *f)
{
	feature_flag(g, f, "fuse");
}

void ct_mknod(struct getting *g, struct fact *f)
{
	feature_flag(g, f, "mknod");
}

void ct_force_rw_sys(struct getting *g, struct fact *f)
{
	feature_flag(g, f, "force_rw_sys");
}

void ct_mount_type(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct fact_origin origin;
	struct slice types, type;

	value_list(f);
	entry = feature(g, f, "mount", &types);
	if (!entry || !types.ptr)
		return;
	origin = origin_entry(g, entry);
	while (format_list_next(&types, &type))
		value_add_once(g, f, type, origin);
}

void ct_entrypoint(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "entrypoint");
	const struct guestconf_raw *raw = raw_last(g, LITERAL("lxc.init.cmd"));

	if (raw && raw_value(raw).len) /* it stands after Proxmox's own line */
		value_text(f, raw_value(raw), origin_raw(g, raw));
	else if (entry)
		value_text(f, entry->value, origin_entry(g, entry));
}
