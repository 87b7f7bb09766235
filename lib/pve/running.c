/* SPDX-License-Identifier: MIT */
/* Source: PVE::LXC, list_active_containers; PVE::QemuServer::Helpers, vm_running_locally. */
#include "pve/running.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "base/slice.h"

enum {
	SOCKETS_MAX = 16 << 20,
	PIDFILE_MAX = 64,
	CMDLINE_MAX = 1 << 20,
	STATUS_MAX = 1 << 16
};

/* Reads @path, at most @max bytes; as file_read() returns. */
static int read_text(int root, const char *path, size_t max, struct file_text *ret)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ANY, .max_bytes = max };
	struct err e;

	return file_read(root, path, &rules, ret, &e);
}

/* Whether the lxc-start of container @vmid listens. */
static bool container_runs(int root, uint64_t vmid)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice line, rest;
	char socket[64];
	size_t n;

	n = (size_t)snprintf(socket, sizeof(socket), " @/var/lib/lxc/%" PRIu64 "/command",
			     vmid);
	if (read_text(root, "proc/net/unix", SOCKETS_MAX, &text) != 0)
		return true;
	rest = file_slice(&text);
	while (slice_cut(rest, '\n', &line, &rest))
		if (line.len > n && memcmp(line.ptr + line.len - n, socket, n) == 0)
			return true;
	return false;
}

/* Whether the command line @text, words ended by NUL, has "-id @vmid" in it. */
static bool has_id(struct slice text, uint64_t vmid)
{
	struct slice word, rest = text;
	bool after_id = false;
	char id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, vmid);
	while (slice_cut(rest, '\0', &word, &rest)) {
		if (after_id && slice_eq(word, id))
			return true;
		after_id = slice_eq(word, "-id");
	}
	return false;
}

/* The QEMU of VM @vmid, to *@ret. 0; 1 it does not run; -1 that cannot be read. */
static int find_machine(int root, uint64_t vmid, uint64_t *ret)
{
	AUTO(file_text_done) struct file_text text = { 0 }, cmdline = { 0 };
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "run/qemu-server/%" PRIu64 ".pid", vmid);
	r = read_text(root, path, PIDFILE_MAX, &text);
	if (r != 0)
		return r;
	if (!num_parse(slice_trim(file_slice(&text)), 1, INT32_MAX, ret))
		return 1;
	(void)snprintf(path, sizeof(path), "proc/%" PRIu64 "/cmdline", *ret);
	r = read_text(root, path, CMDLINE_MAX, &cmdline);
	if (r == 0)
		r = has_id(file_slice(&cmdline), vmid) ? 0 : 1;
	return r;
}

pid_t guest_machine(int root, uint64_t vmid)
{
	uint64_t pid = 0;

	return find_machine(root, vmid, &pid) == 0 ? (pid_t)pid : 0;
}

/* Whether VM @vmid runs; where that cannot be read: yes. */
static bool machine_runs(int root, uint64_t vmid)
{
	uint64_t pid;

	return find_machine(root, vmid, &pid) <= 0;
}

bool guest_runs(int root, uint64_t vmid)
{
	return container_runs(root, vmid) || machine_runs(root, vmid);
}

/* Whether process @pid is the first one of a process namespace: its status says "NSpid: 4711 1". */
static bool is_first(int root, uint64_t pid)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice line, rest;
	char path[64];

	(void)snprintf(path, sizeof(path), "proc/%" PRIu64 "/status", pid);
	if (read_text(root, path, STATUS_MAX, &text) != 0)
		return false;
	rest = file_slice(&text);
	while (slice_cut(rest, '\n', &line, &rest))
		if (slice_starts(line, "NSpid:"))
			return line.len > 2 && line.ptr[line.len - 2] == '\t' &&
			       line.ptr[line.len - 1] == '1';
	return false;
}

/* The child of process @pid, an lxc-start, that is a container's first process; or 0. */
static uint64_t first_child(int root, uint64_t pid)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice word, rest;
	char path[64];
	uint64_t child;

	(void)snprintf(path, sizeof(path), "proc/%" PRIu64 "/task/%" PRIu64 "/children",
		       pid, pid);
	if (read_text(root, path, STATUS_MAX, &text) != 0)
		return 0;
	rest = file_slice(&text);
	while (slice_cut(rest, ' ', &word, &rest))
		if (num_parse(word, 1, INT32_MAX, &child) && is_first(root, child))
			return child;
	return 0;
}

pid_t guest_init(int root, uint64_t vmid)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice line, rest;
	uint64_t pid, init = 0;
	char path[80];

	(void)snprintf(path, sizeof(path),
		       "sys/fs/cgroup/lxc.monitor/%" PRIu64 "/cgroup.procs", vmid);
	if (read_text(root, path, STATUS_MAX, &text) != 0)
		return 0;
	rest = file_slice(&text);
	while (!init && slice_cut(rest, '\n', &line, &rest))
		if (num_parse(line, 1, INT32_MAX, &pid))
			init = first_child(root, pid);
	return (pid_t)init;
}
