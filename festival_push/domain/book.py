"""The book (the rows that one batch of commands may touch, in memory), and the decisions of commands about it."""

from collections import Counter
from typing import Generic, Protocol, TypeVar

import msgspec

from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.event import Outgoing as Outgoing  # noqa: PLC0414  # a part of decisions
from festival_push.domain.events import NewNotification
from festival_push.domain.money.rows import Claim, UnreadReceipt
from festival_push.domain.office.deeds import FIRST_PREVIOUS, Deed
from festival_push.domain.office.refusals import WalletFrozen
from festival_push.domain.office.rows import Confirmation, DeskSum, KeptSettings
from festival_push.domain.open_orders import OpenOrders, require_told
from festival_push.domain.orders.rows import OPEN_STATUSES as OPEN_STATUSES  # noqa: PLC0414  # as Needs
from festival_push.domain.orders.rows import Order, PaymentRequest, open_order
from festival_push.domain.payouts.rows import PayoutRun
from festival_push.domain.people.erased import Erased
from festival_push.domain.people.relations import Act, Person, person_of, require
from festival_push.domain.refusals import NotFound, Suspended
from festival_push.domain.reports.rows import ZReport
from festival_push.domain.row_kinds import Needs as Needs  # noqa: PLC0414  # all who need the book import it from here
from festival_push.domain.rows import (
    COUNTED,
    KINDS,
    Account,
    Announcement,
    Keeper,
    MenuItem,
    Payout,
    Receipt,
    Rooms,
    Row,
    Transfer,
    User,
    Vendor,
)
from festival_push.domain.signing_in.rows import Factor, Guesses, Identity, RecoveryCodes, Server, Session, SpentToken
from festival_push.domain.stall_rows import Display, Pairing, VendorCode, VendorName
from festival_push.domain.topics import own_topics
from festival_push.domain.values import (
    AccountId,
    AccountKind,
    AnnouncementId,
    ClaimId,
    ConfirmationId,
    DisplayId,
    DrawerId,
    FactorId,
    GiveBackId,
    Instant,
    ItemId,
    OrderId,
    PairingId,
    PaymentRequestId,
    PayoutId,
    PayoutRunId,
    ReceiptId,
    Rules,
    TransferId,
    UnreadId,
    UserId,
    VendorId,
    account_kind,
    may_overdraw,
)

R_co = TypeVar("R_co", covariant=True)


class Decision(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """The changes that one command makes. Account balances change by the transfers alone."""

    reply: R_co
    transfers: tuple[Transfer, ...] = ()
    rows: tuple[Row, ...] = ()  # new rows, and whole new versions of known ones
    new: tuple[Row, ...] = ()  # those of them that are new: if the key exists, the command fails
    dropped: tuple[Keeper, ...] = ()  # rows that go; all others stay, because something refers to them
    events: tuple[Outgoing, ...] = ()
    deeds: tuple[Deed, ...] = ()
    erased: tuple[Erased, ...] = ()  # people of whom the store erases what it keeps besides rows


class KeyTaken(Exception):
    """A row that must be new has the key of another: an id was made or sent twice, and nothing may be replaced."""


class Command(Protocol[R_co]):
    """A request to change something: it names the rows that it may touch, then decides; both without side effects."""

    def needs(self) -> Needs:
        """Return the rows that `decide` may touch. Called outside the transaction."""
        ...

    def decide(self, book: "Book", now: Instant) -> Decision[R_co]:
        """Return the decision, or raise a `Refused`; the book is not changed either way."""
        ...


class Book:
    """The loaded rows, by kind and key. A row that does not exist in the database is not in its dict."""

    def __init__(
        self, rules: Rules, *, position: int, transfer_seq: int, deed_seq: int = 0, deed_hash: str = FIRST_PREVIOUS
    ) -> None:
        self.rules = rules
        # Of the newest event, transfer and deed, including those of this batch.
        self.position, self.transfer_seq = position, transfer_seq
        self.deed_seq, self.deed_hash = deed_seq, deed_hash
        self.log: tuple[str, str | None] = ("", None)  # its epoch, and where it was last written; None: not known
        self.clock = Instant(0)  # what the log's own clock said last; 0 if it has not begun
        self.users: dict[UserId, User] = {}
        self.keepers: dict[str, Keeper] = {}  # only `add_keeper` and `drop_keeper` change it
        self._parts: dict[UserId, dict[VendorId, Keeper]] = {}  # the same rows, by person
        self.vendors: dict[VendorId, Vendor] = {}
        self.vendor_names: dict[VendorId, VendorName] = {}
        self.accounts: dict[AccountId, Account] = {}
        self.items: dict[ItemId, MenuItem] = {}
        self._stock_before: dict[ItemId, int | None] = {}  # of the items whose count changed in this batch
        self.orders: dict[OrderId, Order] = {}
        self.receipts: dict[ReceiptId, Receipt] = {}
        self.vendor_codes: dict[str, VendorCode] = {}
        self.displays: dict[DisplayId, Display] = {}
        self.pairings: dict[PairingId, Pairing] = {}
        self.tokens: dict[str, SpentToken] = {}
        self.sessions: dict[str, Session] = {}
        self.identities: dict[str, Identity] = {}
        self.servers: dict[str, Server] = {}
        self.guesses: dict[str, Guesses] = {}
        self.sign_ins: dict[str, User] = {}  # by the key of the sign-in name
        self.payouts: dict[PayoutId, Payout] = {}
        self.payout_runs: dict[PayoutRunId, PayoutRun] = {}
        self.waiting_payouts: Counter[AccountKind] = Counter()  # that the next run takes; right if a command needs them
        self.reserves: dict[VendorId, int] = {}  # of stalls whose reserve a command needs: what they hold of such sales
        self.reserved_since = Instant(0)  # of orders that were paid after this, and are finished
        self.payment_requests: dict[PaymentRequestId, PaymentRequest] = {}
        self.give_backs: dict[GiveBackId, GiveBackOffer] = {}
        self.factors: dict[FactorId, Factor] = {}
        self.recovery_codes: dict[UserId, RecoveryCodes] = {}
        self.rooms: dict[UserId, Rooms] = {}
        self.announcements: dict[AnnouncementId, Announcement] = {}
        self.confirmations: dict[ConfirmationId, Confirmation] = {}
        self.desk_sums: dict[UserId, DeskSum] = {}
        self.drawers: dict[DrawerId, Drawer] = {}
        self.settings: dict[str, KeptSettings] = {}
        self.z_reports: dict[str, ZReport] = {}
        self.claims: dict[ClaimId, Claim] = {}
        self.unread_receipts: dict[UnreadId, UnreadReceipt] = {}
        self.transfers: dict[TransferId, Transfer] = {}  # those that a command needs, and those of this batch
        self.reversed: Counter[TransferId] = Counter()  # sums in minor units, right for those transfers
        self.finished: set[OrderId] = set()  # orders that are finished and whose room a loaded person has joined
        self.open_orders: dict[VendorId, OpenOrders] = {}  # for every loaded vendor
        self.unread: dict[UserId, list[int]] = {}  # for every reader: positions of the newest unread notifications
        self.menu_sizes: Counter[VendorId] = Counter()  # right for those that a command needs; so are the three below
        self.display_counts: Counter[VendorId] = Counter()
        self.payout_counts, self.order_counts = Counter[UserId](), Counter[UserId]()  # waiting ones; open ones

    def knows(self, row: Row) -> bool:
        """Return whether the book has a row of this kind and key: loaded, or made in this batch."""
        kind = KINDS[type(row)]
        return getattr(row, kind.key) in getattr(self, kind.name)

    def user(self, user_id: UserId) -> User:
        """Return a loaded user. Raises NotFound."""
        if (user := self.users.get(user_id)) is None:
            raise NotFound(what="user")
        return user

    def person(self, user_id: UserId) -> Person:
        """Return a loaded user with the stalls that they keep. Raises NotFound."""
        return person_of(self.user(user_id), self._parts.get(user_id, {}).values())

    def actor(self, user_id: UserId) -> Person:
        """Return the caller. Raises NotFound, Suspended."""
        person = self.person(user_id)
        if person.user.suspended:
            raise Suspended
        return person

    def spender(self, user_id: UserId) -> Person:
        """Return the caller, who spends from their own wallet. Raises NotFound, Suspended, WalletFrozen."""
        person = self.actor(user_id)
        if person.user.frozen:
            raise WalletFrozen
        return person

    def organiser(self, user_id: UserId, act: Act) -> Person:
        """Return the caller, who must be allowed to do this to the festival. Raises NotFound, Suspended, Forbidden."""
        person = self.actor(user_id)
        require(person, act)
        return person

    def keepers_of(self, vendor_id: VendorId) -> list[Keeper]:
        """Return the keepers of a stall that the command has named in `keepers_of`, the oldest first."""
        of_stall = (keeper for keeper in self.keepers.values() if keeper.vendor_id == vendor_id)
        return sorted(of_stall, key=lambda keeper: (keeper.created_at, keeper.user_id))

    def add_keeper(self, keeper: Keeper) -> None:
        """Put a person's part in a stall into the book."""
        self.keepers[keeper.keeper_id] = keeper
        self._parts.setdefault(keeper.user_id, {})[keeper.vendor_id] = keeper

    def drop_keeper(self, keeper: Keeper) -> None:
        """Take a person's part in a stall out of the book."""
        self.keepers.pop(keeper.keeper_id, None)
        self._parts.get(keeper.user_id, {}).pop(keeper.vendor_id, None)

    def vendor(self, vendor_id: VendorId) -> Vendor:
        """Return a loaded stall. Raises NotFound."""
        if (vendor := self.vendors.get(vendor_id)) is None:
            raise NotFound(what="vendor")
        return vendor

    def own_stall(self, actor_id: UserId, vendor_id: VendorId, act: Act) -> Vendor:
        """Return a loaded stall to which the caller may do this.

        Raises Suspended, Forbidden; NotFound for an unknown stall and for someone else's, so that ids can't be probed.
        """
        require(self.actor(actor_id), act, vendor_id=vendor_id, what="vendor")
        return self.vendor(vendor_id)

    def item(self, item_id: ItemId) -> MenuItem:
        """Return a loaded menu item. Raises NotFound, also for an item that was taken off the menu."""
        if (item := self.items.get(item_id)) is None or item.deleted:
            raise NotFound(what="item")
        return item

    def order(self, order_id: OrderId) -> Order:
        """Return a loaded order. Raises NotFound."""
        if (order := self.orders.get(order_id)) is None:
            raise NotFound(what="order")
        return order

    def take_stock_changes(self) -> list[MenuItem]:
        """Return the items of which another number is left than at the last call, in the order of their ids."""
        before, self._stock_before = self._stock_before, {}
        return [item for item_id in sorted(before) if (item := self.items[item_id]).stock != before[item_id]]

    def announcement(self, announcement_id: AnnouncementId) -> Announcement:
        """Return a loaded announcement, also one that was withdrawn. Raises NotFound."""
        if (announcement := self.announcements.get(announcement_id)) is None:
            raise NotFound(what="announcement")
        return announcement

    def drawer(self, drawer_id: DrawerId) -> Drawer:
        """Return a loaded drawer, open or closed. Raises NotFound."""
        if (drawer := self.drawers.get(drawer_id)) is None:
            raise NotFound(what="drawer")
        return drawer

    def open_drawer(self, user_id: UserId) -> Drawer | None:
        """Return the drawer that somebody has open, whom the command has named in `drawers_of`; None: none."""
        own = (drawer for drawer in self.drawers.values() if drawer.cashier_id == user_id and drawer.is_open)
        return next(own, None)

    def account(self, account_id: AccountId) -> Account:
        """Return a loaded account; a system account or an allowance without a row is made by its first transfer."""
        if (account := self.accounts.get(account_id)) is None:
            assert account_kind(account_id) is None, account_id  # the others are made together with their owner
            return Account(account_id=account_id, overdraft=may_overdraw(account_id))
        return account

    def apply(self, decision: Decision[object]) -> None:
        """Apply a decision to the book, so that the next command sees it; the committer writes the changes.

        Raises Untold, and then nothing is changed.
        """
        for row in decision.rows:
            if isinstance(row, Order):
                require_told(self.orders.get(row.order_id), row, decision.events)
        for transfer in decision.transfers:
            self.transfer_seq = transfer.seq
            debited, credited = self.account(transfer.debit), self.account(transfer.credit)
            self.accounts[transfer.debit] = msgspec.structs.replace(debited, balance=debited.balance - transfer.amount)
            self.accounts[transfer.credit] = msgspec.structs.replace(
                credited, balance=credited.balance + transfer.amount
            )
            if transfer.reverses is not None:
                self.reversed[transfer.reverses] += transfer.amount
            self.transfers[transfer.transfer_id] = transfer
        for row in decision.rows:
            self._put(row)
        for keeper in decision.dropped:
            self.drop_keeper(keeper)
        if self.unread:
            self._note_unread(decision.events)
        self.position += len(decision.events)

    def _put(self, row: Row) -> None:
        kind = KINDS[type(row)]
        rows, key = getattr(self, kind.name), getattr(row, kind.key)
        if (counted := COUNTED.get(type(row))) is not None:
            before = rows.get(key)
            change = counted.counts(row) - (before is not None and counted.counts(before))
            getattr(self, counted.name)[getattr(row, counted.group)] += change
        if isinstance(row, MenuItem):
            before = rows.get(key)
            self._stock_before.setdefault(row.item_id, None if before is None else before.stock)
        if isinstance(row, User):
            self._put_sign_in(rows.get(key), row)
        if isinstance(row, Payout):
            before = rows.get(key)
            kind_of = account_kind(row.account_id)
            assert kind_of is not None, row.account_id
            self.waiting_payouts[kind_of] += row.awaits_run - (before is not None and before.awaits_run)
        if isinstance(row, Order) and row.vendor_id in self.reserves:
            self.reserves[row.vendor_id] += self._reserved(row) - self._reserved(rows.get(key))
        if isinstance(row, Keeper):
            self.add_keeper(row)
            return
        rows[key] = row
        if isinstance(row, Order):
            self._put_open_order(row)
        elif isinstance(row, Vendor):
            self.open_orders.setdefault(row.vendor_id, OpenOrders())
        elif isinstance(row, Announcement) and row.withdrawn_at is not None:
            for positions in self.unread.values():  # nobody can read it any more
                if row.position in positions:
                    positions.remove(row.position)

    def _reserved(self, order: Order | None) -> int:
        """Return how much of a stall's reserve an order is, in minor units."""
        finished = order is not None and order.status not in OPEN_STATUSES and order.created_at > self.reserved_since
        return order.held if order is not None and finished else 0

    def _put_sign_in(self, before: User | None, user: User) -> None:
        if before is not None and before.sign_in_key is not None:
            self.sign_ins.pop(before.sign_in_key, None)
        if user.sign_in_key is not None:
            self.sign_ins[user.sign_in_key] = user

    def _note_unread(self, events: tuple[Outgoing, ...]) -> None:
        for user_id, positions in self.unread.items():
            topics = own_topics(self.person(user_id)) if user_id in self.users else ()
            positions += [
                position
                for position, told in enumerate(events, self.position + 1)
                if isinstance(told.event, NewNotification) and set(told.topics).intersection(topics)
            ]

    def _put_open_order(self, order: Order) -> None:
        open_orders = self.open_orders[order.vendor_id]
        if order.status in OPEN_STATUSES:
            open_orders.put(open_order(order))
            self.finished.discard(order.order_id)  # it may have been recalled
        else:
            open_orders.drop(order.order_id)
