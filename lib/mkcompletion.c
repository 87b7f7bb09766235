/* SPDX-License-Identifier: MIT */
/*
 * mkcompletion - prints the bash completion of pct-safe, qm-safe and qmrestore-safe, made
 * of the rows that command lines are read by. Run by the Makefile, not installed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/cli.h"

enum { MEMBERS_SHOWN = 10 }; /* of a family: --mp0 to --mp9 */

/*
 * The part of the script that is no table. Words are split at "=" by bash. compgen -W expands
 * its words, commands in them too: none may come from the name of a file but a VMID.
 */
static const char script[] =
	"_pve_safe_guest_tool() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal key=${COMP_WORDS[0]##*/} word i=1 words dir=lxc\n"
	"\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tkey=${key%-safe}\n"
	"\t[[ $key == pct ]] || dir=qemu-server\n"
	"\twhile [[ ${COMP_WORDS[i]-} == --* ]] && ((i < COMP_CWORD)); do\n"
	"\t\t[[ ${COMP_WORDS[i + 1]-} != = ]] || ((i++))\n"
	"\t\t[[ ${COMP_WORDS[i]-} == --dry-run ]] || ((i++))\n"
	"\t\t((i++))\n"
	"\tdone\n"
	"\twhile [[ ${_pve_safe_commands[$key]-} ]] && ((i < COMP_CWORD)); do\n"
	"\t\tkey+=\" ${COMP_WORDS[i]-}\"\n"
	"\t\t((i++))\n"
	"\tdone\n"
	"\tif ((i > COMP_CWORD)); then\n"
	"\t\t[[ $prev != --format ]] || words='text json'\n"
	"\telif [[ ${_pve_safe_commands[$key]-} ]]; then\n"
	"\t\twords=${_pve_safe_commands[$key]}\n"
	"\t\t[[ $cur != -* ]] || words='--dry-run --format --override'\n"
	"\telif [[ ${_pve_safe_values[$key $prev]-} && $cur != -* ]]; then\n"
	"\t\twords=${_pve_safe_values[$key $prev]}\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\twords=${_pve_safe_options[$key]-}\n"
	"\telif [[ $key != qmrestore ]] && ((i == COMP_CWORD)); then\n"
	"\t\tfor word in /etc/pve/\"$dir\"/*.conf; do\n"
	"\t\t\tword=${word##*/}\n"
	"\t\t\t[[ ! $word =~ ^[1-9][0-9]{2,8}\\.conf$ ]] || words+=\" ${word%.conf}\"\n"
	"\t\tdone\n"
	"\tfi\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"${words-}\" -- \"$cur\")\n"
	"}\n"
	"complete -o default -F _pve_safe_guest_tool pct-safe qm-safe qmrestore-safe\n";

/* The part of a command's name before its blank, or all of it. */
static struct slice first_word(const char *name)
{
	struct slice word, rest;

	(void)slice_cut(slice_of(name), ' ', &word, &rest);
	return word;
}

/* Whether a command is offered. */
static bool is_listed(const struct cli_command *c)
{
	return c->kind == CLI_BY_NAME || c->kind == CLI_JUDGED;
}

/* Prints the members of @group ("qm disk") after it, those of @tool where it is empty. */
static void print_commands(const struct cli_tool *tool, struct slice group)
{
	struct slice last = { 0 };

	(void)printf("\t[%s%s%.*s]='", tool->name, group.len ? " " : "",
		     SLICE_ARG(group));
	for (size_t i = 0; i < tool->ncommands; i++) {
		const char *name = tool->commands[i].name;
		struct slice first = first_word(name), word = first;

		if (!is_listed(&tool->commands[i]) ||
		    (group.len && !slice_same(first, group)))
			continue;
		if (group.len)
			word = slice_of(name + group.len + 1);
		if (!slice_same(word, last))
			(void)printf("%s%.*s", last.len ? " " : "", SLICE_ARG(word));
		last = word;
	}
	(void)puts("'");
}

/* Prints the commands of @tool, then those of each group. */
static void print_tree(const struct cli_tool *tool)
{
	struct slice last = { 0 };

	if (tool->single)
		return;
	print_commands(tool, last);
	for (size_t i = 0; i < tool->ncommands; i++) {
		struct slice first = first_word(tool->commands[i].name);

		if (tool->commands[i].name[first.len] && !slice_same(first, last))
			print_commands(tool, first);
		if (tool->commands[i].name[first.len])
			last = first;
	}
}

/* Prints the key of a command in the tables. */
static void print_key(const struct cli_tool *tool, const struct cli_command *c)
{
	(void)printf("\t['%s%s%s", tool->name, tool->single ? "" : " ",
		     tool->single ? "" : c->name);
}

/* Whether @o stands at a place of its own in @c, so that nobody types its name. */
static bool is_positional(const struct cli_command *c, const struct cli_option *o)
{
	for (size_t i = 0; c->positionals && c->positionals[i]; i++)
		if (strcmp(c->positionals[i], o->name) == 0)
			return true;
	return false;
}

/* Prints the options of one command. */
static void print_options(const struct cli_tool *tool, const struct cli_command *c)
{
	const struct cli_option *o;

	print_key(tool, c);
	(void)fputs("']='", stdout);
	for (size_t i = 0; (o = cli_option_at(c, i)); i++) {
		if (is_positional(c, o))
			continue;
		if (!o->count)
			(void)printf("--%s ", o->name);
		for (unsigned j = 0; j < o->count && j < MEMBERS_SHOWN; j++)
			(void)printf("--%s%u ", o->name, j);
	}
	(void)puts("'");
}

/* Prints the words of an enumeration, of a family the first members. */
static void print_words(const char *const *words)
{
	for (; *words; words++) {
		struct slice base, range;
		uint64_t last = 0;

		if (!slice_cut(slice_of(*words), '[', &base, &range)) {
			(void)printf("%s ", *words);
			continue;
		}
		if (range.len < sizeof("0..9]") - 1 || !slice_starts(range, "0..") ||
		    !num_parse((struct slice){ range.ptr + 3, range.len - 4 }, 0,
			       UINT16_MAX, &last))
			abort(); /* one of our own rows: not "mp[0..255]" */
		for (unsigned i = 0; i <= last && i < MEMBERS_SHOWN; i++)
			(void)printf("%.*s%u ", SLICE_ARG(base), i);
	}
}

/* Prints what can follow the options of one command. */
static void print_values(const struct cli_tool *tool, const struct cli_command *c)
{
	static const char *const boolean[] = { "0", "1", NULL };
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option_at(c, i)); i++) {
		const char *const *words = o->type == CLI_BOOL ? boolean : o->words;

		if (!words || is_positional(c, o))
			continue;
		print_key(tool, c);
		(void)printf(" --%s']='", o->name);
		print_words(words);
		(void)puts("'");
	}
}

/* Prints a table of all commands. */
static void print_table(const char *name, void (*print)(const struct cli_tool *,
							const struct cli_command *))
{
	(void)printf("declare -gA %s=(\n", name);
	for (int i = 0; i < TOOL_COUNT; i++) {
		const struct cli_tool *tool = cli_tool((enum tool)i);

		for (size_t j = 0; j < tool->ncommands; j++)
			if (is_listed(&tool->commands[j]))
				print(tool, &tool->commands[j]);
	}
	(void)puts(")");
}

int main(void)
{
	(void)puts(
		"# bash completion of pct-safe, qm-safe and qmrestore-safe; generated\n"
		"declare -gA _pve_safe_commands=(");
	for (int i = 0; i < TOOL_COUNT; i++)
		print_tree(cli_tool((enum tool)i));
	(void)puts(")");
	print_table("_pve_safe_options", print_options);
	print_table("_pve_safe_values", print_values);
	(void)fputs(script, stdout);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
