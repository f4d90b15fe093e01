"""Attendance: which processes serve this database, and by which secrets they know people.

Servers without a common secret would take each other's sessions and displays for forged, and let people in or not as
the load balancer happens to choose.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.row_kinds import Needs
from festival_push.domain.signing_in.rows import Server
from festival_push.domain.values import Instant

ATTEND_EVERY_S: Final = 15
"""Seconds between two signs of life."""
GONE_AFTER_S: Final = 60
"""A process without one for so long has crashed."""


class Attend(msgspec.Struct, frozen=True, kw_only=True):
    """Say that a process serves this database."""

    server_id: str
    fingerprints: tuple[str, ...]

    def needs(self) -> Needs:
        return Needs()

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Put its row."""
        draft = Draft(book, now)
        draft.put(Server(server_id=self.server_id, fingerprints=self.fingerprints, at=now))
        return draft.decision(None)


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Say that a process serves it no more."""

    server_id: str

    def needs(self) -> Needs:
        return Needs()

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Put its row as one of long ago."""
        draft = Draft(book, now)
        draft.put(Server(server_id=self.server_id, fingerprints=(), at=Instant(0)))
        return draft.decision(None)


def is_present(server: Server, now: Instant) -> bool:
    """Return whether a process has given a sign of life lately, by clocks that may differ a little."""
    return abs(now - server.at) < GONE_AFTER_S * 1000


def strangers(fingerprints: Iterable[str], others: Iterable[Server], now: Instant) -> list[Server]:
    """Return those of the other servers that are present and have no secret in common with these."""
    own = set(fingerprints)
    return [other for other in others if is_present(other, now) and own.isdisjoint(other.fingerprints)]
