/* SPDX-License-Identifier: MIT */
/*
 * The entries of the root that the file system makes itself: the links to the local
 * node's directories, and what it says of the cluster in .version, .members and .vmlist.
 */
#include "fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static const struct {
	const char *name;
	const char *below; /* the node's directory */
} links[] = {
	{ "local", "" },
	{ "lxc", "/lxc" },
	{ "openvz", "/openvz" },
	{ "qemu-server", "/qemu-server" },
};

/* What .version counts; the first row is for all guests together. */
static const char *const counted[] = {
	"vmlist",          "corosync.conf",   "storage.cfg",
	"user.cfg",        "domains.cfg",     "datacenter.cfg",
	"jobs.cfg",        "vzdump.cron",     "ha/resources.cfg",
	"ha/groups.cfg",   "ha/rules.cfg",    "firewall/cluster.fw",
	"mapping/pci.cfg", "mapping/usb.cfg", "mapping/directory.cfg",
};

struct versions {
	uint64_t n[ARRAY_LEN(counted)];
};

/* Reads the counters; those never written are 1. */
static void versions_read(const struct fs *fs, struct versions *v)
{
	AUTO_CLOSE int fd = openat(fs->dir, "versions", O_RDONLY | O_CLOEXEC);

	memset(v, 0, sizeof(*v));
	if (fd >= 0 && read(fd, v, sizeof(*v)) != (ssize_t)sizeof(*v))
		memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		v->n[i] += !v->n[i];
}

void status_changed(const struct fs *fs, const char *path)
{
	AUTO_CLOSE int lock = names_lock(fs);
	AUTO_CLOSE int fd =
		openat(fs->dir, "versions", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct versions v;

	if (lock < 0 || fd < 0)
		return;
	versions_read(fs, &v);
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		v.n[i] += i ? strcmp(counted[i], path_below(path)) == 0
			    : path_vmid(path) > 0;
	if (write(fd, &v, sizeof(v)) != (ssize_t)sizeof(v))
		fprintf(stderr, "pmxcfs: the counters cannot be written\n");
}

/* Writes .version. */
static void write_version(const struct fs *fs, FILE *f)
{
	struct versions v;

	versions_read(fs, &v);
	fprintf(f, "{\n\"starttime\": %lld,\n\"clinfo\": %d", (long long)fs->started,
		control_quorate(fs) ? 3 : 4);
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		fprintf(f, ",\n\"%s\": %llu", counted[i], (unsigned long long)v.n[i]);
	fputs("\n}\n", f);
}

/* Compares two names of a directory. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Takes every entry but the hidden ones. */
static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Writes .members; without quorum this node sees itself alone. */
static void write_members(const struct fs *fs, FILE *f)
{
	struct dirent **nodes = NULL;
	bool quorate = control_quorate(fs);
	int n = scandirat(fs->data, "nodes", &nodes, is_visible, by_name);

	fprintf(f, "{\n\"nodename\": \"%s\",\n\"version\": %d,\n", fs->node,
		quorate ? 3 : 4);
	fprintf(f, "\"cluster\": { \"name\": \"lab\", \"version\": 3, \"nodes\": %d, ",
		n < 0 ? 0 : n);
	fprintf(f, "\"quorate\": %d },\n\"nodelist\": {", quorate);
	for (int i = 0; i < n; i++) {
		bool online = quorate || strcmp(nodes[i]->d_name, fs->node) == 0;

		fprintf(f,
			"%s\n  \"%s\": { \"id\": %d, \"online\": %d, \"ip\": "
			"\"192.0.2.%d\"}",
			i ? "," : "", nodes[i]->d_name, i + 1, online, i + 11);
		free(nodes[i]);
	}
	free(nodes);
	fputs("\n  }\n}\n", f);
}

struct list {
	FILE *f;
	bool more;
};

/* Writes one guest of .vmlist. */
static bool write_guest(unsigned vmid, const char *node, const char *type,
			const struct stat *st, void *arg)
{
	struct list *l = arg;

	fprintf(l->f,
		"%s\n\"%u\": { \"node\": \"%s\", \"type\": \"%s\", \"version\": %lld }",
		l->more ? "," : "", vmid, node, type, (long long)st->st_mtime);
	l->more = true;
	return false;
}

/* Writes .vmlist. */
static void write_vmlist(const struct fs *fs, FILE *f)
{
	struct list l = { .f = f };
	struct versions v;

	versions_read(fs, &v);
	fprintf(f, "{\n\"version\": %llu,\n\"ids\": {", (unsigned long long)v.n[0]);
	names_each_guest(fs, write_guest, &l);
	fputs("}\n\n}\n", f);
}

static const struct {
	const char *name;
	void (*write)(const struct fs *fs, FILE *f);
} texts[] = {
	{ ".members", write_members },
	{ ".version", write_version },
	{ ".vmlist", write_vmlist },
};

bool status_is_entry(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		if (strcmp(path_below(path), links[i].name) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (strcmp(path_below(path), texts[i].name) == 0)
			return true;
	}
	return false;
}

char *status_link(const struct fs *fs, const char *path)
{
	char *target = NULL;

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		if (strcmp(path_below(path), links[i].name) != 0)
			continue;
		if (asprintf(&target, "nodes/%s%s", fs->node, links[i].below) < 0)
			return NULL;
		break;
	}
	return target;
}

char *status_text(const struct fs *fs, const char *path, size_t *ret_len)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *text = NULL;
		FILE *f;

		if (strcmp(path_below(path), texts[i].name) != 0)
			continue;
		f = open_memstream(&text, ret_len);
		if (!f)
			return NULL;
		texts[i].write(fs, f);
		if (fclose(f) == 0)
			return text;
		free(text);
		return NULL;
	}
	return NULL;
}

void status_each(void (*each)(const char *name, void *arg), void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		each(links[i].name, arg);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		each(texts[i].name, arg);
}
