"""Turn a BlurHash into what a page shows until the picture has come."""

import base64
import io
from functools import lru_cache

import blurhash
from PIL import Image


@lru_cache(maxsize=4096)
def placeholder(hashed: str, size: tuple[int, int]) -> str:
    """Return a picture of a few dozen pixels as a data: address; the browser draws it large and soft.

    An image, and no script that paints: it is there with the page itself, and needs no style of its own.
    """
    width, height = size
    rows = blurhash.decode(hashed, width, height)
    image = Image.new("RGB", size)
    image.putdata([tuple(round(value) for value in pixel) for row in rows for pixel in row])
    encoded = io.BytesIO()
    # Half of what a PNG takes, in every card of a page.
    image.save(encoded, "WEBP", quality=60, method=6)
    return f"data:image/webp;base64,{base64.b64encode(encoded.getvalue()).decode()}"
