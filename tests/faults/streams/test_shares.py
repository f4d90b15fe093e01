"""One address takes its share of the streams and no more, with as many accounts as it likes; the others get in."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Final

import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground, Person, Screen
from tests.support.wire.follower import Connection

STREAMS_MAX: Final = 400
SHARE: Final = 180  # half of the nine tenths that are not kept for staff
KEPT: Final = 40
PER_PERSON: Final = 8
ACCOUNTS: Final = 60
HOME, ELSEWHERE, FURTHER = "192.0.2.1", "198.51.100.1", "203.0.113.1"


class Door:
    """Opens streams from an address, and keeps open those that were let in."""

    def __init__(self, url: str, streams: ExitStack) -> None:
        self._url = url
        self._streams = streams

    async def knock(self, address: str, headers: Mapping[str, str], path: str = "/v1/stream") -> str:
        """`connected`, or the code with which the stream was refused."""
        stream = await Connection.open(self._url, path, headers={"X-Forwarded-For": address, **headers})
        [frame, *_] = await stream.read_until()
        if frame.event == "connected":
            self._streams.enter_context(stream)
            return "connected"
        stream.close()
        assert '"code":"' in frame.data
        return frame.data.partition('"code":"')[2].partition('"')[0]

    async def let_in(self, address: str, people: list[Person], each: int) -> int:
        """How many streams these people get when each asks for so many, one person after the other."""
        answers = [await self.knock(address, person.bearer) for person in people for _ in range(each)]
        assert set(answers) <= {"connected", "too-many-streams", "capacity"}
        return answers.count("connected")


async def registered(ground: Ground, people: int) -> list[Person]:
    """So many new accounts, a few at a time: few PINs are hashed at once."""
    found: list[Person] = []
    while len(found) < people:
        found += await asyncio.gather(*(ground.customer() for _ in range(min(8, people - len(found)))))
    return found


@pytest.fixture
def streams() -> Iterator[ExitStack]:
    """Those that are open; they are closed at the end."""
    with ExitStack() as stack:
        yield stack


async def test_an_address_with_many_accounts_takes_its_share_and_everybody_else_gets_in(
    serve: Serve, streams: ExitStack
) -> None:
    server = serve(settings={"LIMITS__STREAMS_MAX": str(STREAMS_MAX), "BOARDS__PUBLIC": "true"})
    async with Ground([server]) as ground:
        stall = await ground.stall()
        screens: list[Screen] = [await ground.screen(stall) for _ in range(2)]
        admin, guest, other = await ground.admin(), await ground.customer("Ben"), await ground.customer("Cara")
        crowd = await registered(ground, ACCOUNTS)
        door = Door(server.url, streams)
        board = partial(door.knock, path=f"/v1/boards/{stall.vendor_id}/stream")

        assert await door.let_in(HOME, crowd, PER_PERSON) == SHARE
        assert await door.knock(HOME, crowd[-1].bearer) == "capacity"
        polled = await ground.http.get(f"{server.url}/v1/events", headers={"X-Forwarded-For": HOME, **crowd[-1].bearer})
        assert (polled.status_code, polled.json()["code"]) == (503, "capacity"), "a long poll is a stream"
        assert await board(HOME, {}) == "capacity", "and so is a passer-by's"

        assert await door.let_in(ELSEWHERE, [guest, other], 3) == 4, "each has two where half is taken"
        for address in (HOME, FURTHER):  # behind the same address as the crowd, too
            assert await door.knock(address, stall.bearer) == "connected"
            assert await door.knock(address, admin.bearer) == "connected"
            for screen in screens:
                assert await board(address, {"Authorization": f"Bearer {screen.token}"}) == "connected"


async def test_when_customers_have_taken_all_that_they_can_the_staff_has_its_places(
    serve: Serve, streams: ExitStack
) -> None:
    server = serve(settings={"LIMITS__STREAMS_MAX": str(STREAMS_MAX)})
    async with Ground([server]) as ground:
        stalls = [await ground.stall(f"Stall {number}") for number in range(3)]
        admin, guest = await ground.admin(), await ground.customer("Ben")
        crowd = await registered(ground, ACCOUNTS)
        others = await registered(ground, SHARE // 2)
        door = Door(server.url, streams)
        assert await door.let_in(HOME, crowd, PER_PERSON) == SHARE
        assert await door.let_in(ELSEWHERE, others, 2) == SHARE
        assert await door.knock(FURTHER, guest.bearer) == "capacity"
        first = [await door.knock(HOME, stalls[0].bearer) for _ in range(PER_PERSON + 1)]
        assert first == ["connected"] * PER_PERSON + ["too-many-streams"]
        for person in (*stalls[1:], admin):
            assert await door.knock(HOME, person.bearer) == "connected"
        assert PER_PERSON + 3 <= KEPT
