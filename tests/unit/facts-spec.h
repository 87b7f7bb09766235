/* SPDX-License-Identifier: MIT */
/*
 * facts-spec - facts out of one line of text, so that a test's row can hold them:
 *
 *	"ct; tag=a,b; memory_mib=512; name=?; bind="
 *
 * A bare name is a boolean that is true, "no" makes it false, "?" is unknown; list elements
 * are separated by commas and nothing is the empty list; "unlimited" is a bound that is
 * open. Facts that are not named are none.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/slice.h"
#include "facts/facts.h"

enum { FACTS_SPEC_ITEMS = 64 };

/* Facts, and the memory of their lists. */
struct facts_spec {
	struct facts facts;
	struct fact_item items[FACTS_SPEC_ITEMS];
	size_t nitems;
};

/* Reads the elements of a list into @f. */
static inline void facts_spec_list(struct facts_spec *s, struct slice value,
				   struct fact *f)
{
	struct slice item, rest = value;
	bool more = value.len > 0;

	f->items = &s->items[s->nitems];
	while (more) {
		more = slice_cut(rest, ',', &item, &rest);
		if (s->nitems == FACTS_SPEC_ITEMS)
			abort();
		s->items[s->nitems++] = (struct fact_item){ .text = slice_trim(item) };
		f->nitems++;
	}
}

/* Sets the fact @id from its text. */
static inline void facts_spec_set(struct facts_spec *s, enum fact_id id,
				  struct slice value)
{
	struct fact *f = &s->facts.values[id];

	*f = (struct fact){ .state = FACT_STATE_KNOWN, .text = value };
	if (slice_eq(value, "?")) {
		*f = (struct fact){ .state = FACT_STATE_UNKNOWN, .why = "not readable" };
		return;
	}
	switch (fact_rows[id].type) {
	case FACT_BOOL:
		f->flag = !slice_eq(value, "no");
		break;
	case FACT_NUMBER:
		f->number = FACT_UNLIMITED;
		if (!slice_eq(value, "unlimited") &&
		    !num_parse(value, 0, UINT64_MAX, &f->number))
			abort();
		break;
	case FACT_LIST:
		facts_spec_list(s, value, f);
		break;
	case FACT_TEXT:
	case FACT_ENUM:
		break;
	}
}

/* Fills @s from @text; a mistake in @text ends the test program. */
static inline void facts_spec_parse(const char *text, struct facts_spec *s)
{
	struct slice part, name, value, rest = slice_of(text);
	bool more = rest.len > 0;

	memset(s, 0, sizeof(*s));
	while (more) {
		int id;

		more = slice_cut(rest, ';', &part, &rest);
		(void)slice_cut(slice_trim(part), '=', &name, &value);
		id = fact_find(name);
		if (id < 0)
			abort();
		facts_spec_set(s, (enum fact_id)id, value);
	}
}
