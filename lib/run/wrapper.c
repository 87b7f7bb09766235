/* SPDX-License-Identifier: MIT */
/*
 * The order is that of every tool of this kind: clean environment, read the command line,
 * load, decide, record, run. Nothing is read again between decision and run.
 */
#include "run/wrapper.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/env.h"
#include "pve/change.h"
#include "pve/running.h"
#include "record/made.h"
#include "record/relay.h"
#include "run/caller-file.h"
#include "run/exec.h"
#include "run/outcome.h"
#include "run/preview.h"
#include "run/say.h"
#include "run/waiver-state.h"
#include "run/wrapper-internal.h"

/* Releases @w. */
static void wrapper_done(struct wrapper *w)
{
	judge_done(&w->j);
	limits_done(&w->limits);
	settings_done(&w->settings);
	result_done(&w->result);
	cluster_done(&w->cluster);
	store_policy_done(&w->policy);
	place_close(&w->place);
	arena_done(&w->arena);
}

/* Prints an error of ours; returns its exit status. */
static int complain(const struct wrapper *w, const struct err *e)
{
	(void)fprintf(stderr, "%s-safe: %s\n", cli_tool(w->tool)->name, e->msg);
	return err_exit_code(e->code);
}

/* Reads the command line, as a newer Proxmox's where the policy lets that pass. */
static int read_command(struct wrapper *w, int argc, char **argv, struct err *e)
{
	const char *const *words = (const char *const *)argv + w->options.first;
	int n = argc - w->options.first;

	if (argv_read(w->tool, n, words, 0, &w->arena, &w->cmd, e) == 0)
		return 0;
	if (e->code != ERR_UNKNOWN || !w->cmd.command ||
	    !w->policy.policy->unknown_option_warn)
		return -1;
	(void)fprintf(stderr, "%s-safe: WARN: %s; let pass by unknown_option = warn\n",
		      cli_tool(w->tool)->name, e->msg);
	return argv_read(w->tool, n, words, ARGV_NEWER, &w->arena, &w->cmd, e);
}

/*
 * Whether a new container is privileged is always said: an older Proxmox's default is
 * another than the one that was judged.
 */
static int spell_out_privilege(struct wrapper *w, struct err *e)
{
	if (w->tool != TOOL_PCT || strcmp(argv_event(&w->cmd), "create") != 0 ||
	    argv_find(&w->cmd, "unprivileged"))
		return 0;
	return argv_set(&w->cmd, &w->arena, "unprivileged", slice_of("1"), e);
}

/* What is executed: the canonical form of a judged command, else what was typed. */
static int prepare_run(struct wrapper *w, struct err *e)
{
	if (spell_out_privilege(w, e) < 0)
		return -1;
	if (w->cmd.command->kind == CLI_JUDGED)
		return argv_canonical(&w->cmd, w->path, &w->arena, &w->run, e);
	return argv_as_typed(&w->cmd, w->path, &w->arena, &w->run, e);
}

/* Whether any rule is judged at @event, which is what @c does. */
static bool is_of_interest(const struct argv_command *c, const struct policy *p,
			   struct slice event)
{
	if (wrapper_is_about_no_guest(c))
		return false;
	for (size_t i = 0; i < p->nrules; i++)
		if (rule_applies(&p->rules[i], event))
			return true;
	return false;
}

/* Says that an override was asked for that nothing needs. */
static void say_unneeded_override(const struct wrapper *w)
{
	if (w->override.reason && !w->override.nwritten)
		(void)fputs("WARN: pve-safe: --override was not needed: nothing is "
			    "refused\n",
			    stderr);
}

/* Ties the files of an override to what the tool, which ended with @status, made. */
static void settle_override(struct wrapper *w, int status)
{
	struct err e = { 0 };

	if (status != 0 && w->override.is_new)
		override_drop(&w->override, &w->place);
	else if (status == 0 &&
		 override_bind(&w->override, &w->place, &w->policy, &w->cluster, &e) < 0)
		(void)fprintf(stderr, "WARN: pve-safe: %s\n", e.msg);
}

/* Says what was added to the command, and what else its user should know. */
static void say_additions(const struct wrapper *w)
{
	wrapper_note("added", w->result.added);
	wrapper_note("note", w->result.note);
}

/* Runs the tool as a child, with the caller's files (that @named, if any, name). */
static int run_child(struct wrapper *w, const char *const *named, int *ret_status,
		     struct err *e)
{
	int got;

	(void)fflush(NULL);
	descriptors_pass(&w->opened, named);
	got = exec_child(w->path, w->run.words, ret_status, e);
	descriptors_keep(&w->opened);
	return got;
}

/* Runs the judged command as a child, and records what became of it. */
static int run_judged(struct wrapper *w)
{
	bool makes = w->result.is_new && !argv_true(&w->cmd, "dryrun");
	struct err e = { 0 };
	int status, got;

	say_unneeded_override(w);
	say_additions(w);
	relay_leave(w->place.root, &w->j.decision);
	if (makes)
		made_note(w->place.root, w->result.guest.vmid, w->j.decision.id);
	got = run_child(w, w->run.words, &status, &e);
	if (makes && (got < 0 || status != 0))
		made_forget(w->place.root, w->result.guest.vmid);
	if (got < 0)
		return complain(w, &e);
	settle_override(w, status);
	if (status == 0) {
		wrapper_attach(w);
		wrapper_settle(w);
	}
	outcome_record(&w->place, &w->policy, &w->cluster, &w->cmd, &w->ask,
		       &w->j.decision, status);
	return status;
}

/*
 * Puts the start that a migration makes on the target into @ev. No container is moved while
 * it runs: --online lets HA stop it here and start it there. Source: PVE::API2::LXC,
 * migrate_vm; PVE::HA::Resources::PVECT, migrate.
 */
static void add_arrival(const struct wrapper *w, struct wrapper_events *ev)
{
	bool online = argv_true(&w->cmd, "online");

	if (online && w->tool == TOOL_QM) {
		ev->implied = "start";
		ev->cause = "migration";
	} else if ((online || argv_true(&w->cmd, "restart")) &&
		   guest_runs(w->place.root, argv_vmid(&w->cmd))) {
		ev->implied = "start"; /* a user's, as far as the hooks there can see */
	}
}

/*
 * The events of the command. A migration of a running guest is judged as the start that
 * the target will make of it: refused there, the guest would stay down. disk unlink of what
 * is no disk is a set.
 */
static struct wrapper_events events_of(const struct wrapper *w)
{
	struct wrapper_events ev = { .own = argv_event(&w->cmd), .cause = "user" };

	if (argv_starts(&w->cmd))
		ev.implied = "start";
	else if (change_unlinks_option(&w->cmd))
		ev = (struct wrapper_events){ .own = ev.own, .implied = "set" };
	else if (strcmp(ev.own, "migrate") == 0 || strcmp(ev.own, "remote-migrate") == 0)
		add_arrival(w, &ev);
	return ev;
}

/*
 * Has the source of an import looked at, where the options alone do not refuse it: qm is
 * not run before. 0, or -1 with @e set.
 */
static int look_at_source(struct wrapper *w, const struct result_world *world,
			  const struct wrapper_events *ev, struct err *e)
{
	struct fact_set wanted = w->policy.policy->facts;

	fact_set_join(&wanted, &w->limits.wanted);
	if (w->by_asker || w->result.problem || !preview_is_wanted(&w->cmd, &wanted))
		return 0;
	if (wrapper_judge(w, ev, false, e) < 0)
		return -1;
	if (!wrapper_is_denied(w))
		result_load_source(world, &w->cmd, &w->arena, &w->result);
	return 0;
}

/* Decides on all that the command does. 0, or -1 with @e set. */
static int decide(struct wrapper *w, const struct wrapper_events *ev, struct err *e)
{
	if (wrapper_decide(w, ev, false, e) < 0)
		return -1;
	if (wrapper_is_denied(w))
		return 0;
	if (change_gives_away(&w->cmd))
		return wrapper_receiver(w, ev, wrapper_decide, e);
	return ev->implied ? wrapper_decide(w, ev, true, e) : 0;
}

/* A command judged on what would result. */
static int judged(struct wrapper *w)
{
	const struct result_world world = { &w->place, &w->cluster };
	const struct wrapper_events ev = events_of(w);
	struct err e = { 0 };

	if (wrapper_judge_asker(w, &ev, &e) < 0)
		return complain(w, &e);
	if (!w->by_asker)
		result_load(&world, &w->cmd, &w->arena, &w->result);
	if ((!w->by_asker && wrapper_add_settings(w, &e) < 0) || prepare_run(w, &e) < 0 ||
	    look_at_source(w, &world, &ev, &e) < 0)
		return complain(w, &e);
	if (w->options.dry_run) {
		if (wrapper_show(w, &ev, &e) < 0)
			return complain(w, &e);
		return decision_exit_code(&w->j.decision);
	}
	if (decide(w, &ev, &e) < 0)
		return complain(w, &e);
	return wrapper_is_denied(w) ? decision_exit_code(&w->j.decision) : run_judged(w);
}

/* Runs destroy as a child; when it did its work, waivers of the guest are void. */
static int destroy(struct wrapper *w)
{
	AUTO(buf_done) struct buf said = { 0 };
	uint64_t vmid = argv_vmid(&w->cmd);
	struct err e = { 0 };
	int status;

	if (run_child(w, NULL, &status, &e) < 0)
		return complain(w, &e);
	if (status != 0 || !waiver_guest_is_gone(&w->place, vmid))
		return status;
	if (waiver_tidy_guest(&w->place, vmid, &said, &e) < 0)
		(void)fprintf(stderr, "WARN: pve-safe: %s\n", e.msg);
	(void)say(&said, stderr);
	return status;
}

/* Hands the line that a shell wants completed on to the tool that shall complete it. */
static int pass_line(const struct wrapper *w, struct err *e)
{
	if (strcmp(w->cmd.command->name, "bashcomplete") != 0 || !w->line || !w->point)
		return 0;
	if (setenv("COMP_LINE", w->line, 1) < 0 || setenv("COMP_POINT", w->point, 1) < 0)
		return err_nomem(e);
	return 0;
}

/* A command judged by its name, its guest and the login alone; run as it was typed. */
static int by_name(struct wrapper *w)
{
	const struct result_world world = { &w->place, &w->cluster };
	const struct wrapper_events ev = { .own = argv_event(&w->cmd) };
	struct err e = { 0 };

	if (prepare_run(w, &e) < 0 || pass_line(w, &e) < 0)
		return complain(w, &e);
	if (is_of_interest(&w->cmd, w->policy.policy, slice_of(ev.own)) ||
	    w->options.dry_run) {
		result_load_named(&world, &w->cmd, &w->arena, &w->result);
		if ((w->options.dry_run ? wrapper_show(w, &ev, &e)
					: wrapper_decide(w, &ev, false, &e)) < 0)
			return complain(w, &e);
		if (w->options.dry_run || wrapper_is_denied(w))
			return decision_exit_code(&w->j.decision);
	}
	say_unneeded_override(w);
	if (strcmp(ev.own, "destroy") == 0)
		return destroy(w);
	(void)fflush(NULL);
	descriptors_pass(&w->opened, NULL);
	(void)exec_replace(w->path, w->run.words, &e);
	(void)complain(w, &e);
	return EXIT_NO_TOOL;
}

/* Loads who asks and by which policy. 0, or -1 with @e set. */
static int open_world(struct wrapper *w, struct err *e)
{
	static const char *const keep[] = { CALLER_VARIABLES, NULL };

	w->line = getenv("COMP_LINE");
	w->point = getenv("COMP_POINT");
	if (env_clean(keep, e) < 0 || place_open(NULL, &w->place, e) < 0)
		return -1;
	/* pct exec and enter hand it on to programs that need one. */
	if (setenv("HOME", "/root", 1) < 0)
		return err_nomem(e);
	caller_load(w->place.root, &w->arena, &w->caller);
	for (size_t i = 0; keep[i]; i++)
		(void)unsetenv(keep[i]);
	if (store_load(w->place.root, w->options.dry_run ? STORE_LOOK : STORE_KEEP,
		       &w->policy, e) < 0)
		return -1;
	if (w->options.override ||
	    fact_set_has(&w->policy.policy->facts, FACT_login_group))
		caller_load_groups(&w->arena, &w->caller);
	return arena_failed(&w->arena) ? err_nomem(e) : 0;
}

/* Loads the files of the cluster that rules name, or that a new guest needs. */
static void load_cluster(struct wrapper *w)
{
	unsigned sources = fact_set_sources(&w->policy.policy->facts);
	const char *event = argv_event(&w->cmd);

	if (w->cmd.command->kind == CLI_JUDGED && result_needs_storages(&w->cmd))
		sources |= 1U << SOURCE_STORAGE;
	if (strcmp(event, "start") == 0 || strcmp(event, "migrate") == 0)
		sources |= 1U << SOURCE_HA; /* it may be HA's */
	limits_begin(&w->place, w->policy.policy, &w->cluster, LIMITS_COMMAND,
		     &w->limits);
	if (w->cmd.command->kind == CLI_JUDGED)
		sources |= fact_set_sources(&w->limits.wanted);
	cluster_load(&w->place, sources | fact_set_sources(&w->settings.wanted),
		     &w->cluster);
}

/* Loads the templates, where the command makes or starts a guest. */
static int load_settings(struct wrapper *w, struct err *e)
{
	AUTO(buf_done) struct buf warning = { 0 };
	const char *event = argv_event(&w->cmd);

	if (w->cmd.command->kind != CLI_JUDGED ||
	    (!result_makes_guest(event) && strcmp(event, "start") != 0 &&
	     !argv_starts(&w->cmd)))
		return 0;
	if (settings_load(&w->place, w->policy.policy, &w->settings, e) < 0)
		return -1;
	settings_warn(&w->settings, &warning);
	(void)say(&warning, stderr);
	return 0;
}

int wrapper_main(enum tool tool, int argc, char **argv)
{
	AUTO(wrapper_done) struct wrapper w = { .tool = tool, .place.root = -1 };
	struct err e = { 0 };
	int status;

	descriptors_note(&w.opened);
	(void)snprintf(w.path, sizeof(w.path), EXEC_DIR "%s", cli_tool(tool)->name);
	if (wrapper_options_read(tool, argc, argv, &w.options, &status) < 0)
		return status;
	if (open_world(&w, &e) < 0)
		return complain(&w, &e);
	if (read_command(&w, argc, argv, &e) < 0) {
		status = complain(&w, &e);
		return e.code == ERR_SYSTEM ? status : EXIT_USAGE;
	}
	status = w.options.dry_run ? 0 : exec_check(w.path, &e);
	if (status) {
		(void)complain(&w, &e);
		return status;
	}
	if (fact_set_has(&w.policy.policy->facts, FACT_caller_file))
		caller_load_files(&w.cmd, &w.arena, &w.caller);
	if (override_begin(w.options.override, argv_event(&w.cmd), &w.caller,
			   w.policy.policy, &w.arena, &w.override, &e) < 0)
		return complain(&w, &e);
	if (load_settings(&w, &e) < 0)
		return complain(&w, &e);
	load_cluster(&w);
	return w.cmd.command->kind == CLI_JUDGED ? judged(&w) : by_name(&w);
}
