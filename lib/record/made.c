/* SPDX-License-Identifier: MIT */
#include "record/made.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

enum { MADE_PATH_MAX = 64 };

/* Path of the note about @vmid. */
static void made_path(uint64_t vmid, char ret[static MADE_PATH_MAX])
{
	(void)snprintf(ret, MADE_PATH_MAX, MADE_DIR "/%" PRIu64, vmid);
}

void made_note(int root, uint64_t vmid, const char *id)
{
	char path[MADE_PATH_MAX];
	struct err e;

	if (!vmid)
		return;
	(void)mkdirat(root, "run/pve-safe", 0755);
	(void)mkdirat(root, MADE_DIR, 0700);
	made_path(vmid, path);
	(void)!file_write_atomic(root, path, slice_of(id), 0600, &e);
}

void made_forget(int root, uint64_t vmid)
{
	char path[MADE_PATH_MAX];

	made_path(vmid, path);
	(void)unlinkat(root, path, 0);
}

bool made_by_wrapper(int root, uint64_t vmid)
{
	char path[MADE_PATH_MAX];

	made_path(vmid, path);
	return faccessat(root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether @name of @dir was written @age_s seconds ago or more, or in the future. */
static bool is_old(int dir, const char *name, int age_s)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       llabs((long long)time(NULL) - st.st_mtim.tv_sec) >= age_s;
}

void made_tidy(int root, int age_s, bool (*is_here)(uint64_t vmid, void *context),
	       void *context)
{
	int fd = openat(root, MADE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	uint64_t vmid;

	if (!dir) {
		cleanup_close(&fd);
		return;
	}
	while ((d = readdir(dir)))
		if (num_parse(slice_of(d->d_name), 1, UINT64_MAX, &vmid) &&
		    !is_here(vmid, context) && is_old(fd, d->d_name, age_s))
			(void)unlinkat(fd, d->d_name, 0);
	(void)closedir(dir);
}
