"""People: how they come in, how often they may guess, and what counts no more."""

import msgspec
import pytest

from festival_push.domain.events import VendorUpdated
from festival_push.domain.people.people import (
    AddUser,
    AddVendorCodes,
    ClearPinTries,
    EndSession,
    MeetUser,
    SpendToken,
    TryPin,
)
from festival_push.domain.refusals import (
    AlreadyExists,
    Forbidden,
    InvalidVendorCode,
    NotFound,
    TokenSpent,
    TooManyTries,
)
from festival_push.domain.rows import Account
from festival_push.domain.topics import SYSTEM, role_topic
from festival_push.domain.values import Audience, Instant, Part, Role, UserId, VendorId, till_account, user_account
from tests.support.festival import ADMIN, ANNA, NOON, RULES, Festival, announcement_of

CARL = UserId("carl")
WINDOW_MS = RULES.pin_window_ms


def register(role: Role = Role.CUSTOMER, code: str | None = None, user_id: UserId = CARL) -> AddUser:
    return AddUser(
        user_id=user_id, role=role, name="Carl", pin_hash="#", top_up_code=f"CODE-{user_id}", vendor_code_hash=code,
        self_registered=True,
    )  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_new_person_has_an_empty_wallet_and_a_vendor_a_stall(role: Role) -> None:
    festival = Festival.opened()
    person = festival.do(msgspec.structs.replace(register(role), self_registered=False))
    assert person == festival.book.person(CARL)
    wallet, till = user_account(CARL), till_account(VendorId(CARL))
    is_vendor = role is Role.VENDOR
    assert (person.user_type, person.user.suspended, person.user.created_at) == (role, False, NOON)
    assert festival.book.accounts[wallet] == Account(account_id=wallet)
    assert festival.book.accounts.get(till) == (Account(account_id=till, overdraft=True) if is_vendor else None)
    assert person.stalls == ({VendorId(CARL): Part.OWNER} if is_vendor else {})
    assert (VendorId(CARL) in festival.book.vendors) is is_vendor


def test_a_stall_may_have_another_id_than_its_owner_and_customers_are_told_of_it() -> None:
    festival = Festival.opened()
    wish = msgspec.structs.replace(register(Role.VENDOR), self_registered=False, vendor_id=VendorId("grill"))
    before = len(festival.events)
    assert festival.do(wish).stalls == {"grill": Part.OWNER}
    (told,) = festival.told(role_topic(Role.CUSTOMER), after=before)
    assert isinstance(told, VendorUpdated)
    assert (told.vendor_id, told.name, told.open) == ("grill", "Carl", True)
    with pytest.raises(AlreadyExists):
        festival.do(msgspec.structs.replace(wish, user_id=UserId("dora"), top_up_code="D"))
    assert UserId("dora") not in festival.book.users


def test_nothing_that_was_said_before_is_news_to_a_new_person() -> None:
    festival = Festival.opened()
    festival.do(announcement_of(Audience.ALL, number=1))
    festival.do(register())
    assert festival.book.users[CARL].read_up_to == festival.book.position


def test_an_id_is_given_once() -> None:
    festival = Festival.opened(funds=100)
    with pytest.raises(AlreadyExists):
        festival.do(register(user_id=ANNA))
    assert festival.balance(ANNA) == 100


def test_a_vendor_code_opens_one_stall() -> None:
    festival = Festival.opened()
    festival.do(AddVendorCodes(actor_id=ADMIN, code_hashes=("h1", "h2")))
    for code in (None, "h3"):
        with pytest.raises(InvalidVendorCode):
            festival.do(register(Role.VENDOR, code))
    assert festival.do(register(Role.VENDOR, "h1")).user_type is Role.VENDOR
    assert festival.book.vendor_codes["h1"].used_by == CARL
    with pytest.raises(InvalidVendorCode):
        festival.do(register(Role.VENDOR, "h1", UserId("dora")))
    assert UserId("dora") not in festival.book.users


def test_only_organisers_and_the_command_line_make_vendor_codes() -> None:
    festival = Festival.opened()
    with pytest.raises(Forbidden):
        festival.do(AddVendorCodes(actor_id=ANNA, code_hashes=("h",)))
    assert festival.book.vendor_codes == {}
    festival.do(AddVendorCodes(actor_id=None, code_hashes=("h",)))
    assert set(festival.book.vendor_codes) == {"h"}


def test_whom_a_trusted_issuer_vouches_for_is_met_once() -> None:
    festival = Festival.opened()
    meet = MeetUser(user_id=CARL, name="Carl", top_up_code="CODE-carl")
    first = festival.do(meet)
    assert (first.user_type, first.user.pin_hash) == (Role.CUSTOMER, None)
    assert festival.decided(msgspec.structs.replace(meet, name="Other")).rows == ()
    assert festival.do(msgspec.structs.replace(meet, user_id=ADMIN)).user_type is Role.ADMIN  # as they are


def test_pin_tries_are_counted_before_they_are_looked_at() -> None:
    festival = Festival.opened()
    for number in range(1, RULES.pin_tries_max + 1):
        assert festival.do(TryPin(user_id=ANNA)).user.pin_tries == number - 1  # as it was before
        assert festival.book.users[ANNA].pin_tries == number
    with pytest.raises(NotFound):
        festival.do(TryPin(user_id=CARL))


def test_tries_come_back_one_by_one() -> None:
    festival = Festival.opened()
    for _ in range(RULES.pin_tries_max):
        festival.do(TryPin(user_id=ANNA))
    share_ms = WINDOW_MS // RULES.pin_tries_max
    for number in (1, 2):
        for early_ms, retry_after_s in ((share_ms, share_ms // 1000), (1_001, 2), (1, 1)):
            festival.now = Instant(NOON + number * share_ms - early_ms)
            with pytest.raises(TooManyTries) as refused:
                festival.do(TryPin(user_id=ANNA))
            assert refused.value.retry_after == retry_after_s
        festival.now = Instant(NOON + number * share_ms)
        festival.do(TryPin(user_id=ANNA))
    festival.now = Instant(NOON + 3 * WINDOW_MS)
    festival.do(TryPin(user_id=ANNA))
    assert festival.book.users[ANNA].pin_tries == 1, "all were free again"


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    festival = Festival.opened()
    for _ in range(RULES.pin_tries_max):
        festival.do(TryPin(user_id=ANNA))
    festival.now = Instant(NOON - 3_600_000)
    festival.do(TryPin(user_id=ANNA))
    assert festival.book.users[ANNA].pin_tries == 1


def test_the_right_pin_makes_the_budget_whole() -> None:
    festival = Festival.opened()
    for _ in range(RULES.pin_tries_max):
        festival.do(TryPin(user_id=ANNA))
    festival.do(ClearPinTries(user_id=ANNA))
    festival.do(TryPin(user_id=ANNA))
    assert festival.book.users[ANNA].pin_tries == 1


def test_a_ticket_is_used_once() -> None:
    festival = Festival.opened()
    spend = SpendToken(jti="j1", expires_at=NOON)
    festival.do(spend)
    with pytest.raises(TokenSpent):
        festival.do(spend)
    festival.do(SpendToken(jti="j2", expires_at=NOON))
    assert set(festival.book.tokens) == {"j1", "j2"}


def test_a_session_ends_once_and_every_process_hears_of_it() -> None:
    festival = Festival.opened()
    end = EndSession(jti="j1", expires_at=NOON)
    (told,) = festival.decided(end).events
    assert (told.topics, told.event.TYPE) == ((SYSTEM,), "system-session-ended")
    again = festival.decided(end)
    assert (again.events, again.rows) == ((), ())
