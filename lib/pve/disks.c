/* SPDX-License-Identifier: MIT */
/*
 * What QEMU has open says which devices there are, its command line in which order: numbers of
 * descriptors do not, for QEMU opens its disks several times until it has them as it wants.
 * Source: PVE::QemuServer, config_to_command; valid_drive_names.
 */
#include "pve/disks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/num.h"
#include "pve/running.h"

enum { DESCRIPTORS_MAX = 4096, CMDLINE_MAX = 1 << 20 };

/* Orders descriptors by their numbers, for qsort. */
static int by_number(const void *x, const void *y)
{
	unsigned a = *(const unsigned *)x, b = *(const unsigned *)y;

	return (a > b) - (a < b);
}

/*
 * Reads the numbers of the descriptors in the directory @fd, in order. None where they cannot
 * be read to the end: of some disks nobody can say which is the first.
 */
static size_t read_numbers(int fd, unsigned ret[static DESCRIPTORS_MAX])
{
	DIR *d = fdopendir(fd);
	const struct dirent *entry;
	size_t n = 0;

	if (!d) {
		(void)close(fd);
		return 0;
	}
	while (n < DESCRIPTORS_MAX && (entry = dir_next(d))) {
		uint64_t number;

		if (num_parse(slice_of(entry->d_name), 0, INT_MAX, &number))
			ret[n++] = (unsigned)number;
	}
	if (n < DESCRIPTORS_MAX && errno)
		n = 0;
	(void)closedir(d);
	qsort(ret, n, sizeof(*ret), by_number);
	return n;
}

/* Devices, each once, in an order. */
struct devices {
	dev_t rows[DISKS_MAX];
	size_t n;
};

/* Whether @d has @dev. */
static bool has_device(const struct devices *d, dev_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->rows[i] == dev)
			return true;
	return false;
}

/* Adds @dev, unless it is there or there is no room. */
static void add_device(struct devices *d, dev_t dev)
{
	if (d->n < DISKS_MAX && !has_device(d, dev))
		d->rows[d->n++] = dev;
}

/* Adds the block device at @path, which begins with a slash, if it is one. */
static void add_path(int root, struct slice path, struct devices *out)
{
	char text[PATH_MAX];
	struct stat st;

	if (path.len >= sizeof(text))
		return;
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	if (fstatat(root, text + 1, &st, 0) == 0 && S_ISBLK(st.st_mode))
		add_device(out, st.st_rdev);
}

/* Adds the block devices that @word of a command line names: "file=/dev/sdb,…", JSON. */
static void add_named(int root, struct slice word, struct devices *out)
{
	static const char dev[] = "/dev/";
	const char *at = word.ptr, *end = word.ptr + word.len;

	while ((at = memmem(at, (size_t)(end - at), dev, sizeof(dev) - 1))) {
		const char *stop = at;

		while (stop < end && !memchr(",\"'", *stop, 3))
			stop++;
		add_path(root, (struct slice){ at, (size_t)(stop - at) }, out);
		at = stop;
	}
}

/* Whether @text has @part in it. */
static bool has_text(struct slice text, struct slice part)
{
	return text.len && memmem(text.ptr, text.len, part.ptr, part.len);
}

/* The drive of @word where that is a CD drive, "ide-cd,bus=ide.1,drive=drive-ide2"; or "". */
static struct slice drive_of_cd(struct slice word)
{
	struct slice property, rest = word;
	bool more = slice_starts(word, "ide-cd,") || slice_starts(word, "scsi-cd,");

	while (more) {
		more = slice_cut(rest, ',', &property, &rest);
		if (slice_starts(property, "drive="))
			return (struct slice){ property.ptr + 6, property.len - 6 };
	}
	return (struct slice){ "", 0 };
}

/* Whether @word, "{…,"node-name":"drive-ide2"}", is what a CD drive of @cmdline reads. */
static bool is_in_cd(struct slice cmdline, struct slice word)
{
	struct slice other, drive;
	char node[64];

	while (slice_cut(cmdline, '\0', &other, &cmdline)) {
		drive = drive_of_cd(other);
		if (!drive.len || drive.len > sizeof(node) / 2)
			continue;
		(void)snprintf(node, sizeof(node), "\"node-name\":\"%.*s\"",
			       SLICE_ARG(drive));
		if (has_text(word, slice_of(node)))
			return true;
	}
	return false;
}

/*
 * Whether @word of @cmdline is for a drive that is no disk: CDs, variables of EFI. Of a
 * -blockdev only the device says that it is a CD: one of cloud-init on LVM is host_device.
 */
static bool is_no_disk(struct slice cmdline, struct slice word)
{
	static const char *const marks[] = { "efidisk0", "host_cdrom", "media=cdrom" };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (has_text(word, slice_of(marks[i])))
			return true;
	return slice_starts(word, "{") && is_in_cd(cmdline, word);
}

/* Reads the command line of process @pid for the devices of disks, and those of other drives. */
static void read_named(int root, pid_t pid, struct devices *disks, struct devices *others)
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ANY,
						 .max_bytes = CMDLINE_MAX };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice word, rest;
	char path[64];
	struct err ignored;

	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", (int)pid);
	if (file_read(root, path, &rules, &text, &ignored) != 0)
		return;
	rest = file_slice(&text);
	while (slice_cut(rest, '\0', &word, &rest))
		add_named(root, word,
			  is_no_disk(file_slice(&text), word) ? others : disks);
}

/* Reads which block devices process @pid has open. */
static void read_open(int root, pid_t pid, struct arena *a, struct devices *out)
{
	unsigned *numbers = arena_array(a, DESCRIPTORS_MAX, sizeof(*numbers));
	char path[64];
	size_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "proc/%d/fd", (int)pid);
	fd = numbers ? openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	n = fd < 0 ? 0 : read_numbers(fd, numbers);
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		(void)snprintf(path, sizeof(path), "proc/%d/fd/%u", (int)pid, numbers[i]);
		if (fstatat(root, path, &st, 0) == 0 && S_ISBLK(st.st_mode))
			add_device(out, st.st_rdev);
	}
}

/* Cuts the last component off @path, to *@ret; false: it has none. */
static bool cut_last(char *path, const char **ret)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	*slash = '\0';
	*ret = slash + 1;
	return true;
}

/*
 * Name below /sys/block of @dev, of a partition that of its disk; {NULL, 0} when it has none.
 * Memory from @a.
 */
static struct slice name_of(int root, dev_t dev, struct arena *a)
{
	char path[64], target[PATH_MAX];
	const char *name;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "sys/dev/block/%u:%u", major(dev), minor(dev));
	n = readlinkat(root, path, target, sizeof(target) - 1);
	if (n <= 0)
		return (struct slice){ 0 };
	target[n] = '\0';
	(void)snprintf(path, sizeof(path), "sys/dev/block/%u:%u/partition", major(dev),
		       minor(dev));
	if (!cut_last(target, &name) ||
	    (faccessat(root, path, F_OK, 0) == 0 && !cut_last(target, &name)))
		return (struct slice){ 0 };
	name = arena_strdup(a, slice_of(name));
	return name ? slice_of(name) : (struct slice){ 0 };
}

/* Adds the name of @dev to the @n names at @names, unless it is there; the number of them. */
static size_t add_name(int root, dev_t dev, struct arena *a, struct slice *names,
		       size_t n)
{
	struct slice name = name_of(root, dev, a);

	if (!name.ptr)
		return n;
	for (size_t i = 0; i < n; i++)
		if (slice_same(names[i], name))
			return n;
	names[n] = name;
	return n + 1;
}

size_t disks_open(int root, uint64_t vmid, struct arena *a, const struct slice **ret)
{
	struct slice *names = arena_array(a, DISKS_MAX, sizeof(*names));
	struct devices named = { 0 }, others = { 0 }, open = { 0 };
	pid_t pid = guest_machine(root, vmid);
	size_t n = 0;

	*ret = names;
	if (!pid || !names)
		return 0;
	read_open(root, pid, a, &open);
	read_named(root, pid, &named, &others);
	for (size_t i = 0; i < named.n; i++)
		if (has_device(&open, named.rows[i]))
			n = add_name(root, named.rows[i], a, names, n);
	for (size_t i = 0; i < open.n; i++)
		if (!has_device(&named, open.rows[i]) &&
		    !has_device(&others, open.rows[i]) && n < DISKS_MAX)
			n = add_name(root, open.rows[i], a, names, n);
	return n;
}
