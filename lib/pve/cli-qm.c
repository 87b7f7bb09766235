/* SPDX-License-Identifier: MIT */
/*
 * cli-qm - every command of qm and its options, as Proxmox VE 9.x has them.
 * Source: PVE::CLI::qm, PVE::API2::Qemu.
 *
 * qm import reads neither cipassword nor sshkeys as create and set do: the first has no
 * prompt there, the second is the text itself and no file.
 */
#include "pve/cli.h"

static const char *const words_format[] = { "raw", "qcow2", "vmdk", NULL };
static const char *const words_type[] = { "user", "network", "meta", NULL };
static const char *const words_arch[] = { "x86_64", "aarch64", NULL };
static const char *const words_bios[] = { "seabios", "ovmf", NULL };
static const char *const words_citype[] = { "configdrive2", "nocloud", "opennebula",
					    NULL };
static const char *const words_hugepages[] = { "any", "2", "1024", NULL };
static const char *const words_keyboard[] = {
	"de",    "de-ch", "da", "en-gb", "en-us", "es", "fi", "fr", "fr-be",
	"fr-ca", "fr-ch", "hu", "is",    "it",    "ja", "lt", "mk", "nl",
	"no",    "pl",    "pt", "pt-br", "sv",    "sl", "tr", NULL
};
static const char *const words_lock[] = {
	"backup",   "clone",           "create",     "migrate",   "rollback",
	"snapshot", "snapshot-delete", "suspending", "suspended", NULL
};
static const char *const words_ostype[] = { "other",  "wxp",  "w2k",     "w2k3",  "w2k8",
					    "wvista", "win7", "win8",    "win10", "win11",
					    "l24",    "l26",  "solaris", NULL };
static const char *const words_scsihw[] = {
	"lsi",    "lsi53c810", "virtio-scsi-pci", "virtio-scsi-single", "megasas",
	"pvscsi", NULL
};
static const char *const words_volume[] = { "ide[0..3]",      "scsi[0..30]",
					    "virtio[0..15]",  "sata[0..5]",
					    "efidisk[0..0]",  "tpmstate[0..0]",
					    "unused[0..255]", NULL };
static const char *const words_disk[] = { "ide[0..3]",  "scsi[0..30]",   "virtio[0..15]",
					  "sata[0..5]", "efidisk[0..0]", "tpmstate[0..0]",
					  NULL };
static const char *const words_command[] = { "fsfreeze-freeze",
					     "fsfreeze-status",
					     "fsfreeze-thaw",
					     "fstrim",
					     "get-fsinfo",
					     "get-host-name",
					     "get-memory-block-info",
					     "get-memory-blocks",
					     "get-osinfo",
					     "get-time",
					     "get-timezone",
					     "get-users",
					     "get-vcpus",
					     "info",
					     "network-get-interfaces",
					     "ping",
					     "shutdown",
					     "suspend-disk",
					     "suspend-hybrid",
					     "suspend-ram",
					     NULL };
static const char *const words_migration_type[] = { "secure", "insecure", NULL };
static const char *const words_iface[] = { "serial[0..3]", NULL };

/* What a guest's configuration holds. */
static const struct cli_option guest[] = {
	{ "acpi", CLI_BOOL },
	{ "affinity", CLI_TEXT, .format = "pve-cpuset" },
	{ "agent", CLI_TEXT },
	{ "allow-ksm", CLI_BOOL },
	{ "amd-sev", CLI_TEXT, .format = "pve-qemu-sev-fmt" },
	{ "arch", CLI_TEXT, .words = words_arch },
	{ "args", CLI_TEXT, .flags = CLI_OPAQUE },
	{ "autostart", CLI_BOOL },
	{ "balloon", CLI_INTEGER, CLI_MIN(0) },
	{ "bios", CLI_TEXT, .words = words_bios },
	{ "boot", CLI_TEXT, .format = "pve-qm-boot" },
	{ "bootdisk", CLI_TEXT, .format = "pve-qm-bootdisk" },
	{ "cdrom", CLI_TEXT, .flags = CLI_PATHS, .format = "pve-qm-ide" },
	{ "cicustom", CLI_TEXT, .flags = CLI_PATHS, .format = "pve-qm-cicustom" },
	{ "citype", CLI_TEXT, .words = words_citype },
	{ "ciupgrade", CLI_BOOL },
	{ "ciuser", CLI_TEXT },
	{ "cores", CLI_INTEGER, CLI_MIN(1) },
	{ "cpu", CLI_TEXT, .format = "pve-vm-cpu-conf" },
	{ "cpulimit", CLI_NUMBER, CLI_MIN(0), CLI_MAX(128) },
	{ "cpuunits", CLI_INTEGER, CLI_MIN(1), CLI_MAX(262144) },
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "freeze", CLI_BOOL },
	{ "hookscript", CLI_TEXT, .flags = CLI_PATHS, .format = "pve-volume-id" },
	{ "hotplug", CLI_TEXT, .format = "pve-hotplug-features" },
	{ "hugepages", CLI_TEXT, .words = words_hugepages },
	{ "intel-tdx", CLI_TEXT, .format = "pve-qemu-tdx-fmt" },
	{ "ivshmem", CLI_TEXT },
	{ "keephugepages", CLI_BOOL },
	{ "keyboard", CLI_TEXT, .words = words_keyboard },
	{ "kvm", CLI_BOOL },
	{ "localtime", CLI_BOOL },
	{ "lock", CLI_TEXT, .words = words_lock },
	{ "machine", CLI_TEXT },
	{ "memory", CLI_TEXT },
	{ "migrate_downtime", CLI_NUMBER, CLI_MIN(0) },
	{ "migrate_speed", CLI_INTEGER, CLI_MIN(0) },
	{ "name", CLI_TEXT, .format = "dns-name" },
	{ "nameserver", CLI_LIST, .format = "address-list" },
	{ "numa", CLI_BOOL },
	{ "onboot", CLI_BOOL },
	{ "ostype", CLI_TEXT, .words = words_ostype },
	{ "protection", CLI_BOOL },
	{ "reboot", CLI_BOOL },
	{ "scsihw", CLI_TEXT, .words = words_scsihw },
	{ "searchdomain", CLI_TEXT },
	{ "shares", CLI_INTEGER, CLI_MIN(0), CLI_MAX(50000) },
	{ "smbios1", CLI_TEXT, .format = "pve-qm-smbios1" },
	{ "smp", CLI_INTEGER, CLI_MIN(1) },
	{ "sockets", CLI_INTEGER, CLI_MIN(1) },
	{ "spice_enhancements", CLI_TEXT },
	{ "startdate", CLI_TEXT },
	{ "startup", CLI_TEXT, .format = "pve-startup-order" },
	{ "tablet", CLI_BOOL },
	{ "tags", CLI_LIST, .format = "pve-tag-list" },
	{ "tdf", CLI_BOOL },
	{ "template", CLI_BOOL },
	{ "vcpus", CLI_INTEGER, CLI_MIN(1) },
	{ "vga", CLI_TEXT },
	{ "vmgenid", CLI_TEXT },
	{ "vmstatestorage", CLI_TEXT, .format = "pve-storage-id" },
	{ "watchdog", CLI_TEXT, .format = "pve-qm-watchdog" },
	{ "audio", CLI_TEXT, .count = 1 },
	{ "efidisk", CLI_TEXT, .count = 1, .flags = CLI_PATHS },
	{ "hostpci", CLI_TEXT, .count = 16, .flags = CLI_PATHS,
	  .format = "pve-qm-hostpci" },
	{ "ide", CLI_TEXT, .count = 4, .flags = CLI_PATHS },
	{ "ipconfig", CLI_TEXT, .count = 32, .format = "pve-qm-ipconfig" },
	{ "net", CLI_TEXT, .count = 32 },
	{ "numa", CLI_TEXT, .count = 8 },
	{ "parallel", CLI_TEXT, .count = 3, .flags = CLI_PATHS },
	{ "rng", CLI_TEXT, .count = 1, .flags = CLI_PATHS, .format = "pve-qm-rng" },
	{ "sata", CLI_TEXT, .count = 6, .flags = CLI_PATHS },
	{ "scsi", CLI_TEXT, .count = 31, .flags = CLI_PATHS },
	{ "serial", CLI_TEXT, .count = 4, .flags = CLI_PATHS },
	{ "tpmstate", CLI_TEXT, .count = 1, .flags = CLI_PATHS },
	{ "unused", CLI_TEXT, .count = 256 },
	{ "usb", CLI_TEXT, .count = 14 },
	{ "virtio", CLI_TEXT, .count = 16, .flags = CLI_PATHS },
	{ "virtiofs", CLI_TEXT, .count = 10 },
};

static const struct cli_option only_vmid[] = { CLI_VMID_ROW };

static const struct cli_option help[] = {
	{ "extra-args", CLI_LIST, .flags = CLI_REST },
	{ "verbose", CLI_BOOL },
};

static const struct cli_option cleanup[] = {
	{ "clean-shutdown", CLI_BOOL, .flags = CLI_REQUIRED },
	{ "guest-requested", CLI_BOOL, .flags = CLI_REQUIRED },
	CLI_VMID_ROW,
};

static const struct cli_option clone[] = {
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "format", CLI_TEXT, .words = words_format },
	{ "full", CLI_BOOL },
	{ "name", CLI_TEXT, .format = "dns-name" },
	{ "newid", CLI_INTEGER, .flags = CLI_REQUIRED, CLI_VMID },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "snapname", CLI_TEXT, .format = "pve-configid" },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "target", CLI_TEXT, .format = "pve-node" },
	CLI_VMID_ROW,
};

static const struct cli_option cloudinit_dump[] = {
	{ "type", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_type },
	CLI_VMID_ROW,
};

static const struct cli_option config[] = {
	{ "current", CLI_BOOL },
	{ "snapshot", CLI_TEXT, .format = "pve-configid" },
	CLI_VMID_ROW,
};

static const struct cli_option create[] = {
	{ "archive", CLI_TEXT, .flags = CLI_FILE | CLI_VOLUME },
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "cipassword", CLI_TEXT, .flags = CLI_ASKS | CLI_SECRET },
	{ "force", CLI_BOOL },
	{ "ha-managed", CLI_BOOL },
	{ "import-working-storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "live-restore", CLI_BOOL },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "sshkeys", CLI_TEXT, .flags = CLI_FILE, .format = "urlencoded" },
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
	{ "purge", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option disk_import[] = {
	{ "format", CLI_TEXT, .words = words_format },
	{ "source", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE },
	{ "storage", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-storage-id" },
	{ "target-disk", CLI_TEXT, .words = words_volume },
	CLI_VMID_ROW,
};

static const struct cli_option disk_move[] = {
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "delete", CLI_BOOL },
	{ "digest", CLI_TEXT },
	{ "disk", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_volume },
	{ "format", CLI_TEXT, .words = words_format },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "target-digest", CLI_TEXT },
	{ "target-disk", CLI_TEXT, .words = words_volume },
	{ "target-vmid", CLI_INTEGER, CLI_VMID },
	CLI_VMID_ROW,
};

static const struct cli_option disk_rescan[] = {
	{ "dryrun", CLI_BOOL },
	{ "vmid", CLI_INTEGER, CLI_VMID },
};

static const struct cli_option disk_resize[] = {
	{ "digest", CLI_TEXT },
	{ "disk", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_disk },
	{ "size", CLI_TEXT, .flags = CLI_REQUIRED },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option disk_unlink[] = {
	{ "force", CLI_BOOL },
	{ "idlist", CLI_LIST, .flags = CLI_REQUIRED, .format = "pve-configid-list" },
	CLI_VMID_ROW,
};

static const struct cli_option guest_cmd[] = {
	{ "command", CLI_TEXT, .flags = CLI_REQUIRED, .words = words_command },
	CLI_VMID_ROW,
};

static const struct cli_option guest_exec[] = {
	{ "extra-args", CLI_LIST, .flags = CLI_REST },
	{ "pass-stdin", CLI_BOOL },
	{ "synchronous", CLI_BOOL },
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option guest_exec_status[] = {
	{ "pid", CLI_INTEGER, .flags = CLI_REQUIRED },
	CLI_VMID_ROW,
};

static const struct cli_option guest_passwd[] = {
	{ "crypted", CLI_BOOL },
	{ "password", CLI_TEXT, .flags = CLI_REQUIRED | CLI_ASKS | CLI_SECRET },
	{ "username", CLI_TEXT, .flags = CLI_REQUIRED },
	CLI_VMID_ROW,
};

static const struct cli_option import[] = {
	{ "cipassword", CLI_TEXT, .flags = CLI_SECRET },
	{ "delete", CLI_LIST, .format = "pve-configid-list" },
	{ "dryrun", CLI_BOOL },
	{ "format", CLI_TEXT, .words = words_format },
	{ "live-import", CLI_BOOL },
	{ "source", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE | CLI_VOLUME },
	{ "sshkeys", CLI_TEXT, .format = "urlencoded" },
	{ "storage", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-storage-id" },
	CLI_VMID_ROW,
};

static const struct cli_option importovf[] = {
	{ "dryrun", CLI_BOOL },
	{ "format", CLI_TEXT, .words = words_format },
	{ "manifest", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE },
	{ "storage", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-storage-id" },
	CLI_VMID_ROW,
};

static const struct cli_option list[] = {
	{ "full", CLI_BOOL },
};

static const struct cli_option migrate[] = {
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "force", CLI_BOOL },
	{ "migration_network", CLI_TEXT, .format = "CIDR" },
	{ "migration_type", CLI_TEXT, .words = words_migration_type },
	{ "online", CLI_BOOL },
	{ "target", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-node" },
	{ "targetstorage", CLI_LIST, .format = "storage-pair-list" },
	CLI_VMID_ROW,
	{ "with-conntrack-state", CLI_BOOL },
	{ "with-local-disks", CLI_BOOL },
};

static const struct cli_option reboot[] = {
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option remote_migrate[] = {
	{ "bwlimit", CLI_INTEGER, CLI_MIN(0) },
	{ "delete", CLI_BOOL },
	{ "online", CLI_BOOL },
	{ "target-bridge", CLI_LIST, .flags = CLI_REQUIRED,
	  .format = "bridge-pair-list" },
	{ "target-endpoint", CLI_TEXT, .flags = CLI_REQUIRED,
	  .format = "proxmox-remote" },
	{ "target-storage", CLI_LIST, .flags = CLI_REQUIRED,
	  .format = "storage-pair-list" },
	{ "target-vmid", CLI_INTEGER, CLI_VMID },
	CLI_VMID_ROW,
};

static const struct cli_option reset[] = {
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option resume[] = {
	{ "nocheck", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option rollback[] = {
	{ "snapname", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-configid" },
	{ "start", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option sendkey[] = {
	{ "key", CLI_TEXT, .flags = CLI_REQUIRED },
	{ "skiplock", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option set[] = {
	{ "cipassword", CLI_TEXT, .flags = CLI_ASKS | CLI_SECRET },
	{ "delete", CLI_LIST, .format = "pve-configid-list" },
	{ "digest", CLI_TEXT },
	{ "force", CLI_BOOL },
	{ "revert", CLI_LIST, .format = "pve-configid-list" },
	{ "skiplock", CLI_BOOL },
	{ "sshkeys", CLI_TEXT, .flags = CLI_FILE, .format = "urlencoded" },
	CLI_VMID_ROW,
};

static const struct cli_option showcmd[] = {
	{ "pretty", CLI_BOOL },
	{ "snapshot", CLI_TEXT, .format = "pve-configid" },
	CLI_VMID_ROW,
};

static const struct cli_option shutdown[] = {
	{ "forceStop", CLI_BOOL },
	{ "keepActive", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option snapshot[] = {
	{ "description", CLI_TEXT, .flags = CLI_LINES },
	{ "snapname", CLI_TEXT, .flags = CLI_REQUIRED, .format = "pve-configid" },
	CLI_VMID_ROW,
	{ "vmstate", CLI_BOOL },
};

static const struct cli_option start[] = {
	{ "force-cpu", CLI_TEXT },
	{ "machine", CLI_TEXT },
	{ "migratedfrom", CLI_TEXT, .format = "pve-node" },
	{ "migration_network", CLI_TEXT, .format = "CIDR" },
	{ "migration_type", CLI_TEXT, .words = words_migration_type },
	{ "nets-host-mtu", CLI_TEXT },
	{ "skiplock", CLI_BOOL },
	{ "stateuri", CLI_TEXT, .flags = CLI_FILE },
	{ "targetstorage", CLI_LIST, .format = "storage-pair-list" },
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
	{ "with-conntrack-state", CLI_BOOL },
};

static const struct cli_option status[] = {
	{ "verbose", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option stop[] = {
	{ "keepActive", CLI_BOOL },
	{ "migratedfrom", CLI_TEXT, .format = "pve-node" },
	{ "overrule-shutdown", CLI_BOOL },
	{ "skiplock", CLI_BOOL },
	{ "timeout", CLI_INTEGER, CLI_MIN(0) },
	CLI_VMID_ROW,
};

static const struct cli_option suspend[] = {
	{ "skiplock", CLI_BOOL },
	{ "statestorage", CLI_TEXT, .format = "pve-storage-id" },
	{ "todisk", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_option template[] = {
	{ "disk", CLI_TEXT, .words = words_disk },
	CLI_VMID_ROW,
};

static const struct cli_option terminal[] = {
	{ "escape", CLI_TEXT },
	{ "iface", CLI_TEXT, .words = words_iface },
	CLI_VMID_ROW,
};

static const struct cli_option wait[] = {
	{ "timeout", CLI_INTEGER, CLI_MIN(1) },
	CLI_VMID_ROW,
};

static const struct cli_command commands[] = {
	{ "agent", CLI_ALIAS, .target = "guest cmd" },
	{ "bashcomplete", CLI_HIDDEN },
	{ "cleanup", CLI_BY_NAME,
	  .positionals = CLI_NAMES("vmid", "clean-shutdown", "guest-requested"),
	  .own = CLI_ROWS(cleanup) },
	{ "clone", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "newid"),
	  .own = CLI_ROWS(clone) },
	{ "cloudinit dump", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "type"),
	  .own = CLI_ROWS(cloudinit_dump) },
	{ "cloudinit pending", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "cloudinit update", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "config", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(config) },
	{ "create", CLI_JUDGED, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(create),
	  .restore_by = "archive", .shared = CLI_ROWS(guest) },
	{ "delsnapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(delsnapshot) },
	{ "destroy", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(destroy) },
	{ "disk import", CLI_JUDGED,
	  .positionals = CLI_NAMES("vmid", "source", "storage"),
	  .own = CLI_ROWS(disk_import) },
	{ "disk move", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "disk", "storage"),
	  .own = CLI_ROWS(disk_move) },
	{ "disk rescan", CLI_BY_NAME, .own = CLI_ROWS(disk_rescan) },
	{ "disk resize", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "disk", "size"),
	  .own = CLI_ROWS(disk_resize) },
	{ "disk unlink", CLI_JUDGED, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(disk_unlink) },
	{ "enroll-efi-keys", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "guest cmd", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "command"),
	  .own = CLI_ROWS(guest_cmd) },
	{ "guest exec", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "extra-args"),
	  .own = CLI_ROWS(guest_exec) },
	{ "guest exec-status", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "pid"),
	  .own = CLI_ROWS(guest_exec_status) },
	{ "guest passwd", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "username"),
	  .own = CLI_ROWS(guest_passwd) },
	{ "help", CLI_BY_NAME, .positionals = CLI_NAMES("extra-args"),
	  .own = CLI_ROWS(help) },
	{ "import", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "source"),
	  .own = CLI_ROWS(import), .shared = CLI_ROWS(guest) },
	{ "importdisk", CLI_ALIAS, .target = "disk import" },
	{ "importovf", CLI_JUDGED,
	  .positionals = CLI_NAMES("vmid", "manifest", "storage"),
	  .own = CLI_ROWS(importovf) },
	{ "list", CLI_BY_NAME, .own = CLI_ROWS(list) },
	{ "listsnapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "migrate", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "target"),
	  .own = CLI_ROWS(migrate) },
	{ "monitor", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "move-disk", CLI_ALIAS, .target = "disk move" },
	{ "move_disk", CLI_ALIAS, .target = "disk move" },
	{ "mtunnel", CLI_BY_NAME },
	{ "nbdstop", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "pending", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "reboot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(reboot) },
	{ "remote-migrate", CLI_JUDGED,
	  .positionals = CLI_NAMES("vmid", "target-vmid", "target-endpoint"),
	  .own = CLI_ROWS(remote_migrate) },
	{ "rescan", CLI_ALIAS, .target = "disk rescan" },
	{ "reset", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(reset) },
	{ "resize", CLI_ALIAS, .target = "disk resize" },
	{ "resume", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(resume) },
	{ "rollback", CLI_JUDGED, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(rollback) },
	{ "sendkey", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "key"),
	  .own = CLI_ROWS(sendkey) },
	{ "set", CLI_JUDGED, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(set),
	  .shared = CLI_ROWS(guest) },
	{ "showcmd", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(showcmd) },
	{ "shutdown", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(shutdown) },
	{ "snapshot", CLI_BY_NAME, .positionals = CLI_NAMES("vmid", "snapname"),
	  .own = CLI_ROWS(snapshot) },
	{ "start", CLI_JUDGED, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(start) },
	{ "status", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(status) },
	{ "stop", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(stop) },
	{ "suspend", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(suspend) },
	{ "template", CLI_JUDGED, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(template) },
	{ "terminal", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(terminal) },
	{ "unlink", CLI_ALIAS, .target = "disk unlink" },
	{ "unlock", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "verifyapi", CLI_HIDDEN },
	{ "vncproxy", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"),
	  .own = CLI_ROWS(only_vmid) },
	{ "wait", CLI_BY_NAME, .positionals = CLI_NAMES("vmid"), .own = CLI_ROWS(wait) },
};

const struct cli_tool cli_qm = { "qm", commands, sizeof(commands) / sizeof(commands[0]),
				 .dash_value = false };
