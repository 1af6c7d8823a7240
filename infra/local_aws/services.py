"""
The processes of one local AWS: the emulator, and what joins it to the container engine.

Each is recorded in the instance's folder, so that a later command can find and end it. It refuses
to touch a process or a container that it did not start.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.local_aws import processes
from infra.local_aws.engine import Engine, find_engine
from infra.local_aws.instance import (
    CACHE,
    MINISTACK,
    ROOT,
    Options,
    Plan,
    docker_script,
    emulator_environment,
    registries_conf,
    write,
    write_json,
)
from wherry.errors import ToolError

OURS = (str(MINISTACK), "-P", "-s", "-m")  # a module of ours, in MiniStack's environment
IMPORTS = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/runtime/python'}"}
RELAY = Path(__file__).with_name("relay.py")
PATIENCE = 30.0
SERVICES = ("emulator", "podman", "relay")  # stopped in this order

Say = Callable[[str], None]


def start(options: Options, plan: Plan, say: Say) -> None:
    """Start all that `plan` needs; return when the emulator answers."""
    if options.strict:
        _make_certificates(options)
    settings = {
        "endpoint": options.endpoint, "port": options.port, "strict": options.strict,
        "packaging": plan.packaging, "reason": plan.reason, "label": options.label,
        "engine": plan.engine.kind if plan.engine else "",
    }  # fmt: skip
    write_json(options.path("settings.json"), settings)
    if plan.engine:
        _start_engine(options, plan.engine)
    say(f"starting the local AWS at {options.endpoint}")
    environment = emulator_environment(options, plan.engine, os.environ) | IMPORTS
    _spawn(options, "emulator", [*OURS, "infra.local_aws.emulator"], environment)
    authority = options.path("tls/ca.pem") if options.strict else None
    _await(options, "emulator", lambda: healthy(options.endpoint, authority))


def _make_certificates(options: Options) -> None:
    folder = options.path("tls")
    folder.mkdir()
    command = [*OURS, "infra.local_aws.certificates", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, **IMPORTS})
    (folder / "registry").mkdir()
    shutil.copy(folder / "ca.pem", folder / "registry" / "ca.crt")


def _start_engine(options: Options, engine: Engine) -> None:
    """Podman answers docker's protocol on a socket of this instance; docker needs a relay."""
    write(options.path("docker"), docker_script(options, engine), mode=0o755)
    if engine.kind == "podman":
        write(options.path("registries.conf"), registries_conf(options))
        end = options.path("engine.sock")
        end.unlink(missing_ok=True)
        environment = {**os.environ, **engine.environment}
        environment["CONTAINERS_REGISTRIES_CONF"] = str(options.path("registries.conf"))
        command = [*engine.command, "system", "service", "--time=0", f"unix://{end}"]
        _spawn(options, "podman", command, environment)
        _await(options, "podman", end.is_socket)
    elif gateway := _bridge_gateway(engine):
        command = [sys.executable, "-I", str(RELAY), gateway, str(options.port)]
        _spawn(options, "relay", command, dict(os.environ))


def _bridge_gateway(engine: Engine) -> str:
    """The bridge's address on this machine; empty where docker runs in a machine of its own."""
    with suppress(ToolError, OSError):
        format_ = "{{(index .IPAM.Config 0).Gateway}}"
        gateway = engine.run("network", "inspect", "bridge", "--format", format_).strip()
        with socket.socket() as probe:
            probe.bind((gateway, 0))
        return gateway
    return ""


def stop(folder: Path) -> bool:
    """End our processes and our containers; forget the target."""
    (folder / "target.json").unlink(missing_ok=True)
    told = settings_of(folder)
    ended = [processes.stop(folder / f"{SERVICES[0]}.pid")]
    if told and told["engine"]:
        with suppress(ToolError):  # no engine, no containers
            _remove_containers(find_engine(CACHE, told["engine"]), told["label"])
    ended += [processes.stop(folder / f"{name}.pid") for name in SERVICES[1:]]
    (folder / "settings.json").unlink(missing_ok=True)
    return any(ended)


def _remove_containers(engine: Engine, label: str) -> None:
    found = engine.run("ps", "--all", "--quiet", "--filter", f"label={label}").split()
    if found:
        engine.run("rm", "--force", "--time", "1", *found)


def settings_of(folder: Path) -> dict[str, Any] | None:
    """What the instance in `folder` was started with; None when none was."""
    try:
        told: dict[str, Any] = json.loads((folder / "settings.json").read_bytes())
    except (OSError, ValueError):
        return None
    return told


def _spawn(options: Options, name: str, command: list[str], environment: dict[str, str]) -> None:
    processes.start(
        command, environment=environment,
        log=options.path(f"{name}.log"), record=options.path(f"{name}.pid"),
    )  # fmt: skip


def _await(options: Options, name: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if ready():
            return
        if processes.running(options.path(f"{name}.pid")) is None:
            raise ToolError(name, f"ended at once: {_last_words(options.path(f'{name}.log'))}")
        time.sleep(processes.POLL)
    raise ToolError(name, f"gave no answer in {PATIENCE:g} s", f"See {options.path(name)}.log.")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"


def healthy(endpoint: str, authority: Path | None) -> bool:
    """Whether the emulator answers; no proxy is asked, whatever the environment says."""
    address = urlsplit(endpoint)
    host, port = address.hostname or "", address.port
    connection: http.client.HTTPConnection
    if authority:
        trust = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection(host, port, timeout=2, context=trust)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
