"""docs/jump-box.md says what people meet when something is broken: each row
has its tests, and the sentences are the module's."""

import os
import re

import pytest

from test_documents import read                     # noqa: F401

# pylint: disable=redefined-outer-name

BREAKAGE = "test_whatever_fails_there_is_a_shell"
# Row -> file and test of the login shell, test of test_pam_sshd.py.
TESTS = {
    "AWS is down": ("login_shell", BREAKAGE, "test_aws_down"),
    "AWS hangs": ("sshd", "test_aws_in_trouble", "test_aws_hangs"),
    "wrong code": ("login_shell",
                   "test_wrong_code_is_asked_again_then_skipped",
                   "test_wrong_code"),
    "used code": ("login_shell",
                  "test_wrong_code_is_asked_again_then_skipped",
                  "test_used_code"),
    "no key": ("login_shell", "test_without_any_key_nothing_is_said",
               "test_no_key"),
    "AWS files broken": ("login_shell", BREAKAGE, "test_broken_config"),
    "helper missing": ("sshd", "test_missing_helper", "test_missing_helper"),
    "keyring full": ("sshd", "test_keyring_full", "test_keyring_full"),
    "service user missing": ("sshd", "test_service_user_missing",
                             "test_service_user_missing"),
    "disk full": ("sshd", "test_disk_full", "test_disk_full"),
    "no home": ("sshd", "test_no_home", "test_no_home"),
    "locale missing": ("login_shell", BREAKAGE, "test_broken_locale"),
}


@pytest.fixture
def part(read):
    """The section of the document."""
    return re.search(r"^## When something is broken\n(.*?)^## ",
                     read("docs/jump-box.md"), re.M | re.S)[1]


def rows_of(part):
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in part.splitlines() if line.startswith("|")]
    return rows[2:]


def test_each_row_has_its_tests(part, source):
    rows = rows_of(part)
    assert [row[0] for row in rows] == list(TESTS)
    for shell, function, factor in TESTS.values():
        for name, test in ((shell, function), ("pam_sshd", factor)):
            with open(os.path.join(source, "tests", "test_%s.py" % name),
                      encoding="utf-8") as file:
                assert "\ndef %s(" % test in file.read(), test


def notes_of(part):
    """Number -> PAM code and sentence."""
    return {number: (code, " ".join(text.split())) for number, code, text in
            re.findall(r"^(\d)\. `(PAM_\w+)`: (.*?\.)(?=\n\d\. |\n\n)", part,
                       re.M | re.S)}


def test_sentences_are_the_modules(part, read):
    said = {sentence: code for code, sentence in re.findall(
        r'\{\w+, (PAM_\w+),\s+"(.*?)"\}', read("pam/module_outcome.c"))}
    notes = notes_of(part)
    assert set(re.findall(r"\[(\d)\]", part)) == set(notes)
    for code, sentence in notes.values():
        assert said[sentence] == code


def test_codes_are_those_that_the_rows_test(part, source):
    """Where a row has a sentence, its test looks for the beginning of it."""
    notes = notes_of(part)
    with open(os.path.join(source, "tests", "test_pam_sshd.py"),
              encoding="utf-8") as file:
        text = file.read()
    constants = dict(re.findall(r'^([A-Z_]+) = "(.*)"$', text, re.M))
    bodies = dict(re.findall(r"^def (test_\w+)\(.*?\):\n(.*?)(?=^\S|\Z)", text,
                             re.M | re.S))
    for row in rows_of(part):
        number = re.search(r"refused \[(\d)\]", row[2])
        if not number:
            continue
        body = bodies[TESTS[row[0]][2]]
        looked_for = re.findall(r'assert "(.*?)" in done.stderr', body) + [
            constants[name] for name in re.findall(
                r"assert ([A-Z_]+) in done.stderr", body)]
        assert any(notes[number[1]][1].startswith(words)
                   for words in looked_for), row
