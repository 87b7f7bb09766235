/* SPDX-License-Identifier: MIT */
/*
 * Storages, from storage.cfg. Source: PVE::Storage::Plugin::parse_config and the plugins'
 * plugindata and check_config (pve-storage, 2026).
 *
 * What PVE fills in is filled in here: the type in lower case, the content that a type
 * has when none is named, the path of network file systems, which types are shared
 * whatever the file says. `local` is there always: unless the file has it as `dir` with
 * the path /var/lib/vz, PVE puts its own before all others. Of a type that is not known
 * here, a plugin of a third party, only what the file says is known.
 *
 * Differences: what makes PVE leave a storage or a property out with a warning in a log,
 * a bad id, a directory without a path or with one that PVE refuses, is an error. Content
 * that a type cannot have is kept, where PVE drops it.
 */
#include "base/cleanup.h"
#include "pve/chars.h"
#include "pve/cluster-internal.h"
#include "pve/cluster.h"
#include "pve/lines.h"
#include "pve/sectionconfig.h"

enum path_rule {
	PATH_OPTIONAL,
	PATH_CHECKED, /* must be there, of few characters */
	PATH_MOUNTED, /* /mnt/pve/ID when it is not there */
};

struct type_row {
	const char *name;
	const char *content; /* when the file names none */
	bool shared;         /* whatever the file says */
	enum path_rule path;
};

static const struct type_row types[] = {
	{ "btrfs", "images,rootdir", .path = PATH_CHECKED },
	{ "cephfs", "backup", .shared = true, .path = PATH_MOUNTED },
	{ "cifs", "images", .shared = true, .path = PATH_MOUNTED },
	{ "dir", "images,rootdir", .path = PATH_CHECKED },
	{ "esxi", "import" },
	{ "iscsi", "images", .shared = true },
	{ "iscsidirect", "images", .shared = true },
	{ "lvm", "images" },
	{ "lvmthin", "images,rootdir" },
	{ "nfs", "images", .shared = true, .path = PATH_MOUNTED },
	{ "pbs", "backup", .shared = true },
	{ "rbd", "images", .shared = true },
	{ "zfs", "images", .shared = true },
	{ "zfspool", "images,rootdir" },
};

static const struct type_row other_type = { .name = NULL };

#define LOCAL_PATH "/var/lib/vz"

/* The row of the type @name. */
static const struct type_row *find_type(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (slice_eq(name, types[i].name))
			return &types[i];
	return &other_type;
}

/* Whether @s is an id of a storage. Source: PVE::JSONSchema::parse_id. */
static bool is_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '.')
			return false;
	return s.len >= 2 && char_is_alpha(s.ptr[0]) && char_is_alnum(s.ptr[s.len - 1]);
}

/* Whether PVE takes @s as the path of a directory. Source: DirPlugin::check_config. */
static bool is_path(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && !strchr("-/.@", s.ptr[i]))
			return false;
	return s.len >= 2 && s.ptr[0] == '/';
}

/* @s without the slashes at its end. */
static struct slice without_slashes(struct slice s)
{
	while (s.len > 1 && s.ptr[s.len - 1] == '/')
		s.len--;
	return s;
}

/* Reads the path, by the rule of the storage's type. */
static int read_path(const struct sectionconfig_section *s, enum path_rule rule,
		     struct arena *a, struct slice *ret, struct err *e)
{
	const struct sectionconfig_property *p;
	const char *mounted;

	if (sectionconfig_find(s, "path", &p, e) < 0)
		return -1;
	if (rule == PATH_CHECKED && (!p || !is_path(p->value)))
		return LINES_REFUSE(
			e, p ? p->line : s->line, ERR_SYNTAX,
			"storage '%.*s' has no path that PVE takes: expected "
			"'path /…' of letters, digits, '_', '-', '.', '@' and '/'",
			LINES_SHOWN(s->id));
	if (p) {
		*ret = without_slashes(p->value);
		return 0;
	}
	if (rule != PATH_MOUNTED)
		return 0;
	mounted = arena_printf(a, "/mnt/pve/%.*s", SLICE_ARG(s->id));
	if (!mounted)
		return err_nomem(e);
	*ret = slice_of(mounted);
	return 0;
}

/* Reads what the storage may hold, and in which directories. */
static int read_content(const struct sectionconfig_section *s,
			const struct type_row *type, struct cluster_storage *ret,
			struct err *e)
{
	const struct sectionconfig_property *content, *dirs;

	if (sectionconfig_find(s, "content", &content, e) < 0 ||
	    sectionconfig_find(s, "content-dirs", &dirs, e) < 0)
		return -1;
	if (content)
		ret->content = content->value;
	else if (type->content)
		ret->content = slice_of(type->content);
	if (dirs)
		ret->dirs = dirs->value;
	return 0;
}

/* Reads one storage. */
static int read_storage(const struct sectionconfig_section *s, struct arena *a,
			struct cluster_storage *ret, struct err *e)
{
	struct cluster_storage out = { .id = s->id, .line = s->line };
	const struct type_row *type;

	out.type = cluster_folded(s->type, a);
	if (!out.type.ptr)
		return err_nomem(e);
	type = find_type(out.type);
	if (!is_id(s->id))
		return LINES_REFUSE(
			e, s->line, ERR_SYNTAX,
			"'%.*s' is no id of a storage, and PVE leaves it out: "
			"expected a letter, then letters, digits, '-', '_' and '.', "
			"the last a letter or digit",
			LINES_SHOWN(s->id));
	if (read_path(s, type->path, a, &out.path, e) < 0 ||
	    read_content(s, type, &out, e) < 0 ||
	    sectionconfig_flag(s, "disable", false, &out.disabled, e) < 0 ||
	    sectionconfig_flag(s, "shared", false, &out.shared, e) < 0)
		return -1;
	out.shared |= type->shared;
	*ret = out;
	return 0;
}

/* Whether PVE puts its own `local` in the place of @s. */
static bool is_other_local(const struct cluster_storage *s)
{
	return slice_eq(s->id, "local") &&
	       (!slice_eq(s->type, "dir") || !slice_eq(s->path, LOCAL_PATH));
}

/* The `local` that PVE has when the file has none. */
static struct cluster_storage built_in_local(void)
{
	return (struct cluster_storage){
		.type = slice_of("dir"),
		.id = slice_of("local"),
		.path = slice_of(LOCAL_PATH),
		.content = slice_of("backup,images,iso,rootdir,snippets,vztmpl"),
	};
}

int cluster_read_storages(struct slice text, struct arena *a,
			  struct cluster_storages *ret, struct err *e)
{
	struct cluster_storage *rows;
	bool has_local = false;
	struct sectionconfig c;
	size_t n = 1; /* the first row is kept for the built-in one */

	if (sectionconfig_parse(SECTIONCONFIG_TYPED, text, a, &c, e) < 0)
		return -1;
	rows = arena_array(a, c.n + 1, sizeof(*rows));
	if (!rows)
		return err_nomem(e);
	rows[0] = built_in_local();
	for (size_t i = 0; i < c.n; i++) {
		if (read_storage(&c.sections[i], a, &rows[n], e) < 0)
			return -1;
		if (is_other_local(&rows[n]))
			continue;
		has_local |= slice_eq(rows[n++].id, "local");
	}
	*ret = (struct cluster_storages){ .storages = rows + has_local,
					  .n = n - has_local };
	return 0;
}

const struct cluster_storage *cluster_find_storage(const struct cluster_storages *s,
						   struct slice id)
{
	for (size_t i = 0; i < s->n; i++)
		if (slice_same(s->storages[i].id, id))
			return &s->storages[i];
	return NULL;
}

const struct cluster_snapshots *cluster_snapshots_of(struct slice type)
{
	static const char vm_disks[] = "only of VM disks in qcow2; of no container";
	static const char luns[] = "LUNs are used as they are";
	static const char thick[] = "thick volumes: lvmthin can make them";
	static const struct cluster_snapshots rows[] = {
		{ "btrfs", SNAPSHOTS_ALL, NULL },
		{ "cephfs", SNAPSHOTS_QCOW2, vm_disks },
		{ "cifs", SNAPSHOTS_QCOW2, vm_disks },
		{ "dir", SNAPSHOTS_QCOW2, vm_disks },
		{ "esxi", SNAPSHOTS_NONE, NULL },
		{ "glusterfs", SNAPSHOTS_QCOW2, vm_disks },
		{ "iscsi", SNAPSHOTS_NONE, luns },
		{ "iscsidirect", SNAPSHOTS_NONE, luns },
		{ "lvm", SNAPSHOTS_QCOW2, thick },
		{ "lvmthin", SNAPSHOTS_ALL, NULL },
		{ "nfs", SNAPSHOTS_QCOW2, vm_disks },
		{ "pbs", SNAPSHOTS_NONE, NULL },
		{ "rbd", SNAPSHOTS_ALL, NULL },
		{ "zfs", SNAPSHOTS_ALL, NULL },
		{ "zfspool", SNAPSHOTS_ALL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_eq(type, rows[i].type))
			return &rows[i];
	return NULL;
}
