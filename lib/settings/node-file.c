/* SPDX-License-Identifier: MIT */
#include "settings/node-file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "settings/state.h"

int node_file_open(int root, struct slice path, int flags)
{
	static const char *const tops[] = { "/proc/sys/", "/sys/" };
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	const char *top = slice_starts(path, tops[0]) ? tops[0] : tops[1];
	AUTO_CLOSE int dir = -1, fd = -1;
	char text[VALUE_MAX_BYTES + 1];
	struct stat st;

	errno = ENOENT;
	if (!state_is_path(path))
		return -1;
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	dir = openat(root, top == tops[0] ? "proc/sys" : "sys",
		     O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, dir, text + strlen(top), &how, sizeof(how));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	return STEAL_FD(fd);
}

/* The choice in brackets of @text, "noop [none] bfq"; {NULL, 0}: not just one is there. */
static struct slice chosen_of(struct slice text)
{
	struct slice head, rest, choice;

	if (!slice_cut(text, '[', &head, &rest) ||
	    !slice_cut(rest, ']', &choice, &rest) ||
	    memchr(choice.ptr, ' ', choice.len) || slice_blank(choice) ||
	    (rest.len && memchr(rest.ptr, '[', rest.len)))
		return (struct slice){ 0 };
	if ((head.len && !slice_is_space(head.ptr[head.len - 1])) ||
	    (rest.len && !slice_is_space(*rest.ptr)))
		return (struct slice){ 0 };
	return choice;
}

enum setting_form node_file_form(struct slice path, struct slice text)
{
	if (chosen_of(text).ptr)
		return FORM_BRACKET;
	return slice_starts(path, "/sys/class/net/") ||
			       slice_starts(path, "/sys/devices/virtual/net/")
		       ? FORM_LINK
		       : FORM_PLAIN;
}

int node_file_read(int fd, struct slice path, enum setting_form *form, struct arena *a,
		   struct slice *ret, struct err *e)
{
	char text[STATE_MAX_VALUE + 2];
	struct slice value;
	const char *copy;
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n < 0)
		return err_set(e, ERR_SYSTEM, "cannot be read: %s", strerror(errno));
	value = (struct slice){ text, (size_t)n };
	if (value.len && value.ptr[value.len - 1] == '\n')
		value.len--;
	if (value.len > STATE_MAX_VALUE || memchr(text, '\0', value.len) ||
	    memchr(text, '\n', value.len))
		return err_set(e, ERR_TYPE,
			       "holds more than one line, so it could not be put back");
	if (*form == FORM_AUTO)
		*form = node_file_form(path, value);
	if (*form == FORM_BRACKET) {
		value = chosen_of(value);
		if (!value.ptr)
			return err_set(e, ERR_TYPE, "shows no choice in brackets");
	}
	copy = arena_strdup(a, value);
	if (!copy)
		return err_nomem(e);
	*ret = slice_of(copy);
	return 0;
}

/*
 * An empty value is a line, too. The file is cut afterwards: a kernel's file has no length
 * that matters, and another one is never empty in between.
 */
int node_file_write(int root, struct slice path, struct slice value, struct err *e)
{
	AUTO_CLOSE int fd = node_file_open(root, path, O_WRONLY);
	struct slice text = value.len ? value : slice_of("\n");
	ssize_t n;

	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "cannot be written: %s", strerror(errno));
	n = write(fd, text.ptr, text.len);
	if (n < 0)
		return err_set(e, ERR_SYSTEM, "the kernel does not take '%.*s': %s",
			       SLICE_SHOWN(value), strerror(errno));
	if ((size_t)n != text.len)
		return err_set(e, ERR_SYSTEM, "the kernel took only a part of '%.*s'",
			       SLICE_SHOWN(value));
	(void)!ftruncate(fd, n);
	return 0;
}
