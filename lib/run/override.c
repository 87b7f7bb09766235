/* SPDX-License-Identifier: MIT */
#include "run/override.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "run/exempt.h"
#include "run/grant.h"
#include "run/result.h"
#include "run/waive.h"

int override_begin(const char *reason, const char *event, const struct caller *caller,
		   const struct policy *p, struct arena *a, struct override *ret,
		   struct err *e)
{
	const char *problem =
		reason ? waiver_text_problem(slice_of(reason), WAIVER_REASON_MAX) : NULL;

	*ret = (struct override){ .reason = reason,
				  .is_new = result_makes_guest(event),
				  .caller = caller };
	if (problem)
		return err_set(e, ERR_USAGE, "--override: the reason %s", problem);
	ret->rules = arena_array(a, p->nrules + p->nlimits + 1, sizeof(struct rule *));
	return ret->rules ? 0 : err_nomem(e);
}

/* Whether @word of an override list is the login of @c or one of its groups. */
static bool names_caller(struct slice word, const struct caller *c)
{
	if (slice_same(word, c->login))
		return true;
	if (!slice_starts(word, "@"))
		return false;
	for (size_t i = 0; i < c->groups.n; i++)
		if (slice_same((struct slice){ word.ptr + 1, word.len - 1 },
			       c->groups.items[i]))
			return true;
	return false;
}

/* Whether the caller may override @r. */
static bool may_override(const struct rule *r, const struct caller *c)
{
	for (size_t i = 0; c->login.len && i < r->override.n; i++)
		if (names_caller(r->override.items[i], c))
			return true;
	return false;
}

/* The first rule that refuses and may not be overridden by the caller, or NULL. */
static const struct rule *find_forbidden(const struct override *o,
					 const struct evaluation *ev)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].effect == EFFECT_DENY &&
		    !may_override(ev->findings[i].rule, o->caller))
			return ev->findings[i].rule;
	return NULL;
}

/* Why the rule @r is not overridden where @forbidden, may be itself, cannot be. */
static const char *explain(const struct override *o, const struct rule *r,
			   const struct rule *forbidden, struct arena *a)
{
	const struct slice login = o->caller->login;
	AUTO(buf_done) struct buf list = { 0 };

	if (!login.len)
		return "not overridden: this process belongs to no login";
	if (may_override(r, o->caller))
		return arena_printf(
			a,
			"not overridden: %.*s may override this rule, but not "
			"%.*s",
			SLICE_ARG(login), SLICE_ARG(forbidden->name));
	if (!r->override.n)
		return "not overridden: the rule lets nobody override it";
	for (size_t i = 0; i < r->override.n; i++)
		buf_printf(&list, "%s%.*s", i ? ", " : "",
			   SLICE_ARG(r->override.items[i]));
	return arena_printf(a, "not overridden: %.*s is not among those who may (%s)",
			    SLICE_ARG(login), buf_text(&list));
}

/* Notes at every refusal of @j why it is not overridden: @why, or by its rule. */
static void refuse_all(const struct override *o, struct judgement *j, const char *why,
		       const struct rule *forbidden)
{
	struct evaluation *ev = &j->decision.evaluation;

	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];
		struct exemption x = { .note = why };

		if (f->effect != EFFECT_DENY)
			continue;
		if (!why)
			x.note = explain(o, f->rule, forbidden, &j->arena);
		policy_exempt(ev, i, &x);
	}
}

/* The end of an override that begins with the decision of @j, as a text. */
static struct slice end_of(const struct judgement *j, char ret[static CLOCK_TEXT_SIZE])
{
	clock_render(j->decision.time.unix_ms + WAIVER_ONCE_MS, ret);
	return slice_of(ret);
}

/* What is granted to the guest of @j for the rule @r. */
static struct grant grant_of(const struct override *o, struct judgement *j,
			     const struct rule *r, char until[static CLOCK_TEXT_SIZE])
{
	const char *ticket = arena_printf(&j->arena, "decision %s", j->decision.id);

	return (struct grant){
		.kind = WAIVER_ONCE,
		.rule = r,
		.ticket = slice_of(ticket ? ticket : "?"),
		.reason = slice_of(o->reason),
		.granted_by = grant_login(o->caller->login, &j->arena),
		.until = end_of(j, until),
		.until_ms = j->decision.time.unix_ms + WAIVER_ONCE_MS,
		.is_new = o->is_new,
		.mode = WAIVER_REPLACE,
	};
}

/* Why no override of @r can be written for the guest of @j, or NULL. */
static const char *obstacle(const struct override *o, struct judgement *j,
			    const struct rule *r)
{
	char until[CLOCK_TEXT_SIZE];
	const struct grant g = grant_of(o, j, r, until);
	struct err e = { 0 };

	if (!j->decision.vmid)
		return "not overridden: the command names no guest";
	if (grant_check(j, &g, &e) == 0)
		return NULL;
	return arena_printf(&j->arena, "not overridden: %s", e.msg);
}

/* Adds @r to the rules that are overridden, once. */
static void add_rule(struct override *o, const struct rule *r)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->rules[i] == r)
			return;
	o->rules[o->n++] = r;
}

void override_mark(struct override *o, struct judgement *j)
{
	struct evaluation *ev = &j->decision.evaluation;
	const struct rule *forbidden;
	char until[CLOCK_TEXT_SIZE];
	struct exemption x = { .applies = true, .effect = EFFECT_OVERRIDDEN };
	const char *why = NULL;

	if (!o->reason || j->decision.nfailures || ev->verdict != VERDICT_DENY)
		return;
	forbidden = find_forbidden(o, ev);
	for (size_t i = 0; !forbidden && !why && i < ev->n; i++)
		if (ev->findings[i].effect == EFFECT_DENY)
			why = obstacle(o, j, ev->findings[i].rule);
	if (forbidden || why) {
		refuse_all(o, j, why, forbidden);
		return;
	}
	(void)end_of(j, until);
	x.note = arena_printf(&j->arena, "by %.*s until %s, %s",
			      SLICE_ARG(o->caller->login), until, o->reason);
	o->vmid = j->decision.vmid;
	for (size_t i = 0; i < ev->n; i++) {
		if (ev->findings[i].effect != EFFECT_DENY)
			continue;
		add_rule(o, ev->findings[i].rule);
		policy_exempt(ev, i, &x);
	}
}

int override_write(struct override *o, struct judgement *j, struct err *e)
{
	char until[CLOCK_TEXT_SIZE];

	for (; o->nwritten < o->n; o->nwritten++) {
		const struct grant g = grant_of(o, j, o->rules[o->nwritten], until);

		if (grant_write(j, &g, e) < 0)
			return -1;
	}
	return 0;
}

void override_refuse(struct override *o, struct judgement *j, const char *why)
{
	struct evaluation *ev = &j->decision.evaluation;
	struct exemption x = { .applies = true, .effect = EFFECT_DENY };

	x.note = arena_printf(&j->arena, "not overridden: %s", why);
	for (size_t i = 0; i < ev->n; i++)
		for (size_t k = 0; k < o->n; k++)
			if (ev->findings[i].rule == o->rules[k])
				policy_exempt(ev, i, &x);
}

/* Name of the file of the i-th rule. */
static struct waiver_name name_of(const struct override *o, size_t i)
{
	return (struct waiver_name){ o->vmid, o->rules[i]->name, WAIVER_ONCE };
}

void override_drop(struct override *o, const struct place *p)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	struct err e = { 0 };

	o->n = o->nwritten;
	if (!o->n || waiver_dir_open(p, &dir, &e) != 0)
		return; /* what cannot be removed ends by itself */
	for (; o->n; o->n--) {
		const struct waiver_name name = name_of(o, o->n - 1);

		(void)!waiver_void(&dir, &name, &e);
	}
	o->nwritten = 0;
}

/* Gives the file @name of the rule @r the identity that the guest @g has now. */
static int bind_one(const struct waiver_dir *dir, const struct waiver_name *name,
		    const struct rule *r, const struct guest *g,
		    const struct store_policy *policy, struct cluster *c, struct err *e)
{
	static const struct slice fresh = { WAIVER_NEW, sizeof(WAIVER_NEW) - 1 };
	const struct waive_question q = { dir->place, policy, c, NULL, r };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf why = { 0 };
	struct waiver w, now = { 0 };
	struct waiver_case today;
	bool fires;
	int got;

	if (waive_look(&q, g, &j, &fires, e) < 0 ||
	    exempt_case(&j, WAIVER_ONCE, r, &today, e) < 0 ||
	    waiver_describe(&today, &j.arena, &now, e) < 0)
		return -1;
	got = waiver_load(dir, name, &j.arena, &w, e);
	if (got != 0)
		return got < 0 ? -1 : 0; /* somebody has taken it away */
	if (waiver_counts(&w, &today, &why) &&
	    !(w.identity.n == 1 && slice_eq(w.identity.items[0], WAIVER_NEW)))
		return 0;
	buf_reset(&why);
	w.identity = (struct policy_words){ &fresh, 1 };
	if (!waiver_counts(&w, &today, &why))
		return err_set(e, ERR_UNKNOWN, "it does not count for what was made: %s",
			       buf_text(&why));
	w.name = now.name;
	w.identity = now.identity;
	w.covers = now.covers;
	return waiver_save(dir->place, name, &w, WAIVER_REPLACE, e);
}

int override_bind(const struct override *o, const struct place *p,
		  const struct store_policy *policy, struct cluster *c, struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	AUTO(guest_done) struct guest g = { 0 };
	enum guest_where where;
	int got;

	if (!o->nwritten)
		return 0;
	got = waiver_dir_open(p, &dir, e);
	if (got != 0)
		return got < 0 ? -1 : 0;
	where = guest_load_any(p, o->vmid, &g, e);
	if (where == GUEST_ABSENT)
		return 0; /* moved or removed by the command itself */
	if (where == GUEST_FAILED)
		return err_wrap(e, "the override for guest %" PRIu64, o->vmid);
	for (size_t i = 0; i < o->nwritten; i++) {
		const struct waiver_name name = name_of(o, i);

		if (bind_one(&dir, &name, o->rules[i], &g, policy, c, e) < 0)
			return err_wrap(e, "the override of %.*s",
					SLICE_ARG(o->rules[i]->name));
	}
	return 0;
}
