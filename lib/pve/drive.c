/* SPDX-License-Identifier: MIT */
#include "pve/drive.h"

#include "pve/format.h"

/* What stands behind the last ':' or '/' of @s. */
static struct slice last_part(struct slice s)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == ':' || s.ptr[i - 1] == '/')
			return (struct slice){ s.ptr + i, s.len - i };
	return s;
}

bool drive_is_cloudinit(struct slice file)
{
	static const char *const formats[] = { "raw",  "qcow",  "qcow2", "qed",
					       "vmdk", "cloop", NULL };
	struct slice name = last_part(file), head, tail;

	if (!slice_cut(file, ':', &head, &tail) || !head.len || *head.ptr == '/')
		return false;
	if (slice_starts(name, "vm-")) {
		(void)slice_cut((struct slice){ name.ptr + 3, name.len - 3 }, '-', &head,
				&tail);
		if (format_digits(head))
			name = tail;
	}
	if (slice_cut(name, '.', &head, &tail) && format_word(formats, tail) < 0)
		return false;
	return slice_eq(head, "cloudinit");
}
