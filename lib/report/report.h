/* SPDX-License-Identifier: MIT */
/*
 * report - what an audit found, for a format to show.
 *
 * Guests are handed to a format one by one and are gone when it returns; what concerns the
 * cluster as a whole (numbers, waivers, nodes, lists) is in struct report once all guests
 * were seen. A format is one file and one row of report_formats[]; it only appends to a
 * buffer, which its caller writes out, so a report of any length needs little memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "policy/policy.h"
#include "record/decision.h"

enum {
	REPORT_VERSION = 1,   /* of the JSON form */
	REPORT_EFFECTS = 6,   /* of enum effect */
	REPORT_VERDICTS = 3,  /* of enum verdict */
	REPORT_MAX_FOUND = 8, /* lines of evidence of one finding */
	REPORT_TALLIES = 6,
	REPORT_SHOWN_NAME = 80,  /* bytes of a name that reports for people show */
	REPORT_SHOWN_TEXT = 400, /* bytes of other texts */
};

/* Findings, counted. */
struct report_counts {
	size_t effects[REPORT_EFFECTS]; /* by enum effect */
	size_t unknown;                 /* that rest on what could not be read */
};

/*
 * How far guests are kept from their node. Only for formats that want the facts privileged
 * and nesting; for others all containers count as plain ones.
 */
enum report_reach {
	REPORT_VM,
	REPORT_CT,
	REPORT_CT_NESTING,
	REPORT_CT_PRIVILEGED,
	REPORT_CT_BOTH,
	REPORT_CT_UNKNOWN, /* one of the two facts is unknown */
	REPORT_REACHES,
};

/* Guests, counted: of the cluster or of a node. */
struct report_guests {
	size_t all, containers;
	size_t reach[REPORT_REACHES];     /* by enum report_reach */
	size_t verdicts[REPORT_VERDICTS]; /* by enum verdict */
	size_t unbacked;                  /* that no backup job covers */
	size_t unenforced;                /* whose starts nothing judges */
	struct report_counts findings;
};

struct report_node {
	struct slice name;
	struct report_guests guests;
};

/* A rule that fired, of the policy or of a settings template, with what it found. */
struct report_rule {
	const struct rule
		*rule; /* name, action, reason, remedy, docs, file and line alone */
	struct report_counts findings;
};

/* Which guest, for the lists of the report. */
struct report_ref {
	enum guest_kind kind;
	uint64_t vmid;
	struct slice name; /* {NULL, 0}: it has none */
	struct slice node;
};

/* A guest that its policy would not let come back after a reboot of its node. */
struct report_lost {
	struct report_ref guest;
	const char *cause;  /* "boot" or "ha" */
	uint64_t order;     /* of its startup; UINT64_MAX: last */
	struct slice rules; /* those that refuse it, "a, b" */
};

/* A guest whose starts nothing judges. */
struct report_gap {
	struct report_ref guest;
	const char *why; /* one line */
};

/* A waiver or an override. */
struct report_waiver {
	struct report_ref guest; /* .node {NULL, 0}: there is no such guest */
	bool found;              /* .guest.kind holds */
	struct slice rule;
	const char *kind;  /* "waiver" or "override" */
	const char *state; /* used, expiring, unused, void, broken, gone */
	const char *why;   /* one line; NULL when used */
	bool readable;     /* what follows is filled */
	struct slice ticket, reason, granted_by, until;
	uint64_t granted_ms;
	unsigned days_left; /* 0: its last day, or over */
};

/* Every state of a waiver, in the order that people want them. */
enum { REPORT_WAIVER_STATES = 6 };
extern const char *const report_waiver_states[REPORT_WAIVER_STATES];

/* Whether @w exempts its guest: it is used, unused or near its end. */
bool report_waiver_counts(const struct report_waiver *w);

/* A storage that guests lie on and that cannot make snapshots of them. */
struct report_storage {
	struct slice id, type;
	const char *why; /* one line */
};

/* A rule that whoever may write tags exempts himself from. */
struct report_grant {
	const struct rule *rule;
	struct slice tag; /* the tag, or the pattern, that exempts */
	bool is_pattern;  /* patterns cannot be registered */
	const char *mend; /* what to do, one line */
};

/* What could not be read. */
struct report_failure {
	const char *file; /* or what else it is about */
	const char *why;  /* one line, naming it */
};

/* Whether starts are refused on the node that the report was made on. */
struct report_here {
	struct slice node;
	bool enabled; /* /etc/pve-safe/enabled is there */
	bool is_live; /* a node, not a tree of copied files */
};

#define REPORT_LIST(type)      \
	struct {               \
		type *rows;    \
		size_t n, cap; \
	}

struct report {
	struct clock_time time;
	struct decision_policy policy;
	enum action mode;
	struct report_here here;
	bool filtered; /* by node, pool, tag, rule or action: not the whole cluster */
	struct report_guests guests;
	REPORT_LIST(struct report_node) nodes;
	REPORT_LIST(struct report_rule) rules; /* as they first fired */
	REPORT_LIST(struct report_waiver) waivers;
	REPORT_LIST(struct report_lost) lost; /* by node and startup order */
	REPORT_LIST(struct report_gap) gaps;
	REPORT_LIST(struct report_ref) unbacked;
	REPORT_LIST(struct report_storage) storages;
	REPORT_LIST(struct report_grant) grants;
	REPORT_LIST(struct report_failure) failures;
	struct arena arena; /* of their texts */
};

/*
 * Makes room for one more row of @list, a REPORT_LIST, all zeros; NULL without memory. Rows
 * move: no pointer to one outlives the next.
 */
#define REPORT_ADD(list)                                             \
	report_add((void **)&(list)->rows, &(list)->n, &(list)->cap, \
		   sizeof(*(list)->rows))
void *report_add(void **rows, size_t *n, size_t *cap, size_t size);

/* Releases @r. Fit for AUTO(). */
void report_done(struct report *r);

/* One guest, as it was judged. Borrowed. */
struct report_guest {
	const struct decision *decision; /* .facts has pool, tag and what rules name */
	const struct finding *findings;  /* those that are to be shown */
	size_t n;
	const char *gap; /* why nothing judges its starts; NULL: something does */
};

/* Counts @g, for the cluster, its node and the rules that fired. */
void report_count(struct report *r, const struct report_guest *g);

/* A line of evidence: what stands in a file, or which value a fact has. */
struct report_found {
	enum fact_id fact; /* FACT_COUNT: a line that is no fact */
	struct slice text;
	const char *file; /* NULL: none says so */
	unsigned line;    /* 0: not known */
	bool unknown;     /* .text says why the fact is not known */
};

/* What made @f fire, unknown facts first; texts are made in @a. Returns how many. */
size_t report_find(const struct decision *d, const struct finding *f, struct arena *a,
		   struct report_found ret[static REPORT_MAX_FOUND]);

/*
 * Appends what made @f fire, as one line of printable text, and what there is to know of
 * its waiver: "unprivileged: 0 (/etc/pve/nodes/pve1/lxc/101.conf:9); …".
 */
void report_put_evidence(const struct report_guest *g, const struct finding *f,
			 struct buf *out);

/* Appends "CT 101 (web01)", printable. */
void report_put_guest(enum guest_kind kind, uint64_t vmid, struct slice name,
		      struct buf *out);

/* Words for an enum report_reach. */
const char *report_reach_name(unsigned reach);

/* Where a format writes to. */
struct report_out {
	struct buf *buf;
	unsigned
		columns; /* of the terminal; 0: no terminal, lines may be of any length */
	bool colour;
	struct json json; /* for formats that are one JSON value */
	struct buf held;  /* what a format writes only later; audit_done() releases it */
	size_t tally[REPORT_TALLIES]; /* for formats that count as they go */
	char group[256]; /* node of the guest before; for formats that group by it */
};

/* A format: functions that append to the buffer; any may be NULL. */
struct report_format {
	const char *name;
	/* Wants guests without findings as well. */
	bool every_guest;
	/* Facts wanted besides those that rules name; ends with FACT_COUNT. */
	const enum fact_id *facts;
	void (*begin)(const struct report *r, struct report_out *out);
	void (*guest)(const struct report *r, const struct report_guest *g,
		      struct report_out *out);
	void (*end)(const struct report *r, struct report_out *out);
};

/* All formats, sorted by name; NULL-terminated. */
extern const struct report_format *const report_formats[];

extern const struct report_format report_html, report_json, report_junit,
	report_prometheus, report_sarif, report_table;

/* The numbers alone, for --quiet; not among them, for nobody names it. */
extern const struct report_format report_quiet;

/* The format called @name, or NULL. */
const struct report_format *report_format_find(const char *name);

/* Whether the audit found something, as its exit status says. */
bool report_has_findings(const struct report *r);
