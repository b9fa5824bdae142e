"""What the network can do to a session: clocks, trust, proxies, servers that
are broken, slow or hostile; and which server is asked at all.

Nothing here leaves the machine: names of AWS are only ever given to a proxy
on loopback. The sender's own tests (test_sender.py) go into what leaves when;
these look at the way as a whole: how often was asked, what was printed, and
whether a code counts as spent.
"""

import contextlib
import re
import socket
import socketserver
import subprocess
import threading
import time

import pytest

import emulator as emulator_module
from conftest import KEYCTL, NO_SESSION, Person, user_keys

FOUND = ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"]
LIMIT = 30      # seconds for a whole answer, REQUEST_TIMEOUT in aws_call.c


def sentence(done):
    """The one line of a failure."""
    assert done.returncode in NO_SESSION, done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("aws-session: ")
    return done.stderr[len("aws-session: "):-1]


def operations(sts):
    return [entry["operation"] for entry in sts.requests]


def code_is_spent(sts):
    return any("note:spent-codes" in name and sts.account in name
               for name in user_keys().values())


def clock_is_remembered():
    return "aws-session:note:clock" in user_keys().values()


def get_session(person, *options, **more):
    return person.run("--code", person.code(), *options, "exec", "true",
                      **more)


@contextlib.contextmanager
def closed_port():
    """A port of loopback that is taken, and where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


# ----------------------------------------- an answer that takes too long
# It is asked for at the beginning and looked at in the end: the limit is
# long, and other tests need not wait for it.

@pytest.fixture(scope="module", autouse=True)
def endless_answer(build, authority, tmp_path_factory):
    with emulator_module.Emulator(authority=authority) as sts:
        sts.alice = sts.add_user("alice", mfa=["alice"])
        sts.fault("drip", bytes=1, interval=1)
        someone = Person(tmp_path_factory.mktemp("endless"), build, sts)
        someone.write_key(sts.alice)
        begin = time.monotonic()
        process = subprocess.Popen(
            [someone.program, "--code", sts.code("alice"), "exec", "true"],
            env=someone.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        yield begin, process, sts
        if process.poll() is None:
            process.kill()
        process.communicate()
        for serial, name in user_keys().items():
            if sts.account in name:
                subprocess.run([KEYCTL, "unlink", serial, "@u"], check=False,
                               capture_output=True)


# ------------------------------------------------------------- the clock

SKEWS = [(3630, "1 h 0 min slow"), (-3630, "1 h 0 min fast"),
         (330, "5 min 30 s slow|5 min 29 s slow"),
         (84600, "23 h 30 min slow|23 h 29 min slow")]


@pytest.mark.parametrize("offset, amount", SKEWS)
def test_clock_is_corrected_once(person, sts, offset, amount):
    """A call without a code is made again with the server's time."""
    sts.offset = offset
    person.write_key(sts.alice, serial=False)
    done = get_session(person)
    assert done.returncode == 0
    assert re.fullmatch("aws-session: the clock of this machine is (%s) "
                        r"\(set it: see timedatectl\); going on with AWS's "
                        "time\n" % amount, done.stderr)
    assert operations(sts) == ["GetCallerIdentity"] + FOUND
    assert [entry["status"] for entry in sts.requests] == [403, 200, 200, 200]


@pytest.mark.parametrize("offset", [3630, -3630])
def test_next_run_knows_the_clock(person, sts, offset):
    sts.offset = offset
    person.write_key(sts.alice, serial=False)
    assert get_session(person).returncode == 0
    sts.forget()
    # The same session is found, and its end is by AWS's time.
    variables = person.variables()
    assert sts.requests == []
    assert abs(int(variables["AWS_SESSION_EXPIRES"]) - sts.clock.now()
               - 43200) < 60
    # Another one is not refused.
    done = get_session(person, "--session-duration", "1h")
    assert (done.returncode, done.stderr) == (0, "")
    assert [entry["status"] for entry in sts.requests] == [200]


def test_clock_with_a_code_and_no_terminal(person, sts):
    """The code went along, so it is not sent again."""
    sts.offset = 3630
    line = sentence(get_session(person))
    assert line.startswith("the clock of this machine is 1 h 0 min slow")
    assert line.endswith("try again with the next MFA code")
    assert operations(sts) == ["GetSessionToken"]
    assert code_is_spent(sts)
    sts.clock.mfa_offset += 30
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(sts.requests) == 2


def test_clock_with_a_code_on_a_terminal(person, sts):
    sts.offset = 3630
    child = person.spawn("exec", "true")
    child.expect("MFA code for")
    child.sendline(person.code())
    child.expect(r"the clock of this machine is 1 h 0 min slow \(set it: see "
                 r"timedatectl\); going on")
    child.expect("AWS needs another code")
    child.expect("New MFA code: ")
    sts.clock.mfa_offset += 30
    child.sendline(person.code())
    child.expect("$")
    child.wait()
    assert child.exitstatus == 0
    assert [entry["status"] for entry in sts.requests] == [403, 200]


@pytest.mark.parametrize("offset, amount", [
    (40 * 86400 + 7230, "40 days 2 h slow"),
    (-40 * 86400 - 7230, "40 days 2 h fast")])
@pytest.mark.parametrize("serial", [True, False])
def test_clock_off_by_days(person, sts, offset, amount, serial):
    """That is no drift: it is said, and not made up for."""
    sts.offset = offset
    person.write_key(sts.alice, serial=serial)
    line = sentence(get_session(person))
    assert line == ("the clock of this machine is %s: set it (see "
                    "timedatectl), and try again" % amount)
    assert len(sts.requests) == 1
    assert not clock_is_remembered()


def test_clock_is_right_again(person, sts):
    sts.offset = 3630
    person.write_key(sts.alice, serial=False)
    assert get_session(person).returncode == 0
    sts.offset = 0
    sts.forget()
    person.write_key(sts.add_user("bob", mfa=["bob"]), serial=False)
    done = person.run("--code", sts.code("bob"), "exec", "true")
    assert done.returncode == 0
    assert done.stderr == ("aws-session: the clock of this machine is right "
                           "again; going on with AWS's time\n")
    assert operations(sts) == ["GetCallerIdentity"] + FOUND


def test_server_that_says_no_date(person, sts):
    sts.fault("no-date")
    sts.offset = 3630
    person.write_key(sts.alice, serial=False)
    line = sentence(get_session(person))
    assert "clock of this machine is off" in line
    assert "Signature expired" in line
    assert operations(sts) == ["GetCallerIdentity"]


def test_small_skew_is_nobodys_business(person, sts):
    sts.offset = 200
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")
    assert not clock_is_remembered()


def test_wrong_clock_and_wrong_secret(person, sts):
    """The second refusal is not for the clock."""
    sts.offset = 3630
    person.write_key(sts.alice, serial=False)
    secret = sts.alice.keys[0].secret
    person.credentials.write_text(
        person.credentials.read_text().replace(secret, secret[::-1]))
    done = get_session(person)
    assert done.returncode == 125
    first, second = done.stderr.splitlines()
    assert "1 h 0 min slow" in first
    assert "does not belong to the access key" in second
    assert len(sts.requests) == 2


def test_clock_in_the_middle_of_the_way(person, sts):
    """The one correction is per call, and roles are calls without a code."""
    role = sts.add_role("deploy")
    person.write_key(sts.alice, config="[profile r]\nrole_arn = %s\n"
                     "source_profile = default\n" % role.arn)
    assert get_session(person).returncode == 0
    sts.forget()
    sts.offset = 3630
    done = person.run("--profile", "r", "exec", "true")
    # The session is used while it is good, and only the role is asked for;
    # that takes no code, and no terminal.
    assert operations(sts) == ["AssumeRole", "AssumeRole"], done.stderr
    assert done.returncode == 0 and "1 h 0 min slow" in done.stderr


# --------------------------------------------------- nobody there, no trust

@pytest.mark.parametrize("serial", [True, False])
def test_refused(person, sts, serial):
    person.write_key(sts.alice, serial=serial)
    with closed_port() as port:
        line = sentence(get_session(person, env={
            "AWS_ENDPOINT_URL": "https://127.0.0.1:%d" % port}))
    assert "no connection to 127.0.0.1:%d: Connection refused" % port in line
    assert "check the network" in line
    assert not code_is_spent(sts)


def test_name_not_found(person, sts):
    line = sentence(get_session(person, env={
        "AWS_ENDPOINT_URL": "https://sts.invalid"}))
    assert "the host sts.invalid is not found: check the spelling" in line
    assert not code_is_spent(sts)


@pytest.mark.parametrize("kind, says, todo", [
    ("expired", "has expired", "renew"),
    ("not-yet-valid", "is not valid yet", "clock"),
    ("other-host", "is for another host", "check the endpoint")])
@pytest.mark.parametrize("serial", [True, False])
def test_bad_certificate(person, sts, authority, kind, says, todo, serial):
    person.write_key(sts.alice, serial=serial)
    with emulator_module.Emulator(authority=authority,
                                  certificate=kind) as other:
        line = sentence(get_session(person,
                                    env={"AWS_ENDPOINT_URL": other.url}))
        assert other.requests == []
    assert "the certificate of 127.0.0.1:%d %s" % (other.port, says) in line
    assert todo in line
    assert not code_is_spent(sts)


def test_not_trusted(person, sts, tmp_path):
    """By the system, by another CA, by an empty directory."""
    line = sentence(get_session(person, env={"AWS_CA_BUNDLE": None}))
    assert "is not trusted" in line and "AWS_CA_BUNDLE" in line
    other = emulator_module.Authority(str(tmp_path / "other"))
    (tmp_path / "empty").mkdir()
    for bundle in (other.ca_file, str(tmp_path / "empty")):
        line = sentence(get_session(person, env={"AWS_CA_BUNDLE": bundle}))
        assert "is not trusted by " + bundle in line
        assert "ca_bundle" in line
    assert sts.requests == [] and not code_is_spent(sts)


def test_bundle_of_the_profile(person, sts):
    person.write_key(sts.alice, config="ca_bundle = %s\n" % sts.ca_file)
    done = get_session(person, env={"AWS_CA_BUNDLE": None})
    assert (done.returncode, done.stderr) == (0, "")


def test_bundle_missing(person, sts):
    line = sentence(get_session(person,
                                env={"AWS_CA_BUNDLE": "/nonexistent"}))
    assert line.startswith("AWS_CA_BUNDLE: CA bundle /nonexistent cannot be "
                           "read: No such file")
    person.write_key(sts.alice, config="ca_bundle = ~/ca.pem\n")
    line = sentence(get_session(person, env={"AWS_CA_BUNDLE": None}))
    assert line.startswith("%s, line 3: CA bundle ~/ca.pem cannot be read"
                           % person.config)
    assert "not expanded" in line
    assert sts.connections == []


@pytest.mark.parametrize("content", [b"", b"garbage\n", bytes(range(256)),
                                     b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_bundle_that_is_none(person, sts, tmp_path, content):
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(content)
    line = sentence(get_session(person, env={"AWS_CA_BUNDLE": str(bundle)}))
    assert str(bundle) in line and "AWS_CA_BUNDLE" in line
    assert sts.requests == [] and not code_is_spent(sts)


def test_plain_server_for_tls(person, sts):
    with emulator_module.Emulator(tls=False) as plain:
        line = sentence(get_session(person, env={
            "AWS_ENDPOINT_URL": plain.url.replace("http:", "https:")}))
    assert "check the endpoint and its port" in line
    assert not code_is_spent(sts)


# ------------------------------------------------------- strange answers

STRANGE = {
    "redirect": ("redirect", {}, "wants to redirect .HTTP 301. to "
                                 "elsewhere.example: not followed"),
    "login page": ("redirect", {"status": 302, "location": "/login"},
                   "wants to redirect .HTTP 302. to another page"),
    "huge": ("huge", {}, "is longer than any of AWS"),
    "garbage": ("garbage", {}, "is not one of AWS: it is not XML"),
    "truncated": ("truncated", {}, "is not one of AWS: it is not XML"),
    "bomb": ("bomb", {}, "a document type declaration"),
    "external entity": ("external-entity", {}, "a document type declaration"),
    "incomplete": ("missing", {"names": "SessionToken UserId Arn"},
                   "the element [A-Za-z]+ is missing"),
    "400": ("error", {"status": 400, "body": "empty"},
            "answers HTTP 400 without an error of AWS"),
    "404": ("error", {"status": 404, "body": "html"},
            "answers HTTP 404 without an error of AWS"),
}


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("case", STRANGE)
def test_strange_answer(person, sts, case, coded):
    """Asked once, said what it is, and a code counts as used."""
    name, options, says = STRANGE[case]
    person.write_key(sts.alice, serial=coded)
    sts.fault(name, **options)
    line = sentence(get_session(person, timeout=20))
    assert re.search(says, line), line
    assert "check the endpoint" in line
    assert "127.0.0.1:%d" % sts.port in line
    assert "root:" not in line      # from /etc/passwd
    assert operations(sts) == ["GetSessionToken" if coded
                               else "GetCallerIdentity"]
    assert code_is_spent(sts) == coded


@pytest.mark.parametrize("name, options", [
    ("odd", {}), ("token-blanks", {}), ("token-size", {"size": 4096}),
    ("content-type", {}), ("no-date", {}),
    ("drip", {"bytes": 500, "interval": 0.02}), ("delay", {"seconds": 0.5})])
def test_harmless_answer(person, sts, name, options):
    person.write_key(sts.alice, serial=False)
    sts.fault(name, **options)
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")
    assert operations(sts) == FOUND


# ----------------------------------------------------------- busy, broken

TROUBLES = {
    "throttled": ("throttle", {}, "Throttling: Rate exceeded"),
    "429": ("error", {"status": 429, "body": "empty"}, "HTTP 429"),
    "500": ("error", {"status": 500, "body": "empty"},
            "is in trouble (HTTP 500)"),
    "503 html": ("error", {"status": 503, "body": "html"},
                 "is in trouble (HTTP 503)"),
    "503": ("error", {"status": 503}, "answers ServiceUnavailable"),
    "close-after": ("close-after", {}, "closed the connection"),
    "close-middle": ("close-middle", {}, "closed the connection"),
}


@pytest.mark.parametrize("case", TROUBLES)
def test_trouble_with_a_code(person, sts, case):
    """Never a second time: the code may have arrived."""
    name, options, says = TROUBLES[case]
    sts.fault(name, **options)
    line = sentence(get_session(person))
    assert says in line
    assert "another MFA code" in line or "wait for the next one" in line
    assert operations(sts) == ["GetSessionToken"]
    assert code_is_spent(sts)


@pytest.mark.parametrize("case", ["throttled", "500", "503 html",
                                  "close-after"])
def test_trouble_without_a_code(person, sts, case):
    """Three tries, and more time between them."""
    name, options, says = TROUBLES[case]
    person.write_key(sts.alice, serial=False)
    sts.fault(name, **options)
    line = sentence(get_session(person))
    assert says in line and "try again" in line and "MFA" not in line
    assert operations(sts) == ["GetCallerIdentity"] * 3
    times = [entry["monotonic"] for entry in sts.requests]
    for gap, limit in zip((times[1] - times[0], times[2] - times[1]), (1, 2)):
        assert 0 < gap < limit + 2
    assert not code_is_spent(sts)


def test_back_off_is_said(person, sts):
    person.write_key(sts.alice, serial=False)
    sts.fault("throttle", count=2)
    done = get_session(person, "--debug")
    assert done.returncode == 0
    assert operations(sts) == ["GetCallerIdentity"] * 2 + FOUND
    waits = [int(ms) for ms in re.findall("trying again in ([0-9]+) ms",
                                          done.stderr)]
    assert len(waits) == 2 and waits[0] < 1000 and waits[1] < 2000
    assert done.stderr.count("Throttling: Rate exceeded") == 2


def test_trouble_that_passes_is_not_said(person, sts):
    person.write_key(sts.alice, serial=False)
    sts.fault("error", status=500, count=1, operation="ListMFADevices")
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")
    assert operations(sts) == [FOUND[0], FOUND[1], FOUND[1], FOUND[2]]


def test_refusals_are_not_retried(person, sts):
    person.write_key(sts.alice, serial=False)
    sts.fault("error", status=403, code="AccessDenied", message="no")
    assert "AccessDenied: no" in sentence(get_session(person))
    assert len(sts.requests) == 1


# ------------------------------------------- connections closed at each point

@pytest.mark.parametrize("name, options, says, spent", [
    ("close-accept", {}, "hung up during the TLS handshake", False),
    ("close-before", {}, "without a whole answer", True),
    ("close-after", {}, "without a whole answer", True),
    ("close-middle", {"bytes": 0}, "without a whole answer", True),
    ("close-middle", {"bytes": 10}, "without a whole answer", True),
    ("close-middle", {"bytes": 200}, "without a whole answer", True)])
def test_closed(person, sts, name, options, says, spent):
    sts.fault(name, **options)
    line = sentence(get_session(person))
    assert says in line
    assert ("the code counts as used" in line) == spent
    assert code_is_spent(sts) == spent
    assert len(sts.connections) == 1


@pytest.mark.parametrize("name", ["close-before", "close-middle"])
def test_closed_once(person, sts, name):
    """Without a code it is tried again and nobody hears of it."""
    person.write_key(sts.alice, serial=False)
    sts.fault(name, count=1)
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")
    assert operations(sts)[-3:] == FOUND


def test_closed_while_the_person_types(person, sts):
    """An idle connection is closed by AWS, too: there is a new one."""
    sts.idle_timeout = 0.3
    child = person.spawn("exec", "true")
    child.expect("MFA code for .*: ")
    time.sleep(0.8)
    child.sendline(person.code())
    child.expect("$")
    child.wait()
    assert child.exitstatus == 0
    assert operations(sts) == ["GetSessionToken"]
    assert len(sts.connections) == 2


def test_handshake_that_takes_its_time(person, sts):
    sts.fault("stall-handshake", seconds=0.5)
    done = get_session(person)
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------- proxies

class Proxy(socketserver.ThreadingTCPServer):
    """Speaks CONNECT; whatever name is asked for, it is the emulator."""

    daemon_threads, allow_reuse_address, block_on_close = True, True, False

    def __init__(self, port, status="200 OK"):
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.to, self.status, self.targets = port, status, []
        self.url = "http://127.0.0.1:%d" % self.server_address[1]

    def handle_error(self, *_):
        pass    # either side left


class ProxyHandler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        lines = []
        while True:
            line = self.rfile.readline().strip().decode()
            if not line:
                break
            lines.append(line)
        self.server.targets.append(lines[0].split()[1])
        self.server.headers = lines[1:]
        self.request.sendall(("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"
                              % self.server.status).encode()
                             if self.server.status != "200 OK"
                             else b"HTTP/1.1 200 OK\r\n\r\n")
        if self.server.status != "200 OK":
            return
        with socket.create_connection(("127.0.0.1", self.server.to)) as there:
            thread = threading.Thread(target=self.pump,
                                      args=(there, self.request), daemon=True)
            thread.start()
            self.pump(self.request, there)
            thread.join(10)

    @staticmethod
    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(sts):
    with running(Proxy(sts.port)) as server:
        yield server


@contextlib.contextmanager
def running(server):
    with server:
        threading.Thread(target=server.serve_forever, args=(0.02,),
                         daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_proxy(person, sts, proxy, name):
    person.write_key(sts.alice, serial=False)
    done = get_session(person, env={name: proxy.url})
    assert (done.returncode, done.stderr) == (0, "")
    assert set(proxy.targets) == {"127.0.0.1:%d" % sts.port}
    assert operations(sts) == FOUND


def test_small_letters_count_first(person, sts, proxy):
    with closed_port() as port:
        done = get_session(person, env={
            "https_proxy": proxy.url,
            "HTTPS_PROXY": "http://127.0.0.1:%d" % port})
    assert done.returncode == 0 and len(proxy.targets) == 1


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize("value", ["127.0.0.1", "example.org,127.0.0.1", "*"])
def test_no_proxy(person, sts, proxy, name, value):
    done = get_session(person, env={"https_proxy": proxy.url, name: value})
    assert (done.returncode, done.stderr) == (0, "")
    assert proxy.targets == []


def test_other_proxies_do_not_count(person, sts, proxy):
    """That of http is for http, and a CGI program's header is for nobody."""
    done = get_session(person, env={"http_proxy": proxy.url,
                                    "HTTP_PROXY": proxy.url})
    assert done.returncode == 0 and proxy.targets == []


@pytest.mark.parametrize("status, says", [
    ("403 Forbidden", "refuses to connect to 127.0.0.1"),
    ("407 Proxy Authentication Required", "user name and password"),
    ("502 Bad Gateway", "refuses to connect to 127.0.0.1")])
def test_proxy_that_refuses(person, sts, status, says):
    with running(Proxy(sts.port, status)) as proxy:
        line = sentence(get_session(person, env={"https_proxy": proxy.url}))
    assert "the proxy " + proxy.url[len("http://"):] in line
    assert says in line and "HTTPS_PROXY" in line
    assert sts.connections == [] and not code_is_spent(sts)


@pytest.mark.parametrize("serial", [True, False])
def test_proxy_unreachable(person, sts, serial):
    person.write_key(sts.alice, serial=serial)
    with closed_port() as port:
        line = sentence(get_session(person, env={
            "https_proxy": "http://127.0.0.1:%d" % port}))
    assert "the proxy 127.0.0.1:%d: Connection refused" % port in line
    assert sts.connections == [] and not code_is_spent(sts)


def test_proxy_password_is_not_said(person, sts):
    with running(Proxy(sts.port, "407 No")) as proxy:
        done = get_session(person, "--debug", env={
            "https_proxy": proxy.url.replace("//", "//me:hunter2@")})
        assert done.returncode == 122
        assert any("Basic" in line for line in proxy.headers)
    assert "hunter2" not in done.stderr


# --------------------------------------------------------- which endpoint

@contextlib.contextmanager
def plain_emulator(host="127.0.0.1"):
    try:
        plain = emulator_module.Emulator(host=host, tls=False)
    except OSError:
        pytest.skip("no address " + host)
    with plain:
        plain.alice = plain.add_user("alice", mfa=["alice"])
        yield plain


@pytest.mark.parametrize("listen, named", [
    ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"),
    ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")])
def test_http_to_loopback(person, listen, named):
    with plain_emulator(listen) as plain:
        person.write_key(plain.alice, serial=False)
        done = person.run("--code", plain.code("alice"), "exec", "true", env={
            "AWS_ENDPOINT_URL": "http://%s:%d" % (named, plain.port)})
        assert (done.returncode, done.stderr) == (0, "")
        assert operations(plain) == FOUND
        assert {entry["host"] for entry in plain.requests} == {
            "%s:%d" % (named, plain.port)}


FAR = ["http://192.0.2.1", "http://10.0.0.1:8080/x", "http://aws.invalid",
       "http://127.0.0.1.invalid", "http://[2001:db8::1]", "HTTP://0.0.0.0",
       "http://[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("url", FAR)
@pytest.mark.parametrize("place", [
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM",
    "endpoint_url", "services"])
def test_http_elsewhere_is_refused(person, sts, place, url):
    env = {"AWS_ENDPOINT_URL": None}
    if place == "endpoint_url":
        person.write_key(sts.alice, config="endpoint_url = %s\n" % url)
        where = "%s, line 3: " % person.config
    elif place == "services":
        person.write_key(sts.alice, config="services = s\n[services s]\n"
                         "sts =\n  endpoint_url = %s\n" % url)
        where = "%s, line 5: " % person.config
    else:
        env[place] = url
        where = place + ": "
    line = sentence(get_session(person, env=env))
    assert line.startswith(where + "endpoint URL '%s' is plain http" % url)
    assert "use https" in line
    assert not code_is_spent(sts)


@pytest.mark.parametrize("url, why", [
    ("127.0.0.1:4566", "does not begin with https://"),
    ("ftp://127.0.0.1", "does not begin with https://"),
    ("https://", "has no host"), ("https://127.0.0.1:99999", "has a port"),
    ("https://me:hunter2@127.0.0.1", "has a user name"),
    ("https://127.0.0.1/?token=hunter2", "has a query"),
    ("https://127.0.0.1/a/../b", "empty, . or .. part"),
    ("https://127.1", "no valid host name")])
def test_bad_endpoint(person, sts, url, why):
    line = sentence(get_session(person, env={"AWS_ENDPOINT_URL": url}))
    assert line.startswith("AWS_ENDPOINT_URL: ")
    assert why in line and "hunter2" not in line
    assert sts.connections == []


def hosts(sts):
    """The host names by which each service was asked."""
    return {entry["service"]: entry["host"].split(":")[0]
            for entry in sts.requests}


# By which of these two names a service is asked says what was followed.
ENDPOINTS = {
    "one for all": ({"AWS_ENDPOINT_URL": "ONE"}, "", "127.0.0.1",
                    "127.0.0.1"),
    "one each": ({"AWS_ENDPOINT_URL_STS": "ONE",
                  "AWS_ENDPOINT_URL_IAM": "TWO"}, "", "127.0.0.1",
                 "localhost"),
    "own one before that for all": (
        {"AWS_ENDPOINT_URL": "ONE", "AWS_ENDPOINT_URL_IAM": "TWO"}, "",
        "127.0.0.1", "localhost"),
    "profile": ({}, "endpoint_url = TWO\n", "localhost", "localhost"),
    "services": ({}, "services = s\n[services s]\nsts =\n"
                 "  endpoint_url = ONE\niam =\n  endpoint_url = TWO\n",
                 "127.0.0.1", "localhost"),
    "services before profile": (
        {}, "endpoint_url = TWO\nservices = s\n[services s]\nsts =\n"
        "  endpoint_url = ONE\n", "127.0.0.1", "localhost"),
    "variable before services": (
        {"AWS_ENDPOINT_URL": "TWO"}, "services = s\n[services s]\nsts =\n"
        "  endpoint_url = ONE\n", "localhost", "localhost"),
    "empty variable": ({"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_STS": ""},
                       "endpoint_url = TWO\n", "localhost", "localhost"),
    "false is not true": ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
                          "endpoint_url = TWO\n", "localhost", "localhost"),
}


@pytest.mark.parametrize("case", ENDPOINTS)
def test_custom_endpoint(person, sts, case):
    variables, text, of_sts, of_iam = ENDPOINTS[case]

    def fill(value):
        return value.replace("ONE", sts.url).replace(
            "TWO", "https://localhost:%d" % sts.port)
    env = {"AWS_ENDPOINT_URL": None}
    env.update((name, fill(value)) for name, value in variables.items())
    person.write_key(sts.alice, serial=False, config=fill(text))
    done = get_session(person, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert hosts(sts) == {"sts": of_sts, "iam": of_iam}


def test_missing_services_section(person, sts):
    person.write_key(sts.alice, config="services = lost\n")
    line = sentence(get_session(person, env={"AWS_ENDPOINT_URL": None}))
    assert line.startswith("%s, line 3: services = lost" % person.config)


# Region, its partition, then STS's and IAM's host and region of signature.
REGIONS = [
    ("eu-west-1", "aws", "sts.eu-west-1.amazonaws.com", "eu-west-1",
     "iam.amazonaws.com", "us-east-1"),
    ("us-east-1", "aws", "sts.us-east-1.amazonaws.com", "us-east-1",
     "iam.amazonaws.com", "us-east-1"),
    (None, "aws", "sts.amazonaws.com", "us-east-1",
     "iam.amazonaws.com", "us-east-1"),
    ("cn-north-1", "aws-cn", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1",
     "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("cn-northwest-1", "aws-cn", "sts.cn-northwest-1.amazonaws.com.cn",
     "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("us-gov-west-1", "aws-us-gov", "sts.us-gov-west-1.amazonaws.com",
     "us-gov-west-1", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
    ("eusc-de-east-1", "aws-eusc", "sts.eusc-de-east-1.amazonaws.eu",
     "eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
]


@pytest.mark.parametrize("region, partition, sts_host, sts_region, iam_host, "
                         "iam_region", REGIONS)
def test_endpoint_of_a_region(person, authority, region, partition, sts_host,
                              sts_region, iam_host, iam_region):
    """Through a proxy that leads every name to an emulator which has it in
    its certificate, and which is strict about the region signed for."""
    with emulator_module.Emulator(
            authority=authority, partition=partition,
            names=(sts_host, iam_host)) as aws, running(
                Proxy(aws.port)) as proxy:
        alice = aws.add_user("alice", mfa=["alice"])
        person.write_key(alice, serial=False)
        options = ("--region", region) if region else ()
        done = person.run(*options, "--code", aws.code("alice"), "--debug",
                          "exec", "true", env={
                              "AWS_ENDPOINT_URL": None,
                              "https_proxy": proxy.url})
        assert done.returncode == 0, done.stderr
        assert ("STS at https://%s, signed for %s" % (sts_host, sts_region)
                in done.stderr)
        assert hosts(aws) == {"sts": sts_host, "iam": iam_host}
        assert {entry["service"]: entry["region"] for entry in aws.requests} \
            == {"sts": sts_region, "iam": iam_region}
        assert set(proxy.targets) == {sts_host + ":443", iam_host + ":443"}


@pytest.mark.parametrize("env, config, host", [
    ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "",
     "sts.amazonaws.com"),
    ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True",
      "AWS_REGION": "eu-west-1"}, "", "sts.eu-west-1.amazonaws.com"),
    ({}, "ignore_configured_endpoint_urls = true\nregion = eu-west-2\n",
     "sts.eu-west-2.amazonaws.com"),
    ({"AWS_ENDPOINT_URL": None, "AWS_USE_FIPS_ENDPOINT": "true"},
     "region = us-east-2\n", "sts-fips.us-east-2.amazonaws.com"),
    ({"AWS_ENDPOINT_URL": None}, "use_dualstack_endpoint = true\n"
     "region = us-east-2\n", "sts.us-east-2.api.aws"),
    ({"AWS_ENDPOINT_URL": None, "AWS_DEFAULT_REGION": "ap-south-1"},
     "sts_regional_endpoints = legacy\n", "sts.amazonaws.com")])
def test_endpoint_of_aws(person, sts, env, config, host):
    """Seen in the debug lines; the proxy is a closed port."""
    person.write_key(sts.alice, config=config)
    with closed_port() as port:
        done = get_session(person, "--debug", env=dict(
            env, https_proxy="http://127.0.0.1:%d" % port))
    assert done.returncode == 122
    assert "STS at https://%s, " % host in done.stderr
    assert "the proxy 127.0.0.1:%d: Connection refused" % port in done.stderr
    assert sts.connections == []


# ------------------------------------------------------------- in the end

def test_answer_that_takes_too_long(endless_answer):
    begin, process, sts = endless_answer
    out, text = process.communicate(timeout=LIMIT + 30)
    assert time.monotonic() - begin > LIMIT
    line = sentence(subprocess.CompletedProcess([], process.returncode, out,
                                                text))
    assert "no whole answer of 127.0.0.1:%d within 30 s" % sts.port in line
    assert "the code counts as used" in line
    assert operations(sts) == ["GetSessionToken"]
