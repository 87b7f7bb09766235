/* SPDX-License-Identifier: MIT */
/* The JSON form of a decision: its members and their order are an interface. */
#include "base/err.h"
#include "facts/facts-json.h"
#include "record/decision.h"

/* Writes "guest". */
static void emit_guest(const struct decision *d, struct json *j)
{
	json_member_object(j, "guest");
	json_member_filled(j, "kind", d->kind == GUEST_CT ? "ct" : "vm");
	json_member_nonzero(j, "vmid", d->vmid);
	json_member(j, "node", d->node);
	json_member(j, "name", d->name);
	json_close(j);
}

/* Writes "actor". */
static void emit_actor(const struct actor *a, struct json *j)
{
	json_member_object(j, "actor");
	json_member(j, "pve_user", a->pve_user);
	json_member(j, "login", a->login);
	json_member(j, "upid", a->upid);
	json_close(j);
}

/* Writes "policy". */
static void emit_policy(const struct decision_policy *p, struct json *j)
{
	json_member_object(j, "policy");
	json_member_filled(j, "source", p->source);
	json_member_filled(j, "name", p->name);
	json_member_number(j, "version", p->version);
	json_member_number(j, "serial", p->serial);
	json_member_filled(j, "digest", p->digest);
	if (p->problem)
		json_member_filled(j, "problem", p->problem);
	json_close(j);
}

/* Writes "facts" of a finding: those that its rule names, none as null. */
static void emit_facts(const struct decision *d, const struct finding *f, struct json *j)
{
	json_member_object(j, "facts");
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
			json_member_array(j, "unknown");
			open = true;
		}
		json_open_object(j);
		json_member_filled(j, "fact", fact_rows[id].name);
		json_member_filled(j, "file", fact->origin.file);
		json_member_filled(j, "why", fact->why);
		json_close(j);
	}
	if (open)
		json_close(j);
}

void decision_emit_finding(const struct finding *f, struct json *j)
{
	json_member(j, "rule", f->rule->name);
	json_member_filled(j, "action", action_name(f->action));
	json_member_filled(j, "effect", effect_name(f->effect));
	json_member(j, "reason", f->rule->reason);
	json_member(j, "remedy", f->rule->remedy);
	if (f->note)
		json_member_filled(j, "note", f->note);
}

/* Writes one finding. */
static void emit_finding(const struct decision *d, const struct finding *f,
			 struct json *j)
{
	json_open_object(j);
	decision_emit_finding(f, j);
	emit_facts(d, f, j);
	emit_unknown(d, f, j);
	json_member_object(j, "where");
	json_member_filled(j, "file", f->rule->file);
	json_member_number(j, "line", f->rule->line);
	json_close(j);
	json_close(j);
}

/* Writes "failures": why nothing could be judged; only when there are any. */
static void emit_failures(const struct decision *d, struct json *j)
{
	if (!d->nfailures)
		return;
	json_member_array(j, "failures");
	for (size_t i = 0; i < d->nfailures; i++) {
		json_open_object(j);
		json_member_filled(j, "what", d->failures[i].what);
		json_member_filled(j, "do", d->failures[i].todo);
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
	json_member_array(j, "settings");
	for (size_t i = 0; i < d->nsettings; i++) {
		const struct decision_setting *s = &d->settings[i];

		json_open_object(j);
		json_member_filled(j, "kind", s->kind);
		json_member(j, "target", s->target);
		json_member(j, "value", s->value);
		json_member(j, "before", s->before);
		json_member(j, "after", s->after);
		json_member(j, "template", s->template);
		json_member_object(j, "where");
		json_member_filled(j, "file", s->file);
		json_member_number(j, "line", s->line);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

void decision_emit(const struct decision *d, struct json *j)
{
	char time[CLOCK_TEXT_SIZE];

	clock_render(d->time.unix_ms, time);
	json_member_filled(j, "id", d->id);
	json_member_filled(j, "time", time);
	json_member_filled(j, "layer", layer_name(d->layer));
	json_member(j, "event", d->event);
	json_member(j, "cause", d->cause);
	emit_guest(d, j);
	emit_actor(&d->actor, j);
	emit_policy(&d->policy, j);
	json_member_filled(j, "config_digest", d->config_digest);
	json_member_filled(j, "verdict", verdict_name(decision_verdict(d)));
	json_member_array(j, "findings");
	for (size_t i = 0; !d->nfailures && i < d->evaluation.n; i++)
		emit_finding(d, &d->evaluation.findings[i], j);
	json_close(j);
	emit_failures(d, j);
	emit_settings(d, j);
	emit_argv(j, "argv", d->argv);
	if (d->layer == LAYER_WRAPPER)
		emit_argv(j, "command", d->command);
	json_member_number(j, "duration_us", d->duration_us);
}
