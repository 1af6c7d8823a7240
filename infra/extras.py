"""
What a model needs in its function beside what every model has: Pillow for images, a tokenizer.

An extra is the name of a lock, `requirements/<extra>.txt`. The model.toml decides, and is judged
elsewhere (`models.preparation`): here it is only asked, and something odd in it asks for nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

EXTRAS = ("image", "text")


def extras_of(told: Mapping[str, object]) -> tuple[str, ...]:
    """The extras of a model.toml, in order of name."""
    wanted = {"image": "image" in told, "text": "tokenize" in _kinds(told.get("pipeline"))}
    return tuple(each for each in EXTRAS if wanted[each])


def closure_name(extras: Sequence[str]) -> str:
    """How the set is called where each has a folder of its own."""
    return "-".join(extras) or "base"


def _kinds(pipeline: object) -> Iterator[object]:
    steps = pipeline.get("steps") if isinstance(pipeline, dict) else None
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            yield step.get("kind")
