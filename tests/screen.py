"""A terminal whose screen can be read: tmux's, with a shell of a person in it.

What counts is what a person would see, after every escape sequence was done.
"""

import os
import re
import shutil
import subprocess
import time

import pytest

TMUX = shutil.which("tmux")
PROMPT = "READY>"       # ends every prompt of these tests

# The user's rc file of a shell, and a line in it that sets the prompt.
RC = {"bash": ".bashrc", "zsh": ".zshrc",
      "fish": ".config/fish/config.fish", "dash": ".shrc"}
SET_PROMPT = {
    "bash": "PS1='READY> '\n", "zsh": "PROMPT='READY> '\n",
    "fish": "function fish_prompt; printf 'READY> '; end\n"
            "set -g fish_greeting\n",
    "dash": "PS1='READY> '\n"}

STAND_IN = """#!/bin/sh
printf 'aws[%s] %s\\n' "$*" "$AWS_ACCESS_KEY_ID"
exit "${AWS_STATUS:-0}"
"""


class Screen:
    """One tmux server with one window."""

    def __init__(self, directory, argv, env, size=(100, 40)):
        self.socket = os.path.join(directory, "tmux-%d" % time.monotonic_ns())
        self.prompts = 0
        assignments = ["%s=%s" % item for item in dict(
            env, TERM=env.get("TERM", "screen")).items()]
        # tmux takes a session's size from here, and keeps it: nobody attaches.
        self.tmux("-f", os.devnull, "new-session", "-d", "-x", str(size[0]),
                  "-y", str(size[1]), "-c", env["HOME"], "--",
                  shutil.which("env"), "-i", *assignments, *argv)
        self.tmux("set-option", "-g", "remain-on-exit", "on")
        self.tmux("set-option", "-g", "history-limit", "5000")

    def tmux(self, *arguments):
        return subprocess.run([TMUX, "-S", self.socket, *arguments],
                              check=True, capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"],
                                   "LC_ALL": "C.UTF-8"}).stdout

    def text(self, colours=False):
        """Everything that was written, with colours as escape sequences."""
        return self.tmux("capture-pane", "-p", "-S", "-",
                         *(["-e"] if colours else [])).rstrip()

    def wait_for(self, condition, what, seconds=60):
        """Wait until condition(text of the screen) is true; its value."""
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            found = condition(text)
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError("no %s within %d s on the screen:\n%s"
                                     % (what, seconds, text))
            time.sleep(0.02)

    def wait(self, pattern, seconds=60):
        """Wait until a pattern is on the screen; the match."""
        return self.wait_for(lambda text: re.search(pattern, text, re.M),
                             repr(pattern), seconds)

    def wait_prompt(self, seconds=60):
        """Wait for one prompt more than before; its line."""
        self.prompts += 1
        return self.wait_for(
            lambda text: text.count(PROMPT) >= self.prompts
            and text.endswith(PROMPT) and text.rpartition("\n")[2],
            "prompt number %d" % self.prompts, seconds)

    def wait_end(self):
        """Wait until the shell has ended."""
        self.wait_for(lambda _: self.tmux(
            "display-message", "-p", "#{pane_dead}").strip() == "1", "end")

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)
        self.key("Enter")

    def key(self, name):
        self.tmux("send-keys", name)

    def run(self, command, seconds=60):
        """Type a command at the prompt; what it says, and the next prompt."""
        before = self.text()
        self.type(command)
        line = self.wait_prompt(seconds)
        after = self.text()
        assert after.startswith(before), (before, after)
        said = after[len(before):].lstrip().partition("\n")[2]
        return said.rpartition("\n")[0], line.strip()

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def close(self):
        subprocess.run([TMUX, "-S", self.socket, "kill-server"], check=False,
                       capture_output=True)


def prepare(person, shell, rc="", prompt=True):
    """The rc file of a shell, and an aws that says what it gets."""
    path = person.home / RC[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((SET_PROMPT[shell] if prompt else "") + rc)
    if shell == "dash":
        person.env["ENV"] = str(path)
    folder = person.home / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "aws").write_text(STAND_IN)
    (folder / "aws").chmod(0o755)
    person.env.update(
        SHELL=shutil.which(shell), PATH="%s:/usr/bin:/bin" % folder,
        AWS_SESSION_COLOR="0")


@pytest.fixture
def shells(person):
    """Opens terminals of a person: open(shell) with "aws-session shell",
    open(shell, [...]) with another command."""
    opened = []

    def open_screen(argv=None, **options):
        screen = Screen(str(person.home), argv or [person.program],
                        person.env, **options)
        opened.append(screen)
        screen.wait_prompt()
        return screen
    yield open_screen
    for screen in opened:
        screen.close()


def keep_session(person):
    """Have a session in the keyring, so that a shell starts without a
    question; its key id."""
    return person.variables("--code", person.code())["AWS_ACCESS_KEY_ID"]


def renew(person):
    """Have a new session in the keyring, as from another terminal; its key
    id."""
    done = person.run("refresh", "--code", person.code(), "--shell", "sh")
    assert done.returncode == 0, done.stderr
    return re.search(r"AWS_ACCESS_KEY_ID='?(\w+)", done.stdout)[1]


def expire(screen, left=-10):
    """Let the shell's session have so many seconds left, and nothing else;
    the next prompt."""
    return screen.run("export AWS_SESSION_EXPIRES=%d"
                      % (time.time() + left))[1]
