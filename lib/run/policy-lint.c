/* SPDX-License-Identifier: MIT */
#include "run/policy-lint.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "policy/lint.h"
#include "policy/words.h"
#include "run/judge.h"
#include "run/options.h"
#include "run/say.h"
#include "run/select.h"
#include "run/settings.h"

static const char usage[] =
	"usage: pve-safe policy lint [--format text|json] [FILE]\n\n"
	"All that is wrong with FILE, or with the policy of this node; of one that\n"
	"loads, what is odd about it: rules and limits that never match, rules that\n"
	"another makes needless or contradicts, overrides for nobody, templates that\n"
	"there are not. And notes: what can be exempted by whoever may edit the guest,\n"
	"what matches no guest of today, what the mode keeps from being refused.\n\n"
	"Exit status: 0 fine (notes are), 1 something is wrong with it, 2 it cannot be\n"
	"read.\n";

/* A policy being looked at, and the guests of today. */
struct lint {
	const struct store_policy *policy;
	struct place place;
	struct cluster cluster;
	struct settings settings;
	struct arena arena;
	struct lint_findings findings;
	bool *met; /* by rule: a guest meets its `when`; owned */
	size_t nguests;
	bool json;
};

/* Releases @l. Fit for AUTO(). */
static void lint_done(struct lint *l)
{
	free(l->met);
	settings_done(&l->settings);
	cluster_done(&l->cluster);
	place_close(&l->place);
	arena_done(&l->arena);
}

/* Whether findings of @k are no fault, only good to know. */
static bool is_note(enum lint_kind k)
{
	return k == LINT_SELF_GRANT || k == LINT_MODE || k == LINT_UNPINNED ||
	       k == LINT_NOWHERE;
}

/* Adds a finding for each login and group in overrides that this node does not know. */
static void check_overrides(struct lint *l)
{
	const struct policy *p = l->policy->policy;

	for (size_t i = 0; i < p->nrules; i++)
		for (size_t k = 0; k < p->rules[i].override.n; k++) {
			struct slice word = p->rules[i].override.items[k];
			const char *name = arena_strdup(&l->arena, word), *what;

			if (!name || !*name)
				continue;
			if (*name == '@' ? getgrnam(name + 1) != NULL
					 : getpwnam(name) != NULL)
				continue;
			what = arena_printf(
				&l->arena,
				"its `override` names '%s', and this node has "
				"no such %s",
				name, *name == '@' ? "group" : "login");
			if (what)
				lint_add(&l->findings, &l->arena, LINT_NOBODY,
					 &p->rules[i], NULL, what,
					 "mend the name; @ stands before groups");
		}
}

/* Whether @x asks for more than what a guest is: an event, who asked, what changes. */
static bool asks_for_request(const struct expr *x)
{
	struct fact_set set = { 0 };

	expr_facts(x, &set);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&set, id) && fact_rows[id].kinds == FACT_KINDS_REQUEST &&
		    id != FACT_kind && id != FACT_ct && id != FACT_vm)
			return true;
	return false;
}

/* Notes which rules one guest meets. */
static int visit(const struct guest *g, void *context)
{
	struct lint *l = context;
	const struct policy *p = l->policy->policy;
	AUTO(judge_done) struct judgement j = { 0 };
	struct ask ask = { .layer = LAYER_CHECK, .start = true, .bulk = true };
	struct err e = { 0 };

	ask.request.event = slice_of("start");
	ask.request.cause = slice_of("user");
	if (judge_begin(&l->place, l->policy, &ask, &j, &e) < 0 ||
	    judge_guest(l->policy, &l->cluster, g, &ask, &j, &e) < 0) {
		l->arena.failed |= err_is_nomem(&e);
		return EXIT_CANNOT;
	}
	l->nguests++;
	for (size_t i = 0; i < p->nrules; i++)
		if (!l->met[i] && expr_eval(p->rules[i].when, &j.facts) != TRI_FALSE)
			l->met[i] = true;
	return EXIT_FINE;
}

/* Appends which template may have been meant by @name. */
static void suggest_template(struct lint *l, struct slice name, struct buf *out)
{
	const struct templates *set = &l->settings.set;
	const char **names = arena_array(&l->arena, set->n + 1, sizeof(*names));

	for (size_t i = 0; names && i < set->n; i++)
		names[i] = arena_strdup(&l->arena, set->rows[i].t.name);
	if (!arena_failed(&l->arena))
		words_suggest(name, names, set->n, out);
}

/* What is said of the template @name, which is not there. */
static const char *template_what(struct lint *l, struct slice name)
{
	const struct templates_gap *gap = templates_gap_of(&l->settings.set, name);
	AUTO(buf_done) struct buf hint = { 0 };

	if (gap)
		return arena_printf(
			&l->arena,
			"`settings` names the template '%.*s', which may stand "
			"in %s, and that cannot be used",
			SLICE_SHOWN(name), gap->file);
	suggest_template(l, name, &hint);
	return arena_printf(&l->arena,
			    "`settings` names the template '%.*s', and there is none%s",
			    SLICE_SHOWN(name), buf_text(&hint));
}

/* Adds a finding for each template that @w names and that is not there. */
static void check_settings(struct lint *l, const struct workload *w)
{
	const char *name = arena_printf(&l->arena, "workload-%.*s", SLICE_ARG(w->name));
	const struct rule at = {
		.name = slice_of(name ? name : ""),
		.file = w->file,
		.line = w->line,
	};

	for (size_t i = 0; i < w->settings.n; i++) {
		const char *what;

		if (templates_find(&l->settings.set, w->settings.items[i]))
			continue;
		what = template_what(l, w->settings.items[i]);
		if (what)
			lint_add(&l->findings, &l->arena, LINT_NO_TEMPLATE, &at, NULL,
				 what, "pve-safe template list shows which there are");
	}
}

/* Adds a finding for each template that a workload names and that is not there. */
static void check_templates(struct lint *l)
{
	const struct policy *p = l->policy->policy;
	struct err e;

	if (!place_has_cluster(&l->place))
		return; /* where the administrator's are is not known */
	if (settings_load(&l->place, p, &l->settings, &e) < 0) {
		l->arena.failed = true;
		return;
	}
	for (size_t i = 0; i < p->nworkloads; i++)
		check_settings(l, &p->workloads[i]);
}

/* Guests that cannot be read are not lint's business. */
static void pass_over(const char *argument, const char *message, void *context)
{
	(void)argument;
	(void)message;
	(void)context;
}

/* Adds a finding for each rule that no guest of the cluster meets. */
static void check_guests(struct lint *l)
{
	const struct policy *p = l->policy->policy;
	const struct select select = { .place = &l->place,
				       .kind = -1,
				       .visit = visit,
				       .fail = pass_over,
				       .context = l };
	const char *what;

	if (!place_has_cluster(&l->place))
		return;
	l->met = calloc(p->nrules + 1, sizeof(*l->met));
	l->arena.failed |= !l->met;
	if (!l->met)
		return;
	cluster_load_more(&l->place, fact_set_sources(&p->facts), &l->cluster);
	if (select_cluster(&select) != EXIT_FINE || !l->nguests)
		return; /* what could not be read might meet any rule */
	what = l->nguests == 1
		       ? "today's one guest does not meet its `when`"
		       : arena_printf(&l->arena,
				      "none of today's %zu guests meets its `when`",
				      l->nguests);
	for (size_t i = 0; what && i < p->nrules; i++)
		if (!l->met[i] && !asks_for_request(p->rules[i].when))
			lint_add(&l->findings, &l->arena, LINT_NOWHERE, &p->rules[i],
				 NULL, what,
				 "fine where it guards against what is to come; else see "
				 "pve-safe explain");
}

/* Prints @f as a line of JSON. */
static void print_json(const struct lint_finding *f)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "kind", lint_kind_name(f->kind));
	json_member_text(&j, "level", is_note(f->kind) ? "note" : "warning");
	json_member(&j, "rule", f->rule);
	json_member_text(&j, "file", f->file);
	json_member_number(&j, "line", f->line);
	json_member_text(&j, "what", f->what);
	json_member_text(&j, "todo", f->todo);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints @f for people. */
static void print_text(const struct lint_finding *f)
{
	(void)printf("%s:", f->file);
	if (f->line)
		(void)printf("%u:", f->line);
	(void)printf(" %s%s", is_note(f->kind) ? "note: " : "", lint_kind_name(f->kind));
	if (f->rule.ptr)
		(void)printf(" %.*s", SLICE_ARG(f->rule));
	(void)printf(": %s\n    do: %s\n", f->what, f->todo);
}

/* Prints what was found: faults, then notes. Returns how many faults. */
static size_t print_findings(const struct lint *l)
{
	size_t faults = 0;

	for (size_t i = 0; i < l->findings.n * 2; i++) {
		const struct lint_finding *f = &l->findings.rows[i % l->findings.n];
		bool note = is_note(f->kind);

		if (note != (i >= l->findings.n))
			continue;
		faults += !note;
		if (l->json)
			print_json(f);
		else
			print_text(f);
	}
	return faults;
}

/* Prints the problems of a policy that does not load. */
static void print_problems(struct problems *problems, bool json)
{
	AUTO(buf_done) struct buf text = { 0 };

	problems_render(problems, &text); /* sorts them, too */
	if (!json)
		(void)fputs(buf_text(&text), stdout);
	for (size_t i = 0; json && i < problems->n; i++) {
		const struct problem *row = &problems->rows[i];
		AUTO(buf_done) struct buf out = { 0 };
		struct json j;

		json_begin(&j, &out);
		json_open_object(&j);
		json_member_text(&j, "kind", "error");
		json_member_text(&j, "level", "error");
		json_member_text(&j, "file", row->file);
		json_member_number(&j, "line", row->line);
		json_member_number(&j, "col", row->col);
		json_member_text(&j, "what", row->text);
		json_close(&j);
		(void)printf("%s\n", buf_text(&out));
	}
}

/* Which tags users of the cluster may write; NULL where nobody knows. */
static const struct cluster_tags *load_tags(struct lint *l)
{
	if (!place_has_cluster(&l->place))
		return NULL;
	cluster_load(&l->place, 1U << SOURCE_REGISTRY, &l->cluster);
	return l->cluster.sources[SOURCE_REGISTRY].state == SOURCE_STATE_FAILED
		       ? NULL
		       : &l->cluster.registered;
}

/* Looks at the file @path; the exit status. */
static int lint_file(const char *path, bool json)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(lint_done) struct lint l = { .place.root = -1, .json = json };
	struct err e = { 0 };
	size_t faults;
	bool here;

	if (store_load_file(path, &s, &problems, &e) < 0) {
		if (!problems_any(&problems))
			return say_error(&e);
		print_problems(&problems, json);
		return EXIT_FOUND;
	}
	l.policy = &s;
	here = place_open(NULL, &l.place, &e) == 0;
	lint_policy(s.policy, here ? load_tags(&l) : NULL, &l.arena, &l.findings);
	check_overrides(&l);
	if (here) {
		check_templates(&l);
		check_guests(&l);
	}
	if (arena_failed(&l.arena)) {
		(void)fputs("pve-safe: out of memory\n", stderr);
		return EXIT_SYSTEM;
	}
	faults = l.findings.n ? print_findings(&l) : 0;
	if (!json && !faults)
		(void)printf("%s: fine, %zu rule%s\n", path, s.policy->nrules,
			     s.policy->nrules == 1 ? "" : "s");
	return faults ? EXIT_FOUND : EXIT_FINE;
}

int policy_lint(int argc, char **argv)
{
	static const char *const places[] = { "/etc/pve/pve-safe/policy.conf",
					      "/etc/pve-safe/policy.conf" };
	AUTO(options_done) struct options o = { 0 };
	int status;

	if (options_read(argc, argv, OPTIONS_FORMAT, usage, &o, &status) < 0)
		return status;
	if (o.nargs > 1) {
		(void)fputs("pve-safe: policy lint: one file at a time\n", stderr);
		return EXIT_USAGE;
	}
	if (o.nargs == 1)
		return lint_file(o.args[0], o.json);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], F_OK) == 0)
			return lint_file(places[i], o.json);
	(void)fprintf(stderr, "pve-safe: there is no policy: neither %s nor %s\n",
		      places[0], places[1]);
	return EXIT_CANNOT;
}
