"""A real sshd on a loopback port, on the machine of machine.py.

It has PAM services that are written here, and keys that exist for this run
only. People
log in with the wrapper as their login shell, or with a plain shell to compare.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pexpect

import kernel_keys

TOOLS = {name: shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
         for name in ("sshd", "ssh", "ssh-keygen", "ssh-add", "ssh-agent",
                      "scp", "sftp", "rsync", "git", "tmux", "su", "sudo",
                      "login", "ansible-playbook", "script")}
SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server",
                "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server")

# Root becomes anybody; everybody else comes by key. A login has a session
# keyring of its own, revoked at its end: the worst case for what stays.
PAM = """auth sufficient pam_rootok.so
auth required pam_deny.so
account required pam_permit.so
session optional pam_keyinit.so force revoke
session required pam_permit.so
"""
SERVICES = ("sshd", "su", "su-l", "sudo", "sudo-i", "login", "remote")

CONFIG = """ListenAddress 127.0.0.1
Port {port}
HostKey {directory}/host
PidFile none
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {directory}/authorized
StrictModes no
PrintMotd no
PrintLastLog no
UseDNS no
MaxStartups 1000
MaxSessions 1000
AcceptEnv GREETING
Subsystem sftp {sftp}
Match User carol
    ForceCommand {program} -l
"""

START = """
mkdir -p /run/sshd /var/empty /var/lib/sshd /var/chroot/ssh
exec "$0" -D -e -f "$1"
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill_keyring():
    """In a process of a user: until nothing goes in any more."""
    number = 0
    try:
        while number < 10000:
            kernel_keys.add_key(b"user", b"fill%d" % number, b"x" * 500, 500,
                                kernel_keys.USER)
            number += 1
    except OSError:
        pass
    return number


def on_a_terminal(server, *words):
    """As root on a terminal of its own, on the machine."""
    return pexpect.spawn(
        shutil.which("nsenter"), ["--mount=/proc/%d/ns/mnt"
                                  % server.machine.holder.pid, *words],
        timeout=60, encoding="utf-8", dimensions=(24, 300),
        env=server.machine.environment("root"))


class Server:
    """See above."""

    config = CONFIG

    def __init__(self, machine, **variables):
        """variables: what sshd has in its environment besides the usual."""
        self.machine = machine
        self.port = free_port()
        self.ours = tempfile.mkdtemp(prefix="sshd-")    # the client's files
        self.theirs = "/etc/" + os.path.basename(self.ours)
        os.mkdir(machine.path(self.theirs))
        for name in ("host", "user"):
            subprocess.run([TOOLS["ssh-keygen"], "-q", "-t", "ed25519", "-N",
                            "", "-f", self.ours + "/" + name], check=True)
        with open(self.ours + "/host", "rb") as file:
            machine.put(self.theirs + "/host", file.read(), mode=0o600)
        with open(self.ours + "/user.pub", "rb") as file:
            machine.put(self.theirs + "/authorized", file.read())
        machine.put(self.theirs + "/config", self.config.format(
            port=self.port, directory=self.theirs, program=machine.program,
            sftp=next(filter(os.path.exists, SFTP_SERVERS))))
        os.makedirs(machine.path("/etc/pam.d"), exist_ok=True)
        for service in SERVICES:
            machine.put("/etc/pam.d/" + service, PAM)
        self.log = open(self.ours + "/log", "w+", encoding="utf-8")
        self.process = machine.popen(
            "sh", "-ec", START, TOOLS["sshd"],
            self.theirs + "/config", user="root", stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log,
            env=dict(machine.environment("root"), **variables))
        self.wait()
        self.options = ["-F", "/dev/null", "-i", self.ours + "/user", "-o",
                        "UserKnownHostsFile=" + self.ours + "/known", "-o",
                        "GlobalKnownHostsFile=/dev/null", "-o",
                        "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
                        "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
        self.env = {"PATH": "/usr/bin:/bin", "HOME": self.ours,
                    "TERM": "xterm", "LANG": "C.UTF-8"}

    def wait(self):
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(
                    ("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.log.seek(0)
        raise AssertionError("no sshd: " + self.log.read())

    def set_shell(self, user, shell):
        """The login shell of a user."""
        with open(self.machine.path("/etc/passwd"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.machine.put("/etc/passwd", "".join(
            (line.rsplit(":", 1)[0] + ":" + shell
             if line.startswith(user + ":") else line) + "\n"
            for line in lines))

    def command(self, *options, user="alice"):
        return [TOOLS["ssh"], *self.options, "-p", str(self.port), *options,
                user + "@127.0.0.1"]

    def run(self, *words, user="alice", options=(), data=None, env=None,
            timeout=120):
        """ssh USER@HOST WORDS without a terminal; the output is bytes."""
        streams = {"stdin": subprocess.DEVNULL} if data is None else {
            "input": data}
        return subprocess.run(
            [*self.command(*options, user=user), *words], check=False,
            env=dict(self.env, **(env or {})), timeout=timeout,
            capture_output=True, **streams)

    def start(self, *words, user="alice", options=(), **streams):
        return subprocess.Popen([*self.command(*options, user=user), *words],
                                env=self.env, **streams)

    def login(self, *words, user="alice", options=()):
        """ssh -t on a terminal of its own."""
        first, *rest = self.command("-tt", *options, user=user)
        return pexpect.spawn(first, [*rest, *words], env=self.env,
                             encoding="utf-8", timeout=60,
                             dimensions=(24, 300))

    def transport(self):
        """For programs that start ssh: one string of words."""
        return " ".join([TOOLS["ssh"], *self.options, "-p", str(self.port)])

    def processes(self, user="alice"):
        """What runs with the uid of a user: pid -> command."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.stat("/proc/" + name).st_uid == self.machine.uids[user]:
                    with open("/proc/%s/cmdline" % name, "rb") as file:
                        line = file.read().replace(b"\0", b" ").strip()
                    if line:        # no zombie
                        found[int(name)] = line.decode(errors="replace")
        return found

    def wait_until_alone(self, user="alice"):
        """Until nothing of a user runs."""
        for _ in range(1500):
            if not self.processes(user):
                return
            time.sleep(0.02)
        raise AssertionError("still there: %s" % self.processes(user))

    def end_all(self):
        for user in ("alice", "mallory", "carol"):
            for pid in self.processes(user):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.end_all()
        self.log.close()
        shutil.rmtree(self.ours)
        shutil.rmtree(self.machine.path(self.theirs))
