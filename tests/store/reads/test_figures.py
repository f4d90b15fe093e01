"""The reconciliation, from SQL to report: equal to plain bookkeeping over the commands' replies."""

# ruff: noqa: S608  # the SQL is the tests' own

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from msgspec import UNSET

from festival_push.domain.deposits.allowances import Allowance, GrantAllowance, TakeBackAllowance
from festival_push.domain.deposits.give_backs import Claimed, ClaimGiveBack, OfferGiveBack, Returned
from festival_push.domain.desk.payouts import DeskPayoutReply
from festival_push.domain.money.funds import CreditFunds, FundsReply, FundsStatus, TopUpReply, receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.providers.unread import BookUnread
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.money.report import Reconciliation
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import Order
from festival_push.domain.payouts.payouts import PayoutReply, RequestPayout, SettlePayout
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.refusals import Refused
from festival_push.domain.rows import Payout
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import (
    GiveBackId,
    OrderId,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    VendorId,
    till_account,
)
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.reads.figures import read_figures
from tests.store.populated import Populated, populated, populated_file
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    funds_of,
    order_of,
    step,
    top_up,
    wishes,
)

COMMANDS: Final[list[AnyCommand]] = [
    top_up(ANNA, 9_000, number=1),
    order_of(FALAFEL, 1, number=2),
    order_of(BEER, 2, number=3),
    step(OrderId("o3"), BAR_KEEPER, OrderStatus.CANCELLED),
    funds_of(500, external_id="a", number=4),
    funds_of(500, external_id="a", number=5),
    funds_of(600, external_id="b", number=6, user_id=None),
    funds_of(700, external_id="c", number=7, user_id=None),
    AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "c"), user_id=BEN),
    RefundOrder(
        actor_id=ADMIN, order_id=OrderId("o2"), amount=99, reason="cold", transfer_id=TransferId("r8")
    ),
    step(OrderId("o2"), SUN_KEEPER, OrderStatus.READY),
    step(OrderId("o2"), SUN_KEEPER, OrderStatus.COMPLETED),
    RequestPayout(actor_id=ANNA, payout_id=PayoutId("p9"), amount=100, note=None),
    RequestPayout(actor_id=BEN, payout_id=PayoutId("p10"), amount=200, note=None),
    RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p11"), amount=50, note=None),
    SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p10"), status=PayoutStatus.REJECTED, reason="closed"),
    SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p11"), status=PayoutStatus.COMPLETED, reason=None),
    ChangeMenuItem(actor_id=ADMIN, item_id=BEER, deposit=200),
    GrantAllowance(actor_id=ADMIN, user_ids=(ANNA, BEN), amount=700, reason="crew", transfer_id=TransferId("g12")),
    order_of(BEER, 2, number=12),
    order_of(BEER, 1, customer_id=BEN, number=13),
    OfferGiveBack(
        actor_id=SUN_KEEPER, vendor_id=SUN, give_back_id=GiveBackId("k1"), expires_s=60,
        returned=(Returned(item_id=BEER, quantity=1),),
    ),
    ClaimGiveBack(actor_id=BEN, give_back_id=GiveBackId("k1")),
    step(OrderId("o12"), BAR_KEEPER, OrderStatus.CANCELLED),
    TakeBackAllowance(actor_id=ADMIN, user_id=ANNA, amount=100, reason="over", transfer_id=TransferId("g13")),
]  # fmt: skip


class Model:
    """What the organiser would write on paper beside it: by the replies alone, never looking at the database."""

    def __init__(self) -> None:
        self.money: Counter[str] = Counter()
        self.orders: dict[OrderId, Order] = {}
        self.payouts: dict[PayoutId, Payout] = {}

    async def follow(self, festival: Populated, commands: Iterable[AnyCommand]) -> None:
        """Do them, and note what each is said to have done."""
        for command in commands:
            try:
                reply = (await festival.committer.submit(command)).reply
            except Refused:
                continue
            self._note(command, reply)

    def _note(self, command: AnyCommand, reply: object) -> None:
        match command, reply:
            case _, OrderReply(order=order):
                self.orders[order.order_id] = order
            case _, DeskPayoutReply(amount=amount):
                self.money["paid at the desk"] += amount
            case _, PayoutReply(payout=payout):
                self.payouts[payout.payout_id] = payout
            case _, Claimed(offer=offer):
                self.money["given back"] += offer.total
            case GrantAllowance(), _:
                self.money["granted"] += command.total
            case TakeBackAllowance(), Allowance(amount=amount):
                self.money["granted"] -= amount
            case AssignFunds(), TopUpReply(amount=amount):
                self.money["assigned"] += amount
            case _, TopUpReply(amount=amount):
                self.money["cash"] += amount
            case CreditFunds(amount=amount), FundsReply(status=FundsStatus.CREDITED | FundsStatus.HELD as status):
                self.money[status] += amount

    def expected(self) -> dict[str, Any]:
        """The figures that the report must show."""
        owned = {till_account(BAR): "bar", till_account(SUN): "sun"}
        asked = Counter({"people": self.money["paid at the desk"]})
        by_status = dict.fromkeys(PayoutStatus, 0) | {PayoutStatus.COMPLETED: self.money["paid at the desk"]}
        for payout in self.payouts.values():
            by_status[payout.status] += payout.amount
            if payout.status is not PayoutStatus.REJECTED:
                asked[owned.get(payout.account_id, "people")] += payout.amount
        sales, tips, refunds, fees = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for order in self.orders.values():
            sales[order.vendor_id] += order.total
            tips[order.vendor_id] += order.tip
            refunds[order.vendor_id] += order.refunded + order.tip_refunded
            fees[order.vendor_id] += order.platform_fee - order.fee_refunded
        top_ups = self.money["cash"] + self.money["credited"] + self.money["assigned"]
        deposits = sum(order.deposit - order.deposit_refunded for order in self.orders.values())
        deposits -= self.money["given back"]
        used = sum(order.allowance - order.allowance_refunded for order in self.orders.values())
        left = top_ups - sales.total() - tips.total() + refunds.total() - asked["people"] - deposits + used
        return {
            "came_in": self.money["cash"] + self.money["credited"] + self.money["held"],
            "paid_out": asked.total(),
            "fees": fees.total(),
            "held": self.money["held"] - self.money["assigned"],
            "wallets": (top_ups, sales.total(), tips.total(), refunds.total(), asked["people"], left),
            "tills": {
                name: (sales[name], tips[name], refunds[name], fees[name], asked[name],
                       sales[name] + tips[name] - refunds[name] - fees[name] - asked[name])
                for name in ("bar", "sun")
            },
            "payouts": by_status,
            "beside": (deposits, used, self.money["granted"], self.money["granted"] - used),
        }  # fmt: skip


def shown(report: Reconciliation) -> dict[str, Any]:
    """The report's figures in the model's order."""
    wallets = report.wallets
    return {
        "came_in": report.came_in,
        "paid_out": report.paid_out,
        "fees": report.fees,
        "held": report.held,
        "wallets": (
            wallets.top_ups, wallets.purchases, wallets.tips, wallets.refunds, wallets.payouts, wallets.balance,
        ),
        "tills": {
            till.vendor_id: (till.sales, till.tips, till.refunds, till.fees,
                             till.payouts_requested + till.payouts_completed, till.balance)
            for till in report.tills
        },
        "payouts": report.payouts,
        "beside": (wallets.deposits or 0, wallets.allowances or 0, report.crew or 0, report.allowances or 0),
    }  # fmt: skip


async def report_of(database: Database) -> Reconciliation:
    return reconcile(await read_figures(database), ["zeffy"])


async def test_the_report_is_what_the_replies_add_up_to(database: Database) -> None:
    model = Model()
    async with populated(database) as festival:
        await model.follow(festival, COMMANDS)
    report = await report_of(database)
    assert shown(report) == model.expected()
    assert report.balanced
    desk, zeffy = report.sources
    # Three cups were bought, two of them cancelled, one brought back. 1,400 was granted, 100 taken back, 650 spent.
    assert (report.deposits, report.crew, report.allowances) == (UNSET, 1_300, 650)
    assert (desk.name, desk.provider, desk.count, desk.came_in, desk.credited) == ("cash", False, 1, 9_000, 9_000)
    assert (zeffy.name, zeffy.provider, zeffy.count, zeffy.came_in) == ("zeffy", True, 3, 1_800)
    assert (zeffy.credited, zeffy.assigned, zeffy.held) == (500, 700, 600)
    assert (report.wallets.count, [till.difference for till in report.tills]) == (5, [0, 0])


NOT_MODELLED: Final = (ReportClaim, BookUnread)
"""What providers take back, and what is booked by hand, have tests of their own in `tests/domain/money/providers/`."""


@given(wishes(min_size=5, max_size=60))
@settings(max_examples=25)
def test_whatever_happened_the_report_equals_an_independent_model(commands: list[AnyCommand]) -> None:
    modelled = [command for command in commands if not isinstance(command, NOT_MODELLED)]

    async def run() -> None:
        model = Model()
        with TemporaryDirectory() as folder:
            async with populated_file(str(Path(folder) / "festival.db")) as festival:
                opening: list[AnyCommand] = [top_up(ANNA, 8_000, number=1), top_up(BEN, 8_000, number=2)]
                await model.follow(festival, [*opening, *modelled])
                report = await report_of(festival.database)
        assert shown(report) == model.expected()
        assert report.balanced
        kept = report.came_in + (report.crew or 0) - report.paid_out - report.fees
        beside = (report.deposits or 0) + (report.allowances or 0)
        tills = sum(till.balance for till in report.tills)
        assert kept == report.held + report.wallets.balance + tills + beside - report.losses

    asyncio.run(run())


async def test_what_a_keeper_bought_as_a_customer_is_not_the_stalls_business(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([
            top_up(ANNA, 9_000, number=1),
            order_of(FALAFEL, 1, number=2),
            order_of(BEER, 1, number=3),
            ChangeRole(actor_id=ADMIN, user_id=ANNA, role=Role.VENDOR),
            step(OrderId("o3"), BAR_KEEPER, OrderStatus.CANCELLED),
        ])  # fmt: skip
    report = await report_of(database)
    assert [pair.what for pair in report.comparisons if pair.difference] == []
    till = next(till for till in report.tills if till.vendor_id == VendorId(ANNA))
    assert (till.orders, till.sales, till.refunds, till.other) == (0, 0, 0, 0)
    assert await audit(database) == []


async def test_a_festival_without_money_is_balanced(database: Database) -> None:
    report = await report_of(database)
    assert report.balanced
    assert (report.came_in, report.sources, report.tills) == (0, (), ())


def _one_more(account: str) -> str:
    return f"UPDATE accounts SET balance = balance + 1 WHERE account_id = '{account}'"


def _receipt(column: str, value: str) -> str:
    return f"UPDATE receipts SET {column} = '{value}' WHERE external_id = 'a'"


UNEQUAL: Final = {
    "a balance": ("the festival", _one_more("user:anna")),
    "a till's balance": ("balance of stall sun", _one_more("till:sun")),
    "fees": ("fees", _one_more("fees")),
    "a provider's account": ("provider:zeffy", _one_more("provider:zeffy")),
    "held money": ("held", "UPDATE receipts SET held = held - 1 WHERE external_id = 'b'"),
    "a receipt's amount": ("provider zeffy", "UPDATE receipts SET amount = 501 WHERE external_id = 'a'"),
    "a lost receipt": ("provider zeffy", "DELETE FROM receipts WHERE external_id = 'a'"),
    "a receipt of another transfer": ("provider zeffy", _receipt("transfer_id", "t1")),
    "a receipt of another provider": ("provider stripe", _receipt("provider", "stripe")),
    "a lost payout": ("payouts", "DELETE FROM payouts WHERE payout_id = 'p9'"),
    "a payout that was not rejected": ("payouts", "UPDATE payouts SET status = 'completed' WHERE payout_id = 'p10'"),
    "a stall's payout": ("payouts of stall sun", "UPDATE payouts SET amount = 51 WHERE payout_id = 'p11'"),
    "a person's payout": ("payouts of people", "UPDATE payouts SET amount = 101 WHERE payout_id = 'p9'"),
    "sales": ("sales of stall sun", "UPDATE orders SET total = total + 1 WHERE order_id = 'o2'"),
    "refunds": ("refunds of stall sun", "UPDATE orders SET refunded = refunded + 1 WHERE order_id = 'o2'"),
    "a stall's fees": ("fees of stall sun", "UPDATE orders SET fee_refunded = 0 WHERE order_id = 'o2'"),
    "a lost order": ("orders of stall sun", "DELETE FROM orders WHERE order_id = 'o2'"),
    "a head beyond the ledger": ("the ledger", "UPDATE log_head SET transfer_seq = transfer_seq + 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(UNEQUAL))
async def test_every_kind_of_difference_is_shown_by_name(database: Database, name: str) -> None:
    what, damage = UNEQUAL[name]
    async with populated(database) as festival:
        await festival.do(COMMANDS)
        await festival.write(damage)
    report = await report_of(database)
    assert not report.balanced
    off = {pair.what: pair.difference for pair in report.comparisons if pair.difference}
    assert what in off, off
    stall = [pair for pair in report.comparisons if pair.vendor_id == SUN and pair.unit == "money"]
    assert {till.vendor_id: till.difference for till in report.tills}[SUN] == sum(
        abs(pair.difference) for pair in stall
    )


async def test_the_reports_json_names_every_field_in_camel_case(database: Database) -> None:
    report = msgspec.json.decode(msgspec.json.encode(await report_of(database)))
    assert {"position", "cameIn", "paidOut", "sources", "wallets", "tills", "comparisons", "balanced"} <= report.keys()
    assert {"what", "unit", "one", "oneTotal", "other", "otherTotal", "difference", "vendorId"} == report[
        "comparisons"
    ][0].keys()
