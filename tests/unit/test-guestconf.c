/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/guestconf*.c: the rules by name. What is read is compared as one
 * text, see render(): options as "key=value", raw lines as "lxc.key->value", lines that a
 * newer Proxmox may keep as "?key=value", and sections by their headers.
 */
#include "rows.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pve/guestconf.h"
#include "pve/option.h"

/* Appends what @s holds. */
static void render_section(const struct guestconf_section *s, struct buf *out)
{
	for (size_t i = 0; i < s->nentries; i++) {
		buf_slice(out, s->entries[i].key);
		buf_putc(out, '=');
		for (size_t j = 0; j < s->entries[i].value.len; j++)
			buf_putc(out, s->entries[i].value.ptr[j]
					      ? s->entries[i].value.ptr[j]
					      : '|');
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < s->nraws; i++)
		buf_printf(out, "%.*s->%.*s\n", SLICE_ARG(s->raws[i].key),
			   SLICE_ARG(s->raws[i].value));
	for (size_t i = 0; i < s->nnewer; i++)
		buf_printf(out, "?%.*s=%.*s\n", SLICE_ARG(s->newer[i].key),
			   SLICE_ARG(s->newer[i].value));
}

/* Appends what all of @c holds. */
static void render(const struct guestconf *c, struct buf *out)
{
	for (size_t i = 0; i < c->nsections; i++) {
		const struct guestconf_section *s = &c->sections[i];

		if (s->type == SECTION_PENDING)
			buf_puts(out, "[pending]\n");
		if (s->type == SECTION_SNAPSHOT)
			buf_printf(out, "[snapshot %.*s]\n", SLICE_ARG(s->name));
		render_section(s, out);
	}
}

static struct read_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} read_rows[] = {
	/* lines */
	{ "an empty file has an empty section", GUEST_CT, "", "" },
	{ "a line is key, colon, value", GUEST_CT, "memory: 512\n", "memory=512\n" },
	{ "blanks around the value go", GUEST_CT, "hostname: \t web \t\n",
	  "hostname=web\n" },
	{ "no blank is needed after the colon", GUEST_CT, "memory:512\n",
	  "memory=512\n" },
	{ "the last line needs no newline", GUEST_CT, "memory: 512", "memory=512\n" },
	{ "CRLF is fine", GUEST_CT, "memory: 512\r\nswap: 0\r\n",
	  "memory=512\nswap=0\n" },
	{ "a key is lower case", GUEST_CT, "Unprivileged: 1\n", "" },
	{ "a key begins the line", GUEST_CT, " unprivileged: 1\n", "" },
	{ "no blank stands before the colon", GUEST_CT, "unprivileged : 1\n", "" },
	{ "an option takes no '='", GUEST_CT, "unprivileged = 1\n", "" },
	{ "a key without value is nothing", GUEST_CT, "unprivileged:\n", "" },
	{ "a value of blanks is its last blank", GUEST_CT, "tags: \t \n", "tags= \n" },
	{ "an inner CR makes a bad value, kept by containers", GUEST_CT, "onboot: 1\r0\n",
	  "onboot=1\r0\n" },
	{ "an inner CR makes a bad value, dropped by VMs", GUEST_VM, "onboot: 1\r0\n",
	  "" },
	{ "'#' lines are description, not options", GUEST_CT, "#unprivileged: 1\n", "" },
	{ "description is not kept", GUEST_CT, "description: x\ndescription: \n", "" },
	{ "a comment may not follow a value", GUEST_CT, "memory: 512 # x\n",
	  "memory=512 # x\n" },
	{ "the last duplicate wins, in the first's place", GUEST_CT,
	  "memory: 1\nswap: 2\nmemory: 3\n", "memory=3\nswap=2\n" },
	{ "snapstate at a line's end swallows the line", GUEST_CT,
	  "unprivileged: 1 snapstate: prepare\nxsnapstate:delete \n", "" },
	{ "snapstate of another word is not kept either", GUEST_CT, "snapstate: x\n",
	  "" },
	{ "delete counts in the pending section alone", GUEST_CT, "delete: mp0\n", "" },
	{ "a VM's keys may hold '-'", GUEST_VM, "allow-ksm: off\n", "allow-ksm=0\n" },
	{ "a container's keys may not", GUEST_CT, "allow-ksm: 1\n", "" },

	{ "a VM's description of blanks is none either", GUEST_VM,
	  "description: \t\nonboot: 1\n", "onboot=1\n" },
	{ "words of snapstate alone are no lines", GUEST_CT, "prepare\n delete\ne\n",
	  "" },
	{ "a key begins with a letter", GUEST_VM, "_a: 1\n-a: 1\n", "" },

	/* values */
	{ "booleans become 0 and 1", GUEST_CT,
	  "onboot: yes\nprotection: OFF\ntemplate: True\nconsole: 0\n",
	  "onboot=1\nprotection=0\ntemplate=1\nconsole=0\n" },
	{ "whole numbers lose their leading zeros", GUEST_CT, "memory: 0512\nswap: 00\n",
	  "memory=512\nswap=0\n" },
	{ "numbers over 2^64 stay as they are", GUEST_CT,
	  "memory: 18446744073709551616\n", "memory=18446744073709551616\n" },
	{ "a container keeps bad values", GUEST_CT,
	  "unprivileged: maybe\nmemory: 1e3\nfeatures: nesting\nnet0: x\n",
	  "unprivileged=maybe\nmemory=1e3\nfeatures=nesting\nnet0=x\n" },
	{ "a container keeps unknown keys", GUEST_CT, "bogus: 1\nmp256: /x\nmp01: /y\n",
	  "bogus=1\nmp256=/x\nmp01=/y\n" },
	{ "a VM drops bad values", GUEST_VM,
	  "onboot: maybe\nmemory: abc\nnet0: virtio=XX\ncores: +2\nname: web_1\n", "" },
	{ "a dropped duplicate leaves the first", GUEST_VM, "onboot: 1\nonboot: 2\n",
	  "onboot=1\n" },
	{ "a VM's words and bounds are not checked", GUEST_VM, "ostype: bsd\ncores: 0\n",
	  "ostype=bsd\ncores=0\n" },
	{ "a VM's text loses its quotes", GUEST_VM, "ostype: \"l26\"\narch: \"\"\n",
	  "ostype=l26\narch=\n" },
	{ "args keep theirs", GUEST_VM, "args: \"-x\"\n", "args=\"-x\"\n" },
	{ "formatted text keeps its quotes, and is refused", GUEST_VM, "name: \"web\"\n",
	  "" },
	{ "a VM's unknown key is kept aside", GUEST_VM, "bogus: 1\nnet32: virtio\n",
	  "?bogus=1\n?net32=virtio\n" },
	{ "so is an unknown key of a property string", GUEST_VM,
	  "hostpci0: 01:00,new=1\n", "?hostpci0=01:00,new=1\n" },
	{ "so is an unknown word", GUEST_VM, "net0: model=newnic\n",
	  "?net0=model=newnic\n" },
	{ "so is an unknown CPU model, which the node may have", GUEST_VM,
	  "cpu: kvm64\ncpu: custom-x\n", "cpu=kvm64\n?cpu=custom-x\n" },
	{ "a VM's cdrom is its ide2", GUEST_VM, "ide2: none\ncdrom: local:iso/x.iso\n",
	  "ide2=local:iso/x.iso\n" },
	{ "smbios1 is no member of a family", GUEST_VM,
	  "smbios1: uuid=6f1b0d2e-0000-4000-8000-000000000001\nsmbios01: x\n",
	  "smbios1=uuid=6f1b0d2e-0000-4000-8000-000000000001\n?smbios01=x\n" },
	{ "numa and numa0 are two options", GUEST_VM, "numa: 1\nnuma0: cpus=0-3\n",
	  "numa=1\nnuma0=cpus=0-3\n" },

	/* sections */
	{ "a name in brackets is a snapshot", GUEST_CT,
	  "swap: 1\n[snap1]\nswap: 2\nunprivileged: 1\n",
	  "swap=1\n[snapshot snap1]\nswap=2\nunprivileged=1\n" },
	{ "pending changes of a container, in any case", GUEST_CT,
	  "[PVE:Pending] \nswap: 2\ndelete: mp0\n", "[pending]\nswap=2\ndelete=mp0\n" },
	{ "[pending] of a container is a snapshot", GUEST_CT, "[PENDING]\nswap: 2\n",
	  "[snapshot PENDING]\nswap=2\n" },
	{ "which may hold delete if it is called so exactly", GUEST_CT,
	  "[pending]\ndelete: x\n[PENDING]\ndelete: x\n",
	  "[snapshot pending]\ndelete=x\n[snapshot PENDING]\n" },
	{ "pending changes of a VM, in any case", GUEST_VM, "[Pending]\nonboot: 1\n",
	  "[pending]\nonboot=1\n" },
	{ "a header that matches none: a container goes on in the section above",
	  GUEST_CT, "unprivileged: 0\n[snap one]\nunprivileged: 1\n",
	  "unprivileged=1\n" },
	{ "so do [snap and [pve:pending]x", GUEST_CT,
	  "swap: 1\n[snap\nswap: 2\n[pve:pending]x\nswap: 3\n", "swap=3\n" },
	{ "so do [], [1x] and [a]", GUEST_CT,
	  "[]\nswap: 1\n[1x]\nswap: 2\n[a]\nswap: 3\n", "swap=3\n" },
	{ "a header that matches none: a VM skips down to the next", GUEST_VM,
	  "[snap one]\nargs: -x\nargs: -y\n[snap1]\nonboot: 1\n",
	  "[snapshot snap1]\nonboot=1\n" },
	{ "a VM's special sections are not read", GUEST_VM,
	  "onboot: 1\n[special:cloudinit]\nonboot: 0\nargs: -x\n[Special:Fleecing]\nkvm: "
	  "0\n",
	  "onboot=1\n" },
	{ "[pve:pending] is no section of a VM", GUEST_VM, "[pve:pending]\nargs: -x\n",
	  "" },
	{ "a repeated section starts afresh", GUEST_CT,
	  "[snap1]\nswap: 1\nmemory: 2\n[other]\nswap: 3\n[snap1]\nswap: 4\n",
	  "[snapshot snap1]\nswap=4\n[snapshot other]\nswap=3\n" },
	{ "so do repeated pending changes", GUEST_CT,
	  "[pve:pending]\nlxc.cap.drop:\ndelete: mp0\n[PVE:PENDING]\nswap: 4\n",
	  "[pending]\nswap=4\n" },
	{ "names of snapshots keep their case", GUEST_CT,
	  "[Ab]\nswap: 1\n[ab]\nswap: 2\n",
	  "[snapshot Ab]\nswap=1\n[snapshot ab]\nswap=2\n" },
	{ "[x] y is no header", GUEST_VM, "[ab] y\nonboot: 1\n", "onboot=1\n" },

	/* raw lines */
	{ "raw lines take ':' or '='", GUEST_CT,
	  "lxc.cap.drop:\tsys_rawio\nlxc.apparmor.profile = unconfined\n",
	  "lxc.cap.drop->sys_rawio\nlxc.apparmor.profile->unconfined\n" },
	{ "'=' may have blanks before it, ':' may not", GUEST_CT,
	  "lxc.cap.drop =a\nlxc.cap.drop :b\n", "lxc.cap.drop->a\n" },
	{ "a raw key needs one of them, and a name", GUEST_CT,
	  "lxc.cap.drop\nlxc.cap.drop x\nlxc.\nlxc.: x\n", "" },
	{ "raw lines are kept in order, repeats and empty values too", GUEST_CT,
	  "lxc.cap.drop: a\nlxc.cap.drop:\nlxc.cap.drop: a\n",
	  "lxc.cap.drop->a\nlxc.cap.drop->\nlxc.cap.drop->a\n" },
	{ "raw keys are lower case", GUEST_CT, "LXC.idmap: u 0 0 1\nlxc.Idmap: u 0 0 1\n",
	  "" },
	{ "refused: the root file system, proc, namespaces, unknown keys", GUEST_CT,
	  "lxc.rootfs.path: /\nlxc.rootfs.options: x\nlxc.proc.oom: 1\n"
	  "lxc.namespace.share.net: 1\nlxc.unknown: 1\nlxc.cgroupx.y: 1\n",
	  "" },
	{ "refused: lxc.hook.start-host", GUEST_CT, "lxc.hook.start-host: /x\n", "" },
	{ "refused: every lxc.sysctl but nine of IPC", GUEST_CT,
	  "lxc.sysctl.net.ipv4.ip_forward: 1\nlxc.sysctl.kernel.shmmax: 1\n"
	  "lxc.sysctl.fs.mqueue.msg_max: 1\n",
	  "lxc.sysctl.kernel.shmmax->1\n" },
	{ "taken: hooks, include, mounts, devices", GUEST_CT,
	  "lxc.hook.mount: /x\nlxc.include: /y\nlxc.mount.entry: / host none bind\n"
	  "lxc.cgroup2.devices.allow: a\nlxc.prlimit.nofile: 1\nlxc.net.0.type: veth\n",
	  "lxc.hook.mount->/x\nlxc.include->/y\nlxc.mount.entry->/ host none bind\n"
	  "lxc.cgroup2.devices.allow->a\nlxc.prlimit.nofile->1\nlxc.net.0.type->veth\n" },
	{ "taken: old names and cgroup v1", GUEST_CT,
	  "lxc.aa_profile: unconfined\nlxc.cgroup.devices.allow: a\nlxc.limit.x: 1\n",
	  "lxc.aa_profile->unconfined\nlxc.cgroup.devices.allow->a\nlxc.limit.x->1\n" },
	{ "lxc.environment.runtime is the option env", GUEST_CT,
	  "lxc.environment.runtime: A=b\nlxc.environment.runtime = C=d\nswap: 1\n",
	  "env=A=b|C=d\nswap=1\n" },
	{ "it goes on from a line env, which starts anew", GUEST_CT,
	  "lxc.environment.runtime: A=b\nenv: X=y\nlxc.environment.runtime: C=d\n"
	  "lxc.environment.runtime:\n",
	  "env=X=y|C=d|\n" },
	{ "a line env counts, however much stood above", GUEST_CT,
	  "lxc.environment.runtime: A=b\nlxc.environment.runtime: C=d\nenv: X=y\n"
	  "lxc.environment.runtime: E=f\n",
	  "env=X=y|E=f\n" },
	{ "it grows as long as it must", GUEST_CT,
	  "lxc.environment.runtime: A=b\nlxc.environment.runtime: C=d\n"
	  "lxc.environment.runtime: LONG=0123456789012345678901234567890123456789\n"
	  "lxc.environment.runtime: E=f\n",
	  "env=A=b|C=d|LONG=0123456789012345678901234567890123456789|E=f\n" },
	{ "each section has its own env", GUEST_CT,
	  "lxc.environment.runtime: A=b\n[snap]\nlxc.environment.runtime: C=d\n",
	  "env=A=b\n[snapshot snap]\nenv=C=d\n" },
	{ "raw lines belong to their section", GUEST_CT,
	  "lxc.cap.drop: a\n[snap]\nlxc.cap.drop: b\n",
	  "lxc.cap.drop->a\n[snapshot snap]\nlxc.cap.drop->b\n" },
	{ "a VM has none", GUEST_VM, "lxc.cap.drop: a\n", "" },
};

static void is_read(void **state)
{
	const struct read_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &c, &e), 0);
	render(&c, &got);
	assert_string_equal(buf_text(&got), t->want);
}

/* Whether two sections hold the same, in the same places. */
static bool same_section(const struct guestconf_section *a,
			 const struct guestconf_section *b)
{
	bool same = a->type == b->type && slice_same(a->name, b->name) &&
		    a->nentries == b->nentries && a->nraws == b->nraws &&
		    a->nnewer == b->nnewer;

	for (size_t i = 0; same && i < a->nentries; i++)
		same = a->entries[i].option == b->entries[i].option &&
		       a->entries[i].index == b->entries[i].index &&
		       a->entries[i].line == b->entries[i].line &&
		       slice_same(a->entries[i].key, b->entries[i].key) &&
		       slice_same(a->entries[i].value, b->entries[i].value);
	for (size_t i = 0; same && i < a->nraws; i++)
		same = a->raws[i].line == b->raws[i].line &&
		       slice_same(a->raws[i].key, b->raws[i].key) &&
		       slice_same(a->raws[i].value, b->raws[i].value);
	for (size_t i = 0; same && i < a->nnewer; i++)
		same = slice_same(a->newer[i].key, b->newer[i].key) &&
		       slice_same(a->newer[i].value, b->newer[i].value);
	return same;
}

/* Reads @t with and without @known: the same comes of it. */
static void read_known(const struct read_row *t, struct guestconf_known *known)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct guestconf c, plain;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &plain, &e), 0);
	assert_int_equal(
		guestconf_parse_known(t->kind, slice_of(t->text), known, &a, &c, &e), 0);
	assert_int_equal(c.nsections, plain.nsections);
	for (size_t i = 0; i < c.nsections; i++)
		assert_true(same_section(&c.sections[i], &plain.sections[i]));
	if (guestconf_current(&c)->nentries) /* a key lies in the text of its own file */
		assert_ptr_equal(guestconf_current(&c)->entries[0].key.ptr,
				 guestconf_current(&plain)->entries[0].key.ptr);
}

static void known_lines_read_the_same(void **state)
{
	struct guestconf_known *known = guestconf_known_new();

	(void)state;
	assert_non_null(known);
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < ARRAY_LEN(read_rows); i++)
			read_known(&read_rows[i], known);
	guestconf_known_free(known);
}

/* Lines that differ in one byte, of every length, and more of them than are kept. */
static void known_lines_differ_in_a_byte(void **state)
{
	struct guestconf_known *known = guestconf_known_new();
	char text[128] = "hookscript: ";
	struct read_row row = { .text = text };

	(void)state;
	assert_non_null(known);
	for (int round = 0; round < 3; round++)
		for (size_t len = strlen("hookscript: x"); len < 80; len++)
			for (size_t at = strlen("hookscript: "); at < len; at++) {
				memset(text + strlen("hookscript: "), 'a', len);
				text[at] = 'b';
				text[len] = '\0';
				row.kind = (len + at) % 2 ? GUEST_CT : GUEST_VM;
				read_known(&row, known);
			}
	guestconf_known_free(known);
}

static struct merge_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} merge_rows[] = {
	{ "without pending changes nothing changes", GUEST_CT, "swap: 1\nlxc.cap.drop:\n",
	  "swap=1\nlxc.cap.drop->\n" },
	{ "a pending value replaces", GUEST_CT, "swap: 1\n[pve:pending]\nswap: 2\n",
	  "swap=2\n" },
	{ "a pending value adds", GUEST_CT, "swap: 1\n[pve:pending]\nmemory: 2\n",
	  "swap=1\nmemory=2\n" },
	{ "delete takes away", GUEST_CT,
	  "swap: 1\nmp0: /a,mp=/b\nnet0: name=eth0\nbogus: 1\n"
	  "[pve:pending]\ndelete: mp0, net0;bogus nothing\n",
	  "swap=1\n" },
	{ "'!' in front of a key asks for more, and deletes as well", GUEST_VM,
	  "scsi0: local:x\nargs: -x\n[PENDING]\ndelete: !scsi0,args\n", "" },
	{ "what is deleted twice is deleted", GUEST_CT,
	  "swap: 1\nmemory: 2\n[pve:pending]\ndelete: swap swap\n", "memory=2\n" },
	{ "what is deleted and set is set", GUEST_CT,
	  "swap: 1\n[pve:pending]\ndelete: swap\nswap: 2\n", "swap=2\n" },
	{ "pending raw lines replace all raw lines", GUEST_CT,
	  "unprivileged: 1\nlxc.idmap: u 0 100000 65536\n[pve:pending]\nlxc.cap.drop:\n",
	  "unprivileged=1\nlxc.cap.drop->\n" },
	{ "delete: lxc takes all raw lines away", GUEST_CT,
	  "swap: 1\nlxc.idmap: u 0 100000 65536\n[pve:pending]\ndelete: lxc\n",
	  "swap=1\n" },
	{ "lxc is nothing special in a VM", GUEST_VM,
	  "onboot: 1\n[PENDING]\ndelete: lxc\n", "onboot=1\n" },
	{ "a container's unusedN is deleted", GUEST_CT,
	  "unused0: local:x\n[pve:pending]\ndelete: unused0\n", "" },
	{ "a VM's is not", GUEST_VM, "unused0: local:x\n[PENDING]\ndelete: unused0\n",
	  "unused0=local:x\n" },
	{ "a mount point that cannot be read is not deleted", GUEST_CT,
	  "mp0: /a\n[pve:pending]\ndelete: mp0\n", "mp0=/a\n" },
	{ "nor replaced", GUEST_CT, "mp0: /a\n[pve:pending]\nmp0: /b,mp=/c\n",
	  "mp0=/a\n" },
	{ "nor set", GUEST_CT, "mp0: /a,mp=/b\n[pve:pending]\nmp0: /c\nnet0: x\n",
	  "mp0=/a,mp=/b\n" },
	{ "a good one that was not there is set", GUEST_CT,
	  "[pve:pending]\nmp0: /c,mp=/d\n", "mp0=/c,mp=/d\n" },
	{ "but a good one is", GUEST_CT, "mp0: /a,mp=/b\n[pve:pending]\nmp0: /c,mp=/d\n",
	  "mp0=/c,mp=/d\n" },
	{ "what a newer Proxmox may keep stays to be seen", GUEST_VM,
	  "new: 1\nonboot: 1\n[PENDING]\nnew2: 2\nonboot: 0\n",
	  "onboot=0\n?new=1\n?new2=2\n" },
	{ "snapshots have no part in it", GUEST_CT,
	  "swap: 1\n[pve:pending]\nswap: 2\n[snap]\nswap: 3\nunprivileged: 1\n",
	  "swap=2\n" },
};

static void is_merged(void **state)
{
	const struct merge_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section merged;
	struct guestconf c;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &c, &e), 0);
	assert_int_equal(guestconf_merge_pending(&c, &a, &merged, &e), 0);
	assert_int_equal(merged.type, SECTION_CURRENT);
	render_section(&merged, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct merge_row start_rows[] = {
	{ "a start uses pending changes", GUEST_VM,
	  "args: -x\n[PENDING]\ndelete: args\ncores: 2\n", "cores=2\n" },
	{ "a VM that was suspended goes on without them", GUEST_VM,
	  "args: -x\nlock: suspended\n[PENDING]\ndelete: args\ncores: 2\n",
	  "args=-x\nlock=suspended\n" },
	{ "also if it was unlocked", GUEST_VM,
	  "args: -x\nvmstate: local:x\n[PENDING]\ndelete: args,vmstate\ncores: 2\n",
	  "args=-x\nvmstate=local:x\n" },
	{ "the state of a snapshot is not its own", GUEST_VM,
	  "args: -x\nlock: backup\n[PENDING]\ndelete: args\n[snap]\nvmstate: local:x\n",
	  "lock=backup\n" },
	{ "a line that Proxmox drops is no state", GUEST_VM,
	  "args: -x\nvmstate: x\n[PENDING]\ndelete: args\n", "" },
	{ "nor has a container any", GUEST_CT,
	  "swap: 1\nlock: suspended\nvmstate: local:x\n[pve:pending]\nswap: 2\n",
	  "swap=2\nlock=suspended\nvmstate=local:x\n" },
};

static void is_started(void **state)
{
	const struct merge_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section start;
	struct guestconf c;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &c, &e), 0);
	assert_int_equal(guestconf_start(&c, &a, &start, &e), 0);
	assert_int_equal(start.type, SECTION_CURRENT);
	render_section(&start, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct warning_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} warning_rows[] = {
	{ "nothing wrong, no warning", GUEST_CT, "swap: 1\n# x\nsnapstate: delete\n",
	  "" },
	{ "capitals", GUEST_CT, "\nUnprivileged: 1\n",
	  "2: 'Unprivileged: 1' is not read by Proxmox: keys are lower case\n" },
	{ "capitals without a colon", GUEST_CT, "Unprivileged\nSwap 1\n",
	  "1: 'Unprivileged' is not read by Proxmox: not of the form 'key: value'\n"
	  "2: 'Swap 1' is not read by Proxmox: not of the form 'key: value'\n" },
	{ "a colon alone, or first", GUEST_CT, ":\n: x\n",
	  "1: ':' is not read by Proxmox: not of the form 'key: value'\n"
	  "2: ': x' is not read by Proxmox: not of the form 'key: value'\n" },
	{ "a header with something behind it", GUEST_VM, "[ab] y\n",
	  "1: '[ab] y' is not read by Proxmox: neither a section's name nor an "
	  "option\n" },
	{ "capitals of a raw key", GUEST_CT, "LXC.idmap: u 0 0 1\n",
	  "1: 'LXC.idmap: u 0 0 1' is not read by Proxmox: keys are lower case\n" },
	{ "a blank in front", GUEST_CT, "  swap: 1\n",
	  "1: '  swap: 1' is not read by Proxmox: an option begins in the first "
	  "column\n" },
	{ "a blank before the colon", GUEST_CT, "swap : 1\n",
	  "1: 'swap : 1' is not read by Proxmox: no blank may stand before the colon\n" },
	{ "'='", GUEST_CT, "swap = 1\n",
	  "1: 'swap = 1' is not read by Proxmox: an option is written 'key: value'\n" },
	{ "no value", GUEST_CT, "swap:\n",
	  "1: 'swap:' is not read by Proxmox: the value is missing\n" },
	{ "anything else", GUEST_CT, "garbage\n",
	  "1: 'garbage' is not read by Proxmox: not of the form 'key: value'\n" },
	{ "a container's header", GUEST_CT, "[snap one]\n",
	  "1: '[snap one]' is not read by Proxmox: no section's name; the lines below "
	  "belong to the section above\n" },
	{ "a VM's header", GUEST_VM, "[snap one]\nargs: -x\n",
	  "1: no section that Proxmox knows: it skips the lines down to the next one\n" },
	{ "a VM's special section is none to warn about", GUEST_VM,
	  "[special:cloudinit]\nx\n", "" },
	{ "a section again", GUEST_CT, "[ab]\n[ab]\n",
	  "2: a section of this name stands above: what it holds there is forgotten\n" },
	{ "a container's bad value", GUEST_CT, "memory: abc\n",
	  "1: memory: 'abc' is not a whole number; Proxmox warns and keeps it\n" },
	{ "a VM's bad value", GUEST_VM, "name: web_1\n",
	  "1: name: 'web_1' is not a DNS name; Proxmox drops the line\n" },
	{ "a container's bad property string", GUEST_CT, "features: nesting\n",
	  "1: features: 'nesting' lacks its key; Proxmox warns and keeps it\n" },
	{ "a container's unknown key", GUEST_CT, "bogus: 1\n",
	  "1: 'bogus' is no option that this version knows; Proxmox warns and keeps "
	  "it\n" },
	{ "a VM's unknown key", GUEST_VM, "bogus: 1\n",
	  "1: 'bogus' is no option that this version knows; Proxmox drops the line\n" },
	{ "delete of a container", GUEST_CT, "delete: x\n",
	  "1: 'delete' has an effect in [pve:pending] only\n" },
	{ "delete of a VM", GUEST_VM, "delete: x\n",
	  "1: 'delete' has an effect in [PENDING] only\n" },
	{ "a refused raw key", GUEST_CT, "lxc.hook.start-host: /x\n",
	  "1: lxc.hook.start-host is refused by Proxmox and has no effect\n" },
	{ "an old raw key", GUEST_CT, "lxc.aa_profile: x\n",
	  "1: lxc.aa_profile is an old name of lxc.apparmor.profile\n" },
	{ "a raw key of cgroup v1", GUEST_CT, "lxc.cgroup.devices.allow: a\n",
	  "1: lxc.cgroup.devices.allow is of cgroup v1 and has no effect since Proxmox "
	  "VE 7; "
	  "write lxc.cgroup2.…\n" },
	{ "a long line is cut, control bytes are shown", GUEST_CT,
	  "x\1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
	  "1: 'x\\x01xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is not "
	  "read by Proxmox: not of the form 'key: value'\n" },
};

static void is_warned(void **state)
{
	const struct warning_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &c, &e), 0);
	assert_int_equal(c.nwarnings, 0);
	assert_int_equal(guestconf_warn(&c, &a, &e), 0);
	for (size_t i = 0; i < c.nwarnings; i++)
		buf_printf(&got, "%u: %s\n", c.warnings[i].line, c.warnings[i].text);
	assert_string_equal(buf_text(&got), t->want);
}

static struct error_row {
	const char *name;
	enum guest_kind kind;
	const char *text;
	size_t len; /* 0: up to the NUL */
	enum err_code code;
	unsigned line;
	const char *msg;
} error_rows[] = {
	{ "a NUL byte is refused", GUEST_CT, "swap: 1\0\n", 9, ERR_SYNTAX, 1,
	  "a NUL byte: expected text" },
	{ "lxc: would overwrite the raw lines", GUEST_CT, "swap: 1\nlxc: x\n", 0,
	  ERR_SYNTAX, 2,
	  "'lxc' is a name that Proxmox needs itself, and no option; take the line out" },
	{ "pending: would overwrite the pending changes", GUEST_CT, "pending: x\n", 0,
	  ERR_SYNTAX, 1,
	  "'pending' is a name that Proxmox needs itself, and no option; take the line "
	  "out" },
	{ "snapshots: would overwrite the snapshots", GUEST_CT, "snapshots: x\n", 0,
	  ERR_SYNTAX, 1,
	  "'snapshots' is a name that Proxmox needs itself, and no option; take the line "
	  "out" },
	{ "digest: would overwrite the digest", GUEST_CT, "\n\ndigest: x\n", 0,
	  ERR_SYNTAX, 3,
	  "'digest' is a name that Proxmox needs itself, and no option; take the line "
	  "out" },
};

static void is_refused(void **state)
{
	const struct error_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct slice text = { t->text, t->len ? t->len : strlen(t->text) };
	struct guestconf c = { .nsections = 7 };
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, text, &a, &c, &e), -1);
	assert_int_equal(e.code, t->code);
	assert_int_equal(e.line, t->line);
	assert_string_equal(e.msg, t->msg);
	assert_int_equal(c.nsections, 7); /* untouched */
}

/* Appends @n lines made by @format, in which '@' is four letters that number the line. */
static void add_numbered(struct buf *out, unsigned n, const char *format)
{
	for (unsigned i = 0; i < n; i++)
		for (const char *p = format; *p; p++)
			if (*p == '@')
				buf_printf(out, "%c%c%c%c", 'a' + i / 17576 % 26,
					   'a' + i / 676 % 26, 'a' + i / 26 % 26,
					   'a' + i % 26);
			else
				buf_putc(out, *p);
}

static void sizes_are_bounded(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i <= GUESTCONF_MAX_BYTES; i++)
		buf_putc(&text, '\n');
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), -1);
	assert_int_equal(e.code, ERR_RANGE);
	assert_string_equal(e.msg,
			    "1048577 bytes are too many: expected at most 1048576");
	text.len = GUESTCONF_MAX_BYTES;
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), 0);
}

static struct many_row {
	const char *name;
	const char *format; /* of add_numbered() */
	unsigned line;
	const char *msg;
} many_rows[] = {
	{ "options are bounded", "z@: 1\n", GUESTCONF_MAX_KEYS + 1,
	  "more than 8192 options or raw lines in a section" },
	{ "raw lines are bounded", "lxc.cap.drop: @\n", GUESTCONF_MAX_KEYS + 1,
	  "more than 8192 options or raw lines in a section" },
	{ "sections are bounded", "[@]\n", GUESTCONF_MAX_KEYS,
	  "more than 8192 sections" },
};

static void is_bounded(void **state)
{
	const struct many_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	add_numbered(&text, 9000, t->format);
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), -1);
	assert_int_equal(e.code, ERR_RANGE);
	assert_int_equal(e.line, t->line);
	assert_string_equal(e.msg, t->msg);
}

static void many_keys_are_all_found(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	(void)state;
	add_numbered(&text, 5000, "z@: 1\n");
	add_numbered(&text, 5000, "z@: 2\n");
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), 0);
	for (size_t i = 0; i < c.sections[0].nentries; i++)
		assert_true(slice_eq(c.sections[0].entries[i].value, "2"));
	assert_int_equal(c.sections[0].nentries, 5000);
}

static void many_warnings_are_counted(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < GUESTCONF_MAX_WARNINGS + 10; i++)
		buf_puts(&text, "garbage\n");
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), 0);
	assert_int_equal(guestconf_warn(&c, &a, &e), 0);
	assert_int_equal(c.nwarnings, GUESTCONF_MAX_WARNINGS);
	assert_int_equal(c.warnings[c.nwarnings - 1].line, GUESTCONF_MAX_WARNINGS);
	assert_non_null(strstr(c.warnings[c.nwarnings - 1].text, "(and 10 more)"));
}

static void sections_are_found(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	const struct guestconf_section *snap;
	struct guestconf c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(guestconf_parse(GUEST_CT,
					 slice_of("net1: x\nswap: 1\n[ab]\nswap: 2\n"),
					 &a, &c, &e),
			 0);
	assert_null(guestconf_pending(&c));
	assert_null(guestconf_snapshot(&c, slice_of("xy")));
	snap = guestconf_snapshot(&c, slice_of("ab"));
	assert_non_null(snap);
	assert_true(slice_eq(guestconf_find(snap, "swap")->value, "2"));
	assert_int_equal(guestconf_find(snap, "swap")->line, 4);
	assert_null(guestconf_find(snap, "swa"));
	assert_null(guestconf_find(snap, "net1"));
	assert_int_equal(guestconf_find(guestconf_current(&c), "net1")->index, 1);
	assert_string_equal(guestconf_find(guestconf_current(&c), "net1")->option->name,
			    "net");
}

static void truths(void **state)
{
	static const char *const yes[] = { "1", "on", "YES", "True" };
	static const char *const no[] = { "0", "off", "no",    "false",
					  "2", "",    "maybe", "01" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_true(guestconf_is_true(slice_of(yes[i])));
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(guestconf_is_true(slice_of(no[i])));
	assert_true(guestconf_is_perl_true(slice_of("2")));
	assert_true(guestconf_is_perl_true(slice_of("maybe")));
	assert_true(guestconf_is_perl_true(slice_of("00")));
	assert_true(guestconf_is_perl_true(slice_of(" ")));
	assert_false(guestconf_is_perl_true(slice_of("0")));
	assert_false(guestconf_is_perl_true(slice_of("")));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, read_rows, is_read);
	ROWS_ADD(&rows, merge_rows, is_merged);
	ROWS_ADD(&rows, start_rows, is_started);
	ROWS_ADD(&rows, warning_rows, is_warned);
	ROWS_ADD(&rows, error_rows, is_refused);
	ROWS_ADD(&rows, many_rows, is_bounded);
	ROWS_ADD_ONE(&rows, "a file over the limit is refused", sizes_are_bounded);
	ROWS_ADD_ONE(&rows, "thousands of keys are each kept once",
		     many_keys_are_all_found);
	ROWS_ADD_ONE(&rows, "warnings beyond the limit are counted",
		     many_warnings_are_counted);
	ROWS_ADD_ONE(&rows, "lines that were read before read the same",
		     known_lines_read_the_same);
	ROWS_ADD_ONE(&rows, "lines that differ in a byte are not taken for one another",
		     known_lines_differ_in_a_byte);
	ROWS_ADD_ONE(&rows, "sections and entries are found by name", sections_are_found);
	ROWS_ADD_ONE(&rows, "what is true in Proxmox and in Perl", truths);
	return rows_run(&rows, "guestconf");
}
