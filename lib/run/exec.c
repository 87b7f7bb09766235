/* SPDX-License-Identifier: MIT */
#include "run/exec.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { STATUS_OF_SIGNAL = 128 };

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

/* execv() as it should have been declared. */
static void replace(const char *path, const char *const *argv)
{
	union {
		const char *const *in;
		char *const *out;
	} words = { .in = argv };

	(void)execv(path, words.out);
}

int exec_replace(const char *path, const char *const *argv, struct err *e)
{
	replace(path, argv);
	return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
}

/* Reaps @pid if it ended; true then, with its status. Stops with it when it stopped. */
static bool reap(pid_t pid, int *ret)
{
	int status;
	pid_t got = waitpid(pid, &status, WNOHANG | WUNTRACED);

	if (got != pid)
		return false;
	if (WIFSTOPPED(status)) {
		(void)raise(SIGSTOP);
		(void)kill(pid, SIGCONT);
		return false;
	}
	*ret = WIFEXITED(status) ? WEXITSTATUS(status)
				 : STATUS_OF_SIGNAL + WTERMSIG(status);
	return true;
}

/* Waits for @pid, passing on what is sent to us. Returns its status. */
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

int exec_child(const char *path, const char *const *argv, int *ret, struct err *e)
{
	sigset_t set, before;
	pid_t pid;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		(void)sigaddset(&set, taken[i]);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored by a caller, it would never come */
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return err_set(e, ERR_SYSTEM, "signals: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		replace(path, argv);
		(void)dprintf(STDERR_FILENO, "pve-safe: %s: %s\n", path, strerror(errno));
		_exit(EXIT_NO_TOOL);
	}
	if (pid > 0)
		*ret = wait_child(pid, &set);
	else
		(void)err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid > 0 ? 0 : -1;
}
