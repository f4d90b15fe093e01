"""The caller's own: who they are, what they have, and what moved."""

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.events import NewNotification
from festival_push.domain.ledger import kind_seen
from festival_push.domain.orders.steps import RECALL_MS
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import Transfer, User
from festival_push.domain.signing_in.factors import lacks_factor
from festival_push.domain.signing_in.pin_lengths import is_too_short
from festival_push.domain.signing_in.sign_in import sign_in_names
from festival_push.domain.topics import own_topics
from festival_push.domain.values import (
    AccountId,
    AccountKind,
    AnnouncementId,
    OrderId,
    Role,
    Rules,
    TransferId,
    UserId,
    VendorId,
    rfc3339,
    till_owner,
    wallet_owner,
)
from festival_push.settings import OrderSettings
from festival_push.store.reads.notifications import Notification
from festival_push.web.api.orders.order_views import OrderView
from festival_push.web.api.sides import SideQuery, account_of
from festival_push.web.api.snapshot import KeptStallView, WalletView, read_profile, snapshot_view
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.endpoint import USER, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()


class TransactionView(View, frozen=True, kw_only=True):
    """A transfer as one wallet or till sees it."""

    transaction_id: TransferId
    account: AccountKind
    user_id: str  # whose wallet; of a till: the stall's id
    vendor_id: VendorId | UnsetType = UNSET  # whose till
    kind: str  # top-up, purchase, sale, tip, refund, payout, fee, adjustment, deposit, allowance …
    amount: int  # signed
    balance: int  # right after
    order_id: OrderId | UnsetType = UNSET
    vendor_name: str | UnsetType = UNSET  # of a wallet: where the order was placed, as the stall was called then
    note: str | UnsetType = UNSET
    timestamp: str
    reverses: TransferId | UnsetType = UNSET  # the transfer that it takes back


class RulesView(View, frozen=True, kw_only=True):
    """The organiser's settings that pages go by."""

    cancel_seconds: int  # how long after paying a customer may cancel what the stall has accepted; 0: not at all
    recall_minutes: int  # how long after it was completed an order may be recalled
    late_minutes: int  # an order that has waited as long is late
    very_late_minutes: int
    tax_rates_bp: tuple[int, ...] | UnsetType = UNSET  # which an item may have; left out: any


class MeView(View, frozen=True, kw_only=True):
    """The caller, and everything that their page starts with."""

    user_id: UserId
    user_type: Role  # the most that they are
    name: str
    balance: int
    currency: str
    currency_digits: int
    top_up_code: str
    sign_in: str | UnsetType = UNSET  # what they sign in with; nobody else is shown it
    sign_in_public: Literal[True] | UnsetType = UNSET  # others know it, because it is a stall's id: renew it
    pin_too_short: Literal[True] | UnsetType = UNSET  # for what they are: set a longer one
    vendor_id: VendorId | UnsetType = UNSET  # the first stall that they keep, unless they are an organiser
    orders: tuple[OrderView, ...]
    unread: int
    position: int
    rules: RulesView
    is_: tuple[str, ...] = msgspec.field(name="is")  # customer, keeper, cashier, admin
    account: AccountKind  # the side that `balance` and `orders` are of, as in the snapshot
    own_orders: tuple[OrderView, ...] | UnsetType = UNSET
    wallet: WalletView
    stalls: tuple[KeptStallView, ...]
    second_factor: Literal["none", "present", "missing"]  # missing: without one, an organiser may do nothing here


class NoticeView(View, frozen=True, kw_only=True):
    """A notification, as its event told it; an announcement that was edited, in its present words."""

    notification_id: str  # the position of its event
    message: str  # in English, for programs that don't know the code
    type: str
    code: str | UnsetType = UNSET  # of announcements, and of what was told by older versions, none
    params: dict[str, str | int] | UnsetType = UNSET
    order_id: OrderId | UnsetType = UNSET
    title: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    announcement_id: AnnouncementId | UnsetType = UNSET
    vendor_id: VendorId | UnsetType = UNSET  # of one that is for who keeps this stall
    timestamp: str
    position: int
    read: bool


@ENDPOINTS.get("/v1/me", USER, unproven=True, query=NoQuery, answers={200: MeView}, refuses=(NotFound,))
async def show_me(call: Call) -> Response:
    """GET /v1/me."""
    call.query(NoQuery)
    profile = await read_profile(call)
    user, services = profile.person.user, call.services
    snapshot = snapshot_view(profile, services.rules)
    me = MeView(
        user_id=user.user_id,
        user_type=profile.person.user_type,
        name=user.name,
        balance=snapshot.balance,
        currency=snapshot.currency,
        currency_digits=snapshot.currency_digits,
        top_up_code=user.top_up_code,
        sign_in=left_out(user.sign_in),
        sign_in_public=True if await _is_public(call, user) else UNSET,
        pin_too_short=True if is_too_short(profile.person) else UNSET,
        vendor_id=snapshot.vendor_id,
        orders=snapshot.orders,
        unread=snapshot.unread,
        position=profile.position,
        rules=rules_view(services.settings.orders, services.rules),
        is_=snapshot.is_,
        account=snapshot.account,
        own_orders=snapshot.own_orders,
        wallet=snapshot.wallet,
        stalls=snapshot.stalls,
        second_factor=_second_factor(user, services.rules),
    )
    return json_response(me)


@ENDPOINTS.get("/v1/me/transactions", USER, query=SideQuery, answers={200: Page[TransactionView]}, refuses=(NotFound,))
async def list_transactions(call: Call) -> Response:
    """GET /v1/me/transactions: of the caller's wallet, or of the till of a stall that they keep."""
    query = call.query(SideQuery)
    account = account_of(call.person, query)
    found = await call.services.reads.transactions(account, before=query.before, limit=query.limit + 1)
    orders = [transfer.order_id for transfer in found if transfer.order_id is not None]
    stalls = {} if till_owner(account) else await call.services.reads.stalls_of_orders(orders)
    view = partial(transaction_view, account_id=account, stalls=stalls)
    return json_response(page(found, query.limit, view, before=lambda transfer: transfer.seq))


@ENDPOINTS.get("/v1/me/notifications", USER, query=PageQuery, answers={200: Page[NoticeView]}, refuses=(NotFound,))
async def list_notifications(call: Call) -> Response:
    """GET /v1/me/notifications: to the caller, their groups and stalls, and everyone; newest first, as far as the log
    is kept.

    Announcements that were withdrawn are left out, here and in every count of what is unread.
    """
    query = call.query(PageQuery)
    person = await call.services.reads.person(call.actor_id)  # not from the cache: they may just have read some
    if person is None:
        raise NotFound(what="user")
    found = await call.services.reads.notifications(own_topics(person), before=query.before, limit=query.limit + 1)
    view = partial(notification_view, read_up_to=person.user.read_up_to)
    return json_response(page(found, query.limit, view, before=lambda each: each.row.position))


def _second_factor(user: User, rules: Rules) -> Literal["none", "present", "missing"]:
    if user.factors:
        return "present"
    return "missing" if lacks_factor(user, rules) else "none"


async def _is_public(call: Call, user: User) -> bool:
    """Return whether the sign-in name is a stall's id, as it was for keepers of before: each menu shows that."""
    if user.sign_in_key is None or user.sign_in_key not in sign_in_names(user.user_id):
        return False
    return await call.services.reads.vendor(VendorId(user.user_id)) is not None


def rules_view(orders: OrderSettings, rules: Rules) -> RulesView:
    """Render the settings that pages go by."""
    return RulesView(
        cancel_seconds=orders.cancel_s,
        recall_minutes=RECALL_MS // 60_000,
        late_minutes=orders.late_min,
        very_late_minutes=orders.very_late_min,
        tax_rates_bp=rules.tax_rates_bp or UNSET,
    )


def transaction_view(transfer: Transfer, account_id: AccountId, stalls: Mapping[OrderId, str]) -> TransactionView:
    """Render one side of a transfer, signed as the owner of `account_id` sees it.

    Args:
        stalls: The names of the stalls where its order and others were placed; of a stall's own till none.
    """
    credited = transfer.credit == account_id
    assert credited or transfer.debit == account_id, account_id
    vendor_id = till_owner(account_id)
    return TransactionView(
        transaction_id=transfer.transfer_id,
        account=AccountKind.WALLET if vendor_id is None else AccountKind.TILL,
        user_id=vendor_id or wallet_owner(account_id) or "",
        vendor_id=left_out(vendor_id),
        kind=kind_seen(transfer, account_id),
        amount=transfer.amount if credited else -transfer.amount,
        balance=transfer.credit_balance if credited else transfer.debit_balance,
        order_id=left_out(transfer.order_id),
        vendor_name=UNSET if transfer.order_id is None else left_out(stalls.get(transfer.order_id)),
        note=left_out(transfer.note),
        timestamp=rfc3339(transfer.at),
        reverses=left_out(transfer.reverses),
    )


def notification_view(found: Notification, *, read_up_to: int) -> NoticeView:
    """Render a `new-notification` of the log for someone who has read up to a position."""
    row, announcement = found.row, found.announcement
    told = msgspec.json.decode(row.data, type=NewNotification)
    if announcement is not None and announcement.edited_at is not None:
        told = msgspec.structs.replace(
            told, message=announcement.message, title=announcement.title, priority=announcement.priority
        )
    return NoticeView(
        notification_id=str(row.position),
        message=told.message,
        type=told.type,
        code=left_out(told.code),
        params=told.params or UNSET,
        order_id=left_out(told.order_id),
        title=left_out(told.title),
        priority=left_out(told.priority),
        announcement_id=left_out(told.announcement_id),
        vendor_id=left_out(told.vendor_id),
        timestamp=told.timestamp,
        position=row.position,
        read=row.position <= read_up_to,
    )
