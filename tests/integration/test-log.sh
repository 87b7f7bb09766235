#!/bin/bash
# SPDX-License-Identifier: MIT
# The record read back, and compared with what a remote syslog kept of it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

file=/var/log/pve-safe/audit.jsonl
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable
lab_ct 101 <<'END'
arch: amd64
hostname: web01
net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END
lab_ct 102 <<'END'
arch: amd64
hostname: web02
ostype: debian
rootfs: local-lvm:vm-102-disk-0,size=4G
unprivileged: 1
END

run pve-safe log
expect_exit "before anything was decided it is empty" 0
expect_equal "and says so" "$out$err" \
	"pve-safe: nothing is recorded yet: there is no $file"

run pct-safe start 101
expect_exit "a start is refused" 77
run pct-safe set 102 --onboot 1
expect_exit "a change is made" 0

run pve-safe log
expect_exit "the record is shown" 0
expect_output "what was decided, about whom" out "deny: start of CT 101 (web01) on pve1"
expect_output "why" out \
	"  privileged: deny: root in a privileged container is root on the node"
expect_output "what was let through" out "allow: set of CT 102 (web02) on pve1"
expect_output "what became of it" out "outcome: "
run pve-safe log --guest 102
expect_output "of one guest: its decisions" out "set of CT 102 (web02)"
expect_output "with their outcomes" out "outcome: "
expect_no_output "and nobody else's" out "CT 101"
run pve-safe log --guest 103
expect_equal "of a guest that has none: nothing" "$out" ""
run pve-safe log --since 1h
expect_output "of the last hour" out "CT 101"
run pve-safe log --since 2100-01-01
expect_equal "since a day to come: nothing" "$out" ""
run pve-safe log --format json
expect_equal "as it stands" "$out" "$(cat $file)"
mv $file $file.1
run pct-safe start 101
run pve-safe log
expect_equal "the file that was rotated last comes first" \
	"$(grep -c 'start of CT 101' <<<"$out")" 2
run sh -c "pve-safe log - <$file"
expect_equal "a file that is named is read instead" \
	"$(grep -c 'start of CT 101' <<<"$out")" 1

# --- what is no record ---
cp $file /root/bad
printf 'hello\033[2J\n{"id":1}\n[]\n' >>/root/bad
run pve-safe log /root/bad
expect_exit "a line that is no record is said" 1
expect_output "each with its place" err \
	"pve-safe: /root/bad:3: this line has no id of a decision; pve-safe did not write it"
expect_output "also what is no object" err "pve-safe: /root/bad:4: this line is no JSON object"
expect_output "the others are shown all the same" out "start of CT 101"
run pve-safe log /root/none
expect_exit "a file that is not there" 2
expect_output "is named" err "pve-safe: /root/none: No such file or directory"
run pve-safe log --guest 0x65
expect_exit "what is no VMID" 64
expect_output "is said" err "pve-safe: --guest: '0x65' is no VMID"
run pve-safe log --since yesterday
expect_exit "what is no time" 64
expect_output "is said, with what is one" err "pve-safe: --since: 'yesterday' is neither a date"

# --- compared with a remote log ---
remote=/root/remote.log
mark() { # prints what syslog had of each line of the record
	local line id
	while IFS= read -r line; do
		id=$(jq -r .id <<<"$line")
		printf '<84>Nov 21 07:00:00 pve1 pve-safe[77]: id=%s x sha256=%s\n' "$id" \
			"$(printf %s "$line" | sha256sum | cut -d ' ' -f 1)"
	done
}
cat $file.1 $file | mark >$remote
echo "Nov 21 07:00:01 pve1 sshd[1]: id=nobody sha256=none" >>$remote
run pve-safe log --verify $remote
expect_exit "a remote log that knows the same lines agrees" 0
lines=$(cat $file.1 $file | wc -l)
expect_equal "and how many they are" "$out" "$lines lines here and $lines in $remote agree"

cp $file /root/whole
sed -i 's/"verdict":"deny"/"verdict":"allow"/' $file
run pve-safe log --verify $remote
expect_exit "a line that was changed" 1
expect_output "is found" out "changed: $remote:$lines knows a line of decision"
sed -i '$d' $file
run pve-safe log --verify $remote
expect_exit "a line that was cut" 1
expect_output "is found as well" out "cut: $remote:$lines knows a line of decision"
cat /root/whole >$file
sed 's/"vmid":101/"vmid":109/; s/"id":"[0-9a-f]*/"id":"0192f7c4/' /root/whole >>$file
run pve-safe log --verify $remote
expect_exit "a line that was added" 1
expect_output "too" out "never reached $remote"
cat /root/whole >$file
mv $file.1 /root/rotated
run pve-safe log --verify $remote
expect_exit "older lines that are not here any more" 1
expect_output "are counted" out "rotated away, or cut; --since leaves them out"
run pve-safe log --verify $remote --guest 101
expect_exit "a part cannot be compared" 64

finish
