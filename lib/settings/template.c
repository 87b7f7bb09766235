/* SPDX-License-Identifier: MIT */
/*
 * A kind of setting is a row of `readers`: how its section's title is checked, and what its
 * keys set.
 */
#include "settings/template.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "facts/bind.h"
#include "pve/option.h"
#include "settings/schema.h"
#include "settings/store.h"

/* One template being read. */
struct reading {
	const char *file;
	struct arena *arena;
	struct template *t;
	struct problems *problems;
	bool bad;
};

/* Adds a problem at @at, which has .line and .col; returns -1. */
#define BAD(r, at, ...)   \
	((r)->bad = true, \
	 problems_add((r)->problems, (r)->file, (at)->line, (at)->col, __VA_ARGS__))

const char *setting_kind_name(enum setting_kind kind)
{
	static const char *const names[] = { "module", "device", "option", "sysctl",
					     "host" };

	return names[kind];
}

const char *template_mend(const struct template *t, const struct setting *s,
			  struct arena *a)
{
	if (slice_starts(slice_of(t->file), "/" STORE_TEMPLATE_DIR "/"))
		return arena_printf(a, "mend line %u of %s", s->line, t->file);
	return arena_printf(a,
			    "write a template %.*s of your own in /" STORE_TEMPLATE_DIR
			    " (pve-safe template show %.*s)",
			    SLICE_ARG(t->name), SLICE_ARG(t->name));
}

bool template_is_for(const struct template *t, enum guest_kind kind)
{
	return t->kind == TEMPLATE_ANY || (t->kind == TEMPLATE_CT) == (kind == GUEST_CT);
}

/* Adds the problem @e of a text whose first byte is at @line, @col. */
static void bad_text(struct reading *r, unsigned line, unsigned col, struct err *e)
{
	e->line = line;
	e->col = col + (e->col ? e->col - 1 : 0);
	r->bad = true;
	(void)problems_add_err(r->problems, r->file, e);
}

/* Compiles the value @v; NULL after reporting. */
static const struct value *read_value(struct reading *r, const struct conf_value *v)
{
	const struct value *ret = NULL;
	struct err e = { 0 };

	if (value_compile(v->text, r->arena, &ret, &e) == 0)
		return ret;
	bad_text(r, v->line, v->col + v->quoted, &e);
	return NULL;
}

/* Whether @s is not empty and made of small letters, digits and the bytes of @more. */
static bool is_made_of(struct slice s, const char *more)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && !strchr(more, c))
			return false;
	}
	return s.len > 0;
}

/* Whether @path, which begins with '/', has a component that is empty, "." or "..". */
static bool has_odd_component(struct slice path)
{
	struct slice part, rest = { path.ptr + 1, path.len - 1 };
	bool more = true;

	while (more) {
		more = slice_cut(rest, '/', &part, &rest);
		if (!part.len || slice_eq(part, ".") || slice_eq(part, ".."))
			return true;
	}
	return false;
}

/* Checks a sysctl's key: words between dots; '/' stands for a dot in a word. */
static int check_sysctl(struct reading *r, const struct conf_node *n)
{
	struct slice key = n->title, part, rest = key;
	bool more = true;

	if (slice_starts(key, "/") || slice_starts(key, "proc/"))
		return BAD(
			r, n,
			"'%.*s': a sysctl is named by its key, net.ipv4.ip_forward say",
			SLICE_SHOWN(key));
	if (!is_made_of(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-./{}") || *key.ptr == '-' ||
	    !memchr(key.ptr, '.', key.len))
		return BAD(r, n, "'%.*s' is no sysctl's key, as net.ipv4.ip_forward is",
			   SLICE_SHOWN(key));
	while (more) {
		more = slice_cut(rest, '.', &part, &rest);
		if (!part.len || *part.ptr == '/' || part.ptr[part.len - 1] == '/' ||
		    memmem(part.ptr, part.len, "//", 2))
			return BAD(r, n,
				   "'%.*s' is no sysctl's key: a part of it is empty",
				   SLICE_SHOWN(key));
	}
	return 0;
}

/* Checks the path of a setting on the node. */
static int check_host(struct reading *r, const struct conf_node *n)
{
	if (!slice_starts(n->title, "/sys/") && !slice_starts(n->title, "/proc/sys/"))
		return BAD(r, n,
			   "'%.*s': what is set on the node is below /sys or /proc/sys",
			   SLICE_SHOWN(n->title));
	if (has_odd_component(n->title))
		return BAD(r, n, "'%.*s': write the path without '//', '.' and '..'",
			   SLICE_SHOWN(n->title));
	return 0;
}

/* Checks the path of a device; the last part may be a pattern. */
static int check_device(struct reading *r, const struct conf_node *n)
{
	size_t pattern = 0, last = 0;

	if (!slice_starts(n->title, "/dev/") || has_odd_component(n->title))
		return BAD(r, n, "'%.*s' is no device: a path below /dev",
			   SLICE_SHOWN(n->title));
	if (memchr(n->title.ptr, ',', n->title.len) ||
	    memchr(n->title.ptr, '{', n->title.len) ||
	    memchr(n->title.ptr, ' ', n->title.len))
		return BAD(r, n,
			   "'%.*s': a device's path has no blank, comma or placeholder",
			   SLICE_SHOWN(n->title));
	for (size_t i = 0; i < n->title.len; i++) {
		last = n->title.ptr[i] == '/' ? i : last;
		pattern = !pattern && strchr("*?[", n->title.ptr[i]) ? i : pattern;
	}
	if (pattern && pattern < last)
		return BAD(r, n, "'%.*s': only the last part may be a pattern",
			   SLICE_SHOWN(n->title));
	return 0;
}

/* Checks the name of a kernel module. */
static int check_module(struct reading *r, const struct conf_node *n)
{
	if (n->title.len > 55 || !is_made_of(n->title, "_-"))
		return BAD(r, n, "'%.*s' is no name of a kernel module",
			   SLICE_SHOWN(n->title));
	return 0;
}

/* The row of option @key that guests of @kind have, or NULL. */
static const struct option *find_option(enum template_kind kind, struct slice key)
{
	const struct option *ct = NULL, *vm = NULL;

	if (kind != TEMPLATE_VM)
		ct = option_find(GUEST_CT, key);
	if (kind != TEMPLATE_CT)
		vm = option_find(GUEST_VM, key);
	return ct ? ct : vm;
}

/*
 * Options that others of our settings, or nobody but an administrator, decide; and those with
 * secrets, for what templates want is said and recorded.
 */
static const char *const not_for_templates[] = { "args",     "cipassword", "digest",
						 "env",      "hookscript", "lock",
						 "template", NULL };

/* Checks the name of an option of guests. */
static int check_option(struct reading *r, const struct conf_node *n)
{
	static const char *const kinds[] = { "container", "VM", "guest" };

	for (size_t i = 0; not_for_templates[i]; i++)
		if (slice_eq(n->title, not_for_templates[i]))
			return BAD(r, n, "'%s' is not for a template to set",
				   not_for_templates[i]);
	if (!find_option(r->t->kind, n->title))
		return BAD(r, n, "'%.*s' is no option of a %s", SLICE_SHOWN(n->title),
			   kinds[r->t->kind]);
	return 0;
}

/* Whether @text is a mode as devN takes it: 0 and three octal digits. */
static bool is_mode(struct slice text)
{
	if (text.len != 4 || *text.ptr != '0')
		return false;
	for (size_t i = 1; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '7')
			return false;
	return true;
}

/* Whether @text is an id, or a name that /etc/passwd or /etc/group may hold. */
static bool is_owner(struct slice text)
{
	uint64_t id;

	if (num_parse(text, 0, UINT32_MAX - 1, &id))
		return true;
	return text.len <= 32 && is_made_of(text, "_-") &&
	       (*text.ptr < '0' || *text.ptr > '9') && *text.ptr != '-';
}

/* Reads uid or gid; {NULL, 0} when it is not given. */
static struct slice read_owner(struct reading *r, const struct conf_node *n,
			       const char *key)
{
	const struct conf_entry *entry = conf_find(n, key);

	if (!entry)
		return (struct slice){ 0 };
	if (!is_owner(entry->values->text))
		(void)BAD(r, entry->values, "'%s' is a number or a name, not '%.*s'", key,
			  SLICE_SHOWN(entry->values->text));
	return entry->values->text;
}

/* Reads the keys of a device. */
static void read_device(struct reading *r, const struct conf_node *n, struct setting *s)
{
	const struct conf_entry *mode = conf_find(n, "mode");

	if (mode && !is_mode(mode->values->text))
		(void)BAD(r, mode->values,
			  "'mode' is 0 and three octal digits, not '%.*s'",
			  SLICE_SHOWN(mode->values->text));
	s->access = (struct device_access){
		.mode = conf_text(n, "mode"),
		.uid = read_owner(r, n, "uid"),
		.gid = read_owner(r, n, "gid"),
		.deny_write = conf_number(n, "deny_write", 0),
	};
	s->optional = conf_number(n, "optional", 0);
}

/* Reads the keys of a module. */
static void read_module(struct reading *r, const struct conf_node *n, struct setting *s)
{
	(void)r;
	s->load = conf_number(n, "load", 0);
}

/* Reads `value`; that it is there was checked by its row. */
static void read_given(struct reading *r, const struct conf_node *n, struct setting *s)
{
	const struct conf_entry *entry = conf_find(n, "value");

	if (!entry)
		return;
	if (!entry->values->text.len)
		(void)BAD(r, entry->values, "'value' is empty");
	else
		s->value = read_value(r, entry->values);
}

/* Reads the keys of a sysctl. */
static void read_sysctl(struct reading *r, const struct conf_node *n, struct setting *s)
{
	const struct conf_entry *by = conf_find(n, "by");

	read_given(r, n, s);
	s->by_agent = conf_number(n, "by", 0);
	if (by && r->t->kind == TEMPLATE_CT)
		(void)BAD(r, by->values,
			  "'by' is of VMs: a container's sysctls are set before its "
			  "init runs");
}

/* Reads what stands in an option's section; a value without placeholders is checked. */
static void read_option(struct reading *r, const struct conf_node *n, struct setting *s)
{
	const struct option *o = find_option(r->t->kind, n->title);
	struct err e = { 0 };
	struct slice kept;

	read_given(r, n, s);
	if (!o || !s->value || !value_is_plain(s->value) ||
	    option_check(o, value_text_of(s->value), &kept, &e) == 0)
		return;
	(void)BAD(r, conf_find(n, "value")->values, "%.*s: %s", SLICE_SHOWN(n->title),
		  e.msg);
}

/* Reads what stands in the section of a setting on the node. */
static void read_host(struct reading *r, const struct conf_node *n, struct setting *s)
{
	read_given(r, n, s);
	s->form = (enum setting_form)conf_number(n, "kind", FORM_AUTO);
}

static const struct {
	const struct conf_section *section;
	int (*check)(struct reading *r, const struct conf_node *n); /* the title */
	void (*read)(struct reading *r, const struct conf_node *n, struct setting *s);
} readers[SETTING_KINDS] = {
	[SETTING_MODULE] = { &template_section_module, check_module, read_module },
	[SETTING_DEVICE] = { &template_section_device, check_device, read_device },
	[SETTING_OPTION] = { &template_section_option, check_option, read_option },
	[SETTING_SYSCTL] = { &template_section_sysctl, check_sysctl, read_sysctl },
	[SETTING_HOST] = { &template_section_host, check_host, read_host },
};

/* Reads the section @n, one setting. */
static void read_setting(struct reading *r, const struct conf_node *n)
{
	struct setting *s = &r->t->settings[r->t->nsettings++];
	const struct conf_value title = { n->title, n->line, n->col, false };
	enum setting_kind kind = SETTING_MODULE;
	struct err e = { 0 };

	while (kind < SETTING_HOST && readers[kind].section != n->section)
		kind++;
	*s = (struct setting){ .kind = kind, .line = n->line, .col = n->col };
	if (!title.text.len)
		return; /* reported already */
	(void)readers[kind].check(r, n);
	readers[kind].read(r, n, s);
	if (value_compile(n->title, r->arena, &s->target, &e) == 0)
		return;
	e.col = 0; /* a title's own place is not kept; its section's is */
	bad_text(r, n->line, n->col, &e);
}

/* Compiles `match`. */
static void read_match(struct reading *r, const struct conf_node *node)
{
	const struct conf_entry *entry = conf_find(node, "match");
	const struct conf_value *v = entry ? entry->values : NULL;
	struct err e = { 0 };

	if (!v || expr_compile(v->text, r->arena, &r->t->match, &e) == 0)
		return;
	r->t->match_unknown = true;
	bad_text(r, v->line, v->col + v->quoted, &e);
}

/* Whether @node says `required`; a value that cannot be read may mean it. */
static bool is_required(const struct conf_node *node)
{
	const struct conf_entry *entry = conf_find(node, "required");

	return entry && !slice_eq(conf_text(node, "required"), "no");
}

int template_read(const struct conf_node *node, const char *file, struct arena *a,
		  struct template *ret, struct problems *problems)
{
	struct reading r = { .file = file, .arena = a, .t = ret, .problems = problems };

	*ret = (struct template){
		.name = node->title,
		.required = is_required(node),
		.kind = (enum template_kind)conf_number(node, "kind", TEMPLATE_ANY),
		.doc = conf_text(node, "doc"),
		.file = file,
		.line = node->line,
	};
	read_match(&r, node);
	if (node->nnodes > TEMPLATE_MAX_SETTINGS)
		return BAD(&r, node, "a template sets at most %d things",
			   TEMPLATE_MAX_SETTINGS);
	ret->settings = arena_array(a, node->nnodes + 1, sizeof(*ret->settings));
	for (size_t i = 0; ret->settings && i < node->nnodes; i++)
		read_setting(&r, &node->nodes[i]);
	if (arena_failed(a))
		(void)BAD(&r, node, "out of memory");
	return r.bad ? -1 : 0;
}

void device_access_render(const struct device_access *access, struct buf *out)
{
	if (access->deny_write)
		buf_puts(out, ",deny-write=1");
	if (access->gid.len)
		buf_printf(out, ",gid=%.*s", SLICE_ARG(access->gid));
	if (access->mode.len)
		buf_printf(out, ",mode=%.*s", SLICE_ARG(access->mode));
	if (access->uid.len)
		buf_printf(out, ",uid=%.*s", SLICE_ARG(access->uid));
}
