"""What a reader process may not do, whatever a file talks it into: reach the network, start programs, write.

Two locks. On Linux the kernel itself refuses sockets (and to look into other processes), which holds
against native code that a file has taken over. Python's audit events refuse, on every system, to connect, to
start another program than Tesseract and to open files for writing; that holds against what a library does
by its own design, as following a link, and not against native code. Neither stops reading files that this
user may read: what is read could only leave as the text of the document, for those who may read that.
"""

import ctypes
import os
import platform
import struct
import sys
from pathlib import PurePath

PROGRAMS = frozenset({"tesseract"})
WRITABLE = frozenset({os.devnull})
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN = frozenset(
    {
        *("socket.__new__", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"),
        *("socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request", "ftplib.connect"),
        *("http.client.connect", "smtplib.connect", "webbrowser.open"),
        *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.startfile", "pty.spawn"),
        *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown"),
        # Not "os.kill": by it Tesseract is ended when its time is up.
        *("os.truncate", "shutil.rmtree", "shutil.move", "shutil.copyfile"),
    }
)


class Forbidden(PermissionError):
    """A reader tried what no reader has to do."""


def lock() -> bool:
    """Lock this process in, for good; whether the kernel's lock is among them.

    Call it when everything that must be opened is open. Not known: what the libraries have open already.
    """
    sys.addaudithook(_watch)
    return _seccomp()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN or (event == "open" and _writes(arguments)):
        raise Forbidden(f"a reader process may not do this: {event}")
    if event == "subprocess.Popen" and PurePath(str(arguments[0])).name not in PROGRAMS:
        raise Forbidden("a reader process may not start programs")


def _writes(arguments: tuple[object, ...]) -> bool:
    path, _, flags = arguments
    return (
        isinstance(flags, int)
        and bool(flags & WRITING)
        and path not in WRITABLE
        and not isinstance(path, int)
    )


# A filter program for the kernel: four fields an instruction (code, jump if true, if false, value).
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE = 0, 4  # where they stand in what the filter looks at
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES
OTHER_ABI = 0x40000000  # x86's second numbering of the same calls
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
# By machine: its number, then those of socket, ptrace, process_vm_readv, process_vm_writev, io_uring_setup.
CALLS = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _seccomp() -> bool:
    """Have Linux refuse the calls of `CALLS` from now on; False where it cannot."""
    machine = CALLS.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    architecture, calls = machine
    checks = [(EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 0, len(calls) + 3, architecture),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, len(calls) + 1, 0, OTHER_ABI),
        *checks,
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0) == 0)
