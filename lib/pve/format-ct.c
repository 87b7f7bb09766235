/* SPDX-License-Identifier: MIT */
#include "pve/format-ct.h"

#include "pve/chars.h"

/* Whether a component of @s behind its first '/' is "." or "..". */
static bool has_dots(struct slice s)
{
	struct slice part;
	bool more = slice_cut(s, '/', &part, &s);

	while (more) {
		more = slice_cut(s, '/', &part, &s);
		if (slice_eq(part, ".") || slice_eq(part, ".."))
			return true;
	}
	return false;
}

/* A volume, or a path without "." and ".."; "./x" and "." are fine. */
static bool is_path(struct slice s)
{
	return !slice_starts(s, "../") && !has_dots(s);
}

/* A path below /dev. */
static bool is_device(struct slice s)
{
	return slice_starts(s, "/dev/") && !has_dots(s);
}

/* 0 and three octal digits. */
static bool is_mode(struct slice s)
{
	if (s.len != 4 || s.ptr[0] != '0')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '7')
			return false;
	return true;
}

/* One word of the mount options. */
static bool is_mountoption(struct slice s)
{
	static const char *const words[] = { "discard", "lazytime", "noatime", "nodev",
					     "noexec",  "nosuid",   NULL };

	return format_word(words, s) >= 0;
}

/* Some, joined by ";". */
static bool are_mountoptions(struct slice s)
{
	return format_joined(s, is_mountoption);
}

/* TYPE:CONTAINER:DISK:COUNT */
static bool is_idmap_entry(struct slice s)
{
	struct slice type, ct, disk, count;

	return slice_cut(s, ':', &type, &s) && slice_cut(s, ':', &ct, &s) &&
	       slice_cut(s, ':', &disk, &count) &&
	       (slice_eq(type, "u") || slice_eq(type, "g")) && format_digits(ct) &&
	       format_digits(disk) && format_digits(count) && count.ptr[0] != '0';
}

/* passthrough, or some entries joined by ";". */
static bool is_idmap(struct slice s)
{
	return slice_eq(s, "passthrough") || format_joined(s, is_idmap_entry);
}

/* [a-zA-Z0-9_; ]+ */
static bool are_mount_types(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && s.ptr[i] != ';' && s.ptr[i] != ' ')
			return false;
	return s.len > 0;
}

/* VLAN ids joined by ";". */
static bool are_trunks(struct slice s)
{
	return format_joined(s, format_digits);
}

const struct format format_ct_path = { "a path without . and ..", is_path };
const struct format format_ct_device = { "a path below /dev without . and ..",
					 is_device };
const struct format format_ct_device_mode = { "an octal mode such as 0660", is_mode };
const struct format format_ct_mountoptions = {
	"a list of discard, lazytime, noatime, nodev, noexec and nosuid", are_mountoptions
};
const struct format format_ct_idmap = { "passthrough or u:CT:DISK:COUNT;...", is_idmap };
const struct format format_ct_mount_types = { "a list of file system types",
					      are_mount_types };
const struct format format_ct_trunks = { "a list of VLAN ids", are_trunks };
