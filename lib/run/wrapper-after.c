/* SPDX-License-Identifier: MIT */
/*
 * wrapper-after - options and devices that templates want of guests which are made by
 * commands without an option for them: set when the guest is there.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha.h"
#include "pve/option.h"
#include "run/tool.h"
#include "run/wrapper-internal.h"
#include "settings/device.h"

enum { FIXED_WORDS = 6 }; /* tool, set, VMID, --digest, its value, NULL */

/* A `pct set` or `qm set` in the making. */
struct after {
	struct wrapper *w;
	struct facts_input in;
	const char **words; /* "--KEY", "VALUE", … */
	size_t nwords;
	const char *note; /* what it could not say; NULL: nothing */
};

/* Whether the command that made the guest has no option @key. */
static bool comes_after(const struct wrapper *w, const char *key)
{
	struct cli_match m = cli_option_match(w->cmd.command, slice_of(key));

	return m.hits != 1;
}

/* Whether @key is set already, in the guest or by words before. */
static bool is_set(const struct after *a, const char *key)
{
	if (guestconf_find(a->in.section, key))
		return true;
	for (size_t i = 0; i < a->nwords; i += 2)
		if (strcmp(a->words[i] + 2, key) == 0)
			return true;
	return false;
}

/* Adds "--KEY VALUE". */
static void add(struct after *a, const char *key, const char *value)
{
	const char *option = arena_printf(&a->w->arena, "--%s", key);

	if (!option || !value)
		return; /* the arena has failed, which is looked at in the end */
	a->words[a->nwords++] = option;
	a->words[a->nwords++] = value;
}

/* Adds the option that @item wants, where nobody has set it. */
static void add_option(struct after *a, const struct plan_item *item)
{
	const char *key = arena_strdup(&a->w->arena, item->target);

	if (key && comes_after(a->w, key) && !is_set(a, key))
		add(a, key, arena_strdup(&a->w->arena, item->value));
}

/* Adds the device that @item wants, where nobody gives it. */
static void add_device(struct after *a, const struct plan_item *item)
{
	const struct option *family = option_find(GUEST_CT, slice_of("dev0"));
	struct arena *arena = &a->w->arena;
	int root = a->w->place.root;
	const char *slot = NULL, *value;
	struct slice path, left;
	size_t n;

	if (!comes_after(a->w, "dev0") ||
	    device_is_given(root, &a->in, item->target, arena))
		return;
	path = device_resolve(root, item->target, arena, &n);
	for (unsigned i = 0; family && i < family->count && !slot; i++) {
		slot = arena_printf(arena, "dev%u", i);
		if (slot && is_set(a, slot))
			slot = NULL;
	}
	if (!path.len || !slot)
		return;
	value = device_option(root, &a->in, path, &item->setting->access, arena, &left);
	add(a, slot, value);
	if (left.len && value)
		a->note = arena_printf(
			arena,
			"%s%sthe number of '%.*s' in the container is not "
			"known yet; when it runs: pct set %" PRIu64 " --%s %s,gid=N",
			a->note ? a->note : "", a->note ? "; " : "", SLICE_ARG(left),
			a->w->result.guest.vmid, slot, value);
}

/* Finds out what the guest @g lacks of what its templates want. */
static int collect(struct after *a, const struct guest *g, struct err *e)
{
	static const struct slice nobody = { 0 };
	struct wrapper *w = a->w;
	const struct plan *plan = &w->settings.plan;

	if (settings_plan_guest(&w->settings, &w->cluster, g, "start", nobody, &w->arena,
				&a->in, e) < 0)
		return -1;
	a->words = arena_array(&w->arena, 2 * plan->n + 1, sizeof(*a->words));
	for (size_t i = 0; a->words && i < plan->n; i++)
		if (plan->items[i].kind == SETTING_OPTION)
			add_option(a, &plan->items[i]);
		else if (plan->items[i].kind == SETTING_DEVICE)
			add_device(a, &plan->items[i]);
	return arena_failed(&w->arena) ? err_nomem(e) : 0;
}

/* Whether something may be to be set once the command has made its guest. */
static bool may_lack(const struct wrapper *w)
{
	return w->result.is_new && !argv_true(&w->cmd, "dryrun") && w->settings.set.n > 0;
}

/* The words of the whole command for the guest @g; NULL without memory. */
static const char *const *make_argv(const struct after *a, const struct guest *g,
				    const char *digest)
{
	struct arena *arena = &a->w->arena;
	const char **argv = arena_array(arena, a->nwords + FIXED_WORDS, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = tool_path(g->kind);
	argv[n++] = "set";
	argv[n++] = arena_printf(arena, "%" PRIu64, a->w->result.guest.vmid);
	for (size_t i = 0; i < a->nwords; i++)
		argv[n++] = a->words[i];
	if (digest) {
		argv[n++] = "--digest";
		argv[n] = digest;
	}
	return arena_failed(arena) ? NULL : argv;
}

void wrapper_show_after(struct wrapper *w)
{
	struct after a = { .w = w };
	AUTO(buf_done) struct buf line = { 0 };
	const char *const *argv;
	struct err e = { 0 };

	if (!may_lack(w) || w->result.problem || collect(&a, &w->result.guest, &e) < 0 ||
	    !a.nwords)
		return;
	argv = make_argv(&a, &w->result.guest, NULL);
	if (argv)
		tool_quote(argv, &line);
	if (!argv)
		return;
	(void)printf("then: %s\n", buf_text(&line));
	wrapper_note("note", a.note);
}

/* Says and records that the guest is there and lacks what templates want. */
static void say_partial(const struct wrapper *w, const char *why, const char *todo)
{
	wrapper_say_partial(w, "lacks what its templates want", why, todo,
			    "the guest is made; it lacks what its templates want");
}

/* Sets what the guest @g, which is there, lacks. */
static void set_on(struct wrapper *w, const struct guest *g)
{
	struct after a = { .w = w };
	AUTO(buf_done) struct buf line = { 0 }, todo = { 0 };
	char digest[SHA1_HEX_SIZE];
	const char *const *argv, *const *plain;
	struct err e = { 0 };

	if (collect(&a, g, &e) < 0) {
		say_partial(w, e.msg, "pve-safe check VMID says what");
		return;
	}
	if (!a.nwords)
		return;
	sha1_hex(file_slice(&g->text), digest);
	argv = make_argv(&a, g, digest);
	plain = make_argv(&a, g, NULL);
	if (!argv || !plain) {
		say_partial(w, "out of memory", "pve-safe check VMID says what");
		return;
	}
	tool_quote(argv, &line);
	tool_quote(plain, &todo);
	if (strcmp(g->node, w->place.node) != 0)
		say_partial(w, arena_printf(&w->arena, "it is on node %s", g->node),
			    buf_text(&todo));
	else if (tool_set(g->kind, argv, &e) < 0)
		say_partial(w, e.msg, buf_text(&todo));
	else {
		wrapper_note("added", buf_text(&line));
		wrapper_note("note", a.note);
	}
}

void wrapper_settle(struct wrapper *w)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };

	if (!may_lack(w))
		return;
	switch (guest_load_any(&w->place, w->result.guest.vmid, &g, &e)) {
	case GUEST_ABSENT:
		return; /* the outcome says so */
	case GUEST_FAILED:
		say_partial(w, e.msg, "mend its file, then pve-safe check VMID");
		return;
	case GUEST_FOUND:
		set_on(w, &g);
		break;
	}
}
