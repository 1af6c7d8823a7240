"""Who asks for a column that is not there is told what is, and what may be meant by it."""

from pathlib import Path

import pytest

from tests.support.batches import done
from tests.support.onnx_models import identity
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.contract import Options
from wherry.errors import RefusedError

FLOWER = several({"sepal_length": "FP32", "petal_width": "FP32"})
BOTH = '"sepal_length", "petal_width" did not come'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key;sepal_length\na;1\n", f"{BOTH}. Its columns are parted by ';': write it with commas"),
        ("key\tsepal_length\na\t1\n", "parted by a tab: write it with commas"),
        ("key|x\na|1\n", "parted by '|': write it with commas"),
        (
            "key,sepal length,petal_width\na,1,2\n",
            '"petal_width". Did you mean "sepal length" by "sepal_length"?',
        ),
        ("5.1,3.5\n4.9,3\n", f'{BOTH}. Its first line is "5.1", "3.5": name the columns there.'),
        ("a,b\n1,2\n", f'{BOTH}. It has "a", "b".'),
        (",".join(f"c{n}" for n in range(40)) + "\n", '"c11", … (40 in all).'),
    ],
    ids=["semicolons", "tabs", "bars", "misspelt", "no-header", "others", "many"],
)
def test_what_came_in_its_place_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(text)

    with pytest.raises(RefusedError) as refused:
        done(service_of(FLOWER), tmp_path / "a.csv", tmp_path / "out")

    assert told in str(refused.value)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_column_to_keep_that_is_not_there_is_told_beside_those_that_are(
    tmp_path: Path, name: str
) -> None:
    text = "flower,x\na,1\n" if name == "a.csv" else '{"flower": "a", "x": 1}\n'
    (tmp_path / name).write_text(text)

    with pytest.raises(RefusedError) as refused:
        done(service_of(identity()), tmp_path / name, tmp_path / "out", Options(id="flowr"))

    assert '"flowr" did not come, and is to be kept. It has "flower", "x".' in str(refused.value)
    assert 'Did you mean "flower" by "flowr"?' in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "y\n1\n", 'send columns "x.0" to "x.11", or use JSON Lines or Parquet.'),
        ("a.jsonl", '{"y": 1}\n', '"x" is 3 x 2 x 2 values in each row: send one list.'),
    ],
)
def test_a_list_is_told_with_its_shape(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(RefusedError) as refused:
        done(service_of(identity(shape=(-1, 3, 2, 2))), tmp_path / name, tmp_path / "out")

    assert told in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", "x\n1\n"), ("a.jsonl", '{"x": 1}\n')])
def test_utf_16_is_called_so(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    (tmp_path / name).write_bytes(text.encode(encoding))

    with pytest.raises(RefusedError, match="it is UTF-16"):
        done(service_of(identity()), tmp_path / name, tmp_path / "out")


def test_a_header_that_is_no_utf_8_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("größe,x\n1,2\n".encode("latin-1"))

    with pytest.raises(RefusedError, match="header line is no UTF-8"):
        done(service_of(identity()), tmp_path / "a.csv", tmp_path / "out")
