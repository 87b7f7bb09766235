/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve when memory runs out: each row is done again and again, with a
 * little more memory each time. It must say that memory is gone, or give what it gives
 * with enough of it; never crash, never give less.
 */
#include "scarce.h"

#include "rows.h"

#include "pve/argv-paths.h"
#include "pve/change.h"
#include "pve/engine.h"
#include "pve/guestconf.h"
#include "pve/option.h"
#include "pve/pci.h"
#include "pve/resolve.h"
#include "pve/tags.h"

#include "root.h"

enum { WORDS = 16, GIVEN_MAX = 4096 };

/* What a row gives, as text; it needs no memory of its own. */
struct given {
	char text[GIVEN_MAX];
	size_t len;
};

/* Appends @s and a line's end. */
static void give(struct given *g, struct slice s)
{
	assert_true(g->len + s.len + 2 < sizeof(g->text));
	if (s.len)
		memcpy(g->text + g->len, s.ptr, s.len);
	g->len += s.len;
	g->text[g->len++] = '\n';
	g->text[g->len] = '\0';
}

/* Appends what a section holds. */
static void give_section(struct given *g, const struct guestconf_section *s)
{
	for (size_t i = 0; i < s->nentries; i++) {
		give(g, s->entries[i].key);
		give(g, s->entries[i].value);
	}
	for (size_t i = 0; i < s->nraws; i++)
		give(g, s->raws[i].value);
	for (size_t i = 0; i < s->nnewer; i++)
		give(g, s->newer[i].value);
}

struct nomem_row {
	const char *name;
	const char *text; /* of a guest's file, or of a value */
	const char *argv[WORDS];
	int (*run)(const struct nomem_row *t, struct arena *a, struct given *g,
		   struct err *e);
	bool fails; /* whatever there is of memory */
	bool newer; /* a tool that is newer than our tables */
};

/* Reads the command line of @t. */
static int read_line(const struct nomem_row *t, struct arena *a, struct argv_command *c,
		     struct err *e)
{
	int n = 1;

	while (t->argv[n])
		n++;
	return argv_read((enum tool)cli_tool_find(t->argv[0]), n - 1, t->argv + 1,
			 t->newer ? ARGV_NEWER : 0, a, c, e);
}

/* Appends @w as it would be recorded. */
static int give_words(struct given *g, const struct argv_words *w, struct arena *a,
		      struct err *e)
{
	const char *const *masked = argv_masked(w, a);

	if (!masked)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < w->n; i++) {
		give(g, slice_of(w->words[i]));
		give(g, slice_of(masked[i]));
	}
	return 0;
}

/* A command line: read, added to, written, masked. */
static int line_is_read(const struct nomem_row *t, struct arena *a, struct given *g,
			struct err *e)
{
	struct argv_command c;
	struct argv_words words;
	struct argv_paths paths;

	if (read_line(t, a, &c, e) < 0 || argv_paths_find(&c, a, &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++)
		give(g, slice_of(paths.items[i].name));
	if (argv_as_typed(&c, "/sbin/x", a, &words, e) < 0 ||
	    give_words(g, &words, a, e) < 0)
		return -1;
	if (t->text && argv_set(&c, a, t->text, slice_of("512"), e) < 0)
		return -1;
	if (argv_canonical(&c, "/sbin/x", a, &words, e) < 0)
		return -1;
	return give_words(g, &words, a, e);
}

/* A command and a guest's file: the configuration that results, and what differs. */
static int change_is_made(const struct nomem_row *t, struct arena *a, struct given *g,
			  struct err *e)
{
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	const char *event = t->argv[1];
	const struct guestconf_section *now;
	struct guestconf_section after;
	struct change_keys keys;
	struct argv_command c;
	struct guestconf conf;
	int r;

	if (read_line(t, a, &c, e) < 0 ||
	    guestconf_parse(kind, slice_of(t->text), a, &conf, e) < 0)
		return -1;
	now = guestconf_current(&conf);
	if (strcmp(event, "create") == 0)
		r = change_create(&c, a, &after, e);
	else if (strcmp(event, "import") == 0)
		r = change_import(&c, a, &after, e);
	else if (strcmp(event, "importdisk") == 0)
		r = change_disk(now, &c, a, &after, e);
	else if (strcmp(event, "clone") == 0)
		r = change_clone(now, kind, &c, a, &after, e);
	else if (strcmp(event, "restore") == 0)
		r = change_restore(now, kind, &c, a, &after, e);
	else if (strcmp(event, "move-volume") == 0 && change_gives_away(&c))
		r = change_receive(now, now, kind, &c, a, &after, e);
	else if (strcmp(event, "move-volume") == 0)
		r = change_move(now, kind, &c, a, &after, e);
	else if (strcmp(event, "resize") == 0)
		r = change_resize(now, kind, &c, a, &after, e);
	else
		r = change_set(&conf, &c, a, &after, e);
	if (r < 0 || change_keys(now, &after, a, &keys, e) < 0)
		return -1;
	give_section(g, &after);
	for (size_t i = 0; i < keys.n; i++)
		give(g, keys.keys[i]);
	return 0;
}

/* A guest's file with all of its sections, what is pending merged, its warnings. */
static int file_is_read(const struct nomem_row *t, struct arena *a, struct given *g,
			struct err *e)
{
	struct guestconf_section next;
	struct guestconf conf;

	for (int kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		if (guestconf_parse((enum guest_kind)kind, slice_of(t->text), a, &conf,
				    e) < 0 ||
		    guestconf_merge_pending(&conf, a, &next, e) < 0 ||
		    guestconf_warn(&conf, a, e) < 0)
			return -1;
		give_section(g, &next);
		for (size_t i = 0; i < conf.nwarnings; i++)
			give(g, slice_of(conf.warnings[i].text));
	}
	return 0;
}

/* A guest's tags. */
static int tags_are_read(const struct nomem_row *t, struct arena *a, struct given *g,
			 struct err *e)
{
	struct tags tags;

	if (tags_parse_folded(slice_of(t->text), a, &tags, e) < 0)
		return -1;
	for (size_t i = 0; i < tags.n; i++)
		give(g, tags.tags[i]);
	return 0;
}

static struct root node; /* with links, a container that runs, a PCI device */

/* A path of the node. */
static int path_is_followed(const struct nomem_row *t, struct arena *a, struct given *g,
			    struct err *e)
{
	struct resolved to;

	if (resolve_path(node.fd, slice_of(t->text), a, &to, e) < 0)
		return -1;
	give(g, to.path);
	give(g, to.loose);
	return 0;
}

/* What runs in a container. */
static int engines_are_seen(const struct nomem_row *t, struct arena *a, struct given *g,
			    struct err *e)
{
	struct engines all;

	(void)t;
	if (engine_list(node.fd, 101, a, &all, e) < 0)
		return *e->msg ? -1 : 0;
	for (size_t i = 0; i < all.n; i++)
		give(g, all.items[i].name);
	return 0;
}

/* The node's storage controllers. */
static int controllers_are_seen(const struct nomem_row *t, struct arena *a,
				struct given *g, struct err *e)
{
	struct pci_devices all;

	(void)t;
	if (pci_storage_list(node.fd, a, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		give(g, all.items[i]);
	return 0;
}

/* Lays out the node. */
static void make_node(void)
{
	node = root_make();
	put(&node, "srv/data", "x", 1);
	put(&node, "sys/fs/cgroup/lxc/101/ns/cgroup.procs", "7\n", 2);
	put(&node, "sys/fs/cgroup/lxc/101/cgroup.procs", "", 0);
	put(&node, "proc/7/comm", "dockerd\n", 8);
	put(&node, "sys/bus/pci/devices/0000:01:00.0/class", "0x010802\n", 9);
	if (symlinkat("/srv", node.fd, "link") < 0 || fchmod(node.fd, 0777) < 0)
		abort();
}

/* Sixteen options; sections. */
#define NETS(n) \
	"net" #n ": name=a\nnet1" #n ": name=a\nnet2" #n ": name=a\nunused" #n ": a:b\n"
#define SNAPS(n) \
	"[a" #n "]\ncores: 1\n[b" #n "]\ncores: 1\n[c" #n "]\ncores: 1\n[d" #n "]\n"

static struct nomem_row rows[] = {
	{ "a command line with options of each type",
	  "memory",
	  { "pct", "create", "101", "local:vztmpl/t.tar", "--password", "secret", "--mp0",
	    "/srv,mp=/x", "--rootfs", "lvm:8", "--features", "nesting=1", "--unpriv",
	    "no" },
	  line_is_read },
	{ "a list that is given twice",
	  "swap",
	  { "pct", "set", "101", "--delete", "a", "--delete=b;c", "--tags", "x" },
	  line_is_read },
	{ "a command to be run in a guest",
	  NULL,
	  { "qm", "guest", "exec", "101", "--", "sh", "-c", "true" },
	  line_is_read },
	{ "files that a command reads",
	  NULL,
	  { "qm", "set", "101", "--sshkeys", "/root/keys", "--args", "-x /etc/y",
	    "--cicustom", "user=local:snippets/u", "--hostpci0", "01:00,romfile=r.bin" },
	  line_is_read },
	{ "options that a newer tool may know",
	  NULL,
	  { "qm", "set", "101", "--memory", "512", "--bogus=1", "--other=2", "--ostype",
	    "l99" },
	  line_is_read,
	  .newer = true },
	{ "no such command", NULL, { "qm", "strat", "101" }, line_is_read, true },
	{ "no such command of a group",
	  NULL,
	  { "qm", "disk", "mvoe", "101" },
	  line_is_read,
	  true },
	{ "half a command", NULL, { "qm", "disk" }, line_is_read, true },
	{ "a command that could be several",
	  NULL,
	  { "qm", "sta", "101" },
	  line_is_read,
	  true },
	{ "no such option",
	  NULL,
	  { "pct", "set", "101", "--memry", "512" },
	  line_is_read,
	  true },
	{ "an option that could be several",
	  NULL,
	  { "pct", "set", "101", "--n", "512" },
	  line_is_read,
	  true },
	{ "a member that a family has not",
	  NULL,
	  { "pct", "set", "101", "--mp999", "512" },
	  line_is_read,
	  true },
	{ "too many words", NULL, { "pct", "start", "101", "102" }, line_is_read, true },
	{ "too few words", NULL, { "pct", "create", "101" }, line_is_read, true },
	{ "a word that is none of a list",
	  NULL,
	  { "pct", "set", "101", "--ostype", "windows" },
	  line_is_read,
	  true },

	{ "a container is made",
	  "",
	  { "pct", "create", "101", "t", "--mp0", "lvm:4,mp=/x,size=1G", "--storage",
	    "fast" },
	  change_is_made },
	{ "a VM is made",
	  "",
	  { "qm", "create", "101", "--scsi0", "lvm:0,import-from=/x,size=1G" },
	  change_is_made },
	{ "a VM is imported",
	  "",
	  { "qm", "import", "101", "a:import/b.ova", "--storage", "lvm", "--cores", "2" },
	  change_is_made },
	{ "a disk is imported",
	  "unused0: a:b\n",
	  { "qm", "importdisk", "101", "/srv/d", "lvm" },
	  change_is_made },
	{ "a VM is cloned",
	  "memory: 1\n",
	  { "qm", "clone", "101", "102" },
	  change_is_made },
	{ "a container is cloned",
	  "memory: 1\nlock: x\n",
	  { "pct", "clone", "101", "102", "--hostname", "x" },
	  change_is_made },
	{ "a clone comes on another storage",
	  "scsi0: lvm:vm-1-disk-0\nide2: lvm:vm-1-cloudinit,media=cdrom\n",
	  { "qm", "clone", "101", "102", "--storage", "fast" },
	  change_is_made },
	{ "a container is restored",
	  "rootfs: lvm:a,size=1G\nmp0: lvm:b,mp=/x\nnet0: name=eth0\ntemplate: 1\n",
	  { "pct", "restore", "101", "a", "--unique", "1", "--swap", "7" },
	  change_is_made },
	{ "with a size alone",
	  "rootfs: lvm:a,size=1G\nmp0: lvm:b,mp=/x\n",
	  { "pct", "restore", "101", "a", "--rootfs", "8" },
	  change_is_made },
	{ "a volume is moved",
	  "rootfs: lvm:a,size=1G\nunused0: lvm:b\n",
	  { "pct", "move-volume", "101", "rootfs", "fast" },
	  change_is_made },
	{ "a volume is given away",
	  "mp0: lvm:a,mp=/x,size=1G\n",
	  { "pct", "move-volume", "101", "mp0", "--target-vmid", "102", "--target-volume",
	    "unused3" },
	  change_is_made },
	{ "a volume grows",
	  "rootfs: lvm:a,size=1G\n",
	  { "pct", "resize", "101", "rootfs", "+1G" },
	  change_is_made },
	{ "a VM's cdrom is set",
	  "ide2: none,media=cdrom\n",
	  { "qm", "set", "101", "--cdrom", "lvm:iso/x.iso" },
	  change_is_made },
	{ "a guest is changed",
	  "swap: 1\nlxc.cap.drop:\n[pve:pending]\nmemory: 7\nlxc.x: 1\ndelete: swap\n",
	  { "pct", "set", "101", "--hostname", "x", "--mp1", "lvm:1,mp=/y" },
	  change_is_made },

	{ "a guest's file",
	  "#note\nmemory: 512\nunprivileged: yes\nbogus: 1\nnet0: name=eth0,bridge=x\n"
	  "env: A=1\nlxc.environment.runtime: B=2\nlxc.environment.runtime: C=3\n"
	  "lxc.cap.drop:\nno line\nLXC: x\n[snap]\nmemory: 1\nsnaptime: 5\n"
	  "[pve:pending]\nswap: 5\nlxc.a: b\ndelete: memory\n[PENDING]\ncores: 2\n"
	  "future: 5\ndelete: bogus\n",
	  { NULL },
	  file_is_read },
	{ "a guest's file of many keys",
	  NETS(0) NETS(1) NETS(2) NETS(3) NETS(4) NETS(5) NETS(6) NETS(7) NETS(8) NETS(9),
	  { NULL },
	  file_is_read },
	{ "a guest's file of many sections",
	  SNAPS(0) SNAPS(1) SNAPS(2) SNAPS(3) SNAPS(4) SNAPS(5) SNAPS(6) SNAPS(7)
		  SNAPS(8),
	  { NULL },
	  file_is_read },
	{ "a path with a link", "/link/../link/data", { NULL }, path_is_followed },
	{ "a path that others may change",
	  "/link/../srv/none",
	  { NULL },
	  path_is_followed },
	{ "engines in a container", NULL, { NULL }, engines_are_seen },
	{ "storage controllers", NULL, { NULL }, controllers_are_seen },
	{ "tags", "Web;a,B c;a", { NULL }, tags_are_read },
};

/* Does @t with @room bytes left, @end what more it asks for. 0 or -1. */
static int run(const struct nomem_row *t, size_t room, int end, size_t *ret_used,
	       struct given *g, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };
	int r;

	g->len = 0;
	g->text[0] = '\0';
	assert_true(arena_leave(&a, room));
	memory = end;
	r = t->run(t, &a, g, e);
	memory = MEMORY_THERE;
	*ret_used = arena_taken(&a, room);
	return r;
}

static void needs_memory(void **state)
{
	const struct nomem_row *t = *state;
	struct given want, got;
	struct err whole = { 0 };
	size_t used, any;
	int r = run(t, SCARCE_MAX, MEMORY_THERE, &used, &want, &whole);

	if (r < 0 && !t->fails)
		fail_msg("%s", whole.msg);
	assert_int_equal(r < 0, t->fails);
	assert_true(used <= SCARCE_MAX);
	for (int end = ARENAS_END; end <= MEMORY_ENDS; end++)
		for (size_t room = 0; room <= used; room += _Alignof(max_align_t)) {
			struct err e = { 0 };

			if (run(t, room, end, &any, &got, &e) == 0) {
				assert_int_equal(r, 0);
				assert_string_equal(got.text, want.text);
			} else if (r == 0) {
				assert_non_null(strstr(e.msg, "memory"));
			} else {
				assert_true(*e.msg); /* what is wrong, in fewer words */
			}
		}
}

int main(void)
{
	static struct rows all;
	int r;

	make_node();
	ROWS_ADD(&all, rows, needs_memory);
	r = rows_run(&all, "lib/pve without memory");
	root_done(&node);
	return r;
}
