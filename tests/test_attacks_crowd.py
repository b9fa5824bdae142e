"""Five hundred users with keys and sessions on one machine.

Each stores a key of their own and gets a session with MFA, in the keyring that
the kernel gives every user id. The quotas are those of the sysctl file that is
installed: they are the whole kernel's, so they hold for this test only.
"""

import json
import os
import re
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kernel_keys  # noqa: E402
from machine import (  # noqa: E402, F401 pylint: disable=unused-import
    CROWD, SERVICE, machine, needs_root)

pytestmark = needs_root

# Runs as root, and each job as its user with the keyrings of a login.
CROWD_PROGRAM = r"""
import concurrent.futures, json, os, subprocess, sys

script, program, env, jobs = json.load(sys.stdin)

def run(job):
    done = subprocess.run(
        ["keyctl", "session", "-", "sh", "-c", script, "sh", program,
         *job["arguments"]], env=dict(env, HOME=job["home"]), cwd="/",
        user=job["uid"], group=job["uid"], extra_groups=[], text=True,
        stdin=subprocess.DEVNULL, capture_output=True)
    return [done.returncode, done.stdout, done.stderr]

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    json.dump(list(pool.map(run, jobs)), sys.stdout)
"""

LIFE = """set -e
"$1" --version >/dev/null
printf '%s\\n%s\\n' "$2" "$3" | "$1" add --stdin >/dev/null
"$1" --code "$4" exec printenv AWS_ACCESS_KEY_ID
"$1" exec printenv AWS_ACCESS_KEY_ID"""


@pytest.fixture
def quotas(machine):
    """The values of the sysctl file."""
    path = os.path.join(machine.prefix, "lib/sysctl.d/60-aws-session.conf")
    with open(machine.path(path), encoding="utf-8") as file:
        values = {name: int(number) for name, number in re.findall(
            r"^kernel\.keys\.(\w+) = (\d+)$", file.read(), re.M)}
    assert set(values) == {"maxkeys", "maxbytes"}
    with kernel_keys.sysctls(**values):
        yield values


def usage(uid):
    """Keys and bytes of a uid, and what it may have."""
    with open("/proc/key-users", encoding="ascii") as file:
        return [int(number) for number in re.search(
            r"^ *%d: +\d+ \d+/\d+ (\d+)/(\d+) (\d+)/(\d+)" % uid, file.read(),
            re.M).groups()]


def crowd(machine, script, env, jobs):
    """Run a script for all of them, eight at a time."""
    process = machine.popen(
        sys.executable, "-I", "-c", CROWD_PROGRAM, user="root", text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return json.loads(process.communicate(json.dumps(
        [script, machine.program, env, jobs]), timeout=180)[0])


def test_five_hundred_users(machine, sts, quotas):
    with open(sts.ca_file, encoding="ascii") as file:
        machine.put("/home/ca.pem", file.read())
    env = dict(machine.environment("alice"), AWS_ENDPOINT_URL=sts.url,
               AWS_CA_BUNDLE="/home/ca.pem", AWS_EC2_METADATA_DISABLED="true")
    jobs = []
    uids = machine.crowd[:50 if machine.sanitized else CROWD]
    for uid in uids:
        person = sts.add_user("user%d" % uid, mfa=["user%d" % uid])
        home = "/home/user%d" % uid
        os.makedirs(machine.path(home + "/.aws"))
        machine.put(home + "/.aws/config", "[default]\nmfa_serial = %s\n"
                    % person.devices[0].serial)
        jobs.append({"uid": uid, "home": home, "arguments": [
            person.keys[0].id, person.keys[0].secret,
            sts.code(person.name, step=0)]})
    service = machine.uids[SERVICE]
    sts.clock.freeze() # a code is good for a minute, a slow machine needs more
    start = time.monotonic()
    results = crowd(machine, LIFE, env, jobs)
    seconds = time.monotonic() - start
    bad = [said for status, _, said in results if status != 0]
    assert bad == []
    names = [out.split() for _, out, _ in results]
    # A session each, the same when they asked again, and no two alike.
    assert all(len(pair) == 2 and pair[0] == pair[1] for pair in names)
    assert len({first for first, _ in names}) == len(uids)
    keys, most_keys, size, most_size = usage(service)
    print("%d users, %.1f s; the service user has %d of %d keys and %d of %d "
          "bytes" % (len(uids), seconds, keys, most_keys, size, most_size))
    assert len(uids) <= keys < most_keys == quotas["maxkeys"]
    assert size < most_size == quotas["maxbytes"]
    most = max(usage(uid)[2] for uid in uids)
    assert most < quotas["maxbytes"] / 4
    # Each is told of their own quota, and loses nothing by others' leaving.
    shown = crowd(machine, '"$1" status', env, jobs[:4])
    assert all(re.search(r"of %d keys" % most_keys, out)
               for _, out, _ in shown), shown
    for uid in uids[:10]:
        machine.clear_keys("user%d" % uid)
    again = crowd(machine, '"$1" exec printenv AWS_ACCESS_KEY_ID', env,
                  jobs[10:20])
    assert [out.strip() for _, out, _ in again] == [
        first for first, _ in names[10:20]]
