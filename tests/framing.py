"""The framed messages between our processes, in Python, for tests only.

Types, fields and other numbers are read from src/common/protocol.h and
message.h, so that they cannot drift; the layout is written out here once
more on purpose: it is what the C code is checked against.
"""

import os
import re
import socket
import struct

_COMMON = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       os.pardir, "src", "common")


def _source(name):
    with open(os.path.join(_COMMON, name), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)


def _enum(text, tag):
    """The members of a C enum without initialisers but plain numbers."""
    body = re.search(r"enum %s\s*\{(.*?)\}" % tag, text, re.S).group(1)
    members, value = {}, 0
    for item in filter(None, (part.strip() for part in body.split(","))):
        name, _, number = (part.strip() for part in item.partition("="))
        value = int(number, 0) if number else value
        members[name] = value
        value += 1
    return members


def _constant(text, name):
    product = re.search(r"\b%s\s*=\s*([0-9* ]+)" % name, text).group(1)
    value = 1
    for factor in product.split("*"):
        value *= int(factor)
    return value


_PROTOCOL = _source("protocol.h")
TYPES = _enum(_PROTOCOL, "message_type")
FIELDS = _enum(_PROTOCOL, "message_field")
OPERATIONS = _enum(_PROTOCOL, "operation")
REFUSALS = _enum(_PROTOCOL, "refusal")
PROTECTIONS = _enum(_PROTOCOL, "protection")
STS_ERRORS = _enum(_PROTOCOL, "sts_error")
VERSION = _constant(_source("message.h"), "MESSAGE_VERSION")
MESSAGE_MAX = _constant(_source("message.h"), "MESSAGE_MAX")
_NUMBERS = {"FIELD_" + name for name in re.findall(
    r"\[FIELD_(\w+)\] = \{KIND_NUMBER", _source("protocol.c"))}


class Truncated(Exception):
    """The peer closed before a whole frame had come."""


def field_id(field):
    """The number of a field given by name ("HOST") or by number."""
    return field if isinstance(field, int) else FIELDS["FIELD_" + field]


def encode_field(field, value):
    """One field: id, length, value (str, bytes or int)."""
    if isinstance(value, int):
        value = struct.pack(">q", value)
    elif isinstance(value, str):
        value = value.encode()
    return struct.pack(">HI", field_id(field), len(value)) + value


def encode(kind, fields, version=VERSION):
    """A frame. fields: a dict, or pairs where a field stands twice."""
    if isinstance(fields, dict):
        fields = fields.items()
    kind = kind if isinstance(kind, int) else TYPES["MESSAGE_" + kind]
    rest = bytes([version, kind]) + b"".join(
        encode_field(field, value) for field, value in fields)
    return struct.pack(">I", len(rest)) + rest


def decode(frame):
    """A frame as (type name, dict). Repeated fields become lists.

    Texts are str, numbers int, and bytes stay bytes unless they are UTF-8.
    """
    length, version, kind = struct.unpack(">IBB", frame[:6])
    assert length == len(frame) - 4 and version == VERSION
    names = {number: name for name, number in FIELDS.items()}
    types = {number: name for name, number in TYPES.items()}
    offset, fields = 6, {}
    while offset < len(frame):
        number, size = struct.unpack_from(">HI", frame, offset)
        offset += 6
        value = frame[offset:offset + size]
        assert len(value) == size
        offset += size
        name = names[number]
        if name in _NUMBERS:
            value = struct.unpack(">q", value)[0]
        else:
            try:
                value = value.decode()
            except UnicodeDecodeError:
                pass
        name = name[len("FIELD_"):]
        if name == "DEVICE":
            fields.setdefault(name, []).append(value)
        else:
            assert name not in fields
            fields[name] = value
    return types[kind][len("MESSAGE_"):], fields


def _receive_exactly(connection, size):
    data = b""
    while len(data) < size:
        try:
            chunk = connection.recv(size - len(data))
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            raise Truncated(data)
        data += chunk
    return data


def receive(connection):
    """The next message of a socket, as decode gives it."""
    head = _receive_exactly(connection, 4)
    return decode(head + _receive_exactly(connection,
                                          struct.unpack(">I", head)[0]))


def send(connection, kind, fields):
    """Send one message over a socket."""
    connection.sendall(encode(kind, fields))


def pair(timeout=30):
    """A socket pair; ours gives up after timeout seconds."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.settimeout(timeout)
    return ours, theirs
