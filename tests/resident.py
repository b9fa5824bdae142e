"""Alice on the machine of machine.py: her AWS files, and the environment that
a login gives, which says nothing of the emulator: the files do."""

import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conftest import leaks  # noqa: E402


class Resident:
    """Somebody who lives there, with a key in the files."""

    def __init__(self, machine, sts, name="alice"):
        self.machine, self.sts, self.name = machine, sts, name
        self.said = []      # what our programs said, searched for leaks
        self.home = "/home/" + name
        with open(sts.ca_file, "rb") as file:
            machine.put(self.home + "/ca.pem", file.read())
        os.makedirs(machine.path(self.home + "/.aws"), exist_ok=True)
        os.chown(machine.path(self.home + "/.aws"), machine.uids[name], -1)
        self.write_key()

    def write_key(self, config=""):
        """A key in the credentials file, and all else in the config file."""
        key, device = self.sts.alice.keys[0], self.sts.alice.devices[0]
        self.machine.put(self.home + "/.aws/credentials",
                         "[default]\naws_access_key_id = %s\n"
                         "aws_secret_access_key = %s\n" % (key.id, key.secret),
                         owner=self.name, mode=0o600)
        self.write_config("mfa_serial = %s\n%s" % (device.serial, config))

    def write_config(self, text="", url=None):
        """The config file. url: of STS, if not the emulator's."""
        self.machine.put(
            self.home + "/.aws/config", "[default]\nendpoint_url = %s\n"
            "ca_bundle = %s/ca.pem\nregion = eu-west-1\n%s" % (
                url or self.sts.url, self.home, text), owner=self.name)

    def remove_key(self):
        """No key anywhere."""
        os.remove(self.machine.path(self.home + "/.aws/credentials"))

    def run(self, *command, **options):
        """Run a program as this user."""
        done = self.machine.run(*command, user=self.name, **options)
        self.said.append(done.stderr or "")
        return done

    def code(self):
        """A code that AWS will take."""
        return self.sts.code("alice")

    def get_session(self):
        """Have one kept."""
        done = self.run(self.machine.program, "exec", "--code", self.code(),
                        "true")
        assert done.returncode == 0, done.stderr

    def has_session(self):
        """Whether one is kept."""
        return self.run(self.machine.program, "exec", "--cached",
                        "true").returncode == 0

    def requests(self, operation="GetSessionToken"):
        """How many came to the emulator."""
        return len([request for request in self.sts.requests
                    if request["operation"] == operation])

    def close(self):
        """Take it all away again."""
        self.machine.clear_keys(self.name)
        shutil.rmtree(self.machine.path(self.home + "/.aws"))
        assert leaks("\n".join(self.said), self.sts.secrets) == []


@pytest.fixture
def resident(machine, sts):
    """Alice. Nothing of hers is left, and no secret was printed."""
    someone = Resident(machine, sts)
    yield someone
    someone.close()
