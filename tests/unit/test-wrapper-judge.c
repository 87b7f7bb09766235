/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/run/wrapper-judge: a command of pct, typed on a made-up node, judged by
 * who asks and by what would result, recorded and said. Nothing is run.
 */
#include "nomem.h"

#include <sys/mman.h>

#include "base/cleanup.h"
#include "run/wrapper-internal.h"

#include "made-node.h"

#define V      "version = 1\n"
#define RECORD "var/log/pve-safe/audit.jsonl"
#define ONCE   "etc/pve/pve-safe/waivers/101.p.once"

enum { WORDS_MAX = 12 };

/* A command, who types it, and what comes of it. */
static struct command_row {
	const char *name, *command, *policy;
	const char *login, *group, *file; /* NULL: none */
	unsigned uid;
	bool no_account;                /* the login has none */
	const char *reason;             /* of --override */
	const char *broken;             /* a file where a directory should be; or NULL */
	bool start;                     /* its start is judged, too */
	const char *problem, *no_start; /* what loading the result came to */
	bool by_asker;                  /* it is refused by who asks alone */
	const char *want;               /* verdicts and findings of the last decision */
	const char *said; /* a part of what is said; "": nothing; NULL: not looked at */
	size_t records;
	bool once; /* an override is there afterwards */
} rows[] = {
	{ "what nothing refuses", "set 101 --memory 512",
	  V "rule \"p\" { when = privileged }\n", "ann", .uid = 1000, .want = "allow",
	  .said = "", .records = 1 },
	{ "what a rule refuses", "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged }\n", "ann", .uid = 1000,
	  .want = "deny p:deny",
	  .said = "pve-safe: set of CT 101 (web) denied\np: privileged\n", .records = 1 },
	{ "what a rule warns of", "set 101 --memory 512",
	  V "rule \"p\" { when = ct action = warn }\n", "ann", .uid = 1000,
	  .want = "warn p:warn", .said = "allowed, with a warning", .records = 1 },

	/* who asks */
	{ "a login", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve\" } rule \"c\" { when = ct }\n", "eve",
	  .uid = 1000, .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "a group of the login", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login_group = ops\" }\n", "eve", "ops", .uid = 1000,
	  .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "a file that the login may not read", "set 101 --memory 512",
	  V "rule \"l\" { when = caller_file }\n", "eve", .file = "/etc/shadow",
	  .uid = 1000, .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "a login, and what it types", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve and event = set\" }\n", "eve", .uid = 1000,
	  .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "a login without an account", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve\" }\n", "eve", .no_account = true,
	  .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "root's command is judged by all of it", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = root\" } rule \"c\" { when = ct }\n", "root",
	  .want = "deny l:deny c:deny", .records = 1 },
	{ "a rule that looks at the guest, too", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve and ct\" } rule \"c\" { when = ct }\n",
	  "eve", .uid = 1000, .want = "deny l:deny c:deny", .records = 1 },
	{ "one that looks at what is changed", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve and changes = memory\" }\n", "eve",
	  .uid = 1000, .want = "deny l:deny", .records = 1 },
	{ "one that looks at no login", "set 101 --memory 512",
	  V "rule \"l\" { when = \"event = set\" } rule \"c\" { when = ct }\n", "eve",
	  .uid = 1000, .want = "deny l:deny c:deny", .records = 1 },
	{ "one that only warns refuses nothing", "set 101 --memory 512",
	  V "rule \"l\" { when = \"login = eve\" action = warn } rule \"c\" { when = ct "
	    "}\n",
	  "eve", .uid = 1000, .want = "deny l:warn c:deny", .records = 1 },
	{ "limits are not counted for who may not ask", "set 101 --cores 4",
	  V "rule \"l\" { when = \"login = eve\" } limits \"s\" { when = ct max_cores = "
	    "1 }\n",
	  "eve", .uid = 1000, .by_asker = true, .want = "deny l:deny", .records = 1 },
	{ "limits are, of what would result", "set 101 --cores 4",
	  V "limits \"s\" { when = ct max_cores = 1 }\n", "ann", .uid = 1000,
	  .want = "deny limits-s:deny", .records = 1 },

	/* what is asked */
	{ "a start has a cause", "start 101",
	  V "rule \"s\" { when = \"cause = user and event = start\" }\n", "ann",
	  .uid = 1000, .want = "deny s:deny", .records = 1 },
	{ "a change has none", "set 101 --memory 512", V "rule \"s\" { when = cause }\n",
	  "ann", .uid = 1000, .want = "allow", .records = 1 },
	{ "the start that a command implies", "set 101 --memory 512",
	  V "rule \"s\" { when = \"cause = boot and event = start\" }\n", "ann",
	  .uid = 1000, .start = true, .want = "deny s:deny", .records = 2 },
	{ "no start is judged of what is refused", "set 101 --memory 512",
	  V "rule \"s\" { when = \"event = set\" }\n", "ann", .uid = 1000, .start = true,
	  .want = "deny s:deny", .records = 1 },
	{ "what is changed, given and to which pool",
	  "create 105 local:vztmpl/x.tar.zst "
	  "--pool lab --memory 512",
	  V "rule \"p\" { when = \"pool = lab\" action = warn }\n"
	    "rule \"g\" { when = \"given = memory\" action = warn }\n"
	    "rule \"c\" { when = \"changes = memory\" action = warn }\n",
	  "ann", .uid = 1000, .want = "warn p:warn g:warn c:warn", .records = 1 },
	{ "the pool of a guest that is there is its own", "migrate 101 pve2 --restart 1",
	  V "rule \"p\" { when = \"pool = lab\" events = { migrate } }\n", "ann",
	  .uid = 1000, .want = "allow", .records = 1 },
	{ "help is about no guest", "help", V "rule \"a\" { when = \"not vm\" }\n", "ann",
	  .uid = 1000, .want = "allow", .said = "", .records = 1 },
	{ "a result that cannot be loaded", "set 101 --memory 512", V, "ann", .uid = 1000,
	  .problem = "a reason", .want = "deny (a reason; do it)",
	  .said = "it could not be judged\na reason\n  do: do it\n", .records = 1 },
	{ "a start that cannot be judged", "set 101 --memory 512", V, "ann", .uid = 1000,
	  .start = true, .no_start = "a reason",
	  .want = "deny (a reason; leave --start out; start it when it is there)",
	  .records = 2 },
	{ "does not matter where none is asked for", "set 101 --memory 512", V, "ann",
	  .uid = 1000, .no_start = "a reason", .want = "allow", .records = 1 },

	/* overrides */
	{ "an override", "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged override = { ann } }\n", "ann", .uid = 1000,
	  .reason = "fire", .want = "allow p:overridden",
	  .said = "p (overridden: would deny; by ann until ", .records = 1,
	  .once = true },
	{ "one that nothing needs", "set 101 --memory 512",
	  V "rule \"p\" { when = privileged override = { ann } }\n", "ann", .uid = 1000,
	  .reason = "fire", .want = "allow", .said = "", .records = 1 },
	{ "one by somebody else", "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged override = { bob } }\n", "ann", .uid = 1000,
	  .reason = "fire", .want = "deny p:deny",
	  .said = "not overridden: ann is not among those who may (bob)", .records = 1 },
	{ "one by somebody else, behind a warning", "set 101 --unprivileged 0",
	  V "rule \"w\" { when = ct action = warn }\n"
	    "rule \"p\" { when = privileged override = { bob } }\n",
	  "ann", .uid = 1000, .reason = "fire", .want = "deny w:warn p:deny",
	  .said = "not overridden: ann is not among those who may (bob)", .records = 1 },
	{ "one behind a warning", "set 101 --unprivileged 0",
	  V "rule \"w\" { when = ct action = warn }\n"
	    "rule \"p\" { when = privileged override = { ann } }\n",
	  "ann", .uid = 1000, .reason = "fire", .want = "warn w:warn p:overridden",
	  .records = 1, .once = true },
	{ "one of two rules", "set 101 --unprivileged 0",
	  V "rule \"q\" { when = ct override = { ann } }\n"
	    "rule \"p\" { when = privileged override = { ann } }\n",
	  "ann", .uid = 1000, .reason = "fire", .want = "allow q:overridden p:overridden",
	  .records = 1, .once = true },
	{ "one that cannot be recorded", "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged override = { ann } }\n", "ann", .uid = 1000,
	  .reason = "fire", .broken = "var/log/pve-safe", .want = "deny p:deny",
	  .said = "not overridden: it could not be recorded" },
	{ "one that cannot be written is recorded as refused", "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged override = { ann } }\n", "ann", .uid = 1000,
	  .reason = "fire", .broken = "etc/pve/pve-safe/waivers", .want = "deny p:deny",
	  .said = "not overridden: ", .records = 2 },
	{ "one of a command whose start is refused is taken back",
	  "set 101 --unprivileged 0",
	  V "rule \"p\" { when = privileged override = { ann } }\n"
	    "rule \"s\" { when = \"event = start\" }\n",
	  "ann", .uid = 1000, .reason = "fire", .start = true,
	  .want = "deny p:overridden s:deny", .records = 2 },

	/* the record */
	{ "no record is no reason to refuse", "set 101 --memory 512", V, "ann",
	  .uid = 1000, .broken = "var/log/pve-safe", .want = "allow",
	  .said = "WARN: pve-safe: " },
};

/* A node, and the command on it. */
struct scene {
	struct root root;
	struct wrapper w;
	struct slice group, file;
	char words[512];
};

/* Releases @s. For AUTO(). */
static void scene_done(struct scene *s)
{
	struct wrapper *w = &s->w;

	judge_done(&w->j);
	result_done(&w->result);
	limits_done(&w->limits);
	settings_done(&w->settings);
	cluster_done(&w->cluster);
	store_policy_done(&w->policy);
	arena_done(&w->arena);
	root_done(&s->root);
}

/* Makes the node of @row. */
static void make_node(const struct command_row *row, struct scene *s)
{
	static const char storage[] = "dir: local\n\tpath /x\n\tcontent vztmpl,rootdir\n";
	static const char conf[] = "hostname: web\nunprivileged: 1\nrootfs: local:v\n";

	s->root = root_make();
	s->w.place = made_node(&s->root);
	put(&s->root, "etc/pve/nodes/pve1/lxc/101.conf", conf, sizeof(conf) - 1);
	put(&s->root, "etc/pve/storage.cfg", storage, sizeof(storage) - 1);
	put(&s->root, "var/log/x", "", 0);
	put(&s->root, "run/x", "", 0);
	if (row->broken)
		put(&s->root, row->broken, "", 0);
}

/* Reads the command of @row. */
static void read_command(const struct command_row *row, struct scene *s)
{
	const char *words[WORDS_MAX];
	struct err e = { 0 };
	int n = 0;

	(void)snprintf(s->words, sizeof(s->words), "%s", row->command);
	for (char *rest = s->words, *word; (word = strsep(&rest, " "));)
		words[n++] = word;
	s->w.tool = TOOL_PCT;
	if (argv_read(TOOL_PCT, n, words, 0, &s->w.arena, &s->w.cmd, &e) < 0)
		fail_msg("%s", e.msg);
}

/* Sets who asks. */
static void set_caller(const struct command_row *row, struct scene *s)
{
	struct caller *c = &s->w.caller;

	s->group = slice_of(row->group ? row->group : "");
	s->file = slice_of(row->file ? row->file : "");
	c->login = slice_of(row->login);
	c->has_account = !row->no_account;
	c->uid = row->uid;
	c->groups = (struct request_list){ &s->group, row->group != NULL };
	c->files = (struct request_list){ &s->file, row->file != NULL };
}

/* Does all that comes before a command is judged. */
static void set_scene(const struct command_row *row, struct scene *s)
{
	struct wrapper *w = &s->w;
	struct err e = { 0 };

	make_node(row, s);
	read_command(row, s);
	set_caller(row, s);
	assert_int_equal(argv_as_typed(&w->cmd, "/usr/sbin/pct", &w->arena, &w->run, &e),
			 0);
	w->policy = made_policy(row->policy);
	limits_begin(&w->place, w->policy.policy, &w->cluster, LIMITS_COMMAND,
		     &w->limits);
	cluster_load(&w->place,
		     fact_set_sources(&w->policy.policy->facts) |
			     fact_set_sources(&w->limits.wanted) | 1U << SOURCE_STORAGE,
		     &w->cluster);
	assert_int_equal(override_begin(row->reason, argv_event(&w->cmd), &w->caller,
					w->policy.policy, &w->arena, &w->override, &e),
			 0);
}

/* Judges the command as the wrapper does. */
static void judge(const struct command_row *row, struct wrapper *w)
{
	const struct result_world world = { &w->place, &w->cluster };
	const struct wrapper_events ev = { argv_event(&w->cmd), "start", "boot" };
	struct err e = { 0 };

	assert_int_equal(wrapper_judge_asker(w, &ev, &e), 0);
	assert_int_equal(w->by_asker, row->by_asker);
	if (!w->by_asker && !wrapper_is_about_no_guest(&w->cmd))
		result_load(&world, &w->cmd, &w->arena, &w->result);
	if (row->problem) {
		w->result.problem = row->problem;
		w->result.todo = "do it";
	}
	w->result.no_start = row->no_start;
	assert_int_equal(wrapper_decide(w, &ev, false, &e), 0);
	if (row->start && !wrapper_is_denied(w))
		assert_int_equal(wrapper_decide(w, &ev, true, &e), 0);
}

/* Appends the verdict and findings of @d, or why there are none. */
static void render(const struct decision *d, struct buf *out)
{
	const struct evaluation *ev = &d->evaluation;

	buf_puts(out, verdict_name(decision_verdict(d)));
	for (size_t i = 0; i < d->nfailures; i++)
		buf_printf(out, " (%s; %s)", d->failures[i].what, d->failures[i].todo);
	for (size_t i = 0; !d->nfailures && i < ev->n; i++)
		buf_printf(out, " %.*s:%s", SLICE_ARG(ev->findings[i].rule->name),
			   effect_name(ev->findings[i].effect));
}

/* Number of records of @r. */
static size_t count_records(const struct root *r)
{
	AUTO_FREE char *text = NULL;
	size_t len, n = 0;

	if (faccessat(r->fd, RECORD, F_OK, 0) != 0)
		return 0;
	text = get(r, RECORD, &len);
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* Sends stderr to a file of ours; the one that it was. */
static int catch_stderr(int to)
{
	int was = dup(STDERR_FILENO);

	(void)fflush(stderr);
	assert_true(was >= 0 && dup2(to, STDERR_FILENO) >= 0);
	return was;
}

static void test_command(void **state)
{
	const struct command_row *row = *state;
	AUTO_CLOSE int said = memfd_create("said", MFD_CLOEXEC);
	AUTO(buf_done) struct buf got = { 0 };
	AUTO(scene_done) struct scene s = { 0 };
	char text[4096] = "";
	int was;

	set_scene(row, &s);
	was = catch_stderr(said);
	judge(row, &s.w);
	(void)fflush(stderr);
	(void)dup2(was, STDERR_FILENO);
	(void)close(was);
	assert_true(pread(said, text, sizeof(text) - 1, 0) >= 0);
	render(&s.w.j.decision, &got);
	assert_string_equal(buf_text(&got), row->want);
	if (row->said && (!strstr(text, row->said) || (!*row->said && *text)))
		fail_msg("%s", text);
	assert_string_equal(s.w.j.decision.command[0], "/usr/sbin/pct");
	assert_int_equal(count_records(&s.root), row->records);
	assert_int_equal(faccessat(s.root.fd, ONCE, F_OK, 0) == 0, row->once);
	if (row->once) {
		AUTO_FREE char *once = NULL;
		size_t len;

		once = get(&s.root, ONCE, &len);
		assert_non_null(strstr(once, s.w.j.decision.id));
	}
}

/* A note is one line, and none without a text. */
static void test_note(void **state)
{
	AUTO_CLOSE int said = memfd_create("said", MFD_CLOEXEC);
	char text[64] = "";
	int was = catch_stderr(said);

	(void)state;
	wrapper_note("note", NULL);
	wrapper_note("note", "x");
	(void)fflush(stderr);
	(void)dup2(was, STDERR_FILENO);
	(void)close(was);
	assert_true(pread(said, text, sizeof(text) - 1, 0) >= 0);
	assert_string_equal(text, "pve-safe: note: x\n");
}

/* A record that must be there and cannot: refused, but where syslog carries it. */
static void test_required(void **state)
{
	static const struct command_row row = {
		.command = "set 101 --memory 512",
		.policy = V "audit_required = yes\n",
		.login = "ann",
		.uid = 1000,
		.broken = "var/log/pve-safe",
	};
	AUTO(scene_done) struct scene s = { 0 };
	AUTO_CLOSE int said = memfd_create("said", MFD_CLOEXEC);
	bool syslog = access("/dev/log", F_OK) == 0;
	int was;

	(void)state;
	set_scene(&row, &s);
	was = catch_stderr(said);
	judge(&row, &s.w);
	(void)fflush(stderr);
	(void)dup2(was, STDERR_FILENO);
	(void)close(was);
	assert_int_equal(wrapper_is_denied(&s.w), !syslog);
	assert_int_equal(s.w.j.decision.nfailures, !syslog);
}

/* What is said of an allowed command where it must be said at all. */
static void test_say(void **state)
{
	struct decision d = { .event = slice_of("set"),
			      .vmid = 101,
			      .evaluation.verdict = VERDICT_ALLOW };

	(void)state;
	for (int always = 0; always < 2; always++) {
		AUTO_FREE char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);

		assert_non_null(to);
		wrapper_say(&d, always, to);
		(void)fclose(to);
		assert_string_equal(text,
				    always ? "pve-safe: set of CT 101 allowed\n" : "");
	}
}

/*
 * Judges a command that limits alone refuse, or the login, while memory runs out: it is
 * refused, with a reason, or the judgement fails.
 */
static int judge_scarce(const struct command_row *row, bool asker)
{
	const struct wrapper_events ev = { .own = "set" };
	struct scene s = { 0 };
	const struct result_world world = { &s.w.place, &s.w.cluster };
	const struct decision *d = &s.w.j.decision;
	long refuse = left;
	struct err e = { 0 };
	int r;

	left = -1;
	set_scene(row, &s);
	if (!asker)
		result_load(&world, &s.w.cmd, &s.w.arena, &s.w.result);
	(void)dup2(s.root.fd, STDERR_FILENO); /* of the child: nothing is said */
	left = refuse;
	if (asker)
		r = wrapper_judge_asker(&s.w, &ev, &e);
	else
		r = wrapper_decide(&s.w, &ev, false, &e);
	if (r == 0)
		r = wrapper_is_denied(&s.w) && s.w.by_asker == asker &&
		    (d->evaluation.n || d->nfailures);
	refuse = left;
	left = -1;
	scene_done(&s);
	left = refuse;
	return r;
}

static int limits_refuse(void)
{
	static const struct command_row row = {
		.command = "set 101 --cores 4",
		.policy = V "limits \"s\" { when = ct max_cores = 1 }\n",
		.login = "ann",
		.uid = 1000,
	};

	return judge_scarce(&row, false);
}

static int login_refuses(void)
{
	static const struct command_row row = {
		.command = "set 101 --memory 512",
		.policy = V "rule \"l\" { when = \"login = eve\" }\n",
		.login = "eve",
		.uid = 1000,
	};

	return judge_scarce(&row, true);
}

static struct nomem_row scarce[] = {
	{ "limits refuse, or nothing is judged", limits_refuse },
	{ "the login is refused, or nothing is judged", login_refuses },
};

int main(void)
{
	static struct rows r;

	rows[ARRAY_LEN(rows) - 1].said =
		access("/dev/log", F_OK) == 0
			? "WARN: pve-safe: the record went to syslog only: "
			: "WARN: pve-safe: this decision could not be recorded: ";
	ROWS_ADD(&r, scarce, survives);
	ROWS_ADD_ONE(&r, "a note is one line", test_note);
	ROWS_ADD_ONE(&r, "a record that must be there", test_required);
	ROWS_ADD(&r, rows, test_command);
	ROWS_ADD_ONE(&r, "an allowed command is said where somebody asks", test_say);
	return rows_run(&r, "wrapper-judge");
}
