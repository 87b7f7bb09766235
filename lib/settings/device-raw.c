/* SPDX-License-Identifier: MIT */
#include "settings/device-raw.h"

#include <fnmatch.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/num.h"
#include "facts/bind.h"

/* What the mount @m has to do with @target; false when nothing. */
static bool reads_on(const struct mount_entry *m, const char *target, struct arena *a,
		     struct raw_mount *ret)
{
	const char *source = arena_strdup(a, m->source);
	bool exact = !strpbrk(target, "*?[");

	if (!source)
		return false;
	ret->source = slice_of(source);
	ret->other = false;
	if (fnmatch(target, source, FNM_PATHNAME | FNM_NOESCAPE) == 0)
		return true;
	if (exact && bind_is_device(m->source) && m->source.len > strlen("/dev") &&
	    bind_holds(m->source, slice_of(target))) {
		ret->source = slice_of(target);
		return true;
	}
	ret->other = exact && slice_same(bind_path(m->target, a), slice_of(target));
	return ret->other;
}

bool raw_mount_get(struct getting *g, const char *target, struct raw_mount *ret)
{
	const struct guestconf_raw *raw;
	size_t at = 0;

	while ((raw = raw_next(g, LITERAL("lxc.mount.entry"), &at))) {
		struct mount_entry m = mount_entry_parse(raw_value(raw), g->arena);

		ret->line = raw;
		if (m.kind == MOUNT_HOST && reads_on(&m, target, g->arena, ret))
			return true;
	}
	return false;
}

bool raw_mount_find(struct getting *g, const char *target, struct slice *ret_path)
{
	struct raw_mount raw;

	if (!raw_mount_get(g, target, &raw))
		return false;
	*ret_path = raw.source;
	return true;
}

/* A device rule's numbers: "c 10:200 rwm". */
struct device_rule {
	char type; /* a, b or c */
	bool any_major, any_minor;
	uint64_t major, minor;
};

/* Reads one number of a rule, or "*". */
static bool read_number(struct slice text, bool *ret_any, uint64_t *ret)
{
	*ret_any = slice_eq(text, "*");
	return *ret_any || num_parse_zeros(text, 0, UINT32_MAX, ret);
}

/* Reads @value; false when it is no rule. */
static bool read_rule(struct slice value, struct device_rule *ret)
{
	struct slice numbers, major_text, minor_text, rest;

	*ret = (struct device_rule){ 0 };
	value = slice_trim(value);
	if (!value.len)
		return false;
	ret->type = *value.ptr;
	if (ret->type == 'a')
		return true;
	value = slice_trim((struct slice){ value.ptr + 1, value.len - 1 });
	if ((ret->type != 'b' && ret->type != 'c') || !value.len)
		return false;
	(void)slice_cut(value, ' ', &numbers, &rest);
	return slice_cut(numbers, ':', &major_text, &minor_text) &&
	       read_number(major_text, &ret->any_major, &ret->major) &&
	       read_number(minor_text, &ret->any_minor, &ret->minor);
}

struct raw_allow raw_allow_find(struct getting *g, const struct stat *st)
{
	char type = S_ISCHR(st->st_mode) ? 'c' : 'b';
	struct raw_allow ret = { 0 };
	const struct guestconf_raw *raw;
	struct device_rule rule;
	size_t at = 0;

	while ((raw = raw_next(g, LITERAL("lxc.cgroup2.devices.allow"), &at))) {
		bool same_major, same_minor;

		if (!read_rule(raw_value(raw), &rule))
			continue;
		same_major = rule.any_major || rule.major == major(st->st_rdev);
		same_minor = rule.any_minor || rule.minor == minor(st->st_rdev);
		if (rule.type == 'a' || (rule.type == type && same_major && same_minor)) {
			ret = (struct raw_allow){ .covers = true };
			return ret;
		}
		if (rule.type == type || same_major || same_minor)
			ret.near = raw;
	}
	return ret;
}
