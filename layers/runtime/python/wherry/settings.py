"""
What an inference function must be told by its environment.

Read once, when the function starts, from a mapping that the caller passes. All that is missing or
wrong is named together, so that one look mends it. Nothing here reads a file or talks to AWS.
"""

import math
import os
from collections.abc import Callable, Mapping
from typing import Self

import msgspec

from wherry.artifact import DIGEST
from wherry.errors import ConfigurationError
from wherry.limits import Limits
from wherry.signature import PublicKey

MEGABYTES_PER_CPU = 1769  # Lambda gives one whole vCPU at this memory, and in proportion
LOCAL_RELEASE = "local"

_REQUIRED = {
    "WHERRY_MODEL": "the model's name",
    "WHERRY_MODEL_VERSION": "the model version, a whole number from 1",
    "WHERRY_DIGEST": "the artifact's digest, sha256: and 64 hexadecimal digits",
    "WHERRY_STORE": "where the model store is: s3://bucket[/prefix] or a directory",
}
_MEMORY = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
_RELEASE = "AWS_LAMBDA_FUNCTION_VERSION"
_NONFINITE = "WHERRY_NONFINITE"
_DOCS = "WHERRY_DOCS"
_SKETCH = "WHERRY_SKETCH"
_SLO = "WHERRY_SLO_MS"
_EXPERIMENT = "WHERRY_EXPERIMENT"
_SHADOW = "WHERRY_SHADOW_SHARE"
_PUBLIC_KEY = "WHERRY_PUBLIC_KEY"
_LIMITS = {
    "WHERRY_MAX_BODY_BYTES": "body_bytes",
    "WHERRY_MAX_DECOMPRESSED_BYTES": "decompressed_bytes",
    "WHERRY_MAX_ANSWER_BYTES": "answer_bytes",
    "WHERRY_MAX_ELEMENTS": "elements",
    "WHERRY_MAX_ROWS": "rows",
    "WHERRY_MAX_TEXT_LENGTH": "text_length",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """
    One release: which artifact, from which store, on how much memory, within which limits.

    `docs` says whether it shows its docs page and its OpenAPI document, `sketch` whether its log
    lines tell how inputs and outputs are spread. A request over `slo_ms` milliseconds is slow.
    Where there are `public_keys`, one of them must have signed the model version. `experiment` is
    what `wherry.experiments` reads, or nothing; a candidate answers `shadow_share` of the requests
    too, unseen.
    """

    model: str
    model_version: int
    digest: str
    store: str
    release: str = LOCAL_RELEASE
    memory_mb: int = MEGABYTES_PER_CPU
    limits: Limits = Limits()
    docs: bool = True
    sketch: bool = True
    slo_ms: float | None = None
    public_keys: tuple[PublicKey, ...] = ()
    experiment: str = ""
    shadow_share: float = 0.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raise ConfigurationError naming every variable that is missing or wrong."""
        told = {_MEMORY: str(MEGABYTES_PER_CPU), _RELEASE: LOCAL_RELEASE, **environment}
        faults = _faults(told)
        if faults:
            raise ConfigurationError(
                "the environment", "; ".join(faults), "`wherry env` prints what a release needs."
            )
        return cls(
            model=told["WHERRY_MODEL"],
            model_version=int(told["WHERRY_MODEL_VERSION"]),
            digest=told["WHERRY_DIGEST"],
            store=told["WHERRY_STORE"],
            release=told[_RELEASE],
            memory_mb=int(told[_MEMORY]),
            limits=_limits(told),
            docs=told.get(_DOCS) != "off",
            sketch=told.get(_SKETCH) != "off",
            slo_ms=float(told[_SLO]) if told.get(_SLO) else None,
            public_keys=public_keys(told.get(_PUBLIC_KEY, "")) or (),
            experiment=told.get(_EXPERIMENT, ""),
            shadow_share=float(told.get(_SHADOW) or 0),
        )

    @property
    def threads(self) -> int:
        """As many as there are whole vCPUs: more would only take turns."""
        return max(1, self.memory_mb // MEGABYTES_PER_CPU)


def _faults(told: Mapping[str, str]) -> list[str]:
    missing = [
        f"{name} is missing ({what})" for name, what in _REQUIRED.items() if not told.get(name)
    ]
    wrong = [
        f"{name} is {told[name]!r}, not {wanted}"
        for name, (fits, wanted) in _FORMS.items()
        if told.get(name) and not fits(told[name])
    ]
    return missing + wrong


def _limits(told: Mapping[str, str]) -> Limits:
    sizes = {name: int(told[variable]) for variable, name in _LIMITS.items() if told.get(variable)}
    return Limits(**sizes, nonfinite="refuse" if told.get(_NONFINITE) == "refuse" else "allow")


def public_keys(text: str) -> tuple[PublicKey, ...] | None:
    """Keys in Base64, with commas between; none for an empty text, None if one is no key."""
    found = [PublicKey.read(told.strip()) for told in text.split(",")] if text else []
    keys = tuple(key for key in found if key is not None)
    return keys if len(keys) == len(found) else None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _is_span(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "WHERRY_MODEL_VERSION": (_is_count, "a whole number from 1"),
    "WHERRY_DIGEST": (lambda text: DIGEST.fullmatch(text) is not None, "sha256:<64 hex>"),
    _MEMORY: (_is_count, "a number of megabytes"),
    **dict.fromkeys(_LIMITS, (_is_count, "a whole number from 1")),
    _NONFINITE: (("allow", "refuse").__contains__, "allow or refuse"),
    _PUBLIC_KEY: (
        lambda text: public_keys(text) is not None,
        "a public key on P-256 (DER in Base64), or several with commas between",
    ),
    **dict.fromkeys((_DOCS, _SKETCH), (("on", "off").__contains__, "on or off")),
    _SHADOW: (_is_share, "a share from 0 to 1"),
    _SLO: (_is_span, "a number of milliseconds above 0"),
}
