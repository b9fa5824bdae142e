"""The signer as keeper of parent keys: what it stores, replaces and removes,
what /etc/aws-session.conf lets a stored key sign, and what it says to the log.

The setuid signer is tested as it was installed, on a machine of its own
(machine.py); without root only what works for one user is.
"""

import contextlib
import ctypes
import os
import re
import socket
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from machine import (CLONE_NEWNS, SERVICE, machine,  # noqa: E402,F401
                     needs_root as needs_machine)
from test_signer import (  # noqa: E402,F401
    CODE, KEY, KEY_ID, KEYCTL, KEYUTILS, LIBC, MFA, PAYLOAD,
    PROFILE, REQUEST, ROLE, SECRET, TARGET, botocore_authorization, give_away,
    holder, installed, needs_keyctl, needs_root, signer, use_up_quota)

STORE = {"PROFILE": PROFILE, **KEY}
STORED = {**TARGET, "PROFILE": PROFILE}
NEW_ID, NEW_SECRET = KEY_ID.replace("AKIA", "AKIB"), SECRET[::-1]
NEW = {**STORE, "ACCESS_KEY_ID": NEW_ID, "SECRET_ACCESS_KEY": NEW_SECRET}
REMOVE = {"PROFILE": PROFILE}
OPERATIONS = {name[len("OPERATION_"):]: number
              for name, number in framing.OPERATIONS.items()}
IAM = {**STORED, "HOST": "iam.amazonaws.com"}
USER, PROTECTED = (framing.PROTECTIONS["PROTECTION_" + name]
                   for name in ("USER", "SERVICE"))
SESSION = {**STORED, "OPERATION": OPERATIONS["GET_SESSION_TOKEN"]}
SERIAL = {"SERIAL_NUMBER": "arn:aws:iam::123456789012:mfa/x"}
ASSUME = {**STORED, "OPERATION": OPERATIONS["ASSUME_ROLE"], "ROLE_ARN": ROLE,
          "ROLE_SESSION_NAME": "me"}


def refused(reply, refusal):
    """The sentence of a refusal of that kind."""
    kind, values = reply
    assert kind == "SIGN_REFUSED", reply
    assert values["REFUSAL"] == framing.REFUSALS["REFUSAL_" + refusal], reply
    assert SECRET not in values["TEXT"] and NEW_SECRET not in values["TEXT"]
    assert re.fullmatch(r"[ -~]{10,}", values["TEXT"])
    return values["TEXT"]


def done(reply, key_id, protection, text=None):
    """A KEY_DONE, wholly; the text only has to contain what is given."""
    kind, values = reply
    assert kind == "KEY_DONE", reply
    said = values.pop("TEXT", None)
    assert values == {"ACCESS_KEY_ID": key_id, "PROTECTION": protection}
    assert (said is None) == (text is None) and (text or "") in (said or "")


# --- without the setuid bit: keys of the user --------------------------------

@needs_keyctl
class TestUnprivileged:
    """One user, who owns the keys."""

    @pytest.fixture(autouse=True)
    def remove_after(self, signer, holder):
        yield
        signer.ask("KEY_REMOVE", REMOVE, uid=holder.uid)

    def test_a_life(self, signer, holder):
        def ask(kind, fields):
            return signer.ask(kind, fields, uid=holder.uid)

        refused(ask("KEY_REMOVE", REMOVE), "NO_KEY")
        done(ask("KEY_STORE", STORE), KEY_ID, USER)
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == KEY_ID
        assert "already" in refused(ask("KEY_STORE", NEW), "EXISTS")
        refused(ask("KEY_STORE", {**NEW, "REPLACE": 0}), "EXISTS")
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == KEY_ID
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, USER)
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == NEW_ID
        done(ask("KEY_REMOVE", REMOVE), NEW_ID, USER)
        refused(ask("SIGN_REQUEST", STORED), "NO_KEY")
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, USER)

    def test_what_is_stored(self, signer, holder):
        signer.ask("KEY_STORE", STORE, uid=holder.uid)
        found = holder.run(KEYCTL, "search", "@u", "user",
                           "aws-session:parent:" + PROFILE, check=False)
        # Nobody possesses it; its owner finds it by its own rights.
        serial = found.stdout.decode().strip()
        assert holder.run(KEYCTL, "pipe", serial).stdout.decode() == PAYLOAD
        uid = os.getuid() if holder.uid is None else holder.uid
        assert re.match(r"user;%d;\d+;001b0100;aws-session:parent:" % uid,
                        holder.run(KEYCTL, "rdescribe",
                                   serial).stdout.decode())

    @pytest.mark.parametrize("changes, word", [
        ({"ACCESS_KEY_ID": "AKIA"}, "access key id"),
        ({"ACCESS_KEY_ID": KEY_ID + " "}, "access key id"),
        ({"ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPL\u00c9"}, "access key id"),
        ({"SECRET_ACCESS_KEY": b""}, "secret access key"),
        ({"SECRET_ACCESS_KEY": SECRET + "\n"}, "secret access key"),
        ({"SECRET_ACCESS_KEY": SECRET.encode() + b"\0"}, "secret access key"),
        ({"PROFILE": ""}, "name"), ({"LIFETIME": 0}, "lifetime"),
        ({"LIFETIME": -1}, "lifetime"), ({"LIFETIME": 129601}, "lifetime"),
        ({"LIFETIME": 2**32 + 60}, "lifetime")])
    def test_a_wrong_shape(self, signer, holder, changes, word):
        reply = signer.ask("KEY_STORE", {**STORE, **changes}, uid=holder.uid)
        assert word in refused(reply, "BAD_FIELD")
        refused(signer.ask("SIGN_REQUEST", STORED, uid=holder.uid), "NO_KEY")

    @pytest.mark.parametrize("lifetime, listed", [
        (50, "[1-5]?[0-9]s"), (129600, "36h|35h|2159m|1d")])
    def test_a_lifetime(self, signer, holder, lifetime, listed):
        done(signer.ask("KEY_STORE", {**STORE, "LIFETIME": lifetime},
                        uid=holder.uid), KEY_ID, USER)
        keys = holder.run("grep", PROFILE, "/proc/keys").stdout.decode()
        assert re.search(r" (%s) 001b0100 " % listed, keys), keys

    @pytest.mark.parametrize("name", [
        "environment\n" + KEY_ID, "a b:c%d", "\u00e9", "x/../y", "\x1b[2J", "n" * 300])
    def test_any_name(self, signer, holder, name):
        fields = {**STORE, "PROFILE": PROFILE + name}
        done(signer.ask("KEY_STORE", fields, uid=holder.uid), KEY_ID, USER)
        signer.sign({**STORED, "PROFILE": PROFILE + name}, uid=holder.uid)
        done(signer.ask("KEY_REMOVE", {"PROFILE": PROFILE + name},
                        uid=holder.uid), KEY_ID, USER)

    @pytest.mark.parametrize("payload", ["", "junk", KEY_ID + "\n", "x" * 999])
    def test_a_malformed_key_is_removed(self, signer, holder, payload):
        holder.add(PROFILE, payload or "\n")
        refused(signer.ask("SIGN_REQUEST", STORED, uid=holder.uid), "BAD_KEY")
        done(signer.ask("KEY_REMOVE", REMOVE, uid=holder.uid), "", USER)
        refused(signer.ask("KEY_REMOVE", REMOVE, uid=holder.uid), "NO_KEY")

    def test_a_revoked_key_is_none(self, signer, holder):
        holder.run(KEYCTL, "revoke", holder.add(PROFILE))
        refused(signer.ask("KEY_REMOVE", REMOVE, uid=holder.uid), "NO_KEY")
        done(signer.ask("KEY_STORE", STORE, uid=holder.uid), KEY_ID, USER)

    @needs_root
    def test_a_protected_key_is_named_so(self, signer, holder, installed):
        done(installed.ask("KEY_STORE", STORE, uid=holder.uid), KEY_ID,
             PROTECTED)
        for reply in (signer.ask("SIGN_REQUEST", STORED, uid=holder.uid),
                      signer.ask("SIGN_DESCRIBE", STORED, uid=holder.uid)):
            sentence = refused(reply, "BAD_KEY")
            assert "stored by the setuid signer" in sentence
            assert "this one is not setuid" in sentence
        assert "belongs to user id %d" % installed.service in refused(
            signer.ask("KEY_STORE", STORE, uid=holder.uid), "EXISTS")
        done(signer.ask("KEY_REMOVE", REMOVE, uid=holder.uid), "", USER,
             "belonged to user id %d" % installed.service)
        refused(installed.ask("SIGN_REQUEST", STORED, uid=holder.uid),
                "NO_KEY")


# --- setuid, as installed -------------------------------------------------------

def lines(command):
    """What a command prints, as a list."""
    return subprocess.run(command, capture_output=True, text=True,
                          check=False).stdout.split("\n")[:-1]


def parent_keys():
    """In a process of a user: [keyring, serial, type;uid;gid;perm;name]."""
    found = []
    for ring in ("@u", lines([KEYCTL, "get_persistent", "@s"])[0]):
        for serial in lines([KEYCTL, "rlist", ring])[0].split():
            for text in lines([KEYCTL, "rdescribe", serial]):
                if "aws-session:parent:" in text:
                    found.append(["@u" if ring == "@u" else "persistent",
                                  serial, text])
    return found


def add_key(ring, payload):
    """In a process of a user: a key with our name."""
    serial = KEYUTILS.add_key(b"user", b"aws-session:parent:" +
                              PROFILE.encode(), payload.encode(),
                              len(payload), ctypes.c_int(ring))
    assert serial > 0
    return serial


def persistent_ring():
    """In a process of a user."""
    return KEYUTILS.keyctl_get_persistent(ctypes.c_int(-1), ctypes.c_int(-3))


def key_count(uid):
    """How many keys count against a user."""
    with open("/proc/key-users", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file
                   if line.split(":")[0].strip() == str(uid))


@pytest.fixture(scope="class")
def policy_path(machine):
    """Where the signer reads its policy."""
    os.makedirs(os.path.dirname(machine.path(machine.policy)), exist_ok=True)
    return machine.policy


@pytest.mark.usefixtures("clean")
class Protected:
    """What the tests below share: alice, and her keys gone after each."""

    @pytest.fixture
    def clean(self, machine, policy_path):
        yield
        with contextlib.suppress(FileNotFoundError):
            os.unlink(machine.path(policy_path))
        machine.forget_keys("alice")

    @pytest.fixture
    def ask(self, machine):
        return machine.ask

    @pytest.fixture
    def store(self, machine):
        done(machine.ask("KEY_STORE", STORE), KEY_ID, PROTECTED)


@needs_machine[0]
@needs_machine[1]
class TestProtected(Protected):
    """Keys of the service user."""

    def test_exactly_this_key(self, machine, store):
        service, alice = machine.uids[SERVICE], machine.uids["alice"]
        keys = machine.call(parent_keys)
        text = "user;%d;%d;001b0100;aws-session:parent:%s" % (
            service, alice, PROFILE)
        assert [[ring, text] for ring, _, text in keys] == [
            ["@u", text], ["persistent", text]]
        assert keys[0][1] == keys[1][1] # one key with two links
        for verb in ("read", "pipe", "search"):
            said = machine.run(KEYCTL, verb, keys[0][1])
            assert said.returncode != 0 and SECRET not in said.stdout
        # In the kernel's list: no timeout, and nobody else sees it.
        for user, count in (("alice", 1), (SERVICE, 1), ("mallory", 0)):
            listed = machine.run("grep", text.rsplit(";", 1)[1], "/proc/keys",
                                 user=user).stdout.splitlines()
            assert len(listed) == count
            assert all(line.split()[3] == "perm" for line in listed)

    def test_a_life(self, machine, ask):
        done(ask("KEY_STORE", STORE), KEY_ID, PROTECTED)
        kind, reply = ask("SIGN_REQUEST", STORED)
        assert (kind, reply["PROTECTION"]) == ("SIGN_RESULT", PROTECTED)
        assert reply["AUTHORIZATION"] == botocore_authorization(
            "https://" + TARGET["HOST"] + "/", reply["BODY"],
            reply["AMZ_DATE"], TARGET["REGION"], "sts")
        refused(ask("KEY_STORE", NEW), "EXISTS")
        old = machine.call(parent_keys)
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, PROTECTED)
        new = machine.call(parent_keys)
        assert len(new) == 2 and new[0][1] == new[1][1] != old[0][1]
        assert machine.run(KEYCTL, "describe", old[0][1],
                           user=SERVICE).returncode != 0 # it ended
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == NEW_ID
        done(ask("KEY_REMOVE", REMOVE), NEW_ID, PROTECTED)
        assert machine.call(parent_keys) == []
        assert machine.run(KEYCTL, "describe", new[0][1],
                           user=SERVICE).returncode != 0
        refused(ask("SIGN_REQUEST", STORED), "NO_KEY")
        refused(ask("KEY_REMOVE", REMOVE), "NO_KEY")

    def test_each_user_has_their_own(self, machine, ask, store):
        refused(ask("SIGN_REQUEST", STORED, user="mallory"), "NO_KEY")
        refused(ask("KEY_REMOVE", REMOVE, user="mallory"), "NO_KEY")
        done(ask("KEY_STORE", NEW, user="mallory"), NEW_ID, PROTECTED)
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == KEY_ID
        machine.forget_keys("mallory")

    @pytest.mark.parametrize("ring", ["@u", "persistent"])
    def test_one_link_is_enough(self, machine, ask, store, ring):
        serial = int(machine.call(parent_keys)[0][1])
        assert machine.call(lambda: KEYUTILS.keyctl_unlink(
            serial, -4 if ring == "persistent" else persistent_ring())) == 0
        assert [name for name, _, _ in machine.call(parent_keys)] == [ring]
        assert ask("SIGN_REQUEST", STORED)[1]["PROTECTION"] == PROTECTED
        refused(ask("KEY_STORE", NEW), "EXISTS")
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, PROTECTED)
        assert len(machine.call(parent_keys)) == 2
        done(ask("KEY_REMOVE", REMOVE), NEW_ID, PROTECTED)
        assert machine.call(parent_keys) == []

    @pytest.mark.parametrize("rings", [[-4], [0], [-4, 0]])
    def test_a_forged_key(self, machine, ask, rings):
        """In the user keyring (-4), the persistent one, or both."""
        def forge():
            for ring in rings:
                add_key(ring or persistent_ring(), PAYLOAD)

        machine.call(forge)
        alice = machine.uids["alice"]
        assert ask("SIGN_REQUEST", STORED)[1]["PROTECTION"] == USER
        assert "belongs to user id %d, not to the signer" % alice in refused(
            ask("KEY_STORE", NEW), "EXISTS")
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, PROTECTED,
             "belonged to user id %d, not to the signer (%d): it was not "
             "protected" % (alice, machine.uids[SERVICE]))
        keys = machine.call(parent_keys)
        assert len(keys) == 2 and keys[0][1] == keys[1][1]
        reply = ask("SIGN_REQUEST", STORED)[1]
        assert (reply["ACCESS_KEY_ID"], reply["PROTECTION"]) == (NEW_ID,
                                                                 PROTECTED)

    def test_a_forged_key_beside_it(self, machine, ask, store):
        """Not over it, which is refused, but by a link in its place."""
        forged = PAYLOAD.replace("AKIA", "AKIC")
        assert machine.call(lambda: KEYUTILS.keyctl_link(
            add_key(-3, forged), -4)) == 0
        assert len({serial for _, serial, _ in machine.call(parent_keys)}) == 2
        reply = ask("SIGN_REQUEST", STORED)[1]
        assert (reply["ACCESS_KEY_ID"], reply["PROTECTION"]) == (KEY_ID,
                                                                 PROTECTED)
        done(ask("KEY_REMOVE", REMOVE), KEY_ID, PROTECTED)
        assert machine.call(parent_keys) == []

    def test_a_key_of_a_third(self, machine, ask):
        serial = str(machine.call(add_key, -4, PAYLOAD))
        stranger = machine.uids["carol"]
        for user, *command in (["alice", "setperm", serial, "0x3f3f0121"],
                               ["root", "chown", serial, str(stranger)]):
            said = machine.run(KEYCTL, *command, user=user)
            assert said.returncode == 0, said.stderr
        refused(ask("SIGN_REQUEST", STORED), "BAD_KEY")
        assert str(stranger) in refused(ask("KEY_STORE", NEW), "EXISTS")
        done(ask("KEY_STORE", {**NEW, "REPLACE": 1}), NEW_ID, PROTECTED,
             "user id %d" % stranger)

    def test_nothing_is_lost_when_it_cannot_be_linked(self, machine, ask,
                                                      store):
        """A user keyring that takes nothing: the old key stays."""
        closed = machine.run(KEYCTL, "setperm", "@u", "0x1b1b0000")
        assert closed.returncode == 0, closed.stderr
        assert "cannot be linked" in refused(
            ask("KEY_STORE", {**NEW, "REPLACE": 1}), "INTERNAL")
        assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == KEY_ID
        assert len(machine.call(parent_keys)) == 2

    def test_a_full_quota_of_the_service_user(self, machine, ask, store):
        reader, writer = os.pipe()
        ready, said = os.pipe()
        child = os.fork()
        if child == 0:
            machine.enter(SERVICE)
            number = 0
            for _ in range(5): # the kernel still collects former keys
                while KEYUTILS.add_key(b"user", b"fill:%d" % number, b"x", 1,
                                       ctypes.c_int(-3)) != -1:
                    number += 1
                time.sleep(0.2)
            os.write(said, b"x")
            os.close(writer)
            os.read(reader, 1)
            os._exit(0)
        os.read(ready, 1)
        try:
            sentence = refused(ask("KEY_STORE", {**NEW, "REPLACE": 1}), "FULL")
            assert "user id %d" % machine.uids[SERVICE] in sentence
            assert "kernel.keys.maxkeys" in sentence
            assert "kernel.keys.maxbytes" in sentence
            assert ask("SIGN_REQUEST", STORED)[1]["ACCESS_KEY_ID"] == KEY_ID
        finally:
            os.close(writer)
            os.waitpid(child, 0)
            for descriptor in (reader, ready, said):
                os.close(descriptor)
            while key_count(machine.uids[SERVICE]) > 10:
                time.sleep(0.05) # the kernel collects in its own time

    def test_a_full_quota_of_the_caller(self, machine, ask):
        """The key is the service user's, but its link is not."""
        def fill():
            ring = KEYUTILS.add_key(b"keyring", b"ring", None, 0, -4)
            serials = []
            for size in (10000, 1000, 100, 10, 1):
                while len(serials) < 150:
                    serial = KEYUTILS.add_key(
                        b"user", b"fill:%d" % len(serials), b"x" * size, size,
                        -4)
                    if serial == -1:
                        break
                    serials.append(serial)
            # A link costs four bytes.
            assert not all(KEYUTILS.keyctl_link(serial, ring) == 0
                           for serial in serials)

        for _ in range(100): # what is collected later would make room
            if key_count(machine.uids["alice"]) <= 3:
                break
            time.sleep(0.05)
        machine.call(fill)
        # Nor is there room for the session keyring of a login.
        sentence = refused(ask("KEY_STORE", STORE, session=False), "FULL")
        assert "user id %d" % machine.uids["alice"] in sentence
        refused(ask("SIGN_REQUEST", STORED, session=False), "NO_KEY")

    def test_no_more_than_64(self, machine, ask):
        for number in range(64):
            done(ask("KEY_STORE", {**STORE, "PROFILE": "p%d" % number}),
                 KEY_ID, PROTECTED)
        assert "64 keys" in refused(ask("KEY_STORE", STORE), "FULL")
        done(ask("KEY_STORE", {**NEW, "PROFILE": "p7", "REPLACE": 1}), NEW_ID,
             PROTECTED)
        done(ask("KEY_REMOVE", {"PROFILE": "p8"}), KEY_ID, PROTECTED)
        done(ask("KEY_STORE", STORE), KEY_ID, PROTECTED)

    def test_each_key_counts_once(self, machine, ask):
        """She may unlink keys, some from one keyring and some from the
        other: all of them live, so all of them count."""
        def unlink():
            kept = [{text.rsplit(":", 1)[1]: int(serial)
                     for ring, serial, text in parent_keys() if ring == wanted}
                    for wanted in ("@u", "persistent")]
            assert len(kept[0]) == len(kept[1]) == 32
            for number in range(32):
                ring = [ctypes.c_int(-4), persistent_ring()][number % 2]
                serial = kept[number % 2]["p%d" % number]
                assert KEYUTILS.keyctl_unlink(serial, ring) == 0

        for number in range(32):
            done(ask("KEY_STORE", {**STORE, "PROFILE": "p%d" % number}),
                 KEY_ID, PROTECTED)
        machine.call(unlink)
        for number in range(32, 64):
            done(ask("KEY_STORE", {**STORE, "PROFILE": "p%d" % number}),
                 KEY_ID, PROTECTED)
        assert "64 keys" in refused(ask("KEY_STORE", STORE), "FULL")
        done(ask("KEY_REMOVE", {"PROFILE": "p0"}), KEY_ID, PROTECTED)
        done(ask("KEY_REMOVE", {"PROFILE": "p1"}), KEY_ID, PROTECTED)
        done(ask("KEY_STORE", STORE), KEY_ID, PROTECTED)

    def test_a_crowd_of_signers(self, machine, ask):
        """Nor by storing many at the same time."""
        for number in range(60):
            done(ask("KEY_STORE", {**STORE, "PROFILE": "p%d" % number}),
                 KEY_ID, PROTECTED)
        with contextlib.ExitStack() as stack:
            crowd = [stack.enter_context(machine.started())
                     for _ in range(40)]
            for process, _ in crowd:
                machine.wait_until_it_reads(process)
            for number, (_, ours) in enumerate(crowd):
                ours.sendall(framing.encode(
                    "KEY_STORE", {**STORE, "PROFILE": "c%d" % number}))
            replies = [framing.receive(ours) for _, ours in crowd]
        stored = [reply for reply in replies if reply[0] == "KEY_DONE"]
        assert len(stored) <= 4
        for reply in replies:
            if reply not in stored:
                refused(reply, "FULL")
        assert len(machine.call(parent_keys)) == 2 * (60 + len(stored))

    def test_expired_keys_go(self, machine, ask):
        """The kernel keeps them for five minutes, and they count against the
        quota that all share, but tell nobody what they are: with keys that
        live for a second she could use it up."""
        for number in range(64):
            done(ask("KEY_STORE", {**STORE, "PROFILE": "p%d" % number,
                                   "LIFETIME": 1}), KEY_ID, PROTECTED)
        while ask("SIGN_REQUEST", {**STORED, "PROFILE": "p63"})[0] != \
                "SIGN_REFUSED":
            time.sleep(0.05)
        done(ask("KEY_STORE", STORE), KEY_ID, PROTECTED)
        for _ in range(2000): # the kernel collects in its own time
            if key_count(machine.uids[SERVICE]) <= 10:
                break
            time.sleep(0.05)
        assert key_count(machine.uids[SERVICE]) <= 10

    def test_no_more_than_8192_bytes(self, machine, ask):
        """By long names and secrets one user alone could use up the quota
        that all share. As the kernel counts: name, NUL and payload."""
        id_length, secret_length = 100, 256
        key = {"ACCESS_KEY_ID": "A" * id_length,
               "SECRET_ACCESS_KEY": "s" * secret_length}

        def fields(number, size):
            """A key that takes so many bytes."""
            fixed = "aws-session:parent:\0%s\n" % number
            return {**key, "PROFILE": str(number) + "x" * (
                size - len(fixed) - id_length - secret_length)}

        for number in range(7):
            done(ask("KEY_STORE", fields(number, 1000)), "A" * id_length,
                 PROTECTED)
        sentence = refused(ask("KEY_STORE", fields(7, 1193)), "FULL")
        assert sentence.endswith("take 8192 bytes at most, and with this one "
                                 "it would be 8193")
        done(ask("KEY_STORE", fields(7, 1192)), "A" * id_length, PROTECTED)
        # Nor by replacing one by one that is larger.
        larger = {**fields(7, 1192), "ACCESS_KEY_ID": "A" * 101, "REPLACE": 1}
        refused(ask("KEY_STORE", larger), "FULL")
        done(ask("KEY_STORE", {**fields(7, 1192), "REPLACE": 1}),
             "A" * id_length, PROTECTED)

    def test_root_is_a_user(self, machine, ask):
        fields = {**STORE, "PROFILE": PROFILE + "-root"}
        done(ask("KEY_STORE", fields, user="root"), KEY_ID, PROTECTED)
        done(ask("KEY_REMOVE", {"PROFILE": fields["PROFILE"]}, user="root"),
             KEY_ID, PROTECTED)


@needs_machine[0]
@needs_machine[1]
class TestPolicy(Protected):
    """/etc/aws-session.conf, as root writes it."""

    @pytest.fixture
    def policy(self, machine, policy_path):
        def write(text, **options):
            machine.put(policy_path, text, **options)
        return write

    @pytest.mark.parametrize("fields", [SESSION, ASSUME],
                             ids=["GetSessionToken", "AssumeRole"])
    def test_require_mfa(self, ask, store, policy, fields):
        for text, free in (("", False), ("require_mfa = yes", False),
                           ("require_mfa = no", True)):
            policy(text)
            for kind in ("SIGN_DESCRIBE", "SIGN_REQUEST"):
                assert ask(kind, {**fields, **MFA})[0] != "SIGN_REFUSED"
                if free:
                    assert ask(kind, fields)[0] != "SIGN_REFUSED"
                else:
                    assert "require_mfa" in refused(ask(kind, fields),
                                                    "POLICY")

    def test_no_policy_is_require_mfa(self, ask, store):
        refused(ask("SIGN_REQUEST", SESSION), "POLICY")
        assert ask("SIGN_REQUEST", {**SESSION, **MFA})[0] == "SIGN_RESULT"

    @pytest.mark.parametrize("name, fields", [
        ("CreateAccessKey", {}),
        ("UpdateAccessKey", {"TARGET_KEY_ID": KEY_ID, "STATUS": "Inactive"}),
        ("DeleteAccessKey", {"TARGET_KEY_ID": KEY_ID}),
        ("ListAccessKeys", {}),
        ("CreateVirtualMFADevice", {"DEVICE_NAME": "x"}),
        ("EnableMFADevice", {"USER_NAME": "x", "FIRST_CODE": b"000001",
                             "SECOND_CODE": b"000002", **SERIAL}),
        ("DeleteVirtualMFADevice", SERIAL)])
    def test_allowed_operations(self, ask, store, policy, name, fields):
        number = OPERATIONS[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.replace(
            "Virtual", "").replace("MFAD", "MfaD")).upper()]
        request = {**IAM, "OPERATION": number, **fields}
        policy("require_mfa = no\nallowed_operations = %s" % name)
        assert ask("SIGN_REQUEST", request)[0] == "SIGN_RESULT"
        others = {"CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey",
                  "ListAccessKeys", "CreateVirtualMFADevice",
                  "EnableMFADevice", "DeleteVirtualMFADevice"} - {name}
        for listed in ("", ", ".join(others)):
            policy("require_mfa = no\nallowed_operations = %s" % listed)
            assert "allowed_operations" in refused(
                ask("SIGN_REQUEST", request), "POLICY")
            for always in ("GET_CALLER_IDENTITY", "LIST_MFA_DEVICES"):
                assert ask("SIGN_REQUEST", {
                    **IAM, "OPERATION": OPERATIONS[always]})[0] \
                    == "SIGN_RESULT"

    def test_devices_are_not_in_the_defaults(self, ask, store, policy):
        request = {**IAM, **SERIAL, "OPERATION": OPERATIONS[
            "DELETE_MFA_DEVICE"]}
        for text in ("", "require_mfa = no"):
            policy(text)
            assert "allowed_operations" in refused(
                ask("SIGN_REQUEST", request), "POLICY")

    def test_max_session_duration(self, ask, store, policy):
        policy("max_session_duration = 1h")
        for fields, seconds in ((SESSION, 3601), (ASSUME, 3601),
                                (SESSION, None)):
            request = {**fields, **MFA}
            if seconds:
                request["DURATION_SECONDS"] = seconds
            sentence = refused(ask("SIGN_REQUEST", request), "POLICY")
            assert "max_session_duration" in sentence
            assert str(seconds or 43200) in sentence
            assert ask("SIGN_REQUEST", {
                **request, "DURATION_SECONDS": 3600})[0] == "SIGN_RESULT"
        assert ask("SIGN_REQUEST", {**ASSUME, **MFA})[0] == "SIGN_RESULT"

    def test_allow_unprotected_keys(self, machine, ask, store, policy):
        """A key that she put there herself makes no session: the policy is
        not to be had for one keyctl(1). To ask whose it is, is free."""
        fields = {**SESSION, **MFA}
        for text, free in (("", True), ("allow_unprotected_keys = no", False)):
            policy(text)
            assert ask("SIGN_REQUEST", fields)[0] == "SIGN_RESULT"
            machine.run(KEYCTL, "padd", "user", "aws-session:parent:mine",
                        "@u", data=PAYLOAD)
            mine = {"PROFILE": "mine"}
            for kind in ("SIGN_DESCRIBE", "SIGN_REQUEST"):
                for more in (fields, {**IAM, "OPERATION": OPERATIONS[
                        "LIST_MFA_DEVICES"]}):
                    if free:
                        assert ask(kind, {**more, **mine})[0] != "SIGN_REFUSED"
                        continue
                    said = refused(ask(kind, {**more, **mine}), "POLICY")
                    assert "allow_unprotected_keys" in said
                    assert "is not protected" in said
                assert ask(kind, {**STORED, **mine})[0] != "SIGN_REFUSED"
            assert ask("KEY_REMOVE", mine)[0] == "KEY_DONE"

    def test_a_key_of_the_callers_is_free(self, ask, policy):
        policy("allowed_operations =\nmax_session_duration = 900")
        for operation in ("GET_SESSION_TOKEN", "CREATE_ACCESS_KEY",
                          "LIST_ACCESS_KEYS"):
            assert ask("SIGN_REQUEST", {
                **REQUEST, "OPERATION": OPERATIONS[operation]})[0] \
                == "SIGN_RESULT"

    def test_parent_key_lifetime(self, machine, ask, policy):
        policy("parent_key_lifetime = 3")
        started = time.monotonic()
        done(ask("KEY_STORE", STORE), KEY_ID, PROTECTED)
        listed = machine.run("grep", PROFILE, "/proc/keys").stdout
        assert re.search(r" [123]s 001b0100 ", listed), listed
        assert ask("SIGN_REQUEST", STORED)[0] == "SIGN_RESULT"
        time.sleep(max(0, started + 4.5 - time.monotonic()))
        refused(ask("SIGN_REQUEST", STORED), "NO_KEY")
        policy("parent_key_lifetime = 2h")
        done(ask("KEY_STORE", NEW), NEW_ID, PROTECTED)
        listed = machine.run("grep", PROFILE, "/proc/keys").stdout
        assert re.search(r" (2h|1h|119m) 001b0100 ", listed), listed
        # A caller may ask for less, and gets no more.
        for given, pattern in ((129600, "2h|1h|119m"), (50, "[1-5]?[0-9]s")):
            done(ask("KEY_STORE", {**NEW, "LIFETIME": given, "REPLACE": 1}),
                 NEW_ID, PROTECTED)
            listed = machine.run("grep", PROFILE, "/proc/keys").stdout
            assert re.search(r" (%s) 001b0100 " % pattern, listed), listed

    def test_an_untrusted_file_stops_everything(self, machine, store, policy,
                                                policy_path):
        def stopped():
            reply, status, said = machine.send(
                framing.encode("SIGN_REQUEST", STORED))
            assert reply is None and status == 125
            return said

        for options in ({"mode": 0o664}, {"mode": 0o646}, {"owner": "alice"},
                        {"owner": "alice", "mode": 0o444}):
            policy("require_mfa = no\n", **options)
            assert re.fullmatch(r"aws-session-sign: %s is not trusted: .*\n"
                                % policy_path, stopped())
        policy("# ok\nrequire_mfa = maybe\n")
        assert "line 2: require_mfa takes yes or no" in stopped()
        policy("require_mfa = no\n", mode=0o600)
        assert "Permission denied" in stopped() # not root: it cannot read it
        os.unlink(machine.path(policy_path))
        os.symlink("/etc/hostname", machine.path(policy_path))
        assert "symbolic link" in stopped()
        os.unlink(machine.path(policy_path))
        os.mkfifo(machine.path(policy_path))
        assert "not a regular file" in stopped()
        os.unlink(machine.path(policy_path))
        assert machine.ask("SIGN_REQUEST", STORED)[0] == "SIGN_RESULT"


# --- audit ----------------------------------------------------------------------

LINE = re.compile(
    r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d aws-session-sign\[\d+\]: "
    r"uid=(\d+) auid=(\d+|unset) ses=(\d+|unset) profile=(\S+) key=(\S+) "
    r"op=(\w+) mfa=(yes|no) result=(\S+)")
NOTICE, WARNING = (10 << 3) + 5, (10 << 3) + 4 # of LOG_AUTHPRIV


@needs_machine[0]
@needs_machine[1]
class TestAudit(Protected):
    """The lines in the log."""

    @pytest.fixture
    def logged(self, machine):
        """What was logged since: priority, profile, key, operation, MFA,
        result."""
        def read():
            found = []
            for uid, text in machine.audit():
                match = LINE.fullmatch(text)
                assert match, text
                assert uid == machine.uids[SERVICE]
                assert int(match[2]) == machine.uids["alice"]
                for secret in (SECRET, NEW_SECRET, CODE):
                    assert secret not in text
                found.append((int(match[1]), *match.groups()[4:]))
            return found
        machine.audit()
        return read

    def test_a_line_for_each_act(self, ask, logged):
        ask("KEY_STORE", STORE)
        assert logged() == [(NOTICE, PROFILE, KEY_ID, "store", "no", "done")]
        ask("KEY_STORE", NEW)
        assert logged() == [(WARNING, PROFILE, NEW_ID, "store", "no",
                             "refused:exists")]
        ask("SIGN_REQUEST", {**SESSION, **MFA})
        ask("SIGN_REQUEST", SESSION)
        ask("SIGN_REQUEST", STORED)
        assert logged() == [
            (NOTICE, PROFILE, KEY_ID, "GetSessionToken", "yes", "done"),
            (WARNING, PROFILE, "-", "GetSessionToken", "no",
             "refused:policy"),
            (NOTICE, PROFILE, KEY_ID, "GetCallerIdentity", "no", "done")]
        ask("SIGN_REQUEST", REQUEST)
        ask("SIGN_REQUEST", {**STORED, "OPERATION": 99})
        assert logged() == [
            (NOTICE, "(inline)", KEY_ID, "GetCallerIdentity", "no", "done"),
            (WARNING, PROFILE, "-", "unknown", "no", "refused:bad-field")]
        ask("KEY_REMOVE", REMOVE)
        ask("KEY_REMOVE", REMOVE)
        ask("SIGN_REQUEST", STORED)
        assert logged() == [
            (NOTICE, PROFILE, KEY_ID, "remove", "no", "done"),
            (WARNING, PROFILE, "-", "remove", "no", "refused:no-key"),
            (WARNING, PROFILE, "-", "GetCallerIdentity", "no",
             "refused:no-key")]

    def test_what_gets_no_reply_is_logged(self, machine, logged, policy_path):
        none = ("-", "-", "unknown", "no")
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\0\0", b"",
                     framing.encode("SIGN_REQUEST", {**STORED, 999: SECRET}),
                     framing.encode("STS_SEND", {"BODY": SECRET})):
            assert machine.send(data)[1] == 125
            assert logged() == [(WARNING, *none, "refused:bad-message")]
        machine.put(policy_path, "x\n")
        assert machine.send(framing.encode("SIGN_REQUEST", STORED))[1] == 125
        assert logged() == [(WARNING, *none, "refused:bad-policy")]

    def test_a_question_is_not_logged(self, ask, logged, store):
        logged()
        ask("SIGN_DESCRIBE", STORED)
        ask("SIGN_DESCRIBE", {**STORED, "PROFILE": "none"})
        assert logged() == []
        ask("SIGN_DESCRIBE", SESSION)
        assert logged() == [(WARNING, PROFILE, "-", "GetSessionToken", "no",
                             "refused:policy")]

    @pytest.mark.parametrize("name, shown", [
        ("a b", "a%20b"), ("x result=done\nuid=0", "x%20result%3Ddone%0Auid%3D0"
                           .replace("%3D", "=")),
        ("\u00e9%41(inline)", "%C3%A9%2541%28inline%29"),
        ("\x1b[2J", "%1B%5B2J"), ("y" * 300, "y" * 128),
        ("\n" * 300, "%0A" * 128), ("", "-")])
    def test_names_are_plain(self, ask, logged, name, shown):
        ask("KEY_REMOVE", {"PROFILE": name})
        assert [line[1] for line in logged()] == [shown]

    def test_a_key_id_that_is_none(self, ask, logged):
        """It may be a secret in the wrong place."""
        for value in ("x op=y\n", SECRET, "a" + KEY_ID):
            ask("SIGN_REQUEST", {**REQUEST, "ACCESS_KEY_ID": value})
        assert [line[2:4] for line in logged()] == [
            ("-", "GetCallerIdentity")] * 3

    def test_the_login_is_the_kernels(self, machine, ask):
        with open("/proc/self/loginuid", encoding="ascii") as file:
            ours = file.read()
        machine.audit()
        ask("SIGN_REQUEST", REQUEST)
        (_, text), = machine.audit()
        login = LINE.fullmatch(text)[3]
        assert login in (ours, "unset", str(machine.uids["alice"]))


@contextlib.contextmanager
def log_socket(directory, kind, full):
    """A log that nobody reads. Yields what a child does to have it: a mount
    namespace with a /dev of its own."""
    path = os.path.join(directory, "log")
    with contextlib.ExitStack() as stack:
        if kind is not None:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            listener.bind(path)
            if kind == socket.SOCK_STREAM:
                listener.listen(0)
            while full:
                sender = stack.enter_context(
                    socket.socket(socket.AF_UNIX, kind))
                sender.setblocking(False)
                try:
                    sender.connect(path)
                    while kind == socket.SOCK_DGRAM:
                        sender.send(b"x")
                except BlockingIOError:
                    full = False

        def enter():
            assert LIBC.unshare(CLONE_NEWNS) == 0
            run = subprocess.run
            run(["mount", "--make-rprivate", "/"], check=True)
            run(["mount", "-t", "tmpfs", "tmpfs", "/dev"], check=True)
            if kind is not None:
                with open("/dev/log", "wb"):
                    pass
                run(["mount", "--bind", path, "/dev/log"], check=True)
        yield enter


@needs_root
@pytest.mark.parametrize("kind, full", [
    (None, False), (socket.SOCK_DGRAM, False), (socket.SOCK_DGRAM, True),
    (socket.SOCK_STREAM, False), (socket.SOCK_STREAM, True)])
def test_a_log_that_nobody_reads(signer, tmp_path, kind, full):
    with log_socket(str(tmp_path), kind, full) as enter:
        started = time.monotonic()
        reply = signer.sign(REQUEST, prepare=enter)
        assert time.monotonic() - started < 3
    assert reply["ACCESS_KEY_ID"] == KEY_ID
