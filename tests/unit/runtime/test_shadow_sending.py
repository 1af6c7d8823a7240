"""How an event reaches the shadow: signed as AWS wants it, and given up soon."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.runtime_api import Call, Server, served
from wherry.errors import CloudError
from wherry.shadow.circuit import FAILURES, QUIET, Circuit
from wherry.shadow.queue import Queue
from wherry.shadow.sender import AbsentError, HangsError, LambdaSender
from wherry.shadow.signing import Keys, Unsigned, signed

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "a token",
    "AWS_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "wherry-dev-iris",
}


def a_sender(server: Server) -> LambdaSender:
    return LambdaSender({**ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://{server.address}/"})


class KeysAndInvoke(Server):
    """Gives keys for an hour from NOW, other ones each time; and takes events."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def answer(self, call: Call) -> int:
        super().answer(call)
        if call.path != "/keys":
            return 202
        self.given += 1
        keys = {"AccessKeyId": f"AKID{self.given}", "SecretAccessKey": "s", "Token": "t"}
        self.body = json.dumps({**keys, "Expiration": "2026-07-01T13:00:00Z"}).encode()
        return 200

    def told(self) -> list[Call]:
        return [self.calls.get() for _ in range(self.calls.qsize())]


@settings(max_examples=60)
@given(
    name=st.from_regex(r"[A-Za-z0-9_%-]{1,20}", fullmatch=True),
    body=st.binary(max_size=100),
    token=st.none() | st.from_regex(r"[A-Za-z0-9/+=]{1,40}", fullmatch=True),
    secret=st.from_regex(r"[A-Za-z0-9/+=]{1,40}", fullmatch=True),
    more=st.dictionaries(
        st.sampled_from(["x-amz-invocation-type", "Content-Type", "x-amz-meta-a"]),
        st.from_regex(r"[!-~]([ -~]{0,10}[!-~])?", fullmatch=True),
    ),
)
def test_signatures_are_those_of_botocore(
    name: str, body: bytes, token: str | None, secret: str, more: dict[str, str]
) -> None:
    url = f"https://lambda.eu-central-1.amazonaws.com/2015-03-31/{name}?Qualifier=shadow"
    asked = AWSRequest("POST", url, headers=dict(more), data=body)
    SigV4Auth(Credentials("AKID", secret, token), "lambda", "eu-central-1").add_auth(asked)
    moment = datetime.strptime(asked.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    told = signed(
        Unsigned("POST", url, more, body),
        Keys("AKID", secret, token),
        region="eu-central-1",
        service="lambda",
        now=moment,
    )

    assert told["authorization"] == asked.headers["Authorization"]


def test_an_event_is_invoked_on_the_alias_and_not_waited_for() -> None:
    server = Server()
    with served(server):
        sender = a_sender(server)
        sender.send(b'{"a": 1}')
        sender.send(b"again")
        sender.close()

    first, second = server.calls.get(), server.calls.get()
    assert first.path == "/2015-03-31/functions/wherry-dev-iris/invocations?Qualifier=shadow"
    assert first.headers["x-amz-invocation-type"] == "Event"
    assert first.headers["x-amz-security-token"] == "a token"
    assert first.headers["host"] == server.address
    assert "/eu-central-1/lambda/aws4_request" in first.headers["authorization"]
    assert (first.body, second.body) == (b'{"a": 1}', b"again")


def test_lambdas_own_endpoint_goes_before_that_of_all_services() -> None:
    server = Server()
    with served(server):
        told = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_LAMBDA": ""}
        told["AWS_ENDPOINT_URL_LAMBDA"] = f"http://{server.address}"
        sender = LambdaSender({**ENVIRONMENT, **told})
        sender.send(b"{}")
        sender.close()

    assert server.calls.qsize() == 1


@pytest.mark.parametrize(("status", "error"), [(404, AbsentError), (403, CloudError)])
def test_what_is_not_taken_is_told(status: int, error: type[CloudError]) -> None:
    server = Server()
    server.status = status
    with served(server):
        sender = a_sender(server)
        with pytest.raises(error):
            sender.send(b"{}")
        sender.close()


def test_a_connection_that_died_while_lambda_slept_is_made_again() -> None:
    server = Server()
    server.closes = True  # after each answer, without a word of it
    with served(server):
        sender = a_sender(server)
        for _ in range(3):
            sender.send(b"{}")
        sender.close()

    assert server.calls.qsize() == 3


def test_who_does_not_answer_is_given_up_soon() -> None:
    server = Server()
    server.hangs = True
    with served(server):
        told = {**ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://{server.address}"}
        with pytest.raises(HangsError, match=r"no answer in 0\.05 s"):
            LambdaSender(told, seconds=0.05).send(b"{}")


def test_nobody_there_is_an_error_of_the_cloud() -> None:
    sender = LambdaSender({**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    with pytest.raises(CloudError, match="Refused"):
        sender.send(b"{}")


def test_keys_that_end_are_asked_for_again() -> None:
    """As a snapshot gets them: from an address on the machine itself."""
    server, clock = KeysAndInvoke(), [NOW]
    with served(server):
        told = {name: value for name, value in ENVIRONMENT.items() if "KEY" not in name}
        address = f"http://{server.address}"
        told |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{address}/keys"}
        sender = LambdaSender({**told, "AWS_ENDPOINT_URL": address}, now=lambda: clock[0])
        sender.send(b"{}")
        sender.send(b"{}")
        clock[0] += timedelta(minutes=56)
        sender.send(b"{}")
        sender.close()

    who = [call.headers.get("authorization", "")[:37] for call in server.told()]
    keys = "AWS4-HMAC-SHA256 Credential=AKID"
    assert who == ["", f"{keys}1/202", f"{keys}1/202", "", f"{keys}2/202"]


def test_a_circuit_opens_after_failures_in_a_row_and_closes_by_the_clock() -> None:
    clock = [0.0]
    circuit = Circuit(lambda: clock[0])
    seen = []

    for _ in range(FAILURES - 1):
        circuit.failed()
    circuit.succeeded()
    for _ in range(FAILURES):
        seen.append(circuit.is_open)
        circuit.failed()
    seen.append(circuit.is_open)
    clock[0] += QUIET
    seen.append(circuit.is_open)
    circuit.failed(at_once=True)
    seen.append(circuit.is_open)

    assert seen == [*[False] * FAILURES, True, False, True]


def test_a_queue_is_bounded_by_number_and_by_size() -> None:
    queue = Queue(items=2, size=100)

    told = [queue.put(lambda: b"", size) for size in (60, 60, 40, 0)]

    assert told == [True, False, True, False]
    assert (len(queue), queue.dropped) == (2, 2)
    assert len(list(queue.drain())) == 2
    assert queue.put(lambda: b"", 100)
