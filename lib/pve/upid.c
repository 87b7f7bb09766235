/* SPDX-License-Identifier: MIT */
#include "pve/upid.h"

#include "base/num.h"
#include "pve/node.h"

/* Whether @s holds nothing that breaks a line or a path. */
static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f || s.ptr[i] == '/')
			return false;
	return true;
}

/* Reads @s, of @min to @max hexadecimal digits. */
static bool hex_field(struct slice s, size_t min, size_t max, uint64_t *ret)
{
	return s.len >= min && s.len <= max && num_parse_hex(s, ret);
}

bool upid_parse(struct slice s, struct upid *ret)
{
	struct upid u = { .text = s };
	struct slice rest = s, tag, pid, pstart, starttime;

	if (s.len > UPID_MAX_BYTES || !slice_cut(rest, ':', &tag, &rest) ||
	    !slice_cut(rest, ':', &u.node, &rest) || !slice_cut(rest, ':', &pid, &rest) ||
	    !slice_cut(rest, ':', &pstart, &rest) ||
	    !slice_cut(rest, ':', &starttime, &rest) ||
	    !slice_cut(rest, ':', &u.type, &rest) ||
	    !slice_cut(rest, ':', &u.id, &rest) ||
	    !slice_cut(rest, ':', &u.user, &rest) || rest.len)
		return false;
	if (!slice_eq(tag, "UPID") || !node_is_name(u.node) || !u.type.len ||
	    !is_plain(u.type) || !is_plain(u.id) || !u.user.len || !is_plain(u.user))
		return false;
	if (!hex_field(pid, 8, 8, &u.pid) || !hex_field(pstart, 8, 9, &u.pstart) ||
	    !hex_field(starttime, 8, 8, &u.starttime))
		return false;
	*ret = u;
	return true;
}

bool upid_parse_title(struct slice title, struct upid *ret)
{
	static const char task[] = "task ";

	if (!slice_starts(title, task))
		return false;
	title.ptr += sizeof(task) - 1;
	title.len -= sizeof(task) - 1;
	return upid_parse(slice_trim(title), ret);
}
