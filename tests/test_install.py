"""What make install puts where, and that what it put there works.

The build tree is installed below DESTDIR for the list of files. A program only
knows its helpers by a compiled-in path, so a small build of its own with
another --prefix is made for that; "make installcheck" (and so "make distcheck")
runs the same tests with what was really installed.
"""

import os
import stat
import subprocess

import pytest

# Below the prefix: file -> mode. The setuid bit is not for make to give here.
FILES = {
    "bin/aws-session": 0o755,
    "libexec/aws-session/aws-session-sign": 0o755,
    "libexec/aws-session/aws-session-sts": 0o755,
    "share/man/man1/aws-session.1": 0o644,
}


def make(directory, *arguments):
    """make, as a person would call it: not as a part of "make check"."""
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR")}
    done = subprocess.run(["make", "-s", *arguments], cwd=directory, env=env,
                          umask=0o022, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_below(top):
    """Path below the directory -> mode, for everything but directories."""
    return {os.path.relpath(os.path.join(directory, name), top):
            stat.S_IMODE(os.lstat(os.path.join(directory, name)).st_mode)
            for directory, _, names in os.walk(top) for name in names}


@pytest.fixture(scope="module")
def prefix(build):
    """As configured."""
    return subprocess.run(
        ["make", "-s", "-f", "-", "print"], cwd=build, check=True,
        input="include Makefile\nprint:\n\t@echo '$(prefix)'\n",
        capture_output=True, text=True).stdout.strip()


@pytest.fixture
def staged(build, tmp_path):
    """The build tree installed below DESTDIR: (DESTDIR, what make said)."""
    top = tmp_path / "a stage"
    return str(top), make(build, "install", "DESTDIR=%s" % top)


def test_exactly_these_files(staged, prefix):
    assert files_below(staged[0] + prefix) == FILES
    assert len(files_below(staged[0])) == len(FILES)


def test_commands_for_the_setuid_bit(staged, prefix):
    """They are printed, and done only outside of a stage, by root."""
    signer = "%s%s/libexec/aws-session/aws-session-sign" % (staged[0], prefix)
    said = [line.strip() for line in staged[1].splitlines()]
    second = said.index("chmod 4711 '%s'" % signer)
    assert said[second - 1].startswith("chown ")
    assert said[second - 1].endswith(" '%s'" % signer)


def test_uninstall_leaves_nothing(build, staged, prefix):
    make(build, "uninstall", "DESTDIR=" + staged[0])
    assert files_below(staged[0]) == {}
    assert not os.path.exists(staged[0] + prefix + "/libexec/aws-session")


@pytest.fixture(scope="module")
def installed(source, tmp_path_factory):
    """An installed aws-session that was compiled for where it is."""
    given = os.environ.get("AWS_SESSION_INSTALLED")
    if given:
        return given
    top = tmp_path_factory.mktemp("an installation")
    # configure takes no source directory with a blank in its name.
    (top / "source").symlink_to(source)
    (top / "build").mkdir()
    configure = "../source/configure"
    if not os.path.exists(os.path.join(source, "configure")):
        pytest.fail("no configure script in %s" % source)
    subprocess.run(
        [configure, "-q", "--prefix=%s" % (top / "prefix"),
         "--disable-dependency-tracking", "--disable-hardening", "CFLAGS=-O0"],
        cwd=top / "build", check=True, capture_output=True)
    make(top / "build", "-j%d" % (os.cpu_count() or 1), "install")
    return str(top / "prefix" / "bin" / "aws-session")


def test_installed_says_its_version(installed):
    done = subprocess.run([installed, "--version"], capture_output=True,
                          text=True, check=True)
    assert done.stdout.startswith("aws-session ")


def test_installed_gets_a_session(installed, person):
    """It finds both of its helpers where they were installed."""
    person.program = installed
    done = person.run("--code", person.code(), "exec", "env")
    assert done.returncode == 0, done.stderr
    assert "\nAWS_SESSION_TOKEN=" in done.stdout
    assert len(person.sts.requests) == 1
    helpers = os.path.join(os.path.dirname(os.path.dirname(installed)),
                           "libexec", "aws-session")
    with open(installed, "rb") as file:
        content = file.read()
    for name in ("aws-session-sign", "aws-session-sts"):
        assert os.path.join(helpers, name).encode() in content
