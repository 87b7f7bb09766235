/* SPDX-License-Identifier: MIT */
/*
 * template - what one kind of workload wants set: kernel settings in the guest and on the
 * node, devices, modules, options of the guest's own configuration.
 *
 *	settings "wireguard-ct" {
 *	    match  = "ct and tag ~ wireguard"
 *	    device "/dev/net/tun" { }
 *	    sysctl "net.ipv4.ip_forward" { value = "1" }
 *	}
 *
 * Read by base/conf; all that is wrong with a file is found in one go. What a template
 * comes to for a guest is in settings/plan.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/problems.h"
#include "base/slice.h"
#include "policy/expr.h"
#include "settings/value.h"

enum {
	TEMPLATE_VERSION = 1,
	TEMPLATE_MAX_SETTINGS = 256, /* in one template */
};

/* In the order in which they are applied. */
enum setting_kind {
	SETTING_MODULE,
	SETTING_DEVICE,
	SETTING_OPTION,
	SETTING_SYSCTL,
	SETTING_HOST,
	SETTING_KINDS
};

/* How a value on the node reads back. */
enum setting_form {
	FORM_AUTO,    /* as the file shows it */
	FORM_PLAIN,   /* the value itself */
	FORM_BRACKET, /* all choices, the one in force in brackets */
	FORM_LINK,    /* a property of a network interface */
};

/* How a device is given to a container, as devN has it; absent texts are {NULL, 0}. */
struct device_access {
	struct slice mode;     /* 0660 */
	struct slice uid, gid; /* a number, or a name of the container's own files */
	bool deny_write;
};

/* One thing that a template sets. */
struct setting {
	enum setting_kind kind;
	const struct value *target; /* sysctl key, path, device, module, option */
	const struct value *value;  /* NULL: a device or a module */
	bool load;                  /* module */
	struct device_access access;
	bool optional;          /* device: the guest is of use without it */
	bool by_agent;          /* sysctl of a VM: once it runs, by its guest agent */
	enum setting_form form; /* host */
	unsigned line, col;
};

/* For which guests a template is. */
enum template_kind { TEMPLATE_CT, TEMPLATE_VM, TEMPLATE_ANY };

struct template
{
	struct slice name;
	const struct expr *match; /* NULL: chosen by a workload or by hand alone */
	bool match_unknown;       /* it has one that cannot be read */
	bool required;            /* a start that cannot have it is refused */
	enum template_kind kind;
	struct slice doc; /* {NULL, 0} when not given */
	struct setting *settings;
	size_t nsettings;
	const char *file; /* where it stands; borrowed */
	unsigned line;
};

/* The rows by which base/conf reads a file of templates. */
extern const struct conf_section template_file_schema;

/*
 * Makes *@ret of @node, a section `settings` of the file @file; memory from @a, texts
 * borrow from the tree. 0, or -1 with all that is wrong in @problems.
 */
int template_read(const struct conf_node *node, const char *file, struct arena *a,
		  struct template *ret, struct problems *problems)
	__attribute__((nonnull, warn_unused_result));

/*
 * What to do where the setting @s of @t does not fit: "mend line 7 of FILE", of a shipped one
 * to write another of its name. Made in @a; NULL without memory.
 */
const char *template_mend(const struct template *t, const struct setting *s,
			  struct arena *a);

/* Whether @t is for guests of @kind. */
bool template_is_for(const struct template *t, enum guest_kind kind);

/* "module", "device", "option", "sysctl", "host". */
const char *setting_kind_name(enum setting_kind kind);

/* Appends @access as devN writes it, ",mode=0660,gid=104"; nothing for Proxmox's defaults. */
void device_access_render(const struct device_access *access, struct buf *out);
