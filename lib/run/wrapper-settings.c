/* SPDX-License-Identifier: MIT */
/* wrapper-settings - what templates want of a new guest's configuration, where nobody said. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/cli.h"
#include "run/wrapper-internal.h"
#include "settings/credential.h"
#include "settings/device.h"

/* A command that is given what templates want. */
struct adding {
	struct wrapper *w;
	struct facts_input in;
	struct buf added; /* what was added, for people */
	struct buf note;  /* what could not be */
	size_t n;
};

/* Releases @a. For AUTO(). */
static void adding_done(struct adding *a)
{
	buf_done(&a->added);
	buf_done(&a->note);
}

/* Whether the command has an option that is called exactly @key. */
static bool takes(const struct argv_command *c, const char *key)
{
	struct cli_match m = cli_option_match(c->command, slice_of(key));
	size_t n = m.hits == 1 ? strlen(m.option->name) : 0;

	if (m.hits != 1 || strncmp(key, m.option->name, n) != 0)
		return false;
	return m.option->count ? key[n] >= '0' && key[n] <= '9' : !key[n];
}

/* Whether the command can set @key and nobody, nor an archive, has set it. */
static bool is_free(const struct adding *a, const char *key)
{
	const struct argv_command *c = &a->w->cmd;

	return !argv_find(c, key) && !guestconf_find(a->in.section, key) && takes(c, key);
}

/* Sets @key to @value, as @item wants it. */
static int set(struct adding *a, const char *key, struct slice value,
	       const struct plan_item *item, struct err *e)
{
	struct wrapper *w = a->w;

	if (argv_set(&w->cmd, &w->arena, key, value, e) < 0)
		return err_wrap(e, "template '%.*s'", SLICE_SHOWN(item->t->name));
	buf_printf(&a->added, "%s--%s %.*s (%.*s)", a->added.len ? ", " : "", key,
		   SLICE_ARG(value), SLICE_ARG(item->t->name));
	a->n++;
	return 0;
}

/* Gives the guest an option that it has not. */
static int add_option(struct adding *a, const struct plan_item *item, struct err *e)
{
	const char *key = arena_strdup(&a->w->arena, item->target);
	const char *value = arena_strdup(&a->w->arena, item->value);

	if (!key || !value)
		return err_nomem(e);
	return is_free(a, key) ? set(a, key, slice_of(value), item, e) : 0;
}

/* The first devN that the command can set and nobody has; NULL when there is none. */
static const char *free_slot(const struct adding *a)
{
	for (unsigned i = 0; i < 256; i++) {
		const char *key = arena_printf(&a->w->arena, "dev%u", i);

		if (!key || is_free(a, key))
			return key;
		if (!takes(&a->w->cmd, key))
			return NULL;
	}
	return NULL;
}

/* Gives the container a device that it has not. */
static int add_device(struct adding *a, const struct plan_item *item, struct err *e)
{
	struct arena *arena = &a->w->arena;
	const char *slot, *value;
	struct slice path, left;
	size_t n;

	if (device_is_given(a->w->place.root, &a->in, item->target, arena))
		return 0;
	path = device_resolve(a->w->place.root, item->target, arena, &n);
	slot = path.len ? free_slot(a) : NULL;
	if (!slot)
		return 0; /* the start says what is to be done */
	value = device_option(a->w->place.root, &a->in, path, &item->setting->access,
			      arena, &left);
	if (!value)
		return err_nomem(e);
	if (left.len)
		buf_printf(
			&a->note,
			"%sthe number of '%.*s' in the container is not known yet; when "
			"it is there: pct set %" PRIu64 " --%s %s,gid=N",
			a->note.len ? "; " : "", SLICE_ARG(left), a->w->result.guest.vmid,
			slot, value);
	return set(a, slot, slice_of(value), item, e);
}

/* Notes that the command cannot give the VM its sysctls. */
static void note_credential(struct adding *a)
{
	buf_printf(&a->note,
		   "%sthe sysctls of its templates, when it is there: pve-safe template "
		   "apply %" PRIu64,
		   a->note.len ? "; " : "", a->w->result.guest.vmid);
}

/* Says which sysctls @c gives. */
static void say_credential(struct adding *a, const struct credential *c)
{
	buf_printf(&a->added, "%s--args with the sysctl%s", a->added.len ? ", " : "",
		   c->n > 1 ? "s" : "");
	for (size_t i = 0; i < c->n; i++)
		buf_printf(&a->added, "%s %.*s = %.*s", i ? "," : "",
			   SLICE_SHOWN(c->lines[i].key), SLICE_SHOWN(c->lines[i].value));
	a->n++;
}

/* Gives a VM the sysctls of its templates, in args beside what is there. */
static int add_credential(struct adding *a, const struct settings *s, struct err *e)
{
	const struct guestconf_entry *args = guestconf_find(a->in.section, "args");
	struct slice is = args ? args->value : slice_of("");
	AUTO(buf_done) struct buf text = { 0 };
	struct arena *arena = &a->w->arena;
	struct credential c;
	char *value;

	if (credential_make(&s->plan, s->chosen, s->nchosen, arena, &c, e) < 0 ||
	    credential_put(is, &c, &text, e) < 0)
		return -1;
	if (!c.n || slice_same(is, buf_as_slice(&text)))
		return 0;
	if (!takes(&a->w->cmd, "args")) {
		note_credential(a);
		return 0;
	}
	value = arena_strdup(arena, buf_as_slice(&text));
	if (!value)
		return err_nomem(e);
	say_credential(a, &c);
	return argv_set(&a->w->cmd, arena, "args", slice_of(value), e);
}

/* Adds what the plan wants. */
static int add_all(struct adding *a, const struct settings *s, struct err *e)
{
	const struct plan *plan = &s->plan;

	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_item *item = &plan->items[i];
		int r = 0;

		if (item->kind == SETTING_OPTION)
			r = add_option(a, item, e);
		else if (item->kind == SETTING_DEVICE)
			r = add_device(a, item, e);
		if (r < 0)
			return -1;
	}
	return a->in.kind == GUEST_VM ? add_credential(a, s, e) : 0;
}

/* Both texts, one after the other; NULL when there is neither. */
static const char *join(struct arena *a, const char *first, const struct buf *second)
{
	if (!second->len)
		return first;
	return arena_printf(a, "%s%s%s", first ? first : "", first ? ", " : "",
			    buf_text(second));
}

/* Loads the result again, now that the command says more. */
static void load_again(struct adding *a)
{
	struct wrapper *w = a->w;
	const struct result_world world = { &w->place, &w->cluster };
	const char *added = w->result.added, *note = w->result.note;

	result_done(&w->result);
	result_load(&world, &w->cmd, &w->arena, &w->result);
	w->result.added = join(&w->arena, added, &a->added);
	w->result.note = join(&w->arena, note, &a->note);
}

int wrapper_add_settings(struct wrapper *w, struct err *e)
{
	static const struct slice nobody = { 0 };
	AUTO(adding_done) struct adding a = { .w = w };

	if (!w->result.is_new || w->result.problem || !w->settings.set.n)
		return 0;
	if (settings_plan_guest(&w->settings, &w->cluster, &w->result.guest,
				argv_event(&w->cmd), nobody, &w->arena, &a.in, e) < 0 ||
	    add_all(&a, &w->settings, e) < 0)
		return -1;
	if (a.n || a.note.len)
		load_again(&a);
	return 0;
}
