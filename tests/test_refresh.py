"""refresh: shell code that renews the session of a shell, and nothing else.

What is printed is run by real shells, with values made to break quoting.
"""

import os
import re
import shlex
import shutil
import subprocess
import time

import pexpect
import pytest

from conftest import clears_keys, user_keys
from kept import age, forget

SHELLS = {"sh": ["sh"], "bash": ["bash", "--norc"], "zsh": ["zsh", "-f"],
          "fish": ["fish", "--no-config"]}
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
               "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
               "AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION")
EVIL = r"""a'b"c\d$e`f!g h;i&j|k*l?m~n#o%p=q{r}s(t)u[v]w<x>y^z\\'' ''\'ä"""


def operations(sts):
    return [request["operation"] for request in sts.requests]


def run_code(shell, code, env, probe="env -0", quoted=True):
    """The environment of a shell after the code."""
    argv = [shutil.which(SHELLS[shell][0]), *SHELLS[shell][1:]]
    text = {"fish": "printf %s $CODE | source\n" if quoted
            else "eval (printf %s $CODE)\n"}.get(
                shell, 'eval "$CODE"\n' if quoted else "eval $CODE\n")
    if shell == "zsh" and not quoted:
        text = "setopt shwordsplit\n" + text
    done = subprocess.run([*argv, "-c", text + probe],
                          env=dict(env, CODE=code), capture_output=True,
                          text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0")
                if "=" in entry)


def aws(variables):
    return {name: value for name, value in variables.items()
            if name.startswith("AWS_")}


# ------------------------------------------------------ the code

@pytest.mark.parametrize("shell", SHELLS)
def test_code_makes_the_environment_of_exec(person, shell):
    """Everything that exec sets and removes, from one list."""
    before = {"AWS_PROFILE": "default", "AWS_ROLE_ARN": "arn:x",
              "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x",
              "AWS_CONTAINER_X;touch pwned": "y", "AWS_SECURITY_TOKEN": "",
              "AWS_SESSION_MFA_CODE": person.code()}
    done = person.run("refresh", "--shell", shell, env=before)
    assert (done.returncode, done.stderr) == (0, "")
    after = run_code(shell, done.stdout, dict(person.env, **before))
    expected = aws(person.variables(env=before))
    expected.pop("AWS_SESSION_CHANGE")
    after = {name: value for name, value in aws(after).items()
             if ";" not in name}
    assert re.fullmatch(r"\d{20}\.\d{9}", after.pop("AWS_SESSION_CHANGE"))
    assert after == expected
    assert "pwned" not in done.stdout


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("shell", SHELLS)
def test_code_survives_an_eval_without_quotes(person, shell, quoted):
    done = person.run("refresh", "--shell", shell, "--code", person.code())
    after = run_code(shell, done.stdout, person.env, quoted=quoted)
    assert after["AWS_SESSION_PROFILE"] == "default"
    assert after["AWS_SECURITY_TOKEN"] == after["AWS_SESSION_TOKEN"] != ""


@pytest.mark.parametrize("shell", SHELLS)
def test_values_are_quoted(person, sts, shell):
    """A profile may have any name but one with a newline."""
    person.write_key(sts.alice)
    person.credentials.write_text(
        person.credentials.read_text().replace("[default]", "[%s]" % EVIL))
    person.config.write_text("")
    done = person.run("--profile", EVIL, "refresh", "--shell", shell,
                      "--code", person.code())
    assert (done.returncode, done.stderr) == (0, "")
    after = run_code(shell, done.stdout, person.env)
    assert after["AWS_SESSION_PROFILE"] == EVIL
    assert after["AWS_DEFAULT_PROFILE"] == EVIL


@pytest.mark.parametrize("options", ["errexit", "nounset", "rcquotes",
                                     "magicequalsubst", "kshglob"])
def test_zsh_options_change_nothing(person, options):
    done = person.run("refresh", "--shell", "zsh", "--code", person.code())
    option = "" if options == "kshglob" else "setopt %s\n" % options
    after = run_code("zsh", done.stdout, person.env, option + "env -0")
    assert after["AWS_SESSION_PROFILE"] == "default"


@pytest.mark.parametrize("variable, first", [
    ("/usr/bin/fish", "set -"), ("fish", "set -"), ("/bin/bash", "unset -v"),
    ("/bin/zsh", "unset -v"), ("/bin/tcsh", "unset -v"), ("", "unset -v"),
    (None, "unset -v")])
def test_shell_is_that_of_the_variable(person, variable, first):
    done = person.run("refresh", "--code", person.code(),
                      env={"SHELL": variable})
    assert done.stdout.startswith(first)


@pytest.mark.parametrize("name", ["tcsh", "csh", "", "BASH", "/bin/bash"])
def test_unknown_shell_is_a_wrong_use(person, sts, name):
    done = person.run("refresh", "--shell", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "only for bash, zsh, sh and fish" in done.stderr
    assert sts.requests == []


@pytest.mark.parametrize("shell, hint", [
    ("bash", 'eval "$(aws-session refresh)"'),
    ("fish", "aws-session refresh --shell fish | source")])
def test_no_secrets_on_a_terminal(person, sts, shell, hint):
    person.variables("--code", person.code())
    process = person.spawn("refresh", "--shell", shell)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 2
    assert hint in process.before
    assert "export" not in process.before
    assert len(sts.requests) == 1


def test_failure_prints_no_code(person):
    for arguments, status in [
            (["--no-prompt"], 123), (["--profile", "nobody"], 120),
            (["--code", "12"], 121), (["--code", "000000"], 121),
            (["--min-remaining", "x"], 2)]:
        done = person.run("refresh", *arguments)
        assert (done.returncode, done.stdout) == (status, ""), arguments
        assert len(done.stderr.splitlines()) == 1


def test_full_disk_is_a_failure(person):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [person.program, "refresh", "--code", person.code()],
            env=person.env, stdin=subprocess.DEVNULL, stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 125
    assert "cannot write to standard output" in done.stderr


# ------------------------------------------------------ when it asks

def test_session_renewed_elsewhere_is_taken_without_a_question(person, sts):
    first = person.variables("--code", person.code())
    forget()
    second = person.variables("--code", person.code())
    done = person.run("refresh", env=dict(
        first, AWS_SESSION_EXPIRES=str(int(time.time()) + 60)))
    assert (done.returncode, done.stderr) == (0, "")
    after = run_code("sh", done.stdout, first)
    assert after["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"]
    assert operations(sts) == ["GetSessionToken"] * 2


def test_own_session_is_not_enough(person, sts):
    """Who asks for a refresh has that one already."""
    first = person.variables("--code", person.code())
    assert person.run("refresh", env=first).returncode == 123
    done = person.run("refresh", "--code", person.code(), env=first)
    assert first["AWS_ACCESS_KEY_ID"] not in done.stdout
    assert operations(sts) == ["GetSessionToken"] * 2


def test_shell_without_a_session_takes_the_kept_one(person, sts):
    first = person.variables("--code", person.code())
    done = person.run("refresh")
    assert first["AWS_ACCESS_KEY_ID"] in done.stdout
    assert len(sts.requests) == 1


def test_code_always_gets_a_new_session(person, sts):
    person.variables("--code", person.code())
    done = person.run("refresh", "--code", person.code())
    assert done.returncode == 0
    assert operations(sts) == ["GetSessionToken"] * 2


def test_min_remaining_is_content_with_the_own_session(person, sts):
    first = person.variables("--code", person.code())
    done = person.run("refresh", "--min-remaining", "11h", env=first)
    assert first["AWS_ACCESS_KEY_ID"] in done.stdout
    age(3600)
    assert person.run("refresh", "--min-remaining", "2h",
                      env=first).returncode == 123
    assert len(sts.requests) == 1


def test_role_is_renewed_without_a_code(person, sts):
    role = sts.add_role("Admin")
    person.config.write_text(
        person.config.read_text() + "[profile admin]\nrole_arn = %s\n"
        "source_profile = default\n" % role.arn)
    first = person.variables("--profile", "admin", "--code", person.code())
    done = person.run("refresh", env=first)
    assert done.returncode == 0, done.stderr
    after = run_code("sh", done.stdout, first)
    assert after["AWS_SESSION_PROFILE"] == "admin"
    assert after["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


@pytest.mark.parametrize("shell", SHELLS)
def test_by_hand(person, sts, shell):
    """The question is on the terminal, whatever is captured."""
    run = ("%s refresh --shell fish | source" if shell == "fish"
           else 'eval "$(%s refresh --shell ' + shell + ')"') \
        % shlex.quote(person.program)
    show = "echo $AWS_SESSION_PROFILE $status@" if shell == "fish" \
        else "echo $AWS_SESSION_PROFILE $?@"
    child = pexpect.spawn(
        shutil.which(SHELLS[shell][0]), [*SHELLS[shell][1:], "-c",
                                         run + "\n" + show],
        env=dict(person.env, AWS_SESSION_EXPIRES="1"), encoding="utf-8",
        timeout=30)
    child.expect("MFA code for arn:.*: ")
    child.sendline(person.code())
    child.expect("default 0@")
    child.expect(pexpect.EOF)
    child.close()
    assert len(sts.requests) == 1


# ------------------------------------------------------ whose session it is

def test_profile_set_inside_is_not_that_of_the_shell(person, sts):
    """AWS_PROFILE inside is the person's own: the shell's session stays what
    it is, and so does the variable."""
    role = sts.add_role("Admin")
    person.config.write_text(
        person.config.read_text() + "[profile admin]\nrole_arn = %s\n"
        "source_profile = default\n" % role.arn)
    first = person.variables("--code", person.code())
    forget()
    done = person.run("refresh", "--code", person.code(),
                      env=dict(first, AWS_PROFILE="admin"))
    after = run_code("sh", done.stdout, dict(first, AWS_PROFILE="admin"))
    assert after["AWS_SESSION_PROFILE"] == "default"
    assert after["AWS_PROFILE"] == "admin"
    done = person.run("refresh", "--profile", "admin",
                      env=dict(first, AWS_PROFILE="admin"))
    after = run_code("sh", done.stdout, dict(first, AWS_PROFILE="admin"))
    assert after["AWS_SESSION_PROFILE"] == "admin"
    assert "AWS_PROFILE" not in after


# ------------------------------------------------------ --cached, for hooks

def cached(person, env, *options):
    done = person.run("refresh", "--cached", *options, env=env)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_cached_without_a_session_prints_nothing(person, sts):
    assert cached(person, {}) == ""
    assert sts.requests == []


def test_cached_own_session_prints_nothing(person):
    first = person.variables("--code", person.code())
    assert cached(person, first) == ""


def test_cached_newer_session_is_taken_over(person, sts):
    first = person.variables("--code", person.code())
    forget()
    second = person.variables("--code", person.code())
    after = run_code("sh", cached(person, first), first)
    assert after["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"]
    assert after["AWS_SESSION_CHANGE"] == second["AWS_SESSION_CHANGE"]
    assert cached(person, after) == ""
    assert len(sts.requests) == 2


def test_cached_absent_session_leaves_the_shell_alone(person):
    """Gone from the keyring, as by the quota, is not cleared."""
    first = person.variables("--code", person.code())
    forget()
    assert cached(person, first) == ""


@pytest.mark.parametrize("shell", SHELLS)
@clears_keys
def test_clear_ends_the_session_of_every_shell(person, shell):
    first = person.variables("--code", person.code())
    assert person.run("clear").returncode == 0
    code = cached(person, dict(first, AWS_PROFILE="x"), "--shell", shell)
    after = run_code(shell, code, dict(first, AWS_PROFILE="x"))
    assert not set(CREDENTIALS) & set(after)
    assert after["AWS_SESSION_EXPIRES"] == "0"
    assert after["AWS_SESSION_PROFILE"] == "default"
    assert after["AWS_PROFILE"] == "x"
    assert cached(person, after) == ""


@clears_keys
def test_clear_of_another_profile_ends_nothing_here(person, sts):
    role = sts.add_role("Admin")
    person.config.write_text(
        person.config.read_text() + "[profile admin]\nrole_arn = %s\n"
        "source_profile = default\n" % role.arn)
    admin = person.variables("--profile", "admin", "--code", person.code())
    default = person.variables()
    assert person.run("clear", "--profile", "admin").returncode == 0
    assert cached(person, default) == ""
    assert "AWS_SESSION_EXPIRES=0" in cached(person, admin)


@clears_keys
def test_clear_shows_although_the_stored_key_went_too(person, sts):
    person.credentials.write_text("")
    key = sts.alice.keys[0]
    subprocess.run([person.program, "add", "--stdin"], env=person.env,
                   input="%s\n%s\n" % (key.id, key.secret), text=True,
                   check=True, capture_output=True)
    first = person.variables("--code", person.code())
    assert person.run("clear", "--all", "--force").returncode == 0
    assert "AWS_SESSION_EXPIRES=0" in cached(person, first)


@clears_keys
def test_new_session_ends_the_clearing(person):
    first = person.variables("--code", person.code())
    assert person.run("clear").returncode == 0
    assert [d for d in user_keys().values() if ":cleared%20default" in d]
    second = person.variables("--code", person.code())
    assert not [d for d in user_keys().values() if "cleared" in d]
    after = run_code("sh", cached(person, first), first)
    assert after["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"]


@clears_keys
def test_keys_of_the_person_are_not_removed(person):
    """Long-lived keys that were exported in the shell are no session."""
    first = person.variables("--code", person.code())
    assert person.run("clear").returncode == 0
    own = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
           "AWS_SECRET_ACCESS_KEY": "x" * 40,
           "AWS_SESSION_PROFILE": first["AWS_SESSION_PROFILE"]}
    assert cached(person, own) == ""


# ------------------------------------------------------ the change mark

def mark():
    uid = os.getuid()
    for path in ("/run/user/%d" % uid, "/tmp/aws-session-%d" % uid):
        try:
            with open(path + "/aws-session-changes",
                      encoding="ascii") as file:
                return file.readline().rstrip("\n")
        except OSError:
            continue
    return ""


@clears_keys
def test_mark_changes_with_the_sessions_and_only_then(person):
    first = person.variables("--code", person.code())
    assert first["AWS_SESSION_CHANGE"] == mark()
    assert person.variables()["AWS_SESSION_CHANGE"] == mark()
    assert first["AWS_SESSION_CHANGE"] == mark()
    assert person.run("clear").returncode == 0
    cleared = mark()
    assert cleared > first["AWS_SESSION_CHANGE"]
    assert person.run("clear").returncode == 0     # there is none to end
    assert mark() == cleared
    code = cached(person, first)
    assert "AWS_SESSION_CHANGE=%s;" % shlex.quote(cleared) in code
    second = person.variables("--code", person.code())
    assert second["AWS_SESSION_CHANGE"] == mark() > cleared
