/* SPDX-License-Identifier: MIT */
#include "run/attach-new.h"

#include <inttypes.h>

#include "run/former.h"
#include "run/hookscript.h"
#include "run/lxcconf.h"
#include "run/tool.h"

/* Whether what is at @volume is ours, and would be called. */
static bool is_ours(const struct place *p, const struct cluster *c, struct slice volume,
		    struct hookscript *h)
{
	hookscript_look(p, c, volume, p->node, h);
	return hookscript_judges(h);
}

/* Chooses for a guest that has none. */
static void choose_first(const struct place *p, const struct cluster *c,
			 enum guest_kind kind, uint64_t vmid, struct arena *a,
			 struct attach_new *ret)
{
	struct hookscript h;

	if (is_ours(p, c, slice_of(HOOKSCRIPT_VOLUME), &h)) {
		ret->volume = HOOKSCRIPT_VOLUME;
		return;
	}
	if (kind == GUEST_CT && place_has(p, &LXCCONF_FILE[1]))
		return; /* its starts are judged all the same */
	ret->note = arena_printf(
		a,
		"pve-safe-hook is not attached: %s; install pve-safe on "
		"this node, then: %s set %" PRIu64 " --hookscript " HOOKSCRIPT_VOLUME,
		*h.why ? h.why : "it is not installed", tool_name(kind), vmid);
}

/* Chooses for a guest that has the script @h, which is not ours. */
static void choose_beside(const struct place *p, const struct cluster *c, uint64_t vmid,
			  const struct hookscript *h, struct arena *a,
			  struct attach_new *ret)
{
	struct hookscript link;
	const char *volume =
		arena_printf(a, "%.*s:snippets/" FORMER_MARK "%.*s",
			     SLICE_ARG(h->snippet.storage), SLICE_ARG(h->snippet.name));

	if (volume && h->snippet.name.len && !h->named_ours &&
	    is_ours(p, c, slice_of(volume), &link)) {
		ret->volume = volume;
		return;
	}
	ret->note = arena_printf(a,
				 "pve-safe-hook is not attached: the hookscript %.*s "
				 "stays; to have both: pve-safe attach %" PRIu64,
				 SLICE_SHOWN(h->volume), vmid);
}

void attach_new_choose(const struct place *p, const struct cluster *c,
		       enum guest_kind kind, uint64_t vmid, struct slice former,
		       struct arena *a, struct attach_new *ret)
{
	struct hookscript h;

	*ret = (struct attach_new){ 0 };
	if (!former.len)
		choose_first(p, c, kind, vmid, a, ret);
	else if (!is_ours(p, c, former, &h))
		choose_beside(p, c, vmid, &h, a, ret);
}
