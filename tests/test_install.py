"""What make install puts where, and that what it put there works.

The build tree is installed below DESTDIR for the list of files. A program only
knows its helpers by a compiled-in path, so a small build of its own with
another --prefix is made for that; "make installcheck" (and so "make distcheck")
runs the same tests with what was really installed.
"""

import contextlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import machine as machine_module  # noqa: E402
from machine import SERVICE, machine, make_variable  # noqa: E402,F401
from screen import keep_session, prepare, shells  # noqa: E402,F401

# Below the prefix: file -> mode. The setuid bit is not for make to give here.
FILES = {
    "bin/aws-session": 0o755,
    "libexec/aws-session/aws-session-qr": 0o755,
    "libexec/aws-session/aws-session-runas": 0o755,
    "libexec/aws-session/aws-session-sign": 0o755,
    "libexec/aws-session/aws-session-sts": 0o755,
    "lib/pam.d/aws-session": 0o644,
    "lib/security/pam_aws_session.so": 0o755,
    "lib/sysctl.d/60-aws-session.conf": 0o644,
    "share/bash-completion/completions/aws-session.bash": 0o644,
    "share/aws-session/hook.bash": 0o644,
    "share/aws-session/hook.fish": 0o644,
    "share/aws-session/hook.sh": 0o644,
    "share/aws-session/hook.zsh": 0o644,
    "share/aws-session/start.bash": 0o644,
    "share/aws-session/zsh/.zshenv": 0o644,
    "share/doc/aws-session/aws-session.conf.example": 0o644,
    "share/fish/vendor_completions.d/aws-session.fish": 0o644,
    "share/man/man1/aws-session.1": 0o644,
    "share/man/man5/aws-session.conf.5": 0o644,
    "share/man/man8/aws-session-sign.8": 0o644,
    "share/man/man8/pam_aws_session.8": 0o644,
    "share/pam-configs/aws-session": 0o644,
    "share/zsh/site-functions/_aws-session": 0o644,
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
    return make_variable(build, "prefix")


@pytest.fixture
def staged(build, tmp_path):
    """The build tree installed below DESTDIR: (DESTDIR, what make said)."""
    top = tmp_path / "a stage"
    return str(top), make(build, "install", "DESTDIR=%s" % top)


def test_exactly_these_files(staged, prefix):
    found = files_below(staged[0] + prefix)
    assert {name.replace("vendor-completions", "site-functions"): mode
            for name, mode in found.items()} == FILES
    assert len(files_below(staged[0])) == len(FILES)


def test_commands_for_the_setuid_bit(staged, prefix):
    """They are printed, and done only outside of a stage, by root."""
    signer = "%s%s/libexec/aws-session/aws-session-sign" % (staged[0], prefix)
    said = [line.strip() for line in staged[1].splitlines()]
    second = said.index("chmod 4711 '%s'" % signer)
    assert said[second - 1].startswith("chown ")
    assert said[second - 1].endswith(" '%s'" % signer)
    user = said[second - 1].split()[1]
    with contextlib.suppress(KeyError):
        assert pwd.getpwnam(user)
        return
    assert said[second - 2].startswith("useradd --system ")
    assert said[second - 2].endswith(" " + user)


def test_what_an_unprivileged_install_lacks(staged):
    assert "not setuid" in staged[1] and "can\n  read it" in staged[1]


def test_uninstall_leaves_nothing(build, staged, prefix):
    make(build, "uninstall", "DESTDIR=" + staged[0])
    assert files_below(staged[0]) == {}
    for name in ("libexec/aws-session", "share/doc/aws-session",
                 "share/aws-session"):
        assert not os.path.exists(os.path.join(staged[0] + prefix, name))


# --- as root, on a machine of its own -----------------------------------------

def install(machine, prepare, *arguments):
    """make install there, without the account of the service user and after
    a shell script; in a namespace below, so that mounts go again. Returns what
    was said, and mode and owner of the signer."""
    done = machine.run(
        "unshare", "-m", "sh", "-ec", """
        sed -i "/^$USER:/d" /etc/passwd /etc/group /etc/shadow
        hide() {
            mkdir -p /etc/hide; mount -t tmpfs tmpfs /etc/hide
            for at in /usr/sbin /usr/bin /sbin /bin; do
                mkdir -p /etc/hide/upper$at /etc/hide/work$at
                layers=lowerdir=$at,upperdir=/etc/hide/upper$at
                layers=$layers,workdir=/etc/hide/work$at
                test -L $at || mount -t overlay overlay $at -o $layers
                for name; do rm -f $at/$name; done
            done
        }
        rm -f "$SIGNER"
        cd "$BUILD"
        %s
        make -s install "$@" 2>&1 || echo FAILED
        stat -c '= %%a %%U' "$SIGNER"
        """ % prepare, "sh", *arguments, user="root",
        env={**machine.environment("root"), "USER": SERVICE,
             "SIGNER": machine.signer, "BUILD": machine.build})
    assert done.returncode == 0, done.stdout + done.stderr
    said, _, signer = done.stdout.rpartition("= ")
    return said, signer.strip()


def account(machine, name):
    """The fields of an account there, and its password."""
    for file in ("passwd", "shadow"):
        with open(machine.path("/etc/" + file), encoding="utf-8") as lines:
            yield next((line.strip().split(":") for line in lines
                        if line.startswith(name + ":")), None)


@machine_module.needs_root[0]
@machine_module.needs_root[1]
class TestAsRoot:
    """Everything that needs a machine."""

    def test_the_user_is_made_once(self, machine):
        said, signer = install(machine, "")
        assert "protects stored keys" in said and "sysctl -p" in said
        assert signer == "4711 " + SERVICE
        (_, _, uid, _, _, home, shell), shadow = account(machine, SERVICE)
        assert 0 < int(uid) < 1000 and home == "/nonexistent"
        assert shell.endswith("/nologin") and shadow[1][:1] in ("!", "*")
        done = machine.run("make", "-s", "install", user="root",
                           cwd=machine.build)
        assert done.returncode == 0 and "protects stored keys" in done.stdout
        assert next(account(machine, SERVICE))[2] == uid

    def test_uninstall_leaves_user_and_policy(self, machine):
        policy = machine.policy
        install(machine, "")
        assert not os.path.exists(machine.path(policy)) # no file of ours
        os.makedirs(os.path.dirname(machine.path(policy)), exist_ok=True)
        machine.put(policy, "require_mfa = no\n")
        done = machine.run("make", "-s", "uninstall", user="root",
                           cwd=machine.build)
        assert done.returncode == 0, done.stderr
        assert os.path.exists(machine.path(policy))
        assert next(account(machine, SERVICE))
        for name in FILES:
            assert not os.path.exists(machine.path(
                machine.prefix + "/" + name)), name
        os.unlink(machine.path(policy))

    @pytest.mark.parametrize("file, line, says", [
        ("/etc/passwd", "eve:x:64322:64322::/:%s\n", "login shell of: eve"),
        ("/etc/pam.d/eve", "auth required pam_aws_session.so # %s\n",
         "used by: /etc/pam.d/eve")])
    def test_no_uninstall_while_logins_need_it(self, machine, file, line,
                                               says):
        """Else nobody could log in."""
        install(machine, "")
        os.makedirs(machine.path("/etc/pam.d"), exist_ok=True)
        path, kept = machine.path(file), None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as there:
                kept = there.read()
        machine.put(file, (kept or "") + line % machine.program)
        try:
            done = machine.run("make", "-s", "uninstall", user="root",
                               cwd=machine.build)
            assert done.returncode != 0 and says in done.stderr
            for name in FILES:
                assert os.path.exists(machine.path(
                    machine.prefix + "/" + name)), name
        finally:
            os.unlink(path)
            if kept is not None:
                machine.put(file, kept)

    def test_without_signer_user(self, machine):
        said, signer = install(machine, "", "with_signer_user=no")
        assert "is not setuid" in said and "useradd --system" in said
        assert signer == "755 root" and next(account(machine, SERVICE)) is None

    def test_without_a_tool_for_it(self, machine):
        said, signer = install(machine, "hide useradd adduser")
        assert "is not setuid" in said and "FAILED" not in said
        assert signer == "755 root"

    def test_with_the_tool_of_busybox(self, machine):
        said, signer = install(machine, """
            hide useradd
            mkdir -p /etc/fake; PATH=/etc/fake:$PATH
            cat >/etc/fake/adduser <<"END"
#!/bin/sh
echo "adduser $*"
for name; do :; done
echo "$name:x:64321:64321::/nonexistent:/sbin/nologin" >>/etc/passwd
END
            chmod 755 /etc/fake/adduser""")
        assert re.search(r"^adduser -S -D -H -h /nonexistent -s \S+/nologin %s$"
                         % SERVICE, said, re.M)
        assert signer == "4711 " + SERVICE

    def test_never_setuid_root(self, machine):
        said, signer = install(
            machine, "echo 'toor:x:0:0::/:/bin/sh' >>/etc/passwd",
            "signer_user=toor")
        assert "must never be setuid root" in said and "FAILED" in said
        assert signer == "755 root"


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
         "--without-signer-user", # this is the real machine
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


def test_installed_reads_the_policy_of_etc(installed):
    """Whatever the prefix; a packager can have another place."""
    if os.environ.get("AWS_SESSION_INSTALLED"):
        return # who installed that one may have chosen
    prefix = os.path.dirname(os.path.dirname(installed))
    for path in (installed, os.path.join(prefix, "libexec", "aws-session",
                                         "aws-session-sign")):
        with open(path, "rb") as file:
            content = file.read()
        assert b"/etc/aws-session.conf: " in content
        assert (prefix + "/etc").encode() not in content


def test_another_place_for_the_policy(source, tmp_path):
    def configure(option):
        os.makedirs(tmp_path / "build", exist_ok=True)
        (tmp_path / "source").is_symlink() or \
            (tmp_path / "source").symlink_to(source)
        return subprocess.run(
            ["../source/configure", "-q", option], cwd=tmp_path / "build",
            check=False, capture_output=True, text=True)

    done = configure("--with-policy-file=aws-session.conf")
    assert done.returncode != 0
    assert "--with-policy-file takes an absolute path" in done.stderr
    assert configure("--with-policy-file=/opt/a.conf").returncode == 0
    assert make_variable(str(tmp_path / "build"),
                         "policy_file") == "/opt/a.conf"
def test_zsh_looks_for_the_completion(source, tmp_path):
    """Debian's zsh of /usr has a place of its own."""
    (tmp_path / "source").symlink_to(source)
    (tmp_path / "build").mkdir()
    subprocess.run(["../source/configure", "-q", "--prefix=/usr"],
                   cwd=tmp_path / "build", check=True, capture_output=True)
    places = subprocess.run(
        [shutil.which("zsh", path="/usr/bin:/bin"), "-fc", "print -l $fpath"],
        check=True, capture_output=True, text=True)
    assert make_variable(str(tmp_path / "build"), "zshcompletiondir") in \
        places.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
def test_installed_shell_has_its_hook(installed, person, shells, shell):
    """The hooks lie where they are looked for."""
    prepare(person, shell)
    person.program = installed
    keep_session(person)
    screen = shells([installed])
    assert "(aws" in screen.text()
    assert screen.run("aws-session-valid && echo alive")[0] == "alive"
