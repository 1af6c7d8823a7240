"""
The environment in which a model's release runs: what the template of its stack sets, as a mapping.

`wherry env` prints it, `wherry serve` runs in it; the function on AWS gets the same names. A lock
says which artifact; a release that was never published has no environment.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from wherry.errors import ConfigurationError
from wherry.experiments.spec import VARIABLE
from wherry.signature import PublicKey
from wherry_control.locks import ModelLock, broken_lock, lock_path, read_lock

SERVICE = {
    "ORT_DISABLE_TELEMETRY": "1",
}


def required_lock(root: Path, model: str, target: str | None) -> ModelLock:
    """The model's lock; ConfigurationError, saying how to make one, if there is none."""
    path = lock_path(root, model, target)
    lock = read_lock(path)
    if lock is None:
        to = f" --target {target}" if target else ""
        shown = path.relative_to(root)
        raise ConfigurationError(
            str(shown), f"{model} was not published", f"Run `wherry publish {model}{to}`."
        )
    if lock.model != model:
        raise broken_lock(path, f"it is of model {lock.model}")
    return lock


def release_environment(
    lock: ModelLock, store: str, public_keys: Sequence[PublicKey] = ()
) -> dict[str, str]:
    """The variables of a release that serves what `lock` pins, from `store`, if a key signed it."""
    pinned = {"WHERRY_PUBLIC_KEY": ",".join(map(str, public_keys))} if public_keys else {}
    if lock.experiment:
        pinned[VARIABLE] = lock.experiment.to_text()
    return {
        "WHERRY_MODEL": lock.model,
        "WHERRY_MODEL_VERSION": str(lock.version),
        "WHERRY_DIGEST": lock.digest,
        "WHERRY_STORE": store,
        **pinned,
        **SERVICE,
    }


def shell_exports(variables: Mapping[str, str], *, bin_folder: Path) -> list[str]:
    """Lines for `eval`; this Python comes first on the PATH, as it is the one that has Wherry."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return [*lines, f'export PATH={shlex.quote(str(bin_folder))}:"$PATH"']
