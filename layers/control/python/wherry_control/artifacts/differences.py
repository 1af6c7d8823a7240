"""
What differs between two artifacts, part by part, as their manifests tell it.

What is the same in both is left out. Nothing is judged: whether an accuracy of 0.95 is better than
one of 0.97 depends on what it is of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wherry.manifest import FileEntry, Manifest, TensorSpec

NOTHING = "-"


@dataclass(frozen=True)
class Difference:
    """Of one thing, by the part of the artifact that it belongs to; `-` where one has no such."""

    part: str
    name: str
    before: str
    after: str


def differences(before: Manifest, after: Manifest) -> list[Difference]:
    """In the order in which the parts matter."""
    parts = zip(_parts(before), _parts(after), strict=True)
    return [each for (part, one), (_, two) in parts for each in _differ(part, one, two)]


def _differ(part: str, one: Mapping[str, str], two: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys([*one, *two]):
        told = Difference(part, name, one.get(name, NOTHING), two.get(name, NOTHING))
        if told.before != told.after:
            yield told


def _parts(manifest: Manifest) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "model", _about(manifest)
    yield "input", {spec.name: shown(spec) for spec in manifest.inputs}
    yield "output", {spec.name: shown(spec) for spec in manifest.outputs}
    yield "metric", {name: f"{value:.4g}" for name, value in manifest.metrics.items()}
    yield "parity", _parity(manifest)
    yield "size", {"all files": size(sum(file.bytes for file in manifest.files.values()))}
    yield "file", {name: _file(entry) for name, entry in sorted(manifest.files.items())}
    yield "library", dict(sorted(manifest.libraries.items()))


def _about(manifest: Manifest) -> Mapping[str, str]:
    return {
        "name": manifest.model,
        "task": manifest.task,
        "estimator": manifest.estimator,
        "variant": manifest.variant,
        "labels": ", ".join(manifest.labels) or NOTHING,
        "columns": ", ".join(feature.name for feature in manifest.features) or NOTHING,
        "source": manifest.source.kind if manifest.source else NOTHING,
        "training data": (manifest.training_data_sha256 or NOTHING)[:12],
        "licence": manifest.licence or NOTHING,
    }


def _parity(manifest: Manifest) -> Mapping[str, str]:
    parity = manifest.parity
    return {
        "rows": str(parity.rows + parity.adversarial_rows),
        "label agreement": f"{parity.label_agreement:.2%}",
        "largest difference": f"{parity.max_absolute_error:.3g}",
        "allowed": f"{parity.tolerance:.3g}",
    }


def _file(entry: FileEntry) -> str:
    return f"{size(entry.bytes)} {entry.sha256[:12]}"


def shown(spec: TensorSpec) -> str:
    """Datatype and shape, as in the protocol."""
    return f"{spec.datatype} {list(spec.shape)}"


def size(count: int) -> str:
    """As people read it: three digits and a unit."""
    if count < 1000:  # noqa: PLR2004 - the first of the units
        return f"{count} B"
    return f"{count / 1e3:.3g} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"  # noqa: PLR2004 - the next
