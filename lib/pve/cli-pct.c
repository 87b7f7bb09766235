/* SPDX-License-Identifier: MIT */
/*
 * cli-pct - every command of pct and its options, as Proxmox VE 9.x has them.
 * Source: PVE::CLI::pct, PVE::API2::LXC.
 */
#include "pve/cli.h"

static const char *const words_arch[] = { "amd64",   "i386",    "arm64", "armhf",
					  "riscv32", "riscv64", NULL };
static const char *const words_cmode[] = { "shell", "console", "tty", NULL };
static const char *const words_lock[] = {
	"backup",   "create",   "destroyed",       "disk", "fstrim", "migrate", "mounted",
	"rollback", "snapshot", "snapshot-delete", NULL
};
static const char *const words_ostype[] = { "debian", "devuan",   "ubuntu",    "centos",
					    "fedora", "opensuse", "archlinux", "alpine",
					    "gentoo", "nixos",    "unmanaged", NULL };
static const char *const words_device[] = { "rootfs", "mp[0..255]", NULL };
static const char *const words_volume[] = { "rootfs", "mp[0..255]", "unused[0..255]",
					    NULL };

/* What a guest's configuration holds. */
static const struct cli_option guest[] = {
	{ "arch", CLI_TEXT, .words = words_arch },
	{ "cmode", CLI_TEXT, .words = words_cmode },
	{ "console", CLI_BOOL },
	{ "cores", CLI_INTEGER, CLI_MIN(1), CLI_MAX(8192) },
	{ "cpulimit", CLI_NUMBER, CLI_MIN(0), CLI_MAX(8192) },
	{ "cpuunits", CLI_INTEGER, CLI_MIN(0), CLI_MAX(500000) },
	{ "debug", CLI_BOOL },
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "entrypoint", CLI_TEXT },
	{ "env", CLI_TEXT, .flags = CLI_SECRET },
	{ "features", CLI_TEXT },
	{ "hookscript", CLI_TEXT, .flags = CLI_PATHS, .format = "pve-volume-id" },
	{ "hostname", CLI_TEXT, .format = "dns-name" },
	{ "lock", CLI_TEXT, .words = words_lock },
	{ "memory", CLI_INTEGER, CLI_MIN(16) },
	{ "nameserver", CLI_LIST, .format = "lxc-ip-with-ll-iface-list" },
	{ "onboot", CLI_BOOL },
	{ "ostype", CLI_TEXT, .words = words_ostype },
	{ "protection", CLI_BOOL },
	{ "rootfs", CLI_TEXT, .flags = CLI_PATHS },
	{ "searchdomain", CLI_LIST, .format = "dns-name-list" },
	{ "startup", CLI_TEXT, .format = "pve-startup-order" },
	{ "swap", CLI_INTEGER, CLI_MIN(0) },
	{ "tags", CLI_LIST, .format = "pve-tag-list" },
	{ "template", CLI_BOOL },
	{ "timezone", CLI_TEXT, .format = "pve-ct-timezone" },
	{ "tty", CLI_INTEGER, CLI_MIN(0), CLI_MAX(6) },
	{ "unprivileged", CLI_BOOL },
	{ "dev", CLI_TEXT, .count = 256, .flags = CLI_PATHS },
	{ "mp", CLI_TEXT, .count = 256, .flags = CLI_PATHS },
	{ "net", CLI_TEXT, .count = 32 },
	{ "unused", CLI_TEXT, .count = 256 },
};

static const struct cli_option only_vmid[] = { CLI_VMID_ROW };

static const struct cli_option help[] = {
	{ "extra-args", CLI_LIST, .flags = CLI_REST },
	{ "verbose", CLI_BOOL },
};

static const struct cli_option clone[] = {
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "full", CLI_BOOL },
	{ "hostname", CLI_TEXT, .format = "dns-name" },
	{ "newid", CLI_INTEGER, .flags = CLI_REQUIRED, CLI_VMID },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "snapname", CLI_TEXT, .format = "pve-configid" },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "target", CLI_TEXT, .format = "pve-node" },
	CLI_VMID_ROW,
};

static const struct cli_option config[] = {
	{ "current", CLI_BOOL },
	{ "snapshot", CLI_TEXT, .format = "pve-configid" },
	CLI_VMID_ROW,
};

static const struct cli_option console[] = {
	{ "escape", CLI_TEXT },
	CLI_VMID_ROW,
};

static const struct cli_option create[] = {
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "force", CLI_BOOL },
	{ "ha-managed", CLI_BOOL },
	{ "ignore-unpack-errors", CLI_BOOL },
	{ "ostemplate", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE | CLI_VOLUME },
	{ "password", CLI_TEXT, .flags = CLI_ASKS | CLI_SECRET },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "restore", CLI_BOOL },
	{ "ssh-public-keys", CLI_TEXT, .flags = CLI_FILE },
	{ "start", CLI_BOOL },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "unique", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option delsnapshot[] = {
	{ "force", CLI_BOOL },
	{ "snapname", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-configid" },
	CLI_VMID_ROW,
};

static const struct cli_option destroy[] = {
	{ "destroy-unreferenced-disks", CLI_BOOL },
	{ "force", CLI_BOOL },
	{ "purge", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option enter[] = {
	{ "keep-env", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option exec[] = {
	{ "extra-args", CLI_LIST, .flags = CLI_REST },
	{ "keep-env", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option fsck[] = {
	{ "device", CLI_TEXT, .words = words_device },
	{ "force", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option fstrim[] = {
	{ "ignore-mountpoints", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option migrate[] = {
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "online", CLI_BOOL },
	{ "restart", CLI_BOOL },
	{ "target", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-node" },
	{ "target-storage", CLI_LIST, .format = "storage-pair-list" },
	{ "timeout", CLI_INTEGER },
	CLI_VMID_ROW,
};

static const struct cli_option move_volume[] = {
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "delete", CLI_BOOL },
	{ "digest", CLI_TEXT },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "target-digest", CLI_TEXT },
	{ "target-vmid", CLI_INTEGER, CLI_VMID },
	{ "target-volume", CLI_TEXT, .words = words_volume },
	CLI_VMID_ROW,
	{ "volume", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_volume },
};

static const struct cli_option pull[] = {
	{ "destination", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE | CLI_WRITES },
	{ "group", CLI_TEXT },
	{ "path", CLI_TEXT, .flags = CLI_REQUIRED },
	{ "perms", CLI_TEXT },
	{ "user", CLI_TEXT },
	CLI_VMID_ROW,
};

static const struct cli_option push[] = {
	{ "destination", CLI_TEXT, .flags = CLI_REQUIRED },
	{ "file", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE },
	{ "group", CLI_TEXT },
	{ "perms", CLI_TEXT },
	{ "user", CLI_TEXT },
	CLI_VMID_ROW,
};

static const struct cli_option reboot[] = {
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option remote_migrate[] = {
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "delete", CLI_BOOL },
	{ "online", CLI_BOOL },
	{ "restart", CLI_BOOL },
	{ "target-bridge", CLI_LIST, .flags = CLI_REQUIRED,
	  .format = "bridge-pair-list" },
	{ "target-endpoint", CLI_TEXT, .flags = CLI_REQUIRED,
	  .format = "proxmox-remote" },
	{ "target-storage", CLI_LIST, .flags = CLI_REQUIRED,
	  .format = "storage-pair-list" },
	{ "target-vmid", CLI_INTEGER, CLI_VMID },
	{ "timeout", CLI_INTEGER },
	CLI_VMID_ROW,
};

static const struct cli_option rescan[] = {
	{ "dryrun", CLI_BOOL },
	{ "vmid", CLI_INTEGER, CLI_VMID },
};

static const struct cli_option resize[] = {
	{ "digest", CLI_TEXT },
	{ "disk", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_device },
	{ "size", CLI_TEXT, .flags = CLI_REQUIRED },
	CLI_VMID_ROW,
};

/* pct restore is pct create with this one set. */
static const struct cli_option always_restore = { "restore", CLI_BOOL };

static const struct cli_option restore[] = {
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "force", CLI_BOOL },
	{ "ha-managed", CLI_BOOL },
	{ "ignore-unpack-errors", CLI_BOOL },
	{ "ostemplate", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE | CLI_VOLUME },
	{ "password", CLI_TEXT, .flags = CLI_ASKS | CLI_SECRET },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "ssh-public-keys", CLI_TEXT, .flags = CLI_FILE },
	{ "start", CLI_BOOL },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "unique", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option rollback[] = {
	{ "snapname", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-configid" },
	{ "start", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option set[] = {
	{ "delete", CLI_LIST, .format = "pve-configid-list" },
	{ "digest", CLI_TEXT },
	{ "revert", CLI_LIST, .format = "pve-configid-list" },
	CLI_VMID_ROW,
};

static const struct cli_option shutdown[] = {
	{ "forceStop", CLI_BOOL },
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option snapshot[] = {
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "snapname", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-configid" },
	CLI_VMID_ROW,
};

static const struct cli_option start[] = {
	{ "debug", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option status[] = {
	{ "verbose", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option stop[] = {
	{ "overrule-shutdown", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_command commands[] = {
	{ "bashcomplete", CLI_HIDDEN },
	{ "clone", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "newid"),
	  .own = CLI_ROWS(clone) },
	{ "config", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(config) },
	{ "console", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(console) },
	{ "cpusets", CLI_BY_NAME },
	{ "create", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "ostemplate"),
	  .own = CLI_ROWS(create), .restore_by = "restore", .shared = CLI_ROWS(guest) },
	{ "delsnapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(delsnapshot) },
	{ "destroy", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(destroy) },
	{ "df", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "enter", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(enter) },
	{ "exec", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "extra-args"),
	  .own = CLI_ROWS(exec) },
	{ "fsck", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(fsck) },
	{ "fstrim", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(fstrim) },
	{ "help", CLI_BY_NAME, .positionals = CLI_NAMES("extra-args"),
	  .own = CLI_ROWS(help) },
	{ "list", CLI_BY_NAME },
	{ "listsnapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "migrate", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "target"),
	  .own = CLI_ROWS(migrate) },
	{ "mount", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "move-volume", CLI_JUDGED,
	  .positionals =
		  CLI_NAMES("vmid", "volume", "storage", "target-vmid", "target-volume"),
	  .own = CLI_ROWS(move_volume) },
	{ "move_volume", CLI_ALIAS, .target = "move-volume" },
	{ "pending", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "pull", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "path", "destination"),
	  .own = CLI_ROWS(pull) },
	{ "push", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "file", "destination"),
	  .own = CLI_ROWS(push) },
	{ "reboot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(reboot) },
	{ "remote-migrate", CLI_JUDGED,
	  .positionals = CLI_NAMES("vmid", "target-vmid", "target-endpoint"),
	  .own = CLI_ROWS(remote_migrate) },
	{ "rescan", CLI_BY_NAME, .own = CLI_ROWS(rescan) },
	{ "resize", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "disk", "size"),
	  .own = CLI_ROWS(resize) },
	{ "restore", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "ostemplate"),
	  .own = CLI_ROWS(restore), .shared = CLI_ROWS(guest), .fixed = &always_restore },
	{ "resume", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "rollback", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(rollback) },
	{ "set", CLI_JUDGED, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(set),
	  .shared = CLI_ROWS(guest) },
	{ "shutdown", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(shutdown) },
	{ "snapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(snapshot) },
	{ "start", CLI_JUDGED, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(start) },
	{ "status", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(status) },
	{ "stop", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(stop) },
	{ "suspend", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "template", CLI_JUDGED, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "unlock", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "unmount", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "verifyapi", CLI_HIDDEN },
};

const struct cli_tool cli_pct = { "pct", commands, sizeof(commands) / sizeof(commands[0]),
				  .dash_value = true };
