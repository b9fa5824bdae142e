/*
 * Fuzz target: the reader of the user's own settings, which every login starts
 * with. Besides what sanitizers find, the promises of user_config.h are
 * asserted.
 */
#include "cli/login/user_config.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report = {""};
    struct user_config config;
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r")
                          : NULL;
    int result;

    if (file == NULL)
        return 0;
    result = user_config_read(&config, file, "input", &report);
    fclose(file);
    assert((result == 0) == (report.text[0] == '\0'));
    assert(result == 0 || strncmp(report.text, "input line ", 11) == 0);
    assert(strlen(config.shell) < sizeof(config.shell));
    assert(config.shell[0] == '\0' || config.shell[0] == '/');
    assert(result == 0 || config.shell[0] == '\0');
    /* The path is one of the file, whole and on a line. */
    assert(memmem(data, size, config.shell, strlen(config.shell)) != NULL);
    assert(strchr(config.shell, '\n') == NULL);
    return 0;
}
