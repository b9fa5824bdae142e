"""The emulator against the real AWS CLI, botocore, and requests made by hand.

The requests by hand are signed by a few lines of this file, so that neither
side of a comparison checks itself. No test waits for a TOTP step: codes come
from Emulator.code(), and time is moved by the emulator's clock.
"""

import ast
import base64
import datetime
import email.utils
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emulator as module
from emulator import Authority, Emulator, control, stamp, totp

PROGRAM = module.__file__
FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSION = {"sts": "2011-06-15", "iam": "2010-05-08"}
UNABLE = "unable to validate MFA code.  Please verify your MFA serial number"
WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code."


# ------------------------------------------------------ a client by hand

class Reply:
    """An answer: XML elements by name, without namespaces."""

    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response, body
        self.elements = {}
        self.order = []
        if body.startswith(b"<") and not body.startswith(b"<html"):
            for element in ElementTree.fromstring(body).iter():
                name = element.tag.rpartition("}")[2]
                self.elements[name] = element.text
                self.order.append(name)

    def __getitem__(self, name):
        return self.elements[name]

    @property
    def error(self):
        return self.status, self.elements.get("Code")

    @property
    def message(self):
        return self.elements.get("Message") or ""


class Client:
    """Signs and sends; every step can be spoiled by a keyword."""

    def __init__(self, aws, key=None, token=None, service="sts",
                 region="eu-west-1"):
        self.aws, self.service, self.region = aws, service, region
        self.key_id, self.secret, self.token = None, None, token
        if isinstance(key, Reply):
            self.key_id, self.secret, self.token = (
                key["AccessKeyId"], key["SecretAccessKey"],
                key["SessionToken"])
        elif key is not None:
            self.key_id, self.secret = key.id, key.secret

    def connect(self):
        address = "127.0.0.1", self.aws.port
        if not self.aws.ca_file:
            return http.client.HTTPConnection(*address, timeout=10)
        context = ssl.create_default_context(cafile=self.aws.ca_file)
        return http.client.HTTPSConnection(*address, timeout=10,
                                           context=context)

    def sign(self, body, headers, method="POST", query="", at=None, day=None,
             scope=None, signed=None, secret=None):
        at = self.aws.clock.now() if at is None else at
        headers["X-Amz-Date"] = date = stamp(at, "%Y%m%dT%H%M%SZ")
        if self.token is not None:
            headers["X-Amz-Security-Token"] = self.token
        scope = scope or "%s/%s/%s/aws4_request" % (
            day or date[:8], self.region, self.service)
        lower = {name.lower(): value for name, value in headers.items()}
        signed = signed or sorted(lower)
        lines = [method, "/", query]
        lines += ["%s:%s" % (name, lower[name]) for name in signed]
        lines += ["", ";".join(signed), hashlib.sha256(body).hexdigest()]
        text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(
            "\n".join(lines).encode()).hexdigest()])
        key = ("AWS4" + (secret or self.secret)).encode()
        for part in scope.split("/") + [text]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        headers["Authorization"] = (
            "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            % (self.key_id, scope, ";".join(signed), key.hex()))

    def send(self, body, connection=None, host=None, change=None, **spoil):
        """A POST of this body; `change` sets or removes headers at last."""
        connection = connection or self.connect()
        headers = {"Host": host or "127.0.0.1:%d" % self.aws.port,
                   "Content-Type": FORM}
        if self.key_id:
            self.sign(body, headers, **spoil)
        for name, value in (change or {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return Reply(response, response.read())

    def call(self, action, parameters=(), version=None, **spoil):
        pairs = [("Action", action), ("Version", version
                                      or VERSION[self.service])]
        pairs += getattr(parameters, "items", lambda: parameters)()
        return self.send(urllib.parse.urlencode(pairs).encode(), **spoil)

    def session(self, user=None, **parameters):
        """GetSessionToken, with a good code of this user if one is given."""
        if user:
            parameters.update(SerialNumber=user.devices[0].serial,
                              TokenCode=self.aws.code(user))
        return self.call("GetSessionToken", parameters)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(str(tmp_path_factory.mktemp("ca")))


@pytest.fixture
def aws(authority):
    with Emulator(authority=authority) as running:
        yield running


@pytest.fixture
def jane(aws):
    return aws.add_user("jane", mfa=["jane", "spare"])


@pytest.fixture
def sts(aws, jane):
    return Client(aws, jane.keys[0])


@pytest.fixture
def iam(aws, jane):
    return Client(aws, jane.keys[0], service="iam")


# ------------------------------------------------------ known answers

def test_signature_of_the_documented_example():
    canonical = module.canonical_request(
        "GET", "/", "Action=ListUsers&Version=2010-05-08",
        [("Content-Type", FORM), ("Host", "iam.amazonaws.com"),
         ("X-Amz-Date", "20150830T123600Z")],
        ["content-type", "host", "x-amz-date"], b"")
    assert hashlib.sha256(canonical.encode()).hexdigest() == (
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")
    assert module.signature(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z",
        "us-east-1", "iam", canonical) == (
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")


def test_canonical_request_of_odd_paths_queries_and_headers():
    canonical = module.canonical_request(
        "GET", "/a//./b/../%20c/", "b=2&a=%e1&a-3=&a=%20+&flag",
        [("Host", "h"), ("X-Amz-Two", " a   b "), ("x-amz-two", "c\r\n  d")],
        ["x-amz-two", "host"], b"")
    assert canonical.split("\n")[:5] == [
        "GET", "/a/%2520c/", "a=%20%2B&a=%E1&a-3=&b=2&flag=", "host:h",
        "x-amz-two:a b,c d"]


@pytest.mark.parametrize("at, code", [
    (59, "287082"), (1111111109, "081804"), (1234567890, "005924"),
    (20000000000, "353130")])
def test_totp_of_rfc_6238(at, code):
    assert totp(base64.b32encode(b"12345678901234567890").decode(), at) == code


@pytest.mark.parametrize("host, scope", [
    ("sts.amazonaws.com", ("sts", "us-east-1")),
    ("STS.eu-west-1.amazonaws.com:443", ("sts", "eu-west-1")),
    ("sts-fips.us-east-2.api.aws", ("sts", "us-east-2")),
    ("sts.cn-north-1.amazonaws.com.cn", ("sts", "cn-north-1")),
    ("iam.amazonaws.com", ("iam", "us-east-1")),
    ("iam.us-gov.amazonaws.com", ("iam", "us-gov-west-1")),
    ("iam.cn-north-1.amazonaws.com.cn", ("iam", "cn-north-1")),
    ("iam.global.api.aws", ("iam", "us-east-1")),
    ("127.0.0.1:4566", (None, None)), ("sts.example.com", (None, None))])
def test_region_of_a_host(host, scope):
    assert module.host_scope(host) == scope


@pytest.mark.parametrize("region, partition", [
    ("eu-west-1", "aws"), ("cn-north-1", "aws-cn"),
    ("us-gov-west-1", "aws-us-gov"), ("us-iso-east-1", "aws-iso"),
    ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
    ("eusc-de-east-1", "aws-eusc")])
def test_partition_of_a_region(region, partition):
    assert module.partition_of(region) == partition


def test_it_is_python_3_9():
    with open(PROGRAM) as file:
        ast.parse(file.read(), feature_version=(3, 9))


# ------------------------------------------------------ real clients

class Cli:
    def __init__(self, aws, home):
        self.aws, self.home = aws, home

    def __call__(self, *arguments, key=None, session=None):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.home),
               "AWS_DEFAULT_REGION": "eu-west-1", "LANG": "C.UTF-8",
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
        if session:
            env.update(AWS_ACCESS_KEY_ID=session["AccessKeyId"],
                       AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
                       AWS_SESSION_TOKEN=session["SessionToken"])
        else:
            env.update(AWS_ACCESS_KEY_ID=key.id,
                       AWS_SECRET_ACCESS_KEY=key.secret)
        done = subprocess.run(
            ["/usr/bin/aws", *arguments, "--endpoint-url", self.aws.url,
             "--ca-bundle", self.aws.ca_file, "--output", "json"], env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr


@pytest.fixture
def cli(aws, tmp_path):
    if not os.path.exists("/usr/bin/aws"):
        pytest.skip("no AWS CLI")
    return Cli(aws, tmp_path)


def test_cli_walks_through_a_session(aws, jane, cli):
    key, device = jane.keys[0], jane.devices[0]
    role = aws.add_role("deploy", require_mfa=True, max_duration=7200)
    assert cli("sts", "get-caller-identity", key=key) == {
        "UserId": jane.id, "Account": aws.account, "Arn": jane.arn}

    code = aws.code("jane")
    get = ("sts", "get-session-token", "--serial-number", device.serial,
           "--token-code", code, "--duration-seconds", "1800")
    session = cli(*get, key=key)["Credentials"]
    assert re.fullmatch("ASIA[A-Z2-7]{16}", session["AccessKeyId"])
    left = datetime.datetime.fromisoformat(
        session["Expiration"]).timestamp() - time.time()
    assert 1700 < left <= 1800
    assert WRONG in cli(*get, key=key)

    first = cli("iam", "list-mfa-devices", "--max-items", "1",
                session=session)
    assert [d["SerialNumber"] for d in first["MFADevices"]] == [device.serial]
    assert "NextToken" in first

    assumed = cli("sts", "assume-role", "--role-arn", role.arn,
                  "--role-session-name", "now", "--duration-seconds", "7200",
                  session=session)
    assert assumed["AssumedRoleUser"]["AssumedRoleId"] == role.id + ":now"
    assert cli("sts", "get-caller-identity", session=assumed["Credentials"])[
        "Arn"] == "arn:aws:sts::%s:assumed-role/deploy/now" % aws.account

    assert [(entry["operation"], entry["status"], entry["mfa"])
            for entry in aws.requests] == [
        ("GetCallerIdentity", 200, False), ("GetSessionToken", 200, True),
        ("GetSessionToken", 403, True), ("ListMFADevices", 200, False),
        ("AssumeRole", 200, False), ("GetCallerIdentity", 200, False)]


@pytest.fixture
def boto(aws):
    session = pytest.importorskip("botocore.session")
    config = pytest.importorskip("botocore.config").Config(
        retries={"max_attempts": 0}, read_timeout=5)

    def client(service, key, token=None):
        return session.get_session().create_client(
            service, "eu-central-1", endpoint_url=aws.url, verify=aws.ca_file,
            config=config, aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"))
    return client


def as_key(key):
    return {"AccessKeyId": key.id, "SecretAccessKey": key.secret}


def test_botocore_manages_devices(aws, jane, boto):
    iam = boto("iam", as_key(jane.keys[0]))
    made = iam.create_virtual_mfa_device(
        VirtualMFADeviceName="tel+1", Path="/a/")["VirtualMFADevice"]
    serial = "arn:aws:iam::%s:mfa/a/tel+1" % aws.account
    assert made["SerialNumber"] == serial
    assert made["QRCodePNG"].startswith(b"\x89PNG\r\n")
    seed = made["Base32StringSeed"].decode()
    assert re.fullmatch("[A-Z2-7]{64}", seed)

    aws.clock.freeze()
    codes = [totp(seed, aws.clock.now() + 30 * n) for n in range(3)]
    name = dict(UserName="jane", SerialNumber=serial)
    with pytest.raises(iam.exceptions.ClientError, match="Invalid.*Code"):
        iam.enable_mfa_device(AuthenticationCode1=codes[0],
                              AuthenticationCode2=codes[2], **name)
    iam.enable_mfa_device(AuthenticationCode1=codes[0],
                          AuthenticationCode2=codes[1], **name)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.enable_mfa_device(AuthenticationCode1=codes[1],
                              AuthenticationCode2=codes[2], **name)
    with pytest.raises(iam.exceptions.ClientError, match="Invalid.*Code"):
        iam.resync_mfa_device(AuthenticationCode1=codes[0],
                              AuthenticationCode2=codes[1], **name)
    iam.resync_mfa_device(AuthenticationCode1=codes[1],
                          AuthenticationCode2=codes[2], **name)

    sts = boto("sts", as_key(jane.keys[0]))     # codes are not spent by that
    sts.get_session_token(SerialNumber=serial, TokenCode=codes[1])

    aws.fault("short-page", size=0, count=1)
    aws.fault("short-page", size=2)
    pages = list(iam.get_paginator("list_mfa_devices").paginate())
    assert [len(page["MFADevices"]) for page in pages] == [0, 2, 1]
    assert pages[2]["MFADevices"][0]["SerialNumber"] == serial

    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.deactivate_mfa_device(**name)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.deactivate_mfa_device(**name)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_botocore_manages_keys(aws, jane, boto):
    iam = boto("iam", as_key(jane.keys[0]))
    new = iam.create_access_key()["AccessKey"]
    assert (new["UserName"], new["Status"]) == ("jane", "Active")
    assert re.fullmatch("AKIA[A-Z2-7]{16}", new["AccessKeyId"])
    assert len(new["SecretAccessKey"]) == 40
    with pytest.raises(iam.exceptions.LimitExceededException,
                       match="AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="jane")

    fresh = boto("sts", new)
    assert fresh.get_access_key_info(AccessKeyId=new["AccessKeyId"])[
        "Account"] == aws.account
    used = iam.get_access_key_last_used(AccessKeyId=new["AccessKeyId"])
    assert used["AccessKeyLastUsed"]["ServiceName"] == "sts"
    assert used["AccessKeyLastUsed"]["Region"] == "eu-central-1"

    iam.update_access_key(AccessKeyId=new["AccessKeyId"], Status="Inactive")
    assert {key["AccessKeyId"]: key["Status"] for key in
            iam.list_access_keys()["AccessKeyMetadata"]} == {
        jane.keys[0].id: "Active", new["AccessKeyId"]: "Inactive"}
    with pytest.raises(fresh.exceptions.ClientError, match="InvalidClient"):
        fresh.get_caller_identity()
    iam.delete_access_key(AccessKeyId=new["AccessKeyId"])
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_access_key(AccessKeyId=new["AccessKeyId"])
    assert iam.get_user()["User"]["Arn"] == jane.arn


def test_botocore_assumes_roles(aws, jane, boto):
    sts = boto("sts", as_key(jane.keys[0]))
    role = aws.add_role("team/ops", external_id="a:1/2", max_duration=43200)
    options = dict(RoleArn=role.arn, RoleSessionName="x@y", ExternalId="a:1/2",
                   Tags=[{"Key": "k", "Value": "v ü"}])
    answer = sts.assume_role(DurationSeconds=43200, **options,
                             Policy='{"Statement": []}')
    assert answer["PackedPolicySize"] > 0
    again = boto("sts", answer["Credentials"])
    with pytest.raises(sts.exceptions.ClientError, match="role chaining"):
        again.assume_role(DurationSeconds=3601, **options)
    answer = again.assume_role(DurationSeconds=3600, SourceIdentity="me",
                               **options)
    assert answer["SourceIdentity"] == "me"
    assert "PackedPolicySize" not in answer
    with pytest.raises(sts.exceptions.ClientError, match="Must specify userN"):
        boto("iam", answer["Credentials"]).list_mfa_devices()


# ------------------------------------------------------ who are you

def test_keep_alive_and_form_of_an_answer(aws, jane, sts):
    connection = sts.connect()
    first = sts.call("GetCallerIdentity", connection=connection)
    second = sts.call("GetCallerIdentity", connection=connection)
    assert first.status == second.status == 200
    assert first.headers.getheader("Content-Type") == "text/xml"
    assert first.headers.getheader("x-amzn-RequestId") == first["RequestId"]
    assert first["RequestId"] != second["RequestId"]
    assert b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/' \
        b'doc/2011-06-15/">' in first.body
    assert len(aws.connections) == 1 and len(aws.requests) == 2
    record = aws.connections[0]
    assert record["requests"] == 2 and record["tls"].startswith("TLSv1.")
    assert (record["accepted_monotonic"] <= record["ready_monotonic"]
            <= aws.requests[0]["monotonic"] <= aws.requests[1]["monotonic"])


def test_get_with_a_query(aws, jane, sts):
    query = "Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Host": "127.0.0.1:%d" % aws.port}
    sts.sign(b"", headers, method="GET", query=query)
    connection = sts.connect()
    connection.request("GET", "/?" + query, headers=headers)
    response = connection.getresponse()
    assert Reply(response, response.read())["Arn"] == jane.arn


def spoiled(**spoil):
    return pytest.param(spoil.pop("error"), spoil.pop("text"), spoil,
                        id=spoil.pop("name"))


def authorization(text):
    return {"change": {"Authorization": text}}


@pytest.mark.parametrize("error, text, spoil", [
    spoiled(name="no-authorization", error=(403, "MissingAuthenticationToken"),
            text="Request is missing Authentication Token",
            **authorization(None)),
    spoiled(name="other-scheme", error=(400, "IncompleteSignature"),
            text="Authorization header requires",
            **authorization("Basic eA==")),
    spoiled(name="no-equal-sign", error=(400, "IncompleteSignature"),
            text="not a valid key=value pair",
            **authorization("AWS4-HMAC-SHA256 Credential")),
    spoiled(name="short-scope", error=(400, "IncompleteSignature"),
            text="exactly 5 slash-delimited", **authorization(
                "AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, "
                "Signature=0")),
    spoiled(name="no-signed-headers", error=(400, "IncompleteSignature"),
            text="requires 'SignedHeaders'", **authorization(
                "AWS4-HMAC-SHA256 Credential=A/b/c/d/e, Signature=0")),
    spoiled(name="no-date", error=(400, "IncompleteSignature"),
            text="X-Amz-Date", change={"X-Amz-Date": None}),
    spoiled(name="odd-date", error=(400, "IncompleteSignature"),
            text="ISO-8601", change={"X-Amz-Date": "yesterday"}),
    spoiled(name="no-such-date", error=(400, "IncompleteSignature"),
            text="ISO-8601", change={"X-Amz-Date": "20150230T000000Z"}),
    spoiled(name="other-date", error=(403, "SignatureDoesNotMatch"),
            text="'20200101' != '20", day="20200101"),
    spoiled(name="wrong-secret", error=(403, "SignatureDoesNotMatch"),
            text="The request signature we calculated does not match",
            secret="x" * 40),
    spoiled(name="other-host", error=(403, "SignatureDoesNotMatch"),
            text="we calculated", change={"Host": "localhost"}),
    spoiled(name="unsigned-host", error=(403, "SignatureDoesNotMatch"),
            text="'host' must be a 'SignedHeader'",
            signed=["content-type", "x-amz-date"]),
    spoiled(name="unsigned-amz-date", error=(403, "SignatureDoesNotMatch"),
            text="'x-amz-date' must be a 'SignedHeader'",
            signed=["content-type", "host"]),
    spoiled(name="added-amz-header", error=(403, "SignatureDoesNotMatch"),
            text="'x-amz-more' must be a 'SignedHeader'",
            change={"X-Amz-More": "1"}),
])
def test_refused_signatures(sts, error, text, spoil):
    reply = sts.call("GetCallerIdentity", **spoil)
    assert reply.error == error and text in reply.message
    assert reply["Type"] == "Sender"


def test_unsigned_other_headers_are_fine(sts):
    assert sts.call("GetCallerIdentity", change={
        "amz-sdk-request": "attempt=1", "X-Amzn-Trace-Id": "x",
        "User-Agent": "x"}).status == 200


def test_a_changed_body_does_not_match(sts):
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Host": "127.0.0.1:%d" % sts.aws.port, "Content-Type": FORM}
    sts.sign(body, headers)
    connection = sts.connect()
    connection.request("POST", "/", body + b"&x=1", headers)
    response = connection.getresponse()
    assert Reply(response, response.read()).error == (
        403, "SignatureDoesNotMatch")


def test_scope(aws, jane):
    wrong = Client(aws, jane.keys[0], service="ec2", region="Nowhere")
    reply = wrong.call("GetCallerIdentity", version=VERSION["sts"])
    assert reply.error == (403, "SignatureDoesNotMatch")
    assert reply.message == (
        "Credential should be scoped to a valid region. Credential should be "
        "scoped to correct service: 'sts'. ")


def test_a_real_name_wants_its_region_service_and_partition(aws, jane, sts,
                                                            iam):
    assert sts.call("GetCallerIdentity",
                    host="sts.eu-west-1.amazonaws.com").status == 200
    reply = sts.call("GetCallerIdentity", host="sts.amazonaws.com")
    assert reply.message == "Credential should be scoped to a valid region. "
    assert iam.call("GetUser", host="iam.amazonaws.com").status == 403
    iam.region = "us-east-1"
    assert iam.call("GetUser", host="iam.amazonaws.com").status == 200
    assert iam.call("GetUser", host="sts.amazonaws.com").error == (
        400, "InvalidAction")
    china = Client(aws, jane.keys[0], region="cn-north-1")
    assert china.call("GetCallerIdentity",
                      host="sts.cn-north-1.amazonaws.com.cn").error == (
        403, "InvalidClientTokenId")
    aws.regions["sts"] = ["us-east-2"]
    assert sts.call("GetCallerIdentity").status == 403


def test_region_wins_over_token_and_token_over_secret(aws, jane, sts):
    session = sts.session()
    client = Client(aws, session, region="nowhere")
    client.token = "no"
    reply = client.call("GetCallerIdentity", secret="no")
    assert reply.error == (403, "SignatureDoesNotMatch")
    client.region = "eu-west-1"
    for token in ("no", None, session["SessionToken"][:-1]):
        client.token = token
        reply = client.call("GetCallerIdentity", secret="no")
        assert reply.error == (403, "InvalidClientTokenId")
        assert reply.message == ("The security token included in the request "
                                 "is invalid.")
    client.token = session["SessionToken"]
    assert client.call("GetCallerIdentity", secret="no").error == (
        403, "SignatureDoesNotMatch")
    assert client.call("GetCallerIdentity")["Arn"] == jane.arn
    aws.offset += 43201
    assert client.call("GetCallerIdentity", secret="no").error == (
        403, "ExpiredToken")


def test_unknown_inactive_and_decorated_keys(aws, jane, sts, iam):
    sts.token = "token"
    assert sts.call("GetCallerIdentity").error == (403, "InvalidClientTokenId")
    sts.token = None
    assert iam.call("UpdateAccessKey", {
        "AccessKeyId": jane.keys[0].id, "Status": "Inactive"}).status == 200
    assert sts.call("GetCallerIdentity").error == (403, "InvalidClientTokenId")
    sts.key_id = "AKIA" + "A" * 16
    assert sts.call("GetCallerIdentity").error == (403, "InvalidClientTokenId")


@pytest.mark.parametrize("seconds, text", [
    (-301, "Signature expired: "), (-299, None), (299, None),
    (301, "Signature not yet current: ")])
def test_clock_limits(aws, sts, seconds, text):
    aws.clock.freeze(1_800_000_000)
    reply = sts.call("GetCallerIdentity", at=1_800_000_000 + seconds)
    assert reply.headers.getheader("Date") == "Fri, 15 Jan 2027 08:00:00 GMT"
    if text is None:
        assert reply.status == 200
        return
    assert reply.error == (403, "SignatureDoesNotMatch")
    way = (" is now earlier than 20270115T075500Z (20270115T080000Z - 5 min.)"
           if seconds < 0 else " is still later than 20270115T080500Z "
           "(20270115T080000Z + 5 min.)")
    assert reply.message == text + stamp(
        1_800_000_000 + seconds, "%Y%m%dT%H%M%SZ") + way


# ------------------------------------------------------ parameters

@pytest.mark.parametrize("service, action, parameters, texts", [
    ("sts", "GetSessionToken", {"DurationSeconds": "899"},
     ["Value '899' at 'durationSeconds'", "greater than or equal to 900"]),
    ("sts", "GetSessionToken", {"DurationSeconds": "129601"},
     ["less than or equal to 129600"]),
    ("sts", "GetSessionToken", {"TokenCode": "12", "SerialNumber": "x y"},
     ["3 validation errors detected: ", "Value '12' at 'tokenCode' failed to "
      "satisfy constraint: Member must have length greater than or equal to 6",
      "pattern: [\\w+=/:,.@-]*", "at 'serialNumber'"]),
    ("sts", "GetSessionToken", {"TokenCode": "12345a"},
     ["1 validation error detected: ", "pattern: [\\d]*"]),
    ("sts", "GetSessionToken", {"TokenCode": "1234567"},
     ["length less than or equal to 6"]),
    ("sts", "AssumeRole", {}, ["2 validation errors", "Value null at 'roleArn' "
                               "failed to satisfy constraint: Member must not "
                               "be null", "at 'roleSessionName'"]),
    ("sts", "AssumeRole", {"RoleArn": "x" * 20, "RoleSessionName": "ab"},
     ["is invalid"]),
    ("sts", "AssumeRole", {"RoleArn": "x" * 20, "RoleSessionName": "ab",
                           "ExternalId": ""}, ["at 'externalId'"]),
    ("sts", "GetFederationToken", {"Name": "x", "DurationSeconds": "900"},
     ["at 'name'"]),
    ("sts", "GetFederationToken", dict(
        {"Name": "xy"}, **{"Tags.member.%d.Key" % n: "k" for n in range(51)}),
     ["at 'tags'"]),
    ("iam", "ListMFADevices", {"MaxItems": "1001"}, ["at 'maxItems'"]),
    ("iam", "ListMFADevices", {"Marker": "AAAA"}, ["Invalid Marker"]),
    ("iam", "ListMFADevices", {"UserName": "a b"}, ["at 'userName'"]),
    ("iam", "UpdateAccessKey", {"AccessKeyId": "A" * 16, "Status": "On"},
     ["enum value set: [Active, Inactive, Expired]"]),
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "x",
                                       "Path": "a"}, ["at 'path'"]),
])
def test_validation(aws, sts, iam, service, action, parameters, texts):
    reply = {"sts": sts, "iam": iam}[service].call(action, parameters)
    assert reply.error == (400, "ValidationError")
    assert all(text in reply.message for text in texts), reply.message


@pytest.mark.parametrize("value", ["", "1h", "900.0", "9" * 20, "9" * 5000])
def test_bad_integers(sts, value):
    assert sts.call("GetSessionToken", {"DurationSeconds": value}).error == (
        400, "MalformedInput")


@pytest.mark.parametrize("value", ["0900", "+900"])
def test_odd_but_good_integers(sts, value):
    assert sts.call("GetSessionToken", {"DurationSeconds": value}).status == 200


def test_the_first_of_two_counts_and_unknown_ones_do_not(sts):
    assert sts.call("GetSessionToken", [
        ("DurationSeconds", "900"), ("DurationSeconds", "1"),
        ("Unknown", "x")]).status == 200
    assert sts.call("GetSessionToken", [
        ("DurationSeconds", "1"), ("DurationSeconds", "900")]).status == 400


def test_unknown_operations(aws, sts):
    reply = sts.call("GetNothing")
    assert reply.error == (400, "InvalidAction")
    assert b"AWSFault" in reply.body
    assert sts.call("GetUser").error == (400, "InvalidAction")
    assert "NO_VERSION_SPECIFIED" in sts.send(b"Action=GetUser").message
    assert sts.send(b"Version=2011-06-15").error == (400, "MissingAction")
    assert sts.call("GetCallerIdentity", change={
        "Content-Type": "text/plain"}).error == (400, "MissingAction")


def test_body_limit_and_other_bad_http(aws, sts):
    for headers, status in [("Content-Length: 10000001", b"413"),
                            ("Content-Length: x", b"400"),
                            ("Content-Length: 0\r\nTransfer-Encoding: chunked",
                             b"413")]:
        connection = sts.connect()
        connection.connect()
        connection.sock.sendall(
            ("POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % headers).encode())
        assert status in connection.sock.recv(1000).split(b"\r\n")[0]
    assert aws.requests == []


# ------------------------------------------------------ MFA

def mfa(user, code, device=0):
    return {"SerialNumber": user.devices[device].serial, "TokenCode": code}


def test_a_code_is_good_once_per_device_within_two_steps(aws, jane, sts):
    aws.clock.freeze()
    codes = {step: aws.code("jane", step=step) for step in range(-3, 4)}
    for step, good in [(-3, False), (-2, True), (2, True), (3, False),
                       (0, True), (0, False)]:
        reply = sts.call("GetSessionToken", mfa(jane, codes[step]))
        assert (reply.status == 200) is good, step
        if not good:
            assert reply.error == (403, "AccessDenied")
            assert reply.message == WRONG + " "
    assert sts.call("GetSessionToken", mfa(
        jane, aws.code(jane.devices[1].serial), 1)).status == 200


def test_used_for_a_role_is_used(aws, jane, sts):
    role = aws.add_role("r", require_mfa=True)
    code = aws.code("jane")
    ask = dict(mfa(jane, code), RoleArn=role.arn, RoleSessionName="me")
    assert sts.call("AssumeRole", ask).status == 200
    assert sts.call("AssumeRole", ask).message == WRONG + " "


def test_nine_verifications_in_three_minutes(aws, jane, sts):
    aws.clock.freeze(1_800_000_000)     # where a window begins
    for _ in range(9):
        assert sts.call("GetSessionToken",
                        mfa(jane, "000000")).message == WRONG + " "
    good = aws.code("jane", step=0)
    assert UNABLE in sts.call("GetSessionToken", mfa(jane, good)).message
    assert sts.session().status == 200
    aws.clock.mfa_offset += 180
    assert sts.session(jane).status == 200


def test_code_moves_on_before_the_limit_is_met(aws, jane, sts):
    for _ in range(25):
        assert sts.session(jane).status == 200
    assert len(aws.store.secrets()) == 2 + 1 + 25 + 50


def test_serial_and_code_belong_together(aws, jane, sts):
    joe = aws.add_user("joe", mfa=["joe"])
    code = aws.code("jane")
    for parameters in ({"TokenCode": code}, {"SerialNumber": "x" * 9}):
        reply = sts.call("GetSessionToken", parameters)
        assert reply.error == (403, "AccessDenied")
        assert ("must provide both MFA serial number and one time pass code."
                in reply.message)
    for serial in (joe.devices[0].serial, "GAHT12345678"):
        assert UNABLE in sts.call("GetSessionToken", {
            "SerialNumber": serial, "TokenCode": aws.code("joe")}).message
    assert sts.call("GetSessionToken", mfa(jane, code)).status == 200


def test_drift_is_learned(aws, jane, iam, sts):
    aws.clock.freeze()
    device = jane.devices[0]
    codes = [aws.code("jane", step=step) for step in (9, 10, 12)]
    assert sts.call("GetSessionToken", mfa(jane, codes[2])).status == 403
    assert iam.call("ResyncMFADevice", {
        "UserName": "jane", "SerialNumber": device.serial,
        "AuthenticationCode1": codes[0],
        "AuthenticationCode2": codes[1]}).status == 200
    assert device.drift == 10
    assert sts.call("GetSessionToken", mfa(jane, codes[2])).status == 200
    assert sts.session(jane).status == 200


def test_changes_take_time_to_spread(aws, jane, sts, iam):
    aws.store.spread = 10
    aws.clock.freeze()
    made = iam.call("CreateAccessKey")
    new = Client(aws, service="sts")
    new.key_id, new.secret = made["AccessKeyId"], made["SecretAccessKey"]
    assert new.call("GetCallerIdentity").error == (403, "InvalidClientTokenId")
    assert iam.call("DeactivateMFADevice",
                    {"SerialNumber": jane.devices[0].serial}).status == 200
    old = aws.store.devices["arn:aws:iam::%s:mfa/jane" % aws.account]
    ask = {"SerialNumber": old.serial}
    assert sts.call("GetSessionToken", dict(
        ask, TokenCode=aws.code(old.serial))).status == 200
    aws.offset += 10
    assert new.call("GetCallerIdentity").status == 200
    assert UNABLE in sts.call("GetSessionToken", dict(
        ask, TokenCode=aws.code(old.serial))).message
    assert iam.call("DeleteAccessKey",
                    {"AccessKeyId": new.key_id}).status == 200
    assert new.call("GetCallerIdentity").status == 200
    aws.offset += 10
    assert new.call("GetCallerIdentity").status == 403


def test_quota_of_devices(aws, iam):
    aws.add_user("many", mfa=["m%d" % n for n in range(8)])
    made = iam.call("CreateVirtualMFADevice", {"VirtualMFADeviceName": "m8"})
    seed = base64.b64decode(made["Base32StringSeed"]).decode()
    now = aws.clock.now()
    reply = iam.call("EnableMFADevice", {
        "UserName": "many", "SerialNumber": made["SerialNumber"],
        "AuthenticationCode1": totp(seed, now),
        "AuthenticationCode2": totp(seed, now + 30)})
    assert reply.error == (409, "LimitExceeded")
    assert iam.call("CreateVirtualMFADevice", {
        "VirtualMFADeviceName": "m8"}).error == (409, "EntityAlreadyExists")
    assert iam.call("ListMFADevices", {"UserName": "nobody"}).error == (
        404, "NoSuchEntity")


# ------------------------------------------------------ who may do what

def test_sessions_without_and_with_mfa(aws, jane, sts):
    role = aws.add_role("r", require_mfa=True, max_duration=7200)
    ask = {"RoleArn": role.arn, "RoleSessionName": "me"}
    plain, strong = sts.session(), sts.session(jane)
    for session in (plain, strong):
        client = Client(aws, session)
        assert client.call("GetCallerIdentity")["Arn"] == jane.arn
        for action, more in (("GetSessionToken", {}),
                             ("GetFederationToken", {"Name": "xy"})):
            reply = client.call(action, more)
            assert reply.error == (403, "AccessDenied")
            assert reply.message == (
                "Cannot call %s with session credentials" % action)
        assert client.call("GetAccessKeyInfo", {
            "AccessKeyId": jane.keys[0].id}).status == 403
    reply = Client(aws, plain, service="iam").call("ListMFADevices")
    assert reply.error == (403, "InvalidClientTokenId")
    assert reply.message == ("The security token included in the request is "
                             "invalid")
    iam = Client(aws, strong, service="iam")
    assert iam.call("ListMFADevices").status == 200
    assert "Must specify userName" in iam.call("ListAccessKeys").message
    assert iam.call("ListAccessKeys", {"UserName": "jane"}).status == 200
    reply = Client(aws, plain).call("AssumeRole", ask)
    assert reply.message == (
        "User: %s is not authorized to perform: sts:AssumeRole on resource: %s"
        % (jane.arn, role.arn))
    assert Client(aws, strong).call("AssumeRole", dict(
        ask, DurationSeconds=7200)).status == 200


def test_refused_roles_look_alike(aws, jane, sts):
    arn = "arn:aws:iam::%s:role/" % aws.account
    aws.add_role("other", trust=[arn + "r"])
    aws.add_role("strong", require_mfa=True)
    aws.add_role("known", external_id="id")
    aws.add_role("mine", trust=[jane.arn])
    for name, more in [("other", {}), ("strong", {}), ("known", {}),
                       ("known", {"ExternalId": "no"}), ("missing", {})]:
        reply = sts.call("AssumeRole", dict(
            more, RoleArn=arn + name, RoleSessionName="me"))
        assert reply.error == (403, "AccessDenied")
        assert reply.message.endswith("on resource: " + arn + name)
    ask = {"RoleArn": arn + "mine", "RoleSessionName": "me"}
    assert sts.call("AssumeRole", ask).status == 200
    reply = sts.call("AssumeRole", dict(ask, DurationSeconds=3601))
    assert reply.error == (400, "ValidationError")
    assert "exceeds the MaxSessionDuration set for this role" in reply.message
    assert sts.call("AssumeRole", dict(ask, Policy="{")).error == (
        400, "MalformedPolicyDocument")


def test_federated_user(aws, sts):
    session = sts.call("GetFederationToken", {"Name": "guest"})
    assert session["FederatedUserId"] == aws.account + ":guest"
    client = Client(aws, session)
    assert client.call("GetCallerIdentity")["Arn"].endswith(
        ":federated-user/guest")
    assert client.call("GetSessionToken").status == 403
    assert client.call("AssumeRole", {
        "RoleArn": "arn:aws:iam::%s:role/x" % aws.account,
        "RoleSessionName": "me"}).error == (403, "AccessDenied")
    assert Client(aws, session, service="iam").call("GetUser").error == (
        403, "InvalidClientTokenId")


def test_root(aws):
    aws.clock.freeze(1_800_000_000)
    root = Client(aws, aws.add_user("root", mfa=["root"]).keys[0])
    assert root.call("GetCallerIdentity")["Arn"].endswith(":root")
    for seconds in ({}, {"DurationSeconds": 129600}, {"DurationSeconds": 900}):
        session = root.call("GetSessionToken", seconds)
        assert session["Expiration"][:16] == (
            "2027-01-15T08:15" if seconds.get("DurationSeconds") == 900
            else "2027-01-15T09:00")
    assert root.call("AssumeRole", {
        "RoleArn": aws.add_role("r").arn,
        "RoleSessionName": "me"}).error == (403, "AccessDenied")


def test_permissions(aws):
    joe = aws.add_user("joe", mfa=["joe"], deny=["iam:ListMFADevices", "sts:*"],
                       mfa_only=["iam:Create*"])
    sts = Client(aws, joe.keys[0])
    iam = Client(aws, joe.keys[0], service="iam")
    assert sts.call("GetCallerIdentity").status == 200
    assert sts.call("GetSessionToken").error == (403, "AccessDenied")
    reply = iam.call("ListMFADevices")
    assert reply.error == (403, "AccessDenied")
    assert ("User: %s is not authorized to perform: iam:ListMFADevices on "
            "resource: " % joe.arn) in reply.message
    assert iam.call("CreateAccessKey").status == 403
    joe.deny.clear()
    assert Client(aws, sts.session(joe), service="iam").call(
        "CreateAccessKey").status == 200


# ------------------------------------------------------ XML

def test_order_differs_and_can_be_repeated():
    def orders(seed):
        with Emulator(tls=False, seed=seed) as aws:
            sts = Client(aws, aws.add_user("jane").keys[0])
            return [tuple(sts.session().order) for _ in range(8)]
    assert orders(1) == orders(1) != orders(2)
    assert len(set(orders(3))) > 3


def test_expiration_with_and_without_fraction(sts):
    forms = {re.sub(r"\d", "0", sts.session()["Expiration"])
             for _ in range(30)}
    assert forms == {"0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z"}


# ------------------------------------------------------ faults

def test_throttled_twice_then_fine(aws, sts):
    aws.fault("throttle", count=2, operation="GetCallerIdentity")
    assert sts.session().status == 200
    for _ in range(2):
        reply = sts.call("GetCallerIdentity")
        assert reply.error == (400, "Throttling")
        assert (reply["Type"], reply.message) == ("Sender", "Rate exceeded")
    assert sts.call("GetCallerIdentity").status == 200
    assert [entry["error"] for entry in aws.requests] == [
        None, "Throttling", "Throttling", None]


@pytest.mark.parametrize("options, code, start", [
    ({"status": 500}, "InternalFailure", b"<ErrorResponse"),
    ({"status": 503}, "ServiceUnavailable", b"<ErrorResponse"),
    ({"status": 503, "body": "html"}, None, b"<html>"),
    ({"status": 500, "body": "empty"}, None, b""),
    ({"status": 403, "code": "RegionDisabledException", "message": "x"},
     "RegionDisabledException", b"<ErrorResponse")])
def test_errors_of_choice(aws, sts, options, code, start):
    aws.fault("error", **options)
    reply = sts.call("GetCallerIdentity")
    assert reply.error == (options["status"], code)
    assert reply.body.startswith(start)
    assert code is None or reply["Type"] == (
        "Receiver" if options["status"] >= 500 else "Sender")


def test_a_failure_can_spend_the_code_or_not(aws, jane, sts):
    code = aws.code("jane")
    aws.fault("error", count=1, status=500)
    assert sts.call("GetSessionToken", mfa(jane, code)).status == 500
    aws.fault("error", count=1, status=500, execute=True)
    assert sts.call("GetSessionToken", mfa(jane, code)).status == 500
    assert sts.call("GetSessionToken", mfa(jane, code)).message == WRONG + " "


@pytest.mark.parametrize("name, spent", [
    ("close-before", False), ("close-after", True), ("close-middle", True)])
def test_closed_connections(aws, jane, sts, name, spent):
    aws.fault(name, count=1)
    code = aws.code("jane")
    with pytest.raises((http.client.HTTPException, OSError)):
        sts.call("GetSessionToken", mfa(jane, code))
    reply = sts.call("GetSessionToken", mfa(jane, code))
    assert reply.status == (403 if spent else 200)
    assert len(aws.requests) == 1 + spent and len(aws.connections) == 2


def test_connection_faults(aws, sts):
    aws.fault("close-accept", count=1)
    with pytest.raises(OSError):
        sts.connect().connect()
    assert aws.connections[0]["error"] == "closed by a fault"
    aws.fault("stall-handshake", seconds=0.2, count=1)
    start = time.monotonic()
    assert sts.call("GetCallerIdentity").status == 200
    assert time.monotonic() - start > 0.2
    aws.idle_timeout = 0.1
    connection = sts.connect()
    connection.connect()
    assert connection.sock.recv(1) == b""


def test_delay_and_drip(aws, sts):
    aws.fault("delay", seconds=0.2, count=1)
    aws.fault("drip", after=1, bytes=100, interval=0.02)
    for slow in (0.2, 0.04):
        start = time.monotonic()
        assert sts.call("GetCallerIdentity").status == 200
        assert time.monotonic() - start > slow


def test_bytes_that_are_no_good_xml(aws, sts):
    aws.fault("garbage", count=1)
    reply = sts.call("GetCallerIdentity")
    assert reply.status == 200 and reply.body.startswith(b"\0\xff")
    aws.fault("truncated", count=1)
    with pytest.raises(ElementTree.ParseError):
        sts.call("GetCallerIdentity")
    aws.fault("huge", count=1)
    reply = sts.call("GetCallerIdentity")
    assert len(reply.body) > 10_000_000 and reply["Arn"]
    aws.fault("bomb", count=1, operation="GetCallerIdentity")
    with pytest.raises(ElementTree.ParseError, match="amplification"):
        sts.call("GetCallerIdentity")
    aws.fault("external-entity", count=1)
    with pytest.raises(ElementTree.ParseError, match="entity"):
        sts.call("GetCallerIdentity")


@pytest.mark.parametrize("status", [301, 307])
def test_redirect(aws, sts, status):
    aws.fault("redirect", status=status, location="https://x.example/")
    reply = sts.call("GetCallerIdentity")
    assert reply.status == status and reply.body == b""
    assert reply.headers.getheader("Location") == "https://x.example/"


def test_wrong_clock(aws, jane, sts):
    aws.fault("clock", seconds=3600, count=1)
    reply = sts.call("GetCallerIdentity")
    assert "Signature expired" in reply.message
    assert "Signature" not in sts.call("GetCallerIdentity").message
    aws.offset = -3600
    reply = sts.call("GetCallerIdentity", at=time.time())
    assert "Signature not yet current" in reply.message
    date = email.utils.parsedate_to_datetime(reply.headers.getheader("Date"))
    assert abs(date.timestamp() - time.time() + 3600) < 5
    assert sts.session(jane).status == 200


def test_headers_left_out_or_wrong(aws, sts):
    aws.fault("no-date", count=1)
    aws.fault("content-type", count=1)
    reply = sts.call("GetCallerIdentity")
    assert reply.headers.getheader("Date") is None
    assert reply.headers.getheader("Content-Type") == "text/html"


def test_missing_and_odd_elements(aws, jane, sts):
    aws.fault("missing", names="SessionToken Message", count=2)
    assert "SessionToken" not in sts.session().elements
    reply = sts.session(TokenCode="x")
    assert reply.error == (400, "ValidationError")
    assert "Message" not in reply.elements
    aws.fault("odd", count=1)
    reply = sts.call("GetCallerIdentity")
    assert b"<aws:GetCallerIdentityResponse xmlns:aws=" in reply.body
    root = ElementTree.fromstring(reply.body)
    assert jane.arn == root.find("./{*}GetCallerIdentityResult/{*}Arn").text


def test_tokens(aws, sts):
    assert 500 <= len(sts.session()["SessionToken"]) <= 1000
    aws.fault("token-blanks", count=1)
    session = sts.session()
    assert session["SessionToken"].strip() != session["SessionToken"]
    client = Client(aws, session)
    client.token = client.token.strip()
    assert client.call("GetCallerIdentity").status == 200
    aws.fault("token-size", count=1)
    session = sts.session()
    assert len(session["SessionToken"]) == 30000
    assert Client(aws, session).call("GetCallerIdentity").status == 200


def test_faults_know_their_names_and_operations(aws, sts):
    with pytest.raises(ValueError):
        aws.fault("nonsense")
    aws.fault("throttle", operation="iam:*")
    assert sts.call("GetCallerIdentity").status == 200
    aws.fault("throttle", operation="sts:Get*", after=1)
    assert sts.call("GetCallerIdentity").status == 200
    assert sts.call("GetCallerIdentity").status == 400
    aws.clear_faults()
    assert sts.call("GetCallerIdentity").status == 200


# ------------------------------------------------------ TLS, http, threads

@pytest.mark.parametrize("kind, text", [
    ("expired", "expired"), ("not-yet-valid", "not yet valid"),
    ("other-host", "IP address mismatch")])
def test_bad_certificates(kind, text):
    with Emulator(certificate=kind) as aws:
        with pytest.raises(ssl.SSLCertVerificationError, match=text):
            Client(aws).connect().connect()
        assert aws.requests == []


def test_further_names_and_strict_verification():
    with Emulator(names=["sts.eu-west-1.amazonaws.com"]) as aws:
        context = ssl.create_default_context(cafile=aws.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        for name in ("sts.eu-west-1.amazonaws.com", "localhost", "127.0.0.1"):
            with socket.create_connection(("127.0.0.1", aws.port)) as raw:
                context.wrap_socket(raw, server_hostname=name).close()
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(
                socket.create_connection(("127.0.0.1", aws.port)),
                server_hostname="localhost")


def test_plain_http_and_ipv6():
    with Emulator(tls=False, host="::1") as aws:
        assert aws.url == "http://[::1]:%d" % aws.port
        client = Client(aws, aws.add_user("jane").keys[0])
        connection = http.client.HTTPConnection("::1", aws.port)
        assert client.call("GetCallerIdentity",
                           connection=connection).status == 200
        assert aws.connections[0]["tls"] is None


def test_one_code_for_many_at_once(aws, jane, sts):
    parameters, replies = mfa(jane, aws.code("jane")), []

    def ask():
        replies.append(sts.call("GetSessionToken", parameters).status)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == [200] + [403] * 7
    assert len(aws.connections) == len(aws.requests) == 8


# ------------------------------------------------------ the program

def run(*arguments, **options):
    return subprocess.Popen([sys.executable, PROGRAM, *arguments],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def ask(*arguments):
    process = run(*arguments)
    out, err = process.communicate()
    return process.returncode, out, err


@pytest.fixture
def served(tmp_path):
    directory = str(tmp_path / "with blank")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({
        "users": [{"name": "joe", "mfa": ["joe"], "deny": ["iam:*"]}],
        "roles": [{"name": "r", "require_mfa": True}]}))
    process = run("serve", "--dir", directory, "--users", "demo", "--config",
                  str(config), "--log", directory + ".log", "--fault",
                  "throttle,count=1,operation=GetCallerIdentity",
                  "--stdin-lifeline")
    assert process.stdout.readline().startswith("ready https://127.0.0.1:")
    yield directory, process
    process.kill()
    process.communicate()


class Remote:
    """What Client needs of an emulator in another process."""

    def __init__(self, directory):
        with open(directory + "/server.json") as file:
            self.state = json.load(file)
        self.port, self.ca_file = self.state["port"], self.state["ca_file"]
        self.clock = module.Clock()

    def client(self, user):
        client = Client(self)
        key = self.state["users"][user]["keys"][0]
        client.key_id, client.secret = (key["access_key_id"],
                                        key["secret_access_key"])
        return client


def test_serve_code_and_control(served):
    directory, process = served
    remote = Remote(directory)
    demo = remote.state["users"]["demo"]
    for name in os.listdir(directory):
        mode = os.stat(os.path.join(directory, name)).st_mode
        if "key" in name or name == "server.json":
            assert stat.S_IMODE(mode) == 0o600, name
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700

    client = remote.client("demo")
    assert client.call("GetCallerIdentity").error == (400, "Throttling")
    assert client.call("GetCallerIdentity")["Arn"] == demo["arn"]

    control(directory, "clock", freeze=True)
    status, out, _ = ask("code", "--dir", directory, "--user", "demo")
    code, seconds = out.split()
    assert status == 0 and 1 <= int(seconds) <= 30
    assert code == totp(demo["mfa"][0]["seed"], control(
        directory, "clock")["mfa_now"])
    parameters = {"SerialNumber": demo["mfa"][0]["serial"], "TokenCode": code}
    session = client.call("GetSessionToken", parameters)
    assert session.status == 200
    assert ask("code", "--dir", directory)[1].split()[0] == code
    assert control(directory, "code", who="demo", fresh=True)["code"] != code

    status, out, _ = ask("control", "--dir", directory, "fault", "name=error",
                         "status=503", "body=html", "count=1")
    assert (status, out) == (0, "")
    assert client.call("GetCallerIdentity").status == 503
    status, _, err = ask("control", "--dir", directory, "fault", "name=no")
    assert status == 1 and "unknown fault" in err
    with pytest.raises(RuntimeError):
        control(directory, "user")

    requests = control(directory, "requests")
    assert [entry["status"] for entry in requests] == [400, 200, 200, 503]
    assert len(control(directory, "connections")) == 4
    with open(directory + ".log") as file:
        text = file.read()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line for line in lines if line["event"] == "request"] == requests
    by_hand = {line["connection"] for line in lines
               if line["event"] == "connection"} - {
        line["connection"] for line in lines if line["event"] == "control"}
    assert by_hand == {line["connection"] for line in requests}
    secrets = control(directory, "secrets")
    assert {session["SessionToken"], code, client.secret} <= set(secrets)
    assert not [secret for secret in secrets if re.search(
        r"(?<![\w.])%s(?![\w.])" % re.escape(secret), text)]

    joe = remote.client("joe")
    joe.service = "iam"
    assert joe.call("GetUser").error == (403, "AccessDenied")
    made = control(directory, "user", name="eve", keys=2)
    assert len(made["keys"]) == 2
    assert control(directory, "role", name="q").endswith(":role/q")

    connection = client.connect()
    connection.request("POST", "/control/" + "0" * 32, "{}")
    assert connection.getresponse().status == 404

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    assert process.stderr.read() == ""
    assert ask("code", "--dir", directory)[0] == 1


def test_serve_ends_with_its_lifeline(served):
    _, process = served
    process.stdin.close()
    process.stdin = None
    assert process.wait(timeout=5) == 0


def test_usage_errors(tmp_path):
    for arguments in (["--fault", "nonsense"], ["--certificate", "x"]):
        process = run("serve", "--dir", str(tmp_path / "d"), *arguments)
        assert process.communicate()[1] and process.returncode == 2
