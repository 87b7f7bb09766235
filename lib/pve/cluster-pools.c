/* SPDX-License-Identifier: MIT */
/*
 * Pools, from user.cfg. Source: PVE::AccessControl::parse_user_config (2026).
 *
 *	line = "pool" ":" NAME [ ":" COMMENT [ ":" VMIDS [ ":" … ] ] ] .
 *
 * Blanks around a line and around each field do not count, VMIDS is a list as of
 * cluster_next_item(), leading zeros of a VMID do not count, and COMMENT, where PVE
 * writes ':' as %3A, is not read. A pool may have several lines. A nested pool, "a/b",
 * has its own members: PVE counts them neither to "a" nor the other way round. A guest in
 * two pools is in that of the first line, though PVE warns. All other kinds of line are
 * users', groups' and the like: nothing is said of them here.
 *
 * Differences: PVE ignores, with a warning in a log, the line of a pool with a bad name
 * and a VMID that is no number; here both are errors.
 */
#include "base/num.h"
#include "pve/cluster-internal.h"
#include "pve/cluster.h"
#include "pve/lines.h"

enum { MEMBERS_FIRST = 256 };

struct reader {
	struct arena *arena;
	struct cluster_pool_member *members;
	size_t n, room;
	struct err *e;
};

/* Cuts the next field off a line; absent when the line has no more. */
static struct slice next_field(struct slice *rest)
{
	struct slice field;

	if (!rest->ptr)
		return *rest;
	(void)slice_cut(*rest, ':', &field, rest);
	return slice_trim(field);
}

/* Adds a member. */
static int add_member(struct reader *r, struct cluster_pool_member m)
{
	size_t room = r->room ? 2 * r->room : MEMBERS_FIRST;
	struct cluster_pool_member *more;

	if (r->n == r->room) {
		more = arena_array(r->arena, room, sizeof(*more));
		if (!more)
			return err_nomem(r->e);
		if (r->n)
			memcpy(more, r->members, r->n * sizeof(*more));
		r->members = more;
		r->room = room;
	}
	r->members[r->n++] = m;
	return 0;
}

/* Reads one line, of a pool or not. */
static int read_line(struct reader *r, struct slice line, unsigned number)
{
	struct cluster_pool_member m = { .line = number };
	struct slice rest = slice_trim(line), vmids, item;

	if (!slice_eq(next_field(&rest), "pool"))
		return 0;
	m.pool = next_field(&rest);
	if (!cluster_is_pool_name(m.pool))
		return LINES_REFUSE(
			r->e, number, ERR_SYNTAX,
			"'%.*s' is no name of a pool, and PVE ignores the line: "
			"expected " CLUSTER_POOL_NAME_IS,
			LINES_SHOWN(m.pool));
	(void)next_field(&rest); /* the comment */
	vmids = next_field(&rest);
	while (cluster_next_item(&vmids, &item)) {
		if (!num_parse_zeros(item, 0, UINT64_MAX, &m.vmid))
			return LINES_REFUSE(
				r->e, number, ERR_SYNTAX,
				"'%.*s' in pool '%.*s' is no VMID, and PVE ignores "
				"it: expected numbers with commas between them",
				LINES_SHOWN(item), LINES_SHOWN(m.pool));
		if (add_member(r, m) < 0)
			return -1;
	}
	return 0;
}

/* Sorts @n members of @from by the byte of their VMIDs at @shift into @to; stable. */
static void sort_by_byte(const struct cluster_pool_member *from,
			 struct cluster_pool_member *to, size_t n, unsigned shift)
{
	size_t place[257] = { 0 };

	for (size_t i = 0; i < n; i++)
		place[(from[i].vmid >> shift & 0xff) + 1]++;
	for (size_t i = 1; i < 256; i++)
		place[i] += place[i - 1];
	for (size_t i = 0; i < n; i++)
		to[place[from[i].vmid >> shift & 0xff]++] = from[i];
}

/*
 * Sorts the members by VMID, those of one VMID as they stand in the file. Byte by byte,
 * for this file is read at each start of a guest when a rule names a pool: qsort(3) needs
 * longer than all the rest.
 */
static int sort_members(struct reader *r)
{
	struct cluster_pool_member *from = r->members, *to, *sorted;
	uint64_t all = 0;

	to = arena_array(r->arena, r->n, sizeof(*to));
	if (!to)
		return err_nomem(r->e);
	for (size_t i = 0; i < r->n; i++)
		all |= from[i].vmid;
	for (unsigned shift = 0; shift < 64 && all >> shift; shift += 8) {
		sort_by_byte(from, to, r->n, shift);
		sorted = to;
		to = from;
		from = sorted;
	}
	r->members = from;
	return 0;
}

/* Keeps the first of those of one VMID. */
static void keep_first(struct reader *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		if (!kept || r->members[kept - 1].vmid != r->members[i].vmid)
			r->members[kept++] = r->members[i];
	r->n = kept;
}

int cluster_read_pools(struct slice text, struct arena *a, struct cluster_pools *ret,
		       struct err *e)
{
	struct reader r = { .arena = a, .e = e };
	struct lines lines;
	struct slice line;

	if (lines_begin(&lines, text, CLUSTER_MAX_BYTES, e) < 0)
		return -1;
	while (lines_next(&lines, &line))
		if (read_line(&r, line, lines.line) < 0)
			return -1;
	if (sort_members(&r) < 0)
		return -1;
	keep_first(&r);
	*ret = (struct cluster_pools){ .members = r.members, .n = r.n };
	return 0;
}
