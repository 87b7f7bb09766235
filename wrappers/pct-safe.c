/* SPDX-License-Identifier: MIT */
#include "run/wrapper.h"

int main(int argc, char **argv)
{
	return wrapper_main(TOOL_PCT, argc, argv);
}
