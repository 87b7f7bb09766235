/* SPDX-License-Identifier: MIT */
#include "settings/option-value.h"

#include "base/buf.h"
#include "base/cleanup.h"

/* Both values of an option, by the keys of its property string. */
struct pair {
	struct slice is[PROPSTR_MAX_KEYS], wanted[PROPSTR_MAX_KEYS];
};

/* Reads both; false where @o has no keys, or one of them cannot be read. */
static bool read_pair(const struct option *o, struct slice is, struct slice wanted,
		      struct pair *ret)
{
	struct err e;

	*ret = (struct pair){ 0 };
	return o->type == OPTION_PROPS && propstr_parse(o->props, is, ret->is, &e) == 0 &&
	       propstr_parse(o->props, wanted, ret->wanted, &e) == 0;
}

bool option_value_holds(const struct option *o, struct slice is, struct slice wanted)
{
	struct pair p;

	if (slice_same(is, wanted))
		return true;
	if (!read_pair(o, is, wanted, &p))
		return false;
	for (size_t i = 0; i < o->props->nkeys; i++)
		if (p.wanted[i].ptr && !slice_same(p.is[i], p.wanted[i]))
			return false;
	return true;
}

/* Whether @p has a key that is not wanted, so that it would be lost. */
static bool has_more(const struct propstr_schema *schema, const struct pair *p)
{
	for (size_t i = 0; i < schema->nkeys; i++)
		if (p->is[i].ptr && !p->wanted[i].ptr)
			return true;
	return false;
}

/* Appends what @p has and wants in the slot @i of @schema, the bare one without its key. */
static void put_slot(const struct propstr_schema *schema, const struct pair *p, size_t i,
		     struct buf *out)
{
	struct slice v = p->wanted[i].ptr ? p->wanted[i] : p->is[i];

	if (!v.ptr)
		return;
	if (out->len)
		buf_putc(out, ',');
	if ((int)i != schema->bare)
		buf_printf(out, "%s=", schema->keys[i].name);
	buf_slice(out, v);
}

struct slice option_value_join(const struct option *o, struct slice is,
			       struct slice wanted, struct arena *a)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct slice kept;
	struct pair p;
	struct err e;
	const char *text;

	if (!read_pair(o, is, wanted, &p) || !has_more(o->props, &p))
		return wanted;
	if (o->props->bare >= 0)
		put_slot(o->props, &p, (size_t)o->props->bare, &out);
	for (size_t i = 0; i < o->props->nkeys; i++)
		if ((int)i != o->props->bare)
			put_slot(o->props, &p, i, &out);
	if (buf_failed(&out) || option_check(o, buf_as_slice(&out), &kept, &e) < 0)
		return wanted;
	text = arena_strdup(a, buf_as_slice(&out));
	return text ? slice_of(text) : wanted;
}
