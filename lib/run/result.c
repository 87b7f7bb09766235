/* SPDX-License-Identifier: MIT */
#include "run/result.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/change.h"
#include "run/archive.h"

/* What the loader of an event works on. */
struct loading {
	const struct place *place;
	const struct argv_command *cmd;
	struct arena *arena;
	struct result *result;
};

/* Notes why there is nothing to judge; returns -1. */
static int stop(struct loading *l, const char *todo, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int stop(struct loading *l, const char *todo, const char *fmt, ...)
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

/* Value of option @name as a C string; NULL when it was not given, or without memory. */
static const char *text_of(const struct loading *l, const char *name)
{
	struct slice value = argv_value(l->cmd, name);

	return value.ptr ? arena_strdup(l->arena, value) : NULL;
}

/* Kind of guest that the tool is for. */
static enum guest_kind kind_of(const struct argv_command *c)
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

	if (!place_has_cluster(l->place))
		return stop(l, "systemctl status pve-cluster",
			    "/etc/pve: the cluster file system is not mounted");
	if (guest_load_any(l->place, vmid, &other, &e) == GUEST_FOUND)
		return stop(l, "run the command on that node",
			    "%s %" PRIu64 " is on node %s, not on %s",
			    kind_word(other.kind), vmid, other.node, l->place->node);
	return stop(l, NULL, "there is no %s %" PRIu64 " on this node (%s)",
		    kind_word(kind_of(l->cmd)), vmid, l->place->node);
}

/* Loads the guest @vmid of this node, which must be of the tool's kind. */
static int load_guest(struct loading *l, uint64_t vmid)
{
	struct guest *g = &l->result->guest;
	const char *from = l->cmd->tool == TOOL_QM ? text_of(l, "migratedfrom") : NULL;
	struct err e = { 0 };
	enum guest_where where = guest_load_local(l->place, vmid, from, g, &e);

	g->vmid = vmid;
	if (where != GUEST_FOUND)
		g->kind = kind_of(l->cmd);
	if (where == GUEST_FAILED)
		return stop(l, "mend or restore this file, then try again", "%s", e.msg);
	if (where == GUEST_ABSENT)
		return stop_absent(l, vmid);
	if (g->kind == kind_of(l->cmd))
		return 0;
	return stop(l, g->kind == GUEST_CT ? "use pct-safe" : "use qm-safe",
		    "%" PRIu64 " is a %s", vmid,
		    g->kind == GUEST_CT ? "container" : "VM");
}

/* Commands that leave the configuration as it is: judged on what the next start uses. */
static int load_present(struct loading *l)
{
	return load_guest(l, argv_vmid(l->cmd));
}

/* Notes the keys in which @after differs from @before. */
static int note_changes(struct loading *l, const struct guestconf_section *before,
			const struct guestconf_section *after)
{
	struct change_keys keys;
	struct err e = { 0 };

	if (change_keys(before, after, l->arena, &keys, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	l->result->changes = (struct request_list){ keys.keys, keys.n };
	return 0;
}

/* Makes the new guest @vmid, whose number must be free, out of @after. */
static int new_guest(struct loading *l, uint64_t vmid, struct guestconf_section after)
{
	AUTO(guest_done) struct guest taken = { 0 };
	struct guest *g = &l->result->guest;
	struct guestconf_section *only = arena_alloc(l->arena, sizeof(*only));
	struct err e = { 0 };

	if (!argv_true(l->cmd, "force") &&
	    guest_load_any(l->place, vmid, &taken, &e) == GUEST_FOUND)
		return stop(l, "pvesh get /cluster/nextid",
			    "VMID %" PRIu64 " is taken by a %s on node %s", vmid,
			    taken.kind == GUEST_CT ? "container" : "VM", taken.node);
	if (!only)
		return stop(l, NULL, "out of memory");
	*only = after;
	g->kind = kind_of(l->cmd);
	g->vmid = vmid;
	g->conf = (struct guestconf){ .kind = g->kind,
				      .text = g->conf.text, /* a clone's lines */
				      .sections = only,
				      .nsections = 1 };
	g->start = after;
	(void)snprintf(g->node, sizeof(g->node), "%s", l->place->node);
	(void)snprintf(g->path, sizeof(g->path), "command line");
	return note_changes(l, NULL, &g->start);
}

/* create. */
static int load_create(struct loading *l)
{
	struct guestconf_section after;
	struct err e = { 0 };

	if (change_create(l->cmd, l->arena, &after, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	return new_guest(l, argv_vmid(l->cmd), after);
}

/* set. */
static int load_set(struct loading *l)
{
	struct guest *g = &l->result->guest;
	struct guestconf_section before, after;
	struct err e = { 0 };

	if (load_guest(l, argv_vmid(l->cmd)) < 0)
		return -1;
	before = g->start;
	if (change_set(&g->conf, l->cmd, l->arena, &after, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	g->start = after;
	return note_changes(l, &before, &g->start);
}

/* The section of snapshot @name of the loaded guest, or NULL after stopping. */
static const struct guestconf_section *find_snapshot(struct loading *l, const char *name)
{
	const struct guest *g = &l->result->guest;
	const struct guestconf_section *s = guestconf_snapshot(&g->conf, slice_of(name));

	if (!s)
		(void)stop(l, "list them: pct|qm listsnapshot VMID",
			   "%s: there is no snapshot '%s'", g->path, name);
	return s;
}

/* clone: the source's configuration, or that of one of its snapshots, under a new number. */
static int load_clone(struct loading *l)
{
	const char *snapname = text_of(l, "snapname");
	const struct guestconf_section *from;
	struct guestconf_section after;
	struct guest *g = &l->result->guest;
	struct err e = { 0 };
	char path[sizeof(g->path)];
	uint64_t newid;

	if (load_guest(l, argv_vmid(l->cmd)) < 0)
		return -1;
	from = snapname ? find_snapshot(l, snapname) : guestconf_current(&g->conf);
	if (!from)
		return -1;
	if (!num_parse_zeros(argv_value(l->cmd, "newid"), 1, UINT64_MAX, &newid))
		return stop(l, NULL, "newid: no VMID");
	if (change_copy(from, g->kind, l->cmd, l->arena, &after, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	(void)snprintf(path, sizeof(path), "%s", g->path);
	if (new_guest(l, newid, after) < 0)
		return -1;
	(void)snprintf(g->path, sizeof(g->path), "%s", path);
	return 0;
}

/* rollback: the snapshot's section comes back whole. */
static int load_rollback(struct loading *l)
{
	struct guest *g = &l->result->guest;
	const struct guestconf_section *from;
	struct guestconf_section before, after;
	struct argv_command nothing = *l->cmd;
	const char *snapname;
	struct err e = { 0 };

	if (load_guest(l, argv_vmid(l->cmd)) < 0)
		return -1;
	snapname = text_of(l, "snapname");
	if (!snapname)
		return stop(l, NULL, "rollback: which snapshot?");
	from = find_snapshot(l, snapname);
	if (!from)
		return -1;
	before = g->start;
	nothing.nparams = 0;
	if (change_copy(from, g->kind, &nothing, l->arena, &after, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	g->start = after;
	return note_changes(l, &before, &g->start);
}

/* The section that is in the archive @volume, or an empty one where only a pipe has it. */
static int archived(struct loading *l, const char *volume,
		    const struct guestconf_section **ret)
{
	static const struct guestconf_section unread = { 0 };
	struct guest *g = &l->result->guest;
	struct slice text;
	struct err e = { 0 };

	*ret = &unread;
	if (strcmp(volume, "-") == 0)
		return 0; /* what comes out of a pipe is judged when Proxmox has written it */
	if (archive_config(volume, l->arena, &text, &e) < 0)
		return stop(l, "see what is in it: pvesm extractconfig VOLUME", "%s",
			    e.msg);
	if (guestconf_parse(kind_of(l->cmd), text, l->arena, &g->conf, &e) < 0)
		return stop(l, NULL, "archive '%s': %s", volume, e.msg);
	*ret = guestconf_current(&g->conf);
	return 0;
}

/* restore: the configuration in the archive, with the options on top. */
static int load_restore(struct loading *l)
{
	const char *volume = text_of(l, "archive");
	const struct guestconf_section *from;
	struct guestconf_section after;
	struct guest *g = &l->result->guest;
	struct err e = { 0 };

	if (!volume)
		volume = text_of(l, "ostemplate");
	if (!volume)
		return stop(l, NULL, "restore: which archive?");
	if (archived(l, volume, &from) < 0)
		return -1;
	if (change_copy(from, kind_of(l->cmd), l->cmd, l->arena, &after, &e) < 0)
		return stop(l, NULL, "%s", e.msg);
	if (new_guest(l, argv_vmid(l->cmd), after) < 0)
		return -1;
	(void)snprintf(g->path, sizeof(g->path), "archive %s", volume);
	return 0;
}

struct loader {
	const char *event;
	int (*load)(struct loading *l);
};

static const struct loader loaders[] = {
	{ "clone", load_clone },         { "create", load_create },
	{ "disk import", load_present }, { "disk move", load_present },
	{ "disk resize", load_present }, { "migrate", load_present },
	{ "move-volume", load_present }, { "remote-migrate", load_present },
	{ "resize", load_present },      { "restore", load_restore },
	{ "rollback", load_rollback },   { "set", load_set },
	{ "start", load_present },       { "template", load_present },
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

void result_load(const struct place *p, const struct argv_command *c, struct arena *a,
		 struct result *ret)
{
	struct loading l = { .place = p, .cmd = c, .arena = a, .result = ret };
	const char *event = argv_event(c);

	*ret = (struct result){ .guest.kind = kind_of(c), .guest.vmid = argv_vmid(c) };
	note_given(&l);
	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (strcmp(loaders[i].event, event) == 0) {
			(void)loaders[i].load(&l);
			return;
		}
	(void)stop(&l, "use the real tool where the policy allows you that",
		   "'%s' cannot be judged by this version", event);
}

void result_load_named(const struct place *p, const struct argv_command *c,
		       struct arena *a, struct result *ret)
{
	struct loading l = { .place = p, .cmd = c, .arena = a, .result = ret };
	struct guestconf_section *none;
	uint64_t vmid = argv_vmid(c);

	*ret = (struct result){ .guest.kind = kind_of(c) };
	note_given(&l);
	if (!vmid || load_guest(&l, vmid) == 0)
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
}
