/* SPDX-License-Identifier: MIT */
#include "record/audit-settings.h"

#include <inttypes.h>

#include "base/cleanup.h"

enum { NRESULTS = APPLIED_LEFT + 1 };

/* Writes a member whose value is text, null when absent. */
static void member(struct json *j, const char *key, const char *value)
{
	json_put_key(j, key);
	json_put_text(j, value);
}

/* Writes a member whose value is a slice, null when absent. */
static void member_slice(struct json *j, const char *key, struct slice value)
{
	json_put_key(j, key);
	json_put_string(j, value);
}

/* Writes what became of one. */
static void emit_row(const struct applied *row, struct json *j)
{
	struct slice none = { 0 };

	json_open_object(j);
	member(j, "kind", setting_kind_name(row->kind));
	member_slice(j, "target", row->target);
	member_slice(j, "value", row->value.ptr ? row->value : none);
	member_slice(j, "template", row->item ? row->item->t->name : none);
	member(j, "result", applied_name(row->result));
	member(j, "before", row->before);
	member(j, "after", row->after);
	member(j, "why", row->why);
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
	member(&j, "type", "outcome");
	member(&j, "id", id);
	member(&j, "time", time);
	member(&j, "outcome", buf_text(&what));
	json_put_key(&j, "status");
	json_put_number(&j, (uint64_t)(unsigned)status);
	json_put_key(&j, "settings");
	json_open_array(&j);
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
