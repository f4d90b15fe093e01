"""QR codes: pictures of an address, or of a top-up code."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from festival_push.domain.values import VendorId
from festival_push.web.parsing.addresses import public_url
from festival_push.web.routing.endpoint import Call
from festival_push.web.routing.pictures import Kind, Picture

SVG: Final = "image/svg+xml"


PNG: Final = "image/png"


def pay_url(call: Call, **what: str) -> str:
    """Return the address of the page that confirms a payment; `what` names what is paid, as query parameters."""
    return f"{public_url(call.services.settings.server)}/pay/?{urlencode(what)}"


async def qr_response(call: Call, url: str, kind: Kind, *, stall: VendorId) -> Response:
    """Answer with the QR code of a text, mostly of an address that leads to this stall. Raises TooBusy."""
    picture = await call.services.pictures.get(Picture(url, kind), stall=stall)
    return Response(picture, media_type=SVG if kind == "svg" else PNG)
