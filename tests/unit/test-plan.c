/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/plan: what several templates come to for one guest. */
#include "rows.h"

#include "settings/plan.h"

#include "facts-guest.h"

/* Templates, and the plan that they come to for container or VM 101. */
static struct plan_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} plan_rows[] = {
	{ "nothing", GUEST_CT, "settings \"a\" { }", "" },
	{ "sorted by kind, then by what is set", GUEST_VM,
	  "settings \"a\" {\n host \"/sys/b\" { value = 1 }\n sysctl \"vm.b\" { value = "
	  "2 "
	  "}\n sysctl \"vm.a\" { value = 3 }\n option \"numa\" { value = 1 }\n}",
	  "option numa = 1 (a:5)\nsysctl vm.a = 3 (a:4)\nsysctl vm.b = 2 (a:3)\n"
	  "host /sys/b = 1 (a:2)\n" },
	{ "placeholders on both sides", GUEST_VM,
	  "settings \"a\" {\n host \"/sys/class/net/{net0.dev}/x\" { value = "
	  "\"{memory_mib * 2}\" }\n}",
	  "host /sys/class/net/tap101i0/x = 1024 (a:2)\n" },
	{ "what is known once the VM runs stands as it was written", GUEST_VM,
	  "settings \"a\" {\n host \"/sys/block/{disk0.dev}/x\" { value = 1 }\n}",
	  "host /sys/block/{disk0.dev}/x = 1 (a:2), later: the device of a disk is known "
	  "once the VM runs\n" },
	{ "a dot in an interface's name is no dot between parts of a sysctl", GUEST_CT,
	  "settings \"a\" {\n sysctl \"net.ipv4.conf.{net0.name}.rp_filter\" { value = "
	  "\"{net0.name}\" }\n sysctl \"net/ipv6/conf/{net0.name}/mtu\" { value = 1 }\n"
	  " host \"/proc/sys/net/{net0.name}\" { value = 1 }\n}",
	  "sysctl net.ipv4.conf.lan/5.rp_filter = lan.5 (a:2)\n"
	  "sysctl net/ipv6/conf/lan.5/mtu = 1 (a:3)\n"
	  "host /proc/sys/net/lan.5 = 1 (a:4)\n" },
	{ "two that agree are one", GUEST_CT,
	  "settings \"a\" {\n sysctl \"net.x\" { value = 1 }\n}\n"
	  "settings \"b\" {\n sysctl \"net.x\" { value = \"{2 - 1}\" }\n}",
	  "sysctl net.x = 1 (a:2)\n" },
	{ "two that differ are an error that names both", GUEST_CT,
	  "settings \"a\" {\n sysctl \"net.x\" { value = 1 }\n sysctl \"net.y\" { value "
	  "= "
	  "1 }\n}\n"
	  "settings \"b\" {\n sysctl \"net.x\" { value = 2 }\n}",
	  "sysctl net.y = 1 (a:3)\n"
	  "problem: sysctl net.x: template 'a' wants 1 (/t/a.conf:2), 'b' wants 2 "
	  "(/t/a.conf:6)\n" },
	{ "of three, one that differs is enough", GUEST_CT,
	  "settings \"a\" {\n sysctl \"net.x\" { value = 1 }\n}\n"
	  "settings \"b\" {\n sysctl \"net.x\" { value = 1 }\n}\n"
	  "settings \"c\" {\n required = yes\n sysctl \"net.x\" { value = 2 }\n}",
	  "required problem: sysctl net.x: template 'a' wants 1 (/t/a.conf:2), 'c' wants "
	  "2 (/t/a.conf:9)\n" },
	{ "a module that is loaded is there", GUEST_CT,
	  "settings \"a\" {\n module \"tun\" { }\n}\n"
	  "settings \"b\" {\n module \"tun\" { load = yes }\n}",
	  "module tun = load (b:5)\n" },
	{ "a device given in two ways", GUEST_CT,
	  "settings \"a\" {\n device \"/dev/net/tun\" { }\n}\n"
	  "settings \"b\" {\n device \"/dev/net/tun\" { mode = 0666 }\n}",
	  "problem: device /dev/net/tun: template 'a' wants nothing said (/t/a.conf:2), "
	  "'b' wants mode=0666 (/t/a.conf:5)\n" },
	{ "a device for a VM", GUEST_VM,
	  "settings \"a\" {\n device \"/dev/net/tun\" { }\n}",
	  "problem: device /dev/net/tun: a VM is given devices by hostpciN and usbN, not "
	  "by a template\n" },
	{ "an option that the guest's kind has not", GUEST_CT,
	  "settings \"a\" {\n option \"numa\" { value = 1 }\n}",
	  "problem: option numa: a container has no such option\n" },
	{ "an option's value that is reckoned badly", GUEST_VM,
	  "settings \"a\" {\n required = yes\n option \"numa\" { value = "
	  "\"{memory_mib}\" "
	  "}\n}",
	  "required problem: option numa: '512': " },
	{ "a division by zero", GUEST_VM,
	  "settings \"a\" {\n sysctl \"vm.x\" { value = \"{memory_mib / 0}\" }\n}",
	  "problem: sysctl vm.x: {memory_mib / 0} divides by zero\n" },
};

/* Writes @p as text. */
static void show(const struct plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_item *it = &p->items[i];

		buf_printf(out, "%s %.*s = %.*s (%.*s:%u)%s%s\n",
			   setting_kind_name(it->kind), SLICE_ARG(it->target),
			   SLICE_ARG(it->value), SLICE_ARG(it->t->name),
			   it->setting->line, it->state == VALUE_LATER ? ", later: " : "",
			   it->state == VALUE_LATER ? it->why : "");
	}
	for (size_t i = 0; i < p->nproblems; i++)
		buf_printf(out, "%sproblem: %s\n",
			   p->problems[i].required ? "required " : "",
			   p->problems[i].what);
}

/* Makes the plan of the row's templates. */
static void check_plan(void **state)
{
	const struct plan_row *t = *state;
	struct template templates[4];
	struct chosen chosen[4];
	struct fact_set set = { 0 };
	struct problems problems = { 0 };
	struct conf *conf = NULL;
	struct facts_guest g;
	struct value_world w = { .in = &g.in, .facts = &g.facts };
	struct buf out = { 0 };
	struct plan p;
	struct err e = { 0 };
	size_t n;

	facts_guest_read(&g, t->kind,
			 t->kind == GUEST_CT
				 ? "hostname: web01\nnet0: name=lan.5,bridge=vmbr0\n"
				 : "name: db\nnet0: virtio=BC:24:11:00:00:02\n");
	g.in.vmid = 101;
	assert_int_equal(conf_parse(&template_file_schema, "/t/a.conf", slice_of(t->text),
				    &conf, &problems),
			 0);
	n = conf_root(conf)->nnodes;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(template_read(&conf_root(conf)->nodes[i], "/t/a.conf",
					       &g.arena, &templates[i], &problems),
				 0);
		chosen[i] = (struct chosen){ .t = &templates[i] };
		plan_facts(&templates[i], &set);
	}
	assert_int_equal(facts_load(&g.in, &set, &g.arena, &g.facts, &e), 0);
	assert_int_equal(plan_make(chosen, n, &w, &g.arena, &p, &e), 0);
	show(&p, &out);
	if (*t->want && t->want[strlen(t->want) - 1] != '\n')
		assert_memory_equal(buf_text(&out), t->want, strlen(t->want));
	else
		assert_string_equal(buf_text(&out), t->want);
	buf_done(&out);
	conf_free(conf);
	facts_guest_done(&g);
}

int main(void)
{
	struct rows r = { 0 };

	ROWS_ADD(&r, plan_rows, check_plan);
	return rows_run(&r, "plan");
}
