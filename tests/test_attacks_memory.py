"""Where the secret of a stored key is while sessions are made: in no process
of the user's, and out of the user's reach in the signer's.

Two programs look through the memory, the environment and the arguments of
processes all the time: root's, which may look into everything, and Alice's.
They know the secret only in a mask, so that they do not find themselves, and
are no forks of the tests, which know it.
"""

import json
import os
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    SERVICE, machine, needs_root)

pytestmark = needs_root
MASK = 0x5a

SCANNER = r"""
import os, re, select, sys

mask, masked, uids = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), [
    int(uid) for uid in sys.argv[3].split(",")]
unmask = bytes(byte ^ mask for byte in range(256))
mask_all = bytes.maketrans(bytes(range(256)), unmask)
found, became, looked, refused, reached = set(), set(), {}, 0, set()

def uids_of(pid):
    with open("/proc/%s/status" % pid) as file:
        return {int(uid) for uid in
                re.search(r"Uid:\s*(.*)", file.read())[1].split()}

def contains(data):
    # The data is masked, not the secret unmasked: it never stands here.
    return masked in data.translate(mask_all)

def hit(pid, name, where):
    # Whose process is it now? The signer was the user's when it was started.
    try:
        (found if uids_of(pid) & set(uids) else became).add((name, where))
    except (OSError, TypeError):
        became.add((name, where)) # it has ended meanwhile

def look(pid, name):
    for part in ("environ", "cmdline"):
        try:
            with open("/proc/%s/%s" % (pid, part), "rb") as file:
                if contains(file.read()):
                    hit(pid, name, part)
        except OSError:
            pass
    with open("/proc/%s/mem" % pid, "rb", 0) as memory:
        with open("/proc/%s/maps" % pid) as file:
            maps = file.read().splitlines()
        if not maps:
            return False
        for line in maps:
            words = line.split()
            if words[1][0] != "r" or words[1][1] != "w":
                continue
            begin, end = (int(word, 16) for word in words[0].split("-"))
            if end - begin > 1 << 28: # the shadow of a sanitizer
                continue
            try:
                memory.seek(begin)
                if contains(memory.read(end - begin)):
                    hit(pid, name, words[-1])
            except (OSError, OverflowError, ValueError):
                continue
    return True

print("ready", flush=True)
own = str(os.getpid())
while not select.select([sys.stdin], [], [], 0)[0]:
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or pid == own:
            continue
        try:
            of = uids_of(pid) # before anything of it is opened
            if not of & set(uids):
                continue
            with open("/proc/%s/comm" % pid) as file:
                name = file.read().strip()
            try:
                if look(pid, name):
                    looked.setdefault(name, set()).add(pid)
                    reached |= of
            except PermissionError:
                refused += 1
        except (OSError, TypeError):
            continue
import json
print(json.dumps({"found": sorted(found), "became": sorted(
    name for name, _ in became), "refused": refused, "reached":
                  sorted(reached), "looked": {name: len(pids) for name, pids
                                              in looked.items()}}))
"""


class Scanner:
    """One of the two programs, at work."""

    def __init__(self, machine, user, secret, uids):
        masked = bytes(byte ^ MASK for byte in secret.encode()).hex()
        self.process = machine.popen(
            sys.executable, "-I", "-c", SCANNER, str(MASK), masked,
            ",".join(map(str, uids)), user=user, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n"

    def result(self):
        """End it. What it found."""
        return json.loads(self.process.communicate("\n", timeout=30)[0])


@pytest.fixture
def home(machine, sts):
    """Alice's at home: a profile with an MFA device, and the emulator."""
    with open(sts.ca_file, encoding="ascii") as file:
        machine.put("/home/alice/ca.pem", file.read())
    os.makedirs(machine.path("/home/alice/.aws"), exist_ok=True)
    machine.put("/home/alice/.aws/config",
                "[default]\nmfa_serial = %s\nregion = us-east-1\n"
                % sts.alice.devices[0].serial, owner="alice")
    machine.put(machine.policy, "cache_scope = none\n")
    env = machine.environment("alice")
    env.update(AWS_ENDPOINT_URL=sts.url, AWS_CA_BUNDLE="/home/alice/ca.pem",
               AWS_EC2_METADATA_DISABLED="true")
    yield env
    os.unlink(machine.path(machine.policy))
    machine.clear_keys("alice")


LOOP = """while read -r code; do
    "$1" --code "$code" exec printenv AWS_ACCESS_KEY_ID || echo failed
done"""


def make_sessions(machine, sts, env, count):
    """Alice gets so many sessions, one after the other, from a shell that was
    started before. Their key ids."""
    shell = machine.popen("sh", "-c", LOOP, "sh", machine.program, env=env,
                          text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)
    found = []
    for _ in range(count):
        shell.stdin.write(sts.code("alice") + "\n")
        shell.stdin.flush()
        found.append(shell.stdout.readline().strip())
    assert shell.communicate(timeout=30)[0] == "" and shell.returncode == 0
    return found


def wait_for_exec(process, name):
    """Wait until a process is the program that it was to be."""
    for _ in range(200):
        with open("/proc/%d/comm" % process.pid, encoding="ascii") as file:
            if file.read().strip() == name:
                return
        time.sleep(0.01)


def test_the_scanners_find_a_secret(machine):
    """In a program of Alice's that holds it: in its memory, environment and
    arguments."""
    secret = "TestSecret/" + os.urandom(16).hex()
    holder = machine.popen("sleep", "60", env={"HELD": secret})
    wait_for_exec(holder, "sleep")
    for user in ("root", "alice"):
        scanner = Scanner(machine, user, secret, [machine.uids["alice"]])
        time.sleep(0.5)
        found = scanner.result()
        assert ["sleep", "environ"] in found["found"]
        assert ["sleep", "[stack]"] in found["found"]
    holder.kill()
    holder.wait()


def test_no_process_of_hers_has_the_secret(machine, sts, home):
    """Fifty sessions with a stored key."""
    key = sts.alice.keys[0]
    assert machine.store(key_id=key.id, secret=key.secret)[0] == "KEY_DONE"
    alice, service = machine.uids["alice"], machine.uids[SERVICE]
    scanners = {user: Scanner(machine, user, key.secret, uids)
                for user, uids in (("root", [alice]),
                                   ("alice", [alice, service]))}
    sessions = make_sessions(machine, sts, home, 50)
    results = {user: scanner.result() for user, scanner in scanners.items()}
    print(results)
    assert len(set(sessions)) == 50 and "failed" not in sessions
    assert all(name.startswith("ASIA") for name in sessions)
    # Root may find it in the signer, after that became the service user's.
    assert results["root"]["found"] == []
    assert set(results["root"]["became"]) <= {"aws-session-sig"}
    assert results["root"]["looked"]["aws-session"] > 0
    assert machine.sanitized or results["root"]["looked"]["aws-session-sts"]
    # Alice sees her own processes, and into none of the service user's.
    assert results["alice"]["found"] == results["alice"]["became"] == []
    assert results["alice"]["looked"]["aws-session"] > 0
    assert results["alice"]["reached"] == [alice]
    assert "aws-session-sig" not in results["alice"]["looked"]
    # A scan of a sanitizer's memory is too slow to meet the signer each time.
    assert machine.sanitized or results["alice"]["refused"] > 0


def test_no_file_has_it_either(machine, sts, home):
    """Added by --stdin and used: afterwards it is nowhere where she can
    write or the log is."""
    key = sts.alice.keys[0]
    machine.put("/tmp/begin", "")
    added = machine.run(machine.program, "add", "--stdin", env=home,
                        data="%s\n%s\n" % (key.id, key.secret))
    assert added.returncode == 0, added.stderr
    assert "protected" in added.stdout and "not protected" not in added.stdout
    sessions = make_sessions(machine, sts, home, 2)
    assert len(set(sessions)) == 2
    text = added.stdout + added.stderr + str(machine.audit())
    done = machine.run("find", "/home/alice", "/tmp", "/var/tmp", "/dev/shm",
                       "-type", "f", "-newer", "/tmp/begin", "-exec", "grep",
                       "-lF", key.secret, "{}", "+", user="root")
    assert done.stdout == ""
    assert key.secret not in text
