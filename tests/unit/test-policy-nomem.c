/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy when memory runs out: never an allow that was not given. */
#include "nomem.h"

#include "policy/good.h"
#include "policy/store.h"

#include "facts-spec.h"
#include "root.h"

static const char policy_text[] =
	"version = 1\ninclude = { \"baseline@1\" }\n"
	"rule \"more\" { when = \"ct and tag ~ '*x*y*'\" also = { a, b } events = { "
	"start } }\n"
	"workload \"w\" { match = \"tag ~ axb*\" placement = vm settings = { s } }\n"
	"rule \"of-w\" { when = \"workload = w\" }\n"
	"limits \"l\" { when = \"ct\" max_cores = 1 }\n"
	"adjust \"privileged\" { unless = \"registered_tag ~ just-{vmid}-*\" }\n";

static struct root node;   /* with a policy */
static struct root broken; /* with the last good copy of one */

/* Facts of a privileged container that starts. */
static void fill(struct facts_spec *spec)
{
	facts_spec_parse("event=start; cause=user; ct; privileged; tag=axby; vmid=101; "
			 "registered_tag=other",
			 spec);
}

static int expression_is_read(void)
{
	AUTO(arena_done) struct arena a = { 0 };
	const struct expr *x = NULL;
	struct facts_spec spec;
	struct err e = { 0 };

	fill(&spec);
	if (expr_compile(slice_of("ct and not tag ~ 'a[b]*{vmid}'"), &a, &x, &e) < 0)
		return e.msg[0] && !x ? -1 : 0;
	return expr_eval(x, &spec.facts) != TRI_FALSE;
}

/* Judges by @p; the start must be denied, with both findings or for want of memory. */
static int is_denied(const struct policy *p)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts_spec spec;
	struct evaluation ev;

	fill(&spec);
	policy_give(p, &p->facts, &spec.facts, &a);
	policy_eval(p, &spec.facts, &a, &ev);
	if (ev.verdict != VERDICT_DENY)
		return 0;
	return ev.n || arena_failed(&a);
}

static int policy_judges(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	if (policy_texts_add(&texts, slice_of("policy.conf"), slice_of(policy_text), &e) <
	    0)
		return e.msg[0] ? -1 : 0;
	if (policy_compile(&texts, NULL, &p, &problems) < 0)
		return problems_any(&problems) && !p ? -1 : 0;
	return is_denied(p);
}

static int wrong_policy_is_refused(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	if (policy_texts_add(&texts, slice_of("policy.conf"),
			     slice_of("version = 1\ninclude = { x.conf, \"baselin@1\" }\n"
				      "rule a { when = privilegd events = { strat } }\n"
				      "adjust b { unless = \"ct and\" }\n"),
			     &e) < 0)
		return -1;
	if (policy_compile(&texts, NULL, &p, &problems) == 0 || p)
		return 0;
	return problems_any(&problems);
}

/* Loads below @r by @mode. */
static int load(const struct root *r, enum store_mode mode)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	struct err e = { 0 };

	if (store_load(r->fd, mode, &s, &e) < 0)
		return e.msg[0] && !s.policy ? -1 : 0;
	if (!s.name || (strcmp(s.source, "file") != 0 && !s.problem))
		return 0;
	return is_denied(s.policy);
}

static int store_is_looked_at(void)
{
	return load(&node, STORE_LOOK);
}

static int copy_is_kept(void)
{
	(void)unlinkat(node.fd, "var/lib/pve-safe/good/policy", 0);
	return load(&node, STORE_KEEP);
}

static int copy_is_used(void)
{
	return load(&broken, STORE_LOOK);
}

static struct nomem_row table[] = {
	{ "an expression is read", expression_is_read },
	{ "a policy judges", policy_judges, .may_die = true },
	{ "a wrong policy is refused", wrong_policy_is_refused, .may_die = true },
	{ "the policy in force is looked at", store_is_looked_at, .may_die = true },
	{ "the last good copy is kept", copy_is_kept, .may_die = true },
	{ "the last good copy is used", copy_is_used, .may_die = true },
};

int main(void)
{
	static const char file[] = "etc/pve/pve-safe/policy.conf";
	static struct rows rows;
	int r;

	node = root_make();
	broken = root_make();
	put(&node, "etc/pve/nodes/pve1/x", "", 0);
	put(&broken, "etc/pve/nodes/pve1/x", "", 0);
	put(&node, file, policy_text, strlen(policy_text));
	put(&broken, file, policy_text, strlen(policy_text));
	if (load(&broken, STORE_KEEP) != 1)
		return 1;
	put(&broken, file, "", 0);
	ROWS_ADD(&rows, table, survives);
	r = rows_run(&rows, "policy-nomem");
	root_done(&node);
	root_done(&broken);
	return r;
}
