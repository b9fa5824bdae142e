"""aws-session-qr: a text comes by its socket, a QR code goes, and no more."""

import os
import pty
import subprocess

import pytest

import framing
import qr_reader


@pytest.fixture
def program(build):
    return os.path.join(build, "src", "qr", "aws-session-qr")


def ask(program, data, close=False):
    """Send bytes; the reply or None, the exit status, and standard error."""
    ours, theirs = framing.pair()
    with subprocess.Popen([program], stdin=theirs, stdout=theirs,
                          stderr=subprocess.PIPE, text=True) as process:
        theirs.close()
        ours.sendall(data)
        if close:
            ours.shutdown(1)
        try:
            reply = framing.receive(ours)
        except framing.Truncated:
            reply = None
        ours.close()
        _, said = process.communicate(timeout=30)
    return reply, process.returncode, said


@pytest.mark.parametrize("text", [
    "A", "otpauth://totp/a%20b:c@d?secret=ABCDEFGH23456723&issuer=x",
    "x" * 1024])
def test_makes_a_code(program, tmp_path, text):
    if not qr_reader.ZBAR:
        pytest.skip("needs zbarimg(1)")
    reply, status, said = ask(program, framing.encode(
        "QR_ENCODE", {"URI": text.encode()}))
    assert (status, said) == (0, "")
    kind, fields = reply
    modules = fields["MODULES"].encode()
    width = int(len(modules) ** 0.5)
    assert kind == "QR_SYMBOL" and width * width == len(modules)
    assert set(modules) == {0, 1} and width % 4 == 1
    rows = [[1 - module for module in modules[at:at + width]]
            for at in range(0, len(modules), width)]
    edge = [[1] * (width + 8)] * 4
    path = tmp_path / "qr.pgm"
    pixels = edge + [[1] * 4 + row + [1] * 4 for row in rows] + edge
    path.write_bytes(b"P5 %d %d 1\n" % ((width + 8) * 4, (width + 8) * 4)
                     + b"".join(bytes(bit for bit in row for _ in range(4)) * 4
                                for row in pixels))
    done = subprocess.run([qr_reader.ZBAR, "--raw", "-q", str(path)], text=True,
                          capture_output=True, check=True)
    assert done.stdout == text + "\n"


@pytest.mark.parametrize("data, close", [
    (framing.encode("QR_ENCODE", {}), False),
    (framing.encode("QR_ENCODE", {"URI": b""}), False),
    (framing.encode("QR_ENCODE", {"URI": b"a\0b"}), False),
    (framing.encode("QR_ENCODE", {"URI": b"x" * 1025}), False),
    (framing.encode("QR_ENCODE", {"URI": b"x"}, version=9), False),
    (framing.encode("QR_SYMBOL", {"MODULES": b"x"}), False),
    (framing.encode("KEY_REMOVE", {"PROFILE": "x"}), False),
    (framing.encode("QR_ENCODE", {"URI": b"x"})[:-1], True),
    (b"", True)])
def test_refuses(program, data, close):
    assert ask(program, data, close) == (None, 125, "")


def test_by_hand(program):
    ours, theirs = pty.openpty()
    done = subprocess.run([program], stdin=theirs, capture_output=True,
                          text=True, timeout=30, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 125 and done.stdout == ""
    assert "nothing to do here by hand" in done.stderr
