"""Whatever comes in place of an image: a clear refusal, in time and memory that have bounds."""

import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.images import (
    animation,
    chunk,
    file_of,
    grey_png,
    many_scans,
    picture,
    webp_header,
    zeros,
)
from wherry.errors import RequestError, TooLargeError
from wherry.media.images import MAX_SCANS, decode
from wherry.media.spec import ImageSpec

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # a broken EXIF, told on stderr

SPEC = ImageSpec(input="image", width=4, height=4)
KINDS = ("JPEG", "PNG", "WEBP")
DAMAGED = "it is damaged or cut short"
AT_THE_END = len("adlrcrc." + "lentypecrc..")  # of a PNG: the sums of its pixels, and that it ends
NO_IMAGE = "it is no JPEG or PNG or WEBP file"


def outcome(data: bytes) -> Any:
    """The pixels, or what is wrong; any other error fails the test that asks."""
    try:
        return decode(data, SPEC).tobytes()
    except RequestError as error:
        assert error.where == "the image"  # noqa: PT017 - either is right
        return error.what


def refusal(data: bytes, spec: ImageSpec = SPEC) -> str:
    """What is told of this image; nothing but a RequestError may come."""
    with pytest.raises(RequestError) as caught:
        decode(data, spec)
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_cut_short_at_any_byte_is_refused(kind: str) -> None:
    """But for the checksums at its end: with all its pixels there, it is whole."""
    data = file_of(picture(), kind, **({"lossless": True} if kind == "WEBP" else {}))

    told = {length: outcome(data[:length]) for length in range(len(data) + 1)}

    whole = [length for length, each in told.items() if each == told[len(data)]]
    assert {told[length] for length in told.keys() - whole} <= {NO_IMAGE, DAMAGED}
    assert min(whole) >= len(data) - AT_THE_END


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_with_any_byte_changed_is_an_image_or_refused(kind: str) -> None:
    data = file_of(picture(), kind)

    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0xFF
        outcome(bytes(changed))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=st.sampled_from([file_of(picture(), kind) for kind in KINDS]), data=st.data())
def test_an_image_with_anything_in_its_middle_is_an_image_or_refused(
    start: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(start)))
    end = data.draw(st.integers(at, len(start)))
    spliced = start[:at] + data.draw(st.binary(max_size=64)) + start[end:]

    outcome(spliced)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\xff\xd8",
        b"GIF89a",
        b"not an image",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        file_of(picture(), "GIF"),
        file_of(picture(), "BMP"),
        file_of(picture(), "TIFF"),
        file_of(picture(), "ICO"),
        file_of(picture(), "EPS"),
        animation("GIF"),
    ],
    ids=lambda data: repr(data[:4]),
)
def test_another_format_is_told_what_is_wanted(data: bytes) -> None:
    assert NO_IMAGE in refusal(data)


def test_only_the_formats_of_the_model_are_even_tried() -> None:
    spec = ImageSpec(input="image", width=4, height=4, formats=("PNG",))

    assert "it is no PNG file" in refusal(file_of(picture(), "JPEG"), spec)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_image_that_moves_is_refused(kind: str) -> None:
    assert "it has 2 frames. Send one that does not move" in refusal(animation(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_an_image_does_not_matter(kind: str) -> None:
    """An archive or a page that is an image too is, here, an image."""
    data = file_of(picture(), kind)

    told = decode(data + b"PK\x03\x04<script>alert(1)</script>", SPEC)

    np.testing.assert_array_equal(told, decode(data, SPEC))


def test_a_file_of_too_many_bytes_is_not_even_opened() -> None:
    spec = ImageSpec(input="image", width=4, height=4, max_bytes=100)

    assert "it has 101 bytes; 100 are allowed" in refusal(bytes(101), spec)


STATUS = Path("/proc/self/status")
MEMORY = """
import contextlib, pathlib, sys
from wherry.errors import TooLargeError
from wherry.media.images import decode
from wherry.media.spec import ImageSpec

def most():
    return int(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

import PIL.Image
PIL.Image.init()
before = most()
for file in pathlib.Path(sys.argv[1]).iterdir():
    with contextlib.suppress(TooLargeError):
        decode(file.read_bytes(), ImageSpec(input="image", width=4, height=4))
        raise SystemExit(f"{file} was decoded")
print(most() - before)
"""

BOMBS: dict[str, Any] = {
    "a PNG that is 20,000 x 20,000 black pixels": grey_png(20_000, 20_000, zeros(401)),
    "a PNG that says it is as large as PNG can tell": grey_png(2**31 - 1, 2**31 - 1, b""),
    "a PNG just over the limit": grey_png(12_500_001, 1, zeros(13)),
    "a PNG between our limit and Pillow's": grey_png(9_000, 9_000, zeros(82)),
    "a PNG between Pillow's warning and its error": grey_png(10_000, 10_000, b""),
    "a WebP that says it is as large as WebP can tell": webp_header(16_384, 16_384),
    "a JPEG that says it is as large as JPEG can tell": file_of(
        Image.new("L", (1, 1)), "JPEG"
    ).replace(b"\0\x0b\x08\0\x01\0\x01", b"\0\x0b\x08\xff\xff\xff\xff"),
    "a JPEG of a thousand scans": many_scans(1000),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_told_by_its_header(name: str) -> None:
    told = refusal(BOMBS[name])

    assert "are allowed. Send it smaller" in told or f"over {MAX_SCANS} scans" in told


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells the most memory of a process")
def test_nothing_of_a_bomb_is_decoded(tmp_path: Path) -> None:
    """The smallest of them would take 12 MB as pixels, the largest 17 GB."""
    for number, data in enumerate(BOMBS.values()):
        (tmp_path / str(number)).write_bytes(data)

    grown = subprocess.check_output([sys.executable, "-W", "ignore", "-c", MEMORY, str(tmp_path)])

    assert int(grown) < 60_000


def test_a_bomb_in_what_a_png_says_of_itself_is_refused() -> None:
    text = chunk(b"zTXt", b"a\0\0" + zeros(1))

    assert refusal(grey_png(4, 4, zlib.compress(bytes(20)), *[text] * 100)) == refusal(b"")


def test_too_large_is_told_apart_from_broken() -> None:
    """The first is a 413, the second a 400."""
    with pytest.raises(TooLargeError):
        decode(grey_png(9_000, 9_000, b""), SPEC)
    with pytest.raises(RequestError) as caught:
        decode(b"", SPEC)
    assert not isinstance(caught.value, TooLargeError)
