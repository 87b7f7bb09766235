/* SPDX-License-Identifier: MIT */
/* wrapper-judge - judges what a command would result in, records it, says it. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "record/audit.h"
#include "record/mail.h"
#include "run/say.h"
#include "run/wrapper-internal.h"

bool wrapper_is_about_no_guest(const struct argv_command *c)
{
	return c->command->kind == CLI_HIDDEN || strcmp(c->command->name, "help") == 0;
}

/* Whether @f is about who asks, and rests on nothing of the guest. */
static bool is_about_asker(const struct finding *f)
{
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&f->used, id) &&
		    (id == FACT_changes || fact_rows[id].kinds != FACT_KINDS_REQUEST))
			return false;
	return fact_set_has(&f->used, FACT_login) ||
	       fact_set_has(&f->used, FACT_login_group) ||
	       fact_set_has(&f->used, FACT_caller_file);
}

/* Leaves of @ev what is refused and about who asks. */
static void keep_asker(struct evaluation *ev)
{
	size_t n = 0;

	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].effect == EFFECT_DENY &&
		    is_about_asker(&ev->findings[i]))
			ev->findings[n++] = ev->findings[i];
	ev->n = n;
	ev->verdict = n ? VERDICT_DENY : VERDICT_ALLOW;
}

/*
 * Why the guest starts that a start names: for its user, but for the target's part of a live
 * migration, which Proxmox asks for by ssh. Such a VM only waits for what comes over.
 */
static const char *own_cause(const struct wrapper *w)
{
	struct slice from = argv_value(&w->cmd, "stateuri");

	if (w->result.guest.migrated && (slice_eq(from, "tcp") || slice_eq(from, "unix")))
		return "migration";
	return "user";
}

int wrapper_judge(struct wrapper *w, const struct wrapper_events *ev, bool implied,
		  struct err *e)
{
	struct decision *d = &w->j.decision;

	judge_done(&w->j);
	w->ask = (struct ask){
		.layer = LAYER_WRAPPER,
		.start = true,
		.settings = w->settings.set.n ? &w->settings : NULL,
		.limits = w->by_asker ? NULL : &w->limits,
		.actor.login = w->caller.login,
		.request = {
			.event = slice_of(implied ? ev->implied : ev->own),
			.login = w->caller.login,
			.login_group = w->caller.groups,
			.caller_file = w->caller.files,
			.pool = w->result.is_new ? argv_value(&w->cmd, "pool")
						 : (struct slice){ 0 },
			.given = w->result.given,
			.changes = w->result.changes,
			.source_storage = w->result.sources,
			.target = w->result.target,
		},
	};
	if (implied && ev->cause)
		w->ask.request.cause = slice_of(ev->cause);
	else if (!implied && strcmp(ev->own, "start") == 0)
		w->ask.request.cause = slice_of(own_cause(w));
	if (judge_begin(&w->place, &w->policy, &w->ask, &w->j, e) < 0)
		return -1;
	d->kind = w->result.guest.kind;
	d->vmid = w->result.guest.vmid;
	d->argv = argv_masked(&w->cmd.typed, &w->arena);
	d->command = w->run.words ? argv_masked(&w->run, &w->arena) : NULL;
	d->is_new = w->result.is_new;
	if (w->result.problem)
		judge_fail(&w->j, w->result.todo, "%s", w->result.problem);
	else if (implied && w->result.no_start)
		judge_fail(&w->j, "leave --start out; start it when it is there", "%s",
			   w->result.no_start);
	else if (wrapper_is_about_no_guest(&w->cmd))
		d->evaluation.verdict = VERDICT_ALLOW;
	else if (judge_guest(&w->policy, &w->cluster, &w->result.guest, &w->ask, &w->j,
			     e) < 0)
		return -1;
	override_mark(&w->override, &w->j);
	if (w->by_asker)
		keep_asker(&d->evaluation);
	judge_end(&w->j);
	return 0;
}

int wrapper_judge_asker(struct wrapper *w, const struct wrapper_events *ev, struct err *e)
{
	const struct result_world world = { &w->place, &w->cluster };

	if (w->caller.has_account && w->caller.uid == 0)
		return 0;
	result_load_named(&world, &w->cmd, &w->arena, &w->result);
	w->by_asker = true;
	if (wrapper_judge(w, ev, false, e) < 0)
		return -1;
	w->by_asker = w->j.decision.evaluation.n > 0;
	if (!w->by_asker)
		result_done(&w->result);
	return 0;
}

/* Writes the record; what could not be written is said, or refuses (audit_required). */
static void record(struct wrapper *w)
{
	struct err e = { 0 };
	enum audit_result got = audit_decision(w->place.root, &w->j.decision, &e);

	if (got == AUDIT_WRITTEN)
		return;
	if (got == AUDIT_SYSLOG)
		(void)fprintf(stderr,
			      "WARN: pve-safe: the record went to syslog only: %s\n",
			      e.msg);
	else
		(void)fprintf(stderr,
			      "WARN: pve-safe: this decision could not be recorded: %s\n",
			      e.msg);
	if (override_is_open(&w->override))
		override_refuse(&w->override, &w->j, "it could not be recorded");
	else if (got == AUDIT_NOWHERE && w->policy.policy->audit_required)
		judge_fail(&w->j, "mend the log, then try again",
			   "the policy says audit_required = yes, and no record could be "
			   "written: %s",
			   e.msg);
}

void wrapper_note(const char *label, const char *text)
{
	AUTO(buf_done) struct buf line = { 0 };

	if (!text)
		return;
	text_printable(&line, slice_of(text), ERR_MSG_MAX);
	(void)fprintf(stderr, "pve-safe: %s: %s\n", label, buf_text(&line));
}

void wrapper_say_partial(const struct wrapper *w, const char *but, const char *why,
			 const char *todo, const char *outcome)
{
	struct err e = { 0 };

	(void)fprintf(stderr,
		      "WARN: pve-safe: %s %" PRIu64
		      " is made, but %s: %s\nWARN: pve-safe: do: %s\n",
		      w->result.guest.kind == GUEST_CT ? "CT" : "VM",
		      w->result.guest.vmid, but, why, todo);
	if (audit_outcome(w->place.root, w->j.decision.id, outcome, 0, &e) !=
	    AUDIT_WRITTEN)
		(void)fprintf(stderr,
			      "WARN: pve-safe: the outcome is not in the record: %s\n",
			      e.msg);
}

bool wrapper_is_denied(const struct wrapper *w)
{
	return decision_exit_code(&w->j.decision) != EXIT_FINE;
}

void wrapper_say(const struct decision *d, bool always, FILE *to)
{
	AUTO(buf_done) struct buf out = { 0 };

	if (decision_is_worth_saying(d))
		decision_render(d, &out);
	else if (always)
		decision_render_head(d, &out);
	(void)say(&out, to);
}

int wrapper_decide(struct wrapper *w, const struct wrapper_events *ev, bool implied,
		   struct err *e)
{
	struct err why = { 0 };

	if (wrapper_judge(w, ev, implied, e) < 0)
		return -1;
	record(w);
	if (override_is_open(&w->override) && !wrapper_is_denied(w) &&
	    override_write(&w->override, &w->j, &why) < 0) {
		override_refuse(&w->override, &w->j, why.msg);
		record(w); /* what was recorded did not come to pass */
	}
	if (wrapper_is_denied(w))
		override_drop(&w->override, &w->place);
	wrapper_say(&w->j.decision, false, stderr);
	if (!w->result.problem) /* no guest of that number, say: whoever typed it knows */
		mail_decision(w->place.root, w->place.node, &w->j.decision);
	return 0;
}

int wrapper_receiver(struct wrapper *w, const struct wrapper_events *ev,
		     wrapper_judging judging, struct err *e)
{
	const struct result_world world = { &w->place, &w->cluster };
	const char *reason = w->override.reason;
	int r;

	result_done(&w->result);
	result_load_receiver(&world, &w->cmd, &w->arena, &w->result);
	w->override.reason = NULL;
	r = judging(w, ev, false, e);
	w->override.reason = reason;
	return r;
}
