/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/propstr.c, on a small schema and on Proxmox's own. */
#include "rows.h"

#include "pve/props-ct.h"
#include "pve/props-vm.h"
#include "pve/propstr.h"

enum { VOLUME, SIZE, RO, COUNT, RATE, MODE, GW, NSLOTS };

static const char *const modes[] = { "fast", "safe", NULL };
static const struct propstr_key keys[NSLOTS] = {
	[VOLUME] = { "volume" },
	[SIZE] = { "size", .format = &format_disk_size },
	[RO] = { "ro", PROPSTR_BOOL },
	[COUNT] = { "count", PROPSTR_INTEGER, .bounded = true, .min = -1, .max = 9 },
	[RATE] = { "rate", PROPSTR_NUMBER, .bounded = true, .min = 0, .max = 10 },
	[MODE] = { "mode", PROPSTR_WORD, .words = modes },
	[GW] = { "gw", .needs = "size" },
};
static const struct propstr_alias aliases[] = { { "file", VOLUME }, { "readonly", RO } };
static const struct propstr_schema disk = { keys,
					    NSLOTS,
					    PROPSTR_SLOT(VOLUME),
					    .bare = VOLUME,
					    .aliases = aliases,
					    .naliases = ARRAY_LEN(aliases) };

static struct row {
	const char *name;
	const struct propstr_schema *schema;
	const char *in;
	enum err_code code;       /* ERR_NONE: must parse */
	unsigned col;             /* where the error points */
	const char *msg;          /* the error's text */
	const char *want[NSLOTS]; /* first slots */
} table[] = {
	{ "a bare value takes the default key", &disk, "local:7", .want = { "local:7" } },
	{ "wherever it stands", &disk, "ro=1,local:7",
	  .want = { [VOLUME] = "local:7", [RO] = "1" } },
	{ "the default key may be named", &disk, "volume=l:7", .want = { "l:7" } },
	{ "an alias is the key itself", &disk, "file=l:7", .want = { "l:7" } },
	{ "a value keeps its later '='", &disk, "volume=a=b", .want = { "a=b" } },
	{ "members of blanks are skipped", &disk, ",l:7,, \t,ro=1,",
	  .want = { [VOLUME] = "l:7", [RO] = "1" } },
	{ "booleans become 0 and 1", &disk, "l:7,ro=YES", .want = { "l:7", [RO] = "1" } },
	{ "also through an alias", &disk, "l:7,readonly=Off",
	  .want = { "l:7", [RO] = "0" } },
	{ "a bare value replaces one that is false in Perl", &disk, "volume=0,l:7",
	  .want = { "l:7" } },
	{ "but no other", &disk, "volume=00,l:7", ERR_DUPLICATE, 11,
	  "'volume' is given twice" },
	{ "an explicit value does not replace a bare one", &disk, "0,volume=l:7",
	  ERR_DUPLICATE, 3, "'volume' is given twice" },
	{ "a key is not trimmed", &disk, "l:7, ro=1", ERR_UNKNOWN, 5,
	  "unknown key ' ro'" },
	{ "keys are told apart by case", &disk, "l:7,RO=1", ERR_UNKNOWN, 5,
	  "unknown key 'RO'" },
	{ "a beginning of a key is not the key", &disk, "l:7,siz=1G", ERR_UNKNOWN, 5,
	  "unknown key 'siz'" },
	{ "nor is a longer one", &disk, "l:7,sizes=1G", ERR_UNKNOWN, 5,
	  "unknown key 'sizes'" },
	{ "a key with no value is refused", &disk, "l:7,ro=", ERR_SYNTAX, 5,
	  "'ro=' lacks its key or its value" },
	{ "a value with no key is refused", &disk, "l:7,=1", ERR_SYNTAX, 5,
	  "'=1' lacks its key or its value" },
	{ "a repeated key is refused", &disk, "l:7,ro=0,ro=1", ERR_DUPLICATE, 10,
	  "'ro' is given twice" },
	{ "a repeat by alias is refused", &disk, "l:7,ro=0,readonly=1", ERR_DUPLICATE, 10,
	  "'ro' is given twice" },
	{ "two bare values are refused", &disk, "l:7,l:8", ERR_DUPLICATE, 5,
	  "'volume' is given twice" },
	{ "even if the first is false in Perl", &disk, "0,l:7", ERR_DUPLICATE, 3,
	  "'volume' is given twice" },
	{ "a missing key is named", &disk, "ro=1", ERR_SYNTAX, 1, "'volume' is missing" },
	{ "so it is of nothing at all", &disk, "", ERR_SYNTAX, 1, "'volume' is missing" },
	{ "a format is checked", &disk, "l:7,size=8X", ERR_TYPE, 10,
	  "size: '8X' is not a size such as 8G" },
	{ "a boolean is one", &disk, "l:7,ro=2", ERR_TYPE, 8,
	  "ro: '2' is not a boolean" },
	{ "a whole number has a sign and zeros, if it likes", &disk, "l:7,count=+09",
	  .want = { "l:7", [COUNT] = "+09" } },
	{ "a whole number is one", &disk, "l:7,count=1.5", ERR_TYPE, 11,
	  "count: '1.5' is not a whole number" },
	{ "a whole number keeps its bounds", &disk, "l:7,count=10", ERR_RANGE, 11,
	  "count: 10 is out of bounds" },
	{ "one that no integer holds is out of bounds", &disk,
	  "l:7,count=-99999999999999999999", ERR_RANGE, 11,
	  "count: -99999999999999999999 is out of bounds" },
	{ "a number has fraction and exponent", &disk, "l:7,rate=.1e1",
	  .want = { "l:7", [RATE] = ".1e1" } },
	{ "a number is one", &disk, "l:7,rate=0x1", ERR_TYPE, 10,
	  "rate: '0x1' is not a number" },
	{ "nor is infinity one", &disk, "l:7,rate=inf", ERR_TYPE, 10,
	  "rate: 'inf' is not a number" },
	{ "a number keeps its bounds", &disk, "l:7,rate=1e2", ERR_RANGE, 10,
	  "rate: 1e2 is out of bounds" },
	{ "a word is one of the list", &disk, "l:7,mode=slow", ERR_UNKNOWN, 10,
	  "mode: unknown word 'slow'" },
	{ "a key that needs another is refused without", &disk, "l:7,gw=x", ERR_SYNTAX, 1,
	  "'gw' needs 'size'" },
	{ "and taken with it", &disk, "l:7,gw=x,size=1G",
	  .want = { "l:7", [SIZE] = "1G", [GW] = "x" } },
	{ "without a default key a bare value is refused", &props_ct_features, "nesting",
	  ERR_SYNTAX, 1, "'nesting' lacks its key" },
	{ "a model as key fills two", &props_vm_net,
	  "virtio=BC:24:11:00:00:02,bridge=vmbr0",
	  .want = { [VM_NET_MODEL] = "virtio",
		    [VM_NET_MACADDR] = "BC:24:11:00:00:02",
		    [VM_NET_BRIDGE] = "vmbr0" } },
	{ "a model bare fills one", &props_vm_net, "e1000", .want = { "e1000" } },
	{ "two models are refused", &props_vm_net, "virtio=BC:24:11:00:00:02,model=e1000",
	  ERR_DUPLICATE, 26, "'model' is given twice" },
	{ "two models as keys are refused", &props_vm_net,
	  "virtio=BC:24:11:00:00:02,e1000=BC:24:11:00:00:03", ERR_DUPLICATE, 26,
	  "'model' is given twice" },
	{ "two addresses are refused", &props_vm_net,
	  "macaddr=BC:24:11:00:00:02,virtio=BC:24:11:00:00:03", ERR_DUPLICATE, 27,
	  "'macaddr' is given twice" },
	{ "a CPU model is needed", &props_vm_cpu, "hidden=1", ERR_SYNTAX, 1,
	  "'cputype' is missing" },
	{ "a CPU model is known", &props_vm_cpu, "cputype=EPYC-Zen9", ERR_UNKNOWN, 1,
	  "unknown CPU model 'EPYC-Zen9'" },
	{ "a CPU flag is of those for VMs", &props_vm_cpu, "host,flags=+aes;+vmx",
	  ERR_UNKNOWN, 1, "unknown CPU flag in '+aes;+vmx'" },
	{ "reported-model is for custom models", &props_vm_cpu,
	  "host,reported-model=kvm64", ERR_TYPE, 1,
	  "'reported-model' is for custom models only" },
};

static void is_split(void **state)
{
	const struct row *t = *state;
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err e = { 0 };
	int ret = propstr_parse(t->schema, slice_of(t->in), vals, &e);

	if (t->code) {
		assert_int_equal(ret, -1);
		assert_int_equal(e.code, t->code);
		assert_int_equal(e.col, t->col);
		assert_string_equal(e.msg, t->msg);
		return;
	}
	assert_int_equal(ret, 0);
	for (size_t i = 0; i < t->schema->nkeys; i++) {
		const char *want = i < NSLOTS ? t->want[i] : NULL;

		assert_true(want ? slice_eq(vals[i], want) : !vals[i].ptr);
	}
}

static void slots_are_found(void **state)
{
	(void)state;
	assert_int_equal(propstr_slot(&disk, "ro"), RO);
	assert_int_equal(propstr_slot(&disk, "r"), -1);
	assert_int_equal(propstr_slot(&props_vm_scsi, "cache"), VM_DISK_CACHE);
	assert_int_equal(propstr_slot(&props_ct_mp, "mp"), CT_MP_MP);
	assert_int_equal(propstr_slot(&props_ct_rootfs, "mp"), -1);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, is_split);
	ROWS_ADD_ONE(&rows, "slots are found by name", slots_are_found);
	return rows_run(&rows, "propstr");
}
