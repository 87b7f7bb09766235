/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for what lib/policy/compile does with texts that both readers of files agreed
 * on before: the same as with others, fault for fault, but for libconfuse.
 */
#include "rows.h"

#include "policy/policy.h"

/* What was asked whether it is agreed on. */
struct asked {
	bool agreed; /* the answer */
	size_t n;
	char last[64];
};

static int load_beside(void *ctx, const char *name, struct policy_texts *texts,
		       struct err *e)
{
	(void)ctx;
	if (strcmp(name, "two.conf") != 0)
		return 1;
	return policy_texts_add(texts, slice_of("/p/two.conf"),
				slice_of("version = 1\nrule \"b\" { when = vm }\n"), e);
}

static bool agreed(void *ctx, const struct policy_text *text)
{
	struct asked *a = ctx;

	a->n++;
	(void)snprintf(a->last, sizeof(a->last), "%s", text->name);
	return a->agreed;
}

/* Compiles @text, with the answer @a->agreed to each question. */
static int compile(const char *text, struct asked *a, struct policy **ret,
		   struct problems *problems)
{
	const struct policy_loader loader = { load_beside, NULL, agreed, a };
	struct policy_texts texts = { 0 };
	struct err e;

	assert_int_equal(
		policy_texts_add(&texts, slice_of("/p/policy.conf"), slice_of(text), &e),
		0);
	return policy_compile(&texts, &loader, ret, problems);
}

/* A policy with something wrong in it. */
static struct bad_row {
	const char *name, *text;
} bad_rows[] = {
	{ "a brace is missing", "version = 1\nrule \"a\" { when = ct\n" },
	{ "a comment does not end", "version = 1\n/* rule \"a\" { when = ct }\n" },
	{ "a quote does not end", "version = 1\nrule \"a\" { when = \"ct }\n" },
	{ "an unknown key", "version = 1\nrule \"a\" { whem = ct }\n" },
	{ "a repeated key", "version = 1\nmode = warn\nmode = audit\n" },
	{ "two rules of one name",
	  "version = 1\nrule \"a\" { when = ct }\nrule \"a\" { when = vm }\n" },
	{ "a placeholder of the environment", "version = 1\nmode = \"${HOME}\"\n" },
	{ "an escape", "version = 1\nrule \"a\" { when = ct reason = \"a\\\"b\" }\n" },
	{ "no such file", "version = 1\ninclude = { \"three.conf\" }\n" },
};

static void is_refused_alike(void **state)
{
	const struct bad_row *t = *state;
	AUTO(problems_done) struct problems plain = { 0 }, again = { 0 };
	AUTO(buf_done) struct buf want = { 0 }, got = { 0 };
	struct asked no = { .agreed = false }, yes = { .agreed = true };
	struct policy *p = NULL;

	assert_int_equal(compile(t->text, &no, &p, &plain), -1);
	assert_int_equal(compile(t->text, &yes, &p, &again), -1);
	problems_render(&plain, &want);
	problems_render(&again, &got);
	assert_true(want.len > 0);
	assert_string_equal(buf_text(&got), buf_text(&want));
}

static void is_the_same_policy(void **state)
{
	static const char text[] = "version = 1\nserial = 7\n"
				   "include = { \"baseline@1\", \"two.conf\" }\n"
				   "rule \"a\" { when = 'ct' reason = \"x\" }\n";
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL, *q = NULL;
	struct asked no = { .agreed = false }, yes = { .agreed = true };

	(void)state;
	assert_int_equal(compile(text, &no, &p, &problems), 0);
	assert_int_equal(compile(text, &yes, &q, &problems), 0);
	/* Of a shipped set nobody needs to be asked. */
	assert_int_equal(no.n, 2);
	assert_int_equal(yes.n, 2);
	assert_string_equal(yes.last, "/p/two.conf");
	assert_string_equal(p->digest, q->digest);
	assert_int_equal(p->serial, q->serial);
	assert_int_equal(p->nrules, q->nrules);
	for (size_t i = 0; i < p->nrules; i++) {
		assert_true(slice_same(p->rules[i].name, q->rules[i].name));
		assert_true(slice_same(p->rules[i].reason, q->rules[i].reason));
		assert_int_equal(p->rules[i].action, q->rules[i].action);
		assert_int_equal(p->rules[i].line, q->rules[i].line);
	}
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, bad_rows, is_refused_alike);
	ROWS_ADD_ONE(&rows, "the policy is the same", is_the_same_policy);
	return rows_run(&rows, "agreed");
}
