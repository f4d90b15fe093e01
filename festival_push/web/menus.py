"""Stalls and their menus."""

from typing import Annotated, Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import ItemId, VendorId
from festival_push.web.calls import Call, NoQuery, json_response
from festival_push.web.endpoints import USER, VENDOR_OR_ADMIN, Endpoint
from festival_push.web.fields import Amount, Body, Changes, Name, line_of, require_id
from festival_push.web.ids import new_id
from festival_push.web.text import clean_line, clean_name
from festival_push.web.views import ItemView, Page, VendorView, item_view, page_of, vendor_view

DESCRIPTION_CHARS_MAX: Final = 280

Description = Annotated[str, line_of(DESCRIPTION_CHARS_MAX, blank=True)]


class AddItemBody(Body, frozen=True, kw_only=True):
    """A new item."""

    name: Name
    description: Description = ""
    price: Amount
    available: bool = True


class ChangeItemBody(Changes, frozen=True, kw_only=True):
    """New values; what is left out stays as it is."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    available: bool | UnsetType = UNSET


async def list_vendors(call: Call) -> Response:
    """GET /v1/vendors: every stall, by name."""
    call.query(NoQuery)
    vendors = await call.services.reads.vendors()
    return json_response(page_of([vendor_view(vendor) for vendor in vendors], next_before=None))


async def show_menu(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/menu: what is sold out is shown as such."""
    call.query(NoQuery)
    vendor_id = _vendor_id(call)
    items = await call.services.reads.menu(vendor_id)
    if not items and await call.services.reads.vendor(vendor_id) is None:
        raise NotFound(what="vendor")
    return json_response(page_of([item_view(item) for item in items], next_before=None))


async def add_item(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/menu: 201 with the item."""
    body = await call.body(AddItemBody)
    command = AddMenuItem(
        actor_id=call.user().user.user_id,
        vendor_id=_vendor_id(call),
        item_id=ItemId(new_id()),
        name=clean_name(body.name),
        description=_description(body.description),
        price=call.check_amount(body.price, "price"),
        available=body.available,
    )
    return await call.run(command, lambda committed: item_view(committed.reply), status=201)


async def change_item(call: Call) -> Response:
    """PATCH /v1/menu/{itemId}: 200 with the item."""
    body = await call.body(ChangeItemBody)
    command = ChangeMenuItem(
        actor_id=call.user().user.user_id,
        item_id=_item_id(call),
        name=None if body.name is UNSET else clean_name(body.name),
        description=None if body.description is UNSET else _description(body.description),
        price=None if body.price is UNSET else call.check_amount(body.price, "price"),
        available=None if body.available is UNSET else body.available,
    )
    return await call.run(command, lambda committed: item_view(committed.reply))


async def remove_item(call: Call) -> Response:
    """DELETE /v1/menu/{itemId}: 204. Orders keep naming it."""
    command = ChangeMenuItem(actor_id=call.user().user.user_id, item_id=_item_id(call), deleted=True)
    return await call.run(command, lambda committed: item_view(committed.reply), status=204)


def _description(text: str) -> str:
    return clean_line(text, field="description", chars_max=DESCRIPTION_CHARS_MAX, blank=True)


def _vendor_id(call: Call) -> VendorId:
    return VendorId(require_id(call.path("vendorId"), what="vendor"))


def _item_id(call: Call) -> ItemId:
    return ItemId(require_id(call.path("itemId"), what="item"))


ENDPOINTS: Final = (
    Endpoint("GET", "/v1/vendors", list_vendors, USER, query=NoQuery, answers={200: Page[VendorView]}),
    Endpoint("GET", "/v1/vendors/{vendorId}/menu", show_menu, USER, query=NoQuery, answers={200: Page[ItemView]}),
    Endpoint(
        "POST", "/v1/vendors/{vendorId}/menu", add_item, VENDOR_OR_ADMIN, body=AddItemBody, answers={201: ItemView}
    ),
    Endpoint("PATCH", "/v1/menu/{itemId}", change_item, VENDOR_OR_ADMIN, body=ChangeItemBody, answers={200: ItemView}),
    Endpoint("DELETE", "/v1/menu/{itemId}", remove_item, VENDOR_OR_ADMIN, answers={204: None}),
)
