"""
The bins: of a number, a probability, a text. They know no model, no release and no baseline.

A number's bin is its sign and the quarter of an octave that it is in: `+k` holds the numbers from
2^(k/4) to below 2^((k+1)/4), `-k` their negatives, with k from -64 to 64, where the two outermost
bins hold all that is smaller or larger. So 1.0 is in `+0`, 0.9 in `+-1`, -3.0 in `-6`. Zero, NaN
and both infinities have bins of their own. The edges are numbers written down here, and found by
comparison, so that every machine puts a number into the same bin.

A bin made of a text is the text, without what would break a line's form, and never long.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from math import inf, ldexp, nan
from zlib import crc32

LAST = 64  # k of the outermost bins
ZERO, NAN = "0", "nan"
OTHER, MISSING = "other", "missing"
LONGEST = 40  # bytes of a bin made of a text

_ROOTS = (1.0, 1.189207115002721, 1.4142135623730951, 1.681792830507429)  # 2^(k/4)
_TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_PROBABILITIES = tuple(f"p{tenth}" for tenth in range(10))
_CHECKSUM = len("~00000000")
_ROUNDING = 1e-3  # by how much a sum of shares may be off


def _edge(k: int) -> float:
    return ldexp(_ROOTS[k % 4], k // 4)


_EDGES = [*map(_edge, range(1 - LAST, LAST + 1)), inf]
_KS = [*map(str, range(-LAST, LAST + 1)), "inf"]
_POSITIVE = [f"+{k}" for k in _KS]
_NEGATIVE = [f"-{k}" for k in _KS]


def number_bin(x: float) -> str:
    """The bin of any number."""
    if x > 0:
        return _POSITIVE[bisect_right(_EDGES, x)]
    if x < 0:
        return _NEGATIVE[bisect_right(_EDGES, -x)]
    return ZERO if x == 0 else NAN


def probability_bin(x: float) -> str:
    """`p0` to `p9`: the tenth that it is in. What is no probability has the bin of its number."""
    if -_ROUNDING <= x <= 1 + _ROUNDING:
        return _PROBABILITIES[bisect_right(_TENTHS, x)]
    return number_bin(x)


def bin_range(told: str) -> tuple[float, float]:
    """
    The bounds of a bin of numbers or probabilities.

    The one nearer to zero belongs to it. Raise ValueError if `told` is no such bin.
    """
    sign, k = told[:1], told[1:]
    if told == ZERO:
        return 0.0, 0.0
    if told == NAN:
        return nan, nan
    if told in _PROBABILITIES:
        return int(k) / 10, (int(k) + 1) / 10
    if sign not in ("+", "-") or k not in _KS:
        raise ValueError(told)
    low, high = (inf, inf) if k == "inf" else _bounds(int(k))
    return (low, high) if sign == "+" else (-high, -low)


def _bounds(k: int) -> tuple[float, float]:
    return (_edge(k) if k > -LAST else 0.0), (_edge(k + 1) if k < LAST else inf)


def text_bin(text: str) -> str:
    """Of a text that a manifest knows. A bar parts two bins of a pair, so no bin has one."""
    if not text:
        return MISSING
    shown = "".join(each if each.isprintable() and each not in '|"\\' else "_" for each in text)
    told = shown.encode()
    if len(told) <= LONGEST and shown == text:
        return shown
    kept = told[: LONGEST - _CHECKSUM].decode(errors="ignore")
    return f"{kept}~{crc32(text.encode(errors='surrogatepass')):08x}"


def known_bins(texts: Iterable[str]) -> Mapping[str | int, str]:
    """By each text that a model may say; by a whole number too, where the text is one."""
    bins: dict[str | int, str] = {}
    for text in texts:
        bins[text] = text_bin(text)
        number = {"False": 0, "True": 1}.get(text)
        if number is None and text.removeprefix("-").isdecimal():
            number = int(text)
        if number is not None and text in (str(number), str(bool(number))):
            bins[number] = bins[text]
    return bins
