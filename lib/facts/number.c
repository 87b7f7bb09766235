/* SPDX-License-Identifier: MIT */
/*
 * number - getters of how much a guest may use. Proxmox's defaults count where the file
 * says nothing, and where it says 0 and Perl's "||" reads that as nothing.
 */
#include "base/num.h"
#include "facts/getter.h"

/* What Proxmox documents, and writes into the file of a guest that it creates. */
enum { MEMORY_MIB = 512, SWAP_MIB = 512 };

static const uint64_t number_max = 999999999999999; /* as in expressions */

/* One number of the guest's file, or what stands for it. */
struct number {
	uint64_t value;
	struct fact_origin origin;
};

/*
 * Reads @text, which @entry says, into @ret; 0 is taken for @otherwise. False, and @f
 * unknown, when it is no number. Proxmox takes "+2" from whoever may set it, keeps it in a
 * container's file as it is, and counts it as 2.
 */
static bool read_number(struct getting *g, struct fact *f,
			const struct guestconf_entry *entry, struct slice text,
			uint64_t otherwise, struct number *ret)
{
	struct slice digits = text;

	ret->origin = origin_entry(g, entry);
	if (slice_starts(text, "+"))
		digits = (struct slice){ text.ptr + 1, text.len - 1 };
	if (!num_parse_zeros(digits, 0, number_max, &ret->value)) {
		value_unknown(g, f, ret->origin, "%.*s: '%.*s' is not a number",
			      SLICE_ARG(entry->key), SLICE_ARG(text));
		return false;
	}
	if (!ret->value)
		ret->value = otherwise;
	return true;
}

/* Reads the option called @key likewise; not there is @otherwise as well. */
static bool read_option(struct getting *g, struct fact *f, struct slice key,
			uint64_t otherwise, struct number *ret)
{
	const struct guestconf_entry *entry = getting_entry(g, key);

	*ret = (struct number){ .value = otherwise };
	return !entry || read_number(g, f, entry, entry->value, otherwise, ret);
}

/* Reads the memory of a VM, which is a property string. */
static bool read_vm_memory(struct getting *g, struct fact *f, struct number *ret)
{
	const struct guestconf_entry *entry = ENTRY(g, "memory");
	struct props p;

	*ret = (struct number){ .value = MEMORY_MIB };
	if (!entry)
		return true;
	props_read(g, entry, &p);
	if (!p.bad)
		return read_number(g, f, entry, props_get(&p, "current"), MEMORY_MIB,
				   ret);
	value_unknown(g, f, origin_entry(g, entry), "memory: %s", p.why);
	return false;
}

void guest_memory_mib(struct getting *g, struct fact *f)
{
	struct number n;

	if (g->in->kind == GUEST_CT ? read_option(g, f, LITERAL("memory"), MEMORY_MIB, &n)
				    : read_vm_memory(g, f, &n))
		value_number(f, n.value, n.origin);
}

void guest_swap_mib(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "swap");
	struct number n = { .value = SWAP_MIB };

	if (g->in->kind == GUEST_CT &&
	    (!entry || read_number(g, f, entry, entry->value, 0, &n)))
		value_number(f, n.value, n.origin);
}

/* Cores of a VM: cores x sockets, or x the older smp where there is no sockets. */
static void vm_cores(struct getting *g, struct fact *f)
{
	struct number cores, sockets;
	uint64_t product;

	if (!read_option(g, f, LITERAL("cores"), 1, &cores) ||
	    !read_option(g, f, LITERAL("sockets"), 0, &sockets))
		return;
	if (!sockets.value && !read_option(g, f, LITERAL("smp"), 1, &sockets))
		return;
	if (__builtin_mul_overflow(cores.value, sockets.value, &product) ||
	    product > number_max) {
		value_unknown(g, f, cores.origin, "cores x sockets is too large");
		return;
	}
	value_number(f, product, cores.origin.file ? cores.origin : sockets.origin);
}

void guest_cores(struct getting *g, struct fact *f)
{
	struct number n;

	if (g->in->kind == GUEST_VM)
		vm_cores(g, f);
	else if (read_option(g, f, LITERAL("cores"), FACT_UNLIMITED, &n))
		value_number(f, n.value, n.origin);
}

/* Without a balloon line the target is all of the memory. */
void vm_balloon(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "balloon");
	struct number n;

	if (entry ? read_number(g, f, entry, entry->value, 0, &n)
		  : read_vm_memory(g, f, &n))
		value_number(f, n.value, n.origin);
}
