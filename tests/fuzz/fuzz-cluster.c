/* SPDX-License-Identifier: MIT */
/*
 * fuzz-cluster - lib/pve/cluster*.c; the first byte chooses the reader.
 *
 * Invariants: a refusal says why, and where in the files of lines; what was read lies
 * within the text, or was made in its place; rows come sorted and are found again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "pve/cluster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Whether @s lies within @text. */
static bool within(struct slice text, struct slice s)
{
	return s.len && s.ptr >= text.ptr && s.ptr + s.len <= text.ptr + text.len;
}

/* Whether @s is one of the words of @words, which have blanks between them. */
static bool is_one_of(struct slice s, const char *words)
{
	struct slice word, rest = slice_of(words);

	while (slice_cut(rest, ' ', &word, &rest))
		if (slice_same(s, word))
			return true;
	return slice_same(s, word);
}

/* user.cfg */
static int read_pools(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_pools p;

	if (cluster_read_pools(text, a, &p, e) < 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		assert(within(text, p.members[i].pool) && p.members[i].line);
		assert(!i || p.members[i - 1].vmid < p.members[i].vmid);
		assert(cluster_find_pool(&p, p.members[i].vmid) == &p.members[i]);
	}
	return 0;
}

/* ha/resources.cfg */
static int read_ha(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_ha h;

	if (cluster_read_ha(text, a, &h, e) < 0)
		return -1;
	for (size_t i = 0; i < h.n; i++) {
		const struct cluster_ha_resource *r = &h.resources[i];

		assert(is_one_of(r->state, "started stopped disabled ignored"));
		assert(r->line && (!i || r[-1].vmid < r->vmid ||
				   (r[-1].vmid == r->vmid && r[-1].kind < r->kind)));
		assert(cluster_find_ha(&h, r->kind, r->vmid) == r);
	}
	return 0;
}

/* Whether the list of tags that users may write has one that is not registered. */
static bool has_free_one(const struct cluster_tags *t)
{
	struct slice tag, rest = t->allowed;
	bool more = rest.len > 0;

	while (more) {
		more = slice_cut(rest, ';', &tag, &rest);
		if (!cluster_tag_is_registered(t, tag))
			return true;
	}
	return false;
}

/* datacenter.cfg */
static int read_tags(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_tags t;

	if (cluster_read_tags(text, a, &t, e) < 0)
		return -1;
	assert(t.line || !t.n);
	for (size_t i = 0; i < t.n; i++) {
		assert(within(text, t.tags[i]) &&
		       !memchr(t.tags[i].ptr, ';', t.tags[i].len));
		if (i && t.tags[i - 1].len == t.tags[i].len)
			assert(memcmp(t.tags[i - 1].ptr, t.tags[i].ptr, t.tags[i].len) <=
			       0);
		assert(!cluster_tag_is_free(&t, t.tags[i], false));
	}
	assert(!t.allowed.len || within(text, t.allowed));
	assert(cluster_tag_is_free(&t, slice_of("*"), true) ==
	       (t.access < TAG_ACCESS_LIST ||
		(t.access == TAG_ACCESS_LIST && has_free_one(&t))));
	return 0;
}

/* Whether @s is fit to be a directory's name. */
static bool is_node(struct slice s)
{
	return s.len && !memchr(s.ptr, '/', s.len) && !memchr(s.ptr, '.', s.len) &&
	       !memchr(s.ptr, '\0', s.len) && s.ptr[s.len] == '\0';
}

/* .vmlist */
static int read_guests(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_guests g;

	if (cluster_read_guests(text, a, &g, e) < 0)
		return -1;
	for (size_t i = 0; i < g.n; i++) {
		assert(g.guests[i].vmid && is_node(g.guests[i].node));
		assert(!i || g.guests[i - 1].vmid < g.guests[i].vmid);
		assert(cluster_find_guest(&g, g.guests[i].vmid) == &g.guests[i]);
	}
	return 0;
}

/* .members */
static int read_members(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_members m;

	if (cluster_read_members(text, a, &m, e) < 0)
		return -1;
	for (size_t i = 0; i < m.nnodes; i++) {
		assert(is_node(m.nodes[i]));
		assert(!i || strcmp(m.nodes[i - 1].ptr, m.nodes[i].ptr) < 0);
	}
	return 0;
}

/* storage.cfg */
static int read_storages(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_storages s;
	size_t nlocal = 0;

	if (cluster_read_storages(text, a, &s, e) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		const struct cluster_storage *st = &s.storages[i];
		bool local = slice_eq(st->id, "local");

		assert(st->type.len && (within(text, st->id) || !st->line));
		assert(!st->path.ptr || st->path.len);
		assert(!st->content.ptr || st->content.len);
		assert(st->line ? !i || st->line > st[-1].line : !i && local);
		assert(!local ||
		       (slice_eq(st->type, "dir") && slice_eq(st->path, "/var/lib/vz")));
		nlocal += local;
	}
	assert(nlocal == 1);
	return 0;
}

/* @vmids are sorted VMIDs. */
static void check_vmids(const uint64_t *vmids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(vmids[i] >= 100 && vmids[i] <= 999999999 &&
		       (!i || vmids[i - 1] <= vmids[i]));
}

/* jobs.cfg */
static int read_jobs(struct slice text, struct arena *a, struct err *e)
{
	struct cluster_jobs j;

	if (cluster_read_jobs(text, a, &j, e) < 0)
		return -1;
	for (size_t i = 0; i < j.n; i++) {
		const struct cluster_job *job = &j.jobs[i];

		assert(within(text, job->id) && (!i || job[-1].line < job->line));
		assert(!job->pool.ptr || within(text, job->pool));
		assert(!job->node.ptr || within(text, job->node));
		assert(!job->nvmids || (!job->all && !job->pool.ptr && !job->nexcluded));
		check_vmids(job->vmids, job->nvmids);
		check_vmids(job->excluded, job->nexcluded);
	}
	return 0;
}

static const struct {
	int (*read)(struct slice text, struct arena *a, struct err *e);
	bool positions; /* each error but that of memory has a line */
} readers[] = {
	{ read_pools, true },   { read_ha, true },       { read_tags, true },
	{ read_guests, false }, { read_members, false }, { read_storages, true },
	{ read_jobs, true },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };
	size_t which;

	if (!len)
		return 0;
	which = data[0] % ARRAY_LEN(readers);
	if (readers[which].read((struct slice){ (const char *)data + 1, len - 1 }, &a,
				&e) == 0)
		return 0;
	assert(e.code != ERR_NONE && *e.msg);
	assert(e.line || !readers[which].positions);
	return 0;
}
