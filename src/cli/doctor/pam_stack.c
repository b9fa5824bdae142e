/*
 * PAM stacks: see pam_stack.h. Part of aws-session.
 */
#include "pam_stack.h"

#include "pam_line.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pam_file {
    char path[PAM_PATH_SIZE];
    char *text; /* NULL if it could not be read: see why */
    size_t length;
    bool is_loose;  /* others than the owner can write it */
    bool is_hidden; /* we may not read it */
    bool is_included;
    bool is_walked; /* some service goes through it */
    struct report why;
};

/* One walk through the stack of a service. */
struct walk {
    struct pam_stacks *stacks;
    const struct pam_search *search;
    struct pam_stack *stack;
    bool is_before; /* the other module was seen in the session stack */
    unsigned steps;
};

/* Fill text from a descriptor. Returns 0, or -1 with file->why filled. */
static int
read_text(struct pam_file *file, int fd)
{
    size_t size = PAM_FILE_MAX + 1;
    ssize_t got = 1;

    file->text = malloc(size);
    if (file->text == NULL)
        return report_set(&file->why, "out of memory");
    while (file->length < size && got > 0) {
        got = read(fd, file->text + file->length, size - file->length);
        file->length += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return report_set(&file->why, "%s", strerror(errno));
    if (file->length == size)
        return report_set(&file->why, "is longer than %d bytes", PAM_FILE_MAX);
    if (memchr(file->text, '\0', file->length) != NULL)
        return report_set(&file->why, "holds a NUL byte");
    return 0;
}

static void
load(struct pam_file *file, const struct pam_search *search)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    int result = -1;

    file->is_hidden = fd < 0 && errno == EACCES;
    if (fd < 0 || fstat(fd, &st) != 0)
        report_set(&file->why, "%s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        report_set(&file->why, "is no regular file");
    else
        result = read_text(file, fd);
    if (result == 0)
        file->is_loose = st.st_uid != search->owner ||
                         (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (result != 0) {
        free(file->text);
        file->text = NULL;
    }
    if (fd >= 0)
        close(fd);
}

static int
write_path(char path[PAM_PATH_SIZE], const char *directory, const char *name)
{
    int length = name[0] == '/'
                     ? snprintf(path, PAM_PATH_SIZE, "%s", name)
                     : snprintf(path, PAM_PATH_SIZE, "%s/%s", directory, name);

    return length < PAM_PATH_SIZE ? 0 : -1;
}

/* The file at a path, read once. NULL if there are too many. */
static struct pam_file *
get_file(struct pam_stacks *stacks, const char *path,
         const struct pam_search *search)
{
    struct pam_file *file;

    for (size_t i = 0; i < stacks->file_count; i++)
        if (strcmp(stacks->files[i].path, path) == 0)
            return &stacks->files[i];
    if (stacks->file_count == PAM_FILES_MAX)
        return NULL;
    file = &stacks->files[stacks->file_count++];
    snprintf(file->path, sizeof(file->path), "%s", path);
    load(file, search);
    return file;
}

/* The file that an include names. */
static struct pam_file *
find_file(struct pam_stacks *stacks, const char *name,
          const struct pam_search *search)
{
    char path[PAM_PATH_SIZE];

    if (write_path(path, search->directory, name) != 0)
        return NULL;
    if (search->vendor != NULL && name[0] != '/' && access(path, F_OK) != 0 &&
        write_path(path, search->vendor, name) != 0)
        return NULL;
    return get_file(stacks, path, search);
}

static void
note_place(struct pam_place *place, const struct pam_file *file, unsigned line)
{
    if (place->line != 0)
        return;
    snprintf(place->path, sizeof(place->path), "%s", file->path);
    place->line = line;
}

static void
note_trouble(struct walk *walk, const struct pam_file *file, unsigned line,
             const char *what, const char *why)
{
    struct pam_stack *stack = walk->stack;

    if (stack->trouble.line != 0)
        return;
    note_place(&stack->trouble, file, line);
    report_set(&stack->why, "%.200s %s", what, why);
}

static bool
is_module(const char *target, const char *name)
{
    const char *slash = strrchr(target, '/');

    return strcmp(slash != NULL ? slash + 1 : target, name) == 0;
}

static void
note_module(struct walk *walk, const struct pam_file *file,
            const struct pam_line *line, unsigned types)
{
    struct pam_stack *stack = walk->stack;
    bool is_session = (types & PAM_SESSION) != 0;

    if (is_module(line->target, walk->search->before) && is_session)
        note_place(&stack->before, file, line->number);
    if (!is_module(line->target, walk->search->module))
        return;
    if (stack->use.line == 0)
        snprintf(stack->module, sizeof(stack->module), "%s", line->target);
    note_place(&stack->use, file, line->number);
    if (!is_session || stack->session.line != 0)
        return;
    note_place(&stack->session, file, line->number);
    stack->is_before = stack->before.line != 0;
}

/* Read the lines of a file that are of these types, and what they include. */
static void
walk_file(struct walk *walk, struct pam_file *file, unsigned types,
          unsigned depth)
{
    struct pam_cursor cursor = {file->text, file->text + file->length, 0};
    struct pam_line line;

    file->is_walked = true;
    if (file->is_loose)
        note_place(&walk->stack->loose, file, 1);
    while (pam_line_next(&cursor, &line)) {
        struct pam_file *included;

        if ((line.types & types) == 0)
            continue;
        if (line.action == PAM_MODULE) {
            note_module(walk, file, &line, line.types & types);
            continue;
        }
        included = find_file(walk->stacks, line.target, walk->search);
        if (included == NULL || ++walk->steps > PAM_STEPS_MAX ||
            depth == PAM_DEPTH_MAX)
            note_trouble(walk, file, line.number, line.target,
                         "is included too deep, or in a circle");
        else if (included->text == NULL)
            note_trouble(walk, file, line.number, included->path,
                         included->why.text);
        else
            walk_file(walk, included, line.types & types, depth + 1);
        if (walk->steps > PAM_STEPS_MAX)
            return;
    }
}

/* Whether a file is another form of what it includes, as su-l is of su. */
static bool
is_variant(const struct pam_file *file, const char *included)
{
    const char *name = strrchr(file->path, '/');
    size_t length = strlen(included);

    return name != NULL && strncmp(name + 1, included, length) == 0 &&
           name[1 + length] == '-';
}

/* What a file includes is no service. */
static void
mark_included(struct pam_stacks *stacks, const struct pam_file *file,
              const struct pam_search *search)
{
    struct pam_cursor cursor = {file->text, file->text + file->length, 0};
    struct pam_line line;

    while (pam_line_next(&cursor, &line)) {
        struct pam_file *included;

        if (line.action != PAM_INCLUDE)
            continue;
        included = find_file(stacks, line.target, search);
        if (included != NULL && included != file &&
            !is_variant(file, line.target))
            included->is_included = true;
    }
}

/* Left by editors and package managers. */
static bool
is_leftover(const char *name)
{
    size_t length = strlen(name);

    return name[0] == '.' || name[length - 1] == '~' ||
           strstr(name, ".dpkg-") != NULL || strstr(name, ".rpm") != NULL ||
           strstr(name, ".pam-old") != NULL;
}

static int
load_directory(struct pam_stacks *stacks, const struct pam_search *search,
               struct report *report)
{
    struct dirent **entries = NULL;
    int count = scandir(search->directory, &entries, NULL, alphasort);
    char path[PAM_PATH_SIZE];

    if (count < 0)
        return report_set(report, "%s: %s", search->directory,
                          strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (!is_leftover(name) &&
            write_path(path, search->directory, name) == 0)
            (void)get_file(stacks, path, search);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static int
add_stack(struct pam_stacks *stacks, struct pam_file *file,
          const struct pam_search *search, struct report *report)
{
    struct pam_stack *all = reallocarray(stacks->stacks, stacks->count + 1,
                                         sizeof(*all));
    struct walk walk = {.stacks = stacks, .search = search};

    if (all == NULL)
        return report_set(report, "out of memory");
    stacks->stacks = all;
    walk.stack = &all[stacks->count];
    *walk.stack = (struct pam_stack){.is_before = false};
    snprintf(walk.stack->path, sizeof(walk.stack->path), "%s", file->path);
    walk_file(&walk, file, PAM_ALL, 0);
    stacks->count += walk.stack->use.line != 0;
    return 0;
}

/* The services; those that include each other in a circle are left over from
 * the first round. */
static int
add_stacks(struct pam_stacks *stacks, size_t listed,
           const struct pam_search *search, struct report *report)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < listed; i++) {
            struct pam_file *file = &stacks->files[i];

            if (file->text == NULL) {
                if (file->is_hidden)
                    note_place(&stacks->hidden, file, 1);
                continue;
            }
            if (!file->is_walked && (round == 1 || !file->is_included) &&
                add_stack(stacks, file, search, report) != 0)
                return -1;
        }
    return 0;
}

int
pam_stacks_find(struct pam_stacks *stacks, const struct pam_search *search,
                struct report *report)
{
    size_t listed;

    *stacks = (struct pam_stacks){0};
    stacks->files = calloc(PAM_FILES_MAX, sizeof(*stacks->files));
    if (stacks->files == NULL)
        return report_set(report, "out of memory");
    if (load_directory(stacks, search, report) != 0)
        goto failed;
    listed = stacks->file_count;
    for (size_t i = 0; i < listed; i++)
        if (stacks->files[i].text != NULL)
            mark_included(stacks, &stacks->files[i], search);
    if (add_stacks(stacks, listed, search, report) != 0)
        goto failed;
    return 0;
failed:
    pam_stacks_free(stacks);
    return -1;
}

void
pam_stacks_free(struct pam_stacks *stacks)
{
    for (size_t i = 0; i < stacks->file_count; i++)
        free(stacks->files[i].text);
    free(stacks->files);
    free(stacks->stacks);
    *stacks = (struct pam_stacks){0};
}
