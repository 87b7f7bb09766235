/* SPDX-License-Identifier: MIT */
/*
 * raw - getters of a container's raw LXC lines, read as LXC reads them: values unquoted,
 * the last line of a scalar counts, an empty line of a list drops what came before.
 */
#include "facts/getter.h"

#include "base/cleanup.h"
#include "facts/bind.h"
#include "pve/lxckey.h"

/* Cuts the next word, between blanks, off *@rest; false when there is none. */
static bool next_word(struct slice *rest, struct slice *word)
{
	*rest = slice_trim(*rest);
	if (!rest->len)
		return false;
	*word = (struct slice){ rest->ptr, 0 };
	while (word->len < rest->len && !slice_is_space(word->ptr[word->len]))
		word->len++;
	*rest = (struct slice){ rest->ptr + word->len, rest->len - word->len };
	return true;
}

void ct_raw(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nraws; i++)
		value_add_once(g, f, s->raws[i].key, origin_raw(g, &s->raws[i]));
}

/* Whether @key is that of a program which LXC runs on the node: a hook, a net's script. */
static bool names_program(struct slice key)
{
	static const char *const ends[] = { ".script.up", ".script.down" };

	if (slice_starts(key, "lxc.hook."))
		return !slice_same(key, LITERAL("lxc.hook.version"));
	for (size_t i = 0; slice_starts(key, "lxc.net.") && i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if (key.len > n && memcmp(key.ptr + key.len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

void ct_host_hook(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nraws; i++) {
		struct slice program = raw_value(&s->raws[i]);

		if (program.len && names_program(s->raws[i].key))
			value_add(g, f, program, origin_raw(g, &s->raws[i]));
	}
}

/*
 * LXC opens its own log at each line that names one, the console's at the last. Source: LXC
 * set_config_log_file(), lxc_terminal_create_log_file().
 */
void ct_host_log(struct getting *g, struct fact *f)
{
	const struct guestconf_raw *console = raw_last(g, LITERAL("lxc.console.logfile"));
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nraws; i++) {
		const struct guestconf_raw *raw = &s->raws[i];
		struct slice file = raw_value(raw);

		if (file.len &&
		    (raw == console || slice_same(raw->key, LITERAL("lxc.log.file")) ||
		     slice_same(raw->key, LITERAL("lxc.logfile"))))
			value_add(g, f, bind_path(file, g->arena), origin_raw(g, raw));
	}
}

void ct_include(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nraws; i++) {
		struct slice file = raw_value(&s->raws[i]);

		if (file.len && (slice_same(s->raws[i].key, LITERAL("lxc.include")) ||
				 slice_same(s->raws[i].key, LITERAL("lxc.mount.fstab"))))
			value_add(g, f, file, origin_raw(g, &s->raws[i]));
	}
}

void ct_cgroup_v1(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nraws; i++) {
		struct slice key = s->raws[i].key;

		if (lxckey_is_cgroup_v1(key) && !slice_starts(key, "lxc.cgroup.dir") &&
		    !slice_eq(key, "lxc.cgroup.relative")) /* those are of both */
			value_add_once(g, f, key, origin_raw(g, &s->raws[i]));
	}
}

void ct_unconfined(struct getting *g, struct fact *f)
{
	static const char *const keys[] = { "lxc.apparmor.profile", "lxc.aa_profile" };

	value_flag(f, false, (struct fact_origin){ 0 });
	for (size_t i = 0; i < ARRAY_LEN(keys) && !f->flag; i++) {
		const struct guestconf_raw *raw = raw_last(g, slice_of(keys[i]));
		struct slice profile = raw ? raw_value(raw) : (struct slice){ 0 };

		/* "unchanged" is the profile of lxc-start, which confines nothing. */
		if (raw)
			value_flag(f,
				   slice_eq(profile, "unconfined") ||
					   slice_eq(profile, "unchanged"),
				   origin_raw(g, raw));
	}
}

void ct_caps_reset(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_flag(f, false, (struct fact_origin){ 0 });
	for (size_t i = 0; i < s->nraws && !f->flag; i++) {
		const struct guestconf_raw *raw = &s->raws[i];

		if (slice_same(raw->key, LITERAL("lxc.cap.keep")) ||
		    (slice_same(raw->key, LITERAL("lxc.cap.drop")) &&
		     !raw_value(raw).len))
			value_flag(f, true, origin_raw(g, raw));
	}
}

/* Sets *@rw, of proc or sys, by the words of one lxc.mount.auto line. */
static void read_auto(struct slice words, bool *proc, bool *sys)
{
	struct slice word, mode;

	while (next_word(&words, &word)) {
		(void)slice_cut(word, ':', &word, &mode);
		if (slice_eq(word, "proc"))
			*proc = slice_eq(mode, "rw");
		else if (slice_eq(word, "sys"))
			*sys = slice_eq(mode, "rw");
	}
}

void ct_proc_sys_rw(struct getting *g, struct fact *f)
{
	const struct guestconf_raw *raw;
	bool proc = false, sys = false;
	size_t at = 0;

	value_flag(f, false, (struct fact_origin){ 0 });
	while ((raw = raw_next(g, LITERAL("lxc.mount.auto"), &at))) {
		bool before = proc || sys;

		read_auto(raw_value(raw), &proc, &sys);
		if ((proc || sys) != before)
			value_flag(f, proc || sys, origin_raw(g, raw));
	}
}

/* What one device rule opens up. */
enum reach { REACH_SOME = 0, REACH_CHARS = 1, REACH_BLOCKS = 2, REACH_ALL = 3 };

/* Reach of the rule "a", "c *:* rwm", …. Source: LXC device_cgroup_rule_parse(). */
static enum reach reach_of(struct slice rule)
{
	struct slice type, node, access = { 0 };

	if (!next_word(&rule, &type))
		return REACH_SOME;
	if (!next_word(&rule, &node))
		return slice_eq(type, "a") ? REACH_ALL : REACH_SOME;
	(void)next_word(&rule, &access);
	if (!slice_eq(node, "*:*") || !access.len ||
	    (!memchr(access.ptr, 'r', access.len) &&
	     !memchr(access.ptr, 'w', access.len)))
		return REACH_SOME;
	if (slice_eq(type, "a"))
		return REACH_ALL;
	return slice_eq(type, "c")   ? REACH_CHARS
	       : slice_eq(type, "b") ? REACH_BLOCKS
				     : REACH_SOME;
}

/* Device rules as LXC collects them; all zero where every device may be opened. */
struct device_rules {
	bool any; /* it has rules: without, LXC attaches no program, which would deny */
	unsigned reach; /* of those that allow */
};

/* Where the rules of @key begin that no empty line drops: 0 where there is none. */
static size_t rules_begin(const struct guestconf_section *s, struct slice key)
{
	for (size_t i = s->nraws; i > 0; i--)
		if (slice_same(s->raws[i - 1].key, key) &&
		    !raw_value(&s->raws[i - 1]).len)
			return i;
	return 0;
}

/* Adds @rule to @r. Source: LXC bpf_list_add_device(). */
static void add_rule(struct device_rules *r, struct slice rule, bool allow)
{
	unsigned reach = reach_of(rule);

	r->any = !slice_eq(rule, "a"); /* that one says what holds without rules */
	r->reach = allow ? r->reach | reach : r->reach & ~reach;
}

/*
 * LXC's own rules, which stand before the guest's, deny all, then allow some. An empty line
 * drops those of its key, LXC's too. Source: LXC common.conf, lxc_clear_cgroups(),
 * cgfsng_devices_activate().
 */
void ct_all_devices(struct getting *g, struct fact *f)
{
	static const struct slice allow = { "lxc.cgroup2.devices.allow", 25 },
				  deny = { "lxc.cgroup2.devices.deny", 24 };
	const struct guestconf_section *s = g->in->section;
	size_t allows = rules_begin(s, allow), denies = rules_begin(s, deny);
	struct device_rules rules = { .any = !allows };
	const struct guestconf_raw *telling = NULL;

	for (size_t i = 0; i < s->nraws; i++) {
		const struct guestconf_raw *raw = &s->raws[i];
		bool allowed = slice_same(raw->key, allow);
		struct slice rule = raw_value(raw);

		if (!allowed && !slice_same(raw->key, deny))
			continue;
		if (!rule.len || slice_eq(rule, "a") || reach_of(rule) != REACH_SOME)
			telling = raw;
		if (rule.len && i >= (allowed ? allows : denies))
			add_rule(&rules, rule, allowed);
	}
	if (!rules.any || rules.reach == REACH_ALL)
		value_flag(f, true, origin_raw(g, telling));
	else
		value_flag(f, false, (struct fact_origin){ 0 });
}
