/* SPDX-License-Identifier: MIT */
/* vm - getters of VMs: the machine and what it runs on. */
#include "facts/getter.h"
#include "facts/smbios.h"
#include "pve/format.h"

static const struct fact_origin by_default = { 0 };

/* What a property of an option that is there at most once is. */
struct property {
	const struct guestconf_entry *entry; /* NULL: the option is not there */
	struct slice value;                  /* {NULL, 0}: the property is not there */
	struct fact_origin origin;
};

/* Reads @key of the option @option into @ret. False, and @f unknown, if it cannot be. */
static bool read_property(struct getting *g, struct fact *f, struct slice option,
			  const char *key, struct property *ret)
{
	struct props p;

	*ret = (struct property){ .entry = getting_entry(g, option) };
	if (!ret->entry)
		return true;
	ret->origin = origin_entry(g, ret->entry);
	props_read(g, ret->entry, &p);
	if (p.bad) {
		value_unknown(g, f, ret->origin, "%.*s: %s", SLICE_ARG(option), p.why);
		return false;
	}
	ret->value = props_get(&p, key);
	return true;
}

/* Answers with @key of @option, @otherwise (NULL: none) when it is not there. */
static void property_text(struct getting *g, struct fact *f, struct slice option,
			  const char *key, const char *otherwise)
{
	struct property p;

	if (!read_property(g, f, option, key, &p))
		return;
	if (p.value.len)
		value_text(f, p.value, p.origin);
	else if (otherwise)
		value_text(f, slice_of(otherwise), p.origin);
}

/* Answers with the truth of the plain option @option; not there is @otherwise. */
static void option_flag(struct getting *g, struct fact *f, struct slice option,
			bool otherwise)
{
	const struct guestconf_entry *entry = getting_entry(g, option);

	if (entry)
		value_flag(f, value_is_true(entry->value), origin_entry(g, entry));
	else
		value_flag(f, otherwise, by_default);
}

void vm_args(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "args");
	struct slice args;

	if (!entry)
		return;
	args = smbios_without_ours(entry->value, g->arena);
	if (slice_trim(args).len) /* of blanks alone QEMU gets nothing */
		value_text(f, args, origin_entry(g, entry));
}

/* The CPU of a VM. */
struct cpu {
	struct slice model, flags;
	struct fact_origin origin;
};

/*
 * Reads cpu:, with a model or flag that is not listed too: the node may know it. False,
 * and @f unknown, when it cannot be read.
 */
static bool read_cpu(struct getting *g, struct fact *f, struct cpu *ret)
{
	const struct guestconf_entry *entry = ENTRY(g, "cpu");
	struct props p;

	*ret = (struct cpu){ .model = LITERAL("kvm64") };
	if (!entry)
		return true;
	ret->origin = origin_entry(g, entry);
	props_read_singly(g, entry, &p);
	if (p.bad) {
		value_unknown(g, f, ret->origin, "cpu: %s", p.why);
		return false;
	}
	if (props_get(&p, "cputype").len)
		ret->model = props_get(&p, "cputype");
	ret->flags = props_get(&p, "flags");
	return true;
}

void vm_cpu(struct getting *g, struct fact *f)
{
	struct cpu cpu;

	if (read_cpu(g, f, &cpu))
		value_text(f, cpu.model, cpu.origin);
}

/* What the CPU flags @flags say of nested virtualisation: +1, 0 (nothing), -1. */
static int nested_by_flags(struct slice flags)
{
	static const char *const names[] = { "nested-virt", "vmx", "svm" };
	struct slice flag, name;
	bool more = true;
	int said = 0;

	while (more) {
		more = slice_cut(flags, ';', &flag, &flags);
		if (!flag.len)
			continue;
		name = (struct slice){ flag.ptr + 1, flag.len - 1 };
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (slice_eq(name, names[i]) && *flag.ptr == '+')
				return 1;
			if (i == 0 && slice_eq(name, names[i]))
				said = -1; /* -vmx alone leaves svm, and the reverse */
		}
	}
	return said;
}

void vm_nested_virt(struct getting *g, struct fact *f)
{
	struct cpu cpu;
	bool all;
	int said;

	if (!read_cpu(g, f, &cpu))
		return;
	said = nested_by_flags(cpu.flags);
	all = slice_eq(cpu.model, "host") || slice_eq(cpu.model, "max");
	if (!said && slice_starts(cpu.model, "custom-"))
		value_unknown(
			g, f, cpu.origin,
			"cpu: what '%.*s' is stands in virtual-guest/cpu-models.conf",
			SLICE_ARG(cpu.model));
	else
		value_flag(f, said > 0 || (all && !said), cpu.origin);
}

void vm_kvm_off(struct getting *g, struct fact *f)
{
	option_flag(g, f, LITERAL("kvm"), true);
	f->flag = !f->flag;
}

void vm_numa(struct getting *g, struct fact *f)
{
	option_flag(g, f, LITERAL("numa"), false);
}

void vm_machine(struct getting *g, struct fact *f)
{
	const struct fact *arch = getting_fact(g, FACT_arch);

	property_text(g, f, LITERAL("machine"), "type",
		      slice_eq(arch->text, "aarch64") ? "virt" : "pc");
}

void vm_bios(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "bios");

	value_text(f, entry ? entry->value : LITERAL("seabios"),
		   entry ? origin_entry(g, entry) : by_default);
}

/* Keys count with OVMF and variables of 4 MiB alone: PVE::QemuServer::OVMF. */
void vm_secure_boot(struct getting *g, struct fact *f)
{
	const struct fact *bios = getting_fact(g, FACT_bios);
	struct property type, keys;

	if (!slice_eq(bios->text, "ovmf")) {
		value_flag(f, false, bios->origin);
		return;
	}
	if (read_property(g, f, LITERAL("efidisk0"), "efitype", &type) &&
	    read_property(g, f, LITERAL("efidisk0"), "pre-enrolled-keys", &keys))
		value_flag(f, slice_eq(type.value, "4m") && value_is_true(keys.value),
			   keys.entry ? keys.origin : bios->origin);
}

void vm_tpm(struct getting *g, struct fact *f)
{
	if (ENTRY(g, "tpmstate0"))
		property_text(g, f, LITERAL("tpmstate0"), "version", "v1.2");
}

void vm_agent(struct getting *g, struct fact *f)
{
	struct property p;

	if (read_property(g, f, LITERAL("agent"), "enabled", &p))
		value_flag(f, value_is_true(p.value), p.origin);
}

void vm_hugepages(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "hugepages");

	if (entry)
		value_text(f, entry->value, origin_entry(g, entry));
}

void vm_cicustom(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "cicustom");
	struct props p;

	value_list(f);
	if (!entry)
		return;
	props_read(g, entry, &p);
	if (p.bad) {
		value_unknown(g, f, origin_entry(g, entry), "cicustom: %s", p.why);
		return;
	}
	for (size_t i = 0; i < p.schema->nkeys; i++)
		if (p.values[i].len)
			value_add(g, f, p.values[i], origin_entry(g, entry));
}
