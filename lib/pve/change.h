/* SPDX-License-Identifier: MIT */
/*
 * change - the configuration that results from a command: params x config -> config.
 *
 * Pure. What the command sets stands in the result with line 0, "from the command line";
 * what it leaves alone keeps its line in the guest's file.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "pve/argv.h"
#include "pve/cluster.h"
#include "pve/guestconf.h"

/* Options that a command sets, deletes or reverts to another value. */
struct change_keys {
	struct slice *keys; /* sorted, unique; Proxmox's spelling */
	size_t n;
};

/*
 * A new guest: what create makes of @c's options and Proxmox's own defaults (a container is
 * unprivileged since Proxmox VE 9, and has a volume of 4 GiB). Memory from @a. Errors:
 * ERR_SYSTEM. Source: create_vm of PVE::API2::LXC and PVE::API2::Qemu.
 */
int change_create(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * A new VM as far as the options of import or importovf say: what the source holds beside
 * that is not known. It has a disk on the storage that is named. Errors: ERR_SYSTEM.
 * Source: vm_import and importovf of PVE::CLI::qm.
 */
int change_import(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * @from after disk import: a disk more, whose size is not known. Errors: ERR_SYSTEM.
 * Source: importdisk of PVE::CLI::qm.
 */
int change_disk(const struct guestconf_section *from, const struct argv_command *c,
		struct arena *a, struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * @conf after set: options, --delete (that is what disk unlink does), --revert, on top of
 * its pending changes, as the next start would use it. Errors: ERR_SYSTEM. Source:
 * update_vm of the same.
 */
int change_set(const struct guestconf *conf, const struct argv_command *c,
	       struct arena *a, struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * @from after move-volume or disk move: the volume on another storage, what it was made of
 * as unused unless that is deleted; or without it, where another guest gets it. Errors:
 * ERR_SYSTEM. Source: move_volume of PVE::API2::LXC, move_vm_disk of PVE::API2::Qemu.
 */
int change_move(const struct guestconf_section *from, enum guest_kind kind,
		const struct argv_command *c, struct arena *a,
		struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether @c moves a volume to another guest. */
bool change_gives_away(const struct argv_command *c);

/* @from, that other guest, after it: with the volume of @giver. Errors: ERR_SYSTEM. */
int change_receive(const struct guestconf_section *from,
		   const struct guestconf_section *giver, enum guest_kind kind,
		   const struct argv_command *c, struct arena *a,
		   struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * @from after migrate or remote-migrate, with volumes and bridges where the command's maps
 * put them. @storages: of the cluster that it stays in, where those on a shared one stay;
 * NULL: it leaves the cluster. Errors: ERR_SYSTEM.
 */
int change_migrate(const struct guestconf_section *from, enum guest_kind kind,
		   const struct argv_command *c, const struct cluster_storages *storages,
		   struct arena *a, struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull(1, 3, 5, 6), warn_unused_result));

/* @from after resize. Errors: ERR_SYSTEM. Source: resize_vm of PVE::API2::LXC and Qemu. */
int change_resize(const struct guestconf_section *from, enum guest_kind kind,
		  const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * A guest made out of another one's section @from, as rollback does it, and clone and
 * restore as far as they are the same. The options of @c come on top; a VM's clone that
 * nobody names is "Copy-of-VM-…". Raw lines are kept, as Proxmox keeps them for root.
 */
int change_copy(const struct guestconf_section *from, enum guest_kind kind,
		const struct argv_command *c, struct arena *a,
		struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * A clone of @from: without volumes that are unused, the others where --storage says.
 * Errors: ERR_SYSTEM. Source: clone_vm of PVE::API2::LXC and PVE::API2::Qemu.
 */
int change_clone(const struct guestconf_section *from, enum guest_kind kind,
		 const struct argv_command *c, struct arena *a,
		 struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * What comes out of an archive that holds @from. A container's volumes come on --storage or
 * local, all of them; or are those of the command line alone, where that names any; with
 * --unique its networks are the archive's. A VM's come on --storage, where that is given;
 * those with backup=0 do not. A template stays one. Errors: ERR_SYSTEM. Source: create_vm of
 * PVE::API2::LXC, PVE::LXC::Create::sanitize_and_merge_config,
 * PVE::QemuServer::restore_update_config_line.
 */
int change_restore(const struct guestconf_section *from, enum guest_kind kind,
		   const struct argv_command *c, struct arena *a,
		   struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * What @from starts with where the options of a start stand in for its own, as --force-cpu
 * does for cpu. Errors: ERR_SYSTEM. Source: vm_start of PVE::API2::Qemu.
 */
int change_start(const struct guestconf_section *from, const struct argv_command *c,
		 struct arena *a, struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether @c, disk unlink, deletes options that are no volumes: it takes those, too. */
bool change_unlinks_option(const struct argv_command *c);

/* The keys whose values differ between @before (NULL: nothing) and @after. */
int change_keys(const struct guestconf_section *before,
		const struct guestconf_section *after, struct arena *a,
		struct change_keys *ret, struct err *e)
	__attribute__((nonnull(2, 3, 4, 5), warn_unused_result));
