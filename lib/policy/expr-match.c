/* SPDX-License-Identifier: MIT */
/* Texts compared with the values of tests. */
#include <fnmatch.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "policy/expr-private.h"

enum { SMALL_BYTES = 512 }; /* pattern and text that need no memory */

static const struct hole holes[] = {
	{ "{vmid}", 6, FACT_vmid },
	{ "{node}", 6, FACT_node },
};

const struct hole *hole_at(struct slice text)
{
	for (size_t i = 0; i < ARRAY_LEN(holes); i++)
		if (text.len >= holes[i].len &&
		    memcmp(text.ptr, holes[i].text, holes[i].len) == 0)
			return &holes[i];
	return NULL;
}

/* Appends @s so that a pattern matches it literally. */
static void add_literally(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("*?[]!^-\\", s.ptr[i]))
			buf_putc(out, '\\');
		buf_putc(out, s.ptr[i]);
	}
}

/* Appends what fills @h; TRI_FALSE when that is none, TRI_UNKNOWN when it is unknown. */
static enum tri fill_hole(const struct hole *h, bool glob, const struct facts *facts,
			  struct buf *out)
{
	const struct fact *f = facts_get(facts, h->fact);

	if (f->state != FACT_STATE_KNOWN)
		return f->state == FACT_STATE_NONE ? TRI_FALSE : TRI_UNKNOWN;
	if (fact_rows[h->fact].type == FACT_NUMBER)
		buf_printf(out, "%" PRIu64, f->number);
	else if (glob)
		add_literally(out, f->text);
	else
		buf_slice(out, f->text);
	return TRI_TRUE;
}

/* Appends the text of @l with its holes filled; TRI_TRUE, else as fill_hole(). */
static enum tri fill(const struct literal *l, const struct facts *facts, struct buf *out)
{
	for (size_t i = 0; i < l->text.len;) {
		struct slice rest = { l->text.ptr + i, l->text.len - i };
		const struct hole *h = hole_at(rest);
		enum tri filled = TRI_TRUE;

		if (h)
			filled = fill_hole(h, l->shape == SHAPE_GLOB, facts, out);
		else
			buf_putc(out, *rest.ptr);
		if (filled != TRI_TRUE)
			return filled;
		i += h ? h->len : 1;
	}
	return buf_failed(out) ? TRI_UNKNOWN : TRI_TRUE;
}

/* Whether @text matches @pattern by fnmatch(3), which wants both NUL-terminated. */
static enum tri match_glob(struct slice pattern, struct slice text)
{
	AUTO(buf_done) struct buf both = { 0 };
	char small[SMALL_BYTES], *p = small;

	if (pattern.len + text.len + 2 > sizeof(small)) {
		buf_slice(&both, pattern);
		buf_putc(&both, '\0');
		buf_slice(&both, text);
		p = both.ptr;
	} else {
		memcpy(small, pattern.ptr, pattern.len);
		small[pattern.len] = '\0';
		if (text.len)
			memcpy(small + pattern.len + 1, text.ptr, text.len);
		small[pattern.len + 1 + text.len] = '\0';
	}
	if (buf_failed(&both))
		return TRI_UNKNOWN;
	/* A value has no backslash: the only escapes are those of add_literally(). */
	switch (fnmatch(p, p + pattern.len + 1, 0)) {
	case 0:
		return TRI_TRUE;
	case FNM_NOMATCH:
		return TRI_FALSE;
	default:
		return TRI_UNKNOWN;
	}
}

/* Whether @text passes @want by the rules of @shape. */
static enum tri match(enum shape shape, struct slice want, struct slice text)
{
	if (shape == SHAPE_GLOB)
		return match_glob(want, text);
	if (shape == SHAPE_HOLDS)
		return memmem(text.ptr, text.len, want.ptr + 1, want.len - 2) ? TRI_TRUE
									      : TRI_FALSE;
	if (text.len < want.len || (shape == SHAPE_EXACT && text.len != want.len))
		return TRI_FALSE;
	if (!want.len)
		return TRI_TRUE;
	return *text.ptr == *want.ptr && memcmp(text.ptr, want.ptr, want.len) == 0
		       ? TRI_TRUE
		       : TRI_FALSE;
}

/* The same of @l with holes, which take what @facts has. */
static enum tri match_filled(const struct literal *l, struct slice text,
			     const struct facts *facts)
{
	AUTO(buf_done) struct buf filled = { 0 };
	enum tri r = fill(l, facts, &filled);

	return r == TRI_TRUE ? match(l->shape, buf_as_slice(&filled), text) : r;
}

enum tri literal_match(const struct literal *l, struct slice text,
		       const struct facts *facts)
{
	return l->holes ? match_filled(l, text, facts) : match(l->shape, l->text, text);
}
