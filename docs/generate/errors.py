"""docs/reference/errors.md: the exception tree, with HTTP status and exit code, from the code."""

import inspect
from collections.abc import Iterator

from cli.__main__ import exit_code
from wherry.errors import WherryError
from wherry.http.errors import INTERNAL, STATUS

HEAD = """\
# Errors

Every error that Wherry raises on purpose is one of these, and has three parts: where it happened,
what happened, and what to do next. The HTTP status holds for an error while a request is answered:
a function that cannot start has no status of ours. Generated from the code by
`make fmt`; do not edit.
"""

TAIL = """\
At the command, what the machine refuses (a full disk, a file that may not be written, a missing
library) is told as a `ToolError`. Any other exception is a bug of Wherry: two lines that say so
and exit code 1, or status 500 and a traceback in the function's log. `--debug` shows the traceback
of any error.

## At the command

stderr gets `error: where: what`, and below it `→` and what to do. With `--json`, stdout holds the
same as one document:

```json
{
  "error": {
    "kind": "UsageError",
    "where": "models/",
    "what": "there is no model 'irish'",
    "todo": "Did you mean iris? The models here are: digits, iris."
  }
}
```

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong usage: the command, as typed, cannot be done |
| 3 | a check judged no, and nothing was changed; or a batch run refused every row |
| 130 | stopped with Ctrl+C |

## Over HTTP

`{"error": "where: what. todo"}` with the status above. What the caller cannot mend says only that
it happened; the reason is in the log. [HTTP reference](http.md)
"""


def render() -> str:
    """The whole page."""
    rows = "\n".join(_rows(WherryError, 0))
    table = "| error | meaning | HTTP status | exit code |\n|---|---|---|---|"
    return f"{HEAD}\n{table}\n{rows}\n\n{TAIL}"


def tree(kind: type[WherryError] = WherryError, depth: int = 0) -> Iterator[tuple[type, int]]:
    """Every error of the tree with its depth, parents first, in the order of the source."""
    yield kind, depth
    for child in kind.__subclasses__():
        if child.__module__ == WherryError.__module__:
            yield from tree(child, depth + 1)


def _rows(kind: type[WherryError], depth: int) -> Iterator[str]:
    for each, level in tree(kind, depth):
        indent = "&nbsp;&nbsp;&nbsp;" * level
        status = next((code for over, code in STATUS.items() if issubclass(each, over)), INTERNAL)
        meaning = (inspect.getdoc(each) or "").partition("\n")[0].rstrip(".")
        yield f"| {indent}`{each.__name__}` | {meaning} | {status} | {exit_code(each('', ''))} |"
