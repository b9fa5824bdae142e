"""aws-session doctor: each finding in each of its levels, as far as a test can
bring it about.

What belongs to one user is tested with the programs of the build tree; the
installation, /etc and PAM on a machine with the installed ones (machine.py).
"""

import contextlib
import ctypes
import glob
import json
import os
import re
import shutil
import socket
import struct
import subprocess

import pexpect
import pytest

import kernel_keys
from conftest import KEYCTL, leaks
from machine import (  # noqa: F401 pylint: disable=W0611
    SERVICE, machine, make_variable, needs_root)
from test_keys import alice  # noqa: F401 pylint: disable=W0611

LEVELS = ("ok", "warning", "problem")
CHECKS = ["programs", "signer", "process", "policy", "keyring",
          "login keyring", "key limits", "key quota", "login shell",
          "real shell", "PAM", "AWS files", "credentials", "settings",
          "environment", "profile", "access key", "AWS", "clock", "MFA device"]


class Findings:
    """What doctor --json printed: found["check"] is the list of its
    findings."""

    def __init__(self, done):
        root = json.loads(done.stdout)
        assert list(root) == ["profile", "problems", "warnings", "findings"]
        self.all, self.profile = root["findings"], root["profile"]
        for one in self.all:
            assert list(one) == ["check", "level", "what", "remedy"]
            assert one["level"] in LEVELS and one["what"]
            assert (one["remedy"] is None) == (one["level"] == "ok"), one
        counts = [sum(one["level"] == level for one in self.all)
                  for level in LEVELS[1:]]
        assert counts == [root["warnings"], root["problems"]]
        assert done.returncode == (125 if root["problems"] else 0)
        lines = done.stderr.splitlines()
        if root["problems"]:
            assert re.fullmatch(r"aws-session: %d problems? found: what to do "
                                r"stands behind (it|each)"
                                % root["problems"], lines.pop())
        assert lines == []
        names = [one["check"] for one in self.all]
        order = [CHECKS.index(name) for name in names]
        assert order == sorted(order)

    def __getitem__(self, check):
        return [one for one in self.all if one["check"] == check]

    def only(self, check, level, *words):
        """The one finding of a check: its remedy. words are in the text."""
        assert len(self[check]) == 1, self[check]
        return self.among(check, level, *words)

    def among(self, check, level, *words):
        """One of the findings of a check."""
        fitting = [one for one in self[check]
                   if all(word in one["what"] for word in words)]
        assert len(fitting) == 1, self[check]
        assert fitting[0]["level"] == level, fitting
        return fitting[0]["remedy"]

    def problems(self):
        return {one["check"] for one in self.all if one["level"] == "problem"}


def look(person, *options, **more):
    return Findings(person.run("doctor", "--json", *options, **more))


def put_in_order(person):
    """As it should be: no other user reads the files."""
    person.credentials.chmod(0o600)
    person.config.chmod(0o600)


# --- form ----------------------------------------------------------------------

def test_all_is_well(person, sts):
    put_in_order(person)
    found = look(person)
    assert found.problems() == set() and found.profile == "default"
    assert [name for name in CHECKS if not found[name]] == []
    assert sts.alice.keys[0].id in found["access key"][0]["what"]
    found.only("AWS", "ok", "answers: you are " + sts.alice.arn)
    found.only("clock", "ok", "off by ")
    found.only("MFA device", "ok", sts.alice.devices[0].serial + " is yours")
    found.only("environment", "ok", "outside of a session")
    found.only("settings", "ok")
    assert [entry["operation"] for entry in sts.requests] == [
        "GetCallerIdentity", "ListMFADevices"]


def test_text(person, sts):
    """A line each, aligned; the same as in JSON; no colour in a pipe."""
    sts.fault("error", status=500)
    done = person.run("doctor", env={"AWS_SECURITY_TOKEN": "x"})
    found = look(person, env={"AWS_SECURITY_TOKEN": "x"})
    assert done.returncode == 125
    lines = done.stdout.splitlines()
    width = max(len(name) for name in CHECKS)
    assert [(line[:7].strip(), line[9:9 + width].strip())
            for line in lines] == [(one["level"], one["check"])
                                   for one in found.all]
    texts = [line[11 + width:] for line in lines]
    for text, one in zip(texts, found.all):
        if one["check"] not in ("key quota", "clock"):  # they may move
            assert text == one["what"] + (
                " -> " + one["remedy"] if one["remedy"] else "")
    assert "\033" not in done.stdout
    assert leaks(done.stdout, sts.secrets) == []


@pytest.mark.parametrize("env, coloured", [
    ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False),
    ({"TERM": "dumb"}, False), ({"TERM": None}, False)])
def test_colour(person, env, coloured):
    child = person.spawn("doctor", env=env)
    child.expect(pexpect.EOF)
    child.close()
    assert ("\033[32mok" in child.before) == coloured
    assert ("\033" in child.before) == coloured
    assert child.exitstatus == 0


def test_wrong_use(person):
    for words in (["doctor", "x"], ["doctor", "--code", "123456"],
                  ["doctor", "--force"]):
        assert person.run(*words).returncode == 2


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_that_cannot_be_written(person, options):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([person.program, "doctor", *options],
                              env=person.env, stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 125
    assert done.stderr == (b"aws-session: cannot write to standard output: "
                           b"No space left on device\n")


# --- AWS and the clock ---------------------------------------------------------

@pytest.mark.parametrize("offset, level, says", [
    (30, "ok", "off by "), (100, "warning", " s slow"),
    (-100, "warning", " s fast"), (400, "problem", " s slow"),
    (-400, "problem", " s fast"), (-3 * 86400, "problem", " s fast")])
def test_clock(person, sts, offset, level, says):
    sts.offset = offset
    found = look(person)
    remedy = found.only("clock", level, says)
    assert remedy in (None, "sudo timedatectl set-ntp true")
    off = int(re.search(r"(\d+) s", found["clock"][0]["what"])[1])
    assert abs(off - abs(offset)) < 30
    assert found.problems() == ({"clock"} if level == "problem" else set())
    # Only days are not made up for: then AWS does not say who we are.
    for name in ("AWS", "MFA device"):
        assert len(found[name]) == (0 if offset < -86400 else 1)


def test_clock_unknown(person, sts):
    sts.fault("no-date")
    look(person).only("clock", "ok", "no date in AWS's answer")


@contextlib.contextmanager
def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def not_reached(person, says, remedy, **more):
    found = look(person, **more)
    assert remedy in found.only("AWS", "problem", says)
    assert found["MFA device"] == []
    assert found.problems() == {"AWS"}


def test_refused(person):
    with closed_port() as port:
        url = "https://127.0.0.1:%d" % port
        not_reached(person, "Connection refused", "curl -v %s/" % url,
                    env={"AWS_ENDPOINT_URL": url})


def test_name_not_found(person):
    not_reached(person, "the host sts.invalid is not found",
                "curl -v https://sts.invalid/",
                env={"AWS_ENDPOINT_URL": "https://sts.invalid"})


def test_not_trusted(person):
    not_reached(person, "is not trusted", "curl -v",
                env={"AWS_CA_BUNDLE": None})


def test_proxy(person):
    with closed_port() as port:
        not_reached(person, "the proxy 127.0.0.1:%d" % port, "curl -v",
                    env={"https_proxy": "http://u:geheim@127.0.0.1:%d" % port})
    assert "geheim" not in "".join(person.said)


def test_bundle(person, tmp_path):
    (tmp_path / "bundle").write_text("garbage")
    not_reached(person, "no certificate in PEM form", "--debug doctor",
                env={"AWS_CA_BUNDLE": str(tmp_path / "bundle")})


def test_hanging(person, sts):
    sts.fault("stall-handshake", seconds=60)
    not_reached(person, "within 10 s", "curl -v")


@pytest.mark.parametrize("name, options, says, remedy", [
    ("throttle", {}, "Rate exceeded", "try again"),
    ("error", {"status": 503, "body": "html"}, "503", "try again"),
    ("close-after", {}, "closed the connection", "try again"),
    ("garbage", {}, "", "curl -v")])
def test_trouble(person, sts, name, options, says, remedy):
    sts.fault(name, **options)
    not_reached(person, says, remedy)


def test_a_key_that_is_no_more(person, sts):
    del sts.store.keys[sts.alice.keys[0].id]
    not_reached(person, "AWS does not know", "the credentials file")


def test_a_wrong_secret(person, sts):
    text = person.credentials.read_text()
    person.credentials.write_text(text.replace(sts.alice.keys[0].secret,
                                               "x" * 40))
    not_reached(person, "the secret access key does not belong", "correct")


def test_a_session_signs(person, sts):
    done = person.run("--code", person.code(), "exec", "true")
    assert done.returncode == 0, done.stderr
    sts.forget()
    found = look(person)
    assert "session: 11 h 59 min" in found["access key"][0]["what"] or \
        "session: 12 h" in found["access key"][0]["what"]
    assert {entry["access_key_id"][:4] for entry in sts.requests} == {"ASIA"}
    sts.store.sessions.clear()
    assert look(person).only("AWS", "problem") == "aws-session clear"


# --- the MFA device ------------------------------------------------------------

def test_no_device(person, sts):
    person.write_key(sts.add_user("bob"), serial=False)
    found = look(person)
    assert found.only("MFA device", "problem", "no MFA device that gives "
                      "codes") == "aws-session provision-mfa"


def test_only_a_security_key(person, sts):
    bob = sts.add_user("bob")
    sts.store.enable_device(sts.store.add_device(
        sts.store.arn("iam", "u2f/user/bob/yubi-A")), bob)
    person.write_key(bob, serial=False)
    look(person).only("MFA device", "problem", "only a security key")


def test_a_security_key_is_configured(person, sts):
    person.write_key(sts.alice, serial=False,
                     config="mfa_serial = arn:aws:iam::123456789012:u2f/y\n")
    assert look(person).only("profile", "problem", "gives no codes") == (
        "change %s, line 2" % person.config)


def test_another_device_is_configured(person, sts):
    sts.add_user("bob", mfa=["bob"])
    person.write_key(sts.alice, serial=False, config="mfa_serial = %s\n"
                     % sts.store.device_of("bob").serial)
    assert look(person).only(
        "MFA device", "problem", "is none of your MFA devices",
        sts.alice.devices[0].serial) == (
            "change mfa_serial in %s, line 2" % person.config)


def test_another_device_is_remembered(person, sts):
    person.write_key(sts.alice, serial=False)
    assert person.run("--code", person.code(), "--session-duration", "15m",
                      "exec", "true").returncode == 0
    old = sts.alice.devices.pop()
    new = sts.store.add_device(sts.store.arn("iam", "mfa/new"))
    sts.store.enable_device(new, sts.alice)
    found = look(person)
    assert found.only("MFA device", "problem", old.serial, new.serial) == (
        "aws-session clear, which forgets it")


def test_a_device_that_is_found(person, sts):
    person.write_key(sts.alice, serial=False)
    look(person).only("MFA device", "ok", sts.alice.devices[0].serial)


def test_list_denied(person, sts):
    sts.alice.deny.add("iam:ListMFADevices")
    assert "iam:ListMFADevices" in look(person).only(
        "MFA device", "warning", "does not let you list")


def test_list_only_with_mfa(person, sts):
    sts.alice.mfa_only.add("iam:*")
    look(person).only("MFA device", "warning")
    assert person.run("--code", person.code(), "exec",
                      "true").returncode == 0
    look(person).only("MFA device", "ok")


def test_list_fails(person, sts):
    sts.fault("error", status=500, operation="ListMFADevices")
    look(person).only("MFA device", "warning", "InternalFailure")


# --- files, settings, variables --------------------------------------------------

def test_credentials(person):
    put_in_order(person)
    assert look(person).only("credentials", "warning", "1 long-lived key is",
                             "line 2") == "aws-session import"
    person.credentials.chmod(0o640)
    assert look(person).among("credentials", "warning", "others can read") \
        == "chmod 600 '%s'" % person.credentials
    person.config.chmod(0o666)
    assert look(person).among("credentials", "warning", "others can change") \
        == "chmod go-w '%s'" % person.config


def test_temporary_keys_are_not_long_lived(person):
    put_in_order(person)
    with person.credentials.open("a") as file:
        file.write("aws_session_token = x\n")
    found = look(person)
    found.only("credentials", "ok")
    assert found.only("profile", "problem", "temporary") == (
        "change %s, line 4" % person.credentials)


def test_stored_key(alice, sts):  # noqa: F811 pylint: disable=W0621
    key = sts.alice.keys[0]
    alice.add(key_id=key.id, secret=key.secret)
    try:
        found = look(alice)
    finally:    # from the persistent keyring, too
        assert alice.run("remove", "--force").returncode == 0
    assert found.problems() == set()
    found.only("access key", "ok", key.id, "in the keyring, not protected")
    found.only("credentials", "ok")
    found.only("MFA device", "ok")


def test_no_key(alice, sts):  # noqa: F811 pylint: disable=W0621
    """Nothing is broken, as on a new machine and after a reboot."""
    found = look(alice)
    assert found.problems() == set()
    assert found.only("access key", "warning") == "aws-session add 'default'"
    found.only("AWS", "warning", "not tried, for want of a key")
    assert found["MFA device"] == [] and sts.requests == []


def test_syntax(person):
    person.config.write_text("[default]\nregion\n")
    found = look(person)
    assert found.only("AWS files", "problem") == (
        "change %s, line 2" % person.config)
    assert found.profile is None
    for name in ("credentials", "settings", "profile", "access key",
                 "MFA device"):
        assert found[name] == []
    found.only("AWS", "warning", "not tried")


def test_unknown_profile(person):
    assert "list --profiles" in look(person, "--profile", "other").only(
        "profile", "problem", "there is no profile 'other'")


def test_files_that_cannot_be_read(person):
    person.config.write_bytes(b"[default]\n\0\n")
    assert look(person).only("AWS files", "problem") is not None
    person.config.unlink()
    person.config.symlink_to("/proc/self/mem")
    assert look(person).only("AWS files", "problem") is not None


@pytest.mark.parametrize("name, value", [
    ("AWS_REGION", "no region"), ("AWS_ENDPOINT_URL", "ftp://x"),
    ("AWS_CA_BUNDLE", "/nonexistent")])
def test_variable_that_cannot_be(person, name, value):
    assert look(person, env={name: value}).only("profile", "problem") == (
        "change %s, or unset it" % name)


def test_profile_that_cannot_be(person, sts):
    person.write_key(sts.alice, config="[profile r]\nregion = eu-west-1\n"
                     "role_arn = arn:aws:iam::123456789012:role/x\n")
    assert look(person, "--profile", "r").only(
        "profile", "problem", "no source_profile") == \
        "change %s, line 5" % person.config
    look(person).only("profile", "ok")


@pytest.mark.parametrize("line, says", [
    ("region = eu-west-1 # home", "a comment behind"),
    ("output = json ; x", "a comment behind"),
    ("role_session_name = \"me\"", "the quotes"),
    ("source_profile = 'b'", "the quotes"),
    ("external_id =", "set to nothing")])
def test_settings(person, sts, line, says):
    person.write_key(sts.alice, config="[profile x]\n%s\n" % line)
    assert look(person).only("settings", "warning", says,
                             line.split(" ")[0]) == (
        "change %s, line 4" % person.config)


def test_secrets_with_a_comment_are_not_shown(person, sts):
    text = person.credentials.read_text().rstrip()
    person.credentials.write_text(text + " # mine\n")
    done = person.run("doctor")
    assert "aws_secret_access_key: a comment" in done.stdout
    assert leaks(done.stdout, sts.secrets) == []


def test_settings_that_are_right(person, sts):
    person.write_key(sts.alice, config="""
        [profile x]
        credential_process = sh -c "x # y"
        region = eu-west-1
        # a comment
        s3 =
          addressing_style = path # ours
        output = a#b
        """.replace("\n        ", "\n"))
    look(person).only("settings", "ok")


@pytest.mark.parametrize("name, value, says", [
    ("AWS_SECURITY_TOKEN", "x", "outside of a session"),
    ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z", "outside"),
    ("AWS_SESSION_EXPIRES", "1", "outside"),
    ("AWS_DEFAULT_REGION", "", "set to nothing"),
    ("AWS_SHARED_CREDENTIALS_FILE", "", "set to nothing")])
def test_variables(person, name, value, says):
    assert look(person, env={name: value}).only(
        "environment", "warning", name, says) == "unset " + name


def test_profile_variable_of_no_profile(person):
    found = look(person, "--profile", "default", env={"AWS_PROFILE": "gone"})
    assert found.only("environment", "warning", "gone") == "unset AWS_PROFILE"
    look(person, env={"AWS_PROFILE": "default"}).only("environment", "ok")


def test_inside_of_a_session(person, sts):
    inside = person.variables("--code", person.code())
    inside = {name: value for name, value in inside.items()
              if name.startswith("AWS_")}
    look(person, env=inside).only("environment", "ok", "inside of a session")
    assert look(person, env={**inside, "AWS_PROFILE": "default"}).only(
        "environment", "warning") == "unset AWS_PROFILE"
    assert "aws-session refresh" in look(
        person, env={**inside, "AWS_SESSION_EXPIRES": "1"}).only(
            "environment", "warning", "has expired")


# --- who runs it, and where ------------------------------------------------------

@pytest.mark.parametrize("env", [
    {"HOME": None}, {"HOME": "/nonexistent"}, {"LANG": "xx_YY.nonsense",
                                               "LC_ALL": "broken"},
    {"PATH": None}, {"SHELL": None, "TERM": None}])
def test_strange_environments(person, env):
    found = look(person, env=env)
    assert found.problems() == set()
    found.only("keyring", "ok")
    assert person.run("doctor", env=env).returncode == 0


def test_names_that_could_do_harm(person, sts):
    person.write_key(sts.alice, config="[profile \"a\x1b[2Jb\"]\n"
                     "region = \"x\" # y\x1b[2J\n")
    done = person.run("doctor", "--profile", "a\x1b[2Jb")
    assert done.returncode == 125 and "\x1b" not in done.stdout + done.stderr
    look(person, "--profile", "a\x1b[2Jb").only("profile", "problem")


def test_a_revoked_login(person):
    done = subprocess.run(
        [KEYCTL, "session", "-", "sh", "-c",
         "%s revoke @s; exec '%s' doctor --json" % (KEYCTL, person.program)],
        env=person.env, capture_output=True, text=True, check=False)
    done.stderr = done.stderr.replace(next(
        (line for line in done.stderr.splitlines(True)
         if line.startswith("Joined")), ""), "")
    found = Findings(done)
    found.only("login keyring", "ok", "revoked (as in tmux")
    found.only("keyring", "ok")


KEY_CALLS = {"x86_64": (0xC000003E, (248, 249, 250)),
             "aarch64": (0xC00000B7, (217, 218, 219))}


def forbid_keys():
    """In a child: a seccomp filter as a container has it. EPERM for add_key,
    request_key and keyctl (see seccomp(2))."""
    _, numbers = KEY_CALLS[os.uname().machine]
    rules = [(0x20, 0, 0, 0)]
    for number in numbers:
        rules += [(0x15, 0, 1, number), (0x06, 0, 0, 0x50001)]
    rules.append((0x06, 0, 0, 0x7FFF0000))
    code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)      # PR_SET_NO_NEW_PRIVS
    if libc.prctl(22, 2, ctypes.create_string_buffer(program, len(program)),
                  0, 0) != 0:       # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        os._exit(99)


def test_keyrings_are_forbidden(person):
    if os.uname().machine not in KEY_CALLS:
        pytest.skip("the numbers of the calls are not known")
    found = look(person, preexec_fn=forbid_keys)
    assert "seccomp" in found.only("keyring", "problem",
                                   "no session can be kept",
                                   "Operation not permitted")
    found.only("process", "ok", "seccomp filter: yes; no_new_privs: yes")
    assert found.problems() == {"keyring"}


def test_a_tracer(person):
    env = dict(person.env, ASAN_OPTIONS="detect_leaks=0")
    done = subprocess.run(
        ["strace", "-o", "/dev/null", "-e", "trace=none", person.program,
         "doctor", "--json"], env=env, capture_output=True, text=True,
        check=False)
    assert "ps -p " in Findings(done).only("process", "warning",
                                           "traces this one")


# --- the installation, on a machine of its own -------------------------------------

class Installed:
    """doctor there, as one of its users."""

    def __init__(self, there):
        self.there = there

    def look(self, user="alice", **options):
        return Findings(self.there.run(self.there.program, "doctor", "--json",
                                       user=user, **options))

    def below(self, script, user="alice"):
        """In a mount namespace below, after a shell script of root's."""
        return Findings(self.there.run(
            "unshare", "-m", "sh", "-ec", script + """
            exec setpriv --reuid=%d --regid=%d --clear-groups \\
                "$PROGRAM" doctor --json
            """ % ((self.there.uids[user],) * 2), user="root",
            env={**self.there.environment(user), "SIGNER": self.there.signer,
                 "PROGRAM": self.there.program, "SERVICE": SERVICE}))

    @contextlib.contextmanager
    def changed(self, name, edit):
        """A file of the machine, with other content for a while."""
        path = self.there.path(name)
        kept = path + ".kept"
        if os.path.exists(path):
            shutil.copy2(path, kept)
            with open(path, encoding="utf-8") as file:
                text = edit(file.read())
        else:
            text = edit("")
        try:
            self.there.put(name, text)
            yield
        finally:
            os.unlink(path)
            if os.path.exists(kept):
                os.rename(kept, path)


@pytest.fixture
def installed(machine):  # noqa: F811 pylint: disable=W0621
    return Installed(machine)


PAM_MODULE = "/etc/security/pam_aws_session.so"
KEYINIT = "session optional pam_keyinit.so force revoke\n"
OURS = "session optional %s\n" % PAM_MODULE


@needs_root[0]
@needs_root[1]
class TestInstalled:
    """Everything that root decides."""

    def test_all_is_well(self, installed):
        with kernel_keys.sysctls(maxkeys=2000, maxbytes=600000):
            found = installed.look()
        assert found.problems() == set()
        found.only("programs", "ok", installed.there.signer)
        found.only("signer", "ok", "only user " + SERVICE)
        found.only("process", "ok")
        found.only("key limits", "ok", "2000 keys, 600000 bytes")
        found.only("key quota", "ok")
        found.only("login keyring", "ok", "of its own")
        found.only("login shell", "ok", "nobody's login shell")
        found.only("real shell", "ok", "/bin/sh")
        found.only("policy", "ok", "the defaults hold")
        found.only("PAM", "ok", "no service in /etc/pam.d uses")

    def test_as_root(self, installed):
        found = installed.look(user="root")
        found.only("signer", "ok", "only user " + SERVICE)

    def test_key_limits(self, installed):
        with kernel_keys.sysctls(maxkeys=200, maxbytes=600000):
            remedy = installed.look().only("key limits", "warning",
                                           "not in force: ", "200 keys")
        assert remedy.startswith("sudo sysctl -p /")
        with kernel_keys.sysctls(maxkeys=2000, maxbytes=20000):
            installed.look().only("key limits", "warning", "20000 bytes")

    def test_key_quota(self, installed):
        def fill():
            with open("/proc/key-users", encoding="ascii") as file:
                line = next(line.split() for line in file
                            if line.split(":")[0] == str(os.getuid())
                            or line.split(":")[0].strip() == str(os.getuid()))
            used, most = map(int, line[3].split("/"))
            for number in range(most * 85 // 100 - used):
                kernel_keys.add_key(b"user", b"x%d" % number, b"x", 1,
                                    kernel_keys.USER)
        with kernel_keys.sysctls(maxkeys=200, maxbytes=600000):
            found = installed.look(prepare=fill)
        assert found.only("key quota", "warning", " of 200 keys").startswith(
            "aws-session clear")
        installed.there.clear_keys("alice")

    @pytest.mark.parametrize("change, level, says, remedy", [
        ("chmod u-s $SIGNER", "warning", "is not setuid to", "chmod 4711"),
        ("chown $(id -u alice) $SIGNER; chmod 4711 $SIGNER", "warning",
         "setuid to yourself", "chown " + SERVICE),
        ("chown $(id -u carol) $SIGNER; chmod 4711 $SIGNER", "problem",
         "that user can read stored keys", "chown " + SERVICE),
        ("chown 0 $SIGNER; chmod 4711 $SIGNER", "problem",
         "setuid root", "chown " + SERVICE),
        ("rm $SIGNER", "problem", "is missing", "install"),
        ("sed -i /^$SERVICE:/d /etc/passwd", "problem",
         "there is no user " + SERVICE, "useradd --system"),
        ("chmod u-s $SIGNER; sed -i /^$SERVICE:/d /etc/passwd", "warning",
         "there is no user " + SERVICE, "useradd --system"),
        ("mount --bind ${SIGNER%/*} ${SIGNER%/*}; "
         "mount -o remount,bind,nosuid ${SIGNER%/*}", "warning",
         "mounted nosuid", "mount -o remount,suid")])
    def test_signer(self, installed, change, level, says, remedy):
        there = installed.there
        passwd = there.path("/etc/passwd")
        with open(passwd, encoding="utf-8") as file:
            kept = file.read()
        try:
            found = installed.below(
                "cp -p $SIGNER /etc/signer; cp -p /etc/passwd /etc/pw\n"
                + change)
        finally:
            restored = there.run(
                "sh", "-ec", "rm -f $SIGNER; cp -p /etc/signer $SIGNER; "
                "rm /etc/signer /etc/pw", user="root",
                env={**there.environment("root"), "SIGNER": there.signer})
            there.put("/etc/passwd", kept)
        assert restored.returncode == 0, restored.stderr
        assert remedy in found.only("signer", level, says)
        assert installed.look()["signer"][0]["level"] == "ok"

    def test_no_new_privs(self, installed):
        def give_up():
            ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
        found = installed.look(prepare=give_up)
        assert "NoNewPrivileges=" in found.only("signer", "warning",
                                                "no_new_privs")

    def test_programs(self, installed):
        sender = installed.there.signer.replace("-sign", "-sts")
        path = installed.there.path(sender)
        for mode, remedy in ((0o644, "chmod 755"), (0o757, "chmod go-w")):
            os.chmod(path, mode)
            assert remedy in installed.look().only("programs", "problem",
                                                   sender)
        os.rename(path, path + ".away")
        assert "install" in installed.look().only("programs", "problem",
                                                  sender, "No such file")
        os.rename(path + ".away", path)
        os.chmod(path, 0o755)
        installed.look().only("programs", "ok")

    def test_policy(self, installed):
        there = installed.there
        there.put(there.policy, "require_mfa = maybe\n")
        try:
            found = installed.look()
            assert found.only("policy", "problem", "require_mfa") == (
                "change %s line 1" % there.policy)
            there.put(there.policy, "", mode=0o666)
            found = installed.look()
            assert "chown root" in found.only("policy", "problem",
                                              "is not trusted")
            there.put(there.policy, "cache_scope = session\n")
            found = installed.look()
            found.only("policy", "ok", "is right")
            found.only("login keyring", "ok", "of its own")
            assert "pam_keyinit" in installed.look(session=False).only(
                "login keyring", "warning", "no session is kept")
        finally:
            os.unlink(there.path(there.policy))
        installed.look(session=False).only("login keyring", "ok",
                                           "does not matter")

    def test_login_shell(self, installed):
        program = installed.there.program

        def chsh(text):
            return re.sub("(?m)^(alice:.*:)/bin/sh$", r"\1" + program, text)

        with installed.changed("/etc/passwd", chsh):
            for user in ("alice", "carol"):
                assert installed.look(user=user).only(
                    "login shell", "problem", program, "alice (1 in all)",
                    "not in /etc/shells") == (
                        "echo %s | sudo tee -a /etc/shells" % program)
            with installed.changed("/etc/shells",
                                   lambda text: text + program + "\n"):
                found = installed.look()
                found.only("login shell", "ok", program, "alice")
                found.only("real shell", "ok", "/bin/sh")

    def test_login_shell_missing(self, installed):
        def chsh(text):
            return re.sub("(?m)^((alice|carol):.*:)/bin/sh$",
                          r"\1/opt/aws-session", text)

        with installed.changed("/etc/passwd", chsh):
            found = installed.look(user="mallory")
            assert "chsh" in found.only("login shell", "problem",
                                        "(2 in all)", "no login works")

    def test_real_shell(self, installed):
        def chsh(text):
            return re.sub("(?m)^(alice:.*:)/bin/sh$", r"\1/bin/gone", text)

        with installed.changed("/etc/passwd", chsh):
            found = installed.look()
            found.among("real shell", "ok", "/bin/sh")
            assert "chsh" in found.among("real shell", "warning", "/bin/gone")

    @pytest.fixture
    def pam(self, installed):
        """Writes services; a module is there."""
        there, made = installed.there, []

        def write(**services):
            for name, text in services.items():
                made.append("/etc/pam.d/" + name)
                there.put(made[-1], text)
            return installed.look()
        os.makedirs(there.path("/etc/pam.d"), exist_ok=True)
        os.makedirs(there.path("/etc/security"), exist_ok=True)
        there.put(PAM_MODULE, "")
        yield write
        for name in [*made, PAM_MODULE]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(there.path(name))

    def test_pam_order(self, pam):
        found = pam(good=KEYINIT + OURS, late=OURS + KEYINIT, without=OURS,
                    shared=OURS, user="@include shared\n",
                    code="auth required %s\n" % PAM_MODULE)
        assert found.problems() == set()
        found.among("PAM", "ok", "/etc/pam.d/good", "behind pam_keyinit.so")
        found.among("PAM", "ok", "/etc/pam.d/code", "not for sessions")
        for name, word in (("late", "stands behind"),
                           ("without", "does not stand before")):
            assert found.among("PAM", "warning", "/etc/pam.d/%s:" % name,
                               word).endswith(
                "before line 1 of /etc/pam.d/" + name)
        assert "line 1 of /etc/pam.d/shared, or before what includes" in \
            found.among("PAM", "warning", "/etc/pam.d/user")
        assert len(found["PAM"]) == 5

    def test_pam_service_in_another(self, pam):
        """su-l includes su, which is a service all the same."""
        found = pam(**{"one": OURS, "one-l": KEYINIT + "session include one\n"})
        found.among("PAM", "ok", "/etc/pam.d/one-l")
        found.among("PAM", "warning", "/etc/pam.d/one: ")
        assert len(found["PAM"]) == 2

    def test_pam_order_matters_more(self, installed, pam):
        there = installed.there
        there.put(there.policy, "cache_scope = session\n")
        try:
            pam(without=OURS).only("PAM", "problem", "is lost")
        finally:
            os.unlink(there.path(there.policy))

    def test_pam_files(self, installed, pam):
        pam(one=KEYINIT + OURS)
        path = installed.there.path("/etc/pam.d/one")
        os.chmod(path, 0o666)
        assert installed.look().only("PAM", "problem", "others than root") \
            == "sudo chown root /etc/pam.d/one && sudo chmod 644 /etc/pam.d/one"
        os.chmod(path, 0o600)
        assert installed.look().among(
            "PAM", "warning", "/etc/pam.d/one may not be read by you") == \
            "sudo aws-session doctor"
        installed.look(user="root").only("PAM", "ok", "/etc/pam.d/one")

    def test_pam_modules(self, installed, pam):
        found = pam(gone="session optional /nonexistent/pam_aws_session.so\n")
        assert "line 1 of /etc/pam.d/gone" in found.among(
            "PAM", "problem", "no such file")
        pam(gone=KEYINIT + OURS)
        os.chmod(installed.there.path(PAM_MODULE), 0o646)
        assert "chmod 644 " + PAM_MODULE in installed.look().only(
            "PAM", "problem", "which runs as root")

    def test_pam_module_elsewhere(self, installed, pam):
        """A name without a path is looked for where PAM's own modules are;
        the prefix of a build is mostly not there."""
        there = installed.there
        module = os.path.join(make_variable(there.build, "pamdir"),
                              "pam_aws_session.so")
        place = os.path.dirname(module)
        searched = os.path.exists(place + "/pam_permit.so") or (
            glob.glob("/usr/lib/*/security/pam_permit.so") and  # Debian
            os.path.realpath(place) == os.path.realpath("/lib/security"))
        found = pam(bare=KEYINIT + "session optional pam_aws_session.so\n")
        if searched:
            found.only("PAM", "ok", "/etc/pam.d/bare")
            return
        assert found.only("PAM", "problem", "does not look") == \
            "write %s in line 2 of /etc/pam.d/bare" % module
        pam(bare=KEYINIT + "session optional %s\n" % module).only(
            "PAM", "ok", "/etc/pam.d/bare")

    def test_pam_circle(self, pam):
        found = pam(one=KEYINIT + OURS + "session include one\n")
        assert found.only("PAM", "problem", "in a circle") == \
            "change /etc/pam.d/one, line 3"
