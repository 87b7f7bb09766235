/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/run/judge: one guest as a sub-command judges it, and as an audit does,
 * which must say the same; limits, assumed facts, and what could not be judged.
 */
#include "nomem.h"

#include "base/cleanup.h"
#include "run/judge.h"

#include "made-node.h"

#define V "version = 1\n"

/* The guests of the made-up cluster; the node of these tests is pve1. */
static const struct {
	uint64_t vmid;
	const char *path, *text;
} guests[] = {
	{ 101, "etc/pve/nodes/pve1/lxc/101.conf", "hostname: a\ncores: 4\n" },
	{ 102, "etc/pve/nodes/pve1/lxc/102.conf",
	  "unprivileged: 1\nonboot: 1\ntags: db\ncores: 2\nrootfs: lvm:v\n"
	  "mp0: /srv,mp=/srv\n" },
	{ 103, "etc/pve/nodes/pve1/qemu-server/103.conf",
	  "cores: 1\ntags: db\ntpmstate0: local:t,version=v2.0\nprotection: 1\n" },
	{ 104, "etc/pve/nodes/pve2/qemu-server/104.conf",
	  "onboot: 1\nscsi0: lvm:v,size=1G\nnet0: e1000=BC:24:11:00:00:01,bridge=v\n" },
	{ 105, "etc/pve/nodes/pve1/lxc/105.conf", "unprivileged: 1\nhostname: plain\n" },
	{ 106, "etc/pve/nodes/pve1/lxc/106.conf", "unprivileged: 1\nhostname: plain\n" },
	{ 107, "etc/pve/nodes/pve1/qemu-server/107.conf", "protection: 1\n" },
};

/* Policies that guests are judged by, alone and among others. */
static struct policy_row {
	const char *name, *text;
} policies[] = {
	{ "cheap facts", V "rule \"p\" { when = \"ct and privileged\" }\n"
			   "rule \"n\" { when = \"name = a\" action = warn }\n" },
	{ "dear facts that few guests need",
	  V "rule \"t\" { when = \"protection and tpm\" }\n"
	    "rule \"m\" { when = \"onboot and not live_migratable\" action = warn }\n"
	    "rule \"b\" { when = \"onboot and bind_unshared\" action = audit }\n" },
	{ "dear facts that every guest needs",
	  V "rule \"t\" { when = \"not tpm\" action = warn }\n"
	    "rule \"v\" { when = net_no_virtio }\n" },
	{ "classes", V "workload \"db\" { match = \"tag = db\" placement = vm }\n"
		       "rule \"o\" { when = \"workload = db and onboot\" }\n" },
	{ "classes by dear facts",
	  V "workload \"t\" { match = \"vm and tpm\" placement = ct }\n"
	    "rule \"o\" { when = \"workload and protection\" action = audit }\n" },
	{ "snapshots", V "want_snapshots = yes\n"
			 "rule \"s\" { when = \"want_snapshots and "
			 "storage_no_snapshot\" action = warn }\n" },
	{ "a policy that is off", V "mode = off rule \"p\" { when = ct }\n" },
};

static struct root root;
static struct place place;

/* Loads guest @vmid. */
static void load(uint64_t vmid, struct guest *ret)
{
	struct err e = { 0 };

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(guest_load_any(&place, vmid, ret, &e), GUEST_FOUND);
}

/* Begins a judgement of a start for @ask by @s. */
static void begin(const struct store_policy *s, struct ask *ask, struct judgement *ret)
{
	struct err e = { 0 };

	ask->request.event = slice_of("start");
	ask->request.cause = slice_of("user");
	ask->start = true;
	assert_int_equal(judge_begin(&place, s, ask, ret, &e), 0);
}

/* Appends what @d says, but for its id: "deny p:deny(cause,ct,)?x " */
static void render(const struct decision *d, struct buf *out)
{
	const struct evaluation *ev = &d->evaluation;

	buf_printf(out, "%s", verdict_name(ev->verdict));
	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];

		buf_printf(out, " %.*s:%s", SLICE_ARG(f->rule->name),
			   effect_name(f->effect));
		for (unsigned id = 0; id < FACT_COUNT; id++)
			if (fact_set_has(&f->used, id)) {
				buf_printf(out, " %s=", fact_rows[id].name);
				fact_render(&fact_rows[id], facts_get(d->facts, id), out);
			}
	}
	buf_printf(out, " (%.*s, %.*s, %.*s)", SLICE_ARG(d->name), SLICE_ARG(d->event),
		   SLICE_ARG(d->cause));
}

/* Every guest, twice, alone and among others. */
static void test_bulk(void **state)
{
	const struct policy_row *row = *state;
	AUTO(store_policy_done) struct store_policy s = made_policy(row->text);
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(judge_done) struct judgement bulk = { 0 };
	struct waiver_names none = { 0 };
	struct ask many = { .bulk = true };
	struct err e = { 0 };

	cluster_load(&place, fact_set_sources(&s.policy->facts), &c);
	many.memo = policy_memo_new(s.policy);
	begin(&s, &many, &bulk);
	bulk.waivers = &none;
	for (size_t i = 0; i < 2 * ARRAY_LEN(guests); i++) {
		AUTO(buf_done) struct buf want = { 0 }, got = { 0 };
		AUTO(judge_done) struct judgement alone = { 0 };
		AUTO(guest_done) struct guest g;
		struct ask one = { 0 };

		load(guests[i % ARRAY_LEN(guests)].vmid, &g);
		begin(&s, &one, &alone);
		assert_int_equal(judge_guest(&s, &c, &g, &one, &alone, &e), 0);
		judge_next(&bulk);
		assert_int_equal(bulk.decision.evaluation.verdict, VERDICT_DENY);
		assert_int_equal(judge_guest(&s, &c, &g, &many, &bulk, &e), 0);
		render(&alone.decision, &want);
		render(&bulk.decision, &got);
		assert_string_equal(buf_text(&got), buf_text(&want));
		assert_string_not_equal(alone.decision.config_digest, "");
		assert_string_equal(bulk.decision.config_digest, "");
	}
	policy_memo_free(many.memo);
}

/* Whether `workload` is there of a guest among others, the second time. */
static struct class_row {
	const char *name;
	bool also, others, no_names, waived, templates;
	enum fact_state want;
} classes[] = {
	{ "nobody wants the class", .want = FACT_STATE_NONE },
	{ "the caller wants it", .also = true, .want = FACT_STATE_KNOWN },
	{ "the caller wants another fact", .others = true, .want = FACT_STATE_NONE },
	{ "a waiver may cover it", .waived = true, .want = FACT_STATE_KNOWN },
	{ "nobody knows which waivers there are", .no_names = true,
	  .want = FACT_STATE_KNOWN },
	{ "a template may match by it", .templates = true, .want = FACT_STATE_KNOWN },
};

static void test_class(void **state)
{
	const struct class_row *row = *state;
	AUTO(store_policy_done)
	struct store_policy s =
		made_policy(V "workload \"db\" { match = \"tag = db\" placement = any }\n"
			      "rule \"o\" { when = \"workload = db and onboot\" }\n");
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(guest_done) struct guest g;
	AUTO(settings_done) struct settings settings = { 0 };
	struct waiver_name name = { 105, slice_of("o"), WAIVER_LASTING };
	struct waiver_names names = { &name, row->waived };
	struct fact_set also = { 0 };
	struct ask ask = { .bulk = true };
	struct err e = { 0 };

	if (row->also || row->others) {
		fact_set_add(&also, row->also ? FACT_workload : FACT_pool);
		ask.also = &also;
	}
	if (row->templates) {
		assert_int_equal(settings_load(&place, s.policy, &settings, &e), 0);
		ask.settings = &settings;
	}
	load(105, &g);
	cluster_load(&place, 0, &c);
	ask.memo = policy_memo_new(s.policy);
	begin(&s, &ask, &j);
	j.waivers = row->no_names ? NULL : &names;
	for (int round = 0; round < 2; round++) {
		judge_next(&j);
		assert_int_equal(judge_guest(&s, &c, &g, &ask, &j, &e), 0);
		assert_int_equal(j.decision.evaluation.verdict, VERDICT_ALLOW);
	}
	assert_int_equal(facts_get(&j.facts, FACT_workload)->state, row->want);
	policy_memo_free(ask.memo);
}

/* Where it is known which waivers there are, those are looked for, and no others. */
static void test_named(void **state)
{
	static const char waiver[] =
		"version=1 guest=102 name=\"\" rule=wv ticket=t-1 reason=why "
		"granted_by=bob "
		"granted=\"2026-01-01\" until=\"2999-01-01\" identity={\"rootfs=lvm:v\"} "
		"covers={\"onboot=yes\"}";
	static const enum effect want[] = { EFFECT_DENY, EFFECT_WAIVED };
	AUTO(store_policy_done)
	struct store_policy s = made_policy(V "rule \"wv\" { when = onboot }\n");
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(guest_done) struct guest g;
	struct waiver_name name = { 102, slice_of("wv"), WAIVER_LASTING };
	struct err e = { 0 };

	(void)state;
	put(&root, "etc/pve/pve-safe/waivers/102.wv.conf", waiver, sizeof(waiver) - 1);
	load(102, &g);
	cluster_load(&place, 0, &c);
	for (size_t n = 0; n < 2; n++) {
		AUTO(judge_done) struct judgement j = { 0 };
		struct waiver_names names = { &name, n };
		struct ask ask = { .bulk = true };

		begin(&s, &ask, &j);
		j.waivers = &names;
		assert_int_equal(judge_guest(&s, &c, &g, &ask, &j, &e), 0);
		assert_int_equal(j.decision.evaluation.n, 1);
		assert_int_equal(j.decision.evaluation.findings[0].effect, want[n]);
	}
}

/* A fact that is assumed, and the verdict then; also among others, and the policy's own. */
static struct assume_row {
	const char *name;
	enum fact_id id;
	const char *text;
	enum verdict want;
} assumes[] = {
	{ "a fact that makes a rule fire", FACT_pool, "lab", VERDICT_DENY },
	{ "one that does not", FACT_pool, "other", VERDICT_ALLOW },
	{ "a fact of the policy itself", FACT_workload, "db", VERDICT_WARN },
	{ "one that makes it a class", FACT_tag, "db", VERDICT_WARN },
};

static void test_assume(void **state)
{
	const struct assume_row *row = *state;
	AUTO(store_policy_done)
	struct store_policy s =
		made_policy(V "workload \"db\" { match = \"tag = db\" placement = any }\n"
			      "rule \"p\" { when = \"pool = lab\" }\n"
			      "rule \"o\" { when = \"workload = db\" action = warn }\n");
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(guest_done) struct guest g;
	struct fact_item item = { .text = slice_of(row->text) };
	struct policy_memo *memo = policy_memo_new(s.policy);
	struct options o = {
		.nassumed = 1,
		.assumed[0] = { row->id,
				{ .state = FACT_STATE_KNOWN,
				  .text = item.text,
				  .items = &item,
				  .nitems = 1 } },
	};
	struct err e = { 0 };

	load(105, &g);
	cluster_load(&place, 0, &c);
	for (int bulk = 0; bulk < 2; bulk++) {
		AUTO(judge_done) struct judgement j = { 0 };
		struct ask ask = { .bulk = bulk, .assume = &o, .memo = memo };

		begin(&s, &ask, &j);
		assert_int_equal(judge_guest(&s, &c, &g, &ask, &j, &e), 0);
		assert_int_equal(j.decision.evaluation.verdict, row->want);
	}
	policy_memo_free(memo);
}

/* Limits at an event, and what they say. */
static struct limits_row {
	const char *name, *limits, *event;
	uint64_t vmid;
	bool outside; /* the guest is a file that lies anywhere */
	const char *want;
} limits[] = {
	{ "a guest that is too big", "when = ct max_cores = 2", "set", 101, false,
	  "deny limits-l:deny" },
	{ "one that is not", "when = ct max_cores = 2", "set", 102, false, "allow" },
	{ "none is judged at a start", "when = ct max_cores = 2", "start", 101, false,
	  "allow" },
	{ "all together", "when = vm total_cores = 1", "create", 103, false,
	  "deny limits-l:deny" },
	{ "a file has no others beside it", "when = vm total_cores = 1", "create", 103,
	  true, "allow" },
	{ "a file's own size counts", "when = ct max_cores = 2", "set", 101, true,
	  "deny limits-l:deny" },
	{ "limits that only warn", "when = ct max_cores = 2 action = warn", "set", 101,
	  false, "warn limits-l:warn" },
	{ "both bounds, in order", "when = ct max_cores = 2 total_cores = 3", "create",
	  101, false, "deny limits-l:deny limits-l:deny" },
};

static void test_limits(void **state)
{
	const struct limits_row *row = *state;
	AUTO(buf_done) struct buf text = { 0 }, got = { 0 };
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(limits_done) struct limits_world world = { 0 };
	AUTO(guest_done) struct guest g;
	struct ask ask = { .request.event = slice_of(row->event), .start = true };
	struct err e = { 0 };

	buf_printf(&text, V "limits \"l\" { %s }\n", row->limits);
	AUTO(store_policy_done) struct store_policy s = made_policy(buf_text(&text));

	load(row->vmid, &g);
	if (row->outside)
		*g.node = '\0';
	cluster_load(&place, 0, &c);
	limits_begin(&place, s.policy, &c, LIMITS_LOOK, &world);
	ask.limits = &world;
	assert_int_equal(judge_begin(&place, &s, &ask, &j, &e), 0);
	assert_int_equal(judge_guest(&s, &c, &g, &ask, &j, &e), 0);
	buf_puts(&got, verdict_name(j.decision.evaluation.verdict));
	for (size_t i = 0; i < j.decision.evaluation.n; i++)
		buf_printf(&got, " %.*s:%s",
			   SLICE_ARG(j.decision.evaluation.findings[i].rule->name),
			   effect_name(j.decision.evaluation.findings[i].effect));
	assert_string_equal(buf_text(&got), row->want);
	assert_int_equal(j.decision.node.len, row->outside ? 0 : 4);
}

/* Where no policy is installed yet: what starts passes, and nothing else does. */
static struct report_row {
	const char *name, *event;
	bool report, outside;
	enum effect want;
} reports[] = {
	{ "a start is reported", "start", true, false, EFFECT_WOULD_DENY },
	{ "a change is refused", "set", true, false, EFFECT_DENY },
	{ "a start of a file anywhere is", "start", true, true, EFFECT_DENY },
	{ "a start where a policy is", "start", false, false, EFFECT_DENY },
};

static void test_report(void **state)
{
	const struct report_row *row = *state;
	AUTO(store_policy_done)
	struct store_policy s = made_policy(V "rule \"w\" { when = ct action = warn }\n"
					      "rule \"p\" { when = privileged }\n");
	AUTO(cluster_done) struct cluster c = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(guest_done) struct guest g;
	struct ask ask = { .request.event = slice_of(row->event), .start = true };
	struct evaluation *ev = &j.decision.evaluation;
	struct err e = { 0 };

	load(101, &g);
	if (row->outside)
		*g.node = '\0';
	s.report_starts = row->report;
	cluster_load(&place, 0, &c);
	assert_int_equal(judge_begin(&place, &s, &ask, &j, &e), 0);
	assert_int_equal(judge_guest(&s, &c, &g, &ask, &j, &e), 0);
	assert_int_equal(ev->n, 2);
	assert_int_equal(ev->findings[0].effect, EFFECT_WARN);
	assert_int_equal(ev->findings[1].effect, row->want);
	assert_int_equal(ev->verdict,
			 row->want == EFFECT_DENY ? VERDICT_DENY : VERDICT_WARN);
}

static void test_fail(void **state)
{
	AUTO(judge_done) struct judgement j = { 0 };
	struct decision *d = &j.decision;

	(void)state;
	d->evaluation.verdict = VERDICT_ALLOW;
	judge_fail(&j, "mend it", "%s %d", "x", 1);
	judge_fail(&j, NULL, "y");
	assert_int_equal(d->evaluation.verdict, VERDICT_DENY);
	assert_int_equal(d->nfailures, 2);
	assert_string_equal(d->failures[0].what, "x 1");
	assert_string_equal(d->failures[0].todo, "mend it");
	assert_string_equal(d->failures[1].what, "y");
	assert_null(d->failures[1].todo);
	assert_int_equal(decision_exit_code(d), EXIT_UNUSABLE);
	j.has_identity = true;
	judge_next(&j);
	assert_false(j.has_identity);
	assert_int_equal(d->nfailures, 0);
	assert_int_equal(d->evaluation.verdict, VERDICT_DENY);
}

/* A finding of another rule, by the policy's mode. */
static struct added_row {
	const char *name, *mode;
	enum action action;
	const char *cause;
	size_t n;
	enum effect effect;
	enum verdict want;
} added[] = {
	{ "it is added behind the others", "enforce", ACTION_DENY, "user", 2, EFFECT_DENY,
	  VERDICT_DENY },
	{ "a lesser one leaves the verdict", "enforce", ACTION_AUDIT, "user", 2,
	  EFFECT_AUDIT, VERDICT_WARN },
	{ "the mode is a ceiling", "warn", ACTION_DENY, "user", 2, EFFECT_WARN,
	  VERDICT_WARN },
	{ "audit is, too", "audit", ACTION_DENY, "user", 2, EFFECT_AUDIT, VERDICT_ALLOW },
	{ "nothing is where the policy is off", "off", ACTION_DENY, "user", 0,
	  EFFECT_DENY, VERDICT_ALLOW },
	{ "what must not be left half done goes on", "enforce", ACTION_DENY, "reboot", 2,
	  EFFECT_WOULD_DENY, VERDICT_WARN },
};

static void test_added(void **state)
{
	const struct added_row *row = *state;
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct facts facts = { 0 };
	struct rule rule = { .name = slice_of("other"), .action = row->action };
	struct finding f = { .rule = &rule, .action = row->action };
	struct evaluation ev;

	buf_printf(&text, V "mode = %s rule \"w\" { when = ct action = warn }\n",
		   row->mode);
	AUTO(store_policy_done) struct store_policy s = made_policy(buf_text(&text));

	facts.values[FACT_ct] = (struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
	facts.values[FACT_event] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("start") };
	facts.values[FACT_cause] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of(row->cause) };
	policy_eval(s.policy, &facts, &a, &ev);
	assert_int_equal(policy_add_finding(s.policy, &facts, &f, &a, &ev), 0);
	assert_int_equal(ev.n, row->n);
	assert_int_equal(ev.verdict, row->want);
	if (!row->n)
		return;
	assert_true(slice_eq(ev.findings[0].rule->name, "w"));
	assert_ptr_equal(ev.findings[1].rule, &rule);
	assert_int_equal(ev.findings[1].effect, row->effect);
	assert_int_equal(ev.findings[1].before, row->effect);
}

/* A rule is judged at its events, at no other, and at what is no event that it could name. */
static void test_events(void **state)
{
	AUTO(store_policy_done)
	struct store_policy s =
		made_policy(V "rule \"s\" { when = ct events = { start, clone } }\n");
	const struct rule *r = &s.policy->rules[0];

	(void)state;
	for (size_t i = 0; fact_words_event[i]; i++) {
		struct slice word = slice_of(fact_words_event[i]);

		assert_int_equal(rule_applies(r, word),
				 slice_eq(word, "start") || slice_eq(word, "clone"));
	}
	assert_true(rule_applies(r, slice_of("frobnicate")));
}

/* What refuses a guest: a policy, which may have limits, or a template. */
struct scarce_case {
	const char *policy, *event;
	uint64_t vmid;
};

/*
 * Judges what @c refuses, once all of it is loaded, while memory runs out: it stays refused,
 * with its reason and nothing lost, or the judgement fails.
 */
static int stays_refused(const struct scarce_case *c)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(cluster_done) struct cluster cluster = { 0 };
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(settings_done) struct settings settings = { 0 };
	AUTO(limits_done) struct limits_world world = { 0 };
	AUTO(guest_done) struct guest g;
	struct ask ask = { .settings = &settings, .limits = &world };
	long refuse = left;
	struct err e = { 0 };
	int r;

	left = -1;
	s = made_policy(c->policy);
	load(c->vmid, &g);
	cluster_load(&place, 0, &cluster);
	limits_begin(&place, s.policy, &cluster, LIMITS_LOOK, &world);
	if (settings_load(&place, s.policy, &settings, &e) < 0)
		return 0;
	begin(&s, &ask, &j);
	ask.request.event = slice_of(c->event);
	left = refuse;
	r = judge_guest(&s, &cluster, &g, &ask, &j, &e);
	if (r < 0)
		return -1;
	return j.decision.evaluation.verdict == VERDICT_DENY &&
	       j.decision.evaluation.n == 1 && !arena_failed(&j.arena);
}

static int template_refuses(void)
{
	static const struct scarce_case c = { V, "start", 106 };

	return stays_refused(&c);
}

static int limits_refuse(void)
{
	static const struct scarce_case c = {
		V "limits \"l\" { when = ct max_cores = 2 }\n", "set", 101
	};

	return stays_refused(&c);
}

/* Puts guest 108: what tells it from others fits into no piece of memory that is there. */
static void put_large(const struct root *r)
{
	AUTO(buf_done) struct buf text = { 0 };

	buf_puts(&text, "unprivileged: 1\nonboot: 1\nrootfs: lvm:");
	for (size_t i = 0; i < 20000; i++)
		buf_putc(&text, 'v');
	buf_putc(&text, '\n');
	put(r, "etc/pve/nodes/pve1/lxc/108.conf", buf_text(&text), text.len);
}

static int ended_waiver(void)
{
	static const struct scarce_case c = { V "rule \"ended\" { when = onboot }\n",
					      "start", 108 };

	return stays_refused(&c);
}

static struct nomem_row scarce[] = {
	{ "what a template refuses stays refused, and says why", template_refuses },
	{ "what limits refuse does, too", limits_refuse },
	{ "and where the waiver has ended", ended_waiver, .may_die = true },
};

int main(void)
{
	static const char wanted[] =
		"settings \"t\" { match = \"ct and vmid = 106\" kind = ct required = yes "
		"module \"nowhere\" { } }\n";
	static const char ended[] =
		"version=1 guest=108 name=\"\" rule=ended ticket=t-1 reason=why "
		"granted_by=bob granted=\"2026-01-01\" until=\"2026-01-02\" "
		"identity={\"rootfs=lvm:v\"} covers={\"onboot=yes\"}";
	static struct rows r;
	int status;

	root = root_make();
	place = made_node(&root);
	put(&root, "etc/pve/storage.cfg", "lvm: lvm\n\tvgname v\n", 19);
	for (size_t i = 0; i < ARRAY_LEN(guests); i++)
		put(&root, guests[i].path, guests[i].text, strlen(guests[i].text));
	ROWS_ADD(&r, policies, test_bulk);
	ROWS_ADD(&r, classes, test_class);
	ROWS_ADD_ONE(&r, "waivers that are known to be there", test_named);
	ROWS_ADD(&r, assumes, test_assume);
	ROWS_ADD(&r, limits, test_limits);
	ROWS_ADD(&r, reports, test_report);
	ROWS_ADD_ONE(&r, "what could not be judged", test_fail);
	ROWS_ADD(&r, added, test_added);
	ROWS_ADD_ONE(&r, "a rule is judged at its events", test_events);
	put(&root, "etc/pve/pve-safe/settings/t.conf", wanted, strlen(wanted));
	put(&root, "etc/pve/pve-safe/waivers/108.ended.conf", ended, strlen(ended));
	put_large(&root);
	ROWS_ADD(&r, scarce, survives);
	status = rows_run(&r, "judge");
	root_done(&root);
	return status;
}
