"""The signer, aws-session-sign, as a process: what it signs, what it refuses,
and what a hostile caller can do to it.

It is driven as aws-session drives it, over a socket pair. What needs other
users runs with uids that nobody has, on keys made for the test; without root
those tests run as the current user or are skipped.
"""

import contextlib
import ctypes
import datetime
import fcntl
import os
import pty
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import types

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//token+=="
SERIAL = "arn:aws:iam::123456789012:mfa/jane+doe@x"
CODE = "271828"
ROLE = "arn:aws:iam::123456789012:role/Admin"
PAYLOAD = "%s\n%s" % (KEY_ID, SECRET)
KEY = {"ACCESS_KEY_ID": KEY_ID, "SECRET_ACCESS_KEY": SECRET}
MFA = {"SERIAL_NUMBER": SERIAL, "TOKEN_CODE": CODE}
TARGET = {"OPERATION": 1, "HOST": "sts.us-east-1.amazonaws.com", "PATH": "/",
          "REGION": "us-east-1"}
REQUEST = {**TARGET, **KEY}
ROOT = os.geteuid() == 0
KEYCTL = shutil.which("keyctl")
LIBC = ctypes.CDLL(None)
KEYUTILS = ctypes.CDLL("libkeyutils.so.1")
PR_SET_NO_NEW_PRIVS, PTRACE_TRACEME, PTRACE_CONT, PTRACE_ATTACH = 38, 0, 7, 16

needs_root = pytest.mark.skipif(not ROOT, reason="needs root for other users")
needs_keyctl = pytest.mark.skipif(not KEYCTL, reason="needs keyctl(1)")


class Signer:
    """A program to start, and what is always true of its answers."""

    def __init__(self, path):
        self.path = path

    @contextlib.contextmanager
    def started(self, *arguments, uid=None, env=None, prepare=None, **files):
        """A process and our end of its socket."""
        ours, theirs = framing.pair()
        streams = {"stdin": theirs, "stdout": theirs,
                   "stderr": subprocess.PIPE, **files}
        if env is None:
            env = {name: value for name, value in os.environ.items()
                   if name.endswith("SAN_OPTIONS")}
        process = subprocess.Popen(
            [self.path, *arguments], env=env, cwd="/", preexec_fn=prepare,
            user=uid, group=uid, extra_groups=None if uid is None else [],
            **streams)
        theirs.close()
        try:
            yield process, ours
        finally:
            ours.close()
            if process.poll() is None:
                process.kill()
            process.communicate()

    def send(self, data, **options):
        """Send bytes and no more. Returns what came back, as (reply or None,
        exit status, stderr)."""
        with self.started(**options) as (process, ours):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                ours.sendall(data)
                ours.shutdown(socket.SHUT_WR)
            try:
                reply = framing.receive(ours)
            except framing.Truncated as broken:
                assert broken.args[0] == b""
                reply = None
            said = process.communicate(timeout=30)[1]
        assert SECRET.encode() not in (said or b"")
        assert SECRET not in str(reply) and CODE not in str(
            {**reply[1], "BODY": ""} if reply else "")
        return reply, process.returncode, said

    def ask(self, kind, fields, **options):
        """One message, one reply."""
        reply, status, said = self.send(framing.encode(kind, fields),
                                        **options)
        assert (status, said or b"") == (0, b"")
        return reply

    def sign(self, fields, **options):
        """A request that is signed."""
        kind, reply = self.ask("SIGN_REQUEST", fields, **options)
        assert kind == "SIGN_RESULT", reply
        return reply

    def refused(self, fields, refusal="BAD_FIELD", **options):
        """A request that is refused, for signing and for describing alike.
        Returns the sentence."""
        for sort in ("SIGN_DESCRIBE", "SIGN_REQUEST"):
            kind, reply = self.ask(sort, fields, **options)
            assert kind == "SIGN_REFUSED", reply
            assert reply["REFUSAL"] == framing.REFUSALS["REFUSAL_" + refusal]
            assert re.fullmatch(r"[ -~]{10,}", reply["TEXT"])
        return reply["TEXT"]

    def broken(self, data, **options):
        """Bytes that get no reply. Returns the sentence on stderr."""
        reply, status, said = self.send(data, **options)
        assert reply is None and status == 125
        assert re.fullmatch(rb"aws-session-sign: [ -~]+\n", said)
        return said.decode()


@pytest.fixture(scope="module")
def signer(build):
    """The signer, where every user can start it."""
    path = os.path.join(build, "src", "sign", "aws-session-sign")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield Signer(shutil.copy(path, directory))


def fields(base, **changes):
    """A copy of a request, changed; None leaves a field out."""
    changed = {**base, **changes}
    return {name: value for name, value in changed.items()
            if value is not None}


def status_line(process, name):
    """A line of /proc/PID/status."""
    with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
        return re.search(r"^%s:\s*(.*)$" % name, file.read(), re.M).group(1)


def wait_until_it_reads(process):
    """Wait until the process waits for its message: it alone sets this."""
    for _ in range(1000):
        if status_line(process, "NoNewPrivs") == "1" and \
                status_line(process, "State").startswith("S"):
            return
        time.sleep(0.01)
    raise AssertionError("the signer does not get to its message")


# --- what is signed ---------------------------------------------------------

def botocore_authorization(url, body, when, region, service, token=None):
    """What botocore's SigV4Auth makes of a request at a time."""
    auth = pytest.importorskip("botocore.auth")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    class Fixed(datetime.datetime):
        """A clock that stands still."""
        @classmethod
        def utcnow(cls):
            return cls.strptime(when, "%Y%m%dT%H%M%SZ")

        @classmethod
        def now(cls, tz=None):
            return cls.utcnow().replace(tzinfo=tz)

    request = AWSRequest("POST", url, data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    clock, auth.datetime = auth.datetime, types.SimpleNamespace(
        datetime=Fixed, timezone=datetime.timezone,
        timedelta=datetime.timedelta)
    get_current = getattr(auth, "get_current_datetime", None)
    if get_current:
        auth.get_current_datetime = lambda *_, **__: Fixed.utcnow()
    try:
        auth.SigV4Auth(Credentials(KEY_ID, SECRET, token), service,
                       region).add_auth(request)
    finally:
        auth.datetime = clock
        if get_current:
            auth.get_current_datetime = get_current
    return request.headers["Authorization"]


SIGNED = {
    "identity": ({}, "Action=GetCallerIdentity&Version=2011-06-15"),
    "temporary": ({"SESSION_TOKEN": TOKEN},
                  "Action=GetCallerIdentity&Version=2011-06-15"),
    "session": ({"OPERATION": 2, "DURATION_SECONDS": 129600, **MFA},
                "Action=GetSessionToken&Version=2011-06-15"
                "&DurationSeconds=129600&SerialNumber=arn%3Aaws%3Aiam%3A%3A"
                "123456789012%3Amfa%2Fjane%2Bdoe%40x&TokenCode=271828"),
    "role": ({"OPERATION": 3, "REGION": "eu-west-1", "ROLE_ARN": ROLE,
              "HOST": "localhost:4566", "PATH": "/aws/sts~v1/a@b+c%20",
              "ROLE_SESSION_NAME": "me@host", "EXTERNAL_ID": "a:b/c"},
             "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam"
             "%3A%3A123456789012%3Arole%2FAdmin&RoleSessionName=me%40host"
             "&ExternalId=a%3Ab%2Fc"),
    "devices": ({"OPERATION": 4, "HOST": "[::1]:8443", "MARKER": "a b/+="},
                "Action=ListMFADevices&Version=2010-05-08"
                "&Marker=a+b%2F%2B%3D"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_signs_as_botocore_does(signer, case):
    changes, body = SIGNED[case]
    request = {**REQUEST, **changes}
    reply = signer.sign(request)
    assert reply["BODY"] == body
    assert reply["ACCESS_KEY_ID"] == KEY_ID
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_INLINE"]
    assert reply.get("SESSION_TOKEN") == request.get("SESSION_TOKEN")
    assert reply["AUTHORIZATION"] == botocore_authorization(
        "http://" + request["HOST"] + request["PATH"], body,
        reply["AMZ_DATE"], request["REGION"],
        "iam" if case == "devices" else "sts", request.get("SESSION_TOKEN"))


@pytest.mark.parametrize("offset", [None, 0, -86400, 86400, 299])
def test_the_date_is_now_and_the_offset(signer, offset):
    reply = signer.sign(fields(REQUEST, CLOCK_OFFSET=offset))
    date = datetime.datetime.strptime(reply["AMZ_DATE"], "%Y%m%dT%H%M%SZ")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert abs((date - now).total_seconds() - (offset or 0)) < 30


@pytest.mark.parametrize("case", SIGNED)
def test_describes_without_signing(signer, case):
    changes, body = SIGNED[case]
    kind, reply = signer.ask("SIGN_DESCRIBE", {**REQUEST, **changes})
    assert kind == "SIGN_DESCRIBED"
    assert reply == {
        "ACCESS_KEY_ID": KEY_ID, "CONTENT_LENGTH": len(body),
        "PROTECTION": framing.PROTECTIONS["PROTECTION_INLINE"]}


def test_a_large_token_comes_back_whole(signer):
    token = "x" * 65536
    assert signer.sign({**REQUEST, "SESSION_TOKEN": token})[
        "SESSION_TOKEN"] == token


# --- how it is started ------------------------------------------------------

@pytest.mark.parametrize("argument", ["--version", "--help", "-x", "", "sign"])
def test_an_argument_is_refused(signer, argument):
    with signer.started(argument) as (process, _):
        said = process.communicate(timeout=10)[1]
    assert process.returncode == 2
    assert re.fullmatch(rb"aws-session-sign: [ -~]+\n", said)


@contextlib.contextmanager
def terminal():
    master, slave = pty.openpty()
    yield {"stdin": slave, "stdout": slave}
    os.close(master)
    os.close(slave)


@contextlib.contextmanager
def pipes():
    first, second = os.pipe(), os.pipe()
    os.write(first[1], framing.encode("SIGN_REQUEST", REQUEST))
    yield {"stdin": first[0], "stdout": second[1]}
    for end in first + second:
        os.close(end)


@contextlib.contextmanager
def null():
    yield {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


@contextlib.contextmanager
def sockets(first, second=None):
    yield {"stdin": first, "stdout": second or first}
    first.close()


def two_sockets():
    return sockets(*socket.socketpair())


def datagrams():
    return sockets(socket.socketpair(type=socket.SOCK_DGRAM)[0])


def network():
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    client.sendall(framing.encode("SIGN_REQUEST", REQUEST))
    return sockets(listener.accept()[0])


@pytest.mark.parametrize("files", [terminal, pipes, null, two_sockets,
                                   datagrams, network])
def test_only_one_local_socket_will_do(signer, files):
    with files() as streams:
        with signer.started(**streams) as (process, _):
            said = process.communicate(timeout=10)[1]
    assert process.returncode == 125
    assert re.fullmatch(rb"aws-session-sign: this program is started by "
                        rb"aws-session[ -~]+\n", said)


def test_a_tracer_is_refused(signer):
    def trace_me():
        LIBC.ptrace(PTRACE_TRACEME, 0, None, None)

    with signer.started(prepare=trace_me) as (process, ours):
        framing.send(ours, "SIGN_REQUEST", REQUEST)
        assert os.WIFSTOPPED(os.waitpid(process.pid, 0)[1])
        assert LIBC.ptrace(PTRACE_CONT, process.pid, None, None) == 0
        assert process.wait(10) == 125
        assert b"tracer" in process.stderr.read()
        with pytest.raises(framing.Truncated):
            framing.receive(ours)


# --- messages that get no reply ---------------------------------------------

WHOLE = framing.encode("SIGN_REQUEST", REQUEST)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 6, 11, 12, 20,
                                    len(WHOLE) - 1])
def test_a_truncated_message(signer, length):
    signer.broken(WHOLE[:length])


MALFORMED = {
    "oversized": struct.pack(">I", framing.MESSAGE_MAX + 1),
    "undersized": struct.pack(">I", 1) + b"\1",
    "huge": b"\xff" * 4,
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "next version": framing.encode("SIGN_REQUEST", REQUEST,
                                   version=framing.VERSION + 1),
    "no version": framing.encode("SIGN_REQUEST", REQUEST, version=0),
    "shifted": struct.pack(">I", len(WHOLE) - 3) + b"\0" + WHOLE[4:],
    "unknown type": framing.encode(99, REQUEST),
    "a reply": framing.encode("SIGN_REFUSED", {"REFUSAL": 1, "TEXT": "x"}),
    "for the sender": framing.encode("STS_SEND", {
        "AMZ_DATE": "x", "AUTHORIZATION": "x", "BODY": "x"}),
    "unknown field": framing.encode("SIGN_REQUEST", {**REQUEST, 999: "x"}),
    "field 0": framing.encode("SIGN_REQUEST", {**REQUEST, 0: "x"}),
    "foreign field": framing.encode("SIGN_REQUEST", {**REQUEST, "BODY": "x"}),
    "field twice": framing.encode("SIGN_REQUEST", [
        *REQUEST.items(), ("REGION", "eu-west-1")]),
    "key twice": framing.encode("SIGN_REQUEST", [
        *REQUEST.items(), ("SECRET_ACCESS_KEY", "other")]),
    "trailing bytes": (struct.pack(">I", len(WHOLE) - 1) + WHOLE[4:] +
                       b"\0\0\0"),
    "missing field": framing.encode("SIGN_REQUEST",
                                    fields(REQUEST, REGION=None)),
    "NUL in a text": framing.encode("SIGN_REQUEST",
                                    {**REQUEST, "HOST": "a\0b"}),
    "short number": framing.encode("SIGN_REQUEST",
                                   {**REQUEST, "OPERATION": b"\1"}),
    "long field": framing.encode("SIGN_REQUEST",
                                 {**REQUEST, "REGION": "r" * 64}),
    "long secret": framing.encode("SIGN_REQUEST", {
        **REQUEST, "SECRET_ACCESS_KEY": SECRET * 7}),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_message(signer, case):
    signer.broken(MALFORMED[case])


@pytest.mark.parametrize("data", [b"", WHOLE[:40], WHOLE,
                                  MALFORMED["next version"]],
                         ids=["nothing", "half", "whole", "malformed"])
def test_nobody_is_told_when_nobody_is_there(signer, data):
    """aws-session was killed: the terminal is somebody else's by now."""
    with signer.started() as (process, ours):
        ours.sendall(data)
        ours.close()
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 125


def test_only_the_first_message_counts(signer):
    assert signer.send(WHOLE + WHOLE)[1] == 0


def test_waits_for_nobody_for_ever(signer):
    """A caller that says nothing, one that drips, one that never reads."""
    with contextlib.ExitStack() as stack:
        silent, _ = stack.enter_context(signer.started())
        dripping, drip = stack.enter_context(signer.started())
        ours, theirs = framing.pair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        deaf, _ = stack.enter_context(signer.started(stdin=theirs,
                                                     stdout=theirs))
        stack.enter_context(ours)
        theirs.close()
        framing.send(ours, "SIGN_REQUEST",
                     {**REQUEST, "SESSION_TOKEN": "x" * 65536})
        start = time.monotonic()
        for byte in WHOLE[:23]:
            with contextlib.suppress(BrokenPipeError):
                drip.sendall(bytes([byte]))
            time.sleep(0.5)
        assert silent.wait(10) == 125 and dripping.wait(1) == 125
        assert b"in time" in silent.stderr.read()
        assert deaf.wait(10) == 125
        assert time.monotonic() - start < 25


# --- requests that are refused ----------------------------------------------

REFUSED = {
    "no key": ({"ACCESS_KEY_ID": None, "SECRET_ACCESS_KEY": None}, "no key"),
    "two keys": ({"PROFILE": "default"}, "not both"),
    "profile and token": ({"PROFILE": "x", "SESSION_TOKEN": TOKEN,
                           "ACCESS_KEY_ID": None, "SECRET_ACCESS_KEY": None},
                          "not both"),
    "no secret": ({"SECRET_ACCESS_KEY": None}, "half a key"),
    "no id": ({"ACCESS_KEY_ID": None}, "half a key"),
    "only a token": ({"ACCESS_KEY_ID": None, "SECRET_ACCESS_KEY": None,
                      "SESSION_TOKEN": TOKEN}, "half a key"),
    "empty profile": ({"ACCESS_KEY_ID": None, "SECRET_ACCESS_KEY": None,
                       "PROFILE": ""}, "profile"),
    "short id": ({"ACCESS_KEY_ID": "A" * 15}, "key id"),
    "odd id": ({"ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPL/"}, "key id"),
    "id with a newline": ({"ACCESS_KEY_ID": KEY_ID + "\n"}, "key id"),
    "empty secret": ({"SECRET_ACCESS_KEY": ""}, "secret access key"),
    "secret with NUL": ({"SECRET_ACCESS_KEY": b"a\0b"}, "secret access key"),
    "secret with CR": ({"SECRET_ACCESS_KEY": SECRET + "\r"},
                       "secret access key"),
    "empty token": ({"SESSION_TOKEN": ""}, "token"),
    "token with CRLF": ({"SESSION_TOKEN": TOKEN + "\r\nX-Evil: 1"}, "token"),
    "token with NUL": ({"SESSION_TOKEN": b"a\0b"}, "token"),
    "token with blanks": ({"SESSION_TOKEN": "a  b"}, "token"),
    "operation 0": ({"OPERATION": 0}, "operation"),
    "operation past the last": (
        {"OPERATION": max(framing.OPERATIONS.values()) + 1}, "operation"),
    "operation -1": ({"OPERATION": -1}, "operation"),
    "clock behind": ({"CLOCK_OFFSET": -86401}, "set the clock"),
    "clock ahead": ({"CLOCK_OFFSET": 86401}, "set the clock"),
    "clock far off": ({"CLOCK_OFFSET": -2**63}, "set the clock"),
    "parameter of another": (MFA, "takes no SerialNumber"),
    "short duration": ({"OPERATION": 2, "DURATION_SECONDS": 899},
                       "900 to 129600"),
    "long duration": ({"OPERATION": 2, "DURATION_SECONDS": 129601},
                      "900 to 129600"),
    "serial alone": ({"OPERATION": 2, "SERIAL_NUMBER": SERIAL}, "together"),
    "code alone": ({"OPERATION": 2, "TOKEN_CODE": CODE}, "together"),
    "five digits": ({"OPERATION": 2, **MFA, "TOKEN_CODE": CODE[:5]},
                    "TokenCode"),
    "other digits": ({"OPERATION": 2, **MFA, "TOKEN_CODE": "\u0661\u0662" +
                      "\u0663"}, "TokenCode"),
    "injected parameter": ({"OPERATION": 2, **MFA, "SERIAL_NUMBER":
                            SERIAL + "&Action=x"}, "SerialNumber"),
    "no role": ({"OPERATION": 3, "ROLE_SESSION_NAME": "me"}, "RoleArn"),
    "no session name": ({"OPERATION": 3, "ROLE_ARN": ROLE},
                        "RoleSessionName"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request(signer, case):
    changes, words = REFUSED[case]
    assert words in signer.refused(fields(REQUEST, **changes))


@pytest.mark.parametrize("host", [
    "", "STS.amazonaws.com", ":443", "a:", "a:0", "a:65536", "a:99999999",
    "a:+1", "a:1x", "a:1:2", "a b", "a\r\nX: 1", "user@a", "a/b", "-a", ".a",
    "[::1", "[]", "[::1]x", "[::1]:0", "[fe80::1%25eth0]", "::1", "a\u00e9"])
def test_a_refused_host(signer, host):
    assert "host" in signer.refused({**REQUEST, "HOST": host})


@pytest.mark.parametrize("host", [
    "localhost", "127.0.0.1:4566", "[::1]", "[fe80::1]:65535", "a_b-c.d:1",
    "sts.cn-north-1.amazonaws.com.cn"])
def test_an_accepted_host(signer, host):
    signer.sign({**REQUEST, "HOST": host})


@pytest.mark.parametrize("path", [
    "", "x", "//", "/a//b", "/.", "/..", "/a/../b", "/./", "/a/..", "/a?b",
    "/a#b", "/a b", "/a\r\nX: 1", "/\u00e9", "/\x7f"])
def test_a_refused_path(signer, path):
    assert "path" in signer.refused({**REQUEST, "PATH": path})


@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/a/b.c", "/..a/.b/c..",
                                  "/a:b@c;d=e&f,g"])
def test_an_accepted_path(signer, path):
    signer.sign({**REQUEST, "PATH": path})


@pytest.mark.parametrize("region", [
    "", "-a", "a-", "us_east_1", "a/b", "us-east-1\n", "a.b", "us east"])
def test_a_refused_region(signer, region):
    assert "region" in signer.refused({**REQUEST, "REGION": region})


# --- hostile callers --------------------------------------------------------

@pytest.mark.parametrize("closed", [(2,), (0,), (1,), (0, 1), (0, 1, 2)])
def test_closed_standard_files(signer, closed):
    def close():
        for descriptor in closed:
            os.close(descriptor)

    reply, status, said = signer.send(WHOLE, prepare=close)
    if closed == (2,):
        assert status == 0 and reply[0] == "SIGN_RESULT"
    else: # nothing else took their place
        assert status == 125 and reply is None
        assert (b"socket" in said) == (2 not in closed)


@pytest.mark.parametrize("limit, value", [
    ("FSIZE", 0), ("NOFILE", 4), ("STACK", 256 * 1024), ("MEMLOCK", 0),
    ("SIGPENDING", 0), ("NPROC", 1), ("MSGQUEUE", 0)])
def test_small_limits(signer, limit, value):
    def lower():
        resource.setrlimit(getattr(resource, "RLIMIT_" + limit),
                           (value, value))

    assert signer.sign(REQUEST, prepare=lower)["ACCESS_KEY_ID"] == KEY_ID


def test_a_full_stderr_does_not_kill(signer, tmp_path):
    def lower():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with open(tmp_path / "stderr", "wb") as file:
        reply, status, _ = signer.send(b"", prepare=lower, stderr=file)
    assert (reply, status) == (None, 125)


def test_no_core_whatever_the_limit(signer):
    def raise_limit():
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    with signer.started(prepare=raise_limit) as (process, _):
        wait_until_it_reads(process)
        with open("/proc/%d/limits" % process.pid, encoding="ascii") as file:
            assert re.search(r"Max core file size +0 +0 ", file.read())


def test_signals_timers_umask_and_directory(signer):
    def upset():
        every = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}
        signal.pthread_sigmask(signal.SIG_SETMASK, every)
        for number in every:
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.1)
        os.umask(0)
        os.chdir("/usr")

    def bits(*numbers):
        return sum(1 << (number - 1) for number in numbers)

    # 32 and 33 belong to libc's threads: signal(2) does not reach them.
    own = ~bits(32, 33)

    with signer.started(prepare=upset) as (process, ours):
        wait_until_it_reads(process)
        assert int(status_line(process, "SigBlk"), 16) & own == 0
        assert int(status_line(process, "SigIgn"), 16) & own == bits(
            signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
            signal.SIGXFSZ)
        assert status_line(process, "Umask") == "0077"
        assert not ROOT or os.readlink("/proc/%d/cwd" % process.pid) == "/"
        time.sleep(0.6)
        framing.send(ours, "SIGN_REQUEST", REQUEST)
        assert framing.receive(ours)[0] == "SIGN_RESULT"
        assert process.wait(10) == 0


@pytest.mark.parametrize("env", [
    {"OPENSSL_CONF": "/nonexistent", "OPENSSL_MODULES": "/nonexistent",
     "OPENSSL_ENGINES": "/nonexistent"},
    {"OPENSSL_CONF": "{garbage}"}, {"OPENSSL_CONF": "{no_default}"},
    {"LC_ALL": "xx_YY.nothing", "LOCPATH": "/nonexistent", "LANG": "\xff"},
    {"TZ": "Pacific/Auckland"}, {"TZ": ":/etc/passwd"},
    {"TZ": "right/UTC"}, # UTC with leap seconds: 27 of them
    {"MALLOC_ARENA_MAX": "x", "PATH": "", "HOME": "/nonexistent"},
    {"X%d" % i: "x" * 100000 for i in range(15)}],
    ids=lambda env: "-".join(sorted(env))[:40])
def test_the_environment_does_not_matter(signer, env, tmp_path):
    os.chmod(tmp_path, 0o755)
    (tmp_path / "garbage").write_bytes(b"\0[[[=\xff\n" * 100)
    (tmp_path / "no_default").write_text(
        "openssl_conf = a\n[a]\nproviders = b\nalg_section = c\n[b]\nnull = d"
        "\n[d]\nactivate = 1\n[c]\ndefault_properties = fips=yes\n")
    env = {name: value.format(garbage=tmp_path / "garbage",
                              no_default=tmp_path / "no_default")
           for name, value in env.items()}
    reply = signer.sign(REQUEST, env=env)
    date = datetime.datetime.strptime(reply["AMZ_DATE"], "%Y%m%dT%H%M%SZ")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert abs((date - now).total_seconds()) < 20


def test_other_files_are_closed(signer):
    reader, writer = os.pipe()

    def keep():
        os.dup2(writer, 9)
        os.dup2(writer, 300)

    with signer.started(prepare=keep, close_fds=False) as (process, ours):
        wait_until_it_reads(process)
        os.close(writer)
        assert os.read(reader, 1) == b"" # no writer is left
        framing.send(ours, "SIGN_REQUEST", REQUEST)
        assert framing.receive(ours)[0] == "SIGN_RESULT"
    os.close(reader)


def test_a_non_blocking_socket(signer):
    def set_flag():
        fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)

    assert signer.sign(REQUEST, prepare=set_flag)["ACCESS_KEY_ID"] == KEY_ID


# --- users and keys ---------------------------------------------------------

def unused_uid(*taken):
    """A uid that no account and no process has."""
    used = {os.stat("/proc/" + name).st_uid for name in os.listdir("/proc")
            if name.isdigit() and os.path.exists("/proc/" + name)}
    with open("/etc/passwd", encoding="utf-8") as file:
        used |= {int(line.split(":")[2]) for line in file if ":" in line}
    uid = 52000 + os.getpid() % 5000
    while uid in used or uid in taken:
        uid += 1
    return uid


class Keyholder:
    """Somebody with keys: a uid of their own, or us."""

    def __init__(self, uid):
        self.uid = uid
        self.serials = []

    def run(self, *command, data=None, check=True):
        """Run a command as them, possessing all their keyrings."""
        ids = {} if self.uid is None else {
            "user": self.uid, "group": self.uid, "extra_groups": []}
        done = subprocess.run(
            [KEYCTL, "session", "-", "sh", "-c",
             '"$0" link @u @s && { "$0" get_persistent @s; :; } >/dev/null '
             '2>&1 && exec "$@"', KEYCTL, *command],
            input=data, capture_output=True, cwd="/", check=False, **ids)
        assert not check or done.returncode == 0, done.stderr
        return done

    def add(self, profile, payload=PAYLOAD, keyring="@u"):
        """Store a parent key; profile as the description has it."""
        done = self.run(KEYCTL, "padd", "user",
                        "aws-session:parent:" + profile, keyring,
                        data=payload.encode())
        self.serials.append(done.stdout.decode().split()[-1])
        return self.serials[-1]

    def persistent(self):
        """The serial number of their persistent keyring."""
        done = self.run(KEYCTL, "get_persistent", "@s", check=False)
        if done.returncode != 0:
            pytest.skip("this kernel has no persistent keyrings")
        return done.stdout.decode().strip()

    def clear(self):
        """Remove what was stored."""
        for serial in self.serials:
            self.run(KEYCTL, "unlink", serial, "@u", check=False)
        if self.uid is not None:
            self.run(KEYCTL, "clear", "@u", check=False)
            done = self.run(KEYCTL, "get_persistent", "@s", check=False)
            self.run(KEYCTL, "clear", done.stdout.strip() or "@u",
                     check=False)


@pytest.fixture
def holder():
    """A caller with a user keyring: with root an unused uid."""
    someone = Keyholder(unused_uid() if ROOT else None)
    yield someone
    someone.clear()


def use_up_quota():
    """In a process, before it starts a program: no room for one more key, and
    a session keyring as a login has it, revoked."""
    KEYUTILS.keyctl_join_session_keyring(None)
    KEYUTILS.keyctl_revoke(-3)
    number = 0
    while KEYUTILS.add_key(b"user", b"fill:%d" % number, b"x", 1, -4) != -1:
        number += 1 # -4: KEY_SPEC_USER_KEYRING


PROFILE = "test-%d" % os.getpid()
STORED = {**TARGET, "PROFILE": PROFILE}


@needs_keyctl
def test_signs_with_a_stored_key(signer, holder):
    holder.add(PROFILE)
    reply = signer.sign(STORED, uid=holder.uid)
    assert reply["ACCESS_KEY_ID"] == KEY_ID
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_USER"]
    assert reply["AUTHORIZATION"] == botocore_authorization(
        "https://" + TARGET["HOST"] + "/", reply["BODY"], reply["AMZ_DATE"],
        TARGET["REGION"], "sts")
    kind, reply = signer.ask("SIGN_DESCRIBE", STORED, uid=holder.uid)
    assert (kind, reply["ACCESS_KEY_ID"]) == ("SIGN_DESCRIBED", KEY_ID)


@needs_keyctl
def test_a_final_newline_is_no_part_of_the_secret(signer, holder):
    holder.add(PROFILE, PAYLOAD + "\n")
    reply = signer.sign(STORED, uid=holder.uid)
    assert reply["AUTHORIZATION"] == botocore_authorization(
        "https://" + TARGET["HOST"] + "/", reply["BODY"], reply["AMZ_DATE"],
        TARGET["REGION"], "sts")


@needs_keyctl
def test_profiles_are_told_apart(signer, holder):
    holder.add(PROFILE + "%3Ax", PAYLOAD.replace("AKIA", "AKIB"))
    holder.add(PROFILE + "%C3%A9", PAYLOAD.replace("AKIA", "AKIC"))
    for name, start in ((":x", "AKIB"), ("\u00e9", "AKIC")):
        reply = signer.sign({**STORED, "PROFILE": PROFILE + name},
                            uid=holder.uid)
        assert reply["ACCESS_KEY_ID"].startswith(start)
    signer.refused(STORED, "NO_KEY", uid=holder.uid)
    sentence = signer.refused({**STORED, "PROFILE": "x\x1b[2J" + "y" * 1000},
                              "NO_KEY", uid=holder.uid)
    assert "\x1b" not in sentence and len(sentence) < 200


@needs_keyctl
@pytest.mark.parametrize("payload", [
    "nothing", KEY_ID + "\n", "\n" + SECRET, PAYLOAD + "\nmore",
    "short\n" + SECRET, "AKIAIOSFODNN7EXAMPL!\n" + SECRET,
    "A" * 129 + "\n" + SECRET, KEY_ID + "\n" + "x" * 257,
    KEY_ID + "\r\n" + SECRET, KEY_ID + "\n" + SECRET + "\r",
    "A\0" + PAYLOAD, PAYLOAD.replace("\n", "\0x\n"), "x" * 5000])
def test_a_malformed_stored_key(signer, holder, payload):
    holder.add(PROFILE, payload)
    signer.refused(STORED, "BAD_KEY", uid=holder.uid)


@needs_keyctl
def test_a_stored_key_that_went(signer, holder):
    serial = holder.add(PROFILE)
    holder.run(KEYCTL, "revoke", serial)
    signer.refused(STORED, "NO_KEY", uid=holder.uid)
    holder.run(KEYCTL, "unlink", serial, "@u", check=False)
    serial = holder.add(PROFILE)
    signer.sign(STORED, uid=holder.uid)
    holder.run(KEYCTL, "timeout", serial, "1")
    time.sleep(1.5)
    signer.refused(STORED, "NO_KEY", uid=holder.uid)


@needs_keyctl
def test_only_keys_of_type_user_count(signer, holder):
    holder.run(KEYCTL, "newring", "aws-session:parent:" + PROFILE, "@u")
    assert "no stored key" in signer.refused(STORED, "NO_KEY", uid=holder.uid)
    holder.run("sh", "-c", '"$0" unlink $("$0" search @u keyring "$1") @u',
               KEYCTL, "aws-session:parent:" + PROFILE)


@needs_keyctl
def test_a_revoked_session_keyring(signer, holder):
    """As in tmux, after the login that started it has ended."""
    def revoke():
        KEYUTILS.keyctl_join_session_keyring(None)
        KEYUTILS.keyctl_revoke(-3) # KEY_SPEC_SESSION_KEYRING

    holder.add(PROFILE)
    signer.sign(STORED, uid=holder.uid, prepare=revoke)


@needs_keyctl
@needs_root
def test_a_key_in_the_persistent_keyring(signer, holder):
    holder.add(PROFILE, keyring=holder.persistent())
    assert signer.sign(STORED, uid=holder.uid)["ACCESS_KEY_ID"] == KEY_ID


@needs_keyctl
@needs_root
def test_a_full_quota(signer, holder):
    holder.add(PROFILE)
    reply = signer.sign(STORED, uid=holder.uid, prepare=use_up_quota)
    assert reply["ACCESS_KEY_ID"] == KEY_ID


@needs_keyctl
@needs_root
def test_keys_of_others_are_out_of_reach(signer, holder):
    other = Keyholder(unused_uid(holder.uid))
    try:
        holder.add(PROFILE)
        signer.refused(STORED, "NO_KEY", uid=other.uid)
    finally:
        other.clear()


def attack(pid):
    """What a process of ours can do to a process: a list of what worked."""
    worked = []
    for name in ("mem", "environ", "maps", "auxv", "fd/0", "syscall"):
        with contextlib.suppress(OSError):
            os.close(os.open("/proc/%d/%s" % (pid, name), os.O_RDONLY))
            worked.append(name)
    if LIBC.ptrace(PTRACE_ATTACH, pid, None, None) == 0:
        worked.append("ptrace")
    return worked


def attacks_of(uid, pid, kill=False):
    """The same from a process of another uid; kill tries to end it, too."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        worked = attack(pid)
        if kill:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                worked.append("kill")
        os.write(writer, " ".join(worked).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with open(reader, encoding="ascii") as file:
        return file.read().split()


def test_is_not_dumpable(signer, holder):
    with signer.started(uid=holder.uid) as (process, ours):
        wait_until_it_reads(process)
        assert os.stat("/proc/%d/mem" % process.pid).st_uid == 0
        assert attacks_of(holder.uid, process.pid) == []
        framing.send(ours, "SIGN_REQUEST", REQUEST)
        assert framing.receive(ours)[0] == "SIGN_RESULT"


# --- setuid -----------------------------------------------------------------

class Setuid(Signer):
    """The signer as it is installed, for a service user of the test."""

    def __init__(self, path, service):
        super().__init__(path)
        self.service = service


@pytest.fixture
def installed(signer, holder):
    """A copy, setuid to an unused uid, where the setuid bit counts."""
    service = unused_uid(holder.uid)
    for parent in (tempfile.gettempdir(), "/var/tmp", "/var/lib"):
        if os.path.isdir(parent) and not os.statvfs(
                parent).f_flag & os.ST_NOSUID:
            break
    else:
        pytest.skip("no directory without nosuid")
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        os.chmod(directory, 0o755)
        path = shutil.copy(signer.path, directory)
        os.chown(path, service, -1)
        os.chmod(path, 0o4711)
        yield Setuid(path, service)


def give_away(holder, serial, owner, permissions="0x013f0000"):
    """Make a key another's. The signer will make them so: root stands in."""
    holder.run(KEYCTL, "setperm", serial, "0x3f3f003f")
    for command in (["chown", serial, str(owner)],
                    ["setperm", serial, permissions]):
        subprocess.run([KEYCTL, *command], check=True, capture_output=True)


@needs_root
@needs_keyctl
def test_setuid_reads_a_protected_key(installed, holder):
    serial = holder.add(PROFILE)
    give_away(holder, serial, installed.service)
    for verb in ("read", "print", "pipe", "describe"):
        assert holder.run(KEYCTL, verb, serial, check=False).returncode != 0
    with installed.started(uid=holder.uid) as (process, ours):
        wait_until_it_reads(process)
        # All ids are the service user's before the message is read ...
        assert status_line(process, "Uid").split() == [
            str(installed.service)] * 4
        assert status_line(process, "Gid").split() == [str(holder.uid)] * 4
        assert int(status_line(process, "CapPrm"), 16) == 0
        # ... and out of the caller's hands.
        assert attacks_of(holder.uid, process.pid, kill=True) == []
        framing.send(ours, "SIGN_REQUEST", STORED)
        kind, reply = framing.receive(ours)
        assert (kind, process.wait(10)) == ("SIGN_RESULT", 0)
    assert reply["ACCESS_KEY_ID"] == KEY_ID and SECRET not in str(reply)
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_SERVICE"]
    assert reply["AUTHORIZATION"] == botocore_authorization(
        "https://" + TARGET["HOST"] + "/", reply["BODY"], reply["AMZ_DATE"],
        TARGET["REGION"], "sts")


@needs_root
@needs_keyctl
def test_setuid_under_hostile_conditions(installed, holder):
    """A full quota, a revoked session keyring, limits, signals."""
    def upset():
        use_up_quota()
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGALRM})
        os.umask(0)

    give_away(holder, holder.add(PROFILE), installed.service)
    reply = installed.sign(STORED, uid=holder.uid, prepare=upset)
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_SERVICE"]


@needs_root
@needs_keyctl
def test_setuid_knows_whose_key_it_is(installed, holder):
    holder.add(PROFILE) # by the user, under our name
    reply = installed.sign(STORED, uid=holder.uid)
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_USER"]
    stranger = unused_uid(holder.uid, installed.service)
    give_away(holder, holder.add(PROFILE + "b"), stranger, "0x3f3f0000")
    sentence = installed.refused({**STORED, "PROFILE": PROFILE + "b"},
                                 "BAD_KEY", uid=holder.uid)
    assert str(stranger) in sentence


@needs_root
@needs_keyctl
@pytest.mark.parametrize("forged_in_user_keyring", [True, False])
def test_a_protected_key_goes_before_a_forged_one(
        installed, holder, forged_in_user_keyring):
    keyrings = ["@u", holder.persistent()]
    if not forged_in_user_keyring:
        keyrings.reverse()
    forged = PAYLOAD.replace("AKIA", "AKIB")
    holder.add(PROFILE, forged, keyring=keyrings[0])
    give_away(holder, holder.add(PROFILE, keyring=keyrings[1]),
              installed.service)
    reply = installed.sign(STORED, uid=holder.uid)
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_SERVICE"]
    assert reply["ACCESS_KEY_ID"] == KEY_ID


@needs_root
@needs_keyctl
def test_without_the_setuid_bit_a_protected_key_stays_shut(installed, holder):
    def no_new_privileges():
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

    give_away(holder, holder.add(PROFILE), installed.service)
    installed.refused(STORED, "NO_KEY", uid=holder.uid,
                      prepare=no_new_privileges)


@needs_root
def test_setuid_root_is_refused(installed, holder):
    os.chown(installed.path, 0, -1)
    os.chmod(installed.path, 0o4711)
    assert "setuid root" in installed.broken(WHOLE, uid=holder.uid)
    assert installed.sign(REQUEST)["ACCESS_KEY_ID"] == KEY_ID # root is a user


@needs_root
def test_root_becomes_the_service_user_too(installed):
    with installed.started() as (process, ours):
        wait_until_it_reads(process)
        assert status_line(process, "Uid").split() == [
            str(installed.service)] * 4
        for kind in ("CapPrm", "CapEff", "CapAmb"):
            assert int(status_line(process, kind), 16) == 0
        framing.send(ours, "SIGN_REQUEST", REQUEST)
        assert framing.receive(ours)[0] == "SIGN_RESULT"
