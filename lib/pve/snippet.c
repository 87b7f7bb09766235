/* SPDX-License-Identifier: MIT */
#include "pve/snippet.h"

#include "pve/format.h"

bool snippet_parse(struct slice volume, struct snippet *ret)
{
	struct slice place;

	return slice_cut(volume, ':', &ret->storage, &ret->name) &&
	       format_storage_id.check(ret->storage) &&
	       slice_cut(ret->name, '/', &place, &ret->name) &&
	       slice_eq(place, "snippets") && ret->name.len &&
	       !memchr(ret->name.ptr, '/', ret->name.len);
}

/* The first word of @rest, which is moved behind it; {NULL, 0} at the end. */
static struct slice next_word(struct slice *rest)
{
	size_t from = 0, to;

	while (from < rest->len && (slice_is_space(rest->ptr[from]) ||
				    rest->ptr[from] == ',' || rest->ptr[from] == ';'))
		from++;
	for (to = from; to < rest->len; to++)
		if (slice_is_space(rest->ptr[to]) || rest->ptr[to] == ',' ||
		    rest->ptr[to] == ';')
			break;
	if (from == to)
		return (struct slice){ 0 };
	rest->ptr += to;
	rest->len -= to;
	return (struct slice){ rest->ptr - (to - from), to - from };
}

bool snippet_dir(const struct cluster_storage *s, struct buf *out)
{
	struct slice word, key, value, rest = s->dirs, dir = slice_of("snippets");

	if (!s->path.len)
		return false;
	while ((word = next_word(&rest)).ptr)
		if (slice_cut(word, '=', &key, &value) && slice_eq(key, "snippets"))
			dir = value;
	while (dir.len && *dir.ptr == '/') {
		dir.ptr++;
		dir.len--;
	}
	buf_slice(out, s->path);
	buf_putc(out, '/');
	buf_slice(out, dir);
	return true;
}
