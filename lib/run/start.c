/* SPDX-License-Identifier: MIT */
#include "run/start.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pve/upid.h"
#include "record/audit.h"
#include "record/mail.h"
#include "record/relay.h"
#include "run/actor.h"
#include "run/cause.h"
#include "run/judge.h"
#include "run/load.h"

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

/* Judges @s with everything in @w, and records it. Errors: memory, no random ids. */
static int judge_and_record(const struct place *p, const struct start *s,
			    struct start_world *w, struct buf *message, struct err *e)
{
	char login[ACTOR_LOGIN_MAX] = "";
	struct decision *d = &w->j.decision;
	struct err why = { 0 };
	enum guest_where where;
	struct ask ask;
	bool said;

	where = guest_load_local(p, s->vmid, s->migrated_from, &w->guest, &why);
	fill_ask(s, &w->guest, actor_login(p->root, login, sizeof(login)), &ask);
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
	said = relay_take(p->root, d);
	record(p, &w->policy, &w->j, message);
	relay_leave(p->root, d);
	mail_decision(p->root, p->node, d);
	if (!said && decision_is_worth_saying(d))
		decision_render(d, message);
	return 0;
}

int start_judge(const struct place *p, const struct start *s, struct buf *message)
{
	AUTO(world_done) struct start_world w = { 0 };
	struct err e = { 0 };

	if (judge_and_record(p, s, &w, message, &e) == 0) {
		int status = decision_exit_code(&w.j.decision);

		if (status == EXIT_FINE &&
		    !settings_load_modules(&w.settings, w.j.decision.id, message))
			return EXIT_DENIED;
		return status;
	}
	buf_printf(message, "pve-safe: start of guest %" PRIu64 " denied: %s\n", s->vmid,
		   e.msg);
	return EXIT_SYSTEM;
}
