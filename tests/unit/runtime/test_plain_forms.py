"""Which form a plain request has, and in which its answer leaves."""

import orjson
import pytest
from onnx import helper

from tests.support.onnx_models import identity, one_step, onnx_model, scaled, sealed, spec
from tests.support.plain_models import classifier, of_images, picture, plain
from tests.support.services import service_of
from wherry.errors import RequestError, TooLargeError
from wherry.plain import PlainPredictor

ROW = b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4.5}'
FORM = "application/x-www-form-urlencoded"  # what `curl -d` says of anything


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "APPLICATION/JSON; x=y", FORM, "text/plain", "?"]
)
def test_what_is_called_nothing_else_that_the_model_takes_is_json(content_type: str) -> None:
    answer = plain(scaled()).answer(ROW, content_type=content_type)

    assert orjson.loads(answer.body)["prediction"]["prediction"] == 21.0


def test_a_text_is_one_row_of_a_model_of_texts() -> None:
    answer = plain(identity("BYTES")).answer(b'["a"]\n', content_type="text/plain; charset=utf-8")

    assert orjson.loads(answer.body)["prediction"] == {"y": '["a"]\n'}


def test_a_byte_order_mark_is_no_part_of_a_text() -> None:
    answer = plain(identity("BYTES")).answer("\ufeffa".encode(), content_type="text/plain")

    assert orjson.loads(answer.body)["prediction"] == {"y": "a"}


def test_a_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(RequestError, match="byte 1 is no UTF-8"):
        plain(identity("BYTES")).answer(b"\xff", content_type="text/plain")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("content_type", ["image/*", "", FORM])
def test_an_image_is_known_by_its_content_type_or_by_its_first_bytes(
    kind: str, content_type: str
) -> None:
    answer = plain(of_images()).answer(
        picture(kind), content_type=content_type.replace("*", kind.lower())
    )

    assert orjson.loads(answer.body)["prediction"]["mean"] == pytest.approx(100, abs=2)
    assert answer.rows == 1


def test_a_model_of_images_takes_their_pixels_too() -> None:
    answer = plain(of_images()).answer(b'[{"pixels": [[1, 2, 3], [4, 5, 6]]}]')

    assert orjson.loads(answer.body)["predictions"] == [{"mean": 3.5}]


def test_what_is_called_an_image_and_is_none_is_refused() -> None:
    with pytest.raises(RequestError, match="the image: it is no JPEG"):
        plain(of_images()).answer(ROW, content_type="image/png")


def test_an_image_is_refused_by_a_model_that_takes_none() -> None:
    with pytest.raises(RequestError, match="an image came; this model takes none"):
        plain(scaled()).answer(picture("PNG"), content_type="image/png")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/html, Text/CSV;q=0.9, */*;q=0.1", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_the_first_known_type_of_accept_is_that_of_the_answer(accept: str, media_type: str) -> None:
    assert plain(scaled()).answer(ROW, accept=accept).media_type == media_type


def test_an_answer_in_csv_has_a_header_and_a_line_for_each_row() -> None:
    answer = plain(classifier()).answer(b"[[1, 2], [2, 1]]", accept="text/csv")

    head, *lines = answer.body.decode().splitlines()
    assert head == "label,probabilities.no,probabilities.yes"
    assert [line.split(",")[0] for line in lines] == ["yes", "no"]


def test_several_values_in_csv_are_numbered() -> None:
    answer = plain(scaled()).answer(b"[[1, 2, 3, 4.5]]", accept="text/csv")

    assert answer.body == (
        b"prediction,doubled.0,doubled.1,doubled.2,doubled.3\n21.0,2.0,4.0,6.0,9.0\n"
    )


def test_all_that_a_row_has_is_in_its_line_of_csv_in_order() -> None:
    predictor = plain(identity("INT64", (-1, 2, 2)))

    told = [predictor.answer(body, accept="text/csv").body for body in (b"[[[1,2],[3,4]]]", b"[]")]

    assert told == [b"y.0,y.1,y.2,y.3\n1,2,3,4\n", b"y.0,y.1,y.2,y.3\n"]


@pytest.mark.parametrize("datatype", ["FP32", "FP64"])
def test_fractions_in_csv_are_as_short_as_they_may_be_and_nan_is_an_empty_cell(
    datatype: str,
) -> None:
    answer = plain(one_step("Log", datatype)).answer(b"[1.1, -1, 0]", accept="text/csv")

    head, number, *rest = answer.body.decode().splitlines()
    assert (head, rest) == ("y", ['""', '""'])
    assert float(number) == pytest.approx(0.0953102)
    assert len(number) < 24


@pytest.mark.parametrize("datatype", ["FP32", "FP64", "INT64", "BOOL", "BYTES"])
def test_no_rows_in_csv_are_the_header_alone(datatype: str) -> None:
    assert plain(identity(datatype)).answer(b"[]", accept="text/csv").body == b"y\n"


def test_truth_in_csv_is_written_as_it_is_read() -> None:
    predictor = plain(identity("BOOL"))

    answer = predictor.answer(b"x\ntrue\nfalse\n", content_type="text/csv", accept="text/csv")

    assert answer.body == b"y\ntrue\nfalse\n"


def test_texts_over_the_limit_are_refused_in_every_form() -> None:
    predictor = plain(identity("BYTES"), text_length=3)
    forms = {"": b'["a", "abcd"]', "text/csv": b"x\na\nabcd\n", "text/plain": b"abcd"}

    for content_type, body in forms.items():
        with pytest.raises(TooLargeError, match='"x": a text has over 3 characters'):
            predictor.answer(body, content_type=content_type)


def test_an_answer_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLargeError, match="the answer"):
        plain(identity("BYTES"), answer_bytes=100).answer(orjson.dumps(["a" * 50] * 2))


def test_what_is_too_large_is_told_how_many_rows_fit() -> None:
    with pytest.raises(TooLargeError, match="Send at most 2 rows as JSON"):
        plain(scaled(), rows=2).answer(b"[[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]")


def test_plain_predictions_count_in_the_models_statistics() -> None:
    service = service_of(scaled())
    predictor = PlainPredictor(service)

    predictor.answer(b"[[1, 2, 3, 4], [1, 2, 3, 4]]")
    with pytest.raises(RequestError):
        predictor.answer(b"[]x")

    assert (service.statistics.total.rows, service.statistics.failed) == (2, 1)


def test_a_model_whose_outputs_are_not_one_for_each_row_points_to_the_protocol() -> None:
    artifact = identity("FP32", (2,))
    assert artifact.manifest.inputs == (spec("x", "FP32", (2,)),)

    with pytest.raises(RequestError, match=r'input "x": shape \[1\] came; \[2\] is wanted'):
        plain(artifact).answer(b"[1]")


@pytest.mark.parametrize(("keep", "shape"), [(0, ()), (1, (1,))])
@pytest.mark.parametrize("accept", ["", "text/csv"])
def test_a_model_that_sums_its_rows_points_to_the_protocol(
    keep: int, shape: tuple[int, ...], accept: str
) -> None:
    inputs, outputs = [spec("x")], [spec("y", shape=shape)]
    node = helper.make_node("ReduceSum", ["x"], ["y"], keepdims=keep)
    artifact = sealed(onnx_model([node], inputs, outputs), inputs, outputs)

    with pytest.raises(RequestError, match=r"2 rows came, and its shape is \[1?\]: not one for"):
        plain(artifact).answer(b"[1, 2]", accept=accept)
