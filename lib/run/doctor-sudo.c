/* SPDX-License-Identifier: MIT */
/*
 * doctor-sudo - whether sudo's rules let more through than the wrappers would. Not a reader
 * of sudoers: lines that name our wrappers are looked at for what is known to open them.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "run/doctor.h"

enum { SUDOERS_MAX = 1 << 20, SHOWN = 120 };

/* One file, and what was seen in it. */
struct sudoers {
	struct doctor *d;
	char path[PLACE_PATH_MAX];
};

/* Whether @s holds @word. */
static bool holds(struct slice s, const char *word)
{
	return s.len && memmem(s.ptr, s.len, word, strlen(word)) != NULL;
}

/* Whether @s names one of @names as a whole path. */
static bool names_one(struct slice s, const char *const *names)
{
	for (; *names; names++) {
		const char *at = s.ptr, *end = s.ptr + s.len;
		size_t n = strlen(*names);

		while (at && at < end &&
		       (at = memmem(at, (size_t)(end - at), *names, n))) {
			const char *after = at + n;

			if (after == end || strchr(" \t,*", *after))
				return true;
			at = after;
		}
	}
	return false;
}

/* Says what the line @number, which names a wrapper, opens. */
static void check_line(const struct sudoers *s, struct slice line, unsigned number)
{
	static const char *const real[] = { "/usr/sbin/pct", "/usr/sbin/qm",
					    "/usr/sbin/qmrestore", "/usr/sbin/pve-safe",
					    NULL };

	if (holds(line, "SETENV") && !holds(line, "NOSETENV"))
		doctor_say(s->d, DOCTOR_PROBLEM, "take SETENV out",
			   "%s:%u: SETENV beside a wrapper: the caller's environment "
			   "reaches a program of root's",
			   s->path, number);
	if (holds(line, "*"))
		doctor_say(s->d, DOCTOR_PROBLEM,
			   "name the wrapper alone; the policy says what may follow it",
			   "%s:%u: a pattern beside a wrapper: sudo's * also takes "
			   "blanks and further options",
			   s->path, number);
	if (names_one(line, real))
		doctor_say(
			s->d, DOCTOR_PROBLEM, "leave it out",
			"%s:%u: a command beside a wrapper that nobody judges, or that "
			"changes the policy",
			s->path, number);
}

/* Looks at the lines of @text that name a wrapper; a backslash goes on with the next. */
static void check_text(const struct sudoers *s, struct slice text)
{
	unsigned number = 1;

	while (text.len) {
		size_t n = 0;
		unsigned first = number;
		struct slice line;

		while (n < text.len &&
		       (text.ptr[n] != '\n' || (n && text.ptr[n - 1] == '\\'))) {
			number += text.ptr[n] == '\n';
			n++;
		}
		line = slice_trim((struct slice){ text.ptr, n });
		number++;
		text.ptr += n + (n < text.len);
		text.len -= n + (n < text.len);
		if (line.len && *line.ptr != '#' &&
		    (holds(line, "/pct-safe") || holds(line, "/qm-safe") ||
		     holds(line, "/qmrestore-safe")))
			check_line(s, line, first);
	}
}

/* Looks at one file. */
static void check_file(struct doctor *d, const char *path)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ANY,
					  .max_bytes = SUDOERS_MAX };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct sudoers s = { .d = d };
	struct err e = { 0 };
	int got = file_read(d->place->root, path, &rules, &text, &e);

	(void)snprintf(s.path, sizeof(s.path), "/%s", path);
	if (got < 0)
		doctor_say(d, DOCTOR_UNKNOWN, NULL, "%s", e.msg);
	else if (got == 0)
		check_text(&s, file_slice(&text));
}

/* Looks at the files that sudo includes. */
static void check_included(struct doctor *d)
{
	AUTO(dir_close) DIR *dir = dir_open(d->place->root, "etc/sudoers.d");
	struct dirent *entry;

	while (dir && (entry = dir_next(dir))) {
		char path[PLACE_PATH_MAX];
		size_t len = strlen(entry->d_name);

		/* sudo passes these over, too. */
		if (memchr(entry->d_name, '.', len) || entry->d_name[len - 1] == '~')
			continue;
		if (snprintf(path, sizeof(path), "etc/sudoers.d/%s", entry->d_name) <
		    (int)sizeof(path))
			check_file(d, path);
	}
	if (errno && errno != ENOENT)
		doctor_say(d, DOCTOR_UNKNOWN, NULL, "/etc/sudoers.d: %s",
			   strerror(errno));
}

/* All of sudo's files. */
static void check_sudoers(struct doctor *d)
{
	check_file(d, "etc/sudoers");
	check_included(d);
}

const struct doctor_check doctor_sudo_checks[] = {
	{ "sudo", check_sudoers },
	{ NULL, NULL },
};
