/* SPDX-License-Identifier: MIT */
#include "record/decision.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "base/text.h"
#include "facts/facts-json.h"

enum {
	SHOWN_ITEMS = 8,   /* list elements shown of one fact */
	SHOWN_BYTES = 200, /* of one value or line */
};

/* Facts that say what is asked and of whom: never news as a finding. */
static const enum fact_id plain_facts[] = { FACT_event, FACT_cause, FACT_kind, FACT_ct,
					    FACT_vm,    FACT_vmid,  FACT_node };

const char *layer_name(enum layer l)
{
	static const char *const names[] = { "wrapper", "hook", "lxc-hook", "tick",
					     "check" };

	return names[l];
}

enum verdict decision_verdict(const struct decision *d)
{
	return d->nfailures ? verdict_of_failure() : d->evaluation.verdict;
}

int decision_exit_code(const struct decision *d)
{
	if (d->nfailures)
		return EXIT_UNUSABLE;
	return d->evaluation.verdict == VERDICT_DENY ? EXIT_DENIED : EXIT_FINE;
}

bool decision_is_worth_saying(const struct decision *d)
{
	if (d->nfailures || d->policy.problem)
		return true;
	for (size_t i = 0; i < d->evaluation.n; i++)
		if (d->evaluation.findings[i].effect != EFFECT_AUDIT)
			return true;
	return false;
}

void decision_render_guest(const struct decision *d, struct buf *out)
{
	buf_puts(out, d->kind == GUEST_CT ? "CT" : "VM");
	if (d->vmid)
		buf_printf(out, " %" PRIu64, d->vmid);
	if (d->name.len) {
		buf_puts(out, " (");
		text_printable(out, d->name, SHOWN_BYTES);
		buf_putc(out, ')');
	}
}

void decision_render_head(const struct decision *d, struct buf *out)
{
	enum verdict v = decision_verdict(d);

	buf_puts(out, "pve-safe: ");
	text_printable(out, d->event, SHOWN_BYTES);
	buf_puts(out, " of ");
	decision_render_guest(d, out);
	if (d->nfailures)
		buf_puts(out, " denied: it could not be judged\n");
	else if (v == VERDICT_DENY)
		buf_puts(out, " denied\n");
	else if (v == VERDICT_WARN)
		buf_puts(out, " allowed, with a warning\n");
	else
		buf_puts(out, " allowed\n");
}

/* Appends "text (file:line)" of the line that says so, or the value where none does. */
static void render_origin(const struct fact_origin *o, struct slice value,
			  struct buf *out)
{
	AUTO(buf_done) struct buf masked = { 0 };

	secret_mask(&masked, o->text.len ? o->text : value);
	buf_depend(out, &masked);
	text_printable(out, buf_as_slice(&masked), SHOWN_BYTES);
	if (!o->file)
		return;
	buf_puts(out, " (");
	text_printable(out, slice_of(o->file), SHOWN_BYTES);
	if (o->line)
		buf_printf(out, ":%u", o->line);
	buf_putc(out, ')');
}

/* Appends one "  found:" line. */
static void render_found(const struct fact_origin *o, struct slice value, struct buf *out)
{
	buf_puts(out, "  found: ");
	render_origin(o, value, out);
	buf_putc(out, '\n');
}

/* Appends what was found for an element of a list, which no line may say. */
static void render_item(const struct fact_row *row, const struct fact_item *item,
			struct buf *out)
{
	AUTO(buf_done) struct buf value = { 0 };

	if (!item->origin.file && !item->origin.text.len)
		buf_printf(&value, "%s = ", row->name);
	buf_slice(&value, item->text);
	render_found(&item->origin, buf_as_slice(&value), out);
}

/*
 * Appends what was found for a known fact: the lines that say so, or Proxmox's default. Of
 * `option`, where none of its elements is meant, that are all lines of the guest: its names.
 */
static void render_known(const struct fact_row *row, const struct fact *f,
			 struct buf *out)
{
	AUTO(buf_done) struct buf value = { 0 };
	bool lists = row->type == FACT_LIST && f->nitems;

	if (lists && row != &fact_rows[FACT_option]) {
		for (size_t i = 0; i < f->nitems && i < SHOWN_ITEMS; i++)
			render_item(row, &f->items[i], out);
		if (f->nitems > SHOWN_ITEMS)
			buf_printf(out, "  found: and %zu more\n",
				   f->nitems - SHOWN_ITEMS);
		return;
	}
	buf_printf(&value, "%s = ", row->name);
	fact_render(row, f, &value);
	if (!lists && !f->origin.file && row->source == SOURCE_GUEST)
		buf_puts(&value, ", by default");
	buf_depend(out, &value);
	render_found(&f->origin, buf_as_slice(&value), out);
}

/* Appends why an unknown fact is unknown, with the file to mend. */
static void render_unknown(const struct fact_row *row, const struct fact *f,
			   struct buf *out)
{
	buf_printf(out, "  unknown: %s: ", row->name);
	text_printable(out, slice_of(f->why), SHOWN_BYTES);
	if (f->origin.file) {
		buf_puts(out, " (");
		text_printable(out, slice_of(f->origin.file), SHOWN_BYTES);
		if (f->origin.line)
			buf_printf(out, ":%u", f->origin.line);
		buf_putc(out, ')');
	}
	buf_putc(out, '\n');
}

/* Whether @id is one of plain_facts. */
static bool is_plain(enum fact_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(plain_facts); i++)
		if (plain_facts[i] == id)
			return true;
	return false;
}

/* Whether a row before @i names the same line. */
static bool is_shown(const struct expr_evidence *rows, size_t i)
{
	const struct fact_origin *o = &rows[i].item->origin;

	for (size_t k = 0; o->text.len && k < i; k++)
		if (rows[k].item && rows[k].item->origin.line == o->line &&
		    slice_same(rows[k].item->origin.text, o->text))
			return true;
	return false;
}

/* Appends the evidence of one finding: what is unknown, and what made `when` true. */
static void render_evidence(const struct decision *d, const struct finding *fi,
			    struct buf *out)
{
	struct expr_evidence rows[EXPR_MAX_EVIDENCE];
	size_t n = expr_evidence(fi->rule->when, d->facts, rows);

	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&fi->unknown, id))
			render_unknown(&fact_rows[id], facts_get(d->facts, id), out);
	for (size_t i = 0; i < n; i++) {
		if (is_plain(rows[i].fact) || (rows[i].item && is_shown(rows, i)))
			continue;
		if (rows[i].item)
			render_item(&fact_rows[rows[i].fact], rows[i].item, out);
		else
			render_known(&fact_rows[rows[i].fact],
				     facts_get(d->facts, rows[i].fact), out);
	}
}

/* What stands between a rule's name and its reason, when it did not simply deny. */
static void render_effect(const struct decision *d, const struct finding *fi,
			  struct buf *out)
{
	const char *before = fi->before == EFFECT_WARN ? "warn" : "deny";

	switch (fi->effect) {
	case EFFECT_DENY:
		return;
	case EFFECT_WARN:
		buf_puts(out, " (warning)");
		return;
	case EFFECT_AUDIT:
		buf_puts(out, " (audit)");
		return;
	case EFFECT_WAIVED:
		buf_printf(out, " (waived: would %s", before);
		break;
	case EFFECT_OVERRIDDEN:
		buf_printf(out, " (overridden: would %s", before);
		break;
	case EFFECT_WOULD_DENY:
		buf_puts(out, " (would deny");
		if (fi->before == EFFECT_WOULD_DENY && d->cause.len) {
			buf_puts(out, "; not refused because the cause is ");
			text_printable(out, d->cause, SHOWN_BYTES);
		}
		break;
	}
	if (fi->note) {
		buf_puts(out, "; ");
		text_printable(out, slice_of(fi->note), ERR_MSG_MAX);
	}
	buf_putc(out, ')');
}

/* Appends a line "  label: text" unless @text is absent. */
static void render_line(const char *label, struct slice text, struct buf *out)
{
	if (!text.len)
		return;
	buf_printf(out, "  %s: ", label);
	text_printable(out, text, ERR_MSG_MAX);
	buf_putc(out, '\n');
}

/* Whether somebody has decided to let @fi pass, and not only for a few days more. */
static bool is_settled(const struct finding *fi)
{
	return (fi->effect == EFFECT_WAIVED || fi->effect == EFFECT_OVERRIDDEN) &&
	       !fi->ending;
}

/* Whether @s begins with the word VMID. */
static bool starts_with_vmid(struct slice s)
{
	return slice_starts(s, "VMID") &&
	       (s.len == 4 || !isalnum((unsigned char)s.ptr[4]));
}

/* Appends a line "  do: text" with the guest's number wherever the text has the word VMID. */
static void render_do(const struct decision *d, struct slice text, struct buf *out)
{
	AUTO(buf_done) struct buf line = { 0 };

	for (char last = ' '; text.len; last = *text.ptr, text.ptr++, text.len--) {
		if (!d->vmid || isalnum((unsigned char)last) || !starts_with_vmid(text)) {
			buf_putc(&line, *text.ptr);
			continue;
		}
		buf_printf(&line, "%" PRIu64, d->vmid);
		text = (struct slice){ text.ptr + 3, text.len - 3 };
	}
	buf_depend(out, &line);
	render_line("do", buf_as_slice(&line), out);
}

/* Appends the way out of @r, and where to read more. */
static void render_remedy(const struct decision *d, const struct rule *r, struct buf *out)
{
	render_do(d, r->remedy, out);
	for (size_t i = 0; i < r->also.n; i++)
		render_do(d, r->also.items[i], out);
	render_line("see", r->docs, out);
}

/* Appends one finding: rule and reason, what was found, what to do. */
static void render_finding(const struct decision *d, const struct finding *fi,
			   struct buf *out)
{
	const struct rule *r = fi->rule;

	text_printable(out, r->name, SHOWN_BYTES);
	render_effect(d, fi, out);
	buf_puts(out, ": ");
	if (r->reason.len)
		text_printable(out, r->reason, ERR_MSG_MAX);
	else
		text_printable(out, expr_text(r->when), ERR_MSG_MAX);
	buf_putc(out, '\n');
	render_evidence(d, fi, out);
	if (fi->found)
		render_found(fi->found, (struct slice){ 0 }, out);
	if (fi->note && (fi->effect == EFFECT_DENY || fi->effect == EFFECT_WARN))
		render_line("note", slice_of(fi->note), out);
	if (!is_settled(fi))
		render_remedy(d, r, out);
}

/* Appends the last line: id, policy, and where to read more. */
static void render_foot(const struct decision *d, struct buf *out)
{
	buf_printf(out, "decision %s policy ", d->id);
	if (d->policy.name)
		text_printable(out, slice_of(d->policy.name), SHOWN_BYTES);
	else
		buf_puts(out, "none");
	if (d->policy.source && strcmp(d->policy.source, "last-good") == 0)
		buf_puts(out, ", its last good copy,");
	if (d->policy.serial)
		buf_printf(out, " serial %" PRIu64, d->policy.serial);
	if (d->policy.digest && *d->policy.digest)
		buf_printf(out, " (sha256 %.12s)", d->policy.digest);
	if (d->more)
		buf_printf(out, "; more: %s", d->more);
	else if (d->vmid && !d->is_new)
		buf_printf(out, "; more: pve-safe explain %" PRIu64, d->vmid);
	buf_putc(out, '\n');
}

void decision_render(const struct decision *d, struct buf *out)
{
	decision_render_head(d, out);
	for (size_t i = 0; i < d->nfailures; i++) {
		text_printable(out, slice_of(d->failures[i].what), ERR_MSG_MAX);
		buf_putc(out, '\n');
		if (d->failures[i].todo)
			render_do(d, slice_of(d->failures[i].todo), out);
	}
	for (size_t i = 0; !d->nfailures && i < d->evaluation.n; i++)
		if (d->evaluation.findings[i].effect != EFFECT_AUDIT)
			render_finding(d, &d->evaluation.findings[i], out);
	if (d->policy.problem) {
		buf_puts(out, "WARN: the policy cannot be used: ");
		text_printable(out, slice_of(d->policy.problem), ERR_MSG_MAX);
		buf_putc(out, '\n');
	}
	render_foot(d, out);
}
