"""Keys from an address on this machine, as Lambda gives them under SnapStart."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import ConfigurationError, CredentialsError, MissingArtifactError
from wherry.store import ModelStore
from wherry.store.credentials import credentials

WORD = "Basic d29yZA=="
DIGEST = "sha256:" + "0" * 64


@dataclass
class Machine:
    """Gives keys at `/keys?of=role` to who says the word; everything else is an S3 with nothing."""

    address: str
    expires: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(hours=6))
    given: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.address}/keys?of=role",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": WORD,
            "AWS_ENDPOINT_URL_S3": self.address,
            **more,
        }

    def keys(self) -> bytes:
        self.given += 1
        told = {
            "AccessKeyId": f"ASIA{self.given}",
            "SecretAccessKey": "secret",
            "Token": f"session-{self.given}",
            "Expiration": self.expires.isoformat().replace("+00:00", "Z"),
        }
        return json.dumps(told).encode()


@pytest.fixture
def machine() -> Iterator[Machine]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = 404, b"<Error><Code>NoSuchKey</Code></Error>"
            if self.path == "/keys?of=role":
                knows = self.headers["authorization"] == WORD
                status, body = (200, found.keys()) if knows else (403, b"")
            else:
                found.asked.append({name.lower(): told for name, told in self.headers.items()})
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Machine(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    http.shutdown()
    thread.join()
    http.server_close()


def read(machine: Machine, **more: str) -> None:
    with pytest.raises(MissingArtifactError):
        ModelStore.open("s3://bucket", machine.environment(**more)).load(DIGEST)


def test_the_store_reads_with_the_keys_that_the_address_gives(machine: Machine) -> None:
    read(machine)

    (headers,) = machine.asked
    assert "Credential=ASIA1/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "session-1"


def test_the_word_may_lie_in_a_file(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{WORD}\n")

    read(
        machine,
        AWS_CONTAINER_AUTHORIZATION_TOKEN="",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"),
    )

    assert machine.given == 1


def test_keys_in_the_environment_come_first(machine: Machine) -> None:
    read(machine, AWS_ACCESS_KEY_ID="AKIAOWN", AWS_SECRET_ACCESS_KEY="secret")

    assert machine.given == 0
    assert "Credential=AKIAOWN/" in machine.asked[0]["authorization"]


def test_keys_that_have_ended_are_asked_for_again(machine: Machine) -> None:
    machine.expires = datetime.now(UTC) - timedelta(minutes=1)
    store = ModelStore.open("s3://bucket", machine.environment())

    for _ in range(2):
        with pytest.raises(MissingArtifactError):
            store.load(DIGEST)

    assert "Credential=ASIA2/" in machine.asked[1]["authorization"]


def test_keys_that_last_are_asked_for_once(machine: Machine) -> None:
    store = ModelStore.open("s3://bucket", machine.environment())

    for _ in range(2):
        with pytest.raises(MissingArtifactError):
            store.load(DIGEST)

    assert machine.given == 1


def test_who_does_not_know_the_word_is_told_where_and_gets_nothing(machine: Machine) -> None:
    environment = machine.environment(AWS_CONTAINER_AUTHORIZATION_TOKEN="another")

    with pytest.raises(CredentialsError) as refused:
        ModelStore.open("s3://bucket", environment).load(DIGEST)

    assert refused.value.what == (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: it gives no credentials (OSError('status 403'))"
    )
    assert machine.asked == []


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/keys", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "x"]
)
def test_the_word_is_said_to_nobody_beyond_this_machine_in_plain_text(address: str) -> None:
    with pytest.raises(ConfigurationError, match="AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        credentials({"AWS_CONTAINER_CREDENTIALS_FULL_URI": address})
