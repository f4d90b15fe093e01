"""Pairings: a code of the stall, a screen that has typed it, and the stall's answer."""

import msgspec
import pytest

from festival_push.domain.refusals import AlreadyExists, Forbidden, InvalidPairingCode, NotFound, PairingSettled
from festival_push.domain.stall_rows import Display, Pairing
from festival_push.domain.stalls.events import DisplayWaiting
from festival_push.domain.stalls.pairings import PAIRING_MS, RequestPairing, is_asked_for
from festival_push.domain.topics import stall_topic
from festival_push.domain.values import DisplayId, Instant, PairingId, PairingStatus, UserId, VendorId
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    NOON,
    SUN,
    SUN_KEEPER,
    Festival,
    answering,
    offer_of,
)

LEFT = PairingId("w1")


def typed(code: str = "code") -> RequestPairing:
    return RequestPairing(code_hash=code, secret_hash="secret")


def asked(actor_id: UserId = SUN_KEEPER) -> Festival:
    """A festival in which a screen has typed the sun's code."""
    festival = Festival.opened()
    festival.do(offer_of(1, actor_id))
    festival.do(typed())
    return festival


@pytest.mark.parametrize("actor_id", [SUN_KEEPER, ADMIN])
def test_a_screen_becomes_a_display_by_code_and_confirmation(actor_id: UserId) -> None:
    festival = Festival.opened()
    offer = festival.do(offer_of(1, actor_id))
    assert (offer.status, offer.expires_at, offer.secret_hash) == (PairingStatus.WAITING, NOON + PAIRING_MS, None)
    festival.now = Instant(NOON + 1_000)
    decision = festival.decided(typed())
    assert decision.reply.vendor_name == "Sun"
    assert [(told.topics, told.event) for told in decision.events] == [
        (
            (stall_topic(SUN),),
            DisplayWaiting(timestamp="2026-07-04T10:00:01.000Z", pairing_id=LEFT, vendor_id=SUN, name="Left"),
        )
    ]
    assert festival.book.displays == {}, "the stall has not answered"
    confirmed = festival.do(answering(LEFT, actor_id))
    assert confirmed == Pairing(
        pairing_id=LEFT, vendor_id=SUN, name="Left", code_hash=None, secret_hash="secret",
        status=PairingStatus.CONFIRMED, display_id=DisplayId("of-w1"), created_at=NOON,
        expires_at=Instant(NOON + 1_000 + PAIRING_MS), created_by=actor_id,
    )  # fmt: skip
    assert festival.book.displays == {
        "of-w1": Display(
            display_id=DisplayId("of-w1"), vendor_id=SUN, name="Left", created_at=Instant(NOON + 1_000),
            created_by=actor_id,
        )
    }  # fmt: skip


def test_a_refused_screen_is_no_display() -> None:
    festival = asked()
    assert festival.do(answering(LEFT, accept=False)).status is PairingStatus.REFUSED
    assert festival.book.displays == {}


@pytest.mark.parametrize("accept", [True, False])
def test_an_answer_is_given_once(accept: bool) -> None:  # noqa: FBT001  # pytest passes it
    festival = asked()
    settled = festival.do(answering(LEFT, accept=accept))
    again = festival.decided(msgspec.structs.replace(answering(LEFT, accept=accept), display_id=DisplayId("other")))
    assert (again.reply, again.rows, again.events) == (settled, (), ())
    with pytest.raises(PairingSettled) as raised:
        festival.do(answering(LEFT, accept=not accept))
    assert raised.value.pairing_status is settled.status
    assert len(festival.book.displays) == accept


def test_a_code_works_once() -> None:
    festival = asked()
    with pytest.raises(InvalidPairingCode):
        festival.do(typed())
    assert festival.do(offer_of(2)).pairing_id == "w2", "and may be made again"


def test_a_newer_code_ends_the_older_one_that_nobody_has_typed() -> None:
    festival = Festival.opened()
    festival.do(offer_of(1, code="old"))
    festival.do(offer_of(2, BAR_KEEPER, BAR, code="of the bar"))
    festival.now = Instant(NOON + PAIRING_MS)
    newer = festival.do(offer_of(3, code="new"))
    assert (newer.pairing_id, newer.created_at, newer.expires_at) == (LEFT, festival.now, festival.now + PAIRING_MS)
    assert set(festival.book.pairings) == {"w1", "w2"}, "a stall that makes codes all day long has one of them"
    with pytest.raises(InvalidPairingCode):
        festival.do(typed("old"))
    festival.do(typed("new"))


def test_a_code_that_is_in_use_is_not_made_again() -> None:
    festival = Festival.opened()
    festival.do(offer_of(1))
    with pytest.raises(AlreadyExists):
        festival.do(offer_of(2, BAR_KEEPER, BAR))


def test_every_step_has_ten_minutes() -> None:
    assert PAIRING_MS == 600_000
    festival = Festival.opened()
    festival.do(offer_of(1))
    festival.now = Instant(NOON + PAIRING_MS - 1)
    festival.do(typed())
    festival.now = Instant(festival.now + PAIRING_MS - 1)
    settled = festival.do(answering(LEFT))
    assert is_asked_for(settled, Instant(festival.now + PAIRING_MS - 1))
    festival.now = Instant(festival.now + PAIRING_MS)
    assert not is_asked_for(settled, festival.now)
    with pytest.raises(NotFound):
        festival.do(answering(LEFT))


def test_what_expires_is_as_if_it_were_not_there() -> None:
    festival = Festival.opened()
    festival.do(offer_of(1))
    festival.now = Instant(NOON + PAIRING_MS)
    with pytest.raises(InvalidPairingCode):
        festival.do(typed())
    late = asked()
    late.now = Instant(NOON + PAIRING_MS)
    with pytest.raises(NotFound) as raised:
        late.do(answering(LEFT))
    assert raised.value.what == "pairing"


def test_codes_and_screens_are_their_stalls_and_the_organisers() -> None:
    festival = Festival.opened()
    for actor_id, refusal in ((BAR_KEEPER, NotFound), (ANNA, Forbidden), (UserId("nobody"), NotFound)):
        with pytest.raises(refusal):
            festival.do(offer_of(1, actor_id))
    with pytest.raises(NotFound):
        festival.do(offer_of(1, ADMIN, VendorId("nobody")))
    assert festival.book.pairings == {}
    festival = asked()
    for actor_id, vendor_id, refusal in (
        (BAR_KEEPER, SUN, NotFound), (BAR_KEEPER, BAR, NotFound), (ADMIN, BAR, NotFound), (ANNA, SUN, Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal):
            festival.do(answering(LEFT, actor_id, vendor_id))
    with pytest.raises(NotFound):
        festival.do(answering(PairingId("nothing")))
    assert (festival.book.displays, festival.book.pairings[LEFT].status) == ({}, PairingStatus.WAITING)


def test_a_code_that_nobody_has_typed_can_not_be_confirmed() -> None:
    festival = Festival.opened()
    festival.do(offer_of(1))
    with pytest.raises(NotFound):
        festival.do(answering(LEFT))
