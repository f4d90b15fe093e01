"""The laws of money and orders, over any sequence of commands that hypothesis can think of."""

import copy
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from festival_push.domain.book import OPEN_STATUSES, Command, Decision
from festival_push.domain.events import BalanceUpdated, NewOrder, NewTransaction, OrderStatusChanged, QueueUpdated
from festival_push.domain.money.funds import FundsStatus, receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.open_orders import QUEUED, band
from festival_push.domain.orders.boards import NUMBER_MAX, board_of, queue_changes, queue_position
from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.steps import CUSTOMER_STEPS, STALL_STEPS
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.refusals import InsufficientFunds, MoneyUnearned, Refused
from festival_push.domain.rows import keeper_id
from festival_push.domain.values import (
    HELD,
    PAYOUTS,
    AccountId,
    AccountKind,
    BalanceKind,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutStatus,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
    till_account,
    user_account,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEN,
    PRICES,
    SUN,
    SUN_KEEPER,
    Festival,
    funds_of,
    order_of,
    paying,
    request_of,
    step,
    top_up,
)

customers = st.sampled_from([ANNA, BEN, SUN_KEEPER, ADMIN])  # everybody may be one
people = st.sampled_from([ANNA, BEN, ADMIN, SUN_KEEPER, BAR_KEEPER])
stalls = st.sampled_from([SUN, BAR])
OWNED: tuple[AccountId, ...] = (
    *map(user_account, (ANNA, BEN, SUN_KEEPER, ADMIN)), *map(till_account, (SUN, BAR)),
)  # fmt: skip


class Laws(RuleBasedStateMachine):
    """A festival, and beside it the plainest account of what should have become of everyone's money."""

    orders = Bundle("orders")
    payments = Bundle("payments")
    payouts = Bundle("payouts")
    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.festival = Festival.opened()
        self.number = 0
        self.told: dict[AccountId, int] = {}  # each account's balance, by the events alone
        self.statuses: dict[OrderId, OrderStatus] = {}  # each order's, by the events alone
        self.queue_positions: dict[OrderId, int] = {}  # in the queues, by the events alone

    def decide(self, command: Command[Any]) -> Decision[Any] | None:
        """Do it; or None, when it is refused without a trace."""
        before = copy.deepcopy(vars(self.festival.book))
        events = len(self.festival.events)
        try:
            decision = self.festival.decided(command)
        except Refused as refusal:
            assert vars(self.festival.book) == before
            self.refusal = refusal
            return None
        for outgoing in self.festival.events[events:] + queue_changes(self.festival.book, self.festival.now):
            self.hear(outgoing.event)
        return decision

    def hear(self, event: object) -> None:
        """Follow what streams would be told."""
        if isinstance(event, BalanceUpdated):
            is_till = event.account is BalanceKind.TILL
            account_id = till_account(VendorId(event.user_id)) if is_till else user_account(UserId(event.user_id))
            assert event.vendor_id == (event.user_id if is_till else None)
            assert event.old_balance == self.told.get(account_id, 0)
            assert event.new_balance == event.old_balance + event.amount
            self.told[account_id] = event.new_balance
        elif isinstance(event, OrderStatusChanged):
            self.statuses[event.order_id] = event.status
            if event.status not in QUEUED:
                self.queue_positions.pop(event.order_id, None)
        elif isinstance(event, NewOrder | QueueUpdated) and event.queue_position is not None:
            self.queue_positions[event.order_id] = event.queue_position

    def fresh(self) -> int:
        self.number += 1
        return self.number

    @rule(ms=st.sampled_from([1_000, 25_000, 200_000, 11 * 60_000, 12 * 3_600_000]))
    def wait(self, ms: int) -> None:
        """Long enough for one thing or the other to be too late; after half a day the numbers start again."""
        self.festival.now = Instant(self.festival.now + ms)

    @rule(customer=customers, amount=st.integers(1, 8_000))
    def fill_at_the_desk(self, customer: UserId, amount: int) -> None:
        before = self.festival.balance(customer)
        decision = self.decide(top_up(customer, amount, number=self.fresh()))
        assert self.festival.balance(customer) == before + (amount if decision else 0)
        assert (decision is not None) is (before + amount <= self.festival.book.rules.balance_max)

    @rule(target=orders, customer=customers, item=st.sampled_from(list(PRICES)), quantity=st.integers(1, 3))
    def place(self, customer: UserId, item: ItemId, quantity: int) -> Any:
        before = self.festival.balance(customer)
        decision = self.decide(order_of(item, quantity, customer_id=customer, number=self.fresh()))
        if decision is None:
            assert isinstance(self.refusal, InsufficientFunds)
            assert before < PRICES[item] * quantity
            return multiple()
        order = decision.reply.order
        assert order.total == PRICES[item] * quantity == before - self.festival.balance(customer)
        waiting = self.festival.book.open_orders[order.vendor_id].values()
        assert decision.reply.queue_position == queue_position(order.placed, order.status, waiting)
        return order.order_id

    @rule(order_id=orders, actor=people, status=st.sampled_from(OrderStatus), reason=st.sampled_from([None, "why"]))
    def step(self, order_id: OrderId, actor: UserId, status: OrderStatus, reason: str | None) -> None:
        present, person = self.festival.book.orders[order_id], self.festival.book.person(actor)
        stays = status is present.status
        serves = (person.user.admin or present.vendor_id in person.stalls) and self.may_serve(present, status)
        cancels = actor == present.user_id and self.may_cancel(present, status)
        mine = person.user.admin or actor == present.user_id or present.vendor_id in person.stalls
        silent = status is OrderStatus.CANCELLED and not (stays or cancels or person.user.admin or reason)
        decision = self.decide(step(order_id, actor, status, reason))
        assert (decision is not None) is bool(mine and (stays or serves or cancels) and not silent)
        if decision is not None:
            assert self.festival.book.orders[order_id].status is status
            assert self.festival.balance(present.user_id) == decision.reply.balance

    def may_serve(self, order: Order, status: OrderStatus) -> bool:
        """The stall's rule in other words."""
        now, is_amount = self.festival.now, order.lines[0].item_id is None
        if status not in STALL_STEPS.get(order.status, ()):
            return False
        if order.status is OrderStatus.COMPLETED:
            assert order.completed_at is not None
            others = self.festival.book.open_orders[order.vendor_id].values()
            is_taken = any(other.number == order.number for other in others)
            is_there = self.festival.till(order.vendor_id) >= self.unearned(order.vendor_id) + order.held
            return now - order.completed_at < 10 * 60_000 and not is_amount and not is_taken and is_there
        return True

    def may_cancel(self, order: Order, status: OrderStatus) -> bool:
        """The customer's."""
        now, is_amount = self.festival.now, order.lines[0].item_id is None
        if status not in CUSTOMER_STEPS.get(order.status, ()):
            return False
        return order.status is OrderStatus.PENDING or (now - order.created_at < 20_000 and not is_amount)

    def unearned(self, vendor_id: VendorId) -> int:
        """What a till holds of orders that are not completed."""
        return sum(
            order.total - order.platform_fee - order.refunded + order.fee_refunded
            for order in self.festival.book.orders.values()
            if order.vendor_id == vendor_id and order.status in OPEN_STATUSES
        )

    @rule(vendor_id=stalls, person=people, part=st.sampled_from(Part))
    def appoint(self, vendor_id: VendorId, person: UserId, part: Part) -> None:
        """A second keeper, or another owner; whoever has it already keeps another part."""
        self.decide(AppointKeeper(actor_id=ADMIN, vendor_id=vendor_id, user_id=person, part=part))

    @rule(vendor_id=stalls, person=people)
    def dismiss(self, vendor_id: VendorId, person: UserId) -> None:
        before = self.festival.book.person(person)
        decision = self.decide(DismissKeeper(actor_id=person, vendor_id=vendor_id, user_id=person))
        assert decision is None or vendor_id in before.stalls
        assert decision is None or vendor_id not in self.festival.book.person(person).stalls

    @invariant()
    def each_stall_has_an_owner_and_is_attended(self) -> None:
        book = self.festival.book
        for vendor_id in (SUN, BAR):
            assert any(keeper.part is Part.OWNER for keeper in book.keepers_of(vendor_id))
            assert book.vendors[vendor_id].attended
        assert {keeper_id(keeper.vendor_id, keeper.user_id) for keeper in book.keepers.values()} == set(book.keepers)

    @rule(order_id=orders, actor=people)
    def come(self, order_id: OrderId, actor: UserId) -> None:
        order = self.festival.book.orders[order_id]
        decision = self.decide(ComeForOrder(order_id=order_id, customer_id=actor))
        assert (decision is not None) is (order.status is OrderStatus.READY and actor == order.user_id)
        if decision is not None:
            assert len(decision.events) == (order.coming_at is None)

    @rule(order_id=orders)
    def serve(self, order_id: OrderId) -> None:
        """The usual way on, so that the machine sees finished orders as well."""
        order = self.festival.book.orders[order_id]
        onwards = {OrderStatus.READY: OrderStatus.COMPLETED}.get(order.status, OrderStatus.READY)
        if order.status in OPEN_STATUSES:
            assert self.decide(step(order_id, ADMIN, onwards)) is not None

    @rule(target=payments, owner=st.sampled_from([ANNA, BEN, None]), amount=st.integers(1, 4_000))
    def report(self, owner: UserId | None, amount: int) -> tuple[str, int]:
        external_id = f"pay-{self.fresh()}"
        decision = self.decide(funds_of(amount, external_id=external_id, number=self.number, user_id=owner))
        assert decision is not None
        types = [outgoing.event.TYPE for outgoing in decision.events]
        if decision.reply.status is FundsStatus.CREDITED:
            assert types[:3] == ["balance-updated", "payment-completed", "new-notification"]
        else:
            assert decision.reply.status is FundsStatus.HELD
        return external_id, amount

    @rule(payment=payments, more=st.sampled_from([0, 0, 1]), owner=customers)
    def report_again(self, payment: tuple[str, int], more: int, owner: UserId) -> None:
        external_id, amount = payment
        known = self.festival.book.receipts[receipt_id("zeffy", external_id)]
        is_nobodys = bool(known.held) and known.wanted_user_id is None and known.wanted_code is None
        decision = self.decide(funds_of(amount + more, external_id=external_id, number=self.fresh(), user_id=owner))
        assert decision is not None
        if more or not is_nobodys:
            assert decision.transfers == ()
        else:  # now the provider says whose it is
            assert [(each.debit, each.credit, each.amount) for each in decision.transfers] in (
                [], [(HELD, user_account(owner), amount)],
            )  # fmt: skip
        assert decision.reply.status is (FundsStatus.CONFLICT if more else FundsStatus.DUPLICATE)

    @rule(payment=consumes(payments), owner=customers)
    def assign(self, payment: tuple[str, int], owner: UserId) -> None:
        funds_id = receipt_id("zeffy", payment[0])
        had_owner = self.festival.book.receipts[funds_id].user_id is not None
        before = self.festival.balance(owner)
        decision = self.decide(AssignFunds(actor_id=ADMIN, funds_id=funds_id, user_id=owner))
        assert not (decision and had_owner)
        assert self.festival.balance(owner) == before + (payment[1] if decision else 0)

    @rule(order_id=orders, amount=st.one_of(st.none(), st.integers(1, 700)))
    def refund(self, order_id: OrderId, amount: int | None) -> None:
        order = self.festival.book.orders[order_id]
        before, left = self.festival.balance(order.user_id), order.total - order.refunded
        transfer_id = TransferId(f"r{self.fresh()}")
        decision = self.decide(
            RefundOrder(actor_id=ADMIN, order_id=order_id, amount=amount, reason="cold", transfer_id=transfer_id)
        )
        back = left if amount is None else amount
        assert (decision is not None) is (0 < back <= left)
        assert self.festival.balance(order.user_id) == before + (back if decision else 0)

    @rule(target=requests, vendor_id=stalls, person=people, amount=st.integers(1, 3_000))
    def ask_to_be_paid(self, vendor_id: VendorId, person: UserId, amount: int) -> Any:
        line = OwnLine(description="Deposit", amount=amount)
        asked = request_of(line, number=self.fresh(), actor_id=person, vendor_id=vendor_id)
        decision = self.decide(asked)
        assert (decision is not None) is (vendor_id in self.festival.book.person(person).stalls)
        if decision is None:
            return multiple()
        assert decision.transfers == ()
        return asked.request_id

    @rule(target=orders, request_id=requests, customer=customers)
    def pay_request(self, request_id: PaymentRequestId, customer: UserId) -> Any:
        request, before = self.festival.book.payment_requests[request_id], self.festival.balance(customer)
        decision = self.decide(paying(request_id, customer, number=self.fresh()))
        in_time = self.festival.now < request.expires_at
        assert (decision is not None) is (request.order_id is None and in_time and before >= request.total)
        assert self.festival.balance(customer) == before - (request.total if decision else 0)
        return decision.reply.order.order_id if decision else multiple()

    @rule(target=payouts, person=people, amount=st.one_of(st.none(), st.integers(1, 5_000)))
    def ask_for_payout(self, person: UserId, amount: int | None) -> Any:
        before = self.festival.balance(person)
        payout_id = PayoutId(f"p{self.fresh()}")
        wish = RequestPayout(actor_id=person, payout_id=payout_id, amount=amount, note=None, account=AccountKind.WALLET)
        decision = self.decide(wish)
        asked = before if amount is None else amount
        assert (decision is not None) is (0 < asked <= before)
        assert self.festival.balance(person) == before - (asked if decision else 0)
        return payout_id if decision else multiple()

    @rule(target=payouts, person=people, vendor_id=stalls, amount=st.one_of(st.none(), st.integers(1, 5_000)))
    def ask_for_the_tills(self, person: UserId, vendor_id: VendorId, amount: int | None) -> Any:
        before, unearned = self.festival.till(vendor_id), self.unearned(vendor_id)
        caller = self.festival.book.person(person)
        owns = caller.user.admin or caller.stalls.get(vendor_id) is Part.OWNER
        payout_id = PayoutId(f"p{self.fresh()}")
        wish = RequestPayout(actor_id=person, payout_id=payout_id, amount=amount, note=None, vendor_id=vendor_id)
        decision = self.decide(wish)
        asked = before - unearned if amount is None else amount
        assert (decision is not None) is (owns and 0 < asked <= before - unearned)
        if decision is None and owns and amount is not None and amount <= before:
            assert isinstance(self.refusal, MoneyUnearned)
        assert self.festival.till(vendor_id) == before - (asked if decision else 0)
        return payout_id if decision else multiple()

    @rule(payout_id=payouts, status=st.sampled_from([PayoutStatus.COMPLETED, PayoutStatus.REJECTED]))
    def settle_payout(self, payout_id: PayoutId, status: PayoutStatus) -> None:
        payout = self.festival.book.payouts[payout_id]
        before = self.festival.account(payout.account_id)
        decision = self.decide(SettlePayout(actor_id=ADMIN, payout_id=payout_id, status=status, reason="closed"))
        assert (decision is not None) is (payout.status in (PayoutStatus.REQUESTED, status))
        returned = payout.status is PayoutStatus.REQUESTED and status is PayoutStatus.REJECTED
        assert self.festival.account(payout.account_id) == before + (payout.amount if returned else 0)

    @invariant()
    def paid_out_is_what_was_asked_for_and_not_rejected(self) -> None:
        standing = [
            payout.amount
            for payout in self.festival.book.payouts.values()
            if payout.status is not PayoutStatus.REJECTED
        ]
        assert self.festival.account(PAYOUTS) == sum(standing)

    @invariant()
    def money_is_conserved(self) -> None:
        accounts = self.festival.book.accounts.values()
        assert sum(account.balance for account in accounts) == 0
        moved: Counter[AccountId] = Counter()
        for transfer in self.festival.transfers:
            moved[transfer.debit] -= transfer.amount
            moved[transfer.credit] += transfer.amount
            assert (moved[transfer.debit], moved[transfer.credit]) == (transfer.debit_balance, transfer.credit_balance)
        assert {account.account_id: account.balance for account in accounts if account.balance} == {
            account_id: amount for account_id, amount in moved.items() if amount
        }

    @invariant()
    def no_customer_owes(self) -> None:
        for customer in (ANNA, BEN, SUN_KEEPER, ADMIN):
            assert self.festival.balance(customer) >= 0  # what comes back may pass the cap: it was theirs

    @invariant()
    def held_money_is_what_has_no_owner(self) -> None:
        waiting = [receipt.amount for receipt in self.festival.book.receipts.values() if receipt.user_id is None]
        assert self.festival.account(HELD) == sum(waiting)

    @invariant()
    def transfers_are_numbered_and_each_is_shown_once(self) -> None:
        transfers = self.festival.transfers
        assert [transfer.seq for transfer in transfers] == list(range(1, len(transfers) + 1))
        assert len({transfer.transfer_id for transfer in transfers}) == len(transfers)
        shown = [told.event for told in self.festival.events if isinstance(told.event, NewTransaction)]
        assert [event.transaction_id for event in shown] == [transfer.transfer_id for transfer in transfers]

    @invariant()
    def orders_are_what_their_transfers_say(self) -> None:
        moved: Counter[tuple[OrderId | None, TransferKind, bool]] = Counter()
        tills = {till_account(SUN), till_account(BAR)}
        for transfer in self.festival.transfers:
            moved[transfer.order_id, transfer.kind, transfer.debit in tills] += transfer.amount
        for order in self.festival.book.orders.values():
            assert 0 <= order.refunded <= order.total == sum(line.total for line in order.lines)
            assert moved[order.order_id, TransferKind.PURCHASE, False] == order.total
            assert moved[order.order_id, TransferKind.REFUND, True] == order.refunded
            assert moved[order.order_id, TransferKind.FEE, True] == order.platform_fee
            assert moved[order.order_id, TransferKind.FEE, False] == order.fee_refunded
            assert order.fee_refunded == order.platform_fee * order.refunded // order.total
            assert order.refunded == order.total or order.status is not OrderStatus.CANCELLED

    @invariant()
    def orders_know_their_times(self) -> None:
        now = self.festival.now
        for order in self.festival.book.orders.values():
            assert (order.completed_at is not None) is (order.status is OrderStatus.COMPLETED)
            assert (order.ready_at is None) is (order.called_at is None)
            assert order.called_at is not None or order.status is not OrderStatus.READY
            times = [order.created_at, order.ready_at, order.called_at, order.coming_at, order.completed_at, now]
            known = [time for time in times if time is not None]
            assert known == sorted(known)

    @invariant()
    def streams_know_every_balance_and_status(self) -> None:
        assert {account_id: self.told.get(account_id, 0) for account_id in OWNED} == {
            account_id: self.festival.account(account_id) for account_id in OWNED
        }
        assert self.statuses == {order.order_id: order.status for order in self.festival.book.orders.values()}

    @invariant()
    def customers_know_their_positions(self) -> None:
        positions = {}
        for orders in self.festival.book.open_orders.values():
            positions.update(orders.queue_positions())
        assert {key: band(position) for key, position in self.queue_positions.items()} == {
            key: band(position) for key, position in positions.items()
        }

    @invariant()
    def boards_and_queues_follow_from_the_orders(self) -> None:
        book = self.festival.book
        for vendor_id in (SUN, BAR):
            orders = sorted(
                (order for order in book.orders.values() if order.vendor_id == vendor_id),
                key=lambda order: order.placed,
            )
            standing = [order for order in orders if order.status in OPEN_STATUSES]
            assert list(book.open_orders[vendor_id]) == [order.order_id for order in standing]
            numbers = [order.number for order in standing]
            assert len(set(numbers)) == len(numbers)
            assert all(1 <= number <= NUMBER_MAX for number in numbers)
            board = board_of(vendor_id, book.open_orders[vendor_id].values())
            assert board.ready == tuple(order.number for order in standing if order.status is OrderStatus.READY)
            calls = {order.number: order.called_at or 0 for order in standing if order.status is OrderStatus.READY}
            assert all(calls.values())
            assert sorted(each.number for each in board.called) == sorted(board.ready)
            called = [calls[each.number] for each in board.called]
            assert called == sorted(called, reverse=True)
            assert board.preparing == tuple(
                order.number for order in standing if order.status in (OrderStatus.CONFIRMED, OrderStatus.PREPARING)
            )


TestLaws = Laws.TestCase
