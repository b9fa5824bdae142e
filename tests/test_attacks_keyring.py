"""Attacks on a stored parent key through the kernel keyring.

Alice's key is stored by the installed setuid signer. Then other processes of
hers, and of others, try all that keyctl(2), add_key(2) and request_key(2) can
do to it, from every place that such a process may be in.
"""

import contextlib
import ctypes
import errno
import os
import re
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from kernel_keys import (  # noqa: E402
    KEYCTL, PROCESS, SESSION, THREAD, USER, add_key, describe, find, keyctl,
    keys_in, read_key, request_key)
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    KEY_ID, NAME, SECRET, SERVICE, become_root_in_a_namespace, machine,
    needs_root, stored)

pytestmark = needs_root
FORGED = b"AKIAFORGEDFORGEDFORG\nnot-alices-secret"
FORGED_ID = "AKIAFORGEDFORGEDFORG"
ALL = 0x3f3f3f3f
REFUSED = {"EACCES", "EPERM", "ENOKEY"}
# With a key that is no keyring, a kernel that cannot, a uid that is not there.
IMPOSSIBLE = {"ENOTDIR", "ENOTSUP", "EINVAL"}


def persistent():
    """The second keyring that holds the key, where the kernel has it."""
    try:
        return keyctl("GET_PERSISTENT", -1, SESSION)
    except OSError:
        return USER


def outcome(act):
    """What became of an attempt: "done", or the name of the error."""
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


# --- everything that keyctl(2) has, on the key ------------------------------

def attempts(serial):
    """Name -> attempt, for whoever calls it."""
    buffer = ctypes.create_string_buffer(4096)

    def new_ring():
        return add_key(b"keyring", b"mine", None, 0, PROCESS)

    return {
        "read": lambda: read_key(serial),
        "length": lambda: keyctl("READ", serial, None, 0),
        "search user": lambda: keyctl("SEARCH", USER, b"user", NAME, 0),
        "search session": lambda: keyctl("SEARCH", SESSION, b"user", NAME, 0),
        "search and link": lambda: keyctl("SEARCH", USER, b"user", NAME,
                                          PROCESS),
        "request": lambda: request_key(b"user", NAME, None, 0),
        "request and link": lambda: request_key(b"user", NAME, None, PROCESS),
        "permissions": lambda: keyctl("SETPERM", serial, ALL),
        "permissions back": lambda: keyctl("SETPERM", serial, 0x013f0100),
        "owner": lambda: keyctl("CHOWN", serial, os.getuid(), -1),
        "owner root": lambda: keyctl("CHOWN", serial, 0, -1),
        "group": lambda: keyctl("CHOWN", serial, -1, os.getgid()),
        "link session": lambda: keyctl("LINK", serial, SESSION),
        "link process": lambda: keyctl("LINK", serial, PROCESS),
        "link thread": lambda: keyctl("LINK", serial, THREAD),
        "link new ring": lambda: keyctl("LINK", serial, new_ring()),
        "move session": lambda: keyctl("MOVE", serial, USER, SESSION, 0),
        "move new ring": lambda: keyctl("MOVE", serial, USER, new_ring(), 0),
        "move exclusive": lambda: keyctl("MOVE", serial, USER, PROCESS, 1),
        "update": lambda: keyctl("UPDATE", serial, FORGED, len(FORGED)),
        "timeout": lambda: keyctl("SET_TIMEOUT", serial, 1),
        "no timeout": lambda: keyctl("SET_TIMEOUT", serial, 0),
        "revoke": lambda: keyctl("REVOKE", serial),
        "invalidate": lambda: keyctl("INVALIDATE", serial),
        "clear": lambda: keyctl("CLEAR", serial),
        "restrict": lambda: keyctl("RESTRICT_KEYRING", serial, None, None),
        "instantiate": lambda: keyctl("INSTANTIATE", serial, FORGED,
                                      len(FORGED), USER),
        "instantiate by vector": lambda: keyctl("INSTANTIATE_IOV", serial,
                                                None, 0, USER),
        "negate": lambda: keyctl("NEGATE", serial, 60, USER),
        "reject": lambda: keyctl("REJECT", serial, 60, errno.EKEYREJECTED,
                                 USER),
        "assume authority": lambda: keyctl("ASSUME_AUTHORITY", serial),
        "query": lambda: keyctl("PKEY_QUERY", serial, 0, b"", buffer),
        "as a keyring": lambda: keys_in(serial),
        "as a session": lambda: keyctl("JOIN_SESSION_KEYRING", NAME),
        "to the parent": lambda: add_key(b"user", b"x", b"x", 1, serial),
        "watch": lambda: keyctl("WATCH_KEY", serial, 0, 1),
    }




def attack(serial):
    """Try everything, each in a process of its own, so that none is helped or
    hindered by another. Returns name -> outcome."""
    found = {}
    for name, act in attempts(serial).items():
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, outcome(act).encode())
            os._exit(0)
        os.close(writer)
        with open(reader, encoding="ascii") as file:
            found[name] = file.read()
        os.waitpid(child, 0)
    return found


def successes(found):
    """What was not refused."""
    assert len(found) > 30
    assert found.pop("as a session") == "done" # a new one, and empty
    return {name: result for name, result in found.items()
            if result not in REFUSED and result not in IMPOSSIBLE}


def test_the_attacks_are_attacks(machine):
    """On a key that the user owns, as it is without the service user, and on
    one as add_key(2) makes it."""
    def run(mask):
        serial = add_key(b"user", NAME, FORGED, len(FORGED), USER)
        if mask:
            keyctl("SETPERM", serial, mask)
        return try_all(serial), attack(serial)

    for mask in (0x3f3f0000, 0):
        quickly, found = machine.call(run, mask, user="carol")
        works = {name for name, result in found.items() if result == "done"}
        assert {"read", "length", "search user", "request", "permissions",
                "link session", "update"} <= works
        assert set(quickly) >= {"setperm", "link"}
        machine.clear_keys("carol")


def as_the_signer_does(machine, mask):
    """In a process of root's: a key with these permissions, the service
    user's own, in Alice's keyring. Returns its number and what its owner can
    do to it."""
    alice, service = machine.uids["alice"], machine.uids[SERVICE]
    os.setresgid(alice, alice, alice)
    os.setresuid(alice, service, service)
    ring = keyctl("GET_KEYRING_ID", USER, 1)
    keyctl("LINK", USER, PROCESS)
    os.setresuid(service, service, service)
    serial = add_key(b"user", NAME, FORGED, len(FORGED), THREAD)
    keyctl("SETPERM", serial, mask)
    keyctl("LINK", serial, ring)
    return serial, {name: outcome(act) for name, act in {
        "read": lambda: read_key(serial),
        "permissions": lambda: keyctl("SETPERM", serial, mask),
        "group": lambda: keyctl("CHOWN", serial, -1, alice),
        "timeout": lambda: keyctl("SET_TIMEOUT", serial, 3600),
        "update": lambda: keyctl("UPDATE", serial, FORGED, len(FORGED)),
        "revoke": lambda: outcome_of_a_copy(mask)}.items()}


def outcome_of_a_copy(mask):
    """Revoke a key that is not needed any more."""
    copy = add_key(b"user", b"copy", FORGED, len(FORGED), THREAD)
    keyctl("SETPERM", copy, mask)
    keyctl("REVOKE", copy)


@pytest.mark.parametrize("mask, sees, reads, changes", [
    (0x013f0000, False, False, True),   # a possessor's view is an empty word
    (0x003f0000, False, False, True),
    (0x093f0000, True, True, True),     # with search it reads
    (0x083f0000, False, True, True),
    (0x003f0100, True, False, True),
    (0x001b0100, True, False, False)],  # as the signer has it
    ids="{:08x}".format)
def test_what_each_permission_is_worth(machine, mask, sees, reads, changes):
    """Why a stored key's are what they are: see docs/architecture.md."""
    serial, owner = machine.call(as_the_signer_does, machine, mask,
                                 user="root", session=False)
    assert owner.pop("read") == "done"
    assert set(owner.values()) == {"done" if changes else "EACCES"}, owner

    def run():
        return [outcome(lambda: describe(serial)) == "done",
                "%08x" % serial in open("/proc/keys").read(),
                outcome(lambda: read_key(serial)) == "done",
                outcome(lambda: keyctl("SEARCH", USER, b"user", NAME, 0))
                == "done", serial in keys_in(USER)]

    for session in (True, False):
        assert machine.call(run, session=session) == [
            sees, sees, reads, reads, True]
    machine.clear_keys("alice")


def test_members_of_her_group(machine, stored):
    """They see the name, and get no hold on it."""
    group, uid = machine.uids["alice"], machine.uids["mallory"]

    def run():
        os.setgroups([group])
        os.setresuid(uid, uid, uid)
        return [outcome(lambda: describe(stored)), attack(stored)]

    seen, found = machine.call(run, user="root", session=False)
    assert seen == "done" and successes(found) == {}


def test_another_process_of_hers(machine, stored):
    found = machine.call(attack, stored)
    assert successes(found) == {}
    assert {found[name] for name in ("read", "permissions", "owner", "link "
                                     "session", "update", "revoke")} == {
                                         "EACCES"}


def test_adding_over_it(machine, stored):
    def run():
        return [outcome(lambda: add_key(b"user", NAME, FORGED, len(FORGED),
                                        ring))
                for ring in (USER, persistent())]

    assert machine.call(run) == ["EACCES", "EACCES"]


def in_a_thread(serial):
    """In a thread with a session keyring of its own, without a link."""
    found = {}

    def run():
        keyctl("JOIN_SESSION_KEYRING", None)
        for name, act in attempts(serial).items():
            found[name] = outcome(act)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found


def test_a_thread_with_a_fresh_session_keyring(machine, stored):
    assert successes(machine.call(in_a_thread, stored)) == {}


def after_a_gift(serial):
    """With the session keyring that a child has handed to us."""
    child = os.fork()
    if child == 0:
        keyctl("JOIN_SESSION_KEYRING", b"gift")
        keyctl("LINK", USER, SESSION)
        os._exit(0 if outcome(lambda: keyctl("SESSION_TO_PARENT")) == "done"
                 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert ";gift" in describe(SESSION)
    return attack(serial)


def test_after_session_to_parent(machine, stored):
    assert successes(machine.call(after_a_gift, stored)) == {}


def test_without_any_keyring(machine, stored):
    """As in a cron job: no session keyring, nothing possessed."""
    found = machine.call(attack, stored, session=False)
    assert successes(found) == {}


def test_another_user(machine, stored):
    for user in ("mallory", "carol"):
        assert successes(machine.call(attack, stored, user=user)) == {}
        assert machine.call(lambda: outcome(lambda: describe(stored)),
                            user=user) == "EACCES"


def in_a_user_namespace(serial):
    return attack(serial) if become_root_in_a_namespace() else None


def test_root_of_a_user_namespace(machine, stored):
    found = machine.call(in_a_user_namespace, stored)
    assert found is None or successes(found) == {}


def test_the_keyring_is_everywhere(machine, stored):
    """With her user keyring linked into all that she has."""
    def run():
        for ring in (SESSION, PROCESS, THREAD):
            keyctl("LINK", USER, ring)
        ring = add_key(b"keyring", b"outer", None, 0, SESSION)
        keyctl("LINK", USER, ring)
        keyctl("SETPERM", USER, 0x3f3f0000) # also attributes, for possessors
        return in_a_thread(stored)

    assert successes(machine.call(run)) == {}


def test_by_keyctl(machine, stored):
    """The command does not know more than the calls."""
    for words in (["read"], ["print"], ["pipe"], ["rdescribe"], ["describe"],
                  ["link", "@s"], ["setperm", "0x3f3f3f3f"], ["timeout", "9"],
                  ["revoke"], ["invalidate"], ["update", "x"],
                  ["chown", str(machine.uids["alice"])]):
        done = machine.run(KEYCTL, words[0], str(stored), *words[1:])
        assert SECRET not in done.stdout + done.stderr
        assert done.returncode != 0 or words[0] in ("rdescribe", "describe")
    for words in (["request", "user", NAME.decode(), "@s"],
                  ["search", "@u", "user", NAME.decode()],
                  ["padd", "user", NAME.decode(), "@u"]):
        assert machine.run(KEYCTL, *words, data="x").returncode != 0
    shown = machine.run(KEYCTL, "show", "@u").stdout
    assert KEY_ID not in shown and SECRET not in shown


def test_what_proc_shows(machine, stored):
    for user in ("alice", "mallory"):
        keys = machine.call(lambda: open("/proc/keys").read(), user=user)
        assert SECRET not in keys and KEY_ID not in keys
        assert ("%08x" % stored in keys) == (user == "alice")
        counts = machine.call(lambda: open("/proc/key-users").read(),
                              user=user)
        assert re.search(r"^ *%d: " % machine.uids[SERVICE], counts, re.M)


# --- what is allowed: to lose it --------------------------------------------

def test_unlinking_loses_the_key_and_shows_nothing(machine, stored):
    def lose():
        keyctl("UNLINK", stored, USER)
        if persistent() != USER:
            keyctl("UNLINK", stored, persistent())

    machine.call(lose)
    kind, reply = machine.sign()
    assert (kind, reply["REFUSAL"]) == (
        "SIGN_REFUSED", framing.REFUSALS["REFUSAL_NO_KEY"])
    assert "no stored key of profile default" in reply["TEXT"]
    for _ in range(100): # the kernel collects it
        if machine.call(lambda: outcome(lambda: read_key(stored)),
                        user=SERVICE) == "ENOKEY":
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the key is still there")


@pytest.mark.parametrize("harm, sentence", [
    (lambda: keyctl("RESTRICT_KEYRING", USER, None, None), "user keyring"),
    (lambda: keyctl("SETPERM", USER, 0x00080000), "user keyring")],
    ids=["restricted", "closed"])
def test_a_user_keyring_out_of_order(machine, harm, sentence):
    """Carol can break her own keyring: a sentence, no crash. (If she revokes
    it, the kernel gives her no other until the next boot.)"""
    machine.store(user="carol")
    machine.call(harm, user="carol")
    assert machine.sign(user="carol", session=False)[0].startswith("SIGN_RE")
    kind, reply = machine.store("other", user="carol", session=False)
    assert (kind, reply["REFUSAL"]) == (
        "SIGN_REFUSED", framing.REFUSALS["REFUSAL_INTERNAL"])
    assert sentence in reply["TEXT"]
    machine.forget_keys("carol")
    assert machine.store("other", user="carol")[0] == "KEY_DONE"


# --- forgeries --------------------------------------------------------------

def forge(type_name=b"user", rings=2):
    """A key of the same name, put in the place of the protected one."""
    serial = add_key(type_name, NAME, None if type_name == b"keyring"
                     else FORGED, 0 if type_name == b"keyring"
                     else len(FORGED), PROCESS)
    keyctl("SETPERM", serial, ALL)
    for ring in (USER, persistent())[:rings]:
        keyctl("LINK", serial, ring)
    return serial


def test_a_forged_key_is_never_protected(machine, stored):
    """Linking displaces: she loses the protected one, and it is said."""
    machine.call(forge)
    assert machine.call(find, NAME.decode()) != stored
    kind, reply = machine.sign()
    assert kind == "SIGN_RESULT" and reply["ACCESS_KEY_ID"] == FORGED_ID
    assert reply["PROTECTION"] == framing.PROTECTIONS["PROTECTION_USER"]
    kind, reply = machine.store(replace=False)
    assert (kind, reply["REFUSAL"]) == (
        "SIGN_REFUSED", framing.REFUSALS["REFUSAL_EXISTS"])
    assert "not to the signer" in reply["TEXT"]
    kind, reply = machine.store()
    assert kind == "KEY_DONE" and "not protected" in reply["TEXT"]
    assert machine.sign()[1]["ACCESS_KEY_ID"] == KEY_ID


@pytest.mark.parametrize("type_name", [b"keyring", b"logon", b"big_key"])
def test_a_forged_key_of_another_type(machine, stored, type_name):
    def run():
        try:
            forge(type_name)
        except OSError as error: # logon wants a colon, big_key a kernel
            return error.errno in (errno.ENODEV, errno.EINVAL)
        return True

    assert machine.call(run)
    kind, reply = machine.sign()
    assert kind == "SIGN_RESULT" and reply["ACCESS_KEY_ID"] == KEY_ID


def test_a_forged_key_cannot_be_given_away(machine, stored):
    uid = machine.uids[SERVICE]

    def run():
        serial = forge(rings=0)
        return [outcome(lambda: keyctl("CHOWN", serial, uid, -1)),
                outcome(lambda: keyctl("CHOWN", serial, -1, uid))]

    assert set(machine.call(run)) <= REFUSED
    # Not even in a namespace, where she is root and has the uid.
    assert set(machine.call(
        lambda: run() if become_root_in_a_namespace() else [])) <= (
            REFUSED | {"EINVAL"})


@pytest.mark.parametrize("owner", ["mallory", "root"])
def test_a_key_of_a_third_owner_is_refused(machine, stored, owner):
    """Only root can make such a key; it is still nobody's to sign with."""
    serial = machine.call(forge)
    subprocess.run([KEYCTL, "chown", str(serial), str(machine.uids[owner])],
                   check=True)
    kind, reply = machine.sign()
    assert (kind, reply["REFUSAL"]) == (
        "SIGN_REFUSED", framing.REFUSALS["REFUSAL_BAD_KEY"])
    assert str(machine.uids[owner]) in reply["TEXT"]


def test_keys_of_another_user(machine, stored):
    """Mallory asks the signer, and offers it links to what is Alice's."""
    assert machine.sign(user="mallory")[0] == "SIGN_REFUSED"
    ring = machine.call(lambda: keyctl("GET_KEYRING_ID", USER, 0))

    def run():
        return [outcome(lambda: keyctl("LINK", serial, USER))
                for serial in (stored, ring)]

    assert set(machine.call(run, user="mallory")) <= REFUSED
    kind, reply = machine.ask("KEY_REMOVE", {"PROFILE": "default"},
                              user="mallory")
    assert (kind, reply["REFUSAL"]) == (
        "SIGN_REFUSED", framing.REFUSALS["REFUSAL_NO_KEY"])


def test_a_keyring_that_she_opened_to_another(machine, stored):
    """Alice lets everybody do everything with her keyring: Mallory may see
    and unlink what is in it, and link the keyring, but sign nothing."""
    ring = machine.call(lambda: keyctl("GET_KEYRING_ID", USER, 0))
    machine.call(lambda: keyctl("SETPERM", USER, ALL))

    def run():
        keyctl("LINK", ring, USER)
        keyctl("LINK", ring, SESSION)
        return attack(stored)

    assert successes(machine.call(run, user="mallory")) == {}
    assert machine.sign(user="mallory")[0] == "SIGN_REFUSED"
    machine.clear_keys("mallory")


# --- races ------------------------------------------------------------------

ADDS, ADDS_SANITIZED = 1000, 200


def try_all(serial):
    """Quickly, all that would give the secret or a hold on the key."""
    done = []
    for name, act in (
            ("read", lambda: keyctl("READ", serial, BUFFER, 4096)),
            ("setperm", lambda: keyctl("SETPERM", serial, ALL)),
            ("link", lambda: keyctl("LINK", serial, SESSION)),
            ("search", lambda: keyctl("SEARCH", serial, b"user", NAME, 0))):
        with contextlib.suppress(OSError):
            act()
            done.append(name)
    return done


BUFFER = ctypes.create_string_buffer(4096)


def watch_user_keyring(flag):
    """Attack what comes into the user keyring, and the numbers around it."""
    seen, found, tries = set(), [], 0
    while not os.path.exists(flag):
        for serial in keys_in(USER):
            around = [serial] if serial in seen else range(serial - 8,
                                                           serial + 9)
            seen.add(serial)
            tries += 1
            for guess in around:
                found += [(name, guess) for name in try_all(guess)]
    return {"seen": len(seen), "tries": tries, "successes": found}


def watch_proc_keys(flag, uid):
    """Attack every key and keyring that /proc/keys shows, hers above all:
    the signer's process keyring is made while it has her real uid."""
    seen, found = set(), []
    own = {persistent()} | {keyctl("GET_KEYRING_ID", ring, 0)
                            for ring in (USER, SESSION)}
    while not os.path.exists(flag):
        with open("/proc/keys", encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        for line in lines:
            words = line.split()
            serial = int(words[0], 16)
            if int(words[5]) not in uid or serial in own or \
                    words[8].startswith("_uid_ses"):
                continue
            if (serial, words[4]) not in seen:
                seen.add((serial, words[4]))
            for name in try_all(serial):
                # An owner may list the keyring that was made for her.
                if (name, words[7], words[8][:4]) != ("read", "keyring",
                                                      "_ses"):
                    found.append((name, line))
                    continue
                for inner in keys_in_quietly(serial):
                    found += [(what, line) for what in try_all(inner)
                              if inner not in own]
    return {"seen": len(seen), "successes": found,
            "kinds": sorted({mask for _, mask in seen})}


def keys_in_quietly(serial):
    """The keys in a keyring that may have gone."""
    try:
        return keys_in(serial)
    except OSError:
        return ()


def add_many(signer, count):
    """As Alice: have her key replaced again and again."""
    frame = framing.encode("KEY_STORE", {
        "PROFILE": "default", "ACCESS_KEY_ID": KEY_ID,
        "SECRET_ACCESS_KEY": SECRET, "REPLACE": 1})
    done = 0
    for _ in range(count):
        ours, theirs = framing.pair()
        with ours, theirs, subprocess.Popen(
                [signer], stdin=theirs, stdout=theirs, env={},
                close_fds=False) as process:
            theirs.close()
            ours.sendall(frame)
            done += framing.receive(ours)[0] == "KEY_DONE"
            assert process.wait(30) == 0
    return done


def test_a_race_while_keys_are_added(machine, stored):
    """1,000 adds; two attackers read each new key as soon as it is seen."""
    adds = ADDS_SANITIZED if machine.sanitized else ADDS
    flag = "/tmp/race-is-over"
    uids = [machine.uids["alice"], machine.uids[SERVICE]]
    start = time.monotonic()
    attackers = {"ring": machine.start(watch_user_keyring, flag),
                 "proc": machine.start(watch_proc_keys, flag, uids)}
    try:
        assert machine.call(add_many, machine.signer, adds) == adds
    finally:
        machine.put(flag, "")
    results = {name: machine.finish(child)
               for name, child in attackers.items()}
    print("race: %.1f s, %s" % (time.monotonic() - start, results))
    assert results["ring"]["seen"] > adds / 10
    assert results["ring"]["successes"] == []
    assert results["proc"]["successes"] == []
    assert results["proc"]["seen"] > 10
