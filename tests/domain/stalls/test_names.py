"""No two stalls have names that people take for one, however they come by them."""

from typing import Any

import pytest

from festival_push.domain.book import Command
from festival_push.domain.people.people import AddUser, AddVendorCodes
from festival_push.domain.people.rights import AdmitUser, ChangeRole
from festival_push.domain.refusals import NameTaken
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import Role, UserId
from tests.support.festival import ADMIN, BAR, BAR_KEEPER, SUN, SUN_KEEPER, Festival

NEW = UserId("new")
TWIN = "$un "  # of "Sun"


def added(name: str, *, role: Role = Role.VENDOR, user_id: UserId = NEW) -> AddUser:
    return AddUser(user_id=user_id, role=role, name=name, pin_hash=None, top_up_code=f"code-{user_id}")


def registered(name: str, user_id: UserId = NEW) -> AddUser:
    return AddUser(
        user_id=user_id, role=Role.VENDOR, name=name, pin_hash=None, top_up_code=f"code-{user_id}",
        vendor_code_hash="code", self_registered=True,
    )  # fmt: skip


def admitted(name: str) -> AdmitUser:
    return AdmitUser(actor_id=ADMIN, user_id=NEW, role=Role.VENDOR, name=name, pin_hash=None, top_up_code="code-new")


@pytest.fixture
def festival() -> Festival:
    festival = Festival.opened()
    festival.do(AddVendorCodes(actor_id=ADMIN, code_hashes=("code",)))
    return festival


@pytest.mark.parametrize("make", [added, registered, admitted])
def test_a_new_stall_is_not_called_like_another(festival: Festival, make: Any) -> None:
    with pytest.raises(NameTaken) as refused:
        festival.do(make(TWIN))
    assert refused.value.params() == {"name": TWIN}
    assert NEW not in festival.book.users
    assert festival.book.vendor_codes["code"].used_by is None  # the next try may use it
    festival.do(make("Sunrise"))


def test_a_stall_is_not_renamed_to_another(festival: Festival) -> None:
    with pytest.raises(NameTaken):
        festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=BAR, name=TWIN))
    with pytest.raises(NameTaken):
        festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=BAR, name=TWIN))
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, name="SUN!"))  # its own
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, name="Moon"))
    festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=BAR, name=TWIN))  # free again
    assert festival.book.vendors[BAR].name == TWIN


def test_whoever_becomes_a_stall_by_their_own_name_needs_one_that_is_free(festival: Festival) -> None:
    festival.do(added("Bar.", role=Role.CUSTOMER))  # people may be called like each other, and like stalls
    with pytest.raises(NameTaken):
        festival.do(ChangeRole(actor_id=ADMIN, user_id=NEW, role=Role.VENDOR))
    festival.do(ChangeRole(actor_id=ADMIN, user_id=NEW, role=Role.VENDOR, vendor_id=SUN))


@pytest.mark.parametrize("name", ["Organiser", "0rganizer", "Festival Office", "CASH DESK", "Admin"])
def test_only_an_organiser_calls_a_stall_like_the_festival(festival: Festival, name: str) -> None:
    with pytest.raises(NameTaken):
        festival.do(registered(name))
    with pytest.raises(NameTaken):
        festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, name=name))
    festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=SUN, name=name))


def test_two_of_one_batch_are_not_called_alike(festival: Festival) -> None:
    commands: tuple[Command[Any], ...] = (added("Moon"), added("M00n", user_id=UserId("late")))
    book = festival.loaded(commands[0].needs())
    book.apply(commands[0].decide(book, festival.now))
    with pytest.raises(NameTaken):
        commands[1].decide(book, festival.now)
