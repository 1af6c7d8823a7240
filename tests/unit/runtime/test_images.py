"""An image file becomes exactly the row that a model takes."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.images import file_of, picture
from tests.support.models import ROOT
from tests.support.onnx_models import spec as tensor
from wherry.errors import ConfigurationError
from wherry.media.images import ImageReader, decode, row_shape
from wherry.media.spec import ImageSpec
from wherry.protocol.datatypes import TO_NUMPY

PALETTE = Image.new("RGB", (2, 2), (9, 8, 7)).quantize(2)


def spec(width: int = 9, height: int = 11, **keys: Any) -> ImageSpec:
    return ImageSpec(input="image", width=width, height=height, **keys)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_image_of_the_right_size_is_its_pixels(kind: str, mode: Any) -> None:
    image = picture(mode=mode)

    told = decode(file_of(image, kind, lossless=True), spec(mode=mode))

    assert told.dtype == np.uint8
    np.testing.assert_allclose(told, np.asarray(image), atol=int(kind == "WEBP" and mode == "L"))


def test_a_jpeg_is_its_pixels_nearly() -> None:
    image = Image.linear_gradient("L").resize((64, 64))

    told = decode(file_of(image, "JPEG", quality=95), spec(64, 64, mode="L"))

    np.testing.assert_allclose(told, np.asarray(image), atol=4)


def test_to_stretch_changes_the_proportions() -> None:
    told = decode(file_of(Image.new("L", (40, 10), 7)), spec(4, 4, mode="L"))

    assert told.tolist() == [[7] * 4] * 4


def test_to_contain_puts_the_whole_image_on_a_background() -> None:
    told = decode(
        file_of(Image.new("L", (40, 20), 7)), spec(4, 4, mode="L", fit="contain", background=9)
    )

    assert told.tolist() == [[9] * 4, [7] * 4, [7] * 4, [9] * 4]


def test_to_cover_cuts_off_what_hangs_over() -> None:
    image = Image.new("L", (40, 20), 7)
    image.paste(99, (0, 0, 10, 20))

    told = decode(file_of(image), spec(4, 4, mode="L", fit="cover", resample="box"))

    assert told.tolist() == [[7] * 4] * 4


def test_to_trim_cuts_off_the_margin_before_anything_else() -> None:
    image = Image.new("L", (400, 300), 250)  # nearly the background
    image.paste(7, (100, 100, 110, 105))

    told = decode(file_of(image), spec(4, 4, mode="L", fit="contain", trim=16))

    assert told.tolist() == [[255] * 4, [7] * 4, [7] * 4, [255] * 4]


def test_nothing_but_margin_is_left_as_it_is() -> None:
    told = decode(file_of(Image.new("L", (5, 5), 250)), spec(2, 2, mode="L", trim=16))

    assert told.tolist() == [[250] * 2] * 2


@pytest.mark.parametrize("fit", ["stretch", "contain", "cover"])
@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1, 1)])
def test_however_thin_an_image_is_something_of_it_is_left(fit: Any, size: Any) -> None:
    told = decode(file_of(Image.new("L", size, 0)), spec(8, 8, mode="L", fit=fit))

    assert told.shape == (8, 8)
    assert told.min() < 128


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_says_which_side_was_up(kind: str, orientation: int) -> None:
    """Each file is turned so that its orientation turns it back."""
    upright = Image.new("L", (16, 24), 255)
    upright.paste(0, (0, 0, 8, 8))
    upright.paste(128, (8, 0, 16, 8))
    turned = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation

    told = decode(
        file_of(turned, kind, exif=exif, quality=95), spec(2, 3, mode="L", resample="box")
    )

    np.testing.assert_allclose(told, [[0, 128], [255, 255], [255, 255]], atol=6)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@pytest.mark.parametrize("exif", [b"Exif\0\0MM\0*\0\0\0\x08\0\x05", b"Exif\0\0no such thing", b""])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_camera_that_says_it_wrong_turns_nothing(kind: str, exif: bytes) -> None:
    image = Image.new("L", (8, 16), 255)
    image.paste(0, (0, 0, 8, 8))

    told = decode(file_of(image, kind, exif=exif, quality=95), spec(1, 2, mode="L", resample="box"))

    np.testing.assert_allclose(told, [[0], [255]], atol=6)


@pytest.mark.parametrize(
    ("image", "options", "wanted"),
    [
        (Image.new("1", (2, 2), 1), {}, [255] * 3),
        (Image.new("L", (2, 2), 9), {}, [9] * 3),
        (Image.new("L", (2, 2), 9), {"transparency": 9}, [200] * 3),
        (Image.new("LA", (2, 2), (9, 0)), {}, [200] * 3),
        (PALETTE, {}, [9, 8, 7]),
        (PALETTE, {"transparency": 0}, [200] * 3),
        (Image.new("RGB", (2, 2), (9, 8, 7)), {"transparency": (9, 8, 7)}, [200] * 3),
        (Image.new("RGBA", (2, 2), (0, 0, 0, 128)), {}, [100] * 3),
        (Image.new("RGBA", (2, 2), (9, 8, 7, 255)), {}, [9, 8, 7]),
        (Image.fromarray(np.full((2, 2), 0x12FF, np.uint16)), {}, [0x12] * 3),
    ],
    ids=lambda each: getattr(each, "mode", None),
)
def test_every_mode_becomes_three_times_eight_bits_on_the_background(
    image: Image.Image, options: dict[str, Any], wanted: list[int]
) -> None:
    told = decode(file_of(image, **options), spec(2, 2, background=200))

    np.testing.assert_allclose(told, np.broadcast_to(wanted, (2, 2, 3)), atol=1)


def test_a_jpeg_for_the_press_becomes_colours_of_a_screen() -> None:
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))

    told = decode(file_of(cyan, "JPEG", quality=95), spec(1, 1))

    np.testing.assert_allclose(told, [[[0, 255, 255]]], atol=6)


def test_of_a_jpeg_with_a_second_picture_the_first_one_counts() -> None:
    """As phones write them: a still, and what else the camera saw."""
    still, second = Image.new("RGB", (8, 8), "white"), Image.new("RGB", (8, 8), "black")
    data = file_of(still, "MPO", save_all=True, append_images=[second])

    assert decode(data, spec(1, 1)).tolist() == [[[255] * 3]]


@pytest.mark.parametrize(
    ("datatype", "shape", "row"),
    [
        ("UINT8", (-1, 4, 4), (1, 4, 4)),
        ("FP32", (-1, 4, 4), (1, 4, 4)),
        ("FP32", (-1, 16), (1, 16)),
        ("INT64", (-1, -1, -1), (1, 4, 4)),
        ("FP16", (-1, 1, 4, 4), (1, 1, 4, 4)),
    ],
)
def test_it_has_the_datatype_and_the_shape_of_the_input(
    datatype: str, shape: tuple[int, ...], row: tuple[int, ...]
) -> None:
    reader = ImageReader(spec(4, 4, mode="L"), tensor("image", datatype, shape))

    told = reader.read(file_of(Image.new("L", (4, 4), 7)))

    assert (told.dtype, told.shape) == (TO_NUMPY[datatype], row)
    assert set(told.ravel().tolist()) == {7}


@pytest.mark.parametrize("shape", [(-1,), (-1, 15), (-1, 5, 4), (-1, 2, -1), (-1, 4, 4, 3), ()])
def test_an_image_that_fills_no_row_is_told_at_the_start(shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"shape \[4, 4\] is no row of 'image'"):
        ImageReader(spec(4, 4, mode="L"), tensor("image", "UINT8", shape))


NO_PILLOW = """
import sys
sys.modules["PIL"] = None  # as if it were not installed
from tests.support.onnx_models import spec
from wherry.errors import ConfigurationError
from wherry.media.images import ImageReader
from wherry.media.spec import ImageSpec
try:
    ImageReader(ImageSpec(input="x", width=2, height=2, mode="L"), spec("x", "UINT8", (-1, 2, 2)))
except ConfigurationError as error:
    print(error)
"""
LATE = """
import sys
from tests.support.onnx_models import spec
from wherry.media.images import ImageReader
from wherry.media.spec import ImageSpec
ImageReader(ImageSpec(input="x", width=2, height=2, mode="L"), spec("x", "UINT8", (-1, 2, 2)))
print("PIL" in sys.modules)
"""


def told_by(script: str) -> str:
    return subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True)


def test_without_pillow_nothing_starts_and_it_is_told_what_to_install() -> None:
    told = told_by(NO_PILLOW)

    assert "Pillow: the model takes images, and Pillow cannot be imported. Install" in told


def test_pillow_is_imported_by_the_first_image_and_not_by_the_start() -> None:
    assert told_by(LATE).strip() == "False"


def test_colours_lie_last() -> None:
    assert row_shape(spec(4, 5), (-1, 5, 4, 3)) == (5, 4, 3)
    assert row_shape(spec(4, 5), (-1, -1, -1, 3)) == (5, 4, 3)
