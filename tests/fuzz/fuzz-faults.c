/* SPDX-License-Identifier: MIT */
/*
 * Fuzz the whole way to a verdict while malloc, read, write and their like fail one time in
 * 400. The input is four bytes that choose which, then texts with a NUL between them: policy,
 * container, user.cfg, waiver, state of a setting.
 *
 * The files are judged without faults, then with them: then there is an error, or a verdict
 * that is no laxer than before. What is rendered is the same or has failed; what is written
 * is the old text or the new one, and the new one where the writer says so. Nothing leaks.
 *
 * The linker puts our functions before libc's for what is linked statically (Makefile);
 * libconfuse, which crashes without memory, is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/judge.h"
#include "settings/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { ONE_IN = 400, SEED_BYTES = 4 };

/* --- faults --- */

static uint32_t chance; /* 0: nothing fails */

/* Whether the call that is made fails; of one seed, always the same ones do. */
static bool fails(int error)
{
	if (!chance)
		return false;
	chance ^= chance << 13; /* xorshift: never 0 again */
	chance ^= chance >> 17;
	chance ^= chance << 5;
	if (chance % ONE_IN)
		return false;
	errno = error;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __real_write(int fd, const void *from, size_t len);
int __real_fsync(int fd);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
int __wrap_fsync(int fd);

void *__wrap_malloc(size_t size)
{
	return fails(ENOMEM) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails(ENOMEM) ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails(ENOMEM) ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails(ENOMEM) ? NULL : __real_strdup(s);
}

/* Fails, is interrupted, or moves one byte. */
ssize_t __wrap_read(int fd, void *to, size_t len)
{
	if (fails(EIO))
		return -1;
	return __real_read(fd, to, fails(EINTR) && len ? 1 : len);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
	if (fails(ENOSPC))
		return -1;
	return __real_write(fd, from, fails(EINTR) && len ? 1 : len);
}

int __wrap_fsync(int fd)
{
	return fails(EIO) ? -1 : __real_fsync(fd);
}

/* --- the way to a verdict --- */

/* Where the texts of an input go. */
static const char *const places[] = {
	"etc/pve/pve-safe/policy.conf",
	"etc/pve/nodes/pve1/lxc/101.conf",
	"etc/pve/user.cfg",
	"etc/pve/pve-safe/waivers/101.privileged.conf",
};

/* Ends the program unless @holds. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The directories of the made-up node. */
static const char *const dirs[] = {
	"etc",
	"etc/pve",
	"etc/pve/nodes",
	"etc/pve/nodes/pve1",
	"etc/pve/nodes/pve1/lxc",
	"etc/pve/pve-safe",
	"etc/pve/pve-safe/waivers",
};

static int root = -1; /* of the made-up node */
static char top[64];  /* where it is */

/* Removes the made-up node when the program ends. */
static void remove_root(void)
{
	(void)unlinkat(root, "out", 0);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		(void)unlinkat(root, places[i], 0);
	for (size_t i = ARRAY_LEN(dirs); i-- > 0;)
		(void)unlinkat(root, dirs[i], AT_REMOVEDIR);
	(void)rmdir(top);
}

/* Makes the made-up node, once: in memory where there is room. */
static void make_root(void)
{
	if (root >= 0)
		return;
	(void)snprintf(top, sizeof(top), "/dev/shm/fuzz-faults.%ld", (long)getpid());
	if (mkdir(top, 0755) < 0) {
		(void)snprintf(top, sizeof(top), "/tmp/fuzz-faults.%ld", (long)getpid());
		must(mkdir(top, 0755) == 0);
	}
	root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(root >= 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		must(mkdirat(root, dirs[i], 0755) == 0);
	must(atexit(remove_root) == 0);
}

/* Writes @text to @name below the root; without text there is no file. */
static void put(const char *name, struct slice text)
{
	AUTO_CLOSE int fd = -1;

	(void)unlinkat(root, name, 0);
	if (!text.len)
		return;
	fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
}

/* Takes the text up to the next NUL off @rest. */
static struct slice next_text(struct slice *rest)
{
	struct slice text = { 0 };

	(void)slice_cut(*rest, '\0', &text, rest);
	return text;
}

/* What a judgement comes to. */
struct outcome {
	bool failed; /* an error, or another policy than the one that is there */
	bool absent; /* there is no such guest */
	enum verdict verdict;
};

/* Writes @text to the file "out", where @before stands. */
static void check_writing(struct slice text, const char *before)
{
	AUTO(file_text_done) struct file_text got = { 0 };
	const struct file_rules rules = { .owner = FILE_OWNER_ANY };
	struct err e = { 0 };
	uint32_t kept;
	int r = file_write_atomic(root, "out", text, 0644, &e);

	kept = chance;
	chance = 0;
	must(file_read(root, "out", &rules, &got, &e) == 0);
	if (slice_same(file_slice(&got), text))
		must(r == 0 || *e.msg);
	else
		must(r < 0 && slice_eq(file_slice(&got), before));
	put("out", slice_of(before));
	chance = kept;
}

/* Renders and writes @d. */
static void check_texts(const struct decision *d)
{
	AUTO(buf_done) struct buf text = { 0 }, json = { 0 };
	struct json j;

	decision_render(d, &text);
	json_begin(&j, &json);
	json_open_object(&j);
	decision_emit(d, &j);
	json_close(&j);
	must(buf_failed(&json) || json_is_complete(&j));
	must(buf_failed(&text) || text.len);
	if (!buf_failed(&json))
		check_writing(buf_as_slice(&json), "before");
}

/* Judges the start of container 101; @seed chooses what fails. */
static struct outcome judge(uint32_t seed)
{
	const struct place p = { .root = root, .prefix = "/made-up", .node = "pve1" };
	AUTO(store_policy_done) struct store_policy policy = { 0 };
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(guest_done) struct guest g = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	struct ask ask = { .layer = LAYER_CHECK, .start = true };
	struct outcome o = { .failed = true };
	enum guest_where where;
	struct err e = { 0 };

	ask.request.event = slice_of("start");
	ask.request.cause = slice_of("user");
	chance = seed;
	where = guest_load_any(&p, 101, &g, &e);
	o.absent = where == GUEST_ABSENT;
	if (where == GUEST_FOUND && store_load(root, STORE_OFFLINE, &policy, &e) == 0 &&
	    judge_begin(&p, &policy, &ask, &j, &e) == 0) {
		cluster_load(&p, fact_set_sources(&policy.policy->facts), &c);
		if (judge_guest(&policy, &c, &g, &ask, &j, &e) == 0) {
			o.failed = policy.problem != NULL;
			o.verdict = decision_verdict(&j.decision);
			check_texts(&j.decision);
		}
	}
	chance = 0;
	must(!o.failed || o.absent || policy.problem || *e.msg);
	return o;
}

/* Reads @text as the state of a setting, while @seed chooses what fails. */
static void check_state(struct slice text, uint32_t seed)
{
	AUTO(arena_done) struct arena a = { 0 }, b = { 0 };
	struct err e = { 0 }, again = { 0 };
	struct state s, t;
	int usual = state_parse(text, &a, &s, &e), r;

	chance = seed;
	r = state_parse(text, &b, &t, &again);
	chance = 0;
	must(r == usual || (r < 0 && err_is_nomem(&again)));
	must(r < 0 || (slice_same(s.path, t.path) && s.nusers == t.nusers));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice rest = { (const char *)data, len };
	struct outcome usual, o;
	uint32_t seed;

	make_root();
	if (len < SEED_BYTES)
		return 0;
	memcpy(&seed, data, SEED_BYTES);
	rest = (struct slice){ rest.ptr + SEED_BYTES, len - SEED_BYTES };
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		put(places[i], next_text(&rest));
	put("out", slice_of("before"));
	usual = judge(0);
	o = judge(seed | 1);
	must(o.absent == usual.absent);
	must(usual.failed || o.failed || o.verdict <= usual.verdict);
	check_state(rest, seed | 1);
	return 0;
}
