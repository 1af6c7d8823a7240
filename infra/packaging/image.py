"""
Build the inference image without deploying it: `make image`, and the tests of the image.

The CDK builds the same Dockerfile from the same context when it deploys.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local_aws.engine import Engine, reproducible_flags
from infra.packaging.wheels import download_wheels

DOCKERFILE = "functions/inference/Dockerfile"
NAME = "localhost/wherry-inference:latest"


@dataclass(frozen=True)
class BuiltImage:
    """The image in the engine's store: its name, its id (a digest) and its size unpacked."""

    name: str
    digest: str
    bytes: int


def build_image(
    root: Path,
    engine: Engine,
    base_image: str,
    *,
    name: str = NAME,
    extras: Sequence[str] = (),
    cache: bool = True,
) -> BuiltImage:
    """Build `name` from the checkout; the same context on the same base gives the same digest."""
    download_wheels(root, extras=extras)
    engine.run(
        "build", "--quiet", *reproducible_flags(engine.kind), *([] if cache else ["--no-cache"]),
        "--build-arg", f"BASE_IMAGE={base_image}", "--build-arg", f"EXTRAS={' '.join(extras)}",
        "--file", str(root / DOCKERFILE), "--tag", name, str(root),
    )  # fmt: skip
    told = json.loads(engine.run("image", "inspect", name))[0]
    digest = str(told["Id"])
    return BuiltImage(name, f"sha256:{digest.removeprefix('sha256:')}", int(told["Size"]))
