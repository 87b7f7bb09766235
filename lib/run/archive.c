/* SPDX-License-Identifier: MIT */
#include "run/archive.h"

#include "run/capture.h"
#include "run/exec.h"

static const char pvesm[] = EXEC_DIR "pvesm";

int archive_config(const char *volume, struct arena *a, struct slice *ret, struct err *e)
{
	static const struct capture_limits limits = { ARCHIVE_SECONDS,
						      ARCHIVE_MAX_BYTES };
	const char *const argv[] = { pvesm, "extractconfig", volume, NULL };

	if (*volume == '-')
		return err_set(e, ERR_USAGE, "archive '%s': this is no volume", volume);
	if (exec_check(pvesm, e) != 0)
		return -1;
	if (capture_text(argv, &limits, "pvesm extractconfig", a, ret, e) < 0)
		return err_wrap(e, "archive '%s'", volume);
	return 0;
}
