"""import and rotate where the signer is installed setuid: the command line
sees no stored key, and all goes well nevertheless."""

import json
import os

import pytest

from conftest import KEYCTL
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
    done = resident.aws("rotate", "--code", sts.code("alice"))
    assert done.returncode == 0, done.stderr
    key, = sts.alice.keys
    assert old.deleted and key is not old
    resident.assert_protected(key)
    done = resident.aws("exec", "true")
    assert done.returncode == 0, done.stderr
    assert resident.aws("rotate").returncode == 0
    resident.assert_protected(sts.alice.keys[0])


def test_rotated_on_after_a_lost_answer(resident, sts):
    old = sts.alice.keys[0]
    assert resident.aws("import", "--force").returncode == 0
    sts.fault("close-after", operation="iam:CreateAccessKey", count=1)
    done = resident.aws("rotate", "--code", sts.code("alice"))
    assert done.returncode == 125
    resident.assert_protected(old)
    done = resident.aws("rotate")
    assert done.returncode == 0, done.stderr
    assert "is lost: deleting that key" in done.stdout
    key, = sts.alice.keys
    resident.assert_protected(key)
