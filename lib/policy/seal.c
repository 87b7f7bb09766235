/* SPDX-License-Identifier: MIT */
#include "policy/seal.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/conf.h"
#include "policy/schema.h"
#include "policy/store.h"

struct slice seal_open(struct slice text)
{
	static const char first[] = STORE_FIRST_LINE "\n", last[] = STORE_LAST_LINE;
	struct slice inner;

	if (!slice_starts(text, first))
		return text;
	inner = slice_trim((struct slice){ text.ptr + sizeof(first) - 1,
					   text.len - (sizeof(first) - 1) });
	if (inner.len < sizeof(last) - 1 ||
	    memcmp(inner.ptr + inner.len - (sizeof(last) - 1), last, sizeof(last) - 1))
		return text; /* it was cut short: not ours to open */
	inner.len -= sizeof(last) - 1;
	return inner;
}

/* Where the value @v begins in @text; NULL when it does not stand there. */
static const char *value_at(struct slice text, const struct conf_value *v)
{
	struct slice line, rest = text;

	for (unsigned n = 1; n < v->line; n++)
		if (!slice_cut(rest, '\n', &line, &rest))
			return NULL;
	if (rest.len < v->col - 1 + v->text.len)
		return NULL;
	rest = (struct slice){ rest.ptr + v->col - 1, v->text.len };
	return slice_same(rest, v->text) ? rest.ptr : NULL;
}

/* Appends @text, whose serial is @entry (NULL: it has none), with @serial instead. */
static int put_serial(const char *name, struct slice text, const struct conf_entry *entry,
		      uint64_t serial, struct buf *out, struct err *e)
{
	const char *at;

	if (!entry) {
		buf_printf(out, "serial = %" PRIu64 "\n", serial);
		buf_slice(out, text);
		return 0;
	}
	at = value_at(text, &entry->values[0]);
	if (!at)
		return err_set(e, ERR_SYNTAX, "%s:%u: no serial is there", name,
			       entry->line);
	buf_add(out, text.ptr, (size_t)(at - text.ptr));
	buf_printf(out, "%" PRIu64, serial);
	text.len -= (size_t)(at - text.ptr) + entry->values[0].text.len;
	text.ptr = at + entry->values[0].text.len;
	buf_slice(out, text);
	return 0;
}

int seal_render(const char *name, struct slice text, uint64_t serial, struct buf *out,
		struct err *e)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *conf = NULL;

	if (conf_parse(&policy_section_file, name, text, &conf, &problems) < 0)
		return problems_as_err(&problems, e);
	buf_puts(out, STORE_FIRST_LINE "\n");
	if (put_serial(name, text, conf_find(conf_root(conf), "serial"), serial, out, e) <
	    0)
		return -1;
	if (out->len && out->ptr[out->len - 1] != '\n')
		buf_putc(out, '\n');
	buf_puts(out, STORE_LAST_LINE "\n");
	if (buf_failed(out))
		return err_nomem(e);
	if (out->len > CONF_MAX_BYTES)
		return err_set(e, ERR_RANGE, "%s: it is too long to be installed", name);
	return 0;
}
