"""aws-session provision-mfa: a virtual MFA device that works, or none at all,
and a seed that is on the screen and nowhere else."""

import base64
import glob
import os
import re
import signal
import time
import urllib.parse

import pexpect
import pytest

import qr_reader
import stored
from conftest import KEYCTL, leaks
from emulator import STEP, totp

pytestmark = [
    pytest.mark.skipif(not KEYCTL, reason="needs keyctl(1)"),
    pytest.mark.skipif(not qr_reader.ZBAR, reason="needs zbarimg(1)")]

FIRST, SECOND = "First code of the new device: ", "Second code: "
LARGE = (50, 140)


class Newcomer:
    """Bob, who has a key and no MFA device, and an authenticator app."""

    def __init__(self, person, tmp_path):
        self.person, self.sts, self.tmp_path = person, person.sts, tmp_path
        self.user = person.sts.add_user("bob")
        self.serial = self.user.arn.replace(":user/", ":mfa/")
        self.steps = 0
        self.children = []
        person.write_key(self.user, serial=False)

    def start(self, *arguments, size=LARGE, env=None, until=FIRST):
        full = {name: value for name, value in
                dict(self.person.env, **(env or {})).items()
                if value is not None}
        child = self.spawn(self.person.program, ["provision-mfa", *arguments],
                           env=full, dimensions=size)
        if until is not None:
            child.expect_exact(until)
        return child

    def spawn(self, *arguments, **options):
        child = pexpect.spawn(*arguments, encoding="utf-8", timeout=30,
                              **options)
        self.children.append(child)
        return child

    def seed(self):
        return self.sts.store.devices[self.serial].seed

    def codes(self, seed=None):
        """Two codes in a row; AWS takes them from some steps ahead, too."""
        now = self.sts.clock.mfa_now() + self.steps * STEP
        self.steps += 2
        return [totp(seed or self.seed(), now + step * STEP)
                for step in (0, 1)]

    def give(self, child, codes):
        child.sendline(codes[0])
        child.expect_exact(SECOND)
        child.sendline(codes[1])

    def devices(self):
        """Serials of Bob's that are there at all -> whether enabled."""
        return {serial: device.owner.new is not None
                for serial, device in self.sts.store.devices.items()
                if serial.rsplit("/", 1)[0] == self.serial.rsplit("/", 1)[0]
                and serial.rsplit("/", 1)[1] != "alice"}

    def assert_enabled(self, child):
        child.expect_exact("MFA device %s of user bob is enabled, and used "
                           "from now on." % self.serial)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        assert self.devices()[self.serial]


@pytest.fixture
def newcomer(person, tmp_path):
    someone = Newcomer(person, tmp_path)
    yield someone
    for child in someone.children:      # of a test that failed
        child.close(force=True)


def operations(sts):
    return [request["operation"] for request in sts.requests]


def end_of(child):
    """All that comes, on one line, and how it ended."""
    child.expect(pexpect.EOF)
    child.close()
    return " ".join(child.before.split()), child.exitstatus, child.signalstatus


def uri_of(newcomer, kind, device="bob"):
    form = {"full": "otpauth://totp/Amazon%%20Web%%20Services:%s@%s?secret=%s"
                    "&issuer=Amazon%%20Web%%20Services",
            "short": "otpauth://totp/%s@%s?secret=%s"}[kind]
    return form % (urllib.parse.quote(device, safe=""), newcomer.sts.account,
                   newcomer.seed())


# --- it works -----------------------------------------------------------------

@pytest.mark.parametrize("size, lang, kind", [
    ((50, 140), "C.UTF-8", "full"), ((24, 80), "C.UTF-8", "short"),
    ((60, 140), "C", "full"), ((48, 100), "C", "short")])
def test_provisions(newcomer, tmp_path, size, lang, kind):
    """A reader finds the URI on a dark and on a light terminal, in half blocks
    and in background colours, and its codes enable the device."""
    child = newcomer.start(size=size, env={"LANG": lang})
    shown = child.before
    assert ("\u2580" in shown) == (lang != "C")
    for around in (0, 255):
        assert qr_reader.read_back(shown, tmp_path, around) \
            == uri_of(newcomer, kind)
    assert qr_reader.quiet_zone(shown) == 4
    columns, rows, _ = qr_reader.drawing(shown)
    assert columns <= size[1] and rows < size[0]
    assert newcomer.seed() not in shown.replace(" ", "")
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)
    assert operations(newcomer.sts) == [
        "GetCallerIdentity", "ListMFADevices", "CreateVirtualMFADevice",
        "EnableMFADevice"]
    newcomer.sts.forget()
    done = newcomer.person.run("exec", "--code",
                               newcomer.sts.code("bob"), "true")
    assert done.returncode == 0, done.stderr
    assert operations(newcomer.sts) == ["GetSessionToken"]


@pytest.mark.parametrize("options, size, term", [
    (["--text"], LARGE, "xterm"), ([], (24, 44), "xterm"),
    ([], (23, 80), "xterm"), ([], LARGE, "dumb"), ([], LARGE, None)])
def test_as_text(newcomer, tmp_path, options, size, term):
    """By --text too; instead, where there is no room or there are no colours,
    and then it is said how much room it takes."""
    child = newcomer.start(*options, size=size, env={"TERM": term})
    shown = child.before
    flat = re.sub(r"\r?\n", "\n", shown)
    groups = re.search(r"^Secret: ([A-Z2-7 ]+)$", flat, re.M)[1].split()
    assert "".join(groups) == newcomer.seed()
    assert {len(group) for group in groups[:-1]} == {4}
    assert re.search(r"^URI: (.*)$", flat, re.M)[1] == uri_of(newcomer, "full")
    if options:
        assert qr_reader.read_back(shown, tmp_path) == uri_of(newcomer, "full")
    elif term == "xterm":
        needs = re.search(r"needs a terminal of (\d+) columns and (\d+) lines, "
                          r"and this one has (\d+) and (\d+)", shown)
        assert [int(number) for number in needs.groups()] \
            == [45, 24, size[1], size[0]]
    else:
        assert "TERM says that this terminal has no colours" in shown
    assert options or "\x1b[48" not in shown
    newcomer.give(child, newcomer.codes("".join(groups)))
    newcomer.assert_enabled(child)


@pytest.mark.skipif(os.getuid() != 0, reason="mounts, so needs root")
def test_without_the_helper(newcomer):
    """No QR code is no reason to give up."""
    child = newcomer.spawn(
        "unshare", ["-m", "sh", "-ec", 'mount --bind /dev/null "$1"; '
                    'exec "$0" provision-mfa', newcomer.person.program,
                    os.path.join(newcomer.person.build, "src", "qr",
                                 "aws-session-qr")],
        env=dict(newcomer.person.env, PATH="/usr/bin:/bin:/usr/sbin:/sbin"),
        dimensions=LARGE)
    child.expect_exact(FIRST)
    assert "cannot start " in child.before
    assert "type the secret into your authenticator app instead" \
        in child.before
    assert "Secret: " in child.before
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)


def test_codes_are_checked(newcomer):
    """Six digits, and two that differ; the second one is waited for."""
    child = newcomer.start()
    first, second = newcomer.codes()
    child.sendline("12345")
    child.expect_exact("An MFA code is six digits.")
    child.expect_exact(FIRST)
    child.sendline(" %s %s " % (first[:3], first[3:]))
    child.expect(r"Next code in [ \d]\d s\. " + SECOND)
    child.sendline(first)
    child.expect_exact("This is the first code again: wait until your app "
                       "shows the next one.")
    child.expect_exact(SECOND)
    child.sendline("abcdef")
    child.expect_exact("An MFA code is six digits.")
    child.expect_exact(SECOND)
    child.sendline(second)
    newcomer.assert_enabled(child)


def test_wrong_codes(newcomer):
    """Two new ones, up to three times."""
    child = newcomer.start()
    newcomer.give(child, ["000000", "000001"])
    child.expect_exact("AWS did not take the two codes: they must be of the "
                       "new device, one right after the other.")
    child.expect(r"Next code in [ \d]\d s\. " + FIRST)
    first, _ = newcomer.codes()
    newcomer.give(child, [first, "000001"])
    child.expect_exact(FIRST)
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)
    assert operations(newcomer.sts).count("EnableMFADevice") == 3


def test_wrong_codes_three_times(newcomer):
    child = newcomer.start()
    for _ in range(2):
        newcomer.give(child, ["000000", "000001"])
        child.expect_exact(FIRST)
    newcomer.give(child, ["000000", "000001"])
    text, status, _ = end_of(child)
    assert status == 125
    assert "The new MFA device %s is deleted again" % newcomer.serial in text
    assert newcomer.devices() == {}


def test_a_setting_that_names_another(newcomer):
    newcomer.person.config.write_text(
        "[default]\n\nmfa_serial = arn:aws:iam::1:mfa/old\n")
    child = newcomer.start()
    newcomer.give(child, newcomer.codes())
    text, status, _ = end_of(child)
    assert status == 0
    assert "MFA device %s of user bob is enabled. " % newcomer.serial in text
    assert ("another device is used as long as mfa_serial = arn:aws:iam::1:mfa"
            "/old stands in %s, line 3" % newcomer.person.config) in text


def test_a_role_of_the_profile(newcomer):
    """The device is that of the key at the root of the chain."""
    role = newcomer.sts.add_role("builder")
    with open(newcomer.person.config, "a", encoding="utf-8") as file:
        file.write("[profile role]\nrole_arn = %s\nsource_profile = default\n"
                   % role.arn)
    child = newcomer.start("--profile", "role")
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)
    assert "AssumeRole" not in operations(newcomer.sts)


# --- who has one, and names ---------------------------------------------------

def test_one_more(newcomer):
    """Only with a name, and by a session with MFA."""
    person, sts = newcomer.person, newcomer.sts
    alice = sts.alice.devices[0].serial
    person.write_key(sts.alice, serial=False)
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125
    assert "alice has an MFA device already, %s; to make one more" % alice \
        in text
    assert operations(sts) == ["GetCallerIdentity", "ListMFADevices"]
    sts.forget()
    child = newcomer.start("my+phone", until="MFA code for %s: " % alice)
    child.sendline(sts.code("alice"))
    child.expect_exact(FIRST)
    newcomer.serial = alice.replace("/alice", "/my+phone")
    assert qr_reader.read_back(child.before, newcomer.tmp_path) \
        == uri_of(newcomer, "full", "my+phone")
    newcomer.give(child, newcomer.codes())
    text, status, _ = end_of(child)
    assert status == 0 and newcomer.serial in text
    assert [device.serial for device in sts.alice.devices] \
        == [alice, newcomer.serial]
    for request in sts.requests:
        if request["operation"] in ("CreateVirtualMFADevice",
                                    "EnableMFADevice"):
            assert request["access_key_id"].startswith("ASIA")
    # The kept session is that of the old device, so is not asked for again.
    child = newcomer.start("third", until="MFA code for %s: " % newcomer.serial)
    child.sendintr()
    assert end_of(child)[2] == signal.SIGINT


def test_too_many(newcomer):
    for number in range(8):
        device = newcomer.sts.store.add_device(newcomer.serial + str(number))
        newcomer.sts.store.enable_device(device, newcomer.user)
    text, status, _ = end_of(newcomer.start("ninth", until=None))
    assert status == 125 and "has 8 MFA devices, and AWS allows 8" in text


@pytest.mark.parametrize("name", ["", "a b", "a/b", "\u00e9", "x" * 129])
def test_bad_names(newcomer, name):
    text, status, _ = end_of(newcomer.start(name, until=None))
    assert status == 125 and "is no name for an MFA device" in text
    assert operations(newcomer.sts) == []


def test_left_over(newcomer):
    """kill -9: the next run finds the device and offers to delete it."""
    child = newcomer.start(env={"FAULT_POINT": "1"}, until=None)
    assert end_of(child)[2] == signal.SIGKILL
    assert newcomer.devices() == {newcomer.serial: False}
    lost = newcomer.seed()
    for answer in ("n", ""):
        child = newcomer.start(until="make it anew? [y/N] ")
        child.sendline(answer)
        text, status, _ = end_of(child)
        assert status == 125
        assert ("aws iam delete-virtual-mfa-device --serial-number "
                + newcomer.serial) in text
        assert newcomer.devices() == {newcomer.serial: False}
    child = newcomer.start(until="make it anew? [y/N] ")
    child.sendline("y")
    child.expect_exact(FIRST)
    assert newcomer.seed() != lost
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)


def test_ctrl_c_at_the_offer(newcomer):
    newcomer.sts.store.add_device(newcomer.serial)
    child = newcomer.start(until="make it anew? [y/N] ")
    child.sendintr()
    assert end_of(child)[2] == signal.SIGINT
    assert newcomer.devices() == {newcomer.serial: False}


def test_name_of_somebody_else(newcomer):
    """AWS deletes no device that is enabled."""
    device = newcomer.sts.store.add_device(newcomer.serial)
    newcomer.sts.store.enable_device(device, newcomer.sts.alice)
    child = newcomer.start(until="make it anew? [y/N] ")
    child.sendline("y")
    text, status, _ = end_of(child)
    assert status == 125 and "is somebody's MFA device, and enabled" in text
    assert newcomer.devices() == {newcomer.serial: True}


def test_name_of_ones_own(newcomer):
    device = newcomer.sts.store.add_device(newcomer.serial)
    newcomer.sts.store.enable_device(device, newcomer.user)
    text, status, _ = end_of(newcomer.start("bob", until=None))
    assert status == 125 and "is your MFA device, and enabled" in text
    assert "CreateVirtualMFADevice" not in operations(newcomer.sts)


# --- it is given up -----------------------------------------------------------

def at_second(newcomer, child):
    child.sendline(newcomer.codes()[0])
    child.expect_exact(SECOND)


@pytest.mark.parametrize("question", [FIRST, SECOND])
@pytest.mark.parametrize("way", ["INT", "QUIT", "TERM", "HUP", "Ctrl-C",
                                 "Ctrl-D", "hangup"])
def test_given_up(newcomer, question, way):
    child = newcomer.start()
    if question == SECOND:
        at_second(newcomer, child)
    if way == "hangup":
        child.close(force=False)
    elif way == "Ctrl-C":
        child.sendintr()
    elif way == "Ctrl-D":
        child.sendeof()
    else:
        child.kill(getattr(signal, "SIG" + way))
    if way == "hangup":
        deadline = time.monotonic() + 30
        while newcomer.devices() and time.monotonic() < deadline:
            time.sleep(0.05)
    else:
        text, status, killed = end_of(child)
        assert "new MFA device %s is deleted again" % newcomer.serial in text
        assert text.count("deleted again") == 1
        if way == "Ctrl-D":
            assert status == 125
        else:
            name = "INT" if way == "Ctrl-C" else way
            assert killed == getattr(signal, "SIG" + name)
    assert newcomer.devices() == {}
    assert operations(newcomer.sts)[-1] == "DeleteVirtualMFADevice"


@pytest.mark.parametrize("operation", ["CreateVirtualMFADevice",
                                       "EnableMFADevice"])
def test_ctrl_c_during_a_call(newcomer, operation):
    """The call comes to its end, so that it is known what there is."""
    newcomer.sts.fault("delay", seconds=1, operation=operation)
    child = newcomer.start(until=None)
    if operation == "EnableMFADevice":
        child.expect_exact(FIRST)
        newcomer.give(child, newcomer.codes())
    deadline = time.monotonic() + 30
    while operation not in operations(newcomer.sts):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.sendintr()
    child.sendintr()
    text, _, killed = end_of(child)
    assert killed == signal.SIGINT
    if operation == "EnableMFADevice":
        assert newcomer.devices() == {newcomer.serial: True}
        assert "is enabled, and used from now on" in text
        assert operations(newcomer.sts)[-1] == operation
    else:
        assert newcomer.devices() == {}
        assert "interrupted. The new MFA device" in text


def test_nohup_is_respected(newcomer):
    """A signal that was ignored stays ignored."""
    child = newcomer.spawn(
        "/bin/sh", ["-c", 'trap "" HUP; exec "$0" provision-mfa',
                    newcomer.person.program],
        env=newcomer.person.env, dimensions=LARGE)
    child.expect_exact(FIRST)
    child.kill(signal.SIGHUP)
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)


# --- AWS says no, or nothing --------------------------------------------------

def test_not_allowed_to_make_one(newcomer):
    newcomer.user.deny.add("iam:CreateVirtualMFADevice")
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125
    assert "AWS does not let you do iam:CreateVirtualMFADevice" in text
    assert operations(newcomer.sts)[-1] == "CreateVirtualMFADevice"


def test_not_allowed_to_enable_it(newcomer):
    newcomer.user.deny.add("iam:EnableMFADevice")
    child = newcomer.start()
    newcomer.give(child, newcomer.codes())
    text, status, _ = end_of(child)
    assert status == 125
    assert "AWS does not let you do iam:EnableMFADevice" in text
    assert "is deleted again" in text
    assert newcomer.devices() == {}


def test_not_allowed_to_delete_it(newcomer):
    newcomer.user.deny.add("iam:DeleteVirtualMFADevice")
    child = newcomer.start()
    child.sendeof()
    text, status, _ = end_of(child)
    assert status == 125
    assert "no MFA code was given. The new MFA device is still there" in text
    assert ("aws iam delete-virtual-mfa-device --serial-number "
            + newcomer.serial) in text
    assert newcomer.devices() == {newcomer.serial: False}


def test_network_lost(newcomer):
    """After the device was made: neither enabled nor deleted, and said so."""
    child = newcomer.start()
    newcomer.sts.fault("close-accept")
    newcomer.sts.fault("close-before")
    newcomer.give(child, newcomer.codes())
    text, status, _ = end_of(child)
    assert status == 125
    assert "The new MFA device is still there, not enabled" in text
    assert "--serial-number " + newcomer.serial in text
    assert newcomer.devices() == {newcomer.serial: False}


def test_answer_of_create_lost(newcomer):
    """Nobody knows its seed: it goes."""
    newcomer.sts.fault("close-after", operation="CreateVirtualMFADevice")
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125 and "is deleted again" in text
    assert newcomer.devices() == {}
    assert operations(newcomer.sts).count("CreateVirtualMFADevice") == 1


@pytest.mark.parametrize("count", [1, None])
def test_answer_of_enable_lost(newcomer, count):
    """It is enabled all the same, which the next call shows, or that AWS does
    not delete it."""
    newcomer.sts.fault("close-after", operation="EnableMFADevice", count=count)
    child = newcomer.start()
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)


@pytest.mark.parametrize("names", ["Base32StringSeed", "SerialNumber"])
def test_answer_of_create_without(newcomer, names):
    newcomer.sts.fault("missing", operation="CreateVirtualMFADevice",
                       names=names)
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125 and "the element %s is missing" % names in text
    assert "is deleted again" in text and newcomer.devices() == {}


def test_quota_of_the_account(newcomer):
    newcomer.sts.fault("error", operation="CreateVirtualMFADevice", status=409,
                       code="LimitExceeded", message="Cannot exceed quota")
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125 and "as many MFA devices as AWS allows" in text


# --- nobody there, and stored keys --------------------------------------------

def test_without_a_terminal(newcomer):
    done = newcomer.person.run("provision-mfa")
    assert done.returncode == 123 and "no terminal" in done.stderr
    assert operations(newcomer.sts) == []


def test_two_at_once(newcomer):
    child = newcomer.start()
    text, status, _ = end_of(newcomer.start(until=None))
    assert status == 125
    assert "another aws-session provision-mfa of yours is running" in text
    child.sendeof()
    end_of(child)
    assert newcomer.devices() == {}


@pytest.fixture
def keeper(newcomer):
    """Bob's key is stored, and in no file."""
    newcomer.profile = stored.profile_name()
    newcomer.key = newcomer.user.keys[0]
    newcomer.person.credentials.unlink()
    newcomer.person.config.write_text("[profile %s]\n" % newcomer.profile)
    newcomer.person.env["AWS_PROFILE"] = newcomer.profile
    stored.store(newcomer.profile, newcomer.key.id, newcomer.key.secret)
    yield newcomer
    stored.forget(newcomer.profile)


def test_stored_key(keeper):
    """Whoever may use it must not be able to add a device: its secret is asked
    for. Then it is as with any other, and remembered for the stored one."""
    child = keeper.start(until="Secret access key (not shown): ")
    assert keeper.key.id in child.before
    child.sendline(keeper.key.secret)
    child.expect_exact(FIRST)
    assert keeper.key.secret not in child.before
    keeper.give(child, keeper.codes())
    keeper.assert_enabled(child)
    keeper.sts.forget()
    done = keeper.person.run("exec", "--code", keeper.sts.code("bob"), "true")
    assert done.returncode == 0, done.stderr
    assert operations(keeper.sts) == ["GetSessionToken"]


def test_stored_key_of_another_secret(keeper):
    child = keeper.start(until="Secret access key (not shown): ")
    child.sendline(keeper.sts.alice.keys[0].secret)
    text, status, _ = end_of(child)
    assert status == 125
    assert "secret access key does not belong to the access key" in text
    assert keeper.devices() == {}


# --- where the seed is --------------------------------------------------------

def memory_of(pid):
    """All that a process has in its memory, but for the terabytes that
    sanitizers reserve."""
    found = []
    with open("/proc/%d/maps" % pid, encoding="utf-8") as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            start, end, modes = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            size = int(end, 16) - int(start, 16)
            if "r" in modes and "[v" not in line and size < 1 << 26:
                try:
                    memory.seek(int(start, 16))
                    found.append(memory.read(size))
                except OSError:
                    pass
    return b"".join(found)


def forms(seed):
    """What the seed may look like: as it is, in pieces, as AWS sends it, as
    the bytes that it stands for."""
    groups = [seed[i:i + 4] for i in range(0, len(seed), 4)]
    return {form.encode() for form in (
        seed, seed[:20], seed[-20:], " ".join(groups),
        base64.b64encode(seed.encode()).decode()[:40])} | {
            base64.b32decode(seed)}


@pytest.mark.parametrize("options", [[], ["--text"]])
def test_seed_is_nowhere_else(newcomer, tmp_path, options):
    """While a code is asked for: not in our memory either."""
    person, out = newcomer.person, tmp_path / "out"
    out.mkdir()
    person.env["TMPDIR"] = str(out)
    child = newcomer.spawn(
        "/bin/sh", ["-c", 'exec "$0" provision-mfa --debug "$@" >"$TMPDIR/out"'
                    ' 2>"$TMPDIR/err"', person.program, *options],
        env=person.env, dimensions=LARGE)
    child.expect_exact(FIRST)
    first, second = newcomer.codes()
    child.sendline(first)
    child.expect_exact(SECOND)
    wanted = forms(newcomer.seed())
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob(
            "/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        assert not [form for form in wanted if form in content], path
    if os.getuid() == 0:
        content = memory_of(child.pid)
        assert b"provision-mfa" in content      # it is read at all
        assert [form for form in wanted if form in content] == []
    child.sendline(second)
    child.expect(pexpect.EOF)
    child.close()
    files = [os.path.join(where, name)
             for where, _, names in os.walk(tmp_path) for name in names]
    assert len(files) >= 4
    for path in files + glob.glob("/run/user/%d/aws-session*" % os.getuid()):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
            assert not [form for form in wanted if form in content], path
    said = (out / "err").read_text()
    assert "CreateVirtualMFADevice at" in said
    assert leaks(said + (out / "out").read_text(), newcomer.sts.secrets) == []
    assert (out / "out").read_text() == (
        "MFA device %s of user bob is enabled, and used from now on.\n"
        % newcomer.serial)
