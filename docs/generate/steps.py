"""Of docs/reference/model-toml.md the part on [image] and [pipeline]: kinds of steps, and keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.preparation.steps.config import POST, PRE, ImageTable, InputTable
from models.preparation.tables import Strict

NUMBERS = "a number, or a list with one for each column or channel"
SIZE = "a whole number 1 to 4096"
KINDS: dict[str, type[Strict]] = {**PRE, **POST}
LABEL = "text, or a whole number"

# Of each table, what is allowed and what it means, by key.
Told = Mapping[str, tuple[str, str]]

IMAGE: Told = {
    "width": (SIZE, "columns of pixels that the model takes"),
    "height": (SIZE, "rows of pixels"),
    "mode": ("`RGB`, `L`", "three channels, or one of grey; an `RGB` row is height x width x 3"),
    "fit": (
        "`stretch`, `contain`, `cover`",
        "other proportions: stretched, whole on the background, or cut so that the size is full",
    ),
    "resample": (
        "`nearest`, `box`, `bilinear`, `bicubic`, `lanczos`",
        "how Pillow makes it larger or smaller; choose what training used",
    ),
    "background": (
        "a whole number 0 to 255",
        "a level of grey: what is behind what is transparent, and around what is contained",
    ),
    "trim": (
        "a whole number 0 to 255",
        "first cut off a margin that is as far from the background or nearer; 0 cuts nothing off",
    ),
    "formats": ("of `JPEG`, `PNG`, `WEBP`", "what is even tried"),
    "max_bytes": ("a whole number, 1 or more", "how large a file may be"),
    "max_pixels": (
        "a whole number 1 to 89478485",
        "width times height of a file, by its header; each takes up to 24 bytes of memory",
    ),
}
INPUT: Told = {
    "name": ("a letter, then up to 39 of a-z, 0-9 and `_`; no output's name", "of the tensor"),
    "datatype": (
        "BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64, FP16, FP32, FP64",
        "of the tensor; the first step gets FP32",
    ),
    "shape": ("a list of 1 to 5 whole numbers", "of one row; -1 where a size varies"),
}
STEPS: Mapping[str, tuple[str, Told]] = {
    "scale": (
        "x · `multiply` + `add`; after the model, of the probabilities or the prediction",
        {"multiply": (NUMBERS, "the factor"), "add": (NUMBERS, "what is added then")},
    ),
    "normalize": (
        "(x - `mean`) / `std`",
        {"mean": (NUMBERS, "what is taken off"), "std": (NUMBERS, "the divisor; never 0")},
    ),
    "impute": (
        "a value where a number is missing (NaN; `null` or an empty cell in plain rows)",
        {"value": (NUMBERS, "what stands in for it")},
    ),
    "one_hot": (
        "a column becomes several in its place, each 1 where it has that value, and else 0",
        {
            "column": ("a whole number, 0 or more", "which column, counted from 0 at this step"),
            "categories": ("a list of numbers", "its values, in the order of the new columns"),
        },
    ),
    "resize": (
        "each image to another size",
        {
            "height": (SIZE, "rows of pixels"),
            "width": (SIZE, "columns of pixels"),
            "mode": (
                "`linear`, `nearest`",
                "blend all that a new pixel covers (Pillow's bilinear), or take the middle one",
            ),
        },
    ),
    "flatten": ("each row's numbers one after the other: the columns of a table", {}),
    "softmax": ("numbers of any size become probabilities", {}),
    "argmax": ("`label` becomes that of the largest number", {}),
    "threshold": (
        "`label` becomes one where its probability is high enough, else the likeliest other one",
        {
            "of": (LABEL, "the label"),
            "at": ("a number", "the least probability; nearer than 0.000001 counts as reached"),
        },
    ),
    "label_map": (
        "another name for each label",
        {"names": ("a table with each label as a key", "its name: text, or whole numbers")},
    ),
}

IMAGE_ABOUT = """\
For a model that takes image files: what a file becomes before it is a row of the input, and how
large it may be ([how](../how-to/pre-and-post-processing.md)). It goes into the manifest, so a
change needs `wherry prepare` again, and `wherry train` where the rows become others."""
PIPELINE = """\
What a client sends, where that is not what the estimator takes, and what becomes of it on the way.

### [pipeline.input]

Needed only where it is neither a table of FP32 columns called `features` nor, with an `[image]`,
that image as UINT8 levels called `image`.

{input}
### [[pipeline.pre]] and [[pipeline.post]]

Steps before and after the estimator, in the order of the file; [how to use
them](../how-to/pre-and-post-processing.md). They become part of `model.onnx`, and the parity
certificate compares the whole: a change needs `wherry prepare` again, and `wherry train` where the
estimator must learn from other numbers. Numbers are float32.

| kind | in | does | keys |
|---|---|---|---|
{steps}
"""


def image_rows() -> list[tuple[str, str, str]]:
    """Each key of [image], its default and what is allowed."""
    return [
        (key, "required" if info.is_required() else _shown(info.default), IMAGE[key][0])
        for key, info in ImageTable.model_fields.items()
    ]


def pipeline() -> str:
    """What is told of [pipeline]."""
    rows = (
        f"| `{key}` | {'required' if info.is_required() else _shown(info.default)} "
        f"| {INPUT[key][0]} | {INPUT[key][1]} |"
        for key, info in InputTable.model_fields.items()
    )
    told = "\n".join(["| key | default | allowed | meaning |", "|---|---|---|---|", *rows, ""])
    return PIPELINE.format(input=told, steps="\n".join(_steps())).rstrip()


def tables() -> dict[str, tuple[list[str], list[str]]]:
    """The keys that the code has, and those that are told here, of each table and kind of step."""
    kinds: dict[str, type[Strict]] = {**KINDS, "image": ImageTable, "input": InputTable}
    told = {kind: keys for kind, (_, keys) in STEPS.items()} | {"image": IMAGE, "input": INPUT}
    return {
        name: ([key for key in table.model_fields if key != "kind"], list(told[name]))
        for name, table in kinds.items()
    }


def _steps() -> Iterator[str]:
    for kind, table in KINDS.items():
        does, told = STEPS[kind]
        lists = " ".join(name for name, known in (("pre", PRE), ("post", POST)) if kind in known)
        keys = [
            f"`{key}`{'' if info.is_required() else f' ({_shown(info.default)})'}: "
            f"{told[key][1]}; {told[key][0]}"
            for key, info in table.model_fields.items()
            if key != "kind"
        ]
        yield f"| `{kind}` | {lists} | {does} | {'<br>'.join(keys) or 'none'} |"


def _shown(value: Any) -> str:
    return f"`{', '.join(value)}`" if isinstance(value, list) else f"`{value}`"
