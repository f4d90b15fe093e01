"""Take part in serving a database, beside others only who know the same people: who share a signing secret with us."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from festival_push.domain.signing_in.attendance import (
    ATTEND_EVERY_S,
    GONE_AFTER_S,
    Attend,
    Leave,
    is_present,
    strangers,
)
from festival_push.domain.signing_in.rows import Server
from festival_push.domain.values import Instant
from festival_push.settings import Secrets
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable, UnsafeDatabase
from festival_push.store.writing.committer import Committer

OTHER_SECRETS: Final = (
    "another server uses this database with other secrets, so each would refuse the other's sessions and displays. "
    "Give both a secret in common in JWT_SECRET (docs/operating.md, A new secret), or stop the other; one that has "
    f"crashed is forgotten after {GONE_AFTER_S} seconds"
)
_FINGERPRINT_BYTES: Final = 16
_log = logging.getLogger(__name__)


def fingerprints(own: Secrets) -> tuple[str, ...]:
    """Return what tells secrets apart and says nothing about them: the one that signs first."""
    return tuple(key[:_FINGERPRINT_BYTES].hex() for key in own.derived(b"fingerprint"))


class Attendance:
    """This process among those that serve the database.

    Args:
        read: Returns the rows of all servers.
        every_s: Seconds between two signs of life.
    """

    def __init__(
        self,
        own: Secrets,
        committer: Committer,
        read: Callable[[], Awaitable[Sequence[Server]]],
        now: Callable[[], Instant],
        *,
        every_s: float = ATTEND_EVERY_S,
    ) -> None:
        self._fingerprints = fingerprints(own)
        self._committer = committer
        self._read = read
        self._now = now
        self._every_s = every_s
        self.server_id = secrets.token_urlsafe(9)
        self.processes = 1  # that serve the database, with this one, as of the last sign of life

    async def begin(self) -> None:
        """Say that we serve, then look who else does: of two that start together, each sees the other.

        Raises:
            UnsafeDatabase: Somebody else does with other secrets.
            Overloaded, Unavailable: As `Committer.submit`.
        """
        await self._attend()
        others = await self._others()
        if strangers(self._fingerprints, others, self._now()):
            await self.end()
            raise UnsafeDatabase(OTHER_SECRETS)
        present = self._present(others)
        if any(self._fingerprints[0] not in other.fingerprints for other in present):
            _log.warning("a server beside this one does not know the secret that this one signs with yet")
        if any(other.fingerprints[0] not in self._fingerprints for other in present):
            _log.warning("a server beside this one signs with a secret that this one does not know")

    async def run(self) -> None:
        """Give signs of life until cancelled; a failure is tried again at the next."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._attend()
                self._present(await self._others())
            except (Overloaded, Unavailable, CommandFailed) as error:
                _log.warning("this server could not say that it serves: %s", error)

    async def end(self) -> None:
        """Say that we serve no more, so that nobody waits for us; if that fails, we are forgotten in time."""
        try:
            await self._committer.submit(Leave(server_id=self.server_id))
        except (Overloaded, Unavailable, CommandFailed) as error:
            _log.info("this server could not say that it has ended: %s", error)

    async def _attend(self) -> None:
        await self._committer.submit(Attend(server_id=self.server_id, fingerprints=self._fingerprints))

    def _present(self, others: Sequence[Server]) -> list[Server]:
        present = [other for other in others if is_present(other, self._now()) and other.fingerprints]
        self.processes = 1 + len(present)
        return present

    async def _others(self) -> list[Server]:
        return [server for server in await self._read() if server.server_id != self.server_id]
