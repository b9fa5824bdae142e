"""The completions for bash, zsh and fish: each offers the commands and options
of the option table, with its texts, and no other; profiles; and what the
command behind "exec" completes by itself. By the shells themselves."""

import os
import re
import shutil
import subprocess

import pexpect
import pytest

BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
PROFILES = ["a b", "default", "prod:eu", "work"]


def needs(name, path=None):
    present = os.path.exists(path) if path else shutil.which(name)
    return pytest.mark.skipif(not present, reason="needs " + name)


needs_bash = needs("bash-completion", BASH_COMPLETION)
needs_zsh = needs("zsh")
needs_fish = needs("fish")


def rows(table):
    """The rows of a C table: lists of strings and names."""
    found = []
    for body in re.findall(r"\{(.*?)\}", table, re.S):
        fields = [""]
        for text, other in re.findall(r'"((?:[^"\\]|\\.)*)"|([\w,])', body):
            if other == ",":
                fields.append("")
            else:
                fields[-1] += text + other
        found.append(fields)
    return found


@pytest.fixture(scope="module")
def table(source):
    """({option: (argument, commands or None, help)}, {command: summary})."""
    with open(os.path.join(source, "src", "cli", "options_table.c"),
              encoding="utf-8") as file:
        text = file.read()
    options = re.search(r"rules\[OPTION_COUNT\] = \{(.*?)\n\};", text, re.S)[1]
    commands = re.search(r"commands\[\] = \{(.*?)\n\};", text, re.S)[1]
    return ({row[0]: (row[1].replace("NULL", ""),
                      None if row[3] == "NULL" else row[3].split(), row[4])
             for row in rows(options)},
            {row[0]: row[2] for row in rows(commands)})


def taken(table, command):
    """The options of a command, all without one."""
    return {"--" + name: text for name, (_, of, text) in table[0].items()
            if command is None or of is None or command in of}


@pytest.fixture(scope="module")
def place(tmp_path_factory, source, build):
    """A home with profiles, and aws-session in PATH: it lists profiles, and
    says what else it is asked for."""
    home = tmp_path_factory.mktemp("completions")
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("".join(
        "[profile '%s']\n" % name for name in PROFILES))
    (home / "bin").mkdir()
    program = home / "bin" / "aws-session"
    program.write_text("#!/bin/sh\n[ \"$1\" = list ] && exec '%s' \"$@\"\n"
                       "printf 'GOT<%%s>\\n' \"$*\"\n"
                       % os.path.join(build, "tests", "aws-session"))
    program.chmod(0o755)
    files = os.path.join(source, "shell", "completions")
    for name, where in (("aws-session.bash", "bash-completion/completions"),
                        ("_aws-session", "zsh"),
                        ("aws-session.fish", "fish/completions")):
        (home / where).mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.join(files, name), home / where)
    return home


@pytest.fixture(scope="module")
def env(place):
    kept = {name: value for name, value in os.environ.items()
            if name.endswith("SAN_OPTIONS")}
    return dict(kept, HOME=str(place), PATH="%s/bin:/usr/bin:/bin" % place,
                LANG="C.UTF-8", TERM="dumb", XDG_CONFIG_HOME=str(place),
                XDG_DATA_HOME=str(place), AWS_SHARED_CREDENTIALS_FILE="")


# --- bash ----------------------------------------------------------------------

BASH = r"""
[ -z "$LIBRARY" ] || . "$LIBRARY"
. "$HOME/bash-completion/completions/aws-session.bash"
complete -p aws-session >/dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE}
COMP_TYPE=9 COMP_KEY=9
_aws_session aws-session "${COMP_WORDS[COMP_CWORD]}" x 2>/dev/null
for word in "${COMPREPLY[@]}"; do eval "printf '%s\n' $word"; done
"""


@pytest.fixture
def bash(env):
    """What bash offers for a line, cut into words as readline does it."""
    def offer(line, library=BASH_COMPLETION):
        words = re.findall(r"(?:\\.|[^\s=:\\])+|[=:]+", line)
        if re.search(r"(?<!\\) $", line):
            words.append("")
        done = subprocess.run(
            ["bash", "--norc", "-c", BASH, "bash", *words], text=True,
            env=dict(env, LINE=line, LIBRARY=library), capture_output=True,
            check=True)
        return [word.strip() for word in done.stdout.splitlines()]
    return offer


@needs_bash
def test_bash_options(bash, table):
    assert set(bash("aws-session --")) == set(taken(table, None))
    for command in table[1]:
        assert set(bash("aws-session %s --" % command)) \
            == set(taken(table, command)), command
    assert set(bash("aws-session --region x list --j")) == {"--json"}


@needs_bash
@pytest.mark.parametrize("library", ["", BASH_COMPLETION])
def test_bash_words(bash, table, library):
    def offered(line):
        return bash("aws-session " + line, library)
    assert set(offered("")) == set(table[1])
    assert offered("ex") == ["exec", "export"]
    assert offered("--region list ex") == ["exec", "export"]
    assert offered("--profile=work --debug ex") == ["exec", "export"]
    for line in ("--profile ", "exec --profile ", "add ", "rotate --debug ",
                 "import ", "import work ", "configure ", "list --profile="):
        assert offered(line) == PROFILES, line
    assert offered("--profile a\\ ") == ["a b"]
    assert offered("--profile prod:") == ["eu"]
    assert offered("--profile prod:eu ex") == ["exec", "export"]
    assert offered("--profile=w") == ["work"]
    assert offered("export --format env") == ["env", "env-no-export"]
    assert offered("refresh --shell=") == ["bash", "zsh", "sh", "fish"]
    for line in ("add work ", "list ", "provision-mfa ", "--code ",
                 "--code 1 --region ", "exec --session-duration ",
                 "add -- --"):
        assert offered(line) == [], line


@needs_bash
def test_bash_wrapped(bash):
    """The command's own completion, whatever stands before it."""
    for before in ("", "--debug ", "--profile work ", "--code=1 ", "-- ",
                   "--debug -- "):
        line = "aws-session exec %s" % before
        assert "bash" in bash(line + "bas"), before
        assert "bash" in bash(line + "bas", ""), before
        assert "--author" in bash(line + "ls --autho"), before
        assert "--profile" not in bash(line + "sh -c --profil"), before
    assert "--author" in bash("aws-session --profile work exec ls -l --autho")
    assert "work" not in bash("aws-session exec ls --profile ")


# --- zsh -----------------------------------------------------------------------

ZSH = r"""
_arguments() { : }
_describe() { print -rl -- ${(P)4} }
. $HOME/zsh/_aws-session
command=$1 specs=()
_aws-session_specs
print -rl -- $specs
print -r -- --
_aws-session_commands
"""


@pytest.fixture
def zsh(env):
    """Options with their texts and arguments, and commands with theirs."""
    def offer(command):
        done = subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", command or ""],
                              env=env, text=True, capture_output=True,
                              check=True)
        assert done.stderr == ""
        specs, commands = done.stdout.split("--\n", 2)[-2:] \
            if done.stdout.startswith("--\n") else done.stdout.split("\n--\n")
        options = {}
        for spec in specs.splitlines():
            name, value, text, action = re.fullmatch(
                r"(--[a-z-]+)(=?)\[([^]]*)\](:.*)?", spec).groups()
            assert bool(value) == bool(action), spec
            options[name] = (bool(value), text)
        return options, dict(line.split(":", 1)
                             for line in commands.splitlines())
    return offer


@needs_zsh
def test_zsh_options(zsh, table):
    for command in [None, *table[1]]:
        options, commands = zsh(command)
        assert commands == table[1]
        assert options == {
            name: (bool(table[0][name[2:]][0]), text)
            for name, text in taken(table, command).items()}, command


def type_lines(child, prompt, lines):
    for line, got in lines:
        child.expect_exact(prompt)
        child.send("aws-session " + line + "\r")
        child.expect_exact("GOT<%s>" % got)


@needs_zsh
def test_zsh_on_a_terminal(env, tmp_path):
    child = pexpect.spawn("zsh", ["-f", "-i"], env=env, encoding="utf-8",
                          timeout=60, dimensions=(24, 200))
    child.sendline("PS1='ready''> ' fpath=($HOME/zsh $fpath); "
                   "autoload -Uz compinit && compinit -u -d %s" %
                   (tmp_path / "dump"))
    type_lines(child, "ready> ", [
        ("exp\t", "export"), ("clear --a\t", "clear --all"),
        ("export --form\tpro\t", "export --format=process"),
        ("--profile wo\tex\tec x", "--profile work exec x"),
        ("rotate wo\t", "rotate work"),
        ("add a\t", "add a b"), ("--profile=pr\t", "--profile=prod:eu"),
        ("exec ls --autho\t", "exec ls --author"),
        ("exec --debug -- ls --autho\t", "exec --debug -- ls --author"),
        ("exec --code 1 ls -l --autho\t", "exec --code 1 ls -l --author"),
        ("refresh --shell z\t", "refresh --shell zsh")])
    child.sendline("exit")
    child.expect(pexpect.EOF)


@needs_bash
def test_bash_on_a_terminal(env):
    """Found by its name, as where it is installed."""
    child = pexpect.spawn("bash", ["--norc", "-i"], env=env, encoding="utf-8",
                          timeout=60, dimensions=(24, 200))
    child.sendline("PS1='ready''> '; . " + BASH_COMPLETION)
    type_lines(child, "ready> ", [
        ("exp\t", "export"), ("clear --a\t", "clear --all"),
        ("export --form\tpro\t", "export --format process"),
        ("--profile wo\texec x", "--profile work exec x"),
        ("rotate wo\t", "rotate work"), ("add a\t", "add a b"),
        ("--profile=pr\t", "--profile=prod:eu"),
        ("--profile prod:\t", "--profile prod:eu"),
        ("exec ls --autho\t", "exec ls --author"),
        ("exec --debug -- ls --autho\t", "exec --debug -- ls --author"),
        ("refresh --shell=z\t", "refresh --shell=zsh")])
    child.sendline("exit")
    child.expect(pexpect.EOF)


# --- fish ----------------------------------------------------------------------

@pytest.fixture
def fish(env):
    """What fish offers for each of some lines: [{word: text}]."""
    def offer(*lines):
        done = subprocess.run(
            ["fish", "-c", "for line in $argv; complete -C $line; "
                           "echo '<end>'; end", *lines],
            env=env, text=True, capture_output=True, check=True)
        assert done.stderr == ""
        return [dict(entry.partition("\t")[::2] for entry in part.splitlines())
                for part in done.stdout.split("<end>\n")[:-1]]
    return offer


@needs_fish
def test_fish_options(fish, table):
    commands, *offered = fish("aws-session ", "aws-session --", *(
        "aws-session %s --" % command for command in table[1]))
    assert commands == table[1]
    for command, options in zip([None, *table[1]], offered):
        assert options == taken(table, command), command


@needs_fish
def test_fish_words(fish):
    lines = {
        "ex": {"exec", "export"}, "--region list ex": {"exec", "export"},
        "--profile=work --debug ex": {"exec", "export"},
        "export --format env": {"env", "env-no-export"},
        "refresh --shell ": {"bash", "zsh", "sh", "fish"},
        "--profile w": {"work"}, "--profile=w": {"--profile=work"},
        "add work ": set(), "list ": set(), "provision-mfa ": set(),
        "--code ": set(), "exec --session-duration ": set()}
    lines.update((line, set(PROFILES)) for line in (
        "--profile ", "exec --profile ", "add ", "rotate --debug ", "import ",
        "import work ", "configure "))
    for line, offered in zip(lines, fish(*("aws-session " + line
                                           for line in lines))):
        assert set(offered) == lines[line], line


@needs_fish
def test_fish_wrapped(fish):
    before = ["", "--debug ", "--profile work ", "--code=1 ", "-- ",
              "--debug -- "]
    for offered in fish(*("aws-session exec %sbas" % text
                          for text in before)):
        assert "bash" in offered
    for offered in fish(*("aws-session exec %sls --autho" % text
                          for text in before)):
        assert "--author" in offered
    first, second, third = fish("aws-session --profile work exec ls -l --autho",
                                "aws-session exec 'a b' --profil",
                                "aws-session exec ls --code ")
    assert "--author" in first and second == {}
    assert "--code" not in third


# --- what they ask us ------------------------------------------------------------

def test_profiles(person):
    """One a line, whatever their names; nothing of a name that is no line."""
    person.config.write_text(
        "[default]\n[profile \"x y\"]\n[profile z]\n[profile \"e\x1b[2J\"]\n"
        "[profile \"\u00e9\"]\n[profile \"c\u009bd\"]\n[other]\n")
    person.credentials.write_text("[z]\n[keys]\n")
    done = person.run("list", "--profiles")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "default\nkeys\nx y\nz\n\u00e9\n"


def test_profiles_of_stored_keys(person):
    person.config.write_text("[profile work]\n")
    person.credentials.unlink()
    for name in ("stored", "work"):
        done = person.run("add", "--stdin", name, stdin=None, input="%s\n%s\n"
                          % ("AKIAIOSFODNN7EXAMPLE", "x" * 40))
        assert done.returncode == 0, done.stderr
    done = person.run("list", "--profiles")
    names = done.stdout.splitlines()
    assert names.count("work") == 1 and names.count("stored") == 1
    for name in ("stored", "work"):
        assert person.run("remove", "--force", name).returncode == 0


def test_profiles_of_a_broken_file(person):
    person.config.write_text("[default]\nx = 1\n[default]\n")
    done = person.run("list", "--profiles")
    assert (done.returncode, done.stdout) == (125, "")
    assert "line 3" in done.stderr
