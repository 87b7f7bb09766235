#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe policy lint: what is odd about a policy that loads, for people and as JSON.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

work=$(mktemp -d)
file=$work/p.conf

# Looks at the policy on stdin.
lint() { # [OPTION...]
	{ echo 'version = 1'; cat; } >"$file"
	run pve-safe policy lint "$@" "$file"
}

lint <<'END'
include = { "baseline@1" }
END
expect_exit "the baseline is fine" 0
expect_output "which is said" out "$file: fine, 14 rules"
expect_output "with a note of what a tag exempts" out "baseline@1:12: note: self-grantable privileged: its \`unless\` rests on a tag: every user with VM.Config.Options on the guest can write it"
expect_output "and what to do" out 'a pattern cannot be registered'

lint <<'END'
rule "a" { when = "ct and privileged" }
END
expect_equal "one rule is one" "$out" "$file: fine, 1 rule"
lint <<'END'
rule "a" { when = vm events = { importdisk } }
rule "b" { when = "event = 'move_volume'" }
END
expect_output "an alias is no event" out ":2:33: unknown event 'importdisk', which is an alias: write 'disk import'"
expect_output "in a condition neither" out ":3:28: unknown event 'move_volume', which is an alias: write 'move-volume'"

lint <<'END'
rule "a" { when = "vm and privileged" }
rule "b" { when = "ct and nesting" unless = "tag in (ok, fine)" }
rule "c" { when = "pool = x" unless = "pool" }
rule "d" { when = "cores > 4" override = { "root", "nobody-here", "@no-such" } }
rule "e" { when = "cores > 8" }
rule "f" { when = "cores > 4" action = warn }
END
expect_exit "rules that cannot be meant so" 1
for text in ":2: never-matches a: its \`when\` is false for every guest at every event of the rule
    do: mend \`when\` or \`events\`, or remove the rule" \
	":3: note: self-grantable b: " \
	'    do: in /etc/pve/datacenter.cfg, which needs Sys.Modify on /, write: registered-tags: ok;fine' \
	":4: exempts-itself c: its \`unless\` holds wherever its \`when\` does: nothing ever fires it" \
	":5: override-nobody d: its \`override\` names 'nobody-here', and this node has no such login
    do: mend the name; @ stands before groups" \
	":5: override-nobody d: its \`override\` names '@no-such', and this node has no such group" \
	":6: shadowed e: d ($file:5, deny) fires wherever it does, and is no laxer" \
	":7: contradicts f: d ($file:5) fires on the same guests with deny, this one with warn: the stricter counts"; do
	expect_output "each is named: ${text%%
*}" out "$text"
done
expect_no_output "who is there is no nobody" out "names 'root'"
expect_no_output "and it is not called fine" out 'fine,'

lint --format json <<'END'
mode = warn
rule "a" { when = "ct and vm" }
END
expect_equal "as JSON, a line each" "$(jq -r '[.level, .kind, .rule, .line] | @csv' <<<"$out")" \
	'"warning","never-matches","a",3
"note","mode",,0'
lint --format json <<'END'
rule "a" { when = "ct and" }
END
expect_exit "an error" 1
expect_equal "has its position in JSON, too" "$(jq -c '[.level, .line]' <<<"$out")" '["error",2]'

# --- with guests ---
lab_ct 101 <<<$'hostname: web01\nostype: debian\ntags: web\nunprivileged: 1'
lint <<'END'
rule "a" { when = "ct and tag = web" }
rule "b" { when = "ct and tag = mail" }
rule "c" { when = "event = set and changes = hookscript" }
END
expect_exit "a rule that nothing meets is a note" 0
expect_output "which says so" out ":3: note: matches-nothing-here b: today's one guest does not meet its \`when\`"
expect_no_output "not of one that a guest meets" out 'matches-nothing-here a'
expect_no_output "nor of one that asks what is done" out 'matches-nothing-here c'

# --- tags that users may write ---
policy='rule "a" { when = "ct" unless = "tag = ok" }'
lab_file /etc/pve/datacenter.cfg <<<'registered-tags: fine'
lint <<<"$policy"
expect_output "a tag that anybody may write" out \
	"note: self-grantable a: its \`unless\` rests on a tag: every user with VM.Config.Options on the guest can write it, for registered-tags of datacenter.cfg has it not, and user-tag-access allows all"
expect_output "with the whole line" out 'write: registered-tags: fine;ok'
lab_file /etc/pve/datacenter.cfg <<<$'registered-tags: fine\nuser-tag-access: user-allow=list,user-allow-list=ok;web'
lint <<<"$policy"
expect_output "one that user-tag-access allows" out 'can write it, for it is in user-allow-list of datacenter.cfg'
lab_file /etc/pve/datacenter.cfg <<<$'user-tag-access: user-allow=list,user-allow-list=web'
lint <<<"$policy"
expect_no_output "not one that it keeps back" out self-grantable
lab_file /etc/pve/datacenter.cfg <<<'registered-tags: fine;ok'
lint <<<"$policy"
expect_no_output "nor one that is registered" out self-grantable
lab_file /etc/pve/datacenter.cfg <<<'registered-tags: a,b'
lint <<<"$policy"
expect_output "nobody knows what a broken file keeps back" out 'unless registered-tags or user-tag-access of datacenter.cfg keeps it back'
rm /etc/pve/datacenter.cfg

# --- templates that workloads name ---
policy='workload "w" { match = "ct and tag = w" placement = any
settings = { "wireguard-ct", "wiregard-ct", "mine" } }'
lint <<<"$policy"
expect_exit "a template that there is not" 1
expect_output "is told with its line" out \
	":2: unknown-template workload-w: \`settings\` names the template 'wiregard-ct', and there is none, did you mean 'wireguard-ct'?
    do: pve-safe template list shows which there are"
expect_output "each" out ":2: unknown-template workload-w: \`settings\` names the template 'mine', and there is none"
expect_no_output "not what is there" out "template 'wireguard-ct', and"
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/own.conf <<<'settings "mine" { match = "ct }'
lint <<<"$policy"
expect_output "it may stand in a file that is broken" out \
	"names the template 'mine', which may stand in /etc/pve/pve-safe/settings/own.conf, and that cannot be used"
lab_file /etc/pve/pve-safe/settings/own.conf <<<'settings "mine" { match = "ct" }'
lint <<<"$policy"
expect_no_output "one's own is there" out "template 'mine'"
rm -r /etc/pve/pve-safe/settings

# --- limits, which are judged where a guest gets its size ---
lint <<'END'
limits "l" { when = "event = start" max_cores = 4 }
END
expect_output "limits that ask for a start never match" out ':2: never-matches limits-l: '

echo 'version = 1' >"$work/mine.conf"
lint <<'END'
include = { "mine.conf" }
END
expect_output "a file that is included is noted" out 'mine.conf is included as a file: it can change without a change of the policy file'
expect_not "nothing is recorded" test -e /var/log/pve-safe/audit.jsonl
rm -r "$work"
finish
