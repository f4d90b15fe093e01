"""What a camera reads from our QR codes: PNG files (and a browser's screenshots), and SVG files as segno draws them."""

import re
import struct
import zlib
from typing import Final

import zxingcpp

_CHANNELS: Final = {0: 1, 2: 3, 6: 4}  # by PNG's colour type: gray, RGB, RGBA
_ZOOM: Final = 4  # pixels a module


def read_png(picture: bytes) -> str:
    """The text of the one QR code in a PNG without a palette, 1 or 8 bits a channel."""
    header, data, offset = b"", b"", 8
    while offset < len(picture):
        (length,) = struct.unpack_from(">I", picture, offset)
        kind, content = picture[offset + 4 : offset + 8], picture[offset + 8 : offset + 8 + length]
        header, data = (content if kind == b"IHDR" else header), (data + content if kind == b"IDAT" else data)
        offset += length + 12
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    channels = _CHANNELS[colour]
    rows = _unfiltered(
        zlib.decompress(data), height, (width * channels * depth + 7) // 8, max(1, channels * depth // 8)
    )
    if depth == 1:
        return _read([[255 * (row[x // 8] >> (7 - x % 8) & 1) for x in range(width)] for row in rows])
    return _read([list(row[::channels]) for row in rows])


def read_svg(picture: bytes) -> str:
    """The text of a QR code that is drawn as horizontal lines, one module high."""
    size = int(re.findall(rb'viewBox="0 0 (\d+) \d+"', picture)[0])
    path: bytes = re.findall(rb'stroke="#000" d="([^"]*)"', picture)[0]
    modules = [[255] * size for _ in range(size)]
    x, y = 0.0, 0.0
    for step, numbers in re.findall(rb"([Mmh])([-\d. ]+)", path):
        along, *down = map(float, numbers.split())
        if step == b"h":
            modules[int(y)][int(x) : int(x + along)] = [0] * int(along)
            x += along
        else:
            x, y = (along, down[0]) if step == b"M" else (x + along, y + down[0])
    return _read([[level for level in row for _ in range(_ZOOM)] for row in modules for _ in range(_ZOOM)])


def _unfiltered(data: bytes, height: int, row_bytes: int, pixel_bytes: int) -> list[bytearray]:
    """PNG's rows as they were before they were filtered."""
    rows, above = [], bytearray(row_bytes)
    for y in range(height):
        start = y * (row_bytes + 1)
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + row_bytes])
        for x in range(row_bytes):
            left, corner = (row[x - pixel_bytes], above[x - pixel_bytes]) if x >= pixel_bytes else (0, 0)
            guess = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))[kind]
            row[x] = (row[x] + guess) & 255
        rows.append(row)
        above = row
    return rows


def _paeth(left: int, up: int, corner: int) -> int:
    return min((left, up, corner), key=lambda near: abs(left + up - corner - near))


def _read(levels: list[list[int]]) -> str:
    pixels = memoryview(bytes(level for row in levels for level in row))
    (found,) = zxingcpp.read_barcodes(pixels.cast("B", (len(levels), len(levels[0]))))
    return found.text
