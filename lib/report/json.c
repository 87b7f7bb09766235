/* SPDX-License-Identifier: MIT */
/*
 * json - the report as one JSON value, each guest on a line of its own. Its members and
 * their order are an interface.
 */
#include "base/cleanup.h"
#include "facts/facts-json.h"
#include "report/report.h"

/* Writes a member whose value is a fact, null when it is none. */
static void member_fact(struct json *j, const struct facts *facts, enum fact_id id)
{
	json_put_key(j, fact_rows[id].name);
	fact_emit_json(&fact_rows[id], facts_get(facts, id), j);
}

/* Writes "policy". */
static void emit_policy(const struct report *r, struct json *j)
{
	json_member_object(j, "policy");
	json_member_filled(j, "source", r->policy.source);
	json_member_filled(j, "name", r->policy.name);
	json_member_number(j, "version", r->policy.version);
	json_member_number(j, "serial", r->policy.serial);
	json_member_filled(j, "digest", r->policy.digest);
	json_member_filled(j, "mode", mode_name(r->mode));
	json_member_filled(j, "problem", r->policy.problem);
	json_close(j);
}

/* Writes the head, up to the first guest. */
static void begin(const struct report *r, struct report_out *out)
{
	struct json *j = &out->json;
	char time[CLOCK_TEXT_SIZE];

	clock_render(r->time.unix_ms, time);
	json_begin(j, out->buf);
	json_open_object(j);
	json_member_number(j, "version", REPORT_VERSION);
	json_member_filled(j, "time", time);
	json_member(j, "node", r->here.node);
	json_member_bool(j, "enabled", r->here.enabled);
	json_member_bool(j, "filtered", r->filtered);
	emit_policy(r, j);
	json_member_array(j, "guests");
}

/* Writes "found" of a finding. */
static void emit_found(const struct report_guest *g, const struct finding *f,
		       struct json *j)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct report_found rows[REPORT_MAX_FOUND];
	size_t n = report_find(g->decision, f, &a, rows);

	json_member_array(j, "found");
	for (size_t i = 0; i < n; i++) {
		json_open_object(j);
		json_member_filled(
			j, "fact",
			rows[i].fact < FACT_COUNT ? fact_rows[rows[i].fact].name : NULL);
		json_member(j, rows[i].unknown ? "unknown" : "text", rows[i].text);
		json_member_filled(j, "file", rows[i].file);
		json_member_nonzero(j, "line", rows[i].line);
		json_close(j);
	}
	json_close(j);
}

/* Writes one finding. */
static void emit_finding(const struct report_guest *g, const struct finding *f,
			 struct json *j)
{
	json_open_object(j);
	decision_emit_finding(f, j);
	json_member_bool(j, "unknown", !fact_set_is_empty(&f->unknown));
	emit_found(g, f, j);
	json_close(j);
}

/* Writes one guest, on a line. */
static void guest(const struct report *r, const struct report_guest *g,
		  struct report_out *out)
{
	const struct decision *d = g->decision;
	struct json *j = &out->json;

	(void)r;
	json_open_object(j);
	json_member_filled(j, "kind", d->kind == GUEST_CT ? "ct" : "vm");
	json_member_number(j, "vmid", d->vmid);
	json_member(j, "node", d->node);
	json_member(j, "name", d->name.len ? d->name : (struct slice){ 0 });
	member_fact(j, d->facts, FACT_pool);
	member_fact(j, d->facts, FACT_tag);
	member_fact(j, d->facts, FACT_backed_up);
	json_member_bool(j, "enforced", !g->gap);
	json_member_filled(j, "verdict", verdict_name(decision_verdict(d)));
	json_member_filled(j, "file", d->guest_file);
	json_member_array(j, "findings");
	for (size_t i = 0; i < g->n; i++)
		emit_finding(g, &g->findings[i], j);
	json_close(j);
	json_close(j);
	buf_putc(out->buf, '\n');
}

/* Writes the members that name a guest. */
static void emit_ref(const struct report_ref *ref, bool found, struct json *j)
{
	json_member_filled(j, "kind",
			   !found                  ? NULL
			   : ref->kind == GUEST_CT ? "ct"
						   : "vm");
	json_member_number(j, "vmid", ref->vmid);
	json_member(j, "node", ref->node.len ? ref->node : (struct slice){ 0 });
	json_member(j, "name", ref->name.len ? ref->name : (struct slice){ 0 });
}

/* Writes "waivers". */
static void emit_waivers(const struct report *r, struct json *j)
{
	char granted[CLOCK_TEXT_SIZE];

	json_member_array(j, "waivers");
	for (size_t i = 0; i < r->waivers.n; i++) {
		const struct report_waiver *w = &r->waivers.rows[i];

		clock_render(w->granted_ms, granted);
		json_open_object(j);
		emit_ref(&w->guest, w->found, j);
		json_member(j, "rule", w->rule);
		json_member_text(j, "type", w->kind);
		json_member_filled(j, "state", w->state);
		json_member_filled(j, "why", w->why);
		json_member(j, "ticket", w->ticket);
		json_member(j, "reason", w->reason);
		json_member(j, "granted_by", w->granted_by);
		json_member_filled(j, "granted", w->readable ? granted : NULL);
		json_member(j, "until", w->until);
		json_put_key(j, "days_left");
		if (w->readable)
			json_put_number(j, w->days_left);
		else
			json_put_null(j);
		json_close(j);
	}
	json_close(j);
}

/* Writes "not_back": guests that stay down after a reboot of their node. */
static void emit_lost(const struct report *r, struct json *j)
{
	json_member_array(j, "not_back");
	for (size_t i = 0; i < r->lost.n; i++) {
		const struct report_lost *l = &r->lost.rows[i];

		json_open_object(j);
		emit_ref(&l->guest, true, j);
		json_member_filled(j, "cause", l->cause);
		json_put_key(j, "order");
		if (l->order == UINT64_MAX)
			json_put_null(j);
		else
			json_put_number(j, l->order);
		json_member(j, "rules", l->rules);
		json_close(j);
	}
	json_close(j);
}

/* Writes "unenforced" and "unbacked". */
static void emit_lists(const struct report *r, struct json *j)
{
	json_member_array(j, "unenforced");
	for (size_t i = 0; i < r->gaps.n; i++) {
		json_open_object(j);
		emit_ref(&r->gaps.rows[i].guest, true, j);
		json_member_filled(j, "why", r->gaps.rows[i].why);
		json_close(j);
	}
	json_close(j);
	json_member_array(j, "unbacked");
	for (size_t i = 0; i < r->unbacked.n; i++) {
		json_open_object(j);
		emit_ref(&r->unbacked.rows[i], true, j);
		json_close(j);
	}
	json_close(j);
}

/* Writes "storages" that cannot snapshot and "self_granted" rules. */
static void emit_advice(const struct report *r, struct json *j)
{
	json_member_array(j, "storages_without_snapshots");
	for (size_t i = 0; i < r->storages.n; i++) {
		json_open_object(j);
		json_member(j, "storage", r->storages.rows[i].id);
		json_member(j, "type", r->storages.rows[i].type);
		json_member_filled(j, "why", r->storages.rows[i].why);
		json_close(j);
	}
	json_close(j);
	json_member_array(j, "self_granted");
	for (size_t i = 0; i < r->grants.n; i++) {
		json_open_object(j);
		json_member(j, "rule", r->grants.rows[i].rule->name);
		json_member(j, "tag", r->grants.rows[i].tag);
		json_member_filled(j, "do", r->grants.rows[i].mend);
		json_close(j);
	}
	json_close(j);
}

/* Writes how many findings there are by effect, and that rest on what is unknown. */
static void emit_counts(const struct report_counts *c, struct json *j)
{
	for (unsigned e = 0; e < REPORT_EFFECTS; e++)
		json_member_number(j, effect_name(e), c->effects[e]);
	json_member_number(j, "unknown", c->unknown);
}

/* Writes the members that count guests. */
static void emit_guests(const struct report_guests *g, struct json *j)
{
	json_member_number(j, "guests", g->all);
	json_member_number(j, "ct", g->containers);
	json_member_number(j, "vm", g->all - g->containers);
	json_member_object(j, "verdicts");
	for (unsigned v = 0; v < REPORT_VERDICTS; v++)
		json_member_number(j, verdict_name(v), g->verdicts[v]);
	json_close(j);
	json_member_object(j, "findings");
	emit_counts(&g->findings, j);
	json_close(j);
	json_member_number(j, "unenforced", g->unenforced);
	json_member_number(j, "unbacked", g->unbacked);
}

/* Writes "nodes" and "rules", with their numbers. */
static void emit_tables(const struct report *r, struct json *j)
{
	json_member_array(j, "nodes");
	for (size_t i = 0; i < r->nodes.n; i++) {
		json_open_object(j);
		json_member(j, "node", r->nodes.rows[i].name);
		emit_guests(&r->nodes.rows[i].guests, j);
		json_close(j);
	}
	json_close(j);
	json_member_array(j, "rules");
	for (size_t i = 0; i < r->rules.n; i++) {
		const struct rule *rule = r->rules.rows[i].rule;

		json_open_object(j);
		json_member(j, "rule", rule->name);
		json_member_filled(j, "action", action_name(rule->action));
		json_member(j, "reason", rule->reason);
		json_member(j, "remedy", rule->remedy);
		json_member_filled(j, "file", rule->file);
		json_member_number(j, "line", rule->line);
		json_member_object(j, "findings");
		emit_counts(&r->rules.rows[i].findings, j);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

/* Writes what comes after the last guest. */
static void end(const struct report *r, struct report_out *out)
{
	struct json *j = &out->json;

	json_close(j);
	emit_waivers(r, j);
	emit_lost(r, j);
	emit_lists(r, j);
	emit_advice(r, j);
	emit_tables(r, j);
	json_member_object(j, "totals");
	emit_guests(&r->guests, j);
	json_close(j);
	json_member_array(j, "failures");
	for (size_t i = 0; i < r->failures.n; i++) {
		json_open_object(j);
		json_member_filled(j, "file", r->failures.rows[i].file);
		json_member_filled(j, "why", r->failures.rows[i].why);
		json_close(j);
	}
	json_close(j);
	json_close(j);
	buf_putc(out->buf, '\n');
}

const struct report_format report_json = {
	.name = "json",
	.every_guest = true,
	.facts =
		(const enum fact_id[]){ FACT_pool, FACT_tag, FACT_backed_up, FACT_COUNT },
	.begin = begin,
	.guest = guest,
	.end = end,
};
