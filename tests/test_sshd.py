"""The login shell on a real sshd, with real users, PAM and keyrings."""

import os
import re
import shutil
import subprocess

import pexpect
import pytest

from conftest import leaks
from machine import (  # noqa: F401 pylint: disable=W0611
    SERVICE, machine, needs_root)
from sshd import SERVICES, TOOLS, Server, fill_keyring, on_a_terminal
from test_login_shell import ASKED, WITHOUT, says

pytestmark = [*needs_root, pytest.mark.skipif(
    not TOOLS["sshd"] or not TOOLS["ssh"], reason="needs an OpenSSH server")]


@pytest.fixture(scope="module")
def server(machine):                            # noqa: F811
    """sshd; Alice and Carol have the wrapper, Mallory has bash."""
    running = Server(machine)
    running.set_shell("alice", machine.program)
    running.set_shell("carol", machine.program)
    running.set_shell("mallory", "/bin/bash")
    for user in ("alice", "mallory", "carol"):
        machine.put("/home/%s/.bash_profile" % user, "PS1='ready> '\n")
        machine.put("/home/%s/.inputrc" % user,
                    "set enable-bracketed-paste off\n")
    yield running
    running.close()


class Guest:
    """Alice, who logs in; the emulator is AWS for her."""

    def __init__(self, server, sts):
        self.server, self.machine, self.sts = server, server.machine, sts
        self.said = []
        self.write(sts.url)

    def write(self, url, user="alice"):
        home = self.machine.path("/home/%s/.aws" % user)
        shutil.rmtree(home, ignore_errors=True)
        os.mkdir(home)
        os.chown(home, self.machine.uids[user], -1)
        key, device = self.sts.alice.keys[0], self.sts.alice.devices[0]
        with open(self.sts.ca_file, "rb") as file:
            self.machine.put("/home/%s/.aws/ca.pem" % user, file.read())
        self.machine.put(
            "/home/%s/.aws/credentials" % user,
            "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
            % (key.id, key.secret), owner=user, mode=0o600)
        self.machine.put(
            "/home/%s/.aws/config" % user,
            "[default]\nmfa_serial = %s\nendpoint_url = %s\n"
            "ca_bundle = /home/%s/.aws/ca.pem\n" % (device.serial, url, user))

    def get_session(self, user="alice"):
        """A session that is kept, as from an earlier login."""
        done = self.machine.run(
            self.machine.program, "--code", self.sts.code("alice"), "exec",
            "true", user=user)
        assert done.returncode == 0, done.stderr
        return list(self.sts.store.sessions)[-1]

    def run(self, *words, **options):
        done = self.server.run(*words, **options)
        self.said.append((done.stdout + done.stderr).decode(errors="replace"))
        return done


@pytest.fixture
def guest(server, sts):
    someone = Guest(server, sts)
    yield someone
    server.machine.clear_keys("alice")
    assert leaks("\n".join(someone.said), sts.secrets) == []
    try:
        server.wait_until_alone()
    finally:
        server.end_all()


@pytest.fixture
def policy(server):
    """Write the policy; it is gone afterwards."""
    yield lambda text: server.machine.put(server.machine.policy, text)
    if os.path.exists(server.machine.path(server.machine.policy)):
        os.unlink(server.machine.path(server.machine.policy))


def ready(child):
    child.expect_exact("ready> ")


def leave(child, status=0):
    child.sendline("exit %d" % status)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status


# --- with a terminal ----------------------------------------------------------

def test_login_asks_then_finds_the_session(guest, server, sts):
    child = server.login()
    child.expect(ASKED)
    child.sendline(sts.code("alice"))
    ready(child)
    first = says(child, "echo $0 $SHELL $AWS_ACCESS_KEY_ID")
    assert first == "-bash /bin/bash %s\n" % list(sts.store.sessions)[-1]
    # While it is there, and when it has gone, others have the session.
    assert guest.run("echo $AWS_ACCESS_KEY_ID").stdout.decode().split() == \
        first.split()[2:]
    leave(child, 4)
    server.wait_until_alone()
    child = server.login()
    ready(child)
    assert says(child, "echo $0 $SHELL $AWS_ACCESS_KEY_ID") == first
    leave(child)
    assert len(sts.requests) == 1


@pytest.mark.parametrize("how", ["enter", "ctrl-c"])
def test_login_skips(guest, server, how):
    child = server.login()
    child.expect(ASKED)
    if how == "enter":
        child.sendline("")
    else:
        child.sendintr()
    child.expect(WITHOUT + "no MFA code was given; to get them later")
    ready(child)
    leave(child)


def test_disconnected_at_the_question(guest, server):
    child = server.login()
    child.expect(ASKED)
    child.close(force=True)
    server.wait_until_alone()


SAME = r"""
grep -E '^(Name|Umask|TracerPid|Threads|Sig[PBI]|Shd|Cap|NoNew|Secc)' \
    /proc/$$/status
ulimit -a; stty -a; tr '\0' ' ' < /proc/$$/cmdline; echo; jobs
for fd in /proc/$$/fd/*; do echo ${fd##*/}; done
"""


def tree(server, user):
    """The processes of a login, and what they have, without what differs by
    the name of the user and the number of the terminal."""
    server.machine.put("/home/%s/same" % user, SAME)
    child = server.login(user=user)
    ready(child)
    found = sorted(line.replace(user, "USER").split("/", 1)[0]
                   for line in server.processes(user).values())
    status = says(child, ". ./same")
    leave(child)
    server.wait_until_alone(user)
    return found, status.splitlines()


def test_login_is_as_one_of_bash(guest, server):
    guest.get_session()
    plain, ours = tree(server, "mallory"), tree(server, "alice")
    assert ours == plain
    assert len(plain[0]) == 2 and len(plain[1]) > 30


def test_environment_is_as_that_of_bash(guest, server):
    """But for the session, and what names the user or the connection."""
    guest.get_session()

    def variables(user):
        lines = guest.server.run("env", user=user, options=["-o", "SendEnv=GREETING"],
                          env={"GREETING": "hello"}).stdout.decode()
        return {line.replace(user, "USER") for line in lines.splitlines()
                if not line.startswith(("AWS_", "SSH_"))}
    assert variables("alice") == variables("mallory")
    assert "GREETING=hello" in variables("alice")


def test_second_login_while_the_first_is_asked(guest, server, sts, policy):
    """It says where the question is, waits its time and goes on without; then
    it has the session of the first for the asking."""
    policy("login_timeout = 1\n")
    first = server.login()
    first.expect(ASKED)
    second = server.login()
    second.expect("waiting: the MFA code is asked on /dev/pts/")
    second.expect(WITHOUT + "no session within 1 seconds")
    ready(second)
    first.sendline(sts.code("alice"))
    ready(first)
    assert says(second, "aws-session-refresh; echo $AWS_SESSION_PROFILE") == \
        "default\n"
    assert len(sts.requests) == 1
    leave(first)
    leave(second)


# --- without ----------------------------------------------------------------

@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("command", [
    "exit 7", "kill -TERM $$", "echo out; echo err >&2", "echo $0 $- $SHLVL",
    "tty", "nonexistent-command", "exec 3<&0; cat <&3; ls /proc/self/fd"])
def test_commands_are_as_by_bash(guest, command, cached):
    if cached:
        guest.get_session()
    plain = guest.run(command, user="mallory", data=b"x\n")
    done = guest.run(command, data=b"x\n")
    assert (done.returncode, done.stdout, done.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


def test_commands_on_standard_input(guest):
    """ssh without a command and without a terminal: a login shell."""
    plain = guest.run(data=b"echo $0; exit 3\n", user="mallory")
    done = guest.run(data=b"echo $0; exit 3\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"-bash\n",
                                                           plain.stderr)


def test_binary_data(guest):
    data = os.urandom(5_000_000)
    done = guest.run("cat", data=data)
    assert (done.returncode, done.stdout == data, done.stderr) == (
        0, True, b"")


def test_terminal_for_a_command(guest, server):
    """ssh -t HOST COMMAND asks nothing."""
    child = server.login("tty; echo $- $0; read x; echo \"<$x>\"; exit 5")
    child.expect(r"^/dev/pts/\d+\r\n[a-zA-Z]+ bash\r\n")
    child.sendline("typed")
    child.expect("<typed>\r\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 5


@pytest.mark.parametrize("tool", ["scp", "scp -O", "sftp", "rsync", "git"])
def test_copies(guest, server, tmp_path, tool):
    name, *more = tool.split()
    if not TOOLS[name]:
        pytest.skip("needs " + name)
    port, where = str(server.port), "alice@127.0.0.1:"
    there = "/home/alice/copies"
    os.mkdir(server.machine.path(there))
    os.chown(server.machine.path(there), server.machine.uids["alice"], -1)
    data = os.urandom(5_000_000)
    (tmp_path / "a").write_bytes(data)

    def call(*words, **options):
        done = subprocess.run(words, env=dict(
            server.env, GIT_SSH_COMMAND=server.transport(),
            GIT_CONFIG_GLOBAL="/dev/null"), cwd=tmp_path, timeout=120,
            stdin=options.pop("stdin", subprocess.DEVNULL) if "input" not in
            options else None, capture_output=True, check=False, **options) \
            if "input" not in options else subprocess.run(
                words, env=server.env, cwd=tmp_path, timeout=120,
                capture_output=True, check=False, **options)
        assert (done.returncode, done.stderr) == (0, b""), done
        return done.stdout

    try:
        if name == "scp":
            options = [*server.options, *more, "-q", "-P", port]
            call(TOOLS["scp"], *options, "a", where + there)
            call(TOOLS["scp"], *options, where + there + "/a", "b")
        elif name == "sftp":
            call(TOOLS["sftp"], *server.options, "-q", "-P", port, "-b", "-",
                 where + there, input=b"put a\nget a b\n")
        elif name == "rsync":
            options = ["-a", "--checksum", "-e", server.transport()]
            call(TOOLS["rsync"], *options, "a", where + there)
            call(TOOLS["rsync"], *options, where + there + "/a", "b")
            call(TOOLS["rsync"], *options, "a", where + there)
        else:
            url = "ssh://alice@127.0.0.1:%s%s/x.git" % (port, there)
            guest.run("git init -q --bare %s/x.git" % there)
            call(TOOLS["git"], "init", "-q", "one")
            shutil.copy(tmp_path / "a", tmp_path / "one" / "a")
            call(TOOLS["git"], "-C", "one", "add", "a")
            call(TOOLS["git"], "-C", "one", "-c", "user.name=a", "-c",
                 "user.email=a@b", "commit", "-q", "-m", "a")
            call(TOOLS["git"], "-C", "one", "push", "-q", url, "HEAD:main")
            call(TOOLS["git"], "clone", "-q", "-b", "main", url, "two")
            shutil.copy(tmp_path / "two" / "a", tmp_path / "b")
        assert (tmp_path / "b").read_bytes() == data
    finally:
        shutil.rmtree(server.machine.path(there))


def test_shared_connection(guest, server):
    """ControlMaster: several sessions over one connection."""
    control = ["-o", "ControlPath=%s/control" % server.ours]
    master = server.start("-N", options=[*control, "-M"],
                          stdin=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            if guest.run(options=[*control, "-O", "check"]).returncode == 0:
                break
        for number in range(3):
            assert guest.run("exit %d" % number,
                             options=control).returncode == number
    finally:
        guest.run(options=[*control, "-O", "exit"])
        master.wait(timeout=30)


def test_agent_is_forwarded(guest, server):
    started = subprocess.run([TOOLS["ssh-agent"], "-s"], env=server.env,
                             capture_output=True, text=True, check=True)
    agent = dict(word.split("=", 1) for word in
                 started.stdout.replace(";", " ").split() if "=" in word)
    try:
        subprocess.run([TOOLS["ssh-add"], "-q", server.ours + "/user"],
                       env=dict(server.env, **agent), check=True)
        done = guest.run("ssh-add -l", options=["-A"], env=agent)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"ED25519" in done.stdout
    finally:
        subprocess.run(["kill", agent["SSH_AGENT_PID"]], check=True)


def test_playbook(guest, server, tmp_path):
    """Ansible with pipelining: its modules come by standard input."""
    if not TOOLS["ansible-playbook"]:
        pytest.skip("needs ansible-core")
    guest.get_session()
    (tmp_path / "play.yml").write_text("""
- hosts: all
  gather_facts: false
  tasks:
    - ping:
    - command: printenv AWS_SESSION_PROFILE
      register: said
    - assert: {that: said.stdout == "default"}
""")
    done = subprocess.run(
        [TOOLS["ansible-playbook"], "-i", "127.0.0.1,", "-u", "alice",
         str(tmp_path / "play.yml")], cwd=tmp_path, capture_output=True,
        text=True, check=False, timeout=240, env=dict(
            server.env, HOME=str(tmp_path), ANSIBLE_PIPELINING="True",
            ANSIBLE_NOCOLOR="1", ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
            ANSIBLE_REMOTE_PORT=str(server.port), ANSIBLE_SSH_ARGS=" ".join(
                server.options), LC_ALL="C.UTF-8"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok=3" in done.stdout


def test_twenty_at_once(guest, server):
    guest.get_session()
    running = [server.start("echo $AWS_SESSION_PROFILE; exit 3",
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE) for _ in range(20)]
    ended = [(*process.communicate(timeout=120), process.returncode)
             for process in running]
    assert set(ended) == {(b"default\n", b"", 3)}


# --- other ways in -------------------------------------------------------------

def test_forced_command(guest, server):
    """Carol's logins are forced; what she asks for is run."""
    done = guest.run("echo $0 $SHELL; exit 5", user="carol")
    assert (done.returncode, done.stdout, done.stderr) == (
        5, b"bash /bin/bash\n", b"")
    child = server.login(user="carol")
    ready(child)
    assert says(child, "echo $0 $SHELL") == "-bash /bin/bash\n"
    leave(child, 6)
    done = subprocess.run(
        [TOOLS["sftp"], *server.options, "-q", "-P", str(server.port), "-b",
         "-", "carol@127.0.0.1"], input=b"pwd\n", env=server.env,
        capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"/home/carol" in done.stdout
    server.wait_until_alone("carol")


WAYS = {
    "su - USER": ["su", "-", "alice"],
    "su USER": ["su", "alice"],
    "sudo -i -u USER": ["sudo", "-i", "-u", "alice"],
    "login -f USER": ["login", "-f", "alice"],
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_in_on_a_terminal(guest, server, sts, way):
    name, *words = WAYS[way]
    if not TOOLS[name]:
        pytest.skip("needs " + name)
    child = on_a_terminal(server, TOOLS[name], *words)
    child.expect(ASKED)
    child.sendline("")
    child.expect(WITHOUT)
    child.sendline("PS1=rea''dy\\>\\ ")
    ready(child)
    shell = "bash" if way == "su USER" else "-bash"
    assert says(child, "echo $0 $SHELL $(id -un)") == \
        "%s /bin/bash alice\n" % shell
    # Ctrl-C is the shell's, and so is job control.
    child.sendline("sh -c 'echo slee''ping; exec sleep 1000'")
    child.expect_exact("sleeping\r\n")
    child.sendcontrol("z")
    child.expect("Stopped")
    ready(child)
    child.sendline("fg")
    child.expect("sleep 1000'\r\n")
    child.sendintr()
    ready(child)
    child.sendline("exit 0")
    child.expect(pexpect.EOF)
    child.close()


@pytest.mark.parametrize("words", [
    ["su", "alice", "-c", "echo $0 $AWS_SESSION_PROFILE; exit 7"],
    ["su", "-", "alice", "-c", "echo $0 $AWS_SESSION_PROFILE; exit 7"],
    ["sudo", "-i", "-u", "alice", "sh", "-c",
     "echo -bash $AWS_SESSION_PROFILE; exit 7"],
])
def test_ways_in_with_a_command(guest, server, words):
    if not TOOLS[words[0]]:
        pytest.skip("needs " + words[0])
    guest.get_session()
    done = server.machine.run(TOOLS[words[0]], *words[1:], user="root")
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout in ("bash default\n", "-bash default\n")


def test_as_by_cron(guest, server):
    """SHELL= of a crontab: few variables, no keyring of the login."""
    guest.get_session()
    done = server.machine.run(
        server.machine.program, "-c", "echo $0 $AWS_SESSION_PROFILE; exit 2",
        env={"SHELL": server.machine.program, "HOME": "/home/alice",
             "LOGNAME": "alice", "PATH": "/usr/bin:/bin"}, session=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        2, "bash default\n", "")


def test_root_is_let_through(server, policy):
    policy("require_session = yes\n")
    done = server.machine.run(server.machine.program, "-c", "echo $((6*7))",
                              user="root")
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_tmux_survives_the_logout(guest, server, sts):
    """Its shells are ours, with the session also after the login's keyring
    was revoked; so is a job of nohup."""
    if not TOOLS["tmux"]:
        pytest.skip("needs tmux")
    child = server.login()
    child.expect(ASKED)
    child.sendline(sts.code("alice"))
    ready(child)
    profile = list(sts.store.sessions)[-1]
    says(child, "mkfifo go; nohup sh -c 'read x < go; %s exec --cached "
         "printenv AWS_ACCESS_KEY_ID > nohup.said; echo > nohup.done' "
         "> /dev/null 2>&1 & true" % server.machine.program)
    says(child, "tmux -f /dev/null new-session -d -s kept; tmux set -g "
         "default-shell %s" % server.machine.program)
    leave(child)
    guest.run("echo > go; while [ ! -e nohup.done ]; do sleep 0.1; done")
    assert guest.run("cat nohup.said").stdout.decode().strip() == profile
    text = "keyctl show @s > keyring 2>&1; echo $0 $SHELL " \
        "$AWS_ACCESS_KEY_ID > tmux.part; mv tmux.part tmux.said"
    guest.run("tmux new-window -t kept; tmux send-keys -t kept '%s' Enter; "
              "while [ ! -e tmux.said ]; do sleep 0.1; done; true" % text)
    assert guest.run("cat tmux.said").stdout.decode() == \
        "-bash /bin/bash %s\n" % profile
    assert b"revoked" in guest.run("cat keyring").stdout.lower()
    guest.run("tmux kill-server; rm -f go nohup.* tmux.said keyring")


@pytest.mark.parametrize("scope, found", [("user", True), ("session", False),
                                          ("none", False)])
def test_a_new_login_by_cache_scope(guest, server, sts, policy, scope, found):
    policy("cache_scope = %s\n" % scope)
    log_in_with_a_code(server, sts)
    done = guest.run("echo ${AWS_SESSION_PROFILE-none}")
    assert done.stdout == (b"default\n" if found else b"none\n")


# --- whatever fails ------------------------------------------------------------


def test_required_session(guest, server, sts, policy):
    policy("require_session = yes\n")
    done = guest.run("echo no")
    assert (done.returncode, done.stdout) == (123, b"")
    assert done.stderr.startswith(b"aws-session: no login without an AWS "
                                  b"session on this machine")
    assert done.stderr.count(b"\n") == 1
    child = server.login()
    child.expect(ASKED)
    child.sendline("")
    child.expect("no login without an AWS session on this machine "
                 r"\(require_session = yes\): no MFA code was given")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 125
    child = server.login()
    child.expect(ASKED)
    child.sendline(sts.code("alice"))
    ready(child)
    leave(child)
    assert guest.run("echo yes").stdout == b"yes\n"


def test_broken_policy_locks_nobody_out(guest, server, policy):
    policy("require_session = yes\nrequire_session = perhaps\n")
    assert guest.run("echo yes").stdout == b"yes\n"
    child = server.login()
    child.expect(WITHOUT + "[^\r]* line 2: require_session ")
    ready(child)
    leave(child)


def test_shell_of_the_policy(guest, server, policy):
    guest.get_session()
    policy("shell = /bin/dash\n")
    assert guest.run("echo $0 $SHELL").stdout == b"dash /bin/dash\n"
    policy("shell = /nonexistent/shell\n")
    assert guest.run("echo $0 $SHELL").stdout == b"bash /bin/bash\n"
    child = server.login()
    child.expect("aws-session: /nonexistent/shell is no shell that can be run:"
                 " taking another one\r\n")
    ready(child)
    leave(child)


@pytest.mark.parametrize("fault", ["close-accept", "stall-handshake",
                                   "close-before", "throttle"])
def test_aws_in_trouble(guest, server, sts, policy, fault):
    """The limit, and not the emulator's patience, brings the shell: it would
    stall for an hour."""
    policy("login_timeout = 1\n")
    sts.fault(fault, count=100, **({"seconds": 3600} if "stall" in fault
                                   else {}))
    assert guest.run("echo yes").stdout == b"yes\n"
    child = server.login()
    if child.expect([WITHOUT, ASKED]) == 1:
        child.sendline(sts.code("alice"))
        child.expect(WITHOUT)
    ready(child)
    leave(child)
    server.wait_until_alone()


def test_helper_hangs(guest, server, policy):
    """A signer that never answers, as with a kernel that does not."""
    policy("login_timeout = 1\n")
    signer = server.machine.path(server.machine.signer)
    os.rename(signer, signer + ".away")
    try:
        server.machine.put(server.machine.signer,
                           "#!/bin/sh\nexec sleep 10000\n", mode=0o755)
        child = server.login()
        child.expect(WITHOUT + "no session within 1 seconds; to get them")
        ready(child)
        leave(child)
        server.wait_until_alone()
    finally:
        os.replace(signer + ".away", signer)


@pytest.mark.parametrize("name", ["aws-session-sign", "aws-session-sts"])
def test_missing_helper(guest, server, sts, name):
    path = os.path.join(os.path.dirname(server.machine.path(
        server.machine.signer)), name)
    os.rename(path, path + ".away")
    try:
        assert guest.run("echo yes").stdout == b"yes\n"
        child = server.login()
        if child.expect([WITHOUT, ASKED]) == 1:
            child.sendline(sts.code("alice"))
            child.expect(WITHOUT)
        child.expect("cannot start .*; install aws-session again")
        ready(child)
        leave(child)
    finally:
        os.rename(path + ".away", path)


def test_no_home(guest, server):
    home = server.machine.path("/home/alice")
    os.rename(home, home + ".away")
    try:
        assert guest.run("echo yes").stdout == b"yes\n"
        child = server.login()
        child.sendline("echo rea''dy\\>\\ ")
        ready(child)
        leave(child)
    finally:
        os.rename(home + ".away", home)


def log_in_with_a_code(server, sts):
    """Asked on the terminal, and the session is there."""
    child = server.login()
    child.expect(ASKED)
    child.sendline(sts.code("alice"))
    ready(child)
    assert says(child, "echo $AWS_SESSION_PROFILE") == "default\n"
    leave(child)


def test_service_user_missing(guest, server, sts):
    """The signer is setuid to an id that has no name."""
    path = server.machine.path("/etc/passwd")
    with open(path, encoding="utf-8") as file:
        kept = file.read()
    server.machine.put("/etc/passwd", re.sub(
        "(?m)^%s:.*\n" % SERVICE, "", kept))
    try:
        assert guest.run("echo yes").stdout == b"yes\n"
        log_in_with_a_code(server, sts)
    finally:
        server.machine.put("/etc/passwd", kept)


def test_disk_full(guest, server, sts):
    """Nothing can be written anywhere, and nothing has to be."""
    done = server.machine.run("sh", "-ec", """
        for at in /run/user /tmp /home/alice/.config; do
            mkdir -p $at; mount -t tmpfs -o size=4k,mode=1777 full $at
            head -c 4096 /dev/zero >$at/all
        done
        """, user="root")
    assert done.returncode == 0, done.stderr
    try:
        assert guest.run("echo yes").stdout == b"yes\n"
        log_in_with_a_code(server, sts)
        assert guest.run("echo $AWS_SESSION_PROFILE").stdout == b"default\n"
    finally:
        server.machine.run("umount", "/run/user", "/tmp",
                           "/home/alice/.config", user="root")


def test_keyring_full(guest, server, sts, policy):
    """No room for the session: it works and is not kept."""
    policy("login_timeout = 5\n")
    child = server.login()
    child.expect(ASKED)
    server.machine.call(fill_keyring, user="alice")
    child.sendline(sts.code("alice"))
    child.expect("the session works but is not kept")
    ready(child)
    assert says(child, "echo $AWS_SESSION_PROFILE") == "default\n"
    leave(child)
