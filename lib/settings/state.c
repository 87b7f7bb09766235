/* SPDX-License-Identifier: MIT */
#include "settings/state.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/text.h"

enum { USER_WORDS = 4 };

static const char *const forms[] = { [FORM_AUTO] = NULL,
				     [FORM_PLAIN] = "plain",
				     [FORM_BRACKET] = "bracket",
				     [FORM_LINK] = "link" };

/* A state being read. */
struct reader {
	struct slice rest;
	unsigned line; /* that is read */
	struct arena *arena;
	struct err *e;
};

/* Takes the next line, which must begin with @key and a blank; what follows to @ret. */
static int take(struct reader *r, const char *key, struct slice *ret)
{
	struct slice line, name;

	r->line++;
	if (!slice_cut(r->rest, '\n', &line, &r->rest))
		return err_set(r->e, ERR_SYNTAX, "line %u: '%s' is missing or cut off",
			       r->line, key);
	if (!slice_cut(line, ' ', &name, ret) || !slice_eq(name, key))
		return err_set(r->e, ERR_SYNTAX, "line %u: '%s' expected", r->line, key);
	return 0;
}

/* Takes a line whose value is percent-encoded, in the only way that we write it. */
static int take_encoded(struct reader *r, const char *key, struct slice *ret)
{
	AUTO(buf_done) struct buf plain = { 0 }, again = { 0 };
	struct slice value = { 0 };
	const char *copy;

	if (take(r, key, &value) < 0)
		return -1;
	text_percent_decode(&plain, value);
	text_percent_encode(&again, buf_as_slice(&plain));
	if (buf_failed(&plain) || buf_failed(&again))
		return err_nomem(r->e);
	if (!slice_same(buf_as_slice(&again), value))
		return err_set(r->e, ERR_SYNTAX, "line %u: '%s' is not encoded as it is",
			       r->line, key);
	if (plain.len > STATE_MAX_VALUE || memchr(buf_text(&plain), '\0', plain.len))
		return err_set(r->e, ERR_RANGE, "line %u: '%s' is no such value", r->line,
			       key);
	copy = arena_strdup(r->arena, buf_as_slice(&plain));
	if (!copy)
		return err_nomem(r->e);
	*ret = slice_of(copy);
	return 0;
}

/* Takes the line "kind". */
static int take_form(struct reader *r, enum setting_form *ret)
{
	struct slice value = { 0 };

	if (take(r, "kind", &value) < 0)
		return -1;
	for (size_t i = FORM_PLAIN; i < ARRAY_LEN(forms); i++)
		if (slice_eq(value, forms[i])) {
			*ret = (enum setting_form)i;
			return 0;
		}
	return err_set(r->e, ERR_UNKNOWN, "line %u: plain, bracket or link expected",
		       r->line);
}

/* Reads "101 running" or "101 starting 4711 123456". */
static bool parse_user(struct slice text, struct state_user *ret)
{
	struct slice word[USER_WORDS] = { { 0 } }, rest = text;
	size_t n = 0;
	bool more = true;
	uint64_t pid = 0;

	while (more) {
		if (n == USER_WORDS)
			return false;
		more = slice_cut(rest, ' ', &word[n++], &rest);
	}
	*ret = (struct state_user){ 0 };
	if (!num_parse(word[0], 100, 999999999, &ret->vmid))
		return false;
	if (n == 2)
		return slice_eq(word[1], "running");
	if (n != USER_WORDS || !slice_eq(word[1], "starting") ||
	    !num_parse(word[2], 1, INT32_MAX, &pid) ||
	    !num_parse(word[3], 0, UINT64_MAX, &ret->start_time))
		return false;
	ret->pid = (pid_t)pid;
	return true;
}

/* Takes the lines "user" to the end of the text. */
static int take_users(struct reader *r, struct state *s)
{
	struct state_user user;
	struct slice value = { 0 };

	while (r->rest.len) {
		if (take(r, "user", &value) < 0)
			return -1;
		if (!parse_user(value, &user) || state_find_user(s, user.vmid))
			return err_set(
				r->e, ERR_SYNTAX,
				"line %u: 'user VMID running' or 'user VMID "
				"starting PID STARTTIME' expected, each guest once",
				r->line);
		if (!state_put_user(s, &user, r->arena))
			return err_set(r->e, ERR_RANGE, "line %u: over %d users", r->line,
				       STATE_MAX_USERS);
	}
	return 0;
}

int state_parse(struct slice text, struct arena *a, struct state *ret, struct err *e)
{
	struct reader r = { .rest = text, .arena = a, .e = e };
	struct state s = { .path = { 0 } };
	struct slice version;

	if (text.len > STATE_MAX_BYTES)
		return err_set(e, ERR_RANGE, "is longer than %d bytes", STATE_MAX_BYTES);
	if (take(&r, "version", &version) < 0)
		return -1;
	if (!slice_eq(version, "1"))
		return err_set(e, ERR_UNKNOWN, "line 1: version 1 expected");
	if (take_encoded(&r, "path", &s.path) < 0)
		return -1;
	if (!state_is_path(s.path))
		return err_set(e, ERR_RANGE,
			       "line 2: a path below /sys or /proc/sys "
			       "expected");
	if (take_form(&r, &s.form) < 0 || take_encoded(&r, "before", &s.before) < 0 ||
	    take_encoded(&r, "set", &s.set) < 0 || take_users(&r, &s) < 0)
		return -1;
	*ret = s;
	return 0;
}

/* Appends a line whose value is percent-encoded. */
static void put_encoded(struct buf *out, const char *key, struct slice value)
{
	buf_printf(out, "%s ", key);
	text_percent_encode(out, value);
	buf_putc(out, '\n');
}

void state_render(const struct state *s, struct buf *out)
{
	buf_printf(out, "version %d\n", STATE_VERSION);
	put_encoded(out, "path", s->path);
	buf_printf(out, "kind %s\n", forms[s->form]);
	put_encoded(out, "before", s->before);
	put_encoded(out, "set", s->set);
	for (size_t i = 0; i < s->nusers; i++) {
		const struct state_user *u = &s->users[i];

		buf_printf(out, "user %" PRIu64, u->vmid);
		if (u->pid)
			buf_printf(out, " starting %d %" PRIu64 "\n", (int)u->pid,
				   u->start_time);
		else
			buf_puts(out, " running\n");
	}
}

void state_file_name(struct slice path, char ret[static SHA256_HEX_SIZE])
{
	sha256_hex(path, ret);
}

bool state_is_file_name(const char *name)
{
	return strlen(name) == SHA256_HEX_SIZE - 1 &&
	       strspn(name, "0123456789abcdef") == SHA256_HEX_SIZE - 1;
}

struct state_user *state_find_user(const struct state *s, uint64_t vmid)
{
	for (size_t i = 0; i < s->nusers; i++)
		if (s->users[i].vmid == vmid)
			return &s->users[i];
	return NULL;
}

bool state_put_user(struct state *s, const struct state_user *user, struct arena *a)
{
	struct state_user *there = state_find_user(s, user->vmid), *users;

	if (there) {
		*there = *user;
		return true;
	}
	if (s->nusers == STATE_MAX_USERS)
		return false;
	users = arena_array(a, s->nusers + 1, sizeof(*users));
	if (!users)
		return false;
	if (s->nusers)
		memcpy(users, s->users, s->nusers * sizeof(*users));
	users[s->nusers++] = *user;
	s->users = users;
	return true;
}

bool state_is_path(struct slice path)
{
	struct slice part, rest;
	bool more = true;

	if ((!slice_starts(path, "/sys/") && !slice_starts(path, "/proc/sys/")) ||
	    path.len > VALUE_MAX_BYTES)
		return false;
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] < ' ' || path.ptr[i] == 0x7f)
			return false;
	rest = (struct slice){ path.ptr + 1, path.len - 1 };
	while (more) {
		more = slice_cut(rest, '/', &part, &rest);
		if (!part.len || slice_eq(part, ".") || slice_eq(part, ".."))
			return false;
	}
	return true;
}
