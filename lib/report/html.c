/* SPDX-License-Identifier: MIT */
/*
 * html - the report as one page that needs nothing else: no network, no file beside it.
 *
 * The numbers and charts stand above the findings but are known only after the last guest,
 * so the rows are held until then. Each row is plain markup: without its script the page
 * says the same, it just neither sorts nor filters. page.css and page.js are compiled in;
 * the policy in the page's head lets exactly these two run.
 */
#include "report/html.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "report/markup.h"

#include "page.inc"

void html_text(struct buf *out, struct slice s)
{
	markup_text(out, s, REPORT_SHOWN_TEXT);
}

void html_guest(struct buf *out, enum guest_kind kind, uint64_t vmid, struct slice name)
{
	buf_printf(out, "%s %" PRIu64 "%s", kind == GUEST_CT ? "CT" : "VM", vmid,
		   name.len ? " " : "");
	markup_text(out, name, REPORT_SHOWN_NAME);
}

/* Appends "2026-11-21 08:35 UTC". */
static void put_time(const struct report *r, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];

	clock_render(r->time.unix_ms, time);
	buf_printf(out, "<time datetime=\"%s\">%.10s %.5s UTC</time>", time, time,
		   time + 11);
}

/* Appends which policy judged. */
static void put_policy(const struct report *r, struct buf *out)
{
	buf_puts(out, "<p class=\"soft\">policy ");
	html_text(out, slice_of(r->policy.name ? r->policy.name : "none"));
	if (r->policy.serial)
		buf_printf(out, " serial %" PRIu64, r->policy.serial);
	buf_printf(out, ", mode %s, sha256 <span class=\"mono\">%.12s</span>",
		   mode_name(r->mode), r->policy.digest ? r->policy.digest : "");
	buf_puts(out, r->filtered ? "; a part of the cluster alone</p>\n" : "</p>\n");
	if (!r->policy.problem)
		return;
	buf_puts(out,
		 "<p class=\"alarm\" role=\"alert\">The current policy cannot be used: ");
	html_text(out, slice_of(r->policy.problem));
	buf_puts(out, "</p>\n");
}

/* Writes the head of the page. */
static void begin(const struct report *r, struct report_out *out)
{
	struct buf *b = out->buf;

	b->cap = HTML_MAX_BYTES;
	out->held.cap = HTML_MAX_BYTES;
	buf_puts(b,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		 "'none'; style-src '" PAGE_CSS_HASH "'; script-src '" PAGE_JS_HASH "'; "
		 "base-uri 'none'; form-action 'none'\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, "
		 "initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n"
		 "<meta name=\"referrer\" content=\"no-referrer\">\n"
		 "<title>pve-safe audit");
	if (r->here.node.len)
		buf_puts(b, " from ");
	html_text(b, r->here.node);
	buf_puts(b, "</title>\n<style>");
	buf_add(b, page_css, sizeof(page_css) - 1);
	buf_puts(b, "</style>\n<script>");
	buf_add(b, page_js, sizeof(page_js) - 1);
	buf_puts(b,
		 "</script>\n</head>\n<body>\n<header>\n<h1>Guests of the cluster</h1>\n"
		 "<p class=\"soft\">audited ");
	if (r->here.node.len)
		buf_puts(b, "on ");
	html_text(b, r->here.node);
	buf_putc(b, ' ');
	put_time(r, b);
	buf_puts(b, "</p>\n");
	put_policy(r, b);
	buf_puts(b, "</header>\n<main>\n");
}

/* Appends the cells that say which guest, up to that of the rule. */
static void put_guest(const struct decision *d, struct buf *out)
{
	buf_puts(out, "</td><td>");
	html_guest(out, d->kind, d->vmid, d->name);
	buf_puts(out, "</td><td>");
	html_text(out, d->node);
	buf_puts(out, "</td><td>");
}

/* Appends <p class="@class">@text</p>. */
static void put_line(struct buf *out, const char *class, struct slice text)
{
	buf_printf(out, "<p%s%s%s>", class ? " class=\"" : "", class ? class : "",
		   class ? "\"" : "");
	markup_text(out, text, SIZE_MAX);
	buf_puts(out, "</p>");
}

/* Adds the row of one finding. */
static void put_finding(const struct report_guest *g, const struct finding *f,
			struct buf *out)
{
	bool unknown = !fact_set_is_empty(&f->unknown);
	AUTO(buf_done) struct buf evidence = { 0 };

	buf_printf(out, "<tr class=\"%s%s\"><td><b>%s</b>", effect_name(f->effect),
		   unknown ? " unknown" : "", effect_name(f->effect));
	buf_puts(out, unknown ? " <em>unknown</em>" : "");
	put_guest(g->decision, out);
	html_text(out, f->rule->name);
	buf_puts(out, "</td><td>");
	if (f->rule->reason.len)
		put_line(out, NULL, f->rule->reason);
	report_put_evidence(g, f, &evidence);
	if (evidence.len)
		put_line(out, "found", buf_as_slice(&evidence));
	if (f->rule->remedy.len)
		put_line(out, "do", f->rule->remedy);
	buf_puts(out, "</td></tr>\n");
}

/* Adds the rows of one guest; one without findings has a row that says so. */
static void guest(const struct report *r, const struct report_guest *g,
		  struct report_out *out)
{
	(void)r;
	for (size_t i = 0; i < g->n; i++)
		put_finding(g, &g->findings[i], &out->held);
	if (g->n)
		return;
	buf_puts(&out->held, "<tr class=\"fine\"><td><b>nothing</b>");
	put_guest(g->decision, &out->held);
	buf_puts(&out->held, "</td><td></td></tr>\n");
}

/* Appends what sorts and filters, hidden until the script shows it. */
static void put_controls(struct buf *out)
{
	buf_puts(out, "<div class=\"controls\" id=\"controls\" hidden>\n"
		      "<label>Search<input id=\"search\" type=\"search\" "
		      "autocomplete=\"off\"></label>\n"
		      "<label>Effect<select id=\"effect\">"
		      "<option value=\"\">every finding</option>");
	for (unsigned e = 0; e < REPORT_EFFECTS; e++)
		buf_printf(out, "<option value=\"%s\">%s</option>", effect_name(e),
			   effect_name(e));
	buf_puts(out, "<option value=\"unknown\">unknown</option>"
		      "<option value=\"fine\">nothing</option>"
		      "<option value=\"all\">every guest</option></select></label>\n"
		      "<label>Node<select id=\"node\"><option value=\"\">every "
		      "node</option></select></label>\n"
		      "<label>Rule<select id=\"rule\"><option value=\"\">every "
		      "rule</option></select></label>\n"
		      "<output id=\"shown\" for=\"search effect node rule\"></output>\n"
		      "</div>\n");
}

/* Appends the table of findings. */
static void put_findings(const struct report *r, struct report_out *out)
{
	struct buf *b = out->buf;

	buf_puts(b, "<section aria-labelledby=\"h-findings\">\n"
		    "<h2 id=\"h-findings\">Findings</h2>\n");
	if (r->guests.all) {
		put_controls(b);
		buf_puts(b, "<table class=\"rows long\" id=\"findings\">\n<thead><tr>"
			    "<th scope=\"col\">Effect</th><th scope=\"col\">Guest</th>"
			    "<th scope=\"col\">Node</th><th scope=\"col\">Rule</th>"
			    "<th scope=\"col\">Why, what was found, what to do</th>"
			    "</tr></thead>\n<tbody>\n");
		buf_slice(b, buf_as_slice(&out->held));
		buf_puts(b, "</tbody>\n</table>\n<button type=\"button\" id=\"more\" "
			    "hidden>More rows</button>\n");
	} else {
		buf_puts(b, "<p>No guests.</p>\n");
	}
	buf_puts(b, "</section>\n");
	buf_done(&out->held);
}

/* Writes what stands around the rows. */
static void end(const struct report *r, struct report_out *out)
{
	struct buf *b = out->buf;

	/* A page that holds half of its rows would be read as the whole. */
	b->failed = b->failed || buf_failed(&out->held);
	html_tiles(r, b);
	html_charts(r, b);
	put_findings(r, out);
	html_lists(r, b);
	buf_puts(b, "</main>\n</body>\n</html>\n");
}

const struct report_format report_html = {
	.name = "html",
	.every_guest = true,
	.facts = (const enum fact_id[]){ FACT_privileged, FACT_nesting, FACT_COUNT },
	.begin = begin,
	.guest = guest,
	.end = end,
};
