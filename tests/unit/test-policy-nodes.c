/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/policy-nodes.c: what nodes say that they know. */
#include "rows.h"

#include "run/policy-nodes.h"

#include "root.h"

#define NODES "etc/pve/pve-safe/nodes/"
#define ALL_KEYS                                                  \
	"keys = { \"version\", \"mode\", \"include\", \"rule\", " \
	"\"rule.when\", \"rule.reason\" }\n"
#define POLICY "version = 1\nserial = 4\nrule \"a\" { when = \"ct\"  reason = \"no\" }\n"

static struct row {
	const char *name;
	const char *node, *text; /* file of a node; NULL: no directory at all */
	const char *policy;      /* NULL: POLICY */
	uint64_t version;        /* of the policy */
	const char *error;       /* NULL: it is taken */
} table[] = {
	{ "no directory restricts nothing", NULL, NULL, NULL, 1 },
	{ "a node that knows all", "pve1", "version = 1\n" ALL_KEYS, NULL, 1 },
	{ "a node that knows a newer version", "pve1", "version = 2\n" ALL_KEYS, NULL,
	  2 },
	{ "a newer version than it knows", "pve1", "version = 1\n" ALL_KEYS, NULL, 2,
	  "p/my.conf: node pve1 reads policies up to version 1 (/" NODES
	  "pve1), this is 2: upgrade pve-safe there first" },
	{ "a key that it does not know", "pve1",
	  "version = 1\nkeys = { version, rule, \"rule.when\" }\n", NULL, 1,
	  "p/my.conf:3: node pve1 does not know 'rule.reason' (/" NODES
	  "pve1): upgrade pve-safe there first" },
	{ "a section that it does not know", "pve1", "version = 1\nkeys = { version }\n",
	  NULL, 1,
	  "p/my.conf:3: node pve1 does not know 'rule' (/" NODES
	  "pve1): upgrade pve-safe there first" },
	{ "a key of the file that it does not know", "pve1",
	  "version = 1\nkeys = { version }\n", "version = 1\nmode = warn\n", 1,
	  "p/my.conf:2: node pve1 does not know 'mode' (/" NODES
	  "pve1): upgrade pve-safe there first" },
	{ "the serial need not be known", "pve1", "version = 1\nkeys = { version }\n",
	  "version = 1\nserial = 9\n", 1 },
	{ "a newer pve-safe says more of its node", "pve1",
	  "version = 1\nkernel = \"7.0\"\nhooks = { a, b }\nnested \"x\" { version = 9 "
	  "}\n"
	  "source = \"elsewhere\"\n" ALL_KEYS,
	  NULL, 1 },
	{ "which is no excuse for what is said twice", "pve1",
	  "version = 1\nkernel = 7\nversion = 1\n" ALL_KEYS, NULL, 1,
	  "/" NODES "pve1:3:1: 'version' is given twice, first in line 1"
	  "; pve-safe tick on node pve1 writes it anew" },
	{ "nor for form", "pve1", "version = 1\nkernel = { 7\n" ALL_KEYS, NULL, 1,
	  "/" NODES "pve1:3:1: ',' or '}' is expected here, not 'keys'"
	  "; pve-safe tick on node pve1 writes it anew" },
	{ "a node that left the cluster", "gone", "version = 1\nkeys = { }\n", NULL, 1 },
	{ "a file that is no node's", "pve1.old", "nothing", NULL, 1 },
	{ "a file that is being written", "pve1.tmp.0123456789abcdef", "vers", NULL, 1 },
	{ "a node's file that is broken", "pve1", "version = 1\n", NULL, 1,
	  "/" NODES "pve1:1:1: 'keys' is missing"
	  "; pve-safe tick on node pve1 writes it anew" },
	{ "a node's file that is empty", "pve1", "", NULL, 1,
	  "/" NODES "pve1:1:1: 'version' is missing (and 1 more)"
	  "; pve-safe tick on node pve1 writes it anew" },
};

static void answer_is(void **state)
{
	const struct row *t = *state;
	AUTO(root_done) struct root r = root_make();
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	struct place p = { .root = r.fd, .prefix = "" };
	struct err e = { 0 };
	char path[64];
	int got;

	put(&r, "etc/pve/nodes/pve1/x", "", 0);
	if (t->node) {
		(void)snprintf(path, sizeof(path), NODES "%s", t->node);
		put(&r, path, t->text, strlen(t->text));
	}
	assert_int_equal(policy_texts_add(&texts, slice_of("p/my.conf"),
					  slice_of(t->policy ? t->policy : POLICY), &e),
			 0);
	assert_int_equal(policy_texts_add(&texts, slice_of("baseline@1"),
					  shipped_find(slice_of("baseline@1")), &e),
			 0);
	got = policy_nodes_check(&p, t->version, &texts, &e);
	assert_string_equal(got < 0 ? e.msg : "", t->error ? t->error : "");
}

/* A node that was taken out of the cluster, whose directory Proxmox leaves, holds up nothing. */
static void removed_nodes_do_not_count(void **state)
{
	static const char members[] =
		"{ \"nodename\": \"pve1\", \"version\": 3, \"cluster\": "
		"{ \"name\": \"lab\", \"version\": 3, \"nodes\": 2, "
		"\"quorate\": 1 }, \"nodelist\": { \"pve1\": { \"id\": 1, "
		"\"online\": 1 }, \"pve2\": { \"id\": 2, \"online\": 0 } } }";
	static const char old[] = "version = 1\nkeys = { version }\n";
	AUTO(root_done) struct root r = root_make();
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	struct place p = { .root = r.fd, .prefix = "" };
	struct err e = { 0 };

	(void)state;
	put(&r, "etc/pve/nodes/pve3/x", "", 0);
	put(&r, NODES "pve3", old, sizeof(old) - 1);
	assert_int_equal(
		policy_texts_add(&texts, slice_of("p/my.conf"), slice_of(POLICY), &e), 0);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), -1);
	put(&r, "etc/pve/.members", members, sizeof(members) - 1);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), 0);
	/* One that is only switched off counts. */
	put(&r, "etc/pve/nodes/pve2/x", "", 0);
	put(&r, NODES "pve2", old, sizeof(old) - 1);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), -1);
}

/* What is included is asked about, too. */
static void included_files_count(void **state)
{
	static const char node[] = "version = 1\nkeys = { version, include }\n";
	AUTO(root_done) struct root r = root_make();
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	struct place p = { .root = r.fd, .prefix = "" };
	struct err e = { 0 };

	(void)state;
	put(&r, "etc/pve/nodes/pve1/x", "", 0);
	put(&r, NODES "pve1", node, strlen(node));
	assert_int_equal(policy_texts_add(&texts, slice_of("p/my.conf"),
					  slice_of("version = 1 include = { more.conf }"),
					  &e),
			 0);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), 0);
	assert_int_equal(
		policy_texts_add(&texts, slice_of("p/more.conf"),
				 slice_of("version = 1\nrule \"x\" { when = ct }\n"), &e),
		0);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), -1);
	assert_non_null(strstr(e.msg, "p/more.conf:2: node pve1 does not know 'rule'"));
}

/* A file that others may write says nothing. */
static void writable_file_is_refused(void **state)
{
	static const char node[] = "version = 1\n" ALL_KEYS;
	AUTO(root_done) struct root r = root_make();
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	struct place p = { .root = r.fd, .prefix = "" };
	struct err e = { 0 };

	(void)state;
	put(&r, "etc/pve/nodes/pve1/x", "", 0);
	put(&r, NODES "pve1", node, strlen(node));
	assert_int_equal(fchmodat(r.fd, NODES "pve1", 0666, 0), 0);
	assert_int_equal(
		policy_texts_add(&texts, slice_of("p/my.conf"), slice_of(POLICY), &e), 0);
	assert_int_equal(policy_nodes_check(&p, 1, &texts, &e), -1);
	assert_string_equal(e.msg,
			    "'/" NODES "pve1' is writable by others (mode 0666): "
			    "chmod go-w; pve-safe tick on node pve1 writes it anew");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, answer_is);
	ROWS_ADD_ONE(&rows, "a node that is none any more holds up nothing",
		     removed_nodes_do_not_count);
	ROWS_ADD_ONE(&rows, "what is included is asked about", included_files_count);
	ROWS_ADD_ONE(&rows, "a file that others may write says nothing",
		     writable_file_is_refused);
	return rows_run(&rows, "policy-nodes");
}
