"""Attacks on a stored key by messages to the signer: without MFA, replayed,
broken, for other people's keys; and what the log says of all that.
"""

import os
import re
import socket
import struct
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    KEY_ID, MFA, REQUEST, SECRET, SERVICE, TARGET, machine, needs_root,
    stored)

pytestmark = needs_root
OTHER_ID = "AKIAOTHEROTHEROTHER2"
STORE = {"PROFILE": "default", "ACCESS_KEY_ID": OTHER_ID,
         "SECRET_ACCESS_KEY": "other"}
ROLE = {"ROLE_ARN": "arn:aws:iam::123456789012:role/Admin",
        "ROLE_SESSION_NAME": "me"}


def refusal(reply):
    """The name of the refusal."""
    kind, fields = reply
    assert kind == "SIGN_REFUSED", reply
    return next(name for name, number in framing.REFUSALS.items()
                if number == fields["REFUSAL"])[len("REFUSAL_"):]


# --- without MFA ------------------------------------------------------------

WITHOUT_CODE = {
    "session": ("GET_SESSION_TOKEN", {}),
    "session with a duration": ("GET_SESSION_TOKEN",
                                {"DURATION_SECONDS": 900}),
    "role": ("ASSUME_ROLE", ROLE),
    # Each of these would be worth as much as a key, or take one away.
    "new key": ("CREATE_ACCESS_KEY", {}),
    "new key of a user": ("CREATE_ACCESS_KEY", {"USER_NAME": "alice"}),
    "old key back": ("UPDATE_ACCESS_KEY", {"TARGET_KEY_ID": KEY_ID,
                                           "STATUS": "Active"}),
    "key off": ("UPDATE_ACCESS_KEY", {"TARGET_KEY_ID": KEY_ID,
                                      "STATUS": "Inactive"}),
    "key away": ("DELETE_ACCESS_KEY", {"TARGET_KEY_ID": KEY_ID}),
}


@pytest.mark.parametrize("case", WITHOUT_CODE)
def test_nothing_of_value_without_mfa(machine, stored, case):
    """By default, without any policy file."""
    operation, fields = WITHOUT_CODE[case]
    machine.audit()
    reply = machine.sign(operation=operation, fields=fields)
    assert refusal(reply) == "POLICY" and "require_mfa" in reply[1]["TEXT"]
    (_, line), = machine.audit()
    assert "mfa=no result=refused:policy" in line


def test_a_code_does_not_open_the_rest(machine, stored):
    """A code is no parameter of theirs, and half of MFA is none."""
    for operation in ("CREATE_ACCESS_KEY", "DELETE_ACCESS_KEY"):
        fields = {"TARGET_KEY_ID": KEY_ID} if "DELETE" in operation else {}
        assert refusal(machine.sign(operation=operation,
                                    fields={**fields, **MFA})) == "BAD_FIELD"
    for field, value in MFA.items():
        assert refusal(machine.sign(fields={field: value})) == "BAD_FIELD"
    assert refusal(machine.sign(fields={**MFA, "TOKEN_CODE": ""})) == \
        "BAD_FIELD"


def test_the_key_for_an_inline_request(machine, stored):
    """A stored key and a key of the caller's own do not mix."""
    for fields in ({"ACCESS_KEY_ID": OTHER_ID},
                   {"SECRET_ACCESS_KEY": "x"}, {"SESSION_TOKEN": "x"},
                   {"ACCESS_KEY_ID": OTHER_ID, "SECRET_ACCESS_KEY": "x"}):
        assert refusal(machine.sign(fields={**MFA, **fields})) == "BAD_FIELD"


# --- replays and broken frames ----------------------------------------------

def test_replayed_messages(machine, stored):
    """A second message on a connection is not read; a message that is sent to
    another process of the signer is a new one, with a line of its own; a
    reply is no message."""
    machine.audit()
    with machine.started() as (process, ours):
        ours.sendall(REQUEST + REQUEST)
        first = framing.receive(ours)
        with pytest.raises(framing.Truncated):
            framing.receive(ours)
        assert process.wait(10) == 0
    assert machine.is_signed(first) and machine.signs()
    assert len(machine.audit()) == 2
    reply, status, _ = machine.send(framing.encode(*first))
    assert (reply, status) == (None, 125)
    store = framing.encode("KEY_STORE", STORE)
    for _ in range(2):
        assert refusal(machine.send(store)[0]) == "EXISTS"


def broken(frame):
    """name -> bytes that are no message."""
    length, rest = len(frame) - 4, frame[4:]
    return {
        **{"cut at %d" % at: frame[:at] for at in (0, 1, 4, 5, 6, 12,
                                                   len(frame) - 1)},
        "version 0": frame[:4] + b"\0" + frame[5:],
        "next version": frame[:4] + bytes([framing.VERSION + 1]) + frame[5:],
        "type 0": frame[:5] + b"\0" + frame[6:],
        "type 255": frame[:5] + b"\xff" + frame[6:],
        "for the sender": framing.encode("STS_SEND", {
            "AMZ_DATE": "x", "AUTHORIZATION": "x", "BODY": "x"}),
        "shifted": frame[1:] + b"\0",
        "trailing": struct.pack(">I", length + 1) + rest + b"\0",
        "oversized": struct.pack(">I", framing.MESSAGE_MAX + 1) + rest,
        "huge": b"\xff" * 4 + rest,
        "negative": struct.pack(">i", -1) + rest,
        "undersized": struct.pack(">I", 1) + rest,
        "field too long": frame[:8] + b"\xff" * 4 + frame[12:],
        "unknown field": frame[:6] + b"\xff\xff" + frame[8:],
        "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    }


@pytest.mark.parametrize("kind", ["SIGN_REQUEST", "KEY_STORE", "KEY_REMOVE"])
def test_broken_messages(machine, stored, kind):
    """They get no reply, and the key stays as it is (see stored)."""
    frame = {"SIGN_REQUEST": REQUEST,
             "KEY_STORE": framing.encode("KEY_STORE", {**STORE, "REPLACE": 1}),
             "KEY_REMOVE": framing.encode("KEY_REMOVE", {
                 "PROFILE": "default"})}[kind]
    for name, data in broken(frame).items():
        reply, status, said = machine.send(data)
        assert (reply, status) == (None, 125), name
        assert re.fullmatch(r"aws-session-sign: [ -~]+\n", said), name
        assert SECRET not in said


def test_descriptors_along_with_a_message(machine, stored):
    """Passed by SCM_RIGHTS they are dropped, not kept, not written to."""
    reader, writer = os.pipe()
    with machine.started() as (process, ours):
        socket.send_fds(ours, [REQUEST], [writer] * 20)
        os.close(writer)
        assert machine.is_signed(framing.receive(ours))
        process.wait(10)
    assert os.read(reader, 1) == b""
    os.close(reader)


# --- whose key it is --------------------------------------------------------

def test_names_that_are_nearly_right(machine, stored):
    """No other name finds the key, and none finds something else."""
    for name in ("Default", "default ", " default", "default\n", "default:",
                 "defaul", "default:x", "%64efault", "*", ".", "../default",
                 "aws-session:parent:default", "default/../default", "x" * 300,
                 "d\u00e9fault"):
        assert refusal(machine.sign(name)) == "NO_KEY", name
        assert refusal(machine.ask("KEY_REMOVE", {"PROFILE": name})) == \
            "NO_KEY"
    assert refusal(machine.sign("")) == "BAD_FIELD"
    reply, status, _ = machine.send(framing.encode("KEY_REMOVE", {
        "PROFILE": b"default\0x"}))
    assert (reply, status) == (None, 125)


def test_each_has_their_own(machine, stored):
    """The same name is another key for another user, root too."""
    mallory = machine.store(user="mallory", key_id=OTHER_ID)
    assert mallory[0] == "KEY_DONE"
    assert machine.sign(user="mallory")[1]["ACCESS_KEY_ID"] == OTHER_ID
    assert machine.ask("KEY_REMOVE", {"PROFILE": "default"},
                       user="mallory")[0] == "KEY_DONE"
    for user in ("mallory", "carol", SERVICE):
        assert refusal(machine.sign(user=user)) == "NO_KEY"
    machine.clear_keys("mallory")


def test_the_log_of_it_all(machine, stored):
    """Every line is the service user's and names the caller whom the kernel
    knows; no message puts another line or a secret there."""
    machine.audit()
    evil = "x\n<85>aws-session-sign[1]: uid=0 profile=%s" % SECRET[:8]
    for profile in (evil, "\r\n\0".replace("\0", ""), "\x1b]0;x\a", "%n%s"):
        machine.sign(profile)
        machine.store(profile)
        machine.ask("KEY_REMOVE", {"PROFILE": profile})
    machine.ask("KEY_STORE", {**STORE, "ACCESS_KEY_ID": SECRET,
                              "REPLACE": 1})
    lines = machine.audit()
    assert len(lines) == 13
    for uid, line in lines:
        assert uid == machine.uids[SERVICE]
        assert re.fullmatch(r"[ -~]+", line) and line.count(" uid=") == 1
        assert " uid=%d auid=" % machine.uids["alice"] in line
    text = " ".join(line for _, line in lines)
    assert SECRET not in text and MFA["TOKEN_CODE"] not in text
    assert TARGET["HOST"] not in text
    assert {word for word in ("op=GetSessionToken mfa=yes", "op=store",
                              "op=remove", "result=refused:no-key",
                              "result=done") if word not in text} == set()
