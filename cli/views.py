"""What people see of a result: each function turns one value into lines and tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.output import Table, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.demo import Leg
    from infra.local_aws import Status as LocalStatus
    from models.preparation.training import TrainingRecord
    from wherry.artifact import Artifact
    from wherry.manifest import Manifest
    from wherry_control.controller import Outcome
    from wherry_control.deploy import Deployed, Report
    from wherry_control.doctor import Finding
    from wherry_control.predict import PlainPrediction, Prediction

DIGEST_SHOWN = len("sha256:") + 12
LABELS_SHOWN = 3


def short(digest: str) -> str:
    """Enough of a digest to tell it from the others."""
    return digest[:DIGEST_SHOWN] or "-"


def voyage(legs: "Sequence[Leg]") -> View:
    rows = [(leg.step, leg.outcome, f"{leg.seconds:.1f}") for leg in legs]
    return [Table(("step", "what happened", "seconds"), rows)]


def findings(found: "Sequence[Finding]") -> View:
    rows = [(item.severity, item.check, item.message, item.remedy) for item in found]
    return [Table(("severity", "check", "message", "to do"), rows)]


def local_status(told: "LocalStatus") -> View:
    if not told.running:
        return ["the local AWS is not running"]
    health = "healthy" if told.healthy else "not answering"
    mode = "strict" if told.strict else "not strict"
    return [f"the local AWS is {health} at {told.endpoint} ({mode}, functions as {told.packaging})"]


def training(record: "TrainingRecord") -> View:
    metrics = [(name, f"{value:.4g}") for name, value in record.metrics.items()]
    return [
        f"{record.model}: {record.estimator}, {record.rows_learnt} rows learnt",
        Table(("metric", f"on {record.rows_held_out} held-out rows"), metrics),
        f"Next: wherry prepare {record.model}",
    ]


def preparation(artifact: "Artifact", sets: "Sequence[str]" = ()) -> View:
    """`sets` are lines of the certificate: which rows were tried, and what came of them."""
    manifest = artifact.manifest
    parity = manifest.parity
    variant = [] if manifest.variant == "fp32" else [("variant", manifest.variant)]
    rows = [
        ("digest", artifact.digest),
        ("size", f"{sum(len(data) for data in artifact.files.values()) / 1000:.0f} kB"),
        *variant,
        _agreement(manifest),
        (
            "largest difference",
            f"{parity.max_absolute_error:.3g} of {parity.tolerance:.3g} allowed",
        ),
    ]
    return [
        Table(("artifact", "of " + manifest.model), rows),
        *sets,
        f"Next: wherry publish {manifest.model}",
    ]


def _agreement(manifest: "Manifest") -> tuple[str, str]:
    parity = manifest.parity
    rows = f"{parity.rows} rows" if parity.rows else f"{parity.adversarial_rows} made-up rows"
    if manifest.task == "classification":
        return "label agreement", f"{parity.label_agreement:.2%} of {rows}"
    return "compared", rows


def deployment(report: "Report", target: str) -> View:
    if report.dry_run:
        told = ", ".join(report.stacks) or "nothing but the bootstrap"
        return [f"would deploy: {told}; live traffic would not move"]
    parts: list[str | Table] = []
    if report.bootstrapped:
        parts.append("the account and region are prepared for the CDK")
    if report.store:
        parts.append(f"model store: {report.store}")
    return [*parts, *_deployed(report, target)] if report.models else parts


def _deployed(report: "Report", target: str) -> View:
    rows = [
        (
            item.model,
            item.release,
            str(item.model_version or "-"),
            short(item.digest),
            str(item.live),
        )
        for item in report.models
    ]
    parts: list[str | Table] = [Table(("model", "release", "version", "digest", "live"), rows)]
    for item in report.models:
        parts += [f"{item.model}: {item.url}", _next(item, report.rollouts)]
        parts += _work(item, "" if target == "local" else f" --target {target}")
    return parts


def _work(item: "Deployed", target: str) -> list[str]:
    """What else came with it, and how each is used."""
    model = item.model
    ways = {
        "batch": f"wherry batch run {model} --input s3://… --output s3://…{target}",
        "queue": f"wherry queue send {model} --data …{target}",
        "jobs": f"POST …/v2/models/{model}/jobs",
    }
    return [f"{kind}: {ways[kind]}" for kind in item.work]


def _next(item: "Deployed", rollouts: "Sequence[str]") -> str:
    if any(name.startswith(f"{item.model}-{item.release}-") for name in rollouts):
        return f"Its rollout has begun: `wherry rollout watch {item.model}`."
    if item.release in (item.live.stable, item.live.candidate):
        return f"Ask it: `wherry predict {item.model}`."
    return f"Release {item.release} has no traffic: `wherry rollout start {item.model}`."


def outcome(done: "Outcome") -> View:
    change = done.change
    if done.ended:
        return [f"{change.model}: rollout {done.ended} ends; {change.after} stays"]
    if not change.is_needed:
        return [f"{change.model}: already so: {change.after}"]
    verb = "moved" if done.moved else "would move"
    told = [f"{change.model}: {verb} from {change.before} to {change.after}"]
    if change.check is not None:
        told.insert(0, f"release {change.check.release} answers its golden examples as expected")
    return told


def prediction(told: "Prediction | PlainPrediction") -> View:
    return [
        _rows(told.predictions) if hasattr(told, "predictions") else _outputs(told.outputs),
        f"version {told.model_version}, release {told.release}, {short(told.digest)}",
    ]


def _outputs(outputs: "Sequence[Mapping[str, Any]]") -> Table:
    rows = [(str(item["name"]), str(item["datatype"]), str(item["data"])) for item in outputs]
    return Table(("output", "datatype", "data"), rows)


def _rows(predictions: "Sequence[Mapping[str, Any]]") -> Table:
    heads = tuple(predictions[0]) if predictions else ()
    return Table(heads, [tuple(_cell(row[head]) for head in heads) for row in predictions])


def _cell(value: object) -> str:
    """Of what each label got, those that got something, the most likely first."""
    if not isinstance(value, Mapping):
        return str(value)
    likely = sorted(value.items(), key=lambda item: -item[1])[:LABELS_SHOWN]
    return ", ".join(f"{label} {share:.3f}" for label, share in likely if share)


def split(counts: Mapping[str, int]) -> View:
    total = sum(counts.values())
    rows = [(name, str(count), f"{100 * count / total:.1f} %") for name, count in counts.items()]
    return [Table(("release", "requests", "share"), rows)]
