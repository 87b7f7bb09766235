/* SPDX-License-Identifier: MIT */
/*
 * leftover - temporary files of writers that were killed. Nobody reads them, for their
 * names are no one's; but they must not pile up.
 */
#pragma once

/*
 * Removes what file_write_atomic() left beside @path beneath @dirfd when it was killed:
 * files called @path.tmp.NUMBER, last written @age_s seconds ago or more. Age 0: all of
 * them, for one who knows that nobody is writing. Failing is no matter.
 */
void leftover_remove(int dirfd, const char *path, int age_s) __attribute__((nonnull));
