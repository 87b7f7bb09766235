/* SPDX-License-Identifier: MIT */
#include "run/archive.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "run/capture.h"
#include "run/exec.h"

static const char pvesm[] = EXEC_DIR "pvesm";

/* Says why the answer about @volume, which ended so, is none; 0 where it is one. */
static int check_end(const char *volume, enum capture_end how, int status, struct err *e)
{
	switch (how) {
	case CAPTURE_FAILED:
		return -1;
	case CAPTURE_LATE:
		return err_set(e, ERR_SYSTEM,
			       "archive '%s': pvesm extractconfig gave no answer in %d "
			       "seconds",
			       volume, ARCHIVE_SECONDS);
	case CAPTURE_MUCH:
		return err_set(e, ERR_RANGE,
			       "archive '%s': pvesm extractconfig prints more than a "
			       "guest's configuration can be",
			       volume);
	case CAPTURE_ENDED:
		break;
	}
	if (status == 0)
		return 0;
	return err_set(e, ERR_SYSTEM,
		       "archive '%s': pvesm extractconfig failed (exit status %d)",
		       volume, status);
}

int archive_config(const char *volume, struct arena *a, struct slice *ret, struct err *e)
{
	static const struct capture_limits limits = { ARCHIVE_SECONDS,
						      ARCHIVE_MAX_BYTES };
	const char *const argv[] = { pvesm, "extractconfig", volume, NULL };
	AUTO(buf_done) struct buf out = { 0 };
	enum capture_end how;
	char *text;
	int status;

	if (*volume == '-')
		return err_set(e, ERR_USAGE, "archive '%s': this is no volume", volume);
	if (exec_check(pvesm, e) != 0)
		return -1;
	how = capture_run(argv, &limits, &out, &status, e);
	if (check_end(volume, how, status, e) < 0)
		return -1;
	text = arena_strdup(a, buf_as_slice(&out));
	if (!text)
		return err_nomem(e);
	*ret = (struct slice){ text, out.len };
	return 0;
}
