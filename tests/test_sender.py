"""The sender, aws-session-sts, as a process: what it does on the network.

It is driven as aws-session drives it, over a socket pair. Most servers here
are small and byte-exact, because the point is which byte leaves when; the
emulator comes in where a request has to be a real one.
"""

import contextlib
import datetime
import os
import pty
import select
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emulator as emulator_module  # noqa: E402
import framing  # noqa: E402

TOKEN_CODE = "271828"
CODED = ("Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600"
         "&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme"
         "&TokenCode=" + TOKEN_CODE)
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
DEVICES = "Action=ListMFADevices&Version=2010-05-08"
ROLE = ("Action=AssumeRole&Version=2011-06-15&RoleArn=arn&RoleSessionName=n"
        "&SerialNumber=s&TokenCode=" + TOKEN_CODE)
BODIES = {"GET_SESSION_TOKEN": CODED, "GET_CALLER_IDENTITY": IDENTITY,
          "LIST_MFA_DEVICES": DEVICES, "ASSUME_ROLE": ROLE}
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEtest/token+"
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, Signature=0"

SESSION_XML = """<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/\
doc/2011-06-15/"><GetSessionTokenResult><Credentials>
<SessionToken>the/Token+of==</SessionToken>
<Expiration>2030-01-02T03:04:05Z</Expiration>
<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
<SecretAccessKey>the/Secret</SecretAccessKey>
</Credentials></GetSessionTokenResult><ResponseMetadata><RequestId>r-1\
</RequestId></ResponseMetadata></GetSessionTokenResponse>"""
IDENTITY_XML = """<GetCallerIdentityResponse><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDAEXAMPLE</UserId>
<Account>123456789012</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""
DEVICES_XML = """<ListMFADevicesResponse><ListMFADevicesResult><MFADevices>
<member><SerialNumber>one</SerialNumber></member>
<member><SerialNumber>two</SerialNumber></member></MFADevices>
<IsTruncated>true</IsTruncated><Marker>m/+=</Marker></ListMFADevicesResult>
</ListMFADevicesResponse>"""
ROLE_XML = SESSION_XML.replace("GetSessionToken", "AssumeRole")
DATE = "Mon, 23 Nov 2026 07:50:21 GMT"


def error_xml(code, message=None):
    text = "" if message is None else "<Message>%s</Message>" % message
    return ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code>%s"
            "</Error><RequestId>r-2</RequestId></ErrorResponse>"
            % (code, text))


def http_answer(body, status="200 OK", headers=()):
    """The bytes of an answer."""
    body = body.encode()
    lines = ["HTTP/1.1 " + status, "Date: " + DATE,
             "x-amzn-RequestId: header-id", "Content-Type: text/xml",
             "Content-Length: %d" % len(body), *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


# ------------------------------------------------------------- the sender

@pytest.fixture(scope="session")
def program():
    directory = os.environ.get("AWS_SESSION_BUILD")
    if not directory:
        pytest.fail("AWS_SESSION_BUILD names no build directory: run the "
                    "tests by 'make check'")
    return os.path.join(directory, "src", "sts", "aws-session-sts")


class Sender:
    """The process, and our end of its socket."""

    def __init__(self, program, *command, **variables):
        self.socket, theirs = framing.pair(timeout=20)
        self.errors = tempfile.TemporaryFile()
        environment = {name: value for name, value in os.environ.items()
                       if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
        self.process = subprocess.Popen(
            [*command, program], stdin=theirs, stdout=theirs,
            stderr=self.errors,
            env=dict(environment, PATH="/usr/bin:/bin", **variables))
        theirs.close()
        self.replies = []

    def open(self, server, operation="GET_SESSION_TOKEN", body=None, **more):
        body = BODIES[operation] if body is None else body
        host = server.url.partition("://")[2]
        fields = {"OPERATION": framing.OPERATIONS["OPERATION_" + operation],
                  "ORIGIN": server.url, "HOST": host, "PATH": "/",
                  "CONTENT_LENGTH": len(body), "CONNECT_TIMEOUT": 5000,
                  "REQUEST_TIMEOUT": 5000}
        if server.ca_file:
            fields["CA_BUNDLE"] = server.ca_file
        fields.update(more)
        framing.send(self.socket, "STS_OPEN", {
            key: value for key, value in fields.items() if value is not None})
        self.body = body

    def send(self, body=None, **more):
        fields = {"AMZ_DATE": "20261123T075021Z",
                  "AUTHORIZATION": AUTHORIZATION,
                  "BODY": self.body if body is None else body}
        fields.update(more)
        framing.send(self.socket, "STS_SEND", fields)

    def reply(self):
        kind, fields = framing.receive(self.socket)
        self.replies.append((kind, fields))
        return kind, fields

    def call(self, server, operation="GET_SESSION_TOKEN", body=None, **more):
        """A whole call, without waiting between its two messages."""
        self.open(server, operation, body, **more)
        self.send()
        return self.reply()

    def error(self):
        """The reply, which is an error, as (name, fields)."""
        kind, fields = self.reply()
        assert kind == "STS_ERROR", kind
        names = {value: name for name, value in framing.STS_ERRORS.items()}
        text = fields["TEXT"]
        assert text and text.isprintable() and text == text.strip(), text
        for secret in (TOKEN_CODE, SESSION_TOKEN, AUTHORIZATION, "hunter2"):
            assert secret not in str(fields)
        return names[fields["ERROR"]][len("STS_ERROR_"):], fields

    def is_silent(self, seconds=0.2):
        """Whether no reply is there within some time."""
        return not select.select([self.socket], [], [], seconds)[0]

    def end(self, timeout=10):
        """Close our end; the exit status."""
        self.socket.close()
        return self.process.wait(timeout)

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")


@pytest.fixture
def sender(program):
    with running_sender(program) as running:
        yield running


@contextlib.contextmanager
def running_sender(program, *command, **variables):
    running = Sender(program, *command, **variables)
    try:
        yield running
        if running.process.poll() is None:
            assert running.end() == 0
        assert running.said() == ""
    finally:
        running.socket.close()
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()
        running.errors.close()


# ------------------------------------------------------------- servers

@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return emulator_module.Authority(str(tmp_path_factory.mktemp("ca")))


@pytest.fixture(scope="session")
def certificates(authority):
    made = {"good": authority.certify("good")}
    for kind in ("expired", "not-yet-valid", "other-host"):
        made[kind] = authority.certify_badly(kind)
    return made


class Connection:
    """What a server saw of one connection. Times are of time.monotonic."""

    def __init__(self):
        self.ready = None       # the handshake was done
        self.first_byte = None  # of a request
        self.requests = []      # (header lines, body)
        self.closed = None      # by the other side, as far as we looked


class Server:
    """Serves each connection by a function of (socket, Connection)."""

    def __init__(self, behave, certificate=None, ca_file=None, early=None):
        self.behave, self.early = behave, early
        self.connections, self.problems = [], []
        self.ca_file = ca_file
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = "%s://127.0.0.1:%d" % (
            "https" if certificate else "http", self.port)
        self.arrived = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    def serve(self, sock):
        connection = Connection()
        with self.arrived:
            self.connections.append(connection)
        try:
            with sock:
                sock.settimeout(20)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.early:
                    self.early(sock)
                if self.context:
                    sock = self.context.wrap_socket(sock, server_side=True)
                with sock:
                    with self.arrived:
                        connection.ready = time.monotonic()
                        self.arrived.notify_all()
                    self.behave(sock, connection)
        except OSError as problem:
            self.problems.append(problem)

    def wait_ready(self, count=1, timeout=5):
        """Until that many connections have been ready."""
        with self.arrived:
            assert self.arrived.wait_for(
                lambda: sum(c.ready is not None
                            for c in self.connections) >= count, timeout)

    @property
    def requests(self):
        return [request for connection in self.connections
                for request in connection.requests]

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def read_request(sock, connection):
    """Read one request and note it. None at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            connection.closed = time.monotonic()
            return None
        if connection.first_byte is None:
            connection.first_byte = time.monotonic()
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines
                  if line.lower().startswith("content-length:"))
    while len(body) < length:
        body += sock.recv(65536)
    connection.requests.append((lines, body.decode()))
    return lines, body


def answering(*answers):
    """Each request of a connection gets the next answer, the last one for
    ever; an answer of None ends the connection."""
    def behave(sock, connection):
        count = 0
        while read_request(sock, connection):
            answer = answers[min(count, len(answers) - 1)]
            count += 1
            if answer is None:
                return
            sock.sendall(answer)
    return behave


@pytest.fixture
def serve(certificates, authority):
    """Makes servers: serve(behave), with certificate= a kind or None."""
    running = []

    def make(behave, certificate="good", **more):
        ca_file = authority.ca_file if certificate else None
        server = Server(behave, certificates.get(certificate),
                        more.pop("ca_file", ca_file), **more)
        running.append(server)
        return server

    yield make
    for server in running:
        server.close()


def good(*_):
    return answering(http_answer(SESSION_XML))


# ------------------------------------------------------------- a call

@pytest.mark.parametrize("certificate", ["good", None])
def test_session(sender, serve, certificate):
    server = serve(good(), certificate)
    kind, fields = sender.call(server)
    assert kind == "STS_SESSION"
    assert fields["ACCESS_KEY_ID"] == "ASIAIOSFODNN7EXAMPLE"
    assert fields["SECRET_ACCESS_KEY"] == "the/Secret"
    assert fields["SESSION_TOKEN"] == "the/Token+of=="
    assert fields["EXPIRATION"] == datetime.datetime(
        2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc).timestamp()
    assert fields["SERVER_DATE"] == datetime.datetime(
        2026, 11, 23, 7, 50, 21, tzinfo=datetime.timezone.utc).timestamp()
    assert fields["REQUEST_ID"] == "header-id"


def test_identity_and_devices(sender, serve):
    server = serve(answering(http_answer(IDENTITY_XML),
                             http_answer(DEVICES_XML)))
    kind, fields = sender.call(server, "GET_CALLER_IDENTITY")
    assert kind == "STS_IDENTITY"
    assert (fields["ACCOUNT"], fields["USER_ID"], fields["ARN"]) == (
        "123456789012", "AIDAEXAMPLE", "arn:aws:iam::123456789012:user/me")
    kind, fields = sender.call(server, "LIST_MFA_DEVICES")
    assert kind == "STS_MFA_DEVICES"
    assert fields["DEVICE"] == ["one", "two"]
    assert fields["MARKER"] == "m/+="


def test_request_as_written(sender, serve):
    """The request line, exactly these headers, and the body as given."""
    server = serve(good())
    sender.open(server, PATH="/a/../b%2F/")
    sender.send(SESSION_TOKEN=SESSION_TOKEN)
    assert sender.reply()[0] == "STS_SESSION"
    (lines, body), = server.requests
    assert lines[0] == "POST /a/../b%2F/ HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines[1:])
    agent = headers.pop("User-Agent")
    assert agent.startswith("aws-session/") and " " not in agent
    assert headers == {
        "Host": "127.0.0.1:%d" % server.port,
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Content-Length": str(len(CODED)), "X-Amz-Date": "20261123T075021Z",
        "X-Amz-Security-Token": SESSION_TOKEN,
        "Authorization": AUTHORIZATION}
    assert body == CODED


def test_host_header_is_the_one_given(sender, serve):
    server = serve(good())
    assert sender.call(server, HOST="sts.example.com")[0] == "STS_SESSION"
    assert "Host: sts.example.com" in server.requests[0][0]


def test_large_request(sender, serve):
    """More than fits into one TLS record, or into libcurl's own buffer."""
    server = serve(good())
    body, token = CODED + "&Policy=" + "p" * 100000, "t" * 60000
    sender.open(server, body=body)
    server.wait_ready()
    sender.send(SESSION_TOKEN=token)
    assert sender.reply()[0] == "STS_SESSION"
    assert server.requests[0][1] == body
    assert "X-Amz-Security-Token: " + token in server.requests[0][0]


def test_request_id_of_the_answer(sender, serve):
    body = error_xml("ValidationError")
    server = serve(answering(
        ("HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%s"
         % (len(body), body)).encode()))
    sender.open(server)
    sender.send()
    name, fields = sender.error()
    assert (name, fields["REQUEST_ID"]) == ("AWS", "r-2")
    assert "SERVER_DATE" not in fields


def test_interim_answer(sender, serve):
    interim = b"HTTP/1.1 100 Continue\r\nDate: Thu, 01 Jan 1970 00:00:01 GMT" \
              b"\r\n\r\n"
    server = serve(answering(interim + http_answer(SESSION_XML)))
    kind, fields = sender.call(server)
    assert kind == "STS_SESSION" and fields["SERVER_DATE"] > 1000


def test_chunked_answer_with_trailers(sender, serve):
    size = len(SESSION_XML.encode())
    server = serve(answering((
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: %s\r\n\r\n"
        "%x\r\n%s\r\n0\r\nDate: Thu, 01 Jan 1970 00:00:01 GMT\r\n"
        "x-amzn-RequestId: no\r\n\r\n" % (DATE, size, SESSION_XML)).encode()))
    kind, fields = sender.call(server)
    assert kind == "STS_SESSION"
    assert fields["SERVER_DATE"] > 1000 and "REQUEST_ID" not in fields


# ------------------------------------------------------------- early

def test_early_connection(sender, serve):
    """The handshake comes before STS_SEND, not a byte of the request does,
    and it is the only connection. Typing takes longer than any time limit."""
    server = serve(good())
    sender.open(server, CONNECT_TIMEOUT=600, REQUEST_TIMEOUT=600)
    server.wait_ready()
    time.sleep(1.5)
    before = time.monotonic()
    assert server.connections[0].first_byte is None
    sender.send()
    kind, fields = sender.reply()
    took = time.monotonic() - before
    assert kind == "STS_SESSION"
    connection, = server.connections
    assert connection.ready < before < connection.first_byte
    assert len(connection.requests) == 1
    timing = fields["TIMING"]
    assert timing.endswith("ms; connection early"), timing
    words = dict(zip(timing.split()[0:10:2], timing.split()[1:10:2]))
    assert 1400 < float(words["wait"]) < 3000
    assert float(words["send-to-answer"]) < took * 1000 + 1


def test_send_before_connected(sender, serve):
    """STS_SEND may come while the handshake is under way."""
    server = serve(good(), early=lambda _: time.sleep(0.3))
    kind, fields = sender.call(server)
    assert kind == "STS_SESSION"
    assert fields["TIMING"].endswith("connection new")
    assert len(server.connections) == len(server.requests) == 1


@pytest.mark.parametrize("length", [len(CODED) - 5, len(CODED) + 5, 1])
def test_wrong_announced_length(sender, serve, length):
    """The body is not of the length that STS_OPEN had: connect anew."""
    server = serve(good())
    sender.open(server, CONTENT_LENGTH=length)
    server.wait_ready()
    sender.send()
    assert sender.reply()[0] == "STS_SESSION"
    assert [body for _, body in server.requests] == [CODED]


@pytest.mark.parametrize("how", ["close", "reset", "408"])
def test_idle_close(sender, serve, how):
    """The server closes the waiting connection: nothing happens until
    STS_SEND, then there is a new one."""
    def close_first(sock, connection):
        if len(server.connections) > 1:
            return good()(sock, connection)
        if how == "408":
            sock.sendall(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n")
        if how == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            b"\1\0\0\0\0\0\0\0")
            os.close(sock.detach())
        return None

    server = serve(close_first)
    sender.open(server)
    server.wait_ready()
    assert sender.is_silent(0.3)
    assert len(server.connections) == 1
    sender.send()
    kind, fields = sender.reply()
    assert kind == "STS_SESSION"
    assert fields["TIMING"].endswith("connection new")
    assert len(server.connections) == 2 and len(server.requests) == 1


def test_idle_close_every_time(sender, serve):
    """Closed before STS_SEND, and again at once after it: no third try."""
    server = serve(lambda *_: None)
    sender.open(server)
    server.wait_ready()
    time.sleep(0.2)
    sender.send()
    name, _ = sender.error()
    assert name == "CLOSED"
    assert len(server.connections) == 2


def test_early_failure_and_crossing(sender, serve):
    """Connecting fails before STS_SEND: told at once, and a STS_SEND that
    was under way is thrown away."""
    server = serve(good())
    server.close()
    sender.open(server)
    name, fields = sender.error()
    assert (name, fields["SENT"]) == ("UNREACHABLE", 0)
    sender.send()
    server = serve(good())
    assert sender.call(server)[0] == "STS_SESSION"
    assert len(server.requests) == 1
    # And without one that crossed.
    refused = serve(good())
    refused.close()
    sender.open(refused)
    assert sender.error()[0] == "UNREACHABLE"
    assert sender.call(server)[0] == "STS_SESSION"


def test_ready_for_the_next_call(sender, serve):
    """After an error the same process goes on."""
    server = serve(answering(http_answer(error_xml("AccessDenied"),
                                         "403 Forbidden")))
    for _ in range(3):
        sender.open(server)
        sender.send()
        assert sender.error()[0] == "AWS"
    assert len(server.connections) == 3


# ------------------------------------------------------------- reuse

def test_reuse_without_a_code(sender, serve):
    server = serve(answering(http_answer(IDENTITY_XML),
                             http_answer(DEVICES_XML)))
    assert sender.call(server, "GET_CALLER_IDENTITY")[0] == "STS_IDENTITY"
    kind, fields = sender.call(server, "LIST_MFA_DEVICES")
    assert kind == "STS_MFA_DEVICES"
    assert fields["TIMING"].endswith("connection reused")
    assert len(server.connections) == 1 and len(server.requests) == 2


def test_no_reuse_with_a_code(sender, serve):
    server = serve(answering(http_answer(IDENTITY_XML)))
    assert sender.call(server, "GET_CALLER_IDENTITY")[0] == "STS_IDENTITY"
    sender.open(server)
    server.wait_ready(2)
    sender.send()
    sender.error()
    assert [len(c.requests) for c in server.connections] == [1, 1]


@pytest.mark.parametrize("coded", [True, False])
def test_role_reuses_unless_coded(sender, serve, coded):
    server = serve(answering(http_answer(IDENTITY_XML),
                             http_answer(ROLE_XML)))
    body = ROLE if coded else ROLE.partition("&TokenCode")[0]
    sender.call(server, "GET_CALLER_IDENTITY")
    sender.open(server, "ASSUME_ROLE", body)
    time.sleep(0.1)
    sender.send()
    kind, _ = sender.reply()
    if coded:   # its own connection, so the first answer of that
        assert [len(c.requests) for c in server.connections] == [1, 1]
    else:
        assert kind == "STS_SESSION" and len(server.connections) == 1


def test_reused_connection_closed_while_waiting(sender, serve):
    """A kept connection that the server closes is seen and replaced."""
    done = threading.Event()

    def close_on_cue(sock, connection):
        if len(server.connections) > 1:
            return answering(http_answer(DEVICES_XML))(sock, connection)
        read_request(sock, connection)
        sock.sendall(http_answer(IDENTITY_XML))
        return done.wait(5)

    server = serve(close_on_cue)
    sender.call(server, "GET_CALLER_IDENTITY")
    sender.open(server, "LIST_MFA_DEVICES")
    time.sleep(0.2)
    done.set()
    time.sleep(0.2)
    sender.send()
    assert sender.reply()[0] == "STS_MFA_DEVICES"
    assert len(server.connections) == 2


def test_no_replay_over_a_reused_connection(sender, serve):
    """libcurl would send again by itself here; it must not, code or none."""
    server = serve(answering(http_answer(IDENTITY_XML), None))
    sender.call(server, "GET_CALLER_IDENTITY")
    sender.open(server, "LIST_MFA_DEVICES")
    sender.send()
    name, fields = sender.error()
    assert (name, fields["SENT"]) == ("CLOSED", 1)
    assert len(server.requests) == 2


# ------------------------------------------------------------- failures

def reset_after_request(sock, connection):
    read_request(sock, connection)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b"\1\0\0\0\0\0\0\0")
    os.close(sock.detach())


def read_part(sock, connection):
    """Close when a request has begun."""
    connection.requests.append((sock.recv(10), ""))


def stall(sock, connection):
    read_request(sock, connection)
    sock.recv(1)


def drip(sock, connection):
    read_request(sock, connection)
    for byte in http_answer(SESSION_XML):
        sock.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_headers(sock, connection):
    read_request(sock, connection)
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        sock.sendall(b"X-Drip: 1\r\n")
        time.sleep(0.05)


def flood(sock, connection):
    read_request(sock, connection)
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n<a>")
    for _ in range(200):
        sock.sendall(b" " * 65536)


def flood_headers(sock, connection):
    read_request(sock, connection)
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(10000):
        sock.sendall(b"X-Flood: %s\r\n" % (b"x" * 1000))


def cut(length):
    def behave(sock, connection):
        read_request(sock, connection)
        sock.sendall(http_answer(SESSION_XML)[:length])
    return behave


def length_less(sock, connection):
    """No Content-Length: the end of the connection is the end."""
    read_request(sock, connection)
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + SESSION_XML[:100].encode())
    with contextlib.suppress(OSError):
        sock.unwrap()


#: what the server does, the error that comes of it, a word of its sentence
AFTER_SENDING = {
    "no answer": (answering(None), "CLOSED", "closed the connection"),
    "reset": (reset_after_request, "CLOSED", "closed the connection"),
    "half a request": (read_part, "CLOSED", "closed the connection"),
    "cut in the headers": (cut(40), "CLOSED", "closed the connection"),
    "cut in the body": (cut(400), "CLOSED", "closed the connection"),
    "cut, no length": (length_less, "BAD_ANSWER", "not XML"),
    "silence": (stall, "TIMEOUT", "within 0.7 s"),
    "drip": (drip, "TIMEOUT", "within 0.7 s"),
    "drip of headers": (drip_headers, "TIMEOUT", "within 0.7 s"),
    "10 MB": (flood, "BAD_ANSWER", "longer than any of AWS"),
    "10 MB announced": (
        answering(http_answer("x" * 10_000_000)), "BAD_ANSWER", "longer"),
    "10 MB of headers": (flood_headers, "BAD_ANSWER", ""),
    "no HTTP": (answering(b"SSH-2.0-OpenSSH\r\n" * 20), "BAD_ANSWER", "HTTP"),
    "garbage": (answering(http_answer("<a><b></a>")), "BAD_ANSWER", "XML"),
    "empty": (answering(http_answer("")), "BAD_ANSWER", "XML"),
    "other answer": (answering(http_answer(IDENTITY_XML)), "BAD_ANSWER",
                     "AccessKeyId"),
    "entities": (answering(http_answer(
        '<!DOCTYPE a [<!ENTITY b "c">]>' + SESSION_XML)), "BAD_ANSWER",
        "document type"),
    "redirect": (answering(http_answer("", "302 Found", (
        "Location: https://user:pw@login.example:8443/x?y",))), "BAD_ANSWER",
        "to login.example:8443:"),
    "redirect to a host": (answering(http_answer("", "307 Go", (
        "Location: http://login.example:8443/x?y",))), "BAD_ANSWER",
        "to login.example:8443:"),
    "redirect to a path": (answering(http_answer("", "301 Go", (
        "Location: /elsewhere",))), "BAD_ANSWER", "another page"),
    "redirect to us": (answering(http_answer(SESSION_XML, "308 Go", (
        "Location: /",))), "BAD_ANSWER", "another page"),
    "denied": (answering(http_answer(error_xml("AccessDenied", "No\u0085."),
                                     "403 Forbidden")), "AWS",
               "AccessDenied: No"),
    "no message": (answering(http_answer(error_xml("MalformedInput"),
                                         "400 Bad")), "AWS",
                   "MalformedInput"),
    "throttled": (answering(http_answer(error_xml("Throttling", "Rate"),
                                        "400 Bad")), "THROTTLED", "Rate"),
    "slow down": (answering(http_answer(error_xml("SlowDown"), "503 No")),
                  "THROTTLED", "SlowDown"),
    "429": (answering(http_answer("<html>", "429 No")), "THROTTLED", "429"),
    "500": (answering(http_answer(error_xml("InternalFailure"), "500 No")),
            "SERVER", "InternalFailure"),
    "503 html": (answering(http_answer("<html><p>no", "503 No")), "SERVER",
                 "HTTP 503"),
    "502 empty": (answering(http_answer("", "502 No")), "SERVER", "502"),
    "413 html": (answering(http_answer("<html/>", "413 No")), "BAD_ANSWER",
                 "HTTP 413"),
    "407": (answering(http_answer("", "407 No", (
        'Proxy-Authenticate: Basic realm="x"',))), "BAD_ANSWER", "407"),
    "401": (answering(http_answer("", "401 No", (
        'WWW-Authenticate: Basic realm="x"',))), "BAD_ANSWER", "401"),
}


@pytest.mark.parametrize("early", [True, False], ids=["early", "at once"])
@pytest.mark.parametrize("case", AFTER_SENDING)
def test_failure_after_sending(sender, serve, case, early):
    """Every way to fail once the request is out: the server saw it exactly
    once, the error says that it was sent, and the process lives on."""
    behave, expected, words = AFTER_SENDING[case]
    server = serve(behave)
    limit = 700 if expected == "TIMEOUT" else 8000
    sender.open(server, REQUEST_TIMEOUT=limit)
    if early:
        server.wait_ready()
    begun = time.monotonic()
    sender.send(SESSION_TOKEN=SESSION_TOKEN)
    name, fields = sender.error()
    assert name == expected, fields["TEXT"]
    assert words in fields["TEXT"]
    assert "127.0.0.1:%d" % server.port in fields["TEXT"]
    assert fields["SENT"] == 1
    if expected == "TIMEOUT":
        assert 0.65 < time.monotonic() - begun < 2
    assert sender.is_silent(0.05)
    assert len(server.requests) == 1 and len(server.connections) == 1
    assert sender.process.poll() is None


def test_error_fields(sender, serve):
    server = serve(answering(http_answer(
        error_xml("AccessDenied", "MultiFactorAuthentication failed \t\r\n"
                  "with invalid MFA one time pass code. "), "403 Forbidden")))
    sender.open(server)
    sender.send()
    _, fields = sender.error()
    assert fields["HTTP_STATUS"] == 403
    assert fields["AWS_CODE"] == "AccessDenied"
    assert fields["AWS_MESSAGE"].endswith("one time pass code.")
    assert fields["REQUEST_ID"] == "header-id"
    assert "TIMING" in fields and "SERVER_DATE" in fields


# ------------------------------------------------------------- unreachable

def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Nowhere:
    """Somewhere that is no server of ours."""

    def __init__(self, url, ca_file=None):
        self.url, self.ca_file = url, ca_file


def unsent(sender, server, **more):
    """A call that fails before anything is sent, with and without STS_SEND
    on its way."""
    sender.open(server, **more)
    name, fields = sender.error()
    assert fields["SENT"] == 0 and fields["HTTP_STATUS"] == 0
    return name, fields["TEXT"]


def test_refused(sender):
    port = free_port()
    name, text = unsent(sender, Nowhere("https://127.0.0.1:%d" % port))
    assert name == "UNREACHABLE"
    assert "127.0.0.1:%d" % port in text and "refused" in text


#: No name server is asked for a label this long.
NO_NAME = "sts." + "x" * 64 + ".invalid"


def test_name_not_found(sender):
    name, text = unsent(sender, Nowhere("https://" + NO_NAME))
    assert name == "UNREACHABLE"
    assert NO_NAME + " is not found" in text and "region" in text


def test_connect_timeout(sender, serve):
    """A server that does not get on with the handshake."""
    server = serve(good(), early=lambda _: time.sleep(3))
    begun = time.monotonic()
    name, text = unsent(sender, server, CONNECT_TIMEOUT=500)
    assert name == "UNREACHABLE" and "within 0.5 s" in text
    assert time.monotonic() - begun < 2


def test_deadline_while_connecting(sender, serve):
    """The limit from STS_SEND on is also one for connecting."""
    server = serve(good(), early=lambda _: time.sleep(3))
    sender.open(server, REQUEST_TIMEOUT=400)
    sender.send()
    name, fields = sender.error()
    assert (name, fields["SENT"]) == ("UNREACHABLE", 0)
    assert "within 0.4 s" in fields["TEXT"]


def test_other_protocols(sender):
    for url in ("ftp://127.0.0.1", "file:///etc/passwd", "gopher://x"):
        assert unsent(sender, Nowhere(url), HOST="x")[0] == "LOCAL"


@pytest.mark.parametrize("kind, words", [
    ("expired", "has expired"), ("not-yet-valid", "not valid yet"),
    ("other-host", "for another host")])
def test_bad_certificate(sender, serve, kind, words):
    server = serve(good(), kind)
    name, text = unsent(sender, server)
    assert name == "TLS" and words in text, text
    assert "127.0.0.1:%d" % server.port in text
    assert server.requests == []


@pytest.mark.parametrize("how", ["system", "other bundle", "empty directory"])
def test_untrusted(sender, serve, how, tmp_path):
    bundle = None
    if how == "other bundle":
        other = tmp_path / "other"
        other.mkdir()
        bundle = emulator_module.Authority(str(other)).ca_file
    elif how == "empty directory":
        bundle = str(tmp_path)
    server = serve(good(), ca_file=bundle)
    name, text = unsent(sender, server)
    assert name == "TLS" and "not trusted" in text
    assert "AWS_CA_BUNDLE" in text and (bundle or "") in text


def subject_hash(certificate):
    return subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", certificate],
        capture_output=True, text=True, check=True).stdout.strip()


def test_bundle_directory(sender, serve, authority, tmp_path):
    """A directory with hashed names, as c_rehash makes them."""
    (tmp_path / (subject_hash(authority.ca_file) + ".0")).symlink_to(authority.ca_file)
    server = serve(good(), ca_file=str(tmp_path))
    assert sender.call(server)[0] == "STS_SESSION"


SYSTEM_TRUST = "/etc/ssl/certs"


def make_stranger(directory):
    """A CA of another name: one of the same name would hide ours."""
    file = str(directory / "stranger.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=Stranger",
         "-keyout", str(directory / "stranger-key.pem"), "-out", file],
        check=True, capture_output=True)
    return file


@pytest.mark.parametrize("where", ["directory", "file", "nowhere",
                                   "not in the bundle"])
def test_system_trust(program, serve, authority, tmp_path, where):
    """The system's directory is enough, and if it does not know a
    certificate, the file is asked as well; where there is a bundle, neither
    counts. In a mount namespace with trust of our own."""
    bundle = None
    mount = "mount --bind %s %s && exec \"$0\"" % (tmp_path, SYSTEM_TRUST)
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ("unshare", *user, "--mount", "sh", "-c", mount)
    if subprocess.run([*command, "true"], capture_output=True,
                      check=False).returncode != 0:
        pytest.skip("no mount namespace can be made here")
    if not os.path.exists(SYSTEM_TRUST + "/ca-certificates.crt"):
        pytest.skip("the trust of this system is not in " + SYSTEM_TRUST)
    with open(authority.ca_file, encoding="ascii") as file:
        certificate = file.read()
    other = make_stranger(tmp_path)
    with open(other, encoding="ascii") as file:
        stranger = file.read()
    if where == "not in the bundle":
        bundle = other
    if where in ("directory", "not in the bundle"):
        (tmp_path / (subject_hash(authority.ca_file) + ".0")).write_text(
            certificate)
    else:
        (tmp_path / (subject_hash(other) + ".0")).write_text(stranger)
    (tmp_path / "ca-certificates.crt").write_text(
        certificate if where == "file" else stranger)
    server = serve(good(), ca_file=bundle)
    trusted = where in ("directory", "file")
    with running_sender(program, *command) as sender:
        sender.open(server)
        if trusted:
            sender.send()
            assert sender.reply()[0] == "STS_SESSION"
        else:
            assert sender.error()[0] == "TLS"
    ready = [c for c in server.connections if c.ready]
    assert len(server.requests) == trusted
    if where == "directory":
        assert len(ready) == 1


def test_bad_bundle(sender, serve, tmp_path):
    missing = str(tmp_path / "missing.pem")
    name, text = unsent(sender, serve(good(), ca_file=missing))
    assert name == "LOCAL" and missing in text
    assert "No such file" in text and "AWS_CA_BUNDLE" in text
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate here\n")
    name, text = unsent(sender, serve(good(), ca_file=str(empty)))
    assert name == "LOCAL" and "no certificate" in text


def test_plain_server_for_tls(sender, serve):
    def complain(sock, _):
        sock.recv(1)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = serve(complain, None)
    name, text = unsent(sender, Nowhere(server.url.replace("http", "https")))
    assert name == "TLS" and "TLS 1.2" in text


def test_hang_up_during_handshake(sender, serve):
    server = serve(good(), early=lambda sock: sock.close())
    name, text = unsent(sender, server)
    assert name == "UNREACHABLE" and "hung up" in text


def test_old_tls(program, serve, tmp_path):
    """TLS 1.1 is refused by us, even where OpenSSL would take it."""
    server = serve(good())
    server.context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.context.minimum_version = ssl.TLSVersion.TLSv1
        server.context.maximum_version = ssl.TLSVersion.TLSv1_1
    lenient = tmp_path / "openssl.cnf"
    lenient.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
        "[c]\nMinProtocol = TLSv1\nCipherString = DEFAULT:@SECLEVEL=0\n")
    with running_sender(program, OPENSSL_CONF=str(lenient)) as sender:
        name, text = unsent(sender, server)
        assert name == "TLS" and "TLS 1.2" in text


# ------------------------------------------------------------- proxies

class Proxy(Server):
    """Understands CONNECT; answers with a status, tunnels if it is 200."""

    def __init__(self, status="200 OK"):
        self.status, self.heads = status, []
        super().__init__(self.tunnel)

    def tunnel(self, sock, _):
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(65536)
        self.heads.append(head.decode())
        sock.sendall(("HTTP/1.1 %s\r\nDate: Thu, 01 Jan 1970 00:00:01 GMT\r\n"
                      "x-amzn-RequestId: of-the-proxy\r\n\r\n"
                      % self.status).encode())
        if not self.status.startswith("200"):
            return
        host, _, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as far:
            while True:
                for side in select.select([sock, far], [], [], 20)[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    (far if side is sock else sock).sendall(data)


@pytest.fixture
def proxy():
    running = Proxy()
    yield running
    running.close()


def test_proxy(sender, serve, proxy):
    """The tunnel and the handshake inside are ready before STS_SEND; the
    proxy sees no header of the request, and its own count for nothing."""
    server = serve(good())
    sender.open(server, PROXY="http://me:hunter2@127.0.0.1:%d" % proxy.port)
    server.wait_ready()
    sender.send(SESSION_TOKEN=SESSION_TOKEN)
    kind, fields = sender.reply()
    assert kind == "STS_SESSION"
    assert fields["TIMING"].endswith("connection early")
    assert fields["REQUEST_ID"] == "header-id"
    assert fields["SERVER_DATE"] > 1000
    head, = proxy.heads
    assert head.startswith("CONNECT 127.0.0.1:%d HTTP/1.1" % server.port)
    assert "Proxy-Authorization: Basic" in head
    assert "Amz" not in head and "AWS4" not in head
    assert "Proxy-Authorization" not in str(server.requests)
    assert len(server.requests) == 1


def test_idle_close_through_a_proxy(sender, serve, proxy):
    def close_first(sock, connection):
        if len(server.connections) > 1:
            good()(sock, connection)

    server = serve(close_first)
    sender.open(server, PROXY="127.0.0.1:%d" % proxy.port)
    server.wait_ready()
    time.sleep(0.2)
    sender.send()
    assert sender.reply()[0] == "STS_SESSION"
    assert len(server.requests) == 1


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "example.com, 127.0.0.1",
                                      "*"])
def test_no_proxy(sender, serve, proxy, no_proxy):
    server = serve(good())
    kind, _ = sender.call(server, PROXY="http://127.0.0.1:%d" % proxy.port,
                          NO_PROXY=no_proxy)
    assert kind == "STS_SESSION" and proxy.heads == []


def test_no_proxy_from_the_environment(program, serve, proxy):
    name = "http://127.0.0.1:%d" % proxy.port
    with running_sender(program, https_proxy=name, http_proxy=name,
                        ALL_PROXY=name) as sender:
        assert sender.call(serve(good()))[0] == "STS_SESSION"
        assert sender.call(serve(good(), None))[0] == "STS_SESSION"
    assert proxy.heads == []


@pytest.mark.parametrize("status, words", [
    ("403 Forbidden", "refuses to connect"), ("407 No", "user name")])
def test_proxy_refuses(sender, serve, status, words):
    server, proxy = serve(good()), Proxy(status)
    name, text = unsent(
        sender, server, PROXY="http://me:hunter2@127.0.0.1:%d" % proxy.port)
    assert name == "UNREACHABLE" and "proxy" in text and words in text
    assert server.connections == []
    proxy.close()


def test_proxy_unreachable(sender, serve):
    server = serve(good())
    port = free_port()
    name, text = unsent(sender, server,
                        PROXY="http://me:hunter2@127.0.0.1:%d" % port)
    assert name == "UNREACHABLE" and "refused" in text
    assert "the proxy 127.0.0.1:%d" % port in text
    name, text = unsent(sender, server, PROXY="http://me:hunter2@" + NO_NAME)
    assert name == "UNREACHABLE"
    assert "proxy %s is not found" % NO_NAME in text
    name, text = unsent(sender, server, PROXY="quack://me:hunter2@127.0.0.1")
    assert name in ("UNREACHABLE", "LOCAL")


# ------------------------------------------------------------- the end

def ended_within(sender, seconds=1):
    begun = time.monotonic()
    status = sender.end()
    assert time.monotonic() - begun < seconds
    return status


def test_end_at_once(sender):
    assert ended_within(sender) == 0


def test_end_while_waiting(sender, serve):
    server = serve(good())
    sender.open(server)
    server.wait_ready()
    assert ended_within(sender) == 0
    assert server.requests == []


def test_end_after_idle_close(sender, serve):
    server = serve(lambda *_: None)
    sender.open(server)
    server.wait_ready()
    time.sleep(0.2)
    assert ended_within(sender) == 0


@pytest.mark.parametrize("behave", [stall, drip])
def test_end_during_transfer(sender, serve, behave):
    server = serve(behave)
    sender.open(server)
    sender.send()
    server.wait_ready()
    time.sleep(0.2)
    assert ended_within(sender) == 0


def test_end_during_handshake(sender, serve):
    server = serve(good(), early=lambda _: time.sleep(3))
    sender.open(server)
    time.sleep(0.2)
    assert ended_within(sender) == 0


def test_end_when_the_caller_is_killed(program, serve, tmp_path):
    """No word of goodbye: the socket closes with the process."""
    server = serve(stall)
    script = tmp_path / "caller.py"
    script.write_text(
        "import sys, time\nsys.path.insert(0, %r)\nimport test_sender as t\n"
        "s = t.Sender(%r)\nclass Server: url, ca_file = %r, %r\n"
        "s.open(Server)\ns.send()\nprint(s.process.pid, flush=True)\n"
        "time.sleep(60)\n"
        % (os.path.dirname(os.path.abspath(__file__)), program, server.url,
           server.ca_file))
    caller = subprocess.Popen([sys.executable, str(script)],
                              stdout=subprocess.PIPE, text=True)
    pid = int(caller.stdout.readline())
    server.wait_ready()
    handle = os.pidfd_open(pid)
    caller.kill()
    caller.wait()
    caller.stdout.close()
    assert select.select([handle], [], [], 1)[0]
    os.close(handle)


def test_bad_messages(program, serve):
    """Whatever is not of the protocol ends it, without a word."""
    server = serve(stall)
    opening = {"OPERATION": 2, "ORIGIN": server.url, "HOST": "h", "PATH": "/",
               "CONTENT_LENGTH": 9, "CONNECT_TIMEOUT": 9000,
               "REQUEST_TIMEOUT": 9000, "CA_BUNDLE": server.ca_file}
    sending = {"AMZ_DATE": "d", "AUTHORIZATION": "a", "BODY": "b"}
    first = framing.encode("STS_OPEN", opening)
    for data in (b"\0\0\0\2\1\1", b"\xff" * 20,
                 framing.encode("STS_SEND", sending),
                 framing.encode("STS_OPEN", opening, version=9),
                 first + first,
                 first + framing.encode("STS_SEND", sending) + first,
                 first + framing.encode("STS_SEND", dict(
                     sending, AUTHORIZATION="a\r\nInjected: x")),
                 first + framing.encode("STS_SEND", dict(
                     sending, SESSION_TOKEN=b"a\0b"))):
        with running_sender(program) as sender:
            sender.socket.sendall(data)
            assert sender.process.wait(5) == 125
    assert all("Injected" not in str(request) for request in server.requests)


def test_unusable_open(sender, serve):
    server = serve(good())
    for more in ({"CONTENT_LENGTH": 0}, {"CONTENT_LENGTH": 1 << 40},
                 {"CONTENT_LENGTH": -1}, {"OPERATION": 77},
                 {"ORIGIN": "nonsense"}, {"PATH": "/\r\nX: y"},
                 {"HOST": "a\nb"}):
        assert unsent(sender, server, **more)[0] == "LOCAL"
    assert server.requests == []


def test_second_send(program, serve):
    """A call is over with its reply: no STS_SEND after it."""
    with running_sender(program) as sender:
        assert sender.call(serve(good()))[0] == "STS_SESSION"
        sender.send()
        assert sender.process.wait(5) == 125


def test_truncated_message(program):
    with running_sender(program) as sender:
        sender.socket.sendall(b"\0\0\1\0\1\6")
        assert sender.end() == 125


def test_by_hand(program):
    """On a terminal: one sentence and 125."""
    ours, theirs = pty.openpty()
    done = subprocess.run([program], stdin=theirs, stdout=theirs,
                          stderr=subprocess.PIPE, text=True, check=False,
                          timeout=5)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 125
    assert done.stderr.count("\n") == 1 and "aws-session" in done.stderr


def test_standard_input_closed(program):
    done = subprocess.run([program], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=5)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_signal_while_waiting(sender, serve):
    """Stopped and continued, as Ctrl-Z does to the whole job."""
    server = serve(good())
    sender.open(server)
    server.wait_ready()
    sender.process.send_signal(signal.SIGSTOP)
    time.sleep(0.1)
    sender.process.send_signal(signal.SIGCONT)
    sender.send()
    assert sender.reply()[0] == "STS_SESSION"


# ------------------------------------------------------------- the emulator

def sign(sts, key, service, body, now):
    """X-Amz-Date and Authorization for a request to the emulator, by its own
    implementation of Signature Version 4."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    host = sts.url.partition("://")[2]
    headers = [("host", host), ("x-amz-date", date), (
        "content-type", "application/x-www-form-urlencoded; charset=utf-8")]
    signed = [name for name, _ in headers]
    canonical = emulator_module.canonical_request(
        "POST", "/", "", headers, signed, body.encode())
    return {"AMZ_DATE": date, "AUTHORIZATION": (
        "AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/%s/aws4_request, "
        "SignedHeaders=%s, Signature=%s" % (
            key.id, date[:8], service, ";".join(sorted(signed)),
            emulator_module.signature(key.secret, date, "us-east-1", service,
                                      canonical)))}


class Aws:
    """The emulator with a user, and signed calls to it."""

    def __init__(self, sts):
        self.sts = sts
        self.user = sts.add_user("me", mfa=["me"])
        self.serial = self.user.devices[0].serial

    def call(self, sender, operation, body):
        service = "iam" if operation == "LIST_MFA_DEVICES" else "sts"
        sender.open(self.sts, operation, body)
        sender.send(**sign(self.sts, self.user.keys[0], service, body,
                           time.time()))
        return sender.reply()

    def session(self, sender, code):
        return self.call(sender, "GET_SESSION_TOKEN", (
            "Action=GetSessionToken&Version=2011-06-15&SerialNumber=%s"
            "&TokenCode=%s" % (self.serial.replace(":", "%3A").replace(
                "/", "%2F"), code)))


@pytest.fixture
def aws():
    with emulator_module.Emulator() as running:
        yield Aws(running)


def test_with_the_emulator(sender, aws):
    """The three calls of a first session, over two connections."""
    kind, fields = aws.call(sender, "GET_CALLER_IDENTITY", IDENTITY)
    assert kind == "STS_IDENTITY", fields
    kind, fields = aws.call(sender, "LIST_MFA_DEVICES", DEVICES)
    assert kind == "STS_MFA_DEVICES", fields
    assert fields["DEVICE"] == [aws.serial]
    kind, fields = aws.session(sender, aws.sts.code("me"))
    assert kind == "STS_SESSION", fields
    assert fields["EXPIRATION"] > time.time()
    assert len(aws.sts.requests) == 3 and len(aws.sts.connections) == 2
    kind, fields = aws.session(sender, "000000")
    assert (kind, fields["AWS_CODE"]) == ("STS_ERROR", "AccessDenied")


@pytest.mark.parametrize("fault, options, expected", [
    ("odd", {}, None), ("token-blanks", {}, None), ("token-size", {}, None),
    ("no-date", {}, None), ("content-type", {}, None),
    ("bomb", {}, "BAD_ANSWER"), ("external-entity", {}, "BAD_ANSWER"),
    ("huge", {}, "BAD_ANSWER"), ("truncated", {}, "BAD_ANSWER"),
    ("garbage", {}, "BAD_ANSWER"), ("redirect", {}, "BAD_ANSWER"),
    ("missing", {"names": "Expiration"}, "BAD_ANSWER"),
    ("throttle", {}, "THROTTLED"), ("error", {"status": 503}, "SERVER"),
    ("error", {"status": 503, "body": "html"}, "SERVER"),
    ("error", {"status": 500, "body": "empty"}, "SERVER"),
    ("close-before", {}, "CLOSED"), ("close-after", {}, "CLOSED"),
    ("close-middle", {}, "CLOSED")])
def test_faults_of_the_emulator(sender, aws, fault, options, expected):
    aws.sts.fault(fault, **options)
    kind, fields = aws.session(sender, aws.sts.code("me"))
    names = {value: name for name, value in framing.STS_ERRORS.items()}
    if expected is None:
        assert kind == "STS_SESSION", fields
    else:
        assert names[fields["ERROR"]] == "STS_ERROR_" + expected, fields
        assert fields["SENT"] == 1
    assert len(aws.sts.connections) == 1
