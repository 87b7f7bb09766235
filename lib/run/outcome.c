/* SPDX-License-Identifier: MIT */
#include "run/outcome.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/change.h"
#include "record/audit.h"
#include "run/say.h"

/*
 * The guest that the command left behind: a clone's new one, that which got a volume, else
 * the one it names.
 */
static uint64_t left_behind(const struct argv_command *cmd)
{
	uint64_t newid;

	if (change_gives_away(cmd) &&
	    num_parse(argv_value(cmd, "target-vmid"), 1, UINT64_MAX, &newid))
		return newid;
	if (num_parse_zeros(argv_value(cmd, "newid"), 1, UINT64_MAX, &newid))
		return newid;
	return argv_vmid(cmd);
}

/* Says on stderr that the guest is not what was judged. */
static void say_difference(const struct decision *again)
{
	AUTO(buf_done) struct buf out = { 0 };

	buf_puts(&out, "WARN: pve-safe: what Proxmox wrote is not what was judged\n");
	decision_render(again, &out);
	(void)say(&out, stderr);
}

/* The effect of @rule in @d; that of no finding where it has none. */
static enum effect effect_of(const struct decision *d, const struct rule *rule)
{
	const struct evaluation *ev = &d->evaluation;

	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].rule == rule)
			return ev->findings[i].effect;
	return EFFECT_AUDIT;
}

/* Adds to @rules what @after refuses or warns of and @before did not. */
static void add_worse(const struct decision *after, const struct decision *before,
		      struct buf *rules)
{
	const struct evaluation *ev = &after->evaluation;
	bool stricter = decision_verdict(after) < decision_verdict(before);

	for (size_t i = 0; i < ev->n; i++) {
		enum effect now = ev->findings[i].effect;
		enum effect then = effect_of(before, ev->findings[i].rule);

		if (now == EFFECT_AUDIT || now == then ||
		    (then != EFFECT_AUDIT && !(stricter && now == EFFECT_DENY)))
			continue;
		buf_printf(rules, "%s%.*s", rules->len ? ", " : "",
			   SLICE_SHOWN(ev->findings[i].rule->name));
	}
}

/* Judges what is there now; appends for the record, in words, what came of it. */
static void judge_again(const struct place *p, const struct store_policy *policy,
			const struct cluster *c, uint64_t vmid, const struct ask *ask,
			const struct decision *before, struct buf *out)
{
	AUTO(guest_done) struct guest g = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf rules = { 0 };
	struct ask as_before = *ask;
	struct err e = { 0 };
	enum guest_where where = guest_load_any(p, vmid, &g, &e);

	as_before.settings = NULL; /* of the node; Proxmox wrote none of that */
	if (where == GUEST_ABSENT) {
		buf_puts(out, "done; the guest is not in the cluster");
		return;
	}
	if (where == GUEST_FAILED || judge_begin(p, policy, &as_before, &j, &e) < 0 ||
	    judge_guest(policy, c, &g, &as_before, &j, &e) < 0) {
		(void)fprintf(stderr, "WARN: pve-safe: not judged again: %s\n", e.msg);
		buf_printf(out, "done; what Proxmox wrote could not be %s",
			   where == GUEST_FAILED ? "read" : "judged");
		return;
	}
	add_worse(&j.decision, before, &rules);
	if (!rules.len) {
		buf_puts(out, "done; what Proxmox wrote is allowed as before");
		return;
	}
	say_difference(&j.decision);
	buf_printf(out,
		   "done; what Proxmox wrote is judged more strictly than the command "
		   "was: %s",
		   buf_text(&rules));
}

void outcome_record(const struct place *p, const struct store_policy *policy,
		    const struct cluster *c, const struct argv_command *cmd,
		    const struct ask *ask, const struct decision *d, int status)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct err e = { 0 };

	if (status == 0)
		judge_again(p, policy, c, left_behind(cmd), ask, d, &text);
	else
		buf_puts(&text, "the tool failed");
	if (audit_outcome(p->root, d->id, buf_text(&text), status, &e) != AUDIT_WRITTEN)
		(void)fprintf(stderr,
			      "WARN: pve-safe: the outcome is not in the record: %s\n",
			      e.msg);
}
