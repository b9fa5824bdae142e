"""The second factor on a real sshd: public key, then AWS's MFA code."""

import os
import re
import subprocess
import time

import pexpect
import pytest

from machine import (                                   # noqa: F401
    SERVICE, machine, make_variable, needs_root)
from resident import Resident, resident                 # noqa: F401
from sshd import (
    CONFIG, TOOLS, Server, fill_keyring, free_port, on_a_terminal)

# pylint: disable=redefined-outer-name

pytestmark = needs_root + [pytest.mark.skipif(
    not TOOLS["sshd"] or not TOOLS["ssh"], reason="needs an OpenSSH server")]


class SecondFactor(Server):
    """The key first, then what PAM asks; a program answers."""

    config = CONFIG.replace(
        "KbdInteractiveAuthentication no", "KbdInteractiveAuthentication yes\n"
        "AuthenticationMethods publickey,keyboard-interactive")

    def __init__(self, machine, **variables):
        super().__init__(machine, **variables)
        self.module = os.path.join(make_variable(machine.build, "pamdir"),
                                   "pam_aws_session.so")
        changed = {"BatchMode=yes": "NumberOfPasswordPrompts=1",
                   "LogLevel=ERROR": "LogLevel=INFO"}
        self.options = [changed.get(word, word) for word in self.options]
        self.asking = os.path.join(self.ours, "asked")
        answer = os.path.join(self.ours, "answer")
        with open(answer, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho \"$1\" >>%s\necho \"$CODE\"\n"
                       % self.asking)
        os.chmod(answer, 0o755)
        self.env.update(SSH_ASKPASS=answer, SSH_ASKPASS_REQUIRE="force")

    def configure(self, auth="", session="", control="required",
                  service="sshd"):
        """The stack: what docs/pam_aws_session.8 shows for sshd."""
        self.machine.put("/etc/pam.d/" + service, """
auth     %s %s %s
auth     required pam_permit.so
account  required pam_permit.so
session  optional pam_keyinit.so force revoke
session  required %s %s
""" % (control, self.module, auth, self.module, session))

    def begin(self, code, *command, user="alice"):
        """ssh to the machine; the code is what is answered."""
        return subprocess.Popen(
            [*self.command(user=user), *command],
            env=dict(self.env, CODE=code), text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ssh(self, code, *command, user="alice"):
        """The same to its end."""
        process = self.begin(code, *command, user=user)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(command, process.returncode, out,
                                           err)

    def asked(self):
        """The questions since the last call."""
        if not os.path.exists(self.asking):
            return []
        with open(self.asking, encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.remove(self.asking)
        return lines

    def wait_until_all_are_gone(self):
        """The processes of a connection end after its client."""
        for _ in range(3000):
            left = [pid for pid in self.machine.processes()
                    if pid != self.process.pid]
            if not left:
                return
            time.sleep(0.01)
        raise AssertionError(self.machine.processes())


@pytest.fixture(scope="module")
def server(machine):
    running = SecondFactor(machine)
    yield running
    running.close()


@pytest.fixture
def login(server, resident):
    server.configure()
    server.asked()
    server.resident = resident
    yield server
    server.wait_until_all_are_gone()
    directory = server.machine.path("/run/aws-session")
    assert not os.path.exists(directory) or os.listdir(directory) == []


def test_public_key_and_code(login):
    """The plain shell has the session in its keyring."""
    done = login.ssh(login.resident.code(), "%s exec --cached env; echo "
                     "plain=$AWS_SESSION_TOKEN" % login.machine.program)
    assert done.returncode == 0, done.stderr
    assert "\nAWS_SESSION_TOKEN=" in done.stdout
    assert done.stdout.endswith("\nplain=\n")
    question, = login.asked()
    assert question.endswith("AWS MFA code: ")


def test_plain_shell_has_the_credentials(login):
    login.configure(session="export_env")
    done = login.ssh(login.resident.code(), "env")
    assert done.returncode == 0, done.stderr
    key = re.search(r"^AWS_ACCESS_KEY_ID=(.*)$", done.stdout, re.M)[1]
    assert key in login.resident.sts.store.sessions


def test_status_and_streams(login):
    """Nothing comes between."""
    done = login.ssh(login.resident.code(), "echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout) == (7, "out\n")
    assert done.stderr.endswith("err\n")


def is_denied(done):
    return done.returncode == 255 and "Permission denied" in done.stderr \
        and done.stdout == ""


def test_wrong_code(login):
    done = login.ssh("000000", "echo in")
    assert is_denied(done)
    assert "AWS refused the MFA code" in done.stderr


def test_used_code(login):
    code = login.resident.code()
    assert login.ssh(code, "true").returncode == 0
    done = login.ssh(code, "echo in")
    assert is_denied(done)
    assert "AWS refused the MFA code" in done.stderr
    assert login.resident.requests() == 1


NO_KEY = "There is no AWS access key for you on this machine."


def test_no_key(login):
    login.resident.remove_key()
    done = login.ssh("123456", "echo in")
    assert is_denied(done)
    assert NO_KEY in done.stderr
    assert login.asked() == []


def test_no_key_and_nullok(login):
    login.resident.remove_key()
    login.configure("nullok")
    assert login.ssh("123456", "echo in").stdout == "in\n"
    assert login.asked() == []


def make_unreachable(login):
    login.resident.write_config(
        "mfa_serial = %s\n" % login.resident.sts.alice.devices[0].serial,
        url="https://127.0.0.1:%d" % free_port())


def test_aws_down(login):
    make_unreachable(login)
    done = login.ssh("123456", "echo in")
    assert is_denied(done)
    assert "AWS cannot be reached" in done.stderr


AVAILABLE = "[success=ok authinfo_unavail=ignore default=die]"


def test_aws_down_and_that_is_no_reason(login):
    """The stack for those who prefer a login to a second factor."""
    login.configure(control=AVAILABLE)
    assert is_denied(login.ssh("000000", "echo in"))
    make_unreachable(login)
    assert login.ssh("123456", "echo in").stdout == "in\n"


def test_aws_hangs(login):
    login.configure("timeout=1")
    login.resident.sts.fault("delay", seconds=100)
    done = login.ssh(login.resident.code(), "echo in")
    assert is_denied(done)
    assert "AWS does not answer" in done.stderr


@pytest.fixture
def neighbour(login, sts):
    """Mallory, with a key and files of her own that are whole."""
    someone = Resident(login.machine, sts, "mallory")
    yield someone
    login.wait_until_all_are_gone()
    someone.close()


BROKEN = "No AWS session could be had. The log of this machine says why."


@pytest.mark.parametrize("text", ["[default\n", "what is this\n",
                                  "[default]\nmfa_serial = \xff\0\n",
                                  "[default]\nregion = a b\n"])
def test_broken_config(login, neighbour, text):
    """Of one person: PAM_CRED_INSUFFICIENT, and nobody else's business."""
    path = "/home/alice/.aws/config"
    login.machine.put(path, text.encode("latin-1"), owner="alice")
    done = login.ssh("123456", "echo in")
    assert is_denied(done)
    assert BROKEN in done.stderr and path not in done.stderr
    assert login.asked() == []
    assert login.ssh(neighbour.code(), "echo in",
                     user="mallory").stdout == "in\n"


def test_missing_helper(login, neighbour):
    """aws-session-sts is not there: PAM_CRED_INSUFFICIENT, and what is kept
    still lets in where that is enough."""
    login.configure("cached_ok")
    neighbour.get_session()
    helper = os.path.join(make_variable(login.machine.build, "pkglibexecdir"),
                          "aws-session-sts")
    helper = login.machine.path(helper)
    os.rename(helper, helper + ".away")
    try:
        done = login.ssh(login.resident.code(), "echo in")
        assert is_denied(done)
        assert BROKEN in done.stderr
        assert login.ssh("000000", "echo in",
                         user="mallory").stdout == "in\n"
    finally:
        os.rename(helper + ".away", helper)
    assert login.ssh(login.resident.code(), "echo in").stdout == "in\n"


def test_broken_locale(login):
    """Of sshd, so of all that it starts, and in what is started."""
    server = SecondFactor(login.machine, LANG="xx_YY.nothing",
                          LC_ALL="\udcff", LANGUAGE="xx")
    try:
        server.configure(session="export_env")
        done = server.ssh("000000", "echo in")
        assert is_denied(done)
        assert "AWS refused the MFA code" in done.stderr
        question, = server.asked()
        assert question.endswith("AWS MFA code: ")
        done = server.ssh(login.resident.code(), "export LC_ALL=xx_YY; %s "
                          "exec --cached sh -c 'echo in $LC_ALL'"
                          % login.machine.program)
        assert done.stdout == "in xx_YY\n", done.stderr
    finally:
        server.close()


def test_keyring_full(login):
    """The code is right, so she comes in; what is not kept is not there."""
    login.configure(session="export_env")
    login.machine.call(fill_keyring, user="alice")
    done = login.ssh(login.resident.code(), "echo in ${AWS_SESSION_TOKEN-no}")
    login.machine.clear_keys("alice")
    assert done.stdout == "in no\n", done.stderr
    assert is_denied(login.ssh("000000", "echo in"))


def test_service_user_missing(login):
    path = login.machine.path("/etc/passwd")
    with open(path, encoding="utf-8") as file:
        kept = file.read()
    login.machine.put("/etc/passwd", re.sub("(?m)^%s:.*\n" % SERVICE, "",
                                            kept))
    try:
        assert login.ssh(login.resident.code(), "echo in").stdout == "in\n"
        assert is_denied(login.ssh("000000", "echo in"))
    finally:
        login.machine.put("/etc/passwd", kept)


def test_disk_full(login):
    """A login that cannot be counted is let in."""
    login.configure(session="export_env on_last_logout=clear")
    done = login.machine.run("sh", "-ec", """
        mkdir -p /run/aws-session /run/user
        for at in /run/aws-session /run/user /tmp; do
            mount -t tmpfs -o size=4k,mode=755 full $at
            head -c 4096 /dev/zero >$at/all
        done
        """, user="root")
    assert done.returncode == 0, done.stderr
    try:
        done = login.ssh(login.resident.code(),
                         "echo in ${AWS_SESSION_TOKEN:+has}")
        assert done.stdout == "in has\n", done.stderr
        assert is_denied(login.ssh("000000", "echo in"))
        login.wait_until_all_are_gone()
        assert os.listdir(login.machine.path("/run/aws-session")) == ["all"]
    finally:
        login.wait_until_all_are_gone()
        login.machine.run("umount", "/run/aws-session", "/run/user", "/tmp",
                          user="root")


def test_no_home(login):
    """A key that is stored needs none, and this one is in the home."""
    home = login.machine.path("/home/alice")
    os.rename(home, home + ".away")
    try:
        done = login.ssh("000000", "echo in")
        assert is_denied(done)
        assert NO_KEY in done.stderr
        login.configure("nullok")
        assert login.ssh("000000", "echo in").stdout == "in\n"
    finally:
        os.rename(home + ".away", home)


def test_last_logout_clears(login):
    login.configure("cached_ok", "on_last_logout=clear")
    login.resident.get_session()
    stays = login.begin("000000", "echo in; read line")
    assert stays.stdout.readline() == "in\n"
    assert login.ssh("000000", "true").returncode == 0
    assert login.resident.has_session()
    stays.communicate("\n", timeout=60)
    login.wait_until_all_are_gone()
    assert not login.resident.has_session()


def test_twenty_logins_at_once_with_one_code(login):
    """STS takes it once, so one comes in."""
    code = login.resident.code()
    started = [login.begin(code, "echo in") for _ in range(20)]
    outputs = [process.communicate(timeout=300)[0] for process in started]
    assert sorted(outputs) == [""] * 19 + ["in\n"]
    assert login.resident.requests() == 1


def test_twenty_logins_at_once_with_a_kept_session(login):
    login.configure("cached_ok", "export_env")
    login.resident.get_session()
    started = [login.begin("000000", "echo in $AWS_ACCESS_KEY_ID")
               for _ in range(20)]
    outputs = {process.communicate(timeout=300)[0] for process in started}
    key, = login.resident.sts.store.sessions
    assert outputs == {"in %s\n" % key}


# --- other hosts -----------------------------------------------------------------

def test_sudo(login):
    """The module as sudo's factor: the caller's code, and within the life of
    the session none."""
    login.machine.put("/etc/sudoers", "Defaults !fqdn, timestamp_timeout=0\n"
                      "alice ALL=(ALL:ALL) ALL\n", mode=0o440)
    login.configure("cached_ok", service="sudo")

    def sudo(code):
        return login.resident.run("/usr/bin/sudo", "-S", "id", "-u",
                                  data=code + "\n")
    assert sudo("000000").returncode != 0
    done = sudo(login.resident.code())
    assert done.stdout == "0\n", done.stderr
    assert sudo("000000").stdout == "0\n"


def test_su(login):
    login.configure(service="su", session="export_env")
    login.configure(service="su-l", session="export_env")
    done = login.machine.run("su", "-", "alice", "-c", "env", user="mallory",
                             data="000000\n")
    assert done.returncode != 0 and "AWS refused the MFA code" in done.stderr
    done = login.machine.run("su", "-", "alice", "-c", "env", user="mallory",
                             data=login.resident.code() + "\n")
    assert done.returncode == 0, done.stderr
    assert "\nAWS_SESSION_TOKEN=" in done.stdout


@pytest.mark.skipif(not TOOLS["login"], reason="needs login(1)")
@pytest.mark.parametrize("known", [False, True])
def test_login(login, known):
    """login(1), which asks, and "login -f", for which somebody else did. It
    stays, with the handle, until the shell ends."""
    login.configure(service="login",
                    session="export_env on_last_logout=clear")
    login.machine.put("/home/alice/.profile", "PS1='ready> '\n")
    if known:
        login.resident.get_session()
    child = on_a_terminal(login, TOOLS["login"], *(["-f"] if known else []),
                          "alice")
    if not known:
        child.expect("AWS MFA code: ")
        child.sendline("000000")
        child.expect("AWS refused the MFA code")
        child.expect("(?i)login incorrect")
        child.expect("login: ")
        child.sendline("alice")
        child.expect("AWS MFA code: ")
        child.sendline(login.resident.code())
    child.expect("ready> ")
    child.sendline("echo has ${AWS_SESSION_TOKEN:+a} session of $(id -un)")
    child.expect("has a session of alice\r\n")
    assert login.resident.has_session()
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()
    login.wait_until_all_are_gone()
    assert not login.resident.has_session()
    os.remove(login.machine.path("/home/alice/.profile"))
