/*
 * Whether stored keys are protected: see signer_state.h. Part of aws-session.
 */
#include "signer_state.h"

#include "helper.h"

#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { OVERFLOW_UID = 65534 }; /* of ids that a namespace does not know */

enum signer_state
signer_state_judge(const struct signer_facts *facts)
{
    if (!facts->exists)
        return SIGNER_MISSING;
    if ((facts->mode & S_ISUID) == 0)
        return SIGNER_NOT_SETUID;
    if (facts->owner == facts->caller)
        return SIGNER_OF_CALLER;
    if (facts->owner == 0)
        return SIGNER_OF_ROOT;
    if (facts->owner == OVERFLOW_UID)
        return SIGNER_OF_NOBODY;
    if (facts->nosuid)
        return SIGNER_NOSUID;
    return facts->no_new_privs ? SIGNER_NO_NEW_PRIVS : SIGNER_PROTECTS;
}

const char *
signer_state_name(enum signer_state state)
{
    static const char *const names[SIGNER_STATE_COUNT] = {
        [SIGNER_PROTECTS] = "protects",
        [SIGNER_MISSING] = "missing",
        [SIGNER_NOT_SETUID] = "not_setuid",
        [SIGNER_OF_ROOT] = "setuid_root",
        [SIGNER_OF_CALLER] = "setuid_caller",
        [SIGNER_OF_NOBODY] = "owner_unknown",
        [SIGNER_NOSUID] = "nosuid_mount",
        [SIGNER_NO_NEW_PRIVS] = "no_new_privs",
    };

    return names[state];
}

static void
find_facts(struct signer_facts *facts)
{
    struct statvfs file_system;
    struct stat st;

    *facts = (struct signer_facts){.caller = getuid()};
    if (stat(sign_path, &st) != 0)
        return;
    facts->exists = true;
    facts->mode = st.st_mode;
    facts->owner = st.st_uid;
    facts->nosuid = statvfs(sign_path, &file_system) == 0 &&
                    (file_system.f_flag & ST_NOSUID) != 0;
    facts->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* "user NAME", or "user id N" of one without a name. */
static void
name_user(uid_t uid, struct report *name)
{
    const struct passwd *user = getpwuid(uid);

    if (user != NULL)
        report_set(name, "user %.64s", user->pw_name);
    else
        report_set(name, "user id %u", (unsigned)uid);
}

static void
explain(enum signer_state state, const struct signer_facts *facts,
        struct report *why)
{
    struct report owner;

    switch (state) {
    case SIGNER_PROTECTS:
        name_user(facts->owner, &owner);
        report_set(why, "only %s, as whom the signer runs, can read them",
                   owner.text);
        break;
    case SIGNER_NOT_SETUID:
        report_set(why, "the signer %.300s is not setuid%s", sign_path,
                   getpwnam(SIGNER_USER) == NULL
                       ? ", and there is no user " SIGNER_USER " here"
                       : " to " SIGNER_USER);
        break;
    case SIGNER_OF_ROOT:
        report_set(why,
                   "the signer %.300s is setuid root, and so refuses to work: "
                   "install it setuid to " SIGNER_USER,
                   sign_path);
        break;
    case SIGNER_OF_CALLER:
        report_set(why, "the signer %.300s is setuid to yourself", sign_path);
        break;
    case SIGNER_OF_NOBODY:
        report_set(why,
                   "the owner of the signer %.300s does not exist in this "
                   "user namespace",
                   sign_path);
        break;
    case SIGNER_NOSUID:
        report_set(why, "the signer %.300s is on a file system mounted nosuid",
                   sign_path);
        break;
    case SIGNER_NO_NEW_PRIVS:
        report_set(why, "this process runs with no_new_privs, which switches "
                        "the signer's setuid bit off");
        break;
    case SIGNER_MISSING:
    case SIGNER_STATE_COUNT:
        report_set(why,
                   "the signer %.300s is missing: install aws-session "
                   "again",
                   sign_path);
        break;
    }
}

enum signer_state
signer_state_find(struct report *why)
{
    struct signer_facts facts;
    enum signer_state state;

    find_facts(&facts);
    state = signer_state_judge(&facts);
    explain(state, &facts, why);
    return state;
}
