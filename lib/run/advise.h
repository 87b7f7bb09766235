/* SPDX-License-Identifier: MIT */
/*
 * advise - where a workload belongs, and the command that makes a guest for it which the
 * policy accepts. For lib/run/cmd-advise.c and the files of advise alone.
 *
 * Nothing is taken for granted: each command is judged as a guest that is not there yet, at
 * its creation and at its first start, before it is shown.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "policy/store.h"
#include "run/limits.h"
#include "run/load.h"
#include "run/place.h"
#include "run/settings.h"

/* What a workload may need, whatever it is called. */
enum need {
	NEED_MODULE,
	NEED_SYSCTL,
	NEED_NESTING,
	NEED_KERNEL,
	NEED_GPU,
	NEED_USB,
	NEEDS
};

enum {
	ADVISE_MAX_WORDS = 64, /* of a command */
	ADVISE_MAX_REASONS = 16,
	ADVISE_VMID = 999999999, /* of the guest that is judged; Proxmox's highest */
};

/* One run of `pve-safe advise`. */
struct advisor {
	struct place place;
	struct store_policy policy; /* in force, or what is taken where there is none */
	struct policy *book;        /* playbook@1: for classes that the policy has not */
	struct cluster cluster;
	struct settings settings;
	struct limits_world limits;
	bool needs[NEEDS];
	struct arena arena;
};

/* A class, and what a guest of it is recognised by. */
struct advise_class {
	const struct workload *workload;
	bool of_book;       /* the policy in force has it not */
	struct slice tag;   /* {NULL, 0}: no tag alone makes a guest one of it */
	const char *ostype; /* of a VM of it, where one tells; or NULL */
};

/* A finding about a command, in words that stay. */
struct advise_finding {
	struct slice rule;
	const char *reason, *remedy; /* .remedy NULL: none */
	enum effect effect;
	bool of_class; /* the rule looks at the workload */
};

/* A command, and what the policy says of it. */
struct advise_try {
	enum guest_kind kind;
	const char *words[ADVISE_MAX_WORDS + 1]; /* "pct-safe", "create", "NEWID", … */
	size_t nwords;
	struct advise_finding *findings;
	size_t n;
	bool denied;
	const char *note; /* what is to be done afterwards, or NULL */
};

struct advice {
	struct slice asked; /* as typed */
	struct advise_class class;
	enum placement placement;
	const char *reasons[ADVISE_MAX_REASONS];
	size_t nreasons;
	struct advise_try tries[2];       /* by enum guest_kind */
	const struct advise_try *command; /* one of them; NULL: all are refused */
};

/* Word of @n for the command line; why it wants a VM, NULL where it does not. */
const char *need_name(enum need n);
const char *need_reason(enum need n);

/*
 * Finds the class that @word, a class or one of its tags, means. 1; 0 when there is none,
 * with what may have been meant appended to @hint; -1 without memory.
 */
int advise_find(struct advisor *a, struct slice word, struct advise_class *ret,
		struct buf *hint, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Makes the command for a guest of @class and .kind of @ret, and judges it. */
int advise_try(struct advisor *a, const struct advise_class *class,
	       struct advise_try *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Fills in @ret, of which .asked and .class are set. */
int advise(struct advisor *a, struct advice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Appends @d for people; as a JSON object. */
void advice_render(const struct advice *d, struct buf *out) __attribute__((nonnull));
void advice_emit(const struct advice *d, struct buf *out) __attribute__((nonnull));
