/* SPDX-License-Identifier: MIT */
/* leads - getters of where host paths lead to, and of whose the ids of a container are. */
#include "facts/leads.h"

#include <inttypes.h>

#include "facts/bind.h"
#include "facts/getter.h"

void leads_sources(const struct facts_input *in, struct arena *a, struct fact *ret)
{
	struct getting g = { .in = in, .arena = a };

	*ret = (struct fact){ 0 };
	bind_list(&g, ret, BIND_AS_WRITTEN);
}

/* One host path, and where it leads to. */
struct path {
	struct slice written;
	const struct bind_lead *lead;
	struct fact_origin origin;
};

/* Adds @p to @f in so far as it belongs there. */
typedef void (*adder)(struct getting *g, struct fact *f, const struct path *p);

/* Answers with what @add takes of each host path; unknown where one cannot be followed. */
static void answer(struct getting *g, struct fact *f, adder add)
{
	struct fact sources;

	leads_sources(g->in, g->arena, &sources);
	if (value_unknown_as(f, &sources))
		return;
	value_list(f);
	for (size_t i = 0; i < sources.nitems && i < g->in->nleads; i++) {
		struct path p = { sources.items[i].text, &g->in->leads[i],
				  sources.items[i].origin };

		if (p.lead->why) {
			value_unknown(g, f, p.origin, "'%.*s' cannot be followed: %s",
				      SLICE_SHOWN(p.written), p.lead->why);
			return;
		}
		add(g, f, &p);
	}
}

/* Lets the line of @p go on with @what and @where, for whoever reads it. */
static struct fact_origin explained(struct getting *g, const struct path *p,
				    const char *what, struct slice where)
{
	struct fact_origin o = p->origin;
	const char *text = arena_printf(g->arena, "%.*s (%s %.*s)", SLICE_ARG(o.text),
					what, SLICE_ARG(where));

	if (text)
		o.text = slice_of(text);
	return o;
}

static void add_target(struct getting *g, struct fact *f, const struct path *p)
{
	value_add_once(g, f, p->lead->path, p->origin);
}

void ct_bind_resolved(struct getting *g, struct fact *f)
{
	answer(g, f, add_target);
}

/* Adds @p if it leads elsewhere than its text says. */
static void add_link(struct getting *g, struct fact *f, const struct path *p)
{
	struct slice text = bind_path(p->written, g->arena);

	if (text.ptr && !slice_same(text, p->lead->path))
		value_add_once(g, f, text, explained(g, p, "leads to", p->lead->path));
}

void ct_bind_link(struct getting *g, struct fact *f)
{
	answer(g, f, add_link);
}

/* Adds @p if others than root can make it lead elsewhere. */
static void add_loose(struct getting *g, struct fact *f, const struct path *p)
{
	if (p->lead->loose.ptr)
		value_add_once(
			g, f, bind_path(p->written, g->arena),
			explained(g, p, "others than root may change", p->lead->loose));
}

void ct_bind_unsafe(struct getting *g, struct fact *f)
{
	answer(g, f, add_loose);
}

void ct_host_id_shared(struct getting *g, struct fact *f)
{
	const struct guestconf_raw *map = raw_last(g, LITERAL("lxc.idmap"));

	if (!map)
		return;
	value_list(f);
	for (size_t i = 0; i < g->in->nsharers; i++) {
		const char *vmid = arena_printf(g->arena, "%" PRIu64, g->in->sharers[i]);

		if (vmid)
			value_add(g, f, slice_of(vmid), origin_raw(g, map));
	}
}
