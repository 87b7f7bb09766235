/* SPDX-License-Identifier: MIT */
/*
 * pve-safe coverage: for each guest of the cluster what enforces the policy when it starts,
 * and what does not, and why.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "run/cmd.h"
#include "run/coverage.h"
#include "run/options.h"
#include "run/say.h"
#include "run/walk.h"

static const char usage[] =
	"usage: pve-safe coverage [--node NODE]… [--format text|json]\n"
	"                         [--policy FILE] [--root DIR]\n\n"
	"Says of each guest what enforces the policy when it starts: its hookscript,\n"
	"for containers also the node-wide hook; or why nothing does. What lies on the\n"
	"disks of other nodes cannot be seen and is said to be unknown: run it there\n"
	"as well.\n\n"
	"  --node NODE         the guests of this node alone; may be repeated\n"
	"  --format text|json  json: one object a line for each guest\n"
	"  --policy FILE       take FILE for the policy\n"
	"  --root DIR          take DIR for /, a copy of a node's files\n\n"
	"Exit status: 0 all are enforced; 1 some are not; 2 some could not be told;\n"
	"64 usage.\n";

enum { MAX_NODES = 64, TEXT_MAX = 300 };

/* One run. */
struct run {
	struct options options;
	const char *nodes[MAX_NODES];
	size_t nnodes;
	struct place place;
	struct cluster cluster;
	struct store_policy policy;
	struct coverage_world world;
	size_t counts[3]; /* by enum coverage_answer */
};

/* Releases @r. */
static void run_done(struct run *r)
{
	store_policy_done(&r->policy);
	cluster_done(&r->cluster);
	place_close(&r->place);
}

/* Takes one option; -1 after saying what is wrong with it. */
static int take_option(void *context, int option, const char *value)
{
	struct run *r = context;

	switch (option) {
	case 'p':
		r->options.policy = value;
		return 0;
	case 'r':
		r->options.root = value;
		return 0;
	case 'f':
		return options_json(value, &r->options.json);
	default:
		break;
	}
	if (place_is_node_name(value) && r->nnodes < MAX_NODES) {
		r->nodes[r->nnodes++] = value;
		return 0;
	}
	(void)fprintf(stderr, "pve-safe: coverage: --node: %s\n",
		      r->nnodes == MAX_NODES ? "too many of them"
					     : "this is no node's name");
	return -1;
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(int argc, char **argv, struct run *r, int *ret_status)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "node", required_argument, NULL, 'n' },
		{ "policy", required_argument, NULL, 'p' },
		{ "root", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	int first = options_each(argc, argv, &grammar, r, ret_status);

	if (first < 0)
		return -1;
	if (first == argc)
		return 0;
	(void)fprintf(stderr, "pve-safe: coverage: it tells of all guests: name none\n");
	return -1;
}

/* Name of the guest, absent where it has none. */
static struct slice name_of(const struct guest *g)
{
	const struct guestconf_entry *entry = guestconf_find(
		guestconf_current(&g->conf), g->kind == GUEST_CT ? "hostname" : "name");

	return entry ? entry->value : (struct slice){ 0 };
}

/* Appends what enforces: "node-wide hook, hookscript, then gpu.sh". */
static void add_means(const struct coverage *c, struct buf *out)
{
	if (c->lxc_hook == COVERAGE_YES)
		buf_puts(out, hookscript_judges(&c->script) ? "node-wide hook, hookscript"
							    : "node-wide hook");
	else
		buf_puts(out, "hookscript");
	if (c->script.state != HOOKSCRIPT_FORMER)
		return;
	buf_puts(out, ", then ");
	text_printable(out, c->script.former, TEXT_MAX);
}

/* Prints one line for people. */
static void say_text(const struct guest *g, const struct coverage *c)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct slice name = name_of(g);

	buf_printf(&out, "%s %" PRIu64, g->kind == GUEST_CT ? "CT" : "VM", g->vmid);
	if (name.len) {
		buf_puts(&out, " (");
		text_printable(&out, name, 64);
		buf_putc(&out, ')');
	}
	buf_printf(&out, " on %s: ", g->node);
	if (c->enforced == COVERAGE_YES) {
		buf_puts(&out, "enforced: ");
		add_means(c, &out);
	} else {
		buf_puts(&out,
			 c->enforced == COVERAGE_NO ? "not enforced: " : "unknown: ");
		text_printable(&out, slice_of(c->why), sizeof(c->why));
	}
	if (*c->note) {
		buf_puts(&out, "; ");
		text_printable(&out, slice_of(c->note), sizeof(c->note));
	}
	(void)printf("%s\n", buf_text(&out));
}

/* Writes true, false, or null for what is not known. */
static void put_answer(struct json *j, const char *key, enum coverage_answer a)
{
	json_put_key(j, key);
	if (a == COVERAGE_UNKNOWN)
		json_put_null(j);
	else
		json_put_bool(j, a == COVERAGE_YES);
}

/* Writes a text, null where it is empty. */
static void put_text(struct json *j, const char *key, struct slice text)
{
	json_member(j, key, text.len ? text : (struct slice){ 0 });
}

/* Prints one object. */
static void say_json(const struct guest *g, const struct coverage *c)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "kind", g->kind == GUEST_CT ? "ct" : "vm");
	json_member_number(&j, "vmid", g->vmid);
	json_member_filled(&j, "node", g->node);
	put_text(&j, "name", name_of(g));
	put_answer(&j, "enforced", c->enforced);
	put_text(&j, "hookscript", c->script.volume);
	json_member_text(&j, "script", coverage_script_name(c->script.state));
	put_text(&j, "former", c->script.former);
	if (g->kind == GUEST_CT)
		put_answer(&j, "lxc_hook", c->lxc_hook);
	else
		json_member_text(&j, "lxc_hook", NULL);
	json_member_filled(&j, "why", c->why);
	json_member_filled(&j, "note", c->note);
	json_close(&j);
	if (json_is_complete(&j))
		(void)printf("%s\n", buf_text(&out));
}

/* Tells of one guest. */
static int visit(const struct guest *g, void *context)
{
	static const int statuses[] = { EXIT_FOUND, EXIT_CANNOT, EXIT_FINE };
	struct run *r = context;
	struct coverage c;

	coverage_of(&r->world, g, &c);
	r->counts[c.enforced]++;
	if (r->options.json)
		say_json(g, &c);
	else
		say_text(g, &c);
	return statuses[c.enforced];
}

/* Visits the guests that are meant; the exit status. */
static int visit_all(struct run *r)
{
	struct walk w = { .place = &r->place, .visit = visit, .context = r };
	int status = EXIT_FINE;

	if (!r->nnodes)
		return walk_guests(&w);
	for (size_t i = 0; i < r->nnodes; i++) {
		int got;

		w.node = r->nodes[i];
		if (place_has_node_dir(&r->place, w.node)) {
			got = walk_guests(&w);
		} else {
			(void)fprintf(stderr, "pve-safe: coverage: no such node: %s\n",
				      r->nodes[i]);
			got = EXIT_CANNOT;
		}
		status = got > status ? got : status;
	}
	return status;
}

int cmd_coverage(int argc, char **argv)
{
	AUTO(run_done) struct run r = { .options.kind = -1, .place.root = -1 };
	int status;

	if (read_options(argc, argv, &r, &status) < 0 ||
	    options_open(&r.options, &r.place, &r.policy, &status) < 0)
		return status;
	if (!place_has_cluster(&r.place)) {
		(void)fprintf(stderr,
			      "pve-safe: %s/etc/pve: the cluster file system is not "
			      "mounted\n",
			      r.place.prefix);
		return EXIT_CANNOT;
	}
	say_policy(&r.policy);
	cluster_load(&r.place, 1U << SOURCE_STORAGE, &r.cluster);
	coverage_begin(&r.place, &r.cluster, &r.policy, &r.world);
	status = visit_all(&r);
	if (!r.options.json)
		(void)printf("%zu enforced, %zu not, %zu unknown\n",
			     r.counts[COVERAGE_YES], r.counts[COVERAGE_NO],
			     r.counts[COVERAGE_UNKNOWN]);
	return status;
}
