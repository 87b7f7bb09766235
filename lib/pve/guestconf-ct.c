/* SPDX-License-Identifier: MIT */
/*
 * guestconf-ct - lines of a container's file.
 *
 * Headers: [pve:pending] in any case, or [NAME]; another one is no header at all, so the
 * lines after it belong to the section before it. Lines: lxc.KEY: VALUE, lxc.KEY = VALUE;
 * description; anything that ends with snapstate: prepare or delete; delete; key: value.
 * A bad value and an unknown key are warned about and kept. Source:
 * PVE::LXC::Config::parse_pct_config.
 */
#include "pve/guestconf-internal.h"

#include "base/cleanup.h"
#include "pve/chars.h"
#include "pve/lxckey.h"

int guestconf_ct_header(struct reader *r, struct slice line)
{
	struct slice name;
	int ret = 0;

	if (line_is(line, "[pve:pending]"))
		ret = reader_section(r, SECTION_PENDING, (struct slice){ 0 });
	else if (line_is_snapshot(line, &name))
		ret = reader_section(r, SECTION_SNAPSHOT, name);
	else
		return 0;
	return ret < 0 ? -1 : 1;
}

/* Splits "lxc.KEY: VALUE" or "lxc.KEY = VALUE"; the value may be empty. */
static bool split_raw(struct slice line, struct slice *ret_key, struct slice *ret_value)
{
	static const char prefix[] = "lxc.";
	struct slice rest;
	size_t n = sizeof(prefix) - 1;

	if (!slice_starts(line, prefix))
		return false;
	while (n < line.len &&
	       (char_is_lower(line.ptr[n]) || char_is_digit(line.ptr[n]) ||
		memchr("_-.", line.ptr[n], 3)))
		n++;
	*ret_key = (struct slice){ line.ptr, n };
	rest = (struct slice){ line.ptr + n, line.len - n };
	if (n == sizeof(prefix) - 1)
		return false;
	if (!rest.len || rest.ptr[0] != ':') {
		rest = slice_trim(rest);
		if (!rest.len || rest.ptr[0] != '=')
			return false;
	}
	*ret_value = slice_trim((struct slice){ rest.ptr + 1, rest.len - 1 });
	return true;
}

/* Warns about a raw line that PVE takes, but not without a word. */
static void warn_taken(struct reader *r, struct slice key)
{
	const char *is = lxckey_renamed(key);

	if (is)
		(void)reader_warn(r, "%.*s is an old name of %s", SLICE_ARG(key), is);
	else if (lxckey_is_cgroup_v1(key))
		(void)reader_warn(r,
				  "%.*s is of cgroup v1 and has no effect since "
				  "Proxmox VE 7; write lxc.cgroup2.…",
				  SLICE_ARG(key));
}

/* Keeps a raw line, if PVE takes its key. */
static int put_raw(struct reader *r, struct slice key, struct slice value)
{
	struct guestconf_raw raw = { key, value, r->line };

	if (slice_eq(key, "lxc.environment.runtime"))
		return section_add_env(&r->builder, value, r->line, r->e);
	if (!lxckey_is_taken(key))
		return reader_warn(r, "%.*s is refused by Proxmox and has no effect",
				   SLICE_ARG(key));
	if (r->warner)
		warn_taken(r, key);
	known_keep_raw(&r->place, &raw);
	return section_add_raw(&r->builder, &raw, r->e);
}

/* The value of @entry as PVE keeps it: checked, but kept when it is bad. */
static void check_value(struct reader *r, struct guestconf_entry *entry)
{
	const struct option *o = entry->option;
	struct slice value;

	if (!o) {
		(void)reader_warn(r,
				  "'%.*s' is no option that this version knows; "
				  "Proxmox warns and keeps it",
				  SLICE_ARG(entry->key));
		return;
	}
	if (!r->warner && o->type != OPTION_BOOL && o->type != OPTION_INTEGER)
		return; /* kept whatever it is */
	if (option_check(o, entry->value, &value, r->e) == 0)
		entry->value = value;
	else
		(void)reader_warn(r, "%.*s: %s; Proxmox warns and keeps it",
				  SLICE_ARG(entry->key), r->e->msg);
}

/* Whether PVE keeps something else under @key, which such a line overwrites. */
static bool is_reserved(struct slice key)
{
	static const char *const words[] = { "digest", "lxc", "pending", "snapshots",
					     NULL };

	return format_word(words, key) >= 0;
}

/* Keeps "key: value". */
static int put_entry(struct reader *r, struct slice key, struct slice value)
{
	struct guestconf_entry entry = { .key = key, .value = value, .line = r->line };

	entry.option = option_find_index(GUEST_CT, key, &entry.index);
	if (!entry.option && is_reserved(key))
		return err_set(
			r->e, ERR_SYNTAX,
			"'%.*s' is a name that Proxmox needs itself, and no option; "
			"take the line out",
			SLICE_ARG(key));
	check_value(r, &entry);
	if (slice_eq(key, "description") || slice_eq(key, "snapstate"))
		return 0;
	known_keep_entry(&r->place, &entry);
	return section_put(&r->builder, &entry, r->e);
}

/* Keeps "delete: …", which only pending changes may hold, and a snapshot so called. */
static int put_delete(struct reader *r, struct slice value)
{
	const struct guestconf_section *s = r->builder.section;
	struct guestconf_entry entry = { .key = slice_of("delete"),
					 .value = value,
					 .line = r->line };

	if (s->type == SECTION_PENDING || slice_eq(s->name, "pending"))
		return section_put(&r->builder, &entry, r->e);
	return reader_warn(r, "'delete' has an effect in [pve:pending] only");
}

int guestconf_ct_line(struct reader *r, struct slice line, struct slice text)
{
	struct slice key, value;

	if (split_raw(text, &key, &value))
		return put_raw(r, key, value);
	if (line_has_text(text, "description:", &value) || line_is_snapstate(text))
		return 0;
	if (line_has_text(text, "delete:", &value))
		return put_delete(r, value);
	if (line_split(line, false, &key, &value))
		return put_entry(r, key, value);
	return reader_warn_unread(r, text);
}
