"""Files in a bucket, where S3 answers as it does to roles of few rights and to two at once."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from wherry.batch.files import Files, open_files
from wherry.errors import CloudError
from wherry.store.settings import open_objects

DENIED = b"<Error><Code>AccessDenied</Code></Error>"
TWO_AT_ONCE = b"<Error><Code>ConditionalRequestConflict</Code></Error>"
LISTED = b"""<ListBucketResult><IsTruncated>false</IsTruncated><Contents>
<Key>in/a.csv</Key><Size>4</Size><ETag>"e"</ETag><LastModified>2026-07-01T00:00:00.000Z</LastModified>
</Contents></ListBucketResult>"""


class _S3(BaseHTTPRequestHandler):
    """
    Its caller may list `in/` and `out/` and read below them; S3 says of all else that it is denied.
    Of a key that ends in `taken`, another has written it; of all others, another is about to.
    """

    def do_GET(self) -> None:
        prefix = parse_qs(urlparse(self.path).query).get("prefix", [""])[0]
        self._answer(*((200, LISTED) if prefix in ("in/", "out/") else (403, DENIED)))

    def do_HEAD(self) -> None:
        there = self.path.endswith("taken")
        self._answer(200 if there else 403, b"four" if there else DENIED)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(*((412, b"") if self.path.endswith("taken") else (409, TWO_AT_ONCE)))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in {
            "content-length": str(len(body)),
            "etag": '"e"',
            "last-modified": "Wed, 01 Jul 2026 00:00:00 GMT",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), _S3)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-north-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{http.server_port}",
    }
    http.shutdown()
    thread.join()
    http.server_close()


def _files(environment: dict[str, str], place: str) -> Files:
    return open_files(f"s3://data/{place}", environment)


def test_who_may_see_a_folder_alone_can_have_it_for_input(environment: dict[str, str]) -> None:
    assert [each.key for each in _files(environment, "in/").entries()] == ["s3://data/in/a.csv"]


def test_a_key_is_taken_only_where_something_is(environment: dict[str, str]) -> None:
    objects = open_objects("s3://data/out", environment)
    files = _files(environment, "out")

    assert (files.create("taken", b"mine"), objects.create("taken", b"mine")) == (False, False)
    for create in (files.create, objects.create):
        with pytest.raises(CloudError, match="ConditionalRequestConflict"):
            create("about-to-be", b"mine")
