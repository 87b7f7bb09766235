/* SPDX-License-Identifier: MIT */
/*
 * schema - what a file of settings templates may hold: the rows for base/conf. For
 * settings/template and the manual.
 */
#pragma once

#include "base/conf.h"

extern const struct conf_section template_section_module, template_section_device,
	template_section_option, template_section_sysctl, template_section_host;

/* One template. */
extern const struct conf_section template_section_settings;
