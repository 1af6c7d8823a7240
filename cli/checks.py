"""What `wherry doctor` asks of a model folder: that the owner of each table accepts it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from wherry.errors import ConfigurationError


def model_checks(root: Path) -> Sequence[Callable[[Path], object]]:
    """One check for each owner; each raises ConfigurationError."""
    from wherry_control.experiments.declared import read_experiment
    from wherry_control.golden import golden_tolerance

    return (
        _preparation,
        lambda folder: _deployment(folder, root),
        golden_tolerance,
        read_experiment,
    )


def _preparation(folder: Path) -> None:
    from models.preparation.config import read_config

    read_config(folder)


def _deployment(folder: Path, root: Path) -> None:
    import tomllib

    from infra.config import DeploySettings
    from infra.experiments import shadow_share
    from infra.rules import ConfigurationError as InfraError
    from infra.workers import BatchSettings, JobsSettings, QueueSettings

    file = folder / "model.toml"
    try:
        where, told = str(file.relative_to(root)), tomllib.loads(file.read_text())
        DeploySettings.read(where, told.get("deploy", {}))
        shadow_share(where, told.get("shadow", {}))
        for kind in (BatchSettings, QueueSettings, JobsSettings):
            kind.found(where, told)
    except InfraError as error:
        raise ConfigurationError(error.where, error.what, error.todo) from error
