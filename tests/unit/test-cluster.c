/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/cluster*.c. What a reader gives is written as text, one line a
 * row, by the function beside it, and compared; so are its errors.
 *
 * The arena is built into this program, with a malloc that can be told to fail.
 */
#include "rows.h"

#include <inttypes.h>
#include <jansson.h>

#include "base/buf.h"
#include "pve/cluster.h"

static size_t mallocs_left = SIZE_MAX; /* until one fails */

/* Memory until it is used up. */
static void *scarce_malloc(size_t size)
{
	if (!mallocs_left)
		return NULL;
	mallocs_left--;
	return (malloc)(size);
}

#define malloc(size) scarce_malloc(size)
#include "base/arena.c"
#undef malloc

/* A slice of a literal, which may hold NUL. */
#define TEXT(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}

/* Reads @text and appends the rows to @out, where it was read. */
typedef int reader(struct slice text, struct arena *a, struct buf *out, struct err *e);

/* Appends a slice, or "-" where there is none. */
static void put(struct buf *out, struct slice s)
{
	buf_putc(out, ' ');
	if (s.ptr)
		buf_slice(out, s);
	else
		buf_putc(out, '-');
}

/* "VMID pool line" */
static int pools(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_pools p;

	if (cluster_read_pools(text, a, &p, e) < 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		buf_printf(out, "%" PRIu64, p.members[i].vmid);
		put(out, p.members[i].pool);
		buf_printf(out, " %u\n", p.members[i].line);
	}
	return 0;
}

/* "kind VMID state line" */
static int ha(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_ha h;

	if (cluster_read_ha(text, a, &h, e) < 0)
		return -1;
	for (size_t i = 0; i < h.n; i++) {
		const struct cluster_ha_resource *r = &h.resources[i];

		buf_printf(out, "%s %" PRIu64, r->kind == GUEST_CT ? "ct" : "vm",
			   r->vmid);
		put(out, r->state);
		buf_printf(out, " %u\n", r->line);
	}
	return 0;
}

/* "line: tag tag …" */
static int tags(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_tags t;

	if (cluster_read_tags(text, a, &t, e) < 0)
		return -1;
	buf_printf(out, "%u:", t.line);
	for (size_t i = 0; i < t.n; i++)
		put(out, t.tags[i]);
	if (t.access != TAG_ACCESS_FREE || t.allowed.len)
		buf_printf(out, " access %d '%.*s'", t.access, SLICE_ARG(t.allowed));
	buf_putc(out, '\n');
	return 0;
}

/* "kind VMID node" */
static int guests(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_guests g;

	if (cluster_read_guests(text, a, &g, e) < 0)
		return -1;
	for (size_t i = 0; i < g.n; i++) {
		buf_printf(out, "%s %" PRIu64, g.guests[i].kind == GUEST_CT ? "ct" : "vm",
			   g.guests[i].vmid);
		put(out, g.guests[i].node);
		buf_putc(out, '\n');
	}
	return 0;
}

/* "quorate: node node …" */
static int members(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_members m;

	if (cluster_read_members(text, a, &m, e) < 0)
		return -1;
	buf_puts(out, m.quorate ? "yes:" : "no:");
	for (size_t i = 0; i < m.nnodes; i++)
		put(out, m.nodes[i]);
	buf_putc(out, '\n');
	return 0;
}

/* "type id path content [disabled] [shared] line" */
static int storages(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_storages s;

	if (cluster_read_storages(text, a, &s, e) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		buf_slice(out, s.storages[i].type);
		put(out, s.storages[i].id);
		put(out, s.storages[i].path);
		put(out, s.storages[i].content);
		buf_puts(out, s.storages[i].disabled ? " disabled" : "");
		buf_puts(out, s.storages[i].shared ? " shared" : "");
		buf_printf(out, " %u\n", s.storages[i].line);
	}
	return 0;
}

/* Appends " name VMID,VMID". */
static void put_vmids(struct buf *out, const char *name, const uint64_t *vmids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s%" PRIu64, i ? "," : " ", i ? "" : name, vmids[i]);
}

/* "id off|on [all] pool node [=VMIDS] [-VMIDS] line" */
static int jobs(struct slice text, struct arena *a, struct buf *out, struct err *e)
{
	struct cluster_jobs j;

	if (cluster_read_jobs(text, a, &j, e) < 0)
		return -1;
	for (size_t i = 0; i < j.n; i++) {
		const struct cluster_job *job = &j.jobs[i];

		buf_slice(out, job->id);
		buf_puts(out, job->enabled ? " on" : " off");
		buf_puts(out, job->all ? " all" : "");
		put(out, job->pool);
		put(out, job->node);
		put_vmids(out, "=", job->vmids, job->nvmids);
		put_vmids(out, "-", job->excluded, job->nexcluded);
		buf_printf(out, " %u\n", job->line);
	}
	return 0;
}

/* PVE's own storage, which is first wherever the file has no other. */
#define LOCAL "dir local /var/lib/vz backup,images,iso,rootdir,snippets,vztmpl 0\n"

static struct good_row {
	const char *name;
	reader *read;
	const char *text;
	const char *want;
} good[] = {
	/* user.cfg */
	{ "no pools", pools, "", "" },
	{ "a pool with members", pools, "pool:shop:the shop:101,102:local:\n",
	  "101 shop 1\n102 shop 1\n" },
	{ "members come sorted", pools, "pool:b::300,100:\npool:a::1000,200:\n",
	  "100 b 1\n200 a 2\n300 b 1\n1000 a 2\n" },
	{ "a pool without members", pools, "pool:shop:::local:\n", "" },
	{ "a pool's name alone", pools, "pool:shop\n", "" },
	{ "a pool without storages", pools, "pool:shop::101", "101 shop 1\n" },
	{ "fields of the future", pools, "pool:shop::101:local:x:y:102\n",
	  "101 shop 1\n" },
	{ "the other kinds of line", pools,
	  "user:root@pam:1:0:::a@b.example:::\ntoken:root@pam!x:0:1::\n"
	  "group:g:root@pam::\nrole:r:VM.Audit:\nacl:1:/pool/x:@g:r:\n\n"
	  "# pool:x::105:\nnonsense\n:\npools:x::106:\nPool:x::107:\npool:a::101:\n",
	  "101 a 12\n" },
	{ "a comment with a colon, as PVE writes it", pools,
	  "pool:a:see http%3A//x 50%25:101::\n", "101 a 1\n" },
	{ "blanks around everything", pools,
	  " \t pool : a : c : 101 , 102 : s : \r\n  pool:b::103\n",
	  "101 a 1\n102 a 1\n103 b 2\n" },
	{ "all separators of lists", pools, "pool:a::,101;102 103,,104\t;105,:\n",
	  "101 a 1\n102 a 1\n103 a 1\n104 a 1\n105 a 1\n" },
	{ "leading noughts of a VMID do not count", pools, "pool:a::00101,0:\n",
	  "0 a 1\n101 a 1\n" },
	{ "a nested pool has its own members", pools,
	  "pool:a::101:\npool:a/b::102:\npool:a/b/c::103:\n",
	  "101 a 1\n102 a/b 2\n103 a/b/c 3\n" },
	{ "all characters of a name", pools, "pool:.-_aZ0/-/..::101:\n",
	  "101 .-_aZ0/-/.. 1\n" },
	{ "of two pools of a guest the first counts", pools,
	  "pool:z::101,102:\npool:a::102,103:\n", "101 z 1\n102 z 1\n103 a 2\n" },
	{ "a guest twice in a pool is in it once", pools, "pool:a::101,101,0101:\n",
	  "101 a 1\n" },
	{ "a pool of several lines", pools, "pool:a::101:\npool:b::102:\npool:a::103\n",
	  "101 a 1\n102 b 2\n103 a 3\n" },
	{ "numbers beyond 32 bits are sorted", pools,
	  "pool:a::18446744073709551615,4294967296,256,65536,1,255:\n",
	  "1 a 1\n255 a 1\n256 a 1\n65536 a 1\n4294967296 a 1\n"
	  "18446744073709551615 a 1\n" },

	/* ha/resources.cfg */
	{ "no HA resources", ha, "", "" },
	{ "a VM and a container", ha,
	  "vm: 100\n\tstate started\n\tmax_restart 2\n\nct: 101\n\tstate stopped\n",
	  "vm 100 started 1\nct 101 stopped 5\n" },
	{ "without a state it is to be started", ha, "ct: 101\n\tgroup g\n",
	  "ct 101 started 1\n" },
	{ "enabled is another word for started", ha, "ct: 101\n\tstate enabled\n",
	  "ct 101 started 1\n" },
	{ "disabled and ignored", ha,
	  "ct: 101\n\tstate disabled\n\nct: 102\n\tstate ignored\n",
	  "ct 101 disabled 1\nct 102 ignored 4\n" },
	{ "types in capitals", ha, "VM: 100\n\nCt: 101\n",
	  "vm 100 started 1\nct 101 started 3\n" },
	{ "resources come sorted, containers first", ha,
	  "vm: 900\n\nvm: 100\n\nct: 100\n\nct: 1000\n",
	  "ct 100 started 5\nvm 100 started 3\nvm 900 started 1\nct 1000 started 7\n" },
	{ "resources that are sorted stay so", ha,
	  "ct: 200\n\nvm: 200\n\nct: 201\n\nvm: 300\n",
	  "ct 200 started 1\nvm 200 started 3\nct 201 started 5\nvm 300 started 7\n" },
	{ "types that are no guests", ha,
	  "service: web\n\tstate nonsense\n\nct: 101\n\nvmx: 100\n",
	  "ct 101 started 4\n" },

	/* datacenter.cfg */
	{ "nothing is registered", tags, "", "0:\n" },
	{ "other options", tags, "keyboard: de\nregistered-tag: x\n", "0:\n" },
	{ "one tag", tags, "keyboard: de\nregistered-tags: just\n", "2: just\n" },
	{ "tags come sorted", tags, "registered-tags: b;a;ab;_x;9;aa\n",
	  "1: 9 _x a aa ab b\n" },
	{ "all characters of a tag", tags, "registered-tags: just-101-x+y_z.0\n",
	  "1: just-101-x+y_z.0\n" },
	{ "a tag keeps its capitals", tags, "registered-tags: Just;just\n",
	  "1: Just just\n" },
	{ "no blank behind the colon", tags, "registered-tags:a\n", "1: a\n" },
	{ "blanks around the line", tags, " \t registered-tags: \t a;b \r\n",
	  "1: a b\n" },
	{ "an empty list", tags, "registered-tags:\n", "1:\n" },
	{ "the last line counts", tags,
	  "registered-tags: a;b\nregistered-tags: c\nkeyboard: de\n", "2: c\n" },
	{ "the last line counts, whatever an earlier one says", tags,
	  "registered-tags: a,b\nregistered-tags: c\n", "2: c\n" },
	{ "a comment is no option", tags, "# registered-tags: a\n#registered-tags: b\n",
	  "0:\n" },
	{ "a key in capitals is another one", tags, "Registered-Tags: a\n", "0:\n" },
	{ "colons in another value", tags, "http_proxy: http://x:3128\ndescription: a\n",
	  "0:\n" },

	{ "tags that users may give", tags,
	  "registered-tags: a\nuser-tag-access: user-allow=list,user-allow-list=b;c\n",
	  "1: a access 2 'b;c'\n" },
	{ "the list alone", tags, "user-tag-access: user-allow-list=b\n",
	  "0: access 0 'b'\n" },
	{ "those that there are", tags, "user-tag-access: user-allow=existing\n",
	  "0: access 1 ''\n" },
	{ "none", tags, "user-tag-access: ,user-allow=none,\n", "0: access 3 ''\n" },
	{ "an unknown word: PVE takes none of it", tags,
	  "user-tag-access: user-allow=none,user-deny=a\n", "0:\n" },
	{ "a key twice", tags, "user-tag-access: user-allow=none,user-allow=none\n",
	  "0:\n" },
	{ "a list with what is no tag", tags,
	  "user-tag-access: user-allow=list,user-allow-list=a;b*\n", "0:\n" },
	{ "a value without a name", tags, "user-tag-access: none\n", "0:\n" },
	{ "an unknown value", tags, "user-tag-access: user-allow=nobody\n", "0:\n" },
	{ "the last line counts here, too", tags,
	  "user-tag-access: user-allow=none\nuser-tag-access: user-allow=free\n",
	  "0:\n" },

	/* .vmlist */
	{ "no guests", guests, "{\n\"version\": 1\n\n}\n", "" },
	{ "guests of both kinds, sorted", guests,
	  "{\n\"version\": 9,\n\"ids\": {\n"
	  "\"1000\": { \"node\": \"pve2\", \"type\": \"qemu\", \"version\": 3 },\n"
	  "\"101\": { \"node\": \"pve1\", \"type\": \"lxc\", \"version\": 2 }}\n\n}\n",
	  "ct 101 pve1\nvm 1000 pve2\n" },
	{ "guests that are sorted stay so", guests,
	  "{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"lxc\"},"
	  "\"102\":{\"node\":\"a\",\"type\":\"lxc\"},"
	  "\"103\":{\"node\":\"b\",\"type\":\"qemu\"}}}",
	  "ct 101 a\nct 102 a\nvm 103 b\n" },
	{ "containers of OpenVZ are of the past", guests,
	  "{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"openvz\"}}}", "" },
	{ "what else a guest may say", guests,
	  "{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"lxc\",\"new\":[]}},\"x\":{}}",
	  "ct 101 a\n" },
	{ "the numbers that pmxcfs takes", guests,
	  "{\"ids\":{\"4294967295\":{\"node\":\"a\",\"type\":\"lxc\"},"
	  "\"1\":{\"node\":\"a\",\"type\":\"lxc\"}}}",
	  "ct 1 a\nct 4294967295 a\n" },

	/* .members */
	{ "a node alone has quorum", members,
	  "{\n\"nodename\": \"pve1\",\n\"version\": 0\n}\n", "yes: pve1\n" },
	{ "a cluster with quorum", members,
	  "{\n\"nodename\": \"pve1\",\n\"version\": 4,\n\"cluster\": { \"name\": "
	  "\"lab\", "
	  "\"version\": 3, \"nodes\": 2, \"quorate\": 1 },\n\"nodelist\": {\n"
	  "  \"pve2\": { \"id\": 2, \"online\": 1, \"ip\": \"192.0.2.2\"},\n"
	  "  \"pve1\": { \"id\": 1, \"online\": 1}\n  }\n}\n",
	  "yes: pve1 pve2\n" },
	{ "a cluster without quorum", members,
	  "{\"nodename\":\"a\",\"cluster\":{\"quorate\":0},\"nodelist\":{\"a\":{}}}",
	  "no: a\n" },
	{ "a cluster that does not say", members,
	  "{\"nodename\":\"a\",\"cluster\":{\"name\":\"x\"},\"nodelist\":{\"a\":{}}}",
	  "yes: a\n" },
	{ "names come sorted", members,
	  "{\"nodelist\":{\"b\":{},\"ab\":{},\"a\":{},\"B-1\":{}}}",
	  "yes: B-1 a ab b\n" },
	{ "a list of no nodes", members, "{\"nodelist\":{}}", "yes:\n" },

	/* storage.cfg */
	{ "PVE has local without a file", storages, "", LOCAL },
	{ "local, as it is installed", storages,
	  "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup\n\n"
	  "lvmthin: local-lvm\n\tthinpool data\n\tvgname pve\n"
	  "\tcontent rootdir,images\n",
	  "dir local /var/lib/vz iso,vztmpl,backup 1\n"
	  "lvmthin local-lvm - rootdir,images 5\n" },
	{ "PVE's local is first where the file has none", storages,
	  "dir: data\n\tpath /srv/data\n",
	  LOCAL "dir data /srv/data images,rootdir 1\n" },
	{ "local keeps its place", storages,
	  "dir: data\n\tpath /srv\n\ndir: local\n\tpath /var/lib/vz/\n\tdisable\n",
	  "dir data /srv images,rootdir 1\n"
	  "dir local /var/lib/vz images,rootdir disabled 4\n" },
	{ "local elsewhere is not what PVE uses", storages,
	  "dir: data\n\tpath /srv\n\ndir: local\n\tpath /srv/vz\n\tcontent iso\n",
	  LOCAL "dir data /srv images,rootdir 1\n" },
	{ "local of another type is not what PVE uses", storages,
	  "nfs: local\n\tpath /var/lib/vz\n\nzfspool: tank\n",
	  LOCAL "zfspool tank - images,rootdir 4\n" },
	{ "a type in capitals", storages, "DIR: local\n\tpath /var/lib/vz\n",
	  "dir local /var/lib/vz images,rootdir 1\n" },
	{ "network file systems are mounted by PVE, and shared", storages,
	  "nfs: n1\n\tserver s\n\ncifs: c1\n\ncephfs: f1\n",
	  LOCAL "nfs n1 /mnt/pve/n1 images shared 1\n"
		"cifs c1 /mnt/pve/c1 images shared 4\n"
		"cephfs f1 /mnt/pve/f1 backup shared 6\n" },
	{ "a network file system elsewhere", storages, "nfs: n1\n\tpath /mnt/n1//\n",
	  LOCAL "nfs n1 /mnt/n1 images shared 1\n" },
	{ "a directory of one letter", storages, "dir: aa\n\tpath /x\n",
	  LOCAL "dir aa /x images,rootdir 1\n" },
	{ "the root is a path of itself", storages, "nfs: n1\n\tpath //\n",
	  LOCAL "nfs n1 / images shared 1\n" },
	{ "the other types that are shared", storages,
	  "iscsi: a1\n\niscsidirect: a2\n\npbs: a3\n\nrbd: a4\n\nzfs: a5\n",
	  LOCAL "iscsi a1 - images shared 1\niscsidirect a2 - images shared 3\n"
		"pbs a3 - backup shared 5\nrbd a4 - images shared 7\n"
		"zfs a5 - images shared 9\n" },
	{ "the other types that are not", storages,
	  "lvm: a1\n\nbtrfs: a2\n\tpath /a2\n\nesxi: a3\n\nzfspool: a4\n\nlvmthin: a5\n",
	  LOCAL "lvm a1 - images 1\nbtrfs a2 /a2 images,rootdir 3\nesxi a3 - import 6\n"
		"zfspool a4 - images,rootdir 8\nlvmthin a5 - images,rootdir 10\n" },
	{ "not shared is said in vain of what is", storages, "nfs: n1\n\tshared 0\n",
	  LOCAL "nfs n1 /mnt/pve/n1 images shared 1\n" },
	{ "shared and disabled are flags", storages,
	  "lvm: v1\n\tshared\n\tdisable 1\n\nlvm: v2\n\tshared 0\n\tdisable 0\n",
	  LOCAL "lvm v1 - images disabled shared 1\nlvm v2 - images 5\n" },
	{ "a plugin of a third party", storages,
	  "other: x1\n\tpath anything\n\tcontent images\n\nother: x2\n",
	  LOCAL "other x1 anything images 1\nother x2 - - 5\n" },
	{ "all characters of an id", storages, "lvm: aZ-_.0\n",
	  LOCAL "lvm aZ-_.0 - images 1\n" },

	/* jobs.cfg */
	{ "no jobs", jobs, "", "" },
	{ "a job for all", jobs, "vzdump: backup-1\n\tschedule 02:30\n\tall 1\n",
	  "backup-1 on all - - 1\n" },
	{ "a job that is off", jobs,
	  "vzdump: backup-1\n\tschedule 02:30\n\tenabled 0\n\tall\n",
	  "backup-1 off all - - 1\n" },
	{ "a job for some, sorted", jobs,
	  "vzdump: b\n\tschedule x\n\tvmid 1000,101;102 999\n\tall 0\n",
	  "b on - - =101,102,999,1000 1\n" },
	{ "a job for all but some", jobs,
	  "vzdump: b\n\tschedule x\n\tall 1\n\texclude 200,100\n",
	  "b on all - - -100,200 1\n" },
	{ "but some means all the others", jobs,
	  "vzdump: b\n\tschedule x\n\texclude 100\n", "b on all - - -100 1\n" },
	{ "a job for a pool", jobs, "vzdump: b\n\tschedule x\n\tpool a/b\n",
	  "b on a/b - 1\n" },
	{ "nothing is left out of a pool, nor added", jobs,
	  "vzdump: b\n\tschedule x\n\tpool a\n\texclude 100\n", "b on a - -100 1\n" },
	{ "a job of one node", jobs, "vzdump: b\n\tschedule x\n\tall 1\n\tnode pve-1\n",
	  "b on all - pve-1 1\n" },
	{ "a job for nobody", jobs, "vzdump: b\n\tschedule x\n", "b on - - 1\n" },
	{ "jobs of other types", jobs,
	  "realm-sync: r\n\tenabled maybe\n\nvzdump: b\n\tschedule x\n\tall 1\n",
	  "b on all - - 4\n" },
	{ "what else a job may say", jobs,
	  "vzdump: b\n\tschedule x\n\tall 1\n\tstorage local\n\tmode snapshot\n"
	  "\tprune-backups keep-last=3\n\tcomment off%3A x\n",
	  "b on all - - 1\n" },
};

static void is_read(void **state)
{
	const struct good_row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };

	if (t->read(slice_of(t->text), &a, &out, &e) < 0)
		fail_msg("line %u: %s", e.line, e.msg);
	assert_string_equal(buf_text(&out), t->want);
}

/* Each reader says that memory is gone, whenever it is, and is right when it is not. */
static void needs_memory(void **state)
{
	const struct good_row *t = *state;
	bool done = false;

	for (size_t room = 0; !done; room += _Alignof(max_align_t)) {
		AUTO(buf_done) struct buf out = { 0 };
		AUTO(arena_done) struct arena a = { 0 };
		struct err e = { 0 };

		assert_true(room < ARENA_BLOCK);
		assert_non_null(arena_alloc(&a, ARENA_BLOCK - room));
		mallocs_left = 0;
		done = t->read(slice_of(t->text), &a, &out, &e) == 0;
		mallocs_left = SIZE_MAX;
		if (done)
			assert_string_equal(buf_text(&out), t->want);
		else
			assert_string_equal(e.msg, "out of memory");
	}
}

/*
 * Nor is JSON read without memory; within a text jansson takes that for bad syntax, so that
 * only what is said at its beginning can be told.
 */
static void json_needs_memory(void **state)
{
	static const char text[] =
		"{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"lxc\"}}}";
	bool done = false;

	(void)state;
	json_set_alloc_funcs(scarce_malloc, free);
	for (size_t left = 0; !done; left++) {
		AUTO(arena_done) struct arena a = { 0 };
		struct cluster_guests g;
		struct err e = { 0 };

		mallocs_left = left;
		done = cluster_read_guests(slice_of(text), &a, &g, &e) == 0;
		mallocs_left = SIZE_MAX;
		assert_int_equal(done, *e.msg == '\0');
		if (!left)
			assert_string_equal(e.msg, "out of memory");
	}
	json_set_alloc_funcs((malloc), free);
}

#define NO_POOL(name)                                                             \
	"'" name "' is no name of a pool, and PVE ignores the line: expected up " \
	"to three names joined by '/', of letters, digits, '.', '-' and '_'"
#define NO_VMID(text, pool)                                                       \
	"'" text "' in pool '" pool "' is no VMID, and PVE ignores it: expected " \
	"numbers with commas between them"
#define NO_RESOURCE(text, kind)                                                   \
	"'" text "' is no VMID, and PVE leaves the resource out: expected '" kind \
	": VMID'"
#define NO_TAG(text)                                                              \
	"'" text "' in registered-tags is no tag, and PVE then ignores all of "   \
	"them: expected tags of letters, digits, '_', '-', '+' and '.' with ';' " \
	"alone between them"
#define NO_NODE(text, of)                                                       \
	"node '" text "' of '" of "' is no name of a node: expected a text of " \
	"letters, digits and inner hyphens"
#define NO_STORAGE(id)                                                          \
	"'" id "' is no id of a storage, and PVE leaves it out: expected a "    \
	"letter, then letters, digits, '-', '_' and '.', the last a letter or " \
	"digit"
#define NO_PATH(id)                                                             \
	"storage '" id "' has no path that PVE takes: expected 'path /…' of " \
	"letters, digits, '_', '-', '.', '@' and '/'"
#define NO_JOB_VMID(text, key)                                                     \
	"'" text "' in " key " of job 'b' is no VMID: expected VMIDs with commas " \
	"between them"
#define TWO(other)                                                                 \
	"job 'b' has vmid and " other ", and PVE refuses to run it: expected one " \
	"of them"
#define JOB "vzdump: b\n\tschedule x\n"

static struct bad_row {
	const char *name;
	reader *read;
	struct slice text;
	enum err_code code;
	unsigned line;
	const char *msg;
} bad[] = {
	{ "a pool without a name", pools, TEXT("\npool\n"), ERR_SYNTAX, 2, NO_POOL("") },
	{ "a pool with an empty name", pools, TEXT("pool::c:101:\n"), ERR_SYNTAX, 1,
	  NO_POOL("") },
	{ "a blank in a pool's name", pools, TEXT("pool:a b::101:\n"), ERR_SYNTAX, 1,
	  NO_POOL("a b") },
	{ "four pools in each other", pools, TEXT("pool:a/b/c/d::101:\n"), ERR_SYNTAX, 1,
	  NO_POOL("a/b/c/d") },
	{ "a pool in a pool without name", pools, TEXT("pool:a//c::101:\n"), ERR_SYNTAX,
	  1, NO_POOL("a//c") },
	{ "a slash at the end of a pool's name", pools, TEXT("pool:a/::101:\n"),
	  ERR_SYNTAX, 1, NO_POOL("a/") },
	{ "a slash at the beginning of a pool's name", pools, TEXT("pool:/a::101:\n"),
	  ERR_SYNTAX, 1, NO_POOL("/a") },
	{ "a member that is no number", pools, TEXT("pool:a::101,web:\n"), ERR_SYNTAX, 1,
	  NO_VMID("web", "a") },
	{ "a member with a sign", pools, TEXT("pool:a::+101:\n"), ERR_SYNTAX, 1,
	  NO_VMID("+101", "a") },
	{ "a member beyond 64 bits", pools, TEXT("pool:a::18446744073709551616:\n"),
	  ERR_SYNTAX, 1, NO_VMID("18446744073709551616", "a") },
	{ "a comment with a bare colon shifts the fields", pools,
	  TEXT("user:a@pve:1\npool:a:see http://x:101:\n"), ERR_SYNTAX, 2,
	  NO_VMID("//x", "a") },
	{ "a NUL byte in user.cfg", pools, TEXT("pool:a::101:\nuser:\0\n"), ERR_SYNTAX, 2,
	  "a NUL byte: expected text" },

	{ "a resource that is no number", ha, TEXT("\nct: web\n"), ERR_SYNTAX, 2,
	  NO_RESOURCE("web", "ct") },
	{ "a resource with a leading nought", ha, TEXT("vm: 0100\n"), ERR_SYNTAX, 1,
	  NO_RESOURCE("0100", "vm") },
	{ "a resource of one digit", ha, TEXT("vm: 9\n"), ERR_SYNTAX, 1,
	  NO_RESOURCE("9", "vm") },
	{ "a state that there is not", ha, TEXT("ct: 101\n\tgroup g\n\tstate running\n"),
	  ERR_UNKNOWN, 3,
	  "state 'running' of '101', which PVE takes for started: expected started, "
	  "stopped, disabled, ignored or enabled" },
	{ "a state in capitals", ha, TEXT("ct: 101\n\tstate Stopped\n"), ERR_UNKNOWN, 2,
	  "state 'Stopped' of '101', which PVE takes for started: expected started, "
	  "stopped, disabled, ignored or enabled" },
	{ "a state without a value", ha, TEXT("ct: 101\n\tstate\n"), ERR_SYNTAX, 2,
	  "'state' of section '101' stands alone: expected a value behind it" },
	{ "a state twice", ha, TEXT("ct: 101\n\tstate stopped\n\tstate started\n"),
	  ERR_DUPLICATE, 3,
	  "'state' of section '101' was in line 2 already: PVE ignores this one; "
	  "expected "
	  "it once" },
	{ "a resource twice", ha, TEXT("ct: 101\n\nCT: 101\n\tstate ignored\n"),
	  ERR_DUPLICATE, 3,
	  "section '101' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },

	{ "commas between tags", tags, TEXT("keyboard: de\nregistered-tags: a,b\n"),
	  ERR_SYNTAX, 2, NO_TAG("a,b") },
	{ "a blank between tags", tags, TEXT("registered-tags: a; b\n"), ERR_SYNTAX, 1,
	  NO_TAG(" b") },
	{ "a semicolon at the end of the tags", tags, TEXT("registered-tags: a;\n"),
	  ERR_SYNTAX, 1, NO_TAG("") },
	{ "an empty tag", tags, TEXT("registered-tags: a;;b\n"), ERR_SYNTAX, 1,
	  NO_TAG("") },
	{ "a tag that begins with a hyphen", tags, TEXT("registered-tags: -a\n"),
	  ERR_SYNTAX, 1, NO_TAG("-a") },
	{ "a pattern is no tag", tags, TEXT("registered-tags: just-*\n"), ERR_SYNTAX, 1,
	  NO_TAG("just-*") },
	{ "the last line counts, right or wrong", tags,
	  TEXT("registered-tags: a\nregistered-tags: !\n"), ERR_SYNTAX, 2, NO_TAG("!") },
	{ "a line of datacenter.cfg without colon", tags, TEXT("keyboard de\n"),
	  ERR_SYNTAX, 1, "PVE ignores the line 'keyboard de': expected 'key: value'" },
	{ "a blank before the colon", tags, TEXT("\nregistered-tags : a\n"), ERR_SYNTAX,
	  2, "PVE ignores the line 'registered-tags : a': expected 'key: value'" },
	{ "a colon without a key", tags, TEXT(": a\n"), ERR_SYNTAX, 1,
	  "PVE ignores the line ': a': expected 'key: value'" },
	{ "a NUL byte in datacenter.cfg", tags, TEXT("\0"), ERR_SYNTAX, 1,
	  "a NUL byte: expected text" },

	{ "no JSON at all", guests, TEXT(""), ERR_SYNTAX, 1,
	  "'[' or '{' expected near end of file: expected one JSON object" },
	{ "JSON cut short", guests, TEXT("{\n\"ids\": {\n\"101\": {"), ERR_SYNTAX, 3,
	  "string or '}' expected near end of file: expected one JSON object" },
	{ "more behind the JSON", guests, TEXT("{}\n{}"), ERR_SYNTAX, 2,
	  "end of file expected near '{': expected one JSON object" },
	{ "an array", guests, TEXT("[]"), ERR_SYNTAX, 1,
	  "an array: expected one JSON object" },
	{ "a guest twice", guests,
	  TEXT("{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"lxc\"},\n\"101\":{}}}"),
	  ERR_SYNTAX, 2,
	  "duplicate object key near '\"101\"': expected one JSON object" },
	{ "ids that are no object", guests, TEXT("{\"ids\":[]}"), ERR_TYPE, 0,
	  "'ids' is no object: expected {…}" },
	{ "an id that is no number", guests,
	  TEXT("{\"ids\":{\"web\":{\"node\":\"a\",\"type\":\"lxc\"}}}"), ERR_TYPE, 0,
	  "'web' in ids is no VMID: expected a number" },
	{ "an id beyond 32 bits", guests,
	  TEXT("{\"ids\":{\"4294967296\":{\"node\":\"a\",\"type\":\"lxc\"}}}"), ERR_TYPE,
	  0, "'4294967296' in ids is no VMID: expected a number" },
	{ "the id nought", guests,
	  TEXT("{\"ids\":{\"0\":{\"node\":\"a\",\"type\":\"lxc\"}}}"), ERR_TYPE, 0,
	  "'0' in ids is no VMID: expected a number" },
	{ "a guest of a kind to come", guests,
	  TEXT("{\"ids\":{\"101\":{\"node\":\"a\",\"type\":\"oci\"}}}"), ERR_TYPE, 0,
	  "type 'oci' of guest 101 is not known: expected lxc or qemu" },
	{ "a guest without type", guests, TEXT("{\"ids\":{\"101\":{\"node\":\"a\"}}}"),
	  ERR_TYPE, 0, "type '' of guest 101 is not known: expected lxc or qemu" },
	{ "a guest that is no object", guests, TEXT("{\"ids\":{\"101\":7}}"), ERR_TYPE, 0,
	  "type '' of guest 101 is not known: expected lxc or qemu" },
	{ "a guest without node", guests, TEXT("{\"ids\":{\"101\":{\"type\":\"lxc\"}}}"),
	  ERR_TYPE, 0, NO_NODE("", "101") },
	{ "a node that leads elsewhere", guests,
	  TEXT("{\"ids\":{\"101\":{\"node\":\"../a\",\"type\":\"lxc\"}}}"), ERR_TYPE, 0,
	  NO_NODE("../a", "101") },
	{ "a node that begins with a hyphen", guests,
	  TEXT("{\"ids\":{\"101\":{\"node\":\"-a\",\"type\":\"lxc\"}}}"), ERR_TYPE, 0,
	  NO_NODE("-a", "101") },
	{ "a node that ends with a hyphen", guests,
	  TEXT("{\"ids\":{\"101\":{\"node\":\"a-\",\"type\":\"lxc\"}}}"), ERR_TYPE, 0,
	  NO_NODE("a-", "101") },

	{ "a quorum of two", members, TEXT("{\"cluster\":{\"quorate\":2}}"), ERR_TYPE, 0,
	  "'quorate' is neither: expected 0 or 1" },
	{ "a quorum below nothing", members, TEXT("{\"cluster\":{\"quorate\":-1}}"),
	  ERR_TYPE, 0, "'quorate' is neither: expected 0 or 1" },
	{ "a quorum in words", members, TEXT("{\"cluster\":{\"quorate\":\"1\"}}"),
	  ERR_TYPE, 0, "'quorate' is neither: expected 0 or 1" },
	{ "a cluster that is no object", members, TEXT("{\"cluster\":1}"), ERR_TYPE, 0,
	  "'cluster' is no object: expected {…}" },
	{ "nodes that are no object", members, TEXT("{\"nodelist\":[\"a\"]}"), ERR_TYPE,
	  0, "'nodelist' is no object: expected {…}" },
	{ "neither nodes nor a name", members, TEXT("{}"), ERR_TYPE, 0,
	  NO_NODE("", "nodename") },
	{ "a node without a name", members, TEXT("{\"nodelist\":{\"\":{}}}"), ERR_TYPE, 0,
	  NO_NODE("", "nodelist") },
	{ "members that are no JSON", members, TEXT("quorate"), ERR_SYNTAX, 1,
	  "'[' or '{' expected near 'quorate': expected one JSON object" },

	{ "a storage of one letter", storages, TEXT("dir: a\n\tpath /x\n"), ERR_SYNTAX, 1,
	  NO_STORAGE("a") },
	{ "a storage that begins with a digit", storages, TEXT("dir: 1a\n\tpath /x\n"),
	  ERR_SYNTAX, 1, NO_STORAGE("1a") },
	{ "a storage that ends with a hyphen", storages, TEXT("dir: aa-\n\tpath /x\n"),
	  ERR_SYNTAX, 1, NO_STORAGE("aa-") },
	{ "a slash in a storage's id", storages, TEXT("dir: a/a\n\tpath /x\n"),
	  ERR_SYNTAX, 1, NO_STORAGE("a/a") },
	{ "a directory without path", storages, TEXT("\ndir: aa\n\tcontent iso\n"),
	  ERR_SYNTAX, 2, NO_PATH("aa") },
	{ "a directory somewhere", storages, TEXT("dir: aa\n\tpath x/y\n"), ERR_SYNTAX, 2,
	  NO_PATH("aa") },
	{ "the root as a directory", storages, TEXT("btrfs: aa\n\tpath /\n"), ERR_SYNTAX,
	  2, NO_PATH("aa") },
	{ "a blank in a directory's path", storages, TEXT("dir: aa\n\tpath /a b\n"),
	  ERR_SYNTAX, 2, NO_PATH("aa") },
	{ "a path without a value", storages, TEXT("dir: aa\n\tpath\n"), ERR_SYNTAX, 2,
	  "'path' of section 'aa' stands alone: expected a value behind it" },
	{ "content twice", storages,
	  TEXT("lvm: aa\n\tcontent images\n\tcontent rootdir\n"), ERR_DUPLICATE, 3,
	  "'content' of section 'aa' was in line 2 already: PVE ignores this one; "
	  "expected it once" },
	{ "disabled in words", storages, TEXT("lvm: aa\n\tdisable yes\n"), ERR_TYPE, 2,
	  "'disable yes' of section 'aa': PVE takes neither yes nor no here; expected 0 "
	  "or 1" },
	{ "shared in words", storages, TEXT("lvm: aa\n\tshared on\n"), ERR_TYPE, 2,
	  "'shared on' of section 'aa': PVE takes neither yes nor no here; expected 0 or "
	  "1" },
	{ "a storage twice", storages, TEXT("lvm: aa\n\nnfs: aa\n"), ERR_DUPLICATE, 3,
	  "section 'aa' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },

	{ "a job without a time", jobs, TEXT("\nvzdump: b\n\tall 1\n"), ERR_SYNTAX, 2,
	  "job 'b' has no schedule, and PVE leaves it out: expected 'schedule TIME'" },
	{ "enabled in words", jobs, TEXT(JOB "\tenabled no\n"), ERR_TYPE, 3,
	  "'enabled no' of section 'b': PVE takes neither yes nor no here; expected 0 or "
	  "1" },
	{ "all in words", jobs, TEXT(JOB "\tall yes\n"), ERR_TYPE, 3,
	  "'all yes' of section 'b': PVE takes neither yes nor no here; expected 0 or "
	  "1" },
	{ "a guest of a job that is no number", jobs, TEXT(JOB "\tvmid 101,web\n"),
	  ERR_SYNTAX, 3, NO_JOB_VMID("web", "vmid") },
	{ "a guest of a job below 100", jobs, TEXT(JOB "\tvmid 99\n"), ERR_SYNTAX, 3,
	  NO_JOB_VMID("99", "vmid") },
	{ "a guest left out that is no number", jobs, TEXT(JOB "\texclude 0101\n"),
	  ERR_SYNTAX, 3, NO_JOB_VMID("0101", "exclude") },
	{ "a list of no guests", jobs, TEXT(JOB "\tvmid ,\n"), ERR_SYNTAX, 3,
	  "vmid of job 'b' names no guest: expected VMIDs with commas between them" },
	{ "a job for a pool that cannot be", jobs, TEXT(JOB "\tpool a b\n"), ERR_SYNTAX,
	  3,
	  "pool 'a b' of job 'b' is no name of one: expected up to three names joined by "
	  "'/', of letters, digits, '.', '-' and '_'" },
	{ "a job of a node that cannot be", jobs, TEXT(JOB "\tnode pve_1\n"), ERR_SYNTAX,
	  3,
	  "node 'pve_1' of job 'b' is no name of one: expected letters, digits and inner "
	  "hyphens" },
	{ "guests of a job twice", jobs, TEXT(JOB "\tvmid 101\n\tvmid 102\n"),
	  ERR_DUPLICATE, 4,
	  "'vmid' of section 'b' was in line 3 already: PVE ignores this one; expected "
	  "it "
	  "once" },
	{ "a node of a job without a name", jobs, TEXT(JOB "\tnode\n"), ERR_SYNTAX, 3,
	  "'node' of section 'b' stands alone: expected a value behind it" },
	{ "a time of a job that is empty", jobs, TEXT("vzdump: b\n\tschedule\n"),
	  ERR_SYNTAX, 2,
	  "'schedule' of section 'b' stands alone: expected a value behind it" },
	{ "a job for some and for all", jobs, TEXT(JOB "\tall 1\n\tvmid 101\n"),
	  ERR_SYNTAX, 1, TWO("all") },
	{ "a job for some and all but some", jobs,
	  TEXT(JOB "\texclude 101\n\tvmid 101\n"), ERR_SYNTAX, 1, TWO("exclude") },
	{ "a job for some and a pool", jobs, TEXT(JOB "\tpool a\n\tvmid 101\n"),
	  ERR_SYNTAX, 1, TWO("pool") },
	{ "a job twice", jobs, TEXT(JOB "\n" JOB), ERR_DUPLICATE, 4,
	  "section 'b' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },
	{ "a line that is nothing", jobs, TEXT("vzdump: b\nschedule x\n"), ERR_SYNTAX, 2,
	  "PVE ignores the line 'schedule x' in section 'b': expected a blank, a key and "
	  "its value" },
};

static void is_refused(void **state)
{
	const struct bad_row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };

	assert_int_equal(t->read(t->text, &a, &out, &e), -1);
	assert_string_equal(e.msg, t->msg);
	assert_int_equal(e.code, t->code);
	assert_int_equal(e.line, t->line);
}

/* An absent text is an empty one. */
static void absent_is_empty(void **state)
{
	static reader *const files[] = { pools, ha, tags, storages, jobs };
	static const char *const want[] = { "", "", "0:\n", LOCAL, "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO(buf_done) struct buf out = { 0 };
		AUTO(arena_done) struct arena a = { 0 };
		struct err e = { 0 };

		assert_int_equal(files[i]((struct slice){ 0 }, &a, &out, &e), 0);
		assert_string_equal(buf_text(&out), want[i]);
	}
}

static void finds_by_vmid(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_pools p, none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		cluster_read_pools(slice_of("pool:a::101,103,105,107:\n"), &a, &p, &e),
		0);
	for (uint64_t vmid = 100; vmid < 109; vmid++) {
		const struct cluster_pool_member *m = cluster_find_pool(&p, vmid);

		assert_true(vmid % 2 ? vmid < 109 && m && m->vmid == vmid : !m);
		assert_null(cluster_find_pool(&none, vmid));
	}
}

static void finds_by_kind(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_ha h;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		cluster_read_ha(slice_of("vm: 100\n\nct: 101\n\nvm: 102\n\nct: 102\n"),
				&a, &h, &e),
		0);
	assert_int_equal(cluster_find_ha(&h, GUEST_VM, 100)->line, 1);
	assert_int_equal(cluster_find_ha(&h, GUEST_CT, 101)->line, 3);
	assert_int_equal(cluster_find_ha(&h, GUEST_VM, 102)->line, 5);
	assert_int_equal(cluster_find_ha(&h, GUEST_CT, 102)->line, 7);
	assert_null(cluster_find_ha(&h, GUEST_CT, 100));
	assert_null(cluster_find_ha(&h, GUEST_VM, 101));
	assert_null(cluster_find_ha(&h, GUEST_VM, 103));
}

static void finds_guest(void **state)
{
	static const char text[] = "{\"ids\":{\"102\":{\"node\":\"b\",\"type\":\"qemu\"},"
				   "\"101\":{\"node\":\"a\",\"type\":\"lxc\"}}}";
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_guests g;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(cluster_read_guests(slice_of(text), &a, &g, &e), 0);
	assert_true(slice_eq(cluster_find_guest(&g, 101)->node, "a"));
	assert_true(slice_eq(cluster_find_guest(&g, 102)->node, "b"));
	assert_null(cluster_find_guest(&g, 100));
}

/* 10,000 guests in 500 pools, spread so that no line is in order. */
static void has_many_members(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct cluster_pools p;
	struct err e = { 0 };

	(void)state;
	for (unsigned pool = 0; pool < 500; pool++) {
		buf_printf(&text, "pool:p%u::", pool);
		for (unsigned i = 0; i < 20; i++)
			buf_printf(&text, "%u,", 100 + (i * 500 + pool) * 7919 % 10000);
		buf_puts(&text, ":\n");
	}
	assert_int_equal(
		cluster_read_pools((struct slice){ text.ptr, text.len }, &a, &p, &e), 0);
	assert_int_equal(p.n, 10000);
	for (size_t i = 0; i < p.n; i++)
		assert_int_equal(p.members[i].vmid, 100 + i);
	assert_int_equal(cluster_find_pool(&p, 100 + 7919)->line, 2);
}

/* Reads @n empty lines. */
static enum err_code read_lines(reader *read, const char *text, size_t n, char *msg)
{
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };

	(void)read((struct slice){ text, n }, &a, &out, &e);
	memcpy(msg, e.msg, sizeof(e.msg));
	return e.code;
}

/* Files that are too large are not read, whoever reads them. */
static void has_a_size(void **state)
{
	static reader *const files[] = { pools, tags, guests, members };
	AUTO_FREE char *text = malloc(CLUSTER_MAX_BYTES + 1);
	char msg[ERR_MSG_MAX];

	(void)state;
	assert_non_null(text);
	memset(text, '\n', CLUSTER_MAX_BYTES + 1);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		assert_int_not_equal(read_lines(files[i], text, CLUSTER_MAX_BYTES, msg),
				     ERR_RANGE);
		assert_int_equal(read_lines(files[i], text, CLUSTER_MAX_BYTES + 1, msg),
				 ERR_RANGE);
		assert_string_equal(msg, "16777217 bytes are too many: expected at most "
					 "16777216");
	}
}

/* Whether users may give a tag, by datacenter.cfg. */
static struct free_row {
	const char *name, *text, *tag;
	bool is_pattern, want;
} frees[] = {
	{ "any tag", "", "a", false, true },
	{ "not one that is registered", "registered-tags: a\n", "a", false, false },
	{ "another one", "registered-tags: a\n", "b", false, true },
	{ "another spelling of it", "registered-tags: A\n", "a", false, true },
	{ "of a pattern there are others", "registered-tags: just-1\n", "just-*", true,
	  true },
	{ "none", "user-tag-access: user-allow=none,user-allow-list=a\n", "a", false,
	  false },
	{ "one of the list", "user-tag-access: user-allow=list,user-allow-list=b;a\n",
	  "a", false, true },
	{ "one that is not", "user-tag-access: user-allow=list,user-allow-list=b;aa\n",
	  "a", false, false },
	{ "a list without one", "user-tag-access: user-allow=list\n", "a", false, false },
	{ "one of the list in capitals",
	  "user-tag-access: user-allow=list,user-allow-list=A\n", "a", false, true },
	{ "one of the list that is registered",
	  "registered-tags: a\nuser-tag-access: user-allow=list,user-allow-list=a\n", "a",
	  false, false },
	{ "a pattern that fits one of the list",
	  "user-tag-access: user-allow=list,user-allow-list=b;just-1\n", "just-*", true,
	  true },
	{ "a pattern that fits none",
	  "user-tag-access: user-allow=list,user-allow-list=b;jus-1\n", "just-*", true,
	  false },
	{ "the guest's number in it",
	  "user-tag-access: user-allow=list,user-allow-list=just-101-x\n",
	  "just-{vmid}-*", true, true },
	{ "the guest's number at its end",
	  "user-tag-access: user-allow=list,user-allow-list=just-101\n", "just-{vmid}",
	  false, true },
	{ "one that some guest may have", "user-tag-access: user-allow=existing\n", "a",
	  false, true },
};

static void tag_is_free(void **state)
{
	const struct free_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_tags tags;
	struct err e = { 0 };

	assert_int_equal(cluster_read_tags(slice_of(t->text), &a, &tags, &e), 0);
	assert_int_equal(cluster_tag_is_free(&tags, slice_of(t->tag), t->is_pattern),
			 t->want);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, good, is_read);
	ROWS_ADD(&rows, good, needs_memory);
	ROWS_ADD(&rows, bad, is_refused);
	ROWS_ADD_ONE(&rows, "jansson may have no memory, too", json_needs_memory);
	ROWS_ADD_ONE(&rows, "an absent text is an empty one", absent_is_empty);
	ROWS_ADD_ONE(&rows, "a pool is found by its members alone", finds_by_vmid);
	ROWS_ADD_ONE(&rows, "a resource is found by kind and VMID", finds_by_kind);
	ROWS_ADD_ONE(&rows, "a guest is found by its VMID", finds_guest);
	ROWS_ADD_ONE(&rows, "ten thousand members come sorted", has_many_members);
	ROWS_ADD_ONE(&rows, "a file that is too large is refused", has_a_size);
	ROWS_ADD(&rows, frees, tag_is_free);
	return rows_run(&rows, "cluster");
}
