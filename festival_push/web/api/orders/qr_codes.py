"""QR codes: pictures of an address, and of nothing else."""

import io
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import urlencode

import segno
from starlette.responses import Response

from festival_push.web.parsing.addresses import public_url
from festival_push.web.routing.endpoint import Call

SVG: Final = "image/svg+xml"


PNG: Final = "image/png"


_MODULE_PX: Final = 12  # a PNG of some 500 px: sharp on a sticker


_QUIET_MODULES: Final = 4  # the white frame that readers need


_KEPT: Final = 256  # pictures; one takes milliseconds to draw


def pay_url(call: Call, **what: str) -> str:
    """Return the address of the page that confirms a payment; `what` names what is paid, as query parameters."""
    return f"{public_url(call.services.settings.server)}/pay/?{urlencode(what)}"


def svg_response(url: str) -> Response:
    """Answer with a QR code of an address, black on white whatever the page around it looks like."""
    return Response(draw(url, "svg"), media_type=SVG)


@lru_cache(maxsize=_KEPT)
def draw(url: str, kind: Literal["svg", "png"]) -> bytes:
    picture = io.BytesIO()
    code = segno.make_qr(url, error="m")  # it can be read with 15 % scratched off a sticker
    if kind == "svg":  # without a size of its own: as large as the page wants it
        code.save(picture, kind="svg", omitsize=True, border=_QUIET_MODULES, dark="#000", light="#fff")
    else:
        code.save(picture, kind="png", scale=_MODULE_PX, border=_QUIET_MODULES, dark="#000", light="#fff")
    return picture.getvalue()
