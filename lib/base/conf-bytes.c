/* SPDX-License-Identifier: MIT */
#include "base/conf-bytes.h"

#include <stdint.h>

#include "base/conf.h"
#include "base/text.h"

/* Where a byte stands. */
struct place {
	const char *file;
	unsigned line;
	size_t line_start; /* offset of the line's first byte */
	size_t at;
	struct problems *problems;
};

/* Reports what is wrong at @p; returns -1. */
#define BAD(p, ...)                                       \
	problems_add((p)->problems, (p)->file, (p)->line, \
		     (unsigned)((p)->at - (p)->line_start) + 1, __VA_ARGS__)

/* Refuses the control byte @c, unless it is a tab or CR LF. */
static int check_control(const struct place *p, struct slice text, unsigned char c)
{
	if (c == '\t')
		return 0;
	if (c == '\r') {
		if (p->at + 1 < text.len && text.ptr[p->at + 1] == '\n')
			return 0;
		return BAD(p,
			   "carriage return inside a line: end lines with LF or CR LF");
	}
	if (c == '\0')
		return BAD(p, "NUL byte: this is no text file");
	return BAD(p, "control character 0x%02x: remove it", c);
}

/* Refuses a malformed or dangerous character; its length is put to @ret_n. */
static int check_beyond_ascii(const struct place *p, struct slice text, size_t *ret_n)
{
	struct slice rest = { text.ptr + p->at, text.len - p->at };
	const char *why;
	unsigned code;

	*ret_n = text_utf8_length(rest);
	if (!*ret_n)
		return BAD(p, "byte 0x%02x is no UTF-8: save the file as UTF-8",
			   (unsigned char)*rest.ptr);
	code = text_code_point(rest, *ret_n);
	why = text_steers(code);
	if (why)
		return BAD(p, "U+%04X %s: remove it", code, why);
	return 0;
}

/* Refuses the byte or character at @p unless it may stand there; it has @ret_n bytes. */
static int check_special(const struct place *p, struct slice text, size_t *ret_n)
{
	unsigned char c = (unsigned char)text.ptr[p->at];

	*ret_n = 1;
	if (c >= 0x80)
		return check_beyond_ascii(p, text, ret_n);
	return check_control(p, text, c);
}

/* Eight bytes, each @c. */
#define EIGHT(c) (0x0101010101010101ULL * (unsigned char)(c))

/* Of eight bytes @v: the highest bit of each that is 0, and no other bit. */
static inline uint64_t zero_bytes(uint64_t v)
{
	return ~(((v & EIGHT(0x7f)) + EIGHT(0x7f)) | v | EIGHT(0x7f));
}

/*
 * Passes bytes that may stand anywhere, eight at a time, from @at of @text on: where it
 * stopped, before a group with another byte. Marks of values are counted in *@found.
 */
static size_t pass_plain(struct slice text, size_t at, size_t *found)
{
	uint64_t v, marks;

	for (; text.len - at >= sizeof(v); at += sizeof(v)) {
		memcpy(&v, text.ptr + at, sizeof(v));
		/* A borrow or carry from a byte to the next comes from one that is not plain. */
		if (((v - EIGHT(' ')) | (v + EIGHT(1)) | v) & EIGHT(0x80))
			break;
		marks = zero_bytes(v ^ EIGHT('=')) | zero_bytes(v ^ EIGHT('{')) |
			zero_bytes(v ^ EIGHT(','));
		*found += (marks >> 7) * EIGHT(1) >> 56;
	}
	return at;
}

int conf_check_bytes(struct slice text, const char *file, size_t *ret_marks,
		     struct problems *problems)
{
	static const unsigned char marks[256] = { ['='] = 1, ['{'] = 1, [','] = 1 };
	struct place p = { .file = file, .line = 1, .problems = problems };
	size_t found = 0, n;

	if (text.len > CONF_MAX_BYTES)
		return BAD(&p, "the file has %zu bytes, more than the %d that are read",
			   text.len, CONF_MAX_BYTES);
	for (size_t i = pass_plain(text, 0, &found); i < text.len; i += n) {
		unsigned char c = (unsigned char)text.ptr[i];

		n = 1;
		found += marks[c];
		if (c >= ' ' && c <= '~')
			continue;
		p.at = i;
		if (c == '\n') {
			p.line++;
			p.line_start = i + 1;
			n = pass_plain(text, i + 1, &found) - i;
		} else if (check_special(&p, text, &n) < 0) {
			return -1;
		}
	}
	*ret_marks = found;
	return 0;
}
