"""A machine for the tests that need root, other users and an installation.

It is a mount namespace of its own: overlays on tmpfs over /etc, /home, /tmp,
/var and the prefix, an empty /run, a /dev whose log socket is ours, and
everything else read only. There live alice, mallory, carol and the service
user, with uids that nobody has, and there "make install" puts the real
program: setuid bit, owner and compiled-in paths are the real ones. Nothing of
the real machine changes; kernel keyrings are not in any namespace, but belong
to uids, so nobody's are touched. close() looks whether anything is left.

Started as a program, this file is the process that holds the namespace.
"""

import contextlib
import ctypes
import json
import os
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
import kernel_keys  # noqa: E402

ROOT = os.geteuid() == 0
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
SERVICE = "_aws-session"
PEOPLE = ("alice", "mallory", "carol", SERVICE)
CROWD = 500             # uids after those of PEOPLE, without names
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "pts", "shm")

# What is stored in the tests.
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
NAME = b"aws-session:parent:default"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TARGET = {"HOST": "sts.us-east-1.amazonaws.com", "PATH": "/",
          "REGION": "us-east-1"}
MFA = {"SERIAL_NUMBER": "arn:aws:iam::123456789012:mfa/jane",
       "TOKEN_CODE": "271828"}
REQUEST = framing.encode("SIGN_REQUEST", {
    **TARGET, "PROFILE": "default",
    "OPERATION": framing.OPERATIONS["OPERATION_GET_SESSION_TOKEN"], **MFA})

needs_root = [
    pytest.mark.skipif(not ROOT, reason="needs root: a machine with users"),
    pytest.mark.skipif(not kernel_keys.KEYCTL, reason="needs keyctl(1)")]


# --- the process that holds the namespace -----------------------------------

def mount(*words):
    """mount(8)."""
    subprocess.run(["mount", *words], check=True)


def is_below(path, top):
    """Whether a path is a directory or in it."""
    return os.path.commonpath([path, top]) == top


def cover_of(path):
    """What is to be covered so that a directory can be made and reached by
    everybody: the first ancestor that is closed, else the nearest one."""
    parts = path.strip("/").split("/")
    tops = ["/" + "/".join(parts[:count + 1]) for count in range(len(parts))]
    there = [top for top in tops if os.path.isdir(top)]
    if not there:
        raise ValueError("%s: nothing of it is there" % path)
    closed = [top for top in there if not os.stat(top).st_mode & 0o001]
    return closed[0] if closed else there[-1]


def hold(stage, build, prefix, policy, log, first_uid):
    """Make the machine, say so, and take log lines until stdin ends."""
    log = open(log, "a", encoding="utf-8", buffering=1)
    if LIBC.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "mode=755", "stage", stage)
    kept = {}
    for name in ("/etc/hosts", "/etc/resolv.conf"): # bound in a container
        with contextlib.suppress(OSError), open(name, "rb") as file:
            kept[name] = file.read()
    os.chdir(stage) # relative paths: /tmp may be covered soon
    listener = make_devices()
    cover(sorted({"/etc", "/home", "/tmp", "/var", build, cover_of(prefix),
                  cover_of(os.path.dirname(policy))}))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(policy) # the real machine's
    for name, content in kept.items():
        with contextlib.suppress(OSError), open(name, "wb") as file:
            file.write(content)
    path = "/"
    os.makedirs(prefix, mode=0o755, exist_ok=True)
    for part in prefix.strip("/").split("/"):
        path = os.path.join(path, part)
        if not os.stat(path).st_mode & 0o001:
            os.chmod(path, 0o755)
    make_people(int(first_uid))
    mount("-t", "tmpfs", "-o", "mode=755", "run", "/run")
    mount("-o", "remount,bind,ro", "/")
    print("ready", flush=True)
    take_log(listener, log)


def cover(tops):
    """An overlay over each that is not in another of them."""
    covered = []
    for number, top in enumerate(tops):
        if any(is_below(top, other) for other in covered):
            continue
        covered.append(top)
        layers = {name: "%d-%s" % (number, name)
                  for name in ("upper", "work")}
        for layer in layers.values():
            os.mkdir(layer)
        status = os.stat(top) # the upper directory's are seen
        os.chown(layers["upper"], status.st_uid, status.st_gid)
        os.chmod(layers["upper"], status.st_mode & 0o7777)
        mount("-t", "overlay", "overlay", "-o",
              "lowerdir=%s,upperdir=%s,workdir=%s" % (
                  top, layers["upper"], layers["work"]), top)


def make_devices():
    """A /dev with the usual and a log socket. Returns the socket."""
    new = "dev"
    os.mkdir(new)
    mount("-t", "tmpfs", "-o", "mode=755", "dev", new)
    for name in DEVICES:
        if os.path.isdir("/dev/" + name):
            os.mkdir("%s/%s" % (new, name))
        else:
            os.close(os.open("%s/%s" % (new, name), os.O_CREAT | os.O_WRONLY))
        mount("--bind", "/dev/" + name, "%s/%s" % (new, name))
    # The kernel looks for the pts that stands beside it; a user namespace
    # has to do without.
    with contextlib.suppress(PermissionError):
        os.mknod(new + "/ptmx", 0o666 | stat.S_IFCHR, os.makedev(5, 2))
        os.chmod(new + "/ptmx", 0o666)
    os.symlink("/proc/self/fd", new + "/fd")
    mount("--move", new, "/dev")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    listener.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    return listener


def make_people(uid):
    """Accounts, by hand: useradd would also write elsewhere."""
    lines = {"passwd": "", "group": "", "shadow": ""}
    for name in PEOPLE:
        home = "/nonexistent" if name == SERVICE else "/home/" + name
        shell = "/usr/sbin/nologin" if name == SERVICE else "/bin/sh"
        lines["passwd"] += "%s:x:%d:%d::%s:%s\n" % (name, uid, uid, home,
                                                    shell)
        lines["group"] += "%s:x:%d:\n" % (name, uid)
        lines["shadow"] += "%s:!:19000::::::\n" % name
        if name != SERVICE:
            os.makedirs(home, mode=0o755)
            os.chown(home, uid, uid)
        uid += 1
    for name, text in lines.items():
        with open("/etc/" + name, encoding="utf-8") as file:
            others = [line for line in file
                      if line.split(":")[0] not in PEOPLE]
        with open("/etc/" + name, "w", encoding="utf-8") as file:
            file.write("".join(others) + text)


def take_log(listener, log):
    """Write what comes to /dev/log, with the uid of who sent it."""
    size = socket.CMSG_SPACE(12)
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        data, ancillary, _, _ = listener.recvmsg(65536, size)
        uid = struct.unpack("iII", ancillary[0][2])[1]
        print(json.dumps({"uid": uid, "text": data.decode(
            errors="surrogateescape")}), file=log)


# --- the machine, as the tests have it --------------------------------------

def unused_uids(count):
    """The first of so many uids that no account, process or key has."""
    used = {os.stat("/proc/" + name).st_uid for name in os.listdir("/proc")
            if name.isdigit() and os.path.exists("/proc/" + name)}
    for name, column in (("/etc/passwd", 2), ("/etc/subuid", 1)):
        if os.path.exists(name):
            with open(name, encoding="utf-8") as file:
                used |= {int(line.split(":")[column]) for line in file
                         if line.count(":") >= 2}
    used |= set(kernel_keys.counts())
    first = 20000 + os.getpid() * 7 % 20000
    while used & set(range(first, first + count)):
        first += 1
    return first


def become_root_in_a_namespace(flags=0):
    """In a process: unshare -Ur. uid 0 with all capabilities, in a new user
    namespace. Returns whether the machine allows it."""
    uid, gid = os.getuid(), os.getgid()
    LIBC.prctl(PR_SET_DUMPABLE, 1)
    if LIBC.unshare(CLONE_NEWUSER | flags) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", "0 %d 1" % uid),
                       ("gid_map", "0 %d 1" % gid)):
        with open("/proc/self/" + name, "w", encoding="ascii") as file:
            file.write(text)
    assert os.getuid() == 0
    return True


def make_variable(build, name):
    """A variable of the build's Makefile."""
    return subprocess.run(
        ["make", "-s", "-f", "-", "print"], cwd=build, check=True, text=True,
        input="include Makefile\nprint:\n\t@echo '$(%s)'\n" % name,
        capture_output=True).stdout.strip()


class Machine:
    """See above. Paths in it are read through self.path()."""

    def __init__(self, build):
        self.build = build
        self.first_uid = unused_uids(len(PEOPLE) + CROWD)
        self.uids = {name: self.first_uid + number
                     for number, name in enumerate(PEOPLE)}
        self.crowd = range(self.first_uid + len(PEOPLE),
                           self.first_uid + len(PEOPLE) + CROWD)
        self.uids.update(("user%d" % uid, uid) for uid in self.crowd)
        self.uids["root"] = 0
        self.directory = tempfile.mkdtemp(prefix="machine-")
        self.log = os.path.join(self.directory, "log")
        self.log_read = 0
        stage = os.path.join(self.directory, "stage")
        os.mkdir(stage)
        self.prefix = make_variable(build, "prefix")
        self.policy = make_variable(build, "policy_file")
        self.holder = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), stage, build,
             self.prefix, self.policy, self.log, str(self.first_uid)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd="/")
        if self.holder.stdout.readline() != "ready\n":
            said = self.holder.communicate()[1]
            shutil.rmtree(self.directory)
            raise RuntimeError("no machine: " + said.strip()[-1500:])
        self.namespace = os.open("/proc/%d/ns/mnt" % self.holder.pid,
                                 os.O_RDONLY | os.O_CLOEXEC)
        self.program = os.path.join(make_variable(build, "bindir"),
                                    "aws-session")
        self.signer = os.path.join(make_variable(build, "pkglibexecdir"),
                                   "aws-session-sign")
        self.sanitized = make_variable(build, "SAN_CFLAGS") != ""
        self.installed = self.run("make", "-s", "install", cwd=build,
                                  user="root")
        assert self.installed.returncode == 0, self.installed.stderr

    def path(self, name):
        """A file of the machine, for us."""
        return "/proc/%d/root%s" % (self.holder.pid, name)

    def enter(self, user, session=True):
        """In a child process: go there and become the user, as by a login.
        session: with the keyrings of one."""
        uid = self.uids[user]
        # Not self.namespace: pexpect has closed it.
        namespace = os.open("/proc/%d/ns/mnt" % self.holder.pid, os.O_RDONLY)
        if LIBC.setns(namespace, CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(namespace)
        os.chdir("/")
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if uid != 0:
            with contextlib.suppress(OSError), \
                    open("/proc/self/loginuid", "w", encoding="ascii") as file:
                file.write(str(uid))
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            LIBC.prctl(PR_SET_DUMPABLE, 1)
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if session and uid != 0:
            kernel_keys.login()

    def environment(self, user):
        """What a user's programs get."""
        env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
               "HOME": "/root" if user == "root" else "/home/" + user,
               "SHELL": "/bin/sh", "USER": user, "LOGNAME": user}
        env.update((name, value) for name, value in os.environ.items()
                   if name.endswith("SAN_OPTIONS"))
        return env

    def popen(self, *command, user="alice", env=None, prepare=None, cwd="/",
              session=True, **options):
        """Start a program as a user."""
        def start():
            self.enter(user, session)
            os.chdir(cwd)
            if prepare:
                prepare()

        return subprocess.Popen(
            command, env=self.environment(user) if env is None else env,
            preexec_fn=start, **options)

    def run(self, *command, user="alice", data=None, timeout=60, **options):
        """Run a program as a user; the output is text."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        if data is None:
            streams["stdin"] = subprocess.DEVNULL
        else:
            streams["stdin"] = subprocess.PIPE
        streams.update(options)
        process = self.popen(*command, user=user, text=True, **streams)
        try:
            out, err = process.communicate(data, timeout=timeout)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(command, process.returncode, out,
                                           err)

    def call(self, function, *arguments, **options):
        """Call a function in a process of a user. What it returns has to go
        through JSON; what it raises fails the test."""
        return self.finish(self.start(function, *arguments, **options))

    def start(self, function, *arguments, user="alice", session=True):
        """Begin what finish ends: together they are call."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            self._be_child(writer, function, arguments, user, session)
        os.close(writer)
        return child, reader

    def finish(self, started, timeout=120):
        """What the function returns."""
        (child, reader), text = started, b""
        end = time.monotonic() + timeout
        with open(reader, "rb", buffering=0) as file:
            while select.select([file], [], [],
                                max(0, end - time.monotonic()))[0]:
                chunk = file.read(65536)
                if not chunk:
                    break
                text += chunk
            else:
                os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == 0, "exit status %d: %s" % (status, text.decode())
        return json.loads(text)

    def _be_child(self, writer, function, arguments, user, session):
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self.enter(user, session)
            text, status = json.dumps(function(*arguments)), 0
        except BaseException: # pylint: disable=broad-except
            text = traceback.format_exc()
        with open(writer, "w", encoding="utf-8") as file:
            file.write(text)
        os._exit(status)

    def put(self, name, content, owner="root", mode=0o644):
        """Write a file of the machine."""
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes)
                       else content.encode())
        os.chown(path, self.uids[owner], self.uids[owner])
        os.chmod(path, mode)

    # --- the signer ---

    @contextlib.contextmanager
    def started(self, *arguments, user="alice", env=None, prepare=None,
                path=None, **options):
        """The signer as a process of a user, and our end of its socket."""
        ours, theirs = framing.pair()
        streams = {"stdin": theirs, "stdout": theirs,
                   "stderr": subprocess.PIPE, **options}
        try:
            process = self.popen(path or self.signer, *arguments, user=user,
                                 env=env, prepare=prepare, **streams)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        try:
            yield process, ours
        finally:
            ours.close()
            if process.poll() is None:
                process.kill()
            process.communicate()

    def send(self, data, **options):
        """Send bytes and no more. Returns (reply or None, status, stderr)."""
        with self.started(**options) as (process, ours):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                ours.sendall(data)
                ours.shutdown(socket.SHUT_WR)
            try:
                reply = framing.receive(ours)
            except framing.Truncated as broken:
                assert broken.args[0] == b""
                reply = None
            said = process.communicate(timeout=30)[1]
        return reply, process.returncode, (said or b"").decode()

    def ask(self, kind, fields, **options):
        """One message, one reply."""
        reply, status, said = self.send(framing.encode(kind, fields),
                                        **options)
        assert (status, said) == (0, ""), (status, said)
        return reply

    @staticmethod
    def wait_until_it_reads(process):
        """Wait until a signer waits for its message: it alone sets this."""
        for _ in range(1000):
            with open("/proc/%d/status" % process.pid,
                      encoding="ascii") as file:
                text = file.read()
            if re.search(r"NoNewPrivs:\s*1", text) and "State:\tS" in text:
                return
            time.sleep(0.01)
        raise AssertionError("the signer does not get to its message")

    def store(self, profile="default", key_id=KEY_ID, secret=SECRET,
              replace=True, **options):
        """Have a key stored. Returns the reply."""
        return self.ask("KEY_STORE", {
            "PROFILE": profile, "ACCESS_KEY_ID": key_id,
            "SECRET_ACCESS_KEY": secret, "REPLACE": int(replace)}, **options)

    def sign(self, profile="default", operation="GET_SESSION_TOKEN",
             fields=None, **options):
        """Ask for a signature by a stored key. Returns the reply."""
        if fields is None:
            fields = MFA if operation == "GET_SESSION_TOKEN" else {}
        return self.ask("SIGN_REQUEST", {
            **TARGET, "OPERATION": framing.OPERATIONS["OPERATION_" +
                                                      operation],
            "PROFILE": profile, **fields}, **options)

    def signs(self, **options):
        """Whether the signer signs with the protected key, and says so."""
        return self.is_signed(self.sign(**options))

    @staticmethod
    def is_signed(answer):
        """Whether that is a request signed with the protected key."""
        kind, reply = answer
        return kind == "SIGN_RESULT" and reply["ACCESS_KEY_ID"] == KEY_ID \
            and reply["PROTECTION"] == framing.PROTECTIONS[
                "PROTECTION_SERVICE"]

    # --- the log ---

    def audit(self):
        """The log lines since the last call: (uid of the sender, text)."""
        mark = "mark %d" % time.monotonic_ns()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(mark.encode(), self.path("/dev/log"))
        for _ in range(1000):
            with open(self.log, "rb") as file:
                file.seek(self.log_read)
                lines = [json.loads(line) for line in file
                         if line.endswith(b"\n")]
                if lines and lines[-1]["text"] == mark:
                    self.log_read = file.tell()
                    return [(line["uid"], line["text"])
                            for line in lines[:-1]]
            time.sleep(0.01)
        raise AssertionError("the log is not written")

    # --- the end ---

    def processes(self):
        """pid -> command of what runs with one of our uids or in it."""
        found, here = {}, os.fstat(self.namespace).st_ino
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                uids = set(re.search(r"^Uid:\s*(.*)$", open(
                    "/proc/%s/status" % name, encoding="ascii",
                    errors="replace").read(), re.M).group(1).split())
                inside = os.stat("/proc/%s/ns/mnt" % name).st_ino == here
                if inside or {int(uid) for uid in uids} - {0} & set(
                        self.uids.values()):
                    with open("/proc/%s/cmdline" % name, "rb") as file:
                        found[int(name)] = file.read().replace(
                            b"\0", b" ").decode(errors="replace")
        found.pop(self.holder.pid, None)
        return found

    def assert_nothing_runs(self):
        """Whoever is ending has ended: a signal that the kernel sends when a
        parent dies comes a moment later."""
        for _ in range(1500):
            left = self.processes()
            if not left:
                return
            time.sleep(0.02)
        raise AssertionError(left)

    def clear_keys(self, user):
        """Remove what is in a user's keyrings."""
        self.call(kernel_keys.clear, user=user)

    def forget_keys(self, user, wait=True):
        """Remove a user's keyrings; new ones are made when they are needed.
        wait: until that works."""
        self.call(kernel_keys.invalidate, user=user, session=False)
        for _ in range(100):
            with contextlib.suppress(AssertionError):
                if wait:
                    self.call(kernel_keys.login, user=user, session=False)
                return
            time.sleep(0.05)
        raise AssertionError("%s gets no new keyrings" % user)

    def close(self):
        """Remove everything. Returns what was left by the tests."""
        left = ["process %d: %s" % item for item in self.processes().items()]
        counts = kernel_keys.counts()
        users = [user for user, uid in self.uids.items()
                 if uid in counts and user not in ("root", SERVICE)]
        for user in users:
            self.forget_keys(user, wait=False)
        # Its quota may be exceeded until the kernel has collected theirs.
        for _ in range(100):
            if kernel_keys.counts().get(self.uids[SERVICE], 0) < 10:
                break
            time.sleep(0.05)
        self.forget_keys(SERVICE, wait=False)
        os.close(self.namespace)
        said = self.holder.communicate(timeout=30)[1]
        if said or self.holder.returncode:
            left.append("the holder said: %s" % said)
        shutil.rmtree(self.directory)
        for _ in range(300): # the kernel collects in its own time
            keys = set(kernel_keys.counts()) & (set(self.uids.values()) - {0})
            if not keys:
                break
            time.sleep(0.05)
        else:
            left.append("keys of %s" % [name for name, uid in self.uids.items()
                                        if uid in keys])
        return left


@pytest.fixture(scope="module")
def machine(build):
    """A machine; nothing may be left of it."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = file.read()
    names = [os.path.join(make_variable(build, variable), name)
             for variable, name in (
                 ("bindir", "aws-session"),
                 ("pkglibexecdir", "aws-session-sign"),
                 ("sysctldir", "60-aws-session.conf"))]
    names.append(make_variable(build, "policy_file"))
    before = [appearance(name) for name in names]
    made = Machine(os.path.realpath(build))
    yield made
    left = made.close()
    for name in ("passwd", "group", "shadow", "subuid"):
        with contextlib.suppress(FileNotFoundError), open(
                "/etc/" + name, encoding="utf-8") as file:
            left += [line for line in file if ":%d:" % made.first_uid in line]
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        assert file.read() == mounts
    assert [appearance(name) for name in names] == before
    assert not left, left


def appearance(name):
    """What would change with a file; None if there is none."""
    try:
        status = os.lstat(name)
    except OSError:
        return None
    return status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns


@pytest.fixture
def stored(machine):
    """The serial number of a key of Alice's, stored by the signer. It is
    whole afterwards, unless the test took it away."""
    kind, reply = machine.store()
    assert kind == "KEY_DONE", reply
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_SERVICE"]
    serial = machine.call(kernel_keys.find, NAME.decode())
    before = machine.call(kernel_keys.describe, serial, user=SERVICE)
    yield serial
    if machine.call(kernel_keys.find, NAME.decode()) == serial:
        assert machine.call(kernel_keys.describe, serial,
                            user=SERVICE) == before
        assert machine.call(lambda: kernel_keys.read_key(serial).decode(),
                            user=SERVICE) == "%s\n%s" % (KEY_ID, SECRET)
        assert machine.signs()
    machine.clear_keys("alice")


if __name__ == "__main__":
    hold(*sys.argv[1:])
