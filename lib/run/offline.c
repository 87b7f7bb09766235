/* SPDX-License-Identifier: MIT */
#include "run/offline.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/say.h"

int offline_open(int argc, char **argv, unsigned known, const char *usage,
		 struct offline *ret, int *ret_status)
{
	*ret = (struct offline){ .place.root = -1 };
	if (options_read(argc, argv, known, usage, &ret->options, ret_status) < 0 ||
	    options_open(&ret->options, &ret->place, &ret->policy, ret_status) < 0)
		return -1;
	say_policy(&ret->policy);
	limits_begin(&ret->place, ret->policy.policy, &ret->cluster, LIMITS_LOOK,
		     &ret->limits);
	cluster_load(&ret->place,
		     fact_set_sources(&ret->policy.policy->facts) |
			     fact_set_sources(&ret->policy.policy->class_facts) |
			     fact_set_sources(&ret->limits.wanted),
		     &ret->cluster);
	return 0;
}

void offline_done(struct offline *o)
{
	limits_done(&o->limits);
	cluster_done(&o->cluster);
	store_policy_done(&o->policy);
	place_close(&o->place);
	options_done(&o->options);
}

int offline_read_settings(struct offline *o, struct settings *ret, struct err *e)
{
	if (settings_load(&o->place, o->policy.policy, ret, e) < 0)
		return -1;
	cluster_load_more(&o->place, fact_set_sources(&ret->wanted), &o->cluster);
	return 0;
}

int offline_load_settings(struct offline *o, struct settings *ret)
{
	AUTO(buf_done) struct buf warning = { 0 };
	struct err e = { 0 };

	if (offline_read_settings(o, ret, &e) < 0) {
		(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
		return -1;
	}
	settings_warn(ret, &warning);
	(void)say(&warning, stderr);
	o->settings = ret;
	return 0;
}

int offline_each(struct offline *o, select_visit visit)
{
	struct select s = {
		.place = &o->place, .kind = o->options.kind, .visit = visit, .context = o
	};
	int status = select_each(&s, o->options.args, o->options.nargs);

	if (status < EXIT_CANNOT && o->policy.problem)
		return status > EXIT_FOUND ? status : EXIT_FOUND;
	return status;
}

int offline_judge(struct offline *o, const struct guest *g, struct judgement *j,
		  struct err *e)
{
	const char *event = o->options.event ? o->options.event : "start";
	struct ask ask = { .layer = LAYER_CHECK,
			   .inside = true,
			   .assume = &o->options,
			   .also = o->also,
			   .settings = o->settings,
			   .limits = &o->limits };

	ask.start = strcmp(event, "start") == 0;
	ask.request.event = slice_of(event);
	if (ask.start)
		ask.request.cause = slice_of("user");
	if (judge_begin(&o->place, &o->policy, &ask, j, e) < 0)
		return -1;
	if (judge_guest(&o->policy, &o->cluster, g, &ask, j, e) < 0)
		return -1;
	judge_end(j);
	return 0;
}

int offline_status(const struct decision *d)
{
	if (d->nfailures)
		return EXIT_CANNOT;
	for (size_t i = 0; i < d->evaluation.n; i++)
		if (!fact_set_is_empty(&d->evaluation.findings[i].unknown))
			return EXIT_CANNOT;
	return d->evaluation.verdict == VERDICT_DENY ? EXIT_FOUND : EXIT_FINE;
}
