"""How the real S3 client behaves, against a small server on loopback that answers from a table."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.stores import NOW, an_artifact
from wherry.errors import (
    CloudError,
    ConfigurationError,
    CredentialsError,
    MissingArtifactError,
    WherryError,
)
from wherry.store import ModelStore

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "a-session",
    "AWS_REGION": "eu-north-1",
}
REFUSALS = {
    "no-bucket": (404, "NoSuchBucket"),
    "expired": (400, "ExpiredToken"),
    "unknown-key": (403, "InvalidAccessKeyId"),
    "wrong-secret": (403, "SignatureDoesNotMatch"),
    "denied": (403, "AccessDenied"),
    "odd": (400, "SomethingNew"),
}


@dataclass
class Server:
    """`seen` holds the method, path and headers of each request."""

    address: str
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        return {**KEYS, "AWS_ENDPOINT_URL_S3": self.address, **more}


def serve(http: ThreadingHTTPServer, server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.seen.append((self.command, self.path, headers))
            bucket = self.path.split("?")[0].split("/")[1]
            status, code = REFUSALS.get(bucket, (404, "NoSuchKey"))
            body = f"<Error><Code>{code}</Code><Message>text</Message></Error>".encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = answer  # noqa: N815 - the base class looks these names up

        def log_message(self, *_: Any) -> None:
            pass

    http.RequestHandlerClass = Handler
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    http.shutdown()
    thread.join()
    http.server_close()


def listening() -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)


@pytest.fixture
def server() -> Iterator[Server]:
    http = listening()
    yield from serve(http, Server(f"http://127.0.0.1:{http.server_port}"))


@pytest.mark.parametrize(
    ("bucket", "error", "told"),
    [
        ("no-bucket", MissingArtifactError, "there is no such bucket. Name one that is there"),
        ("expired", CredentialsError, "the credentials have expired. Sign in again"),
        ("unknown-key", CredentialsError, "does not know the access key. Sign in again"),
        ("wrong-secret", CredentialsError, "refuses the secret key. Sign in again"),
        ("denied", CloudError, "access denied. Allow it in the role"),
        ("odd", CloudError, "SomethingNew. Put that right"),
    ],
)
def test_each_refusal_of_s3_says_what_to_do(
    server: Server, bucket: str, error: type[WherryError], told: str
) -> None:
    store = ModelStore.open(f"s3://{bucket}/models", server.environment())

    for action in (
        lambda: store.load(an_artifact().digest),
        lambda: store.publish(an_artifact(), now=NOW),
    ):
        with pytest.raises(error, match=told) as caught:
            action()
        assert caught.value.where == f"s3://{bucket}/models"
        assert "Debug" not in str(caught.value)


def test_a_request_is_path_style_under_the_prefix_and_carries_the_session(server: Server) -> None:
    digest = an_artifact().digest

    with pytest.raises(MissingArtifactError, match=digest):
        ModelStore.open("s3://bucket/a/b/", server.environment()).load(digest)

    (method, path, headers), *_ = server.seen
    hexadecimal = digest.removeprefix("sha256:")
    assert (method, path) == ("GET", f"/bucket/a/b/artifacts/sha256/{hexadecimal}/manifest.json")
    assert headers["x-amz-security-token"] == "a-session"
    assert "AKIAEXAMPLE" in headers["authorization"]
    assert "/eu-north-1/s3/" in headers["authorization"]


def test_every_write_is_create_only(server: Server) -> None:
    with pytest.raises(CloudError):
        ModelStore.open("s3://denied", server.environment()).publish(an_artifact(), now=NOW)

    assert [(method, headers["if-none-match"]) for method, _, headers in server.seen] == [
        ("PUT", "*")
    ]


def test_the_endpoint_of_s3_comes_before_that_of_all_services(server: Server) -> None:
    environment = server.environment(AWS_ENDPOINT_URL="http://127.0.0.1:9")

    with pytest.raises(MissingArtifactError):
        ModelStore.open("s3://bucket", environment).load(an_artifact().digest)


def test_an_endpoint_where_nobody_answers_is_told() -> None:
    environment = {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}

    with pytest.raises(CloudError, match="nobody answers there"):
        ModelStore.open("s3://bucket", environment).models()


def test_no_credentials_at_all_are_told_without_asking_the_network() -> None:
    with pytest.raises(CredentialsError, match="no AWS credentials were found"):
        ModelStore.open("s3://bucket", {"AWS_EC2_METADATA_DISABLED": "true"})


def test_an_endpoint_that_is_no_web_address_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"AWS_ENDPOINT_URL: 'localhost:4566' is no http"):
        ModelStore.open("s3://bucket", {**KEYS, "AWS_ENDPOINT_URL": "localhost:4566"})


def test_a_certificate_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    environment = {**KEYS, "AWS_CA_BUNDLE": str(tmp_path / "none.pem")}

    with pytest.raises(ConfigurationError, match=r"AWS_CA_BUNDLE: .*none.pem cannot be read"):
        ModelStore.open("s3://bucket", environment)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Server]:
    """The same server with a certificate of a CA that nobody knows; `ca.pem` is in tmp_path."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command; the strict end-to-end tests claim the same")
    make = [
        (
            "req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=CA"
            " -addext basicConstraints=critical,CA:TRUE"
        ),
        "req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost",
        (
            "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
            " -extfile names -out cert.pem"
        ),
    ]
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    for command in make:
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    http = listening()
    http.socket = context.wrap_socket(http.socket, server_side=True)
    yield from serve(http, Server(f"https://127.0.0.1:{http.server_port}"))


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_private_ca_is_trusted_where_the_environment_names_it(
    secure: Server, tmp_path: Path, name: str
) -> None:
    environment = secure.environment(**{name: str(tmp_path / "ca.pem")})

    with pytest.raises(MissingArtifactError):
        ModelStore.open("s3://bucket", environment).load(an_artifact().digest)
    assert len(secure.seen) == 1


def test_an_unknown_ca_is_not_trusted(secure: Server) -> None:
    with pytest.raises(CloudError, match="Point AWS_CA_BUNDLE at the PEM file"):
        ModelStore.open("s3://bucket", secure.environment()).load(an_artifact().digest)
    assert secure.seen == []
