/* SPDX-License-Identifier: MIT */
#include "settings/plan.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "pve/option.h"

/* A plan in the making. */
struct making {
	const struct value_world *w;
	struct arena *arena;
	struct plan *plan;
};

void plan_facts(const struct template *t, struct fact_set *set)
{
	for (size_t i = 0; i < t->nsettings; i++) {
		value_facts(t->settings[i].target, set);
		if (t->settings[i].value)
			value_facts(t->settings[i].value, set);
	}
}

/* Adds the problem @what of @s of @t, @what made by the arena. */
static void add_problem(struct making *m, const struct template *t,
			const struct setting *s, const struct template *other,
			const char *what)
{
	m->plan->problems[m->plan->nproblems++] = (struct plan_problem){
		.t = t,
		.setting = s,
		.other = other,
		.what = what ? what : "out of memory",
		.required = t->required || (other && other->required),
	};
}

/* Whether @v, the key of a sysctl, has dots between its parts: by the first separator. */
static bool is_dotted(const struct value *v)
{
	struct slice text = value_text_of(v);
	size_t i = 0;

	while (i < text.len && text.ptr[i] != '.' && text.ptr[i] != '/')
		i++;
	return i < text.len && text.ptr[i] == '.';
}

/* Renders one side of @item; false when it fails. */
static bool render(struct making *m, const struct value *v, struct slice *ret,
		   struct plan_item *item, const char **ret_why)
{
	struct value_world w = *m->w;
	enum value_state state;

	w.dotted = item->kind == SETTING_SYSCTL && v == item->setting->target &&
		   is_dotted(v);
	state = value_render(v, &w, m->arena, ret, ret_why);

	if (state == VALUE_LATER) {
		item->state = state;
		item->why = *ret_why;
	}
	return state != VALUE_FAILED;
}

/* What a setting without a value is told from another one by. */
static struct slice implied_value(struct making *m, const struct setting *s)
{
	AUTO(buf_done) struct buf out = { 0 };
	const char *text;

	if (s->kind == SETTING_MODULE)
		return slice_of(s->load ? "load" : "present");
	device_access_render(&s->access, &out);
	text = arena_strdup(m->arena, buf_as_slice(&out));
	return text ? slice_of(text) : (struct slice){ 0 };
}

/* Whether the value of an option is one that it takes; else why not, to *@ret_why. */
static bool check_option(struct making *m, const struct plan_item *item,
			 const char **ret_why)
{
	const struct option *o = option_find(m->w->in->kind, item->target);
	struct err e = { 0 };
	struct slice kept;

	if (item->kind != SETTING_OPTION)
		return true;
	if (!o) {
		*ret_why = m->w->in->kind == GUEST_CT ? "a container has no such option"
						      : "a VM has no such option";
		return false;
	}
	if (option_check(o, item->value, &kept, &e) == 0)
		return true;
	*ret_why = arena_printf(m->arena, "'%.*s': %s", SLICE_SHOWN(item->value), e.msg);
	return false;
}

/* Adds what the setting @s of @t comes to. */
static void add_setting(struct making *m, const struct template *t,
			const struct setting *s)
{
	struct plan_item item = { .kind = s->kind, .setting = s, .t = t };
	const char *why = NULL;

	if (s->kind == SETTING_DEVICE && m->w->in->kind == GUEST_VM)
		why = "a VM is given devices by hostpciN and usbN, not by a template";
	else if (render(m, s->target, &item.target, &item, &why) &&
		 (!s->value || render(m, s->value, &item.value, &item, &why))) {
		if (!s->value)
			item.value = implied_value(m, s);
		if (check_option(m, &item, &why)) {
			m->plan->items[m->plan->n++] = item;
			return;
		}
	}
	add_problem(m, t, s, NULL,
		    arena_printf(m->arena, "%s %.*s: %s", setting_kind_name(s->kind),
				 SLICE_SHOWN(value_text_of(s->target)),
				 why ? why : "out of memory"));
}

/* Orders by what is set, then by where it stands, for qsort. */
static int by_target(const void *x, const void *y)
{
	const struct plan_item *a = x, *b = y;
	int c = (int)a->kind - (int)b->kind;

	if (!c)
		c = slice_order(&a->target, &b->target);
	if (!c)
		c = slice_order(&a->t->name, &b->t->name);
	return c ? c
		 : (a->setting->line > b->setting->line) -
			       (a->setting->line < b->setting->line);
}

/* Whether @a and @b set the same thing. */
static bool same_target(const struct plan_item *a, const struct plan_item *b)
{
	return a->kind == b->kind && slice_same(a->target, b->target);
}

/* Whether @a and @b want the same; of modules, one that is loaded is there as well. */
static bool same_value(const struct plan_item *a, const struct plan_item *b)
{
	return a->kind == SETTING_MODULE || slice_same(a->value, b->value);
}

struct slice plan_item_value(const struct plan_item *item)
{
	struct slice v = item->value;

	if (!v.len)
		return (struct slice){ 0 };
	return item->kind == SETTING_DEVICE ? (struct slice){ v.ptr + 1, v.len - 1 } : v;
}

/* How an item's value is spoken of in a message. */
static struct slice spoken(const struct plan_item *item)
{
	return item->value.len ? plan_item_value(item) : slice_of("nothing said");
}

/* Reports that @a and @b want different things. */
static void add_conflict(struct making *m, const struct plan_item *a,
			 const struct plan_item *b)
{
	add_problem(m, a->t, a->setting, b->t,
		    arena_printf(m->arena,
				 "%s %.*s: template '%.*s' wants %.*s (%s:%u), '%.*s' "
				 "wants %.*s (%s:%u)",
				 setting_kind_name(a->kind), SLICE_SHOWN(a->target),
				 SLICE_SHOWN(a->t->name), SLICE_SHOWN(spoken(a)),
				 a->t->file, a->setting->line, SLICE_SHOWN(b->t->name),
				 SLICE_SHOWN(spoken(b)), b->t->file, b->setting->line));
}

/* Keeps one item of those from @first to @end, which set one thing, if they agree. */
static void settle(struct making *m, size_t first, size_t end)
{
	struct plan_item *items = m->plan->items, *kept = &items[m->plan->n];
	struct plan_item one = items[first];

	for (size_t i = first + 1; i < end; i++) {
		if (!same_value(&one, &items[i])) {
			add_conflict(m, &one, &items[i]);
			return;
		}
		if (items[i].setting->load)
			one = items[i];
	}
	*kept = one;
	m->plan->n++;
}

int plan_make(const struct chosen *chosen, size_t n, const struct value_world *w,
	      struct arena *a, struct plan *ret, struct err *e)
{
	struct making m = { .w = w, .arena = a, .plan = ret };
	size_t all = 0, total;

	*ret = (struct plan){ 0 };
	for (size_t i = 0; i < n; i++)
		all += chosen[i].t->nsettings;
	if (!all)
		return 0;
	ret->items = arena_array(a, all, sizeof(*ret->items));
	ret->problems = arena_array(a, 2 * all, sizeof(*ret->problems));
	if (!ret->items || !ret->problems)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < chosen[i].t->nsettings; k++)
			add_setting(&m, chosen[i].t, &chosen[i].t->settings[k]);
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_target);
	total = ret->n;
	ret->n = 0;
	for (size_t first = 0, end = 0; first < total; first = end) {
		while (end < total && same_target(&ret->items[first], &ret->items[end]))
			end++;
		settle(&m, first, end);
	}
	return arena_failed(a) ? err_nomem(e) : 0;
}
