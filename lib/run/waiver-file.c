/* SPDX-License-Identifier: MIT */
#include "run/waiver-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/leftover.h"
#include "pve/vmid.h"

enum {
	NAME_SIZE = 128,
	RULE_MAX = 64,
	LEFTOVER_S = 300, /* a temporary file as old as this has lost its writer */
	MAKING_PAUSE_MS = 50,
	MAKING_TRIES = 20, /* pauses, after which who makes a file is dead */
};

/* Endings of a file's name, by kind. */
static const char *const endings[] = {
	[WAIVER_LASTING] = ".conf", [WAIVER_ONCE] = ".once"
};

static const char ending_void[] = ".void";

/* Writes the name of @n with @ending to @ret. */
static void put_name(const struct waiver_name *n, const char *ending,
		     char ret[static NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, "%" PRIu64 ".%.*s%s", n->vmid, (int)n->rule.len,
		       n->rule.ptr, ending);
}

int waiver_dir_open(const struct place *p, struct waiver_dir *ret, struct err *e)
{
	int fd = openat(p->root, WAIVER_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct waiver_dir){ .fd = fd, .place = p };
	if (fd >= 0)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR)
		return 1;
	return err_set(e, ERR_SYSTEM, "cannot open '%s/" WAIVER_DIR "': %s", p->prefix,
		       strerror(errno));
}

void waiver_dir_done(struct waiver_dir *d)
{
	cleanup_close(&d->fd);
	d->fd = -1;
}

/* Whether @s may be the name of a rule: [a-z][a-z0-9-]*, not too long. */
static bool is_rule(struct slice s)
{
	if (!s.len || s.len >= RULE_MAX || s.ptr[0] < 'a' || s.ptr[0] > 'z')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

bool waiver_name_parse(const char *name, struct waiver_name *ret)
{
	struct slice vmid, rule;

	if (!slice_cut(slice_of(name), '.', &vmid, &rule) ||
	    !vmid_parse(vmid, &ret->vmid) || rule.len <= 5)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		if (strcmp(rule.ptr + rule.len - 5, endings[i]) != 0)
			continue;
		ret->kind = (enum waiver_kind)i;
		ret->rule = (struct slice){ rule.ptr, rule.len - 5 };
		return is_rule(ret->rule);
	}
	return false;
}

void waiver_shown(const struct place *p, const struct waiver_name *n,
		  char ret[static WAIVER_PATH_MAX])
{
	char name[NAME_SIZE];

	put_name(n, endings[n->kind], name);
	(void)snprintf(ret, WAIVER_PATH_MAX, "%s/" WAIVER_DIR "/%s", p->prefix, name);
}

int waiver_load(const struct waiver_dir *d, const struct waiver_name *n, struct arena *a,
		struct waiver *ret, struct err *e)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	AUTO(problems_done) struct problems problems = { 0 };
	char name[NAME_SIZE], shown[WAIVER_PATH_MAX];
	struct file_rules rules = { .owner = d->place->files.owner,
				    .max_bytes = WAIVER_MAX_BYTES,
				    .nofollow = true,
				    .shown = shown };
	int r;

	if (d->fd < 0)
		return 1;
	put_name(n, endings[n->kind], name);
	waiver_shown(d->place, n, shown);
	r = file_read(d->fd, name, &rules, &text, e);
	if (r != 0)
		return r;
	if (waiver_parse(shown, file_slice(&text), a, ret, &problems) == 0)
		return 0;
	return problems_as_err(&problems, e);
}

/* Reports that /etc/pve takes no changes now; returns -1. */
static int no_quorum(struct err *e)
{
	return err_set(e, ERR_SYSTEM,
		       "the cluster has no quorum, so nothing in /etc/pve can be "
		       "changed: see pvecm status");
}

/* Makes the directory where it is missing. */
static int make_dir(const struct place *p, struct err *e)
{
	static const char *const dirs[] = { "etc/pve/pve-safe", WAIVER_DIR };

	if (!place_has_cluster(p))
		return err_set(e, ERR_SYSTEM,
			       "/etc/pve: the cluster file system is not mounted");
	if (!place_is_quorate(p))
		return no_quorum(e);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (mkdirat(p->root, dirs[i], 0755) == 0 || errno == EEXIST)
			continue;
		if (errno == EACCES)
			return no_quorum(e);
		return err_set(e, ERR_SYSTEM, "cannot make '/%s': %s", dirs[i],
			       strerror(errno));
	}
	return 0;
}

/* Whether the file @n says what was written, @text. */
static int read_back(const struct waiver_dir *d, const struct waiver_name *n,
		     struct slice text, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf again = { 0 };
	struct waiver w;
	int r = waiver_load(d, n, &a, &w, e);

	if (r == 0)
		waiver_render(&w, &again);
	if (r == 0 && slice_same(buf_as_slice(&again), text))
		return 0;
	if (r < 0)
		return err_wrap(e, "what was written cannot be read back");
	return err_set(e, ERR_SYSTEM, "what was written is not what is read back");
}

/* Waits until who is just making a file should have made it. */
static void wait_a_moment(void)
{
	const struct timespec moment = { .tv_nsec = MAKING_PAUSE_MS * 1000000L };

	(void)nanosleep(&moment, NULL);
}

/*
 * Makes the file @name as file_create_excl() does, but takes the place of one who began to
 * make it and was killed.
 */
static int create(const struct waiver_dir *d, const char *name, struct slice text,
		  struct err *e)
{
	char making[NAME_SIZE + 8];
	int r;

	for (int i = 0; i < MAKING_TRIES; i++) {
		r = file_create_excl(d->fd, name, text, 0640, e);
		if (r != 1 || faccessat(d->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return r;
		wait_a_moment();
	}
	(void)snprintf(making, sizeof(making), "%s.new", name);
	(void)unlinkat(d->fd, making, 0);
	return file_create_excl(d->fd, name, text, 0640, e);
}

int waiver_save(const struct place *p, const struct waiver_name *n,
		const struct waiver *w, enum waiver_save_mode mode, struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	AUTO(buf_done) struct buf text = { 0 };
	char name[NAME_SIZE];
	int r;

	waiver_render(w, &text);
	if (buf_failed(&text))
		return err_nomem(e);
	if (text.len > WAIVER_MAX_BYTES)
		return err_set(e, ERR_RANGE,
			       "a waiver for all this has %zu bytes, more than the %d "
			       "that it may have",
			       text.len, WAIVER_MAX_BYTES);
	if (make_dir(p, e) < 0)
		return -1;
	if (waiver_dir_open(p, &dir, e) != 0)
		return err_wrap(e, "the directory of waivers");
	put_name(n, endings[n->kind], name);
	leftover_remove(dir.fd, name, LEFTOVER_S);
	if (mode == WAIVER_CREATE)
		r = create(&dir, name, buf_as_slice(&text), e);
	else
		r = file_write_atomic(dir.fd, name, buf_as_slice(&text), 0640, e);
	if (r < 0)
		return e->sys == EACCES ? no_quorum(e) : -1;
	return r == 1 ? 1 : read_back(&dir, n, buf_as_slice(&text), e);
}

/* Orders names. */
static int by_name(const void *x, const void *y)
{
	const struct waiver_name *a = x, *b = y;
	int c = slice_order(&a->rule, &b->rule);

	if (a->vmid != b->vmid)
		return a->vmid < b->vmid ? -1 : 1;
	return c ? c : (int)a->kind - (int)b->kind;
}

/* Adds @n to @names, which has room for a power of two rows. */
static int add_name(struct waiver_names *names, const struct waiver_name *n,
		    struct arena *a, struct err *e)
{
	const char *rule = arena_strdup(a, n->rule);
	struct waiver_name *rows = names->rows;
	size_t at = names->n;

	if (!(at & (at - 1))) /* full: 0, 1, 2, 4, … */
		rows = arena_array(a, at ? 2 * at : 1, sizeof(*rows));
	if (!rule || !rows)
		return err_nomem(e);
	if (rows != names->rows && at)
		memcpy(rows, names->rows, at * sizeof(*rows));
	rows[at] = *n;
	rows[at].rule.ptr = rule;
	*names = (struct waiver_names){ rows, at + 1 };
	return 0;
}

int waiver_list(const struct waiver_dir *d, uint64_t vmid, struct arena *a,
		struct waiver_names *ret, struct err *e)
{
	AUTO(dir_close) DIR *dir = d->fd < 0 ? NULL : dir_open(d->fd, ".");
	struct waiver_name name;
	struct dirent *entry;
	int r = 0;

	*ret = (struct waiver_names){ 0 };
	if (d->fd < 0)
		return 0;
	while (dir && r == 0 && (entry = dir_next(dir)))
		if (waiver_name_parse(entry->d_name, &name) &&
		    (!vmid || name.vmid == vmid))
			r = add_name(ret, &name, a, e);
	if (!dir || (r == 0 && errno))
		r = err_set(e, ERR_SYSTEM, "cannot list '%s/" WAIVER_DIR "': %s",
			    d->place->prefix, strerror(errno));
	if (r == 0 && ret->n)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), by_name);
	return r;
}

int waiver_void(const struct waiver_dir *d, const struct waiver_name *n, struct err *e)
{
	char name[NAME_SIZE], to[NAME_SIZE], shown[WAIVER_PATH_MAX];
	int r;

	put_name(n, endings[n->kind], name);
	put_name(n, ending_void, to);
	r = n->kind == WAIVER_ONCE ? unlinkat(d->fd, name, 0)
				   : renameat(d->fd, name, d->fd, to);
	if (r == 0 || errno == ENOENT)
		return 0;
	if (errno == EACCES)
		return no_quorum(e);
	waiver_shown(d->place, n, shown);
	return err_set(e, ERR_SYSTEM, "cannot take '%s' out of force: %s", shown,
		       strerror(errno));
}
