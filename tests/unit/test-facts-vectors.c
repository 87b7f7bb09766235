/* SPDX-License-Identifier: MIT */
/*
 * Every guest of tests/fixtures/vectors/conf.jsonl: the facts say what Proxmox VE's own
 * parsers said of it. One named test a line.
 */
#include "facts-guest.h"

#include <jansson.h>

#define VECTORS "tests/fixtures/vectors/conf.jsonl"

static struct line {
	char name[32];
	json_t *json;
} lines[ROWS_MAX];

/* Reads the file into @lines; their number. */
static size_t load(void)
{
	AUTO_FCLOSE FILE *f = fopen(VECTORS, "r");
	AUTO_FREE char *text = NULL;
	size_t size = 0, n = 0;

	if (!f)
		return 0;
	while (n < ARRAY_LEN(lines) && getline(&text, &size, f) > 0) {
		lines[n].json = json_loads(text, 0, NULL);
		(void)snprintf(lines[n].name, sizeof(lines[n].name), "line %zu", n + 1);
		n++;
	}
	return n;
}

/* Whether the list @f has the element @text. */
static bool has(const struct fact *f, struct slice text)
{
	for (size_t i = 0; i < f->nitems; i++)
		if (slice_same(f->items[i].text, text))
			return true;
	return false;
}

/* Ends the test unless keys or strings of @object are the elements of the fact @name. */
static void expect_same(struct facts_guest *g, const char *name, json_t *object)
{
	const struct fact *f = facts_guest_get(g, name);
	const char *key;
	json_t *value;
	size_t i;

	assert_int_equal(f->state, FACT_STATE_KNOWN);
	json_object_foreach(object, key, value) assert_true(has(f, slice_of(key)));
	json_array_foreach(object, i, value)
		assert_true(has(f, slice_of(json_string_value(value))));
	assert_int_equal(f->nitems, json_is_object(object) ? json_object_size(object)
							   : json_array_size(object));
}

/* Root's id, and what follows from it. */
static void check_root(struct facts_guest *g, json_t *line)
{
	json_int_t root = json_integer_value(json_object_get(line, "root_uid"));
	const struct fact *f = facts_guest_get(g, "root_uid");

	if (json_object_get(line, "idmap_error")) {
		assert_int_equal(f->state, FACT_STATE_UNKNOWN);
		assert_int_equal(facts_guest_get(g, "privileged")->state,
				 FACT_STATE_UNKNOWN);
		assert_int_equal(facts_guest_get(g, "host_id_min")->state,
				 FACT_STATE_UNKNOWN);
		return;
	}
	assert_int_equal(f->state, FACT_STATE_KNOWN);
	assert_int_equal(f->number, root);
	assert_int_equal(facts_guest_get(g, "privileged")->flag, root == 0);
}

/* What features: allows; all of it unknown where Proxmox cannot read it. */
static void check_features(struct facts_guest *g, json_t *line)
{
	static const char *const names[] = { "nesting", "keyctl", "fuse", "mknod",
					     "force_rw_sys" };
	json_t *features = json_object_get(line, "features");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct fact *f = facts_guest_get(g, names[i]);

		if (json_is_null(features))
			assert_int_equal(f->state, FACT_STATE_UNKNOWN);
		else
			assert_int_equal(f->flag, json_integer_value(json_object_get(
							  features, names[i])));
	}
}

/* Every host path that Proxmox mounts is a bind or a device. */
static void check_mounts(struct facts_guest *g, json_t *line)
{
	const char *key;
	json_t *mount;

	json_object_foreach(json_object_get(line, "mounts"), key, mount)
	{
		const char *type = json_string_value(json_object_get(mount, "type"));
		struct slice path =
			slice_of(json_string_value(json_object_get(mount, "volume")));
		const struct fact *f =
			facts_guest_get(g, strcmp(type, "device") ? "bind" : "device");

		if (slice_starts(path, "/var/run/"))
			path = (struct slice){ path.ptr + 4, path.len - 4 };
		if (f->state == FACT_STATE_KNOWN)
			assert_int_equal(has(f, path), strcmp(type, "volume") != 0);
	}
}

/* Every raw key is one. */
static void check_raw(struct facts_guest *g, json_t *line)
{
	const struct fact *f = facts_guest_get(g, "raw");
	json_t *raw;
	size_t i;

	json_array_foreach(json_object_get(line, "raw"), i, raw)
		assert_true(has(f, slice_of(json_string_value(json_array_get(raw, 0)))));
	assert_int_equal(f->nitems > 0, i > 0);
}

/* Every tag is one, in lower case. */
static void check_tags(struct facts_guest *g, json_t *line)
{
	const struct fact *f = facts_guest_get(g, "tag");
	json_t *tag;
	size_t i;

	json_array_foreach(json_object_get(line, "tags"), i, tag)
	{
		AUTO_FREE char *lower = strdup(json_string_value(tag));

		for (char *p = lower; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
		assert_true(has(f, slice_of(lower)));
	}
	assert_true(f->nitems <= i);
}

static void check_line(void **state)
{
	json_t *line = ((const struct line *)*state)->json;
	const char *kind = json_string_value(json_object_get(line, "kind"));
	const char *text = json_string_value(json_object_get(line, "text"));
	struct facts_guest g;

	facts_guest_read(&g, strcmp(kind, "ct") ? GUEST_VM : GUEST_CT, text);
	expect_same(&g, "option", json_object_get(line, "options"));
	expect_same(&g, "snapshot", json_object_get(line, "snapshots"));
	check_tags(&g, line);
	if (g.in.kind == GUEST_CT) {
		check_root(&g, line);
		check_features(&g, line);
		check_mounts(&g, line);
		check_raw(&g, line);
	}
	facts_guest_done(&g);
}

/* The file must be there, whole. */
static void check_loaded(void **state)
{
	(void)state;
	for (size_t i = 0; i < 800; i++)
		assert_non_null(lines[i].json);
}

int main(void)
{
	static struct rows r;
	size_t n = load();
	int failed;

	ROWS_ADD_ONE(&r, "the file is there, whole", check_loaded);
	for (size_t i = 0; i < n; i++)
		if (lines[i].json)
			rows_add(&r, lines[i].name, check_line, &lines[i]);
	failed = rows_run(&r, "facts of the vectors");
	for (size_t i = 0; i < n; i++)
		json_decref(lines[i].json);
	return failed;
}
