/* SPDX-License-Identifier: MIT */
/*
 * bench-policy - what a policy of 100 rules costs a start: prints "name  n  ns/op" for
 * reading it from its text (with and without its digest, which a node takes from its last
 * good copy), for one of its expressions, and for judging a guest by all of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "policy/policy.h"

#include "../unit/facts-spec.h"

enum { RULES = 100, ROUNDS = 9 };

/* Conditions of the rules, in turn. */
static const char *const conditions[] = {
	"ct and privileged",
	"ct and docker and not tag ~ just-*",
	"host_id_min > 0 and host_id_min < 1000",
	"bind in (/run, /run/docker.sock, /run/containerd)",
	"pool = students and memory_mib > 16384",
	"not every bind ~ /srv/* or caps_reset",
	"event = set and changes = hookscript and hookscript !~ "
	"*:snippets/pve-safe-hook*",
	"name ~ *-prod-* and not backed_up",
};

/* What is measured. */
struct bench {
	struct slice text;
	struct policy *policy;
	struct facts_spec spec;
	struct arena arena;
	bool known; /* the digest is */
};

/* Ends the program unless @ok. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Nanoseconds of processor time that this process has used. */
static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* A digest that is known. */
static bool known(void *ctx, const struct policy_texts *texts, char ret[static 65])
{
	const struct bench *b = ctx;

	(void)texts;
	memset(ret, '0', 64);
	ret[64] = '\0';
	return b->known;
}

/* Reads the policy. */
static struct policy *compile(struct bench *b)
{
	const struct policy_loader loader = { .known = known, .ctx = b };
	struct policy_texts texts = { 0 };
	struct problems problems = { 0 };
	struct policy *p = NULL;
	struct err e;

	must(policy_texts_add(&texts, slice_of("policy.conf"), b->text, &e) == 0);
	must(policy_compile(&texts, &loader, &p, &problems) == 0);
	return p;
}

/* Reads the policy, its digest among it. */
static void read_policy(struct bench *b)
{
	b->known = false;
	policy_free(compile(b));
}

/* Reads the policy, whose digest is known. */
static void read_known_policy(struct bench *b)
{
	b->known = true;
	policy_free(compile(b));
}

/* Reads one expression. */
static void read_expression(struct bench *b)
{
	const struct expr *x;
	struct err e;

	arena_reset(&b->arena);
	must(expr_compile(slice_of(conditions[6]), &b->arena, &x, &e) == 0);
}

/* Judges a guest. */
static void judge(struct bench *b)
{
	struct evaluation ev;

	arena_reset(&b->arena);
	policy_eval(b->policy, &b->spec.facts, &b->arena, &ev);
	must(ev.verdict == VERDICT_DENY);
}

/* Prints the best of ROUNDS rounds of @n times @run; @per is what one of them holds. */
static void measure(const char *name, void (*run)(struct bench *b), struct bench *b,
		    unsigned n, unsigned per)
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin = now_ns(), took;

		for (unsigned i = 0; i < n; i++)
			run(b);
		took = now_ns() - begin;
		best = took < best ? took : best;
	}
	(void)printf("%-32s %8u %8.0f ns/op %6.0f ns/rule\n", name, ROUNDS * n,
		     (double)best / n, (double)best / n / per);
}

/* Appends a policy of RULES rules. */
static void write_policy(struct buf *out)
{
	buf_puts(out, "version = 1\nmode = enforce\n");
	for (unsigned i = 0; i < RULES; i++)
		buf_printf(
			out,
			"rule \"rule-%u\" {\n"
			"    when   = \"%s\"\n"
			"    action = deny\n"
			"    reason = \"root in a privileged container is root here\"\n"
			"    remedy = \"recreate it unprivileged, or ask for a tag\"\n"
			"}\n",
			i, conditions[i % ARRAY_LEN(conditions)]);
}

int main(void)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct bench b = { 0 };

	write_policy(&text);
	b.text = buf_as_slice(&text);
	b.policy = compile(&b);
	facts_spec_parse(
		"event=start; cause=user; ct; privileged; docker=no; tag=web,prod; "
		"host_id_min=0; bind=/srv/a,/srv/b; pool=lab; memory_mib=2048; "
		"caps_reset=no; name=shop-prod-web01; backed_up; hookscript=local:x",
		&b.spec);
	measure("read a policy", read_policy, &b, 100, RULES);
	measure("read a policy, digest known", read_known_policy, &b, 100, RULES);
	measure("read one expression", read_expression, &b, 20000, 1);
	measure("judge a guest", judge, &b, 2000, RULES);
	policy_free(b.policy);
	arena_done(&b.arena);
	return 0;
}
