/* SPDX-License-Identifier: MIT */
/*
 * policy - what is allowed: rules read from files, judged against facts.
 *
 * texts (policy/store loads them) -> policy_compile() -> policy_eval(), which is pure: it
 * takes const data, touches nothing and cannot fail.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problems.h"
#include "base/slice.h"
#include "facts/facts.h"
#include "policy/expr.h"

enum {
	POLICY_VERSION = 1, /* of the syntax; newer files are refused */
	POLICY_MAX_FILES = 32,
	POLICY_MAX_DEPTH = 8, /* files that include each other in a row */
	POLICY_MAX_RULES = 1024,
	POLICY_MAX_EVENTS = 128, /* words of fact_words_event that there is room for */
};

/* DENY is 0: a zeroed verdict denies, and the stricter of two is the smaller. */
enum verdict { VERDICT_DENY = 0, VERDICT_WARN, VERDICT_ALLOW };

/* What a rule asks for, and the ceiling that `mode` sets; stricter is smaller. */
enum action { ACTION_DENY = 0, ACTION_WARN, ACTION_AUDIT, ACTION_OFF };

/* What a finding did. */
enum effect {
	EFFECT_DENY = 0,
	EFFECT_WARN,
	EFFECT_AUDIT,
	EFFECT_WAIVED,
	EFFECT_OVERRIDDEN,
	EFFECT_WOULD_DENY,
};

/* Which causes of a start a rule refuses. */
enum refuse {
	REFUSE_FRESH = 0, /* user, boot, ha; others are recorded as would-deny */
	REFUSE_ALWAYS,
};

/* One file of a policy, as it was read. */
struct policy_text {
	char *name; /* "/etc/pve/pve-safe/policy.conf" or "baseline@1"; owned */
	char *text; /* NUL-terminated; owned */
	size_t len;
};

/* All files of a policy; [0] is the policy file itself. */
struct policy_texts {
	struct policy_text *files;
	size_t n;
};

/* Releases @t, which may be used again. Fit for AUTO(). */
void policy_texts_done(struct policy_texts *t);

/* Adds a copy of @text, called @name; -1 without memory. */
int policy_texts_add(struct policy_texts *t, struct slice name, struct slice text,
		     struct err *e) __attribute__((nonnull, warn_unused_result));

/* Where the included files come from that are not among the texts. */
struct policy_loader {
	/*
	 * Adds the file @name, which stands beside the policy file, to @texts. 0; 1 when
	 * there is none; -1 with @e set.
	 */
	int (*load)(void *ctx, const char *name, struct policy_texts *texts,
		    struct err *e);
	/*
	 * Whether the digest of @texts is known from before; then it is written to @ret.
	 * NULL: it never is.
	 */
	bool (*known)(void *ctx, const struct policy_texts *texts, char ret[static 65]);
	/*
	 * Whether both readers of files agreed on this very text before, so that libconfuse
	 * need not read it once more. NULL: never.
	 */
	bool (*agreed)(void *ctx, const struct policy_text *text);
	void *ctx;
};

/* A list of words; borrowed from the policy. */
struct policy_words {
	const struct slice *items;
	size_t n;
};

/* Events by their index in fact_words_event. */
struct event_set {
	uint64_t bits[POLICY_MAX_EVENTS / 64];
};

/* What a rule was made of. */
enum rule_kind { RULE_PLAIN = 0, RULE_WORKLOAD, RULE_LIMITS };

struct workload;

struct rule {
	struct slice name;
	enum rule_kind kind;
	const struct workload *workload; /* RULE_WORKLOAD: whose; else NULL */
	const struct expr *when;
	const struct expr *unless; /* NULL: nothing exempts */
	enum action action;
	enum refuse refuse;
	struct slice reason, remedy, docs; /* {NULL, 0} when not given */
	struct policy_words events;        /* what it is judged at; defaults filled in */
	struct policy_words override;      /* logins and @groups */
	struct policy_words also;          /* further lines */
	const char *file;                  /* where it stands; borrowed */
	unsigned line;
	const char *adjusted_file; /* where it was adjusted last; NULL: nowhere */
	unsigned adjusted_line;
	struct event_set event_set; /* the same, for evaluation */
};

/* Where the guests of a class belong. */
enum placement { PLACEMENT_CT = 0, PLACEMENT_VM, PLACEMENT_ANY };

/*
 * A class of guests. One that has its place has a rule, called workload-NAME, that fires on
 * those of its guests that are elsewhere.
 */
struct workload {
	struct slice name;
	const struct expr *match; /* names no workload */
	enum placement placement;
	struct policy_words settings; /* names of settings templates */
	struct slice reason, remedy;  /* {NULL, 0} when not given */
	const struct rule *rule;      /* among the policy's; NULL: PLACEMENT_ANY */
	const char *file;             /* where it stands; borrowed */
	unsigned line;
};

/* What limits bound. */
enum limits_unit { LIMITS_CORES, LIMITS_MEMORY_MIB, LIMITS_DISK_GIB, LIMITS_UNITS };

#define LIMITS_NONE UINT64_MAX /* a bound that was not given */

/*
 * Bounds for the guests that .rule.when selects. The rule, called limits-NAME, is none of
 * the policy's rules: whether it fires needs the numbers of other guests too. Its events
 * are those that give a guest its size.
 */
struct limits {
	struct slice name;
	struct rule rule;
	uint64_t max_guests;          /* how many guests; LIMITS_NONE */
	uint64_t max[LIMITS_UNITS];   /* of each guest; LIMITS_NONE */
	uint64_t total[LIMITS_UNITS]; /* of all of them together; LIMITS_NONE */
};

struct policy {
	uint64_t version, serial;
	enum action mode; /* enforce = ACTION_DENY … off = ACTION_OFF */
	bool unknown_option_warn, audit_required, want_snapshots;
	struct policy_words node_settings;
	struct rule *rules; /* in order of the files */
	size_t nrules;
	struct workload *workloads; /* in order of the files */
	size_t nworkloads;
	const char *const *classes; /* the workloads' names, NULL-terminated */
	struct limits *limits;      /* in order of the files */
	size_t nlimits;
	struct fact_set facts;       /* every fact that a rule names and what those of the
				  policy itself are made of, event and cause */
	struct fact_set class_facts; /* those that the workloads' matches name */
	char digest[65]; /* SHA-256, hex, of the text, or of those of all texts */
	struct policy_texts texts;
	struct policy_private *priv; /* memory */
};

/* Names of the sets compiled in, "baseline@1"; the text, or {NULL, 0}. */
struct slice shipped_find(struct slice name);

/* i-th shipped set: its name, NULL after the last. */
const char *shipped_name(size_t i);

/*
 * Compiles @texts, which it takes over (also on failure). 0 and *@ret, owned by the caller;
 * or -1 with every problem in @problems. What the policy includes is looked for among
 * @texts by name, then among the shipped sets, then asked of @loader (NULL: refused).
 */
int policy_compile(struct policy_texts *texts_take, const struct policy_loader *loader,
		   struct policy **ret, struct problems *problems)
	__attribute__((nonnull(1, 3, 4), warn_unused_result));

/* Compiles the one @text, called @name, that includes nothing but shipped sets. */
int policy_compile_text(struct slice name, struct slice text, struct policy **ret,
			struct err *e) __attribute__((nonnull, warn_unused_result));

void policy_free(struct policy *p);
void policy_freep(struct policy **p);

/* The rule called @name, of workloads and limits as well; or NULL. */
const struct rule *policy_find_rule(const struct policy *p, struct slice name);

/*
 * Facts of the policy itself: `workload`, the classes of the guest, and `want_snapshots`.
 * policy_want() adds to @wanted, before facts_load(), what those in it are made of;
 * policy_give() sets them in @facts, afterwards. What of them was not wanted is none.
 */
void policy_want(const struct policy *p, struct fact_set *wanted);
void policy_give(const struct policy *p, const struct fact_set *wanted,
		 struct facts *facts, struct arena *a) __attribute__((nonnull));

/*
 * Whether every class that @x names is one of @p; else -1 with the first one that is not in
 * @e, with its column. For conditions that stand in other files than the policy's.
 */
int policy_check_classes(const struct policy *p, const struct expr *x, struct err *e);

/* One rule that fired. */
struct finding {
	const struct rule *rule;
	enum action action;      /* as the rule says */
	enum effect effect;      /* after mode, cause, waiver, override */
	struct fact_set used;    /* facts named in `when` and `unless` */
	struct fact_set unknown; /* those of them that were unknown and counted */
	const char *note;   /* of a waiver: ticket, until; or why it is void; or NULL */
	enum effect before; /* by the policy alone, whatever waiver or override say */
	bool ending;        /* waived, but not for much longer: the verdict warns */
	const struct fact_origin *found; /* one more line to look at, or NULL */
};

struct evaluation {
	enum verdict verdict;
	struct finding *findings; /* in order of the rules; caller's arena */
	size_t n;
};

/* An answer to "is this rule waived, overridden for this guest": effect and note. */
struct exemption {
	bool applies;
	enum effect effect; /* EFFECT_WAIVED or EFFECT_OVERRIDDEN */
	const char *note;
	bool ending; /* it will not apply for much longer */
};

/*
 * Judges @facts by @p. A rule fires unless `when` is false or `unless` is true: what is
 * unknown neither keeps it from firing nor exempts. Memory from @a; without memory the
 * verdict is DENY with no findings and arena_failed(@a) true. Exemptions are applied later by
 * policy_exempt(), since only the rules that fired need their waiver files opened.
 */
void policy_eval(const struct policy *p, const struct facts *facts, struct arena *a,
		 struct evaluation *ret) __attribute__((nonnull));

/* Whether what denies also stops a start with these @facts: by mode, and by its cause. */
bool policy_can_refuse(const struct policy *p, const struct facts *facts);

/*
 * Adds @f, whose rule is none of @p's and fired, with the effect that @p and the cause of a
 * start leave it; nothing where the policy is off. Memory from @a. -1 without memory.
 */
int policy_add_finding(const struct policy *p, const struct facts *facts,
		       const struct finding *f, struct arena *a, struct evaluation *ev)
	__attribute__((nonnull, warn_unused_result));

/*
 * Makes of @p what can matter for guests of @kind, of which no more is known than @known has
 * loaded: it judges them as @p does. @ret borrows from @p and @a; nobody frees it.
 */
int policy_narrow(const struct policy *p, const struct facts *known, enum fact_kinds kind,
		  struct arena *a, struct policy *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The finding of the rule called @rule in @ev, or NULL; of several the first. */
const struct finding *policy_find_finding(const struct evaluation *ev, struct slice rule);

/* Changes one finding by @x and recomputes the verdict. */
void policy_exempt(struct evaluation *ev, size_t i, const struct exemption *x);

/* Whether a rule is judged at @event at all. */
bool rule_applies(const struct rule *r, struct slice event);

/* Whether @r is judged at the events of every rule that names none. */
bool rule_has_usual_events(const struct rule *r);

/* Whether @r fires for @facts, whatever the event: `when` is not false, `unless` not true. */
bool rule_fires(const struct rule *r, const struct facts *facts);

/* Adds the facts that @r names to @set. */
void rule_facts(const struct rule *r, struct fact_set *set);

/* Words for people and JSON. */
const char *verdict_name(enum verdict v);
const char *action_name(enum action a); /* of a rule: deny, warn, audit */
const char *mode_name(enum action a);   /* of a policy: enforce, warn, audit, off */
const char *effect_name(enum effect e);
const char *placement_name(enum placement p);     /* ct, vm, any */
const char *limits_unit_name(enum limits_unit u); /* cores, memory_mib, disk_gib */

/* The one place where a failure becomes a verdict: it is never an allow. */
static inline enum verdict verdict_of_failure(void)
{
	return VERDICT_DENY;
}
