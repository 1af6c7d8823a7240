"""`python -m infra.packaging wheels|zip|operations|image`: make a deployment's inputs by hand."""

import argparse
import sys
from pathlib import Path

from infra.extras import EXTRAS
from infra.local_aws.base_image import find_base_image
from infra.local_aws.engine import find_engine
from infra.packaging import build_image, build_operations, build_zip, download_wheels
from wherry.errors import WherryError

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str] | None = None) -> int:
    """Do what the words ask; say what came of it in one line."""
    parser = argparse.ArgumentParser(prog="python -m infra.packaging", description=__doc__)
    parser.add_argument("what", choices=("wheels", "zip", "operations", "image"))
    parser.add_argument("--python", default="3.13", help="of the wheels or the ZIP (default: 3.13)")
    parser.add_argument("--architecture", choices=("x86_64", "arm64"), default="x86_64")
    parser.add_argument(
        "--base-image", default="", help="of the image (default: AWS's, or made here)"
    )
    parser.add_argument(
        "--extra", action="append", default=[], choices=EXTRAS, dest="extras",
        help="what some model needs beside the rest; may be given twice",
    )  # fmt: skip
    asked = parser.parse_args(words)
    try:
        sys.stdout.write(f"{_make(asked)}\n")
    except WherryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _make(asked: argparse.Namespace) -> str:
    extras = [name for name in EXTRAS if name in asked.extras]
    match asked.what:
        case "wheels":
            folder = download_wheels(
                ROOT, python=asked.python, architecture=asked.architecture, extras=extras
            )
            return f"{folder}: {len(list(folder.rglob('*.whl')))} wheels"
        case "zip":
            tree = build_zip(
                ROOT, python=asked.python, architecture=asked.architecture, extras=extras
            )
            return f"{tree.folder}: {tree.bytes / 1e6:.0f} MB for Python {tree.python}"
        case "operations":
            tree = build_operations(ROOT, python=asked.python)
            return f"{tree.folder}: {tree.bytes / 1e6:.1f} MB for Python {tree.python}"
        case _:
            engine = find_engine(ROOT / ".wherry" / "cache")
            base = asked.base_image or find_base_image(ROOT, engine, _say)
            image = build_image(ROOT, engine, base, extras=extras)
            return f"{image.name}: {image.digest}, {image.bytes / 1e6:.0f} MB"


def _say(told: str) -> None:
    sys.stderr.write(f"{told}\n")


if __name__ == "__main__":
    sys.exit(main())
