"""Who follows what."""

import msgspec

from festival_push.domain.topics import (
    ALL,
    BOARDS,
    SYSTEM,
    board_topic,
    order_topic,
    own_topics,
    role_topic,
    user_topic,
)
from festival_push.domain.values import OrderId, Role, Topic, VendorId
from tests.support.festival import ADMIN, ANNA, SUN_KEEPER, Festival


def test_topics_are_named_by_kind_and_id() -> None:
    names = [user_topic(ANNA), order_topic(OrderId("7")), board_topic(VendorId("sun")), role_topic(Role.ADMIN)]
    assert names == ["user:anna", "order:7", "board:sun", "role:admin"]


def test_a_person_follows_themselves_their_role_and_everyone() -> None:
    users = Festival.opened().book.users
    assert own_topics(users[ANNA]) == (user_topic(ANNA), role_topic(Role.CUSTOMER), ALL)
    assert own_topics(users[ADMIN]) == (user_topic(ADMIN), role_topic(Role.ADMIN), ALL)
    assert own_topics(users[SUN_KEEPER]) == (user_topic(SUN_KEEPER), role_topic(Role.VENDOR), ALL)


def test_a_keeper_of_another_ones_stall_also_follows_the_stall() -> None:
    keeper = msgspec.structs.replace(Festival.opened().book.users[SUN_KEEPER], vendor_id=VendorId("bar"))
    assert own_topics(keeper) == (user_topic(SUN_KEEPER), role_topic(Role.VENDOR), ALL, Topic("user:bar"))


def test_nobody_follows_the_system_or_what_boards_show() -> None:
    for user in Festival.opened().book.users.values():
        assert not {SYSTEM, BOARDS} & {*own_topics(user)}
