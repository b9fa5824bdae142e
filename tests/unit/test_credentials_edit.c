/*
 * Taking an access key out of a file (src/cli/config/credentials_edit.c):
 * whole or not at all, whatever the file is and whoever else is at it.
 */
#include "cli/config/credentials_edit.h"
#include "cli/fault_point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define PAIR                                                                  \
    "aws_access_key_id = " ID "\n"                                            \
    "aws_secret_access_key = " SECRET "\n"
#define BEFORE "# mine\n[default]\n" PAIR "region = r\n"
#define AFTER "# mine\n[default]\nregion = r\n"

static const struct credentials_pair pair = {"default", ID, SECRET};
static char directory[] = "/tmp/test_credentials_edit.XXXXXX";
static struct report report;

/* What happens at a fault point; see fault_point.h. */
static const char *place_wanted;
static void (*at_place)(void);

void
fault_point(const char *place)
{
    if (place_wanted != NULL && strcmp(place, place_wanted) == 0)
        at_place();
}

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
assert_file(const char *name, const char *expected)
{
    static char text[65536];
    FILE *file = fopen(name, "r");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

/* How many files there are beside "." and "..". */
static int
count_files(void)
{
    DIR *opened = opendir(".");
    int count = -2;

    assert_non_null(opened);
    while (readdir(opened) != NULL)
        count++;
    closedir(opened);
    return count;
}

static int
begin(void **state)
{
    (void)state;
    strcpy(strrchr(directory, '.'), ".XXXXXX");
    if (mkdtemp(directory) == NULL || chdir(directory) != 0)
        return -1;
    write_file("credentials", BEFORE);
    place_wanted = NULL;
    return 0;
}

static int
end(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return chdir("/") == 0 ? system(command) : -1;
}

static void
assert_refused(const char *words)
{
    memset(&report, 0, sizeof(report));
    assert_int_equal(credentials_edit_remove("credentials", &pair, &report),
                     -1);
    if (strstr(report.text, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, report.text);
    assert_null(strstr(report.text, SECRET));
}

static void
assert_removed(void)
{
    memset(&report, 0, sizeof(report));
    if (credentials_edit_remove("credentials", &pair, &report) != 0)
        fail_msg("%s", report.text);
    assert_file("credentials", AFTER);
}

static void
lines_go_and_the_mode_stays(void **state)
{
    static const mode_t modes[] = {0600, 0644, 0640, 0700};
    const mode_t mask = umask(077);

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct stat before, after;

        write_file("credentials", BEFORE);
        assert_int_equal(chmod("credentials", modes[i]), 0);
        stat("credentials", &before);
        assert_removed();
        stat("credentials", &after);
        assert_int_equal(after.st_mode, S_IFREG | modes[i]);
        assert_int_equal(after.st_uid, before.st_uid);
        assert_int_equal(after.st_gid, before.st_gid);
        assert_int_not_equal(after.st_ino, before.st_ino);
        assert_int_equal(count_files(), 1);
        /* The same once more finds nothing to do. */
        assert_removed();
    }
    umask(mask);
}

/* POSIX.1e ACL as an extended attribute: version, then tag, rights, id. */
static void
acl_stays(void **state)
{
    static const unsigned char acl[] = {
        2,    0,    0,    0,    1,    0,    6,    0,
        0xFF, 0xFF, 0xFF, 0xFF,                         /* owner */
        2,    0,    4,    0,    0xD2, 4,    0,    0,    /* 1234 */
        4,    0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, /* group */
        0x10, 0,    4,    0,    0xFF, 0xFF, 0xFF, 0xFF, /* mask */
        0x20, 0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, /* other */
    };
    const char *name = "system.posix_acl_access";
    unsigned char found[256];

    (void)state;
    if (setxattr("credentials", name, acl, sizeof(acl), 0) != 0) {
        print_message("no ACLs here: %s\n", strerror(errno));
        return;
    }
    assert_removed();
    assert_int_equal(getxattr("credentials", name, found, sizeof(found)),
                     sizeof(acl));
    assert_memory_equal(found, acl, sizeof(acl));
    /* One that the directory gives to new files is not taken over. */
    write_file("plain", BEFORE);
    assert_int_equal(chmod("plain", 0640), 0);
    assert_int_equal(rename("plain", "credentials"), 0);
    assert_int_equal(
        setxattr(".", "system.posix_acl_default", acl, sizeof(acl), 0), 0);
    assert_removed();
    assert_int_equal(getxattr("credentials", name, found, sizeof(found)), -1);
    assert_int_equal(errno, ENODATA);
}

static void
symbolic_link_stays(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(mkdir("elsewhere", 0700), 0);
    assert_int_equal(rename("credentials", "elsewhere/keys"), 0);
    assert_int_equal(symlink("elsewhere/keys", "middle"), 0);
    assert_int_equal(symlink("middle", "credentials"), 0);
    assert_removed();
    assert_int_equal(lstat("credentials", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_file("elsewhere/keys", AFTER);
    assert_int_equal(lstat("elsewhere/keys", &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(count_files(), 3);
}

static void
dangling_link_is_refused(void **state)
{
    (void)state;
    unlink("credentials");
    assert_int_equal(symlink("nowhere", "credentials"), 0);
    assert_refused("No such file");
}

static void
read_only_is_refused(void **state)
{
    (void)state;
    chmod("credentials", 0400);
    assert_int_equal(credentials_edit_check("credentials", &report), -1);
    assert_refused("is read-only: allow writing (chmod u+w)");
    assert_file("credentials", BEFORE);
    if (geteuid() != 0) {
        chmod("credentials", 0600);
        chmod(".", 0500);
        assert_refused("no file can be made beside it: Permission denied");
        chmod(".", 0700);
        assert_file("credentials", BEFORE);
    }
}

static void
hard_link_is_refused(void **state)
{
    (void)state;
    assert_int_equal(link("credentials", "backup"), 0);
    assert_refused("has 2 names (hard links)");
    assert_file("credentials", BEFORE);
}

static void
no_file_is_refused(void **state)
{
    (void)state;
    unlink("credentials");
    assert_refused("No such file");
    assert_int_equal(mkdir("credentials", 0700), 0);
    assert_refused("is no regular file");
    rmdir("credentials");
    assert_int_equal(mkfifo("credentials", 0600), 0);
    assert_refused("is no regular file");
}

static void
other_owner_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        return; /* tests/test_import.py has a file of root's */
    assert_int_equal(chown("credentials", 1234, (gid_t)-1), 0);
    assert_refused("belongs to user id 1234, and you are 0");
    assert_file("credentials", BEFORE);
}

/* As on a full disk: write(2) fails in the middle. */
static void
failing_write_changes_nothing(void **state)
{
    struct rlimit old, small = {.rlim_cur = 20};

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    assert_refused("writing the new file: File too large");
    setrlimit(RLIMIT_FSIZE, &old);
    assert_file("credentials", BEFORE);
    assert_int_equal(count_files(), 1);
}

static void
write_another(void)
{
    write_file("credentials", BEFORE "output = json\n");
}

static void
replace_by_another(void)
{
    write_file("other", BEFORE);
    rename("other", "credentials");
}

static void
remove_it(void)
{
    unlink("credentials");
}

static void
change_meanwhile_is_kept(void **state)
{
    static const char *const places[] = {"the new file is made",
                                         "the new file is written",
                                         "the new file has a name"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        place_wanted = places[i];
        at_place = write_another;
        write_file("credentials", BEFORE);
        assert_refused("changed by another program meanwhile");
        assert_file("credentials", BEFORE "output = json\n");
        at_place = replace_by_another;
        assert_refused("changed by another program meanwhile");
        assert_file("credentials", BEFORE);
        assert_int_equal(count_files(), 1);
        at_place = remove_it;
        assert_refused("changed by another program meanwhile");
        assert_int_equal(count_files(), 0);
    }
}

static void
kill_self(void)
{
    raise(SIGKILL);
}

/* Killed anywhere: the old file or the new one; no key where none was. */
static void
killed_anywhere(void **state)
{
    static const char *const places[] = {
        "the new file is made", "the new file is written",
        "the new file has a name", "the new file is in its place"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        pid_t child;

        write_file("credentials", BEFORE);
        child = fork();
        if (child == 0) {
            place_wanted = places[i];
            at_place = kill_self;
            credentials_edit_remove("credentials", &pair, &report);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        assert_file("credentials", i < 3 ? BEFORE : AFTER);
        assert_true(count_files() <= 2);
        if (count_files() == 2)
            assert_file(".credentials.aws-session-new", i == 2 ? AFTER : "");
        assert_removed();
        assert_int_equal(count_files(), 1);
    }
}

/* Whoever holds the lock is waited for. */
static void
lock_is_waited_for(void **state)
{
    int ready[2];
    char byte;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        int fd = open("credentials", O_RDONLY);

        flock(fd, LOCK_EX);
        (void)!write(ready[1], "x", 1);
        usleep(300000);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_removed();
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
}

enum { WRITERS = 4, SECTIONS = 40 };

static void
many_at_once(void **state)
{
    static char before[SECTIONS * 256], after[SECTIONS * 64];
    int status;

    (void)state;
    before[0] = after[0] = '\0';
    for (int i = 0; i < SECTIONS; i++) {
        char section[32];

        snprintf(section, sizeof(section), "[s%d]\n", i);
        strcat(strcat(before, section), PAIR);
        strcat(after, section);
    }
    write_file("credentials", before);
    for (int i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        /* Each takes out all of every other one's, too. */
        for (int j = 0; j < SECTIONS; j++) {
            char section[32];
            const struct credentials_pair one = {section, ID, SECRET};

            snprintf(section, sizeof(section), "s%d",
                     (j + i * SECTIONS / WRITERS) % SECTIONS);
            if (credentials_edit_remove("credentials", &one, &report) != 0) {
                fprintf(stderr, "%s\n", report.text);
                _exit(1);
            }
        }
        _exit(0);
    }
    for (int i = 0; i < WRITERS; i++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
    assert_file("credentials", after);
    assert_int_equal(count_files(), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_go_and_the_mode_stays, begin,
                                        end),
        cmocka_unit_test_setup_teardown(acl_stays, begin, end),
        cmocka_unit_test_setup_teardown(symbolic_link_stays, begin, end),
        cmocka_unit_test_setup_teardown(dangling_link_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(read_only_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(hard_link_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(no_file_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(other_owner_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(failing_write_changes_nothing, begin,
                                        end),
        cmocka_unit_test_setup_teardown(change_meanwhile_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(killed_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(lock_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(many_at_once, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
