/* SPDX-License-Identifier: MIT */
#include "run/waiver-state.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "record/mail.h"
#include "run/exempt.h"
#include "run/judge.h"
#include "run/waive.h"

const char *waiver_state_name(enum waiver_state s)
{
	static const char *const names[] = { "used", "expiring", "unused",
					     "void", "broken",   "gone" };

	return names[s];
}

/* Sets the state of @row with the reason why. */
static void set_state(struct waiver_row *row, enum waiver_state state, const char *why)
{
	row->state = state;
	row->why = why;
}

/* Judges the waiver of @row, which could be read, for the guest @g. */
static int judge_row(const struct waive_question *q, const struct guest *g,
		     struct arena *a, struct waiver_row *row, struct err *e)
{
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf why = { 0 };
	struct waiver_case c;
	unsigned left;
	bool fires;

	if (waive_look(q, g, &j, &fires, e) < 0 ||
	    exempt_case(&j, row->name.kind, q->rule, &c, e) < 0)
		return -1;
	left = waiver_days_left(&row->waiver, c.now_ms);
	row->guest.ptr = arena_strdup(a, j.decision.name);
	row->guest.len = row->guest.ptr ? j.decision.name.len : 0;
	if (!waiver_counts(&row->waiver, &c, &why))
		set_state(row, WAIVER_VOID, arena_strdup(a, buf_as_slice(&why)));
	else if (!fires)
		set_state(row, WAIVER_UNUSED, "nothing needs it");
	else if (row->name.kind == WAIVER_LASTING && left < WAIVER_ENDING_DAYS)
		set_state(row, WAIVER_EXPIRING,
			  arena_printf(a, "%u day%s left", left, left == 1 ? "" : "s"));
	return 0;
}

/* Judges the waiver of @row, which is of a settings template's rule. */
static int judge_settings_row(const struct waive_question *q, const struct guest *g,
			      struct arena *a, struct waiver_row *row, struct err *e)
{
	AUTO(settings_done) struct settings s = { 0 };
	struct waive_question own = *q;

	if (settings_load(q->place, q->policy->policy, &s, e) < 0 ||
	    settings_rule(&s, row->name.rule, g->kind, a, &own.rule, e) < 0)
		return -1;
	own.settings = &s;
	if (own.rule)
		return judge_row(&own, g, a, row, e);
	set_state(row, WAIVER_UNUSED, "nothing needs it: there is no such template");
	return 0;
}

/* Looks at the guest of @row, which was found. */
static int look_at_guest(const struct waiver_view *v, const struct guest *g,
			 struct arena *a, struct waiver_row *row, struct err *e)
{
	struct waive_question q = {
		.place = v->place,
		.policy = v->policy,
		.cluster = v->cluster,
		.rule = policy_find_rule(v->policy->policy, row->name.rule),
	};
	const char *node = arena_strdup(a, slice_of(g->node));

	row->found = true;
	row->kind = g->kind;
	row->node = slice_of(node ? node : "");
	if (!row->readable)
		return 0;
	if (q.rule)
		return judge_row(&q, g, a, row, e);
	if (settings_rule_template(row->name.rule).len)
		return judge_settings_row(&q, g, a, row, e);
	set_state(row, WAIVER_UNUSED, "nothing needs it: the policy has no such rule");
	return 0;
}

int waiver_state_load(const struct waiver_view *v, const struct waiver_name *name,
		      struct arena *a, struct waiver_row *ret, struct err *e)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err why = { 0 };
	int r;

	*ret = (struct waiver_row){ .name = *name };
	r = waiver_load(v->dir, name, a, &ret->waiver, &why);
	ret->readable = r == 0;
	if (r != 0)
		set_state(ret, WAIVER_BROKEN,
			  r < 0 ? arena_strdup(a, slice_of(why.msg)) : "it went away");
	switch (guest_load_any(v->place, name->vmid, &g, &why)) {
	case GUEST_FOUND:
		r = look_at_guest(v, &g, a, ret, e);
		break;
	case GUEST_ABSENT:
		set_state(ret, WAIVER_GONE, "there is no such guest");
		r = 0;
		break;
	case GUEST_FAILED:
		set_state(ret, WAIVER_BROKEN, arena_strdup(a, slice_of(why.msg)));
		r = 0;
		break;
	}
	return r < 0 || arena_failed(a) ? err_nomem(e) : 0;
}

bool waiver_guest_is_gone(const struct place *p, uint64_t vmid)
{
	for (int i = 0; i < 2; i++) {
		AUTO(guest_done) struct guest g = { 0 };
		struct err e = { 0 };

		if (guest_load_any(p, vmid, &g, &e) != GUEST_ABSENT)
			return false;
	}
	return place_has_cluster(p);
}

/* Whether the override @n is over; one that cannot be read is not. */
static bool is_over(const struct waiver_dir *d, const struct waiver_name *n)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver w;
	struct err e = { 0 };

	return n->kind == WAIVER_ONCE && waiver_load(d, n, &a, &w, &e) == 0 &&
	       w.until_ms < clock_now().unix_ms;
}

/* Takes @n out of force, and says @why. */
static int take_out(const struct waiver_dir *d, const struct waiver_name *n,
		    const char *why, struct buf *said, struct err *e)
{
	if (waiver_void(d, n, e) < 0)
		return -1;
	buf_printf(said, "%s %.*s of guest %" PRIu64 " is void now: %s\n",
		   n->kind == WAIVER_ONCE ? "override" : "waiver", SLICE_ARG(n->rule),
		   n->vmid, why);
	return 0;
}

int waiver_tidy(const struct place *p, struct buf *said, struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver_names names;

	if (!place_is_quorate(p))
		return err_set(e, ERR_SYSTEM,
			       "the cluster has no quorum, so nothing in /etc/pve can be "
			       "changed: see pvecm status");
	if (waiver_dir_open(p, &dir, e) < 0 || waiver_list(&dir, 0, &a, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const struct waiver_name *n = &names.rows[i];
		const char *why = NULL;

		if (waiver_guest_is_gone(p, n->vmid))
			why = "there is no such guest";
		else if (is_over(&dir, n))
			why = "it is over";
		if (why && take_out(&dir, n, why, said, e) < 0)
			return -1;
	}
	return 0;
}

int waiver_tidy_guest(const struct place *p, uint64_t vmid, struct buf *said,
		      struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver_names names;

	if (waiver_dir_open(p, &dir, e) < 0 || waiver_list(&dir, vmid, &a, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (take_out(&dir, &names.rows[i], "its guest was destroyed", said, e) <
		    0)
			return -1;
	return 0;
}

void waiver_row_render(const struct waiver_row *row, struct buf *out)
{
	static const char *const kinds[] = { [GUEST_CT] = "CT ", [GUEST_VM] = "VM " };

	buf_printf(out, "%s%" PRIu64, row->found ? kinds[row->kind] : "", row->name.vmid);
	if (row->guest.len) {
		buf_puts(out, " (");
		text_printable(out, row->guest, 64);
		buf_putc(out, ')');
	}
	if (row->found)
		buf_printf(out, " on %.*s", SLICE_ARG(row->node));
	buf_printf(out, ": %.*s %s", SLICE_ARG(row->name.rule),
		   row->name.kind == WAIVER_ONCE ? "overridden" : "waived");
	if (row->readable)
		buf_printf(out, " until %.*s (%.*s)", SLICE_ARG(row->waiver.until),
			   SLICE_ARG(row->waiver.ticket));
	buf_printf(out, ": %s", waiver_state_name(row->state));
	if (row->why)
		buf_printf(out, ": %s", row->why);
	buf_putc(out, '\n');
}

int waiver_mail_expiring(const struct waiver_view *v, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct waiver_names names;

	if (waiver_list(v->dir, 0, &a, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct waiver_row row;

		if (waiver_state_load(v, &names.rows[i], &a, &row, e) < 0)
			return -1;
		if (row.state == WAIVER_EXPIRING && slice_eq(row.node, v->place->node))
			waiver_row_render(&row, &text);
	}
	if (text.len)
		mail_notice(v->place->root, v->place->node, MAIL_WAIVER,
			    "waivers end soon", buf_as_slice(&text));
	return 0;
}
