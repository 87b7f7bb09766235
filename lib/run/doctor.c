/* SPDX-License-Identifier: MIT */
#include "run/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

enum { TEXT_MAX = 1000 };

static const char *const levels[] = { "note", "problem", "unknown" };

/* Prints a finding as one line of JSON. */
static void print_json(const struct doctor *d, enum doctor_level level, const char *what,
		       const char *todo)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "node", d->place->node);
	json_member_text(&j, "check", d->check);
	json_member_text(&j, "level", levels[level]);
	json_member_text(&j, "what", what);
	json_member_text(&j, "do", todo);
	json_close(&j);
	if (json_is_complete(&j))
		(void)printf("%s\n", buf_text(&out));
}

void doctor_say(struct doctor *d, enum doctor_level level, const char *todo,
		const char *fmt, ...)
{
	AUTO(buf_done) struct buf out = { 0 };
	char what[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	d->counts[level]++;
	if (d->json) {
		print_json(d, level, what, todo);
		return;
	}
	buf_printf(&out, "%s: %s: ", levels[level], d->check);
	text_printable(&out, slice_of(what), TEXT_MAX);
	if (todo) {
		buf_puts(&out, "\ndo: ");
		text_printable(&out, slice_of(todo), TEXT_MAX);
	}
	(void)printf("%s\n", buf_text(&out));
}

int doctor_run(struct doctor *d)
{
	static const struct doctor_check *const all[] = { doctor_node_checks,
							  doctor_cluster_checks,
							  doctor_sudo_checks };
	size_t n = 0;

	d->now_s = clock_now().unix_ms / 1000;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct doctor_check *c = all[i]; c->name; c++, n++) {
			d->check = c->name;
			c->run(d);
		}
	if (!d->json)
		(void)printf(
			"%s: %zu checks, %zu problem%s, %zu could not be checked, %zu "
			"note%s\n",
			d->place->node, n, d->counts[DOCTOR_PROBLEM],
			d->counts[DOCTOR_PROBLEM] == 1 ? "" : "s",
			d->counts[DOCTOR_UNKNOWN], d->counts[DOCTOR_NOTE],
			d->counts[DOCTOR_NOTE] == 1 ? "" : "s");
	if (d->counts[DOCTOR_UNKNOWN])
		return EXIT_CANNOT;
	return d->counts[DOCTOR_PROBLEM] ? EXIT_FOUND : EXIT_FINE;
}
