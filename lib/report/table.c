/* SPDX-License-Identifier: MIT */
/*
 * table - the report for people: a line for each finding, then what concerns the cluster as
 * a whole. A narrow terminal gets the evidence on lines of its own; a pipe gets long lines,
 * one a finding, with the effect first.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/report.h"

enum {
	SHOWN_NAME = 40,
	SHOWN_TEXT = 400,
	SHOWN_ROWS = 20, /* of a list that --format json has whole */
	WIDE = 132,      /* columns from which a finding takes one line */
	NARROWEST = 40,
};

/* A terminal's colour for each effect. */
static const char *const colours[REPORT_EFFECTS] = {
	[EFFECT_DENY] = "\033[31m",       [EFFECT_WARN] = "\033[33m",
	[EFFECT_AUDIT] = "\033[36m",      [EFFECT_WAIVED] = "\033[32m",
	[EFFECT_OVERRIDDEN] = "\033[32m", [EFFECT_WOULD_DENY] = "\033[35m",
};

/* What so many findings of an effect are called. */
static const char *const counted[REPORT_EFFECTS] = {
	[EFFECT_DENY] = "denied",           [EFFECT_WARN] = "warned about",
	[EFFECT_AUDIT] = "audited",         [EFFECT_WAIVED] = "waived",
	[EFFECT_OVERRIDDEN] = "overridden", [EFFECT_WOULD_DENY] = "would be denied",
};

/* Columns that @text takes: its characters. */
static size_t width_of(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return n;
}

/* Appends @text and blanks up to @width, at least one. */
static void put_cell(struct buf *out, struct slice text, size_t width)
{
	size_t have = width_of(text);

	buf_slice(out, text);
	do
		buf_putc(out, ' ');
	while (++have < width);
}

/* Appends @text, wrapped at blanks to the terminal, every line @indent deep. */
static void put_wrapped(struct report_out *out, size_t indent, struct slice text)
{
	size_t columns = out->columns < NARROWEST ? NARROWEST : out->columns;
	size_t room = columns - indent, used = 0;
	struct slice word, rest = text;
	bool more = text.len > 0;

	buf_printf(out->buf, "%*s", (int)indent, "");
	while (more) {
		size_t width;

		more = slice_cut(rest, ' ', &word, &rest);
		width = width_of(word);
		if (used && out->columns && used + 1 + width > room) {
			buf_printf(out->buf, "\n%*s", (int)indent, "");
			used = 0;
		} else if (used) {
			buf_putc(out->buf, ' ');
			used++;
		}
		buf_slice(out->buf, word);
		used += width;
	}
	buf_putc(out->buf, '\n');
}

/* Appends "CT 101 (web01)". */
static void put_ref(struct buf *out, enum guest_kind kind, uint64_t vmid,
		    struct slice name)
{
	buf_printf(out, "%s %" PRIu64, kind == GUEST_CT ? "CT" : "VM", vmid);
	if (!name.len)
		return;
	buf_puts(out, " (");
	text_printable(out, name, SHOWN_NAME);
	buf_putc(out, ')');
}

/* Appends the effect of a finding, in its colour. */
static void put_effect(struct report_out *out, enum effect e)
{
	if (out->colour)
		buf_puts(out->buf, colours[e]);
	put_cell(out->buf, slice_of(effect_name(e)), 11);
	if (out->colour)
		buf_puts(out->buf, "\033[0m");
}

/* Appends one finding. */
static void put_finding(const struct report_guest *g, const struct finding *f,
			struct report_out *out)
{
	const struct decision *d = g->decision;
	bool wide = !out->columns || out->columns >= WIDE;
	AUTO(buf_done) struct buf ref = { 0 };
	AUTO(buf_done) struct buf evidence = { 0 };

	put_ref(&ref, d->kind, d->vmid, d->name);
	report_put_evidence(g, f, &evidence);
	put_effect(out, f->effect);
	put_cell(out->buf, buf_as_slice(&ref), 27);
	put_cell(out->buf, d->node, 9);
	if (wide) {
		put_cell(out->buf, f->rule->name, 19);
		buf_slice(out->buf, buf_as_slice(&evidence));
		buf_putc(out->buf, '\n');
		return;
	}
	buf_slice(out->buf, f->rule->name);
	buf_putc(out->buf, '\n');
	if (evidence.len)
		put_wrapped(out, 11, buf_as_slice(&evidence));
}

/* Appends the findings of one guest. */
static void guest(const struct report *r, const struct report_guest *g,
		  struct report_out *out)
{
	(void)r;
	for (size_t i = 0; i < g->n; i++)
		put_finding(g, &g->findings[i], out);
}

/* Appends which policy judged. */
static void begin(const struct report *r, struct report_out *out)
{
	AUTO(buf_done) struct buf line = { 0 };

	buf_puts(&line, "policy ");
	text_printable(&line, slice_of(r->policy.name), SHOWN_TEXT);
	if (r->policy.serial)
		buf_printf(&line, " serial %" PRIu64, r->policy.serial);
	buf_printf(&line, ", mode %s (sha256 %.12s)", mode_name(r->mode),
		   r->policy.digest);
	put_wrapped(out, 0, buf_as_slice(&line));
	if (!r->policy.problem)
		return;
	buf_reset(&line);
	buf_puts(&line, "WARN: the current policy cannot be used: ");
	text_printable(&line, slice_of(r->policy.problem), SHOWN_TEXT);
	put_wrapped(out, 0, buf_as_slice(&line));
}

/* Appends the title of a part, unless it has no rows; whether it has. */
static bool put_title(struct report_out *out, size_t rows, const char *title)
{
	if (!rows)
		return false;
	buf_putc(out->buf, '\n');
	if (out->colour)
		buf_printf(out->buf, "\033[1m%s\033[0m\n", title);
	else
		buf_printf(out->buf, "%s\n", title);
	return true;
}

/* Appends what of @n rows is not shown. */
static void put_more(struct report_out *out, size_t n)
{
	if (n > SHOWN_ROWS)
		buf_printf(out->buf, "  … and %zu more: --format json has them all\n",
			   n - SHOWN_ROWS);
}

/* Appends "3 denied, 1 waived" of @c. */
static void put_counts(const struct report_counts *c, struct buf *out)
{
	const char *before = "";

	for (unsigned e = 0; e < REPORT_EFFECTS; e++) {
		if (!c->effects[e])
			continue;
		buf_printf(out, "%s%zu %s", before, c->effects[e], counted[e]);
		before = ", ";
	}
	if (c->unknown)
		buf_printf(out, "%s%zu on what is unknown", before, c->unknown);
}

/* Appends the rules that fired, with their reasons and ways out. */
static void put_rules(const struct report *r, struct report_out *out)
{
	put_title(out, r->rules.n, "rules");
	for (size_t i = 0; i < r->rules.n; i++) {
		const struct rule *rule = r->rules.rows[i].rule;
		AUTO(buf_done) struct buf line = { 0 };

		buf_slice(&line, rule->name);
		buf_puts(&line, ": ");
		put_counts(&r->rules.rows[i].findings, &line);
		buf_puts(&line, ": ");
		text_printable(&line, rule->reason, SHOWN_TEXT);
		put_wrapped(out, 2, buf_as_slice(&line));
		if (!rule->remedy.len)
			continue;
		buf_reset(&line);
		buf_puts(&line, "do: ");
		text_printable(&line, rule->remedy, SHOWN_TEXT);
		put_wrapped(out, 4, buf_as_slice(&line));
	}
}

/* Appends "CT 101 (web01) on pve1: @text". */
static void put_about(struct report_out *out, const struct report_ref *ref, bool found,
		      const char *text)
{
	AUTO(buf_done) struct buf line = { 0 };

	if (found)
		put_ref(&line, ref->kind, ref->vmid, ref->name);
	else
		buf_printf(&line, "%" PRIu64, ref->vmid);
	if (ref->node.len) {
		buf_puts(&line, " on ");
		text_printable(&line, ref->node, SHOWN_NAME);
	}
	buf_puts(&line, *text ? ": " : "");
	text_printable(&line, slice_of(text), SHOWN_TEXT);
	put_wrapped(out, 2, buf_as_slice(&line));
}

/* Appends the waivers: those that need a look, and how many do their work. */
static void put_waivers(const struct report *r, struct report_out *out)
{
	put_title(out, r->waivers.n, "waivers");
	for (size_t i = 0; i < r->waivers.n; i++) {
		const struct report_waiver *w = &r->waivers.rows[i];
		AUTO(buf_done) struct buf text = { 0 };

		text_printable(&text, w->rule, SHOWN_NAME);
		buf_printf(&text, " %s",
			   strcmp(w->kind, "waiver") == 0 ? "waived" : "overridden");
		if (w->readable) {
			buf_puts(&text, " until ");
			text_printable(&text, w->until, SHOWN_NAME);
			buf_puts(&text, " (");
			text_printable(&text, w->ticket, SHOWN_NAME);
			buf_putc(&text, ')');
		}
		buf_printf(&text, ": %s", w->state);
		if (w->why) {
			buf_puts(&text, ": ");
			text_printable(&text, slice_of(w->why), SHOWN_TEXT);
		}
		put_about(out, &w->guest, w->found, buf_text(&text));
	}
}

/* Appends what would stay down after a reboot. */
static void put_lost(const struct report *r, struct report_out *out)
{
	put_title(out, r->lost.n, "not back after a reboot of their node");
	for (size_t i = 0; i < r->lost.n && i < SHOWN_ROWS; i++) {
		const struct report_lost *l = &r->lost.rows[i];
		AUTO(buf_done) struct buf text = { 0 };

		buf_printf(&text, "started by %s",
			   strcmp(l->cause, "ha") == 0 ? "HA" : "onboot");
		if (l->order != UINT64_MAX)
			buf_printf(&text, " with order %" PRIu64, l->order);
		buf_puts(&text, ", refused by ");
		buf_slice(&text, l->rules);
		put_about(out, &l->guest, true, buf_text(&text));
	}
	put_more(out, r->lost.n);
}

/* Appends guests that nothing judges, and those that nothing saves. */
static void put_lists(const struct report *r, struct report_out *out)
{
	put_title(out, r->gaps.n, "starts that nothing judges");
	for (size_t i = 0; i < r->gaps.n && i < SHOWN_ROWS; i++)
		put_about(out, &r->gaps.rows[i].guest, true, r->gaps.rows[i].why);
	put_more(out, r->gaps.n);
	put_title(out, r->unbacked.n, "no backup job covers");
	for (size_t i = 0; i < r->unbacked.n && i < SHOWN_ROWS; i++)
		put_about(out, &r->unbacked.rows[i], true, "");
	put_more(out, r->unbacked.n);
}

/* Appends storages, rules and files that need somebody. */
static void put_advice(const struct report *r, struct report_out *out)
{
	put_title(out, r->storages.n, "storages that cannot make snapshots");
	for (size_t i = 0; i < r->storages.n; i++) {
		AUTO(buf_done) struct buf line = { 0 };

		text_printable(&line, r->storages.rows[i].id, SHOWN_NAME);
		buf_puts(&line, " (");
		text_printable(&line, r->storages.rows[i].type, SHOWN_NAME);
		buf_printf(&line, "): %s", r->storages.rows[i].why);
		put_wrapped(out, 2, buf_as_slice(&line));
	}
	put_title(out, r->grants.n, "rules from which users can exempt themselves");
	for (size_t i = 0; i < r->grants.n; i++) {
		AUTO(buf_done) struct buf line = { 0 };

		buf_slice(&line, r->grants.rows[i].rule->name);
		buf_puts(&line, ": by the tag ");
		text_printable(&line, r->grants.rows[i].tag, SHOWN_NAME);
		put_wrapped(out, 2, buf_as_slice(&line));
		buf_reset(&line);
		buf_printf(&line, "do: %s", r->grants.rows[i].mend);
		put_wrapped(out, 4, buf_as_slice(&line));
	}
	put_title(out, r->failures.n, "could not be read");
	for (size_t i = 0; i < r->failures.n; i++) {
		AUTO(buf_done) struct buf line = { 0 };

		text_printable(&line, slice_of(r->failures.rows[i].why), SHOWN_TEXT);
		put_wrapped(out, 2, buf_as_slice(&line));
	}
}

/* Appends the numbers. */
static void put_totals(const struct report *r, struct report_out *out)
{
	const struct report_guests *g = &r->guests;
	AUTO(buf_done) struct buf line = { 0 };

	buf_printf(&line, "%zu guest%s (%zu CT, %zu VM) on %zu node%s: ", g->all,
		   g->all == 1 ? "" : "s", g->containers, g->all - g->containers,
		   r->nodes.n, r->nodes.n == 1 ? "" : "s");
	if (r->rules.n)
		put_counts(&g->findings, &line);
	else
		buf_puts(&line, "nothing found");
	put_wrapped(out, 0, buf_as_slice(&line));
}

/* Appends what comes after the last guest. */
static void end(const struct report *r, struct report_out *out)
{
	put_rules(r, out);
	put_waivers(r, out);
	put_lost(r, out);
	put_lists(r, out);
	put_advice(r, out);
	buf_putc(out->buf, '\n');
	put_totals(r, out);
}

const struct report_format report_table = {
	.name = "table",
	.begin = begin,
	.guest = guest,
	.end = end,
};

const struct report_format report_quiet = {
	.name = "quiet",
	.end = put_totals,
};
