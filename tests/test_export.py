"""export: what other programs get, read by these programs.

botocore, the AWS CLI and shells read what is printed; the keyring is asked
whether it is the same.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time

import pexpect
import pytest

from conftest import AWS
from kept import age, documents, forget

SHELLS = {"sh": ["sh"], "bash": ["bash", "--norc"], "zsh": ["zsh", "-f"],
          "fish": ["fish", "--no-config"]}
VARIABLES = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
             "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
             "AWS_CREDENTIAL_EXPIRATION"]

# Get credentials of a profile by botocore, and print them as JSON.
BOTOCORE = """
import json, sys
from botocore.session import Session
got = Session(profile=sys.argv[1]).get_credentials()
frozen = got.get_frozen_credentials()
print(json.dumps([got.method, *frozen, got.refresh_needed()]))
"""


def operations(sts):
    return [request["operation"] for request in sts.requests]


def add_role(person, sts, name="admin", **options):
    with open(person.config, "a", encoding="utf-8") as file:
        file.write("[profile %s]\nrole_arn = %s\nsource_profile = default\n"
                   % (name, sts.add_role(name, **options).arn))


def export(person, *options, env=None):
    done = person.run("export", *options, env=env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# ------------------------------------------------------ formats

@pytest.mark.parametrize("options", [[], ["--format", "process"]])
def test_process_is_the_document_of_the_keyring(person, sts, options):
    first = export(person, *options, "--code", person.code())
    kept, = documents().values()
    assert first.encode() == kept + b"\n"
    assert export(person, *options) == first
    assert list(json.loads(first)) == [
        "Version", "AccessKeyId", "SecretAccessKey", "SessionToken",
        "Expiration"]
    assert json.loads(first)["Version"] == 1
    assert len(sts.requests) == 1


def test_json_is_the_document_and_more(person):
    person.config.write_text(
        person.config.read_text() + "region = eu-west-1\n")
    document = json.loads(export(person, "--code", person.code()))
    more = json.loads(export(person, "--format", "json"))
    assert {**document, **more} == more
    assert more["Profile"] == "default" and more["Region"] == "eu-west-1"
    assert 43000 < more["SecondsLeft"] <= 43200
    assert set(more) - set(document) == {"Profile", "Region", "SecondsLeft"}


def test_env_is_that_of_the_aws_cli(person):
    """Bare words, as AWS's values need no quotes: so that files for docker
    and systemd can be made of it."""
    document = json.loads(export(person, "--code", person.code()))
    values = [document["AccessKeyId"], document["SecretAccessKey"],
              document["SessionToken"], document["SessionToken"],
              document["Expiration"]]
    lines = ["%s=%s" % pair for pair in zip(VARIABLES, values)]
    assert export(person, "--format", "env-no-export").splitlines() == lines
    assert export(person, "--format", "env").splitlines() == [
        "export " + line for line in lines]
    assert export(person, "--format", "fish").splitlines() == [
        "set -gx " + line.replace("=", " ", 1) for line in lines]


@pytest.mark.parametrize("value", [
    "a'b", "a b", "$x", "a\\", "a;touch pwned", "=a", "a=b", "~", "!x", "*",
    "a\nb", "\\'", "{a,b}", "%self", "(id)"])
@pytest.mark.parametrize("shell", SHELLS)
def test_values_that_need_quotes(person, shell, value):
    """A kept document may hold anything."""
    person.variables("--code", person.code())
    (name, kept), = documents().items()
    document = dict(json.loads(kept), SecretAccessKey=value)
    subprocess.run(["keyctl", "padd", "user", name, "@u"], check=True,
                   input=json.dumps(document).encode(), capture_output=True)
    forget_other_types(name)
    text = export(person, "--format", "fish" if shell == "fish" else "env")
    done = subprocess.run(
        [*SHELLS[shell], "-c", ("printf %s $CODE | source\n"
                                if shell == "fish" else 'eval "$CODE"\n')
         + "env -0"], env=dict(person.env, CODE=text), capture_output=True,
        text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert "AWS_SECRET_ACCESS_KEY=%s\0" % value in done.stdout


def forget_other_types(name):
    """The session as big_key is found first."""
    for serial in subprocess.run(["keyctl", "rlist", "@u"], check=True, text=True,
                                 capture_output=True).stdout.split():
        line = subprocess.run(["keyctl", "rdescribe", serial], text=True,
                              capture_output=True, check=False).stdout.strip()
        if line.startswith("big_key;") and line.endswith(name):
            subprocess.run(["keyctl", "unlink", serial, "@u"], check=True,
                           capture_output=True)


@pytest.mark.parametrize("name", ["", "yaml", "PROCESS", "powershell"])
def test_unknown_format_is_a_wrong_use(person, sts, name):
    done = person.run("export", "--format", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "process, env, env-no-export, fish and json" in done.stderr
    assert sts.requests == []


# ------------------------------------------------------ all or nothing

@pytest.mark.parametrize("options, status", [
    (["--no-prompt"], 123), (["--cached"], 123), (["--profile", "no"], 120),
    (["--code", "000000"], 121), (["--min-remaining", "13h"], 2)])
@pytest.mark.parametrize("form", ["process", "env", "json"])
def test_failure_prints_nothing(person, options, status, form):
    done = person.run("export", "--format", form, *options)
    assert (done.returncode, done.stdout) == (status, "")
    assert len(done.stderr.splitlines()) == 1


def test_full_disk_is_a_failure(person):
    person.variables("--code", person.code())
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([person.program, "export"], env=person.env,
                              stdin=subprocess.DEVNULL, stdout=full,
                              stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 125
    assert b"cannot write to standard output" in done.stderr


# ------------------------------------------------------ when it asks

@pytest.mark.parametrize("left, can_ask, renewed", [
    (960, True, False), (840, True, True), (840, False, False),
    (60, False, False)])
def test_fifteen_minutes_for_programs_that_renew(person, sts, left, can_ask,
                                                 renewed):
    first = export(person, "--code", person.code())
    age(left)
    options = ["--code", person.code()] if can_ask else []
    second = export(person, *options)
    assert (json.loads(second)["AccessKeyId"]
            != json.loads(first)["AccessKeyId"]) == renewed
    assert len(sts.requests) == 1 + renewed


def test_short_sessions_are_not_renewed_at_every_call(person, sts):
    """A session of 15 minutes has less than these from its first second."""
    first = export(person, "--session-duration", "15m", "--code",
                   person.code())
    code = person.code()
    assert export(person, "--session-duration", "15m", "--code",
                  code) == first
    age(440)
    export(person, "--session-duration", "15m", "--code", code)
    assert len(sts.requests) == 2


def test_a_session_that_cannot_be_renewed_is_still_given(person, sts):
    """AWS cannot be reached: botocore may go on with what is left."""
    first = export(person, "--code", person.code())
    age(600)
    done = person.run("export", "--code", person.code(),
                      env={"AWS_CA_BUNDLE": "/etc/passwd"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["AccessKeyId"] \
        == json.loads(first)["AccessKeyId"]
    age(200)
    assert person.run("export", "--code", person.code(), env={
        "AWS_CA_BUNDLE": "/etc/passwd"}).returncode == 125
    assert len(sts.requests) == 1


def test_cached_is_content_with_half_a_minute(person, sts):
    first = export(person, "--code", person.code())
    age(40)
    assert json.loads(export(person, "--cached"))["AccessKeyId"] \
        == json.loads(first)["AccessKeyId"]
    done = person.run("export", "--cached", "--min-remaining", "10m")
    assert (done.returncode, done.stdout) == (123, "")
    forget()
    assert person.run("export", "--cached").returncode == 123
    assert len(sts.requests) == 1


def test_cached_sends_nothing_for_a_role_either(person, sts):
    add_role(person, sts)
    person.variables("--code", person.code())
    assert person.run("export", "--cached", "--profile",
                      "admin").returncode == 123
    assert operations(sts) == ["GetSessionToken"]


# ------------------------------------------------------ as credential_process

def write_process(person, name="app", profile="default"):
    with open(person.config, "a", encoding="utf-8") as file:
        file.write("[profile %s]\ncredential_process = %s export --profile "
                   "%s\n" % (name, shlex.quote(person.program), profile))


def test_botocore_takes_it(person, sts):
    write_process(person)
    document = json.loads(export(person, "--code", person.code()))
    got = json.loads(subprocess.run(
        [sys.executable, "-c", BOTOCORE, "app"], env=person.env, check=True,
        capture_output=True, text=True, timeout=60).stdout)
    assert got == ["custom-process", document["AccessKeyId"],
                   document["SecretAccessKey"], document["SessionToken"],
                   *got[4:-1], False]
    assert len(sts.requests) == 1


def test_aws_cli_asks_on_the_terminal(person, sts):
    """Standard output and error of a credential_process are pipes."""
    write_process(person)
    child = pexpect.spawn(AWS, ["--endpoint-url", sts.url, "--profile", "app",
                                "sts", "get-caller-identity"], timeout=60,
                          env=dict(person.env, AWS_PAGER="",
                                   AWS_DEFAULT_REGION="us-east-1"),
                          encoding="utf-8")
    child.expect("MFA code for arn:aws:iam::.*: ")
    child.sendline(person.code())
    child.expect('"UserId"')
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert operations(sts) == ["GetSessionToken", "GetCallerIdentity"]


def test_failure_is_told_by_the_aws_cli(person, sts):
    write_process(person)
    done = subprocess.run(
        [AWS, "--endpoint-url", sts.url, "--profile", "app", "sts",
         "get-caller-identity"], capture_output=True, text=True, timeout=60,
        env=dict(person.env, AWS_DEFAULT_REGION="us-east-1"), check=False,
        start_new_session=True, stdin=subprocess.DEVNULL)
    assert done.returncode != 0
    assert "an MFA code is needed" in done.stderr
    assert sts.requests == []


# ------------------------------------------------------ exec with --cached
# and --min-remaining: they are the same for every command.

def test_exec_cached(person, sts):
    assert person.run("exec", "--cached", "true").returncode == 123
    assert person.run("exec", "--cached", "--code", person.code(),
                      "true").returncode == 123
    person.variables("--code", person.code())
    assert person.run("exec", "--cached", "true").returncode == 0
    assert operations(sts) == ["GetSessionToken"]


@pytest.mark.parametrize("command", ["exec", "shell"])
def test_min_remaining_renews_before_it_starts(person, sts, command):
    words = ["true"] if command == "exec" else []
    person.variables("--code", person.code())
    age(7000)
    done = person.run(command, "--min-remaining", "2h", "--no-prompt", *words)
    assert done.returncode == 123
    assert len(sts.requests) == 1
    done = person.run(command, "--min-remaining", "2h", "--code",
                      person.code(), *words)
    assert done.returncode == 0, done.stderr
    done = person.run(command, "--min-remaining", "2h", "--no-prompt", *words)
    assert done.returncode == 0, done.stderr
    assert len(sts.requests) == 2


def test_min_remaining_of_a_role_needs_no_code(person, sts):
    add_role(person, sts)
    person.variables("--profile", "admin", "--code", person.code())
    age(1700, "aws-session:session:admin:")
    done = person.run("exec", "--profile", "admin", "--min-remaining", "30m",
                      "true")
    assert done.returncode == 0, done.stderr
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def test_min_remaining_and_aws_gives_less(person, sts, monkeypatch):
    """As to a root user, who gets an hour at most."""
    give = sts.store.add_session
    monkeypatch.setattr(sts.store, "add_session", lambda seconds, *rest,
                        **more: give(min(seconds, 3600), *rest, **more))
    done = person.run("exec", "--min-remaining", "2h", "--code",
                      person.code(), "true")
    assert done.returncode == 125
    assert "a session of 59 min only" in done.stderr \
        or "a session of 1 h" in done.stderr


@pytest.mark.parametrize("profile, options, status, word", [
    ("default", ["--min-remaining", "12h1s"], 2, "12 h"),
    ("default", ["--min-remaining", "13h", "--session-duration", "14h"], 123,
     "code"),
    ("admin", ["--min-remaining", "61m"], 2, "1 h"),
    ("admin", ["--min-remaining", "1h"], 123, "code"),
    ("admin", ["--min-remaining", "2h", "--session-duration", "3h"], 123,
     "code"),
    ("default", ["--min-remaining", "0"], 2, "no duration"),
    ("default", ["--min-remaining", "soon"], 2, "no duration")])
def test_more_than_a_new_session_has_is_a_wrong_use(person, sts, profile,
                                                    options, status, word):
    add_role(person, sts)
    done = person.run("exec", "--profile", profile, *options, "true")
    assert done.returncode == status
    assert word in done.stderr
    assert sts.requests == []
