"""What the tests of processes share: the build, an emulator, a person.

The tests run against the programs of the build tree, named by the variable
AWS_SESSION_BUILD ("make check" sets it), in real keyrings and on real
terminals. Everything a test makes is gone after it.
"""

import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import warnings

import pexpect
import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emulator as emulator_module  # noqa: E402

# A run in the background (nohup, "&") ignores these, and so would each program
# that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(_number, signal.SIG_DFL)

# exit_status.h: no session, whatever the reason. test_exit_status.py tells
# them apart.
NO_SESSION = (120, 121, 122, 125)

KEYCTL = shutil.which("keyctl")
AWS = "/usr/bin/aws" if os.path.exists("/usr/bin/aws") else shutil.which("aws")


def expose(directory):
    """Let every user pass through a directory, in our mount namespace only:
    a file system of ours covers it, with its entries bound in place."""
    held = tempfile.mkdtemp()
    subprocess.run(["mount", "--bind", directory, held], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs",
                    directory], check=True)
    for name in os.listdir(held):
        kept, shown = os.path.join(held, name), os.path.join(directory, name)
        if os.path.islink(kept):
            os.symlink(os.readlink(kept), shown)
            continue
        if os.path.isdir(kept):
            os.mkdir(shown)
        else:
            open(shown, "x").close()
        subprocess.run(["mount", "--rbind", kept, shown], check=True)
    subprocess.run(["umount", "--lazy", held], check=True)
    os.rmdir(held)


def make_build_reachable():
    """Some tests of root's become another user, who must reach the programs,
    also if the clone is below a directory like /root."""
    path = os.path.realpath(os.environ.get("AWS_SESSION_BUILD", "/"))
    if os.getuid() != 0:
        return
    above = [path] + [str(parent) for parent in pathlib.Path(path).parents]
    closed = [name for name in reversed(above)
              if not os.stat(name).st_mode & 0o001]
    if not closed:
        return
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000) != 0:
        return      # no CLONE_NEWNS: the tests concerned will say so
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for name in closed:
        expose(name)
    os.chdir(os.getcwd())


make_build_reachable()


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "machine: its users and keyrings are those of a machine "
        "of its own (machine.py), so it may run beside the others")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of the documents and the build first, they are quick."""
    items.sort(key=lambda item: "test_documents" not in item.nodeid)
    for item in items:
        if "machine" in item.fixturenames and "person" not in \
                item.fixturenames:
            item.add_marker("machine")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped test is a failed one: what it needs is missing."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = "skipped, and CI=true: %s" % (report.longrepr,)


@pytest.fixture(scope="session")
def build():
    """The build directory."""
    directory = os.environ.get("AWS_SESSION_BUILD")
    if not directory:
        pytest.fail("AWS_SESSION_BUILD names no build directory: run the "
                    "tests by 'make check'")
    with open(os.path.join(directory, "Makefile"), encoding="utf-8") as file:
        policy = re.search(r"^policy_file = (.*)$", file.read(), re.M)[1]
    if os.path.exists(policy):
        warnings.warn("the programs under test obey this machine's %s: where "
                      "tests fail, configure --with-policy-file=/nonexistent"
                      % policy)
    return directory


@pytest.fixture(scope="session")
def source():
    """The source directory."""
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """One throw-away CA for all emulators: making it takes longer than most
    tests do."""
    return emulator_module.Authority(str(tmp_path_factory.mktemp("ca")))


@pytest.fixture
def sts(authority):
    """An emulator on TLS with one user, alice, who has one MFA device."""
    with emulator_module.Emulator(authority=authority) as running:
        running.alice = running.add_user("alice", mfa=["alice"])
        yield running


def user_keys():
    """Serial number -> description of our keys in the user keyring."""
    found = {}
    listed = subprocess.run([KEYCTL, "rlist", "@u"], capture_output=True,
                            text=True, check=False).stdout
    for serial in listed.split():
        line = subprocess.run([KEYCTL, "rdescribe", serial],
                              capture_output=True, text=True,
                              check=False).stdout
        if ";aws-session:" in line:
            found[serial] = line.strip().split(";", 4)[4]
    return found


# For tests of what removes all that somebody has.
clears_keys = pytest.mark.skipif(
    os.getuid() != 0, reason="without root it would clear your own sessions")
EMULATORS = []      # every one of this run, see is_foreign


def remember_emulators():
    start = emulator_module.Emulator.__init__

    def start_and_remember(self, *args, **options):
        start(self, *args, **options)
        EMULATORS.append(self)
    emulator_module.Emulator.__init__ = start_and_remember


remember_emulators()


def is_foreign(serial, description):
    """Whether a key plainly comes from elsewhere: from a person who works
    here meanwhile, or from another run of the tests."""
    done = subprocess.run([KEYCTL, "pipe", serial], capture_output=True,
                          check=False)
    if done.returncode != 0: # it went, and to unlink it would take away the
        return True          # one in its place: the kernel unlinks by name
    content = done.stdout.decode(errors="replace")
    names = set(re.findall(r"\b(?:\d{12}|A[KS]IA[A-Z2-7]{16})\b",
                           urllib.parse.unquote(description) + " " + content))
    ours = set()
    for emulator in EMULATORS:
        ours.add(emulator.account)
        ours.update(emulator.store.keys)
        ours.update(emulator.store.sessions)
    return bool(names) and not names & ours


def forget_keys(before):
    """Remove the keys that this run has added: parent keys are linked in the
    persistent keyring, too."""
    for serial, description in user_keys().items():
        if serial not in before and not is_foreign(serial, description):
            for words in (["invalidate", serial], ["unlink", serial, "@u"]):
                subprocess.run([KEYCTL, *words], check=False,
                               capture_output=True)


class Person:
    """Somebody with a home directory, AWS files and a terminal."""

    def __init__(self, home, build, sts):
        self.home, self.build, self.sts = home, build, sts
        self.program = os.path.join(build, "tests", "aws-session")
        self.config = home / ".aws" / "config"
        self.credentials = home / ".aws" / "credentials"
        self.config.parent.mkdir()
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin",
                    "LANG": "C.UTF-8", "TERM": "xterm",
                    "SHELL": "/bin/sh", "AWS_EC2_METADATA_DISABLED": "true"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        self.said = []      # what our programs said, searched for leaks
        if sts is not None:
            self.env["AWS_ENDPOINT_URL"] = sts.url
            if sts.ca_file:
                self.env["AWS_CA_BUNDLE"] = sts.ca_file

    def write_key(self, user, profile="default", serial=True, config=""):
        """A key in the credentials file and the serial in the config file."""
        key = user.keys[0]
        self.credentials.write_text(
            "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
            % (profile, key.id, key.secret))
        section = profile if profile == "default" else "profile " + profile
        text = "[%s]\n" % section
        if serial:
            text += "mfa_serial = %s\n" % user.devices[0].serial
        self.config.write_text(text + config)

    def run(self, *arguments, env=None, timeout=60, stdin=subprocess.DEVNULL,
            **options):
        """Run aws-session without a terminal."""
        full = dict(self.env, **(env or {}))
        full = {name: value for name, value in full.items()
                if value is not None}
        done = subprocess.run(
            [self.program, *arguments], env=full, stdin=stdin,
            capture_output=True, text=True, timeout=timeout,
            start_new_session=True, check=False, **options)
        self.said.append(done.stderr)
        return done

    def spawn(self, *arguments, env=None, timeout=20, **options):
        """Run aws-session on a terminal of its own."""
        full = dict(self.env, **(env or {}))
        full = {name: value for name, value in full.items()
                if value is not None}
        # Without arguments pexpect takes the first for a command line.
        program = self.program if arguments else re.sub(
            r"([\s'\"\\])", r"\\\1", self.program)
        return pexpect.spawn(program, list(arguments), env=full,
                             encoding="utf-8", timeout=timeout, echo=True,
                             dimensions=(24, 100), **options)

    def code(self, user="alice"):
        """A code that AWS will take."""
        return self.sts.code(user)

    def variables(self, *options, env=None):
        """The environment that a command gets."""
        done = self.run(*options, "exec", "env", "-0", env=env)
        assert done.returncode == 0, done.stderr
        return dict(entry.split("=", 1)
                    for entry in done.stdout.split("\0") if entry)


def leaks(text, secrets):
    """Which kinds of secrets stand in a text (never the secret itself)."""
    found = []
    for secret in secrets:
        if len(secret) == 6:
            if re.search(r"(?<!\d)%s(?!\d)" % secret, text):
                found.append("an MFA code")
        elif secret in text:
            found.append("a secret of %d characters" % len(secret))
    return found


@pytest.fixture
def person(tmp_path, build, sts):
    """Alice at her machine. Her keys are removed, and what our programs
    printed is searched for secrets, tokens and codes."""
    before = set(user_keys())
    someone = Person(tmp_path, build, sts)
    someone.write_key(sts.alice)
    yield someone
    forget_keys(before)
    assert leaks("\n".join(someone.said), sts.secrets) == []
