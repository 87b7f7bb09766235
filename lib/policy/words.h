/* SPDX-License-Identifier: MIT */
/*
 * words - what may have been meant by a word that is not in a closed list.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Index of @word in @words (NULL-terminated or @n long), or -1. */
int words_find(struct slice word, const char *const *words, size_t n);

/*
 * Appends ", did you mean 'near'?" or, of a short list without a near word, all of them;
 * nothing when there is nothing to say.
 */
void words_suggest(struct slice word, const char *const *words, size_t n,
		   struct buf *out);
