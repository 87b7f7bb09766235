/* SPDX-License-Identifier: MIT */
/*
 * change-migrate - where a guest's volumes and networks are once it is on another node.
 * Source: PVE::QemuMigrate, PVE::LXC::Migrate; parse_idmap and map_id of PVE::JSONSchema.
 */
#include <string.h>

#include "pve/change-internal.h"
#include "pve/format.h"
#include "pve/option.h"

/*
 * What @map, "here:there,…", makes of @id. A name alone is for all that it does not list;
 * without one, or with "1", they keep theirs.
 */
static struct slice mapped(struct slice map, struct slice id)
{
	struct slice entry, here, there, other = id;

	while (format_list_next(&map, &entry)) {
		if (!slice_cut(entry, ':', &here, &there)) {
			if (!slice_eq(entry, "1"))
				other = entry;
		} else if (slice_same(here, id)) {
			return there;
		}
	}
	return other;
}

/* Whether volumes on the storage @id stay there, for it is on all nodes. */
static bool is_shared(const struct cluster_storages *storages, struct slice id)
{
	const struct cluster_storage *s = cluster_find_storage(storages, id);

	return s && s->shared;
}

/* The bridge in the value of @entry, if that is a network; else absent. */
static struct slice bridge_of(const struct guestconf_entry *entry)
{
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err ignored = { 0 };
	int slot;

	if (!entry->option || strcmp(entry->option->name, "net") != 0)
		return (struct slice){ 0 };
	slot = propstr_slot(entry->option->props, "bridge");
	if (slot < 0 ||
	    propstr_parse(entry->option->props, entry->value, vals, &ignored) < 0)
		return (struct slice){ 0 };
	return vals[slot];
}

int change_migrate(const struct guestconf_section *from, enum guest_kind kind,
		   const struct argv_command *c, const struct cluster_storages *storages,
		   struct arena *a, struct guestconf_section *ret, struct err *e)
{
	struct slice volumes = argv_value(c, "target-storage");
	struct slice bridges = argv_value(c, "target-bridge");

	if (!volumes.len)
		volumes = argv_value(c, "targetstorage");
	if (change_begin(from, 0, a, ret, e) < 0)
		return -1;
	for (size_t i = 0; i < ret->nentries; i++) {
		struct slice storage = change_storage_of(&ret->entries[i]);
		struct slice bridge = bridge_of(&ret->entries[i]);

		if (bridge.len && change_splice(ret, kind, i, bridge,
						mapped(bridges, bridge), a, e) < 0)
			return -1;
		if (storage.len && !(storages && is_shared(storages, storage)) &&
		    change_splice(ret, kind, i, storage, mapped(volumes, storage), a, e) <
			    0)
			return -1;
	}
	return 0;
}
