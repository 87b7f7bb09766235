/* SPDX-License-Identifier: MIT */
/*
 * pve-safe attach, pve-safe detach: gives guests of this node our hookscript, takes it away.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/text.h"
#include "pve/vmid.h"
#include "run/attach-say.h"
#include "run/cmd.h"
#include "run/former.h"
#include "run/node-report.h"
#include "run/options.h"
#include "run/select.h"

static const char attach_usage[] =
	"usage: pve-safe attach VMID…|--all|--missing [--dry-run]\n"
	"                       [--format text|json]\n\n"
	"Gives guests of this node our hookscript, by pct set or qm set. A hookscript\n"
	"that a guest has goes on to be run, after the judgement: a link\n"
	"pve-safe-hook@SCRIPT beside it takes its place. Who is attached already stays\n"
	"as it is.\n\n"
	"  --all               every guest of this node\n"
	"  --missing           those that lack it; of the others nothing is said\n"
	"  --dry-run           say what would be done, do nothing\n"
	"  --format text|json  json: one object a line for each guest\n\n"
	"Exit status: 0 all are attached; 2 some are not; 64 usage.\n";

static const char detach_usage[] =
	"usage: pve-safe detach VMID…|--all [--dry-run] [--format text|json]\n\n"
	"Takes our hookscript from guests of this node, by pct set or qm set: the one\n"
	"that they had before is theirs again. A link that no guest names any more is\n"
	"removed.\n\n"
	"  --all               every guest of this node\n"
	"  --dry-run           say what would be done, do nothing\n"
	"  --format text|json  json: one object a line for each guest\n\n"
	"Exit status: 0 none is attached; 2 some still are; 64 usage.\n";

/* What distinguishes the two. */
struct verb {
	const char *usage;
	const struct attach_words *words;
	void (*act)(const struct attach *a, uint64_t vmid, struct attach_report *ret);
};

static const struct verb attach_verb = { attach_usage, &words_of_attach, attach_guest };
static const struct verb detach_verb = { detach_usage, &words_of_detach, detach_guest };

/* One run. */
struct enrol {
	const struct verb *verb;
	bool all, missing, json;
	char **args;
	int nargs;
	struct place place;
	struct cluster cluster;
	struct attach attach;
	uint64_t *vmids; /* owned */
	size_t n;
	char **links; /* that were made, or left; owned, as the texts are */
	size_t nlinks;
	bool changed;
	int status;
};

/* Releases @r. */
static void enrol_done(struct enrol *r)
{
	for (size_t i = 0; i < r->nlinks; i++)
		free(r->links[i]);
	free(r->links);
	free(r->vmids);
	cluster_done(&r->cluster);
	place_close(&r->place);
}

/* Says what is wrong with the command line; returns -1. */
static int bad_usage(const struct enrol *r, const char *what, const char *word)
{
	AUTO(buf_done) struct buf shown = { 0 };

	text_printable(&shown, slice_of(word), 80);
	(void)fprintf(stderr, "pve-safe: %s: %s%s%s%s\n", r->verb->words->verb, what,
		      *word ? " '" : "", buf_text(&shown), *word ? "'" : "");
	return -1;
}

/* Checks which guests the command line names. */
static int check_usage(struct enrol *r)
{
	uint64_t vmid;

	if (r->all + r->missing + (r->nargs > 0) > 1)
		return bad_usage(r, "name guests, or say which, not both", "");
	if (!r->all && !r->missing && !r->nargs)
		return bad_usage(r, "which guests? name VMIDs, or say --all", "");
	for (int i = 0; i < r->nargs; i++)
		if (!vmid_parse(slice_of(r->args[i]), &vmid))
			return bad_usage(r, "this is no VMID:", r->args[i]);
	return 0;
}

/* Takes one option into the run @context. */
static int take_option(void *context, int option, const char *value)
{
	struct enrol *r = context;

	switch (option) {
	case 'a':
		r->all = true;
		return 0;
	case 'm':
		r->missing = true;
		return 0;
	case 'n':
		r->attach.dry_run = true;
		return 0;
	default:
		return options_json(value, &r->json);
	}
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(int argc, char **argv, struct enrol *r, int *ret_status)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "missing", no_argument, NULL, 'm' }, /* of attach alone */
		{ NULL, 0, NULL, 0 },
	};
	struct option known[ARRAY_LEN(longs)];
	struct options_grammar grammar = { r->verb->usage, NULL, known, take_option };
	int first;

	memcpy(known, longs, sizeof(known));
	if (r->verb != &attach_verb)
		known[ARRAY_LEN(known) - 2] = (struct option){ 0 };
	first = options_each(argc, argv, &grammar, r, ret_status);
	if (first < 0)
		return -1;
	r->args = argv + first;
	r->nargs = argc - first;
	return check_usage(r);
}

/* Collects the guests that are meant. */
static void collect(struct enrol *r)
{
	if (!r->nargs) {
		r->status = select_vmids(&r->place, &r->vmids, &r->n);
		return;
	}
	r->vmids = calloc((size_t)r->nargs, sizeof(*r->vmids));
	if (!r->vmids)
		r->status = EXIT_SYSTEM;
	for (int i = 0; r->vmids && i < r->nargs; i++)
		r->n += vmid_parse(slice_of(r->args[i]), &r->vmids[r->n]);
}

/* Remembers a link of a report, once. */
static void keep_link(struct enrol *r, const char *link)
{
	char **rows;

	for (size_t i = 0; i < r->nlinks; i++)
		if (strcmp(r->links[i], link) == 0)
			return;
	rows = reallocarray(r->links, r->nlinks + 1, sizeof(*rows));
	if (!rows)
		return;
	r->links = rows;
	rows[r->nlinks] = strdup(link);
	r->nlinks += rows[r->nlinks] != NULL;
}

/* Does what is to be done with one guest. */
static void enrol_one(struct enrol *r, uint64_t vmid)
{
	AUTO(attach_report_done) struct attach_report g = { 0 };

	r->verb->act(&r->attach, vmid, &g);
	if (g.state == ATTACH_FAILED && r->status < EXIT_CANNOT)
		r->status = EXIT_CANNOT;
	r->changed |= g.state == ATTACH_DONE;
	if (g.state == ATTACH_DONE && g.link.len && (g.local || r->verb == &detach_verb))
		keep_link(r, buf_text(&g.link));
	if (g.state == ATTACH_ALREADY && r->missing && !g.message.len)
		return;
	if (r->json)
		attach_say_json(&g, r->place.node, r->attach.dry_run);
	else
		attach_say_text(&g, r->verb->words, r->attach.dry_run);
	(void)fflush(stdout);
}

/* Removes the links that no guest names any more. */
static void prune(struct enrol *r)
{
	for (size_t i = 0; i < r->nlinks && !r->attach.dry_run; i++) {
		struct err e = { 0 };
		int got = attach_prune(&r->attach, r->links[i], &e);

		if (got < 0) {
			(void)fprintf(stderr, "pve-safe: detach: %s is left there: %s\n",
				      r->links[i], e.msg);
			r->status = EXIT_CANNOT;
		} else if (got > 0 && !r->json) {
			(void)printf("%s is removed: no guest names it any more\n",
				     r->links[i]);
		}
	}
}

/* Whether the cluster has another node. */
static bool has_other_nodes(const struct place *p)
{
	AUTO(dir_close) DIR *dir = dir_open(p->root, "etc/pve/nodes");
	struct dirent *d;
	bool found = false;

	while (dir && !found && (d = dir_next(dir)))
		found = place_is_node_name(d->d_name) && strcmp(d->d_name, p->node) != 0;
	return found;
}

/* Says what attaching alone does not do. */
static void say_rest(const struct enrol *r)
{
	if (has_other_nodes(&r->place))
		for (size_t i = 0; i < r->nlinks; i++) {
			const char *name = strrchr(r->links[i], '/');

			if (!strstr(name ? name : "", FORMER_MARK))
				continue; /* the package brings it to every node */
			(void)fprintf(
				stderr,
				"pve-safe: %s is on %s alone: on a node that such "
				"a guest may go to, make it as well: ln -s %s '%s'\n",
				r->links[i], r->place.node, HOOKSCRIPT_PATH, r->links[i]);
		}
	node_report_warn(&r->place);
	if (!place_is_enabled(&r->place))
		(void)fprintf(stderr,
			      "pve-safe: %s is not enabled: its hooks pass every start; "
			      "pve-safe setup --enable ends that\n",
			      r->place.node);
}

/* Opens all that is needed; -1 after saying why nothing can be changed. */
static int begin(struct enrol *r)
{
	struct err e = { 0 };

	if (place_open(NULL, &r->place, &e) == 0 && !place_has_cluster(&r->place))
		(void)err_set(&e, ERR_SYSTEM,
			      "/etc/pve: the cluster file system is not mounted");
	else if (!e.msg[0] && !place_is_quorate(&r->place))
		(void)err_set(&e, ERR_SYSTEM,
			      "no quorum, so Proxmox changes no guest: pvecm status");
	if (e.msg[0]) {
		(void)fprintf(stderr, "pve-safe: %s: nothing was changed: %s\n",
			      r->verb->words->verb, e.msg);
		return -1;
	}
	cluster_load(&r->place, 1U << SOURCE_STORAGE, &r->cluster);
	r->attach.place = &r->place;
	r->attach.cluster = &r->cluster;
	return 0;
}

/* attach or detach. */
static int enrol(const struct verb *verb, int argc, char **argv)
{
	AUTO(enrol_done) struct enrol r = { .verb = verb, .place.root = -1 };
	int status;

	if (read_options(argc, argv, &r, &status) < 0)
		return status;
	if (begin(&r) < 0)
		return EXIT_CANNOT;
	collect(&r);
	for (size_t i = 0; i < r.n; i++)
		enrol_one(&r, r.vmids[i]);
	if (verb == &detach_verb)
		prune(&r);
	else if (r.changed && !r.attach.dry_run)
		say_rest(&r);
	return r.status;
}

int cmd_attach(int argc, char **argv)
{
	return enrol(&attach_verb, argc, argv);
}

int cmd_detach(int argc, char **argv)
{
	return enrol(&detach_verb, argc, argv);
}
