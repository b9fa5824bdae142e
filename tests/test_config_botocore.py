"""Config files, profiles, roles and endpoints: botocore and we agree.

Each case is a small pair of AWS files with an environment. It is read by
botocore in this process and by the program dump_config of the build tree, and
the two must come to the same, or differ in one of the ways that DIFFERENCES
lists with its reason. Each listed difference must be seen at least once, so
that the list cannot go stale. The random cases have a fixed seed.

botocore does what the AWS CLI v1 does. Where the CLI v2 orders variables in
another way (AWS_PROFILE first, AWS_REGION counts), the session is told so;
STS is told to be regional, as v2 always is.
"""

import getpass
import itertools
import json
import os
import random
import re
import subprocess
from unittest import mock

import botocore
import botocore.loaders
import botocore.session
import pytest

SEED = 20251123
KEY = "AKIA%s0000000000"
ROLE = "arn:aws:iam::123456789012:role/"

V2_VARIABLES = {
    "profile": (None, ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], None, None),
    "region": ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None),
}

# (what our sentence says, why botocore goes on where we stop)
DIFFERENCES = {
    "no text file": "a NUL byte means that the file is not what it should be",
    "cannot be a part of a host name": "botocore finds out when it connects",
    "the region is set but empty": "botocore finds out when it connects",
    "a temporary one": "temporary credentials cannot make an MFA session",
    "holds temporary credentials": "the same, from the environment",
    "half a key pair": "botocore ignores a secret without an id",
    "gets its credentials from": "a session needs a long-lived key",
    "is not supported as the source": "the same, for a role",
    "external_id is empty": "botocore sends it, and AWS refuses it",
    "AWS does not allow there": "botocore sends it, and AWS refuses it",
    "characters; AWS takes": "botocore sends it, and AWS refuses it",
    "names no role": "botocore sends it, and AWS refuses it",
    "is out of range": "botocore sends it, and AWS refuses it",
    "has a blank in it": "botocore signs with it, and AWS refuses that",
    "plain http to another machine": "a signed request is not for everybody",
}
# (botocore's error, why we go on where it stops)
LENIENT = {
    "must have credentials": "the key may be in the keyring",
    "web identity": "a profile's own long-lived key is enough",
    "SSO": "a profile's own long-lived key is enough",
    "No such file or directory: '/nonexistent'":
        "a profile's own long-lived key is enough: no process is run",
}

DIFFERENT_KEY = "a long-lived key goes before other kinds of credentials"

# Older ones (Debian 12 has 1.29) do not know AWS_ENDPOINT_URL, nor the rules
# of today for IAM's FIPS and dual-stack hosts.
IS_NEW = tuple(map(int, botocore.__version__.split(".")[:2])) >= (1, 43)


@pytest.fixture(scope="module")
def seen():
    """Which listed differences the cases of this module have met."""
    return set()


@pytest.fixture(scope="module")
def dump(build):
    """Run dump_config in an environment; returns what it printed."""
    program = os.path.join(build, "tests", "unit", "dump_config")
    if not os.path.exists(program):
        pytest.fail("%s is missing: run the tests by 'make check'" % program)

    def run(env, *options):
        done = subprocess.run([program, *options], env=env, check=False,
                              capture_output=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return json.loads(done.stdout)

    return run


def fnv(secret):
    """The hash that dump_config prints for a secret."""
    value = 14695981039346656037
    for byte in secret.encode():
        value = ((value ^ byte) * 1099511628211) & (2**64 - 1)
    return "fnv:%016x" % value


def masked(section):
    """A profile of botocore as dump_config prints it."""
    return {key: fnv(value) if "secret" in key and isinstance(value, str)
            else value for key, value in section.items()}


class Case:
    """Two files, an environment and a profile."""

    def __init__(self, config=None, credentials=None, env=None, profile=None,
                 name=""):
        self.config = config
        self.credentials = credentials
        self.env = dict(env or {})
        self.profile = profile
        self.name = name

    def __repr__(self):
        return "Case(%r)" % (vars(self),)

    def write(self, home):
        """Write the files; returns the whole environment."""
        directory = os.path.join(home, ".aws")
        os.makedirs(directory, exist_ok=True)
        for name in ("config", "credentials"):
            text = getattr(self, name)
            path = os.path.join(directory, name)
            if text is None:
                if os.path.exists(path):
                    os.unlink(path)
                continue
            with open(path, "wb") as file:
                file.write(text if isinstance(text, bytes)
                           else text.encode())
        return {"HOME": home, **self.env}


def new_session(profile, loader=None):
    # Handlers are for requests; without them a session is made quickly.
    session = botocore.session.Session(
        session_vars=V2_VARIABLES, include_builtin_handlers=loader is not None)
    if loader is not None:
        session.register_component("data_loader", loader)
    if profile is not None:
        session.set_config_variable("profile", profile)
    return session


class FakeSts:
    """Notes who assumes which role, and gives credentials for it."""

    def __init__(self, calls):
        self.calls = calls

    def create(self, _service, **options):
        self.signer = options
        return self

    def assume_role(self, **parameters):
        self.calls.append((self.signer, parameters))
        name = "ROLE%d" % len(self.calls)
        return {"Credentials": {"AccessKeyId": name, "SecretAccessKey": name,
                                "SessionToken": name,
                                "Expiration": "2099-01-01T00:00:00Z"}}


def botocore_credentials(session):
    """The key and the roles that botocore would use."""
    calls = []
    session.create_client = FakeSts(calls).create
    resolver = session.get_component("credential_provider")
    with mock.patch.object(getpass, "getpass", lambda prompt: "123456"):
        resolver.get_provider("assume-role")._prompter = lambda _: "123456"
        found = resolver.load_credentials()
        frozen = found.get_frozen_credentials() if found else None
    result = {"method": found.method if found else None, "roles": [
        {"arn": call["RoleArn"], "external_id": call.get("ExternalId"),
         "session_name": call["RoleSessionName"],
         "duration": call.get("DurationSeconds", 0)} for _, call in calls]}
    if calls:
        result["access_key_id"] = calls[0][0]["aws_access_key_id"]
        result["secret"] = calls[0][0]["aws_secret_access_key"]
    elif frozen:
        result["access_key_id"] = frozen.access_key
        result["secret"] = frozen.secret_key
    return result


def error_lines(error):
    """The first and last line that a parse error may be about."""
    inner = getattr(error, "kwargs", {}).get("error")
    if getattr(inner, "errors", None):
        return inner.errors[0][0], inner.errors[0][0]
    if getattr(inner, "lineno", None):
        return 1, inner.lineno
    return 1, 10**9


def ask_botocore(case, env):
    # Never ask the network where this machine may get credentials from.
    env = {**env, "AWS_EC2_METADATA_DISABLED": "true"}
    with mock.patch.dict(os.environ, env, clear=True):
        session = new_session(case.profile)
        result = {}
        try:
            result["profiles"] = {
                name: masked(section) for name, section
                in session.full_config["profiles"].items()}
            session.get_scoped_config()
            result["region"] = session.get_config_variable("region")
            result.update(botocore_credentials(session))
        except Exception as error:  # noqa: BLE001, botocore raises anything
            result["error"] = error
        return result


def expected_difference(text, seen):
    for part in DIFFERENCES:
        if part in text:
            seen.add(part)
            return True
    return False


def compare_profiles(case, theirs, ours, seen):
    """The parse itself: which profiles with which keys and values."""
    if "profiles" not in theirs:
        assert ours.get("stage") == "config", (case, ours, theirs)
        line = re.search(r", line (\d+)", ours["error"])
        first, last = error_lines(theirs["error"])
        if "this indented line" in ours["error"]:
            first = 1  # botocore looks at blocks after everything else
        assert line and first <= int(line[1]) <= last, (case, ours, theirs)
        return False
    if ours.get("stage") == "config":
        assert expected_difference(ours["error"], seen), (case, ours, theirs)
        return False
    assert ours["profiles"] == theirs["profiles"], case
    return True


def compare_parent(case, theirs, ours, seen):
    parent = ours["parent"]
    sources = {"env": "environment",
               "shared-credentials-file": "credentials file",
               "config-file": "config file", None: "none"}
    if theirs["method"] in ("sso", "custom-process", "login",
                            "assume-role-with-web-identity"):
        assert parent["source"] != "none", (case, ours, theirs)
        seen.add(DIFFERENT_KEY)
        return
    if theirs["method"] != "assume-role":
        assert parent["source"] == sources[theirs["method"]], (case, ours)
    if "access_key_id" not in theirs:
        assert parent["source"] == "none", (case, ours)
        return
    assert parent["access_key_id"] == theirs["access_key_id"], (case, ours)
    assert parent["secret"] == fnv(theirs["secret"]), case


def compare_roles(case, theirs, ours):
    assert len(ours["roles"]) == len(theirs["roles"]), (case, ours, theirs)
    for our, their in zip(ours["roles"], theirs["roles"]):
        for key in ("arn", "external_id", "duration"):
            assert our[key] == their[key], (case, ours, theirs)
        if not their["session_name"].startswith("botocore-session-"):
            assert our["session_name"] == their["session_name"], case
        else:
            assert our["session_name"].startswith("aws-session-"), case


def compare(case, home, dump, seen):
    env = case.write(str(home))
    options = [] if case.profile is None else ["--profile", case.profile]
    ours = dump(env, *options)
    theirs = ask_botocore(case, env)
    if not compare_profiles(case, theirs, ours, seen):
        return "parse error"
    if "error" in theirs:
        if "error" in ours:
            return "error"
        lenient = [part for part in LENIENT if part in str(theirs["error"])]
        assert lenient, (case, ours, theirs)
        seen.add(lenient[0])
        return "lenient"
    if "error" in ours:
        assert expected_difference(ours["error"], seen), (case, ours, theirs)
        return "difference"
    assert ours["region"] == theirs["region"], (case, ours, theirs)
    compare_parent(case, theirs, ours, seen)
    if theirs["method"] == "assume-role" or ours["roles"]:
        compare_roles(case, theirs, ours)
    return "same"


def keys(letter, token=None, prefix=""):
    text = "aws_access_key_id = %s\naws_secret_access_key = secret/%s\n" % (
        KEY % letter, letter)
    if token:
        text += "%s = token\n" % token
    return prefix + text


# --- grammar ---------------------------------------------------------------

HEADERS = [
    "[default]", "[profile dev]", "[profile \"my dev\"]", "[profile 'a b']",
    "[profile a\\ b]", "[profile my dev]", "[profiledev]", "[profiles dev]",
    "[profile-x dev]", "[ profile dev]", "[profile dev ]", "[Profile dev]",
    "[profile\tdev]", "[profile a\"b c\"d]", "[profile \"a\\\"b\"]",
    "[profile \"a\\b\"]", "[profile 'a\\'b]", "[profile \"\"]", "[profile]",
    "[profile dev", "[]", "[]]", "[default] # x", "[default] x]", "[x]",
    "[default] # see [x]", "  [profile indented]", "[profile default]",
    "[DEFAULT]", "[Default]", "[ default ]", "[dev]", "[profile dev] [x]",
    "[sso-session corp]", "[services loc]", "[preview]", "[profile héllo]",
    "[profile a\u00a0b]", "[profile \u2003dev]", "[profile \"open]",
    "[profile dev\\]", "[plugins]", "[profile a.b/c@d:e+f%g-h_i]", "[x = y]",
    "[profile #x]", "[profile ;x]", "[\"my dev\"]", "[profile dev]]",
]
ENTRIES = [
    "region = eu-west-1", "region=us-east-1", "output: json", "a : b", "a:b=c",
    "a = b:c", "REGION = eu-west-2", "empty =", "empty=", "my key = v",
    "x = y # z", "x = y ; z", "quoted = \"v\"", "= v", ": v", "no delimiter",
    "x", "percent = %(y)s", "dollar = $HOME ~", "back = a\\", "key = [x]",
    "[y = 1", "tab\t=\tv\t", "é = ü", "nbsp\u00a0=\u00a0v\u00a0",
    "em\u2003=\u2003v\u2003w", "vt\x0b=\x0bv\x0c", "fs\x1c=\x1dv\x1e",
    "nel\x85=\x85v\x85", "ls\u2028=\u2028v", "zw\u200b=\u200bv\u200b",
    "k1 = v", "k2 = v", "k3 = v", "k4 = v", "k5 =", "k6 = = v", "k7 = :",
    "s3 =", "sts =", "# = v", "; comment", "#comment", "k8 = # x", "k9 = ;",
]
NESTED = [
    "a = 1", "a = 2", "A = 3", "b=", "c = d = e", "endpoint_url = http://x",
    "no delimiter", "a : b", "# comment", "; c = d", "f = g # h", " = k",
    "[profile z]", "x = y\x0bz = w", "x = y\x0bz", "x = y\u2028z = w",
    "x = y\x1cz", "u = \u00a0v\u00a0",
]
INDENTS = ["", "", "", "", " ", "  ", "\t", "\u00a0", "\u2003 ", "    "]
ENDS = ["\n", "\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n \n", "\n\t\n"]


def random_section(rng):
    lines = [rng.choice(["", "", "", " "]) + rng.choice(HEADERS)]
    indent = rng.choice(INDENTS)
    for entry in rng.sample(ENTRIES, rng.randrange(0, 5)):
        lines.append((indent if rng.random() < 0.8 else rng.choice(INDENTS))
                     + entry)
        if entry.endswith("=") or rng.random() < 0.1:
            lines += [indent + rng.choice(INDENTS) + rng.choice(NESTED)
                      for _ in range(rng.randrange(0, 4))]
        if rng.random() < 0.1:
            lines.append(rng.choice(["", "# x", "  # x", " ; y", "  ", "\t"]))
    return lines


def random_file(rng, sections):
    lines = [rng.choice(["# first", "", "junk", "k = v"])] \
        if rng.random() < 0.1 else []
    for _ in range(rng.randrange(1, sections)):
        lines += random_section(rng)
    end = rng.choice(ENDS) if rng.random() < 0.8 else None
    text = "".join(line + (end or rng.choice(ENDS)) for line in lines)
    return text.rstrip("\n") if rng.random() < 0.2 else text


def test_random_grammar(tmp_path, dump, seen):
    """Files of valid, odd and broken lines, as either file."""
    rng = random.Random(SEED)
    results = {}
    for number in range(600):
        case = Case(random_file(rng, 4) if number % 3 else None,
                    random_file(rng, 3) if number % 2 else None)
        result = compare(case, tmp_path, dump, seen)
        results[result] = results.get(result, 0) + 1
    # Enough of either sort that the comparison means something.
    assert results["parse error"] > 100 and results["same"] > 100, results


@pytest.mark.parametrize("header", HEADERS)
def test_each_header(header, tmp_path, dump, seen):
    text = "%s\nregion = eu-west-1\n" % header
    compare(Case(text), tmp_path, dump, seen)
    compare(Case(None, text), tmp_path, dump, seen)
    compare(Case("[profile dev]\noutput = x\n" + text), tmp_path, dump, seen)


@pytest.mark.parametrize("entry", ENTRIES + NESTED)
def test_each_entry(entry, tmp_path, dump, seen):
    for text in ("[default]\n%s\n", "[default]\n  %s\n  z = 1\n",
                 "[default]\ns3 =\n  a = 1\n\n  %s\n\n[x]\n",
                 "[default]\nv = 1\n %s", "%s\n[default]\n",
                 "[DEFAULT]\n%s\n[default]\nk1 = own\n[profile p]\n"):
        compare(Case(text % entry), tmp_path, dump, seen)


GRAMMAR = {
    "bom": b"\xef\xbb\xbf[default]\nregion = x\n",
    "bom comment": b"\xef\xbb\xbf# c\n[default]\n",
    "latin-1": b"[default]\n# caf\xe9\n",
    "overlong": b"[default]\nx = \xc0\xaf\n",
    "surrogate": b"[default]\nx = \xed\xa0\x80\n",
    "beyond unicode": b"[default]\nx = \xf4\x90\x80\x80\n",
    "cut": b"[default]\nx = \xe2\x82",
    "four bytes": b"[default]\nx = \xf0\x9f\x94\x91\n",
    "nul": b"[default]\nx = a\0b\n",
    "same key": b"[default]\nK = 1\nk = 2\n",
    "same section": b"[default]\n[x]\n[default]\n",
    "same profile": b"[profile dev]\na = 1\n[profile \"dev\"]\nb = 2\n",
    "default twice": b"[default]\na = 1\n[profile default]\nb = 2\n",
    "default twice, turned": b"[profile default]\nb = 2\n[default]\na = 1\n",
    "magic twice": b"[DEFAULT]\na = 1\n[x]\n[DEFAULT]\nb = 2\n[default]\n",
    "magic key twice": b"[DEFAULT]\na = 1\n[DEFAULT]\na = 2\n[default]\n",
    "empty": b"",
    "no final newline": b"[default]\nregion = x",
    "only cr": b"[default]\rregion = x\r  y\r\r  z\r",
    "nested in credentials": b"[default]\naws_secret_access_key =\n  x\n",
}


@pytest.mark.parametrize("name", sorted(GRAMMAR))
def test_grammar(name, tmp_path, dump, seen):
    compare(Case(GRAMMAR[name]), tmp_path, dump, seen)
    compare(Case(None, GRAMMAR[name]), tmp_path, dump, seen)


def test_only_ascii_is_folded(tmp_path, dump):
    """botocore takes these for one key; to us they are two."""
    case = Case("[default]\nÉ = 1\né = 2\n")
    env = case.write(str(tmp_path))
    assert "profiles" not in ask_botocore(case, env)
    assert dump(env)["profiles"] == {"default": {"É": "1", "é": "2"}}


def test_large_file(tmp_path, dump, seen):
    """Many sections, keys and lines of one value, compared and in no time."""
    config = "".join("[profile p%d]\nregion = r%d\n" % (i, i)
                     for i in range(3000))
    config += "[profile many]\n" + "".join("k%d = v\n" % i
                                           for i in range(3000))
    config += "[profile long]\nx = 1\n" + " y\n\n" * 3000
    compare(Case("[DEFAULT]\na = 1\nb = 2\n" + config), tmp_path, dump, seen)


# --- selection -------------------------------------------------------------

FILES = Case(
    "[default]\nregion = us-east-1\n"
    "[profile a]\nregion = eu-west-1\n"
    "[profile b]\nregion = eu-west-2\n"
    "[profile r]\nrole_arn = %sR\nsource_profile = a\n"
    "[profile none]\noutput = json\n" % ROLE,
    "[default]\n" + keys("D") + "[a]\n" + keys("A") + "[b]\n" + keys("B"))

ENVIRONMENTS = [
    {}, {"AWS_PROFILE": "a"}, {"AWS_PROFILE": "b", "AWS_DEFAULT_PROFILE": "a"},
    {"AWS_DEFAULT_PROFILE": "a"}, {"AWS_PROFILE": ""}, {"AWS_PROFILE": " a"},
    {"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "a"}, {"AWS_PROFILE": "nope"},
    {"AWS_DEFAULT_PROFILE": ""}, {"AWS_PROFILE": "A"}, {"AWS_PROFILE": "r"},
    {"AWS_PROFILE": "none"}, {"AWS_PROFILE": "default"},
]
REGIONS = [
    {}, {"AWS_REGION": "ca-central-1"}, {"AWS_DEFAULT_REGION": "sa-east-1"},
    {"AWS_REGION": "ca-central-1", "AWS_DEFAULT_REGION": "sa-east-1"},
    {"AWS_REGION": ""}, {"AWS_REGION": "us east"},
]
KEYS = [
    {}, {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env"},
    {"AWS_ACCESS_KEY_ID": "AKIDENV"}, {"AWS_SECRET_ACCESS_KEY": "env"},
    {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": ""},
    {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env",
     "AWS_SESSION_TOKEN": "t"},
    {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env",
     "AWS_SESSION_TOKEN": ""},
    {"AWS_SESSION_TOKEN": "t"}, {"AWS_SECURITY_TOKEN": "t"},
]


def test_selection(tmp_path, dump, seen):
    """Every profile variable with every region and every key variable."""
    for one, two in itertools.product(ENVIRONMENTS, REGIONS + KEYS):
        for profile in (None, "b", "r", "nope"):
            if profile is None or not one:
                case = Case(FILES.config, FILES.credentials, {**one, **two},
                            profile)
                compare(case, tmp_path, dump, seen)


def test_paths(tmp_path, dump, seen):
    """AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE."""
    other = tmp_path / "other file"
    other.write_text("[default]\nregion = ap-south-1\n" + keys("O"))
    (tmp_path / "x y").mkdir()
    for path in (str(other), "~/other file", "$HOME/other file",
                 "${HOME}/other file", "$HOME/../$HOME/other file", "$nope",
                 "${HOME", "$", "~nobody-here/x", "", "/nonexistent",
                 str(other) + "/x", str(tmp_path), "/dev/null", "~",
                 "$X/other file", "~daemon/nope", "${X}${X}", "$HOMEX"):
        for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            case = Case(FILES.config, FILES.credentials,
                        {variable: path, "X": "$HOME"})
            compare(case, tmp_path, dump, seen)
    both = {"AWS_CONFIG_FILE": str(other),
            "AWS_SHARED_CREDENTIALS_FILE": str(other)}
    compare(Case(None, None, both), tmp_path, dump, seen)
    compare(Case(), tmp_path, dump, seen)


# --- keys and roles ----------------------------------------------------------

VALUES = [
    "role_arn = %sR\n" % ROLE, "role_arn = %sOther\n" % ROLE,
    "source_profile = a\n", "source_profile = b\n", "source_profile = c\n",
    "source_profile = d\n", "source_profile = default\n",
    "source_profile = \"a\"\n", "source_profile = nope\n",
    "source_profile =\n", "credential_source = Environment\n",
    "credential_source = Vault\n", "duration_seconds = 3600\n",
    "duration_seconds = 900\n", "duration_seconds = 1h\n",
    "duration_seconds = 3600 # 1h\n", "duration_seconds = +1_800\n",
    "duration_seconds = 1__0\n", "duration_seconds = 0900\n",
    "duration_seconds = 99999\n", "duration_seconds = -1\n",
    "duration_seconds =\n", "duration_seconds = 12.5\n",
    "external_id = abc\n", "external_id =\n", "external_id = a b\n",
    "role_session_name = me@here\n", "role_session_name =\n",
    "role_session_name = x\n", "mfa_serial = arn:aws:iam::1:mfa/me\n",
    "mfa_serial = no\n", "region = eu-west-3\n",
    "sso_account_id = 123456789012\nsso_role_name = R\n"
    "sso_region = us-east-1\nsso_start_url = https://x/start\n",
    "web_identity_token_file = /nonexistent\n",
    "credential_process = /nonexistent x\n",
    "role_arn = arn:x:role\n", "role_arn = 12345678901234567890\n",
]
KEY_VALUES = [
    "aws_access_key_id = %s\n" % (KEY % "X"), "aws_access_key_id =\n",
    "aws_secret_access_key = x\n", "aws_secret_access_key = a b\n",
    "aws_session_token = t\n", "aws_security_token = t\n",
]


def option_name(value):
    return value.split(" ", 1)[0]


def random_profile(rng, letter, name):
    """A section with some of the values, no key twice."""
    chosen = {}
    if rng.random() < 0.6:
        chosen["role_arn"] = VALUES[0]
        chosen["source_profile"] = rng.choice(VALUES[2:7])
    for value in rng.sample(VALUES, rng.randrange(0, 3)):
        chosen.setdefault(option_name(value), value)
    text = "".join(chosen.values())
    if rng.random() < 0.3:
        text += keys(letter)
    elif rng.random() < 0.15:
        text += rng.choice(KEY_VALUES)
    return "[%s]\n%s" % (name, text)


def random_chain(rng):
    config = ""
    credentials = ""
    for letter in "abcd":
        if rng.random() < 0.9:
            config += random_profile(rng, letter.upper(),
                                     "profile " + letter)
        if rng.random() < 0.4:
            credentials += "[%s]\n" % letter + keys(
                letter.upper() + "C",
                rng.choice([None] * 9 + ["aws_session_token"]))
        elif rng.random() < 0.1:
            credentials += "[%s]\n" % letter + rng.choice(KEY_VALUES)
    if rng.random() < 0.7:
        credentials += "[default]\n" + keys("D")
    return Case(config, credentials, profile=rng.choice("abcd"))


def test_random_chains(tmp_path, dump, seen):
    """Four profiles with keys and roles that name each other."""
    rng = random.Random(SEED + 1)
    results = {}
    for _ in range(1000):
        result = compare(random_chain(rng), tmp_path, dump, seen)
        results[result] = results.get(result, 0) + 1
    assert results["same"] > 200 and results["error"] > 100, results


@pytest.mark.parametrize("value", VALUES + KEY_VALUES)
def test_each_value(value, tmp_path, dump, seen):
    """Each value alone, in a role, in its source, and with keys."""
    role = "role_arn = %sR\nsource_profile = b\n" % ROLE
    if option_name(value) in role:
        role = "".join(line for line in role.splitlines(True)
                       if not line.startswith(option_name(value)))
    plain = "[b]\n" + keys("B")
    for config, credentials in (
            ("[profile a]\n" + value, None),
            ("[profile a]\n" + role + value, plain),
            ("[profile a]\n" + role + "[profile b]\n" + value, plain),
            ("[profile a]\n" + role + "[profile b]\n" + value, None),
            ("[profile a]\n" + value, "[a]\n" + keys("A")),
            ("[profile a]\n" + role, "[a]\n" + value + plain)):
        compare(Case(config, credentials, profile="a"), tmp_path, dump, seen)


PROCESS = ("credential_process = /bin/echo '{\"Version\": 1, \"AccessKeyId\": "
           "\"AKIDPROC\", \"SecretAccessKey\": \"proc\"}'\n")
OTHER = {
    "process": Case("[profile a]\n" + PROCESS, profile="a"),
    "process, key in config": Case("[profile a]\n" + PROCESS + keys("A"),
                                   profile="a"),
    "process, key in credentials": Case("[profile a]\n" + PROCESS,
                                        "[a]\n" + keys("A"), profile="a"),
    "process of a source": Case(
        "[profile a]\nrole_arn = %sA\nsource_profile = b\n[profile b]\n%s"
        % (ROLE, PROCESS), profile="a"),
    "source in the environment": Case(
        "[profile a]\nrole_arn = %sA\ncredential_source = Environment\n"
        % ROLE, None, {"AWS_ACCESS_KEY_ID": "AKIDENV",
                       "AWS_SECRET_ACCESS_KEY": "env"}, "a"),
    "blank in a secret": Case(
        None, "[a]\naws_access_key_id = AKIDX\n"
        "aws_secret_access_key = x # y\n", profile="a"),
    "swallowed line": Case(
        None, "[a]\naws_access_key_id = AKIDX\n"
        "aws_secret_access_key = x\n  region = y\n", profile="a"),
}


@pytest.mark.parametrize("name", sorted(OTHER))
def test_other_credentials(name, tmp_path, dump, seen):
    """Where botocore has something that cannot make an MFA session."""
    assert compare(OTHER[name], tmp_path, dump, seen) != "error"


# --- endpoints ---------------------------------------------------------------

class Sent(Exception):
    """Raised in place of sending, with what would be sent."""


def botocore_endpoint(session, service, endpoint_url):
    def stop(request, **_):
        raise Sent(request.url, request.headers["Authorization"].decode())

    client = session.create_client(service, endpoint_url=endpoint_url)
    client.meta.events.register_first("before-send", stop)
    call = (client.get_caller_identity if service == "sts"
            else client.list_mfa_devices)
    try:
        call()
    except Sent as sent:
        url, authorization = sent.args
        return url, authorization.split("Credential=")[1].split("/")[2]
    raise AssertionError("nothing was sent")


@pytest.fixture(scope="module")
def loader():
    """Models are read once, not by each of hundreds of sessions."""
    return botocore.loaders.create_loader()


def compare_endpoint(dump, loader, env, options=(), services=("sts", "iam")):
    env = {"HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "AKIDENV",
           "AWS_SECRET_ACCESS_KEY": "x", **env}
    env.setdefault("AWS_STS_REGIONAL_ENDPOINTS", "regional")
    ours = dump(env, *options)
    for service in services:
        with mock.patch.dict(os.environ, env, clear=True):
            session = new_session(None, loader)
            if options:
                session.set_config_variable("region", options[1])
            try:
                theirs = botocore_endpoint(session, service, None)
            except Exception as error:  # noqa: BLE001
                assert "error" in ours, (env, options, ours, error)
                continue
        assert "error" not in ours, (env, options, ours, theirs)
        found = ours["endpoints"][service]
        assert (found["url"], found["signing_region"]) == theirs, (env,
                                                                   options)


# Partitions whose rules are the same in old and new botocores.
PLACES = [
    None, "us-east-1", "us-west-2", "eu-west-1", "ap-east-1", "me-south-1",
    "af-south-1", "sa-east-1", "ca-central-1", "us-newplace-7", "eu-x_y-1",
    "us-gov-west-1", "us-gov-east-1", "us-gov-new-1", "cn-north-1",
    "cn-northwest-1", "aws-global", "fips-us-east-1", "us-west-2-fips",
    "fips-us-gov-west-1", "xx-unknown-1", "us-east-1a", "a", "1", "-x", "x-",
    "us-", "fips-", "x" * 63, "x" * 64, "us.east", "us-east-1 ", "eu west",
]
DISCONNECTED = ["us-iso-east-1", "us-iso-west-1", "us-isob-east-1"]


def variant_services(env):
    """Which services an old botocore knows in this environment."""
    return ("sts", "iam") if IS_NEW or not any(
        value.lower() == "true" for value in env.values()) else ("sts",)


@pytest.mark.parametrize("variant", ["", "fips", "dualstack", "both",
                                     "legacy"])
def test_endpoints(variant, dump, loader):
    env = {}
    if variant in ("fips", "both"):
        env["AWS_USE_FIPS_ENDPOINT"] = "TRUE"
    if variant in ("dualstack", "both"):
        env["AWS_USE_DUALSTACK_ENDPOINT"] = "true"
    if variant == "legacy":
        env["AWS_STS_REGIONAL_ENDPOINTS"] = "legacy"
    for place in PLACES + (DISCONNECTED if variant in ("", "fips", "legacy")
                           else []):
        options = () if place is None else ("--region", place)
        compare_endpoint(dump, loader, env, options, variant_services(env))


@pytest.mark.parametrize("value", ["true", "True", "1", "yes", "", "false"])
def test_booleans(value, dump, loader):
    for variable in ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"):
        env = {variable: value}
        compare_endpoint(dump, loader, env, ("--region", "eu-west-1"),
                         variant_services(env))


def test_custom_endpoints(dump, loader):
    """Where a custom endpoint is, and for which region it is signed."""
    for url in ("https://sts.example.com", "https://Example.COM:8443/a/b/",
                "http://localhost:4566", "http://127.0.0.1:5000/x",
                "http://[::1]:4566/", "https://example.com:443",
                "https://example.com/", "example.com", "https://",
                "https://a b", "https://-x.example.com"):
        for region in ("eu-west-1", "us-gov-west-1", "fips-us-east-1"):
            env = {"AWS_ENDPOINT_URL": url, "AWS_USE_FIPS_ENDPOINT": "false"}
            compare_custom(dump, loader, env, region, url)


def compare_custom(dump, loader, env, region, url):
    """As compare_endpoint, where two spellings of a URL are the same."""
    env = {"HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "AKIDENV",
           "AWS_SECRET_ACCESS_KEY": "x", **env}
    ours = dump(env, "--region", region)
    for service in ("sts", "iam"):
        with mock.patch.dict(os.environ, env, clear=True):
            session = new_session(None, loader)
            session.set_config_variable("region", region)
            try:
                found, signed_for = botocore_endpoint(session, service, url)
            except Exception as error:  # noqa: BLE001
                assert "error" in ours, (url, region, ours, error)
                continue
        ours_now = ours["endpoints"][service]
        found = re.sub(r"^(https://[^/]*):443/", r"\1/", found)
        assert ours_now["url"].lower() == found.lower(), (url, region)
        assert ours_now["signing_region"] == signed_for, (url, region)


def test_custom_endpoint_without_region(dump, loader):
    """botocore asks for a region; we sign for us-east-1."""
    env = {"HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "AKIDENV",
           "AWS_SECRET_ACCESS_KEY": "x"}
    url = "http://localhost:4566"
    with mock.patch.dict(os.environ, env, clear=True):
        with pytest.raises(botocore.exceptions.NoRegionError):
            botocore_endpoint(new_session(None, loader), "sts", url)
    ours = dump({**env, "AWS_ENDPOINT_URL": url})
    assert ours["endpoints"]["sts"]["signing_region"] == "us-east-1"
    assert ours["endpoints"]["iam"]["signing_region"] == "us-east-1"


LOCAL = "http://localhost:%d/"
SERVICES = """[default]
region = eu-west-1
endpoint_url = http://localhost:1
services = loc
[services "loc"]
sts =
  endpoint_url = http://localhost:2
  ENDPOINT_URL = http://localhost:3
s3 =
  endpoint_url = http://localhost:4
[services upper]
STS =
  endpoint_url = http://localhost:5
[services key]
sts =
  Endpoint_Url = http://localhost:6
[services empty]
[services blank]
sts =
  endpoint_url =
  other = x
[services twice]
sts =
  endpoint_url = http://localhost:7
  endpoint_url = http://localhost:8
[profile plain]
endpoint_url = http://localhost:9
[profile off]
endpoint_url = http://localhost:9
ignore_configured_endpoint_urls = True
[profile nothing]
endpoint_url =
"""
for _name in ("nope", "upper", "key", "empty", "blank", "twice"):
    SERVICES += "[profile %s]\nservices = %s\nendpoint_url = %s\n" % (
        _name, _name, LOCAL % 10)

# profile, variables, ports of STS and IAM: 0 for AWS's own, None for an error
CONFIGURED = [
    ("default", {}, 2, 1),
    ("default", {"AWS_ENDPOINT_URL": LOCAL % 20}, 20, 20),
    ("default", {"AWS_ENDPOINT_URL_STS": LOCAL % 20}, 20, 1),
    ("default", {"AWS_ENDPOINT_URL_IAM": LOCAL % 20}, 2, 20),
    ("default", {"AWS_ENDPOINT_URL_STS": LOCAL % 20,
                 "AWS_ENDPOINT_URL": LOCAL % 21}, 20, 21),
    ("default", {"AWS_ENDPOINT_URL": ""}, 2, 1),
    ("default", {"AWS_ENDPOINT_URL_STS": "", "AWS_ENDPOINT_URL": ""}, 2, 1),
    ("default", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
                 "AWS_ENDPOINT_URL": LOCAL % 20}, 0, 0),
    ("default", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "1"}, 2, 1),
    ("plain", {}, 9, 9),
    ("off", {}, 0, 0),
    ("off", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, 9, 9),
    ("off", {"AWS_ENDPOINT_URL": LOCAL % 20}, 0, 0),
    ("nothing", {}, 0, 0),
    ("nope", {}, None, None),
    ("nope", {"AWS_ENDPOINT_URL": LOCAL % 20}, 20, 20),
    ("empty", {}, None, None),
    ("upper", {}, 5, 10),
    ("key", {}, 10, 10),
    ("blank", {}, 10, 10),
    ("twice", {}, 8, 10),
]


@pytest.mark.parametrize("profile, env, sts, iam", CONFIGURED)
def test_configured_endpoints(profile, env, sts, iam, tmp_path, dump, loader):
    """[services NAME] and the variables; botocore must be a new one for it."""
    env = Case(SERVICES, None, {"AWS_REGION": "eu-west-1", **env}).write(
        str(tmp_path))
    ours = dump(env, "--profile", profile)
    for service, port in (("sts", sts), ("iam", iam)):
        if port is None:
            assert "error" in ours, ours
        elif port == 0:
            assert "amazonaws.com" in ours["endpoints"][service]["url"]
        else:
            assert ours["endpoints"][service]["url"] == LOCAL % port, ours
        if not IS_NEW:
            continue
        with mock.patch.dict(os.environ, env, clear=True):
            session = new_session(profile, loader)
            session.set_credentials("AKIDENV", "x")
            try:
                found = botocore_endpoint(session, service, None)[0]
            except Exception as error:  # noqa: BLE001
                assert port is None, (error, service)
                continue
        assert found == ours["endpoints"][service]["url"]


# --- the list itself ---------------------------------------------------------

def test_differences_are_all_seen(seen, request):
    """Last: a difference that nothing shows any more must leave the list."""
    if len(request.session.items) < 100:
        return  # only some of the tests were asked for
    assert seen == set(DIFFERENCES) | set(LENIENT) | {DIFFERENT_KEY}
