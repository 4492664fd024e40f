"""What the operating system forbids the process that runs auditors' SQL, whatever the database engine does.

Resource limits (setrlimit) hold everywhere. On Linux the process also ends with its parent, may open no file by name (Landlock, kernel
5.13), and may start no process and make no socket (a seccomp filter). What a system lacks is said by `confine` and never pretended. A
limit on the number of processes (RLIMIT_NPROC) is not used: it counts all that the user runs and does not bind root; the filter stops
each new one. Sources: landlock(7), seccomp(2), prctl(2); the system call numbers are those of the kernel's tables for x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
# Rights of each version of Landlock: files (1), linking across folders (2), truncating (3), TCP (4), ioctl on devices (5).
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x10000
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
# Sockets; processes; other processes' memory and signals; namespaces and mounts; ways around the file rules.
_DENIED = {
    "x86_64": (
        0xC000003E,
        56,
        (
            41,
            42,
            43,
            44,
            46,
            49,
            50,
            53,
            57,
            58,
            59,
            62,
            101,
            155,
            161,
            165,
            200,
            248,
            249,
            250,
            272,
            288,
            298,
            304,
            307,
            308,
            310,
            311,
            321,
            322,
            323,
            424,
            425,
            426,
            427,
            434,
            438,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (
            40,
            41,
            51,
            97,
            117,
            129,
            130,
            198,
            199,
            200,
            201,
            202,
            203,
            206,
            211,
            217,
            218,
            219,
            221,
            241,
            242,
            265,
            268,
            269,
            270,
            271,
            280,
            281,
            282,
            424,
            425,
            426,
            427,
            434,
            438,
        ),
    ),
}
_CLONE3 = 435


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it is gone.

    Args:
        parent: the process id that the parent had; if it is gone already, this process ends now.
    """
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit_resources(*, memory_bytes: int, cpu_seconds: int, descriptors: int) -> None:
    """Limit address space, CPU time and open files, and forbid files to grow and cores to be written. Raises OSError, ValueError."""
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_NOFILE, descriptors),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
        resource.setrlimit(kind, (amount, amount))


def confine() -> list[str]:
    """Forbid files, sockets and processes from here on, in this thread and those that it starts; says what this system cannot forbid."""
    libc = _libc()
    if threads() != 1 or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ["Landlock", "seccomp"]
    return [name for name, done in (("Landlock", _landlock(libc)), ("seccomp", _seccomp(libc))) if not done]


def threads() -> int:
    """How many threads this process has; 0 when the system does not tell."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock(libc: ctypes.CDLL) -> bool:
    """Handle every right on files, and allow none: what is open stays open, and files that have no name (memfd) can be opened again."""
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    files = (1 << max(rights for since, rights in _FILE_RIGHTS.items() if since <= version)) - 1
    rules = struct.pack("=QQ", files, 3) if version >= 4 else struct.pack("=Q", files)
    handle = libc.syscall(_LANDLOCK_CREATE, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    if handle < 0:
        return False
    try:
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(handle), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(handle)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Refuse the system calls above with EPERM, and `clone` where it would make a process and not a thread."""
    if platform.machine() not in _DENIED:
        return False
    architecture, clone, denied = _DENIED[platform.machine()]
    load, equal, above, any_of, give = 0x20, 0x15, 0x35, 0x45, 0x06
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, architecture),
        (give, 0, 0, _KILL),
        (load, 0, 0, 0),
        (above, 0, 1, 0x40000000),  # the x32 numbers of x86_64: another table
        (give, 0, 0, _ERRNO | _EPERM),
        (equal, 0, 1, _CLONE3),  # its flags are behind a pointer; the C library then uses clone
        (give, 0, 0, _ERRNO | _ENOSYS),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),
        (any_of, 0, len(denied) + 2, _CLONE_THREAD),
        (give, 0, 0, _ALLOW),
        *((equal, len(denied) - at, 0, number) for at, number in enumerate(denied)),
        (give, 0, 0, _ALLOW),
        (give, 0, 0, _ERRNO | _EPERM),
    ]
    packed = b"".join(struct.pack("=HBBI", *item) for item in program)
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(_Program(len(program), packed)), 0, 0) == 0)
