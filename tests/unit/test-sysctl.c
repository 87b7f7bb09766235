/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/settings/sysctl and lib/settings/applied: whose a kernel setting is, what is
 * said of the node's, its path, and when two values are the same.
 */
#include "rows.h"

#include "settings/sysctl.h"

/* Settings, whose they are, and what the reason begins with. */
static struct owner_row {
	const char *name; /* the key */
	enum sysctl_owner want;
	const char *why;
} owners[] = {
	{ "net.ipv4.ip_forward", SYSCTL_OF_NET, NULL },
	{ "net/ipv4/ip_forward", SYSCTL_OF_NET, NULL },
	{ "net.core.somaxconn", SYSCTL_OF_NET, NULL },
	{ "net.core.netdev_max_backlog", SYSCTL_OF_NET, "each processor of the node" },
	{ "net.core.rmem_max", SYSCTL_OF_NET, "a bound on socket buffers" },
	{ "net.ipv4.neigh.default.gc_thresh3", SYSCTL_OF_NET, "the table of neighbours" },
	{ "net.ipv4.tcp_mem", SYSCTL_OF_NET, "how much memory all connections" },
	{ "kernel.shmmax", SYSCTL_OF_IPC, NULL },
	{ "kernel.sem", SYSCTL_OF_IPC, NULL },
	{ "kernel.msgmni", SYSCTL_OF_IPC, NULL },
	{ "kernel.shm_rmid_forced", SYSCTL_OF_IPC, NULL },
	{ "fs.mqueue.msg_max", SYSCTL_OF_IPC, NULL },
	{ "vm.swappiness", SYSCTL_OF_NODE, "the node's kernel decides" },
	{ "vm.max_map_count", SYSCTL_OF_NODE, "how many memory areas" },
	{ "vm.overcommit_memory", SYSCTL_OF_NODE, "how the node promises memory" },
	{ "vm.nr_hugepages", SYSCTL_OF_NODE, "huge pages are taken" },
	{ "vm.dirty_ratio", SYSCTL_OF_NODE, "memory is managed once" },
	{ "fs.inotify.max_user_watches", SYSCTL_OF_NODE, "a bound for each user" },
	{ "fs.file-max", SYSCTL_OF_NODE, "how many files" },
	{ "kernel.pid_max", SYSCTL_OF_NODE, "how many processes" },
	{ "kernel.hostname", SYSCTL_OF_NODE, "Proxmox VE sets" },
	{ "kernel.semaphores", SYSCTL_OF_NODE, "the kernel is the node's" },
	{ "kernel.keys.maxkeys", SYSCTL_OF_NODE, "a bound on keys" },
	{ "user.max_user_namespaces", SYSCTL_OF_NODE, "a bound on namespaces" },
	{ "dev.hpet.max-user-freq", SYSCTL_OF_NODE, "the kernel keeps one" },
	{ "network.x", SYSCTL_OF_NODE, "the kernel keeps one" },
	{ "net.ipv4..x", SYSCTL_OF_NODE, "that is no name of a kernel setting" },
};

/* Keys and their paths; NULL: refused. */
static struct path_row {
	const char *name, *want;
} paths[] = {
	{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
	{ "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
	{ "net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding" },
	{ "net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding" },
	{ "net.ipv4.conf.br-lan_1.forwarding", "net/ipv4/conf/br-lan_1/forwarding" },
	{ "net.ipv4./.x", NULL },  /* "." between slashes */
	{ "net.ipv4.//.x", NULL }, /* ".." */
	{ "net/../vm/swappiness", NULL },
	{ "net/./x", NULL },
	{ "net.", NULL },
	{ ".net", NULL },
	{ "/net/x", NULL },
	{ "net.ipv4 x", NULL },
	{ "net.%s", NULL },
};

/* Two values, and whether the kernel means the same by them. */
static struct same_row {
	const char *name, *a, *b;
	bool want;
} same[] = {
	{ "the same text", "1", "1", true },
	{ "another number", "1", "2", false },
	{ "blanks and tabs", "4096\t131072\t8388608", "4096 131072 8388608", true },
	{ "blanks around", " 1 ", "1", true },
	{ "a word more", "1 2", "1", false },
	{ "a word less", "1", "1 2", false },
	{ "leading zeros", "007", "7", true },
	{ "nothing but zeros", "000", "0", true },
	{ "a mask and its short form", "00000000,0000000f", "f", true },
	{ "a mask that differs", "00000000,0000000f", "1f", false },
	{ "two processors and one", "0,1", "1", false },
	{ "zero and nothing", "0", "", false },
	{ "words", "bbr", "cubic", false },
	{ "nothing and nothing", "", "  ", true },
};

static void has_owner(void **state)
{
	const struct owner_row *t = *state;
	struct sysctl_words w = sysctl_words(slice_of(t->name));

	assert_int_equal(sysctl_owner(slice_of(t->name)), t->want);
	assert_true(*w.why && *w.todo);
	if (t->why)
		assert_memory_equal(w.why, t->why, strlen(t->why));
}

static void has_path(void **state)
{
	const struct path_row *t = *state;
	char path[SYSCTL_PATH_MAX] = "";

	assert_int_equal(sysctl_path(slice_of(t->name), path), t->want != NULL);
	if (t->want)
		assert_string_equal(path, t->want);
}

static void is_same(void **state)
{
	const struct same_row *t = *state;

	assert_int_equal(applied_same_value(slice_of(t->a), slice_of(t->b)), t->want);
	assert_int_equal(applied_same_value(slice_of(t->b), slice_of(t->a)), t->want);
}

static void too_long(void **state)
{
	char key[SYSCTL_PATH_MAX + 1], path[SYSCTL_PATH_MAX];

	(void)state;
	memset(key, 'a', sizeof(key));
	memcpy(key, "net.", 4);
	assert_false(sysctl_path((struct slice){ key, SYSCTL_PATH_MAX }, path));
	assert_true(sysctl_path((struct slice){ key, SYSCTL_PATH_MAX - 1 }, path));
	assert_false(sysctl_path(slice_of(""), path));
	assert_false(sysctl_path(slice_of("net.\nx"), path));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, owners, has_owner);
	ROWS_ADD(&rows, paths, has_path);
	ROWS_ADD(&rows, same, is_same);
	ROWS_ADD_ONE(&rows, "a key that is too long, or empty, or has a line's end in it",
		     too_long);
	return rows_run(&rows, "sysctl");
}
