/* SPDX-License-Identifier: MIT */
#include "run/load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/num.h"
#include "facts/leads.h"
#include "pve/resolve.h"
#include "pve/vmid.h"
#include "run/shared-ids.h"

typedef int (*cluster_reader)(struct slice text, struct arena *a, void *ret,
			      struct err *e);

/* Makes a reader of one type fit the table. */
#define READER(func, type)                                                    \
	static int read_##func(struct slice text, struct arena *a, void *ret, \
			       struct err *e)                                 \
	{                                                                     \
		return cluster_read_##func(text, a, (type *)ret, e);          \
	}
READER(pools, struct cluster_pools)
READER(ha, struct cluster_ha)
READER(tags, struct cluster_tags)
READER(storages, struct cluster_storages)
READER(jobs, struct cluster_jobs)
#undef READER

struct source_row {
	enum source source;
	const char *path; /* below the root */
	cluster_reader read;
	size_t offset; /* of its result in struct cluster */
};

static const struct source_row source_rows[] = {
	{ SOURCE_POOL, "etc/pve/user.cfg", read_pools, offsetof(struct cluster, pools) },
	{ SOURCE_HA, "etc/pve/ha/resources.cfg", read_ha, offsetof(struct cluster, ha) },
	{ SOURCE_REGISTRY, "etc/pve/datacenter.cfg", read_tags,
	  offsetof(struct cluster, registered) },
	{ SOURCE_STORAGE, "etc/pve/storage.cfg", read_storages,
	  offsetof(struct cluster, storages) },
	{ SOURCE_BACKUP, "etc/pve/jobs.cfg", read_jobs, offsetof(struct cluster, jobs) },
};

/* Reads one of the cluster's files. */
static void load_source(const struct place *p, const struct source_row *row,
			struct cluster *c)
{
	struct source_status *status = &c->sources[row->source];
	struct file_text *text = &c->texts[row->source];
	struct file_rules named = p->files;
	struct err e = { 0 };
	int got;

	status->file = arena_printf(&c->arena, "%s/%s", p->prefix, row->path);
	status->state = SOURCE_STATE_READ;
	named.shown = status->file;
	got = file_read(p->root, row->path, &named, text, &e);
	/* An absent file is an empty one: Proxmox has a storage `local` without any. */
	if (got >= 0)
		got = row->read(file_slice(text), &c->arena, (char *)c + row->offset, &e);
	if (got >= 0)
		return;
	status->state = SOURCE_STATE_FAILED;
	if (e.line)
		status->why = arena_printf(&c->arena, "line %u: %s", e.line, e.msg);
	else
		status->why = arena_printf(&c->arena, "%s", e.msg);
}

void cluster_load(const struct place *p, unsigned sources, struct cluster *ret)
{
	*ret = (struct cluster){ 0 };
	cluster_load_more(p, sources, ret);
}

/* Whether there is no cluster at all; of one that cannot be looked at that is not known. */
static bool is_alone(const struct place *p)
{
	struct stat st;

	if (fstatat(p->root, "etc/pve/nodes", &st, 0) == 0)
		return !S_ISDIR(st.st_mode);
	return errno == ENOENT || errno == ENOTDIR;
}

void cluster_load_more(const struct place *p, unsigned sources, struct cluster *c)
{
	if (is_alone(p))
		return; /* no cluster, no pools: their facts are none */
	for (size_t i = 0; i < ARRAY_LEN(source_rows); i++)
		if (sources & 1U << source_rows[i].source &&
		    c->sources[source_rows[i].source].state == SOURCE_STATE_NONE)
			load_source(p, &source_rows[i], c);
	if (sources & 1U << SOURCE_IDS && !c->ids)
		c->ids = shared_ids_new(&c->arena);
}

void cluster_done(struct cluster *c)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		file_text_done(&c->texts[i]);
	shared_ids_done(c->ids);
	arena_done(&c->arena);
}

/* Reads the text at @path below @dirfd and parses it; .path is what people see. */
static enum guest_where load_text(int dirfd, const char *path,
				  const struct file_rules *rules, struct guest *g,
				  struct err *e)
{
	struct file_rules named = *rules;
	int got;

	named.shown = g->path;
	got = file_read(dirfd, path, &named, &g->text, e);
	if (got > 0)
		return GUEST_ABSENT;
	return got < 0 ? GUEST_FAILED : guest_parse(g, e);
}

enum guest_where guest_parse(struct guest *g, struct err *e)
{
	struct slice text = file_slice(&g->text);

	if (guestconf_parse_known(g->kind, text, g->known, &g->arena, &g->conf, e) == 0 &&
	    guestconf_start(&g->conf, &g->arena, &g->start, e) == 0)
		return GUEST_FOUND;
	(void)err_wrap(e, "%s", g->path);
	return GUEST_FAILED;
}

/* Name of the directory of guests of @kind. */
static const char *kind_dir(enum guest_kind kind)
{
	return kind == GUEST_CT ? "lxc" : "qemu-server";
}

enum guest_where guest_load_at(const struct place *p, const char *node,
			       enum guest_kind kind, uint64_t vmid, struct guest *ret,
			       struct err *e)
{
	char path[PLACE_PATH_MAX];

	*ret = (struct guest){ .kind = kind, .vmid = vmid };
	(void)snprintf(ret->node, sizeof(ret->node), "%s", node);
	(void)snprintf(path, sizeof(path), "etc/pve/nodes/%s/%s/%" PRIu64 ".conf", node,
		       kind_dir(kind), vmid);
	(void)snprintf(ret->path, sizeof(ret->path), "%s/%s", p->prefix, path);
	return load_text(p->root, path, &p->files, ret, e);
}

/* Reads a guest of this node by the short path that people know. */
static enum guest_where load_short(const struct place *p, enum guest_kind kind,
				   uint64_t vmid, struct guest *ret, struct err *e)
{
	char path[PLACE_PATH_MAX];
	enum guest_where where;

	*ret = (struct guest){ .kind = kind, .vmid = vmid };
	(void)snprintf(ret->node, sizeof(ret->node), "%s", p->node);
	(void)snprintf(path, sizeof(path), "etc/pve/%s/%" PRIu64 ".conf", kind_dir(kind),
		       vmid);
	(void)snprintf(ret->path, sizeof(ret->path), "%s/%s", p->prefix, path);
	where = load_text(p->root, path, &p->files, ret, e);
	return where == GUEST_ABSENT ? guest_load_at(p, p->node, kind, vmid, ret, e)
				     : where;
}

enum guest_where guest_load_local(const struct place *p, uint64_t vmid,
				  const char *migrated_from, struct guest *ret,
				  struct err *e)
{
	enum guest_where where = load_short(p, GUEST_CT, vmid, ret, e);

	if (where == GUEST_ABSENT)
		where = load_short(p, GUEST_VM, vmid, ret, e);
	if (where != GUEST_ABSENT || !migrated_from || !place_is_node_name(migrated_from))
		return where;
	where = guest_load_at(p, migrated_from, GUEST_VM, vmid, ret, e);
	ret->migrated = true;
	if (where == GUEST_FOUND) /* it goes on as what it is: its changes wait */
		ret->start = *guestconf_current(&ret->conf);
	return where;
}

/* Says that the nodes cannot be listed: a guest that was not found may be on one of them. */
static enum guest_where fail_nodes(const struct place *p, struct err *e)
{
	(void)err_set(e, ERR_SYSTEM, "%s/etc/pve/nodes: %s", p->prefix, strerror(errno));
	return GUEST_FAILED;
}

enum guest_where guest_load_any(const struct place *p, uint64_t vmid, struct guest *ret,
				struct err *e)
{
	enum guest_where where = guest_load_local(p, vmid, NULL, ret, e);
	AUTO(dir_close) DIR *nodes = NULL;
	struct dirent *d;

	if (where != GUEST_ABSENT)
		return where;
	nodes = dir_open(p->root, "etc/pve/nodes");
	if (!nodes && errno == ENOENT)
		return GUEST_ABSENT;
	if (!nodes)
		return fail_nodes(p, e);
	while (where == GUEST_ABSENT && (d = dir_next(nodes))) {
		if (!place_is_node_name(d->d_name))
			continue;
		where = guest_load_at(p, d->d_name, GUEST_CT, vmid, ret, e);
		if (where == GUEST_ABSENT)
			where = guest_load_at(p, d->d_name, GUEST_VM, vmid, ret, e);
	}
	if (where == GUEST_ABSENT && errno)
		where = fail_nodes(p, e);
	return where;
}

/* Kind by the directory in @path: 0 or 1, or -1 when no component says so. */
static int kind_of_path(const char *path)
{
	struct slice part, rest = slice_of(path);
	int kind = -1;

	while (slice_cut(rest, '/', &part, &rest)) {
		if (slice_eq(part, "lxc"))
			kind = GUEST_CT;
		else if (slice_eq(part, "qemu-server"))
			kind = GUEST_VM;
	}
	return kind;
}

uint64_t guest_vmid_of(const char *path)
{
	const char *name = strrchr(path, '/');
	struct slice s = slice_of(name ? name + 1 : path);
	uint64_t vmid = 0;

	if (s.len <= 5 || memcmp(s.ptr + s.len - 5, ".conf", 5) != 0)
		return 0;
	s.len -= 5;
	return vmid_parse(s, &vmid) ? vmid : 0;
}

/* Says in @e that nothing tells of what kind the guest of @path is. */
static void say_no_kind(const char *path, struct err *e)
{
	if (faccessat(AT_FDCWD, path, F_OK, 0) < 0 && errno == ENOENT)
		(void)err_set(e, ERR_USAGE, "'%s': no such file, and no VMID", path);
	else
		(void)err_set(e, ERR_USAGE,
			      "'%s': container or VM? say --kind ct or --kind vm", path);
}

enum guest_where guest_load_file(const struct place *p, const char *path, int kind,
				 struct guest *ret, struct err *e)
{
	struct file_rules rules = p->files;

	rules.owner = FILE_OWNER_ROOT_OR_CALLER;
	*ret = (struct guest){ .vmid = guest_vmid_of(path) };
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	if (kind < 0)
		kind = kind_of_path(path);
	if (kind < 0) {
		say_no_kind(path, e);
		return GUEST_FAILED;
	}
	ret->kind = kind == GUEST_VM ? GUEST_VM : GUEST_CT;
	return load_text(AT_FDCWD, path, &rules, ret, e);
}

void guest_done(struct guest *g)
{
	file_text_done(&g->text);
	arena_done(&g->arena);
}

void input_fill(const struct cluster *c, const struct guest *g, bool start,
		struct facts_input *ret)
{
	*ret = (struct facts_input){
		.kind = g->kind,
		.vmid = g->vmid,
		.conf_file = g->path,
		.conf = &g->conf,
		.section = start ? &g->start : guestconf_current(&g->conf),
	};
	if (*g->node) {
		ret->node = slice_of(g->node);
		memcpy(ret->sources, c->sources, sizeof(ret->sources));
		ret->pools = &c->pools;
		ret->ha = &c->ha;
		ret->registered = &c->registered;
		ret->storages = &c->storages;
		ret->jobs = &c->jobs;
	}
	ret->sources[SOURCE_REQUEST].state = SOURCE_STATE_READ;
	ret->sources[SOURCE_GUEST] =
		(struct source_status){ .state = SOURCE_STATE_READ, .file = g->path };
}

/* Notes how the look at @source, at @path, went. */
static void note_look(const struct place *p, const char *path, bool failed,
		      const struct err *e, struct arena *a, struct source_status *ret)
{
	ret->state = failed ? SOURCE_STATE_FAILED : SOURCE_STATE_READ;
	ret->file = arena_printf(a, "%s/%s", p->prefix, path);
	ret->why = failed ? arena_printf(a, "%s", e->msg) : NULL;
}

/* Whether @g has a PCI device of the node. */
static bool has_pci(const struct facts_input *in)
{
	for (size_t i = 0; i < in->section->nentries; i++)
		if (slice_starts(in->section->entries[i].key, "hostpci"))
			return true;
	return false;
}

/* Whether @wanted names a fact of where host paths lead to. */
static bool wants_leads(const struct fact_set *wanted)
{
	return fact_set_has(wanted, FACT_bind_resolved) ||
	       fact_set_has(wanted, FACT_bind_link) ||
	       fact_set_has(wanted, FACT_bind_unsafe);
}

/* Follows the host paths of a container to where they lead. */
static void look_at_leads(const struct place *p, struct arena *a, struct facts_input *ret)
{
	struct bind_lead *leads;
	struct fact sources;

	leads_sources(ret, a, &sources);
	ret->sources[SOURCE_FILES].state = SOURCE_STATE_READ;
	if (sources.state != FACT_STATE_KNOWN || !sources.nitems)
		return;
	leads = arena_array(a, sources.nitems, sizeof(*leads));
	for (size_t i = 0; leads && i < sources.nitems; i++) {
		struct resolved found;
		struct err e = { 0 };

		if (resolve_path(p->root, sources.items[i].text, a, &found, &e) == 0)
			leads[i] = (struct bind_lead){ found.path, found.loose, NULL };
		else if (!(leads[i].why = arena_strdup(a, slice_of(e.msg))))
			leads[i].why = "out of memory";
	}
	ret->leads = leads;
	ret->nleads = leads ? sources.nitems : 0;
}

void input_look(const struct place *p, const struct cluster *c, const struct guest *g,
		bool inside, const struct fact_set *wanted, struct arena *a,
		struct facts_input *ret)
{
	struct engines *engines = NULL;
	struct pci_devices *controllers = NULL;
	struct err e = { 0 };
	int got;

	if (!g->vmid || !*g->node)
		return;
	if (c->ids && g->kind == GUEST_CT && fact_set_has(wanted, FACT_host_id_shared))
		shared_ids_find(c->ids, p, a, ret);
	if (strcmp(g->node, p->node) != 0)
		return;
	if (g->kind == GUEST_CT && wants_leads(wanted))
		look_at_leads(p, a, ret);
	if (inside && g->kind == GUEST_CT && fact_set_has(wanted, FACT_engine))
		engines = arena_alloc(a, sizeof(*engines));
	if (g->kind == GUEST_VM && fact_set_has(wanted, FACT_hostpci_storage) &&
	    has_pci(ret))
		controllers = arena_alloc(a, sizeof(*controllers));
	if (engines && (got = engine_list(p->root, g->vmid, a, engines, &e)) <= 0)
		note_look(p, "sys/fs/cgroup", got < 0, &e, a,
			  &ret->sources[SOURCE_PROCESS]);
	if (controllers && (got = pci_storage_list(p->root, a, controllers, &e)) <= 0)
		note_look(p, "sys/bus/pci", got < 0, &e, a,
			  &ret->sources[SOURCE_HARDWARE]);
	ret->engines = engines;
	ret->controllers = controllers;
}
