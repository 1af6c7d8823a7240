"""Were a file never scanned, the child would still refuse it, name by name, while it reads."""

from pathlib import Path

import pytest

from models.preparation.sandbox import Child
from tests.support import hostile
from wherry.errors import UnsafeError, WherryError

PLACE = Path("marker")


@pytest.mark.parametrize("way", [*hostile.hidden(PLACE), *hostile.of_joblib(PLACE)])
def test_a_hidden_name_is_refused_while_it_is_read(way: str, opener: Child) -> None:
    """`load` alone, without `scan`: nothing runs, and the name is told."""
    marker = opener.folder / "marker"
    data, told = {**hostile.hidden(marker), **hostile.of_joblib(marker)}[way]
    (opener.folder / "model.pkl").write_bytes(data)

    if way == "after a valid pickle":  # it reads the first, and no more
        assert opener.ask("loaded", path=str(opener.folder / "model.pkl")) == {"kind": "dict"}
    else:
        with pytest.raises(UnsafeError, match=told):
            opener.ask("loaded", path=str(opener.folder / "model.pkl"))
    assert not marker.exists()


@pytest.mark.parametrize("gadget", hostile.GADGETS)
def test_a_gadget_is_refused_while_it_is_read(gadget: str, opener: Child) -> None:
    """The same list is asked at the one place where a name becomes a thing."""
    marker = opener.folder / "marker"
    data, told = hostile.plain(gadget, marker)
    (opener.folder / "model.pkl").write_bytes(data)

    with pytest.raises(UnsafeError) as caught:
        opener.ask("loaded", path=str(opener.folder / "model.pkl"))

    assert told in caught.value.what
    assert not marker.exists()


@pytest.mark.parametrize(
    "way", [way for way in hostile.ODD if "second" not in way and "data" not in way]
)
def test_odd_files_are_refused_while_they_are_read(way: str, opener: Child) -> None:
    """Whatever comes of them, it is an error of ours, and the child goes on."""
    (opener.folder / "model.pkl").write_bytes(hostile.ODD[way][0])

    with pytest.raises(WherryError):
        opener.ask("loaded", path=str(opener.folder / "model.pkl"))
    assert opener.ask("loaded", path=_good(opener)) == {"kind": "list"}


def _good(opener: Child) -> str:
    file = opener.folder / "good.pkl"
    file.write_bytes(b"].")
    return str(file)
