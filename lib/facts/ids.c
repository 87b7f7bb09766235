/* SPDX-License-Identifier: MIT */
/* ids - getters of whose ids a container's ids are: who its root is on the node. */
#include <inttypes.h>

#include "facts/getter.h"
#include "pve/idmap.h"

/* Origin of line @line of the id map; of `unprivileged` where it is 0. */
static struct fact_origin origin_id(struct getting *g, unsigned line)
{
	const struct guestconf_section *s = g->in->section;
	const struct guestconf_entry *entry = ENTRY(g, "unprivileged");

	for (size_t i = 0; i < s->nraws; i++)
		if (s->raws[i].line == line &&
		    slice_same(s->raws[i].key, LITERAL("lxc.idmap")))
			return origin_raw(g, &s->raws[i]);
	return entry ? origin_entry(g, entry) : (struct fact_origin){ 0 };
}

/* The id map, read once for a judgement. */
struct ids {
	struct idmap map;
	const char *why; /* not NULL: it cannot be read, */
	unsigned line;   /* because of this line */
};

/* The id map; NULL without memory. */
static const struct ids *read_once(struct getting *g)
{
	struct err e;
	struct ids *ids = g->ids;

	if (ids)
		return ids;
	ids = g->ids = arena_alloc(g->arena, sizeof(*ids));
	if (!ids || idmap_parse(g->in->section, g->arena, &ids->map, &e) == 0)
		return ids;
	ids->line = e.line;
	ids->why = arena_strdup(g->arena, slice_of(e.msg));
	if (!ids->why)
		ids->why = "out of memory";
	return ids;
}

/* The id map; NULL, and @f unknown, when it cannot be read. */
static const struct idmap *read_map(struct getting *g, struct fact *f)
{
	const struct ids *ids = read_once(g);

	if (ids && !ids->why)
		return &ids->map;
	value_unknown(g, f, origin_id(g, ids ? ids->line : 0), "%s",
		      ids ? ids->why : "out of memory");
	return NULL;
}

/* The line that makes root what it is: the last for user 0; if none does, the first. */
static unsigned root_line(const struct idmap *map)
{
	for (size_t i = map->n; i > 0; i--)
		if (!map->ranges[i - 1].group && !map->ranges[i - 1].ct)
			return map->ranges[i - 1].line;
	return map->n ? map->ranges[0].line : 0;
}

void ct_root_uid(struct getting *g, struct fact *f)
{
	const struct idmap *map = read_map(g, f);

	if (map)
		value_number(f, map->root_uid, origin_id(g, root_line(map)));
}

void ct_privileged(struct getting *g, struct fact *f)
{
	const struct fact *root = getting_fact(g, FACT_root_uid);

	if (!value_unknown_as(f, root))
		value_flag(f, root->number == 0, root->origin);
}

void ct_host_id(struct getting *g, struct fact *f)
{
	const struct idmap *map = read_map(g, f);

	if (!map)
		return;
	value_list(f);
	for (size_t i = 0; i < map->n; i++) {
		const struct idmap_range *r = &map->ranges[i];
		char *text;

		if (r->host >= IDMAP_UNPRIVILEGED || !r->count)
			continue;
		text = arena_printf(g->arena, "%c:%" PRIu64 "-%" PRIu64,
				    r->group ? 'g' : 'u', r->host,
				    r->host + r->count - 1);
		if (text)
			value_add_once(g, f, slice_of(text), origin_id(g, r->line));
	}
}

void ct_host_id_min(struct getting *g, struct fact *f)
{
	const struct idmap *map = read_map(g, f);
	unsigned line = 0;

	if (!map)
		return;
	for (size_t i = map->n; i > 0; i--)
		if (map->ranges[i - 1].host == map->host_min)
			line = map->ranges[i - 1].line;
	value_number(f, map->host_min, origin_id(g, line));
}

void ct_idmap_custom(struct getting *g, struct fact *f)
{
	const struct guestconf_raw *raw = raw_last(g, LITERAL("lxc.idmap"));

	value_flag(f, raw != NULL, raw ? origin_raw(g, raw) : (struct fact_origin){ 0 });
}
