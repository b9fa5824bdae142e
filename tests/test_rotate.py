"""aws-session rotate: a new access key for the stored one, and nobody is left
without a key, whatever happens on the way."""

import os
import subprocess
import threading
import time

import pytest

import kernel_keys
import stored
from conftest import KEYCTL, leaks

pytestmark = pytest.mark.skipif(not KEYCTL, reason="needs keyctl(1)")

# Where a rotation can be killed, in this order (fault_point in src/cli).
PLACES = [
    "the rotation is noted", "the new key is made", "the new key is noted",
    "the new key is proved", "the new key is stored",
    "the session is kept for the new key", "the stored key is proved",
    "the old key is inactive", "the stored key is proved once more",
    "the old key is deleted", "the note is removed"]


class Rotator:
    """Alice, with a stored key and no key in a file."""

    def __init__(self, person):
        self.person, self.sts, self.user = person, person.sts, person.sts.alice
        self.profile = stored.profile_name()
        self.old = self.user.keys[0]
        person.credentials.unlink()
        person.config.write_text("[profile %s]\nmfa_serial = %s\n" % (
            self.profile, self.user.devices[0].serial))
        stored.store(self.profile, self.old.id, self.old.secret)

    def run(self, *options, code=True, force=True, wait=True, env=None):
        """Rotate; what was printed is searched for secrets."""
        given = ["--code", self.sts.code("alice")] if code else []
        given += ["--force"] if force else []
        def start():
            return self.person.run("rotate", *given, *options, self.profile,
                                   env=env)

        done = stored.run_alone(start) if wait else start()
        self.person.said.append(done.stdout)
        return done

    def kill(self, number):
        """Rotate and be killed; the place, or None if it came to its end."""
        done = self.run(env={"FAULT_POINT": str(number)})
        if done.returncode == 0:
            return None
        assert done.returncode == -9, done.stderr
        return done.stderr.strip().rpartition("killed after: ")[2]

    def assert_one_good_copy(self):
        """The stored key is one that AWS takes, its secret is where it should
        be, and no other secret of a long-lived key is anywhere."""
        key_id, secret = stored.stored(self.profile)
        key = self.sts.store.keys[key_id]
        assert secret == key.secret
        assert key.active.new and not key.deleted
        everything = stored.everything()
        for other in self.sts.store.keys.values():
            assert (other.secret in everything) == (other is key)
        return key

    def assert_rotated(self):
        """All is done: one key, another one than before."""
        key = self.assert_one_good_copy()
        assert self.user.keys == [key]
        assert key is not self.old and self.old.deleted
        assert "%s %s" % (self.old.id, key.id) not in stored.everything()
        return key


@pytest.fixture
def rotator(person):
    someone = Rotator(person)
    yield someone
    stored.forget(someone.profile)


def operations(sts):
    return [request["operation"] for request in sts.requests]


def test_rotates(rotator):
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    key = rotator.assert_rotated()
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "profile %s: new key %s; waiting until AWS knows it"
        % (rotator.profile, key.id),
        "profile %s: the stored key is %s now; the old one, %s, is deleted"
        % (rotator.profile, key.id, rotator.old.id)]
    # The new key signs before it is stored, when it is, and when the old one
    # is inactive; IAM sees the session only.
    assert operations(rotator.sts) == [
        "GetSessionToken", "GetCallerIdentity", "ListAccessKeys",
        "CreateAccessKey", "GetCallerIdentity", "GetCallerIdentity",
        "UpdateAccessKey", "GetCallerIdentity", "DeleteAccessKey"]
    for request in rotator.sts.requests:
        if request["service"] == "iam":
            assert request["access_key_id"].startswith("ASIA")


def test_one_code_for_all(rotator):
    """The session goes on with the new key: no second code, no new session,
    for commands and for the next rotation."""
    assert rotator.run().returncode == 0
    first = rotator.assert_rotated()
    done = rotator.person.run("--profile", rotator.profile, "exec", "true")
    assert done.returncode == 0, done.stderr
    assert rotator.run(code=False).returncode == 0
    assert rotator.assert_one_good_copy() is not first
    assert operations(rotator.sts).count("GetSessionToken") == 1


def test_found_device_goes_on(rotator):
    """The same without mfa_serial: the device is remembered for the key."""
    rotator.person.config.write_text("[profile %s]\n" % rotator.profile)
    assert rotator.run().returncode == 0
    assert rotator.run(code=False).returncode == 0
    assert operations(rotator.sts).count("ListMFADevices") == 1


def test_key_of_a_role(rotator):
    """For a profile with a role it is the key at the root of the chain."""
    role = rotator.sts.add_role("builder")
    with open(rotator.person.config, "a") as file:
        file.write("[profile role]\nrole_arn = %s\nsource_profile = %s\n"
                   % (role.arn, rotator.profile))
    done = rotator.person.run("rotate", "--force", "--code",
                              rotator.sts.code("alice"), "role")
    assert done.returncode == 0, done.stderr
    rotator.assert_rotated()
    assert "AssumeRole" not in operations(rotator.sts)


def test_old_key_in_a_file(rotator):
    """Imported with --keep: it is said that it is dead there."""
    rotator.person.credentials.write_text(
        "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
        % (rotator.profile, rotator.old.id, rotator.old.secret))
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == (
        "the old key still stands in %s, line 2, and is good for nothing "
        "there: remove it" % rotator.person.credentials)


def test_new_keys_need_time(rotator):
    """As at AWS: for some seconds nobody knows a new key."""
    rotator.sts.store.spread = 3
    begin = time.monotonic()
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    assert 3 <= time.monotonic() - begin < 30
    rotator.assert_rotated()


# --- killed -------------------------------------------------------------------

def test_killed_at_every_step(rotator):
    """kill -9 anywhere: one good copy of the key, and the next rotation says
    so and ends it."""
    places = []
    while True:
        before = rotator.assert_one_good_copy()
        rotator.old = before
        rotator.sts.forget()
        place = rotator.kill(len(places) + 1)
        if place is None:
            break
        places.append(place)
        left = rotator.assert_one_good_copy()
        assert before in rotator.user.keys or left is not before
        done = rotator.run()
        assert done.returncode == 0, (place, done.stderr)
        # Nothing was left to do after the last one: this is a new rotation.
        assert ("was interrupted" in done.stdout) == (place != PLACES[-1]), \
            (place, done.stdout)
        rotator.assert_rotated()
        if left is not before and place != PLACES[-1]:
            assert rotator.user.keys == [left], place
    assert places == PLACES
    rotator.assert_rotated()


def test_killed_again_and_again(rotator):
    """Each attempt comes one step further than the one before."""
    for number in range(1, len(PLACES) + 4):
        rotator.kill(number)
        rotator.assert_one_good_copy()
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    rotator.assert_rotated()


def test_killed_while_a_lost_key_is_deleted(rotator):
    assert rotator.kill(2) == "the new key is made"
    assert rotator.kill(1) == "the lost key is deleted"
    assert rotator.assert_one_good_copy() is rotator.old
    done = rotator.run()
    assert "interrupted before there was a new key" in done.stdout
    rotator.assert_rotated()


def test_resumed_without_a_code(rotator):
    """What was interrupted after the session was kept needs no other one."""
    assert rotator.kill(6) == PLACES[5]
    rotator.sts.forget()
    done = rotator.run(code=False)
    assert done.returncode == 0, done.stderr
    assert "its new key" in done.stdout and "going on" in done.stdout
    rotator.assert_rotated()
    assert "GetSessionToken" not in operations(rotator.sts)
    assert "CreateAccessKey" not in operations(rotator.sts)


# --- refused, or lost on the way ---------------------------------------------------

def assert_as_before(rotator, done, words, status=125):
    """Nothing was rotated, the sentence has these words, the old key works."""
    assert done.returncode == status
    assert words in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
    assert rotator.assert_one_good_copy() is rotator.old


def test_second_key_in_the_way(rotator):
    other = rotator.sts.store.add_key(rotator.user, visible=True)
    other.created -= 3 * 86400
    other.active.set(False, 0)
    done = rotator.run()
    assert_as_before(rotator, done, "second access key, %s (Inactive, made "
                     % other.id)
    assert "3 days ago" in done.stderr
    assert rotator.user.keys == [rotator.old, other]
    assert "CreateAccessKey" not in operations(rotator.sts)


def test_second_key_is_not_mistaken_for_a_lost_one(rotator):
    """A note without a key id, and a key that somebody made at another time."""
    assert rotator.kill(1) == PLACES[0]
    other = rotator.sts.store.add_key(rotator.user, visible=True)
    other.created += 120
    assert_as_before(rotator, rotator.run(), "second access key, %s (Active"
                     % other.id)
    assert rotator.user.keys == [rotator.old, other]


def test_limit_reached_meanwhile(rotator):
    rotator.sts.fault("error", operation="iam:CreateAccessKey", status=409,
                      code="LimitExceeded", message="Cannot exceed quota")
    assert_as_before(rotator, rotator.run(),
                     "user alice has as many access keys as AWS allows")
    # Certainly no key was made, so no later one is taken for it.
    other = rotator.sts.store.add_key(rotator.user, visible=True)
    rotator.sts.clear_faults()
    assert_as_before(rotator, rotator.run(), "second access key, " + other.id)


@pytest.mark.parametrize("fault", [
    ("close-after", {}), ("truncated", {}), ("garbage", {}),
    ("error", {"status": 500, "execute": True}),
    ("missing", {"names": "SecretAccessKey"})], ids=lambda fault: fault[0])
def test_answer_lost(rotator, fault):
    """A key was made and nobody has its secret: it is asked for once, and the
    next rotation deletes it."""
    name, options = fault
    rotator.sts.fault(name, operation="iam:CreateAccessKey", count=1,
                      **options)
    done = rotator.run()
    assert done.returncode == 125
    assert rotator.assert_one_good_copy() is rotator.old
    assert operations(rotator.sts).count("CreateAccessKey") == 1
    lost, = set(rotator.user.keys) - {rotator.old}
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    assert "the secret of its new key %s is lost" % lost.id in done.stdout
    rotator.assert_rotated()
    assert lost.deleted


@pytest.mark.parametrize("operation", [
    "ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"])
def test_not_allowed(rotator, operation):
    """One sentence, a key that works; allowed again, it goes on."""
    rotator.user.deny.add("iam:" + operation)
    done = rotator.run()
    assert done.returncode == 125
    assert "AWS does not let you do iam:%s for user alice" % operation \
        in done.stderr
    kept = rotator.assert_one_good_copy()
    assert rotator.old in rotator.user.keys
    rotator.user.deny.clear()
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    key = rotator.assert_rotated()
    assert (key is kept) == (operation in ("UpdateAccessKey",
                                           "DeleteAccessKey"))


@pytest.mark.parametrize("operation, status, code, words", [
    ("UpdateAccessKey", 409, "EntityTemporarilyUnmodifiable",
     "AWS is busy with another change of user alice"),
    ("DeleteAccessKey", 409, "DeleteConflict",
     "as long as something depends on it"),
    ("ListAccessKeys", 404, "NoSuchEntity", "AWS knows no account of user "),
    ("CreateAccessKey", 404, "NoSuchEntity", "AWS knows no account of user "),
    ("DeleteAccessKey", 400, "Unheard", "DeleteAccessKey: ")])
def test_error_of_iam(rotator, operation, status, code, words):
    rotator.sts.fault("error", operation="iam:" + operation, status=status,
                      code=code, message="no", count=1)
    done = rotator.run()
    assert done.returncode == 125
    assert words in done.stderr, done.stderr
    rotator.assert_one_good_copy()
    assert rotator.run().returncode == 0
    rotator.assert_rotated()


@pytest.mark.parametrize("operation", ["UpdateAccessKey", "DeleteAccessKey"])
def test_done_but_not_answered(rotator, operation):
    """What may be done twice is asked for again."""
    rotator.sts.fault("close-after", operation="iam:" + operation, count=1)
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    rotator.assert_rotated()


def test_new_key_that_does_not_work(rotator):
    """It is deleted again."""
    rotator.sts.fault("error", operation="sts:GetCallerIdentity", after=1,
                      status=403, code="SignatureDoesNotMatch",
                      message="does not match")
    assert_as_before(rotator, rotator.run(), "nothing was rotated, and the "
                     "stored key %s is as good as before" % rotator.old.id)
    assert rotator.user.keys == [rotator.old]
    rotator.sts.clear_faults()
    assert rotator.run().returncode == 0
    rotator.assert_rotated()


def test_stored_key_that_does_not_work(rotator):
    """The old one stays as long as that is so."""
    rotator.sts.fault("error", operation="sts:GetCallerIdentity", after=2,
                      status=403, code="SignatureDoesNotMatch",
                      message="does not match")
    done = rotator.run()
    assert done.returncode == 125
    assert "The old one, %s, is not deleted" % rotator.old.id in done.stderr
    assert rotator.old in rotator.user.keys
    rotator.sts.clear_faults()
    assert rotator.run().returncode == 0
    rotator.assert_rotated()


def test_old_key_deleted_by_somebody_else(rotator):
    assert rotator.kill(7) == PLACES[6]
    rotator.user.keys.remove(rotator.old)
    rotator.old.deleted = True
    done = rotator.run()
    assert done.returncode == 0, done.stderr
    assert "interrupted after its last step" in done.stdout
    rotator.assert_rotated()


def test_no_aws(rotator):
    assert rotator.run("--debug").returncode == 0
    key = rotator.old = rotator.assert_rotated()
    done = rotator.run(code=False, env={
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:1"})
    assert done.returncode == 125
    assert rotator.assert_one_good_copy() is key


def test_wrong_code(rotator):
    done = rotator.person.run("rotate", "--force", "--code", "000000",
                              rotator.profile)
    if done.returncode == 0:
        pytest.fail("a code was guessed")
    assert rotator.user.keys == [rotator.old]


def test_nothing_stored(person):
    done = person.run("rotate")
    assert done.returncode == 125
    assert "profile default has no stored key" in done.stderr
    assert "aws-session import" in done.stderr
    assert person.sts.requests == []


def test_key_in_the_environment(person):
    key = person.sts.alice.keys[0]
    done = person.run("rotate", env={"AWS_ACCESS_KEY_ID": key.id,
                                     "AWS_SECRET_ACCESS_KEY": key.secret})
    assert done.returncode == 125
    assert "only those are rotated" in done.stderr


def test_root_user(rotator):
    root = rotator.sts.add_user("root", mfa=["root"])
    stored.store(rotator.profile, root.keys[0].id, root.keys[0].secret)
    rotator.person.config.write_text("[profile %s]\nmfa_serial = %s\n" % (
        rotator.profile, root.devices[0].serial))
    done = rotator.person.run("rotate", "--force", "--code",
                              rotator.sts.code("root"), rotator.profile)
    assert done.returncode == 125
    assert "only keys of IAM users are rotated" in done.stderr
    assert stored.stored(rotator.profile)[0] == root.keys[0].id


def test_two_at_once(rotator):
    """The second one does not wait, and does not rotate again."""
    rotator.sts.store.spread = 2
    results = []
    code = rotator.sts.code("alice")
    first = threading.Thread(target=lambda: results.append(
        stored.run_alone(lambda: rotator.person.run(
            "rotate", "--force", "--code", code, rotator.profile))))
    first.start()
    while "CreateAccessKey" not in operations(rotator.sts):
        time.sleep(0.01)
    done = rotator.run(wait=False)
    first.join()
    assert done.returncode == 125
    assert "another aws-session rotate of yours is running" in done.stderr
    assert results[0].returncode == 0, results[0].stderr
    rotator.assert_rotated()
    assert operations(rotator.sts).count("CreateAccessKey") == 1


# --- whether to at all ------------------------------------------------------

UNTIL = "the new secret will be in the keyring only, until the next boot; " \
    "after that you need another key, from the IAM console, and " \
    "aws-session add"


def ask(rotator, answer):
    """Rotate on a terminal. Returns the question, in one line, and the
    child."""
    child = rotator.person.spawn("rotate", rotator.profile)
    child.expect(r"\[y/N\] ")
    question = child.before.strip()
    child.sendline(answer)
    return question, child


def test_asks_on_the_terminal(rotator):
    question, child = ask(rotator, "y")
    assert question == (
        "Replace access key %s of profile %s? Note that %s. Rotate?"
        % (rotator.old.id, rotator.profile, UNTIL))
    child.expect("MFA code for ")
    child.sendline(rotator.sts.code("alice"))
    child.expect("is deleted")
    child.expect("\n")
    child.wait()
    assert child.exitstatus == 0
    rotator.assert_rotated()


@pytest.mark.parametrize("answer", ["", "n"])
def test_no_is_no(rotator, answer):
    _, child = ask(rotator, answer)
    child.expect("nothing was rotated")
    child.wait()
    assert child.exitstatus == 125
    assert rotator.sts.requests == []
    assert rotator.assert_one_good_copy() is rotator.old


@pytest.mark.parametrize("options", [[], ["--no-prompt"]])
def test_nobody_to_ask(rotator, options):
    """A job would lose the key at the next boot, and nobody would know."""
    done = rotator.run(*options, force=False)
    assert_as_before(rotator, done, "nothing was rotated, since %s: %s. If that "
                     "is meant, give --force" % (
                         "--no-prompt (AWS_SESSION_NO_PROMPT) says to ask "
                         "nobody" if options
                         else "there is no terminal to ask", UNTIL), 123)
    assert rotator.sts.requests == []


def test_no_prompt_on_a_terminal(rotator):
    child = rotator.person.spawn("rotate", "--no-prompt", rotator.profile)
    child.expect("give --force")
    child.wait()
    assert child.exitstatus == 123 and "[y/N]" not in child.before


def test_the_question_names_the_file(rotator):
    """What is there would be the copy for after the boot."""
    rotator.person.credentials.write_text(
        "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
        % (rotator.profile, rotator.old.id, rotator.old.secret))
    done = rotator.run(force=False)
    assert_as_before(rotator, done, UNTIL + ". The key in %s, line 2 will be "
                     "worth nothing. " % rotator.person.credentials, 123)


def test_what_is_stored_already_needs_no_question(rotator):
    """The new secret is where it will be: only the old key has to go."""
    assert rotator.kill(5) == PLACES[4]
    done = rotator.run(force=False)
    assert done.returncode == 0, done.stderr
    assert "going on" in done.stdout
    rotator.assert_rotated()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_what_is_begun_anew_is_asked_anew(rotator, number):
    assert rotator.kill(number) == PLACES[number - 1]
    assert_as_before(rotator, rotator.run(force=False), "give --force",
                     123)
    assert rotator.run().returncode == 0
    rotator.assert_rotated()


def test_no_secret_anywhere(rotator, tmp_path):
    """Not in what --debug says, and not in a file."""
    done = rotator.run("--debug")
    assert done.returncode == 0
    assert leaks(done.stdout + done.stderr, rotator.sts.secrets) == []
    for directory, _, names in os.walk(tmp_path):
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:
                text = file.read().decode("latin-1")
            assert leaks(text, rotator.sts.secrets) == []


def as_anybody():
    """Root may look into everybody: without its capabilities it is as any
    other user."""
    for capability in range(64):
        kernel_keys.KEYUTILS.prctl(24, capability)      # PR_CAPBSET_DROP


def may_look_into(pid):
    """For /proc/PID/environ the kernel asks as for ptrace(2)."""
    return subprocess.run(["cat", "/proc/%d/environ" % pid], check=False,
                          preexec_fn=as_anybody,
                          capture_output=True).returncode == 0


def test_cannot_be_looked_into(rotator):
    """While it waits with the new secret, no other program of the user may
    read its memory."""
    other = subprocess.Popen(["sleep", "60"], preexec_fn=as_anybody)
    try:
        assert may_look_into(other.pid)
    finally:
        other.kill()
        other.wait()
    rotator.sts.store.spread = 3
    with subprocess.Popen(
            [rotator.person.program, "rotate", "--force", "--code",
             rotator.sts.code("alice"), rotator.profile],
            env=rotator.person.env, preexec_fn=as_anybody, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert "new key" in child.stdout.readline()
        assert not may_look_into(child.pid)
        assert child.wait() == 0
    rotator.assert_rotated()


def test_installed_program_has_no_fault_points(build):
    """The variable that kills exists in the tests' program only."""
    def content(*path):
        with open(os.path.join(build, *path), "rb") as file:
            return file.read()
    assert b"FAULT_POINT" in content("tests", "aws-session")
    assert b"FAULT_POINT" not in content("src", "cli", "aws-session")
