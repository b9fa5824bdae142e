"""The prompt in real terminals: what it shows, what it leaves alone, and that
it costs no process.

The hook is loaded by a line in the user's file, and the session is two
variables: nothing here needs a program of ours, or finds one.
"""

import os
import re
import shutil
import time

import pytest

from screen import RC, Screen, expire, prepare, shells
from test_shell_start import HOOK

assert shells       # the fixture

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture
def shell_of(person, shells, source):
    """Opens a shell with the hook after some lines of the user's."""
    def open_shell(shell, rc="", left=2 * 3600 + 1800, profile="default",
                   after="", prompt=True, **options):
        prepare(person, shell, rc + HOOK[shell] % source + after, prompt)
        person.env["AWS_SESSION_PROFILE"] = profile
        if left is not None:
            person.env["AWS_SESSION_EXPIRES"] = "%d" % (time.time() + left)
        return shells([person.env["SHELL"]], **options)
    return open_shell


def last_line(screen):
    return screen.text().rpartition("\n")[2]


@pytest.mark.parametrize("shell", SHELLS)
def test_times(shell_of, shell):
    screen = shell_of(shell)
    assert last_line(screen) == "(aws+2h) READY>"
    for left, shown in ((36 * 3600 - 30, "+35h"), (6030, "+1h"),
                        (42 * 60 + 30, "+42m"), (130, r"+[12]\d\ds|+[12]m"),
                        (90, r"+\d\ds"), (-1, "!exp"), (-10 ** 9, "!exp")):
        line = expire(screen, left)
        assert re.fullmatch(r"\(aws(%s)\) READY>" % shown.replace("+", r"\+"),
                            line), line
    assert screen.run("export AWS_SESSION_EXPIRES=0")[1] == "(aws!exp) READY>"


@pytest.mark.parametrize("shell", SHELLS)
def test_no_session(shell_of, shell):
    """Without a session, or when the variable is not a time, nothing."""
    screen = shell_of(shell, left=None)
    assert last_line(screen) == "READY>"
    assert expire(screen, 6030) == "(aws+1h) READY>"
    for value in ("'a[$(touch pwned)]'", "''", "12x", "-5",
                  "99999999999999999999", "x"):
        said, line = screen.run("export AWS_SESSION_EXPIRES=" + value)
        assert (said.strip(), line) == ("", "READY>"), value
    assert screen.run("export AWS_SESSION_EXPIRES=000")[1] \
        == "(aws!exp) READY>"
    assert screen.run({"fish": "set -e"}.get(shell, "unset")
                      + " AWS_SESSION_EXPIRES")[1] == "READY>"
    assert "pwned" not in screen.run("ls")[0]


@pytest.mark.parametrize("shell", SHELLS)
def test_format(shell_of, shell):
    screen = shell_of(shell, profile="prod")
    assert last_line(screen) == "(aws:prod+2h) READY>"
    for value, shown in (
            ("<%p|%t|%s|%%|%x|%> ", "<prod|2h|+|%|%x|%> READY>"),
            ("%t$HOME`id`\\\\%p%p ", None), ("off", "READY>"),
            ("", "READY>"), ("no time ", "no time READY>")):
        line = screen.run("export AWS_SESSION_PROMPT='%s'" % value)[1]
        if shown is None:       # what fish makes of two backslashes
            value = value.replace("\\\\", "\\" if shell == "fish"
                                  else "\\\\")
            if shell == "zsh":  # without prompt_subst
                value = re.sub(r"[$`\\]", "?", value)
            shown = value.replace("%t", "2h").replace(
                "%p", "prod") + "READY>"
        assert line == shown


@pytest.mark.parametrize("shell", SHELLS)
def test_colours(shell_of, shell):
    """Yellow below five minutes, red below one; not before, not after."""
    screen = shell_of(shell)

    def colour():
        line = screen.text(colours=True).rstrip().rpartition("\n")[2]
        found = re.search(r"\x1b\[(3[13])m[\dexpsm]+\x1b\[39m\) READY>", line)
        return found and found[1]
    screen.run("export AWS_SESSION_COLOR=1")
    assert colour() is None
    expire(screen, 250)
    assert colour() == "33"
    expire(screen, 59)
    assert colour() == "31"
    expire(screen, -5)
    assert colour() == "31"
    unset = {"fish": "set -e %s"}.get(shell, "unset %s")
    for command, shown in (("export AWS_SESSION_COLOR=0", None),
                           (unset % "AWS_SESSION_COLOR", "31"),
                           ("export NO_COLOR=1", None),
                           ("export AWS_SESSION_COLORS=1", "31"),
                           ("export AWS_SESSION_COLORS=0", None)):
        screen.run(command)
        assert colour() == shown, command
    expire(screen, 6030)
    screen.run("export AWS_SESSION_COLORS=1")
    assert colour() is None


@pytest.mark.parametrize("shell", SHELLS)
def test_terminal_without_colours(person, shell_of, shell):
    person.env["TERM"] = "vt100" if shell != "fish" else "dumb"
    screen = shell_of(shell, left=-5)
    screen.run({"fish": "set -e AWS_SESSION_COLOR"}.get(
        shell, "unset AWS_SESSION_COLOR"))
    assert "\x1b[31m" not in screen.text(colours=True)


EVIL = r"""$(touch pwned)`touch pwned`${HOME}%n%F{red}\w\u!!&;'"$((1+1))"""


@pytest.mark.parametrize("shell, rc", [
    ("bash", ""), ("bash", "shopt -u promptvars\n"),
    ("bash", "set -o posix\n"), ("bash", "set -u\nset -o histexpand\n"),
    ("zsh", ""), ("zsh", "setopt prompt_subst prompt_bang\n"),
    ("zsh", "setopt prompt_bang\n"), ("zsh", "unsetopt prompt_percent\n"),
    ("fish", ""), ("dash", "")])
def test_hostile_profile(person, shell_of, shell, rc):
    """A name is shown as it is, or with question marks, and never run."""
    screen = shell_of(shell, rc, left=42 * 60 + 30,
                      profile=EVIL + "\x1b[31m\x01\n")
    if rc == "setopt prompt_bang\n" or "promptvars" in rc:
        name = re.sub(r"[$`\\]", "?", EVIL)
    elif "prompt_percent" in rc:
        name = re.sub(r"[$`\\]", "?", EVIL)
    elif shell == "zsh" and not rc:
        name = re.sub(r"[$`\\]", "?", EVIL)
    elif shell == "dash":
        name = EVIL.replace("\\", "?")
    else:
        name = EVIL
    for _ in range(2):
        line = screen.run("true")[1]
        assert line.startswith("(aws:%s?[31m??" % name), (line, name)
    screen.run("alias x=y; set -o vi" if shell in ("bash", "zsh") else "true")
    assert not (person.home / "pwned").exists()


@pytest.mark.parametrize("shell, toggle", [
    ("bash", ["shopt -u promptvars", "shopt -s promptvars"]),
    ("zsh", ["setopt prompt_subst", "unsetopt prompt_subst",
             "setopt prompt_bang", "unsetopt prompt_percent"])])
def test_options_of_prompts_change(shell_of, shell, toggle):
    screen = shell_of(shell)
    for command in toggle:
        assert screen.run(command)[1] == "(aws+2h) READY>"
        assert expire(screen, -1) == "(aws!exp) READY>"
        assert expire(screen, 2 * 3600 + 1800) == "(aws+2h) READY>"
        screen.run({"bash": "PS1='READ''Y> '", "zsh": "PROMPT='READ''Y> '"}[shell])
        assert last_line(screen) == "(aws+2h) READY>"


@pytest.mark.parametrize("shell, text, shown", [
    ("bash", r"PS1='\nfirst \w\n\$ READY> '", "(aws+2h) first ~\n# READY>"),
    ("bash", r"PS1=$'\n\nfirst\nREADY> '", "(aws+2h) first\nREADY>"),
    ("bash", r"PS1='\[\e]0;title\a\]\[\e[1m\]first\[\e[0m\]\nREADY> '",
     "(aws+2h) first\nREADY>"),
    ("zsh", "PROMPT=$'\\nfirst %~\\nREADY> '", "(aws+2h) first ~\nREADY>"),
    ("fish", r"function fish_prompt; printf '\nfirst\nREADY> '; end",
     "(aws+2h) first\nREADY>")])
def test_prompt_of_several_lines(person, shell_of, shell, text, shown):
    screen = shell_of(shell, text + "\n", prompt=False)
    if os.getuid() != 0:
        shown = shown.replace("#", "$")
    assert screen.text().endswith(shown)
    assert screen.text().count("(aws") == 1
    screen.run("true")
    assert screen.text().endswith(shown)
    assert screen.text().count("(aws") == 2
    assert person


@pytest.mark.parametrize("shell, rc", [
    ("bash", "theme() { PS1='theme READY> '; }; PROMPT_COMMAND+=\n"
     "PROMPT_COMMAND+=${PROMPT_COMMAND:+;}theme\n"),
    ("bash", "theme() { PS1='theme READY> '; }\n"
     "PROMPT_COMMAND+=(theme)\n"),
    ("zsh", "theme() { PROMPT='theme READY> ' }\nprecmd_functions+=(theme)\n"),
    # powerlevel10k will be the last, too.
    ("zsh", "theme() { PROMPT='theme READY> '\n"
     "[[ $precmd_functions[-1] == theme ]] || "
     "precmd_functions=(${precmd_functions:#theme} theme) }\n"
     "precmd_functions+=(theme)\n"),
    ("zsh", "setopt prompt_subst\nPROMPT='$(echo theme) READY> '\n"),
    ("fish", "function fish_prompt; printf 'theme READY> '; end\n")])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_themes(shell_of, shell, rc, after):
    """A theme that makes the prompt anew each time, set up before our line
    or after it, and ours is there once."""
    screen = shell_of(shell, **{"after" if after else "rc": rc},
                      prompt=False if not after else True)
    for _ in range(3):
        line = screen.run("true")[1]
        assert line == "(aws+2h) theme READY>"


def test_theme_that_overwrites_what_is_before_it(shell_of):
    """As powerlevel10k does, which is told by its variables."""
    screen = shell_of("zsh", "setopt prompt_subst\n_p9k_up=$'\\n\\eM'\n"
                      "PROMPT='%{$_p9k_up%}theme '\n"
                      "AWS_SESSION_PROMPT='%t READY>'\n", prompt=False)
    assert last_line(screen) == "theme 2h READY>"
    assert screen.run("true")[1] == "theme 2h READY>"


@pytest.mark.parametrize("shell, rc", [
    ("bash", "PROMPT_COMMAND='mine=$?'\n"),
    ("bash", "PROMPT_COMMAND='mine=$?;'\n"),
    ("bash", "PROMPT_COMMAND='mine=$? # why'\n"),
    ("bash", "PROMPT_COMMAND=('a=1' 'mine=$?')\n"),
    ("bash", "export PROMPT_COMMAND='mine=$?'\n"),
    ("zsh", "precmd() { mine=$? }\n"),
    ("zsh", "m() { mine=$? }\nprecmd_functions+=(m)\n"),
    ("fish", "function m --on-event fish_prompt; set -g mine $status; end\n")])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_status(shell_of, shell, rc, after):
    """$? and PIPESTATUS are kept, for the user and for the user's hooks."""
    if after:       # bash: added to what is there
        rc = re.sub(r"PROMPT_COMMAND='(.*)'",
                    "PROMPT_COMMAND+=$'\\\\n''\\1'", rc)
        rc = rc.replace("PROMPT_COMMAND=(", "PROMPT_COMMAND+=(")
    screen = shell_of(shell, **{"after" if after else "rc": rc})
    status, pipe = {"fish": ("$status", "$pipestatus"), "zsh":
                    ("$?", "$pipestatus")}.get(shell,
                                               ("$?", "${PIPESTATUS[*]}"))
    for _ in range(2):
        screen.run("sh -c 'exit 3'")
        assert screen.run("echo %s $mine" % status)[0] == "3 3"
        screen.run("true | sh -c 'exit 4' | false")
        assert screen.run("echo " + pipe)[0] == "0 4 1"
        assert screen.run("echo $mine")[0] == "0"


def test_prompt_that_shows_the_status_in_fish(shell_of):
    screen = shell_of("fish", "function fish_prompt\n"
                      "printf '%s|%s READY> ' $status \"$pipestatus\"\nend\n",
                      prompt=False)
    assert screen.run("true | sh -c 'exit 4' | false")[1] \
        == "(aws+2h) 1|0 4 1 READY>"


@pytest.mark.parametrize("shell", SHELLS)
def test_history(shell_of, shell):
    screen = shell_of(shell)
    screen.run("true first")
    expire(screen)
    said = screen.run("history")[0]
    assert "true first" in said and "__aws" not in said


OPTIONS = {
    "bash": ["set -u", "set -e", "set -o posix", "set -f", "set -T -E -e -u",
             "shopt -s extglob nullglob failglob nocasematch dotglob",
             "IFS=_as0:/", "shopt -u expand_aliases", "unset PROMPT_COMMAND",
             "alias local='echo L' printf='echo P' builtin='echo B' "
             "command='echo C' set='echo S' shopt='echo H' return='echo R'",
             "printf() { echo P; }; read() { echo R; }; eval() { echo E; }",
             "trap 'echo ERR' ERR", "trap 'last=$BASH_COMMAND' DEBUG",
             "trap ': bye' EXIT", "set -o noclobber", "LC_ALL=C",
             "shopt -s compat43"],
    "zsh": ["setopt ksh_arrays", "setopt nounset", "setopt err_exit",
            "setopt err_return", "setopt sh_word_split", "setopt no_glob",
            "setopt warn_create_global", "setopt ignore_braces", "IFS=_as0:/",
            "setopt sh_glob ksh_glob null_glob extended_glob", "TRAPERR=",
            "setopt no_equals no_bare_glob_qual no_short_loops no_function_argzero",
            "alias local='echo L' emulate='echo E' builtin='echo B' source='echo S'",
            "alias -g text=TEXT mark=MARK now=NOW", "TRAPZERR() { echo ERR }",
            "setopt typeset_silent posix_builtins posix_identifiers",
            "setopt octal_zeroes c_bases", "precmd_functions=()"],
    "fish": ["set -g IFS x", "set -gx LC_ALL C"]}


@pytest.mark.parametrize("shell, line", [
    (shell, line) for shell, lines in OPTIONS.items() for line in lines])
def test_options_of_the_user(shell_of, shell, line):
    """Whatever the user has set: the prompt is right, nothing is said, the
    status is kept and the shell lives on."""
    screen = shell_of(shell, line + "\n")
    assert last_line(screen) == "(aws+2h) READY>"
    assert screen.text().strip() == "(aws+2h) READY>"
    assert expire(screen, 6030) == "(aws+1h) READY>"
    assert screen.run("true && aws s3 ls")[0] == "aws[s3 ls]"
    assert screen.run("false || true")[0] == ""
    assert expire(screen, -1) == "(aws!exp) READY>"
    said = screen.run("aws-session-valid || /bin/echo no")[0]
    assert said.replace("ERR", "").strip() == "no"
    if shell != "fish" and not re.search("err|-e|ERR", line):
        screen.run("sh -c 'exit 3'")
        assert screen.run("/bin/echo $?")[0] == "3"


def test_errors_are_trapped_once(shell_of):
    screen = shell_of("bash", "trap 'echo ERR' ERR\n")
    assert screen.run("false")[0] == "ERR"
    screen = shell_of("zsh", "TRAPZERR() { echo ERR }\n")
    assert screen.run("false")[0] == "ERR"


@pytest.mark.parametrize("name", ["PS1", "PROMPT_COMMAND"])
def test_readonly_in_bash(shell_of, name):
    """Nothing can be shown then, and nothing is said."""
    screen = shell_of("bash", "readonly %s\n" % name)
    assert screen.text() == "READY>"
    assert screen.run("aws s3 ls")[0] == "aws[s3 ls]"


@pytest.mark.parametrize("shell", SHELLS)
def test_file_read_again(shell_of, shell):
    screen = shell_of(shell)
    for _ in range(2):
        screen.run(("source ~/%s" if shell == "fish" else ". ~/%s")
                   % RC[shell])
        assert screen.run("true")[1] == "(aws+2h) READY>"
    assert screen.run("aws s3 ls")[0] == "aws[s3 ls]"


@pytest.mark.parametrize("shell", SHELLS)
def test_line_editing_and_resize(shell_of, shell):
    """Colours take no room: the cursor is where it belongs, a long line
    wraps, and both after the terminal has become narrower."""
    screen = shell_of(shell, size=(60, 20))
    screen.run("export AWS_SESSION_COLOR=1")
    prompt = expire(screen, -5) + " "
    assert prompt == "(aws!exp) READY> "

    def cursor():
        return int(screen.tmux("display-message", "-p", "#{cursor_x}"))
    screen.wait_for(lambda _: cursor() == len(prompt), "cursor")
    screen.tmux("send-keys", "-l", "abc")
    screen.wait_for(lambda _: cursor() == len(prompt) + 3, "cursor")
    screen.tmux("send-keys", "-l", "d" * 60)
    screen.wait_for(lambda _: cursor() == len(prompt) + 3, "cursor")
    screen.key("C-a")
    screen.wait_for(lambda _: cursor() == len(prompt), "cursor")
    screen.tmux("send-keys", "-l", "X")
    text = prompt + "Xabc" + "d" * 60

    def shown(text_on_screen):
        return text_on_screen.replace("\n", "").endswith(text)
    screen.wait_for(shown, "whole line")
    assert screen.text().count("READY>") == screen.prompts
    screen.key("C-c")
    screen.wait_prompt()
    screen.resize(40, 20)
    screen.tmux("send-keys", "-l", "abc")
    screen.wait_for(lambda _: cursor() == len(prompt) + 3, "cursor")
    screen.tmux("send-keys", "-l", "d" * 60)
    screen.wait_for(lambda _: cursor() == (len(prompt) + 63) % 40, "cursor")


def mark():
    """The change mark: other programs of this user may change it."""
    for directory in ("/run/user/%d", "/tmp/aws-session-%d"):
        path = directory % os.getuid() + "/aws-session-changes"
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                return file.read()
    return ""


@pytest.mark.parametrize("shell", SHELLS)
def test_no_process_for_a_prompt(person, shell_of, shell):
    """strace sees no fork and no execve for a hundred prompts, in which the
    shown time changes, too; and it would see one."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    log = person.home / "trace"
    shell_of(shell)
    for _ in range(30):
        before = mark()
        person.env["AWS_SESSION_CHANGE"] = before.strip()
        person.env["AWS_SESSION_EXPIRES"] = "%d" % (time.time() + 100)
        screen = trace(person, shell, log)
        screen.run("true")
        start = len(log.read_text())
        screen.tmux("send-keys", "-N", "100", "Enter")
        screen.prompts += 99
        screen.wait_prompt()
        lines = log.read_text()[start:].splitlines()
        screen.run("/bin/true")
        assert re.search(r"v?fork|clone", log.read_text()[start:])
        assert "/bin/true" in log.read_text()[start:]
        screen.close()
        if mark() == before:
            break
    # fish has threads of its own.
    assert [line for line in lines if not re.search(
        r"\+\+\+|CLONE_THREAD|resumed", line)] == []


def trace(person, shell, log):
    """The shell with the same files, under strace."""
    screen = Screen(str(person.home), [
        shutil.which("strace"), "-f", "-qq", "-e", "signal=none", "-o",
        str(log), "-e", "trace=execve,clone,clone3,fork,vfork",
        shutil.which(shell)], person.env)
    screen.wait_prompt()
    return screen
