/* SPDX-License-Identifier: MIT */
/*
 * load - computes the facts that are wanted, and decides for all of them alike what is
 * none and what is unknown before a getter is asked.
 */
#include "base/cleanup.h"
#include "facts/getter.h"

#include <assert.h>

static void (*const getters[FACT_COUNT])(struct getting *g, struct fact *f) = {
#define FACT(NAME, TYPE, UNIT, KINDS, SOURCE, COVERS, GETTER, DOC, PVE) \
	[FACT_##NAME] = GETTER,
#include "facts/facts.def"
#undef FACT
};

/* Bit of a source in a mask. */
#define BIT(source) (1U << (source))

/* What must be read for a fact of a source: itself, and what it is looked up by. */
static const unsigned needs[SOURCE_COUNT] = {
	[SOURCE_REQUEST] = BIT(SOURCE_REQUEST),
	[SOURCE_GUEST] = BIT(SOURCE_GUEST),
	[SOURCE_POOL] = BIT(SOURCE_POOL),
	[SOURCE_HA] = BIT(SOURCE_HA),
	[SOURCE_STORAGE] = BIT(SOURCE_STORAGE) | BIT(SOURCE_GUEST),
	[SOURCE_BACKUP] = BIT(SOURCE_BACKUP) | BIT(SOURCE_POOL),
	[SOURCE_REGISTRY] = BIT(SOURCE_REGISTRY) | BIT(SOURCE_GUEST),
	[SOURCE_PROCESS] = BIT(SOURCE_PROCESS),
	[SOURCE_HARDWARE] = BIT(SOURCE_HARDWARE) | BIT(SOURCE_GUEST),
	[SOURCE_FILES] = BIT(SOURCE_FILES) | BIT(SOURCE_GUEST),
	[SOURCE_IDS] = BIT(SOURCE_IDS) | BIT(SOURCE_GUEST),
};

unsigned fact_set_sources(const struct fact_set *s)
{
	unsigned mask = 0;

	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		if (fact_set_has(s, i))
			mask |= needs[fact_rows[i].source];
	return mask;
}

/*
 * Fills @f where its source alone decides; whether it does. A request is always there;
 * storage.cfg adds to what the guest's file says, and its getters look for themselves.
 */
static bool decided_by_source(const struct facts_input *in, enum source source,
			      struct fact *f)
{
	const struct source_status *status = &in->sources[source];

	if (status->state == SOURCE_STATE_READ || source == SOURCE_REQUEST ||
	    source == SOURCE_STORAGE)
		return false;
	if (status->state == SOURCE_STATE_FAILED)
		*f = (struct fact){ .state = FACT_STATE_UNKNOWN,
				    .origin = { .file = status->file },
				    .why = status->why ? status->why : "cannot be read" };
	return true;
}

/* Computes the fact @id. */
static void compute(struct getting *g, enum fact_id id)
{
	unsigned kind = g->in->kind == GUEST_CT ? FACT_KINDS_CT : FACT_KINDS_VM;
	const struct fact_row *row = &fact_rows[id];
	struct fact *f = &g->facts->values[id];

	*f = (struct fact){ 0 };
	fact_set_add(&g->facts->loaded, id);
	if (!(row->kinds & kind) || decided_by_source(g->in, row->source, f))
		return;
	if (row->source != SOURCE_GUEST && needs[row->source] & BIT(SOURCE_GUEST) &&
	    decided_by_source(g->in, SOURCE_GUEST, f))
		return;
	getters[id](g, f);
}

const struct fact *getting_fact(struct getting *g, enum fact_id id)
{
	if (!fact_set_has(&g->facts->loaded, id))
		compute(g, id);
	return &g->facts->values[id];
}

int facts_load_more(const struct facts_input *in, const struct fact_set *wanted,
		    struct arena *a, struct facts *ret, struct err *e)
{
	struct getting g = { .in = in, .arena = a, .facts = ret };

	for (size_t word = 0; word < ARRAY_LEN(wanted->bits); word++)
		for (uint64_t left = wanted->bits[word]; left; left &= left - 1)
			(void)getting_fact(
				&g, (enum fact_id)(word * 64 + __builtin_ctzll(left)));
	return arena_failed(a) ? err_nomem(e) : 0;
}

int facts_load(const struct facts_input *in, const struct fact_set *wanted,
	       struct arena *a, struct facts *ret, struct err *e)
{
	ret->loaded = (struct fact_set){ 0 };
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		ret->values[i].state = FACT_STATE_NONE;
	return facts_load_more(in, wanted, a, ret, e);
}
