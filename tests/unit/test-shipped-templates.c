/* SPDX-License-Identifier: MIT */
/*
 * The settings templates that are shipped: for each a guest that it is for, one that it is not
 * for, and exactly what it sets.
 */
#include "rows.h"

#include "settings/plan.h"
#include "settings/store.h"

#include "facts-guest.h"
#include "root.h"

static struct shipped_row {
	const char *name;
	enum guest_kind kind;
	const char *guest, *other; /* files: it is for this guest, and not for that */
	const char *want;
} shipped_rows[] = {
	{ "appliance-vm", GUEST_VM, "name: fw\ntags: opnsense\n", "name: fw\ntags: web\n",
	  "option balloon = 0\n"
	  "option onboot = 1\n" },
	{ "cache-ct", GUEST_CT, "tags: redis\n", "tags: redis-commander\n",
	  "sysctl net.core.somaxconn = 4096\n"
	  "sysctl net.ipv4.tcp_max_syn_backlog = 4096\n" },
	{ "ci-vm", GUEST_VM, "tags: gitlab-runner\n", "tags: gitlab\n",
	  "sysctl fs.inotify.max_user_instances = 512\n"
	  "sysctl fs.inotify.max_user_watches = 524288\n"
	  "sysctl kernel.dmesg_restrict = 1\n"
	  "sysctl kernel.kptr_restrict = 2\n"
	  "sysctl vm.max_map_count = 1048576\n" },
	{ "database-hugepages-vm", GUEST_VM, "memory: 8192\ntags: database-hugepages\n",
	  "memory: 8192\ntags: database\n",
	  "option hugepages = 2\n"
	  "option numa = 1\n"
	  "sysctl vm.nr_hugepages = 1088\n"
	  "sysctl vm.swappiness = 1\n" },
	{ "database-vm", GUEST_VM, "tags: mariadb\n", "tags: mariadb-client\n",
	  "option numa = 1\n"
	  "sysctl vm.swappiness = 1\n"
	  "host /sys/block/{disk0.dev}/queue/scheduler = none, later\n" },
	{ "dns-ct", GUEST_CT, "tags: pihole\n", "",
	  "sysctl net.ipv4.ip_local_port_range = 1024 65535\n"
	  "sysctl net.ipv4.ip_unprivileged_port_start = 53\n" },
	{ "docker-vm", GUEST_VM, "tags: podman\n", "name: docker\n",
	  "sysctl fs.inotify.max_user_instances = 512\n"
	  "sysctl fs.inotify.max_user_watches = 524288\n"
	  "sysctl vm.max_map_count = 1048576\n" },
	{ "gpu-ct", GUEST_CT, "tags: jellyfin\n", "tags: nginx\n",
	  "device /dev/dri/renderD* = ,gid=render,mode=0660\n" },
	{ "gpu-vm", GUEST_VM, "tags: plex\nhostpci0: mapping=gpu\n", "tags: plex\n",
	  "option balloon = 0\n" },
	{ "kubernetes-vm", GUEST_VM, "tags: k3s\n", "tags: k3s-docs\n",
	  "sysctl fs.inotify.max_user_instances = 512\n"
	  "sysctl fs.inotify.max_user_watches = 524288\n"
	  "sysctl kernel.keys.root_maxbytes = 25000000\n"
	  "sysctl kernel.keys.root_maxkeys = 1000000\n"
	  "sysctl kernel.panic = 10\n"
	  "sysctl kernel.panic_on_oops = 1\n"
	  "sysctl net.ipv4.ip_forward = 1\n"
	  "sysctl vm.overcommit_memory = 1\n"
	  "sysctl vm.panic_on_oom = 0\n" },
	{ "mail-vm", GUEST_VM, "tags: dovecot\n", "tags: webmail\n",
	  "sysctl fs.inotify.max_user_instances = 65535\n" },
	{ "nas-vm", GUEST_VM, "tags: truenas\n", "tags: nas-backup\n",
	  "option balloon = 0\n" },
	{ "nfs-ct", GUEST_CT, "tags: nfs\nunprivileged: 0\n",
	  "tags: nfs\nunprivileged: 1\n",
	  "module cifs = load\n"
	  "module nfs = load\n"
	  "option features = mount=nfs;cifs\n" },
	{ "usb-serial-ct", GUEST_CT, "tags: zigbee2mqtt\n", "tags: mosquitto\n",
	  "device /dev/serial/by-id/* = ,gid=dialout,mode=0660\n" },
	{ "vpn-vm", GUEST_VM, "tags: openvpn\n", "tags: web\n",
	  "sysctl net.ipv4.ip_forward = 1\n"
	  "sysctl net.ipv6.conf.all.forwarding = 1\n" },
	{ "web-ct", GUEST_CT, "tags: caddy;shop\n", "tags: webmail\n",
	  "sysctl net.core.somaxconn = 4096\n"
	  "sysctl net.ipv4.ip_local_port_range = 10240 65535\n"
	  "sysctl net.ipv4.ip_unprivileged_port_start = 80\n" },
	{ "windows-vm", GUEST_VM, "ostype: win11\n", "ostype: l26\n",
	  "option agent = 1\n" },
	{ "wireguard-ct", GUEST_CT, "tags: wireguard\nunprivileged: 1\n", "tags: wire\n",
	  "module wireguard = load\n"
	  "device /dev/net/tun = ,mode=0666\n"
	  "sysctl net.ipv4.ip_forward = 1\n"
	  "sysctl net.ipv6.conf.all.forwarding = 1\n" },
};

/* The plan of @t for the guest @text, as text; "none" where it is not for it. */
static void plan(const struct template *t, enum guest_kind kind, const char *text,
		 struct buf *out)
{
	struct chosen chosen = { .t = t };
	struct facts_guest g;
	struct value_world w = { .in = &g.in, .facts = &g.facts };
	struct fact_set set = { 0 };
	struct plan p;
	struct err e = { 0 };

	facts_guest_read(&g, kind, text);
	g.in.vmid = 101;
	expr_facts(t->match, &set);
	plan_facts(t, &set);
	assert_int_equal(facts_load(&g.in, &set, &g.arena, &g.facts, &e), 0);
	if (!template_is_for(t, kind) || expr_eval(t->match, &g.facts) != TRI_TRUE) {
		buf_puts(out, "none");
		facts_guest_done(&g);
		return;
	}
	assert_int_equal(plan_make(&chosen, 1, &w, &g.arena, &p, &e), 0);
	for (size_t i = 0; i < p.n; i++)
		buf_printf(out, "%s %.*s = %.*s%s\n", setting_kind_name(p.items[i].kind),
			   SLICE_ARG(p.items[i].target), SLICE_ARG(p.items[i].value),
			   p.items[i].state == VALUE_LATER ? ", later" : "");
	for (size_t i = 0; i < p.nproblems; i++)
		buf_printf(out, "problem: %s\n", p.problems[i].what);
	facts_guest_done(&g);
}

/* Checks one template. */
static void check_row(void **state)
{
	const struct shipped_row *t = *state;
	enum guest_kind other = t->kind == GUEST_CT ? GUEST_VM : GUEST_CT;
	AUTO(root_done) struct root r = root_make();
	AUTO(templates_done) struct templates set = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct template_row *row;
	struct err e = { 0 };

	assert_int_equal(templates_load(r.fd, FILE_OWNER_ANY, &set, &e), 0);
	row = templates_find(&set, slice_of(t->name));
	assert_non_null(row);
	assert_int_equal(templates_complete(&set, row, &e), 0);
	plan(&row->t, t->kind, t->guest, &out);
	assert_string_equal(buf_text(&out), t->want);
	buf_reset(&out);
	plan(&row->t, t->kind, t->other, &out);
	assert_string_equal(buf_text(&out), "none");
	buf_reset(&out);
	plan(&row->t, other, t->guest, &out);
	assert_string_equal(buf_text(&out), "none");
}

/* No template is without a row. */
static void check_all(void **state)
{
	size_t n = 0;

	(void)state;
	while (template_shipped(n)) {
		assert_true(n < ARRAY_LEN(shipped_rows));
		assert_string_equal(template_shipped(n)->name, shipped_rows[n].name);
		n++;
	}
	assert_int_equal(n, ARRAY_LEN(shipped_rows));
}

int main(void)
{
	struct rows r = { 0 };

	ROWS_ADD(&r, shipped_rows, check_row);
	ROWS_ADD_ONE(&r, "every shipped template has its row", check_all);
	return rows_run(&r, "shipped-templates");
}
