/* SPDX-License-Identifier: MIT */
/* cluster - getters of what the cluster's own files say about a guest. */
#include <stdlib.h>

#include "facts/getter.h"
#include "pve/format.h"

void guest_pool(struct getting *g, struct fact *f)
{
	const struct cluster_pool_member *m;

	if (g->in->request.pool.len) {
		value_text(f, g->in->request.pool,
			   (struct fact_origin){ .file = ORIGIN_COMMAND_LINE,
						 .text = g->in->request.pool });
		return;
	}
	if (!g->in->vmid || !g->in->pools)
		return;
	m = cluster_find_pool(g->in->pools, g->in->vmid);
	if (m)
		value_text(f, m->pool, origin_line(g, SOURCE_POOL, m->line));
}

void guest_ha_managed(struct getting *g, struct fact *f)
{
	const struct cluster_ha_resource *r;

	if (!g->in->vmid || !g->in->ha)
		return;
	r = cluster_find_ha(g->in->ha, g->in->kind, g->in->vmid);
	/* One that is to be ignored is not managed: PVE::HA::Config::service_is_ha_managed. */
	value_flag(f, r && !slice_eq(r->state, "ignored"),
		   r ? origin_line(g, SOURCE_HA, r->line) : (struct fact_origin){ 0 });
}

/* Order of VMIDs for bsearch(3). */
static int compare_vmid(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Whether @vmid is one of the sorted @vmids. */
static bool is_listed(const uint64_t *vmids, size_t n, uint64_t vmid)
{
	return n && bsearch(&vmid, vmids, n, sizeof(*vmids), compare_vmid);
}

/*
 * Whether @job takes the guest along: a pool's members before listed VMIDs before all but
 * the excluded, an exclusion alone meaning all. Source: PVE::VZDump::get_included_guests.
 */
static bool covers(const struct facts_input *in, const struct cluster_job *job)
{
	const struct cluster_pool_member *m;

	if (!job->enabled || (job->node.ptr && !slice_same(job->node, in->node)))
		return false;
	if (job->pool.ptr) {
		m = cluster_find_pool(in->pools, in->vmid);
		return m && slice_same(m->pool, job->pool);
	}
	if (job->nvmids)
		return is_listed(job->vmids, job->nvmids, in->vmid);
	return (job->all || job->nexcluded) &&
	       !is_listed(job->excluded, job->nexcluded, in->vmid);
}

void guest_backed_up(struct getting *g, struct fact *f)
{
	const struct source_status *pools = &g->in->sources[SOURCE_POOL];
	const struct cluster_jobs *jobs = g->in->jobs;
	bool by_pool = false;

	if (!g->in->vmid || !jobs)
		return;
	for (size_t i = 0; i < jobs->n; i++) {
		const struct cluster_job *job = &jobs->jobs[i];

		if (job->pool.ptr &&
		    (!g->in->pools || pools->state != SOURCE_STATE_READ)) {
			by_pool |= job->enabled;
		} else if (covers(g->in, job)) {
			value_flag(f, true, origin_line(g, SOURCE_BACKUP, job->line));
			return;
		}
	}
	if (by_pool)
		value_unknown(
			g, f, origin_line(g, SOURCE_POOL, 0),
			"a backup job is for a pool, and who is in it is not known%s%s",
			pools->why ? ": " : "", pools->why ? pools->why : "");
	else
		value_flag(f, false, (struct fact_origin){ 0 });
}

/* Order of texts for bsearch(3), as cluster_read_tags() sorts them. */
static int compare_text(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int diff = n ? memcmp(x->ptr, y->ptr, n) : 0;

	return diff ? diff : (x->len > y->len) - (x->len < y->len);
}

/* A tag counts in the spelling that is registered: another one anybody may write. */
void guest_registered_tag(struct getting *g, struct fact *f)
{
	const struct cluster_tags *tags = g->in->registered;
	const struct guestconf_entry *entry = ENTRY(g, "tags");
	struct fact_origin origin;
	struct slice rest, tag;

	if (!tags)
		return;
	value_list(f);
	if (!entry)
		return;
	origin = origin_entry(g, entry);
	rest = entry->value;
	while (format_list_next(&rest, &tag))
		if (tags->n &&
		    bsearch(&tag, tags->tags, tags->n, sizeof(tag), compare_text))
			value_add_once(g, f, value_lower(g, tag), origin);
}
