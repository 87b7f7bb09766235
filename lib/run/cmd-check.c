/* SPDX-License-Identifier: MIT */
/* pve-safe check: what the policy says of guests. Writes no record and no state. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "run/cmd.h"
#include "run/offline.h"
#include "run/options.h"
#include "run/say.h"
#include "run/select.h"

static const char usage[] =
	"usage: pve-safe check [OPTION…] [VMID|FILE…]\n\n"
	"Says what the policy says of guests; without arguments, of all of this node.\n\n"
	"  --kind ct|vm         what a FILE is, where its path does not tell\n"
	"  --event EVENT        judged at EVENT (default: start)\n"
	"  --assume FACT=VALUE  let FACT hold; may be repeated (lists by comma)\n"
	"  --policy FILE        judged by FILE instead of the node's policy\n"
	"  --root DIR           DIR stands for /\n"
	"  --format text|json   json: one object a line\n\n"
	"Exit status: 0 nothing denied, 1 something denied, 2 could not check.\n";

/* Prints the JSON form of @d, with the path that was read. False without memory. */
static bool print_json(const struct decision *d, const struct guest *g)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	decision_emit(d, &j);
	json_member_text(&j, "source", g->path);
	json_close(&j);
	return say_line(&out, stdout);
}

/* Prints the form for people of @d. False without memory. */
static bool print_text(const struct decision *d, const struct guest *g)
{
	AUTO(buf_done) struct buf out = { 0 };

	if (!d->vmid)
		(void)printf("%s:\n", g->path);
	if (decision_is_worth_saying(d))
		decision_render(d, &out);
	else
		decision_render_head(d, &out);
	return say(&out, stdout);
}

/*
 * Appends to @out the command that explains what is said of @g: a guest of the cluster goes
 * by its VMID, any other by its file; with the options that this one was checked with.
 */
static void put_more(const struct offline *o, const struct guest *g, struct buf *out)
{
	buf_puts(out, "pve-safe explain ");
	for (int i = 0; i < o->options.nwords; i++) {
		text_shell_quote(out, slice_of(o->options.words[i]));
		buf_putc(out, ' ');
	}
	if (*g->node)
		buf_printf(out, "%" PRIu64, g->vmid);
	else
		text_shell_quote(out, slice_of(g->path));
}

/* Checks one guest. */
static int check_guest(const struct guest *g, void *context)
{
	struct offline *o = context;
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf more = { 0 };
	struct err e = { 0 };

	if (offline_judge(o, g, &j, &e) < 0)
		return say_error_of(g->path, &e);
	put_more(o, g, &more);
	j.decision.more = buf_text(&more);
	if (o->options.json ? print_json(&j.decision, g) : print_text(&j.decision, g))
		return offline_status(&j.decision);
	return EXIT_CANNOT;
}

int cmd_check(int argc, char **argv)
{
	AUTO(offline_done) struct offline o = { 0 };
	AUTO(settings_done) struct settings settings = { 0 };
	int status;

	if (offline_open(argc, argv,
			 OPTIONS_POLICY | OPTIONS_ROOT | OPTIONS_KIND | OPTIONS_EVENT |
				 OPTIONS_ASSUME | OPTIONS_FORMAT,
			 usage, &o, &status) < 0)
		return status;
	if (o.place.live && offline_load_settings(&o, &settings) < 0)
		return EXIT_CANNOT;
	return offline_each(&o, check_guest);
}
