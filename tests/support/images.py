"""Image files for tests, made with Pillow, and some that only a person with ill will would make."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
NOISE = np.random.default_rng(7).integers(0, 256, (11, 9, 3), dtype=np.uint8)


def picture(width: int = 9, height: int = 11, mode: str = "RGB") -> Image.Image:
    """No two sides of it are alike."""
    return Image.fromarray(NOISE).resize((width, height)).convert(mode)


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def animation(kind: str) -> bytes:
    """Two frames that differ."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("black", "white")]
    return file_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def grey_png(width: int, height: int, pixels: bytes, *more: bytes) -> bytes:
    """A PNG that says it is of this size, whatever is in it; `more` chunks come before."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(millions: int) -> bytes:
    """So many million zeros, compressed a thousand to one: the same block over and over."""
    packer, block, check = zlib.compressobj(9), bytes(1_000_000), 1
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(millions):
        check = zlib.adler32(block, check)
    return head + again * millions + b"\x03\0" + struct.pack(">I", check)


def webp_header(width: int, height: int) -> bytes:
    """A WebP that says it is of this size, and has no pixels."""
    sizes = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sizes
    return b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended


def many_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes over and over."""
    data = file_of(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    body, scan = data[:-2], data[data.rfind(b"\xff\xda") : -2]
    return body + scan * count + b"\xff\xd9"
