/* SPDX-License-Identifier: MIT */
/*
 * pve-safe-hook VMID PHASE. Called by Proxmox in every phase of a guest; only what pre-start
 * returns stops anything. Each phase may come alone or twice, so none relies on another.
 *
 * Called as pve-safe-hook@gpu.sh it also runs gpu.sh beside it, the guest's hookscript of
 * before: at pre-start once the start may go on, in other phases whatever this node does.
 */
#include "run/hook.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/env.h"
#include "base/text.h"
#include "pve/process.h"
#include "pve/vmid.h"
#include "run/apply.h"
#include "run/former.h"
#include "run/say.h"
#include "run/start.h"
#include "settings/node.h"

enum { HEAP_STEP = 4 << 20 };

enum phase {
	PHASE_PRE_START,
	PHASE_POST_START,
	PHASE_PRE_STOP,
	PHASE_POST_STOP,
	NPHASES
};

static const char *const phases[NPHASES + 1] = { "pre-start", "post-start", "pre-stop",
						 "post-stop", NULL };

/* Index of @word in phases, or NPHASES. */
static enum phase phase_find(const char *word)
{
	enum phase i = PHASE_PRE_START;

	while (i < NPHASES && strcmp(word, phases[i]) != 0)
		i++;
	return i;
}

/* Prints how the program is called; returns the exit status for it. */
static int usage(const char *problem, const char *word)
{
	AUTO(buf_done) struct buf shown = { 0 };

	text_printable(&shown, slice_of(word), 80);
	(void)fprintf(
		stderr,
		"pve-safe-hook: %s%s%s%s\n"
		"usage: pve-safe-hook VMID pre-start|post-start|pre-stop|post-stop\n"
		"Proxmox calls it: qm set VMID --hookscript "
		"local:snippets/pve-safe-hook\n",
		problem, *word ? " '" : "", buf_text(&shown), *word ? "'" : "");
	return EXIT_USAGE;
}

/* What the process above us says of the start that it makes. */
struct asked {
	struct start start;
	struct buf task, above; /* the titles that .start borrows */
};

/* Releases @a. For AUTO(). */
static void asked_done(struct asked *a)
{
	buf_done(&a->task);
	buf_done(&a->above);
}

/* Fills @a for the start of @vmid at @p. */
static void ask(const struct place *p, uint64_t vmid, struct asked *a)
{
	struct start *s = &a->start;

	s->layer = LAYER_HOOK;
	s->vmid = vmid;
	s->migrated_from = getenv("PVE_MIGRATED_FROM");
	s->worker = getppid();
	process_title(p->root, s->worker, &a->task);
	process_title(p->root, process_parent(p->root, s->worker), &a->above);
	s->task = buf_as_slice(&a->task);
	s->above = buf_as_slice(&a->above);
	if (s->migrated_from && !*s->migrated_from)
		s->migrated_from =
			NULL; /* Proxmox sets it empty for starts of other kinds */
}

/* Prints @message, and forgets it. */
static void print(struct buf *message)
{
	(void)say(message, stderr);
	buf_reset(message);
}

/* Says on stderr what failed; returns the exit status for it. */
static int fail(const struct err *e)
{
	(void)fprintf(stderr, "pve-safe-hook: %s\n", e->msg);
	return err_exit_code(e->code);
}

/*
 * pre-start: the judgement, then the former hookscript, whose status counts as ours, then
 * the settings.
 */
static int pre_start(uint64_t vmid, const struct former *former)
{
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(start_world_freep) struct start_world *w = NULL;
	AUTO(buf_done) struct buf message = { 0 };
	AUTO(asked_done) struct asked a = { 0 };
	struct err e = { 0 };
	int status = EXIT_FINE;

	if (place_open(NULL, &p, &e) < 0)
		return fail(&e);
	if (place_is_enabled(&p)) {
		ask(&p, vmid, &a);
		status = start_judge(&p, &a.start, &w, &message);
		print(&message);
	}
	if (status == EXIT_FINE && *former->path)
		status = former_run(former);
	if (status == EXIT_FINE)
		status = start_apply(&p, &a.start, w, 0, &message);
	print(&message);
	return status;
}

/* post-start: the settings that need the running guest. */
static void post_start(const struct place *p, uint64_t vmid)
{
	AUTO(buf_done) struct buf message = { 0 };
	AUTO(asked_done) struct asked a = { 0 };

	if (!place_is_enabled(p))
		return;
	ask(p, vmid, &a);
	start_settle(p, &a.start, &message);
	print(&message);
}

/* post-stop: what the guest has set on the node is undone, also where nothing is enforced. */
static void post_stop(const struct place *p, uint64_t vmid)
{
	AUTO(buf_done) struct buf message = { 0 };

	apply_undo(p, vmid, &message);
	print(&message);
}

/*
 * The other phases: post-start settles, then calls the former hookscript; a stop calls that
 * one first. Where nothing of ours follows, it takes our place. pre-stop undoes nothing, for
 * the guest still runs, and may go on doing so.
 */
static int other_phase(enum phase phase, uint64_t vmid, const struct former *former)
{
	AUTO(place_close) struct place p = { .root = -1 };
	struct err e = { 0 };
	int status = EXIT_FINE;

	if (phase == PHASE_PRE_STOP)
		return *former->path ? former_become(former) : EXIT_FINE;
	if (place_open(NULL, &p, &e) < 0)
		return fail(&e);
	if (phase == PHASE_POST_START) {
		post_start(&p, vmid);
		return *former->path ? former_become(former) : EXIT_FINE;
	}
	if (!place_has(&p, NODE_STATE_DIR)) /* nothing is to be undone */
		return *former->path ? former_become(former) : EXIT_FINE;
	if (*former->path)
		status = former_check(former->path, &e) < 0 ? former_become(former)
							    : former_run(former);
	post_stop(&p, vmid);
	return status;
}

int hook_main(int argc, char **argv)
{
	static const char *const keep[] = { "PVE_MIGRATED_FROM", NULL };
	struct former former = { .envp = environ };
	struct err e = { 0 };
	enum phase phase;
	uint64_t vmid;

	/* One grip for memory that ends with the process, not a dozen small ones. */
	(void)mallopt(M_TOP_PAD, HEAP_STEP);
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_STEP);
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_STEP);
	if (env_clean(keep, &e) < 0)
		return fail(&e);
	if (argc != 3)
		return usage("VMID and phase are needed", "");
	if (!vmid_parse(slice_of(argv[1]), &vmid))
		return usage("this is no VMID:", argv[1]);
	phase = phase_find(argv[2]);
	if (phase == NPHASES)
		return usage("this is no phase:", argv[2]);
	if (former_find(argv[0], &former, &e) < 0)
		return fail(&e);
	former.vmid = argv[1];
	former.phase = argv[2];
	return phase == PHASE_PRE_START ? pre_start(vmid, &former)
					: other_phase(phase, vmid, &former);
}
