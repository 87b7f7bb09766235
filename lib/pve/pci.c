/* SPDX-License-Identifier: MIT */
#include "pve/pci.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"

/* Closes the directory. For AUTO(). */
static void close_dir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/* Whether the device @name in @devices is a storage controller: its class is 0x01…. */
static bool is_storage(int devices, const char *name)
{
	AUTO_CLOSE int device = openat(devices, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = -1;
	char class[8] = "";

	if (device >= 0)
		fd = openat(device, "class", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || read(fd, class, sizeof(class) - 1) < 4)
		return false;
	return strncmp(class, "0x01", 4) == 0;
}

int pci_storage_list(int root, struct arena *a, struct pci_devices *ret, struct err *e)
{
	static const char path[] = "sys/bus/pci/devices";
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(close_dir) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;

	*ret = (struct pci_devices){ .items = arena_array(a, PCI_MAX_DEVICES,
							  sizeof(*ret->items)) };
	if (!ret->items)
		return err_nomem(e);
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_set(e, ERR_SYSTEM, "/%s: %s", path, strerror(errno));
	while (ret->n < PCI_MAX_DEVICES && (entry = dir_next(d))) {
		const char *name;

		if (*entry->d_name == '.' || !is_storage(dirfd(d), entry->d_name))
			continue;
		name = arena_strdup(a, slice_of(entry->d_name));
		if (!name)
			return err_nomem(e);
		ret->items[ret->n++] = slice_of(name);
	}
	if (!entry && errno)
		return err_set(e, ERR_SYSTEM, "cannot list /%s: %s", path,
			       strerror(errno));
	return 0;
}
