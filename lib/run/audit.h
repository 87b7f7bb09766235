/* SPDX-License-Identifier: MIT */
/*
 * audit - judges every guest of the cluster, and gathers what else there is to say of it,
 * into a report. Records nothing, writes nothing but the report.
 */
#pragma once

#include "policy/store.h"
#include "report/report.h"
#include "run/coverage.h"
#include "run/judge.h"
#include "run/load.h"
#include "run/waiver-file.h"

/* Which guests and findings are wanted; NULL, -1: all. */
struct audit_filter {
	const char *node, *pool, *tag, *rule;
	int action; /* enum action */
};

struct audit {
	const struct place *place;
	const struct store_policy *policy;
	struct audit_filter filter;
	const struct report_format *format;
	bool quiet; /* only the numbers: what else there is is not looked for */
	struct report_out out;
	struct settings *settings;  /* templates that starts are judged by; or NULL */
	struct limits_world limits; /* of the policy */
	/* Called after each guest, for writing and progress; -1 ends the audit early. */
	int (*after)(struct audit *a);
	void *context;

	struct cluster cluster;
	struct report report;
	struct waiver_dir waiver_dir;
	struct waiver_names waivers;
	struct judgement judgement;
	struct ask ask;
	struct fact_set facts; /* wanted besides those of the policy */
	/* What of the policy can matter for each kind of guests: by enum guest_kind. */
	struct store_policy narrow[2];
	struct policy parts[2];
	struct policy_memo *memos[2];
	bool names_cause;               /* why a guest starts may matter */
	struct coverage_world coverage; /* what enforces the policy */
	bool stopped;                   /* .after said so */
	/* What was kept last, in the report's arena: many guests have the same. */
	struct {
		struct slice name, node, gap, rules;
	} kept;
};

/*
 * Runs the audit; everything up to .context is set. The exit status: EXIT_FINE, EXIT_FOUND,
 * EXIT_CANNOT. audit_done() releases @a.
 */
int audit_run(struct audit *a) __attribute__((nonnull, warn_unused_result));

/* Releases @a. Fit for AUTO(). */
void audit_done(struct audit *a);

/* For the files of audit alone. */

/* Notes that @file cannot be read, for @why, a line that names it. */
void audit_fail(struct audit *a, const char *file, const char *why);

/*
 * A copy of @text that the report keeps, {NULL, 0} when it is empty; @last, one of .kept,
 * where that is the same.
 */
struct slice audit_keep(struct audit *a, struct slice text, struct slice *last);

/* A guest for a list of the report; texts copied. */
struct report_ref audit_ref(struct audit *a, const struct decision *d);

/* Adds the waivers to the report. */
void audit_waivers(struct audit *a);

/* Adds the rules from which users can exempt themselves. */
void audit_grants(struct audit *a);

/* Notes the storages of the guest that was judged, which cannot make snapshots. */
void audit_storages(struct audit *a, const struct facts *facts);

/* Notes @g, which was judged, if it would not come back after a reboot of its node. */
void audit_boot(struct audit *a, const struct guest *g);

/* Puts those in the order in which their nodes start them. */
void audit_boot_sort(struct audit *a);

/* Why nothing judges the starts of @g; NULL: something does, or that cannot be seen here. */
const char *audit_gap(struct audit *a, const struct guest *g);
