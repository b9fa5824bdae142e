"""What kept a session away, by the exit status alone: for scripts, and for
the PAM module, which maps these to PAM's codes."""

import re
import socket

import pytest


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def no_key(person):
    person.credentials.unlink()


def unreachable(person):
    person.env["AWS_ENDPOINT_URL"] = "https://127.0.0.1:%d" % closed_port()


def untrusted(person):
    person.env["AWS_CA_BUNDLE"] = "/etc/hostname"


def fault(name, **options):
    def add(person):
        person.sts.fault(name, **options)
    return add


def nothing(_):
    pass


CASES = [
    (120, no_key, ()),
    (120, nothing, ("--profile", "nobody")),
    (121, nothing, ("--code", "000000")),
    (121, nothing, ("--code", "12345")),
    (122, unreachable, ()),
    (122, fault("throttle"), ()),
    (122, fault("error", status=503, code="ServiceUnavailable"), ()),
    (122, fault("garbage"), ()),
    (122, fault("close-after"), ()),
    (123, nothing, ("--code", "")),
    (125, fault("error", status=403, code="AccessDenied", message="no"), ()),
    (125, untrusted, ()),
]


@pytest.mark.parametrize("command", ["exec", "export", "refresh"])
@pytest.mark.parametrize("status, prepare, options", CASES)
def test_statuses(person, status, prepare, options, command):
    prepare(person)
    if options == ("--code", ""):       # nobody can be asked
        options = ()
    elif "--code" not in options:
        options += ("--code", person.code())
    more = {"exec": ("true",), "export": (), "refresh": ("--shell", "sh")}
    done = person.run(command, *options, *more[command])
    assert (done.returncode, done.stdout) == (status, ""), done.stderr


def test_used_code(person):
    code = person.code()
    assert person.run("exec", "--code", code, "true").returncode == 0
    assert person.run("refresh", "--code", code, "--shell",
                      "sh").returncode == 121


def test_roles_have_them_too(person, sts):
    """The session with MFA is there, the role's is not to be had."""
    role = "arn:aws:iam::%s:role/none" % sts.account
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                     "source_profile = default\n" % role)
    done = person.run("--profile", "r", "exec", "--code", person.code(),
                      "true")
    assert done.returncode == 125, done.stderr
    sts.fault("throttle", operation="AssumeRole")
    assert person.run("--profile", "r", "exec", "true").returncode == 122


def test_shown_by_debug_as_well(person):
    """No other line than the sentence says it."""
    done = person.run("--profile", "nobody", "exec", "true")
    assert re.fullmatch(r"aws-session: [^\n]+\n", done.stderr)
