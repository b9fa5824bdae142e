/*
 * aws-session doctor: what is wrong here, and what to do about it.
 *
 * Part of aws-session. Ends with status 0 if there is no problem; warnings do
 * not count.
 */
#include "commands.h"
#include "doctor/doctor.h"
#include "exit_status.h"
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
wants_colour(void)
{
    const char *none = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && (none == NULL || *none == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static int
print_findings(const struct doctor *doctor, struct report *report)
{
    static const char *const colours[] = {[FINDING_OK] = "\033[32m",
                                          [FINDING_WARNING] = "\033[33m",
                                          [FINDING_PROBLEM] = "\033[31m"};
    bool colour = wants_colour();
    int width = 0;

    for (size_t i = 0; i < doctor->count; i++) {
        int length = (int)strlen(doctor->findings[i].check);

        width = length > width ? length : width;
    }
    for (size_t i = 0; i < doctor->count; i++) {
        const struct finding *finding = &doctor->findings[i];

        printf("%s%-7s%s  %-*s  %s%s%s\n",
               colour ? colours[finding->level] : "",
               doctor_level_name(finding->level), colour ? "\033[0m" : "",
               width, finding->check, finding->what.text,
               finding->remedy.text[0] != '\0' ? " -> " : "",
               finding->remedy.text);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return report_set(report, "cannot write to standard output: %s",
                          strerror(errno));
    return 0;
}

static cJSON *
finding_object(const struct finding *finding)
{
    cJSON *object = cJSON_CreateObject();

    json_add_text(object, "check", finding->check);
    json_add_text(object, "level", doctor_level_name(finding->level));
    json_add_text(object, "what", finding->what.text);
    json_add_text(object, "remedy",
                  finding->remedy.text[0] != '\0' ? finding->remedy.text
                                                  : NULL);
    return object;
}

static int
print_json(const struct doctor *doctor, struct report *report)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *list = cJSON_CreateArray();

    json_add_text(root, "profile",
                  doctor->has_profile ? doctor->profile.name : NULL);
    json_add_number(root, "problems",
                    (int64_t)doctor_count(doctor, FINDING_PROBLEM));
    json_add_number(root, "warnings",
                    (int64_t)doctor_count(doctor, FINDING_WARNING));
    for (size_t i = 0; i < doctor->count; i++)
        cJSON_AddItemToArray(list, finding_object(&doctor->findings[i]));
    cJSON_AddItemToObject(root, "findings", list);
    return json_print(root, report);
}

int
command_doctor(const struct options *options, struct report *report)
{
    static struct doctor doctor; /* too big for a small stack */
    size_t problems;
    int result = EXIT_FAILED;

    doctor_run(&doctor, &options->session);
    problems = doctor_count(&doctor, FINDING_PROBLEM);
    if ((options->json ? print_json(&doctor, report)
                       : print_findings(&doctor, report)) != 0)
        goto done;
    if (problems == 0)
        result = EXIT_DONE;
    else
        report_set(report, "%zu problem%s found: what to do stands behind %s",
                   problems, problems == 1 ? "" : "s",
                   problems == 1 ? "it" : "each");
done:
    doctor_free(&doctor);
    return result;
}
