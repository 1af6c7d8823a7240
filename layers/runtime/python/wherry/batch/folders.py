"""
Whether a folder may hold the results of a run: it holds that run already, or nothing that shows.

It refuses a folder that holds another run, and says in what that one differs; and one in which
results would lie among somebody's own files.
"""

from pathlib import PurePosixPath

import msgspec

from wherry.batch.contract import RUN, Run
from wherry.batch.files import Files
from wherry.batch.walking import HIDDEN
from wherry.errors import RefusedError

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet", ".pq", ".gz")
FOLDER = "Name a folder of its own."


def stored_run(files_out: Files) -> Run | None:
    """The run that a folder holds the results of."""
    told = files_out.read(RUN)
    return None if told is None else msgspec.json.decode(told, type=Run)


def check_free(files_out: Files) -> None:
    """A new run may begin there. Of a bucket only the name is judged: who writes may not list."""
    path = PurePosixPath(files_out.url)
    is_file = not files_out.remote and files_out.find("") is not None
    if is_file or path.suffix.lower() in SUFFIXES:
        raise RefusedError(files_out.url, "results are a folder, not one file", FOLDER)
    if files_out.remote:
        return
    for entry in files_out.entries():
        inside = PurePosixPath(entry.key).relative_to(path)
        hidden = any(part.startswith(HIDDEN) for part in inside.parts)
        if not hidden and stored_run(files_out) is None:  # another may have been quicker
            raise RefusedError(
                files_out.url, f"it is not empty ({inside} is there), and holds no run", FOLDER
            )


def same(files_out: Files, run: Run, found: Run) -> Run:
    """The run that the folder holds; RefusedError if it is another."""
    if found.id == run.id:
        return found
    raise RefusedError(
        files_out.url,
        f"this folder holds another run: {_difference(run, found)}",
        "Repeat that run as it was to resume it, or name an empty folder.",
    )


def _difference(run: Run, found: Run) -> str:
    """The first thing in which they differ."""
    one, other = run.options, found.options
    told = {
        "model": (run.model, found.model),
        "version": (run.pinned.version, found.pinned.version),
        "artifact": (run.pinned.digest, found.pinned.digest),
        "input": (run.input, found.input),
        "output": (run.output, found.output),
        "--id": (one.id, other.id),
        "--keep": (",".join(one.keep), ",".join(other.keep)),
        "--to": (one.to, other.to),
        "--format": (one.format, other.format),
        "--part-rows": (one.part_rows, other.part_rows),
        "chunk_rows": (one.chunk_rows, other.chunk_rows),
    }
    for what, (asked, held) in told.items():
        if asked != held:
            return f"its {what} is {held or 'not given'}, and here it is {asked or 'not given'}"
    return "it was written by another version of Wherry"
