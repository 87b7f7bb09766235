/* SPDX-License-Identifier: MIT */
/* advise-try - the command that makes a guest of a class, and what the policy says of it. */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/argv.h"
#include "pve/change.h"
#include "run/advise.h"
#include "run/judge.h"
#include "settings/device.h"

/* An option and its value. In capitals what the reader puts his own for. */
struct option {
	const char *name, *value;
};

/* What every container and VM gets: the bounds that Proxmox leaves open among it. */
static const struct option ct_options[] = {
	{ "hostname", "NAME" },
	{ "unprivileged", "1" },
	{ "cores", "2" },
	{ "memory", "1024" },
	{ "swap", "512" },
	{ "rootfs", "STORAGE:8" },
	{ "net0", "name=eth0,bridge=vmbr0,ip=dhcp" },
	{ NULL, NULL },
};
static const struct option vm_options[] = {
	{ "name", "NAME" },
	{ "cores", "2" },
	{ "memory", "4096" },
	{ "scsihw", "virtio-scsi-single" },
	{ "scsi0", "STORAGE:32" },
	{ "ide2", "STORAGE:iso/IMAGE.iso,media=cdrom" },
	{ "net0", "virtio,bridge=vmbr0" },
	{ "agent", "1" },
	{ NULL, NULL },
};

/* What a VM of an ostype gets besides. */
static const struct option windows_options[] = {
	{ "bios", "ovmf" },
	{ "machine", "q35" },
	{ "efidisk0", "STORAGE:1,efitype=4m,pre-enrolled-keys=1" },
	{ "tpmstate0", "STORAGE:1,version=v2.0" },
	{ NULL, NULL },
};

/* What a VM gets that needs something; containers get what the templates say. */
static const struct option gpu_options[] = {
	{ "machine", "q35" },
	{ "hostpci0", "mapping=GPU,pcie=1" },
	{ NULL, NULL },
};
static const struct option usb_options[] = {
	{ "usb0", "mapping=USB-STICK" },
	{ NULL, NULL },
};

/* What is needed, why that takes a VM, and how a guest gets it. */
static const struct {
	const char *name, *reason;
	const char *template;    /* of a container that has it */
	const char *device;      /* that stands for one of its pattern */
	const struct option *vm; /* of a VM that has it */
	bool by_class;           /* also where a class names the template */
} needs[NEEDS] = {
	[NEED_MODULE] = { "module",
			  "it loads a kernel module: a container cannot, and one that "
			  "the node loads for it is there for every guest" },
	[NEED_SYSCTL] = { "sysctl",
			  "it sets a kernel setting that belongs to the whole node: only "
			  "a kernel of its own has one of its own" },
	[NEED_NESTING] = { "nesting",
			   "it runs containers itself: within a container they weaken "
			   "what holds both, in a VM they are among themselves" },
	[NEED_KERNEL] = { "kernel",
			  "it wants a kernel of its own: containers run exactly the "
			  "node's" },
	[NEED_GPU] = { "gpu", NULL, "gpu-ct", "/dev/dri/renderD128", gpu_options, true },
	[NEED_USB] = { "usb", NULL, "usb-serial-ct", "/dev/serial/by-id/STICK",
		       usb_options, false },
};

const char *need_name(enum need n)
{
	return needs[n].name;
}

const char *need_reason(enum need n)
{
	return needs[n].reason;
}

/* Whether @a or the templates that @class names ask for @n. */
static bool is_needed(const struct advisor *a, const struct advise_class *class,
		      enum need n)
{
	const struct policy_words *names = &class->workload->settings;

	if (a->needs[n])
		return true;
	for (size_t i = 0; needs[n].by_class && i < names->n; i++)
		if (slice_eq(names->items[i], needs[n].template))
			return true;
	return false;
}

/* A command being made. */
struct making {
	struct advisor *a;
	const struct advise_class *class;
	struct advise_try *try;
	struct argv_command cmd;
	struct guest guest; /* what it would make */
	struct guestconf_section section;
	struct request_list given, changes;
};

/* Adds the word @text. -1 without memory, or when the command is too long. */
static int add_word(struct making *m, const char *text, struct err *e)
{
	if (!text)
		return err_nomem(e);
	if (m->try->nwords == ADVISE_MAX_WORDS)
		return err_set(e, ERR_RANGE, "the command has too many words");
	m->try->words[m->try->nwords++] = text;
	return 0;
}

/* Whether the command has the option --@name. */
static bool has_option(const struct making *m, const char *name)
{
	for (size_t i = 0; i < m->try->nwords; i++)
		if (strncmp(m->try->words[i], "--", 2) == 0 &&
		    strcmp(m->try->words[i] + 2, name) == 0)
			return true;
	return false;
}

/* Adds --@name @value, unless the command has that option. */
static int add_option(struct making *m, const char *name, const char *value,
		      struct err *e)
{
	if (has_option(m, name))
		return 0;
	if (add_word(m, arena_printf(&m->a->arena, "--%s", name), e) < 0)
		return -1;
	return add_word(m, value, e);
}

/* Adds all of @rows, which ends with a row without name. */
static int add_options(struct making *m, const struct option *rows, struct err *e)
{
	for (; rows && rows->name; rows++)
		if (add_option(m, rows->name, rows->value, e) < 0)
			return -1;
	return 0;
}

/* Writes the command as far as it does not depend on templates. */
static int write_plain(struct making *m, struct err *e)
{
	bool ct = m->try->kind == GUEST_CT;
	const char *ostype = m->class->ostype ? m->class->ostype : "l26";

	if (add_word(m, ct ? "pct-safe" : "qm-safe", e) < 0 ||
	    add_word(m, "create", e) < 0 || add_word(m, "NEWID", e) < 0 ||
	    (ct && add_word(m, "STORAGE:vztmpl/TEMPLATE.tar.zst", e) < 0))
		return -1;
	if (add_options(m, ct ? ct_options : vm_options, e) < 0)
		return -1;
	if (!ct &&
	    (add_option(m, "ostype", ostype, e) < 0 ||
	     (strncmp(ostype, "win", 3) == 0 && add_options(m, windows_options, e) < 0)))
		return -1;
	for (enum need n = 0; !ct && n < NEEDS; n++)
		if (is_needed(m->a, m->class, n) && add_options(m, needs[n].vm, e) < 0)
			return -1;
	return m->class->tag.len
		       ? add_option(m, "tags", arena_strdup(&m->a->arena, m->class->tag),
				    e)
		       : 0;
}

/* Reads the command as the wrapper would, and makes the guest that would result. */
static int read_command(struct making *m, struct err *e)
{
	struct arena *arena = &m->a->arena;
	const char **words = arena_array(arena, m->try->nwords, sizeof(*words));
	struct guestconf_section *only = arena_alloc(arena, sizeof(*only));
	struct change_keys keys;
	struct slice *given;

	if (!words || !only)
		return err_nomem(e);
	for (size_t i = 1; i < m->try->nwords; i++)
		words[i - 1] = i == 2 ? arena_printf(arena, "%d", ADVISE_VMID)
				      : m->try->words[i];
	if (argv_read(m->try->kind == GUEST_CT ? TOOL_PCT : TOOL_QM,
		      (int)m->try->nwords - 1, words, 0, arena, &m->cmd, e) < 0 ||
	    change_create(&m->cmd, arena, &m->section, e) < 0 ||
	    change_keys(NULL, &m->section, arena, &keys, e) < 0)
		return -1;
	given = arena_array(arena, m->cmd.nparams, sizeof(*given));
	if (!given)
		return err_nomem(e);
	m->given = (struct request_list){ given, 0 };
	for (size_t i = 0; i < m->cmd.nparams; i++)
		if (m->cmd.params[i].named)
			given[m->given.n++] = slice_of(m->cmd.params[i].name);
	m->changes = (struct request_list){ keys.keys, keys.n };
	*only = m->section;
	m->guest = (struct guest){ .kind = m->try->kind, .vmid = ADVISE_VMID };
	m->guest.conf = (struct guestconf){ .kind = m->try->kind,
					    .sections = only,
					    .nsections = 1 };
	m->guest.start = m->section;
	if (place_has_cluster(&m->a->place))
		(void)snprintf(m->guest.node, sizeof(m->guest.node), "%s",
			       m->a->place.node);
	(void)snprintf(m->guest.path, sizeof(m->guest.path), "command line");
	return 0;
}

/* The need that the device pattern @target is for; NEEDS: none. */
static enum need need_of(const struct making *m, struct slice target)
{
	const char *pattern = arena_strdup(&m->a->arena, target);
	enum need n = 0;

	while (n < NEEDS &&
	       !(pattern && needs[n].device && fnmatch(pattern, needs[n].device, 0) == 0))
		n++;
	return n;
}

/*
 * The device node that is given for @item: the one that it names, the node's only one that
 * fits, or an example. {NULL, 0}: none, for the guest is of use without it.
 */
static struct slice resolve(const struct making *m, const struct plan_item *item)
{
	enum need n = need_of(m, item->target);
	struct slice path;
	size_t found;

	if (item->setting->optional && (n == NEEDS || !is_needed(m->a, m->class, n)))
		return (struct slice){ 0 };
	path = device_resolve(m->a->place.root, item->target, &m->a->arena, &found);
	return path.len || n == NEEDS ? path : slice_of(needs[n].device);
}

/* Adds the device of @item to the container. */
static int add_device(struct making *m, const struct facts_input *in,
		      const struct plan_item *item, unsigned *slot, struct err *e)
{
	struct arena *arena = &m->a->arena;
	struct slice left, path = resolve(m, item);
	const char *value, *name = arena_printf(arena, "dev%u", *slot);

	if (!path.len || device_is_given(m->a->place.root, in, item->target, arena))
		return 0;
	value = device_option(m->a->place.root, in, path, &item->setting->access, arena,
			      &left);
	if (!name || !value)
		return err_nomem(e);
	if (left.len)
		m->try->note = arena_printf(
			arena,
			"the number of group '%.*s' in the container is known only when "
			"it is there; then: pct set NEWID --%s %s,gid=N",
			SLICE_ARG(left), name, value);
	++*slot;
	return add_option(m, name, value, e);
}

/* The template that a container needs by hand, {NULL, 0}: none. */
static struct slice template_by_hand(const struct making *m)
{
	for (enum need n = 0; m->try->kind == GUEST_CT && n < NEEDS; n++)
		if (needs[n].template && m->a->needs[n] &&
		    templates_find(&m->a->settings.set, slice_of(needs[n].template)))
			return slice_of(needs[n].template);
	return (struct slice){ 0 };
}

/* Adds what the templates for such a guest want of its configuration. */
static int add_templates(struct making *m, struct err *e)
{
	struct advisor *a = m->a;
	const struct plan *plan = &a->settings.plan;
	struct facts_input in;
	unsigned slot = 0;

	if (settings_plan_guest(&a->settings, &a->cluster, &m->guest, "create",
				template_by_hand(m), &a->arena, &in, e) < 0)
		return -1;
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_item *item = &plan->items[i];
		int r = 0;

		if (item->kind == SETTING_OPTION)
			r = add_option(m, arena_strdup(&a->arena, item->target),
				       arena_strdup(&a->arena, item->value), e);
		else if (item->kind == SETTING_DEVICE && m->try->kind == GUEST_CT)
			r = add_device(m, &in, item, &slot, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* Whether the command has a finding of @rule already. */
static bool has_finding(const struct advise_try *t, struct slice rule)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_same(t->findings[i].rule, rule))
			return true;
	return false;
}

/* Keeps what was found and says no or warns. */
static int keep_findings(struct making *m, const struct evaluation *ev, struct err *e)
{
	struct arena *arena = &m->a->arena;
	struct advise_try *t = m->try;
	struct advise_finding *rows = arena_array(arena, t->n + ev->n, sizeof(*rows));

	if (!rows)
		return err_nomem(e);
	for (size_t i = 0; i < t->n; i++)
		rows[i] = t->findings[i];
	t->findings = rows;
	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];
		const struct rule *r = f->rule;
		struct slice reason = r->reason.len ? r->reason : expr_text(r->when);

		if ((f->effect != EFFECT_DENY && f->effect != EFFECT_WARN) ||
		    has_finding(t, r->name))
			continue;
		rows[t->n++] = (struct advise_finding){
			.rule = r->name,
			.reason = arena_strdup(arena, reason),
			.remedy = r->remedy.len ? arena_strdup(arena, r->remedy) : NULL,
			.effect = f->effect,
			.of_class = fact_set_has(&f->used, FACT_workload) || r->workload,
		};
	}
	return arena_failed(arena) ? err_nomem(e) : 0;
}

/* Judges what the command would make at @event. */
static int judge_at(struct making *m, const char *event, struct err *e)
{
	AUTO(judge_done) struct judgement j = { 0 };
	struct advisor *a = m->a;
	bool create = strcmp(event, "create") == 0;
	struct ask ask = { .layer = LAYER_CHECK, .start = true, .limits = &a->limits };

	ask.request = (struct request){ .event = slice_of(event),
					.given = m->given,
					.changes = m->changes };
	if (!create)
		ask.request = (struct request){ .event = slice_of(event),
						.cause = slice_of("user") };
	if (judge_begin(&a->place, &a->policy, &ask, &j, e) < 0 ||
	    judge_guest(&a->policy, &a->cluster, &m->guest, &ask, &j, e) < 0)
		return -1;
	m->try->denied |= j.decision.evaluation.verdict == VERDICT_DENY;
	return keep_findings(m, &j.decision.evaluation, e);
}

int advise_try(struct advisor *a, const struct advise_class *class,
	       struct advise_try *ret, struct err *e)
{
	struct making m = { .a = a, .class = class, .try = ret };

	if (write_plain(&m, e) < 0 || read_command(&m, e) < 0 ||
	    add_templates(&m, e) < 0 || read_command(&m, e) < 0 ||
	    judge_at(&m, "create", e) < 0 || judge_at(&m, "start", e) < 0)
		return -1;
	return 0;
}
