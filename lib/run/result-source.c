/* SPDX-License-Identifier: MIT */
#include "run/result-source.h"

#include <string.h>

#include "base/cleanup.h"

/* Options whose whole value is what a guest, or a disk of it, is made of. */
static const char *const sources[] = { "archive", "manifest", "ostemplate", "source" };

/* Whether the parameter @p is one of them. */
static bool is_source(const struct argv_param *p)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (strcmp(p->name, sources[i]) == 0)
			return true;
	return false;
}

/* The storage in @volume, "local:vztmpl/x"; all of it where it lies on none. */
static struct slice storage_of(struct slice volume)
{
	struct slice storage, rest;

	if (!volume.len || *volume.ptr == '/' ||
	    !slice_cut(volume, ':', &storage, &rest) || !storage.len ||
	    slice_starts(rest, "//") || memchr(storage.ptr, '/', storage.len))
		return volume;
	return storage;
}

/* The value of import-from in the property string @value; {NULL, 0}: it has none. */
static struct slice import_from(struct slice value)
{
	struct slice member, key, from;
	bool more = value.len > 0;

	while (more) {
		more = slice_cut(value, ',', &member, &value);
		if (slice_cut(slice_trim(member), '=', &key, &from) &&
		    slice_eq(key, "import-from"))
			return from;
	}
	return (struct slice){ 0 };
}

struct request_list result_sources(const struct argv_command *c, struct arena *a)
{
	struct slice *items = arena_array(a, c->nparams + 1, sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; items && i < c->nparams; i++) {
		const struct argv_param *p = &c->params[i];
		struct slice volume = is_source(p) ? p->value : import_from(p->value);

		if (volume.len)
			items[n++] = storage_of(volume);
	}
	return (struct request_list){ items, n };
}
