"""
Answers of the model in this folder, by ONNX Runtime and NumPy alone.

    python run.py --check      replays the golden examples
    python run.py rows.json    answers rows: a file of JSON or CSV, or `-` for JSON on stdin

In code: `from run import load`, then `load(".").predict({"features": [[5.1, 3.5, 1.4, 0.2]]})`.
MANIFEST_SHA256 pins the manifest, which pins all that was published: a file that is not, to the
byte, the one that it pins is refused.
"""

import argparse
import csv
import hashlib
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: it would write files and report use

import numpy as np
import onnxruntime

MANIFEST_SHA256 = ""
MODEL, ORT_FORMAT, TOLERANCE = "model.onnx", "model.ort", 1e-4
DTYPES = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "u2", "UINT32": "u4", "UINT64": "u8", "INT8": "i1",
    "INT16": "i2", "INT32": "i4", "INT64": "i8", "FP16": "f2", "FP32": "f4", "FP64": "f8",
    "BYTES": "O",
}  # fmt: skip
MAY_BECOME = {"b": "b", "u": "ui", "i": "ui", "f": "uif", "O": "OU"}  # by the kind of a dtype
TRUTH = {"true": True, "false": False}

Spec = Mapping[str, Any]
Row = Mapping[str, Any]


def load(folder: str | Path = ".", file: str = MODEL) -> "Model":
    """The model of a bundle, in either format; ValueError if a file was altered."""
    here = Path(folder)
    manifest = json.loads(checked(here / "manifest.json", MANIFEST_SHA256))
    return Model(manifest, checked(here / file, pinned(here / file, manifest)))


def pinned(file: Path, manifest: Mapping[str, Any]) -> str:
    """The SHA-256 that a file must have; ORT format was made after the model was published."""
    if file.name == ORT_FORMAT:
        return file.with_name(f"{ORT_FORMAT}.sha256").read_text().split()[0]
    return str(manifest["files"].get(file.name, {}).get("sha256"))


def checked(file: Path, wanted: str) -> bytes:
    """The bytes of a file, if they are the pinned ones."""
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != wanted:
        raise ValueError(f"{file.name} is not the file that was bundled: copy the bundle anew")
    return data


class Model:
    """`manifest` says what goes in and comes out; `fields` has the input of each value of a row."""

    def __init__(self, manifest: Mapping[str, Any], model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if manifest["optimized"]:  # when it was prepared: it runs as it is
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self.manifest = manifest
        self.inputs = {spec["name"]: spec for spec in manifest["inputs"]}
        self.fields = {name: spec for spec in manifest["inputs"] for name in self._names(spec)}

    def predict(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Arrays or nested lists in, by name; every output as an array. ValueError if unfit."""
        if inputs.keys() != self.inputs.keys():
            raise ValueError(f"inputs: {[*inputs]} came; {[*self.inputs]} are wanted")
        feeds = {name: tensor(name, inputs[name], spec) for name, spec in self.inputs.items()}
        names = [spec["name"] for spec in self.manifest["outputs"]]
        try:
            return dict(zip(names, self._session.run(names, feeds), strict=True))
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's share no base of their own
            raise ValueError(f"the model cannot compute this: {error}") from None

    def answer(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Objects of `fields` in, one object of outputs for each."""
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or row.keys() != self.fields.keys():
                raise ValueError(f"row {number}: an object of {[*self.fields]} is wanted")
        if not rows:
            return []
        outputs = self.predict({name: self._stacked(name, rows) for name in self.inputs})
        columns = [self._told(array) for array in outputs.values()]
        return [dict(zip(outputs, values, strict=True)) for values in zip(*columns, strict=True)]

    def faults(self, examples: Sequence[Mapping[str, Any]]) -> list[str]:
        """What is wrong with the answers to golden examples."""
        found = []
        for example in examples:
            outputs = self.predict(example["inputs"])
            for name, wanted in example["expect"].items():
                told = outputs[name].tolist()
                if not alike(told, wanted, example.get("tolerance", TOLERANCE)):
                    found.append(f"{example['name']}: {name} is {told}; {wanted} is expected")
        return found

    def _names(self, spec: Spec) -> list[str]:
        """The columns of the one table, else the input's own name: a row's fields are called so."""
        features = [each["name"] for each in self.manifest["features"]]
        single = {name for name, told in self.inputs.items() if told["shape"][1:] in ([], [1])}
        columns = [name for name in features if name not in single]
        rest = [name for name in self.inputs if name not in single.intersection(features)]
        wide = [
            name for name in rest if columns and self.inputs[name]["shape"][1:] == [len(columns)]
        ]
        is_table = wide[:1] == [spec["name"]] and not {*columns} & ({*rest} - {*wide[:1]})
        return columns if is_table else [spec["name"]]

    def _stacked(self, name: str, rows: Sequence[Row]) -> Any:
        spec = self.inputs[name]
        columns = self._names(spec)
        values = [[row[column] for column in columns] for row in rows]
        if self.manifest["imputes"] and spec["datatype"].startswith("FP"):
            values = [[math.nan if value is None else value for value in row] for row in values]
        single = columns == [name] and spec["shape"][1:] != [1]
        return tensor(name, [row[0] for row in values] if single else values, spec)

    def _told(self, array: Any) -> list[Any]:
        labels = self.manifest["labels"]
        if array.shape[1:] == (1,):
            array = array.ravel()
        rows: list[Any] = plain(array)
        if array.dtype.kind != "f" or array.shape[1:] != (len(labels),):
            return rows
        return [dict(zip(labels, row, strict=True)) for row in rows]


def tensor(name: str, value: Any, spec: Spec) -> Any:
    """An array of the datatype and shape of `spec`, where nothing but precision is lost."""
    dtype, shape = np.dtype(DTYPES[spec["datatype"]]), spec["shape"]
    array = np.asarray(value)
    if array.size and array.dtype.kind not in MAY_BECOME[dtype.kind]:
        raise ValueError(f"{name}: {spec['datatype']} is wanted")
    with np.errstate(over="ignore"):
        told = array.astype(dtype)
    fits = np.array_equal(told, array) if dtype.kind in "ui" else True
    if not fits or (dtype.kind == "f" and (np.isinf(told) & np.isfinite(array)).any()):
        raise ValueError(f"{name}: a number is out of the range of {spec['datatype']}")
    if dtype.kind == "O" and not all(isinstance(text, str) for text in told.ravel()):
        raise ValueError(f"{name}: texts are wanted")
    sizes = zip(told.shape, shape, strict=False)
    if told.ndim != len(shape) or any(came != size for came, size in sizes if size >= 0):
        raise ValueError(f"{name}: its shape is {list(told.shape)}; {shape} is wanted")
    return told


def plain(value: Any) -> Any:
    """As JSON has it: fractions with the digits of their own precision, and null for NaN."""
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value]
    if isinstance(value, np.floating):
        exact = value if value.dtype == np.float64 else np.float32(value)
        return float(str(exact)) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def alike(told: Any, wanted: Any, tolerance: float) -> bool:
    """Texts and whole numbers must match; fractions may be off by the tolerance."""
    if isinstance(wanted, list):
        pairs = zip(told, wanted, strict=False)
        return len(told) == len(wanted) and all(alike(*pair, tolerance) for pair in pairs)
    if isinstance(wanted, float):
        return math.isclose(told, wanted, rel_tol=0, abs_tol=tolerance)
    return bool(told == wanted)


def rows_of(file: str, model: Model) -> list[Any]:
    """The rows of a file: one object or a list of them in JSON, or CSV below its header line."""
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    if not file.endswith(".csv"):
        told = json.loads(text)
        return told if isinstance(told, list) else [told]
    lines = csv.DictReader(text.splitlines(keepends=True), strict=True)
    return [{name: cell(name, value, model) for name, value in line.items()} for line in lines]


def cell(name: str, text: str, model: Model) -> Any:
    """A cell of CSV as its field's type."""
    datatype = model.fields[name]["datatype"] if name in model.fields else "BYTES"
    if datatype == "BYTES":
        return text
    if datatype == "BOOL":
        return TRUTH.get(text.strip().lower(), text)
    if not text.strip():
        return None
    return float(text) if datatype.startswith("FP") else int(text)


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description="Answers of the model in this folder.")
    parser.add_argument("rows", nargs="?", help="rows.json, rows.csv, or - for JSON on stdin")
    parser.add_argument("--check", action="store_true", help="replay the golden examples")
    parser.add_argument("--ort", action="store_true", help="load model.ort, not model.onnx")
    asked = parser.parse_args()
    if asked.check == bool(asked.rows):
        parser.error("give a file of rows, or --check")
    here = Path(__file__).resolve().parent
    try:
        model = load(here, ORT_FORMAT if asked.ort else MODEL)
        if asked.rows:
            told = {"model": model.manifest["model"], "digest": f"sha256:{MANIFEST_SHA256}"}
            told["predictions"] = model.answer(rows_of(asked.rows, model))
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
            return
        golden = here / "golden.json"
        examples = json.loads(checked(golden, pinned(golden, model.manifest)))["examples"]
        if found := model.faults(examples):
            sys.exit("\n  ".join(["error: golden examples fail:", *found]))
        sys.stdout.write(f"all {len(examples)} golden examples pass\n")
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
