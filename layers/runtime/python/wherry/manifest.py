"""
The manifest: what an artifact says of itself, and the file whose SHA-256 is its identity.

It lists every other file with its size and SHA-256, so that one digest pins them all. It holds no
clock, host or user name: the same model, converted twice, has the same digest. It refuses unknown
keys: a manifest of a later Wherry is not half understood.
"""

import hashlib
from typing import Annotated, Literal

import msgspec
import orjson

from wherry.errors import IntegrityError
from wherry.media.spec import ImageSpec
from wherry.pipeline.spec import PipelineSpec

Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BF16", "BYTES",
]  # fmt: skip
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]

MANIFEST = "manifest.json"
MODEL = "model.onnx"
GOLDEN = "golden.json"


class TensorSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input or output; `shape` has -1 where the size varies (the batch is the first)."""

    name: str
    datatype: Datatype
    shape: tuple[int, ...]


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a person needs to send one column right: a column of the table, or an input of its name.

    `categories` are the texts that the model has learnt, of a column that holds texts.
    """

    name: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    example: float | str | None = None
    categories: tuple[str, ...] = ()


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the artifact."""

    sha256: Sha256
    bytes: int


class SourceInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model was converted from; `notes` is what a reader of the model should know."""

    kind: str
    file: str = ""
    sha256: Sha256 | None = None
    notes: tuple[str, ...] = ()


class Parity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    How the converted model compared with the trained one, on `rows` held-out rows.

    `gate` is what it had to pass: closeness of every answer, or a metric that must not fall.
    """

    rows: int
    label_agreement: float
    max_absolute_error: float
    tolerance: float
    family: str = ""
    gate: Literal["closeness", "metric"] = "closeness"
    adversarial_rows: int = 0
    class_flip_rate: float = 0.0
    mean_absolute_error: float = 0.0
    rows_over_tolerance: int = 0


class NumberHistogram(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="numbers"
):
    """
    `counts` are those up to the first edge, between edges, and above the last: one more than edges.

    A number on an edge counts as below it. `missing` counts NaN, which is in none of them.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int = 0


class CategoryHistogram(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="categories"
):
    """`counts` are those of `categories`, the most frequent first; `other` counts all the rest."""

    categories: tuple[str, ...]
    counts: tuple[int, ...]
    other: int = 0


Histogram = NumberHistogram | CategoryHistogram


class Baselines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What went in and came out on `rows` held-out rows, for whoever looks for drift later.

    By column where columns have names, else by tensor; `probabilities.<label>` for each label.
    `pairs` are the columns, as a sketch names them, that told most of what came out, the most
    telling first.
    """

    rows: int
    inputs: dict[str, Histogram]
    outputs: dict[str, Histogram]
    pairs: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An artifact's description; see the module docstring."""

    schema_version: Literal[1] = 1
    model: str
    task: Literal["classification", "regression", "other"]  # other: outputs are as they are named
    estimator: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    features: tuple[Feature, ...] = ()
    labels: tuple[str, ...] = ()
    image: ImageSpec | None = None
    pipeline: PipelineSpec | None = None
    source: SourceInfo | None = None
    variant: str = "fp32"  # which of the optimised models it is
    optimized: bool = False
    imputes: bool = False  # a number may be missing: the model has a value in its place
    ir_version: int
    opsets: dict[str, int]
    libraries: dict[str, str]
    training_data_sha256: Sha256 | None = None  # a model that came as a file may not know it
    metrics: dict[str, float]
    parity: Parity
    baselines: Baselines | None = None
    licence: str = ""
    files: dict[str, FileEntry]

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, one newline at the end."""
        told = msgspec.to_builtins(self)
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Raise IntegrityError if `data` is no manifest that this version understands."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise IntegrityError(
                MANIFEST, str(error), "Publish the model again with this Wherry."
            ) from error


def digest_of(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
