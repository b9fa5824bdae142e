"""Attacks on the signer by what it inherits and how it is started:
environment, descriptors, limits, signals, namespaces, mounts, names. It is the
installed one, setuid to the service user.
"""

import contextlib
import ctypes
import os
import pty
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    CLONE_NEWNS, LIBC, REQUEST, SECRET, SERVICE, become_root_in_a_namespace,
    machine, make_variable, needs_root, stored)

pytestmark = needs_root
PR_SET_NO_NEW_PRIVS = 38


# --- environment ------------------------------------------------------------

EVIL = r"""
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void evil(void)
{
    char name[64];
    FILE *file;
    snprintf(name, sizeof(name), "/tmp/evil-was-here-%d", (int)geteuid());
    file = fopen(name, "w");
    if (file) fclose(file);
}
unsigned la_version(unsigned version) { return version; }
int OSSL_provider_init(void) { return 0; }
"""

ENVIRONMENTS = {
    "loader": {"LD_PRELOAD": "/tmp/evil/evil.so", "LD_AUDIT":
               "/tmp/evil/evil.so", "LD_LIBRARY_PATH": "/tmp/evil",
               "LD_ORIGIN_PATH": "/tmp/evil"},
    "debug": {"LD_DEBUG": "all", "LD_DEBUG_OUTPUT": "/tmp/evil-was-here",
              "LD_SHOW_AUXV": "1", "LD_PROFILE_OUTPUT": "/tmp",
              "LD_USE_LOAD_BIAS": "1"},
    "openssl": {"OPENSSL_CONF": "/tmp/evil/openssl.cnf",
                "OPENSSL_MODULES": "/tmp/evil", "OPENSSL_ENGINES":
                "/tmp/evil", "SSL_CERT_FILE": "/tmp/evil/openssl.cnf",
                "RANDFILE": "/tmp/evil-was-here"},
    "processor": {"OPENSSL_ia32cap": "0:0", "OPENSSL_armcap": "0",
                  "OPENSSL_ppccap": "0", "OPENSSL_s390xcap": "nosuchcpu"},
    "conversion": {"GCONV_PATH": "/tmp/evil", "LANG": "de_DE.EVIL",
                   "LC_ALL": "de_DE.EVIL", "LOCPATH": "/tmp/evil",
                   "NLSPATH": "/tmp/evil/%N", "CHARSET": "EVIL",
                   "OUTPUT_CHARSET": "EVIL", "LANGUAGE": "../../tmp/evil"},
    "malloc": {"MALLOC_TRACE": "/tmp/evil-was-here", "MALLOC_CHECK_": "3",
               "MALLOC_PERTURB_": "1", "MALLOC_ARENA_MAX": "x",
               "MALLOC_TOP_PAD_": "-1", "LD_HWCAP_MASK": "0"},
    "tunables": {"GLIBC_TUNABLES": "glibc.malloc.mxfast=glibc.malloc.mxfast="
                 + "A" * 4096},
    "tunables of memory": {"GLIBC_TUNABLES": "glibc.malloc.check=3:"
                           "glibc.malloc.tcache_count=0:"
                           "glibc.rtld.optional_static_tls=0"},
    "time": {"TZ": ":/tmp/evil/openssl.cnf", "TZDIR": "/tmp/evil",
             "DATEMSK": "/tmp/evil"},
    "names": {"HOSTALIASES": "/tmp/evil/evil.so", "LOCALDOMAIN": "evil",
              "RES_OPTIONS": "x", "RESOLV_HOST_CONF": "/tmp/evil/evil.so"},
    "usual": {"PATH": "/tmp/evil", "HOME": "/tmp/evil", "TMPDIR": "/tmp/evil",
              "SHELL": "/tmp/evil/evil.so", "IFS": "/", "ENV": "/tmp/evil",
              "BASH_ENV": "/tmp/evil", "AWS_SESSION_PROFILE": "evil"},
    "ours": {"AWS_ACCESS_KEY_ID": "evil", "AWS_SECRET_ACCESS_KEY": "evil",
             "AWS_CONFIG_FILE": "/tmp/evil", "AWS_SESSION_DEBUG": "1"},
    "many": {"X%d" % number: "x" * 100000 for number in range(15)},
    "odd": {"": "x", "x": "", "\udcff": "\udcff"},
}


@pytest.fixture(scope="module")
def evil(machine, tmp_path_factory):
    """A library that leaves a trace where it is loaded, under all names that
    something may look for, and configurations that name it."""
    here = tmp_path_factory.mktemp("evil")
    (here / "evil.c").write_text(EVIL)
    subprocess.run([*shlex.split(make_variable(machine.build, "CC")),
                    "-shared", "-fPIC", "-o", str(here / "evil.so"),
                    str(here / "evil.c")], check=True)
    library = (here / "evil.so").read_bytes()
    os.mkdir(machine.path("/tmp/evil"))
    for name in ("evil.so", "EVIL.so", "libc.so.6", "libcrypto.so.3",
                 "libcrypto.so.1.1", "libkeyutils.so.1", "legacy.so"):
        machine.put("/tmp/evil/" + name, library, mode=0o755)
    machine.put("/tmp/evil/gconv-modules",
                "module EVIL// INTERNAL evil 1\nmodule INTERNAL EVIL// evil "
                "1\n")
    machine.put("/tmp/evil/openssl.cnf", """openssl_conf = a
[a]
providers = b
engines = e
alg_section = c
[b]
evil = d
null = f
[d]
module = /tmp/evil/evil.so
activate = 1
[f]
activate = 1
[c]
default_properties = fips=yes
[e]
evil = g
[g]
dynamic_path = /tmp/evil/evil.so
init = 1
""")
    yield
    shutil.rmtree(machine.path("/tmp/evil"))


def traces(machine):
    """What somebody left in /tmp; it is removed."""
    found = [name for name in os.listdir(machine.path("/tmp"))
             if name.startswith("evil-was-here")]
    for name in found:
        os.unlink(machine.path("/tmp/" + name))
    return found


def test_the_library_is_evil(machine, evil):
    """It works on a program without the setuid bit."""
    for name in ("LD_PRELOAD", "LD_AUDIT"):
        machine.run("true", env={"PATH": "/usr/bin:/bin",
                                 name: "/tmp/evil/evil.so"})
        assert traces(machine) == ["evil-was-here-%d"
                                   % machine.uids["alice"]], name


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_the_environment_does_not_matter(machine, stored, evil, case):
    assert machine.signs(env=ENVIRONMENTS[case])
    assert traces(machine) == []


@pytest.mark.parametrize("env", [
    {"LD_TRACE_LOADED_OBJECTS": "1", "LD_VERBOSE": "1", "LD_WARN": "1"},
    {"LD_PROFILE": "libc.so.6", "LD_PROFILE_OUTPUT": "/tmp"}],
    ids=["list", "profile"])
def test_what_the_loader_refuses_by_itself(machine, stored, env):
    """glibc ends a setuid program that is to be listed, and complains of a
    directory that is missing; musl knows neither."""
    reply, status, said = machine.send(REQUEST, env=env)
    assert machine.is_signed(reply) if status == 0 else (
        reply, status, said) == (None, 5, "")
    assert SECRET not in said
    assert [name for name in os.listdir(machine.path("/tmp"))
            if "profile" in name] == []


# --- what it inherits -------------------------------------------------------

def survives(machine, **options):
    """Start it, send a request: it signs, and there is a line in the log, or
    it says why not and ends. Returns whether it signed."""
    machine.audit()
    reply, status, said = machine.send(REQUEST, **options)
    assert SECRET not in str(reply) + said
    if reply is not None and reply[0] == "SIGN_RESULT":
        assert machine.is_signed(reply) and status == 0
        (uid, line), = machine.audit()
        assert uid == machine.uids[SERVICE] and "result=done" in line
        return True
    # 127: the loader cannot even map the libraries.
    assert reply is None and status in (125, 127) or \
        reply[0] == "SIGN_REFUSED", (reply, status, said)
    return False


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2),
                                    (0, 1, 2)])
def test_closed_standard_files(machine, stored, closed):
    def close():
        for number in closed:
            os.close(number)

    assert survives(machine, prepare=close) == (closed == (2,))


LIMITS = [("FSIZE", 0, True), ("CORE", -1, True), ("MEMLOCK", 0, True),
          ("NPROC", 0, True), ("NPROC", 1, True), ("STACK", 65536, None),
          ("STACK", 0, None), ("NOFILE", 3, None), ("NOFILE", 4, None),
          ("NOFILE", 0, None), ("SIGPENDING", 0, True), ("DATA", 0, None),
          ("DATA", 1 << 20, None), ("CPU", 1, True), ("LOCKS", 0, True),
          ("MSGQUEUE", 0, True), ("NICE", 0, True), ("RTPRIO", 0, True)] + [
              ("AS", size << 20, None) for size in (4, 6, 8, 9, 10, 12, 16,
                                                    24, 64)]


@pytest.mark.parametrize("name, value, signs", LIMITS)
def test_limits(machine, stored, name, value, signs):
    """None of them kills it by a signal but those too small to start."""
    if machine.sanitized and name in ("AS", "DATA", "STACK"):
        return # the sanitizers want a terabyte

    def lower():
        which = getattr(resource, "RLIMIT_" + name, None)
        if which is None: # RLIMIT_LOCKS and its like
            return
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (hard, hard) if value < 0
                           else (value, value))

    start = time.monotonic()
    if name in ("STACK", "AS", "DATA") and killed_at_exec(machine, lower):
        return
    assert survives(machine, prepare=lower) in ((signs,) if signs is not None
                                                else (True, False))
    assert time.monotonic() - start < 12


def killed_at_exec(machine, lower):
    """Whether any program is: then it says nothing about ours."""
    return machine.run("true", prepare=lower).returncode < 0


def test_a_limit_of_time(machine, stored):
    """Alice has it killed by the kernel when its second of CPU is over: it
    never takes that long, and a key that was stored stays whole."""
    def lower():
        resource.setrlimit(resource.RLIMIT_CPU, (0, 0))

    reply, status, _ = machine.send(REQUEST, prepare=lower)
    assert status in (0, -signal.SIGKILL)
    assert reply is None or machine.is_signed(reply)


def test_signals_timers_umask_and_priority(machine, stored):
    def upset():
        every = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}
        signal.pthread_sigmask(signal.SIG_SETMASK, every)
        for number in every:
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_IGN)
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL,
                      signal.ITIMER_PROF):
            signal.setitimer(timer, 0.001, 0.001)
        os.umask(0o777)
        for number in every - {signal.SIGCHLD}: # they wait, blocked
            os.kill(os.getpid(), number)
        os.nice(19)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.chdir("/home/alice")

    assert survives(machine, prepare=upset)


# --- how it is started ------------------------------------------------------

def stays_shut(machine, **options):
    """It runs without the service user, and says what it cannot do."""
    reply, status, said = machine.send(REQUEST, **options)
    assert (status, said) == (0, "")
    assert reply[0] == "SIGN_REFUSED"
    assert reply[1]["REFUSAL"] in (framing.REFUSALS["REFUSAL_BAD_KEY"],
                                   framing.REFUSALS["REFUSAL_NO_KEY"])
    return reply[1]["TEXT"]


def test_with_no_new_privileges(machine, stored):
    def forbid():
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

    assert "not setuid" in stays_shut(machine, prepare=forbid)


def test_on_a_nosuid_mount(machine, stored):
    where = "/tmp/nosuid"
    os.mkdir(machine.path(where))
    assert machine.run("sh", "-c", 'mount --bind "$1" "$2" && '
                       'mount -o remount,bind,nosuid "$2"', "sh",
                       os.path.dirname(machine.signer), where,
                       user="root").returncode == 0
    try:
        assert "not setuid" in stays_shut(
            machine, path=where + "/aws-session-sign")
    finally:
        machine.run("umount", where, user="root")
        os.rmdir(machine.path(where))


def test_a_copy_without_the_bit(machine, stored):
    assert machine.run("cp", machine.signer, "/tmp/copy").returncode != 0
    shutil.copy(machine.path(machine.signer), machine.path("/tmp/copy"))
    os.chmod(machine.path("/tmp/copy"), 0o755)
    assert "not setuid" in stays_shut(machine, path="/tmp/copy")
    # Setuid to herself, it is no other.
    os.chown(machine.path("/tmp/copy"), machine.uids["alice"], -1)
    os.chmod(machine.path("/tmp/copy"), 0o4755)
    assert "not setuid" in stays_shut(machine, path="/tmp/copy")
    # To another person, it has no key of Alice's, and is none of the machine.
    os.chown(machine.path("/tmp/copy"), machine.uids["mallory"], -1)
    os.chmod(machine.path("/tmp/copy"), 0o4755)
    text = stays_shut(machine, path="/tmp/copy")
    assert str(machine.uids[SERVICE]) in text
    os.unlink(machine.path("/tmp/copy"))


def test_as_root_of_a_user_namespace(machine, stored):
    """With a policy file of her own, mounted over the real one."""
    allowed = machine.call(become_root_in_a_namespace)
    machine.put(machine.policy, "require_mfa = yes\n")
    machine.put("/tmp/policy", "require_mfa = no\n", owner="alice")

    def enter():
        become_root_in_a_namespace(CLONE_NEWNS)
        subprocess.run(["mount", "--bind", "/tmp/policy", machine.policy],
                       check=True)

    try:
        if allowed:
            stays_shut(machine, prepare=enter)
            kind, reply = machine.sign(fields={}, prepare=enter)
            assert kind == "SIGN_REFUSED"
            assert reply["REFUSAL"] != framing.REFUSALS["REFUSAL_POLICY"]
    finally:
        os.unlink(machine.path(machine.policy))
        os.unlink(machine.path("/tmp/policy"))


def test_in_a_root_directory_of_hers(machine, stored):
    """chroot(2) needs a user namespace, and there is no setuid in it."""
    def enter():
        assert become_root_in_a_namespace()
        os.chroot("/")

    if machine.call(become_root_in_a_namespace):
        stays_shut(machine, prepare=enter)
    assert machine.call(lambda: LIBC.chroot(b"/tmp")) == -1


def test_by_links(machine, stored):
    """A link is the same file: same owner, same bit, same paths."""
    machine.call(lambda: os.symlink(machine.signer, "/home/alice/sign"))
    assert machine.signs(path="/home/alice/sign")
    directory = os.path.dirname(machine.signer)
    os.link(machine.path(machine.signer), machine.path(directory + "/link"))
    assert machine.signs(path=directory + "/link")
    os.unlink(machine.path(directory + "/link"))
    os.unlink(machine.path("/home/alice/sign"))


@pytest.mark.parametrize("arguments", [
    [b"-sh"], [b""], [b"a\nb"], [b"x" * 100000], [b"/proc/self/exe"],
    [b"%s%n"], []], ids=lambda words: repr(words)[:12])
def test_other_names_for_itself(machine, stored, arguments):
    """Its own name and even none (argc 0) make no difference."""
    vector = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
    empty = (ctypes.c_char_p * 1)(None)
    path = machine.signer.encode()

    def become():
        # What preexec_fn has in its way: it would be closed by Popen.
        LIBC.execve(path, vector, empty)

    assert machine.signs(prepare=become)


def test_more_arguments(machine, stored):
    for words in (["--version"], ["-"], [""], ["x"] * 1000):
        with machine.started(*words) as (process, _):
            said = process.communicate(timeout=10)[1]
        assert process.returncode == 2 and b"takes no arguments" in said


def test_on_a_terminal(machine, stored):
    master, slave = pty.openpty()
    with machine.started(stdin=slave, stdout=slave, stderr=slave) as (
            process, _):
        os.close(slave)
        assert process.wait(10) == 125
        assert b"started by aws-session" in os.read(master, 4096)
    os.close(master)
