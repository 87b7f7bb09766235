/* SPDX-License-Identifier: MIT */
#include "base/ended.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"

const char *ended_text(int status, char ret[ENDED_MAX])
{
	const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;

	if (WIFEXITED(status))
		(void)snprintf(ret, ENDED_MAX, "failed with exit status %d",
			       WEXITSTATUS(status));
	else if (name)
		(void)snprintf(ret, ENDED_MAX, "was killed by signal %d (SIG%s)",
			       WTERMSIG(status), name);
	else if (WIFSIGNALED(status))
		(void)snprintf(ret, ENDED_MAX, "was killed by signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		(void)snprintf(ret, ENDED_MAX, "ended, nobody knows how");
	return ret;
}

int ended_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) ? ENDED_STATUS_OF_SIGNAL + WTERMSIG(status)
				   : EXIT_SYSTEM;
}
