"""What a pickle would call is told without calling it, and what is not on the list is refused."""

import bz2
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.preparation.untrusted.allowed import ALLOWED, present
from models.preparation.untrusted.packed import unpacked
from models.preparation.untrusted.pickles import scan
from tests.support import hostile
from wherry.errors import ToolError, UnsafeError

PLACE = Path("marker")  # names are the same wherever it lies


def refused(file: Path, data: bytes) -> UnsafeError:
    file.write_bytes(data)
    with pytest.raises(UnsafeError) as caught:
        scan(file)
    assert caught.value.where == file.name
    return caught.value


@pytest.mark.parametrize("gadget", hostile.GADGETS)
def test_what_could_do_harm_is_refused_by_its_name(gadget: str, tmp_path: Path) -> None:
    """Each gadget of the corpus, and the refusal says what to do instead."""
    marker = tmp_path / "marker"
    data, told = hostile.plain(gadget, marker)

    error = refused(tmp_path / "model.pkl", data)

    assert told in error.what
    assert "train.py" in error.todo
    assert not marker.exists()


@pytest.mark.parametrize("way", [*hostile.hidden(PLACE), *hostile.of_joblib(PLACE)])
@pytest.mark.parametrize("ending", [".pkl", ".joblib"])
def test_no_road_to_a_name_is_missed(way: str, ending: str, tmp_path: Path) -> None:
    """Old opcodes, memos, arrays and compressions hide nothing, whatever the file is called."""
    marker = tmp_path / "marker"
    data, told = {**hostile.hidden(marker), **hostile.of_joblib(marker)}[way]

    error = refused(tmp_path / f"model{ending}", data)

    assert told in error.what
    assert not marker.exists()


@pytest.mark.parametrize("way", ["protocol 0", "protocol 5", "INST", "OBJ", "a name from the memo"])
def test_the_corpus_would_do_harm(way: str, tmp_path: Path) -> None:
    """Opened by pickle itself, it leaves its marker: the claims above are about live files."""
    marker = tmp_path / "marker"

    pickle.loads(hostile.hidden(marker)[way][0])  # noqa: S301 - that is the claim

    assert marker.exists()


@pytest.mark.parametrize("told", hostile.traversals())
def test_a_path_of_attributes_is_no_name(told: str, tmp_path: Path) -> None:
    """From an allowed name, protocol 4 would walk to any other."""
    data, shown = hostile.traversals()[told]

    assert shown in refused(tmp_path / "model.pkl", data).what


@pytest.mark.parametrize("way", hostile.ODD)
def test_what_cannot_be_followed_to_the_end_is_refused(way: str, tmp_path: Path) -> None:
    """A pickle is understood wholly, or not opened."""
    data, told = hostile.ODD[way]

    assert told in refused(tmp_path / "model.pkl", data).what


def test_a_function_of_somebodys_script_is_told_to_be_one(tmp_path: Path) -> None:
    """The commonest refusal of an honest file says why, and where such work can go."""
    error = refused(tmp_path / "model.pkl", hostile.call("__main__", "add_columns"))

    assert "__main__.add_columns" in error.what
    assert "script that wrote it" in error.what
    assert "[steps]" in error.todo


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n "), min_size=1, max_size=30)


@given(st.lists(WORDS, min_size=1, max_size=4).map(".".join), WORDS)
def test_no_other_name_passes(
    tmp_path_factory: pytest.TempPathFactory, module: str, name: str
) -> None:
    """Whatever it is called: what is not on the list is refused."""
    if present((module, name)) in ALLOWED:
        return
    data = b"\x80\x04" + hostile.text(module) + hostile.text(name) + b"\x93."

    refused(tmp_path_factory.mktemp("any") / "model.pkl", data)


@given(st.sampled_from(sorted(ALLOWED)), st.sampled_from([".", "_", " ", "\0", "s", "."]))
def test_a_name_near_an_allowed_one_is_another(
    tmp_path_factory: pytest.TempPathFactory, name: tuple[str, str], more: str
) -> None:
    """The list is exact: no beginning, no case, no package stands for what is in it."""
    module, attribute = name
    if present((module, attribute + more)) in ALLOWED:  # numpy.bool and numpy.bool_ are two
        return
    data = b"\x80\x04" + hostile.text(module) + hostile.text(attribute + more) + b"\x93."

    refused(tmp_path_factory.mktemp("near") / "model.pkl", data)


def test_a_scan_tells_names_and_libraries(tmp_path: Path) -> None:
    """In the spelling of today, sorted; whoever chooses an environment reads the packages."""
    file = tmp_path / "model.pkl"
    file.write_bytes(
        hostile.call("xgboost.sklearn", "XGBClassifier")[:-1]
        + b"0"
        + hostile.call("sklearn.tree.tree", "DecisionTreeClassifier")[2:]
    )

    told = scan(file)

    assert told.globals == (
        "sklearn.tree._classes.DecisionTreeClassifier",
        "xgboost.sklearn.XGBClassifier",
    )
    assert told.libraries == {"sklearn", "xgboost"}


def test_a_bomb_ends_at_its_bound(tmp_path: Path) -> None:
    """Nothing beyond the bound is written, and nothing is held in memory."""
    file = tmp_path / "model.joblib"
    file.write_bytes(bz2.compress(bytes(1 << 22)))

    with (
        pytest.raises(UnsafeError, match="unpacks to more than 1048576 bytes"),
        unpacked(file, 1 << 20),
    ):
        pass


def test_a_pickle_is_loaded_in_a_child_alone(tmp_path: Path) -> None:
    """Also one that holds nothing: no caller opens a file in its own process by mistake."""
    from models.preparation.untrusted.pickles import load, opened

    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))

    for opens in (load, opened):
        with pytest.raises(ToolError, match="in a child alone"):
            opens(file)
