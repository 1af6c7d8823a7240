"""A new model's folder: under a name that is one, never over anything, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wherry.errors import UsageError
from wherry.store import MODEL_NAME

RESERVED = ("ci", "preparation", "store")  # stacks of an environment, and a package beside models
WORKERS = ("-batch", "-queue", "-jobs")  # how another model's functions are called


def new_folder(models: Path, name: str) -> Path:
    """Where the model `name` will be; raise UsageError unless it may be made there."""
    folder = models / name
    if not MODEL_NAME.fullmatch(name) or name in RESERVED or name.endswith(WORKERS):
        raise UsageError(
            f"model {name!r}",
            "no name for a model",
            f"Use a letter, then up to 39 of a-z, 0-9 and '-'; not {', '.join(RESERVED)}, "
            f"and no name that ends in {', '.join(WORKERS)}.",
        )
    if folder.exists():
        raise UsageError(str(folder), "it is there already", "Choose another name.")
    return folder


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """
    A draft to write into, which becomes the folder at the end.

    It is not below `models`, where a killed command would leave a model by its name.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder.parent.parent) as scratch:
        draft = Path(scratch) / folder.name
        draft.mkdir()
        yield draft
        draft.rename(folder)
