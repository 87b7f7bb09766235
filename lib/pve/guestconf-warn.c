/* SPDX-License-Identifier: MIT */
/* guestconf-warn - what is worth a warning, in words that help. */
#include "pve/guestconf-internal.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "pve/chars.h"
#include "pve/lines.h"

/* Adds the warning @text about the current line. */
static void add(struct reader *r, struct slice text)
{
	AUTO(buf_done) struct buf shown = { 0 };
	struct warner *w = r->warner;
	const char *copy;

	if (w->n == GUESTCONF_MAX_WARNINGS) {
		w->dropped++;
		return;
	}
	text_printable(&shown, text, text.len);
	copy = buf_failed(&shown) ? NULL : arena_strdup(w->arena, buf_as_slice(&shown));
	w->failed |= !copy;
	w->rows[w->n++] = (struct guestconf_warning){ r->line, copy };
}

int reader_warn(struct reader *r, const char *fmt, ...)
{
	char text[ERR_MSG_MAX + 128];
	va_list ap;

	if (!r->warner)
		return 0;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(r, slice_of(text));
	return 0;
}

/* Whether @line would be "key: value" or "lxc.key: value" but for capitals in the key. */
static bool is_lowered(struct slice line)
{
	bool capital = false;
	size_t n = 0;

	while (n < line.len &&
	       (char_is_word(line.ptr[n]) || memchr("-.", line.ptr[n], 2))) {
		capital |= line.ptr[n] != char_lower(line.ptr[n]);
		n++;
	}
	return capital && n < line.len && line.ptr[n] == ':';
}

/* Why PVE does not understand @line, which has no blanks at its end. */
static const char *reason(const struct reader *r, struct slice line)
{
	struct slice key, value;

	if (line.ptr[0] == '[')
		return r->conf->kind == GUEST_CT
			       ? "no section's name; the lines below belong to the "
				 "section "
				 "above"
			       : "neither a section's name nor an option";
	if (slice_is_space(line.ptr[0]))
		return "an option begins in the first column";
	if (is_lowered(line))
		return "keys are lower case";
	if (line.ptr[line.len - 1] == ':' && line.len > 1)
		return "the value is missing";
	if (slice_cut(line, ':', &key, &value) && key.len &&
	    slice_is_space(key.ptr[key.len - 1]))
		return "no blank may stand before the colon";
	if (memchr(line.ptr, '=', line.len) && !slice_starts(line, "lxc."))
		return "an option is written 'key: value'";
	return "not of the form 'key: value'";
}

int reader_warn_unread(struct reader *r, struct slice line)
{
	struct slice shown = lines_shown(line);

	if (!r->warner)
		return 0;
	return reader_warn(r, "'%.*s%s' is not read by Proxmox: %s", SLICE_ARG(shown),
			   shown.len < line.len ? "…" : "", reason(r, line));
}
