#!/bin/bash
# SPDX-License-Identifier: MIT
# The record cannot be written, or not whole: nothing is lost without a word, no half line
# stays, and who reads the record or asks doctor is told.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
dir=/var/log/pve-safe
record=$dir/audit.jsonl
lab_policy <<<$'version = 1\ninclude = { "baseline@1" }'
lab_enable
lab_ct 101 <<<$'hostname: web01\nostype: debian\nunprivileged: 1\nrootfs: local-lvm:vm-101-disk-0,size=4G'
mkdir -p $dir

# A start whose record goes to syslog alone, for this reason; doctor says it in these words.
expect_syslog_only() { # NAME REASON DOCTOR
	local id

	lab_syslog_clear
	run "$hook" 101 pre-start
	expect_exit "$1: the start goes on" 0
	expect_output "$1: with a warning" err "WARN: pve-safe: the record went to syslog only: $2"
	out=$(lab_syslog)
	expect_output "$1: syslog has the reason" out "not in the file ($2): {\"id\":"
	id=$(sed -n 's/.*not in the file [^{]*\({.*\)/\1/p' <<<"$out" | jq -r .verdict)
	expect_equal "$1: and the whole record" "$id" allow
	run pve-safe doctor
	expect_output "$1: doctor finds it" out "$3"
}

# --- something else in its place ---
mkfifo $record
expect_syslog_only "a fifo" "/var/log/pve-safe/audit.jsonl: No such device or address" \
	"/var/log/pve-safe/audit.jsonl cannot be written: it is no regular file"
run timeout 5 pve-safe log
expect_equal "log does not wait for it" "$status $err" \
	"2 pve-safe: /var/log/pve-safe/audit.jsonl: is no regular file"
( exec 3<>$record
	expect_syslog_only "a fifo that somebody reads" \
		"/var/log/pve-safe/audit.jsonl: is no regular file" 'it is no regular file' ) |
	tee /run/sub
rm $record
# Those of the subshell count, too.
test_passed=$((test_passed + $(grep -c ^ok /run/sub)))
test_failed=$((test_failed + $(grep -c '^not ok' /run/sub)))
mkdir $record
expect_syslog_only "a directory" "/var/log/pve-safe/audit.jsonl: Is a directory" \
	"/var/log/pve-safe/audit.jsonl cannot be written: Is a directory"
rmdir $record
ln -s /etc/shadow $record
expect_syslog_only "a link" "/var/log/pve-safe/audit.jsonl: Too many levels of symbolic links" \
	"/var/log/pve-safe/audit.jsonl cannot be written: Too many levels of symbolic links"
rm -r $dir
: >$dir
expect_syslog_only "a file where its directory should be" "/var/log/pve-safe: Not a directory" \
	"/var/log/pve-safe (owner 0, mode 0644) is not root's alone"
rm $dir

# --- room for a part of a line only ---
mkdir $dir
mount -t tmpfs -o size=8k,mode=750 tmpfs $dir
run "$hook" 101 pre-start
line=$(<$record)
head -c 4000 /dev/zero | tr '\0' x >$record
dd if=/dev/zero of=$dir/full bs=4k count=4 2>/dev/null
expect "a line is longer than what is left" test ${#line} -gt 96
lab_syslog_clear
run "$hook" 101 pre-start
expect_exit "a line that fits in part: the start goes on" 0
expect_output "it went to syslog only" err 'audit.jsonl: No space left on device'
expect_equal "and no part of it is left" "$(stat -c %s $record)" 4000
rm $dir/full $record
umount $dir

# --- power failed while a line was written ---
mkdir -p $dir
run "$hook" 101 pre-start
truncate -s -20 $record
run "$hook" 101 pre-start
expect_equal "the next record begins a line of its own" "$(wc -l <$record)" 2
run pve-safe log
expect_exit "the line that was cut" 1
expect_output "is named" err "pve-safe: $record:1: this line is no JSON"
expect_equal "the other is read" "$(grep -c 'CT 101' <<<"$out")" 1
rm $record

# --- another one writes ---
mkdir -p $dir
: >$record
flock $record sleep 4 &
wait_for 2 sh -c "! flock --nonblock $record true"
run "$hook" 101 pre-start
expect_exit "a record that another one holds for long" 0
expect_equal "is written beside it" "$(grep -c '"vmid":101' $record)" 1
wait

# --- syslog has stopped reading ---
# The receiver is left as it is; in its place stands a socket that is full.
mv /dev/log /dev/log.away
python3 - <<'END' &
import socket, time
full = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
full.bind('/dev/log')
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.setblocking(False)
sender.connect('/dev/log')
try:
    while True:
        sender.send(b'<13>x')
except BlockingIOError:
    open('/run/full', 'w').close()
time.sleep(60)
END
stuck=$!
wait_for 5 test -e /run/full
run timeout 10 "$hook" 101 pre-start
expect_exit "a daemon that has stopped reading does not hold a start" 0
expect_equal "the record has it" "$(grep -c '"vmid":101' $record)" 2
mv $record $record.away
mkdir $record
run timeout 10 "$hook" 101 pre-start
expect_exit "where the record's file cannot be written, either" 0
expect_output "that is said" err 'WARN: pve-safe: this decision could not be recorded: '
rmdir $record
mv $record.away $record
kill $stuck

# The same of a daemon that reads a stream, as some do: one that accepts nobody, one that does.
rm -f /dev/log /run/full
python3 - <<'END' &
import socket, time
full = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
full.bind('/dev/log')
full.listen(1)
waiting = []
try:
    while True:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.setblocking(False)
        s.connect('/dev/log')
        waiting.append(s)
except BlockingIOError:
    open('/run/full', 'w').close()
time.sleep(60)
END
stuck=$!
wait_for 5 test -e /run/full
run timeout 10 "$hook" 101 pre-start
expect_exit "one that accepts nobody does not hold a start" 0
expect_equal "which is in the record" "$(grep -c '"vmid":101' $record)" 3
kill $stuck
rm -f /dev/log /run/full
python3 - <<'END' &
import socket
ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
ear.bind('/dev/log')
ear.listen(1)
open('/run/full', 'w').close()
with open('/run/stream', 'wb') as out:
    data = ear.accept()[0]
    while True:
        part = data.recv(65536)
        if not part:
            break
        out.write(part)
open('/run/heard', 'w').close()
END
wait_for 5 test -e /run/full
mv $record $record.away
mkdir $record
run timeout 10 "$hook" 101 pre-start
expect_exit "one that reads has the whole line" 0
expect_output "and that is said" err 'WARN: pve-safe: the record went to syslog only: '
wait_for 5 test -e /run/heard
expect "as syslog(3) would send it" grep -qaE \
	'^<83>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} pve-safe\[[0-9]+\]: id=.* not in the file .*"vmid":101.*\}' /run/stream
expect_equal "and ends it" "$(tail -c 1 /run/stream | od -An -tx1 | tr -d ' ')" 00
rmdir $record
mv $record.away $record
mv -f /dev/log.away /dev/log

# --- reading it ---
run sh -c 'pve-safe log >/dev/full'
expect_equal "a listing that cannot be written" "$status $err" \
	'2 pve-safe: cannot write to stdout: No space left on device'
run pve-safe log /etc
expect_equal "a directory is no record" "$status $err" '2 pve-safe: /etc: Is a directory'
{ head -c 4200000 /dev/zero | tr '\0' x; echo; } >>$record
run pve-safe log
expect_exit "a line that is too long" 1
expect_output "is named" err "pve-safe: $record:4: this line is longer than 4194304 bytes; pve-safe did not write it"
expect_output "the others are shown" out 'CT 101'
finish
