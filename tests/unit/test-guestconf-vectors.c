/* SPDX-License-Identifier: MIT */
/*
 * The guest file reader against PVE's own parsers: one row of vectors/conf.jsonl is one
 * test, and every field must be equal. Of the warnings it is their number: without ours
 * that a section stands twice in a container's file, and not where a VM's file has a
 * [special:cloudinit], which we do not read.
 */
#include "rows.h"

#include <inttypes.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/sha.h"
#include "pve/ct.h"
#include "pve/guestconf.h"
#include "pve/idmap.h"
#include "pve/tags.h"

static const char path[] = "tests/fixtures/vectors/conf.jsonl";

/* A slice as a JSON string. */
static json_t *text_of(struct slice s)
{
	json_t *text = json_stringn(s.ptr ? s.ptr : "", s.len);

	assert_non_null(text);
	return text;
}

/* A slice as an object's new member. */
static void set(json_t *object, struct slice key, json_t *value)
{
	char name[64];

	assert_true(key.len < sizeof(name));
	memcpy(name, key.ptr, key.len);
	name[key.len] = '\0';
	assert_int_equal(json_object_set_new(object, name, value), 0);
}

/* The options of a section. */
static json_t *options_of(const struct guestconf_section *s)
{
	json_t *object = json_object();

	for (size_t i = 0; s && i < s->nentries; i++)
		set(object, s->entries[i].key, text_of(s->entries[i].value));
	return object;
}

/* For qsort(3): orders JSON strings. */
static int by_text(const void *a, const void *b)
{
	return strcmp(json_string_value(*(json_t *const *)a),
		      json_string_value(*(json_t *const *)b));
}

/* The names of the snapshots, sorted. */
static json_t *snapshots_of(const struct guestconf *c)
{
	json_t *names[64], *array = json_array();
	size_t n = 0;

	for (size_t i = 0; i < c->nsections; i++)
		if (c->sections[i].type == SECTION_SNAPSHOT)
			names[n++] = text_of(c->sections[i].name);
	qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, names[i]);
	return array;
}

/* The tags of the current section. */
static json_t *tags_of(const struct guestconf_section *s, struct arena *a)
{
	const struct guestconf_entry *entry = guestconf_find(s, "tags");
	json_t *array = json_array();
	struct tags tags = { 0 };
	struct err e;

	if (entry)
		assert_int_equal(tags_parse(entry->value, a, &tags, &e), 0);
	for (size_t i = 0; i < tags.n; i++)
		json_array_append_new(array, text_of(tags.tags[i]));
	return array;
}

/* The raw lines. */
static json_t *raw_of(const struct guestconf_section *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->nraws; i++)
		json_array_append_new(array, json_pack("[o,o]", text_of(s->raws[i].key),
						       text_of(s->raws[i].value)));
	return array;
}

/* The features, null when they cannot be read. */
static json_t *features_of(const struct guestconf_section *s)
{
	struct slice values[CT_FEATURE_COUNT];
	json_t *object = json_object();
	struct err e;

	if (ct_features_parse(s, values, &e) < 0) {
		json_decref(object);
		return json_null();
	}
	for (size_t i = 0; i < CT_FEATURE_COUNT; i++) {
		const struct propstr_key *k = &props_ct_features.keys[i];

		if (values[i].ptr)
			set(object, slice_of(k->name),
			    k->type == PROPSTR_BOOL
				    ? json_integer(slice_eq(values[i], "1"))
				    : text_of(values[i]));
	}
	return object;
}

/* The mount points. */
static json_t *mounts_of(const struct guestconf_section *s)
{
	json_t *object = json_object();

	for (size_t i = 0; i < s->nentries; i++) {
		struct ct_mount m;
		struct err e;

		if (!ct_is_mount(&s->entries[i]) ||
		    ct_mount_parse(&s->entries[i], &m, &e) < 0)
			continue;
		set(object, s->entries[i].key,
		    json_pack("{s:s,s:o,s:o}", "type", ct_mount_type_name(m.type),
			      "volume", text_of(m.volume), "mp", text_of(m.mp)));
	}
	return object;
}

/* How many of our warnings are also PVE's. */
static json_t *warnings_of(struct guestconf *c, struct arena *a)
{
	json_int_t n = 0;
	struct err e;

	assert_int_equal(guestconf_warn(c, a, &e), 0);
	for (size_t i = 0; i < c->nwarnings; i++)
		n += c->kind == GUEST_VM ||
		     !strstr(c->warnings[i].text, "a section of this name stands above");
	return json_integer(n);
}

/* Adds what only containers have. */
static void add_ct(json_t *row, const struct guestconf_section *s, struct arena *a)
{
	struct idmap map;
	struct err e;

	json_object_set_new(row, "raw", raw_of(s));
	json_object_set_new(row, "features", features_of(s));
	json_object_set_new(row, "mounts", mounts_of(s));
	if (idmap_parse(s, a, &map, &e) == 0) {
		json_object_set_new(row, "root_uid",
				    json_integer((json_int_t)map.root_uid));
	} else {
		json_object_set_new(row, "root_uid", json_null());
		json_object_set_new(row, "idmap_error", json_true());
	}
}

/* A row as we read its text; with @known its lines may have been read before. */
static json_t *read_row(const char *kind, const char *text, struct guestconf_known *known,
			struct arena *a)
{
	bool ct = strcmp(kind, "ct") == 0;
	char digest[SHA1_HEX_SIZE];
	struct guestconf c;
	struct err e = { 0 };
	json_t *row;

	assert_int_equal(guestconf_parse_known(ct ? GUEST_CT : GUEST_VM, slice_of(text),
					       known, a, &c, &e),
			 0);
	sha1_hex(slice_of(text), digest);
	row = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "kind", kind, "digest", digest,
			"options", options_of(guestconf_current(&c)), "pending",
			options_of(guestconf_pending(&c)), "snapshots", snapshots_of(&c),
			"tags", tags_of(guestconf_current(&c), a), "warnings",
			warnings_of(&c, a));
	assert_non_null(row);
	if (ct)
		add_ct(row, guestconf_current(&c), a);
	return row;
}

/* One row of the vectors. */
struct vector {
	json_t *want;
	struct guestconf_known *known; /* one for all; borrowed */
};

static void is_read_as_pve_reads_it(void **state)
{
	const struct vector *t = *state;
	json_t *want = t->want, *got, *again;
	const char *kind = json_string_value(json_object_get(want, "kind"));
	const char *text = json_string_value(json_object_get(want, "text"));
	struct arena a = { 0 };
	char *got_text, *want_text;

	got = read_row(kind, text, NULL, &a);
	for (int i = 0; i < 2; i++) {
		again = read_row(kind, text, t->known, &a);
		assert_true(json_equal(got, again));
		json_decref(again);
	}
	if (json_is_string(json_object_get(want, "warnings"))) /* "0" in the vectors */
		json_object_set_new(want, "warnings", json_integer(0));
	if (strstr(json_string_value(json_object_get(want, "text")),
		   "[special:cloudinit]"))
		json_object_set(want, "warnings", json_object_get(got, "warnings"));
	json_object_del(want, "text");
	got_text = json_dumps(got, JSON_SORT_KEYS);
	want_text = json_dumps(want, JSON_SORT_KEYS);
	assert_string_equal(got_text, want_text);
	free(got_text);
	free(want_text);
	json_decref(got);
	arena_done(&a);
}

int main(void)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	static struct rows rows;
	static char names[ROWS_MAX][64];
	static struct vector vectors[ROWS_MAX];
	struct guestconf_known *known = guestconf_known_new();
	int status;

	while (f && rows.n < ROWS_MAX) {
		json_t *row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
		size_t i = rows.n;

		if (!row)
			break;
		vectors[i] = (struct vector){ row, known };
		(void)snprintf(names[i], sizeof(names[i]), "row %zu: a %s's file", i + 1,
			       json_string_value(json_object_get(row, "kind")));
		rows_add(&rows, names[i], is_read_as_pve_reads_it, &vectors[i]);
	}
	if (rows.n != 800) {
		(void)fprintf(stderr, "%s: %zu rows, not 800\n", path, rows.n);
		return 1;
	}
	status = rows_run(&rows, "guestconf-vectors");
	for (size_t i = 0; i < rows.n; i++)
		json_decref(vectors[i].want);
	guestconf_known_free(known);
	return status;
}
