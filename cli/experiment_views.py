"""What people see of experiments."""

from typing import TYPE_CHECKING

from cli.output import Table, View

if TYPE_CHECKING:
    from wherry.experiments.spec import Experiment


def locked(before: "Experiment | None", after: "Experiment | None", *, dry_run: bool) -> View:
    """The arms, and how many subjects change theirs."""
    from wherry_control.experiments.shares import moved

    would = "would be " if dry_run else ""
    if after is None:
        return [f"model.toml declares no experiment: none {'would be' if dry_run else 'is'} locked"]
    rows = [
        (arm.name, f"version {arm.version}", _percent(arm.width), str(len(arm.buckets)))
        for arm in after.arms
    ]
    told: View = [
        f"experiment {after.name} {would}locked: by {after.subject}, judged by {after.metric}",
        Table(("arm", "model version", "of the subjects", "ranges"), rows),
    ]
    if before is None or before.name != after.name:
        return [*told, "every subject is drawn anew"]
    known = {arm.name: arm.buckets for arm in before.arms}
    changed = moved(known, {arm.name: arm.buckets for arm in after.arms})
    return [*told, f"{_percent(changed)} of the subjects change their arm"]


def _percent(buckets: int) -> str:
    from wherry.experiments.spec import BUCKETS

    return f"{buckets * 100 / BUCKETS:g} %"
