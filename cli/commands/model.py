"""`wherry train`, `prepare`, `slice` and `publish`."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli import artifact_views, views
from cli.call import Call, command
from cli.signers import SigningKey, open_key
from cli.stores import open_store
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry.artifact import Artifact
    from wherry_control.publishing import Published

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Overrides [train] of model.toml; repeatable."),
]
Framework = Annotated[
    Literal["xgboost", "lightgbm", "catboost", "torch", "tensorflow"] | None,
    typer.Option("--with", help="Run train.py in the environment of this framework."),
]
AlsoPublish = Annotated[bool, typer.Option("--publish", help="Publish what was sealed.")]
Cuts = Annotated[
    list[str] | None,
    typer.Option(
        "--at", metavar="TENSOR[,TENSOR]", help="Cut at these; repeatable. Else, tell where it can."
    ),
]


app = typer.Typer()


@command(
    app,
    "train",
    "wherry train iris",
    "wherry train iris --set estimator=logistic_regression",
    "wherry train iris --with lightgbm --set estimator=lightgbm",
    target="none",
)
def train(
    call: Call, model: ModelName, settings: Settings = None, framework: Framework = None
) -> None:
    """Run the model's train.py, and keep the estimator, its rows and the held-out ones."""
    from models.preparation.build import build_folder
    from models.preparation.training import train as run

    folder, options = call.project.model_folder(model), _options(settings or [])
    with call.out.working(f"Training {model}"):
        record = run(folder, build_folder(call.project.root, model), options, framework)
    call.out.result(record, views.training(record))


@command(
    app,
    "prepare",
    "wherry prepare iris",
    "wherry prepare iris --publish",
    "wherry prepare iris --publish --target aws --sign awskms:///alias/wherry",
)
def prepare(
    call: Call,
    model: ModelName,
    *,
    publish: AlsoPublish = False,
    store: StoreUrl = None,
    sign: SigningKey = None,
) -> None:
    """
    Convert the trained model to ONNX, prove that both answer alike, and seal the artifact.

    If they do not, or a golden example fails, nothing is sealed, and the exit code is 3. What was
    tried is in parity.json and parity.html of the artifact. With --publish, what is sealed is
    published as `wherry publish` would.
    """
    from models.preparation.build import build_folder
    from models.preparation.preparing import prepare as run
    from models.preparation.preparing import tried

    if not publish and (store or call.target_name):
        raise UsageError("wherry prepare", "this option is for --publish", "Add --publish.")
    folder = call.project.model_folder(model)
    with call.out.working(f"Preparing {model}"):
        artifact = run(folder, build_folder(call.project.root, model))
    told = {"model": model, "digest": artifact.digest, "manifest": artifact.manifest}
    shown = views.preparation(artifact, tried(artifact))
    if publish:
        done = _published(call, model, artifact, store, sign)
        lines = [*shown[:-1], *artifact_views.published(done), f"Next: wherry serve {model}"]
        call.out.result(told | {"published": done}, lines)
        return
    call.out.result(told, shown)


@command(app, "slice", "wherry slice digits", "wherry slice digits --at pre_1_mul", target="none")
def slice_(call: Call, model: ModelName, at: Cuts = None) -> None:
    """
    Cut the prepared model into parts that run one after another, each a model of its own.

    The parts together answer, bit for bit, as the whole; `wherry prepare` proves it of each.
    """
    from models.preparation.build import build_folder
    from models.preparation.slicing.folders import cuts_of, write_parts

    folder = call.project.model_folder(model)
    build = build_folder(call.project.root, model)
    if not at:
        found = cuts_of(model, build)
        call.out.result({"model": model, "cuts": found}, [*found] or ["none: it is one step"])
        return
    names = [path.name for path in write_parts(folder, build, [each.split(",") for each in at])]
    told = " && ".join(f"wherry prepare {name}" for name in names)
    call.out.result({"model": model, "parts": names}, [*names, f"Next: {told}"])


@command(
    app,
    "publish",
    "wherry publish iris",
    "wherry publish iris --target local",
    "wherry publish iris --store s3://my-models/team --dry-run",
    "wherry publish iris --sign keys/wherry.pem",
    "wherry publish iris --target aws --sign awskms:///alias/wherry",
    dry_run=True,
)
def publish(call: Call, model: ModelName, store: StoreUrl = None, sign: SigningKey = None) -> None:
    """
    Put the prepared artifact into a store under the next version number, sign it, and lock it.

    The same artifact keeps its number. The lock of --target aws is to be committed.
    """
    from models.preparation.build import build_folder
    from models.preparation.preparing import prepared

    folder = call.project.model_folder(model)
    artifact = prepared(folder, build_folder(call.project.root, model))
    told = _published(call, model, artifact, store, sign)
    call.out.result(told, artifact_views.published(told))


def _published(
    call: Call, model: str, artifact: "Artifact", store: str | None, sign: str | None
) -> "Published":
    from cli.compose import now
    from cli.experiments import resolver
    from wherry_control.locks import lock_path
    from wherry_control.publishing import publish as run

    lock = lock_path(call.project.root, model, call.target_name)
    opened = open_store(call, store)
    signer = open_key(call, sign) if sign else None
    complete = resolver(call, model, opened)
    complete.check(model)
    return run(
        opened, artifact, lock, now=now(), signer=signer, complete=complete, dry_run=call.dry_run
    )


def _options(settings: list[str]) -> dict[str, Any]:
    """`key=value`, where a value is JSON if it can be read as JSON, and text otherwise."""
    told = {}
    for setting in settings:
        key, found, value = setting.partition("=")
        if not found or not key:
            raise UsageError("--set", f"{setting!r} is no KEY=VALUE", "Try --set trees=50.")
        try:
            told[key] = json.loads(value)
        except ValueError:
            told[key] = value
    return told
