"""A festival in memory: the rules at work on a book, without SQL; and wishes of all kinds to try on them."""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from festival_push.domain.book import OPEN_STATUSES, Book, Command, Decision, Outgoing
from festival_push.domain.deposits.allowances import GrantAllowance, TakeBackAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn, Returned
from festival_push.domain.desk.drawers import CloseDrawer, Direction, MoveCash, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.event import Event
from festival_push.domain.events import VendorMessage
from festival_push.domain.money.amounts import currency_of
from festival_push.domain.money.funds import CreditFunds, TopUp, receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.providers.unread import BookUnread, DismissUnread, KeepUnread
from festival_push.domain.money.rows import ClaimKind
from festival_push.domain.needs import first_needs, next_needs
from festival_push.domain.open_orders import OpenOrders
from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import Order
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.people.codes import code_key
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import COUNTED, KINDS, Payout, Row, Transfer, Vendor
from festival_push.domain.signing_in.factors import Challenge, EnrolFactor, UseFactor
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.stalls.pairings import AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import order_topic
from festival_push.domain.values import (
    AccountId,
    AccountKind,
    AnnouncementId,
    Audience,
    DisplayId,
    DrawerId,
    FactorId,
    FactorKind,
    GiveBackId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutStatus,
    Priority,
    Role,
    Rules,
    Topic,
    TransferId,
    UnreadId,
    UserId,
    VendorId,
    account_kind,
    drawer_of,
    is_system_account,
    rfc3339,
    till_account,
    user_account,
)
from festival_push.domain.words.announcements import Announce, EditAnnouncement, WithdrawAnnouncement
from festival_push.domain.words.messages import SendMessage
from festival_push.domain.words.notifications import MarkRead
from festival_push.domain.words.rooms import JoinRoom, LeaveRoom, Room, TrackOrders

R = TypeVar("R")
AnyCommand = Command[Any]
Wish = Callable[[int, list[OrderId]], AnyCommand]
"""Makes a command, given a number for ids unlike all others, and the orders that were wished for before."""

RULES: Final = Rules(
    currency=currency_of("EUR"),
    timezone=ZoneInfo("Europe/Berlin"),
    platform_fee_bp=250,
    amount_max=100_000,
    balance_max=20_000,
    order_lines_max=50,
    menu_items_max=300,
    open_orders_max=1_000,  # more than a stall has pickup numbers
    cancel_ms=20_000,
)
NOON: Final = Instant(1_783_159_200_000)  # 2026-07-04T10:00Z, noon on the ground

ANNA, BEN, ADMIN = UserId("anna"), UserId("ben"), UserId("admin")
SUN, BAR = VendorId("sun"), VendorId("bar")  # SUN accepts orders by itself, BAR doesn't
SUN_KEEPER, BAR_KEEPER = UserId("sun"), UserId("bar")
FALAFEL, AYRAN, BEER = ItemId("falafel"), ItemId("ayran"), ItemId("beer")
PRICES: Final = {FALAFEL: 650, AYRAN: 199, BEER: 450}
STALL_OF: Final = {FALAFEL: SUN, AYRAN: SUN, BEER: BAR}


class Put(msgspec.Struct, frozen=True):
    """Put rows as they are: for what no command does."""

    rows: tuple[Row, ...]

    def needs(self) -> Needs:
        """The stalls of its orders."""
        return Needs(vendors=tuple(row.vendor_id for row in self.rows if isinstance(row, Order)))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Put them. A change of an order is told, as all of them are."""
        del book, now
        events = tuple(
            Outgoing(
                (order_topic(row.order_id),),
                VendorMessage(
                    vendor_id=row.vendor_id, user_id=row.user_id, order_id=row.order_id, message="",
                    timestamp=rfc3339(row.created_at),
                ),
            )
            for row in self.rows
            if isinstance(row, Order)
        )  # fmt: skip
        return Decision(reply=None, rows=self.rows, events=events)


OPENING: Final[tuple[AnyCommand, ...]] = (
    *(
        AddUser(user_id=user_id, role=role, name=user_id.title(), pin_hash=None, top_up_code=f"CODE-{user_id}")
        for user_id, role in (
            (ADMIN, Role.ADMIN), (SUN_KEEPER, Role.VENDOR), (BAR_KEEPER, Role.VENDOR),
            (ANNA, Role.CUSTOMER), (BEN, Role.CUSTOMER),
        )
    ),
    *(
        AddMenuItem(
            actor_id=ADMIN, vendor_id=STALL_OF[item], item_id=item, name=item.title(), description="", price=price,
            available=True,
        )
        for item, price in PRICES.items()
    ),
    Put((Vendor(vendor_id=BAR, name="Bar", auto_accept=False),)),
)  # fmt: skip


class Festival:
    """A book, and all that was decided over it so far."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.book = Book(rules, position=0, transfer_seq=0)
        self.now = NOON
        self.transfers: list[Transfer] = []
        self.events: list[Outgoing] = []

    @classmethod
    def opened(cls, rules: Rules = RULES, *, funds: int = 0) -> "Festival":
        """With people, stalls and menus; `funds` in Anna's wallet."""
        festival = cls(rules)
        for command in OPENING:
            festival.do(command)
        if funds:
            festival.top_up(ANNA, funds)
        return festival

    def do(self, command: Command[R]) -> R:
        """Decide a command over the rows that it named and no others, and apply it. Raises its refusal."""
        return self.decided(command).reply

    def decided(self, command: Command[R]) -> Decision[R]:
        """As `do`, but return the whole decision."""
        decision = command.decide(self.loaded(command.needs()), self.now)
        self.book.apply(decision)
        for user_id in self.book.users:
            self.book.unread.setdefault(user_id, [])
        self.transfers += decision.transfers
        self.events += decision.events
        return decision

    def loaded(self, needs: Needs) -> Book:
        """The book that a committer loads for these needs: it follows the same `next_needs`."""
        full = self.book
        part = Book(full.rules, position=full.position, transfer_seq=full.transfer_seq)
        part.accounts = {key: account for key, account in full.accounts.items() if _is_always_loaded(key)}
        asked: dict[str, set[str]] = {name: set() for name in Needs.__struct_fields__}
        wanted = first_needs(needs)
        while wanted != Needs():
            self._load(part, wanted)
            for name, ids in asked.items():
                ids.update(getattr(wanted, name))
            wanted = next_needs(part, asked)
        part.unread = {key: list(full.unread.get(key, ())) for key in needs.readers}
        kept = {keeper.vendor_id for keeper in part.keepers.values() if keeper.user_id in needs.payout_counts}
        if full.rules.stall_reserve_ms:
            part.reserved_since = Instant(self.now - full.rules.stall_reserve_ms)
            part.reserves = {key: self._reserve(key, part.reserved_since) for key in kept.union(needs.reserves)}
        return part

    def _reserve(self, vendor_id: VendorId, since: Instant) -> int:
        sold = (order for order in self.book.orders.values() if order.vendor_id == vendor_id)
        return sum(each.held for each in sold if each.created_at > since and each.status not in OPEN_STATUSES)

    def _load(self, part: Book, wanted: Needs) -> None:
        full = self.book
        for kind in KINDS.values():
            if kind.name != "keepers":
                rows = getattr(full, kind.name)
                getattr(part, kind.name).update({key: rows[key] for key in getattr(wanted, kind.name) if key in rows})
        part.transfers |= {
            key: transfer
            for key, transfer in full.transfers.items()
            if key in wanted.transfers or transfer.receipt_id in wanted.moved_by
        }
        part.drawers |= {
            key: drawer
            for key, drawer in full.drawers.items()
            if drawer.cashier_id in wanted.drawers_of and drawer.is_open
        }
        part.reversed.update({key: full.reversed[key] for key in wanted.reversed})
        kinds = set(wanted.payouts_waiting)
        part.payouts |= {
            key: payout
            for key, payout in full.payouts.items()
            if payout.run_id in wanted.payouts_in
            or (account_kind(payout.account_id) in kinds and self._gathered(payout))
        }
        waiting = (account_kind(payout.account_id) for payout in full.payouts.values() if self._gathered(payout))
        part.waiting_payouts.update(kind for kind in waiting if kind is not None and kind in kinds)
        part.claims |= {key: claim for key, claim in full.claims.items() if claim.receipt_id in wanted.claims_of}
        for keeper in full.keepers.values():
            named = keeper.keeper_id in wanted.keepers
            if named or keeper.vendor_id in wanted.keepers_of or keeper.user_id in wanted.stalls_of:
                part.add_keeper(keeper)
        part.users |= {
            key: user
            for key, user in full.users.items()
            if key in {*wanted.readers, *wanted.founders}
            or int(user.admin) in wanted.admins
            or code_key(user.top_up_code) in wanted.top_up_codes
        }
        part.vendor_names |= {key: row for key, row in full.vendor_names.items() if row.name_key in wanted.name_keys}
        part.displays |= {key: row for key, row in full.displays.items() if row.created_by in wanted.displays_by}
        part.payment_requests |= {
            key: row for key, row in full.payment_requests.items() if row.created_by in wanted.requests_by
        }
        part.give_backs |= {
            key: row
            for key, row in full.give_backs.items()
            if row.created_by in wanted.give_backs_by and row.claimed_by is None
        }
        part.orders |= {
            key: order
            for key, order in full.orders.items()
            if order.vendor_id in wanted.ready_of and order.status is OrderStatus.READY
        }
        part.sessions |= {
            key: session
            for key, session in full.sessions.items()
            if session.user_id in wanted.sessions_of and not session.ended
        }
        part.sign_ins |= {key: full.sign_ins[key] for key in wanted.sign_ins if key in full.sign_ins}
        part.pairings |= {
            key: pairing
            for key, pairing in full.pairings.items()
            if pairing.created_by in wanted.pairings_by
            or pairing.code_hash in wanted.pairing_codes
            or (pairing.secret_hash is None and pairing.vendor_id in wanted.offers)
        }
        part.factors |= {
            key: factor
            for key, factor in full.factors.items()
            if (factor.user_id in wanted.factors_of and factor.ended_at is None)
            or (factor.credential_id is not None and factor.credential_id in wanted.credentials)
        }
        for vendor_id in {*wanted.open_orders, *wanted.vendors} & full.open_orders.keys():
            part.open_orders[vendor_id] = OpenOrders(full.open_orders[vendor_id].values())
        for counted in COUNTED.values():
            counts = getattr(full, counted.name)
            getattr(part, counted.name).update({key: counts[key] for key in getattr(wanted, counted.name)})
        part.finished |= {
            key for key in wanted.finished if key in full.orders and full.orders[key].status not in OPEN_STATUSES
        }

    def _gathered(self, payout: Payout) -> bool:
        user = self.book.users[payout.user_id]
        is_held = user.suspended or (user.frozen and account_kind(payout.account_id) is AccountKind.WALLET)
        return payout.awaits_run and not is_held

    def balance(self, user_id: UserId) -> int:
        """What a wallet holds."""
        return self.account(user_account(user_id))

    def till(self, vendor_id: VendorId) -> int:
        """What a stall's till holds."""
        return self.account(till_account(vendor_id))

    def account(self, account_id: AccountId) -> int:
        """What an account holds."""
        return self.book.account(account_id).balance

    def top_up(self, user_id: UserId, amount: int) -> None:
        """Put money into a wallet."""
        self.do(top_up(user_id, amount, number=len(self.transfers)))

    def placed(self, customer_id: UserId = ANNA, item_id: ItemId = FALAFEL, quantity: int = 1) -> Order:
        """Place an order of one line at the item's stall."""
        return self.do(order_of(item_id, quantity, customer_id=customer_id, number=len(self.transfers))).order

    def told(self, *topics: Topic, after: int = 0) -> list[Event]:
        """The events that carry one of the topics, from the `after`-th of all on."""
        return [outgoing.event for outgoing in self.events[after:] if set(topics) & set(outgoing.topics)]


def _is_always_loaded(account_id: AccountId) -> bool:
    return is_system_account(account_id) and drawer_of(account_id) is None


def top_up(user_id: UserId, amount: int, *, number: int) -> TopUp:
    """Cash for a wallet."""
    return TopUp(
        actor_id=ADMIN, user_id=user_id, amount=amount, method="cash", note=None, transfer_id=TransferId(f"t{number}")
    )


def order_of(
    *wanted: ItemId | int, customer_id: UserId = ANNA, number: int, vendor_id: VendorId | None = None, tip: int = 0
) -> PlaceOrder:
    """An order: item, quantity, item, quantity …"""
    lines = tuple(
        WantedLine(item_id=ItemId(str(item)), quantity=int(quantity))
        for item, quantity in zip(wanted[::2], wanted[1::2], strict=True)
    )
    return PlaceOrder(
        order_id=OrderId(f"o{number}"), customer_id=customer_id,
        vendor_id=vendor_id or STALL_OF[lines[0].item_id], lines=lines, tip=tip,
    )  # fmt: skip


def funds_of(amount: int, *, external_id: str, number: int, user_id: UserId | None = ANNA) -> CreditFunds:
    """A payment that the provider `zeffy` reports."""
    return CreditFunds(
        provider="zeffy", external_id=external_id, amount=amount, transfer_id=TransferId(f"t{number}"), user_id=user_id
    )


def request_of(
    wanted: OwnLine | tuple[WantedLine, ...],
    *,
    number: int,
    actor_id: UserId = SUN_KEEPER,
    vendor_id: VendorId = SUN,
    expires_s: int = 300,
) -> RequestPayment:
    """A stall's wish to be paid."""
    return RequestPayment(
        request_id=PaymentRequestId(f"q{number}"), actor_id=actor_id, vendor_id=vendor_id, wanted=wanted,
        expires_s=expires_s,
    )  # fmt: skip


def paying(request_id: PaymentRequestId, customer_id: UserId = ANNA, *, number: int) -> PayRequest:
    """A customer's wish to pay a request."""
    return PayRequest(request_id=request_id, order_id=OrderId(f"o{number}"), customer_id=customer_id)


def offer_of(
    number: int, actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN, *, code: str = "code"
) -> OfferPairing:
    """A stall's wish to pair a screen."""
    return OfferPairing(
        actor_id=actor_id, vendor_id=vendor_id, pairing_id=PairingId(f"w{number}"), code_hash=code, name="Left"
    )


def answering(
    pairing_id: PairingId, actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN, *, accept: bool = True
) -> AnswerPairing:
    """A stall's answer to a screen."""
    return AnswerPairing(
        actor_id=actor_id, vendor_id=vendor_id, pairing_id=pairing_id, accept=accept,
        display_id=DisplayId(f"of-{pairing_id}"),
    )  # fmt: skip


def announcement_of(
    audience: Audience,
    *,
    number: int,
    actor_id: UserId = ADMIN,
    message: str = "Storm.",
    title: str | None = None,
    priority: Priority | None = None,
) -> Announce:
    """Something that the organiser announces."""
    return Announce(
        actor_id=actor_id, announcement_id=AnnouncementId(f"a{number}"), message=message, title=title,
        audience=audience, priority=priority,
    )  # fmt: skip


def step(order_id: OrderId, actor_id: UserId, status: OrderStatus, reason: str | None = "because") -> ChangeOrderStatus:
    """One step of an order."""
    return ChangeOrderStatus(order_id=order_id, actor_id=actor_id, status=status, reason=reason)


def coming(order_id: OrderId, customer_id: UserId = ANNA) -> ComeForOrder:
    """A customer who is on the way."""
    return ComeForOrder(order_id=order_id, customer_id=customer_id)


_people = st.sampled_from([ANNA, BEN, ADMIN, SUN_KEEPER, BAR_KEEPER])
_customers = st.sampled_from([ANNA, BEN])
_cashiers = st.sampled_from([ADMIN, ADMIN, BEN])
_organisers = st.sampled_from([ADMIN, ADMIN, ANNA])
_payments = st.sampled_from(["pay-1", "pay-2", "pay-3"])
_items = st.sampled_from(list(PRICES))
_any = st.integers(0, 30)
_reasons = st.sampled_from([None, "sold out"])
_unread = st.sampled_from(["u1", "u2"])
_codes = st.sampled_from(["code-1", "code-2"])


def _order(customer: UserId, item: ItemId, quantity: int, tip: int) -> Wish:
    return lambda number, _: order_of(item, quantity, customer_id=customer, number=number, tip=tip)


def _step(actor: UserId, which: int, status: OrderStatus, reason: str | None) -> Wish:
    return lambda _, orders: step(orders[which % len(orders)] if orders else OrderId("none"), actor, status, reason)


def _estimate(actor: UserId, which: int, status: OrderStatus, minutes: int) -> Wish:
    return lambda _, orders: ChangeOrderStatus(
        order_id=orders[which % len(orders)] if orders else OrderId("none"), actor_id=actor, status=status,
        estimated_time=minutes,
    )  # fmt: skip


def _come(actor: UserId, which: int) -> Wish:
    return lambda _, orders: coming(orders[which % len(orders)] if orders else OrderId("none"), actor)


def _top_up(user: UserId, amount: int) -> Wish:
    return lambda number, _: top_up(user, amount, number=number)


def _credit(user: UserId | None, amount: int, payment: str) -> Wish:
    return lambda number, _: funds_of(amount, external_id=payment, number=number, user_id=user)


def _claim(payment: str, which: str, amount: int, won: bool) -> Wish:  # noqa: FBT001  # hypothesis draws it
    """A refund or a dispute; `total` is all refunds of the payment so far."""
    return lambda number, _: ReportClaim(
        provider="zeffy", external_id=payment if which == "total" else f"{which}-{payment}", payment_id=payment,
        receipt_id=receipt_id("zeffy", payment), kind=ClaimKind.DISPUTE if which == "dp" else ClaimKind.REFUND,
        amount=amount, won=won, transfer_id=TransferId(f"c{number}"),
    )  # fmt: skip


def _keep(payment: str, key: str) -> Wish:
    return lambda _, __: KeepUnread(
        provider="zeffy", unread_id=UnreadId(key), external_id=payment, meaning="paid", field="amount", detail="",
        body="{}",
    )  # fmt: skip


def _book(actor: UserId, key: str, user: UserId | None, payment: str) -> Wish:
    return lambda number, _: BookUnread(
        actor_id=actor, unread_id=UnreadId(key), provider="zeffy", amount=700, external_id=payment, user_id=user,
        transfer_id=TransferId(f"b{number}"),
    )  # fmt: skip


def _dismiss_unread(actor: UserId, key: str) -> Wish:
    return lambda _, __: DismissUnread(actor_id=actor, unread_id=UnreadId(key), reason="a test")


def _assign(user: UserId, payment: str) -> Wish:
    return lambda _, __: AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", payment), user_id=user)


def _reprice(actor: UserId, item: ItemId, price: int, available: bool) -> Wish:  # noqa: FBT001  # hypothesis draws it
    return lambda _, __: ChangeMenuItem(actor_id=actor, item_id=item, price=price, available=available)


def _sell(actor: UserId, vendor: VendorId) -> Wish:
    return lambda number, _: AddMenuItem(
        actor_id=actor, vendor_id=vendor, item_id=ItemId(f"i{number}"), name="Soup", description="", price=1,
        available=True,
    )  # fmt: skip


def _take_off(actor: UserId, which: int) -> Wish:
    return lambda _, __: ChangeMenuItem(actor_id=actor, item_id=ItemId(f"i{1000 + which}"), deleted=True)


def _say(actor: UserId, which: int) -> Wish:
    return lambda _, orders: SendMessage(
        actor_id=actor, order_id=orders[which % len(orders)] if orders else OrderId("none"), message="No onions?"
    )


def _screen(actor: UserId, vendor: VendorId) -> Wish:
    return lambda number, _: AddDisplay(
        actor_id=actor, vendor_id=vendor, display_id=DisplayId(f"d{number}"), name="Left"
    )


def _unplug(actor: UserId, which: int) -> Wish:
    return lambda _, __: RevokeDisplay(actor_id=actor, display_id=DisplayId(f"d{1000 + which}"))


def _offer(actor: UserId, vendor: VendorId, code: str) -> Wish:
    return lambda number, _: offer_of(number, actor, vendor, code=code)


def _type(code: str) -> Wish:
    return lambda number, _: RequestPairing(code_hash=code, secret_hash=f"s{number}")


def _answer(actor: UserId, vendor: VendorId, which: int, accept: bool) -> Wish:  # noqa: FBT001
    return lambda _, __: answering(PairingId(f"w{1000 + which}"), actor, vendor, accept=accept)


def _read(actor: UserId, up_to: int) -> Wish:
    return lambda _, __: MarkRead(actor_id=actor, up_to=up_to)


def _announce(actor: UserId, audience: Audience, title: str | None) -> Wish:
    return lambda number, _: announcement_of(audience, number=number, actor_id=actor, title=title)


def _edit(actor: UserId, which: int, message: str | None, title: str | None) -> Wish:
    return lambda _, __: EditAnnouncement(
        actor_id=actor, announcement_id=AnnouncementId(f"a{1000 + which}"), message=message, title=title
    )


def _withdraw(actor: UserId, which: int) -> Wish:
    return lambda _, __: WithdrawAnnouncement(actor_id=actor, announcement_id=AnnouncementId(f"a{1000 + which}"))


def _join(actor: UserId, which: int, user: UserId) -> Wish:
    return lambda _, orders: JoinRoom(
        actor_id=actor, room=Room(order_id=orders[which % len(orders)]) if orders else Room(user_id=user)
    )


def _leave(actor: UserId, which: int, user: UserId) -> Wish:
    return lambda _, orders: LeaveRoom(
        actor_id=actor, room=Room(order_id=orders[which % len(orders)]) if orders else Room(user_id=user)
    )


def _track(actor: UserId, first: int) -> Wish:
    return lambda _, orders: TrackOrders(actor_id=actor, order_ids=tuple(orders[first:]))


def _refund(actor: UserId, which: int, amount: int | None) -> Wish:
    return lambda number, orders: RefundOrder(
        actor_id=actor, order_id=orders[which % len(orders)] if orders else OrderId("none"), amount=amount,
        reason="cold", transfer_id=TransferId(f"r{number}"),
    )  # fmt: skip


def _pay_out(actor: UserId, amount: int | None, account: AccountKind | None) -> Wish:
    return lambda number, _: RequestPayout(
        actor_id=actor, payout_id=PayoutId(f"p{number}"), amount=amount, note="IBAN", account=account
    )


def _appoint(actor: UserId, vendor: VendorId, user: UserId, part: Part) -> Wish:
    return lambda _, __: AppointKeeper(actor_id=actor, vendor_id=vendor, user_id=user, part=part)


def _dismiss(actor: UserId, vendor: VendorId, user: UserId) -> Wish:
    return lambda _, __: DismissKeeper(actor_id=actor, vendor_id=vendor, user_id=user)


def _make_cashier(user: UserId, cashier: bool) -> Wish:  # noqa: FBT001  # hypothesis draws it
    return lambda _, __: MakeCashier(actor_id=ADMIN, user_id=user, cashier=cashier)


def _open_drawer(cashier: UserId) -> Wish:
    return lambda number, _: OpenDrawer(
        actor_id=cashier, drawer_id=DrawerId(f"k{number}"), name="Gate", float_amount=2_000
    )


def _move_cash(cashier: UserId, which: int, direction: Direction, amount: int) -> Wish:
    return lambda number, _: MoveCash(
        actor_id=cashier, drawer_id=DrawerId(f"k{1000 + which}"), direction=direction, amount=amount, reason="coins",
        transfer_id=TransferId(f"m{number}"),
    )  # fmt: skip


def _close_drawer(cashier: UserId, which: int, counted: int) -> Wish:
    return lambda _, __: CloseDrawer(
        actor_id=cashier, drawer_id=DrawerId(f"k{1000 + which}"), counted=counted, reason="counted"
    )


def _pay_at_desk(cashier: UserId, guest: UserId, amount: int | None) -> Wish:
    return lambda number, _: PayOutAtDesk(
        actor_id=cashier, user_id=guest, payout_id=PayoutId(f"d{number}"), amount=amount, reason=None
    )


def _settle(number: int, status: PayoutStatus) -> Wish:
    return lambda _, __: SettlePayout(
        actor_id=ADMIN, payout_id=PayoutId(f"p{1000 + number}"), status=status, reason="closed"
    )


def _ask(actor: UserId, item: ItemId | None, count: int) -> Wish:
    wanted = (
        OwnLine(description="Deposit", amount=count) if item is None else (WantedLine(item_id=item, quantity=count),)
    )
    vendor = BAR if actor == BAR_KEEPER else SUN
    return lambda number, _: request_of(wanted, number=number, actor_id=actor, vendor_id=vendor)


def _deposit(item: ItemId, deposit: int) -> Wish:
    return lambda _, __: ChangeMenuItem(actor_id=ADMIN, item_id=item, deposit=deposit)


def _offer_back(actor: UserId, item: ItemId | None, count: int) -> Wish:
    returned = OwnReturn(description="Cup", amount=count) if item is None else (Returned(item_id=item, quantity=count),)
    vendor = BAR if actor == BAR_KEEPER else SUN
    return lambda number, _: OfferGiveBack(
        actor_id=actor, vendor_id=vendor, give_back_id=GiveBackId(f"k{number}"), returned=returned, expires_s=60
    )


def _claim_back(actor: UserId, which: int) -> Wish:
    return lambda _, __: ClaimGiveBack(actor_id=actor, give_back_id=GiveBackId(f"k{1000 + which}"))


def _grant(user: UserId, amount: int) -> Wish:
    return lambda number, _: GrantAllowance(
        actor_id=ADMIN, user_ids=(user,), amount=amount, reason="crew", transfer_id=TransferId(f"g{number}")
    )


def _take_allowance(user: UserId, amount: int | None) -> Wish:
    return lambda number, _: TakeBackAllowance(
        actor_id=ADMIN, user_id=user, amount=amount, reason="over", transfer_id=TransferId(f"h{number}")
    )


def _pay(customer: UserId, which: int) -> Wish:
    return lambda number, _: paying(PaymentRequestId(f"q{1000 + which}"), customer, number=number)


def _suspend(actor: UserId, user: UserId, suspended: bool) -> Wish:  # noqa: FBT001  # hypothesis draws it
    return lambda _, __: SuspendUser(actor_id=actor, user_id=user, suspended=suspended)


def _open(actor: UserId, vendor: VendorId, is_open: bool) -> Wish:  # noqa: FBT001
    return lambda _, __: ChangeVendor(actor_id=actor, vendor_id=vendor, open=is_open)


def _numbered(wishes: list[Wish]) -> list[AnyCommand]:
    commands: list[AnyCommand] = []
    orders: list[OrderId] = []
    for number, wish in enumerate(wishes, 1000):
        commands.append(command := wish(number, orders))
        if isinstance(command, PlaceOrder):
            orders.append(command.order_id)
    return commands


def wishes(*, min_size: int = 0, max_size: int = 30) -> st.SearchStrategy[list[AnyCommand]]:
    """Sequences of commands over the opened festival; the rules refuse many of them."""
    wish = st.one_of(
        st.builds(_top_up, _customers, st.sampled_from([1_000, 5_000])),
        st.builds(_order, _customers, _items, st.integers(1, 4), st.sampled_from([0, 0, 50])),
        st.builds(
            _step, st.sampled_from([SUN_KEEPER, BAR_KEEPER, ADMIN]), _any, st.sampled_from(OrderStatus), _reasons
        ),
        st.builds(_step, _people, _any, st.sampled_from(OrderStatus), _reasons),
        st.builds(
            _estimate,
            st.sampled_from([SUN_KEEPER, BAR_KEEPER]),
            _any,
            st.sampled_from([OrderStatus.PREPARING, OrderStatus.READY]),
            st.sampled_from([0, 5, 20]),
        ),
        st.builds(_deposit, _items, st.sampled_from([0, 200, 200])),
        st.builds(
            _offer_back, st.sampled_from([SUN_KEEPER, BAR_KEEPER]), st.one_of(st.none(), _items), st.integers(1, 3)
        ),
        st.builds(_claim_back, _people, st.integers(0, 30)),
        st.builds(_grant, _customers, st.sampled_from([300, 3_000])),
        st.builds(_take_allowance, _customers, st.sampled_from([None, 100])),
        st.builds(_come, st.sampled_from([ANNA, BEN, SUN_KEEPER]), _any),
        st.builds(_credit, st.sampled_from([ANNA, BEN, None]), st.sampled_from([500, 900]), _payments),
        st.builds(_assign, _customers, _payments),
        st.builds(
            _claim,
            _payments,
            st.sampled_from(["re", "re2", "total", "dp"]),
            st.sampled_from([100, 400, 900]),
            st.sampled_from([False, False, True]),
        ),
        st.builds(_keep, _payments, _unread),
        st.builds(_book, _organisers, _unread, st.sampled_from([ANNA, None]), _payments),
        st.builds(_dismiss_unread, _organisers, _unread),
        st.builds(_reprice, _people, _items, st.integers(1, 900), st.sampled_from([True, True, False])),
        st.builds(_read, _people, st.integers(0, 90)),
        st.builds(_refund, st.sampled_from([ADMIN, ADMIN, ANNA]), _any, st.sampled_from([None, 1, 99, 650])),
        st.builds(_pay_out, _people, st.sampled_from([None, 1, 900]), st.sampled_from([None, *AccountKind])),
        st.builds(
            _appoint,
            st.sampled_from([ADMIN, SUN_KEEPER, BAR_KEEPER, ANNA]),
            st.sampled_from([SUN, BAR]),
            _people,
            st.sampled_from(Part),
        ),
        st.builds(_dismiss, _people, st.sampled_from([SUN, BAR]), _people),
        st.builds(_make_cashier, _people, st.booleans()),
        st.builds(_open_drawer, _cashiers),
        st.builds(_move_cash, _cashiers, _any, st.sampled_from(Direction), st.sampled_from([1, 2_500])),
        st.builds(_close_drawer, _cashiers, _any, st.sampled_from([0, 2_000, 7_000])),
        st.builds(_pay_at_desk, _cashiers, _people, st.sampled_from([None, 1, 900])),
        st.builds(_settle, _any, st.sampled_from([PayoutStatus.COMPLETED, PayoutStatus.REJECTED])),
        st.builds(
            _ask, st.sampled_from([SUN_KEEPER, BAR_KEEPER, ANNA]), st.one_of(st.none(), _items), st.integers(1, 3)
        ),
        st.builds(_pay, _customers, _any),
        st.builds(_suspend, _people, _people, st.sampled_from([True, False, False, False])),
        st.builds(_open, _people, st.sampled_from([SUN, BAR]), st.sampled_from([True, True, False])),
        st.builds(_announce, _organisers, st.sampled_from(Audience), st.sampled_from([None, "Rain"])),
        st.builds(_edit, _organisers, _any, st.sampled_from([None, "Sun."]), st.sampled_from([None, "", "Rain"])),
        st.builds(_withdraw, _organisers, _any),
        st.builds(_join, _people, _any, _people),
        st.builds(_leave, _people, _any, _people),
        st.builds(_track, _people, _any),
        st.builds(_sell, _people, st.sampled_from([SUN, BAR])),
        st.builds(_take_off, _people, _any),
        st.builds(_say, _people, _any),
        st.builds(_screen, _people, st.sampled_from([SUN, BAR])),
        st.builds(_unplug, _people, _any),
        st.builds(_offer, st.sampled_from([SUN_KEEPER, BAR_KEEPER, ADMIN, ANNA]), st.sampled_from([SUN, BAR]), _codes),
        st.builds(_type, _codes),
        st.builds(_answer, st.sampled_from([SUN_KEEPER, BAR_KEEPER]), st.sampled_from([SUN, BAR]), _any, st.booleans()),
    )
    return st.lists(wish, min_size=min_size, max_size=max_size).map(_numbered)


def app_of(user_id: UserId, number: int, *, step: int = 100, session: str = "here") -> EnrolFactor:
    """Somebody's `number`-th app that shows codes; the code of `step` proved it."""
    return EnrolFactor(
        user_id=user_id, factor_id=FactorId(f"{user_id}-{number}"), kind=FactorKind.TOTP, name=f"App {number}",
        secret=f"sealed {number}", counter=step, recovery_hashes=("r1", "r2"), session=session,
    )  # fmt: skip


def use_of(user_id: UserId, step: int, *, number: int = 0, challenge: str | None = None, version: int = 1) -> UseFactor:
    """The code of `step`, of somebody's `number`-th app; it answers a challenge of their present PIN."""
    asked = None if challenge is None else Challenge(jti=challenge, expires_at=Instant(NOON + 1), version=version)
    return UseFactor(user_id=user_id, factor_id=FactorId(f"{user_id}-{number}"), counter=step, challenge=asked)
