"""Bad input, each with its sentence: files, variables, options, answers.

Every refusal is one line on standard error that names what is wrong, where
(file and line, or the variable or option), and what to do next. Its status
says whether the command line was wrong (2) or there is no session (120 to 125), and
where nothing had to be sent, nothing was sent and no code is spent.
"""

import ctypes
import os
import pwd
import subprocess
import unicodedata

import pytest

from conftest import NO_SESSION, user_keys

ROLE = "arn:aws:iam::123456789012:role/"
LONG = "x" * 100_000
# What a terminal obeys: a title, a cleared screen, colours by ESC, by C1 in
# UTF-8 and by a lone byte, and what moves the cursor.
NASTY = "\x1b]0;title\x07\x1b[2J\u009b31m\udc9b31m\x7f\b\t\r\nforged"


def sentence(done, status=None):
    """The one line that was printed; nothing else may have been."""
    assert done.returncode in ((status,) if status else NO_SESSION), \
        done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("aws-session: "), done.stderr
    assert done.stderr.endswith("\n")
    line = done.stderr[:-1]
    assert [c for c in line if unicodedata.category(c) == "Cc"] == []
    return line[len("aws-session: "):]


def code_is_spent(person):
    return any("note:spent-codes" in name and person.sts.account in name
               for name in user_keys().values())


def refused(person, *options, sent=(), status=None, command=("true",),
            **more):
    """Give options and a good code, and get a sentence. `sent`: operations
    that the server saw; by default it saw not even a connection."""
    person.sts.forget()
    done = person.run("--code", person.code(), *options, "exec", *command,
                      **more)
    line = sentence(done, status)
    assert [entry["operation"] for entry in person.sts.requests] == list(sent)
    if not sent:
        assert person.sts.connections == []
    assert code_is_spent(person) == ("GetSessionToken" in sent)
    return line


def credentials(person, key_id, secret, *lines):
    """One profile in the credentials file, none in the config file."""
    person.config.write_text("[default]\n")
    person.credentials.write_text("\n".join([
        "[default]", "aws_access_key_id = " + key_id,
        "aws_secret_access_key = " + secret, *lines, ""]))


def home_path(person, name):
    return str(person.home / ".aws" / name)


# ------------------------------------------------------------- the files

def test_missing_files(person):
    person.config.unlink()
    person.credentials.unlink()
    line = refused(person)
    assert line.startswith("profile default has no access key")
    for name in ("config", "credentials"):
        assert home_path(person, name) + " (missing)" in line
    assert "aws-session add" in line and "AWS_ACCESS_KEY_ID" in line


def test_files_named_by_variables_missing(person):
    line = refused(person, env={"AWS_CONFIG_FILE": "/nonexistent/c",
                                "AWS_SHARED_CREDENTIALS_FILE":
                                "/nonexistent/k"})
    assert "/nonexistent/c (missing) and /nonexistent/k (missing)" in line


def test_directory_instead_of_credentials(person):
    person.credentials.unlink()
    person.credentials.mkdir()
    line = refused(person)
    assert home_path(person, "credentials") + " (no regular file)" in line
    assert home_path(person, "config") + " and" in line


def test_directory_instead_of_config(person):
    """As for the AWS CLI, it is as if it were not there."""
    person.config.unlink()
    person.config.mkdir()
    assert person.run("--code", person.code(), "exec",
                      "true").returncode == 0


def drop_override():
    """Not even root may now read what its mode forbids."""
    for capability in (1, 2):   # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)   # PR_CAPBSET_DROP


UNPRIVILEGED = {"preexec_fn": drop_override} if os.getuid() == 0 else {}


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_unreadable_file(person, name):
    getattr(person, name).chmod(0)
    line = refused(person, **UNPRIVILEGED)
    assert line.startswith(home_path(person, name)
                           + ": cannot be read: Permission denied; ")
    assert "mode" in line


def test_unreadable_directory(person):
    person.config.parent.chmod(0)
    try:
        line = refused(person, **UNPRIVILEGED)
    finally:
        person.config.parent.chmod(0o700)
    assert line.startswith(home_path(person, "config") + ": cannot be read")


BROKEN_FILES = {
    "binary": (b"\x7fELF\x02\x01\x01\0\0\0\0", 1, "NUL byte", "another file"),
    "bytes": (bytes(range(256)), 1, "NUL byte", "another file"),
    "mark": (b"\xef\xbb\xbf[default]\n", 1, "byte order mark", "without one"),
    "utf-16": ("[default]\n".encode("utf-16"), 1, "not UTF-8",
               "save it as UTF-8"),
    "latin-1": (b"[default]\r\nregion = eu-west-1\r\n# caf\xe9\r\n", 3,
                "not UTF-8", "save it as UTF-8"),
    "twice": (b"[default]\na = 1\n[other]\n[default]\n", 4,
              "a second section [default]", "join the two"),
    "key-twice": (b"[default]\nregion = a\n\nREGION = b\n", 4,
                  "a second region", "remove one"),
    "unclosed": (b"[default\n", 1, "before the first [section]", "[default]"),
    "headless": (b"\nregion = eu-west-1\n", 2, "before the first [section]",
                 "[default]"),
    "no-value": (b"[default]\n# note\nregion\n", 3,
                 "neither a [section] nor key = value", "put #"),
    "no-key": (b"[default]\n= eu-west-1\n", 2, "no key before", "correct"),
    "nested": (b"[default]\ns3 =\n  a = 1\n  lonely\n", 4,
               "belongs to s3 (line 2)", "correct it"),
}


@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize("case", BROKEN_FILES)
def test_broken_file(person, name, case):
    content, number, what, remedy = BROKEN_FILES[case]
    getattr(person, name).write_bytes(content)
    line = refused(person)
    assert line.startswith("%s, line %d: " % (home_path(person, name), number))
    assert what in line and remedy in line.split(what)[1]


def test_broken_file_quotes_no_line(person, sts):
    """A line that cannot be read may be a secret."""
    secret = sts.alice.keys[0].secret
    person.credentials.write_text("[default]\n%s\n" % secret)
    assert secret not in refused(person)


def test_huge_file(person):
    person.config.write_text("[default]\n" + "# filler\n" * 200_000)
    line = refused(person)
    assert line.startswith(home_path(person, "config") + ": longer than 1 MiB")


def test_pipe_instead_of_file(person):
    """Nothing waits for its other end."""
    person.credentials.unlink()
    os.mkfifo(person.credentials)
    assert "(no regular file)" in refused(person, timeout=20)


# ---------------------------------------------------------- the home directory

def test_home_empty(person):
    line = refused(person, env={"HOME": ""})
    assert "/.aws/config (missing) and /.aws/credentials (missing)" in line


def test_home_not_a_directory(person):
    place = person.home / "file"
    place.write_text("")
    line = refused(person, env={"HOME": str(place)})
    assert "%s/.aws/config (missing)" % place in line


def test_home_not_needed(person, sts):
    """With a key in the environment there is nothing to look for."""
    key = sts.alice.keys[0]
    done = person.run("--code", person.code(), "exec", "true", env={
        "HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret})
    assert (done.returncode, done.stderr) == (0, "")


def unknown_uid(build):
    """Options of subprocess for a user that no database knows."""
    if os.getuid() != 0:
        pytest.skip("becoming another user needs root")
    uid = 41370
    while any(entry.pw_uid == uid for entry in pwd.getpwall()):
        uid += 1
    options = {"user": uid, "group": uid, "extra_groups": []}
    program = os.path.join(build, "tests", "aws-session")
    if subprocess.run(["test", "-x", program], check=False,
                      **options).returncode:
        pytest.skip("other users cannot reach the build directory")
    return options


def test_home_missing(person, build):
    line = refused(person, env={"HOME": None, "AWS_CA_BUNDLE": None}, cwd="/",
                   **unknown_uid(build))
    assert "no config file (HOME is not set)" in line
    assert "AWS_ACCESS_KEY_ID" in line


# ------------------------------------------------------------- profiles

@pytest.mark.parametrize("wanted, nearest", [
    ("prodution", "production"), ("PRODUCTION", "production"),
    ("prod uction", "production"), ("team-b", "team-a"),
    ("deafult", "default")])
@pytest.mark.parametrize("place", [
    "--profile", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_unknown_profile(person, sts, place, wanted, nearest):
    person.write_key(sts.alice, config="[profile production]\nregion = x\n"
                     "[profile team-a]\nregion = x\n")
    if place == "--profile":
        line = refused(person, place, wanted)
    else:
        line = refused(person, env={place: wanted})
    assert line == ("there is no profile '%s' (%s); did you mean '%s'?"
                    % (wanted, place, nearest))


def test_unknown_profile_near_none(person):
    line = refused(person, "--profile", "xyz")
    assert "'xyz' (--profile) in " in line
    assert home_path(person, "config") in line
    assert home_path(person, "credentials") in line
    assert "aws configure --profile" in line


@pytest.mark.parametrize("place", [
    "--profile", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_empty_profile(person, place):
    if place == "--profile":
        line = refused(person, place, "")
    else:
        line = refused(person, env={place: ""})
    assert line.startswith(place + " is set but empty")


def test_wrong_section_kind(person, sts):
    """Without the word "profile" the config file's section is none."""
    person.write_key(sts.alice, config="[team]\nregion = eu-west-1\n")
    assert "there is no profile 'team'" in refused(person, "--profile", "team")


# ------------------------------------------------------------- half a key pair

@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize("present, absent", [
    ("aws_access_key_id", "aws_secret_access_key"),
    ("aws_secret_access_key", "aws_access_key_id")])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_half_a_pair_in_a_file(person, name, present, absent, how):
    person.config.write_text("")
    person.credentials.write_text("")
    getattr(person, name).write_text("[default]\n\n%s = AKIAEXAMPLE0000000\n%s"
                                     % (present, absent + " =\n"
                                        if how == "empty" else ""))
    line = refused(person)
    assert line.startswith("%s, line 3: half a key pair"
                           % home_path(person, name))
    assert "has no %s" % absent in line and "AKIAEXAMPLE" not in line


@pytest.mark.parametrize("present, absent", [
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_half_a_pair_in_the_environment(person, present, absent, how):
    line = refused(person, env={present: "AKIAEXAMPLE0000000",
                                absent: "" if how == "empty" else None})
    assert line.startswith("half a key pair: %s is set in the environment and "
                           "%s is not" % (present, absent))
    assert "--profile" in line and "AKIAEXAMPLE" not in line


def test_named_profile_passes_half_a_pair_by(person):
    """With --profile the environment does not count."""
    done = person.run("--code", person.code(), "--profile", "default", "exec",
                      "true", env={"AWS_ACCESS_KEY_ID": "AKIA"})
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------- durations

OUT_OF_RANGE = [("899", "899"), ("14m", "840"), ("129601", "129601"),
                ("36h1s", "129601"), ("4000000000", "4000000000")]
NO_DURATION = ["x", "-900", "1d", "12h1", "1h30", "1.5h", " 900", "900 ",
               "h", "0", "0h", "99999999999999999999", "0x400"]


def with_duration(person, place, value, **more):
    if place == "--session-duration":
        return refused(person, place, value, **more)
    return refused(person, env={place: value}, **more)


PLACES = ["--session-duration", "AWS_SESSION_DURATION"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value, seconds", OUT_OF_RANGE)
def test_duration_out_of_range(person, place, value, seconds):
    line = with_duration(person, place, value)
    assert line == ("--session-duration (AWS_SESSION_DURATION): %s is out of "
                    "range: AWS takes 900 to 129600 seconds" % seconds)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", NO_DURATION)
def test_no_duration(person, place, value):
    line = with_duration(person, place, value, status=2)
    assert line.startswith("--session-duration (AWS_SESSION_DURATION): '%s' "
                           "is no duration" % value)
    assert "90m" in line


def test_empty_duration(person):
    """An empty variable is an unset one; an empty option is a mistake."""
    assert "'' is no duration" in with_duration(
        person, "--session-duration", "", status=2)
    assert person.run("--code", person.code(), "exec", "true",
                      env={"AWS_SESSION_DURATION": ""}).returncode == 0


@pytest.mark.parametrize("value, seconds", [
    ("900", 900), ("15m", 900), ("129600", 129600), ("36h", 129600)])
def test_both_ends_of_the_range(person, value, seconds):
    expires = int(person.variables("--code", person.code(),
                                   "--session-duration", value)
                  ["AWS_SESSION_EXPIRES"])
    assert abs(expires - person.sts.clock.now() - seconds) < 60


@pytest.mark.parametrize("value", ["899", "43201"])
def test_duration_of_a_role(person, sts, value):
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %sdeploy\n"
                     "source_profile = default\n" % ROLE)
    line = refused(person, "--profile", "r", "--session-duration", value)
    assert ("%s is out of range: AWS takes 900 to 43200 seconds for the role "
            "of profile 'r'" % value) in line


@pytest.mark.parametrize("value", ["899", "43201"])
def test_duration_of_a_role_in_a_file(person, sts, value):
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %sdeploy\n"
                     "source_profile = default\nduration_seconds = %s\n"
                     % (ROLE, value))
    line = refused(person, "--profile", "r")
    assert line.startswith("%s, line 6: duration_seconds = %s is out of range"
                           % (home_path(person, "config"), value))


# ------------------------------------------------------------- codes

BAD_CODES = ["12345", "1234567", "abcdef", "", "12 34 5", "-12345", "+12345",
             "12345x", "0x1234", "\uff11\uff12\uff13\uff14\uff15\uff16",
             "\u0661\u0662\u0663\u0664\u0665\u0666", "1.2345", "123456,"]


@pytest.mark.parametrize("place", ["--code", "AWS_SESSION_MFA_CODE"])
@pytest.mark.parametrize("code", BAD_CODES)
def test_bad_code(person, place, code):
    if place == "--code":
        done = person.run("--code", code, "exec", "true")
    else:
        done = person.run("exec", "true", env={place: code})
    unset = code == "" and place != "--code"    # empty is unset
    line = sentence(done, 123 if unset else 121)
    if unset:
        assert "an MFA code is needed" in line
    else:
        assert line.endswith("--code or AWS_SESSION_MFA_CODE is not six "
                             "digits")
    assert code not in line or code == ""
    assert person.sts.connections == []
    assert not code_is_spent(person)


def test_no_code_and_no_terminal(person):
    line = sentence(person.run("exec", "true"), 123)
    assert "--code" in line and "AWS_SESSION_MFA_CODE" in line
    assert person.sts.connections == []


def test_blanks_in_a_code(person):
    """As an authenticator shows it."""
    code = person.code()
    done = person.run("--code", " %s %s " % (code[:3], code[3:]), "exec",
                      "true")
    assert (done.returncode, done.stderr) == (0, "")


def test_wrong_code(person):
    wrong = "%06d" % ((int(person.code()) + 1) % 1_000_000)
    line = sentence(person.run("--code", wrong, "exec", "true"))
    assert line.startswith("AWS refused the MFA code")
    assert len(person.sts.requests) == 1
    line = sentence(person.run("--code", wrong, "exec", "true"))
    assert "used already" in line and "the next one comes in" in line
    assert len(person.sts.requests) == 1


# ------------------------------------------------------------- MFA devices

FOUND = ["GetCallerIdentity", "ListMFADevices"]


def test_no_device(person, sts):
    credentials(person, sts.add_user("bob").keys[0].id,
                sts.store.users["bob"].keys[0].secret)
    line = refused(person, sent=FOUND)
    assert line.startswith("user bob has no MFA device that gives codes")
    assert "register" in line


def security_key(sts, user):
    """A FIDO device, which ListMFADevices lists, too."""
    device = sts.store.add_device(
        sts.store.arn("iam", "u2f/user/%s/key-ABCDEF" % user.name))
    sts.store.enable_device(device, user)
    return device


def test_security_key_only(person, sts):
    carol = sts.add_user("carol")
    security_key(sts, carol)
    credentials(person, carol.keys[0].id, carol.keys[0].secret)
    line = refused(person, sent=FOUND)
    assert "only a security key" in line and "register" in line


def test_security_key_as_serial(person, sts):
    device = security_key(sts, sts.alice)
    person.config.write_text("[default]\nmfa_serial = %s\n" % device.serial)
    line = refused(person)
    assert line.startswith("%s, line 2: mfa_serial"
                           % home_path(person, "config"))
    assert "security key" in line


def test_several_devices_and_no_terminal(person, sts):
    hugo = sts.add_user("hugo", mfa=["one", "two"])
    credentials(person, hugo.keys[0].id, hugo.keys[0].secret)
    line = refused(person, sent=FOUND, status=123)
    assert "2 MFA devices" in line and "set mfa_serial" in line
    assert hugo.devices[0].serial in line


def test_devices_may_not_be_listed(person, sts):
    frank = sts.add_user("frank", mfa=["frank"], deny=["iam:ListMFADevices"])
    credentials(person, frank.keys[0].id, frank.keys[0].secret)
    line = refused(person, sent=FOUND)
    assert "iam:ListMFADevices" in line and "set mfa_serial" in line
    assert frank.devices[0].serial in line


@pytest.mark.parametrize("value, why", [
    ("x", "9 to 256"), ("", "is empty"),
    ('"arn:aws:iam::1:mfa/x"', "quotes count"),
    ("arn:aws:iam::1:mfa/x # phone", "inline comments"),
    ("arn:aws:iam::1:mfa/" + "x" * 300, "9 to 256")])
def test_bad_serial(person, value, why):
    person.config.write_text("[default]\nmfa_serial = %s\n" % value)
    line = refused(person)
    assert line.startswith(home_path(person, "config") + ", line 2: ")
    assert why in line


def test_device_of_nobody(person):
    person.config.write_text("[default]\nmfa_serial = "
                             "arn:aws:iam::123456789012:mfa/nobody\n")
    done = person.run("--code", person.code(), "exec", "true")
    line = sentence(done)
    assert "mfa/nobody" in line and "see mfa_serial" in line
    assert "three minutes" in line
    assert len(person.sts.requests) == 1


# ------------------------------------------------------------- who has the key

def test_root(person, sts):
    root = sts.add_user("root", mfa=["root-account-mfa-device"])
    credentials(person, root.keys[0].id, root.keys[0].secret)
    line = refused(person, sent=["GetCallerIdentity"])
    assert "root user" in line and "use an IAM user" in line
    assert "mfa_serial = " + root.devices[0].serial in line
    # What it says is possible is possible.
    person.config.write_text("[default]\nmfa_serial = %s\n"
                             % root.devices[0].serial)
    expires = int(person.variables("--code", sts.code("root"))
                  ["AWS_SESSION_EXPIRES"])
    assert expires <= sts.clock.now() + 3600


@pytest.mark.parametrize("arn", [
    "arn:aws:sts::123456789012:assumed-role/Admin/me",
    "arn:aws:sts::123456789012:federated-user/me"])
def test_key_of_no_user(person, sts, arn):
    sts.alice.arn = arn
    person.config.write_text("[default]\n")
    line = refused(person, sent=["GetCallerIdentity"])
    assert arn in line and "IAM users only" in line
    assert "role_arn and source_profile" in line


def session_key(sts, kind):
    role = sts.add_role("Admin")
    arn = {"session": sts.alice.arn,
           "role": sts.store.arn("sts", "assumed-role/Admin/me"),
           "federated": sts.store.arn("sts", "federated-user/me")}[kind]
    return sts.store.add_session(
        3600, None, kind, arn, "AIDAEXAMPLE",
        user=sts.alice if kind == "session" else None,
        role=role if kind == "role" else None)


KINDS = ["session", "role", "federated"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["aws_session_token", "aws_security_token"])
def test_temporary_credentials_in_a_file(person, sts, kind, name):
    key = session_key(sts, kind)
    credentials(person, key.key_id, key.secret, name + " = " + key.token)
    line = refused(person)
    assert line.startswith("%s, line 4: %s makes the key of profile 'default' "
                           "a temporary one"
                           % (home_path(person, "credentials"), name))
    assert "long-lived key" in line and key.token not in line


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
def test_temporary_credentials_in_the_environment(person, sts, kind, name):
    key = session_key(sts, kind)
    line = refused(person, env={
        "AWS_ACCESS_KEY_ID": key.key_id, "AWS_SECRET_ACCESS_KEY": key.secret,
        name: key.token})
    assert "temporary credentials (%s)" % name in line
    assert "unset" in line and "--profile" in line


@pytest.mark.parametrize("kind", KINDS)
def test_temporary_key_without_its_token(person, sts, kind):
    """AWS would only say that it does not know the key."""
    key = session_key(sts, kind)
    line = refused(person, env={"AWS_ACCESS_KEY_ID": key.key_id,
                                "AWS_SECRET_ACCESS_KEY": key.secret})
    assert line.startswith("AWS_ACCESS_KEY_ID: %s is a temporary access key"
                           % key.key_id)
    credentials(person, key.key_id, key.secret)
    line = refused(person)
    assert line.startswith(home_path(person, "credentials") + ", line 2: ")
    assert "long-lived" in line


def test_aws_says_that_the_key_is_temporary(person, sts):
    sts.fault("error", operation="GetSessionToken", status=403,
              code="AccessDenied", message="Cannot call GetSessionToken with "
              "session credentials")
    line = refused(person, sent=["GetSessionToken"])
    key_id = sts.alice.keys[0].id
    assert "the access key %s is a temporary one" % key_id in line


# ------------------------------------------------------------- wrong keys

@pytest.mark.parametrize("serial", [True, False])
def test_wrong_secret(person, sts, serial):
    person.write_key(sts.alice, serial=serial)
    text = person.credentials.read_text()
    secret = sts.alice.keys[0].secret
    person.credentials.write_text(text.replace(secret, secret[::-1]))
    line = refused(person, sent=["GetSessionToken" if serial
                                 else "GetCallerIdentity"])
    assert "does not belong to the access key " + sts.alice.keys[0].id in line
    assert "correct it" in line and secret[::-1] not in line


@pytest.mark.parametrize("state", ["inactive", "deleted", "unknown"])
@pytest.mark.parametrize("serial", [True, False])
def test_key_that_aws_does_not_know(person, sts, state, serial):
    person.write_key(sts.alice, serial=serial)
    key = sts.alice.keys[0]
    if state == "inactive":
        key.active.set(False, 0)
    else:
        sts.store.keys.pop(key.id)
    if state == "deleted":
        sts.alice.keys.remove(key)
    line = refused(person, sent=["GetSessionToken" if serial
                                 else "GetCallerIdentity"])
    assert line.startswith("AWS does not know the access key " + key.id)
    assert "deleted, inactive" in line


@pytest.mark.parametrize("key_id, secret, why", [
    ("AKIA EXAMPLE", "s", "aws_access_key_id '...' has a character"),
    ("", "s", "half a key pair"),
    ("AKIAEXAMPLE0000000", "two words", "has a blank in it"),
    ("AKIAEXAMPLE0000000", "s # old", "inline comments")])
def test_malformed_key(person, key_id, secret, why):
    credentials(person, key_id, secret)
    line = refused(person)
    assert line.startswith(home_path(person, "credentials") + ", line ")
    assert why in line and "two words" not in line


# ------------------------------------------------- credentials of other kinds

OTHER_KINDS = {
    "sso": ("sso_start_url = https://x.example\nsso_account_id = 1\n",
            "IAM Identity Center"),
    "sso-session": ("sso_session = corp\n", "IAM Identity Center"),
    "process": ("credential_process = /bin/cat creds\n",
                "a credential_process"),
    "login": ("login_session = x\n", "aws login"),
    "web": ("web_identity_token_file = /t\nrole_arn = %sx\n" % ROLE,
            "a web identity"),
}


@pytest.mark.parametrize("case", OTHER_KINDS)
def test_other_kind_of_credentials(person, case):
    text, kind = OTHER_KINDS[case]
    person.credentials.unlink()
    person.config.write_text("[default]\n" + text)
    line = refused(person)
    assert line.startswith(home_path(person, "config") + ", line ")
    assert "profile 'default' gets its credentials from " + kind in line
    assert "AWS CLI" in line and "--profile" in line


@pytest.mark.parametrize("source", ["Environment", "Ec2InstanceMetadata"])
def test_credential_source(person, sts, source):
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %sdeploy\n"
                     "credential_source = %s\n" % (ROLE, source))
    line = refused(person, "--profile", "r")
    assert line.startswith(home_path(person, "config") + ", line 5: ")
    assert source in line and "source_profile" in line


# ------------------------------------------------------------- role chains

BAD_CHAINS = {
    "itself": ("", 5, "is its own source_profile and has no access key"),
    "circle": ("[profile b]\nrole_arn = ROLEb\nsource_profile = a\n", 8,
               "leads back to a profile of the same role chain"),
    "no-source": (None, 4, "has a role_arn but no source_profile"),
    "unknown": ("defualt", 5, "did you mean 'default'?"),
    "unknown-far": ("xyz", 5, "does not exist; add it"),
    "empty": ("", 5, "source_profile of profile 'a' is empty"),
}


@pytest.mark.parametrize("case", BAD_CHAINS)
def test_bad_chain(person, sts, case):
    extra, number, why = BAD_CHAINS[case]
    source = {"itself": "a", "circle": "b"}.get(case, extra)
    text = "[profile a]\nrole_arn = %sa\n" % ROLE
    if source is not None:
        text += "source_profile = %s\n" % source
    if case == "circle":
        text += extra.replace("ROLE", ROLE)
    person.write_key(sts.alice, config=text)
    line = refused(person, "--profile", "a")
    assert line.startswith("%s, line %d: " % (home_path(person, "config"),
                                              number))
    assert why in line


def test_circle_of_three_behind_the_profile(person, sts):
    text = "".join("[profile %s]\nrole_arn = %s%s\nsource_profile = %s\n"
                   % (name, ROLE, name, source) for name, source in
                   [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")])
    person.write_key(sts.alice, config=text)
    line = refused(person, "--profile", "a")
    assert "source_profile 'b' of profile 'd' leads back" in line


def test_endless_chain(person, sts):
    text = "".join("[profile a%d]\nrole_arn = %sx\nsource_profile = a%d\n"
                   % (n, ROLE, n + 1) for n in range(30))
    person.write_key(sts.alice, config=text)
    line = refused(person, "--profile", "a0")
    assert "a chain of more than 16 roles" in line and ", line " in line


@pytest.mark.parametrize("key, value, why", [
    ("role_arn", "arn:aws:iam::123456789012:user/alice", "names no role"),
    ("role_arn", "deploy", "20 to 2048"),
    ("external_id", "two words", "character that AWS does not allow"),
    ("role_session_name", "a/b", "character that AWS does not allow"),
    ("role_session_name", "x" * 65, "2 to 64")])
def test_bad_value_of_a_role(person, sts, key, value, why):
    text = "[profile a]\nsource_profile = default\n"
    if key != "role_arn":
        text += "role_arn = %sa\n" % ROLE
    person.write_key(sts.alice, config=text + "%s = %s\n" % (key, value))
    line = refused(person, "--profile", "a")
    assert line.startswith(home_path(person, "config") + ", line ")
    assert key in line and why in line


def role_profile(person, sts, arn, extra=""):
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                     "source_profile = default\n%s" % (arn, extra))


@pytest.mark.parametrize("case", ["unknown", "not-trusted", "external-id"])
def test_role_that_cannot_be_assumed(person, sts, case):
    if case == "not-trusted":
        arn = sts.add_role("deploy", trust=[]).arn
    elif case == "external-id":
        arn = sts.add_role("deploy", external_id="other").arn
    else:
        arn = ROLE + "deploy"
    role_profile(person, sts, arn, "external_id = mine\n")
    line = refused(person, "--profile", "r",
                   sent=["GetSessionToken", "AssumeRole"])
    assert "AWS does not let you assume %s (profile r)" % arn in line
    assert "trust policy" in line and "external_id" in line
    # The code was not in vain: the session with MFA was kept.
    sts.forget()
    sentence(person.run("--profile", "r", "--code", "000000", "exec", "true"))
    assert [r["operation"] for r in sts.requests] == ["AssumeRole"]


@pytest.mark.parametrize("place", ["file", "option"])
def test_duration_over_the_maximum_of_a_role(person, sts, place):
    role = sts.add_role("short", max_duration=3600)
    in_file = place == "file"
    role_profile(person, sts, role.arn,
                 "duration_seconds = 7200\n" if in_file else "")
    line = refused(person, "--profile", "r",
                   *(() if in_file else ("--session-duration", "2h")),
                   sent=["GetSessionToken", "AssumeRole"])
    assert "7200 s is longer than the role %s allows" % role.arn in line
    assert "--session-duration or duration_seconds (profile r)" in line


# ------------------------------------------------------------- regions

def test_wrong_region_in_scope(person, sts):
    """AWS's error code is that of a wrong secret; the cause is another."""
    sts.regions = {"sts": ["eu-central-1"]}
    line = refused(person, "--region", "eu-west-3", sent=["GetSessionToken"])
    assert "takes no requests for region eu-west-3" in line
    assert "--region" in line and "secret" not in line


@pytest.mark.parametrize("value", [
    "eu west 1", "eu-west-1.evil.example/", "-eu", "eu_west_1", "123",
    "x" * 64, "eu-west-1 # home", "@evil"])
@pytest.mark.parametrize("place", ["--region", "AWS_REGION",
                                   "AWS_DEFAULT_REGION", "file"])
def test_bad_region(person, sts, place, value):
    if place == "file":
        person.write_key(sts.alice, config="region = %s\n" % value)
        line = refused(person)
        assert line.startswith(home_path(person, "config") + ", line 3: ")
    elif place == "--region":
        line = refused(person, place, value)
    else:
        line = refused(person, env={place: value})
    assert place == "file" or line.startswith(place + ": ")
    assert "region '%s' cannot be a part of a host name" % value in line


# ------------------------------------------------------------- command line

@pytest.mark.parametrize("arguments, says", [
    (["--bogus", "exec", "true"], "unknown option --bogus;"),
    (["--bogus=123456", "exec", "true"], "unknown option --bogus;"),
    (["exec", "--bogus", "true"], "unknown option --bogus;"),
    (["-x", "exec", "true"], "unknown option -x;"),
    (["-xyz"], "unknown option -x;"),
    (["-hx"], "unknown option -x;"),
    (["exec", "-xyz", "true"], "unknown option -x;"),
    (["--debug=1", "exec", "true"], "option --debug takes no value;"),
    (["--help=me"], "option --help takes no value;"),
    (["--profile"], "option --profile needs a value;"),
    (["exec", "--code"], "option --code needs a value;"),
    (["exec", "--session-duration"],
     "option --session-duration needs a value;"),
    (["bogus"], "unknown command bogus; to run a program: aws-session exec"),
    ([""], "unknown command ;"),
    (["shell", "here"], "shell takes no argument, but there is here;"),
    (["shell", "--", "here"], "shell takes no argument, but there is here;"),
    (["exec"], "exec needs a command"),
    (["exec", "--"], "exec needs a command"),
    (["--", "exec"], "exec needs a command"),
    (["--help", "--bogus"], "unknown option --bogus;"),
])
def test_command_line(person, arguments, says):
    line = sentence(person.run(*arguments), status=2)
    assert line.startswith(says)
    assert "aws-session --help" in line or "aws-session exec" in line
    assert person.sts.connections == []


@pytest.mark.parametrize("command, status, says", [
    ("no-such-command", 127, "cannot run no-such-command: No such file"),
    ("./no-such-command", 127, "cannot run ./no-such-command: No such file"),
    ("/etc/passwd", 126, "cannot run /etc/passwd: Permission denied"),
    ("/", 126, "cannot run /: Is a directory"),
    ("", 127, "cannot run : No such file")])
def test_command_that_cannot_run(person, command, status, says):
    line = refused(person, command=[command], status=status)
    assert line.startswith(says)


# ------------------------------------- nothing that the terminal would obey

@pytest.mark.parametrize("option", [
    "--profile", "--region", "--session-duration"])
def test_control_characters_in_an_option(person, option):
    status = 2 if option == "--session-duration" else None
    assert "title" in refused(person, option, NASTY, status=status)


@pytest.mark.parametrize("arguments, status", [
    (["--" + NASTY], 2), ([NASTY], 2), (["shell", NASTY], 2),
    (["-" + NASTY], 2), (["exec", NASTY], 127),
    (["--code", NASTY, "exec", "true"], 121)])
def test_control_characters_in_arguments(person, arguments, status):
    sentence(person.run(*arguments), status)


@pytest.mark.parametrize("name", [
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL_STS", "AWS_STS_REGIONAL_ENDPOINTS"])
def test_control_characters_in_a_variable(person, name):
    value = NASTY
    if name.startswith("AWS_ENDPOINT"):
        value = "https://" + NASTY
    env = {name: value}
    if name == "AWS_STS_REGIONAL_ENDPOINTS":
        env["AWS_ENDPOINT_URL"] = None
    assert "title" in refused(person, env=env)


def test_control_characters_in_file_names(person):
    line = refused(person, env={"AWS_SHARED_CREDENTIALS_FILE":
                                str(person.home / NASTY.replace("/", ""))})
    assert "title" in line
    assert "title" in refused(person, env={"HOME": "/" + NASTY})


VISIBLE = NASTY.replace("\udc9b31m", "").replace("\r\n", "").replace("\t", "")


@pytest.mark.parametrize("text", [
    "[default]\nmfa_serial = arn:aws:iam::X:mfa/x\n",
    "[default]\nregion = X\n",
    "[default]\nX = 1\nX = 2\n",
    "[X]\n[X]\n",
    "[default]\nX =\n  a\n",
    "[default]\nendpoint_url = https://X\n",
    "[default]\nca_bundle = /X\n",
    "[default]\nservices = X\n",
    "[default]\nrole_arn = %sX\nsource_profile = default\n" % ROLE,
    "[default]\nrole_arn = %sx\nsource_profile = X\n" % ROLE,
    "[default]\nrole_arn = %sx\nexternal_id = X\nsource_profile=a\n" % ROLE,
    "[default]\nrole_arn = %sx\ncredential_source = X\n" % ROLE,
])
def test_control_characters_in_a_file(person, text):
    person.config.write_text(text.replace("X", VISIBLE))
    line = refused(person, env={"AWS_ENDPOINT_URL": None,
                                "AWS_CA_BUNDLE": None})
    assert line.startswith(home_path(person, "config") + ", line ")


def test_control_characters_in_a_suggestion(person, sts):
    person.write_key(sts.alice, config="[profile \x1b[31mteam]\nregion=x\n")
    line = refused(person, "--profile", "\x1b[31mtaem!")
    assert "did you mean '?[31mteam'?" in line


AWS_TEXT = "\u009b31m\u0085 \t tab \r return \n\x7f line aws-session: forged"


@pytest.mark.parametrize("place", ["code", "message"])
def test_control_characters_from_aws(person, sts, place):
    sts.fault("error", status=403, **{
        "code": "Denied", "message": "no", place: AWS_TEXT})
    assert "forged" in refused(person, sent=["GetSessionToken"])


@pytest.mark.parametrize("kind", ["arn", "device"])
def test_control_characters_in_names_from_aws(person, sts, kind):
    mallory = sts.add_user("mal\u009b31mlory" if kind == "arn" else "mallory")
    device = sts.store.add_device(sts.store.arn("iam", "mfa/\u009b31mx"))
    sts.store.enable_device(device, mallory)
    credentials(person, mallory.keys[0].id, mallory.keys[0].secret)
    line = refused(person, sent=FOUND[:1 if kind == "arn" else 2])
    assert "is malformed" in line


def test_control_characters_in_a_header(person, sts):
    sts.fault("redirect", location="https://\x1b[31m\x9b31m.example/")
    assert "redirect" in refused(person, sent=["GetSessionToken"])


def test_control_characters_in_debug_lines(person, sts):
    role_profile(person, sts, sts.add_role("r").arn)
    text = person.config.read_text()
    person.config.write_text(text.replace("profile r", "profile r" + VISIBLE
                                          .replace("]", "")))
    sts.fault("error", operation="AssumeRole", code="Throttling", status=400,
              message=AWS_TEXT)
    done = person.run("--debug", "--code", person.code(), "--profile",
                      "r" + VISIBLE.replace("]", ""), "exec", "true")
    assert done.returncode == 122
    assert "forged" in done.stderr
    for line in done.stderr[:-1].split("\n"):
        assert line.startswith("aws-session: ")
        assert [c for c in line if unicodedata.category(c) == "Cc"] == []


# ------------------------------------------------------------- long values

@pytest.mark.parametrize("arguments, status", [
    (["--profile", LONG, "exec", "true"], 120),
    (["--region", LONG, "exec", "true"], 125),
    (["--session-duration", "9" * 100_000, "exec", "true"], 2),
    (["--session-duration", "1m" * 50_000, "exec", "true"], 125),
    (["--code", "1" * 100_000, "exec", "true"], 121),
    (["--" + LONG], 2), (["-" + LONG], 2), ([LONG], 2),
    (["shell", LONG], 2), (["exec", LONG], 127), (["exec", "/" + LONG], 126)])
def test_long_argument(person, arguments, status):
    line = sentence(person.run(*arguments), status)
    assert len(line) < 600
    assert person.sts.connections == []


@pytest.mark.parametrize("name", [
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_PROFILE",
    "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM",
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_DURATION",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HOME"])
def test_long_variable(person, name):
    env = {name: LONG}
    if name.startswith("AWS_ENDPOINT"):
        env[name] = "https://127.0.0.1/" + LONG
    line = refused(person, env=env,
                   status=2 if name == "AWS_SESSION_DURATION" else None)
    assert len(line) < 900


@pytest.mark.parametrize("name", ["https_proxy", "no_proxy"])
def test_long_proxy(person, name):
    sentence(person.run("--code", person.code(), "exec", "true",
                        env={name: "http://" + LONG}))


@pytest.mark.parametrize("name", ["TERM", "SHELL", "LANG", "UNUSED"])
def test_long_variable_of_others(person, name):
    done = person.run("--code", person.code(), "exec", "true",
                      env={name: LONG})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", [
    "[default]\nmfa_serial = X\n", "[default]\nregion = X\n",
    "[default]\nendpoint_url = X\n",
    "[default]\nendpoint_url = https://127.0.0.1/X\n",
    "[default]\nca_bundle = X\n", "[default]\nservices = X\n",
    "[default]\naws_access_key_id = X\naws_secret_access_key = x\n",
    "[default]\naws_access_key_id = AKIA\naws_secret_access_key = X\n",
    "[default]\nrole_arn = X\nsource_profile = default\n",
    "[default]\nrole_arn = %sx\nsource_profile = X\n" % ROLE,
    "[default]\nrole_arn = %sx\nexternal_id = X\nsource_profile=a\n" % ROLE,
    "[default]\nrole_arn = %sx\nrole_session_name = X\nsource_profile=b\n"
    "[profile b]\nregion=\n" % ROLE,
    "[default]\nsso_session = X\n", "[default]\ncredential_process = X\n",
    "[X]\n[X]\n", "[default]\nX = 1\nX = 2\n", "[default]\nX\n", "[X\n",
    "[default]\nX =\n a\n",
])
def test_long_value_in_a_file(person, text):
    person.credentials.unlink()
    person.config.write_text(text.replace("X", LONG))
    line = refused(person, env={"AWS_ENDPOINT_URL": None,
                                "AWS_CA_BUNDLE": None})
    assert line.startswith(home_path(person, "config") + ", line ")
    assert len(line) < 900


def test_long_profile_name(person, sts):
    """It works, though its session cannot be kept."""
    person.write_key(sts.alice, profile=LONG)
    done = person.run("--code", person.code(), "--profile", LONG, "exec",
                      "true")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1 and "is not kept" in done.stderr


def test_long_text_from_aws(person, sts):
    sts.fault("error", status=403, code="C" * 5000, message=LONG)
    assert len(refused(person, sent=["GetSessionToken"])) < 1024


def test_many_profiles(person, sts):
    person.write_key(sts.alice, config="".join(
        "[profile p%d]\nregion = eu-west-1\n" % n for n in range(20_000)))
    assert "did you mean 'p1999" in refused(person, "--profile", "p1999x")
