"""QR codes: of an address, where whoever scans it gets a page and never a right; and of one's own top-up code."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import MenuItem
from festival_push.domain.values import ItemId, VendorId
from festival_push.web.api.orders.qr_codes import PNG, SVG, pay_url, qr_response
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints
from festival_push.web.routing.pictures import BUSY, Kind

ENDPOINTS: Final = Endpoints()


@ENDPOINTS.get("/v1/menu/{itemId}/qr.svg", who_may(Act.CHANGE_MENU), query=NoQuery, answers={200: SVG}, refuses=(BUSY,))
async def show_item_svg(call: Call) -> Response:
    """GET /v1/menu/{itemId}/qr.svg"""
    return await _item_code(call, "svg")


@ENDPOINTS.get("/v1/menu/{itemId}/qr.png", who_may(Act.CHANGE_MENU), query=NoQuery, answers={200: PNG}, refuses=(BUSY,))
async def show_item_png(call: Call) -> Response:
    """GET /v1/menu/{itemId}/qr.png"""
    return await _item_code(call, "png")


@ENDPOINTS.get("/v1/me/qr.svg", USER, query=NoQuery, answers={200: SVG}, refuses=(BUSY,))
async def show_own_code(call: Call) -> Response:
    """GET /v1/me/qr.svg: the caller's top-up code, for the scanner of the cash desk."""
    call.query(NoQuery)
    user = call.person.user
    return await qr_response(call, user.top_up_code, "svg", stall=VendorId(user.user_id))


async def _item_code(call: Call, kind: Kind) -> Response:
    item = await _own_item(call)
    return await qr_response(call, _item_url(call, item), kind, stall=item.vendor_id)


async def _own_item(call: Call) -> MenuItem:
    """Return the item in the path. Raises NotFound for one that is not the caller's."""
    call.query(NoQuery)
    item = await call.services.reads.item(ItemId(call.id("itemId")))
    if item is None:
        raise NotFound(what="item")
    require(call.person, Act.CHANGE_MENU, vendor_id=item.vendor_id, what="item")
    return item


def _item_url(call: Call, item: MenuItem) -> str:
    return pay_url(call, vendor=item.vendor_id, item=item.item_id)
