"""Stored parent keys, for the tests of what is done to them.

As the unprivileged signer of the build tree keeps them: owned by the user, so
that a test can look. Profiles have names that no other run of the tests has.
"""

import os
import secrets
import string
import time
import urllib.parse

import kernel_keys
from kernel_keys import keyctl, keys_in, read_key


def profile_name():
    """A profile of this test alone: keyrings are shared by all of a user."""
    return "p" + secrets.token_hex(6)


def run_alone(run):
    """Run a command of which a user can have one at a time: another run of
    the tests may be at it. Returns what it returns."""
    end = time.monotonic() + 60
    while True:
        done = run()
        if "of yours is running" not in done.stderr or \
                time.monotonic() > end:
            return done
        time.sleep(0.05)


def description(profile):
    """The name of a profile's key, as key_name.h has it."""
    plain = string.punctuation.replace("%", "").replace(":", "")
    return "aws-session:parent:" + urllib.parse.quote(profile, safe=plain)


def keyrings():
    """The keyrings in which stored keys are: the user's, the persistent one
    where the kernel has it."""
    found = [kernel_keys.USER]
    try:
        found.append(keyctl("GET_PERSISTENT", os.getuid(),
                            kernel_keys.PROCESS))
    except OSError:
        pass
    return found


def serials(profile):
    """The stored keys of a profile: one, if all is well."""
    found = set()
    for keyring in keyrings():
        for serial in keys_in(keyring):
            text = kernel_keys.ctypes.create_string_buffer(8192)
            try:
                keyctl("DESCRIBE", serial, text, 8192)
            except OSError:
                continue
            if text.value.decode().split(";", 4)[4] == description(profile):
                found.add(serial)
    return found


def stored(profile):
    """Key id and secret as they are stored; None if there is none."""
    found = serials(profile)
    assert len(found) <= 1, "two keys of one name"
    for serial in found:
        return tuple(read_key(serial).decode().split("\n"))
    return None


def store(profile, key_id, secret):
    """Put a key there, as an earlier "aws-session add" did."""
    payload = ("%s\n%s" % (key_id, secret)).encode()
    serial = kernel_keys.add_key(b"user", description(profile).encode(),
                                 payload, len(payload), kernel_keys.PROCESS)
    keyctl("SETPERM", serial, 0x3f3f0000)
    keyctl("LINK", serial, kernel_keys.USER)
    keyctl("UNLINK", serial, kernel_keys.PROCESS)


def forget(profile):
    """Remove it from everywhere."""
    for serial in serials(profile):
        for keyring in keyrings():
            try:
                keyctl("UNLINK", serial, keyring)
            except OSError:
                pass


def everything():
    """All that can be read in the keyrings, as one text."""
    texts = []
    for keyring in keyrings():
        for serial in keys_in(keyring):
            try:
                texts.append(read_key(serial).decode("latin-1"))
            except OSError:
                pass
    return "\n".join(texts)
