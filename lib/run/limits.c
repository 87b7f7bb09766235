/* SPDX-License-Identifier: MIT */
#include "run/limits.h"

#include <string.h>

#include "base/cleanup.h"
#include "run/walk.h"

void limits_begin(const struct place *place, const struct policy *p,
		  const struct cluster *c, enum limits_use use, struct limits_world *ret)
{
	*ret = (struct limits_world){
		.place = place, .policy = p, .cluster = c, .use = use
	};
	for (size_t i = 0; i < p->nlimits; i++)
		limits_facts(&p->limits[i], &ret->wanted);
	policy_want(p, &ret->wanted);
}

/* Makes room for what will be counted. -1 without memory. */
static int make_room(struct limits_world *w, struct err *e)
{
	size_t n = w->policy->nlimits;

	arena_reset(&w->arena);
	w->tallies = arena_array(&w->arena, n, sizeof(*w->tallies));
	w->before = arena_array(&w->arena, n, sizeof(*w->before));
	if (w->tallies && w->before)
		return 0;
	w->tallies = NULL;
	return err_nomem(e);
}

/* Counts a guest with @facts for each of the limits. */
static void count(struct limits_world *w, const struct facts *facts, enum guest_kind kind,
		  uint64_t vmid)
{
	for (size_t i = 0; i < w->policy->nlimits; i++) {
		struct limits_guest g;

		limits_measure(&w->policy->limits[i], facts, kind, vmid, &g);
		if (vmid == w->vmid)
			w->before[i] = g;
		else
			limits_add(&g, &w->arena, &w->tallies[i]);
	}
}

/*
 * Counts what cannot be read, for the reason @why: a guest of any size, or, when @file is none
 * of a guest but a directory of them, any number of guests.
 */
static void count_unknown(struct limits_world *w, const char *file, const char *why)
{
	struct limits_guest g;

	limits_measure_unknown(file, why, &g);
	if (!guest_vmid_of(file))
		g.of[LIMITS_GUESTS].high = FACT_UNLIMITED;
	for (size_t i = 0; i < w->policy->nlimits; i++)
		limits_add(&g, &w->arena, &w->tallies[i]);
}

/* Counts one guest of the cluster. */
static int visit(const struct guest *g, void *context)
{
	struct limits_world *w = context;
	struct facts_input in;
	struct facts facts;
	struct err e = { 0 };

	arena_reset(&w->scratch);
	input_fill(w->cluster, g, true, &in);
	in.request = *w->request;
	in.request.pool = (struct slice){ 0 }; /* that is the guest's that is judged */
	input_look(w->place, w->cluster, g, false, &w->wanted, &w->scratch, &in);
	if (facts_load(&in, &w->wanted, &w->scratch, &facts, &e) < 0) {
		count_unknown(w, g->path, e.msg);
		return EXIT_CANNOT;
	}
	policy_give(w->policy, &w->wanted, &facts, &w->scratch);
	count(w, &facts, g->kind, g->vmid);
	return EXIT_FINE;
}

/* Counts what cannot be read as a guest of any size. */
static void fail(const char *path, const char *message, void *context)
{
	struct limits_world *w = context;

	/* The guest that is judged is known from elsewhere. */
	if (!w->vmid || guest_vmid_of(path) != w->vmid)
		count_unknown(w, path, message);
}

/*
 * Counts all guests of the cluster, that of @ask by itself; in an audit all of them alike.
 * -1 without memory.
 */
static int count_others(struct limits_world *w, const struct limits_ask *ask,
			struct err *e)
{
	const struct walk walk = {
		.place = w->place, .visit = visit, .fail = fail, .context = w
	};
	uint64_t vmid = w->use == LIMITS_AUDIT ? 0 : ask->vmid;

	if (w->tallies && w->vmid == vmid)
		return 0;
	if (make_room(w, e) < 0)
		return -1;
	w->vmid = vmid;
	w->request = ask->request;
	/* What it could not read was counted by fail(). */
	if (walk_guests(&walk) > EXIT_CANNOT)
		count_unknown(w, "/etc/pve/nodes", "not all guests were counted");
	w->request = NULL;
	return arena_failed(&w->arena) ? err_nomem(e) : 0;
}

/* Where it is said that @x is exceeded, or why it may be. Memory from @a; NULL without. */
static const struct fact_origin *origin_of(const struct limits_case *c,
					   const struct limits_excess *x,
					   const char *verb, struct arena *a)
{
	struct fact_origin *o = arena_alloc(a, sizeof(*o));
	AUTO(buf_done) struct buf text = { 0 };
	struct limits_gap gap = limits_gap_of(c, x);
	const char *copy;

	limits_render(c, x, verb, &text);
	if (!x->sure)
		buf_printf(&text, "; not known: %s", gap.why ? gap.why : "all of it");
	copy = arena_strdup(a, buf_as_slice(&text));
	if (!o || !copy)
		return NULL;
	*o = (struct fact_origin){ c->limits->rule.file, c->limits->rule.line,
				   slice_of(copy) };
	if (!x->sure && gap.file) {
		o->file = arena_strdup(a, slice_of(gap.file));
		o->line = gap.line;
	}
	return o;
}

/* Lets the last finding of @ev, if it refuses, only warn: it is of no start. */
static void let_pass(struct evaluation *ev)
{
	static const struct exemption passes = {
		.applies = true,
		.effect = EFFECT_WARN,
		.note = "no start is refused for it",
	};

	if (ev->n && ev->findings[ev->n - 1].effect == EFFECT_DENY)
		policy_exempt(ev, ev->n - 1, &passes);
}

/* Adds to @ev that @x is exceeded in @c. -1 without memory. */
static int add_finding(const struct limits_world *w, const struct limits_ask *ask,
		       const struct limits_case *c, const struct limits_excess *x,
		       struct arena *a, struct evaluation *ev)
{
	const char *verb = w->use == LIMITS_COMMAND ? "asks" : "has";
	struct finding f = { .rule = &c->limits->rule, .action = c->limits->rule.action };
	size_t before = ev->n;

	rule_facts(f.rule, &f.used);
	if (x->measure < LIMITS_UNITS)
		fact_set_add(&f.used, limits_fact((enum limits_unit)x->measure));
	for (unsigned id = 0; !x->sure && id < FACT_COUNT; id++)
		if (fact_set_has(&f.used, id) &&
		    facts_get(ask->facts, id)->state == FACT_STATE_UNKNOWN)
			fact_set_add(&f.unknown, id);
	f.found = origin_of(c, x, verb, a);
	if (!f.found || policy_add_finding(w->policy, ask->facts, &f, a, ev) < 0)
		return -1;
	if (w->use == LIMITS_AUDIT && ev->n > before)
		let_pass(ev);
	return 0;
}

/* Adds to @ev what is exceeded in @c, and shown at the guest of @ask. -1 without memory. */
static int add_findings(const struct limits_world *w, const struct limits_ask *ask,
			const struct limits_case *c, struct arena *a,
			struct evaluation *ev)
{
	struct limits_excess rows[LIMITS_BOUNDS];
	size_t n = limits_eval(c, rows);

	for (size_t i = 0; i < n; i++)
		if ((c->guest || limits_shown_at(c->others, &rows[i]) == ask->vmid) &&
		    add_finding(w, ask, c, &rows[i], a, ev) < 0)
			return -1;
	return 0;
}

/* Whether @l are judged for the guest of @ask at all. */
static bool are_asked(const struct limits_world *w, const struct limits *l,
		      const struct limits_ask *ask)
{
	const struct rule *r = &l->rule;
	const struct fact *event = facts_get(ask->facts, FACT_event);

	if (w->use != LIMITS_AUDIT && !rule_applies(r, event->text))
		return false;
	return rule_fires(r, ask->facts);
}

/* Judges the guest of @ask by the limits @i. -1 without memory. */
static int judge_one(struct limits_world *w, size_t i, const struct limits_ask *ask,
		     struct arena *a, struct evaluation *ev, struct err *e)
{
	const struct limits *l = &w->policy->limits[i];
	struct limits_case own = { .limits = l }, all = { .limits = l };
	struct limits_guest g;
	int r;

	limits_measure(l, ask->facts, ask->kind, ask->vmid, &g);
	own.guest = &g;
	if (ask->in_cluster && limits_need_others(l)) {
		if (count_others(w, ask, e) < 0)
			return -1;
		all.others = &w->tallies[i];
		if (w->use != LIMITS_AUDIT)
			own.others = all.others;
		if (w->use == LIMITS_COMMAND)
			own.before = &w->before[i];
	}
	r = add_findings(w, ask, &own, a, ev);
	if (r == 0 && w->use == LIMITS_AUDIT && all.others)
		r = add_findings(w, ask, &all, a, ev);
	return r < 0 ? err_nomem(e) : 0;
}

int limits_judge(struct limits_world *w, const struct limits_ask *ask, struct arena *a,
		 struct evaluation *ev, struct err *e)
{
	for (size_t i = 0; i < w->policy->nlimits; i++)
		if (are_asked(w, &w->policy->limits[i], ask) &&
		    judge_one(w, i, ask, a, ev, e) < 0)
			return -1;
	return 0;
}

void limits_done(struct limits_world *w)
{
	arena_done(&w->arena);
	arena_done(&w->scratch);
}
