/* SPDX-License-Identifier: MIT */
/*
 * The tree is made out of the scan by the schema's rows; all that is wrong with names,
 * repeats, types and values is found here, and only a file without fault is given to the
 * second reader, libconfuse, whose result must be the same.
 */
#include "base/conf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/conf-confuse.h"
#include "base/conf-scan.h"
#include "base/conf-value.h"
#include "base/text.h"

enum { TITLE_MAX = 48, WHERE_MAX = 160 };

struct conf {
	struct conf_scan scan;
	struct arena arena;
	struct conf_node root;
};

/* The tree under way. */
struct builder {
	struct conf *conf;
	const char *file;
	struct problems *problems;
	struct conf_node **nodes; /* of the scan's items; NULL: it has none */
	unsigned *titles;         /* hash table of the sections' items; 0: empty place */
	size_t ntitles;           /* places in it, a power of two */
	bool passed_over;         /* a name that is not known */
};

/* Reports what is wrong at @at, which has .line and .col; returns -1. */
#define BAD(b, at, ...) \
	problems_add((b)->problems, (b)->file, (at)->line, (at)->col, __VA_ARGS__)

/* Puts " in rule 'x'", or nothing for the file itself, to @ret; returns it. */
static const char *where(const struct conf_node *node, char ret[static WHERE_MAX])
{
	const char *name = node->section->name;

	if (!name)
		ret[0] = '\0';
	else if (node->title.ptr)
		(void)snprintf(ret, WHERE_MAX, " in %.64s '%.*s'", name,
			       SLICE_SHOWN(node->title));
	else
		(void)snprintf(ret, WHERE_MAX, " in %.64s", name);
	return ret;
}

/* The row of the key @name in @section, or NULL. */
static const struct conf_key *find_key(const struct conf_section *section,
				       struct slice name)
{
	for (size_t i = 0; i < section->nkeys; i++)
		if (slice_eq(name, section->keys[i].name))
			return &section->keys[i];
	return NULL;
}

/* The kind of section called @name that may stand in @section, or NULL. */
static const struct conf_section *find_kind(const struct conf_section *section,
					    struct slice name)
{
	for (size_t i = 0; section->sections && section->sections[i]; i++)
		if (slice_eq(name, section->sections[i]->name))
			return section->sections[i];
	return NULL;
}

/* The key of @section whose name is nearest to @name, or NULL. */
static const char *nearest_key(const struct conf_section *section, struct slice name)
{
	const char *names[CONF_MAX_KEYS];
	size_t n = 0;
	int near;

	for (size_t i = 0; i < section->nkeys && n < ARRAY_LEN(names); i++)
		if (!section->keys[i].later)
			names[n++] = section->keys[i].name;
	near = text_nearest(name, names, n);
	return near < 0 ? NULL : names[near];
}

/* The kind of section in @section whose name is nearest to @name, or NULL. */
static const char *nearest_kind(const struct conf_section *section, struct slice name)
{
	const char *names[CONF_MAX_KINDS];
	size_t n = 0;
	int near;

	for (size_t i = 0; section->sections && section->sections[i]; i++)
		if (!section->sections[i]->later && n < ARRAY_LEN(names))
			names[n++] = section->sections[i]->name;
	near = text_nearest(name, names, n);
	return near < 0 ? NULL : names[near];
}

/* Reports a name that may not stand in @parent as it does; returns -1. */
static int refuse_name(const struct builder *b, const struct conf_item *item,
		       const struct conf_node *parent)
{
	const char *kind = item->is_section ? "section" : "key", *near;
	const struct conf_section *section = find_kind(parent->section, item->name);
	char in[WHERE_MAX];

	if (!item->is_section && section)
		return BAD(b, item, "'%s' is a section: write %s%s { ... }",
			   section->name, section->name,
			   section->titled ? " \"name\"" : "");
	if (item->is_section && find_key(parent->section, item->name))
		return BAD(b, item, "'%.*s' is a key: write %.*s = ...",
			   SLICE_SHOWN(item->name), SLICE_SHOWN(item->name));
	near = item->is_section ? nearest_kind(parent->section, item->name)
				: nearest_key(parent->section, item->name);
	if (near)
		return BAD(b, item, "unknown %s '%.*s'%s: did you mean '%s'?", kind,
			   SLICE_SHOWN(item->name), where(parent, in), near);
	return BAD(b, item, "unknown %s '%.*s'%s", kind, SLICE_SHOWN(item->name),
		   where(parent, in));
}

/* Passes over a name that is not known in @parent, where that is open; else as refuse_name(). */
static void pass_or_refuse(struct builder *b, const struct conf_item *item,
			   const struct conf_node *parent)
{
	if (parent->section->open && !find_key(parent->section, item->name) &&
	    !find_kind(parent->section, item->name))
		b->passed_over = true;
	else
		(void)refuse_name(b, item, parent);
}

/* Gives @entry, refused for a list in place of its value, an empty one to stand for it. */
static void give_one_value(const struct builder *b, struct conf_entry *entry)
{
	struct conf_value *v = arena_alloc(&b->conf->arena, sizeof(*v));

	if (v)
		*v = (struct conf_value){ slice_of(""), entry->line, entry->col, false };
	entry->values = v;
	entry->nvalues = v ? 1 : 0;
}

/* Adds the entry @item to @node. */
static void add_entry(struct builder *b, const struct conf_item *item,
		      struct conf_node *node)
{
	const struct conf_key *key = find_key(node->section, item->name);
	struct conf_entry *entry;
	char in[WHERE_MAX];

	if (!key) {
		pass_or_refuse(b, item, node);
		return;
	}
	if (key->later) {
		(void)BAD(b, item, "'%s': %s", key->name, key->later);
		return;
	}
	for (size_t i = 0; i < node->nentries; i++) {
		if (node->entries[i].key != key)
			continue;
		(void)BAD(b, item, "'%s' is given twice%s, first in line %u", key->name,
			  where(node, in), node->entries[i].line);
		return;
	}
	entry = &node->entries[node->nentries++];
	*entry = (struct conf_entry){ .key = key,
				      .line = item->line,
				      .col = item->col,
				      .values = b->conf->scan.values + item->first,
				      .nvalues = item->n };
	(void)conf_check_entry(entry, item->is_list, b->file, b->problems);
	if (key->type != CONF_LIST && item->n != 1)
		give_one_value(b, entry);
}

/* Whether @title is [a-z][a-z0-9-]*, not too long. */
static bool is_plain_title(struct slice title)
{
	if (!title.len || title.len > TITLE_MAX || *title.ptr < 'a' || *title.ptr > 'z')
		return false;
	for (size_t i = 0; i < title.len; i++) {
		char c = title.ptr[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return true;
}

/* Checks the title of @item, or that it has none, by its kind. */
static int check_title(const struct builder *b, const struct conf_item *item,
		       const struct conf_section *kind)
{
	const struct conf_value at = { .line = item->tline, .col = item->tcol };

	if (!item->title.ptr) {
		if (!kind->titled)
			return 0;
		return BAD(b, item, "'%s' needs a title: write %s \"name\" { ... }",
			   kind->name, kind->name);
	}
	if (!kind->titled)
		return BAD(b, &at, "'%s' has no title: write %s { ... }", kind->name,
			   kind->name);
	if (!item->title.len)
		return BAD(b, &at, "the title of '%s' is empty", kind->name);
	if (kind->title_is_path || is_plain_title(item->title))
		return 0;
	return BAD(b, &at,
		   "'%.*s' cannot name a %s: a small letter, then small letters, digits "
		   "and '-', %d in all",
		   SLICE_SHOWN(item->title), kind->name, TITLE_MAX);
}

/* Where to look first for the section @item: FNV-1a of its title, parent and kind. */
static size_t hash(const struct conf_item *item, const struct conf_section *kind)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ item->parent ^ (uintptr_t)kind;

	for (size_t i = 0; i < item->title.len; i++)
		h = (h ^ (unsigned char)item->title.ptr[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

/* Notes the section @index; the item of the same kind, title and parent, or 0. */
static unsigned find_same(const struct builder *b, unsigned index,
			  const struct conf_section *kind)
{
	const struct conf_item *items = b->conf->scan.items, *it = &items[index];
	size_t at = hash(it, kind) & (b->ntitles - 1);

	for (; b->titles[at]; at = (at + 1) & (b->ntitles - 1)) {
		unsigned other = b->titles[at];

		if (items[other].parent == it->parent &&
		    b->nodes[other]->section == kind &&
		    slice_same(items[other].title, it->title))
			return other;
	}
	b->titles[at] = index;
	return 0;
}

/* Reports the section @index if it stands there already. */
static void check_repeat(const struct builder *b, unsigned index,
			 const struct conf_section *kind)
{
	const struct conf_item *it = &b->conf->scan.items[index];
	unsigned other = find_same(b, index, kind);
	unsigned line = b->conf->scan.items[other].line;

	if (other && it->title.ptr)
		(void)BAD(b, it, "%s '%.*s' stands there twice, first in line %u",
			  kind->name, SLICE_SHOWN(it->title), line);
	else if (other)
		(void)BAD(b, it, "'%s' stands there twice, first in line %u", kind->name,
			  line);
}

/* Makes @node the section @item of @kind, with room for what stands in it. */
static bool fill_node(const struct builder *b, const struct conf_item *item,
		      const struct conf_section *kind, struct conf_node *node)
{
	struct arena *a = &b->conf->arena;

	*node = (struct conf_node){ .section = kind,
				    .title = item->title,
				    .line = item->line,
				    .col = item->col };
	node->entries = arena_array(a, item->nentries, sizeof(*node->entries));
	node->nodes = arena_array(a, item->nnodes, sizeof(*node->nodes));
	return !arena_failed(a);
}

/* Adds the section @index to @parent; what stands in an unknown one is not looked at. */
static void add_section(struct builder *b, unsigned index, struct conf_node *parent)
{
	const struct conf_item *item = &b->conf->scan.items[index];
	const struct conf_section *kind = find_kind(parent->section, item->name);

	if (!kind) {
		pass_or_refuse(b, item, parent);
		return;
	}
	if (kind->later) {
		(void)BAD(b, item, "'%s': %s", kind->name, kind->later);
		return;
	}
	b->nodes[index] = &parent->nodes[parent->nnodes++];
	if (!fill_node(b, item, kind, b->nodes[index]))
		return;
	if (check_title(b, item, kind) == 0)
		check_repeat(b, index, kind);
}

/* Reports the keys that @node must have and has not. */
static void check_required(const struct builder *b, const struct conf_node *node)
{
	char in[WHERE_MAX];

	for (size_t i = 0; i < node->section->nkeys; i++) {
		const struct conf_key *key = &node->section->keys[i];

		if (key->required && !conf_find(node, key->name))
			(void)BAD(b, node, "'%s' is missing%s", key->name,
				  where(node, in));
	}
}

/* Makes room for what is needed only while the tree is made. */
static bool prepare(struct builder *b)
{
	struct arena *a = &b->conf->arena;
	size_t n = b->conf->scan.nitems;

	for (b->ntitles = 16; b->ntitles < 2 * n;)
		b->ntitles *= 2;
	b->nodes = arena_array(a, n, sizeof(struct conf_node *));
	b->titles = arena_array(a, b->ntitles, sizeof(*b->titles));
	return !arena_failed(a);
}

/* Makes the tree; what is wrong is added to the problems. */
static void build(struct builder *b, const struct conf_section *schema)
{
	const struct conf_scan *scan = &b->conf->scan;
	struct conf_node *root = &b->conf->root;

	if (!prepare(b) || !fill_node(b, &scan->items[0], schema, root))
		return;
	b->nodes[0] = root;
	for (unsigned i = 1; i < scan->nitems && !arena_failed(&b->conf->arena); i++) {
		struct conf_node *parent = b->nodes[scan->items[i].parent];

		if (parent && scan->items[i].is_section)
			add_section(b, i, parent);
		else if (parent)
			add_entry(b, &scan->items[i], parent);
	}
	for (unsigned i = 0; i < scan->nitems && !arena_failed(&b->conf->arena); i++)
		if (b->nodes[i])
			check_required(b, b->nodes[i]);
}

/* Reads @text; with @check libconfuse must read the same. As conf_parse_more(). */
static int parse(const struct conf_section *schema, const char *file, struct slice text,
		 bool check, struct conf **ret, struct problems *problems)
{
	AUTO(conf_freep) struct conf *c = calloc(1, sizeof(*c));
	struct builder b = { .conf = c, .file = file, .problems = problems };
	size_t before = problems->n + problems->dropped;
	int r;

	if (!c)
		return problems_nomem(problems, file);
	if (conf_scan(text, file, &c->scan, problems) < 0)
		return -1;
	build(&b, schema);
	if (arena_failed(&c->arena))
		return problems_nomem(problems, file);
	if (problems->n + problems->dropped > before)
		r = -1;
	else if (check && !b.passed_over &&
		 conf_confuse(&c->scan, b.nodes, file, &c->arena, problems) < 0)
		return -1;
	else
		r = 0;
	*ret = STEAL(c);
	return r;
}

int conf_parse_more(const struct conf_section *schema, const char *file,
		    struct slice text, struct conf **ret, struct problems *problems)
{
	return parse(schema, file, text, true, ret, problems);
}

int conf_parse_agreed(const struct conf_section *schema, const char *file,
		      struct slice text, struct conf **ret, struct problems *problems)
{
	return parse(schema, file, text, false, ret, problems);
}

int conf_parse(const struct conf_section *schema, const char *file, struct slice text,
	       struct conf **ret, struct problems *problems)
{
	AUTO(conf_freep) struct conf *c = NULL;

	if (conf_parse_more(schema, file, text, &c, problems) < 0)
		return -1;
	*ret = STEAL(c);
	return 0;
}

const struct conf_node *conf_root(const struct conf *c)
{
	return &c->root;
}

const struct conf_entry *conf_find(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; i < node->nentries; i++)
		if (strcmp(node->entries[i].key->name, key) == 0)
			return &node->entries[i];
	return NULL;
}

struct slice conf_text(const struct conf_node *node, const char *key)
{
	const struct conf_entry *entry = conf_find(node, key);

	return entry && entry->nvalues ? entry->values[0].text : (struct slice){ 0 };
}

uint64_t conf_number(const struct conf_node *node, const char *key, uint64_t otherwise)
{
	const struct conf_entry *entry = conf_find(node, key);

	return entry ? entry->number : otherwise;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	conf_scan_done(&c->scan);
	arena_done(&c->arena);
	free(c);
}

void conf_freep(struct conf **c)
{
	conf_free(*c);
}
