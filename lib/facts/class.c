/* SPDX-License-Identifier: MIT */
/* class - what kinds of devices of the node a guest has, as Incus sorts them. */
#include "base/cleanup.h"
#include "facts/getter.h"

#include <fnmatch.h>
#include <limits.h>

/* The class of a container's device, by its path; the first row that fits. */
static const struct class_row {
	const char *pattern, *class;
} classes[] = {
	{ "/dev/accel*", "gpu" },
	{ "/dev/dri*", "gpu" },
	{ "/dev/dxg", "gpu" },
	{ "/dev/fb[0-9]*", "gpu" },
	{ "/dev/kfd", "gpu" },
	{ "/dev/mali*", "gpu" },
	{ "/dev/nvidia*", "gpu" },
	{ "/dev/bus/usb*", "usb" },
	{ "/dev/hidraw*", "usb" },
	{ "/dev/serial/*", "usb" },
	{ "/dev/ttyACM*", "usb" },
	{ "/dev/ttyUSB*", "usb" },
	{ "/dev/usb*", "usb" },
	{ "/dev/infiniband*", "infiniband" },
	{ "/dev/bcache*", "unix-block" },
	{ "/dev/block*", "unix-block" },
	{ "/dev/dasd*", "unix-block" },
	{ "/dev/disk*", "unix-block" },
	{ "/dev/dm-*", "unix-block" },
	{ "/dev/drbd*", "unix-block" },
	{ "/dev/hd[a-z]*", "unix-block" },
	{ "/dev/loop[0-9]*", "unix-block" },
	{ "/dev/mapper*", "unix-block" },
	{ "/dev/md[0-9_]*", "unix-block" },
	{ "/dev/md/*", "unix-block" },
	{ "/dev/mmcblk*", "unix-block" },
	{ "/dev/nbd*", "unix-block" },
	{ "/dev/nvme[0-9]*n[0-9]*", "unix-block" },
	{ "/dev/pmem*", "unix-block" },
	{ "/dev/ram[0-9]*", "unix-block" },
	{ "/dev/rbd*", "unix-block" },
	{ "/dev/sd[a-z]*", "unix-block" },
	{ "/dev/sr[0-9]*", "unix-block" },
	{ "/dev/vd[a-z]*", "unix-block" },
	{ "/dev/xvd[a-z]*", "unix-block" },
	{ "/dev/zd[0-9]*", "unix-block" },
	{ "/dev/zram*", "unix-block" },
	{ "/dev/zvol*", "unix-block" },
};

/* The class of the device @path: what is in no row is taken for a character device. */
static const char *class_of(struct slice path)
{
	char text[PATH_MAX];

	if (path.len >= sizeof(text))
		return "unix-char";
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (fnmatch(classes[i].pattern, text, FNM_NOESCAPE) == 0)
			return classes[i].class;
	return "unix-char";
}

/* Adds @class (NULL: by path) of each element of the fact @id; false when it is unknown. */
static bool add_classes(struct getting *g, struct fact *f, enum fact_id id,
			const char *class)
{
	const struct fact *list = getting_fact(g, id);

	if (value_unknown_as(f, list))
		return false;
	for (size_t i = 0; i < list->nitems; i++) {
		struct slice path = list->items[i].text;

		value_add_once(g, f, slice_of(class ? class : class_of(path)),
			       list->items[i].origin);
	}
	return true;
}

/* Adds those of the disks of the node that a VM has: block devices, and files. */
static bool add_disks(struct getting *g, struct fact *f)
{
	const struct fact *list = getting_fact(g, FACT_host_disk);

	if (value_unknown_as(f, list))
		return false;
	for (size_t i = 0; i < list->nitems; i++)
		value_add_once(g, f,
			       slice_starts(list->items[i].text, "/dev/")
				       ? LITERAL("unix-block")
				       : LITERAL("disk"),
			       list->items[i].origin);
	return true;
}

/* Values of a VM's options that stand for a device of the node. */
static const struct value_row {
	const char *key, *property, *value, *class;
} values[] = {
	{ "rng0", "source", "/dev/hwrng", "unix-char" },
	{ "vga", "type", "virtio-gl",
	  "gpu" }, /* QEMU draws with the node's render node */
};

/* Adds the class of each such value; false when an option cannot be read. */
static bool add_values(struct getting *g, struct fact *f)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const struct value_row *row = &values[i];
		const struct guestconf_entry *entry =
			getting_entry(g, slice_of(row->key));
		struct props p;

		if (!entry)
			continue;
		props_read(g, entry, &p);
		if (p.bad) {
			value_unknown(g, f, origin_entry(g, entry), "%s: %s", row->key,
				      p.why);
			return false;
		}
		if (slice_eq(props_get(&p, row->property), row->value))
			value_add_once(g, f, slice_of(row->class),
				       origin_entry(g, entry));
	}
	return true;
}

void guest_device_class(struct getting *g, struct fact *f)
{
	static const struct {
		enum fact_id id;
		const char *class;
	} of_vm[] = {
		{ FACT_hostpci_raw, "pci" }, { FACT_hostpci_mapped, "pci" },
		{ FACT_usb_raw, "usb" },     { FACT_usb_mapped, "usb" },
		{ FACT_virtiofs, "disk" },   { FACT_host_serial, "unix-char" },
	};

	value_list(f);
	if (g->in->kind == GUEST_CT) {
		if (add_classes(g, f, FACT_bind, "disk"))
			(void)add_classes(g, f, FACT_device, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(of_vm); i++)
		if (!add_classes(g, f, of_vm[i].id, of_vm[i].class))
			return;
	if (add_values(g, f))
		(void)add_disks(g, f);
}
