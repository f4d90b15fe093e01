"""The answers and events as far as the simulation reads them. Fields that it does not know are ignored."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Seen(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object that the server sent."""


class Session(Seen, frozen=True, kw_only=True):
    """The session of a person who has just registered."""

    user_id: str
    token: str
    top_up_code: str


class Line(Seen, frozen=True, kw_only=True):
    """A line of an order. `deposit` is of each piece."""

    item_id: str
    quantity: int
    unit_price: int
    deposit: int = 0


class Order(Seen, frozen=True, kw_only=True):
    """An order."""

    order_id: str
    status: str
    vendor_id: str
    user_id: str
    total: int
    tip: int
    refunded: int
    platform_fee: int
    deposit: int = 0
    items: tuple[Line, ...] = ()
    coming_at: str | None = None


class OrderAnswer(Seen, frozen=True, kw_only=True):
    """What became of an order."""

    order: Order


class Announcement(Seen, frozen=True, kw_only=True):
    """An announcement that was made."""

    announcement_id: str


class Message(Seen, frozen=True, kw_only=True):
    """A message about an order."""

    user_id: str  # the customer


class Item(Seen, frozen=True, kw_only=True):
    """A menu item."""

    item_id: str
    price: int
    stock: int | None = None


class Codes(Seen, frozen=True, kw_only=True):
    """Invitations to open a stall."""

    codes: list[str]


class TopUp(Seen, frozen=True, kw_only=True):
    """A top-up at the cash desk."""

    transaction_id: str
    amount: int


class Funds(Seen, frozen=True, kw_only=True):
    """What became of a payment that a provider reported."""

    status: str
    transaction_id: str | None


class Wallet(Seen, frozen=True, kw_only=True):
    """A person's own money."""

    balance: int


class KeptStall(Seen, frozen=True, kw_only=True):
    """A stall that the caller keeps, with the balance of its till."""

    vendor_id: str
    balance: int


class Snapshot(Seen, frozen=True, kw_only=True):
    """The state that a stream begins with."""

    wallet: Wallet
    stalls: list[KeptStall]

    def balance_of(self, stall: str | None) -> int:
        """Return the balance of a stall's till; without a stall, that of the wallet."""
        if stall is None:
            return self.wallet.balance
        return next(kept.balance for kept in self.stalls if kept.vendor_id == stall)


class Rules(Seen, frozen=True, kw_only=True):
    """What the festival has settled. Without rates, a stall names any."""

    tax_rates_bp: list[int] = []


class Me(Snapshot, frozen=True, kw_only=True):
    """The caller."""

    user_id: str
    user_type: str
    currency: str
    currency_digits: int
    rules: Rules = Rules()


class Transaction(Seen, frozen=True, kw_only=True):
    """A transfer of the ledger, with both balances right after it."""

    transaction_id: str
    amount: int
    debit: str
    credit: str
    debit_balance: int
    credit_balance: int


class Page(Seen, Generic[T], frozen=True, kw_only=True):
    """One page of a list, newest first."""

    items: list[T]
    next: str | None


class Overview(Seen, frozen=True, kw_only=True):
    """The festival's money."""

    came_in: int
    wallets: int
    held: int
    fees: int
    paid_out: int
    losses: int
    crew: int = 0
    deposits: int = 0
    allowances: int = 0
    donations: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether all that came in is somewhere: the books sum to zero."""
        spread = self.wallets + self.held + self.fees + self.paid_out + self.deposits + self.allowances
        return self.came_in + self.losses + self.crew == spread + self.donations


class PolledEvent(Seen, frozen=True, kw_only=True):
    """An event of the long poll; `data` as it came."""

    id: str
    event: str
    data: msgspec.Raw


class Polled(Seen, frozen=True, kw_only=True):
    """An answer of the long poll."""

    events: list[PolledEvent]
    next: str
    resumed: bool


class Problem(Seen, frozen=True, kw_only=True):
    """Why a request was refused."""

    code: str


class Told(Seen, frozen=True, kw_only=True):
    """The data of any event: each kind of event has some of these fields."""

    account: str | None = None
    user_id: str | None = None
    vendor_id: str | None = None
    order_id: str | None = None
    transaction_id: str | None = None
    item_id: str | None = None
    announcement_id: str | None = None
    amount: int | None = None
    old_balance: int | None = None
    new_balance: int | None = None
    total: int | None = None
    reason: str | None = None
    status: str | None = None
    kind: str | None = None
    type: str | None = None
    message: str | None = None
    available: bool | None = None
    price: int | None = None
    code: str | None = None
    coming_at: str | None = None
    give_back_id: str | None = None
    request_id: str | None = None
    room: str | None = None
    order_ids: tuple[str, ...] = ()
    number: int | None = None
    preparing: tuple[int, ...] = ()
    ready: tuple[int, ...] = ()


class Greeting(Seen, frozen=True, kw_only=True):
    """The data of `connected` on a person's stream."""

    resumed: bool | None = None
    snapshot: Snapshot | None = None


class DisplayToken(Seen, frozen=True, kw_only=True):
    """A display that was made, with what it signs in with."""

    display_id: str
    token: str


class Board(Seen, frozen=True, kw_only=True):
    """The pickup numbers on a board, oldest order first."""

    preparing: tuple[int, ...]
    ready: tuple[int, ...]
