"""make bench: what aws-session costs, as ratios measured in one run.

Each comparison runs its two sides in turn (A B A B ...) and divides medians,
so that the machine, its load and its clock speed fall out. Nothing here passes
or fails. The server is the emulator, in a process of its own.
"""

import fcntl
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import emulator

TESTS = os.path.dirname(os.path.abspath(__file__))
PROFILE = "bench-%d" % os.getpid()
KEYCTL = shutil.which("keyctl")
AWS = "/usr/bin/aws" if os.path.exists("/usr/bin/aws") else shutil.which("aws")
PAIRS_CACHED, PAIRS_NEW, PAIRS_CLI = 400, 100, 3


def milliseconds(command, env):
    """The time from starting a command until it is reaped."""
    null = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter_ns()
    pid = os.posix_spawn(command[0], command, env, file_actions=null)
    _, status, _ = os.wait4(pid, 0)
    end = time.perf_counter_ns()
    if status != 0:
        sys.exit("bench: %s ended with status %d"
                 % (" ".join(command[:2]), os.waitstatus_to_exitcode(status)))
    return (end - start) / 1e6


def compare(title, pairs, ours, theirs):
    """Both are functions that give milliseconds; prints their ratio."""
    ours(), theirs()    # once for the caches of the machine
    times = [(ours(), theirs()) for _ in range(pairs)]
    first, second = (statistics.median(column) for column in zip(*times))
    ratio = first / second
    print("%-58s %8.2f / %8.2f ms = %5s   (%d pairs)"
          % (title, first, second, "%.2f" % ratio if ratio > 0.1
             else "1/%.0f" % (1 / ratio), pairs), flush=True)


def peak_memory(command, env, directory):
    """
    The most memory that a program had before it became another one, in kB.

    ru_maxrss does not tell: the kernel takes over the maximum of who started
    the program, here Python's, and of what it becomes. So the program is to
    execute a script whose interpreter is missing. The error message goes to a
    pipe that is full, and while it waits the kernel is asked.
    """
    script = os.path.join(directory, "script")
    with open(script, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o755)
        file.write("#!/nonexistent\n")
    out, into = os.pipe()
    fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(into, False)
    try:
        while os.write(into, b"\0" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(into, True)
    with subprocess.Popen([*command, script], env=env, stderr=into,
                          stdin=subprocess.DEVNULL) as process:
        lines, sleeping = {}, 0
        while sleeping < 5:
            time.sleep(0.01)
            with open("/proc/%d/status" % process.pid,
                      encoding="ascii", errors="replace") as file:
                lines = dict(line.split(":", 1) for line in file)
            sleeping += lines["State"].split()[0] == "S"
        process.send_signal(signal.SIGKILL)
    os.close(out)
    os.close(into)
    return int(lines["VmHWM"].split()[0])


class Bench:
    """A user with a key and a device at an emulator, and their AWS files."""

    def __init__(self, directory, build):
        self.directory = directory
        self.program = os.path.join(build, "tests", "aws-session")
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(TESTS, "emulator.py"), "serve",
             "--stdin-lifeline", "--dir", directory, "--users", "bench"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().split()[1]
        self.ca_file = os.path.join(directory, "ca.pem")
        self.control = lambda command, **options: emulator.control(
            directory, command, **options)
        user = json.loads(self.read("server.json"))["users"]["bench"]
        self.serial = user["mfa"][0]["serial"]
        self.key_id = user["keys"][0]["access_key_id"]
        self.write("credentials", "[%s]\naws_access_key_id = %s\n"
                   "aws_secret_access_key = %s\n"
                   % (PROFILE, self.key_id,
                      user["keys"][0]["secret_access_key"]))
        self.config(serial=True)
        self.env = {
            "HOME": directory, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "AWS_CONFIG_FILE": os.path.join(directory, "config"),
            "AWS_SHARED_CREDENTIALS_FILE": os.path.join(directory,
                                                        "credentials"),
            "AWS_DEFAULT_PROFILE": PROFILE, "AWS_CA_BUNDLE": self.ca_file,
            "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": ""}

    def read(self, name):
        with open(os.path.join(self.directory, name),
                  encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w",
                  encoding="utf-8") as file:
            file.write(text)

    def config(self, serial):
        self.write("config", "[profile %s]\nregion = eu-central-1\n%s"
                   % (PROFILE, "mfa_serial = %s\n" % self.serial
                      if serial else ""))

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.forget()

    def forget(self):
        """Unlink our keys: sessions, and what was noted of the device."""
        if KEYCTL is None:
            return
        ours = self.serial.split(":")[4], self.key_id
        listed = subprocess.run([KEYCTL, "rlist", "@u"], capture_output=True,
                                text=True, check=False).stdout
        for key in listed.split():
            line = subprocess.run([KEYCTL, "rdescribe", key], text=True,
                                  capture_output=True, check=False).stdout
            if ";aws-session:session:%s:" % PROFILE in line or \
                    ";aws-session:note:" in line and any(
                        name in line for name in ours):
                subprocess.run([KEYCTL, "unlink", key, "@u"], check=False,
                               capture_output=True)

    def code(self):
        return self.control("code", who="bench", fresh=True)["code"]

    def cached(self):
        return milliseconds([self.program, "exec", "true"], self.env)

    def export(self):
        """What an SDK starts for a credential_process."""
        return milliseconds([self.program, "export", "--format", "process"],
                            self.env)

    def new(self):
        """A session with a code that came before the clock starts."""
        env = dict(self.env, AWS_SESSION_MFA_CODE=self.code())
        self.forget()
        return milliseconds([self.program, "exec", "true"], env)

    def post(self):
        """Nothing is signed, and the server refuses at once."""
        return milliseconds(
            [shutil.which("curl"), "-s", "-o", "/dev/null", "--cacert",
             self.ca_file, "--data", "Action=GetSessionToken"
             "&Version=2011-06-15&SerialNumber=%s&TokenCode=000000"
             % self.serial, self.url + "/"], self.env)

    def script(self):
        """What a shell script would do with the AWS CLI."""
        aws = [AWS, "--endpoint-url", self.url, "--output", "text"]
        return sum(milliseconds(aws + call, self.env) for call in (
            ["sts", "get-caller-identity"],
            ["iam", "list-mfa-devices"],
            ["sts", "get-session-token", "--serial-number", self.serial,
             "--token-code", self.code()]))


def run(bench):
    env = shutil.which("env", path="/usr/bin:/bin")
    bench.new()
    compare("exec true with a kept session / env true", PAIRS_CACHED, bench.cached,
            lambda: milliseconds([env, "true"], bench.env))
    memory = [peak_memory(command, bench.env, bench.directory)
              for command in ([bench.program, "exec"], [env])]
    print("%-58s %8d / %8d kB = %5.2f"
          % ("  peak memory, until it becomes the command", *memory,
             memory[0] / memory[1]))
    compare("export of a kept session / env true", PAIRS_CACHED, bench.export,
            lambda: milliseconds([env, "true"], bench.env))
    if shutil.which("curl"):
        compare("new session, serial known / one bare POST by curl(1)",
                PAIRS_NEW, bench.new, bench.post)
    else:
        print("curl(1) is not installed: its comparison is left out")
    if AWS:
        bench.config(serial=False)
        compare("new session, serial to be found / 3 calls of the AWS CLI",
                PAIRS_CLI, bench.new, bench.script)
    else:
        print("the AWS CLI is not installed: its comparison is left out")


def main():
    build = os.environ.get("AWS_SESSION_BUILD")
    if not build:
        sys.exit("bench: AWS_SESSION_BUILD names no build directory: run "
                 "'make bench'")
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(directory, build)
        try:
            run(bench)
        finally:
            bench.close()


if __name__ == "__main__":
    main()
