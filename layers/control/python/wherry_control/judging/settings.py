"""What a judge is told: how sure it must be, and how much worse a candidate may be."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class JudgeSettings:
    """
    The table `[rollout.judge]` of a model.toml.

    `alpha` is the chance of ever rolling back a candidate that is no worse, all metrics together.
    Margins are differences candidate minus stable: `error_margin` and `slow_margin` of the share of
    requests, `distance` the total variation between what both answer (0 to 1), `outcome_margin` of
    the outcome's mean, in its own unit. `consecutive_errors` and `platform_errors` (of one kind:
    init, timeout, memory, crash; more than the candidate's weight explains) end a rollout at once.
    `outcome` names the metric of `POST /feedback` that is judged, and `outcome_range` its least and
    greatest value.
    """

    alpha: float = 0.05
    error_margin: float = 0.01
    slow_margin: float = 0.05
    distance: float = 0.1
    consecutive_errors: int = 10
    platform_errors: int = 3
    outcome: str = ""
    outcome_better: str = "higher"
    outcome_margin: float = 0.0
    outcome_range: tuple[float, float] = (0.0, 1.0)
