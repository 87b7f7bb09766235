#!/bin/bash
# SPDX-License-Identifier: MIT
# Settings templates: list, show, render; what a new guest is given; what a start is refused
# for before it fails by itself.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

own=/etc/pve/pve-safe/settings
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
hook=/usr/libexec/pve-safe/pve-safe-hook

lab_policy <<'END'
version = 1
include = { "baseline@1" }
workload "mine" {
    match     = "tag = mine"
    placement = any
    settings  = { "mine", "gone" }
}
END
lab_enable
lab_ct 101 <<<$'arch: amd64\nhostname: vpn\ntags: vpn\nunprivileged: 1\nrootfs: local:101/d.raw,size=1G'

# A start of the container, as Proxmox's hookscript call makes it.
start() { run "$hook" 101 pre-start; }
# The container's file with further lines.
with() { # LINES
	lab_ct 101 <<<$'arch: amd64\nhostname: vpn\ntags: vpn\nunprivileged: 1\nrootfs: local:101/d.raw,size=1G\n'"$1"
}

# --- list, show, render ---
run pve-safe template list
expect_exit "list" 0
expect_output "list names shipped templates" out "wireguard-ct          shipped"
run pve-safe template show wireguard-ct
expect_output "show prints the file" out 'device "/dev/net/tun"'
run pve-safe template show wiregard-ct
expect_exit "show of an unknown template" 64
expect_output "the nearest is named" err "there is no template 'wiregard-ct'; did you mean 'wireguard-ct'?"
run pve-safe template render 101
expect_exit "render" 0
expect_output "render says which template and why" out "/etc/pve/lxc/101.conf: wireguard-ct (by match)"
expect_output "render says what is set and where it is asked for" out \
	"sysctl net.ipv4.ip_forward = 1  (wireguard-ct, /usr/share/pve-safe/settings/wireguard-ct.conf:18)"
run pve-safe template render --format json 101
expect_equal "render as JSON" \
	"$(jq -c '[.templates[0].by, (.settings[] | select(.kind == "device") | .target, .value)]' <<<"$out")" \
	'["match","/dev/net/tun","mode=0666"]'
lab_file /etc/pve/pve-safe/settings/comma.conf <<'END'
settings "comma" { match = "ct" sysctl "net.ipv4.ip_local_reserved_ports" { value = ",80" } }
END
run pve-safe template render --format json 101
expect_output "a comma at the beginning is part of a value" out '"value":",80","later":null,"template":"comma"'
rm /etc/pve/pve-safe/settings/comma.conf
run pve-safe template render --template cache-ct 101
expect_output "a template by hand" out "cache-ct (by hand)"
run pve-safe template frobnicate
expect_exit "an unknown command" 64

# --- a device that is not given ---
start
expect_exit "a start without the device is refused" 77
expect_output "the reason" err "settings-wireguard-ct: the container is not given /dev/net/tun"
expect_output "the way out" err "do: pct set 101 --dev0 /dev/net/tun,mode=0666"
run pve-safe check 101
expect_exit "check says the same" 1
with 'dev3: /dev/net/tun'
start
expect_exit "any devN is fine" 0
with $'lxc.cgroup2.devices.allow: c 10:200 rwm\nlxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file'
start
expect_exit "a raw pair is fine" 0
with $'lxc.cgroup2.devices.allow: c 10:* rwm\nlxc.mount.entry: /dev/net dev/net none bind,create=dir'
start
expect_exit "so is a directory above it" 0

expect_equal "the record has what is set" \
	"$(jq -c 'select(.settings) | .settings[] | select(.kind == "device") | [.target, .value, .template]' /var/log/pve-safe/audit.jsonl | tail -n 1)" \
	'["/dev/net/tun","mode=0666","wireguard-ct"]'

# --- modules ---
cat >/usr/sbin/modprobe.new <<'END'
#!/bin/sh
echo "$@" >>/run/modprobe.log
[ ! -e /run/modprobe.fails ] || { echo "modprobe: FATAL: Module $2 not found" >&2; exit 1; }
END
chmod 755 /usr/sbin/modprobe.new
mv /usr/sbin/modprobe.new /usr/sbin/modprobe
with 'dev0: /dev/net/tun'
lab_file "$own/module.conf" <<'END'
settings "one" { match = "tag = vpn" module "pve_safe_test" { load = yes } }
settings "wireguard-ct" { }
END
start
expect_exit "a module is loaded" 0
expect_equal "by modprobe" "$(cat /run/modprobe.log)" "-- pve_safe_test"
expect_equal "and recorded" "$(tail -n 1 /var/log/pve-safe/audit.jsonl | jq -r '.type, .outcome')" \
	$'outcome\nmodule pve_safe_test loaded, for template one'
: >/run/modprobe.fails
start
expect_exit "one that cannot be loaded is a warning" 0
expect_output "with modprobe's words" err "WARN: pve-safe: module pve_safe_test not loaded, for template one: /usr/sbin/modprobe failed with exit status 1: modprobe: FATAL: Module pve_safe_test not found"
sed -i 's/match/required = yes match/' "$own/module.conf"
start
expect_exit "unless the template is required" 77
sed -i 's/load = yes/load = no/; s/required = yes//' "$own/module.conf"
start
expect_exit "a module that must be there" 77
expect_output "is missed" err "settings-one: the kernel module pve_safe_test is not loaded on this node"
rm "$own/module.conf"

# --- what would stop or mislead the start ---
with $'dev0: /dev/net/tun\nlxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file'
start
expect_exit "a device given twice" 77
expect_output "the line to remove" err "remove line 7 of /etc/pve/lxc/101.conf"
with $'lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\nlxc.cgroup2.devices.allow: c 10:229 rwm'
start
expect_exit "a raw line with other numbers" 77
expect_output "the line that is wrong" err "found: lxc.cgroup2.devices.allow: c 10:229 rwm (/etc/pve/lxc/101.conf:7)"
expect_output "what it should be" err "write in line 7 of /etc/pve/lxc/101.conf: lxc.cgroup2.devices.allow: c 10:200 rwm"
with 'lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file'
start
expect_exit "a raw line that allows nothing" 77
expect_output "is told" err "none allows its use"
with 'dev0: /dev/net/tun'
: >/run/plain
mount --bind /run/plain /dev/net/tun
start
expect_exit "a plain file in its place" 77
expect_output "is told" err "/dev/net/tun on this node is a plain file, not a device"
umount /dev/net/tun
run "$hook" 101 pre-start
expect_exit "the device itself is fine again" 0

# --- templates of one's own, and broken ones ---
lab_file "$own/mine.conf" <<'END'
settings "mine" {
    required = yes
    option "onboot" { value = "1" }
}
settings "wireguard-ct" { }
END
run pve-safe template list
expect_output "one replaces a shipped one" out "wireguard-ct          replaces shipped"
with ''
start
expect_exit "the replaced one asks for nothing" 0
lab_ct 102 <<<$'arch: amd64\nhostname: m\ntags: mine\nunprivileged: 1'
run "$hook" 102 pre-start
expect_exit "required: a start without all of it is refused" 77
expect_output "the option" err "settings-mine: onboot is not set, the template wants 1"
expect_output "a template that there is not" err "settings-gone (warning): not applied: workload 'mine' names it"
lab_file "$own/broken.conf" <<<'settings "broken" { match = "cts" }'
run pve-safe template list
expect_exit "list with a broken file" 1
expect_output "the error has its place" err "$own/broken.conf:1:30: unknown fact 'cts', did you mean 'ct'?"
start
expect_exit "a broken file stops nothing" 0
expect_output "but is told" err "WARN: pve-safe: settings templates cannot be used: $own/broken.conf:1:30"
lab_file "$own/worse.conf" <<<'settings "worse" { match = "cts" kind = xt }'
start
expect_equal "once for each file, at each start" "$(grep -c '^WARN: pve-safe: settings' <<<"$err")" 2
expect_output "with how many there are" err \
	"$own/worse.conf:1:29: unknown fact 'cts', did you mean 'ct'? (and 1 more); pve-safe template list says more"
rm "$own"/*

# --- what a new guest is given ---
run pct-safe --dry-run create 120 "$template" --hostname v --tags vpn --rootfs local-lvm:4
expect_output "a device is added" out "--dev0=/dev/net/tun,mode=0666"
run pct-safe --dry-run create 120 "$template" --hostname v --tags vpn --rootfs local-lvm:4 --dev5 /dev/net/tun
expect "one that is given is not" test -z "$(grep -o dev0= <<<"$out")"
run qm-safe create 121 --name db --tags postgresql
expect_exit "a VM is created" 0
expect_output "an option is added and shown" err "--numa 1 (database-vm)"
expect "and is in its file" grep -q '^numa: 1$' /etc/pve/qemu-server/121.conf
run qm-safe create 122 --name db --tags postgresql --numa 0
run pve-safe check 122
expect_exit "another value is the user's own" 0
expect_output "and a finding" out "settings-database-vm (warning): numa is 0, the template wants 1"
finish
