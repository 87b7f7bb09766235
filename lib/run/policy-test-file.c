/* SPDX-License-Identifier: MIT */
/* A file of tests of a policy: read, and all that is wrong with it said at once. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/words.h"
#include "run/policy-test.h"

/* In the order of enum verdict. */
static const char *const verdicts[] = { "deny", "warn", "allow", NULL };

/* What a rule may do in a test, which has neither waivers nor overrides. */
static const enum effect effects[] = { EFFECT_DENY, EFFECT_WARN, EFFECT_AUDIT,
				       EFFECT_WOULD_DENY };

static const struct conf_key test_keys[] = {
	{ "guest", CONF_TEXT, .max = 1024,
	  .doc = "the guest's configuration: a file beside this one" },
	{ "config", CONF_LIST, .doc = "or its lines, here" },
	{ "kind", CONF_ENUM, .words = fact_words_kind,
	  .doc = "what the guest is, where the file's path does not tell" },
	{ "event", CONF_ENUM, .words = fact_words_event,
	  .doc = "what is asked (default: start)" },
	{ "cause", CONF_ENUM, .words = fact_words_cause,
	  .doc = "of a start: why (default: user)" },
	{ "assume", CONF_LIST, .doc = "facts that hold: \"pool=students\"" },
	{ "verdict", CONF_ENUM, .required = true, .words = verdicts,
	  .doc = "what the policy says: allow, warn or deny" },
	{ "rules", CONF_LIST, .doc = "the rules that fire, and no others" },
	{ "also", CONF_LIST, .doc = "rules that fire, whatever others do" },
	{ "effects", CONF_LIST, .doc = "what a rule does: \"privileged=would-deny\"" },
};

static const struct conf_section test_section = {
	.name = "test",
	.titled = true,
	.title_is_path = true,
	.keys = test_keys,
	.nkeys = ARRAY_LEN(test_keys),
};

static const struct conf_section *const sections[] = { &test_section, NULL };

static const struct conf_key file_keys[] = {
	{ "version", CONF_NUMBER, .required = true, .min = 1, .max = 1,
	  .doc = "version of the syntax: 1" },
	{ "policy", CONF_TEXT, .max = 1024,
	  .doc = "the policy that is tested: a file beside this one" },
};

static const struct conf_section schema = { .keys = file_keys,
					    .nkeys = ARRAY_LEN(file_keys),
					    .sections = sections };

/* A file being checked. */
struct checking {
	const char *file;
	struct problems *problems;
};

/* Adds a problem at the key @entry, or at the section @node when there is none. */
#define problem_at(c, place, ...)                                                  \
	((void)problems_add((c)->problems, (c)->file, (place)->line, (place)->col, \
			    __VA_ARGS__))

/* Checks that the guest of @test is there, once, and that its kind is known. */
static void check_guest(const struct checking *c, const struct conf_node *test)
{
	const struct conf_entry *guest = conf_find(test, "guest");
	const struct conf_entry *config = conf_find(test, "config");

	if (!guest && !config)
		problem_at(c, test,
			   "which guest? say guest = \"FILE\" or config = { \"LINE\" }");
	if (guest && config)
		problem_at(c, config, "guest and config: one of them, not both");
	if (config && !conf_find(test, "kind"))
		problem_at(c, config, "container or VM? say kind = ct or kind = vm");
}

/* Checks the facts that shall hold. */
static void check_assumed(const struct checking *c, const struct conf_node *test)
{
	const struct conf_entry *entry = conf_find(test, "assume");
	AUTO(options_done) struct options o = { .kind = -1 };
	struct err e = { 0 };

	for (size_t i = 0; entry && i < entry->nvalues; i++)
		if (options_add_assumed(&o, entry->values[i].text, &e) < 0)
			problem_at(c, &entry->values[i], "%s", e.msg);
}

/* Checks what of @test needs no policy. */
static void check_test(const struct checking *c, const struct conf_node *test)
{
	const struct conf_entry *cause = conf_find(test, "cause");
	const struct conf_entry *also = conf_find(test, "also");
	const struct conf_entry *effect = conf_find(test, "effects");
	struct slice event = conf_text(test, "event"), rule;
	enum effect value;

	check_guest(c, test);
	check_assumed(c, test);
	if (cause && event.ptr && !slice_eq(event, "start"))
		problem_at(c, cause, "only a start has a cause");
	if (also && conf_find(test, "rules"))
		problem_at(c, also, "rules names all that fire: add these to it");
	for (size_t i = 0; effect && i < effect->nvalues; i++)
		if (!policy_test_effect(effect->values[i].text, &rule, &value))
			problem_at(c, &effect->values[i],
				   "expected RULE=EFFECT with deny, warn, audit or "
				   "would-deny, found '%.*s'",
				   SLICE_ARG(effect->values[i].text));
}

int policy_test_load(const char *path, struct policy_test_file *ret,
		     struct problems *problems, struct err *e)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ROOT_OR_CALLER,
					  .max_bytes = CONF_MAX_BYTES };
	const struct checking c = { path, problems };
	AUTO(file_text_done) struct file_text text = { 0 };
	const struct conf_node *root;
	int got;

	*ret = (struct policy_test_file){ .path = path };
	got = file_read(AT_FDCWD, path, &rules, &text, e);
	if (got > 0)
		return err_set(e, ERR_SYSTEM, "%s: no such file", path);
	if (got < 0 || (conf_parse_more(&schema, path, file_slice(&text), &ret->conf,
					problems) < 0 &&
			!ret->conf))
		return -1;
	root = conf_root(ret->conf);
	for (size_t i = 0; i < root->nnodes; i++)
		check_test(&c, &root->nodes[i]);
	if (!root->nnodes)
		(void)problems_add(problems, path, 0, 0, "there is no test in it");
	return problems_any(problems) ? -1 : 0;
}

/* Checks that @name is a rule of the policy of @f. */
static void check_rule(const struct checking *c, const struct policy *p,
		       const struct conf_value *v, struct slice name)
{
	AUTO_FREE char **names = NULL;
	AUTO(buf_done) struct buf hint = { 0 };

	if (policy_find_rule(p, name))
		return;
	names = calloc(p->nrules + 1, sizeof(*names));
	for (size_t i = 0; names && i < p->nrules; i++) {
		const struct slice s = p->rules[i].name;

		names[i] = strndup(s.ptr, s.len);
	}
	if (names)
		words_suggest(name, (const char *const *)names, p->nrules, &hint);
	problem_at(c, v, "no rule '%.*s' in %s%s", SLICE_ARG(name),
		   p->texts.files[0].name, buf_text(&hint));
	for (size_t i = 0; names && i < p->nrules; i++)
		free(names[i]);
}

int policy_test_check_rules(const struct policy_test_file *f, struct problems *problems)
{
	static const char *const keys[] = { "rules", "also", "effects" };
	const struct checking c = { f->path, problems };
	const struct conf_node *root = conf_root(f->conf);

	for (size_t i = 0; i < root->nnodes * ARRAY_LEN(keys); i++) {
		const struct conf_entry *entry = conf_find(
			&root->nodes[i / ARRAY_LEN(keys)], keys[i % ARRAY_LEN(keys)]);

		for (size_t k = 0; entry && k < entry->nvalues; k++) {
			struct slice name = entry->values[k].text;
			enum effect ignored;

			(void)policy_test_effect(name, &name, &ignored);
			check_rule(&c, f->policy->store.policy, &entry->values[k], name);
		}
	}
	return problems_any(problems) ? -1 : 0;
}

bool policy_test_effect(struct slice text, struct slice *ret_rule,
			enum effect *ret_effect)
{
	struct slice rule, word;

	if (!slice_cut(text, '=', &rule, &word))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
		if (!slice_eq(word, effect_name(effects[i])))
			continue;
		*ret_rule = rule;
		*ret_effect = effects[i];
		return true;
	}
	return false;
}

char *policy_test_beside(const char *path, struct slice name)
{
	const char *slash = strrchr(path, '/');
	char *ret = NULL;
	int len =
		slash && (!name.len || name.ptr[0] != '/') ? (int)(slash - path) + 1 : 0;

	return asprintf(&ret, "%.*s%.*s", len, path, SLICE_ARG(name)) < 0 ? NULL : ret;
}
