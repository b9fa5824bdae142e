"""Sessions that are kept, changed by a test: dropped, or made older."""

import json
import subprocess
import time

from conftest import KEYCTL, is_foreign, user_keys

SESSION = "aws-session:session:"


def ours(which):
    """(serial number, description) of those that this run has made."""
    return [(serial, description)
            for serial, description in user_keys().items()
            if description.startswith(which)
            and not is_foreign(serial, description)]


def documents(which=SESSION):
    """The kept sessions as they are stored: description -> bytes."""
    return {description: subprocess.run(
        [KEYCTL, "pipe", serial], capture_output=True, check=True).stdout
        for serial, description in ours(which)}


def forget(which=SESSION):
    """As when the kernel or the quota took them: nothing notes it."""
    for serial, _ in ours(which):
        subprocess.run([KEYCTL, "unlink", serial, "@u"], check=True,
                       capture_output=True)


def age(left, which=SESSION):
    """Let the kept sessions have only so many seconds left."""
    for serial, description in ours(which):
        kind = subprocess.run(
            [KEYCTL, "rdescribe", serial], capture_output=True, text=True,
            check=True).stdout.partition(";")[0]
        document = json.loads(subprocess.run(
            [KEYCTL, "pipe", serial], capture_output=True, check=True).stdout)
        document["Expiration"] = time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + left))
        subprocess.run([KEYCTL, "padd", kind, description, "@u"], check=True,
                       input=json.dumps(document).encode(),
                       capture_output=True)
