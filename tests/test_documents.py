"""What the documents say is what the program does.

README.md, the man page and docs/architecture.md are compared with the tables
of the source they tell about, and the sources with our own rules of form.
"""

import glob
import os
import re
import shutil
import subprocess

import pytest

MAN = "docs/aws-session.1"

# Made by tools in a source tree; in a tarball they are beside our files.
OURS = ("src", "pam", "shell", "tests", "docs", "m4", ".ci", "README.md",
        "LICENSE", "Makefile.am", "bootstrap", "configure.ac",
        ".clang-format")


@pytest.fixture(scope="module")
def read(source):
    """Reads a file of the source tree."""
    def read_file(name):
        with open(os.path.join(source, name), encoding="utf-8") as file:
            return file.read()
    return read_file


@pytest.fixture(scope="module")
def files(source):
    """Every text of ours: path below the source directory -> content."""
    found = {}
    for top in OURS:
        paths = [top] if os.path.isfile(os.path.join(source, top)) else [
            os.path.relpath(os.path.join(directory, name), source)
            for directory, _, names in os.walk(os.path.join(source, top))
            for name in names]
        for path in paths:
            if path.endswith((".pyc", ".o", ".a", "~", ".Po", ".log", ".trs")) \
                    or "/corpus/" in path or "/.deps/" in path:
                continue
            with open(os.path.join(source, path), "rb") as file:
                content = file.read()
            if not content.startswith(b"\x7fELF"):
                found[path] = content.decode()
    return found


@pytest.fixture(scope="module")
def program(build):
    return os.path.join(build, "tests", "aws-session")


# --- the man page, taken apart -------------------------------------------

def plain(text):
    """A roff line without fonts and escapes."""
    text = re.sub(r"\\f[BIRP]", "", text).replace(r"\-", "-")
    match = re.match(r"\.(BI|BR|IR|RI|RB|IB|B|I)\s+(.*)", text)
    if not match:
        return text
    words = re.findall(r'"([^"]*)"|(\S+)', match[2])
    return (" " if match[1] in "BI" else "").join(a or b for a, b in words)


def section(page, title):
    """The lines of a section, in plain text, and its .TP entries as pairs."""
    body = re.search(r"^\.SH %s\n(.*?)(?=^\.SH|\Z)" % re.escape(title), page,
                     re.M | re.S)[1]
    entries = []
    for entry in re.split(r"^\.TP\n", body, flags=re.M)[1:]:
        entry = re.split(r"^\.PP\n", entry, flags=re.M)[0]
        tag, _, rest = entry.partition("\n")
        entries.append((plain(tag).strip(), "\n".join(
            plain(line) for line in rest.splitlines())))
    return "\n".join(plain(line) for line in body.splitlines()), entries


def paragraph(text, begin):
    """From a few words to the end of their paragraph."""
    return re.split(r"\.(?:PP|SH)", text[text.index(begin):])[0]


def variables(text):
    return set(re.findall(r"\bAWS_[A-Z_]+\b\*?", text))


# --- options --------------------------------------------------------------

@pytest.fixture(scope="module")
def options(read):
    """The table in options_table.c: (name, argument or "", variable or "")."""
    table = re.search(r"rules\[OPTION_COUNT\] = \{(.*?)\n\};",
                      read("src/cli/options_table.c"), re.S)[1]
    rows = re.findall(r'\{\s*"([a-z-]+)",\s*(NULL|"[^"]*"),\s*(NULL|"[^"]*"),',
                      table)
    assert len(rows) == table.count("[OPTION_")
    return [(name, *("" if value == "NULL" else value.strip('"')
                     for value in values)) for name, *values in rows]


def help_entries(shown):
    """(term, text) of each entry of a help: two columns, the second one from
    the same place in all lines; and no line is too long for a terminal."""
    lines = shown.splitlines()
    assert max(map(len, lines)) < 80
    column = len(re.search(r"^(  --help +)\S", shown, re.M)[1])
    entries = []
    for line in lines:
        if line.startswith(" " * column):
            entries[-1][1].append(line.strip())
        elif line.startswith("  "):
            assert line[column - 2:column] == "  ", line
            entries.append((line[2:column].strip(), [line[column:]]))
    return [(term, " ".join(text)) for term, text in entries]


def test_options_in_readme(read, options):
    rows = re.findall(r"^\| `--([a-z-]+) ?([A-Z]*)` \| (?:`([A-Z_]+)`)? ?\|",
                      read("README.md"), re.M)
    assert rows == options


def test_all_of_the_original_in_readme(read):
    """What people knew of the script of this name is in the tables."""
    tables = "\n".join(re.findall(r"^(?:\| `.*|Without an option: .*)$",
                                  read("README.md"), re.M))
    named = set(re.findall(r"`([^`]*)`", tables))
    assert {"shell", "exec COMMAND [ARGUMENT ...]", "provision-mfa [NAME]",
            "refresh", "--profile NAME", "--code CODE",
            "--session-duration DURATION", "--debug", "--version", "--help",
            "AWS_DEFAULT_PROFILE", "AWS_SESSION_MFA_CODE",
            "AWS_SESSION_DURATION", "AWS_SESSION_DEBUG", "AWS_SESSION_COLOR",
            "AWS_SESSION_COLORS"} <= named


def test_options_in_man_page(read, options):
    _, entries = section(read(MAN), "OPTIONS")
    assert [tag.split() for tag, _ in entries] == [
        ["--" + name, *([argument] if argument else [])]
        for name, argument, _ in options]
    for (name, _, variable), (_, text) in zip(options, entries):
        assert not variable or variable in variables(text), name
        assert variable or not variables(text), name


def test_options_in_help(program, options):
    shown = subprocess.run([program, "--help"], check=True, text=True,
                           capture_output=True).stdout
    assert [(*term[2:].partition(" ")[::2],
             (re.findall(r"\[([A-Z_]+)\]$", text) or [""])[0])
            for term, text in help_entries(shown)
            if term.startswith("--")] == options


def test_options_of_commands(read, program, options):
    """An option names commands that there are, and these have it in their
    help, in the man page and in README.md."""
    table = read("src/cli/options_table.c")
    rules = re.search(r"rules\[OPTION_COUNT\] = \{(.*?)\n\};", table,
                      re.S)[1]
    takers = re.findall(r'\{\s*"[a-z-]+",\s*(?:NULL|"[^"]*"),\s*'
                        r'(?:NULL|"[^"]*"),\s*(NULL|"[a-z -]+"),', rules)
    assert len(takers) == len(options)
    names = set(command_names(read))
    _, entries = section(read(MAN), "OPTIONS")
    readme = read("README.md")
    taken = {name: set() for name in names}
    for (option, _, variable), of, (_, text) in zip(options, takers, entries):
        of = names if of == "NULL" else set(of.strip('"').split())
        assert of <= names, option
        for name in of:
            taken[name].add(option)
        if of != names and not variable:
            line = re.sub(r"[()\\]", "", text.splitlines()[0]).strip()
            assert set(line.split(", ")) == of, option
            row = re.search(r"^\| `--%s(?: [A-Z]+)?` \| \| (.*?):" % option,
                            readme, re.M)[1]
            assert set(re.findall(r"`([a-z-]+)`", row)) == of, option
    for name in names:
        shown = subprocess.run([program, name, "--help"], check=True,
                               text=True, capture_output=True).stdout
        assert {term[2:].split()[0] for term, _ in help_entries(shown)} \
            == taken[name]


def command_names(read):
    return re.findall(r'^    \{"([a-z-]+)", "', re.search(
        r"commands\[\] = \{(.*?)\n\};", read("src/cli/options_table.c"),
        re.S)[1], re.M)


def test_commands_in_readme(read, program):
    shown = subprocess.run([program, "--help"], check=True, text=True,
                           capture_output=True).stdout
    assert re.findall(r"^\| `([a-z][^`]*)` \| \w", re.search(
        r"^\| command \|.*?\n\n", read("README.md"), re.M | re.S)[0],
        re.M) == [term for term, _ in help_entries(shown)
                  if not term.startswith("-")]


def test_commands_in_man_page_and_help(read, program):
    names = command_names(read)
    shown = subprocess.run([program, "--help"], check=True, text=True,
                           capture_output=True).stdout
    _, entries = section(read(MAN), "COMMANDS")
    assert names == [term.split()[0] for term, _ in help_entries(shown)
                     if not term.startswith("-")]
    assert names == [tag.split()[0] for tag, _ in entries]
    for name in names:
        shown = subprocess.run([program, name, "--help"], check=True,
                               text=True, capture_output=True).stdout
        assert shown.startswith("Usage: aws-session %s [OPTION ...]" % name)
        assert max(map(len, shown.splitlines())) < 80


def test_commands_in_jump_box(read):
    """What is to be typed is a command that there is."""
    typed = [line for line in read("docs/jump-box.md").splitlines()
             if line.startswith("    ")]
    named = [name for line in typed for name in re.findall(
        r"(?<![\w/.])aws-session(?: --[a-z]+(?: (?!exec)[a-z]+)?)* "
        r"([a-z][a-z-]*)", line)]
    assert {"add", "doctor", "exec"} <= set(named) <= set(command_names(read))


# --- exit status and environment ---------------------------------------------

def test_exit_status(read):
    listed = re.findall(r"EXIT_\w+ = (\d+),? +/\* (.*?) \*/",
                        read("src/cli/exit_status.h"))
    _, entries = section(read(MAN), "EXIT STATUS")
    assert [int(tag) for tag, _ in entries] == [
        int(number) for number, _ in listed]

    def words(text):
        return re.sub(r"\W+", " ", text).lower().split()
    for (_, comment), (tag, text) in zip(listed, entries):
        if tag != "0":
            assert words(comment)[:3] == words(text)[:3]


@pytest.fixture(scope="module")
def environment(read):
    """The lists of environment.c: (set, removed)."""
    text = read("src/cli/environment.c")
    removed = re.search(r"removed\[\] = \{(.*?)\};", text, re.S)[1]
    family = re.search(r'removed_prefix\[\] = "(\w+)"', text)[1]
    given = re.search(r"variable set\[\] = \{(.*?)\n    \};", text, re.S)[1]
    return (set(re.findall(r'\{"(\w+)"', given)),
            set(re.findall(r'"(\w+)"', removed)) | {family + "*"})


def test_environment_set(read, environment):
    _, entries = section(read(MAN), "ENVIRONMENT")
    assert {name for tag, _ in entries for name in variables(tag)} \
        == environment[0]


def test_environment_removed(read, environment):
    given, removed = environment
    text, _ = section(read(MAN), "ENVIRONMENT")
    named = variables(paragraph(text, "Removed, because"))
    # What is set anew is removed too, of course.
    assert named == removed - given


def test_variables_in_man_page(files, read):
    """Every AWS variable of the program and its hooks is there, and no
    other."""
    used = {name for path, text in files.items()
            if path.startswith("src/") and path.endswith(".c")
            for name in re.findall(r'"(AWS_[A-Z_]+[A-Z])"', text)}
    used |= {name for path, text in files.items()
             if path.startswith("shell/")
             for name in re.findall(r"\bAWS_[A-Z_]+[A-Z]\b", text)}
    named = {name for name in variables(read(MAN)) if "CONTAINER" not in name}
    assert used == named


def test_other_variables_in_man_page(files, read):
    used = set()
    for path, text in files.items():
        if path.startswith("src/cli/"):
            for call in re.findall(r'(?:getenv|_variable)\(("[^)]*)\)', text):
                used.update(re.findall(r'"(\w+)"', call))
    assert {"HOME", "HTTPS_PROXY"} <= used
    assert {name for name in used
            if not re.search(r"\b%s\b" % name, read(MAN))} == set()


def test_settings_in_man_page(files, read):
    """Every setting that is said to be read from a profile is a name in the
    source."""
    text, _ = section(read(MAN), "FILES")
    named = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\bregion\b|\bservices\b",
                       paragraph(text, "Read from a profile"))
    sources = "".join(text for path, text in files.items()
                      if path.startswith("src/cli/"))
    assert len(named) >= 16
    assert [name for name in named if '"%s"' % name not in sources] == []


def test_version(read, program):
    version = re.search(r"AC_INIT\(\[aws-session\], \[(.*?)\]\)",
                        read("configure.ac"))[1]
    shown = subprocess.run([program, "--version"], check=True, text=True,
                           capture_output=True).stdout
    assert shown == "aws-session %s\n" % version
    assert re.match(r'\.TH AWS-SESSION 1 \d{4}-\d\d-\d\d "aws-session %s" '
                    % re.escape(version), read(MAN))


# --- other statements -------------------------------------------------------------

def test_libraries_in_readme(build, read):
    """The table names each library that is linked, and who links it."""
    sonames = {"libcjson": "cJSON", "libexpat": "expat",
               "libpam": "Linux"}
    linked = {}
    for path in ("src/cli/aws-session", "src/sign/aws-session-sign",
                 "src/sts/aws-session-sts", "src/qr/aws-session-qr",
                 "pam/aws-session-runas", "pam/pam_aws_session.so"):
        shown = subprocess.run(
            ["readelf", "-dW", os.path.join(build, path)], check=True,
            capture_output=True, text=True).stdout
        for name in re.findall(r"\(NEEDED\).*\[(lib\w+)\.", shown):
            if not re.match(r"lib(c|m|asan|ubsan|gcc_s|dl|pthread|rt)$",
                            name):
                linked.setdefault(sonames.get(name, name), set()).add(
                    os.path.basename(path))
    table = re.search(r"^\| library \|.*?\n\n", read("README.md"),
                      re.M | re.S)[0]
    rows = re.findall(r"^\| (\w+)[^|]* \| ([^|]+) \| \w[^|]+ \|$", table, re.M)
    assert {name: set(re.findall(r"`([a-z_.-]+)`", users))
            for name, users in rows if name != "library"} == linked


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md",
                                      "docs/jump-box.md", MAN])
def test_files_named_exist(read, source, document):
    text = read(document)
    base = os.path.dirname(os.path.join(source, document))
    named = re.findall(
        r"(?<![\w/~.-])((?:src|tests|docs|m4|pam|shell)/[\w./-]*[\w/])", text)
    missing = [name for name in named
               if not os.path.exists(os.path.join(source, name))]
    missing += [name for name in re.findall(r"\]\(([^)#:]+)\)", text)
                if not os.path.exists(os.path.join(base, name))]
    # Modules: in the list of steps, in brackets after the step's name.
    missing += [name for step in re.findall(r"^\d\. .*?\(([^)]*)\)", text, re.M)
                for name in re.findall(r"`([a-z_]+)`", step)
                if not glob.glob(os.path.join(source, "src", "cli", "**",
                                              name + ".h"), recursive=True)]
    assert missing == []


def test_bootstrap_commands(read, source):
    """The usage text, the dispatcher and the documents know the same."""
    text = read("bootstrap")
    known = set(re.findall(r"^([a-z]+)(?: \|[^)]*)?\)", text, re.M))
    shown = subprocess.run(["sh", os.path.join(source, "bootstrap"), "help"],
                           check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  ([a-z]+) ", shown, re.M)) == known
    for document in ("README.md", ".ci/run"):
        assert set(re.findall(r"\./bootstrap ([a-z]+)",
                              read(document))) <= known


def test_configure_options_in_readme(read):
    options = re.findall(r"--(enable|disable|with)-([a-z-]+)",
                         read("README.md"))
    for kind, name in options:
        assert "AC_ARG_%s([%s]" % ("WITH" if kind == "with" else "ENABLE",
                                   name) in read("configure.ac")


# --- form ---------------------------------------------------------------------------

MACROS = {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".BR", ".BI", ".IR",
          ".RI", ".RB", ".IB", ".br", ".nf", ".fi", '.\\"', ".RS", ".RE"}


def test_man_page_structure(read):
    """What a roff without a warning option would swallow in silence."""
    lines = read(MAN).splitlines()
    assert lines[0].startswith(".TH ")
    assert lines[1:4:2] == [".SH NAME", ".SH SYNOPSIS"]
    open_block = False
    for number, line in enumerate(lines, 1):
        where = "line %d: %s" % (number, line)
        assert line.strip(), "empty " + where
        macro = line.split()[0]
        if macro.startswith((".", "'")):
            assert macro in MACROS, where
        assert line.count('"') % 2 == 0, where
        assert re.sub(r"\\[-e&]|\\f[BIRP]|\\\(\w\w", "", line).count(
            "\\") == 0, where
        if macro in (".nf", ".fi"):
            assert open_block == (macro == ".fi"), where
            open_block = macro == ".nf"
        if macro == ".TP":
            following = lines[number]
            assert following.split()[0] not in (".TP", ".PP", ".SH"), where
    assert not open_block


@pytest.mark.parametrize("tool", [
    ["groff", "-man", "-ww", "-z", "-Tutf8"],
    ["mandoc", "-T", "lint", "-W", "warning"],
    ["man", "--warnings", "-E", "UTF-8", "-l"]], ids=lambda tool: tool[0])
def test_man_page_warnings(source, tool):
    """By the tools that are here; the structure is tested without any."""
    if not shutil.which(tool[0]) or tool[0] == "man" and subprocess.run(
            ["man", "--warnings", "--version"], check=False,
            capture_output=True).returncode:
        return
    done = subprocess.run([*tool, os.path.join(source, MAN)], text=True,
                          capture_output=True, check=False,
                          env=dict(os.environ, MANROFFSEQ="", LC_ALL="C.UTF-8"))
    assert done.stderr == "" and done.returncode == 0
    assert tool[0] != "mandoc" or done.stdout == ""


def test_text_form(files):
    faults = []
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                faults.append("%s:%d: trailing blank" % (path, number))
        if text and not text.endswith("\n") or text.endswith("\n\n"):
            faults.append("%s: ends with an empty or unfinished line" % path)
    assert faults == []


def test_no_place_of_one_machine(files):
    """Nothing that is true on one developer's machine only."""
    names = ["/" + "work/", "/" + "root/", "py" + "env", "pypi" + ".org",
             "deb.debian" + ".org", "-mirror" + ".", "local" + "host:80"]
    assert [(path, name) for path, text in files.items() for name in names
            if name in text] == []


def test_c_files(files):
    """Each says first what it is; none is a heap."""
    faults = []
    for path, text in files.items():
        if not path.endswith((".c", ".h")):
            continue
        if not re.match(r"/\*\n \* \S.{10}", text):
            faults.append("%s: does not begin with its purpose" % path)
        if path.startswith("src/") and text.count("\n") > 400:
            faults.append("%s: %d lines" % (path, text.count("\n")))
        if path.endswith(".h") and path.startswith("src/"):
            guard = "AWS_SESSION_" + re.sub(
                r"\W", "_", os.path.basename(path)).upper()
            if not re.search(r"#ifndef (\w+_)?%s\n#define"
                             % re.sub("AWS_SESSION_", "", guard), text):
                faults.append("%s: no include guard" % path)
    assert faults == []


def test_shell_scripts(source, files):
    scripts = [path for path, text in files.items()
               if re.match(r"#!.*\bsh\b", text) or path.endswith((".sh", ".bash"))]
    assert {"bootstrap", ".ci/run", "tests/demo.sh", "shell/hook.bash",
            "shell/hook.sh", "shell/start.bash"} <= set(scripts)
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(["shellcheck", "-x", *scripts], cwd=source, text=True,
                          capture_output=True, check=False)
    assert done.stdout + done.stderr == ""
