/*
 * MFA codes: see mfa_code.h. Part of aws-session. A code is never logged.
 */
#include "mfa_code.h"

#include "clock.h"
#include "lock.h"
#include "note.h"

#include <stdio.h>
#include <string.h>

enum {
    SPENT_SECONDS = 180, /* longer than AWS takes any code: two steps around */
    SPENT_SIZE = 256
};

static const char note_name[] = "spent-codes", lock_id[] = "codes";

int
mfa_parse_code(const char *text, char code[MFA_CODE_SIZE])
{
    size_t used = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '\t' || *text == '\r')
            continue;
        if (*text < '0' || *text > '9' || used == MFA_CODE_LENGTH)
            return -1;
        code[used++] = *text;
    }
    code[used] = '\0';
    return used == MFA_CODE_LENGTH ? 0 : -1;
}

bool
mfa_code_claim(const char *serial, const char *code)
{
    char spent[SPENT_SIZE] = "", kept[SPENT_SIZE];
    struct lock lock = LOCK_NONE;
    bool is_new;

    lock_take(&lock, lock_id, LOCK_BRIEF);
    (void)note_read(note_name, serial, spent, sizeof(spent));
    is_new = strstr(spent, code) == NULL;
    if (is_new) {
        /* The newest first; what does not fit is old. */
        snprintf(kept, sizeof(kept), "%s %.200s", code, spent);
        note_write(note_name, serial, kept, SPENT_SECONDS);
        explicit_bzero(kept, sizeof(kept));
    }
    lock_release(&lock);
    explicit_bzero(spent, sizeof(spent));
    return is_new;
}

void
mfa_code_give_back(const char *serial, const char *code)
{
    char spent[SPENT_SIZE] = "";
    struct lock lock = LOCK_NONE;
    char *at;

    lock_take(&lock, lock_id, LOCK_BRIEF);
    (void)note_read(note_name, serial, spent, sizeof(spent));
    at = strstr(spent, code);
    if (at != NULL) {
        const char *rest = at + MFA_CODE_LENGTH + (at[MFA_CODE_LENGTH] == ' ');

        memmove(at, rest, strlen(rest) + 1);
        if (spent[0] == '\0')
            note_remove(note_name, serial);
        else
            note_write(note_name, serial, spent, SPENT_SECONDS);
    }
    lock_release(&lock);
    explicit_bzero(spent, sizeof(spent));
}

unsigned
mfa_code_seconds_left(void)
{
    return (unsigned)(MFA_STEP_SECONDS - clock_now() % MFA_STEP_SECONDS);
}
