/* SPDX-License-Identifier: MIT */
/*
 * tick-attach - our hookscript for the guests that came to this node, once it is enabled.
 * One that an administrator detached stays so, for it is not new.
 */
#include <string.h>

#include "base/cleanup.h"
#include "run/attach-say.h"
#include "run/tick-internal.h"

static const struct attach_words words = { "tick", "attached", "is attached already",
					   true };

/* The next line of @rest that sets no hookscript; false at the end. */
static bool next_line(struct slice *rest, struct slice *line)
{
	while (rest->len) {
		(void)slice_cut(*rest, '\n', line, rest);
		if (!slice_starts(*line, "hookscript:"))
			return true;
	}
	return false;
}

/* Whether two texts of a guest's file differ in the hookscript alone. */
static bool same_otherwise(struct slice a, struct slice b)
{
	struct slice x = { 0 }, y = { 0 };
	bool more = true;

	while (more) {
		bool first = next_line(&a, &x), second = next_line(&b, &y);

		if (first != second || (first && !slice_same(x, y)))
			return false;
		more = first;
	}
	return true;
}

/* Lets count as known what attaching alone has changed of the guest that was @before. */
static void take_over(const struct tick *t, const struct guest *before,
		      struct tick_row *row)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };

	if (guest_load_local(t->place, row->vmid, NULL, &g, &e) == GUEST_FOUND &&
	    same_otherwise(file_slice(&before->text), file_slice(&g.text)))
		tick_digest(&g, row->digest);
}

/* Attaches the guest of @row. */
static void attach_row(struct tick *t, struct tick_row *row)
{
	const struct attach how = { .place = t->place,
				    .cluster = &t->cluster,
				    .dry_run = t->dry_run };
	AUTO(attach_report_done) struct attach_report report = { 0 };
	AUTO(guest_done) struct guest g = { 0 };
	char digest[SHA1_HEX_SIZE] = "";
	struct err e = { 0 };

	if (guest_load_local(t->place, row->vmid, NULL, &g, &e) != GUEST_FOUND)
		return; /* it went; the next tick sees that */
	tick_digest(&g, digest);
	attach_guest(&how, row->vmid, &report);
	switch (report.state) {
	case ATTACH_FAILED:
		if (row->standing != TICK_FAILING)
			attach_say_text(&report, &words, t->dry_run);
		row->standing = TICK_FAILING;
		tick_note(t, EXIT_FOUND);
		return;
	case ATTACH_DONE:
		attach_say_text(&report, &words, t->dry_run);
		if (strcmp(digest, row->digest) == 0)
			take_over(t, &g, row);
		break;
	case ATTACH_ALREADY:
		break;
	}
	row->standing = TICK_HOOKED;
}

void tick_attach(struct tick *t)
{
	bool enabled = place_is_enabled(t->place);

	for (size_t i = 0; i < t->now.n; i++) {
		struct tick_row *row = &t->now.rows[i];

		if (row->standing != TICK_ATTACH && row->standing != TICK_FAILING)
			continue;
		if (enabled)
			attach_row(t, row);
		else
			row->standing = TICK_KNOWN;
	}
}
