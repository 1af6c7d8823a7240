"""What a caller gets from a server, by either client, is what the model answers in process."""

from typing import Any

import numpy as np
import pytest

from tests.support.client_doors import Connect, Scripted
from tests.support.onnx_models import (
    TOGETHER,
    every_datatype,
    identity,
    one_step,
    two_inputs,
)
from tests.support.services import service_of
from wherry.client import Body, PlainPrediction, Prediction
from wherry.errors import CredentialsError, NotFoundError, RequestError, TooLargeError
from wherry.http import App
from wherry.http.wire import Reply
from wherry.limits import Limits

ROWS = np.array([[1, 2, 3, 4], [5, 6, 7, 8.5]])
SAMPLES: dict[str, Any] = {"BOOL": [[True, False]], "BYTES": [["a", "ä€"]]}


def same(told: Prediction, wanted: dict[str, Any]) -> bool:
    return told.keys() == wanted.keys() and all(
        told[name].dtype == wanted[name].dtype and np.array_equal(told[name], wanted[name])
        for name in wanted
    )


def test_arrays_are_cast_and_answered_as_in_process(connect: Connect) -> None:
    service = service_of()
    client = connect(App(service))

    told = client.predict({"features": ROWS})

    assert same(told, service.predict({"features": ROWS}))
    assert told["prediction"].flags.writeable
    assert (told.model, told.version, told.release) == ("tiny", "1", "7")
    assert told.digest == service.release.digest
    assert len(told.id) == 32


def test_every_datatype_goes_there_and_back(connect: Connect) -> None:
    service = service_of(every_datatype())
    inputs = {f"x_{name.lower()}": SAMPLES.get(name, [[1, 2]]) for name in TOGETHER}

    assert same(connect(App(service)).predict(inputs), service.predict(inputs))


def test_bf16_is_seen_as_the_numbers_that_it_holds(connect: Connect) -> None:
    service = service_of(identity("BF16"))

    told = connect(App(service)).predict({"x": np.array([1.5, 2.25])})

    assert same(told, {"y": np.array([1.5, 2.25], np.float32)})


def test_numbers_that_json_lacks_come_back(connect: Connect) -> None:
    given = np.array([np.nan, np.inf, -np.inf], np.float32)

    told = connect(App(service_of(identity()))).predict({"x": given})

    np.testing.assert_array_equal(told["y"], given)


def test_one_array_goes_to_the_one_input_and_outputs_can_be_chosen(connect: Connect) -> None:
    told = connect(App(service_of())).predict(ROWS, outputs=["doubled"])

    assert list(told) == ["doubled"]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"x": ROWS}, 'the model has no such input; it has "features"'),
        ({"features": [["a"] * 4]}, "FP32 is wanted"),
        ({"features": [[1, 2]]}, "shape [1,2] came; [-1,4] is wanted"),
    ],
)
def test_what_the_model_cannot_take_costs_no_prediction(
    connect: Connect, inputs: Any, words: str
) -> None:
    service = service_of()

    with pytest.raises(RequestError) as refused:
        connect(App(service)).predict(inputs)

    assert words in str(refused.value)
    assert service.statistics.failed == 0


def test_several_inputs_need_names(connect: Connect) -> None:
    with pytest.raises(RequestError, match='the model has "a", "b"'):
        connect(App(service_of(two_inputs()))).predict(ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2, 3, 4]],
        [{"f0": 1, "f1": 2, "f2": 3, "f3": np.float32(4)}],
        Body(b"f0,f1,f2,f3\n1,2,3,4\n", "text/csv"),
        Body(b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4}'),
    ],
    ids=["lists", "objects", "CSV", "one object"],
)
def test_plain_rows_get_plain_predictions(connect: Connect, rows: Any) -> None:
    told = connect(App(service_of())).predict(rows)

    assert isinstance(told, PlainPrediction)
    assert told == [{"prediction": 20.0, "doubled": [2.0, 4.0, 6.0, 8.0]}]
    assert (told.model, told.version, told.release, len(told.id)) == ("tiny", "1", "7", 32)


def test_what_is_wrong_with_a_row_is_told_in_the_servers_words(connect: Connect) -> None:
    with pytest.raises(RequestError, match='row 2, "f1": a string came; FP32 wants a number'):
        connect(App(service_of())).predict([[1, 2, 3, 4], [1, "2", 3, 4]])


def test_infinity_in_a_row_is_refused_and_not_made_a_missing_number(connect: Connect) -> None:
    with pytest.raises(RequestError, match="row 2, 'f1': infinity came"):
        connect(App(service_of())).predict([{"f1": 1.0}, {"f1": np.float32("inf")}])


@pytest.mark.parametrize("given", ["text", b"bytes", 5, None])
def test_what_is_neither_arrays_nor_rows_is_refused(connect: Connect, given: Any) -> None:
    with pytest.raises(RequestError, match="Give a dict of arrays"):
        connect(App(service_of())).predict(given)


def test_a_model_that_is_not_there_is_not_found(connect: Connect) -> None:
    with pytest.raises(NotFoundError, match='"other": it is not served here; "tiny" is'):
        connect(App(service_of())).predict(ROWS, model="other")


def test_metadata_is_the_servers_own(connect: Connect) -> None:
    client = connect(App(service_of()), model="tiny")

    assert client.metadata()["inputs"] == [
        {"name": "features", "datatype": "FP32", "shape": [-1, 4]}
    ]
    assert client.ready()
    assert not client.ready(model="other")


def test_many_rows_go_in_several_requests_and_come_in_order(connect: Connect) -> None:
    service = service_of()
    rows = np.arange(4 * 10).reshape(10, 4)

    told = connect(App(service)).predict_many(rows, rows_per_request=3)

    assert same(told, service.predict({"features": rows}))
    assert [source.rows for source in told.sources] == [3, 3, 3, 1]
    assert (told.release, len(told.id.split(", "))) == ("7", 4)


def test_no_rows_are_answered_by_none(connect: Connect) -> None:
    told = connect(App(service_of())).predict_many(np.empty((0, 4)))

    assert told["prediction"].shape == (0, 1)


def test_many_plain_rows_come_in_order_too(connect: Connect) -> None:
    told = connect(App(service_of())).predict_many(
        [[n, 0, 0, 0] for n in range(5)], rows_per_request=2
    )

    assert [row["prediction"] for row in told] == [0, 2, 4, 6, 8]


def test_as_many_rows_go_at_once_as_the_server_says_that_it_takes(connect: Connect) -> None:
    limits = Limits(body_bytes=6000, answer_bytes=6000)

    told = connect(App(service_of(limits=limits))).predict_many(np.ones((1000, 4)))

    assert [source.rows for source in told.sources] == [197] * 5 + [15]


def test_a_piece_that_is_too_large_is_halved(connect: Connect) -> None:
    """Texts differ in length: how many fit does not follow from how many there are."""
    service = service_of(one_step("Identity", "BYTES"), limits=Limits(body_bytes=4000))
    texts = ["a"] * 90 + ["b" * 500] * 10

    told = connect(App(service)).predict_many({"x": np.array(texts, object)})

    assert told["y"].tolist() == texts
    assert len(told.sources) > 1


def test_without_jobs_too_much_for_one_request_is_refused(connect: Connect) -> None:
    with pytest.raises(TooLargeError, match="predict_many does"):
        connect(App(service_of())).predict(np.ones((300_000, 4)))


def test_a_piece_that_fails_says_which_rows(connect: Connect) -> None:
    rows: list[list[Any]] = [[1, 2, 3, 4]] * 5 + [[1, 2, None, 4]]

    with pytest.raises(RequestError, match=r"rows 4:6, .*: row 2, \"f2\""):
        connect(App(service_of())).predict_many(rows, rows_per_request=2, concurrency=1)


@pytest.mark.parametrize("wrong", [{"rows_per_request": 0}, {"concurrency": 0}])
def test_how_many_at_once_is_one_at_least(connect: Connect, wrong: dict[str, int]) -> None:
    with pytest.raises(RequestError, match="are 1 or more"):
        connect(App(service_of())).predict_many(ROWS, **wrong)


def test_an_output_that_is_no_row_for_each_is_never_cut(connect: Connect) -> None:
    service = service_of(one_step("Identity", "FP32", (3,)))

    told = connect(App(service)).predict_many({"x": [1, 2, 3]}, rows_per_request=1)

    assert told["y"].tolist() == [1, 2, 3]


def test_other_tensors_that_went_live_are_learnt_from_a_refusal(connect: Connect) -> None:
    live = [App(service_of(identity("FP64")))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await live[0](scope, receive, send)

    client = connect(app)
    client.predict({"x": [1.0]})
    live[0] = App(service_of(identity("FP32")))

    assert client.predict({"x": [1.0]})["y"].dtype == np.float32


def test_who_is_refused_is_told_what_to_give(connect: Connect) -> None:
    forbidden = Reply(403, {"content-type": "application/json"}, b'{"message":"Forbidden"}')
    client = connect(Scripted(App(service_of()), [forbidden, forbidden]))

    with pytest.raises(CredentialsError, match=r"403: Forbidden. Give api_key=…, or auth=SigV4"):
        client.predict([[1, 2, 3, 4]])
    with pytest.raises(CredentialsError):
        client.ready()
