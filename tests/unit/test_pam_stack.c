/*
 * Which services use a PAM module (src/cli/doctor/pam_stack.c,
 * src/cli/doctor/pam_line.c), in a directory of samples that each test writes.
 */
#include "cli/doctor/pam_line.h"
#include "cli/doctor/pam_stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "pam-XXXXXX";
static char directory[64], vendor[64];
static struct pam_search search = {.directory = directory,
                                   .vendor = vendor,
                                   .module = "pam_ours.so",
                                   .before = "pam_keyinit.so"};

static void
run(const char *command)
{
    assert_int_equal(system(command), 0);
}

static int
set_up(void **state)
{
    char command[256];

    (void)state;
    strcpy(top, "pam-XXXXXX");
    assert_non_null(mkdtemp(top));
    snprintf(directory, sizeof(directory), "%s/pam.d", top);
    snprintf(vendor, sizeof(vendor), "%s/vendor", top);
    snprintf(command, sizeof(command), "mkdir %s %s", directory, vendor);
    run(command);
    search.owner = getuid();
    return 0;
}

static int
tear_down(void **state)
{
    char command[256];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", top);
    run(command);
    return 0;
}

static void
write_bytes(const char *where, const char *name, const char *text,
            size_t length)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", where, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

static void
write_file(const char *name, const char *text)
{
    write_bytes(directory, name, text, strlen(text));
}

static void
find(struct pam_stacks *stacks)
{
    struct report report = {""};

    assert_int_equal(pam_stacks_find(stacks, &search, &report), 0);
}

static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The stack of a service, NULL if it does not use the module. */
static const struct pam_stack *
get(const struct pam_stacks *stacks, const char *name)
{
    for (size_t i = 0; i < stacks->count; i++)
        if (strcmp(name_of(stacks->stacks[i].path), name) == 0)
            return &stacks->stacks[i];
    return NULL;
}

static void
assert_place(const struct pam_place *place, const char *name, unsigned line)
{
    assert_string_equal(name_of(place->path), name);
    assert_int_equal(place->line, line);
}

static void
test_order(void **state)
{
    struct pam_stacks stacks;

    (void)state;
    write_file("good", "# a login\n"
                       "auth required pam_unix.so\n"
                       "session optional pam_keyinit.so force revoke\n"
                       "session optional /lib/security/pam_ours.so x=y\n");
    write_file("behind", "session optional pam_ours.so\n"
                         "session optional pam_keyinit.so\n");
    write_file("without", "-SESSION [success=ok default=1] pam_ours.so\n");
    write_file("auth", "auth required pam_keyinit.so\n"
                       "auth required pam_ours.so\n");
    write_file("other", "session required pam_keyinit.so\n");
    find(&stacks);
    assert_int_equal(stacks.count, 4);
    assert_true(get(&stacks, "good")->is_before);
    assert_string_equal(get(&stacks, "good")->module,
                        "/lib/security/pam_ours.so");
    assert_place(&get(&stacks, "good")->session, "good", 4);
    assert_place(&get(&stacks, "good")->before, "good", 3);
    assert_false(get(&stacks, "behind")->is_before);
    assert_place(&get(&stacks, "behind")->before, "behind", 2);
    assert_false(get(&stacks, "without")->is_before);
    assert_int_equal(get(&stacks, "without")->before.line, 0);
    assert_place(&get(&stacks, "without")->session, "without", 1);
    assert_int_equal(get(&stacks, "auth")->session.line, 0);
    assert_place(&get(&stacks, "auth")->use, "auth", 2);
    for (size_t i = 0; i < stacks.count; i++) {
        assert_int_equal(stacks.stacks[i].trouble.line, 0);
        assert_int_equal(stacks.stacks[i].loose.line, 0);
    }
    pam_stacks_free(&stacks);
}

static void
test_includes(void **state)
{
    struct pam_stacks stacks;

    (void)state;
    write_file("common", "auth required pam_ours.so\n"
                         "session optional pam_ours.so\n");
    write_file("keys", "session optional pam_keyinit.so\n");
    write_file("at", "session optional pam_keyinit.so\n@include common\n");
    write_file("early", "@include common\n"
                        "session optional pam_keyinit.so\n");
    write_file("both", "session substack keys\nsession include common\n");
    write_file("auth", "auth include common\n"
                       "session include keys\n");
    write_file("nothing", "account include common\n");
    write_bytes(vendor, "shipped", "session include common\n", 23);
    write_file("fallback", "session include shipped\n");
    find(&stacks);
    assert_null(get(&stacks, "common"));
    assert_null(get(&stacks, "keys"));
    assert_null(get(&stacks, "nothing"));
    assert_true(get(&stacks, "at")->is_before);
    assert_place(&get(&stacks, "at")->session, "common", 2);
    assert_false(get(&stacks, "early")->is_before);
    assert_true(get(&stacks, "both")->is_before);
    assert_place(&get(&stacks, "both")->before, "keys", 1);
    assert_int_equal(get(&stacks, "auth")->session.line, 0);
    assert_place(&get(&stacks, "auth")->use, "common", 1);
    assert_place(&get(&stacks, "fallback")->session, "common", 2);
    assert_int_equal(stacks.count, 5);
    pam_stacks_free(&stacks);
}

static void
test_lines(void **state)
{
    static const char text[] = "\n"
                               "session \\\n"
                               "  optional \\\n"
                               "\tpam_one.so a\\b\n"
                               "# session optional pam_two.so \\\n"
                               "session optional pam_three.so # no \\\n"
                               "auth [a=1 b=[x\\] 2] pam_four.so\r\n"
                               "session optional\n"
                               "nonsense required pam_five.so\n"
                               "@include\n"
                               "@INCLUDE file\n"
                               "account INCLUDE \\\n"
                               "last";
    static const struct {
        const char *target;
        unsigned number, types;
        enum pam_action action;
    } wanted[] = {{"pam_one.so", 2, PAM_SESSION, PAM_MODULE},
                  {"pam_three.so", 6, PAM_SESSION, PAM_MODULE},
                  {"pam_four.so", 7, PAM_AUTH, PAM_MODULE},
                  {"file", 11, PAM_ALL, PAM_INCLUDE},
                  {"last", 12, PAM_ACCOUNT, PAM_INCLUDE}};
    struct pam_cursor cursor = {text, text + strlen(text), 0};
    struct pam_line line;

    (void)state;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        assert_true(pam_line_next(&cursor, &line));
        assert_string_equal(line.target, wanted[i].target);
        assert_int_equal(line.number, wanted[i].number);
        assert_int_equal(line.types, wanted[i].types);
        assert_int_equal(line.action, wanted[i].action);
    }
    assert_false(pam_line_next(&cursor, &line));
    assert_false(pam_line_next(&cursor, &line));
}

/* Cut where it is too long; what stands behind it is another line. */
static void
test_long_lines(void **state)
{
    static const char begin[] = "auth required pam_",
                      last[] = "\nsession optional pam_new.so";
    char text[3 * PAM_LINE_SIZE];
    struct pam_cursor cursor = {text, text + sizeof(text), 0};
    struct pam_line line;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, begin, strlen(begin));
    /* Lines go on where the room ends. */
    for (size_t i = PAM_LINE_SIZE - 10; i < PAM_LINE_SIZE + 10; i += 2)
        memcpy(text + i, "\\\n", 2);
    memcpy(text + sizeof(text) - strlen(last), last, strlen(last));
    assert_true(pam_line_next(&cursor, &line));
    assert_true(strncmp(line.target, "pam_xxx", 7) == 0);
    assert_int_equal(line.number, 1);
    assert_true(pam_line_next(&cursor, &line));
    assert_string_equal(line.target, "pam_new.so");
    assert_int_equal(line.number, 12);
    assert_false(pam_line_next(&cursor, &line));
}

static void
test_circles(void **state)
{
    struct pam_stacks stacks;

    (void)state;
    write_file("self", "session optional pam_ours.so\n"
                       "session include self\n");
    write_file("one", "session optional pam_ours.so\n@include two\n");
    write_file("two", "@include one\n@include one\n@include one\n");
    find(&stacks);
    assert_int_equal(stacks.count, 2);
    assert_place(&get(&stacks, "self")->trouble, "self", 2);
    assert_non_null(strstr(get(&stacks, "self")->why.text, "circle"));
    assert_non_null(get(&stacks, "one"));
    assert_int_not_equal(get(&stacks, "one")->trouble.line, 0);
    pam_stacks_free(&stacks);
}

/* Twice as many at each step: it ends all the same. */
static void
test_bomb(void **state)
{
    struct pam_stacks stacks;
    char name[16], text[64];

    (void)state;
    for (int i = 0; i < 15; i++) {
        snprintf(name, sizeof(name), "step%d", i);
        snprintf(text, sizeof(text), "@include step%d\n@include step%d\n",
                 i + 1, i + 1);
        write_file(name, text);
    }
    write_file("step15", "session optional pam_ours.so\n");
    find(&stacks);
    assert_int_equal(stacks.count, 1);
    assert_int_not_equal(stacks.stacks[0].trouble.line, 0);
    pam_stacks_free(&stacks);
}

static void
test_bad_files(void **state)
{
    static char big[PAM_FILE_MAX + 1];
    struct pam_stacks stacks;
    struct report report = {""};
    char path[256];

    (void)state;
    memset(big, '\n', sizeof(big));
    write_bytes(directory, "big", big, sizeof(big));
    write_bytes(directory, "nul", "auth required pam_ours.so\0\n", 27);
    snprintf(path, sizeof(path), "%s/pipe", directory);
    assert_int_equal(mkfifo(path, 0644), 0);
    write_file("a", "auth required pam_ours.so\nauth include big\n");
    write_file("b", "auth required pam_ours.so\nauth include nul\n");
    write_file("c", "auth required pam_ours.so\n@include pipe\n");
    write_file("d", "auth required pam_ours.so\n\nauth include missing\n");
    write_file("e", "auth required pam_ours.so\nauth include /a/b\n");
    write_file("f.dpkg-old", "auth required pam_ours.so\n");
    write_file("g~", "auth required pam_ours.so\n");
    find(&stacks);
    assert_int_equal(stacks.count, 5);
    assert_non_null(strstr(get(&stacks, "a")->why.text, "longer than"));
    assert_non_null(strstr(get(&stacks, "b")->why.text, "NUL"));
    assert_non_null(strstr(get(&stacks, "c")->why.text, "no regular file"));
    assert_non_null(strstr(get(&stacks, "d")->why.text, "No such file"));
    assert_place(&get(&stacks, "d")->trouble, "d", 3);
    assert_non_null(strstr(get(&stacks, "e")->why.text, "/a/b"));
    pam_stacks_free(&stacks);

    search.directory = "/nonexistent";
    assert_int_equal(pam_stacks_find(&stacks, &search, &report), -1);
    assert_non_null(strstr(report.text, "/nonexistent"));
    assert_int_equal(stacks.file_count, 0);
    search.directory = directory;
}

static void
test_too_many_files(void **state)
{
    struct pam_stacks stacks;
    char name[16];

    (void)state;
    for (int i = 0; i < PAM_FILES_MAX + 20; i++) {
        snprintf(name, sizeof(name), "s%04d", i);
        write_file(name, "auth required pam_ours.so\n");
    }
    find(&stacks);
    assert_int_equal(stacks.count, PAM_FILES_MAX);
    pam_stacks_free(&stacks);
}

static void
test_modes(void **state)
{
    struct pam_stacks stacks;
    char path[256];

    (void)state;
    write_file("common", "session optional pam_ours.so\n");
    write_file("service", "@include common\n");
    write_file("mine", "auth required pam_ours.so\n");
    snprintf(path, sizeof(path), "%s/common", directory);
    assert_int_equal(chmod(path, 0664), 0);
    find(&stacks);
    assert_place(&get(&stacks, "service")->loose, "common", 1);
    assert_int_equal(get(&stacks, "mine")->loose.line, 0);
    pam_stacks_free(&stacks);

    search.owner++;
    find(&stacks);
    assert_place(&get(&stacks, "mine")->loose, "mine", 1);
    pam_stacks_free(&stacks);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_includes, set_up, tear_down),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test_setup_teardown(test_circles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bomb, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_many_files, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_modes, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
