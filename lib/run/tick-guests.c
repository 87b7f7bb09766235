/* SPDX-License-Identifier: MIT */
/*
 * tick-guests - which guests of this node are new or changed since the last tick, and what the
 * policy says of them.
 *
 * New is a guest that no node had; one that another node had was moved here. Of a VMID that
 * was known, a task that made it since says that it is another guest now.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "record/audit.h"
#include "record/made.h"
#include "run/former.h"
#include "run/hookscript.h"
#include "run/judge.h"
#include "run/tick-internal.h"
#include "run/walk.h"

enum {
	STALE_NOTE_S = 600, /* a wrapper's note about a guest that never came */
	MAX_RULES = 16,     /* named in one line */
};

/* What a tick has to do about a guest that it judges. */
struct news {
	const struct guest *g;
	struct tick_row *row; /* what will be known of it */
	struct task_maker maker;
	bool made; /* past the wrappers; else: changed */
};

/* Whether @g names our hookscript, or the link to it beside a former one. */
static bool names_ours(const struct guest *g)
{
	struct slice volume = hookscript_in(guestconf_current(&g->conf));
	struct snippet snippet;

	return volume.ptr && snippet_parse(volume, &snippet) &&
	       former_is_ours(snippet.name);
}

/*
 * Whether a rollback has taken our hookscript from @g: the snapshot was from before it. Who
 * takes it away in another way has detached it.
 */
static bool has_lost_ours(struct tick *t, const struct guest *g,
			  const struct tick_row *was)
{
	return was->standing == TICK_HOOKED && !names_ours(g) &&
	       tick_was_rolled_back(t, g);
}

/* Lets stand as "would deny" what cannot be refused any more. */
static void soften(struct evaluation *ev, bool made)
{
	const struct exemption there = {
		.applies = true,
		.effect = EFFECT_WOULD_DENY,
		.note = made ? "it was made past pve-safe; its next start is judged"
			     : "it was changed past pve-safe; its next start is judged",
	};

	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].effect == EFFECT_DENY)
			policy_exempt(ev, i, &there);
}

/* Appends "; the policy refuses it: RULE, RULE" to @out. */
static void put_rules(const struct evaluation *ev, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < ev->n && n < MAX_RULES; i++) {
		if (ev->findings[i].effect != EFFECT_WOULD_DENY)
			continue;
		buf_puts(out, n++ ? ", " : "; the policy refuses it: ");
		text_printable(out, ev->findings[i].rule->name, 64);
	}
}

/* Says what was found, for the journal; and keeps for root what the policy refuses. */
static void say(struct tick *t, const struct news *n, const struct decision *d)
{
	AUTO(buf_done) struct buf out = { 0 };
	size_t before;

	decision_render_guest(d, &out);
	buf_puts(&out, n->made ? " was created outside" : " was changed");
	if (n->maker.user.len) {
		buf_puts(&out, " by ");
		text_printable(&out, n->maker.user, 100);
	}
	before = out.len;
	put_rules(&d->evaluation, &out);
	if (d->nfailures) {
		buf_puts(&out, "; it could not be judged: ");
		text_printable(&out, slice_of(d->failures[0].what), 300);
	}
	(void)printf("%s\n", buf_text(&out));
	if (out.len == before)
		return;
	tick_note(t, EXIT_FOUND);
	buf_printf(&t->refused, "%s\nmore: pve-safe explain %" PRIu64 "\n",
		   buf_text(&out), d->vmid);
}

/* Records @d, and that it is about a guest made outside. */
static int record(const struct tick *t, const struct news *n, struct judgement *j,
		  struct err *e)
{
	const char *what = "created outside: no wrapper of this node made it";

	judge_end(j);
	if (audit_decision(t->place->root, &j->decision, e) == AUDIT_NOWHERE)
		return -1;
	if (!n->made)
		return 0;
	if (!n->maker.event)
		what = "created outside: no wrapper and no task of this node made it";
	return audit_outcome(t->place->root, j->decision.id, what, 0, e) == AUDIT_NOWHERE
		       ? -1
		       : 0;
}

/* Adds the row of a guest whose record is written to the file at once. */
static void keep_row(struct tick *t, const struct tick_row *row)
{
	AUTO(buf_done) struct buf line = { 0 };
	AUTO_CLOSE int fd = openat(t->place->root, TICK_STATE,
				   O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	t->dirty = true;
	buf_putc(&line, '\n'); /* ends one that was cut */
	tick_row_render(row, &line);
	/* A row that is lost here is only recorded once more. */
	if (fd >= 0 && !buf_failed(&line))
		(void)!write(fd, line.ptr, line.len);
}

/* Judges the guest of @n, records and says what came of it. */
static int judge_news(struct tick *t, const struct news *n, struct err *e)
{
	AUTO(judge_done) struct judgement j = { 0 };
	struct ask ask = { .layer = LAYER_TICK };
	bool worth;

	ask.request.event = slice_of(!n->made         ? "set"
				     : n->maker.event ? n->maker.event
						      : "create");
	ask.actor.pve_user = n->maker.user;
	ask.actor.upid = n->maker.upid;
	ask.request.user = n->maker.user;
	if (judge_begin(t->place, &t->policy, &ask, &j, e) < 0 ||
	    judge_guest(&t->policy, &t->cluster, n->g, &ask, &j, e) < 0)
		return -1;
	soften(&j.decision.evaluation, n->made);
	worth = n->made || j.decision.evaluation.n > 0;
	if (worth && !t->dry_run && record(t, n, &j, e) < 0)
		return -1;
	if (worth && !t->dry_run)
		keep_row(t, n->row);
	if (n->made || decision_is_worth_saying(&j.decision))
		say(t, n, &j.decision);
	return 0;
}

/* Whether Proxmox works on @g: it is judged when that has ended. */
static bool is_locked(const struct guest *g)
{
	const struct guestconf_entry *lock =
		guestconf_find(guestconf_current(&g->conf), "lock");

	return lock && !slice_eq(lock->value, "suspended");
}

/* Takes over a guest that was judged and recorded by the wrapper that made it. */
static void take_from_wrapper(struct tick *t, const struct tick_row *row)
{
	if (t->dry_run)
		return;
	keep_row(t, row);
	made_forget(t->place->root, row->vmid);
}

/* What is new about @g, of which the last tick knew @was (NULL: nothing). */
static int take_guest(struct tick *t, const struct guest *g, const struct tick_row *was,
		      struct tick_row *row, struct err *e)
{
	struct news n = { .g = g, .row = row };
	bool came = !was || was->standing == TICK_WAITING;
	uint64_t since = was && was->standing == TICK_WAITING ? was->since_s : t->last_s;

	tick_find_maker(t, g, since, &n.maker);
	n.made = came || (n.maker.event && strcmp(n.maker.event, "clone") != 0 &&
			  was->standing != TICK_ELSEWHERE && n.maker.start >= t->last_s);
	if (n.made || was->standing == TICK_ELSEWHERE || has_lost_ours(t, g, was))
		row->standing = TICK_ATTACH;
	else
		row->standing = was->standing;
	if (n.made && made_by_wrapper(t->place->root, g->vmid)) {
		take_from_wrapper(t, row);
		return 0;
	}
	if (!n.made && was->standing == TICK_ELSEWHERE)
		return 0; /* it was moved here */
	if (!n.made)
		n.maker = (struct task_maker){ 0 };
	return judge_news(t, &n, e);
}

/* Keeps @why a guest could not be read or judged, for say_trouble(). */
static void add_trouble(struct tick *t, const char *why)
{
	buf_printf(&t->trouble, "%s%s", t->trouble.len ? "; " : "", why);
}

/* Looks at one guest of this node. */
static int visit(const struct guest *g, void *context)
{
	struct tick *t = context;
	const struct tick_row *was = tick_state_find(&t->before, g->vmid);
	struct tick_row row = { .vmid = (uint32_t)g->vmid, .kind = g->kind };
	struct err e = { 0 };
	bool same;

	if (was && was->kind != g->kind)
		was = NULL; /* another guest has its number now */
	tick_digest(g, row.digest);
	same = was && was->standing != TICK_ELSEWHERE && was->standing != TICK_WAITING &&
	       strcmp(was->digest, row.digest) == 0;
	if (same ||
	    (!t->first && is_locked(g) && was && was->standing != TICK_ELSEWHERE)) {
		row = *was;
	} else if (!t->first && is_locked(g)) {
		row.standing = TICK_WAITING;
		row.since_s = t->last_s;
		*row.digest = '\0';
		if (was)
			row = *was; /* of another node until it has arrived */
	} else if (!t->first && take_guest(t, g, was, &row, &e) < 0) {
		add_trouble(t, e.msg);
		if (!was)
			return EXIT_FINE; /* the next tick tries again */
		row = *was;
	}
	if ((same || !is_locked(g)) &&
	    (row.standing == TICK_KNOWN || row.standing == TICK_HOOKED))
		row.standing = names_ours(g) ? TICK_HOOKED : TICK_KNOWN;
	if (!tick_state_add(&t->now, &row))
		tick_note(t, EXIT_CANNOT);
	return EXIT_FINE;
}

/* Says which file of a guest cannot be read; it stays as it was known. */
static void fail(const char *path, const char *message, void *context)
{
	struct tick *t = context;
	const struct tick_row *was = tick_state_find(&t->before, guest_vmid_of(path));

	add_trouble(t, message);
	if (was)
		(void)tick_state_add(&t->now, was);
}

/* Adds the guests of other nodes, by .vmlist; without it, those that were known. */
static int add_others(struct tick *t, const struct cluster_guests *all, struct err *e)
{
	size_t here = t->now.n;

	tick_state_sort(&t->now);
	for (size_t i = 0; all && i < all->n; i++) {
		struct tick_row row = { .vmid = (uint32_t)all->guests[i].vmid,
					.kind = all->guests[i].kind,
					.standing = TICK_ELSEWHERE };
		const struct tick_state visited = { t->now.rows, here, 0 };

		if (!tick_state_find(&visited, row.vmid) &&
		    !tick_state_add(&t->now, &row))
			return err_nomem(e);
	}
	for (size_t i = 0; !all && i < t->before.n; i++) {
		const struct tick_row *was = &t->before.rows[i];
		const struct tick_state visited = { t->now.rows, here, 0 };

		if (was->standing == TICK_ELSEWHERE &&
		    !tick_state_find(&visited, was->vmid) &&
		    !tick_state_add(&t->now, was))
			return err_nomem(e);
	}
	tick_state_sort(&t->now);
	return 0;
}

/* Whether guest @vmid is still being made; of made_tidy(). */
static bool is_awaited(uint64_t vmid, void *context)
{
	const struct tick *t = context;
	const struct tick_row *row = tick_state_find(&t->now, vmid);

	return row && row->standing == TICK_WAITING;
}

/* Records that stock was taken, once for all guests. */
static int record_stock(struct tick *t, size_t n, struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct clock_time now = clock_now();
	struct uuid7 ids = { 0 };
	char id[UUID7_SIZE];

	buf_printf(&text,
		   "the first tick of %s took stock of %zu guest%s, which are not "
		   "recorded one by one: pve-safe audit",
		   t->place->node, n, n == 1 ? "" : "s");
	(void)printf("%s\n", buf_text(&text));
	if (t->dry_run)
		return 0;
	if (uuid7_next(&ids, now.unix_ms, id, e) < 0)
		return -1;
	return audit_outcome(t->place->root, id, buf_text(&text), 0, e) == AUDIT_NOWHERE
		       ? -1
		       : 0;
}

/* Says which guests could not be read or judged; all in one, and once. */
static void say_trouble(struct tick *t)
{
	if (!t->trouble.len) {
		tick_calm(t, "read");
		return;
	}
	tick_say_once(t, "read", buf_text(&t->trouble));
	tick_note(t, EXIT_CANNOT);
}

int tick_guests(struct tick *t, struct err *e)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	const struct place *p = t->place;
	const struct walk w = {
		.place = p, .node = p->node, .visit = visit, .fail = fail, .context = t
	};
	struct cluster_guests all = { 0 };
	struct err why = { 0 };
	bool listed;

	/* Before: who comes while we walk is new to the next tick, and none is lost. */
	listed = file_read(p->root, "etc/pve/.vmlist", &p->files, &text, &why) == 0 &&
		 cluster_read_guests(file_slice(&text), &a, &all, &why) == 0;
	tick_note(t, walk_guests(&w));
	say_trouble(t);
	if (t->first && record_stock(t, t->now.n, e) < 0)
		return -1;
	if (add_others(t, listed ? &all : NULL, e) < 0)
		return -1;
	if (!t->dry_run)
		made_tidy(p->root, STALE_NOTE_S, is_awaited, t);
	return 0;
}
