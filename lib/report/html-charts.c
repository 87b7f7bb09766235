/* SPDX-License-Identifier: MIT */
/*
 * html-charts - the numbers of the page: tiles, and bars. A chart is a table whose middle
 * column is drawn, so that it reads the same without its drawing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/html.h"

enum { BAR_UNITS = 1000, SERIES_MAX = 6 };

/* What a part of a bar stands for. */
struct series {
	const char *class; /* its colour in page.css */
	const char *word;
};

/* A chart: its title, and what its bars are made of. */
struct chart {
	const char *title;
	const struct series *series;
	size_t nseries; /* SERIES_MAX at most */
	size_t longest; /* the sum that fills the whole width */
	struct buf *out;
};

_Static_assert((int)REPORT_EFFECTS <= SERIES_MAX && (int)REPORT_REACHES <= SERIES_MAX,
	       "a bar has room for all of them");

/* The sum of @n numbers. */
static size_t sum(const size_t *values, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += values[i];
	return all;
}

/* Appends one number at a glance. */
static void put_tile(struct buf *out, size_t n, const char *what)
{
	buf_printf(out, "<li%s><b>%zu</b><span>%s</span></li>\n",
		   n ? "" : " class=\"none\"", n, what);
}

/* How many waivers exempt nobody or end soon. */
static size_t odd_waivers(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->waivers.n; i++)
		n += strcmp(r->waivers.rows[i].state, "used") != 0;
	return n;
}

void html_tiles(const struct report *r, struct buf *out)
{
	static const char *const words[REPORT_EFFECTS] = {
		[EFFECT_DENY] = "findings that deny",
		[EFFECT_WARN] = "warnings",
		[EFFECT_AUDIT] = "audited",
		[EFFECT_WAIVED] = "waived",
		[EFFECT_OVERRIDDEN] = "overridden",
		[EFFECT_WOULD_DENY] = "would be denied",
	};
	static const enum effect order[REPORT_EFFECTS] = {
		EFFECT_DENY,  EFFECT_WOULD_DENY, EFFECT_WARN,
		EFFECT_AUDIT, EFFECT_WAIVED,     EFFECT_OVERRIDDEN
	};
	const struct report_guests *g = &r->guests;

	buf_puts(out, "<ul class=\"tiles\">\n");
	buf_printf(out, "<li><b>%zu</b><span>guests: %zu CT, %zu VM</span></li>\n",
		   g->all, g->containers, g->all - g->containers);
	put_tile(out, g->verdicts[VERDICT_DENY], "may not start");
	for (size_t i = 0; i < REPORT_EFFECTS; i++)
		put_tile(out, g->findings.effects[order[i]], words[order[i]]);
	put_tile(out, g->findings.unknown, "rest on what is unknown");
	put_tile(out, g->unenforced, "unenforced");
	put_tile(out, r->lost.n, "not back after a reboot");
	put_tile(out, g->unbacked, "no backup job");
	put_tile(out, odd_waivers(r), "waivers that need a look");
	put_tile(out, r->failures.n, "could not be read");
	buf_puts(out, "</ul>\n");
}

/* Begins a chart. */
static void chart_begin(const struct chart *c, const char *column)
{
	buf_printf(c->out,
		   "<figure class=\"chart\" aria-label=\"%s\">\n<h3>%s</h3>\n<table>"
		   "<thead hidden><tr><th scope=\"col\">%s</th><th scope=\"col\">Bar</th>"
		   "<th scope=\"col\">Numbers</th></tr></thead>\n<tbody>\n",
		   c->title, c->title, column);
}

/* Appends the drawing of one bar. */
static void put_bar(const struct chart *c, const size_t *values)
{
	size_t longest = c->longest ? c->longest : 1, before = 0;

	buf_printf(c->out,
		   "<svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		   "aria-hidden=\"true\">",
		   BAR_UNITS);
	for (size_t i = 0; i < c->nseries; i++) {
		if (values[i])
			buf_printf(c->out,
				   "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" "
				   "height=\"10\"/>",
				   c->series[i].class,
				   (double)before * BAR_UNITS / (double)longest,
				   (double)values[i] * BAR_UNITS / (double)longest);
		before += values[i];
	}
	buf_puts(c->out, "</svg>");
}

/* Appends the bar called @label. */
static void chart_row(const struct chart *c, struct slice label, const size_t *values)
{
	const char *before = "";

	buf_puts(c->out, "<tr><th scope=\"row\">");
	html_text(c->out, label);
	buf_puts(c->out, "</th><td>");
	put_bar(c, values);
	buf_puts(c->out, "</td><td>");
	for (size_t i = 0; i < c->nseries; i++) {
		if (!values[i])
			continue;
		buf_printf(c->out, "%s%zu %s", before, values[i], c->series[i].word);
		before = ", ";
	}
	buf_printf(c->out, "%s</td></tr>\n", *before ? "" : "none");
}

/* Ends a chart, saying how many of its rows are not shown. */
static void chart_end(const struct chart *c, size_t hidden)
{
	buf_puts(c->out, "</tbody></table>\n<ul class=\"legend\">");
	for (size_t i = 0; i < c->nseries; i++)
		buf_printf(c->out,
			   "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
			   "class=\"%s\" width=\"10\" height=\"10\"/></svg>%s</li>",
			   c->series[i].class, c->series[i].word);
	buf_puts(c->out, "</ul>\n");
	if (hidden)
		buf_printf(c->out, "<p class=\"soft\">… and %zu more</p>\n", hidden);
	buf_puts(c->out, "</figure>\n");
}

/* How many of @n rows a chart does not show. */
static size_t hidden_of(size_t n)
{
	return n > HTML_SHOWN_BARS ? n - HTML_SHOWN_BARS : 0;
}

/* Draws what a start of each node's guests would come to. */
static void put_verdicts(const struct report *r, struct buf *out)
{
	static const struct series series[REPORT_VERDICTS] = {
		[VERDICT_DENY] = { "deny", "deny" },
		[VERDICT_WARN] = { "warn", "warn" },
		[VERDICT_ALLOW] = { "allow", "allow" },
	};
	struct chart c = { .title = "Verdicts by node",
			   .series = series,
			   .nseries = REPORT_VERDICTS,
			   .out = out };

	for (size_t i = 0; i < r->nodes.n; i++)
		if (r->nodes.rows[i].guests.all > c.longest)
			c.longest = r->nodes.rows[i].guests.all;
	chart_begin(&c, "Node");
	for (size_t i = 0; i < r->nodes.n && i < HTML_SHOWN_BARS; i++)
		chart_row(&c, r->nodes.rows[i].name, r->nodes.rows[i].guests.verdicts);
	chart_end(&c, hidden_of(r->nodes.n));
}

/* Findings of rule @i. */
static size_t findings_of(const struct report *r, size_t i)
{
	return sum(r->rules.rows[i].findings.effects, REPORT_EFFECTS);
}

/* Fills @ret with the rules of most findings; returns how many. */
static size_t top_rules(const struct report *r, size_t ret[static HTML_SHOWN_BARS])
{
	size_t n = 0;

	for (size_t i = 0; i < r->rules.n; i++) {
		size_t at = n;

		while (at > 0 && findings_of(r, ret[at - 1]) < findings_of(r, i))
			at--;
		if (at == HTML_SHOWN_BARS)
			continue;
		n += n < HTML_SHOWN_BARS;
		for (size_t k = n - 1; k > at; k--)
			ret[k] = ret[k - 1];
		ret[at] = i;
	}
	return n;
}

/* Draws the rules by what their findings did. */
static void put_rules(const struct report *r, struct buf *out)
{
	static const struct series series[REPORT_EFFECTS] = {
		[EFFECT_DENY] = { "deny", "deny" },
		[EFFECT_WARN] = { "warn", "warn" },
		[EFFECT_AUDIT] = { "audit", "audit" },
		[EFFECT_WAIVED] = { "waived", "waived" },
		[EFFECT_OVERRIDDEN] = { "overridden", "overridden" },
		[EFFECT_WOULD_DENY] = { "would-deny", "would-deny" },
	};
	struct chart c = { .title = "Findings by rule",
			   .series = series,
			   .nseries = REPORT_EFFECTS,
			   .out = out };
	size_t top[HTML_SHOWN_BARS], n = top_rules(r, top);

	c.longest = n ? findings_of(r, top[0]) : 0;
	chart_begin(&c, "Rule");
	for (size_t i = 0; i < n; i++)
		chart_row(&c, r->rules.rows[top[i]].rule->name,
			  r->rules.rows[top[i]].findings.effects);
	chart_end(&c, r->rules.n - n);
}

/* Draws how far guests are kept from their node. */
static void put_reach(const struct report *r, struct buf *out)
{
	static const struct series series[REPORT_REACHES] = {
		[REPORT_VM] = { "vm", "VM" },
		[REPORT_CT] = { "ct", "unprivileged" },
		[REPORT_CT_NESTING] = { "nested", "with nesting" },
		[REPORT_CT_PRIVILEGED] = { "warn", "privileged" },
		[REPORT_CT_BOTH] = { "deny", "privileged with nesting" },
		[REPORT_CT_UNKNOWN] = { "unknown", "unknown" },
	};
	struct chart c = { .title = "Privileged and nested containers",
			   .series = series,
			   .nseries = REPORT_REACHES,
			   .longest = r->guests.all,
			   .out = out };

	chart_begin(&c, "Node");
	chart_row(&c, slice_of("whole fleet"), r->guests.reach);
	for (size_t i = 0; i < r->nodes.n && i < HTML_SHOWN_BARS; i++)
		chart_row(&c, r->nodes.rows[i].name, r->nodes.rows[i].guests.reach);
	chart_end(&c, hidden_of(r->nodes.n));
}

/* How much time waivers have left. */
static const struct {
	const char *name;
	unsigned days; /* at most */
} spans[] = {
	{ "today", 0 },           { "within a week", 7 },  { "within 30 days", 30 },
	{ "within 90 days", 90 }, { "later", UINT32_MAX },
};

/* Row of the chart that @w belongs to. */
static size_t span_of(const struct report_waiver *w)
{
	size_t i = 0;

	if (!report_waiver_counts(w))
		return ARRAY_LEN(spans);
	while (i + 1 < ARRAY_LEN(spans) && w->days_left > spans[i].days)
		i++;
	return i;
}

/* Draws waivers by the time that they have left. */
static void put_waivers(const struct report *r, struct buf *out)
{
	static const struct series series[REPORT_WAIVER_STATES] = {
		{ "waived", "used" }, { "warn", "expiring" }, { "audit", "unused" },
		{ "deny", "void" },   { "deny", "broken" },   { "unknown", "gone" },
	};
	size_t counts[ARRAY_LEN(spans) + 1][REPORT_WAIVER_STATES] = { 0 };
	struct chart c = { .title = "Waivers by time left",
			   .series = series,
			   .nseries = REPORT_WAIVER_STATES,
			   .out = out };

	for (size_t i = 0; i < r->waivers.n; i++)
		for (size_t s = 0; s < REPORT_WAIVER_STATES; s++)
			counts[span_of(&r->waivers.rows[i])][s] +=
				strcmp(r->waivers.rows[i].state,
				       report_waiver_states[s]) == 0;
	for (size_t i = 0; i <= ARRAY_LEN(spans); i++)
		if (sum(counts[i], REPORT_WAIVER_STATES) > c.longest)
			c.longest = sum(counts[i], REPORT_WAIVER_STATES);
	chart_begin(&c, "Time left");
	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		chart_row(&c, slice_of(spans[i].name), counts[i]);
	chart_row(&c, slice_of("exempt nobody"), counts[ARRAY_LEN(spans)]);
	chart_end(&c, 0);
}

void html_charts(const struct report *r, struct buf *out)
{
	buf_puts(out, "<section class=\"charts\" aria-label=\"Charts\">\n");
	put_verdicts(r, out);
	put_rules(r, out);
	put_reach(r, out);
	put_waivers(r, out);
	buf_puts(out, "</section>\n");
}
