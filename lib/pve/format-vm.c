/* SPDX-License-Identifier: MIT */
#include "pve/format-vm.h"

#include "pve/chars.h"
#include "pve/option.h"

/* Whether every byte of @s passes @in, and there are @min to @max of them. */
static bool made_of(struct slice s, bool (*in)(char), size_t min, size_t max)
{
	for (size_t i = 0; i < s.len; i++)
		if (!in(s.ptr[i]))
			return false;
	return s.len >= min && s.len <= max;
}

/* Drops @prefix from the start of @s if it is there. */
static bool skip(struct slice *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!slice_starts(*s, prefix))
		return false;
	*s = (struct slice){ s->ptr + n, s->len - n };
	return true;
}

/* Cuts what @s begins with and @in passes off it. */
static struct slice take(struct slice *s, bool (*in)(char))
{
	struct slice head = { s->ptr, 0 };

	while (head.len < s->len && in(s->ptr[head.len]))
		head.len++;
	*s = (struct slice){ s->ptr + head.len, s->len - head.len };
	return head;
}

/* none, cdrom, an absolute path or a volume. */
static bool is_volume(struct slice s)
{
	return slice_eq(s, "none") || slice_eq(s, "cdrom") || slice_starts(s, "/") ||
	       format_volume_id.check(s);
}

/* Up to 20 bytes, URL-encoded. */
static bool is_serial(struct slice s)
{
	return s.len <= 60 && format_urlencoded.check(s);
}

/* Up to 40 bytes, URL-encoded. */
static bool is_model(struct slice s)
{
	return s.len <= 120 && format_urlencoded.check(s);
}

/* [A-Za-z0-9_-] or a blank. */
static bool is_product_char(char c)
{
	return char_is_word(c) || c == '-' || slice_is_space(c);
}

/* Up to 16 characters. */
static bool is_product(struct slice s)
{
	return made_of(s, is_product_char, 0, 16);
}

/* Up to 8 characters. */
static bool is_vendor(struct slice s)
{
	return made_of(s, is_product_char, 0, 8);
}

/* 0x and 16 hexadecimal digits. */
static bool is_wwn(struct slice s)
{
	return skip(&s, "0x") && made_of(s, char_is_hex, 16, 16);
}

/* [0-9a-f] */
static bool is_low_hex(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* [DOMAIN:]BUS:DEVICE[.FUNCTION], lower case. */
static bool is_pci_address(struct slice s)
{
	struct slice head = take(&s, is_low_hex);

	if (head.len >= 4 && skip(&s, ":"))
		head = take(&s, is_low_hex);
	if (head.len != 2 || !skip(&s, ":") || take(&s, is_low_hex).len != 2)
		return false;
	return !s.len || (skip(&s, ".") && made_of(s, is_low_hex, 1, 1));
}

/* Some, joined by ";". */
static bool are_pci_addresses(struct slice s)
{
	return format_joined(s, is_pci_address);
}

/* A file's name: a ',' cannot come here, and no ';'. */
static bool is_romfile(struct slice s)
{
	return s.len && !memchr(s.ptr, ';', s.len);
}

/* [^/.:]+ */
static bool is_mdev(struct slice s)
{
	return s.len && !memchr(s.ptr, '/', s.len) && !memchr(s.ptr, '.', s.len) &&
	       !memchr(s.ptr, ':', s.len);
}

/* 0x and 4 hexadecimal digits. */
static bool is_pci_id(struct slice s)
{
	return skip(&s, "0x") && made_of(s, char_is_hex, 4, 4);
}

/* VENDOR:PRODUCT, each of four hexadecimal digits, with or without 0x. */
static bool is_usb_id(struct slice s)
{
	struct slice vendor, product;

	if (!slice_cut(s, ':', &vendor, &product))
		return false;
	(void)skip(&vendor, "0x");
	(void)skip(&product, "0x");
	return made_of(vendor, char_is_hex, 4, 4) && made_of(product, char_is_hex, 4, 4);
}

/* BUS-PORT[.PORT]... */
static bool is_usb_port(struct slice s)
{
	struct slice bus, port;
	bool more = true;

	if (!slice_cut(s, '-', &bus, &s) || !format_digits(bus))
		return false;
	while (more) {
		more = slice_cut(s, '.', &port, &s);
		if (!format_digits(port))
			return false;
	}
	return true;
}

/* "spice" in any case. */
static bool is_spice(struct slice s)
{
	static const char word[] = "spice";

	for (size_t i = 0; i < s.len && i < sizeof(word) - 1; i++)
		if (char_lower(s.ptr[i]) != word[i])
			return false;
	return s.len == sizeof(word) - 1;
}

/* A device by its ids, by its port, or the word. */
static bool is_usb(struct slice s)
{
	return is_usb_id(s) || is_usb_port(s) || is_spice(s);
}

/* N or N-M. */
static bool is_range(struct slice s)
{
	struct slice from, to;

	return slice_cut(s, '-', &from, &to) ? format_digits(from) && format_digits(to)
					     : format_digits(from);
}

/* Some, joined by ";". */
static bool are_ranges(struct slice s)
{
	return format_joined(s, is_range);
}

/* Drops N.N[.N]... from the start of @s. */
static bool skip_version(struct slice *s)
{
	if (!take(s, char_is_digit).len)
		return false;
	for (bool first = true;; first = false) {
		struct slice rest = *s;

		if (!skip(&rest, ".") || !take(&rest, char_is_digit).len)
			return !first;
		*s = rest;
	}
}

/* N.N[.N]... and nothing else. */
static bool is_version(struct slice s)
{
	return skip_version(&s) && !s.len;
}

/* Drops +pveN from the start of @s if it is there; false when it is there in part. */
static bool skip_revision(struct slice *s)
{
	return !skip(s, "+pve") || take(s, char_is_digit).len;
}

/* pc, q35, virt and their versions: pc-i440fx-9.2+pve1, pc-9.2.pxe, virt-9.2. */
static bool is_machine(struct slice s)
{
	if (s.len > 40)
		return false;
	if (slice_eq(s, "pc") || slice_eq(s, "q35"))
		return true;
	if (skip(&s, "virt"))
		return (!skip(&s, "-") || skip_version(&s)) && skip_revision(&s) &&
		       !s.len;
	if (!skip(&s, "pc-i440fx-") && !skip(&s, "pc-q35-") && !skip(&s, "pc-"))
		return false;
	return skip_version(&s) && skip_revision(&s) && (!s.len || slice_eq(s, ".pxe"));
}

/* 1 to 12 letters and digits. */
static bool is_hv_vendor(struct slice s)
{
	return made_of(s, char_is_alnum, 1, 12);
}

/* host, or 8 to 64. */
static bool is_phys_bits(struct slice s)
{
	int64_t n;

	if (slice_eq(s, "host"))
		return true;
	return s.len <= 2 && format_digits(s) && format_integer(s, &n) && n >= 8 &&
	       n <= 64;
}

/* [a-zA-Z0-9-] */
static bool is_shm_char(char c)
{
	return char_is_alnum(c) || c == '-';
}

/* Letters, digits and hyphens, any number of them. */
static bool is_shm_name(struct slice s)
{
	return made_of(s, is_shm_char, 1, SIZE_MAX);
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(struct slice s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.ptr[i] != '-' : !char_is_hex(s.ptr[i]))
			return false;
	}
	return true;
}

/* [A-Za-z0-9+/] */
static bool is_base64_char(char c)
{
	return char_is_alnum(c) || c == '+' || c == '/';
}

/* Characters of base64, and up to two "=" behind them. */
static bool is_base64(struct slice s)
{
	return take(&s, is_base64_char).len &&
	       (!s.len || slice_eq(s, "=") || slice_eq(s, "=="));
}

/* [acdn] */
static bool is_boot_letter(char c)
{
	return c == 'a' || c == 'c' || c == 'd' || c == 'n';
}

/* 1 to 4 of these letters. */
static bool is_boot_legacy(struct slice s)
{
	return made_of(s, is_boot_letter, 1, 4);
}

/* Whether @s is a member of one of the VM's families @names, "net0". */
static bool is_member(struct slice s, const char *const *names)
{
	const struct option *o = option_find(GUEST_VM, s);

	return o && o->count && format_word(names, slice_of(o->name)) >= 0;
}

/* What a VM can boot from. */
static bool is_boot_device(struct slice s)
{
	static const char *const names[] = { "ide", "sata", "scsi",    "virtio",
					     "net", "usb",  "hostpci", NULL };

	return is_member(s, names);
}

/* A list of such devices. */
static bool are_boot_devices(struct slice s)
{
	return format_each(s, is_boot_device);
}

/* The name of a disk. */
static bool is_bootdisk(struct slice s)
{
	static const char *const names[] = { "ide",     "sata",     "scsi", "virtio",
					     "efidisk", "tpmstate", NULL };

	return is_member(s, names);
}

/* One word of hotplug. */
static bool is_hotplug_feature(struct slice s)
{
	static const char *const words[] = { "network", "disk",      "cpu", "memory",
					     "usb",     "cloudinit", NULL };

	return format_word(words, s) >= 0;
}

/* 0, 1, or a list of features. */
static bool is_hotplug(struct slice s)
{
	return slice_eq(s, "0") || slice_eq(s, "1") || format_each(s, is_hotplug_feature);
}

/* N or N-M with M not under N, blanks around it allowed. */
static bool is_cpu_range(struct slice s)
{
	struct slice from, to;
	int64_t low, high;

	s = slice_trim(s);
	if (!slice_cut(s, '-', &from, &to))
		return format_digits(s);
	return format_digits(from) && format_digits(to) && format_integer(from, &low) &&
	       format_integer(to, &high) && high >= low;
}

/* Such ranges joined by commas; empty ones at the end do not count. */
static bool is_cpuset(struct slice s)
{
	struct slice part;
	bool more = true;

	while (s.len && s.ptr[s.len - 1] == ',')
		s.len--;
	while (s.len && more) {
		more = slice_cut(s, ',', &part, &s);
		if (!is_cpu_range(part))
			return false;
	}
	return true;
}

#define FORMAT(id, text, func) const struct format format_vm_##id = { text, func }

FORMAT(volume, "a volume or an absolute path", is_volume);
FORMAT(serial, "a serial number of up to 20 bytes, URL-encoded", is_serial);
FORMAT(model, "a name of up to 40 bytes, URL-encoded", is_model);
FORMAT(product, "a name of up to 16 letters, digits, - and _", is_product);
FORMAT(vendor, "a name of up to 8 letters, digits, - and _", is_vendor);
FORMAT(wwn, "0x and 16 hexadecimal digits", is_wwn);
FORMAT(pci, "a PCI address, 01:00.0, or some joined by ;", are_pci_addresses);
FORMAT(romfile, "a file's name", is_romfile);
FORMAT(mdev, "a type of mediated devices", is_mdev);
FORMAT(pci_id, "0x and 4 hexadecimal digits", is_pci_id);
FORMAT(usb, "VENDOR:PRODUCT, BUS-PORT or spice", is_usb);
FORMAT(ranges, "numbers and ranges joined by ;", are_ranges);
FORMAT(machine, "a machine type of QEMU", is_machine);
FORMAT(hv_vendor, "up to 12 letters and digits", is_hv_vendor);
FORMAT(phys_bits, "host, or 8 to 64", is_phys_bits);
FORMAT(shm_name, "a name of letters, digits and -", is_shm_name);
FORMAT(version, "a version such as 9.2.0", is_version);
FORMAT(uuid, "a UUID", is_uuid);
FORMAT(base64, "base64", is_base64);
FORMAT(boot_legacy, "one to four of a, c, d and n", is_boot_legacy);
FORMAT(boot_order, "a list of disks and devices", are_boot_devices);
FORMAT(bootdisk, "the name of a disk, scsi0", is_bootdisk);
FORMAT(hotplug, "0, 1 or a list of network, disk, cpu, memory, usb and cloudinit",
       is_hotplug);
FORMAT(cpuset, "a list of cores, 0,5,8-11", is_cpuset);
