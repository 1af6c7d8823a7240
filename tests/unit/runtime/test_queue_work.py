"""Each message of a batch is answered as over HTTP, whatever its neighbours are."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.plain_models import classifier
from tests.support.queue_models import a_minute, answers, counted, negating, tensor, told
from tests.support.queues import message, parts_of
from tests.support.services import Kept, service_of
from wherry.errors import RequestError
from wherry.limits import LAMBDA_BODY, Limits
from wherry.pinned import Pinned, Share
from wherry.plain import PlainPredictor
from wherry.queue.claims import Claims
from wherry.queue.messages import Answered, Failed, Refused
from wherry.queue.work import Worker
from wherry.store.settings import open_objects


@pytest.mark.parametrize("threads", [1, 8])
def test_messages_that_agree_are_one_run_and_each_has_its_own_rows(threads: int) -> None:
    service, runs = counted()
    messages = [message(f"m{n}", tensor(*range(n, n + 1 + n % 3))) for n in range(10)]

    outcomes = answers(parts_of(service=service), *messages, threads=threads)

    assert runs == [sum(1 + n % 3 for n in range(10))]
    for n, outcome in enumerate(outcomes):
        (output,) = told(outcome)["result"]["outputs"]
        assert output["data"] == [-x for x in range(n, n + 1 + n % 3)]


def test_a_result_tells_what_http_would_and_by_whom() -> None:
    service = service_of(negating())
    body = tensor(1, 2.5)

    (outcome,) = answers(parts_of(service=service), message("m 1", body))

    assert isinstance(outcome, Answered)
    assert b'"result":' + service.infer(body.encode()).body in outcome.result.body
    assert told(outcome) | {"result": None} == {
        "id": "m 1", "status": 200, "model": "tiny", "version": "1", "release": "7", "result": None,
    }  # fmt: skip


ROWS: Sequence[tuple[str, Mapping[str, str]]] = [
    ('{"size, in cm": 1, "weight": 2}', {}),
    ('[{"size, in cm": 1, "weight": 2}, [5, 3]]', {}),
    ('"size, in cm",weight\n1,2\n5,3\n', {"content_type": "text/csv; charset=utf-8"}),
]


@pytest.mark.parametrize(("rows", "attributes"), ROWS)
def test_plain_rows_get_what_the_plain_route_tells(
    rows: str, attributes: Mapping[str, str]
) -> None:
    service = service_of(classifier())
    wanted = PlainPredictor(service).answer(
        rows.encode(), content_type=attributes.get("content_type", "")
    )

    (outcome,) = answers(parts_of(service=service), message("m", rows, **attributes))

    assert isinstance(outcome, Answered)
    assert b'"result":' + wanted.body in outcome.result.body


def test_together_and_alone_the_answers_are_the_same_bytes() -> None:
    service = service_of(classifier())
    messages = [message(f"m{n}", f'{{"size, in cm": {n}, "weight": {n % 3}}}') for n in range(9)]

    together = answers(parts_of(service=service), *messages)
    alone = [answers(parts_of(service=service), each)[0] for each in messages]

    assert together == alone


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "not JSON"),
        ("\xff", 400, "not JSON"),
        ("[" * 50_000, 400, "a list came"),
        ('{"inputs": []}', 400, '"x" did not come'),
        ('{"inputs": [{"name": "y"}]}', 400, 'input "y"'),
        (tensor(*range(20)), 413, "rows"),
        ('{"claim": "s3://elsewhere/x"}', 400, "takes none"),
        ("x" * 2000, 413, "over 1000 bytes"),
    ],
)
def test_what_its_sender_must_mend_is_a_result_and_no_neighbours_matter(
    body: str, status: int, words: str
) -> None:
    service = service_of(
        negating(), limits=Limits(rows=10, body_bytes=60_000 if "[[" in body else 1000)
    )
    good = message("good", tensor(1))

    first, bad, last = answers(
        parts_of(service=service), good, message("bad", body), message("last", tensor(2))
    )

    assert isinstance(bad, Refused)
    assert told(bad)["status"] == status
    assert words in told(bad)["error"]
    assert "result" not in told(bad)
    assert isinstance(first, Answered)
    assert isinstance(last, Answered)


@pytest.mark.parametrize(("most", "runs"), [(10**6, [6]), (250, [2, 2, 2]), (1, [1] * 6)])
def test_no_more_payloads_are_in_memory_at_once_than_may_be(most: int, runs: list[int]) -> None:
    service, found = counted()
    messages = [message(f"m{n}", tensor(n).ljust(100)) for n in range(6)]
    worker = Worker(parts_of(service=service), threads=1, most_bytes=most)

    outcomes = worker.answer_all(messages, a_minute)

    assert found == runs
    data = [told(each)["result"]["outputs"][0]["data"] for each in outcomes]
    assert data == [[-n] for n in range(6)]


def test_a_claim_counts_as_the_largest_payload_that_may_come() -> None:
    service, runs = counted()
    objects = open_objects("memory://", {})
    claims = Claims(objects, "s3://b/c")
    for n in range(3):
        objects.create(f"{n}", tensor(n).encode())
    messages = [message(f"m{n}", f'{{"claim": "s3://b/c/{n}"}}') for n in range(3)]
    parts = parts_of(service=service, claims=claims)

    Worker(parts, threads=1, most_bytes=2 * LAMBDA_BODY).answer_all(messages, a_minute)

    assert runs == [2, 1]


@pytest.mark.parametrize("body", ["{", "[" + "1," * 20 + "1]", tensor(*range(20)), tensor(1, 2, 3)])
def test_a_refusal_says_what_http_says(body: str) -> None:
    service = service_of(negating(), limits=Limits(rows=10, answer_bytes=110))
    ask = service.infer if "inputs" in body else PlainPredictor(service).answer
    with pytest.raises(RequestError) as over_http:
        ask(body.encode())

    (outcome,) = answers(parts_of(service=service), message("m", body))

    assert told(outcome)["error"] == str(over_http.value)


def test_a_batch_that_fails_is_computed_one_by_one() -> None:
    service, runs = counted(lambda values: bool((values < 0).any()))
    bodies = [tensor(1), tensor(-1), tensor(3)]

    one, poison, three = answers(
        parts_of(service=service), *(message(f"m{n}", body) for n, body in enumerate(bodies))
    )

    assert runs == [3, 1, 1, 1]
    assert told(one)["result"]["outputs"][0]["data"] == [-1]
    assert told(three)["result"]["outputs"][0]["data"] == [-3]
    assert isinstance(poison, Failed)
    assert "fails on" in poison.reason


def test_a_model_whose_rows_are_not_independent_runs_once_a_message() -> None:
    service, runs = counted()
    service.__dict__["rows_are_independent"] = False

    answers(parts_of(service=service), *(message(f"m{n}", tensor(n)) for n in range(3)))

    assert runs == [1, 1, 1]


def test_a_batch_is_never_larger_than_one_request_may_be() -> None:
    service, runs = counted(limits=Limits(rows=5))

    answers(parts_of(service=service), *(message(f"m{n}", tensor(1, 2)) for n in range(5)))

    assert runs == [4, 4, 2]


def test_each_message_is_told_by_the_release_that_it_falls_to() -> None:
    stable, candidate = (Pinned(name, 1, f"sha256:{name * 64}") for name in "78")

    class Split:
        def shares(self) -> Sequence[Share]:
            return (Share(stable, 0.5), Share(candidate, 0.5))

    messages = [message(f"m{n}", tensor(n)) for n in range(40)]
    outcomes = answers(parts_of(negating(), live=Split()), *messages)

    releases = [told(outcome)["release"] for outcome in outcomes]
    assert set(releases) == {"7", "8"}
    assert releases == [
        told(outcome)["release"]
        for outcome in answers(parts_of(negating(), live=Split()), *messages)
    ]


def test_every_message_leaves_one_line_of_evidence_and_a_repeat_none() -> None:
    evidence = Kept()
    parts = parts_of(service=service_of(negating(), sketch=True), evidence=evidence)
    messages = [message("good", tensor(1, 2)), message("bad", "{")]

    answers(parts, *messages)
    answers(parts, *messages)

    lines = [(line.id, line.status, line.rows) for line in evidence.predictions]
    assert lines == [("good", 200, 2), ("bad", 400, 0)]
    assert evidence.predictions[0].sketch is not None


def test_evidence_that_fails_fails_no_message() -> None:
    class Full:
        def record(self, prediction: Any) -> None:  # noqa: ARG002
            raise OSError("no space")

    (outcome,) = answers(parts_of(negating(), evidence=Full()), message("m", tensor(1)))

    assert isinstance(outcome, Answered)


def test_no_message_is_no_work() -> None:
    assert answers(parts_of(negating())) == []


def test_tensors_behind_the_json_are_read_as_over_http() -> None:
    values = np.array([1, 2.5], np.float32)
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "x", "datatype": "FP32", "shape": [2],
                    "parameters": {"binary_data_size": values.nbytes},
                }
            ]
        }
    ).encode()  # fmt: skip
    (outcome,) = answers(
        parts_of(negating()),
        message("m", head + values.tobytes(), inference_header_content_length=str(len(head))),
    )

    assert told(outcome)["result"]["outputs"][0]["data"] == [-1, -2.5]
