"""aws-session as a login shell: on terminals of our own and without one.

Whatever fails, the user gets the shell; what that shell is, gets and gives is
compared with the same shell started by itself. The same on a real sshd is in
test_sshd.py.
"""

import os
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from machine import make_variable

ASKED = r"MFA code for [^:]*:[^ ]* \(Enter to go on without\): "
WITHOUT = "going on without AWS credentials: "
SHELL = os.path.realpath("/bin/bash")

# Become the program of argv[2] with the rest as its argv, under given
# conditions.
START = r"""
import os, resource, signal, sys
conditions, program, *words = sys.argv[1:]
for condition in conditions.split():
    if condition.startswith("close"):
        os.close(int(condition[5:]))
    elif condition.startswith("ignore"):
        signal.signal(int(condition[6:]), signal.SIG_IGN)
    elif condition.startswith("block"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [int(condition[5:])])
    elif condition.startswith("limit"):
        name, value = condition[5:].split("=")
        resource.setrlimit(getattr(resource, "RLIMIT_" + name),
                           (int(value), int(value)))
os.execve(program, words, os.environ)
"""


def words_of(program, zeroth, words, conditions=""):
    return [sys.executable, "-I", "-S", "-c", START, conditions, program,
            zeroth, *words]


class Account:
    """Somebody whose login shell we are."""

    def __init__(self, person):
        self.person = person
        self.env = dict(person.env, SHELL=person.program, PS1="ready> ",
                        AWS_SESSION_PROMPT="off",
                        INPUTRC=str(person.home / ".inputrc"))
        (person.home / ".bash_profile").write_text(
            "PS1='ready> '\n")
        (person.home / ".inputrc").write_text(
            "set enable-bracketed-paste off\n")

    def run(self, zeroth, *words, env=None, conditions="", program=None,
            **options):
        """Without a terminal; the output is bytes."""
        full = dict(self.env, **(env or {}))
        options.setdefault("stdin", None if "input" in options
                           else subprocess.DEVNULL)
        if options["stdin"] is None:
            del options["stdin"]
        done = subprocess.run(
            words_of(program or self.person.program, zeroth, words,
                     conditions),
            env={name: value for name, value in full.items()
                 if value is not None},
            capture_output=True, start_new_session=True, check=False,
            timeout=60, **options)
        self.person.said.append(done.stderr.decode(errors="replace"))
        return done

    def login(self, *words, zeroth="-aws-session", env=None, conditions=""):
        """On a terminal."""
        full = dict(self.env, **(env or {}))
        first, *rest = words_of(self.person.program, zeroth, words,
                                conditions)
        return pexpect.spawn(
            first, rest, encoding="utf-8", timeout=60, dimensions=(24, 300),
            env={name: value for name, value in full.items()
                 if value is not None})


def says(child, command):
    """What a command prints in a shell that is ready."""
    child.sendline("echo; %s; echo do''ne" % command)
    child.expect(r"\r\n\r\n(.*)done\r\n")
    text = child.match.group(1)
    child.expect_exact("ready> ")
    return text.replace("\r\n", "\n")


def leave(child, status=0):
    child.sendline("exit %d" % status)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (status, None)


@pytest.fixture
def account(person):
    return Account(person)


@pytest.fixture
def cached(account):
    """The account, with a session that is kept."""
    done = account.person.run("--code", account.person.code(), "exec", "true")
    assert done.returncode == 0, done.stderr
    return account


def show(tmp_path):
    """A shell that shows its words."""
    path = tmp_path / "show"
    path.write_text("#!/bin/sh\nprintf '<%s>' \"$@\"\n")
    path.chmod(0o755)
    return str(path)


# --- how we are started -------------------------------------------------------

@pytest.mark.parametrize("zeroth, words, ours", [
    ("-aws-session", ["-c", "a  b"], ["-c", "a  b"]),
    ("-aws-session", ["status"], ["status"]),
    ("-aws-session", ["--help"], ["--help"]),
    ("-aws-session", ["-s", "--", "x"], ["-s", "--", "x"]),
    ("/usr/bin/aws-session", ["-c", "ls", "$0", ""], ["-c", "ls", "$0", ""]),
    ("aws-session", ["-c"], ["-c"]),
    ("aws-session", ["-lc", "ls"], ["-lc", "ls"]),
    ("aws-session", ["-l", "-i", "-c", "ls"], ["-l", "-i", "-c", "ls"]),
    ("aws-session", ["-ilc", "--help"], ["-ilc", "--help"]),
    ("aws-session-nothing", ["list"], ["list"]),
    ("/bin/aws-session-nothing", ["--version"], ["--version"]),
    ("-aws-session-nothing", [], []),
])
def test_words_are_the_shells(account, tmp_path, zeroth, words, ours):
    done = account.run(zeroth, *words, env={"SHELL": show(tmp_path)})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == "".join("<%s>" % word for word in ours) \
        or ours == [] and done.stdout == b"<>"


@pytest.mark.parametrize("words", [["--version"], ["-h"], ["--help"]])
def test_own_commands_also_where_shell_names_us(account, words):
    done = account.run("aws-session", *words)
    assert done.returncode == 0
    assert b"aws-session" in done.stdout


@pytest.mark.parametrize("words", [[], ["-s"], ["-x", "-s"], ["-l"]])
def test_without_our_words_where_shell_names_us(account, words):
    """su USER, a terminal program: argv[0] has no '-', and SHELL is we."""
    done = account.run("aws-session", *words, input=b"echo $0 $((6*7))\n")
    assert (done.returncode, done.stdout) == (0, b"bash 42\n")
    assert done.stderr in (b"", b"+ echo bash 42\n")


def test_a_wrong_option_stays_one(account):
    done = account.run("aws-session", "-x", env={"SHELL": "/bin/sh"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"unknown option -x" in done.stderr


def test_forced_command(account):
    """ForceCommand aws-session -l, with and without a command."""
    env = {"SHELL": "/bin/sh", "SSH_ORIGINAL_COMMAND":
           "echo $0; echo ${SSH_ORIGINAL_COMMAND-gone}; exit 5"}
    done = account.run("aws-session", "-l", env=env)
    assert (done.returncode, done.stdout, done.stderr) == (
        5, b"sh\ngone\n", b"")
    # In any other form it is what others forced, and stays.
    done = account.run("aws-session", "-c", "echo $SSH_ORIGINAL_COMMAND",
                       env={"SSH_ORIGINAL_COMMAND": "echo no"})
    assert done.stdout == b"echo no\n"
    done = account.run("-aws-session", env={"SSH_ORIGINAL_COMMAND": "echo no"},
                       input=b"echo yes\n")
    assert done.stdout == b"yes\n"


# --- as if the real shell had been started -----------------------------------

COMMANDS = [
    "printf 'a\\tb\\n'", "echo \"it's\"; echo '$HOME'", "exit 7",
    "kill -TERM $$", "kill -KILL $$", "exec cat", "nonexistent-command",
    "echo $0; echo \"$-\"; ulimit -a; umask; pwd; ls -l /proc/self/fd | wc -l",
    "grep -E '^(Sig[PBI]|Shd|Umask|Threads|NoNew)' /proc/self/status",
    "cat /proc/$$/task/$$/children", "ps -o nice= -p $$; exit 1", "\\", "'",
    "echo one\necho two # three", "# nothing", "",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("zeroth", ["-", ""])
def test_command_is_as_by_the_shell(account, zeroth, command):
    plain = account.run(zeroth + "bash", "-c", command, program=SHELL,
                        env={"SHELL": "/bin/bash"}, input=b"data\n\0\xff")
    done = account.run(zeroth + "aws-session", "-c", command,
                       input=b"data\n\0\xff")
    assert (done.returncode, done.stdout, done.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize("conditions", [
    "ignore%d ignore%d" % (signal.SIGINT, signal.SIGHUP),
    "ignore%d" % signal.SIGCHLD, "ignore%d" % signal.SIGPIPE,
    "block%d block%d" % (signal.SIGINT, signal.SIGTERM),
    "block%d" % signal.SIGCHLD, "close0", "close2", "close0 close1 close2",
    "limitCORE=0", "limitFSIZE=0", "limitMEMLOCK=0", "limitNOFILE=5",
])
def test_conditions_are_the_shells(account, conditions):
    command = "grep -E '^(Sig[PBI]|Shd)' /proc/$$/status; ulimit -c -f -l -n; " \
        "ls /proc/$$/fd"
    plain = account.run("bash", "-c", command, program=SHELL,
                        env={"SHELL": "/bin/bash"}, conditions=conditions)
    done = account.run("aws-session", "-c", command, conditions=conditions)
    assert (done.returncode, done.stdout, done.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


def test_environment_is_as_by_the_shell(account):
    env = {"ODD": "a\nb \udcff", "EMPTY": "", "AWS_PROFILE": "nobody",
           "AWS_SESSION_MFA_CODE": "123456", "IFS": "/"}
    plain = account.run("bash", "-c", "env -0", program=SHELL,
                        env=dict(env, SHELL="/bin/bash"))
    done = account.run("aws-session", "-c", "env -0", env=env)
    assert sorted(done.stdout.split(b"\0")) == sorted(
        plain.stdout.split(b"\0"))


def test_binary_data_both_ways(cached):
    data = os.urandom(3_000_000)
    done = cached.run("aws-session", "-c", "cat; cat /dev/null >&2",
                      input=data)
    assert (done.returncode, done.stdout == data, done.stderr) == (
        0, True, b"")


def test_long_command_of_any_bytes(account):
    command = b"printf %s '" + bytes(
        byte for byte in range(1, 256) if byte != 39) * 400 + b"'"
    plain = account.run("bash", "-c", command, program=SHELL)
    done = account.run("aws-session", "-c", command)
    assert done.stdout == plain.stdout and len(done.stdout) > 100000


def test_kept_session_without_a_terminal(cached, sts):
    sts.forget()
    done = cached.run("aws-session", "-c", "echo $AWS_ACCESS_KEY_ID $SHELL")
    assert done.stdout.decode().split() == [
        list(sts.store.sessions)[-1], "/bin/bash"]
    assert (done.returncode, done.stderr, sts.requests) == (0, b"", [])


def test_no_process_of_ours(cached):
    done = cached.run("-aws-session", "-c",
                      "ps -o ppid=,args= -s $(ps -o sid= -p $$)")
    assert b"aws-session" not in done.stdout


# --- on a terminal ------------------------------------------------------------

def test_asked_at_a_login(account, sts):
    child = account.login()
    child.expect(ASKED)
    child.sendline(account.person.code())
    child.expect_exact("ready> ")
    assert says(child, "echo $0 $SHELL $AWS_ACCESS_KEY_ID") == \
        "-bash /bin/bash %s\n" % list(sts.store.sessions)[-1]
    leave(child, 9)
    assert WITHOUT not in child.before


def test_kept_session_at_a_login(cached, sts):
    sts.forget()
    child = cached.login()
    child.expect_exact("ready> ")
    assert child.before == ""
    assert says(child, "echo $AWS_ACCESS_KEY_ID").strip() in sts.store.sessions
    leave(child)
    assert sts.requests == []


@pytest.mark.parametrize("how", ["enter", "ctrl-c", "ctrl-d", "ctrl-backslash",
                                 "half a code and ctrl-c"])
def test_question_is_skipped(account, how):
    child = account.login()
    child.expect(ASKED)
    if how == "enter":
        child.sendline("")
    elif how == "ctrl-d":
        child.sendeof()
    elif how == "ctrl-backslash":
        child.sendcontrol("\\")
    else:
        child.send("123" if "half" in how else "")
        child.sendintr()
    child.expect_exact("ready> ")
    lines = [line for line in child.before.splitlines() if line.strip()]
    assert lines[-1] == "aws-session: %sno MFA code was given; to get them " \
        "later: aws-session-refresh" % WITHOUT
    assert len(lines) <= 2      # ^C, and whatever was typed
    # The terminal and its signals are the shell's.
    key, modes, ignored = says(
        child, "echo ${AWS_ACCESS_KEY_ID-none}; stty -a | grep -co '^isig "
        "icanon .* echo '; grep SigIgn /proc/$$/status").splitlines()
    assert (key, modes) == ("none", "1")
    # GNU make lets us ignore 32 and 33, which are the C library's own.
    assert int(ignored.split()[1], 16) & 0x7fffffff == 0x384004
    child.sendline("sh -c 'echo slee''ping; exec sleep 1000'")
    child.expect_exact("sleeping\r\n")
    child.sendintr()
    child.expect_exact("ready> ")
    leave(child)


def test_stop_key_does_nothing_at_the_question(account):
    child = account.login()
    child.expect(ASKED)
    child.sendcontrol("z")
    child.sendline("12x")
    child.expect("six digits")
    child.expect(ASKED)
    child.sendline(account.person.code())
    child.expect_exact("ready> ")
    leave(child)


@pytest.mark.parametrize("kind, says_why", [
    ("wrong", "AWS refused the MFA code"),
    ("used", "This code has been used")])
def test_wrong_code_is_asked_again_then_skipped(account, kind, says_why):
    code = "000000"
    if kind == "used":
        code = account.person.code()
        account.person.run("--code", code, "exec", "true")
        account.person.run("clear")
    child = account.login()
    child.expect(ASKED)
    child.sendline(code)
    child.expect(says_why)
    child.expect("New MFA code: ")
    child.sendline("")
    child.expect(WITHOUT)
    child.expect_exact("ready> ")
    leave(child)


def children_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid),
              encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def wait_until(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it does not happen")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL,
                                    signal.SIGTERM])
def test_shell_when_our_child_dies(account, number):
    child = account.login()
    child.expect(ASKED)
    ours, = children_of(child.pid)
    os.kill(ours, number)
    child.expect(WITHOUT + "the process that gets the session was ended by "
                 "signal %d" % number)
    child.expect_exact("ready> ")
    leave(child)


def test_hangup_at_the_question_ends_all(account):
    child = account.login()
    child.expect(ASKED)
    ours, = children_of(child.pid)
    helpers = children_of(ours)
    child.close(force=False)
    wait_until(lambda: not any(os.path.exists("/proc/%d" % pid) and "Z" not in
                               open("/proc/%d/stat" % pid).read().split()[2]
                               for pid in [ours, *helpers]))
    assert not child.isalive()


def test_killed_login_leaves_nothing(account):
    child = account.login()
    child.expect(ASKED)
    ours, = children_of(child.pid)
    everyone = [ours, *children_of(ours)]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_until(lambda: not any(map(os.path.exists, (
        "/proc/%d" % pid for pid in everyone))))


def test_without_any_key_nothing_is_said(account):
    account.person.credentials.unlink()
    account.person.config.unlink()
    child = account.login()
    child.expect_exact("ready> ")
    assert child.before == ""
    leave(child)


def test_in_the_background_of_a_terminal(account):
    """Who is not in the foreground is not asked: it would stop."""
    child = pexpect.spawn("/bin/bash", ["--norc", "-i"], encoding="utf-8",
                          env=dict(account.env, PS1="outer> "), timeout=60)
    child.expect_exact("outer> ")
    child.sendline("set -m; '%s' -i & wait $!; echo sta''tus $?"
                   % account.person.program)
    child.expect("no kept session")
    child.expect("status")
    child.sendline("kill -9 %1; wait; exit")
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()


# --- whatever fails ------------------------------------------------------------

def is_sanitized(build):
    return make_variable(build, "SAN_CFLAGS") != ""


def breakage(kind, account, tmp_path):
    """Break something. Returns environment and conditions."""
    person = account.person
    if kind == "broken config":
        person.config.write_text("[default\n")
    elif kind == "config is a directory":
        person.config.unlink()
        person.config.mkdir()
    elif kind == "config is a pipe":
        person.config.unlink()
        os.mkfifo(person.config)
    elif kind == "unreadable file":
        person.config.unlink()
        person.config.symlink_to(person.config)
    elif kind == "no key":
        person.credentials.unlink()
    elif kind == "aws down":
        return {"AWS_ENDPOINT_URL": "https://127.0.0.1:1"}, ""
    elif kind == "wrong certificate":
        return {"AWS_CA_BUNDLE": "/dev/null"}, ""
    elif kind == "little memory" and is_sanitized(person.build):
        return {}, ""           # the sanitizers need more
    return ENVIRONMENTS.get(kind, ({}, ""))


ENVIRONMENTS = {
        "no home": ({"HOME": None}, ""),
        "home is no directory": ({"HOME": "/dev/null"}, ""),
        "broken locale": ({"LC_ALL": "xx_YY.nothing", "LANG": "\udcff"}, ""),
        "no TERM": ({"TERM": None}, ""),
        "wrong variable": ({"AWS_SESSION_DURATION": "never"}, ""),
        "unknown profile": ({"AWS_PROFILE": "nobody"}, ""),
        "nothing may be asked": ({"AWS_SESSION_NO_PROMPT": "1"}, ""),
        "no process": ({}, "limitNPROC=0"),
        "no descriptor": ({}, "limitNOFILE=4"),
        "no file": ({}, "limitFSIZE=0"),
        "little memory": ({}, "limitAS=30000000"),
        "no stack": ({}, "limitSTACK=300000"),
        "signals blocked": ({}, " ".join(
            "block%d" % number for number in range(1, 32))),
        "signals ignored": ({}, " ".join(
            "ignore%d" % number for number in range(1, 32)
            if number not in (9, 19))),
}
KINDS = ["broken config", "config is a directory", "config is a pipe",
         "unreadable file", "no key", "aws down", "wrong certificate",
         *ENVIRONMENTS]


# What the line says of it.
REASONS = {"broken config": "/.aws/config, line 1: ",
           "no key": "profile default has no access key",
           "aws down": "no connection to 127.0.0.1:1"}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_the_command_runs(account, tmp_path, kind):
    env, conditions = breakage(kind, account, tmp_path)
    plain = account.run("bash", "-c", "echo $((6*7)); echo e >&2; exit 3",
                        program=SHELL, env=env, conditions=conditions)
    done = account.run("aws-session", "-c",
                       "echo $((6*7)); echo e >&2; exit 3", env=env,
                       conditions=conditions)
    assert (done.returncode, done.stdout, done.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_there_is_a_shell(account, tmp_path, kind):
    env, conditions = breakage(kind, account, tmp_path)
    child = account.login(env=dict(env, BASH_ENV="", PROMPT_COMMAND=
                                   "PS1='ready> '"), conditions=conditions)
    if child.expect(["ready> ", ASKED]) == 1:
        child.sendline("123456" if kind == "aws down" else "")
        child.expect_exact("ready> ")
    said = [line for line in child.before.splitlines()
            if line.startswith("aws-session: ")]
    if kind in ("no home", "home is no directory"):
        assert said == []       # there is no key then
    else:
        assert said[-1].startswith("aws-session: " + WITHOUT)
        assert REASONS.get(kind, "") in said[-1]
        assert said[-1].endswith("; to get them later: aws-session-refresh")
    child.sendline("exec echo the e''nd")
    child.expect("the end")


# --- which shell ---------------------------------------------------------------

def configure(account, text, mode=0o600):
    path = account.person.home / ".config" / "aws-session" / "config"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def which(account, **options):
    """argv[0] and path of the shell, and what SHELL says in it."""
    done = account.run("aws-session", "-c", 'echo "$0 $SHELL"', **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().strip()


def test_shell_of_the_variable(account):
    assert which(account, env={"SHELL": "/bin/dash"}) == "dash /bin/dash"


def test_shell_of_the_user(account, tmp_path):
    configure(account, "# mine\n\n  shell =  /bin/dash \n")
    assert which(account) == "dash /bin/dash"
    assert which(account, env={"HOME": None, "XDG_CONFIG_HOME": str(
        account.person.home / ".config")}) == "dash /bin/dash"
    # XDG_CONFIG_HOME must be absolute.
    assert which(account, env={"XDG_CONFIG_HOME": "."}) == "dash /bin/dash"
    assert which(account, env={"XDG_CONFIG_HOME": str(tmp_path)}) == \
        "bash /bin/bash"


@pytest.mark.parametrize("text, mode, why", [
    ("shell = /bin/dash\n", 0o622, "is not trusted"),
    ("shell = /bin/dash\n", 0o620, "is not trusted"),
    ("shell = dash\n", 0o600, "line 1: shell takes the path of a shell"),
    ("\nshell /bin/dash\n", 0o600, "line 2: .* not of the form NAME = VALUE"),
    ("shel = /bin/dash\n", 0o600, 'no setting is called "shel"'),
    ("shell = /bin/cat\n", 0o600, "/bin/cat .* is not in /etc/shells"),
    ("shell = /" + 1000 * "x", 0o600, "shell takes the path"),
    ("#" + 1022 * "x" + "shell = /bin/dash\n", 0o600, "line 1 is too long"),
])
def test_shell_of_the_user_is_refused(cached, text, mode, why):
    configure(cached, text, mode)
    assert which(cached) == "bash /bin/bash"
    child = cached.login()
    child.expect("aws-session: .*%s[^\r]*\r\n" % why)
    child.expect_exact("ready> ")
    leave(child)


def test_shell_file_of_somebody_else(cached):
    if os.getuid() != 0:
        pytest.skip("needs root: a file of another user")
    os.chown(configure(cached, "shell = /bin/dash\n"), 1, -1)
    assert which(cached) == "bash /bin/bash"


@pytest.mark.parametrize("zeroth, shown", [
    ("aws-session-dash", "dash /bin/dash"), ("-aws-session-dash",
                                             "-dash /bin/dash"),
    ("/usr/bin/aws-session-bash", "bash /bin/bash"),
    ("aws-session-nothing", "bash /bin/bash")])
def test_shell_of_the_link(account, zeroth, shown):
    configure(account, "shell = /bin/bash\n")
    done = account.run(zeroth, "-c", 'echo "$0 $SHELL"')
    assert done.stdout.decode() == shown + "\n"


def test_link_of_an_unknown_shell(cached):
    child = cached.login(zeroth="-aws-session-nothing")
    child.expect("aws-session: no shell called nothing is in /etc/shells: "
                 "taking another one\r\n")
    child.expect_exact("ready> ")
    leave(child)


@pytest.mark.parametrize("kind", ["itself", "link", "missing", "directory",
                                  "relative", "not executable"])
def test_never_itself(account, tmp_path, kind):
    path = {"itself": account.person.program, "missing": "/nonexistent",
            "directory": "/bin", "relative": "bin/dash",
            "not executable": "/etc/passwd",
            "link": str(tmp_path / "shell")}[kind]
    (tmp_path / "shell").symlink_to(account.person.program)
    assert which(account, env={"SHELL": path}) == "bash /bin/bash"


@pytest.mark.parametrize("text", ["#!/nonexistent/interpreter\n", "\0", ""])
def test_broken_shell(cached, tmp_path, text):
    path = tmp_path / "broken"
    path.write_text(text)
    path.chmod(0o755)
    assert which(cached, env={"SHELL": str(path)}) == "bash /bin/bash"
    child = cached.login(env={"SHELL": str(path)})
    child.expect("aws-session: cannot run the shell %s: .*; taking /bin/bash"
                 % path)
    child.expect_exact("ready> ")
    leave(child)
