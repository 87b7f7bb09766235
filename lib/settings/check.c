/* SPDX-License-Identifier: MIT */
/* A new check of a kind of setting is a row of `checks`. */
#include "settings/check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "facts/getter.h"
#include "pve/option.h"
#include "settings/check-vm.h"
#include "settings/device.h"
#include "settings/option-value.h"
#include "settings/sysctl.h"

enum { FOUND_PER_ITEM = 4, BUILTIN_MAX_BYTES = 1 << 20 };

void check_add(struct check *c, const struct plan_item *item, bool harmless,
	       struct fact_origin found, const char *reason, const char *remedy)
{
	if (c->n == c->size)
		return; /* four faults of one device say enough */
	c->rows[c->n++] = (struct shortfall){
		.item = item,
		.harmless = harmless,
		.found = found,
		.reason = reason ? reason : "out of memory",
		.remedy = remedy ? remedy : "",
	};
}

/* Whether @list, the kernel's modules.builtin, has the module @name. */
static bool is_listed(struct slice list, const char *name)
{
	struct slice line;
	size_t n = strlen(name);
	bool more = true;

	while (more) {
		const char *slash;

		more = slice_cut(list, '\n', &line, &list);
		slash = line.len ? memrchr(line.ptr, '/', line.len) : NULL;
		if (!slash)
			continue;
		line.len -= (size_t)(slash + 1 - line.ptr);
		line.ptr = slash + 1;
		if (line.len < n + 3 || memcmp(line.ptr + n, ".ko", 3) != 0)
			continue;
		for (size_t i = 0;; i++) {
			if (i == n)
				return true;
			if ((line.ptr[i] == '-' ? '_' : line.ptr[i]) != name[i])
				break;
		}
	}
	return false;
}

bool module_is_there(int root, struct slice name)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
					  .max_bytes = BUILTIN_MAX_BYTES };
	AUTO(file_text_done) struct file_text builtin = { 0 };
	char plain[64] = "", path[160];
	struct utsname uts;
	struct stat st;
	struct err e;

	if (name.len >= sizeof(plain))
		return false;
	for (size_t i = 0; i < name.len; i++)
		plain[i] = (char)(name.ptr[i] == '-' ? '_' : name.ptr[i]);
	(void)snprintf(path, sizeof(path), "sys/module/%s", plain);
	if (fstatat(root, path, &st, 0) == 0)
		return true;
	if (uname(&uts) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", uts.release);
	return file_read(root, path, &rules, &builtin, &e) == 0 &&
	       is_listed(file_slice(&builtin), plain);
}

bool check_loads_module(const struct check *c, const char *name)
{
	for (size_t i = 0; i < c->plan->n; i++) {
		const struct plan_item *item = &c->plan->items[i];

		if (item->kind == SETTING_MODULE && item->setting->load &&
		    (!name || slice_eq(item->target, name)) &&
		    !module_is_there(c->root, item->target))
			return true;
	}
	return false;
}

/* A module that must be there, unless it is loaded before the start. */
static void check_module(struct check *c, const struct plan_item *item)
{
	static const struct fact_origin none = { 0 };

	if (item->setting->load || module_is_there(c->root, item->target))
		return;
	check_add(c, item, false, none,
		  arena_printf(c->arena,
			       "the kernel module %.*s is not loaded on this node",
			       SLICE_ARG(item->target)),
		  arena_printf(c->arena,
			       "modprobe %.*s; at every boot: echo %.*s "
			       ">/etc/modules-load.d/%.*s.conf",
			       SLICE_ARG(item->target), SLICE_ARG(item->target),
			       SLICE_ARG(item->target)));
}

/* An option that the guest's configuration should have. */
static void check_option(struct check *c, const struct plan_item *item)
{
	AUTO(buf_done) struct buf command = { 0 };
	const char *key = arena_strdup(c->arena, item->target);
	const char *tool = c->in->kind == GUEST_CT ? "pct" : "qm";
	const struct guestconf_entry *entry =
		key ? guestconf_find(c->in->section, key) : NULL;
	const struct option *o = option_find(c->in->kind, item->target);
	struct getting g = { .in = c->in, .arena = c->arena };
	struct slice kept = item->value, value = item->value;
	struct fact_origin found = { 0 };
	struct err e = { 0 };

	if (!key || !o || option_check(o, item->value, &kept, &e) < 0)
		return;
	if (entry && option_value_holds(o, entry->value, kept))
		return;
	if (entry) {
		found = origin_entry(&g, entry);
		value = option_value_join(o, entry->value, item->value, c->arena);
	}
	buf_printf(&command, "%s set %" PRIu64 " --%s ", tool, c->in->vmid, key);
	text_shell_quote(&command, value);
	check_add(c, item, true, found,
		  entry ? arena_printf(c->arena, "%s is %.*s, the template wants %.*s",
				       key, SLICE_SHOWN(entry->value),
				       SLICE_ARG(item->value))
			: arena_printf(c->arena, "%s is not set, the template wants %.*s",
				       key, SLICE_ARG(item->value)),
		  buf_failed(&command) ? NULL
				       : arena_strdup(c->arena, buf_as_slice(&command)));
}

/* A sysctl of a container that is the node's, which none can have; one of a VM. */
static void check_sysctl(struct check *c, const struct plan_item *item)
{
	static const struct fact_origin none = { 0 };
	struct sysctl_words words;

	if (c->in->kind == GUEST_VM) {
		check_vm_sysctl(c, item);
		return;
	}
	if (sysctl_owner(item->target) != SYSCTL_OF_NODE)
		return;
	words = sysctl_words(item->target);
	check_add(c, item, true, none,
		  arena_printf(c->arena, "sysctl %.*s belongs to the node: %s",
			       SLICE_SHOWN(item->target), words.why),
		  words.todo);
}

static void (*const checks[SETTING_KINDS])(struct check *c,
					   const struct plan_item *item) = {
	[SETTING_MODULE] = check_module,
	[SETTING_DEVICE] = check_device,
	[SETTING_OPTION] = check_option,
	[SETTING_SYSCTL] = check_sysctl,
};

int check_plan(int root, const struct facts_input *in, const struct plan *plan,
	       struct arena *a, struct check *ret, struct err *e)
{
	*ret = (struct check){ .root = root, .in = in, .plan = plan, .arena = a };
	if (check_vm_begin(ret) < 0)
		return err_nomem(e);
	check_vm_leftover(ret);
	if (!plan->n)
		return arena_failed(a) ? err_nomem(e) : 0;
	ret->size = plan->n * FOUND_PER_ITEM;
	ret->rows = arena_array(a, ret->size, sizeof(*ret->rows));
	if (!ret->rows)
		return err_nomem(e);
	for (size_t i = 0; i < plan->n; i++)
		if (checks[plan->items[i].kind])
			checks[plan->items[i].kind](ret, &plan->items[i]);
	return arena_failed(a) ? err_nomem(e) : 0;
}
