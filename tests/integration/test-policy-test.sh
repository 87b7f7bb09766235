#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe policy test: tests of a policy that pass, fail and cannot be read, in each form.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

work=$(mktemp -d)
examples=$work/examples
cp -r "$LAB_TOP/templates/examples" "$examples"
chmod -R go-w "$examples" # whatever umask the tree was checked out with
shop=$examples/shop.conf

# Runs the tests that stand on stdin.
tests() { # [OPTION...]
	{ printf 'version = 1\npolicy = "%s"\n' "$shop"; cat; } >"$work/x.tests"
	run pve-safe policy test "$@" "$work/x.tests"
}

# --- the example that is shipped ---
run pve-safe policy test "$examples/shop.tests"
expect_exit "the example's tests pass" 0
expect_output "each with its name" out '  pass  a reboot from inside is not refused, but shown'
expect_output "and they are counted" out '7 tests: 7 passed, 0 failed, 0 could not be run'
expect_output "a rule that no test fires is named, with its place" out \
	'  no test fires host-hook (baseline@1:'
expect_no_output "one that a test fires is not" out 'no test fires web-memory'
run pve-safe policy test --policy "$examples/shop.conf" "$examples/shop.tests" "$examples/shop.tests"
expect_output "several files are one run" out '14 tests: 14 passed'

# --- a test that fails ---
failing() {
	cat <<-'END'
	test "no & <good>" {
	    config  = { "hostname: web01", "unprivileged: 0" }
	    kind    = ct
	    verdict = allow
	    rules   = { "docker-in-ct" }
	    effects = { "privileged=warn" }
	}
	test "good # one" {
	    config  = { "unprivileged: 1" }
	    kind    = ct
	    verdict = allow
	    rules   = { }
	}
	END
}
tests < <(failing)
expect_exit "a test that fails" 1
for text in 'verdict: expected allow, got deny' \
	'rules: expected docker-in-ct, got privileged' \
	'docker-in-ct did not fire (baseline@1:' \
	'when "ct and docker" is false: ct = yes, docker = no' \
	'privileged: expected warn, got deny' \
	'found: unprivileged: 0 (config:2)' \
	"  fail  no & <good> ($work/x.tests:3)" \
	'no test leaves unfired' ; do
	case $text in
	*unfired) expect_no_output "a rule that fires in one test of two is not always fired" out "$text privileged" ;;
	*) expect_output "it says: $text" out "$text" ;;
	esac
done
tests --format json < <(failing)
expect_equal "as JSON, a line a test" "$(head -n 2 <<<"$out" | jq -r '.status' | tr '\n' ' ')" 'fail pass '
expect_equal "and a line of coverage" "$(tail -n 1 <<<"$out" | jq -c '[.tests, (.never_fired | index("privileged"))]')" '[2,null]'
tests --format junit < <(failing)
expect_output "as JUnit" out '<testsuite name="pve-safe policy test" tests="2" failures="1" errors="0">'
expect_output "escaped" out 'name="no &amp; &lt;good&gt;"><failure message="verdict: expected allow, got deny&#10;'
tests --format junit < <(failing | sed "s/good>/good'\xef\xbf\xbe>/")
expect_output "so is what XML does not take" out 'name="no &amp; &lt;good&#39;\xef\xbf\xbe&gt;"'
tests --format tap < <(failing)
expect_output "as TAP" out "TAP version 13
1..2
not ok 1 - no & <good>
# verdict: expected allow, got deny"
expect_output "where # begins no directive" out 'ok 2 - good \# one'

# --- what cannot be run ---
tests <<'END'
test "lost" {
    guest   = "nowhere.conf"
    kind    = ct
    verdict = allow
}
END
expect_exit "a guest that is not there" 2
expect_output "is named" out "$work/nowhere.conf: no such file"
cp "$examples/fixtures/web.conf" "$work/web.conf"
tests <<'END'
test "unclear" {
    guest   = "web.conf"
    verdict = allow
}
END
expect_output "a file whose kind nothing tells" out 'web.conf: container or VM? say kind = ct or kind = vm'
tests <<'END'
test "a" {
    config  = { "unprivileged: 0" }
    event   = set
    cause   = boot
    verdict = alow
    rules   = { "privileged" }
    also    = { "privileged" }
    assume  = { "pol=x", "kind=lxc" }
}
test "b" {
    verdict = deny
    effects = { "privileged" }
}
END
expect_exit "a file with mistakes" 2
for text in ":7:15: 'verdict' is one of deny, warn, allow, not 'alow': did you mean allow?" \
	':4:5: container or VM? say kind = ct or kind = vm' \
	':6:5: only a start has a cause' \
	':9:5: rules names all that fire: add these to it' \
	":10:17: 'pol=x': no such fact" \
	":10:26: 'kind=lxc': 'lxc' is none of its values" \
	':12:1: which guest? say guest = "FILE" or config = { "LINE" }' \
	':14:17: expected RULE=EFFECT with deny, warn, audit or would-deny'; do
	expect_output "all of them at once: $text" err "$work/x.tests$text"
done
tests <<'END'
test "a" {
    config  = { "unprivileged: 0" }
    kind    = ct
    verdict = deny
    rules   = { "privilegd" }
}
END
expect_exit "a rule that there is none of" 2
expect_output "is named" err "$work/x.tests:7:17: no rule 'privilegd' in $shop, did you mean 'privileged'?"
tests </dev/null
expect_output "a file without tests" err 'there is no test in it'
run pve-safe policy test
expect_exit "without a file" 64
run pve-safe policy test "$work/none.tests"
expect_exit "a file that is not there" 2
run pve-safe policy test --format xml "$work/x.tests"
expect_exit "an unknown form" 64
expect_not "nothing is recorded" test -e /var/log/pve-safe/audit.jsonl
rm -r "$work"
finish
