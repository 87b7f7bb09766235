/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for override_bind() of lib/run/override: what becomes of the file of an override
 * after the command, by what the command made of the guest. Each row is a node on which guest
 * 101 may be privileged for 15 minutes.
 */
#include "nomem.h"

#include "base/cleanup.h"
#include "run/override.h"

#include "made-node.h"

#define CT   "etc/pve/nodes/pve1/lxc/101.conf"
#define DIR  "etc/pve/pve-safe/waivers"
#define ONCE DIR "/101.p.once"

#define WEB    "hostname: web\nrootfs: local:v\n"
#define OLD    "rootfs=local:v"
#define BROKEN "version=2\n"

/* What the command left behind, and what comes of it. */
static struct bind_row {
	const char *name;
	const char *conf;     /* the guest's file; NULL: it is gone */
	const char *identity; /* of the override; NULL: somebody has taken it away */
	bool no_dir;          /* and its directory */
	const char
		*file;   /* in place of the override's own; or of its directory, a loop */
	bool unreadable; /* the guest's file is a directory */
	bool unwritten;  /* the command was not overridden */
	int want;
	const char *problem; /* a part of the message of -1 */
	const char *has;     /* a part of the file afterwards */
	bool kept;           /* it is the one that it was; or there is still none */
} rows[] = {
	{ "a guest that is what it was keeps its file", WEB, OLD, .has = "\"" OLD "\"",
	  .kept = true },
	{ "a further network device is added to it",
	  WEB "net0: name=eth0,hwaddr=BC:24:11:00:00:01\n", OLD,
	  .has = "identity   = { \"net0=BC:24:11:00:00:01\", \"" OLD "\" }" },
	{ "a new guest's gets what the guest got", WEB, "new",
	  .has = "identity   = { \"" OLD "\" }" },
	{ "and its name", WEB, "new", .has = "name       = \"web\"" },
	{ "the end of it stays", WEB, "new", .has = "granted_by = \"ann\"" },
	{ "what was not judged is not covered", WEB "onboot: 1\n", OLD, .want = -1,
	  .problem = "the override of p: it does not count for what was made: onboot",
	  .has = "\"" OLD "\"", .kept = true },
	{ "a file that is gone stays gone", WEB, .kept = true },
	{ "so does its directory", WEB, .no_dir = true, .kept = true },
	{ "a file that cannot be read is said", WEB, OLD, .file = BROKEN, .want = -1,
	  .problem = "the override of p: ", .has = BROKEN, .kept = true },
	{ "a directory that cannot be opened, too", WEB, .no_dir = true, .file = "@",
	  .want = -1, .problem = "cannot open '/" DIR "': " },
	{ "a guest that cannot be read is said", .unreadable = true, .identity = "new",
	  .want = -1, .problem = "the override for guest 101: '/etc/pve/",
	  .has = "\"new\"", .kept = true },
	{ "a guest that is gone has none to be tied to", NULL, "new", .has = "\"new\"",
	  .kept = true },
	{ "nothing is done for a command that was not overridden", WEB, "new",
	  .unwritten = true, .has = "\"new\"", .kept = true },
};

/* A node after a command, and the override of the command. */
struct scene {
	struct root root;
	struct place place;
	struct store_policy policy;
	struct cluster cluster;
	const struct rule *rules[1];
	struct override override;
};

/* Writes the override for a guest of this identity. */
static void put_override(const struct root *r, const char *identity)
{
	AUTO(buf_done) struct buf text = { 0 };
	char granted[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	uint64_t now = clock_now().unix_ms;

	clock_render(now, granted);
	clock_render(now + WAIVER_ONCE_MS, until);
	buf_printf(&text,
		   "version=1 guest=101 name=\"%s\" rule=p ticket=\"decision 1\" "
		   "reason=fire "
		   "granted_by=ann granted=\"%s\" until=\"%s\" identity={\"%s\"} "
		   "covers={\"onboot=no\",\"privileged=yes\"}\n",
		   strcmp(identity, "new") == 0 ? "" : "web", granted, until, identity);
	put(r, ONCE, buf_text(&text), text.len);
}

/* Makes the node of @row. */
static void set_scene(const struct bind_row *row, struct scene *s)
{
	static const char policy[] = "version = 1\n"
				     "rule \"p\" { when = \"privileged or onboot\" }\n";

	s->root = root_make();
	s->place = made_node(&s->root);
	if (row->conf)
		put(&s->root, CT, row->conf, strlen(row->conf));
	if (row->unreadable)
		put(&s->root, CT "/x", "", 0);
	if (!row->no_dir)
		put(&s->root, DIR "/x", "", 0);
	if (row->identity)
		put_override(&s->root, row->identity);
	if (row->file && row->no_dir) {
		make_parents(&s->root, DIR);
		assert_int_equal(symlinkat("waivers", s->root.fd, DIR), 0);
	} else if (row->file) {
		put(&s->root, ONCE, row->file, strlen(row->file));
	}
	s->policy = made_policy(policy);
	cluster_load(&s->place, 0, &s->cluster);
	s->rules[0] = &s->policy.policy->rules[0];
	s->override = (struct override){
		.rules = s->rules, .n = 1, .nwritten = !row->unwritten, .vmid = 101
	};
}

/* Releases it. For AUTO(). */
static void scene_done(struct scene *s)
{
	cluster_done(&s->cluster);
	store_policy_done(&s->policy);
	root_done(&s->root);
}

/* The number of the override's file; 0: there is none. */
static ino_t number_of(const struct scene *s)
{
	struct stat st;

	return fstatat(s->root.fd, ONCE, &st, 0) == 0 ? st.st_ino : 0;
}

static void test_bind(void **state)
{
	const struct bind_row *row = *state;
	AUTO(scene_done) struct scene s = { 0 };
	struct err e = { 0 };
	ino_t before;

	set_scene(row, &s);
	before = number_of(&s);
	assert_int_equal(override_bind(&s.override, &s.place, &s.policy, &s.cluster, &e),
			 row->want);
	if (row->problem && !strstr(e.msg, row->problem))
		fail_msg("%s", e.msg);
	assert_int_equal(number_of(&s) == before, row->kept || !before);
	if (row->has) {
		size_t len;
		AUTO_FREE char *text = get(&s.root, ONCE, &len);

		if (!strstr(text, row->has))
			fail_msg("%s", text);
	}
}

/* A guest that has got its identity, while memory runs out: the file has it, or it fails. */
static int is_bound(void)
{
	static const struct bind_row row = { .conf = WEB, .identity = "new" };
	struct scene s = { 0 };
	AUTO_FREE char *text = NULL;
	struct err e = { 0 };
	long refuse = left;
	size_t len;
	int r;

	left = -1;
	set_scene(&row, &s);
	left = refuse;
	r = override_bind(&s.override, &s.place, &s.policy, &s.cluster, &e);
	refuse = left;
	left = -1;
	text = get(&s.root, ONCE, &len);
	if (r == 0)
		r = strstr(text, "\"" OLD "\"") != NULL;
	scene_done(&s);
	left = refuse;
	return r;
}

static struct nomem_row scarce[] = {
	{ "what is not said to have failed is bound", is_bound, .may_die = true },
};

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, test_bind);
	ROWS_ADD(&r, scarce, survives);
	return rows_run(&r, "override-bind");
}
