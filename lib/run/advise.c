/* SPDX-License-Identifier: MIT */
#include "run/advise.h"

#include <string.h>

/* Adds a reason; NULL is none, and one that is there is not said twice. */
static void add_reason(struct advice *d, const char *text)
{
	if (!text || d->nreasons == ADVISE_MAX_REASONS)
		return;
	for (size_t i = 0; i < d->nreasons; i++)
		if (strcmp(d->reasons[i], text) == 0)
			return;
	d->reasons[d->nreasons++] = text;
}

/* Why a command is warned about for what runs in it, or NULL. */
static const char *warning_of(const struct advise_try *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->findings[i].effect == EFFECT_WARN && t->findings[i].of_class)
			return t->findings[i].reason;
	return NULL;
}

/* Says why what is needed takes a VM. Whether it does. */
static bool add_needs(const struct advisor *a, struct advice *d)
{
	bool vm = false;

	for (enum need n = 0; n < NEEDS; n++) {
		if (!a->needs[n] || !need_reason(n))
			continue;
		add_reason(d, need_reason(n));
		vm = true;
	}
	return vm;
}

/* Chooses of two commands, either of which will do, the one that is refused or warned of less. */
static enum guest_kind choose_any(const struct advice *d)
{
	const struct advise_try *ct = &d->tries[GUEST_CT], *vm = &d->tries[GUEST_VM];

	if (ct->denied != vm->denied)
		return ct->denied ? GUEST_VM : GUEST_CT;
	return warning_of(ct) && !warning_of(vm) ? GUEST_VM : GUEST_CT;
}

/* Chooses the placement, and the command for it. @must: nothing but a VM will do. */
static void choose(struct advice *d, bool must)
{
	static const enum placement placements[] = {
		[GUEST_CT] = PLACEMENT_CT, [GUEST_VM] = PLACEMENT_VM
	};
	enum placement wanted = must ? PLACEMENT_VM : d->class.workload->placement;
	enum guest_kind kind = wanted == PLACEMENT_ANY  ? choose_any(d)
			       : wanted == PLACEMENT_CT ? GUEST_CT
							: GUEST_VM;
	enum guest_kind other = kind == GUEST_CT ? GUEST_VM : GUEST_CT;

	if (d->tries[kind].denied && !d->tries[other].denied && !must)
		kind = other;
	d->placement = placements[kind];
	if (wanted == PLACEMENT_ANY &&
	    d->tries[GUEST_CT].denied == d->tries[GUEST_VM].denied)
		d->placement = PLACEMENT_ANY;
	d->command = d->tries[kind].denied ? NULL : &d->tries[kind];
}

int advise(struct advisor *a, struct advice *ret, struct err *e)
{
	const struct slice reason = ret->class.workload->reason;
	bool must;

	for (enum guest_kind kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		ret->tries[kind] = (struct advise_try){ .kind = kind };
		if (advise_try(a, &ret->class, &ret->tries[kind], e) < 0)
			return err_wrap(e, "workload '%.*s'", SLICE_SHOWN(ret->asked));
	}
	must = add_needs(a, ret);
	if (reason.len && !(must && ret->class.workload->placement == PLACEMENT_CT))
		add_reason(ret, arena_strdup(&a->arena, reason));
	choose(ret, must);
	for (enum guest_kind kind = GUEST_CT; kind <= GUEST_VM; kind++)
		if (ret->command != &ret->tries[kind])
			add_reason(ret, warning_of(&ret->tries[kind]));
	if (!ret->command)
		add_reason(ret, "the policy in force refuses both a container and a VM");
	if (!ret->nreasons)
		add_reason(ret, "the policy says no more of it than where it belongs");
	return arena_failed(&a->arena) ? err_nomem(e) : 0;
}
