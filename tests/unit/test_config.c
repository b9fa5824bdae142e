/*
 * Profiles of both AWS files (src/cli/config/config.c, config_path.c).
 */
#include "cli/config/config.h"

#include "aws_files.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
load(struct config *config, const char *config_text, const char *credentials)
{
    struct report report = {""};

    aws_files_write(".aws/config", config_text);
    aws_files_write(".aws/credentials", credentials);
    if (config_load(config, &report) != 0)
        fail_msg("%s", report.text);
}

/* Which section names of the config file are profiles. */
static void
names_of_the_config_file(void **state)
{
    static const struct {
        const char *section, *profile; /* NULL: none */
    } cases[] = {
        {"default", "default"},
        {"profile default", "default"},
        {"profile dev", "dev"},
        {"profile\tdev ", "dev"},
        {"profile     dev", "dev"},
        {"profile \"my dev\"", "my dev"},
        {"profile 'my dev'", "my dev"},
        {"profile my\\ dev", "my dev"},
        {"profile a\"b c\"d", "ab cd"},
        {"profile \"a\\\"b\"", "a\"b"},
        {"profile \"a\\b\"", "a\\b"},
        {"profile 'a\\b'", "a\\b"},
        {"profile \"\"", ""},
        {"profiles dev", "dev"},
        {"profile-x dev", "dev"},
        {"profile a.b/c@d:e+f%g-h_i", "a.b/c@d:e+f%g-h_i"},
        {"profile #x", "#x"},
        {"profile dev\xC2\xA0x", "dev\xC2\xA0x"},
        {"dev", NULL},
        {"Default", NULL},
        {" default ", NULL},
        {"Profile dev", NULL},
        {" profile dev", NULL},
        {"profiledev", NULL},
        {"profile", NULL},
        {"profile my dev", NULL},
        {"profile \"dev", NULL},
        {"profile dev \"x", NULL},
        {"profile dev\\", NULL},
        {"sso-session dev", NULL},
        {"services dev", NULL},
        {"preview", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct config config;
        char text[128];

        snprintf(text, sizeof(text), "[%s]\nregion = x\n", cases[i].section);
        load(&config, text, NULL);
        assert_int_equal(config.profile_count, cases[i].profile != NULL);
        if (cases[i].profile != NULL) {
            assert_string_equal(config_profile_name(&config, 0),
                                cases[i].profile);
            assert_string_equal(
                config_get(&config, cases[i].profile, "region"), "x");
        }
        config_free(&config);
    }
}

/* In the credentials file a name is what stands between the brackets. */
static void
names_of_the_credentials_file(void **state)
{
    static const char *const names[] = {
        "default", "my dev", "\"my dev\"", "profile dev", " default ", "Dev"};
    struct config config;
    char text[128];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(text, sizeof(text), "[%s]\nregion = x\n", names[i]);
        load(&config, NULL, text);
        assert_int_equal(config.profile_count, 1);
        assert_true(config_has_profile(&config, names[i]));
        assert_false(config_has_profile(&config, "dev"));
        config_free(&config);
    }
}

static void
credentials_go_first_key_by_key(void **state)
{
    struct config config;

    (void)state;
    load(&config, "[profile dev]\nregion = c\noutput = json\n",
         "[dev]\nregion = k\naws_access_key_id = AKID\n");
    assert_string_equal(config_get(&config, "dev", "region"), "k");
    assert_string_equal(config_get(&config, "dev", "output"), "json");
    assert_string_equal(config_get_in(&config, "dev", "region", false), "c");
    assert_string_equal(config_get_in(&config, "dev", "region", true), "k");
    assert_null(config_get_in(&config, "dev", "output", true));
    assert_null(config_get(&config, "nope", "region"));
    assert_null(config_get_in(&config, "nope", "region", true));
    config_free(&config);
}

static void
nothing_is_inherited_but_from_the_magic_section(void **state)
{
    struct config config;

    (void)state;
    load(&config,
         "[default]\nregion = d\n[profile dev]\noutput = json\n"
         "[DEFAULT]\nca_bundle = x\nregion = magic\n",
         "[dev]\n");
    assert_string_equal(config_get(&config, "default", "region"), "d");
    assert_string_equal(config_get(&config, "dev", "region"), "magic");
    assert_string_equal(config_get(&config, "dev", "ca_bundle"), "x");
    assert_false(config_has_profile(&config, "DEFAULT"));
    config_free(&config);
}

static void
a_later_section_replaces_an_earlier_one(void **state)
{
    static const char *const texts[] = {
        "[default]\nregion = a\noutput = b\n[profile default]\nregion = c\n",
        "[profile default]\noutput = b\n[default]\nregion = c\n",
        "[profile \"default\"]\noutput = b\n[profile default]\nregion = c\n"};
    struct config config;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        load(&config, texts[i], NULL);
        assert_int_equal(config.profile_count, 1);
        assert_string_equal(config_get(&config, "default", "region"), "c");
        assert_null(config_get(&config, "default", "output"));
        config_free(&config);
    }
}

static void
one_error_is_fatal_for_everything(void **state)
{
    struct config config;
    struct report report;

    (void)state;
    aws_files_write(".aws/config", "[default]\nregion = x\n");
    aws_files_write(".aws/credentials", "[a]\n[a]\n");
    assert_int_equal(config_load(&config, &report), -1);
    assert_report(report.text, "~/.aws/credentials, line 2: a second section");
    assert_null(config.config_path);
    aws_files_write(".aws/config", "x\n");
    assert_int_equal(config_load(&config, &report), -1);
    assert_report(report.text, "~/.aws/config, line 1: text before");
}

static void
says_where_a_key_stands(void **state)
{
    static const struct {
        const char *profile, *key, *where;
    } cases[] = {
        {"dev", "region", "~/.aws/config, line 3"},
        {"dev", "output", "~/.aws/credentials, line 4"},
        {"dev", "magic", "~/.aws/config, line 5"},
        {"dev", "nothing", "~/.aws/config, line 2"},
        {"only", "nothing", "~/.aws/credentials, line 1"},
        {"nope", "x", "~/.aws/config and ~/.aws/credentials"},
    };
    struct config config;
    char where[256];

    (void)state;
    load(&config, "\n[profile dev]\nregion = x\n[DEFAULT]\nmagic = y\n",
         "[only]\n[dev]\n\noutput = json\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        config_where(&config, cases[i].profile, cases[i].key, where,
                     sizeof(where));
        aws_files_shorten(where);
        assert_string_equal(where, cases[i].where);
    }
    config_free(&config);
}

static void
finds_services(void **state)
{
    const struct config_section *section;
    struct config config;

    (void)state;
    load(&config,
         "[services a]\nk = 1\n[services \"a\"]\nk = 2\n"
         "[services my \"b\"]\n[service c]\n[services d]\nk = 3\n",
         "[services e]\nk = 4\n");
    section = config_services(&config, "a");
    assert_non_null(section);
    assert_string_equal(config_section_get(section, "k"), "2");
    assert_non_null(config_services(&config, "d"));
    assert_null(config_services(&config, "b"));
    assert_null(config_services(&config, "c"));
    assert_null(config_services(&config, "e"));
    config_free(&config);
}

static void
suggests_the_nearest_name(void **state)
{
    static const struct {
        const char *name, *nearest; /* NULL: none */
    } cases[] = {
        {"prodution", "production"},
        {"produktion", "production"},
        {"PRODUCTION", "production"},
        {"DEV", "dev"},
        {"devs", "dev"},
        {"deve", "dev"},
        {"staging1", "staging"},
        {"x", NULL},
        {"entirely", NULL},
        {"", NULL},
        {"de", NULL},
    };
    char name[256];
    struct config config;

    (void)state;
    load(&config,
         "[default]\n[profile dev]\n[profile production]\n"
         "[profile staging]\n",
         NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *nearest = config_nearest(&config, cases[i].name);

        if (cases[i].nearest == NULL)
            assert_null(nearest);
        else
            assert_string_equal(nearest, cases[i].nearest);
    }
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_null(config_nearest(&config, name));
    config_free(&config);
}

static void
expands_the_paths(void **state)
{
    static const char *const paths[] = {
        "~/other",       "$HOME/other",   "${HOME}/other",
        "$HOME/./$name", "$HOME/${name}", "~/$name",
    };
    struct config config;
    struct report report;

    (void)state;
    setenv("name", "other", 1);
    aws_files_write("other", "[default]\nregion = x\n");
    for (size_t i = 0; i < COUNT(paths); i++) {
        setenv("AWS_CONFIG_FILE", paths[i], 1);
        assert_int_equal(config_load(&config, &report), 0);
        assert_non_null(config_get(&config, "default", "region"));
        config_free(&config);
        unsetenv("AWS_CONFIG_FILE");
        setenv("AWS_SHARED_CREDENTIALS_FILE", paths[i], 1);
        assert_int_equal(config_load(&config, &report), 0);
        assert_non_null(config_get_in(&config, "default", "region", true));
        config_free(&config);
        unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    }
}

/* Unknown names stay as they stand, so these files do not exist. */
static void
describes_what_was_read(void **state)
{
    static const struct {
        const char *path, *description;
    } cases[] = {
        {"$nope/x", "$nope/x (missing) and ~/.aws/credentials (missing)"},
        {"${nope/x", "${nope/x (missing) and ~/.aws/credentials (missing)"},
        {"~no-such-user/x",
         "~no-such-user/x (missing) and ~/.aws/credentials (missing)"},
        {"$", "$ (missing) and ~/.aws/credentials (missing)"},
        {"", "no config file and ~/.aws/credentials (missing)"},
        {"~", "~ (no regular file) and ~/.aws/credentials (missing)"},
        {"/dev/null",
         "/dev/null (no regular file) and ~/.aws/credentials (missing)"},
        {"~/other", "~/other and ~/.aws/credentials (missing)"},
    };
    struct config config;
    struct report report;
    char text[256];

    (void)state;
    aws_files_write("other", "[default]\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        setenv("AWS_CONFIG_FILE", cases[i].path, 1);
        assert_int_equal(config_load(&config, &report), 0);
        config_describe(&config, text, sizeof(text));
        aws_files_shorten(text);
        assert_string_equal(text, cases[i].description);
        config_free(&config);
    }
}

static void
an_empty_configuration_is_fine(void **state)
{
    struct config config = {0};

    (void)state;
    assert_null(config_get(&config, "default", "region"));
    assert_null(config_nearest(&config, "default"));
    assert_null(config_services(&config, "x"));
    config_free(&config);
    load(&config, NULL, NULL);
    assert_false(config_has_profile(&config, "default"));
    config_free(&config);
}

int
main(void)
{
#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)
    const struct CMUnitTest tests[] = {
        WITH_FILES(names_of_the_config_file),
        WITH_FILES(names_of_the_credentials_file),
        WITH_FILES(credentials_go_first_key_by_key),
        WITH_FILES(nothing_is_inherited_but_from_the_magic_section),
        WITH_FILES(a_later_section_replaces_an_earlier_one),
        WITH_FILES(one_error_is_fatal_for_everything),
        WITH_FILES(says_where_a_key_stands),
        WITH_FILES(finds_services),
        WITH_FILES(suggests_the_nearest_name),
        WITH_FILES(expands_the_paths),
        WITH_FILES(describes_what_was_read),
        WITH_FILES(an_empty_configuration_is_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
