#!/bin/bash
# SPDX-License-Identifier: MIT
# What other programs make of a report: every format is read by a tool that is not ours, and
# unknown, waived and would-deny are told apart in each.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

work=$(mktemp -d)

# FILE, all of it or with "lines" each line, is JSON that SCHEMA describes.
# shellcheck disable=SC2317 # expect calls it
valid() { # SCHEMA FILE [lines]
	/usr/bin/python3 - "$@" <<-'END'
		import json, sys
		from jsonschema import Draft202012Validator
		with open(sys.argv[1]) as f:
		    schema = json.load(f)
		Draft202012Validator.check_schema(schema)
		with open(sys.argv[2]) as f:
		    parts = f.read().splitlines() if sys.argv[3:] else [f.read()]
		errors = [e for part in parts
		          for e in Draft202012Validator(schema).iter_errors(json.loads(part))]
		for e in errors[:5]:
		    print(e.json_path, e.message[:200])
		sys.exit(1 if errors or not parts else 0)
	END
}

# XPath EXPRESSION of the JUnit report gives this.
junit() { # NAME EXPRESSION EXPECTED
	expect_equal "$1" "$(xmllint --xpath "$2" "$work/report.junit")" "$3"
}

# The SARIF report, and a filter of it, give this.
sarif() { # NAME FILTER EXPECTED
	expect_equal "$1" "$(jq -c "$2" "$work/report.sarif")" "$3"
}

# A series of the metrics.
metric() { # NAME SERIES EXPECTED
	expect_equal "$1" "$(grep -v '^#' "${prom:-$work/report.prometheus}" | grep -F "pve_safe_$2 " | sed 's/.* //')" "$3"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "locked" {
    when   = "pool = locked"
    reason = "this pool is to be emptied"
}
rule "saved" {
    when   = "not backed_up"
    action = audit
    reason = "nobody could bring it back"
}
END
lab_ct 101 <<<$'hostname: web01\nnet0: name=eth0,hwaddr=BC:24:11:00:00:01\nostype: debian\nrootfs: thin:vm-101-disk-0,size=8G\nunprivileged: 0'
lab_ct 102 pve2 <<<$'hostname: web02\nnet0: name=eth0,hwaddr=BC:24:11:00:00:02\nostype: debian\nrootfs: thin:vm-102-disk-0,size=8G\nunprivileged: 0'
lab_ct 103 pve2 <<<$'hostname: web03\nostype: debian\nrootfs: thin:vm-103-disk-0,size=8G\nunprivileged: 1'
lab_vm 200 <<<$'args: -name <script>"&\'{0}[a](1)\xff\xe2\x80\xae\nmemory: 2048\nname: build'
lab_file /etc/pve/jobs.cfg <<<$'vzdump: all\n\tenabled 1\n\tschedule daily\n\tall 1'
lab_file /etc/pve/user.cfg <<<$'user:root@pam:1:0::::::'
lab_enable
until=$(date -u -d '+3 days' +%F)
pve-safe waive 102 privileged --ticket CHG-9 --reason test --until "$until" >/dev/null
chmod 666 /etc/pve/user.cfg # nobody believes it now: the pool is unknown

for format in html json junit prometheus sarif table; do
	run pve-safe audit --format "$format" -o "$work/report.$format"
	expect_exit "a report as $format" 2
	expect "it is there" test -s "$work/report.$format"
done

# --- json ---
expect "the JSON is as docs/audit.schema.json says" valid "$LAB_TOP/docs/audit.schema.json" "$work/report.json"
expect_not "which does not take everything" valid "$LAB_TOP/docs/audit.schema.json" <(jq '.totals.guests = "4"' "$work/report.json")
pve-safe check --format json 101 200 >"$work/check.json" 2>/dev/null
expect "decisions are as docs/decision.schema.json says" valid "$LAB_TOP/docs/decision.schema.json" "$work/check.json" lines
pct-safe start 101 >/dev/null 2>&1
expect "so is the record" valid "$LAB_TOP/docs/decision.schema.json" /var/log/pve-safe/audit.jsonl lines
expect_equal "unknown, waived and denied are told apart" \
	"$(jq -c '[.guests[] | select(.vmid < 103) | .findings[] | [.rule, .effect, .unknown]] | sort' "$work/report.json")" \
	'[["locked","deny",true],["locked","deny",true],["privileged","deny",false],["privileged","waived",false]]'

# --- junit ---
expect "the JUnit XML is what its readers agree on" \
	xmllint --noout --schema "$LAB_TOP/tests/report/junit.xsd" "$work/report.junit"
junit "a suite a node, and one of the cluster" 'count(/testsuites/testsuite)' 3
junit "a case a guest" 'string(//testcase[@classname="pve1.ct"]/@name)' 'CT 101 (web01)'
junit "what denies is a failure" 'count(//testcase[@name="CT 101 (web01)"]/failure[@type="deny"])' 1
junit "what denies for it is unknown is an error" \
	'count(//testcase[@name="CT 101 (web01)"]/error[@type="unknown"])' 1
junit "what is waived is no failure" 'count(//testcase[@name="CT 102 (web02)"]/failure)' 0
junit "and says so" \
	'substring(//testcase[@name="CT 102 (web02)"]/system-out, 1, 20)' 'waived: privileged: '
junit "a file that cannot be read is an error of the cluster" \
	'count(//testsuite[@name="(cluster)"]/testcase/error[@type="unreadable"])' 1
junit "the counts are those of its cases" \
	'//testsuite[@name="pve1"]/@tests = count(//testsuite[@name="pve1"]/testcase)' true

# --- sarif ---
cat >"$work/two.conf" <<'END'
version = 1
rule "both" { when = "privileged and name ~ web01*" reason = "r" }
END
pve-safe audit --policy "$work/two.conf" --format sarif >"$work/two.sarif"
expect_equal "a second line that a finding rests on is a related location" \
	"$(jq -c '.runs[0].results[0] | [.locations, .relatedLocations][] | .[] |
		[(.physicalLocation | .artifactLocation.uri, .region.startLine), .message.text]' "$work/two.sarif")" \
	'["file:///etc/pve/nodes/pve1/lxc/101.conf",5,null]
["file:///etc/pve/nodes/pve1/lxc/101.conf",1,"hostname: web01"]'
sarif "results name rule, level and effect" \
	'[.runs[0].results[] | select(.ruleId == "privileged") | [.level, .properties.effect, (.suppressions | length)]]' \
	'[["error","deny",0],["error","waived",1]]'
sarif "what is unknown is told apart" '[.runs[0].results[] | select(.properties.unknown) | .ruleId] | unique' '["locked"]'
sarif "each has the line of its guest's file" \
	'[.runs[0].results[] | select(.ruleId == "privileged") | .locations[0].physicalLocation] | first' \
	'{"artifactLocation":{"uri":"file:///etc/pve/nodes/pve1/lxc/101.conf"},"region":{"startLine":5}}'
# shellcheck disable=SC2016 # $r is jq's
sarif "rules are where results say" \
	'.runs[0] | .tool.driver.rules as $r | [.results[] | $r[.ruleIndex].id == .ruleId] | all' true
sarif "braces and brackets of others are no placeholders" \
	'[.runs[0].results[] | select(.ruleId == "raw-args") | .message.text | contains("{{0}}\\[a\\](1)")]' '[true]'
sarif "the policy's trouble and what cannot be read are notified" \
	'[.runs[0].invocations[0] | .executionSuccessful, (.toolExecutionNotifications | length)]' '[false,1]'
first=$(jq -c '[.runs[0].results[].fingerprints] | sort' "$work/report.sarif")
sed -i 's/web01/web99/' /etc/pve/nodes/pve1/lxc/101.conf
mv /etc/pve/nodes/pve2/lxc/103.conf /etc/pve/nodes/pve1/lxc/
pve-safe audit --format sarif -o "$work/report.sarif" 2>/dev/null
sarif "fingerprints stay when guests are renamed and moved" '[.runs[0].results[].fingerprints] | sort' "$first"

# --- prometheus ---
expect "promtool takes the metrics" sh -c "promtool check metrics <$work/report.prometheus"
metric "findings by node and effect" 'node_findings{node="pve2",effect="waived"}' 1
metric "those on what is unknown" 'node_findings_unknown{node="pve1"}' 2
metric "findings by rule" 'rule_findings{rule="privileged",action="deny",effect="deny"}' 1
metric "how far guests are kept from their node" 'guests{node="pve1",reach="ct-privileged"}' 1
metric "waivers by state" 'waivers{type="waiver",state="expiring"}' 1
left=$(grep '^pve_safe_waiver_seconds_left_min' "$work/report.prometheus" | sed 's/.* //; s/\..*//')
expect "and how long the next has" test "$left" -gt 172800 -a "$left" -lt 345600
metric "what could not be read" unreadable_files 1
metric "the policy is the current one" policy_last_good 0
expect_equal "no series names a guest" "$(grep -cE 'web0|="?10[0-9]' "$work/report.prometheus")" 0

# --- html ---
expect "the page names guest, line, reason and way out" \
	grep -q 'class="deny".*CT 101 web01.*101.conf:5.*class="do"' "$work/report.html"
expect "effects are told apart" grep -q '<tr class="waived">.*CT 102' "$work/report.html"
expect "what is unknown, too" grep -q '<tr class="deny unknown">' "$work/report.html"
expect_equal "texts of others stay text" "$(grep -c '<script>"&' "$work/report.html")" 0
expect_not "it asks nobody for anything" grep -qE '(src|href)=|@import|url\(' "$work/report.html"
hash() { # ELEMENT
	/usr/bin/python3 - "$1" "$work/report.html" <<-'END'
		import base64, hashlib, re, sys
		with open(sys.argv[2]) as f:
		    text = re.search("<%s>(.*?)</%s>" % (sys.argv[1], sys.argv[1]), f.read(), re.S)[1]
		print("sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode())
	END
}
expect "its policy lets its own script run" grep -qF "script-src '$(hash script)'" "$work/report.html"
expect "and its own style" grep -qF "style-src '$(hash style)'" "$work/report.html"

# --- another mode ---
sed -i 's/enforce/warn/' /etc/pve/pve-safe/policy.conf
chmod 640 /etc/pve/user.cfg
for format in html json junit prometheus sarif; do
	run pve-safe audit --format "$format" -o "$work/report.$format"
done
sarif "what only warns for now says so" \
	'[.runs[0].results[] | select(.ruleId == "raw-args") | [.level, .properties.effect]]' '[["warning","warn"]]'
metric "it is counted as such" 'node_findings{node="pve1",effect="warn"}' 2
junit "and is no failure" 'count(//testcase[starts-with(@classname, "pve")]/failure)' 0
expect "the page tells it apart" grep -q '<tr class="warn">' "$work/report.html"

# --- the timer ---
prom=/var/lib/prometheus/node-exporter/pve-safe.prom
pve-safe tick >/dev/null 2>&1
expect_not "without node_exporter the timer writes no metrics" test -e "$prom"
mkdir -p /var/lib/prometheus/node-exporter
pve-safe tick >/dev/null 2>&1
expect "with it they are there" test -s "$prom"
expect "promtool takes them" sh -c "promtool check metrics <$prom"
expect_equal "nothing else is" "$(ls -A "${prom%/*}")" pve-safe.prom
expect_equal "and anybody may read them" "$(stat -c %a "$prom")" 644
metric "they are of this node" 'guest_verdicts{node="pve1",verdict="deny"}' 0
metric "and of this node alone" 'guest_verdicts{node="pve2",verdict="deny"}' ''

# --- a terminal ---
run script -qec 'stty cols 80; pve-safe audit' /dev/null
expect_output "on a terminal effects have their colour" out $'\033[33mwarn'
expect_equal "and lines fit it" \
	"$(sed 's/\x1b\[[0-9;]*m//g; s/\r//' <<<"$out" | awk 'length($0) > 80 && !/^(would-deny|waived|warn|audit|deny) /' | wc -l)" 0
run script -qec 'stty cols 200; pve-safe audit' /dev/null
expect_output "a wide one has a finding a line" out "privileged         unprivileged: 0 (/etc/pve/nodes/pve1/lxc/101.conf:5)"
run script -qec 'NO_COLOR=1 pve-safe audit' /dev/null
expect_no_output "NO_COLOR is honoured" out $'\033['
finish
