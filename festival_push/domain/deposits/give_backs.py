"""Give-backs: a stall offers a deposit for what a guest brings back, and the first guest who scans it takes it, once.

Cups are brought back to any stall, wherever they were bought: all deposits are in one account, and never more goes back
than was taken.
"""

from typing import ClassVar, Final, Literal

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.deposits.refusals import AlreadyClaimed, DepositsExhausted, GiveBackExpired, NoDeposit
from festival_push.domain.deposits.rows import DepositLine, GiveBackOffer
from festival_push.domain.draft import Draft
from festival_push.domain.events import GiveBackClaimed
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import AmountTooLarge, BalanceLimit, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import (
    DEPOSITS,
    GiveBackId,
    Instant,
    ItemId,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
    user_account,
)

EXPIRES_S_MIN: Final = 30
EXPIRES_S_MAX: Final = 3600
EXPIRES_S: Final = 300
"""How long a deposit can be taken if the stall does not say: the guest stands at the counter."""

OfferStatus = Literal["open", "claimed", "expired"]


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of an item were brought back; the deposit is the menu's."""

    item_id: ItemId
    quantity: int


class OwnReturn(msgspec.Struct, frozen=True, kw_only=True):
    """Something was brought back that is on no menu any more, with the deposit that the stall names."""

    description: str
    amount: int  # 1..amount_max


class OfferGiveBack(msgspec.Struct, frozen=True, kw_only=True):
    """Offer, as a stall, the deposit of what a guest has brought back."""

    REFUSES: ClassVar[Refusals] = (AmountTooLarge, DepositsExhausted, NoDeposit, NotFound)

    give_back_id: GiveBackId
    actor_id: UserId
    vendor_id: VendorId
    returned: tuple[Returned, ...] | OwnReturn  # 1..order_lines_max lines
    expires_s: int  # EXPIRES_S_MIN..EXPIRES_S_MAX, from now on

    def needs(self) -> Needs:
        items = () if isinstance(self.returned, OwnReturn) else tuple(piece.item_id for piece in self.returned)
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,), items=items)

    def decide(self, book: Book, now: Instant) -> Decision[GiveBackOffer]:
        """Make the offer; nothing moves yet. A closed stall may make one too: cups come back after the last beer.

        Raises Forbidden, NotFound for someone else's stall or an item that is on no menu, NoDeposit, AmountTooLarge,
        DepositsExhausted.
        """
        book.own_stall(self.actor_id, self.vendor_id, Act.GIVE_DEPOSIT_BACK)
        lines = _lines(book, self.returned)
        total = sum(line.deposit * line.quantity for line in lines)
        if total > book.rules.amount_max:
            raise AmountTooLarge(amount=total, amount_max=book.rules.amount_max)
        _require_left(book, total)
        offer = GiveBackOffer(
            give_back_id=self.give_back_id,
            vendor_id=self.vendor_id,
            lines=lines,
            total=total,
            created_at=now,
            expires_at=Instant(now + self.expires_s * 1000),
            created_by=self.actor_id,
        )
        draft = Draft(book, now)
        draft.new(offer)
        return draft.decision(offer)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit that a guest has taken, and their wallet after it."""

    offer: GiveBackOffer
    vendor_name: str
    balance: int


class ClaimGiveBack(msgspec.Struct, frozen=True, kw_only=True):
    """Take the deposit that a stall offers, as a guest."""

    REFUSES: ClassVar[Refusals] = (AlreadyClaimed, BalanceLimit, DepositsExhausted, GiveBackExpired, NotFound)

    give_back_id: GiveBackId
    actor_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), give_backs=(self.give_back_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Claimed]:
        """Claim the offer and take the money, both or neither.

        Raises Suspended, NotFound, AlreadyClaimed, GiveBackExpired, BalanceLimit; DepositsExhausted if more would go
        back than was taken.
        """
        guest = book.actor(self.actor_id)
        require(guest, Act.CLAIM_DEPOSIT, user_id=self.actor_id)
        if (offer := book.give_backs.get(self.give_back_id)) is None:
            raise NotFound(what="give-back")
        if offer.claimed_by is not None:
            raise AlreadyClaimed
        if now >= offer.expires_at:
            raise GiveBackExpired
        _require_left(book, offer.total)
        draft, wallet, stall = Draft(book, now, user=self.actor_id), user_account(self.actor_id), offer.vendor_id
        if (balance := draft.balance(wallet)) + offer.total > book.rules.balance_max:
            raise BalanceLimit(balance=balance, balance_max=book.rules.balance_max)
        name = book.vendor(stall).name
        transfer = draft.transfer(
            TransferKind.DEPOSIT, offer.total, debit=DEPOSITS, credit=wallet,
            transfer_id=claim_transfer(offer.give_back_id), note=name,
        )  # fmt: skip
        offer = msgspec.structs.replace(offer, claimed_by=self.actor_id, claimed_at=now)
        draft.put(offer)
        draft.tell_balance(wallet, transfer)
        draft.notify(user_topic(self.actor_id), "deposit-back", amount=offer.total, stall=name)
        event = GiveBackClaimed(
            timestamp=draft.timestamp, vendor_id=stall, give_back_id=offer.give_back_id, amount=offer.total
        )
        draft.tell(event, stall_topic(stall))
        draft.tell_admins(transfer, user_id=self.actor_id)
        return draft.decision(Claimed(offer=offer, vendor_name=name, balance=transfer.credit_balance))


def claim_transfer(give_back_id: GiveBackId) -> TransferId:
    """Return the id of the transfer by which a guest takes a deposit."""
    return TransferId(f"{give_back_id}-claimed")


def status_of(offer: GiveBackOffer, now: Instant) -> OfferStatus:
    """Return whether an offer can be taken (`open`), was taken, or has expired."""
    if offer.claimed_by is not None:
        return "claimed"
    return "open" if now < offer.expires_at else "expired"


def _lines(book: Book, returned: tuple[Returned, ...] | OwnReturn) -> tuple[DepositLine, ...]:
    """Return what goes back, at the deposits of the menus: of any stall's, and also of what is sold out.

    Raises NotFound for an item that is on no menu, NoDeposit if none of them has a deposit.
    """
    if isinstance(returned, OwnReturn):
        return (DepositLine(item_id=None, name=returned.description, quantity=1, deposit=returned.amount),)
    items = [(book.item(piece.item_id), piece.quantity) for piece in returned]
    lines = tuple(
        DepositLine(item_id=item.item_id, name=item.name, quantity=quantity, deposit=item.deposit)
        for item, quantity in items
        if item.deposit
    )
    if not lines:
        raise NoDeposit
    return lines


def _require_left(book: Book, total: int) -> None:
    if total > (left := book.account(DEPOSITS).balance):
        raise DepositsExhausted(left=left)
