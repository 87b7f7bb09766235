/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "base/text.h"
#include "facts/facts-json.h"

const struct report_format *const report_formats[] = {
	&report_html,  &report_json,  &report_junit, &report_prometheus,
	&report_sarif, &report_table, NULL,
};

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (strcmp(report_formats[i]->name, name) == 0)
			return report_formats[i];
	return NULL;
}

void *report_add(void **rows, size_t *n, size_t *cap, size_t size)
{
	void *row;

	if (*n == *cap) {
		size_t more = *cap ? *cap * 2 : 16;
		void *p = reallocarray(*rows, more, size);

		if (!p)
			return NULL;
		*rows = p;
		*cap = more;
	}
	row = (char *)*rows + (*n)++ * size;
	memset(row, 0, size);
	return row;
}

void report_done(struct report *r)
{
	free(r->nodes.rows);
	free(r->rules.rows);
	free(r->waivers.rows);
	free(r->lost.rows);
	free(r->gaps.rows);
	free(r->unbacked.rows);
	free(r->storages.rows);
	free(r->grants.rows);
	free(r->failures.rows);
	arena_done(&r->arena);
}

/* The node called @name, made where there is none; NULL without memory. */
static struct report_node *find_node(struct report *r, struct slice name)
{
	struct report_node *node;
	const char *copy;

	/* Guests come node by node: it is the last one nearly always. */
	for (size_t i = r->nodes.n; i > 0; i--)
		if (slice_same(r->nodes.rows[i - 1].name, name))
			return &r->nodes.rows[i - 1];
	node = REPORT_ADD(&r->nodes);
	copy = node ? arena_strdup(&r->arena, name) : NULL;
	if (node)
		node->name = (struct slice){ copy, copy ? name.len : 0 };
	return node;
}

/* Adds @f to @c. */
static void count_finding(struct report_counts *c, const struct finding *f)
{
	c->effects[f->effect]++;
	c->unknown += !fact_set_is_empty(&f->unknown);
}

const char *report_reach_name(unsigned reach)
{
	static const char *const names[REPORT_REACHES] = {
		"vm",
		"ct",
		"ct-nesting",
		"ct-privileged",
		"ct-privileged-nesting",
		"ct-unknown",
	};

	return names[reach];
}

/* How far the guest of @d is kept from its node. */
static enum report_reach reach_of(const struct decision *d)
{
	const struct fact *privileged, *nesting;

	if (d->kind != GUEST_CT)
		return REPORT_VM;
	privileged = facts_get(d->facts, FACT_privileged);
	nesting = facts_get(d->facts, FACT_nesting);
	if (privileged->state == FACT_STATE_UNKNOWN ||
	    nesting->state == FACT_STATE_UNKNOWN)
		return REPORT_CT_UNKNOWN;
	if (privileged->flag)
		return nesting->flag ? REPORT_CT_BOTH : REPORT_CT_PRIVILEGED;
	return nesting->flag ? REPORT_CT_NESTING : REPORT_CT;
}

/* Adds @g to @to. */
static void count_guest(struct report_guests *to, const struct report_guest *g)
{
	const struct fact *backed_up = facts_get(g->decision->facts, FACT_backed_up);

	to->all++;
	to->containers += g->decision->kind == GUEST_CT;
	to->reach[reach_of(g->decision)]++;
	to->verdicts[decision_verdict(g->decision)]++;
	to->unenforced += g->gap != NULL;
	to->unbacked += backed_up->state == FACT_STATE_KNOWN && !backed_up->flag;
	for (size_t i = 0; i < g->n; i++)
		count_finding(&to->findings, &g->findings[i]);
}

/* A copy of @text that @r keeps. */
static struct slice keep(struct report *r, struct slice text)
{
	const char *copy = text.ptr ? arena_strdup(&r->arena, text) : NULL;

	return (struct slice){ copy, copy ? text.len : 0 };
}

/* A copy of @rule that @r keeps: one of a template is gone after its guest. */
static const struct rule *keep_rule(struct report *r, const struct rule *rule)
{
	struct rule *copy = arena_alloc(&r->arena, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = (struct rule){
		.name = keep(r, rule->name),
		.kind = rule->kind,
		.action = rule->action,
		.refuse = rule->refuse,
		.reason =
			keep(r, rule->reason.len ? rule->reason : expr_text(rule->when)),
		.remedy = keep(r, rule->remedy),
		.docs = keep(r, rule->docs),
		.file = arena_strdup(&r->arena, slice_of(rule->file ? rule->file : "")),
		.line = rule->line,
	};
	return copy->file && copy->name.ptr ? copy : NULL;
}

/* Adds @f to its rule. */
static void count_rule(struct report *r, const struct finding *f)
{
	const struct rule *rule;
	struct report_rule *row;

	for (size_t i = 0; i < r->rules.n; i++) {
		if (!slice_same(r->rules.rows[i].rule->name, f->rule->name))
			continue;
		count_finding(&r->rules.rows[i].findings, f);
		return;
	}
	rule = keep_rule(r, f->rule);
	row = rule ? REPORT_ADD(&r->rules) : NULL;
	if (!row)
		return;
	*row = (struct report_rule){ .rule = rule };
	count_finding(&row->findings, f);
}

void report_count(struct report *r, const struct report_guest *g)
{
	struct report_node *node = find_node(r, g->decision->node);

	count_guest(&r->guests, g);
	if (node)
		count_guest(&node->guests, g);
	for (size_t i = 0; i < g->n; i++)
		count_rule(r, &g->findings[i]);
}

/* Facts that say what is asked and of whom: never news as evidence. */
static bool is_plain(enum fact_id id)
{
	static const enum fact_id plain[] = { FACT_event, FACT_cause, FACT_kind, FACT_ct,
					      FACT_vm,    FACT_vmid,  FACT_node };

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (plain[i] == id)
			return true;
	return false;
}

/* The evidence of a known fact whose line is @origin, "text" or "fact = value". */
static struct report_found found_of(enum fact_id id, const struct fact *f,
				    const struct fact_origin *origin, struct slice value,
				    struct arena *a)
{
	const struct fact_row *row = &fact_rows[id];
	struct report_found found = { .fact = id,
				      .text = origin->text.len ? origin->text : value,
				      .file = origin->file,
				      .line = origin->line };
	AUTO(buf_done) struct buf text = { 0 }, masked = { 0 };
	const char *made;

	if (!found.text.len) {
		buf_puts(&text, row->name);
		buf_puts(&text, " = ");
		fact_render(row, f, &text);
		if (!origin->file && row->source == SOURCE_GUEST)
			buf_puts(&text, ", by default");
		found.text = buf_as_slice(&text);
	}
	secret_mask(&masked, found.text);
	made = arena_strdup(a, buf_as_slice(&masked));
	found.text = slice_of(made ? made : row->name);
	return found;
}

/* Adds the evidence @x to the @n at @ret; the new number. */
static size_t add_evidence(const struct decision *d, const struct expr_evidence *x,
			   struct arena *a, struct report_found *ret, size_t n)
{
	const struct fact *f = facts_get(d->facts, x->fact);

	if (x->item) {
		ret[n++] = found_of(x->fact, f, &x->item->origin, x->item->text, a);
		return n;
	}
	if (fact_rows[x->fact].type != FACT_LIST || !f->nitems) {
		ret[n++] = found_of(x->fact, f, &f->origin, (struct slice){ 0 }, a);
		return n;
	}
	for (size_t i = 0; i < f->nitems && n < REPORT_MAX_FOUND; i++)
		ret[n++] = found_of(x->fact, f, &f->items[i].origin, f->items[i].text, a);
	return n;
}

/* The evidence that is a line of a file and no fact. */
static struct report_found line_of(const struct fact_origin *origin, struct arena *a)
{
	AUTO(buf_done) struct buf masked = { 0 };
	const char *made;

	secret_mask(&masked, origin->text);
	made = arena_strdup(a, buf_as_slice(&masked));
	return (struct report_found){ .fact = FACT_COUNT,
				      .text = slice_of(made ? made : ""),
				      .file = origin->file,
				      .line = origin->line };
}

size_t report_find(const struct decision *d, const struct finding *f, struct arena *a,
		   struct report_found ret[static REPORT_MAX_FOUND])
{
	struct expr_evidence rows[EXPR_MAX_EVIDENCE];
	size_t n = 0, nrows = expr_evidence(f->rule->when, d->facts, rows);

	for (unsigned id = 0; id < FACT_COUNT && n < REPORT_MAX_FOUND; id++) {
		const struct fact *fact = facts_get(d->facts, id);

		if (fact_set_has(&f->unknown, id))
			ret[n++] = (struct report_found){ .fact = id,
							  .text = slice_of(fact->why),
							  .file = fact->origin.file,
							  .line = fact->origin.line,
							  .unknown = true };
	}
	for (size_t i = 0; i < nrows && n < REPORT_MAX_FOUND; i++)
		if (!is_plain(rows[i].fact))
			n = add_evidence(d, &rows[i], a, ret, n);
	if (f->found && n < REPORT_MAX_FOUND)
		ret[n++] = line_of(f->found, a);
	return n;
}

const char *const report_waiver_states[REPORT_WAIVER_STATES] = { "used",   "expiring",
								 "unused", "void",
								 "broken", "gone" };

bool report_waiver_counts(const struct report_waiver *w)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(w->state, report_waiver_states[i]) == 0)
			return true;
	return false;
}

void report_put_guest(enum guest_kind kind, uint64_t vmid, struct slice name,
		      struct buf *out)
{
	buf_printf(out, "%s %" PRIu64, kind == GUEST_CT ? "CT" : "VM", vmid);
	if (!name.len)
		return;
	buf_puts(out, " (");
	text_printable(out, name, REPORT_SHOWN_NAME);
	buf_putc(out, ')');
}

/* Appends one line of evidence. */
static void put_found(const struct report_found *f, struct buf *out)
{
	if (f->unknown)
		buf_printf(out, "unknown: %s: ", fact_rows[f->fact].name);
	text_printable(out, f->text, REPORT_SHOWN_TEXT);
	if (!f->file)
		return;
	buf_puts(out, " (");
	text_printable(out, slice_of(f->file), REPORT_SHOWN_TEXT);
	if (f->line)
		buf_printf(out, ":%u", f->line);
	buf_putc(out, ')');
}

void report_put_evidence(const struct report_guest *g, const struct finding *f,
			 struct buf *out)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct report_found rows[REPORT_MAX_FOUND];
	size_t n = report_find(g->decision, f, &a, rows);

	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "; " : "");
		put_found(&rows[i], out);
	}
	if (!f->note)
		return;
	buf_puts(out, n ? "; " : "");
	text_printable(out, slice_of(f->note), REPORT_SHOWN_TEXT);
}

bool report_has_findings(const struct report *r)
{
	const size_t *effects = r->guests.findings.effects;

	if (r->policy.problem || effects[EFFECT_DENY] || effects[EFFECT_WARN] ||
	    effects[EFFECT_AUDIT])
		return true;
	for (size_t i = 0; i < r->waivers.n; i++)
		if (strcmp(r->waivers.rows[i].state, "used") != 0)
			return true;
	return false;
}
