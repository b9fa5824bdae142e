/*
 * The commands of aws-session, one function and one file each.
 *
 * See struct command in options.h for the contract.
 */
#ifndef AWS_SESSION_COMMANDS_H
#define AWS_SESSION_COMMANDS_H

#include "options.h"

int command_add(const struct options *options, struct report *report);
int command_clear(const struct options *options, struct report *report);
int command_configure(const struct options *options, struct report *report);
int command_doctor(const struct options *options, struct report *report);
int command_exec(const struct options *options, struct report *report);
int command_export(const struct options *options, struct report *report);
int command_import(const struct options *options, struct report *report);
int command_list(const struct options *options, struct report *report);
int command_provision_mfa(const struct options *options,
                          struct report *report);
int command_refresh(const struct options *options, struct report *report);
int command_remove(const struct options *options, struct report *report);
int command_rotate(const struct options *options, struct report *report);
int command_shell(const struct options *options, struct report *report);
int command_status(const struct options *options, struct report *report);

#endif
