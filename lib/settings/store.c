/* SPDX-License-Identifier: MIT */
#include "settings/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"

enum { NAME_MAX_BYTES = 64 };

static const char directory[] = "/" STORE_TEMPLATE_DIR;
static const struct slice unknown = { 0 };

/* Loading under way. */
struct loading {
	int root;
	enum file_owner owner;
	struct templates *set;
	struct err *e;
};

/* Whether @c may stand in the name of a template. */
static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Whether @word stands in @text, and not as a part of a longer one. */
static bool has_word(struct slice text, struct slice word)
{
	const char *end = text.ptr + text.len, *at = text.ptr;

	while (word.len &&
	       (at = memmem(at, (size_t)(end - at), word.ptr, word.len)) != NULL) {
		const char *after = at + word.len;

		if ((at == text.ptr || !is_of_name(at[-1])) &&
		    (after == end || !is_of_name(*after)))
			return true;
		at++;
	}
	return false;
}

/* Whether @name is that of a file of templates. */
static bool is_file_name(const char *name)
{
	size_t n = strlen(name);

	if (n <= 5 || n > NAME_MAX_BYTES || *name == '.' || *name == '-' ||
	    strcmp(name + n - 5, ".conf") != 0)
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789._-") == n;
}

/* Orders names, for qsort. */
static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Notes that templates of @file are not known, of which @text, if any, is all there is. */
static void add_gap(struct templates *set, const char *file, struct slice text)
{
	struct templates_gap *gap = &set->gaps[set->ngaps];

	if (set->ngaps == STORE_MAX_GAPS || (set->ngaps && gap[-1].file == file))
		return;
	*gap = (struct templates_gap){
		.file = file,
		.text = text,
		.may_require = !text.ptr || has_word(text, slice_of("required")),
	};
	set->ngaps++;
}

/* Lists the files of templates, sorted, into @ret; how many, 0 without the directory. */
static size_t list_files(struct loading *l, char *ret[STORE_MAX_TEMPLATE_FILES])
{
	int fd = openat(l->root, STORE_TEMPLATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct problems *problems = &l->set->problems;
	struct dirent *d = NULL;
	size_t n = 0;

	while (dir && (d = dir_next(dir))) {
		if (!is_file_name(d->d_name))
			continue;
		if (n == STORE_MAX_TEMPLATE_FILES) {
			(void)problems_add(problems, directory, 0, 0,
					   "at most %d files of templates are read",
					   STORE_MAX_TEMPLATE_FILES);
			add_gap(l->set, directory, unknown);
			break;
		}
		ret[n] = arena_strdup(&l->set->arena, slice_of(d->d_name));
		n += ret[n] != NULL;
	}
	if (!d && errno && errno != ENOENT) {
		(void)problems_add(problems, directory, 0, 0, "cannot be read: %s",
				   strerror(errno));
		add_gap(l->set, directory, unknown);
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	qsort(ret, n, sizeof(*ret), by_name);
	return n;
}

/* Room for one more template; NULL when there are too many, which is reported. */
static struct template_row *add_row(struct templates *set, const char *file)
{
	if (set->n < STORE_MAX_TEMPLATES)
		return &set->rows[set->n++];
	(void)problems_add(&set->problems, file, 0, 0, "at most %d templates are read",
			   STORE_MAX_TEMPLATES);
	add_gap(set, file, unknown);
	return NULL;
}

/* Adds the templates of the tree @root of @file; all are broken if one is, or @bad. */
static void add_templates(struct templates *set, const struct conf_node *root,
			  const char *file, bool bad)
{
	size_t first = set->n;

	for (size_t i = 0; i < root->nnodes; i++) {
		const struct conf_node *node = &root->nodes[i];
		const struct template_row *same = templates_find(set, node->title);
		struct template_row *row;

		if (!node->title.len)
			continue;
		if (same) {
			(void)problems_add(&set->problems, file, node->line, node->col,
					   "template '%.*s' is there already (%s:%u)",
					   SLICE_SHOWN(node->title), same->t.file,
					   same->t.line);
			bad = true;
			continue;
		}
		row = add_row(set, file);
		if (!row)
			return;
		*row = (struct template_row){ .whole = true };
		if (template_read(node, file, &set->arena, &row->t, &set->problems) < 0)
			bad = true;
	}
	for (size_t i = first; i < set->n; i++)
		set->rows[i].broken = bad;
}

/* Keeps @text, of a file that has no form: the names in it are all that is known. */
static void keep_text(struct templates *set, const char *path, struct slice text)
{
	const char *copy = arena_strdup(&set->arena, text);

	add_gap(set, path, copy ? (struct slice){ copy, text.len } : unknown);
}

/* Reads the file @name of the administrator's. -1 without memory. */
static int load_file(struct loading *l, const char *name)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct templates *set = l->set;
	const char *path = arena_printf(&set->arena, "/%s/%s", STORE_TEMPLATE_DIR, name);
	struct file_rules rules = { .owner = l->owner,
				    .max_bytes = CONF_MAX_BYTES,
				    .shown = path };
	struct conf **conf = &set->confs[set->nconfs];
	struct err e = { 0 };
	int r;

	if (!path)
		return err_nomem(l->e);
	r = file_read(l->root, path + 1, &rules, &text, &e);
	if (r < 0) {
		(void)problems_add(&set->problems, path, 0, 0, "%s", e.msg);
		add_gap(set, path, unknown);
	}
	if (r != 0)
		return 0;
	r = conf_parse_more(&template_file_schema, path, file_slice(&text), conf,
			    &set->problems);
	if (!*conf) {
		keep_text(set, path, file_slice(&text));
		return 0;
	}
	set->nconfs++;
	add_templates(set, conf_root(*conf), path, r < 0);
	return 0;
}

/* What stands for the shipped template @s while a file has another one that nobody knows. */
static struct template_row stand_in(const struct template_shipped *s,
				    const struct templates_gap *gap)
{
	return (struct template_row){
		.t = { .name = slice_of(s->name),
		       .file = gap->file,
		       .required = gap->may_require },
		.whole = true,
		.replaces = true,
		.broken = true,
	};
}

/*
 * Adds the templates that are compiled in, by name and condition, unless replaced. A file
 * that could not be read at all replaces none: it need not be about any of them.
 */
static int add_shipped(struct loading *l)
{
	const struct template_shipped *s;
	const struct templates_gap *gap;
	struct templates *set = l->set;

	for (size_t i = 0; (s = template_shipped(i)); i++) {
		struct template_row *row = templates_find(set, slice_of(s->name));

		if (row) {
			row->replaces = true;
			continue;
		}
		row = add_row(set, s->file);
		if (!row)
			return 0;
		*row = (struct template_row){
			.shipped = s,
			.t = { .name = slice_of(s->name), .file = s->file, .line = 1 },
		};
		gap = templates_gap_of(set, row->t.name);
		if (gap && gap->text.ptr)
			*row = stand_in(s, gap);
		if (*s->match && expr_compile(slice_of(s->match), &set->arena,
					      &row->t.match, l->e) < 0)
			return err_wrap(l->e, "template '%s'", s->name);
	}
	return 0;
}

/* Orders rows by the name of the template, for qsort. */
static int by_template(const void *x, const void *y)
{
	const struct template_row *a = x, *b = y;

	return slice_order(&a->t.name, &b->t.name);
}

int templates_load(int root, enum file_owner owner, struct templates *ret, struct err *e)
{
	struct loading l = { root, owner, ret, e };
	char *files[STORE_MAX_TEMPLATE_FILES];
	size_t n;

	*ret = (struct templates){ 0 };
	ret->rows = calloc(STORE_MAX_TEMPLATES, sizeof(*ret->rows));
	if (!ret->rows)
		return err_nomem(e);
	n = list_files(&l, files);
	for (size_t i = 0; i < n; i++)
		if (load_file(&l, files[i]) < 0)
			return -1;
	if (add_shipped(&l) < 0)
		return -1;
	qsort(ret->rows, ret->n, sizeof(*ret->rows), by_template);
	return arena_failed(&ret->arena) ? err_nomem(e) : 0;
}

struct template_row *templates_find(const struct templates *set, struct slice name)
{
	for (size_t i = 0; i < set->n; i++)
		if (slice_same(set->rows[i].t.name, name))
			return &set->rows[i];
	return NULL;
}

const struct templates_gap *templates_gap_of(const struct templates *set,
					     struct slice name)
{
	const struct templates_gap *found = NULL;

	for (size_t i = 0; i < set->ngaps; i++) {
		const struct templates_gap *gap = &set->gaps[i];

		if (gap->text.ptr && has_word(gap->text, name))
			return gap;
		if (!gap->text.ptr && !found)
			found = gap;
	}
	return found;
}

int templates_complete(struct templates *set, struct template_row *row, struct err *e)
{
	const struct template_shipped *s = row->shipped;
	struct conf **conf = &set->confs[set->nconfs];
	const struct conf_node *root;

	if (row->whole)
		return 0;
	if (conf_parse_agreed(&template_file_schema, s->file,
			      (struct slice){ s->text, s->len }, conf,
			      &set->problems) < 0)
		return problems_as_err(&set->problems, e);
	set->nconfs++;
	root = conf_root(*conf);
	if (template_read(&root->nodes[0], s->file, &set->arena, &row->t,
			  &set->problems) < 0)
		return problems_as_err(&set->problems, e);
	row->whole = true;
	return 0;
}

void templates_done(struct templates *set)
{
	for (size_t i = 0; i < set->nconfs; i++)
		conf_free(set->confs[i]);
	free(set->rows);
	problems_done(&set->problems);
	arena_done(&set->arena);
	*set = (struct templates){ 0 };
}
