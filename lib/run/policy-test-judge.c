/* SPDX-License-Identifier: MIT */
/* One test of a policy: the guest is judged, and what came of it compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/judge.h"
#include "run/policy-test.h"

/* A test being run. */
struct trial {
	struct policy_test_run *run;
	const struct policy_test_file *file;
	const struct conf_node *test;
	const struct decision *decision;
	struct buf *why;
};

/* Index of the word that the key @key of @test has, or @otherwise. */
static int word_of(const struct conf_node *test, const char *key, int otherwise)
{
	const struct conf_entry *entry = conf_find(test, key);

	return entry ? (int)entry->number : otherwise;
}

/* Makes @g of the lines of @config. -1 with @e set. */
static int load_lines(const struct conf_entry *config, int kind, struct guest *g,
		      struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	*g = (struct guest){ .kind = kind == GUEST_VM ? GUEST_VM : GUEST_CT };
	for (size_t i = 0; i < config->nvalues; i++) {
		buf_slice(&text, config->values[i].text);
		buf_putc(&text, '\n');
	}
	(void)snprintf(g->path, sizeof(g->path), "config");
	g->text.ptr = strdup(buf_text(&text));
	g->text.len = text.len;
	if (buf_failed(&text) || !g->text.ptr)
		return err_nomem(e);
	return guest_parse(g, e) == GUEST_FOUND ? 0 : -1;
}

/* Loads the guest of the test. -1 with @e set. */
static int load_guest(const struct trial *t, struct guest *g, struct err *e)
{
	const struct conf_entry *config = conf_find(t->test, "config");
	int kind = word_of(t->test, "kind", -1);
	AUTO_FREE char *path = NULL;

	if (config)
		return load_lines(config, kind, g, e);
	path = policy_test_beside(t->file->path, conf_text(t->test, "guest"));
	if (!path)
		return err_nomem(e);
	switch (guest_load_file(&t->run->place, path, kind, g, e)) {
	case GUEST_FOUND:
		return 0;
	case GUEST_ABSENT:
		return err_set(e, ERR_SYSTEM, "%s: no such file", path);
	case GUEST_FAILED:
		break;
	}
	if (e->code == ERR_USAGE)
		return err_set(e, ERR_USAGE,
			       "%s: container or VM? say kind = ct or kind = vm", path);
	return -1;
}

/* Judges the guest @g as the test wants it. -1 with @e set. */
static int judge(const struct trial *t, const struct guest *g, struct options *assume,
		 struct judgement *j, struct err *e)
{
	const struct cluster none = { 0 };
	const struct conf_entry *facts = conf_find(t->test, "assume");
	struct slice cause = conf_text(t->test, "cause");
	struct ask ask = { .layer = LAYER_CHECK, .assume = assume };

	ask.request.event = slice_of(fact_words_event[word_of(t->test, "event", 0)]);
	if (!conf_find(t->test, "event"))
		ask.request.event = slice_of("start");
	ask.start = slice_eq(ask.request.event, "start");
	if (ask.start)
		ask.request.cause = cause.ptr ? cause : slice_of("user");
	for (size_t i = 0; facts && i < facts->nvalues; i++)
		if (options_add_assumed(assume, facts->values[i].text, e) < 0)
			return -1;
	if (judge_begin(&t->run->place, &t->file->policy->store, &ask, j, e) < 0)
		return -1;
	return judge_guest(&t->file->policy->store, &none, g, &ask, j, e);
}

/* Whether @name is one of the values of @entry. */
static bool names(const struct conf_entry *entry, struct slice name)
{
	for (size_t i = 0; entry && i < entry->nvalues; i++)
		if (slice_same(entry->values[i].text, name))
			return true;
	return false;
}

/* Appends the values of the facts that @x names: "ct = yes, privileged = no". */
static void put_facts(const struct expr *x, const struct facts *facts, struct buf *out)
{
	struct fact_set set = { 0 };
	const char *before = "";

	expr_facts(x, &set);
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		AUTO(buf_done) struct buf text = { 0 };

		if (!fact_set_has(&set, id))
			continue;
		fact_render(&fact_rows[id], facts_get(facts, id), &text);
		buf_printf(out, "%s%s = %s", before, fact_rows[id].name,
			   text.len ? buf_text(&text) : "none");
		before = ", ";
	}
}

/* Says why the rule @name did not fire. */
static void say_quiet(const struct trial *t, struct slice name)
{
	const struct rule *r = policy_find_rule(t->file->policy->store.policy, name);
	const struct facts *facts = t->decision->facts;
	const struct expr *x;

	if (!r)
		return;
	buf_printf(t->why, "%.*s did not fire (%s:%u): ", SLICE_ARG(name), r->file,
		   r->line);
	if (r->kind == RULE_LIMITS) {
		buf_puts(t->why, "limits count the guests of a cluster; here is one\n");
		return;
	}
	if (!rule_applies(r, t->decision->event)) {
		buf_printf(t->why, "it is not judged at %.*s\n",
			   SLICE_ARG(t->decision->event));
		return;
	}
	x = expr_eval(r->when, facts) == TRI_FALSE || !r->unless ? r->when : r->unless;
	buf_printf(t->why, "%s \"%.*s\" is %s: ", x == r->when ? "when" : "unless",
		   SLICE_ARG(expr_text(x)), x == r->when ? "false" : "true");
	put_facts(x, facts, t->why);
	buf_putc(t->why, '\n');
}

/* Compares the verdict. */
static void compare_verdict(const struct trial *t)
{
	enum verdict want = (enum verdict)word_of(t->test, "verdict", VERDICT_DENY);
	enum verdict got = decision_verdict(t->decision);

	if (want != got)
		buf_printf(t->why, "verdict: expected %s, got %s\n", verdict_name(want),
			   verdict_name(got));
}

/* Appends "a, b", or "none". */
static void put_names(const struct conf_entry *entry, struct buf *out)
{
	for (size_t i = 0; i < entry->nvalues; i++)
		buf_printf(out, "%s%.*s", i ? ", " : "",
			   SLICE_ARG(entry->values[i].text));
	if (!entry->nvalues)
		buf_puts(out, "none");
}

/* Compares the rules that fired with those of @entry; others may fire if @others. */
static void compare_rules(const struct trial *t, const struct conf_entry *entry,
			  bool others)
{
	const struct evaluation *ev = &t->decision->evaluation;
	bool same = true;

	for (size_t i = 0; i < entry->nvalues; i++)
		same = same && policy_find_finding(&t->decision->evaluation,
						   entry->values[i].text);
	for (size_t i = 0; !others && i < ev->n; i++)
		same = same && names(entry, ev->findings[i].rule->name);
	if (same)
		return;
	buf_puts(t->why, others ? "rules: expected at least " : "rules: expected ");
	put_names(entry, t->why);
	buf_puts(t->why, ", got ");
	for (size_t i = 0; i < ev->n; i++)
		buf_printf(t->why, "%s%.*s", i ? ", " : "",
			   SLICE_ARG(ev->findings[i].rule->name));
	buf_puts(t->why, ev->n ? "\n" : "none\n");
	for (size_t i = 0; i < entry->nvalues; i++)
		if (!policy_find_finding(&t->decision->evaluation, entry->values[i].text))
			say_quiet(t, entry->values[i].text);
}

/* Compares what rules did. */
static void compare_effects(const struct trial *t, const struct conf_entry *entry)
{
	for (size_t i = 0; entry && i < entry->nvalues; i++) {
		const struct finding *f;
		struct slice rule;
		enum effect want;

		if (!policy_test_effect(entry->values[i].text, &rule, &want))
			continue;
		f = policy_find_finding(&t->decision->evaluation, rule);
		if (!f || f->effect != want)
			buf_printf(t->why, "%.*s: expected %s, got %s\n", SLICE_ARG(rule),
				   effect_name(want),
				   f ? effect_name(f->effect) : "that it did not fire");
		if (!f)
			say_quiet(t, rule);
	}
}

/* Appends what `check` would say, without the line that names the decision. */
static void put_message(const struct trial *t)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice line, rest;
	bool more = true;

	if (decision_is_worth_saying(t->decision))
		decision_render(t->decision, &text);
	else
		decision_render_head(t->decision, &text);
	rest = buf_as_slice(&text);
	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		if (line.len && !slice_starts(line, "decision "))
			buf_printf(t->why, "%.*s\n", SLICE_ARG(line));
	}
}

/* Notes for each rule whether it fired. */
static void count_rules(struct policy_tested *p, const struct decision *d)
{
	const struct policy *policy = p->store.policy;

	p->ntests++;
	for (size_t i = 0; i < policy->nrules; i++) {
		if (policy_find_finding(&d->evaluation, policy->rules[i].name))
			p->fired[i]++;
		else if (rule_applies(&policy->rules[i], d->event))
			p->quiet[i]++;
	}
}

void policy_test_judge(struct policy_test_run *run, struct policy_test_result *result)
{
	struct trial t = { .run = run,
			   .file = result->file,
			   .test = result->test,
			   .why = &result->why };
	AUTO(guest_done) struct guest g = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(options_done) struct options assume = { .kind = -1 };
	const struct conf_entry *rules = conf_find(t.test, "rules");
	const struct conf_entry *also = conf_find(t.test, "also");
	struct err e = { 0 };

	if (load_guest(&t, &g, &e) < 0 || judge(&t, &g, &assume, &j, &e) < 0) {
		buf_printf(t.why, "%s\n", e.msg);
		result->status = POLICY_TEST_BROKEN;
		return;
	}
	t.decision = &j.decision;
	count_rules(t.file->policy, t.decision);
	compare_verdict(&t);
	if (rules)
		compare_rules(&t, rules, false);
	if (also)
		compare_rules(&t, also, true);
	compare_effects(&t, conf_find(t.test, "effects"));
	if (!t.why->len)
		return;
	result->status = POLICY_TEST_FAILED;
	put_message(&t);
}
