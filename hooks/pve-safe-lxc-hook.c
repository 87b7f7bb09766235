/* SPDX-License-Identifier: MIT */
#include "run/hook.h"

int main(int argc, char **argv)
{
	return lxc_hook_main(argc, argv);
}
