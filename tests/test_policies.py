"""The IAM policies of README.md: they name what we call and no more, and what
we call they allow, as IAM reads them."""

import fnmatch
import json
import os
import re

import pexpect
import pytest

import qr_reader
from conftest import KEYCTL
from test_provision import end_of, newcomer  # noqa: F401 pylint: disable=W0611
from test_rotate import rotator  # noqa: F401 pylint: disable=W0611

needs_reader = pytest.mark.skipif(not qr_reader.ZBAR or not KEYCTL,
                                  reason="needs zbarimg(1) and keyctl(1)")


class Policy:
    """One policy; only what ours use of the language is understood."""

    def __init__(self, text):
        document = json.loads(text)
        assert set(document) == {"Version", "Statement"}
        assert document["Version"] == "2012-10-17"
        self.statements = document["Statement"]
        for statement in self.statements:
            assert set(statement) - {"Condition"} == {"Effect", "Action",
                                                      "Resource"}
            assert statement["Effect"] == "Allow"
            assert statement.get("Condition", self.MFA) == self.MFA

    MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

    @staticmethod
    def actions_of(statement):
        action = statement["Action"]
        return [action] if isinstance(action, str) else action

    @property
    def actions(self):
        return {action for statement in self.statements
                for action in self.actions_of(statement)}

    def allows(self, action, resource, user, mfa):
        """The condition is Bool, so a key without the context fails it."""
        return any(
            action in self.actions_of(statement)
            and (mfa or "Condition" not in statement)
            and fnmatch.fnmatchcase(resource, statement["Resource"].replace(
                "${aws:username}", user))
            for statement in self.statements)


@pytest.fixture(scope="module")
def policies(source):
    """For sessions, provision-mfa and rotate; the first is for all."""
    with open(os.path.join(source, "README.md"), encoding="utf-8") as file:
        blocks = re.findall(r"^```json\n(.*?)^```$", file.read(),
                            re.M | re.S)
    assert len(blocks) == 3
    return [Policy(block) for block in blocks]


def resource_of(request, user, device):
    """What the action is about: the service authorization reference."""
    if request["service"] == "sts":
        return "*"
    return device if "VirtualMFADevice" in request["operation"] else user.arn


def assert_exact(policies, requests, user, device):
    """Called is what is named, each time with what it takes."""
    called = set()
    for request in requests:
        action = "%s:%s" % (request["service"], request["operation"])
        called.add(action)
        assert any(policy.allows(
            action, resource_of(request, user, device), user.name,
            request["access_key_id"].startswith("ASIA"))
            for policy in policies), action
    assert called == {action for policy in policies
                      for action in policy.actions}


def test_all_that_is_ever_signed(source, policies):
    """Every operation of the signer's table is in a policy; AssumeRole is
    about roles that we cannot name."""
    with open(os.path.join(source, "src", "sign", "operation.c"),
              encoding="utf-8") as file:
        signed = re.findall(r'\{"(\w+)", (STS|IAM),', file.read())
    assert {"%s:%s" % (service.lower(), name) for name, service in signed} \
        - {"sts:AssumeRole"} == set.union(*(policy.actions
                                            for policy in policies))


def test_sessions(policies, person):
    person.write_key(person.sts.alice, serial=False)
    done = person.run("exec", "--code", person.code(), "true")
    assert done.returncode == 0, done.stderr
    assert_exact(policies[:1], person.sts.requests, person.sts.alice, None)


@needs_reader
def test_provision(policies, newcomer):     # noqa: F811
    """A device that is given up, the first one, and one more."""
    sts, user = newcomer.sts, newcomer.user
    child = newcomer.start()
    child.sendeof()
    end_of(child)
    child = newcomer.start()
    newcomer.give(child, newcomer.codes())
    newcomer.assert_enabled(child)
    first, seen = newcomer.serial, sts.requests
    sts.forget()
    child = newcomer.start("phone", until="MFA code for %s: " % first)
    child.sendline(sts.code("bob"))
    newcomer.serial = first.replace("/bob", "/phone")
    child.expect_exact("First code of the new device: ")
    newcomer.give(child, newcomer.codes())
    child.expect(pexpect.EOF)
    # The whole is more than the first device takes.
    assert_exact(policies[:2], sts.requests + [
        request for request in seen
        if request["operation"] == "DeleteVirtualMFADevice"], user, first)
    for request in seen:
        assert any(policy.allows(
            "%s:%s" % (request["service"], request["operation"]),
            resource_of(request, user, first), "bob", mfa=False)
            for policy in policies[:2])
    for request in sts.requests:
        assert any(policy.allows(
            "%s:%s" % (request["service"], request["operation"]),
            resource_of(request, user, newcomer.serial), "bob",
            request["access_key_id"].startswith("ASIA"))
            for policy in policies[:2])


@pytest.mark.skipif(not KEYCTL, reason="needs keyctl(1)")
def test_rotate(policies, rotator):         # noqa: F811
    rotator.person.config.write_text("[profile %s]\n" % rotator.profile)
    assert rotator.run().returncode == 0
    assert_exact([policies[0], policies[2]], rotator.sts.requests,
                 rotator.user, None)


def test_what_they_do_not_allow(policies):
    """Without MFA: no second device, and no change of keys; never anything of
    somebody else."""
    _, provision, rotate = policies
    mfa = "arn:aws:iam::123456789012:mfa/"
    user = "arn:aws:iam::123456789012:user/"
    create, enable = "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"
    assert provision.allows(create, mfa + "bob", "bob", mfa=False)
    assert not provision.allows(create, mfa + "bob2", "bob", mfa=False)
    assert not provision.allows(create, mfa + "x/bob", "bob", mfa=False)
    assert provision.allows(create, mfa + "bob2", "bob", mfa=True)
    assert not provision.allows(enable, user + "carol", "bob", mfa=True)
    for action in rotate.actions:
        assert rotate.allows(action, user + "bob", "bob", mfa=True)
        assert not rotate.allows(action, user + "bob", "bob", mfa=False)
        assert not rotate.allows(action, user + "carol", "bob", mfa=True)
