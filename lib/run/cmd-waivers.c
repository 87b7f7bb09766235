/* SPDX-License-Identifier: MIT */
/* pve-safe waivers: which waivers there are, and what has become of them. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"
#include "run/waiver-state.h"

static const char usage[] =
	"usage: pve-safe waivers [--format text|json]\n"
	"       pve-safe waivers --tidy\n\n"
	"Lists the waivers of the cluster: used, expiring, unused, void and why,\n"
	"broken, and those whose guest is gone.\n\n"
	"  --format text|json  json: one object a line\n"
	"  --tidy              take those out of force whose guest is gone, and\n"
	"                      overrides that are over; mail root which end soon\n\n"
	"Exit status: 0 all are used, 1 there is one to look at, 2 could not.\n";

/* One run of the command. */
struct waivers {
	bool json, tidy;
	struct arena arena;
	struct place place;
	struct store_policy policy;
	struct cluster cluster;
	struct waiver_dir dir;
};

/* Releases @w. For AUTO(). */
static void waivers_done(struct waivers *w)
{
	waiver_dir_done(&w->dir);
	cluster_done(&w->cluster);
	store_policy_done(&w->policy);
	place_close(&w->place);
	arena_done(&w->arena);
}

/* Takes one option into the run @context. */
static int take_option(void *context, int option, const char *value)
{
	struct waivers *w = context;

	if (option == 'f')
		return options_json(value, &w->json);
	w->tidy = true;
	return 0;
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(struct waivers *w, int argc, char **argv, int *ret_status)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "tidy", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	int first = options_each(argc, argv, &grammar, w, ret_status);

	if (first < 0)
		return -1;
	if (first == argc)
		return 0;
	(void)fputs("pve-safe: waivers: takes no arguments\n", stderr);
	return -1;
}

/* Writes "guest". */
static void emit_guest(const struct waiver_row *row, struct json *j)
{
	json_member_object(j, "guest");
	json_member_text(j, "kind",
			 !row->found             ? NULL
			 : row->kind == GUEST_CT ? "ct"
						 : "vm");
	json_member_number(j, "vmid", row->name.vmid);
	json_member(j, "node", row->node);
	json_member(j, "name", row->guest.len ? row->guest : (struct slice){ 0 });
	json_close(j);
}

/* Prints one waiver as JSON. */
static void print_json(const struct waivers *w, const struct waiver_row *row)
{
	AUTO(buf_done) struct buf out = { 0 };
	char shown[WAIVER_PATH_MAX], granted[CLOCK_TEXT_SIZE];
	struct json j;

	waiver_shown(&w->place, &row->name, shown);
	clock_render(row->waiver.granted_ms, granted);
	json_begin(&j, &out);
	json_open_object(&j);
	emit_guest(row, &j);
	json_member(&j, "rule", row->name.rule);
	json_member(&j, "kind",
		    slice_of(row->name.kind == WAIVER_ONCE ? "override" : "waiver"));
	json_member_text(&j, "state", waiver_state_name(row->state));
	json_member_text(&j, "why", row->why);
	json_member(&j, "ticket", row->waiver.ticket);
	json_member(&j, "reason", row->waiver.reason);
	json_member(&j, "granted_by", row->waiver.granted_by);
	json_member_text(&j, "granted", row->readable ? granted : NULL);
	json_member(&j, "until", row->waiver.until);
	json_member_text(&j, "file", shown);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints one waiver for people. */
static void print_text(const struct waiver_row *row)
{
	AUTO(buf_done) struct buf out = { 0 };

	waiver_row_render(row, &out);
	(void)fputs(buf_text(&out), stdout);
}

/* Loads the policy, what the cluster says, and the directory of waivers. 0, or -1. */
static int open_world(struct waivers *w, struct err *e)
{
	if (store_load(w->place.root, STORE_LOOK, &w->policy, e) < 0)
		return -1;
	say_policy(&w->policy);
	cluster_load(&w->place, fact_set_sources(&w->policy.policy->facts), &w->cluster);
	return waiver_dir_open(&w->place, &w->dir, e) < 0 ? -1 : 0;
}

/* Lists all waivers; the exit status. */
static int list(struct waivers *w, struct err *e)
{
	const struct waiver_view view = { &w->place, &w->policy, &w->cluster, &w->dir };
	struct waiver_names names;
	int status = EXIT_FINE;

	if (open_world(w, e) < 0 || waiver_list(&w->dir, 0, &w->arena, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct waiver_row row;

		if (waiver_state_load(&view, &names.rows[i], &w->arena, &row, e) < 0)
			return -1;
		if (w->json)
			print_json(w, &row);
		else
			print_text(&row);
		status = row.state == WAIVER_USED ? status : EXIT_FOUND;
	}
	if (!names.n && !w->json)
		(void)fputs("there are no waivers\n", stdout);
	return status;
}

/* waivers --tidy: the exit status. */
static int tidy(struct waivers *w, struct err *e)
{
	const struct waiver_view view = { &w->place, &w->policy, &w->cluster, &w->dir };
	AUTO(buf_done) struct buf said = { 0 };
	int r = waiver_tidy(&w->place, &said, e);

	(void)fputs(buf_text(&said), stdout);
	if (r < 0 || open_world(w, e) < 0)
		return -1;
	return waiver_mail_expiring(&view, e);
}

int cmd_waivers(int argc, char **argv)
{
	AUTO(waivers_done) struct waivers w = { .place.root = -1, .dir.fd = -1 };
	struct err e = { 0 };
	int status;

	if (read_options(&w, argc, argv, &status) < 0)
		return status;
	status = place_open(NULL, &w.place, &e);
	if (status == 0 && !place_has_cluster(&w.place))
		status = err_set(&e, ERR_SYSTEM,
				 "/etc/pve: the cluster file system is not mounted");
	if (status == 0)
		status = w.tidy ? tidy(&w, &e) : list(&w, &e);
	if (status >= 0)
		return status;
	return say_error(&e);
}
