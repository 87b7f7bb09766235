/* SPDX-License-Identifier: MIT */
#include "pve/lxckey.h"

#include "pve/words.h"

/* Taken, sorted. */
static const char *const taken[] = {
	"lxc.apparmor.allow_incomplete",
	"lxc.apparmor.allow_nesting",
	"lxc.apparmor.profile",
	"lxc.apparmor.raw",
	"lxc.arch",
	"lxc.autodev",
	"lxc.cap.drop",
	"lxc.cap.keep",
	"lxc.console.logfile",
	"lxc.console.path",
	"lxc.devtty.dir",
	"lxc.environment",
	"lxc.environment.hooks",
	"lxc.environment.runtime",
	"lxc.group",
	"lxc.hook.autodev",
	"lxc.hook.clone",
	"lxc.hook.destroy",
	"lxc.hook.mount",
	"lxc.hook.post-stop",
	"lxc.hook.pre-mount",
	"lxc.hook.pre-start",
	"lxc.hook.start",
	"lxc.hook.stop",
	"lxc.hook.version",
	"lxc.idmap",
	"lxc.include",
	"lxc.init.cmd",
	"lxc.init.cwd",
	"lxc.init.gid",
	"lxc.init.groups",
	"lxc.init.uid",
	"lxc.kmsg",
	"lxc.log.file",
	"lxc.log.level",
	"lxc.mount.auto",
	"lxc.mount.entry",
	"lxc.mount.fstab",
	"lxc.pty.max",
	"lxc.rootfs.mount",
	"lxc.seccomp.notify.cookie",
	"lxc.seccomp.notify.proxy",
	"lxc.seccomp.profile",
	"lxc.selinux.context",
	"lxc.signal.halt",
	"lxc.signal.reboot",
	"lxc.signal.stop",
	"lxc.start.auto",
	"lxc.start.delay",
	"lxc.start.order",
	"lxc.sysctl.fs.mqueue",
	"lxc.sysctl.kernel.msgmax",
	"lxc.sysctl.kernel.msgmnb",
	"lxc.sysctl.kernel.msgmni",
	"lxc.sysctl.kernel.sem",
	"lxc.sysctl.kernel.shm_rmid_forced",
	"lxc.sysctl.kernel.shmall",
	"lxc.sysctl.kernel.shmmax",
	"lxc.sysctl.kernel.shmmni",
	"lxc.tty.max",
	"lxc.uts.name",
};

/* Taken with whatever follows; lxc.limit. is among the old names. */
static const char *const taken_prefixes[] = { "lxc.cgroup.", "lxc.cgroup2.", "lxc.net.",
					      "lxc.prlimit." };

/* An old name and the one it has today. */
struct renamed {
	const char *was, *is;
};

/* Taken with a warning, sorted by the old name. */
static const struct renamed old_names[] = {
	{ "lxc.aa_allow_incomplete", "lxc.apparmor.allow_incomplete" },
	{ "lxc.aa_profile", "lxc.apparmor.profile" },
	{ "lxc.console", "lxc.console.path" },
	{ "lxc.devttydir", "lxc.tty.dir" },
	{ "lxc.haltsignal", "lxc.signal.halt" },
	{ "lxc.id_map", "lxc.idmap" },
	{ "lxc.init_cmd", "lxc.init.cmd" },
	{ "lxc.logfile", "lxc.log.file" },
	{ "lxc.loglevel", "lxc.log.level" },
	{ "lxc.mount", "lxc.mount.fstab" },
	{ "lxc.network.flags", "lxc.net.N.flags" },
	{ "lxc.network.hwaddr", "lxc.net.N.hwaddr" },
	{ "lxc.network.ipv4", "lxc.net.N.ipv4.address" },
	{ "lxc.network.ipv4.gateway", "lxc.net.N.ipv4.gateway" },
	{ "lxc.network.ipv6", "lxc.net.N.ipv6.address" },
	{ "lxc.network.ipv6.gateway", "lxc.net.N.ipv6.gateway" },
	{ "lxc.network.link", "lxc.net.N.link" },
	{ "lxc.network.mtu", "lxc.net.N.mtu" },
	{ "lxc.network.name", "lxc.net.N.name" },
	{ "lxc.network.script.down", "lxc.net.N.script.down" },
	{ "lxc.network.script.up", "lxc.net.N.script.up" },
	{ "lxc.network.type", "lxc.net.N.type" },
	{ "lxc.pts", "lxc.pty.max" },
	{ "lxc.rebootsignal", "lxc.signal.reboot" },
	{ "lxc.se_context", "lxc.selinux.context" },
	{ "lxc.seccomp", "lxc.seccomp.profile" },
	{ "lxc.stopsignal", "lxc.signal.stop" },
	{ "lxc.tty", "lxc.tty.max" },
	{ "lxc.utsname", "lxc.uts.name" },
};

const char *lxckey_renamed(struct slice key)
{
	const struct renamed *r = WORDS_FIND(old_names, key);

	if (slice_starts(key, "lxc.limit."))
		return "lxc.prlimit.*";
	return r ? r->is : NULL;
}

bool lxckey_is_cgroup_v1(struct slice key)
{
	return slice_starts(key, "lxc.cgroup.");
}

bool lxckey_is_taken(struct slice key)
{
	for (size_t i = 0; i < ARRAY_LEN(taken_prefixes); i++)
		if (slice_starts(key, taken_prefixes[i]))
			return true;
	return WORDS_FIND(taken, key) || lxckey_renamed(key);
}
