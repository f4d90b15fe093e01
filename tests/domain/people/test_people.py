"""People: how they come in, how often they may guess, and what counts no more."""

import msgspec
import pytest

from festival_push.domain.people.people import (
    AddUser,
    AddVendorCodes,
    SpendToken,
)
from festival_push.domain.refusals import (
    AlreadyExists,
    Forbidden,
    InvalidVendorCode,
    TokenSpent,
)
from festival_push.domain.rows import Account
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.topics import role_topic
from festival_push.domain.values import Audience, Part, Role, UserId, VendorId, till_account, user_account
from tests.support.festival import ADMIN, ANNA, NOON, Festival, announcement_of

CARL = UserId("carl")


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


def test_a_ticket_is_used_once() -> None:
    festival = Festival.opened()
    spend = SpendToken(jti="j1", expires_at=NOON)
    festival.do(spend)
    with pytest.raises(TokenSpent):
        festival.do(spend)
    festival.do(SpendToken(jti="j2", expires_at=NOON))
    assert set(festival.book.tokens) == {"j1", "j2"}
