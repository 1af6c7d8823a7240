"""What may be bundled, and how a bundle reaches its folder: whole, or not at all."""

from pathlib import Path

import pytest

from models.preparation.bundling.bundle import (
    Bundle,
    bundled,
    check_can_be_bundled,
    check_new,
    write,
)
from models.preparation.bundling.edge import edge_bundle, runner
from models.preparation.bundling.examples import example_feeds, example_row
from models.preparation.bundling.ort_format import to_ort, why_not
from models.preparation.bundling.requirements import requirements
from tests.support.models import ROOT
from tests.support.onnx_models import identity, scaled, spec, two_inputs
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.plain_models import classifier, several
from wherry.errors import ConfigurationError, ToolError, UsageError
from wherry.manifest import MODEL

LOCK = ROOT / "requirements/runtime.txt"
BUNDLE = Bundle("tiny", "sha256:00", {"run.py": b"one", "ort/a.js": b"longer"})


def test_a_bundle_is_written_with_its_folders(tmp_path: Path) -> None:
    write(BUNDLE, tmp_path / "new" / "bundle")

    found = sorted(file for file in tmp_path.rglob("*") if file.is_file())
    assert [(str(each.relative_to(tmp_path)), each.read_bytes()) for each in found] == [
        ("new/bundle/ort/a.js", b"longer"),
        ("new/bundle/run.py", b"one"),
    ]


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_there_already_is_not_touched(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "bundle"
    match kind:
        case "file":
            place.write_text("mine")
        case "folder":
            place.mkdir()
        case _:
            place.symlink_to(tmp_path / "nowhere")

    for refuse in (check_new, lambda folder: write(BUNDLE, folder)):
        with pytest.raises(UsageError, match="it is there already"):
            refuse(place)

    assert [each.name for each in tmp_path.rglob("*")] == ["bundle"]


def test_a_bundle_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """The second file wants the first one's place as its folder."""
    odd = Bundle("tiny", "sha256:00", {"run.py": b"", "run.py/more": b""})

    with pytest.raises(UsageError, match=r"it cannot be written \(File exists\)"):
        write(odd, tmp_path / "bundle")

    assert [*tmp_path.iterdir()] == []


def test_the_sizes_are_told_largest_first() -> None:
    told = bundled(BUNDLE, Path("here"), 3, written=False)

    assert [(file.path, file.bytes) for file in told.files] == [("ort/a.js", 6), ("run.py", 3)]
    assert (told.bytes, told.version, told.written) == (9, 3, False)


def test_what_one_graph_cannot_do_is_refused_with_what_to_do_instead() -> None:
    steps = [model_step("one"), model_step("two")]
    outputs = {"label": ("one.label", spec("label", "INT64"))}
    files = {"one.onnx": linear(1), "two.onnx": linear(2)}

    with pytest.raises(UsageError) as refused:
        check_can_be_bundled(sealed_pipeline(steps, outputs, files))

    assert refused.value.what == "it is 2 steps, and a bundle runs one graph"
    assert "wherry serve" in refused.value.todo


def test_a_datatype_that_no_array_holds_is_refused() -> None:
    with pytest.raises(UsageError, match="'x' is BF16, which a bundle cannot carry"):
        check_can_be_bundled(identity("BF16"))


def test_the_requirements_are_the_lock_of_what_the_runner_needs() -> None:
    told = requirements(LOCK).decode()

    names = {line.split("==")[0] for line in told.splitlines() if not line.startswith(" ")}
    assert names == {"flatbuffers", "numpy", "onnxruntime", "packaging", "protobuf"}
    assert all(line in LOCK.read_text() for line in told.splitlines())
    assert told.count("--hash=sha256:") > 100
    assert "://" not in told


def test_a_lock_of_another_onnxruntime_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "runtime.txt"
    lock.write_text(
        "numpy==2.4.6 \\\n    --hash=sha256:00\nonnxruntime==1.0.0 \\\n    --hash=sha256:00\n"
    )

    with pytest.raises(ToolError, match="is installed, not it"):
        requirements(lock)


def test_a_lock_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        requirements(tmp_path / "runtime.txt")


def test_the_runner_takes_the_manifest_of_its_bundle_and_no_other() -> None:
    """SHA-256 of `abc`, as FIPS 180-2 has it."""
    told = runner(b"abc").decode()

    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert f'MANIFEST_SHA256 = "{digest}"\n' in told


def test_an_ort_model_that_answers_otherwise_is_not_taken() -> None:
    """The same tensors, another factor."""
    double, triple = (scaled(factor).files[MODEL] for factor in (2.0, 3.0))
    feeds = example_feeds(scaled())

    assert why_not(double, to_ort(double, optimized=True), feeds, optimized=True) == ""
    assert why_not(double, to_ort(triple, optimized=True), feeds, optimized=True)


def test_a_model_that_has_no_ort_format_goes_without() -> None:
    """Its bytes are sealed, and are no model."""
    artifact = scaled()
    broken = type(artifact).seal(artifact.manifest, {MODEL: b"no model"})

    made = edge_bundle(broken, LOCK)

    assert "model.ort" not in made.files
    assert made.notes[0].startswith("model.ort: left out, for ONNX Runtime cannot make it")


def test_an_example_row_has_every_field_once() -> None:
    assert example_row(classifier()) == {"size, in cm": 4.5, "weight": 3}
    assert example_row(several({"age": "FP32", "plan": "BYTES"})) == {"age": 0.0, "plan": ""}
    assert example_row(two_inputs()) == {"a": [0.0, 0.0], "b": [0.0, 0.0]}


def test_rows_within_the_ranges_are_compared() -> None:
    *_, rows = example_feeds(classifier())

    sizes = rows["features"][:, 0]
    assert len(sizes) == 32
    assert (sizes >= 0).all()
    assert (sizes <= 10).all()
    assert len({*sizes.tolist()}) > 20
