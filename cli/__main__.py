"""
Where the command starts and ends: the only place that turns errors into words and exit codes.

0 done, 1 failed, 2 wrong usage, 3 a check judged no. A mistake of the user never shows a traceback;
a mistake of ours shows two lines; --debug shows both in full.
"""

import os
import sys
import traceback
from collections.abc import Sequence

from cli.output import terminal
from wherry.errors import ParityError, RefusedError, ToolError, UsageError, WherryError

DONE, FAILED, USAGE, JUDGED_NO = 0, 1, 2, 3
INTERRUPTED = 130
OURS = ("cli", "functions", "infra", "models", "wherry", "wherry_control")
BUGS = "It is a bug in Wherry: please report it with the output of the same command and --debug."


def exit_code(error: WherryError) -> int:
    """The exit code that an error stands for."""
    match error:
        case UsageError():
            return USAGE
        case RefusedError() | ParityError():
            return JUDGED_NO
    return FAILED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        return _run(given)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
        return DONE
    except KeyboardInterrupt:
        _tell(WherryError("", "stopped before the end"), given)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last resort, told in two lines)
        told = _meaning(error)
        if "--debug" in given:
            traceback.print_exception(error)
        _tell(told, given)
        return exit_code(told)


def _run(given: list[str]) -> int:
    """All imports of the command happen here, where Ctrl+C and what is missing can be told."""
    from cli.app import app

    done = app(args=given, prog_name="wherry", standalone_mode=False)
    if done == INTERRUPTED:
        raise KeyboardInterrupt  # which typer has turned into a code
    return done if isinstance(done, int) else DONE


def _meaning(error: Exception) -> WherryError:
    """What the person at the command is told: a mistake, this machine's fault, or a bug."""
    import typer

    match error:
        case WherryError():
            return error
        case typer.TyperException():
            return UsageError("", error.format_message(), "Add --help to see what is allowed.")
        case ImportError(name=str(name)) if name.partition(".")[0] not in OURS:
            return ToolError(name, "it cannot be imported", "Run `make setup`, which installs it.")
        case OSError(filename=where, strerror=str(what)):
            todo = "Put that right, then run the command again; --debug shows more."
            return ToolError(str(where or ""), what, todo)
    return WherryError("", f"{type(error).__name__}: {error}", BUGS)


def _tell(error: WherryError, given: list[str]) -> None:
    terminal(as_json="--json" in given).failed(error)


if __name__ == "__main__":
    sys.exit(main())
