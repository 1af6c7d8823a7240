"""
Every `wherry …` that a page shows, held against the parser of the command itself.

Blocks must parse in full. In a sentence, where a command may be cut short, the command and the
options that are named must exist.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
REDIRECTION = re.compile(r"\d?>+&?\s*\S+")
HEREDOC = re.compile(r"<<'(\w+)'.*?^\1$", re.MULTILINE | re.DOTALL)
SUBSTITUTION = re.compile(r"\$\((wherry [^)]*)\)")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
INLINE = re.compile(r"`(?:\.venv/bin/)?wherry ([a-z][^`]*)`")
ENDS = "();|&\n"
PREFIXES = frozenset({"!", "if", "then", "time"})


def in_shell(script: str) -> Iterator[list[str]]:
    """The words after `wherry` of each command in a script."""
    plain = HEREDOC.sub("", script.replace("\\\n", " "))
    for inner in SUBSTITUTION.findall(plain):
        yield shlex.split(inner)[1:]
    for words in _commands(REDIRECTION.sub("", COMMENT.sub("", plain))):
        while words and (ASSIGNMENT.match(words[0]) or words[0] in PREFIXES):
            words.pop(0)
        if words and Path(words[0]).name == "wherry":
            yield words[1:]


def in_sentences(text: str) -> Iterator[list[str]]:
    """The words after `wherry` of each command that a sentence names."""
    for inner in INLINE.findall(text):
        if "|" not in inner and "…" not in inner:
            yield inner.split()


def fault(words: list[str]) -> str:
    """Why these words would be refused; empty if they parse."""
    item, rest = _found(words)
    if isinstance(item, str):
        return item
    if hasattr(item, "commands"):
        return "" if set(rest) <= _options(item) else f"no such command: {' '.join(words)}"
    try:
        item.make_context(item.name, [word for word in rest if word != "--help"])
    except typer.TyperException as error:
        return str(error.format_message())
    return ""


def loose_fault(words: list[str]) -> str:
    """Why a command that a sentence names cannot be; empty if it can."""
    item, rest = _found(words)
    if isinstance(item, str):
        return item
    unknown = {word for word in rest if word.startswith("--")} - _options(item)
    return f"no such option: {', '.join(sorted(unknown))}" if unknown else ""


def _commands(script: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(script, posix=True, punctuation_chars=ENDS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    for word in lexer:
        if set(word) <= set(ENDS):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _found(words: list[str]) -> tuple[Any, list[str]]:
    """The command, or what is wrong with its name, and the words that are left."""
    from cli.app import app

    item: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(item, "commands") and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name not in item.commands:
            return f"no such command: {name}", rest
        item = item.commands[name]
    return item, rest


def _options(item: Any) -> set[str]:
    return {option for each in item.params for option in (*each.opts, *each.secondary_opts)} | {
        "--help"
    }
