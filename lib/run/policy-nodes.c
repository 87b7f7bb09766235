/* SPDX-License-Identifier: MIT */
#include "run/policy-nodes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/conf.h"
#include "base/dir.h"
#include "policy/schema.h"
#include "run/node-report.h"

enum { KEY_NAME_MAX = 64 };

/* One node, and the policy that it is asked about. */
struct asked {
	const char *node;
	const struct node_report *report;
	uint64_t version; /* of the policy */
	const struct policy_texts *texts;
};

/* Refuses the key @name at @line of the policy's file @file if the node lacks it. */
static int check_key(const struct asked *a, const char *name, const char *file,
		     unsigned line, struct err *e)
{
	if (node_report_knows(a->report, name))
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "%s:%u: node %s does not know '%s' (/" NODE_REPORT_DIR
		       "/%s): upgrade pve-safe there first",
		       file, line, a->node, name, a->node);
}

/* Checks the keys of one section, called "section.key". */
static int check_section(const struct asked *a, const struct conf_node *n,
			 const char *file, struct err *e)
{
	const char *section = n->section->name;
	char name[KEY_NAME_MAX];

	for (size_t i = 0; i < n->nentries; i++) {
		if (!section && strcmp(n->entries[i].key->name, "serial") == 0)
			continue; /* an install writes it anyhow */
		(void)snprintf(name, sizeof(name), "%s%s%s", section ? section : "",
			       section ? "." : "", n->entries[i].key->name);
		if (check_key(a, name, file, n->entries[i].line, e) < 0)
			return -1;
	}
	return 0;
}

/* Checks one file of the policy, whose sections hold no further ones. */
static int check_text(const struct asked *a, const struct policy_text *t,
		      const struct conf_section *as, struct err *e)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *conf = NULL;
	const struct conf_node *root;

	if (conf_parse(as, t->name, (struct slice){ t->text, t->len }, &conf, &problems) <
	    0)
		return problems_as_err(&problems, e);
	root = conf_root(conf);
	if (check_section(a, root, t->name, e) < 0)
		return -1;
	for (size_t i = 0; i < root->nnodes; i++) {
		const struct conf_node *n = &root->nodes[i];

		if (check_key(a, n->section->name, t->name, n->line, e) < 0 ||
		    check_section(a, n, t->name, e) < 0)
			return -1;
	}
	return 0;
}

/* Checks the policy against what a node said of itself. */
static int check_policy(const struct asked *a, struct err *e)
{
	const struct policy_texts *texts = a->texts;
	uint64_t version = a->report->version;

	if (a->version > version)
		return err_set(e, ERR_RANGE,
			       "%s: node %s reads policies up to version %" PRIu64
			       " (/" NODE_REPORT_DIR "/%s), this is %" PRIu64
			       ": upgrade pve-safe there first",
			       texts->files[0].name, a->node, version, a->node,
			       a->version);
	for (size_t i = 0; i < texts->n; i++)
		/* A shipped set, name@N, is read by no node from a file. */
		if (strchr(texts->files[i].name, '/') &&
		    check_text(a, &texts->files[i],
			       i ? &policy_section_included : &policy_section_file,
			       e) < 0)
			return -1;
	return 0;
}

/* Checks the policy against the file of @node, if it is a node of the cluster. */
static int check_node(const struct place *p, const char *node, const struct asked *asked,
		      struct err *e)
{
	AUTO(node_report_done) struct node_report report = { 0 };
	struct asked a = *asked;
	struct err why = { 0 };
	int r;

	if (!place_has_node_dir(p, node) || !place_has_node(p, node))
		return 0;
	r = node_report_load(p, node, &report, &why);
	if (r < 0)
		return err_set(e, why.code, "%s; pve-safe tick on node %s writes it anew",
			       why.msg, node);
	if (r == 1)
		return 0;
	a.node = node;
	a.report = &report;
	return check_policy(&a, e);
}

int policy_nodes_check(const struct place *p, uint64_t version,
		       const struct policy_texts *texts, struct err *e)
{
	const struct asked asked = { .version = version, .texts = texts };
	AUTO(dir_close) DIR *dir = dir_open(p->root, NODE_REPORT_DIR);
	struct dirent *d;
	int r = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_set(e, ERR_SYSTEM, "/" NODE_REPORT_DIR ": %s",
			       strerror(errno));
	while (r == 0 && (d = dir_next(dir)))
		r = check_node(p, d->d_name, &asked, e);
	if (r == 0 && errno)
		r = err_set(e, ERR_SYSTEM, "/" NODE_REPORT_DIR ": %s", strerror(errno));
	return r;
}
