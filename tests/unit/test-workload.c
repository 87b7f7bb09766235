/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy: workloads, limits, and the facts of the policy itself. */
#include "rows.h"

#include "policy/policy.h"

#include "facts-spec.h"

/* Compiles @text, called /p/policy.conf. */
static int compile(const char *text, struct policy **ret, struct problems *problems)
{
	struct policy_texts texts = { 0 };
	struct err e;

	assert_int_equal(
		policy_texts_add(&texts, slice_of("/p/policy.conf"), slice_of(text), &e),
		0);
	return policy_compile(&texts, NULL, ret, problems);
}

/* Compiles @text, which must be right. */
static struct policy *compile_right(const char *text)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct policy *p = NULL;

	if (compile(text, &p, &problems) < 0) {
		problems_render(&problems, &out);
		fail_msg("%s", buf_text(&out));
	}
	return p;
}

#define V       "version = 1\n"
#define W(rest) V "workload \"w\" { " rest " }\n"
#define A39     "a23456789012345678901234567890123456789"
#define A41     A39 "01"

/* What is refused, in which words. */
static struct problem_row {
	const char *name, *text, *want;
} problem_rows[] = {
	{ "a workload without match", W("placement = vm"),
	  "/p/policy.conf:2:1: 'match' is missing in workload 'w'\n" },
	{ "a workload without placement", W("match = ct"),
	  "/p/policy.conf:2:1: 'placement' is missing in workload 'w'\n" },
	{ "a placement that is none", W("match = ct placement = moon"),
	  "/p/policy.conf:2:39: 'placement' is one of ct, vm, any, not 'moon'\n" },
	{ "an unknown key of a workload", W("match = ct placement = vm mach = ct"),
	  "/p/policy.conf:2:42: unknown key 'mach' in workload 'w': did you mean "
	  "'match'?\n" },
	{ "a rule's key in a workload", W("match = ct placement = vm refuse = always"),
	  "/p/policy.conf:2:42: unknown key 'refuse' in workload 'w'\n" },
	{ "a match's error has its place", W("match = \"ct and tga = x\" placement = vm"),
	  "/p/policy.conf:2:32: unknown fact 'tga', did you mean 'tag'?\n" },
	{ "a match that names workload", W("match = \"workload = w\" placement = vm"),
	  "/p/policy.conf:2:24: a match may not name workload: it is what decides it\n" },
	{ "a match that names limits", W("match = limits placement = vm"),
	  "/p/policy.conf:2:24: unknown fact 'limits'\n" },
	{ "a workload twice in one file",
	  W("match = ct placement = vm") "workload \"w\" { match = vm placement = ct }\n",
	  "/p/policy.conf:3:1: workload 'w' stands there twice, first in line 2\n" },
	{ "a rule with the name of a workload's rule",
	  W("match = ct placement = vm") "rule \"workload-w\" { when = ct }\n",
	  "/p/policy.conf:3:1: rule 'workload-w' would have a rule called 'workload-w', "
	  "as /p/policy.conf:2 has\n" },
	{ "a workload whose rule has the name of a rule",
	  V "rule \"workload-w\" { when = ct }\n"
	    "workload \"w\" { match = ct placement = vm }\n",
	  "/p/policy.conf:3:1: workload 'w' would have a rule called 'workload-w', as "
	  "/p/policy.conf:2 has\n" },
	{ "a workload's name of 40 letters",
	  V "workload \"" A39 "0\" { match = ct placement = vm }\n",
	  "/p/policy.conf:2:1: the name of a workload has at most 39 letters, for its "
	  "rule is called workload-NAME\n" },
	{ "an adjusted when of a workload",
	  W("match = ct placement = vm") "adjust \"workload-w\" { when = vm }\n",
	  "/p/policy.conf:3:23: 'when' is for rules: a workload has a match, which "
	  "stays\n" },
	{ "an adjusted placement of a rule",
	  V "rule \"a\" { when = ct }\nadjust \"a\" { placement = vm }\n",
	  "/p/policy.conf:3:14: 'placement' is for workloads, and this is a rule\n" },
	{ "a placement in a rule", V "rule \"a\" { when = ct placement = vm }\n",
	  "/p/policy.conf:2:22: unknown key 'placement' in rule 'a'\n" },
	{ "an adjustment of a workload by its own name",
	  W("match = ct placement = vm") "adjust \"w\" { action = warn }\n",
	  "/p/policy.conf:3:1: no rule 'w' to adjust; there are workload-w\n" },
	{ "an adjustment before its workload",
	  V "adjust \"workload-w\" { }\nworkload \"w\" { match = ct placement = vm }\n",
	  "/p/policy.conf:2:1: no rule 'workload-w' to adjust; it stands below, in line "
	  "3: adjust it there\n" },

	/* classes in conditions */
	{ "a class that there is none of",
	  W("match = ct placement = vm") "rule \"a\" { when = \"ct and workload = ww\" "
					 "}\n",
	  "/p/policy.conf:3:38: unknown workload 'ww'; there are w\n" },
	{ "a class that there is none of, beside one that there is",
	  W("match = ct placement = vm") "rule \"a\" { when = \"workload = w\" }\n"
					 "rule \"b\" { when = \"workload = ww\" }\n"
					 "rule \"c\" { when = \"workload = w\" }\n",
	  "/p/policy.conf:4:31: unknown workload 'ww'; there are w\n" },
	{ "a quoted class, in a list, in unless",
	  W("match = ct placement = vm") "rule \"a\" { when = ct unless = \"workload in "
					 "(w, 'moon')\" }\n",
	  "/p/policy.conf:3:48: unknown workload 'moon'; there are w\n" },
	{ "a pattern that no class passes",
	  W("match = ct placement = vm") "rule \"a\" { when = \"workload ~ x*\" }\n",
	  "/p/policy.conf:3:31: no workload matches this pattern\n" },
	{ "a class of a policy without any", V "rule \"a\" { when = \"workload = w\" }\n",
	  "/p/policy.conf:2:31: unknown workload 'w'; the policy defines none, "
	  "workloads@1 has some\n" },
	{ "a class in a workload's unless",
	  W("match = ct placement = vm unless = \"workload = v\""),
	  "/p/policy.conf:2:63: unknown workload 'v'; there are w\n" },

	/* limits */
	{ "limits without when", V "limits \"l\" { max_guests = 1 }\n",
	  "/p/policy.conf:2:1: 'when' is missing in limits 'l'\n" },
	{ "limits that bound nothing", V "limits \"l\" { when = ct action = warn }\n",
	  "/p/policy.conf:2:1: limits 'l' bound nothing: give max_guests, or max_ or "
	  "total_ with cores, memory_mib or disk_gib\n" },
	{ "a bound that is no number", V "limits \"l\" { when = ct max_cores = 1.5 }\n",
	  "/p/policy.conf:2:36: 'max_cores' is a decimal number, not '1.5'\n" },
	{ "a bound that there is none of", V "limits \"l\" { when = ct max_core = 1 }\n",
	  "/p/policy.conf:2:1: limits 'l' bound nothing: give max_guests, or max_ or "
	  "total_ with cores, memory_mib or disk_gib\n"
	  "/p/policy.conf:2:24: unknown key 'max_core' in limits 'l': did you mean "
	  "'max_cores'?\n" },
	{ "limits' condition", V "limits \"l\" { when = \"poo = x\" max_cores = 1 }\n",
	  "/p/policy.conf:2:22: unknown fact 'poo', did you mean 'pool'?\n" },
	{ "limits' name of 42 letters",
	  V "limits \"" A41 "2\" { when = ct max_cores = 1 }\n",
	  "/p/policy.conf:2:1: the name of limits has at most 41 letters, for their rule "
	  "is called limits-NAME\n" },
	{ "adjusted events of limits",
	  V "limits \"l\" { when = ct max_cores = 1 }\n"
	    "adjust \"limits-l\" { events = { start } refuse = always placement = ct }\n",
	  "/p/policy.conf:3:21: 'events' is for rules: limits are judged at create, "
	  "restore, clone, set, resize and rollback\n"
	  "/p/policy.conf:3:40: 'refuse' is for rules: limits refuse no start\n"
	  "/p/policy.conf:3:56: 'placement' is for workloads, and these are limits\n" },
};

static void problems_are(void **state)
{
	const struct problem_row *t = *state;
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(buf_done) struct buf got = { 0 };

	assert_int_equal(compile(t->text, &p, &problems), -1);
	assert_null(p);
	problems_render(&problems, &got);
	assert_string_equal(buf_text(&got), t->want);
}

/* What a policy says of a guest's facts: the rules that fire, and the classes. */
static struct verdict_row {
	const char *name, *text, *facts;
	const char
		*want; /* "verdict rule,rule|class,class", "?why" for unknown classes */
} verdict_rows[] = {
	{ "a container of a workload for VMs", W("match = \"tag = x\" placement = vm"),
	  "ct; tag=x", "deny workload-w|w" },
	{ "a VM of a workload for VMs", W("match = \"tag = x\" placement = vm"),
	  "vm; tag=x", "allow |w" },
	{ "a container of another workload", W("match = \"tag = x\" placement = vm"),
	  "ct; tag=y", "allow |" },
	{ "a VM of a workload for containers",
	  W("match = \"tag = x\" placement = ct action = audit"), "vm; tag=x",
	  "allow workload-w|w" },
	{ "a container of a workload for containers",
	  W("match = \"tag = x\" placement = ct"), "ct; tag=x", "allow |w" },
	{ "a guest of a workload for both", W("match = \"tag = x\" placement = any"),
	  "ct; tag=x", "allow |w" },
	{ "a match that joins by or is taken as a whole",
	  W("match = \"tag = x or docker\" placement = vm"), "vm; docker", "allow |w" },
	{ "a workload that only warns",
	  W("match = \"tag = x\" placement = vm action = warn"), "ct; tag=x",
	  "warn workload-w|w" },
	{ "a workload's exemption",
	  W("match = \"tag = x\" placement = vm unless = \"pool = lab\""),
	  "ct; tag=x; pool=lab", "allow |w" },
	{ "an exemption that is unknown",
	  W("match = \"tag = x\" placement = vm unless = \"pool = lab\""),
	  "ct; tag=x; pool=?", "deny workload-w|w" },
	{ "an unknown match fires", W("match = \"tag = x\" placement = vm"), "ct; tag=?",
	  "deny workload-w|?whether it is 'w' depends on tag: not readable" },
	{ "an unknown match does not fire on the right kind",
	  W("match = \"tag = x\" placement = vm"), "vm; tag=?",
	  "allow |?whether it is 'w' depends on tag: not readable" },
	{ "what is unknown, too, but does not matter is not named",
	  W("match = \"ct and tag = x\" placement = vm"), "ct; tag=?; pool=?",
	  "deny workload-w|?whether it is 'w' depends on tag: not readable" },
	{ "one unknown class makes all unknown",
	  W("match = \"tag = x\" placement = any") "workload \"v\" { match = \"pool = "
						   "p\" placement = any }\n",
	  "ct; tag=x; pool=?",
	  "allow |?whether it is 'v' depends on pool: not readable" },
	{ "classes in order of the file",
	  W("match = \"tag = x\" placement = any") "workload \"v\" { match = \"ct\" "
						   "placement = any }\n",
	  "ct; tag=x", "allow |w,v" },
	{ "a rule that names a class that stands below it",
	  V "rule \"a\" { when = \"workload = w\" }\n"
	    "workload \"w\" { match = \"tag = x\" placement = any }\n",
	  "ct; tag=x", "deny a|w" },
	{ "a rule of all that have a class",
	  W("match = \"tag = x\" placement = any") "rule \"a\" { when = workload }\n",
	  "ct; tag=x", "deny a|w" },
	{ "a rule that names a class that does not match",
	  W("match = \"tag = x\" placement = any") "rule \"a\" { when = \"workload = w\" "
						   "}\n",
	  "ct; tag=y", "allow |" },
	{ "a rule that names an unknown class",
	  W("match = \"tag = x\" placement = any") "rule \"a\" { when = \"workload = w\" "
						   "}\n",
	  "ct; tag=?", "deny a|?whether it is 'w' depends on tag: not readable" },
	{ "a pattern of classes",
	  V "workload \"db-a\" { match = \"tag = x\" placement = any }\n"
	    "rule \"a\" { when = \"workload ~ db-*\" action = warn }\n",
	  "ct; tag=x", "warn a|db-a" },

	/* adjustments */
	{ "an adjusted action",
	  W("match = \"tag = x\" placement = vm") "adjust \"workload-w\" { action = warn "
						  "}\n",
	  "ct; tag=x", "warn workload-w|w" },
	{ "an adjusted exemption",
	  W("match = \"tag = x\" placement = vm") "adjust \"workload-w\" { unless = "
						  "\"tag = y\" }\n",
	  "ct; tag=x,y", "allow |w" },
	{ "a placement that is adjusted to any",
	  W("match = \"tag = x\" placement = vm") "adjust \"workload-w\" { placement = "
						  "any }\n",
	  "ct; tag=x", "allow |w" },
	{ "a placement that is adjusted from any",
	  W("match = \"tag = x\" placement = any") "adjust \"workload-w\" { placement = "
						   "ct action = warn }\n",
	  "vm; tag=x", "warn workload-w|w" },
	{ "a placement that is adjusted twice",
	  W("match = \"tag = x\" placement = any") "workload \"v\" { match = \"tag = x\" "
						   "placement = any }\n"
						   "adjust \"workload-w\" { placement = "
						   "ct }\n"
						   "adjust \"workload-v\" { placement = "
						   "vm }\n",
	  "vm; tag=x", "deny workload-w|w,v" },

	/* want_snapshots, limits */
	{ "a policy that wants snapshots",
	  V "want_snapshots = yes\nrule \"a\" { when = want_snapshots }\n", "ct",
	  "deny a|" },
	{ "a policy that does not",
	  V "want_snapshots = no\nrule \"a\" { when = want_snapshots }\n", "ct",
	  "allow |" },
	{ "a policy that does not say", V "rule \"a\" { when = want_snapshots }\n", "ct",
	  "allow |" },
	{ "limits are no rule", V "limits \"l\" { when = ct max_cores = 1 }\n", "ct",
	  "allow |" },
};

static void verdict_is(void **state)
{
	const struct verdict_row *t = *state;
	AUTO(policy_freep) struct policy *p = compile_right(t->text);
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct facts_spec spec;
	struct evaluation ev;
	const struct fact *f;
	struct fact_set wanted = p->facts;

	fact_set_add(&wanted, FACT_workload);
	facts_spec_parse(t->facts, &spec);
	policy_want(p, &wanted);
	policy_give(p, &wanted, &spec.facts, &a);
	policy_eval(p, &spec.facts, &a, &ev);
	buf_printf(&got, "%s ", verdict_name(ev.verdict));
	for (size_t i = 0; i < ev.n; i++)
		buf_printf(&got, "%s%.*s", i ? "," : "",
			   SLICE_ARG(ev.findings[i].rule->name));
	f = facts_get(&spec.facts, FACT_workload);
	buf_putc(&got, '|');
	for (size_t i = 0; i < f->nitems; i++)
		buf_printf(&got, "%s%.*s", i ? "," : "", SLICE_ARG(f->items[i].text));
	if (f->state == FACT_STATE_UNKNOWN)
		buf_printf(&got, "?%s", f->why);
	assert_string_equal(buf_text(&got), t->want);
}

/* Every key of a workload is read; what is not given has its default. */
static void workload_is_read(void **state)
{
	AUTO(policy_freep)
	struct policy *p = compile_right(
		V "workload \"w\" {\n"
		  "  match = \"tag = x or docker\"\n  placement = vm\n  action = audit\n"
		  "  reason = \"why\"\n  remedy = \"how\"\n  unless = \"pool = p\"\n"
		  "  settings = { \"s-vm\", \"t-ct\" }\n}\n"
		  "workload \"v\" { match = vm placement = ct }\n"
		  "workload \"u\" { match = vm placement = any }\n");
	const struct workload *w = p->workloads;
	const struct rule *r;

	(void)state;
	assert_int_equal(p->nworkloads, 3);
	assert_int_equal(p->nrules, 2);
	assert_string_equal(p->classes[0], "w");
	assert_string_equal(p->classes[2], "u");
	assert_null(p->classes[3]);
	assert_true(slice_eq(w->name, "w"));
	assert_true(slice_eq(expr_text(w->match), "tag = x or docker"));
	assert_int_equal(w->placement, PLACEMENT_VM);
	assert_true(slice_eq(w->reason, "why"));
	assert_true(slice_eq(w->remedy, "how"));
	assert_int_equal(w->settings.n, 2);
	assert_true(slice_eq(w->settings.items[1], "t-ct"));
	assert_string_equal(w->file, "/p/policy.conf");
	assert_int_equal(w->line, 2);
	r = w->rule;
	assert_ptr_equal(r, &p->rules[0]);
	assert_ptr_equal(r->workload, w);
	assert_int_equal(r->kind, RULE_WORKLOAD);
	assert_true(slice_eq(r->name, "workload-w"));
	assert_true(slice_eq(expr_text(r->when), "ct and (tag = x or docker)"));
	assert_true(slice_eq(expr_text(r->unless), "pool = p"));
	assert_int_equal(r->action, ACTION_AUDIT);
	assert_true(rule_applies(r, slice_of("create")));
	assert_true(rule_applies(r, slice_of("start")));
	assert_false(rule_applies(r, slice_of("migrate")));
	assert_int_equal(r->line, 2);
	r = w[1].rule;
	assert_int_equal(r->action, ACTION_DENY);
	assert_true(
		slice_eq(r->reason, "a guest of this workload belongs in a container"));
	assert_true(
		slice_starts(r->remedy, "create it as a container: pct create NEWID "));
	assert_null(w[1].reason.ptr);
	assert_null(w[2].rule);
	assert_ptr_equal(policy_find_rule(p, slice_of("workload-v")), w[1].rule);
	assert_null(policy_find_rule(p, slice_of("workload-u")));
}

/* Every key of limits is read, and their rule is found though it is none of the rules. */
static void limits_are_read(void **state)
{
	AUTO(policy_freep)
	struct policy *p = compile_right(
		V
		"limits \"l\" {\n  when = \"pool = p\"\n  action = warn\n"
		"  reason = \"why\"\n  max_guests = 0 max_cores = 1 max_memory_mib = 2\n"
		"  max_disk_gib = 3 total_cores = 4 total_memory_mib = 5\n"
		"  total_disk_gib = 6\n}\n"
		"limits \"m\" { when = ct max_guests = 1 }\n"
		"adjust \"limits-m\" { action = audit unless = vm remedy = how }\n");
	const struct limits *l = p->limits, *m = p->limits + 1;

	(void)state;
	assert_int_equal(p->nlimits, 2);
	assert_int_equal(p->nrules, 0);
	assert_true(slice_eq(l->name, "l"));
	assert_int_equal(l->max_guests, 0);
	for (unsigned i = 0; i < LIMITS_UNITS; i++) {
		assert_int_equal(l->max[i], 1 + i);
		assert_int_equal(l->total[i], 4 + i);
		assert_true(m->max[i] == LIMITS_NONE && m->total[i] == LIMITS_NONE);
	}
	assert_int_equal(m->max_guests, 1);
	assert_true(slice_eq(l->rule.name, "limits-l"));
	assert_int_equal(l->rule.kind, RULE_LIMITS);
	assert_int_equal(l->rule.action, ACTION_WARN);
	assert_true(slice_eq(l->rule.reason, "why"));
	assert_true(slice_eq(expr_text(l->rule.when), "pool = p"));
	assert_true(rule_applies(&l->rule, slice_of("create")));
	assert_true(rule_applies(&l->rule, slice_of("set")));
	assert_false(rule_applies(&l->rule, slice_of("start")));
	assert_int_equal(m->rule.action, ACTION_AUDIT);
	assert_true(slice_eq(m->rule.remedy, "how"));
	assert_true(slice_eq(m->rule.reason, "more than the policy has room for"));
	assert_ptr_equal(policy_find_rule(p, slice_of("limits-m")), &m->rule);
	assert_string_equal(limits_unit_name(LIMITS_DISK_GIB), "disk_gib");
	assert_string_equal(placement_name(PLACEMENT_ANY), "any");
}

/* Names of the greatest length are still names of rules, to be adjusted and waived. */
static void long_names_fit(void **state)
{
	AUTO(policy_freep)
	struct policy *p =
		compile_right(V "workload \"" A39 "\" { match = ct placement = vm }\n"
				"limits \"" A41 "\" { when = ct max_cores = 1 }\n"
				"adjust \"workload-" A39 "\" { action = warn }\n"
				"adjust \"limits-" A41 "\" { action = warn }\n");

	(void)state;
	assert_int_equal(p->rules[0].action, ACTION_WARN);
	assert_int_equal(p->limits[0].rule.action, ACTION_WARN);
}

/* Only who asks for classes loads what they are made of. */
static void facts_are_wanted(void **state)
{
	static const char none[] = W("match = \"tag = x\" placement = any");
	static const char some[] =
		W("match = \"tag = x\" placement = any") "rule \"a\" { when = \"workload "
							 "= w\" }\n";
	AUTO(policy_freep) struct policy *p = compile_right(none);
	AUTO(policy_freep) struct policy *q = compile_right(some);
	AUTO(arena_done) struct arena a = { 0 };
	struct fact_set wanted = { 0 };
	struct facts_spec spec;

	(void)state;
	assert_false(fact_set_has(&p->facts, FACT_tag));
	assert_true(fact_set_has(&p->class_facts, FACT_tag));
	assert_true(fact_set_has(&q->facts, FACT_tag));
	policy_want(p, &wanted);
	assert_true(fact_set_is_empty(&wanted));
	facts_spec_parse("ct; tag=x", &spec);
	policy_give(p, &wanted, &spec.facts, &a);
	assert_int_equal(facts_get(&spec.facts, FACT_workload)->state, FACT_STATE_NONE);
	fact_set_add(&wanted, FACT_workload);
	policy_want(p, &wanted);
	assert_true(fact_set_has(&wanted, FACT_tag));
}

/* A class says where it stands that the guest is of it. */
static void class_has_origin(void **state)
{
	AUTO(policy_freep)
	struct policy *p = compile_right(
		W("match = \"ct and (tag = x or docker)\" placement = any"));
	AUTO(arena_done) struct arena a = { 0 };
	struct fact_set wanted = { 0 };
	struct facts_spec spec;
	const struct fact_origin *o;

	(void)state;
	facts_spec_parse("ct; tag=y,x", &spec);
	spec.items[1].origin = (struct fact_origin){ .file = "f", .line = 3 };
	fact_set_add(&wanted, FACT_workload);
	policy_give(p, &wanted, &spec.facts, &a);
	o = &facts_get(&spec.facts, FACT_workload)->items[0].origin;
	assert_string_equal(o->file, "f");
	assert_int_equal(o->line, 3);
}

/* Conditions that stand elsewhere are checked against the policy's classes. */
static void classes_are_checked(void **state)
{
	AUTO(policy_freep)
	struct policy *p = compile_right(W("match = ct placement = any"));
	AUTO(arena_done) struct arena a = { 0 };
	const struct expr *x;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(expr_compile(slice_of("ct or workload = w"), &a, &x, &e), 0);
	assert_int_equal(policy_check_classes(p, x, &e), 0);
	assert_int_equal(expr_compile(slice_of("ct or workload = 'x'"), &a, &x, &e), 0);
	assert_int_equal(policy_check_classes(p, x, &e), -1);
	assert_string_equal(e.msg, "unknown workload 'x'; there are w");
	assert_int_equal(e.col, 18);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, problem_rows, problems_are);
	ROWS_ADD(&rows, verdict_rows, verdict_is);
	ROWS_ADD_ONE(&rows, "every key of a workload is read", workload_is_read);
	ROWS_ADD_ONE(&rows, "every key of limits is read", limits_are_read);
	ROWS_ADD_ONE(&rows, "long names fit", long_names_fit);
	ROWS_ADD_ONE(&rows, "only who asks for classes loads their facts",
		     facts_are_wanted);
	ROWS_ADD_ONE(&rows, "a class has an origin", class_has_origin);
	ROWS_ADD_ONE(&rows, "classes named elsewhere are checked", classes_are_checked);
	return rows_run(&rows, "workload");
}
