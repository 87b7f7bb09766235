/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/value: placeholders, arithmetic, what each may not be. */
#include "rows.h"

#include "settings/value.h"

#include "facts-guest.h"

static const char ct_text[] = "hostname: web01\nmemory: 2048\nswap: 0\n"
			      "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01\n"
			      "net3: name=eth3\n";
static const char vm_text[] = "name: db\nmemory: 4096\ncores: 2\nsockets: 2\n"
			      "net1: virtio=BC:24:11:00:00:02,bridge=vmbr1\n";

/* What a text comes to for one of the guests above, which is 101 on pve1. */
static struct render_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want; /* "!why" when it fails, "?why" when it is known later */
} render_rows[] = {
	{ "a text without braces is itself", GUEST_CT, "4096 87380 16777216",
	  "4096 87380 16777216" },
	{ "an empty text is empty", GUEST_CT, "", "" },
	{ "the VMID", GUEST_CT, "ct-{vmid}.slice", "ct-101.slice" },
	{ "node and name", GUEST_CT, "{node}/{name}", "pve1/web01" },
	{ "memory of a container", GUEST_CT, "{memory_mib}", "2048" },
	{ "memory in bytes", GUEST_CT, "{memory_bytes}", "2147483648" },
	{ "cores of a VM", GUEST_VM, "{cores}", "4" },
	{ "half of the memory", GUEST_VM, "{memory_bytes / 2}", "2147483648" },
	{ "a product binds tighter than a sum", GUEST_CT, "{2 + 3 * 4}", "14" },
	{ "from left to right", GUEST_CT, "{100 - 10 - 5}", "85" },
	{ "a quotient drops its fraction", GUEST_CT, "{7 / 2}", "3" },
	{ "division from left to right", GUEST_CT, "{100 / 10 / 5}", "2" },
	{ "parentheses", GUEST_CT, "{(2 + 3) * (4 - 1)}", "15" },
	{ "parentheses around one number", GUEST_CT, "{((7))}", "7" },
	{ "no blanks", GUEST_CT, "{memory_mib*1024/4}", "524288" },
	{ "several placeholders", GUEST_CT, "{vmid}-{vmid + 1}-{vmid + 2}",
	  "101-102-103" },
	{ "the largest number", GUEST_CT, "{18446744073709551615}",
	  "18446744073709551615" },
	{ "interface of a container", GUEST_CT, "{net0.dev}", "veth101i0" },
	{ "interface of a VM", GUEST_VM, "{net1.dev}", "tap101i1" },
	{ "bridge", GUEST_VM, "{net1.bridge}", "vmbr1" },
	{ "name of an interface in a container", GUEST_CT, "{net0.name}", "eth0" },
	{ "a sum over 64 bits", GUEST_CT, "{18446744073709551615 + 1}",
	  "!{18446744073709551615 + 1} is over 64 bits" },
	{ "a product over 64 bits", GUEST_CT, "{memory_bytes * memory_bytes * 8}",
	  "!{memory_bytes * memory_bytes * 8} is over 64 bits" },
	{ "a difference below zero", GUEST_CT, "{1 - 2}", "!{1 - 2} is less than 0" },
	{ "a division by zero", GUEST_CT, "{memory_mib / (vmid - 101)}",
	  "!{memory_mib / (vmid - 101)} divides by zero" },
	{ "a bound that is open", GUEST_CT, "{cores}",
	  "!cores has no bound: give the guest one" },
	{ "a pool that there is not", GUEST_CT, "{pool}", "!the guest has no pool" },
	{ "a network device that there is not", GUEST_CT, "{net1.dev}",
	  "!the guest has no net1" },
	{ "a bridge that there is not", GUEST_CT, "{net3.bridge}",
	  "!net3 has no bridge" },
	{ "a VM has no names of interfaces", GUEST_VM, "{net1.name}",
	  "!net1.name is known of containers alone" },
	{ "a container has no disks of its own", GUEST_CT, "{disk0.dev}",
	  "!disk0.dev is known of VMs alone" },
	{ "a disk is known when the VM runs", GUEST_VM, "/sys/block/{disk0.dev}/queue",
	  "?the device of a disk is known once the VM runs" },
	{ "what fails counts more than what is known later", GUEST_VM,
	  "{disk0.dev} {net0.dev}", "!the guest has no net0" },
};

/* What is not compiled, and where. */
static struct refuse_row {
	const char *name, *text, *want; /* "COL: message" */
} refuse_rows[] = {
	{ "an unknown placeholder with a near one", "{memory_mb}",
	  "2: unknown placeholder 'memory_mb', did you mean 'memory_mib'?" },
	{ "an unknown placeholder without", "a {frobnicate}",
	  "4: unknown placeholder 'frobnicate'" },
	{ "a family without number", "{net.dev}",
	  "2: unknown placeholder 'net.dev', did you mean 'net0.dev'?" },
	{ "a family's number with a zero before it", "{net01.dev}",
	  "2: unknown placeholder 'net01.dev', did you mean 'net0.dev'?" },
	{ "a family's number that there is not", "{net32.dev}",
	  "2: unknown placeholder 'net32.dev', did you mean 'net0.dev'?" },
	{ "a brace that is never closed", "a {vmid", "3: this '{' is never closed" },
	{ "a brace that closes nothing", "a } b", "3: this '}' closes nothing" },
	{ "empty braces", "{}", "2: a name or number is expected before '}'" },
	{ "blank braces", "{ }", "3: a name or number is expected before '}'" },
	{ "braces in braces", "{{vmid}}", "2: a name or number is expected here" },
	{ "a sign without right side", "{1 + }",
	  "6: a name or number is expected before '}'" },
	{ "a sign without left side", "{* 2}", "2: a name or number is expected here" },
	{ "a minus before a number", "{-2}", "2: a name or number is expected here" },
	{ "two numbers", "{1 2}", "4: one of + - * / or '}' is expected here" },
	{ "another sign", "{7 % 2}", "4: one of + - * / or '}' is expected here" },
	{ "a parenthesis that is never closed", "{(1 + 2}",
	  "8: a ')' is missing before '}'" },
	{ "a parenthesis that closes nothing", "{1)}", "3: this ')' closes nothing" },
	{ "empty parentheses", "{()}", "3: a name or number is expected here" },
	{ "reckoning with a text", "{name + 1}",
	  "2: '{name + 1}' reckons with a text: only numbers can be added, multiplied "
	  "and "
	  "divided" },
	{ "a number with a zero before it", "{010}",
	  "2: '010' is no decimal number of at most 64 bits" },
	{ "a number over 64 bits", "{18446744073709551616}",
	  "2: '18446744073709551616' is no decimal number of at most 64 bits" },
	{ "a number with a suffix", "{2G}",
	  "2: '2G' is no decimal number of at most 64 bits" },
	{ "parentheses too deep", "{(((((((((((((((((1)))))))))))))))))}",
	  "18: parentheses go at most 16 deep" },
};

/* Guests that have not what is asked of them, and what is said then. */
static struct odd_row {
	const char *name;
	enum guest_kind kind;
	const char *guest, *text, *want;
	bool nameless; /* its file has no VMID */
} odd_rows[] = {
	{ "no cores that bound it", GUEST_CT, "", "{cores}",
	  "cores has no bound: give the guest one", false },
	{ "memory that is no number", GUEST_CT, "memory: lots\n", "{memory_mib}",
	  "memory_mib is unknown: memory: 'lots' is not a number", false },
	{ "no name", GUEST_CT, "", "{name}", "the guest has no name", false },
	{ "a name that leads elsewhere", GUEST_CT, "hostname: ..\n", "/sys/{name}",
	  "name is '..', which cannot stand in a path", false },
	{ "no such interface", GUEST_CT, "net0: name=eth0,bridge=vmbr0\n", "{net1.dev}",
	  "the guest has no net1", false },
	{ "an interface that cannot be read", GUEST_CT, "net2: name\n", "{net2.name}",
	  "net2 cannot be read: ", false },
	{ "one without a bridge", GUEST_CT, "net0: name=eth0\n", "{net0.bridge}",
	  "net0 has no bridge", false },
	{ "one whose bridge leads elsewhere", GUEST_CT, "net3: name=eth3,bridge=..\n",
	  "/sys/class/net/{net3.bridge}",
	  "net3.bridge is '..', which cannot stand in a path", false },
	{ "an interface of a file that is no guest's", GUEST_CT,
	  "net0: name=eth0,bridge=vmbr0\n", "{net0.dev}",
	  "net0.dev is not known: the file's name is no VMID", true },
	{ "a VM's, too", GUEST_VM, "net0: virtio,bridge=vmbr0\n", "{net0.dev}",
	  "net0.dev is not known: the file's name is no VMID", true },
};

static void check_odd(void **state)
{
	const struct odd_row *t = *state;
	const struct value *v = NULL;
	struct value_world w = { 0 };
	struct fact_set set = { 0 };
	struct facts_guest g;
	struct slice got;
	const char *why = NULL;
	struct err e = { 0 };

	facts_guest_read(&g, t->kind, t->guest);
	g.in.vmid = t->nameless ? 0 : 101;
	assert_int_equal(value_compile(slice_of(t->text), &g.arena, &v, &e), 0);
	value_facts(v, &set);
	assert_int_equal(facts_load(&g.in, &set, &g.arena, &g.facts, &e), 0);
	w.in = &g.in;
	w.facts = &g.facts;
	assert_int_equal(value_render(v, &w, &g.arena, &got, &why), VALUE_FAILED);
	assert_memory_equal(why, t->want, strlen(t->want));
	assert_true(slice_eq(got, t->text));
	facts_guest_done(&g);
}

/* Renders the row for its guest. */
static void check_render(void **state)
{
	const struct render_row *t = *state;
	const struct value *v = NULL;
	struct value_world w = { 0 };
	struct fact_set set = { 0 };
	struct facts_guest g;
	struct slice got;
	const char *why = NULL;
	struct err e = { 0 };
	char text[256];

	facts_guest_read(&g, t->kind, t->kind == GUEST_CT ? ct_text : vm_text);
	g.in.vmid = 101;
	g.in.node = slice_of("pve1");
	assert_int_equal(value_compile(slice_of(t->text), &g.arena, &v, &e), 0);
	assert_int_equal(value_is_plain(v), !strchr(t->text, '{'));
	value_facts(v, &set);
	assert_int_equal(facts_load(&g.in, &set, &g.arena, &g.facts, &e), 0);
	w.in = &g.in;
	w.facts = &g.facts;
	switch (value_render(v, &w, &g.arena, &got, &why)) {
	case VALUE_KNOWN:
		(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(got));
		break;
	case VALUE_LATER:
		(void)snprintf(text, sizeof(text), "?%s", why);
		break;
	case VALUE_FAILED:
		(void)snprintf(text, sizeof(text), "!%s", why);
		break;
	}
	assert_string_equal(text, t->want);
	if (*t->want == '?' || *t->want == '!')
		assert_true(slice_eq(got, t->text));
	facts_guest_done(&g);
}

/* The row is not compiled. */
static void check_refuse(void **state)
{
	const struct refuse_row *t = *state;
	struct arena a = { 0 };
	const struct value *v = NULL;
	struct err e = { 0 };
	char text[ERR_MSG_MAX + 16];

	assert_int_equal(value_compile(slice_of(t->text), &a, &v, &e), -1);
	(void)snprintf(text, sizeof(text), "%u: %s", e.col, e.msg);
	assert_string_equal(text, t->want);
	arena_done(&a);
}

/* Disks of a VM that runs. */
static void check_disks(void **state)
{
	static const struct slice disks[] = { { "dm-3", 4 }, { "..", 2 } };
	struct facts_guest g;
	struct value_world w = { .in = &g.in,
				 .facts = &g.facts,
				 .disks = disks,
				 .ndisks = 2,
				 .running = true };
	const struct value *v = NULL;
	const char *why = NULL;
	struct err e = { 0 };
	struct slice got;

	(void)state;
	facts_guest_read(&g, GUEST_VM, vm_text);
	assert_int_equal(value_compile(slice_of("/{disk0.dev}"), &g.arena, &v, &e), 0);
	assert_int_equal(value_render(v, &w, &g.arena, &got, &why), VALUE_KNOWN);
	assert_true(slice_eq(got, "/dm-3"));
	assert_int_equal(value_compile(slice_of("/{disk1.dev}"), &g.arena, &v, &e), 0);
	assert_int_equal(value_render(v, &w, &g.arena, &got, &why), VALUE_FAILED);
	assert_string_equal(why, "disk1.dev is '..', which cannot stand in a path");
	assert_int_equal(value_compile(slice_of("/{disk2.dev}"), &g.arena, &v, &e), 0);
	assert_int_equal(value_render(v, &w, &g.arena, &got, &why), VALUE_FAILED);
	assert_string_equal(why, "the VM has no disk2 on a block device of the node");
	facts_guest_done(&g);
}

/* Limits: bytes, parts, steps. */
static void check_limits(void **state)
{
	char text[2 * VALUE_MAX_BYTES];
	struct arena a = { 0 };
	const struct value *v = NULL;
	struct err e = { 0 };
	size_t n = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(
		value_compile((struct slice){ text, VALUE_MAX_BYTES }, &a, &v, &e), 0);
	assert_int_equal(
		value_compile((struct slice){ text, VALUE_MAX_BYTES + 1 }, &a, &v, &e),
		-1);
	assert_string_equal(e.msg, "a value has at most 1024 bytes");
	for (size_t i = 0; i < VALUE_MAX_PARTS; i++)
		memcpy(text + 3 * i, "{1}", 3);
	n = (size_t)3 * VALUE_MAX_PARTS;
	assert_int_equal(value_compile((struct slice){ text, n }, &a, &v, &e), 0);
	assert_int_equal(value_compile((struct slice){ text, n + 1 }, &a, &v, &e), -1);
	assert_string_equal(e.msg, "a value has at most 32 texts and placeholders");
	memset(text, '+', sizeof(text));
	*text = '{';
	for (size_t i = 0; i < VALUE_MAX_OPS; i++)
		text[1 + 2 * i] = '1';
	text[VALUE_MAX_OPS] = '}'; /* 32 numbers, 31 signs */
	assert_int_equal(
		value_compile((struct slice){ text, VALUE_MAX_OPS + 1 }, &a, &v, &e), 0);
	text[VALUE_MAX_OPS] = '+';
	text[2 * VALUE_MAX_OPS] = '}';
	assert_int_equal(
		value_compile((struct slice){ text, 2 * VALUE_MAX_OPS + 1 }, &a, &v, &e),
		-1);
	assert_string_equal(e.msg,
			    "a placeholder has at most 64 numbers, names and signs");
	arena_done(&a);
}

int main(void)
{
	struct rows r = { 0 };

	ROWS_ADD(&r, render_rows, check_render);
	ROWS_ADD(&r, odd_rows, check_odd);
	ROWS_ADD(&r, refuse_rows, check_refuse);
	ROWS_ADD_ONE(&r, "disks of a VM that runs", check_disks);
	ROWS_ADD_ONE(&r, "limits", check_limits);
	return rows_run(&r, "settings-value");
}
