/* SPDX-License-Identifier: MIT */
/*
 * A policy out of its texts: what is included comes first, then the file's own rules, so
 * that an adjustment finds what it changes. A stack of fixed size walks the includes.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/sha.h"
#include "pve/chars.h"
#include "policy/policy.h"
#include "policy/rules.h"
#include "policy/schema.h"
#include "policy/words.h"

struct policy_private {
	struct arena arena;
	struct conf *confs[POLICY_MAX_FILES]; /* by index of the text */
	struct rule_list list;
};

/* A file whose includes are being followed. */
struct level {
	size_t file;                       /* index of the text */
	const struct conf_entry *includes; /* NULL: none */
	size_t next;
};

struct compiler {
	struct policy *p;
	const struct policy_loader *loader;
	struct problems *problems;
	struct level levels[POLICY_MAX_DEPTH];
	size_t nlevels;
	bool parsed[POLICY_MAX_FILES];
};

void policy_texts_done(struct policy_texts *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->files[i].name);
		free(t->files[i].text);
	}
	free(t->files);
	*t = (struct policy_texts){ 0 };
}

/* A NUL-terminated copy of @s on the heap, or NULL. */
static char *copy(struct slice s)
{
	char *p = malloc(s.len + 1);

	if (!p)
		return NULL;
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

int policy_texts_add(struct policy_texts *t, struct slice name, struct slice text,
		     struct err *e)
{
	AUTO_FREE char *name_copy = copy(name);
	AUTO_FREE char *text_copy = copy(text);
	struct policy_text *files = NULL;

	/* Last, so that who cannot add the first has nothing to release. */
	if (name_copy && text_copy)
		files = realloc(t->files, (t->n + 1) * sizeof(*files));
	if (!files)
		return err_nomem(e);
	t->files = files;
	files[t->n++] =
		(struct policy_text){ STEAL(name_copy), STEAL(text_copy), text.len };
	return 0;
}

/* Index of the text called @name, by itself or as last component of a path, or -1. */
static int find_text(const struct policy_texts *t, struct slice name)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *slash = strrchr(t->files[i].name, '/');

		if (slice_eq(name, slash ? slash + 1 : t->files[i].name))
			return (int)i;
	}
	return -1;
}

/* Adds a problem at the include value @v of the file whose includes are followed. */
#define problem_at(c, v, ...)                                                            \
	((void)problems_add(                                                             \
		(c)->problems,                                                           \
		(c)->p->texts.files[(c)->levels[(c)->nlevels - 1].file].name, (v)->line, \
		(v)->col, __VA_ARGS__))

/* Whether @name may be that of a file beside the policy. */
static bool is_file_name(struct slice name)
{
	if (!name.len || name.len > 64 || name.ptr[0] == '.' || name.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!char_is_word(c) && c != '.' && c != '-')
			return false;
	}
	return true;
}

/* Reports a shipped set that there is none of. */
static void refuse_shipped(struct compiler *c, const struct conf_value *v)
{
	AUTO(buf_done) struct buf hint = { 0 };
	const char *names[16] = { 0 };

	for (size_t i = 0; i + 1 < ARRAY_LEN(names) && shipped_name(i); i++)
		names[i] = shipped_name(i);
	words_suggest(v->text, names, ARRAY_LEN(names), &hint);
	problem_at(c, v, "no shipped set '%.*s'%s", SLICE_ARG(v->text), buf_text(&hint));
}

/* Reports a file that is not there; a shipped set may have been meant. */
static void refuse_file(struct compiler *c, const struct conf_value *v)
{
	for (size_t i = 0; shipped_name(i); i++) {
		const char *name = shipped_name(i);

		if (strcspn(name, "@") == v->text.len &&
		    memcmp(name, v->text.ptr, v->text.len) == 0) {
			problem_at(c, v, "a shipped set is named with its version: '%s'",
				   name);
			return;
		}
	}
	problem_at(c, v, "no file '%.*s' beside the policy file", SLICE_ARG(v->text));
}

/* Adds the text of the shipped set that @v names; its index, or -1. */
static int add_shipped(struct compiler *c, const struct conf_value *v)
{
	struct slice text = shipped_find(v->text);
	struct err e;

	if (!text.ptr) {
		refuse_shipped(c, v);
		return -1;
	}
	if (policy_texts_add(&c->p->texts, v->text, text, &e) == 0)
		return (int)c->p->texts.n - 1;
	problem_at(c, v, "%s", e.msg);
	c->problems->no_memory |= err_is_nomem(&e);
	return -1;
}

/* Adds the text of the file that @v names; its index, or -1. */
static int add_file(struct compiler *c, const struct conf_value *v)
{
	char name[65] = "";
	struct err e = { 0 };
	int r;

	if (!is_file_name(v->text)) {
		problem_at(c, v,
			   "'%.*s' is no shipped set as 'baseline@1', and no name of a "
			   "file beside this one",
			   SLICE_ARG(v->text));
		return -1;
	}
	memcpy(name, v->text.ptr, v->text.len);
	r = c->loader ? c->loader->load(c->loader->ctx, name, &c->p->texts, &e) : 1;
	if (r == 0)
		return (int)c->p->texts.n - 1;
	if (r < 0)
		problem_at(c, v, "%s", e.msg);
	else
		refuse_file(c, v);
	c->problems->no_memory |= err_is_nomem(&e);
	return -1;
}

/* The text that @v includes, added if it was not there; its index, or -1. */
static int find_included(struct compiler *c, const struct conf_value *v)
{
	int i = find_text(&c->p->texts, v->text);

	if (i < 0 && c->p->texts.n == POLICY_MAX_FILES) {
		problem_at(c, v, "a policy has at most %d files", POLICY_MAX_FILES);
		return -1;
	}
	if (i >= 0)
		return i;
	return memchr(v->text.ptr, '@', v->text.len) ? add_shipped(c, v) : add_file(c, v);
}

/* Whether both readers are known to agree on @t: it is shipped, or was read before. */
static bool is_agreed(const struct compiler *c, const struct policy_text *t)
{
	struct slice shipped = shipped_find(slice_of(t->name));

	if (shipped.ptr && slice_same(shipped, (struct slice){ t->text, t->len }))
		return true;
	return c->loader && c->loader->agreed && c->loader->agreed(c->loader->ctx, t);
}

/* Reads @t. */
static int read_text(const struct compiler *c, const struct policy_text *t,
		     const struct conf_section *schema, struct conf **ret)
{
	struct slice text = { t->text, t->len };

	if (is_agreed(c, t))
		return conf_parse_agreed(schema, t->name, text, ret, c->problems);
	return conf_parse_more(schema, t->name, text, ret, c->problems);
}

/* Reads the text @file and begins with what it includes. */
static void enter(struct compiler *c, size_t file)
{
	const struct policy_text *t = &c->p->texts.files[file];
	struct conf **conf = &c->p->priv->confs[file];
	const struct conf_section *schema =
		file ? &policy_section_included : &policy_section_file;
	struct level *l = &c->levels[c->nlevels];

	c->parsed[file] = true;
	if (read_text(c, t, schema, conf) < 0 && !*conf) {
		c->p->priv->list.partial = true;
		return;
	}
	*l = (struct level){ file, conf_find(conf_root(*conf), "include"), 0 };
	c->nlevels++;
}

/* Whether the includes of @file are being followed. */
static bool is_open(const struct compiler *c, size_t file)
{
	for (size_t i = 0; i < c->nlevels; i++)
		if (c->levels[i].file == file)
			return true;
	return false;
}

/* Follows the include @v of the innermost file. */
static void follow(struct compiler *c, const struct conf_value *v)
{
	int file = find_included(c, v);

	if (file < 0)
		c->p->priv->list.partial = true;
	else if (is_open(c, (size_t)file))
		problem_at(c, v, "'%.*s' includes itself", SLICE_ARG(v->text));
	else if (c->parsed[file])
		return; /* by way of another file; once is enough */
	else if (c->nlevels == POLICY_MAX_DEPTH)
		problem_at(c, v, "files include each other at most %d deep",
			   POLICY_MAX_DEPTH);
	else
		enter(c, (size_t)file);
}

/* Adds the rules of the innermost file, whose includes are done, and leaves it. */
static void leave(struct compiler *c)
{
	size_t file = c->levels[--c->nlevels].file;
	struct policy_private *priv = c->p->priv;

	rules_add(&priv->list, conf_root(priv->confs[file]), c->p->texts.files[file].name,
		  &priv->arena, c->problems);
}

/* Refuses a syntax newer than ours in any of the files. */
static void check_versions(struct compiler *c)
{
	for (size_t i = 0; i < c->p->texts.n; i++) {
		const struct conf *conf = c->p->priv->confs[i];
		const struct conf_entry *v =
			conf ? conf_find(conf_root(conf), "version") : NULL;

		if (v && v->number > POLICY_VERSION)
			(void)problems_add(
				c->problems, c->p->texts.files[i].name, v->line, v->col,
				"version %llu is newer than this pve-safe, which "
				"reads version %d: upgrade it on this node",
				(unsigned long long)v->number, POLICY_VERSION);
	}
}

/* Reads all files. */
static void read_files(struct compiler *c)
{
	enter(c, 0);
	while (c->nlevels) {
		struct level *l = &c->levels[c->nlevels - 1];

		if (l->includes && l->next < l->includes->nvalues)
			follow(c, &l->includes->values[l->next++]);
		else
			leave(c);
	}
	check_versions(c);
	if (!c->p->priv->list.partial)
		rules_check_classes(&c->p->priv->list, &c->p->priv->arena, c->problems);
}

/* Sets what the policy file itself says. False without memory. */
static bool set_file(struct policy *p, const struct conf_node *root)
{
	const struct conf_entry *node = conf_find(root, "node_settings");
	struct slice *paths =
		arena_array(&p->priv->arena, node ? node->nvalues : 0, sizeof(*paths));

	p->version = conf_number(root, "version", POLICY_VERSION);
	p->serial = conf_number(root, "serial", 0);
	p->mode = (enum action)conf_number(root, "mode", ACTION_DENY);
	p->unknown_option_warn = conf_number(root, "unknown_option", 0);
	p->audit_required = conf_number(root, "audit_required", 0);
	p->want_snapshots = conf_number(root, "want_snapshots", 0);
	for (size_t i = 0; paths && node && i < node->nvalues; i++)
		paths[i] = node->values[i].text;
	p->node_settings = (struct policy_words){ paths, node ? node->nvalues : 0 };
	return paths;
}

/* Gathers the facts that evaluation needs. */
static void set_facts(struct policy *p)
{
	fact_set_add(&p->facts, FACT_event);
	fact_set_add(&p->facts, FACT_cause);
	for (size_t i = 0; i < p->nrules; i++)
		rule_facts(&p->rules[i], &p->facts);
	policy_want(p, &p->facts);
}

/* Sets the digest: that of the only text, else that of the digests of all. */
static int set_digest(struct policy *p, const struct policy_loader *loader)
{
	AUTO(buf_done) struct buf all = { 0 };

	if (loader && loader->known && loader->known(loader->ctx, &p->texts, p->digest))
		return 0;
	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];

		sha256_hex((struct slice){ t->text, t->len }, p->digest);
		buf_puts(&all, p->digest);
	}
	if (p->texts.n > 1)
		sha256_hex(buf_as_slice(&all), p->digest);
	return buf_failed(&all) ? -1 : 0;
}

int policy_compile(struct policy_texts *texts_take, const struct policy_loader *loader,
		   struct policy **ret, struct problems *problems)
{
	AUTO(policy_freep) struct policy *p = calloc(1, sizeof(*p));
	struct compiler c = { .p = p, .loader = loader, .problems = problems };

	if (p)
		p->priv = calloc(1, sizeof(*p->priv));
	if (!p || !p->priv) {
		policy_texts_done(texts_take);
		return problems_nomem(problems, "policy");
	}
	p->texts = *texts_take;
	*texts_take = (struct policy_texts){ 0 };
	read_files(&c);
	if (problems_any(problems))
		return -1;
	if (!rules_finish(&p->priv->list, &p->priv->arena, p) ||
	    !set_file(p, conf_root(p->priv->confs[0])))
		return problems_nomem(problems, p->texts.files[0].name);
	set_facts(p);
	if (set_digest(p, loader) < 0 || arena_failed(&p->priv->arena))
		return problems_nomem(problems, p->texts.files[0].name);
	*ret = STEAL(p);
	return 0;
}

const struct rule *policy_find_rule(const struct policy *p, struct slice name)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (slice_same(p->rules[i].name, name))
			return &p->rules[i];
	for (size_t i = 0; i < p->nlimits; i++)
		if (slice_same(p->limits[i].rule.name, name))
			return &p->limits[i].rule;
	return NULL;
}

int policy_check_classes(const struct policy *p, const struct expr *x, struct err *e)
{
	return expr_check_words(x, FACT_workload, p->classes, e);
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; p->priv && i < ARRAY_LEN(p->priv->confs); i++)
		conf_free(p->priv->confs[i]);
	if (p->priv) {
		rules_done(&p->priv->list);
		arena_done(&p->priv->arena);
	}
	free(p->priv);
	policy_texts_done(&p->texts);
	free(p);
}

void policy_freep(struct policy **p)
{
	policy_free(*p);
}

int policy_compile_text(struct slice name, struct slice text, struct policy **ret,
			struct err *e)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };

	if (policy_texts_add(&texts, name, text, e) < 0)
		return -1;
	if (policy_compile(&texts, NULL, ret, &problems) == 0)
		return 0;
	return problems_as_err(&problems, e);
}
