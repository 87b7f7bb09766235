/* SPDX-License-Identifier: MIT */
/*
 * All keys are integers to libconfuse: the callback stores which value of the scan it got,
 * so its tree shows what went where without a copy of any text. libconfuse hands its
 * callbacks no argument of ours; the default of an option, which none of ours has, carries
 * the pointer instead, for the alternative is a global variable.
 */
#include "base/conf-confuse.h"

#include <stdarg.h>
#include <stdint.h>

#include <confuse.h>

#include "base/cleanup.h"

_Static_assert(sizeof(long) >= sizeof(void *), "an option's default carries a pointer");

/* The reading under way. */
struct second {
	const struct conf_value *values; /* of the scan */
	size_t nvalues;
	size_t next; /* the one that the next callback must get */
	struct arena *arena;
};

/* A section whose contents are compared. */
struct frame {
	const struct conf_node *node;
	const cfg_t *cfg;
	size_t next;                   /* of node->nodes */
	unsigned seen[CONF_MAX_KINDS]; /* sections of each kind so far */
};

/* Takes a value from libconfuse: it must be the next one of the scan. */
static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct second *s = (struct second *)(intptr_t)opt->def.number;

	(void)cfg;
	if (s->next == s->nvalues || !slice_eq(s->values[s->next].text, value))
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

/* Kinds of sections that may stand in @section. */
static size_t count_kinds(const struct conf_section *section)
{
	size_t n = 0;

	while (section->sections && section->sections[n])
		n++;
	return n;
}

/* Makes libconfuse's options out of the rows: first the keys, then the sections. */
static cfg_opt_t *make_options(struct second *s, const struct conf_section *section)
{
	size_t nkinds = count_kinds(section);
	cfg_opt_t *opts =
		arena_array(s->arena, section->nkeys + nkinds + 1, sizeof(*opts));
	const cfg_opt_t end = CFG_END();

	if (!opts)
		return NULL;
	for (size_t i = 0; i < section->nkeys; i++) {
		const struct conf_key *k = &section->keys[i];
		const cfg_opt_t one = CFG_INT_CB(k->name, (long)(intptr_t)s,
						 CFGF_NODEFAULT, take_value);
		const cfg_opt_t list =
			CFG_INT_LIST_CB(k->name, NULL, CFGF_NODEFAULT, take_value);

		opts[i] = k->type == CONF_LIST ? list : one;
		opts[i].def.number = one.def.number;
	}
	for (size_t i = 0; i < nkinds; i++) {
		const struct conf_section *sub = section->sections[i];
		cfg_flag_t flags = CFGF_MULTI | CFGF_NO_TITLE_DUPES;
		cfg_opt_t *inner = make_options(s, sub);
		const cfg_opt_t opt = CFG_SEC(sub->name, inner,
					      sub->titled ? flags | CFGF_TITLE : flags);

		opts[section->nkeys + i] = opt;
	}
	opts[section->nkeys + nkinds] = end;
	return opts;
}

/* Whether libconfuse gave @opt exactly the values of @entry; NULL: none. */
static bool same_values(const struct second *s, const cfg_opt_t *opt,
			const struct conf_entry *entry)
{
	size_t n = entry ? entry->nvalues : 0;

	if (opt->nvalues != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (opt->values[i]->number != entry->values + i - s->values)
			return false;
	return true;
}

/* Whether @cfg has the entries of @node and no others. */
static bool same_entries(const struct second *s, const struct conf_node *node,
			 const cfg_t *cfg)
{
	const struct conf_section *section = node->section;
	size_t given = 0;

	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *entry = &node->entries[i];

		if (!same_values(s, &cfg->opts[entry->key - section->keys], entry))
			return false;
		given += entry->nvalues;
	}
	for (size_t i = 0; i < section->nkeys; i++)
		given -= cfg->opts[i].nvalues;
	return given == 0;
}

/* Steps into the next section of @f: libconfuse's and ours, or NULL if they differ. */
static const cfg_t *next_section(struct frame *f)
{
	const struct conf_node *node = &f->node->nodes[f->next++];
	const struct conf_section *of = f->node->section;
	const cfg_opt_t *opt;
	const cfg_t *cfg;
	size_t kind = 0;

	while (of->sections[kind] != node->section)
		kind++;
	opt = &f->cfg->opts[of->nkeys + kind];
	if (f->seen[kind] == opt->nvalues)
		return NULL;
	cfg = opt->values[f->seen[kind]++]->section;
	if (!node->title.ptr != !cfg->title ||
	    (cfg->title && !slice_eq(node->title, cfg->title)))
		return NULL;
	return cfg;
}

/* Whether every section that libconfuse has in @f has been seen. */
static bool all_seen(const struct frame *f)
{
	const struct conf_section *of = f->node->section;

	for (size_t kind = 0; kind < count_kinds(of); kind++)
		if (f->seen[kind] != f->cfg->opts[of->nkeys + kind].nvalues)
			return false;
	return true;
}

/* Whether libconfuse's tree @cfg is @root's. */
static bool same_tree(const struct second *s, const struct conf_node *root,
		      const cfg_t *cfg)
{
	struct frame stack[CONF_MAX_DEPTH + 1] = { { .node = root, .cfg = cfg } };
	size_t depth = 1;

	if (s->next != s->nvalues || !same_entries(s, root, cfg))
		return false;
	while (depth) {
		struct frame *f = &stack[depth - 1];
		const struct conf_node *node = f->node->nodes + f->next;

		if (f->next == f->node->nnodes) {
			if (!all_seen(f))
				return false;
			depth--;
			continue;
		}
		cfg = next_section(f);
		if (!cfg || !same_entries(s, node, cfg))
			return false;
		stack[depth++] = (struct frame){ .node = node, .cfg = cfg };
	}
	return true;
}

/* Releases what cfg_init() gave. For AUTO(). */
static void free_cfg(cfg_t **cfg)
{
	if (*cfg)
		(void)cfg_free(*cfg);
}

int conf_confuse(const struct conf_scan *scan, const struct conf_node *root,
		 const char *file, struct arena *a, struct problems *problems)
{
	struct second s = { scan->values, scan->nvalues, 0, a };
	cfg_opt_t *opts = make_options(&s, root->section);
	AUTO(free_cfg) cfg_t *cfg = NULL;
	unsigned line = 1, col = 1;

	if (!arena_failed(a))
		cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		return problems_add(problems, file, 1, 1, "out of memory");
	(void)cfg_set_error_function(cfg, say_nothing);
	if (cfg_parse_buf(cfg, scan->text) == CFG_SUCCESS && same_tree(&s, root, cfg))
		return 0;
	if (s.next < s.nvalues) {
		line = s.values[s.next].line;
		col = s.values[s.next].col;
	}
	return problems_add(problems, file, line, col,
			    "libconfuse reads this file otherwise from here on, so it is "
			    "refused: put values in quotes, one entry a line");
}
