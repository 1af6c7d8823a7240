"""Plain rows in JSON: what is taken, and how what is wrong is told."""

from typing import Any

import orjson
import pytest

from tests.support.onnx_models import identity, lookup, scaled, two_inputs
from tests.support.plain_models import classifier, imputing, namesakes, plain, several
from wherry.errors import RequestError, TooLargeError
from wherry.plain import PlainPredictor

ROW = {"f0": 1, "f1": 2, "f2": 3, "f3": 4.5}


@pytest.fixture
def predictor() -> PlainPredictor:
    return plain(scaled())


def told(predictor: PlainPredictor, rows: Any, **options: str) -> Any:
    body = rows if isinstance(rows, bytes) else orjson.dumps(rows)
    return orjson.loads(predictor.answer(body, **options).body)


def refusal(predictor: PlainPredictor, rows: Any, **options: str) -> str:
    with pytest.raises(RequestError) as refused:
        told(predictor, rows, **options)
    return str(refused.value)


def test_a_list_of_rows_is_answered_by_a_list(predictor: PlainPredictor) -> None:
    answer = told(predictor, [ROW, {**ROW, "f0": 2}])

    assert answer == {
        "model": "tiny",
        "version": "1",
        "predictions": [
            {"prediction": 21.0, "doubled": [2.0, 4.0, 6.0, 9.0]},
            {"prediction": 23.0, "doubled": [4.0, 4.0, 6.0, 9.0]},
        ],
    }


def test_one_row_by_itself_is_answered_by_one_prediction(predictor: PlainPredictor) -> None:
    assert told(predictor, ROW)["prediction"]["prediction"] == 21.0


def test_the_order_of_the_keys_does_not_matter(predictor: PlainPredictor) -> None:
    assert told(predictor, dict(reversed(ROW.items()))) == told(predictor, ROW)


def test_a_row_may_be_the_list_of_its_values(predictor: PlainPredictor) -> None:
    assert told(predictor, [list(ROW.values())]) == told(predictor, [ROW])


def test_no_rows_are_answered_by_no_predictions(predictor: PlainPredictor) -> None:
    assert told(predictor, [])["predictions"] == []


def test_the_answer_tells_how_many_rows_it_has(predictor: PlainPredictor) -> None:
    assert predictor.answer(orjson.dumps([ROW] * 3)).rows == 3


def test_a_classifier_tells_its_label_and_what_it_says_of_each() -> None:
    answer = told(plain(classifier()), {"size, in cm": 1, "weight": 2})

    label, probabilities = answer["prediction"].values()
    assert label == "yes"
    assert probabilities == pytest.approx({"no": 0.268941, "yes": 0.731059}, abs=1e-6)


def test_fractions_have_the_digits_of_their_own_precision() -> None:
    body = plain(identity("FP32")).answer(b"[0.1]").body

    assert b'"y":0.1}' in body


def test_a_number_outside_of_the_range_that_the_manifest_tells_is_answered() -> None:
    assert told(plain(classifier()), {"size, in cm": -50, "weight": 99})["prediction"]


def test_a_model_of_one_unnamed_input_takes_its_values_alone() -> None:
    assert told(plain(identity("BYTES")), ["a", "b"])["predictions"] == [{"y": "a"}, {"y": "b"}]
    assert told(plain(identity("FP32", (-1, 2))), [[1, 2]])["predictions"] == [{"y": [1.0, 2.0]}]


def test_inputs_of_several_datatypes_are_the_fields_of_a_row() -> None:
    row = {"text": "a", "count": 2, "share": 0.5, "old": True}
    kinds = {"text": "BYTES", "count": "INT64", "share": "FP64", "old": "BOOL"}

    answer = told(plain(several(kinds)), [row, list(row.values())])

    assert answer["predictions"] == [{f"{name}_out": value for name, value in row.items()}] * 2


def test_inputs_that_are_lists_are_told_by_name() -> None:
    answer = told(plain(two_inputs()), {"a": [1, 2], "b": [3, 4]})

    assert answer["prediction"] == {"y": [4.0, 6.0]}


def test_columns_whose_names_are_not_their_own_alone_are_told_as_one_list() -> None:
    answer = told(plain(namesakes()), {"a": 1, "b": [2, 3]})

    assert answer["prediction"] == {"y": [3.0, 4.0]}


def test_an_open_size_within_a_row_is_the_callers_as_long_as_all_rows_agree() -> None:
    predictor = plain(identity("FP32", (-1, -1)))

    assert told(predictor, [[1, 2, 3]])["predictions"] == [{"y": [1.0, 2.0, 3.0]}]
    assert refusal(predictor, [[1, 2], [3]]) == '"x": its lists differ in length'
    assert refusal(predictor, [[[1]]]) == 'row 1, "x": a list came; FP32 wants a number'
    texts = plain(identity("BYTES", (-1, -1)))
    assert refusal(texts, [["a", "b"], ["c"]]) == '"x": its lists differ in length'


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([ROW, {**ROW, "f2": "3"}], 'row 2, "f2": a string came; FP32 wants a number'),
        ([{**ROW, "f2": None}], 'row 1, "f2": nothing came; FP32 wants a number'),
        ({**ROW, "f2": True}, '"f2": true or false came; FP32 wants a number'),
        ({**ROW, "f2": [3]}, '"f2": a list came; FP32 wants a number'),
        ({**ROW, "f2": 1e39}, '"f2": the number is out of the range of FP32'),
        (b"[[1,2,3,1e999]]", 'row 1, "f3": the number is out of the range of FP32'),
        ([[1, 2, 3, "4"]], 'row 1, "f3": a string came; FP32 wants a number'),
        ([[1, 2, 3]], 'row 1: a list of 4 values is wanted: "f0", "f1", "f2", "f3"'),
        ([{"f0": 1}], 'row 1: "f1" did not come'),
        ({}, 'the request: "f0" did not come'),
        (
            [{**ROW, "f4": 1}],
            'row 1: the model has no field "f4"; it has "f0", "f1", "f2", "f3"',
        ),
        (
            [ROW, 3],
            ("row 2: a number came; a row is wanted. "
            'A row is an object with "f0", "f1", "f2", "f3".'),
        ),
        (
            "rows",
            ("the request: a string came; a list of rows, or one row, is wanted. "
            'A row is an object with "f0", "f1", "f2", "f3".'),
        ),
        (b"", "the request: it is not JSON (Input data was truncated)"),
        (b"[NaN]", "the request: it is not JSON (JSON is malformed: invalid character (byte 1))"),
        (b'{"\xff": 1}', "the request: a text in it is no UTF-8. Send UTF-8."),
    ],
)  # fmt: skip
def test_a_refusal_names_the_row_the_field_what_came_and_what_is_wanted(
    predictor: PlainPredictor, rows: Any, wanted: str
) -> None:
    assert refusal(predictor, rows) == wanted


@pytest.mark.parametrize(
    ("datatype", "value", "wanted"),
    [
        ("UINT8", 1.5, "a fraction came; UINT8 wants a whole number"),
        ("UINT8", 256, "the number is out of the range of UINT8"),
        ("INT8", -129, "the number is out of the range of INT8"),
        ("INT64", 2**63, "the number is out of the range of INT64"),
        ("FP16", 1e5, "the number is out of the range of FP16"),
        ("BOOL", 1, "a number came; BOOL wants true or false"),
        ("BYTES", 1, "a number came; BYTES wants a string"),
    ],
)
def test_a_value_that_its_datatype_cannot_hold_is_refused(
    datatype: str, value: Any, wanted: str
) -> None:
    assert refusal(plain(identity(datatype)), [value]) == f'row 1, "x": {wanted}'


def test_the_largest_whole_numbers_are_taken_and_the_next_refused() -> None:
    predictor = plain(identity("UINT64"))

    assert told(predictor, [2**64 - 1])["predictions"] == [{"y": 2**64 - 1}]
    assert refusal(predictor, str([2**64]).encode()).endswith("out of the range of UINT64")


@pytest.mark.parametrize("value", [b"\xff", b"\xed\xa0\x80", b"\\ud800"])
def test_a_text_that_utf8_cannot_hold_is_refused(value: bytes) -> None:
    assert refusal(plain(identity("BYTES")), b'["' + value + b'"]').startswith("the request: ")


@pytest.mark.parametrize("name", ["{}", "{} - at `$y", "{}` - at `$.f0`", "` - at `$[1]{}", "`{}"])
def test_a_name_is_cut_short_in_a_refusal_whatever_it_looks_like(
    predictor: PlainPredictor, name: str
) -> None:
    for rows, where in ({name.format("x" * 5000): 1}, "the request"), ([{name: 1}], "row 1"):
        told = refusal(predictor, rows)
        assert told.startswith(f"{where}: the model has no field")
        assert len(told) < 200


def test_deep_nesting_is_refused_at_its_first_level(predictor: PlainPredictor) -> None:
    assert "a list came" in refusal(predictor, b"[" * 100_000)


def test_of_many_fields_a_refusal_names_the_first() -> None:
    wide = plain(several({f"column {number}": "FP32" for number in range(500)}))

    for rows in ([[1]], [{"x": 1}], [3]):
        assert len(refusal(wide, rows)) < 300


def test_rows_over_the_limit_are_refused() -> None:
    rows = [list(ROW.values())] * 3

    for limits in ({"rows": 2}, {"elements": 11}):
        with pytest.raises(TooLargeError, match="over 2 rows"):
            told(plain(scaled(), **limits), rows)


def test_elements_are_limited_where_a_size_within_a_row_is_open_too() -> None:
    predictor = plain(identity("FP32", (-1, -1)), elements=3)

    assert told(predictor, [[1, 2, 3]])["predictions"]
    with pytest.raises(TooLargeError, match=r'"x": it has over 3 elements\. Send smaller tensors'):
        told(predictor, [[1, 2], [3, 4]])


def test_a_value_that_the_model_refuses_is_the_callers_to_mend() -> None:
    assert refusal(plain(lookup()), [99]).startswith("inputs: the model refuses a value")


def test_a_model_whose_input_is_no_batch_points_to_the_protocol() -> None:
    assert refusal(plain(identity("FP32", ())), 1).endswith(
        "Send tensors to /v2/models/tiny/infer."
    )


def test_null_is_a_missing_number_of_a_model_that_imputes_and_of_no_other() -> None:
    predictor = plain(imputing())

    assert told(predictor, [None, 3])["predictions"] == [{"y": 7.0}, {"y": 3.0}]
    assert "nothing came" in refusal(plain(identity("FP32")), [None])
    assert "nothing came" in refusal(plain(imputing(), nonfinite="refuse"), [None])
