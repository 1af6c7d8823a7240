"""An upright image, brought to the width and height that a model takes."""

from typing import TYPE_CHECKING

from wherry.media.spec import ImageSpec

if TYPE_CHECKING:
    from PIL.Image import Image, Resampling


def fitted(image: "Image", spec: ImageSpec) -> "Image":
    """By the rule of `spec.fit`; an image that has the size already is not resampled."""
    from PIL import Image, ImageOps

    size, method = (spec.width, spec.height), Image.Resampling[spec.resample.upper()]
    match spec.fit:
        case "stretch":
            return image.resize(size, method)
        case "cover":
            return ImageOps.fit(image, size, method)
        case "contain":
            return _contained(image, size, method, spec.background)


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
