/* SPDX-License-Identifier: MIT */
/*
 * made - which guests the wrappers of this node made: /run/pve-safe/made/VMID holds the id
 * of the decision. The timer takes a guest that has none for one made past the wrappers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MADE_DIR "run/pve-safe/made"

/*
 * Notes that decision @id lets a tool make guest @vmid: before it does, so that the timer
 * never sees the guest without. Failing only means that the timer records it once more.
 */
void made_note(int root, uint64_t vmid, const char *id);

/* Takes the note back: the tool did not do it. */
void made_forget(int root, uint64_t vmid);

/* Whether a wrapper made guest @vmid, or is just making it. */
bool made_by_wrapper(int root, uint64_t vmid);

/* Removes notes of guests that @is_here says are not there, older than @age_s seconds. */
void made_tidy(int root, int age_s, bool (*is_here)(uint64_t vmid, void *context),
	       void *context);
