/* SPDX-License-Identifier: MIT */
/* advise-show - advice for people, as a colleague would give it, and as JSON. */
#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "run/advise.h"

enum { COLUMNS = 90 }; /* after which a command goes on in the next line */

/* "a container", "a VM". */
static const char *kind_words(enum guest_kind kind)
{
	return kind == GUEST_CT ? "a container" : "a VM";
}

/* Appends where it belongs. */
static void render_head(const struct advice *d, struct buf *out)
{
	static const char *const words[] = {
		[PLACEMENT_CT] = "a container",
		[PLACEMENT_VM] = "a VM",
		[PLACEMENT_ANY] = "a container or a VM, as you like",
	};

	text_printable(out, d->asked, 64);
	if (!slice_same(d->asked, d->class.workload->name))
		buf_printf(out, " (%.*s)", SLICE_ARG(d->class.workload->name));
	if (!d->command)
		buf_printf(out, ": %s, but the policy in force lets you make neither\n",
			   d->placement == PLACEMENT_ANY ? "a container or a VM"
							 : words[d->placement]);
	else
		buf_printf(out, ": %s\n", words[d->placement]);
	if (d->class.of_book)
		buf_puts(out, "  the policy in force says nothing of it; playbook@1 "
			      "does\n");
}

/* Appends the command, in lines that end where an option begins. */
static void render_command(const struct advise_try *t, struct buf *out)
{
	size_t begin = out->len;

	buf_puts(out, "\n  ");
	for (size_t i = 0; i < t->nwords; i++) {
		AUTO(buf_done) struct buf word = { 0 };
		bool option = t->words[i][0] == '-';

		text_shell_quote(&word, slice_of(t->words[i]));
		if (option && i + 1 < t->nwords) {
			buf_putc(&word, ' ');
			text_shell_quote(&word, slice_of(t->words[++i]));
		}
		if (option && out->len - begin + word.len > COLUMNS) {
			buf_puts(out, " \\\n   ");
			begin = out->len - 3;
		}
		buf_printf(out, "%s%s", i ? " " : "", buf_text(&word));
	}
	buf_puts(out, "\n\n  Put your own in place of what is in capitals; "
		      "pvesh get /cluster/nextid gives a NEWID.\n");
	if (t->note)
		buf_printf(out, "  %c%s.\n", t->note[0] - 'a' + 'A', t->note + 1);
}

/* Appends what the policy refuses, and why. */
static void render_refused(const struct advice *d, enum guest_kind kind, struct buf *out)
{
	const struct advise_try *t = &d->tries[kind];

	for (size_t i = 0; i < t->n; i++) {
		const struct advise_finding *f = &t->findings[i];

		if (f->effect != EFFECT_DENY)
			continue;
		buf_printf(out, "  As %s it is refused by %.*s: %s\n", kind_words(kind),
			   SLICE_ARG(f->rule), f->reason);
		if (!d->command && f->remedy)
			buf_printf(out, "    do: %s\n", f->remedy);
	}
}

/* Appends what the policy will warn of. */
static void render_warnings(const struct advise_try *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->findings[i].effect == EFFECT_WARN)
			buf_printf(out, "  The policy will warn: %.*s: %s\n",
				   SLICE_ARG(t->findings[i].rule), t->findings[i].reason);
}

void advice_render(const struct advice *d, struct buf *out)
{
	render_head(d, out);
	for (size_t i = 0; i < d->nreasons; i++)
		buf_printf(out, "  %s\n", d->reasons[i]);
	if (d->command) {
		render_command(d->command, out);
		render_warnings(d->command, out);
	}
	render_refused(d, GUEST_CT, out);
	render_refused(d, GUEST_VM, out);
}

/* Writes what is refused of @t. */
static void emit_refused(const struct advise_try *t, struct json *j)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct advise_finding *f = &t->findings[i];

		if (f->effect != EFFECT_DENY)
			continue;
		json_open_object(j);
		json_member_text(j, "placement", t->kind == GUEST_CT ? "ct" : "vm");
		json_member(j, "rule", f->rule);
		json_member_text(j, "reason", f->reason);
		json_close(j);
	}
}

void advice_emit(const struct advice *d, struct buf *out)
{
	struct json j;

	json_begin(&j, out);
	json_open_object(&j);
	json_member(&j, "workload", d->class.workload->name);
	json_member_text(&j, "placement", placement_name(d->placement));
	json_member_array(&j, "reasons");
	for (size_t i = 0; i < d->nreasons; i++)
		json_put_text(&j, d->reasons[i]);
	json_close(&j);
	json_member_array(&j, "command");
	for (size_t i = 0; d->command && i < d->command->nwords; i++)
		json_put_text(&j, d->command->words[i]);
	json_close(&j);
	json_member_array(&j, "refused");
	emit_refused(&d->tries[GUEST_CT], &j);
	emit_refused(&d->tries[GUEST_VM], &j);
	json_close(&j);
	json_close(&j);
	buf_putc(out, '\n');
}
