"""The Authenticator: what it asks the database, and what it never lets through. Over HTTP: `test_auth`."""

import asyncio
from typing import cast

import msgspec
import pytest

from festival_push.domain.events import SessionEnded, UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.people.relations import Person
from festival_push.domain.rows import User
from festival_push.domain.signing_in.rows import Identity
from festival_push.domain.stall_rows import Display
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import DisplayId, Instant, Position, UserId, VendorId
from festival_push.store.reads.people import SessionSeen
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.principal import Authenticator, DisplayCaller, Principal
from festival_push.web.parsing.problems import Unauthorized
from tests.support.timing.waiting import until
from tests.web.identity.test_tokens import make_tokens

ANNA = UserId("anna")


class Reads:
    """People and spent tokens, and how often was asked for what; `caller` can be held back once it has looked."""

    def __init__(self) -> None:
        self.people = {
            ANNA: Person(User(user_id=ANNA, name="Anna", pin_hash=None, top_up_code="A", created_at=Instant(0)))
        }
        self.displays: dict[DisplayId, Display] = {}
        self.spent: set[str] = set()
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def person(self, user_id: UserId) -> Person | None:
        self.asked.append("person")
        return self.people.get(user_id)

    async def display(self, display_id: DisplayId) -> Display | None:
        self.asked.append("display")
        return self.displays.get(display_id)

    async def identity(self, identity_id: str) -> Identity | None:
        raise AssertionError(identity_id)  # nobody comes from a provider

    async def session_seen(self, session_id: str) -> SessionSeen:
        self.asked.append("session_seen")
        return SessionSeen(session_id in self.spent, None)

    async def caller(self, session_id: str, user_id: UserId) -> tuple[SessionSeen, Person | None]:
        self.asked.append("caller")
        found = SessionSeen(session_id in self.spent, None), self.people.get(user_id)
        await self.open.wait()
        return found


class World:
    """An Authenticator, and one session of Anna's."""

    def __init__(self) -> None:
        self.tokens = make_tokens()
        self.reads = Reads()
        self.authenticator = Authenticator(
            tokens=self.tokens, reads=self.reads, committer=cast(Committer, None)
        )  # nobody is met here
        self.session = self.tokens.issue(ANNA, TokenUse.SESSION, 60)

    def hear(self, kind: str, data: str) -> None:
        self.authenticator.hear(LogRow(Position(1), (SYSTEM,), kind, data, Instant(0)))


@pytest.fixture
def world() -> World:
    return World()


async def test_whoever_comes_back_costs_one_reading(world: World) -> None:
    for _ in range(3):
        caller = await world.authenticator.caller(world.session.token)
        assert isinstance(caller, Principal)
        assert (caller.user.user_id, caller.jti) == (ANNA, world.session.jti)
    assert world.reads.asked == ["caller"]


async def test_another_session_of_somebody_known_is_looked_at_alone(world: World) -> None:
    await world.authenticator.caller(world.session.token)
    await world.authenticator.caller(world.tokens.issue(ANNA, TokenUse.SESSION, 60).token)
    assert world.reads.asked == ["caller", "session_seen"]


async def test_neither_an_ended_session_nor_a_stranger_is_let_in(world: World) -> None:
    world.reads.spent.add(world.session.jti)
    for token in (world.session.token, world.tokens.issue("nobody", TokenUse.SESSION, 60).token):
        with pytest.raises(Unauthorized):
            await world.authenticator.caller(token)


@pytest.mark.parametrize("what", ["suspended", "signed out"])
async def test_what_changes_while_it_is_being_read_is_not_overlooked(world: World, what: str) -> None:
    world.reads.open.clear()
    calling = asyncio.create_task(world.authenticator.caller(world.session.token))
    await until(lambda: world.reads.asked)
    if what == "suspended":
        old = world.reads.people[ANNA]
        world.reads.people[ANNA] = Person(msgspec.structs.replace(old.user, suspended=True))
        world.hear(UserChanged.TYPE, '{"timestamp":"","userId":"anna"}')
        world.reads.open.set()
        caller = await calling
        assert isinstance(caller, Principal)
        assert caller.user.suspended
    else:
        world.reads.spent.add(world.session.jti)
        world.hear(SessionEnded.TYPE, f'{{"timestamp":"","jti":"{world.session.jti}"}}')
        world.reads.open.set()
        with pytest.raises(Unauthorized):
            await calling


async def test_a_display_comes_by_header_and_no_browser_signs_in_with_its_token(world: World) -> None:
    screen = Display(display_id=DisplayId("left"), vendor_id=VendorId("grill"), name="Left", created_at=Instant(0))
    world.reads.displays[screen.display_id] = screen
    token = world.tokens.issue(screen.display_id, TokenUse.DISPLAY, 60).token
    caller = await world.authenticator.caller(token)
    assert isinstance(caller, DisplayCaller)
    assert caller.display == screen
    with pytest.raises(Unauthorized):
        await world.authenticator.caller(token, by_cookie=True)
    assert isinstance(await world.authenticator.caller(world.session.token, by_cookie=True), Principal)
