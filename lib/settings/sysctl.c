/* SPDX-License-Identifier: MIT */
/* Names only. A setting of the node that people ask for often is a row of `known`. */
#include "settings/sysctl.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define ON_NODE "set it on the node, for all guests: /etc/sysctl.d, then sysctl --system"
#define OR_VM   "; or give the workload a VM, which has a kernel of its own"

/* The first row that fits counts. */
static const struct {
	const char *pattern;
	struct sysctl_words words;
} known[] = {
	{ "vm.swappiness",
	  { "the node's kernel decides for all guests what is swapped",
	    "limit the container's own swap (pct set VMID --swap 0), or use a VM" } },
	{ "vm.max_map_count",
	  { "how many memory areas any process of the node may have",
	    ON_NODE " (Elasticsearch wants 262144)" } },
	{ "vm.overcommit_*",
	  { "how the node promises memory to all its processes",
	    ON_NODE " (Redis wants vm.overcommit_memory 1)" OR_VM } },
	{ "vm.nr_hugepages*",
	  { "huge pages are taken from the node's memory", ON_NODE OR_VM } },
	{ "vm.*", { "memory is managed once for the whole node", ON_NODE OR_VM } },
	{ "fs.inotify.*",
	  { "a bound for each user of the node; each container's root is one",
	    ON_NODE " (file watchers want fs.inotify.max_user_watches 524288)" } },
	{ "fs.file-max", { "how many files the whole node may have open", ON_NODE } },
	{ "fs.nr_open",
	  { "the highest bound on open files that a process may have",
	    ON_NODE ", and lxc.prlimit.nofile for the container" } },
	{ "fs.aio-max-nr",
	  { "how many asynchronous requests the whole node may have", ON_NODE } },
	{ "fs.*", { "file systems are the node's", ON_NODE OR_VM } },
	{ "kernel.pid_max",
	  { "how many processes the whole node may have",
	    ON_NODE "; a container is limited by pids.max of its control group" } },
	{ "kernel.threads-max", { "how many threads the whole node may have", ON_NODE } },
	{ "kernel.hostname",
	  { "Proxmox VE sets the container's name", "pct set VMID --hostname NAME" } },
	{ "kernel.domainname",
	  { "Proxmox VE sets the container's domain",
	    "pct set VMID --searchdomain NAME" } },
	{ "kernel.sched_*", { "the node's kernel schedules all guests", ON_NODE OR_VM } },
	{ "kernel.keys.*",
	  { "a bound on keys for each user of the node",
	    ON_NODE " (Docker wants kernel.keys.maxkeys 2000)" } },
	{ "kernel.*", { "the kernel is the node's", ON_NODE OR_VM } },
	{ "user.*",
	  { "a bound on namespaces that the node gives its users", ON_NODE OR_VM } },
	{ "net.core.netdev_max_backlog",
	  { "each processor of the node has one such queue for all its interfaces",
	    ON_NODE } },
	{ "net.core.netdev_budget*",
	  { "how long the node's processors take packets in one go", ON_NODE } },
	{ "net.core.default_qdisc",
	  { "the queueing of all interfaces that the node makes", ON_NODE OR_VM } },
	{ "net.core.[rw]mem_*",
	  { "a bound on socket buffers of the whole node",
	    ON_NODE "; the container's own are net.ipv4.tcp_rmem and tcp_wmem" } },
	{ "net.core.bpf_*", { "programs in the node's kernel", ON_NODE } },
	{ "net.ipv4.tcp_mem",
	  { "how much memory all connections of the node may have", ON_NODE } },
	{ "net.ipv4.udp_mem",
	  { "how much memory all sockets of the node may have", ON_NODE } },
	{ "net.*.neigh.*.gc_*",
	  { "the table of neighbours is one for the whole node", ON_NODE } },
	{ "net.netfilter.nf_conntrack_*",
	  { "connections are tracked in one table of the node", ON_NODE OR_VM } },
	{ "*", { "the kernel keeps one for all guests", ON_NODE OR_VM } },
};

/* Settings of IPC namespaces; those of the network all begin alike. */
static const char *const ipc[] = {
	"kernel.msgmax", "kernel.msgmnb",          "kernel.msgmni",
	"kernel.sem",    "kernel.shmall",          "kernel.shmmax",
	"kernel.shmmni", "kernel.shm_rmid_forced", "fs.mqueue.*",
};

/*
 * Turns @key, in either of sysctl(8)'s forms, into a path below /proc/sys; false when it is
 * too long.
 */
static bool put_path(struct slice key, char *ret, size_t size)
{
	const char *first = NULL;

	for (size_t i = 0; i < key.len && !first; i++)
		if (key.ptr[i] == '.' || key.ptr[i] == '/')
			first = &key.ptr[i];
	if (!key.len || key.len >= size)
		return false;
	memcpy(ret, key.ptr, key.len);
	ret[key.len] = '\0';
	if (first && *first == '/')
		return true;
	for (char *p = ret; *p; p++)
		*p = (char)(*p == '.' ? '/' : *p == '/' ? '.' : *p);
	return true;
}

bool sysctl_path(struct slice key, char ret[static SYSCTL_PATH_MAX])
{
	struct slice part, rest = key;
	bool more = true;

	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || memchr("_.-/", c, 4)))
			return false;
	}
	if (!put_path(key, ret, SYSCTL_PATH_MAX))
		return false;
	rest = slice_of(ret);
	while (more) {
		more = slice_cut(rest, '/', &part, &rest);
		if (!part.len || slice_eq(part, ".") || slice_eq(part, ".."))
			return false;
	}
	return true;
}

/* Writes @key as a name with dots between its parts, as the tables have it. */
static bool put_name(struct slice key, char ret[static SYSCTL_PATH_MAX])
{
	if (!sysctl_path(key, ret))
		return false;
	for (char *p = ret; *p; p++)
		*p = (char)(*p == '/' ? '.' : *p);
	return true;
}

enum sysctl_owner sysctl_owner(struct slice key)
{
	char name[SYSCTL_PATH_MAX];

	if (!put_name(key, name))
		return SYSCTL_OF_NODE;
	if (strncmp(name, "net.", 4) == 0)
		return SYSCTL_OF_NET;
	for (size_t i = 0; i < ARRAY_LEN(ipc); i++)
		if (fnmatch(ipc[i], name, FNM_NOESCAPE) == 0)
			return SYSCTL_OF_IPC;
	return SYSCTL_OF_NODE;
}

struct sysctl_words sysctl_words(struct slice key)
{
	struct sysctl_words words;
	char name[SYSCTL_PATH_MAX];
	size_t i = 0;

	if (!put_name(key, name))
		return (struct sysctl_words){ "that is no name of a kernel setting",
					      "mend the template", false };
	while (fnmatch(known[i].pattern, name, FNM_NOESCAPE) != 0)
		i++;
	words = known[i].words;
	words.known = i + 1 < ARRAY_LEN(known);
	return words;
}
