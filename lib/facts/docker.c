/* SPDX-License-Identifier: MIT */
/*
 * docker - whether a guest runs a container engine, as far as its configuration tells:
 * features nesting and keyctl alone do not, for they are set on nearly every container.
 */
#include "base/cleanup.h"
#include "facts/bind.h"
#include "facts/getter.h"

static const char *const tags[] = { "docker", "podman", "containerd" };
static const char *const words[] = { "docker", "podman", "portainer" };
static const char *const sockets[] = { "/run/docker.sock",
				       "/run/containerd/containerd.sock" };

/* Whether @c may stand beside a word of a name: '-', '.' or a digit. */
static bool is_border(char c)
{
	return c == '-' || c == '.' || (c >= '0' && c <= '9');
}

/* Whether @a is the lower-case word @word, capitals taken for small letters. */
static bool same_word(const char *a, const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] - 'A' + 'a') : a[i];

		if (c != word[i])
			return false;
	}
	return true;
}

/* Whether @name has @word between its ends and borders. */
static bool has_word(struct slice name, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= name.len; i++)
		if (same_word(name.ptr + i, word, n) &&
		    (i == 0 || is_border(name.ptr[i - 1])) &&
		    (i + n == name.len || is_border(name.ptr[i + n])))
			return true;
	return false;
}

/* A sign was found: @f is true, and @origin says so. */
static bool found(struct fact *f, struct fact_origin origin)
{
	value_flag(f, true, origin);
	return true;
}

/* Whether a tag says so. */
static bool by_tag(struct getting *g, struct fact *f)
{
	const struct fact *tag = getting_fact(g, FACT_tag);

	for (size_t i = 0; i < tag->nitems; i++)
		for (size_t k = 0; k < ARRAY_LEN(tags); k++)
			if (slice_eq(tag->items[i].text, tags[k]))
				return found(f, tag->items[i].origin);
	return false;
}

/* Whether the name says so. */
static bool by_name(struct getting *g, struct fact *f)
{
	const struct fact *name = getting_fact(g, FACT_name);

	for (size_t k = 0; name->state == FACT_STATE_KNOWN && k < ARRAY_LEN(words); k++)
		if (has_word(name->text, words[k]))
			return found(f, name->origin);
	return false;
}

/* Whether an engine's socket is bound in, by itself or with a directory above it. */
static bool by_socket(struct getting *g, struct fact *f)
{
	const struct fact *bind = getting_fact(g, FACT_bind);

	if (bind->state != FACT_STATE_KNOWN)
		return false;
	for (size_t i = 0; i < bind->nitems; i++)
		for (size_t k = 0; k < ARRAY_LEN(sockets); k++)
			if (bind_holds(bind->items[i].text, slice_of(sockets[k])))
				return found(f, bind->items[i].origin);
	return false;
}

/* Whether the container is opened up as engines are made to run. */
static bool by_opening(struct getting *g, struct fact *f)
{
	const struct fact *unconfined = getting_fact(g, FACT_unconfined);

	if (!unconfined->flag || !getting_fact(g, FACT_all_devices)->flag ||
	    !getting_fact(g, FACT_caps_reset)->flag)
		return false;
	return found(f, unconfined->origin);
}

void guest_docker(struct getting *g, struct fact *f)
{
	if (by_tag(g, f) || by_name(g, f))
		return;
	if (g->in->kind == GUEST_CT) {
		if (by_socket(g, f) || by_opening(g, f) ||
		    value_unknown_as(f, getting_fact(g, FACT_bind)))
			return;
	}
	value_flag(f, false, (struct fact_origin){ 0 });
}
