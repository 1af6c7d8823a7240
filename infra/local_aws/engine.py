"""
The container engine: docker when its daemon answers, else podman with runc, else none.

podman gets a store, a configuration and a state folder of its own, so that nothing of the user's is
read or changed and everything goes when the folder goes. It refuses to install anything.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wherry.errors import ToolError

CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
INSTALL = "Install Docker, or podman with runc (Debian: apt-get install podman runc slirp4netns)."


@dataclass(frozen=True)
class Engine:
    """How to call the engine: the words every call starts with, and the environment it needs."""

    kind: Literal["docker", "podman"]
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, timeout: float | None = None) -> str:
        """Run one command of the engine; return its stdout, or raise ToolError with its words."""
        try:
            done = subprocess.run(
                [*self.command, *words], capture_output=True, text=True, check=False,
                env={**os.environ, **self.environment}, timeout=timeout,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ToolError(
                f"{self.kind} {words[0]}", f"gave no answer in {timeout:g} s"
            ) from error
        if done.returncode:
            told = (done.stderr or done.stdout).strip()[-2000:]
            raise ToolError(
                f"{self.kind} {words[0]}", f"failed with status {done.returncode}: {told}"
            )
        return done.stdout

    def has_image(self, name: str) -> bool:
        """Whether `name` is in the engine's store."""
        try:
            self.run("image", "inspect", "--format", "{{.Id}}", name)
        except ToolError:
            return False
        return True


def reproducible_flags(kind: str) -> tuple[str, ...]:
    """What makes `build` leave the clock and the builder's name out of the image."""
    if kind == "podman":
        return ("--timestamp", "0", "--isolation", "chroot")
    return ("--provenance=false", "--network=none", "--build-arg=SOURCE_DATE_EPOCH=0")


def find_engine(cache: Path, preferred: str = "") -> Engine:
    """
    The engine of this machine, or ToolError saying why there is none.

    `cache` is where podman keeps its store; `preferred` ("docker" or "podman") tries that one only.
    """
    reasons: list[str] = []
    if preferred in ("", "docker"):
        if reason := _docker_refuses():
            reasons.append(reason)
        else:
            return Engine("docker", ("docker",), {"DOCKER_HOST": _docker_host()})
    if preferred in ("", "podman"):
        if reason := _podman_refuses():
            reasons.append(reason)
        else:
            return _podman(cache)
    raise ToolError("container engine", "; ".join(reasons) or f"{preferred} is unknown", INSTALL)


def _docker_refuses() -> str:
    if not shutil.which("docker"):
        return "docker is not installed"
    try:
        done = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return "the docker daemon gives no answer"
    return "" if done.returncode == 0 else "docker is installed, but no daemon answers"


def _docker_host() -> str:
    """The daemon's address, which docker's own clients know by more than one way."""
    shown = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    done = subprocess.run(shown, capture_output=True, text=True, check=False)
    return os.environ.get("DOCKER_HOST") or done.stdout.strip() or "unix:///var/run/docker.sock"


def _podman_refuses() -> str:
    missing = [tool for tool in ("podman", "runc", "slirp4netns") if not shutil.which(tool)]
    return f"missing for podman: {', '.join(missing)}" if missing else ""


def _podman(cache: Path) -> Engine:
    home = cache / "podman"
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()  # podman remembers the path, and takes no other spelling of it
    _forget_last_boot(home)
    configuration = home / "containers.conf"
    if not configuration.is_file() or configuration.read_text() != CONTAINERS_CONF:
        configuration.write_text(CONTAINERS_CONF)
    driver = ("--storage-driver", "vfs") if _on_overlay(home) else ()  # no overlay on overlay
    command = ("podman", "--root", str(home / "root"), "--runroot", str(home / "run"), *driver)
    return Engine("podman", command, {"CONTAINERS_CONF": str(configuration)})


def _forget_last_boot(home: Path) -> None:
    """Podman expects its run folder to be empty after a boot; ours is on a disk."""
    boot, seen = Path("/proc/sys/kernel/random/boot_id").read_text(), home / "boot_id"
    if not seen.is_file() or seen.read_text() != boot:
        shutil.rmtree(home / "run", ignore_errors=True)
        seen.write_text(boot)


def _on_overlay(folder: Path) -> bool:
    """Whether `folder` is on an overlay file system, as it is inside a container."""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        mounted, fstype = line.split()[1:3]
        if folder.resolve().is_relative_to(mounted) and len(mounted) >= len(best):
            best, kind = mounted, fstype
    return kind == "overlay"
