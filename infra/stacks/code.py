"""
Where the code of a function comes from. It is built before synth, by `infra.packaging`; here only
folders are named, so that synth needs no engine, no network and no build.
"""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_ecr_assets import Platform

from infra.components.function import Code
from infra.config import Options, Release
from infra.extras import EXTRAS, closure_name
from infra.rules import ConfigurationError

HERE = Path(__file__).resolve().parents[2]
HANDLER = "functions.inference.api.handler"
WORKER = "functions.inference.{}.handler"
DOCKERFILE = "functions/inference/Dockerfile"
SNAP_START_PYTHONS = ("3.12", "3.13")
Extras = Sequence[str]
PLATFORMS = {"x86_64": Platform.LINUX_AMD64, "arm64": Platform.LINUX_ARM64}


def inference_code(root: Path, release: Release, options: Options) -> Code:
    """What answers requests."""
    return _code(root, release, options, extras=release.extras)


def worker_code(root: Path, release: Release, options: Options, kind: str) -> Code:
    """One of the workers, which all have the same image or ZIP: `kind` is `batch`, say."""
    return _code(root, release, options, extras=release.worker_extras, handler=WORKER.format(kind))


def _code(
    root: Path, release: Release, options: Options, *, extras: Extras, handler: str = ""
) -> Code:
    """The image, whose context is the checkout, or the folder that becomes the ZIP."""
    if release.settings.packaging == "zip":
        folder = f"build/zip/{closure_name(extras)}"
        return Code(
            asset=lambda_.Code.from_asset(_built(root, folder, "zip", extras)),
            handler=handler or HANDLER,
            runtime=python(options),
        )
    for name in ("runtime", *extras):
        _built(root, f"build/wheels/{name}", "wheels", extras)
    asset = lambda_.Code.from_asset_image(
        str(root),
        file=DOCKERFILE,
        platform=PLATFORMS[release.settings.architecture],
        cmd=[handler] if handler else None,  # else the image's own
        build_args=_build_args(extras, options) or None,
        exclude=_not_for(extras),
    )
    return Code(asset=asset, handler=lambda_.Handler.FROM_IMAGE, runtime=lambda_.Runtime.FROM_IMAGE)


def _build_args(extras: Extras, options: Options) -> dict[str, str]:
    told = {"EXTRAS": " ".join(extras), "BASE_IMAGE": options.base_image or ""}
    return {name: value for name, value in told.items() if value}


def _not_for(extras: Extras) -> list[str]:
    """A context is without other models' extras, so that they do not make it another image."""
    others = [name for name in EXTRAS if name not in extras]
    return [path for name in others for path in (f"build/wheels/{name}", lock_of(name))]


def lock_of(extra: str) -> str:
    return f"requirements/{extra}.txt"


def alias_keeper_code(options: Options) -> Code:
    """The standard library and the boto3 of Lambda's runtime: nothing to build."""
    return Code(
        asset=lambda_.Code.from_asset(
            str(HERE / "functions/operations/alias"), exclude=["__pycache__", "__init__.py"]
        ),
        handler="handler.handler",
        runtime=python(options),
    )


def operations_code(name: str, options: Options) -> Code:
    """The handler alone; the rest is in the layer."""
    return Code(
        asset=lambda_.Code.from_asset(
            str(HERE / f"functions/operations/{name}"), exclude=["__pycache__", "__init__.py"]
        ),
        handler="handler.handler",
        runtime=_runtime(options.operations_python),
    )


def operations_layer(root: Path) -> lambda_.Code:
    """What the handlers of operations/ import."""
    return lambda_.Code.from_asset(_built(root, "build/operations", "operations", ()))


def python(options: Options) -> lambda_.Runtime:
    return _runtime(options.python)


def _runtime(version: str) -> lambda_.Runtime:
    return lambda_.Runtime(
        f"python{version}",
        lambda_.RuntimeFamily.PYTHON,
        supports_snap_start=version in SNAP_START_PYTHONS,
    )


def takes_snapshots(release: Release, options: Options) -> bool:
    """Images say that they do; of the ZIP runtimes, 3.11 is there for the local AWS alone."""
    return release.settings.packaging == "image" or options.python in SNAP_START_PYTHONS


def _built(root: Path, folder: str, kind: str, extras: Sequence[str]) -> str:
    path = root / folder
    if not path.is_dir() or not any(path.iterdir()):
        words = " ".join([kind, *(f"--extra {extra}" for extra in extras)])
        raise ConfigurationError(
            folder, "the deployment input is missing", f"Run: python -m infra.packaging {words}"
        )
    return str(path)
