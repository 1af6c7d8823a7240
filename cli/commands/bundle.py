"""`wherry bundle`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.call import Call, command
from cli.output import Table, View
from cli.signers import PublicKeys, read_keys
from cli.stores import open_store
from wherry.errors import UsageError

if TYPE_CHECKING:
    from models.preparation.bundling.bundle import Bundle, Bundled
    from wherry.artifact import Artifact
    from wherry.store import ModelStore, ModelVersion
    from wherry_control.locks import ModelLock

    Version = ModelVersion | ModelLock

Name = Annotated[
    str, typer.Argument(metavar="MODEL[@VERSION]", help="Else the version that the lock pins.")
]
Edge = Annotated[bool, typer.Option("--edge", help="For a machine with Python: a runner.")]
Web = Annotated[bool, typer.Option("--web", help="For a browser: a static page.")]
To = Annotated[
    Path | None,
    typer.Option("--to", help="A new folder; else .wherry/bundles/MODEL-VERSION-edge (or -web)."),
]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]

KILO = 1000

app = typer.Typer()


@command(
    app,
    "bundle",
    "wherry bundle iris --edge",
    "wherry bundle iris --web --to site --public-key keys/wherry.pub",
    "wherry bundle iris@2 --edge --target aws --dry-run",
    dry_run=True,
)
def bundle(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: Name,
    *,
    edge: Edge = False,
    web: Web = False,
    to: To = None,
    public_key: PublicKeys = None,
    store: StoreUrl = None,
) -> None:
    """
    Write a published model as a folder that answers without AWS and without Wherry.

    It holds the bytes that were published, verified, and signed too where a key is given.
    """
    from models.preparation.bundling.bundle import bundled, check_new, write

    if edge == web:
        raise UsageError("wherry bundle", "--edge or --web is wanted", "Give one of the two.")
    version = _version(call, model, store)
    kind = "edge" if edge else "web"
    folder = to or call.project.state / "bundles" / f"{version.model}-{version.version}-{kind}"
    check_new(folder)
    with call.out.working(f"Bundling {version.model}"):
        artifact = _verified(open_store(call, store), version, public_key)
        made = _bundle(call, artifact, web=web)
        if not call.dry_run:
            write(made, folder)
    told = bundled(made, folder, version.version, written=not call.dry_run)
    call.out.result(told, _view(told))


def _version(call: Call, name: str, store: str | None) -> "Version":
    from wherry_control.artifacts.named import find, named
    from wherry_control.environment import required_lock

    wanted = named(name)
    if wanted.version is not None:
        return find(open_store(call, store), wanted)
    call.project.model_folder(wanted.model)
    return required_lock(call.project.root, wanted.model, call.target_name)


def _verified(store: "ModelStore", version: "Version", keys: list[Path] | None) -> "Artifact":
    artifact = store.load(version.digest)
    if keys:
        from wherry.signature_check import check_signed

        check_signed(store, artifact, version.version, read_keys(keys))
    return artifact


def _bundle(call: Call, artifact: "Artifact", *, web: bool) -> "Bundle":
    if web:
        from models.preparation.bundling.trial import find_node
        from models.preparation.bundling.web import web_bundle

        return web_bundle(artifact, call.project.root / "node_modules", node=find_node())
    from models.preparation.bundling.edge import edge_bundle

    return edge_bundle(artifact, call.project.root / "requirements" / "runtime.txt")


def _view(told: "Bundled") -> View:
    from cli.views import short

    verb = "is" if told.written else "would be"
    rows = [(file.path, _size(file.bytes)) for file in told.files]
    return [
        f"{told.model} version {told.version} ({short(told.digest)}) {verb} in {told.folder}",
        Table(("file", "size"), [*rows, ("all", _size(told.bytes))]),
        *told.notes,
        *([f"Next: see {told.folder / 'README.md'}"] if told.written else []),
    ]


def _size(count: int) -> str:
    return f"{count / KILO:.1f} kB" if count < KILO**2 else f"{count / KILO**2:.1f} MB"
