"""What pam_aws_session(8) says is what the module does, and the files that go
with it are whole."""

import os
import re
import shutil
import subprocess

import pytest

from test_documents import read, section            # noqa: F401
from test_signer_documents import test_man_page as check_man_page

# pylint: disable=redefined-outer-name

PAGE = "docs/pam_aws_session.8"


def test_man_page(read, source):
    check_man_page(read, source, PAGE)


def test_options(read):
    """In the order of the alphabet, which is the table's."""
    rules = re.findall(r'^    \{"(\w+)=?", KIND_',
                       read("pam/module_options.c"), re.M)
    _, entries = section(read(PAGE), "OPTIONS")
    assert [re.match(r"\w+", tag)[0] for tag, _ in entries] == rules
    assert rules == sorted(rules)


def test_defaults_and_limits(read):
    source = read("pam/module_options.c")
    numbers = dict(re.findall(r"(\w+) = (\d+)", source))
    _, entries = section(read(PAGE), "OPTIONS")
    texts = {re.match(r"\w+", tag)[0]: text for tag, text in entries}
    assert "by default %s" % numbers["TIMEOUT_DEFAULT"] in texts["timeout"]
    assert "1 to %s" % numbers["TIMEOUT_MOST"] in texts["timeout"]
    assert "by default %s" % numbers["MIN_UID_DEFAULT"] in texts["min_uid"]
    assert re.search(r'\.prompt = "(.*?): "', source)[1] in texts["prompt"]


def test_return_values(read):
    """Each code that the sources name, and no other."""
    _, entries = section(read(PAGE), "RETURN VALUES")
    used = set()
    for name in os.listdir(os.path.join(os.path.dirname(os.path.dirname(
            os.path.abspath(__file__))), "pam")):
        if re.match(r"module.*\.c$", name):
            used |= set(re.findall(r"\bPAM_[A-Z_]+\b", read("pam/" + name)))
    flags = {"PAM_SILENT", "PAM_DELETE_CRED", "PAM_PROMPT_ECHO_ON"}
    assert {tag for tag, _ in entries} == used - flags


def test_every_exit_status_has_a_row(read):
    """Or is one of those that mean that the program cannot be used."""
    rows = set(re.findall(r"\{(EXIT_\w+|CHILD_\w+),",
                          read("pam/module_outcome.c")))
    assert set(re.findall(r"\bEXIT_\w+(?= =)",
                          read("src/cli/exit_status.h"))) - rows == {
        "EXIT_USAGE", "EXIT_NOT_EXECUTABLE", "EXIT_NOT_FOUND"}


def test_profile_for_pam_auth_update(read):
    """The fields of pam-auth-update(8), and options that there are."""
    text = read("pam/aws-session.pam-configs")
    fields = re.findall(r"^([\w-]+):", text, re.M)
    assert fields == ["Name", "Default", "Priority", "Auth-Type", "Auth",
                      "Session-Interactive-Only", "Session-Type", "Session"]
    assert "Default: no" in text
    known = re.findall(r'^    \{"(\w+)=?", KIND_',
                       read("pam/module_options.c"), re.M)
    lines = re.findall(r"^\t(.*)$", text, re.M)
    assert len(lines) == 2
    for line in lines:
        assert re.match(r"(required|optional)\tpam_aws_session\.so( |$)",
                        line)
        assert set(line.split()[2:]) <= set(known)


def test_stack_of_the_jump_box(read):
    """sshd asks for the key before PAM asks nothing else, also on the way
    back; and who is ignored is not refused by an empty stack."""
    text = read("docs/jump-box.md")
    methods = text.index("'AuthenticationMethods publickey,keyboard-inter")
    stack = text.index("    auth     required  pam_aws_session.so nullok\n"
                       "    auth     required  pam_permit.so\n")
    back = text.index("sudo cp -p ~root/pam-sshd /etc/pam.d/sshd")
    assert methods < stack < back < text.index(
        "/etc/ssh/sshd_config.d/10-aws-session.conf", back)


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_stacks_are_readable(source):
    """A line of a stack is one line also in 80 columns."""
    shown = subprocess.run(
        ["groff", "-man", "-Tutf8", "-P-c", os.path.join(source, PAGE)],
        capture_output=True, text=True, check=True).stdout
    shown = re.sub(r".\x08|\x1b\[[\d;]*m", "", shown) # bold and underlined
    stacks = re.findall(r"^ +(?:auth|session) .*pam_\w+\.so.*$", shown, re.M)
    assert len(stacks) >= 8
    assert max(map(len, shown.splitlines())) <= 80
