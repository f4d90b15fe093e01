"""Sessions: begun, seen, renewed and ended, by the person whose they are and by nobody else."""

import msgspec
import pytest

from festival_push.domain.people.rights import ChangeRole, SuspendUser
from festival_push.domain.refusals import NotFound, Suspended
from festival_push.domain.signing_in.pins import ChangePin, ResetPin
from festival_push.domain.signing_in.refusals import SessionNotRenewable
from festival_push.domain.signing_in.sessions import (
    SEEN_EVERY_MS,
    SESSIONS_MAX,
    BeginSession,
    EndAllSessions,
    EndOwnSession,
    EndSession,
    RenewSession,
    SeeSession,
    is_live,
)
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Role, UserId
from tests.support.festival import ADMIN, ANNA, BEN, NOON, Festival

HOUR_MS = 3600 * 1000
TTL_MS = 12 * HOUR_MS
LONGEST_MS = 30 * HOUR_MS


def begin(session_id: str, user_id: UserId = ANNA, *, version: int = 0, external: bool = False) -> BeginSession:
    return BeginSession(
        session_id=session_id, user_id=user_id, version=version, device="Firefox, Android",
        expires_at=Instant(NOON + TTL_MS), external=external,
    )  # fmt: skip


def renew(session_id: str, user_id: UserId = ANNA, *, until_ms: int = TTL_MS) -> RenewSession:
    return RenewSession(
        session_id=session_id, user_id=user_id, ttl_ms=TTL_MS, longest_ms=LONGEST_MS, until=Instant(NOON + until_ms)
    )


def live(festival: Festival, user_id: UserId = ANNA) -> set[str]:
    """The sessions by which somebody is signed in."""
    user, rows = festival.book.user(user_id), festival.book.sessions.values()
    return {row.session_id for row in rows if row.user_id == user_id and is_live(row, user, festival.now)}


@pytest.fixture
def festival() -> Festival:
    festival = Festival.opened()
    for command in (begin("a1"), begin("a2"), begin("b1", BEN)):
        festival.do(command)
    return festival


def test_a_session_says_who_where_and_until_when(festival: Festival) -> None:
    row = festival.book.sessions["a1"]
    assert (row.user_id, row.device, row.user_type) == (ANNA, "Firefox, Android", Role.CUSTOMER)
    assert (row.created_at, row.last_seen_at, row.expires_at) == (NOON, NOON, NOON + TTL_MS)
    assert live(festival) == {"a1", "a2"}
    assert festival.decided(begin("a1", BEN)).rows == ()  # known: it stays Anna's


def test_one_sign_in_too_many_ends_the_session_that_was_not_used_for_the_longest_time(festival: Festival) -> None:
    festival.now = Instant(NOON + SEEN_EVERY_MS)
    festival.do(SeeSession(session_id="a1"))
    for number in range(SESSIONS_MAX - 2):
        festival.do(begin(f"more-{number}"))
    assert len(live(festival)) == SESSIONS_MAX
    festival.do(begin("last"))
    assert len(live(festival)) == SESSIONS_MAX
    assert {"a1", "last"} < live(festival)
    assert set(festival.book.tokens) == {"a2"}
    assert live(festival, BEN) == {"b1"}


def test_a_session_that_ended_before_it_was_kept_does_not_begin(festival: Festival) -> None:
    festival.do(EndSession(jti="early", expires_at=NOON))
    festival.do(begin("early", external=True))
    assert "early" not in festival.book.sessions


def test_use_is_written_down_once_an_hour(festival: Festival) -> None:
    see = SeeSession(session_id="a1")
    festival.now = Instant(NOON + SEEN_EVERY_MS - 1)
    assert festival.decided(see).rows == ()
    festival.now = Instant(NOON + SEEN_EVERY_MS)
    festival.do(see)
    assert festival.book.sessions["a1"].last_seen_at == festival.now
    assert festival.decided(see).rows == ()
    assert festival.decided(SeeSession(session_id="unknown")).rows == ()


def test_a_session_is_renewed_while_it_is_used_up_to_its_longest(festival: Festival) -> None:
    festival.now = Instant(NOON + 10 * HOUR_MS)
    assert festival.do(renew("a1")).expires_at == NOON + 22 * HOUR_MS
    festival.now = Instant(NOON + 20 * HOUR_MS)
    assert festival.do(renew("a1", until_ms=22 * HOUR_MS)).expires_at == NOON + LONGEST_MS
    with pytest.raises(SessionNotRenewable):
        festival.do(renew("a1", until_ms=LONGEST_MS))
    assert festival.do(renew("a1", until_ms=22 * HOUR_MS)).expires_at == NOON + LONGEST_MS  # a tab that is behind
    festival.now = Instant(NOON + LONGEST_MS)
    assert live(festival) == set()


def test_a_session_longer_than_a_renewal_is_not_made_shorter(festival: Festival) -> None:
    festival.do(msgspec.structs.replace(begin("long"), expires_at=Instant(NOON + 1000 * HOUR_MS)))
    with pytest.raises(SessionNotRenewable):
        festival.do(renew("long", until_ms=1000 * HOUR_MS))
    festival.do(renew("long", until_ms=0))
    assert festival.book.sessions["long"].expires_at == NOON + 1000 * HOUR_MS


@pytest.mark.parametrize("session", ["unknown", "b1", "ext", "ended", "expired"])
def test_other_sessions_are_not_renewed(festival: Festival, session: str) -> None:
    festival.do(begin("ext", external=True))
    festival.do(begin("ended"))
    festival.do(EndSession(jti="ended", expires_at=NOON))
    festival.do(msgspec.structs.replace(begin("expired"), expires_at=NOON))
    with pytest.raises(SessionNotRenewable):
        festival.do(renew(session, until_ms=0))


def test_nor_is_one_of_a_person_who_is_suspended_has_another_pin_or_may_do_less(festival: Festival) -> None:
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(renew("a1", until_ms=0))
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=False))
    festival.do(renew("a1", until_ms=0))
    festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="#", pin_digits=6, session="a1"))
    festival.do(renew("a1", until_ms=0))  # the session that asked for it goes on
    with pytest.raises(SessionNotRenewable):
        festival.do(renew("a2", until_ms=0))
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.ADMIN))
    festival.do(renew("b1", BEN, until_ms=0))
    festival.do(begin("b2", BEN))
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.CUSTOMER))
    festival.do(renew("b1", BEN, until_ms=0))  # it began when they were a customer
    with pytest.raises(SessionNotRenewable):
        festival.do(renew("b2", BEN, until_ms=0))


def test_a_session_ends_once_and_every_process_hears_of_it(festival: Festival) -> None:
    end = EndSession(jti="a1", expires_at=NOON)
    (told,) = festival.decided(end).events
    assert (told.topics, told.event.TYPE) == ((SYSTEM,), "system-session-ended")
    assert festival.book.tokens["a1"].expires_at == NOON + TTL_MS  # not the token's that ended it: others live longer
    again = festival.decided(end)
    assert (again.events, again.rows) == ((), ())


def test_a_session_of_before_sessions_were_kept_ends_too() -> None:
    festival = Festival.opened()
    end = EndSession(jti="old", expires_at=NOON)
    assert len(festival.decided(end).events) == 1
    assert set(festival.book.tokens) == {"old"}
    again = festival.decided(end)
    assert (again.events, again.rows) == ((), ())


def test_people_end_their_own_sessions_alone(festival: Festival) -> None:
    festival.do(EndOwnSession(user_id=ANNA, session_id="a2"))
    assert live(festival) == {"a1"}
    for session in ("a2", "b1", "unknown"):
        with pytest.raises(NotFound):
            festival.do(EndOwnSession(user_id=ANNA, session_id=session))
    assert live(festival, BEN) == {"b1"}


def test_all_sessions_end_but_the_one_that_asks(festival: Festival) -> None:
    festival.do(begin("ext", external=True))
    assert festival.do(EndAllSessions(user_id=ANNA, keep="a1")) == 2
    assert live(festival) == {"a1"}
    assert set(festival.book.tokens) == {"a2", "ext"}
    anna = festival.book.user(ANNA)
    assert not anna.admits(version=0, session="old")  # also those that are not kept
    assert anna.admits(version=0, session="a1")
    festival.do(renew("a1", until_ms=0))
    assert live(festival, BEN) == {"b1"}


def test_all_sessions_end(festival: Festival) -> None:
    assert festival.do(EndAllSessions(user_id=ANNA, keep=None)) == 2
    assert live(festival) == set()
    assert not festival.book.user(ANNA).admits(version=0, session="a1")
    assert festival.do(EndAllSessions(user_id=ANNA, keep="b1")) == 0  # somebody else's is not kept
    assert live(festival, BEN) == {"b1"}


def test_a_reset_pin_ends_what_was_kept(festival: Festival) -> None:
    festival.do(EndAllSessions(user_id=ANNA, keep="a1"))
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="#", pin_digits=6))
    assert live(festival) == set()
