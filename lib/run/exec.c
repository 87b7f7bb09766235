/* SPDX-License-Identifier: MIT */
#include "run/exec.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ended.h"

/* Signals that we take in order to pass them on. */
static const int taken[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
			     SIGUSR2, SIGCONT, SIGTSTP, SIGCHLD };

int exec_check(const char *path, struct err *e)
{
	struct stat st;

	if (access(path, X_OK) == 0 && stat(path, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return 0;
		errno = EACCES;
	}
	(void)err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return EXIT_NO_TOOL;
}

/* execv() as it should have been declared; execvpe() where @envp is not NULL. */
static void replace(const char *path, const char *const *argv, char *const *envp)
{
	union {
		const char *const *in;
		char *const *out;
	} words = { .in = argv };

	if (envp)
		(void)execvpe(path, words.out, envp);
	else
		(void)execv(path, words.out);
}

int exec_replace(const char *path, const char *const *argv, struct err *e)
{
	replace(path, argv, NULL);
	return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
}

int exec_replace_script(const char *path, const char *const *argv, char *const *envp,
			struct err *e)
{
	replace(path, argv, envp);
	return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
}

/* Reaps @pid if it ended; true then, as waitpid(2) has it. Stops with it when it stopped. */
static bool reap(pid_t pid, int *ret)
{
	pid_t got = waitpid(pid, ret, WNOHANG | WUNTRACED);

	if (got != pid)
		return false;
	if (!WIFSTOPPED(*ret))
		return true;
	(void)raise(SIGSTOP);
	(void)kill(pid, SIGCONT);
	return false;
}

/* Waits for @pid, passing on what is sent to us. Returns its status, as waitpid(2). */
static int wait_child(pid_t pid, const sigset_t *set)
{
	siginfo_t info;
	int status;

	for (;;) {
		if (sigwaitinfo(set, &info) < 0)
			continue;
		if (reap(pid, &status))
			return status;
		/* What the terminal sends, it sends to the child as well. */
		if (info.si_signo != SIGCHLD && info.si_code != SI_KERNEL)
			(void)kill(pid, info.si_signo);
	}
}

/* What a child is. */
struct child {
	const char *path;
	const char *const *argv;
	char *const *envp; /* NULL: ours */
	bool dies_with_us; /* killed when we are */
};

/* Becomes @c in the child of @parent, with the signals blocked that were before. */
static void become(const struct child *c, pid_t parent, const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
	if (c->dies_with_us &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		_exit(EXIT_SYSTEM);
	replace(c->path, c->argv, c->envp);
	(void)dprintf(STDERR_FILENO, "pve-safe: %s: %s\n", c->path, strerror(errno));
	_exit(EXIT_NO_TOOL);
}

/* Runs @c and waits; *@ret as waitpid(2) has it. */
static int run(const struct child *c, int *ret, struct err *e)
{
	pid_t pid, parent = getpid();
	sigset_t set, before;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		(void)sigaddset(&set, taken[i]);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored by a caller, it would never come */
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return err_set(e, ERR_SYSTEM, "signals: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		become(c, parent, &before);
	if (pid > 0)
		*ret = wait_child(pid, &set);
	else
		(void)err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid > 0 ? 0 : -1;
}

int exec_child(const char *path, const char *const *argv, int *ret, struct err *e)
{
	const struct child c = { .path = path, .argv = argv };
	int status;

	if (run(&c, &status, e) < 0)
		return -1;
	*ret = ended_status(status);
	return 0;
}

int exec_script(const char *path, const char *const *argv, char *const *envp, int *ret,
		struct err *e)
{
	const struct child c = {
		.path = path, .argv = argv, .envp = envp, .dies_with_us = true
	};

	return run(&c, ret, e);
}
