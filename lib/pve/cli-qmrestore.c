/* SPDX-License-Identifier: MIT */
/*
 * cli-qmrestore - the options of qmrestore, a program with one command.
 * Source: PVE::CLI::qmrestore.
 */
#include "pve/cli.h"

static const struct cli_option restore[] = {
	{ "archive", CLI_TEXT, .flags = CLI_REQUIRED | CLI_FILE | CLI_VOLUME },
	{ "bwlimit", CLI_NUMBER, CLI_MIN(0) },
	{ "force", CLI_BOOL },
	{ "ha-managed", CLI_BOOL },
	{ "live-restore", CLI_BOOL },
	{ "pool", CLI_TEXT, .format = "pve-poolid" },
	{ "start", CLI_BOOL },
	{ "storage", CLI_TEXT, .format = "pve-storage-id" },
	{ "unique", CLI_BOOL },
	CLI_VMID_ROW,
};

static const struct cli_command commands[] = {
	{ "bashcomplete", CLI_HIDDEN },
	{ "help", CLI_HIDDEN },
	{ "qmrestore", CLI_JUDGED, .event = "restore",
	  .positionals = CLI_NAMES("archive", "vmid"), .own = CLI_ROWS(restore) },
	{ "verifyapi", CLI_HIDDEN },
};

const struct cli_tool cli_qmrestore = { "qmrestore", commands,
					sizeof(commands) / sizeof(commands[0]),
					.single = true, .dash_value = true };
