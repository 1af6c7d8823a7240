"""Plain rows in CSV: what is taken, and how what is wrong is told."""

import gc
from time import perf_counter

import orjson
import pytest

from tests.support.onnx_models import identity, scaled, two_inputs
from tests.support.plain_models import classifier, imputing, plain, several
from tests.support.timing import best_ratio, lowest
from wherry.errors import RequestError, TooLargeError
from wherry.limits import Limits
from wherry.plain import PlainPredictor
from wherry.plain.csv_rows import AT_ONCE, CsvRows
from wherry.plain.fields import Fields

OLDEST = 2  # generation of Python's collector
HEAD = "f0,f1,f2,f3\n"


def told(predictor: PlainPredictor, text: str | bytes) -> list[dict[str, object]]:
    body = text if isinstance(text, bytes) else text.encode()
    answer = predictor.answer(body, content_type="text/csv; charset=utf-8")
    predictions: list[dict[str, object]] = orjson.loads(answer.body)["predictions"]
    return predictions


def doubled(text: str | bytes) -> list[object]:
    return [row["doubled"] for row in told(plain(scaled()), text)]


def refusal(text: str | bytes, predictor: PlainPredictor | None = None) -> str:
    with pytest.raises(RequestError) as refused:
        told(predictor or plain(scaled()), text)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}1,2,3,4.5\n",
        f"{HEAD}1,2,3,4.5",
        f"{HEAD}1,2,3,4.5\r\n\r\n",
        f"\ufeff{HEAD}1,2,3,4.5",
        "f3,f1,f0,f2\n4.5,2,1,3\n",
        "f0,f1,f2,f3\r1,2,3,4.5\r",
        '"f0", f1 ,"f2",f3\n"1", +2 ,3e0,.45e1\n',
    ],
    ids=[
        "plain",
        "no last line end",
        "blank line",
        "byte order mark",
        "other order",
        "old line ends",
        "quotes",
    ],
)
def test_the_columns_are_found_by_their_names(text: str) -> None:
    assert doubled(text) == [[2.0, 4.0, 6.0, 9.0]]


def test_each_line_is_a_row() -> None:
    assert doubled(f"{HEAD}1,1,1,1\n2,2,2,2\n") == [[2.0] * 4, [4.0] * 4]


def test_a_header_alone_is_no_rows() -> None:
    assert doubled(HEAD) == []


def test_a_name_with_a_comma_is_quoted() -> None:
    assert told(plain(classifier()), '"size, in cm",weight\n1,2\n')[0]["label"] == "yes"


def test_each_cell_is_read_as_its_columns_type() -> None:
    kinds = {"text": "BYTES", "count": "INT64", "share": "FP64", "old": "BOOL"}

    rows = told(plain(several(kinds)), 'text,count,share,old\n"a ""b""\n2",-7,0.5,TRUE\n')

    assert [list(row.values()) for row in rows] == [['a "b"\n2', -7, 0.5, True]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{HEAD}1,2,3,4\n1,,3,4", 'row 2, column "f1": an empty cell came; FP32 wants a number'),
        (f"{HEAD}1,2,x,4", 'row 1, column "f2": "x" came; FP32 wants a number'),
        (f"{HEAD}1,2,nan,4", 'row 1, column "f2": "nan" came; FP32 wants a number'),
        (f"{HEAD}1,2,1_0,4", 'row 1, column "f2": "1_0" came; FP32 wants a number'),
        (f"{HEAD}1,2,\u0661,4", 'row 1, column "f2": "\u0661" came; FP32 wants a number'),
        (f"{HEAD}1,2,1e,4", 'row 1, column "f2": "1e" came; FP32 wants a number'),
        (f"{HEAD}1,2,1e999,4", 'row 1, column "f2": the number is out of the range of FP32'),
        (f"{HEAD}1,2,3", "row 1: 3 cells came; 4 are wanted"),
        (f"{HEAD}1,2,3,4,5", "row 1: 5 cells came; 4 are wanted"),
        ("f0,f1,f2\n1,2,3", 'the header line: "f3" did not come'),
        ("f0,f1,f2,f3,f0\n", 'the header line: "f0" came twice'),
        (
            "1,2,3,4",
            'the header line: the model has no column "1"; it has "f0", "f1", "f2", "f3"',
        ),
        ("", 'the header line: "f0", "f1", "f2", "f3" did not come'),
        (f'{HEAD}1,2,3,"4', "line 2: it is not CSV (unexpected end of data)"),
        (b"f0\xff", "the request: byte 3 is no UTF-8. Send UTF-8."),
    ],
)
def test_a_refusal_names_the_row_the_column_what_came_and_what_is_wanted(
    text: str | bytes, wanted: str
) -> None:
    assert refusal(text) == wanted


@pytest.mark.parametrize(
    ("datatype", "cell", "wanted"),
    [
        ("UINT8", "1.0", '"1.0" came; UINT8 wants a whole number'),
        ("UINT8", "256", "the number is out of the range of UINT8"),
        ("INT8", "-129", "the number is out of the range of INT8"),
        ("INT64", "9" * 30, "the number is out of the range of INT64"),
        ("INT64", "9" * 5000, f'"{"9" * 63}… came; INT64 wants a whole number'),
        ("BOOL", "1", '"1" came; BOOL wants true or false'),
    ],
)
def test_a_cell_that_its_datatype_cannot_hold_is_refused(
    datatype: str, cell: str, wanted: str
) -> None:
    predictor = plain(identity(datatype))

    assert refusal(f"x\n{cell}\n", predictor) == f'row 1, column "x": {wanted}'


def test_a_long_header_costs_no_more_where_the_model_has_many_columns() -> None:
    few, many = (plain(several(dict.fromkeys(map(str, range(n)), "FP32"))) for n in (2, 200))

    def cost(predictor: PlainPredictor) -> float:
        began = perf_counter()
        assert "came twice" in refusal("1," * 5000 + "1", predictor)
        return perf_counter() - began

    assert lowest(10, lambda: best_ratio(lambda: cost(many), lambda: cost(few))) < 10


def test_a_cell_holds_no_list() -> None:
    assert refusal("a,b\n1,2\n", plain(two_inputs())).endswith("Send JSON rows.")


def test_a_cell_has_a_longest_length() -> None:
    assert "larger than field limit" in refusal(f"x\n{'a' * 140_000}\n", plain(identity("BYTES")))


def test_rows_over_the_limit_are_refused() -> None:
    with pytest.raises(TooLargeError, match="over 2 rows"):
        told(plain(scaled(), rows=2), HEAD + "1,2,3,4\n" * 3)


def test_an_empty_cell_is_a_missing_number_of_a_model_that_imputes() -> None:
    assert told(plain(imputing()), 'x\n""\n3\n') == [{"y": 7.0}, {"y": 3.0}]


@pytest.mark.parametrize("row", [1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_a_fault_names_its_row_however_many_were_read_before(row: int) -> None:
    cells = ["1"] * (3 * AT_ONCE)
    cells[row - 1] = "wet"

    said = refusal("x\n" + "\n".join(cells), plain(identity()))

    assert said.startswith(f'row {row}, column "x": "wet" came')


@pytest.mark.parametrize("more", [0, 1])
def test_rows_are_read_up_to_the_most_there_may_be(more: int) -> None:
    most = 2 * AT_ONCE
    reader = CsvRows(Fields(identity().manifest, Limits()))
    body = ("x\n" + "1\n" * (most + more)).encode()

    if more:
        with pytest.raises(TooLargeError, match=f"over {most} rows"):
            reader.read(body, most)
    else:
        assert len(reader.read(body, most)) == most


def test_python_s_collector_is_given_little_to_go_through_for_each_row() -> None:
    """It took most of the time of a large body: what is kept is looked at again as more comes."""
    rows, seen = 100_000, 0
    reader = CsvRows(Fields(several({"x": "FP32", "text": "BYTES"}).manifest, Limits()))

    def look(phase: str, told_of: dict[str, int]) -> None:
        nonlocal seen
        if phase == "start" and told_of["generation"] == OLDEST:
            kept = (each for each in gc.get_objects() if isinstance(each, list | tuple))
            seen += sum(map(len, kept))

    gc.collect()
    gc.freeze()  # all that is there already is passed over
    gc.callbacks.append(look)
    try:
        reader.read(b"x,text\n" + b"1.5,a\n" * rows, rows)
    finally:
        gc.callbacks.remove(look)
        gc.unfreeze()

    assert seen < 4 * rows
