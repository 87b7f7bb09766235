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
#include "run/former.h"
#include "run/start.h"

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

/* Judges the start of @vmid at @p, asked for by the process above us. */
static int judge(const struct place *p, uint64_t vmid)
{
	AUTO(buf_done) struct buf task = { 0 }, above = { 0 }, message = { 0 };
	struct start s = { .layer = LAYER_HOOK,
			   .vmid = vmid,
			   .migrated_from = getenv("PVE_MIGRATED_FROM") };
	int status;

	process_title(p->root, getppid(), &task);
	process_title(p->root, process_parent(p->root, getppid()), &above);
	s.task = buf_as_slice(&task);
	s.above = buf_as_slice(&above);
	if (s.migrated_from && !*s.migrated_from)
		s.migrated_from =
			NULL; /* Proxmox sets it empty for starts of other kinds */
	status = start_judge(p, &s, &message);
	(void)fputs(buf_text(&message), stderr);
	return status;
}

/* Says on stderr what failed; returns the exit status for it. */
static int fail(const struct err *e)
{
	(void)fprintf(stderr, "pve-safe-hook: %s\n", e->msg);
	return err_exit_code(e->code);
}

/* pre-start: the judgement, then the former hookscript, whose status counts as ours. */
static int pre_start(uint64_t vmid, const struct former *former)
{
	AUTO(place_close) struct place p = { .root = -1 };
	struct err e = { 0 };
	int status = EXIT_FINE;

	if (place_open(NULL, &p, &e) < 0)
		return fail(&e);
	if (place_is_enabled(&p))
		status = judge(&p, vmid);
	if (status == EXIT_FINE && *former->path)
		status = former_run(former);
	return status;
}

/* The other phases: nothing follows the former hookscript, so it takes our place. */
static int other_phase(const struct former *former)
{
	return *former->path ? former_become(former) : EXIT_FINE;
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
	return phase == PHASE_PRE_START ? pre_start(vmid, &former) : other_phase(&former);
}
