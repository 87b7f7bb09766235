/* SPDX-License-Identifier: MIT */
/*
 * cmd - the sub-commands of pve-safe: one function and one file (cmd-NAME.c) each.
 *
 * Each gets its own name as argv[0], and returns the exit status.
 */
#pragma once

/* pve-safe COMMAND …: finds the sub-command and runs it. */
int cmd_main(int argc, char **argv);

int cmd_advise(int argc, char **argv);   /* container or VM, and the command */
int cmd_attach(int argc, char **argv);   /* gives guests our hookscript */
int cmd_audit(int argc, char **argv);    /* the whole cluster at once */
int cmd_check(int argc, char **argv);    /* verdict on guests */
int cmd_coverage(int argc, char **argv); /* what enforces the policy on each guest */
int cmd_detach(int argc, char **argv);   /* takes it from them */
int cmd_doctor(int argc, char **argv);   /* what is wrong with this node */
int cmd_explain(int argc, char **argv);  /* every rule: matched, or why not */
int cmd_facts(int argc, char **argv);    /* what is known about guests */
int cmd_log(int argc, char **argv);      /* the record, read back */
int cmd_policy(int argc, char **argv);   /* lint, show, … */
int cmd_setup(int argc, char **argv);    /* whether this node enforces */
int cmd_argv(int argc, char **argv);     /* how a pct or qm command line is read */
int cmd_template(int argc, char **argv); /* settings templates */
int cmd_tick(int argc, char **argv);     /* what the timer does */
int cmd_waive(int argc, char **argv);    /* grants waivers */
int cmd_waivers(int argc, char **argv);  /* what has become of them */
