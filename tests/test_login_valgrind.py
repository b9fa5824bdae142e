"""The login shell under valgrind: no access to what is not there, nothing lost.

Valgrind follows our forks, not the programs that they become: the real shell
and the helpers, one of them setuid, run as ever. The process that gets the
session ends as ours, so what it has lost is seen; the one that becomes the
shell is seen until then.
"""

import os
import re
import shutil

import pexpect
import pytest

from test_login_shell import (  # noqa: F401 pylint: disable=unused-import
    ASKED, account, cached, is_sanitized, leave, says)

# pylint: disable=redefined-outer-name

pytestmark = pytest.mark.skipif(not shutil.which("valgrind"),
                                reason="needs valgrind")
BUILD = os.environ.get("AWS_SESSION_BUILD")
SUMMARY = "ERROR SUMMARY: "


class Valgrind:
    """Its words, and what it wrote: a log of each process."""

    def __init__(self, directory, program):
        self.directory = directory
        self.program = shutil.which("valgrind")
        self.words = ["--log-file=%s/valgrind.%%p" % directory,
                      "--leak-check=full", "--errors-for-leak-kinds=definite",
                      "--num-callers=30", program]

    def is_content(self):
        """All processes of ours were clean, and one of them ended as such."""
        ended = 0
        for path in self.directory.glob("valgrind.*"):
            lines = re.findall(r"^==\d+== (.+)$", path.read_text(), re.M)
            start = next(number for number, line in enumerate(lines)
                         if line.startswith("Parent PID: ")) + 1
            if lines[start:]:       # it ended, or has something to say
                assert lines[start] == "HEAP SUMMARY:", lines
                assert lines[-1].startswith(SUMMARY + "0 errors"), lines
                ended += 1
        return ended > 0


@pytest.fixture
def valgrind(account, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    return Valgrind(logs, account.person.program)


# Sanitizers look for the same, and their programs cannot run under it.
if BUILD and not is_sanitized(BUILD):
    def test_command_with_a_kept_session(cached, valgrind, sts):
        done = cached.run("valgrind", *valgrind.words, "-c",
                          "echo $AWS_ACCESS_KEY_ID", program=valgrind.program)
        assert done.stdout.decode().split() == list(sts.store.sessions)
        assert (done.returncode, done.stderr) == (0, b"")
        assert valgrind.is_content()

    @pytest.mark.parametrize("answer", ["code", "wrong code", "enter"])
    def test_login(account, valgrind, sts, answer):
        child = pexpect.spawn(valgrind.program, [*valgrind.words, "-l"],
                              encoding="utf-8", timeout=120,
                              dimensions=(24, 300), env=account.env)
        child.expect(ASKED)
        if answer == "wrong code":
            child.sendline("000000")
            child.expect("New MFA code: ")
        child.sendline("" if answer == "enter" else account.person.code())
        child.expect_exact("ready> ")
        assert says(child, "echo $AWS_ACCESS_KEY_ID").split() == list(
            sts.store.sessions)
        leave(child)
        assert valgrind.is_content()
