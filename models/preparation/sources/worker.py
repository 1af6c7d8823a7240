"""
The child that opens a model: `python -m models.preparation.sources.worker`, confined.

It holds one model. Arrays cross as .npz files of its own folder, by number; text as characters,
never as a pickle.
"""

from pathlib import Path
from typing import Any

import msgspec

from models.preparation.sandbox.served import serve
from models.preparation.sources.crossing import (
    ANSWERS,
    FEEDS,
    MODEL,
    read_arrays,
    write_arrays,
)
from models.preparation.sources.kinds import opener_of
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source


class Worker:
    """One opened model; paths are in the child's folder."""

    def __init__(self) -> None:
        self._source: Source | None = None

    def scan(self, path: str) -> dict[str, Any]:
        """The libraries that a pickle or a skops file names; nothing of it is loaded."""
        from models.preparation.sources.sklearn_files import libraries_of

        return {"libraries": sorted(libraries_of(Path(path)))}

    def open(self, path: str, kind: Any, options: dict[str, Any]) -> dict[str, Any]:
        self._source = opener_of(kind).opened(Path(path), Options.read(options))
        return {"facts": msgspec.to_builtins(self._source.facts)}

    def convert(self) -> dict[str, Any]:
        Path(MODEL).write_bytes(self._opened.convert())
        return {}

    def answer(self, names: list[str]) -> dict[str, Any]:
        answers = self._opened.answer(read_arrays(Path(FEEDS), names))
        return {"names": write_arrays(Path(ANSWERS), answers)}

    @property
    def _opened(self) -> Source:
        if self._source is None:
            raise RuntimeError("no model is open")
        return self._source


if __name__ == "__main__":
    worker = Worker()
    serve(
        {
            "scan": worker.scan,
            "open": worker.open,
            "convert": worker.convert,
            "answer": worker.answer,
        }
    )
