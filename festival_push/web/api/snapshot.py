"""The state of a person that streams and pages begin with."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.orders.orders import OrderSeen
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import AccountKind, Part, Rules, VendorId
from festival_push.domain.words.rooms import room_name
from festival_push.store.reads.reads import Profile, StallSeen
from festival_push.web.api.orders.order_views import OrderView, order_view
from festival_push.web.api.views import View
from festival_push.web.identity.principal import words_of
from festival_push.web.parsing.fields import left_out
from festival_push.web.routing.endpoint import Call


class WalletView(View, frozen=True, kw_only=True):
    """A person's own money."""

    balance: int
    frozen: Literal[True] | UnsetType = UNSET  # money comes in, and none goes out
    allowance: int | UnsetType = UNSET  # beside it, where there is some: it buys at stalls, and is never paid out


class KeptStallView(View, frozen=True, kw_only=True):
    """A stall that the caller keeps."""

    vendor_id: VendorId
    name: str
    part: Part
    balance: int  # of its till
    open: bool
    orders: tuple[OrderView, ...] | UnsetType = UNSET  # where they are not the `orders` beside the stalls


class SnapshotView(View, frozen=True, kw_only=True):
    """The caller's state at the position that is the `connected` frame's id.

    `balance` and `orders` are of one side of the caller, which `account` and `vendorId` name: the first stall's, for
    who keeps one and is no organiser, else their own. The other sides stand beside them.
    """

    is_: tuple[str, ...] = msgspec.field(name="is")  # customer, keeper, cashier, admin
    account: AccountKind
    vendor_id: VendorId | UnsetType = UNSET
    balance: int
    currency: str
    currency_digits: int
    orders: tuple[OrderView, ...]
    own_orders: tuple[OrderView, ...] | UnsetType = UNSET  # where `orders` are a stall's
    unread: int
    rooms: tuple[str, ...]
    wallet: WalletView
    stalls: tuple[KeptStallView, ...]  # those that they own first


async def read_profile(call: Call) -> Profile:
    """Read everything about the caller at one position. Raises NotFound."""
    profile = await call.services.reads.profile(call.actor_id)
    if profile is None:
        raise NotFound(what="user")
    return profile


def snapshot_view(profile: Profile, rules: Rules) -> SnapshotView:
    """Render the state that a new stream begins with. The rooms are those that it follows besides its own topics."""
    shown = profile.stall

    def render(orders: tuple[OrderSeen, ...]) -> tuple[OrderView, ...]:
        return tuple(order_view(seen, rules) for seen in orders)

    def kept_view(kept: StallSeen) -> KeptStallView:
        return KeptStallView(
            vendor_id=kept.vendor.vendor_id,
            name=kept.vendor.name,
            part=kept.part,
            balance=kept.balance,
            open=kept.vendor.sells,
            orders=UNSET if kept is shown else render(kept.orders),
        )

    return SnapshotView(
        is_=words_of(profile.person),
        account=AccountKind.WALLET if shown is None else AccountKind.TILL,
        vendor_id=left_out(profile.person.vendor_id),
        balance=profile.balance,
        currency=rules.currency.code,
        currency_digits=rules.currency.digits,
        orders=render(profile.orders),
        own_orders=UNSET if shown is None else render(profile.ordered),
        unread=profile.unread,
        rooms=tuple(map(room_name, profile.rooms)),
        wallet=WalletView(
            balance=profile.wallet,
            frozen=True if profile.person.user.frozen else UNSET,
            allowance=profile.allowance or UNSET,
        ),
        stalls=tuple(map(kept_view, profile.stalls)),
    )
