/* SPDX-License-Identifier: MIT */
/* movable - getters of what keeps a guest from being snapshotted, moved or run well. */
#include "base/cleanup.h"
#include "facts/bind.h"
#include "facts/getter.h"
#include "facts/volume.h"
#include "pve/ct.h"

/* Of a container's mount points, those of the host's own paths that are not shared. */
void ct_bind_unshared(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	size_t at = 0;

	value_list(f);
	while ((entry = getting_next(g, &at))) {
		struct ct_mount m;
		struct err e = { 0 };

		if (!ct_is_mount(entry) || !getting_counts(g, entry))
			continue;
		if (ct_mount_parse(entry, &m, &e) < 0) {
			value_unknown(g, f, origin_entry(g, entry), "%.*s: %s",
				      SLICE_ARG(entry->key), e.msg);
			return;
		}
		if (m.type != CT_MOUNT_VOLUME && !value_is_true(m.values[CT_MP_SHARED]))
			value_add(g, f, bind_path(m.volume, g->arena),
				  origin_entry(g, entry));
	}
}

/* Whether the image of @v is, or will be, a qcow2 file. */
static bool is_qcow2(const struct volume *v)
{
	static const char end[] = ".qcow2";
	size_t n = sizeof(end) - 1;

	return slice_eq(props_get(&v->props, "format"), "qcow2") ||
	       (v->source.len > n &&
		memcmp(v->source.ptr + v->source.len - n, end, n) == 0);
}

/* Adds the storage @id of @v to @f if it cannot make snapshots of it. */
static bool add_storage(struct getting *g, struct fact *f, const struct volume *v,
			struct slice id)
{
	const struct cluster_storages *all = g->in->storages;
	const struct cluster_storage *s = all ? cluster_find_storage(all, id) : NULL;
	struct fact_origin origin = origin_entry(g, v->entry);
	const struct cluster_snapshots *snapshots;

	if (!s) {
		value_unknown(g, f, origin, "storage '%.*s' is not in storage.cfg",
			      SLICE_ARG(id));
		return false;
	}
	snapshots = cluster_snapshots_of(s->type);
	if (!snapshots) {
		value_unknown(g, f, origin,
			      "storage '%.*s' is of type '%.*s', which is not known",
			      SLICE_ARG(id), SLICE_ARG(s->type));
		return false;
	}
	if (snapshots->of == SNAPSHOTS_NONE ||
	    (snapshots->of == SNAPSHOTS_QCOW2 && !is_qcow2(v)))
		value_add_once(g, f, id, origin);
	return true;
}

void guest_storage_no_snapshot(struct getting *g, struct fact *f)
{
	const struct source_status *storages = &g->in->sources[SOURCE_STORAGE];
	struct volume v;
	size_t at = 0;

	if (storages->state == SOURCE_STATE_NONE)
		return; /* a file outside a cluster: nobody knows its storages */
	value_list(f);
	while (volume_next(g, &at, &v, f)) {
		struct slice id = volume_storage(&v);

		if (!id.ptr || v.unused || volume_is_cdrom(&v))
			continue;
		if (storages->state == SOURCE_STATE_FAILED) {
			value_unknown(g, f, origin_line(g, SOURCE_STORAGE, 0), "%s",
				      storages->why ? storages->why : "cannot be read");
			return;
		}
		if (!add_storage(g, f, &v, id))
			return;
	}
}

/* Whether the drives of the SCSI bus are VirtIO's. */
static bool scsi_is_virtio(const struct getting *g)
{
	const struct guestconf_entry *entry = ENTRY(g, "scsihw");

	return entry && slice_starts(entry->value, "virtio-scsi-");
}

/* Drives that hold data: not CD-ROMs, nor those of OVMF and the TPM, which have no bus. */
void vm_disk_no_virtio(struct getting *g, struct fact *f)
{
	bool scsi = scsi_is_virtio(g);
	struct volume v;
	size_t at = 0;

	value_list(f);
	while (volume_next(g, &at, &v, f)) {
		if (volume_is_cdrom(&v) || entry_is(v.entry, LITERAL("virtio")) ||
		    (scsi && entry_is(v.entry, LITERAL("scsi"))))
			continue;
		if (entry_is(v.entry, LITERAL("ide")) ||
		    entry_is(v.entry, LITERAL("sata")) ||
		    entry_is(v.entry, LITERAL("scsi")))
			value_add(g, f, v.entry->key, origin_entry(g, v.entry));
	}
}
