"""Reads of people, of displays and their pairings, and of tokens that are no longer valid."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

import msgspec

from festival_push.domain.people.codes import CODE_KEY_SQL, code_key
from festival_push.domain.people.relations import Person, person_of
from festival_push.domain.rows import Keeper, User
from festival_push.domain.signing_in.rows import Identity, Server, Session
from festival_push.domain.stall_rows import Display, Pairing
from festival_push.domain.values import DisplayId, Instant, PairingId, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.sql import SqlRow, Statement
from festival_push.store.tables import DISPLAYS, IDENTITIES, KEEPERS, NOT_ENDED, PAIRINGS, SERVERS, SESSIONS, USERS

_WIDTH: Final = len(USERS.names)
PERSON_COLUMNS: Final = ", ".join(
    [*(f"users.{name}" for name in USERS.names), *(f"keepers.{name}" for name in KEEPERS.names)]
)
PERSON: Final = f"""
    SELECT {PERSON_COLUMNS} FROM users LEFT JOIN keepers ON keepers.user_id = users.user_id WHERE users.user_id = $1
"""
"""A person, with a row for each stall that they keep, or one row whose columns of `keepers` are NULL."""


def _page(where: str) -> str:
    return f"""
        SELECT {PERSON_COLUMNS} FROM (
            SELECT {USERS.columns} FROM users WHERE {where} ORDER BY created_at DESC, user_id DESC LIMIT $1) AS users
          LEFT JOIN keepers ON keepers.user_id = users.user_id
         ORDER BY users.created_at DESC, users.user_id DESC
    """


_NEWEST: Final = _page("1 = 1")
_OLDER: Final = _page("(created_at, user_id) < (SELECT created_at, user_id FROM users WHERE user_id = $2)")
_MATCHING: Final = _page(
    f"""
           (lower(name) LIKE lower($2) ESCAPE '!' OR lower(user_id) LIKE lower($2) ESCAPE '!' OR {CODE_KEY_SQL} = $3)
       AND ($4 = '' OR (created_at, user_id) < (SELECT created_at, user_id FROM users WHERE user_id = $4))
    """
)
_KEEPERS: Final = f"""
    SELECT {PERSON_COLUMNS} FROM keepers JOIN users ON users.user_id = keepers.user_id
     WHERE keepers.vendor_id = $1 ORDER BY keepers.created_at, keepers.user_id
"""
_DISPLAYS_OF: Final = f"""
    SELECT {DISPLAYS.columns} FROM displays WHERE vendor_id = $1 AND revoked = 0 ORDER BY created_at DESC LIMIT $2
"""
_DISPLAY: Final = f"SELECT {DISPLAYS.columns} FROM displays WHERE display_id = $1"
_PAIRING: Final = f"SELECT {PAIRINGS.columns} FROM pairings WHERE pairing_id = $1"
_WAITING: Final = f"""
    SELECT {PAIRINGS.columns} FROM pairings
     WHERE vendor_id = $1 AND secret_hash IS NOT NULL AND status = 'waiting' AND expires_at > $2
     ORDER BY expires_at DESC, pairing_id DESC LIMIT $3
"""
_SEEN: Final = """
    SELECT (SELECT COUNT(*) FROM spent_tokens WHERE jti = $1),
           (SELECT last_seen_at FROM sessions WHERE session_id = $1)
"""
SESSIONS_OF: Final = f"""
    SELECT {SESSIONS.columns} FROM sessions WHERE {NOT_ENDED} AND user_id = $1 ORDER BY last_seen_at DESC LIMIT $2
"""
_IDENTITY: Final = f"SELECT {IDENTITIES.columns} FROM identities WHERE identity_id = $1"
_IDENTITIES_OF: Final = f"SELECT {IDENTITIES.columns} FROM identities WHERE user_id = $1 ORDER BY created_at"
_SERVERS: Final = f"SELECT {SERVERS.columns} FROM servers"
_CALLER: Final = f"""
    SELECT (SELECT COUNT(*) FROM spent_tokens WHERE jti = $1),
           (SELECT last_seen_at FROM sessions WHERE session_id = $1), {PERSON_COLUMNS}
      FROM (SELECT 1) AS one
      LEFT JOIN users ON users.user_id = $2 LEFT JOIN keepers ON keepers.user_id = users.user_id
"""


class SessionSeen(NamedTuple):
    """What is known of a session, by its id."""

    ended: bool
    last_seen_at: Instant | None  # None: it is not kept: of before sessions were, or of a provider, and never seen


class KeeperSeen(msgspec.Struct, frozen=True):
    """Somebody who keeps a stall, and since when in which part."""

    user: User
    keeper: Keeper


class PeopleReads:
    """Reads of people, their sessions and identities, displays, pairings and spent tokens.

    Every method may raise Unavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, user_id: UserId) -> Person | None:
        """Return a person with the stalls that they keep; None if the id is unknown."""
        (found,) = await self._database.read((PERSON, (user_id,)))
        return next(iter(people_in(found)), None)

    async def keepers(self, vendor_id: VendorId) -> list[KeeperSeen]:
        """Return everybody who keeps a stall, the oldest first; an unknown stall has none."""
        (found,) = await self._database.read((_KEEPERS, (vendor_id,)))
        return [KeeperSeen(USERS.decode(row[:_WIDTH]), KEEPERS.decode(row[_WIDTH:])) for row in found]

    async def users(self, *, search: str = "", before: UserId | None = None, limit: int) -> list[Person]:
        """Return a page of people, newest first; `before` is the last person of the page before.

        Args:
            search: Return only people whose name or id contains this text (ASCII letters in either case), or whose
                top-up code it is.
        """
        page: Statement = (_NEWEST, (limit,)) if before is None else (_OLDER, (limit, before))
        if search:
            page = (_MATCHING, (limit, _holding(search), code_key(search), before or ""))
        (found,) = await self._database.read(page)
        return people_in(found)

    async def displays(self, vendor_id: VendorId, *, limit: int) -> list[Display]:
        """Return a stall's displays that are not revoked, newest first."""
        (found,) = await self._database.read((_DISPLAYS_OF, (vendor_id, limit)))
        return [DISPLAYS.decode(row) for row in found]

    async def display(self, display_id: DisplayId) -> Display | None:
        """Return a display, also a revoked one; None if it is unknown."""
        (found,) = await self._database.read((_DISPLAY, (display_id,)))
        return DISPLAYS.decode(found[0]) if found else None

    async def pairing(self, pairing_id: PairingId) -> Pairing | None:
        """Return a pairing, also an expired one; None if it is unknown. Checks no secret: the caller must do so."""
        (found,) = await self._database.read((_PAIRING, (pairing_id,)))
        return PAIRINGS.decode(found[0]) if found else None

    async def waiting_pairings(self, vendor_id: VendorId, *, now: Instant, limit: int) -> list[Pairing]:
        """Return a stall's pairings that a screen has asked for and that wait for its answer, the newest first."""
        (found,) = await self._database.read((_WAITING, (vendor_id, now, limit)))
        return [PAIRINGS.decode(row) for row in found]

    async def sessions(self, user_id: UserId, *, limit: int) -> list[Session]:
        """Return a person's sessions that nobody has ended, the last used first; some may have expired."""
        (found,) = await self._database.read((SESSIONS_OF, (user_id, limit)))
        return [SESSIONS.decode(row) for row in found]

    async def identity(self, identity_id: str) -> Identity | None:
        """Return an identity, also one that was unlinked; None if it is unknown."""
        (found,) = await self._database.read((_IDENTITY, (identity_id,)))
        return IDENTITIES.decode(found[0]) if found else None

    async def identities(self, user_id: UserId) -> list[Identity]:
        """Return a person's identities, the oldest first."""
        (found,) = await self._database.read((_IDENTITIES_OF, (user_id,)))
        return [IDENTITIES.decode(row) for row in found]

    async def servers(self) -> list[Server]:
        """Return all processes that serve this database, or have lately."""
        (found,) = await self._database.read((_SERVERS, ()))
        return [SERVERS.decode(row) for row in found]

    async def session_seen(self, session_id: str) -> SessionSeen:
        """Return whether a session has ended, and when it was last used. Of a ticket: whether it was used."""
        [[(spent, seen)]] = await self._database.read((_SEEN, (session_id,)))
        return SessionSeen(bool(spent), seen)

    async def caller(self, session_id: str, user_id: UserId) -> tuple[SessionSeen, Person | None]:
        """Return the results of `session_seen` and `person` by one SELECT."""
        columns = 2 + _WIDTH + len(KEEPERS.names)
        found = await self._database.read_together(_CALLER, (session_id, user_id), columns=columns)
        rows = [tuple(row[2:]) for row in found]
        return SessionSeen(bool(found[0][0]), found[0][1]), None if rows[0][0] is None else people_in(rows)[0]


def people_in(rows: Iterable[SqlRow]) -> list[Person]:
    """Return the people in rows of `PERSON_COLUMNS`, in their order; the rows of each stand together."""
    people = []
    for _, each in groupby(rows, key=lambda row: row[0]):
        of_person = list(each)
        keepers = (KEEPERS.decode(row[_WIDTH:]) for row in of_person if row[_WIDTH] is not None)
        people.append(person_of(USERS.decode(of_person[0][:_WIDTH]), keepers))
    return people


def _holding(text: str) -> str:
    """Return the LIKE pattern for texts that contain this one; its special characters are escaped by `!`."""
    escaped = "".join(f"!{character}" if character in "!%_" else character for character in text)
    return f"%{escaped}%"
