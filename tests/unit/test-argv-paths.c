/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/argv-paths.c, and for the column of lib/pve/cli-*.c that it reads:
 * every text in Proxmox's own list of options either names files of the node, or stands
 * here with the reason why it names none.
 */
#include "rows.h"

#include "base/buf.h"
#include "pve/argv-paths.h"

#define TSV "tests/fixtures/vectors/pve-cli.tsv"

enum { WORDS_MAX = 10, PATH_FLAGS = CLI_FILE | CLI_PATHS | CLI_OPAQUE };

#define LINE(...)                 \
	{                         \
		__VA_ARGS__, NULL \
	}

/* What is listed of a command line: names by blanks, "w:" what is written, "?" opaque. */
static struct row {
	const char *name;
	enum tool tool;
	const char *words[WORDS_MAX];
	const char *want;
	unsigned flags;
} table[] = {
	{ "a public key's file", TOOL_PCT,
	  LINE("create", "101", "local:vztmpl/x", "--ssh-public-keys", "/etc/shadow"),
	  "/etc/shadow" },
	{ "by a relative name", TOOL_PCT,
	  LINE("create", "101", "local:vztmpl/x", "--ssh-public-keys", "shadow"),
	  "shadow" },
	{ "of a VM, abbreviated", TOOL_QM, LINE("set", "101", "--sshk", "../k"), "../k" },
	{ "a file that is called like a volume", TOOL_QM,
	  LINE("set", "101", "--sshkeys", "local:k"), "local:k" },
	{ "a template by its path", TOOL_PCT, LINE("create", "101", "/srv/t.tar"),
	  "/srv/t.tar" },
	{ "a volume is none", TOOL_PCT, LINE("create", "101", "local:vztmpl/t.tar"), "" },
	{ "nor is a pipe", TOOL_PCT, LINE("restore", "101", "-"), "" },
	{ "what is no storage's name is a path", TOOL_PCT, LINE("restore", "101", "1x:y"),
	  "1x:y" },
	{ "qmrestore's archive", TOOL_QMRESTORE, LINE("../x.vma", "101"), "../x.vma" },
	{ "an archive in create", TOOL_QM, LINE("create", "101", "--archive", "x.vma"),
	  "x.vma" },
	{ "what push reads", TOOL_PCT, LINE("push", "101", "/etc/shadow", "/tmp/x"),
	  "/etc/shadow" },
	{ "what pull writes", TOOL_PCT, LINE("pull", "101", "/tmp/x", "/etc/cron.d/x"),
	  "w:/etc/cron.d/x" },
	{ "a disk image", TOOL_QM, LINE("importdisk", "101", "disk.raw", "local"),
	  "disk.raw" },
	{ "also one called like a volume, for Proxmox takes files alone", TOOL_QM,
	  LINE("disk", "import", "101", "a:b", "local"), "a:b" },
	{ "a manifest", TOOL_QM, LINE("importovf", "101", "x.ovf", "local"), "x.ovf" },
	{ "a volume to import from", TOOL_QM,
	  LINE("import", "101", "esx:a/b.vmx", "--storage", "local"), "" },
	{ "a bind mount, but not its place in the container", TOOL_PCT,
	  LINE("set", "101", "--mp0", "/srv/a,mp=/b"), "/srv/a" },
	{ "by the name of the key, last", TOOL_PCT,
	  LINE("set", "101", "--mp0", "mp=/b,ro=1,volume=/srv/a"), "/srv/a" },
	{ "with an equals sign in it", TOOL_PCT,
	  LINE("set", "101", "--mp0", "/srv/a=b,mp=/b"), "/srv/a=b" },
	{ "a device", TOOL_PCT, LINE("set", "101", "--dev3", "path=/dev/kvm,gid=1"),
	  "/dev/kvm" },
	{ "a disk", TOOL_QM, LINE("set", "101", "--scsi1", "/dev/sdb,cache=none"),
	  "/dev/sdb" },
	{ "an image that a disk is made of", TOOL_QM,
	  LINE("set", "101", "--scsi1", "local:0,import-from=/srv/x.raw"), "/srv/x.raw" },
	{ "a ROM, below the directory where Proxmox looks for it", TOOL_QM,
	  LINE("set", "101", "--hostpci0", "01:00,romfile=../../../etc/shadow"),
	  "/usr/share/kvm/../../../etc/shadow" },
	{ "a serial port", TOOL_QM, LINE("set", "101", "--serial0", "/dev/ttyS0"),
	  "/dev/ttyS0" },
	{ "no socket", TOOL_QM, LINE("set", "101", "--serial0", "socket"), "" },
	{ "a storage's name begins with a letter", TOOL_PCT,
	  LINE("restore", "101", "_a:y"), "_a:y" },
	{ "and does not end with a hyphen", TOOL_PCT, LINE("restore", "101", "a-:y"),
	  "a-:y" },
	{ "and has no other characters", TOOL_PCT, LINE("restore", "101", "a+b:y"),
	  "a+b:y" },
	{ "nor is it a letter alone", TOOL_PCT, LINE("restore", "101", "a:y"), "a:y" },
	{ "it may hold hyphens, underlines and points", TOOL_PCT,
	  LINE("restore", "101", "a-b_c.D9:y"), "" },
	{ "a storage alone is a path", TOOL_PCT, LINE("restore", "101", "local:"),
	  "local:" },
	{ "no value is no file", TOOL_QM, LINE("set", "101", "--sshkeys", ""), "" },
	{ "nor are empty members", TOOL_PCT,
	  LINE("set", "101", "--mp0", "volume=,/srv/a,,mp=/b"), "/srv/a" },
	{ "QEMU's arguments may name any file", TOOL_QM,
	  LINE("set", "101", "--args", "-snapshot"), "?-snapshot" },
	{ "so may an option that we do not know", TOOL_QM,
	  LINE("set", "101", "--brandnew=/etc/shadow"), "?--brandnew=/etc/shadow",
	  ARGV_NEWER },
	{ "memory to load", TOOL_QM, LINE("start", "101", "--stateuri", "/etc/shadow"),
	  "/etc/shadow" },
	{ "all of several", TOOL_PCT,
	  LINE("set", "101", "--mp0", "/a,mp=/x", "--mp1", "/b,mp=/y", "--dev0",
	       "/dev/c"),
	  "/a /b /dev/c" },
	{ "the last value counts", TOOL_QM,
	  LINE("set", "101", "--sshkeys", "/a", "--sshkeys", "/b"), "/b" },
	{ "what a guest is to run names nothing here", TOOL_PCT,
	  LINE("exec", "101", "--", "cat", "/etc/shadow"), "" },
};

static void names(void **state)
{
	const struct row *r = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct argv_command c;
	struct argv_paths paths;
	struct err e = { 0 };
	int n = 0;

	while (r->words[n])
		n++;
	if (argv_read(r->tool, n, r->words, r->flags, &a, &c, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(argv_paths_find(&c, &a, &paths, &e), 0);
	for (size_t i = 0; i < paths.n; i++)
		buf_printf(&got, "%s%s%s%s", i ? " " : "",
			   paths.items[i].writes ? "w:" : "",
			   paths.items[i].opaque ? "?" : "", paths.items[i].name);
	assert_string_equal(buf_text(&got), r->want);
}

/* Texts that name no file of the node. */
static struct no_path {
	const char *name; /* "option", or "command option" */
	const char *why;
	bool used;
} no_paths[] = {
	{ "affinity", "numbers of processors" },
	{ "agent", "switches" },
	{ "amd-sev", "a type and switches" },
	{ "audio", "a device and a driver, of closed lists" },
	{ "boot", "names of the guest's devices" },
	{ "bootdisk", "the name of a disk of the guest" },
	{ "cipassword", "a secret" },
	{ "ciuser", "a user in the guest" },
	{ "cpu", "a model and flags, of closed lists and cpu-models.conf" },
	{ "delete", "names of options" },
	{ "description", "text for people" },
	{ "digest", "a checksum" },
	{ "entrypoint", "a program in the guest" },
	{ "env", "variables of the guest" },
	{ "escape", "a character" },
	{ "extra-args", "what the guest runs, or a command to be helped with" },
	{ "features", "switches and types of file systems" },
	{ "force-cpu", "QEMU's -cpu, which opens nothing" },
	{ "group", "a group in the guest, or of the file that was written" },
	{ "hostname", "a DNS name" },
	{ "hotplug", "switches" },
	{ "idlist", "names of options" },
	{ "import sshkeys", "the keys themselves; create and set read a file" },
	{ "import-working-storage", "a storage" },
	{ "intel-tdx", "a type, switches and numbers" },
	{ "ipconfig", "addresses" },
	{ "ivshmem", "a size, and letters and digits of a name below /dev/shm" },
	{ "key", "keys of a keyboard" },
	{ "machine", "a type, of a pattern without '/'" },
	{ "memory", "numbers" },
	{ "migratedfrom", "a node" },
	{ "migration_network", "a network" },
	{ "name", "a DNS name" },
	{ "nameserver", "addresses" },
	{ "net", "a bridge, addresses, numbers" },
	{ "nets-host-mtu", "names of devices and numbers" },
	{ "numa", "numbers" },
	{ "password", "a secret" },
	{ "path", "in the container" },
	{ "perms", "a file mode" },
	{ "pool", "a pool" },
	{ "push destination", "in the container" },
	{ "revert", "names of options" },
	{ "searchdomain", "DNS names" },
	{ "size", "a number" },
	{ "smbios1", "text that the guest sees" },
	{ "snapname", "a snapshot" },
	{ "snapshot", "a snapshot" },
	{ "spice_enhancements", "switches" },
	{ "startdate", "a date" },
	{ "startup", "numbers" },
	{ "statestorage", "a storage" },
	{ "storage", "a storage" },
	{ "tags", "words" },
	{ "target", "a node" },
	{ "target-bridge", "bridges" },
	{ "target-digest", "a checksum" },
	{ "target-endpoint", "a host and its API token" },
	{ "target-storage", "storages" },
	{ "targetstorage", "storages" },
	{ "timezone", "a name of a list of names" },
	{ "unused", "a volume; Proxmox takes no path there" },
	{ "usb", "a device by its number or port, or a mapping" },
	{ "user", "a user in the guest, or of the file that was written" },
	{ "username", "a user in the guest" },
	{ "vga", "a type and numbers" },
	{ "virtiofs", "a mapping, which an administrator made" },
	{ "vmgenid", "a UUID" },
	{ "vmstatestorage", "a storage" },
	{ "watchdog", "a model and an action" },
};

/* The reason why @option of @command names no file; marked as used. NULL: there is none. */
static const char *why_not(const char *command, const char *option)
{
	char both[128];
	const char *why = NULL;

	(void)snprintf(both, sizeof(both), "%s %s", command, option);
	for (size_t i = 0; i < ARRAY_LEN(no_paths); i++) {
		struct no_path *n = &no_paths[i];

		if (strcmp(n->name, option) == 0 || strcmp(n->name, both) == 0) {
			n->used = true;
			why = n->why;
		}
	}
	return why;
}

/* The row of @option, or of the family that it is, in @command of @tool. */
static const struct cli_option *row_of(const char *tool, const char *command,
				       const char *option)
{
	const struct cli_tool *t = cli_tool((enum tool)cli_tool_find(tool));

	for (size_t i = 0; i < t->ncommands; i++)
		if (strcmp(t->commands[i].name, command) == 0)
			return cli_option_find(&t->commands[i], option);
	return NULL;
}

/* Holds one line of the list; true when it is of a text without a closed list. */
static bool hold(char *line)
{
	char *col[12] = { NULL }, none[] = "";
	const struct cli_option *o;
	const char *why;
	bool marked;

	for (size_t i = 0; i < ARRAY_LEN(col); i++)
		if (!(col[i] = strsep(&line, "\t\n")))
			col[i] = line = none;
	if (strcmp(col[2], "option") != 0 ||
	    (strcmp(col[4], "string") != 0 && strcmp(col[4], "list") != 0) || col[8][0])
		return false;
	col[3][strcspn(col[3], "[")] = '\0';
	o = row_of(col[0], col[1], col[3]);
	if (!o)
		fail_msg("%s %s --%s is in no table", col[0], col[1], col[3]);
	marked = o->flags & PATH_FLAGS;
	why = why_not(col[1], col[3]);
	if (marked == (why != NULL))
		fail_msg("%s %s --%s: %s", col[0], col[1], col[3],
			 marked ? "marked, and listed as no path"
				: "names files or does not? mark it, or say why not");
	return true;
}

static void list_is_covered(void **state)
{
	FILE *f = fopen(TSV, "re");
	char *line = NULL;
	size_t size = 0, held = 0;

	(void)state;
	assert_non_null(f);
	while (getline(&line, &size, f) >= 0)
		held += hold(line);
	free(line);
	(void)fclose(f);
	assert_true(held > 250);
	for (size_t i = 0; i < ARRAY_LEN(no_paths); i++)
		if (!no_paths[i].used)
			fail_msg("%s is listed, but no option", no_paths[i].name);
}

static void restore_is_covered(void **state)
{
	const struct cli_option *o = row_of("qmrestore", "qmrestore", "archive");

	(void)state;
	assert_non_null(o);
	assert_true(o->flags & CLI_FILE);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, names);
	ROWS_ADD_ONE(&rows, "every text of pct and qm is marked, or none for a reason",
		     list_is_covered);
	ROWS_ADD_ONE(&rows, "so is qmrestore's", restore_is_covered);
	return rows_run(&rows, "argv-paths");
}
