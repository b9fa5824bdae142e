"""The MFA code: asked on the terminal, checked, sent once or not at all.

What the emulator saw decides: a code that may have left is never sent again,
one that has not left is still good.
"""

import io
import itertools
import os
import re
import signal
import socket
import subprocess
import termios
import time

import pexpect
import pytest

from conftest import KEYCTL, Person, emulator_module, leaks, user_keys

PROMPT = r"MFA code for (arn:\S+): "
COUNTDOWN = r"Next code in ([ \d]\d) s\. New MFA code: "
USED = "This code has been used, and each works once."


def wait_until(condition, what="it", seconds=30):
    """Return the first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    pytest.fail("%s did not happen within %d s" % (what, seconds))


def operations(sts):
    return [request["operation"] for request in sts.requests]


def coded(sts):
    """How many requests with a code were seen."""
    return sum(request["mfa"] for request in sts.requests)


def wrong_codes(sts, count):
    """Codes that no authenticator of ours shows now."""
    shown = {sts.code(serial, step=step) for serial in sts.store.devices
             for step in range(-9, 10)}
    numbers = ("%06d" % number for number in itertools.count(123450, 7))
    return list(itertools.islice(
        (text for text in numbers if text not in shown), count))


@pytest.fixture
def terminal(person):
    """Run aws-session on a terminal of its own; with `script`, as "$@" of a
    shell script there. Nothing stays behind."""
    opened = []

    def run(*arguments, script=None, env=None, timeout=30):
        command = [person.program, *arguments]
        if script is not None:
            command = ["/bin/sh", "-c", script, "sh", *command]
        full = {name: value for name, value in
                dict(person.env, **(env or {})).items() if value is not None}
        child = pexpect.spawn(command[0], command[1:], env=full,
                              encoding="utf-8", timeout=timeout,
                              dimensions=(24, 300))
        child.delaybeforesend = None
        child.ptyproc.delayafterclose = child.ptyproc.delayafterterminate = 0
        child.logfile_read = io.StringIO()
        opened.append(child)
        return child
    yield run
    for child in opened:
        if not child.closed:
            if child.isalive():
                child.kill(signal.SIGKILL)
                child.wait()
            child.close()
    # A typed code is on the screen: the terminal echoes it.
    secrets = [secret for secret in person.sts.secrets if len(secret) != 6]
    for child in opened:
        assert leaks(child.logfile_read.getvalue(), secrets) == []


def finish(child):
    """The rest of the output and how it ended, as Popen.returncode says."""
    child.expect(pexpect.EOF)
    child.wait()
    rest = child.before.replace("\r\n", "\n")
    return rest, (-child.signalstatus if child.signalstatus
                  else child.exitstatus)


def hang_up(child):
    """Take the terminal away; the status as waitpid(2) gives it."""
    child.ptyproc.fileobj.close()
    child.closed = child.ptyproc.closed = True
    child.terminated = child.ptyproc.terminated = True
    return os.waitpid(child.pid, 0)[1]


def is_zombie(name):
    """Dead, and not yet waited for by whoever inherited it."""
    with open("/proc/%s/stat" % name) as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


def members(session):
    """The living processes of a session of processes."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if (name.isdigit() and os.getsid(int(name)) == session
                    and not is_zombie(name)):
                found.append(int(name))
        except OSError:
            pass
    return found


def connected(sts, count=1):
    """Wait until so many connections stand ready for a request."""
    wait_until(lambda: sum(connection["ready_monotonic"] is not None
                           for connection in sts.connections) >= count,
               "a connection")


def forget_sessions():
    for serial, description in user_keys().items():
        if description.startswith("aws-session:session:"):
            subprocess.run([KEYCTL, "unlink", serial, "@u"], check=True,
                           capture_output=True)


@pytest.fixture(scope="module", autouse=True)
def dripping(tmp_path_factory, build, authority):
    """A run that gets its answer byte by byte, begun now since it takes as
    long as a whole request may: 30 s. See the last test."""
    with emulator_module.Emulator(authority=authority) as sts:
        sts.add_user("alice", mfa=["alice"])
        sts.fault("drip")
        person = Person(tmp_path_factory.mktemp("dripping"), build, sts)
        person.write_key(sts.store.users["alice"])
        process = subprocess.Popen(
            [person.program, "--debug", "--code", sts.code("alice"), "exec",
             "true"], env=person.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        process.sts = sts
        yield process
        process.kill()
        process.communicate()
    for serial, description in user_keys().items():
        if sts.account in description:
            subprocess.run([KEYCTL, "unlink", serial, "@u"], check=False,
                           capture_output=True)


# ------------------------------------------------------ the prompt

def test_prompt_is_on_the_terminal_not_in_the_pipes(person, terminal,
                                                    tmp_path):
    child = terminal("exec", "sh", "-c", "cat; echo err >&2", script=(
        "cd '%s'; echo in | \"$@\" 2>err | cat >out" % tmp_path))
    child.expect(PROMPT)
    assert child.match.group(1) == person.sts.alice.devices[0].serial
    child.sendline(person.code())
    _, status = finish(child)
    assert status == 0
    assert (tmp_path / "out").read_text() == "in\n"
    assert (tmp_path / "err").read_text() == "err\n"


def test_code_is_echoed(person, terminal):
    """It is no password, and a person sees the typing error."""
    child = terminal("exec", "true")
    child.expect(PROMPT)
    assert child.getecho()
    code = person.code()
    child.send(code)
    child.expect_exact(code)
    assert coded(person.sts) == 0
    child.sendline()
    assert finish(child) == ("\n", 0)


@pytest.mark.parametrize("shape", ["%s %s", "  %s%s ", "%s\t%s"])
def test_blanks_in_a_typed_code(person, terminal, shape):
    child = terminal("exec", "true")
    child.expect(PROMPT)
    code = person.code()
    child.sendline(shape % (code[:3], code[3:]))
    assert finish(child)[1] == 0
    assert [request["status"] for request in person.sts.requests] == [200]


def test_enter_on_a_raw_terminal(person, terminal):
    child = terminal("exec", "true", script='stty raw; "$@"; echo status=$?')
    child.expect(PROMPT)
    child.send(person.code() + "\r")
    child.expect("status=(\\d+)")
    assert child.match.group(1) == "0"


def test_what_is_not_six_digits_is_asked_again_and_not_sent(person, terminal):
    child = terminal("exec", "true")
    for text in ("", "   ", "12345", "1234567", "12345a", "-12345", "0x1234",
                 "12345\uff16", "123456 7", "1" * 200):
        child.expect(PROMPT)
        child.sendline(text)
        child.expect_exact("An MFA code is six digits.")
    child.expect(PROMPT)
    assert person.sts.requests == []
    child.sendline(person.code())
    assert finish(child)[1] == 0
    assert len(person.sts.connections) == 1


def test_serial_cannot_draw_on_the_terminal(person, sts, terminal):
    """A control character (here C1's CSI) in what AWS names is refused."""
    person.write_key(sts.alice, serial=False)
    sts.alice.devices.clear()
    sts.store.enable_device(sts.store.add_device(
        sts.store.arn("iam", "mfa/x\u009b31m")), sts.alice)
    rest, status = finish(terminal("exec", "true"))
    assert status == 122
    assert "SerialNumber is malformed" in rest
    assert "\u009b" not in rest


# ------------------------------------------------------ wrong and used codes

def test_wrong_code_is_asked_again(person, sts, terminal):
    child = terminal("exec", "true")
    child.expect(PROMPT)
    child.sendline(wrong_codes(sts, 1)[0])
    child.expect_exact("AWS refused the MFA code")
    child.expect(COUNTDOWN)
    assert 1 <= int(child.match.group(1)) <= 30
    child.sendline(person.code())
    assert finish(child)[1] == 0
    assert [request["status"] for request in sts.requests] == [403, 200]
    assert len(sts.connections) == 2    # a code never goes over a used one


def test_three_wrong_codes_are_the_end(person, sts, terminal):
    child = terminal("exec", "true")
    codes = wrong_codes(sts, 3)
    child.expect(PROMPT)
    child.sendline(codes[0])
    for code in codes[1:]:
        child.expect(COUNTDOWN)
        child.sendline(code)
    rest, status = finish(child)
    assert status == 121
    assert "aws-session: AWS refused the MFA code" in rest
    assert coded(sts) == 3


def test_wrong_code_that_was_given_is_the_end(person, sts):
    done = person.run("--code", wrong_codes(sts, 1)[0], "exec", "true")
    assert done.returncode == 121
    assert done.stderr.startswith("aws-session: AWS refused the MFA code")
    assert done.stderr.count("\n") == 1
    assert coded(sts) == 1


def test_wrong_code_typed_twice_is_sent_once(person, sts, terminal):
    child = terminal("exec", "true")
    wrong = wrong_codes(sts, 1)[0]
    child.expect(PROMPT)
    child.sendline(wrong)
    for _ in range(4):
        child.expect(COUNTDOWN)
        child.sendline(wrong)
        child.expect_exact(USED)
    child.expect(COUNTDOWN)
    assert coded(sts) == 1
    child.sendline(person.code())
    assert finish(child)[1] == 0


def test_used_code_counts_the_seconds(person, sts, terminal):
    """Another session, of another process, with the code of before."""
    code = person.code()
    assert person.run("--code", code, "exec", "true").returncode == 0
    child = terminal("--session-duration", "2h", "exec", "true")
    child.expect(PROMPT)
    child.sendline(code)
    child.expect_exact(USED)
    child.expect(COUNTDOWN)
    assert 1 <= int(child.match.group(1)) <= 30
    assert coded(sts) == 1
    # The seconds change in place, and what was typed stays.
    fresh = person.code()
    child.send(fresh[:3])
    child.expect("\x1b7\rNext code in [ \\d]\\d s\x1b8")
    child.sendline(fresh[3:])
    assert finish(child)[1] == 0
    assert coded(sts) == 2


def test_no_escapes_on_a_dumb_terminal(person, terminal):
    code = person.code()
    assert person.run("--code", code, "exec", "true").returncode == 0
    child = terminal("--session-duration", "2h", "exec", "true",
                     env={"TERM": "dumb"})
    child.expect(PROMPT)
    child.sendline(code)
    child.expect(COUNTDOWN)
    with pytest.raises(pexpect.TIMEOUT):
        child.expect("\x1b", timeout=1.2)


def test_used_code_that_was_given(person, sts):
    code = person.code()
    assert person.run("--code", code, "exec", "true").returncode == 0
    done = person.run("--session-duration", "2h", "--code", code, "exec",
                      "true")
    assert done.returncode == 121
    seconds = re.search(r"has been used already.* in (\d+) s\n", done.stderr)
    assert 1 <= int(seconds.group(1)) <= 30
    assert coded(sts) == 1


def test_code_of_another_device_may_be_the_same(person, sts):
    """Only the device that a code was for has used it."""
    bob = sts.add_user("bob", mfa=["bob"])
    bob.devices[0].seed = sts.alice.devices[0].seed
    code = person.code()
    assert person.run("--code", code, "exec", "true").returncode == 0
    person.write_key(bob)
    assert person.run("--code", code, "exec", "true").returncode == 0


# ------------------------------------------------------ leaving the prompt

def test_interrupt_leaves_everything_as_it_was(sts, terminal):
    child = terminal("exec", "true", script=(
        "trap : INT; stty -g; \"$@\"; echo status=$?; stty -g"))
    child.expect(r"([0-9a-f:]+)\r\n" + PROMPT)
    before = child.match.group(1)
    assert termios.tcgetattr(child.child_fd)[3] & termios.ECHO
    connected(sts)
    child.send("123")
    child.expect_exact("123")
    child.sendintr()
    child.expect(r"status=(\d+)\r\n([0-9a-f:]+)\r\n")
    assert int(child.match.group(1)) == 128 + signal.SIGINT
    assert child.match.group(2) == before
    finish(child)
    wait_until(lambda: members(child.pid) == [], "the end of all processes")
    assert sts.requests == []


@pytest.mark.parametrize("after", ["prompt", "countdown"])
def test_interrupt_is_the_status(sts, terminal, after):
    child = terminal("exec", "true")
    child.expect(PROMPT)
    if after == "countdown":
        child.sendline(wrong_codes(sts, 1)[0])
        child.expect(COUNTDOWN)
    before = termios.tcgetattr(child.child_fd)
    child.sendintr()
    assert finish(child)[1] == -signal.SIGINT
    assert termios.tcgetattr(child.child_fd) == before
    wait_until(lambda: members(child.pid) == [], "the end of all processes")
    assert coded(sts) == (after == "countdown")


def test_end_of_input(sts, terminal):
    child = terminal("exec", "true")
    child.expect(PROMPT)
    child.sendeof()
    assert finish(child) == ("\naws-session: no MFA code was given\n", 125)
    assert sts.requests == []


@pytest.mark.parametrize("ignored", [False, True])
def test_hangup_of_the_terminal(sts, terminal, ignored):
    script = "trap '' HUP; exec \"$@\"" if ignored else None
    child = terminal("exec", "true", script=script)
    child.expect(PROMPT)
    connected(sts)
    status = hang_up(child)
    if ignored:
        assert os.WEXITSTATUS(status) == 125
    else:
        assert os.WTERMSIG(status) == signal.SIGHUP
    wait_until(lambda: members(child.pid) == [], "the end of all processes")
    assert sts.requests == []


@pytest.mark.parametrize("serial", [True, False])
def test_no_terminal_and_no_code(person, sts, serial):
    person.write_key(sts.alice, serial=serial)
    done = person.run("exec", "true")
    assert done.returncode == 123
    assert re.fullmatch("aws-session: an MFA code is needed and there is no "
                        "terminal to ask: .*--code.*AWS_SESSION_MFA_CODE\n",
                        done.stderr)
    assert sts.connections == []


# ------------------------------------------------------ a code is sent once

BURNING = [
    ("close-before", {}, "closed the connection without a whole answer"),
    ("close-after", {}, "closed the connection without a whole answer"),
    ("close-middle", {}, "closed the connection without a whole answer"),
    ("close-middle", {"bytes": 9}, "closed the connection"),
    ("error", {"status": 500}, "InternalFailure"),
    ("error", {"status": 503}, "ServiceUnavailable"),
    ("error", {"status": 503, "body": "html"}, "HTTP 503"),
    ("error", {"status": 500, "execute": True}, "InternalFailure"),
    ("throttle", {}, "Throttling"),
    ("garbage", {}, "not one of AWS"),
    ("truncated", {}, "not one of AWS"),
    ("missing", {"names": "SessionToken"}, "not one of AWS"),
    ("huge", {}, "longer than any of AWS"),
    ("redirect", {}, "redirect"),
    ("redirect", {"status": 307}, "redirect")]


@pytest.mark.parametrize("name, options, says", BURNING)
def test_code_that_may_have_left_is_used(person, sts, name, options, says):
    sts.fault(name, operation="GetSessionToken" if name != "close-before"
              else "*", **options)
    code = sts.code("alice", step=0)
    done = person.run("--debug", "--code", code, "exec", "true")
    assert done.returncode == 122
    sentence = done.stderr.splitlines()[-1]
    assert says in sentence
    assert "127.0.0.1:%d" % sts.port in sentence
    assert leaks(done.stderr, [code]) == []
    assert coded(sts) == (name != "close-before")
    assert len(sts.connections) == 1
    # The same code again: nothing is sent, whatever AWS did with it.
    sts.clear_faults()
    again = person.run("--code", code, "exec", "true")
    assert again.returncode == 121
    assert "has been used already" in again.stderr
    assert coded(sts) == (name != "close-before")
    # And the next one works.
    assert person.run("--code", sts.code("alice", step=1), "exec",
                      "true").returncode == 0


@pytest.mark.parametrize("name, options, says", [
    ("close-after", {}, "without a whole answer"),
    ("error", {"status": 503}, "ServiceUnavailable")])
def test_no_code_is_asked_for_after_a_trouble_of_aws(person, sts, terminal,
                                                     name, options, says):
    """A second one would not help, and the person should know."""
    sts.fault(name, operation="GetSessionToken", **options)
    child = terminal("exec", "true")
    child.expect(PROMPT)
    child.sendline(sts.code("alice", step=0))
    rest, status = finish(child)
    assert (says in rest, status) == (True, 122)
    assert coded(sts) == 1


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("trouble", ["close-accept", "refused", "untrusted",
                                     "no bundle"])
def test_code_that_has_not_left_is_still_good(person, sts, tmp_path, trouble):
    env = {}
    if trouble == "close-accept":
        sts.fault("close-accept")
    elif trouble == "refused":
        env["AWS_ENDPOINT_URL"] = "https://127.0.0.1:%d" % unused_port()
    elif trouble == "untrusted":
        other = emulator_module.Authority(str(tmp_path / "other"))
        env["AWS_CA_BUNDLE"] = other.ca_file
    else:
        env["AWS_CA_BUNDLE"] = str(person.config)
    code = sts.code("alice", step=0)
    done = person.run("--code", code, "exec", "true", env=env)
    assert done.returncode == (125 if trouble == "no bundle" else 122)
    assert "counts as used" not in done.stderr
    assert coded(sts) == 0
    sts.clear_faults()
    again = person.run("--code", code, "exec", "true")
    assert again.returncode == 0, again.stderr
    assert coded(sts) == 1


def test_code_that_has_not_left_does_not_hide_used_ones(person, sts):
    used = person.code()
    person.variables("--code", used)
    forget_sessions()
    other = person.code()
    dead = {"AWS_ENDPOINT_URL": "https://127.0.0.1:1"}
    assert person.run("--code", other, "exec", "true",
                      env=dead).returncode == 122
    again = person.run("--code", used, "exec", "true")
    assert "has been used already" in again.stderr
    assert person.run("--code", other, "exec", "true").returncode == 0
    assert coded(sts) == 2


def test_role_that_fails_costs_no_second_code(person, sts):
    """The session before the role is kept, and retried without a code."""
    role = sts.add_role("Admin")
    with open(person.config, "a") as file:
        file.write("[profile admin]\nrole_arn = %s\nsource_profile = default\n"
                   % role.arn)
    sts.fault("throttle", operation="AssumeRole", count=1)
    sts.fault("error", operation="AssumeRole", status=500, count=1, after=1)
    done = person.run("--profile", "admin", "--code", person.code(), "exec",
                      "true")
    assert done.returncode == 0, done.stderr
    assert operations(sts) == ["GetSessionToken"] + ["AssumeRole"] * 3


# ------------------------------------------------------ the early connection

@pytest.mark.parametrize("serial, before", [(True, 0), (False, 2)])
def test_connection_is_opened_while_the_person_types(person, sts, terminal,
                                                     serial, before):
    person.write_key(sts.alice, serial=serial)
    child = terminal("exec", "true")
    child.expect(PROMPT)
    used = {request["connection"] for request in sts.requests}
    connected(sts, len(used) + 1)
    assert len(sts.requests) == before
    typed = time.monotonic()
    child.sendline(person.code())
    assert finish(child)[1] == 0
    request = sts.requests[-1]
    assert request["operation"] == "GetSessionToken"
    carried = [connection for connection in sts.connections
               if connection["connection"] not in used]
    assert len(carried) == 1
    assert carried[0]["connection"] == request["connection"]
    assert carried[0]["requests"] == 1
    assert carried[0]["ready_monotonic"] < typed < request["monotonic"]


def test_server_closes_the_idle_connection(person, sts, terminal):
    """STS does so after some seconds; another connection takes the code."""
    sts.idle_timeout = 0.2
    child = terminal("exec", "true")
    child.expect(PROMPT)
    connected(sts)
    time.sleep(0.4)
    sts.idle_timeout = 60
    child.sendline(person.code())
    assert finish(child)[1] == 0
    assert coded(sts) == 1
    assert len(sts.connections) == 2


def test_unreachable_is_told_while_typing(terminal):
    child = terminal("exec", "true", env={
        "AWS_ENDPOINT_URL": "https://127.0.0.1:%d" % unused_port()})
    rest, status = finish(child)
    assert re.search(r"^MFA code for \S+: \naws-session: GetSessionToken: "
                     r"no connection to 127\.0\.0\.1:\d+: Connection refused",
                     rest, re.MULTILINE)
    assert status == 122


def test_failure_while_typing_leaves_nothing_typed(terminal):
    """Half a code must not become the beginning of the next command."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = terminal("exec", "true", script=(
            "\"$@\"; echo status=$?; read line; echo \"line=<$line>\""), env={
                "AWS_ENDPOINT_URL": "https://127.0.0.1:%d"
                                    % server.getsockname()[1]})
        child.expect(PROMPT)
        held, _ = server.accept()
        child.send("1234")
        child.expect_exact("1234")
        held.close()
        child.expect("status=122\r\n")
    child.sendline("next")
    child.expect("line=<(.*)>\r\n")
    assert child.match.group(1) == "next"


# ------------------------------------------------------ which device

def add_devices(sts, *names):
    """Bob, with devices of these names, and without a serial anywhere."""
    bob = sts.add_user("bob", mfa=names)
    return bob, [device.serial for device in bob.devices]


def test_device_that_is_named_like_the_user(person, sts, terminal):
    bob, serials = add_devices(sts, "phone", "bob", "tablet")
    person.write_key(bob, serial=False)
    child = terminal("exec", "true")
    child.expect(PROMPT)
    assert child.match.group(1) == serials[1]
    child.sendline(sts.code(serials[1]))
    assert finish(child)[1] == 0


def test_several_devices_are_asked_for(person, sts, terminal):
    bob, serials = add_devices(sts, "phone", "tablet", "watch")
    person.write_key(bob, serial=False)
    child = terminal("exec", "true")
    for number, serial in enumerate(serials, 1):
        child.expect_exact("%d  %s\r\n" % (number, serial))
    for answer in ("", "0", "4", "x", "1x", "-1", "99999999999999999999"):
        child.expect_exact("Which one (its number): ")
        child.sendline(answer)
    child.expect_exact("Which one (its number): ")
    child.sendline("2")
    child.expect(PROMPT)
    assert child.match.group(1) == serials[1]
    child.sendline(sts.code(serials[1]))
    assert finish(child)[1] == 0
    # It is remembered.
    forget_sessions()
    child = terminal("exec", "true")
    child.expect(PROMPT)
    assert child.match.group(1) == serials[1]
    child.sendline(sts.code(serials[1]))
    assert finish(child)[1] == 0
    assert operations(sts) == ["GetCallerIdentity", "ListMFADevices",
                               "GetSessionToken", "GetSessionToken"]


@pytest.mark.parametrize("way", ["end", "interrupt"])
def test_leaving_the_question_for_the_device(person, sts, terminal, way):
    bob, _ = add_devices(sts, "phone", "tablet")
    person.write_key(bob, serial=False)
    child = terminal("exec", "true")
    child.expect_exact("Which one (its number): ")
    if way == "end":
        child.sendeof()
        rest, status = finish(child)
        assert (status, rest.count("\n")) == (125, 2)
        assert "no MFA device was chosen" in rest
    else:
        child.sendintr()
        assert finish(child)[1] == -signal.SIGINT
    assert coded(sts) == 0


def test_several_devices_without_a_terminal(person, sts):
    bob, serials = add_devices(sts, "phone", "tablet")
    person.write_key(bob, serial=False)
    done = person.run("--code", "123456", "exec", "true")
    assert done.returncode == 123
    assert "mfa_serial" in done.stderr
    for serial in serials:
        assert serial in done.stderr
    assert done.stderr.count("\n") == 1
    assert coded(sts) == 0


def test_many_devices_without_a_terminal(person, sts):
    """Eight serials of 256 characters: the sentence says what to do first."""
    bob, serials = add_devices(sts, *("x" * 220 + str(n) for n in range(8)))
    person.write_key(bob, serial=False)
    done = person.run("--code", "123456", "exec", "true")
    assert done.returncode == 123
    assert "mfa_serial" in done.stderr
    assert serials[0] in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_device(person, sts):
    bob = sts.add_user("bob")
    person.write_key(bob, serial=False)
    done = person.run("--code", "123456", "exec", "true")
    assert done.returncode == 125
    assert "user bob has no MFA device" in done.stderr
    assert "register" in done.stderr
    assert coded(sts) == 0


def test_security_keys_are_ignored(person, sts):
    """They give no codes."""
    carol = sts.add_user("carol")
    key = sts.store.add_device(sts.store.arn("iam", "u2f/user/carol/carol"))
    sts.store.enable_device(key, carol)
    person.write_key(carol, serial=False)
    done = person.run("--code", "123456", "exec", "true")
    assert done.returncode == 125
    assert "only a security key" in done.stderr
    app = sts.store.add_device(sts.store.arn("iam", "mfa/phone"))
    sts.store.enable_device(app, carol)
    app.owner.old = carol
    done = person.run("--code", sts.code(app.serial), "exec", "true")
    assert done.returncode == 0, done.stderr


def test_devices_in_pages(person, sts, terminal):
    bob, serials = add_devices(sts, "phone", "tablet", "bob")
    person.write_key(bob, serial=False)
    sts.fault("short-page", size=1)
    child = terminal("exec", "true")
    child.expect(PROMPT)
    assert child.match.group(1) == serials[2]
    assert operations(sts).count("ListMFADevices") == 3


def test_serial_is_remembered(person, sts):
    person.write_key(sts.alice, serial=False)
    for _ in range(2):
        person.variables("--code", person.code())
        forget_sessions()
    assert operations(sts) == ["GetCallerIdentity", "ListMFADevices",
                               "GetSessionToken", "GetSessionToken"]


def test_wrong_remembered_serial_is_forgotten(person, sts):
    """The person has a new phone."""
    person.write_key(sts.alice, serial=False)
    person.variables("--code", person.code())
    forget_sessions()
    sts.forget()
    sts.alice.devices.pop().owner.set(None, sts.clock.now())
    device = sts.store.add_device(sts.store.arn("iam", "mfa/new-phone"))
    sts.store.enable_device(device, sts.alice)
    device.owner.old = sts.alice
    done = person.run("--code", sts.code(device.serial), "exec", "true")
    assert done.returncode == 125
    assert "could not check the MFA code" in done.stderr
    assert operations(sts) == ["GetSessionToken"]
    person.variables("--code", sts.code(device.serial))
    assert operations(sts) == ["GetSessionToken", "GetCallerIdentity",
                               "ListMFADevices", "GetSessionToken"]


# ------------------------------------------------------ many at once

SHOW = ("exec", "sh", "-c", "echo \"session=$AWS_ACCESS_KEY_ID\"")


def session_of(text):
    return re.search(r"session=(ASIA\w+)", text).group(1)


def test_ten_at_once_ask_once(person, sts, terminal):
    """Five terminals and five pipes: one question, one request, one session
    for all. Those who wait say where the question stands."""
    children = [terminal(*SHOW) for _ in range(5)]
    asking, waiting = [], []
    for child in children:
        found = child.expect([PROMPT, r"waiting: "])
        (waiting if found else asking).append(child)
    assert (len(asking), len(waiting)) == (1, 4)
    piped = [subprocess.Popen(
        [person.program, *SHOW], env=person.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True) for _ in range(5)]
    for process in piped:
        assert "waiting: the MFA code is asked on" in process.stderr.readline()
    assert sts.requests == []
    asking[0].sendline(person.code())
    sessions = set()
    for child in children:
        rest, status = finish(child)
        assert status == 0, rest
        sessions.add(session_of(rest))
    for process in piped:
        output, rest = process.communicate(timeout=60)
        assert (process.returncode, rest) == (0, "")
        sessions.add(session_of(output))
    assert len(sessions) == 1
    assert operations(sts) == ["GetSessionToken"]


def test_waiting_line_names_the_terminal(terminal):
    holder = terminal("exec", "true", script="tty; exec \"$@\"")
    holder.expect(r"(/dev/\S+)\r\n")
    place = holder.match.group(1)
    holder.expect(PROMPT)
    other = terminal("exec", "true")
    other.expect(r"waiting: the MFA code is asked on (\S+)\r\n")
    assert other.match.group(1) == place


def test_waiting_for_a_job_of_the_same_terminal(terminal):
    """A job in the background may be stopped, and nobody would guess."""
    child = terminal("exec", "true", script='"$@" & sleep 1; "$@"')
    child.expect(PROMPT)
    child.expect("waiting: the MFA code is asked on /dev/pts/[0-9]+, by "
                 "another job of this terminal: see jobs and fg\r\n")


def test_without_a_terminal_nobody_waits_for_ever(person, sts, terminal):
    """An open question elsewhere, of one that is even stopped (Ctrl-Z): a code
    that was given is used all the same, and without one there is the sentence,
    after half a minute each; also on a terminal, if nobody is to be asked."""
    holder = terminal("exec", "true")
    holder.expect(PROMPT)
    os.kill(holder.pid, signal.SIGSTOP)
    forbidden = terminal("--no-prompt", "exec", "true", timeout=60)
    begin = time.monotonic()
    piped = subprocess.Popen(
        [person.program, "exec", "true"], env=person.env, text=True,
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True)
    # The code of the step after this one is good for the next minute.
    given = person.run("--code", sts.code("alice", step=1), "exec", "true")
    rest = piped.communicate(timeout=60)[1]
    assert 29 < time.monotonic() - begin < 45
    assert given.returncode == 0, given.stderr
    assert operations(sts) == ["GetSessionToken"]
    assert piped.returncode in (0, 123)  # the session may come in time for it
    assert ("there is no terminal to ask" in rest) == (piped.returncode == 123)
    forbidden.expect("waiting: the MFA code is asked on /dev/pts/")
    assert finish(forbidden)[1] in (0, 123)
    os.kill(holder.pid, signal.SIGCONT)
    holder.sendintr()
    assert finish(holder)[1] == -signal.SIGINT


def test_waiting_line_tells_when_nobody_is_asked(person, sts):
    sts.fault("delay", seconds=3, count=1)
    code = person.code()
    holder = subprocess.Popen([person.program, "--code", code, "exec", "true"],
                              env=person.env, stdin=subprocess.DEVNULL)
    wait_until(lambda: sts.connections, "a connection")
    done = person.run("--code", code, "exec", "true")
    assert holder.wait(60) == 0
    assert (done.returncode, done.stderr) == (
        0, "aws-session: waiting: another aws-session is getting this "
        "session\n")


def test_ten_at_once_with_the_same_code(person, sts):
    code = person.code()
    processes = [subprocess.Popen(
        [person.program, "--code", code, *SHOW], env=person.env,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True) for _ in range(10)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 10
    assert len({session_of(output) for output in outputs}) == 1
    assert operations(sts) == ["GetSessionToken"]


def test_one_code_for_different_sessions_is_sent_once(person, sts):
    """They do not wait for one another, and have one device."""
    code = person.code()
    processes = [subprocess.Popen(
        [person.program, "--session-duration", "%dh" % hours, "--code", code,
         "exec", "true"], env=person.env, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True) for hours in range(1, 9)]
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert sorted(process.returncode for process in processes) == [
        0] + [121] * 7
    assert sum("has been used already" in line for line in said) == 7
    assert coded(sts) == 1


@pytest.mark.parametrize("way", ["kill", "interrupt"])
def test_another_takes_over_when_the_asking_one_dies(person, sts, terminal,
                                                     way):
    holder = terminal(*SHOW)
    holder.expect(PROMPT)
    others = [terminal(*SHOW) for _ in range(2)]
    for child in others:
        child.expect("waiting: ")
    if way == "kill":
        os.kill(holder.pid, signal.SIGKILL)
    else:
        holder.sendintr()
    assert finish(holder)[1] < 0

    def prompted():
        return [child for child in others
                if child.expect([PROMPT, pexpect.TIMEOUT], timeout=0.05) == 0]
    asking = wait_until(prompted, "a prompt")
    assert len(asking) == 1
    asking[0].sendline(person.code())
    results = [finish(child) for child in others]
    assert [status for _, status in results] == [0, 0]
    assert len({session_of(rest) for rest, _ in results}) == 1
    assert operations(sts) == ["GetSessionToken"]
    wait_until(lambda: members(holder.pid) == [], "the end of all processes")


def test_interrupt_while_waiting(sts, terminal):
    holder = terminal("exec", "true")
    holder.expect(PROMPT)
    waiting = terminal("exec", "true")
    waiting.expect("waiting: ")
    waiting.sendintr()
    assert finish(waiting)[1] == -signal.SIGINT
    assert holder.isalive()


def test_sessions_of_different_profiles_do_not_wait(person, sts, terminal):
    holder = terminal("exec", "true")
    holder.expect(PROMPT)
    done = person.run("--session-duration", "2h", "--code", person.code(),
                      "exec", "true")
    assert done.returncode == 0, done.stderr


# ------------------------------------------------------ and never in a log

def test_codes_are_not_in_debug_output(person, sts, terminal, tmp_path):
    """Wrong, malformed, used and good ones: what is typed is echoed by the
    terminal, and is nowhere else."""
    log = tmp_path / "log"
    used = person.code()
    assert person.run("--code", used, "exec", "true").returncode == 0
    child = terminal("--debug", "--session-duration", "2h", "exec", "true",
                     script="exec \"$@\" 2>'%s'" % log)
    wrong = wrong_codes(sts, 1)[0]
    child.expect(PROMPT)
    child.sendline("9876543")
    child.expect(PROMPT)
    child.sendline(used)
    child.expect(COUNTDOWN)
    child.sendline(wrong)
    child.expect_exact("AWS refused")
    child.expect(COUNTDOWN)
    child.sendline(person.code())
    assert finish(child)[1] == 0
    text = log.read_text()
    assert text.count("debug: ") > 5
    assert leaks(text, sts.secrets + [used, wrong, "9876543"]) == []


# ------------------------------------------------------ the slowest, at last

def test_answer_that_drips(dripping):
    """The whole request has a limit of 30 s; see the fixture. The code was
    sent once and counts as used."""
    _, text = dripping.communicate(timeout=90)
    assert dripping.returncode == 122
    assert re.search(r"\naws-session: GetSessionToken: no whole answer of "
                     r"127\.0\.0\.1:\d+ within 30 s: the code counts as used",
                     text)
    assert coded(dripping.sts) == 1
    assert len(dripping.sts.connections) == 1
    assert leaks(text, dripping.sts.secrets) == []
