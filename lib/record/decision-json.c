/* SPDX-License-Identifier: MIT */
/* The JSON form of a decision: its members and their order are an interface. */
#include "base/err.h"
#include "facts/facts-json.h"
#include "record/decision.h"

/* Writes a member whose value is text, null when absent. */
static void member(struct json *j, const char *key, struct slice value)
{
	json_put_key(j, key);
	json_put_string(j, value);
}

/* Writes a member whose value is a C string, null when NULL or empty. */
static void member_text(struct json *j, const char *key, const char *value)
{
	json_put_key(j, key);
	json_put_text(j, value && *value ? value : NULL);
}

/* Writes "guest". */
static void emit_guest(const struct decision *d, struct json *j)
{
	json_put_key(j, "guest");
	json_open_object(j);
	member_text(j, "kind", d->kind == GUEST_CT ? "ct" : "vm");
	json_put_key(j, "vmid");
	if (d->vmid)
		json_put_number(j, d->vmid);
	else
		json_put_null(j);
	member(j, "node", d->node);
	member(j, "name", d->name);
	json_close(j);
}

/* Writes "actor". */
static void emit_actor(const struct actor *a, struct json *j)
{
	json_put_key(j, "actor");
	json_open_object(j);
	member(j, "pve_user", a->pve_user);
	member(j, "login", a->login);
	member(j, "upid", a->upid);
	json_close(j);
}

/* Writes "policy". */
static void emit_policy(const struct decision_policy *p, struct json *j)
{
	json_put_key(j, "policy");
	json_open_object(j);
	member_text(j, "source", p->source);
	member_text(j, "name", p->name);
	json_put_key(j, "version");
	json_put_number(j, p->version);
	json_put_key(j, "serial");
	json_put_number(j, p->serial);
	member_text(j, "digest", p->digest);
	if (p->problem)
		member_text(j, "problem", p->problem);
	json_close(j);
}

/* Writes "facts" of a finding: those that its rule names, none as null. */
static void emit_facts(const struct decision *d, const struct finding *f, struct json *j)
{
	json_put_key(j, "facts");
	json_open_object(j);
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		if (!fact_set_has(&f->used, id))
			continue;
		json_put_key(j, fact_rows[id].name);
		fact_emit_json(&fact_rows[id], facts_get(d->facts, id), j);
	}
	json_close(j);
}

/* Writes "unknown" of a finding, if anything was. */
static void emit_unknown(const struct decision *d, const struct finding *f,
			 struct json *j)
{
	bool open = false;

	for (unsigned id = 0; id < FACT_COUNT; id++) {
		const struct fact *fact = facts_get(d->facts, id);

		if (!fact_set_has(&f->unknown, id))
			continue;
		if (!open) {
			json_put_key(j, "unknown");
			json_open_array(j);
			open = true;
		}
		json_open_object(j);
		member_text(j, "fact", fact_rows[id].name);
		member_text(j, "file", fact->origin.file);
		member_text(j, "why", fact->why);
		json_close(j);
	}
	if (open)
		json_close(j);
}

/* Writes one finding. */
static void emit_finding(const struct decision *d, const struct finding *f,
			 struct json *j)
{
	json_open_object(j);
	member(j, "rule", f->rule->name);
	member_text(j, "action", action_name(f->action));
	member_text(j, "effect", effect_name(f->effect));
	member(j, "reason", f->rule->reason);
	member(j, "remedy", f->rule->remedy);
	if (f->note)
		member_text(j, "note", f->note);
	emit_facts(d, f, j);
	emit_unknown(d, f, j);
	json_put_key(j, "where");
	json_open_object(j);
	member_text(j, "file", f->rule->file);
	json_put_key(j, "line");
	json_put_number(j, f->rule->line);
	json_close(j);
	json_close(j);
}

/* Writes "failures": why nothing could be judged; only when there are any. */
static void emit_failures(const struct decision *d, struct json *j)
{
	if (!d->nfailures)
		return;
	json_put_key(j, "failures");
	json_open_array(j);
	for (size_t i = 0; i < d->nfailures; i++) {
		json_open_object(j);
		member_text(j, "what", d->failures[i].what);
		member_text(j, "do", d->failures[i].todo);
		json_close(j);
	}
	json_close(j);
}

/* Writes an argument vector, null when there is none. */
static void emit_argv(struct json *j, const char *key, const char *const *argv)
{
	json_put_key(j, key);
	if (!argv) {
		json_put_null(j);
		return;
	}
	json_open_array(j);
	for (; *argv; argv++)
		json_put_text(j, *argv);
	json_close(j);
}

/* Writes "settings": what templates set for the guest. */
static void emit_settings(const struct decision *d, struct json *j)
{
	json_put_key(j, "settings");
	json_open_array(j);
	for (size_t i = 0; i < d->nsettings; i++) {
		const struct decision_setting *s = &d->settings[i];

		json_open_object(j);
		member_text(j, "kind", s->kind);
		member(j, "target", s->target);
		member(j, "value", s->value);
		member(j, "before", s->before);
		member(j, "after", s->after);
		member(j, "template", s->template);
		json_put_key(j, "where");
		json_open_object(j);
		member_text(j, "file", s->file);
		json_put_key(j, "line");
		json_put_number(j, s->line);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

void decision_emit(const struct decision *d, struct json *j)
{
	char time[CLOCK_TEXT_SIZE];

	clock_render(d->time.unix_ms, time);
	member_text(j, "id", d->id);
	member_text(j, "time", time);
	member_text(j, "layer", layer_name(d->layer));
	member(j, "event", d->event);
	member(j, "cause", d->cause);
	emit_guest(d, j);
	emit_actor(&d->actor, j);
	emit_policy(&d->policy, j);
	member_text(j, "config_digest", d->config_digest);
	member_text(j, "verdict", verdict_name(decision_verdict(d)));
	json_put_key(j, "findings");
	json_open_array(j);
	for (size_t i = 0; !d->nfailures && i < d->evaluation.n; i++)
		emit_finding(d, &d->evaluation.findings[i], j);
	json_close(j);
	emit_failures(d, j);
	emit_settings(d, j);
	emit_argv(j, "argv", d->argv);
	if (d->layer == LAYER_WRAPPER)
		emit_argv(j, "command", d->command);
	json_put_key(j, "duration_us");
	json_put_number(j, d->duration_us);
}
