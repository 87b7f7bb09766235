/* SPDX-License-Identifier: MIT */
#include "run/outcome.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "record/audit.h"

/* The guest that the command left behind: a clone's new one, else the one it names. */
static uint64_t left_behind(const struct argv_command *cmd)
{
	uint64_t newid;

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
	(void)fputs(buf_text(&out), stderr);
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

/* Whether @after refuses more than @before, or has something to say that it had not. */
static bool is_worse(const struct decision *after, const struct decision *before)
{
	const struct evaluation *ev = &after->evaluation;

	if (decision_verdict(after) < decision_verdict(before))
		return true;
	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].effect != EFFECT_AUDIT &&
		    effect_of(before, ev->findings[i].rule) == EFFECT_AUDIT)
			return true;
	return false;
}

/* Judges what is there now; in words for the record, what came of it. */
static const char *judge_again(const struct place *p, const struct store_policy *policy,
			       const struct cluster *c, uint64_t vmid,
			       const struct ask *ask, const struct decision *before)
{
	AUTO(guest_done) struct guest g = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	struct err e = { 0 };

	switch (guest_load_any(p, vmid, &g, &e)) {
	case GUEST_ABSENT:
		return "done; the guest is not in the cluster";
	case GUEST_FAILED:
		(void)fprintf(stderr, "WARN: pve-safe: not judged again: %s\n", e.msg);
		return "done; what Proxmox wrote could not be read";
	case GUEST_FOUND:
		break;
	}
	if (judge_begin(p, policy, ask, &j, &e) < 0 ||
	    judge_guest(policy, c, &g, ask, &j, &e) < 0) {
		(void)fprintf(stderr, "WARN: pve-safe: not judged again: %s\n", e.msg);
		return "done; what Proxmox wrote could not be judged";
	}
	if (!is_worse(&j.decision, before))
		return "done; what Proxmox wrote is allowed as before";
	say_difference(&j.decision);
	return "done; what Proxmox wrote is judged more strictly than the command was";
}

void outcome_record(const struct place *p, const struct store_policy *policy,
		    const struct cluster *c, const struct argv_command *cmd,
		    const struct ask *ask, const struct decision *d, int status)
{
	const char *text = "the tool failed";
	struct err e = { 0 };

	if (status == 0)
		text = judge_again(p, policy, c, left_behind(cmd), ask, d);
	if (audit_outcome(p->root, d->id, text, status, &e) != AUDIT_WRITTEN)
		(void)fprintf(stderr,
			      "WARN: pve-safe: the outcome is not in the record: %s\n",
			      e.msg);
}
