/* SPDX-License-Identifier: MIT */
/* doctor-cluster - the checks of the policy, and of what the cluster says of itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "run/audit.h"
#include "run/doctor.h"
#include "run/node-report.h"
#include "run/settings.h"
#include "run/waiver-state.h"

static const char good_path[] = "var/lib/pve-safe/good/policy";

/* /etc/pve and its quorum. */
static void check_quorum(struct doctor *d)
{
	if (!place_has_cluster(d->place))
		doctor_say(d, DOCTOR_PROBLEM, "systemctl status pve-cluster",
			   "/etc/pve: the cluster file system is not mounted");
	else if (!place_is_quorate(d->place))
		doctor_say(
			d, DOCTOR_PROBLEM, "pvecm status",
			"the cluster has no quorum: nothing in /etc/pve can be changed");
}

/* The policy in force, and the copy that stands in for it. */
static void check_policy(struct doctor *d)
{
	const struct store_policy *p = d->policy;

	if (p->problem)
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe policy lint",
			   "the policy cannot be used, judged by %s (%s): %s",
			   p->name ? p->name : "none", p->source, p->problem);
	else if (p->report_starts)
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe policy install FILE",
			   "no policy is installed: starts are only reported");
	else if (p->policy->mode != ACTION_DENY)
		doctor_say(d, DOCTOR_NOTE, "mode = enforce, once it may",
			   "%s says mode = %s, so nothing is refused", p->name,
			   mode_name(p->policy->mode));
	if (!p->problem && !p->report_starts && d->place->live &&
	    place_is_enabled(d->place) && !place_has(d->place, good_path))
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe tick",
			   "there is no last good copy of the policy, so the built-in "
			   "baseline would stand in for a broken one");
}

/* What the node @name says of itself, against what is so here. */
static void check_node(struct doctor *d, const char *name)
{
	AUTO(node_report_done) struct node_report r = { 0 };
	struct err e = { 0 };
	int got = node_report_load(d->place, name, &r, &e);
	bool here = strcmp(name, d->place->node) == 0;

	if (got < 0) {
		doctor_say(d, DOCTOR_UNKNOWN,
			   "remove it: that node's timer writes it anew", "%s", e.msg);
	} else if (got == 1) {
		doctor_say(
			d, DOCTOR_PROBLEM, "install pve-safe there, then pve-safe setup",
			"%s has told nothing of itself: no timer of pve-safe runs there",
			name);
	} else if (r.policy.len && !slice_eq(r.policy, d->policy->policy->digest)) {
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe doctor there",
			   "%s judges by another policy: %.*s (sha256 %.12s), here %.12s",
			   name, SLICE_SHOWN(r.source), r.policy.ptr,
			   d->policy->policy->digest);
	}
	if (here || got != 0)
		return;
	if (r.enabled == NODE_SAYS_NO)
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe setup --enable there",
			   "%s is not enabled: a guest that moves there starts unjudged",
			   name);
	if (r.lxc_hook == NODE_SAYS_NO)
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe setup there",
			   "%s says that LXC does not ask pve-safe for every container",
			   name);
}

/* All nodes judge alike. */
static void check_nodes(struct doctor *d)
{
	AUTO(dir_close) DIR *dir = dir_open(d->place->root, "etc/pve/nodes");
	struct dirent *entry;

	if (!dir)
		return; /* said by check_quorum() */
	while ((entry = dir_next(dir)))
		if (place_is_node_name(entry->d_name) &&
		    place_has_node(d->place, entry->d_name))
			check_node(d, entry->d_name);
	if (errno)
		doctor_say(d, DOCTOR_UNKNOWN, "systemctl status pve-cluster",
			   "/etc/pve/nodes: %s", strerror(errno));
}

/* Waivers that do not do what they were granted for, or will not for long. */
static void check_waivers(struct doctor *d)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	AUTO(cluster_done) struct cluster cluster = { 0 };
	const struct waiver_view view = { d->place, d->policy, &cluster, &dir };
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver_names names = { 0 };
	struct err e = { 0 };

	cluster_load(d->place, fact_set_sources(&d->policy->policy->facts), &cluster);
	if (waiver_dir_open(d->place, &dir, &e) < 0 ||
	    waiver_list(&dir, 0, &a, &names, &e) < 0)
		doctor_say(d, DOCTOR_UNKNOWN, NULL, "%s", e.msg);
	for (size_t i = 0; i < names.n; i++) {
		AUTO(buf_done) struct buf text = { 0 };
		struct waiver_row row;

		if (waiver_state_load(&view, &names.rows[i], &a, &row, &e) < 0) {
			doctor_say(d, DOCTOR_UNKNOWN, NULL, "%s", e.msg);
			return;
		}
		if (row.state == WAIVER_USED)
			continue;
		waiver_row_render(&row, &text);
		doctor_say(d, row.state == WAIVER_UNUSED ? DOCTOR_NOTE : DOCTOR_PROBLEM,
			   row.state == WAIVER_EXPIRING
				   ? "mend the guest, or pve-safe waive … --renew"
				   : "pve-safe waivers",
			   "%.*s", (int)(text.len ? text.len - 1 : 0), buf_text(&text));
	}
}

/* Rules that whoever may edit a guest can exempt it from. */
static void check_grants(struct doctor *d)
{
	AUTO(audit_done)
	struct audit a = { .place = d->place, .policy = d->policy, .waiver_dir.fd = -1 };

	cluster_load(d->place, 1U << SOURCE_REGISTRY, &a.cluster);
	if (a.cluster.sources[SOURCE_REGISTRY].state == SOURCE_STATE_FAILED) {
		doctor_say(d, DOCTOR_UNKNOWN, "mend /etc/pve/datacenter.cfg",
			   "which tags are registered is not known: %s",
			   a.cluster.sources[SOURCE_REGISTRY].why);
		return;
	}
	audit_grants(&a);
	for (size_t i = 0; i < a.report.grants.n; i++) {
		const struct report_grant *g = &a.report.grants.rows[i];

		doctor_say(
			d, DOCTOR_NOTE, g->mend,
			"%.*s: whoever has VM.Config.Options on a guest may exempt it by "
			"the tag %.*s",
			SLICE_ARG(g->rule->name), SLICE_SHOWN(g->tag));
	}
}

/* Settings templates that cannot be used. */
static void check_templates(struct doctor *d)
{
	AUTO(settings_done) struct settings s = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct slice line, rest;
	struct err e = { 0 };

	if (settings_load(d->place, d->policy->policy, &s, &e) < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, NULL, "%s", e.msg);
		return;
	}
	settings_warn(&s, &text);
	rest = buf_as_slice(&text);
	while (slice_cut(rest, '\n', &line, &rest))
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe template list", "%.*s",
			   SLICE_ARG(line));
}

const struct doctor_check doctor_cluster_checks[] = {
	{ "cluster", check_quorum },
	{ "policy", check_policy },
	{ "nodes", check_nodes },
	{ "waivers", check_waivers },
	{ "exemptions", check_grants },
	{ "templates", check_templates },
	{ NULL, NULL },
};
