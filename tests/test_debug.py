"""--debug: it says what helps, and nothing that we print holds a secret."""

import os
import re
import signal
import subprocess
import time

import pexpect
import pytest

from conftest import KEYCTL, emulator_module, leaks, user_keys

LINE = re.compile(r"aws-session: debug: +(\d+\.\d{3}) ms: (.*)")


def debug_lines(text):
    """The texts of the debug lines; every line must be ours."""
    found, times = [], []
    for line in text.splitlines():
        assert line.startswith("aws-session: "), line
        match = LINE.fullmatch(line)
        if match:
            times.append(float(match.group(1)))
            found.append(match.group(2))
    assert times == sorted(times)
    return found


def debug(person, *arguments, status=0, env=None):
    """Run with --debug; the debug lines as one text."""
    done = person.run("--debug", *arguments, "exec", "true", env=env)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert leaks(done.stderr, person.sts.secrets) == []
    return "\n".join(debug_lines(done.stderr))


def add_profile(person, name, **settings):
    with open(person.config, "a") as file:
        file.write("\n[profile %s]\n" % name + "".join(
            "%s = %s\n" % pair for pair in settings.items()))


# ------------------------------------------------------ what it says

def test_files_profile_endpoint_and_key(person, sts):
    text = debug(person, "--region", "eu-west-1", "--code", person.code())
    assert "config file %s" % person.config in text
    assert "credentials file %s" % person.credentials in text
    assert "profile default, region eu-west-1" in text
    assert "STS at %s, signed for eu-west-1" % sts.url in text
    assert ("parent key: %s from the credentials file"
            % sts.alice.keys[0].id) in text


def test_missing_files_and_a_key_of_the_environment(person, sts):
    key = sts.alice.keys[0]
    person.config.unlink()
    person.credentials.unlink()
    text = debug(person, "--code", person.code(), env={
        "AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret})
    assert "config file (none), credentials file (none)" in text
    assert "region (none)" in text
    assert "%s from the environment" % key.id in text


def test_stored_key_is_named_by_its_number(person, sts):
    key = sts.alice.keys[0]
    serial = subprocess.run(
        [KEYCTL, "padd", "user", "aws-session:parent:seen-by-debug", "@u"],
        input="%s\n%s" % (key.id, key.secret), capture_output=True, text=True,
        check=True).stdout.strip()
    text = debug(person, "--profile", "seen-by-debug", "--code",
                 person.code())
    assert "parent key: stored, key %s of profile seen-by-debug" % serial in \
        text


def test_cached_or_why_not(person, sts):
    first = debug(person, "--code", person.code())
    session = re.search(r"session (default:\w+) is not in the keyring", first)
    assert session
    name = session.group(1)
    assert "session %s kept" % name in first
    again = debug(person)
    assert re.search(r"session %s found, 4\d{4} s left" % name, again)
    assert "not in the keyring" not in again
    other = debug(person, "--session-duration", "2h", "--code",
                  person.code())
    assert name not in other
    assert "is not in the keyring" in other
    assert len(sts.requests) == 2


def test_how_the_device_was_found(person, sts):
    person.write_key(sts.alice, serial=False)
    serial = sts.alice.devices[0].serial
    text = debug(person, "--code", person.code())
    assert "the key is of %s" % sts.alice.arn in text
    assert "MFA device %s, of 1" % serial in text
    text = debug(person, "--session-duration", "2h", "--code", person.code())
    assert "MFA device %s, remembered" % serial in text
    assert "asking for a code of %s" % serial in text


def test_timings_and_request_ids(person, sts):
    person.write_key(sts.alice, serial=False)
    text = debug(person, "--code", person.code())
    calls = re.findall(
        r"(\w+) at https://\S+: dns \d+\.\d tcp \d+\.\d tls \d+\.\d "
        r"wait \d+\.\d send-to-answer \d+\.\d ms; connection (\w+), "
        r"request id ([0-9a-f-]{36})", text)
    assert [call[0] for call in calls] == [
        "GetCallerIdentity", "ListMFADevices", "GetSessionToken"]
    assert len({call[2] for call in calls}) == 3


def test_early_connection_is_seen_in_the_timing(person, tmp_path):
    log = tmp_path / "log"
    child = pexpect.spawn("/bin/sh", [
        "-c", "exec \"$@\" 2>'%s'" % log, "sh", person.program, "--debug",
        "exec", "true"], env=person.env, encoding="utf-8", timeout=30)
    child.expect("MFA code for ")
    end = time.monotonic() + 30
    while not (person.sts.connections and
               person.sts.connections[0]["ready_monotonic"]):
        assert time.monotonic() < end
        time.sleep(0.005)
    child.sendline(person.code())
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    text = "\n".join(debug_lines(log.read_text()))
    waited = re.search(r"wait (\d+\.\d) send-to-answer \d+\.\d ms; "
                       r"connection early", text)
    assert float(waited.group(1)) > 0


def test_roles_and_retries(person, sts):
    role = sts.add_role("Admin")
    add_profile(person, "admin", role_arn=role.arn, source_profile="default")
    sts.fault("throttle", operation="AssumeRole", count=1)
    text = debug(person, "--profile", "admin", "--code", person.code())
    assert "assuming %s (profile admin)" % role.arn in text
    assert "Throttling" in text
    assert re.search(r"trying again in \d+ ms", text)
    assert re.search(r"session admin:\w+ kept", text)


@pytest.mark.parametrize("value, enabled", [
    ("1", True), ("yes", True), ("0", False), ("", False), (None, False)])
def test_variable(person, value, enabled):
    done = person.run("--code", person.code(), "exec", "true",
                      env={"AWS_SESSION_DEBUG": value})
    assert done.returncode == 0
    assert bool(debug_lines(done.stderr)) == enabled
    if not enabled:
        assert done.stderr == ""


def test_lines_stay_lines(person):
    """Control characters of names do not reach the terminal."""
    done = person.run("--debug", "--profile", "a\n\x1b[31mb", "exec", "true")
    assert done.returncode == 120
    assert "\x1b" not in done.stderr
    debug_lines(done.stderr)


# ------------------------------------------------------ what it never says

def run_all(person, *arguments, env=None, extra=()):
    """Run exec and shell with --debug, whatever comes of it, and search all
    that they print."""
    outputs = []
    for command in (["exec", "true"], ["shell"]):
        done = person.run("--debug", *arguments, *command, env=env)
        outputs += [done.stdout, done.stderr]
    assert leaks("\n".join(outputs),
                 list(person.sts.secrets) + list(extra)) == []
    return outputs


@pytest.mark.parametrize("fault, options", [
    (None, {}), ("throttle", {}), ("error", {"status": 500}),
    ("error", {"status": 503, "body": "html"}),
    ("error", {"status": 403, "code": "AccessDenied", "message": "no"}),
    ("garbage", {}), ("truncated", {}), ("huge", {}), ("bomb", {}),
    ("external-entity", {}), ("close-after", {}), ("close-middle", {}),
    ("close-before", {}), ("close-accept", {}), ("redirect", {}),
    ("clock", {"seconds": 1000}), ("missing", {"names": "AccessKeyId"}),
    ("missing", {"names": "Expiration"}), ("odd", {}), ("token-blanks", {}),
    ("token-size", {"size": 9000}), ("token-size", {"size": 200000})])
def test_no_leak_whatever_sts_answers(person, sts, fault, options):
    if fault:
        sts.fault(fault, operation="*", **options)
    code = person.code()
    run_all(person, "--code", code, extra=[code])
    sts.clear_faults()
    clear_clock_note()
    role = sts.add_role("Admin", external_id="0123456789abcdef")
    add_profile(person, "admin", role_arn=role.arn, source_profile="default",
                external_id="0123456789abcdef")
    if fault:
        # count: aws_call tries three times; the pauses are not the subject
        sts.fault(fault, operation="AssumeRole", count=1, **options)
    code = sts.code("alice", step=1)
    run_all(person, "--profile", "admin", "--code", code, extra=[code])


def clear_clock_note():
    """What a wrong clock of one part is not to disturb the other."""
    for serial, description in user_keys().items():
        if description == "aws-session:note:clock":
            subprocess.run([KEYCTL, "unlink", serial, "@u"], check=False,
                           capture_output=True)


@pytest.mark.parametrize("code", ["000001", "123 456", "12345", "1234567",
                                  "abcdef"])
def test_no_leak_of_a_code_that_is_wrong(person, sts, code):
    outputs = run_all(person, "--code", code, extra=[code])
    assert code not in "".join(outputs)
    run_all(person, env={"AWS_SESSION_MFA_CODE": code}, extra=[code])


@pytest.mark.parametrize("arguments", [
    ["--code=123457", "--no-such-option"], ["--code", "123457", "ls"],
    ["--cod=123457", "--debug=123457"], ["--code=123457", "exec"],
    ["--coed=123457"], ["exec", "--kode=123457", "true"]])
def test_no_leak_in_usage_errors(person, arguments):
    done = person.run(*arguments)
    assert done.returncode == 2
    assert "123457" not in done.stderr + done.stdout


@pytest.mark.parametrize("trouble", [
    "half a pair", "secret with a blank", "secret as id", "broken file",
    "wrong secret", "unknown key", "temporary key", "token in the file",
    "role session as parent", "environment", "half in the environment",
    "temporary in the environment"])
def test_no_leak_of_parent_keys(person, sts, trouble):
    key = sts.alice.keys[0]
    key.secret = plain = re.sub("[+/]", "x", key.secret)
    first, second = key.secret[:20], key.secret[20:]
    template = ("[default]\naws_access_key_id = %s\n"
                "aws_secret_access_key = %s\n")
    texts = {
        "half a pair": "[default]\naws_secret_access_key = %s\n" % key.secret,
        "secret with a blank": template % (key.id, first + " " + second),
        # Without / and +, which would give it away.
        "secret as id": template % (plain, key.id),
        "broken file": "[default\naws_secret_access_key = %s\n%s\n" % (
            key.secret, key.secret),
        "wrong secret": template % (key.id, first + "x" * 20),
        "unknown key": template % ("AKIAUNKNOWNUNKNOWNXX", key.secret),
        "temporary key": template % ("ASIAUNKNOWNUNKNOWNXX", key.secret),
        "token in the file": template % (key.id, key.secret)
                             + "aws_session_token = %s\n" % (first * 9),
    }
    env = {}
    if trouble in texts:
        person.credentials.write_text(texts[trouble])
    elif trouble == "role session as parent":
        session = sts.store.add_session(
            3600, None, "session", sts.alice.arn, sts.alice.id,
            user=sts.alice)
        person.credentials.write_text(template % (session.key_id,
                                                  session.secret))
    else:
        env = {"AWS_SECRET_ACCESS_KEY": key.secret}
        if trouble != "half in the environment":
            env["AWS_ACCESS_KEY_ID"] = key.id
        if trouble == "temporary in the environment":
            env["AWS_SESSION_TOKEN"] = first * 9
    code = person.code()
    run_all(person, "--code", code, env=env, extra=[code, first, second])
    seen = [request["access_key_id"] for request in sts.requests]
    assert plain not in seen


def test_no_leak_of_a_proxy_password(person, sts):
    env = {"https_proxy": "http://someone:proxy-password@127.0.0.1:1"}
    run_all(person, "--code", person.code(), env=env,
            extra=["proxy-password"])


def test_no_leak_in_processes(person, sts):
    """Neither arguments nor environment of a helper hold anything, and it
    has its own three descriptors and the socket."""
    sts.fault("delay", operation="GetSessionToken", seconds=60)
    code = person.code()
    process = subprocess.Popen(
        [person.program, "exec", "true"], stdin=subprocess.DEVNULL,
        env=dict(person.env, AWS_SESSION_MFA_CODE=code, PRIVATE="private"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    try:
        end = time.monotonic() + 30
        while not sts.requests:
            assert time.monotonic() < end
            time.sleep(0.005)
        with open("/proc/%d/task/%d/children" % (process.pid,
                                                 process.pid)) as file:
            helpers = file.read().split()
        assert len(helpers) == 1
        with open("/proc/%s/cmdline" % helpers[0]) as file:
            words = file.read().rstrip("\0").split("\0")
        assert len(words) == 1
        assert os.path.basename(words[0]) == "aws-session-sts"
        try:
            with open("/proc/%s/environ" % helpers[0]) as file:
                names = {entry.partition("=")[0]
                         for entry in file.read().split("\0") if entry}
        except PermissionError:     # not dumpable: root alone may look
            names = {"PATH", "LC_ALL"}
        assert names == {"PATH", "LC_ALL"}
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_no_leak_of_wrong_tls(person, sts, tmp_path):
    other = emulator_module.Authority(str(tmp_path / "other"))
    code = person.code()
    run_all(person, "--code", code, env={"AWS_CA_BUNDLE": other.ca_file},
            extra=[code])
