"""
The system calls that Python has no function for, behind a protocol: a kernel can be without them.

Only 64-bit Linux on x86_64 and aarch64 is known: their numbers differ, and a wrong one is no bound.
"""

import ctypes
import os
import platform
import sys
from typing import Any, Protocol

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
PR_SET_NO_NEW_PRIVS = 38
SECCOMP = {"x86_64": 317, "aarch64": 277}
CAPSET = {"x86_64": 126, "aarch64": 91}
SECCOMP_SET_MODE_FILTER, TSYNC = 1, 1
CAPABILITY_VERSION = 0x20080522


class Kernel(Protocol):
    """What confining asks of a kernel; each raises OSError where it cannot."""

    @property
    def machine(self) -> str:
        """`x86_64`, `aarch64`, or empty where nothing is known."""

    def landlock_abi(self) -> int: ...
    def create_ruleset(self, attributes: bytes) -> int: ...
    def add_path(self, ruleset: int, rights: int, path: str) -> None: ...
    def restrict(self, ruleset: int) -> None: ...
    def no_new_privileges(self) -> None: ...
    def drop_capabilities(self) -> None: ...
    def filter(self, program: bytes) -> None: ...


class _Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


class Linux:
    """The kernel of this machine."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)

    @property
    def machine(self) -> str:
        name = platform.machine()
        known = sys.platform == "linux" and name in SECCOMP and sys.maxsize > 1 << 32
        return name if known else ""

    def landlock_abi(self) -> int:
        return self._call(LANDLOCK_CREATE_RULESET, None, 0, VERSION_FLAG)

    def create_ruleset(self, attributes: bytes) -> int:
        return self._call(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)

    def add_path(self, ruleset: int, rights: int, path: str) -> None:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = ctypes.byref(_Beneath(rights, parent))
            self._call(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
        finally:
            os.close(parent)

    def restrict(self, ruleset: int) -> None:
        self._call(LANDLOCK_RESTRICT_SELF, ruleset, 0)

    def no_new_privileges(self) -> None:
        if self._library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _error()

    def drop_capabilities(self) -> None:
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
        self._call(CAPSET[self.machine], header, (ctypes.c_uint32 * 6)())

    def filter(self, program: bytes) -> None:
        told = ctypes.byref(_Program(len(program) // 8, program))
        self._call(SECCOMP[self.machine], SECCOMP_SET_MODE_FILTER, TSYNC, told)

    def _call(self, number: int, *arguments: Any) -> int:
        wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
        got: int = self._library.syscall(ctypes.c_long(number), *wide)
        if got < 0:
            raise _error()
        return got


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
