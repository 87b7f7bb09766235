/* SPDX-License-Identifier: MIT */
/*
 * guestconf-vm - lines of a VM's file.
 *
 * Headers: [PENDING] and [special:cloudinit], [special:fleecing] in any case, [NAME], or
 * [anything], whose lines are skipped. Lines: description; anything that ends with
 * snapstate: prepare or delete; args; delete; key: value. A bad value and an unknown key
 * are warned about and dropped. Source: PVE::QemuServer::parse_vm_config.
 */
#include "pve/guestconf-internal.h"

int guestconf_vm_header(struct reader *r, struct slice line)
{
	struct slice name;

	if (memchr(line.ptr, ']', line.len) != line.ptr + line.len - 1)
		return 0;
	r->skipping = false;
	if (line_is(line, "[pending]"))
		return reader_section(r, SECTION_PENDING, (struct slice){ 0 }) < 0 ? -1
										   : 1;
	if (line_is_snapshot(line, &name))
		return reader_section(r, SECTION_SNAPSHOT, name) < 0 ? -1 : 1;
	r->skipping = true;
	if (!line_is(line, "[special:cloudinit]") && !line_is(line, "[special:fleecing]"))
		(void)reader_warn(r, "no section that Proxmox knows: it skips the lines "
				     "down to the next one");
	return 1;
}

/* Warns about a line that PVE drops, and keeps it aside if a newer PVE may not. */
static int drop(struct reader *r, const struct guestconf_entry *entry, bool newer)
{
	if (!entry->option)
		(void)reader_warn(r,
				  "'%.*s' is no option that this version knows; "
				  "Proxmox drops the line",
				  SLICE_ARG(entry->key));
	else
		(void)reader_warn(r, "%.*s: %s; Proxmox drops the line",
				  SLICE_ARG(entry->key), r->e->msg);
	return newer ? section_add_newer(&r->builder, entry, r->e) : 0;
}

/* Keeps "key: value" if the value is what PVE takes; `cdrom` is another name of ide2. */
static int put_entry(struct reader *r, struct slice key, struct slice value)
{
	struct guestconf_entry entry = { .key = key, .value = value, .line = r->line };
	int ret;

	entry.option = option_find_index(GUEST_VM, key, &entry.index);
	if (!entry.option)
		return drop(r, &entry, true);
	ret = r->has_cr ? option_check(entry.option, value, &entry.value, r->e)
			: option_check_line(entry.option, value, &entry.value, r->e);
	if (ret < 0)
		return drop(r, &entry, r->e->code == ERR_UNKNOWN);
	if (slice_eq(key, "description"))
		return 0;
	if (slice_eq(key, "cdrom")) {
		entry.key = slice_of("ide2");
		entry.option = option_find_index(GUEST_VM, entry.key, &entry.index);
		return section_put(&r->builder, &entry, r->e);
	}
	known_keep_entry(&r->place, &entry);
	return section_put(&r->builder, &entry, r->e);
}

/* Keeps "args: …", which PVE neither checks nor unquotes. */
static int put_args(struct reader *r, struct slice value)
{
	struct guestconf_entry entry = { .key = slice_of("args"),
					 .value = value,
					 .line = r->line };

	entry.option = option_find(GUEST_VM, entry.key);
	return section_put(&r->builder, &entry, r->e);
}

/* Keeps "delete: …", which only pending changes may hold. */
static int put_delete(struct reader *r, struct slice value)
{
	struct guestconf_entry entry = { .key = slice_of("delete"),
					 .value = value,
					 .line = r->line };

	if (r->builder.section->type == SECTION_PENDING)
		return section_put(&r->builder, &entry, r->e);
	return reader_warn(r, "'delete' has an effect in [PENDING] only");
}

int guestconf_vm_line(struct reader *r, struct slice line, struct slice text)
{
	struct slice key, value;

	if (line_has_text(text, "description:", &value) || line_is_snapstate(text))
		return 0;
	if (line_has_text(text, "args:", &value))
		return put_args(r, value);
	if (line_has_text(text, "delete:", &value))
		return put_delete(r, value);
	if (line_split(line, true, &key, &value))
		return put_entry(r, key, value);
	return reader_warn_unread(r, text);
}
