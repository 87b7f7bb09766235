/* SPDX-License-Identifier: MIT */
#include "run/policy-diff.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "run/judge.h"
#include "run/options.h"
#include "run/say.h"
#include "run/select.h"

static const char usage[] =
	"usage: pve-safe policy diff [OPTION…] NEW\n\n"
	"Which of today's guests, of all nodes of the cluster, could be started under "
	"the\n"
	"policy in force and not under the file NEW, or the other way round.\n\n"
	"  --policy FILE       compare with FILE instead of the policy in force\n"
	"  --format text|json\n\n"
	"Exit status: 0 no verdict changes, 1 some do, 2 something cannot be read.\n";

int policy_diff_begin(const struct place *p, const struct store_policy *before,
		      const struct store_policy *after, struct policy_diff *ret,
		      struct err *e)
{
	*ret = (struct policy_diff){ .place = p, .before = before, .after = after };
	if (settings_load(p, before->policy, &ret->of_before, e) < 0 ||
	    settings_load(p, after->policy, &ret->of_after, e) < 0)
		return -1;
	cluster_load(p,
		     1U << SOURCE_HA | fact_set_sources(&before->policy->facts) |
			     fact_set_sources(&after->policy->facts) |
			     fact_set_sources(&ret->of_before.wanted) |
			     fact_set_sources(&ret->of_after.wanted),
		     &ret->cluster);
	return 0;
}

void policy_diff_done(struct policy_diff *d)
{
	settings_done(&d->of_before);
	settings_done(&d->of_after);
	cluster_done(&d->cluster);
}

int policy_diff_judge(struct policy_diff *d, const struct store_policy *policy,
		      const struct guest *g, const char *cause, struct judgement *j)
{
	struct ask ask = { .layer = LAYER_CHECK, .start = true };
	struct err e = { 0 };

	ask.request.event = slice_of("start");
	ask.request.cause = slice_of(cause);
	ask.settings = policy == d->before ? &d->of_before : &d->of_after;
	if (judge_begin(d->place, policy, &ask, j, &e) == 0 &&
	    judge_guest(policy, &d->cluster, g, &ask, j, &e) == 0)
		return 0;
	(void)say_error_of(g->path, &e);
	return -1;
}

/* Whether the finding @i of @d has an effect that its verdict comes from. */
static bool decides(const struct decision *d, size_t i)
{
	const struct finding *f = &d->evaluation.findings[i];

	switch (d->evaluation.verdict) {
	case VERDICT_DENY:
		return f->effect == EFFECT_DENY;
	case VERDICT_WARN:
		return f->effect == EFFECT_WARN || f->effect == EFFECT_WOULD_DENY ||
		       f->ending;
	case VERDICT_ALLOW:
		break;
	}
	return false;
}

void policy_diff_verdict(const struct decision *d, struct buf *out)
{
	const char *before = " (";

	buf_puts(out, verdict_name(decision_verdict(d)));
	for (size_t i = 0; i < d->evaluation.n; i++) {
		if (!decides(d, i))
			continue;
		buf_puts(out, before);
		buf_slice(out, d->evaluation.findings[i].rule->name);
		before = ", ";
	}
	if (*before == ',')
		buf_putc(out, ')');
}

/* Writes the member @key: a verdict with its rules. */
static void emit_verdict(const char *key, const struct decision *d, struct json *j)
{
	json_member_object(j, key);
	json_member_text(j, "verdict", verdict_name(decision_verdict(d)));
	json_member_array(j, "rules");
	for (size_t i = 0; i < d->evaluation.n; i++)
		if (decides(d, i))
			json_put_string(j, d->evaluation.findings[i].rule->name);
	json_close(j);
	json_close(j);
}

/* Prints the line @out; EXIT_CANNOT after saying so when there was no memory for it. */
static int print_line(const struct guest *g, const struct buf *out)
{
	if (buf_failed(out)) {
		(void)fprintf(stderr, "pve-safe: %s: out of memory\n", g->path);
		return EXIT_CANNOT;
	}
	(void)printf("%s\n", buf_text(out));
	return EXIT_FOUND;
}

/* Prints one guest as a line of JSON. */
static int print_json(const struct guest *g, const struct decision *before,
		      const struct decision *after)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "kind", g->kind == GUEST_CT ? "ct" : "vm");
	json_member_number(&j, "vmid", g->vmid);
	json_member(&j, "name", after->name);
	json_member_text(&j, "node", g->node);
	emit_verdict("before", before, &j);
	emit_verdict("after", after, &j);
	json_close(&j);
	return print_line(g, &out);
}

/* Prints one guest as a line for people. */
static int print_text(const struct guest *g, const struct decision *before,
		      const struct decision *after)
{
	AUTO(buf_done) struct buf out = { 0 };

	decision_render_guest(after, &out);
	buf_printf(&out, " on %s: ", g->node);
	policy_diff_verdict(before, &out);
	buf_puts(&out, " -> ");
	policy_diff_verdict(after, &out);
	return print_line(g, &out);
}

/* Compares what both policies say of one guest. */
static int visit(const struct guest *g, void *context)
{
	struct policy_diff *d = context;
	AUTO(judge_done) struct judgement before = { 0 }, after = { 0 };

	d->guests++;
	if (policy_diff_judge(d, d->before, g, "user", &before) < 0 ||
	    policy_diff_judge(d, d->after, g, "user", &after) < 0)
		return EXIT_CANNOT;
	if (decision_verdict(&before.decision) == decision_verdict(&after.decision))
		return EXIT_FINE;
	d->changed++;
	return d->json ? print_json(g, &before.decision, &after.decision)
		       : print_text(g, &before.decision, &after.decision);
}

int policy_diff_print(struct policy_diff *d)
{
	const struct select select = {
		.place = d->place, .kind = -1, .visit = visit, .context = d
	};
	int status;

	if (d->before->problem)
		(void)fprintf(stderr,
			      "pve-safe: WARN: compared with %s, for the current policy "
			      "cannot be used: %s\n",
			      d->before->name, d->before->problem);
	status = select_cluster(&select);
	if (!d->json)
		(void)printf("%zu of %zu guest%s: the verdict at a start changes\n",
			     d->changed, d->guests, d->guests == 1 ? "" : "s");
	return status;
}

int policy_diff(int argc, char **argv)
{
	AUTO(options_done) struct options o = { 0 };
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(store_policy_done) struct store_policy before = { 0 }, after = { 0 };
	AUTO(policy_diff_done) struct policy_diff d = { 0 };
	struct err e = { 0 };
	int status;

	if (options_read(argc, argv, OPTIONS_POLICY | OPTIONS_FORMAT, usage, &o,
			 &status) < 0)
		return status;
	if (o.nargs != 1) {
		(void)fputs("pve-safe: policy diff: which file? "
			    "pve-safe policy diff NEW\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (options_open(&o, &p, &before, &status) < 0)
		return status;
	if (options_load_policy(o.args[0], &p, &after) < 0)
		return EXIT_CANNOT;
	if (policy_diff_begin(&p, &before, &after, &d, &e) < 0)
		return say_error(&e);
	d.json = o.json;
	return policy_diff_print(&d);
}
