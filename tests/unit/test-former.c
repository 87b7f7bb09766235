/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/former.c. */
#include "rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "root.h"
#include "run/former.h"

static struct name_row {
	const char *name, *self;
	const char *path; /* "": none; NULL: an error */
	const char *msg;
} names[] = {
	{ "our own name has no former hookscript", "/s/pve-safe-hook", "" },
	{ "nor has a link of another name", "/s/policy", "" },
	{ "nor one that only begins like it", "/s/pve-safe-hook-x@y", "" },
	{ "nor one with something before it", "/s/x-pve-safe-hook@y", "" },
	{ "its name follows the mark", "/s/pve-safe-hook@gpu.sh", "/s/gpu.sh" },
	{ "only the first mark counts", "/s/pve-safe-hook@a@b", "/s/a@b" },
	{ "a name with blanks and quotes", "/s/pve-safe-hook@a b'c", "/s/a b'c" },
	{ "a name that is ours, once more", "/s/pve-safe-hook@pve-safe-hook@a",
	  "/s/pve-safe-hook@a" },
	{ "in the root directory", "/pve-safe-hook@x", "/x" },
	{ "the directory is that of the link", "/a/../b/pve-safe-hook@x", "/a/../b/x" },
	{ "a mark in a directory means nothing", "/pve-safe-hook@x/hook", "" },
	{ "nothing after the mark", "/s/pve-safe-hook@", NULL,
	  "no hookscript is named after 'pve-safe-hook@'" },
	{ "a name without a directory", "pve-safe-hook@x", NULL,
	  "called without a directory, so where 'x' lies is unknown" },
	{ "a directory that is not absolute", "./pve-safe-hook@x", NULL,
	  "called without a directory, so where 'x' lies is unknown" },
	{ "without a directory, and no former one", "pve-safe-hook", "" },
};

static void finds(void **state)
{
	const struct name_row *t = *state;
	struct former f = { .path = "left over" };
	struct err e = { 0 };

	if (t->path) {
		assert_int_equal(former_find(t->self, &f, &e), 0);
		assert_string_equal(f.path, t->path);
		return;
	}
	assert_int_equal(former_find(t->self, &f, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg, t->msg);
	assert_string_equal(f.path, "");
}

static void too_long(void **state)
{
	static char self[PATH_MAX + 64];
	struct former f;
	struct err e = { 0 };

	(void)state;
	memset(self, 'a', sizeof(self) - 1);
	self[0] = '/';
	memcpy(self + PATH_MAX, "/pve-safe-hook@x", 17);
	assert_int_equal(former_find(self, &f, &e), -1);
	assert_string_equal(e.msg,
			    "the path of the former hookscript is over 4095 bytes long");
}

static struct run_row {
	const char *name, *script;
	mode_t mode;
	int status;
	const char
		*said; /* on stderr, after "pve-safe-hook: former hookscript 'PATH' " */
} runs[] = {
	{ "success, and nothing is said", "#!/bin/sh\nexit 0\n", 0755, 0, "" },
	{ "its own status", "#!/bin/sh\nexit 3\n", 0755, 3,
	  "failed with exit status 3\n" },
	{ "a status that looks like a denial", "#!/bin/sh\nexit 77\n", 0755, 77,
	  "failed with exit status 77\n" },
	{ "ended by a signal", "#!/bin/sh\nkill -TERM $$\n", 0755, 128 + SIGTERM,
	  "was killed by signal 15 (SIGTERM)\n" },
	{ "its arguments and name",
	  "#!/bin/sh\n[ \"$#,$1,$2,${0##*/}\" = 2,101,pre-start,gpu.sh ]\n", 0755, 0,
	  "" },
	{ "the environment as given", "#!/bin/sh\n[ \"$GIVEN\" = '/a b' ]\n", 0755, 0,
	  "" },
	{ "and nothing of ours", "#!/bin/sh\n[ -z \"${OURS-}\" ]\n", 0755, 0, "" },
	{ "signals are as they were",
	  "#!/bin/sh\nexec grep -q '^SigBlk:[^1-9a-f]*$' /proc/self/status\n", 0755, 0,
	  "" },
	{ "no interpreter named: the shell's", "exit 4\n", 0755, 4,
	  "failed with exit status 4\n" },
	{ "it is not executable", "#!/bin/sh\nexit 0\n", 0644, EXIT_UNUSABLE,
	  "is not executable: mend it on this node, or go on without it: pct or qm set "
	  "101 "
	  "--delete hookscript, then pve-safe attach 101\n" },
	{ "it is not there", NULL, 0, EXIT_UNUSABLE,
	  "does not exist: mend it on this node, or go on without it: pct or qm set 101 "
	  "--delete hookscript, then pve-safe attach 101\n" },
	{ "an interpreter that is not there", "#!/nonexistent\n", 0755, EXIT_NO_TOOL,
	  "failed with exit status 69\n" },
};

/* Calls @run with stderr kept in @said, and returns its status. */
static int caught(int (*run)(const struct former *), const struct former *f, char *said,
		  size_t size)
{
	int ends[2], status, before = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	(void)dup2(ends[1], STDERR_FILENO);
	(void)close(ends[1]);
	status = run(f);
	(void)fflush(stderr);
	(void)dup2(before, STDERR_FILENO);
	(void)close(before);
	n = read(ends[0], said, size - 1);
	(void)close(ends[0]);
	said[n < 0 ? 0 : n] = '\0';
	return status;
}

static char *const given[] = { (char *)(uintptr_t) "GIVEN=/a b", NULL };

/* A former hookscript gpu.sh in @r, which holds @script unless that is NULL. */
static struct former make(const struct root *r, const char *script, mode_t mode)
{
	struct former f = { .vmid = "101", .phase = "pre-start", .envp = given };

	if (script) {
		put(r, "gpu.sh", script, strlen(script));
		assert_int_equal(fchmodat(r->fd, "gpu.sh", mode, 0), 0);
	}
	(void)snprintf(f.path, sizeof(f.path), "%s/gpu.sh", r->path);
	return f;
}

static void runs_it(void **state)
{
	const struct run_row *t = *state;
	AUTO(root_done) struct root r = root_make();
	struct former f = make(&r, t->script, t->mode);
	char said[8192], want[8192] = "";

	(void)setenv("OURS", "1", 1);
	assert_int_equal(caught(former_run, &f, said, sizeof(said)), t->status);
	if (*t->said)
		(void)snprintf(want, sizeof(want),
			       "pve-safe-hook: former hookscript '%s' %s", f.path,
			       t->said);
	if (t->status == EXIT_NO_TOOL)
		assert_non_null(strstr(said, want));
	else
		assert_string_equal(said, want);
}

static void directory(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct former f = { .vmid = "101", .phase = "pre-start", .envp = given };
	char said[1024];

	(void)state;
	(void)snprintf(f.path, sizeof(f.path), "%s/var", r.path);
	assert_int_equal(caught(former_run, &f, said, sizeof(said)), EXIT_UNUSABLE);
	assert_non_null(strstr(said, "/var' is no regular file: "));
}

static void only_warns(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct former f = make(&r, NULL, 0);
	char said[8192], want[8192];

	(void)state;
	f.phase = "post-stop";
	assert_int_equal(caught(former_become, &f, said, sizeof(said)), 0);
	(void)snprintf(
		want, sizeof(want),
		"WARN: pve-safe-hook: former hookscript '%s' does not exist: ", f.path);
	assert_memory_equal(said, want, strlen(want));
}

static void becomes(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct former f = make(&r, "#!/bin/sh\n[ \"$PPID\" = \"$2\" ] && exit 9\n", 0755);
	char parent[16];
	int status;
	pid_t pid;

	(void)state;
	(void)snprintf(parent, sizeof(parent), "%d", getpid());
	f.phase = parent;
	pid = fork();
	if (pid == 0)
		_exit(former_become(&f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 9);
}

/* Whether @path appears within two seconds. */
static bool appears(const struct root *r, const char *path)
{
	for (int i = 0; i < 200; i++) {
		if (faccessat(r->fd, path, F_OK, 0) == 0)
			return true;
		(void)usleep(10000);
	}
	return false;
}

static void dies_with_us(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct former f = make(&r,
			       "#!/bin/sh\necho $$ >${0%/*}/pid.new\n"
			       "mv ${0%/*}/pid.new ${0%/*}/pid\nexec sleep 60\n",
			       0755);
	AUTO_FREE char *text = NULL;
	int status;
	size_t len;
	pid_t pid, script;

	(void)state;
	/* What we orphan becomes our child, so that its end can be waited for. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0)
		_exit(former_run(&f));
	assert_true(appears(&r, "pid"));
	text = get(&r, "pid", &len);
	script = atoi(text);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(waitpid(script, &status, 0), script);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
	static struct rows rows;
	sigset_t none;

	/* Whoever runs us may have blocked some. */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	ROWS_ADD(&rows, names, finds);
	ROWS_ADD_ONE(&rows, "a path that is too long", too_long);
	ROWS_ADD(&rows, runs, runs_it);
	ROWS_ADD_ONE(&rows, "a directory is no script", directory);
	ROWS_ADD_ONE(&rows, "where it stops nothing, a missing one is a warning",
		     only_warns);
	ROWS_ADD_ONE(&rows, "where nothing follows, it takes our place", becomes);
	ROWS_ADD_ONE(&rows, "when we are killed, so is it", dies_with_us);
	return rows_run(&rows, "former");
}
