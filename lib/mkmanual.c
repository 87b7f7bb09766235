/* SPDX-License-Identifier: MIT */
/*
 * mkmanual - fills a manual page with what stands in rows: facts, keys of policies and of
 * settings templates, shipped sets, exit statuses. Run by the Makefile, not installed.
 *
 * Reads a page in scdoc's form from standard input; a line "@NAME@" becomes a table.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "facts/facts.h"
#include "policy/schema.h"
#include "policy/policy.h"
#include "settings/schema.h"
#include "settings/template.h"

/* Prints @text so that scdoc takes none of it for markup. */
static void print_text(const char *text)
{
	for (; *text; text++) {
		if (strchr("*_\\`[]", *text))
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

/* Prints the heads of a table's columns; @third may be NULL. */
static void print_heads(const char *first, const char *second, const char *third)
{
	(void)printf("|[ *%s*\n:[ *%s*\n", first, second);
	if (third)
		(void)printf(":[ *%s*\n", third);
}

/* What values of @k look like. */
static const char *type_of(const struct conf_key *k, struct buf *out)
{
	switch (k->type) {
	case CONF_TEXT:
		return "text";
	case CONF_BOOL:
		return "yes, no";
	case CONF_NUMBER:
		return "number";
	case CONF_LIST:
		return "list";
	case CONF_ENUM:
		break;
	}
	for (const char *const *word = k->words; *word; word++)
		buf_printf(out, "%s%s", word == k->words ? "" : ", ", *word);
	return buf_text(out);
}

/* Prints the keys of @s from the @from-th on. */
static void print_keys(const struct conf_section *s, size_t from)
{
	print_heads("key", "value", "meaning");
	for (const struct conf_key *k = s->keys + from; k < s->keys + s->nkeys; k++) {
		AUTO(buf_done) struct buf words = { 0 };

		if (k->later)
			continue;
		(void)fputs("|  *", stdout);
		print_text(k->name);
		(void)fputs("*\n:  ", stdout);
		print_text(type_of(k, &words));
		(void)fputs("\n:  ", stdout);
		print_text(k->doc);
		(void)puts(k->required ? "; required" : "");
	}
}

/* Prints the facts of exactly these @kinds. */
static void print_facts(enum fact_kinds kinds)
{
	static const char *const types[] = { [FACT_BOOL] = "yes, no",
					     [FACT_TEXT] = "text",
					     [FACT_ENUM] = "word",
					     [FACT_NUMBER] = "number",
					     [FACT_LIST] = "list" };

	print_heads("fact", "type", "meaning");
	for (const struct fact_row *f = fact_rows; f < fact_rows + FACT_COUNT; f++) {
		if (f->kinds != kinds)
			continue;
		(void)fputs("|  *", stdout);
		print_text(f->name);
		(void)printf("*\n:  %s%s%s\n:  ", types[f->type], *f->unit ? ", " : "",
			     f->unit);
		print_text(f->doc);
		(void)fputs(". From: ", stdout);
		print_text(f->pve_source);
		(void)puts(".");
	}
}

/* Prints a closed list of words. */
static void print_words(const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		(void)fputs(i ? ", " : "", stdout);
		print_text(words[i]);
	}
	(void)puts(".");
}

/* Appends the first sentence of the comment that @text, which begins in it, is the rest of. */
static void put_sentence(struct slice text, struct buf *out)
{
	struct slice line, rest = text;

	while (slice_cut(rest, '\n', &line, &rest)) {
		bool ends = line.len && line.ptr[line.len - 1] == '.';

		if (slice_starts(line, "# ")) {
			line.ptr += 1;
			line.len -= 1;
		}
		buf_slice(out, line);
		if (ends || !slice_starts(rest, "# "))
			return;
	}
}

/* Prints what each shipped set says of itself: "# NAME@1: …". */
static void print_sets(void)
{
	const char *name;

	print_heads("set", "what it holds", NULL);
	for (size_t i = 0; (name = shipped_name(i)); i++) {
		struct slice text = shipped_find(slice_of(name));
		const char *line = strstr(text.ptr, name);
		AUTO(buf_done) struct buf doc = { 0 };

		if (!line)
			continue;
		line += strlen(name) + strlen(": ");
		put_sentence((struct slice){ line, text.len - (size_t)(line - text.ptr) },
			     &doc);
		(void)printf("|  *%s*\n:  ", name);
		print_text(buf_text(&doc));
		(void)puts("");
	}
}

/* What a marker of a page stands for. */
static const struct {
	const char *name;
	const struct conf_section *keys; /* NULL: .facts or .words */
	size_t from;
	enum fact_kinds facts; /* 0: .words */
	const char *const *words;
} markers[] = {
	{ "file", &policy_section_file },
	{ "rule", &policy_section_rule },
	{ "adjust", &policy_section_adjust, RULE_KEY_PLACEMENT },
	{ "workload", &policy_section_workload },
	{ "limits", &policy_section_limits },
	{ "template", &template_file_schema },
	{ "settings", &template_section_settings },
	{ "module", &template_section_module },
	{ "device", &template_section_device },
	{ "option", &template_section_option },
	{ "sysctl", &template_section_sysctl },
	{ "host", &template_section_host },
	{ "request", .facts = FACT_KINDS_REQUEST },
	{ "guest", .facts = FACT_KINDS_GUEST },
	{ "ct", .facts = FACT_KINDS_CT },
	{ "vm", .facts = FACT_KINDS_VM },
	{ "events", .words = fact_words_event },
	{ "causes", .words = fact_words_cause },
};

/* Prints what the marker @name stands for; false when there is none of that name. */
static bool print_marker(const char *name)
{
	if (strcmp(name, "sets") == 0) {
		print_sets();
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(markers); i++) {
		if (strcmp(name, markers[i].name) != 0)
			continue;
		if (markers[i].keys)
			print_keys(markers[i].keys, markers[i].from);
		else if (markers[i].facts)
			print_facts(markers[i].facts);
		else
			print_words(markers[i].words);
		return true;
	}
	return false;
}

int main(void)
{
	char line[512], name[32];
	int end;

	while (fgets(line, sizeof(line), stdin)) {
		end = 0;
		if (sscanf(line, "@%31[a-z]@%n", name, &end) != 1 || !end ||
		    line[end] != '\n') {
			(void)fputs(line, stdout);
			continue;
		}
		if (print_marker(name))
			continue;
		(void)fprintf(stderr, "mkmanual: there is no table '%s'\n", name);
		return 1;
	}
	return ferror(stdin) || ferror(stdout) || fflush(stdout) ? 1 : 0;
}
