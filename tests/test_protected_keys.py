"""import, rotate and provision-mfa where the signer is installed setuid: the
command line sees no stored key, and all goes well nevertheless."""

import fcntl
import json
import os
import pty
import shutil
import termios

import pexpect.fdpexpect
import pytest

from conftest import KEYCTL
from emulator import STEP, totp
from machine import machine, needs_root  # noqa: F401 pylint: disable=W0611
from resident import Resident

pytestmark = needs_root


class Keeper(Resident):
    """Alice, who runs nothing else."""

    def aws(self, *arguments):
        return self.run(self.machine.program, *arguments)

    def stored(self):
        """What is stored for the profile, as list says."""
        return [entry for entry in json.loads(
            self.aws("list", "--json").stdout)["keys"]
            if entry["kept_in"] == "keyring"]

    def assert_protected(self, key):
        entry, = self.stored()
        assert (entry["access_key_id"], entry["protected"]) == (key.id, True)
        for serial in self.machine.run(KEYCTL, "rlist", "@u").stdout.split():
            content = self.machine.run(KEYCTL, "pipe", serial).stdout
            assert key.secret not in content


@pytest.fixture
def resident(machine, sts):                     # noqa: F811
    someone = Keeper(machine, sts)
    yield someone
    someone.close()


def credentials(machine):                       # noqa: F811
    with open(machine.path("/home/alice/.aws/credentials"),
              encoding="ascii") as file:
        return file.read()


def test_imported(resident, machine, sts):      # noqa: F811
    done = resident.aws("import", "--force")
    assert done.returncode == 0, done.stderr
    assert credentials(machine) == "[default]\n"
    status = os.stat(machine.path("/home/alice/.aws/credentials"))
    assert (status.st_uid, status.st_mode & 0o777) == (
        machine.uids["alice"], 0o600)
    resident.assert_protected(sts.alice.keys[0])


def test_imported_again(resident, sts):
    """As after an import that was interrupted before the lines went."""
    assert resident.aws("import", "--force", "--keep").returncode == 0
    done = resident.aws("import", "--force")
    assert done.returncode == 0, done.stderr
    assert "it is stored already, by an import" in done.stdout
    resident.assert_protected(sts.alice.keys[0])


def test_readable_key_is_stored_anew(resident, machine, sts):   # noqa: F811
    """The same key, put there by the user: that is no protection."""
    key = sts.alice.keys[0]
    machine.run(KEYCTL, "padd", "user", "aws-session:parent:default", "@u",
                data="%s\n%s" % (key.id, key.secret))
    done = resident.aws("import", "--force")
    assert done.returncode == 0, done.stderr
    assert "it is stored already, but unprotected" in done.stdout
    resident.assert_protected(key)


def test_rotated(resident, sts):
    """With one code; and the session goes on with the new key."""
    old = sts.alice.keys[0]
    assert resident.aws("import", "--force").returncode == 0
    done = resident.aws("rotate", "--force", "--code", sts.code("alice"))
    assert done.returncode == 0, done.stderr
    key, = sts.alice.keys
    assert old.deleted and key is not old
    resident.assert_protected(key)
    done = resident.aws("exec", "true")
    assert done.returncode == 0, done.stderr
    assert resident.aws("rotate", "--force").returncode == 0
    resident.assert_protected(sts.alice.keys[0])


def test_rotated_on_after_a_lost_answer(resident, sts):
    old = sts.alice.keys[0]
    assert resident.aws("import", "--force").returncode == 0
    sts.fault("close-after", operation="iam:CreateAccessKey", count=1)
    done = resident.aws("rotate", "--force", "--code", sts.code("alice"))
    assert done.returncode == 125
    resident.assert_protected(old)
    done = resident.aws("rotate", "--force")
    assert done.returncode == 0, done.stderr
    assert "is lost: deleting that key" in done.stdout
    key, = sts.alice.keys
    resident.assert_protected(key)


# --- a first MFA device, for a key that is stored ------------------------------

MFA_OPERATIONS = "CreateVirtualMFADevice EnableMFADevice DeleteVirtualMFADevice"


@pytest.mark.parametrize("allowed", [None, MFA_OPERATIONS, "EnableMFADevice"])
def test_first_device(resident, machine, sts, allowed):     # noqa: F811
    """With the signer only if the administrator named all that it takes."""
    sts.alice.devices.clear()
    sts.store.devices.clear()
    resident.write_config()
    assert resident.aws("import", "--force").returncode == 0
    key = sts.alice.keys[0]
    policy = machine.path(machine.policy)
    os.makedirs(os.path.dirname(policy), exist_ok=True)
    if allowed:
        machine.put(machine.policy, "allowed_operations = %s\n" % allowed)
    ours, theirs = pty.openpty()
    process = machine.popen(
        machine.program, "provision-mfa", stdin=theirs,
        start_new_session=True,
        prepare=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(theirs)
    terminal = pexpect.fdpexpect.fdspawn(ours, timeout=30, encoding="utf-8")
    try:
        if allowed != MFA_OPERATIONS:
            terminal.expect_exact("Secret access key (not shown): ")
            terminal.sendline(key.secret)
        terminal.expect_exact("First code of the new device: ")
        assert "not shown" not in terminal.before
        device, = sts.store.devices.values()
        terminal.sendline(totp(device.seed, sts.clock.mfa_now()))
        terminal.expect_exact("Second code: ")
        terminal.sendline(totp(device.seed, sts.clock.mfa_now() + STEP))
        terminal.expect_exact("Clear the screen")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        if allowed:
            os.unlink(policy)
    resident.assert_protected(key)
    assert resident.aws("exec", "--code", sts.code("alice"),
                        "true").returncode == 0
def test_rotated_for_a_time(resident, machine):         # noqa: F811
    """Where the policy lets stored keys end, the question says when."""
    assert resident.aws("import", "--force").returncode == 0
    machine.put(machine.policy, "parent_key_lifetime = 8h\n")
    try:
        done = resident.aws("rotate")
    finally:
        os.unlink(machine.path(machine.policy))
    assert done.returncode == 123
    assert ("in the keyring only, for 8 h 0 min (parent_key_lifetime) or "
            "until a boot; after that") in done.stderr
