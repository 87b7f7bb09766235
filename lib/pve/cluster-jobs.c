/* SPDX-License-Identifier: MIT */
/*
 * Backup jobs, from jobs.cfg. Source: PVE::Job::Registry, PVE::VZDump::JobBase,
 * PVE::VZDump::get_included_guests and verify_vzdump_parameters (2026).
 *
 * Sections "vzdump: ID"; jobs of other types are not looked at. A job takes the members
 * of `pool`, else the guests of `vmid`, else `all` but those of `exclude`; `exclude`
 * without pool means all. It needs a `schedule`, and is enabled unless it says otherwise.
 *
 * Differences: what makes PVE drop a property with a warning in a log (a bad VMID, pool,
 * node or boolean), leave the job out (no schedule) or refuse each of its runs (`vmid`
 * beside `all`, `exclude` or `pool`) is an error. Jobs of the former vzdump.cron, which
 * PVE moves to jobs.cfg when it is upgraded, are not read.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "pve/cluster-internal.h"
#include "pve/cluster.h"
#include "pve/lines.h"
#include "pve/node.h"
#include "pve/sectionconfig.h"
#include "pve/vmid.h"

struct reader {
	const struct sectionconfig_section *section;
	struct arena *arena;
	struct err *e;
};

/* Order of VMIDs for qsort(3). */
static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Reads the list of VMIDs @key; none when it is not there. */
static int read_vmids(const struct reader *r, const char *key, uint64_t **ret,
		      size_t *ret_n)
{
	const struct sectionconfig_property *p;
	struct slice rest, item;
	uint64_t *vmids;
	size_t n = 0;

	if (sectionconfig_find(r->section, key, &p, r->e) < 0)
		return -1;
	if (!p)
		return 0;
	vmids = arena_array(r->arena, p->value.len / 2 + 1, sizeof(*vmids));
	if (!vmids)
		return err_nomem(r->e);
	rest = p->value;
	while (cluster_next_item(&rest, &item))
		if (!vmid_parse(item, &vmids[n++]))
			return LINES_REFUSE(
				r->e, p->line, ERR_SYNTAX,
				"'%.*s' in %s of job '%.*s' is no VMID: expected "
				"VMIDs with commas between them",
				LINES_SHOWN(item), key, LINES_SHOWN(r->section->id));
	if (!n)
		return LINES_REFUSE(
			r->e, p->line, ERR_SYNTAX,
			"%s of job '%.*s' names no guest: expected VMIDs with "
			"commas between them",
			key, LINES_SHOWN(r->section->id));
	qsort(vmids, n, sizeof(*vmids), compare);
	*ret = vmids;
	*ret_n = n;
	return 0;
}

/* Reads the name @key, which @is must accept; absent when it is not there. */
static int read_name(const struct reader *r, const char *key, bool (*is)(struct slice),
		     const char *expected, struct slice *ret)
{
	const struct sectionconfig_property *p;

	if (sectionconfig_find(r->section, key, &p, r->e) < 0)
		return -1;
	if (!p)
		return 0;
	if (!is(p->value))
		return LINES_REFUSE(
			r->e, p->line, ERR_SYNTAX,
			"%s '%.*s' of job '%.*s' is no name of one: expected %s", key,
			LINES_SHOWN(p->value), LINES_SHOWN(r->section->id), expected);
	*ret = p->value;
	return 0;
}

/* Refuses a job that PVE never runs. */
static int check_runs(const struct reader *r, const struct cluster_job *job)
{
	const struct {
		bool given;
		const char *name;
	} others[] = {
		{ job->all, "all" },
		{ job->nexcluded > 0, "exclude" },
		{ job->pool.ptr != NULL, "pool" },
	};
	const struct sectionconfig_property *schedule;

	if (sectionconfig_find(r->section, "schedule", &schedule, r->e) < 0)
		return -1;
	if (!schedule)
		return LINES_REFUSE(r->e, job->line, ERR_SYNTAX,
				    "job '%.*s' has no schedule, and PVE leaves it out: "
				    "expected 'schedule TIME'",
				    LINES_SHOWN(job->id));
	for (size_t i = 0; i < ARRAY_LEN(others) && job->nvmids; i++)
		if (others[i].given)
			return LINES_REFUSE(
				r->e, job->line, ERR_SYNTAX,
				"job '%.*s' has vmid and %s, and PVE refuses to "
				"run it: expected one of them",
				LINES_SHOWN(job->id), others[i].name);
	return 0;
}

/* Reads one job. */
static int read_job(const struct reader *r, struct cluster_job *ret)
{
	const struct sectionconfig_section *s = r->section;
	struct cluster_job job = { .id = s->id, .line = s->line };

	if (sectionconfig_flag(s, "enabled", true, &job.enabled, r->e) < 0 ||
	    sectionconfig_flag(s, "all", false, &job.all, r->e) < 0 ||
	    read_vmids(r, "vmid", &job.vmids, &job.nvmids) < 0 ||
	    read_vmids(r, "exclude", &job.excluded, &job.nexcluded) < 0 ||
	    read_name(r, "pool", cluster_is_pool_name, CLUSTER_POOL_NAME_IS, &job.pool) <
		    0 ||
	    read_name(r, "node", node_is_name, "letters, digits and inner hyphens",
		      &job.node) < 0 ||
	    check_runs(r, &job) < 0)
		return -1;
	job.all |= job.nexcluded && !job.pool.ptr;
	*ret = job;
	return 0;
}

int cluster_read_jobs(struct slice text, struct arena *a, struct cluster_jobs *ret,
		      struct err *e)
{
	struct reader r = { .arena = a, .e = e };
	struct cluster_jobs out = { 0 };
	struct sectionconfig c;

	if (sectionconfig_parse(SECTIONCONFIG_TYPED, text, a, &c, e) < 0)
		return -1;
	out.jobs = arena_array(a, c.n, sizeof(*out.jobs));
	if (!out.jobs)
		return err_nomem(e);
	for (size_t i = 0; i < c.n; i++) {
		r.section = &c.sections[i];
		if (slice_eq(r.section->type, "vzdump") &&
		    read_job(&r, &out.jobs[out.n++]) < 0)
			return -1;
	}
	*ret = out;
	return 0;
}
