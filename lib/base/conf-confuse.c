/* SPDX-License-Identifier: MIT */
/*
 * All keys are integers to libconfuse: the callback stores which value of the scan it got,
 * so its tree shows what went where without a copy of any text. libconfuse hands its
 * callbacks no argument of ours; the default of an option, which none of ours has, carries
 * the pointer instead, for the alternative is a global variable.
 *
 * libconfuse copies all options of a section for each section in the file. So it is given
 * the rows that occur in the file, and no others: a name that does not occur is to both
 * readers what an unknown one is.
 */
#include "base/conf-confuse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include <confuse.h>

#include "base/cleanup.h"

_Static_assert(sizeof(long) >= sizeof(void *), "an option's default carries a pointer");

/* A kind of section that occurs in the file. */
struct kind {
	struct kind *next;
	const struct conf_section *section;
	uint64_t used; /* bit n: its key n occurs */
};

_Static_assert(CONF_MAX_KEYS <= 64, "one bit a key");

/* The reading under way. */
struct second {
	const struct conf_scan *scan;
	struct conf_node *const *nodes;
	struct kind *kinds;
	struct arena *arena;
	size_t next; /* the value of the scan that the next callback must get */
};

/* Takes a value from libconfuse: it must be the next one of the scan. */
static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	/* libconfuse has no other place for what belongs to a callback. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	struct second *s = (struct second *)(intptr_t)opt->def.number;

	(void)cfg;
	if (s->next == s->scan->nvalues ||
	    !slice_eq(s->scan->values[s->next].text, value))
		return -1;
	*(long *)result = (long)s->next++;
	return 0;
}

/* libconfuse would print its errors; what is wrong has been said, or will be. */
__attribute__((format(printf, 2, 0))) static void say_nothing(cfg_t *cfg, const char *fmt,
							      va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

/* The kind @section if it occurs in the file, or NULL. */
static struct kind *find_kind(const struct second *s, const struct conf_section *section)
{
	struct kind *k = s->kinds;

	while (k && k->section != section)
		k = k->next;
	return k;
}

/* Notes which kinds of sections occur in the file, and which of their keys. */
static void collect_kinds(struct second *s)
{
	for (size_t i = 0; i < s->scan->nitems; i++) {
		const struct conf_node *node = s->nodes[i];
		struct kind *k;

		if (!node)
			continue;
		k = find_kind(s, node->section);
		if (!k) {
			k = arena_alloc(s->arena, sizeof(*k));
			if (!k)
				return;
			*k = (struct kind){ s->kinds, node->section, 0 };
			s->kinds = k;
		}
		for (size_t e = 0; e < node->nentries; e++)
			k->used |= UINT64_C(1)
				   << (node->entries[e].key - node->section->keys);
	}
}

/* How many options the rows of @kind become, with the one that ends them. */
static size_t count_options(const struct second *s, const struct kind *kind)
{
	const struct conf_section *const *sub = kind->section->sections;
	size_t n = (size_t)__builtin_popcountll(kind->used) + 1;

	for (; sub && *sub; sub++)
		n += find_kind(s, *sub) != NULL;
	return n;
}

/* The option of the key @k. */
static cfg_opt_t key_option(struct second *s, const struct conf_key *k)
{
	const cfg_opt_t one = CFG_INT_CB(k->name, 0, CFGF_NODEFAULT, take_value);
	const cfg_opt_t list = CFG_INT_LIST_CB(k->name, NULL, CFGF_NODEFAULT, take_value);
	cfg_opt_t opt = k->type == CONF_LIST ? list : one;

	opt.def.number = (long)(intptr_t)s;
	return opt;
}

static cfg_opt_t *make_options(struct second *s, const struct kind *kind);

/* The option of the section @kind. As deep as our own tables of sections, not as the text. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static cfg_opt_t section_option(struct second *s, const struct kind *kind)
{
	cfg_flag_t titled = kind->section->titled ? CFGF_TITLE : CFGF_NONE;
	cfg_opt_t *inner = make_options(s, kind);
	const cfg_opt_t opt = CFG_SEC(kind->section->name, inner,
				      CFGF_MULTI | CFGF_NO_TITLE_DUPES | titled);

	return opt;
}

/* Makes libconfuse's options out of the rows of @kind: its keys, its sections. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static cfg_opt_t *make_options(struct second *s, const struct kind *kind)
{
	const struct conf_section *section = kind->section;
	cfg_opt_t *opts = arena_array(s->arena, count_options(s, kind), sizeof(*opts));
	const cfg_opt_t end = CFG_END();
	size_t n = 0;

	if (!opts)
		return NULL;
	for (size_t i = 0; i < section->nkeys; i++)
		if (kind->used >> i & 1)
			opts[n++] = key_option(s, &section->keys[i]);
	for (size_t i = 0; section->sections && section->sections[i]; i++) {
		const struct kind *sub = find_kind(s, section->sections[i]);

		if (sub)
			opts[n++] = section_option(s, sub);
	}
	opts[n] = end;
	return opts;
}

/* The option @name of @cfg, or NULL. */
static cfg_opt_t *find_option(const cfg_t *cfg, const char *name)
{
	for (cfg_opt_t *opt = cfg->opts; opt->name; opt++)
		if (strcmp(opt->name, name) == 0)
			return opt;
	return NULL;
}

/* Whether libconfuse gave @cfg the entries of @node, each with its values, and no others. */
static bool same_entries(const struct second *s, const struct conf_node *node,
			 const cfg_t *cfg)
{
	size_t given = 0, got = 0;

	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *e = &node->entries[i];
		const cfg_opt_t *opt = find_option(cfg, e->key->name);

		if (!opt || opt->nvalues != e->nvalues)
			return false;
		for (size_t v = 0; v < e->nvalues; v++)
			if (opt->values[v]->number != e->values + v - s->scan->values)
				return false;
		given += e->nvalues;
	}
	for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++)
		got += opt->type == CFGT_INT ? opt->nvalues : 0;
	return given == got;
}

/*
 * libconfuse's next section in @parent that must be @node; NULL if it is another. How many
 * have been taken is kept where the default of a value would be.
 */
static cfg_t *next_section(const cfg_t *parent, const struct conf_node *node)
{
	cfg_opt_t *opt = find_option(parent, node->section->name);
	cfg_t *cfg;

	if (!opt || opt->def.number == opt->nvalues)
		return NULL;
	cfg = opt->values[opt->def.number++]->section;
	if (!node->title.ptr != !cfg->title)
		return NULL;
	return cfg->title && !slice_eq(node->title, cfg->title) ? NULL : cfg;
}

/* Whether every section that libconfuse has in @cfg has been taken. */
static bool all_taken(const cfg_t *cfg)
{
	for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++)
		if (opt->type == CFGT_SEC && opt->def.number != opt->nvalues)
			return false;
	return true;
}

/* Whether libconfuse's tree @root is the scan's. */
static bool same_tree(const struct second *s, cfg_t *root)
{
	const struct conf_item *items = s->scan->items;
	cfg_t **cfgs = arena_array(s->arena, s->scan->nitems, sizeof(cfg_t *));

	if (!cfgs || s->next != s->scan->nvalues)
		return false;
	for (size_t i = 0; i < s->scan->nitems; i++) {
		if (!s->nodes[i])
			continue;
		cfgs[i] = i ? next_section(cfgs[items[i].parent], s->nodes[i]) : root;
		if (!cfgs[i] || !same_entries(s, s->nodes[i], cfgs[i]))
			return false;
	}
	for (size_t i = 0; i < s->scan->nitems; i++)
		if (cfgs[i] && !all_taken(cfgs[i]))
			return false;
	return true;
}

/* Releases what cfg_init() gave. For AUTO(). */
static void free_cfg(cfg_t **cfg)
{
	if (*cfg)
		(void)cfg_free(*cfg);
}

int conf_confuse(const struct conf_scan *scan, struct conf_node *const *nodes,
		 const char *file, struct arena *a, struct problems *problems)
{
	struct second s = { .scan = scan, .nodes = nodes, .arena = a };
	AUTO(free_cfg) cfg_t *cfg = NULL;
	cfg_opt_t *opts = NULL;
	unsigned line = 1, col = 1;

	collect_kinds(&s);
	if (s.kinds)
		opts = make_options(&s, find_kind(&s, nodes[0]->section));
	if (!arena_failed(a))
		cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		return problems_nomem(problems, file);
	(void)cfg_set_error_function(cfg, say_nothing);
	errno = 0;
	if (cfg_parse_buf(cfg, scan->text) == CFG_SUCCESS && same_tree(&s, cfg))
		return 0;
	if (errno == ENOMEM)
		return problems_nomem(problems, file);
	if (s.next < scan->nvalues) {
		line = scan->values[s.next].line;
		col = scan->values[s.next].col;
	}
	return problems_add(problems, file, line, col,
			    "libconfuse reads this file otherwise from here on, so it is "
			    "refused: put values in quotes, one entry a line");
}
