/* SPDX-License-Identifier: MIT */
#include "policy/good.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/num.h"

static const char first_line[] = "pve-safe last good policy 1";

/* Refuses a copy that was not written by good_render(), or not wholly. */
static int damaged(struct err *e, const char *what)
{
	return err_set(e, ERR_SYNTAX, "the copy is damaged (%s)", what);
}

/* Takes the line "@key value" from the front of @rest; false when it is none. */
static bool take_line(struct slice *rest, const char *key, struct slice *value)
{
	struct slice line, after;
	size_t n = strlen(key);

	if (!slice_cut(*rest, '\n', &line, &after) || !slice_starts(line, key) ||
	    line.len < n + 2 || line.ptr[n] != ' ')
		return false;
	*value = (struct slice){ line.ptr + n + 1, line.len - n - 1 };
	*rest = after;
	return true;
}

/* Takes "file LEN NAME", LEN bytes and a line end from the front of @rest. */
static bool take_file(struct slice *rest, struct good_file *ret)
{
	struct slice line, len;
	uint64_t n;

	if (!take_line(rest, "file", &line) || !slice_cut(line, ' ', &len, &ret->name) ||
	    !num_parse(len, 0, CONF_MAX_BYTES, &n) || !ret->name.len)
		return false;
	if (rest->len < n + 1 || rest->ptr[n] != '\n')
		return false;
	ret->text = (struct slice){ rest->ptr, n };
	*rest = (struct slice){ rest->ptr + n + 1, rest->len - n - 1 };
	return true;
}

/* Takes the files out of the body. */
static int take_files(struct good *g, uint64_t nfiles, struct err *e)
{
	struct slice rest = g->body;

	for (g->nfiles = 0; g->nfiles < nfiles; g->nfiles++)
		if (!take_file(&rest, &g->files[g->nfiles]))
			return damaged(e, "its files");
	return rest.len ? damaged(e, "its end") : 0;
}

int good_parse(struct slice text, struct good *ret, struct err *e)
{
	struct slice first, rest, digest, header, serial, files;
	char is[SHA256_HEX_SIZE];
	uint64_t nfiles;

	if (!slice_cut(text, '\n', &first, &rest) || !slice_eq(first, first_line))
		return damaged(e, "its first line");
	if (!take_line(&rest, "header", &digest))
		return damaged(e, "its header");
	header = rest;
	if (!take_line(&rest, "digest", &ret->digest) ||
	    ret->digest.len != SHA256_HEX_SIZE - 1 ||
	    !take_line(&rest, "serial", &serial) ||
	    !num_parse(serial, 0, UINT64_MAX, &ret->serial) ||
	    !take_line(&rest, "time", &ret->time) ||
	    !take_line(&rest, "source", &ret->source) ||
	    !take_line(&rest, "files", &files) ||
	    !num_parse(files, 1, POLICY_MAX_FILES, &nfiles) ||
	    !take_line(&rest, "body", &ret->body_digest) || !rest.len ||
	    *rest.ptr != '\n')
		return damaged(e, "its header");
	ret->body = (struct slice){ rest.ptr + 1, rest.len - 1 };
	header.len = (size_t)(ret->body.ptr - header.ptr);
	sha256_hex(header, is);
	if (!slice_eq(digest, is))
		return damaged(e, "its header's digest");
	return take_files(ret, nfiles, e);
}

int good_prove(const struct good *g, struct err *e)
{
	char is[SHA256_HEX_SIZE];

	sha256_hex(g->body, is);
	return slice_eq(g->body_digest, is) ? 0 : damaged(e, "its digest");
}

struct slice good_find(const struct good *g, const char *name)
{
	for (size_t i = 0; i < g->nfiles; i++)
		if (slice_eq(g->files[i].name, name))
			return g->files[i].text;
	return (struct slice){ 0 };
}

bool good_holds(const struct good *g, const struct policy_texts *texts)
{
	if (g->nfiles != texts->n)
		return false;
	for (size_t i = 0; i < texts->n; i++) {
		const struct policy_text *t = &texts->files[i];

		if (!slice_eq(g->files[i].name, t->name) ||
		    !slice_same(g->files[i].text, (struct slice){ t->text, t->len }))
			return false;
	}
	return true;
}

/* Appends the lines from "digest" to the empty one. */
static void render_header(const struct policy *p, uint64_t unix_ms, struct slice body,
			  struct buf *out)
{
	char time[CLOCK_TEXT_SIZE], digest[SHA256_HEX_SIZE];

	clock_render(unix_ms, time);
	sha256_hex(body, digest);
	buf_printf(out, "digest %s\nserial %" PRIu64 "\ntime %s\nsource %s\n", p->digest,
		   p->serial, time, p->texts.files[0].name);
	buf_printf(out, "files %zu\nbody %s\n\n", p->texts.n, digest);
}

void good_render(const struct policy *p, uint64_t unix_ms, struct buf *out)
{
	AUTO(buf_done) struct buf body = { 0 }, header = { 0 };
	char digest[SHA256_HEX_SIZE];

	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];

		buf_printf(&body, "file %zu %s\n", t->len, t->name);
		buf_add(&body, t->text, t->len);
		buf_putc(&body, '\n');
	}
	render_header(p, unix_ms, buf_as_slice(&body), &header);
	sha256_hex(buf_as_slice(&header), digest);
	buf_printf(out, "%s\nheader %s\n", first_line, digest);
	buf_slice(out, buf_as_slice(&header));
	buf_slice(out, buf_as_slice(&body));
	out->failed |= buf_failed(&header) || buf_failed(&body);
}
