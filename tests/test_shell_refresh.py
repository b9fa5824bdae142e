"""A session renewed in place: by aws, by hand, or from another terminal; and
ended by "aws-session clear".

Real terminals, the real program and the emulator, whose log says what was
asked of AWS.
"""

import re
import shutil

import pytest

from conftest import clears_keys, leaks
from kept import forget as forget_sessions
from screen import RC, expire, keep_session, prepare, renew, shells
from test_shell_start import HOOK

assert shells       # the fixture

SHELLS = ["bash", "zsh", "fish", "dash"]
QUESTION = r"MFA code for \S+: *\Z"
STATUS = {"fish": "$status"}


def tokens(sts):
    return sum(request["operation"] == "GetSessionToken"
               for request in sts.requests)


@pytest.fixture
def expired(person, shells):
    """Opens a shell whose session has expired, and no other one is kept."""
    def open_shell(shell, rc="", left=-10, argv=None):
        prepare(person, shell, rc)
        keep_session(person)
        screen = shells(argv)
        forget_sessions()
        expire(screen, left)
        return screen
    return open_shell


def key_of(screen):
    return screen.run("aws --version")[0].split()[-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_aws_after_expiry(person, expired, sts, shell):
    """One question, then the command with its arguments and its status; the
    shell has the session from then on."""
    screen = expired(shell)
    if shell != "dash":     # which does not know until something is run
        assert "(aws!exp)" in screen.text()
    before = key_of(screen)
    assert tokens(sts) == 1
    screen.type("AWS_STATUS=7 aws s3 ls 'a  b' '' '*' '$x' --flag=1")
    screen.wait(QUESTION)
    screen.type(person.code())
    assert re.match(r"\(aws(\+1[12]h|@.*)\) READY>", screen.wait_prompt())
    said = re.search(r"^aws\[(.*)\] (\w+)$", screen.text().partition(
        "MFA code")[2], re.M)
    assert said[1] == "s3 ls a  b  * $x --flag=1" and said[2] != before
    assert screen.run("echo %s" % STATUS.get(shell, "$?"))[0] == "7"
    assert screen.run("aws call")[0] == "aws[call] " + said[2]
    assert screen.run("aws-session-valid && echo alive")[0] == "alive"
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", ["aws call | cat", "(aws call)",
                                     "echo data | aws put"])
def test_in_pipelines_and_subshells(person, expired, sts, shell, command):
    """It is asked there, too; the shell itself takes the session over at its
    next prompt."""
    if shell == "fish":
        command = command.replace("(aws call)", "fish -c 'aws call'")
        if "fish -c" in command:
            command = "begin; aws call; end | cat"
    screen = expired(shell)
    before = key_of(screen)
    screen.type(command)
    screen.wait(QUESTION)
    screen.type(person.code())
    screen.wait_prompt()
    after = re.search(r"^aws\[(?:call|put)\] (\w+)$", screen.text(), re.M)[1]
    assert after != before
    assert screen.run("aws call")[0] == "aws[call] " + after
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", [
    "aws call", "aws-session-refresh", "for i in 1 2 3; do aws call; done"],
    ids=["aws", "refresh", "loop"])
def test_interrupted_question(person, expired, sts, shell, command):
    """Ctrl-C: the prompt, 130, and nothing has changed or was run."""
    if shell == "fish":
        command = command.replace("do ", "").replace("done", "end")
    screen = expired(shell, left=200)
    before = key_of(screen)
    screen.type(command)
    screen.wait(QUESTION)
    screen.tmux("send-keys", "-l", "12")
    screen.key("C-c")
    screen.wait_prompt()
    assert "aws[call]" not in screen.text()
    status = screen.run("echo %s" % STATUS.get(shell, "$?"))[0]
    # zsh leaves a loop before it could be told the status.
    assert status == ("1" if shell == "zsh" and "for" in command else "130")
    assert key_of(screen) == before
    assert screen.run("stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon")[
        0].split() == ["icanon", "echo"]
    assert tokens(sts) == 1 and person


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", ["aws call", "export"])
def test_stop_at_the_question(person, expired, sts, shell, command):
    """Ctrl-Z: no shell brings back what it runs for its output, so it goes on,
    and nobody waits for a stopped one."""
    # Stopped is only what a shell of the same session could bring back.
    outer = ["/bin/bash", "-c", 'set -m; "$0"; exit', person.program]
    if command == "export":
        command = ("set x (%s export); aws call" if shell == "fish"
                   else "x=$(%s export); aws call") % person.program
    screen = expired(shell, argv=outer)
    screen.type(command)
    screen.wait(QUESTION)
    screen.key("C-z")
    screen.wait(r"MFA code for \S+: *\^Z")
    screen.type(person.code())
    screen.wait_prompt()
    assert re.search(r"^aws\[call\] \w+$", screen.text(), re.M)
    assert screen.run("echo %s" % STATUS.get(shell, "$?"))[0] == "0"
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
def test_question_in_the_background(person, expired, sts, shell):
    """A job that is stopped because it asks goes on in the foreground."""
    screen = expired(shell)
    screen.type("aws call &")
    screen.wait(QUESTION)
    screen.prompts += 1     # which the question stands behind
    screen.run("kill -s TTIN %1")   # as when it reads what is typed
    while not re.search("(?i)suspended|stopped", screen.text()):
        screen.run("jobs")
    screen.type("fg")
    screen.wait(r"> fg\n(.*\n)?.*aws call *\Z")
    screen.type(person.code())
    screen.wait(r"^aws\[call\] \w+$")
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_refresh_that_fails(expired, sts, shell):
    """With a session that is alive aws runs all the same; without one it does
    not, and the status is that of the refresh."""
    screen = expired(shell, left=200)
    screen.run("export AWS_SESSION_NO_PROMPT=1")
    assert "aws[call]" in screen.run("aws call")[0]
    expire(screen)
    assert "aws[call]" not in screen.run("aws call")[0]
    screen.run("aws call")
    assert screen.run("echo %s" % STATUS.get(shell, "$?"))[0] == "123"
    screen.run("export AWS_SESSION_PROGRAM=/nonexistent")
    assert "aws[call]" not in screen.run("aws call")[0]
    screen.run("aws call")
    assert screen.run("echo %s" % STATUS.get(shell, "$?"))[0] == "127"
    assert tokens(sts) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_calls_that_need_no_session(expired, sts, shell):
    screen = expired(shell)
    for words in ("--version", "--profile other s3 ls", "s3 ls --profile=x",
                  "help", "s3 cp help", "configure list", "sso login",
                  "--region sts configure list", "s3 ls --no-sign-request",
                  "--output=json configure"):
        assert screen.run("aws " + words)[0].startswith(
            "aws[%s]" % words), words
    assert tokens(sts) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_margin(person, expired, sts, shell):
    screen = expired(shell, left=1000)
    assert screen.run("aws call")[0].startswith("aws[call]")
    screen.run("export AWS_SESSION_MARGIN=2000")
    screen.type("aws call")
    screen.wait(QUESTION)
    screen.type(person.code())
    screen.wait_prompt()
    forget_sessions()
    expire(screen, 60)
    screen.run("export AWS_SESSION_MARGIN=0")
    assert screen.run("aws call")[0].startswith("aws[call]")
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell, rc", [
    ("bash", "aws() { command aws theirs \"$@\"; }\n"),
    ("bash", "alias aws='aws theirs'\n"),
    ("zsh", "aws() { command aws theirs \"$@\" }\n"),
    ("zsh", "alias aws='aws theirs'\n"),
    ("zsh", "mkdir -p ~/f; echo 'command aws theirs \"$@\"' >~/f/aws\n"
     "fpath=(~/f $fpath); autoload -U aws\n"),
    ("fish", "function aws; command aws theirs $argv; end\n"),
    ("fish", "alias aws 'aws theirs'\n"),
    ("dash", "alias aws='aws theirs'\n")])
def test_their_own_aws(person, expired, sts, shell, rc):
    """A function or alias of the user's goes on working, and is renewed for,
    also after the file was read again."""
    screen = expired(shell, rc)
    screen.type("aws call")
    screen.wait(QUESTION)
    screen.type(person.code())
    screen.wait_prompt()
    assert re.search(r"^aws\[theirs call\] ASIA\w+$", screen.text(), re.M)
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_their_own_aws_again(person, expired, source, shell):
    """Also after a file that defines it and loads the hook was read again."""
    rc = {"fish": "function aws; command aws theirs $argv; end\n"}.get(
        shell, 'function aws { command aws theirs "$@"; }\n')
    screen = expired(shell, rc + HOOK[shell] % source)
    for _ in range(2):
        screen.run("source ~/" + RC[shell])
    expire(screen)
    screen.type("aws call")
    screen.wait(QUESTION)
    screen.type(person.code())
    screen.wait_prompt()
    assert len(re.findall(r"^aws\[theirs call\] ASIA\w+$", screen.text(),
                          re.M)) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_by_hand(person, expired, sts, shell):
    """aws-session-refresh takes the options of refresh; with --code nobody is
    asked; a wrong option is told and changes nothing."""
    screen = expired(shell)
    before = key_of(screen)
    assert screen.run("aws-session-valid || echo expired")[0] == "expired"
    said, line = screen.run("aws-session-refresh --code " + person.code())
    assert said == "" and re.match(r"\(aws(\+1[12]h|@.*)\)", line)
    assert key_of(screen) != before
    assert screen.run("aws-session-valid && echo alive")[0] == "alive"
    after = key_of(screen)
    assert "option" in screen.run("aws-session-refresh --nonsense")[0]
    screen.run("aws-session-refresh --nonsense")
    assert screen.run("echo %s" % STATUS.get(shell, "$?"))[0] == "2"
    assert "Usage: aws-session refresh" in screen.run(
        "aws-session-refresh --help")[0]
    assert key_of(screen) == after
    assert tokens(sts) == 2


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", ["aws call", "aws-session-refresh"])
def test_traced(person, expired, sts, shell, command):
    """A shell that shows what it runs does not show the session."""
    screen = expired(shell)
    before = key_of(screen)
    screen.type("set fish_trace 1" if shell == "fish" else "set -x")
    screen.wait_prompt()
    screen.type(command)
    screen.wait(QUESTION)
    screen.type(person.code())
    screen.wait_prompt()
    screen.type("set -e fish_trace" if shell == "fish" else "set +x")
    screen.wait_prompt()
    assert key_of(screen) != before
    # What has the width of the screen has newlines in it.
    text = screen.text().replace("\n", "")
    assert leaks(text, [secret for secret in sts.secrets
                        if len(secret) > 6]) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_renewed_elsewhere(person, shells, sts, shell):
    """Another terminal's session is taken over without a question: at the
    next prompt, or by the next aws."""
    prepare(person, shell)
    keep_session(person)
    screen = shells()
    expire(screen)
    second = renew(person)
    line = screen.run("true")[1]
    if shell != "dash":
        assert re.match(r"\(aws\+1[12]h\)", line)
    assert screen.run("aws call")[0] == "aws[call] " + second
    third = renew(person)
    assert screen.run("aws --version")[0].split()[-1] == third
    fourth = renew(person)
    assert third != fourth
    said = screen.run("aws call")[0]
    assert said == "aws[call] " + fourth
    assert tokens(sts) == 4
    assert "MFA" not in screen.text()


@pytest.mark.parametrize("shell", SHELLS)
@clears_keys
def test_cleared_elsewhere(person, shells, shell):
    prepare(person, shell)
    keep_session(person)
    screen = shells()
    assert person.run("clear").returncode == 0
    line = screen.run("true")[1]
    if shell == "dash":
        screen.run("export AWS_SESSION_NO_PROMPT=1")
        assert "aws[call]" not in screen.run("aws call")[0]
        line = screen.run("true")[1]
    assert line == "(aws!exp) READY>"
    assert screen.run("env | grep -e _KEY -e TOKEN | cut -d= -f1")[0] == ""
    assert screen.run("aws-session-valid || echo expired")[0] == "expired"
    key = renew(person)
    assert screen.run("aws call")[0] == "aws[call] " + key


@pytest.mark.parametrize("shell", SHELLS)
def test_program_that_fails(person, shells, shell):
    """What it says is neither shown nor run."""
    prepare(person, shell)
    keep_session(person)
    failing = person.home / "bin" / "failing"
    failing.write_text("#!/bin/sh\necho \"$*\" >>%s/calls\necho 'touch pwned'"
                       "\necho trouble >&2\nexit 125\n" % person.home)
    failing.chmod(0o755)
    calls = person.home / "calls"
    screen = shells()
    screen.run("export AWS_SESSION_PROGRAM=%s" % failing)
    renew(person)
    ask = "aws --version" if shell != "dash" else "aws call"
    said = [screen.run(ask) for _ in range(3)]
    assert [text for text, _ in said if not re.fullmatch(
        r"aws\[.*\] ASIA\w+", text)] == []
    assert not (person.home / "pwned").exists()
    lines = calls.read_text().splitlines()
    assert set(lines) == {"refresh --cached --shell "
                          + {"dash": "sh"}.get(shell, shell)}


@pytest.mark.parametrize("shell", SHELLS)
def test_profile_with_a_hostile_name(person, shells, sts, shell):
    """All the way: its session, its renewal, its prompt."""
    name = "$(touch pwned)`touch pwned`'\"\\%n!"
    person.write_key(sts.alice, profile=name)
    prepare(person, shell)
    person.env["AWS_PROFILE"] = name
    first = keep_session(person)
    screen = shells()
    second = renew(person)
    assert first != second
    screen.run("true")
    assert screen.run("aws call")[0] == "aws[call] " + second
    assert screen.text().count("(aws:") == screen.prompts
    assert not (person.home / "pwned").exists()


def test_ten_shells_that_expire_at_once(person, shells, sts):
    """One question and one GetSessionToken; all ten have the session."""
    for shell in SHELLS:
        prepare(person, shell)
    keep_session(person)
    opened = []
    for index in range(10):
        person.env["SHELL"] = shutil.which(SHELLS[index % 4])
        opened.append(shells())
    forget_sessions()
    for screen in opened:
        expire(screen)
    for screen in opened:
        screen.type("aws call")
    asked = [screen for screen in opened
             if screen.wait(r"MFA code for|[Ww]aiting|asked|another")]
    assert len(asked) == 10
    asked = [screen for screen in opened
             if re.search(QUESTION, screen.text())]
    assert len(asked) == 1
    asked[0].type(person.code())
    for screen in opened:
        screen.wait_prompt()
    keys = {re.search(r"^aws\[call\] (\w+)$", screen.text(), re.M)[1]
            for screen in opened}
    assert len(keys) == 1
    assert tokens(sts) == 2
    assert sum("MFA code for" in screen.text() for screen in opened) == 1
