/* SPDX-License-Identifier: MIT */
/* html-lists - the tables below the findings; one without rows is left out. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "report/html.h"

enum { COLUMNS_MAX = 8 };

/* A table below the findings. */
struct list {
	const char *id, *title;
	const char *columns[COLUMNS_MAX]; /* ends with NULL */
	size_t (*count)(const struct report *r);
	/* Appends the cells of row @i. */
	void (*row)(const struct report *r, size_t i, struct buf *out);
};

/* Appends a cell of text. */
static void cell(struct buf *out, struct slice text)
{
	buf_puts(out, "<td>");
	html_text(out, text);
	buf_puts(out, "</td>");
}

/* Appends a cell of a C string, empty when NULL. */
static void cell_text(struct buf *out, const char *text)
{
	cell(out, slice_of(text ? text : ""));
}

/* Appends a cell of @n. */
static void cell_number(struct buf *out, uint64_t n)
{
	buf_printf(out, "<td>%" PRIu64 "</td>", n);
}

/* Appends the cells of a guest: its name, which heads the row, and its node. */
static void cell_guest(struct buf *out, const struct report_ref *ref)
{
	buf_puts(out, "<th scope=\"row\">");
	html_guest(out, ref->kind, ref->vmid, ref->name);
	buf_puts(out, "</th>");
	cell(out, ref->node);
}

/* Defines what counts the rows of the list @field. */
#define COUNT(field)                                        \
	static size_t count_##field(const struct report *r) \
	{                                                   \
		return r->field.n;                          \
	}

COUNT(failures)
COUNT(rules)
COUNT(waivers)
COUNT(lost)
COUNT(gaps)
COUNT(unbacked)
COUNT(storages)
COUNT(grants)

/* A file that could not be read. */
static void row_failure(const struct report *r, size_t i, struct buf *out)
{
	buf_puts(out, "<th scope=\"row\">");
	html_text(out, slice_of(r->failures.rows[i].file));
	buf_puts(out, "</th>");
	cell_text(out, r->failures.rows[i].why);
}

/* A rule that fired. */
static void row_rule(const struct report *r, size_t i, struct buf *out)
{
	const struct rule *rule = r->rules.rows[i].rule;
	size_t all = 0;

	for (unsigned e = 0; e < REPORT_EFFECTS; e++)
		all += r->rules.rows[i].findings.effects[e];
	buf_puts(out, "<th scope=\"row\">");
	html_text(out, rule->name);
	buf_puts(out, "</th>");
	cell_text(out, action_name(rule->action));
	cell_number(out, all);
	cell(out, rule->reason);
	cell(out, rule->remedy);
	buf_puts(out, "<td class=\"mono\">");
	html_text(out, slice_of(rule->file ? rule->file : ""));
	buf_printf(out, ":%u</td>", rule->line);
}

/* A waiver or an override. */
static void row_waiver(const struct report *r, size_t i, struct buf *out)
{
	const struct report_waiver *w = &r->waivers.rows[i];

	if (w->found) {
		cell_guest(out, &w->guest);
	} else {
		buf_printf(out, "<th scope=\"row\">%" PRIu64 "</th><td></td>",
			   w->guest.vmid);
	}
	cell(out, w->rule);
	buf_printf(out, "<td>%s, <b>%s</b>", w->kind, w->state);
	if (w->why) {
		buf_puts(out, ": ");
		html_text(out, slice_of(w->why));
	}
	buf_puts(out, "</td>");
	cell(out, w->until);
	if (w->readable)
		cell_number(out, w->days_left);
	else
		cell_text(out, "");
	buf_puts(out, "<td>");
	html_text(out, w->ticket);
	if (w->reason.len)
		buf_puts(out, ": ");
	html_text(out, w->reason);
	if (w->granted_by.len)
		buf_puts(out, ", by ");
	html_text(out, w->granted_by);
	buf_puts(out, "</td>");
}

/* A guest that stays down after a reboot of its node. */
static void row_lost(const struct report *r, size_t i, struct buf *out)
{
	const struct report_lost *l = &r->lost.rows[i];

	cell_guest(out, &l->guest);
	cell_text(out, l->cause);
	if (l->order == UINT64_MAX)
		cell_text(out, "last");
	else
		cell_number(out, l->order);
	cell(out, l->rules);
}

/* A guest whose starts nothing judges. */
static void row_gap(const struct report *r, size_t i, struct buf *out)
{
	cell_guest(out, &r->gaps.rows[i].guest);
	cell_text(out, r->gaps.rows[i].why);
}

/* A guest that no backup job covers. */
static void row_unbacked(const struct report *r, size_t i, struct buf *out)
{
	cell_guest(out, &r->unbacked.rows[i]);
}

/* A storage that cannot make snapshots. */
static void row_storage(const struct report *r, size_t i, struct buf *out)
{
	buf_puts(out, "<th scope=\"row\">");
	html_text(out, r->storages.rows[i].id);
	buf_puts(out, "</th>");
	cell(out, r->storages.rows[i].type);
	cell_text(out, r->storages.rows[i].why);
}

/* A rule from which users can exempt themselves. */
static void row_grant(const struct report *r, size_t i, struct buf *out)
{
	buf_puts(out, "<th scope=\"row\">");
	html_text(out, r->grants.rows[i].rule->name);
	buf_puts(out, "</th>");
	cell(out, r->grants.rows[i].tag);
	cell_text(out, r->grants.rows[i].mend);
}

static const struct list lists[] = {
	{ "failures",
	  "Could not be read",
	  { "File", "Why" },
	  count_failures,
	  row_failure },
	{ "rules",
	  "Rules that fired",
	  { "Rule", "Action", "Findings", "Why", "What to do", "Where it stands" },
	  count_rules,
	  row_rule },
	{ "waivers",
	  "Waivers and overrides",
	  { "Guest", "Node", "Rule", "State", "Until", "Days left", "Granted for" },
	  count_waivers,
	  row_waiver },
	{ "lost",
	  "Not back after a reboot of their node",
	  { "Guest", "Node", "Started by", "Order", "Refused by" },
	  count_lost,
	  row_lost },
	{ "gaps",
	  "Unenforced: starts that nothing judges",
	  { "Guest", "Node", "Why" },
	  count_gaps,
	  row_gap },
	{ "unbacked",
	  "No backup job covers",
	  { "Guest", "Node" },
	  count_unbacked,
	  row_unbacked },
	{ "storages",
	  "Storages that cannot make snapshots",
	  { "Storage", "Type", "Why" },
	  count_storages,
	  row_storage },
	{ "grants",
	  "Rules from which users can exempt themselves",
	  { "Rule", "By the tag", "What to do" },
	  count_grants,
	  row_grant },
};

/* Appends one table. */
static void put_list(const struct report *r, const struct list *l, struct buf *out)
{
	size_t n = l->count(r);

	if (!n)
		return;
	buf_printf(
		out,
		"<section class=\"list\" aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n"
		"<table class=\"rows\">\n<thead><tr>",
		l->id, l->id, l->title);
	for (size_t i = 0; i < COLUMNS_MAX && l->columns[i]; i++)
		buf_printf(out, "<th scope=\"col\">%s</th>", l->columns[i]);
	buf_puts(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n && i < HTML_SHOWN_ROWS; i++) {
		buf_puts(out, "<tr>");
		l->row(r, i, out);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</tbody>\n</table>\n");
	if (n > HTML_SHOWN_ROWS)
		buf_printf(out,
			   "<p class=\"soft\">… and %zu more: --format json has them "
			   "all</p>\n",
			   n - HTML_SHOWN_ROWS);
	buf_puts(out, "</section>\n");
}

void html_lists(const struct report *r, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		put_list(r, &lists[i], out);
}
