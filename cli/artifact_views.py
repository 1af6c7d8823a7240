"""What people see of model versions: in tables that fit 80 columns."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cli.output import Table, View
from cli.views import short

if TYPE_CHECKING:
    from cli.commands.artifacts import Shown
    from wherry.artifact import Artifact
    from wherry.manifest import Feature, Manifest
    from wherry.store import ModelVersion
    from wherry_control.artifacts.differences import Difference
    from wherry_control.artifacts.verifying import Check
    from wherry_control.publishing import Published

WIDTH = 78
CELL = 30  # characters of a text that may be of any length
COLUMNS_SHOWN = 12
KEY_SHOWN = 12


def versions(found: "Mapping[str, Sequence[ModelVersion]]", locked: Mapping[str, str]) -> View:
    rows = [
        (
            item.model,
            str(item.version),
            short(item.digest),
            f"{item.published_at:%Y-%m-%d %H:%M}",
            "locked" if locked.get(model) == item.digest else "",
        )
        for model, listed in found.items()
        for item in listed
    ]
    unpublished = [(model, "-", "-", "-", "") for model, listed in found.items() if not listed]
    return [Table(("model", "version", "digest", "published (UTC)", "lock"), rows + unpublished)]


def published(told: "Published") -> View:
    verb = "is" if told.published else "would be"
    signed = f", signed by {told.signed_by[:KEY_SHOWN]}" if told.signed_by else ""
    where = f"version {told.version} in {told.store} ({short(told.digest)})"
    return [f"{told.model} {verb} {where}{signed}", f"lock: {told.lock}"]


def shown_as_json(told: "Shown") -> Mapping[str, Any]:
    from models.preparation.cards.card import head

    return {
        "version": told.version,
        "digest": told.artifact.digest,
        "manifest": told.artifact.manifest,
        "signed_by": told.signed_by,
        "card": head(told.artifact.files.get("CARD.md", b"")),
    }


def shown(told: "Shown") -> View:
    manifest = told.artifact.manifest
    tables = [_about(manifest), _tensors(manifest), *_columns(manifest.features)]
    if manifest.metrics:
        rows = [(name, f"{value:.4g}") for name, value in manifest.metrics.items()]
        tables.append(Table(("metric", "on held-out rows"), rows))
    tables += [_parity(manifest), _files(told.artifact), _libraries(manifest)]
    return [*_title(told), *(part for table in tables for part in ("", table))]


def _title(told: "Shown") -> list[str]:
    from models.preparation.cards.card import head

    model, digest = told.artifact.manifest.model, short(told.artifact.digest)
    version = told.version
    if version is None:
        lines = [f"{model}, prepared ({digest})"]
    else:
        when = f"{version.published_at:%Y-%m-%d %H:%M} UTC"
        by = ", ".join(key[:KEY_SHOWN] for key in told.signed_by)
        signed = f"signed by {by}; `wherry verify` checks it" if by else "not signed"
        lines = [f"{model} version {version.version} ({digest}), {when}", signed]
    return [*lines, *wrap(head(told.artifact.files.get("CARD.md", b"")), WIDTH)]


def _about(manifest: "Manifest") -> Table:
    source = manifest.source
    told = {
        "task": manifest.task,
        "estimator": manifest.estimator,
        "source": f"{source.kind} {source.file}".strip() if source else "",
        "variant": manifest.variant,
        "labels": ", ".join(manifest.labels),
        "licence": manifest.licence,
        "training data": f"sha256:{(manifest.training_data_sha256 or '')[:KEY_SHOWN]}"
        if manifest.training_data_sha256
        else "not known",
        "opset, IR": f"{manifest.opsets.get('', '-')}, {manifest.ir_version}",
    }
    rows = [(name, _cut(text, 60)) for name, text in told.items() if text]
    return Table(("model", manifest.model), rows)


def _tensors(manifest: "Manifest") -> Table:
    rows = [
        (role, _cut(spec.name), spec.datatype, str(list(spec.shape)))
        for role, specs in (("input", manifest.inputs), ("output", manifest.outputs))
        for spec in specs
    ]
    return Table(("tensor", "name", "datatype", "shape"), rows)


def _columns(features: "Sequence[Feature]") -> list[Table]:
    rows = [
        (_cut(each.name, 24), _cut(each.unit, 18), _range(each), _cut(_example(each), 12))
        for each in features[:COLUMNS_SHOWN]
    ]
    more = len(features) - len(rows)
    if more:
        rows.append((f"and {more} more", "", "", ""))
    return [Table(("column", "unit", "usual values", "example"), rows)] if rows else []


def _range(feature: "Feature") -> str:
    if feature.categories:
        return _cut(", ".join(feature.categories), 20)
    told = ["" if end is None else f"{end:g}" for end in (feature.minimum, feature.maximum)]
    return " to ".join(told) if any(told) else ""


def _example(feature: "Feature") -> str:
    example = feature.example
    return f"{example:g}" if isinstance(example, float) else example or ""


def _parity(manifest: "Manifest") -> Table:
    told = manifest.parity
    rows = [
        ("rows compared", f"{told.rows} held out, {told.adversarial_rows} adversarial"),
        ("label agreement", f"{told.label_agreement:.2%}"),
        ("largest difference", f"{told.max_absolute_error:.3g} of {told.tolerance:.3g} allowed"),
        ("rows over it", str(told.rows_over_tolerance)),
    ]
    classes = manifest.task == "classification"
    return Table(
        ("parity", "with the trained model"),
        [row for row in rows if classes or row[0] != "label agreement"],
    )


def _files(artifact: "Artifact") -> Table:
    from wherry_control.artifacts.differences import size

    rows = [
        (_cut(name, 40), size(entry.bytes), f"sha256:{entry.sha256[:KEY_SHOWN]}")
        for name, entry in sorted(artifact.manifest.files.items())
    ]
    return Table(("file", "size", "digest"), rows)


def _libraries(manifest: "Manifest") -> Table:
    return Table(("library", "version"), sorted(manifest.libraries.items()))


def differences(
    versions: "Sequence[ModelVersion]", found: "Sequence[Difference]", times: Sequence[float]
) -> View:
    names = [f"{each.model}@{each.version}" for each in versions]
    if not found:
        return [f"{names[0]} and {names[1]} are the same artifact ({short(versions[0].digest)})"]
    rows = [
        (each.part, _cut(each.name, 24), _cut(each.before, 22), _cut(each.after, 22))
        for each in found
    ]
    if times:
        before, after = (f"{time:.3g} ms" for time in times)
        rows.append(("latency", "one row, here", before, after))
    return [Table(("part", "of", *names), rows)]


def checks(version: "ModelVersion", found: "Sequence[Check]") -> View:
    rows = [(each.what, each.state, _cut(each.told, 46)) for each in found]
    wrong = [each for each in found if each.state == "wrong"]
    verdict = "is sound" if not wrong else "is WRONG: it must not be served"
    told = [line for each in wrong for line in wrap(f"{each.what}: {each.told}", WIDTH)]
    return [
        Table(("what", "state", "told"), rows),
        *told,
        f"{version.model} version {version.version} ({short(version.digest)}) {verdict}",
    ]


def fetched(version: "ModelVersion", folder: Path, names: Sequence[str], *, fetched: bool) -> View:
    verb = "is" if fetched else "would be"
    return [
        f"{version.model} version {version.version} ({short(version.digest)}) {verb} in {folder}",
        *(f"  {name}" for name in names),
    ]


def key_made(private: Path, public: Path, key: str) -> View:
    return [
        f"private key: {private} (keep it out of git; whoever has it can sign)",
        f"public key: {public} (commit it, and pin it: `public_key` under [deploy])",
        f"id: {key[:KEY_SHOWN]}",
    ]


def _cut(text: str, most: int = CELL) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
