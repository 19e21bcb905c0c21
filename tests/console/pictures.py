"""Small PNGs: a picture of a page has few colours, so an index of them is a third of its size and looks the same.

The browser reads the picture (it has a decoder), numpy chooses the colours, and the file is written here.
"""

import base64
import zlib
from struct import pack
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.async_api import Page

COLOURS = (32, 24, 16, 12)
"""How many are kept: those that would be missed most. Every other becomes the nearest of them; fewer where they must be."""
MOST_BYTES = 60_000
_READ = """
async (source) => {
  const picture = await createImageBitmap(await (await fetch(source)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
  return [picture.width, picture.height, btoa(text)];
}
"""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


async def smaller(reader: "Page", png: bytes) -> bytes:
    """The same picture with few colours. `reader` is an empty page."""
    width, height, read = await reader.evaluate(_READ, "data:image/png;base64," + base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(str(read)), np.uint8).reshape(int(height), int(width), 4)
    made = b""
    for colours in COLOURS:
        made = _written(*_few(pixels[:, :, :3], colours))
        if len(made) <= MOST_BYTES:
            break
    return made


def _written(palette: NDArray[np.uint8], places: NDArray[np.uint8]) -> bytes:
    height, width = places.shape
    rows = np.insert(places, 0, 0, axis=1)  # each row says first that it is not filtered: best for an index
    return b"".join(
        (
            _SIGNATURE,
            _part(b"IHDR", pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _part(b"PLTE", palette.tobytes()),
            _part(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _part(b"IEND", b""),
        )
    )


def _few(pixels: NDArray[np.uint8], most: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The colours that are kept, and for each pixel which of them it has."""
    numbers = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.int32)
    kept = _chosen(colours, counts, most)
    distances = ((colours[:, None, :] - colours[kept][None, :, :]) ** 2 * np.array([3, 4, 2])).sum(axis=2)
    nearest = distances.argmin(axis=1).astype(np.uint8)
    return colours[kept].astype(np.uint8), nearest[places].reshape(pixels.shape[:2])


def _chosen(colours: NDArray[np.int32], counts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """One after the other the colour that would be missed most: by how often it is there, and how far the next is."""
    chosen = [int(counts.argmax())]
    far = np.full(len(colours), np.inf)
    while len(chosen) < min(most, len(colours)):
        far = np.minimum(far, ((colours - colours[chosen[-1]]) ** 2 * np.array([3, 4, 2])).sum(axis=1))
        chosen.append(int((far * np.sqrt(counts)).argmax()))
    return np.array(chosen)


def _part(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))
