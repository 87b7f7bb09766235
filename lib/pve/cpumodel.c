/* SPDX-License-Identifier: MIT */
#include "pve/cpumodel.h"

#include "pve/format.h"
#include "pve/props-vm.h"
#include "pve/words.h"

/* Sorted by bytes. Source: PVE::QemuServer::CPUConfig, both architectures. */
static const char *const models[] = {
	"486",
	"Broadwell",
	"Broadwell-IBRS",
	"Broadwell-noTSX",
	"Broadwell-noTSX-IBRS",
	"Cascadelake-Server",
	"Cascadelake-Server-noTSX",
	"Cascadelake-Server-v2",
	"Cascadelake-Server-v4",
	"Cascadelake-Server-v5",
	"ClearwaterForest",
	"Conroe",
	"Cooperlake",
	"Cooperlake-v2",
	"EPYC",
	"EPYC-Genoa",
	"EPYC-Genoa-v2",
	"EPYC-IBPB",
	"EPYC-Milan",
	"EPYC-Milan-v2",
	"EPYC-Milan-v3",
	"EPYC-Rome",
	"EPYC-Rome-v2",
	"EPYC-Rome-v3",
	"EPYC-Rome-v4",
	"EPYC-Rome-v5",
	"EPYC-Turin",
	"EPYC-v3",
	"EPYC-v4",
	"EPYC-v5",
	"GraniteRapids",
	"GraniteRapids-v2",
	"GraniteRapids-v3",
	"Haswell",
	"Haswell-IBRS",
	"Haswell-noTSX",
	"Haswell-noTSX-IBRS",
	"Icelake-Client",
	"Icelake-Client-noTSX",
	"Icelake-Server",
	"Icelake-Server-noTSX",
	"Icelake-Server-v3",
	"Icelake-Server-v4",
	"Icelake-Server-v5",
	"Icelake-Server-v6",
	"Icelake-Server-v7",
	"IvyBridge",
	"IvyBridge-IBRS",
	"KnightsMill",
	"Nehalem",
	"Nehalem-IBRS",
	"Opteron_G1",
	"Opteron_G2",
	"Opteron_G3",
	"Opteron_G4",
	"Opteron_G5",
	"Penryn",
	"SandyBridge",
	"SandyBridge-IBRS",
	"SapphireRapids",
	"SapphireRapids-v2",
	"SapphireRapids-v3",
	"SapphireRapids-v4",
	"SierraForest",
	"SierraForest-v2",
	"SierraForest-v3",
	"Skylake-Client",
	"Skylake-Client-IBRS",
	"Skylake-Client-noTSX-IBRS",
	"Skylake-Client-v4",
	"Skylake-Server",
	"Skylake-Server-IBRS",
	"Skylake-Server-noTSX-IBRS",
	"Skylake-Server-v4",
	"Skylake-Server-v5",
	"Westmere",
	"Westmere-IBRS",
	"a64fx",
	"athlon",
	"core2duo",
	"coreduo",
	"cortex-a35",
	"cortex-a53",
	"cortex-a55",
	"cortex-a57",
	"cortex-a710",
	"cortex-a72",
	"cortex-a76",
	"host",
	"kvm32",
	"kvm64",
	"max",
	"neoverse-n1",
	"neoverse-n2",
	"neoverse-v1",
	"pentium",
	"pentium2",
	"pentium3",
	"phenom",
	"qemu32",
	"qemu64",
	"x86-64-v2",
	"x86-64-v2-AES",
	"x86-64-v3",
	"x86-64-v4",
};

/* What a VM may switch on and off. Source: PVE::QemuServer::CPUFlags. */
static const char *const flags[] = {
	"aes",       "amd-no-ssb", "amd-ssbd",    "hv-evmcs", "hv-tlbflush",
	"ibpb",      "md-clear",   "nested-virt", "pcid",     "pdpe1gb",
	"spec-ctrl", "ssbd",       "virt-ssbd",   NULL,
};

/* "+flag" or "-flag" of those that a VM may name. */
static bool is_flag(struct slice s)
{
	return s.len && (s.ptr[0] == '+' || s.ptr[0] == '-') &&
	       format_word(flags, (struct slice){ s.ptr + 1, s.len - 1 }) >= 0;
}

int cpumodel_check(const struct slice *vals, struct err *e)
{
	struct slice model = vals[VM_CPU_CPUTYPE];

	if (!model.ptr || slice_eq(model, "0"))
		return err_set(e, ERR_SYNTAX, "'cputype' is missing");
	if (vals[VM_CPU_REPORTED_MODEL].ptr)
		return err_set(e, ERR_TYPE, "'reported-model' is for custom models only");
	if (!WORDS_FIND(models, model))
		return err_set(e, ERR_UNKNOWN, "unknown CPU model '%.*s'",
			       SLICE_ARG(model));
	if (vals[VM_CPU_FLAGS].ptr && !format_joined(vals[VM_CPU_FLAGS], is_flag))
		return err_set(e, ERR_UNKNOWN, "unknown CPU flag in '%.*s'",
			       SLICE_ARG(vals[VM_CPU_FLAGS]));
	return 0;
}
