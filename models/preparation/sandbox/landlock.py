"""
Which files a child can open: its own folder to write, the libraries to read, and no other.

Landlock bounds opening, making, removing and renaming. What it leaves (changing modes, owners and
times, sockets that are files) `seccomp` refuses. Nobody can make a link or a device in the folder:
what a parent finds there are plain files and folders.
"""

import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from models.preparation.sandbox.kernel import Kernel

EXECUTE, WRITE, READ, LIST, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_FILE = 1 << 7, 1 << 8
RENAME, TRUNCATE = 1 << 13, 1 << 14  # across folders; both are newer than the first Landlock
ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
OF_FILES = EXECUTE | WRITE | READ | TRUNCATE
OWN = WRITE | READ | LIST | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_FILE | RENAME | TRUNCATE
TCP = 0b11  # bind, connect
NETWORK_ABI, SCOPED_ABI = 4, 6
SCOPES = 0b11  # abstract sockets, signals

# What the C library, BLAS, OpenMP and the frameworks read of a machine.
SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
    "/usr/share/locale", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version",
    "/proc/sys/vm", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
SINK = "/dev/null"


def restrict(kernel: Kernel, folder: Path, readable: Iterable[Path], listed: Path) -> None:
    """Raise OSError if this kernel has no Landlock; `listed` shows the names below it, no more."""
    abi = kernel.landlock_abi()
    handled = ALL[min(abi, max(ALL))]
    attributes = struct.pack(
        "QQQ", handled, TCP if abi >= NETWORK_ABI else 0, SCOPES if abi >= SCOPED_ABI else 0
    )
    known = 8 if abi < NETWORK_ABI else 16 if abi < SCOPED_ABI else 24
    ruleset = kernel.create_ruleset(attributes[:known])
    try:
        for path in {*readable, *_libraries(), *filter(Path.exists, map(Path, SYSTEM))}:
            rights = READ | LIST if path.is_dir() else READ
            kernel.add_path(ruleset, rights & handled, str(path))
        kernel.add_path(ruleset, LIST, str(listed))
        kernel.add_path(ruleset, (READ | WRITE | TRUNCATE) & handled, SINK)
        kernel.add_path(ruleset, OWN & handled, str(folder))
        kernel.restrict(ruleset)
    finally:
        os.close(ruleset)


def _libraries() -> set[Path]:
    """The standard library and what is installed; not all of a prefix, which can be a home."""
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    named = [path for kind in kinds if (path := sysconfig.get_path(kind))]
    site = [each for each in sys.path if Path(each).name in {"site-packages", "dist-packages"}]
    shared = [Path(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)]
    paths = [*map(Path, named), *map(Path, site), *shared]
    return {each for each in paths if each.exists()}
