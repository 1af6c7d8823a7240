"""
One local AWS: its folder, its settings, and the files that other tools read of it.

Everything here is a pure function of the options: what is started with which environment, and what
`target.json` and the CDK's docker command say. It starts nothing.
"""

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from infra.local_aws.engine import Engine, reproducible_flags

ACCOUNT, REGION = "000000000000", "us-east-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ROOT = Path(__file__).resolve().parents[2]
MINISTACK = ROOT / ".wherry" / "tools" / "ministack" / "bin" / "python"
CACHE = ROOT / ".wherry" / "cache"
Packaging = Literal["image", "zip"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """
    What `up` is asked for.

    `packaging` None takes images where there is an engine, else ZIP; "image" refuses to do without
    one. `keep` writes the state to disk when it stops; `fresh` throws away what was kept. `seed`
    makes the routing of weighted aliases repeatable.
    """

    folder: Path = ROOT / ".wherry" / "local"
    port: int = 4566
    strict: bool = False
    keep: bool = True
    fresh: bool = False
    packaging: Packaging | None = None
    engine: str = ""
    base_image: str = ""
    seed: int | None = None

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.strict else 'http'}://127.0.0.1:{self.port}"

    @property
    def hostname(self) -> str:
        """What MiniStack calls itself; another checkout's may use the same docker and port."""
        return f"wherry-local-{hashlib.sha256(bytes(self.folder)).hexdigest()[:12]}"

    @property
    def label(self) -> str:
        """The label that MiniStack puts on every container of this instance."""
        return f"ministack.instance={self.hostname}:{self.port}"

    def path(self, name: str) -> Path:
        return self.folder / name


@dataclass(frozen=True)
class Plan:
    """How functions are packaged, with what; `reason` says why as ZIP, when nobody asked for it."""

    packaging: Packaging
    engine: Engine | None = None
    base_image: str | None = None
    reason: str = ""


def emulator_environment(options: Options, engine: Engine | None, system: Mapping[str, str]) -> (
    dict[str, str]
):  # fmt: skip
    """All that MiniStack is told; of this machine's variables only the harmless ones."""
    told = {name: system[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in system}
    told |= {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(options.port),
        "MINISTACK_HOSTNAME": options.hostname,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": "100",
        "PERSIST_STATE": "1" if options.keep else "0",
        "S3_PERSIST": "1" if options.keep else "0",
        "STATE_DIR": str(options.path("state")),
        "S3_DATA_DIR": str(options.path("s3")),
        "TMPDIR": str(options.path("tmp")),
        "DOCKER_HOST": f"unix://{options.path('engine.sock')}",
    }
    if engine:
        told["LAMBDA_DOCKER_FLAGS"] = _function_flags(engine.kind)
        told |= {k: v for k, v in engine.environment.items() if k == "DOCKER_HOST"}
    if options.seed is not None:
        told["WHERRY_LOCAL_SEED"] = str(options.seed)
    if options.strict:
        told |= {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(options.path("tls/server.pem")),
            "MINISTACK_SSL_KEY": str(options.path("tls/server.key")),
            "AWS_CA_BUNDLE": str(options.path("tls/bundle.pem")),
        }
    return told


def _function_flags(kind: str) -> str:
    """How a function's container reaches the emulator on this machine's loopback."""
    if kind == "podman":
        reach = "--network slirp4netns:allow_host_loopback=true"
        return f"{reach} --add-host host.docker.internal:10.0.2.2"
    return "--add-host host.docker.internal:host-gateway"


def target(options: Options, plan: Plan, image_python: str, zip_python: str) -> dict[str, Any]:
    """What the CLI and the CDK need to know of this instance; the Pythons are of its functions."""
    environment = {
        "AWS_ENDPOINT_URL": options.endpoint,
        "AWS_ENDPOINT_URL_S3": options.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if plan.engine:
        environment["CDK_DOCKER"] = str(options.path("docker"))
    if options.strict:
        environment |= {
            "AWS_CA_BUNDLE": str(options.path("tls/bundle.pem")),
            "SSL_CERT_FILE": str(options.path("tls/bundle.pem")),
            "NODE_EXTRA_CA_CERTS": str(options.path("tls/ca.pem")),
        }
    return {
        "name": "local",
        "account": ACCOUNT,
        "region": REGION,
        "api_url": f"{options.endpoint}/restapis/{{api}}/{{stage}}/_user_request_",
        "environment": environment,
        "packaging": plan.packaging,
        "base_image": plan.base_image,
        "python": image_python if plan.engine else zip_python,
        "operations_python": zip_python,
    }


def docker_script(options: Options, engine: Engine) -> str:
    """
    The CDK's docker command (CDK_DOCKER).

    The account's registry has no address, so a push goes to the emulator's registry on loopback,
    and there is nobody to log in to. A build leaves the clock out.
    """
    exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in engine.environment.items())
    command, flags = shlex.join(engine.command), shlex.join(reproducible_flags(engine.kind))
    near = f'"127.0.0.1:{options.port}/${{2#*/}}"'
    if engine.kind == "podman":
        trust = f"--cert-dir {shlex.quote(str(options.path('tls/registry')))}"
        push = f'{trust if options.strict else "--tls-verify=false"} "$2" docker://{near}'
        push = f"exec {command} push --quiet {push}"
    else:
        push = f'{command} tag "$2" {near} && exec {command} push --quiet {near}'
    return (
        "#!/bin/sh\n# Written by `wherry local up`.\n"
        f'set -e\n{exports}case "$1" in\n'
        "  login) cat >/dev/null ;;\n"
        f'  build) shift; exec {command} build {flags} "$@" ;;\n'
        f"  push) {push} ;;\n"
        f'  *) exec {command} "$@" ;;\nesac\n'
    )


def registries_conf(options: Options) -> str:
    """Where podman pulls the account's images from: the emulator on loopback."""
    return (
        f'[[registry]]\nprefix = "{REGISTRY}"\nlocation = "127.0.0.1:{options.port}"\n'
        "insecure = true\n"
    )


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write all of `text` or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.replace(path)


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write `told` as JSON that a person can read."""
    write(path, f"{json.dumps(told, indent=2)}\n")
