/* SPDX-License-Identifier: MIT */
#include "policy/words.h"

#include "base/text.h"
#include "facts/facts.h"

enum { WORDS_SHOWN = 10 }; /* a list is shown whole up to here */

int words_find(struct slice word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n && words[i]; i++)
		if (slice_eq(word, words[i]))
			return (int)i;
	return -1;
}

/* The first of @words that goes on with a blank where @word ends, or NULL. */
static const char *find_longer(struct slice word, const char *const *words, size_t n)
{
	for (size_t i = 0; word.len && i < n && words[i]; i++)
		if (strlen(words[i]) > word.len && words[i][word.len] == ' ' &&
		    memcmp(words[i], word.ptr, word.len) == 0)
			return words[i];
	return NULL;
}

/* The event that the command has whose alias @word is, or NULL. */
static const char *event_of_alias(struct slice word)
{
	const struct fact_alias *row = fact_event_aliases;

	while (row->name && !slice_eq(word, row->name))
		row++;
	return row->event;
}

void words_suggest(struct slice word, const char *const *words, size_t n, struct buf *out)
{
	const char *event = words == fact_words_event ? event_of_alias(word) : NULL;
	const char *longer = find_longer(word, words, n);
	int near = text_nearest(word, words, n);
	size_t all = 0;

	while (all < n && words[all])
		all++;
	if (event) {
		buf_printf(out, ", which is an alias: write '%s'", event);
	} else if (longer) {
		buf_printf(out, "; a name with a blank is quoted: '%s'", longer);
	} else if (near >= 0) {
		buf_printf(out, ", did you mean '%s'?", words[near]);
	} else if (all <= WORDS_SHOWN) {
		for (size_t i = 0; i < all; i++)
			buf_printf(out, "%s%s", i ? ", " : "; there are ", words[i]);
	}
}
