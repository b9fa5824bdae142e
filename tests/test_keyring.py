"""The kernel keyring: what a session is there, who finds it, and what happens
where it is full, damaged or missing.

Real keys in the user keyring of whoever runs the tests, and, as root, in that
of a user whom nobody knows. Every key is removed again.
"""

import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import AWS, KEYCTL, Person, user_keys

NAME = re.compile(r"aws-session:session:default:[0-9a-f]{16}")


def keyctl(*words, **options):
    done = subprocess.run([KEYCTL, *words], capture_output=True, check=False,
                          **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def session_keys(sts):
    """Serial numbers of the sessions that this emulator gave."""
    found = []
    for serial, name in user_keys().items():
        if ":session:" in name:
            done = subprocess.run([KEYCTL, "pipe", serial],
                                  capture_output=True, check=False)
            if any(key.encode() in done.stdout for key in sts.store.sessions):
                found.append(serial)
    return found


def operations(sts):
    return [entry["operation"] for entry in sts.requests]


def get_session(person, *options, **more):
    """A session from a good code; the command prints its key id."""
    done = person.run("--code", person.code(), *options, "exec", "printenv",
                      "AWS_ACCESS_KEY_ID", **more)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def kept(person, sts):
    """The serial number of a session's key; the server's log is empty."""
    before = set(user_keys())
    assert get_session(person).stderr == ""
    sts.forget()
    return next(serial for serial, name in user_keys().items()
                if serial not in before and NAME.fullmatch(name))


def found(person, *options, wrapper=(), **more):
    """The key id of the session that is found without a code."""
    person.sts.forget()
    if wrapper:
        done = run_wrapped(person, wrapper, *options, "exec", "printenv",
                           "AWS_ACCESS_KEY_ID")
    else:
        done = person.run(*options, "exec", "printenv", "AWS_ACCESS_KEY_ID",
                          **more)
    assert done.returncode == 0, done.stderr
    assert person.sts.requests == []
    return done.stdout.strip()


def nothing_found(person, *options, **more):
    """Without a session there is need of a code, and nobody to ask."""
    person.sts.forget()
    done = person.run(*options, "exec", "true", **more)
    assert done.returncode == 123
    assert "an MFA code is needed" in done.stderr
    assert person.sts.requests == []


def run_wrapped(person, wrapper, *arguments):
    """Run aws-session by way of other programs."""
    done = subprocess.run([*wrapper, person.program, *arguments],
                          env=person.env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60,
                          start_new_session=True, check=False)
    person.said.append(done.stderr)
    return done


def document(serial):
    return json.loads(keyctl("pipe", serial))


def rewrite(serial, content):
    """Adding a key of the same name replaces the content of the old one."""
    kind, *_, name = keyctl("rdescribe", serial).decode().strip().split(";", 4)
    assert keyctl("padd", kind, name, "@u",
                  input=content).decode().strip() == serial


def with_seconds_left(serial, seconds):
    """The same session, with another end."""
    content = document(serial)
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    content["Expiration"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    rewrite(serial, json.dumps(content).encode())


# ------------------------------------------------------------- the key

def test_name_type_and_permissions(person, kept):
    kind, uid, _gid, mode, name = keyctl(
        "rdescribe", kept).decode().strip().split(";", 4)
    assert kind in ("user", "big_key")
    assert int(uid) == os.getuid()
    assert NAME.fullmatch(name)
    # Possessor and owner all, group and others nothing.
    assert mode == "3f3f0000"
    assert session_keys(person.sts) == [kept]


def test_payload_is_what_credential_process_prints(person, sts, kept):
    payload = keyctl("pipe", kept)
    content = json.loads(payload)
    assert set(content) == {"Version", "AccessKeyId", "SecretAccessKey",
                            "SessionToken", "Expiration"}
    assert content["Version"] == 1
    session = sts.store.sessions[content["AccessKeyId"]]
    assert content["SecretAccessKey"] == session.secret
    assert content["SessionToken"] == session.token
    end = datetime.strptime(content["Expiration"] + "+0000",
                            "%Y-%m-%dT%H:%M:%SZ%z").timestamp()
    assert abs(end - session.expires) <= 1
    # Nothing before or behind the document.
    assert payload == json.dumps(content, separators=(",", ":")).encode()


@pytest.mark.skipif(AWS is None, reason="the AWS CLI is not installed")
def test_aws_cli_takes_it_as_credential_process(person, sts, kept):
    person.config.write_text(
        "[profile kept]\nregion = eu-west-1\ncredential_process = %s pipe %s\n"
        % (KEYCTL, kept))
    done = subprocess.run(
        [AWS, "--profile", "kept", "--endpoint-url", sts.url, "sts",
         "get-caller-identity"], env=person.env, capture_output=True,
        text=True, timeout=60, start_new_session=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"] == sts.alice.arn
    assert sts.requests[-1]["access_key_id"] == document(kept)["AccessKeyId"]


@pytest.mark.parametrize("duration, timeouts", [
    ("900", {"14m", "15m"}), ("1h", {"59m", "60m", "1h"}),
    ("12h", {"11h", "12h"}), ("36h", {"35h", "36h", "1d"})])
def test_timeout_is_that_of_the_session(person, sts, duration, timeouts):
    get_session(person, "--session-duration", duration)
    serial, = session_keys(sts)
    with open("/proc/keys") as file:
        line = next(line.split() for line in file
                    if int(line.split()[0], 16) == int(serial))
    assert line[3] in timeouts
    assert line[4] == "3f3f0000"


def test_no_key_without_a_session(person, sts):
    before = set(user_keys())
    person.run("--code", "12345", "exec", "true")
    person.run("exec", "true")
    assert set(user_keys()) == before


# ------------------------------------------------------------- who finds it

REVOKED = (KEYCTL, "session", "-", "sh", "-c",
           KEYCTL + " revoke @s && exec \"$@\"", "sh")
EMPTY = (KEYCTL, "session", "-")
REPLACED = ("sh", "-c", KEYCTL + " new_session >/dev/null 2>&1; exec \"$@\"",
            "sh")
LOGINS = {"revoked": REVOKED, "empty": EMPTY, "replaced": REPLACED,
          "revoked twice": (*EMPTY, *REVOKED), "empty in revoked":
          (*REVOKED, "setsid", "-w")}


@pytest.mark.parametrize("login", LOGINS)
def test_found_in_every_login(person, kept, login):
    """Whatever became of the session keyring, as under tmux after pam_keyinit
    or where there never was one, as in sshd and cron."""
    assert (found(person, wrapper=LOGINS[login])
            == document(kept)["AccessKeyId"])


@pytest.mark.parametrize("login", LOGINS)
def test_kept_in_every_login(person, sts, login):
    done = run_wrapped(person, LOGINS[login], "--code", person.code(), "exec",
                       "printenv", "AWS_ACCESS_KEY_ID")
    assert done.returncode == 0, done.stderr
    assert "kept" not in done.stderr
    assert found(person) == done.stdout.strip()
    assert len(session_keys(sts)) == 1


def unknown_uid(build):
    """Options of subprocess for a user whom no database knows, and whose user
    keyring is not in use."""
    if os.getuid() != 0:
        pytest.skip("becoming another user needs root")
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    with open("/proc/key-users") as file:
        taken |= {int(line.split(":")[0]) for line in file}
    uid = next(uid for uid in range(41371, 65000) if uid not in taken)
    options = {"user": uid, "group": uid, "extra_groups": []}
    program = os.path.join(build, "tests", "aws-session")
    if subprocess.run(["test", "-x", program], check=False,
                      **options).returncode:
        pytest.skip("other users cannot reach the build directory")
    return options


def test_not_found_by_others(person, build, kept):
    other = unknown_uid(build)
    name = user_keys()[kept]

    def ask(*words):
        return subprocess.run([KEYCTL, *words], capture_output=True,
                              check=False, **other)
    for words in (["pipe", kept], ["print", kept], ["read", kept],
                  ["describe", kept], ["link", kept, "@u"],
                  ["unlink", kept, "@u"], ["revoke", kept],
                  ["timeout", kept, "1"],
                  ["setperm", kept, "0x3f3f3f3f"], ["chown", kept, "0"],
                  ["search", "@u", "user", name],
                  ["search", "@s", "user", name]):
        assert ask(*words).returncode != 0, words
    listed = subprocess.run(["cat", "/proc/keys"], capture_output=True,
                            text=True, check=False, **other).stdout
    assert name not in listed
    assert document(kept)       # still there, still ours


# --------------------------------------------- what else is another session

def change_serial(person, sts):
    device = sts.store.add_device(sts.store.arn("iam", "mfa/second"))
    sts.store.enable_device(device, sts.alice)
    person.config.write_text("[default]\nmfa_serial = %s\n" % device.serial)


def change_key(person, sts):
    sts.store.add_key(sts.alice, visible=True)
    sts.alice.keys.reverse()
    person.write_key(sts.alice)


def change_endpoint(person, sts):
    person.env["AWS_ENDPOINT_URL"] = "https://localhost:%d" % sts.port


def change_path(person, sts):
    person.env["AWS_ENDPOINT_URL"] += "/other"


def change_duration(person, _sts):
    person.env["AWS_SESSION_DURATION"] = "2h"


def test_region_needs_no_other_session(person, sts, kept):
    """A session of one region works in all of them."""
    done = person.run("--region", "ap-northeast-1", "exec", "sh", "-c",
                      'echo "$AWS_REGION"')
    assert done.stdout == "ap-northeast-1\n", done.stderr


@pytest.mark.parametrize("change", [
    change_serial, change_key, change_endpoint, change_path,
    change_duration])
def test_changed_configuration(person, sts, kept, change):
    """It never finds the session of before; changed back, it does."""
    config = person.config.read_text()
    credentials = person.credentials.read_text()
    env = dict(person.env)
    change(person, sts)
    nothing_found(person)
    person.config.write_text(config)
    person.credentials.write_text(credentials)
    person.env = env
    assert found(person) == document(kept)["AccessKeyId"]


def test_unchanged_in_what_counts(person, sts, kept):
    """Comments, profiles and settings that are nothing to the session."""
    key_id = document(kept)["AccessKeyId"]
    person.config.write_text("# comment\n[profile other]\nregion = x\n"
                             + person.config.read_text()
                             + "output = json\ncli_pager =\n")
    assert found(person) == key_id
    assert found(person, "--debug") == key_id
    copy = person.home / "copy.pem"
    shutil.copy(sts.ca_file, copy)
    assert found(person, env={"AWS_CA_BUNDLE": str(copy)}) == key_id
    # The environment's default is the same duration, said.
    assert found(person, "--session-duration", "12h") == key_id
    # A code is not looked at, and stays good.
    assert found(person, "--code", "000000") == key_id


ROLE_KEYS = ["role_session_name = other", "external_id = other",
             "duration_seconds = 1200", "role_arn = OTHER"]


@pytest.mark.parametrize("change", ROLE_KEYS)
def test_changed_role(person, sts, change):
    """Another role takes another AssumeRole, with the session that there is:
    no code."""
    role, other = sts.add_role("one"), sts.add_role("two")
    text = "[profile r]\nsource_profile = default\n"
    person.write_key(sts.alice, config=text + "role_arn = %s\n" % role.arn)
    get_session(person, "--profile", "r")
    first = found(person, "--profile", "r")
    change = change.replace("OTHER", other.arn)
    if not change.startswith("role_arn"):
        text += "role_arn = %s\n" % role.arn
    person.write_key(sts.alice, config=text + change + "\n")
    sts.forget()
    done = person.run("--profile", "r", "exec", "printenv",
                      "AWS_ACCESS_KEY_ID")
    assert (done.returncode, done.stderr) == (0, "")
    assert operations(sts) == ["AssumeRole"]
    assert done.stdout.strip() != first


def test_changed_chain(person, sts):
    roles = [sts.add_role(name) for name in ("one", "two", "three")]
    text = "".join(
        "[profile %s]\nrole_arn = %s\nsource_profile = %s\n"
        % (name, role.arn, source) for name, role, source in
        [("one", roles[0], "default"), ("two", roles[1], "default"),
         ("last", roles[2], "one")])
    person.write_key(sts.alice, config=text)
    get_session(person, "--profile", "last")
    found(person, "--profile", "last")
    found(person, "--profile", "one")
    person.write_key(sts.alice, config=text.replace("= one", "= two"))
    sts.forget()
    done = person.run("--profile", "last", "exec", "true")
    assert (done.returncode, done.stderr) == (0, "")
    assert operations(sts) == ["AssumeRole", "AssumeRole"]


# ----------------------------------------------- gone, damaged, about to end

def test_expired(person, sts, kept):
    keyctl("timeout", kept, "1")
    time.sleep(1.2)
    nothing_found(person)
    get_session(person)
    assert found(person)
    assert len(session_keys(sts)) == 1


@pytest.mark.parametrize("how", ["revoke", "invalidate", "unlink"])
def test_taken_away(person, sts, kept, how):
    keyctl(how, kept, *(["@u"] if how == "unlink" else []))
    nothing_found(person)
    new = get_session(person)
    assert new.stderr == "" and operations(sts) == ["GetSessionToken"]
    assert found(person) == new.stdout.strip()
    assert len(session_keys(sts)) == 1


GOOD = {"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "s",
        "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}
DAMAGED = {
    "garbage": b"\x00\xff\x1b[2J", "text": b"none", "empty object": b"{}",
    "list": b"[1]", "number": b"1", "deep": b"[" * 5000,
    "cut": json.dumps(GOOD).encode()[:-3],
    "version": json.dumps(dict(GOOD, Version=2)).encode(),
    "version as text": json.dumps(dict(GOOD, Version="1")).encode(),
    "no token": json.dumps({k: v for k, v in GOOD.items()
                            if k != "SessionToken"}).encode(),
    "empty secret": json.dumps(dict(GOOD, SecretAccessKey="")).encode(),
    "number for a key": json.dumps(dict(GOOD, AccessKeyId=7)).encode(),
    "no end": json.dumps(dict(GOOD, Expiration="soon")).encode(),
    "no such day": json.dumps(dict(
        GOOD, Expiration="2099-02-30T00:00:00Z")).encode(),
    "other zone": json.dumps(dict(
        GOOD, Expiration="2099-01-01T00:00:00+00:00")).encode(),
    "past": json.dumps(dict(GOOD, Expiration="2001-01-01T00:00:00Z")).encode(),
    "long": b'{"Version":1,"x":"' + b"x" * 15000,
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged(person, sts, kept, case):
    """Under the right name, and no session: as if it were not there."""
    rewrite(kept, DAMAGED[case])
    nothing_found(person)
    why = person.run("--debug", "exec", "true").stderr
    assert ("is of no use: " in why) == (case != "past")
    assert "is not in the keyring" not in why
    new = get_session(person)
    assert new.stderr == ""
    assert operations(sts) == ["GetSessionToken"]
    assert found(person) == new.stdout.strip()


def test_keyring_under_the_name(person, sts, kept):
    name = user_keys()[kept]
    keyctl("unlink", kept, "@u")
    keyring = keyctl("newring", name, "@u").decode().strip()
    try:
        nothing_found(person)
        assert get_session(person).stderr == ""
        assert found(person)
    finally:
        keyctl("unlink", keyring, "@u")


def test_unreadable_under_the_name(person, sts, kept):
    """A key that may be seen and not read is no session, and not in the
    way."""
    keyctl("setperm", kept, "0x35350000")   # neither read nor search
    nothing_found(person)
    get_session(person)
    assert found(person)


def test_short_session_is_renewed_with_a_code(person, sts, kept):
    with_seconds_left(kept, 290)
    new = get_session(person)
    assert operations(sts) == ["GetSessionToken"]
    assert len(session_keys(sts)) == 1
    assert found(person) == new.stdout.strip()


def test_short_session_is_renewed_on_a_terminal(person, sts, kept):
    with_seconds_left(kept, 290)
    child = person.spawn("exec", "true")
    child.expect("MFA code for .*: ")
    child.sendline(person.code())
    child.expect("$")
    child.wait()
    assert child.exitstatus == 0
    assert operations(sts) == ["GetSessionToken"]


def test_short_session_is_used_where_nobody_can_be_asked(person, kept):
    with_seconds_left(kept, 290)
    assert found(person) == document(kept)["AccessKeyId"]
    with_seconds_left(kept, 60)
    assert found(person) == document(kept)["AccessKeyId"]


@pytest.mark.parametrize("seconds", [25, 1, -100])
def test_session_of_seconds_is_never_used(person, sts, kept, seconds):
    with_seconds_left(kept, seconds)
    nothing_found(person)
    get_session(person)
    assert operations(sts) == ["GetSessionToken"]


def test_long_enough_is_not_renewed(person, kept):
    with_seconds_left(kept, 400)
    assert (found(person, "--code", "000000")
            == document(kept)["AccessKeyId"])


def test_short_session_before_a_role(person, sts):
    """The session that a role is assumed with is renewed, too."""
    role = sts.add_role("deploy")
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                     "source_profile = default\n" % role.arn)
    get_session(person)
    serial, = session_keys(sts)
    with_seconds_left(serial, 290)
    sts.forget()
    get_session(person, "--profile", "r")
    assert operations(sts) == ["GetSessionToken", "AssumeRole"]


# ------------------------------------------------------------- keyring full

# Fill the quota of whoever runs this: with bytes, then with keys. Prints the
# serial numbers.
FILL = """
import ctypes, errno, sys
lib = ctypes.CDLL("libkeyutils.so.1", use_errno=True)
def add(name, size):
    serial = lib.add_key(b"user", name, b"x" * size, size, -4)
    if serial > 0:
        print(serial)
    return serial > 0
number, size = 0, int(sys.argv[1])
while size and number < 3000:
    number += 1
    if not add(b"test-filler-%d" % number, size):
        size //= 2
"""


class Elsewhere:
    """Alice as a user of this machine whom nobody knows, or, without root,
    as whoever runs the tests. She has a keyring to herself to fill."""

    def __init__(self, person, options):
        self.person, self.options = person, options
        self.filled = []

    def do(self, *words, **more):
        return subprocess.run(words, capture_output=True, text=True,
                              check=False, **self.options, **more)

    def fill(self, size):
        done = self.do("/usr/bin/env", "python3", "-c", FILL, str(size))
        self.filled += done.stdout.split()
        assert self.filled, done.stderr

    def keys(self):
        listed = self.do(KEYCTL, "rlist", "@u").stdout.split()
        return [self.do(KEYCTL, "rdescribe", serial).stdout
                for serial in listed if serial not in self.filled]

    def clean(self):
        listed = self.filled
        if self.options:
            listed = self.do(KEYCTL, "rlist", "@u").stdout.split()
        for begin in range(0, len(listed), 200):
            self.do("sh", "-c", "for key; do %s unlink $key @u; done" % KEYCTL,
                    "sh", *listed[begin:begin + 200])


@pytest.fixture
def elsewhere(build, sts, person):
    if os.getuid() != 0:
        here = Elsewhere(person, {})
        yield here
        here.clean()
        return
    options = unknown_uid(build)
    home = tempfile.mkdtemp()
    os.chmod(home, 0o755)
    try:
        someone = Person(type(person.home)(home), build, sts)
        someone.write_key(sts.alice)
        someone.env["AWS_CA_BUNDLE"] = os.path.join(home, "ca.pem")
        shutil.copy(sts.ca_file, someone.env["AWS_CA_BUNDLE"])
        os.chmod(someone.env["AWS_CA_BUNDLE"], 0o644)
        there = Elsewhere(someone, options)
        yield there
        there.clean()
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("size", [2000, 1])
@pytest.mark.parametrize("role", [False, True])
def test_keyring_full(elsewhere, sts, size, role):
    """2000: no byte is left; 1: no key."""
    person = elsewhere.person
    options = ()
    if role:
        person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                         "source_profile = default\n"
                         % sts.add_role("deploy").arn)
        options = ("--profile", "r")
    before = set(elsewhere.keys())
    elsewhere.fill(size)
    for _ in range(2):
        done = get_session(person, *options, cwd="/", **elsewhere.options)
        assert done.stdout.startswith("ASIA")
        assert done.stderr.count("\n") == 1
        assert re.fullmatch(
            "aws-session: the session works but is not kept: the kernel "
            r"keyring of uid \d+ is full \(see /proc/key-users\): .*\n",
            done.stderr)
        sts.clock.mfa_offset += 30
    assert operations(sts) == ["GetSessionToken"] * 2 if not role else [
        "GetSessionToken", "AssumeRole"] * 2
    assert [line for line in set(elsewhere.keys()) - before
            if ":session:" in line] == []


# ---------------------------------------------------------- keyring missing

# Run a program for which the three system calls of the keyring fail with
# errno argv[1]: a container without them, or a kernel.
LAUNCHER = """
import ctypes, os, struct, sys
numbers = {"x86_64": (0xC000003E, 248, 249, 250),
           "aarch64": (0xC00000B7, 217, 218, 219),
           "riscv64": (0xC00000F3, 217, 218, 219)}
arch, *calls = numbers[os.uname().machine]
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
program = [(LOAD, 0, 0, 4), (EQUAL, 0, 4, arch), (LOAD, 0, 0, 0)]
program += [(EQUAL, len(calls) - n, 0, call) for n, call in enumerate(calls)]
program += [(RETURN, 0, 0, 0x7FFF0000),
            (RETURN, 0, 0, 0x00050000 | int(sys.argv[1]))]
code = b"".join(struct.pack("HBBI", *step) for step in program)
buffer = ctypes.create_string_buffer(code)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
filter = Program(len(program), ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(filter), 0, 0):
    sys.exit("no filter: errno %d" % ctypes.get_errno())
os.execv(sys.argv[2], sys.argv[2:])
"""
ERRORS = {"EPERM": 1, "EACCES": 13, "ENOSYS": 38}


def without_keyring(error):
    if platform.machine() not in ("x86_64", "aarch64", "riscv64"):
        pytest.skip("system call numbers of %s" % platform.machine())
    return (sys.executable, "-c", LAUNCHER, str(ERRORS[error]))


def test_launcher(build):
    done = subprocess.run([*without_keyring("ENOSYS"), KEYCTL, "show", "@u"],
                          capture_output=True, text=True, check=False)
    assert "Function not implemented" in done.stderr


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("role", [False, True])
def test_keyring_missing(person, sts, error, role):
    """It works, one line says that nothing is kept; with roles, too."""
    options = ()
    if role:
        person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                         "source_profile = default\n"
                         % sts.add_role("deploy").arn)
        options = ("--profile", "r")
    before = set(user_keys())
    done = run_wrapped(person, without_keyring(error), *options, "--code",
                       person.code(), "exec", "printenv", "AWS_ACCESS_KEY_ID")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ASIA")
    assert done.stderr.startswith(
        "aws-session: the session works but is not kept: the kernel keyring "
        "is not usable here: ")
    assert os.strerror(ERRORS[error]) in done.stderr
    assert done.stderr.count("\n") == 1
    assert operations(sts) == ["GetSessionToken"] + ["AssumeRole"] * role
    assert set(user_keys()) == before


def test_keyring_missing_and_no_code(person, sts):
    done = run_wrapped(person, without_keyring("ENOSYS"), "exec", "true")
    assert done.returncode == 123
    assert done.stderr.count("\n") == 1
    assert "an MFA code is needed" in done.stderr
    assert sts.connections == []


def test_token_that_no_key_holds(person, sts):
    """A key of type user has 32767 bytes at most, a big_key has more."""
    sts.fault("token-size", size=40_000)
    done = get_session(person)
    assert done.stderr.count("\n") <= 1
    assert done.stderr == "" or "works but is not kept" in done.stderr
