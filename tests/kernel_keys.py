"""keyctl(2), add_key(2) and request_key(2), for tests only.

They act on the keyrings of the process that calls them. What fails raises the
OSError that the kernel gave.
"""

import contextlib
import ctypes
import shutil
import struct

KEYCTL = shutil.which("keyctl")
KEYUTILS = ctypes.CDLL("libkeyutils.so.1", use_errno=True)
THREAD, PROCESS, SESSION, USER, USER_SESSION = -1, -2, -3, -4, -5
KEYCTLS = {name: number for number, name in enumerate(
    "GET_KEYRING_ID JOIN_SESSION_KEYRING UPDATE REVOKE CHOWN SETPERM DESCRIBE "
    "CLEAR LINK UNLINK SEARCH READ INSTANTIATE NEGATE SET_REQKEY_KEYRING "
    "SET_TIMEOUT ASSUME_AUTHORITY GET_SECURITY SESSION_TO_PARENT REJECT "
    "INSTANTIATE_IOV INVALIDATE GET_PERSISTENT DH_COMPUTE PKEY_QUERY "
    "PKEY_ENCRYPT PKEY_DECRYPT PKEY_SIGN PKEY_VERIFY RESTRICT_KEYRING MOVE "
    "CAPABILITIES WATCH_KEY".split())}


def keyctl(command, *arguments):
    """A keyctl(2) call by its name in keyutils.h, or what it fails with as an
    OSError. Numbers, bytes and None go in, a number comes out."""
    return _keys(KEYUTILS.keyctl, ctypes.c_int(KEYCTLS[command]), *arguments)


def add_key(*arguments):
    """add_key(2): type, description, payload, its length, keyring."""
    return _keys(KEYUTILS.add_key, *arguments)


def request_key(*arguments):
    """request_key(2): type, description, callout information, keyring."""
    return _keys(KEYUTILS.request_key, *arguments)


def _keys(function, *arguments):
    function.restype = ctypes.c_long
    result = function(*(ctypes.c_long(value) if isinstance(value, int)
                        else value for value in arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), function.__name__)
    return result


def read_key(serial):
    """The payload of a key, or OSError."""
    buffer = ctypes.create_string_buffer(4096)
    length = keyctl("READ", serial, buffer, 4096)
    return buffer.raw[:length]


def keys_in(keyring):
    """The serial numbers in a keyring."""
    content = read_key(keyring)
    return struct.unpack("%di" % (len(content) // 4), content)


def describe(serial):
    """TYPE;UID;GID;PERMISSIONS;DESCRIPTION."""
    buffer = ctypes.create_string_buffer(4096)
    keyctl("DESCRIBE", serial, buffer, 4096)
    return buffer.value.decode()


def find(description, keyring=USER):
    """The serial number of a key in a keyring, by looking at each."""
    for serial in keys_in(keyring):
        with contextlib.suppress(OSError):
            if describe(serial).split(";", 4)[4] == description:
                return serial
    return None


def login():
    """In a process: the keyrings of a login, and no other's."""
    keyctl("JOIN_SESSION_KEYRING", None)
    keyctl("LINK", USER, SESSION)


def clear():
    """Empty our keyrings."""
    keyctl("CLEAR", USER)
    with contextlib.suppress(OSError): # not every kernel has one
        keyctl("CLEAR", keyctl("GET_PERSISTENT", -1, SESSION))


def invalidate():
    """Remove our keyrings; the kernel makes others when they are needed."""
    keyctl("JOIN_SESSION_KEYRING", None)
    rings = [SESSION]
    with contextlib.suppress(OSError):
        rings.insert(0, keyctl("GET_PERSISTENT", -1, SESSION))
    for ring in (USER, USER_SESSION):
        with contextlib.suppress(OSError):
            rings.insert(0, keyctl("GET_KEYRING_ID", ring, 0))
    for ring in rings:
        keyctl("INVALIDATE", ring)


def counts():
    """uid -> number of keys, of all that the kernel knows."""
    with open("/proc/key-users", encoding="ascii") as file:
        return {int(line.split(":")[0]): int(line.split()[1])
                for line in file}


@contextlib.contextmanager
def sysctls(**values):
    """Settings of /proc/sys/kernel/keys: they are the whole kernel's, so not
    for long."""
    before = {}
    for name in values:
        with open("/proc/sys/kernel/keys/" + name, encoding="ascii") as file:
            before[name] = file.read()
    try:
        for name, value in values.items():
            with open("/proc/sys/kernel/keys/" + name, "w",
                      encoding="ascii") as file:
                file.write(str(value))
        yield
    finally:
        for name, value in before.items():
            with open("/proc/sys/kernel/keys/" + name, "w",
                      encoding="ascii") as file:
                file.write(value)
