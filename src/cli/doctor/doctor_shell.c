/*
 * Checks of login shells: aws-session as one, and the real one behind it.
 * Part of aws-session.
 */
#include "doctor_checks.h"
#include "login/user_shell.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHELLS_MAX = 8 };

/* A login shell that is aws-session, under one of its names. */
struct wrapper {
    char path[256];
    char user[64]; /* the first who has it */
    size_t users;
};

struct wrappers {
    struct wrapper all[SHELLS_MAX];
    size_t count;
};

static void
add_wrapper(struct wrappers *wrappers, const struct passwd *user)
{
    size_t i = 0;

    if (!user_shell_is_ours(user->pw_shell))
        return;
    while (i < wrappers->count &&
           strcmp(wrappers->all[i].path, user->pw_shell) != 0)
        i++;
    if (i == SHELLS_MAX)
        return;
    if (i == wrappers->count) {
        wrappers->count++;
        wrappers->all[i] = (struct wrapper){.users = 0};
        snprintf(wrappers->all[i].path, sizeof(wrappers->all[i].path), "%s",
                 user->pw_shell);
        snprintf(wrappers->all[i].user, sizeof(wrappers->all[i].user), "%s",
                 user->pw_name);
    }
    wrappers->all[i].users++;
}

/* Of the calling user, wherever that account is; of others only those in
 * /etc/passwd: a directory service may have a hundred thousand. */
static void
find_wrappers(struct wrappers *wrappers)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user = getpwuid(getuid());

    if (user != NULL)
        add_wrapper(wrappers, user);
    while (file != NULL && (user = fgetpwent(file)) != NULL)
        if (user->pw_uid != getuid())
            add_wrapper(wrappers, user);
    if (file != NULL)
        fclose(file);
}

static void
check_wrapper(struct doctor *doctor, const struct wrapper *wrapper)
{
    if (access(wrapper->path, X_OK) != 0)
        report_set(doctor_problem(doctor,
                                  "%s, the login shell of %s (%zu in all), "
                                  "cannot be run: no login works",
                                  wrapper->path, wrapper->user,
                                  wrapper->users),
                   "install aws-session again, or: sudo chsh -s /bin/bash %s",
                   wrapper->user);
    else if (!user_shell_is_listed(wrapper->path))
        report_set(doctor_problem(doctor,
                                  "%s, the login shell of %s (%zu in all), is "
                                  "not in /etc/shells: su, chsh and "
                                  "pam_shells take it for a restricted one",
                                  wrapper->path, wrapper->user,
                                  wrapper->users),
                   "echo %s | sudo tee -a /etc/shells", wrapper->path);
    else
        doctor_ok(doctor,
                  "%s is in /etc/shells; it is that of %s (%zu in "
                  "all)",
                  wrapper->path, wrapper->user, wrapper->users);
}

void
doctor_check_login_shell(struct doctor *doctor)
{
    struct wrappers wrappers = {.count = 0};

    find_wrappers(&wrappers);
    if (wrappers.count == 0)
        doctor_ok(doctor, "aws-session is nobody's login shell");
    for (size_t i = 0; i < wrappers.count; i++)
        check_wrapper(doctor, &wrappers.all[i]);
}

void
doctor_check_real_shell(struct doctor *doctor)
{
    struct user_shells shells = {.count = 0};
    const struct passwd *user;

    user_shells_find(&shells);
    if (shells.count == 0)
        report_set(doctor_problem(doctor, "no shell can be started: not even "
                                          "/bin/sh is there"),
                   "chsh -s /bin/bash");
    else
        doctor_ok(doctor, "%s is what would be started", shells.paths[0]);
    user_shells_free(&shells);
    user = getpwuid(getuid());
    if (user != NULL && user->pw_shell[0] != '\0' &&
        !user_shell_is_ours(user->pw_shell) &&
        access(user->pw_shell, X_OK) != 0)
        report_set(doctor_warning(doctor,
                                  "%s, the shell of %s in the user database, "
                                  "cannot be run",
                                  user->pw_shell, user->pw_name),
                   "sudo chsh -s /bin/bash %s", user->pw_name);
}
