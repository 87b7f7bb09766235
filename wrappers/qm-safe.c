/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "run/wrapper.h"

/* qm-safe, and qmrestore-safe by its name. */
int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;
	const char *base = name ? name + 1 : argc ? argv[0] : "";

	return wrapper_main(strncmp(base, "qmrestore", 9) == 0 ? TOOL_QMRESTORE : TOOL_QM,
			    argc, argv);
}
