/* SPDX-License-Identifier: MIT */
#include "run/attach-say.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

enum { MESSAGE_MAX = 1000 };

const struct attach_words words_of_attach = { "attach", "attached", "is attached already",
					      true };
const struct attach_words words_of_detach = { "detach", "detached", "is not attached",
					      false };

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
	json_member_filled(&j, "name", buf_text(&g->name));
	json_member_text(&j, "state", states[g->state]);
	json_member_bool(&j, "dry_run", dry);
	json_member_filled(&j, "hookscript", buf_text(&g->hookscript));
	json_member_filled(&j, "former", buf_text(&g->former));
	json_member_filled(&j, "link", buf_text(&g->link));
	json_member_filled(&j, "command", buf_text(&g->command));
	json_member_filled(&j, "message", buf_text(&g->message));
	json_close(&j);
	if (json_is_complete(&j))
		(void)printf("%s\n", buf_text(&out));
}
