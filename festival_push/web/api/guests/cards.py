"""The guest's card at the cash desk, and the history of their wallet. Nobody's sign-in name is in either."""

from functools import partial
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.ledger import kind_seen
from festival_push.domain.orders.rows import Order
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import Payout
from festival_push.domain.signing_in.rows import Session
from festival_push.domain.signing_in.sessions import is_live
from festival_push.domain.values import (
    AccountId,
    Actor,
    Instant,
    OrderId,
    OrderStatus,
    PaymentStatus,
    PayoutId,
    PayoutStatus,
    Rules,
    TransferId,
    UserId,
    VendorId,
    rfc3339,
    user_account,
)
from festival_push.store.reads.guests.cards import GuestSeen, HistoryEntry
from festival_push.web.api.guests.views import NamedPartView, parts_of
from festival_push.web.api.views import Page, View, page
from festival_push.web.identity.principal import words_of
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_DESK: Final = who_may(Act.SEE_GUEST)


class GuestOrderView(View, frozen=True, kw_only=True):
    """An order of a guest's."""

    order_id: OrderId
    number: int
    vendor_id: VendorId
    vendor_name: str
    status: OrderStatus
    payment_status: PaymentStatus
    total: int
    tip: int  # beside the total
    refunded: int  # of the total
    created_at: str
    at_once: bool | UnsetType = UNSET  # true: handed over when it was paid, and no number is called
    deposit: int | UnsetType = UNSET  # beside the total
    deposit_refunded: int | UnsetType = UNSET


class GuestSessionView(View, frozen=True, kw_only=True):
    """A device on which a guest is signed in."""

    session_id: str | UnsetType = UNSET  # for organisers
    device: str | UnsetType = UNSET  # what it said it is: proof of nothing
    external: bool  # by an identity provider
    created_at: str
    last_seen_at: str  # to the hour


class GuestPayoutView(View, frozen=True, kw_only=True):
    """A payout of a guest's wallet."""

    payout_id: PayoutId
    amount: int
    status: PayoutStatus
    reversed: int | UnsetType = UNSET  # of the amount, back in the wallet
    reason: str | UnsetType = UNSET  # why it was rejected
    created_at: str


class GuestView(View, frozen=True, kw_only=True):
    """All that the desk is shown of a person."""

    user_id: UserId
    name: str
    top_up_code: str
    balance: int
    allowance: int | UnsetType = UNSET  # beside it, where there is some
    currency: str
    currency_digits: int
    frozen: bool
    suspended: bool
    moved_to: UserId | UnsetType = UNSET  # who has got what was in the wallet
    created_at: str
    is_: tuple[str, ...] = msgspec.field(name="is")  # customer, keeper, cashier, admin
    stalls: tuple[NamedPartView, ...]
    orders: tuple[GuestOrderView, ...]  # all open ones and the newest twenty, newest first
    sessions: tuple[GuestSessionView, ...]  # the last used first
    payouts: tuple[GuestPayoutView, ...]  # the newest twenty


class GuestTransactionView(View, frozen=True, kw_only=True):
    """A transfer as a guest's wallet sees it."""

    transaction_id: TransferId
    kind: str  # top-up, purchase, tip, refund, payout, adjustment …
    amount: int  # signed
    balance: int  # right after
    order_id: OrderId | UnsetType = UNSET
    vendor_name: str | UnsetType = UNSET  # of the stall whose order it is of
    actor: Actor  # who moved it
    actor_name: str | UnsetType = UNSET  # of a person
    note: str | UnsetType = UNSET
    timestamp: str
    reverses: TransferId | UnsetType = UNSET  # the transfer that it takes back
    reversed: int | UnsetType = UNSET  # how much of it was taken back


@ENDPOINTS.get("/v1/admin/people/{userId}", _DESK, query=NoQuery, answers={200: GuestView})
async def show_guest(call: Call) -> Response:
    """GET /v1/admin/people/{userId}"""
    call.query(NoQuery)
    services = call.services
    guest = await services.reads.guest(UserId(call.id("userId")))
    if guest is None or guest.person.user.erased_at is not None:
        raise NotFound(what="user")
    shows_ids = may(call.person, Act.MANAGE_PEOPLE)
    return json_response(_guest_view(guest, services.rules, services.now(), shows_ids=shows_ids))


@ENDPOINTS.get(
    "/v1/admin/people/{userId}/transactions", _DESK, query=PageQuery, answers={200: Page[GuestTransactionView]}
)
async def list_guest_transactions(call: Call) -> Response:
    """GET /v1/admin/people/{userId}/transactions: of the wallet, newest first."""
    query, user_id = call.query(PageQuery), UserId(call.id("userId"))
    found = await call.services.reads.history(user_id, before=query.before, limit=query.limit + 1)
    if not found and await call.services.reads.person(user_id) is None:
        raise NotFound(what="user")
    view = partial(_transaction_view, account=user_account(user_id))
    return json_response(page(found, query.limit, view, before=lambda entry: entry.transfer.seq))


def _guest_view(guest: GuestSeen, rules: Rules, now: Instant, *, shows_ids: bool) -> GuestView:
    user = guest.person.user
    live = (session for session in guest.sessions if is_live(session, user, now))
    return GuestView(
        user_id=user.user_id,
        name=user.name,
        top_up_code=user.top_up_code,
        balance=guest.balance,
        allowance=guest.allowance or UNSET,
        currency=rules.currency.code,
        currency_digits=rules.currency.digits,
        frozen=user.frozen,
        suspended=user.suspended,
        moved_to=left_out(user.moved_to),
        created_at=rfc3339(user.created_at),
        is_=words_of(guest.person),
        stalls=parts_of(guest.person, guest.stalls),
        orders=tuple(map(_order_view, guest.orders)),
        sessions=tuple(_session_view(session, shows_id=shows_ids) for session in live),
        payouts=tuple(map(_payout_view, guest.payouts)),
    )


def _order_view(order: Order) -> GuestOrderView:
    return GuestOrderView(
        order_id=order.order_id,
        number=order.number,
        vendor_id=order.vendor_id,
        vendor_name=order.vendor_name,
        status=order.status,
        payment_status=order.payment_status,
        total=order.total,
        tip=order.tip,
        refunded=order.refunded,
        created_at=rfc3339(order.created_at),
        at_once=order.handed_over or UNSET,
        deposit=order.deposit or UNSET,
        deposit_refunded=order.deposit_refunded or UNSET,
    )


def _session_view(session: Session, *, shows_id: bool) -> GuestSessionView:
    return GuestSessionView(
        session_id=session.session_id if shows_id else UNSET,
        device=session.device or UNSET,
        external=session.external,
        created_at=rfc3339(session.created_at),
        last_seen_at=rfc3339(session.last_seen_at),
    )


def _payout_view(payout: Payout) -> GuestPayoutView:
    return GuestPayoutView(
        payout_id=payout.payout_id,
        amount=payout.amount,
        status=payout.status,
        reversed=payout.reversed or UNSET,
        reason=left_out(payout.reason),
        created_at=rfc3339(payout.created_at),
    )


def _transaction_view(entry: HistoryEntry, account: AccountId) -> GuestTransactionView:
    transfer = entry.transfer
    credited = transfer.credit == account
    return GuestTransactionView(
        transaction_id=transfer.transfer_id,
        kind=kind_seen(transfer, account),
        amount=transfer.amount if credited else -transfer.amount,
        balance=transfer.credit_balance if credited else transfer.debit_balance,
        order_id=left_out(transfer.order_id),
        vendor_name=left_out(entry.vendor_name),
        actor=transfer.actor,
        actor_name=left_out(entry.actor_name),
        note=left_out(transfer.note),
        timestamp=rfc3339(transfer.at),
        reverses=left_out(transfer.reverses),
        reversed=entry.reversed or UNSET,
    )
