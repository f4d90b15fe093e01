"""People: how they come in, how often they may guess, and what counts no more."""

import msgspec
import pytest

from festival_push.domain.people.people import (
    AddUser,
    AddVendorCodes,
    EndSession,
    MeetUser,
    SpendToken,
)
from festival_push.domain.refusals import (
    AlreadyExists,
    Forbidden,
    InvalidVendorCode,
    TokenSpent,
)
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Role, UserId, VendorId, user_account
from tests.support.festival import ADMIN, ANNA, NOON, Festival

CARL = UserId("carl")


def register(role: Role = Role.CUSTOMER, code: str | None = None, user_id: UserId = CARL) -> AddUser:
    return AddUser(
        user_id=user_id, role=role, name="Carl", pin_hash="#", top_up_code=f"CODE-{user_id}", vendor_code_hash=code,
        self_registered=True,
    )  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_new_person_has_an_empty_wallet_and_a_vendor_a_stall(role: Role) -> None:
    festival = Festival.opened()
    user = festival.do(msgspec.structs.replace(register(role), self_registered=False))
    account = festival.book.accounts[user_account(CARL)]
    is_vendor = role is Role.VENDOR
    assert (user.role, user.suspended, user.created_at) == (role, False, NOON)
    assert (account.balance, account.overdraft) == (0, is_vendor)
    assert user.vendor_id == (VendorId(CARL) if is_vendor else None)
    assert (VendorId(CARL) in festival.book.vendors) is is_vendor


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
    assert festival.do(register(Role.VENDOR, "h1")).role is Role.VENDOR
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
    assert (first.role, first.pin_hash) == (Role.CUSTOMER, None)
    assert festival.decided(msgspec.structs.replace(meet, name="Other")).rows == ()
    assert festival.do(msgspec.structs.replace(meet, user_id=ADMIN)).role is Role.ADMIN  # as they are


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
