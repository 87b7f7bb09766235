/* SPDX-License-Identifier: MIT */
#include "record/log.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { SHOWN_MAX = 400 };

/* The text of member @key of @object, or NULL. */
static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Whether @id is the text of a UUID. */
static bool is_uuid(struct slice id)
{
	if (id.len != LOG_ID_SIZE - 1)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? id.ptr[i] != '-' : !memchr("0123456789abcdef", id.ptr[i], 16))
			return false;
	}
	return true;
}

/* Takes from the JSON of @l what every line must have. */
static int read_members(struct log_line *l, struct err *e)
{
	const char *time = text_of(l->json, "time"), *type = text_of(l->json, "type");
	json_t *vmid = json_object_get(json_object_get(l->json, "guest"), "vmid");
	struct err ignored = { 0 };

	l->id = text_of(l->json, "id");
	if (!l->id || !is_uuid(slice_of(l->id)))
		return err_set(e, ERR_SYNTAX, "has no id of a decision");
	if (!time ||
	    clock_parse(slice_of(time), CLOCK_DAY_BEGIN, &l->time_ms, &ignored) < 0)
		return err_set(e, ERR_SYNTAX, "has no time");
	l->outcome = type && strcmp(type, "outcome") == 0;
	if (!l->outcome && !text_of(l->json, "verdict"))
		return err_set(e, ERR_SYNTAX, "is neither a decision nor an outcome");
	if (json_integer_value(vmid) > 0)
		l->vmid = (uint64_t)json_integer_value(vmid);
	return 0;
}

int log_line_read(struct slice text, struct log_line *ret, struct err *e)
{
	struct log_line l = { 0 };
	json_error_t why;

	l.json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
	if (!l.json)
		return err_set(e, ERR_SYNTAX, "is no JSON: %.80s", why.text);
	if (!json_is_object(l.json) || read_members(&l, e) < 0) {
		log_line_done(&l);
		return *e->msg ? -1 : err_set(e, ERR_SYNTAX, "is no JSON object");
	}
	*ret = l;
	return 0;
}

void log_line_done(struct log_line *l)
{
	json_decref(l->json);
	*l = (struct log_line){ 0 };
}

/* Appends @text, "-" when it is NULL. */
static void show(struct buf *out, const char *text)
{
	text_printable(out, slice_of(text ? text : "-"), SHOWN_MAX);
}

/* Appends " by USER" of the actor, the closest to a person that is known. */
static void show_actor(const json_t *actor, struct buf *out)
{
	const char *login = text_of(actor, "login"), *user = text_of(actor, "pve_user");

	if (!login && !user)
		return;
	buf_puts(out, " by ");
	show(out, user ? user : login);
	if (user && login) {
		buf_puts(out, " (login ");
		show(out, login);
		buf_putc(out, ')');
	}
}

/* Appends the guest that a decision was about. */
static void show_guest(const json_t *guest, uint64_t vmid, struct buf *out)
{
	const char *kind = text_of(guest, "kind"), *name = text_of(guest, "name");

	buf_puts(out, kind && strcmp(kind, "vm") == 0 ? "VM" : "CT");
	if (vmid)
		buf_printf(out, " %" PRIu64, vmid);
	if (name) {
		buf_puts(out, " (");
		show(out, name);
		buf_putc(out, ')');
	}
	if (text_of(guest, "node")) {
		buf_puts(out, " on ");
		show(out, text_of(guest, "node"));
	}
}

/* Appends the findings of a decision, a line each. */
static void show_findings(const json_t *findings, struct buf *out)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		buf_puts(out, "  ");
		show(out, text_of(finding, "rule"));
		buf_puts(out, ": ");
		show(out, text_of(finding, "effect"));
		buf_puts(out, ": ");
		show(out, text_of(finding, "reason"));
		if (text_of(finding, "note")) {
			buf_puts(out, " (");
			show(out, text_of(finding, "note"));
			buf_putc(out, ')');
		}
		buf_putc(out, '\n');
	}
}

/* Appends why a decision could not be made, a line each. */
static void show_failures(const json_t *failures, struct buf *out)
{
	json_t *failure;
	size_t i;

	json_array_foreach(failures, i, failure)
	{
		buf_puts(out, "  could not be judged: ");
		show(out, text_of(failure, "what"));
		buf_putc(out, '\n');
	}
}

/* Appends an outcome. */
static void render_outcome(const struct log_line *l, struct buf *out)
{
	buf_puts(out, "outcome: ");
	show(out, text_of(l->json, "outcome"));
	buf_printf(out, " (status %" JSON_INTEGER_FORMAT ", decision %s)\n",
		   json_integer_value(json_object_get(l->json, "status")), l->id);
}

void log_line_render(const struct log_line *l, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];

	clock_render(l->time_ms, time);
	buf_printf(out, "%s ", time);
	if (l->outcome) {
		render_outcome(l, out);
		return;
	}
	show(out, text_of(l->json, "verdict"));
	buf_puts(out, ": ");
	show(out, text_of(l->json, "event"));
	buf_puts(out, " of ");
	show_guest(json_object_get(l->json, "guest"), l->vmid, out);
	show_actor(json_object_get(l->json, "actor"), out);
	buf_puts(out, " [");
	show(out, text_of(l->json, "layer"));
	buf_printf(out, ", decision %s]\n", l->id);
	show_findings(json_object_get(l->json, "findings"), out);
	show_failures(json_object_get(l->json, "failures"), out);
}
