/* SPDX-License-Identifier: MIT */
#include "pve/tags.h"

#include <stdlib.h>

#include "pve/chars.h"
#include "pve/format.h"

/* For qsort(3): orders slices by bytes. */
static int by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = n ? memcmp(x->ptr, y->ptr, n) : 0;

	if (c)
		return c;
	return x->len < y->len ? -1 : x->len > y->len;
}

int tags_parse(struct slice value, struct arena *a, struct tags *ret, struct err *e)
{
	struct tags list = { 0 };
	struct slice tag, rest = value;
	size_t n = 0;

	while (format_list_next(&rest, &tag))
		n++;
	*ret = list;
	if (!n)
		return 0;
	list.tags = arena_array(a, n, sizeof(*list.tags));
	if (!list.tags)
		return err_nomem(e);
	for (rest = value; format_list_next(&rest, &tag);)
		list.tags[list.n++] = tag;
	qsort(list.tags, list.n, sizeof(*list.tags), by_bytes);
	*ret = list;
	return 0;
}

int tags_parse_folded(struct slice value, struct arena *a, struct tags *ret,
		      struct err *e)
{
	char *text = arena_strdup(a, value);
	struct tags list;
	size_t n = 0;

	if (!text)
		return err_nomem(e);
	for (size_t i = 0; i < value.len; i++)
		text[i] = char_lower(text[i]);
	if (tags_parse((struct slice){ text, value.len }, a, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (!n || !slice_same(list.tags[i], list.tags[n - 1]))
			list.tags[n++] = list.tags[i];
	list.n = n;
	*ret = list;
	return 0;
}
