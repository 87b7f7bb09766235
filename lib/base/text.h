/* SPDX-License-Identifier: MIT */
/*
 * text - what people read and type: safe to print, quoted for a shell, near a known word.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Appends at most @max bytes of @s (then "…"), and as \xNN what could steer a terminal or
 * show a text as another than it is: control characters, what is not UTF-8, the characters
 * of text_steers().
 */
void text_printable(struct buf *out, struct slice s, size_t max);

/*
 * Appends @s so that a shell reads it back as one word: bare, in '...', or, when it holds
 * what text_printable() would not show, in $'...' (bash, and POSIX since 2024).
 */
void text_shell_quote(struct buf *out, struct slice s);

/* Appends @s with every byte but [A-Za-z0-9_.:/-] as %NN. */
void text_percent_encode(struct buf *out, struct slice s);

/* Appends @s with %NN decoded; a '%' without two digits stays. Source: PVE::Tools. */
void text_percent_decode(struct buf *out, struct slice s);

/*
 * Index of the one of @names (NULL-terminated or @n long) nearest to @word, for "did you
 * mean"; -1 when none is within a third of its length.
 */
int text_nearest(struct slice word, const char *const *names, size_t n);

/* Bytes of the UTF-8 character that @s, not empty, begins with; 0 when it is malformed. */
size_t text_utf8_length(struct slice in);

/* The code point of the well-formed character of @n bytes that @s begins with. */
unsigned text_code_point(struct slice s, size_t n);

/*
 * Why the character @code must not be printed as it is ("is a control character"), or NULL:
 * controls, byte order marks, line ends that are none, and what turns the direction of text.
 */
const char *text_steers(unsigned code);

/* Bytes of the character that @s, not empty, begins with if it is safe to print, else 0. */
size_t text_safe_length(struct slice s);

/* Whether @s is well-formed UTF-8 (RFC 3629, no surrogates). */
bool text_is_utf8(struct slice s);
