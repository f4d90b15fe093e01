"""Rights: taken in, suspended, in another role; and never without an organiser."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import Command
from festival_push.domain.events import RoomsChanged, UserChanged
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.relations import Person
from festival_push.domain.people.rights import AdmitUser, ChangeRole, MakeCashier, SuspendUser
from festival_push.domain.refusals import AlreadyExists, Forbidden, LastAdmin, NotFound, OwnsStall, Refused, Suspended
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Part, Role, UserId, VendorId, user_account
from festival_push.domain.words.rooms import JoinRoom, Room
from tests.support.festival import ADMIN, ANNA, BAR, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, top_up

CARL = UserId("carl")


def admit(user_id: UserId = CARL, role: Role = Role.CUSTOMER, *, stall: VendorId | None = None) -> AdmitUser:
    return AdmitUser(
        actor_id=ADMIN, user_id=user_id, role=role, name="Carl", pin_hash=None, top_up_code="C", vendor_id=stall
    )


def suspend(user_id: UserId, *, suspended: bool = True, actor_id: UserId = ADMIN) -> SuspendUser:
    return SuspendUser(actor_id=actor_id, user_id=user_id, suspended=suspended)


def role(user_id: UserId, role: Role, *, stall: VendorId | None = None, actor_id: UserId = ADMIN) -> ChangeRole:
    return ChangeRole(actor_id=actor_id, user_id=user_id, role=role, vendor_id=stall)


@pytest.mark.parametrize("kind", list(Role))
def test_whoever_is_taken_in_has_a_wallet_and_a_vendor_a_stall(kind: Role) -> None:
    festival = Festival.opened()
    person = festival.do(admit(role=kind))
    assert person == festival.book.person(CARL)
    assert (person.user_type, person.vendor_id) == (kind, VendorId(CARL) if kind is Role.VENDOR else None)
    assert festival.balance(CARL) == 0
    with pytest.raises(AlreadyExists):
        festival.do(admit(role=kind))


def test_a_second_keeper_works_for_the_same_stall() -> None:
    festival = Festival.opened()
    person = festival.do(admit(role=Role.VENDOR, stall=SUN))
    assert person == festival.book.person(CARL)
    assert person.stalls == {SUN: Part.KEEPER}
    assert set(festival.book.vendors) == {SUN, BAR}
    assert festival.book.accounts[user_account(CARL)].overdraft is False
    with pytest.raises(AlreadyExists):
        festival.do(admit(ANNA, Role.VENDOR, stall=SUN))
    with pytest.raises(NotFound):
        festival.do(admit(UserId("dora"), Role.VENDOR, stall=VendorId("nowhere")))


def test_a_suspended_person_can_do_nothing_until_they_are_let_in_again() -> None:
    festival = Festival.opened(funds=1_000)
    decision = festival.decided(suspend(ANNA))
    (told,) = decision.events
    assert told.topics == (SYSTEM,)
    assert told.event == UserChanged(timestamp=told.event.timestamp, user_id=ANNA)
    assert festival.decided(suspend(ANNA)).events == ()
    with pytest.raises(Suspended):
        festival.placed()
    assert festival.do(suspend(ANNA, suspended=False)).user.suspended is False
    assert festival.placed().number == 1


@pytest.mark.parametrize("wish", [suspend(ADMIN), role(ADMIN, Role.CUSTOMER), role(ADMIN, Role.VENDOR, stall=SUN)])
def test_the_last_organiser_stays(wish: Command[Person]) -> None:
    festival = Festival.opened()
    with pytest.raises(LastAdmin):
        festival.do(wish)
    festival.do(admit(role=Role.ADMIN))
    festival.do(suspend(CARL))
    with pytest.raises(LastAdmin):
        festival.do(wish)
    festival.do(suspend(CARL, suspended=False))
    festival.do(wish)
    with pytest.raises((Forbidden, Suspended)):
        festival.do(suspend(BEN))


def test_in_another_role_one_leaves_the_rooms_of_the_first() -> None:
    festival = Festival.opened()
    festival.do(admit(role=Role.ADMIN))
    festival.do(JoinRoom(actor_id=CARL, room=Room(user_id=ANNA)))
    decision = festival.decided(role(CARL, Role.CUSTOMER))
    assert [type(told.event) for told in decision.events] == [RoomsChanged, UserChanged]
    assert festival.book.rooms[CARL].topics == ()
    assert festival.decided(role(CARL, Role.CUSTOMER)).events == ()


def test_a_customer_opens_a_stall_with_the_money_they_have() -> None:
    festival = Festival.opened(funds=1_000)
    person = festival.do(role(ANNA, Role.VENDOR))
    assert person == festival.book.person(ANNA)
    assert person.stalls == {VendorId(ANNA): Part.OWNER}
    assert festival.book.vendors[VendorId(ANNA)].name == "Anna"
    assert festival.do(role(ANNA, Role.VENDOR)) == person, "again: it stays the one"
    assert (festival.balance(ANNA), festival.till(VendorId(ANNA))) == (1_000, 0)
    assert festival.book.accounts[user_account(ANNA)].overdraft is False


def test_the_only_owner_of_a_stall_stays_it() -> None:
    festival = Festival.opened()
    with pytest.raises(OwnsStall):
        festival.do(role(SUN_KEEPER, Role.CUSTOMER))
    assert festival.do(role(SUN_KEEPER, Role.VENDOR, stall=BAR)).stalls == {SUN: Part.OWNER, BAR: Part.KEEPER}
    assert festival.do(role(SUN_KEEPER, Role.VENDOR)).stalls == {SUN: Part.OWNER}
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.OWNER))
    assert festival.do(role(SUN_KEEPER, Role.CUSTOMER)).stalls == {}


def test_an_organiser_keeps_their_stalls_and_a_vendor_is_no_organiser() -> None:
    festival = Festival.opened()
    person = festival.do(role(SUN_KEEPER, Role.ADMIN))
    assert (person.user_type, person.stalls, person.vendor_id) == (Role.ADMIN, {SUN: Part.OWNER}, None)
    person = festival.do(role(SUN_KEEPER, Role.VENDOR))
    assert (person.user_type, person.stalls) == (Role.VENDOR, {SUN: Part.OWNER})


def test_a_cashier_is_one_until_they_are_a_customer_only() -> None:
    festival = Festival.opened()
    assert festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True)).user.cashier
    assert festival.decided(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True)).rows == ()
    festival.do(msgspec.structs.replace(top_up(ANNA, 70, number=1), actor_id=BEN, method="card"))
    assert festival.do(role(BEN, Role.VENDOR, stall=SUN)).user.cashier
    assert not festival.do(role(BEN, Role.CUSTOMER)).user.cashier
    with pytest.raises(Forbidden):
        festival.do(msgspec.structs.replace(top_up(ANNA, 70, number=2), actor_id=BEN, method="card"))


@pytest.mark.parametrize("part", Part)
def test_a_stall_is_attended_while_one_of_its_keepers_is_not_suspended(part: Part) -> None:
    festival = Festival.opened()
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=BEN, part=part))
    for wish, attended in (
        (suspend(SUN_KEEPER), True), (suspend(BEN), False), (suspend(SUN_KEEPER, suspended=False), True),
        (suspend(BEN, suspended=False), True),
    ):  # fmt: skip
        festival.do(wish)
        assert festival.book.vendors[SUN].attended is attended
        assert festival.book.vendors[BAR].attended


def test_a_keeper_moves_to_another_stall_and_leaves() -> None:
    festival = Festival.opened()
    festival.do(admit(role=Role.VENDOR, stall=SUN))
    assert festival.do(role(CARL, Role.VENDOR, stall=BAR)).vendor_id == BAR
    assert festival.do(role(CARL, Role.CUSTOMER)).vendor_id is None
    with pytest.raises(NotFound):
        festival.do(role(CARL, Role.VENDOR, stall=VendorId("nowhere")))


@pytest.mark.parametrize("actor_id", [ANNA, BAR_KEEPER])
def test_only_the_organiser_decides_about_people(actor_id: UserId) -> None:
    festival = Festival.opened()
    for wish in (suspend(BEN, actor_id=actor_id), role(actor_id, Role.ADMIN, actor_id=actor_id)):
        with pytest.raises(Forbidden):
            festival.do(wish)
    with pytest.raises(NotFound):
        festival.do(suspend(UserId("nobody")))


_people = st.sampled_from([ADMIN, ANNA, BEN, SUN_KEEPER, CARL])


@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda actor, user, on: suspend(user, suspended=on, actor_id=actor), _people, _people, st.booleans()
            ),
            st.builds(
                lambda actor, user, kind: role(user, kind, actor_id=actor), _people, _people, st.sampled_from(Role)
            ),
        ),
        max_size=30,
    )
)
def test_somebody_can_always_run_the_festival(wishes: list[Command[Person]]) -> None:
    festival = Festival.opened()
    festival.do(admit(role=Role.ADMIN))
    for wish in wishes:
        with suppress(Refused):
            festival.do(wish)
        active = [user for user in festival.book.users.values() if user.admin and not user.suspended]
        assert active
        for user in festival.book.users.values():
            person = festival.book.person(user.user_id)
            assert bool(person.stalls) >= (person.user_type is Role.VENDOR)
        for vendor_id, vendor in festival.book.vendors.items():
            keepers = festival.book.keepers_of(vendor_id)
            assert any(keeper.part is Part.OWNER for keeper in keepers)
            suspended = [festival.book.users[keeper.user_id].suspended for keeper in keepers]
            assert vendor.attended is (not all(suspended))


def test_every_process_hears_that_somebody_is_let_in_again() -> None:
    festival = Festival.opened()
    festival.do(suspend(ANNA))
    (told,) = festival.decided(suspend(ANNA, suspended=False)).events
    assert told.topics == (SYSTEM,)
    assert told.event == UserChanged(timestamp=told.event.timestamp, user_id=ANNA)
    assert festival.decided(suspend(ANNA, suspended=False)).events == ()
