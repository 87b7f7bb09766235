/* SPDX-License-Identifier: MIT */
/*
 * tick-digest - by what the timer tells that a guest was changed.
 *
 * A cluster that takes snapshots every quarter of an hour writes each guest's file as often,
 * and changes no guest: the sections of snapshots, and of what Proxmox keeps for itself in a
 * VM's file, do not count, nor does `parent`, which names the last snapshot.
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "run/tick-internal.h"

/* The name in the header of a section, "[name]"; {NULL, 0}: @line is none. */
static struct slice header_name(struct slice line)
{
	if (line.len < 2 || *line.ptr != '[' ||
	    memchr(line.ptr, ']', line.len) != line.ptr + line.len - 1)
		return (struct slice){ 0 };
	return (struct slice){ line.ptr + 1, line.len - 2 };
}

/* Whether what follows the header of @name counts; @now: whether what is before it does. */
static bool section_counts(const struct guestconf *c, struct slice name, bool now)
{
	struct slice pending = slice_of(c->kind == GUEST_CT ? "pve:pending" : "pending");

	if (name.len == pending.len && strncasecmp(name.ptr, pending.ptr, name.len) == 0)
		return true;
	/* In a container's file a header that Proxmox does not know begins no section. */
	return c->kind == GUEST_CT && !guestconf_snapshot(c, name) && now;
}

void tick_digest(const struct guest *g, char ret[static SHA1_HEX_SIZE])
{
	AUTO(buf_done) struct buf kept = { 0 };
	struct slice line, name, rest = file_slice(&g->text);
	bool counts = true, more = rest.len > 0;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		while (line.len && slice_is_space(line.ptr[line.len - 1]))
			line.len--;
		name = header_name(line);
		if (name.ptr)
			counts = section_counts(&g->conf, name, counts);
		if (!counts || !line.len || slice_starts(line, "parent:"))
			continue;
		buf_slice(&kept, line);
		buf_putc(&kept, '\n');
	}
	sha1_hex(buf_failed(&kept) ? file_slice(&g->text) : buf_as_slice(&kept), ret);
}
