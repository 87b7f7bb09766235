/* SPDX-License-Identifier: MIT */
#include "run/exempt.h"

#include "base/cleanup.h"
#include "run/judge.h"
#include "run/waiver-file.h"

/* What a kind of waiver does, and what it is called. */
static const struct {
	const char *name;
	enum effect effect;
} kinds[] = {
	[WAIVER_LASTING] = { "waiver", EFFECT_WAIVED },
	[WAIVER_ONCE] = { "override", EFFECT_OVERRIDDEN },
};

int exempt_case(struct judgement *j, enum waiver_kind kind, const struct rule *rule,
		struct waiver_case *ret, struct err *e)
{
	if (!j->has_identity && identity_load(&j->input, &j->arena, &j->identity, e) < 0)
		return -1;
	j->has_identity = true;
	*ret = (struct waiver_case){ .kind = kind,
				     .vmid = j->decision.vmid,
				     .rule = rule,
				     .facts = j->at_start ? j->at_start : &j->facts,
				     .identity = &j->identity,
				     .now_ms = j->decision.time.unix_ms };
	return 0;
}

/* Whether a waiver could change what @f does. */
static bool may_be_waived(const struct finding *f)
{
	return f->effect == EFFECT_DENY || f->effect == EFFECT_WOULD_DENY ||
	       f->effect == EFFECT_WARN;
}

/* What is said of a waiver that counts. */
static const char *note_of(const struct waiver *w, const struct waiver_case *c,
			   struct arena *a)
{
	unsigned left = waiver_days_left(w, c->now_ms);

	if (c->kind == WAIVER_ONCE)
		return arena_printf(a, "by %.*s until %.*s, %.*s",
				    SLICE_ARG(w->granted_by), SLICE_ARG(w->until),
				    SLICE_ARG(w->reason));
	if (left >= WAIVER_ENDING_DAYS)
		return arena_printf(a, "%.*s until %.*s", SLICE_ARG(w->ticket),
				    SLICE_ARG(w->until));
	if (!left)
		return arena_printf(a, "%.*s until %.*s, which is its last day",
				    SLICE_ARG(w->ticket), SLICE_ARG(w->until));
	return arena_printf(a, "%.*s until %.*s, which leaves %u day%s",
			    SLICE_ARG(w->ticket), SLICE_ARG(w->until), left,
			    left == 1 ? "" : "s");
}

/* Applies @x to the finding @i; of two that do not count, what was said first stays. */
static void exempt(struct judgement *j, size_t i, const struct exemption *x)
{
	struct evaluation *ev = &j->decision.evaluation;

	if (x->applies || !ev->findings[i].note)
		policy_exempt(ev, i, x);
}

/* Judges the waiver @w of the finding @i, that of @c. */
static void judge_waiver(struct judgement *j, size_t i, const struct waiver *w,
			 const struct waiver_case *c)
{
	AUTO(buf_done) struct buf why = { 0 };
	struct exemption x = { .effect = kinds[c->kind].effect };

	x.applies = waiver_counts(w, c, &why);
	if (x.applies) {
		x.note = note_of(w, c, &j->arena);
		x.ending = c->kind == WAIVER_LASTING &&
			   waiver_days_left(w, c->now_ms) < WAIVER_ENDING_DAYS;
	} else {
		x.note = arena_printf(
			&j->arena, "the %s %s%.*s is void: %s", kinds[c->kind].name,
			c->kind == WAIVER_ONCE ? "by " : "",
			SLICE_ARG(c->kind == WAIVER_ONCE ? w->granted_by : w->ticket),
			buf_text(&why));
	}
	exempt(j, i, &x);
}

/* Looks for a waiver of @kind of the finding @i. -1 only without memory. */
static int look_for(struct judgement *j, const struct waiver_dir *dir, size_t i,
		    enum waiver_kind kind, struct err *e)
{
	const struct rule *rule = j->decision.evaluation.findings[i].rule;
	struct waiver_name name = { j->decision.vmid, rule->name, kind };
	struct exemption x = { 0 };
	struct waiver_case c;
	struct waiver w;
	struct err why = { 0 };
	int r = waiver_load(dir, &name, &j->arena, &w, &why);

	if (r == 1)
		return 0;
	if (r < 0) {
		x.note = arena_printf(&j->arena, "the %s does not count: %s",
				      kinds[kind].name, why.msg);
		exempt(j, i, &x);
		return 0;
	}
	if (exempt_case(j, kind, rule, &c, e) < 0)
		return -1;
	judge_waiver(j, i, &w, &c);
	return 0;
}

/* Notes why nothing about waivers could be read at every finding. */
static void note_all(struct judgement *j, const char *why)
{
	struct exemption none = { .note = arena_strdup(&j->arena, slice_of(why)) };
	struct evaluation *ev = &j->decision.evaluation;

	for (size_t i = 0; i < ev->n; i++)
		if (may_be_waived(&ev->findings[i]))
			policy_exempt(ev, i, &none);
}

int exempt_findings(struct judgement *j, struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	const struct evaluation *ev = &j->decision.evaluation;
	struct err why = { 0 };
	size_t i = 0;

	while (i < ev->n && !may_be_waived(&ev->findings[i]))
		i++;
	if (i == ev->n ||
	    (j->waivers && !waiver_names_have(j->waivers, j->decision.vmid)))
		return 0; /* nothing to open anything for */
	switch (waiver_dir_open(j->place, &dir, &why)) {
	case 0:
		break;
	case 1:
		return 0;
	default:
		note_all(j, why.msg);
		return 0;
	}
	for (; i < ev->n; i++)
		for (enum waiver_kind kind = WAIVER_LASTING; kind <= WAIVER_ONCE; kind++)
			if (may_be_waived(&ev->findings[i]) &&
			    look_for(j, &dir, i, kind, e) < 0)
				return -1;
	return 0;
}
