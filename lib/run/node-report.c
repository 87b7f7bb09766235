/* SPDX-License-Identifier: MIT */
#include "run/node-report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "policy/schema.h"
#include "run/lxcconf.h"
#include "run/waiver-file.h"
#include "settings/store.h"

enum { MAX_VERSION = 999999999 };

static const struct conf_key keys[] = {
	{ "version", CONF_NUMBER, .required = true, .min = 1, .max = MAX_VERSION,
	  .doc = "newest version of a policy that the node reads" },
	{ "keys", CONF_LIST, .required = true,
	  .doc = "keys of a policy that it knows, as mode or rule.when" },
	{ "enabled", CONF_BOOL,
	  .doc = "whether its hooks refuse what the policy denies" },
	{ "lxc_hook", CONF_BOOL,
	  .doc = "whether LXC asks them at the start of every container" },
	{ "source", CONF_TEXT, .max = 32, .doc = "where its policy comes from" },
	{ "policy", CONF_TEXT, .max = 64, .doc = "SHA-256 of its policy" },
};

static const struct conf_section schema = { .keys = keys,
					    .nkeys = ARRAY_LEN(keys),
					    .open = true };

/* What the yes or no @key of @node says. */
static enum node_says says(const struct conf_node *node, const char *key)
{
	if (!conf_find(node, key))
		return NODE_SAYS_NOTHING;
	return conf_number(node, key, 0) ? NODE_SAYS_YES : NODE_SAYS_NO;
}

int node_report_load(const struct place *p, const char *node, struct node_report *ret,
		     struct err *e)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(file_text_done) struct file_text text = { 0 };
	char path[PLACE_PATH_MAX], shown[PLACE_PATH_MAX + 1];
	struct file_rules rules = p->files;
	const struct conf_node *root;
	struct conf *conf;
	int r;

	*ret = (struct node_report){ 0 };
	if (!place_is_node_name(node))
		return 1;
	(void)snprintf(path, sizeof(path), NODE_REPORT_DIR "/%s", node);
	(void)snprintf(shown, sizeof(shown), "/%s", path);
	rules.shown = shown;
	r = file_read(p->root, path, &rules, &text, e);
	if (r != 0)
		return r;
	if (conf_parse(&schema, shown, file_slice(&text), &conf, &problems) < 0)
		return problems_as_err(&problems, e);
	root = conf_root(conf);
	*ret = (struct node_report){ .conf = conf,
				     .version = conf_number(root, "version", 0),
				     .enabled = says(root, "enabled"),
				     .lxc_hook = says(root, "lxc_hook"),
				     .source = conf_text(root, "source"),
				     .policy = conf_text(root, "policy") };
	return 0;
}

/* Whether @node, of the cluster, said nothing yet; not where that cannot be read. */
static bool is_silent(const struct place *p, const char *node)
{
	AUTO(node_report_done) struct node_report r = { 0 };
	struct err ignored = { 0 }; /* doctor says it */

	return place_is_node_name(node) && strcmp(node, p->node) != 0 &&
	       place_has_node(p, node) && node_report_load(p, node, &r, &ignored) == 1;
}

void node_report_warn(const struct place *p)
{
	AUTO(dir_close) DIR *dir = dir_open(p->root, "etc/pve/nodes");
	struct dirent *d;

	while (dir && (d = dir_next(dir)))
		if (is_silent(p, d->d_name))
			(void)fprintf(stderr,
				      "pve-safe: %s has told nothing of itself: a guest "
				      "with our hookscript cannot start there; install "
				      "pve-safe on it, then: pve-safe setup\n",
				      d->d_name);
}

bool node_report_knows(const struct node_report *r, const char *name)
{
	const struct conf_entry *entry = conf_find(conf_root(r->conf), "keys");

	for (size_t i = 0; i < entry->nvalues; i++)
		if (slice_eq(entry->values[i].text, name))
			return true;
	return false;
}

void node_report_done(struct node_report *r)
{
	conf_free(r->conf);
	*r = (struct node_report){ 0 };
}

/* Appends the keys of @s, which stands in the file itself, and its own name if it has one. */
static void put_keys(const struct conf_section *s, struct buf *out)
{
	const char *name = s->name ? s->name : "";

	if (s->name)
		buf_printf(out, "\t\"%s\",\n", s->name);
	for (size_t i = 0; i < s->nkeys; i++)
		buf_printf(out, "\t\"%s%s%s\",\n", name, *name ? "." : "",
			   s->keys[i].name);
}

/* Appends what this node has to say, with @policy in force. */
static void render(const struct place *p, const struct store_policy *policy,
		   struct buf *out)
{
	const struct conf_section *file = &policy_section_file;
	AUTO(buf_done) struct buf why = { 0 };

	buf_printf(out,
		   "# What %s says of itself: pve-safe tick writes it.\n"
		   "version = %d\nenabled = %s\nlxc_hook = %s\nsource = \"%s\"\n"
		   "policy = \"%s\"\nkeys = {\n",
		   p->node, POLICY_VERSION, place_is_enabled(p) ? "yes" : "no",
		   lxcconf_covers_all(p, &why) ? "yes" : "no", policy->source,
		   policy->policy->digest);
	put_keys(file, out);
	for (size_t i = 0; file->sections && file->sections[i]; i++)
		put_keys(file->sections[i], out);
	buf_puts(out, "}\n");
}

/* Those below /etc/pve that are ours. */
static const char *const dirs[] = { "etc/pve/pve-safe", NODE_REPORT_DIR, WAIVER_DIR,
				    STORE_TEMPLATE_DIR };

bool node_report_has_dirs(const struct place *p)
{
	bool all = true;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		all &= place_has(p, dirs[i]);
	return all;
}

int node_report_make_dirs(const struct place *p, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (mkdirat(p->root, dirs[i], 0755) < 0 && errno != EEXIST)
			return err_set(e, ERR_SYSTEM, "/%s: cannot be made: %s%s",
				       dirs[i], strerror(errno),
				       errno == EACCES ? " (no quorum?)" : "");
	return 0;
}

int node_report_update(const struct place *p, const struct store_policy *policy,
		       bool dry_run, struct err *e)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	char path[PLACE_PATH_MAX];
	struct err ignored = { 0 };

	(void)snprintf(path, sizeof(path), NODE_REPORT_DIR "/%s", p->node);
	render(p, policy, &out);
	if (buf_failed(&out))
		return err_nomem(e);
	if (file_read(p->root, path, &p->files, &text, &ignored) == 0 &&
	    slice_same(file_slice(&text), buf_as_slice(&out)))
		return 0;
	if (dry_run)
		return 1;
	if (node_report_make_dirs(p, e) < 0 ||
	    file_write_atomic(p->root, path, buf_as_slice(&out), 0640, e) < 0)
		return -1;
	return 1;
}
