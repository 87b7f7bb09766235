/* SPDX-License-Identifier: MIT */
#include "policy/limits-eval.h"

#include <inttypes.h>

#include "base/cleanup.h"

/* What a unit is measured by, and called after a number. */
static const struct {
	enum fact_id fact;
	const char *word, *one; /* after 1 */
} units[LIMITS_UNITS] = {
	[LIMITS_CORES] = { FACT_cores, "cores", "core" },
	[LIMITS_MEMORY_MIB] = { FACT_memory_mib, "MiB", "MiB" },
	[LIMITS_DISK_GIB] = { FACT_disk_gib, "GiB of disks", "GiB of disks" },
};

enum fact_id limits_fact(enum limits_unit u)
{
	return units[u].fact;
}

void limits_facts(const struct limits *l, struct fact_set *set)
{
	rule_facts(&l->rule, set);
	for (size_t u = 0; u < LIMITS_UNITS; u++)
		fact_set_add(set, units[u].fact);
}

/* The sum of @a and @b, neither of which need have an end. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a > FACT_UNLIMITED - b ? FACT_UNLIMITED : a + b;
}

/* What is known of @f, of which none is nothing. */
static struct limits_range range_of(const struct fact *f)
{
	switch (f->state) {
	case FACT_STATE_KNOWN:
		return (struct limits_range){ f->number, f->number };
	case FACT_STATE_UNKNOWN:
		return (struct limits_range){ 0, FACT_UNLIMITED };
	case FACT_STATE_NONE:
		break;
	}
	return (struct limits_range){ 0, 0 };
}

/* Why @f is not known. */
static struct limits_gap gap_of(const struct fact *f)
{
	return (struct limits_gap){ f->why ? f->why : "it cannot be read", f->origin.file,
				    f->origin.line };
}

/* Why the value of @x is not known. */
static struct limits_gap gap_in(const struct expr *x, const struct facts *facts)
{
	struct fact_set named = { 0 };

	expr_facts(x, &named);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&named, id) &&
		    facts_get(facts, id)->state == FACT_STATE_UNKNOWN)
			return gap_of(facts_get(facts, id));
	return (struct limits_gap){ .why = "it cannot be told whether it counts" };
}

void limits_measure(const struct limits *l, const struct facts *facts,
		    enum guest_kind kind, uint64_t vmid, struct limits_guest *ret)
{
	enum tri counts = expr_eval(l->rule.when, facts);

	*ret = (struct limits_guest){ .kind = kind, .vmid = vmid };
	if (counts == TRI_FALSE)
		return;
	ret->exempt = l->rule.unless && expr_eval(l->rule.unless, facts) == TRI_TRUE;
	ret->of[LIMITS_GUESTS] = (struct limits_range){ 1, 1 };
	for (size_t u = 0; u < LIMITS_UNITS; u++) {
		const struct fact *f = facts_get(facts, units[u].fact);

		ret->of[u] = range_of(f);
		if (f->state == FACT_STATE_UNKNOWN)
			ret->gaps[u] = gap_of(f);
	}
	for (size_t m = 0; counts == TRI_UNKNOWN && m < LIMITS_MEASURES; m++) {
		ret->of[m].low = 0;
		ret->gaps[m] = gap_in(l->rule.when, facts);
	}
}

void limits_measure_unknown(const char *file, const char *why, struct limits_guest *ret)
{
	*ret = (struct limits_guest){ 0 };
	for (size_t m = 0; m < LIMITS_MEASURES; m++) {
		ret->of[m].high = m == LIMITS_GUESTS ? 1 : FACT_UNLIMITED;
		ret->gaps[m] = (struct limits_gap){ why, file, 0 };
	}
}

/* Notes @g among the biggest of the unit @u, if it is one. */
static void note_big(const struct limits_guest *g, size_t u, struct limits_tally *t)
{
	struct limits_big *rows = t->biggest[u];
	size_t at = LIMITS_BIGGEST;

	if (!g->exempt && g->of[u].low > t->bound[u].amount)
		t->bound[u] = (struct limits_big){ g->kind, g->vmid, g->of[u].low };
	while (at && g->of[u].low > rows[at - 1].amount)
		at--;
	if (at == LIMITS_BIGGEST)
		return;
	for (size_t i = LIMITS_BIGGEST - 1; i > at; i--)
		rows[i] = rows[i - 1];
	rows[at] = (struct limits_big){ g->kind, g->vmid, g->of[u].low };
}

void limits_add(const struct limits_guest *g, struct arena *a, struct limits_tally *t)
{
	if (g->of[LIMITS_GUESTS].high && !g->exempt && g->vmid > t->last)
		t->last = g->vmid;
	for (size_t m = 0; m < LIMITS_MEASURES; m++) {
		const struct limits_gap *gap = &g->gaps[m];

		t->of[m].low = plus(t->of[m].low, g->of[m].low);
		t->of[m].high = plus(t->of[m].high, g->of[m].high);
		if (m < LIMITS_UNITS)
			note_big(g, m, t);
		if (!gap->why || t->gaps[m].why)
			continue;
		t->gaps[m] = *gap;
		t->gaps[m].why = arena_strdup(a, slice_of(gap->why));
		if (!t->gaps[m].why)
			t->gaps[m].why = "out of memory";
		if (gap->file)
			t->gaps[m].file = arena_strdup(a, slice_of(gap->file));
	}
}

/* The bound of all guests together. */
static uint64_t bound_of_all(const struct limits *l, size_t measure)
{
	return measure == LIMITS_GUESTS ? l->max_guests : l->total[measure];
}

bool limits_need_others(const struct limits *l)
{
	for (size_t m = 0; m < LIMITS_MEASURES; m++)
		if (bound_of_all(l, m) != LIMITS_NONE)
			return true;
	return false;
}

/* Whether the guest of @c takes no more of @measure than it has already. */
static bool is_no_more(const struct limits_case *c, size_t measure)
{
	const struct limits_range *now, *before;

	if (!c->guest)
		return false;
	now = &c->guest->of[measure];
	if (!now->high)
		return true; /* it does not count at all */
	if (!c->before)
		return false;
	before = &c->before->of[measure];
	return now->low == now->high && before->low == before->high &&
	       now->low <= before->low;
}

/* Adds a row to @ret where @r is, or may be, more than @bound. */
static size_t compare(const struct limits_range *r, uint64_t bound, size_t measure,
		      bool each, struct limits_excess *ret)
{
	if (bound == LIMITS_NONE || r->high <= bound)
		return 0;
	*ret = (struct limits_excess){ .measure = (int)measure,
				       .each = each,
				       .sure = r->low > bound,
				       .bound = bound };
	return 1;
}

/* What @c has of @measure in all. */
static struct limits_range sum_of(const struct limits_case *c, size_t measure)
{
	static const struct limits_range nothing = { 0, 0 };
	const struct limits_range *mine = c->guest ? &c->guest->of[measure] : &nothing;
	const struct limits_range *rest = &c->others->of[measure];

	return (struct limits_range){ plus(mine->low, rest->low),
				      plus(mine->high, rest->high) };
}

size_t limits_eval(const struct limits_case *c,
		   struct limits_excess ret[static LIMITS_BOUNDS])
{
	const struct limits *l = c->limits;
	size_t n = 0;

	for (size_t u = 0; c->guest && u < LIMITS_UNITS; u++)
		n += compare(&c->guest->of[u], l->max[u], u, true, &ret[n]);
	for (size_t m = 0; c->others && m < LIMITS_MEASURES; m++) {
		struct limits_range sum = sum_of(c, m);

		if (!is_no_more(c, m))
			n += compare(&sum, bound_of_all(l, m), m, false, &ret[n]);
	}
	return n;
}

/* Appends an amount. */
static void render_amount(uint64_t amount, struct buf *out)
{
	if (amount == FACT_UNLIMITED)
		buf_puts(out, "unlimited");
	else
		buf_printf(out, "%" PRIu64, amount);
}

/* Appends "CT 140". */
static void render_guest(enum guest_kind kind, uint64_t vmid, struct buf *out)
{
	if (!vmid)
		buf_puts(out, "this guest");
	else
		buf_printf(out, "%s %" PRIu64, kind == GUEST_CT ? "CT" : "VM", vmid);
}

/* Appends who of the others has most of the unit @u. */
static void render_biggest(const struct limits_tally *t, int u, struct buf *out)
{
	for (size_t i = 0; i < LIMITS_BIGGEST && t->biggest[u][i].amount; i++) {
		const struct limits_big *big = &t->biggest[u][i];

		buf_puts(out, i ? ", " : "; most have ");
		render_guest(big->kind, big->vmid, out);
		buf_putc(out, ' ');
		render_amount(big->amount, out);
	}
}

/* Appends ", CT 140 asks 8192". */
static void render_own(const struct limits_guest *g, int measure, const char *verb,
		       struct buf *out)
{
	buf_puts(out, ", ");
	render_guest(g->kind, g->vmid, out);
	buf_printf(out, " %s ", verb);
	if (g->of[measure].low == g->of[measure].high)
		render_amount(g->of[measure].low, out);
	else
		buf_puts(out, "what cannot be read");
}

/* Appends the bound of how many guests there may be. */
static void render_count(const struct limits_case *c, const struct limits_excess *x,
			 struct buf *out)
{
	uint64_t n = c->others->of[LIMITS_GUESTS].low;

	buf_printf(out, "%" PRIu64 " guest%s allowed, ", x->bound,
		   x->bound == 1 ? "" : "s");
	if (!c->guest) {
		buf_printf(out, "%" PRIu64 " are there", n);
		return;
	}
	buf_printf(out, "%" PRIu64 " other%s there beside ", n, n == 1 ? " is" : "s are");
	render_guest(c->guest->kind, c->guest->vmid, out);
}

void limits_render(const struct limits_case *c, const struct limits_excess *x,
		   const char *verb, struct buf *out)
{
	buf_printf(out, "%.*s: ", SLICE_ARG(c->limits->name));
	if (x->measure == LIMITS_GUESTS) {
		render_count(c, x, out);
		return;
	}
	buf_printf(out, "%" PRIu64 " %s allowed for %s", x->bound,
		   x->bound == 1 ? units[x->measure].one : units[x->measure].word,
		   x->each ? "each guest" : "all guests");
	if (!x->each) {
		uint64_t n = c->others->of[LIMITS_GUESTS].low;

		buf_puts(out, ", ");
		render_amount(c->others->of[x->measure].low, out);
		buf_printf(out, " used by %" PRIu64 " guest%s", n, n == 1 ? "" : "s");
	}
	if (c->guest)
		render_own(c->guest, x->measure, verb, out);
	if (!x->each)
		render_biggest(c->others, x->measure, out);
}

uint64_t limits_shown_at(const struct limits_tally *t, const struct limits_excess *x)
{
	bool has_most = x->measure < LIMITS_UNITS && t->bound[x->measure].amount;

	return has_most ? t->bound[x->measure].vmid : t->last;
}

struct limits_gap limits_gap_of(const struct limits_case *c,
				const struct limits_excess *x)
{
	if (c->guest && c->guest->gaps[x->measure].why)
		return c->guest->gaps[x->measure];
	if (!x->each)
		return c->others->gaps[x->measure];
	return (struct limits_gap){ 0 };
}
