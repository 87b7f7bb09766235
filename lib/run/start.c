/* SPDX-License-Identifier: MIT */
#include "run/start.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pve/process.h"
#include "pve/upid.h"
#include "record/audit.h"
#include "record/mail.h"
#include "record/relay.h"
#include "run/actor.h"
#include "run/apply.h"
#include "run/cause.h"
#include "run/judge.h"
#include "run/load.h"
#include "run/lxcconf.h"
#include "run/settle-agent.h"

/* Value of the guest's `lock`, or {NULL, 0}, as when its file could not be read. */
static struct slice lock_of(const struct guest *g)
{
	const struct guestconf_entry *lock =
		g->conf.nsections ? guestconf_find(guestconf_current(&g->conf), "lock")
				  : NULL;

	return lock ? lock->value : (struct slice){ 0 };
}

/* Kind of the guest; of one that is not there, by the task that starts it. */
static enum guest_kind kind_of(const struct start *s, const struct guest *g,
			       enum guest_where where)
{
	struct upid upid = { 0 };

	if (where != GUEST_ABSENT)
		return g->kind;
	return upid_parse_title(s->task, &upid) && slice_starts(upid.type, "qm")
		       ? GUEST_VM
		       : GUEST_CT;
}

/* All that one judgement of a start holds on to. */
struct start_world {
	struct store_policy policy;
	struct cluster cluster;
	struct guest guest;
	struct settings settings;
	struct judgement j;
	char login[ACTOR_LOGIN_MAX];
	bool settle; /* the guest runs already: nothing is judged, the rest is applied */
};

/* Releases @w. */
static void world_done(struct start_world *w)
{
	judge_done(&w->j);
	settings_done(&w->settings);
	guest_done(&w->guest);
	cluster_done(&w->cluster);
	store_policy_done(&w->policy);
}

/* Judges the guest that was found. Errors of memory only. */
static int judge_found(const struct place *p, struct ask *ask, struct start_world *w,
		       struct buf *message, struct err *e)
{
	struct fact_set facts = w->policy.policy->facts;

	if (settings_load(p, w->policy.policy, &w->settings, e) < 0)
		return -1;
	w->settings.running = w->settle;
	settings_warn(&w->settings, message);
	ask->settings = &w->settings;
	fact_set_join(&facts, &w->settings.wanted);
	cluster_load(p, fact_set_sources(&facts), &w->cluster);
	return judge_guest(&w->policy, &w->cluster, &w->guest, ask, &w->j, e);
}

/* Says why there is no guest to judge. */
static void fail_without_guest(const struct place *p, const struct start *s,
			       enum guest_where where, const struct err *e,
			       struct judgement *j)
{
	if (where == GUEST_FAILED)
		judge_fail(j, "mend or restore this file, then start again", "%s",
			   e->msg);
	else if (!place_has_cluster(p))
		judge_fail(j, "systemctl status pve-cluster",
			   "/etc/pve: the cluster file system is not mounted");
	else
		judge_fail(j, "pvesh get /cluster/resources --type vm",
			   "/etc/pve/lxc/%" PRIu64 ".conf, /etc/pve/qemu-server/%" PRIu64
			   ".conf: there is no such guest on this node",
			   s->vmid, s->vmid);
}

/*
 * Writes the record. Where nothing took it, the start goes on with a warning unless the
 * policy says audit_required.
 */
static void record(const struct place *p, const struct store_policy *policy,
		   struct judgement *j, struct buf *message)
{
	struct err e = { 0 };

	judge_end(j);
	switch (audit_decision(p->root, &j->decision, &e)) {
	case AUDIT_WRITTEN:
		return;
	case AUDIT_SYSLOG:
		buf_printf(message,
			   "WARN: pve-safe: the record went to syslog only: %s\n", e.msg);
		return;
	case AUDIT_NOWHERE:
		break;
	}
	buf_printf(message, "WARN: pve-safe: this decision could not be recorded: %s\n",
		   e.msg);
	if (policy->policy->audit_required)
		judge_fail(j,
			   "mend /var/log/pve-safe (full? read-only?), then start again",
			   "the policy says audit_required = yes, and no record could be "
			   "written: %s",
			   e.msg);
}

/* What is asked, out of what the hook saw and the guest's own lock. */
static void fill_ask(const struct start *s, const struct guest *g, struct slice login,
		     struct ask *ask)
{
	struct upid upid = { 0 };
	struct cause_traces traces = { .above = s->above,
				       .by_init = s->by_init,
				       .lock = lock_of(g),
				       .migrated = g->migrated };

	*ask = (struct ask){ .layer = s->layer, .start = true };
	if (upid_parse_title(s->task, &upid)) {
		traces.task_type = upid.type;
		traces.task_user = upid.user;
		ask->actor.upid = upid.text;
		ask->actor.pve_user = upid.user;
	}
	ask->actor.login = login;
	ask->request.event = slice_of("start");
	ask->request.cause = slice_of(cause_of(&traces));
	ask->request.user = ask->actor.pve_user;
	ask->request.login = login;
}

/* Judges @s with everything in @w. Errors: memory, no random ids. */
static int judge(const struct place *p, const struct start *s, struct start_world *w,
		 struct buf *message, struct err *e)
{
	struct decision *d = &w->j.decision;
	struct err why = { 0 };
	enum guest_where where;
	struct ask ask;

	where = guest_load_local(p, s->vmid, s->migrated_from, &w->guest, &why);
	fill_ask(s, &w->guest, actor_login(p->root, w->login, sizeof(w->login)), &ask);
	if (store_load(p->root, STORE_KEEP, &w->policy, e) < 0 ||
	    judge_begin(p, &w->policy, &ask, &w->j, e) < 0)
		return -1;
	d->kind = kind_of(s, &w->guest, where);
	d->vmid = s->vmid;
	if (where != GUEST_FOUND)
		fail_without_guest(p, s, where, &why, &w->j);
	else if (judge_found(p, &ask, w, message, e) < 0)
		return -1;
	if (w->policy.warning)
		buf_printf(message, "WARN: pve-safe: %s\n", w->policy.warning);
	return 0;
}

/* Judges @s with everything in @w, and records it. Errors as those of judge(). */
static int judge_and_record(const struct place *p, const struct start *s,
			    struct start_world *w, struct buf *message, struct err *e)
{
	struct decision *d = &w->j.decision;
	bool said;

	if (judge(p, s, w, message, e) < 0)
		return -1;
	said = relay_take(p->root, d);
	record(p, &w->policy, &w->j, message);
	relay_leave(p->root, d);
	mail_decision(p->root, p->node, d);
	if (!said && decision_is_worth_saying(d))
		decision_render(d, message);
	return 0;
}

void start_world_freep(struct start_world **w)
{
	if (!*w)
		return;
	world_done(*w);
	free(*w);
	*w = NULL;
}

/* First line of the refusal of a start whose settings could not be had. */
static void put_head(const struct decision *d, struct buf *out)
{
	buf_puts(out, "pve-safe: start of ");
	decision_render_guest(d, out);
	buf_puts(out, " denied");
}

/* Whether settings that a template requires, and that fail, refuse the start of @w. */
static bool can_refuse(const struct start_world *w)
{
	const struct facts *facts = w->j.decision.facts;

	return facts && !w->policy.report_starts &&
	       policy_can_refuse(w->policy.policy, facts);
}

/* Loads the modules for @w; whether the start may go on. */
static bool load_modules(const struct start_world *w, struct buf *message)
{
	const struct decision *d = &w->j.decision;
	const struct plan_item *missing =
		settings_load_modules(&w->settings, d->id, message);

	if (!missing || !can_refuse(w))
		return true;
	put_head(d, message);
	buf_printf(
		message,
		"\nsettings-%.*s: the kernel module %.*s cannot be loaded on this node; "
		"do: install it here, or take it out of line %u of %s\n"
		"decision %s; more: pve-safe template render %" PRIu64 "\n",
		SLICE_ARG(missing->t->name), SLICE_ARG(missing->target),
		missing->setting->line, missing->t->file, d->id, d->vmid);
	return false;
}

int start_judge(const struct place *p, const struct start *s,
		struct start_world **ret_world, struct buf *message)
{
	AUTO(start_world_freep) struct start_world *w = calloc(1, sizeof(*w));
	struct err e = { 0 };
	int status;

	*ret_world = NULL;
	if (!w)
		(void)err_nomem(&e);
	else if (judge_and_record(p, s, w, message, &e) == 0) {
		status = decision_exit_code(&w->j.decision);
		if (status != EXIT_FINE)
			return status;
		if (!load_modules(w, message))
			return EXIT_DENIED;
		*ret_world = STEAL(w);
		return EXIT_FINE;
	}
	buf_printf(message, "pve-safe: start of guest %" PRIu64 " denied: %s\n", s->vmid,
		   e.msg);
	return EXIT_SYSTEM;
}

int start_apply(const struct place *p, const struct start *s, const struct start_world *w,
		pid_t init, struct buf *message)
{
	AUTO(buf_done) struct buf head = { 0 };
	AUTO(arena_done) struct arena arena = { 0 };
	struct applied_list list = { .arena = &arena };
	struct apply a = { .place = p, .init = init };
	const struct decision *d;

	if (!w)
		return EXIT_FINE;
	d = &w->j.decision;
	put_head(d, &head);
	a.policy = w->policy.policy;
	a.plan = &w->settings.plan;
	a.id = d->id;
	/* The node-wide hook is the last before a container runs, and may be the only one. */
	a.must_exist = s->layer == LAYER_LXC_HOOK;
	a.no_hook =
		!a.must_exist && d->kind == GUEST_CT && !place_has(p, &LXCCONF_FILE[1]);
	a.inside = a.must_exist || a.no_hook;
	a.user = (struct state_user){ s->vmid, s->worker,
				      process_start_time(p->root, s->worker) };
	a.can_refuse = can_refuse(w);
	a.head = buf_text(&head);
	return apply_plan(&a, &list, message);
}

/* Says what of the node cannot be set, now that the guest of @w runs. */
static void say_problems(struct start_world *w, struct buf *message)
{
	const struct decision *d = &w->j.decision;
	const struct plan *plan = &w->settings.plan;
	const char *todo;

	for (size_t i = 0; i < d->nfailures; i++)
		buf_printf(message, "WARN: pve-safe: settings: %s\n",
			   d->failures[i].what);
	for (size_t i = 0; i < plan->nproblems; i++) {
		const struct plan_problem *row = &plan->problems[i];

		if (row->setting->kind != SETTING_HOST)
			continue;
		todo = settings_todo(row, &w->settings.arena);
		buf_printf(message,
			   "WARN: pve-safe: template %.*s: not applied: %s; do: %s\n",
			   SLICE_ARG(row->t->name), row->what,
			   todo ? todo : "out of memory");
	}
}

void start_settle(const struct place *p, const struct start *s, struct buf *message)
{
	AUTO(start_world_freep) struct start_world *w = calloc(1, sizeof(*w));
	AUTO(buf_done) struct buf said = { 0 }; /* when the guest was judged */
	AUTO(arena_done) struct arena arena = { 0 };
	struct applied_list list = { .arena = &arena };
	struct apply a = { .place = p, .must_exist = true };
	struct err e = { 0 };

	if (w)
		w->settle = true;
	if (!w || judge(p, s, w, &said, &e) < 0) {
		buf_printf(message, "WARN: pve-safe: settings: %s\n",
			   w ? e.msg : "out of memory");
		return;
	}
	(void)relay_id(p->root, s->vmid, w->j.decision.id);
	say_problems(w, message);
	a.policy = w->policy.policy;
	a.plan = &w->settings.plan;
	a.id = w->j.decision.id;
	a.user.vmid = s->vmid;
	(void)apply_plan(&a, &list, message);
	settle_agent(s->vmid, a.plan, a.id, message);
}
