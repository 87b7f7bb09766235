/* SPDX-License-Identifier: MIT */
/*
 * setup - puts this node in order for pve-safe, and undoes that: steps, each of which looks
 * first, does only what is missing, and may be repeated, so that one that is killed is
 * ended by the next. Nothing is enforced by it; setup_enable() alone does that.
 */
#pragma once

#include "base/buf.h"
#include "run/load.h"

#define SETUP_SHARE        PVE_SAFE_PREFIX "/share/pve-safe"
#define SETUP_LXC_SHIPPED  SETUP_SHARE "/lxc/pve-safe.conf"
#define SETUP_LOGROTATE    "/etc/logrotate.d/pve-safe"
#define SETUP_TIMER        "pve-safe.timer"
#define SETUP_TIMER_UNIT   PVE_SAFE_PREFIX "/lib/systemd/system/" SETUP_TIMER
#define SETUP_TIMER_WANTED "/etc/systemd/system/timers.target.wants/" SETUP_TIMER
#define SETUP_SYSTEMD      "/run/systemd/system" /* it is what runs this machine */
#define SETUP_SYSTEMCTL    "/usr/bin/systemctl"
#define SETUP_MARKER       "/etc/pve-safe/enabled"

/* One run. */
struct setup {
	const struct place *place;
	const struct cluster *cluster; /* loaded with SOURCE_STORAGE */
	bool dry_run, json;
	int status; /* highest exit status so far */
};

enum setup_state {
	SETUP_ALREADY, /* it is so */
	SETUP_DONE,    /* or, in a dry run, would be */
	SETUP_SKIPPED, /* there is nothing to do it with: .text says why */
	SETUP_FAILED,  /* .text says why */
};

/* What became of one step. */
struct setup_result {
	enum setup_state state;
	const char *verb; /* "made"; SETUP_DONE and SETUP_ALREADY */
	struct buf what;  /* what it is about: a path, mostly */
	struct buf text;
};

/* Puts the node in order; the exit status. */
int setup_apply(struct setup *s);

/* Undoes it: never policy, waivers or records. The exit status. */
int setup_remove(struct setup *s);

/* Lets this node enforce (@on), or not; says so. 0; -1 with @e set. */
int setup_enable(const struct setup *s, bool on, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* For its own files: ends a step; each returns its state. */
enum setup_state setup_already(struct setup_result *r, const char *how);
enum setup_state setup_done(struct setup_result *r, const char *verb);
enum setup_state setup_skip(struct setup_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
enum setup_state setup_fail(struct setup_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether the cluster file system can be written; else @r has failed, and says why. */
bool setup_is_writable(const struct setup *s, struct setup_result *r);

/* A step, and what runs them in their order. */
struct setup_step {
	const char *name;
	enum setup_state (*run)(struct setup *s, struct setup_result *r);
};
void setup_run(struct setup *s, const struct setup_step *steps, size_t n);

/* Runs systemctl with @verb and the timer; 0, or -1 with what it said in @e. */
int setup_systemctl(const char *verb, struct err *e);

/* Whether systemd runs this machine and can be asked. */
bool setup_has_systemd(const struct place *p);
