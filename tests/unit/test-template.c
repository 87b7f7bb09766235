/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/{template,store}: what a file of templates may say. */
#include "rows.h"

#include "settings/store.h"

#include "root.h"

#define FILE_NAME "/t/x.conf"

/* What is refused, in which words; "" when nothing is. */
static struct problem_row {
	const char *name, *text, *want;
} problem_rows[] = {
	{ "an empty file", "", "" },
	{ "an empty template", "settings \"a\" { }", "" },
	{ "the container of the design",
	  "settings \"wireguard-ct\" {\n"
	  "    match  = \"ct and tag ~ wireguard\"\n"
	  "    module \"wireguard\" { load = no }                    # must be there\n"
	  "    device \"/dev/net/tun\" { }\n"
	  "    sysctl \"net.ipv4.ip_forward\" { value = \"1\" }        # in the guest\n"
	  "}\n",
	  "" },
	{ "the VM of the design",
	  "settings \"database-vm\" {\n"
	  "    match  = \"vm and workload = database\"\n"
	  "    option \"numa\" { value = \"1\" }\n"
	  "    sysctl \"vm.swappiness\" { value = \"1\" }\n"
	  "    host   \"/sys/block/{disk0.dev}/queue/scheduler\" { value = \"none\" }\n"
	  "}\n",
	  "" },
	{ "every key",
	  "version = 1\nsettings \"a\" {\n required = yes\n kind = ct\n doc = \"x\"\n"
	  "device \"/dev/dri/renderD*\" { mode = 0660 gid = render uid = 0 deny_write = "
	  "yes }\n"
	  "host \"/sys/class/net/{net0.dev}/tx_queue_len\" { value = 1 kind = link }\n"
	  "module \"tun\" { load = yes } }",
	  "" },
	{ "a newer version", "version = 2\n",
	  "/t/x.conf:1:11: 'version' is from 1 to 1, not 2\n" },
	{ "an unknown section", "settings \"a\" { sysctls \"x.y\" { value = 1 } }",
	  "/t/x.conf:1:16: unknown section 'sysctls' in settings 'a': did you mean "
	  "'sysctl'?\n" },
	{ "an unknown key", "settings \"a\" { matches = \"ct\" }",
	  "/t/x.conf:1:16: unknown key 'matches' in settings 'a': did you mean "
	  "'match'?\n" },
	{ "a template twice", "settings \"a\" { }\nsettings \"a\" { }\n",
	  "/t/x.conf:2:1: settings 'a' stands there twice, first in line 1\n" },
	{ "a setting twice",
	  "settings \"a\" { sysctl \"a.b\" { value = 1 }\nsysctl \"a.b\" { value = 2 } }",
	  "/t/x.conf:2:1: sysctl 'a.b' stands there twice, first in line 1\n" },
	{ "a condition's error has its place",
	  "settings \"a\" {\n match = \"ct and privilegd\" }",
	  "/t/x.conf:2:18: unknown fact 'privilegd', did you mean 'privileged'?\n" },
	{ "a placeholder's error has its place",
	  "settings \"a\" {\n sysctl \"kernel.shmmax\" { value = \"{memory_byte / 2}\" } "
	  "}",
	  "/t/x.conf:2:37: unknown placeholder 'memory_byte', did you mean "
	  "'memory_bytes'?\n" },
	{ "a placeholder in a title",
	  "settings \"a\" {\n host \"/sys/block/{disc0.dev}/x\" { value = 1 } }",
	  "/t/x.conf:2:2: unknown placeholder 'disc0.dev', did you mean 'disk0.dev'?\n" },
	{ "all that is wrong is told at once",
	  "settings \"a\" {\n mach = 1\n match = \"cts\"\n"
	  " sysctl \"swappiness\" { value = \"1\" }\n device \"/etc/passwd\" { }\n}\n",
	  "/t/x.conf:2:2: unknown key 'mach' in settings 'a': did you mean 'match'?\n"
	  "/t/x.conf:3:11: unknown fact 'cts', did you mean 'ct'?\n"
	  "/t/x.conf:4:2: 'swappiness' is no sysctl's key, as net.ipv4.ip_forward is\n"
	  "/t/x.conf:5:2: '/etc/passwd' is no device: a path below /dev\n" },
	{ "a sysctl by something that there is not",
	  "settings \"a\" { sysctl \"a.b\" { value = 1 by = hand } }",
	  "/t/x.conf:1:46: 'by' is one of credential, agent, not 'hand'\n" },
	{ "a container's sysctl by an agent",
	  "settings \"a\" { kind = ct\nsysctl \"a.b\" { value = 1 by = agent } }",
	  "/t/x.conf:2:31: 'by' is of VMs: a container's sysctls are set before its init "
	  "runs\n" },
	{ "a sysctl without value", "settings \"a\" { sysctl \"a.b\" { } }",
	  "/t/x.conf:1:16: 'value' is missing in sysctl 'a.b'\n" },
	{ "an empty value", "settings \"a\" { sysctl \"a.b\" { value = \"\" } }",
	  "/t/x.conf:1:39: 'value' is empty\n" },
	{ "a sysctl by its path",
	  "settings \"a\" { sysctl \"/proc/sys/net/x\" { value = 1 } }",
	  "/t/x.conf:1:16: '/proc/sys/net/x': a sysctl is named by its key, "
	  "net.ipv4.ip_forward say\n" },
	{ "a sysctl with an empty part",
	  "settings \"a\" { sysctl \"net..x\" { value = 1 } }",
	  "/t/x.conf:1:16: 'net..x' is no sysctl's key: a part of it is empty\n" },
	{ "a sysctl that climbs", "settings \"a\" { sysctl \"net./../x\" { value = 1 } }",
	  "/t/x.conf:1:16: 'net./../x' is no sysctl's key: a part of it is empty\n" },
	{ "a sysctl with a dot in a word",
	  "settings \"a\" { sysctl \"net.ipv4.conf.eth0/100.rp_filter\" { value = 2 } }",
	  "" },
	{ "a host path elsewhere", "settings \"a\" { host \"/etc/motd\" { value = x } }",
	  "/t/x.conf:1:16: '/etc/motd': what is set on the node is below /sys or "
	  "/proc/sys\n" },
	{ "a host path that climbs",
	  "settings \"a\" { host \"/sys/../etc/motd\" { value = x } }",
	  "/t/x.conf:1:16: '/sys/../etc/motd': write the path without '//', '.' and "
	  "'..'\n" },
	{ "a device that climbs", "settings \"a\" { device \"/dev/../etc\" { } }",
	  "/t/x.conf:1:16: '/dev/../etc' is no device: a path below /dev\n" },
	{ "a device with a comma", "settings \"a\" { device \"/dev/a,mode=0777\" { } }",
	  "/t/x.conf:1:16: '/dev/a,mode=0777': a device's path has no blank, comma or "
	  "placeholder\n" },
	{ "a pattern in a directory", "settings \"a\" { device \"/dev/*/tun\" { } }",
	  "/t/x.conf:1:16: '/dev/*/tun': only the last part may be a pattern\n" },
	{ "a mode that is none", "settings \"a\" { device \"/dev/a\" { mode = 660 } }",
	  "/t/x.conf:1:41: 'mode' is 0 and three octal digits, not '660'\n" },
	{ "an owner that is none", "settings \"a\" { device \"/dev/a\" { gid = -5 } }",
	  "/t/x.conf:1:40: 'gid' is a number or a name, not '-5'\n" },
	{ "a module that is none", "settings \"a\" { module \"../x\" { } }",
	  "/t/x.conf:1:16: '../x' is no name of a kernel module\n" },
	{ "a load that is none", "settings \"a\" { module \"x\" { load = maybe } }",
	  "/t/x.conf:1:36: 'load' is yes or no, not 'maybe'\n" },
	{ "an option that there is not",
	  "settings \"a\" { option \"nummer\" { value = 1 } }",
	  "/t/x.conf:1:16: 'nummer' is no option of a guest\n" },
	{ "an option of the other kind",
	  "settings \"a\" { kind = ct option \"numa\" { value = 1 } }",
	  "/t/x.conf:1:26: 'numa' is no option of a container\n" },
	{ "an option that is not for templates",
	  "settings \"a\" { option \"args\" { value = \"-foo\" } }",
	  "/t/x.conf:1:16: 'args' is not for a template to set\n" },
	{ "an option that is a secret: what templates want is recorded",
	  "settings \"a\" { option \"cipassword\" { value = \"x\" } }",
	  "/t/x.conf:1:16: 'cipassword' is not for a template to set\n" },
	{ "one that may hold secrets",
	  "settings \"a\" { option \"env\" { value = \"x\" } }",
	  "/t/x.conf:1:16: 'env' is not for a template to set\n" },
	{ "an option's value",
	  "settings \"a\" { option \"numa\" { value = \"perhaps\" } }",
	  "/t/x.conf:1:40: numa: '" }, /* the rest is Proxmox's reader's */
	{ "a kind that is none", "settings \"a\" { kind = lxc }",
	  "/t/x.conf:1:23: 'kind' is one of ct, vm, any, not 'lxc'\n" },
	{ "a title that is none", "settings \"A b\" { }",
	  "/t/x.conf:1:10: 'A b' cannot name a settings: a small letter, then small "
	  "letters, digits and '-', 48 in all\n" },
	{ "a form that is never closed", "settings \"a\" {",
	  "/t/x.conf:1:1: section 'settings' opened here is never closed\n" },
};

/* Reads the row's file. */
static void check_problems(void **state)
{
	const struct problem_row *t = *state;
	struct problems problems = { 0 };
	struct arena a = { 0 };
	struct conf *conf = NULL;
	struct template got;
	struct buf out = { 0 };
	bool bad;

	bad = conf_parse_more(&template_file_schema, FILE_NAME, slice_of(t->text), &conf,
			      &problems) < 0;
	for (size_t i = 0; conf && i < conf_root(conf)->nnodes; i++)
		if (template_read(&conf_root(conf)->nodes[i], FILE_NAME, &a, &got,
				  &problems) < 0)
			bad = true;
	assert_int_equal(bad, *t->want != '\0');
	problems_render(&problems, &out);
	if (*t->want && t->want[strlen(t->want) - 1] != '\n')
		assert_memory_equal(buf_text(&out), t->want, strlen(t->want));
	else
		assert_string_equal(buf_text(&out), t->want);
	buf_done(&out);
	conf_free(conf);
	arena_done(&a);
	problems_done(&problems);
}

/* What is read of a template. */
static void check_read(void **state)
{
	static const char text[] =
		"settings \"a\" {\n match = \"ct\" required = yes kind = ct doc = \"d\"\n"
		" device \"/dev/a\" { gid = 5 mode = 0600 deny_write = yes }\n"
		" module \"tun\" { load = yes }\n"
		" host \"/sys/x\" { value = v kind = bracket } }";
	struct problems problems = { 0 };
	struct arena a = { 0 };
	struct conf *conf = NULL;
	struct template t;
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(conf_parse(&template_file_schema, FILE_NAME, slice_of(text),
				    &conf, &problems),
			 0);
	assert_int_equal(
		template_read(&conf_root(conf)->nodes[0], FILE_NAME, &a, &t, &problems),
		0);
	assert_true(slice_eq(t.name, "a") && slice_eq(t.doc, "d"));
	assert_true(t.match && t.required && t.kind == TEMPLATE_CT);
	assert_true(template_is_for(&t, GUEST_CT) && !template_is_for(&t, GUEST_VM));
	assert_int_equal(t.nsettings, 3);
	assert_int_equal(t.settings[0].kind, SETTING_DEVICE);
	assert_int_equal(t.settings[0].line, 3);
	device_access_render(&t.settings[0].access, &out);
	assert_string_equal(buf_text(&out), ",deny-write=1,gid=5,mode=0600");
	assert_true(t.settings[1].kind == SETTING_MODULE && t.settings[1].load);
	assert_true(t.settings[2].kind == SETTING_HOST &&
		    t.settings[2].form == FORM_BRACKET);
	buf_done(&out);
	conf_free(conf);
	arena_done(&a);
}

/* The templates below @r, and what is wrong with them, as text. */
static void list(const struct root *r, struct templates *set, struct buf *out)
{
	struct err e = { 0 };

	assert_int_equal(templates_load(r->fd, FILE_OWNER_ANY, set, &e), 0);
	for (size_t i = 0; i < set->n; i++)
		if (!set->rows[i].shipped)
			buf_printf(out, "%.*s%s%s\n", SLICE_ARG(set->rows[i].t.name),
				   set->rows[i].replaces ? " replaces" : "",
				   set->rows[i].broken ? " broken" : "");
	problems_render(&set->problems, out);
}

/* Puts @text as one of the administrator's files. */
static void put_template(const struct root *r, const char *name, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", STORE_TEMPLATE_DIR, name);
	put(r, path, text, strlen(text));
}

/* Where templates come from, and that a broken file takes down nothing but itself. */
static void check_store(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(templates_done) struct templates set = { 0 };
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	put_template(&r, "b.conf", "settings \"b\" { match = \"ct\" }\n");
	put_template(&r, "a.conf", "settings \"wireguard-ct\" { }\nsettings \"a\" { }\n");
	put_template(&r, "c.conf",
		     "settings \"c\" { match = \"cts\" }\nsettings \"d\" { }\n");
	put_template(&r, "e.conf", "settings \"e\" {\n");
	put_template(&r, "f.conf", "settings \"b\" { }\nsettings \"f\" { }\n");
	put_template(&r, "g.conf.bak", "nonsense");
	put_template(&r, ".h.conf", "nonsense");
	list(&r, &set, &out);
	assert_string_equal(
		buf_text(&out),
		"a\nb\nc broken\nd broken\nf broken\nwireguard-ct replaces\n"
		"/etc/pve/pve-safe/settings/c.conf:1:25: unknown fact 'cts', did you "
		"mean "
		"'ct'?\n"
		"/etc/pve/pve-safe/settings/e.conf:1:1: section 'settings' opened here "
		"is never closed\n"
		"/etc/pve/pve-safe/settings/f.conf:1:1: template 'b' is there already "
		"(/etc/pve/pve-safe/settings/b.conf:1)\n");
	assert_null(templates_find(&set, slice_of("wireguard-ct"))->t.match);
}

/* Without the administrator's directory there are the shipped ones. */
static void check_shipped(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(templates_done) struct templates set = { 0 };
	const struct template_shipped *s;
	struct err e = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(templates_load(r.fd, FILE_OWNER_ANY, &set, &e), 0);
	assert_false(problems_any(&set.problems));
	for (; (s = template_shipped(n)); n++) {
		struct template_row *row = templates_find(&set, slice_of(s->name));
		struct problems problems = { 0 };
		struct conf *conf = NULL;
		struct slice match;

		assert_non_null(row);
		assert_int_equal(templates_complete(&set, row, &e), 0);
		assert_true(row->whole && row->t.nsettings && row->t.doc.len);
		/* libconfuse, which the programs spare themselves, reads the same; */
		assert_int_equal(conf_parse(&template_file_schema, s->file,
					    (struct slice){ s->text, s->len }, &conf,
					    &problems),
				 0);
		/* and the table was made of the same condition. */
		match = conf_text(&conf_root(conf)->nodes[0], "match");
		assert_true(slice_eq(match, s->match));
		conf_free(conf);
	}
	assert_int_equal(n, set.n);
}

int main(void)
{
	struct rows r = { 0 };

	ROWS_ADD(&r, problem_rows, check_problems);
	ROWS_ADD_ONE(&r, "what is read of a template", check_read);
	ROWS_ADD_ONE(&r, "a broken file takes down its own templates alone", check_store);
	ROWS_ADD_ONE(&r, "every shipped template is whole", check_shipped);
	return rows_run(&r, "template");
}
