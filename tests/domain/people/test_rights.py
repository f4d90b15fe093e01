"""Rights: taken in, suspended, in another role; and never without an organiser."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import Command
from festival_push.domain.events import RoomsChanged, UserChanged
from festival_push.domain.people.rights import AdmitUser, ChangeRole, SuspendUser
from festival_push.domain.refusals import AlreadyExists, Forbidden, LastAdmin, NotFound, OwnsStall, Refused, Suspended
from festival_push.domain.rows import User
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Role, UserId, VendorId, user_account
from festival_push.domain.words.rooms import JoinRoom, Room
from tests.support.festival import ADMIN, ANNA, BAR, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival

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
    user = festival.do(admit(role=kind))
    assert (user.role, user.vendor_id) == (kind, VendorId(CARL) if kind is Role.VENDOR else None)
    assert festival.balance(CARL) == 0
    with pytest.raises(AlreadyExists):
        festival.do(admit(role=kind))


def test_a_second_keeper_works_for_the_same_stall() -> None:
    festival = Festival.opened()
    user = festival.do(admit(role=Role.VENDOR, stall=SUN))
    assert user.vendor_id == SUN
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
    assert festival.do(suspend(ANNA, suspended=False)).suspended is False
    assert festival.placed().number == 1


@pytest.mark.parametrize("wish", [suspend(ADMIN), role(ADMIN, Role.CUSTOMER), role(ADMIN, Role.VENDOR, stall=SUN)])
def test_the_last_organiser_stays(wish: Command[User]) -> None:
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
    user = festival.do(role(ANNA, Role.VENDOR))
    assert user.vendor_id == VendorId(ANNA)
    assert festival.book.vendors[VendorId(ANNA)].name == "Anna"
    account = festival.book.accounts[user_account(ANNA)]
    assert (account.balance, account.overdraft) == (1_000, True)


@pytest.mark.parametrize("wish", [role(SUN_KEEPER, Role.CUSTOMER), role(SUN_KEEPER, Role.VENDOR, stall=BAR)])
def test_whoever_opened_a_stall_stays_its_keeper(wish: Command[User]) -> None:
    with pytest.raises(OwnsStall):
        Festival.opened().do(wish)


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
def test_somebody_can_always_run_the_festival(wishes: list[Command[User]]) -> None:
    festival = Festival.opened()
    festival.do(admit(role=Role.ADMIN))
    for wish in wishes:
        with suppress(Refused):
            festival.do(wish)
        active = [user for user in festival.book.users.values() if user.role is Role.ADMIN and not user.suspended]
        assert active
        for user in festival.book.users.values():
            assert (user.vendor_id is not None) is (user.role is Role.VENDOR)


def test_every_process_hears_that_somebody_is_let_in_again() -> None:
    festival = Festival.opened()
    festival.do(suspend(ANNA))
    (told,) = festival.decided(suspend(ANNA, suspended=False)).events
    assert told.topics == (SYSTEM,)
    assert told.event == UserChanged(timestamp=told.event.timestamp, user_id=ANNA)
    assert festival.decided(suspend(ANNA, suspended=False)).events == ()
