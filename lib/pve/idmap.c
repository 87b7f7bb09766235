/* SPDX-License-Identifier: MIT */
#include "pve/idmap.h"

#include "base/num.h"

/* Cuts the next word off @rest, blanks before it included; {NULL, 0} at the end. */
static struct slice next_word(struct slice *rest)
{
	struct slice word = *rest = slice_trim(*rest);

	for (word.len = 0; word.len < rest->len; word.len++)
		if (slice_is_space(rest->ptr[word.len]))
			break;
	*rest = (struct slice){ rest->ptr + word.len, rest->len - word.len };
	return word;
}

/* Reads "u|g CONTAINER HOST COUNT". */
static int parse_line(const struct guestconf_raw *raw, struct idmap_range *ret,
		      struct err *e)
{
	struct slice rest = raw->value;
	struct slice type = next_word(&rest);
	uint64_t *const numbers[] = { &ret->ct, &ret->host, &ret->count };

	*ret = (struct idmap_range){ .line = raw->line, .group = slice_eq(type, "g") };
	if (!ret->group && !slice_eq(type, "u"))
		return err_set(e, ERR_SYNTAX,
			       "lxc.idmap: '%.*s' does not begin with u or g",
			       SLICE_ARG(raw->value));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct slice word = next_word(&rest);

		if (!num_parse(word, 0, UINT32_MAX, numbers[i]))
			return err_set(e, ERR_SYNTAX,
				       "lxc.idmap: '%.*s' in '%.*s' is no number from 0 "
				       "to 4294967295 without zeros in front",
				       SLICE_ARG(word), SLICE_ARG(raw->value));
	}
	if (slice_blank(rest))
		return 0;
	return err_set(e, ERR_SYNTAX, "lxc.idmap: '%.*s' is more than u|g and 3 numbers",
		       SLICE_ARG(raw->value));
}

/* Whether @raw is a line of the id map. */
static bool is_idmap(const struct guestconf_raw *raw)
{
	return slice_eq(raw->key, "lxc.idmap");
}

/* Reads the lines; what they say of root and of the lowest id. */
static int read_lines(const struct guestconf_section *s, struct idmap *map, struct err *e)
{
	map->host_min = UINT64_MAX;
	for (size_t i = 0; i < s->nraws; i++) {
		struct idmap_range *range = &map->ranges[map->n];

		if (!is_idmap(&s->raws[i]))
			continue;
		if (parse_line(&s->raws[i], range, e) < 0)
			return err_at(e, s->raws[i].line, 0);
		if (!range->ct && !range->group)
			map->root_uid = range->host;
		if (range->host < map->host_min)
			map->host_min = range->host;
		map->n++;
	}
	return 0;
}

/* Fills in what an unprivileged container without lines has. */
static void set_unprivileged(struct idmap *map)
{
	for (size_t i = 0; i < 2; i++)
		map->ranges[i] = (struct idmap_range){ .group = i == 1,
						       .host = IDMAP_UNPRIVILEGED,
						       .count = 65536 };
	map->n = 2;
	map->root_uid = map->host_min = IDMAP_UNPRIVILEGED;
}

int idmap_parse(const struct guestconf_section *s, struct arena *a, struct idmap *ret,
		struct err *e)
{
	const struct guestconf_entry *unprivileged = guestconf_find(s, "unprivileged");
	struct idmap map = { 0 };
	size_t lines = 0;

	for (size_t i = 0; i < s->nraws; i++)
		lines += is_idmap(&s->raws[i]);
	map.custom = lines > 0;
	if (map.custom || (unprivileged && guestconf_is_perl_true(unprivileged->value))) {
		map.ranges = arena_array(a, map.custom ? lines : 2, sizeof(*map.ranges));
		if (!map.ranges)
			return err_nomem(e);
	}
	if (!map.custom && map.ranges)
		set_unprivileged(&map);
	if (map.custom && read_lines(s, &map, e) < 0)
		return -1;
	*ret = map;
	return 0;
}
