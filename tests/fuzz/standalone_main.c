/*
 * A main for the fuzz targets where there is no libFuzzer: runs the target
 * once with each file (or each file of each directory) given as an argument.
 * Exit status 1 if one cannot be read; what the target finds ends it.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static int
run_file(const char *path)
{
    uint8_t *data = malloc(INPUT_MAX), *exact = NULL;
    FILE *file = fopen(path, "rb");
    size_t size;
    int result = -1;

    if (data == NULL || file == NULL)
        goto done;
    size = fread(data, 1, INPUT_MAX, file);
    if (ferror(file))
        goto done;
    /* In memory of its own size, so that a sanitizer sees its end. */
    exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        goto done;
    for (size_t i = 0; i < size; i++)
        exact[i] = data[i];
    (void)LLVMFuzzerTestOneInput(exact, size);
    result = 0;
done:
    if (result != 0)
        perror(path);
    if (file != NULL)
        fclose(file);
    free(exact);
    free(data);
    return result;
}

static int
run_directory(DIR *directory, const char *path)
{
    struct dirent *entry;
    char name[4096];
    int failed = 0;

    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        failed |= run_file(name) != 0;
    }
    return failed;
}

int
main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);

        if (directory == NULL) {
            failed |= run_file(argv[i]) != 0;
            continue;
        }
        failed |= run_directory(directory, argv[i]);
        closedir(directory);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
