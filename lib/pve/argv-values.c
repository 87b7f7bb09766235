/* SPDX-License-Identifier: MIT */
/* argv-values - what Proxmox makes of the values, and which it refuses. */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "pve/argv-internal.h"

/* Whether @value is @word, in any case, a line break after it included. */
static bool is_word(struct slice value, const char *word)
{
	size_t len = strlen(word);

	return (value.len == len || (value.len == len + 1 && value.ptr[len] == '\n')) &&
	       strncasecmp(value.ptr, word, len) == 0;
}

/* Puts the name of @p before a message about its value; returns -1. */
static int of_param(const struct argv_param *p, struct err *e)
{
	return err_wrap(e, "%s%s", p->source == ARGV_POSITIONAL ? "" : "--", p->name);
}

int argv_normalise_bool(const struct argv_command *c, struct argv_param *p, struct err *e)
{
	static const char *const words[][4] = { { "0", "off", "no", "false" },
						{ "1", "on", "yes", "true" } };
	bool swallowed = p->word + 1 < c->typed.n && p->source == ARGV_OPTION &&
			 p->value.ptr == c->typed.words[p->word + 1];

	if (p->option->type != CLI_BOOL)
		return 0;
	for (size_t i = 0; i < 8; i++) {
		if (!is_word(p->value, words[i / 4][i % 4]))
			continue;
		p->value = slice_of(words[i / 4][0]);
		return 0;
	}
	if (!p->value.len) {
		p->value = slice_of("1");
		return 0;
	}
	(void)err_set(e, ERR_USAGE, "'%.*s%s' is neither 1 nor 0%s%s%s",
		      ARGV_SHOWN(p->value),
		      swallowed ? "; if it stands for itself, write --" : "",
		      swallowed ? p->name : "", swallowed ? "=1" : "");
	return of_param(p, e);
}

/* Whether Proxmox asks on the terminal rather than take @value: Perl's false. */
static bool asks_for(const struct argv_param *p)
{
	return p->option->flags & CLI_ASKS && (!p->value.len || slice_eq(p->value, "0"));
}

/* Joins the values of a list option with commas. */
static int join(struct argv_reader *r, struct argv_param *p)
{
	const struct argv_pieces *list = &r->pieces[p - r->ret->params];
	char *text, *at;

	if (!list->first || !list->first->next || list->len > ARGV_VALUE_MAX) {
		p->value.len = list->first ? list->len : p->value.len;
		return 0;
	}
	text = at = arena_alloc(r->a, list->len + 1);
	if (!text)
		return err_nomem(r->e);
	for (const struct argv_piece *i = list->first; i; i = i->next) {
		if (i != list->first)
			*at++ = ',';
		memcpy(at, i->text.ptr, i->text.len);
		at += i->text.len;
	}
	p->value = (struct slice){ text, list->len };
	return 0;
}

/* Adds the parameter that the command itself sets. */
static int add_fixed(struct argv_reader *r)
{
	const struct cli_option *o = r->ret->command->fixed;

	if (o)
		r->ret->params[r->ret->nparams++] = (struct argv_param){
			.option = o,
			.name = o->name,
			.value = slice_of("1"),
			.source = ARGV_FIXED,
		};
	return 0;
}

int argv_normalise(struct argv_reader *r)
{
	for (size_t i = 0; i < r->ret->nparams; i++) {
		struct argv_param *p = &r->ret->params[i];

		p->asks = asks_for(p);
		if (p->asks)
			r->ret->asks = p->name;
		if ((p->option->type == CLI_LIST && p->source == ARGV_OPTION &&
		     join(r, p)) ||
		    argv_normalise_bool(r->ret, p, r->e))
			return -1;
	}
	return add_fixed(r);
}

/* Whether @s is [+-]?\d+, as PVE::JSONSchema::is_integer has it (ASCII). */
static bool is_integer(struct slice s)
{
	size_t i = s.len && (s.ptr[0] == '+' || s.ptr[0] == '-');

	if (i == s.len)
		return false;
	for (; i < s.len; i++)
		if (!isdigit((unsigned char)s.ptr[i]))
			return false;
	return true;
}

/* The digits at the start of @s, which is cut behind them. */
static size_t cut_digits(struct slice *s)
{
	size_t n = 0;

	while (n < s->len && isdigit((unsigned char)s->ptr[n]))
		n++;
	*s = (struct slice){ s->ptr + n, s->len - n };
	return n;
}

/* Whether @s is a decimal number, as PVE::JSONSchema::is_number has it (ASCII). */
static bool is_number(struct slice s)
{
	size_t digits;

	if (s.len && (s.ptr[0] == '+' || s.ptr[0] == '-'))
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	digits = cut_digits(&s);
	if (s.len && s.ptr[0] == '.') {
		s = (struct slice){ s.ptr + 1, s.len - 1 };
		digits += cut_digits(&s);
	}
	if (!digits)
		return false;
	if (!s.len)
		return true;
	return (s.ptr[0] == 'e' || s.ptr[0] == 'E') &&
	       is_integer((struct slice){ s.ptr + 1, s.len - 1 });
}

/* Whether @s is [1-9][0-9]{2,8}. */
static bool is_vmid(struct slice s)
{
	return s.len >= 3 && s.len <= 9 && s.ptr[0] != '0' && s.ptr[0] != '+' &&
	       s.ptr[0] != '-' && is_integer(s);
}

/* Checks the bounds of a number; like Perl's, the comparison is of floating point. */
static int check_bounds(const struct argv_param *p, struct err *e)
{
	const struct cli_option *o = p->option;
	char text[64] = "";
	double value;

	if (p->value.len >= sizeof(text))
		return err_set(e, ERR_USAGE, "'%.*s%s' has too many digits",
			       ARGV_SHOWN(p->value));
	memcpy(text, p->value.ptr, p->value.len);
	value = strtod(text, NULL);
	if (o->has_min && value < (double)o->min)
		return err_set(e, ERR_UNKNOWN, "%s is under the least, %lld", text,
			       (long long)o->min);
	if (o->has_max && value > (double)o->max)
		return err_set(e, ERR_UNKNOWN, "%s is over the most, %lld", text,
			       (long long)o->max);
	return 0;
}

/* Checks an integer or number. */
static int check_number(const struct argv_param *p, struct err *e)
{
	const struct cli_option *o = p->option;
	bool integer = o->type == CLI_INTEGER;

	if (o->format && strcmp(o->format, "pve-vmid") == 0 && !is_vmid(p->value))
		return err_set(e, ERR_USAGE,
			       "'%.*s%s' is no VMID; it must be a number from 100 to "
			       "999999999",
			       ARGV_SHOWN(p->value));
	if (!(integer ? is_integer(p->value) : is_number(p->value)))
		return err_set(e, ERR_USAGE, "'%.*s%s' is no %s number",
			       ARGV_SHOWN(p->value), integer ? "whole" : "decimal");
	return check_bounds(p, e);
}

/* Checks that the value is one of an enumeration. */
static int check_words(const struct argv_param *p, struct err *e)
{
	AUTO(buf_done) struct buf list = { 0 };

	if (cli_words_hold(p->option->words, p->value))
		return 0;
	for (const char *const *word = p->option->words; *word; word++)
		buf_printf(&list, "%s%s", list.len ? ", " : "", *word);
	return err_set(e, ERR_UNKNOWN, "'%.*s%s' is none of %s", ARGV_SHOWN(p->value),
		       buf_text(&list));
}

/* Checks what holds for values of any type. */
static int check_text(const struct argv_command *c, const struct argv_param *p,
		      struct err *e)
{
	if (p->value.len > ARGV_VALUE_MAX)
		return err_set(e, ERR_USAGE,
			       "the value is %zu bytes long; at most %d are read",
			       p->value.len, ARGV_VALUE_MAX);
	if (!text_is_utf8(p->value))
		return err_set(e, ERR_USAGE, "the value is not UTF-8");
	if (c->command->kind == CLI_JUDGED && !(p->option->flags & CLI_LINES) &&
	    p->value.len &&
	    (memchr(p->value.ptr, '\n', p->value.len) ||
	     memchr(p->value.ptr, '\r', p->value.len)))
		return err_set(e, ERR_USAGE, "the value holds a line break");
	return 0;
}

int argv_check_value(const struct argv_command *c, const struct argv_param *p, bool newer,
		     struct err *e)
{
	int ret = check_text(c, p, e);

	if (ret)
		return of_param(p, e);
	if (p->option->type == CLI_INTEGER || p->option->type == CLI_NUMBER)
		ret = check_number(p, e);
	else if (p->option->words)
		ret = check_words(p, e);
	if (!ret || (newer && e->code == ERR_UNKNOWN))
		return 0;
	return of_param(p, e);
}

/* Whether option @o was given. */
static bool given(const struct argv_command *c, const struct cli_option *o)
{
	for (size_t i = 0; i < c->nparams; i++)
		if (c->params[i].option == o)
			return true;
	return false;
}

int argv_check(struct argv_reader *r)
{
	struct argv_command *c = r->ret;
	const struct cli_option *o;

	c->stage = ARGV_STAGE_VALIDATE;
	for (size_t i = 0; i < c->nparams; i++)
		if (!c->params[i].asks &&
		    argv_check_value(c, &c->params[i], r->newer, r->e))
			return -1;
	for (size_t i = 0; (o = cli_option_at(c->command, i)); i++) {
		if (!(o->flags & CLI_REQUIRED) || given(c, o))
			continue;
		if (!(o->flags & CLI_ASKS))
			return err_set(r->e, ERR_USAGE, "%s %s needs --%s", r->tool->name,
				       c->command->name, o->name);
		c->asks = o->name;
	}
	return 0;
}
