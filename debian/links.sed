# SPDX-License-Identifier: MIT
# Links of pages as they are in the package, where they all lie in one directory. What only the
# sources have is named, not linked.
s#\[([^]]*)\]\((\.\./)?((lib|tests)/README|CONTRIBUTING|CHANGELOG)\.md\)#\1 (of the sources)#g
s#\]\((\.\./)?docs/(picture/)?#](#g
s#\]\(\.\./SECURITY\.md#](SECURITY.md#g
s#\]\((\.\./)?templates/examples/#](examples/#g
s#\]\((\.\./)?templates/#](/usr/share/pve-safe/#g
