"""No deed of staff without a trace: every command of the domain either tells one, or says here why not."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from festival_push.domain.deposits.allowances import GrantAllowance, TakeBackAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack
from festival_push.domain.desk.drawers import CloseDrawer, Direction, MoveCash, OpenDrawer
from festival_push.domain.desk.lost_wallets import FreezeWallet, MoveWallet
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.desk.second_person import Confirm, RefuseConfirmation, WithSecond
from festival_push.domain.imports.people import BalanceRow, ImportBalances, ImportPeople, PersonRow
from festival_push.domain.imports.stalls import ImportMenus, ImportStalls, ItemRow, StallRow
from festival_push.domain.money.funds import CreditFunds, TopUp, receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.providers.unread import BookUnread, DismissUnread, KeepUnread
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.money.wallets import RefreshBalance
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.kept_settings import NoteSettings
from festival_push.domain.orders.clearing import ClearReady
from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment
from festival_push.domain.orders.placing import PlaceOrder
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.donations import Donate
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout, WithdrawPayout
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, SendPayoutRun, UndoPayoutRun
from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.people.identities import LinkIdentity, MeetUser, UnlinkIdentity
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.people import AddUser, AddVendorCodes, SpendToken
from festival_push.domain.people.rights import AdmitUser, ChangeRole, MakeCashier, SuspendUser
from festival_push.domain.reports.figures import Figures, Sums
from festival_push.domain.reports.z_reports import CloseBooks
from festival_push.domain.signing_in.attendance import Attend, Leave
from festival_push.domain.signing_in.factors import EnrolFactor, UseFactor
from festival_push.domain.signing_in.guesses import CountTry, PinWasRight
from festival_push.domain.signing_in.lost_factors import RemoveFactor, RenewRecoveryCodes, ResealFactors, ResetFactors
from festival_push.domain.signing_in.new_sign_ins import OfferNewSignIn, TakeNewSignIn
from festival_push.domain.signing_in.pins import ChangePin, ResetPin
from festival_push.domain.signing_in.sessions import (
    BeginSession,
    EndAllSessions,
    EndOwnSession,
    EndSession,
    RenewSession,
    SeeSession,
)
from festival_push.domain.signing_in.sign_in import RenewSignIn
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.stalls.pairings import AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import (
    COMMAND_LINE,
    AccountKind,
    AnnouncementId,
    Audience,
    ConfirmationId,
    DisplayId,
    DrawerId,
    ItemId,
    OrderStatus,
    PairingId,
    Part,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Role,
    TransferId,
    UnreadId,
    UserId,
    VendorId,
    user_actor,
)
from festival_push.domain.words.announcements import Announce, EditAnnouncement, WithdrawAnnouncement
from festival_push.domain.words.messages import SendMessage
from festival_push.domain.words.notifications import MarkRead
from festival_push.domain.words.rooms import JoinRoom, LeaveRoom, TrackOrders
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
    app_of,
    funds_of,
    offer_of,
    request_of,
    step,
    top_up,
)
from tests.support.refusals import command_types

OTHER: Final = UserId("olga")
ASKED: Final = ConfirmationId("c1")
SCREEN: Final = DisplayId("d1")
BIG: Final = top_up(ANNA, 3_000, number=90)


def organiser(user_id: UserId = OTHER) -> AddUser:
    return AddUser(user_id=user_id, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga")


def placed(festival: Festival) -> AnyCommand:
    return step(festival.placed().order_id, ADMIN, OrderStatus.CANCELLED)


def refund(festival: Festival) -> AnyCommand:
    return RefundOrder(
        actor_id=ADMIN, order_id=festival.placed().order_id, amount=10, reason="cold", transfer_id=TransferId("r")
    )


GATE: Final = DrawerId("k1")
DRAWER: Final = OpenDrawer(actor_id=ADMIN, drawer_id=GATE, name="Gate 1", float_amount=10_000)
UNREAD: Final = KeepUnread(
    provider="zeffy", unread_id=UnreadId("u1"), external_id=None, meaning="", field="", detail="", body="secret"
)


def assign(festival: Festival) -> AnyCommand:
    festival.do(funds_of(500, external_id="x", number=50, user_id=None))
    return AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), user_id=BEN)


def book_unread(festival: Festival) -> AnyCommand:
    festival.do(UNREAD)
    return BookUnread(
        actor_id=ADMIN, unread_id=UNREAD.unread_id, provider="zeffy", amount=400, external_id="x", user_id=BEN,
        transfer_id=TransferId("b1"),
    )  # fmt: skip


def dismiss_unread(festival: Festival) -> AnyCommand:
    festival.do(UNREAD)
    return DismissUnread(actor_id=ADMIN, unread_id=UNREAD.unread_id, reason="a test")


def give_back(festival: Festival) -> AnyCommand:
    festival.do(funds_of(900, external_id="x", number=9, user_id=None))
    return GiveBack(
        actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), amount=400, reason="closed", transfer_id=TransferId("g1")
    )


def reverse(festival: Festival) -> AnyCommand:
    festival.do(top_up(ANNA, 500, number=77))
    return ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("t77"), amount=100, reason="closed", reversal_id=TransferId("r77")
    )


def after_opening(festival: Festival, command: AnyCommand) -> AnyCommand:
    festival.do(DRAWER)
    return command


GRANT: Final = GrantAllowance(actor_id=ADMIN, user_ids=(BEN,), amount=700, reason="crew", transfer_id=TransferId("a1"))


def granted(festival: Festival) -> AnyCommand:
    festival.do(GRANT)
    return TakeBackAllowance(actor_id=ADMIN, user_id=BEN, amount=None, reason="left", transfer_id=TransferId("a2"))


def till_payout(festival: Festival) -> AnyCommand:
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))
    return RequestPayout(
        actor_id=SUN_KEEPER, payout_id=PayoutId("p1"), amount=100, note=None, account=AccountKind.TILL, vendor_id=SUN
    )


def close_books(festival: Festival) -> AnyCommand:
    festival.placed()
    figures = Figures(sums=Sums(orders=1), transfers=1)
    return CloseBooks(actor_id=SUN_KEEPER, vendor_id=SUN, number=1, after_seq=0, up_to_seq=1, figures=figures)


def settle(festival: Festival, status: PayoutStatus) -> AnyCommand:
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p2"), amount=100, note=None))
    return SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p2"), status=status, reason="closed")


def till_withdrawal(festival: Festival) -> AnyCommand:
    festival.do(till_payout(festival))
    return WithdrawPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p1"))


RUN: Final = PayoutRunId("run1")


def to_open(festival: Festival) -> OpenPayoutRun:
    for name in ("p1", "p2"):
        wish = RequestPayout(actor_id=ANNA, payout_id=PayoutId(name), amount=100, note=None, iban="secret")
        festival.do(wish)
    return OpenPayoutRun(actor_id=ADMIN, run_id=RUN)


def in_run(festival: Festival, command: AnyCommand) -> AnyCommand:
    festival.do(to_open(festival))
    return command


def asked(festival: Festival) -> None:
    festival.do(organiser())
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=1_000)
    festival.do(WithSecond(command=BIG, confirmation_id=ASKED))


def ask(festival: Festival) -> AnyCommand:
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=1_000)
    return WithSecond(command=BIG, confirmation_id=ASKED)


def after_asking(festival: Festival, command: AnyCommand) -> AnyCommand:
    asked(festival)
    return command


def other_settings(festival: Festival) -> AnyCommand:
    festival.do(NoteSettings())
    festival.book.rules = msgspec.structs.replace(RULES, platform_fee_bp=999)
    return NoteSettings()


def appointed(festival: Festival) -> AnyCommand:
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    return DismissKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN)


def frozen(festival: Festival) -> AnyCommand:
    festival.do(FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=True, reason="lost"))
    return FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=False)


def suspended(festival: Festival) -> AnyCommand:
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    return SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=False)


def shown(festival: Festival) -> AnyCommand:
    festival.do(AddDisplay(actor_id=SUN_KEEPER, vendor_id=SUN, display_id=SCREEN, name="Left"))
    return RevokeDisplay(actor_id=SUN_KEEPER, display_id=SCREEN)


def typed(festival: Festival, *, accept: bool) -> AnyCommand:
    festival.do(offer_of(1))
    festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    return answering(PairingId("w1"), accept=accept)


def announced(festival: Festival, command: AnyCommand) -> AnyCommand:
    festival.do(announcement_of(Audience.ALL, number=1))
    return command


def enrolled(festival: Festival) -> AnyCommand:
    festival.do(app_of(ANNA, 0))
    return ResetFactors(actor_id=ADMIN, user_id=ANNA)


def linked(festival: Festival) -> AnyCommand:
    festival.do(LinkIdentity(user_id=ANNA, issuer="https://idp", subject="7"))
    return UnlinkIdentity(user_id=ANNA, issuer="https://idp", subject="7")


A1: Final = AnnouncementId("a1")
DEEDS: Final[dict[tuple[type[Any], DeedKind], Callable[[Festival], AnyCommand]]] = {
    (TopUp, DeedKind.TOP_UP): lambda _: BIG,
    (AssignFunds, DeedKind.ASSIGN): assign,
    (GiveBack, DeedKind.GIVE_BACK): give_back,
    (BookUnread, DeedKind.BOOK_UNREAD): book_unread,
    (DismissUnread, DeedKind.DISMISS_UNREAD): dismiss_unread,
    (ReverseTransfer, DeedKind.REVERSE): reverse,
    (OpenDrawer, DeedKind.OPEN_DRAWER): lambda _: DRAWER,
    (MoveCash, DeedKind.MOVE_CASH): lambda festival: after_opening(
        festival,
        MoveCash(
            actor_id=ADMIN,
            drawer_id=GATE,
            direction=Direction.IN,
            amount=5,
            reason="coins",
            transfer_id=TransferId("m"),
        ),
    ),
    (CloseDrawer, DeedKind.CLOSE_DRAWER): lambda festival: after_opening(
        festival, CloseDrawer(actor_id=ADMIN, drawer_id=GATE, counted=1, reason="lost")
    ),
    (PayOutAtDesk, DeedKind.PAY_OUT): lambda festival: after_opening(
        festival,
        PayOutAtDesk(actor_id=ADMIN, user_id=ANNA, payout_id=PayoutId("p8"), amount=100, reason="lost phone"),
    ),
    (RefundOrder, DeedKind.REFUND): refund,
    (GrantAllowance, DeedKind.GRANT_ALLOWANCE): lambda _: GRANT,
    (TakeBackAllowance, DeedKind.TAKE_BACK_ALLOWANCE): granted,
    (ChangeOrderStatus, DeedKind.CANCEL): placed,
    (RequestPayout, DeedKind.ASK_PAYOUT): till_payout,
    (CloseBooks, DeedKind.CLOSE_BOOKS): close_books,
    (ErasePerson, DeedKind.ERASE): lambda _: ErasePerson(
        actor_id=ADMIN, user_id=BEN, reason="asked", top_up_code="secret"
    ),
    (ImportPeople, DeedKind.IMPORT): lambda _: ImportPeople(
        people=(
            PersonRow(line=2, user_id=OTHER, name="Olga", sign_in=None, new_sign_in="secret", top_up_code="CODE-olga"),
        ),
        apply=True,
    ),
    (ImportBalances, DeedKind.IMPORT): lambda _: ImportBalances(
        balances=(BalanceRow(line=2, user_id=ANNA, amount=5, transfer_id=TransferId("import-1")),), apply=True
    ),
    (ImportStalls, DeedKind.IMPORT): lambda _: ImportStalls(
        stalls=(StallRow(line=2, vendor_id=VendorId("moon"), name="Moon", owner_id=BEN),), apply=True
    ),
    (ImportMenus, DeedKind.IMPORT): lambda _: ImportMenus(
        items=(ItemRow(line=2, item_id=ItemId("tea"), vendor_id=SUN, name="Tea", price=5),), apply=True
    ),
    (SettlePayout, DeedKind.COMPLETE_PAYOUT): lambda festival: settle(festival, PayoutStatus.COMPLETED),
    (SettlePayout, DeedKind.REJECT_PAYOUT): lambda festival: settle(festival, PayoutStatus.REJECTED),
    (WithdrawPayout, DeedKind.WITHDRAW_PAYOUT): till_withdrawal,
    (OpenPayoutRun, DeedKind.OPEN_RUN): to_open,
    (SendPayoutRun, DeedKind.SEND_RUN): lambda festival: in_run(festival, SendPayoutRun(actor_id=ADMIN, run_id=RUN)),
    (UndoPayoutRun, DeedKind.UNDO_RUN): lambda festival: in_run(festival, UndoPayoutRun(actor_id=ADMIN, run_id=RUN)),
    (RemoveFromRun, DeedKind.REMOVE_FROM_RUN): lambda festival: in_run(
        festival, RemoveFromRun(actor_id=ADMIN, run_id=RUN, payout_id=PayoutId("p1"), reason="wrong account")
    ),
    (WithSecond, DeedKind.ASK_SECOND): ask,
    (Confirm, DeedKind.CONFIRM): lambda festival: after_asking(
        festival, Confirm(actor_id=OTHER, confirmation_id=ASKED, command=BIG)
    ),
    (RefuseConfirmation, DeedKind.REFUSE): lambda festival: after_asking(
        festival, RefuseConfirmation(actor_id=OTHER, confirmation_id=ASKED)
    ),
    (NoteSettings, DeedKind.CHANGE_SETTINGS): other_settings,
    (AddUser, DeedKind.ADD_USER): lambda _: msgspec.structs.replace(organiser(), actor=COMMAND_LINE),
    (AdmitUser, DeedKind.ADD_USER): lambda _: AdmitUser(
        actor_id=ADMIN, user_id=OTHER, role=Role.VENDOR, name="Olga", pin_hash="secret", top_up_code="CODE-olga"
    ),
    (SuspendUser, DeedKind.SUSPEND): lambda _: SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True),
    (SuspendUser, DeedKind.UNSUSPEND): suspended,
    (ChangeRole, DeedKind.CHANGE_ROLE): lambda _: ChangeRole(actor_id=ADMIN, user_id=ANNA, role=Role.ADMIN),
    (MakeCashier, DeedKind.CASHIER): lambda _: MakeCashier(actor_id=ADMIN, user_id=ANNA, cashier=True),
    (AppointKeeper, DeedKind.APPOINT): lambda _: AppointKeeper(
        actor_id=SUN_KEEPER, vendor_id=SUN, user_id=ANNA, part=Part.KEEPER
    ),
    (DismissKeeper, DeedKind.DISMISS): appointed,
    (FreezeWallet, DeedKind.FREEZE): lambda _: FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=True, reason="lost"),
    (FreezeWallet, DeedKind.UNFREEZE): frozen,
    (MoveWallet, DeedKind.MOVE_WALLET): lambda _: MoveWallet(
        actor_id=ADMIN, user_id=ANNA, to_user_id=BEN, reason="lost", transfer_id=TransferId("m")
    ),
    (OfferNewSignIn, DeedKind.OFFER_SIGN_IN): lambda _: OfferNewSignIn(actor_id=ADMIN, user_id=ANNA),
    (ResetPin, DeedKind.RESET_PIN): lambda _: ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="secret", pin_digits=6),
    (ResetFactors, DeedKind.RESET_FACTORS): enrolled,
    (LinkIdentity, DeedKind.LINK_IDENTITY): lambda _: LinkIdentity(user_id=ANNA, issuer="https://idp", subject="7"),
    (UnlinkIdentity, DeedKind.UNLINK_IDENTITY): linked,
    (BeginSession, DeedKind.ISSUE_SESSION): lambda festival: BeginSession(
        session_id="secret", user_id=ANNA, version=0, device="", expires_at=festival.now, actor=COMMAND_LINE
    ),
    (AddVendorCodes, DeedKind.INVITE): lambda _: AddVendorCodes(actor_id=ADMIN, code_hashes=("secret",)),
    (AddMenuItem, DeedKind.ADD_ITEM): lambda _: AddMenuItem(
        actor_id=SUN_KEEPER, vendor_id=SUN, item_id=ItemId("tea"), name="Tea", description="", price=1, available=True
    ),
    (ChangeMenuItem, DeedKind.CHANGE_ITEM): lambda _: ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, price=700),
    (ChangeMenuItem, DeedKind.REMOVE_ITEM): lambda _: ChangeMenuItem(
        actor_id=SUN_KEEPER, item_id=FALAFEL, deleted=True
    ),
    (ChangeVendor, DeedKind.CHANGE_STALL): lambda _: ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False),
    (AddDisplay, DeedKind.ADD_DISPLAY): lambda _: AddDisplay(
        actor_id=SUN_KEEPER, vendor_id=SUN, display_id=SCREEN, name="Left"
    ),
    (RevokeDisplay, DeedKind.REVOKE_DISPLAY): shown,
    (OfferPairing, DeedKind.OFFER_PAIRING): lambda _: offer_of(1, code="secret"),
    (AnswerPairing, DeedKind.CONFIRM_PAIRING): lambda festival: typed(festival, accept=True),
    (AnswerPairing, DeedKind.REFUSE_PAIRING): lambda festival: typed(festival, accept=False),
    (Announce, DeedKind.ANNOUNCE): lambda _: announcement_of(Audience.ALL, number=1),
    (EditAnnouncement, DeedKind.EDIT_ANNOUNCEMENT): lambda festival: announced(
        festival, EditAnnouncement(actor_id=ADMIN, announcement_id=A1, message="Rain.")
    ),
    (WithdrawAnnouncement, DeedKind.WITHDRAW_ANNOUNCEMENT): lambda festival: announced(
        festival, WithdrawAnnouncement(actor_id=ADMIN, announcement_id=A1)
    ),
}
"""Every deed, and a command that tells it."""

WITHOUT: Final[dict[type[Any], str]] = {
    CreditFunds: "a provider's report; the receipt and the transfer's actor say whose",
    ReportClaim: "a provider's report; the claim and the transfers' actor say whose",
    KeepUnread: "a provider's report, as it came",
    PlaceOrder: "a customer's own money; the transfer says whose",
    Donate: "a guest's own money; the transfer says whose",
    PayRequest: "a customer's own money; the transfer says whose",
    ComeForOrder: "a customer about their own order",
    OfferGiveBack: "offers, and moves nothing; the row says who did",
    ClaimGiveBack: "a guest takes what a stall offers; the transfer says who, and the row whose offer it was",
    ClearReady: "a stall's everyday steps, which move no money; the orders say when",
    RequestPayment: "asks, and moves nothing; the order that it becomes says who paid",
    RefreshBalance: "repeats what is so",
    SendMessage: "a word between two people; the log has it",
    MarkRead: "a reader's own place",
    JoinRoom: "what one's own streams follow",
    LeaveRoom: "what one's own streams follow",
    TrackOrders: "what one's own streams follow",
    MeetUser: "a person comes by themselves, and gets no right",
    CountTry: "signing in",
    PinWasRight: "signing in",
    ChangePin: "one's own PIN",
    TakeNewSignIn: "one's own PIN and name; the offer is the deed",
    RenewSignIn: "one's own name; an organiser gives another by ResetPin",
    EnrolFactor: "one's own factor",
    UseFactor: "one's own factor",
    RemoveFactor: "one's own factor",
    RenewRecoveryCodes: "one's own codes",
    ResealFactors: "the server's key, and the same secrets",
    Attend: "a server's sign of life",
    Leave: "a server's end",
    SpendToken: "one's own token",
    SeeSession: "one's own session",
    RenewSession: "one's own session",
    EndSession: "one's own session",
    EndOwnSession: "one's own session",
    EndAllSessions: "one's own sessions",
    RequestPairing: "a screen asks; the stall's answer is the deed",
}
"""Commands that tell no deed, and why."""


def test_every_command_tells_a_deed_or_says_why_not() -> None:
    assert {command for command, _ in DEEDS} | WITHOUT.keys() == set(command_types())
    assert {command for command, _ in DEEDS}.isdisjoint(WITHOUT)
    assert {act for _, act in DEEDS} == set(DeedKind)


@pytest.mark.parametrize(("command", "act"), DEEDS, ids=str)
def test_a_command_tells_its_deed_once_and_no_secret(command: type[Any], act: DeedKind) -> None:
    festival = Festival.opened(funds=5_000)
    wish = DEEDS[command, act](festival)
    assert type(wish) is command
    decision = festival.decided(wish)
    told = [deed for deed in decision.deeds if deed.act is act]
    assert len(told) == 1
    (deed,) = told
    assert deed.actor in {user_actor(ADMIN), user_actor(SUN_KEEPER), user_actor(OTHER), COMMAND_LINE, "system"}
    before, after = json.loads(deed.before), json.loads(deed.after)
    assert "secret" not in deed.before + deed.after
    assert before != after or act is DeedKind.RESET_PIN
    assert all(isinstance(value, str | int | bool | None) for value in {**before, **after}.values())


@pytest.mark.parametrize(
    "act",
    sorted({act for command, act in DEEDS if command in {SuspendUser, ChangeRole, MakeCashier, ChangeVendor,
            WithdrawAnnouncement, EditAnnouncement, SettlePayout, RevokeDisplay, AnswerPairing, NoteSettings,
            FreezeWallet, AppointKeeper, RefuseConfirmation, Confirm, ChangeMenuItem, ResetFactors, LinkIdentity,
            BeginSession, WithdrawPayout, SendPayoutRun, UndoPayoutRun}} - {DeedKind.REMOVE_ITEM}),
)  # fmt: skip
def test_what_is_so_already_is_no_deed(act: DeedKind) -> None:
    festival = Festival.opened(funds=5_000)
    wish = next(make for (_, told), make in DEEDS.items() if told is act)(festival)
    festival.do(wish)
    assert festival.decided(wish).deeds == ()


def test_steps_that_serve_and_what_customers_do_with_their_own_are_no_deeds() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    assert festival.decided(step(order.order_id, SUN_KEEPER, OrderStatus.READY)).deeds == ()
    other = festival.placed()
    assert festival.decided(step(other.order_id, ANNA, OrderStatus.CANCELLED)).deeds == ()
    asked_for = RequestPayout(actor_id=ANNA, payout_id=PayoutId("p9"), amount=1, note=None)
    assert festival.decided(asked_for).deeds == ()


def test_what_ends_with_a_keeper_is_told_as_if_each_had_been_ended() -> None:
    """Displays and screens by deeds of their own, codes and requests by their number; nothing of what others made."""
    festival = Festival.opened(funds=5_000)
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    festival.do(AddDisplay(actor_id=BEN, vendor_id=SUN, display_id=SCREEN, name="Left"))
    festival.do(AddDisplay(actor_id=SUN_KEEPER, vendor_id=SUN, display_id=DisplayId("d2"), name="Right"))
    festival.do(offer_of(1, BEN))
    festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    festival.do(offer_of(2, BEN, code="other"))
    festival.do(request_of(OwnLine(description="Falafel", amount=650), number=1, actor_id=BEN))
    gone = festival.decided(DismissKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN))
    told = {(deed.actor, deed.act, deed.subject) for deed in gone.deeds}
    by = user_actor(SUN_KEEPER)
    assert told == {
        (by, DeedKind.REVOKE_DISPLAY, "display:d1"),
        (by, DeedKind.REFUSE_PAIRING, "pairing:w1"),
        (by, DeedKind.DISMISS, "user:ben"),
    }
    assert json.loads(gone.deeds[-1].after) == {"pairingCodesEnded": 1, "paymentRequestsEnded": 1, "stalls": ""}


def test_a_session_that_somebody_signed_in_for_themselves_is_no_deed() -> None:
    wish = BeginSession(session_id="s", user_id=ANNA, version=0, device="", expires_at=Festival.opened().now)
    assert Festival.opened().decided(wish).deeds == ()
