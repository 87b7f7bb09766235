/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/policy/store*.c and good.c: faults, and what holds in spite of them.
 * Each row builds a root of its own below /tmp, step by step, and loads from it. Run by root.
 */
#include "rows.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/good.h"
#include "policy/store.h"

#include "facts-spec.h"
#include "root.h"

#define CLUSTER "etc/pve/pve-safe/policy.conf"
#define OWN     "etc/pve-safe/policy.conf"
#define COPY    "var/lib/pve-safe/good/policy"

/* Texts that the steps of a row name; the first rule of a policy says which it is. */
#define OLD_TEXT  "version = 1\nrule old { when = ct }\nrule old-too { when = ct }\n"
#define NEW_TEXT  "version = 1\nrule new { when = ct }\n"
#define WITH_TEXT "version = 1\ninclude = { part.conf }\nrule with { when = ct }\n"
#define PART_TEXT "version = 1\nrule part { when = ct }\nrule part-too { when = ct }\n"

static const struct {
	const char *name, *text;
} texts[] = {
	{ "old", OLD_TEXT },
	{ "new", NEW_TEXT },
	{ "own", "version = 1\nrule own { when = ct }\n" },
	{ "with", WITH_TEXT },
	{ "part", PART_TEXT },
	{ "old-cut", "version = 1\nrule old { when = ct }\n" },
	{ "old-without", "version = 1\nrule old-too { when = ct }\n" },
	{ "old-blank", OLD_TEXT "\n \n" },
	{ "part-cut", "version = 1\n" },
	{ "sealed-old", STORE_FIRST_LINE "\n" OLD_TEXT STORE_LAST_LINE "\n" },
	{ "sealed-new", STORE_FIRST_LINE "\n" NEW_TEXT STORE_LAST_LINE "\n" },
	{ "unsealed", STORE_FIRST_LINE "\n" OLD_TEXT },
	{ "six", "version = 1\nserial = 6\nrule six { when = ct }\n" },
	{ "seven", "version = 1\nserial = 7\nrule seven { when = ct }\n" },
	{ "seven-edited", "version = 1\nserial = 7\nrule edited { when = ct }\n" },
	{ "eight", "version = 1\nserial = 8\nrule eight { when = ct }\n" },
	{ "one-error", "version = 1\nrule a { when = cts }\n" },
	{ "two-errors", "version = 1\nrule a { when = cts }\nrule b { }\n" },
	{ "bad-form", "version = 1\n{\n" },
	{ "empty", "" },
	{ "no-copy", "pve-safe last good policy 1\n" },
	{ "quorate", "{\"nodename\":\"pve1\",\"cluster\":{\"quorate\":1}}" },
	{ "not-quorate", "{\"nodename\":\"pve1\",\"cluster\":{\"quorate\":0}}" },
};

/* Files that the steps of a row name. */
static const struct {
	const char *name, *path;
} paths[] = {
	{ "nodes", "etc/pve/nodes" },
	{ "dir", "etc/pve/pve-safe" },
	{ "cluster", CLUSTER },
	{ "part", "etc/pve/pve-safe/part.conf" },
	{ "own", OWN },
	{ "members", "etc/pve/.members" },
	{ "copy", COPY },
	{ "real", "real" },
};

/* Loads as a hook does, and forgets it. */
static void keep(const struct root *r)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	struct err e;

	assert_int_equal(store_load(r->fd, STORE_KEEP, &s, &e), 0);
	assert_null(s.warning);
}

/* Changes one byte in the middle of @path. */
static void flip(const struct root *r, const char *path)
{
	size_t len;
	AUTO_FREE char *text = get(r, path, &len);

	text[len / 2] ^= 1;
	put(r, path, text, len);
}

/* The path called @name. */
static const char *path_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (strcmp(paths[i].name, name) == 0)
			return paths[i].path;
	fail_msg("no path '%s'", name);
	return NULL;
}

/* Writes the text called @name to @path. */
static void put_text(const struct root *r, const char *path, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(texts[i].name, name) == 0) {
			put(r, path, texts[i].text, strlen(texts[i].text));
			return;
		}
	fail_msg("no text '%s'", name);
}

/* Makes the directory @path. */
static int make_directory(const struct root *r, const char *path)
{
	make_parents(r, path);
	return mkdirat(r->fd, path, 0755);
}

/* Makes @path a symbolic link to @to. */
static int make_link(const struct root *r, const char *path, const char *to)
{
	make_parents(r, path);
	(void)unlinkat(r->fd, path, 0);
	return symlinkat(to, r->fd, path);
}

/*
 * Takes the step @verb @name: mount; keep (a load, as a hook's); drop, directory, give (to
 * another user), open (to other writers), link (to the file real), break (so that reading
 * fails with EIO), flip (a byte); else writes the text @name to the file @verb.
 */
static void take(const struct root *r, const char *verb, const char *name)
{
	int bad = 0;

	if (strcmp(verb, "mount") == 0)
		bad = make_directory(r, path_of("nodes"));
	else if (strcmp(verb, "keep") == 0)
		keep(r);
	else if (strcmp(verb, "drop") == 0)
		bad = unlinkat(r->fd, path_of(name), 0) &&
		      unlinkat(r->fd, path_of(name), AT_REMOVEDIR);
	else if (strcmp(verb, "directory") == 0)
		bad = make_directory(r, path_of(name));
	else if (strcmp(verb, "give") == 0)
		bad = fchownat(r->fd, path_of(name), 1000, 1000, 0);
	else if (strcmp(verb, "open") == 0)
		bad = fchmodat(r->fd, path_of(name), 0646, 0);
	else if (strcmp(verb, "link") == 0)
		bad = make_link(r, path_of(name), "../../real");
	else if (strcmp(verb, "break") == 0)
		bad = make_link(r, path_of(name), "/proc/self/mem");
	else if (strcmp(verb, "flip") == 0)
		flip(r, path_of(name));
	else
		put_text(r, path_of(verb), name);
	if (bad)
		fail_msg("cannot %s %s", verb, name);
}

/* Takes the steps of @text, "mount; cluster old; keep". */
static void take_all(const struct root *r, const char *text)
{
	char verb[32], name[32];

	for (const char *p = text; p; p = strchr(p, ';')) {
		p += strspn(p, "; ");
		name[0] = '\0';
		if (sscanf(p, "%31[^; ] %31[^;]", verb, name) > 0)
			take(r, verb, name);
	}
}

#define FILE_       "/etc/pve/pve-safe/policy.conf"
#define PART_       "/etc/pve/pve-safe/part.conf"
#define COPY_       "/var/lib/pve-safe/good/policy"
#define NOT_MOUNTED "/etc/pve is not mounted (/etc/pve/nodes is no directory)"
#define BACK        ": put it back; pve-safe policy remove takes a policy out of force"
#define MEANT       "if it is meant, pve-safe policy install makes it new"

/* What the policy in force is. */
static struct row {
	const char *name, *steps;
	enum store_mode mode;
	const char *want;    /* source and first rule; "+" where starts are reported */
	const char *problem; /* NULL: none */
} table[] = {
	/* which file */
	{ "no policy was ever known: the baseline reports starts", "mount", STORE_KEEP,
	  "builtin privileged+" },
	{ "not even /etc/pve: the same", "", STORE_KEEP, "builtin privileged+" },
	{ "the cluster's policy", "mount; cluster old", STORE_KEEP, "file old" },
	{ "the node's own policy where the cluster has none", "mount; own own",
	  STORE_KEEP, "file own" },
	{ "the cluster's policy before the node's", "mount; cluster old; own own",
	  STORE_KEEP, "file old" },
	{ "a new policy takes the place of the old one",
	  "mount; cluster old; keep; cluster new", STORE_KEEP, "file new" },
	{ "the cluster's policy takes the place of the node's",
	  "mount; own own; keep; cluster new", STORE_KEEP, "file new" },
	{ "an included file", "mount; cluster with; part part", STORE_KEEP, "file part" },
	{ "a symbolic link to a file of root's is followed", "mount; real own; link own",
	  STORE_KEEP, "file own" },

	/* broken, and nothing to fall back on */
	{ "an invalid policy: the baseline is enforced", "mount; cluster one-error",
	  STORE_KEEP, "builtin privileged",
	  FILE_ ":2:17: unknown fact 'cts', did you mean 'ct'?" },
	{ "several errors are counted", "mount; cluster two-errors", STORE_KEEP,
	  "builtin privileged",
	  FILE_ ":2:17: unknown fact 'cts', did you mean 'ct'? (and 1 more)" },
	{ "an invalid policy of the cluster is not passed over for the node's",
	  "mount; cluster one-error; own own", STORE_KEEP, "builtin privileged",
	  FILE_ ":2:17: unknown fact 'cts', did you mean 'ct'?" },
	{ "an empty policy", "mount; cluster empty", STORE_KEEP, "builtin privileged",
	  FILE_ ":1:1: 'version' is missing" },
	{ "a directory in place of the policy", "mount; directory cluster", STORE_KEEP,
	  "builtin privileged", "'" FILE_ "' is a directory, not a file" },
	{ "a policy of somebody else's", "mount; cluster old; give cluster", STORE_KEEP,
	  "builtin privileged",
	  "'" FILE_ "' belongs to uid 1000, not to root: chown root" },
	{ "a policy that others may write", "mount; cluster old; open cluster",
	  STORE_KEEP, "builtin privileged",
	  "'" FILE_ "' is writable by others (mode 0646): chmod go-w" },
	{ "an included file that others may write",
	  "mount; cluster with; part part; open part", STORE_KEEP, "builtin privileged",
	  FILE_ ":2:13: '" PART_ "' is writable by others (mode 0646): chmod go-w" },
	{ "not mounted, but the node has a policy of its own", "own own", STORE_KEEP,
	  "builtin privileged", NOT_MOUNTED },
	{ "nodes is no directory: not mounted", "nodes empty; cluster old; own own",
	  STORE_KEEP, "builtin privileged", NOT_MOUNTED },

	/* the last good copy */
	{ "an invalid policy: the last good one",
	  "mount; cluster old; keep; cluster bad-form", STORE_KEEP, "last-good old",
	  FILE_ ":2:1: a name is expected here, not '{'" },
	{ "a policy that is gone: the last good one",
	  "mount; cluster old; keep; drop cluster", STORE_KEEP, "last-good old",
	  FILE_ " is gone" BACK },
	{ "its directory is gone, too",
	  "mount; cluster old; keep; drop cluster; drop dir", STORE_KEEP, "last-good old",
	  FILE_ " is gone" BACK },
	{ "a policy that is gone is not replaced by the node's own",
	  "mount; cluster old; own own; keep; drop cluster", STORE_KEEP, "last-good old",
	  FILE_ " is gone" BACK },
	{ "the node's own policy is gone", "mount; own own; keep; drop own", STORE_KEEP,
	  "last-good own", "/etc/pve-safe/policy.conf is gone" BACK },
	{ "an included file is gone", "mount; cluster with; part part; keep; drop part",
	  STORE_KEEP, "last-good part",
	  FILE_ ":2:13: no file 'part.conf' beside the policy file" },
	{ "/etc/pve is not mounted any more", "mount; cluster old; keep; drop nodes",
	  STORE_KEEP, "last-good old", NOT_MOUNTED },
	{ "not mounted: the node's own policy is not gone on to",
	  "mount; cluster old; keep; own own; drop nodes", STORE_KEEP, "last-good old",
	  NOT_MOUNTED },
	{ "a policy changes its owner", "mount; cluster old; keep; give cluster",
	  STORE_KEEP, "last-good old",
	  "'" FILE_ "' belongs to uid 1000, not to root: chown root" },
	{ "a policy that cannot be read", "mount; cluster old; keep; break cluster",
	  STORE_KEEP, "last-good old", "cannot read '" FILE_ "': Input/output error" },
	{ "a copy that cannot be read",
	  "mount; cluster old; keep; drop cluster; drop copy; directory copy", STORE_KEEP,
	  "builtin privileged",
	  "no policy file is there, though one was known here; nor can its last good "
	  "copy "
	  "be used: '" COPY_ "' is a directory, not a file" },
	{ "check uses the last good one as hooks do",
	  "mount; cluster old; keep; drop cluster", STORE_LOOK, "last-good old",
	  FILE_ " is gone" BACK },
	{ "without quorum no copy is kept",
	  "mount; members not-quorate; cluster old; keep; drop cluster", STORE_KEEP,
	  "builtin privileged+" },
	{ "without quorum the old copy stays",
	  "mount; cluster old; keep; members not-quorate; cluster new; keep; drop "
	  "cluster",
	  STORE_KEEP, "last-good old", FILE_ " is gone" BACK },
	{ "with quorum the copy is kept",
	  "mount; members quorate; cluster old; keep; drop cluster", STORE_KEEP,
	  "last-good old", FILE_ " is gone" BACK },
	{ "where nobody can tell of a quorum no copy is kept",
	  "mount; members bad-form; cluster old; keep; drop cluster", STORE_KEEP,
	  "builtin privileged+" },
	{ "of the copies the last counts",
	  "mount; cluster old; keep; cluster new; keep; cluster empty", STORE_KEEP,
	  "last-good new", FILE_ ":1:1: 'version' is missing" },

	/* a damaged copy */
	{ "a damaged copy of a policy that is fine is nothing",
	  "mount; cluster old; keep; flip copy", STORE_KEEP, "file old" },
	{ "it is written again",
	  "mount; cluster old; keep; flip copy; keep; drop cluster", STORE_KEEP,
	  "last-good old", FILE_ " is gone" BACK },
	{ "a damaged copy of a policy that is gone: the baseline is enforced",
	  "mount; cluster old; keep; copy no-copy; drop cluster", STORE_KEEP,
	  "builtin privileged",
	  "no policy file is there, though one was known here; nor can its last good "
	  "copy "
	  "be used: " COPY_ ": the copy is damaged (its header)" },
	{ "a copy of somebody else's is not used",
	  "mount; cluster old; keep; give copy; cluster empty", STORE_KEEP,
	  "builtin privileged",
	  FILE_ ":1:1: 'version' is missing; nor can its last good copy be used: '" COPY_
		"' belongs to uid 1000, not to root: chown root" },
	{ "a link in place of the copy is not followed",
	  "mount; cluster old; keep; link copy; cluster empty", STORE_KEEP,
	  "builtin privileged",
	  FILE_ ":1:1: 'version' is missing; nor can its last good copy be used: '" COPY_
		"' is a symbolic link: put the file itself there" },

	/* serial */
	{ "a newer serial", "mount; cluster seven; keep; cluster eight", STORE_KEEP,
	  "file eight" },
	{ "an older serial", "mount; cluster seven; keep; cluster six", STORE_KEEP,
	  "last-good seven",
	  FILE_ ": its serial 6 is older than 7, which was in force here; " MEANT },
	{ "the same serial, edited by hand",
	  "mount; cluster seven; keep; cluster seven-edited", STORE_KEEP, "file edited" },
	{ "no serial: written by hand", "mount; cluster seven; keep; cluster new",
	  STORE_KEEP, "file new" },
	{ "the serials of the cluster's and the node's are their own",
	  "mount; own seven; keep; cluster six", STORE_KEEP, "file six" },
	{ "check heeds the serial", "mount; cluster seven; keep; cluster six", STORE_LOOK,
	  "last-good seven",
	  FILE_ ": its serial 6 is older than 7, which was in force here; " MEANT },

	/* cut short */
	{ "the beginning of the last policy", "mount; cluster old; keep; cluster old-cut",
	  STORE_KEEP, "last-good old",
	  FILE_ " looks cut short: it is the first 35 bytes of the 62 that were in force "
		"here; " MEANT },
	{ "the beginning of an included file",
	  "mount; cluster with; part part; keep; part part-cut", STORE_KEEP,
	  "last-good part",
	  PART_ " looks cut short: it is the first 12 bytes of the 64 that were in force "
		"here; " MEANT },
	{ "a rule that is taken out of the middle is meant",
	  "mount; cluster old; keep; cluster old-without", STORE_KEEP, "file old-too" },
	{ "blank lines at the end do not count",
	  "mount; cluster old-blank; keep; cluster old", STORE_KEEP, "file old" },
	{ "a longer policy", "mount; cluster old-cut; keep; cluster old", STORE_KEEP,
	  "file old" },
	{ "a policy with its last line", "mount; cluster sealed-old", STORE_KEEP,
	  "file old" },
	{ "edited between first and last line",
	  "mount; cluster sealed-old; keep; cluster sealed-new", STORE_KEEP, "file new" },
	{ "a policy without its last line", "mount; cluster unsealed", STORE_KEEP,
	  "builtin privileged",
	  "'" FILE_ "' is cut short: its last line is not '# end of the policy'" },

	/* off a node */
	{ "off a node: the policy of the root", "cluster old", STORE_OFFLINE,
	  "file old" },
	{ "off a node: files of others are not read", "cluster old; give cluster",
	  STORE_OFFLINE, "builtin privileged",
	  "'" FILE_ "' belongs to uid 1000, not to root or you: chown root" },
	{ "off a node: no policy, and the baseline holds for starts", "mount",
	  STORE_OFFLINE, "builtin privileged" },
	{ "off a node: the last good copy is not looked at",
	  "mount; cluster old; keep; drop cluster", STORE_OFFLINE, "builtin privileged" },
	{ "off a node: nothing is kept", "mount; cluster old", STORE_OFFLINE,
	  "file old" },
	{ "check keeps nothing", "mount; cluster old", STORE_LOOK, "file old" },
};

/* Loads and compares with what is wanted. */
static void check_load(const struct root *r, const struct row *t)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	char got[64];
	struct err e;

	assert_int_equal(store_load(r->fd, t->mode, &s, &e), 0);
	assert_string_equal(s.problem ? s.problem : "-", t->problem ? t->problem : "-");
	assert_true(s.policy->nrules > 0);
	(void)snprintf(got, sizeof(got), "%s %.*s%s", s.source,
		       SLICE_ARG(s.policy->rules[0].name), s.report_starts ? "+" : "");
	assert_string_equal(got, t->want);
	assert_null(s.warning);
	if (strncmp(got, "builtin", 7) == 0)
		assert_string_equal(s.name, "baseline@1");
	else
		assert_string_equal(s.name, strstr(got, " own")
						    ? "/etc/pve-safe/policy.conf"
						    : FILE_);
}

static void policy_is(void **state)
{
	const struct row *t = *state;
	AUTO(root_done) struct root r = root_make();
	bool was, is;

	take_all(&r, t->steps);
	was = faccessat(r.fd, COPY, F_OK, 0) == 0;
	check_load(&r, t);
	is = faccessat(r.fd, COPY, F_OK, 0) == 0;
	if (t->mode != STORE_KEEP)
		assert_int_equal(is, was);
	check_load(&r, t); /* and again: what was kept changes nothing */
}

/* Number of rules of the policy in force; *@ret_source is where it comes from. */
static size_t count_rules(const struct root *r, enum store_mode mode,
			  const char **ret_source)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	struct err e;

	assert_int_equal(store_load(r->fd, mode, &s, &e), 0);
	*ret_source = s.source;
	if (strcmp(s.source, "file") != 0)
		assert_non_null(s.problem);
	return s.policy->nrules;
}

/* However a policy with its last line is cut, it is refused, or as good as whole. */
static void sealed_is_whole_or_refused(void **state)
{
	static const char text[] = STORE_FIRST_LINE
		"\n" OLD_TEXT "include = { baseline@1 }\n" STORE_LAST_LINE "\n";
	AUTO(root_done) struct root r = root_make();
	size_t whole, used = 0;
	const char *source;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, text, strlen(text));
	whole = count_rules(&r, STORE_LOOK, &source);
	for (size_t n = 0; n < strlen(text); n++) {
		size_t nrules;

		put(&r, CLUSTER, text, n);
		nrules = count_rules(&r, STORE_LOOK, &source);
		if (strcmp(source, "file") != 0)
			continue;
		assert_int_equal(nrules, whole);
		used++;
	}
	assert_int_equal(used, 1); /* the one that only lacks the last line end */
}

/* However a known policy is cut, the whole of it stays in force. */
static void known_stays_in_force(void **state)
{
	static const char text[] = "version = 1\nmode = enforce\n"
				   "rule \"a\" { when = ct }\n"
				   "rule \"b\" { when = ct }\n"
				   "rule \"c\" { when = ct }\n";
	AUTO(root_done) struct root r = root_make();
	const char *source;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, text, strlen(text));
	keep(&r);
	for (size_t n = 0; n < strlen(text); n++) {
		put(&r, CLUSTER, text, n);
		assert_int_equal(
			count_rules(&r, n % 16 ? STORE_LOOK : STORE_KEEP, &source), 3);
		if (n < strlen(text) - 1)
			assert_string_equal(source, "last-good");
	}
}

/* A copy with any byte changed, or cut anywhere, is not used. */
static void damaged_copy_is_not_used(void **state)
{
	AUTO(root_done) struct root r = root_make();
	const char *source;
	size_t len;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, OLD_TEXT, strlen(OLD_TEXT));
	keep(&r);
	AUTO_FREE char *copy = get(&r, COPY, &len);
	put(&r, CLUSTER, "", 0);
	(void)count_rules(&r, STORE_LOOK, &source);
	assert_string_equal(source, "last-good");
	for (size_t i = 0; i < len; i++) {
		copy[i] ^= 1;
		put(&r, COPY, copy, len);
		copy[i] ^= 1;
		(void)count_rules(&r, STORE_LOOK, &source);
		assert_string_equal(source, "builtin");
		put(&r, COPY, copy, i);
		(void)count_rules(&r, STORE_LOOK, &source);
		assert_string_equal(source, "builtin");
	}
}

/* A copy is written when the policy changes, and then only. */
static void copy_is_written_once(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct stat before, after;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, OLD_TEXT, strlen(OLD_TEXT));
	keep(&r);
	assert_int_equal(fstatat(r.fd, COPY, &before, 0), 0);
	assert_int_equal(before.st_mode & 07777, 0600);
	keep(&r);
	assert_int_equal(fstatat(r.fd, COPY, &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	put(&r, CLUSTER, NEW_TEXT, strlen(NEW_TEXT));
	keep(&r);
	assert_int_equal(fstatat(r.fd, COPY, &after, 0), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(fstatat(r.fd, "var/lib/pve-safe/good", &after, 0), 0);
	assert_int_equal(after.st_mode & 07777, 0700);
}

/* Where no copy can be kept the policy holds all the same, with a warning. */
static void no_copy_is_a_warning(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(store_policy_done) struct store_policy s = { 0 };
	struct err e;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, OLD_TEXT, strlen(OLD_TEXT));
	put(&r, "var/lib/pve-safe", "", 0);
	assert_int_equal(store_load(r.fd, STORE_KEEP, &s, &e), 0);
	assert_string_equal(s.source, "file");
	assert_null(s.problem);
	assert_non_null(s.warning);
	assert_non_null(
		strstr(s.warning, "no last good copy of the policy can be kept: "));
}

/* The digest is the same whether it is computed or taken from the copy. */
static void digest_is_the_same(void **state)
{
	AUTO(root_done) struct root r = root_make();
	char digests[4][SHA256_HEX_SIZE];

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, WITH_TEXT, strlen(WITH_TEXT));
	put(&r, "etc/pve/pve-safe/part.conf", PART_TEXT, strlen(PART_TEXT));
	for (int i = 0; i < 4; i++) {
		AUTO(store_policy_done) struct store_policy s = { 0 };
		struct err e;

		if (i == 3) /* the last good copy */
			put(&r, CLUSTER, "", 0);
		assert_int_equal(store_load(r.fd, i ? STORE_KEEP : STORE_OFFLINE, &s, &e),
				 0);
		memcpy(digests[i], s.policy->digest, SHA256_HEX_SIZE);
		assert_string_equal(digests[i], digests[0]);
		assert_int_equal(strlen(digests[i]), SHA256_HEX_SIZE - 1);
	}
}

/* Writes two policies in turn until it is killed: by rename, or in place. */
static void write_in_turn(const struct root *r, bool in_place)
{
	for (unsigned i = 0;; i++) {
		const char *text = i % 2 ? OLD_TEXT : NEW_TEXT;

		put(r, in_place ? CLUSTER : "etc/pve/pve-safe/new", text, strlen(text));
		if (!in_place)
			(void)renameat(r->fd, "etc/pve/pve-safe/new", r->fd, CLUSTER);
		(void)usleep(500);
	}
}

/* A policy that is replaced while it is read is the old one or the new one. */
static void replaced_is_old_or_new(void **state)
{
	(void)state;
	for (int in_place = 0; in_place < 2; in_place++) {
		AUTO(root_done) struct root r = root_make();
		pid_t pid;

		take(&r, "mount", "");
		put(&r, CLUSTER, OLD_TEXT, strlen(OLD_TEXT));
		keep(&r);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_in_turn(&r, in_place);
		for (int i = 0; i < 200; i++) {
			const char *source;
			size_t n = count_rules(&r, i % 20 ? STORE_LOOK : STORE_KEEP,
					       &source);

			assert_true(n == 1 || n == 2);
			if (!in_place && i % 20)
				assert_string_equal(source, "file");
		}
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
}

/* A file that is named: read with what is beside it, or refused with every problem. */
static void named_file_is_read(void **state)
{
	AUTO(root_done) struct root r = root_make();
	static const char bad[] =
		"version = 1\nrule a { when = x }\nrule b { when = y }\n";
	char path[128], want[256];
	struct err e;

	(void)state;
	put(&r, "p/my.conf", WITH_TEXT, strlen(WITH_TEXT));
	put(&r, "p/part.conf", PART_TEXT, strlen(PART_TEXT));
	put(&r, "p/bad.conf", bad, strlen(bad));
	(void)snprintf(path, sizeof(path), "%s/p/my.conf", r.path);
	for (int i = 0; i < 2; i++) {
		AUTO(store_policy_done) struct store_policy s = { 0 };
		AUTO(problems_done) struct problems problems = { 0 };

		if (i == 1)
			assert_int_equal(chdir(r.path) || chdir("p"), 0);
		assert_int_equal(store_load_file(i ? "my.conf" : path, &s, &problems, &e),
				 0);
		assert_string_equal(s.source, "file");
		assert_string_equal(s.name, i ? "my.conf" : path);
		assert_int_equal(s.policy->nrules, 3);
		(void)snprintf(want, sizeof(want), "%s/p/part.conf", r.path);
		assert_string_equal(s.policy->rules[0].file, i ? "part.conf" : want);
	}
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(problems_done) struct problems problems = { 0 };
	assert_int_equal(store_load_file("bad.conf", &s, &problems, &e), -1);
	assert_int_equal(problems.n, 2);
	assert_string_equal(e.msg, "bad.conf:2:17: unknown fact 'x' (and 1 more)");
	problems_done(&problems);
	assert_int_equal(store_load_file("none.conf", &s, &problems, &e), -1);
	assert_int_equal(problems.n, 0);
	assert_string_equal(e.msg, "no policy file 'none.conf'");
	assert_int_equal(store_load_file(".", &s, &problems, &e), -1);
	assert_string_equal(e.msg, "'.' is a directory, not a file");
	assert_int_equal(store_load_file("/none.conf", &s, &problems, &e), -1);
	assert_string_equal(e.msg, "no policy file '/none.conf'");
	assert_int_equal(chdir("/"), 0);
}

/* A copy that another version wrote and this one cannot read: the baseline. */
static void copy_of_another_version(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(buf_done) struct buf copy = { 0 };
	struct policy_text file = { .name = strdup(FILE_),
				    .text = strdup(
					    "version = 1\nrule x { when = newer }\n") };
	struct policy p = { .digest = "0", .texts = { &file, 1 } };
	struct err e;

	(void)state;
	memset(p.digest, '0', SHA256_HEX_SIZE - 1);
	file.len = strlen(file.text);
	good_render(&p, 0, &copy);
	free(file.name);
	free(file.text);
	take(&r, "mount", "");
	put(&r, COPY, copy.ptr, copy.len);
	assert_int_equal(store_load(r.fd, STORE_KEEP, &s, &e), 0);
	assert_string_equal(s.source, "builtin");
	assert_false(s.report_starts);
	assert_string_equal(s.problem, FILE_
			    " is gone" BACK "; nor can its last good copy be used: " FILE_
			    ":2:17: unknown fact 'newer'");
}

/* A copy says what it was made of. */
static void copy_is_read_back(void **state)
{
	AUTO(root_done) struct root r = root_make();
	static const char text[] =
		"version = 1\nserial = 7\ninclude = { \"baseline@1\" }\n";
	struct good g = { 0 };
	struct err e = { 0 };
	size_t len;

	(void)state;
	take(&r, "mount", "");
	put(&r, CLUSTER, text, strlen(text));
	keep(&r);
	AUTO_FREE char *copy = get(&r, COPY, &len);
	assert_int_equal(good_parse((struct slice){ copy, len }, &g, &e), 0);
	assert_int_equal(good_prove(&g, &e), 0);
	assert_int_equal(g.serial, 7);
	assert_int_equal(g.nfiles, 2);
	assert_true(slice_eq(g.source, "/etc/pve/pve-safe/policy.conf"));
	assert_true(slice_eq(g.files[1].name, "baseline@1"));
	assert_true(slice_same(g.files[1].text, shipped_find(slice_of("baseline@1"))));
	assert_int_equal(g.time.len, 24);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, policy_is);
	ROWS_ADD_ONE(&rows, "a policy with its last line is whole or refused",
		     sealed_is_whole_or_refused);
	ROWS_ADD_ONE(&rows, "a known policy that is cut stays in force",
		     known_stays_in_force);
	ROWS_ADD_ONE(&rows, "a damaged copy is not used, whatever byte it is",
		     damaged_copy_is_not_used);
	ROWS_ADD_ONE(&rows, "a copy is written when the policy changes",
		     copy_is_written_once);
	ROWS_ADD_ONE(&rows, "where no copy can be kept the policy holds",
		     no_copy_is_a_warning);
	ROWS_ADD_ONE(&rows, "the digest is the same wherever it comes from",
		     digest_is_the_same);
	ROWS_ADD_ONE(&rows,
		     "a policy replaced while it is read is the old or the new one",
		     replaced_is_old_or_new);
	ROWS_ADD_ONE(&rows, "a file that is named is read", named_file_is_read);
	ROWS_ADD_ONE(&rows, "a copy of another version is not used",
		     copy_of_another_version);
	ROWS_ADD_ONE(&rows, "a copy says what it was made of", copy_is_read_back);
	return rows_run(&rows, "store");
}
