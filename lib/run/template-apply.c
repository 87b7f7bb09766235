/* SPDX-License-Identifier: MIT */
#include "run/template-apply.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "pve/running.h"
#include "pve/vmid.h"
#include "record/audit.h"
#include "run/actor.h"
#include "run/apply.h"
#include "run/offline.h"
#include "run/settings.h"
#include "run/template-vm.h"

static const char apply_usage[] =
	"usage: pve-safe template apply [--dry-run] NAME VMID\n"
	"       pve-safe template apply [--dry-run] VMID\n\n"
	"Applies a settings template to a guest of this node. To one that runs: a\n"
	"container's sysctls, and settings of the node, which are undone when it\n"
	"stops, or by undo. To a VM: its options, and the sysctls of all templates\n"
	"that are for it, in its option args, from the next start on, by qm set; it\n"
	"keeps NAME even if no condition chooses it. Without NAME, a VM gets what its\n"
	"templates want of its configuration.\n\n"
	"  --dry-run  of a VM: say what would be done, do nothing\n\n"
	"Exit status: 0, 1 something could not be set, 2 could not.\n";

static const char undo_usage[] =
	"usage: pve-safe template undo [--dry-run] NAME VMID\n"
	"       pve-safe template undo [--dry-run] VMID\n\n"
	"Undoes what a settings template has set on the node for a guest, unless\n"
	"another guest wants it as well. A container's sysctls last until it starts\n"
	"again. From a VM's option args it takes the sysctls that no other template\n"
	"wants, without NAME all that templates gave it, and nothing else.\n\n"
	"  --dry-run  of a VM: say what would be done, do nothing\n\n"
	"Exit status: 0, 1 something could not be undone, 2 could not.\n";

/* One run. */
struct by_hand {
	struct offline o;
	struct settings settings;
	struct guest guest;
	struct judgement j;
	struct arena arena;
	struct applied_list list;
	struct plan plan;  /* of the template alone */
	struct slice name; /* {NULL, 0}: none was named */
	uint64_t vmid;
	bool undo;
	bool said; /* something was printed */
	char login[ACTOR_LOGIN_MAX];
};

/* Releases @b. For AUTO(). */
static void by_hand_done(struct by_hand *b)
{
	judge_done(&b->j);
	guest_done(&b->guest);
	settings_done(&b->settings);
	offline_done(&b->o);
	arena_done(&b->arena);
}

/* Says what failed; the exit status for it. */
static int fail(const struct err *e)
{
	(void)fprintf(stderr, "pve-safe: %s\n", e->msg);
	return e->code == ERR_USAGE ? EXIT_USAGE : EXIT_CANNOT;
}

/* Reads which template and guest are meant. */
static int read_arguments(struct by_hand *b, struct err *e)
{
	char **args = b->o.options.args;
	int n = b->o.options.nargs;

	if (n < 1 || n > 2)
		return err_set(e, ERR_USAGE,
			       "which template, for which guest? "
			       "pve-safe template list");
	if (!vmid_parse(slice_of(args[n - 1]), &b->vmid))
		return err_set(e, ERR_USAGE, "'%.*s' is no VMID",
			       SLICE_SHOWN(slice_of(args[n - 1])));
	if (n == 2)
		b->name = slice_of(args[0]);
	return 0;
}

/* Loads the guest. */
static int load_guest(struct by_hand *b, struct err *e)
{
	switch (guest_load_local(&b->o.place, b->vmid, NULL, &b->guest, e)) {
	case GUEST_FOUND:
		break;
	case GUEST_FAILED:
		return -1;
	case GUEST_ABSENT:
		return err_set(e, ERR_SYSTEM,
			       "there is no guest %" PRIu64 " on this node", b->vmid);
	}
	if (b->guest.kind == GUEST_VM)
		return 0;
	if (!b->name.len)
		return err_set(e, ERR_USAGE, "which template, for container %" PRIu64 "?",
			       b->vmid);
	if (b->o.options.dry_run)
		return err_set(e, ERR_USAGE, "--dry-run is for VMs");
	if (guest_runs(b->o.place.root, b->vmid))
		return 0;
	return err_set(e, ERR_SYSTEM,
		       "guest %" PRIu64
		       " does not run here: what is for it is applied when it starts",
		       b->vmid);
}

/* Finds the template that was named, and plans for the guest. */
static int plan(struct by_hand *b, struct err *e)
{
	static const struct slice nobody = { 0 };
	struct settings *s = &b->settings;
	struct template_row *row = b->name.len ? templates_find(&s->set, b->name) : NULL;
	bool gone = b->undo && !row; /* there may still be something of it to undo */

	b->o.also = &s->wanted;
	s->running = guest_runs(b->o.place.root, b->vmid);
	if (gone && b->guest.kind == GUEST_CT)
		return err_set(e, ERR_UNKNOWN,
			       "there is no template '%.*s': what one of that name has "
			       "set for CT %" PRIu64 " is undone when it stops",
			       SLICE_SHOWN(b->name), b->vmid);
	if (row && templates_complete(&s->set, row, e) < 0)
		return -1;
	if (row && !template_is_for(&row->t, b->guest.kind))
		return err_set(e, ERR_UNKNOWN, "template '%.*s' is not for %s",
			       SLICE_SHOWN(b->name),
			       b->guest.kind == GUEST_CT ? "containers" : "VMs");
	if (offline_judge(&b->o, &b->guest, &b->j, e) < 0 ||
	    settings_plan(s, &b->j.input, &b->j.facts, gone ? nobody : b->name, e) < 0)
		return -1;
	return 0;
}

/* Plans for the template alone. */
static int plan_one(struct by_hand *b, struct err *e)
{
	struct settings *s = &b->settings;

	for (size_t i = 0; i < s->nchosen; i++)
		if (slice_same(s->chosen[i].t->name, b->name))
			return plan_make(&s->chosen[i], 1, &s->world, &b->arena, &b->plan,
					 e);
	return 0;
}

/* Records that a person did this. */
static int record(struct by_hand *b, struct err *e)
{
	struct decision *d = &b->j.decision;

	d->event = slice_of(b->undo ? "template undo" : "template apply");
	d->cause = (struct slice){ 0 };
	d->actor.login = actor_login(b->o.place.root, b->login, sizeof(b->login));
	return audit_decision(b->o.place.root, d, e) == AUDIT_NOWHERE ? -1 : 0;
}

/* Begins a run of @argv. 0 to go on; else *@ret_status is the exit status. */
static int begin(int argc, char **argv, const char *usage, struct by_hand *b,
		 int *ret_status)
{
	struct err e = { 0 };

	if (offline_open(argc, argv, OPTIONS_DRY_RUN, usage, &b->o, ret_status) < 0)
		return -1;
	b->list.arena = &b->arena;
	if (read_arguments(b, &e) == 0 &&
	    offline_read_settings(&b->o, &b->settings, &e) == 0 &&
	    load_guest(b, &e) == 0 && plan(b, &e) == 0 && plan_one(b, &e) == 0 &&
	    (b->o.options.dry_run || record(b, &e) == 0))
		return 0;
	*ret_status = fail(&e);
	return -1;
}

/* Prints what was done; @message has what could not be. The exit status for it. */
static int print(struct by_hand *b, const struct buf *message)
{
	int status = EXIT_FINE;

	b->said |= b->list.n > 0 || message->len > 0;
	for (size_t i = 0; i < b->list.n; i++) {
		const struct applied *row = &b->list.rows[i];

		if (applied_is_worth_saying(row))
			status = EXIT_FOUND;
		else if (row->after)
			(void)printf("%s: %s %.*s = %s (before: %s)\n",
				     applied_name(row->result),
				     setting_kind_name(row->kind), SLICE_ARG(row->target),
				     row->after, row->before ? row->before : "nothing");
	}
	(void)fputs(buf_text(message), stderr);
	return status;
}

/* Prints what is for the next start; the exit status of what is for none. */
static int print_later(struct by_hand *b)
{
	for (size_t i = 0; i < b->plan.n; i++) {
		const struct plan_item *item = &b->plan.items[i];

		if (item->kind == SETTING_SYSCTL || item->kind == SETTING_HOST)
			continue;
		(void)printf("at the next start: %s %.*s\n",
			     setting_kind_name(item->kind), SLICE_ARG(item->target));
		b->said = true;
	}
	b->said |= b->plan.nproblems > 0;
	for (size_t i = 0; i < b->plan.nproblems; i++)
		(void)fprintf(stderr, "pve-safe: not applied: %s\n",
			      b->plan.problems[i].what);
	return b->plan.nproblems ? EXIT_FOUND : EXIT_FINE;
}

/* Sets what the running guest can have of the template. */
static int apply_running(struct by_hand *b)
{
	AUTO(buf_done) struct buf message = { 0 };
	struct apply a = {
		.place = &b->o.place,
		.policy = b->o.policy.policy,
		.plan = &b->plan,
		.id = b->j.decision.id,
		.user = { .vmid = b->vmid },
		.inside = b->guest.kind == GUEST_CT,
		.by_hand = true,
		.must_exist = true,
	};

	if (a.inside)
		a.init = guest_init(b->o.place.root, b->vmid);
	(void)apply_plan(&a, &b->list, &message);
	return print(b, &message);
}

/* Undoes what the template has set on the node. */
static int undo_running(struct by_hand *b)
{
	AUTO(buf_done) struct buf message = { 0 };

	apply_undo_plan(&b->o.place, &b->plan, b->vmid, b->j.decision.id, &b->list,
			&message);
	return print(b, &message);
}

/* Changes the configuration of a VM; the exit status. */
static int change_vm(struct by_hand *b)
{
	static const struct slice nobody = { 0 };
	struct settings *s = &b->settings;
	const struct template_change change = { .place = &b->o.place,
						.settings = s,
						.guest = &b->guest,
						.in = &b->j.input,
						.name = b->name,
						.undo = b->undo,
						.dry_run = b->o.options.dry_run };
	struct err e = { 0 };

	if (b->undo) { /* what the others want, without it */
		s->without = b->name;
		if (settings_plan(s, &b->j.input, &b->j.facts, nobody, &e) < 0)
			return fail(&e);
	}
	if (settings_check(s, &b->j.input, &e) < 0)
		return fail(&e);
	return template_change(&change);
}

/* The higher of two exit statuses. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* Says where a container got nothing that there was nothing for it. */
static void say_nothing(const struct by_hand *b)
{
	if (!b->said && b->guest.kind == GUEST_CT)
		(void)printf(
			b->undo ? "CT %" PRIu64 ": nothing to undo: template %.*s has "
				  "set nothing on this node for it\n"
				: "CT %" PRIu64 ": nothing to do: template %.*s sets "
				  "nothing for it\n",
			b->vmid, SLICE_ARG(b->name));
}

int template_apply(int argc, char **argv)
{
	AUTO(by_hand_done) struct by_hand b = { .o.place.root = -1 };
	int status;

	if (begin(argc, argv, apply_usage, &b, &status) < 0)
		return status;
	status = EXIT_FINE;
	if (b.guest.kind == GUEST_VM)
		status = change_vm(&b);
	if (b.name.len && !b.o.options.dry_run && guest_runs(b.o.place.root, b.vmid))
		status = worse(status, apply_running(&b));
	if (b.guest.kind == GUEST_VM)
		return status;
	status = worse(status, print_later(&b));
	say_nothing(&b);
	return status;
}

int template_undo(int argc, char **argv)
{
	AUTO(by_hand_done) struct by_hand b = { .undo = true, .o.place.root = -1 };
	int status;

	if (begin(argc, argv, undo_usage, &b, &status) < 0)
		return status;
	status = EXIT_FINE;
	if (b.name.len && !b.o.options.dry_run)
		status = undo_running(&b);
	if (b.guest.kind == GUEST_VM)
		return worse(status, change_vm(&b));
	say_nothing(&b);
	return status;
}
