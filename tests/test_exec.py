"""exec and shell: what the command gets, and that nothing of ours stays.

The requests that the emulator saw are the measure for what was asked of AWS
and of the person.
"""

import importlib.util
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from conftest import AWS, KEYCTL, is_foreign, user_keys

# A profile in the keyring of whoever runs this, maybe twice at once.
MINE = "by-hand-%d" % os.getpid()

SET = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
       "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
       "AWS_SESSION_EXPIRATION", "AWS_SESSION_EXPIRES", "AWS_SESSION_PROFILE",
       "AWS_DEFAULT_PROFILE"}
REMOVED = ("AWS_PROFILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
           "AWS_WEB_IDENTITY_TOKEN_FILE",
           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
           "AWS_CONTAINER_CREDENTIALS_FULL_URI",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_ACCESS_KEY",
           "AWS_SECRET_KEY", "AWS_CREDENTIAL_FILE")

# Run another program in a state that is unlike the usual one; argv[1] names
# the descriptors to close.
WRAPPER = """
import os, resource, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGWINCH,
                                            signal.SIGCHLD})
for number in (signal.SIGUSR2, signal.SIGHUP, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN)
os.umask(0o137)
resource.setrlimit(resource.RLIMIT_NOFILE, (111, 222))
resource.setrlimit(resource.RLIMIT_CORE, (0, 4096))
resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
os.dup2(os.open("/dev/zero", os.O_RDONLY), 77)
os.nice(3)
for number in sys.argv[1]:
    os.close(int(number))
os.execv(sys.argv[2], sys.argv[2:])
"""

# Write down the state of the own process.
PROBE = """
import json, os, resource, sys
status = dict(line.rstrip("\\n").split(":\\t", 1)
              for line in open("/proc/self/status") if ":\\t" in line)
def is_open(number):
    try:
        return os.fstat(number) is not None
    except OSError:
        return False
state = {
    "pid": os.getpid(), "parent": os.getppid(), "group": os.getpgrp(),
    "session": os.getsid(0), "directory": os.getcwd(),
    "open": [n for n in range(256) if is_open(n)],
    "flags": [os.get_inheritable(n) for n in range(256) if is_open(n)],
    "children": open("/proc/self/task/%d/children" % os.getpid()).read(),
    "limits": {name: resource.getrlimit(getattr(resource, name))
               for name in dir(resource) if name.startswith("RLIMIT_")},
    "nice": os.nice(0), "argv": sys.argv[2:],
    "status": {name: status.get(name) for name in (
        "Umask", "SigBlk", "SigIgn", "SigPnd", "NoNewPrivs", "Seccomp",
        "Groups", "Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapAmb")}}
with open(sys.argv[1], "w") as file:
    json.dump(state, file)
"""


def operations(sts):
    return [request["operation"] for request in sts.requests]


def python(text, *arguments):
    return [sys.executable, "-I", "-S", "-c", text, *arguments]


def lines(text):
    return text.splitlines()


def script(directory, name, text="#!/bin/sh\necho from $0\n", mode=0o755):
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(text)
    path.chmod(mode)
    return path


def session_of(sts, variables):
    return sts.store.sessions[variables["AWS_ACCESS_KEY_ID"]]


def life(sts, variables):
    """Seconds that STS gave the session, to the nearest minute."""
    left = session_of(sts, variables).expires - time.time()
    return round(left / 60) * 60


@pytest.fixture
def stored(sts):
    """Put a key into the keyring as a person does by hand; gone afterwards."""
    serials = []

    def store(profile, key):
        serials.append(subprocess.run(
            [KEYCTL, "padd", "user", "aws-session:parent:" + profile, "@u"],
            input="%s\n%s" % (key.id, key.secret), text=True, check=True,
            capture_output=True).stdout.strip())
        return serials[-1]
    yield store
    for serial in serials:
        subprocess.run([KEYCTL, "unlink", serial, "@u"], check=False,
                       capture_output=True)


# ------------------------------------------------------ requests

@pytest.mark.parametrize("serial, expected", [
    (True, ["GetSessionToken"]),
    (False, ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"])])
def test_two_in_a_row_cost_the_requests_of_one(person, sts, serial, expected):
    person.write_key(sts.alice, serial=serial)
    first = person.variables("--code", person.code())
    assert operations(sts) == expected
    assert all(request["status"] == 200 for request in sts.requests)
    second = person.variables()
    assert operations(sts) == expected
    assert len(sts.connections) <= 3
    for name in SET:
        assert first[name] == second[name]


def test_success_says_nothing(person):
    for _ in range(2):
        done = person.run("--code", person.code(), "exec", "true")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ------------------------------------------------------ the process

def run_probe(person, tmp_path, *program, closed=""):
    """The state of a command: run by a program or, without one, directly."""
    result = tmp_path / "state.json"
    result.unlink(missing_ok=True)
    command = [*program, *python(PROBE, str(result), "", "a b", "--debug")]
    process = subprocess.Popen(
        python(WRAPPER, closed, *command), env=person.env, cwd=tmp_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    assert process.wait(60) == 0
    state = json.loads(result.read_text())
    assert state.pop("pid") == process.pid
    assert state.pop("children") == ""
    return state


@pytest.mark.parametrize("closed", ["", "0", "1", "2", "01", "02", "012"])
def test_process_becomes_the_command(person, tmp_path, closed):
    plain = run_probe(person, tmp_path, closed=closed)
    assert plain["open"] == [n for n in (0, 1, 2, 77) if str(n) not in closed]
    fresh = run_probe(person, tmp_path, person.program, "--code",
                      person.code(), "exec", closed=closed)
    assert len(person.sts.requests) == 1
    cached = run_probe(person, tmp_path, person.program, "exec",
                       closed=closed)
    assert len(person.sts.requests) == 1
    assert fresh == plain
    assert cached == plain


@pytest.mark.parametrize("closed", ["2", "02", "12", "012"])
def test_lines_for_a_closed_standard_error_go_nowhere(person, sts, tmp_path,
                                                      closed):
    """They must not get into a file or socket that took its number: here to
    a helper, which would take them for a message."""
    add_profile(person, "admin", sts.add_role("Admin"))
    process = subprocess.Popen(
        python(WRAPPER, closed, person.program, "--debug", "--profile",
               "admin", "--code", person.code(), "exec", "true"),
        env=person.env, cwd=tmp_path, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.wait(60) == 0
    assert operations(sts) == ["GetSessionToken", "AssumeRole"]


def test_streams_pass_through(person, tmp_path):
    data = bytes(range(256)) * 4096
    source = tmp_path / "data"
    source.write_bytes(data)
    with open(source, "rb") as file:
        done = subprocess.run(
            [person.program, "--code", person.code(), "exec", "sh", "-c",
             "cat; echo to stderr >&2"], env=person.env, stdin=file,
            capture_output=True, timeout=60, check=True)
    assert done.stdout == data
    assert done.stderr == b"to stderr\n"


def test_input_stays_for_the_command(person):
    """Nothing of standard input is read before the command has it."""
    done = subprocess.run(
        [person.program, "--code", person.code(), "exec", "head", "-n1"],
        env=person.env, input="first\nsecond\n", text=True,
        capture_output=True, timeout=60, check=True)
    assert done.stdout == "first\n"


@pytest.mark.parametrize("status", [0, 1, 2, 3, 125, 126, 127, 255])
def test_exit_status_is_the_commands(person, status):
    done = person.run("--code", person.code(), "exec", "sh", "-c",
                      "exit %d" % status)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV", "PIPE", "USR1"])
def test_death_by_signal_is_the_commands(person, name):
    done = person.run("--code", person.code(), "exec", "sh", "-c",
                      "ulimit -c 0; kill -%s $$" % name)
    assert done.returncode == -getattr(signal, "SIG" + name)


def test_signal_while_it_runs_reaches_the_command(person, tmp_path):
    process = subprocess.Popen(
        [person.program, "--code", person.code(), "exec", "sh", "-c",
         "trap 'exit 42' TERM; echo ready; while :; do sleep 0.01; done"],
        env=person.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        text=True)
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    assert process.wait(60) == 42
    process.stdout.close()


# ------------------------------------------------------ options

@pytest.mark.parametrize("before, after", [
    (["--profile", "other"], []), (["--profile=other"], []),
    ([], ["--profile", "other"]), ([], ["--profile=other"]),
    (["--profile", "nobody"], ["--profile", "other"]),
    (["--debug"], ["--profile", "other"])])
def test_options_before_and_after_the_command_word(person, sts, before, after):
    person.write_key(sts.alice, profile="other")
    done = person.run("--code", person.code(), *before, "exec", *after, "sh",
                      "-c", "echo $AWS_SESSION_PROFILE")
    assert done.stdout == "other\n", done.stderr


@pytest.mark.parametrize("words", [
    ["--debug"], ["--profile", "nobody"], ["--help"], ["--version"], ["-x"],
    ["--"], ["--", "--"], ["", "a b", "*", "\n"], ["exec", "shell"],
    ["--no-such-option=1"]])
@pytest.mark.parametrize("separator", [[], ["--"]])
def test_words_after_the_command_are_its_own(person, words, separator):
    done = person.run("--code", person.code(), "exec", *separator,
                      *python("import sys; print(sys.argv[1:])", *words))
    assert (done.stdout, done.stderr) == ("%r\n" % words, "")


def test_command_that_looks_like_an_option(person, tmp_path):
    script(tmp_path / "bin", "--debug", "#!/bin/sh\necho ran\n")
    done = person.run("--code", person.code(), "exec", "--", "--debug",
                      env={"PATH": "%s:/usr/bin:/bin" % (tmp_path / "bin")})
    assert (done.stdout, done.stderr) == ("ran\n", "")


@pytest.mark.parametrize("options, expected", [
    (["--profile", "other"], {"AWS_DEFAULT_PROFILE": "other",
                              "AWS_SESSION_PROFILE": "other",
                              "AWS_SESSION_DURATION": None,
                              "AWS_SESSION_DEBUG": None, "AWS_REGION": None}),
    (["--session-duration", "1h30m"], {"AWS_SESSION_DURATION": "1h30m"}),
    (["--region", "eu-west-3"], {"AWS_REGION": "eu-west-3",
                                 "AWS_DEFAULT_REGION": "eu-west-3"}),
    (["--debug"], {"AWS_SESSION_DEBUG": "1"})])
def test_options_set_their_variables(person, sts, options, expected):
    if "other" in options:
        person.write_key(sts.alice, profile="other")
    variables = person.variables("--code", person.code(), *options)
    assert "AWS_SESSION_MFA_CODE" not in variables
    assert {name: variables.get(name) for name in expected} == expected


@pytest.mark.parametrize("arguments, says", [
    (["--no-such"], "--no-such"), (["exec", "--no-such", "true"], "--no-such"),
    (["-x"], "unknown option -x"), (["-xy"], "unknown option -x"),
    (["exec", "-xy", "true"], "unknown option -x"),
    (["--profile"], "--profile needs a value"),
    (["exec", "--code"], "--code needs a value"),
    (["--debug=1", "exec", "true"], "--debug takes no value"),
    (["run"], "unknown command run"), (["--", "ls"], "unknown command ls"),
    (["exec"], "exec needs a command"), (["exec", "--"], "needs a command"),
    (["shell", "ls"], "takes no argument"),
    (["--session-duration", "soon", "exec", "true"], "soon"),
    (["--session-duration", "", "exec", "true"], "no duration"),
    (["--session-duration", "0", "exec", "true"], "no duration"),
    (["--session-duration", "-5", "exec", "true"], "-5"),
    (["--session-duration", "1h30", "exec", "true"], "1h30"),
    (["--session-duration", "99999999999999999999", "exec", "true"], "9999")])
def test_usage_errors(person, sts, arguments, says):
    done = person.run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.startswith("aws-session: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert sts.connections == []


def test_help_and_version(person, sts):
    for arguments in (["--help"], ["-h"], ["exec", "--help"],
                      ["shell", "--help"], ["--version"]):
        done = person.run(*arguments, env={"HOME": "/nonexistent"})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
    assert sts.connections == []


def test_help_is_not_stopped_by_what_it_explains(person):
    done = person.run("--help", env={"AWS_SESSION_DURATION": "soon"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "AWS_SESSION_DURATION" in done.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize("to", [">/dev/full", "</dev/null >&0"])
def test_output_that_is_lost_is_a_failure(person, option, to):
    done = subprocess.run(["/bin/sh", "-c", '"$0" "$1" ' + to, person.program,
                           option], env=person.env, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 125
    assert done.stderr.startswith("aws-session: cannot write to standard "
                                  "output: ")


# ------------------------------------------------------ the environment

def test_environment_is_the_written_list(person, sts):
    """Set, removed, and nothing else touched."""
    strange = {"EMPTY": "", "LINES": "a\nb\n\nc=d\n", "BLANKS": "  x  ",
               "UTF8": "\u00e4\u20ac\U0001f511", "a.b-c": "1",
               "equals": "=a=b=",
               "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "7", "AWS_CONTAINER": "no",
               "XAWS_CONTAINER_X": "stays", "AWS_SESSION_TOKENS": "stays",
               "LONG": "x" * 100000, "AWS_ENDPOINT_URL_S3": "http://localhost"}
    unwanted = {name: "stale" for name in REMOVED}
    unwanted.update({"AWS_CONTAINER_ANYTHING_NEW": "stale",
                     "AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z",
                     "AWS_SESSION_EXPIRATION": "2001-01-01T00:00:00Z",
                     "AWS_SESSION_EXPIRES": "1"})
    del unwanted["AWS_PROFILE"]     # a stale one would be an error before
    given = dict(person.env, **strange)
    code = person.code()
    variables = person.variables(env=dict(
        strange, **unwanted, AWS_PROFILE="default", AWS_SESSION_MFA_CODE=code))
    added = {name: variables.pop(name) for name in SET}
    assert variables == given
    session = session_of(sts, added)
    assert session.mfa
    assert added["AWS_SECRET_ACCESS_KEY"] == session.secret
    assert added["AWS_SESSION_TOKEN"] == session.token
    assert added["AWS_SECURITY_TOKEN"] == session.token
    assert int(added["AWS_SESSION_EXPIRES"]) == int(session.expires)
    written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session.expires))
    assert added["AWS_CREDENTIAL_EXPIRATION"] == written
    assert added["AWS_SESSION_EXPIRATION"] == written
    assert added["AWS_SESSION_PROFILE"] == "default"
    assert added["AWS_DEFAULT_PROFILE"] == "default"


def test_variable_given_twice_is_gone(person, tmp_path):
    """No stale second entry outlives the removal of the first."""
    result = tmp_path / "environment"
    entries = ["%s=%s" % pair for pair in person.env.items()]
    entries += ["AWS_PROFILE=default", "AWS_PROFILE=default",
                "AWS_CONTAINER_X=1", "AWS_CONTAINER_X=2",
                "AWS_SESSION_EXPIRES=1", "AWS_SESSION_EXPIRES=2"]
    text = ("import ctypes, sys\n"
            "words, entries = sys.argv[1].split('\\x1f'), "
            "sys.argv[2].split('\\x1f')\n"
            "array = lambda list: (ctypes.c_char_p * (len(list) + 1))("
            "*[text.encode() for text in list], None)\n"
            "ctypes.CDLL(None).execve(words[0].encode(), array(words), "
            "array(entries))")
    words = [person.program, "--code", person.code(), "exec", "sh", "-c",
             "tr '\\0' '\\n' </proc/$$/environ >'%s'" % result]
    subprocess.run([sys.executable, "-I", "-c", text, "\x1f".join(words),
                    "\x1f".join(entries)], check=True, timeout=60)
    names = [line.partition("=")[0] for line in lines(result.read_text())]
    assert "AWS_PROFILE" not in names
    assert "AWS_CONTAINER_X" not in names
    assert names.count("AWS_SESSION_EXPIRES") == 1


def test_default_profile_only_when_it_is_in_a_file(person, sts, stored):
    """The AWS CLI fails on a profile that is in no file."""
    person.config.unlink()
    person.credentials.unlink()
    key = sts.alice.keys[0]
    env = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    variables = person.variables("--code", person.code(), env=env)
    assert "AWS_DEFAULT_PROFILE" not in variables
    assert variables["AWS_SESSION_PROFILE"] == "default"
    stored(MINE, key)
    variables = person.variables("--code", person.code(), "--profile",
                                 MINE)
    assert "AWS_DEFAULT_PROFILE" not in variables
    assert variables["AWS_SESSION_PROFILE"] == MINE


@pytest.mark.parametrize("options, env, expected", [
    ([], {}, "eu-north-1"),
    ([], {"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
    ([], {"AWS_DEFAULT_REGION": "eu-west-2", "AWS_REGION": "eu-west-1"},
     "eu-west-1"),
    (["--region", "ap-south-1"], {"AWS_REGION": "eu-west-1",
                                  "AWS_DEFAULT_REGION": "eu-west-2"},
     "ap-south-1")])
def test_region(person, sts, options, env, expected):
    person.write_key(sts.alice, config="region = eu-north-1\n")
    variables = person.variables("--code", person.code(), *options, env=env)
    assert variables["AWS_REGION"] == expected
    assert variables["AWS_DEFAULT_REGION"] == expected
    assert sts.requests[-1]["region"] == expected


def test_no_region_sets_none(person):
    variables = person.variables("--code", person.code())
    assert not {"AWS_REGION", "AWS_DEFAULT_REGION"} & set(variables)


# ------------------------------------------------------ which key and session

def test_nested_finds_the_same_session(person, sts):
    options = ["--session-duration", "2h", "--region", "eu-west-1"]
    done = person.run("--code", person.code(), *options, "exec",
                      person.program, "exec", person.program, "exec", "env",
                      "-0")
    inner = dict(entry.split("=", 1) for entry in done.stdout.split("\0")
                 if entry)
    assert operations(sts) == ["GetSessionToken"], done.stderr
    assert inner == person.variables(*options)


def test_nested_with_another_profile(person, sts):
    bob = sts.add_user("bob", mfa=["bob"])
    person.config.write_text(
        "[default]\nmfa_serial = %s\n[profile bob]\nmfa_serial = %s\n"
        % (sts.alice.devices[0].serial, bob.devices[0].serial))
    person.credentials.write_text("".join(
        "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
        % (name, user.keys[0].id, user.keys[0].secret)
        for name, user in (("default", sts.alice), ("bob", bob))))
    done = person.run(
        "--code", person.code(), "exec", person.program, "--profile", "bob",
        "--code", sts.code("bob"), "exec", person.program, "exec", "sh", "-c",
        "echo $AWS_ACCESS_KEY_ID $AWS_SESSION_PROFILE $AWS_DEFAULT_PROFILE")
    key_id, *profiles = done.stdout.split()
    assert profiles == ["bob", "bob"], done.stderr
    assert sts.store.sessions[key_id].user is bob
    assert operations(sts) == ["GetSessionToken"] * 2


def test_nested_with_a_stored_key(person, sts, stored):
    person.config.unlink()
    person.credentials.unlink()
    stored(MINE, sts.alice.keys[0])
    done = person.run("--code", person.code(), "--profile", MINE,
                      "exec", person.program, "exec", "sh", "-c",
                      "echo $AWS_SESSION_PROFILE")
    assert done.stdout == MINE + "\n", done.stderr
    assert operations(sts)[-1] == "GetSessionToken"
    assert operations(sts).count("GetSessionToken") == 1


def test_keys_of_the_environment_are_the_parent(person, sts):
    bob = sts.add_user("bob", mfa=["bob"])
    env = {"AWS_ACCESS_KEY_ID": bob.keys[0].id,
           "AWS_SECRET_ACCESS_KEY": bob.keys[0].secret}
    person.write_key(sts.alice, serial=False)
    variables = person.variables("--code", sts.code("bob"), env=env)
    assert session_of(sts, variables).user is bob
    again = person.variables(env=env)
    assert again["AWS_ACCESS_KEY_ID"] == variables["AWS_ACCESS_KEY_ID"]
    mine = person.variables("--code", person.code())
    assert session_of(sts, mine).user is sts.alice


def test_profile_option_beats_keys_of_the_environment(person, sts):
    bob = sts.add_user("bob", mfa=["bob"])
    env = {"AWS_ACCESS_KEY_ID": bob.keys[0].id,
           "AWS_SECRET_ACCESS_KEY": bob.keys[0].secret}
    variables = person.variables("--code", person.code(), "--profile",
                                 "default", env=env)
    assert session_of(sts, variables).user is sts.alice


def test_stored_key_comes_before_one_in_the_files(person, sts, stored):
    bob = sts.add_user("bob", mfa=["bob"])
    person.write_key(sts.alice, profile=MINE, serial=False)
    stored(MINE, bob.keys[0])
    variables = person.variables("--profile", MINE, "--code",
                                 sts.code("bob"))
    assert session_of(sts, variables).user is bob
    assert variables["AWS_DEFAULT_PROFILE"] == MINE
    assert operations(sts) == ["GetCallerIdentity", "ListMFADevices",
                               "GetSessionToken"]


def test_stored_key_with_serial_in_the_file(person, sts, stored):
    person.credentials.unlink()
    person.config.write_text("[profile %s]\nmfa_serial = %s\n"
                             % (MINE, sts.alice.devices[0].serial))
    stored(MINE, sts.alice.keys[0])
    env = {"AWS_PROFILE": MINE}
    person.variables("--code", person.code(), env=env)
    person.variables(env=env)
    assert operations(sts) == ["GetSessionToken"]


def test_another_stored_key_is_another_session(person, sts, stored):
    """A rotated key never finds the session of the old one."""
    person.config.unlink()
    person.credentials.unlink()
    stored(MINE, sts.alice.keys[0])
    old = person.variables("--code", person.code(), "--profile", MINE)
    subprocess.run([KEYCTL, "purge", "-p", "user",
                    "aws-session:parent:" + MINE], check=False,
                   capture_output=True)
    stored(MINE, sts.add_user("bob", mfa=["bob"]).keys[0])
    new = person.variables("--code", sts.code("bob"), "--profile", MINE)
    assert old["AWS_ACCESS_KEY_ID"] != new["AWS_ACCESS_KEY_ID"]


# ------------------------------------------------------ failures

def failing_commands(directory):
    """What cannot be run -> exit status."""
    plain = script(directory, "plain", mode=0o644)
    (directory / "folder").mkdir()
    return {"no-such-command": 127, str(directory / "nothing"): 127,
            "./nothing": 127, "": 127, str(plain): 126,
            str(directory / "folder"): 126, "/": 126, "plain": 126,
            str(plain) + "/x": 126, "x" * 5000: 127, "/" + "x" * 5000: 126}


@pytest.mark.parametrize("cached", [False, True])
def test_command_that_cannot_be_run_costs_no_code(person, sts, tmp_path,
                                                  cached):
    code = person.code()
    if cached:
        person.variables("--code", code)
    sts.forget()
    env = {"PATH": "%s:/usr/bin:/bin" % (tmp_path / "bin")}
    for command, status in failing_commands(tmp_path / "bin").items():
        done = person.run("--code", code, "exec", command, env=env)
        assert done.returncode == status, (command, done.stderr)
        assert done.stderr.startswith("aws-session: cannot run ")
        assert done.stderr.count("\n") == 1
    assert sts.connections == []
    if not cached:
        assert person.run("--code", code, "exec", "true").returncode == 0


def test_own_failures_are_125_and_cost_no_code(person, sts, tmp_path):
    code = person.code()
    broken = tmp_path / "broken"
    broken.write_text("no section = 1\n")
    for options, env in (
            (["--profile", "nobody"], {}),
            (["--code", "12345"], {"AWS_SESSION_MFA_CODE": None}),
            (["--region", "no region"], {}),
            ([], {"AWS_CONFIG_FILE": str(broken)}),
            ([], {"AWS_ENDPOINT_URL": "http://sts.example"}),
            ([], {"AWS_CA_BUNDLE": "/nonexistent"})):
        done = person.run(*options, "exec", "true", env=dict(
            {"AWS_SESSION_MFA_CODE": code}, **env))
        assert (done.returncode, done.stdout) == (125, ""), done.stderr
        assert done.stderr.startswith("aws-session: ")
        assert done.stderr.count("\n") == 1
    assert sts.connections == []
    assert person.run("--code", code, "exec", "true").returncode == 0


def test_missing_helper_is_named(person, tmp_path):
    """bin/aws-session has its helpers at the place of the installation."""
    program = os.path.join(person.build, "src", "cli", "aws-session")
    done = subprocess.run([program, "--code", person.code(), "exec", "true"],
                          env=person.env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)
    if done.returncode == 0:
        pytest.skip("aws-session is installed at the configured prefix")
    assert done.returncode == 125
    assert re.search(r"aws-session-s\w+: No such file", done.stderr)


# ------------------------------------------------------ the search path

@pytest.mark.parametrize("path, directory, expected", [
    ("first:second", ".", "first/tool"), ("second:first", ".", "second/tool"),
    ("", "first", "tool"), (":/usr/bin", "first", "tool"),
    ("/usr/bin:", "first", "tool"), ("/usr/bin::/bin", "first", "tool"),
    ("plain:first", ".", "first/tool"), ("folder:first", ".", "first/tool"),
    ("nothing:first", ".", "first/tool"), ("./first", ".", "./first/tool"),
    ("x" * 5000 + ":first", ".", "first/tool")])
def test_search_path(person, tmp_path, path, directory, expected):
    for name in ("first", "second"):
        script(tmp_path / name, "tool")
    script(tmp_path / "plain", "tool", mode=0o644)
    (tmp_path / "folder" / "tool").mkdir(parents=True)
    done = person.run("--code", person.code(), "exec", "tool",
                      env={"PATH": path}, cwd=tmp_path / directory)
    assert (done.returncode, done.stdout) == (0, "from %s\n" % expected), \
        done.stderr


@pytest.mark.parametrize("command, path", [
    ("./tool", "/usr/bin"), ("first/tool", None), ("true", None)])
def test_unset_path_and_relative_command(person, tmp_path, command, path):
    script(tmp_path / "first", "tool")
    script(tmp_path, "tool")
    done = person.run("--code", person.code(), "exec", command,
                      env={"PATH": path}, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("" if command == "true" else
                           "from %s\n" % command)


def test_unset_path_does_not_find_what_is_elsewhere(person, sts, tmp_path):
    script(tmp_path, "tool")
    done = person.run("--code", person.code(), "exec", "tool",
                      env={"PATH": None}, cwd=tmp_path)
    assert done.returncode == 127
    assert sts.connections == []


def test_script_without_interpreter_line(person, tmp_path):
    script(tmp_path, "tool", "echo plain $1\n")
    done = person.run("--code", person.code(), "exec", "./tool", "x",
                      cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "plain x\n")


def test_script_with_missing_interpreter(person, tmp_path):
    """Only the kernel finds it out, when there is a session already."""
    script(tmp_path, "tool", "#!/nonexistent/interpreter\n")
    done = person.run("--code", person.code(), "exec", "./tool", cwd=tmp_path)
    assert done.returncode == 127
    assert done.stderr.startswith("aws-session: cannot run ./tool")


# ------------------------------------------------------ code and duration

def test_code_from_the_variable(person, sts):
    variables = person.variables(env={"AWS_SESSION_MFA_CODE": person.code()})
    assert "AWS_SESSION_MFA_CODE" not in variables
    assert session_of(sts, variables).mfa


def test_code_option_beats_the_variable(person, sts):
    person.variables("--code", person.code(),
                     env={"AWS_SESSION_MFA_CODE": "000000"})
    assert [request["status"] for request in sts.requests] == [200]


@pytest.mark.parametrize("shape", ["%s %s", " %s%s ", "%s\t%s"])
def test_blanks_in_the_code(person, shape):
    code = person.code()
    person.variables("--code", shape % (code[:3], code[3:]))


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "-12345",
                                  "12345\uff16", "123\n456\n"])
def test_what_is_no_code_is_never_sent(person, sts, text):
    done = person.run("--code", text, "exec", "true")
    assert done.returncode == 125
    assert "not six digits" in done.stderr
    assert not text or text.strip() not in done.stderr
    assert sts.connections == []


def test_empty_variable_is_no_code(person, sts):
    done = person.run("exec", "true", env={"AWS_SESSION_MFA_CODE": ""})
    assert done.returncode == 125
    assert "no terminal" in done.stderr
    assert sts.connections == []


@pytest.mark.parametrize("options, env, seconds", [
    ([], {}, 12 * 3600), (["--session-duration", "900"], {}, 900),
    (["--session-duration=90m"], {}, 5400),
    ([], {"AWS_SESSION_DURATION": "1h30m"}, 5400),
    ([], {"AWS_SESSION_DURATION": ""}, 12 * 3600),
    (["--session-duration", "36h"], {"AWS_SESSION_DURATION": "1h"}, 36 * 3600),
    (["--session-duration", "16m40s"], {}, 1020)])
def test_duration(person, sts, options, env, seconds):
    variables = person.variables("--code", person.code(), *options, env=env)
    assert life(sts, variables) == seconds


def test_another_duration_is_another_session(person, sts):
    one = person.variables("--code", person.code(), "--session-duration", "1h")
    two = person.variables("--code", person.code(), "--session-duration", "2h")
    assert one["AWS_ACCESS_KEY_ID"] != two["AWS_ACCESS_KEY_ID"]
    same = person.variables("--session-duration", "60m")
    assert same["AWS_ACCESS_KEY_ID"] == one["AWS_ACCESS_KEY_ID"]
    assert operations(sts) == ["GetSessionToken"] * 2


# ------------------------------------------------------ roles

def add_profile(person, name, role, source="default", **settings):
    settings = dict({"role_arn": role.arn, "source_profile": source},
                    **settings)
    with open(person.config, "a") as file:
        file.write("\n[profile %s]\n" % name + "".join(
            "%s = %s\n" % pair for pair in settings.items()))


def test_role(person, sts):
    add_profile(person, "admin", sts.add_role("Admin", require_mfa=True),
                role_session_name="alice@work")
    variables = person.variables("--profile", "admin", "--code",
                                 person.code())
    session = session_of(sts, variables)
    assert session.arn.endswith(":assumed-role/Admin/alice@work")
    assert variables["AWS_SESSION_PROFILE"] == "admin"
    assert variables["AWS_DEFAULT_PROFILE"] == "admin"
    assert life(sts, variables) == 3600
    again = person.variables("--profile", "admin")
    assert again["AWS_ACCESS_KEY_ID"] == variables["AWS_ACCESS_KEY_ID"]
    assert operations(sts) == ["GetSessionToken", "AssumeRole"]


def test_chain_of_roles(person, sts):
    first = sts.add_role("First", require_mfa=True)
    second = sts.add_role("Second", trust=[first.arn])
    third = sts.add_role("Third", trust=[second.arn], external_id="key/1:2")
    add_profile(person, "one", first)
    add_profile(person, "two", second, source="one")
    add_profile(person, "three", third, source="two", external_id="key/1:2")
    variables = person.variables("--profile", "three", "--code",
                                 person.code())
    assert session_of(sts, variables).role is third
    assert operations(sts) == ["GetSessionToken"] + ["AssumeRole"] * 3
    assert "ExternalId" in sts.requests[-1]["parameters"]
    assert "ExternalId" not in sts.requests[-2]["parameters"]
    # What stands on the way is there for its own profile.
    two = person.variables("--profile", "two")
    assert session_of(sts, two).role is second
    base = person.variables("--profile", "default")
    assert session_of(sts, base).kind == "session"
    assert len(sts.requests) == 4


def test_one_code_for_two_roles(person, sts):
    add_profile(person, "one", sts.add_role("One", require_mfa=True))
    add_profile(person, "two", sts.add_role("Two", require_mfa=True))
    person.variables("--profile", "one", "--code", person.code())
    two = person.variables("--profile", "two")
    assert session_of(sts, two).role.name == "Two"
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def test_one_code_for_a_role_and_its_source(person, sts):
    """The usual layout: mfa_serial stands in the role's profile only."""
    person.write_key(sts.alice, serial=False)
    add_profile(person, "admin", sts.add_role("Admin", require_mfa=True),
                mfa_serial=sts.alice.devices[0].serial)
    person.variables("--code", person.code())
    person.variables("--profile", "admin")
    assert operations(sts) == ["GetCallerIdentity", "ListMFADevices",
                               "GetSessionToken", "AssumeRole"]


@pytest.mark.parametrize("external_id, status", [
    ("right", 0), ("wrong", 125), (None, 125)])
def test_external_id(person, sts, external_id, status):
    role = sts.add_role("Partner", external_id="right")
    settings = {"external_id": external_id} if external_id else {}
    add_profile(person, "partner", role, **settings)
    done = person.run("--profile", "partner", "--code", person.code(), "exec",
                      "true")
    assert done.returncode == status
    if status:
        assert "external_id" in done.stderr
        assert "profile partner" in done.stderr
        assert done.stderr.count("\n") == 1
        # The code was good and its session is kept: none is asked again.
        assert person.run("exec", "true").returncode == 0


@pytest.mark.parametrize("options, settings, seconds", [
    (["--session-duration", "2h"], {}, 7200),
    ([], {"duration_seconds": 1800}, 1800),
    (["--session-duration", "20m"], {"duration_seconds": 1800}, 1200)])
def test_duration_of_a_role(person, sts, options, settings, seconds):
    add_profile(person, "long", sts.add_role("Long", max_duration=43200),
                **settings)
    variables = person.variables(*options, "--profile", "long", "--code",
                                 person.code())
    assert life(sts, variables) == seconds
    base = person.variables()
    assert life(sts, base) == 12 * 3600
    assert len(sts.requests) == 2


def test_role_that_allows_less_time(person, sts):
    add_profile(person, "short", sts.add_role("Short", max_duration=3600))
    done = person.run("--profile", "short", "--session-duration", "2h",
                      "--code", person.code(), "exec", "true")
    assert done.returncode == 125
    assert "longer than the role" in done.stderr


def test_changed_role_finds_no_stale_session(person, sts):
    first = sts.add_role("First")
    add_profile(person, "changing", first)
    person.variables("--profile", "changing", "--code", person.code())
    text = person.config.read_text()
    person.config.write_text(text.replace(first.arn,
                                          sts.add_role("Second").arn))
    variables = person.variables("--profile", "changing")
    assert session_of(sts, variables).role.name == "Second"
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


# ------------------------------------------------------ sessions that end

def age(left, which="aws-session:session:"):
    """Let the kept sessions have only so many seconds left."""
    for serial, description in user_keys().items():
        if not description.startswith(which) or is_foreign(serial,
                                                           description):
            continue
        kind = subprocess.run(
            [KEYCTL, "rdescribe", serial], capture_output=True, text=True,
            check=True).stdout.partition(";")[0]
        document = json.loads(subprocess.run(
            [KEYCTL, "pipe", serial], capture_output=True, check=True).stdout)
        document["Expiration"] = time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + left))
        subprocess.run([KEYCTL, "padd", kind, description, "@u"], check=True,
                       input=json.dumps(document).encode(),
                       capture_output=True)


@pytest.mark.parametrize("left, can_ask, renewed", [
    (330, True, False), (270, True, True), (270, False, False),
    (60, False, False)])
def test_session_that_ends_soon(person, sts, left, can_ask, renewed):
    """Below five minutes it is renewed, if a code can be had."""
    first = person.variables("--code", person.code())
    age(left)
    options = ["--code", person.code()] if can_ask else []
    second = person.variables(*options)
    assert (second["AWS_ACCESS_KEY_ID"]
            != first["AWS_ACCESS_KEY_ID"]) == renewed
    assert len(sts.requests) == 1 + renewed


def add_role_session(person, sts):
    """A role's session that ends soon, made of one that does not."""
    add_profile(person, "admin", sts.add_role("Admin"))
    person.variables("--profile", "admin", "--code", person.code())
    age(270, "aws-session:session:admin:")


def test_role_that_ends_soon_needs_no_code(person, sts):
    add_role_session(person, sts)
    person.variables("--profile", "admin")
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def test_role_that_ends_soon_and_cannot_be_had_anew(person, sts):
    add_role_session(person, sts)
    sts.fault("error", status=400, code="AccessDenied", message="no more")
    first = person.variables("--profile", "admin")
    assert first["AWS_SESSION_PROFILE"] == "admin"
    assert operations(sts) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def test_session_of_a_few_seconds_is_none(person):
    person.variables("--code", person.code())
    age(20)
    done = person.run("exec", "true")
    assert done.returncode == 125
    assert "no terminal" in done.stderr


def test_role_is_not_built_on_a_session_that_ends_soon(person, sts):
    add_profile(person, "admin", sts.add_role("Admin"))
    person.variables("--code", person.code())
    age(270)
    person.variables("--profile", "admin", "--code", person.code())
    assert operations(sts) == ["GetSessionToken", "GetSessionToken",
                               "AssumeRole"]


# ------------------------------------------------------ shell

def run_shell(person, tmp_path, text, *arguments, env=None):
    """Run the shell with commands on its standard input."""
    commands = tmp_path / "commands"
    commands.write_text(text)
    with open(commands) as file:
        return person.run(*arguments, "--code", person.code(), stdin=file,
                          env=env)


WHICH = 'echo "$0"; readlink /proc/$$/exe; echo "$SHELL"; exit 7\n'


def user_shell():
    """The shell of the user database, if it is one."""
    path = pwd.getpwuid(os.getuid()).pw_shell
    return path if os.access(path, os.X_OK) else "/bin/sh"


@pytest.mark.parametrize("arguments", [[], ["shell"]])
def test_shell_is_the_one_of_the_variable(person, tmp_path, arguments):
    shell = tmp_path / "my-shell"
    shell.symlink_to(os.path.realpath("/bin/bash"))
    done = run_shell(person, tmp_path, WHICH, *arguments,
                     env={"SHELL": str(shell)})
    assert done.returncode == 7, done.stderr
    assert lines(done.stdout) == ["my-shell", os.path.realpath("/bin/bash"),
                                  str(shell)]
    assert done.stderr == ""


def no_shell(kind, person, tmp_path):
    """A value of SHELL that must not be taken."""
    if kind == "unset":
        return None
    if kind == "itself":
        return person.program
    if kind == "link":
        link = tmp_path / "aws-session-x"
        link.symlink_to(person.program)
        return str(link)
    if kind == "link of another name":
        link = tmp_path / "login"
        link.symlink_to(person.program)
        return str(link)
    if kind == "not executable":
        return str(script(tmp_path, "file", mode=0o644))
    if kind == "directory":
        return str(tmp_path)
    return {"empty": "", "missing": "/nonexistent", "relative": "bash"}[kind]


@pytest.mark.parametrize("kind", [
    "unset", "empty", "missing", "relative", "not executable", "directory",
    "itself", "link", "link of another name"])
def test_shell_of_the_user_database(person, tmp_path, kind):
    done = run_shell(person, tmp_path, WHICH, "shell",
                     env={"SHELL": no_shell(kind, person, tmp_path)})
    # As it is run by hand; it may be one that says "no login".
    shell = user_shell()
    with open(tmp_path / "commands") as file:
        plain = subprocess.run(
            [os.path.basename(shell)], executable=shell, stdin=file,
            env=dict(person.env, SHELL=shell), capture_output=True, text=True,
            timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


def test_shell_becomes_the_process(person, tmp_path):
    commands = tmp_path / "commands"
    commands.write_text("cat /proc/$$/task/$$/children; echo\n"
                        "echo $$\nls /proc/$$/fd\n")

    def run(*program):
        with open(commands) as file:
            process = subprocess.Popen(
                program, stdin=file, text=True, stdout=subprocess.PIPE,
                env=dict(person.env, SHELL="/bin/sh"))
            output, _ = process.communicate(timeout=60)
        return process.pid, lines(output)

    # A shell may have descriptors of its own.
    expected = run("/bin/sh")[1][2:]
    started, output = run(person.program, "--code", person.code())
    assert len(output[0].split()) == 1      # the cat that lists them
    assert int(output[1]) == started
    assert output[2:] == expected


@pytest.mark.parametrize("arguments", [[], ["shell"]])
def test_shell_is_interactive_on_a_terminal(person, arguments):
    child = person.spawn(*arguments, env={"SHELL": "/bin/sh",
                                          "PS1": "ready> "})
    child.expect("MFA code for ")
    child.sendline(person.code())
    child.expect_exact("ready> ")
    child.sendline("echo '<'$-'>' '<'$0'>' '<'$AWS_SESSION_PROFILE'>'")
    child.expect(r"<(\w+)> <sh> <default>\r\n")
    assert "i" in child.match.group(1)
    child.sendline("exit 3")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3


def test_shell_dies_by_its_own_signal(person, tmp_path):
    done = run_shell(person, tmp_path, "kill -TERM $$\n", "shell")
    assert done.returncode == -signal.SIGTERM


def test_shell_without_session_is_125(person, tmp_path):
    commands = tmp_path / "commands"
    commands.write_text("echo ran\n")
    with open(commands) as file:
        done = person.run("shell", stdin=file)
    assert (done.returncode, done.stdout) == (125, "")


# ------------------------------------------------------ AWS's own tools inside

@pytest.mark.skipif(AWS is None, reason="the AWS CLI is not installed")
@pytest.mark.parametrize("role", [False, True])
def test_aws_cli_inside(person, sts, role):
    options = []
    if role:
        add_profile(person, "admin", sts.add_role("Admin", require_mfa=True),
                    role_session_name="alice")
        options = ["--profile", "admin"]
    done = person.run(*options, "--region", "eu-west-1", "--code",
                      person.code(), "exec", AWS, "sts",
                      "get-caller-identity", "--endpoint-url", sts.url,
                      "--output", "json", timeout=120)
    assert done.returncode == 0, done.stderr
    expected = (sts.store.arn("sts", "assumed-role/Admin/alice") if role
                else sts.alice.arn)
    assert json.loads(done.stdout)["Arn"] == expected


BOTOCORE = """
import json, os, sys
import botocore.session
session = botocore.session.get_session()
credentials = session.get_credentials()
frozen = credentials.get_frozen_credentials()
client = session.create_client("sts", endpoint_url=sys.argv[1])
print(json.dumps({
    "kind": type(credentials).__name__, "method": credentials.method,
    "id": frozen.access_key, "profile": session.profile,
    "region": session.get_config_variable("region"),
    "expires": credentials._expiry_time.timestamp(),
    "arn": client.get_caller_identity()["Arn"]}))
"""


@pytest.mark.skipif(importlib.util.find_spec("botocore") is None,
                    reason="botocore is not installed")
def test_botocore_inside(person, sts):
    done = person.run("--region", "eu-west-1", "--code", person.code(),
                      "exec", sys.executable, "-c", BOTOCORE, sts.url,
                      timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    session = sts.store.sessions[seen.pop("id")]
    assert seen == {"kind": "RefreshableCredentials", "method": "env",
                    "profile": "default", "region": "eu-west-1",
                    "expires": int(session.expires), "arn": sts.alice.arn}
