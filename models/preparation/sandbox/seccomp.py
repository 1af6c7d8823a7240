"""
Which system calls a child can make: none that starts a program, opens a socket or touches others.

A filter of classic BPF. A refused call fails with EPERM, so that a library that tries one and can
do without goes on. A call that is newer than this file fails as on an older kernel (ENOSYS).
"""

import errno
import os
import struct
from collections.abc import Iterator, Sequence

from models.preparation.sandbox import syscalls

LOAD, EQUAL, ABOVE, AND, RETURN = 0x20, 0x15, 0x25, 0x54, 0x06
NUMBER, ARCHITECTURE, FIRST, SECOND, THIRD = 0, 4, 16, 24, 32  # of struct seccomp_data
ALLOW, FAIL, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32 = 0x40000000 - 1
CLONE_THREAD, CLONE_FILES = 0x10000, 0x400  # a thread, whose open files are those of all
SIGNALS_OTHERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal for whom a file tells
UNSEEN = (4,)  # PR_SET_DUMPABLE: `watch` could not look at its files any more

Instruction = tuple[int, int, int, int]


def program(machine: str, pid: int) -> bytes:
    """The filter for the process `pid`; only that one can it send a signal."""
    column, architecture = MACHINES[machine]
    return b"".join(struct.pack("HBBI", *each) for each in _instructions(column, architecture, pid))


def _instructions(column: int, architecture: int, pid: int) -> Iterator[Instruction]:
    yield LOAD, 0, 0, ARCHITECTURE
    yield EQUAL, 1, 0, architecture
    yield _ends(KILL_PROCESS)
    yield LOAD, 0, 0, NUMBER
    yield ABOVE, 0, 1, X32
    yield _ends(KILL_PROCESS)
    for numbers in syscalls.REFUSED.values():
        yield from _if(numbers[column], [_ends(FAIL | errno.EPERM)])
    yield from _by_arguments(column, pid)
    yield from _newer(syscalls.LAST[column])
    yield _ends(ALLOW)


def _by_arguments(column: int, pid: int) -> Iterator[Instruction]:
    thread = CLONE_THREAD | CLONE_FILES
    whole = [(LOAD, 0, 0, FIRST), (AND, 0, 0, thread), (EQUAL, 1, 0, thread)]
    yield from _if(syscalls.CLONE[column], whole, end=True)
    for numbers in (syscalls.KILL, syscalls.TGKILL):
        yield from _if(numbers[column], [(LOAD, 0, 0, FIRST), (EQUAL, 1, 0, pid)], end=True)
    own = [(LOAD, 0, 0, FIRST), (EQUAL, 2, 0, 0), (EQUAL, 1, 0, pid)]
    yield from _if(syscalls.PRLIMIT[column], own, end=True)
    for told in syscalls.SCHEDULING.values():
        yield from _if(told[column], [(LOAD, 0, 0, FIRST), (EQUAL, 1, 0, 0)], end=True)
    yield from _if(syscalls.FCNTL[column], _none_of(SECOND, SIGNALS_OTHERS), end=True)
    yield from _if(syscalls.PRCTL[column], _none_of(FIRST, UNSEEN), end=True)
    # Opened to read and yet cut short: old kernels' Landlock does not see it.
    opening: tuple[tuple[syscalls.Numbers, int], ...] = (
        (syscalls.OPEN, SECOND),
        (syscalls.OPENAT, THIRD),
    )
    for numbers_of, flags in opening:
        cut = [
            (LOAD, 0, 0, flags),
            (AND, 0, 0, os.O_ACCMODE | os.O_TRUNC),
            (EQUAL, 0, 1, os.O_TRUNC),
        ]
        yield from _if(numbers_of[column], cut, end=True)


def _none_of(argument: int, values: Sequence[int]) -> list[Instruction]:
    """A test that holds unless the argument is one of `values`."""
    last = len(values) - 1
    tests = [(EQUAL, last - at, int(at == last), value) for at, value in enumerate(values)]
    return [(LOAD, 0, 0, argument), *tests]


def _newer(last: int) -> Iterator[Instruction]:
    known = sorted(syscalls.NEWER.values())
    yield ABOVE, 1, 0, last
    yield _ends(ALLOW)
    for number in known:
        yield from _if(number, [_ends(ALLOW)])
    yield _ends(FAIL | errno.ENOSYS)


def _if(number: int | None, body: list[Instruction], *, end: bool = False) -> Iterator[Instruction]:
    """
    `body` for one call. With `end` it is a test that jumps over one instruction where it holds:
    the refusal, with leave to go on below.
    """
    if number is None:
        return
    whole = [*body, _ends(FAIL | errno.EPERM), _ends(ALLOW)] if end else body
    yield EQUAL, 0, len(whole), number
    yield from whole


def _ends(action: int) -> Instruction:
    return RETURN, 0, 0, action
