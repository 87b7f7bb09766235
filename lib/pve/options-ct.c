/* SPDX-License-Identifier: MIT */
/* options-ct - what a container's file may hold. Source: PVE::LXC::Config, $confdesc. */
#include "base/cleanup.h"
#include "pve/option-rows.h"
#include "pve/props-ct.h"

static const struct option rows[] = {
	{ OPTION("arch"), IS_ANY },
	{ OPTION("cmode"), IS_ANY },
	{ OPTION("console"), IS_BOOL },
	{ OPTION("cores"), IS_INTEGER },
	{ OPTION("cpulimit"), IS_NUMBER },
	{ OPTION("cpuunits"), IS_INTEGER },
	{ OPTION("debug"), IS_BOOL },
	{ OPTION("description"), IS_ANY },
	{ FAMILY("dev", 256), IS_PROPS(ct_dev) },
	{ OPTION("entrypoint"), IS_ANY },
	{ OPTION("env"), IS_ANY },
	{ OPTION("features"), IS_PROPS(ct_features) },
	{ OPTION("hookscript"), IS_TEXT(volume_id) },
	{ OPTION("hostname"), IS_TEXT(dns_name) },
	{ OPTION("lock"), IS_ANY },
	{ OPTION("memory"), IS_INTEGER },
	{ FAMILY("mp", 256), IS_PROPS(ct_mp) },
	{ OPTION("nameserver"), IS_TEXT(ll_addresses) },
	{ FAMILY("net", 32), IS_PROPS(ct_net) },
	{ OPTION("onboot"), IS_BOOL },
	{ OPTION("ostype"), IS_ANY },
	{ OPTION("parent"), IS_TEXT(configid) },
	{ OPTION("protection"), IS_BOOL },
	{ OPTION("rootfs"), IS_PROPS(ct_rootfs) },
	{ OPTION("searchdomain"), IS_TEXT(dns_names) },
	{ OPTION("snaptime"), IS_INTEGER },
	{ OPTION("startup"), IS_TEXT(startup_order) },
	{ OPTION("swap"), IS_INTEGER },
	{ OPTION("tags"), IS_TEXT(tags) },
	{ OPTION("template"), IS_BOOL },
	{ OPTION("timezone"), IS_ANY }, /* checked against the node's zones, but kept */
	{ OPTION("tty"), IS_INTEGER },
	{ OPTION("unprivileged"), IS_BOOL },
	{ FAMILY("unused", 256), IS_PROPS(ct_unused) },
};

const struct option_table options_ct = {
	rows,
	ARRAY_LEN(rows),
	{ 0,  1,  1,  6,  9,  11, 12, 12, 14, 14, 14, 14, 15, 17,
	  19, 21, 23, 23, 24, 28, 32, 34, 34, 34, 34, 34, 34 },
};
