"""Stalls and their menus."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import MenuItem
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.values import ItemId, VendorId
from festival_push.web.api.stalls.stall_views import ItemView, VendorView, item_view, vendor_view
from festival_push.web.api.views import Page, only_page
from festival_push.web.parsing.fields import Amount, Body, Changes, Name, given, line_of
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_line, clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

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


@ENDPOINTS.get("/v1/vendors", USER, query=NoQuery, answers={200: Page[VendorView]})
async def list_vendors(call: Call) -> Response:
    """GET /v1/vendors: every stall, by name."""
    call.query(NoQuery)
    vendors = await call.services.reads.vendors()
    return json_response(only_page(map(vendor_view, vendors)))


@ENDPOINTS.get("/v1/vendors/{vendorId}/menu", USER, query=NoQuery, answers={200: Page[ItemView]})
async def show_menu(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/menu: what is sold out is shown as such."""
    call.query(NoQuery)
    vendor_id = _vendor_id(call)
    items = await call.services.reads.menu(vendor_id)
    if not items and await call.services.reads.vendor(vendor_id) is None:
        raise NotFound(what="vendor")
    return json_response(only_page(map(_renderer(call), items)))


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/menu",
    who_may(Act.CHANGE_MENU),
    body=AddItemBody,
    answers={201: ItemView},
    refuses=AddMenuItem.REFUSES,
)
async def add_item(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/menu: 201 with the item."""
    body = await call.body(AddItemBody)
    command = AddMenuItem(
        actor_id=call.actor_id,
        vendor_id=_vendor_id(call),
        item_id=ItemId(new_id()),
        name=clean_name(body.name),
        description=_description(body.description),
        price=call.check_amount(body.price, "price"),
        available=body.available,
    )
    render = _renderer(call)
    return await call.run(command, lambda committed: render(committed.reply), status=201)


@ENDPOINTS.patch("/v1/menu/{itemId}", who_may(Act.CHANGE_MENU), body=ChangeItemBody, answers={200: ItemView})
async def change_item(call: Call) -> Response:
    """PATCH /v1/menu/{itemId}: 200 with the item."""
    body = await call.body(ChangeItemBody)
    command = ChangeMenuItem(
        actor_id=call.actor_id,
        item_id=_item_id(call),
        name=None if body.name is UNSET else clean_name(body.name),
        description=None if body.description is UNSET else _description(body.description),
        price=None if body.price is UNSET else call.check_amount(body.price, "price"),
        available=given(body.available),
    )
    render = _renderer(call)
    return await call.run(command, lambda committed: render(committed.reply))


@ENDPOINTS.delete("/v1/menu/{itemId}", who_may(Act.CHANGE_MENU), answers={204: None})
async def remove_item(call: Call) -> Response:
    """DELETE /v1/menu/{itemId}: 204. Orders keep naming it."""
    command = ChangeMenuItem(actor_id=call.actor_id, item_id=_item_id(call), deleted=True)
    render = _renderer(call)
    return await call.run(command, lambda committed: render(committed.reply), status=204)


def _renderer(call: Call) -> Callable[[MenuItem], ItemView]:
    return partial(item_view, currency=call.services.rules.currency)


def _description(text: str) -> str:
    return clean_line(text, field="description", chars_max=DESCRIPTION_CHARS_MAX, blank=True)


def _vendor_id(call: Call) -> VendorId:
    return VendorId(call.id("vendorId"))


def _item_id(call: Call) -> ItemId:
    return ItemId(call.id("itemId"))
