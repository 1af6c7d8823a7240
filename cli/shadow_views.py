"""What people see of shadows."""

from typing import TYPE_CHECKING

from cli.output import Table, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.experiments.agreement import Agreement
    from wherry_control.experiments.shadowing import Moved


def moved(told: "Moved", *, dry_run: bool) -> View:
    """One line."""
    would = "would be" if dry_run else "is"
    if told.after is None:
        was = f", which was release {told.before}" if told.before else ""
        return [f"{told.function} {would} without a shadow{was}"]
    was = f" (it was release {told.before})" if told.before not in (None, told.after) else ""
    share = f"stable sends it {told.share:.3g} of the requests"
    return [f"release {told.after} {would} the shadow{was}: {share}"]


def agreements(told: "Sequence[Agreement]") -> View:
    """A row for each pair of releases."""
    if not told:
        return ["no shadow has answered in this time"]
    rows = [
        (
            each.release,
            each.stable,
            str(each.requests),
            str(each.rows),
            f"{each.agreement:.2%}",
            f"{each.low:.1%} to {each.high:.1%}",
            str(each.failed),
            "-" if each.worst_difference is None else f"{each.worst_difference:.3g}",
        )
        for each in told
    ]
    names = ("shadow", "stable", "requests", "rows", "agree", "at 95 %", "failed", "worst off")
    return [Table(names, rows)]
