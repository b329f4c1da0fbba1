"""Small photos made on the spot: fixed colours, no files, no randomness."""

import io

from PIL import Image


def jpeg(shade: int = 120, size: tuple[int, int] = (64, 48)) -> bytes:
    """A photo of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 60)).save(out, "JPEG")
    return out.getvalue()
