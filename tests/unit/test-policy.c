/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy: what a policy file may say, and what its rules come to. */
#include "rows.h"

#include "base/sha.h"
#include "policy/policy.h"
#include "policy/words.h"
#include "pve/cli.h"

#include "facts-spec.h"

/* A file beside the policy. */
struct beside {
	const char *name, *text;
};

/* Files that every policy of these tests may include. */
static const struct beside besides[] = {
	{ "one.conf", "version = 1\nrule \"one\" { when = \"ct\" }\n" },
	{ "two.conf", "version = 1\ninclude = { \"one.conf\" }\n"
		      "rule \"two\" { when = \"ct\" }\n" },
	{ "self.conf", "version = 1\ninclude = { \"self.conf\" }\n" },
	{ "ping.conf", "version = 1\ninclude = { \"pong.conf\" }\n" },
	{ "pong.conf", "version = 1\ninclude = { \"ping.conf\" }\n" },
	{ "mode.conf", "version = 1\nmode = off\nserial = 3\n" },
	{ "bad.conf", "version = 1\nrule \"bad\" { when = \"cts\" }\n" },
	{ "form.conf", "version = 1\nrule \"lost\" { when = \"ct\"\n" },
	{ "deep.conf", "version = 1\ninclude = { \"deep1.conf\" }\n" },
};

/* Gives a file of besides; "deepN.conf" includes "deepN+1.conf". */
static int load_beside(void *ctx, const char *name, struct policy_texts *texts,
		       struct err *e)
{
	char text[100];
	int n;

	(void)ctx;
	if (strcmp(name, "eio.conf") == 0)
		return err_set(e, ERR_TRUST, "'/p/eio.conf' is not readable");
	if (strncmp(name, "many", 4) == 0)
		return policy_texts_add(texts, slice_of(name), slice_of("version = 1\n"),
					e);
	if (sscanf(name, "deep%d", &n) == 1) {
		(void)snprintf(text, sizeof(text),
			       "version = 1\ninclude = { \"deep%d.conf\" }\n", n + 1);
		return policy_texts_add(texts, slice_of(name), slice_of(text), e);
	}
	for (size_t i = 0; i < ARRAY_LEN(besides); i++)
		if (strcmp(besides[i].name, name) == 0)
			return policy_texts_add(texts, slice_of(name),
						slice_of(besides[i].text), e);
	return 1;
}

static const struct policy_loader loader = { .load = load_beside };

/* Compiles @text, called /p/policy.conf. */
static int compile(const char *text, struct policy **ret, struct problems *problems)
{
	struct policy_texts texts = { 0 };
	struct err e;

	assert_int_equal(
		policy_texts_add(&texts, slice_of("/p/policy.conf"), slice_of(text), &e),
		0);
	return policy_compile(&texts, &loader, ret, problems);
}

/* What is refused, in which words. */
static struct problem_row {
	const char *name, *text, *want;
} problem_rows[] = {
	{ "a file without version", "mode = warn\n",
	  "/p/policy.conf:1:1: 'version' is missing\n" },
	{ "an empty file", "", "/p/policy.conf:1:1: 'version' is missing\n" },
	{ "a newer version", "version = 2\n",
	  "/p/policy.conf:1:1: version 2 is newer than this pve-safe, which reads "
	  "version "
	  "1: upgrade it on this node\n" },
	{ "a rule without when", "version = 1\nrule \"a\" { action = warn }\n",
	  "/p/policy.conf:2:1: rule 'a' has no 'when'\n" },
	{ "a rule without a name, with an error in it",
	  "version = 1\nrule { when = \"cts\" }\n",
	  "/p/policy.conf:2:1: 'rule' needs a title: write rule \"name\" { ... }\n"
	  "/p/policy.conf:2:16: unknown fact 'cts', did you mean 'ct'?\n" },
	{ "an expression's error has its place in the file",
	  "version = 1\nrule \"a\" {\n    when = \"ct and privilegd\"\n}\n",
	  "/p/policy.conf:3:20: unknown fact 'privilegd', did you mean 'privileged'?\n" },
	{ "an unquoted expression's error has its place",
	  "version = 1\nrule \"a\" { when = privilegd }\n",
	  "/p/policy.conf:2:19: unknown fact 'privilegd', did you mean 'privileged'?\n" },
	{ "an empty expression", "version = 1\nrule \"a\" { when = \"\" }\n",
	  "/p/policy.conf:2:20: a fact is expected at the end\n" },
	{ "every expression's error is told",
	  "version = 1\nrule \"a\" { when = \"x\" unless = \"cores\" }\n"
	  "rule \"b\" { when = \"ct and\" }\n",
	  "/p/policy.conf:2:20: unknown fact 'x'\n"
	  "/p/policy.conf:2:33: cores is a number and needs a test, as in 'cores > 0'\n"
	  "/p/policy.conf:3:26: a fact is expected at the end\n" },
	{ "names, values and expressions are told together",
	  "version = 1\nmod = warn\nrule \"a\" { when = \"cts\" action = refuse }\n",
	  "/p/policy.conf:2:1: unknown key 'mod': did you mean 'mode'?\n"
	  "/p/policy.conf:3:20: unknown fact 'cts', did you mean 'ct'?\n"
	  "/p/policy.conf:3:34: 'action' is one of deny, warn, audit, not 'refuse'\n" },
	{ "an unknown event",
	  "version = 1\nrule \"a\" { when = \"ct\" events = { \"start\", \"strat\" } }\n",
	  "/p/policy.conf:2:44: unknown event 'strat', did you mean 'start'?\n" },
	{ "half an event",
	  "version = 1\nrule \"a\" { when = \"ct\" events = { disk } }\n",
	  "/p/policy.conf:2:35: unknown event 'disk'; a name with a blank is quoted: "
	  "'disk "
	  "import'\n" },
	{ "no events", "version = 1\nrule \"a\" { when = \"ct\" events = { } }\n",
	  "/p/policy.conf:2:24: a rule without events is never judged; for every usual "
	  "one "
	  "leave the key out\n" },
	{ "an override that is no login",
	  "version = 1\nrule \"a\" { when = \"ct\" override = { \"@\", \"a b\", \"-x\" } "
	  "}\n",
	  "/p/policy.conf:2:37: '@' is no login, and no group as '@admins'\n"
	  "/p/policy.conf:2:42: 'a b' is no login, and no group as '@admins'\n"
	  "/p/policy.conf:2:49: '-x' is no login, and no group as '@admins'\n" },
	{ "a rule twice in one file",
	  "version = 1\nrule \"a\" { when = \"ct\" }\nrule \"a\" { when = \"vm\" }\n",
	  "/p/policy.conf:3:1: rule 'a' stands there twice, first in line 2\n" },
	{ "a rule that an included file has",
	  "version = 1\ninclude = { \"one.conf\" }\nrule \"one\" { when = \"vm\" }\n",
	  "/p/policy.conf:3:1: rule 'one' is there already (one.conf:2): to change it, "
	  "write adjust \"one\"\n" },
	{ "a rule that a shipped set has",
	  "version = 1\ninclude = { \"baseline@1\" }\nrule \"raw-args\" { when = \"vm\" "
	  "}\n",
	  "/p/policy.conf:3:1: rule 'raw-args' is there already (baseline@1:118): to "
	  "change "
	  "it, write adjust \"raw-args\"\n" },
	{ "an adjustment of an unknown rule with a near one",
	  "version = 1\ninclude = { \"baseline@1\" }\nadjust \"docker-in-c\" { }\n",
	  "/p/policy.conf:3:1: no rule 'docker-in-c' to adjust, did you mean "
	  "'docker-in-ct'?\n" },
	{ "an adjustment without any rule",
	  "version = 1\nadjust \"a\" { action = warn }\n",
	  "/p/policy.conf:2:1: no rule 'a' to adjust\n" },
	{ "an adjustment before its rule",
	  "version = 1\nadjust \"a\" { action = warn }\nrule \"a\" { when = \"ct\" }\n",
	  "/p/policy.conf:2:1: no rule 'a' to adjust; it stands below, in line 3: adjust "
	  "it "
	  "there\n" },
	{ "an adjustment's expression",
	  "version = 1\nrule \"a\" { when = \"ct\" }\nadjust \"a\" { unless = \"poo = "
	  "b\" }\n",
	  "/p/policy.conf:3:24: unknown fact 'poo', did you mean 'pool'?\n" },
	{ "a rule's name in capitals", "version = 1\nrule \"A\" { when = \"ct\" }\n",
	  "/p/policy.conf:2:6: 'A' cannot name a rule: a small letter, then small "
	  "letters, "
	  "digits and '-', 48 in all\n" },

	/* includes */
	{ "an unknown shipped set", "version = 1\ninclude = { \"baselin@1\" }\n",
	  "/p/policy.conf:2:13: no shipped set 'baselin@1', did you mean "
	  "'baseline@1'?\n" },
	{ "another version of a shipped set",
	  "version = 1\ninclude = { \"baseline@9\" }\n",
	  "/p/policy.conf:2:13: no shipped set 'baseline@9', did you mean "
	  "'baseline@1'?\n" },
	{ "a shipped set without version", "version = 1\ninclude = { \"baseline\" }\n",
	  "/p/policy.conf:2:13: a shipped set is named with its version: "
	  "'baseline@1'\n" },
	{ "a file that is not there", "version = 1\ninclude = { \"none.conf\" }\n",
	  "/p/policy.conf:2:13: no file 'none.conf' beside the policy file\n" },
	{ "a file that cannot be read", "version = 1\ninclude = { \"eio.conf\" }\n",
	  "/p/policy.conf:2:13: '/p/eio.conf' is not readable\n" },
	{ "a path", "version = 1\ninclude = { \"../x.conf\", \"/etc/x.conf\", \"\" }\n",
	  "/p/policy.conf:2:13: '../x.conf' is no shipped set as 'baseline@1', and no "
	  "name "
	  "of a file beside this one\n"
	  "/p/policy.conf:2:26: '/etc/x.conf' is no shipped set as 'baseline@1', and no "
	  "name of a file beside this one\n"
	  "/p/policy.conf:2:41: '' is no shipped set as 'baseline@1', and no name of a "
	  "file "
	  "beside this one\n" },
	{ "a name with a hyphen in front", "version = 1\ninclude = { \"-x.conf\" }\n",
	  "/p/policy.conf:2:13: '-x.conf' is no shipped set as 'baseline@1', and no name "
	  "of a file beside this one\n" },
	{ "a name with a plus", "version = 1\ninclude = { \"a+b.conf\" }\n",
	  "/p/policy.conf:2:13: 'a+b.conf' is no shipped set as 'baseline@1', and no "
	  "name "
	  "of a file beside this one\n" },
	{ "a name of over 64 bytes",
	  "version = 1\ninclude = { "
	  "\"0123456789012345678901234567890123456789012345678901234567890.conf\" }\n",
	  "/p/policy.conf:2:13: "
	  "'0123456789012345678901234567890123456789012345678901234567890.conf' is no "
	  "shipped set as 'baseline@1', and no name "
	  "of a file beside this one\n" },
	{ "a name of all that there may be, but of no file",
	  "version = 1\ninclude = { \"A_z-0.conf\" }\n",
	  "/p/policy.conf:2:13: no file 'A_z-0.conf' beside the policy file\n" },
	{ "a hidden file", "version = 1\ninclude = { \".conf\" }\n",
	  "/p/policy.conf:2:13: '.conf' is no shipped set as 'baseline@1', and no name "
	  "of a "
	  "file beside this one\n" },
	{ "the policy itself", "version = 1\ninclude = { \"policy.conf\" }\n",
	  "/p/policy.conf:2:13: 'policy.conf' includes itself\n" },
	{ "a file that includes itself", "version = 1\ninclude = { \"self.conf\" }\n",
	  "self.conf:2:13: 'self.conf' includes itself\n" },
	{ "two files that include each other",
	  "version = 1\ninclude = { \"ping.conf\" }\n",
	  "pong.conf:2:13: 'ping.conf' includes itself\n" },
	{ "files that include each other without end",
	  "version = 1\ninclude = { \"deep.conf\" }\n",
	  "deep6.conf:2:13: files include each other at most 8 deep\n" },
	{ "mode in an included file", "version = 1\ninclude = { \"mode.conf\" }\n",
	  "mode.conf:2:1: 'mode': belongs in the policy file itself, not in one that it "
	  "includes\n"
	  "mode.conf:3:1: 'serial': belongs in the policy file itself, not in one that "
	  "it "
	  "includes\n" },
	{ "problems of all files are told",
	  "version = 1\ninclude = { \"bad.conf\" }\nrule \"a\" { when = \"cts\" }\n",
	  "/p/policy.conf:3:20: unknown fact 'cts', did you mean 'ct'?\n"
	  "bad.conf:2:22: unknown fact 'cts', did you mean 'ct'?\n" },
	{ "a rule of a broken file is not missed as well",
	  "version = 1\ninclude = { \"form.conf\" }\nadjust \"lost\" { action = warn }\n",
	  "form.conf:2:1: section 'rule' opened here is never closed\n" },
};

static void problems_are(void **state)
{
	const struct problem_row *t = *state;
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct policy *p = NULL;

	assert_int_equal(compile(t->text, &p, &problems), -1);
	problems_render(&problems, &text);
	assert_string_equal(buf_text(&text), t->want);
	assert_null(p);
}

#define RULE(name, keys) "rule \"" name "\" { " keys " }\n"

/* What the rules come to: verdict, and each finding as rule:effect. */
static struct verdict_row {
	const char *name, *text, *facts, *verdict, *findings;
} verdict_rows[] = {
	{ "no rules", "", "event=start", "allow", "" },
	{ "a rule that does not fire", RULE("a", "when = \"vm\""), "event=start; ct",
	  "allow", "" },
	{ "a rule that fires denies", RULE("a", "when = \"ct\""), "event=start; ct",
	  "deny", "a:deny" },
	{ "a rule that warns", RULE("a", "when = \"ct\" action = warn"),
	  "event=start; ct", "warn", "a:warn" },
	{ "a rule that audits allows", RULE("a", "when = \"ct\" action = audit"),
	  "event=start; ct", "allow", "a:audit" },
	{ "the strictest finding decides",
	  RULE("a", "when = ct action = audit") RULE("b", "when = ct action = deny")
		  RULE("c", "when = ct action = warn"),
	  "event=start; ct", "deny", "a:audit,b:deny,c:warn" },
	{ "warn over audit",
	  RULE("a", "when = ct action = audit") RULE("b", "when = ct action = warn"),
	  "event=start; ct", "warn", "a:audit,b:warn" },

	/* when and unless, three-valued */
	{ "unless exempts", RULE("a", "when = ct unless = fuse"), "event=start; ct; fuse",
	  "allow", "" },
	{ "unless that is false does not", RULE("a", "when = ct unless = fuse"),
	  "event=start; ct; fuse=no", "deny", "a:deny" },
	{ "unless that is unknown does not", RULE("a", "when = ct unless = fuse"),
	  "event=start; ct; fuse=?", "deny", "a:deny?fuse" },
	{ "when that is unknown fires", RULE("a", "when = privileged"),
	  "event=start; privileged=?", "deny", "a:deny?privileged" },
	{ "when that is unknown, exempted", RULE("a", "when = privileged unless = fuse"),
	  "event=start; privileged=?; fuse", "allow", "" },
	{ "both unknown", RULE("a", "when = privileged unless = fuse"),
	  "event=start; privileged=?; fuse=?", "deny", "a:deny?privileged?fuse" },
	{ "an unknown fact that does not count is not told",
	  RULE("a", "when = \"ct or fuse\""), "event=start; ct; fuse=?", "deny",
	  "a:deny" },
	{ "an unknown fact that another rule uses is nothing to this one",
	  RULE("a", "when = ct"), "event=start; ct; fuse=?", "deny", "a:deny" },
	{ "an unknown fact of when that is false", RULE("a", "when = \"vm and fuse\""),
	  "event=start; ct; fuse=?", "allow", "" },
	{ "only the unknown facts of the part that is unknown are told",
	  RULE("a", "when = \"ct or bind\" unless = fuse"),
	  "event=start; ct; bind=?; fuse=?", "deny", "a:deny?fuse" },

	/* events */
	{ "usual events: create", RULE("a", "when = ct"), "event=create; ct", "deny",
	  "a:deny" },
	{ "usual events: restore", RULE("a", "when = ct"), "event=restore; ct", "deny",
	  "a:deny" },
	{ "usual events: clone", RULE("a", "when = ct"), "event=clone; ct", "deny",
	  "a:deny" },
	{ "usual events: set", RULE("a", "when = ct"), "event=set; ct", "deny",
	  "a:deny" },
	{ "usual events: rollback", RULE("a", "when = ct"), "event=rollback; ct", "deny",
	  "a:deny" },
	{ "usual events: import", RULE("a", "when = ct"), "event=import; ct", "deny",
	  "a:deny" },
	{ "usual events: importovf", RULE("a", "when = ct"), "event=importovf; ct",
	  "deny", "a:deny" },
	{ "usual events: disk import", RULE("a", "when = ct"), "event=disk import; ct",
	  "deny", "a:deny" },
	{ "migrate is no usual event", RULE("a", "when = ct"), "event=migrate; ct",
	  "allow", "" },
	{ "template is no usual event", RULE("a", "when = ct"), "event=template; ct",
	  "allow", "" },
	{ "resize is no usual event", RULE("a", "when = ct"), "event=resize; ct", "allow",
	  "" },
	{ "move-volume is no usual event", RULE("a", "when = ct"),
	  "event=move-volume; ct", "allow", "" },
	{ "stop is no usual event", RULE("a", "when = ct"), "event=stop; ct", "allow",
	  "" },
	{ "an event that is named", RULE("a", "when = ct events = { \"migrate\", stop }"),
	  "event=migrate; ct", "deny", "a:deny" },
	{ "the last event of the list", RULE("a", "when = ct events = { wait }"),
	  "event=wait; ct", "deny", "a:deny" },
	{ "an event that is not named", RULE("a", "when = ct events = { migrate, stop }"),
	  "event=start; ct", "allow", "" },
	{ "an event that is none is judged", RULE("a", "when = ct events = { stop }"),
	  "ct", "deny", "a:deny" },
	{ "an event that is unknown is judged", RULE("a", "when = ct events = { stop }"),
	  "event=?; ct", "deny", "a:deny" },
	{ "an event of no list is judged", RULE("a", "when = ct events = { stop }"),
	  "event=frobnicate; ct", "deny", "a:deny" },

	/* causes of a start */
	{ "a start by a user is refused", RULE("a", "when = ct"),
	  "event=start; ct; cause=user", "deny", "a:deny" },
	{ "a start at boot is refused", RULE("a", "when = ct"),
	  "event=start; ct; cause=boot", "deny", "a:deny" },
	{ "a start by HA is refused", RULE("a", "when = ct"), "event=start; ct; cause=ha",
	  "deny", "a:deny" },
	{ "a start without cause is refused", RULE("a", "when = ct"), "event=start; ct",
	  "deny", "a:deny" },
	{ "a start of unknown cause is refused", RULE("a", "when = ct"),
	  "event=start; ct; cause=?", "deny", "a:deny" },
	{ "a reboot is not refused", RULE("a", "when = ct"),
	  "event=start; ct; cause=reboot", "warn", "a:would-deny" },
	{ "a backup's start is not", RULE("a", "when = ct"),
	  "event=start; ct; cause=backup", "warn", "a:would-deny" },
	{ "a migration's start is not", RULE("a", "when = ct"),
	  "event=start; ct; cause=migration", "warn", "a:would-deny" },
	{ "a rollback's start is not", RULE("a", "when = ct"),
	  "event=start; ct; cause=rollback", "warn", "a:would-deny" },
	{ "a resume is not", RULE("a", "when = ct"), "event=start; ct; cause=resume",
	  "warn", "a:would-deny" },
	{ "refuse = fresh is the same", RULE("a", "when = ct refuse = fresh"),
	  "event=start; ct; cause=resume", "warn", "a:would-deny" },
	{ "refuse = always refuses it", RULE("a", "when = ct refuse = always"),
	  "event=start; ct; cause=resume", "deny", "a:deny" },
	{ "one rule refuses always, one does not",
	  RULE("a", "when = ct") RULE("b", "when = ct refuse = always"),
	  "event=start; ct; cause=backup", "deny", "a:would-deny,b:deny" },
	{ "a warning stays one", RULE("a", "when = ct action = warn"),
	  "event=start; ct; cause=backup", "warn", "a:warn" },
	{ "the cause counts at starts only", RULE("a", "when = ct"),
	  "event=set; ct; cause=backup", "deny", "a:deny" },

	/* mode */
	{ "mode = enforce", "mode = enforce\n" RULE("a", "when = ct"), "event=start; ct",
	  "deny", "a:deny" },
	{ "mode = warn caps deny", "mode = warn\n" RULE("a", "when = ct"),
	  "event=start; ct", "warn", "a:warn" },
	{ "mode = warn leaves audit",
	  "mode = warn\n" RULE("a", "when = ct action = audit"), "event=start; ct",
	  "allow", "a:audit" },
	{ "mode = audit caps deny", "mode = audit\n" RULE("a", "when = ct"),
	  "event=start; ct", "allow", "a:audit" },
	{ "mode = audit caps warn", "mode = audit\n" RULE("a", "when = ct action = warn"),
	  "event=start; ct", "allow", "a:audit" },
	{ "mode = off judges nothing", "mode = off\n" RULE("a", "when = ct"),
	  "event=start; ct", "allow", "" },
	{ "a capped denial of a backup's start is a warning",
	  "mode = warn\n" RULE("a", "when = ct"), "event=start; ct; cause=backup", "warn",
	  "a:warn" },

	/* adjust, include */
	{ "adjust changes the action",
	  RULE("a", "when = ct") "adjust \"a\" { action = warn }\n", "event=start; ct",
	  "warn", "a:warn" },
	{ "adjust leaves what it does not name",
	  RULE("a", "when = ct unless = fuse") "adjust \"a\" { action = warn }\n",
	  "event=start; ct; fuse", "allow", "" },
	{ "adjust replaces unless",
	  RULE("a",
	       "when = ct unless = fuse") "adjust \"a\" { unless = \"pool = lab\" }\n",
	  "event=start; ct; fuse; pool=prod", "deny", "a:deny" },
	{ "adjust adds unless", RULE("a", "when = ct") "adjust \"a\" { unless = fuse }\n",
	  "event=start; ct; fuse", "allow", "" },
	{ "adjust changes the events",
	  RULE("a", "when = ct") "adjust \"a\" { events = { stop } }\n",
	  "event=start; ct", "allow", "" },
	{ "adjust changes refuse",
	  RULE("a", "when = ct") "adjust \"a\" { refuse = always }\n",
	  "event=start; ct; cause=resume", "deny", "a:deny" },
	{ "adjust of a shipped rule",
	  "include = { \"baseline@1\" }\n"
	  "adjust \"docker-in-ct\" { action = warn unless = \"pool = lab\" }\n",
	  "event=start; ct; docker", "warn", "docker-in-ct:warn" },
	{ "adjust of a shipped rule exempts",
	  "include = { \"baseline@1\" }\n"
	  "adjust \"docker-in-ct\" { action = warn unless = \"pool = lab\" }\n",
	  "event=start; ct; docker; pool=lab", "allow", "" },
	{ "adjust of a rule in a file beside",
	  "include = { \"one.conf\" }\nadjust \"one\" { action = audit }\n",
	  "event=start; ct", "allow", "one:audit" },
	{ "what is included comes first, from the inside out",
	  "include = { \"two.conf\" }\n" RULE("a", "when = ct"), "event=start; ct",
	  "deny", "one:deny,two:deny,a:deny" },
	{ "the order of the key does not matter",
	  RULE("a", "when = ct") "include = { \"one.conf\" }\n", "event=start; ct",
	  "deny", "one:deny,a:deny" },
	{ "a file that is included twice counts once",
	  "include = { \"one.conf\", \"two.conf\", \"one.conf\" }\n", "event=start; ct",
	  "deny", "one:deny,two:deny" },
	{ "several sets",
	  "include = { \"baseline@1\", \"one.conf\" }\n" RULE("a", "when = docker"),
	  "event=start; ct; docker", "deny", "docker-in-ct:deny,one:deny,a:deny" },
};

/* Renders the findings as verdict_row has them. */
static void render(const struct evaluation *ev, struct buf *out)
{
	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];

		buf_printf(out, "%s%.*s:%s", i ? "," : "", SLICE_ARG(f->rule->name),
			   effect_name(f->effect));
		for (unsigned id = 0; id < FACT_COUNT; id++)
			if (fact_set_has(&f->unknown, id))
				buf_printf(out, "?%s", fact_rows[id].name);
	}
}

static void verdict_is(void **state)
{
	const struct verdict_row *t = *state;
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct evaluation ev;
	struct facts_spec spec;

	buf_printf(&text, "version = 1\n%s", t->text);
	if (compile(buf_text(&text), &p, &problems) < 0) {
		problems_render(&problems, &text);
		fail_msg("%s", buf_text(&text));
	}
	facts_spec_parse(t->facts, &spec);
	policy_eval(p, &spec.facts, &a, &ev);
	assert_string_equal(verdict_name(ev.verdict), t->verdict);
	buf_reset(&text);
	render(&ev, &text);
	assert_string_equal(buf_text(&text), t->findings);
}

/* What a policy says of itself and its rules. */
static void keys_are_read(void **state)
{
	static const char text[] =
		"version = 1\nserial = 7\nmode = warn\nunknown_option = warn\n"
		"audit_required = yes\n"
		"rule \"a\" {\n when = ct\n unless = 'name = \"x\"'\n action = audit\n"
		" reason = \"why\"\n remedy = \"how\"\n also = { \"more\", \"yet more\" "
		"}\n"
		" docs = \"https://x\"\n events = { start, 'disk import' }\n"
		" refuse = always\n override = { root, \"@admins\", \"alice@pve\", "
		"\"_A.9$\" }\n}\n";
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	char digest[SHA256_HEX_SIZE];
	const struct rule *r;

	(void)state;
	assert_int_equal(compile(text, &p, &problems), -1); /* a " in an expression */
	problems_done(&problems);
	AUTO_FREE char *fixed = strdup(text);
	assert_non_null(fixed);
	*strchr(fixed, 'x') = 'x';
	memcpy(strstr(fixed, "'name = \"x\"'"), "\"name = 'x'\"", 12);
	assert_int_equal(compile(fixed, &p, &problems), 0);
	assert_int_equal(p->version, 1);
	assert_int_equal(p->serial, 7);
	assert_int_equal(p->mode, ACTION_WARN);
	assert_true(p->unknown_option_warn);
	assert_true(p->audit_required);
	assert_int_equal(p->nrules, 1);
	r = &p->rules[0];
	assert_true(slice_eq(r->name, "a"));
	assert_true(slice_eq(expr_text(r->when), "ct"));
	assert_true(slice_eq(expr_text(r->unless), "name = 'x'"));
	assert_int_equal(r->action, ACTION_AUDIT);
	assert_true(slice_eq(r->reason, "why"));
	assert_true(slice_eq(r->remedy, "how"));
	assert_int_equal(r->also.n, 2);
	assert_true(slice_eq(r->also.items[1], "yet more"));
	assert_true(slice_eq(r->docs, "https://x"));
	assert_int_equal(r->events.n, 2);
	assert_true(rule_applies(r, slice_of("disk import")));
	assert_true(rule_applies(r, slice_of("start")));
	assert_false(rule_applies(r, slice_of("set")));
	assert_int_equal(r->refuse, REFUSE_ALWAYS);
	assert_int_equal(r->override.n, 4);
	assert_true(slice_eq(r->override.items[2], "alice@pve"));
	assert_string_equal(r->file, "/p/policy.conf");
	assert_int_equal(r->line, 6);
	assert_true(fact_set_has(&p->facts, FACT_ct));
	assert_true(fact_set_has(&p->facts, FACT_name));
	assert_true(fact_set_has(&p->facts, FACT_event));
	assert_true(fact_set_has(&p->facts, FACT_cause));
	assert_false(fact_set_has(&p->facts, FACT_vm));
	sha256_hex(slice_of(fixed), digest);
	assert_string_equal(p->digest, digest);
}

/* What is not given. */
static void keys_have_defaults(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	const struct rule *r;

	(void)state;
	assert_int_equal(compile("version = 1\nrule a { when = ct }\n", &p, &problems),
			 0);
	assert_int_equal(p->serial, 0);
	assert_int_equal(p->mode, ACTION_DENY);
	assert_false(p->unknown_option_warn);
	assert_false(p->audit_required);
	r = &p->rules[0];
	assert_null(r->unless);
	assert_null(r->reason.ptr);
	assert_null(r->remedy.ptr);
	assert_null(r->docs.ptr);
	assert_int_equal(r->action, ACTION_DENY);
	assert_int_equal(r->refuse, REFUSE_FRESH);
	assert_int_equal(r->override.n, 0);
	assert_int_equal(r->events.n, 9);
}

/* Every file counts for the digest, and the files are kept in order. */
static void digest_covers_all_files(void **state)
{
	static const char *const texts[] = {
		"version = 1\n",
		"version = 1\ninclude = { \"one.conf\" }\n",
		"version = 1\ninclude = { \"two.conf\" }\n",
		"version = 1\ninclude = { \"baseline@1\" }\n",
	};
	char digests[ARRAY_LEN(texts)][SHA256_HEX_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(policy_freep) struct policy *p = NULL;

		assert_int_equal(compile(texts[i], &p, &problems), 0);
		assert_int_equal(p->texts.n, i == 2 ? 3 : i ? 2 : 1);
		assert_string_equal(p->texts.files[0].name, "/p/policy.conf");
		memcpy(digests[i], p->digest, sizeof(digests[i]));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(digests[i], digests[j]);
	}
}

/* The texts of a policy are enough to make it again, without files. */
static void texts_are_enough(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL, *q = NULL;
	struct policy_texts copy = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(
		compile("version = 1\ninclude = { \"two.conf\", \"baseline@1\" }\n", &p,
			&problems),
		0);
	for (size_t i = 0; i < p->texts.n; i++)
		assert_int_equal(policy_texts_add(&copy, slice_of(p->texts.files[i].name),
						  slice_of(p->texts.files[i].text), &e),
				 0);
	assert_int_equal(policy_compile(&copy, NULL, &q, &problems), 0);
	assert_string_equal(p->digest, q->digest);
	assert_int_equal(p->nrules, q->nrules);
}

/* At most POLICY_MAX_RULES rules. */
static void rules_are_limited(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };

	(void)state;
	for (int over = 0; over < 2; over++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(policy_freep) struct policy *p = NULL;

		buf_reset(&text);
		buf_puts(&text, "version = 1\n");
		for (int i = 0; i < POLICY_MAX_RULES + over; i++)
			buf_printf(&text, "rule r%d { when = ct }\n", i);
		assert_int_equal(compile(buf_text(&text), &p, &problems), -over);
		if (!over)
			continue;
		assert_int_equal(problems.n, 1);
		assert_string_equal(problems.rows[0].text,
				    "a policy has at most 1024 rules");
		assert_int_equal(problems.rows[0].line, POLICY_MAX_RULES + 2);
	}
}

/* At most POLICY_MAX_FILES files, the policy file among them. */
static void files_are_limited(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(policy_freep) struct policy *p = NULL;
		AUTO(buf_done) struct buf text = { 0 };

		buf_puts(&text, "version = 1\ninclude = {\n");
		for (int i = 1; i < POLICY_MAX_FILES + over; i++)
			buf_printf(&text, "many%d.conf,\n", i);
		buf_puts(&text, "}\n");
		assert_int_equal(compile(buf_text(&text), &p, &problems), -over);
		if (!over)
			continue;
		assert_int_equal(problems.n, 1);
		assert_string_equal(problems.rows[0].text,
				    "a policy has at most 32 files");
		assert_int_equal(problems.rows[0].line, POLICY_MAX_FILES + 2);
	}
}

/* An exemption changes its finding and the verdict, or leaves a note alone. */
static void exemptions_count(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(arena_done) struct arena a = { 0 };
	struct exemption waived = { true, EFFECT_WAIVED, "CHG-1" };
	struct exemption overridden = { true, EFFECT_OVERRIDDEN, NULL };
	struct exemption invalid = { false, EFFECT_WAIVED, "expired" };
	struct evaluation ev;
	struct facts_spec spec;

	(void)state;
	assert_int_equal(
		compile("version = 1\nrule a { when = ct }\nrule b { when = ct }\n", &p,
			&problems),
		0);
	facts_spec_parse("event=start; ct", &spec);
	policy_eval(p, &spec.facts, &a, &ev);
	assert_int_equal(ev.verdict, VERDICT_DENY);
	policy_exempt(&ev, 0, &invalid);
	assert_int_equal(ev.findings[0].effect, EFFECT_DENY);
	assert_string_equal(ev.findings[0].note, "expired");
	policy_exempt(&ev, 0, &waived);
	assert_int_equal(ev.findings[0].effect, EFFECT_WAIVED);
	assert_int_equal(ev.findings[0].action, ACTION_DENY);
	assert_int_equal(ev.verdict, VERDICT_DENY);
	policy_exempt(&ev, 1, &overridden);
	assert_int_equal(ev.verdict, VERDICT_ALLOW);
}

/* A finding names the facts of its rule, those of unless among them. */
static void finding_names_facts(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(arena_done) struct arena a = { 0 };
	struct evaluation ev;
	struct facts_spec spec;

	(void)state;
	assert_int_equal(
		compile("version = 1\n"
			"rule a { when = \"ct and bind\" unless = \"tag ~ x*\" }\n",
			&p, &problems),
		0);
	facts_spec_parse("event=start; ct; bind=/srv", &spec);
	policy_eval(p, &spec.facts, &a, &ev);
	assert_int_equal(ev.n, 1);
	assert_true(fact_set_has(&ev.findings[0].used, FACT_ct));
	assert_true(fact_set_has(&ev.findings[0].used, FACT_bind));
	assert_true(fact_set_has(&ev.findings[0].used, FACT_tag));
	assert_false(fact_set_has(&ev.findings[0].used, FACT_vm));
	assert_ptr_equal(ev.findings[0].rule, &p->rules[0]);
}

/* A finding is found by its rule's name, and one that is none of the evaluation's is not. */
static void findings_are_found(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(arena_done) struct arena a = { 0 };
	struct evaluation ev;
	struct facts_spec spec;

	(void)state;
	assert_int_equal(compile("version = 1\nrule a { when = ct }\n"
				 "rule b { when = ct }\nrule c { when = ct }\n",
				 &p, &problems),
			 0);
	facts_spec_parse("event=start; ct", &spec);
	policy_eval(p, &spec.facts, &a, &ev);
	assert_int_equal(ev.n, 3);
	assert_ptr_equal(policy_find_finding(&ev, slice_of("a")), &ev.findings[0]);
	assert_ptr_equal(policy_find_finding(&ev, slice_of("b")), &ev.findings[1]);
	assert_null(policy_find_finding(&ev, slice_of("d")));
	ev.n = 2; /* the third is none any more */
	assert_null(policy_find_finding(&ev, slice_of("c")));
}

/* Every shipped set compiles by itself, and there is room for every event. */
static void shipped_sets_compile(void **state)
{
	static const char *const baseline[] = {
		"privileged",   "nesting-privileged", "host-id-0", "host-id-low",
		"docker-in-ct", "docker-socket",      "bind-root", "all-devices",
		"unconfined",   "cap-drop",           "host-hook", "lxc-include",
		"raw-args",     "hook-removed",
	};
	size_t n = 0;

	(void)state;
	while (fact_words_event[n])
		n++;
	assert_true(n <= POLICY_MAX_EVENTS);
	assert_string_equal(shipped_name(0), "baseline@1");
	for (size_t i = 0; shipped_name(i); i++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(policy_freep) struct policy *p = NULL;
		struct slice text = shipped_find(slice_of(shipped_name(i)));

		assert_non_null(text.ptr);
		assert_int_equal(strlen(text.ptr), text.len);
		assert_int_equal(compile(text.ptr, &p, &problems), 0);
		for (size_t j = 0; j < p->nrules; j++) {
			assert_non_null(p->rules[j].reason.ptr);
			assert_non_null(p->rules[j].remedy.ptr);
		}
		if (i)
			continue;
		assert_int_equal(p->nrules, ARRAY_LEN(baseline));
		for (size_t j = 0; j < p->nrules; j++) {
			assert_true(slice_eq(p->rules[j].name, baseline[j]));
			assert_int_equal(p->rules[j].action, ACTION_DENY);
			assert_int_equal(p->rules[j].unless != NULL, j == 0);
		}
	}
	assert_null(shipped_find(slice_of("baseline")).ptr);
}

/* Every alias of pct and qm that is no event itself is known, with the event that it is. */
static void aliases_are_known(void **state)
{
	static const struct cli_tool *const tools[] = { &cli_pct, &cli_qm };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		for (size_t k = 0; k < tools[i]->ncommands; k++) {
			const struct cli_command *c = &tools[i]->commands[k];
			AUTO(buf_done) struct buf got = { 0 }, want = { 0 };

			if (c->kind != CLI_ALIAS ||
			    words_find(slice_of(c->name), fact_words_event, SIZE_MAX) >=
				    0)
				continue;
			words_suggest(slice_of(c->name), fact_words_event, SIZE_MAX,
				      &got);
			buf_printf(&want, ", which is an alias: write '%s'", c->target);
			assert_string_equal(buf_text(&got), buf_text(&want));
			n++;
		}
	assert_int_equal(n, 6);
}

/* The words of effects, actions, modes and verdicts. */
static void words_are(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_DENY), "deny");
	assert_string_equal(verdict_name(VERDICT_WARN), "warn");
	assert_string_equal(verdict_name(VERDICT_ALLOW), "allow");
	assert_string_equal(action_name(ACTION_AUDIT), "audit");
	assert_string_equal(mode_name(ACTION_DENY), "enforce");
	assert_string_equal(mode_name(ACTION_OFF), "off");
	assert_string_equal(effect_name(EFFECT_WAIVED), "waived");
	assert_string_equal(effect_name(EFFECT_OVERRIDDEN), "overridden");
	assert_int_equal(verdict_of_failure(), VERDICT_DENY);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, problem_rows, problems_are);
	ROWS_ADD(&rows, verdict_rows, verdict_is);
	ROWS_ADD_ONE(&rows, "every key is read", keys_are_read);
	ROWS_ADD_ONE(&rows, "every key has a default", keys_have_defaults);
	ROWS_ADD_ONE(&rows, "the digest covers all files", digest_covers_all_files);
	ROWS_ADD_ONE(&rows, "the texts are enough to make a policy", texts_are_enough);
	ROWS_ADD_ONE(&rows, "rules are limited in number", rules_are_limited);
	ROWS_ADD_ONE(&rows, "files are limited in number", files_are_limited);
	ROWS_ADD_ONE(&rows, "exemptions count", exemptions_count);
	ROWS_ADD_ONE(&rows, "a finding names the facts of its rule", finding_names_facts);
	ROWS_ADD_ONE(&rows, "a finding is found by its rule", findings_are_found);
	ROWS_ADD_ONE(&rows, "shipped sets compile", shipped_sets_compile);
	ROWS_ADD_ONE(&rows, "verdicts and effects have words", words_are);
	ROWS_ADD_ONE(&rows, "aliases of commands are no events, but known",
		     aliases_are_known);
	return rows_run(&rows, "policy");
}
