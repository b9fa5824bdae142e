"""Under sudo(8), the real one: whose keys they are, and as whom it runs."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pexpect
import pytest

import pam_host
from machine import machine, make_variable, needs_root  # noqa: F401
from resident import resident                           # noqa: F401

# pylint: disable=redefined-outer-name

pytestmark = needs_root + [pytest.mark.skipif(
    not os.path.exists("/usr/bin/sudo"), reason="needs sudo")]

SUDO = "/usr/bin/sudo"

# What a service of PAM needs, and no distribution's own files.
PLAIN = """
auth     sufficient  pam_rootok.so
auth     required    pam_permit.so
account  required    pam_permit.so
session  required    pam_permit.so
"""

# The state of a process, in JSON.
STATE = r"""
import json, os, resource
status = open("/proc/self/status").read()
print(json.dumps({
    "uids": os.getresuid(), "gids": os.getresgid(), "groups": os.getgroups(),
    "cwd": os.getcwd(), "environment": dict(os.environ),
    "capabilities": int(status.split("CapPrm:")[1].split()[0], 16),
    "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}))
"""


def allow(machine, defaults="!use_pty"):
    machine.put("/etc/sudoers", "Defaults !fqdn, %s\nroot ALL=(ALL:ALL) ALL\n"
                "alice ALL=(ALL:ALL) NOPASSWD:SETENV: ALL\n" % defaults,
                mode=0o440)


@pytest.fixture(scope="module")
def sudoers(machine):
    """alice may do all, carol is her service account."""
    allow(machine)
    for service in ("sudo", "aws-session"):
        machine.put("/etc/pam.d/" + service, PLAIN)
    return machine


@pytest.fixture
def alice(sudoers, resident):
    """With the same words for the plain program and for the one under sudo."""
    def run(*words, sudo=(), **options):
        return resident.run(SUDO, "-n", *sudo, sudoers.program, *words,
                            **options)
    resident.sudo = run
    return resident


def state(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_keys_are_the_callers(alice, machine, sts):
    """The code is for her device, the session is kept for her, the command is
    root's, and nothing is kept for root."""
    seen = state(alice.sudo("exec", "--code", alice.code(), "--",
                            sys.executable, "-c", STATE))
    assert seen["uids"] == [0, 0, 0]
    env = seen["environment"]
    assert env["AWS_ACCESS_KEY_ID"] in sts.store.sessions
    assert env["AWS_REGION"] == "eu-west-1"
    assert env["HOME"] == "/root"
    # alice's profile is not in root's files, where the AWS CLI looks.
    assert "AWS_DEFAULT_PROFILE" not in env
    assert alice.has_session() and alice.requests() == 1
    assert alice.sudo("exec", "true").returncode == 0
    assert alice.requests() == 1


@pytest.mark.parametrize("command", [
    ("exec", "--cached", "true"), ("export", "--cached"), ("status",),
    ("refresh", "--cached", "--shell", "sh")])
def test_every_command_has_the_callers_session(alice, command):
    alice.get_session()
    done = alice.sudo(*command)
    assert done.returncode == 0, done.stderr


def test_list_is_the_callers(alice, sts):
    listed = json.loads(alice.sudo("list", "--json").stdout)["keys"]
    assert [key["access_key_id"] for key in listed] == [sts.alice.keys[0].id]


def test_clear_ends_the_callers(alice):
    alice.get_session()
    assert alice.sudo("clear").returncode == 0
    assert not alice.has_session()


def test_wrong_code_has_its_status(alice, sts):
    done = alice.sudo("exec", "--code", "000000", "true")
    assert done.returncode == 121
    assert "AWS refused the MFA code" in done.stderr


def test_a_code_from_standard_input(alice):
    done = alice.sudo("exec", "--code", "-", "id", "-u",
                      data=alice.code() + "\n")
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


def test_status_of_the_command(alice):
    alice.get_session()
    assert alice.sudo("exec", "sh", "-c", "exit 7").returncode == 7


def test_shell(alice):
    alice.get_session()
    done = alice.sudo("shell", data="id -u; echo ${AWS_SESSION_TOKEN:+has}\n")
    assert done.stdout == "0\nhas\n", done.stderr


def test_root_reads_no_settings_of_hers(alice, machine):
    """Not even where sudo kept her HOME, and her link leads to a file that
    root alone may read."""
    machine.put("/etc/secret", "word of root\n", mode=0o600)
    directory = "/home/alice/.config/aws-session"
    assert alice.run("mkdir", "-p", directory).returncode == 0
    assert alice.run("ln", "-s", "/etc/secret",
                     directory + "/config").returncode == 0
    try:
        alice.get_session()
        done = alice.sudo("--debug", "shell", sudo=("HOME=/home/alice",))
        assert done.returncode == 0
        assert "/home/alice/.aws" in done.stderr   # of the child, as alice
        assert "aws-session/config" not in done.stderr
    finally:
        alice.run("rm", "-r", "/home/alice/.config")


@pytest.mark.parametrize("command", ["exec true", "refresh"])
def test_mfa_process_gets_nothing_that_root_has_open(alice, machine, command):
    """It is a command of hers, in a script of root's."""
    machine.put("/etc/secret", "word of root\n", mode=0o600)
    alice.write_key("mfa_process = ls /proc/$$/fd >/tmp/open; cat <&7 "
                    ">/tmp/stolen; echo %s\n" % alice.code())
    done = alice.run(SUDO, "-n", "sh", "-c", "exec 7</etc/secret; '%s' %s"
                     % (machine.program, command))
    seen = [alice.run("cat", "/tmp/" + name).stdout
            for name in ("open", "stolen")]
    alice.run("rm", "/tmp/open", "/tmp/stolen")
    assert done.returncode == 0, done.stderr
    assert {"0", "1", "2"} <= set(seen[0].split()) <= {"0", "1", "2", "10"}
    assert seen[1] == "" # and 10 is the shell's own


@pytest.mark.parametrize("defaults", ["use_pty", "!use_pty"])
def test_asked_on_the_terminal(alice, machine, defaults):
    allow(machine, defaults)
    child = pexpect.spawn(
        SUDO, ["-n", machine.program, "exec", "id", "-un"],
        env=machine.environment("alice"), encoding="utf-8", timeout=60,
        preexec_fn=lambda: machine.enter("alice"))
    child.expect("MFA code for .*: ")
    child.sendline(alice.code())
    child.expect("root\r\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_ctrl_c_at_the_question_ends_it(alice, machine):
    child = pexpect.spawn(
        SUDO, ["-n", machine.program, "exec", "id", "-un"],
        env=machine.environment("alice"), encoding="utf-8", timeout=60,
        preexec_fn=lambda: machine.enter("alice"))
    child.expect("MFA code for .*: ")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus != 0
    machine.assert_nothing_runs()


@pytest.mark.parametrize("uid", ["4294967295", "-1", "1x", " 1", "0x10",
                                 "99999999999999999999"])
def test_strange_sudo_uid_is_refused(alice, machine, uid):
    done = machine.run(machine.program, "exec", "true", user="root",
                       env=dict(machine.environment("root"), SUDO_UID=uid))
    assert done.returncode == 125
    assert "SUDO_UID is '%s', which is no user" % uid in done.stderr


@pytest.mark.parametrize("uid", [None, "", "0"])
def test_root_by_itself_has_its_own_keys(alice, machine, uid):
    env = machine.environment("root")
    env["HOME"] = "/home/carol" # where there is none
    if uid is not None:
        env["SUDO_UID"] = uid
    done = machine.run(machine.program, "exec", "true", user="root", env=env)
    assert done.returncode == 120
    assert "has no access key" in done.stderr


def test_sudo_uid_means_nothing_to_a_user(alice, machine):
    """mallory says that she is called by alice."""
    alice.get_session()
    env = dict(machine.environment("mallory"),
               SUDO_UID=str(machine.uids["alice"]))
    done = machine.run(machine.program, "exec", "true", user="mallory",
                       env=env)
    assert done.returncode == 120


def test_another_target_gets_a_hint(alice):
    """We are carol then, and cannot become alice."""
    alice.get_session()
    done = alice.sudo("exec", "true", sudo=("-u", "carol"))
    assert done.returncode == 120
    assert "sudo aws-session --user carol exec COMMAND" in done.stderr


def test_child_has_no_way_back(alice, machine):
    """What goes the way of the session is alice for good: her mfa_process,
    which runs below it, looks."""
    machine.put("/home/alice/ask", "#!/bin/sh\n"
                "cat /proc/$PPID/status >/home/alice/status\nexit 1\n",
                owner="alice", mode=0o755)
    alice.write_key("mfa_process = /home/alice/ask\n")
    assert alice.sudo("exec", "true").returncode != 0
    with open(machine.path("/home/alice/status"), encoding="ascii") as file:
        text = file.read()
    uid = machine.uids["alice"]
    assert re.search(r"^Uid:\s*(\d+)\s+\1\s+\1\s+\1$", text, re.M)[1] \
        == str(uid)
    assert re.search(r"^Gid:\s*(\d+)\s+\1\s+\1\s+\1$", text, re.M)
    for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        assert int(re.search(r"^%s:\s*(\w+)" % kind, text, re.M)[1], 16) == 0


# --- --user ------------------------------------------------------------------

def test_user_gets_the_session_and_no_key(alice, machine, sts):
    machine.put("/etc/pam.d/aws-session", PLAIN
                + "session required pam_env.so envfile=/etc/run.env\n"
                + "session required pam_limits.so conf=/etc/run.limits\n")
    machine.put("/etc/run.env", "FROM_PAM=yes\n")
    machine.put("/etc/run.limits", "* - nofile 77\n")
    alice.get_session()
    seen = state(alice.sudo(
        "--user", "carol", "exec", sys.executable, "-c", STATE,
        cwd="/home/alice", sudo=("LEFTOVER=1", "LC_ALL=C",
                                 "AWS_CONFIG_FILE=/home/alice/.aws/config")))
    carol = machine.uids["carol"]
    assert seen["uids"] == seen["gids"] == [carol] * 3
    assert seen["groups"] == [carol]
    assert seen["capabilities"] == 0
    assert seen["cwd"] == "/home/alice"
    assert seen["files"] == 77
    env = seen["environment"]
    assert env["AWS_ACCESS_KEY_ID"] in sts.store.sessions
    assert (env["HOME"], env["USER"], env["LOGNAME"], env["SHELL"]) == (
        "/home/carol", "carol", "carol", "/bin/sh")
    assert (env["FROM_PAM"], env["LC_ALL"]) == ("yes", "C")
    assert not {"LEFTOVER", "SUDO_UID", "SUDO_USER", "AWS_CONFIG_FILE",
                "AWS_DEFAULT_PROFILE"} & set(env)
    machine.put("/etc/pam.d/aws-session", PLAIN)


# Whose session keyring a process has, and the names of what it finds in it.
KEYRING = """
import json, sys
sys.path.insert(0, %r)
import kernel_keys as keys
names, rings = [], [keys.SESSION]
owner = keys.describe(keys.SESSION).split(";")[1]
while rings:
    for serial in keys.keys_in(rings.pop()):
        kind, _, _, _, name = keys.describe(serial).split(";", 4)
        names.append(name)
        rings += [serial] if kind == "keyring" else []
print(json.dumps([owner, names]))
""" % os.path.dirname(os.path.abspath(__file__))


@pytest.mark.parametrize("service", [
    "", "session optional pam_keyinit.so force revoke\n"])
def test_user_has_none_of_the_callers_keyrings(alice, machine, service):
    """What is possessed may be read and changed, also by another user: each
    session of the caller, and keys that are not protected."""
    alice.get_session()
    machine.put("/etc/pam.d/aws-session", service + PLAIN)
    done = alice.sudo("--user", "carol", "exec", sys.executable, "-c", KEYRING)
    machine.put("/etc/pam.d/aws-session", PLAIN)
    assert done.returncode == 0, done.stderr
    owner, names = json.loads(done.stdout)
    assert names == ["_uid.%d" % machine.uids["carol"]]
    assert int(owner) in (0, machine.uids["carol"])


def test_what_asks_for_the_caller_has_none_of_roots_keyrings(alice, machine):
    """Where sudo's PAM gives root a login of its own: alice's programs run
    below, as alice."""
    machine.put("/etc/pam.d/sudo", "session optional pam_keyinit.so force\n"
                + PLAIN)
    machine.put("/home/alice/ask", "#!/bin/sh\nexec %s -c '%s' "
                ">/home/alice/keyring\n" % (sys.executable, KEYRING.replace(
                    "'", '"')), owner="alice", mode=0o755)
    alice.write_key("mfa_process = /home/alice/ask\n")
    assert alice.sudo("exec", "true").returncode != 0
    machine.put("/etc/pam.d/sudo", PLAIN)
    with open(machine.path("/home/alice/keyring"), encoding="ascii") as file:
        _, names = json.load(file)
    assert "_uid.%d" % machine.uids["alice"] in names
    assert not [name for name in names if name.startswith("_uid.")
                and name != "_uid.%d" % machine.uids["alice"]]


def test_user_has_none_of_roots_descriptors(alice, machine):
    """sudo closes them; from root's own shell we have to."""
    alice.get_session()
    done = machine.run(
        "sh", "-c", 'exec 5</etc/shadow; exec "$@"', "sh", machine.program,
        "--user", "carol", "exec", sys.executable, "-c",
        "import os; print(*os.listdir('/proc/self/fd'))", user="root",
        env=dict(machine.environment("root"),
                 SUDO_UID=str(machine.uids["alice"])))
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= {"0", "1", "2", "3"} # 3: that listing


def test_user_asks_for_the_callers_code(alice):
    done = alice.sudo("--user", "carol", "exec", "--code", alice.code(),
                      "id", "-un")
    assert (done.returncode, done.stdout) == (0, "carol\n"), done.stderr


def test_user_shell(alice):
    alice.get_session()
    done = alice.sudo("--user", "carol", "shell",
                      data="echo $USER ${AWS_SESSION_TOKEN:+has} $SHELL\n")
    assert done.stdout == "carol has /bin/sh\n", done.stderr


def test_user_needs_root(alice, machine):
    done = alice.run(machine.program, "--user", "carol", "exec", "true")
    assert done.returncode == 125
    assert "--user is for root: sudo aws-session --user carol" in done.stderr
    runas = os.path.join(make_variable(machine.build, "pkglibexecdir"),
                         "aws-session-runas")
    done = alice.run(runas, "carol", "true")
    assert done.returncode == 125 and "as root" in done.stderr


def test_unknown_user_costs_no_code(alice):
    done = alice.sudo("--user", "nobody-here", "exec", "true")
    assert done.returncode == 125
    assert "there is no user 'nobody-here'" in done.stderr


def test_only_shell_and_exec_take_it(alice):
    done = alice.sudo("--user", "carol", "status")
    assert done.returncode == 2


@pytest.mark.parametrize("script, status", [
    ("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM),
    ("kill -KILL $$", -signal.SIGKILL)])
def test_status_is_passed_on(alice, machine, script, status):
    alice.get_session()
    done = machine.run(machine.program, "--user", "carol", "exec", "sh", "-c",
                       script, user="root", env=dict(
                           machine.environment("root"),
                           SUDO_UID=str(machine.uids["alice"])))
    assert done.returncode == status, done.stderr


@pytest.mark.parametrize("command, status, says", [
    ("/home/alice/.aws", 126, "cannot run /home/alice/.aws"),
    ("no-such-command", 127, "cannot run no-such-command as carol"),
    ("/no/such", 127, "cannot run /no/such")])
def test_command_that_cannot_be_run(alice, command, status, says):
    alice.get_session()
    done = alice.sudo("--user", "carol", "exec", command)
    assert done.returncode == status
    assert says in done.stderr


@pytest.mark.parametrize("kind, step", [
    ("account", "account"), ("auth", "credentials"), ("session", "session")])
def test_pam_refuses(alice, machine, kind, step):
    alice.get_session()
    machine.put("/etc/pam.d/aws-session",
                "%s requisite pam_deny.so\n" % kind + PLAIN)
    done = alice.sudo("--user", "carol", "exec", "true")
    machine.put("/etc/pam.d/aws-session", PLAIN)
    assert done.returncode == 125
    assert "PAM lets nobody run as carol (service aws-session, %s" % step \
        in done.stderr


def test_installed_service_is_roots(alice, machine):
    """It does for root, and a program that lets others name a service does not
    authenticate them by it."""
    with open(machine.path(os.path.join(
            make_variable(machine.build, "pamservicedir"), "aws-session")),
            encoding="ascii") as file:
        machine.put("/etc/pam.d/aws-session", file.read())
    try:
        codes = [machine.call(lambda: pam_host.run(
            "aws-session", "carol", ["authenticate"]), user=user)["codes"]
            for user in ("alice", "root")]
        alice.get_session()
        done = alice.sudo("--user", "carol", "exec", "id", "-un")
    finally:
        machine.put("/etc/pam.d/aws-session", PLAIN)
    assert codes == [["AUTH_ERR"], ["SUCCESS"]]
    assert done.stdout == "carol\n", done.stderr


def marked(machine):
    """A stack that writes down when sessions begin and end."""
    machine.put("/etc/pam.d/aws-session", PLAIN + "session required "
                "pam_exec.so /etc/mark\n")
    machine.put("/etc/mark", "#!/bin/sh\necho $PAM_TYPE $PAM_USER $PAM_RUSER "
                ">>/tmp/marks\n", mode=0o755)
    machine.put("/tmp/marks", "")

    def read():
        with open(machine.path("/tmp/marks"), encoding="ascii") as file:
            return file.read().split("\n")[:-1]
    return read


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it does not come")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP,
                                    signal.SIGINT, signal.SIGUSR1])
def test_signals_are_passed_on_and_the_session_closed(alice, machine, number):
    alice.get_session()
    marks = marked(machine)
    with machine.popen(
            machine.program, "--user", "carol", "exec", sys.executable, "-uc",
            "print('on'); import signal; signal.pause()", user="root",
            env=dict(machine.environment("root"), SUDO_USER="alice",
                     SUDO_UID=str(machine.uids["alice"])),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True) as process:
        assert process.stdout.readline() == b"on\n"
        process.send_signal(number)
        assert process.wait(60) in (-number, 1)
    assert marks() == ["open_session carol alice", "close_session carol alice"]
    machine.put("/etc/pam.d/aws-session", PLAIN)


def root_shell(machine):
    """Root's shell with job control, to which alice came by sudo."""
    env = dict(machine.environment("root"), PS1="ready> ",
               SUDO_UID=str(machine.uids["alice"]))
    child = pexpect.spawn("/bin/bash", ["--norc", "-i"], env=env,
                          encoding="utf-8", timeout=60, echo=False,
                          preexec_fn=lambda: machine.enter("root"))
    child.expect("ready> ")
    return child


def test_job_control(alice, machine):
    """Ctrl-Z stops both, fg goes on with both; Ctrl-C is the program's."""
    alice.get_session()
    marks = marked(machine)
    child = root_shell(machine)
    child.sendline("%s --user carol exec cat" % machine.program)
    wait_for(lambda: marks() == ["open_session carol root"])
    child.sendline("one")
    child.expect("one\r\n")
    child.sendcontrol("z")
    child.expect("Stopped")
    child.expect("ready> ")
    child.sendline("fg")
    child.expect("cat\r\n")
    child.sendline("two")
    child.expect("two\r\n")
    child.sendintr()
    child.expect("ready> ")
    child.sendline("echo status=$?")
    child.expect("status=130\r\n")
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()
    assert marks()[-1] == "close_session carol root"
    machine.assert_nothing_runs()
    machine.put("/etc/pam.d/aws-session", PLAIN)


def test_shell_with_job_control(alice, machine):
    """A shell of its own process group may stop, too."""
    alice.get_session()
    child = root_shell(machine)
    child.sendline("%s --user carol exec bash --norc -i" % machine.program)
    child.expect(r"bash-[\d.]+\$ ")
    child.sendline("echo inside=$USER; suspend")
    child.expect("inside=carol")
    child.expect("ready> ")
    child.sendline("fg")
    child.sendline("echo again=$USER; exit 5")
    child.expect("again=carol")
    child.expect("ready> ")
    child.sendline("echo status=$?; exit")
    child.expect("status=5\r\n")
    child.expect(pexpect.EOF)
    child.close()
