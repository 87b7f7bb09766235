/* SPDX-License-Identifier: MIT */
#include "run/settle-agent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "record/audit-settings.h"
#include "settings/agent.h"

/* Whether @plan has something for the guest agent. */
static bool is_needed(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (agent_has(&plan->items[i]))
			return true;
	return false;
}

/*
 * Lets go of all that the caller has open: Proxmox reads our output until the last one has
 * closed it, and a lock that we hold would be held.
 */
static bool let_go(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || chdir("/") < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		return false;
	return close_range(3, ~0U, 0) == 0;
}

/* In the detached process: does it, records it. */
static void work(uint64_t vmid, const struct plan *plan, const char *id)
{
	AUTO(arena_done) struct arena arena = { 0 };
	struct applied_list l = { .arena = &arena };
	AUTO_CLOSE int root = -1;
	struct err ignored = { 0 }; /* nobody is there to be told */

	if (!let_go())
		return;
	root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return;
	agent_apply(root, vmid, AGENT_WAIT_MS, plan, &l);
	(void)audit_settings(root, id, vmid, &l, EXIT_FINE, &ignored);
}

void settle_agent(uint64_t vmid, const struct plan *plan, const char *id,
		  struct buf *message)
{
	int status = 0, sys = 0;
	pid_t pid;

	if (!is_needed(plan))
		return;
	pid = fork();
	if (pid == 0) { /* a session of its own, and a child that is nobody's */
		pid_t second = setsid() < 0 ? -1 : fork();

		if (second == 0)
			work(vmid, plan, id);
		_exit(second < 0 ? errno : 0);
	}
	if (pid < 0)
		sys = errno;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		sys = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	if (sys)
		buf_printf(message,
			   "WARN: pve-safe: settings through the guest agent: fork: %s\n",
			   strerror(sys));
}
