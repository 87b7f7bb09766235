/* SPDX-License-Identifier: MIT */
#include "run/template-vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha.h"
#include "base/text.h"
#include "pve/running.h"
#include "run/say.h"
#include "run/settings-show.h"
#include "run/tool.h"
#include "settings/credential.h"
#include "settings/option-value.h"

enum { MAX_OPTIONS = 64, FIXED_WORDS = 8 };

/* One change in the making. */
struct changing {
	const struct template_change *c;
	struct arena arena;
	struct credential before, after;
	struct slice args;   /* the option, as it is */
	struct buf new_args; /* as it is to be */
	const char *words[2 * MAX_OPTIONS + FIXED_WORDS];
	size_t nwords;
	struct buf done; /* lines that say what is changed */
};

/* Releases @a. For AUTO(). */
static void changing_done(struct changing *a)
{
	arena_done(&a->arena);
	buf_done(&a->new_args);
	buf_done(&a->done);
}

/* Makes what the option `args` of the VM is to be. */
static int make_args(struct changing *a, struct err *e)
{
	const struct guestconf_entry *args = guestconf_find(a->c->in->section, "args");
	const struct settings *s = a->c->settings;
	struct err ignored = { 0 };

	a->args = args ? args->value : slice_of("");
	if (credential_read(a->args, &a->arena, &a->before, &ignored) < 0)
		a->before = (struct credential){ 0 };
	if ((!a->c->undo || a->c->name.len) &&
	    credential_make(&s->plan, s->chosen, s->nchosen, &a->arena, &a->after, e) < 0)
		return -1;
	return credential_put(a->args, &a->after, &a->new_args, e);
}

/* Adds a line for each sysctl of @a that is not the same in @b. */
static void say_lines(const struct credential *a, const struct credential *b, char sign,
		      struct buf *out)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct credential_line *line = &a->lines[i];
		const struct credential_line *other = credential_find(b, line->key);

		if (other && slice_same(other->value, line->value))
			continue;
		buf_printf(out, "  %c ", sign);
		text_printable(out, line->key, 256);
		buf_puts(out, " = ");
		text_printable(out, line->value, 256);
		buf_putc(out, '\n');
	}
}

/* Adds a word of the command. */
static void add_word(struct changing *a, const char *word)
{
	a->words[a->nwords++] = word;
}

/* Adds --args, or its deletion, where it is to change. */
static int add_args(struct changing *a, struct err *e)
{
	if (make_args(a, e) < 0)
		return -1;
	if (slice_same(a->args, buf_as_slice(&a->new_args)))
		return 0;
	add_word(a, a->new_args.len ? "--args" : "--delete");
	add_word(a, a->new_args.len ? buf_text(&a->new_args) : "args");
	say_lines(&a->before, &a->after, '-', &a->done);
	say_lines(&a->after, &a->before, '+', &a->done);
	if (!a->done.len) /* the same sysctls, by other templates */
		buf_puts(&a->done, "  which templates were applied by hand is noted\n");
	return 0;
}

/* Whether @t is one whose options are to be set. */
static bool is_meant(const struct changing *a, const struct template *t)
{
	return !a->c->name.len || slice_same(t->name, a->c->name);
}

/* What the option that @item wants is set to, beside what the guest has of it. */
static struct slice value_of(struct changing *a, const struct plan_item *item)
{
	const struct guestconf_section *now = a->c->in->section;
	const char *key = arena_strdup(&a->arena, item->target);
	const struct guestconf_entry *entry = key ? guestconf_find(now, key) : NULL;
	const struct option *o = option_find(a->c->guest->kind, item->target);

	return entry && o ? option_value_join(o, entry->value, item->value, &a->arena)
			  : item->value;
}

/* Adds the options that the guest has not, as the check found. */
static int add_options(struct changing *a, struct err *e)
{
	const struct check *c = &a->c->settings->check;
	size_t n = 0;

	for (size_t i = 0; i < c->n && n < MAX_OPTIONS; i++) {
		const struct plan_item *item = c->rows[i].item;
		struct slice value;

		if (item->kind != SETTING_OPTION || !is_meant(a, item->t))
			continue;
		value = value_of(a, item);
		add_word(a, arena_printf(&a->arena, "--%.*s", SLICE_ARG(item->target)));
		add_word(a, arena_strdup(&a->arena, value));
		buf_printf(&a->done, "  + %.*s: %.*s\n", SLICE_ARG(item->target),
			   SLICE_ARG(value));
		n++;
	}
	return arena_failed(&a->arena) ? err_nomem(e) : 0;
}

/* Makes the command that changes the guest; false when nothing is to be changed. */
static bool make_command(struct changing *a, struct err *e)
{
	const struct guest *g = a->c->guest;
	char digest[SHA1_HEX_SIZE];
	size_t before;

	add_word(a, tool_path(GUEST_VM));
	add_word(a, "set");
	add_word(a, arena_printf(&a->arena, "%" PRIu64, g->vmid));
	before = a->nwords;
	if (add_args(a, e) < 0 || (!a->c->undo && add_options(a, e) < 0) ||
	    a->nwords == before)
		return false;
	sha1_hex(file_slice(&g->text), digest);
	add_word(a, "--digest");
	add_word(a, arena_strdup(&a->arena, slice_of(digest)));
	if (arena_failed(&a->arena) || buf_failed(&a->done))
		return err_nomem(e) == 0;
	return true;
}

/* Checks that the option `args` now says what was set. */
static int verify(struct changing *a, struct err *e)
{
	AUTO(guest_done) struct guest now = { 0 };
	const struct guestconf_entry *args;
	struct slice is;

	if (guest_load_local(a->c->place, a->c->guest->vmid, NULL, &now, e) !=
	    GUEST_FOUND)
		return err_set(e, ERR_SYSTEM, "it is not on this node any more");
	args = guestconf_find(&now.start, "args");
	is = args ? args->value : slice_of("");
	if (slice_same(is, slice_trim(buf_as_slice(&a->new_args))))
		return 0;
	return err_set(e, ERR_SYSTEM, "qm set went well, but args is now '%.*s'",
		       SLICE_SHOWN(is));
}

/* Says what was done, and from when on it holds. */
static void say_done(const struct changing *a)
{
	uint64_t vmid = a->c->guest->vmid;

	(void)printf("VM %" PRIu64 ":\n%s", vmid, buf_text(&a->done));
	if (a->c->dry_run) {
		AUTO(buf_done) struct buf shown = { 0 };

		tool_quote(a->words, &shown);
		(void)printf("run: %s\n", buf_text(&shown));
	} else if (guest_runs(a->c->place->root, vmid)) {
		(void)printf("It runs, so this is pending: it takes effect once Proxmox "
			     "has stopped and started it\n(qm reboot %" PRIu64
			     "; a reboot from inside is not enough).\n",
			     vmid);
	} else {
		(void)printf("It takes effect at the next start.\n");
	}
}

/* Says what of the templates is not applied; whether there is something. */
static bool say_left(const struct changing *a)
{
	const struct settings *s = a->c->settings;
	AUTO(buf_done) struct buf problems = { 0 };
	bool left;

	settings_render_problems(s, "pve-safe: not applied: ", &problems);
	left = !say(&problems, stderr) || problems.len > 0;
	for (size_t i = 0; i < s->check.n; i++) {
		const struct shortfall *row = &s->check.rows[i];

		if (row->item->kind == SETTING_OPTION ||
		    (row->item->kind == SETTING_SYSCTL && credential_has(row->item)) ||
		    !is_meant(a, row->item->t))
			continue;
		(void)fprintf(stderr, "pve-safe: left to do: %s; do: %s\n", row->reason,
			      row->remedy);
		left = true;
	}
	return left;
}

/* Says that the templates which want what was taken away are the guest's all the same. */
static void say_still_wanted(const struct changing *a)
{
	const struct settings *s = a->c->settings;

	for (size_t i = 0; i < s->nchosen && !a->c->name.len; i++)
		if (s->chosen[i].by != CHOSEN_BY_HAND)
			(void)printf("Its next start will miss them: template %.*s is "
				     "for it.\n",
				     SLICE_ARG(s->chosen[i].t->name));
}

int template_change(const struct template_change *c)
{
	AUTO(changing_done) struct changing a = { .c = c };
	struct err e = { 0 };
	bool changes;

	changes = make_command(&a, &e);
	if (changes) {
		if (!c->dry_run &&
		    (tool_set(GUEST_VM, a.words, &e) < 0 || verify(&a, &e) < 0))
			return say_error(&e);
		say_done(&a);
	} else if (*e.msg) {
		return say_error(&e);
	}
	if (!c->undo && say_left(&a))
		return EXIT_FOUND;
	if (!changes)
		(void)printf("VM %" PRIu64 ": nothing to change in its configuration\n",
			     c->guest->vmid);
	if (c->undo)
		say_still_wanted(&a);
	return EXIT_FINE;
}
