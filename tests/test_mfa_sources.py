"""Where codes come from: --code -, mfa_process, --mfa-serial, or nobody.

The terminal's prompt is in test_mfa.py, whose helpers these tests share.
"""

import os
import re
import shlex
import signal
import subprocess

import pytest

import stored
from conftest import AWS, KEYCTL, Person, leaks, user_keys
from test_mfa import (  # noqa: F401
    COUNTDOWN, PROMPT, SHOW, USED, coded, finish, forget_sessions, members,
    operations, session_of, terminal, wait_until, wrong_codes)

NOBODY = ("aws-session: an MFA code is needed and there is no terminal to "
          "ask: give --code or set AWS_SESSION_MFA_CODE\n")
FORBIDDEN = ("aws-session: an MFA code is needed and --no-prompt "
             "(AWS_SESSION_NO_PROMPT) says to ask nobody: give --code or set "
             "AWS_SESSION_MFA_CODE\n")


def set_process(person, command, profile="default"):
    """Give a profile an mfa_process; the rest of its section stays."""
    header = "[default]" if profile == "default" else "[profile %s]" % profile
    text = person.config.read_text()
    person.config.write_text(text.replace(
        header + "\n", "%s\nmfa_process = %s\n" % (header, command)))


def feed(person, text, *arguments, env=None):
    """Run with a pipe as standard input."""
    return person.run(*arguments, env=env, stdin=None, input=text)


# ------------------------------------------------------ --code -

@pytest.mark.parametrize("given", ["option", "variable"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_code_on_standard_input(person, sts, given, end):
    """One line is ours, the rest is the command's."""
    options, env = ((["--code", "-"], {}) if given == "option"
                    else ([], {"AWS_SESSION_MFA_CODE": "-"}))
    done = feed(person, person.code() + end + "the rest\n\0more", *options,
                "exec", "sh", "-c", "cat; env | grep -c MFA_CODE", env=env)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "the rest\n\0more0\n"
    assert coded(sts) == 1


def test_last_line_needs_no_end(person):
    code = person.code()
    assert feed(person, "%s %s" % (code[:3], code[3:]), "--code", "-", "exec",
                "true").returncode == 0


def test_line_is_taken_also_if_no_code_is_needed(person, sts):
    """What the command reads does not depend on whether a session is kept."""
    person.variables("--code", person.code())
    done = feed(person, "123456\nrest\n", "--code", "-", "exec", "cat")
    assert (done.returncode, done.stdout) == (0, "rest\n")
    assert coded(sts) == 1


def test_standard_input_is_not_touched_without_it(person):
    done = feed(person, "all\n", "--code", person.code(), "exec", "cat")
    assert (done.returncode, done.stdout) == (0, "all\n")


@pytest.mark.parametrize("text, says", [
    ("", "standard input ended before there was a code"),
    ("\n", "the line of standard input is not six digits"),
    ("12345\n123456\n", "the line of standard input is not six digits"),
    ("12345\uff16\n", "the line of standard input is not six digits"),
    ("123456\0\n", "standard input: the MFA code holds a NUL byte"),
    ("1" * 5000, "standard input: the MFA code is longer than 64 bytes")])
def test_no_code_on_standard_input(person, sts, text, says):
    done = feed(person, text, "--code", "-", "exec", "true")
    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr == ("aws-session: --code - (AWS_SESSION_MFA_CODE): %s\n"
                           % says)
    assert sts.connections == []


@pytest.mark.parametrize("closed", ["<&-", "</", "</dev/null"])
def test_standard_input_that_gives_nothing(person, sts, closed):
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" ' + closed, "sh", person.program, "--code",
         "-", "exec", "true"], env=person.env, capture_output=True, text=True,
        timeout=60, check=False)
    assert done.returncode == 125
    assert "--code - (AWS_SESSION_MFA_CODE): standard input" in done.stderr
    assert done.stderr.count("\n") == 1
    assert sts.connections == []


def test_terminal_as_standard_input(sts, terminal):
    """A person who is there is better asked by the prompt."""
    rest, status = finish(terminal("--code", "-", "exec", "true"))
    assert (status, rest.count("\n")) == (125, 1)
    assert "standard input, and that is a terminal" in rest
    assert sts.connections == []


def test_no_line_comes(person, sts):
    """Nobody writes, and nothing is asked elsewhere."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [person.program, "--code", "-", *SHOW], env=person.env, stdin=reader,
        stdout=subprocess.PIPE, text=True)
    os.close(reader)
    try:
        os.write(writer, person.code()[:3].encode())
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT
    finally:
        os.close(writer)
        process.communicate()
    assert sts.connections == []


# ------------------------------------------------------ mfa_process

@pytest.mark.parametrize("shape", ["echo %s", "echo '%s %s'",
                                   "printf '\\t%s\\r\\n\\n'", "printf %s"])
def test_process_gives_the_code(person, sts, shape):
    """Also where there is no terminal: that is what it is for."""
    code = person.code()
    set_process(person, shape % ((code[:3], code[3:])
                                 if shape.count("%s") == 2 else code))
    done = person.run(*SHOW)
    assert (done.returncode, done.stderr) == (0, "")
    assert session_of(done.stdout)
    assert coded(sts) == 1


def test_process_of_the_base_profile(person, sts):
    """As mfa_serial: the selected profile's, else that of the key's; an empty
    one is none."""
    role = sts.add_role("Admin")
    with open(person.config, "a") as file:
        for name, setting in (("of-base", ""), ("own", "mfa_process = exit 7"),
                              ("none", "mfa_process =")):
            file.write("[profile %s]\nrole_arn = %s\nsource_profile = default"
                       "\n%s\n" % (name, role.arn, setting))
    set_process(person, "exit 8")
    assert "status 8" in person.run("--profile", "of-base", *SHOW).stderr
    own = person.run("--profile", "own", *SHOW).stderr
    assert "the mfa_process of profile own (%s, line " % person.config in own
    assert "status 7" in own
    assert person.run("--profile", "none", *SHOW).stderr == NOBODY


def test_code_that_was_given_goes_before_the_process(person, tmp_path):
    set_process(person, "touch '%s/ran'; echo 000000" % tmp_path)
    person.variables("--code", person.code())
    forget_sessions()
    person.variables(env={"AWS_SESSION_MFA_CODE": person.code()})
    assert not (tmp_path / "ran").exists()


def test_kept_session_runs_no_process(person, tmp_path):
    person.variables("--code", person.code())
    set_process(person, "touch '%s/ran'; echo 000000" % tmp_path)
    person.variables()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("command, says", [
    ("exit 3", "ended with status 3; try its command in a shell"),
    ("nonexistent-command 2>&-", "ended with status 127"),
    ("kill -9 $$", "was ended by signal 9 (Killed)"),
    ("true", "printed nothing; a code of six digits is needed"),
    ("echo 12345", "printed something else than six digits"),
    ("echo alice  123456", "printed something else than six digits"),
    ("printf '123456\\n\\000'", "printed something else than six digits"),
    ("printf '123\\n456\\n'", "printed something else than six digits"),
    ("echo; echo", "printed something else than six digits"),
    ("seq 100000", "printed something else than six digits")])
def test_process_that_gives_none(person, sts, terminal, command, says):
    """The sentence says which and where; nobody is asked instead, as users
    of aws-vault know it."""
    set_process(person, command)
    sentence = ("aws-session: no MFA code: the mfa_process of profile default "
                "(%s, line 2) %s" % (person.config, says))
    done = person.run("exec", "true")
    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    rest, status = finish(terminal("exec", "true"))
    assert status == 125
    assert rest.startswith(sentence)
    assert coded(sts) == 0


def test_output_of_a_process_is_nowhere(person, sts):
    code = wrong_codes(sts, 1)[0]
    set_process(person, "echo %s; exit 1" % code)
    done = person.run("--debug", "exec", "true")
    assert done.returncode == 125
    assert leaks(done.stderr, [code]) == []


def test_process_talks_on_the_terminal(person, sts, terminal, tmp_path):
    """Its question and its input are the person's, whatever our descriptors
    are: they may be the pipes of the AWS CLI."""
    set_process(person, "printf 'PIN? ' >&2; read pin; test \"$pin\" = 1234 "
                        "&& cat '%s/code'" % tmp_path)
    (tmp_path / "code").write_text(person.code())
    child = terminal(*SHOW, script=(
        "cd '%s'; echo in | \"$@\" 2>err | cat >out; cat out" % tmp_path))
    child.expect_exact("PIN? ")
    child.sendline("1234")
    rest, _ = finish(child)
    assert session_of(rest)
    assert (tmp_path / "err").read_text() == ""


def test_process_without_a_terminal_leaves_the_input_alone(person, tmp_path):
    """It is the command's; and what the process says is not lost."""
    (tmp_path / "code").write_text(person.code())
    set_process(person, "cat; echo touch it >&2; cat '%s/code'" % tmp_path)
    done = feed(person, "in\n", "exec", "cat")
    assert (done.returncode, done.stdout) == (0, "in\n")
    assert done.stderr == "touch it\n"


def test_environment_of_a_process(person, tmp_path):
    """The user's, and nothing of a session or a code; no descriptor but its
    own three."""
    person.variables("--code", person.code())
    (tmp_path / "code").write_text(person.code())
    set_process(person, "env -0 >'%s/env'; ls /proc/self/fd >'%s/fds'; "
                        "cat '%s/code'" % ((tmp_path,) * 3))
    done = person.run("--session-duration", "2h", "exec", "true",
                      env={"MINE": "kept", "AWS_SESSION_MFA_CODE": ""})
    assert done.returncode == 0, done.stderr
    variables = dict(entry.split("=", 1) for entry in
                     (tmp_path / "env").read_text().split("\0") if entry)
    assert set(variables) == set(person.env) | {
        "MINE", "PWD", "AWS_SESSION_DURATION", "AWS_SESSION_MFA_PROCESS"}
    assert leaks(repr(variables), person.sts.secrets) == []
    assert (tmp_path / "fds").read_text().split() == ["0", "1", "2", "3"]


def test_interrupt_of_a_process_that_hangs(person, sts, terminal, tmp_path):
    set_process(person, "echo waiting for a touch >&2; exec sleep 600")
    child = terminal("exec", "true")
    child.expect_exact("waiting for a touch")
    child.sendintr()
    assert finish(child)[1] == -signal.SIGINT
    wait_until(lambda: members(child.pid) == [], "the end of all processes")
    assert coded(sts) == 0


def test_process_ends_with_us(person, tmp_path):
    set_process(person, "touch '%s/ready'; exec sleep 600" % tmp_path)
    process = subprocess.Popen(
        [person.program, "exec", "true"], env=person.env,
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True)
    wait_until((tmp_path / "ready").exists, "the start of the process")
    process.kill()
    process.communicate()
    wait_until(lambda: members(process.pid) == [], "the end of all processes")


def test_unreachable_while_the_process_runs(person, tmp_path):
    """The failure is the network's, and the code is still good."""
    code = person.code()
    set_process(person, "sleep 0.3; echo %s" % code)
    dead = {"AWS_ENDPOINT_URL": "https://127.0.0.1:1"}
    done = person.run("exec", "true", env=dead)
    assert done.returncode == 122
    assert "no connection to 127.0.0.1:1: Connection refused" in done.stderr
    assert person.run("exec", "true").returncode == 0


def test_children_are_ignored_by_whoever_started_us(person):
    """SIGCHLD ignored, as some daemons leave it: the status is still seen."""
    set_process(person, "exit 5")
    done = person.run("exec", "true", preexec_fn=lambda: signal.signal(
        signal.SIGCHLD, signal.SIG_IGN))
    assert "status 5" in done.stderr


def test_process_that_needs_itself(person, sts):
    """A secret kept in AWS, got with the profile that it is for."""
    set_process(person, "%s --session-duration 1h exec true"
                % shlex.quote(person.program))
    done = person.run("exec", "true")
    assert done.returncode == 125
    assert ("the mfa_process of profile default (%s, line 2) is needed by an "
            "mfa_process" % person.config) in done.stderr
    assert sts.requests == []


def test_ten_at_once_run_one_process(person, sts, tmp_path):
    """The others wait, and say that somebody gets the session."""
    set_process(person, "echo ran >>'%s/log'; "
                        "until test -s '%s/code'; do sleep 0.05; done; "
                        "cat '%s/code'" % ((tmp_path,) * 3))
    (tmp_path / "said").touch()
    processes = [subprocess.Popen(
        ["/bin/sh", "-c", "exec \"$@\" 2>>'%s/said'" % tmp_path, "sh",
         person.program, *SHOW], env=person.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(10)]
    wait_until(lambda: (tmp_path / "said").read_text().count(
        "waiting: another aws-session is getting this session\n") == 9,
        "that nine wait")
    # Moved there, so that it is never seen half written.
    (tmp_path / "new").write_text(person.code())
    (tmp_path / "new").rename(tmp_path / "code")
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 10
    assert len({session_of(output) for output in outputs}) == 1
    assert (tmp_path / "log").read_text() == "ran\n"
    assert operations(sts) == ["GetSessionToken"]


# ------------------------------------------------------ a second code

def give_in_turn(person, directory, *codes):
    """An mfa_process that gives these codes, one for each time that it runs,
    the last one from then on."""
    directory.mkdir()
    for number, code in enumerate(codes, 1):
        (directory / str(number)).write_text(code)
    set_process(person, (
        "cd '%s'; echo x >>runs; n=$(wc -l <runs); test -e $n || n=%d; cat $n"
        % (directory, len(codes))))
    return directory / "runs"


def test_second_code_of_a_process(build, sts, tmp_path):
    """One that was used before, or that AWS refuses: the process is run once
    more when the next code can be there, and no code is sent twice. All at
    once, since the wait is as long as half a minute."""
    wrong = wrong_codes(sts, 3)
    before, running = set(user_keys()), {}
    try:
        for name in ("used", "refused", "wrong", "same"):
            user = sts.add_user(name, mfa=[name])
            now, later = sts.code(name, step=0), sts.code(name, step=1)
            (tmp_path / name).mkdir()
            person = Person(tmp_path / name, build, sts)
            person.write_key(user)
            if name == "used":
                assert person.run("--code", now, "exec",
                                  "true").returncode == 0
            runs = give_in_turn(person, tmp_path / (name + "-codes"), *{
                "used": (now, later), "refused": (wrong[0], later),
                "wrong": wrong[1:], "same": (wrong[0], wrong[0])}[name])
            running[name] = runs, user, subprocess.Popen(
                [person.program, "--session-duration", "2h", *SHOW],
                env=person.env, stdin=subprocess.DEVNULL, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True)
        said = {name: process.communicate(timeout=90)
                for name, (_, _, process) in running.items()}
    finally:
        for serial in set(user_keys()) - before:
            subprocess.run([KEYCTL, "unlink", serial, "@u"], check=False,
                           capture_output=True)
    seen = {name: [request["status"] for request in sts.requests
                   if request["access_key_id"] == user.keys[0].id]
            for name, (_, user, _) in running.items()}
    assert seen == {"used": [200, 200], "refused": [403, 200],
                    "wrong": [403, 403], "same": [403]}
    for name, (runs, _, process) in running.items():
        output, errors = said[name]
        assert runs.read_text() == "x\nx\n", name
        assert re.search(r"aws-session: Waiting \d+ s for the next code of "
                         "mfa_process.\n", errors), name
        assert leaks(errors + output, wrong) == []
        assert process.returncode == (0 if name in ("used", "refused")
                                      else 121), errors
    assert said["used"][1].startswith(
        "aws-session: The code of mfa_process has been used, and each works "
        "once.\n")
    assert said["wrong"][1].splitlines()[-1].startswith(
        "aws-session: AWS refused the MFA code")
    assert ("gave a code that has been used, and each works once: try again "
            "in 30 s\n") in said["same"][1]


def test_interrupt_while_a_code_is_waited_for(person, terminal):
    code = person.code()
    person.variables("--code", code)
    set_process(person, "echo " + code)
    child = terminal("--session-duration", "2h", "exec", "true",
                     script="exec \"$@\" 2>/dev/null")
    child.expect_exact("The code of mfa_process has been used, and each works "
                       "once.\r\n")
    child.expect(r"Waiting \d+ s for the next code of mfa_process.\r\n")
    child.sendintr()
    assert finish(child)[1] == -signal.SIGINT


# ------------------------------------------------------ --mfa-serial

def test_serial_of_the_option_goes_before_the_file(person, sts):
    """And it is the default inside, for this device's sessions."""
    phone = sts.store.add_device(sts.store.arn("iam", "mfa/phone"))
    sts.store.enable_device(phone, sts.alice)
    phone.owner.old = sts.alice
    for options, env in ((["--mfa-serial", phone.serial], {}),
                         ([], {"AWS_SESSION_MFA_SERIAL": phone.serial})):
        inside = person.variables("--code", sts.code(phone.serial), *options,
                                  env=env)
        assert inside["AWS_SESSION_MFA_SERIAL"] == phone.serial
        forget_sessions()
    # The file's own device has another session.
    person.variables("--mfa-serial", phone.serial, "--code",
                     sts.code(phone.serial))
    assert person.run("exec", "true").returncode == 123
    assert person.run("exec", "true", env={
        "AWS_SESSION_MFA_SERIAL": phone.serial}).returncode == 0


@pytest.mark.parametrize("serial, says", [
    ("", "empty"), ("12345678", "has 8 characters; AWS takes 9 to 256"),
    ("x" * 257, "has 257 characters"),
    ("arn:aws:iam::1:mfa/a b", "a character that AWS does not allow"),
    ("arn:aws:iam::1:u2f/user/a/b", "is a security key")])
def test_serial_that_is_none(person, sts, serial, says):
    done = person.run("--mfa-serial", serial, "--code", "123456", "exec",
                      "true")
    assert (done.returncode, done.stderr.count("\n")) == (125, 1)
    assert done.stderr.startswith(
        "aws-session: --mfa-serial (AWS_SESSION_MFA_SERIAL): ")
    assert says in done.stderr
    assert sts.connections == []


# ------------------------------------------------------ --no-prompt

@pytest.mark.parametrize("options, env", [
    (["--no-prompt"], {}), ([], {"AWS_SESSION_NO_PROMPT": "1"})])
@pytest.mark.parametrize("command", [("exec", "true"), ("shell",)])
def test_no_prompt_asks_for_no_code(sts, terminal, options, env, command):
    assert finish(terminal(*options, *command, env=env)) == (FORBIDDEN, 123)
    assert sts.connections == []


@pytest.mark.parametrize("value", ["", "0"])
def test_variable_that_does_not_forbid(sts, terminal, value):
    child = terminal("exec", "true", env={"AWS_SESSION_NO_PROMPT": value})
    child.expect(PROMPT)


def test_no_prompt_does_not_ask_which_device(person, sts, terminal):
    bob = sts.add_user("bob", mfa=["phone", "tablet"])
    person.write_key(bob, serial=False)
    set_process(person, "echo 123456")
    rest, status = finish(terminal("--no-prompt", "exec", "true"))
    assert (status, rest.count("\n")) == (123, 1)
    assert "--no-prompt (AWS_SESSION_NO_PROMPT) says to ask nobody which" \
        in rest
    assert bob.devices[0].serial in rest


@pytest.mark.parametrize("source", ["option", "input", "process", "kept"])
def test_no_prompt_takes_what_needs_nobody(person, tmp_path, source):
    """And the process has no terminal for questions of its own."""
    code, options, text = person.code(), [], ""
    if source == "option":
        options = ["--code", code]
    elif source == "input":
        options, text = ["--code", "-"], code
    elif source == "process":
        (tmp_path / "code").write_text(code)
        set_process(person, "test ! -t 0 && cat; cat '%s/code'" % tmp_path)
    else:
        person.variables("--code", code)
    done = feed(person, text, "--no-prompt", *options, "exec", "sh", "-c",
                "echo \"$AWS_SESSION_NO_PROMPT\"")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_no_prompt_gives_a_process_no_terminal(person, terminal):
    set_process(person, "test -t 0 && exit 7; exit 8")
    assert "status 7" in finish(terminal("exec", "true"))[0]
    assert "status 8" in finish(terminal("--no-prompt", "exec", "true"))[0]


@pytest.fixture
def profile(person):
    """A profile with a stored key of alice's, and it is the selected one."""
    name, key = stored.profile_name(), person.sts.alice.keys[0]
    person.write_key(person.sts.alice, profile=name)
    person.env["AWS_PROFILE"] = name
    stored.store(name, key.id, key.secret)
    yield name
    stored.forget(name)


@pytest.mark.parametrize("words, says", [
    (("remove",), "%s whether to remove the stored key of profile "),
    (("clear", "--all", "--profile", "PROFILE"),
     "%s whether to remove stored keys"),
    (("add", "other"), "%s for the access key"),
    (("add",), "has a stored key already"),
    (("import",), "nothing was changed: %s"),
    (("rotate", "--force"), "an MFA code is needed and %s"),
    (("rotate",), "nothing was rotated, since %s: ")])
def test_no_prompt_asks_no_other_question(person, sts, terminal, profile,
                                          words, says):
    words = [profile if word == "PROFILE" else word for word in words]
    for reason, status in (
            ("--no-prompt (AWS_SESSION_NO_PROMPT) says to ask nobody",
             finish(terminal(words[0], "--no-prompt", *words[1:]))),
            ("there is no terminal to ask", person.run(*words))):
        if isinstance(status, tuple):
            text, status = status
        else:
            text, status = status.stderr, status.returncode
        assert status == 123, text
        assert (says.replace("%s", reason)) in text.splitlines()[-1]
    assert stored.stored(profile)
    assert sts.connections == []


# ------------------------------------------------------ used codes

def test_rotate_sends_no_used_code(person, sts, profile):
    code = person.code()
    person.variables("--code", code)
    forget_sessions()
    done = person.run("rotate", "--force", "--code", code)
    assert done.returncode == 121
    assert "has been used already" in done.stderr
    assert coded(sts) == 1
    done = person.run("rotate", "--force", "--code", person.code())
    assert done.returncode == 0, done.stderr


def test_two_sessions_are_asked_for_at_once(person, sts, terminal):
    """Two terminals, one device: what the first one typed is not sent again,
    and the second one gets the countdown."""
    first = terminal("--session-duration", "1h", *SHOW)
    second = terminal("--session-duration", "2h", *SHOW)
    for child in (first, second):
        child.expect(PROMPT)
    code = person.code()
    first.sendline(code)
    assert finish(first)[1] == 0
    second.sendline(code)
    second.expect_exact(USED)
    second.expect(COUNTDOWN)
    assert coded(sts) == 1
    second.sendline(person.code())
    assert finish(second)[1] == 0
    assert coded(sts) == 2


# ------------------------------------------------------ one asks for all

def test_ten_terminals_ask_once(person, sts, terminal):
    children = [terminal(*SHOW) for _ in range(10)]
    found = [child.expect([PROMPT, "waiting: the MFA code is asked on /dev/"])
             for child in children]
    assert sorted(found) == [0] + [1] * 9
    assert sts.requests == []
    children[found.index(0)].sendline(person.code())
    results = [finish(child) for child in children]
    assert [status for _, status in results] == [0] * 10
    assert len({session_of(rest) for rest, _ in results}) == 1
    assert operations(sts) == ["GetSessionToken"]


def test_terminal_is_named_where_all_descriptors_are_pipes(terminal):
    """As under the AWS CLI: where the question is counts, not what is read
    and written."""
    holder = terminal("exec", "true", script=(
        "tty; true | \"$@\" 2>&1 | cat"))
    holder.expect(r"(/dev/\S+)\r\n")
    place = holder.match.group(1)
    holder.expect(PROMPT)
    other = terminal("exec", "true", script="true | \"$@\" 2>&1 | cat")
    other.expect(r"waiting: the MFA code is asked on (\S+)\r\n")
    assert other.match.group(1) == place


def test_interrupt_while_a_stopped_one_has_the_lock(sts, terminal):
    holder = terminal("exec", "true")
    holder.expect(PROMPT)
    os.kill(holder.pid, signal.SIGSTOP)
    waiting = terminal("exec", "true")
    waiting.expect("waiting: ")
    waiting.sendintr()
    assert finish(waiting)[1] == -signal.SIGINT
    holder.kill(signal.SIGKILL)
    next_one = terminal("exec", "true")
    next_one.expect(PROMPT)


# ------------------------------------------------------ under AWS's own tools

DOCUMENT = (
    "import json, os; print(json.dumps({'Version': 1, "
    "'AccessKeyId': os.environ['AWS_ACCESS_KEY_ID'], "
    "'SecretAccessKey': os.environ['AWS_SECRET_ACCESS_KEY'], "
    "'SessionToken': os.environ['AWS_SESSION_TOKEN'], "
    "'Expiration': os.environ['AWS_CREDENTIAL_EXPIRATION']}))")

BOTOCORE = (
    "import botocore.session as b; "
    "print(b.Session(profile='tool').create_client('sts', 'us-east-1', "
    "endpoint_url='%s').get_caller_identity()['Arn'])")


@pytest.fixture(params=["aws", "botocore"])
def tool(request, person, sts, tmp_path):
    """A program of AWS's that takes its credentials from us. Older ones do
    not know AWS_ENDPOINT_URL."""
    script = tmp_path / "credentials"
    script.write_text("#!/bin/sh\nexec '%s' --profile default exec "
                      "/usr/bin/python3 -c \"%s\"\n"
                      % (person.program, DOCUMENT))
    script.chmod(0o755)
    with open(person.config, "a") as file:
        file.write("[profile tool]\ncredential_process = %s\n" % script)
    if request.param == "aws":
        return ("'%s' --profile tool --region us-east-1 --endpoint-url '%s' "
                "sts get-caller-identity" % (AWS, sts.url))
    return "/usr/bin/python3 -c \"%s\"" % (BOTOCORE % sts.url)


def test_prompt_below_a_tool_of_aws(person, sts, terminal, tool):
    """Standard output and error are its pipes; the terminal is the person's.
    """
    child = terminal(script=tool)
    child.expect(PROMPT)
    child.sendline(person.code())
    rest, status = finish(child)
    assert status == 0, rest
    assert sts.alice.arn in rest
    assert operations(sts) == ["GetSessionToken", "GetCallerIdentity"]
    rest, status = finish(terminal(script=tool))    # and no second question
    assert status == 0, rest
    assert coded(sts) == 1


def test_process_below_a_tool_of_aws(person, sts, terminal, tool, tmp_path):
    """Its question is seen, too: a tool shows our errors at the end only."""
    (tmp_path / "code").write_text(person.code())
    set_process(person, "echo touch it >&2; read line; cat '%s/code'"
                % tmp_path)
    child = terminal(script=tool)
    child.expect_exact("touch it")
    child.sendline()
    rest, status = finish(child)
    assert status == 0, rest
    assert sts.alice.arn in rest


def test_tool_of_aws_where_nobody_can_be_asked(person, sts, tool):
    done = subprocess.run(["/bin/sh", "-c", tool], env=person.env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, start_new_session=True, check=False)
    assert done.returncode != 0
    assert NOBODY.strip() in done.stderr
    assert sts.requests == []
