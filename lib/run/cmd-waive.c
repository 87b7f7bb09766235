/* SPDX-License-Identifier: MIT */
/* pve-safe waive: lets one guest, or all that there are today, go on as it is. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "policy/words.h"
#include "pve/vmid.h"
#include "run/caller.h"
#include "run/cmd.h"
#include "run/grant.h"
#include "run/options.h"
#include "run/say.h"
#include "run/waive.h"

static const char usage[] =
	"usage: pve-safe waive VMID RULE --ticket T --reason R --until DATE\n"
	"                      [--renew]\n"
	"       pve-safe waive --existing RULE --ticket T --reason R --until DATE\n"
	"                      [--renew] [--yes]\n\n"
	"Lets the policy's rule RULE pass one guest as it is now, or with --existing\n"
	"every guest of the cluster that it would refuse today. What the rule looks\n"
	"at may not change: then the waiver is void. settings-TEMPLATE is the rule of a\n"
	"settings template, for guests of this node.\n\n"
	"  --ticket T    where it was approved\n"
	"  --reason R    why\n"
	"  --until DATE  its last day, in UTC: 2027-03-31\n"
	"  --renew       replace a waiver that is there\n"
	"  --yes         do not ask\n\n"
	"Exit status: 0 granted, 1 not for all guests, 2 not granted, 64 usage.\n";

/* Prints what is wrong with the command line; returns the exit status for it. */
static int bad(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int bad(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("pve-safe: waive: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	return EXIT_USAGE;
}

/* Takes one option; false when it is none. */
static int take_option(void *context, int option, const char *value)
{
	struct waive *w = context;

	switch (option) {
	case 't':
		w->ticket = value;
		return 0;
	case 'r':
		w->reason = value;
		return 0;
	case 'u':
		w->until = value;
		return 0;
	case 'e':
		w->rule_name = value;
		return 0;
	case 'R':
		w->renew = true;
		return 0;
	default:
		w->yes = true;
		return 0;
	}
}

/* Checks a text that goes into the file. 0, or the exit status. */
static int check_text(const char *option, const char *text, size_t max)
{
	const char *problem;

	if (!text)
		return bad("--%s is missing", option);
	problem = waiver_text_problem(slice_of(text), max);
	return problem ? bad("--%s %s", option, problem) : 0;
}

/* Reads --until: a day as it is typed, a time of day in UTC. 0, or the exit status. */
static int check_until(struct waive *w)
{
	uint64_t now = clock_now().unix_ms;
	struct err e = { 0 };

	if (!w->until)
		return bad("--until is missing");
	if (clock_parse(slice_of(w->until), CLOCK_DAY_END, &w->until_ms, &e) < 0)
		return bad("--until: %s", e.msg);
	if (w->until_ms < now)
		return bad("--until: %s is over", w->until);
	if (strchr(w->until, ':')) {
		clock_render(w->until_ms, w->until_text);
		w->until = w->until_text;
	}
	return 0;
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(struct waive *w, int argc, char **argv, int *ret_status)
{
	static const struct option longs[] = {
		{ "ticket", required_argument, NULL, 't' },
		{ "reason", required_argument, NULL, 'r' },
		{ "until", required_argument, NULL, 'u' },
		{ "existing", required_argument, NULL, 'e' },
		{ "renew", no_argument, NULL, 'R' },
		{ "yes", no_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	int want, first = options_each(argc, argv, &grammar, w, ret_status);

	if (first < 0)
		return -1;
	want = w->rule_name ? 0 : 2;
	if (argc - first != want) {
		*ret_status = bad(want ? "which guest and which rule? pve-safe waive "
					 "VMID RULE --ticket T --reason R --until DATE"
				       : "--existing RULE is for every guest: name none");
		return -1;
	}
	if (want) {
		w->vmid = argv[first];
		w->rule_name = argv[first + 1];
	}
	*ret_status = check_text("ticket", w->ticket, WAIVER_TICKET_MAX);
	if (!*ret_status)
		*ret_status = check_text("reason", w->reason, WAIVER_REASON_MAX);
	if (!*ret_status)
		*ret_status = check_until(w);
	return *ret_status ? -1 : 0;
}

/* Finds the rule of a settings template. 0, also when there is none, or the exit status. */
static int find_template(struct waive *w)
{
	struct err e = { 0 };

	w->of_settings = true;
	if (settings_load(&w->place, w->policy.policy, &w->settings, &e) == 0 &&
	    settings_rule(&w->settings, slice_of(w->rule_name), GUEST_CT, &w->arena,
			  &w->rule, &e) == 0)
		return 0;
	return say_error(&e);
}

/* Finds the rule that was named; says which may have been meant. 0, or the exit status. */
static int find_rule(struct waive *w)
{
	const struct policy *p = w->policy.policy;
	const char **names =
		arena_array(&w->arena, p->nrules + p->nlimits + 1, sizeof(*names));
	AUTO(buf_done) struct buf hint = { 0 }, shown = { 0 };
	size_t n = 0;
	int status;

	w->rule = policy_find_rule(p, slice_of(w->rule_name));
	if (!w->rule && settings_rule_template(slice_of(w->rule_name)).len) {
		status = find_template(w);
		if (w->rule || status)
			return status;
	}
	if (w->rule)
		return 0;
	for (size_t i = 0; names && i < p->nrules; i++)
		names[n++] = arena_strdup(&w->arena, p->rules[i].name);
	for (size_t i = 0; names && i < p->nlimits; i++)
		names[n++] = arena_strdup(&w->arena, p->limits[i].rule.name);
	if (names && !arena_failed(&w->arena))
		words_suggest(slice_of(w->rule_name), names, n, &hint);
	text_printable(&shown, slice_of(w->rule_name), 64);
	return bad("the policy has no rule '%s'%s", buf_text(&shown), buf_text(&hint));
}

/* Opens the place, loads the policy and what the cluster says. 0, or the exit status. */
static int open_world(struct waive *w)
{
	struct caller caller;
	struct err e = { 0 };
	int status;

	if (place_open(NULL, &w->place, &e) < 0 ||
	    store_load(w->place.root, STORE_LOOK, &w->policy, &e) < 0)
		return say_error(&e);
	say_policy(&w->policy);
	status = find_rule(w);
	if (status)
		return status;
	if (!place_has_cluster(&w->place)) {
		(void)fputs(
			"pve-safe: /etc/pve: the cluster file system is not mounted\n",
			stderr);
		return EXIT_CANNOT;
	}
	cluster_load(&w->place, fact_set_sources(&w->policy.policy->facts), &w->cluster);
	caller_load(w->place.root, &w->arena, &caller);
	w->login = grant_login(caller.login, &w->arena);
	return 0;
}

/* Says what was granted. */
static void print_granted(const struct waive *w, const struct judgement *j)
{
	const struct waiver_name name = { j->decision.vmid, w->rule->name,
					  WAIVER_LASTING };
	AUTO(buf_done) struct buf out = { 0 };
	char shown[WAIVER_PATH_MAX];

	decision_render_guest(&j->decision, &out);
	waiver_shown(&w->place, &name, shown);
	(void)printf("waived until %s (%s): %s for %s, as it is now\nfile: %s\n",
		     w->until, w->ticket, w->rule_name, buf_text(&out), shown);
}

/* Grants the waiver to the guest @g; the exit status. */
static int waive_one(struct waive *w, const struct guest *g)
{
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf shown = { 0 };
	enum waive_need need;
	struct err e = { 0 };
	int r;

	if (w->of_settings && strcmp(g->node, w->place.node) != 0) {
		(void)fprintf(stderr,
			      "pve-safe: guest %" PRIu64 " is on node %s: what it lacks "
			      "of its settings can be told there alone\n",
			      g->vmid, g->node);
		return EXIT_CANNOT;
	}
	if (waive_judge(w, g, &j, &need, &e) < 0)
		return say_error(&e);
	decision_render_guest(&j.decision, &shown);
	if (need == WAIVE_NOTHING) {
		(void)fprintf(stderr,
			      "pve-safe: rule %s finds nothing in %s: there is nothing "
			      "to waive\n",
			      w->rule_name, buf_text(&shown));
		return EXIT_CANNOT;
	}
	r = waive_grant(w, &j, &e);
	if (r == 0) {
		print_granted(w, &j);
		return EXIT_FINE;
	}
	(void)fprintf(stderr, "pve-safe: %s: %s\n", buf_text(&shown),
		      r == 1 ? "there is a waiver of this rule already; --renew replaces "
			       "it"
			     : e.msg);
	return EXIT_CANNOT;
}

/* waive VMID RULE: the exit status. */
static int waive_named(struct waive *w)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };
	uint64_t vmid;

	if (!vmid_parse(slice_of(w->vmid), &vmid)) {
		AUTO(buf_done) struct buf shown = { 0 };

		text_printable(&shown, slice_of(w->vmid), 64);
		return bad("'%s' is no VMID", buf_text(&shown));
	}
	switch (guest_load_any(&w->place, vmid, &g, &e)) {
	case GUEST_FOUND:
		return waive_one(w, &g);
	case GUEST_ABSENT:
		(void)fprintf(stderr,
			      "pve-safe: guest %" PRIu64 ": there is no such guest in "
			      "the cluster\n",
			      vmid);
		return EXIT_CANNOT;
	case GUEST_FAILED:
		break;
	}
	return say_error(&e);
}

/* Releases @w. For AUTO(). */
static void waive_done(struct waive *w)
{
	settings_done(&w->settings);
	cluster_done(&w->cluster);
	store_policy_done(&w->policy);
	place_close(&w->place);
	arena_done(&w->arena);
}

int cmd_waive(int argc, char **argv)
{
	AUTO(waive_done) struct waive w = { .place.root = -1 };
	int status;

	if (read_options(&w, argc, argv, &status) < 0)
		return status;
	status = open_world(&w);
	if (status)
		return status;
	return w.vmid ? waive_named(&w) : waive_existing(&w);
}
