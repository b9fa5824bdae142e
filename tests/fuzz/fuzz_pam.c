/*
 * Fuzz target: the parser of the files in /etc/pam.d, which doctor reads.
 * Besides what sanitizers find, the promises of pam_line.h are asserted.
 */
#include "cli/doctor/pam_line.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct pam_cursor cursor = {text, text + size, 0};
    struct pam_line line;
    unsigned before = 0;

    while (pam_line_next(&cursor, &line)) {
        const char *end = line.text + sizeof(line.text);

        assert(line.number > before && line.number <= cursor.number);
        before = cursor.number;
        assert(line.types != 0 && (line.types & ~(unsigned)PAM_ALL) == 0);
        assert(line.target > line.text && line.target < end);
        assert(*line.target != '\0');
        assert(memchr(line.target, '\0', (size_t)(end - line.target)) != NULL);
        assert(strchr(line.target, '\n') == NULL);
    }
    assert(cursor.next == cursor.end);
    return 0;
}
