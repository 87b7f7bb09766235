#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/report/check.sh BUILD: the reports, read by a real browser and by validators that npm
# has. What needs Debian's packages alone is in tests/integration/test-report.sh.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
work=$(realpath -m "$build/report")
mkdir -p "$work"

cp tests/report/package.json "$work"
(cd "$work" && timeout 300 npm install --silent --ignore-scripts --no-audit --no-fund)
tests/lab/lab --build "$build" -- "$PWD/tests/report/small.sh" | tar -C "$work" -x
rm -rf "$work/big"
tests/report/fleet.sh "$work/big" 10000
"$build/bin/pve-safe" audit --root "$work/big" --format html -o "$work/big.html" || [ $? = 1 ]
rm -rf "$work/big"

fail=0
expect() { # NAME COMMAND...
	local name=$1

	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		fail=1
	fi
}

sarif=$work/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json
# shellcheck disable=SC2317 # expect calls it
valid() { node tests/report/valid.js "$work" "$@"; }
expect "the audit is as docs/audit.schema.json says" valid --whole docs/audit.schema.json "$work/small.json"
expect "decisions are as docs/decision.schema.json says" valid docs/decision.schema.json "$work/check.json"
expect "SARIF is as its schema says" valid --whole "$sarif" "$work/small.sarif"
expect "SARIF of hostile texts, too" valid --whole "$sarif" tests/golden/report/full.sarif
expect "JUnit is as its schema says" \
	xmllint --noout --schema tests/report/junit.xsd "$work/small.junit" tests/golden/report/full.junit
expect "promtool takes the metrics" sh -c "promtool check metrics <'$work/small.prometheus'"
expect "promtool takes those of hostile texts" \
	sh -c "promtool check metrics <tests/golden/report/full.prometheus"
expect "the page is well-formed" \
	"$work/node_modules/.bin/html-validate" --config tests/report/htmlvalidate.json "$work/small.html"
node tests/report/page.js "$work" "$work/small.html" "$work/big.html" "$work/report.png" || fail=1
exit $fail
