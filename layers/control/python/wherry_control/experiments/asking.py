"""What to ask of an experiment: from the lock that its releases serve by."""

from wherry.errors import ConfigurationError
from wherry_control.experiments.report import Asked, Better, Kind
from wherry_control.locks import ModelLock


def asked(lock: ModelLock, kind: Kind, better: Better) -> Asked:
    """The experiment of the lock; the control is the arm that has what the lock pins."""
    found = lock.experiment
    if found is None:
        raise ConfigurationError(
            lock.model,
            "it has no experiment",
            "Declare [experiment] in its model.toml, and publish it.",
        )
    arms = sorted(found.arms, key=lambda arm: arm.digest != lock.digest)  # the control is first
    return Asked(
        model=lock.model,
        experiment=found.name,
        metric=found.metric,
        shares={arm.name: arm.width for arm in arms},
        control=arms[0].name,
        kind=kind,
        better=better,
    )
