/* SPDX-License-Identifier: MIT */
#include "run/attach-say.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

enum { MESSAGE_MAX = 1000 };

/* Appends "CT 101 (web01)" to @out; "guest 101" where nothing is known of it. */
static void add_guest_name(const struct attach_report *g, struct buf *out)
{
	buf_printf(out, "%s %" PRIu64,
		   !g->known             ? "guest"
		   : g->kind == GUEST_CT ? "CT"
					 : "VM",
		   g->vmid);
	if (!g->name.len)
		return;
	buf_puts(out, " (");
	text_printable(out, buf_as_slice(&g->name), 64);
	buf_putc(out, ')');
}

void attach_say_text(const struct attach_report *g, const struct attach_words *words,
		     bool dry)
{
	AUTO(buf_done) struct buf out = { 0 }, link = { 0 }, message = { 0 };

	add_guest_name(g, &out);
	text_printable(&message, buf_as_slice(&g->message), MESSAGE_MAX);
	if (g->state == ATTACH_FAILED) {
		(void)fprintf(stderr, "pve-safe: %s: %s: %s\n", words->verb,
			      buf_text(&out), buf_text(&message));
		return;
	}
	if (g->state == ATTACH_ALREADY)
		buf_printf(&out, ": %s", words->already);
	else if (g->command.len)
		buf_printf(&out, ": %s%s", dry ? "would be " : "", words->done);
	else
		buf_printf(&out, ": its link %s", dry ? "would be made" : "was missing");
	if (g->hookscript.len) {
		buf_puts(&out, ": ");
		text_printable(&out, buf_as_slice(&g->hookscript), 300);
	}
	if (g->former.len && words->attaching) {
		buf_puts(&out, ", which then runs ");
		text_printable(&out, buf_as_slice(&g->former), 300);
	}
	(void)printf("%s\n", buf_text(&out));
	if (message.len)
		(void)fprintf(stderr, "pve-safe: WARN: %s\n", buf_text(&message));
	text_shell_quote(&link, buf_as_slice(&g->link));
	if (dry && g->link.len && words->attaching)
		(void)printf("run: ln -s %s %s\n", HOOKSCRIPT_PATH, buf_text(&link));
	if (dry && g->command.len)
		(void)printf("run: %s\n", buf_text(&g->command));
}

/* Writes one member, null where the text is empty. */
static void put(struct json *j, const char *key, const struct buf *text)
{
	json_member(j, key, text->len ? buf_as_slice(text) : (struct slice){ 0 });
}

void attach_say_json(const struct attach_report *g, const char *node, bool dry)
{
	static const char *const states[] = { "done", "already", "failed" };
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "kind",
			 !g->known             ? NULL
			 : g->kind == GUEST_CT ? "ct"
					       : "vm");
	json_member_number(&j, "vmid", g->vmid);
	json_member_text(&j, "node", g->known ? node : NULL);
	put(&j, "name", &g->name);
	json_member_text(&j, "state", states[g->state]);
	json_member_bool(&j, "dry_run", dry);
	put(&j, "hookscript", &g->hookscript);
	put(&j, "former", &g->former);
	put(&j, "link", &g->link);
	put(&j, "command", &g->command);
	put(&j, "message", &g->message);
	json_close(&j);
	if (json_is_complete(&j))
		(void)printf("%s\n", buf_text(&out));
}
