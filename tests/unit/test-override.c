/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/override: who may override what, and what is said of it. */
#include "rows.h"

#include "run/override.h"

enum { RULES = 3 };

/* A guest that was judged, three rules of which some refuse it, and who asks. */
struct scene {
	struct judgement j;
	struct guestconf conf;
	struct arena arena;
	struct rule rules[RULES];
	struct finding findings[RULES];
	struct slice lists[RULES][4], groups[4];
	struct policy policy;
	struct caller caller;
	struct override override;
};

/* Splits @text at blanks into @ret; how many. */
static size_t split(const char *text, struct slice ret[4])
{
	struct slice rest = slice_of(text);
	size_t n = 0;

	while (rest.len)
		(void)slice_cut(rest, ' ', &ret[n++], &rest);
	return n;
}

/* One test: who is in the lists of rules one and two (three has none), which refuse. */
static struct mark_row {
	const char *name;
	const char *login, *groups;
	const char *one, *two;
	const char *refuse; /* of "123" */
	const char *event, *conf;
	const char *want; /* effect and note of each rule that refuses */
} rows[] = {
	{ "who is named may", "alice", "", "alice", "", "1",
	  .want = "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
	{ "who is in a group that is named may", "bob", "adm ops", "alice @ops", "", "1",
	  .want = "overridden by bob until 1970-01-01T00:15:00.000Z, fire" },
	{ "who is not named may not", "eve", "users", "alice @ops", "", "1",
	  .want = "deny not overridden: eve is not among those who may (alice, @ops)" },
	{ "a login that is called as the group is not in it", "ops", "", "@ops", "", "1",
	  .want = "deny not overridden: ops is not among those who may (@ops)" },
	{ "a group that is called as the login is none", "eve", "alice", "alice", "", "1",
	  .want = "deny not overridden: eve is not among those who may (alice)" },
	{ "a login that begins like one may not", "ali", "op", "alice @ops", "", "1",
	  .want = "deny not overridden: ali is not among those who may (alice, @ops)" },
	{ "nobody may what names nobody", "root", "root", "", "", "3",
	  .want = "deny not overridden: the rule lets nobody override it" },
	{ "no login may nothing", "", "ops", "alice @ops", "", "1",
	  .want = "deny not overridden: this process belongs to no login" },
	{ "a group called nothing is none", "", "", "@", "", "1",
	  .want = "deny not overridden: this process belongs to no login" },
	{ "two rules of which one may be overridden", "alice", "", "alice", "bob", "12",
	  .want = "deny not overridden: alice may override this rule, but not two; "
		  "deny not overridden: alice is not among those who may (bob)" },
	{ "two rules of which both may", "alice", "", "alice", "alice", "12",
	  .want = "overridden by alice until 1970-01-01T00:15:00.000Z, fire; "
		  "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
	{ "a rule that does not refuse is not asked", "alice", "", "alice", "bob", "1",
	  .want = "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
	{ "a guest without identity", "alice", "", "alice", "", "1", .conf = "cores: 1\n",
	  .want = "deny not overridden: nothing tells it from another guest with its "
		  "VMID (it has no root volume and no network device), so no waiver can "
		  "be granted" },
	{ "a guest that is being created needs none yet", "alice", "", "alice", "", "1",
	  "create", "cores: 1\n",
	  "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
	{ "nor one that is being cloned", "alice", "", "alice", "", "1", "clone",
	  "cores: 1\n", "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
	{ "nor one that is being restored", "alice", "", "alice", "", "1", "restore",
	  "cores: 1\n", "overridden by alice until 1970-01-01T00:15:00.000Z, fire" },
};

/* Sets the scene of @row. */
static void set_scene(const struct mark_row *row, struct scene *s)
{
	static const char *const names[RULES] = { "one", "two", "three" };
	const char *const lists[RULES] = { row->one, row->two, "" };
	const char *event = row->event ? row->event : "start";
	const char *conf = row->conf ? row->conf : "rootfs: local:vm-101-disk-0\n";
	struct evaluation *ev = &s->j.decision.evaluation;
	struct err e = { 0 };

	*s = (struct scene){ .policy.nrules = RULES };
	assert_int_equal(
		guestconf_parse(GUEST_CT, slice_of(conf), &s->arena, &s->conf, &e), 0);
	s->j.input = (struct facts_input){ .kind = GUEST_CT,
					   .conf = &s->conf,
					   .section = guestconf_current(&s->conf) };
	s->j.decision.vmid = 101;
	ev->findings = s->findings;
	for (size_t i = 0; i < RULES; i++) {
		struct rule *r = &s->rules[i];

		r->name = slice_of(names[i]);
		r->override = (struct policy_words){ s->lists[i],
						     split(lists[i], s->lists[i]) };
		assert_int_equal(expr_compile(slice_of("ct"), &s->arena, &r->when, &e),
				 0);
		s->findings[ev->n].rule = r;
		ev->n += strchr(row->refuse, (int)('1' + i)) != NULL;
	}
	s->caller = (struct caller){
		.login = slice_of(row->login),
		.groups = { s->groups, split(row->groups, s->groups) },
	};
	/* Behind the groups stand some that are not the login's. */
	for (size_t i = s->caller.groups.n; i < ARRAY_LEN(s->groups); i++)
		s->groups[i] = slice_of("ops");
	assert_int_equal(override_begin("fire", event, &s->caller, &s->policy, &s->arena,
					&s->override, &e),
			 0);
}

/* Releases it. */
static void scene_done(struct scene *s)
{
	judge_done(&s->j);
	arena_done(&s->arena);
}

/* Checks one row. */
static void check_mark(void **state)
{
	const struct mark_row *row = *state;
	struct buf got = { 0 };
	struct scene s;
	bool denied;

	set_scene(row, &s);
	override_mark(&s.override, &s.j);
	for (size_t i = 0; i < s.j.decision.evaluation.n; i++)
		buf_printf(&got, "%s%s %s", i ? "; " : "",
			   effect_name(s.findings[i].effect), s.findings[i].note);
	assert_string_equal(buf_text(&got), row->want);
	denied = s.j.decision.evaluation.verdict == VERDICT_DENY;
	assert_int_equal(override_is_open(&s.override), !denied);
	buf_done(&got);
	scene_done(&s);
}

/* Without --override, or where nothing could be judged, nothing is marked. */
static void check_untouched(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&rows[0], &s);
	s.override.reason = NULL;
	override_mark(&s.override, &s.j);
	assert_int_equal(s.findings[0].effect, EFFECT_DENY);
	assert_null(s.findings[0].note);
	scene_done(&s);
	set_scene(&rows[0], &s);
	judge_fail(&s.j, NULL, "the file is broken");
	override_mark(&s.override, &s.j);
	assert_int_equal(s.findings[0].effect, EFFECT_DENY);
	assert_false(override_is_open(&s.override));
	scene_done(&s);
}

/* What is taken back refuses again, with the reason. */
static void check_refuse(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&rows[0], &s);
	override_mark(&s.override, &s.j);
	assert_int_equal(s.j.decision.evaluation.verdict, VERDICT_ALLOW);
	override_refuse(&s.override, &s.j, "it could not be recorded");
	assert_int_equal(s.j.decision.evaluation.verdict, VERDICT_DENY);
	assert_string_equal(s.findings[0].note,
			    "not overridden: it could not be recorded");
	scene_done(&s);
}

/* A command that names no guest cannot be overridden. */
static void check_no_guest(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&rows[0], &s);
	s.j.decision.vmid = 0;
	override_mark(&s.override, &s.j);
	assert_string_equal(s.findings[0].note,
			    "not overridden: the command names no guest");
	scene_done(&s);
}

/* A reason that cannot be written. */
static void check_reason(void **state)
{
	const struct policy policy = { 0 };
	const struct caller caller = { 0 };
	struct arena a = { 0 };
	struct override o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(override_begin("a\nb", "start", &caller, &policy, &a, &o, &e),
			 -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg, "--override: the reason may hold printable text in "
				   "UTF-8 only, on one line");
	arena_done(&a);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, check_mark);
	ROWS_ADD_ONE(&r, "nothing is marked without a reason, or without a judgement",
		     check_untouched);
	ROWS_ADD_ONE(&r, "what is taken back refuses again", check_refuse);
	ROWS_ADD_ONE(&r, "without a guest there is no override", check_no_guest);
	ROWS_ADD_ONE(&r, "a reason that cannot be written", check_reason);
	return rows_run(&r, "overrides");
}
