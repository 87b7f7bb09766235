/* SPDX-License-Identifier: MIT */
/*
 * Registered tags, from datacenter.cfg. Source: PVE::DataCenterConfig and
 * PVE::JSONSchema::parse_config (2026).
 *
 *	line  = KEY ":" [ blanks ] VALUE , or a comment that begins with "#" .
 *	VALUE = TAG { ";" TAG } .      TAG = [A-Za-z0-9_][A-Za-z0-9_.+-]* .
 *
 * Blanks around a line do not count, the last line of a key wins, and a value that does
 * not match as a whole leaves nothing registered.
 *
 * Tags are kept as they are written, for PVE compares them so: "Just-A" protects the
 * spelling "Just-A" alone, and a guest's tag in lower case is then not registered.
 *
 * Differences: where PVE only warns in a log, that a line is neither of the two or a
 * value does not match, it is an error; a value that is empty registers nothing.
 */
#include <stdlib.h>

#include "pve/chars.h"
#include "pve/cluster.h"
#include "pve/lines.h"

/* Splits "key: value" at the first colon; false when the line is of another form. */
static bool split_option(struct slice line, struct slice *key, struct slice *value)
{
	if (!slice_cut(line, ':', key, value) || !key->len)
		return false;
	for (size_t i = 0; i < key->len; i++)
		if (slice_is_space(key->ptr[i]))
			return false;
	*value = slice_trim(*value);
	return true;
}

/* Finds the value of registered-tags and its line; line 0 when it is not there. */
static int find_value(struct slice text, struct slice *ret, unsigned *ret_line,
		      struct err *e)
{
	struct slice line, key, value;
	struct lines lines;

	if (lines_begin(&lines, text, CLUSTER_MAX_BYTES, e) < 0)
		return -1;
	while (lines_next(&lines, &line)) {
		line = slice_trim(line);
		if (!line.len || *line.ptr == '#')
			continue;
		if (!split_option(line, &key, &value))
			return LINES_REFUSE(
				e, lines.line, ERR_SYNTAX,
				"PVE ignores the line '%.*s': expected 'key: value'",
				LINES_SHOWN(line));
		if (!slice_eq(key, "registered-tags"))
			continue;
		*ret = value;
		*ret_line = lines.line;
	}
	return 0;
}

/* Whether @s is a tag. Source: PVE_TAG_RE of PVE::JSONSchema. */
static bool is_tag(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && (!i || !strchr("-+.", s.ptr[i])))
			return false;
	return s.len > 0;
}

/* Order of tags for qsort(3): bytes, shorter first where one begins the other. */
static int compare(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	int c = memcmp(x->ptr, y->ptr, x->len < y->len ? x->len : y->len);

	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Splits the value into @tags, which has room for all. */
static int split_tags(struct slice value, struct cluster_tags *out, struct err *e)
{
	struct slice tag, rest = value;
	bool more = true;

	while (more) {
		more = slice_cut(rest, ';', &tag, &rest);
		if (!is_tag(tag))
			return LINES_REFUSE(
				e, out->line, ERR_SYNTAX,
				"'%.*s' in registered-tags is no tag, and PVE then "
				"ignores all of them: expected tags of letters, digits, "
				"'_', '-', '+' and '.' with ';' alone between them",
				LINES_SHOWN(tag));
		out->tags[out->n++] = tag;
	}
	qsort(out->tags, out->n, sizeof(*out->tags), compare);
	return 0;
}

int cluster_read_tags(struct slice text, struct arena *a, struct cluster_tags *ret,
		      struct err *e)
{
	struct cluster_tags out = { 0 };
	struct slice value = { 0 };
	size_t room = 1;

	if (find_value(text, &value, &out.line, e) < 0)
		return -1;
	for (size_t i = 0; i < value.len; i++)
		room += value.ptr[i] == ';';
	out.tags = arena_array(a, room, sizeof(*out.tags));
	if (!out.tags)
		return err_nomem(e);
	if (value.len && split_tags(value, &out, e) < 0)
		return -1;
	*ret = out;
	return 0;
}
