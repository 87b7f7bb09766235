/* SPDX-License-Identifier: MIT */
#include "run/policy-boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "run/say.h"
#include "run/select.h"

/* A guest that would not come back. */
struct lost {
	char node[PLACE_NODE_MAX];
	uint64_t order, vmid;
	char *text; /* the line about it; owned */
};

/* The search for them. */
struct search {
	struct policy_diff *diff;
	struct lost *rows;
	size_t n;
};

/* Releases @s. For AUTO(). */
static void search_done(struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->rows[i].text);
	free(s->rows);
}

/* Orders by node, then as the node starts them. */
static int by_start(const void *a, const void *b)
{
	const struct lost *x = a, *y = b;
	int r = strcmp(x->node, y->node);

	if (r == 0)
		r = (x->order > y->order) - (x->order < y->order);
	return r ? r : (x->vmid > y->vmid) - (x->vmid < y->vmid);
}

/* Whether the boolean option @key of @g is true at its start. */
static bool has_flag(const struct guest *g, const char *key)
{
	const struct guestconf_entry *entry = guestconf_find(&g->start, key);

	return entry && guestconf_is_true(entry->value);
}

uint64_t policy_boot_order(struct slice startup)
{
	static const char key[] = "order=";
	struct slice part, rest = startup;
	uint64_t order = POLICY_BOOT_LAST, number;
	bool more = rest.len > 0;

	while (more) {
		more = slice_cut(rest, ',', &part, &rest);
		part = slice_trim(part);
		if (slice_starts(part, key)) {
			part.ptr += sizeof(key) - 1;
			part.len -= sizeof(key) - 1;
		}
		/* What is no number is another key of the option. */
		if (num_parse_zeros(part, 0, POLICY_BOOT_LAST - 1, &number))
			order = number;
	}
	return order;
}

const char *policy_boot_cause(const struct cluster_ha *resources, const struct guest *g)
{
	const struct cluster_ha_resource *ha =
		cluster_find_ha(resources, g->kind, g->vmid);

	if (has_flag(g, "template"))
		return NULL;
	if (ha && !slice_eq(ha->state, "ignored"))
		return slice_eq(ha->state, "started") ? "ha" : NULL;
	return has_flag(g, "onboot") ? "boot" : NULL;
}

/* Adds @g, whose start for @cause is denied by @decision. */
static int add(struct search *s, const struct guest *g, const char *cause,
	       const struct decision *decision)
{
	struct lost *rows = reallocarray(s->rows, s->n + 1, sizeof(*rows));
	const struct guestconf_entry *entry = guestconf_find(&g->start, "startup");
	const struct slice startup = entry ? entry->value : (struct slice){ 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct lost *row;

	if (!rows)
		return -1;
	s->rows = rows;
	row = &rows[s->n];
	*row = (struct lost){ .order = policy_boot_order(startup), .vmid = g->vmid };
	(void)snprintf(row->node, sizeof(row->node), "%s", g->node);
	decision_render_guest(decision, &text);
	buf_printf(&text, ", started by %s", strcmp(cause, "ha") == 0 ? "HA" : "onboot");
	if (row->order != POLICY_BOOT_LAST)
		buf_printf(&text, " with order %llu", (unsigned long long)row->order);
	buf_puts(&text, ": ");
	policy_diff_verdict(decision, &text);
	row->text = buf_failed(&text) ? NULL : strdup(buf_text(&text));
	if (!row->text)
		return -1;
	s->n++;
	return 0;
}

/* Judges the start of one guest with its node. */
static int visit(const struct guest *g, void *context)
{
	struct search *s = context;
	struct policy_diff *d = s->diff;
	const char *cause = policy_boot_cause(&d->cluster.ha, g);
	AUTO(judge_done) struct judgement j = { 0 };
	struct err e = { 0 };

	if (!cause)
		return EXIT_FINE;
	if (policy_diff_judge(d, d->after, g, cause, &j) < 0)
		return EXIT_CANNOT;
	if (decision_verdict(&j.decision) != VERDICT_DENY)
		return EXIT_FINE;
	if (add(s, g, cause, &j.decision) == 0)
		return EXIT_FOUND;
	(void)err_nomem(&e);
	return say_error_of(g->path, &e);
}

int policy_boot_print(struct policy_diff *d, size_t *ret)
{
	AUTO(search_done) struct search s = { .diff = d };
	const struct source_status *ha = &d->cluster.sources[SOURCE_HA];
	const struct select select = {
		.place = d->place, .kind = -1, .visit = visit, .context = &s
	};
	int status = select_cluster(&select);

	if (ha->state == SOURCE_STATE_FAILED) {
		(void)fprintf(stderr, "pve-safe: %s: %s\n", ha->file, ha->why);
		status = EXIT_CANNOT;
	}
	if (s.n)
		qsort(s.rows, s.n, sizeof(*s.rows), by_start);
	for (size_t i = 0; i < s.n; i++)
		(void)printf("after a reboot of %s, not back: %s\n", s.rows[i].node,
			     s.rows[i].text);
	*ret = s.n;
	return status < EXIT_CANNOT ? EXIT_FINE : status;
}
