/* SPDX-License-Identifier: MIT */
#include "run/result.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/change.h"
#include "pve/format.h"
#include "run/result-internal.h"
#include "run/result-source.h"

int result_stop(struct loading *l, const char *todo, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->result->problem = arena_strdup(l->arena, slice_of(text));
	if (!l->result->problem)
		l->result->problem = "out of memory";
	l->result->todo = todo;
	return -1;
}

const char *result_text(const struct loading *l, const char *name)
{
	struct slice value = argv_value(l->cmd, name);

	return value.ptr ? arena_strdup(l->arena, value) : NULL;
}

enum guest_kind result_kind(const struct argv_command *c)
{
	return c->tool == TOOL_PCT ? GUEST_CT : GUEST_VM;
}

/* "CT" or "VM". */
static const char *kind_word(enum guest_kind kind)
{
	return kind == GUEST_CT ? "CT" : "VM";
}

/* Says where the guest is that this node has not. */
static int stop_absent(struct loading *l, uint64_t vmid)
{
	AUTO(guest_done) struct guest other = { 0 };
	struct err e = { 0 };

	if (!place_has_cluster(l->world->place))
		return result_stop(l, "systemctl status pve-cluster",
				   "/etc/pve: the cluster file system is not mounted");
	if (guest_load_any(l->world->place, vmid, &other, &e) == GUEST_FOUND)
		return result_stop(l, "run the command on that node",
				   "%s %" PRIu64 " is on node %s, not on %s",
				   kind_word(other.kind), vmid, other.node,
				   l->world->place->node);
	return result_stop(l, NULL, "there is no %s %" PRIu64 " on this node (%s)",
			   kind_word(result_kind(l->cmd)), vmid, l->world->place->node);
}

/* The guest @vmid was looked for, with @e where it FAILED: it must be of the tool's kind. */
static int looked_for(struct loading *l, uint64_t vmid, enum guest_where where,
		      const struct err *e)
{
	struct guest *g = &l->result->guest;

	g->vmid = vmid;
	if (where != GUEST_FOUND)
		g->kind = result_kind(l->cmd);
	if (where == GUEST_FAILED)
		return result_stop(l, "mend or restore this file, then try again", "%s",
				   e->msg);
	if (where == GUEST_ABSENT)
		return stop_absent(l, vmid);
	if (g->kind == result_kind(l->cmd))
		return 0;
	return result_stop(l, g->kind == GUEST_CT ? "use pct-safe" : "use qm-safe",
			   "%" PRIu64 " is a %s", vmid,
			   g->kind == GUEST_CT ? "container" : "VM");
}

int result_load_vmid(struct loading *l, uint64_t vmid)
{
	const char *from =
		l->cmd->tool == TOOL_QM ? result_text(l, "migratedfrom") : NULL;
	struct err e = { 0 };

	return looked_for(
		l, vmid,
		guest_load_local(l->world->place, vmid, from, &l->result->guest, &e), &e);
}

/*
 * Whether the command forgets what a VM was suspended to disk with, and its lock along with
 * that. Source: PVE::API2::Qemu, update_vm_api.
 */
static bool forgets_state(const struct loading *l, struct slice lock)
{
	struct slice rest = argv_value(l->cmd, "delete"), key;

	if (l->cmd->tool != TOOL_QM || strcmp(argv_event(l->cmd), "set") != 0 ||
	    !slice_eq(lock, "suspended"))
		return false;
	while (format_list_next(&rest, &key))
		if (slice_eq(key, "vmstate"))
			return true;
	return false;
}

/* Whether Proxmox lets a start pass although the guest is locked by @lock. */
static bool may_start(const struct loading *l, struct slice lock)
{
	if (strcmp(argv_event(l->cmd), "start") != 0)
		return false;
	if (l->cmd->tool == TOOL_PCT) /* what pct mount has mounted is unmounted first */
		return slice_eq(lock, "mounted");
	/* Resumed from disk; and in the QEMU that a backup has started. */
	return slice_eq(lock, "suspended") || slice_eq(lock, "backup");
}

int result_load_unlocked(struct loading *l)
{
	const struct guest *g = &l->result->guest;
	const struct guestconf_entry *lock;

	if (result_load_vmid(l, argv_vmid(l->cmd)) < 0)
		return -1;
	lock = guestconf_find(guestconf_current(&g->conf), "lock");
	if (!lock || argv_true(l->cmd, "skiplock") || g->migrated ||
	    may_start(l, lock->value) || forgets_state(l, lock->value))
		return 0;
	return result_stop(l,
			   "wait until that is done; if nothing works on it any more: "
			   "pct|qm unlock VMID",
			   "%s %" PRIu64 " is locked: %.*s is under way (%s:%u)",
			   kind_word(g->kind), g->vmid, SLICE_SHOWN(lock->value), g->path,
			   lock->line);
}

int result_become(struct loading *l, const struct guestconf_section *after)
{
	struct guest *g = &l->result->guest;
	const struct guestconf_section before = g->start;

	g->start = *after;
	return result_note_changes(l, &before, &g->start);
}

bool result_is_of_ha(const struct loading *l)
{
	const struct cluster_ha_resource *r = cluster_find_ha(
		&l->world->cluster->ha, result_kind(l->cmd), argv_vmid(l->cmd));

	return r && !slice_eq(r->state, "ignored");
}

/*
 * Whether Proxmox does not start the guest itself but asks HA to: which it does from every
 * node, and whatever locks the guest now. Source: PVE::API2::Qemu and
 * PVE::API2::LXC::Status, vm_start.
 */
static bool is_asked_of_ha(const struct loading *l)
{
	return result_is_of_ha(l) && !argv_value(l->cmd, "stateuri").len;
}

/* Loads the guest that is to be started, wherever HA has it. */
static int load_starting(struct loading *l)
{
	uint64_t vmid = argv_vmid(l->cmd);
	struct err e = { 0 };

	if (!is_asked_of_ha(l))
		return result_load_unlocked(l);
	return looked_for(l, vmid,
			  guest_load_any(l->world->place, vmid, &l->result->guest, &e),
			  &e);
}

/*
 * start: a VM's with the CPU and machine that the command names. Those of one that comes over
 * are what the source's has: Proxmox names them, in QEMU's own words.
 */
static int load_start(struct loading *l)
{
	struct guest *g = &l->result->guest;
	struct guestconf_section after;
	struct err e = { 0 };

	if (load_starting(l) < 0)
		return -1;
	if (g->kind != GUEST_VM || g->migrated)
		return 0;
	if (change_start(&g->start, l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	g->start = after;
	return 0;
}

int result_note_changes(struct loading *l, const struct guestconf_section *before,
			const struct guestconf_section *after)
{
	struct change_keys keys;
	struct err e = { 0 };

	if (change_keys(before, after, l->arena, &keys, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	l->result->changes = (struct request_list){ keys.keys, keys.n };
	return 0;
}

/* set, and disk unlink, which is a set. */
static int load_set(struct loading *l)
{
	struct guest *g = &l->result->guest;
	struct guestconf_section after;
	struct err e = { 0 };

	if (result_load_unlocked(l) < 0)
		return -1;
	if (change_set(&g->conf, l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

const struct guestconf_section *result_find_snapshot(struct loading *l, const char *name)
{
	const struct guest *g = &l->result->guest;
	const struct guestconf_section *s = guestconf_snapshot(&g->conf, slice_of(name));

	if (!s)
		(void)result_stop(l, "list them: pct|qm listsnapshot VMID",
				  "%s: there is no snapshot '%s'", g->path, name);
	return s;
}

/* rollback: the snapshot's section comes back whole. */
static int load_rollback(struct loading *l)
{
	struct guest *g = &l->result->guest;
	const struct guestconf_section *from;
	struct guestconf_section after;
	struct argv_command nothing = *l->cmd;
	const char *snapname;
	struct err e = { 0 };

	if (result_load_unlocked(l) < 0)
		return -1;
	snapname = result_text(l, "snapname");
	if (!snapname)
		return result_stop(l, NULL, "rollback: which snapshot?");
	from = result_find_snapshot(l, snapname);
	if (!from)
		return -1;
	nothing.nparams = 0;
	if (change_copy(from, g->kind, &nothing, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

struct loader {
	const char *event;
	int (*load)(struct loading *l);
};

static const struct loader loaders[] = {
	{ "clone", result_load_clone },
	{ "create", result_load_create },
	{ "disk import", result_load_disk_import },
	{ "disk move", result_load_move },
	{ "disk resize", result_load_resize },
	{ "disk unlink", load_set },
	{ "import", result_load_import },
	{ "importovf", result_load_import },
	{ "migrate", result_load_migrate },
	{ "move-volume", result_load_move },
	{ "remote-migrate", result_load_migrate },
	{ "resize", result_load_resize },
	{ "restore", result_load_restore },
	{ "rollback", load_rollback },
	{ "set", load_set },
	{ "start", load_start },
	{ "template", result_load_unlocked }, /* judged as it is */
};

/* The name in the word @word, "--name=value". */
static struct slice name_in(const char *word)
{
	struct slice name, value;

	word += strspn(word, "-");
	return slice_cut(slice_of(word), '=', &name, &value) ? name : slice_of(word);
}

/* Lists the options of @c that were named, also those that we do not know. */
static void note_given(struct loading *l)
{
	const struct argv_command *c = l->cmd;
	struct slice *names =
		arena_array(l->arena, c->nparams + c->nunknown + 1, sizeof(*names));
	size_t n = 0;

	if (!names)
		return;
	for (size_t i = 0; i < c->nparams; i++)
		if (c->params[i].named)
			names[n++] = slice_of(c->params[i].name);
	for (size_t i = 0; i < c->nunknown; i++)
		names[n++] = name_in(c->typed.words[c->unknown[i]]);
	l->result->given = (struct request_list){ names, n };
}

void result_note_request(struct loading *l)
{
	note_given(l);
	l->result->sources = result_sources(l->cmd, l->arena);
	l->result->target = argv_value(l->cmd, "target");
}

bool result_makes_guest(const char *event)
{
	static const char *const makers[] = { "clone", "create", "import", "importovf",
					      "restore" };

	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		if (strcmp(makers[i], event) == 0)
			return true;
	return false;
}

bool result_needs_storages(const struct argv_command *c)
{
	const char *event = argv_event(c);

	if (strcmp(event, "migrate") != 0)
		return result_makes_guest(event);
	return argv_find(c, "targetstorage") || argv_find(c, "target-storage");
}

void result_load(const struct result_world *world, struct argv_command *c,
		 struct arena *a, struct result *ret)
{
	struct loading l = { .world = world, .cmd = c, .arena = a, .result = ret };
	const char *event = argv_event(c);

	*ret = (struct result){ .guest.kind = result_kind(c),
				.guest.vmid = argv_vmid(c),
				.is_new = result_makes_guest(event) };
	result_note_request(&l);
	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (strcmp(loaders[i].event, event) == 0) {
			(void)loaders[i].load(&l);
			return;
		}
	/* Only where a row of pve/cli-* says that it is judged, and none here says how. */
	(void)result_stop(&l, NULL, "'%s' cannot be judged", event);
}

void result_load_named(const struct result_world *world, struct argv_command *c,
		       struct arena *a, struct result *ret)
{
	struct loading l = { .world = world, .cmd = c, .arena = a, .result = ret };
	struct guestconf_section *none;
	uint64_t vmid = argv_vmid(c);

	*ret = (struct result){ .guest.kind = result_kind(c) };
	result_note_request(&l);
	if (!vmid || result_load_vmid(&l, vmid) == 0)
		return;
	/* The tool says itself what is wrong; the command is judged by name and login. */
	none = arena_alloc(a, sizeof(*none));
	if (!none)
		return;
	ret->problem = NULL;
	ret->guest.conf = (struct guestconf){ .kind = ret->guest.kind,
					      .sections = none,
					      .nsections = 1 };
}

void result_done(struct result *r)
{
	guest_done(&r->guest);
	guest_done(&r->giver);
}
