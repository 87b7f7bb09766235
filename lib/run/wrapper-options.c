/* SPDX-License-Identifier: MIT */
#include "run/wrapper-options.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum ours { OURS_DRY_RUN, OURS_FORMAT, OURS_OVERRIDE, OURS_HELP, OURS_NONE };

/* Exact names: an abbreviation could be meant for the real tool. */
static const struct {
	const char *name;
	bool has_value;
} names[OURS_NONE] = {
	[OURS_DRY_RUN] = { "--dry-run", false },
	[OURS_FORMAT] = { "--format", true },
	[OURS_OVERRIDE] = { "--override", true },
	[OURS_HELP] = { "--help", false },
};

/* Which of ours @word is; *@ret_value is what follows its '=', or NULL. */
static enum ours find(const char *word, const char **ret_value)
{
	for (enum ours i = OURS_DRY_RUN; i < OURS_NONE; i++) {
		size_t n = strlen(names[i].name);

		if (strncmp(word, names[i].name, n) != 0)
			continue;
		*ret_value = word[n] == '=' ? word + n + 1 : NULL;
		if (!word[n] || (word[n] == '=' && names[i].has_value))
			return i;
	}
	return OURS_NONE;
}

/* Prints the help of @tool. */
static void print_help(enum tool tool, FILE *to)
{
	const char *name = cli_tool(tool)->name;

	(void)fprintf(
		to,
		"usage: %s-safe [OPTION…] %s\n\n"
		"Runs %s, where the policy allows it; what stands after these is its\n"
		"own:\n\n"
		"  --dry-run           show the decision and the exact command; run "
		"nothing\n"
		"  --format text|json  form of the decision of --dry-run\n"
		"  --override REASON   break glass, where the rule allows it to you\n\n"
		"Exit status: that of %s; 77 denied, 78 policy or configuration\n"
		"unusable, 64 not understood, 69 no %s to run, 71 system error.\n",
		name, cli_tool(tool)->single ? "ARGUMENT…" : "COMMAND …", name, name,
		name);
}

/* Takes --format @word; false when it is none. */
static bool read_format(const char *word, struct wrapper_options *ret)
{
	ret->json = strcmp(word, "json") == 0;
	if (ret->json || strcmp(word, "text") == 0)
		return true;
	(void)fprintf(stderr, "pve-safe: --format: '%s' is neither text nor json\n",
		      word);
	return false;
}

/* Takes option @i with @value into @ret. 0 to go on; else *@ret_status is set. */
static int take(enum tool tool, enum ours i, const char *value,
		struct wrapper_options *ret, int *ret_status)
{
	*ret_status = EXIT_USAGE;
	switch (i) {
	case OURS_DRY_RUN:
		ret->dry_run = true;
		return 0;
	case OURS_FORMAT:
		return read_format(value, ret) ? 0 : -1;
	case OURS_OVERRIDE:
		ret->override = value;
		return 0;
	case OURS_HELP:
		print_help(tool, stdout);
		*ret_status = EXIT_FINE;
		return -1;
	case OURS_NONE:
		break;
	}
	return -1;
}

int wrapper_options_read(enum tool tool, int argc, char **argv,
			 struct wrapper_options *ret, int *ret_status)
{
	const char *value;
	int i = 1;

	*ret = (struct wrapper_options){ 0 };
	for (; i < argc; i++) {
		enum ours which = find(argv[i], &value);

		if (which == OURS_NONE)
			break;
		if (!value)
			value = names[which].has_value && ++i < argc ? argv[i] : "";
		if (names[which].has_value && !*value) {
			(void)fprintf(stderr, "pve-safe: %s needs a value\n",
				      names[which].name);
			*ret_status = EXIT_USAGE;
			return -1;
		}
		if (take(tool, which, value, ret, ret_status) < 0)
			return -1;
	}
	ret->first = i;
	return 0;
}
