"""
The built image as Lambda would run it: under the Runtime Interface Emulator, with its memory, a
read-only root and the store mounted, on loopback.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local_aws.base_image import find_base_image
from infra.local_aws.engine import Engine, find_engine
from wherry.errors import ToolError

ROOT = Path(__file__).resolve().parent.parent.parent
MEMORY_MB = 512
PATIENCE = 30.0
INVOKE = "/2015-03-31/functions/function/invocations"


def engine_or_skip() -> Engine:
    """The engine of this machine; without one skip, unless CI says that it must be there."""
    try:
        return find_engine(ROOT / ".wherry" / "cache")
    except ToolError as error:
        if os.environ.get("WHERRY_REQUIRE_CONTAINERS"):
            raise
        pytest.skip(str(error))


def base_image_or_skip(engine: Engine) -> str:
    """A base image that `engine` has; without one skip, unless CI says that it must be there."""
    try:
        return find_base_image(ROOT, engine, print)
    except ToolError as error:
        if os.environ.get("WHERRY_REQUIRE_CONTAINERS"):
            raise
        pytest.skip(str(error))


@dataclass(frozen=True)
class Container:
    """One execution environment."""

    engine: Engine
    id: str
    url: str

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Send one event; what the emulator answers, be it an answer or a function error."""
        answer = httpx.post(f"{self.url}{INVOKE}", json=event, timeout=PATIENCE, trust_env=False)
        told: dict[str, Any] = answer.json()
        return told

    def python(self, code: str) -> str:
        """Run `code` inside, as the function's user; its stdout."""
        return self.engine.run("exec", self.id, "python3", "-c", code)

    def logs(self) -> str:
        return self.engine.run("logs", self.id)


@contextmanager
def running(
    engine: Engine, image: str, environment: Mapping[str, str], *, store: Path
) -> Iterator[Container]:
    """Start the image with `store` at /store; remove the container at the end."""
    told = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB), **environment}
    network = ("--network", "slirp4netns") if engine.kind == "podman" else ()
    started = engine.run(
        "run", "--detach", "--memory", f"{MEMORY_MB}m", "--read-only", *network,
        "--tmpfs", "/tmp:rw,size=512m,mode=1777", "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--publish", "127.0.0.1::8080",
        "--volume", f"{store}:/store:ro",
        *[word for name, value in told.items() for word in ("--env", f"{name}={value}")],
        image,
    ).strip()  # fmt: skip
    try:
        port = engine.run("port", started, "8080/tcp").strip().rpartition(":")[2]
        container = Container(engine, started, f"http://127.0.0.1:{port}")
        _await_emulator(container)
        yield container
    finally:
        engine.run("rm", "--force", "--volumes", started)


def _await_emulator(container: Container) -> None:
    """It listens at once; the port's way in takes a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(container.url, timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(container.logs())
