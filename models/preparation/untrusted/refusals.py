"""How a name that is not allowed is refused: which, in which file, why, and what to do instead."""

from pathlib import Path

from wherry.errors import UnsafeError

SHOWN = 120
OWN = {"__main__", "__mp_main__"}


def refusal(path: Path, module: str, name: str) -> UnsafeError:
    """The file's own spelling is shown, whatever is in it."""
    told = _plain(f"{module}.{name}")
    if module in OWN:
        return UnsafeError(
            path.name,
            f"it holds {told}, a function or class of the script that wrote it, which is not here",
            "Leave it out of the pipeline ([steps] in model.toml can do such work), "
            "or give Wherry the train.py that makes the model.",
        )
    return UnsafeError(
        path.name,
        f"opening it would call {told}, which is not on the list of what a model may hold",
        "Save the model with skops or as ONNX, or give Wherry its train.py.",
    )


def _plain(text: str) -> str:
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
