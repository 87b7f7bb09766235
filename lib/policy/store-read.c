/* SPDX-License-Identifier: MIT */
#include "policy/store-read.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "policy/store.h"

/* Puts "@dir/@name" to @ret; "@name" alone for the directory "". */
static int join(const char *dir, const char *name, char ret[static PATH_MAX],
		struct err *e)
{
	int n = snprintf(ret, PATH_MAX, "%s%s%s", dir, *dir ? "/" : "", name);

	if (n < 0 || n >= PATH_MAX)
		return err_set(e, ERR_RANGE, "the path of '%s' is too long", name);
	return 0;
}

/* Whether a file that says that it has a last line has it. */
static bool is_whole(struct slice text)
{
	struct slice line = slice_trim(text);
	const char *last;

	if (!slice_starts(text, STORE_FIRST_LINE "\n"))
		return true;
	last = memrchr(line.ptr, '\n', line.len);
	if (!last)
		return false;
	line.len -= (size_t)(last + 1 - line.ptr);
	line.ptr = last + 1;
	return slice_eq(line, STORE_LAST_LINE);
}

/* Reads the file @name of @d; as file_read(). */
static int read_file(const struct store_dir *d, const char *name, const char *shown,
		     struct file_text *ret, struct err *e)
{
	const struct file_rules rules = { .owner = d->owner,
					  .max_bytes = CONF_MAX_BYTES,
					  .shown = shown };
	char path[PATH_MAX];

	return join(d->path, name, path, e) < 0 ? -1
						: file_read(d->fd, path, &rules, ret, e);
}

/* Adds the file @name of the directory @ctx to @texts: the loader of policy_compile(). */
static int load(void *ctx, const char *name, struct policy_texts *texts, struct err *e)
{
	const struct store_dir *d = ctx;
	AUTO(file_text_done) struct file_text text = { 0 };
	char shown[PATH_MAX];
	int r;

	if (join(d->shown, name, shown, e) < 0)
		return -1;
	r = read_file(d, name, shown, &text, e);
	if (r != 0)
		return r;
	if (!is_whole(file_slice(&text)))
		return err_set(e, ERR_SYNTAX,
			       "'%s' is cut short: its last line is not '%s'", shown,
			       STORE_LAST_LINE);
	return policy_texts_add(texts, slice_of(shown), file_slice(&text), e);
}

/* Takes the digest from the last good copy where that holds the same texts. */
static bool known(void *ctx, const struct policy_texts *texts, char ret[static 65])
{
	const struct store_dir *d = ctx;

	if (!d->good || !good_holds(d->good, texts))
		return false;
	(void)snprintf(ret, SHA256_HEX_SIZE, "%.*s", SLICE_ARG(d->good->digest));
	return true;
}

/*
 * Whether the last good copy holds this very text under this name: it was kept after both
 * readers had read it.
 */
static bool agreed(void *ctx, const struct policy_text *text)
{
	const struct store_dir *d = ctx;
	struct slice was = d->good ? good_find(d->good, text->name) : (struct slice){ 0 };

	return was.ptr && slice_same(was, (struct slice){ text->text, text->len });
}

int store_read(const struct store_dir *d, const char *name, struct policy **ret,
	       struct problems *problems, struct err *e)
{
	struct store_dir ctx = *d;
	const struct policy_loader loader = { load, known, agreed, &ctx };
	struct policy_texts texts = { 0 };
	int r = load(&ctx, name, &texts, e);

	if (r != 0)
		return r;
	if (policy_compile(&texts, &loader, ret, problems) == 0)
		return 0;
	return problems_as_err(problems, e);
}

bool store_is_settled(const struct store_dir *d, const struct policy *p)
{
	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];
		const char *slash = strrchr(t->name, '/');
		AUTO(file_text_done) struct file_text now = { 0 };
		struct err e;

		if (!slash)
			continue; /* a shipped set */
		if (read_file(d, slash + 1, t->name, &now, &e) != 0 ||
		    !slice_same(file_slice(&now), (struct slice){ t->text, t->len }))
			return false;
	}
	return true;
}
