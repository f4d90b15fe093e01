"""QR codes: pictures of an address, and of nothing else. Whoever scans one gets a page, never a right."""

import io
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import urlencode

import segno
from starlette.responses import Response

from festival_push.domain.menus import require_stall
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import MenuItem
from festival_push.domain.values import ItemId
from festival_push.web.addresses import public_url
from festival_push.web.calls import Call, NoQuery
from festival_push.web.endpoints import VENDOR_OR_ADMIN, Endpoint
from festival_push.web.fields import require_id

SVG: Final = "image/svg+xml"
PNG: Final = "image/png"
_MODULE_PX: Final = 12  # a PNG of some 500 px: sharp on a sticker
_QUIET_MODULES: Final = 4  # the white frame that readers need
_KEPT: Final = 256  # pictures; one takes milliseconds to draw


def pay_url(call: Call, **what: str) -> str:
    """The address of the confirm page for something to pay."""
    return f"{public_url(call.services.settings.server)}/pay/?{urlencode(what)}"


def svg_response(url: str) -> Response:
    """A QR code of an address, black on white whatever the page around it looks like."""
    return Response(_draw(url, "svg"), media_type=SVG)


async def show_item_svg(call: Call) -> Response:
    """GET /v1/menu/{itemId}/qr.svg"""
    return svg_response(_item_url(call, await _own_item(call)))


async def show_item_png(call: Call) -> Response:
    """GET /v1/menu/{itemId}/qr.png"""
    return Response(_draw(_item_url(call, await _own_item(call)), "png"), media_type=PNG)


async def _own_item(call: Call) -> MenuItem:
    """The item in the path. Raises NotFound for one that is not the caller's."""
    call.query(NoQuery)
    item = await call.services.reads.item(ItemId(require_id(call.path("itemId"), what="item")))
    if item is None:
        raise NotFound(what="item")
    require_stall(call.user().user, item.vendor_id, what="item")
    return item


def _item_url(call: Call, item: MenuItem) -> str:
    return pay_url(call, vendor=item.vendor_id, item=item.item_id)


@lru_cache(maxsize=_KEPT)
def _draw(url: str, kind: Literal["svg", "png"]) -> bytes:
    picture = io.BytesIO()
    code = segno.make_qr(url, error="m")  # 15 % may be scratched off a sticker
    if kind == "svg":  # without a size of its own: as large as the page wants it
        code.save(picture, kind="svg", omitsize=True, border=_QUIET_MODULES, dark="#000", light="#fff")
    else:
        code.save(picture, kind="png", scale=_MODULE_PX, border=_QUIET_MODULES, dark="#000", light="#fff")
    return picture.getvalue()


ENDPOINTS: Final = (
    Endpoint("GET", "/v1/menu/{itemId}/qr.svg", show_item_svg, VENDOR_OR_ADMIN, query=NoQuery, answers={200: SVG}),
    Endpoint("GET", "/v1/menu/{itemId}/qr.png", show_item_png, VENDOR_OR_ADMIN, query=NoQuery, answers={200: PNG}),
)
