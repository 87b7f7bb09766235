/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/process.c, on a /proc made up for each row. */
#include "rows.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pve/process.h"

static char top[] = "/tmp/pve-safe-process-XXXXXX";
static int root;

/* Puts @len bytes into proc/@name. */
static void put(const char *name, const char *text, size_t len)
{
	AUTO_FCLOSE FILE *f = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/proc/%s", top, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
}

/* Makes the directory that all rows use. */
static int set_up(void)
{
	static const char *const dirs[] = { "proc", "proc/42", "proc/4711", "proc/4713",
					    "proc/self" };

	if (!mkdtemp(top))
		return -1;
	root = open(top, O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (root < 0 || mkdirat(root, dirs[i], 0700) < 0)
			return -1;
	return 0;
}

/* Removes it. */
static int tear_down(void)
{
	char command[64];

	(void)close(root);
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static struct title_row {
	const char *name, *in;
	size_t len;
	const char *title;
} titles[] = {
	{ "words stand between NULs",
	  "pct\0start\0"
	  "101\0",
	  14, "pct start 101" },
	{ "a title set by the process itself", "task UPID:x:\0\0\0\0", 16,
	  "task UPID:x:" },
	{ "a kernel thread has none", "", 0, "" },
};

static void has_title(void **state)
{
	const struct title_row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };

	put("42/cmdline", t->in, t->len);
	process_title(root, 42, &out);
	assert_string_equal(buf_text(&out), t->title);
}

static void title_is_bounded(void **state)
{
	static char text[3 * PROCESS_TITLE_MAX];
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	put("42/cmdline", text, sizeof(text));
	process_title(root, 42, &out);
	assert_int_equal(out.len, PROCESS_TITLE_MAX);
}

static void no_process(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	process_title(root, 43, &out);
	process_title(root, 0, &out);
	assert_int_equal(out.len, 0);
	assert_int_equal(process_parent(root, 43), 0);
	assert_int_equal(process_start_time(root, 43), 0);
}

static struct stat_row {
	const char *name, *in;
	pid_t parent;
	uint64_t start;
} stats[] = {
	{ "parent and start",
	  "42 (lxc-start) S 1 42 42 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 987 5 6", 1, 987 },
	{ "a name with a blank and brackets",
	  "42 (a) S 9 (b) S 7 42 42 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 5 1 2", 7, 5 },
	{ "cut short", "42 (a) S", 0, 0 },
	{ "no name", "42 S 1 2 3", 0, 0 },
	{ "empty", "", 0, 0 },
};

static void has_stat(void **state)
{
	const struct stat_row *t = *state;

	put("42/stat", t->in, strlen(t->in));
	assert_int_equal(process_parent(root, 42), t->parent);
	assert_int_equal(process_start_time(root, 42), t->start);
}

/* How each line of /proc/locks is made: %s stands for the file's device and inode. */
static struct lock_row {
	const char *name, *lines;
	pid_t holder;
} locks[] = {
	{ "the holder", "1: FLOCK  ADVISORY  WRITE 4711 %s 0 EOF\n", 4711 },
	{ "one that waits is no holder", "1: -> FLOCK  ADVISORY  WRITE 4712 %s 0 EOF\n",
	  0 },
	{ "holder and waiter",
	  "1: FLOCK  ADVISORY  WRITE 4711 %s 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 4712 %s "
	  "0 EOF\n",
	  4711 },
	{ "a POSIX lock is another thing", "1: POSIX  ADVISORY  WRITE 4711 %s 0 EOF\n",
	  0 },
	{ "another file", "1: FLOCK  ADVISORY  WRITE 4711 08:01:1 0 EOF\n", 0 },
	{ "another user's process holds nothing of Proxmox's",
	  "1: FLOCK  ADVISORY  WRITE 4713 %s 0 EOF\n", 0 },
	{ "nor does it hide root's",
	  "1: FLOCK  ADVISORY  READ  4713 %s 0 EOF\n2: FLOCK  ADVISORY  READ  4711 %s 0 "
	  "EOF\n",
	  4711 },
	{ "one that went meanwhile holds nothing",
	  "1: FLOCK  ADVISORY  WRITE 4714 %s 0 EOF\n", 0 },
	{ "no locks at all", "", 0 },
	{ "garbage", "\n\n1:\nFLOCK\n1: FLOCK ADVISORY WRITE x %s 0 EOF\n", 0 },
};

static void has_holder(void **state)
{
	static const char of_root[] = "Name:\tpct\nUmask:\t0022\nUid:\t0\t0\t0\t0\n";
	static const char of_user[] = "Name:\tUid:\t0\nUid:\t1000\t0\t0\t0\nGid:\t0\n";
	const struct lock_row *t = *state;
	char id[64], text[512];
	struct stat st;

	put("the-lock", "", 0);
	assert_int_equal(fstatat(root, "proc/the-lock", &st, 0), 0);
	(void)snprintf(id, sizeof(id), "%02x:%02x:%ju", major(st.st_dev),
		       minor(st.st_dev), (uintmax_t)st.st_ino);
	(void)snprintf(text, sizeof(text), "%s", "");
	for (const char *p = t->lines; *p; p++) {
		size_t n = strlen(text);

		if (p[0] == '%' && p[1] == 's')
			(void)snprintf(text + n, sizeof(text) - n, "%s", id), p++;
		else
			(void)snprintf(text + n, sizeof(text) - n, "%c", *p);
	}
	put("locks", text, strlen(text));
	put("4711/status", of_root, sizeof(of_root) - 1);
	put("4713/status", of_user, sizeof(of_user) - 1);
	assert_int_equal(process_lock_holder(root, "proc/the-lock"), t->holder);
}

static void real_holder(void **state)
{
	AUTO_CLOSE int real = open("/", O_PATH | O_DIRECTORY);
	AUTO_CLOSE int fd = -1;
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/proc/real-lock", top);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(process_lock_holder(real, path + 1), getpid());
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(process_lock_holder(real, path + 1), 0);
}

static struct login_row {
	const char *name, *in;
	bool ok;
	uid_t uid;
} logins[] = {
	{ "root's own login", "0", true, 0 },
	{ "another one", "1000\n", true, 1000 },
	{ "a process of no login", "4294967295", false, 0 },
	{ "garbage", "x", false, 0 },
};

static void has_login(void **state)
{
	const struct login_row *t = *state;
	uid_t uid = 0;

	put("self/loginuid", t->in, strlen(t->in));
	assert_int_equal(process_loginuid(root, &uid), t->ok);
	assert_int_equal(uid, t->uid);
}

int main(void)
{
	static struct rows rows;
	int failed;

	ROWS_ADD(&rows, titles, has_title);
	ROWS_ADD_ONE(&rows, "a title of any length is bounded", title_is_bounded);
	ROWS_ADD_ONE(&rows, "a process that is gone", no_process);
	ROWS_ADD(&rows, stats, has_stat);
	ROWS_ADD(&rows, locks, has_holder);
	ROWS_ADD_ONE(&rows, "a real lock in the real /proc", real_holder);
	ROWS_ADD(&rows, logins, has_login);
	if (set_up() < 0)
		return 1;
	failed = rows_run(&rows, "process");
	return tear_down() ? 1 : failed;
}
