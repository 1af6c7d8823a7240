"""
Images, decoded within bounds: a JPEG, PNG or WebP file becomes one row of a model's input.

Every bound is checked before the work that it bounds: bytes first, then pixels, frames and scans
from the header, and only then is a pixel decoded. Whatever a file does to the decoder, the caller
learns that the image is at fault, and nothing else. No value is scaled here: the model does that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ConfigurationError, RequestError, TooLargeError, WherryError
from wherry.manifest import MANIFEST, Manifest, TensorSpec
from wherry.media.geometry import fitted
from wherry.media.spec import ImageSpec
from wherry.protocol.datatypes import TO_NUMPY

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

WHERE = "the image"
SCAN = b"\xff\xda"  # a marker of JPEG, which its compressed data cannot hold
MAX_SCANS = 64  # each costs a walk over all blocks, and a hundred of them fit in a few kilobytes
TURNS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
    6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
ANIMATED = ("PNG", "WEBP")  # a JPEG of a phone may hold a second picture; the first is the one


class ImageReader:
    """
    Reads the images that a model takes. Made when the service is, so that what is missing is told
    before the first request; Pillow itself is imported by the first image.

    `reader = image_reader(service.manifest)` is None where the model takes no image, and otherwise
    `service.predict({reader.input: reader.read(body)})` answers one.
    """

    def __init__(self, spec: ImageSpec, tensor: TensorSpec) -> None:
        if find_spec("PIL") is None:
            raise ConfigurationError(
                "Pillow",
                "the model takes images, and Pillow cannot be imported",
                "Install requirements/image.txt beside requirements/runtime.txt.",
            )
        shape = row_shape(spec, tensor.shape)
        if shape is None or tensor.datatype == "BYTES":
            raise ConfigurationError(
                f"{MANIFEST}: image",
                f"an image of shape {list(spec.shape)} is no row of {tensor.name!r}, which is "
                f"{tensor.datatype} {list(tensor.shape)}",
                "Make the two agree in model.toml, and prepare the model again.",
            )
        self.input = tensor.name
        self.spec = spec
        self._shape = (1, *shape)
        self._dtype = TO_NUMPY[tensor.datatype]

    def read(self, data: bytes) -> NDArray[Any]:
        """One row of the model's input. Raise RequestError, or TooLargeError, if it is none."""
        return decode(data, self.spec).astype(self._dtype, copy=False).reshape(self._shape)


def image_reader(manifest: Manifest) -> ImageReader | None:
    """What reads the images of this model, if it takes any."""
    spec = manifest.image
    if spec is None:
        return None
    for tensor in manifest.inputs:
        if tensor.name == spec.input:
            return ImageReader(spec, tensor)
    raise ConfigurationError(
        f"{MANIFEST}: image", f"the model has no input {spec.input!r}", "Prepare it again."
    )


def row_shape(spec: ImageSpec, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape of one row of an input of `shape`, as an image fills it; None if it cannot."""
    row = shape[1:]
    if len(row) == len(spec.shape) and all(
        wanted in (-1, size) for wanted, size in zip(row, spec.shape, strict=True)
    ):
        return spec.shape
    sizes = np.prod(row), np.prod(spec.shape)
    return row if sizes[0] == sizes[1] and min(row, default=0) > 0 else None


def decode(data: bytes, spec: ImageSpec) -> NDArray[np.uint8]:
    """Height x width (x 3) levels, 0 to 255, of the upright image as `spec` wants it."""
    if len(data) > spec.max_bytes:
        what = f"it has {len(data)} bytes; {spec.max_bytes} are allowed"
        raise TooLargeError(WHERE, what, "Send a smaller file.")
    wanted = " or ".join(spec.formats)
    with _told(f"it is no {wanted} file", f"Send the bytes of a {wanted} file."):
        image = _opened(data, spec)
        _check_header(image, data, spec)
    with _told("it is damaged or cut short", "Send the whole file."):
        return np.asarray(fitted(_flat(_upright(image), spec), spec), np.uint8)


@contextmanager
def _told(what: str, todo: str) -> Iterator[None]:
    """Whatever the decoder raises is the image's fault: its errors share no base of their own."""
    try:
        yield
    except WherryError:
        raise
    except Exception as error:
        raise RequestError(WHERE, what, todo) from error


def _opened(data: bytes, spec: ImageSpec) -> "ImageFile":
    """Only the header is read yet."""
    from PIL import Image

    try:
        return Image.open(BytesIO(data), formats=spec.formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("far more", spec) from error


def _check_header(image: "ImageFile", data: bytes, spec: ImageSpec) -> None:
    if image.width * image.height > spec.max_pixels:
        raise _too_many_pixels(f"{image.width} x {image.height}", spec)
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in ANIMATED:
        raise RequestError(WHERE, f"it has {frames} frames", "Send one that does not move.")
    if image.format not in ANIMATED and data.count(SCAN) > MAX_SCANS:
        raise TooLargeError(WHERE, f"it has over {MAX_SCANS} scans", "Save it as a plain JPEG.")


def _too_many_pixels(told: str, spec: ImageSpec) -> TooLargeError:
    what = f"it has {told} pixels; {spec.max_pixels} are allowed"
    return TooLargeError(WHERE, what, "Send it smaller.")


def _upright(image: "Image") -> "Image":
    """Decoded, and turned as the camera says that it was held; who cannot say it holds it so."""
    from PIL import ExifTags, Image

    image.load()
    try:
        held = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - as many kinds as there are ways to write it wrong
        return image
    return image.transpose(Image.Transpose[TURNS[held]]) if held in TURNS else image


def _flat(image: "Image", spec: ImageSpec) -> "Image":
    """Eight bits a channel, nothing transparent, in the mode of `spec`."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey: of colour, Pillow keeps the upper eight too
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        behind = Image.new("RGBA", image.size, (*(spec.background,) * 3, 255))
        over = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.alpha_composite(behind, over)
    return image if image.mode == spec.mode else image.convert(spec.mode)
