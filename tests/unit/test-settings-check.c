/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/{check,device,owner}: what a guest or its node lacks. */
#include "rows.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include "facts/smbios.h"
#include "settings/check.h"
#include "settings/device.h"
#include "settings/owner.h"

#include "facts-guest.h"
#include "noread.h"
#include "root.h"

#define GIVEN  SMBIOS_OURS "dm0uc3dhcHBpbmVzcyA9IDEK" /* vm.swappiness = 1 */
#define TUN    "device \"/dev/net/tun\" { mode = 0666 } "
#define RENDER "device \"/dev/dri/renderD*\" { gid = render optional = yes } "
#define SERIAL "device \"/dev/serial/by-id/*\" { gid = dialout } "

/* A guest, what a template wants for it, and what is missing; "~" before what is harmless. */
static struct check_row {
	const char *name;
	enum guest_kind kind;
	const char *guest, *settings, *want;
	bool unread; /* directories cannot be read to their end */
} check_rows[] = {
	{ "nothing wanted", GUEST_CT, "", "", "" },
	{ "a device that is not given", GUEST_CT, "", TUN,
	  "the container is not given /dev/net/tun; pct set 101 --dev0 "
	  "/dev/net/tun,mode=0666\n" },
	{ "the first devN that is free", GUEST_CT, "dev0: /dev/fuse\ndev2: /dev/kvm\n",
	  TUN,
	  "the container is not given /dev/net/tun; pct set 101 --dev1 "
	  "/dev/net/tun,mode=0666\n" },
	{ "given by devN", GUEST_CT, "dev4: /dev/net/tun,mode=0600\n", TUN, "" },
	{ "given by devN with a slash too many", GUEST_CT, "dev4: /dev/net//tun\n", TUN,
	  "" },
	{ "given by a raw pair", GUEST_CT,
	  "lxc.cgroup2.devices.allow: c 10:200 rwm\n"
	  "lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\n",
	  TUN, "" },
	{ "all devices allowed", GUEST_CT,
	  "lxc.cgroup2.devices.allow: a\n"
	  "lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\n",
	  TUN, "" },
	{ "an empty allow drops those before it", GUEST_CT,
	  "lxc.cgroup2.devices.allow: c 10:200 rwm\nlxc.cgroup2.devices.allow:\n"
	  "lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\n",
	  TUN,
	  "a raw line mounts /dev/net/tun (c 10:200), and none allows its use; add "
	  "lxc.cgroup2.devices.allow: c 10:200 rwm, or give it by pct set 101 --dev0 "
	  "/dev/net/tun in place of the raw line (3)\n" },
	{ "a block device's numbers are no character device's", GUEST_CT,
	  "lxc.cgroup2.devices.allow: b 10:200 rwm\n"
	  "lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\n",
	  TUN,
	  "the raw line allows another device than /dev/net/tun, which is c 10:200 on "
	  "this "
	  "node; write in line 1 of /etc/pve/guest.conf: lxc.cgroup2.devices.allow: c "
	  "10:200 rwm (1)\n" },
	{ "given twice", GUEST_CT,
	  "dev0: /dev/net/tun\nlxc.mount.entry: /dev/net/tun dev/net/tun none bind\n",
	  TUN,
	  "dev0 and a raw line both give it, which stops the start; remove line 2 of "
	  "/etc/pve/guest.conf (2)\n" },
	{ "a node that is missing", GUEST_CT, "", "device \"/dev/ppp\" { }",
	  "/dev/ppp: there is no such device on this node; modprobe ppp_generic\n" },
	{ "a node that is missing, though given", GUEST_CT, "dev0: /dev/ppp\n",
	  "device \"/dev/ppp\" { optional = yes }",
	  "/dev/ppp: there is no such device on this node; modprobe ppp_generic\n" },
	{ "a plain file in its place", GUEST_CT, "dev0: /dev/fuse\n",
	  "device \"/dev/fuse\" { }",
	  "/dev/fuse on this node is a plain file, not a device; rm /dev/fuse; modprobe "
	  "fuse\n" },
	{ "a node with other numbers", GUEST_CT, "dev0: /dev/uinput\n",
	  "device \"/dev/uinput\" { }",
	  "/dev/uinput on this node is c 10:99, and should be c 10:223; rm /dev/uinput; "
	  "modprobe uinput\n" },
	{ "a raw line that mounts another device in its place", GUEST_CT,
	  "lxc.cgroup2.devices.allow: c 10:200 rwm\n"
	  "lxc.mount.entry: /dev/ttyS0 dev/net/tun none bind,create=file\n",
	  TUN,
	  "the raw line mounts /dev/ttyS0 in its place, not /dev/net/tun (c 10:200); "
	  "write in line 2 of /etc/pve/guest.conf: lxc.mount.entry: /dev/net/tun "
	  "dev/net/tun none bind,create=file (2)\n" },
	{ "a raw line that mounts a plain file in its place", GUEST_CT,
	  "lxc.cgroup2.devices.allow: c 10:200 rwm\n"
	  "lxc.mount.entry: /etc/passwd /dev/net/tun none bind,create=file\n",
	  TUN,
	  "the raw line mounts /etc/passwd in its place, not /dev/net/tun (c 10:200); "
	  "write in line 2 of /etc/pve/guest.conf: lxc.mount.entry: /dev/net/tun "
	  "dev/net/tun none bind,create=file (2)\n" },
	{ "a raw line that mounts it by another name", GUEST_CT,
	  "lxc.cgroup2.devices.allow: c 10:200 rwm\n"
	  "lxc.mount.entry: /dev/other dev/net/tun none bind,create=file\n",
	  TUN, "" },
	{ "a stable name, given by it", GUEST_CT, "dev0: /dev/serial/by-id/usb-x\n",
	  SERIAL, "" },
	{ "a stable name, given by another", GUEST_CT, "dev2: /dev/ttyS1\n", SERIAL,
	  "~/dev/ttyS1 is /dev/serial/by-id/usb-x by a name that can be another device's "
	  "after a restart; pct set 101 --dev2 /dev/serial/by-id/usb-x,gid=20 (1)\n" },
	{ "a stable name, not given", GUEST_CT, "dev2: /dev/ttyS0\n", SERIAL,
	  "the container is not given /dev/serial/by-id/usb-x; pct set 101 --dev0 "
	  "/dev/serial/by-id/usb-x,gid=20\n" },
	{ "a pattern that one node fits; its group is not known", GUEST_CT, "", RENDER,
	  "~the container is not given /dev/dri/renderD128; pct set 101 --dev0 "
	  "/dev/dri/renderD128,gid=N, N as in the container: getent group render\n" },
	{ "a pattern that a devN fits", GUEST_CT, "dev1: /dev/dri/renderD129\n",
	  "device \"/dev/dri/renderD*\" { }",
	  "/dev/dri/renderD129: there is no such device on this node; look whether the "
	  "hardware is there and its driver loaded: dmesg, lsmod\n" },
	{ "a pattern that nothing fits", GUEST_CT, "", "device \"/dev/ttyACM*\" { }",
	  "no device of this node fits /dev/ttyACM*; look whether the hardware is there "
	  "and its driver loaded: dmesg, lsmod\n" },
	{ "a pattern whose directory cannot be read to its end", GUEST_CT, "",
	  "device \"/dev/dri/*\" { }",
	  "which devices of this node fit /dev/dri/* cannot be told: /dev/dri: "
	  "Input/output error; ls /dev/dri\n",
	  true },
	{ "or cannot be read at all", GUEST_CT, "", "device \"/dev/fuse/*\" { }",
	  "which devices of this node fit /dev/fuse/* cannot be told: /dev/fuse: Not a "
	  "directory; ls /dev/fuse\n" },
	{ "a pattern that several fit", GUEST_CT, "", "device \"/dev/ttyS*\" { }",
	  "2 devices of this node fit /dev/ttyS*, and the container is given none of "
	  "them; "
	  "pct set 101 --dev0 PATH, with one of: ls /dev/ttyS*\n" },
	{ "a missing node is not missed where its module makes it", GUEST_CT,
	  "dev0: /dev/ppp\n",
	  "device \"/dev/ppp\" { } module \"ppp_generic\" { load = yes }", "" },
	{ "nor one of hardware where any module may", GUEST_CT, "dev0: /dev/accel0\n",
	  "device \"/dev/accel0\" { } module \"nowhere\" { load = yes }", "" },
	{ "another module does not make it", GUEST_CT, "dev0: /dev/ppp\n",
	  "device \"/dev/ppp\" { } module \"nowhere\" { load = yes }",
	  "/dev/ppp: there is no such device on this node; modprobe ppp_generic\n" },
	{ "a module that is loaded", GUEST_CT, "", "module \"br-netfilter\" { }", "" },
	{ "a module that is not", GUEST_CT, "", "module \"nowhere\" { }",
	  "the kernel module nowhere is not loaded on this node; modprobe nowhere; at "
	  "every boot: echo nowhere >/etc/modules-load.d/nowhere.conf\n" },
	{ "a sysctl that the VM is not given", GUEST_VM, "",
	  "sysctl \"vm.a\" { value = 1 } sysctl \"vm.b\" { value = 2 }",
	  "~sysctl vm.a is not in the VM's args, the template wants 1 (and 1 more); "
	  "pve-safe template apply t 101; it acts from the next start on\n" },
	{ "a sysctl that the VM is given", GUEST_VM, "args: -x " GIVEN "\n",
	  "sysctl \"vm.swappiness\" { value = 1 }", "" },
	{ "one that is another in the VM", GUEST_VM, "args: " GIVEN "\n",
	  "sysctl \"vm.swappiness\" { value = 7 }",
	  "~sysctl vm.swappiness is 1 in the VM's args, the template wants 7; pve-safe "
	  "template apply t 101; it acts from the next start on (1)\n" },
	{ "what no template wants is left over", GUEST_VM, "args: " GIVEN "\n", "",
	  "leftover: args sets vm.swappiness = 1 in the VM, which no template wants "
	  "(1)\n" },
	{ "sysctls that are not as we write them", GUEST_VM,
	  "args: " SMBIOS_OURS "Zm9v\n", "",
	  "leftover: args gives the VM sysctls that are not as pve-safe writes them: "
	  "'foo' is no sysctl with a value (1)\n" },
	{ "a sysctl by an agent that is there", GUEST_VM, "agent: 1\n",
	  "sysctl \"vm.a\" { value = 1 by = agent }", "" },
	{ "sysctls by an agent that is not, said once", GUEST_VM, "",
	  "sysctl \"vm.a\" { value = 1 by = agent } sysctl \"vm.b\" { value = 1 by = "
	  "agent }",
	  "~sysctl vm.a is set by the guest agent, and the VM has none enabled; qm set "
	  "101 --agent 1, and install qemu-guest-agent in the guest\n" },
	{ "an agent that is switched off keeps what else it has", GUEST_VM,
	  "agent: 0,fstrim_cloned_disks=1\n", "sysctl \"vm.a\" { value = 1 by = agent }",
	  "~sysctl vm.a is set by the guest agent, and the VM has none enabled; qm set "
	  "101 --agent 1,fstrim_cloned_disks=1, and install qemu-guest-agent in the "
	  "guest\n" },
	{ "an option that is not set", GUEST_VM, "", "option \"numa\" { value = 1 }",
	  "~numa is not set, the template wants 1; qm set 101 --numa 1\n" },
	{ "an option that is another", GUEST_VM, "numa: 0\n",
	  "option \"numa\" { value = 1 }",
	  "~numa is 0, the template wants 1; qm set 101 --numa 1 (1)\n" },
	{ "an option spelled otherwise", GUEST_VM, "numa: yes\n",
	  "option \"numa\" { value = on }", "" },
	{ "an option that says more", GUEST_VM,
	  "agent: enabled=1,fstrim_cloned_disks=1\n", "option \"agent\" { value = 1 }",
	  "" },
	{ "an option that says less", GUEST_CT, "features: nesting=1\n",
	  "option \"features\" { value = \"mount=nfs\" }",
	  "~features is nesting=1, the template wants mount=nfs; pct set 101 --features "
	  "nesting=1,mount=nfs (1)\n" },
	{ "an option that says something else keeps the rest", GUEST_VM,
	  "agent: fstrim_cloned_disks=1,enabled=0,type=isa\n",
	  "option \"agent\" { value = 1 }",
	  "~agent is fstrim_cloned_disks=1,enabled=0,type=isa, the template wants 1; qm "
	  "set 101 --agent 1,type=isa,fstrim_cloned_disks=1 (1)\n" },
	{ "an option that nobody can read is set as a whole", GUEST_CT,
	  "features: nesting\n", "option \"features\" { value = \"mount=nfs\" }",
	  "~features is nesting, the template wants mount=nfs; pct set 101 --features "
	  "mount=nfs (1)\n" },
	{ "a value that a shell would take apart is quoted", GUEST_CT, "",
	  "option \"features\" { value = \"mount=nfs;cifs\" }",
	  "~features is not set, the template wants mount=nfs;cifs; pct set 101 "
	  "--features 'mount=nfs;cifs'\n" },
};

/* Makes a root with devices, of which nobody needs to be root to look at. */
static struct root make_root(void)
{
	struct root r = root_make();

	put(&r, "dev/fuse", "", 0);
	put(&r, "dev/net/x", "", 0);
	put(&r, "dev/dri/card0", "", 0);
	put(&r, "sys/module/br_netfilter/refcnt", "0\n", 2);
	if (mknodat(r.fd, "dev/net/tun", S_IFCHR | 0600, makedev(10, 200)) < 0 ||
	    mknodat(r.fd, "dev/dri/renderD128", S_IFCHR | 0600, makedev(226, 128)) < 0 ||
	    mknodat(r.fd, "dev/other", S_IFCHR | 0600, makedev(10, 200)) < 0 ||
	    mknodat(r.fd, "dev/uinput", S_IFCHR | 0600, makedev(10, 99)) < 0 ||
	    mknodat(r.fd, "dev/ttyS0", S_IFCHR | 0600, makedev(4, 64)) < 0 ||
	    mknodat(r.fd, "dev/ttyS1", S_IFCHR | 0600, makedev(4, 65)) < 0 ||
	    mkdirat(r.fd, "dev/serial", 0755) < 0 ||
	    mkdirat(r.fd, "dev/serial/by-id", 0755) < 0 ||
	    symlinkat("../../ttyS1", r.fd, "dev/serial/by-id/usb-x") < 0)
		abort();
	return r;
}

/* Writes what @c found. */
static void show(const struct check *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct shortfall *s = &c->rows[i];

		buf_printf(out, "%s%s; %s", s->harmless ? "~" : "", s->reason, s->remedy);
		if (s->found.line)
			buf_printf(out, " (%u)", s->found.line);
		buf_putc(out, '\n');
	}
	if (c->leftover)
		buf_printf(out, "leftover: %s (%u)\n", c->leftover, c->leftover_at.line);
}

/* Checks the row's guest. */
static void check_row(void **state)
{
	const struct check_row *t = *state;
	AUTO(root_done) struct root r = make_root();
	struct problems problems = { 0 };
	struct buf text = { 0 }, out = { 0 };
	struct conf *conf = NULL;
	struct template template;
	struct chosen chosen = { .t = &template };
	struct facts_guest g;
	struct value_world w = { .in = &g.in, .facts = &g.facts };
	struct check c;
	struct plan p;
	struct err e = { 0 };

	buf_printf(&text, "settings \"t\" { %s }", t->settings);
	facts_guest_read(&g, t->kind, t->guest);
	g.in.vmid = 101;
	assert_int_equal(conf_parse(&template_file_schema, "t", buf_as_slice(&text),
				    &conf, &problems),
			 0);
	assert_int_equal(template_read(&conf_root(conf)->nodes[0], "t", &g.arena,
				       &template, &problems),
			 0);
	assert_int_equal(plan_make(&chosen, 1, &w, &g.arena, &p, &e), 0);
	noread_after = t->unread ? 3 : -1;
	assert_int_equal(check_plan(r.fd, &g.in, &p, &g.arena, &c, &e), 0);
	noread_after = -1;
	show(&c, &out);
	assert_string_equal(buf_text(&out), t->want);
	buf_done(&text);
	buf_done(&out);
	conf_free(conf);
	facts_guest_done(&g);
}

/* A group, and its number in the container. */
static struct owner_row {
	const char *name, *group, *want; /* NULL: not found */
} owner_rows[] = {
	{ "a number is itself", "44", "44" },
	{ "nothing is nothing", "", "" },
	{ "one of the container's own", "render", "105" },
	{ "one that it has with another number", "video", "2044" },
	{ "one that is the same everywhere", "dialout", "20" },
	{ "one that nobody knows", "frobnicate", NULL },
	{ "one whose number is none", "odd", NULL },
	{ "the beginning of a name", "rend", NULL },
};

/* Looks a group up in a root file system that is a directory. */
static void check_owner(void **state)
{
	static const char groups[] = "root:x:0:\nvideo:x:2044:\nodd:x:-1:\nshort\n"
				     "render:x:105:jellyfin\n";
	const struct owner_row *t = *state;
	AUTO(root_done) struct root r = root_make();
	struct facts_guest g;
	struct slice got;
	bool found;

	put(&r, "srv/ct/etc/group", groups, sizeof(groups) - 1);
	facts_guest_read(&g, GUEST_CT, "rootfs: /srv/ct,size=0\n");
	g.in.vmid = 101;
	found = owner_look_up(r.fd, &g.in, OWNER_GROUP, slice_of(t->group), &g.arena,
			      &got);
	assert_int_equal(found, t->want != NULL);
	if (t->want)
		assert_true(slice_eq(got, t->want));
	facts_guest_done(&g);
}

/* A link in the container does not lead to a file of the node. */
static void check_link(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct facts_guest g;
	struct slice got;

	(void)state;
	put(&r, "etc/group", "render:x:999:\n", 14);
	put(&r, "srv/ct/etc/x", "", 0);
	assert_int_equal(symlinkat("../../../etc/group", r.fd, "srv/ct/etc/group"), 0);
	facts_guest_read(&g, GUEST_CT, "rootfs: /srv/ct\n");
	assert_false(owner_look_up(r.fd, &g.in, OWNER_GROUP, slice_of("render"), &g.arena,
				   &got));
	facts_guest_done(&g);
}

/* What is no regular file is not even opened: of a device that alone can do something. */
static void check_fifo(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO_CLOSE int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[64], event[256];
	struct facts_guest g;
	struct slice got;

	(void)state;
	put(&r, "srv/ct/etc/x", "", 0);
	assert_int_equal(mkfifoat(r.fd, "srv/ct/etc/group", 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/srv/ct/etc/group", r.path);
	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	facts_guest_read(&g, GUEST_CT, "rootfs: /srv/ct\n");
	assert_false(owner_look_up(r.fd, &g.in, OWNER_GROUP, slice_of("render"), &g.arena,
				   &got));
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	facts_guest_done(&g);
}

/* What modules.builtin says, and whether the module is there. */
static struct builtin_row {
	const char *name, *text, *module;
	bool want;
} builtin_rows[] = {
	{ "a module in the kernel", "kernel/net/a.ko\nkernel/drivers/net/tun.ko\n", "tun",
	  true },
	{ "one whose file is compressed", "kernel/drivers/net/tun.ko.zst\n", "tun",
	  true },
	{ "the last line has no end", "kernel/drivers/net/tun.ko", "tun", true },
	{ "an underscore for a dash", "kernel/fs/nfs/nfs-v4.ko\n", "nfs_v4", true },
	{ "a dash for an underscore", "kernel/net/br_netfilter.ko\n", "br-netfilter",
	  true },
	{ "a name that only begins so", "kernel/net/tunnel4.ko\n", "tun", false },
	{ "a name that only ends so", "kernel/net/ip-tun.ko\n", "tun", false },
	{ "a directory of the name", "kernel/tun/x.ko\n", "tun", false },
	{ "a line without a directory", "tun.ko\n", "tun", false },
	{ "a line that is cut off", "kernel/net/tun.", "tun", false },
	{ "a line that is cut off later", "kernel/net/tun.k", "tun", false },
	{ "no lines", "", "tun", false },
	{ "a name that is longer than any", "kernel/net/tun.ko\n",
	  "a-very-long-name-that-no-module-of-any-kernel-has-and-none-will-ever", false },
};

static void check_listed(void **state)
{
	const struct builtin_row *row = *state;
	AUTO(root_done) struct root r = root_make();
	struct utsname uts;
	char path[160];

	assert_int_equal(uname(&uts), 0);
	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", uts.release);
	put(&r, path, row->text, strlen(row->text));
	assert_int_equal(module_is_there(r.fd, slice_of(row->module)), row->want);
}

/* A module that is part of the kernel is there. */
static void check_builtin(void **state)
{
	AUTO(root_done) struct root r = root_make();

	(void)state;
	assert_false(module_is_there(r.fd, slice_of("tun")));
	put(&r, "sys/module/tun/refcnt", "0\n", 2);
	assert_true(module_is_there(r.fd, slice_of("tun")));
	assert_false(module_is_there(r.fd, slice_of("tu")));
}

int main(void)
{
	struct rows r = { 0 };

	ROWS_ADD(&r, check_rows, check_row);
	ROWS_ADD(&r, owner_rows, check_owner);
	ROWS_ADD_ONE(&r, "a link in the container leads nowhere outside", check_link);
	ROWS_ADD_ONE(&r, "what is no regular file in the container is not opened",
		     check_fifo);
	ROWS_ADD(&r, builtin_rows, check_listed);
	ROWS_ADD_ONE(&r, "a module is there by its whole name", check_builtin);
	return rows_run(&r, "settings-check");
}
