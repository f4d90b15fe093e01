"""Find a guest at the cash desk: by what they say, show, or hold before a scanner."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.orders.rows import Order
from festival_push.domain.people.relations import Act
from festival_push.domain.values import OrderId, OrderStatus, UserId, VendorId
from festival_push.store.reads.guests.finding import Found
from festival_push.web.api.guests.views import NamedPartView, parts_of
from festival_push.web.api.views import Page, View, only_page
from festival_push.web.identity.principal import words_of
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

FOUND: Final = 10
FOUND_MAX: Final = 50


class FindQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A top-up code however it is typed, an id, a pickup number, or beginnings of the words of a name."""

    find: Annotated[str, Meta(min_length=1, max_length=5 * NAME_CHARS_MAX)]
    limit: Annotated[int, Meta(ge=1, le=FOUND_MAX)] = FOUND


class FoundOrderView(View, frozen=True, kw_only=True):
    """The order whose pickup number was meant."""

    order_id: OrderId
    number: int
    status: OrderStatus
    vendor_id: VendorId
    vendor_name: str


class FoundView(View, frozen=True, kw_only=True):
    """Somebody who may be meant."""

    user_id: UserId
    name: str
    top_up_code: str
    balance: int
    frozen: bool
    suspended: bool
    moved_to: UserId | UnsetType = UNSET  # who has got what was in their wallet
    is_: tuple[str, ...] = msgspec.field(name="is")  # customer, keeper, cashier, admin
    stalls: tuple[NamedPartView, ...]
    order: FoundOrderView | UnsetType = UNSET


@ENDPOINTS.get("/v1/admin/people", who_may(Act.FIND_PERSON), query=FindQuery, answers={200: Page[FoundView]})
async def find_people(call: Call) -> Response:
    """GET /v1/admin/people: the surest first. Nobody is listed to who says nothing: that is `/v1/admin/users`."""
    query, services = call.query(FindQuery), call.services
    text = clean_line(query.find, field="find", chars_max=NAME_CHARS_MAX)
    found = await services.reads.find_people(text, now=services.now(), limit=query.limit)
    return json_response(only_page(map(_found_view, found)))


def _found_view(found: Found) -> FoundView:
    user = found.person.user
    return FoundView(
        user_id=user.user_id,
        name=user.name,
        top_up_code=user.top_up_code,
        balance=found.balance,
        frozen=user.frozen,
        suspended=user.suspended,
        moved_to=left_out(user.moved_to),
        is_=words_of(found.person),
        stalls=parts_of(found.person),
        order=UNSET if found.order is None else _order_view(found.order),
    )


def _order_view(order: Order) -> FoundOrderView:
    return FoundOrderView(
        order_id=order.order_id,
        number=order.number,
        status=order.status,
        vendor_id=order.vendor_id,
        vendor_name=order.vendor_name,
    )
