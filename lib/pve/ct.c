/* SPDX-License-Identifier: MIT */
#include "pve/ct.h"

#include "pve/option.h"

const char *ct_mount_type_name(enum ct_mount_type type)
{
	static const char *const names[] = { [CT_MOUNT_VOLUME] = "volume",
					     [CT_MOUNT_BIND] = "bind",
					     [CT_MOUNT_DEVICE] = "device" };

	return names[type];
}

bool ct_is_mount(const struct guestconf_entry *entry)
{
	const struct option *o = entry->option;

	return o && (o->props == &props_ct_mp || o->props == &props_ct_rootfs);
}

/* What kind of thing @volume is. */
static enum ct_mount_type classify(struct slice volume)
{
	if (slice_starts(volume, "/dev/"))
		return CT_MOUNT_DEVICE;
	return slice_starts(volume, "/") ? CT_MOUNT_BIND : CT_MOUNT_VOLUME;
}

int ct_mount_parse(const struct guestconf_entry *entry, struct ct_mount *ret,
		   struct err *e)
{
	const struct propstr_schema *schema = entry->option->props;
	struct ct_mount m = { 0 };

	if (propstr_parse(schema, entry->value, m.values, e) < 0)
		return err_at(e, entry->line, 0);
	m.volume = m.values[CT_MP_VOLUME];
	m.mp = schema == &props_ct_rootfs ? slice_of("/") : m.values[CT_MP_MP];
	m.type = classify(m.volume);
	*ret = m;
	return 0;
}

int ct_features_parse(const struct guestconf_section *s,
		      struct slice ret_values[CT_FEATURE_COUNT], struct err *e)
{
	const struct guestconf_entry *entry = guestconf_find(s, "features");

	memset(ret_values, 0, CT_FEATURE_COUNT * sizeof(*ret_values));
	if (!entry || !guestconf_is_perl_true(entry->value))
		return 0;
	if (propstr_parse(&props_ct_features, entry->value, ret_values, e) < 0)
		return err_at(e, entry->line, 0);
	return 0;
}
