/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/run/start and the part of lib/run/judge that a start goes through: each
 * row is a node with a few files, on which a hook is asked for the start of guest 101.
 */
#include "nomem.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "run/judge.h"
#include "run/start.h"

#include "root.h"

#define CT     "etc/pve/lxc/101.conf"
#define VM     "etc/pve/qemu-server/101.conf"
#define POLICY "etc/pve/pve-safe/policy.conf"
#define RECORD "var/log/pve-safe/audit.jsonl"
#define T      "etc/pve/pve-safe/settings/t.conf"

#define V          "version = 1\n"
#define PRIVILEGED V "rule \"privileged\" { when = \"ct and privileged\" }\n"
#define TASK(type) "task UPID:pve1:00000001:00000002:60000000:" type ":101:ann@pve:"

#define UNPRIVILEGED "unprivileged: 1\nhostname: web\n"

#define DB "unprivileged: 1\nhostname: web\ntags: db\n"
#define NAMES(t)                                                                     \
	V "workload \"db\" { match = \"tag = db\" placement = any settings = { \"" t \
	  "\" } }\n"
#define NAMES_T NAMES("t")
/* Credential that says "# by hand: mine". */
#define GIVEN                                                                    \
	"args: -smbios type=11,value=io.systemd.credential.binary:sysctl.extra=" \
	"IyBieSBoYW5kOiBtaW5lCnZtLnN3YXBwaW5lc3MgPSAxCg==\n"

enum { FILES_MAX = 5, WORDS_MAX = 5 };

/* A start, and what comes of it. */
static struct start_row {
	const char *name;
	struct {
		const char *path, *text;
	} files[FILES_MAX]; /* besides what every node has; "@x": a link to x */
	struct start start;
	const char *task, *above;
	int want;                     /* exit status */
	const char *said[WORDS_MAX];  /* parts of the message; none: it is empty */
	const char *noted[WORDS_MAX]; /* parts of the last record; "-x": has no x */
	bool no_cluster;
} rows[] = {
	{ "a start that no rule refuses goes on, and says nothing",
	  { { CT, UNPRIVILEGED }, { POLICY, PRIVILEGED } },
	  .noted = { "\"layer\":\"hook\",\"event\":\"start\",\"cause\":\"user\"",
		     "\"kind\":\"ct\",\"vmid\":101,\"node\":\"pve1\",\"name\":\"web\"",
		     "\"verdict\":\"allow\",\"findings\":[]", "\"source\":\"file\"",
		     "-\"config_digest\":null" } },
	{ "one that a rule refuses",
	  { { CT, "hostname: web\n" }, { POLICY, PRIVILEGED } },
	  .want = EXIT_DENIED,
	  .said = { "pve-safe: start of CT 101 (web) denied\nprivileged: ct and "
		    "privileged\n" },
	  .noted = { "\"verdict\":\"deny\"", "\"effect\":\"deny\"" } },
	{ "one that a rule warns of",
	  { { CT, "" },
	    { POLICY, V "rule \"w\" { when = \"ct and privileged\" action = warn }\n" } },
	  .said = { "pve-safe: start of CT 101 allowed, with a warning\nw (warning): " },
	  .noted = { "\"verdict\":\"warn\"" } },
	{ "what is only recorded is not said",
	  { { CT, "" },
	    { POLICY,
	      V "rule \"w\" { when = \"ct and privileged\" action = audit }\n" } },
	  .noted = { "\"verdict\":\"allow\"", "\"effect\":\"audit\"" } },
	{ "a VM",
	  { { VM, "onboot: 1\n" }, { POLICY, V "rule \"v\" { when = vm }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "pve-safe: start of VM 101 denied\n" },
	  .noted = { "\"kind\":\"vm\"" } },
	{ "what is pending counts, for the start will apply it",
	  { { CT, UNPRIVILEGED "\n[pve:pending]\nonboot: 1\n" },
	    { POLICY, V "rule \"o\" { when = onboot }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "o: onboot" } },
	{ "the layer is the hook's that asks",
	  { { CT, UNPRIVILEGED }, { POLICY, PRIVILEGED } },
	  .start.layer = LAYER_LXC_HOOK,
	  .noted = { "\"layer\":\"lxc-hook\"" } },

	/* causes */
	{ "started again from inside",
	  { { CT, "" }, { POLICY, PRIVILEGED } },
	  .start.by_init = true,
	  .said = { "allowed, with a warning\nprivileged (would deny; not refused "
		    "because the cause is reboot)" },
	  .noted = { "\"cause\":\"reboot\"", "\"effect\":\"would-deny\"" } },
	{ "a task that restores a backup's snapshot",
	  { { CT, "" }, { POLICY, PRIVILEGED } },
	  .task = TASK("vzrollback"),
	  .said = { "the cause is rollback" },
	  .noted = { "\"cause\":\"rollback\"", "\"pve_user\":\"ann@pve\"",
		     "\"upid\":\"UPID:pve1:00000001:00000002:60000000:vzrollback:"
		     "101:" } },
	{ "a task that only starts",
	  { { CT, "" }, { POLICY, PRIVILEGED } },
	  .task = TASK("vzstart"),
	  .want = EXIT_DENIED,
	  .said = { "denied" },
	  .noted = { "\"cause\":\"user\"", "\"pve_user\":\"ann@pve\"" } },
	{ "a title that is no task",
	  { { CT, UNPRIVILEGED }, { POLICY, PRIVILEGED } },
	  .task = "bash",
	  .noted = { "\"cause\":\"user\"", "\"pve_user\":null", "\"upid\":null" } },
	{ "who asks is seen by rules",
	  { { CT, UNPRIVILEGED },
	    { POLICY, V "rule \"a\" { when = \"user = 'ann@pve'\" }\n" } },
	  .task = TASK("vzstart"),
	  .want = EXIT_DENIED,
	  .said = { "a: " } },
	{ "HA",
	  { { CT, UNPRIVILEGED }, { POLICY, PRIVILEGED } },
	  .above = "pve-ha-lrm worker",
	  .noted = { "\"cause\":\"ha\"" } },
	{ "the guest's own lock",
	  { { CT, "lock: backup\n" }, { POLICY, PRIVILEGED } },
	  .said = { "the cause is backup" },
	  .noted = { "\"cause\":\"backup\"" } },
	{ "a VM on its way in",
	  { { "etc/pve/nodes/pve2/qemu-server/101.conf", "lock: migrate\n" },
	    { POLICY, V "rule \"v\" { when = vm }\n" } },
	  .start.migrated_from = "pve2",
	  .said = { "the cause is migration" },
	  .noted = { "\"cause\":\"migration\"", "\"node\":\"pve2\"" } },

	/* what there is no judging without */
	{ "a guest that is not there",
	  { { POLICY, PRIVILEGED } },
	  .want = EXIT_UNUSABLE,
	  .said = { "pve-safe: start of CT 101 denied: it could not be judged\n"
		    "/etc/pve/lxc/101.conf, /etc/pve/qemu-server/101.conf: there is no "
		    "such guest on this node\n  do: pvesh get /cluster/resources --type "
		    "vm\n" },
	  .noted = { "\"verdict\":\"deny\"", "\"failures\":[{\"what\":\"/etc/pve/lxc/",
		     "\"kind\":\"ct\"" } },
	{ "a VM that is not there is one by its task",
	  { { POLICY, PRIVILEGED } },
	  .task = TASK("qmstart"),
	  .want = EXIT_UNUSABLE,
	  .said = { "pve-safe: start of VM 101 denied" },
	  .noted = { "\"kind\":\"vm\"" } },
	{ "a container that is not there, by its task",
	  { { POLICY, PRIVILEGED } },
	  .task = TASK("vzstart"),
	  .want = EXIT_UNUSABLE,
	  .said = { "pve-safe: start of CT 101 denied" } },
	{ "the cluster file system is not there", .no_cluster = true,
	  .want = EXIT_UNUSABLE,
	  .said = { "/etc/pve: the cluster file system is not mounted\n  do: systemctl "
		    "status pve-cluster\n" } },
	{ "a guest's file that cannot be read",
	  { { CT "/x", "" }, { POLICY, PRIVILEGED } },
	  .want = EXIT_UNUSABLE,
	  .said = { "101.conf", "do: mend or restore this file, then start again\n" },
	  .noted = { "\"kind\":\"ct\"" } },

	/* the policy itself */
	{ "where no policy was ever known starts are reported",
	  { { CT, "" } },
	  .said = { "allowed, with a warning\nprivileged (would deny; no policy is "
		    "installed here yet): " },
	  .noted = { "\"source\":\"builtin\"", "\"effect\":\"would-deny\"" } },
	{ "what such a policy does not refuse is not reported so",
	  { { CT, UNPRIVILEGED } },
	  .noted = { "-would-deny" } },
	{ "a policy that cannot be used",
	  { { CT, "" }, { POLICY, "version = 9\n" } },
	  .want = EXIT_DENIED,
	  .said = { "privileged: ", "WARN: the policy cannot be used: " },
	  .noted = { "\"source\":\"builtin\"", "\"problem\":\"" } },
	{ "a copy of the policy that cannot be kept",
	  { { CT, UNPRIVILEGED }, { POLICY, PRIVILEGED }, { "var/lib/pve-safe", "" } },
	  .said = { "WARN: pve-safe: no last good copy of the policy can be kept" },
	  .noted = { "\"verdict\":\"allow\"" } },
	{ "a policy that is off",
	  { { CT, "" }, { POLICY, V "mode = off\n" } },
	  .noted = { "\"verdict\":\"allow\"" } },
	{ "a file of the cluster that a rule needs and that cannot be read",
	  { { CT, UNPRIVILEGED },
	    { POLICY, V "rule \"p\" { when = pool }\n" },
	    { "etc/pve/user.cfg/x", "" } },
	  .want = EXIT_DENIED,
	  .said = { "unknown: pool: " } },
	{ "a class of guests",
	  { { CT, UNPRIVILEGED "tags: db\n" },
	    { POLICY, V "workload \"db\" { match = \"tag = db\" placement = vm }\n"
			"rule \"own\" { when = \"workload = db\" action = warn }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "workload-db: ", "own (warning): " } },

	/* templates */
	{ "what a template wants is recorded",
	  { { CT, UNPRIVILEGED "arch: amd64\n" },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct "
		 "option \"onboot\" { value = 1 } }\n" } },
	  .said = { "settings-t (warning): " },
	  .noted = { "\"settings\":[{\"kind\":\"option\",\"target\":\"onboot\","
		     "\"value\":\"1\"",
		     "\"template\":\"t\",\"where\":{\"file\":\"" } },
	{ "a template that must be applied and cannot be refuses",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct required = yes "
		 "module \"nowhere\" { } }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-t: the kernel module nowhere is not loaded" } },
	{ "a module that must be loaded and cannot be refuses",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct required = yes "
		 "module \"pve_safe_nowhere\" { load = yes } }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "WARN: pve-safe: module pve_safe_nowhere not loaded, for template "
		    "t: ",
		    "pve-safe: start of CT 101 (web) denied\nsettings-t: the kernel "
		    "module "
		    "pve_safe_nowhere cannot be loaded on this node; do: install it "
		    "here, or take it out of line 1 of "
		    "/etc/pve/pve-safe/settings/t.conf\ndecision " },
	  .noted = { "\"type\":\"outcome\"", "module pve_safe_nowhere not loaded" } },
	{ "but not below mode enforce",
	  { { CT, UNPRIVILEGED },
	    { POLICY, V "mode = warn\n" },
	    { T, "settings \"t\" { match = ct kind = ct required = yes "
		 "module \"pve_safe_nowhere\" { load = yes } }\n" } },
	  .said = { "WARN: pve-safe: module pve_safe_nowhere not loaded, for template "
		    "t: " } },
	{ "nor a start again from inside",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct required = yes "
		 "module \"pve_safe_nowhere\" { load = yes } }\n" } },
	  .start.by_init = true,
	  .said = { "WARN: pve-safe: module pve_safe_nowhere not loaded, for template "
		    "t: " } },
	{ "a template that is for others",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = \"ct and onboot\" kind = ct required = yes "
		 "module \"nowhere\" { } }\n" } },
	  .noted = { "\"settings\":[]" } },
	{ "a VM that is still another node's is given nothing",
	  { { "etc/pve/nodes/pve2/qemu-server/101.conf", "onboot: 1\n" },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = vm kind = vm required = yes "
		 "sysctl \"vm.a\" { value = 1 } }\n" } },
	  .start.migrated_from = "pve2",
	  .noted = { "\"settings\":[]" } },
	{ "a VM of this node",
	  { { VM, "onboot: 1\n" },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = vm kind = vm "
		 "sysctl \"vm.a\" { value = 1 } }\n" } },
	  .said = { "settings-t (warning): sysctl vm.a is not in the VM's args" },
	  .noted = { "\"settings\":[{\"kind\":\"sysctl\",\"target\":\"vm.a\"" } },
	{ "a device's value is what stands behind its path",
	  { { CT, UNPRIVILEGED "dev0: /dev/fuse\n" },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct "
		 "device \"/dev/fuse\" { mode = \"0666\" } }\n" } },
	  .want = EXIT_DENIED, /* there is none on the node */
	  .said = { "settings-t: " },
	  .noted = { "\"kind\":\"device\",\"target\":\"/dev/fuse\",\"value\":\"mode=0666"
		     "\"" } },
	{ "a device without a value",
	  { { CT, UNPRIVILEGED "dev0: /dev/fuse\n" },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct kind = ct "
		 "device \"/dev/fuse\" { } }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-t: " },
	  .noted = { "\"target\":\"/dev/fuse\",\"value\":null" } },

	/* templates that cannot be known */
	{ "a class's template that there is not",
	  { { CT, DB }, { POLICY, NAMES_T } },
	  .said = { "settings-t (warning): not applied: workload 'db' names it, and "
		    "there is no such template" } },
	{ "one that may stand in a file that cannot be read",
	  { { CT, DB }, { POLICY, NAMES_T }, { T "/x", "" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-t: not applied: workload 'db' names it, and it may stand "
		    "in /etc/pve/pve-safe/settings/t.conf, which cannot be used\n",
		    "  do: mend this file (pve-safe template list says what is wrong "
		    "with it), or take it away\n" },
	  .noted = { "\"effect\":\"deny\"" } },
	{ "or in a directory that cannot be listed",
	  { { CT, DB }, { POLICY, NAMES_T }, { "etc/pve/pve-safe/settings", "" } },
	  .want = EXIT_DENIED,
	  .said = { "it may stand in /etc/pve/pve-safe/settings, which cannot be "
		    "used" } },
	{ "or in one where a quote is missing, which names it",
	  { { CT, DB },
	    { POLICY, NAMES_T },
	    { T, "settings \"t\" { required = yes match = \"ct }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "it may stand in /etc/pve/pve-safe/settings/t.conf" } },
	{ "but not where that one says of nothing that it is required",
	  { { CT, DB }, { POLICY, NAMES_T }, { T, "settings \"t\" { match = \"ct }\n" } },
	  .said = { "settings-t (warning): not applied: workload 'db' names it" } },
	{ "nor where it names others",
	  { { CT, DB },
	    { POLICY, NAMES_T },
	    { T, "settings \"t-2\" { required = yes match = \"ct }\n" } },
	  .said = { "settings-t (warning): not applied: workload 'db' names it" } },
	{ "a guest of no such class starts",
	  { { CT, UNPRIVILEGED }, { POLICY, NAMES_T }, { T "/x", "" } },
	  .said = { "WARN: pve-safe: settings templates cannot be used: "
		    "/etc/pve/pve-safe/settings/t.conf: " },
	  .noted = { "\"verdict\":\"allow\"" } },
	{ "so does one with a waiver",
	  { { CT, DB "rootfs: local:v\n" },
	    { POLICY, NAMES_T },
	    { T "/x", "" },
	    { "etc/pve/pve-safe/waivers/101.settings-t.conf",
	      "version=1 guest=101 name=web rule=settings-t ticket=t-1 reason=why "
	      "granted_by=bob granted=\"2026-01-01\" until=\"2999-01-01\" "
	      "identity={\"rootfs=local:v\"} covers={\"ct=yes\"}" } },
	  .said = { "settings-t (waived: would deny; t-1 until 2999-01-01)" } },
	{ "and one that starts again from inside",
	  { { CT, DB }, { POLICY, NAMES_T }, { T "/x", "" } },
	  .start.by_init = true,
	  .said = { "settings-t (would deny; not refused because the cause is "
		    "reboot)" } },
	{ "a shipped template in whose place a broken file has one",
	  { { CT, DB },
	    { POLICY, NAMES("cache-ct") },
	    { T, "settings \"cache-ct\" { required = yes" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-cache-ct: not applied: its file cannot be used "
		    "(/etc/pve/pve-safe/settings/t.conf)\n" },
	  .noted = { "\"settings\":[]" } },
	{ "a shipped template beside a file that cannot be read",
	  { { CT, DB }, { POLICY, NAMES("cache-ct") }, { T "/x", "" } },
	  .said = { "WARN: pve-safe: settings templates cannot be used: " },
	  .noted = { "\"template\":\"cache-ct\"" } },
	{ "a condition that cannot be read may be this guest's",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = cts kind = ct required = yes }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-t: not applied: its file cannot be used" } },
	{ "but not where the template is for VMs",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = cts kind = vm required = yes }\n" } },
	  .said = { "WARN: pve-safe: settings templates cannot be used: " },
	  .noted = { "\"verdict\":\"allow\",\"findings\":[]" } },
	{ "nor where it is not required",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = cts }\n" } },
	  .said = { "WARN: pve-safe: settings templates cannot be used: " },
	  .noted = { "\"verdict\":\"allow\",\"findings\":[]" } },
	{ "a template that may be required",
	  { { CT, UNPRIVILEGED },
	    { POLICY, PRIVILEGED },
	    { T, "settings \"t\" { match = ct required = yse }\n" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-t: not applied: its file cannot be used" } },
	{ "what a VM was given by hand",
	  { { VM, GIVEN }, { POLICY, PRIVILEGED }, { T "/x", "" } },
	  .want = EXIT_DENIED,
	  .said = { "settings-mine: not applied: it was applied by hand, and it may "
		    "stand in /etc/pve/pve-safe/settings/t.conf" } },

	/* waivers */
	{ "waivers that cannot be looked for",
	  { { CT, "" },
	    { POLICY, PRIVILEGED },
	    { "etc/pve/pve-safe/waivers", "@waivers" } },
	  .want = EXIT_DENIED,
	  .said = { "privileged: ", "  note: " },
	  .noted = { "\"note\":\"" } },
	{ "a waiver",
	  { { CT, "rootfs: local:v\n" },
	    { POLICY, PRIVILEGED },
	    { "etc/pve/pve-safe/waivers/101.privileged.conf",
	      "version=1 guest=101 name=\"\" rule=privileged ticket=t-1 reason=why "
	      "granted_by=bob granted=\"2026-01-01\" until=\"2999-01-01\" "
	      "identity={\"rootfs=local:v\"} covers={\"ct=yes\",\"privileged=yes\"}" } },
	  .said = { "privileged (waived: would deny; t-1 until 2999-01-01)" },
	  .noted = { "\"verdict\":\"allow\"", "\"effect\":\"waived\"" } },
};

/* A node with the files of a row, and its place. */
struct node {
	struct root root;
	struct place place;
};

/* Makes the node of @row. */
static struct node node_make(const struct start_row *row)
{
	struct node n = { .root = root_make() };

	n.place = (struct place){ .root = n.root.fd,
				  .prefix = "",
				  .node = "pve1",
				  .opened_us = clock_now().mono_us };
	if (!row->no_cluster)
		put(&n.root, "etc/pve/nodes/pve1/x", "", 0);
	put(&n.root, "var/log/x", "", 0);
	put(&n.root, "run/x", "", 0);
	for (size_t i = 0; i < FILES_MAX && row->files[i].path; i++) {
		const char *path = row->files[i].path, *text = row->files[i].text;

		make_parents(&n.root, path);
		if (*text == '@')
			assert_int_equal(symlinkat(text + 1, n.root.fd, path), 0);
		else
			put(&n.root, path, text, strlen(text));
	}
	return n;
}

/* Releases @n. For AUTO(). */
static void node_done(struct node *n)
{
	root_done(&n->root);
}

/* The start of @row. */
static struct start start_of(const struct start_row *row)
{
	struct start s = row->start;

	if (s.layer == LAYER_WRAPPER)
		s.layer = LAYER_HOOK;
	s.vmid = 101;
	s.task = slice_of(row->task ? row->task : "");
	s.above = slice_of(row->above ? row->above : "");
	return s;
}

/* Asserts that @text has what @parts say. */
static void assert_parts(const char *what, const char *text,
			 const char *const parts[static WORDS_MAX])
{
	for (size_t i = 0; i < WORDS_MAX && parts[i]; i++) {
		bool none = parts[i][0] == '-';

		if (!strstr(text, parts[i] + none) != none)
			fail_msg("%s: %s\nshould have: %s", what, text, parts[i]);
	}
}

/* The last record of @n. */
static char *last_record(const struct node *n)
{
	size_t len;
	char *text = get(&n->root, RECORD, &len), *last;

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	last = strrchr(text, '\n');
	if (last)
		memmove(text, last + 1, strlen(last));
	return text;
}

static void test_start(void **state)
{
	const struct start_row *row = *state;
	AUTO(node_done) struct node n = node_make(row);
	AUTO(start_world_freep) struct start_world *w = NULL;
	AUTO(buf_done) struct buf message = { 0 };
	const struct start s = start_of(row);
	AUTO_FREE char *record = NULL;
	int got = start_judge(&n.place, &s, &w, &message);

	record = last_record(&n);
	assert_parts("message", buf_text(&message), row->said);
	assert_parts("record", record, row->noted);
	assert_int_equal(got, row->want);
	assert_int_equal(w != NULL, row->want == EXIT_FINE);
	if (!row->said[0])
		assert_string_equal(buf_text(&message), "");
}

/* An allowed start on a node where @files are as well. */
static struct start_row plain = { .files = { { CT, UNPRIVILEGED },
					     { POLICY, PRIVILEGED } } };

/* The layer behind another one takes over its id, and says nothing again. */
static void test_relay(void **state)
{
	struct start_row row = {
		.files = { { CT, "" },
			   { POLICY, V "rule \"w\" { when = privileged action = warn "
				       "}\n" } }
	};
	AUTO(node_done) struct node n = node_make(&row);
	AUTO(start_world_freep) struct start_world *first = NULL, *second = NULL;
	AUTO(buf_done) struct buf one = { 0 }, two = { 0 };
	struct start s = start_of(&row);
	AUTO_FREE char *before = NULL, *after = NULL;

	(void)state;
	assert_int_equal(start_judge(&n.place, &s, &first, &one), EXIT_FINE);
	before = last_record(&n);
	s.layer = LAYER_LXC_HOOK;
	assert_int_equal(start_judge(&n.place, &s, &second, &two), EXIT_FINE);
	after = last_record(&n);
	assert_non_null(strstr(buf_text(&one), "w (warning)"));
	assert_string_equal(buf_text(&two), "");
	assert_non_null(strstr(after, "\"layer\":\"lxc-hook\""));
	assert_memory_equal(before, after, strlen("{\"id\":\"") + UUID7_SIZE - 1);
}

/* Where no record can be written. */
static void test_no_record(void **state)
{
	static const char required[] = PRIVILEGED "audit_required = yes\n";
	struct start_row row = plain;
	bool syslog = access("/dev/log", F_OK) == 0;

	(void)state;
	row.files[2].path = "var/log/pve-safe";
	row.files[2].text = "";
	for (int round = 0; round < 2; round++) {
		AUTO(node_done) struct node n = node_make(&row);
		AUTO(start_world_freep) struct start_world *w = NULL;
		AUTO(buf_done) struct buf message = { 0 };
		struct start s = start_of(&row);
		int want = round && !syslog ? EXIT_UNUSABLE : EXIT_FINE;

		assert_int_equal(start_judge(&n.place, &s, &w, &message), want);
		assert_non_null(
			strstr(buf_text(&message),
			       syslog ? "WARN: pve-safe: the record went to syslog only: "
				      : "WARN: pve-safe: this decision could not be "
					"recorded: "));
		assert_int_equal(!strstr(buf_text(&message),
					 "the policy says audit_required = yes, and no "
					 "record could be written: "),
				 want == EXIT_FINE);
		row.files[1].text = required;
	}
}

/* Nothing is applied where nothing was judged, and nothing where no template wants any. */
static void test_apply(void **state)
{
	AUTO(node_done) struct node n = node_make(&plain);
	AUTO(start_world_freep) struct start_world *w = NULL;
	AUTO(buf_done) struct buf message = { 0 };
	struct start s = start_of(&plain);

	(void)state;
	assert_int_equal(start_apply(&n.place, &s, NULL, 0, &message), EXIT_FINE);
	assert_int_equal(start_judge(&n.place, &s, &w, &message), EXIT_FINE);
	assert_int_equal(start_apply(&n.place, &s, w, 0, &message), EXIT_FINE);
	assert_string_equal(buf_text(&message), "");
}

#define HOST "host \"/proc/sys/vm/x\" { value = 9 }"

#define SOMAXCONN "sysctl \"net.core.somaxconn\" { value = 9 }"
#define LXC_FILE  "usr/share/lxc/config/common.conf.d/pve-safe.conf"

/*
 * A setting of the node that cannot be made, as its file is a directory; and a sysctl of the
 * container, which the node-wide hook sets, if there is one.
 */
static struct refused_row {
	const char *name, *policy, *settings;
	bool by_init;
	int want;
	const char *said;  /* "": nothing */
	const char *other; /* one file more */
	const char *path;  /* of the guest's file; NULL: a container's */
} refused[] = {
	{ "a setting that must be made refuses",
	  PRIVILEGED "node_settings = { \"/proc/sys/vm/*\" }\n",
	  "settings \"t\" { match = ct kind = ct required = yes " HOST " }\n", false,
	  EXIT_DENIED,
	  "pve-safe: start of CT 101 (web) denied\nsettings-t: host /proc/sys/vm/x not "
	  "applied: " },
	{ "not where the start goes on whatever happens",
	  PRIVILEGED "node_settings = { \"/proc/sys/vm/*\" }\n",
	  "settings \"t\" { match = ct kind = ct required = yes " HOST " }\n", true,
	  EXIT_FINE, "WARN: pve-safe: template t: host /proc/sys/vm/x not applied: " },
	{ "nor where the policy only warns",
	  PRIVILEGED "mode = warn node_settings = { \"/proc/sys/vm/*\" }\n",
	  "settings \"t\" { match = ct kind = ct required = yes " HOST " }\n", false,
	  EXIT_FINE, "WARN: pve-safe: template t: host /proc/sys/vm/x not applied: " },
	{ "one that need not be", PRIVILEGED "node_settings = { \"/proc/sys/vm/*\" }\n",
	  "settings \"t\" { match = ct kind = ct " HOST " }\n", false, EXIT_FINE,
	  "WARN: pve-safe: template t: host /proc/sys/vm/x not applied: " },
	{ "nor where no policy is installed yet", NULL,
	  "settings \"t\" { match = ct kind = ct required = yes " HOST " }\n", false,
	  EXIT_FINE,
	  "WARN: pve-safe: template t: host /proc/sys/vm/x not applied: the policy does "
	  "not allow it" },
	{ "a sysctl of a container that no hook would set", PRIVILEGED,
	  "settings \"t\" { match = ct kind = ct required = yes " SOMAXCONN " }\n", false,
	  EXIT_DENIED,
	  "settings-t: sysctl net.core.somaxconn not applied: the node-wide hook for "
	  "containers is not installed on this node; do: pve-safe setup" },
	{ "the node-wide hook comes later", PRIVILEGED,
	  "settings \"t\" { match = ct kind = ct required = yes " SOMAXCONN " }\n", false,
	  EXIT_FINE, "", .other = LXC_FILE },
	{ "and sets nothing in a VM", PRIVILEGED,
	  "settings \"t\" { match = vm kind = vm " SOMAXCONN " }\n", false, EXIT_FINE, "",
	  .path = VM },
};

static void test_refused(void **state)
{
	const struct refused_row *row = *state;
	struct start_row node = {
		.files = { { row->path ? row->path : CT, row->path ? "" : UNPRIVILEGED },
			   { "proc/sys/vm/x/y", "" },
			   { T, row->settings },
			   { row->other ? row->other : "etc/none", "" },
			   { POLICY, row->policy } },
		.start.by_init = row->by_init,
	};
	AUTO(start_world_freep) struct start_world *w = NULL;
	AUTO(buf_done) struct buf message = { 0 };

	if (!row->policy)
		node.files[4].path = NULL;
	AUTO(node_done) struct node n = node_make(&node);
	struct start s = start_of(&node);

	assert_int_equal(start_judge(&n.place, &s, &w, &message), EXIT_FINE);
	buf_reset(&message);
	assert_int_equal(start_apply(&n.place, &s, w, 0, &message), row->want);
	if (!strstr(buf_text(&message), row->said) || (!*row->said && message.len))
		fail_msg("%s", buf_text(&message));
}

/* What is said once the guest runs, with these templates. */
static struct settled_row {
	const char *name, *settings, *want;
	const char *path; /* of the guest's file; NULL: a container's */
} settled[] = {
	{ "no template wants anything", "", "" },
	{ "a setting that cannot be made",
	  "settings \"t\" { match = ct kind = ct " HOST " }\n",
	  "WARN: pve-safe: template t: host /proc/sys/vm/x not applied: " },
	{ "one of the node that cannot be told",
	  "settings \"t\" { match = ct kind = ct "
	  "host \"/proc/sys/net/ipv4/conf/{net0.dev}/a\" { value = 1 } }\n",
	  "WARN: pve-safe: template t: not applied: " },
	{ "one whose file is not there, though the guest runs",
	  "settings \"t\" { match = ct kind = ct "
	  "host \"/proc/sys/vm/y\" { value = 9 } }\n",
	  "WARN: pve-safe: template t: host /proc/sys/vm/y not applied: there is no such "
	  "file on this node" },
	{ "the guest's file cannot be read by now", "",
	  "WARN: pve-safe: settings: '/etc/pve/lxc/101.conf' is a directory",
	  .path = CT "/x" },
	{ "one of a VM's disk, which is known by now",
	  "settings \"t\" { match = vm kind = vm "
	  "host \"/sys/block/{disk0.dev}/x\" { value = 9 } }\n",
	  "WARN: pve-safe: template t: not applied: ", .path = VM },
	{ "one of the node behind one of the guest",
	  "settings \"t\" { match = ct kind = ct "
	  "sysctl \"net.ipv4.conf.{net0.name}.a\" { value = 1 } "
	  "host \"/proc/sys/net/ipv4/conf/{net0.dev}/a\" { value = 1 } }\n",
	  "WARN: pve-safe: template t: not applied: host "
	  "/proc/sys/net/ipv4/conf/{net0.dev}/a: the guest has no net0; do: mend line 1 "
	  "of /etc/pve/pve-safe/settings/t.conf" },
	{ "one of the guest that could not be told was said before its start",
	  "settings \"t\" { match = ct kind = ct "
	  "sysctl \"net.ipv4.conf.{net0.name}.a\" { value = 1 } }\n",
	  "" },
};

static void test_settled(void **state)
{
	const struct settled_row *row = *state;
	struct start_row node = {
		.files = { { row->path ? row->path : CT, row->path ? "" : UNPRIVILEGED },
			   { "proc/sys/vm/x/y", "" },
			   { T, row->settings },
			   { POLICY, PRIVILEGED "node_settings = { \"/proc/sys/*\", "
						"\"/sys/block/*\" }\n" } },
	};
	AUTO(node_done) struct node n = node_make(&node);
	AUTO(buf_done) struct buf message = { 0 };
	struct start s = start_of(&node);

	start_settle(&n.place, &s, &message);
	if (!strstr(buf_text(&message), row->want) || (!*row->want && message.len))
		fail_msg("%s", buf_text(&message));
}

/* Without memory for the judgement nothing can be settled, which is said. */
static void test_no_memory(void **state)
{
#if !defined(__SANITIZE_ADDRESS__)
	AUTO(node_done) struct node n = node_make(&plain);
	AUTO(buf_done) struct buf message = { 0 };
	struct start s = start_of(&plain);

	left = 0;
	start_settle(&n.place, &s, &message);
	assert_string_equal(buf_text(&message),
			    "WARN: pve-safe: settings: out of memory\n");
#endif
	(void)state;
}

static struct node scarce; /* where the start of 101 is refused */

/*
 * A start that is refused, while memory runs out: it is never allowed, and a refusal by the
 * policy says why, or that its text is lost.
 */
static int is_refused_anyway(void)
{
	AUTO(start_world_freep) struct start_world *w = NULL;
	AUTO(buf_done) struct buf message = { 0 };
	const struct start s = { .layer = LAYER_HOOK, .vmid = 101 };
	int got = start_judge(&scarce.place, &s, &w, &message);

	if (got == EXIT_DENIED)
		return buf_failed(&message) ||
		       strstr(buf_text(&message), "\nprivileged: ");
	return got == EXIT_FINE ? 0 : -1;
}

static struct nomem_row nomem[] = {
	{ "a refused start stays refused, and says why", is_refused_anyway,
	  .may_die = true },
};

int main(void)
{
	static const struct start_row refused_start = {
		.files = { { CT, "" }, { POLICY, PRIVILEGED } },
	};
	static struct rows r;
	int status;

	ROWS_ADD(&r, rows, test_start);
	ROWS_ADD_ONE(&r, "what one layer said the next does not", test_relay);
	ROWS_ADD_ONE(&r, "a record that nothing takes", test_no_record);
	ROWS_ADD_ONE(&r, "nothing to apply", test_apply);
	ROWS_ADD(&r, refused, test_refused);
	ROWS_ADD(&r, settled, test_settled);
	ROWS_ADD_ONE(&r, "no memory once the guest runs", test_no_memory);
	scarce = node_make(&refused_start);
	ROWS_ADD(&r, nomem, survives);
	status = rows_run(&r, "start");
	node_done(&scarce);
	return status;
}
