/* SPDX-License-Identifier: MIT */
/* An empty program linked to the libraries of the hook: the floor that it is held against. */
int main(void)
{
	return 0;
}
