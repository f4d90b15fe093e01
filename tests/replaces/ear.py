"""A person with an open stream who waits for what is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.ground import Ground, Person
from tests.support.wire.follower import PATIENCE_S, Connection, Follower


@dataclass
class Ear:
    """An open stream of one person, read as far as somebody asked."""

    follower: Follower
    connection: Connection

    async def hear(self, event: str, within_s: float = PATIENCE_S, **fields: object) -> dict[str, Any]:
        """Wait for an event of this name with these fields, past or to come; its data."""
        async with asyncio.timeout(within_s):
            while True:
                for data in self.follower.of(event):
                    if fields.items() <= data.items():
                        return data
                self.follower.take(await self.connection.read())

    def heard(self, event: str) -> list[dict[str, Any]]:
        """The data of all events of this name so far."""
        return self.follower.of(event)


@asynccontextmanager
async def listening(ground: Ground, person: Person, *, server: int = 0) -> AsyncIterator[Ear]:
    """Open this person's stream; the block begins when they have been greeted."""
    follower = Follower(person.token)
    with await follower.connect(ground.url(server)) as connection:
        ear = Ear(follower, connection)
        await ear.hear("connected")
        yield ear
