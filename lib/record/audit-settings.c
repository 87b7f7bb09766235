/* SPDX-License-Identifier: MIT */
#include "record/audit-settings.h"

#include <inttypes.h>

#include "base/cleanup.h"

enum { NRESULTS = APPLIED_LEFT + 1 };

/* Writes what became of one. */
static void emit_row(const struct applied *row, struct json *j)
{
	struct slice none = { 0 };

	json_open_object(j);
	json_member_text(j, "kind", setting_kind_name(row->kind));
	json_member(j, "target", row->target);
	json_member(j, "value", row->value.ptr ? row->value : none);
	json_member(j, "template", row->item ? row->item->t->name : none);
	json_member_text(j, "result", applied_name(row->result));
	json_member_text(j, "before", row->before);
	json_member_text(j, "after", row->after);
	json_member_text(j, "why", row->why);
	json_close(j);
}

/* How many came to what: "settings of guest 101: 2 applied, 1 failed". */
static void summarize(const struct applied_list *l, uint64_t vmid, struct buf *out)
{
	size_t counts[NRESULTS] = { 0 };
	const char *sign = ": ";

	buf_puts(out, "settings");
	if (vmid)
		buf_printf(out, " of guest %" PRIu64, vmid);
	for (size_t i = 0; i < l->n; i++)
		counts[l->rows[i].result]++;
	for (unsigned r = 0; r < NRESULTS; r++) {
		if (!counts[r])
			continue;
		buf_printf(out, "%s%zu %s", sign, counts[r],
			   applied_name((enum applied_result)r));
		sign = ", ";
	}
}

enum audit_result audit_settings(int root, const char *id, uint64_t vmid,
				 const struct applied_list *l, int status, struct err *e)
{
	AUTO(buf_done) struct buf line = { 0 }, what = { 0 }, summary = { 0 };
	char time[CLOCK_TEXT_SIZE];
	struct json j;

	summarize(l, vmid, &what);
	clock_render(clock_now().unix_ms, time);
	json_begin(&j, &line);
	json_open_object(&j);
	json_member_text(&j, "type", "outcome");
	json_member_text(&j, "id", id);
	json_member_text(&j, "time", time);
	json_member_text(&j, "outcome", buf_text(&what));
	json_member_number(&j, "status", (uint64_t)(unsigned)status);
	json_member_array(&j, "settings");
	for (size_t i = 0; i < l->n; i++)
		emit_row(&l->rows[i], &j);
	json_close(&j);
	json_close(&j);
	buf_printf(&summary, "id=%s outcome status=%d %s", id, status, buf_text(&what));
	if (!json_is_complete(&j) || buf_failed(&line) || buf_failed(&summary)) {
		(void)err_nomem(e);
		return AUDIT_NOWHERE;
	}
	return audit_write(root, buf_as_slice(&line), buf_text(&summary), false, e);
}
