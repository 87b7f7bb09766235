/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/propstr.c with Proxmox's own schemas: the first byte picks one. An error
 * has a position; what is read lies inside of the input, holds what must be there, and is
 * read again as the same when it is written as key=value.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "pve/props-ct.h"
#include "pve/props-vm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct propstr_schema *const schemas[] = {
	&props_ct_rootfs,   &props_ct_mp,       &props_ct_net,      &props_ct_dev,
	&props_ct_features, &props_ct_unused,   &props_vm_ide,      &props_vm_sata,
	&props_vm_scsi,     &props_vm_virtio,   &props_vm_efidisk,  &props_vm_tpmstate,
	&props_vm_unused,   &props_vm_net,      &props_vm_ipconfig, &props_vm_hostpci,
	&props_vm_usb,      &props_vm_virtiofs, &props_vm_cpu,      &props_vm_machine,
	&props_vm_agent,    &props_vm_cicustom, &props_vm_memory,   &props_vm_numa,
	&props_vm_watchdog, &props_vm_vga,      &props_vm_ivshmem,  &props_vm_audio,
	&props_vm_spice,    &props_vm_smbios1,  &props_vm_sev,      &props_vm_tdx,
	&props_vm_rng,      &props_vm_meta,     &props_vm_boot,
};

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Checks @val, of the key @k. */
static void check_value(const struct propstr_key *k, struct slice val, struct slice in)
{
	bool within = val.ptr >= in.ptr && val.ptr + val.len <= in.ptr + in.len;

	must(val.len > 0);
	if (k->type == PROPSTR_BOOL)
		must(slice_eq(val, "0") || slice_eq(val, "1"));
	else if (k->type == PROPSTR_WORD)
		must(format_word(k->words, val) >= 0);
	else
		must(within);
	if (k->format)
		must(k->format->check(val));
}

/* Writes @vals as key=value and reads them again. */
static void check_again(const struct propstr_schema *s, const struct slice *vals)
{
	struct slice again[PROPSTR_MAX_KEYS];
	struct buf text = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < s->nkeys; i++)
		if (vals[i].ptr)
			buf_printf(&text, ",%s=%.*s", s->keys[i].name,
				   SLICE_ARG(vals[i]));
	must(propstr_parse(s, buf_as_slice(&text), again, &e) == 0);
	for (size_t i = 0; i < s->nkeys; i++)
		must(slice_same(vals[i], again[i]));
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct propstr_schema *s;
	struct slice vals[PROPSTR_MAX_KEYS], in;
	struct err e = { 0 };

	if (!len)
		return 0;
	s = schemas[data[0] % (sizeof(schemas) / sizeof(*schemas))];
	in = (struct slice){ (const char *)data + 1, len - 1 };
	if (memchr(in.ptr, '\0', in.len))
		return 0; /* printf would end there */
	if (propstr_parse(s, in, vals, &e) < 0) {
		must(e.code != ERR_NONE && e.msg[0]);
		must(e.col >= 1 && e.col <= (in.len ? in.len : 1));
		return 0;
	}
	for (size_t i = 0; i < s->nkeys; i++) {
		must(vals[i].ptr || !(s->required & PROPSTR_SLOT(i)));
		if (vals[i].ptr)
			check_value(&s->keys[i], vals[i], in);
	}
	check_again(s, vals);
	return 0;
}
