/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/argv*.c: each rule of reading by name, and each known way round a
 * policy. A row is a command line and what must become of it: "command name=value …" in
 * Proxmox's spelling, sorted as first named, or the refusal with its stage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/argv.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_MALLOC
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAS_OWN_MALLOC
#endif

enum { MAX_WORDS = 16 };

/* Words of a command line as a NULL-terminated array. */
#define LINE(...)                 \
	{                         \
		__VA_ARGS__, NULL \
	}

/* As much of a word as a message shows; a byte less. */
#define LONG_LESS2 "0123456789012345678901234567890123456789012345678901234567"
#define LONG_LESS  LONG_LESS2 "8"
#define LONG       LONG_LESS "9"

static struct read_case {
	const char *name; /* what must hold, as a sentence */
	const char *argv[MAX_WORDS];
	const char *want;    /* "create vmid=101 memory=512"; extra words follow " -- " */
	const char *refused; /* or "stage: message" */
	enum err_code code;  /* of the refusal; ERR_NONE: ERR_USAGE */
	unsigned flags;
	const char *event; /* if not the command's name */
} cases[] = {
	/* commands */
	{ "a command may be abbreviated", LINE("pct", "cr", "101", "t"),
	  "create vmid=101 ostemplate=t" },
	{ "an ambiguous abbreviation is refused", LINE("pct", "sta", "101"), NULL,
	  "command: 'sta' could be start, status; write it out" },
	{ "case counts in commands", LINE("pct", "Start", "101"), NULL,
	  "command: 'Start' is no command of pct; did you mean 'start'?" },
	{ "an unknown command is refused with the nearest", LINE("pct", "crate", "101"),
	  NULL, "command: 'crate' is no command of pct; did you mean 'create'?" },
	{ "a command is needed", LINE("qmrestore"), NULL,
	  "options: archive is missing: qmrestore ARCHIVE VMID" },
	{ "an option is no command", LINE("pct", "--help"), NULL,
	  "command: '--help' is no command of pct; did you mean 'help'?" },
	{ "an alias is taken in full", LINE("pct", "move_volume", "101", "rootfs"),
	  "move-volume vmid=101 volume=rootfs" },
	{ "an alias is not abbreviated", LINE("pct", "move_", "101"), NULL,
	  "command: 'move_' is no command of pct" },
	{ "an alias hides behind no abbreviation", LINE("qm", "impor", "101"), NULL,
	  "command: 'impor' could be import, importovf; write it out" },
	{ "an alias may mean a command of a group",
	  LINE("qm", "importdisk", "100", "/x", "local"),
	  "disk import vmid=100 source=/x storage=local" },
	{ "both words of a group may be abbreviated",
	  LINE("qm", "di", "im", "100", "/x", "local"),
	  "disk import vmid=100 source=/x storage=local" },
	{ "a group needs its second word", LINE("qm", "disk"), NULL,
	  "command: qm disk needs a command: import, move, rescan, resize, unlink" },
	{ "a second word may be ambiguous", LINE("qm", "disk", "re", "100"), NULL,
	  "command: 're' could be rescan, resize; write it out" },
	{ "a second word may be unknown", LINE("qm", "disk", "mvoe", "100"), NULL,
	  "command: 'mvoe' is no command of qm disk; did you mean 'move'?" },
	{ "exec is not exec-status", LINE("qm", "guest", "exec", "100"),
	  "guest exec vmid=100 --" },
	{ "help is a command and may be abbreviated", LINE("pct", "he", "create"),
	  "help -- create" },
	{ "a hidden command's words are not read",
	  LINE("pct", "bashcomplete", "pct", "--x", ""), "bashcomplete" },
	{ "a hidden command is not abbreviated", LINE("pct", "verify"), NULL,
	  "command: 'verify' is no command of pct" },
	{ "an empty command is none", LINE("qm", "cloudinit", ""), NULL,
	  "command: qm cloudinit needs a command: dump, pending, update" },
	{ "qmrestore is a restore", LINE("qmrestore", "/b.vma", "100", "-force=1"),
	  "qmrestore archive=/b.vma vmid=100 force=1", .event = "restore" },
	{ "qmrestore help is not a restore", LINE("qmrestore", "help"), "help" },
	/* options */
	{ "an option may be abbreviated", LINE("pct", "set", "101", "--mem", "512"),
	  "set vmid=101 memory=512" },
	{ "one dash is as good as two", LINE("pct", "set", "101", "-mem", "512"),
	  "set vmid=101 memory=512" },
	{ "case does not count", LINE("pct", "set", "101", "--MEMory=512"),
	  "set vmid=101 memory=512" },
	{ "pct takes = after one dash", LINE("pct", "set", "101", "-mem=512"),
	  "set vmid=101 memory=512" },
	{ "qm does not take = after one dash", LINE("qm", "set", "101", "-mem=512"), NULL,
	  "options: '-mem=...': qm wants two dashes before '='; write --mem=..." },
	{ "qm takes the next word after one dash",
	  LINE("qm", "set", "101", "-mem", "512"), "set vmid=101 memory=512" },
	{ "an ambiguous abbreviation of an option is refused",
	  LINE("pct", "start", "101", "--s=1", "--=x"), NULL,
	  "options: '--' is no option of pct start", ERR_UNKNOWN },
	{ "the candidates are named", LINE("pct", "rollback", "101", "s1", "--s", "1"),
	  NULL, "options: '--s' could be --snapname, --start; write it out" },
	{ "the members of a family are candidates", LINE("pct", "set", "101", "--ne=x"),
	  NULL, "options: '--ne' could be --net0 to --net31; write it out" },
	{ "an exact member wins over longer ones",
	  LINE("pct", "set", "101", "--net1", "name=eth0"),
	  "set vmid=101 net1=name=eth0" },
	{ "a number past the family is refused", LINE("pct", "set", "101", "--net32=x"),
	  NULL, "options: '--net32': pct set has net0 to net31 only", ERR_UNKNOWN },
	{ "an unknown option is refused with the nearest",
	  LINE("pct", "set", "101", "--memroy=512"), NULL,
	  "options: '--memroy' is no option of pct set; did you mean --memory?",
	  ERR_UNKNOWN },
	{ "the value of an unknown option is not shown",
	  LINE("qm", "set", "101", "-cipasword=geheim"), NULL,
	  "options: '-cipasword' is no option of qm set; did you mean --cipassword?",
	  ERR_UNKNOWN },
	{ "no- is not known", LINE("pct", "set", "101", "--no-onboot"), NULL,
	  "options: '--no-onboot' is no option of pct set; write --onboot=0",
	  ERR_UNKNOWN },
	{ "a beginning after no- is not guessed at",
	  LINE("pct", "start", "101", "--node=x"), NULL,
	  "options: '--node' is no option of pct start", ERR_UNKNOWN },
	{ "'-' and a line break begin no option, of a newer Proxmox neither",
	  LINE("pct", "set", "--shiny", "101", "-\nbright"), NULL,
	  "options: '-?bright' is no option of pct set", ERR_UNKNOWN,
	  .flags = ARGV_NEWER },
	{ "three dashes are an unknown option", LINE("pct", "set", "101", "---memory=5"),
	  NULL, "options: '---memory' is no option of pct set; did you mean --memory?",
	  ERR_UNKNOWN },
	{ "a plus is no prefix", LINE("pct", "start", "101", "+debug"), NULL,
	  "options: '+debug' has no place in: pct start VMID" },
	{ "the first error is told", LINE("pct", "set", "101", "--one", "1", "--two=2"),
	  NULL, "options: '--one' is no option of pct set", ERR_UNKNOWN },
	/* values */
	{ "a text takes a word that looks like an option",
	  LINE("pct", "set", "101", "--description", "--memory"),
	  "set vmid=101 description=--memory" },
	{ "a text takes -- as its value",
	  LINE("pct", "set", "101", "--description", "--", "--onboot"),
	  "set vmid=101 description=-- onboot=1" },
	{ "a text may be empty as a word", LINE("pct", "set", "101", "--description", ""),
	  "set vmid=101 description=" },
	{ "a text must not be empty after =", LINE("pct", "set", "101", "--description="),
	  NULL,
	  "options: --description needs a value after it; for an empty one write \"\" as "
	  "the next word, without '='" },
	{ "a text must not be the last word", LINE("pct", "set", "101", "--memory"), NULL,
	  "options: --memory needs a value after it" },
	{ "a value keeps its later =", LINE("pct", "set", "101", "--rootfs=volume=l:1"),
	  "set vmid=101 rootfs=volume=l:1" },
	{ "a boolean alone is 1", LINE("pct", "set", "101", "--onboot"),
	  "set vmid=101 onboot=1" },
	{ "a boolean leaves an option alone",
	  LINE("pct", "set", "101", "--onboot", "--memory", "512"),
	  "set vmid=101 onboot=1 memory=512" },
	{ "a boolean leaves -- alone", LINE("pct", "set", "--onboot", "--", "101"),
	  "set onboot=1 vmid=101" },
	{ "a boolean takes the VMID if it stands next",
	  LINE("pct", "set", "--onboot", "101"), NULL,
	  "options: vmid is missing: pct set VMID (--onboot took the word after it as "
	  "its "
	  "value; write --onboot=1)" },
	{ "a password takes the word that stands next",
	  LINE("pct", "create", "101", "--password", "t"), NULL,
	  "options: ostemplate is missing: pct create VMID OSTEMPLATE (--password took "
	  "the word after it as its value; to be asked for it, put --password last)" },
	{ "a boolean must be one", LINE("pct", "set", "101", "--onboot", "maybe"), NULL,
	  "options: --onboot: 'maybe' is neither 1 nor 0; if it stands for itself, write "
	  "--onboot=1" },
	{ "a boolean after = must be one", LINE("pct", "set", "101", "--onboot=2"), NULL,
	  "options: --onboot: '2' is neither 1 nor 0" },
	{ "a positional boolean must be one", LINE("qm", "cleanup", "101", "x", "0"),
	  NULL, "options: clean-shutdown: 'x' is neither 1 nor 0" },
	{ "a boolean may be empty", LINE("pct", "set", "101", "--onboot="),
	  "set vmid=101 onboot=1" },
	{ "a boolean may be an empty word", LINE("pct", "set", "101", "--onboot", ""),
	  "set vmid=101 onboot=1" },
	{ "a boolean takes a dash, which is none",
	  LINE("pct", "set", "101", "--onboot", "-"), NULL,
	  "options: --onboot: '-' is neither 1 nor 0; if it stands for itself, write "
	  "--onboot=1" },
	{ "yes, on and true are 1 in any case",
	  LINE("qm", "set", "101", "--acpi=YES", "--kvm=On", "--tdf=tRue"),
	  "set vmid=101 acpi=1 kvm=1 tdf=1" },
	{ "no, off and false are 0 in any case",
	  LINE("qm", "set", "101", "--acpi=NO", "--kvm=oFf", "--tdf=False"),
	  "set vmid=101 acpi=0 kvm=0 tdf=0" },
	{ "a boolean may end in a line break",
	  LINE("pct", "set", "101", "--onboot=off\n"), "set vmid=101 onboot=0" },
	{ "the last of a repeated option wins",
	  LINE("pct", "set", "101", "--memory=512", "-memory", "1024"),
	  "set vmid=101 memory=1024" },
	{ "repeated lists are joined with commas",
	  LINE("pct", "set", "101", "--delete", "a", "--del=b,c", "--DELETE", ""),
	  "set vmid=101 delete=a,b,c," },
	{ "numa and numa0 are two options",
	  LINE("qm", "set", "101", "--numa=1", "--numa0", "cpus=0"),
	  "set vmid=101 numa=1 numa0=cpus=0" },
	{ "a plus before a number passes", LINE("pct", "set", "101", "--memory=+512"),
	  "set vmid=101 memory=+512" },
	/* positionals and -- */
	{ "options may stand anywhere",
	  LINE("pct", "create", "--unique", "--", "101", "t"),
	  "create unique=1 vmid=101 ostemplate=t" },
	{ "a dash is a positional", LINE("pct", "restore", "101", "-"),
	  "restore vmid=101 ostemplate=- restore=1" },
	{ "after -- nothing is an option", LINE("pct", "snapshot", "101", "--", "--x"),
	  "snapshot vmid=101 snapname=--x" },
	{ "one positional too many", LINE("pct", "start", "101", "102"), NULL,
	  "options: '102' has no place in: pct start VMID" },
	{ "one too few", LINE("pct", "create", "101"), NULL,
	  "options: ostemplate is missing: pct create VMID OSTEMPLATE" },
	{ "an option does not stand in for a positional",
	  LINE("pct", "start", "--vmid=101"), NULL,
	  "options: vmid is missing: pct start VMID" },
	{ "a positional may be optional",
	  LINE("pct", "move-volume", "101", "rootfs", "local"),
	  "move-volume vmid=101 volume=rootfs storage=local" },
	{ "an optional positional may be an option",
	  LINE("pct", "move-volume", "101", "rootfs", "--target-vmid=102"),
	  "move-volume target-vmid=102 vmid=101 volume=rootfs" },
	{ "a positional may be a boolean", LINE("qm", "cleanup", "101", "", "off"),
	  "cleanup vmid=101 clean-shutdown=1 guest-requested=0" },
	{ "the rest is the guest's command",
	  LINE("pct", "exec", "101", "--", "ls", "-l", "--", ""),
	  "exec vmid=101 -- ls -l -- " },
	{ "an option of the guest's command needs --",
	  LINE("pct", "exec", "101", "ls", "-l"), NULL,
	  "options: '-l' is no option of pct exec; put -- before the command that is to "
	  "run in the guest",
	  ERR_UNKNOWN },
	{ "an option of exec may follow the guest's command",
	  LINE("pct", "exec", "101", "ls", "--keep-env"),
	  "exec vmid=101 keep-env=1 -- ls" },
	{ "extra-args is no option", LINE("pct", "exec", "101", "--extra-args", "ls"),
	  NULL, "options: --extra-args is no option to be typed" },
	/* what Proxmox asks for */
	{ "a password may be left out", LINE("pct", "create", "101", "t", "--password"),
	  "create password? vmid=101 ostemplate=t" },
	{ "a password leaves an option alone",
	  LINE("qm", "set", "101", "--cipass", "--onboot"),
	  "set cipassword? onboot=1 vmid=101" },
	{ "a password takes the next word",
	  LINE("qm", "set", "101", "--cipassword", "geheim"),
	  "set vmid=101 cipassword=geheim" },
	{ "an empty password is asked for", LINE("qm", "set", "101", "--cipassword="),
	  "set vmid=101 cipassword?" },
	{ "0 is no password to Perl", LINE("qm", "set", "101", "--cipassword", "0"),
	  "set vmid=101 cipassword?" },
	{ "qm import asks for none", LINE("qm", "import", "101", "x", "--cipassword"),
	  NULL, "options: --cipassword needs a value after it" },
	{ "guest passwd asks without being told",
	  LINE("qm", "guest", "passwd", "101", "root"),
	  "guest passwd vmid=101 username=root password?" },
	/* validation */
	{ "a VMID has three to nine digits", LINE("pct", "start", "99"), NULL,
	  "validate: vmid: '99' is no VMID; it must be a number from 100 to 999999999" },
	{ "a VMID has no sign", LINE("pct", "start", "+101"), NULL,
	  "validate: vmid: '+101' is no VMID; it must be a number from 100 to "
	  "999999999" },
	{ "a VMID has no blank", LINE("pct", "start", " 101"), NULL,
	  "validate: vmid: ' 101' is no VMID; it must be a number from 100 to "
	  "999999999" },
	{ "an integer has no blank", LINE("pct", "set", "101", "--memory", " 512"), NULL,
	  "validate: --memory: ' 512' is no whole number" },
	{ "an integer is decimal", LINE("pct", "set", "101", "--memory", "0x200"), NULL,
	  "validate: --memory: '0x200' is no whole number" },
	{ "an integer has no fraction", LINE("pct", "set", "101", "--memory", "512.5"),
	  NULL, "validate: --memory: '512.5' is no whole number" },
	{ "an integer is not empty", LINE("pct", "set", "101", "--memory", ""), NULL,
	  "validate: --memory: '' is no whole number" },
	{ "a number may have fraction and exponent",
	  LINE("pct", "set", "101", "--cpulimit", "1.5e1"),
	  "set vmid=101 cpulimit=1.5e1" },
	{ "a number may begin or end with its point",
	  LINE("qm", "set", "101", "--cpulimit", ".5", "--migrate_downtime", "+1."),
	  "set vmid=101 cpulimit=.5 migrate_downtime=+1." },
	{ "a number needs digits", LINE("pct", "set", "101", "--cpulimit", "."), NULL,
	  "validate: --cpulimit: '.' is no decimal number" },
	{ "an exponent needs digits", LINE("pct", "set", "101", "--cpulimit", "1e"), NULL,
	  "validate: --cpulimit: '1e' is no decimal number" },
	{ "a least value is kept", LINE("pct", "set", "101", "--memory", "15"), NULL,
	  "validate: --memory: 15 is under the least, 16", ERR_UNKNOWN },
	{ "a most value is kept", LINE("pct", "set", "101", "--cores", "8193"), NULL,
	  "validate: --cores: 8193 is over the most, 8192", ERR_UNKNOWN },
	{ "a bounded number has no endless digits",
	  LINE("pct", "set", "101", "--memory",
	       "0000000000000000000000000000000000000000000000000000000000000000512"),
	  NULL,
	  "validate: --memory: "
	  "'000000000000000000000000000000000000000000000000000000000000…' has too many "
	  "digits" },
	{ "a word of a list is kept to", LINE("qm", "set", "101", "--bios", "efi"), NULL,
	  "validate: --bios: 'efi' is none of seabios, ovmf", ERR_UNKNOWN },
	{ "a required option is missing", LINE("qm", "disk", "unlink", "101"), NULL,
	  "validate: qm disk unlink needs --idlist" },
	{ "a line break is refused where it would add a line",
	  LINE("pct", "set", "101", "--env", "A=b\nlxc.idmap: u 0 0 65536"), NULL,
	  "validate: --env: the value holds a line break" },
	{ "a carriage return is a line break",
	  LINE("pct", "set", "101", "--hostname", "web\r"), NULL,
	  "validate: --hostname: the value holds a line break" },
	{ "a description may hold line breaks",
	  LINE("pct", "set", "101", "--description", "a\nb"),
	  "set vmid=101 description=a\nb" },
	{ "a file's name may hold line breaks where nothing is judged",
	  LINE("pct", "push", "101", "/a\nb", "/c"),
	  "push vmid=101 file=/a\nb destination=/c" },
	{ "a value must be UTF-8", LINE("pct", "set", "101", "--description", "a\xff"),
	  NULL, "validate: --description: the value is not UTF-8" },
	{ "a word for the guest need not be UTF-8",
	  LINE("pct", "exec", "101", "--", "echo", "\xff"),
	  "exec vmid=101 -- echo \xff" },
	{ "an overridden value is not looked at",
	  LINE("pct", "start", "101", "--vmid", "a\xff\n"), "start vmid=101" },
	/* ways round a policy */
	{ "bypass: --unpriv 0 is unprivileged",
	  LINE("pct", "create", "101", "t", "--unpriv", "0"),
	  "create vmid=101 ostemplate=t unprivileged=0" },
	{ "bypass: -UNPRIVILEGED=0 is unprivileged",
	  LINE("pct", "create", "101", "t", "-UNPRIVILEGED=0"),
	  "create vmid=101 ostemplate=t unprivileged=0" },
	{ "bypass: --unprivileged no is 0",
	  LINE("pct", "create", "101", "t", "--unprivileged", "no"),
	  "create vmid=101 ostemplate=t unprivileged=0" },
	{ "bypass: pct cr is create", LINE("pct", "cr", "101", "t", "--unprivileged=0"),
	  "create vmid=101 ostemplate=t unprivileged=0" },
	{ "bypass: a value that begins with -- hides nothing",
	  LINE("pct", "create", "101", "t", "--description", "--unprivileged",
	       "--unpri=0"),
	  "create vmid=101 ostemplate=t description=--unprivileged unprivileged=0" },
	{ "bypass: the later --unprivileged 0 counts",
	  LINE("pct", "create", "101", "t", "--unprivileged", "1", "--unprivileged", "0"),
	  "create vmid=101 ostemplate=t unprivileged=0" },
	{ "bypass: --feat nesting=on is features",
	  LINE("pct", "create", "101", "t", "--feat", "nesting=on"),
	  "create vmid=101 ostemplate=t features=nesting=on" },
	{ "bypass: --restore 1 makes a restore of create",
	  LINE("pct", "create", "101", "b.tar", "--rest", "1"),
	  "create vmid=101 ostemplate=b.tar restore=1", .event = "restore" },
	{ "bypass: a bare --restore makes a restore of create",
	  LINE("pct", "create", "101", "b.tar", "--restore"),
	  "create vmid=101 ostemplate=b.tar restore=1", .event = "restore" },
	{ "bypass: --restore 0 leaves it a create",
	  LINE("pct", "create", "101", "t", "--restore", "0"),
	  "create vmid=101 ostemplate=t restore=0", .event = "create" },
	{ "bypass: an archive makes a restore of qm create",
	  LINE("qm", "create", "101", "--arch", "x86_64", "--archive", "/b.vma"),
	  "create vmid=101 arch=x86_64 archive=/b.vma", .event = "restore" },
	{ "bypass: an archive that Perl takes as false makes none",
	  LINE("qm", "create", "101", "--archive", "0"), "create vmid=101 archive=0",
	  .event = "create" },
	{ "bypass: --vmid does not name the guest",
	  LINE("pct", "set", "101", "--vmid", "102", "--memory=512"),
	  "set vmid=101 memory=512" },
	{ "bypass: an option after -- is none",
	  LINE("pct", "create", "101", "--", "t", "--unprivileged=1"), NULL,
	  "options: '--unprivileged=1' has no place in: pct create VMID OSTEMPLATE" },
	{ "bypass: a boolean that eats the next option's value",
	  LINE("pct", "create", "101", "t", "--onboot", "--unprivileged", "0"),
	  "create vmid=101 ostemplate=t onboot=1 unprivileged=0" },
	/* a newer Proxmox */
	{ "an option of a newer Proxmox passes if it may",
	  LINE("pct", "set", "101", "--shiny=1", "--memory=512"),
	  "set vmid=101 memory=512", .flags = ARGV_NEWER },
	{ "its value is taken if that leaves a command line",
	  LINE("pct", "set", "--shiny", "yes", "101"), "set vmid=101",
	  .flags = ARGV_NEWER },
	{ "its value is left if only that leaves a command line",
	  LINE("pct", "set", "--shiny", "101"), "set vmid=101", .flags = ARGV_NEWER },
	{ "it leaves an option alone", LINE("pct", "set", "101", "--shiny", "--onboot"),
	  "set vmid=101 onboot=1", .flags = ARGV_NEWER },
	{ "a word of a newer Proxmox passes if it may",
	  LINE("qm", "set", "101", "--ostype", "win12"), "set vmid=101 ostype=win12",
	  .flags = ARGV_NEWER },
	{ "a bound of a newer Proxmox passes if it may",
	  LINE("pct", "set", "101", "--cores=9000"), "set vmid=101 cores=9000",
	  .flags = ARGV_NEWER },
	{ "what is no number passes never", LINE("pct", "set", "101", "--cores=x"), NULL,
	  "validate: --cores: 'x' is no whole number", .flags = ARGV_NEWER },
	{ "an ambiguous option passes never", LINE("pct", "set", "101", "--ne=x"), NULL,
	  "options: '--ne' could be --net0 to --net31; write it out",
	  .flags = ARGV_NEWER },
	/* long words are shown in part, whole characters of them */
	{ "a long command", LINE("pct", LONG "x"), NULL,
	  "command: '" LONG "…' is no command of pct" },
	{ "a long word of a group", LINE("qm", "disk", LONG "x"), NULL,
	  "command: '" LONG "…' is no command of qm disk" },
	{ "a long word that ends within a character", LINE("pct", LONG_LESS "\xc3\xa4"),
	  NULL, "command: '" LONG_LESS "…' is no command of pct" },
	{ "a long option", LINE("pct", "set", "101", "--" LONG), NULL,
	  "options: '--" LONG_LESS2 "…' is no option of pct set", ERR_UNKNOWN },
	{ "a long word too many", LINE("pct", "start", "101", LONG "x"), NULL,
	  "options: '" LONG "…' has no place in: pct start VMID" },
	{ "a long boolean", LINE("pct", "set", "101", "--onboot=" LONG "x"), NULL,
	  "options: --onboot: '" LONG "…' is neither 1 nor 0" },
	{ "a long number", LINE("pct", "set", "101", "--memory=" LONG "x"), NULL,
	  "validate: --memory: '" LONG "…' is no whole number" },
	{ "a long VMID", LINE("pct", "start", LONG "x"), NULL,
	  "validate: vmid: '" LONG
	  "…' is no VMID; it must be a number from 100 to 999999999" },
	{ "a word that is long and none of a list",
	  LINE("qm", "set", "101", "--lock=" LONG "x"), NULL,
	  "validate: --lock: '" LONG
	  "…' is none of backup, clone, create, migrate, rollback, snapshot, "
	  "snapshot-delete, suspending, suspended",
	  ERR_UNKNOWN },

	/* numbers, as Proxmox reads them */
	{ "a decimal number with a sign", LINE("pct", "set", "101", "--cpulimit=+1.5"),
	  "set cpulimit=+1.5 vmid=101" },
	{ "one with an exponent", LINE("pct", "set", "101", "--cpulimit=1e1"),
	  "set cpulimit=1e1 vmid=101" },
	{ "one in capitals", LINE("pct", "set", "101", "--cpulimit=1E+1"),
	  "set cpulimit=1E+1 vmid=101" },
	{ "no number with something behind it",
	  LINE("pct", "set", "101", "--cpulimit=1x1"), NULL,
	  "validate: --cpulimit: '1x1' is no decimal number" },
	{ "a VMID has no sign", LINE("pct", "start", "+101"), NULL,
	  "validate: vmid: '+101' is no VMID; it must be a number from 100 to "
	  "999999999" },
	{ "nor a minus", LINE("pct", "start", "--", "-101"), NULL,
	  "validate: vmid: '-101' is no VMID; it must be a number from 100 to "
	  "999999999" },
	{ "nor a zero in front", LINE("pct", "start", "0101"), NULL,
	  "validate: vmid: '0101' is no VMID; it must be a number from 100 to "
	  "999999999" },

	{ "the tool of one command has no word for it",
	  LINE("qmrestore", "qmrestore", "101"), "qmrestore archive=qmrestore vmid=101",
	  .event = "restore" },
	{ "no boolean is turned off by no alone", LINE("pct", "start", "101", "--no"),
	  NULL, "options: '--no' is no option of pct start", ERR_UNKNOWN },
	{ "a word too many beside a password is not shown",
	  LINE("qm", "guest", "passwd", "101", "root", "geheim"), NULL,
	  "options: a word too many: qm guest passwd VMID USERNAME; a password is "
	  "--password's, or asked for" },
	{ "a dash and a line's end are a value",
	  LINE("pct", "set", "101", "--onboot", "-\n"), NULL,
	  "options: --onboot: '-?' is neither 1 nor 0; if it stands for itself, write "
	  "--onboot=1" },
};

/* Reads words whose first is the tool's name. */
static int read_line(const char *const *line, unsigned flags, struct arena *a,
		     struct argv_command *ret, struct err *e)
{
	int n = 1;

	while (line[n])
		n++;
	return argv_read((enum tool)cli_tool_find(line[0]), n - 1, line + 1, flags, a,
			 ret, e);
}

/* Appends one parameter as the rows have it. */
static void add_param(struct buf *out, const struct argv_param *p)
{
	buf_printf(out, " %s", p->name);
	if (p->asks) {
		buf_putc(out, '?');
		return;
	}
	buf_putc(out, '=');
	buf_slice(out, p->value);
}

/* Holds the parameters against "command a=1 b=2 -- extra", in any order. */
static void same_line(const struct argv_command *c, const char *want)
{
	AUTO(buf_done) struct buf all = { 0 };

	assert_memory_equal(c->command->name, want, strlen(c->command->name));
	buf_puts(&all, c->command->name);
	for (size_t i = 0; i < c->nparams; i++) {
		AUTO(buf_done) struct buf one = { 0 };

		add_param(&one, &c->params[i]);
		if (!strstr(want, buf_text(&one)))
			fail_msg("'%s' lacks '%s'", want, buf_text(&one));
		buf_slice(&all, buf_as_slice(&one));
	}
	if (c->asks && !argv_find(c, c->asks))
		buf_printf(&all, " %s?", c->asks);
	if (c->extra)
		buf_puts(&all, " --");
	for (size_t i = 0; i < c->nextra; i++)
		buf_printf(&all, " %s", c->extra[i]);
	assert_int_equal(all.len, strlen(want));
}

/* The canonical form must mean the same. */
static void same_again(const struct argv_command *c, const char *want, struct arena *a)
{
	struct argv_command again;
	struct argv_words words;
	struct err e;

	assert_int_equal(argv_canonical(c, "tool", a, &words, &e), 0);
	if (argv_read(c->tool, (int)words.n - 1, words.words + 1, 0, a, &again, &e))
		fail_msg("canonical form: %s", e.msg);
	same_line(&again, want);
}

static void check_case(void **state)
{
	const struct read_case *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	char message[sizeof(((struct err *)0)->msg) + 16];
	struct argv_command c;
	struct err e = { 0 };
	int ret = read_line(t->argv, t->flags, &a, &c, &e);

	if (t->refused) {
		assert_int_equal(ret, -1);
		(void)snprintf(message, sizeof(message), "%s: %s",
			       argv_stage_name(c.stage), e.msg);
		assert_string_equal(message, t->refused);
		assert_int_equal(e.code, t->code ? t->code : ERR_USAGE);
		return;
	}
	if (ret)
		fail_msg("%s: %s", argv_stage_name(c.stage), e.msg);
	same_line(&c, t->want);
	assert_string_equal(argv_event(&c), t->event ? t->event : c.command->name);
	if (!t->flags)
		same_again(&c, t->want, &a);
}

static struct write_case {
	const char *name;
	const char *argv[MAX_WORDS];
	const char *want;   /* canonical words joined by '|' */
	const char *masked; /* the same for a record, if it differs */
	const char *typed;  /* what was typed, for a record */
} writes[] = {
	{ "options follow the positionals, in full",
	  LINE("pct", "cr", "-unpriv", "--mem", "512", "--", "101", "t"),
	  "/sbin/t|create|101|t|--unprivileged=1|--memory=512" },
	{ "a command of a group is two words",
	  LINE("qm", "importdisk", "100", "/x", "local", "--form", "raw"),
	  "/sbin/t|disk|import|100|/x|local|--format=raw" },
	{ "a tool with one command has no word for it", LINE("qmrestore", "-", "100"),
	  "/sbin/t|-|100" },
	{ "a value that begins with a dash is safe behind =",
	  LINE("pct", "set", "101", "--description", "--unprivileged"),
	  "/sbin/t|set|101|--description=--unprivileged" },
	{ "an empty text is a word of its own",
	  LINE("pct", "set", "101", "--description", "", "--onboot"),
	  "/sbin/t|set|101|--description||--onboot=1" },
	{ "a positional that looks like an option stands after --",
	  LINE("pct", "snapshot", "--desc", "x", "--", "101", "-s"),
	  "/sbin/t|snapshot|--description=x|--|101|-s" },
	{ "the guest's command stands after --",
	  LINE("pct", "exec", "101", "ls", "--keep-env", "no"),
	  "/sbin/t|exec|101|--keep-env=0|--|ls" },
	{ "what is asked for stays asked for",
	  LINE("pct", "create", "101", "t", "--password", "--onboot"),
	  "/sbin/t|create|101|t|--password=|--onboot=1" },
	{ "an overridden option is gone", LINE("pct", "start", "101", "--vmid", "102"),
	  "/sbin/t|start|101" },
	{ "what restore sets itself is not written",
	  LINE("pct", "restore", "101", "b.tar"), "/sbin/t|restore|101|b.tar" },
	{ "a list is one option", LINE("pct", "set", "101", "--del=a", "--delete", "b"),
	  "/sbin/t|set|101|--delete=a,b" },
	{ "a password is not shown",
	  LINE("pct", "create", "101", "t", "--pass", "a b", "--password=geheim"),
	  "/sbin/t|create|101|t|--password=geheim", "/sbin/t|create|101|t|--password=***",
	  "create|101|t|--pass|***|--password=***" },
	{ "a password that imports is not shown",
	  LINE("qm", "import", "101", "x", "--storage=l", "--cipassword", "geheim"),
	  "/sbin/t|import|101|x|--storage=l|--cipassword=geheim",
	  "/sbin/t|import|101|x|--storage=l|--cipassword=***",
	  "import|101|x|--storage=l|--cipassword|***" },
	{ "the environment of a container is not shown",
	  LINE("pct", "set", "101", "--env", "KEY=geheim"),
	  "/sbin/t|set|101|--env=KEY=geheim", "/sbin/t|set|101|--env=***",
	  "set|101|--env|***" },
	{ "a token inside a property string is not shown",
	  LINE("qm", "remote-migrate", "101", "102",
	       "host=b,apitoken=PVEAPIToken=r@pam!t=geheim,fingerprint=x",
	       "--target-bridge=1", "--target-storage=1"),
	  "/sbin/t|remote-migrate|101|102|host=b,apitoken=PVEAPIToken=r@pam!t=geheim,"
	  "fingerprint=x|--target-bridge=1|--target-storage=1",
	  "/sbin/t|remote-migrate|101|102|host=b,apitoken=***,fingerprint=x|"
	  "--target-bridge=1|--target-storage=1",
	  "remote-migrate|101|102|host=b,apitoken=***,fingerprint=x|--target-bridge=1|"
	  "--target-storage=1" },
	{ "two secrets in one value are not shown",
	  LINE("qm", "set", "101", "--args",
	       "-spice password=a -object secret,password=b"),
	  "/sbin/t|set|101|--args=-spice password=a -object secret,password=b",
	  "/sbin/t|set|101|--args=-spice password=*** -object secret,password=***",
	  "set|101|--args|-spice password=*** -object secret,password=***" },
};

/* Whether @words joined by '|' are @want. */
static void same_words(const char *const *words, const char *want)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (size_t i = 0; words[i]; i++)
		buf_printf(&text, "%s%s", i ? "|" : "", words[i]);
	assert_string_equal(buf_text(&text), want);
}

static void check_write(void **state)
{
	const struct write_case *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct argv_words words;
	struct err e;

	assert_int_equal(read_line(t->argv, 0, &a, &c, &e), 0);
	assert_int_equal(argv_canonical(&c, "/sbin/t", &a, &words, &e), 0);
	same_words(words.words, t->want);
	same_words(argv_masked(&words, &a), t->masked ? t->masked : t->want);
	if (t->typed)
		same_words(argv_masked(&c.typed, &a), t->typed);
}

static struct mask_case {
	const char *name;
	const char *argv[MAX_WORDS];
	const char *want;
} masks[] = {
	{ "what follows a mistyped option is not shown",
	  LINE("pct", "create", "101", "t", "--passwrd", "geheim"),
	  "create|101|t|--passwrd|***" },
	{ "what a mistyped option holds is not shown",
	  LINE("qm", "set", "101", "-cipasswd=geheim"), "set|101|-cipasswd=***" },
	{ "a secret behind the error is not shown",
	  LINE("pct", "create", "101", "t", "--x=1", "--password", "geheim"),
	  "create|101|t|--x=***|--password|***" },
	{ "without a command no value is shown",
	  LINE("pct", "crate", "101", "--password", "geheim", "--a=b", "--", "c"),
	  "crate|101|--password|***|--a=***|--|c" },
	{ "an ambiguous option's value is not shown",
	  LINE("qm", "set", "101", "--c", "geheim"), "set|101|--c|***" },
};

static void check_mask(void **state)
{
	const struct mask_case *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct err e;

	assert_int_equal(read_line(t->argv, 0, &a, &c, &e), -1);
	assert_null(strstr(e.msg, "geheim"));
	same_words(argv_masked(&c.typed, &a), t->want);
}

/* Values of the longest length pass, longer ones are refused by name. */
static void check_long_values(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	static char value[131072];
	const char *line[] = { "pct", "set", "101", "--description", value, NULL };
	struct argv_words words;
	struct argv_command c;
	struct err e;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	assert_int_equal(read_line(line, 0, &a, &c, &e), -1);
	assert_string_equal(e.msg,
			    "--description: the value is 131071 bytes long; at most "
			    "65536 are read");
	value[ARGV_VALUE_MAX] = '\0';
	assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
	assert_int_equal(argv_value(&c, "description").len, ARGV_VALUE_MAX);
	assert_int_equal(argv_canonical(&c, "pct", &a, &words, &e), 0);
	assert_int_equal(argv_read(TOOL_PCT, 3, words.words + 1, 0, &a, &c, &e), 0);
	assert_int_equal(argv_value(&c, "description").len, ARGV_VALUE_MAX);
}

/* A thousand repeats of a list are joined; a joined list may be too long as well. */
static void check_many(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	const char *line[1002] = { "set", "101" };
	static char value[200];
	struct argv_command c;
	struct err e;

	(void)state;
	for (size_t i = 2; i < ARRAY_LEN(line); i++)
		line[i] = "--delete=mp0";
	assert_int_equal(argv_read(TOOL_PCT, ARRAY_LEN(line), line, 0, &a, &c, &e), 0);
	assert_int_equal(argv_value(&c, "delete").len, 1000 * 4 - 1);
	assert_int_equal(c.nparams, 2);
	memset(value, 'x', sizeof(value) - 1);
	memcpy(value, "--delete=", 9);
	for (size_t i = 2; i < ARRAY_LEN(line); i++)
		line[i] = value;
	assert_int_equal(argv_read(TOOL_PCT, ARRAY_LEN(line), line, 0, &a, &c, &e), -1);
	assert_string_equal(e.msg,
			    "--delete: the value is 190999 bytes long; at most 65536 "
			    "are read");
	for (size_t i = 2; i < ARRAY_LEN(line); i++)
		line[i] = "";
	assert_int_equal(argv_read(TOOL_PCT, ARRAY_LEN(line), line, 0, &a, &c, &e), -1);
	assert_string_equal(e.msg, "'' has no place in: pct set VMID");
}

/* Nothing typed is an error that names the commands. */
static void check_nothing(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct err e;

	(void)state;
	assert_int_equal(argv_read(TOOL_PCT, 0, NULL, 0, &a, &c, &e), -1);
	assert_int_equal(c.stage, ARGV_STAGE_COMMAND);
	assert_non_null(strstr(e.msg, "pct needs a command: clone, config, "));
}

/* Which options were named, and where. */
static void check_named(void **state)
{
	const char *line[] = { "pct",  "set", "101",       "--vmid=102",
			       "-mem", "5",   "--mem=512", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct err e;

	(void)state;
	assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
	assert_true(argv_find(&c, "vmid")->named);
	assert_int_equal(argv_find(&c, "vmid")->source, ARGV_POSITIONAL);
	assert_int_equal(argv_find(&c, "vmid")->word, 1);
	assert_int_equal(argv_find(&c, "memory")->word, 5);
	assert_int_equal(argv_vmid(&c), 101);
	assert_null(argv_find(&c, "swap"));
	assert_null(argv_value(&c, "swap").ptr);
}

/* What makes the guest run although the command is not start. */
static void check_starts(void **state)
{
	const char *line[] = { "qm", "create", "101", "--start", NULL };
	const char *const starts[] = { "--sta=1", "--ha-managed", "--live-restore=yes" };
	const char *const none[] = { "--start=0", "--onboot", "--ha-managed=off" };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		line[3] = starts[i];
		if (i == 0)
			line[3] = "--start=1";
		assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
		assert_true(argv_starts(&c));
		line[3] = none[i];
		assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
		assert_false(argv_starts(&c));
	}
}

/* Options that a caller adds are checked and written like typed ones. */
static void check_set(void **state)
{
	const char *line[] = { "pct", "create", "101", "t", "--unpriv=0", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct argv_words words;
	struct err e;

	(void)state;
	assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
	assert_int_equal(argv_set(&c, &a, "unprivileged", slice_of("yes"), &e), 0);
	assert_int_equal(argv_set(&c, &a, "dev3", slice_of("/dev/net/tun"), &e), 0);
	assert_int_equal(argv_set(&c, &a, "dev3", slice_of("/dev/kvm"), &e), 0);
	assert_int_equal(argv_set(&c, &a, "dev4", slice_of("/dev/fuse"), &e), 0);
	assert_int_equal(argv_set(&c, &a, "memory", slice_of("8"), &e), -1);
	assert_int_equal(argv_set(&c, &a, "onboot", slice_of("8"), &e), -1);
	assert_int_equal(argv_set(&c, &a, "mem", slice_of("512"), &e), -1);
	assert_string_equal(e.msg, "pct create has no option --mem");
	assert_int_equal(argv_set(&c, &a, "dev", slice_of("x"), &e), -1);
	assert_int_equal(argv_canonical(&c, "pct", &a, &words, &e), 0);
	same_words(words.words, "pct|create|101|t|--unprivileged=1|--dev3=/dev/kvm|"
				"--dev4=/dev/fuse");
	assert_false(argv_find(&c, "dev3")->named);
}

/* What somebody named stays named when its value is replaced. */
static void check_set_keeps_named(void **state)
{
	const char *line[] = { "qm", "create", "101", "--args", "-snapshot", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct err e;

	(void)state;
	assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
	assert_int_equal(argv_set(&c, &a, "args", slice_of("-snapshot -S"), &e), 0);
	assert_true(argv_find(&c, "args")->named);
	assert_int_equal(argv_set(&c, &a, "numa", slice_of("1"), &e), 0);
	assert_false(argv_find(&c, "numa")->named);
}

/* What is not judged runs as it was typed, and its secrets are not shown. */
static void check_as_typed(void **state)
{
	const char *line[] = { "qm",   "gu",     "passwd", "101",
			       "root", "--pass", "geheim", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct argv_words words;
	struct err e;

	(void)state;
	assert_int_equal(read_line(line, 0, &a, &c, &e), 0);
	assert_int_equal(argv_as_typed(&c, "/sbin/qm", &a, &words, &e), 0);
	same_words(words.words, "/sbin/qm|gu|passwd|101|root|--pass|geheim");
	same_words(argv_masked(&words, &a), "/sbin/qm|gu|passwd|101|root|--pass|***");
}

static struct newer_case {
	const char *name;
	const char *argv[MAX_WORDS];
	const char *want; /* canonical words joined by '|'; NULL: there are none */
} newer[] = {
	{ "an unknown option stands behind the known ones",
	  LINE("pct", "set", "101", "--shiny=1", "--mem", "512"),
	  "pct|set|101|--memory=512|--shiny=1" },
	{ "with the word that may be its value",
	  LINE("pct", "set", "--shiny", "x", "101", "--mem", "512"),
	  "pct|set|101|--memory=512|--shiny|x" },
	{ "without it where that is needed as a positional",
	  LINE("pct", "set", "--shiny", "101"), "pct|set|101|--shiny" },
	{ "it cannot swallow an option that was judged",
	  LINE("pct", "create", "101", "t", "--unprivileged=0", "--shiny",
	       "--unprivileged=1"),
	  "pct|create|101|t|--unprivileged=1|--shiny" },
	{ "several of them in order",
	  LINE("pct", "set", "101", "--shy", "--shiny", "2", "--mem=1024"),
	  "pct|set|101|--memory=1024|--shy|--shiny|2" },
	{ "the last word of all", LINE("pct", "set", "101", "--mem=512", "--shiny"),
	  "pct|set|101|--memory=512|--shiny" },
	{ "none before --, which it could swallow",
	  LINE("pct", "snapshot", "--shiny", "--", "101", "-s"), NULL },
};

/* Options that we do not know are written where they can change nothing. */
static void check_newer(void **state)
{
	const struct newer_case *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct argv_words words;
	struct err e;

	assert_int_equal(read_line(t->argv, ARGV_NEWER, &a, &c, &e), 0);
	assert_true(c.nunknown > 0);
	assert_int_equal(argv_canonical(&c, "pct", &a, &words, &e), t->want ? 0 : -1);
	if (t->want)
		same_words(words.words, t->want);
	else
		assert_string_equal(e.msg, "'--shiny' is no option of pct snapshot that "
					   "we know");
}

#ifndef HAS_OWN_MALLOC
static size_t mallocs_left = SIZE_MAX; /* then memory is gone */

void *__libc_malloc(size_t size);

/* As libc's, until memory is to be gone. */
void *malloc(size_t size)
{
	if (!mallocs_left)
		return NULL;
	if (mallocs_left != SIZE_MAX)
		mallocs_left--;
	return __libc_malloc(size);
}
#endif

/* Reads and writes a long line with so much memory; true when all of it worked. */
static bool works(const char *const *line, int n, size_t blocks)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	struct argv_words words;
	struct err e = { 0 };
	bool done;

#ifndef HAS_OWN_MALLOC
	mallocs_left = blocks;
#else
	(void)blocks;
#endif
	done = argv_read(TOOL_PCT, n, line, 0, &a, &c, &e) == 0 &&
	       argv_set(&c, &a, "memory", slice_of("512"), &e) == 0 &&
	       argv_canonical(&c, "/sbin/pct", &a, &words, &e) == 0;
#ifndef HAS_OWN_MALLOC
	mallocs_left = SIZE_MAX;
#endif
	if (!done)
		assert_int_equal(e.code, ERR_SYSTEM);
	else
		assert_int_equal(words.n, 5 + 256);
	return done;
}

/* Wherever memory ends, that is the error. */
static void check_no_memory(void **state)
{
	static char mounts[256][64];
	const char *line[2 + 256 + 2] = { "set", "101" };
	size_t blocks = 0;

	(void)state;
	for (size_t i = 0; i < 256; i++) {
		(void)snprintf(mounts[i], sizeof(mounts[i]), "--mp%zu=/srv,mp=/%030zu", i,
			       i);
		line[2 + i] = mounts[i];
	}
	line[258] = "--delete=a";
	line[259] = "--delete=b";
#ifndef HAS_OWN_MALLOC
	assert_false(works(line, ARRAY_LEN(line), 0));
#endif
	while (!works(line, ARRAY_LEN(line), blocks))
		assert_true(++blocks < 100);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(check_long_values),
		cmocka_unit_test(check_many),
		cmocka_unit_test(check_nothing),
		cmocka_unit_test(check_named),
		cmocka_unit_test(check_starts),
		cmocka_unit_test(check_set),
		cmocka_unit_test(check_as_typed),
		cmocka_unit_test(check_no_memory),
		cmocka_unit_test(check_set_keeps_named),
	};
	struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(writes) + ARRAY_LEN(masks) +
				ARRAY_LEN(newer) + ARRAY_LEN(others)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		tests[n++] = (struct CMUnitTest){ .name = cases[i].name,
						  .test_func = check_case,
						  .initial_state = &cases[i] };
	for (size_t i = 0; i < ARRAY_LEN(writes); i++)
		tests[n++] = (struct CMUnitTest){ .name = writes[i].name,
						  .test_func = check_write,
						  .initial_state = &writes[i] };
	for (size_t i = 0; i < ARRAY_LEN(masks); i++)
		tests[n++] = (struct CMUnitTest){ .name = masks[i].name,
						  .test_func = check_mask,
						  .initial_state = &masks[i] };
	for (size_t i = 0; i < ARRAY_LEN(newer); i++)
		tests[n++] = (struct CMUnitTest){ .name = newer[i].name,
						  .test_func = check_newer,
						  .initial_state = &newer[i] };
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("argv", tests, NULL, NULL);
}
