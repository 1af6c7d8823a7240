"""A version looked up, compared, timed and fetched."""

from pathlib import Path

import msgspec
import pytest

from tests.support.onnx_models import scaled, scaled_with_golden, spec
from tests.support.stores import NOW, an_artifact
from wherry.artifact import Artifact
from wherry.errors import IntegrityError, ToolError, UsageError
from wherry.manifest import MANIFEST, MODEL
from wherry.store import ModelStore
from wherry_control.artifacts.differences import Difference, differences, size
from wherry_control.artifacts.fetching import fetch
from wherry_control.artifacts.named import Named, find, named
from wherry_control.artifacts.openssf import OpenSSF
from wherry_control.artifacts.timing import one_row
from wherry_control.signing import make_key


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("iris", Named("iris")),
        ("iris@1", Named("iris", 1)),
        ("a-b@99999999", Named("a-b", 99999999)),
    ],
)
def test_a_version_is_named_by_model_and_number(text: str, told: Named) -> None:
    """Without a number, the highest is meant."""
    assert named(text) == told


@pytest.mark.parametrize(
    "text", ["", "Iris", "iris@", "iris@0", "iris@01", "iris@x", "a/b", "iris@1 "]
)
def test_what_names_no_version_is_told(text: str) -> None:
    """With the form."""
    with pytest.raises(UsageError, match="Write MODEL or MODEL@VERSION"):
        named(text)


def test_the_highest_version_is_found_and_any_by_its_number() -> None:
    """What is not there is told with what is."""
    store = ModelStore.open("memory://")
    first, second = (
        store.publish(an_artifact(marker=marker), now=NOW) for marker in ("one", "two")
    )

    assert find(store, Named("iris")) == second
    assert find(store, Named("iris", 1)) == first
    with pytest.raises(UsageError, match=r"no version 3 of iris\. It has 1, 2"):
        find(store, Named("iris", 3))
    with pytest.raises(UsageError, match=r"no version of digits\. It holds iris"):
        find(store, Named("digits"))


def test_an_empty_store_says_how_to_publish() -> None:
    """Nothing was published yet."""
    with pytest.raises(UsageError, match="Run `wherry publish iris`"):
        find(ModelStore.open("memory://"), Named("iris"))


def test_an_artifact_compared_with_itself_differs_in_nothing() -> None:
    """So whatever is told is a difference."""
    manifest = scaled_with_golden().manifest

    assert differences(manifest, manifest) == []


def test_differences_are_told_part_by_part() -> None:
    """What one of the two lacks is a dash."""
    before = an_artifact().manifest
    after = msgspec.structs.replace(
        an_artifact(marker="two!").manifest,
        metrics={"accuracy": 0.95, "r2": 1.0},
        inputs=(spec("features", "FP64", (-1, 4)),),
        libraries={},
        variant="static_int8",
        parity=msgspec.structs.replace(before.parity, max_absolute_error=0.5),
    )

    told = differences(before, after)

    assert Difference("model", "variant", "fp32", "static_int8") in told
    assert Difference("input", "features", "FP32 [-1, 4]", "FP64 [-1, 4]") in told
    assert Difference("metric", "accuracy", "0.9", "0.95") in told
    assert Difference("metric", "r2", "-", "1") in told
    assert Difference("parity", "largest difference", "0", "0.5") in told
    assert Difference("library", "scikit-learn", "1.9.1", "-") in told
    assert Difference("size", "all files", "315 B", "415 B") in told
    assert [each.name for each in told if each.part == "file"] == [MODEL]
    assert not [each for each in told if each.part == "output"]


@pytest.mark.parametrize(
    ("count_", "told"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (71_701_000, "71.7 MB")]
)
def test_sizes_are_told_in_three_digits(count_: int, told: str) -> None:
    """In decimal units, as everywhere."""
    assert size(count_) == told


def test_two_models_are_timed_by_turns() -> None:
    """The median of each, in milliseconds."""
    turn = (0.0, 1.0, 1.0, 4.0)  # the first begins and ends, then the second
    clock = iter([10 * number + at for number in range(3) for at in turn])

    told = one_row([scaled_with_golden(), scaled(3.0)], rounds=3, clock=lambda: next(clock))

    assert told == pytest.approx([1000, 3000])


def test_all_files_are_fetched_and_nothing_else_stays(tmp_path: Path) -> None:
    """Also into an empty folder."""
    artifact, folder = scaled_with_golden(), tmp_path / "deep" / "iris"
    folder.mkdir(parents=True)

    fetch(artifact, folder)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == artifact.files
    assert [path.name for path in folder.parent.iterdir()] == ["iris"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither a file nor a folder with something in it."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").touch()

    for name in ("file", "folder"):
        with pytest.raises(UsageError, match="it is there already"):
            fetch(scaled_with_golden(), tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """The folder appears with all of its files, or not at all."""

    def fails(_: Path) -> None:
        raise ToolError("model-signing", "no")

    with pytest.raises(ToolError):
        fetch(scaled_with_golden(), tmp_path / "iris", fails)

    assert list(tmp_path.iterdir()) == []


def test_a_part_of_an_artifact_is_not_fetched(tmp_path: Path) -> None:
    """It would be taken for all of it."""
    whole = scaled_with_golden()
    part = Artifact.verified(whole.digest, {MANIFEST: whole.files[MANIFEST]})

    with pytest.raises(IntegrityError, match="some of its files are missing"):
        fetch(part, tmp_path / "iris")


def test_model_signing_that_is_not_there_is_told_with_the_command(tmp_path: Path) -> None:
    """Before anything is fetched."""
    make_key(tmp_path / "wherry.pem", {})

    with pytest.raises(ToolError, match="Run `make source-model-signing`"):
        OpenSSF(tmp_path, tmp_path / "wherry.pem")
    with pytest.raises(UsageError, match="Name a file"):
        OpenSSF(tmp_path, Path("awskms:///alias/x"))
