/*
 * Every exit status that is our own. The man page has the same table, and a
 * test compares the two. After a command was started the status is its own.
 */
#ifndef AWS_SESSION_EXIT_STATUS_H
#define AWS_SESSION_EXIT_STATUS_H

enum exit_status {
    EXIT_DONE = 0,             /* what was asked for is done */
    EXIT_USAGE = 2,            /* a wrong option, command or argument */
    EXIT_NO_KEY = 120,         /* the profile has no access key */
    EXIT_WRONG_CODE = 121,     /* the MFA code was refused */
    EXIT_UNREACHABLE = 122,    /* AWS cannot be reached, or cannot answer */
    EXIT_NOBODY_ASKED = 123,   /* a person must be asked, and cannot be */
    EXIT_FAILED = 125,         /* no session, no output, or it failed */
    EXIT_NOT_EXECUTABLE = 126, /* the command is there but cannot be run */
    EXIT_NOT_FOUND = 127       /* the command is not there */
};

#endif
