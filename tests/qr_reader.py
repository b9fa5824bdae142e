"""What a terminal shows of a QR code, and what a real reader makes of it.

The bytes of a pty become rows of character cells with their colours, these
become pixels, and zbarimg reads the picture, as a telephone reads a screen.
"""

import re
import shutil
import subprocess

ZBAR = shutil.which("zbarimg")
SCALE = 4           # pixels per module
LEVELS = [0, 95, 135, 175, 215, 255]        # of the colour cube of xterm
PIECE = re.compile(r"\x1b\[([0-9;]*)m|\x1b[78]|\r|.", re.S)


def colour(number):
    """The grey of a colour of the cube; no other may be used, since themes
    change the first 16."""
    assert 16 <= number <= 231, "a colour that a theme may change: %d" % number
    rest = number - 16
    red, green, blue = rest // 36, rest // 6 % 6, rest % 6
    assert red == green == blue
    return LEVELS[red]


def cells(text, around):
    """The rows of a text: lists of (upper half, lower half), in grey."""
    front, back = 255 - around, around
    rows, row = [], []
    for match in PIECE.finditer(text):
        piece = match[0]
        if match[1] is not None:
            words = [int(word or 0) for word in match[1].split(";")]
            while words:
                if words[0] == 0:
                    front, back = 255 - around, around
                    words = words[1:]
                else:
                    assert words[0] in (38, 48) and words[1] == 5, match[0]
                    if words[0] == 38:
                        front = colour(words[2])
                    else:
                        back = colour(words[2])
                    words = words[3:]
        elif piece == "\n":
            rows.append(row)
            row = []
        elif piece == "\u2580":
            row.append((front, back))
        elif piece == " ":
            row.append((back, back))
        elif piece.isprintable():
            row.append(None)
    return rows + [row]


def drawing(text, around=0):
    """The QR code in the text, as it stands on a screen of that colour:
    (columns, rows, pixels by rows)."""
    rows = [row for row in cells(text, around)
            if len(row) > 30 and None not in row]
    columns = len(rows[0])
    assert {len(row) for row in rows} == {columns}
    half = "\u2580" in text
    pixels = []
    for row in rows:
        for part in (0, 1) if half else (0,):
            line = [cell[part] for cell in row[::1 if half else 2]]
            pixels.append([around] * 2 + line + [around] * 2)
    edge = [[around] * len(pixels[0])] * 2
    return columns, len(rows), edge + pixels + edge


def read_back(text, tmp_path, around=0):
    """What zbarimg reads from the QR code in the text."""
    pixels = drawing(text, around)[2]
    path = tmp_path / ("qr-%d.pgm" % around)
    lines = [b"".join(bytes([grey]) * SCALE for grey in row) * SCALE
             for row in pixels]
    path.write_bytes(b"P5 %d %d 255\n" % (
        len(pixels[0]) * SCALE, len(pixels) * SCALE) + b"".join(lines))
    done = subprocess.run([ZBAR, "--raw", "-q", str(path)], text=True,
                          capture_output=True, check=False)
    path.unlink()
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def quiet_zone(text):
    """The least distance of a dark module from the edge of the drawing."""
    half = "\u2580" in text
    _, _, pixels = drawing(text, around=255)
    pixels = [row[2:-2] for row in pixels[2:-2]]
    dark = [(y, x) for y, row in enumerate(pixels)
            for x, grey in enumerate(row) if grey == 0]
    top = min(y for y, _ in dark)
    left = min(x for _, x in dark)
    right = len(pixels[0]) - 1 - max(x for _, x in dark)
    bottom = len(pixels) - 1 - max(y for y, _ in dark)
    return min(top, left, right, bottom if half else bottom)
