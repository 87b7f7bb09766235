/* SPDX-License-Identifier: MIT */
/*
 * guestconf-merge - the pending changes put into the configuration, as a start does it.
 *
 * First the keys of "delete" go, then the pending values are set. Raw lines are one
 * option, called "lxc": those of the pending section replace all the others. What PVE
 * cannot read it leaves as it was: a container's mpN and netN change only where the
 * values on both sides can be read. A VM's unusedN cannot be deleted so. Source:
 * vmconfig_apply_pending of PVE::LXC::Config and PVE::QemuServer,
 * PVE::AbstractConfig::parse_pending_delete.
 */
#include "pve/guestconf-internal.h"

#include "pve/props-ct.h"

/* A merge under way. */
struct merge {
	enum guest_kind kind;
	struct section_builder builder;
	struct err *e;
};

/*
 * Whether PVE reads @entry's value before it is deleted or set: a container's mpN, netN.
 */
static bool is_read_first(const struct merge *m, const struct guestconf_entry *entry)
{
	const struct option *o = entry->option;

	return m->kind == GUEST_CT && o &&
	       (o->props == &props_ct_mp || o->props == &props_ct_net);
}

/* Whether the value of @entry, which may be NULL, can be read. */
static bool can_be_read(const struct guestconf_entry *entry)
{
	struct slice values[PROPSTR_MAX_KEYS];
	struct err e;

	return !entry ||
	       propstr_parse(entry->option->props, entry->value, values, &e) == 0;
}

/* Deletes @key, a word of "delete"; a '!' in front asks to drop the disk as well. */
static void delete_key(struct merge *m, struct slice key)
{
	struct guestconf_entry *entry;

	if (slice_starts(key, "!"))
		key = (struct slice){ key.ptr + 1, key.len - 1 };
	if (m->kind == GUEST_VM && slice_starts(key, "unused"))
		return;
	if (m->kind == GUEST_CT && slice_eq(key, "lxc"))
		m->builder.section->nraws = 0;
	entry = section_get(&m->builder, m->kind, key);
	if (entry && (!is_read_first(m, entry) || can_be_read(entry)))
		section_remove(entry);
}

/* Sets a pending value. */
static int set_entry(struct merge *m, const struct guestconf_entry *entry)
{
	if (slice_eq(entry->key, "delete"))
		return 0;
	if (is_read_first(m, entry) &&
	    (!can_be_read(entry) ||
	     !can_be_read(section_get(&m->builder, m->kind, entry->key))))
		return 0;
	return section_put(&m->builder, entry, m->e);
}

/* Puts what @s holds besides entries on top of what is there. */
static int add_lines(struct merge *m, const struct guestconf_section *s)
{
	if (s->nraws)
		m->builder.section->nraws = 0;
	for (size_t i = 0; i < s->nraws; i++)
		if (section_add_raw(&m->builder, &s->raws[i], m->e) < 0)
			return -1;
	for (size_t i = 0; i < s->nnewer; i++)
		if (section_add_newer(&m->builder, &s->newer[i], m->e) < 0)
			return -1;
	return 0;
}

/* Merges @pending into the copy of @current that is being built. */
static int merge(struct merge *m, const struct guestconf_section *current,
		 const struct guestconf_section *pending)
{
	const struct guestconf_entry *deleted = guestconf_find(pending, "delete");
	struct slice key, rest = deleted ? deleted->value : (struct slice){ 0 };

	for (size_t i = 0; i < current->nentries; i++)
		if (section_put(&m->builder, &current->entries[i], m->e) < 0)
			return -1;
	if (add_lines(m, current) < 0)
		return -1;
	while (format_list_next(&rest, &key))
		delete_key(m, key);
	for (size_t i = 0; i < pending->nentries; i++)
		if (set_entry(m, &pending->entries[i]) < 0)
			return -1;
	return add_lines(m, pending);
}

int guestconf_merge_pending(const struct guestconf *c, struct arena *a,
			    struct guestconf_section *ret, struct err *e)
{
	const struct guestconf_section *pending = guestconf_pending(c);
	struct guestconf_section merged = { .type = SECTION_CURRENT };
	struct merge m;

	if (!pending) {
		*ret = *guestconf_current(c);
		return 0;
	}
	m.kind = c->kind;
	m.e = e;
	section_begin(&m.builder, &merged, a);
	if (merge(&m, guestconf_current(c), pending) < 0)
		return -1;
	section_end(&m.builder);
	*ret = merged;
	return 0;
}

/* Whether a VM's start is to bring it back from disk. */
static bool is_suspended(const struct guestconf *c)
{
	const struct guestconf_section *now = guestconf_current(c);
	const struct guestconf_entry *lock = guestconf_find(now, "lock");

	return c->kind == GUEST_VM && (guestconf_find(now, "vmstate") ||
				       (lock && slice_eq(lock->value, "suspended")));
}

int guestconf_start(const struct guestconf *c, struct arena *a,
		    struct guestconf_section *ret, struct err *e)
{
	if (!guestconf_pending(c) || !is_suspended(c))
		return guestconf_merge_pending(c, a, ret, e);
	*ret = *guestconf_current(c);
	return 0;
}
