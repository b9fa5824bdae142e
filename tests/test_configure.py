"""configure: one line in the config file, which AWS's own programs read.

And what such a line means to us: a profile that stands for another one.
"""

import fcntl
import json
import os
import shlex
import stat
import subprocess
import sys

import pexpect
import pytest

import stored
from conftest import AWS
from kept import documents

BOTOCORE = """
import sys
from botocore.session import Session
for profile in sys.argv[1:]:
    got = Session(profile=profile).get_credentials()
    print(got.method, got.access_key)
"""
LINE = "credential_process = "
NAMES = ["work", "my dev", "it's", 'a"b`c`$d', "back\\slash;&|(x)",
         "*~#=%!?{}", "ümlaut", "-x", "a]b"]


def operations(sts):
    return [request["operation"] for request in sts.requests]


@pytest.fixture
def keyed(person, sts):
    """Alice has stored her key, and no AWS file."""
    person.credentials.unlink()
    person.config.unlink()
    key = sts.alice.keys[0]

    names = []

    def store(name="default"):
        names.append(name)
        subprocess.run([person.program, "add", "--stdin", "--force",
                        "--profile", name], env=person.env, check=True,
                       input="%s\n%s\n" % (key.id, key.secret), text=True,
                       capture_output=True)
    person.store = store
    store()
    yield person
    for name in names:
        stored.forget(name)


def wrote(person, *arguments, env=None):
    done = person.run("configure", *arguments, env=env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.startswith("Wrote "), done.stdout
    return done.stdout


def refused(person, *arguments, status=125, env=None):
    before = person.config.read_bytes() if person.config.exists() else None
    done = person.run("configure", *arguments, env=env)
    assert (done.returncode, done.stdout) == (status, "")
    assert len(done.stderr.splitlines()) == 1
    assert before == (person.config.read_bytes()
                      if person.config.exists() else None)
    return done.stderr


def command(person, profile):
    return "%s export --format process --profile %s" % (
        shlex.quote(person.program), profile)


# ------------------------------------------------------ what is written

def test_a_new_file(keyed):
    keyed.config.parent.rmdir()
    said = wrote(keyed)
    assert keyed.config.read_text() == "[default]\n%s%s\n" % (
        LINE, command(keyed, "default"))
    assert stat.S_IMODE(keyed.config.stat().st_mode) == 0o600
    assert str(keyed.config) in said and command(keyed, "default") in said
    assert os.listdir(keyed.config.parent) == ["config"]


def test_twice_changes_nothing(keyed):
    keyed.config.write_text("[profile x]\nregion = eu-west-1")
    wrote(keyed)
    before = keyed.config.stat(), keyed.config.read_text()
    done = keyed.run("configure")
    assert done.returncode == 0
    assert done.stdout.startswith("Already in %s" % keyed.config)
    after = keyed.config.stat(), keyed.config.read_text()
    assert (before[0].st_ino, before[0].st_mtime_ns, before[1]) \
        == (after[0].st_ino, after[0].st_mtime_ns, after[1])


@pytest.mark.parametrize("before, after", [
    # Behind the last key of the section, before what follows.
    ("[profile a]\nx = 1\n\n# of b\n[profile b]\ny = 2\n",
     "[profile a]\nx = 1\n@\n\n# of b\n[profile b]\ny = 2\n"),
    ("# head\n[profile a]\n; none\n\n[profile b]\n",
     "# head\n[profile a]\n@\n; none\n\n[profile b]\n"),
    # Behind a value of several lines.
    ("[profile a]\ns3 =\n  x = 1\n\n  # c\n  y = 2\n[profile b]\n",
     "[profile a]\ns3 =\n  x = 1\n\n  # c\n  y = 2\n@\n[profile b]\n"),
    ("[profile a]\nx = 1", "[profile a]\nx = 1\n@\n"),
    ("[profile a]", "[profile a]\n@\n"),
    ("[profile b]", "[profile b]\n\n[profile a]\n@\n"),
    ("", "[profile a]\n@\n"),
    ("[profile b]\r\nx = 1\r\n",
     "[profile b]\r\nx = 1\r\n\r\n[profile a]\r\n@\r\n"),
    ("[profile a]\r\nx = 1\r\n", "[profile a]\r\nx = 1\r\n@\r\n"),
    # One of ours in its place, whatever it was before.
    ("[profile a]\n  CREDENTIAL_PROCESS: /old/aws-session export\n   -x\n"
     "  x = 1\n", "[profile a]\n  @\n  x = 1\n"),
    ("[profile \"a\"]\nx = 1\n", "[profile \"a\"]\nx = 1\n@\n"),
    # Of two sections of one profile the last counts.
    ("[profile a]\nx = 1\n[profile 'a']\ny = 2\n",
     "[profile a]\nx = 1\n[profile 'a']\ny = 2\n@\n"),
    # A section of another kind is none of a profile.
    ("[a]\n[sso-session a]\nx = 1\n",
     "[a]\n[sso-session a]\nx = 1\n\n[profile a]\n@\n")])
def test_everything_else_stays(keyed, before, after):
    keyed.config.write_bytes(before.encode())
    wrote(keyed, "a", "--profile", "default")
    assert keyed.config.read_bytes().decode() == after.replace(
        "@", LINE + command(keyed, "default"))


def test_mode_and_symbolic_link_stay(keyed, tmp_path):
    target = tmp_path / "elsewhere" / "aws.ini"
    target.parent.mkdir()
    target.write_text("[default]\n")
    target.chmod(0o640)
    keyed.config.symlink_to(target)
    wrote(keyed)
    assert keyed.config.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert LINE in target.read_text()
    assert os.listdir(target.parent) == ["aws.ini"]


def test_file_of_the_variable(keyed, tmp_path):
    path = tmp_path / "other file"
    wrote(keyed, env={"AWS_CONFIG_FILE": str(path)})
    assert LINE in path.read_text()
    assert not keyed.config.exists()
    assert "AWS_CONFIG_FILE" in refused(keyed, env={"AWS_CONFIG_FILE": ""})


def test_path_is_the_one_that_stays(keyed, tmp_path):
    """The link in PATH, not the version that it points to today."""
    link = tmp_path / "bin" / "aws-session"
    link.parent.mkdir()
    link.symlink_to(keyed.program)
    wrote(keyed, env={"PATH": "%s:/usr/bin" % link.parent})
    assert LINE + "%s export" % link in keyed.config.read_text()


# ------------------------------------------------------ for whom

@pytest.mark.parametrize("arguments, env, section, profile", [
    ([], {}, "default", "default"),
    ([], {"AWS_PROFILE": "work"}, "profile work", "work"),
    (["--profile", "work"], {}, "profile work", "work"),
    (["work"], {}, "profile work", "work"),
    (["app"], {}, "profile app", "default"),
    (["app"], {"AWS_PROFILE": "work"}, "profile app", "work"),
    (["app", "--profile", "work"], {}, "profile app", "work"),
    (["default", "--profile", "work"], {}, "default", "work"),
    # A name that has a line of ours already.
    (["known"], {}, "profile known", "work")])
def test_names(keyed, arguments, env, section, profile):
    keyed.store("work")
    keyed.config.write_text("[profile known]\n%s%s\n" % (
        LINE, "aws-session export --profile work"))
    wrote(keyed, *arguments, env=env)
    text = keyed.config.read_text()
    assert "[%s]\n%s%s\n" % (section, LINE, command(keyed, profile)) in text


@pytest.mark.parametrize("arguments, word", [
    (["app", "--profile", "nobody"], "no profile 'nobody'"),
    ([""], "empty"), (["a\nb"], "one line")])
def test_names_that_cannot_be(keyed, arguments, word):
    assert word in refused(keyed, *arguments)


def test_profile_without_a_key_is_told(person):
    """Configuration may come before the keys do, as after a reboot."""
    person.credentials.unlink()
    done = person.run("configure")
    assert done.returncode == 0
    assert "no access key yet" in done.stderr


# ------------------------------------------------------ where it is of no use

KEY = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"


@pytest.mark.parametrize("config, credentials, words", [
    ("", "[app]\n" + KEY, ["credentials, line 2", "aws-session import"]),
    ("", "[app]\n" + LINE + "x\n", ["credentials, line 2", "remove"]),
    ("[profile app]\nrole_arn = arn:aws:iam::123456789012:role/x\n"
     "source_profile = default\n", "",
     ["config, line 2", "role_arn", "configure NAME --profile app"]),
    ("[profile app]\nweb_identity_token_file = /x\n", "",
     ["web_identity_token_file"]),
    ("[profile app]\nsso_session = x\nsso_account_id = 1\n", "",
     ["sso_account_id", "another profile"]),
    ("[profile app]\nlogin_session = x\n", "", ["login_session"])])
def test_refused_where_the_aws_cli_would_not_use_it(keyed, config,
                                                    credentials, words):
    keyed.config.write_text(config)
    keyed.credentials.write_text(credentials)
    said = refused(keyed, "app", "--profile", "default")
    for word in words:
        assert word in said


def test_key_in_the_config_file_is_no_hindrance(keyed, sts):
    """botocore looks for it behind credential_process."""
    keyed.config.write_text("[profile app]\n" + KEY)
    keyed.run("exec", "--code", keyed.code(), "true")
    wrote(keyed, "app", "--profile", "default")
    assert method(keyed, "app").startswith("custom-process ASIA")


@pytest.mark.parametrize("answer, status", [("y", 0), ("n", 125), ("", 125)])
def test_another_process_is_asked_for(keyed, answer, status):
    keyed.config.write_text("[profile app]\n%s/opt/vault --x\n" % LINE)
    child = keyed.spawn("configure", "app", "--profile", "default")
    child.expect(r"Replace credential_process of profile app \(/opt/vault "
                 r"--x\)\? \[y/N\] ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status
    assert ("vault" in keyed.config.read_text()) == (status != 0)


def test_another_process_and_nobody_to_ask(keyed):
    keyed.config.write_text("[profile app]\n%s/opt/vault\n" % LINE)
    assert "give --force" in refused(keyed, "app", "--profile", "default",
                                     status=123)
    wrote(keyed, "app", "--profile", "default", "--force")
    assert "vault" not in keyed.config.read_text()


@pytest.mark.parametrize("text, word", [
    ("[profile a]\nx = 1\n[profile a]\n", "line 3"), ("nonsense\n", "line 1"),
    ("[profile a]\n\xff = 1\n", "UTF-8")])
def test_a_file_with_an_error_is_left(keyed, text, word):
    keyed.config.write_bytes(text.encode("latin-1"))
    assert word in refused(keyed)


def test_a_file_that_cannot_be_written_is_left(keyed):
    keyed.config.write_text("[default]\n")
    keyed.config.chmod(0o400)
    assert "read-only" in refused(keyed)
    keyed.config.chmod(0o600)
    os.link(keyed.config, keyed.home / "second")
    assert "2 names" in refused(keyed)


def test_a_locked_file_is_waited_for(keyed):
    """Another of ours is editing it."""
    keyed.config.write_text("[default]\n")
    with open(keyed.config, encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen([keyed.program, "configure"], env=keyed.env,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)
            assert LINE not in keyed.config.read_text()
            fcntl.flock(held, fcntl.LOCK_UN)
            assert process.stdout.read().startswith("Wrote ")
    assert LINE in keyed.config.read_text()


# ------------------------------------------------------ who reads it

def method(person, *profiles):
    return subprocess.run(
        [sys.executable, "-c", BOTOCORE, *profiles], env=person.env, check=True,
        capture_output=True, text=True, timeout=60,
        start_new_session=True).stdout


def test_quoting_for_botocore_and_for_sh(keyed):
    """botocore splits the line as a shell does, other SDKs give it to one;
    and the section is found under its name."""
    kept, shown = [], []
    for name in NAMES:
        before = set(documents().values())
        keyed.store(name)
        keyed.run("--profile", name, "exec", "--code", keyed.code(), "true")
        document, = set(documents().values()) - before
        kept.append(document)
        wrote(keyed, "--profile", name)
    lines = [line[len(LINE):] for line
             in keyed.config.read_text().splitlines() if line.startswith(LINE)]
    for line in lines:
        shown.append(subprocess.run(
            ["sh", "-c", line], env=keyed.env, capture_output=True,
            check=True, timeout=60).stdout)
    assert shown == [document + b"\n" for document in kept]
    assert method(keyed, *NAMES).splitlines() == [
        "custom-process " + json.loads(document)["AccessKeyId"]
        for document in kept]


def test_section_is_plain_where_it_can_be(keyed):
    """Other SDKs than Python's know no quotes there."""
    for name in ("work", "a.b@c+d", "my dev"):
        wrote(keyed, name, "--profile", "default")
    assert [line for line in keyed.config.read_text().splitlines()
            if line.startswith("[")] == [
        "[profile work]", "[profile a.b@c+d]", "[profile 'my dev']"]


def test_the_aws_cli_uses_it(keyed, sts):
    keyed.run("exec", "--code", keyed.code(), "true")
    wrote(keyed, "app", "--profile", "default")
    done = subprocess.run(
        [AWS, "--endpoint-url", sts.url, "--profile", "app", "--region",
         "us-east-1", "sts", "get-caller-identity"], env=keyed.env,
        capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"].endswith(":user/alice")
    assert operations(sts)[-2:] == ["GetSessionToken", "GetCallerIdentity"]


# ------------------------------------------------------ a profile of ours

def add(person, name, *lines):
    with open(person.config, "a", encoding="utf-8") as file:
        file.write("[profile %s]\n%s\n" % (name, "\n".join(lines)))


def ours(profile, how="--profile %s"):
    return LINE + "/x/aws-session export " + how % profile


def test_it_stands_for_the_profile_that_it_names(person, sts):
    """One session, one code, whichever name it is got by."""
    role = sts.add_role("Admin")
    add(person, "admin", "role_arn = " + role.arn, "source_profile = default",
        "region = eu-west-1")
    add(person, "app", ours("admin"), "region = eu-central-1")
    add(person, "more", ours("app", "--profile=%s"))
    first = person.variables("--profile", "app", "--code", person.code())
    second = person.variables("--profile", "admin")
    third = person.variables("--profile", "more")
    assert first["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"] \
        == third["AWS_ACCESS_KEY_ID"]
    assert [variables.get("AWS_REGION") for variables in (
        first, second, third)] == ["eu-central-1", "eu-west-1", None]
    assert [variables["AWS_SESSION_PROFILE"] for variables in (
        first, second, third)] == ["app", "admin", "more"]
    assert operations(sts) == ["GetSessionToken", "AssumeRole"]


def test_it_may_be_the_source_of_a_role(person, sts):
    role = sts.add_role("Admin")
    add(person, "app", ours("default"))
    add(person, "admin", "role_arn = " + role.arn, "source_profile = app")
    person.variables("--code", person.code())
    person.variables("--profile", "admin")
    assert operations(sts) == ["GetSessionToken", "AssumeRole"]


def test_own_key_and_own_role_go_before_it(person, sts):
    role = sts.add_role("Admin")
    key = sts.alice.keys[0]
    add(person, "nobody", ours("nothing"))
    add(person, "keyed", ours("nobody"), "aws_access_key_id = " + key.id,
        "aws_secret_access_key = " + key.secret)
    add(person, "admin", ours("nobody"), "role_arn = " + role.arn,
        "source_profile = default")
    code = person.code()
    assert person.run("--profile", "keyed", "exec", "--code", code,
                      "true").returncode == 0
    person.variables("--profile", "admin", "--code", person.code())
    assert person.run("--profile", "nobody", "exec", "true").returncode == 125


@pytest.mark.parametrize("profiles, word", [
    ({"a": "b", "b": "a"}, "circle"),
    ({"a": "b", "b": "c", "c": "b"}, "circle"),
    ({"a": "nothing"}, "'nothing', which does not exist"),
    ({"a": "a"}, "no access key")])
def test_circles_are_refused(person, sts, profiles, word):
    for name, other in profiles.items():
        add(person, name, ours(other))
    done = person.run("--profile", "a", "exec", "true")
    assert done.returncode == (120 if word == "no access key" else 125)
    assert word in done.stderr
    assert sts.requests == []


def test_circle_by_a_role_is_refused(person, sts):
    role = sts.add_role("Admin")
    add(person, "app", ours("admin"))
    add(person, "admin", "role_arn = " + role.arn, "source_profile = app")
    for name in ("app", "admin"):
        done = person.run("--profile", name, "exec", "true")
        assert done.returncode == 125
        assert "leads back" in done.stderr


def test_no_process_of_a_profile_is_ever_run(person, tmp_path):
    """Also not one that has our name."""
    fake = tmp_path / "aws-session"
    fake.write_text("#!/bin/sh\ntouch %s/ran\n" % tmp_path)
    fake.chmod(0o755)
    add(person, "app", LINE + "%s export --profile default" % fake)
    person.variables("--profile", "app", "--code", person.code())
    assert not (tmp_path / "ran").exists()
