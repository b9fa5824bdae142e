#!/usr/bin/env python3
"""An emulator of the AWS STS and IAM Query API, for tests and the demo.

It is as strict as AWS: it verifies SigV4 by itself, knows keys, sessions,
MFA devices and their one-time codes, and refuses what AWS refuses, with AWS's
codes and texts. It can also be told to fail (see FAULTS), because a client is
judged by what it does then. Nothing here is ever sent to a real AWS.

In a test:            with Emulator() as aws:
                          user = aws.add_user("jane", mfa=["jane"])
                          aws.fault("throttle", count=2)
                          ... aws.url, aws.ca_file, user.keys[0].secret,
                          aws.code("jane"), aws.requests, aws.connections
In a shell script:    emulator.py serve --dir DIR --users demo
                      emulator.py code --dir DIR --user demo
                      emulator.py control --dir DIR fault name=throttle count=2

The log holds what was asked and answered, and never a secret, code or token.
Python 3.9 or later, standard library only; certificates come from openssl(1).
"""

import argparse
import base64
import datetime
import fnmatch
import hashlib
import hmac
import http.server
import itertools
import json
import os
import posixpath
import random
import re
import secrets
import shutil
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
import zlib
from xml.sax.saxutils import escape

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BODY_LIMIT = 10_000_000
VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}
NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    None: "http://webservices.amazon.com/AWSFault/2005-15-09",
}


class ApiError(Exception):
    """A refusal: HTTP status, AWS error code, text (None: no Message)."""

    def __init__(self, status, code, message=None):
        super().__init__(code, message)
        self.status, self.code, self.message = status, code, message


def denied(message):
    return ApiError(403, "AccessDenied", message)


def invalid(message):
    return ApiError(400, "ValidationError", message)


# ---------------------------------------------------------------- the clock

class Clock:
    """The server's time. `offset` moves everything (Date header, signatures,
    expiry, codes); `mfa_offset` moves the codes alone, so that a test can
    pass to new codes without leaving the five minutes of SigV4."""

    def __init__(self):
        self.offset = 0.0
        self.mfa_offset = 0.0
        self.frozen = None
        self.request = threading.local()

    def now(self):
        base = time.time() if self.frozen is None else self.frozen
        return base + self.offset + getattr(self.request, "skew", 0)

    def mfa_now(self):
        return self.now() + self.mfa_offset

    def freeze(self, at=None):
        """Stop the clock, at `at` (epoch seconds) or where it stands."""
        self.frozen = time.time() if at is None else at

    def thaw(self):
        self.frozen = None


def stamp(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    zone = datetime.timezone.utc
    return datetime.datetime.fromtimestamp(seconds, zone).strftime(form)


# ------------------------------------------------- TOTP (RFC 6238) devices

STEP = 30               # seconds for which an authenticator shows a code
WINDOW = 2              # steps to either side in which STS takes a code
ENROL_WINDOW = 20       # the same for EnableMFADevice and ResyncMFADevice
TRIES, TRIES_WINDOW = 9, 180    # verifications per device per UTC window

UNABLE = ("MultiFactorAuthentication failed, unable to validate MFA code.  "
          "Please verify your MFA serial number is valid and associated with "
          "this user.")
WRONG_CODE = ("MultiFactorAuthentication failed with invalid MFA one time "
              "pass code. ")
BOTH_NEEDED = ("MultiFactorAuthentication failed, must provide both MFA "
               "serial number and one time pass code.")


def totp(seed, at):
    """The six digits for a base32 seed at a time in epoch seconds."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8), casefold=True)
    digest = hmac.new(key, struct.pack(">Q", int(at // STEP)),
                      hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place:place + 4])[0] & 0x7FFFFFFF
    return "%06d" % (number % 1_000_000)


class Spreading:
    """A value that STS sees only `spread` seconds after it was changed."""

    def __init__(self, old, new, changed):
        self.old, self.new, self.changed = old, new, changed

    def set(self, value, now):
        self.old, self.new, self.changed = self.new, value, now

    def seen(self, now, spread):
        return self.new if now >= self.changed + spread else self.old


class Device:
    """A virtual MFA device; `owner` is None while it is not enabled."""

    def __init__(self, serial, now):
        self.serial = serial
        self.seed = base64.b32encode(secrets.token_bytes(40)).decode()
        self.owner = Spreading(None, None, now)
        self.enabled = None
        self.drift = 0          # in steps, learned from two codes in a row
        self.used = set()       # steps whose code STS has taken
        self.tries = (None, 0)  # UTC window, verifications in it
        self.last_pair = 0      # newest step shown to Enable or Resync

    def window(self, now):
        step = int(now // STEP) + self.drift
        return range(step - WINDOW, step + WINDOW + 1)

    def tries_left(self, now):
        window, count = self.tries
        return TRIES - (count if window == now // TRIES_WINDOW else 0)

    def verify(self, code, now):
        """Take a code for STS, once; raises what AWS answers otherwise."""
        left = self.tries_left(now)
        if left <= 0:
            raise denied(UNABLE)
        self.tries = (now // TRIES_WINDOW, TRIES - left + 1)
        for step in self.window(now):
            if step not in self.used and hmac.compare_digest(
                    totp(self.seed, step * STEP), code):
                self.used.add(step)
                return
        raise denied(WRONG_CODE)

    def synchronize(self, first, second, now):
        """Learn the drift from two codes in a row. They stay good for STS."""
        here = int(now // STEP)
        for step in range(here - ENROL_WINDOW, here + ENROL_WINDOW):
            if (step + 1 > self.last_pair
                    and totp(self.seed, step * STEP) == first
                    and totp(self.seed, (step + 1) * STEP) == second):
                self.last_pair = step + 1
                drift = step + 1 - here
                self.drift = drift if abs(drift) > 1 else 0
                return
        raise ApiError(403, "InvalidAuthenticationCode",
                       "Authentication code for device is not valid.")


# ---------------------------------------------------------------- the store

def random_id(prefix, length):
    return prefix + "".join(secrets.choice(BASE32) for _ in range(length))


def random_secret():
    return base64.b64encode(secrets.token_bytes(30)).decode()


class AccessKey:
    def __init__(self, user, now, visible):
        self.id = random_id("AKIA", 16)
        self.secret = random_secret()
        self.user = user
        self.active = Spreading(visible, True, now)
        self.deleted = False
        self.created = now
        self.last_used = None   # (time, service, region)


class User:
    """An IAM user, or the account's root user. Permissions are flags: every
    operation is allowed except those that match `deny` ("iam:List*"), or,
    without MFA, `mfa_only`."""

    def __init__(self, account_arn, name, now, path="/", deny=(), mfa_only=()):
        self.name, self.path, self.created = name, path, now
        self.root = name == "root"
        self.id = random_id("AIDA", 17)
        self.arn = account_arn + ("root" if self.root else
                                  "user" + path + name)
        self.deny, self.mfa_only = set(deny), set(mfa_only)
        self.keys = []
        self.devices = []


class Role:
    """Trust is a list of ARNs (an account's root ARN means all of it)."""

    def __init__(self, arn, max_duration, trust, require_mfa, external_id,
                 deny):
        self.arn, self.name = arn, arn.rsplit("/", 1)[1]
        self.id = random_id("AROA", 17)
        self.max_duration, self.trust = max_duration, list(trust)
        self.require_mfa, self.external_id = require_mfa, external_id
        self.deny, self.mfa_only = set(deny), set()


class Caller:
    """Who signed: kind is user, session (GetSessionToken), role, federated.
    A temporary one is also the record of its credentials."""

    def __init__(self, kind, arn, user_id, **more):
        self.kind, self.arn, self.user_id = kind, arn, user_id
        self.user = self.role = self.key_id = self.secret = None
        self.token = self.expires = None
        self.mfa = False
        self.__dict__.update(more)

    @property
    def root(self):
        return self.user is not None and self.user.root


class Store:
    """Everything the account holds."""

    def __init__(self, account, partition, clock):
        self.account = account or "".join(
            secrets.choice("123456789") for _ in range(12))
        self.partition, self.clock = partition, clock
        self.spread = 0.0
        self.users, self.keys, self.devices = {}, {}, {}
        self.roles, self.sessions = {}, {}

    def arn(self, service, rest):
        return "arn:%s:%s::%s:%s" % (self.partition, service, self.account,
                                     rest)

    def add_user(self, name, mfa=(), keys=1, **flags):
        user = User(self.arn("iam", ""), name, self.clock.now(), **flags)
        self.users[name] = user
        for _ in range(keys):
            self.add_key(user, visible=True)
        for device_name in mfa:
            device = self.add_device(
                self.arn("iam", "mfa/" + device_name))
            self.enable_device(device, user)
            device.owner.old = user
        return user

    def add_key(self, user, visible=False):
        key = AccessKey(user, self.clock.now(), visible)
        user.keys.append(key)
        self.keys[key.id] = key
        return key

    def add_device(self, serial):
        self.devices[serial] = Device(serial, self.clock.now())
        return self.devices[serial]

    def enable_device(self, device, user):
        device.owner.set(user, self.clock.now())
        device.enabled = self.clock.now()
        user.devices.append(device)

    def add_role(self, name, trust=None, max_duration=3600, require_mfa=False,
                 external_id=None, deny=()):
        """Add a role; by default the whole account may assume it."""
        trust = [self.arn("iam", "root")] if trust is None else trust
        role = Role(self.arn("iam", "role/" + name), max_duration, trust,
                    require_mfa, external_id, deny)
        self.roles[role.arn] = role
        return role

    def add_session(self, seconds, token_size, kind, arn, user_id, **more):
        length = token_size or 500 + secrets.randbelow(500)
        token = "IQoJb3JpZ2luX2Vj" + base64.b64encode(
            secrets.token_bytes(length)).decode()
        session = Caller(kind, arn, user_id, key_id=random_id("ASIA", 16),
                         secret=random_secret(), token=token[:length],
                         expires=self.clock.now() + seconds, **more)
        self.sessions[session.key_id] = session
        return session

    def device_of(self, who):
        """The device with this serial, or the first one of this user."""
        if who in self.devices:
            return self.devices[who]
        name = who.name if isinstance(who, User) else who
        if name in self.users and self.users[name].devices:
            return self.users[name].devices[0]
        raise LookupError("no MFA device for %s" % name)

    def secrets(self):
        """Everything that must never be seen in a log."""
        return ([key.secret for key in self.keys.values()]
                + [d.seed for d in self.devices.values()]
                + [totp(d.seed, step * STEP) for d in self.devices.values()
                   for step in sorted(d.used)]
                + [s for session in self.sessions.values()
                   for s in (session.secret, session.token)])


# ------------------------------------------------------ SigV4, header form

ALGORITHM = "AWS4-HMAC-SHA256"
CLOCK_LIMIT = 300
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
MISMATCH = ("The request signature we calculated does not match the signature "
            "you provided. Check your AWS Secret Access Key and signing "
            "method. Consult the service documentation for details.")

# Names of AWS endpoints end so; the region is the one that a name without a
# region stands for.
SUFFIXES = {
    "amazonaws.com": "us-east-1", "api.aws": "us-east-1",
    "amazonaws.com.cn": "cn-northwest-1",
    "api.amazonwebservices.com.cn": "cn-north-1",
    "amazonaws.eu": "eusc-de-east-1",
    "api.amazonwebservices.eu": "eusc-de-east-1",
    "c2s.ic.gov": "us-iso-east-1", "api.aws.ic.gov": "us-iso-east-1",
    "sc2s.sgov.gov": "us-isob-east-1", "api.aws.scloud": "us-isob-east-1",
    "cloud.adc-e.uk": "eu-isoe-west-1", "csp.hci.ic.gov": "us-isof-south-1",
}


def mismatch(message=MISMATCH):
    return ApiError(403, "SignatureDoesNotMatch", message)


def host_scope(host):
    """Service and region of an AWS host name; two None for any other."""
    name = re.sub(r":\d+$", "", host.lower())
    match = re.fullmatch(r"(sts|iam)(?:-fips)?\.(.+)", name)
    if match:
        for suffix in sorted(SUFFIXES, key=len, reverse=True):
            if ("." + match.group(2)).endswith("." + suffix):
                label = match.group(2)[:-len(suffix)].rstrip(".")
                if label in ("", "global"):
                    label = SUFFIXES[suffix]
                elif label == "us-gov":
                    label = "us-gov-west-1"
                return match.group(1), label
    return None, None


def partition_of(region):
    for prefix in ("cn", "us-gov", "eusc"):
        if region.startswith(prefix + "-"):
            return "aws-" + prefix
    match = re.match(r"(?:us|eu)-iso(\w?)-", region)
    return "aws" if not match else "aws-iso" + match.expand(r"-\1").rstrip("-")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def percent(data):
    return urllib.parse.quote(data, safe="-_.~")


def canonical_request(method, path, query, headers, signed, body):
    """The text that is hashed. `headers` are (name, value) pairs as received,
    `path` and `query` as they stood in the request line."""
    parts = posixpath.normpath(re.sub("/+", "/", path or "/"))
    if path.endswith("/") and parts != "/":
        parts += "/"
    pairs = [part.partition("=") for part in query.split("&") if part]
    pairs = sorted((percent(urllib.parse.unquote_to_bytes(name)),
                    percent(urllib.parse.unquote_to_bytes(value)))
                   for name, _, value in pairs)
    lines = []
    for name in sorted(signed):
        values = [" ".join(value.split()) for header, value in headers
                  if header.lower() == name]
        lines.append("%s:%s\n" % (name, ",".join(values)))
    return "\n".join([method, urllib.parse.quote(parts, "/-_.~", "latin-1"),
                      "&".join("%s=%s" % pair for pair in pairs),
                      "".join(lines), ";".join(sorted(signed)), sha256(body)])


def signature(secret, date, region, service, canonical):
    """`date` is the X-Amz-Date; the scope has its first eight digits."""
    scope = "%s/%s/%s/aws4_request" % (date[:8], region, service)
    text = "\n".join([ALGORITHM, date, scope,
                      sha256(canonical.encode("latin-1"))])
    key = b"AWS4" + secret.encode()
    for part in (date[:8], region, service, "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class Authorization:
    """The parsed Authorization header of a request."""

    def __init__(self, request):
        incomplete = []
        text = request.header("authorization")
        if not text:
            raise ApiError(403, "MissingAuthenticationToken",
                           "Request is missing Authentication Token")
        scheme, _, rest = text.strip().partition(" ")
        fields = {}
        if scheme != ALGORITHM:
            incomplete.append("Authorization header requires the algorithm "
                              "'%s'." % ALGORITHM)
        for part in filter(None, (part.strip() for part in rest.split(","))):
            name, equals, value = part.partition("=")
            if not equals:
                incomplete.append("'%s' not a valid key=value pair (missing "
                                  "equal-sign) in Authorization header."
                                  % part)
            fields[name] = value
        for name in ("Credential", "Signature", "SignedHeaders"):
            if not fields.get(name):
                incomplete.append("Authorization header requires '%s' "
                                  "parameter." % name)
        self.date = request.header("x-amz-date") or ""
        if not self.date:
            incomplete.append("Authorization header requires existence of a "
                              "'X-Amz-Date' header.")
        elif not re.fullmatch(r"\d{8}T\d{6}Z", self.date, re.ASCII):
            incomplete.append("Date must be in ISO-8601 'basic format'. Got "
                              "'%s'." % self.date)
        else:
            try:
                self.time = datetime.datetime.strptime(
                    self.date + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
            except ValueError:
                incomplete.append("Date must be in ISO-8601 'basic format'. "
                                  "Got '%s'." % self.date)
        scope = fields.get("Credential", "").split("/")
        if fields.get("Credential") and len(scope) != 5:
            incomplete.append("Credential must have exactly 5 slash-delimited "
                              "elements, e.g. keyid/date/region/service/term.")
        if incomplete:
            raise ApiError(400, "IncompleteSignature", " ".join(incomplete))
        self.key_id, self.day, self.region, self.service, self.end = scope
        self.signed = fields["SignedHeaders"].split(";")
        self.signature = fields["Signature"]

    def check_scope(self, service, regions):
        """`regions`: the accepted ones, or None for any that looks right."""
        text = ""
        if (self.region not in regions if regions is not None
                else not REGION.fullmatch(self.region)):
            text += "Credential should be scoped to a valid region. "
        if self.service != service:
            text += ("Credential should be scoped to correct service: '%s'. "
                     % service)
        if self.end != "aws4_request":
            text += ("Credential should be scoped with a valid terminator: "
                     "'aws4_request', not '%s'. " % self.end)
        if self.day != self.date[:8]:
            text += ("Date in Credential scope does not match YYYYMMDD from "
                     "ISO-8601 version of date from HTTP: '%s' != '%s', from "
                     "'%s'. " % (self.day, self.date[:8], self.date))
        if text:
            raise mismatch(text)

    def check_signature(self, request, secret):
        must = {"host"} | {name.lower() for name, _ in request.headers
                           if name.lower().startswith("x-amz-")}
        for name in sorted(must - set(self.signed)):
            raise mismatch("'%s' must be a 'SignedHeader' in the AWS "
                           "Authorization." % name)
        expected = signature(secret, self.date, self.region, self.service,
                             canonical_request(
                                 request.method, request.path, request.query,
                                 request.headers, self.signed, request.body))
        if not hmac.compare_digest(expected.encode(),
                                   self.signature.encode()):
            raise mismatch()

    def check_clock(self, now):
        form = "%Y%m%dT%H%M%SZ"
        if self.time < now - CLOCK_LIMIT:
            raise mismatch("Signature expired: %s is now earlier than %s (%s "
                           "- 5 min.)" % (self.date,
                                          stamp(now - CLOCK_LIMIT, form),
                                          stamp(now, form)))
        if self.time > now + CLOCK_LIMIT:
            raise mismatch("Signature not yet current: %s is still later than "
                           "%s (%s + 5 min.)" % (self.date,
                                                 stamp(now + CLOCK_LIMIT, form),
                                                 stamp(now, form)))


# ------------------------------------------------------ parameters

class Text:
    """A text parameter: length in code points, and a pattern (ASCII)."""

    def __init__(self, least=0, most=None, pattern=None, required=False):
        self.least, self.most, self.pattern = least, most, pattern
        self.required = required

    def read(self, value, _random):
        return value

    def clauses(self, value):
        if len(value) < self.least:
            yield ("Member must have length greater than or equal to %d"
                   % self.least)
        if self.most is not None and len(value) > self.most:
            yield "Member must have length less than or equal to %d" % self.most
        if self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            yield ("Member must satisfy regular expression pattern: %s"
                   % self.pattern)


class Integer:
    required = False

    def __init__(self, least, most):
        self.least, self.most = least, most

    def read(self, value, shuffler):
        if (not re.fullmatch(r"[+-]?0*[0-9]{1,10}", value)
                or not -2**31 <= int(value) < 2**31):
            raise ApiError(400, "MalformedInput", shuffler.choice(
                [None, "Invalid integer."]))
        return int(value)

    def clauses(self, value):
        if value < self.least:
            yield ("Member must have value greater than or equal to %d"
                   % self.least)
        if value > self.most:
            yield "Member must have value less than or equal to %d" % self.most


class Choice(Text):
    def __init__(self, *values):
        super().__init__(required=True)
        self.values = values

    def clauses(self, value):
        if value not in self.values:
            yield ("Member must satisfy enum value set: [%s]"
                   % ", ".join(self.values))


SERIAL = r"[\w+=/:,.@-]*"
NAME = r"[\w+=,.@-]+"
USER_NAME = Text(1, 128, NAME)
NEEDED_USER = Text(1, 128, NAME, required=True)
NEEDED_SERIAL = Text(9, 256, SERIAL, required=True)
NEEDED_CODE = Text(6, 6, r"[\d]*", required=True)
KEY_ID = Text(16, 128, r"[\w]*", required=True)
MFA = {"SerialNumber": Text(9, 256, SERIAL), "TokenCode": Text(6, 6, r"[\d]*")}
POLICY = {"Policy": Text(1), "PolicyArns.member": None, "Tags.member": None}
PAGE = {"Marker": Text(1, 320), "MaxItems": Integer(1, 1000)}


def read_list(given, name, most):
    """How many members a list has; more than `most` is refused."""
    found = {key.split(".")[2] for key in given if key.startswith(name + ".")}
    if len(found) > most:
        label = name.split(".")[0]
        raise invalid("1 validation error detected: Value at '%s' failed to "
                      "satisfy constraint: Member must have length less than "
                      "or equal to %d" % (label[0].lower() + label[1:], most))
    return len(found)


def read_parameters(given, spec, shuffler):
    """Check the parameters of a request; unknown ones are ignored."""
    values, complaints = {}, []
    for name, rule in spec.items():
        if rule is None:
            values[name] = read_list(given, name,
                                     10 if name.startswith("Policy") else 50)
            continue
        label = name[0].lower() + name[1:]
        if name not in given:
            if rule.required:
                complaints.append("Value null at '%s' failed to satisfy "
                                  "constraint: Member must not be null" % label)
            values[name] = None
            continue
        values[name] = rule.read(given[name], shuffler)
        complaints += ["Value '%s' at '%s' failed to satisfy constraint: %s"
                       % (values[name], label, clause)
                       for clause in rule.clauses(values[name])]
    if complaints:
        shuffler.shuffle(complaints)
        raise invalid("%d validation error%s detected: %s" % (
            len(complaints), "s" if len(complaints) > 1 else "",
            "; ".join(complaints)))
    return values


# ------------------------------------------------------ operations

OPERATIONS = {}         # (service, name) -> (parameters, function)


def operation(service, name, **parameters):
    def enter(function):
        OPERATIONS[service, name] = (parameters, function)
        return function
    return enter


class Call:
    """One authenticated, parsed call, as the operations see it."""

    def __init__(self, request, caller, args, emulator):
        self.service, self.name = request.service, request.operation
        self.caller, self.args = caller, args
        self.store, self.clock = emulator.store, emulator.clock
        self.shuffler, self.faults = emulator.shuffler, request.faults

    def refuse(self, resource):
        return denied("User: %s is not authorized to perform: %s:%s on "
                      "resource: %s" % (self.caller.arn, self.service,
                                        self.name, resource))

    def check_permission(self):
        action = "%s:%s" % (self.service, self.name)
        subject = self.caller.role or self.caller.user
        if action == "sts:GetCallerIdentity" or subject is None:
            return
        patterns = set(subject.deny)
        if not self.caller.mfa:
            patterns |= subject.mfa_only
        if any(fnmatch.fnmatchcase(action, pattern) for pattern in patterns):
            raise self.refuse(self.args.get("RoleArn")
                              or "user %s" % (self.args.get("UserName")
                                              or self.caller.arn))

    def check_mfa(self):
        """Verify serial and code if sent; True if they were good."""
        serial, code = self.args["SerialNumber"], self.args["TokenCode"]
        if serial is None and code is None:
            return False
        if serial is None or code is None:
            raise denied(BOTH_NEEDED)
        device = self.store.devices.get(serial)
        if (device is None or self.caller.user is None
                or device.owner.seen(self.clock.now(), self.store.spread)
                is not self.caller.user):
            raise denied(UNABLE)
        device.verify(code, self.clock.mfa_now())
        return True

    def check_policy(self):
        """PackedPolicySize, which is absent when no policy was sent."""
        policy = self.args["Policy"]
        if policy is not None:
            try:
                json.loads(policy)
            except ValueError:
                raise ApiError(400, "MalformedPolicyDocument",
                               "The policy is not in the valid JSON format.")
        if policy is None and not self.args["PolicyArns.member"]:
            return None
        return 1 + len(policy or "") * 100 // 2048

    def credentials(self, seconds, *who, **more):
        session = self.store.add_session(seconds, self.faults.size(), *who,
                                         **more)
        fraction = self.shuffler.choice(["", ".%03d" % (
            session.expires % 1 * 1000)])
        return {"AccessKeyId": session.key_id,
                "SecretAccessKey": session.secret,
                "SessionToken": self.faults.pad(session.token),
                "Expiration": stamp(session.expires, "%Y-%m-%dT%H:%M:%S")
                + fraction + "Z"}

    def user(self, temporary=True):
        """The user that UserName means, by default the caller."""
        name = self.args["UserName"]
        if name is None:
            if self.caller.user is None or not (
                    temporary or self.caller.kind == "user"):
                raise invalid("Must specify userName when calling with "
                              "non-User credentials")
            return self.caller.user
        if name not in self.store.users or name == "root":
            raise ApiError(404, "NoSuchEntity", "The user with name %s cannot "
                           "be found." % name)
        return self.store.users[name]

    def device(self, owner=None):
        """The device that SerialNumber means, which must be the owner's."""
        device = self.store.devices.get(self.args["SerialNumber"])
        if device is None or owner and device.owner.new is not owner:
            raise ApiError(404, "NoSuchEntity", "MFA Device with serial number "
                           "%s does not exist." % self.args["SerialNumber"])
        return device

    def key(self):
        key = self.store.keys.get(self.args["AccessKeyId"])
        owner = self.user() if "UserName" in self.args else None
        if key is None or key.deleted or owner and key.user is not owner:
            raise ApiError(404, "NoSuchEntity", "The Access Key with id %s "
                           "cannot be found." % self.args["AccessKeyId"])
        return key

    def page(self, items):
        """One page of a list, with IsTruncated and Marker."""
        start, size = 0, self.args["MaxItems"] or 100
        if self.args["Marker"] is not None:
            try:        # the bytes in front put + and / into the marker
                raw = base64.b64decode(self.args["Marker"], validate=True)
                start = int(re.fullmatch(rb"\xfb\xff\xfe(\d+)", raw).group(1))
            except (ValueError, AttributeError):
                raise invalid("Invalid Marker.")
        size = min(size, self.faults.page_size(size))
        end = start + size
        marker = base64.b64encode(b"\xfb\xff\xfe%d" % end).decode()
        more = end < len(items) or size == 0
        return items[start:end], {"IsTruncated": more,
                                  "Marker": marker if more else None}


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call):
    return {"UserId": call.caller.user_id, "Account": call.store.account,
            "Arn": call.caller.arn}


@operation("sts", "GetSessionToken", DurationSeconds=Integer(900, 129600),
           **MFA)
def get_session_token(call):
    caller, seconds = call.caller, call.args["DurationSeconds"]
    if caller.kind != "user":
        raise denied("Cannot call GetSessionToken with session credentials")
    mfa = call.check_mfa()
    if caller.root:
        seconds = min(seconds or 3600, 3600)
    return {"Credentials": call.credentials(
        seconds or 43200, "session", caller.arn, caller.user_id,
        user=caller.user, mfa=mfa)}


@operation("sts", "GetFederationToken",
           Name=Text(2, 32, r"[\w+=,.@-]*", required=True),
           DurationSeconds=Integer(900, 129600), **POLICY)
def get_federation_token(call):
    caller, seconds = call.caller, call.args["DurationSeconds"]
    if caller.kind != "user":
        raise denied("Cannot call GetFederationToken with session credentials")
    packed = call.check_policy()
    if caller.root:
        seconds = min(seconds or 3600, 3600)
    user_id = "%s:%s" % (call.store.account, call.args["Name"])
    arn = call.store.arn("sts", "federated-user/" + call.args["Name"])
    return {"Credentials": call.credentials(seconds or 43200, "federated", arn,
                                            user_id),
            "FederatedUser": {"FederatedUserId": user_id, "Arn": arn},
            "PackedPolicySize": packed}


def role_trusts(role, caller, account_arn):
    names = {caller.arn, account_arn}
    if caller.role:
        names.add(caller.role.arn)
    return not names.isdisjoint(role.trust)


@operation("sts", "AssumeRole", RoleArn=Text(20, 2048, required=True),
           RoleSessionName=Text(2, 64, r"[\w+=,.@-]*", required=True),
           DurationSeconds=Integer(900, 43200),
           ExternalId=Text(2, 1224, r"[\w+=,.@:\/-]*"),
           SourceIdentity=Text(2, 256, r"[\w+=,.@-]*"),
           **MFA, **POLICY)
def assume_role(call):
    args, caller = call.args, call.caller
    if caller.root:
        raise denied("Roles may not be assumed by root accounts.")
    if caller.kind == "federated":
        raise call.refuse(args["RoleArn"])
    if not re.match(r"arn:[\w-]+:iam::\d{12}:role/.", args["RoleArn"]):
        raise invalid("%s is invalid" % args["RoleArn"])
    packed = call.check_policy()
    mfa = call.check_mfa() or caller.kind == "session" and caller.mfa
    role = call.store.roles.get(args["RoleArn"])
    if (role is None
            or not role_trusts(role, caller, call.store.arn("iam", "root"))
            or role.require_mfa and not mfa
            or role.external_id not in (None, args["ExternalId"])):
        raise call.refuse(args["RoleArn"])
    seconds = args["DurationSeconds"] or 3600
    if seconds > role.max_duration:
        raise invalid("The requested DurationSeconds exceeds the "
                      "MaxSessionDuration set for this role.")
    if caller.kind == "role" and seconds > 3600:
        raise invalid("The requested DurationSeconds exceeds the 1 hour "
                      "session limit for roles assumed by role chaining.")
    session = args["RoleSessionName"]
    who = {"AssumedRoleId": "%s:%s" % (role.id, session),
           "Arn": call.store.arn("sts", "assumed-role/%s/%s"
                                 % (role.name, session))}
    return {"Credentials": call.credentials(seconds, "role", who["Arn"],
                                            who["AssumedRoleId"], role=role),
            "AssumedRoleUser": who, "PackedPolicySize": packed,
            "SourceIdentity": args["SourceIdentity"]}


@operation("sts", "GetAccessKeyInfo", AccessKeyId=KEY_ID)
def get_access_key_info(call):
    wanted = call.args["AccessKeyId"]
    if call.caller.kind in ("session", "federated"):
        raise denied("Cannot call GetAccessKeyInfo with session credentials")
    if wanted not in call.store.keys and wanted not in call.store.sessions:
        raise invalid("Invalid AccessKeyId: %s" % wanted)
    return {"Account": call.store.account}


@operation("iam", "GetUser", UserName=USER_NAME)
def get_user(call):
    user = call.user()
    return {"User": {"Path": user.path, "UserName": user.name,
                     "UserId": call.store.account if user.root else user.id,
                     "Arn": user.arn, "CreateDate": stamp(user.created)}}


@operation("iam", "ListMFADevices", UserName=USER_NAME, **PAGE)
def list_mfa_devices(call):
    user = call.user()
    devices, more = call.page(user.devices)
    return dict(more, MFADevices=[
        {"UserName": user.name, "SerialNumber": device.serial,
         "EnableDate": stamp(device.enabled)} for device in devices])


@operation("iam", "CreateVirtualMFADevice",
           Path=Text(1, 512, r"(/)|(/[!-~]+/)"),
           VirtualMFADeviceName=Text(1, None, NAME, required=True),
           **{"Tags.member": None})
def create_virtual_mfa_device(call):
    serial = call.store.arn("iam", "mfa%s%s" % (
        call.args["Path"] or "/", call.args["VirtualMFADeviceName"]))
    if serial in call.store.devices:
        raise ApiError(409, "EntityAlreadyExists", "MFADevice entity at the "
                       "same path and name already exists.")
    device = call.store.add_device(serial)
    encoded = base64.b64encode(device.seed.encode()).decode()
    return {"VirtualMFADevice": {
        "SerialNumber": serial, "Base32StringSeed": encoded,
        "QRCodePNG": base64.b64encode(blank_png()).decode()}}


def blank_png(side=33):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = (b"\0" + b"\xff" * side) * side
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


TWO_CODES = {"UserName": NEEDED_USER, "SerialNumber": NEEDED_SERIAL,
             "AuthenticationCode1": NEEDED_CODE,
             "AuthenticationCode2": NEEDED_CODE}


@operation("iam", "EnableMFADevice", **TWO_CODES)
def enable_mfa_device(call):
    user, device = call.user(), call.device()
    if device.owner.new is not None:
        raise ApiError(409, "EntityAlreadyExists", "MFA device is already in "
                       "use: %s" % device.serial)
    if len(user.devices) >= 8:
        raise ApiError(409, "LimitExceeded",
                       "Cannot exceed quota for MFADevicesPerUser: 8")
    device.synchronize(call.args["AuthenticationCode1"],
                       call.args["AuthenticationCode2"], call.clock.mfa_now())
    call.store.enable_device(device, user)


@operation("iam", "ResyncMFADevice", **TWO_CODES)
def resync_mfa_device(call):
    call.device(owner=call.user()).synchronize(
        call.args["AuthenticationCode1"], call.args["AuthenticationCode2"],
        call.clock.mfa_now())


@operation("iam", "DeactivateMFADevice", UserName=USER_NAME,
           SerialNumber=NEEDED_SERIAL)
def deactivate_mfa_device(call):
    user = call.user()
    device = call.device(owner=user)
    user.devices.remove(device)
    device.owner.set(None, call.clock.now())
    device.enabled = None


@operation("iam", "DeleteVirtualMFADevice", SerialNumber=NEEDED_SERIAL)
def delete_virtual_mfa_device(call):
    device = call.device()
    if device.owner.new is not None:
        raise ApiError(409, "DeleteConflict", "Cannot delete entity, must "
                       "deactivate the MFA device first.")
    del call.store.devices[device.serial]


@operation("iam", "CreateAccessKey", UserName=USER_NAME)
def create_access_key(call):
    user = call.user()
    if len(user.keys) >= 2:
        raise ApiError(409, "LimitExceeded",
                       "Cannot exceed quota for AccessKeysPerUser: 2")
    key = call.store.add_key(user)
    return {"AccessKey": dict(key_metadata(key), SecretAccessKey=key.secret)}


def key_metadata(key):
    return {"UserName": key.user.name, "AccessKeyId": key.id,
            "Status": "Active" if key.active.new else "Inactive",
            "CreateDate": stamp(key.created)}


@operation("iam", "ListAccessKeys", UserName=USER_NAME, **PAGE)
def list_access_keys(call):
    keys, more = call.page(call.user(temporary=False).keys)
    return dict(more, AccessKeyMetadata=[key_metadata(key) for key in keys])


@operation("iam", "UpdateAccessKey", UserName=USER_NAME, AccessKeyId=KEY_ID,
           Status=Choice("Active", "Inactive", "Expired"))
def update_access_key(call):
    call.user(temporary=False)
    call.key().active.set(call.args["Status"] == "Active", call.clock.now())


@operation("iam", "DeleteAccessKey", UserName=USER_NAME, AccessKeyId=KEY_ID)
def delete_access_key(call):
    # The record stays: STS may still take the key for a while, see Spreading.
    key = call.key()
    key.user.keys.remove(key)
    key.active.set(False, call.clock.now())
    key.deleted = True


@operation("iam", "GetAccessKeyLastUsed", AccessKeyId=KEY_ID)
def get_access_key_last_used(call):
    key = call.key()
    used, service, region = key.last_used or (None, "N/A", "N/A")
    return {"UserName": key.user.name, "AccessKeyLastUsed": {
        "LastUsedDate": stamp(used) if used else None,
        "ServiceName": service, "Region": region}}


# ------------------------------------------------------ XML

class XmlWriter:
    """Writes elements from dicts (elements), lists (members) and scalars. AWS
    promises no order, so there is none. `odd` adds what a client must skip: a
    prefix, attributes, and unknown elements that hold well-known names."""

    def __init__(self, shuffler, odd=False):
        self.shuffler, self.odd = shuffler, odd
        self.prefix = "aws:" if odd else ""
        self.gap = shuffler.choice(["", "\n", "\n  "])

    def document(self, name, value, namespace):
        xmlns = "xmlns:aws" if self.odd else "xmlns"
        return self.element(name, value, ' %s="%s"' % (xmlns, namespace))

    def element(self, name, value, attributes=""):
        name = self.prefix + name
        if self.odd:
            attributes += ' odd="a&lt;b" aws:odd="1"'
        if isinstance(value, dict):
            parts = [self.element(key, item) for key, item in value.items()
                     if item is not None]
            if self.odd:
                parts.append("<!-- <Arn>no</Arn> --><aws:Decoy><aws:Arn>no"
                             "</aws:Arn><aws:SessionToken>no</aws:SessionToken>"
                             "<aws:Code>no</aws:Code></aws:Decoy>")
            self.shuffler.shuffle(parts)
        elif isinstance(value, list):
            parts = [self.element("member", item) for item in value]
        else:
            if isinstance(value, bool):
                value = "true" if value else "false"
            return "<%s%s>%s</%s>" % (name, attributes, escape(str(value)),
                                      name)
        return "<%s%s>%s%s</%s>" % (
            name, attributes, "".join(self.gap + part for part in parts),
            self.gap, name)


def without(tree, names):
    """A copy of a result without the elements of these names."""
    if isinstance(tree, list):
        return [without(item, names) for item in tree]
    if isinstance(tree, dict):
        return {key: without(value, names) for key, value in tree.items()
                if key not in names}
    return tree


# ------------------------------------------------------ faults

FAULTS = {
    "delay": "answer after `seconds` (the operation is done at once)",
    "close-accept": "close a new connection (any) at once, before TLS",
    "stall-handshake": "wait `seconds` before the TLS handshake",
    "close-before": "close when a request begins to arrive, unread",
    "close-after": "do the operation, then close without an answer",
    "close-middle": "close after the first `bytes` of the answer (or half)",
    "throttle": "Throttling, Rate exceeded",
    "error": "`status`, `code`, `message` as given; `body`: xml, html, empty",
    "garbage": "answer 200 with bytes that are no XML",
    "truncated": "cut the XML in the middle; the HTTP message is whole",
    "huge": "an answer of `bytes`, by default 10 MB",
    "bomb": "entities that expand to gigabytes",
    "external-entity": "an entity that names a local file",
    "redirect": "`status` (301) to `location`",
    "drip": "send `bytes` (1) of the answer every `interval` (0.2) seconds",
    "clock": "the server's clock is `seconds` off",
    "no-date": "leave out the Date header",
    "content-type": "answer as `value`, by default text/html",
    "missing": "leave out the elements `names` (blank or comma between them)",
    "odd": "unknown elements and attributes, a namespace prefix",
    "token-blanks": "blanks and newlines around the session token",
    "token-size": "a session token of `size` characters, by default 30000",
    "short-page": "lists come in pages of at most `size`, 0 for empty ones",
}
CONNECTION_FAULTS = ("close-accept", "stall-handshake", "close-before")
INSTEAD = ("throttle", "error")     # answered without doing the operation


class Fault:
    """`count` times (None: always) for operations that match the pattern
    `operation`, leaving the first `after` of them alone. With `execute`, the
    operation is done although the answer says otherwise."""

    def __init__(self, name, operation="*", count=None, after=0, execute=False,
                 **options):
        if name not in FAULTS:
            raise ValueError("unknown fault: %s" % name)
        self.name, self.operation = name, operation
        self.count, self.after = count, after
        self.execute, self.options = execute, options

    def take(self, service, operation):
        full = "%s:%s" % (service, operation)
        if self.count == 0 or not (
                fnmatch.fnmatchcase(operation or "", self.operation)
                or fnmatch.fnmatchcase(full, self.operation)):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.count is not None:
            self.count -= 1
        return True


class Faults:
    """The faults that one request meets."""

    def __init__(self, faults=None):
        self.all = faults or {}

    def __contains__(self, name):
        return name in self.all

    def option(self, name, option, default):
        return self.all[name].options.get(option, default)

    def size(self):
        return (int(self.option("token-size", "size", 30000))
                if "token-size" in self else None)

    def pad(self, token):
        return "\n    %s \t\r\n  " % token if "token-blanks" in self else token

    def page_size(self, default):
        return (int(self.option("short-page", "size", 1))
                if "short-page" in self else default)

    def instead(self):
        """The fault that replaces the operation, or None."""
        return next((self.all[name] for name in INSTEAD if name in self), None)


def parse_fault(text):
    """NAME[,KEY=VALUE...] from a command line."""
    name, *pairs = text.split(",")
    options = parse_options(pairs)
    Fault(name, **options)      # refuses what it does not know
    return name, options


def parse_options(pairs):
    options = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        try:
            options[key] = json.loads(value)
        except ValueError:
            options[key] = value
    return options


# ------------------------------------------------------ certificates

OPENSSL = """
[ca]
default_ca = store
[store]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca-key.pem
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
commonName = Throw-away CA of the STS emulator
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = %s
"""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Authority:
    """A throw-away CA in a directory of its own, and what it certifies."""

    def __init__(self, directory):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.directory, self._done = directory, {}
        self.ca_file = os.path.join(directory, "ca.pem")
        self._write("index.txt", "")
        self._write("serial", "01\n")
        self._write("openssl.cnf", OPENSSL % "DNS:localhost")
        self._key("ca-key.pem")
        self._openssl("req", "-new", "-x509", "-key", "ca-key.pem", "-config",
                      "openssl.cnf", "-extensions", "root", "-days", "30",
                      "-out", "ca.pem")

    def _write(self, name, text):
        with open(os.path.join(self.directory, name), "w") as file:
            file.write(text)

    def _openssl(self, *arguments):
        try:
            done = subprocess.run(
                ("openssl",) + arguments, cwd=self.directory, umask=0o077,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
        except FileNotFoundError:
            raise RuntimeError("the openssl command is needed to make "
                               "certificates")
        if done.returncode:
            raise RuntimeError("openssl %s: %s" % (
                arguments[0], done.stdout.decode(errors="replace")))

    def _key(self, name):
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout",
                      "-out", name)

    def certify(self, label, names=LOOPBACK, days=(-1, 30)):
        """Certificate and key files for a server of these names, valid from
        and until these days from now. Asked again, it gives the same."""
        if (label, names) in self._done:
            return self._done[label, names]
        alternatives = ",".join(
            ("IP:" if ":" in name or name.replace(".", "").isdigit()
             else "DNS:") + name for name in names)
        start, end = (stamp(time.time() + day * 86400, "%Y%m%d%H%M%SZ")
                      for day in days)
        self._write("openssl.cnf", OPENSSL % alternatives)
        self._key(label + "-key.pem")
        self._openssl("req", "-new", "-key", label + "-key.pem", "-config",
                      "openssl.cnf", "-subj", "/CN=" + label, "-out",
                      label + ".csr")
        self._openssl("ca", "-batch", "-notext", "-config", "openssl.cnf",
                      "-extensions", "leaf", "-startdate", start, "-enddate",
                      end, "-in", label + ".csr", "-out", label + ".pem")
        self._done[label, names] = (
            os.path.join(self.directory, label + ".pem"),
            os.path.join(self.directory, label + "-key.pem"))
        return self._done[label, names]

    def certify_badly(self, kind):
        """A certificate that a client must refuse."""
        if kind == "expired":
            return self.certify(kind, days=(-9, -1))
        if kind == "not-yet-valid":
            return self.certify(kind, days=(2, 30))
        if kind == "other-host":
            return self.certify(kind, names=("other.example",))
        raise ValueError("unknown kind of certificate: %s" % kind)


# ------------------------------------------------------ the server

class Request:
    """An HTTP request as it was received."""

    def __init__(self, method, target, headers, body):
        self.method, self.headers, self.body = method, headers, body
        self.path, _, self.query = target.partition("?")
        self.service = self.operation = self.key_id = self.region = None
        self.faults = Faults()
        form = ""
        if (self.header("content-type") or "").lower().startswith(
                "application/x-www-form-urlencoded"):
            form = body.decode("utf-8", "replace")
        self.given = {}
        for text in (self.query, form):
            for name, value in urllib.parse.parse_qsl(
                    text, keep_blank_values=True):
                self.given.setdefault(name, value)

    def header(self, name):
        return next((value for key, value in self.headers
                     if key.lower() == name), None)


class Answer:
    """An HTTP answer before the faults had their turn."""

    def __init__(self, status, body, error=None):
        self.status, self.body, self.error = status, body, error
        self.headers = {"Content-Type": "text/xml"}


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def record(self):
        return self.client_address      # put there by Server

    def handle_one_request(self):
        emulator, faults = self.server.emulator, Faults()
        self.connection.settimeout(emulator.idle_timeout)
        try:
            begin = self.rfile.peek(1)
            self.arrived = time.time(), time.monotonic()
            if begin and emulator.control_path.encode() not in begin:
                faults = emulator.take_faults(("close-before",))
            if not begin or "close-before" in faults:
                self.close_connection = True
                return
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        emulator = self.server.emulator
        length = self.headers.get("Content-Length", "0")
        whole = re.fullmatch("[0-9]{1,12}", length)
        if (not whole or int(length) > BODY_LIMIT
                or "Transfer-Encoding" in self.headers):
            self.close_connection = True
            self.reply(413 if whole else 400, {}, b"")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers.items(), body)
        if request.path == emulator.control_path:
            self.record["control"] = True
            emulator.log({"event": "control",
                          "connection": self.record["connection"]})
            body = emulator.control_request(request.body)
            self.reply(200, {"Content-Type": "application/json"}, body)
            return
        self.record["requests"] += 1
        self.send_answer(emulator.answer(request, self), request.faults)

    do_GET = do_POST

    def abort(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def reply(self, status, headers, body, faults=Faults()):
        reason = self.responses.get(status, ("Unknown",))[0]
        headers = dict(headers, **{"Content-Length": str(len(body))})
        if "no-date" not in faults:
            headers["Date"] = stamp(self.server.emulator.clock.now(),
                                    "%a, %d %b %Y %H:%M:%S GMT")
        if self.close_connection:
            headers["Connection"] = "close"
        head = "HTTP/1.1 %d %s\r\n%s\r\n" % (status, reason, "".join(
            "%s: %s\r\n" % pair for pair in headers.items()))
        self.send(head.encode("latin-1") + body, faults)

    def send(self, data, faults):
        if "close-middle" in faults:
            size = int(faults.option("close-middle", "bytes", len(data) // 2))
            self.wfile.write(data[:size])
            self.abort()
        elif "drip" in faults:
            size = int(faults.option("drip", "bytes", 1))
            for place in range(0, len(data), size):
                self.wfile.write(data[place:place + size])
                if self.server.emulator.wait(
                        faults.option("drip", "interval", 0.2)):
                    self.abort()
                    return
        else:
            self.wfile.write(data)

    def send_answer(self, answer, faults):
        if "delay" in faults and self.server.emulator.wait(
                faults.option("delay", "seconds", 1)):
            self.abort()
            return
        spoil(answer, faults)
        if "close-after" in faults:
            self.abort()
            return
        self.reply(answer.status, answer.headers, answer.body, faults)


BOMB = "".join('<!ENTITY e%d "%s">' % (n, ("&e%d;" % (n - 1)) * 10)
               for n in range(1, 10))


def spoil(answer, faults):
    """Do to the bytes of an answer what the faults ask for."""
    start = re.match(rb"<[^>]*>", answer.body)
    start = start.end() if start else 0
    root = answer.body[:start]
    name = re.sub(r"[<>]|\s.*", "", root.decode(), flags=re.DOTALL)

    def inject(doctype, content):
        prefix = "aws:" if ":" in name else ""
        return b"%s%s<%sNote>%s</%sNote>%s" % (
            doctype, root, prefix.encode(), content, prefix.encode(),
            answer.body[start:])

    if "garbage" in faults:
        answer.status, answer.body = 200, b"\x00\xff<<&;" + bytes(range(256))
    if "truncated" in faults:
        answer.body = answer.body[:len(answer.body) // 2]
    if "huge" in faults:
        size = int(faults.option("huge", "bytes", 10_000_000))
        answer.body = inject(b"", b"x" * size)
    if "bomb" in faults:
        text = '<!DOCTYPE %s [<!ENTITY e0 "ha">%s]>' % (name, BOMB)
        answer.body = inject(text.encode(), b"&e9;")
    if "external-entity" in faults:
        text = '<!DOCTYPE %s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' % name
        answer.body = inject(text.encode(), b"&x;")
    if "redirect" in faults:
        answer.status = int(faults.option("redirect", "status", 301))
        answer.headers["Location"] = faults.option(
            "redirect", "location", "https://elsewhere.example/")
        answer.body = b""
    if "content-type" in faults:
        answer.headers["Content-Type"] = faults.option(
            "content-type", "value", "text/html")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, emulator, host, port, context):
        self.emulator, self.context = emulator, context
        self.live = set()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)

    def get_request(self):
        sock, _ = super().get_request()
        return sock, self.emulator.new_connection()

    def finish_request(self, sock, record):
        emulator = self.emulator
        faults = emulator.take_faults(("close-accept", "stall-handshake"))
        try:
            if "close-accept" in faults:
                raise ConnectionAbortedError("closed by a fault")
            if "stall-handshake" in faults:
                emulator.wait(faults.option("stall-handshake", "seconds", 1))
            if self.context:
                sock.settimeout(emulator.idle_timeout)
                sock = self.context.wrap_socket(sock, server_side=True)
                record["tls"] = sock.version()
        except OSError as error:
            record["error"] = getattr(error, "reason", None) or str(error)
        record["ready"] = time.time()
        record["ready_monotonic"] = time.monotonic()
        emulator.log(dict(record, event="connection"))
        if record["error"] is None:
            self.live.add(sock)
            try:
                Handler(sock, record, self)
            except OSError:
                pass    # the client left
            finally:
                self.live.discard(sock)
                sock.close()

    def close_all(self):
        for sock in list(self.live):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Emulator:
    """The emulator in this process, in a thread: a context manager.

    certificate: good, expired, not-yet-valid, other-host; tls=False for http.
    names: further names for the certificate. spread: seconds until new keys
    and changed devices reach STS. regions: {"sts": [...], "iam": [...]} as
    accepted in the credential scope; by default any that looks like one, or
    the one in the Host header if that is a name of AWS. seed: for the order
    of XML elements; keys and tokens are random always. directory: where to
    put the certificates, by default a temporary one; authority: an Authority
    to use instead, which saves most of the time that a start takes."""

    def __init__(self, host="127.0.0.1", port=0, tls=True, certificate="good",
                 names=(), account=None, partition="aws", spread=0,
                 regions=None, seed=None, log=None, directory=None,
                 authority=None, idle_timeout=60):
        self.clock = Clock()
        self.store = Store(account, partition, self.clock)
        self.store.spread = spread
        self.regions = regions or {}
        self.shuffler = random.Random(seed)
        self.idle_timeout = idle_timeout
        self.control_path = "/control/" + secrets.token_hex(16)
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._faults, self._requests, self._connections = [], [], []
        self._numbers = itertools.count(1)
        self._log = open(log, "a") if log else None
        self._temporary = None
        self.ca_file = context = None
        if tls:
            if directory is None and authority is None:
                directory = self._temporary = tempfile.mkdtemp()
            authority = authority or Authority(directory)
            self.ca_file = authority.ca_file
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*(
                authority.certify("server", LOOPBACK + tuple(names))
                if certificate == "good"
                else authority.certify_badly(certificate)))
        self._server = Server(self, host, port, context)
        self.port = self._server.server_address[1]
        self.url = "%s://%s:%d" % ("https" if tls else "http",
                                   "[%s]" % host if ":" in host else host,
                                   self.port)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_all()
        if self._log:
            self._log.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    # What tests use.

    @property
    def offset(self):
        """Seconds by which the server's clock differs from ours."""
        return self.clock.offset

    @offset.setter
    def offset(self, seconds):
        self.clock.offset = seconds

    @property
    def account(self):
        return self.store.account

    @property
    def requests(self):
        """What was asked and answered, without the control requests."""
        with self._lock:
            return [dict(entry) for entry in self._requests]

    @property
    def connections(self):
        """Accepted connections, without those that were for control."""
        with self._lock:
            return [dict(entry) for entry in self._connections
                    if not entry["control"]]

    @property
    def secrets(self):
        """Secret keys, tokens, seeds and used codes: no log may hold them."""
        with self._lock:
            return self.store.secrets()

    def add_user(self, name, **options):
        """name, mfa=[device names], keys=1, deny=[], mfa_only=[], path="/".
        The user "root" is the account's root. Returns a User."""
        with self._lock:
            return self.store.add_user(name, **options)

    def add_role(self, name, **options):
        """See Store.add_role. Returns a Role."""
        with self._lock:
            return self.store.add_role(name, **options)

    def fault(self, name, **options):
        """Add a fault; see FAULTS and Fault for its options."""
        with self._lock:
            self._faults.append(Fault(name, **options))

    def clear_faults(self):
        with self._lock:
            self._faults.clear()

    def forget(self):
        """Empty the lists of requests and connections."""
        with self._lock:
            self._requests.clear()
            self._connections.clear()

    def code(self, who, step=None):
        """A code that STS will take, for a user (the first device) or a
        serial number: the one of now unless used, else a later one in the
        window, else the codes' clock is moved on. With `step`, the code of
        that many steps from now, whatever became of it."""
        with self._lock:
            device, now = self.store.device_of(who), self.clock.mfa_now()
            if step is not None:
                return totp(device.seed, now + step * STEP)
            if device.tries_left(now) <= 0:
                self.clock.mfa_offset += TRIES_WINDOW
                return self.code(who)
            here = int(now // STEP)
            for step in device.window(now):     # an older one might expire
                if step >= here and step not in device.used:
                    return totp(device.seed, step * STEP)
            self.clock.mfa_offset += STEP
            return self.code(who)

    def wait(self, seconds):
        """Sleep; True if the emulator was stopped meanwhile."""
        return self._stopped.wait(float(seconds))

    # What the server uses.

    def log(self, entry):
        with self._lock:
            if self._log and not self._log.closed:
                self._log.write(json.dumps(entry) + "\n")
                self._log.flush()

    def new_connection(self):
        with self._lock:
            record = {"connection": next(self._numbers),
                      "accepted": time.time(),
                      "accepted_monotonic": time.monotonic(), "ready": None,
                      "ready_monotonic": None, "tls": None, "error": None,
                      "requests": 0, "control": False}
            self._connections.append(record)
            return record

    def take_faults(self, names, service=None, operation=None):
        taken = {}
        with self._lock:
            for fault in self._faults:      # the first of a name counts
                if (fault.name in names and fault.name not in taken
                        and fault.take(service, operation)):
                    taken[fault.name] = fault
        return Faults(taken)

    def answer(self, request, handler):
        """The whole way of one API request. It is on record before the answer
        leaves, so that whoever has the answer finds it there."""
        action = request.given.get("Action")
        request.service = VERSIONS.get(request.given.get("Version"))
        request.operation = action
        faults = request.faults = self.take_faults(
            set(FAULTS) - set(CONNECTION_FAULTS), request.service, action)
        self.clock.request.skew = (float(faults.option("clock", "seconds", 0))
                                   if "clock" in faults else 0)
        instead = faults.instead()
        with self._lock:
            if instead is None or instead.execute:
                answer = self._perform(request)
            if instead is not None:
                answer = self._failure(request, instead)
            self._record(request, answer, handler)
        return answer

    def _record(self, request, answer, handler):
        entry = {
            "event": "request", "connection": handler.record["connection"],
            "time": handler.arrived[0], "monotonic": handler.arrived[1],
            "method": request.method, "host": request.header("host"),
            "region": request.region, "service": request.service,
            "operation": request.operation, "access_key_id": request.key_id,
            "mfa": "TokenCode" in request.given,
            "parameters": sorted(request.given), "status": answer.status,
            "error": answer.error, "faults": sorted(request.faults.all)}
        self._requests.append(entry)
        self.log(entry)

    def _perform(self, request):
        request_id = str(uuid.uuid4())
        try:
            result = self._call(request)
        except ApiError as error:
            return self._error(request, error, request_id)
        tree = {"ResponseMetadata": {"RequestId": request_id}}
        if result is not None:
            tree[request.operation + "Result"] = result
        return self._xml(request, 200, request.operation + "Response", tree,
                         request_id)

    def _error(self, request, error, request_id):
        tree = {"Error": {
            "Type": "Receiver" if error.status >= 500 else "Sender",
            "Code": error.code, "Message": error.message},
            "RequestId": request_id}
        answer = self._xml(request, error.status, "ErrorResponse", tree,
                           request_id)
        answer.error = error.code
        return answer

    def _xml(self, request, status, name, tree, request_id):
        faults = request.faults
        if "missing" in faults:
            tree = without(tree, re.split(
                r"[,\s]+", faults.option("missing", "names", "")))
        known = (request.service, request.operation) in OPERATIONS
        text = XmlWriter(self.shuffler, "odd" in faults).document(
            name, tree, NAMESPACES[request.service if known else None])
        answer = Answer(status, text.encode())
        answer.headers["x-amzn-RequestId"] = request_id
        return answer

    def _failure(self, request, fault):
        options = dict(fault.options)
        if fault.name == "throttle":
            options = {"status": 400, "code": "Throttling",
                       "message": "Rate exceeded"}
        status = int(options.get("status", 500))
        code = options.get("code", "ServiceUnavailable" if status == 503
                           else "InternalFailure")
        body = options.get("body", "xml")
        if body == "xml":
            return self._error(request, ApiError(
                status, code, options.get("message")), str(uuid.uuid4()))
        text = ("<html><body><b>Http/1.1 Service Unavailable</b></body>"
                "</html>" if body == "html" else "")
        answer = Answer(status, text.encode(), str(status))
        answer.headers["Content-Type"] = "text/html"
        return answer

    def _call(self, request):
        host = request.header("host") or ""
        named, region = host_scope(host)
        version = request.given.get("Version", "NO_VERSION_SPECIFIED")
        if request.path != "/":
            raise ApiError(404, "UnknownOperationException")
        if not request.operation:
            raise ApiError(400, "MissingAction", "The request must contain "
                           "the parameter Action.")
        known = OPERATIONS.get((request.service, request.operation))
        if known is None or named not in (None, request.service):
            raise ApiError(400, "InvalidAction", "Could not find operation %s "
                           "for version %s" % (request.operation, version))
        regions = self.regions.get(request.service)
        if region and regions is None:
            regions = [region]
        caller = self._authenticate(request, regions, bool(region))
        args = read_parameters(request.given, known[0], self.shuffler)
        call = Call(request, caller, args, self)
        call.check_permission()
        return known[1](call)

    def _authenticate(self, request, regions, check_partition):
        """AWS's order: scope, key and token, expiry, signature, clock."""
        claim = Authorization(request)
        request.key_id, request.region = claim.key_id, claim.region
        claim.check_scope(request.service, regions)
        unknown = ApiError(
            403, "InvalidClientTokenId", "The security token included in the "
            "request is invalid" + ("." if request.service == "sts" else ""))
        if (check_partition
                and partition_of(claim.region) != self.store.partition):
            raise unknown
        token, now = request.header("x-amz-security-token"), self.clock.now()
        session = self.store.sessions.get(claim.key_id)
        key = self.store.keys.get(claim.key_id)
        if session is not None:
            if token is None or not hmac.compare_digest(
                    token.strip().encode(), session.token.encode()):
                raise unknown
            if request.service == "iam" and not (
                    session.kind == "role" or session.mfa):
                raise unknown
            if now >= session.expires:
                raise ApiError(403, "ExpiredToken", "The security token "
                               "included in the request is expired")
            claim.check_signature(request, session.secret)
            claim.check_clock(now)
            return session
        if (key is None or token is not None
                or not key.active.seen(now, self.store.spread)):
            raise unknown
        claim.check_signature(request, key.secret)
        claim.check_clock(now)
        key.last_used = now, request.service, claim.region
        user = key.user
        return Caller("user", user.arn, self.store.account if user.root
                      else user.id, user=user)

    # The control endpoint: JSON in, JSON out.

    def control_request(self, body):
        try:
            options = json.loads(body)
            result = CONTROL[options.pop("command")](self, **options)
        except Exception as error:      # told to whoever is testing
            return json.dumps({"error": "%s: %s" % (type(error).__name__,
                                                    error)}).encode()
        return json.dumps({"result": result}).encode()

    def set_clock(self, freeze=None, **values):
        """offset, mfa_offset, idle_timeout, spread: seconds; freeze: bool."""
        if freeze is not None:
            (self.clock.freeze if freeze else self.clock.thaw)()
        for name, value in values.items():
            owner = {"offset": self.clock, "mfa_offset": self.clock,
                     "idle_timeout": self, "spread": self.store}[name]
            setattr(owner, name, float(value))
        return {"now": self.clock.now(), "mfa_now": self.clock.mfa_now()}

    def show_code(self, who=None, fresh=False):
        """What an authenticator shows, or with `fresh` a code not yet used."""
        with self._lock:
            who = who or next(name for name, user in self.store.users.items()
                              if user.devices)
            code = self.code(who) if fresh else self.code(who, step=0)
            return {"code": code,
                    "seconds": STEP - int(self.clock.mfa_now() % STEP)}


CONTROL = {
    "fault": Emulator.fault, "clear": Emulator.clear_faults,
    "clock": Emulator.set_clock, "code": Emulator.show_code,
    "forget": Emulator.forget, "requests": Emulator.requests.fget,
    "connections": Emulator.connections.fget,
    "secrets": Emulator.secrets.fget,
    "user": lambda emulator, **options: describe_user(
        emulator.add_user(**options)),
    "role": lambda emulator, **options: emulator.add_role(**options).arn,
}


def describe_user(user):
    return {"name": user.name, "arn": user.arn,
            "keys": [{"access_key_id": key.id, "secret_access_key": key.secret}
                     for key in user.keys],
            "mfa": [{"serial": device.serial, "seed": device.seed}
                    for device in user.devices]}


# ------------------------------------------------------ command line

def serve(args):
    config = {}
    if args.config:
        with open(args.config) as file:
            config = json.load(file)
    emulator = Emulator(
        host=args.host, port=args.port, tls=not args.http, spread=args.spread,
        certificate=args.certificate, names=args.name, seed=args.seed,
        account=args.account or config.get("account"), log=args.log,
        directory=args.dir, regions=config.get("regions"))
    for name in args.users:
        emulator.add_user(name, mfa=[name])
    for user in config.get("users", []):
        emulator.add_user(**user)
    for role in config.get("roles", []):
        emulator.add_role(**role)
    for name, options in args.fault:
        emulator.fault(name, **options)
    state = {"url": emulator.url, "port": emulator.port, "pid": os.getpid(),
             "account": emulator.account, "ca_file": emulator.ca_file,
             "control": emulator.url + emulator.control_path,
             "users": {user.name: describe_user(user)
                       for user in emulator.store.users.values()}}
    os.makedirs(args.dir, mode=0o700, exist_ok=True)
    with emulator:
        write_private(os.path.join(args.dir, "server.json"), state)
        print("ready", emulator.url, flush=True)
        wait_for_end(args.stdin_lifeline)
    return 0


def write_private(path, state):
    """Whoever waits for the file finds it whole, or not at all."""
    descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                         0o600)
    with open(descriptor, "w") as file:
        json.dump(state, file, indent=2)
        file.write("\n")
    os.rename(path + ".new", path)


def wait_for_end(lifeline):
    """Until SIGTERM or SIGINT, or, with a lifeline, until stdin ends: it does
    when whoever holds the other end is gone, however that came."""
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: end.set())

    def watch():
        try:
            while os.read(0, 4096):
                pass
        finally:
            end.set()
    if lifeline:
        threading.Thread(target=watch, daemon=True).start()
    end.wait()


def control(directory, command, **options):
    """Ask a running `serve` something; the same function serves tests."""
    with open(os.path.join(directory, "server.json")) as file:
        state = json.load(file)
    handlers = [urllib.request.ProxyHandler({})]
    if state["ca_file"]:
        handlers.append(urllib.request.HTTPSHandler(
            context=ssl.create_default_context(cafile=state["ca_file"])))
    body = json.dumps(dict(options, command=command)).encode()
    with urllib.request.build_opener(*handlers).open(
            state["control"], body, timeout=10) as answer:
        result = json.load(answer)
    if "error" in result:
        raise RuntimeError(result["error"])
    return result["result"]


def show_code(args):
    shown = control(args.dir, "code", who=args.user, fresh=args.fresh)
    print(shown["code"], shown["seconds"])
    return 0


def send_control(args):
    result = control(args.dir, args.command, **parse_options(args.option))
    if result is not None:
        print(json.dumps(result, indent=2))
    return 0


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="emulator.py", description="An STS and IAM emulator for tests.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="faults (with count=N, operation=PATTERN, after=N, "
        "execute=true):\n" + "".join("  %-16s %s\n" % pair
                                     for pair in FAULTS.items()))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="run the server")
    command.set_defaults(run=serve)
    command.add_argument("--dir", required=True,
                         help="gets ca.pem, server.json, certificates")
    command.add_argument("--users", nargs="*", default=[], metavar="NAME",
                         help="users, each with a key and an MFA device")
    command.add_argument("--config", help="JSON: account, users, roles, "
                         "regions, with the options of add_user and add_role")
    command.add_argument("--account")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=0)
    command.add_argument("--http", action="store_true", help="without TLS")
    command.add_argument("--certificate", default="good", choices=[
        "good", "expired", "not-yet-valid", "other-host"])
    command.add_argument("--name", action="append", default=[],
                         help="a further name in the certificate")
    command.add_argument("--spread", type=float, default=0, metavar="SECONDS",
                         help="until new keys and devices reach STS")
    command.add_argument("--seed", type=int, help="for the order of elements")
    command.add_argument("--log", help="append JSON lines to this file")
    command.add_argument("--fault", type=parse_fault, action="append",
                         default=[], metavar="NAME[,KEY=VALUE...]")
    command.add_argument("--stdin-lifeline", action="store_true",
                         help="end when standard input ends")

    command = commands.add_parser("code", help="show the current MFA code "
                                  "and for how many seconds it stays")
    command.set_defaults(run=show_code)
    command.add_argument("--dir", required=True)
    command.add_argument("--user", help="user or serial number")
    command.add_argument("--fresh", action="store_true",
                         help="a code that was not used yet")

    command = commands.add_parser("control", help="change a running server")
    command.set_defaults(run=send_control)
    command.add_argument("--dir", required=True)
    command.add_argument("command", choices=sorted(CONTROL))
    command.add_argument("option", nargs="*", metavar="KEY=VALUE")
    return parser.parse_args(arguments)


def main(arguments=None):
    args = parse_arguments(arguments)
    try:
        return args.run(args)
    except (OSError, RuntimeError, LookupError) as error:
        print("emulator.py: %s" % error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
