"""add, list, remove, clear and status; the cache scope and the key quota.

As root all of it happens in the keyrings of a user whom nobody knows, so that
nobody's keys are touched; else in those of whoever runs the tests. The signer
is that of the build tree, so stored keys are the user's; what is protected is
tested on a machine with the installed one.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pexpect
import pytest

from conftest import KEYCTL, NO_SESSION, Person, leaks
from machine import machine, needs_root  # noqa: F401 pylint: disable=W0611
from test_keyring import FILL, unknown_uid

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ID_PROMPT, SECRET_PROMPT = "Access key id for profile [^:]*: ", \
    r"Secret access key \(not shown\): "


class Stranger(Person):
    """Alice as a user of this machine with keyrings to herself."""

    options = {}

    def run(self, *arguments, **more):
        return super().run(*arguments, **{"cwd": "/", **self.options, **more})

    def become(self):
        """In a child process."""
        if self.options:
            os.setgroups([])
            os.setgid(self.options["group"])
            os.setuid(self.options["user"])

    def spawn(self, *arguments, **more):
        return super().spawn(*arguments, cwd="/", preexec_fn=self.become,
                             **more)

    def do(self, *words, **more):
        """Another program."""
        return subprocess.run(words, capture_output=True, text=True, cwd="/",
                              check=False, **self.options, **more)

    def keys(self, keyring="@u"):
        """Serial number -> name of our keys."""
        found = {}
        for serial in self.do(KEYCTL, "rlist", keyring).stdout.split():
            name = self.do(KEYCTL, "rdescribe", serial).stdout
            if ";aws-session:" in name:
                found[serial] = name.strip().split(";", 4)[4]
        return found

    def kept(self, kind):
        return sorted(name for name in self.keys().values()
                      if name.startswith("aws-session:%s:" % kind))

    def stored(self, profile):
        """The payload of a stored key, None if there is none."""
        for serial, name in self.keys().items():
            if name == "aws-session:parent:" + profile:
                return self.do(KEYCTL, "pipe", serial).stdout
        return None

    def add(self, profile="default", key_id=KEY_ID, secret=SECRET):
        done = self.run("add", "--stdin", "--force", profile, stdin=None,
                        input="%s\n%s\n" % (key_id, secret))
        assert done.returncode == 0, done.stderr
        return done

    def get_session(self, *options, **more):
        done = self.run("--code", self.code(), *options, "exec", "true",
                        **more)
        assert done.returncode == 0, done.stderr
        self.sts.clock.mfa_offset += 30
        return done

    def status(self, *options, **more):
        done = self.run("status", "--json", *options, **more)
        return json.loads(done.stdout)


@pytest.fixture
def alice(build, sts):
    """With keys in no file and none in the keyring."""
    options = unknown_uid(build) if os.getuid() == 0 else {}
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    someone = Stranger(home, build, sts)
    someone.options = options
    someone.env["AWS_CA_BUNDLE"] = str(home / "ca.pem")
    shutil.copy(sts.ca_file, home / "ca.pem")
    (home / "ca.pem").chmod(0o644)
    someone.write_key(sts.alice)
    someone.credentials.unlink()
    before = someone.keys()
    try:
        yield someone
        assert leaks("\n".join(someone.said), sts.secrets | {SECRET}
                     if isinstance(sts.secrets, set)
                     else [*sts.secrets, SECRET]) == []
    finally:
        for serial in set(someone.keys()) - set(before):
            someone.do(KEYCTL, "unlink", serial, "@u")
        persistent = someone.do(KEYCTL, "get_persistent", "@p")
        for serial in someone.keys(persistent.stdout.strip()):
            someone.do(KEYCTL, "unlink", serial, persistent.stdout.strip())
        shutil.rmtree(home)


def sentence(done, status=None):
    """The one line of a failure."""
    assert done.returncode in ((status,) if status else NO_SESSION), \
        done.stderr
    assert done.stderr.startswith("aws-session: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr[len("aws-session: "):-1]


# ------------------------------------------------------------- add, terminal

def modes(child):
    """The modes of the terminal: the slave's, by the master."""
    return termios.tcgetattr(child.child_fd)


def echoes(child):
    return bool(modes(child)[3] & termios.ECHO)


def wait_for_echo(child, wanted):
    for _ in range(200):
        if echoes(child) == wanted:
            return
        time.sleep(0.01)
    raise AssertionError("the echo is not %s" % ("on" if wanted else "off"))


def finish(child):
    """What it still says, and its exit status, negative for a signal."""
    child.expect(pexpect.EOF)
    text = child.before
    child.close()
    return text, (child.exitstatus if child.signalstatus is None
                  else -child.signalstatus)


def at_secret(alice, *words):
    """Type the key id and wait for the other prompt. Returns the terminal
    and its modes of before."""
    child = alice.spawn("add", *words)
    child.logfile_read = open(alice.home / "seen", "w", encoding="utf-8")
    child.expect(ID_PROMPT)
    before = modes(child)
    assert echoes(child)
    child.sendline(KEY_ID)
    child.expect(SECRET_PROMPT)
    wait_for_echo(child, False)
    return child, before


def seen(child):
    child.logfile_read.flush()
    with open(child.logfile_read.name, encoding="utf-8") as file:
        return file.read()


def test_dialog(alice):
    child, before = at_secret(alice, "work")
    child.sendline(SECRET)
    text, status = finish(child)
    assert status == 0
    assert re.fullmatch(
        r"\s*Stored key %s of profile work, not protected \(every program of "
        r"yours can read it\): the signer .+ is not setuid.*\.\s*" % KEY_ID,
        text, re.S)
    assert SECRET not in seen(child) and SECRET[:8] not in seen(child)
    assert alice.stored("work") == "%s\n%s" % (KEY_ID, SECRET)
    assert before[3] & termios.ECHO


def test_cannot_be_looked_into(alice):
    """No other program of hers can attach and wait for the secret."""
    def may_look_into(pid):
        return alice.do("cat", "/proc/%d/environ" % pid).returncode == 0

    with subprocess.Popen(["sleep", "60"], cwd="/", **alice.options) as other:
        assert may_look_into(other.pid)
        other.kill()
    child, _ = at_secret(alice)
    assert not may_look_into(child.pid)
    child.sendline(SECRET)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


def test_modes_are_those_of_before(alice):
    child, before = at_secret(alice)
    during = modes(child)
    assert not during[3] & (termios.ECHO | termios.ECHONL)
    assert during[3] & termios.ICANON and during[3] & termios.ISIG
    child.sendline("x y")
    child.expect("holds a blank")
    assert modes(child) == before
    assert finish(child)[1] == 125


@pytest.mark.parametrize("how, status", [
    (lambda child: child.sendintr(), -signal.SIGINT),
    (lambda child: child.send("\x1c"), -signal.SIGQUIT),
    (lambda child: child.kill(signal.SIGTERM), -signal.SIGTERM),
    (lambda child: child.kill(signal.SIGHUP), -signal.SIGHUP),
    (lambda child: child.sendeof(), 125)],
    ids=["Ctrl-C", "Ctrl-backslash", "SIGTERM", "SIGHUP", "Ctrl-D"])
def test_given_up_at_the_secret(alice, how, status):
    child, before = at_secret(alice)
    child.send(SECRET[:10])
    how(child)
    if status == 125:       # Ctrl-D first ends what was typed
        child.sendeof()
    wait_for_echo(child, True)
    assert modes(child) == before
    assert finish(child)[1] == status
    assert SECRET[:10] not in seen(child)
    assert alice.kept("parent") == []


# Run a program in a process group of its own in the foreground, as a shell
# does; when it stops, say whether the terminal echoes, and go on.
SHELL = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
try:
    os.setpgid(child, child)
except OSError:
    pass
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status) % 256)
    echo = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    os.tcsetpgrp(0, os.getpgrp())
    os.write(1, b"stopped, echo %s\\r\\n" % str(echo).encode())
    os.read(0, 100)
    os.tcsetpgrp(0, child)
    os.kill(child, signal.SIGCONT)
"""


def test_stopped_at_the_secret(alice):
    child = pexpect.spawn(
        sys.executable, ["-c", SHELL, alice.program, "add"], env=alice.env,
        encoding="utf-8", timeout=20, cwd="/", preexec_fn=alice.become)
    child.expect(ID_PROMPT)
    child.sendline(KEY_ID)
    child.expect(SECRET_PROMPT)
    wait_for_echo(child, False)
    child.send("\x1a")
    child.expect("stopped, echo True")
    assert echoes(child)
    child.sendline("fg")
    child.expect(SECRET_PROMPT)
    wait_for_echo(child, False)
    child.sendline(SECRET)
    assert "Stored key" in finish(child)[0]
    assert alice.stored("default") == "%s\n%s" % (KEY_ID, SECRET)


def test_ended_at_the_id(alice):
    child = alice.spawn("add")
    child.expect(ID_PROMPT)
    child.sendeof()
    text, status = finish(child)
    assert status == 125 and "no access key id was given" in text


@pytest.mark.parametrize("answer, status", [
    ("y", 0), ("YES", 0), ("n", 125), ("", 125), ("\x04", 125)])
def test_existing_is_asked_for(alice, answer, status):
    alice.add(secret="old" + SECRET)
    child = alice.spawn("add")
    child.expect(r"Profile default has a stored key already, %s\. Replace "
                 r"it\? \[y/N\] " % KEY_ID)
    child.send(answer if answer == "\x04" else "maybe\n")
    if answer != "\x04":
        child.expect(r"\[y/N\] ")
        child.sendline(answer)
    if status == 0:
        child.expect(ID_PROMPT)
        child.sendline(KEY_ID)
        child.expect(SECRET_PROMPT)
        wait_for_echo(child, False)
        child.sendline(SECRET)
    text, ended = finish(child)
    assert ended == status
    assert ("stays" in text) == (status != 0)
    assert alice.stored("default").endswith(
        "\n" + (SECRET if status == 0 else "old" + SECRET))
    assert len(alice.kept("parent")) == 1


def test_existing_without_a_terminal(alice):
    alice.add()
    done = alice.run("add", "--stdin", stdin=None,
                     input="AKIAOTHER00000000000\n" + SECRET)
    assert sentence(done, 123) == (
        "profile default has a stored key already, %s: give --force to "
        "replace it" % KEY_ID)
    assert alice.stored("default").startswith(KEY_ID)


def test_no_terminal_to_ask(alice):
    assert "give it with --stdin or --env" in sentence(alice.run("add"), 123)


# ------------------------------------------------------------- add, otherwise

@pytest.mark.parametrize("text", [
    "{id}\n{secret}\n", "{id}\r\n{secret}\r\n", "{id}\n{secret}",
    "  {id} \n\t{secret}\n", "{id}\n{secret}\nmore\n"])
def test_stdin(alice, text):
    done = alice.run("add", "--stdin", "p", stdin=None,
                     input=text.format(id=KEY_ID, secret=SECRET))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and KEY_ID in done.stdout
    assert done.stderr == ""
    assert alice.stored("p") == "%s\n%s" % (KEY_ID, SECRET)


def test_stdin_behind_the_key_is_left(alice):
    done = alice.do("sh", "-c", '"$1" add --stdin >/dev/null; cat', "sh",
                    alice.program, input="%s\n%s\nrest\n" % (KEY_ID, SECRET),
                    env=alice.env)
    assert done.stdout == "rest\n"


ID = "the access key id "
THE_SECRET = "the secret access key "


@pytest.mark.parametrize("text, said", [
    ("", "ended before the access key id"),
    (KEY_ID + "\n", "ended before the secret access key"),
    (KEY_ID, "ended before the secret access key"),
    ("\n%s\n" % SECRET, ID + "is empty"),
    (KEY_ID + "\n\n", THE_SECRET + "is empty"),
    (SECRET + "\n" + KEY_ID + "\n", "are the two swapped?"),
    ("AKIA\n" + SECRET, ID + "has 4 characters"),
    ("AKIA" + "X" * 200 + "\n" + SECRET, ID + "has 204 characters"),
    ("AKIA" + "X" * 2000 + "\n" + SECRET, ID + "is longer than"),
    ("AKIA-OSFODNN7EXAMPLE\n" + SECRET, "something else than letters"),
    ("AKIA\u00e9OSFODNN7EXAMPL\n" + SECRET, "something else than letters"),
    ("ASIAIOSFODNN7EXAMPLE\n" + SECRET, "a temporary access key (ASIA)"),
    (KEY_ID + "\n" + SECRET[:20] + " " + SECRET[20:], "holds a blank"),
    (KEY_ID + "\n" + SECRET[:20] + "\x07" + SECRET[20:], "holds a blank"),
    (KEY_ID + "\n" + SECRET[:20] + "\u00e9", "beyond ASCII"),
    (KEY_ID + "\n" + SECRET * 7, "more than 256 characters"),
    (KEY_ID + "\n" + SECRET * 70, THE_SECRET + "is longer than"),
    (KEY_ID + "\0\n" + SECRET, ID + "holds a NUL byte"),
    (KEY_ID + "\n" + SECRET[:9] + "\0", THE_SECRET + "holds a NUL byte")])
def test_stdin_bad(alice, text, said):
    done = alice.run("add", "--stdin", stdin=None, input=text)
    assert said in sentence(done)
    assert done.stdout == ""
    for part in (SECRET[:9], KEY_ID[4:], "XXXX"):
        assert part not in done.stderr
    assert alice.kept("parent") == []


def test_ids_of_emulators_are_taken(alice):
    alice.add(key_id="test_key_of_localstack", secret="x")
    assert alice.stored("default") == "test_key_of_localstack\nx"


def test_stdin_is_no_terminal(alice):
    text, status = finish(alice.spawn("add", "--stdin"))
    assert status == 125 and "leave --stdin out" in text


def test_env(alice):
    key = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    done = alice.run("add", "--env", "p", env=key)
    assert done.returncode == 0, done.stderr
    assert alice.stored("p") == "%s\n%s" % (KEY_ID, SECRET)
    done = alice.run("add", "--env", "q",
                     env={**key, "AWS_SESSION_TOKEN": "t"})
    assert "temporary credentials (AWS_SESSION_TOKEN" in sentence(done)
    for name in key:
        done = alice.run("add", "--env", "q", env={**key, name: None})
        assert sentence(done) == "--env: %s is not set" % name
    assert sentence(alice.run("add", "--env", "--stdin"), 2)
    assert alice.stored("q") is None


@pytest.mark.parametrize("name, said", [
    ("a/b", "holds a slash"), ("../x", "holds a slash"),
    ("a\nb", "control character"), ("a\x1b[2J", "control character"),
    ("a\x7f", "control character"), ("x" * 256, "longer than 255 bytes"),
    ("x" * 300, "longer than 255 bytes"), ("", "name is empty")])
@pytest.mark.parametrize("command", [["add", "--stdin"], ["remove"]])
def test_bad_profile(alice, command, name, said):
    done = alice.run(*command, "--profile", name, stdin=None,
                     input="%s\n%s\n" % (KEY_ID, SECRET))
    assert said in sentence(done)
    assert alice.kept("parent") == []


@pytest.mark.parametrize("name", ["a b", "x" * 255, "a:b%c", "\u00fc", "a@b"])
def test_odd_profile(alice, name):
    alice.add(name)
    listed = json.loads(alice.run("list", "--json").stdout)
    assert [key["profile"] for key in listed["keys"]] == [name]
    done = alice.run("remove", "--force", name)
    assert done.returncode == 0, done.stderr
    assert alice.kept("parent") == []


def test_profile_of_the_variables(alice):
    for env, profile in (({"AWS_DEFAULT_PROFILE": "a"}, "a"),
                         ({"AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "b"},
                          "b"), ({"AWS_SESSION_PROFILE": "c"}, "c")):
        done = alice.run("add", "--stdin", stdin=None, env=env,
                         input="%s\n%s\n" % (KEY_ID, SECRET))
        assert done.returncode == 0, done.stderr
        assert alice.stored(profile)


def test_hints(alice, sts):
    """A key that would not be used, and one that is still in a file."""
    key = sts.alice.keys[0]
    alice.write_key(sts.alice, config="[profile r]\nrole_arn = arn:aws:iam::"
                    "123456789012:role/x\nsource_profile = default\n")
    assert "of its source_profile default" in alice.add("r").stderr
    done = alice.add(key_id=key.id, secret=key.secret)
    assert "aws-session import takes it out" in done.stderr


def test_no_secret_in_argv_or_environment_of_the_signer(alice):
    """strace would see it; the helper's environment is fixed."""
    done = alice.do("sh", "-c", "exec 3<&0; \"$1\" add --stdin <&3", "sh",
                    alice.program, input="%s\n%s\n" % (KEY_ID, SECRET),
                    env=alice.env)
    assert done.returncode == 0
    assert SECRET not in done.stdout + done.stderr


# ------------------------------------------------------------- the key in use

def store_alice(alice, sts, profile="default"):
    key = sts.alice.keys[0]
    return alice.add(profile, key.id, key.secret)


def test_stored_key_makes_sessions(alice, sts):
    store_alice(alice, sts)
    alice.get_session()
    assert sts.requests[-1]["access_key_id"] == sts.alice.keys[0].id
    sts.forget()
    assert alice.run("exec", "true").returncode == 0
    assert sts.requests == []


def test_after_a_reboot(alice):
    """The config names the profile, and nobody has its key."""
    done = alice.run("exec", "true")
    assert "looked in the keyring (empty after a reboot), " in done.stderr
    assert "; store one with aws-session add default, or " in sentence(done)


def test_another_key_finds_no_session_of_before(alice, sts):
    store_alice(alice, sts)
    alice.get_session()
    alice.run("remove", "--force")
    store_alice(alice, sts)
    assert "an MFA code is needed" in sentence(alice.run("exec", "true"),
                                               123)


def test_stored_in_every_login(alice, sts):
    """Stored where the session keyring is revoked, found where it is not."""
    revoked = (KEYCTL, "session", "-", "sh", "-c", KEYCTL + " revoke @s && "
               "exec \"$@\"", "sh", alice.program)
    key = sts.alice.keys[0]
    done = alice.do(*revoked, "add", "--stdin", env=alice.env,
                    input="%s\n%s\n" % (key.id, key.secret))
    assert done.returncode == 0, done.stderr
    alice.get_session()
    done = alice.do(*revoked, "list", "--json", env=alice.env)
    assert json.loads(done.stdout)["keys"][0]["access_key_id"] == key.id


# ------------------------------------------------------------- remove

def test_remove(alice):
    alice.add()
    done = alice.run("remove")
    assert "give --force" in sentence(done, 123)
    assert alice.stored("default")
    done = alice.run("remove", "default", "--force")
    assert done.returncode == 0 and KEY_ID in done.stdout
    assert alice.kept("parent") == []
    assert "no stored key of profile default" in sentence(
        alice.run("remove", "--force"))


@pytest.mark.parametrize("answer, gone", [("y", True), ("n", False),
                                          ("", False)])
def test_remove_asks(alice, answer, gone):
    alice.add()
    child = alice.spawn("remove")
    child.expect(r"Remove the stored key %s of profile default\? \[y/N\] "
                 % KEY_ID)
    child.sendline(answer)
    assert finish(child)[1] == (0 if gone else 125)
    assert (alice.stored("default") is None) == gone


def test_remove_a_malformed_key(alice):
    alice.do(KEYCTL, "add", "user", "aws-session:parent:default", "rubbish",
             "@u")
    listed = json.loads(alice.run("list", "--json").stdout)["keys"][0]
    assert listed["access_key_id"] is None
    assert "malformed" in listed["readers"]
    assert alice.run("remove", "--force").returncode == 0
    assert alice.kept("parent") == []


# ------------------------------------------------------------- list

KEY_FIELDS = {"profile", "access_key_id", "kept_in", "protected", "readers"}
SESSION_FIELDS = {"profile", "id", "kept_in", "expiration", "seconds_left"}


@pytest.fixture
def everything(alice, sts):
    """A key in each place, and two sessions."""
    key = sts.alice.keys[0]
    alice.write_key(sts.alice, config="[profile in-config]\n"
                    "aws_access_key_id = %s\naws_secret_access_key = %s\n"
                    "[profile lost]\naws_access_key_id = %s\n"
                    % (key.id, key.secret, SECRET))
    alice.credentials.chmod(0o640)
    if alice.options:
        os.chown(alice.credentials, alice.options["user"], 0)
    alice.get_session()
    alice.get_session("--session-duration", "1h")
    alice.add("stored")
    return alice


def test_list_json(everything, sts):
    done = everything.run("list", "--json", env={
        "AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT00000",
        "AWS_SECRET_ACCESS_KEY": SECRET})
    assert (done.returncode, done.stderr) == (0, "")
    listed = json.loads(done.stdout)
    assert set(listed) == {"keys", "sessions"}
    assert all(set(key) == KEY_FIELDS for key in listed["keys"])
    assert all(set(one) == SESSION_FIELDS for one in listed["sessions"])
    key = sts.alice.keys[0]
    assert [(one["profile"], one["access_key_id"], one["kept_in"])
            for one in listed["keys"]] == [
        (None, "AKIAENVIRONMENT00000", "environment"),
        ("default", key.id, "credentials_file"),
        ("in-config", key.id, "config_file"),
        ("lost", None, "config_file"),
        ("stored", KEY_ID, "keyring")]
    assert not any(one["protected"] for one in listed["keys"])
    assert "the file's mode is 0640" in listed["keys"][1]["readers"]
    left = [one["seconds_left"] for one in listed["sessions"]]
    assert 3500 < left[0] <= 3600 and 43100 < left[1] <= 43200
    assert {one["kept_in"] for one in listed["sessions"]} == {"user_keyring"}
    assert leaks(done.stdout, [*sts.secrets, SECRET]) == []


def test_list(everything, sts):
    done = everything.run("list")
    assert (done.returncode, done.stderr) == (0, "")
    keys, sessions = done.stdout.split("\n\n")
    lines = keys.splitlines()
    assert lines[0].split() == ["PROFILE", "KEY", "ID", "KEPT", "IN", "CAN",
                                "BE", "READ", "BY"]
    assert len({line.index("  ") > 0 for line in lines}) == 1
    assert [line.split()[:2] for line in lines[1:]] == [
        ["default", sts.alice.keys[0].id],
        ["in-config", sts.alice.keys[0].id], ["lost", "?"],
        ["stored", KEY_ID]]
    assert "keyring, unprotected  every program of yours" in lines[4]
    assert sessions.startswith("PROFILE  SESSION           TIME LEFT     "
                               "EXPIRES\n")
    assert re.search(r"^default  [0-9a-f]{16}  (59 min|1 h 0 min) +2\d{3}-.*Z\n"
                     r"default  [0-9a-f]{16}  1(1 h 59|2 h 0) min +2\d{3}-.*Z$",
                     sessions, re.M)
    assert leaks(done.stdout, [*sts.secrets, SECRET]) == []


def test_list_of_a_profile(everything):
    listed = json.loads(everything.run("list", "--json", "--profile",
                                       "stored").stdout)
    assert [one["profile"] for one in listed["keys"]] == ["stored"]
    assert listed["sessions"] == []


def test_list_nothing(alice):
    done = alice.run("list")
    assert done.returncode == 0
    assert done.stdout == ("No long-lived access keys: aws-session add stores "
                           "one.\n\nNo sessions.\n")
    assert json.loads(alice.run("list", "--json").stdout) == {
        "keys": [], "sessions": []}


def test_list_names_that_would_move_the_cursor(alice):
    alice.do(KEYCTL, "add", "user", "aws-session:parent:a%1B[2Jb%0A",
             "x", "@u")
    for options in ((), ("--json",)):
        shown = alice.run("list", *options).stdout
        assert "a?[2Jb?" in shown and "\x1b" not in shown


@pytest.mark.parametrize("name", ["aws-session:", "aws-session::",
                                  "aws-session:parent", "aws-session:parent:%",
                                  "aws-session:parent:%G0",
                                  "aws-session:parent:%00",
                                  "aws-session:session:x"])
def test_list_with_foreign_keys_about(alice, name):
    alice.do(KEYCTL, "add", "user", name, "x", "@u")
    done = alice.run("list", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["keys"] == []


# ------------------------------------------------------------- status

STATUS_FIELDS = {
    "profile", "region", "problem", "access_key", "session", "identity",
    "offline", "signer", "policy", "quota"}


def test_status_without_a_session(alice, sts):
    store_alice(alice, sts)
    sts.forget()
    done = alice.run("status", "--json")
    assert sentence(done) == (
        "profile default has no session: aws-session or aws-session exec "
        "makes one, with an MFA code")
    status = json.loads(done.stdout)
    assert set(status) == STATUS_FIELDS
    assert set(status["access_key"]) == KEY_FIELDS
    assert status["access_key"]["access_key_id"] == sts.alice.keys[0].id
    assert (status["session"], status["identity"], status["offline"],
            status["problem"]) == (None, None, None, None)
    assert status["signer"]["state"] == "not_setuid"
    assert status["signer"]["protects"] is False
    assert set(status["policy"]) == {
        "require_mfa", "allow_unprotected_keys", "max_session_duration",
        "parent_key_lifetime", "cache_scope"}
    assert sts.requests == []


def test_status_with_a_session(alice, sts):
    store_alice(alice, sts)
    alice.get_session()
    sts.forget()
    done = alice.run("status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    status = json.loads(done.stdout)
    assert status["identity"] == {"account": sts.account,
                                  "arn": sts.alice.arn}
    assert 43100 < status["session"]["seconds_left"] <= 43200
    assert [entry["operation"] for entry in sts.requests] == [
        "GetCallerIdentity"]
    with open("/proc/key-users", encoding="ascii") as file:
        uid = alice.options.get("user", os.getuid())
        line = next(line.split() for line in file
                    if line.split(":")[0].strip() == str(uid))
    # The kernel counts what is gone for a moment longer.
    assert abs(status["quota"]["keys"] - int(line[3].split("/")[0])) < 12
    assert status["quota"]["keys_most"] == int(line[3].split("/")[1])
    assert status["quota"]["bytes_most"] == int(line[4].split("/")[1])
    text = alice.run("status")
    assert text.returncode == 0
    assert [line.split("  ")[0] for line in text.stdout.splitlines()] == [
        "profile", "access key", "session", "identity", "stored keys",
        "policy", "cache scope", "key quota"]
    assert sts.alice.arn in text.stdout
    assert leaks(text.stdout + done.stdout, sts.secrets) == []


def test_status_offline(alice, sts):
    store_alice(alice, sts)
    alice.get_session()
    away = {"https_proxy": "http://127.0.0.1:1"}
    done = alice.run("status", "--json", env=away)
    assert (done.returncode, done.stderr) == (0, "")
    status = json.loads(done.stdout)
    assert status["identity"] is None
    assert status["session"]["seconds_left"] > 0
    assert "127.0.0.1" in status["offline"]
    assert "identity     not known: " in alice.run("status", env=away).stdout


def test_status_of_a_role_and_of_a_short_session(alice, sts):
    alice.write_key(sts.alice, config="[profile r]\nsource_profile = default\n"
                    "role_arn = %s\n" % sts.add_role("deploy").arn)
    alice.get_session("--profile", "r")
    status = alice.status("--profile", "r")
    assert ":assumed-role/deploy/" in status["identity"]["arn"]
    alice.get_session("--session-duration", "1h")
    assert alice.status("--session-duration", "1h")["session"]
    assert alice.status("--session-duration", "2h")["session"] is None


def test_status_without_a_key_or_profile(alice):
    done = alice.run("status", "--json")
    assert "store one with aws-session add default" in sentence(done)
    status = json.loads(done.stdout)
    assert status["access_key"] is None
    assert status["problem"] == sentence(done)
    done = alice.run("status", "--profile", "nobody")
    assert "there is no profile 'nobody'" in sentence(done)
    assert "access key   none: there is no profile" in done.stdout
    alice.config.write_text("[broken\n")
    done = alice.run("status")
    assert str(alice.config) in sentence(done)
    assert "key quota" in done.stdout


# ------------------------------------------------------------- clear

def many(alice, sts):
    """A session of the user and of a role, with notes, and stored keys."""
    alice.write_key(sts.alice, serial=False, config="[profile r]\n"
                    "source_profile = default\nrole_arn = %s\n"
                    % sts.add_role("deploy").arn)
    alice.get_session("--profile", "r")
    alice.add("one")
    alice.add("two")
    alice.do(KEYCTL, "add", "user", "aws-session:note:rotation%20one", "x y 1",
             "@u")
    assert len(alice.kept("session")) == 2
    assert len(alice.kept("note")) == 3


@pytest.fixture
def full(alice, sts):
    if not alice.options:
        pytest.skip("without root it would clear your own sessions")
    many(alice, sts)
    return alice


def test_clear(full):
    done = full.run("clear")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Cleared 2 sessions.\n"
    assert full.kept("session") == []
    # A code must not be sent twice, nor a rotation be forgotten.
    assert [name.split(":")[2].split("%")[0] for name in full.kept("note")] \
        == ["cleared", "cleared", "rotation", "spent-codes"]
    assert len(full.kept("parent")) == 2
    assert full.run("clear").stdout == "Cleared 0 sessions.\n"


def test_clear_a_profile(full):
    done = full.run("clear", "--profile", "r")
    assert done.stdout == "Cleared 1 session of profile r.\n"
    assert [name.split(":")[2] for name in full.kept("session")] == ["default"]
    assert len(full.kept("note")) == 4     # that it was cleared, too
    # The variable does not narrow it.
    full.run("clear", env={"AWS_PROFILE": "r"})
    assert full.kept("session") == []


def test_clear_a_profile_that_stands_for_another(full):
    """By its credential_process the sessions are those of the other one; also
    those that it had of its own before go."""
    with open(full.config, "a", encoding="utf-8") as file:
        file.write("[profile app]\ncredential_process = "
                   "aws-session export --profile default\n"
                   "[profile lost]\ncredential_process = "
                   "aws-session export --profile nowhere\n")
    assert full.run("clear", "--profile", "lost").stdout == \
        "Cleared 0 sessions of profile lost.\n"
    full.do(KEYCTL, "add", "user", "aws-session:session:app:0123456789abcdef",
            "{}", "@u")
    done = full.run("clear", "--profile", "app")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Cleared 2 sessions of profile default.\n"
    assert [name.split(":")[2] for name in full.kept("session")] == ["r"]
    # No key goes by another name than its own.
    full.run("clear", "--all", "--force", "--profile", "app")
    assert len(full.kept("parent")) == 2
    # Files that cannot be read are no reason not to clear.
    full.config.write_text("[broken\n")
    assert full.run("clear", "--profile", "r").stdout == \
        "Cleared 1 session of profile r.\n"


def test_clear_all(full):
    done = full.run("clear", "--all")
    assert "give --force" in sentence(done, 123)
    assert len(full.kept("session")) == 2
    done = full.run("clear", "--all", "--force", "--profile", "one")
    assert done.returncode == 0, done.stderr
    assert full.kept("parent") == ["aws-session:parent:two"]
    done = full.run("clear", "--all", "--force")
    assert done.stdout == ("Removed the stored key %s of profile two.\n"
                           "Cleared 2 sessions.\n" % KEY_ID)
    assert full.kept("parent") == full.kept("session") == []


@pytest.mark.parametrize("answer, left", [("y", 0), ("n", 2)])
def test_clear_all_asks(full, answer, left):
    child = full.spawn("clear", "--all")
    child.expect(r"Remove the stored keys of 2 profiles \(one \.\.\.\), too\? "
                 r"\[y/N\] ")
    child.sendline(answer)
    assert finish(child)[1] == (0 if answer == "y" else 125)
    assert len(full.kept("parent")) == left
    assert len(full.kept("session")) == left


# ------------------------------------------------------------- the key quota

@pytest.fixture
def filled(alice, sts):
    """Fills the quota of a key's bytes, or of keys; leaves what the signer
    needs to reach the stored key."""
    if not alice.options:
        pytest.skip("without root it would fill your own keyring")
    store_alice(alice, sts)

    def settle():
        """The kernel gives back what ended processes had, after a while."""
        seen, since = None, time.monotonic()
        while time.monotonic() < since + 0.5:
            with open("/proc/key-users", encoding="ascii") as file:
                now = [line for line in file
                       if line.split(":")[0].strip() == str(
                           alice.options["user"])]
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.02)

    def fill(size):
        settle()
        done = alice.do("/usr/bin/env", "python3", "-c", FILL, str(size))
        alice.do(KEYCTL, "unlink", done.stdout.split()[-1], "@u")
        alice.do(KEYCTL, "unlink", done.stdout.split()[-2], "@u")
        settle()
        if size == 1:       # these were keys, and no bytes
            alice.do(KEYCTL, "add", "user", "test-filler-x", "x", "@u")
            alice.do(KEYCTL, "add", "user", "test-filler-y", "x", "@u")
    yield fill
    listed = alice.do(KEYCTL, "rlist", "@u").stdout.split()
    alice.do("sh", "-c", "for key; do %s unlink $key @u; done" % KEYCTL, "sh",
             *listed)


def hours_left(alice):
    listed = json.loads(alice.run("list", "--json").stdout)
    return [round(one["seconds_left"] / 3600) for one in listed["sessions"]]


@pytest.mark.parametrize("size", [2000, 1])
def test_quota_evicts_the_session_that_ends_first(alice, sts, filled, size):
    """2000: no byte is left for it; 1: no key."""
    for hours in (2, 1, 4, 3):
        alice.get_session("--session-duration", "%dh" % hours)
    # Should the kernel give back something late, once more.
    for hours in range(5, 12):
        filled(size)
        done = alice.get_session("--session-duration", "%dh" % hours)
        lines = done.stderr.splitlines()
        if lines:
            break
    # A session may be smaller than another; the process keyring is a key.
    assert 1 <= len(lines) <= 3
    for number, line in enumerate(lines):
        assert re.fullmatch(
            "aws-session: the key quota is used up: the session of profile "
            r"default, which had (%d h 59 min|59 min|%d h 0 min) left, made "
            r"room \(see aws-session status\)" % (number, number + 1), line)
    assert hours_left(alice) == list(range(1, hours + 1))[len(lines):]
    sts.forget()
    assert alice.run("--session-duration", "5h", "exec",
                     "true").returncode == 0
    assert sts.requests == []


def test_quota_without_a_session_to_evict(alice, filled):
    filled(2000)
    done = alice.get_session()
    assert done.stderr.startswith("aws-session: the session works but is not "
                                  "kept: the kernel keyring of uid ")
    assert done.stderr.count("\n") == 1
    assert hours_left(alice) == []


# ------------------------------------------------------------- the command line

@pytest.mark.parametrize("words, said", [
    (["list", "--force"], "list does not take --force"),
    (["--json", "exec", "true"], "exec does not take --json"),
    (["--stdin"], "shell does not take --stdin"),
    (["remove", "--all"], "remove does not take --all"),
    (["status", "--env"], "status does not take --env"),
    (["list", "--code", "123456"], "list does not take --code"),
    (["list", "x"], "list takes no argument"),
    (["clear", "x"], "clear takes no argument"),
    (["add", "a", "b"], "add takes no second argument, but there is b"),
    (["add", "a", "--profile", "b"], "the profile is named twice"),
    (["--profile", "b", "remove", "a"], "the profile is named twice")])
def test_wrong_use(alice, words, said):
    assert sentence(alice.run(*words), 2).startswith(said) or \
        said in alice.said[-1]


def test_options_may_follow_the_profile(alice):
    done = alice.run("add", "p", "--stdin", "--force", stdin=None,
                     input="%s\n%s\n" % (KEY_ID, SECRET))
    assert done.returncode == 0, done.stderr
    assert alice.stored("p")


def test_variables_of_other_commands_do_not_matter(alice):
    assert alice.run("list", env={"AWS_SESSION_DURATION": "rubbish",
                                  "AWS_SESSION_MFA_CODE": "x"}
                     ).returncode == 0


# ------------------------------------------------------------- on a machine

class Resident(Stranger):
    """Alice on a machine where the signer is installed setuid."""

    def __init__(self, home, machine, sts):     # noqa: F811
        super().__init__(home, machine.build, sts)
        self.machine, self.program = machine, machine.program
        self.env["HOME"] = "/home/alice"
        self.env["AWS_CA_BUNDLE"] = "/home/alice/ca.pem"
        os.makedirs(machine.path("/home/alice/.aws"), exist_ok=True)
        with open(sts.ca_file, "rb") as file:
            machine.put("/home/alice/ca.pem", file.read())
        self.config = Path(machine.path("/home/alice/.aws/config"))
        self.credentials = Path(machine.path("/home/alice/.aws/credentials"))
        self.write_key(sts.alice)

    def run(self, *arguments, env=None, input=None, prepare=None,
            session=True, **_):             # pylint: disable=W0622
        full = {name: value for name, value in {**self.env,
                                                **(env or {})}.items()
                if value is not None}
        done = self.machine.run(self.program, *arguments, env=full,
                                data=input, prepare=prepare, session=session,
                                start_new_session=True)
        self.said.append(done.stderr)
        return done

    def do(self, *words, input=None, **_):      # pylint: disable=W0622
        return self.machine.run(*words, data=input)


@pytest.fixture
def resident(tmp_path, machine, sts):           # noqa: F811
    someone = Resident(tmp_path, machine, sts)
    yield someone
    machine.clear_keys("alice")
    policy = Path(machine.path(machine.policy))
    policy.unlink(missing_ok=True)
    shutil.rmtree(machine.path("/home/alice/.aws"))
    assert leaks("\n".join(someone.said), [*sts.secrets, SECRET]) == []


@pytest.fixture
def policy(machine):                            # noqa: F811
    def write(text, **options):
        machine.put(machine.policy, text, **options)
    return write


def on_a_machine(test):
    for mark in needs_root:
        test = mark(test)
    return test


@on_a_machine
def test_protected(resident, sts):
    key = sts.alice.keys[0]
    resident.credentials.unlink()
    done = store_alice(resident, sts)
    assert done.stdout == (
        "Stored key %s of profile default, protected: only user _aws-session, "
        "as whom the signer runs, can read them.\n" % key.id)
    listed = json.loads(resident.run("list", "--json").stdout)["keys"]
    assert listed == [{
        "profile": "default", "access_key_id": key.id, "kept_in": "keyring",
        "protected": True, "readers": "the signer only"}]
    assert "keyring, protected  the signer only" in resident.run("list").stdout
    resident.get_session()
    status = resident.status()
    assert status["signer"]["protects"] is True
    assert status["signer"]["state"] == "protects"
    assert status["access_key"]["protected"] is True
    assert status["identity"]["arn"] == sts.alice.arn
    assert "stored keys  protected: only user _aws-session" in \
        resident.run("status").stdout
    sts.forget()
    assert resident.run("exec", "true").returncode == 0
    assert sts.requests == []
    done = resident.run("remove", "--force")
    assert done.returncode == 0, done.stderr
    assert "(empty after a reboot)" in sentence(
        resident.run("exec", "true"))


@on_a_machine
def test_protected_key_and_sessions_of_another_key(resident, sts):
    """The serial number stands for the key: a new one, another session."""
    store_alice(resident, sts)
    resident.get_session()
    store_alice(resident, sts)
    assert "an MFA code is needed" in sentence(resident.run("exec", "true"),
                                               123)


@on_a_machine
def test_forged_key_is_not_protected(resident):
    resident.do(KEYCTL, "add", "user", "aws-session:parent:default",
                "%s\n%s" % (KEY_ID, SECRET), "@u")
    listed = json.loads(resident.run("list", "--json").stdout)["keys"]
    assert [one["protected"] for one in listed
            if one["kept_in"] == "keyring"] == [False]
    assert resident.status()["access_key"]["protected"] is False


def no_new_privs():
    import ctypes                           # pylint: disable=C0415
    assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0


@on_a_machine
@pytest.mark.parametrize("state, words", [
    ("no_new_privs", "runs with no_new_privs"),
    ("nosuid_mount", "mounted nosuid"), ("not_setuid", "is not setuid"),
    ("setuid_root", "is setuid root, and so refuses"),
    ("setuid_caller", "is setuid to yourself"), ("missing", "is missing")])
def test_why_not_protected(resident, machine, state, words):  # noqa: F811
    signer, prepare = machine.path(machine.signer), None
    mode, owner = os.stat(signer).st_mode, os.stat(signer).st_uid

    def mount(option):
        directory = os.path.dirname(machine.signer)
        machine.run("mount", "--bind", directory, directory, user="root")
        done = machine.run("mount", "-o", "remount,bind," + option, directory,
                           user="root")
        assert done.returncode == 0, done.stderr
    try:
        if state == "no_new_privs":
            prepare = no_new_privs
        elif state == "nosuid_mount":
            mount("nosuid")
        elif state == "not_setuid":
            os.chmod(signer, 0o755)
        elif state.startswith("setuid"):
            os.chown(signer, 0 if state == "setuid_root"
                     else machine.uids["alice"], 0)
            os.chmod(signer, 0o4711)
        else:
            os.rename(signer, signer + ".away")
        done = resident.run("status", "--json", prepare=prepare)
        signed = json.loads(done.stdout)["signer"]
        assert (signed["state"], signed["protects"]) == (state, False)
        assert words in signed["reason"]
        if state in ("no_new_privs", "nosuid_mount", "not_setuid"):
            added = resident.run("add", "--stdin", "--force", prepare=prepare,
                                 input="%s\n%s\n" % (KEY_ID, SECRET))
            assert "not protected" in added.stdout, added.stderr
            assert words in added.stdout
    finally:
        if state == "nosuid_mount":
            machine.run("umount", os.path.dirname(machine.signer),
                        user="root")
        elif state == "missing":
            os.rename(signer + ".away", signer)
        os.chown(signer, owner, 0)
        os.chmod(signer, mode & 0o7777)


@on_a_machine
@pytest.mark.parametrize("command", [["exec", "true"], ["shell"]])
def test_unprotected_keys_not_allowed(resident, sts, policy, command):
    resident.get_session()
    policy("allow_unprotected_keys = no\n")
    done = resident.run("--code", resident.code(), *command)
    assert sentence(done) == (
        "this machine's policy (allow_unprotected_keys = no) takes no access "
        "key from the credentials file: move it into the keyring with "
        "aws-session import default")
    key = sts.alice.keys[0]
    env = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    done = resident.run("--code", resident.code(), *command, env=env)
    assert "from the environment: store it with aws-session add --env" in \
        sentence(done)
    assert resident.status()["problem"].startswith("this machine's policy")
    done = resident.run("add", "--env", env=env)
    assert done.returncode == 0, done.stderr
    resident.get_session()
    assert resident.run(*command).returncode == 0


@on_a_machine
def test_unprotected_stored_key_not_allowed(resident, sts, policy):
    """One that was put there by keyctl(1), with a session that is kept."""
    key = sts.alice.keys[0]
    resident.credentials.unlink(missing_ok=True)
    resident.do(KEYCTL, "add", "user", "aws-session:parent:default",
                "%s\n%s" % (key.id, key.secret), "@u")
    resident.get_session()
    policy("allow_unprotected_keys = no\n")
    sts.forget()
    said = ("this machine's policy (allow_unprotected_keys = no) takes no "
            "unprotected key, and the stored one of profile default is: store "
            "it anew with aws-session add default")
    assert sentence(resident.run("--code", resident.code(), "exec",
                                 "true")) == said
    assert resident.status()["problem"] == said
    assert sts.requests == []
    listed = json.loads(resident.run("list", "--json").stdout)["keys"]
    assert [(one["access_key_id"], one["protected"]) for one in listed
            if one["kept_in"] == "keyring"] == [(key.id, False)]
    # The way out.
    store_alice(resident, sts)
    resident.get_session()


@on_a_machine
@pytest.mark.parametrize("text, options, said", [
    ("require_mfa = perhaps\n", {}, "line 1"),
    ("cache_scope = all\n", {}, "user, session or none"),
    ("nonsense = 1\n", {}, "nonsense"),
    ("", {"mode": 0o666}, "not trusted"),
    ("", {"owner": "alice"}, "not trusted")])
def test_broken_policy(resident, machine, policy, text, options,  # noqa: F811
                       said):
    policy(text, **options)
    done = resident.run("exec", "true")
    assert machine.policy in sentence(done)
    assert said in done.stderr
    status = json.loads(resident.run("status", "--json").stdout)
    assert status["policy"] is None
    assert said in status["problem"]
    assert said in resident.run("status").stdout


@on_a_machine
def test_policy_costs_one_open(resident, sts, policy):
    """Of a cached session: a small file more, and no process."""
    policy("cache_scope = user\n")
    resident.get_session()
    sts.forget()
    if not shutil.which("strace"):
        return
    done = resident.do("strace", "-f", "-e", "trace=openat,execve,fork,vfork,"
                       "clone,clone3", "env", *[
                           "%s=%s" % item for item in resident.env.items()],
                       resident.program, "exec", "true")
    assert done.returncode == 0, done.stderr
    ours = done.stderr[done.stderr.index('execve("%s"' % resident.program):]
    assert ours.count("aws-session.conf") == 1
    assert "clone" not in ours and "fork" not in ours


@on_a_machine
def test_cache_scope_none(resident, sts, policy):
    policy("cache_scope = none\n")
    assert resident.get_session().stderr == ""
    assert resident.kept("session") == []
    assert "an MFA code is needed" in sentence(resident.run("exec", "true"),
                                               123)
    assert resident.status()["policy"]["cache_scope"] == "none"
    # One of before is not used either.
    policy("cache_scope = user\n")
    resident.get_session()
    policy("cache_scope = none\n")
    assert "an MFA code is needed" in sentence(resident.run("exec", "true"),
                                               123)


@on_a_machine
def test_key_of_the_environment(resident, sts, policy):
    """The signer keeps it for what runs inside, where sessions are kept."""
    key = sts.alice.keys[0]
    env = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    resident.credentials.unlink()
    policy("cache_scope = none\n")
    resident.get_session(env=env)
    assert resident.kept("parent") == []
    policy("cache_scope = user\n")
    resident.get_session(env=env)
    assert resident.kept("parent") == [
        "aws-session:parent:environment%0A" + key.id]
    assert re.search("^-  +%s  keyring for 36 h, protected  the signer only$"
                     % key.id, resident.run("list").stdout, re.M)
    policy("allow_unprotected_keys = no\n")
    assert "takes no access key from the environment" in sentence(
        resident.run("exec", "true", env=env))


ONE_LOGIN = """
"$1" --code "$2" exec true || exit 1
"$1" exec printenv AWS_ACCESS_KEY_ID || exit 2
"$1" list --json; "$1" status --json; "$1" clear
"$1" exec true 2>&1
exit 0
"""


@on_a_machine
def test_cache_scope_session(resident, machine, sts, policy):  # noqa: F811
    """Found in the login that made it, and in no other one."""
    policy("cache_scope = user\n")
    resident.get_session()
    policy("cache_scope = session\n")
    assert "an MFA code is needed" in sentence(resident.run("exec", "true"),
                                               123)
    resident.run("clear")
    done = machine.run("sh", "-c", ONE_LOGIN, "sh", machine.program,
                       resident.code(), env=resident.env,
                       start_new_session=True)
    sts.clock.mfa_offset += 30
    assert done.returncode == 0, done.stderr
    key_id, _, rest = done.stdout.partition("\n")
    decoder = json.JSONDecoder()
    listed, end = decoder.raw_decode(rest)
    status, end = decoder.raw_decode(rest[end:].lstrip())[0], end
    assert key_id.startswith("ASIA")
    assert [one["kept_in"] for one in listed["sessions"]] == [
        "session_keyring"]
    assert status["identity"]["arn"] == sts.alice.arn
    assert "Cleared 1 session.\n" in done.stdout
    assert "an MFA code is needed" in done.stdout
    # Another login, while one is there.
    assert resident.get_session().stderr == ""
    assert resident.kept("session") == []
    assert "an MFA code is needed" in sentence(resident.run("exec", "true"),
                                               123)


@on_a_machine
def test_cache_scope_session_without_a_login(resident, policy):
    """Nowhere to keep it: that is said by status, and nothing breaks."""
    policy("cache_scope = session\n")
    assert resident.get_session(session=False).stderr == ""
    assert "this login has no keyring" in resident.run(
        "status", session=False).stdout
    assert "this login has no keyring" not in resident.run("status").stdout


@on_a_machine
def test_key_lifetime_and_duration_in_status(resident, policy):
    policy("parent_key_lifetime = 8h\nmax_session_duration = 2h\n"
           "require_mfa = no\n")
    assert resident.status()["policy"] == {
        "require_mfa": False, "allow_unprotected_keys": True,
        "max_session_duration": 7200, "parent_key_lifetime": 28800,
        "cache_scope": "user"}
