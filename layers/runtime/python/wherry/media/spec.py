"""
What an image must become before a model can take it, as the manifest tells it.

Only bounds and geometry: how the light of a pixel becomes the model's numbers (scaling, inverting,
normalising, NHWC to NCHW) is folded into the model itself, so that who sends tensors and who sends
files gets one answer. No Pillow is imported: a manifest is also read by who decodes nothing.
"""

from typing import Annotated, Literal

import msgspec

Format = Literal["JPEG", "PNG", "WEBP"]
Mode = Literal["L", "RGB"]
Fit = Literal["stretch", "contain", "cover"]
Resample = Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]

FORMATS: tuple[Format, ...] = ("JPEG", "PNG", "WEBP")
CHANNELS: dict[Mode, int] = {"L": 1, "RGB": 3}
MAX_BYTES = 4 * 1024 * 1024  # what Lambda carries of a file, which goes as base64
MAX_PIXELS = 12_500_000  # a phone's; up to 24 bytes each while it is decoded, so 300 MB
PILLOW_TAKES = 89_478_485  # pixels, before it warns of a decompression bomb

Level = Annotated[int, msgspec.Meta(ge=0, le=255)]
Size = Annotated[int, msgspec.Meta(ge=1, le=4096)]


class ImageSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One image is one row of the input `input`: height x width (x 3), of its datatype and shape.

    `fit` says what happens to an image of other proportions: `stretch` them, `contain` all of it
    on a `background`, or `cover` the whole size and cut off what hangs over. The background, a
    level of grey, is also what lies behind transparent pixels. With `trim`, a margin that differs
    from it by no more than so many levels is cut off first.
    """

    input: str
    width: Size
    height: Size
    mode: Mode = "RGB"
    fit: Fit = "stretch"
    resample: Resample = "bilinear"
    background: Level = 255
    trim: Level = 0
    formats: Annotated[tuple[Format, ...], msgspec.Meta(min_length=1)] = FORMATS
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] = MAX_BYTES
    max_pixels: Annotated[int, msgspec.Meta(ge=1, le=PILLOW_TAKES)] = MAX_PIXELS

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one decoded image: height and width, and the channels where there are several."""
        return (self.height, self.width) + (() if self.mode == "L" else (CHANNELS[self.mode],))
