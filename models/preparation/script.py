"""
A model's `train.py`: found by its path, its options checked against the signature of `train`.

The annotations are the rules: `estimator: Literal["a", "b"]` allows these two, `trees: int` a whole
number (or its digits, as they come from a command line). Whatever goes wrong inside the script is
the author's to mend, and is told with the line of the script.
"""

import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from models.preparation.extras import INSTALL, LIBRARIES
from models.preparation.faults import first_fault
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError, ToolError, UsageError, WherryError

FILE = "train.py"
STDOUT, STDERR = 1, 2
NAMED = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def run_script(folder: Path, configured: Mapping[str, Any], given: Mapping[str, Any]) -> Trained:
    """Call `train` with the options of `[train]`, of which those given on the command win."""
    path = folder / FILE
    with _talk_on_stderr():
        train = _train_of(path)
        options = _checked(path, train, configured, given)
        trained = _told(path, lambda: train(**options))
    if not isinstance(trained, Trained):
        raise ConfigurationError(
            f"{path}: train", f"it returns no Trained: {trained!r:.80}", "Return a Trained."
        )
    return trained


@contextmanager
def _talk_on_stderr() -> Iterator[None]:
    """What the script, and what it starts, prints goes to stderr: stdout is for results."""
    sys.stdout.flush()
    stdout = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(stdout, STDOUT)
        os.close(stdout)


class _Uncached(SourceFileLoader):
    """
    Compiles the script each time. Bytecode is known by size and whole seconds alone, and a script
    may be edited and run again within one.
    """

    def path_stats(self, path: str) -> NoReturn:
        raise OSError(path)  # a source without a time has no bytecode


def _train_of(path: Path) -> Callable[..., object]:
    name = f"wherry_train_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Uncached(name, str(path)))
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigurationError(
            str(path), "there is no such file", "Write it; `wherry new` shows how one looks."
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    loader = spec.loader
    _told(path, lambda: loader.exec_module(module))
    return _function(path, module)


def _function(path: Path, module: ModuleType) -> Callable[..., object]:
    train = getattr(module, "train", None)
    if not inspect.isfunction(train):
        raise ConfigurationError(
            str(path), "it defines no function `train`", "Define `def train(...) -> Trained`."
        )
    return train


def _checked(
    path: Path,
    train: Callable[..., object],
    configured: Mapping[str, Any],
    given: Mapping[str, Any],
) -> dict[str, Any]:
    model = _told(path, lambda: _options_model(train))
    try:
        options = model.model_validate({**configured, **given})
    except ValidationError as error:
        fault = first_fault(error, tuple(model.model_fields))
        if fault.key in configured and fault.key not in given:
            where = f"{path.with_name('model.toml')}: [train] {fault.key}"
            raise ConfigurationError(where, fault.what, fault.todo) from error
        raise UsageError(f"training option {fault.key}", fault.what, fault.todo) from error
    return {name: getattr(options, name) for name in model.model_fields}


def _options_model(train: Callable[..., object]) -> type[BaseModel]:
    parameters = inspect.signature(train, eval_str=True).parameters.values()
    for each in parameters:
        if each.kind not in NAMED:
            raise TypeError(f"train has the parameter {each}, which has no name to be set by")
    fields: dict[str, Any] = {
        each.name: (
            Any if each.annotation is each.empty else each.annotation,
            ... if each.default is each.empty else each.default,
        )
        for each in parameters
    }
    return create_model("TrainOptions", __config__=ConfigDict(extra="forbid"), **fields)


def _told(path: Path, act: Callable[[], Any]) -> Any:
    """Do it; an error of the script becomes one that names the script's own line."""
    try:
        return act()
    except WherryError:
        raise
    except ModuleNotFoundError as error:
        known = (error.name or "").partition(".")[0] in LIBRARIES
        todo = INSTALL if known else "Install it in .venv, or train without it."
        raise ToolError(_line(path, error), str(error), todo) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            _line(path, error),
            f"{type(error).__name__}: {error}".rstrip("."),
            "Mend the script; `--debug` shows the whole traceback.",
        ) from error


def _line(path: Path, error: BaseException) -> str:
    lines = [
        each.lineno
        for each in traceback.extract_tb(error.__traceback__)
        if each.filename == str(path)
    ]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    return f"{path}:{lines[-1]}" if lines else str(path)
