/* SPDX-License-Identifier: MIT */
#include "settings/credential.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "facts/smbios.h"

static const char by_hand[] = "# by hand:";

bool credential_has(const struct plan_item *item)
{
	return item->kind == SETTING_SYSCTL && !item->setting->by_agent &&
	       item->state == VALUE_KNOWN;
}

const struct credential_line *credential_find(const struct credential *c,
					      struct slice key)
{
	for (size_t i = c->n; i > 0; i--)
		if (slice_same(c->lines[i - 1].key, key))
			return &c->lines[i - 1];
	return NULL;
}

/* Reads the names in @rest of the line that has them. */
static int read_names(struct slice rest, struct credential *c, struct err *e)
{
	struct slice word;
	bool more = true;

	while (more) {
		more = slice_cut(rest, ' ', &word, &rest);
		if (!word.len)
			continue;
		if (c->nnames == CREDENTIAL_MAX_NAMES)
			return err_set(e, ERR_RANGE, "more than %d templates",
				       CREDENTIAL_MAX_NAMES);
		c->names[c->nnames++] = word;
	}
	return 0;
}

/* Reads one line, without blanks around it. */
static int read_line(struct slice line, struct credential *c, struct err *e)
{
	struct slice key, value;

	if (slice_starts(line, by_hand))
		return read_names((struct slice){ line.ptr + sizeof(by_hand) - 1,
						  line.len - sizeof(by_hand) + 1 },
				  c, e);
	if (!line.len || *line.ptr == '#' || *line.ptr == ';')
		return 0;
	if (!slice_cut(line, '=', &key, &value))
		return err_set(e, ERR_SYNTAX, "'%.*s' is no sysctl with a value",
			       SLICE_SHOWN(line));
	if (*line.ptr == '-') {
		key.ptr++;
		key.len--;
	}
	key = slice_trim(key);
	if (!key.len || memchr("-#;", *key.ptr, 3))
		return err_set(e, ERR_SYNTAX, "a value has no sysctl");
	if (c->n == CREDENTIAL_MAX_LINES)
		return err_set(e, ERR_RANGE, "more than %d sysctls",
			       CREDENTIAL_MAX_LINES);
	c->lines[c->n++] = (struct credential_line){ key, slice_trim(value) };
	return 0;
}

/* Makes room for @n lines and @names names. */
static int make_room(struct credential *c, size_t n, size_t names, struct arena *a,
		     struct err *e)
{
	*c = (struct credential){
		.lines = arena_array(a, n + 1, sizeof(*c->lines)),
		.names = arena_array(a, names + 1, sizeof(*c->names)),
	};
	return c->lines && c->names ? 0 : err_nomem(e);
}

int credential_parse(struct slice text, struct arena *a, struct credential *ret,
		     struct err *e)
{
	struct slice line, rest = text;
	unsigned number = 0;
	bool more = true;

	if (text.len > CREDENTIAL_MAX_BYTES)
		return err_set(e, ERR_RANGE, "more than %d bytes", CREDENTIAL_MAX_BYTES);
	if (text.len && memchr(text.ptr, '\0', text.len))
		return err_set(e, ERR_SYNTAX, "a NUL is in it");
	if (make_room(ret, CREDENTIAL_MAX_LINES, CREDENTIAL_MAX_NAMES, a, e) < 0)
		return -1;
	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		number++;
		if (read_line(slice_trim(line), ret, e) < 0)
			return err_at(e, number, 1);
	}
	return 0;
}

void credential_render(const struct credential *c, struct buf *out)
{
	if (c->nnames)
		buf_puts(out, by_hand);
	for (size_t i = 0; i < c->nnames; i++) {
		buf_putc(out, ' ');
		buf_slice(out, c->names[i]);
	}
	if (c->nnames)
		buf_putc(out, '\n');
	for (size_t i = 0; i < c->n; i++) {
		buf_slice(out, c->lines[i].key);
		buf_puts(out, " = ");
		buf_slice(out, c->lines[i].value);
		buf_putc(out, '\n');
	}
}

int credential_read(struct slice args, struct arena *a, struct credential *ret,
		    struct err *e)
{
	const size_t head = sizeof(SMBIOS_OURS) - 1;
	struct slice ours = smbios_find_ours(args);
	AUTO(buf_done) struct buf text = { 0 };
	const char *kept;

	*ret = (struct credential){ 0 };
	if (!ours.ptr)
		return 0;
	if (!base64_decode((struct slice){ ours.ptr + head, ours.len - head }, &text))
		return err_set(e, ERR_SYNTAX, "its base64 is not complete");
	if (buf_failed(&text) || !(kept = arena_strdup(a, buf_as_slice(&text))))
		return err_nomem(e);
	if (credential_parse((struct slice){ kept, text.len }, a, ret, e) < 0)
		return -1;
	return 1;
}

int credential_make(const struct plan *plan, const struct chosen *chosen, size_t n,
		    struct arena *a, struct credential *ret, struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	if (make_room(ret, plan->n, n, a, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (chosen[i].by == CHOSEN_BY_HAND)
			ret->names[ret->nnames++] = chosen[i].t->name;
	for (size_t i = 0; i < plan->n; i++)
		if (credential_has(&plan->items[i]))
			ret->lines[ret->n++] =
				(struct credential_line){ plan->items[i].target,
							  plan->items[i].value };
	credential_render(ret, &text);
	if (buf_failed(&text))
		return err_nomem(e);
	if (text.len > CREDENTIAL_MAX_BYTES || ret->n > CREDENTIAL_MAX_LINES ||
	    ret->nnames > CREDENTIAL_MAX_NAMES)
		return err_set(e, ERR_RANGE,
			       "its sysctls come to %zu bytes in %zu lines; a VM can be "
			       "given %d bytes in %d lines",
			       text.len, ret->n, CREDENTIAL_MAX_BYTES,
			       CREDENTIAL_MAX_LINES);
	return 0;
}

/* Appends @args without @ours, which is in it. */
static int put_without(struct slice args, struct buf *out, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };

	buf_slice(out, smbios_without_ours(args, &a));
	return arena_failed(&a) || buf_failed(out) ? err_nomem(e) : 0;
}

int credential_put(struct slice args, const struct credential *c, struct buf *out,
		   struct err *e)
{
	struct slice ours = smbios_find_ours(args);
	struct slice before = args, after = { args.ptr + args.len, 0 };
	AUTO(buf_done) struct buf text = { 0 };

	if (credential_is_empty(c))
		return put_without(args, out, e);
	if (ours.ptr) {
		before.len = (size_t)(ours.ptr - args.ptr);
		after.ptr = ours.ptr + ours.len;
		after.len = args.len - before.len - ours.len;
	}
	credential_render(c, &text);
	buf_slice(out, before);
	if (!ours.ptr && before.len)
		buf_putc(out, ' ');
	buf_puts(out, SMBIOS_OURS);
	base64_encode(buf_as_slice(&text), out);
	buf_slice(out, after);
	return buf_failed(&text) || buf_failed(out) ? err_nomem(e) : 0;
}
