/* SPDX-License-Identifier: MIT */
#include "run/audit.h"

#include <string.h>

#include "base/cleanup.h"
#include "run/walk.h"

/* Facts that the report itself is made of. */
static const enum fact_id own_facts[] = { FACT_pool, FACT_tag, FACT_backed_up,
					  FACT_storage };

void audit_fail(struct audit *a, const char *file, const char *why)
{
	struct report_failure *row = REPORT_ADD(&a->report.failures);

	if (!row)
		return;
	row->file = arena_strdup(&a->report.arena, slice_of(file));
	row->why = arena_strdup(&a->report.arena, slice_of(why));
	if (!row->file || !row->why)
		a->report.failures.n--;
}

struct slice audit_keep(struct audit *a, struct slice text, struct slice *last)
{
	const char *copy;

	if (!text.len)
		return (struct slice){ 0 };
	if (!last->len || !slice_same(*last, text)) {
		copy = arena_strdup(&a->report.arena, text);
		*last = (struct slice){ copy, copy ? text.len : 0 };
	}
	return *last;
}

struct report_ref audit_ref(struct audit *a, const struct decision *d)
{
	return (struct report_ref){ .kind = d->kind,
				    .vmid = d->vmid,
				    .name = audit_keep(a, d->name, &a->kept.name),
				    .node = audit_keep(a, d->node, &a->kept.node) };
}

/* Whether a rule, a class or a template looks at the cause of a start. */
static bool names_cause(const struct audit *a)
{
	const struct policy *p = a->policy->policy;

	if (fact_set_has(&p->class_facts, FACT_cause) ||
	    (a->settings && fact_set_has(&a->settings->wanted, FACT_cause)))
		return true;
	for (size_t i = 0; i < p->nrules; i++) {
		struct fact_set named = { 0 };

		rule_facts(&p->rules[i], &named);
		if (fact_set_has(&named, FACT_cause))
			return true;
	}
	return false;
}

/* Says which files of the cluster cannot be read. */
static void report_sources(struct audit *a)
{
	for (unsigned i = 0; i < SOURCE_COUNT; i++) {
		const struct source_status *s = &a->cluster.sources[i];
		AUTO(buf_done) struct buf why = { 0 };

		if (s->state != SOURCE_STATE_FAILED)
			continue;
		if (!strstr(s->why, s->file))
			buf_printf(&why, "%s: ", s->file);
		buf_puts(&why, s->why);
		audit_fail(a, s->file, buf_text(&why));
	}
}

/* Sets which facts are wanted besides those that rules name. */
static void want_facts(struct audit *a)
{
	if (a->filter.pool)
		fact_set_add(&a->facts, FACT_pool);
	if (a->filter.tag)
		fact_set_add(&a->facts, FACT_tag);
	if (a->quiet)
		return;
	for (size_t i = 0; i < ARRAY_LEN(own_facts); i++)
		fact_set_add(&a->facts, own_facts[i]);
	for (size_t i = 0; a->format->facts && a->format->facts[i] != FACT_COUNT; i++)
		fact_set_add(&a->facts, a->format->facts[i]);
}

/* Loads the files of the cluster, and the names of waivers. */
static void load_cluster(struct audit *a)
{
	struct fact_set all = a->policy->policy->facts;
	struct err e = { 0 };
	unsigned sources;

	fact_set_join(&all, &a->facts);
	if (a->settings)
		fact_set_join(&all, &a->settings->wanted);
	sources = fact_set_sources(&all);
	if (!a->quiet)
		sources |= 1U << SOURCE_HA | 1U << SOURCE_STORAGE | 1U << SOURCE_REGISTRY;
	cluster_load(a->place, sources, &a->cluster);
	report_sources(a);
	if (waiver_dir_open(a->place, &a->waiver_dir, &e) >= 0 &&
	    waiver_list(&a->waiver_dir, 0, &a->report.arena, &a->waivers, &e) == 0)
		a->judgement.waivers = &a->waivers;
	else
		audit_fail(a, WAIVER_DIR, e.msg);
}

/* Fills in the head of the report. */
static void begin_report(struct audit *a)
{
	struct report *r = &a->report;

	r->time = a->judgement.decision.time;
	r->policy = a->judgement.decision.policy;
	r->mode = a->policy->policy->mode;
	r->here = (struct report_here){ .node = slice_of(a->place->node),
					.enabled = place_is_enabled(a->place),
					.is_live = a->place->live };
	r->filtered = a->filter.node || a->filter.pool || a->filter.tag ||
		      a->filter.rule || a->filter.action >= 0;
}

/* Narrows the policy to what can matter for guests of @kind at what is asked. */
static int narrow(struct audit *a, enum guest_kind kind, struct err *e)
{
	static const enum fact_id known[] = {
		FACT_event,       FACT_cause,       FACT_user,  FACT_login,
		FACT_login_group, FACT_caller_file, FACT_given, FACT_changes,
		FACT_kind,        FACT_ct,          FACT_vm
	};
	struct facts_input in = { .kind = kind, .request = a->ask.request };
	struct fact_set wanted = { 0 };
	struct facts facts;

	in.sources[SOURCE_REQUEST].state = SOURCE_STATE_READ;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		fact_set_add(&wanted, known[i]);
	a->narrow[kind] = *a->policy;
	a->narrow[kind].policy = &a->parts[kind];
	if (facts_load(&in, &wanted, &a->report.arena, &facts, e) < 0)
		return -1;
	if (policy_narrow(a->policy->policy, &facts,
			  kind == GUEST_CT ? FACT_KINDS_CT : FACT_KINDS_VM,
			  &a->report.arena, &a->parts[kind], e) < 0)
		return -1;
	a->memos[kind] = policy_memo_new(&a->parts[kind]);
	return 0;
}

/* Prepares judging. -1 only without memory. */
static int begin(struct audit *a, struct err *e)
{
	a->ask = (struct ask){
		.layer = LAYER_CHECK,
		.start = true,
		.bulk = true,
		.also = &a->facts,
		.settings = a->settings,
	};
	limits_begin(a->place, a->policy->policy, &a->cluster, LIMITS_AUDIT, &a->limits);
	if (a->policy->policy->nlimits) {
		fact_set_join(&a->facts, &a->limits.wanted);
		a->ask.limits = &a->limits;
	}
	a->ask.request.event = slice_of("start");
	a->ask.request.cause = slice_of("user");
	if (judge_begin(a->place, a->policy, &a->ask, &a->judgement, e) < 0 ||
	    narrow(a, GUEST_CT, e) < 0 || narrow(a, GUEST_VM, e) < 0)
		return -1;
	want_facts(a);
	load_cluster(a);
	a->names_cause = names_cause(a);
	if (!a->quiet)
		coverage_begin(a->place, &a->cluster, a->policy, &a->coverage);
	begin_report(a);
	if (!a->quiet)
		audit_grants(a);
	if (a->format->begin)
		a->format->begin(&a->report, &a->out);
	return 0;
}

/* Whether the list or text @f holds @want; what is unknown might. */
static bool may_be(const struct fact *f, const char *want)
{
	if (f->state == FACT_STATE_UNKNOWN)
		return true;
	if (f->text.ptr)
		return slice_eq(f->text, want);
	for (size_t i = 0; i < f->nitems; i++)
		if (slice_eq(f->items[i].text, want))
			return true;
	return false;
}

/* Whether the guest that was judged is one of those that are wanted. */
static bool is_wanted(const struct audit *a, const struct facts *facts)
{
	const struct audit_filter *want = &a->filter;

	return (!want->pool || may_be(facts_get(facts, FACT_pool), want->pool)) &&
	       (!want->tag || may_be(facts_get(facts, FACT_tag), want->tag));
}

/* Drops from @ev the findings that are not wanted. */
static void filter_findings(const struct audit_filter *want, struct evaluation *ev)
{
	size_t n = 0;

	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];

		if ((want->rule && !slice_eq(f->rule->name, want->rule)) ||
		    (want->action >= 0 && f->action != (enum action)want->action))
			continue;
		ev->findings[n++] = *f;
	}
	ev->n = n;
}

/* Notes what else there is to say of the guest that was judged. */
static void note_guest(struct audit *a, const struct guest *g, struct report_guest *row)
{
	const struct decision *d = &a->judgement.decision;
	const struct fact *backed_up = facts_get(d->facts, FACT_backed_up);

	audit_boot(a, g);
	audit_storages(a, d->facts);
	row->gap = audit_gap(a, g);
	if (row->gap) {
		struct report_gap *gap = REPORT_ADD(&a->report.gaps);

		if (gap)
			*gap = (struct report_gap){ audit_ref(a, d), row->gap };
	}
	if (backed_up->state == FACT_STATE_KNOWN && !backed_up->flag) {
		struct report_ref *ref = REPORT_ADD(&a->report.unbacked);

		if (ref)
			*ref = audit_ref(a, d);
	}
}

/* Judges one guest. */
static int visit(const struct guest *g, void *context)
{
	struct audit *a = context;
	struct judgement *j = &a->judgement;
	struct report_guest row = { .decision = &j->decision };
	struct err e = { 0 };

	if (a->stopped)
		return EXIT_FINE;
	judge_next(j);
	a->ask.memo = a->memos[g->kind];
	if (judge_guest(&a->narrow[g->kind], &a->cluster, g, &a->ask, j, &e) < 0) {
		audit_fail(a, g->path, e.msg);
		return EXIT_CANNOT;
	}
	if (!is_wanted(a, &j->facts))
		return EXIT_FINE;
	if (!a->quiet)
		note_guest(a, g, &row);
	if (a->filter.rule || a->filter.action >= 0)
		filter_findings(&a->filter, &j->decision.evaluation);
	row.findings = j->decision.evaluation.findings;
	row.n = j->decision.evaluation.n;
	report_count(&a->report, &row);
	if (a->format->guest && (row.n || a->format->every_guest))
		a->format->guest(&a->report, &row, &a->out);
	a->stopped = a->after && a->after(a) < 0;
	return EXIT_FINE;
}

/* Notes a file that cannot be read. */
static void fail(const char *path, const char *message, void *context)
{
	audit_fail(context, path, message);
}

/* Exit status of what was found. */
static int status_of(const struct audit *a)
{
	if (a->report.failures.n || a->report.guests.findings.unknown)
		return EXIT_CANNOT;
	return report_has_findings(&a->report) ? EXIT_FOUND : EXIT_FINE;
}

int audit_run(struct audit *a)
{
	const struct walk walk = { .place = a->place,
				   .node = a->filter.node,
				   .visit = visit,
				   .fail = fail,
				   .context = a };
	struct err e = { 0 };
	int status;

	a->waiver_dir.fd = -1;
	if (begin(a, &e) < 0) {
		audit_fail(a, "", e.msg);
		return EXIT_CANNOT;
	}
	status = walk_guests(&walk);
	if (!a->quiet) {
		audit_waivers(a);
		audit_boot_sort(a);
	}
	if (a->format->end)
		a->format->end(&a->report, &a->out);
	if (arena_failed(&a->report.arena))
		return EXIT_CANNOT;
	return status > EXIT_FINE ? status : status_of(a);
}

void audit_done(struct audit *a)
{
	judge_done(&a->judgement);
	limits_done(&a->limits);
	policy_memo_free(a->memos[GUEST_CT]);
	policy_memo_free(a->memos[GUEST_VM]);
	waiver_dir_done(&a->waiver_dir);
	cluster_done(&a->cluster);
	report_done(&a->report);
	buf_done(&a->out.held);
}
