/* SPDX-License-Identifier: MIT */
#include "run/settle-agent.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rows.h"

/* A user whom nothing else runs as, so that its processes can be counted. */
enum { OTHER_UID = 54321 };

struct row {
	const char *name;
	rlim_t processes; /* that the user may have, this one included */
};

/* As that user: settles one sysctl; exits 0 where the message says why it could not. */
static void settle(rlim_t processes)
{
	AUTO(buf_done) struct buf message = { 0 };
	const struct template t = { 0 };
	const struct setting setting = { .by_agent = true };
	struct plan_item item = { .kind = SETTING_SYSCTL, .setting = &setting, .t = &t };
	const struct plan plan = { .items = &item, .n = 1 };
	const struct rlimit limit = { processes, processes };

	if (setrlimit(RLIMIT_NPROC, &limit) < 0 ||
	    setresuid(OTHER_UID, OTHER_UID, OTHER_UID) < 0)
		_exit(1);
	settle_agent(100, &plan, "id", &message);
	_exit(strcmp(buf_text(&message),
		     "WARN: pve-safe: settings through the guest agent: fork: "
		     "Resource temporarily unavailable\n") == 0
		      ? 0
		      : 2);
}

static void check_row(void **state)
{
	const struct row *r = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		settle(r->processes);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct row rows[] = {
	{ "no process is to be had", 1 },
	{ "one, and not the second", 2 },
};

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, check_row);
	return rows_run(&r, "settle-agent");
}
