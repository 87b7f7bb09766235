/* SPDX-License-Identifier: MIT */
/* Source: QEMU, qga/qapi-schema.json: guest-sync, guest-exec, guest-exec-status. */
#include "settings/agent-reply.h"

#include <signal.h>

#include <jansson.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/text.h"

/* Releases a JSON value. For AUTO(). */
static void json_freep(json_t **j)
{
	json_decref(*j);
}

/* The text @key of @object, {NULL, 0} when there is none. */
static struct slice text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_string(v)
		       ? (struct slice){ json_string_value(v), json_string_length(v) }
		       : (struct slice){ 0 };
}

/* Decodes the base64 text @key of @object into @out; what is none, or too long, is left out. */
static void decode(const json_t *object, const char *key, struct buf *out)
{
	struct slice text = text_of(object, key);

	if (text.len / 4 * 3 > AGENT_OUTPUT_MAX_BYTES || !base64_decode(text, out))
		buf_reset(out);
}

/* Appends what a guest says in @text, in one line that is safe to print. */
static void put_shown(struct slice text, struct buf *out)
{
	text_printable(out, slice_trim(text), AGENT_SHOWN_MAX_BYTES);
}

/* Reads the answer of guest-exec-status. */
static void read_status(const json_t *object, struct agent_reply *ret)
{
	AUTO(buf_done) struct buf errors = { 0 };
	const json_t *code = json_object_get(object, "exitcode");
	json_int_t status = json_is_integer(code) ? json_integer_value(code) : -1;
	json_int_t number = json_integer_value(json_object_get(object, "signal"));

	if (!json_is_true(json_object_get(object, "exited"))) {
		ret->kind = AGENT_REPLY_RUNNING;
		return;
	}
	ret->kind = AGENT_REPLY_ENDED;
	ret->status = status >= 0 && status <= 255 ? (int)status : -1;
	decode(object, "out-data", &ret->output);
	decode(object, "err-data", &errors);
	put_shown(buf_as_slice(&errors), &ret->text);
	if (!ret->text.len && number > 0 && number <= SIGRTMAX)
		buf_printf(&ret->text, "killed by signal %d", (int)number);
}

/* Reads the member "return". */
static void read_return(const json_t *v, struct agent_reply *ret)
{
	const json_t *pid = json_object_get(v, "pid");

	if (json_is_integer(v)) {
		ret->kind = AGENT_REPLY_NUMBER;
		ret->number = json_integer_value(v);
	} else if (json_is_integer(pid)) {
		ret->kind = AGENT_REPLY_STARTED;
		ret->number = json_integer_value(pid);
	} else if (json_is_boolean(json_object_get(v, "exited"))) {
		read_status(v, ret);
	}
}

void agent_reply_read(struct slice line, struct agent_reply *ret)
{
	AUTO(json_freep) json_t *j = NULL;
	const json_t *error, *v;
	json_error_t why;

	*ret = (struct agent_reply){ 0 };
	while (line.len && *line.ptr == '\xff') { /* before a guest-sync-delimited's */
		line.ptr++;
		line.len--;
	}
	if (!line.len || line.len > AGENT_REPLY_MAX_BYTES)
		return;
	j = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &why);
	error = json_object_get(j, "error");
	v = json_object_get(j, "return");
	if (json_is_object(error)) {
		ret->kind = AGENT_REPLY_ERROR;
		put_shown(text_of(error, "desc"), &ret->text);
	} else if (v) {
		read_return(v, ret);
	}
}

void agent_reply_done(struct agent_reply *r)
{
	buf_done(&r->output);
	buf_done(&r->text);
}
