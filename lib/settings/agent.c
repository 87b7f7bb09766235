/* SPDX-License-Identifier: MIT */
#include "settings/agent.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "pve/running.h"
#include "settings/agent-reply.h"

enum { LINES_MAX = 256, POLL_FIRST_MS = 20, POLL_MOST_MS = 500 };

/* One connection. */
struct agent {
	int fd;
	uint64_t end_ms;  /* of CLOCK_MONOTONIC: until which one thing may take */
	uint64_t work_ms; /* and all of them */
	const char *lost; /* why nothing more is asked; NULL: it answers */
	struct buf in;    /* what was read and is no whole line yet */
	size_t taken;     /* of .in, which was returned already */
	unsigned lines;   /* that came; a guest that talks without end is left */
};

/* Closes @a. For AUTO(). */
static void agent_close(struct agent *a)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	buf_done(&a->in);
}

/* Milliseconds of CLOCK_MONOTONIC. */
static uint64_t now_ms(void)
{
	return clock_now().mono_us / 1000;
}

/* Milliseconds until @end_ms; 0: none are left. */
static int left_ms(uint64_t end_ms)
{
	uint64_t now = now_ms();

	return now >= end_ms ? 0 : (int)(end_ms - now);
}

/* Sleeps @ms. */
static void rest(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

bool agent_has(const struct plan_item *item)
{
	return item->kind == SETTING_SYSCTL && item->setting->by_agent &&
	       item->state == VALUE_KNOWN;
}

/* Connects to the socket of @vmid. */
static int agent_open(int root, uint64_t vmid, struct agent *ret)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	*ret = (struct agent){
		.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
	};
	(void)snprintf(at.sun_path, sizeof(at.sun_path),
		       "/proc/self/fd/%d/run/qemu-server/%" PRIu64 ".qga", root, vmid);
	return ret->fd < 0 ? -1
			   : connect(ret->fd, (const struct sockaddr *)&at, sizeof(at));
}

/* Waits for @events; false at the end of the time. */
static bool wait_for(const struct agent *a, short events)
{
	struct pollfd on = { .fd = a->fd, .events = events };
	int r;

	do
		r = poll(&on, 1, left_ms(a->end_ms));
	while (r < 0 && errno == EINTR);
	return r > 0 && left_ms(a->end_ms) > 0;
}

/* Sends @text whole. */
static bool send_text(const struct agent *a, const struct buf *text)
{
	size_t sent = 0;

	if (buf_failed(text))
		return false;
	while (sent < text->len) {
		ssize_t n = send(a->fd, text->ptr + sent, text->len - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_for(a, POLLOUT))
				return false;
		} else
			return false;
	}
	return true;
}

/* Forgets the lines of .in that were returned. */
static void drop_taken(struct agent *a)
{
	size_t left = a->in.len - a->taken;

	if (!a->taken)
		return;
	memmove(a->in.ptr, a->in.ptr + a->taken, left);
	a->in.len = left;
	a->in.ptr[left] = '\0';
	a->taken = 0;
}

/* The next line to @ret, borrowed until the next call; false: none came, or it is too long. */
static bool next_line(struct agent *a, struct slice *ret)
{
	char chunk[4096];
	struct slice tail;

	drop_taken(a);
	while (!slice_cut(buf_as_slice(&a->in), '\n', ret, &tail)) {
		ssize_t n;

		if (a->in.len > AGENT_REPLY_MAX_BYTES || !wait_for(a, POLLIN))
			return false;
		n = recv(a->fd, chunk, sizeof(chunk), 0);
		if (n > 0)
			buf_add(&a->in, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		if (buf_failed(&a->in))
			return false;
	}
	a->taken = ret->len + 1;
	return ++a->lines <= LINES_MAX;
}

/* The next answer that is one, to @ret, which agent_reply_done() releases. */
static bool next_reply(struct agent *a, struct agent_reply *ret)
{
	struct slice line;

	*ret = (struct agent_reply){ 0 };
	while (next_line(a, &line)) {
		agent_reply_read(line, ret);
		if (ret->kind != AGENT_REPLY_OTHER)
			return true;
		agent_reply_done(ret);
		*ret = (struct agent_reply){ 0 };
	}
	return false;
}

/* Makes sure that what follows answers us: what others asked before is dropped. */
static bool sync_with(struct agent *a)
{
	AUTO(buf_done) struct buf text = { 0 };
	uint32_t id = 0;
	bool found = false;

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return false;
	buf_printf(&text,
		   "\xff{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%" PRIu32
		   "}}\n",
		   id);
	if (!send_text(a, &text))
		return false;
	while (!found) {
		AUTO(agent_reply_done) struct agent_reply r = { 0 };

		if (!next_reply(a, &r))
			return false;
		found = r.kind == AGENT_REPLY_NUMBER && r.number == (int64_t)id;
	}
	return true;
}

/* Asks the guest to run sysctl with @words. */
static bool ask_exec(const struct agent *a, const char *const *words)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct json j;

	json_begin(&j, &text);
	json_open_object(&j);
	json_member_text(&j, "execute", "guest-exec");
	json_member_object(&j, "arguments");
	json_member_text(&j, "path", "sysctl");
	json_member_array(&j, "arg");
	for (size_t i = 0; words[i]; i++)
		json_put_text(&j, words[i]);
	json_close(&j);
	json_member_bool(&j, "capture-output", true);
	json_close(&j);
	json_close(&j);
	buf_putc(&text, '\n');
	return send_text(a, &text);
}

/* Asks how the process @pid in the guest is, until it has ended. */
static bool follow(struct agent *a, int64_t pid, struct agent_reply *ret)
{
	AUTO(buf_done) struct buf text = { 0 };
	unsigned wait = POLL_FIRST_MS;

	buf_printf(&text,
		   "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%" PRId64
		   "}}\n",
		   pid);
	while (send_text(a, &text) && next_reply(a, ret)) {
		if (ret->kind != AGENT_REPLY_RUNNING)
			return true;
		agent_reply_done(ret);
		*ret = (struct agent_reply){ 0 };
		rest(wait);
		wait = wait * 2 > POLL_MOST_MS ? POLL_MOST_MS : wait * 2;
	}
	return false;
}

/* Notes, and returns, why nothing more is asked. */
static const char *lose(struct agent *a)
{
	a->lost = left_ms(a->work_ms) ? "the guest agent has stopped answering"
				      : "the guest agent took too long over all of them";
	return a->lost;
}

/*
 * Runs sysctl with @words in the guest; what it printed is in @ret. NULL, or why it failed,
 * made by @arena.
 */
static const char *run(struct agent *a, const char *const *words, struct arena *arena,
		       struct agent_reply *ret)
{
	AUTO(agent_reply_done) struct agent_reply started = { 0 };

	*ret = (struct agent_reply){ 0 };
	a->end_ms = now_ms() + AGENT_EXEC_MS;
	if (a->end_ms > a->work_ms)
		a->end_ms = a->work_ms;
	a->lines = 0;
	if (!left_ms(a->end_ms) || !ask_exec(a, words) || !next_reply(a, &started))
		return lose(a);
	if (started.kind == AGENT_REPLY_ERROR)
		return arena_printf(arena, "the guest agent refuses: %s",
				    buf_text(&started.text));
	if (started.kind != AGENT_REPLY_STARTED || !follow(a, started.number, ret))
		return lose(a);
	if (ret->kind == AGENT_REPLY_ENDED && ret->status == 0)
		return NULL;
	return arena_printf(arena, "sysctl in the guest failed: %s",
			    ret->text.len ? buf_text(&ret->text) : "it does not say why");
}

/* Reads the sysctl @key in the guest, to @ret_value; NULL, or why not. */
static const char *read_value(struct agent *a, const char *key, struct arena *arena,
			      const char **ret_value)
{
	const char *const words[] = { "-n", key, NULL };
	AUTO(agent_reply_done) struct agent_reply r = { 0 };
	const char *why = run(a, words, arena, &r);

	*ret_value =
		why ? NULL : arena_strdup(arena, slice_trim(buf_as_slice(&r.output)));
	return why;
}

/* Sets one sysctl, and reads it back. */
static void set_one(struct agent *a, const struct plan_item *item, struct applied *row,
		    struct arena *arena)
{
	static const char todo[] = "look for it in the guest: sysctl, dmesg";
	const char *key = arena_strdup(arena, item->target);
	const char *both = arena_printf(arena, "%.*s=%.*s", SLICE_ARG(item->target),
					SLICE_ARG(item->value));
	const char *const words[] = { "-w", both, NULL };
	AUTO(agent_reply_done) struct agent_reply r = { 0 };
	const char *why;

	if (!key || !both)
		return; /* the arena remembers */
	why = read_value(a, key, arena, &row->before);
	if (!why && row->before &&
	    applied_same_value(slice_of(row->before), item->value)) {
		row->after = row->before;
		row->result = APPLIED_ALREADY;
		return;
	}
	why = why ? why : run(a, words, arena, &r);
	why = why ? why : read_value(a, key, arena, &row->after);
	if (!why && row->after && applied_same_value(slice_of(row->after), item->value))
		row->result = APPLIED_SET;
	else
		applied_fail(row, why ? why : "it reads back as another value", todo);
}

/* Connects to the agent of @vmid once it lives. NULL, or why not. */
static const char *reach(int root, uint64_t vmid, unsigned wait_ms, struct agent *ret)
{
	uint64_t end_ms = now_ms() + wait_ms;

	while (guest_runs(root, vmid)) {
		if (agent_open(root, vmid, ret) == 0) {
			ret->end_ms = now_ms() + AGENT_TRY_MS;
			if (sync_with(ret))
				return NULL;
		}
		agent_close(ret);
		*ret = (struct agent){ .fd = -1 };
		if (!left_ms(end_ms))
			return "the guest agent has not answered in time";
		rest(AGENT_REST_MS);
	}
	return "the VM ended before its guest agent answered";
}

void agent_apply(int root, uint64_t vmid, unsigned wait_ms, const struct plan *plan,
		 struct applied_list *out)
{
	AUTO(agent_close) struct agent a = { .fd = -1 };
	const char *why = reach(root, vmid, wait_ms, &a);

	a.work_ms = now_ms() + AGENT_WORK_MS;
	for (size_t i = 0; i < plan->n; i++) {
		struct applied *row;

		if (!agent_has(&plan->items[i]))
			continue;
		row = applied_add(out, &plan->items[i]);
		if (!row)
			return;
		if (why)
			applied_fail(row, why,
				     "look whether qemu-guest-agent runs in the guest");
		else
			set_one(&a, &plan->items[i], row, out->arena);
		why = why ? why : a.lost;
	}
}
