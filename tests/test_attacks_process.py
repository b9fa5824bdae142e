"""Attacks on the signer as a process: by those who watch it, and those who end
it. It is the installed one, setuid to the service user.
"""

import contextlib
import ctypes
import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    KEY_ID, LIBC, REQUEST, SECRET, become_root_in_a_namespace, machine,
    needs_root, stored)

pytestmark = needs_root
PTRACE_TRACEME, PTRACE_CONT, PTRACE_ATTACH, PTRACE_SEIZE = 0, 7, 16, 0x4206
SYS_PIDFD_OPEN, SYS_PIDFD_GETFD = 434, 438 # the same everywhere
PROC_FILES = ("mem", "environ", "maps", "smaps", "pagemap", "auxv", "fd",
              "fd/0", "fdinfo", "map_files", "cwd", "root", "exe", "stack",
              "syscall", "io", "personality", "clear_refs", "timers")


class Vector(ctypes.Structure):
    """struct iovec."""
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


# --- watching it ------------------------------------------------------------

def can_look(pid, name):
    """Whether a file or directory of /proc/PID shows or takes something. Of a
    process that has just ended some can be opened, and are empty."""
    path = "/proc/%d/%s" % (pid, name)
    if name in ("fd", "fdinfo", "map_files"):
        return bool(os.listdir(path))
    if name in ("cwd", "root", "exe", "fd/0"):
        return bool(os.readlink(path))
    flags = os.O_WRONLY if name == "clear_refs" else os.O_RDONLY
    file = os.open(path, flags)
    try:
        if name == "clear_refs":
            return os.write(file, b"1") > 0
        return bool(os.pread(file, 8, 0))
    except OSError as error:
        return name == "mem" and error.errno == errno.EIO # nothing is there
    finally:
        os.close(file)


def spy(pid):
    """What a process can do to another: the names of what works."""
    works = []
    for name in PROC_FILES:
        with contextlib.suppress(OSError):
            if can_look(pid, name):
                works.append(name)
    for name, request in (("seize", PTRACE_SEIZE), ("attach", PTRACE_ATTACH)):
        if LIBC.ptrace(request, pid, None, None) == 0:
            works.append(name)
    buffer = ctypes.create_string_buffer(8)
    local = Vector(ctypes.addressof(buffer), 8)
    remote = Vector(0x400000, 8)
    for name in ("process_vm_readv", "process_vm_writev"):
        ctypes.set_errno(0)
        getattr(LIBC, name)(pid, ctypes.byref(local), 1, ctypes.byref(remote),
                            1, 0)
        # EFAULT is that nothing is there, too; ESRCH that it has ended.
        if ctypes.get_errno() not in (errno.EPERM, errno.ESRCH):
            works.append(name)
    handle = LIBC.syscall(SYS_PIDFD_OPEN, pid, 0)
    for number in range(4):
        if handle >= 0 and LIBC.syscall(SYS_PIDFD_GETFD, handle, number,
                                        0) >= 0:
            works.append("descriptor %d" % number)
    if handle >= 0:
        os.close(handle)
    with contextlib.suppress(OSError):
        resource.prlimit(pid, resource.RLIMIT_CORE, (1, 1))
        works.append("prlimit")
    return works


def test_the_spy_is_one(machine):
    """It can do all this to a program of the user's own."""
    with machine.popen("sleep", "60") as process:
        for _ in range(100):
            with open("/proc/%d/comm" % process.pid, encoding="ascii") as file:
                if file.read() == "sleep\n":
                    break
            time.sleep(0.01)
        works = machine.call(spy, process.pid)
        process.kill()
    assert {"mem", "environ", "maps", "fd/0", "seize", "process_vm_readv",
            "descriptor 0", "prlimit"} <= set(works)


@pytest.mark.parametrize("user", ["alice", "mallory"])
def test_while_it_waits_for_its_message(machine, stored, user):
    with machine.started() as (process, ours):
        machine.wait_until_it_reads(process)
        assert machine.call(spy, process.pid, user=user) == []
        # Not even by root of a user namespace of hers ...
        assert machine.call(lambda: become_root_in_a_namespace() and
                            spy(process.pid) or [], user=user) == []
        # ... nor stopped, as by root.
        os.kill(process.pid, signal.SIGSTOP)
        assert machine.call(spy, process.pid, user=user) == []
        os.kill(process.pid, signal.SIGCONT)
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGUSR1):
            assert machine.call(can_signal, process.pid, int(number),
                                user=user) is False
        ours.sendall(REQUEST)
        assert machine.is_signed(framing.receive(ours))


def test_a_terminal_does_not_stop_it(machine, stored):
    """Its Ctrl-Z needs no permission, and a crowd of stopped signers with new
    keys would use up the quota that all users share."""
    numbers = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
    with machine.started() as (process, ours):
        machine.wait_until_it_reads(process)
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            ignored = int(re.search(r"SigIgn:\s*(\w+)", file.read())[1], 16)
        for number in numbers:
            assert ignored >> (number - 1) & 1
            os.kill(process.pid, number)
        ours.sendall(REQUEST)
        assert machine.is_signed(framing.receive(ours))


def can_signal(pid, number):
    """Whether kill(2) is allowed."""
    try:
        os.kill(pid, number)
    except PermissionError:
        return False
    return True


def spy_on_many(signer, count):
    """Start the signer again and again, and spy on it as long as it lives."""
    works, looks, signed = [], 0, 0
    for _ in range(count):
        ours, theirs = framing.pair()
        with ours, theirs, subprocess.Popen(
                [signer], stdin=theirs, stdout=theirs, env={},
                close_fds=False) as process:
            theirs.close()
            ours.sendall(REQUEST)
            while process.poll() is None:
                works += spy(process.pid)
                looks += 1
            signed += framing.receive(ours)[0] == "SIGN_RESULT"
    return [sorted(set(works)), looks, signed]


def test_while_it_works(machine, stored):
    """From the moment that it is started to its end, 200 times."""
    works, looks, signed = machine.call(spy_on_many, machine.signer, 200)
    # Before its ids change it is not dumpable, but has her real uid: limits
    # and signals are hers to set, as they were before it started.
    assert set(works) <= {"prlimit"}
    assert looks > 400 and signed == 200


def read_quietly(file):
    """The beginning of a file of /proc; of memory, where a stack may be."""
    for offset in (0, 0x7ffffffff000 - 64):
        with contextlib.suppress(OSError):
            data = os.pread(file, 64, offset)
            if data:
                return data
    return b""


def hold_before_it_starts(signer):
    """Open a process before it becomes the signer, and look afterwards."""
    ours, theirs = framing.pair()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(theirs.fileno(), 0)
        os.dup2(theirs.fileno(), 1)
        os.read(reader, 1)
        os.execve(signer, [signer], {})
    files = {name: os.open("/proc/%d/%s" % (child, name), os.O_RDONLY)
             for name in ("mem", "maps", "environ", "syscall", "stack",
                          "auxv", "pagemap", "io", "personality")
             if os.access("/proc/%d/%s" % (child, name), os.R_OK)}
    before = {name: read_quietly(file) for name, file in files.items()}
    handle = LIBC.syscall(SYS_PIDFD_OPEN, child, 0)
    os.write(writer, b"x")
    theirs.close()
    time.sleep(0.3)
    # What still shows the former program, shows nothing of this one.
    found = {name: int(read_quietly(file) not in (b"", before[name]))
             for name, file in files.items()}
    found["descriptor"] = int(LIBC.syscall(SYS_PIDFD_GETFD, handle, 0, 0) >= 0)
    found["attach"] = int(LIBC.ptrace(PTRACE_ATTACH, child, None, None) == 0)
    ours.sendall(REQUEST)
    kind, reply = framing.receive(ours)
    os.waitpid(child, 0)
    return [found, kind, reply["PROTECTION"]]


def test_what_was_opened_before_it_started(machine, stored):
    found, kind, protection = machine.call(hold_before_it_starts,
                                           machine.signer)
    assert len(found) > 8 and set(found.values()) == {0}
    assert (kind, protection) == ("SIGN_RESULT", framing.PROTECTIONS[
        "PROTECTION_SERVICE"])


def test_under_a_tracer(machine, stored):
    """The kernel ignores the setuid bit, and the signer refuses."""
    def trace_me():
        LIBC.ptrace(PTRACE_TRACEME, 0, None, None)

    with machine.started(prepare=trace_me) as (process, ours):
        ours.sendall(REQUEST)
        assert os.WIFSTOPPED(os.waitpid(process.pid, 0)[1])
        assert LIBC.ptrace(PTRACE_CONT, process.pid, None, None) == 0
        assert process.wait(10) == 125
        assert b"tracer" in process.stderr.read()
        with pytest.raises(framing.Truncated):
            framing.receive(ours)


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_under_strace(machine, stored):
    def run():
        ours, theirs = framing.pair()
        done = subprocess.Popen(
            ["strace", "-f", "-s", "999", machine.signer], stdin=theirs,
            stdout=theirs, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin"})
        theirs.close()
        ours.sendall(REQUEST)
        said = done.communicate(timeout=30)[1].decode(errors="replace")
        with contextlib.suppress(framing.Truncated):
            said += str(framing.receive(ours))
        return said

    said = machine.call(run)
    assert "execve" in said and "under a tracer" in said
    assert SECRET not in said and "SIGN_RESULT" not in said


# --- ending it --------------------------------------------------------------

def test_every_signal_that_she_can_send(machine, stored):
    """Between its start and the change of ids: it may end, and that is all."""
    def run():
        outcomes = set()
        for number in sorted(signal.valid_signals()):
            ours, theirs = framing.pair()
            with ours, theirs, subprocess.Popen(
                    [machine.signer], stdin=theirs, stdout=theirs, env={},
                    stderr=subprocess.DEVNULL, close_fds=False) as process:
                theirs.close()
                ours.sendall(REQUEST)
                for _ in range(50):
                    with contextlib.suppress(OSError):
                        os.kill(process.pid, number)
                with contextlib.suppress(OSError):
                    os.kill(process.pid, signal.SIGCONT)
                if can_signal(process.pid, signal.SIGCONT):
                    outcomes.add("in time")
                try:
                    outcomes.add(framing.receive(ours)[0])
                except framing.Truncated:
                    outcomes.add("no answer")
                info = os.waitid(os.P_PID, process.pid,
                                 os.WEXITED | os.WNOWAIT)
                assert info.si_code != os.CLD_DUMPED
        return sorted(outcomes)

    assert set(machine.call(run)) <= {"in time", "SIGN_RESULT", "no answer"}


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT,
                                    signal.SIGQUIT, signal.SIGSYS])
def test_no_core(machine, number):
    def raise_limit():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    with machine.started(prepare=raise_limit) as (process, _):
        machine.wait_until_it_reads(process)
        with open("/proc/%d/limits" % process.pid, encoding="ascii") as file:
            assert re.search(r"Max core file size +0 +0 ", file.read())
        os.kill(process.pid, number)
        info = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert info.si_code != os.CLD_DUMPED


def test_killed_at_any_time(machine, stored):
    """Root's SIGKILL, as when memory is short: while it signs nothing is
    lost, while it stores there is one good key, the old or the new."""
    other = "AKIAOTHEROTHEROTHER2"
    store = framing.encode("KEY_STORE", {
        "PROFILE": "default", "ACCESS_KEY_ID": other, "REPLACE": 1,
        "SECRET_ACCESS_KEY": SECRET})
    found = {KEY_ID: 0, other: 0}
    for step in range(120):
        machine.store() if step % 10 == 0 else None
        with machine.started() as (process, ours):
            ours.sendall(store if step % 2 else REQUEST)
            time.sleep(step % 30 * 0.0002)
            process.kill()
            process.wait()
        kind, reply = machine.sign()
        assert kind == "SIGN_RESULT", reply
        assert reply["PROTECTION"] == framing.PROTECTIONS[
            "PROTECTION_SERVICE"]
        found[reply["ACCESS_KEY_ID"]] += 1
    assert min(found.values()) > 0
    assert machine.store()[0] == "KEY_DONE"


def test_two_at_once(machine, stored):
    """Fifty callers, each gets one answer and all the same key."""
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(machine.started())
                   for _ in range(50)]
        for _, ours in waiting:
            ours.sendall(REQUEST)
        for _, ours in waiting:
            assert machine.is_signed(framing.receive(ours))
