"""Puts together what draws up an experiment, for the commands that write a lock."""

from typing import TYPE_CHECKING

from cli.call import Call

if TYPE_CHECKING:
    from wherry.store import ModelStore
    from wherry_control.experiments.resolving import Resolver


def resolver(call: Call, model: str, store: "ModelStore") -> "Resolver":
    """What the model's folder declares, beside what the lock of the call's target has."""
    from wherry_control.experiments.declared import read_experiment
    from wherry_control.experiments.resolving import Resolver, experiment_before
    from wherry_control.locks import lock_path

    declared = read_experiment(call.project.model_folder(model))
    path = lock_path(call.project.root, model, call.target_name)
    return Resolver(declared, experiment_before(path) if declared else None, store)
