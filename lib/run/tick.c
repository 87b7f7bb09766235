/* SPDX-License-Identifier: MIT */
#include "run/tick.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/leftover.h"
#include "base/lock.h"
#include "base/sha.h"
#include "record/mail.h"
#include "run/apply.h"
#include "run/audit-metrics.h"
#include "run/node-report.h"
#include "run/tick-internal.h"
#include "run/waiver-state.h"

#define RUN_DIR "run/pve-safe/tick"

enum {
	MAIL_EVERY_S = 3600, /* waivers near their end are looked for */
	LEFTOVER_S = 300,
};

/* Releases @t. For AUTO(). */
static void tick_done(struct tick *t)
{
	for (size_t i = 0; i < TICK_LISTS; i++)
		file_text_done(&t->lists[i]);
	tick_state_done(&t->before);
	tick_state_done(&t->now);
	cluster_done(&t->cluster);
	store_policy_done(&t->policy);
	buf_done(&t->trouble);
	buf_done(&t->refused);
}

void tick_note(struct tick *t, int status)
{
	t->status = status > t->status ? status : t->status;
}

/* Path of what was said about @key. */
static void said_path(const char *key, char ret[static PLACE_PATH_MAX])
{
	(void)snprintf(ret, PLACE_PATH_MAX, RUN_DIR "/said-%s", key);
}

void tick_say_once(struct tick *t, const char *key, const char *text)
{
	AUTO(file_text_done) struct file_text said = { 0 };
	char path[PLACE_PATH_MAX];
	struct err e;

	said_path(key, path);
	if (!t->dry_run &&
	    file_read(t->place->root, path, &t->place->files, &said, &e) == 0 &&
	    slice_eq(file_slice(&said), text))
		return;
	(void)fprintf(stderr, "pve-safe: tick: %s\n", text);
	if (!t->dry_run)
		(void)!file_write_atomic(t->place->root, path, slice_of(text), 0600, &e);
}

void tick_calm(const struct tick *t, const char *key)
{
	char path[PLACE_PATH_MAX];

	said_path(key, path);
	if (!t->dry_run)
		(void)unlinkat(t->place->root, path, 0);
}

/* Says @what, with why, once for each @key; what could not be done. */
static void fail(struct tick *t, const char *key, const struct err *e)
{
	tick_say_once(t, key, e->msg);
	tick_note(t, EXIT_CANNOT);
}

/* Whether the cluster file system is there and can be written. */
static bool is_able(struct tick *t)
{
	struct err e = { 0 };

	if (!place_has_cluster(t->place))
		(void)err_set(&e, ERR_SYSTEM,
			      "/etc/pve: the cluster file system is not mounted, so "
			      "nothing is done until it is");
	else if (!place_is_quorate(t->place))
		(void)err_set(&e, ERR_SYSTEM,
			      "no quorum, so nothing is done until there is: pvecm "
			      "status");
	if (!*e.msg) {
		tick_calm(t, "cluster");
		return true;
	}
	fail(t, "cluster", &e);
	return false;
}

/* Takes the lock; 1 when another tick has it. */
static int take_lock(const struct tick *t, int *ret_fd, struct err *e)
{
	static const char *const dirs[] = { "run/pve-safe", RUN_DIR, "var/lib/pve-safe" };

	if (t->dry_run)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (mkdirat(t->place->root, dirs[i], i ? 0700 : 0755) < 0 &&
		    errno != EEXIST)
			return err_set(e, ERR_SYSTEM, "/%s: cannot be made: %s", dirs[i],
				       strerror(errno));
	return lock_file(t->place->root, RUN_DIR "/lock", LOCK_EXCLUSIVE, 0, ret_fd, e);
}

/* Reads what the last tick knew. */
static void load_state(struct tick *t)
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
						 .max_bytes = TICK_STATE_MAX_BYTES,
						 .nofollow = true,
						 .shown = "/" TICK_STATE };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct err e = { 0 };
	int r = file_read(t->place->root, TICK_STATE, &rules, &text, &e);

	t->began_s = clock_now().unix_ms / 1000;
	if (r == 0 && tick_state_parse(file_slice(&text), &t->before)) {
		t->last_s = (uint64_t)text.mtime.tv_sec;
		if (t->last_s > t->began_s)
			t->last_s = t->began_s; /* the clock was set back */
		return;
	}
	t->first = true;
	tick_state_done(&t->before);
	t->last_s = t->began_s;
	if (r < 0)
		(void)fprintf(stderr, "pve-safe: tick: %s\n", e.msg);
	else if (r == 0)
		(void)fprintf(stderr,
			      "pve-safe: tick: /" TICK_STATE " cannot be used: stock is "
			      "taken anew\n");
}

/* Writes what this tick knows, or only when it ended. */
static int save_state(struct tick *t, struct err *e)
{
	AUTO(buf_done) struct buf out = { 0 };
	bool same = !t->first && t->now.n == t->before.n;

	if (t->dry_run)
		return 0;
	for (size_t i = 0; same && i < t->now.n; i++)
		same = tick_row_same(&t->now.rows[i], &t->before.rows[i]);
	leftover_remove(t->place->root, TICK_STATE, LEFTOVER_S);
	if (same && !t->dirty &&
	    utimensat(t->place->root, TICK_STATE, NULL, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	tick_state_render(&t->now, &out);
	if (buf_failed(&out))
		return err_nomem(e);
	return file_write_atomic(t->place->root, TICK_STATE, buf_as_slice(&out), 0600, e);
}

/* Loads the policy; one that cannot be used is said once, and mailed. */
static int load_policy(struct tick *t, struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	if (store_load(t->place->root, t->dry_run ? STORE_LOOK : STORE_KEEP, &t->policy,
		       e) < 0)
		return -1;
	if (t->policy.warning)
		tick_say_once(t, "copy", t->policy.warning);
	else
		tick_calm(t, "copy");
	if (!t->policy.problem) {
		tick_calm(t, "policy");
		return 0;
	}
	tick_note(t, EXIT_FOUND);
	buf_printf(&text, "the policy cannot be used, judged by %s (%s): %s",
		   t->policy.name ? t->policy.name : "none", t->policy.source,
		   t->policy.problem);
	tick_say_once(t, "policy", buf_text(&text));
	buf_putc(&text, '\n');
	if (!t->dry_run)
		mail_notice(t->place->root, t->place->node, MAIL_POLICY,
			    "the policy cannot be used", buf_as_slice(&text));
	return 0;
}

/* Judges and attaches guests; tells root which of them the policy refuses. */
static int do_guests(struct tick *t, struct err *e)
{
	if (tick_guests(t, e) < 0)
		return -1;
	tick_attach(t);
	if (t->refused.len && !t->dry_run)
		mail_notice(t->place->root, t->place->node, MAIL_DENIED,
			    "guests made past pve-safe that the policy refuses",
			    buf_as_slice(&t->refused));
	return save_state(t, e);
}

/* Whether root is to hear of waivers again; then it is noted that it did. */
static bool is_mail_due(const struct tick *t)
{
	static const char stamp[] = RUN_DIR "/waivers";
	struct stat st;
	struct err e;

	if (fstatat(t->place->root, stamp, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    llabs((long long)t->began_s - st.st_mtim.tv_sec) < MAIL_EVERY_S)
		return false;
	return file_write_atomic(t->place->root, stamp, slice_of("\n"), 0600, &e) == 0;
}

/* Takes waivers of vanished guests out of force, mails which end soon. */
static int do_waivers(struct tick *t, struct err *e)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	const struct waiver_view view = { t->place, &t->policy, &t->cluster, &dir };
	AUTO(buf_done) struct buf said = { 0 };
	int r;

	if (t->dry_run)
		return 0;
	r = waiver_tidy(t->place, &said, e);
	(void)fputs(buf_text(&said), stdout);
	if (r < 0 || !is_mail_due(t))
		return r;
	if (waiver_dir_open(t->place, &dir, e) < 0)
		return -1;
	return waiver_mail_expiring(&view, e);
}

/* Undoes settings of the node whose guests are gone. */
static int do_node_settings(struct tick *t, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf message = { 0 };
	struct applied_list done = { .arena = &a };

	if (t->dry_run)
		return 0;
	if (apply_tidy(t->place, &done, &message, e) < 0)
		return -1;
	(void)fputs(buf_text(&message), stderr);
	for (size_t i = 0; i < done.n; i++)
		(void)printf("%.*s: %s%s%s\n", SLICE_ARG(done.rows[i].target),
			     applied_name(done.rows[i].result),
			     done.rows[i].why ? ": " : "",
			     done.rows[i].why ? done.rows[i].why : "");
	return 0;
}

/* Tells the other nodes how it is here. */
static int do_report(struct tick *t, struct err *e)
{
	int r = node_report_update(t->place, &t->policy, t->dry_run, e);

	if (r == 1 && t->dry_run)
		(void)printf("/" NODE_REPORT_DIR "/%s would be written\n",
			     t->place->node);
	return r < 0 ? -1 : 0;
}

/* Writes the numbers of this node's guests, where node_exporter looks for them. */
static int do_metrics(struct tick *t, struct err *e)
{
	if (!t->dry_run)
		return audit_metrics_write(t->place, &t->policy, e);
	if (place_has(t->place, AUDIT_METRICS_DIR))
		(void)printf("/" AUDIT_METRICS_FILE " would be written\n");
	return 0;
}

/* What a tick does, in this order; one that fails does not keep the next from its work. */
static const struct step {
	const char *key; /* of what is said once */
	int (*run)(struct tick *t, struct err *e);
} steps[] = {
	{ "guests", do_guests },          { "waivers", do_waivers },
	{ "settings", do_node_settings }, { "report", do_report },
	{ "metrics", do_metrics },
};

/* Runs all steps. */
static void run_steps(struct tick *t)
{
	cluster_load(t->place,
		     fact_set_sources(&t->policy.policy->facts) | 1U << SOURCE_STORAGE,
		     &t->cluster);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct err e = { 0 };

		if (steps[i].run(t, &e) < 0)
			fail(t, steps[i].key, &e);
		else
			tick_calm(t, steps[i].key);
	}
}

int tick_run(const struct place *p, bool dry_run)
{
	AUTO(tick_done) struct tick t = { .place = p, .dry_run = dry_run };
	AUTO_CLOSE int lock = -1;
	struct err e = { 0 };
	int r = take_lock(&t, &lock, &e);

	if (r == 1) {
		(void)fputs("pve-safe: tick: another one is at work\n", stderr);
		return EXIT_FINE;
	}
	if (r < 0) {
		(void)fprintf(stderr, "pve-safe: tick: %s\n", e.msg);
		return EXIT_CANNOT;
	}
	if (!is_able(&t))
		return t.status;
	load_state(&t);
	if (load_policy(&t, &e) < 0)
		fail(&t, "policy", &e);
	else
		run_steps(&t);
	return t.status;
}
