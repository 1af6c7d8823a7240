"""What the judge reads, in 80 columns: in a frame of `watch`, and behind an entry of the ledger."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cli.output import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.judging.verdicts import Reading

WIDTH = 78
BAR = 16
LONG = 1000.0  # from here on, evidence is told by its power of ten


def readings(told: "Sequence[Reading]") -> Iterator[str]:
    """For each metric how near it is to a rollback, and beneath it what was counted."""
    if not told:
        return
    head, *rows = Table(
        ("metric", "evidence of harm", "finding", "harm between"),
        [(item.metric, _evidence(item), item.finding, _harm(item)) for item in told],
    ).lines()
    yield head
    for row, item in zip(rows, told, strict=True):
        yield row
        yield from wrapped(item.told, indent="  ")


def numbers(told: Mapping[str, Any]) -> Iterator[str]:
    """The same of an entry's numbers, as the ledger keeps them."""
    for each in told.get("readings", ()):
        evidence = f"evidence {amount(each['evidence'])} of {amount(each['threshold'])}, "
        weighed = evidence if each["threshold"] > 0 else ""
        yield from wrapped(f"{each['told']}; {weighed}{each['finding']}", indent="   ")


def wrapped(text: str, indent: str = "") -> list[str]:
    """In as many lines as 80 columns need; all but the first are indented further."""
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")


def amount(evidence: float) -> str:
    """`7.6`, and `1e+09` of what is beyond all doubt."""
    return f"{evidence:.1f}" if abs(evidence) < LONG else f"{evidence:.0e}"


def bar(share: float, width: int) -> str:
    """A bar of blocks; a share over 1 fills it."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "█" * filled + "·" * (width - filled)


def _evidence(reading: "Reading") -> str:
    """The bar is full where the evidence ends the rollout; none of what has no threshold."""
    if reading.threshold <= 0:
        return "-"
    share = reading.evidence / reading.threshold
    told = f"{amount(reading.evidence)} of {amount(reading.threshold)}"
    return f"{bar(share, BAR)} {told}"


def _harm(reading: "Reading") -> str:
    if reading.low is None or reading.high is None:
        return "-"
    return f"{reading.low:+.3g} and {reading.high:+.3g}"
