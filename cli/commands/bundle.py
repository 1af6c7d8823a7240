"""`wherry bundle`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.call import Call, command
from cli.output import Table, View
from cli.stores import open_store
from wherry.errors import UsageError

if TYPE_CHECKING:
    from models.preparation.bundling.bundle import Bundle, Bundled
    from wherry.artifact import Artifact

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
Edge = Annotated[bool, typer.Option("--edge", help="For a machine with Python: a runner.")]
Web = Annotated[bool, typer.Option("--web", help="For a browser: a static page.")]
To = Annotated[
    Path | None,
    typer.Option("--to", help="A new folder; else .wherry/bundles/MODEL-VERSION-edge (or -web)."),
]
Version = Annotated[
    int | None,
    typer.Option("--version", min=1, help="A version in the store; else the locked one."),
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
    "wherry bundle iris --web --to site",
    "wherry bundle iris --edge --version 2 --target aws --dry-run",
    dry_run=True,
)
def bundle(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    edge: Edge = False,
    web: Web = False,
    to: To = None,
    version: Version = None,
    store: StoreUrl = None,
) -> None:
    """
    Write a published model as a folder that answers without AWS and without Wherry.

    It holds the bytes that were published, checked; the same version makes the same folder.
    """
    from models.preparation.bundling.bundle import bundled, check_new, write

    if edge == web:
        raise UsageError("wherry bundle", "--edge or --web is wanted", "Give one of the two.")
    call.project.model_folder(model)
    number, digest = _which(call, model, version, store)
    kind = "edge" if edge else "web"
    folder = to or call.project.state / "bundles" / f"{model}-{number}-{kind}"
    check_new(folder)
    with call.out.working(f"Bundling {model}"):
        made = _bundle(call, open_store(call, store).load(digest), web=web)
        if not call.dry_run:
            write(made, folder)
    told = bundled(made, folder, number, written=not call.dry_run)
    call.out.result(told, _view(told))


def _which(call: Call, model: str, version: int | None, store: str | None) -> tuple[int, str]:
    """The number and the digest of the version that is asked for."""
    from wherry_control.environment import required_lock

    if version is None:
        lock = required_lock(call.project.root, model, call.target_name)
        return lock.version, lock.digest
    found = open_store(call, store).versions(model)
    for each in found:
        if each.version == version:
            return version, each.digest
    known = ", ".join(str(each.version) for each in found) or "none"
    raise UsageError("--version", f"{model} has no version {version}", f"The store has: {known}.")


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
