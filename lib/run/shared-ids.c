/* SPDX-License-Identifier: MIT */
#include "run/shared-ids.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "pve/idmap.h"
#include "run/walk.h"

/* Host ids of one container: one range of them. */
struct mapped {
	uint64_t vmid, host, count;
	bool group;
};

struct shared_ids {
	struct arena arena; /* of .file and .why */
	struct mapped *ranges;
	size_t n, size;
	bool walked;
	const char *file, *why; /* why not NULL: the first that cannot be read */
};

struct shared_ids *shared_ids_new(struct arena *a)
{
	return arena_alloc(a, sizeof(struct shared_ids));
}

void shared_ids_done(struct shared_ids *s)
{
	if (!s)
		return;
	free(s->ranges);
	arena_done(&s->arena);
}

/* Notes that @file cannot be read, unless another one could not. */
static void note_failure(struct shared_ids *s, const char *file, const char *why)
{
	if (s->why)
		return;
	s->file = arena_strdup(&s->arena, slice_of(file));
	s->why = arena_strdup(&s->arena, slice_of(why));
	if (!s->why)
		s->why = "out of memory";
}

/* Notes what cannot be read, for walk_guests(). */
static void on_failure(const char *path, const char *message, void *context)
{
	note_failure(context, path, message);
}

/* Adds @r of the container @vmid; false without memory. */
static bool add_range(struct shared_ids *s, uint64_t vmid, const struct idmap_range *r)
{
	if (s->n == s->size) {
		size_t size = s->size ? 2 * s->size : 256;
		struct mapped *more = realloc(s->ranges, size * sizeof(*more));

		if (!more)
			return false;
		s->ranges = more;
		s->size = size;
	}
	s->ranges[s->n++] = (struct mapped){ vmid, r->host, r->count, r->group };
	return true;
}

/* Notes the ids of one guest, for walk_guests(). */
static int note_guest(const struct guest *g, void *context)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct shared_ids *s = context;
	struct idmap map;
	struct err e = { 0 };

	if (g->kind != GUEST_CT)
		return 0;
	if (idmap_parse(guestconf_current(&g->conf), &a, &map, &e) < 0) {
		note_failure(s, g->path, e.msg);
		return 0;
	}
	for (size_t i = 0; i < map.n; i++)
		if (!add_range(s, g->vmid, &map.ranges[i]))
			note_failure(s, g->path, "out of memory");
	return 0;
}

/* Reads all containers, unless that was done. */
static void walk_once(struct shared_ids *s, const struct place *p)
{
	const struct walk walk = {
		.place = p, .visit = note_guest, .fail = on_failure, .context = s
	};

	if (s->walked)
		return;
	s->walked = true;
	if (walk_guests(&walk) != 0)
		note_failure(s, "/etc/pve/nodes", "not every guest can be read");
}

/* Whether ids of @map are those of @m. */
static bool shares(const struct idmap *map, const struct mapped *m)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct idmap_range *r = &map->ranges[i];

		if (r->group == m->group && r->host < m->host + m->count &&
		    m->host < r->host + r->count)
			return true;
	}
	return false;
}

void shared_ids_find(struct shared_ids *s, const struct place *p, struct arena *a,
		     struct facts_input *in)
{
	struct source_status *status = &in->sources[SOURCE_IDS];
	struct idmap map;
	struct err e = { 0 };
	uint64_t *vmids;

	if (idmap_parse(in->section, a, &map, &e) < 0) {
		*status = (struct source_status){ SOURCE_STATE_FAILED, in->conf_file,
						  arena_strdup(a, slice_of(e.msg)) };
		return;
	}
	if (!map.custom)
		return;
	walk_once(s, p);
	*status = (struct source_status){
		.state = s->why ? SOURCE_STATE_FAILED : SOURCE_STATE_READ,
		.file = s->file,
		.why = s->why,
	};
	vmids = arena_array(a, s->n + 1, sizeof(*vmids));
	for (size_t i = 0; vmids && i < s->n; i++) {
		const struct mapped *m = &s->ranges[i];

		if (m->vmid == in->vmid || !shares(&map, m))
			continue;
		if (!in->nsharers || vmids[in->nsharers - 1] != m->vmid)
			vmids[in->nsharers++] = m->vmid;
	}
	in->sharers = vmids;
}
