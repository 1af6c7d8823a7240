"""The reference of all commands as Markdown, made from the very options that the parser uses."""

from collections.abc import Iterator
from typing import Any

import typer

HEAD = """\
# The `wherry` command

Generated from the command itself by `make fmt`; do not edit. Results go to stdout, talk to stderr.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check judged no. With `--json`, stdout holds one
JSON document, of an error too: `{"error": {"kind", "where", "what", "todo"}}`.
"""


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(path, item) for path, item in commands())])


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, in life-cycle order; groups are not commands."""
    from cli.app import app

    yield from _below("wherry", typer.main.get_command(app))


def examples(help_text: str) -> list[str]:
    """The examples of a command's help."""
    block = help_text.partition("\n\n")[0].splitlines()
    return [line.strip() for line in block if line.startswith("  ")]


def _below(path: str, item: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(item, "commands", None)
    if children is None:
        yield path, item
        return
    for name, child in children.items():
        yield from _below(f"{path} {name}", child)


def _section(path: str, item: Any) -> str:
    context = item.make_context(path, [], resilient_parsing=True)
    told = "\n\n".join(item.help.split("\n\n")[1:])
    shown = "\n".join(examples(item.help))
    records = (parameter.get_help_record(context) for parameter in item.params)
    rows = "\n".join(_row(*record) for record in records)
    return (
        f"## `{path}`\n\n```console\n{shown}\n```\n\n{told}\n\n"
        f"| Argument or option | Meaning |\n|---|---|\n{rows}\n"
    )


def _row(name: str, meaning: str) -> str:
    escaped = name.replace("|", r"\|")
    return f"| `{escaped}` | {meaning} |"
