"""
A base image for the inference image: AWS's own where it can be had, else one made from Debian.

The Debian one holds the same minor version of Python as AWS's (3.13), the locked `awslambdaric`,
AWS's Runtime Interface Emulator and an entry point with the contract of AWS's. The Debian mirror is
read from apt's configuration of this machine. It needs root, because debootstrap does.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from infra.local_aws.engine import Engine
from wherry.errors import ToolError

AWS_BASE = "public.ecr.aws/lambda/python:3.13"
SUITE, PYTHON = "trixie", "3.13"
PACKAGES = "python3,ca-certificates"
LOCK = "requirements/base.txt"
RIE = ".wherry/tools/aws-lambda-rie"
ENTRYPOINT = """\
#!/bin/sh
# As in AWS's images: the one argument is the handler; without a runtime API, emulate one.
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" >&2
  exit 142
fi
export _HANDLER="$1"
if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/local/bin/aws-lambda-rie /usr/bin/python3 -m awslambdaric "$1"
fi
exec /usr/bin/python3 -m awslambdaric "$1"
"""
SETTINGS = (
    'ENTRYPOINT ["/lambda-entrypoint.sh"]',
    "WORKDIR /var/task",
    "ENV LAMBDA_TASK_ROOT=/var/task",
    "ENV LAMBDA_RUNTIME_DIR=/var/runtime",
    "ENV PYTHONPATH=/var/task:/opt/python",
    "ENV LANG=C.UTF-8",
)
UNUSED = (
    "debootstrap", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info",
    "usr/share/lintian", "usr/lib/x86_64-linux-gnu/gconv", "usr/lib/aarch64-linux-gnu/gconv",
    "var/cache", "var/lib/apt", "var/log",
)  # fmt: skip

Say = Callable[[str], None]


def find_base_image(root: Path, engine: Engine, say: Say) -> str:
    """The name of a base image that `engine` now has, made if that must be."""
    made = f"localhost/wherry-base:{_recipe(root)}"
    for name in (AWS_BASE, made):
        if engine.has_image(name):
            return name
    if _reachable(engine, AWS_BASE):
        say(f"pulling {AWS_BASE}")
        engine.run("pull", "--quiet", AWS_BASE)
        return AWS_BASE
    _check_tools(root)
    say(f"making a base image from Debian {SUITE} (once, about a minute)")
    cache = root / ".wherry" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="base-") as scratch:
        rootfs = Path(scratch, "rootfs")
        _debootstrap(rootfs)
        _add_lambda(root, rootfs)
        _import(rootfs, engine, made)
    return made


def _recipe(root: Path) -> str:
    """What the image is made from, as a tag: change anything and a new one is made."""
    rie = root / RIE
    told = f"{SUITE} {PACKAGES} {ENTRYPOINT} {SETTINGS} {UNUSED} {(root / LOCK).read_text()}"
    told += str(rie.stat().st_size) if rie.is_file() else ""
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _reachable(engine: Engine, name: str) -> bool:
    try:
        engine.run("manifest", "inspect", name, timeout=8)
    except ToolError:
        return False
    return True


def _check_tools(root: Path) -> None:
    todo = "Give one with --base-image, or let this machine reach public.ecr.aws."
    where, what = "base image", f"{AWS_BASE} cannot be pulled, and none can be made here"
    if not shutil.which("debootstrap"):
        raise ToolError(where, f"{what}: no debootstrap", f"apt-get install debootstrap. {todo}")
    if os.geteuid() != 0:
        raise ToolError(where, f"{what}: debootstrap needs root", todo)
    if not (root / RIE).is_file():
        raise ToolError(where, f"{what}: {RIE} is missing", "Run `make setup`.")


def _mirror() -> str:
    told = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=False)
    found = re.search(r"(https?://\S+/debian)/? ", told.stdout)
    if not found:
        raise ToolError("base image", "apt knows no Debian mirror on this machine",
                        "Add one to apt's sources.")  # fmt: skip
    return found.group(1)


def _debootstrap(rootfs: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE,
               str(rootfs), _mirror()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stdout + done.stderr).strip()[-500:]
        raise ToolError(
            "debootstrap", f"failed: {told}", "Check the disk's space and apt's mirror."
        )
    for name in UNUSED:
        shutil.rmtree(rootfs / name, ignore_errors=True)
    (rootfs / "etc/apt/sources.list").unlink(missing_ok=True)


def _add_lambda(root: Path, rootfs: Path) -> None:
    site = rootfs / f"usr/local/lib/python{PYTHON}/dist-packages"
    command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--no-deps",
               "--require-hashes", "--only-binary=:all:", "--link-mode=copy",
               f"--python-version={PYTHON}", "--target", str(site), "-r", LOCK]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        raise ToolError(LOCK, f"could not be installed: {done.stderr.strip()}", "Run `make setup`.")
    shutil.copy(root / RIE, rootfs / "usr/local/bin/aws-lambda-rie")
    (rootfs / "lambda-entrypoint.sh").write_text(ENTRYPOINT)
    (rootfs / "lambda-entrypoint.sh").chmod(0o755)
    (rootfs / "var/task").mkdir(parents=True)
    command = ["chroot", str(rootfs), "python3", "-m", "compileall", "-q", "/usr/local/lib"]
    subprocess.run(command, check=True, capture_output=True)


def _import(rootfs: Path, engine: Engine, name: str) -> None:
    archive = rootfs.with_suffix(".tar")
    subprocess.run(["tar", "-C", str(rootfs), "-cf", str(archive), "."], check=True)
    changes = [word for setting in SETTINGS for word in ("--change", setting)]
    engine.run("import", *changes, str(archive), name)
