"""Sessions inside sessions, and keys that came by the environment."""

import json
import re
import subprocess

import pexpect
import pytest

import stored
from conftest import clears_keys
from kept import forget
from test_keyring import without_keyring

PARENT = "AWS_SESSION_PARENT_KEY_ID"
SCOPED = "AWS_SESSION_FOR_PROFILE"


def operations(sts):
    return [request["operation"] for request in sts.requests]


def session_of(sts, variables):
    return sts.store.sessions[variables["AWS_ACCESS_KEY_ID"]]


@pytest.fixture
def two(person, sts):
    """Alice, and Bob's key under a profile of its own."""
    bob = sts.add_user("bob", mfa=["bob"])
    with open(person.credentials, "a", encoding="utf-8") as file:
        file.write("[bob]\naws_access_key_id = %s\naws_secret_access_key = "
                   "%s\n" % (bob.keys[0].id, bob.keys[0].secret))
    person.config.write_text(
        person.config.read_text() + "region = eu-west-1\n[profile bob]\n"
        "mfa_serial = %s\n" % bob.devices[0].serial)
    return person


def inside(person, outer, *options, env=None):
    """The environment of a command that is run in a session."""
    return person.variables(*options, env={
        **{name: None for name in person.env if name.startswith("AWS_")},
        **outer, **(env or {})})


# ------------------------------------------------------ the inner session

def test_inner_and_outer(two, sts):
    outer = two.variables("--code", two.code())
    inner = inside(two, outer, "--profile", "bob", "--code", two.code("bob"))
    assert session_of(sts, outer).arn.endswith("user/alice")
    assert session_of(sts, inner).arn.endswith("user/bob")
    assert inner["AWS_SESSION_PROFILE"] == inner["AWS_DEFAULT_PROFILE"] \
        == "bob"
    assert operations(sts) == ["GetSessionToken"] * 2
    # The outer one again, and once more the inner one, without a question.
    assert inside(two, inner, "--profile", "default")["AWS_ACCESS_KEY_ID"] \
        == outer["AWS_ACCESS_KEY_ID"]
    assert inside(two, inner)["AWS_ACCESS_KEY_ID"] \
        == inner["AWS_ACCESS_KEY_ID"]
    assert len(sts.requests) == 2


def test_shell_in_a_shell(two, sts):
    """By hand, and back."""
    child = two.spawn("shell", "--code", two.code(), env={
        "PS1": "$AWS_SESSION_PROFILE> ", "ENV": "/dev/null"})
    child.expect("default> ")
    child.sendline("PS1='$AWS_SESSION_PROFILE> ' '%s' --profile bob"
                   % two.program)
    child.expect("MFA code for arn.*/bob: ")
    child.sendline(two.code("bob"))
    child.expect("bob> ")
    child.sendline("echo $AWS_ACCESS_KEY_ID @")
    child.expect(r"(ASIA\w+) @")
    inner = child.match[1]
    child.sendline("exit")
    child.expect("default> ")
    child.sendline("echo $AWS_ACCESS_KEY_ID @")
    child.expect(r"(ASIA\w+) @")
    assert child.match[1] != inner
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()
    assert len(sts.requests) == 2


def test_refresh_inside_renews_the_inner_one(two, sts):
    outer = two.variables("--code", two.code())
    inner = inside(two, outer, "--profile", "bob", "--code", two.code("bob"))
    done = two.run("refresh", "--code", two.code("bob"), env=inner)
    assert "AWS_SESSION_PROFILE=bob;" in done.stdout
    assert sts.requests[-1]["operation"] == "GetSessionToken"
    assert inside(two, outer)["AWS_ACCESS_KEY_ID"] \
        == outer["AWS_ACCESS_KEY_ID"]


def test_profile_variable_inside_selects_for_commands(two, sts):
    outer = two.variables("--code", two.code())
    inner = inside(two, outer, "--code", two.code("bob"),
                   env={"AWS_PROFILE": "bob"})
    assert inner["AWS_SESSION_PROFILE"] == "bob"
    assert "AWS_PROFILE" not in inner
    assert session_of(sts, inner).arn.endswith("user/bob")


# ------------------------------------------------------ variables of the outer

def test_region_of_the_outer_profile_stays_outside(two):
    outer = two.variables("--code", two.code())
    assert outer["AWS_REGION"] == outer["AWS_DEFAULT_REGION"] == "eu-west-1"
    inner = inside(two, outer, "--profile", "bob", "--code", two.code("bob"))
    assert not {"AWS_REGION", "AWS_DEFAULT_REGION", SCOPED} & set(inner)
    back = inside(two, inner, "--profile", "default")
    assert back["AWS_REGION"] == "eu-west-1"


def test_own_region_goes_through_all(two):
    """Exported by the person, before or inside."""
    outer = two.variables("--code", two.code(),
                          env={"AWS_REGION": "us-west-2"})
    inner = inside(two, outer, "--profile", "bob", "--code", two.code("bob"))
    assert inner["AWS_REGION"] == "us-west-2"
    outer = two.variables()
    inner = inside(two, outer, "--profile", "bob",
                   env={"AWS_REGION": "us-west-2"})
    assert inner["AWS_REGION"] == "us-west-2"


@pytest.mark.parametrize("option, variable, value, other", [
    ("--session-duration", "AWS_SESSION_DURATION", "2h", "1h"),
    ("--region", "AWS_REGION", "us-west-2", "us-west-1"),
    ("--mfa-serial", "AWS_SESSION_MFA_SERIAL", None,
     "arn:aws:iam::123456789012:mfa/x")])
def test_options_are_defaults_for_their_profile(two, sts, option, variable,
                                                value, other):
    value = value or sts.alice.devices[0].serial
    outer = two.variables(option, value, "--code", two.code())
    assert outer[variable] == value
    # The same session, for the same profile.
    again = inside(two, outer)
    assert again["AWS_ACCESS_KEY_ID"] == outer["AWS_ACCESS_KEY_ID"]
    assert again[variable] == value and again[SCOPED] == outer[SCOPED]
    # Not for another one, and what it was is not seen there.
    inner = inside(two, outer, "--profile", "bob", "--code", two.code("bob"))
    assert variable not in inner and SCOPED not in inner
    # Unless it is given there.
    if option != "--mfa-serial":
        inner = inside(two, outer, "--profile", "bob", option, value,
                       "--code", two.code("bob"))
        assert inner[variable] == value
    # Or set there.
    done = two.run("--profile", "bob", "exec", "--no-prompt", "true",
                   env={**outer, variable: other})
    wanted = two.run("--profile", "bob", "exec", "--no-prompt", "true",
                     env={variable: other})
    assert (done.returncode, done.stderr) \
        == (wanted.returncode, wanted.stderr)


def test_role_inside_a_long_session(two, sts):
    """Twelve hours, given for the outer profile, are too long for a role."""
    with open(two.config, "a", encoding="utf-8") as file:
        file.write("[profile admin]\nrole_arn = %s\nsource_profile = default\n"
                   % sts.add_role("Admin").arn)
    outer = two.variables("--session-duration", "20h", "--code", two.code())
    inner = inside(two, outer, "--profile", "admin", "--code", two.code())
    assert inner["AWS_SESSION_PROFILE"] == "admin"


def test_refresh_carries_its_options(two):
    """Else the shell would look for another session next time."""
    done = two.run("refresh", "--session-duration", "2h", "--code",
                   two.code())
    assert "export AWS_SESSION_DURATION=2h;" in done.stdout
    outer = two.variables("--session-duration", "2h")
    done = two.run("refresh", "--profile", "bob", "--code", two.code("bob"),
                   env=outer)
    assert "unset -v AWS_SESSION_DURATION;" in done.stdout
    assert "unset -v AWS_REGION;" in done.stdout


# ------------------------------------------------------ keys of the environment

@pytest.fixture
def keyed(person, sts):
    """Alice's key is in the environment, and nowhere else."""
    key = sts.alice.keys[0]
    person.credentials.unlink()
    person.key = key
    person.keys = {"AWS_ACCESS_KEY_ID": key.id,
                   "AWS_SECRET_ACCESS_KEY": key.secret}
    yield person
    stored.forget("environment\n" + key.id)


def kept_key(person):
    return stored.stored("environment\n" + person.key.id)


def test_key_is_kept_and_not_in_the_environment(keyed, sts):
    outer = keyed.variables("--code", keyed.code(), env=keyed.keys)
    assert outer[PARENT] == keyed.key.id
    assert keyed.key.secret not in "".join(outer.values())
    assert kept_key(keyed) == (keyed.key.id, keyed.key.secret)
    serial, = stored.serials("environment\n" + keyed.key.id)
    line, = [line for line in open("/proc/keys", encoding="utf-8")
             if int(line.split()[0], 16) == serial]
    assert re.search(r" (36h|35h|1d|2159m) ", line), line


def test_session_is_renewed_inside(keyed, sts):
    outer = keyed.variables("--code", keyed.code(), env=keyed.keys)
    assert inside(keyed, outer)["AWS_ACCESS_KEY_ID"] \
        == outer["AWS_ACCESS_KEY_ID"]
    assert len(sts.requests) == 1
    done = keyed.run("refresh", "--code", keyed.code(), env=outer)
    assert done.returncode == 0, done.stderr
    assert "export %s=%s;" % (PARENT, keyed.key.id) in done.stdout
    forget()
    inner = inside(keyed, outer, "--code", keyed.code())
    assert inner[PARENT] == keyed.key.id
    assert json.loads(keyed.run("export", env=inner).stdout)["AccessKeyId"] \
        == inner["AWS_ACCESS_KEY_ID"]
    assert operations(sts) == ["GetSessionToken"] * 3
    # It is the session of the key in the environment, too.
    assert keyed.variables(env=keyed.keys)["AWS_ACCESS_KEY_ID"] \
        == inner["AWS_ACCESS_KEY_ID"]


def test_refresh_of_a_shell_with_a_key_takes_it_away(keyed):
    done = keyed.run("refresh", "--code", keyed.code(), env=keyed.keys)
    assert "export %s=%s;" % (PARENT, keyed.key.id) in done.stdout
    assert kept_key(keyed) is not None


def test_export_keeps_no_key(keyed):
    """Whoever calls it still has the key."""
    assert keyed.run("export", "--code", keyed.code(),
                     env=keyed.keys).returncode == 0
    assert kept_key(keyed) is None


def test_another_profile_inside_is_not_of_that_key(keyed, sts):
    outer = keyed.variables("--code", keyed.code(), env=keyed.keys)
    bob = sts.add_user("bob", mfa=["bob"])
    keyed.write_key(bob, profile="bob")
    for env, options in ((outer, ["--profile", "bob"]),
                         ({**outer, "AWS_PROFILE": "bob"}, [])):
        inner = inside(keyed, env, *options, "--code", keyed.code("bob"))
        assert session_of(sts, inner).arn.endswith("user/bob")
        assert PARENT not in inner


def test_key_that_is_gone_is_told(keyed, sts):
    """Not the key of a file in its place, which may be another user's."""
    outer = keyed.variables("--code", keyed.code(), env=keyed.keys)
    bob = sts.add_user("bob", mfa=["bob"])
    keyed.credentials.write_text(
        "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
        % (bob.keys[0].id, bob.keys[0].secret))
    stored.forget("environment\n" + keyed.key.id)
    # The session that is kept needs no key.
    assert inside(keyed, outer)["AWS_ACCESS_KEY_ID"] \
        == outer["AWS_ACCESS_KEY_ID"]
    forget()
    done = keyed.run("exec", "--code", keyed.code("bob"), "true", env=outer)
    assert done.returncode == 125
    assert keyed.key.id in done.stderr and "no longer" in done.stderr
    assert len(sts.requests) == 1


def test_kept_key_costs_no_process(keyed, tmp_path):
    """With a session and its key kept, nothing is started but the command."""
    keyed.variables("--code", keyed.code(), env=keyed.keys)
    trace = tmp_path / "trace"
    subprocess.run(
        ["strace", "-f", "-o", trace, "-e",
         "trace=execve,clone,clone3,fork,vfork", keyed.program, "exec",
         "/bin/true"], check=True, env={**keyed.env, **keyed.keys,
                                        "ASAN_OPTIONS": "detect_leaks=0"},
        timeout=60)
    assert trace.read_text().count("execve(") == 2
    assert not re.search(r"^\d+ +(clone|v?fork)", trace.read_text(), re.M)


@clears_keys
def test_list_and_clear(keyed):
    keyed.variables("--code", keyed.code(), env=keyed.keys)
    text = keyed.run("list").stdout
    assert re.search(r"^-  +%s  keyring for 36 h, (un)?protected  "
                     % keyed.key.id, text, re.M), text
    entry, = [entry for entry in
              json.loads(keyed.run("list", "--json").stdout)["keys"]
              if entry["access_key_id"] == keyed.key.id]
    assert (entry["profile"], entry["access_key_id"], entry["kept_in"]) \
        == (None, keyed.key.id, "keyring")
    assert "--force" in keyed.run("clear", "--all").stderr
    done = keyed.run("clear", "--all", "--force")
    assert ("Removed key %s, which came by the environment.\n" % keyed.key.id
            in done.stdout)
    assert kept_key(keyed) is None


def test_status_inside(keyed):
    outer = keyed.variables("--code", keyed.code(), env=keyed.keys)
    done = keyed.run("status", env=outer)
    assert done.returncode == 0, done.stderr
    assert "%s in the keyring" % keyed.key.id in done.stdout


def test_without_a_keyring_it_works_as_before(keyed):
    """What is kept for inside is a comfort: one debug line if it fails."""
    done = subprocess.run(
        [*without_keyring("ENOSYS"), keyed.program, "--debug", "exec",
         "--code", keyed.code(), "env"], env={**keyed.env, **keyed.keys},
        capture_output=True, text=True, timeout=60, check=True,
        stdin=subprocess.DEVNULL)
    assert done.stdout.count("AWS_SESSION_TOKEN=") == 1
    assert done.stderr.count("is not kept for what runs inside") == 1
    assert PARENT not in done.stdout
    assert keyed.key.secret not in done.stderr
