/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for the tables of options and their schemas: that they are in order, that
 * they are found, and what each accepts.
 */
#include "rows.h"

#include "pve/option-rows.h"

/* Where the rows of each letter begin, by counting. */
static void check_letters(const struct option_table *t)
{
	size_t n = 0;

	for (unsigned letter = 0; letter < 26; letter++) {
		assert_int_equal(t->first[letter], n);
		while (n < t->n && t->rows[n].name[0] == (char)('a' + letter))
			n++;
	}
	assert_int_equal(t->first[26], t->n);
	assert_int_equal(n, t->n);
}

static void tables_are_sorted(void **state)
{
	(void)state;
	for (int kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		size_t n;
		const struct option *rows = option_rows((enum guest_kind)kind, &n);

		for (size_t i = 0; i < n; i++)
			assert_int_equal(rows[i].len, strlen(rows[i].name));
		for (size_t i = 1; i < n; i++) {
			int c = strcmp(rows[i - 1].name, rows[i].name);

			assert_true(c < 0 ||
				    (c == 0 && !rows[i - 1].count && rows[i].count));
		}
	}
	check_letters(&options_ct);
	check_letters(&options_vm);
}

static void schemas_fit(void **state)
{
	(void)state;
	for (int kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		size_t n;
		const struct option *rows = option_rows((enum guest_kind)kind, &n);

		for (size_t i = 0; i < n; i++) {
			const struct propstr_schema *s = rows[i].props;

			assert_int_equal(s != NULL, rows[i].type == OPTION_PROPS);
			if (!s)
				continue;
			assert_in_range(s->nkeys, 1, PROPSTR_MAX_KEYS);
			assert_true(s->bare < (int)s->nkeys);
			for (size_t k = 0; k < s->nkeys; k++) {
				assert_non_null(s->keys[k].name);
				assert_int_equal(propstr_slot(s, s->keys[k].name), k);
				assert_int_equal(s->keys[k].words != NULL,
						 s->keys[k].type == PROPSTR_WORD);
			}
		}
	}
}

static struct find_row {
	const char *name;
	enum guest_kind kind;
	const char *key;
	const char *want; /* NULL: none */
	unsigned index;
} find_rows[] = {
	{ "an option", GUEST_CT, "memory", "memory", 0 },
	{ "the first of a table", GUEST_VM, "acpi", "acpi", 0 },
	{ "the last of a table", GUEST_VM, "watchdog", "watchdog", 0 },
	{ "a member of a family", GUEST_CT, "mp255", "mp", 255 },
	{ "its first", GUEST_VM, "audio0", "audio", 0 },
	{ "none beyond the last", GUEST_CT, "mp256", NULL, 0 },
	{ "none with a zero in front", GUEST_CT, "mp01", NULL, 0 },
	{ "none of a huge number", GUEST_CT, "mp18446744073709551616", NULL, 0 },
	{ "none of a family without number", GUEST_CT, "mp", NULL, 0 },
	{ "no number behind a plain option", GUEST_CT, "memory0", NULL, 0 },
	{ "a plain option beside a family", GUEST_VM, "numa", "numa", 0 },
	{ "a family beside a plain option", GUEST_VM, "numa7", "numa", 7 },
	{ "a name that ends in a digit", GUEST_VM, "smbios1", "smbios1", 0 },
	{ "no beginning of a name", GUEST_CT, "memor", NULL, 0 },
	{ "no longer name", GUEST_CT, "memoryx", NULL, 0 },
	{ "none in capitals", GUEST_CT, "Memory", NULL, 0 },
	{ "none that is empty", GUEST_CT, "", NULL, 0 },
	{ "no number alone", GUEST_CT, "0", NULL, 0 },
	{ "a container's is not a VM's", GUEST_VM, "unprivileged", NULL, 0 },
};

static void is_found(void **state)
{
	const struct find_row *t = *state;
	unsigned index = 99;
	const struct option *o = option_find_index(t->kind, slice_of(t->key), &index);

	assert_ptr_equal(o, option_find(t->kind, slice_of(t->key)));
	assert_int_equal(o != NULL, t->want != NULL);
	if (o)
		assert_string_equal(o->name, t->want);
	assert_int_equal(index, t->index);
}

static struct check_row {
	const char *name; /* the key, too */
	enum guest_kind kind;
	const char *good[6], *bad[10];
} check_rows[] = {
	{ "rootfs",
	  GUEST_CT,
	  { "local:1", "/x,size=8G,idmap=passthrough", "./a" },
	  { "local:1,mp=/", "/a/../b", "../a", "/a/.", "ro=1", "x,idmap=u:0:0:0",
	    "x,mountoptions=noatime;" } },
	{ "mp0",
	  GUEST_CT,
	  { "/a,mp=/b", "ab:1,mp=b,backup=1,mountoptions=nodev;nosuid" },
	  { "/a", "mp=/b", "/a,mp=/b/../c", "/a,mp=/b,ro=2" } },
	{ "net0",
	  GUEST_CT,
	  { "name=eth0", "name=e.0,ip=dhcp,ip6=auto,gw=1.2.3.4,trunks=1;2,rate=1.5",
	    "name=e,ip=10.0.0.1/24,ip6=fe80::1/64,hwaddr=BC:24:11:00:00:01,tag=4094" },
	  { "bridge=vmbr0", "name=a b", "name=e,ip=10.0.0.1", "name=e,ip=10.0.0.1/7",
	    "name=e,ip6=::/129", "name=e,hwaddr=01:00:00:00:00:00", "name=e,tag=0",
	    "name=e,type=phys", "name=e,mtu=63" } },
	{ "dev0",
	  GUEST_CT,
	  { "/dev/net/tun", "path=/dev/x,mode=0660,gid=5,deny-write=1", "uid=1" },
	  { "/etc/passwd", "/dev/../x", "/dev/x/.", "/dev/x,mode=666",
	    "/dev/x,uid=-1" } },
	{ "features",
	  GUEST_CT,
	  { "nesting=1", "mount=nfs;cifs,keyctl=on" },
	  { "nesting", "nesting=2", "mount=a-b", "bogus=1" } },
	{ "hookscript",
	  GUEST_CT,
	  { "local:snippets/x", "a-1.b:x y" },
	  { "none", "local:", ":x", "a:x", "-a:x", "a-:x" } },
	{ "hostname",
	  GUEST_CT,
	  { "web", "a.b-c.d1", "1" },
	  { "x_y", "a..b", "-a", "a-", ".", "a." } },
	{ "startup",
	  GUEST_CT,
	  { "1", "order=2,up=30", "order=1,,down=5", "," },
	  { "0", "up=", "order= 1", "x", "up=1x" } },
	{ "tags",
	  GUEST_CT,
	  { "a;b,c d", "a+b.c-d_e", ";" },
	  { "-a", "a/b", "\xc3\xa4" } },
	{ "nameserver",
	  GUEST_CT,
	  { "1.2.3.4 ::1", "fe80::1%eth0" },
	  { "a.b", "fe80::1%e", "fe80::1%" } },
	{ "cpulimit", GUEST_CT, { "1", "1.50" }, { "-1", ".5", "1.", "1e3", "x" } },
	{ "parent", GUEST_CT, { "snap1", "a_-" }, { "a", "1a", "a.b" } },
	{ "net1",
	  GUEST_VM,
	  { "virtio", "model=e1000,macaddr=BC:24:11:00:00:02",
	    "virtio,trunks=1-3;5,rate=.5,queues=64,mtu=1" },
	  { "bridge=vmbr0", "virtio=XX", "virtio,tag=4095", "virtio,bridge=a b", "e1001",
	    "virtio,rate=-1" } },
	{ "scsi0",
	  GUEST_VM,
	  { "none", "/dev/sda", "volume=ab:1", "local:1,iops_rd_length=1",
	    "local:1,wwn=0x0123456789abcdef,serial=a%20b,queues=2" },
	  { "x", "local:1,media=floppy", "local:1,cyls=1", "local:1,queues=1",
	    "local:1,bps_max_length=0", "local:1,model=x",
	    "local:1,product=12345678901234567" } },
	{ "efidisk0",
	  GUEST_VM,
	  { "local:1,efitype=4m,pre-enrolled-keys=1,ms-cert=2023k" },
	  { "local:1,efitype=3m", "local:1,cache=none" } },
	{ "tpmstate0",
	  GUEST_VM,
	  { "local:1,version=v2.0" },
	  { "local:1,version=2.0", "local:1,format=cloop" } },
	{ "ipconfig0",
	  GUEST_VM,
	  { "ip=dhcp", "ip=10.0.0.1/24,gw=10.0.0.254", "ip6=auto" },
	  { "gw=1.2.3.4", "gw6=::1,ip=dhcp", "ip=manually" } },
	{ "hostpci0",
	  GUEST_VM,
	  { "01:00", "0000:01:00.0;02:00.1,x-vga=1", "mapping=gpu0",
	    "01:00,vendor-id=0x10DE,mdev=i915-x" },
	  { "01:0", "AB:cd", "01:00;", "000:01:00", "01:00,mapping=1",
	    "01:00,vendor-id=10de", "01:00,mdev=a/b", "01:00,romfile=a;b" } },
	{ "usb0",
	  GUEST_VM,
	  { "046d:c52b", "host=0x046d:c52b,usb3=1", "1-1.2", "SPICE", "mapping=x1" },
	  { "46d:c52b", "1-", "1-1.", "spicy", "mapping=x" } },
	{ "virtiofs0",
	  GUEST_VM,
	  { "share", "dirid=share,cache=never,expose-acl=1" },
	  { "cache=auto", "a b", "share,cache=x" } },
	{ "cpu",
	  GUEST_VM,
	  { "host", "cputype=kvm64,flags=+aes;-pcid", "486,phys-bits=host" },
	  { "bogus", "flags=+aes", "host,flags=+vmx", "host,flags=aes",
	    "host,flags=+aes;", "host,phys-bits=65", "custom-x", "0" } },
	{ "machine",
	  GUEST_VM,
	  { "q35", "pc-i440fx-9.2+pve1", "virt", "type=q35,viommu=intel",
	    "pc-q35-8.1.pxe", "virt-9.2+pve1" },
	  { "isapc", "pc-9", "q35-9.2", "q35,aw-bits=65", "virt-",
	    "pc-i440fx-9.2+pve" } },
	{ "agent",
	  GUEST_VM,
	  { "1", "enabled=0,type=isa", "1,guest-fsfreeze=0", "enabled=0,1" },
	  { "type=isa", "2", "1,freeze-fs=1,freeze-fs-on-backup=1" } },
	{ "memory", GUEST_VM, { "2048", "current=16" }, { "15", "abc", "2048,x=1" } },
	{ "numa0",
	  GUEST_VM,
	  { "cpus=0-3;8,memory=1.5,policy=bind" },
	  { "0-3", "cpus=0;;1" } },
	{ "watchdog",
	  GUEST_VM,
	  { "ib700", "model=i6300esb,action=reset" },
	  { "x", "action=x" } },
	{ "vga",
	  GUEST_VM,
	  { "std", "virtio-gl,memory=512", "type=qxl,clipboard=vnc" },
	  { "memory=3", "x", "std,clipboard=x" } },
	{ "ivshmem",
	  GUEST_VM,
	  { "size=1,name=a-b" },
	  { "1", "name=a", "size=0", "size=1,name=a_b" } },
	{ "audio0", GUEST_VM, { "device=AC97,driver=none" }, { "AC97", "driver=none" } },
	{ "spice_enhancements",
	  GUEST_VM,
	  { "foldersharing=1,videostreaming=all" },
	  { "1", "videostreaming=1" } },
	{ "smbios1",
	  GUEST_VM,
	  { "uuid=6f1b0d2e-0000-4000-8000-000000000001,base64=1,sku=YQ==" },
	  { "uuid=6f1b0d2e", "sku=a b", "sku==", "sku=a===" } },
	{ "amd-sev",
	  GUEST_VM,
	  { "std", "type=snp,no-debug=1" },
	  { "no-debug=1", "sev" } },
	{ "intel-tdx",
	  GUEST_VM,
	  { "tdx,attestation=1,vsock-cid=2" },
	  { "tdx", "tdx,attestation=1,vsock-cid=1" } },
	{ "rng0",
	  GUEST_VM,
	  { "/dev/urandom", "source=/dev/hwrng,period=1" },
	  { "period=1", "/dev/zero" } },
	{ "cicustom",
	  GUEST_VM,
	  { "user=local:snippets/u.yaml" },
	  { "local:x", "user=/x" } },
	{ "meta",
	  GUEST_VM,
	  { "creation-qemu=9.2.0,ctime=1" },
	  { "creation-qemu=9", "ctime=-1" } },
	{ "boot",
	  GUEST_VM,
	  { "cdn", "order=scsi0;net0;usb13;hostpci15", "order=ide3" },
	  { "x", "order=efidisk0", "order=scsi31", "order=scsi00", "order=unused0" } },
	{ "bootdisk",
	  GUEST_VM,
	  { "scsi30", "efidisk0" },
	  { "net0", "virtio16", "scsi" } },
	{ "hotplug", GUEST_VM, { "0", "1", "network,disk;usb cpu" }, { "2", "disks" } },
	{ "affinity",
	  GUEST_VM,
	  { "0,5,8-11", " 1-2 , 3", ",", "1,," },
	  { "5-2", "1,,2", "a", "0-" } },
	{ "sshkeys", GUEST_VM, { "a%20b" }, { "a b" } },
	{ "vmstatestorage", GUEST_VM, { "local" }, { "a", "local:x" } },
	{ "onboot", GUEST_VM, { "1", "oFF" }, { "2", "", "t" } },
};

static void accepts_what_proxmox_does(void **state)
{
	const struct check_row *t = *state;
	const struct option *o = option_find(t->kind, slice_of(t->name));
	struct slice kept;
	struct err e = { 0 };

	assert_non_null(o);
	for (size_t i = 0; i < ARRAY_LEN(t->good) && t->good[i]; i++)
		if (option_check(o, slice_of(t->good[i]), &kept, &e) < 0)
			fail_msg("%s is refused: %s", t->good[i], e.msg);
	for (size_t i = 0; i < ARRAY_LEN(t->bad) && t->bad[i]; i++) {
		e = (struct err){ 0 };
		if (option_check(o, slice_of(t->bad[i]), &kept, &e) == 0)
			fail_msg("%s is accepted", t->bad[i]);
		assert_int_not_equal(e.code, ERR_NONE);
		assert_true(e.msg[0]);
	}
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "the tables are sorted, and their letters counted",
		     tables_are_sorted);
	ROWS_ADD_ONE(&rows, "every schema fits its keys", schemas_fit);
	ROWS_ADD(&rows, find_rows, is_found);
	ROWS_ADD(&rows, check_rows, accepts_what_proxmox_does);
	return rows_run(&rows, "option");
}
