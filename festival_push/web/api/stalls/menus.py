"""Stalls and their menus."""

from collections.abc import Callable
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import MenuItem
from festival_push.domain.stalls.menus import AGE_MAX, STOCK_MAX, TAX_BP_MAX, AddMenuItem, ChangeMenuItem
from festival_push.domain.values import ItemId, VendorId
from festival_push.web.api.stalls.stall_views import ItemView, VendorView, item_view, vendor_view
from festival_push.web.api.views import Page, only_page
from festival_push.web.parsing.fields import AMOUNT_MAX, Amount, Body, Changes, Name, given, line_of
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_line, clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

DESCRIPTION_CHARS_MAX: Final = 280

Description = Annotated[str, line_of(DESCRIPTION_CHARS_MAX, blank=True)]
TaxBp = Annotated[
    int, Meta(ge=0, le=TAX_BP_MAX, description="Basis points of the price without the tax, which is in the price.")
]
AgeMin = Annotated[int, Meta(ge=0, le=AGE_MAX, description="Years; 0: any age.")]
Deposit = Annotated[int, Meta(ge=0, le=AMOUNT_MAX, description="Minor units of each, beside the price; 0: none.")]
Stock = Annotated[int, Meta(ge=0, le=STOCK_MAX, description="How many are left.")]


class AddItemBody(Body, frozen=True, kw_only=True):
    """A new item."""

    name: Name
    description: Description = ""
    price: Amount
    available: bool = True
    tax_bp: TaxBp | UnsetType = UNSET  # left out: nobody says
    age_min: AgeMin = 0
    deposit: Deposit = 0
    stock: Stock | UnsetType = UNSET  # left out: not counted


class ChangeItemBody(Changes, frozen=True, kw_only=True):
    """New values; what is left out stays as it is, and null clears it."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    tax_bp: TaxBp | UnsetType | None = UNSET
    age_min: AgeMin | UnsetType | None = UNSET
    deposit: Deposit | UnsetType | None = UNSET
    stock: Stock | UnsetType | None = UNSET


@ENDPOINTS.get("/v1/vendors", USER, query=NoQuery, answers={200: Page[VendorView]})
async def list_vendors(call: Call) -> Response:
    """GET /v1/vendors: every stall, by name."""
    call.query(NoQuery)
    vendors = await call.services.reads.vendors()
    return json_response(
        only_page(
            vendor_view(vendor, keeps=may(call.person, Act.CHANGE_STALL, vendor_id=vendor.vendor_id))
            for vendor in vendors
        )
    )


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
        tax_bp=_tax(call, given(body.tax_bp)),
        age_min=body.age_min,
        deposit=call.check_amount(body.deposit, "deposit"),
        stock=given(body.stock),
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
        tax_bp=UNSET if body.tax_bp is UNSET else _tax(call, body.tax_bp),
        age_min=_or_zero(body.age_min),
        deposit=call.check_amount(deposit, "deposit") if (deposit := _or_zero(body.deposit)) else deposit,
        stock=body.stock,
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
    currency = call.services.rules.currency
    return lambda item: item_view(item, currency, keeps=may(call.person, Act.CHANGE_MENU, vendor_id=item.vendor_id))


def _tax(call: Call, tax_bp: int | None) -> int | None:
    """Return the rate. Raises BadRequest if the festival has others."""
    rates = call.services.rules.tax_rates_bp
    if tax_bp is not None and rates and tax_bp not in rates:
        raise field_error("taxBp", f"must be one of {', '.join(map(str, rates))}")
    return tax_bp


def _description(text: str) -> str:
    return clean_line(text, field="description", chars_max=DESCRIPTION_CHARS_MAX, blank=True)


def _or_zero(asked: int | UnsetType | None) -> int | None:
    """Return the new value of a field that is 0 when it is cleared; None leaves it as it is."""
    return 0 if asked is None else given(asked)


def _vendor_id(call: Call) -> VendorId:
    return VendorId(call.id("vendorId"))


def _item_id(call: Call) -> ItemId:
    return ItemId(call.id("itemId"))
