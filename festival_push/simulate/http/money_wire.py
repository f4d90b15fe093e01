"""What the desk and the treasurer read, as far as the simulation looks at it."""

import msgspec

from festival_push.simulate.http.wire import Seen


class Drawer(Seen, frozen=True, kw_only=True):
    """A drawer and its sums."""

    drawer_id: str
    status: str
    float_: int = msgspec.field(name="float")
    top_ups: int = 0
    payouts: int = 0
    moved_in: int = 0
    moved_out: int = 0
    expected: int = 0
    bookings: int = 0
    counted: int = 0
    difference: int = 0


class Count(Seen, frozen=True, kw_only=True):
    """What was in a drawer when it was closed."""

    expected: int
    counted: int
    difference: int


class DeskPayout(Seen, frozen=True, kw_only=True):
    """Cash that a guest got at the desk."""

    transaction_id: str
    amount: int


class Reversal(Seen, frozen=True, kw_only=True):
    """What was taken back."""

    transaction_id: str
    amount: int
    loss: int


class Move(Seen, frozen=True, kw_only=True):
    """A wallet that has another owner now."""

    moved: int
    balance: int


class GiveBack(Seen, frozen=True, kw_only=True):
    """A deposit that a stall offers."""

    give_back_id: str
    total: int


class Claimed(Seen, frozen=True, kw_only=True):
    """A deposit that a guest has taken."""

    total: int


class Requested(Seen, frozen=True, kw_only=True):
    """A payment request that was made."""

    request_id: str
    total: int


class Request(Seen, frozen=True, kw_only=True):
    """A payment request as it is now."""

    status: str
    order_id: str | None = None


class Terms(Seen, frozen=True, kw_only=True):
    """The terms for payouts of wallets."""

    min: int
    fee: int
    over: bool
    donations_for: str | None = None


class Payout(Seen, frozen=True, kw_only=True):
    """Money that somebody has asked for."""

    payout_id: str
    amount: int
    fee: int = 0
    status: str


class PayoutAnswer(Seen, frozen=True, kw_only=True):
    """A payout that was asked for."""

    payout: Payout
    donated: int = 0


class Donation(Seen, frozen=True, kw_only=True):
    """Money that a guest has given away."""

    transaction_id: str
    amount: int


class Run(Seen, frozen=True, kw_only=True):
    """A payout run."""

    run_id: str
    status: str
    count: int
    total: int


class RunAnswer(Seen, frozen=True, kw_only=True):
    """What became of a run."""

    run: Run
    left: int = 0


class RunPage(Seen, frozen=True, kw_only=True):
    """A run with some of its payouts."""

    run: Run
    items: list[Payout]
    next: str | None


class Tax(Seen, frozen=True, kw_only=True):
    """What was sold at one rate; without a rate, what has none."""

    tax_bp: int | None = None
    gross: int
    net: int
    tax: int


class Sums(Seen, frozen=True, kw_only=True):
    """What tills did."""

    orders: int
    sales: int
    tips: int
    refunds: int
    fees: int
    net: int


class Row(Sums, frozen=True, kw_only=True):
    """The sums of one stall; `key` is its id."""

    key: str


class Report(Seen, frozen=True, kw_only=True):
    """A report by stall."""

    rows: list[Row]
    left: int
    total: Sums
    taxes: list[Tax]


class TaxReport(Seen, frozen=True, kw_only=True):
    """A report by rate of tax."""

    taxes: list[Tax]


class Books(Sums, frozen=True, kw_only=True):
    """An X or a Z report."""

    number: int
    paid_out: int
    taxes: list[Tax]
    deposits: int = 0
    deposits_back: int = 0


class Closed(Seen, frozen=True, kw_only=True):
    """A Z report that was made."""

    report: Books
