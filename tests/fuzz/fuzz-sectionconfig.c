/* SPDX-License-Identifier: MIT */
/*
 * fuzz-sectionconfig - lib/pve/sectionconfig.c; the first byte chooses the form.
 *
 * Invariants: a refusal says why and where; all that was read lies within the text, in
 * order, one section behind the other; what was read, written out again with its sections
 * sorted out by empty lines, is read as the same; each property is found or refused.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/sectionconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Whether @s lies within @text, is not empty and holds no end of a line. */
static bool within(struct slice text, struct slice s)
{
	return s.len && s.ptr >= text.ptr && s.ptr + s.len <= text.ptr + text.len &&
	       !memchr(s.ptr, '\n', s.len);
}

/* Number of lines of @text. */
static unsigned lines_of(struct slice text)
{
	unsigned n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

/* Everything is within @text, on rising lines. */
static void check_places(struct slice text, const struct sectionconfig *c,
			 enum sectionconfig_form form)
{
	unsigned line = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct sectionconfig_section *s = &c->sections[i];

		assert(within(text, s->id) && s->line > line);
		assert(form == SECTIONCONFIG_PLAIN ? !s->type.ptr
						   : within(text, s->type));
		line = s->line;
		for (size_t k = 0; k < s->nproperties; k++) {
			const struct sectionconfig_property *p = &s->properties[k];

			assert(within(text, p->key) && p->line > line);
			assert(!p->value.ptr || within(text, p->value));
			line = p->line;
		}
	}
	assert(line <= lines_of(text));
}

/* Writes @c, with all that tells its lines apart. */
static void write_out(const struct sectionconfig *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct sectionconfig_section *s = &c->sections[i];

		if (s->type.ptr) {
			buf_slice(out, s->type);
			buf_puts(out, ": ");
		}
		buf_slice(out, s->id);
		buf_puts(out,
			 " \n"); /* the blank tells a mapping "0" from an empty line */
		for (size_t k = 0; k < s->nproperties; k++) {
			buf_putc(out, '\t');
			buf_slice(out, s->properties[k].key);
			buf_putc(out, ' ');
			if (s->properties[k].value.ptr)
				buf_slice(out, s->properties[k].value);
			buf_putc(out, '\n');
		}
		buf_putc(out, '\n');
	}
}

/* @a and @b say the same. */
static void check_same(const struct sectionconfig *a, const struct sectionconfig *b)
{
	assert(a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct sectionconfig_section *s = &a->sections[i],
						   *t = &b->sections[i];

		assert(slice_same(s->type, t->type) && slice_same(s->id, t->id));
		assert(s->nproperties == t->nproperties);
		for (size_t k = 0; k < s->nproperties; k++) {
			assert(slice_same(s->properties[k].key, t->properties[k].key));
			assert(slice_same(s->properties[k].value,
					  t->properties[k].value));
		}
	}
}

/* Each property is found as itself, or said to be twice or without value. */
static void check_found(const struct sectionconfig_section *s)
{
	for (size_t k = 0; k < s->nproperties && k < 64; k++) {
		AUTO_FREE char *key =
			strndup(s->properties[k].key.ptr, s->properties[k].key.len);
		const struct sectionconfig_property *found = NULL;
		struct err e = { 0 };
		bool flag = false;

		assert(key);
		if (sectionconfig_find(s, key, &found, &e) == 0)
			assert(found == &s->properties[k]);
		else
			assert(*e.msg && e.line > s->line);
		if (sectionconfig_flag(s, key, true, &flag, &e) == 0)
			assert(flag == (!s->properties[k].value.ptr ||
					slice_eq(s->properties[k].value, "1")));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct sectionconfig c, again;
	enum sectionconfig_form form;
	struct err e = { 0 };
	struct slice text;

	if (!len)
		return 0;
	form = (enum sectionconfig_form)(data[0] % 3);
	text = (struct slice){ (const char *)data + 1, len - 1 };
	if (sectionconfig_parse(form, text, &a, &c, &e) < 0) {
		assert(e.code != ERR_NONE && *e.msg);
		assert(e.line && e.line <= lines_of(text));
		return 0;
	}
	check_places(text, &c, form);
	for (size_t i = 0; i < c.n; i++)
		check_found(&c.sections[i]);
	write_out(&c, &out);
	assert(sectionconfig_parse(form, (struct slice){ buf_text(&out), out.len }, &a,
				   &again, &e) == 0);
	check_same(&c, &again);
	return 0;
}
