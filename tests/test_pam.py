"""pam_aws_session.so in hosts: each code that it returns, and that nothing of
it stays behind."""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

import pam_host
from machine import machine, make_variable, needs_root  # noqa: F401
from resident import resident                           # noqa: F401

# pylint: disable=redefined-outer-name

pytestmark = needs_root
SERVICE = "aws-session-test"
LOGINS = "/run/aws-session"
PROMPT = ["on", "AWS MFA code: "]


@pytest.fixture(scope="module")
def module(machine):
    """The installed module."""
    return os.path.join(make_variable(machine.build, "pamdir"),
                        "pam_aws_session.so")


class Login:
    """Logins of alice by a service whose only module is ours."""

    def __init__(self, machine, module, resident):
        self.machine, self.module = machine, module
        self.resident, self.sts = resident, resident.sts

    def configure(self, options="", name=SERVICE):
        """All four stacks of a service."""
        self.machine.put("/etc/pam.d/" + name, "".join(
            "%s required %s %s\n" % (kind, self.module, options)
            for kind in ("auth", "account", "session")))

    def run(self, *operations, options="", user="alice", answers=(),
            **others):
        """See pam_host.run. Nothing of the host may have changed."""
        self.configure(options)
        result = self.machine.call(
            lambda: pam_host.run(SERVICE, user, operations, answers,
                                 **others), user="root")
        assert result["changed"] == []
        self.machine.assert_nothing_runs()
        return result

    def authenticate(self, *answers, **others):
        """The code, and what was said."""
        result = self.run("authenticate", answers=answers, **others)
        return result["codes"][0], result["said"]

    def log(self):
        """What the module logged since the last call."""
        return [text for _, text in self.machine.audit()
                if "pam_aws_session" in text]


@pytest.fixture
def login(machine, module, resident):
    yield Login(machine, module, resident)
    left = machine.path(LOGINS)
    assert not os.path.exists(left) or os.listdir(left) == []


def wait_for(condition):
    """What the condition says once it says something."""
    for _ in range(1000):
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it does not come")


# --- a row of the table each -------------------------------------------------

def test_right_code(login):
    """The session is there for what is started, in another process."""
    assert login.authenticate(login.resident.code()) == ("SUCCESS", [PROMPT])
    assert login.resident.has_session()
    assert login.resident.requests() == 1


def test_blanks_in_the_code(login):
    code = login.resident.code()
    assert login.authenticate(" %s %s " % (code[:3], code[3:]))[0] \
        == "SUCCESS"


def test_kept_session_is_not_enough(login):
    """Nor is it for a role, whose session before it is kept."""
    login.resident.get_session()
    assert login.authenticate("000000")[0] == "AUTH_ERR"
    assert login.authenticate(login.resident.code())[0] == "SUCCESS"
    assert login.resident.requests() == 3


def test_wrong_code(login):
    code, said = login.authenticate("000000")
    assert code == "AUTH_ERR"
    assert said == [PROMPT, ["error", "AWS refused the MFA code. Each works "
                             "once: wait for the next one."]]
    assert not login.resident.has_session()


def test_used_code(login):
    """Also where the session that it gave has gone."""
    code = login.resident.code()
    assert login.authenticate(code)[0] == "SUCCESS"
    assert login.authenticate(code)[0] == "AUTH_ERR"
    assert login.resident.requests() == 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x",
                                   "-12345", "1" * 500])
def test_no_code(login, typed):
    """What is no code is sent nowhere."""
    assert login.authenticate(typed)[0] == "AUTH_ERR"
    assert login.resident.requests() == 0


def test_no_key(login):
    login.resident.remove_key()
    assert login.authenticate() == ("USER_UNKNOWN", [
        ["error", "There is no AWS access key for you on this machine."]])
    # Alone in a stack, an ignored module is no permission.
    assert login.authenticate(options="nullok") == ("PERM_DENIED", [])


def test_no_files_at_all(login):
    login.resident.remove_key()
    os.remove(login.machine.path("/home/alice/.aws/config"))
    assert login.authenticate()[0] == "USER_UNKNOWN"
    assert login.authenticate(options="profile=mfa")[0] == "USER_UNKNOWN"


def test_nullok_lets_the_next_module_decide(login):
    login.resident.remove_key()
    login.configure()
    login.machine.put("/etc/pam.d/" + SERVICE, "auth required %s nullok\n"
                      "auth required pam_permit.so\n" % login.module)
    result = login.machine.call(
        lambda: pam_host.run(SERVICE, "alice", ["authenticate"]), user="root")
    assert result["codes"] == ["SUCCESS"] and result["said"] == []


def test_nullok_asks_who_has_a_key(login):
    assert login.authenticate("000000", options="nullok")[0] == "AUTH_ERR"


def test_unreachable(login):
    with socket.socket() as taken: # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        login.resident.write_config(
            "mfa_serial = %s\n" % login.sts.alice.devices[0].serial, url="https://127.0.0.1:%d"
            % taken.getsockname()[1])
        code, said = login.authenticate("123456")
    assert code == "AUTHINFO_UNAVAIL"
    assert said[1][1].startswith("AWS cannot be reached")


@pytest.mark.parametrize("fault", ["throttle", "garbage", "close-before",
                                   "close-after", "error"])
def test_aws_is_broken(login, fault):
    options = {"status": 503, "code": "ServiceUnavailable", "message": "no"} \
        if fault == "error" else {}
    login.sts.fault(fault, **options)
    assert login.authenticate(login.resident.code())[0] == "AUTHINFO_UNAVAIL"


def test_aws_hangs(login):
    """It is not waited for, and everything that waits is ended."""
    login.sts.fault("delay", seconds=100)
    code, said = login.authenticate(login.resident.code(),
                                    options="timeout=1")
    assert code == "AUTHINFO_UNAVAIL"
    assert said[1][1].startswith("AWS does not answer")
    assert any("no answer within 1 seconds" in line for line in login.log())


def test_refused_for_another_reason(login):
    login.sts.fault("error", status=403, code="AccessDenied", message="no")
    assert login.authenticate(login.resident.code())[0] \
        == "CRED_INSUFFICIENT"
    assert any("GetSessionToken" in line for line in login.log())


def test_broken_config(login):
    login.resident.write_config("what is this")
    code, said = login.authenticate()
    assert code == "CRED_INSUFFICIENT"
    # A stranger is told nothing of the files.
    assert said == [["error", "No AWS session could be had. The log of this "
                     "machine says why."]]
    assert any("/home/alice/.aws/config" in line for line in login.log())


@pytest.mark.parametrize("how", ["missing", "not executable", "no program",
                                 "killed"])
def test_program_cannot_be_run(login, how):
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    try:
        if how != "missing":
            login.machine.put(login.machine.program, {
                "killed": "#!/bin/sh\nkill -SEGV $$\n"}.get(how, "x"),
                mode=0o644 if how == "not executable" else 0o755)
        assert login.authenticate()[0] == "SYSTEM_ERR"
    finally:
        os.rename(path + ".away", path)
    assert any("aws-session cannot be run as uid" in line
               for line in login.log())


def test_another_version_of_the_program(login):
    """Its usage errors are no answer."""
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    try:
        login.machine.put(login.machine.program, "#!/bin/sh\nexit 2\n",
                          mode=0o755)
        assert login.authenticate()[0] == "SYSTEM_ERR"
    finally:
        os.rename(path + ".away", path)


def test_conversation_breaks_off(login):
    assert login.authenticate(None)[0] == "CONV_ERR"
    assert login.resident.requests() == 0


def test_unknown_user(login):
    assert login.authenticate(user="nobody-here")[0] == "USER_UNKNOWN"


@pytest.mark.parametrize("user, options", [
    ("root", ""), ("alice", "min_uid=4000000000")])
def test_users_that_are_none_of_our_business(login, user, options):
    """Alone in a stack, to ignore is no permission."""
    result = login.run("authenticate", "acct_mgmt", "setcred", "open_session",
                       "close_session", user=user, options=options)
    assert set(result["codes"]) == {"PERM_DENIED"} and result["said"] == []


@pytest.mark.parametrize("option", [
    "nulok", "timeout=", "timeout=0", "timeout=x", "timeout=601", "min_uid=-1",
    "min_uid=4294967295", "min_uid=1x", "on_last_logout=", "profile=",
    "on_last_logout=maybe", "cached_ok=no", "profile", "debugging"])
def test_wrong_option(login, option):
    result = login.run("authenticate", "acct_mgmt", "setcred", "open_session",
                       "close_session", options=option)
    assert set(result["codes"]) == {"SERVICE_ERR"}
    assert any("option '%s': correct it, see pam_aws_session(8)" % option
               in line for line in login.log())


# --- options -------------------------------------------------------------------

def test_cached_ok(login):
    login.resident.get_session()
    assert login.authenticate(options="cached_ok") == ("SUCCESS", [])
    assert login.run("authenticate", options="cached_ok")["codes"] \
        == ["SUCCESS"]
    assert login.resident.requests() == 1
    assert login.resident.run(login.machine.program,
                              "clear").returncode == 0
    assert login.authenticate("000000", options="cached_ok")[0] == "AUTH_ERR"


def test_prompt(login):
    login.machine.put("/etc/pam.d/" + SERVICE,
                      "auth required %s [prompt=Code, please: ]\n"
                      % login.module)
    result = login.machine.call(
        lambda: pam_host.run(SERVICE, "alice", ["authenticate"], ["x"]),
        user="root")
    assert result["said"][0] == ["on", "Code, please: "]


def test_profile(login):
    key, device = login.sts.alice.keys[0], login.sts.alice.devices[0]
    login.resident.remove_key()
    login.machine.put(
        "/home/alice/.aws/config", "[profile mfa]\naws_access_key_id = %s\n"
        "aws_secret_access_key = %s\nmfa_serial = %s\nendpoint_url = %s\n"
        "ca_bundle = /home/alice/ca.pem\n" % (
            key.id, key.secret, device.serial, login.sts.url), owner="alice")
    assert login.authenticate()[0] == "USER_UNKNOWN"
    assert login.authenticate(login.resident.code(), options="profile=mfa")[
        0] == "SUCCESS"
    assert login.authenticate(options="profile=none")[0] == "USER_UNKNOWN"


def test_silent(login):
    code, said = login.authenticate("000000", flags=pam_host.SILENT)
    assert (code, said) == ("AUTH_ERR", [PROMPT])


def test_debug(login):
    login.authenticate(login.resident.code(), options="debug")
    lines = login.log()
    assert any("authentication of uid" in line for line in lines)
    assert any("GetSessionToken at" in line for line in lines)
    login.resident.said += lines


def test_account(login):
    """Only with a kept session."""
    result = login.run("acct_mgmt")
    assert result["codes"] == ["PERM_DENIED"]
    assert result["said"] == [["error", "There is no AWS session."]]
    login.resident.get_session()
    assert login.run("acct_mgmt")["codes"] == ["SUCCESS"]
    assert login.resident.requests() == 1
    login.resident.remove_key()
    assert login.run("acct_mgmt")["codes"] == ["USER_UNKNOWN"]


# --- sessions ------------------------------------------------------------------

GIVEN = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
         "AWS_SESSION_EXPIRES", "AWS_SESSION_PROFILE", "AWS_REGION"}


@pytest.mark.parametrize("operation", ["open_session",
                                       ("setcred", pam_host.ESTABLISH)])
def test_export_env(login, operation):
    login.resident.get_session()
    after = ["close_session"] if operation == "open_session" else []
    result = login.run(operation, *after, options="export_env")
    assert set(result["codes"]) == {"SUCCESS"}
    env = result["environment"]
    inside = login.resident.run(login.machine.program, "exec", "--cached",
                                "--", "/usr/bin/env").stdout
    assert GIVEN <= set(env) == set(re.findall(r"^(AWS_\w+)=", inside, re.M))
    assert env["AWS_ACCESS_KEY_ID"] in login.sts.store.sessions
    assert login.resident.requests() == 1


def test_export_env_once(login):
    """What setcred gave is not asked for again, nor given when it ends."""
    login.resident.get_session()
    result = login.run(["setcred", pam_host.ESTABLISH], "open_session",
                       "close_session", ["setcred", pam_host.DELETE],
                       options="export_env debug")
    assert set(result["codes"]) == {"SUCCESS"}
    runs = [line for line in login.log() if "config file" in line]
    assert len(runs) == 1


def test_no_session_to_export(login):
    """Which is no reason to refuse a login."""
    result = login.run("open_session", "close_session", options="export_env")
    assert set(result["codes"]) == {"SUCCESS"}
    assert result["environment"] == {}
    assert login.log() == []


def test_what_the_user_would_export(login):
    """A process of the user's may print more, and sudo would give it to a
    command of root's."""
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    try:
        login.machine.put(
            login.machine.program, "#!/bin/sh\nprintf 'AWS_REGION=x\\0"
            "AWS_CONFIG_FILE=/home/alice/commands\\0LD_PRELOAD=/x\\0'\n",
            mode=0o755)
        result = login.run("open_session", "close_session",
                           options="export_env")
    finally:
        os.rename(path + ".away", path)
    assert result["environment"] == {"AWS_REGION": "x"}


def test_nothing_is_exported_unasked(login):
    login.resident.get_session()
    assert login.run("open_session", "close_session")["environment"] == {}


@pytest.mark.parametrize("options, stays", [
    ("", True), ("on_last_logout=keep", True), ("on_last_logout=clear", False)
])
def test_last_logout(login, options, stays):
    login.resident.get_session()
    login.run("open_session", "close_session", options=options)
    assert login.resident.has_session() is stays


class Stay:
    """A host that stays logged in until it is told otherwise."""

    def __init__(self, login, user="alice"):
        self.machine = login.machine
        self.process = self.machine.popen(
            sys.executable, "-uc", "import sys; sys.path.insert(0, %r)\n"
            "from pam_host import Host\n"
            "host = Host(%r, %r)\n"
            "print(host.do('open_session')); input()\n"
            "print(host.do('close_session')); host.end()\n" % (
                os.path.dirname(os.path.abspath(__file__)), SERVICE, user),
            user="root", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def wait(self):
        assert self.process.stdout.readline() == b"SUCCESS\n"
        return self

    def logout(self):
        assert self.process.communicate(b"\n", timeout=60)[0] == b"SUCCESS\n"

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def clearing(login):
    login.configure("on_last_logout=clear")
    login.resident.get_session()
    return login


def test_only_the_last_logout_clears(clearing):
    first, second = Stay(clearing).wait(), Stay(clearing).wait()
    first.logout()
    assert clearing.resident.has_session()
    second.logout()
    assert not clearing.resident.has_session()


def test_killed_logins_do_not_count(clearing):
    killed, stays = Stay(clearing).wait(), Stay(clearing).wait()
    killed.kill()
    stays.logout()
    assert not clearing.resident.has_session()


def test_logout_in_another_process(clearing):
    """As (sd-pam) does it: a child has the handle."""
    def both():
        host = pam_host.Host(SERVICE, "alice")
        first = host.do("open_session")
        child = os.fork()
        if child == 0:
            os._exit(host.do("close_session") != "SUCCESS")
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        host.end()
        return [first, status]
    assert clearing.machine.call(both, user="root") == ["SUCCESS", 0]
    assert not clearing.resident.has_session()


def test_twenty_logins_at_once(clearing):
    """Each is counted, and only the last of them clears."""
    stays = [Stay(clearing) for _ in range(20)]
    for stay in stays:
        stay.wait()
    path = clearing.machine.path("%s/%d" % (
        LOGINS, clearing.machine.uids["alice"]))
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    assert sorted(int(line.split()[0]) for line in lines) == sorted(
        stay.process.pid for stay in stays)
    assert os.stat(path).st_mode & 0o777 == 0o600
    last = stays.pop()
    for stay in stays:
        stay.process.stdin.write(b"\n")
        stay.process.stdin.flush()
    for stay in stays:
        stay.logout()
    assert clearing.resident.has_session()
    last.logout()
    assert not clearing.resident.has_session()


@pytest.mark.parametrize("how", ["link", "writable", "file"])
def test_directory_that_is_not_roots_alone(login, how):
    """A login goes on, and nothing is written there."""
    path = login.machine.path(LOGINS)
    if os.path.isdir(path):
        os.rmdir(path)
    os.makedirs(login.machine.path("/tmp/elsewhere"), exist_ok=True)
    if how == "link":
        os.symlink("/tmp/elsewhere", path)
    elif how == "file":
        login.machine.put(LOGINS, "")
    else:
        os.mkdir(path)
        os.chmod(path, 0o777)
    try:
        result = login.run("open_session", "close_session")
        assert set(result["codes"]) == {"SUCCESS"}
        assert os.listdir(login.machine.path("/tmp/elsewhere")) == []
        assert any("is not counted" in line for line in login.log())
    finally:
        if how == "writable":
            assert os.listdir(path) == []
            os.rmdir(path)
        else:
            os.remove(path)


def test_link_in_the_directory(login):
    """In place of the file of a user."""
    login.run("open_session", "close_session")
    name = login.machine.path("%s/%d" % (LOGINS,
                                         login.machine.uids["alice"]))
    login.machine.put("/tmp/target", "as it was")
    os.symlink("/tmp/target", name)
    try:
        login.run("open_session", "close_session")
    finally:
        os.remove(name)
    with open(login.machine.path("/tmp/target"), encoding="ascii") as file:
        assert file.read() == "as it was"


# --- hosts ---------------------------------------------------------------------

def ignore_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def take_children():
    """A host that takes the status of every child."""
    import ctypes           # pylint: disable=import-outside-toplevel

    @ctypes.CFUNCTYPE(None, ctypes.c_int)
    def handler(_):
        while ctypes.CDLL(None).waitpid(-1, None, 1) > 0:
            pass
    take_children.kept = handler
    ctypes.CDLL(None).signal(signal.SIGCHLD, handler)


def close_standard_descriptors():
    for number in range(3):
        os.close(number)


def block_signals():
    signal.pthread_sigmask(signal.SIG_SETMASK, set(signal.Signals))


def crowd_descriptors():
    for _ in range(300):
        os.set_inheritable(os.dup(0), True)


def be_in_strange_places():
    os.environ.update(HOME="/home/mallory", AWS_PROFILE="other",
                      AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                      AWS_SESSION_MFA_CODE="123456", LD_PRELOAD="/none")
    os.chdir("/proc")
    os.umask(0o777)


@pytest.mark.parametrize("prepare", [
    ignore_children, take_children, close_standard_descriptors, block_signals,
    crowd_descriptors, be_in_strange_places])
def test_hosts(login, prepare):
    """Whatever the host is like, it works, and the host stays like that."""
    if prepare is be_in_strange_places:
        def prepare_all():
            be_in_strange_places()
            os.umask(0o22)  # which pam_host.state sets
        prepare = prepare_all
    result = login.run("authenticate", "open_session", "close_session",
                       answers=[login.resident.code()], prepare=prepare,
                       options="export_env")
    assert set(result["codes"]) == {"SUCCESS"}
    assert GIVEN <= set(result["environment"])


def test_what_the_program_gets(login):
    """The code neither in an argument, nor in an environment, nor in the log;
    no descriptor and no right of the host's."""
    code = login.resident.code()
    login.machine.put("/home/alice/seen", "", owner="alice")
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    try:
        login.machine.put(
            login.machine.program, "#!/bin/sh\n(for p in $$ $PPID; do tr "
            "'\\0' '\\n' </proc/$p/cmdline; tr '\\0' '\\n' </proc/$p/environ; "
            "done; cat /proc/$$/status; ls /proc/$$/fd) "
            ">>/home/alice/seen 2>&1\nexec '%s.away' \"$@\"\n"
            % login.machine.program, mode=0o755)
        assert login.authenticate(code, options="debug",
                                  prepare=crowd_descriptors)[0] == "SUCCESS"
    finally:
        os.rename(path + ".away", path)
    with open(login.machine.path("/home/alice/seen"),
              encoding="ascii") as file:
        text = file.read()
    assert code not in text
    assert code not in "\n".join(login.log())
    uid = login.machine.uids["alice"]
    assert re.findall(r"^Uid:\s*(.*)$", text, re.M)[0].split() \
        == [str(uid)] * 4
    assert set(re.findall(r"^Cap(?:Prm|Eff|Amb):\s*(\w+)$", text, re.M)) \
        == {"0" * 16}
    numbers = set(re.findall(r"^\d+$", text, re.M))
    assert {"0", "1", "2"} <= numbers
    assert numbers <= {"0", "1", "2", "10", "255"} # of sh, for its script
    names = set(re.findall(r"^([A-Z_]+)=", text, re.M))
    assert names <= {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG",
                     "AWS_SESSION_DEBUG", "PWD", "OLDPWD"}


def test_host_is_killed(login):
    """What it started does not outlive it."""
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    login.configure()
    try:
        login.machine.put(login.machine.program,
                          "#!/bin/sh\nexec /bin/sleep 1000\n", mode=0o755)
        started = login.machine.start(
            lambda: pam_host.run(SERVICE, "alice", ["authenticate"]),
            user="root")
        sleeps = wait_for(lambda: [
            pid for pid, command in login.machine.processes().items()
            if command.startswith("/bin/sleep 1000")])
        os.kill(started[0], signal.SIGKILL)
        os.waitpid(started[0], 0)
        os.close(started[1])
        try:
            wait_for(lambda: not login.machine.processes())
        finally:
            for pid in set(sleeps) & set(login.machine.processes()):
                os.kill(pid, signal.SIGKILL)
    finally:
        os.rename(path + ".away", path)


def test_leftover_of_the_program_is_not_waited_for(login):
    """Something that was started by the way and keeps our pipe open."""
    path = login.machine.path(login.machine.program)
    os.rename(path, path + ".away")
    login.configure()
    try:
        login.machine.put(
            login.machine.program, "#!/bin/sh\n/bin/sleep 1000 &\n"
            "exec '%s.away' \"$@\"\n" % login.machine.program, mode=0o755)
        result = login.machine.call(
            lambda: pam_host.run(SERVICE, "alice", ["authenticate"],
                                 ["000000"]), user="root")
        assert result["codes"] == ["AUTH_ERR"]
    finally:
        os.rename(path + ".away", path)
        for pid, command in login.machine.processes().items():
            assert "sleep" in command
            os.kill(pid, signal.SIGKILL)


def test_host_is_the_user(login):
    """As a screen locker is: nothing to drop, and nobody else's business."""
    login.configure()
    code = login.resident.code()
    result = login.machine.call(
        lambda: pam_host.run(SERVICE, "alice", ["authenticate"], [code]))
    assert result["codes"] == ["SUCCESS"]
    result = login.machine.call(
        lambda: pam_host.run(SERVICE, "alice", ["authenticate"], [code]),
        user="mallory")
    assert result["codes"] == ["SYSTEM_ERR"]


@pytest.mark.skipif(not shutil.which("pamtester"), reason="needs pamtester")
def test_pamtester_under_valgrind(login):
    """No access to what is not there, and nothing lost."""
    login.configure("export_env on_last_logout=clear debug")
    code = login.resident.code()
    done = login.machine.run(
        "valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
        "--errors-for-leak-kinds=definite", "--child-silent-after-fork=yes",
        "pamtester", SERVICE, "alice", "authenticate", "setcred",
        "acct_mgmt", "open_session", "close_session", user="root",
        data=code + "\n", env=dict(
            PATH=os.environ.get("PATH", "/usr/bin:/bin"), LANG="C"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "==" not in done.stderr, done.stderr


def test_wrapped_for_a_user_without_rights(login, module):
    """libpam_wrapper: a directory of services of one's own."""
    wrapper = (glob.glob("/usr/lib*/libpam_wrapper.so")
               + glob.glob("/usr/lib/*/libpam_wrapper.so"))[:1]
    if not wrapper:
        pytest.skip("needs libpam_wrapper")
    os.makedirs(login.machine.path("/home/alice/pam.d"), exist_ok=True)
    login.machine.put("/home/alice/pam.d/wrapped",
                      "auth required %s\n" % module, owner="alice")
    env = dict(login.machine.environment("alice"), LD_PRELOAD=wrapper[0],
               PAM_WRAPPER="1", PAM_WRAPPER_SERVICE_DIR="/home/alice/pam.d")
    done = login.resident.run("pamtester", "wrapped", "alice", "authenticate",
                              data=login.resident.code() + "\n", env=env)
    assert "successfully authenticated" in done.stdout, done.stderr
    done = login.resident.run("pamtester", "wrapped", "alice", "authenticate",
                              data="000000\n", env=env)
    assert "Authentication failure" in done.stderr


def test_exports_entry_points_only(build):
    listed = subprocess.run(
        ["nm", "-D", "--defined-only",
         os.path.join(build, "pam", "pam_aws_session.so")],
        check=True, capture_output=True, text=True).stdout
    assert {line.split()[-1] for line in listed.splitlines()} == {
        "pam_sm_" + name for name in ("authenticate", "setcred", "acct_mgmt",
                                      "open_session", "close_session")}


def test_no_state(build):
    """Nothing that lives longer than a call: no variable is ever written, but
    for two of the compiler's."""
    listed = subprocess.run(
        ["readelf", "-SW", os.path.join(build, "pam", "pam_aws_session.so")],
        check=True, capture_output=True, text=True).stdout
    sizes = {name: int(size, 16) for name, size in re.findall(
        r"\] (\.(?:t?data|t?bss)) +\S+ +\S+ +\S+ +(\S+)", listed)}
    assert set(sizes) == {".data", ".bss"}
    assert sizes[".data"] <= 8 and sizes[".bss"] <= 8
