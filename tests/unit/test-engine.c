/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/engine.c and lib/pve/pci.c, on a /sys and a /proc of their own. */
#include "rows.h"

#include "base/buf.h"
#include "pve/engine.h"
#include "pve/pci.h"

#include "root.h"

/* A process: where its group is, below sys/fs/cgroup, and its name. */
struct process {
	const char *group;
	int pid;
	const char *comm; /* NULL: it is gone */
};

static struct engine_row {
	const char *name;
	struct process processes[6];
	const char *want; /* "dockerd=42,…"; "" for none, "gone" for no group */
} engine_rows[] = {
	{ "a container that does not run", { { "lxc/102", 1, "dockerd" } }, "gone" },
	{ "a longer number is another container",
	  { { "lxc/1011", 1, "dockerd" } },
	  "gone" },
	{ "a container without an engine",
	  { { "lxc/101", 1, "init" }, { "lxc/101/ns", 2, "nginx" } },
	  "" },
	{ "an engine in the group of a service",
	  { { "lxc/101/ns", 1, "systemd" },
	    { "lxc/101/ns/system.slice/docker.service", 42, "dockerd" } },
	  "dockerd=42" },
	{ "an engine that was started from outside",
	  { { "lxc/101/ns/.lxc", 42, "dockerd" } },
	  "dockerd=42" },
	{ "several engines, each once",
	  { { "lxc/101/ns/a", 3, "containerd-shim" },
	    { "lxc/101/ns/a", 4, "containerd" },
	    { "lxc/101/ns/a", 5, "k3s-server" },
	    { "lxc/101/ns/a", 6, "conmon" } },
	  "containerd=3,k3s=5,conmon=6" },
	{ "every name",
	  { { "lxc/101", 3, "podman" },
	    { "lxc/101", 4, "crio" },
	    { "lxc/101", 5, "kubelet" },
	    { "lxc/101", 6, "k0s" },
	    { "lxc/101", 7, "rke2" },
	    { "lxc/101", 8, "kubelite" } },
	  "podman=3,crio=4,kubelet=5,k0s=6,rke2=7,microk8s=8" },
	{ "a name that only begins like one",
	  { { "lxc/101", 3, "dockerd2" }, { "lxc/101", 4, "podman-helper" } },
	  "" },
	{ "a process of another namespace has no number here",
	  { { "lxc/101", 0, "dockerd" }, { "lxc/101", 3, "podman" } },
	  "podman=3" },
	{ "a process that is gone", { { "lxc/101", 3, NULL } }, "" },
	{ "what watches over the container",
	  { { "lxc/101", 3, "init" },
	    { "lxc.monitor/101", 4, "dockerd" },
	    { "lxc/101/lxc.monitor.x", 5, "dockerd" } },
	  "" },
	{ "the older hierarchies",
	  { { "systemd/lxc/101/ns", 3, "dockerd" } },
	  "dockerd=3" },
	{ "the hierarchy of both kinds at once",
	  { { "unified/lxc/101", 3, "podman" } },
	  "podman=3" },
};

/* Appends a line to the file @path. */
static void append(const struct root *r, const char *path, const char *text)
{
	AUTO_CLOSE int fd = -1;

	make_parents(r, path);
	fd = openat(r->fd, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Puts @p into the root. */
static void put_process(const struct root *r, const struct process *p)
{
	char path[128], text[32];

	(void)snprintf(path, sizeof(path), "sys/fs/cgroup/%s/cgroup.procs", p->group);
	(void)snprintf(text, sizeof(text), "%d\n", p->pid);
	append(r, path, text);
	if (!p->comm)
		return;
	(void)snprintf(path, sizeof(path), "proc/%d/comm", p->pid);
	(void)snprintf(text, sizeof(text), "%s\n", p->comm);
	put(r, path, text, strlen(text));
}

static void engines_are(void **state)
{
	const struct engine_row *t = *state;
	struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct engines all;
	struct err e = { 0 };
	int status;

	for (size_t i = 0; i < ARRAY_LEN(t->processes) && t->processes[i].group; i++)
		put_process(&r, &t->processes[i]);
	status = engine_list(r.fd, 101, &a, &all, &e);
	for (size_t i = 0; status == 0 && i < all.n; i++)
		buf_printf(&got, "%s%.*s=%d", i ? "," : "", SLICE_ARG(all.items[i].name),
			   all.items[i].pid);
	assert_string_equal(status > 0 ? "gone" : buf_text(&got), t->want);
	assert_true(status >= 0);
	root_done(&r);
}

/* What cannot be read is no answer. */
static void broken_group_fails(void **state)
{
	struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	struct engines all;
	struct err e = { 0 };

	(void)state;
	make_parents(&r, "sys/fs/cgroup/lxc/101/cgroup.procs/x");
	assert_int_equal(engine_list(r.fd, 101, &a, &all, &e), -1);
	assert_string_equal(e.msg, "control group lxc/101: Is a directory");
	root_done(&r);
}

/* More than is read: what was found holds, nothing found is no answer. */
static void large_group_is_cut(void **state)
{
	struct root r = root_make();
	AUTO(buf_done) struct buf pids = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct engines all;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i <= ENGINE_MAX_PROCESSES; i++)
		buf_printf(&pids, "%d\n", 100 + i);
	put(&r, "sys/fs/cgroup/lxc/101/cgroup.procs", buf_text(&pids), pids.len);
	assert_int_equal(engine_list(r.fd, 101, &a, &all, &e), -1);
	assert_string_equal(e.msg,
			    "control group lxc/101 has more than 2048 groups or 32768 "
			    "processes");
	put(&r, "proc/100/comm", "dockerd\n", 8);
	assert_int_equal(engine_list(r.fd, 101, &a, &all, &e), 0);
	assert_int_equal(all.n, 1);
	root_done(&r);
}

/* Storage controllers by their class. */
static void controllers_are(void **state)
{
	struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	struct pci_devices all;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(pci_storage_list(r.fd, &a, &all, &e), 0);
	assert_int_equal(all.n, 0);
	put(&r, "sys/bus/pci/devices/0000:01:00.0/class", "0x010700\n", 9);
	put(&r, "sys/bus/pci/devices/0000:02:00.0/class", "0x030000\n", 9);
	put(&r, "sys/bus/pci/devices/0000:03:00.0/revision", "0x01\n", 5);
	assert_int_equal(pci_storage_list(r.fd, &a, &all, &e), 0);
	assert_int_equal(all.n, 1);
	assert_true(slice_eq(all.items[0], "0000:01:00.0"));
	root_done(&r);
}

/* A directory that is none. */
static void broken_bus_fails(void **state)
{
	struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	struct pci_devices all;
	struct err e = { 0 };

	(void)state;
	put(&r, "sys/bus/pci/devices", "", 0);
	assert_int_equal(pci_storage_list(r.fd, &a, &all, &e), -1);
	assert_string_equal(e.msg, "/sys/bus/pci/devices: Not a directory");
	root_done(&r);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, engine_rows, engines_are);
	ROWS_ADD_ONE(&rows, "a group that cannot be read fails", broken_group_fails);
	ROWS_ADD_ONE(&rows, "a group that is too large is cut", large_group_is_cut);
	ROWS_ADD_ONE(&rows, "storage controllers are found by their class",
		     controllers_are);
	ROWS_ADD_ONE(&rows, "a bus that cannot be read fails", broken_bus_fails);
	return rows_run(&rows, "engine");
}
