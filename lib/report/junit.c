/* SPDX-License-Identifier: MIT */
/*
 * junit - the report as JUnit XML, for pipelines: a suite a node, a case a guest.
 *
 * What denies is a failure, what denies only because something could not be read is an
 * error. A case is skipped where only a waiver or an override lets its guest start. All
 * else (warn, audit, would-deny) passes and stands in the case's output, each line with its
 * effect first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/markup.h"
#include "report/report.h"

/* What a suite counts. */
enum tally { CASES, FAILURES, ERRORS, SKIPPED };

/* Appends ' @name="@value"'. */
static void put_attribute(struct buf *out, const char *name, struct slice value)
{
	buf_printf(out, " %s=\"", name);
	markup_text(out, value, REPORT_SHOWN_TEXT);
	buf_putc(out, '"');
}

/* Begins the document. */
static void begin(const struct report *r, struct report_out *out)
{
	(void)r;
	buf_puts(out->buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			   "<testsuites name=\"pve-safe audit\">\n");
}

/* Writes the suite that was gathered, if there is one, and forgets it. */
static void end_suite(const struct report *r, struct report_out *out)
{
	char time[CLOCK_TEXT_SIZE];

	if (!out->tally[CASES])
		return;
	clock_render(r->time.unix_ms, time);
	buf_puts(out->buf, "<testsuite");
	put_attribute(out->buf, "name", slice_of(out->group));
	buf_printf(out->buf,
		   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\""
		   " timestamp=\"%.19s\" time=\"0\">\n",
		   out->tally[CASES], out->tally[FAILURES], out->tally[ERRORS],
		   out->tally[SKIPPED], time);
	buf_slice(out->buf, buf_as_slice(&out->held));
	buf_puts(out->buf, "</testsuite>\n");
	buf_reset(&out->held);
	memset(out->tally, 0, sizeof(out->tally));
}

/* Makes @name that of the suite that cases belong to from now on. */
static void begin_suite(const struct report *r, struct slice name, struct report_out *out)
{
	if (slice_eq(name, out->group))
		return;
	end_suite(r, out);
	(void)snprintf(out->group, sizeof(out->group), "%.*s", SLICE_ARG(name));
}

/* What @f makes of its case; CASES: it passes. */
static enum tally outcome_of(const struct finding *f)
{
	if (f->effect == EFFECT_WAIVED || f->effect == EFFECT_OVERRIDDEN)
		return SKIPPED;
	if (f->effect != EFFECT_DENY)
		return CASES;
	return fact_set_is_empty(&f->unknown) ? FAILURES : ERRORS;
}

/* What the findings of @g make of its case: the worst of them. */
static enum tally case_outcome(const struct report_guest *g)
{
	static const enum tally order[] = { FAILURES, ERRORS, SKIPPED };

	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; i < g->n; i++)
			if (outcome_of(&g->findings[i]) == order[k])
				return order[k];
	return CASES;
}

/* Appends "RULE: REASON". */
static void put_reason(const struct rule *rule, struct buf *out)
{
	buf_slice(out, rule->name);
	if (!rule->reason.len)
		return;
	buf_puts(out, ": ");
	buf_slice(out, rule->reason);
}

/* Appends @f, which failed or could not be judged: reason, evidence, remedy. */
static void put_failure(const struct report_guest *g, const struct finding *f,
			const char *element, struct buf *out)
{
	AUTO(buf_done) struct buf text = { 0 };

	put_reason(f->rule, &text);
	buf_printf(out, "<%s", element);
	put_attribute(out, "type",
		      slice_of(fact_set_is_empty(&f->unknown) ? effect_name(f->effect)
							      : "unknown"));
	put_attribute(out, "message", buf_as_slice(&text));
	buf_putc(out, '>');
	buf_reset(&text);
	report_put_evidence(g, f, &text);
	if (text.len) {
		buf_puts(out, "found: ");
		markup_text(out, buf_as_slice(&text), SIZE_MAX);
		buf_putc(out, '\n');
	}
	if (f->rule->remedy.len) {
		buf_puts(out, "do: ");
		markup_text(out, f->rule->remedy, SIZE_MAX);
	}
	buf_printf(out, "</%s>\n", element);
}

/* Appends why the case is skipped: what is waived or overridden, and until when. */
static void put_skipped(const struct report_guest *g, struct buf *out)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (size_t i = 0; i < g->n; i++) {
		const struct finding *f = &g->findings[i];

		if (outcome_of(f) != SKIPPED)
			continue;
		buf_printf(&text, "%s%s: ", text.len ? "; " : "", effect_name(f->effect));
		buf_slice(&text, f->rule->name);
		if (f->note)
			buf_printf(&text, " (%s)", f->note);
	}
	buf_puts(out, "<skipped");
	put_attribute(out, "message", buf_as_slice(&text));
	buf_puts(out, "/>\n");
}

/* Appends one line of a case's output: "would-deny: RULE: REASON; found: …; do: …". */
static void put_line(const struct report_guest *g, const struct finding *f,
		     struct buf *out)
{
	AUTO(buf_done) struct buf text = { 0 }, evidence = { 0 };

	buf_printf(&text, "%s%s: ", effect_name(f->effect),
		   fact_set_is_empty(&f->unknown) ? "" : ", unknown");
	put_reason(f->rule, &text);
	report_put_evidence(g, f, &evidence);
	buf_puts(&text, evidence.len ? "; found: " : "");
	buf_slice(&text, buf_as_slice(&evidence));
	if (f->rule->remedy.len) {
		buf_puts(&text, "; do: ");
		buf_slice(&text, f->rule->remedy);
	}
	markup_text(out, buf_as_slice(&text), SIZE_MAX);
	buf_putc(out, '\n');
}

/* Appends what all that does not fail the case says. */
static void put_output(const struct report_guest *g, struct buf *out)
{
	bool open = false;

	for (size_t i = 0; i < g->n; i++) {
		enum tally t = outcome_of(&g->findings[i]);

		if (t == FAILURES || t == ERRORS)
			continue;
		buf_puts(out, open ? "" : "<system-out>");
		open = true;
		put_line(g, &g->findings[i], out);
	}
	if (g->gap) {
		buf_puts(out, open ? "" : "<system-out>");
		open = true;
		buf_puts(out, "unenforced: ");
		markup_text(out, slice_of(g->gap), SIZE_MAX);
		buf_putc(out, '\n');
	}
	buf_puts(out, open ? "</system-out>\n" : "");
}

/* Opens a case of the class @class. */
static void open_case(struct report_out *out, struct slice name, const char *class,
		      enum tally t)
{
	out->tally[CASES]++;
	if (t != CASES)
		out->tally[t]++;
	buf_puts(&out->held, "<testcase");
	put_attribute(&out->held, "name", name);
	put_attribute(&out->held, "classname", slice_of(class));
	buf_puts(&out->held, " time=\"0\">\n");
}

/* Adds the case of one guest. */
static void guest(const struct report *r, const struct report_guest *g,
		  struct report_out *out)
{
	const struct decision *d = g->decision;
	enum tally outcome = case_outcome(g);
	AUTO(buf_done) struct buf name = { 0 }, class = { 0 };

	begin_suite(r, d->node, out);
	report_put_guest(d->kind, d->vmid, d->name, &name);
	buf_printf(&class, "%.*s.%s", SLICE_ARG(d->node),
		   d->kind == GUEST_CT ? "ct" : "vm");
	open_case(out, buf_as_slice(&name), buf_text(&class), outcome);
	if (outcome == SKIPPED)
		put_skipped(g, &out->held);
	for (size_t i = 0; i < g->n; i++) {
		enum tally t = outcome_of(&g->findings[i]);

		if (t == FAILURES || t == ERRORS)
			put_failure(g, &g->findings[i],
				    t == FAILURES ? "failure" : "error", &out->held);
	}
	put_output(g, &out->held);
	buf_puts(&out->held, "</testcase>\n");
}

/* Adds a case with one element that says @why; "" for a case that passes. */
static void put_case(struct report_out *out, struct slice name, const char *class,
		     enum tally t, const char *type, const char *why)
{
	open_case(out, name, class, t);
	if (t != CASES) {
		buf_printf(&out->held, "<%s", t == ERRORS ? "error" : "failure");
		put_attribute(&out->held, "type", slice_of(type));
		put_attribute(&out->held, "message", slice_of(why));
		buf_puts(&out->held, "/>\n");
	} else if (*why) {
		buf_puts(&out->held, "<system-out>");
		markup_text(&out->held, slice_of(why), SIZE_MAX);
		buf_puts(&out->held, "</system-out>\n");
	}
	buf_puts(&out->held, "</testcase>\n");
}

/* Adds the case of a waiver: one that is void, broken or whose guest is gone fails. */
static void put_waiver(const struct report_waiver *w, struct report_out *out)
{
	AUTO(buf_done) struct buf name = { 0 }, why = { 0 };

	buf_printf(&name, "%s of %" PRIu64 " from %.*s", w->kind, w->guest.vmid,
		   SLICE_ARG(w->rule));
	buf_printf(&why, "%s", w->state);
	if (w->why)
		buf_printf(&why, ": %s", w->why);
	put_case(out, buf_as_slice(&name), "cluster.waivers",
		 report_waiver_counts(w) ? CASES : FAILURES, w->state, buf_text(&why));
}

/* Ends the document with the suite of the cluster: its policy, its files, its waivers. */
static void end(const struct report *r, struct report_out *out)
{
	end_suite(r, out);
	begin_suite(r, slice_of("(cluster)"), out);
	put_case(out, slice_of("policy"), "cluster.policy",
		 r->policy.problem ? ERRORS : CASES, "policy",
		 r->policy.problem ? r->policy.problem : "");
	for (size_t i = 0; i < r->failures.n; i++)
		put_case(out, slice_of(r->failures.rows[i].file), "cluster.files", ERRORS,
			 "unreadable", r->failures.rows[i].why);
	for (size_t i = 0; i < r->waivers.n; i++)
		put_waiver(&r->waivers.rows[i], out);
	end_suite(r, out);
	buf_puts(out->buf, "</testsuites>\n");
}

const struct report_format report_junit = {
	.name = "junit",
	.every_guest = true,
	.begin = begin,
	.guest = guest,
	.end = end,
};
