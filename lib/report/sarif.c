/* SPDX-License-Identifier: MIT */
/*
 * sarif - the report in the Static Analysis Results Interchange Format 2.1.0: a result a
 * finding, at the line of the guest's file that made it. Waived and overridden ones are
 * suppressed; every result has its effect, and whether something unknown led to it, among
 * its properties.
 *
 * The fingerprint is made of rule, kind and VMID alone, so that it stays when the guest is
 * renamed, moved or changed in some other way.
 */
#include <inttypes.h>
#include <string.h>

#include <uuid/uuid.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/markup.h"
#include "report/report.h"

#define SCHEMA                                                                \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
	"sarif-schema-2.1.0.json"

/* The namespace of our fingerprints; version 5 hashes them into it. */
static const uuid_t namespace = { 0x6b, 0x0f, 0x27, 0x1d, 0x55, 0x2e, 0x4c, 0x49,
				  0x9a, 0x61, 0x70, 0x76, 0x65, 0x73, 0x61, 0x66 };

/*
 * Writes the message @key. Braces and brackets would be placeholders and links: SARIF
 * 2.1.0, 3.11.5 and 3.11.6.
 */
static void member_message(struct json *j, const char *key, struct slice text)
{
	AUTO(buf_done) struct buf shown = { 0 }, message = { 0 };

	text_printable(&shown, text, SIZE_MAX);
	for (size_t i = 0; i < shown.len; i++) {
		char c = shown.ptr[i];

		if (c == '{' || c == '}')
			buf_putc(&message, c);
		else if (c == '[' || c == ']')
			buf_putc(&message, '\\');
		buf_putc(&message, c);
	}
	json_member_object(j, key);
	json_member(j, "text", buf_as_slice(&message));
	json_close(j);
}

/* What a finding with the effect @e by the policy alone is to SARIF. */
static const char *level_of(enum effect e)
{
	switch (e) {
	case EFFECT_DENY:
		return "error";
	case EFFECT_WARN:
	case EFFECT_WOULD_DENY:
		return "warning";
	case EFFECT_AUDIT:
	case EFFECT_WAIVED:
	case EFFECT_OVERRIDDEN:
		break;
	}
	return "note";
}

/* Writes the member "uri" of @path. */
static void member_uri(struct json *j, const char *path)
{
	AUTO(buf_done) struct buf uri = { 0 };

	buf_puts(&uri, *path == '/' ? "file://" : "");
	markup_uri_path(&uri, slice_of(path));
	json_member(j, "uri", buf_as_slice(&uri));
}

/* Writes "physicalLocation". */
static void emit_place(const char *file, unsigned line, struct json *j)
{
	json_member_object(j, "physicalLocation");
	json_member_object(j, "artifactLocation");
	member_uri(j, file);
	json_close(j);
	if (line) {
		json_member_object(j, "region");
		json_member_number(j, "startLine", line);
		json_close(j);
	}
	json_close(j);
}

/* Writes "logicalLocations": the guest. */
static void emit_guest(const struct decision *d, struct json *j)
{
	AUTO(buf_done) struct buf name = { 0 }, full = { 0 };
	const char *kind = d->kind == GUEST_CT ? "ct" : "vm";

	report_put_guest(d->kind, d->vmid, d->name, &name);
	buf_printf(&full, "%.*s/%s/%" PRIu64, SLICE_ARG(d->node), kind, d->vmid);
	json_member_array(j, "logicalLocations");
	json_open_object(j);
	json_member(j, "name", buf_as_slice(&name));
	json_member(j, "fullyQualifiedName", buf_as_slice(&full));
	json_member_text(j, "kind", "resource");
	json_close(j);
	json_close(j);
}

/* Writes "locations" and "relatedLocations": where what was found stands. */
static void emit_locations(const struct decision *d, const struct report_found *rows,
			   size_t n, struct json *j)
{
	size_t first = 0;
	bool more = false;

	while (first < n && !rows[first].file)
		first++;
	json_member_array(j, "locations");
	json_open_object(j);
	if (first < n)
		emit_place(rows[first].file, rows[first].line, j);
	else if (d->guest_file)
		emit_place(d->guest_file, 0, j);
	emit_guest(d, j);
	json_close(j);
	json_close(j);
	for (size_t i = first + 1; i < n; i++) {
		if (!rows[i].file)
			continue;
		if (!more)
			json_member_array(j, "relatedLocations");
		more = true;
		json_open_object(j);
		emit_place(rows[i].file, rows[i].line, j);
		member_message(j, "message", rows[i].text);
		json_close(j);
	}
	if (more)
		json_close(j);
}

/* Writes "fingerprints". */
static void emit_fingerprint(const struct decision *d, const struct finding *f,
			     struct json *j)
{
	AUTO(buf_done) struct buf what = { 0 };
	char text[UUID_STR_LEN];
	uuid_t id;

	buf_printf(&what, "%.*s/%s/%" PRIu64, SLICE_ARG(f->rule->name),
		   d->kind == GUEST_CT ? "ct" : "vm", d->vmid);
	uuid_generate_sha1(id, namespace, buf_text(&what), what.len);
	uuid_unparse_lower(id, text);
	json_member_object(j, "fingerprints");
	json_member_text(j, "pveSafe/v1", text);
	json_close(j);
}

/* Writes "suppressions" of a finding that is waived or overridden; of others an empty one. */
static void emit_suppressions(const struct finding *f, struct json *j)
{
	json_member_array(j, "suppressions");
	if (f->effect == EFFECT_WAIVED || f->effect == EFFECT_OVERRIDDEN) {
		AUTO(buf_done) struct buf why = { 0 };

		buf_printf(&why, "%s%s%s", effect_name(f->effect), f->note ? ": " : "",
			   f->note ? f->note : "");
		json_open_object(j);
		json_member_text(j, "kind", "external");
		json_member_text(j, "status", "accepted");
		json_member(j, "justification", buf_as_slice(&why));
		json_close(j);
	}
	json_close(j);
}

/* Index of the rule of @f in the report's list, where "rules" has it as well. */
static size_t rule_index(const struct report *r, const struct finding *f)
{
	size_t i = 0;

	while (i < r->rules.n && !slice_same(r->rules.rows[i].rule->name, f->rule->name))
		i++;
	return i;
}

/* Writes "message": "CT 101 (web01): would-deny: REASON: EVIDENCE". */
static void emit_message(const struct report_guest *g, const struct finding *f,
			 struct json *j)
{
	const struct decision *d = g->decision;
	AUTO(buf_done) struct buf text = { 0 };

	report_put_guest(d->kind, d->vmid, d->name, &text);
	buf_printf(&text, ": %s: ", effect_name(f->effect));
	buf_slice(&text, f->rule->reason.len ? f->rule->reason : f->rule->name);
	buf_puts(&text, ": ");
	report_put_evidence(g, f, &text);
	member_message(j, "message", buf_as_slice(&text));
}

/* Writes one result. */
static void emit_result(const struct report *r, const struct report_guest *g,
			const struct finding *f, struct json *j)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct report_found rows[REPORT_MAX_FOUND];
	size_t n = report_find(g->decision, f, &a, rows);

	json_open_object(j);
	json_member(j, "ruleId", f->rule->name);
	json_member_number(j, "ruleIndex", rule_index(r, f));
	json_member_text(j, "level", level_of(f->before));
	emit_message(g, f, j);
	emit_locations(g->decision, rows, n, j);
	emit_fingerprint(g->decision, f, j);
	emit_suppressions(f, j);
	json_member_object(j, "properties");
	json_member_text(j, "effect", effect_name(f->effect));
	json_member_bool(j, "unknown", !fact_set_is_empty(&f->unknown));
	json_member_bool(j, "enforced", !g->gap);
	json_close(j);
	json_close(j);
}

/* Writes the head, up to the first result. */
static void begin(const struct report *r, struct report_out *out)
{
	struct json *j = &out->json;

	(void)r;
	json_begin(j, out->buf);
	json_open_object(j);
	json_member_text(j, "$schema", SCHEMA);
	json_member_text(j, "version", "2.1.0");
	json_member_array(j, "runs");
	json_open_object(j);
	json_member_text(j, "columnKind", "utf16CodeUnits");
	json_member_array(j, "results");
}

/* Writes the results of one guest. */
static void guest(const struct report *r, const struct report_guest *g,
		  struct report_out *out)
{
	for (size_t i = 0; i < g->n; i++) {
		emit_result(r, g, &g->findings[i], &out->json);
		buf_putc(out->buf, '\n');
	}
}

/* Writes a rule among those of the tool. */
static void emit_rule(const struct rule *rule, struct json *j)
{
	static const char *const levels[] = { "error", "warning", "note", "none" };
	struct slice reason = rule->reason.len ? rule->reason : rule->name;

	json_open_object(j);
	json_member(j, "id", rule->name);
	member_message(j, "shortDescription", reason);
	if (rule->remedy.len)
		member_message(j, "help", rule->remedy);
	json_member_object(j, "defaultConfiguration");
	json_member_text(j, "level", levels[rule->action]);
	json_close(j);
	json_member_object(j, "properties");
	json_member_text(j, "action", action_name(rule->action));
	json_member_text(j, "file", rule->file);
	json_member_number(j, "line", rule->line);
	json_close(j);
	json_close(j);
}

/* Writes "tool". */
static void emit_tool(const struct report *r, struct json *j)
{
	json_member_object(j, "tool");
	json_member_object(j, "driver");
	json_member_text(j, "name", "pve-safe");
	json_member_array(j, "rules");
	for (size_t i = 0; i < r->rules.n; i++)
		emit_rule(r->rules.rows[i].rule, j);
	json_close(j);
	json_close(j);
	json_close(j);
}

/* Writes a notification: something that keeps the report from being whole. */
static void emit_notification(const char *file, const char *why, struct json *j)
{
	json_open_object(j);
	json_member_text(j, "level", "error");
	member_message(j, "message", slice_of(why));
	if (*file == '/') {
		json_member_array(j, "locations");
		json_open_object(j);
		emit_place(file, 0, j);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

/* Writes "invocations". */
static void emit_invocation(const struct report *r, struct json *j)
{
	char time[CLOCK_TEXT_SIZE];

	clock_render(r->time.unix_ms, time);
	json_member_array(j, "invocations");
	json_open_object(j);
	json_member_text(j, "startTimeUtc", time);
	json_member_bool(j, "executionSuccessful", !r->failures.n);
	json_member_array(j, "toolExecutionNotifications");
	for (size_t i = 0; i < r->failures.n; i++)
		emit_notification(r->failures.rows[i].file, r->failures.rows[i].why, j);
	if (r->policy.problem)
		emit_notification("", r->policy.problem, j);
	json_close(j);
	json_close(j);
	json_close(j);
}

/* Writes "properties": the policy, and the numbers. */
static void emit_properties(const struct report *r, struct json *j)
{
	json_member_object(j, "properties");
	json_member_text(j, "policy", r->policy.name);
	json_member_text(j, "policyDigest", r->policy.digest);
	json_member_text(j, "mode", mode_name(r->mode));
	json_member_number(j, "guests", r->guests.all);
	json_close(j);
}

/* Writes what comes after the last result. */
static void end(const struct report *r, struct report_out *out)
{
	struct json *j = &out->json;

	json_close(j);
	emit_tool(r, j);
	emit_invocation(r, j);
	emit_properties(r, j);
	json_close(j);
	json_close(j);
	json_close(j);
	buf_putc(out->buf, '\n');
}

const struct report_format report_sarif = {
	.name = "sarif",
	.begin = begin,
	.guest = guest,
	.end = end,
};
