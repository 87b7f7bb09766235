/* SPDX-License-Identifier: MIT */
#include "run/tool.h"

#include "base/cleanup.h"
#include "base/ended.h"
#include "base/text.h"
#include "run/capture.h"
#include "run/exec.h"

enum { TOOL_SECONDS = 60, SAID_MAX = 300, SAID_MAX_BYTES = 64 << 10 };

const char *tool_name(enum guest_kind kind)
{
	return kind == GUEST_CT ? "pct" : "qm";
}

const char *tool_path(enum guest_kind kind)
{
	return kind == GUEST_CT ? EXEC_DIR "pct" : EXEC_DIR "qm";
}

void tool_quote(const char *const *argv, struct buf *out)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_putc(out, ' ');
		text_shell_quote(out, slice_of(argv[i]));
	}
}

/* Appends what a tool said to @out: one line, safe to print. */
static void add_said(const struct buf *said, struct buf *out)
{
	struct slice line, rest = slice_trim(buf_as_slice(said));
	bool more = rest.len > 0;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		text_printable(out, slice_trim(line), SAID_MAX);
		if (more)
			buf_puts(out, "; ");
	}
}

int tool_set(enum guest_kind kind, const char *const *argv, struct err *e)
{
	static const struct capture_limits limits = { .seconds = TOOL_SECONDS,
						      .bytes = SAID_MAX_BYTES,
						      .errors = true };
	AUTO(buf_done) struct buf said = { 0 }, shown = { 0 };
	const char *name = tool_name(kind);
	char words[ENDED_MAX];
	int status;

	if (exec_check(argv[0], e) != 0)
		return -1;
	switch (capture_run(argv, &limits, &said, &status, e)) {
	case CAPTURE_ENDED:
		break;
	case CAPTURE_LATE:
		return err_set(e, ERR_SYSTEM, "%s set gave no answer in %d seconds", name,
			       TOOL_SECONDS);
	case CAPTURE_MUCH:
		return err_set(e, ERR_SYSTEM, "%s set printed without end", name);
	case CAPTURE_FAILED:
		return -1;
	}
	if (status == 0)
		return 0;
	add_said(&said, &shown);
	return err_set(e, ERR_SYSTEM, "%s set %s: %s", name, ended_text(status, words),
		       shown.len ? buf_text(&shown) : "it does not say why");
}
