/* SPDX-License-Identifier: MIT */
/* wrapper-show - --dry-run: what would be decided, and the exact command. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/change.h"
#include "run/say.h"
#include "run/tool.h"
#include "run/wrapper-internal.h"

/* Prints the decision as JSON. False without memory. */
static bool show_json(const struct decision *d)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	decision_emit(d, &j);
	json_close(&j);
	return say_line(&out, stdout);
}

/* Prints what would be run after the command, for the guest that it makes. */
static void show_after(struct wrapper *w)
{
	const char *hookscript = wrapper_attaches(w);

	if (hookscript)
		(void)printf("then: %s set %" PRIu64 " --hookscript=%s\n",
			     tool_path(w->result.guest.kind), w->result.guest.vmid,
			     hookscript);
	wrapper_show_after(w);
}

/* Prints the exact command, quoted for a shell. False without memory. */
static bool show_command(struct wrapper *w)
{
	AUTO(buf_done) struct buf out = { 0 };
	const char *const *words = argv_masked(&w->run, &w->arena);

	if (!words)
		return false;
	buf_puts(&out, "run: ");
	tool_quote(words, &out);
	if (!say_line(&out, stdout))
		return false;
	/* Which guest it would be is not known where that could not be worked out. */
	if (!w->j.decision.nfailures)
		show_after(w);
	return true;
}

/* Judges the guest that gets a volume, then, for JSON where it may, the one that gives it. */
static int show_receiver(struct wrapper *w, const struct wrapper_events *ev,
			 struct err *e)
{
	const struct result_world world = { &w->place, &w->cluster };

	if (wrapper_receiver(w, ev, wrapper_judge, e) < 0)
		return -1;
	if (!w->options.json)
		wrapper_say(&w->j.decision, true, stdout);
	if (!w->options.json || wrapper_is_denied(w))
		return 0;
	result_done(&w->result);
	result_load(&world, &w->cmd, &w->arena, &w->result);
	return wrapper_judge(w, ev, false, e);
}

/* Whether all of it was written. */
static int check_written(struct err *e)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_set(e, ERR_SYSTEM, "cannot write to stdout%s%s", errno ? ": " : "",
		       errno ? strerror(errno) : "");
}

int wrapper_show(struct wrapper *w, const struct wrapper_events *ev, struct err *e)
{
	if (wrapper_judge(w, ev, false, e) < 0)
		return -1;
	if (!w->options.json)
		wrapper_say(&w->j.decision, true, stdout);
	if (!wrapper_is_denied(w) && change_gives_away(&w->cmd) &&
	    show_receiver(w, ev, e) < 0)
		return -1;
	if (ev->implied && !wrapper_is_denied(w)) {
		if (wrapper_judge(w, ev, true, e) < 0)
			return -1;
		if (!w->options.json)
			wrapper_say(&w->j.decision, true, stdout);
		else if (!wrapper_is_denied(w) && wrapper_judge(w, ev, false, e) < 0)
			return -1;
	}
	wrapper_note("note", w->result.note);
	if (w->options.json ? show_json(&w->j.decision) : show_command(w))
		return check_written(e);
	return err_nomem(e);
}
