/* SPDX-License-Identifier: MIT */
/* cluster - rows found by VMID, and what the readers beside this file share. */
#include "pve/cluster.h"

#include "pve/chars.h"
#include "pve/cluster-internal.h"

/* Whether @c may stand in a name of a pool. */
static bool is_pool_char(char c)
{
	return char_is_word(c) || c == '.' || c == '-';
}

bool cluster_is_pool_name(struct slice s)
{
	struct slice part, rest = s;
	bool more;

	for (int depth = 0; depth < CLUSTER_POOL_MAX_DEPTH; depth++) {
		more = slice_cut(rest, '/', &part, &rest);
		for (size_t i = 0; i < part.len; i++)
			if (!is_pool_char(part.ptr[i]))
				return false;
		if (!part.len || !more)
			return part.len > 0;
	}
	return false;
}

struct slice cluster_folded(struct slice s, struct arena *a)
{
	size_t i = 0;
	char *copy;

	while (i < s.len && char_lower(s.ptr[i]) == s.ptr[i])
		i++;
	if (i == s.len)
		return s;
	copy = arena_strdup(a, s);
	if (!copy)
		return (struct slice){ 0 };
	for (; i < s.len; i++)
		copy[i] = char_lower(copy[i]);
	return (struct slice){ copy, s.len };
}

/*
 * The row of @vmid among @n rows of @size bytes that begin with their VMID and are sorted
 * by it; the first one where several have it; NULL when none has.
 */
static const void *find(const void *rows, size_t n, size_t size, uint64_t vmid)
{
	const char *base = rows;
	size_t low = 0, high = n;
	uint64_t at;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		memcpy(&at, base + mid * size, sizeof(at));
		if (at < vmid)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == n)
		return NULL;
	memcpy(&at, base + low * size, sizeof(at));
	return at == vmid ? base + low * size : NULL;
}

_Static_assert(offsetof(struct cluster_pool_member, vmid) == 0, "find() reads it there");
_Static_assert(offsetof(struct cluster_ha_resource, vmid) == 0, "find() reads it there");
_Static_assert(offsetof(struct cluster_guest, vmid) == 0, "find() reads it there");

const struct cluster_pool_member *cluster_find_pool(const struct cluster_pools *p,
						    uint64_t vmid)
{
	return find(p->members, p->n, sizeof(*p->members), vmid);
}

const struct cluster_ha_resource *cluster_find_ha(const struct cluster_ha *h,
						  enum guest_kind kind, uint64_t vmid)
{
	const struct cluster_ha_resource *r =
		find(h->resources, h->n, sizeof(*h->resources), vmid);

	for (; r && r < h->resources + h->n && r->vmid == vmid; r++)
		if (r->kind == kind)
			return r;
	return NULL;
}

const struct cluster_guest *cluster_find_guest(const struct cluster_guests *g,
					       uint64_t vmid)
{
	return find(g->guests, g->n, sizeof(*g->guests), vmid);
}
