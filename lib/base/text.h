/* SPDX-License-Identifier: MIT */
/*
 * text - what people read and type: safe to print, quoted for a shell, near a known word.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Appends @s with control bytes as \xNN and at most @max bytes of it (then "…"). */
void text_printable(struct buf *out, struct slice s, size_t max);

/* Appends @s so that a POSIX shell reads it back as one word. */
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
size_t text_utf8_length(struct slice s);

/* Whether @s is well-formed UTF-8 (RFC 3629, no surrogates). */
bool text_is_utf8(struct slice s);
