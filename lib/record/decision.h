/* SPDX-License-Identifier: MIT */
/*
 * decision - what was asked, what was found, what it came to: for people and as JSON.
 *
 * Filled by run/, which owns what it points to; here it is only shown. The two forms are
 * interfaces: people read the text in task logs (which strip leading blanks, so nothing
 * is said by indentation alone), scripts read the JSON.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/uuid7.h"
#include "facts/facts.h"
#include "policy/policy.h"

/* Who judged. */
enum layer { LAYER_WRAPPER, LAYER_HOOK, LAYER_LXC_HOOK, LAYER_TICK, LAYER_CHECK };

/* Who asked; absent texts are {NULL, 0}. */
struct actor {
	struct slice pve_user; /* alice@pve, from the UPID */
	struct slice login;    /* Unix login, from loginuid */
	struct slice upid;     /* the task that asked */
};

/* A reason why nothing could be judged; it denies. */
struct failure {
	const char *what; /* file (with line) or argument, and what is wrong with it */
	const char *todo; /* the way out */
};

/* The policy as the record names it. */
struct decision_policy {
	const char *source; /* "file", "last-good", "builtin" */
	const char *name;   /* path, or baseline@1 */
	uint64_t version, serial;
	const char *digest;  /* SHA-256, hex */
	const char *problem; /* why it is not the current one; NULL: it is */
};

/* One thing that a settings template sets for the guest. Absent texts are {NULL, 0}. */
struct decision_setting {
	const char *kind; /* module, device, option, sysctl, host */
	struct slice target, value;
	struct slice before, after; /* once it was applied */
	struct slice template;
	const char *file; /* where it is asked for */
	unsigned line;
};

struct decision {
	char id[UUID7_SIZE];
	struct clock_time time;
	enum layer layer;
	struct slice event, cause; /* cause {NULL, 0}: not a start */
	enum guest_kind kind;
	uint64_t vmid;           /* 0: none */
	bool is_new;             /* the guest is not there yet */
	struct slice node, name; /* {NULL, 0}: not known */
	struct actor actor;
	struct decision_policy policy;
	char config_digest[41];    /* SHA-1 of the guest's file, "" when there is none */
	const struct facts *facts; /* NULL when nothing could be judged */
	const char *guest_file;    /* where the facts of the guest come from, or NULL */
	struct evaluation evaluation;
	struct failure *failures; /* any of them: the verdict is deny, exit status 78 */
	size_t nfailures;
	const struct decision_setting *settings; /* what templates set, in their order */
	size_t nsettings;
	const char *const *argv; /* as typed, secrets masked; NULL in hooks */
	const char *const
		*command; /* the exact argv that is run; NULL unless a wrapper's */
	uint64_t duration_us;
	const char *more; /* the command that says more; NULL: explain, of the VMID */
	bool enforcing; /* false: nothing is refused here yet; findings are only shown */
};

/* The verdict, failures included: the one that is acted on. */
enum verdict decision_verdict(const struct decision *d);

/* Exit status of a hook for @d: 0, 77 or 78. */
int decision_exit_code(const struct decision *d);

/* Whether there is anything to say to people beyond the record. */
bool decision_is_worth_saying(const struct decision *d);

/* Appends the message for people: head line, every finding with its way out, id. */
void decision_render(const struct decision *d, struct buf *out);

/* Appends the guest that @d is about: "CT 101 (web01)". */
void decision_render_guest(const struct decision *d, struct buf *out);

/* Appends its first line alone. */
void decision_render_head(const struct decision *d, struct buf *out);

/* Writes the members of the record's object (design: "The record") into the open object. */
void decision_emit(const struct decision *d, struct json *j);

/* Writes the members of @f that stand in the record and in reports, into an open object. */
void decision_emit_finding(const struct finding *f, struct json *j);

/* Word for JSON: wrapper, hook, lxc-hook, tick, check. */
const char *layer_name(enum layer l);
