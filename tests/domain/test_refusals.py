"""What commands refuse is what they say: each refusal has its case here, and no test sees another one."""

from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec
import pytest

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.money.funds import AssignFunds, TopUp, receipt_id
from festival_push.domain.money.payouts import PAYOUTS_MAX, RequestPayout, SettlePayout
from festival_push.domain.money.second_person import CONFIRM_MS, Confirm, RefuseConfirmation, WithSecond
from festival_push.domain.office.refusals import (
    AskerGone,
    ConfirmationExpired,
    ConfirmationSettled,
    DailyLimit,
    SamePerson,
    TooNew,
)
from festival_push.domain.orders.boards import NUMBER_MAX
from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.orders import ChangeOrderStatus, PlaceOrder, WantedLine
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.people.keepers import KEEPERS_MAX, STALLS_MAX, AppointKeeper, DismissKeeper
from festival_push.domain.people.people import AddUser, SpendToken, TryPin
from festival_push.domain.people.pins import ChangePin
from festival_push.domain.people.rights import AdmitUser, ChangeRole, SuspendUser
from festival_push.domain.refusals import (
    AlreadyAssigned,
    AlreadyExists,
    AlreadyPaid,
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
    NotFound,
    NotReady,
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
    TooManyTries,
    VendorBusy,
    VendorClosed,
    WrongPin,
)
from festival_push.domain.stalls.displays import DISPLAYS_MAX, AddDisplay
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.stalls.pairings import AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import (
    AnnouncementId,
    Audience,
    ConfirmationId,
    DisplayId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
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
    RULES,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    announcement_of,
    answering,
    coming,
    funds_of,
    offer_of,
    order_of,
    paying,
    request_of,
    step,
    top_up,
)
from tests.support.refusals import command_types, only_what_is_said, refused_by

CARL, OLGA, NOBODY, NOWHERE = UserId("carl"), UserId("olga"), UserId("nobody"), VendorId("nowhere")
C1: Final = ConfirmationId("c1")
FALAFELS: Final = (WantedLine(item_id=FALAFEL, quantity=1),)
DEAR: Final = OwnLine(description="Cow", amount=100_001)

OWN: Final = ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.VENDOR, vendor_id=None)
HIRE: Final = AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=BEN, part=Part.KEEPER)
PAYOUT: Final = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=None, note=None)

Case = Callable[[Festival], AnyCommand]
"""Brings a festival to where a command is refused, and returns that command. Anna has 5,000 in her wallet."""


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
    """An order that was completed right before midnight, when the numbers start again."""
    festival.now = Instant(festival.now + (12 * 60 - 1) * 60_000)
    order_id = festival.placed().order_id
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    festival.now = Instant(festival.now + 2 * 60_000)
    festival.placed()
    return step(order_id, SUN_KEEPER, OrderStatus.READY)


def refund(festival: Festival) -> AnyCommand:
    order_id = festival.placed().order_id
    return RefundOrder(actor_id=ADMIN, order_id=order_id, amount=651, reason="cold", transfer_id=TransferId("r"))


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


def held(festival: Festival, amount: int) -> AnyCommand:
    festival.do(funds_of(amount, external_id="a", number=9_001, user_id=None))
    return AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "a"), user_id=BEN)


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
    for _ in range(festival.book.rules.pin_tries_max):
        festival.do(TryPin(user_id=ANNA))
    return TryPin(user_id=ANNA)


def spent(festival: Festival) -> AnyCommand:
    wish = SpendToken(jti="t", expires_at=festival.now)
    festival.do(wish)
    return wish


def busy_person(festival: Festival, wish: AnyCommand) -> AnyCommand:
    """Ben keeps as many stalls as anybody may."""
    for number in range(STALLS_MAX):
        owner = UserId(f"owner{number}")
        festival.do(msgspec.structs.replace(add(owner, Role.VENDOR), self_registered=False, top_up_code=owner))
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


ORDER: Final = order_of(FALAFEL, 1, number=9_000)
REQUEST: Final = request_of(FALAFELS, number=9_000)

CASES: Final[dict[tuple[type[Any], type[Refused]], Case]] = {
    (AddDisplay, TooManyDisplays): screened,
    (AddMenuItem, MenuFull): full_menu,
    (AddUser, AlreadyExists): lambda _: add(ANNA),
    (AddUser, InvalidVendorCode): lambda _: add(CARL, Role.VENDOR),
    (AdmitUser, AlreadyExists): lambda _: admit(ANNA),
    (AdmitUser, NotFound): lambda _: admit(CARL, NOWHERE),
    (AdmitUser, TooManyKeepers): lambda festival: crowded(festival, admit(CARL, SUN)),
    (AppointKeeper, OwnsStall): lambda _: msgspec.structs.replace(HIRE, user_id=SUN_KEEPER),
    (AppointKeeper, TooManyKeepers): lambda festival: crowded(festival, HIRE),
    (AppointKeeper, TooManyStalls): lambda festival: busy_person(festival, HIRE),
    (AnswerPairing, PairingSettled): confirmed,
    (AnswerPairing, TooManyDisplays): paired_and_screened,
    (AssignFunds, AlreadyAssigned): assigned,
    (AssignFunds, BalanceLimit): lambda festival: held(festival, 20_001),
    (ChangeOrderStatus, InvalidTransition): lambda festival: advanced(festival, OrderStatus.COMPLETED),
    (ChangeOrderStatus, MoneyUnearned): paid_out,
    (ChangeOrderStatus, NumberTaken): renumbered,
    (ChangeOrderStatus, ReasonRequired): lambda festival: advanced(festival, OrderStatus.CANCELLED),
    (ChangePin, WrongPin): lambda _: ChangePin(user_id=ANNA, known_hash="old", pin_hash="new", session="s"),
    (ChangeRole, AlreadyExists): stall_of_that_id,
    (ChangeRole, TooManyKeepers): lambda festival: crowded(festival, msgspec.structs.replace(OWN, vendor_id=SUN)),
    (ChangeRole, TooManyStalls): lambda festival: busy_person(festival, msgspec.structs.replace(OWN, vendor_id=SUN)),
    (ChangeRole, LastAdmin): lambda _: ChangeRole(actor_id=ADMIN, user_id=ADMIN, role=Role.CUSTOMER),
    (ChangeRole, OwnsStall): lambda _: ChangeRole(actor_id=ADMIN, user_id=SUN_KEEPER, role=Role.CUSTOMER),
    (ComeForOrder, NotReady): lambda festival: coming(festival.placed().order_id),
    (DismissKeeper, OwnsStall): lambda _: DismissKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=SUN_KEEPER),
    (EditAnnouncement, AlreadyWithdrawn): withdrawn,
    (JoinRoom, NotFound): lambda _: JoinRoom(actor_id=ANNA, room=Room(user_id=BEN)),
    (JoinRoom, TooManyRooms): joined,
    (LeaveRoom, NotFound): lambda _: LeaveRoom(actor_id=NOBODY, room=Room(user_id=BEN)),
    (OfferPairing, AlreadyExists): offered,
    (PayRequest, AlreadyPaid): already_paid,
    (PayRequest, AmountTooLarge): too_dear_by_now,
    (PayRequest, InsufficientFunds): poor,
    (PayRequest, ItemUnavailable): lambda festival: sold_out(festival, asked(festival)),
    (PayRequest, PaymentRequestExpired): too_late,
    (PayRequest, PriceChanged): lambda festival: repriced(festival, asked(festival)),
    (PayRequest, TooManyOpenOrders): lambda festival: greedy(festival, asked(festival)),
    (PayRequest, VendorBusy): requested_when_dear,
    (PayRequest, VendorClosed): lambda festival: closed(festival, asked(festival)),
    (PlaceOrder, AmountTooLarge): lambda _: order_of(FALAFEL, 1, number=1, tip=100_000),
    (PlaceOrder, InsufficientFunds): lambda _: order_of(FALAFEL, 8, number=1),
    (PlaceOrder, ItemUnavailable): lambda festival: sold_out(festival, ORDER),
    (PlaceOrder, NotFound): lambda _: order_of(FALAFEL, 1, number=1, vendor_id=NOWHERE),
    (PlaceOrder, PriceChanged): lambda _: msgspec.structs.replace(ORDER, expected_total=649),
    (PlaceOrder, TooManyOpenOrders): lambda festival: greedy(festival, ORDER),
    (PlaceOrder, VendorBusy): lambda festival: busy(festival, ORDER),
    (PlaceOrder, VendorClosed): lambda festival: closed(festival, ORDER),
    (RefundOrder, RefundTooLarge): refund,
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
    (TopUp, DailyLimit): too_much_in_a_day,
    (TopUp, BalanceLimit): lambda _: top_up(ANNA, 15_001, number=1),
    (TopUp, NotFound): lambda _: top_up(NOBODY, 1, number=1),
    (TrackOrders, NotFound): lambda _: TrackOrders(actor_id=ANNA, order_ids=(OrderId("none"),)),
    (TrackOrders, TooManyRooms): lambda festival: TrackOrders(actor_id=ANNA, order_ids=followed(festival)),
    (TryPin, TooManyTries): tried,
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
