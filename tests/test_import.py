"""aws-session import: access keys out of the AWS files, into the keyring.

Whatever happens, a key is in the file, in the keyring, or in both.
"""

import os
import shutil
import stat
import subprocess
import threading
import time

import pytest

import stored
from conftest import KEYCTL

pytestmark = pytest.mark.skipif(not KEYCTL, reason="needs keyctl(1)")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

# Where the import of one key from one file can be killed (fault_point).
PLACES = [
    "the key is stored", "the stored key is proved",
    "the new file is made", "the new file is written",
    "the new file has a name", "the new file is in its place",
    "the lines of a file are removed"]


def section(name, key, more=""):
    return ("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n%s"
            % (name, key.id, key.secret, more))


class Importer:
    """Alice with AWS files that a test writes, and profiles of her own."""

    def __init__(self, person):
        self.person, self.sts, self.user = person, person.sts, person.sts.alice
        self.key = self.user.keys[0]
        self.one, self.two = sorted([stored.profile_name(),
                                     stored.profile_name()])
        self.quoted = stored.profile_name() + " dev"
        person.config.write_text("")
        self.write(section(self.one, self.key))

    def write(self, credentials, config=None):
        self.person.credentials.write_text(credentials)
        if config is not None:
            self.person.config.write_text(config)

    def run(self, *arguments, wait=True, env=None):
        def start():
            return self.person.run("import", *arguments, env=env)

        done = stored.run_alone(start) if wait else start()
        self.person.said.append(done.stdout)
        return done

    def assert_left(self, credentials, done=None, words="", status=125):
        """The file is as it was, nothing is stored and nothing else lies
        around; the sentence has these words."""
        assert self.person.credentials.read_text() == credentials
        assert stored.stored(self.one) is None
        assert self.strangers() == []
        if done is not None:
            assert done.returncode == status
            assert words in done.stderr, done.stderr

    def assert_imported(self, profile=None, key=None):
        key = key or self.key
        assert stored.stored(profile or self.one) == (key.id, key.secret)
        for path in self.files():
            assert key.secret not in path.read_text(), path

    def files(self):
        return [path for path in self.person.credentials.parent.rglob("*")
                if path.is_file()]

    def strangers(self):
        """Files that are neither of the two."""
        return [path.name for path in self.files()
                if path.name not in ("config", "credentials")]


@pytest.fixture
def importer(person):
    someone = Importer(person)
    yield someone
    for profile in (someone.one, someone.two, someone.quoted):
        stored.forget(profile)


def operations(sts):
    return [(request["operation"], request["access_key_id"])
            for request in sts.requests]


# --- what is moved ---------------------------------------------------------------

def test_moves_a_key(importer):
    """Shown first, proved by the stored key; the rest of the file stays."""
    before = ("# of mine\n\n" + section(importer.one, importer.key,
                                        "# and\nregion = eu-west-1\n")
              + "\n[other]\r\noutput = json\r\n")
    importer.write(before)
    os.chmod(importer.person.credentials, 0o640)
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[1] == "  profile %s: %s" % (importer.one, importer.key.id)
    assert lines[2] == "    %s, lines 4 and 5, which are then removed" % (
        importer.person.credentials)
    assert lines[-1] == "profile %s: %s of %s is stored, and no longer in " \
        "the files" % (importer.one, importer.key.id, importer.user.arn)
    importer.assert_imported()
    with open(importer.person.credentials, newline="") as file:
        assert file.read() == (
            "# of mine\n\n[%s]\n# and\nregion = eu-west-1\n\n"
            "[other]\r\noutput = json\r\n" % importer.one)
    status = importer.person.credentials.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert importer.strangers() == []
    assert operations(importer.sts) == [("GetCallerIdentity",
                                         importer.key.id)]


def test_then_it_signs(importer):
    importer.write(section(importer.one, importer.key),
                   "[profile %s]\nmfa_serial = %s\n" % (
                       importer.one, importer.user.devices[0].serial))
    assert importer.run("--force").returncode == 0
    done = importer.person.run("--profile", importer.one, "--code",
                               importer.sts.code("alice"), "exec", "true")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("answer, status", [("y", 0), ("n", 125), ("", 125)])
def test_asks(importer, answer, status):
    before = importer.person.credentials.read_text()
    child = importer.person.spawn("import")
    child.expect(r"Go on\? \[y/N\] ")
    assert "lines 2 and 3, which are then removed" in child.before
    assert stored.stored(importer.one) is None
    child.sendline(answer)
    child.wait()
    assert child.exitstatus == status
    if status == 0:
        importer.assert_imported()
    else:
        importer.assert_left(before)


def test_nobody_to_ask(importer):
    before = importer.person.credentials.read_text()
    importer.assert_left(before, importer.run(), "with --force", 123)


def test_all_profiles_of_both_files(importer):
    """Also a name in quotes, and a pair that is in both files."""
    keys = [importer.sts.add_user(name).keys[0] for name in ("bo", "cy")]
    importer.write(
        section(importer.one, importer.key) + "[empty]\n",
        section("profile " + importer.one, importer.key)
        + section("profile '%s'" % importer.quoted, keys[0],
                  "region = eu-west-1\n")
        + section("profile " + importer.two, keys[1], "s3 =\n  a = b\n"))
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    importer.assert_imported()
    importer.assert_imported(importer.quoted, keys[0])
    importer.assert_imported(importer.two, keys[1])
    assert importer.person.credentials.read_text() == (
        "[%s]\n[empty]\n" % importer.one)
    assert importer.person.config.read_text() == (
        "[profile %s]\n[profile '%s']\nregion = eu-west-1\n[profile %s]\n"
        "s3 =\n  a = b\n" % (importer.one, importer.quoted, importer.two))
    done = importer.run("--force")
    assert done.returncode == 0
    assert "no long-lived access key" in done.stdout


def test_named_profiles_only(importer):
    other = importer.sts.add_user("bo").keys[0]
    importer.write(section(importer.one, importer.key)
                   + section(importer.two, other))
    for arguments in ([importer.two], ["--profile", importer.one]):
        done = importer.run("--force", *arguments)
        assert done.returncode == 0, done.stderr
        if arguments == [importer.two]:
            assert stored.stored(importer.one) is None
    importer.assert_imported()
    importer.assert_imported(importer.two, other)


def test_keep(importer):
    before = importer.person.credentials.read_text()
    done = importer.run("--force", "--keep")
    assert done.returncode == 0, done.stderr
    assert "which stay" in done.stdout and "removed" not in done.stdout
    assert importer.person.credentials.read_text() == before
    assert stored.stored(importer.one) == (importer.key.id,
                                           importer.key.secret)
    # Once more, and then without it.
    done = importer.run("--force", "--keep")
    assert done.returncode == 0 and "it is stored already" in done.stdout
    assert importer.run("--force").returncode == 0
    importer.assert_imported()


# --- what is left where it is ------------------------------------------------------

def test_temporary_keys(importer):
    text = section(importer.one, importer.key, "aws_session_token = abc\n")
    importer.write(text)
    done = importer.run("--force")
    assert done.returncode == 0
    assert "left where it is: temporary keys" in done.stderr
    assert done.stdout == "There is nothing else to import in the AWS files.\n"
    importer.assert_left(text)
    importer.assert_left(text, importer.run("--force", importer.one),
                         "1 of 1 keys could not be imported")


@pytest.mark.parametrize("name", [(), ("default",)], ids=["all", "named"])
def test_signer_that_does_not_work(importer, name):
    """As without /proc, or under strace(1): that is a failure, and not a file
    without keys."""
    if not shutil.which("strace"):
        pytest.skip("needs strace(1)")
    text = section("default", importer.key)
    importer.write(text)
    done = subprocess.run(
        ["strace", "-f", "-o", os.devnull, importer.person.program, "import",
         "--force", *name], text=True, check=False,
        stdin=subprocess.DEVNULL, capture_output=True,
        # The search for leaks is a tracer itself.
        env=dict(importer.person.env, ASAN_OPTIONS="detect_leaks=0"))
    assert "refusing to work under a tracer" in done.stderr
    importer.assert_left(text, done, "1 of 1 keys could not be imported")
    assert done.stdout == ""


def test_half_a_key(importer):
    text = "[%s]\naws_access_key_id = %s\n" % (importer.one, importer.key.id)
    importer.write(text)
    done = importer.run("--force")
    assert "half a key, without aws_secret_access_key" in done.stderr
    importer.assert_left(text)


def test_two_different_keys(importer):
    other = importer.sts.add_user("bo").keys[0]
    text = section(importer.one, importer.key)
    importer.write(text, section("profile " + importer.one, other))
    done = importer.run("--force", importer.one)
    importer.assert_left(text, done, "two different keys")


def test_malformed_key(importer):
    """A secret in the place of the key id is not shown."""
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    text = ("[%s]\naws_access_key_id = %s\naws_secret_access_key = x\n"
            % (importer.one, secret))
    importer.write(text)
    done = importer.run("--force", importer.one)
    importer.assert_left(text, done, "left where it is: ")
    assert secret not in done.stdout + done.stderr


def test_unknown_profile(importer):
    text = importer.person.credentials.read_text()
    done = importer.run("--force", "nobody")
    importer.assert_left(text, done, "profile nobody: there is no access key "
                         "of it in ")


def test_key_of_all_sections(importer):
    """[DEFAULT] gives its keys to every profile, and is none."""
    text = section("DEFAULT", importer.key) + "[%s]\n" % importer.one
    importer.write(text)
    importer.assert_left(text, importer.run("--force", importer.one),
                         "there is no access key of it")


def test_options_behind_profiles(importer):
    done = importer.run(importer.one, "--force")
    assert done.returncode == 0, done.stderr
    importer.assert_imported()
    assert importer.run(importer.one, "--no-such").returncode == 2


# --- the key does not work ------------------------------------------------------------

def test_key_that_aws_does_not_know(importer):
    """It stays in the file only, so that nothing hides it."""
    importer.key.active.set(False, 0)
    text = importer.person.credentials.read_text()
    importer.assert_left(text, importer.run("--force"), "AWS does not know "
                         "the stored key of profile " + importer.one)


def test_no_connection(importer):
    text = importer.person.credentials.read_text()
    done = importer.run("--force",
                        env={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    importer.assert_left(text, done, "GetCallerIdentity: ")


def test_one_of_two_fails(importer):
    other = importer.sts.add_user("bo").keys[0]
    other.active.set(False, 0)
    importer.write(section(importer.one, importer.key)
                   + section(importer.two, other))
    done = importer.run("--force")
    assert done.returncode == 125
    assert "1 of 2 keys could not be imported" in done.stderr
    importer.assert_imported()
    assert stored.stored(importer.two) is None
    assert importer.person.credentials.read_text() == (
        "[%s]\n" % importer.one + section(importer.two, other))


# --- something is stored already ----------------------------------------------------------

def test_another_key_is_replaced(importer):
    other = importer.sts.add_user("bo").keys[0]
    stored.store(importer.one, other.id, other.secret)
    done = importer.run()
    assert done.returncode == 123
    assert "it REPLACES the stored key %s" % other.id in done.stdout
    assert stored.stored(importer.one) == (other.id, other.secret)
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    importer.assert_imported()
    # The pair of the file was proved before it took the other one's place.
    assert operations(importer.sts) == [
        ("GetCallerIdentity", importer.key.id)] * 2


def test_bad_key_replaces_nothing(importer):
    other = importer.sts.add_user("bo").keys[0]
    stored.store(importer.one, other.id, other.secret)
    importer.key.active.set(False, 0)
    text = importer.person.credentials.read_text()
    done = importer.run("--force")
    assert done.returncode == 125
    assert stored.stored(importer.one) == (other.id, other.secret)
    assert importer.person.credentials.read_text() == text


def test_same_id_with_another_secret(importer):
    """It is found out by asking AWS; the one that works is kept."""
    stored.store(importer.one, importer.key.id, "x" * 40)
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    importer.assert_imported()


def test_wrong_secret_in_the_file(importer):
    """The stored one works: that in the file is not what was proved."""
    stored.store(importer.one, importer.key.id, importer.key.secret)
    text = importer.person.credentials.read_text().replace(
        importer.key.secret, "y" * 40)
    importer.write(text)
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    assert stored.stored(importer.one) == (importer.key.id,
                                           importer.key.secret)


# --- killed ---------------------------------------------------------------------------------

def test_killed_at_every_step(importer):
    """kill -9 anywhere: the key is in the file or in the keyring, and the
    next import says so and ends it. No file has the key that had not."""
    places, text = [], importer.person.credentials.read_text()
    while True:
        stored.forget(importer.one)
        importer.write(text)
        done = importer.run("--force",
                            env={"FAULT_POINT": str(len(places) + 1)})
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
        place = done.stderr.strip().rpartition("killed after: ")[2]
        places.append(place)
        kept = stored.stored(importer.one)
        assert kept == (importer.key.id, importer.key.secret)
        in_file = importer.person.credentials.read_text() == text
        assert in_file or importer.person.credentials.read_text() == (
            "[%s]\n" % importer.one)
        for name in importer.strangers():
            path = importer.person.credentials.parent / name
            assert importer.key.secret not in path.read_text()
        again = importer.run("--force")
        assert again.returncode == 0, (place, again.stderr)
        assert ("it is stored already, by an import that was interrupted"
                in again.stdout) == in_file
        importer.assert_imported()
        assert importer.strangers() == []
    assert places == PLACES
    importer.assert_imported()


def test_killed_between_profiles(importer):
    """What is done is done, the others are still in the file."""
    other = importer.sts.add_user("bo").keys[0]
    text = section(importer.one, importer.key) + section(importer.two, other)
    for number in range(1, 2 * len(PLACES) + 1):
        stored.forget(importer.one)
        stored.forget(importer.two)
        importer.write(text)
        importer.run("--force", env={"FAULT_POINT": str(number)})
        left = importer.person.credentials.read_text()
        for profile, key in ((importer.one, importer.key),
                             (importer.two, other)):
            assert (key.secret in left
                    or stored.stored(profile) == (key.id, key.secret))
        assert importer.run("--force").returncode == 0
        importer.assert_imported()
        importer.assert_imported(importer.two, other)


# --- files that are not plain -------------------------------------------------------------------

def test_symbolic_link(importer):
    """The link stays, its target is edited."""
    target = importer.person.home / "elsewhere"
    importer.person.credentials.rename(target)
    importer.person.credentials.symlink_to(target)
    done = importer.run("--force")
    assert done.returncode == 0, done.stderr
    importer.assert_imported()
    assert importer.person.credentials.is_symlink()
    assert target.read_text() == "[%s]\n" % importer.one


def test_hard_link(importer):
    os.link(importer.person.credentials, importer.person.home / "backup")
    text = importer.person.credentials.read_text()
    importer.assert_left(text, importer.run("--force"), "has 2 names")


def test_read_only(importer):
    os.chmod(importer.person.credentials, 0o400)
    text = importer.person.credentials.read_text()
    importer.assert_left(text, importer.run("--force"), "is read-only")
    done = importer.run("--force", "--keep")
    assert done.returncode == 0, done.stderr
    assert importer.person.credentials.read_text() == text


@needs_root
def test_of_another_owner(importer):
    os.chown(importer.person.credentials, 4711, -1)
    text = importer.person.credentials.read_text()
    importer.assert_left(text, importer.run("--force"),
                         "belongs to user id 4711")


@needs_root
@pytest.mark.parametrize("options", ["", "ro"], ids=["full", "read-only"])
def test_full_disk(importer, options):
    """Nothing is lost and nothing is left; with some room it goes on."""
    home = importer.person.credentials.parent
    text = importer.person.credentials.read_text()
    script = """
        set -e
        mount -t tmpfs -o size=16k,mode=700 tmpfs "$0"
        printf %s "$1" > "$0/credentials"
        cat /dev/zero > "$0/filler" 2>&1 || true
        if test "$3" = ro; then mount -o remount,ro "$0"; fi
        status=0; "$2" import --force >&2 || status=$?
        ls -A "$0"
        cat "$0/credentials"
        if test "$3" = ro; then mount -o remount,rw "$0"; fi
        rm "$0/filler"
        "$2" import --force >&2
        cat "$0/credentials"
        exit $status
    """
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script,
         home, text, importer.person.program, options], text=True,
        env=dict(importer.person.env, AWS_CONFIG_FILE="/dev/null"),
        capture_output=True, check=False)
    importer.person.said.append(done.stderr)
    assert done.stdout == (
        "credentials\nfiller\n" + text + "[%s]\n" % importer.one), done.stderr
    assert done.returncode == 125
    assert ("Read-only file system" if options else
            "No space left on device") in done.stderr
    assert stored.stored(importer.one) == (importer.key.id,
                                           importer.key.secret)


# --- others at the same time ----------------------------------------------------------------------

def while_importing(importer, action):
    """Do something while AWS lets the import wait; its end."""
    importer.sts.fault("delay", operation="sts:GetCallerIdentity", seconds=1.5,
                       count=1)
    results = []
    thread = threading.Thread(
        target=lambda: results.append(importer.run("--force")))
    thread.start()
    while not importer.sts.requests:
        time.sleep(0.01)
    action()
    thread.join()
    return results[0]


def test_two_at_once(importer):
    seen = []
    done = while_importing(importer,
                           lambda: seen.append(importer.run("--force",
                                                            wait=False)))
    assert done.returncode == 0, done.stderr
    assert seen[0].returncode == 125
    assert "another aws-session import of yours is running" in seen[0].stderr
    importer.assert_imported()


def test_key_changed_meanwhile(importer):
    """aws configure gives the profile another key: that one stays."""
    other = importer.sts.add_user("bo").keys[0]
    text = section(importer.one, other)
    done = while_importing(importer, lambda: importer.write(text))
    assert done.returncode == 125
    assert "was changed meanwhile" in done.stderr
    assert importer.person.credentials.read_text() == text


def test_file_changed_meanwhile(importer):
    """Something else in the file: it is read anew."""
    text = "[new]\nregion = r\n" + section(importer.one, importer.key)
    done = while_importing(importer, lambda: importer.write(text))
    assert done.returncode == 0, done.stderr
    assert importer.person.credentials.read_text() == (
        "[new]\nregion = r\n[%s]\n" % importer.one)


def test_file_gone_meanwhile(importer):
    done = while_importing(importer, importer.person.credentials.unlink)
    assert done.returncode == 125
    assert "the key is stored and works" in done.stderr
    assert stored.stored(importer.one) == (importer.key.id,
                                           importer.key.secret)
