/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/policy: a policy file, which may include itself, "beside.conf" (the input's
 * other half, after a NUL) and the shipped sets.
 *
 * It is a policy or there are problems, never both or neither; problems have a place in a
 * file; a policy's texts are enough to make it again; where every fact is unknown every
 * rule at that event fires, and where nothing fires the verdict is allow.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the run unless @ok. */
static void must(int ok)
{
	if (!ok)
		abort();
}

/* Gives the file beside the policy. */
static int load(void *ctx, const char *name, struct policy_texts *texts, struct err *e)
{
	const struct slice *beside = ctx;

	if (strcmp(name, "beside.conf") != 0)
		return 1;
	return policy_texts_add(texts, slice_of(name), *beside, e);
}

/* What must hold for a policy that was read. */
static void check_policy(const struct policy *p)
{
	static struct facts facts;
	struct policy_texts copy = { 0 };
	struct problems problems = { 0 };
	struct policy *again = NULL;
	struct arena a = { 0 };
	struct evaluation ev;
	struct err e;

	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];

		must(policy_texts_add(&copy, slice_of(t->name),
				      (struct slice){ t->text, t->len }, &e) == 0);
	}
	must(policy_compile(&copy, NULL, &again, &problems) == 0);
	must(strcmp(again->digest, p->digest) == 0 && again->nrules == p->nrules);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		facts.values[id].state = FACT_STATE_UNKNOWN;
	policy_eval(p, &facts, &a, &ev);
	must(p->mode == ACTION_OFF ? ev.n == 0 : ev.n == p->nrules);
	for (size_t i = 0; i < ev.n; i++)
		must(ev.findings[i].rule == &p->rules[i]);
	memset(&facts, 0, sizeof(facts));
	policy_eval(again, &facts, &a, &ev);
	must(ev.n > 0 || ev.verdict == VERDICT_ALLOW);
	policy_free(again);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *nul = len ? memchr(data, 0, len) : NULL;
	struct slice text = { (const char *)data, nul ? (size_t)(nul - data) : len };
	struct slice beside = { nul ? (const char *)nul + 1 : "",
				nul ? len - text.len - 1 : 0 };
	const struct policy_loader loader = { .load = load, .ctx = &beside };
	struct policy_texts texts = { 0 };
	struct problems problems = { 0 };
	struct policy *p = NULL;
	struct err e;

	must(policy_texts_add(&texts, slice_of("/p/policy.conf"), text, &e) == 0);
	if (policy_compile(&texts, &loader, &p, &problems) == 0) {
		must(p && !problems_any(&problems));
		check_policy(p);
	} else {
		must(!p && problems_any(&problems));
		for (size_t i = 0; i < problems.n; i++)
			must(problems.rows[i].line && problems.rows[i].col &&
			     problems.rows[i].text[0]);
	}
	must(!texts.files && !texts.n);
	policy_free(p);
	problems_done(&problems);
	return 0;
}
