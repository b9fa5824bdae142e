"""A PAM application, for tests only: libpam by ctypes, in a process that can
be looked at afterwards: its descriptors, children, signals and memory."""

import ctypes
import os
import signal

LIBPAM = ctypes.CDLL("libpam.so.0")
LIBC = ctypes.CDLL(None)
CALLOC = LIBC.calloc
CALLOC.restype, CALLOC.argtypes = ctypes.c_void_p, [ctypes.c_size_t] * 2
STRDUP = LIBC.strdup
STRDUP.restype, STRDUP.argtypes = ctypes.c_void_p, [ctypes.c_char_p]

# security/_pam_types.h
CODES = """SUCCESS OPEN_ERR SYMBOL_ERR SERVICE_ERR SYSTEM_ERR BUF_ERR
PERM_DENIED AUTH_ERR CRED_INSUFFICIENT AUTHINFO_UNAVAIL USER_UNKNOWN MAXTRIES
NEW_AUTHTOK_REQD ACCT_EXPIRED SESSION_ERR CRED_UNAVAIL CRED_EXPIRED CRED_ERR
NO_MODULE_DATA CONV_ERR AUTHTOK_ERR AUTHTOK_RECOVERY_ERR AUTHTOK_LOCK_BUSY
AUTHTOK_DISABLE_AGING TRY_AGAIN IGNORE ABORT AUTHTOK_EXPIRED MODULE_UNKNOWN
BAD_ITEM CONV_AGAIN INCOMPLETE""".split()
STYLES = {1: "off", 2: "on", 3: "error", 4: "info"}
SILENT = 0x8000
ESTABLISH, DELETE, REINITIALIZE = 2, 4, 8


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("function", CONVERSE), ("data", ctypes.c_void_p)]


class Host:
    """A handle. answers: what is typed, in turn; None breaks off."""

    def __init__(self, service, user, answers=()):
        self.answers, self.said = list(answers), []
        self.conversation = Conversation(CONVERSE(self.converse), None)
        self.handle = ctypes.c_void_p()
        self.check("start", LIBPAM.pam_start(
            service.encode(), user.encode(), ctypes.byref(self.conversation),
            ctypes.byref(self.handle)))

    @staticmethod
    def check(what, code):
        assert code == 0, (what, CODES[code])

    def converse(self, count, messages, responses, _):
        """The conversation function."""
        array = CALLOC(count, ctypes.sizeof(Response))
        responses[0] = array
        for number in range(count):
            message = messages[number].contents
            self.said.append((STYLES[message.style], message.text.decode()))
            if message.style in (1, 2):
                answer = self.answers.pop(0) if self.answers else None
                if answer is None:
                    LIBC.free(ctypes.c_void_p(array))
                    responses[0] = None
                    return CODES.index("CONV_ERR")
                place = Response.from_address(
                    array + number * ctypes.sizeof(Response))
                place.text = STRDUP(answer.encode())
        return 0

    def do(self, operation, flags=0):
        """authenticate, acct_mgmt, setcred, open_session, close_session: the
        name of the code."""
        function = getattr(LIBPAM, "pam_" + operation)
        return CODES[function(self.handle, flags)]

    def environment(self):
        """The PAM environment."""
        LIBPAM.pam_getenvlist.restype = ctypes.POINTER(ctypes.c_char_p)
        entries, found = LIBPAM.pam_getenvlist(self.handle), {}
        for number in range(1000):
            if not entries[number]:
                return found
            name, _, value = entries[number].decode().partition("=")
            found[name] = value
        return None

    def end(self):
        LIBPAM.pam_end(self.handle, 0)


def descriptors():
    """number -> what it is, of this process."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass        # that of the listing
    return found


def state():
    """What a module may not change in its host."""
    with open("/proc/self/status", encoding="ascii") as file:
        signals = [line for line in file if line.startswith("Sig")]
    with open("/proc/self/task/%d/children" % os.getpid(),
              encoding="ascii") as file:
        children = file.read()
    return {"descriptors": descriptors(), "signals": signals[1:],
            "children": children, "environment": dict(os.environ),
            "cwd": os.getcwd(), "ids": os.getresuid() + os.getresgid(),
            "groups": os.getgroups(), "umask": [os.umask(0o22), os.umask(
                0o22)][0], "session": os.getsid(0),
            "limits": open("/proc/self/limits", encoding="ascii").read(),
            "timers": [signal.getitimer(number) for number in range(3)]}


def run(service, user, operations, answers=(), flags=0, prepare=None):
    """A whole life of a host. operations: names, or (name, flags). Returns
    the codes, what was said, the environment, and whether the host is as it
    was before."""
    if prepare:
        prepare()
    host = Host(service, user, answers)
    LIBC.syslog(7, b"a host begins") # opens libc's own socket
    before = state()
    codes = []
    for operation in operations:
        name, extra = operation if isinstance(operation, (tuple, list)) \
            else (operation, 0)
        codes.append(host.do(name, flags | extra))
    after = state()
    changed = [name for name in before if before[name] != after[name]]
    result = {"codes": codes, "said": host.said, "changed": changed,
              "environment": host.environment()}
    host.end()
    return result
