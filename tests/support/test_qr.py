"""What reads our QR codes reads all of them, and not what is none."""

import io

import pytest
import segno

from tests.support.qr import read_png, read_svg


@pytest.mark.parametrize("text", ["https://fest.test/pay/?request=x", "ü" * 40])
def test_pictures_are_read_back(text: str) -> None:
    png, svg = io.BytesIO(), io.BytesIO()
    code = segno.make_qr(text)
    code.save(png, kind="png", scale=3)
    code.save(svg, kind="svg", omitsize=True)
    assert read_png(png.getvalue()) == read_svg(svg.getvalue()) == text
    with pytest.raises(ValueError, match="not enough values"):
        read_svg(svg.getvalue().replace(b"h7", b"m7 0"))
