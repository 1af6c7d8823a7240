"""An upright image, brought to the width and height that a model takes."""

from functools import cache
from typing import TYPE_CHECKING

from wherry.media.spec import ImageSpec

if TYPE_CHECKING:
    from PIL.Image import Image, Resampling


def fitted(image: "Image", spec: ImageSpec) -> "Image":
    """Trimmed, then by the rule of `spec.fit`."""
    from PIL import Image, ImageOps

    image = _trimmed(image, spec)
    size, method = (spec.width, spec.height), Image.Resampling[spec.resample.upper()]
    match spec.fit:
        case "stretch":
            return image.resize(size, method)
        case "cover":
            return ImageOps.fit(image, size, method)
        case "contain":
            return _contained(image, size, method, spec.background)


def _trimmed(image: "Image", spec: ImageSpec) -> "Image":
    """Without its margin; an image that is nothing but margin is left as it is."""
    if not spec.trim:
        return image
    return image.crop(image.convert("L").point(_differing(spec.background, spec.trim)).getbbox())


@cache
def _differing(background: int, trim: int) -> list[int]:
    """For each level, whether it is no margin."""
    return [255 * (abs(level - background) > trim) for level in range(256)]


def _contained(
    image: "Image", size: tuple[int, int], method: "Resampling", background: int
) -> "Image":
    """Centred; however thin, it keeps one row or column."""
    from PIL import Image

    scale = min(size[0] / image.width, size[1] / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    frame = Image.new(image.mode, size, (background,) * len(image.getbands()))
    at = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    frame.paste(image.resize(inner, method), at)
    return frame
