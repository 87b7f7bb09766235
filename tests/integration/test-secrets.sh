#!/bin/bash
# SPDX-License-Identifier: MIT
# Passwords and tokens on a command line: the tool gets them, and nothing else does. No
# record, syslog line, mail, message or dry run shows one, whether the command runs, is
# refused or cannot be read.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

tsv=$LAB_TOP/tests/fixtures/vectors/pve-cli.tsv
log=/var/log/pve-safe/audit.jsonl
mails=/run/mails
seen=/run/seen
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
# No word of any command or message.
secret=zQ8xkV3w

mkdir $mails
echo $secret >/run/pattern
printf '#!/bin/sh\ncat >>%s/mail\n' $mails >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
lab_enable
printf 'hostname: web01\nunprivileged: 1\n' | lab_ct 101
printf 'name: build\nmemory: 512\n' | lab_vm 201

# What the tools are given, and which processes show it meanwhile.
for tool in pct qm; do
	rm -f /usr/sbin/$tool
	cat >/usr/sbin/$tool <<-END
	#!/bin/bash
	printf '%s\n' "\$*" >$seen
	grep -laFf /run/pattern /proc/[0-9]*/cmdline >$seen.pids 2>/dev/null
	echo \$\$ \$PPID >$seen.own
	END
	chmod 755 /usr/sbin/$tool
done

# The policy: everything passes, or these events are refused.
policy() { # EVENTS
	{
		printf 'version = 1\nunknown_option = warn\ninclude = { "baseline@1" }\n'
		printf 'rule "all" { when = "ct or vm" events = { %s } action = warn }\n' \
			"'create', 'restore', 'set', 'import', 'remote-migrate', 'guest passwd'"
		[ -z "$1" ] || printf 'rule "no" { when = "ct or vm" events = { %s } }\n' "$1"
		echo "# $RANDOM$RANDOM$RANDOM"
	} | lab_policy
}
all="'create', 'restore', 'set', 'import', 'remote-migrate', 'guest passwd'"

# Nothing that was written or said holds the secret.
expect_nowhere() { # NAME
	local where

	where=$(grep -rlF $secret $log /run/pve-safe /var/lib/pve-safe $mails 2>/dev/null | paste -sd ' ')
	if [ -z "$where" ] && [[ $out$err != *$secret* ]] && ! lab_syslog | grep -qF $secret; then
		ok "$1"
	else
		not_ok "$1" "the secret is in: $where $(lab_syslog | grep -F $secret)"
	fi
}

# Tries a command line that holds the secret: run, refused, and only shown.
try() { # WORDS...
	policy ''
	rm -f $seen*
	run "$@"
	if grep -qF -- $secret $seen 2>/dev/null; then
		ok "the tool gets it: $*"
	else
		not_ok "the tool gets it: $*"
	fi
	expect_nowhere "run: ${*//$secret/SECRET}"
	if [ -e $seen.pids ]; then
		read -ra own <$seen.own
		expect_equal "beside the tool and its caller no process shows it" \
			"$(grep -vxF -e "/proc/${own[0]}/cmdline" -e "/proc/${own[1]}/cmdline" $seen.pids)" ""
	fi
	run "$1" --dry-run "${@:2}"
	expect_nowhere "dry run: ${*//$secret/SECRET}"
	run "$1" --dry-run --format json "${@:2}"
	expect_nowhere "dry run in JSON: ${*//$secret/SECRET}"
	policy "$all"
	rm -rf $seen* /run/pve-safe/mail
	run "$@"
	expect_equal "refused" "$status $(cat $seen 2>/dev/null)" "77 "
	expect_nowhere "refused: ${*//$secret/SECRET}"
}

# --- every option that the tables call secret ---
options=$(grep -ho '"[a-z-]*", CLI_TEXT, .flags = [A-Z_ |]*CLI_SECRET' "$LAB_TOP"/lib/pve/cli-*.c |
	cut -d'"' -f2 | sort -u | paste -sd ' ')
expect_equal "the tables call these secret" "$options" "cipassword env password"
while IFS=$'\t' read -r tool command kind name _; do
	[ "$kind" = option ] || continue
	[[ " $options " == *" $name "* ]] || continue
	case $tool.$command in
	pct.create) words=(create 301 "$template") ;;
	pct.restore) words=(restore 302 -) ;;
	pct.set) words=(set 101) ;;
	qm.create) words=(create 303) ;;
	qm.set) words=(set 201) ;;
	qm.import) words=(import 304 esx:a/b.vmx --storage=local) ;;
	"qm.guest passwd") words=(guest passwd 201 root) ;;
	*) words=() ;;
	esac
	if [ ${#words[@]} = 0 ]; then
		not_ok "$tool $command --$name has a test"
		continue
	fi
	if [ "$tool.$command" = qm.import ]; then
		# Without an ESXi storage it cannot be judged; what is said of that is all.
		run qm-safe "${words[@]}" "--$name=$secret"
		expect_nowhere "not judged: $tool $command --$name"
		continue
	fi
	try "$tool-safe" "${words[@]}" "--$name" "$secret"
	try "$tool-safe" "${words[@]}" "--${name^^}=$secret"
done <"$tsv"

# --- secrets within other options ---
try qm-safe remote-migrate 201 305 "host=192.0.2.1,apitoken=PVEAPIToken=root@pam!x=$secret,fingerprint=aa" \
	--target-bridge 1 --target-storage 1
try pct-safe remote-migrate 101 306 "apitoken=PVEAPIToken root@pam!x=$secret,host=h" \
	--target-bridge 1 --target-storage 1
policy ''
for args in "-spice password=$secret" "-object secret,id=s,data=$secret" "-x password=a $secret"; do
	run qm-safe set 201 --args "$args"
	expect_equal "the baseline refuses args" "$status" 77
	expect_nowhere "and shows what was found without it: ${args//$secret/SECRET}"
	printf 'name: spice\nargs: %s\n' "$args" | lab_vm 202
	run qm-safe start 202
	expect_equal "a guest that has them" "$status" 77
	expect_nowhere "is refused without it: ${args//$secret/SECRET}"
	run pve-safe check --format json 202
	expect_nowhere "and checked"
	run pve-safe explain 202
	expect_nowhere "and explained"
done

# --- what cannot be read ---
while IFS= read -r words; do
	# shellcheck disable=SC2086
	run $words
	expect_nowhere "not understood: ${words//$secret/SECRET}"
done <<END
pct-safe create 310 $template --passwort $secret
pct-safe create 310 $template --passwort=$secret
pct-safe create 310 $template --password $secret --memory lots
pct-safe create 310 --password $secret
pct-safe crate 310 $template --password $secret
pct-safe create 310x $template -pass=$secret
qm-safe set 201 --cip $secret --cores
qm-safe set 201 --ci $secret
qm-safe guest passwd 201 root $secret
qm-safe guest pass 201 --password $secret
qm-safe agent passwd 201 root --password $secret
qm-safe remote-migrate 201 305 host=h,apitoken=$secret 5 --target-bridge 1
END
wait_for 5 test -s $mails/mail
expect "mail went out" test -s $mails/mail
expect_nowhere "without it"
finish
