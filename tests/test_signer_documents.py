"""What is written about the signer and its policy is what they do:
aws-session-sign(8), aws-session.conf(5), the example and the key quotas.
"""

import glob
import os
import re
import subprocess
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import framing  # noqa: E402
from test_documents import plain, read, section  # noqa: E402,F401

SIGNER, POLICY = "docs/aws-session-sign.8", "docs/aws-session.conf.5"
EXAMPLE, QUOTAS = "docs/aws-session.conf.example", "docs/60-aws-session.conf"


@pytest.fixture(scope="module")
def settings(read):
    """The names in policy.c, in their order."""
    table = re.search(r"settings\[SETTING_COUNT\] = \{(.*?)\n\};",
                      read("src/common/policy.c"), re.S)[1]
    return re.findall(r'\] = \{"([a-z_]+)"', table)


def test_settings_in_man_page(read, settings):
    _, entries = section(read(POLICY), "SETTINGS")
    assert [tag.split()[0] for tag, _ in entries] == settings
    assert all("Default:" in text for _, text in entries)


def test_settings_in_example(read, settings):
    """Each is there, commented out, with the default of the man page."""
    text = read(EXAMPLE)
    shown = re.findall(r"^#([a-z_]+) = (.*)$", text, re.M)
    assert [name for name, _ in shown] == settings
    assert not re.search(r"^[^#\n]", text, re.M)
    _, entries = section(read(POLICY), "SETTINGS")
    for (name, value), (_, words) in zip(shown, entries):
        default = re.search(r"Default:\s+(\w+)", words)[1]
        if name == "max_session_duration":
            value = str(int(value.removesuffix("h")) * 3600)
        assert default == value or default == "all", name


def test_choices_of_operations(read):
    names = set(re.findall(r'\{"(\w+)", OPERATION_',
                           read("src/common/policy.c")))
    assert names <= set(re.findall(r"\w+", read(POLICY)))
    value = re.search(r"^#allowed_operations = (.*)$", read(EXAMPLE), re.M)[1]
    assert set(value.split()) == {name for name in names if "AccessKey" in name}


def test_refusals_in_man_page(read):
    """The words of the log are those of the page, one for each refusal."""
    words = dict(re.findall(r'\[(REFUSAL_\w+)\] = "([a-z-]+)"',
                            read("src/sign/audit.c")))
    assert set(words) == set(framing.REFUSALS)
    _, entries = section(read(SIGNER), "WHAT IS REFUSED")
    assert {tag for tag, _ in entries} == set(words.values())


def test_order_of_acts(read):
    """As many acts as main() calls, in its order."""
    body = read("src/sign/main.c")
    body = body[body.index("\nmain("):body.index("\ndone:")]
    calls = re.findall(r"\b((?:privilege|sigv4|policy|message|request|audit)"
                       r"_\w+|check_start)\(", body)
    assert calls == [
        "privilege_note_ids", "privilege_open_standard_files",
        "privilege_forbid_dumps", "privilege_refuse_tracer",
        "privilege_drop_inherited", "check_start", "privilege_link_keyrings",
        "privilege_change_ids", "policy_load", "sigv4_start",
        "message_receive", "request_answer", "audit_write", "message_send"]
    _, entries = section(read(SIGNER), "ORDER OF ACTS")
    assert [tag for tag, _ in entries] == [
        "%d." % number for number in range(1, len(calls))] # 13: two of them


def test_source_files(read, source):
    _, entries = section(read(SIGNER), "SOURCE")
    named = {tag for tag, _ in entries}
    assert named == {os.path.relpath(path, source) for path in glob.glob(
        os.path.join(source, "src", "sign", "*.c"))} | {"src/common"}


def test_numbers(read):
    page, custody = read(SIGNER), read("src/sign/custody.c")
    bits = {"VIEW": 1, "READ": 2, "SEARCH": 8, "LINK": 16}
    named = re.search(r"PERMISSIONS\b.*?\(([^)]*)\)", custody, re.S)[1]
    mask = sum(bits[what] << {"USR": 16, "GRP": 8}[who] for who, what in
               re.findall(r"KEY_([A-Z]+)_([A-Z]+)", named))
    assert "0x%08x" % mask in page
    limit = re.search(r"KEYS_PER_CALLER = (\d+)", custody)[1]
    assert page.count(limit + " keys") == 1 and limit + " protected" in page
    assert page.count(re.search(r"BYTES_PER_CALLER = (\d+)", custody)[1]
                      + " bytes") == 2
    main = read("src/sign/main.c")
    assert re.search(r"LIFETIME_SECONDS = (\d+)", main)[1] + " seconds" in page
    shown = int(re.search(r"NAME_MAX_SHOWN = (\d+)",
                          read("src/sign/audit.c"))[1])
    assert "after %d bytes" % shown in page


def test_quotas(read):
    """The sum in the file is the sum of its numbers."""
    text = read(QUOTAS)
    values = dict(re.findall(r"^kernel\.keys\.(\w+) = (\d+)$", text, re.M))
    keys, size = (int(values[name]) for name in ("maxkeys", "maxbytes"))
    assert "{:,} keys, {:,} bytes".format(keys, size) in text
    assert "500 people" in text and keys == 500 * 4 and size == keys * 300
    assert not re.search(r"^[^#\nk]", text, re.M)


@pytest.mark.parametrize("document", [SIGNER, POLICY])
def test_man_page(read, source, document):
    lines = read(document).splitlines()
    version = re.search(r"AC_INIT\(\[aws-session\], \[(.*?)\]\)",
                        read("configure.ac"))[1]
    name, number = os.path.basename(document).rsplit(".", 1)
    assert re.match(r'\.TH %s %s \d{4}-\d\d-\d\d "aws-session %s" "' % (
        re.escape(name.upper()), number, re.escape(version)), lines[0])
    assert lines[1:4:2] == [".SH NAME", ".SH SYNOPSIS"]
    assert all(line.strip() and line.count('"') % 2 == 0 for line in lines)
    missing = [path for path in re.findall(r"\b(?:src|tests)/[\w./]*[\w]",
                                           "\n".join(map(plain, lines)))
               if not os.path.exists(os.path.join(source, path))]
    assert missing == []
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", "-Tutf8",
             os.path.join(source, document)],
            capture_output=True, text=True, check=True)
        assert done.stderr == ""
