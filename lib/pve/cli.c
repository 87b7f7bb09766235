/* SPDX-License-Identifier: MIT */
#include "pve/cli.h"

#include <limits.h>
#include <strings.h>

#include "base/num.h"

static const struct cli_tool *const tools[TOOL_COUNT] = {
	[TOOL_PCT] = &cli_pct,
	[TOOL_QM] = &cli_qm,
	[TOOL_QMRESTORE] = &cli_qmrestore,
};

const struct cli_tool *cli_tool(enum tool tool)
{
	return tools[tool];
}

int cli_tool_find(const char *name)
{
	for (int i = 0; i < TOOL_COUNT; i++)
		if (strcmp(tools[i]->name, name) == 0)
			return i;
	return -1;
}

const struct cli_option *cli_option_at(const struct cli_command *c, size_t i)
{
	if (i < c->own.n)
		return &c->own.rows[i];
	i -= c->own.n;
	return i < c->shared.n ? &c->shared.rows[i] : NULL;
}

const struct cli_option *cli_option_find(const struct cli_command *c, const char *name)
{
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option_at(c, i)); i++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

/* How many of the numbers below @count begin with the decimal digits of @digits. */
static size_t numbers_from(struct slice digits, unsigned count, unsigned *ret_first)
{
	uint64_t low, high, hits = 0;

	*ret_first = 0;
	if (!digits.len)
		return count;
	if (!num_parse(digits, 0, count - 1, &low))
		return 0;
	*ret_first = (unsigned)low;
	if (low == 0)
		return 1;
	for (high = low; low < count; low *= 10, high = high * 10 + 9)
		hits += (high < count ? high : count - 1) - low + 1;
	return hits;
}

/* Adds to @m what @name means of row @o; true when it is the whole of a name. */
static bool match_row(const struct cli_option *o, struct slice name, struct cli_match *m)
{
	size_t len = strlen(o->name), hits = 1;
	struct slice rest = { 0 };
	unsigned first = 0;

	if (strncasecmp(o->name, name.ptr, name.len < len ? name.len : len) != 0)
		return false;
	if (name.len > len)
		rest = (struct slice){ name.ptr + len, name.len - len };
	if (o->count)
		hits = numbers_from(rest, o->count, &first);
	else if (rest.len)
		hits = 0;
	if (!hits)
		return false;
	if (!m->hits) {
		m->option = o;
		m->index = first;
	}
	m->hits += hits;
	if (o->count ? !rest.len : name.len != len)
		return false;
	*m = (struct cli_match){ 1, o, first };
	return true;
}

struct cli_match cli_option_match(const struct cli_command *c, struct slice name)
{
	struct cli_match m = { 0 };
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option_at(c, i)); i++)
		if (match_row(o, name, &m))
			break;
	return m;
}

/* Whether @value is @word, or one of the family "mp[0..255]" that it stands for. */
static bool word_holds(struct slice word, struct slice value)
{
	struct slice base, range, from, to;
	uint64_t last, n;

	if (!slice_cut(word, '[', &base, &range))
		return slice_same(word, value);
	if (value.len < base.len || memcmp(value.ptr, base.ptr, base.len) != 0)
		return false;
	value = (struct slice){ value.ptr + base.len, value.len - base.len };
	return slice_cut(range, '.', &from, &to) && to.len > 2 &&
	       num_parse((struct slice){ to.ptr + 1, to.len - 2 }, 0, UINT_MAX, &last) &&
	       num_parse(value, 0, last, &n);
}

bool cli_words_hold(const char *const *words, struct slice value)
{
	for (; *words; words++)
		if (word_holds(slice_of(*words), value))
			return true;
	return false;
}
