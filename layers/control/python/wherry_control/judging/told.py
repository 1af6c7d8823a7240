"""Told: numbers of a reading as people read them."""


def percent(share: float) -> str:
    """`0.0312` is `3.12 %`."""
    return f"{100.0 * share:.3g} %"


def part(hits: int, requests: int) -> str:
    """`31 of 310 (10 %)`."""
    told = f"{hits:,} of {requests:,}"
    return f"{told} ({percent(hits / requests)})" if requests else told
