"""What commands refuse is what they say: each refusal has its case here, and no test sees another one."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

import msgspec
import pytest

from festival_push.domain.book import Book, Decision
from festival_push.domain.deposits.allowances import GrantAllowance, TakeBackAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn, Returned
from festival_push.domain.deposits.refusals import AlreadyClaimed, DepositsExhausted, GiveBackExpired, NoDeposit
from festival_push.domain.desk.drawers import CloseDrawer, Direction, MoveCash, OpenDrawer
from festival_push.domain.desk.lost_wallets import FreezeWallet, MoveWallet
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.desk.second_person import CONFIRM_MS, Confirm, RefuseConfirmation, WithSecond
from festival_push.domain.ledger import payout_transfer
from festival_push.domain.money.funds import TopUp, receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.money.providers.unread import BookUnread, DismissUnread, KeepUnread
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.office.refusals import (
    AskerGone,
    ConfirmationExpired,
    ConfirmationSettled,
    DailyLimit,
    DifferenceUnexplained,
    DrawerClosed,
    DrawerOpen,
    DrawerShort,
    NoDrawer,
    ReversalLate,
    SamePerson,
    TooNew,
    WalletFrozen,
    WalletMoved,
)
from festival_push.domain.orders.boards import NUMBER_MAX
from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.refusals import LineGone, SaleOver, TillShort
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.payouts.donations import Donate
from festival_push.domain.payouts.payouts import PAYOUTS_MAX, RequestPayout, SettlePayout, WithdrawPayout
from festival_push.domain.payouts.refusals import (
    NoDonations,
    NothingToPay,
    PayoutInRun,
    PayoutsOver,
    PayoutTooSmall,
    RunSettled,
)
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, SendPayoutRun, UndoPayoutRun
from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.people.identities import LinkIdentity
from festival_push.domain.people.keepers import KEEPERS_MAX, STALLS_MAX, AppointKeeper, DismissKeeper
from festival_push.domain.people.people import AddUser, SpendToken
from festival_push.domain.people.refusals import OrdersOpen, StillStaff, WalletNotEmpty
from festival_push.domain.people.rights import AdmitUser, ChangeRole, MakeCashier, SuspendUser
from festival_push.domain.refusals import (
    AlreadyAssigned,
    AlreadyExists,
    AlreadyPaid,
    AlreadyReversed,
    AlreadyWithdrawn,
    AmountTooLarge,
    BalanceLimit,
    InsufficientFunds,
    InvalidPairingCode,
    InvalidTransition,
    InvalidVendorCode,
    ItemUnavailable,
    LastAdmin,
    MenuFull,
    MoneyUnearned,
    MoreThanHeld,
    NameTaken,
    NotAPayment,
    NotFound,
    NotReady,
    NotReversible,
    NumberTaken,
    OwnsStall,
    PairingSettled,
    PaymentRequestExpired,
    PayoutSettled,
    PriceChanged,
    ReasonRequired,
    RefundTooLarge,
    Refusals,
    Refused,
    Suspended,
    TokenSpent,
    TooManyDisplays,
    TooManyKeepers,
    TooManyMessages,
    TooManyOpenOrders,
    TooManyPayouts,
    TooManyRooms,
    TooManyStalls,
    UnreadAnswered,
    VendorBusy,
    VendorClosed,
    VendorUnattended,
)
from festival_push.domain.reports.figures import Figures, Sums
from festival_push.domain.reports.refusals import BooksClosed, NothingToClose
from festival_push.domain.reports.z_reports import CloseBooks
from festival_push.domain.row_kinds import Needs
from festival_push.domain.signing_in.factors import FACTORS_MAX, EnrolFactor, UseFactor
from festival_push.domain.signing_in.guesses import FREE, Counts, CountTry
from festival_push.domain.signing_in.lost_factors import RemoveFactor, RenewRecoveryCodes
from festival_push.domain.signing_in.new_sign_ins import OfferNewSignIn, TakeNewSignIn
from festival_push.domain.signing_in.pins import ChangePin, ResetPin
from festival_push.domain.signing_in.refusals import (
    LastFactor,
    NewSignInSpent,
    PinTooShort,
    SessionNotRenewable,
    SignInTaken,
    TooManyFactors,
    TooManyTries,
    WrongFactor,
    WrongPin,
)
from festival_push.domain.signing_in.sessions import BeginSession, EndSession, RenewSession
from festival_push.domain.signing_in.sign_in import RenewSignIn
from festival_push.domain.stalls.displays import DISPLAYS_MAX, AddDisplay
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.stalls.pairings import AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import (
    AccountKind,
    AnnouncementId,
    Audience,
    ConfirmationId,
    DisplayId,
    DrawerId,
    FactorId,
    GiveBackId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Role,
    TransferId,
    UnreadId,
    UserId,
    VendorId,
)
from festival_push.domain.words.announcements import EditAnnouncement, WithdrawAnnouncement
from festival_push.domain.words.messages import MESSAGES_MAX, SendMessage
from festival_push.domain.words.rooms import ROOMS_MAX, JoinRoom, LeaveRoom, Room, TrackOrders
from tests.support.festival import (
    ADMIN,
    ANNA,
    BEN,
    FALAFEL,
    NOON,
    RULES,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    announcement_of,
    answering,
    app_of,
    coming,
    funds_of,
    offer_of,
    order_of,
    paying,
    request_of,
    step,
    top_up,
    use_of,
)
from tests.support.refusals import command_types, only_what_is_said, refused_by

CARL, OLGA, NOBODY, NOWHERE = UserId("carl"), UserId("olga"), UserId("nobody"), VendorId("nowhere")
C1: Final = ConfirmationId("c1")
FALAFELS: Final = (WantedLine(item_id=FALAFEL, quantity=1),)
DEAR: Final = OwnLine(description="Cow", amount=100_001)

OWN: Final = ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.VENDOR, vendor_id=None)
HIRE: Final = AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=BEN, part=Part.KEEPER)
PAYOUT: Final = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=None, note=None)
MOVE: Final = MoveWallet(
    actor_id=ADMIN, user_id=ANNA, to_user_id=BEN, reason="lost", transfer_id=TransferId("move")
)  # fmt: skip
TAKE: Final = TakeNewSignIn(user_id=ANNA, version=0, pin_hash="new", pin_digits=4, sign_in="fresh")

Case = Callable[[Festival], AnyCommand]
"""Brings a festival to where a command is refused, and returns that command. Anna has 5,000 in her wallet."""


def frozen(festival: Festival, wish: AnyCommand, *, user_id: UserId = ANNA) -> AnyCommand:
    festival.do(FreezeWallet(actor_id=ADMIN, user_id=user_id, frozen=True, reason="lost"))
    return wish


ERASE: Final = ErasePerson(actor_id=ADMIN, user_id=ANNA, reason="asked", top_up_code="CODE-gone")


def after(festival: Festival, wish: AnyCommand, act: Callable[[], object]) -> AnyCommand:
    act()
    return wish


def shut_out(festival: Festival, wish: AnyCommand) -> AnyCommand:
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    return wish


def closed(festival: Festival, wish: AnyCommand) -> AnyCommand:
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    return wish


def sold_out(festival: Festival, wish: AnyCommand) -> AnyCommand:
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, available=False))
    return wish


def repriced(festival: Festival, wish: AnyCommand) -> AnyCommand:
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, price=651))
    return wish


def busy(festival: Festival, wish: AnyCommand) -> AnyCommand:
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, price=1))
    for number in range(NUMBER_MAX):
        festival.do(order_of(FALAFEL, 1, number=number))
    return wish


def greedy(festival: Festival, wish: AnyCommand) -> AnyCommand:
    """Anna has as many open orders as the stall takes from one person."""
    festival.book.rules = msgspec.structs.replace(festival.book.rules, open_orders_max=2)
    for _ in range(2):
        festival.placed()
    return wish


def full_menu(festival: Festival) -> AnyCommand:
    festival.book.rules = msgspec.structs.replace(festival.book.rules, menu_items_max=festival.book.menu_sizes[SUN])
    return AddMenuItem(
        actor_id=SUN_KEEPER, vendor_id=SUN, item_id=ItemId("i"), name="Soup", description="", price=1, available=True
    )


def screened(festival: Festival) -> AnyCommand:
    """A stall with as many displays as it may have."""
    for number in range(DISPLAYS_MAX):
        festival.do(AddDisplay(actor_id=ADMIN, vendor_id=SUN, display_id=DisplayId(f"d{number}"), name="Left"))
    return AddDisplay(actor_id=SUN_KEEPER, vendor_id=SUN, display_id=DisplayId("d"), name="Left")


def paired_and_screened(festival: Festival) -> AnyCommand:
    festival.do(offer_of(1))
    festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    screened(festival)
    return answering(PairingId("w1"))


def talkative(festival: Festival) -> AnyCommand:
    wish = SendMessage(actor_id=ANNA, order_id=festival.placed().order_id, message="?")
    for _ in range(MESSAGES_MAX):
        festival.do(wish)
    return wish


def in_small_coin(festival: Festival) -> AnyCommand:
    for number in range(PAYOUTS_MAX):
        festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId(f"p{number}"), amount=1, note=None))
    return RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=1, note=None)


def asked(festival: Festival, wanted: OwnLine | tuple[WantedLine, ...] = FALAFELS) -> AnyCommand:
    festival.do(request_of(wanted, number=1))
    return paying(PaymentRequestId("q1"), number=9_001)


def already_paid(festival: Festival) -> AnyCommand:
    wish = asked(festival)
    festival.do(wish)
    return wish


def too_late(festival: Festival) -> AnyCommand:
    wish = asked(festival)
    festival.now = Instant(festival.now + 300_000)
    return wish


def too_dear_by_now(festival: Festival) -> AnyCommand:
    wish = asked(festival, OwnLine(description="Cow", amount=100_000))
    festival.book.rules = msgspec.structs.replace(festival.book.rules, amount_max=99_999)
    return wish


def poor(festival: Festival) -> AnyCommand:
    return asked(festival, OwnLine(description="Deposit", amount=5_001))


def requested_when_dear(festival: Festival) -> AnyCommand:
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, price=1))
    return busy(festival, asked(festival))


def advanced(festival: Festival, *steps: OrderStatus, reason: str | None = None) -> AnyCommand:
    order_id = festival.placed().order_id
    for status in steps[:-1]:
        festival.do(step(order_id, SUN_KEEPER, status))
    return step(order_id, SUN_KEEPER, steps[-1], reason)


def renumbered(festival: Festival) -> AnyCommand:
    """An order that was completed right before the day ended, when the numbers start again."""
    festival.now = Instant(festival.now + (18 * 60 - 1) * 60_000)
    order_id = festival.placed().order_id
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    festival.now = Instant(festival.now + 2 * 60_000)
    festival.placed()
    return step(order_id, SUN_KEEPER, OrderStatus.READY)


def refund(festival: Festival) -> RefundOrder:
    order_id = festival.placed().order_id
    return RefundOrder(actor_id=ADMIN, order_id=order_id, amount=651, reason="cold", transfer_id=TransferId("r"))


def closing_books(*, up_to_seq: int) -> CloseBooks:
    figures = Figures(sums=Sums(), transfers=1)
    return CloseBooks(actor_id=SUN_KEEPER, vendor_id=SUN, number=1, after_seq=0, up_to_seq=up_to_seq, figures=figures)


def closed_twice(festival: Festival) -> AnyCommand:
    festival.placed()
    festival.do(closing_books(up_to_seq=1))
    return closing_books(up_to_seq=1)


def given_back_twice(festival: Festival) -> AnyCommand:
    lines = (LineBack(index=0, quantity=2),)
    return msgspec.structs.replace(refund(festival), amount=None, lines=lines)


def sold_at_once(festival: Festival) -> AnyCommand:
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, at_once=True))
    return msgspec.structs.replace(refund(festival), actor_id=SUN_KEEPER, amount=1)


def of_yesterday(festival: Festival) -> AnyCommand:
    wish = sold_at_once(festival)
    festival.now = Instant(festival.now + 24 * 3_600_000)
    return wish


def paid_out_since(festival: Festival) -> AnyCommand:
    wish = sold_at_once(festival)
    payout = RequestPayout(
        actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=festival.till(SUN), note=None, account=AccountKind.TILL,
        vendor_id=SUN,
    )  # fmt: skip
    festival.do(payout)
    return wish


def settled(festival: Festival) -> AnyCommand:
    payout_id = PayoutId("p")
    festival.do(RequestPayout(actor_id=ANNA, payout_id=payout_id, amount=1, note=None))
    settle = SettlePayout(actor_id=ADMIN, payout_id=payout_id, status=PayoutStatus.COMPLETED, reason=None)
    festival.do(settle)
    return msgspec.structs.replace(settle, status=PayoutStatus.REJECTED, reason="closed")


def assigned(festival: Festival) -> AnyCommand:
    wish = held(festival, 1)
    festival.do(wish)
    return wish


def held(festival: Festival, amount: int) -> AssignFunds:
    festival.do(funds_of(amount, external_id="a", number=9_001, user_id=None))
    return AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "a"), user_id=BEN)


def unread(festival: Festival, *, meaning: str = "paid", paid: bool = False, answered: bool = False) -> AnyCommand:
    """A report that can't be booked."""
    key = UnreadId("u1")
    kept = KeepUnread(
        provider="zeffy", unread_id=key, external_id="a", meaning=meaning, field="amount", detail="", body="{}"
    )
    festival.do(kept)
    if paid:
        festival.do(funds_of(1, external_id="a", number=9_002))
    if answered:
        festival.do(DismissUnread(actor_id=ADMIN, unread_id=key, reason="no money"))
    return BookUnread(
        actor_id=ADMIN, unread_id=key, provider="zeffy", amount=1, external_id="a", user_id=ANNA,
        transfer_id=TransferId("t9003"),
    )  # fmt: skip


def dismissed(festival: Festival) -> AnyCommand:
    unread(festival, answered=True)
    return DismissUnread(actor_id=ADMIN, unread_id=UnreadId("u1"), reason="again")


def followed(festival: Festival) -> tuple[OrderId, ...]:
    """So many open orders that a person can't follow one more."""
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, price=1))
    return tuple(festival.placed().order_id for _ in range(ROOMS_MAX + 1))


def joined(festival: Festival) -> AnyCommand:
    *first, last = followed(festival)
    festival.do(TrackOrders(actor_id=ANNA, order_ids=tuple(first)))
    return JoinRoom(actor_id=ANNA, room=Room(order_id=last))


def offered(festival: Festival) -> AnyCommand:
    festival.do(offer_of(1))
    return offer_of(2)


def confirmed(festival: Festival) -> AnyCommand:
    festival.do(offer_of(1))
    festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    festival.do(answering(PairingId("w1")))
    return answering(PairingId("w1"), accept=False)


def withdrawn(festival: Festival) -> AnyCommand:
    announcement_id = AnnouncementId("a1")
    festival.do(announcement_of(Audience.ALL, number=1))
    festival.do(WithdrawAnnouncement(actor_id=ADMIN, announcement_id=announcement_id))
    return EditAnnouncement(actor_id=ADMIN, announcement_id=announcement_id, message="No rain.")


def _asked(festival: Festival) -> TopUp:
    """A top-up that waits for a second organiser, Olga."""
    olga = AddUser(user_id=OLGA, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga")
    festival.do(olga)
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=10)
    festival.do(WithSecond(command=top_up(ANNA, 11, number=1), confirmation_id=C1))
    return top_up(ANNA, 11, number=1)


def seconded(festival: Festival, *, by: UserId = OLGA) -> Confirm:
    return Confirm(actor_id=by, confirmation_id=C1, command=_asked(festival))


def confirmed_late(festival: Festival) -> Confirm:
    wish = seconded(festival)
    festival.now = Instant(festival.now + CONFIRM_MS)
    return wish


def confirmed_though_refused(festival: Festival) -> Confirm:
    wish = seconded(festival)
    festival.do(RefuseConfirmation(actor_id=OLGA, confirmation_id=C1))
    return wish


def confirmed_for_one_who_went(festival: Festival) -> Confirm:
    wish = seconded(festival)
    festival.do(SuspendUser(actor_id=OLGA, user_id=ADMIN, suspended=True))
    return wish


def confirmed_by_who_was_just_made(festival: Festival) -> Confirm:
    wish = seconded(festival, by=BEN)
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.ADMIN))
    return wish


P1: Final = PayoutId("p1")
RUN: Final = OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run1"))
DONATION: Final = Donate(actor_id=ANNA, amount=None, transfer_id=TransferId("gift"))


def in_run(festival: Festival, command: AnyCommand, *before: AnyCommand) -> Any:
    """A command about a payout in an open run, or about its run, after what comes before it."""
    festival.do(
        RequestPayout(
            actor_id=ANNA, payout_id=P1, amount=1, note=None, iban="DE89370400440532013000", account_holder="A"
        )
    )
    for wish in (RUN, *before):
        festival.do(wish)
    return command


def too_small(festival: Festival) -> RequestPayout:
    festival.book.rules = msgspec.structs.replace(RULES, payout_min=500)
    return RequestPayout(actor_id=ANNA, payout_id=P1, amount=499, note=None)


def after_the_deadline(festival: Festival) -> RequestPayout:
    festival.book.rules = msgspec.structs.replace(RULES, payouts_until=festival.now)
    return RequestPayout(actor_id=ANNA, payout_id=P1, amount=1, note=None)


def withdrawn_late(festival: Festival) -> WithdrawPayout:
    festival.do(msgspec.structs.replace(PAYOUT, actor_id=ANNA, payout_id=P1, amount=1))
    festival.do(SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.COMPLETED, reason=None))
    return WithdrawPayout(actor_id=ANNA, payout_id=P1)


def donated(festival: Festival) -> Donate:
    festival.book.rules = msgspec.structs.replace(RULES, donations=True)
    return msgspec.structs.replace(DONATION, amount=5_001)


def refused_late(festival: Festival) -> RefuseConfirmation:
    confirmed_late(festival)
    return RefuseConfirmation(actor_id=OLGA, confirmation_id=C1)


def refused_though_confirmed(festival: Festival) -> RefuseConfirmation:
    festival.do(seconded(festival))
    return RefuseConfirmation(actor_id=OLGA, confirmation_id=C1)


def too_much_in_a_day(festival: Festival) -> TopUp:
    festival.book.rules = msgspec.structs.replace(RULES, cashier_daily_max=10)
    return top_up(ANNA, 11, number=1)


def tried(festival: Festival) -> AnyCommand:
    wish = CountTry(counts=Counts(account="k"), user_id=ANNA)
    for _ in range(FREE):
        festival.do(wish)
    return wish


def named(festival: Festival) -> str:
    """A sign-in name that somebody has."""
    sign_in = "k7mp-x3wd-9qrt"
    festival.do(msgspec.structs.replace(add(UserId("cleo")), sign_in=sign_in))
    return sign_in.upper().replace("-", " ")


def begun(festival: Festival, *, suspended: bool = False) -> AnyCommand:
    """A session that would be renewed, but has ended, or is somebody's who is suspended."""
    until = Instant(NOON + 1)
    festival.do(BeginSession(session_id="s", user_id=ANNA, version=0, device="", expires_at=until))
    if suspended:
        festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    else:
        festival.do(EndSession(jti="s", expires_at=until))
    return RenewSession(session_id="s", user_id=ANNA, ttl_ms=2, longest_ms=2, until=NOON)


def linked(festival: Festival) -> AnyCommand:
    """A provider's person who is somebody else already."""
    festival.do(LinkIdentity(user_id=BEN, issuer="https://idp", subject="7"))
    return LinkIdentity(user_id=ANNA, issuer="https://idp", subject="7")


def spent(festival: Festival) -> AnyCommand:
    wish = SpendToken(jti="t", expires_at=festival.now)
    festival.do(wish)
    return wish


def enrolled(festival: Festival, count: int = 1) -> AnyCommand:
    """Another enrolment, after so many others."""
    for number in range(count):
        festival.do(app_of(ANNA, number))
    return app_of(ANNA, count)


def granting(user_id: UserId = ANNA, amount: int = 1) -> AnyCommand:
    return GrantAllowance(
        actor_id=ADMIN, user_ids=(user_id,), amount=amount, reason="crew", transfer_id=TransferId("grant")
    )


def taking(user_id: UserId = ANNA, amount: int = 1) -> AnyCommand:
    return TakeBackAllowance(
        actor_id=ADMIN, user_id=user_id, amount=amount, reason="left", transfer_id=TransferId("taken")
    )


A_CUP: Final = OwnReturn(description="Cup", amount=200)


def cups(returned: tuple[Returned, ...] | OwnReturn = A_CUP, name: str = "k1") -> AnyCommand:
    return OfferGiveBack(
        actor_id=SUN_KEEPER, vendor_id=SUN, give_back_id=GiveBackId(name), returned=returned, expires_s=60
    )


CLAIM: Final = ClaimGiveBack(actor_id=ANNA, give_back_id=GiveBackId("k1"))


def offered_cups(festival: Festival) -> AnyCommand:
    """Anna has bought one cup, and brings it back."""
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, deposit=200))
    festival.placed()
    festival.do(cups())
    return CLAIM


def cups_for_a_full_wallet(festival: Festival) -> AnyCommand:
    offered_cups(festival)
    festival.top_up(ANNA, 15_651)
    return CLAIM


def exhausted(festival: Festival) -> AnyCommand:
    """The only deposit is back already: two codes were made for one cup."""
    offered_cups(festival)
    festival.do(cups(name="k2"))
    festival.do(msgspec.structs.replace(CLAIM, give_back_id=GiveBackId("k2")))
    return CLAIM


def nothing_left_of(command: AnyCommand) -> Callable[[Festival], AnyCommand]:
    """The deposit of an order is back already, and the stall wants to give it back once more with the order."""

    def once_more(festival: Festival) -> AnyCommand:
        exhausted(festival)
        (order_id,) = festival.book.orders
        return msgspec.structs.replace(command, order_id=order_id)  # type: ignore[type-var]  # commands are structs

    return once_more


def cups_too_late(festival: Festival) -> AnyCommand:
    offered_cups(festival)
    festival.now = Instant(festival.now + 60_000)
    return CLAIM


def without_the_last(festival: Festival) -> AnyCommand:
    festival.book.rules = msgspec.structs.replace(festival.book.rules, organisers_prove=True)
    festival.do(app_of(ADMIN, 0))
    return RemoveFactor(user_id=ADMIN, factor_id=FactorId("admin-0"))


def answered(festival: Festival) -> AnyCommand:
    festival.do(app_of(ANNA, 0))
    wish = use_of(ANNA, 101, challenge="c")
    festival.do(wish)
    return msgspec.structs.replace(wish, counter=102)


def busy_person(festival: Festival, wish: AnyCommand) -> AnyCommand:
    """Ben keeps as many stalls as anybody may."""
    for number in range(STALLS_MAX):
        owner = UserId(f"owner{number}")
        opener = msgspec.structs.replace(add(owner, Role.VENDOR), name=owner, top_up_code=owner)
        festival.do(msgspec.structs.replace(opener, self_registered=False))
        festival.do(msgspec.structs.replace(HIRE, vendor_id=VendorId(owner), part=Part.OWNER))
    return wish


def crowded(festival: Festival, wish: AnyCommand) -> AnyCommand:
    """The sun has as many keepers as a stall may have."""
    for number in range(KEEPERS_MAX - 1):
        user_id = UserId(f"crew{number}")
        festival.do(msgspec.structs.replace(add(user_id), top_up_code=user_id))
        festival.do(msgspec.structs.replace(HIRE, user_id=user_id))
    return wish


def stall_of_that_id(festival: Festival) -> AnyCommand:
    festival.do(msgspec.structs.replace(add(CARL, Role.VENDOR), self_registered=False, vendor_id=VendorId(BEN)))
    return OWN


def paid_out(festival: Festival) -> AnyCommand:
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))
    festival.do(PAYOUT)
    return step(order.order_id, SUN_KEEPER, OrderStatus.READY)


def unearned(festival: Festival) -> AnyCommand:
    festival.placed()
    return PAYOUT


def add(user_id: UserId, role: Role = Role.CUSTOMER) -> AddUser:
    return AddUser(user_id=user_id, role=role, name="Carl", pin_hash=None, top_up_code="C", self_registered=True)


def admit(user_id: UserId, stall: VendorId | None = None) -> AdmitUser:
    return AdmitUser(
        actor_id=ADMIN, user_id=user_id, role=Role.VENDOR, name="Carl", pin_hash=None, top_up_code="C", vendor_id=stall
    )


def given_back(festival: Festival, amount: int, *parts: int) -> GiveBack:
    """A payment of that amount of which all parts but the last are gone."""
    funds_id = held(festival, amount).funds_id
    commands = [
        GiveBack(actor_id=ADMIN, funds_id=funds_id, amount=part, reason="closed", transfer_id=TransferId(f"g{number}"))
        for number, part in enumerate(parts)
    ]
    for command in commands[:-1]:
        festival.do(command)
    return commands[-1]


def reversing(festival: Festival, amount: int) -> ReverseTransfer:
    """Take that much of 500 back."""
    festival.do(top_up(BEN, 500, number=9_001))
    return ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("t9001"), amount=amount, reason="typo", reversal_id=TransferId("r1")
    )


def spent_since(festival: Festival) -> ReverseTransfer:
    command = reversing(festival, 500)
    festival.do(RequestPayout(actor_id=BEN, payout_id=PayoutId("p1"), amount=festival.balance(BEN), note=None))
    return command


def taking_back(order_id: OrderId, what: str) -> ReverseTransfer:
    """Take one of an order's transfers back."""
    return ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId(f"{order_id}-{what}"), amount=None, reason="typo",
        reversal_id=TransferId("r1"),
    )  # fmt: skip


GATE: Final = DrawerId("k1")
OPENING_GATE: Final = OpenDrawer(actor_id=ADMIN, drawer_id=GATE, name="Gate 1", float_amount=100)


def with_drawer(festival: Festival, wish: AnyCommand, *, closed: bool = False) -> AnyCommand:
    """A wish where a drawer is open, or was."""
    festival.do(OPENING_GATE)
    if closed:
        festival.do(CloseDrawer(actor_id=ADMIN, drawer_id=GATE, counted=100, reason=None))
    return wish


def own_booking(festival: Festival, *, minutes: int = 0, closed: bool = False) -> ReverseTransfer:
    """A cashier who takes their own booking back, so much later, or when the drawer is closed."""
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    festival.do(msgspec.structs.replace(OPENING_GATE, actor_id=BEN))
    festival.do(msgspec.structs.replace(top_up(ANNA, 500, number=9_001), actor_id=BEN))
    if closed:
        festival.do(CloseDrawer(actor_id=BEN, drawer_id=GATE, counted=600, reason=None))
    festival.now = Instant(festival.now + minutes * 60_000)
    return ReverseTransfer(
        actor_id=BEN, transfer_id=TransferId("t9001"), amount=None, reason="typo", reversal_id=TransferId("r1")
    )


def given_out(festival: Festival) -> ReverseTransfer:
    """A top-up whose cash is in the drawer no more."""
    with_drawer(festival, OPENING_GATE)
    command = reversing(festival, 500)
    festival.do(cash_of(Direction.OUT, 600))
    return command


def cash_of(direction: Direction, amount: int, drawer_id: DrawerId = GATE) -> MoveCash:
    return MoveCash(
        actor_id=ADMIN,
        drawer_id=drawer_id,
        direction=direction,
        amount=amount,
        reason="x",
        transfer_id=TransferId("m1"),
    )


def closing(counted: int, drawer_id: DrawerId = GATE) -> CloseDrawer:
    return CloseDrawer(actor_id=ADMIN, drawer_id=drawer_id, counted=counted, reason=None)


def paying_out(amount: int, user_id: UserId = ANNA) -> PayOutAtDesk:
    return PayOutAtDesk(actor_id=ADMIN, user_id=user_id, payout_id=PayoutId("p1"), amount=amount, reason=None)


def paid_out_too_much(festival: Festival) -> AnyCommand:
    festival.book.rules = msgspec.structs.replace(RULES, cashier_payout_daily_max=10)
    return with_drawer(festival, paying_out(11))


def cash_without_a_drawer(festival: Festival) -> TopUp:
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    return msgspec.structs.replace(top_up(ANNA, 5, number=1), actor_id=BEN)


def unattended(festival: Festival, wish: AnyCommand) -> AnyCommand:
    """A wish at a stall whose only keeper is suspended."""
    festival.do(SuspendUser(actor_id=ADMIN, user_id=SUN_KEEPER, suspended=True))
    return wish


def unattended_with_a_request(festival: Festival) -> AnyCommand:
    """A request of the time before it was known who has made it: it outlives its maker."""
    wish = asked(festival)
    for key, request in festival.book.payment_requests.items():
        festival.book.payment_requests[key] = msgspec.structs.replace(request, created_by=None)
    return unattended(festival, wish)


def named_like_a_stall(festival: Festival) -> AnyCommand:
    """Somebody who is called like a stall opens one."""
    festival.do(msgspec.structs.replace(add(CARL), name="Bar"))
    return ChangeRole(actor_id=ADMIN, user_id=CARL, role=Role.VENDOR)


ORDER: Final = order_of(FALAFEL, 1, number=9_000)
REQUEST: Final = request_of(FALAFELS, number=9_000)

CASES: Final[dict[tuple[type[Any], type[Refused]], Case]] = {
    (AddDisplay, TooManyDisplays): screened,
    (AddMenuItem, MenuFull): full_menu,
    (AddUser, AlreadyExists): lambda _: add(ANNA),
    (AddUser, InvalidVendorCode): lambda _: add(CARL, Role.VENDOR),
    (AddUser, NameTaken): lambda _: msgspec.structs.replace(add(CARL, Role.VENDOR), name="SUN!", self_registered=False),
    (AdmitUser, AlreadyExists): lambda _: admit(ANNA),
    (AdmitUser, NameTaken): lambda _: msgspec.structs.replace(admit(CARL), name="SUN!"),
    (AdmitUser, NotFound): lambda _: admit(CARL, NOWHERE),
    (AdmitUser, TooManyKeepers): lambda festival: crowded(festival, admit(CARL, SUN)),
    (AppointKeeper, OwnsStall): lambda _: msgspec.structs.replace(HIRE, user_id=SUN_KEEPER),
    (AppointKeeper, TooManyKeepers): lambda festival: crowded(festival, HIRE),
    (AppointKeeper, TooManyStalls): lambda festival: busy_person(festival, HIRE),
    (AnswerPairing, PairingSettled): confirmed,
    (AnswerPairing, TooManyDisplays): paired_and_screened,
    (AssignFunds, AlreadyAssigned): assigned,
    (AssignFunds, MoreThanHeld): lambda festival: msgspec.structs.replace(held(festival, 500), amount=501),
    (GiveBack, AlreadyAssigned): lambda festival: given_back(festival, 500, 500, 1),
    (GiveBack, MoreThanHeld): lambda festival: given_back(festival, 500, 501),
    (ReverseTransfer, AlreadyReversed): lambda festival: reversing(festival, 501),
    (ReverseTransfer, InsufficientFunds): spent_since,
    (ReverseTransfer, ReversalLate): lambda festival: own_booking(festival, minutes=11),
    (ReverseTransfer, DrawerClosed): lambda festival: own_booking(festival, closed=True),
    (ReverseTransfer, DrawerShort): given_out,
    (OpenDrawer, DrawerOpen): lambda festival: with_drawer(festival, OPENING_GATE),
    (MoveCash, DrawerClosed): lambda festival: with_drawer(festival, cash_of(Direction.IN, 5), closed=True),
    (MoveCash, DrawerShort): lambda festival: with_drawer(festival, cash_of(Direction.OUT, 101)),
    (MoveCash, NotFound): lambda _: cash_of(Direction.IN, 5, DrawerId("none")),
    (CloseDrawer, DifferenceUnexplained): lambda festival: with_drawer(festival, closing(99)),
    (CloseDrawer, DrawerClosed): lambda festival: with_drawer(festival, closing(100), closed=True),
    (CloseDrawer, NotFound): lambda _: closing(100, DrawerId("none")),
    (PayOutAtDesk, DailyLimit): paid_out_too_much,
    (PayOutAtDesk, DrawerShort): lambda festival: with_drawer(festival, paying_out(101)),
    (PayOutAtDesk, InsufficientFunds): lambda festival: with_drawer(festival, paying_out(1, BEN)),
    (PayOutAtDesk, NoDrawer): lambda _: paying_out(1),
    (PayOutAtDesk, NotFound): lambda festival: with_drawer(festival, paying_out(1, NOBODY)),
    (TopUp, NoDrawer): cash_without_a_drawer,
    (ReverseTransfer, NotReversible): lambda festival: taking_back(festival.placed().order_id, "fee"),
    (AssignFunds, BalanceLimit): lambda festival: held(festival, 20_001),
    (BookUnread, AlreadyExists): lambda festival: unread(festival, paid=True),
    (BookUnread, NotAPayment): lambda festival: unread(festival, meaning="refunded"),
    (BookUnread, UnreadAnswered): lambda festival: unread(festival, answered=True),
    (ChangeOrderStatus, DepositsExhausted): nothing_left_of(step(OrderId(""), SUN_KEEPER, OrderStatus.CANCELLED)),
    (ChangeOrderStatus, InvalidTransition): lambda festival: advanced(festival, OrderStatus.COMPLETED),
    (ChangeOrderStatus, MoneyUnearned): paid_out,
    (ChangeOrderStatus, NumberTaken): renumbered,
    (ChangeOrderStatus, ReasonRequired): lambda festival: advanced(festival, OrderStatus.CANCELLED),
    (ChangePin, WrongPin): lambda _: ChangePin(
        user_id=ANNA, known_hash="old", pin_hash="new", pin_digits=6, session="s"
    ),
    (ChangeRole, AlreadyExists): stall_of_that_id,
    (ChangeRole, TooManyKeepers): lambda festival: crowded(festival, msgspec.structs.replace(OWN, vendor_id=SUN)),
    (ChangeRole, TooManyStalls): lambda festival: busy_person(festival, msgspec.structs.replace(OWN, vendor_id=SUN)),
    (ChangeRole, LastAdmin): lambda _: ChangeRole(actor_id=ADMIN, user_id=ADMIN, role=Role.CUSTOMER),
    (ChangeRole, NameTaken): named_like_a_stall,
    (ChangeRole, OwnsStall): lambda _: ChangeRole(actor_id=ADMIN, user_id=SUN_KEEPER, role=Role.CUSTOMER),
    (ChangeVendor, NameTaken): lambda _: ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, name="BAR!"),
    (ComeForOrder, NotReady): lambda festival: coming(festival.placed().order_id),
    (DismissKeeper, OwnsStall): lambda _: DismissKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=SUN_KEEPER),
    (EditAnnouncement, AlreadyWithdrawn): withdrawn,
    (JoinRoom, NotFound): lambda _: JoinRoom(actor_id=ANNA, room=Room(user_id=BEN)),
    (JoinRoom, TooManyRooms): joined,
    (LeaveRoom, NotFound): lambda _: LeaveRoom(actor_id=NOBODY, room=Room(user_id=BEN)),
    (OfferPairing, AlreadyExists): offered,
    (PayRequest, AlreadyPaid): already_paid,
    (EnrolFactor, AlreadyExists): lambda festival: (enrolled(festival), app_of(ANNA, 0))[1],
    (EnrolFactor, TooManyFactors): lambda festival: enrolled(festival, FACTORS_MAX),
    (PayRequest, AmountTooLarge): too_dear_by_now,
    (PayRequest, InsufficientFunds): poor,
    (PayRequest, ItemUnavailable): lambda festival: sold_out(festival, asked(festival)),
    (PayRequest, PaymentRequestExpired): too_late,
    (PayRequest, PriceChanged): lambda festival: repriced(festival, asked(festival)),
    (PayRequest, TooManyOpenOrders): lambda festival: greedy(festival, asked(festival)),
    (PayRequest, VendorBusy): requested_when_dear,
    (PayRequest, VendorClosed): lambda festival: closed(festival, asked(festival)),
    (PayRequest, VendorUnattended): unattended_with_a_request,
    (PlaceOrder, AmountTooLarge): lambda _: order_of(FALAFEL, 1, number=1, tip=100_000),
    (PlaceOrder, InsufficientFunds): lambda _: order_of(FALAFEL, 8, number=1),
    (PlaceOrder, ItemUnavailable): lambda festival: sold_out(festival, ORDER),
    (PlaceOrder, NotFound): lambda _: order_of(FALAFEL, 1, number=1, vendor_id=NOWHERE),
    (PlaceOrder, PriceChanged): lambda _: msgspec.structs.replace(ORDER, expected_total=649),
    (PlaceOrder, TooManyOpenOrders): lambda festival: greedy(festival, ORDER),
    (PlaceOrder, VendorBusy): lambda festival: busy(festival, ORDER),
    (PlaceOrder, VendorClosed): lambda festival: closed(festival, ORDER),
    (PlaceOrder, VendorUnattended): lambda festival: unattended(festival, ORDER),
    (RefundOrder, DepositsExhausted): nothing_left_of(
        RefundOrder(
            actor_id=SUN_KEEPER, order_id=OrderId(""), amount=None, reason="flat", transfer_id=TransferId("back")
        )
    ),
    (RefundOrder, LineGone): given_back_twice,
    (RefundOrder, SaleOver): of_yesterday,
    (RefundOrder, TillShort): paid_out_since,
    (RefundOrder, RefundTooLarge): refund,
    (RemoveFactor, LastFactor): without_the_last,
    (RenewRecoveryCodes, NotFound): lambda _: RenewRecoveryCodes(user_id=ANNA, hashes=()),
    (RequestPairing, InvalidPairingCode): lambda _: RequestPairing(code_hash="code", secret_hash="secret"),
    (RequestPayment, AmountTooLarge): lambda _: request_of(DEAR, number=1),
    (RequestPayment, ItemUnavailable): lambda festival: sold_out(festival, REQUEST),
    (RequestPayment, NotFound): lambda _: request_of(DEAR, number=1, vendor_id=NOWHERE),
    (RequestPayment, VendorClosed): lambda festival: closed(festival, REQUEST),
    (RequestPayout, InsufficientFunds): lambda _: RequestPayout(
        actor_id=ANNA, payout_id=PayoutId("p"), amount=5_001, note=None
    ),
    (RequestPayout, MoneyUnearned): unearned,
    (RequestPayout, NotFound): lambda _: msgspec.structs.replace(PAYOUT, vendor_id=NOWHERE),
    (RequestPayout, TooManyPayouts): in_small_coin,
    (SendMessage, TooManyMessages): talkative,
    (RequestPayout, NoDonations): lambda _: msgspec.structs.replace(PAYOUT, actor_id=ANNA, amount=1, donate_rest=True),
    (RequestPayout, PayoutTooSmall): too_small,
    (RequestPayout, PayoutsOver): after_the_deadline,
    (WithdrawPayout, PayoutInRun): lambda festival: in_run(festival, WithdrawPayout(actor_id=ANNA, payout_id=P1)),
    (WithdrawPayout, PayoutSettled): withdrawn_late,
    (Donate, InsufficientFunds): donated,
    (Donate, NoDonations): lambda _: DONATION,
    (Donate, WalletFrozen): lambda festival: frozen(festival, DONATION),
    (OpenPayoutRun, NothingToPay): lambda _: RUN,
    (SendPayoutRun, RunSettled): lambda festival: in_run(
        festival, SendPayoutRun(actor_id=ADMIN, run_id=RUN.run_id), UndoPayoutRun(actor_id=ADMIN, run_id=RUN.run_id)
    ),
    (UndoPayoutRun, RunSettled): lambda festival: in_run(
        festival, UndoPayoutRun(actor_id=ADMIN, run_id=RUN.run_id), SendPayoutRun(actor_id=ADMIN, run_id=RUN.run_id)
    ),
    (RemoveFromRun, RunSettled): lambda festival: in_run(
        festival,
        RemoveFromRun(actor_id=ADMIN, run_id=RUN.run_id, payout_id=P1, reason="x"),
        SendPayoutRun(actor_id=ADMIN, run_id=RUN.run_id),
    ),
    (ReverseTransfer, PayoutInRun): lambda festival: in_run(
        festival,
        ReverseTransfer(
            actor_id=ADMIN, transfer_id=payout_transfer(P1), amount=None, reason="x", reversal_id=TransferId("rev")
        ),
    ),
    (SettlePayout, PayoutInRun): lambda festival: in_run(
        festival, SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.COMPLETED, reason=None)
    ),
    (SettlePayout, PayoutSettled): settled,
    (SpendToken, TokenSpent): spent,
    (SuspendUser, LastAdmin): lambda _: SuspendUser(actor_id=ADMIN, user_id=ADMIN, suspended=True),
    (Confirm, AskerGone): confirmed_for_one_who_went,
    (Confirm, ConfirmationExpired): confirmed_late,
    (Confirm, ConfirmationSettled): confirmed_though_refused,
    (Confirm, TooNew): confirmed_by_who_was_just_made,
    (Confirm, SamePerson): lambda festival: seconded(festival, by=ADMIN),
    (RefuseConfirmation, ConfirmationExpired): refused_late,
    (RefuseConfirmation, ConfirmationSettled): refused_though_confirmed,
    (DismissUnread, UnreadAnswered): dismissed,
    (GrantAllowance, BalanceLimit): lambda _: granting(amount=20_001),
    (GrantAllowance, NotFound): lambda _: granting(NOBODY),
    (TakeBackAllowance, InsufficientFunds): lambda festival: (festival.do(granting(amount=5)), taking(amount=6))[1],
    (TakeBackAllowance, NotFound): lambda _: taking(NOBODY),
    (OfferGiveBack, AmountTooLarge): lambda _: cups(OwnReturn(description="Barrel", amount=100_001)),
    (OfferGiveBack, DepositsExhausted): lambda _: cups(),
    (OfferGiveBack, NoDeposit): lambda _: cups((Returned(item_id=FALAFEL, quantity=1),)),
    (OfferGiveBack, NotFound): lambda _: cups((Returned(item_id=ItemId("none"), quantity=1),)),
    (ClaimGiveBack, AlreadyClaimed): lambda festival: (festival.do(offered_cups(festival)), CLAIM)[1],
    (ClaimGiveBack, BalanceLimit): cups_for_a_full_wallet,
    (ClaimGiveBack, DepositsExhausted): exhausted,
    (ClaimGiveBack, GiveBackExpired): cups_too_late,
    (ClaimGiveBack, NotFound): lambda _: CLAIM,
    (TopUp, DailyLimit): too_much_in_a_day,
    (TopUp, BalanceLimit): lambda _: top_up(ANNA, 15_001, number=1),
    (TopUp, NotFound): lambda _: top_up(NOBODY, 1, number=1),
    (CloseBooks, BooksClosed): closed_twice,
    (CloseBooks, NothingToClose): lambda _: closing_books(up_to_seq=0),
    (TrackOrders, NotFound): lambda _: TrackOrders(actor_id=ANNA, order_ids=(OrderId("none"),)),
    (TrackOrders, TooManyRooms): lambda festival: TrackOrders(actor_id=ANNA, order_ids=followed(festival)),
    (UseFactor, TokenSpent): answered,
    (UseFactor, WrongFactor): lambda festival: (enrolled(festival), use_of(ANNA, 100))[1],
    (RenewSession, SessionNotRenewable): begun,
    (RenewSession, Suspended): partial(begun, suspended=True),
    (LinkIdentity, AlreadyExists): linked,
    (CountTry, TooManyTries): tried,
    (AddUser, PinTooShort): lambda _: msgspec.structs.replace(add(NOBODY, Role.ADMIN), pin_digits=5),
    (AddUser, SignInTaken): lambda festival: msgspec.structs.replace(add(NOBODY), sign_in=named(festival)),
    (AdmitUser, PinTooShort): lambda _: msgspec.structs.replace(admit(NOBODY), pin_digits=5),
    (AdmitUser, SignInTaken): lambda festival: msgspec.structs.replace(admit(NOBODY), sign_in=named(festival)),
    (ChangePin, PinTooShort): lambda _: ChangePin(
        user_id=ADMIN, known_hash=None, pin_hash="new", pin_digits=5, session="s"
    ),
    (RenewSignIn, SignInTaken): lambda festival: RenewSignIn(user_id=ANNA, sign_in=named(festival)),
    (ResetPin, PinTooShort): lambda _: ResetPin(actor_id=ADMIN, user_id=ADMIN, pin_hash="new", pin_digits=5),
    (ResetPin, SignInTaken): lambda festival: ResetPin(
        actor_id=ADMIN, user_id=ANNA, pin_hash="new", pin_digits=6, sign_in=named(festival)
    ),
    (PlaceOrder, WalletFrozen): lambda festival: frozen(festival, order_of(FALAFEL, 1, number=1)),
    (PayRequest, WalletFrozen): lambda festival: frozen(festival, asked(festival)),
    (RequestPayout, WalletFrozen): lambda festival: frozen(festival, msgspec.structs.replace(PAYOUT, actor_id=ANNA)),
    (MoveWallet, BalanceLimit): lambda festival: (festival.do(top_up(BEN, 15_001, number=1)), MOVE)[1],
    (MoveWallet, NotFound): lambda _: msgspec.structs.replace(MOVE, to_user_id=NOBODY),
    (MoveWallet, WalletFrozen): lambda festival: frozen(festival, MOVE, user_id=BEN),
    (MoveWallet, WalletMoved): lambda _: msgspec.structs.replace(MOVE, to_user_id=ANNA),
    (OfferNewSignIn, Suspended): lambda festival: shut_out(festival, OfferNewSignIn(actor_id=ADMIN, user_id=ANNA)),
    (TakeNewSignIn, NewSignInSpent): lambda _: msgspec.structs.replace(TAKE, version=7),
    (ErasePerson, NotFound): lambda _: msgspec.structs.replace(ERASE, user_id=UserId("nobody")),
    (ErasePerson, OrdersOpen): lambda festival: after(festival, ERASE, festival.placed),
    (ErasePerson, StillStaff): lambda _: msgspec.structs.replace(ERASE, user_id=SUN_KEEPER),
    (ErasePerson, WalletNotEmpty): lambda _: ERASE,
    (TakeNewSignIn, PinTooShort): lambda _: msgspec.structs.replace(TAKE, user_id=ADMIN),
    (TakeNewSignIn, SignInTaken): lambda festival: msgspec.structs.replace(TAKE, sign_in=named(festival)),
    (TakeNewSignIn, Suspended): lambda festival: shut_out(festival, TAKE),
}


@pytest.mark.parametrize(("command", "refused"), CASES, ids=lambda kind: kind.__name__)
def test_a_command_refuses_what_it_says(command: type[Any], refused: type[Refused]) -> None:
    festival = Festival.opened(funds=5_000)
    wish = CASES[command, refused](festival)
    assert type(wish) is command
    with pytest.raises(refused):
        festival.do(wish)


def test_every_refusal_that_a_command_says_has_its_case() -> None:
    said = [(command, refused) for command in command_types() for refused in refused_by(command)]
    assert len(said) == len(set(said))
    assert set(said) == set(CASES)


class Hasty(msgspec.Struct, frozen=True):
    """Refuses more than it says."""

    REFUSES: ClassVar[Refusals] = (LastAdmin,)
    refusal: type[Refused]

    def needs(self) -> Needs:
        """Nothing."""
        return Needs()

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Refuse."""
        del book, now
        raise self.refusal


def test_a_refusal_that_a_command_does_not_say_is_found() -> None:
    festival = Festival()
    with only_what_is_said([Hasty]):
        for said in (LastAdmin, Suspended):
            with pytest.raises(said):
                festival.do(Hasty(said))
        with pytest.raises(AssertionError, match=r"Hasty\.REFUSES does not say OwnsStall"):
            festival.do(Hasty(OwnsStall))
