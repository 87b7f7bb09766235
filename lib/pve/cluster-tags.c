/* SPDX-License-Identifier: MIT */
/*
 * Registered tags, and which ones users may write, from datacenter.cfg. Source:
 * PVE::DataCenterConfig, PVE::JSONSchema::parse_config, PVE::GuestHelpers::get_allowed_tags
 * (2026).
 *
 *	line  = KEY ":" [ blanks ] VALUE , or a comment that begins with "#" .
 *	VALUE = TAG { ";" TAG } .      TAG = [A-Za-z0-9_][A-Za-z0-9_.+-]* .
 *
 *	user-tag-access: user-allow=free|existing|list|none,user-allow-list=TAG{;TAG}
 *
 * Blanks around a line do not count, the last line of a key wins, and a value that does
 * not match as a whole leaves nothing registered.
 *
 * Tags are kept as they are written, for PVE compares them so: "Just-A" protects the
 * spelling "Just-A" alone, and a guest's tag in lower case is then not registered.
 *
 * Differences: where PVE only warns in a log, that a line is neither of the two or a
 * value does not match, it is an error; a value that is empty registers nothing. A
 * user-tag-access that PVE would not take is no error: everything is allowed then, to PVE
 * and here.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "pve/chars.h"
#include "pve/cluster.h"
#include "pve/format.h"
#include "pve/lines.h"

enum { TAG_MAX = 256 };

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

/* Whether @s is a tag. Source: PVE_TAG_RE of PVE::JSONSchema. */
static bool is_tag(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && (!i || !strchr("-+.", s.ptr[i])))
			return false;
	return s.len > 0;
}

/* Whether @s is a list of tags, as user-allow-list takes one. */
static bool is_tag_list(struct slice s)
{
	struct slice tag;
	bool more = true;

	while (more) {
		more = slice_cut(s, ';', &tag, &s);
		if (!is_tag(tag))
			return false;
	}
	return true;
}

/* Takes one member of user-tag-access, which none before it is; false: PVE would not. */
static bool take_member(struct slice member, bool seen[static 2],
			struct cluster_tags *out)
{
	static const char *const words[] = {
		[TAG_ACCESS_FREE] = "free",
		[TAG_ACCESS_EXISTING] = "existing",
		[TAG_ACCESS_LIST] = "list",
		[TAG_ACCESS_NONE] = "none",
		NULL,
	};
	struct slice name, is;
	bool list;
	int word;

	if (!slice_cut(member, '=', &name, &is))
		return false;
	list = slice_eq(name, "user-allow-list");
	if ((!list && !slice_eq(name, "user-allow")) || seen[list])
		return false;
	seen[list] = true;
	if (list) {
		out->allowed = is;
		return is_tag_list(is);
	}
	word = format_word(words, is);
	if (word >= 0)
		out->access = (enum cluster_tag_access)word;
	return word >= 0;
}

/* Reads the value of user-tag-access, if PVE takes it; else all is allowed. */
static void read_access(struct slice value, struct cluster_tags *out)
{
	bool fine = true, more = true, seen[2] = { false, false };
	struct slice member;

	out->access = TAG_ACCESS_FREE;
	out->allowed = (struct slice){ 0 };
	while (more && fine) {
		more = slice_cut(value, ',', &member, &value);
		fine = !member.len || take_member(member, seen, out);
	}
	if (fine)
		return;
	out->access = TAG_ACCESS_FREE;
	out->allowed = (struct slice){ 0 };
}

/* Finds the value of registered-tags and its line; line 0 when it is not there. */
static int find_value(struct slice text, struct slice *ret, struct cluster_tags *out,
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
		if (slice_eq(key, "user-tag-access"))
			read_access(value, out);
		if (!slice_eq(key, "registered-tags"))
			continue;
		*ret = value;
		out->line = lines.line;
	}
	return 0;
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

	if (find_value(text, &value, &out, e) < 0)
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

bool cluster_tag_is_registered(const struct cluster_tags *t, struct slice tag)
{
	return t->n && bsearch(&tag, t->tags, t->n, sizeof(tag), compare);
}

/* Writes @tag to @ret, with a star for each "{…}" in it; false when it is too long. */
static bool fill_holes(struct slice tag, char ret[static TAG_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < tag.len && n < TAG_MAX - 1; i++) {
		const char *end =
			tag.ptr[i] == '{' ? memchr(tag.ptr + i, '}', tag.len - i) : NULL;

		ret[n++] = end ? '*' : tag.ptr[i];
		if (end)
			i = (size_t)(end - tag.ptr);
	}
	ret[n] = '\0';
	return n < TAG_MAX - 1;
}

/* Whether the list of allowed tags has one that @pattern fits and that is not registered. */
static bool list_has(const struct cluster_tags *t, const char *pattern)
{
	struct slice tag, rest = t->allowed;
	bool more = rest.len > 0;
	char text[TAG_MAX];

	while (more) {
		more = slice_cut(rest, ';', &tag, &rest);
		if (tag.len >= sizeof(text))
			return true;
		(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(tag));
		if (!cluster_tag_is_registered(t, tag) &&
		    fnmatch(pattern, text, FNM_NOESCAPE | FNM_CASEFOLD) == 0)
			return true;
	}
	return false;
}

bool cluster_tag_is_free(const struct cluster_tags *t, struct slice tag, bool is_pattern)
{
	char pattern[TAG_MAX];

	if (t->access == TAG_ACCESS_NONE)
		return false;
	if (!is_pattern && cluster_tag_is_registered(t, tag))
		return false;
	return t->access != TAG_ACCESS_LIST || !fill_holes(tag, pattern) ||
	       list_has(t, pattern);
}
