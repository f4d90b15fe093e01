"""Which rows a batch has to load: those that its commands name, and those that these bring with them."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

import msgspec

from festival_push.domain.book import Book
from festival_push.domain.ledger import asked_payout
from festival_push.domain.look_alikes import name_key
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Transfer
from festival_push.domain.topics import order_of
from festival_push.domain.values import (
    DrawerId,
    OrderId,
    PayoutId,
    ReceiptId,
    UserId,
    VendorId,
    actor_user,
    allowance_account,
    allowance_owner,
    desk_method_of,
    drawer_account,
    drawer_of,
    is_cash,
    till_account,
    till_owner,
    user_account,
    wallet_owner,
)


def first_needs(needs: Needs) -> Needs:
    """Add the rows that the named people and stalls bring with them, so that most batches load in one round trip."""
    people = tuple(dict.fromkeys((*needs.users, *needs.readers, *needs.colleagues)))
    return msgspec.structs.replace(
        needs,
        accounts=(
            *map(user_account, needs.users),
            *map(allowance_account, needs.users),
            *map(till_account, needs.vendors),
        ),
        reversed=needs.transfers,
        stalls_of=people,
        open_orders=needs.vendors,
    )


def next_needs(book: Book, asked: Mapping[str, Set[str]]) -> Needs:
    """Return the rows that the loaded rows bring with them and that are still missing.

    Args:
        asked: Ids that were already looked up, found or not, by the fields of `Needs`. They are not named again.

    Returns:
        The rows to load next; equal to `Needs()` when the book is complete.
    """
    users: set[UserId] = {order.user_id for order in book.orders.values()}
    users.update(keeper.user_id for keeper in book.keepers.values())
    users.update(user.moved_to for user in book.users.values() if user.moved_to is not None)
    users.update(drawer.cashier_id for drawer in book.drawers.values())
    vendors: set[VendorId] = {order.vendor_id for order in book.orders.values()}
    vendors.update(request.vendor_id for request in book.payment_requests.values())
    vendors.update(offer.vendor_id for offer in book.give_backs.values())
    vendors.update(pairing.vendor_id for pairing in book.pairings.values())
    vendors.update(keeper.vendor_id for keeper in book.keepers.values())
    moved = _moved(book.transfers.values(), users, vendors)
    people = users | book.users.keys()
    accounts = {*map(user_account, people), *map(allowance_account, people), *map(till_account, vendors)}
    accounts.update(payout.account_id for payout in book.payouts.values())
    accounts.update(drawer_account(drawer_id) for drawer_id in moved.drawers | book.drawers.keys())
    watched = {keeper.vendor_id for keeper in book.keepers.values() if keeper.user_id in asked["colleagues"]}
    lines = (line for request in book.payment_requests.values() for line in request.lines)
    items = {line.item_id for line in lines if line.item_id is not None}
    if asked["sold_items"]:
        items.update(line.item_id for order in book.orders.values() for line in order.lines if line.item_id is not None)
    topics = (topic for rooms in book.rooms.values() for topic in rooms.topics)
    founders = (user for user_id, user in book.users.items() if user_id in asked["founders"])
    followed = {order_id for order_id in map(order_of, topics) if order_id is not None}
    return Needs(
        users=tuple(sorted(users - asked["users"] - book.users.keys())),
        vendors=tuple(sorted(vendors - asked["vendors"])),
        name_keys=tuple(sorted({name_key(founder.name) for founder in founders} - asked["name_keys"])),
        items=tuple(sorted(items - asked["items"])),
        orders=tuple(sorted(moved.orders - asked["orders"])),
        receipts=tuple(sorted(moved.receipts - asked["receipts"])),
        claims_of=tuple(sorted(moved.receipts - asked["claims_of"])),
        payouts=tuple(sorted(moved.payouts - asked["payouts"])),
        drawers=tuple(sorted(moved.drawers - asked["drawers"])),
        desk_sums=tuple(sorted(moved.at_desk - asked["desk_sums"])),
        reversed=tuple(sorted(book.transfers.keys() - asked["reversed"])),
        accounts=tuple(sorted(accounts - asked["accounts"])),
        stalls_of=tuple(sorted(people - asked["stalls_of"])),
        keepers_of=tuple(sorted(watched - asked["keepers_of"])),
        open_orders=tuple(sorted((vendors | book.vendors.keys()) - asked["open_orders"])),
        finished=tuple(sorted(followed - asked["finished"])),
    )


@dataclass(slots=True)
class _Moved:
    orders: set[OrderId] = field(default_factory=set)
    receipts: set[ReceiptId] = field(default_factory=set)
    payouts: set[PayoutId] = field(default_factory=set)
    drawers: set[DrawerId] = field(default_factory=set)
    at_desk: set[UserId] = field(default_factory=set)  # who moved money there


def _moved(transfers: Iterable[Transfer], users: set[UserId], vendors: set[VendorId]) -> _Moved:
    """Return what transfers are of, and add those whose accounts they moved to the people and the stalls."""
    moved = _Moved()
    for transfer in transfers:
        for side in (transfer.debit, transfer.credit):
            if (user_id := wallet_owner(side) or allowance_owner(side)) is not None:
                users.add(user_id)
            elif (vendor_id := till_owner(side)) is not None:
                vendors.add(vendor_id)
            elif is_cash(side) or desk_method_of(side) is not None:
                moved.at_desk.update(filter(None, (actor_user(transfer.actor),)))
                moved.drawers.update(filter(None, (drawer_of(side),)))
        if transfer.order_id is not None:
            moved.orders.add(transfer.order_id)
        if transfer.receipt_id is not None:
            moved.receipts.add(transfer.receipt_id)
        if (payout_id := asked_payout(transfer)) is not None:
            moved.payouts.add(payout_id)
    return moved


def merge(needs: Iterable[Needs]) -> Needs:
    """Return the union of the needs of several commands, each row named once."""
    columns: dict[str, dict[str, None]] = {name: {} for name in Needs.__struct_fields__}
    for need in needs:
        for name, keys in columns.items():
            if named := getattr(need, name):  # a command needs a few kinds of many
                keys.update(dict.fromkeys(named))
    return Needs(**{name: tuple(keys) for name, keys in columns.items()})  # type: ignore[arg-type]  # keys keep their NewType
