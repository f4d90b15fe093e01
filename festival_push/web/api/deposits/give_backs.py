"""Give-backs: offered by a stall, shown as a QR code, taken by the first guest who confirms."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.deposits.give_backs import (
    EXPIRES_S,
    EXPIRES_S_MAX,
    EXPIRES_S_MIN,
    Claimed,
    ClaimGiveBack,
    OfferGiveBack,
    OfferStatus,
    OwnReturn,
    Returned,
    status_of,
)
from festival_push.domain.deposits.rows import DepositLine, GiveBackOffer
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import AccountKind, GiveBackId, ItemId, VendorId, rfc3339
from festival_push.store.reads.deposits.give_backs import OfferSeen
from festival_push.store.writing.answers import Committed
from festival_push.web.api.orders.order_views import QUANTITY_MAX
from festival_push.web.api.orders.qr_codes import SVG, qr_response
from festival_push.web.api.sides import chosen_stall
from festival_push.web.api.views import View
from festival_push.web.parsing.addresses import public_url
from festival_push.web.parsing.fields import Amount, Body, Id, Name, given
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response
from festival_push.web.routing.pictures import BUSY

ENDPOINTS: Final = Endpoints()

_GUESTS: Final = who_may(Act.CLAIM_DEPOSIT)
_Seconds = Annotated[int, Meta(ge=EXPIRES_S_MIN, le=EXPIRES_S_MAX, description="Seconds.")]


class ReturnedBody(Body, frozen=True, kw_only=True):
    """So many pieces of an item, of any stall's menu."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class OfferGiveBackBody(Body, frozen=True, kw_only=True):
    """Either what was brought back, or an amount and what it is for; for how long; and which of their stalls offers it,
    if it is not the first."""

    items: Annotated[tuple[ReturnedBody, ...], Meta(min_length=1)] | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET
    description: Name | UnsetType = UNSET
    expires_in: _Seconds = EXPIRES_S
    vendor_id: Id | UnsetType = UNSET


class ClaimBody(Body, frozen=True, kw_only=True):
    """Nothing to say: the stall has said it all."""


class OfferMade(View, frozen=True, kw_only=True):
    """A new give-back; `url` is what its QR code holds."""

    give_back_id: GiveBackId
    total: int
    url: str
    expires_at: str


class OfferedGiveBackView(View, frozen=True, kw_only=True):
    """A give-back before it is taken, and what became of it."""

    give_back_id: GiveBackId
    vendor_id: VendorId
    vendor_name: str
    items: tuple[DepositLine, ...]
    total: int
    currency: str
    currency_digits: int
    status: OfferStatus
    claimed_by_you: bool
    url: str
    created_at: str
    expires_at: str


class ClaimedView(View, frozen=True, kw_only=True):
    """A deposit that the caller has taken, and the balance of their wallet."""

    give_back_id: GiveBackId
    vendor_name: str
    total: int
    balance: int
    position: int


@ENDPOINTS.post(
    "/v1/give-backs",
    who_may(Act.GIVE_DEPOSIT_BACK),
    body=OfferGiveBackBody,
    key=Key.REQUIRED,
    answers={201: OfferMade},
    refuses=OfferGiveBack.REFUSES,
)
async def offer_give_back(call: Call) -> Response:
    """POST /v1/give-backs: 201, once per idempotency key. Moves no money."""
    body = await call.body(OfferGiveBackBody)
    vendor_id = chosen_stall(call.person, AccountKind.TILL, given(body.vendor_id), Act.GIVE_DEPOSIT_BACK)
    assert vendor_id is not None, "a till is a stall's"
    command = OfferGiveBack(
        give_back_id=GiveBackId(new_id()),
        actor_id=call.actor_id,
        vendor_id=vendor_id,
        returned=_returned(call, body),
        expires_s=body.expires_in,
    )

    def view(committed: Committed[GiveBackOffer]) -> OfferMade:
        offer = committed.reply
        return OfferMade(
            give_back_id=offer.give_back_id,
            total=offer.total,
            url=_url(call, offer),
            expires_at=rfc3339(offer.expires_at),
        )

    return await call.run_once(command, body, view, status=201)


@ENDPOINTS.get("/v1/give-backs/{giveBackId}", _GUESTS, query=NoQuery, answers={200: OfferedGiveBackView})
async def show_give_back(call: Call) -> Response:
    """GET /v1/give-backs/{giveBackId}: what goes back, to anybody who has scanned it."""
    seen = await _seen(call)
    offer = seen.offer
    view = OfferedGiveBackView(
        give_back_id=offer.give_back_id,
        vendor_id=offer.vendor_id,
        vendor_name=seen.vendor.name,
        items=offer.lines,
        total=offer.total,
        currency=call.services.rules.currency.code,
        currency_digits=call.services.rules.currency.digits,
        status=status_of(offer, call.services.now()),
        claimed_by_you=offer.claimed_by == call.actor_id,
        url=_url(call, offer),
        created_at=rfc3339(offer.created_at),
        expires_at=rfc3339(offer.expires_at),
    )
    return json_response(view)


@ENDPOINTS.get("/v1/give-backs/{giveBackId}/qr.svg", _GUESTS, query=NoQuery, answers={200: SVG}, refuses=(BUSY,))
async def show_give_back_svg(call: Call) -> Response:
    """GET /v1/give-backs/{giveBackId}/qr.svg"""
    seen = await _seen(call)
    return await qr_response(call, _url(call, seen.offer), "svg", stall=seen.offer.vendor_id)


@ENDPOINTS.post(
    "/v1/give-backs/{giveBackId}/claim",
    _GUESTS,
    body=ClaimBody,
    key=Key.REQUIRED,
    answers={200: ClaimedView},
    refuses=ClaimGiveBack.REFUSES,
)
async def claim_give_back(call: Call) -> Response:
    """POST /v1/give-backs/{giveBackId}/claim: the deposit goes to the caller's wallet; it is taken at most once."""
    body = await call.body(ClaimBody)
    command = ClaimGiveBack(give_back_id=_give_back_id(call), actor_id=call.actor_id)
    return await call.run_once(command, body, _claimed_view)


def _claimed_view(committed: Committed[Claimed]) -> ClaimedView:
    reply = committed.reply
    return ClaimedView(
        give_back_id=reply.offer.give_back_id,
        vendor_name=reply.vendor_name,
        total=reply.offer.total,
        balance=reply.balance,
        position=committed.position,
    )


def _returned(call: Call, body: OfferGiveBackBody) -> OwnReturn | tuple[Returned, ...]:
    if body.items is not UNSET:
        for field, value in (("amount", body.amount), ("description", body.description)):
            if value is not UNSET:
                raise field_error(field, "does not go together with items")
        if len(body.items) > (lines_max := call.services.rules.order_lines_max):
            raise field_error("items", f"must be at most {lines_max} lines")
        return tuple(Returned(item_id=ItemId(piece.item_id), quantity=piece.quantity) for piece in body.items)
    if body.amount is UNSET:
        raise field_error("amount", "is required where there are no items")
    if body.description is UNSET:
        raise field_error("description", "is required where there are no items")
    return OwnReturn(description=clean_name(body.description, "description"), amount=call.check_amount(body.amount))


async def _seen(call: Call) -> OfferSeen:
    """Read the give-back in the path. Raises NotFound."""
    call.query(NoQuery)
    seen = await call.services.reads.give_back(_give_back_id(call))
    if seen is None:
        raise NotFound(what="give-back")
    return seen


def _give_back_id(call: Call) -> GiveBackId:
    return GiveBackId(call.id("giveBackId"))


def _url(call: Call, offer: GiveBackOffer) -> str:
    """Return the address of the page that takes the deposit."""
    return f"{public_url(call.services.settings.server)}/give-back/?offer={offer.give_back_id}"
