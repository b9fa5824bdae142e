"""How "aws-session shell" starts each shell: the user's own files as ever, and
our hook behind them; and the hook by one line in such a file.
"""

import os
import re
import shutil
import subprocess

import pytest

from screen import RC, SET_PROMPT, keep_session, prepare, renew, shells

assert shells       # the fixture

SHELLS = ["bash", "zsh", "fish"]
# The line in a file of the user's.
HOOK = {"bash": ". '%s/shell/hook.bash'\n", "zsh": ". '%s/shell/hook.zsh'\n",
        "fish": "source '%s/shell/hook.fish'\n",
        "dash": ". '%s/shell/hook.sh'\n"}


@pytest.fixture(scope="session")
def starter(build, source, tmp_path_factory):
    """A program that becomes a shell with our hooks: starter PATH LOGIN."""
    folder = tmp_path_factory.mktemp("starter")
    (folder / "starter.c").write_text(
        '#include "login/shell_hook.h"\n#include "login/shell_start.h"\n'
        '#include <stdio.h>\n#include <unistd.h>\n'
        'const char hook_dir[] = "%s/shell";\n'
        "int main(int argc, char **argv)\n{\n    struct report report;\n"
        "    if (argc != 3)\n"      # the hook takes it for aws-session
        "        return execv(\"%s/tests/aws-session\", argv);\n"
        "    int status = shell_start(argv[1], argv[2][0] == '1', NULL, "
        "&report);\n"
        "    puts(report.text);\n    return status;\n}\n"
        % (source, build))
    done = subprocess.run(
        [os.environ.get("CC", "cc"), "-D_GNU_SOURCE",
         "-I%s/src/cli" % source, "-I%s/src/common" % source,
         "-o", str(folder / "starter"), str(folder / "starter.c"),
         *("%s/src/%s" % (source, name)
           for name in ("cli/login/shell_start.c", "cli/login/shell_hook.c",
                        "common/report.c"))],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return str(folder / "starter")


def read_files(person):
    """Let each file that a shell may read say that it is read, when, and what
    it sees."""
    log = person.home / "log"
    note = ('printf "%%s\\n" "%s ${ZDOTDIR-} ${ENV-} ${HISTFILE-}" '
            ">>'" + str(log).replace("%", "%%") + "'\n")
    for name in (".bashrc", ".bash_profile", ".bash_login", ".profile",
                 ".bash_logout", ".zshenv", ".zprofile", ".zshrc", ".zlogin",
                 ".zlogout"):
        path = person.home / name
        before = path.read_text() if path.exists() else ""
        path.write_text(note % name + before)
    return log


def start_by_hand(shell, login):
    """The shell without us."""
    return ["bash", "-c", "exec -a %s%s %s" % (
        "-" if login else "", shell, shutil.which(shell))]


@pytest.mark.parametrize("login", [False, True], ids=["shell", "login"])
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_files_are_read_as_ever(person, shells, starter, shell, login):
    """The same files in the same order, which see the same; and the same
    options and variables in the shell."""
    prepare(person, shell)
    keep_session(person)
    if login and shell == "bash":
        (person.home / ".bash_profile").write_text(SET_PROMPT[shell])
    log = read_files(person)
    person.env.update(person.variables())
    probe = ("{ set +o; shopt -p; bind -v; declare -p HISTFILE SHELLOPTS; "
             'echo "$0 $-"; } >out' if shell == "bash" else
             "{ setopt; typeset -p HISTFILE ZDOTDIR fpath; "
             'echo "$ZSH_ARGZERO $-"; } >out 2>&1')
    seen = []
    for argv in (start_by_hand(shell, login),
                 [starter, person.env["SHELL"], str(int(login))]):
        log.write_text("")
        screen = shells(argv)
        assert screen.text().endswith("READY>")
        screen.run(probe)
        screen.run("env -0 >environment")
        screen.type("exit")
        screen.wait_end()
        variables = dict(line.split("=", 1) for line in (
            person.home / "environment").read_text().split("\0") if line)
        for name in ("_", "TMUX", "TMUX_PANE"):
            variables.pop(name, None)
        variables.pop("AWS_SESSION_PROGRAM", None)
        seen.append(((person.home / "out").read_text(), log.read_text(),
                     variables))
        assert ("(aws+1" in screen.text()) == (argv[0] == starter)
    assert seen[1] == seen[0]
    assert len(seen[0][1].splitlines()) >= (2 if shell == "zsh" else 1)


@pytest.mark.parametrize("login", [False, True], ids=["shell", "login"])
@pytest.mark.parametrize("shell", SHELLS + ["dash"])
def test_start(person, shells, starter, shell, login):
    """The hook is there, behind the user's files, and leaves no variable."""
    prepare(person, shell)
    if login and shell == "bash":
        (person.home / ".bash_profile").write_text("  . ~/.bashrc\n")
    keep_session(person)
    person.env.update(person.variables())
    screen = shells([starter, person.env["SHELL"], str(int(login))])
    assert re.match(r"\(aws[+@].* READY>", screen.text().lstrip())
    said, _ = screen.run("env | grep -e ^_AWS -e ^POSIX; echo end")
    assert said == "end"
    login_shell = {"bash": "shopt -q login_shell", "fish":
                   "status is-login", "zsh": "[[ -o login ]]",
                   "dash": "case $0 in -*) ;; *) false ;; esac"}[shell]
    said, _ = screen.run(login_shell + " && echo yes || echo no")
    assert said == ("yes" if login else "no")
    variables = {"zsh": 'echo "[${ZDOTDIR-none}]"',
                 "dash": 'echo "[$ENV]"'}.get(shell)
    if variables:
        said, _ = screen.run(variables)
        assert said == ("[none]" if shell == "zsh"
                        else "[%s]" % (person.home / RC["dash"]))


@pytest.mark.parametrize("shell, line", [
    ("bash", "PROMPT_COMMAND=true\n"), ("bash", "PROMPT_COMMAND=(true)\n"),
    ("bash", "unset PROMPT_COMMAND\n"), ("bash", "export PROMPT_COMMAND=:\n"),
    ("zsh", "precmd_functions=()\n"), ("zsh", "precmd() { : }\n")])
def test_user_sets_the_hooks_anew(person, shells, starter, shell, line):
    """What a start-up file does to the lists of hooks takes none of ours
    away, in a login shell neither."""
    prepare(person, shell, line)
    (person.home / ".bash_profile").write_text(". ~/.bashrc\n")
    keep_session(person)
    person.env.update(person.variables())
    for login in "01":
        screen = shells([starter, person.env["SHELL"], login])
        assert "(aws+" in screen.text()


def test_zdotdir_of_the_user(person, shells):
    """ZDOTDIR from the environment, and one that .zshenv sets."""
    prepare(person, "zsh")
    keep_session(person)
    for name in ("given", "chosen"):
        (person.home / name).mkdir()
        (person.home / name / ".zshrc").write_text(
            SET_PROMPT["zsh"] + "echo rc of $ZDOTDIR\n")
    (person.home / ".zshrc").write_text("echo wrong\n")
    person.env["ZDOTDIR"] = str(person.home / "given")
    screen = shells()
    assert "rc of %s/given\n(aws+" % person.home in screen.text()
    assert screen.run("env | grep ZDOT")[0] == "ZDOTDIR=%s/given" \
        % person.home
    del person.env["ZDOTDIR"]
    (person.home / ".zshenv").write_text("ZDOTDIR=~/chosen\n")
    screen = shells()
    assert "rc of %s/chosen\n(aws+" % person.home in screen.text()


@pytest.mark.parametrize("shell", SHELLS + ["dash"])
def test_missing_hooks(person, shells, starter, shell, tmp_path):
    """Without its files the shell starts as ever."""
    prepare(person, shell)
    text = open(starter, "rb").read()
    place = re.search(rb"/[^\0]*/shell\0", text)[0]
    gone = str(tmp_path / "starter-without")
    with open(gone, "wb") as file:
        file.write(text.replace(place, b"/nonexistent".ljust(len(place),
                                                             b"\0")))
    os.chmod(gone, 0o755)
    screen = shells([gone, person.env["SHELL"], "0"])
    assert screen.text().strip() == "READY>"
    assert screen.run("env | grep -e ^_AWS -e ZDOTDIR; echo end")[0] == "end"


@pytest.mark.parametrize("shell", SHELLS + ["dash"])
def test_one_line_in_a_file(person, shells, source, shell):
    """It does for a shell that has a session, says nothing in one that has
    none, and may be there twice; a nested shell has the prompt, too."""
    prepare(person, shell, HOOK[shell] % source * 2)
    keep_session(person)
    screen = shells([person.env["SHELL"]])
    assert screen.text().strip() == "READY>"
    assert screen.run("aws s3 ls")[0].strip() == "aws[s3 ls]"
    screen = shells()
    assert re.match(r"\(aws[+@]", screen.text().lstrip())
    screen.type(shell)
    assert screen.wait_prompt().count("(aws") == 1
    assert screen.run("aws s3 ls")[0].startswith("aws[s3 ls] ASIA")
    screen.type("exit")
    assert screen.wait_prompt().count("(aws") == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_nested_without_the_line(person, shells, shell):
    """A shell in the shell that knows nothing of us works as ever, also with
    all that can be exported."""
    export = {"bash": "export PS1 PROMPT_COMMAND\n", "zsh": "export PROMPT\n",
              "fish": ""}[shell]
    prepare(person, shell)
    keep_session(person)
    screen = shells()
    if export:
        screen.run(export.strip())
    screen.type(shell)
    assert screen.wait_prompt().endswith("READY>")
    assert "not found" not in screen.text()
    screen.type("exit")
    screen.wait_prompt()


@pytest.mark.parametrize("shell", SHELLS)
def test_under_tmux(request, person, shells, source, shell):
    """A tmux started in the session, as people have it: its panes have the
    prompt by the line in their file, and take a session that was renewed
    since."""
    prepare(person, shell, HOOK[shell] % source)
    (person.home / ".bash_profile").write_text(
        "PATH=~/bin:$PATH\n. ~/.bashrc\n")
    first = keep_session(person)
    screen = shells()
    request.addfinalizer(lambda: subprocess.run(
        ["tmux", "-S", str(person.home / "inner"), "kill-server"],
        check=False, capture_output=True))
    screen.type("tmux -f /dev/null -S inner")
    screen.wait(r"^\[0\] ")         # its status line
    screen.wait(r"\A\s*\(aws\+1[12]h\) READY>")
    second = renew(person)
    screen.key("C-b")
    screen.key("c")
    screen.wait(r"^\[0\].* 1:")
    screen.wait(r"\A\s*\(aws\+1[12]h\) READY>")
    screen.type("aws call")
    assert second != first
    screen.wait(re.escape("aws[call] " + second))

def test_unknown_shell_starts_plain(person, shells, tmp_path):
    program = tmp_path / "strangesh"
    program.write_text("#!/bin/sh\nenv | grep -e _AWS -e ENV -e PROGRAM\n"
                       "echo \"$# READY>\"\nread x\n")
    program.chmod(0o755)
    prepare(person, "bash")
    person.env["SHELL"] = str(program)
    keep_session(person)
    assert shells().text() == "0 READY>"


def test_without_a_terminal(person):
    """A script on standard input: no hook, and no file that it would read."""
    prepare(person, "bash")
    keep_session(person)
    for shell in ("bash", "zsh", "fish", "dash"):
        done = subprocess.run(
            [person.program], input='echo "x$AWS_SESSION_PROGRAM-$ZDOTDIR-$ENV"',
            env=dict(person.env, SHELL=shutil.which(shell)), text=True,
            capture_output=True, check=False, start_new_session=True)
        assert (done.stdout, done.stderr) == ("x--\n", ""), shell


@pytest.mark.parametrize("shell", SHELLS)
def test_syntax(source, shell):
    subprocess.run([shell, "-n", "%s/shell/hook.%s" % (source, shell)],
                   check=True)
    if shell == "zsh":
        subprocess.run([shell, "-n", "%s/shell/zsh/.zshenv" % source],
                       check=True)
