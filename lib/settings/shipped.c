/* SPDX-License-Identifier: MIT */
/*
 * The settings templates that are compiled in. gen-shipped.sh makes templates.inc of
 * templates/settings.
 */
#include "base/cleanup.h"
#include "settings/store.h"

#include "templates.inc"

const struct template_shipped *template_shipped(size_t i)
{
	return i < ARRAY_LEN(shipped) ? &shipped[i] : NULL;
}
