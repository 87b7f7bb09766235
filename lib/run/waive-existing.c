/* SPDX-License-Identifier: MIT */
/*
 * waive --existing: how a running cluster starts. First every guest is judged and listed,
 * then somebody says yes, then each is judged again and waived as it is at that moment.
 */
#include "run/waive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "run/grant.h"
#include "run/say.h"
#include "run/select.h"
#include "run/waiver-file.h"

/* A guest that gets a waiver. */
struct candidate {
	uint64_t vmid;
	enum guest_kind kind;
	char node[PLACE_NODE_MAX];
};

/* What was found in the cluster. */
struct survey {
	struct waive *w;
	struct waiver_dir dir;
	struct candidate *rows;
	size_t n;
	size_t waived;  /* that have one already */
	size_t refused; /* that cannot have one */
};

/* Releases @s. For AUTO(). */
static void survey_done(struct survey *s)
{
	waiver_dir_done(&s->dir);
	free(s->rows);
}

/* Why the guest of @j cannot get a waiver now, or NULL; @e has the words. */
static const char *obstacle(const struct survey *s, struct judgement *j, struct err *e)
{
	const struct grant g = { .kind = WAIVER_LASTING, .rule = waive_rule(s->w, j) };
	const struct waiver_name name = { j->decision.vmid, s->w->rule->name,
					  WAIVER_LASTING };
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver there;

	if (grant_check(j, &g, e) < 0)
		return e->msg;
	if (!s->w->renew && waiver_load(&s->dir, &name, &a, &there, e) != 1)
		return "it has a waiver that does not count; --renew replaces it";
	return NULL;
}

/* Adds the guest @g to those that get a waiver. */
static int add_candidate(struct survey *s, const struct guest *g, struct err *e)
{
	struct candidate *rows = reallocarray(s->rows, s->n + 1, sizeof(*rows));

	if (!rows)
		return err_nomem(e);
	s->rows = rows;
	rows[s->n] = (struct candidate){ .vmid = g->vmid, .kind = g->kind };
	(void)snprintf(rows[s->n++].node, PLACE_NODE_MAX, "%s", g->node);
	return 0;
}

/* Judges one guest of the cluster, and lists it. */
static int survey_guest(const struct guest *g, void *context)
{
	struct survey *s = context;
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf shown = { 0 };
	enum waive_need need;
	struct err e = { 0 };
	const char *why;

	if (waive_judge(s->w, g, &j, &need, &e) < 0)
		return say_error_of(g->path, &e);
	s->waived += need == WAIVE_HAS_ONE;
	if (need != WAIVE_NEEDED)
		return EXIT_FINE;
	decision_render_guest(&j.decision, &shown);
	why = obstacle(s, &j, &e);
	if (why) {
		(void)printf("%s on %s: not waived: %s\n", buf_text(&shown), g->node,
			     why);
		s->refused++;
		return EXIT_FOUND;
	}
	(void)printf("%s on %s\n", buf_text(&shown), g->node);
	if (add_candidate(s, g, &e) == 0)
		return EXIT_FINE;
	return say_error(&e);
}

/* Grants one waiver, unless somebody mended or waived the guest meanwhile. 0, or -1. */
static int grant(struct waive *w, const struct candidate *c, struct err *e)
{
	AUTO(guest_done) struct guest g = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	enum waive_need need;
	int r;

	switch (guest_load_at(&w->place, c->node, c->kind, c->vmid, &g, e)) {
	case GUEST_FOUND:
		break;
	case GUEST_ABSENT:
		return err_set(e, ERR_UNKNOWN, "it is no longer on %s", c->node);
	case GUEST_FAILED:
		return -1;
	}
	if (waive_judge(w, &g, &j, &need, e) < 0)
		return -1;
	r = need == WAIVE_NEEDED ? waive_grant(w, &j, e) : 0;
	if (r == 1)
		return err_set(e, ERR_DUPLICATE,
			       "there is a waiver already; --renew replaces it");
	return r;
}

/* Asks whether to go on; only a person at a terminal can answer. */
static bool ask(const struct survey *s)
{
	if (s->w->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		(void)fputs("pve-safe: nothing was waived: nobody can answer here, so "
			    "say --yes\n",
			    stderr);
		return false;
	}
	(void)printf("Waive %s for %s until %s (%s)? [y/N] ", s->w->rule_name,
		     s->n == 1 ? "this guest" : "these guests", s->w->until,
		     s->w->ticket);
	if (say_confirmed())
		return true;
	(void)fputs("nothing was waived\n", stdout);
	return false;
}

/* Grants all of them; the exit status. */
static int grant_all(const struct survey *s)
{
	int status = EXIT_FINE;
	size_t granted = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct err e = { 0 };

		if (grant(s->w, &s->rows[i], &e) == 0) {
			granted++;
			continue;
		}
		(void)fprintf(stderr, "pve-safe: guest %" PRIu64 ": %s\n",
			      s->rows[i].vmid, e.msg);
		status = EXIT_CANNOT;
	}
	(void)printf("waived until %s (%s): %s for %zu guest%s, as they are now\n",
		     s->w->until, s->w->ticket, s->w->rule_name, granted,
		     granted == 1 ? "" : "s");
	return status;
}

int waive_existing(struct waive *w)
{
	AUTO(survey_done) struct survey s = { .w = w, .dir.fd = -1 };
	const struct select select = {
		.place = &w->place, .kind = -1, .visit = survey_guest, .context = &s
	};
	struct err e = { 0 };
	int status, got;

	if (waiver_dir_open(&w->place, &s.dir, &e) < 0)
		return say_error(&e);
	status = select_cluster(&select);
	(void)printf("rule %s: %zu to waive, %zu waived already, %zu that cannot be\n",
		     w->rule_name, s.n, s.waived, s.refused);
	if (!s.n)
		return status;
	if (!ask(&s))
		return EXIT_CANNOT;
	got = grant_all(&s);
	return got > status ? got : status;
}
