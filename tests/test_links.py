"""Which libraries and functions each program may reach, and its hardening.

"What runs setuid?" and "what talks to the network?" are answered by who links
what. The tables below are the whole answer: a library or, for the signer, a
function that is not in them fails the build until somebody adds it here.
"""

import functools
import os
import re
import shutil
import subprocess

import pytest

# Program -> (libraries it names itself, those that they may bring along).
# Nothing else may be loaded.
PROGRAMS = {
    "src/cli/aws-session": ({"libc", "libkeyutils", "libcjson"}, {"libm"}),
    "tests/aws-session": ({"libc", "libkeyutils", "libcjson"}, {"libm"}),
    "src/sign/aws-session-sign": (
        {"libc", "libkeyutils", "libcrypto"}, {"libz", "libzstd"}),
    # What libcurl brings along is its distribution's choice.
    "src/sts/aws-session-sts": ({"libc", "libcurl", "libexpat"}, None),
    "pam/aws-session-runas": ({"libc", "libpam"}, {"libaudit", "libcap-ng"}),
    "pam/pam_aws_session.so": ({"libc", "libpam"}, {"libaudit",
                                                    "libcap-ng"}),
}
# A host loads it, so it is built without sanitizers in any case.
MODULE = "pam/pam_aws_session.so"

# Parts of libc that some releases keep in files of their own.
OF_LIBC = {"ld", "libdl", "libpthread", "librt", "libgcc_s"}
OF_SANITIZERS = {"libasan", "libubsan", "liblsan", "libm", "libstdc++"} \
    | OF_LIBC

NEVER = {
    "src/cli/aws-session": {"libcurl", "libcrypto", "libssl", "libpam",
                            "libexpat"},
    "tests/aws-session": {"libcurl", "libcrypto", "libssl", "libpam",
                          "libexpat"},
    "src/sign/aws-session-sign": {"libcurl", "libssl", "libpam", "libcjson",
                                  "libexpat", "libresolv", "libnsl"},
    "src/sts/aws-session-sts": {"libpam", "libcjson"},
    "pam/aws-session-runas": {"libcurl", "libcrypto", "libssl", "libcjson",
                              "libkeyutils"},
    MODULE: {"libcurl", "libcrypto", "libssl", "libcjson", "libkeyutils"},
}

# Functions by which a process reaches the network, other programs, or code
# that was not linked in.
NETWORK = {"socket", "connect", "bind", "listen", "accept", "accept4",
           "getaddrinfo", "gethostbyname", "gethostbyname2", "res_query",
           "sendto", "sendmmsg"}
PROGRAM_START = {"system", "popen", "fork", "vfork", "clone", "execl",
                 "execle", "execlp", "execv", "execve", "execvp", "execvpe",
                 "execveat", "fexecve", "posix_spawn", "posix_spawnp"}
CODE_LOADING = {"dlopen", "dlmopen", "dlsym"}
ENVIRONMENT = {"getenv", "secure_getenv", "setenv", "putenv", "environ",
               "wordexp", "getlogin", "getpwnam", "getpwuid", "setlocale"}
FILES = {"fopen", "freopen", "openat", "opendir", "creat", "unlink", "rename",
         "mkdir", "mkstemp", "tmpfile", "chmod", "chown", "link", "symlink",
         "readlink", "realpath", "glob", "nftw", "mount"}

FORBIDDEN = {
    "src/cli/aws-session": NETWORK | CODE_LOADING | {"system", "popen"},
    "tests/aws-session": NETWORK | CODE_LOADING | {"system", "popen"},
    "src/sign/aws-session-sign": (
        NETWORK | PROGRAM_START | CODE_LOADING | ENVIRONMENT | FILES),
    # libcurl connects; socket() is there for its hook that makes sockets.
    "src/sts/aws-session-sts": (
        PROGRAM_START | CODE_LOADING | {"keyctl", "add_key", "request_key"}),
    "pam/aws-session-runas": NETWORK | CODE_LOADING | {"system", "popen"},
    # Nor what changes the host: its environment, its handlers for good.
    MODULE: NETWORK | CODE_LOADING | {"system", "popen", "setenv", "putenv",
                                      "unsetenv", "atexit", "signal",
                                      "alarm", "setlocale", "getpwnam",
                                      "strtok"},
}

# Every function that the signer takes from a library, and what for.
SIGNER_MAY = {
    "the keyring": """
        add_key keyctl_describe keyctl_get_keyring_ID keyctl_get_persistent
        keyctl_invalidate keyctl_join_session_keyring keyctl_link keyctl_read
        keyctl_read_alloc keyctl_set_timeout keyctl_setperm
        keyctl_unlink""",
    "the signature": """
        EVP_Digest EVP_sha256 HMAC OPENSSL_cleanse OPENSSL_init_crypto""",
    "who we are, and who we become": """
        getegid geteuid getresgid getresuid getuid setresgid setresuid
        setuid""",
    "what may not leave or come in": """
        alarm chdir clearenv close fcntl fstat getsockopt madvise mlock mmap
        munmap open prctl setitimer setrlimit sigaction sigemptyset signal
        sigprocmask syscall sysconf umask""",
    "the two ends of one socket": "poll read send dprintf",
    "the log": "openlog syslog",
    "time": "clock_gettime gmtime_r strftime time",
    "memory and text": """
        explicit_bzero free snprintf sprintf sscanf vsnprintf""",
    "the C runtime": """
        assert_fail cxa_finalize errno_location exit gmon_start
        libc_start_main stack_chk_fail""",
}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env=dict(os.environ, LC_ALL="C")).stdout


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.*)\]",
                      output_of("readelf", "-dW", path))


def stem(name):
    """libc.so.6, libc.musl-x86_64.so.1 -> libc"""
    return re.sub(r"[-.](\d[\d.]*)?so\b.*|-(linux|musl)-.*|\.musl-.*", "",
                  name)


def elf_machine(path):
    """Word size and processor."""
    with open(path, "rb") as file:
        header = file.read(20)
    return header[4], header[18:20]


@functools.lru_cache(maxsize=None)
def library_files():
    """Soname -> files with it that the loader knows."""
    files = {}
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin:/usr/bin")
    if ldconfig:
        known = subprocess.run([ldconfig, "-p"], capture_output=True,
                               text=True, check=False).stdout
        for name, path in re.findall(r"^\s+(\S+) .*=> (.*)$", known, re.M):
            files.setdefault(name, []).append(path)
    for directory in ("/lib", "/usr/lib", "/usr/local/lib", "/lib64",
                      "/usr/lib64"):
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            if ".so" in name:
                files.setdefault(name, []).append(
                    os.path.join(directory, name))
    return files


def find_library(name, program):
    for path in library_files().get(name, ()):
        if elf_machine(path) == elf_machine(program):
            return path
    return pytest.fail("no file for library %s" % name)


def closure(program):
    """The names of all libraries that the loader will map."""
    found, queue = set(), needed(program)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += needed(find_library(name, program))
    return found


def make_variable(build, name):
    """A variable as configure wrote it into the Makefile."""
    with open(os.path.join(build, "Makefile"), encoding="utf-8") as file:
        return re.search(r"^%s = ?(.*)$" % name, file.read(), re.M)[1].strip()


def is_sanitized(build):
    return "-fsanitize=" in make_variable(build, "SAN_CFLAGS") \
        + make_variable(build, "CFLAGS")


def symbols(*options):
    """Names in what nm prints, without versions."""
    return {line.split()[-1].split("@")[0]
            for line in output_of("nm", *options).splitlines()
            if re.match(r"\S* ?\s*[A-Za-z] \S", line)}


def plain(name):
    """The function that was called: __snprintf_chk -> snprintf."""
    return re.sub(r"^_*(isoc\d\d_)?|_chk$|_*$", "", name)


def imported(path):
    return {plain(name) for name in symbols("-D", "--undefined-only", path)
            if not re.match(r"_ITM_|__(asan|ubsan|sanitizer|lsan)_", name)}


@pytest.fixture(params=sorted(PROGRAMS))
def program(request):
    return request.param


def test_libraries_named(build, program):
    named = {stem(name) for name in needed(os.path.join(build, program))}
    tolerated = OF_SANITIZERS if is_sanitized(build) else {"ld"}
    assert named - tolerated == PROGRAMS[program][0] - tolerated


def test_libraries_loaded(build, program):
    loaded = {stem(name) for name in closure(os.path.join(build, program))}
    named, brought = PROGRAMS[program]
    assert not loaded & NEVER[program]
    if brought is not None:
        tolerated = OF_SANITIZERS if is_sanitized(build) else OF_LIBC
        assert loaded - tolerated <= named | brought


def test_functions_never_called(build, program):
    names = imported(os.path.join(build, program))
    assert not names & FORBIDDEN[program]
    if program.endswith("-sts"):
        assert not [name for name in names if name.startswith("keyctl_")]


def test_signer_calls_only_what_is_listed(build):
    listed = {name for group in SIGNER_MAY.values() for name in group.split()}
    calls = imported(os.path.join(build, "src/sign/aws-session-sign"))
    # mem...() and str...() are all alike, and the compiler makes some up.
    strange = {name for name in calls - listed
               if not re.match(r"(mem|str)[a-z]+$", name)}
    assert strange == set()


def test_common_uses_libc_only(build):
    """libcommon.a is in the setuid program: nothing but libc behind it."""
    archive = os.path.join(build, "libcommon.a")
    program = os.path.join(build, "src/sign/aws-session-sign")
    libc = {name for library in needed(program)
            if stem(library) in OF_LIBC | {"libc"}
            for name in symbols("-D", "--defined-only",
                                find_library(library, program))}
    wanted = symbols("--undefined-only", archive) \
        - symbols("--defined-only", archive)
    strange = {name for name in wanted - libc - {"_GLOBAL_OFFSET_TABLE_"}
               if not re.match(r"__(asan|ubsan|sanitizer|lsan)_", name)}
    assert strange == set()


def test_hardening(build, program):
    path = os.path.join(build, program)
    if is_sanitized(build):
        # Instead of hardening: each program really has the sanitizers.
        has = symbols("--undefined-only", path) & {"__asan_init"} \
            or symbols("--defined-only", path) & {"__asan_init"}
        assert bool(has) == (program != MODULE)
        return
    linked = make_variable(build, "HARDEN_LDFLAGS")
    compiled = make_variable(build, "HARDEN_CFLAGS")
    header = output_of("readelf", "-hW", path)
    segments = output_of("readelf", "-lW", path)
    dynamic = output_of("readelf", "-dW", path)
    names = symbols("-D", "--undefined-only", path)

    stack = re.search(r"GNU_STACK.*", segments)[0]
    assert " RWE " not in stack and " E " not in stack
    if "-z,relro" in linked:
        assert "GNU_RELRO" in segments
    if "-z,now" in linked:
        assert re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic)
    if "-pie" in linked and program != MODULE:
        assert re.search(r"Type:\s+DYN", header)
        assert re.search(r"FLAGS_1.*\bPIE\b", dynamic)
    if "-fstack-protector" in compiled:
        assert "__stack_chk_fail" in names
    if "_FORTIFY_SOURCE=" in make_variable(build, "HARDEN_CPPFLAGS") \
            and "libc.so.6" in needed(path):
        assert {name for name in names if name.endswith("_chk")}


def test_hardening_is_the_default(build, source):
    """All of it was found here, unless it was asked to be left out."""
    if is_sanitized(build) or "--disable-hardening" in open(
            os.path.join(build, "config.status"), encoding="utf-8").read():
        assert "-z,now" not in make_variable(build, "HARDEN_LDFLAGS")
        return
    for flag in ("-pie", "-z,relro", "-z,now", "-z,noexecstack"):
        assert flag in make_variable(build, "HARDEN_LDFLAGS")
    assert "-fstack-protector-strong" in make_variable(build, "HARDEN_CFLAGS")
