/* SPDX-License-Identifier: MIT */
/* Only rows. The words of an enum stand in the order of the C enum that they become. */
#include "settings/schema.h"

#include "base/cleanup.h"
#include "policy/expr.h"
#include "settings/template.h"

static const char *const kind_words[] = { "ct", "vm", "any", NULL };
static const char *const by_words[] = { "credential", "agent", NULL };
static const char *const form_words[] = { "auto", "plain", "bracket", "link", NULL };

static const struct conf_key module_keys[] = {
	{ "load", CONF_BOOL,
	  .doc = "yes: modprobe loads it before the start; no (the default): it must be "
		 "there" },
};

static const struct conf_key device_keys[] = {
	{ "mode", CONF_TEXT, .max = 8, .doc = "access mode in the container, 0660" },
	{ "uid", CONF_TEXT, .max = 64,
	  .doc = "owner in the container: a number, or a name of its /etc/passwd" },
	{ "gid", CONF_TEXT, .max = 64,
	  .doc = "group in the container: a number, or a name of its /etc/group" },
	{ "deny_write", CONF_BOOL, .doc = "whether the container may only read it" },
	{ "optional", CONF_BOOL,
	  .doc = "whether the guest is of use without it: then it is a warning" },
};

static const struct conf_key option_keys[] = {
	{ "value", CONF_TEXT, .required = true, .max = VALUE_MAX_BYTES,
	  .doc = "what create sets where nothing else is given, and a start looks for" },
};

static const struct conf_key sysctl_keys[] = {
	{ "value", CONF_TEXT, .required = true, .max = VALUE_MAX_BYTES,
	  .doc = "what the guest's kernel is set to" },
	{ "by", CONF_ENUM, .words = by_words,
	  .doc = "of VMs: credential (the default; before its services start, without "
		 "any "
		 "agent) or agent (once it runs)" },
};

static const struct conf_key host_keys[] = {
	{ "value", CONF_TEXT, .required = true, .max = VALUE_MAX_BYTES,
	  .doc = "what is written on the node, and undone at stop" },
	{ "kind", CONF_ENUM, .words = form_words,
	  .doc = "how it reads back: plain, bracket (all choices, one in brackets), "
		 "link; "
		 "auto (the default) sees for itself" },
};

const struct conf_section template_section_module = {
	.name = "module",
	.titled = true,
	.title_is_path = true,
	.keys = module_keys,
	.nkeys = ARRAY_LEN(module_keys),
};

const struct conf_section template_section_device = {
	.name = "device",
	.titled = true,
	.title_is_path = true,
	.keys = device_keys,
	.nkeys = ARRAY_LEN(device_keys),
};

const struct conf_section template_section_option = {
	.name = "option",
	.titled = true,
	.title_is_path = true,
	.keys = option_keys,
	.nkeys = ARRAY_LEN(option_keys),
};

const struct conf_section template_section_sysctl = {
	.name = "sysctl",
	.titled = true,
	.title_is_path = true,
	.keys = sysctl_keys,
	.nkeys = ARRAY_LEN(sysctl_keys),
};

const struct conf_section template_section_host = {
	.name = "host",
	.titled = true,
	.title_is_path = true,
	.keys = host_keys,
	.nkeys = ARRAY_LEN(host_keys),
};

static const struct conf_key settings_keys[] = {
	{ "match", CONF_TEXT, .max = EXPR_MAX_BYTES,
	  .doc = "the guests that it is for; without it a workload names it, or a person "
		 "applies it" },
	{ "kind", CONF_ENUM, .words = kind_words,
	  .doc = "ct, vm or any (the default): other guests it is never applied to" },
	{ "required", CONF_BOOL,
	  .doc = "whether a start that cannot have all of it is refused" },
	{ "doc", CONF_TEXT, .max = 200, .doc = "what it is for, in one line" },
};

static const struct conf_section *const settings_sections[] = {
	&template_section_module, &template_section_device, &template_section_option,
	&template_section_sysctl, &template_section_host,   NULL,
};

const struct conf_section template_section_settings = {
	.name = "settings",
	.titled = true,
	.keys = settings_keys,
	.nkeys = ARRAY_LEN(settings_keys),
	.sections = settings_sections,
};

static const struct conf_key file_keys[] = {
	{ "version", CONF_NUMBER, .min = 1, .max = TEMPLATE_VERSION,
	  .doc = "version of the syntax: 1" },
};

static const struct conf_section *const file_sections[] = { &template_section_settings,
							    NULL };

const struct conf_section template_file_schema = {
	.keys = file_keys,
	.nkeys = ARRAY_LEN(file_keys),
	.sections = file_sections,
};
