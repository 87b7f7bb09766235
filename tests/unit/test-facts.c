/* SPDX-License-Identifier: MIT */
/*
 * Unit tests of lib/facts: the table of facts, sources that fail, the request, the
 * cluster's files, canonical text and JSON.
 */
#include "facts-guest.h"

#include <jansson.h>

/* The table. */

/* Whether @name is as the grammar of expressions wants it. */
static bool is_fact_name(const char *name)
{
	return *name >= 'a' && *name <= 'z' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

static void check_rows(void **state)
{
	(void)state;
	for (enum fact_id i = 0; i < FACT_COUNT; i++) {
		const struct fact_row *row = &fact_rows[i];

		assert_true(is_fact_name(row->name));
		assert_int_equal(row->name_len, strlen(row->name));
		assert_int_equal(fact_find(slice_of(row->name)), i);
		assert_true(strlen(row->doc) > 4 && strlen(row->pve_source) > 2);
		assert_true(row->doc[strlen(row->doc) - 1] != '.');
		assert_true(strpbrk(row->doc, "\"\\<>") == NULL);
		assert_int_equal(row->words != NULL, row->type == FACT_ENUM);
		assert_true(!*row->unit || row->type == FACT_NUMBER);
		assert_true(row->kinds != 0);
	}
}

static void check_units(void **state)
{
	static const struct {
		const char *end, *unit;
	} units[] = { { "_mib", "MiB" }, { "_gib", "GiB" } };

	(void)state;
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		for (size_t k = 0; k < ARRAY_LEN(units); k++) {
			const struct fact_row *row = &fact_rows[i];
			size_t n = strlen(units[k].end);

			if (row->name_len > n &&
			    !strcmp(row->name + row->name_len - n, units[k].end))
				assert_string_equal(row->unit, units[k].unit);
		}
}

static void check_not_found(void **state)
{
	static const char *const names[] = { "",    "privilege", "privilegedx", "CT",
					     "c t", "workloads", "limits" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(fact_find(slice_of(names[i])), -1);
}

static void check_words(void **state)
{
	static const char *const *const lists[] = { fact_words_event, fact_words_cause,
						    fact_words_kind };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t k = 0; lists[i][k]; k++)
			assert_true(!k || strcmp(lists[i][k - 1], lists[i][k]) < 0);
}

/* Waivers cover what the guest is, not what is asked of it. */
static void check_covers(void **state)
{
	(void)state;
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		assert_true(!fact_rows[i].covers ||
			    fact_rows[i].kinds != FACT_KINDS_REQUEST);
	assert_true(fact_rows[FACT_bind].covers);
	assert_false(fact_rows[FACT_lock].covers);
}

/* Sources. */

static void check_sources(void **state)
{
	struct fact_set set = { 0 };

	(void)state;
	assert_int_equal(fact_set_sources(&set), 0);
	fact_set_add(&set, FACT_privileged);
	assert_int_equal(fact_set_sources(&set), 1U << SOURCE_GUEST);
	fact_set_add(&set, FACT_backed_up);
	assert_int_equal(fact_set_sources(&set),
			 1U << SOURCE_GUEST | 1U << SOURCE_BACKUP | 1U << SOURCE_POOL);
}

/* A source that failed, and facts that do or do not need it. */
static struct source_case {
	const char *name;
	enum source source;
	const char *fact, *want;
} sources[] = {
	{ "a guest's file that failed", SOURCE_GUEST, "privileged", "?broken" },
	{ "a guest's file that failed leaves its kind", SOURCE_GUEST, "ct", "yes" },
	{ "a guest's file that failed leaves its pool", SOURCE_GUEST, "pool", "none" },
	{ "a guest's file that failed leaves VMs' facts none", SOURCE_GUEST, "args",
	  "none" },
	{ "tags of a file that failed are not registered", SOURCE_GUEST, "registered_tag",
	  "?broken" },
	{ "pools that failed", SOURCE_POOL, "pool", "?broken" },
	{ "pools that failed leave the guest", SOURCE_POOL, "privileged", "no" },
	{ "HA that failed", SOURCE_HA, "ha_managed", "?broken" },
	{ "backup jobs that failed", SOURCE_BACKUP, "backed_up", "?broken" },
	{ "registered tags that failed", SOURCE_REGISTRY, "registered_tag", "?broken" },
	{ "registered tags that failed leave tags", SOURCE_REGISTRY, "tag", "a" },
};

static void check_source(void **state)
{
	const struct source_case *t = *state;
	struct cluster_tags registered = { 0 };
	struct facts_guest g;
	const struct fact *f;

	facts_guest_read(&g, GUEST_CT, "unprivileged: 1\ntags: a\n");
	g.in.vmid = 101;
	if (t->source == SOURCE_GUEST) {
		g.in.sources[SOURCE_REGISTRY].state = SOURCE_STATE_READ;
		g.in.registered = &registered;
	}
	g.in.sources[t->source] = (struct source_status){ .state = SOURCE_STATE_FAILED,
							  .file = "/etc/pve/x.cfg",
							  .why = "broken" };
	facts_guest_expect(&g, t->fact, t->want);
	f = facts_guest_get(&g, t->fact);
	if (f->state == FACT_STATE_UNKNOWN)
		assert_string_equal(f->origin.file, "/etc/pve/x.cfg");
	facts_guest_done(&g);
}

static void check_wanted_alone(void **state)
{
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "tags: a\n");
	facts_guest_expect(&g, "tag", "a");
	assert_int_equal(facts_get(&g.facts, FACT_name)->state, FACT_STATE_NONE);
	assert_false(fact_set_has(&g.facts.loaded, FACT_name));
	assert_true(fact_set_has(&g.facts.loaded, FACT_tag));
	facts_guest_done(&g);
}

/* The request. */

static void check_request(void **state)
{
	const struct slice groups[] = { slice_of("ops"), slice_of("adm") };
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_VM, "cores: 1\n");
	g.in.request = (struct request){
		.event = slice_of("set"),
		.cause = { 0 },
		.user = slice_of("alice@pve"),
		.login = slice_of("alice"),
		.login_group = { groups, ARRAY_LEN(groups) },
		.changes = { groups, 0 },
	};
	facts_guest_expect(&g, "event", "set");
	facts_guest_expect(&g, "cause", "none");
	facts_guest_expect(&g, "user", "alice@pve");
	facts_guest_expect(&g, "login", "alice");
	facts_guest_expect(&g, "login_group", "ops, adm");
	facts_guest_expect(&g, "caller_file", "none");
	facts_guest_expect(&g, "given", "none");
	facts_guest_expect(&g, "changes", "[]");
	facts_guest_done(&g);
}

/* What a command line sets has no line of the file. */
static void check_command_line(void **state)
{
	struct guestconf_entry entry = { .key = slice_of("hostname"),
					 .value = slice_of("web01") };
	struct guestconf_section section = { .entries = &entry, .nentries = 1 };
	struct facts_guest g;
	const struct fact *f;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "hostname: old\n");
	g.in.section = &section;
	facts_guest_expect(&g, "name", "web01");
	f = facts_guest_get(&g, "name");
	assert_int_equal(f->origin.line, 0);
	assert_string_equal(f->origin.file, "command line");
	assert_true(slice_eq(f->origin.text, "hostname: web01"));
	facts_guest_done(&g);
}

/* The cluster. */

static const char user_cfg[] = "pool:lab:a comment:101,102:local:\npool:prod::200::\n";
static const char resources_cfg[] =
	"ct: 101\n\tstate started\n\nct: 102\n\tstate ignored\n"
	"\nvm: 200\n\tstate stopped\n";
static const char datacenter_cfg[] = "registered-tags: Prod;just-101-x\n";
static const char storage_cfg[] = "dir: local\n\tpath /var/lib/vz\n\tcontent images\n\n"
				  "nfs: nas\n\tpath /mnt/pve/nas\n\tserver 10.0.0.1\n"
				  "\texport /x\n\tcontent images\n";

static struct cluster_case {
	const char *name;
	enum guest_kind kind;
	uint64_t vmid;
	const char *text;
	const char *jobs; /* jobs.cfg */
	const char *fact, *want;
} clusters[] = {
	{ "a pool's member", GUEST_CT, 101, "", "", "pool", "lab" },
	{ "a guest without pool", GUEST_CT, 300, "", "", "pool", "none" },
	{ "a resource of HA", GUEST_CT, 101, "", "", "ha_managed", "yes" },
	{ "a resource that HA ignores", GUEST_CT, 102, "", "", "ha_managed", "no" },
	{ "no resource of HA", GUEST_CT, 103, "", "", "ha_managed", "no" },
	{ "a resource of the other kind", GUEST_CT, 200, "", "", "ha_managed", "no" },
	{ "a stopped resource", GUEST_VM, 200, "", "", "ha_managed", "yes" },
	{ "a registered tag", GUEST_CT, 101, "tags: just-101-x;web\n", "",
	  "registered_tag", "just-101-x" },
	{ "a registered tag in its own spelling", GUEST_CT, 101, "tags: Prod\n", "",
	  "registered_tag", "prod" },
	{ "a registered tag in another spelling", GUEST_CT, 101, "tags: prod\n", "",
	  "registered_tag", "[]" },
	{ "no tags", GUEST_CT, 101, "", "", "registered_tag", "[]" },
	{ "no jobs", GUEST_CT, 101, "", "", "backed_up", "no" },
	{ "a job for all", GUEST_CT, 101, "", "vzdump: a\n\tschedule 01:00\n\tall 1\n",
	  "backed_up", "yes" },
	{ "a job that is off", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tall 1\n\tenabled 0\n", "backed_up", "no" },
	{ "a job for all but this", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tall 1\n\texclude 100,101\n", "backed_up",
	  "no" },
	{ "an exclusion alone means all others", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\texclude 100\n", "backed_up", "yes" },
	{ "a job for this guest", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tvmid 200,101\n", "backed_up", "yes" },
	{ "a job for another guest", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tvmid 200\n", "backed_up", "no" },
	{ "a job for its pool", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tpool lab\n", "backed_up", "yes" },
	{ "a job for another pool", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tpool prod\n", "backed_up", "no" },
	{ "a job of this node", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tall 1\n\tnode pve1\n", "backed_up", "yes" },
	{ "a job of another node", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tall 1\n\tnode pve2\n", "backed_up", "no" },
	{ "one job of several", GUEST_CT, 101, "",
	  "vzdump: a\n\tschedule 01:00\n\tvmid 200\n\n"
	  "vzdump: b\n\tschedule 02:00\n\tpool lab\n",
	  "backed_up", "yes" },
	{ "no job without a pool", GUEST_CT, 300, "",
	  "vzdump: a\n\tschedule 01:00\n\tpool lab\n", "backed_up", "no" },
	{ "a disk on a shared storage", GUEST_VM, 200, "scsi0: nas:200/a.raw\n", "",
	  "live_migratable", "yes" },
	{ "a disk on a local storage", GUEST_VM, 200, "scsi0: local:200/a.raw\n", "",
	  "live_migratable", "no" },
	{ "a disk on no storage", GUEST_VM, 200, "scsi0: gone:200/a.raw\n", "",
	  "live_migratable", "no" },
	{ "cloud-init's disk is made anew", GUEST_VM, 200,
	  "ide2: local:200/vm-200-cloudinit.qcow2,media=cdrom\n", "", "live_migratable",
	  "yes" },
	{ "an image on a local storage", GUEST_VM, 200,
	  "ide2: local:iso/x.iso,media=cdrom\n", "", "live_migratable", "no" },
	{ "an unused disk", GUEST_VM, 200, "unused0: local:200/a.raw\n", "",
	  "live_migratable", "yes" },
	{ "the guest's number", GUEST_VM, 200, "", "", "vmid", "200" },
	{ "the guest's node", GUEST_VM, 200, "", "", "node", "pve1" },
};

/* The cluster's files, read. */
struct cluster_files {
	struct cluster_pools pools;
	struct cluster_ha ha;
	struct cluster_tags tags;
	struct cluster_storages storages;
	struct cluster_jobs jobs;
};

static void cluster_read(struct facts_guest *g, const char *jobs, struct cluster_files *c)
{
	struct err e = { 0 };

	if (cluster_read_pools(slice_of(user_cfg), &g->arena, &c->pools, &e) < 0 ||
	    cluster_read_ha(slice_of(resources_cfg), &g->arena, &c->ha, &e) < 0 ||
	    cluster_read_tags(slice_of(datacenter_cfg), &g->arena, &c->tags, &e) < 0 ||
	    cluster_read_storages(slice_of(storage_cfg), &g->arena, &c->storages, &e) <
		    0 ||
	    cluster_read_jobs(slice_of(jobs), &g->arena, &c->jobs, &e) < 0)
		fail_msg("line %u: %s", e.line, e.msg);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		g->in.sources[i] = (struct source_status){ SOURCE_STATE_READ,
							   "/etc/pve/x.cfg", NULL };
	g->in.node = slice_of("pve1");
	g->in.pools = &c->pools;
	g->in.ha = &c->ha;
	g->in.registered = &c->tags;
	g->in.storages = &c->storages;
	g->in.jobs = &c->jobs;
}

static void check_cluster(void **state)
{
	const struct cluster_case *t = *state;
	struct cluster_files c;
	struct facts_guest g;

	facts_guest_read(&g, t->kind, t->text);
	cluster_read(&g, t->jobs, &c);
	g.in.vmid = t->vmid;
	facts_guest_expect(&g, t->fact, t->want);
	facts_guest_done(&g);
}

/* A job for a pool needs to know who is in it; another job that covers decides. */
static void check_pool_unknown(void **state)
{
	static const char by_pool[] = "vzdump: a\n\tschedule 01:00\n\tpool lab\n";
	struct cluster_files c;
	struct facts_guest g;
	struct err e = { 0 };

	(void)state;
	facts_guest_read(&g, GUEST_CT, "");
	cluster_read(&g, by_pool, &c);
	g.in.vmid = 101;
	g.in.pools = NULL;
	g.in.sources[SOURCE_POOL] =
		(struct source_status){ SOURCE_STATE_FAILED, "/p", "broken" };
	facts_guest_expect(&g, "backed_up", "?a backup job is for a pool");
	assert_string_equal(facts_guest_get(&g, "backed_up")->origin.file, "/p");
	assert_int_equal(
		cluster_read_jobs(slice_of("vzdump: a\n\tschedule 01:00\n\tpool lab\n\n"
					   "vzdump: b\n\tschedule 01:00\n\tall 1\n"),
				  &g.arena, &c.jobs, &e),
		0);
	facts_guest_expect(&g, "backed_up", "yes");
	facts_guest_done(&g);
}

static void check_storage_unknown(void **state)
{
	struct cluster_files c;
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_VM, "scsi0: nas:200/a.raw\n");
	cluster_read(&g, "", &c);
	g.in.sources[SOURCE_STORAGE] =
		(struct source_status){ SOURCE_STATE_FAILED, "/s", "broken" };
	facts_guest_expect(&g, "live_migratable", "?broken");
	g.in.section = &(struct guestconf_section){ 0 };
	facts_guest_expect(&g, "live_migratable", "yes");
	facts_guest_done(&g);
}

static void check_origin_of_cluster(void **state)
{
	struct cluster_files c;
	struct facts_guest g;
	const struct fact *f;

	(void)state;
	facts_guest_read(&g, GUEST_VM, "");
	cluster_read(&g, "", &c);
	g.in.vmid = 200;
	f = facts_guest_get(&g, "pool");
	assert_int_equal(f->origin.line, 2);
	f = facts_guest_get(&g, "ha_managed");
	assert_int_equal(f->origin.line, 7);
	assert_string_equal(f->origin.file, "/etc/pve/x.cfg");
	facts_guest_done(&g);
}

/* Canonical text. */

static struct text_case {
	const char *name;
	enum fact_id id;
	struct fact fact;
	const char *want;
} texts[] = {
	{ "yes", FACT_ct, { .state = FACT_STATE_KNOWN, .flag = true }, "yes" },
	{ "no", FACT_ct, { .state = FACT_STATE_KNOWN }, "no" },
	{ "a number", FACT_cores, { .state = FACT_STATE_KNOWN, .number = 4 }, "4" },
	{ "no bound",
	  FACT_cores,
	  { .state = FACT_STATE_KNOWN, .number = FACT_UNLIMITED },
	  "unlimited" },
	{ "none", FACT_name, { .state = FACT_STATE_NONE }, "" },
	{ "unknown", FACT_name, { .state = FACT_STATE_UNKNOWN, .why = "x" }, "unknown" },
	{ "text",
	  FACT_args,
	  { .state = FACT_STATE_KNOWN, .text = { "-x a,b", 6 } },
	  "-x a,b" },
	{ "text that needs care",
	  FACT_args,
	  { .state = FACT_STATE_KNOWN, .text = { "\"\\${a}%\n", 8 } },
	  "%22%5C%24{a}%25%0A" },
};

static void check_text(void **state)
{
	const struct text_case *t = *state;
	struct buf got = { 0 };

	fact_render(&fact_rows[t->id], &t->fact, &got);
	assert_string_equal(buf_text(&got), t->want);
	buf_done(&got);
}

/* Two lists that differ have different texts. */
static void check_text_of_lists(void **state)
{
	struct fact_item one[] = { { .text = slice_of("/a, /b") } };
	struct fact_item two[] = { { .text = slice_of("/a") },
				   { .text = slice_of("/b") } };
	struct fact f = { .state = FACT_STATE_KNOWN, .items = one, .nitems = 1 };
	struct buf got = { 0 };

	(void)state;
	fact_render(&fact_rows[FACT_bind], &f, &got);
	assert_string_equal(buf_text(&got), "/a%2C /b");
	buf_reset(&got);
	f.items = two;
	f.nitems = 2;
	fact_render(&fact_rows[FACT_bind], &f, &got);
	assert_string_equal(buf_text(&got), "/a, /b");
	buf_done(&got);
}

/* JSON. */

/* The facts of a container of which something is unknown, as jansson reads them. */
static json_t *facts_as_json(enum guest_kind kind, const char *text)
{
	struct fact_set set = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };
	struct facts_guest g;
	struct json j;
	json_t *got;

	facts_guest_read(&g, kind, text);
	facts_of_kind(kind, &set);
	assert_int_equal(facts_load(&g.in, &set, &g.arena, &g.facts, &e), 0);
	json_begin(&j, &out);
	facts_emit_json(&g.facts, kind, &j);
	assert_true(json_is_complete(&j));
	got = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(got);
	buf_done(&out);
	facts_guest_done(&g);
	return got;
}

static void check_json(void **state)
{
	json_t *o = facts_as_json(
		GUEST_CT, "unprivileged: 1\nmemory: 64\nfeatures: bogus=1\ntags: b;a\n");

	(void)state;
	assert_true(json_is_false(json_object_get(o, "privileged")));
	assert_true(json_is_true(json_object_get(o, "ct")));
	assert_int_equal(json_integer_value(json_object_get(o, "memory_mib")), 64);
	assert_string_equal(json_string_value(json_object_get(o, "cores")), "unlimited");
	assert_string_equal(json_string_value(json_object_get(o, "kind")), "ct");
	assert_int_equal(json_array_size(json_object_get(o, "tag")), 2);
	assert_int_equal(json_array_size(json_object_get(o, "bind")), 0);
	assert_true(json_is_array(json_object_get(o, "bind")));
	assert_true(json_is_null(json_object_get(o, "name")));
	assert_true(json_is_null(json_object_get(o, "pool")));
	assert_non_null(json_string_value(
		json_object_get(json_object_get(o, "nesting"), "unknown")));
	assert_null(json_object_get(o, "args"));
	json_decref(o);
}

static void check_json_kinds(void **state)
{
	json_t *o = facts_as_json(GUEST_VM, "cores: 2\n");
	size_t want = 0;

	(void)state;
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		want += (fact_rows[i].kinds & FACT_KINDS_VM) != 0;
	assert_int_equal(json_object_size(o), want);
	assert_null(json_object_get(o, "privileged"));
	assert_true(json_is_null(json_object_get(o, "args")));
	json_decref(o);
}

/* Facts that a look at the node adds, where somebody took one. */
static void check_looks(void **state)
{
	struct engine item = { slice_of("dockerd"), 42 };
	const struct engines engines = { &item, 1 };
	struct slice addresses[] = { slice_of("0000:01:00.0"), slice_of("0000:02:00.1"),
				     slice_of("0001:03:00.0"),
				     slice_of("10000:e1:00.0") };
	const struct pci_devices controllers = { addresses, ARRAY_LEN(addresses) };
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "");
	g.in.sources[SOURCE_PROCESS].state = SOURCE_STATE_READ;
	g.in.engines = &engines;
	facts_guest_expect(&g, "engine", "dockerd");
	assert_string_equal(facts_guest_get(&g, "engine")->items[0].origin.file,
			    "/proc/42/comm");
	g.in.sources[SOURCE_PROCESS].state = SOURCE_STATE_FAILED;
	g.in.sources[SOURCE_PROCESS].why = "broken";
	facts_guest_expect(&g, "engine", "?broken");
	facts_guest_done(&g);
	facts_guest_read(&g, GUEST_VM,
			 "hostpci0: 01:00.0\nhostpci1: 0000:02:00,pcie=1\n"
			 "hostpci2: 03:00.0\nhostpci3: 01:00.1\nhostpci4: mapping=x\n");
	g.in.sources[SOURCE_HARDWARE].state = SOURCE_STATE_READ;
	g.in.controllers = &controllers;
	facts_guest_expect(&g, "hostpci_storage", "01:00.0, 0000:02:00");
	facts_guest_done(&g);
	facts_guest_read(&g, GUEST_VM,
			 "hostpci0: 01:00;02:01\nhostpci1: 0001:03:00.0\n"
			 "hostpci2: 10000:e1:00\nhostpci3: e1:00\n");
	g.in.sources[SOURCE_HARDWARE].state = SOURCE_STATE_READ;
	g.in.controllers = &controllers;
	facts_guest_expect(&g, "hostpci_storage", "01:00, 0001:03:00.0, 10000:e1:00");
	facts_guest_done(&g);
}

/* Storages that cannot make snapshots of a volume on them. */
static struct snapshot_case {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} snapshots[] = {
	{ "storages that can", GUEST_CT, "rootfs: zfs:s\nmp0: ceph:d,mp=/a\n", "[]" },
	{ "a raw file in a directory", GUEST_CT, "rootfs: dir:101/d.raw\n", "dir" },
	{ "a qcow2 file in a directory", GUEST_VM, "scsi0: dir:101/d.qcow2\n", "[]" },
	{ "a file that will be one", GUEST_VM, "scsi0: dir:8,format=qcow2\n", "[]" },
	{ "a file that will be none", GUEST_VM, "scsi0: dir:8\n", "dir" },
	{ "a LUN", GUEST_VM, "scsi0: lun:0.0.1.scsi-1\n", "lun" },
	{ "each once", GUEST_VM, "scsi0: dir:8\nscsi1: dir:9\n", "dir" },
	{ "a CD-ROM", GUEST_VM, "ide2: dir:iso/x.iso,media=cdrom\n", "[]" },
	{ "an unused volume", GUEST_VM, "unused0: dir:101/d.raw\n", "[]" },
	{ "a path of the node", GUEST_CT, "mp0: /srv/a,mp=/a\n", "[]" },
	{ "a storage that there is none of", GUEST_VM, "scsi0: gone:d\n",
	  "?storage 'gone' is not in storage.cfg" },
	{ "a type that is not known", GUEST_VM, "scsi0: san:d\n",
	  "?storage 'san' is of type 'ours', which is not known" },
	{ "a volume that cannot be read", GUEST_VM, "scsi0: dir:8,bogus=1\n",
	  "?scsi0: " },
};

static void check_snapshots(void **state)
{
	static const char cfg[] = "dir: dir\n\tpath /d\n\nzfspool: zfs\n\tpool z\n\n"
				  "rbd: ceph\n\tpool c\n\nours: san\n\tpath /x\n\n"
				  "iscsidirect: lun\n\tportal p\n\ttarget t\n";
	const struct snapshot_case *t = *state;
	struct cluster_storages storages;
	struct facts_guest g;
	struct err e = { 0 };

	facts_guest_read(&g, t->kind, t->text);
	facts_guest_expect(&g, "storage_no_snapshot", "none");
	assert_int_equal(cluster_read_storages(slice_of(cfg), &g.arena, &storages, &e),
			 0);
	g.in.storages = &storages;
	g.in.sources[SOURCE_STORAGE].state = SOURCE_STATE_READ;
	facts_guest_expect(&g, "storage_no_snapshot", t->want);
	facts_guest_done(&g);
}

/* Without storage.cfg it is known of guests alone that have no volume on a storage. */
static void check_unread_storages(void **state)
{
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "rootfs: zfs:s\n");
	g.in.sources[SOURCE_STORAGE].state = SOURCE_STATE_FAILED;
	facts_guest_expect(&g, "storage_no_snapshot", "?cannot be read");
	g.in.sources[SOURCE_STORAGE].why = "broken";
	facts_guest_expect(&g, "storage_no_snapshot", "?broken");
	facts_guest_done(&g);
	facts_guest_read(&g, GUEST_VM, "ide2: none,media=cdrom\nunused0: zfs:d\n");
	g.in.sources[SOURCE_STORAGE].state = SOURCE_STATE_FAILED;
	facts_guest_expect(&g, "storage_no_snapshot", "[]");
	facts_guest_done(&g);
}

/* The policy's own facts are none until a policy gives them. */
static void check_given(void **state)
{
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "tags: docker\n");
	facts_guest_expect(&g, "workload", "none");
	facts_guest_expect(&g, "want_snapshots", "none");
	facts_guest_done(&g);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD_ONE(&r, "every row is complete and found by its name", check_rows);
	ROWS_ADD_ONE(&r, "a look at the node adds facts", check_looks);
	ROWS_ADD_ONE(&r, "the policy's own facts are none without one", check_given);
	ROWS_ADD(&r, snapshots, check_snapshots);
	ROWS_ADD_ONE(&r, "storages that cannot be read", check_unread_storages);
	ROWS_ADD_ONE(&r, "names with a unit have that unit", check_units);
	ROWS_ADD_ONE(&r, "what is no fact is not found", check_not_found);
	ROWS_ADD_ONE(&r, "the words of an enum are sorted and unique", check_words);
	ROWS_ADD_ONE(&r, "a waiver covers facts of the guest alone", check_covers);
	ROWS_ADD_ONE(&r, "facts name the files that they need", check_sources);
	ROWS_ADD(&r, sources, check_source);
	ROWS_ADD_ONE(&r, "what is not wanted is not computed", check_wanted_alone);
	ROWS_ADD_ONE(&r, "the request is taken as it is", check_request);
	ROWS_ADD_ONE(&r, "what a command line sets says so", check_command_line);
	ROWS_ADD(&r, clusters, check_cluster);
	ROWS_ADD_ONE(&r, "a pool that is not known leaves backups open",
		     check_pool_unknown);
	ROWS_ADD_ONE(&r, "storages that are not known leave migration open",
		     check_storage_unknown);
	ROWS_ADD_ONE(&r, "facts of the cluster name file and line",
		     check_origin_of_cluster);
	ROWS_ADD(&r, texts, check_text);
	ROWS_ADD_ONE(&r, "lists that differ have different texts", check_text_of_lists);
	ROWS_ADD_ONE(&r, "facts of a container as JSON", check_json);
	ROWS_ADD_ONE(&r, "facts of a VM as JSON are those of VMs", check_json_kinds);
	return rows_run(&r, "facts");
}
