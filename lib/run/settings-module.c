/* SPDX-License-Identifier: MIT */
/* settings-module - modules that a template wants loaded: modprobe, before the guest starts. */
#include "base/cleanup.h"
#include "base/ended.h"
#include "base/text.h"
#include "record/audit.h"
#include "run/capture.h"
#include "run/settings.h"

#define MODPROBE "/usr/sbin/modprobe"

enum { MODPROBE_SECONDS = 10, MODPROBE_BYTES = 2048 };

/* Runs modprobe for @name. 0, or -1 with the reason in @e. */
static int run_modprobe(const char *name, struct err *e)
{
	static const struct capture_limits limits = { .seconds = MODPROBE_SECONDS,
						      .bytes = MODPROBE_BYTES,
						      .errors = true };
	const char *const argv[] = { MODPROBE, "--", name, NULL };
	AUTO(buf_done) struct buf said = { 0 }, shown = { 0 };
	char words[ENDED_MAX];
	int status = 0;

	switch (capture_run(argv, &limits, &said, &status, e)) {
	case CAPTURE_ENDED:
		break;
	case CAPTURE_LATE:
		return err_set(e, ERR_SYSTEM, MODPROBE ": no end within %d seconds",
			       MODPROBE_SECONDS);
	case CAPTURE_MUCH:
		return err_set(e, ERR_RANGE, MODPROBE ": it prints more than %d bytes",
			       MODPROBE_BYTES);
	case CAPTURE_FAILED:
		return err_wrap(e, MODPROBE);
	}
	if (status == 0)
		return 0;
	if (slice_blank(buf_as_slice(&said)))
		return err_set(e, ERR_UNKNOWN, MODPROBE " %s", ended_text(status, words));
	text_printable(&shown, slice_trim(buf_as_slice(&said)), 200);
	return err_set(e, ERR_UNKNOWN, MODPROBE " %s: %s", ended_text(status, words),
		       buf_text(&shown));
}

/* Loads the module of @item; whether it is there then. */
static bool load_module(const struct settings *s, const struct plan_item *item,
			const char *id, struct buf *message)
{
	AUTO(buf_done) struct buf name = { 0 }, text = { 0 };
	struct err e = { 0 }, lost;
	int r;

	buf_slice(&name, item->target);
	r = buf_failed(&name) ? -1 : run_modprobe(buf_text(&name), &e);
	if (r == 0)
		buf_printf(&text, "module %s loaded, for template %.*s", buf_text(&name),
			   SLICE_ARG(item->t->name));
	else
		buf_printf(&text, "module %s not loaded, for template %.*s: %s",
			   buf_text(&name), SLICE_ARG(item->t->name), e.msg);
	if (r < 0)
		buf_printf(message, "WARN: pve-safe: %s\n", buf_text(&text));
	if (audit_outcome(s->place->root, id, buf_text(&text),
			  r < 0 ? EXIT_CANNOT : EXIT_FINE, &lost) != AUDIT_WRITTEN)
		buf_printf(message,
			   "WARN: pve-safe: the outcome is not in the record: %s\n",
			   lost.msg);
	return r == 0;
}

const struct plan_item *settings_load_modules(const struct settings *s, const char *id,
					      struct buf *message)
{
	const struct plan_item *missing = NULL;

	for (size_t i = 0; i < s->plan.n; i++) {
		const struct plan_item *item = &s->plan.items[i];

		if (item->kind == SETTING_MODULE && item->setting->load &&
		    !module_is_there(s->place->root, item->target) &&
		    !load_module(s, item, id, message) && item->t->required)
			missing = item;
	}
	return missing;
}
