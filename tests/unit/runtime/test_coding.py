"""Bodies that were compressed on their way."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest

from wherry.errors import RequestError, TooLargeError
from wherry.http.coding import compressed, plain
from wherry.http.wire import Reply

DATA = b'{"inputs": []}' * 500
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(DATA, mtime=0)),
        ("GZIP ", gzip.compress(DATA, mtime=0)),
        ("x-gzip", gzip.compress(DATA, mtime=0)),
        ("deflate", zlib.compress(DATA)),
        ("deflate", raw_deflate(DATA)),
        ("identity", DATA),
        ("", DATA),
    ],
)
def test_what_clients_send_is_undone(coding: str, body: bytes) -> None:
    assert plain(body, coding, LIMIT) == DATA


@pytest.mark.parametrize(
    ("coding", "body", "told"),
    [
        ("br", DATA, "gzip, deflate or nothing is wanted"),
        ("gzip, gzip", DATA, "'gzip, gzip' came"),
        ("gzip", DATA, "it is no gzip"),
        ("gzip", b"", "its gzip ends too early"),
        ("gzip", gzip.compress(DATA, mtime=0)[:-1], "its gzip ends too early"),
        ("gzip", gzip.compress(DATA, mtime=0) + b"x", "something follows its gzip"),
        ("deflate", zlib.compress(DATA)[:-1], "its deflate ends too early"),
        ("deflate", b"\xff\xff", "it is no deflate"),
    ],
)
def test_what_is_no_such_coding_is_refused(coding: str, body: bytes, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        plain(body, coding, LIMIT)


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match="over 1000000 bytes when decompressed"):
            plain(bomb, "gzip", LIMIT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 3 * LIMIT


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("deflate", "deflate"),
        ("deflate, gzip", "gzip"),
        ("GZip;Q=1", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("gzip;q=0, deflate", "deflate"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("gzip;q=nonsense", None),
        ("identity", None),
        ("br", None),
        ("", None),
    ],
)
def test_a_reply_is_compressed_as_the_caller_takes_it(accepted: str, coding: str | None) -> None:
    told = compressed(Reply(200, {"content-type": "application/json"}, DATA), accepted)

    assert told.headers.get("content-encoding") == coding
    assert told.headers.get("vary") == (coding and "accept-encoding")
    assert plain(told.body, coding or "", LIMIT) == DATA
    assert told.is_text == (coding is None)


def test_numbers_that_do_not_shrink_are_left_alone() -> None:
    numbers = np.random.default_rng(7).normal(size=100_000).astype(np.float32).tobytes()
    header = b'{"outputs": []}' * 2000

    assert compressed(Reply(200, {}, header + numbers), "gzip").body == header + numbers
    assert len(compressed(Reply(200, {}, header * 4), "gzip").body) < len(header)


def test_a_short_reply_is_left_alone() -> None:
    reply = Reply(200, {}, b"{}")

    assert compressed(reply, "gzip") is reply
