"""`wherry models`, `show`, `diff`, `verify`, `fetch` and `keys`."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import artifact_views as views
from cli.call import Call, command, help_examples
from cli.signers import PublicKeys, open_key, read_keys
from cli.stores import open_store
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry.artifact import Artifact
    from wherry.store import ModelStore, ModelVersion

JUDGED_NO = 3

StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]
Name = Annotated[str, typer.Argument(metavar="MODEL[@VERSION]", help="Else the highest version.")]
Before = Annotated[str, typer.Argument(metavar="MODEL[@VERSION]", help="What is compared …")]
After = Annotated[str, typer.Argument(metavar="MODEL[@VERSION]", help="… with this one.")]
Prepared = Annotated[
    bool, typer.Option("--prepared", help="What `wherry prepare` made, published or not.")
]
Latency = Annotated[
    bool, typer.Option("--latency/--no-latency", help="Load both, and time one row here.")
]
Folder = Annotated[
    Path, typer.Option("--to", metavar="FOLDER", help="Where the files go; must be new.")
]
OpenSSFKey = Annotated[
    Path | None,
    typer.Option(
        "--openssf", metavar="KEY", help="Add model.sig, as OpenSSF's model-signing makes it."
    ),
]
KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The private key, a new file.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="A PEM file, or awskms:///alias/NAME.")]
PublicFile = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="Write the public key into a new file.")
]

app = typer.Typer()
EXAMPLES = ("wherry keys make keys/wherry.pem", "wherry keys show keys/wherry.pem")
KEYS = "Make and show the keys that sign model versions."
keys = typer.Typer(name="keys", help=f"{help_examples(EXAMPLES)}\n\n{KEYS}", short_help=KEYS)


@dataclass(frozen=True)
class Shown:
    """A version, or what is prepared (`version` None), and whose signatures are stored of it."""

    version: "ModelVersion | None"
    artifact: "Artifact"
    signed_by: list[str]


@command(app, "models", "wherry models", "wherry models --target local --json")
def models(call: Call, store: StoreUrl = None) -> None:
    """List the models, and the versions of each in the store."""
    from wherry_control.locks import lock_path, read_lock

    opened = open_store(call, store)
    names = sorted({*call.project.models(), *opened.models()})
    found = {name: opened.versions(name) for name in names}
    locks = [read_lock(lock_path(call.project.root, name, call.target_name)) for name in names]
    locked = {lock.model: lock.digest for lock in locks if lock}
    call.out.result(found, views.versions(found, locked))


@command(
    app, "show", "wherry show iris", "wherry show iris@2 --target local",
    "wherry show iris --prepared --json",
)  # fmt: skip
def show(call: Call, model: Name, *, prepared: Prepared = False, store: StoreUrl = None) -> None:
    """Show a model version: tensors, metrics, parity, files, libraries, signatures, its card."""
    if prepared:
        from models.preparation.build import build_folder, read_artifact

        artifact = read_artifact(model, build_folder(call.project.root, model))
        told = Shown(None, artifact, [])
    else:
        opened = open_store(call, store)
        version = _find(opened, model)
        told = Shown(version, opened.load(version.digest), opened.signed_by(version))
    call.out.result(views.shown_as_json(told), views.shown(told))


@command(app, "diff", "wherry diff iris@1 iris@2", "wherry diff iris@1 iris --target local --json")
def diff(
    call: Call, before: Before, after: After, *, latency: Latency = True, store: StoreUrl = None
) -> None:
    """Tell what differs between two versions: files, tensors, metrics, parity, size, latency."""
    from wherry_control.artifacts.differences import differences
    from wherry_control.artifacts.timing import one_row

    opened = open_store(call, store)
    versions = [_find(opened, name) for name in (before, after)]
    artifacts = [opened.load(version.digest) for version in versions]
    found = differences(*(each.manifest for each in artifacts))
    times = one_row(artifacts) if latency and found else []
    told = {"versions": versions, "differences": found, "one_row_ms": times}
    call.out.result(told, views.differences(versions, found, times))


@command(
    app, "verify", "wherry verify iris", "wherry verify iris@2 --public-key keys/wherry.pub",
)  # fmt: skip
def verify(call: Call, model: Name, public_key: PublicKeys = None, store: StoreUrl = None) -> None:
    """
    Check every file's digest, the signature, that the model loads, and its golden examples.

    The exit code is 3 if something is wrong.
    """
    from wherry_control.artifacts.verifying import verify as run

    opened = open_store(call, store)
    version = _find(opened, model)
    with call.out.working(f"Verifying {version.model} version {version.version}"):
        checks = run(opened, version, read_keys(public_key), _replay)
    call.out.result({"version": version, "checks": checks}, views.checks(version, checks))
    if any(check.state == "wrong" for check in checks):
        raise typer.Exit(JUDGED_NO)


@command(
    app, "fetch", "wherry fetch iris --to /tmp/iris", "wherry fetch iris@2 --to iris-2 --dry-run",
    "wherry fetch iris --to /tmp/iris --openssf keys/wherry.pem", dry_run=True,
)  # fmt: skip
def fetch(
    call: Call, model: Name, *, to: Folder, openssf: OpenSSFKey = None, store: StoreUrl = None
) -> None:
    """Write the verified files of a model version into a new folder."""
    from wherry_control.artifacts.fetching import check_free
    from wherry_control.artifacts.fetching import fetch as run
    from wherry_control.artifacts.openssf import SIGNATURE, OpenSSF

    finish = OpenSSF(call.project.root / ".wherry" / "tools", openssf) if openssf else None
    opened = open_store(call, store)
    version = _find(opened, model)
    check_free(to)
    artifact = opened.load(version.digest)
    if not call.dry_run:
        run(artifact, to, finish)
    names = sorted([*artifact.files, *([SIGNATURE] if openssf else [])])
    told = {"version": version, "folder": to, "files": names, "fetched": not call.dry_run}
    call.out.result(told, views.fetched(version, to, names, fetched=not call.dry_run))


@command(keys, "make", "wherry keys make keys/wherry.pem", target="none")
def make(call: Call, file: KeyFile) -> None:
    """
    Make a key: FILE for its owner alone, and the public key beside it, as FILE.pub.

    With a passphrase in WHERRY_SIGNING_PASSPHRASE, the file is encrypted.
    """
    from wherry_control.signing import make_key

    key, public = make_key(file, os.environ)
    told = {"private": file, "public": public, "id": key.id}
    call.out.result(told, views.key_made(file, public, key.id))


@command(
    keys, "show", "wherry keys show keys/wherry.pem",
    "wherry keys show awskms:///alias/wherry --target aws --to keys/wherry.pub",
)  # fmt: skip
def show_key(call: Call, key: Key, to: PublicFile = None) -> None:
    """Show the public key of a key, and the id by which signatures are stored."""
    from wherry_control.signing.keys import write_public

    public = open_key(call, key).public_key
    if to is not None:
        write_public(to, public)
    told = {"id": public.id, "public_key": str(public)}
    call.out.result(told, [f"id: {public.id}", f"public key: {public}"])


app.add_typer(keys)


def _find(store: "ModelStore", name: str) -> "ModelVersion":
    from wherry_control.artifacts.named import find, named

    return find(store, named(name))


def _replay(artifact: "Artifact") -> int:
    from pydantic import ValidationError

    from models.preparation.golden import Golden, replay
    from wherry.manifest import GOLDEN

    try:
        golden = Golden.model_validate_json(artifact.files[GOLDEN])
    except ValidationError as error:
        raise UsageError(GOLDEN, "it holds no golden examples") from error
    return replay(golden, artifact, Path(artifact.manifest.model))
