"""
The files that the CDK app finds when it synthesizes: checked settings, wheels, the ZIP trees.

The app describes every model that has a lock, whichever stack is deployed, so all of them are
looked at here, before the CDK starts: a wrong model.toml is told in one line and not by a synth.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.call import Call
from wherry.errors import ConfigurationError, MissingArtifactError, ToolError, UsageError

if TYPE_CHECKING:
    from infra.config import Options, Release


def locked_models(call: Call, asked: list[str]) -> list[str]:
    """The models to deploy: those asked for, or all that have a lock for the target."""
    from wherry_control.environment import required_lock
    from wherry_control.locks import lock_path

    root, target = call.project.root, call.target.name
    for name in asked:
        call.project.model_folder(name)
        required_lock(root, name, target)
    if asked:
        return asked
    found = [name for name in call.project.models() if lock_path(root, name, target).is_file()]
    if not found:
        raise UsageError(
            "wherry deploy",
            f"no model was published to target {target}",
            f"Run `wherry publish MODEL --target {target}` first.",
        )
    return found


def check_published(call: Call, models: Sequence[str]) -> None:
    """Raise unless the target's store holds, unaltered, what the locks pin: else nothing starts."""
    from wherry.settings import public_keys
    from wherry.store import ModelStore
    from wherry_control.environment import required_lock

    target = call.target
    store = ModelStore.open(target.store_url, os.environ)
    for model in models:
        lock = required_lock(call.project.root, model, target.name)
        try:
            artifact = store.load(lock.digest)
        except MissingArtifactError as error:
            raise MissingArtifactError(
                target.store_url,
                f"it does not hold version {lock.version} of {model}, which the lock pins",
                f"Run `wherry publish {model} --target {target.name} "
                f"--environment {target.environment}`.",
            ) from error
        if keys := public_keys(_pinned(call.project.root, model)):
            from wherry.signature_check import check_signed

            check_signed(store, artifact, lock.version, keys)


def _pinned(root: Path, model: str) -> str:
    """The public keys that its function gets: a signature by one of them is required."""
    from infra.public_key import read_public_keys
    from infra.rules import ConfigurationError as InfraError

    file = root / "models" / model / "model.toml"
    path = tomllib.loads(file.read_text()).get("deploy", {}).get("public_key")
    try:
        return read_public_keys(f"models/{model}/model.toml [deploy]", root, path) if path else ""
    except InfraError as error:
        raise ConfigurationError(error.where, error.what, error.todo) from error


def prepare(call: Call, packaging: str | None) -> None:
    """Make `build/operations`; `build/wheels` and `build/zip` as far as locked models need them."""
    from infra.packaging import build_operations, build_zip, download_wheels

    root = call.project.root
    options = _options(call, packaging)
    python = options.python
    releases = _releases(call, packaging)
    wanted = _wanted(releases)
    closures = {closure for each in releases for closure in each.closures}
    with call.out.working("Laying out the functions that run rollouts"):
        build_operations(root, python=options.operations_python)
    if "image" in wanted:
        check_builder(call.target.environ(os.environ))
        extras = sorted({name for closure in closures for name in closure})
        with call.out.working("Getting the wheels of the image"):
            download_wheels(root, python=python, architecture=wanted["image"], extras=extras)
    if "zip" in wanted:
        with call.out.working("Laying out the ZIP function"):
            for closure in sorted(closures):
                build_zip(root, python=python, architecture=wanted["zip"], extras=closure)


def check_builder(environ: Mapping[str, str]) -> None:
    """Raise ToolError unless the program that the CDK builds images with is on the PATH."""
    program = environ.get("CDK_DOCKER", "docker")
    if shutil.which(program, path=environ.get("PATH", os.defpath)) is None:
        raise ToolError(
            program,
            "it is not installed, and the CDK builds images with it",
            "Install it, or set CDK_DOCKER=podman, or deploy with --packaging zip.",
        )


def _releases(call: Call, packaging: str | None) -> "list[Release]":
    from infra.config import Release, releases
    from infra.rules import ConfigurationError as InfraError

    try:
        found = list(releases(call.project.root, _options(call, packaging)))
    except InfraError as error:
        raise ConfigurationError(error.where, error.what, error.todo) from error
    return [item for item in found if isinstance(item, Release)]


def _options(call: Call, packaging: str | None) -> "Options":
    """The very options that the CDK app will be given: those of cdk.json, and the target's own."""
    from infra.config import Options
    from infra.rules import ConfigurationError as InfraError
    from wherry_control.cdk import Cdk

    cdk = Cdk(root=call.project.root, target=call.target, environ={}, packaging=packaging)
    told = dict(item.split("=", 1) for item in cdk.context()[1::2])
    try:
        return Options.from_context({**_context(call.project.root / "cdk.json"), **told}.get)
    except InfraError as error:
        raise ConfigurationError(error.where, error.what, error.todo) from error


def _context(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        told = json.loads(file.read_bytes()).get("context", {})
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            str(file), f"it cannot be read ({error})", "Correct it."
        ) from error
    return dict(told)


def _wanted(releases: "list[Release]") -> dict[str, str]:
    """The architecture of each packaging in use; one of each, as each has one folder."""
    wanted: dict[str, str] = {}
    for release in releases:
        settings = release.settings
        if wanted.setdefault(settings.packaging, settings.architecture) != settings.architecture:
            raise ConfigurationError(
                f"models/{release.model}/model.toml [deploy] architecture",
                f"{settings.architecture}, where another model has "
                f"{wanted[settings.packaging]}, both packaged as {settings.packaging}",
                "Give all models of one packaging the same architecture.",
            )
    return wanted
