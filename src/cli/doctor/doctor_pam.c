/*
 * Check of the PAM stacks that use pam_aws_session.so. Part of aws-session.
 */
#include "doctor_checks.h"
#include "pam_stack.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct pam_search search = {
    .directory = "/etc/pam.d",
    .vendor = "/usr/lib/pam.d",
    .module = "pam_aws_session.so",
    .before = "pam_keyinit.so",
    .owner = 0,
};

/* Where distributions keep modules; libpam looks in one of them. */
static const char *const places[] = {
    "/lib/security/",       "/lib64/security/",     "/usr/lib/security/",
    "/usr/lib64/security/", "/usr/lib/*/security/", PAM_MODULE_DIR "/",
};

/* Debian's libpam looks there, too. */
static const char debian[] = "/usr/lib/*/security/";
static const char debian_too[] = "/lib/security/";

static const char standard[] = "pam_permit.so";

/* Find a file in a place. path may be NULL. */
static bool
find_in(const char *place, const char *name, char path[PAM_PATH_SIZE])
{
    glob_t found = {0};
    char pattern[PAM_PATH_SIZE];

    if (strcmp(place, "/") == 0) /* none was configured */
        return false;
    snprintf(pattern, sizeof(pattern), "%s%s", place, name);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return false;
    if (path != NULL)
        snprintf(path, PAM_PATH_SIZE, "%s", found.gl_pathv[0]);
    globfree(&found);
    return true;
}

/* Whether libpam looks there: then its own modules are there. */
static bool
is_searched(const char *place)
{
    return find_in(place, standard, NULL) ||
           (strcmp(place, debian_too) == 0 && find_in(debian, standard, NULL));
}

/* Find the file of a module that is named in a stack. Returns whether libpam
 * does; path is where it is, or "". */
static bool
find_module(const char *module, char path[PAM_PATH_SIZE])
{
    bool known = false;

    snprintf(path, PAM_PATH_SIZE, "%s", module);
    if (module[0] == '/')
        return access(path, F_OK) == 0;
    path[0] = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        bool looks = is_searched(places[i]);

        known = known || looks;
        if ((looks || path[0] == '\0') &&
            find_in(places[i], search.module, path) && looks)
            return true;
    }
    return path[0] != '\0' && !known;
}

/* Returns whether the module can be trusted to be ours. */
static bool
check_module(struct doctor *doctor, const struct pam_stack *stack)
{
    char path[PAM_PATH_SIZE];
    struct stat st;

    if (!find_module(stack->module, path) && stack->module[0] != '/' &&
        path[0] != '\0')
        report_set(doctor_problem(doctor,
                                  "%s uses %s, and PAM does not look for it "
                                  "in the place of %s: logins fail where it "
                                  "is required",
                                  stack->path, stack->module, path),
                   "write %s in line %u of %s", path, stack->use.line,
                   stack->use.path);
    else if (access(path, F_OK) != 0)
        report_set(doctor_problem(doctor,
                                  "%s uses %s, and there is no such file: "
                                  "logins fail where it is required",
                                  stack->path, stack->module),
                   "install aws-session again, or take out line %u of %s",
                   stack->use.line, stack->use.path);
    else if (stat(path, &st) != 0)
        report_set(doctor_problem(doctor, "%s: %s", path, strerror(errno)),
                   "install aws-session again");
    else if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        report_set(doctor_problem(doctor,
                                  "others than root can change %s, which runs "
                                  "as root",
                                  path),
                   "sudo chown root %s && sudo chmod 644 %s", path, path);
    else
        return true;
    return false;
}

static void
check_order(struct doctor *doctor, const struct pam_stack *stack)
{
    static const char what[] = "%s: pam_keyinit.so %s pam_aws_session.so in "
                               "the session stack, so %s";
    const char *where = stack->before.line == 0 ? "does not stand before"
                                                : "stands behind";
    struct report *remedy;

    if (stack->session.line == 0) {
        doctor_ok(doctor, "%s uses it, but not for sessions", stack->path);
        return;
    }
    if (stack->is_before) {
        doctor_ok(doctor, "%s uses it, behind pam_keyinit.so", stack->path);
        return;
    }
    remedy = doctor->policy.cache_scope == CACHE_SESSION
                 ? doctor_problem(doctor, what, stack->path, where,
                                  "with cache_scope = session the session of "
                                  "the login is lost")
                 : doctor_warning(doctor, what, stack->path, where,
                                  "the login shares the session keyring of "
                                  "what started it");
    report_set(remedy,
               "put \"session optional pam_keyinit.so force revoke\" before "
               "line %u of %s%s",
               stack->session.line, stack->session.path,
               strcmp(stack->session.path, stack->path) == 0
                   ? ""
                   : ", or before what includes that");
}

static void
check_stack(struct doctor *doctor, const struct pam_stack *stack)
{
    bool good = check_module(doctor, stack);

    if (stack->loose.line != 0) {
        good = false;
        report_set(doctor_problem(doctor,
                                  "others than root can change %s, which "
                                  "decides who may log in",
                                  stack->loose.path),
                   "sudo chown root %s && sudo chmod 644 %s",
                   stack->loose.path, stack->loose.path);
    }
    if (stack->trouble.line != 0) {
        good = false;
        report_set(
            doctor_problem(doctor, "the stack of %s cannot be read whole: %s",
                           stack->path, stack->why.text),
            "change %s, line %u", stack->trouble.path, stack->trouble.line);
    }
    if (good || (stack->session.line != 0 && !stack->is_before))
        check_order(doctor, stack);
}

void
doctor_check_pam(struct doctor *doctor)
{
    struct pam_stacks stacks;
    struct report report;

    if (access(search.directory, F_OK) != 0) {
        doctor_ok(doctor, "there is no %s here", search.directory);
        return;
    }
    if (pam_stacks_find(&stacks, &search, &report) != 0) {
        report_set(doctor_warning(doctor, "%s", report.text),
                   "sudo aws-session doctor");
        return;
    }
    if (stacks.hidden.line != 0)
        report_set(doctor_warning(doctor, "%s may not be read by you",
                                  stacks.hidden.path),
                   "sudo aws-session doctor");
    if (stacks.count == 0)
        doctor_ok(doctor, "no service in %s uses %s", search.directory,
                  search.module);
    for (size_t i = 0; i < stacks.count; i++)
        check_stack(doctor, &stacks.stacks[i]);
    pam_stacks_free(&stacks);
}
