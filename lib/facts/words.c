/* SPDX-License-Identifier: MIT */
/*
 * words - the closed lists that the enums of facts.def take their values from. Only rows,
 * each list sorted and NULL-terminated.
 */
#include "facts/facts.h"

#include <stddef.h>

/* Commands of pct, qm and qmrestore, aliases resolved: pct(1), qm(1), qmrestore(1). */
const char *const fact_words_event[] = {
	"cleanup",
	"clone",
	"cloudinit dump",
	"cloudinit pending",
	"cloudinit update",
	"config",
	"console",
	"cpusets",
	"create",
	"delsnapshot",
	"destroy",
	"df",
	"disk import",
	"disk move",
	"disk rescan",
	"disk resize",
	"disk unlink",
	"enroll-efi-keys",
	"enter",
	"exec",
	"fsck",
	"fstrim",
	"guest cmd",
	"guest exec",
	"guest exec-status",
	"guest passwd",
	"import",
	"importovf",
	"list",
	"listsnapshot",
	"migrate",
	"monitor",
	"mount",
	"move-volume",
	"mtunnel",
	"nbdstop",
	"pending",
	"pull",
	"push",
	"reboot",
	"remote-migrate",
	"rescan",
	"reset",
	"resize",
	"restore",
	"resume",
	"rollback",
	"sendkey",
	"set",
	"showcmd",
	"shutdown",
	"snapshot",
	"start",
	"status",
	"stop",
	"suspend",
	"template",
	"terminal",
	"unlock",
	"unmount",
	"vncproxy",
	"wait",
	NULL,
};

/* Aliases of pct and qm that are no command of the other one. */
const struct fact_alias fact_event_aliases[] = {
	{ "agent", "guest cmd" },
	{ "importdisk", "disk import" },
	{ "move-disk", "disk move" },
	{ "move_disk", "disk move" },
	{ "unlink", "disk unlink" },
	{ "move_volume", "move-volume" },
	{ NULL, NULL },
};

/* Why a guest starts. */
const char *const fact_words_cause[] = {
	"backup", "boot", "ha", "migration", "reboot", "resume", "rollback", "user", NULL,
};

/* What a guest is. */
const char *const fact_words_kind[] = { "ct", "vm", NULL };
