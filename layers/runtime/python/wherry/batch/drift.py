"""
What of an input is not in a run that was planned earlier: who asks again may think it is.

A plan is never changed (wherry.batch.planning). So the input is listed once more, and held against
it; the names tell, nothing is read but small files that may have no rows.
"""

from collections.abc import Sequence

from wherry.batch.contract import Drift, Partition, Run
from wherry.batch.files import Entry, Files
from wherry.batch.planning import cutter_of, entries_of, format_of
from wherry.errors import RefusedError
from wherry.service import Service

SMALL = 64 << 10  # bytes of what may be a header without rows


def drift(service: Service, files_in: Files, run: Run, parts: Sequence[Partition]) -> Drift:
    """Files that came, changed or went since `parts` were planned."""
    planned = {part.source: (part.size, part.etag) for part in parts}
    listed = {entry.key: entry for entry in _listed(files_in, run) if entry.size}
    cutter = cutter_of(service, files_in, run)

    def has_rows(entry: Entry) -> bool:
        if entry.size > SMALL:
            return True
        try:
            return bool(cutter.cut(entry, run.options.format or format_of(entry.key)))
        except RefusedError:
            return True

    both = planned.keys() & listed.keys()
    return Drift(
        new=sum(has_rows(listed[key]) for key in listed.keys() - planned.keys()),
        changed=sum((listed[key].size, listed[key].etag) != planned[key] for key in both),
        gone=len(planned.keys() - listed.keys()),
    )


def _listed(files_in: Files, run: Run) -> list[Entry]:
    try:
        return list(entries_of(files_in, run.output))
    except RefusedError:  # nothing is left
        return []
