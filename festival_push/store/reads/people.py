"""Reads of people, of displays and their pairings, and of tokens that are no longer valid."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final, NamedTuple

from festival_push.domain.rows import Display, Pairing, User
from festival_push.domain.sign_in_rows import Identity, Session
from festival_push.domain.values import DisplayId, Instant, PairingId, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.sql import Statement
from festival_push.store.tables import DISPLAYS, IDENTITIES, NOT_ENDED, PAIRINGS, SESSIONS, USERS

USER_BY_ID: Final = f"SELECT {USERS.columns} FROM users WHERE user_id = $1"
_NEWEST: Final = f"SELECT {USERS.columns} FROM users ORDER BY created_at DESC, user_id DESC LIMIT $1"
_OLDER: Final = f"""
    SELECT {USERS.columns} FROM users
     WHERE (created_at, user_id) < (SELECT created_at, user_id FROM users WHERE user_id = $2)
     ORDER BY created_at DESC, user_id DESC LIMIT $1
"""
_MATCHING: Final = f"""
    SELECT {USERS.columns} FROM users
     WHERE (lower(name) LIKE lower($2) ESCAPE '!' OR lower(user_id) LIKE lower($2) ESCAPE '!' OR top_up_code = $3)
       AND ($4 = '' OR (created_at, user_id) < (SELECT created_at, user_id FROM users WHERE user_id = $4))
     ORDER BY created_at DESC, user_id DESC LIMIT $1
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
_SESSIONS_OF: Final = f"""
    SELECT {SESSIONS.columns} FROM sessions WHERE {NOT_ENDED} AND user_id = $1 ORDER BY last_seen_at DESC LIMIT $2
"""
_IDENTITY: Final = f"SELECT {IDENTITIES.columns} FROM identities WHERE identity_id = $1"
_IDENTITIES_OF: Final = f"SELECT {IDENTITIES.columns} FROM identities WHERE user_id = $1 ORDER BY created_at"
_CALLER: Final = f"""
    SELECT (SELECT COUNT(*) FROM spent_tokens WHERE jti = $1),
           (SELECT last_seen_at FROM sessions WHERE session_id = $1),
           {", ".join(f"users.{name}" for name in USERS.names)}
      FROM (SELECT 1) AS one LEFT JOIN users ON users.user_id = $2
"""


class SessionSeen(NamedTuple):
    """What is known of a session, by its id."""

    ended: bool
    last_seen_at: Instant | None  # None: it is not kept: of before sessions were, or of a provider, and never seen


class PeopleReads:
    """Reads of people, their sessions and identities, displays, pairings and spent tokens.

    Every method may raise Unavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def user(self, user_id: UserId) -> User | None:
        """Return a person; None if the id is unknown."""
        (found,) = await self._database.read((USER_BY_ID, (user_id,)))
        return USERS.decode(found[0]) if found else None

    async def users(self, *, search: str = "", before: UserId | None = None, limit: int) -> list[User]:
        """Return a page of people, newest first; `before` is the last person of the page before.

        Args:
            search: Return only people whose name or id contains this text (ASCII letters in either case), or whose
                top-up code it is.
        """
        page: Statement = (_NEWEST, (limit,)) if before is None else (_OLDER, (limit, before))
        if search:
            page = (_MATCHING, (limit, _holding(search), search.upper(), before or ""))
        (found,) = await self._database.read(page)
        return [USERS.decode(row) for row in found]

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
        (found,) = await self._database.read((_SESSIONS_OF, (user_id, limit)))
        return [SESSIONS.decode(row) for row in found]

    async def identity(self, identity_id: str) -> Identity | None:
        """Return an identity, also one that was unlinked; None if it is unknown."""
        (found,) = await self._database.read((_IDENTITY, (identity_id,)))
        return IDENTITIES.decode(found[0]) if found else None

    async def identities(self, user_id: UserId) -> list[Identity]:
        """Return a person's identities, the oldest first."""
        (found,) = await self._database.read((_IDENTITIES_OF, (user_id,)))
        return [IDENTITIES.decode(row) for row in found]

    async def session_seen(self, session_id: str) -> SessionSeen:
        """Return whether a session has ended, and when it was last used. Of a ticket: whether it was used."""
        [[(spent, seen)]] = await self._database.read((_SEEN, (session_id,)))
        return SessionSeen(bool(spent), seen)

    async def caller(self, session_id: str, user_id: UserId) -> tuple[SessionSeen, User | None]:
        """Return the results of `session_seen` and `user` by one SELECT."""
        columns = 2 + len(USERS.names)
        [(spent, seen, *user)] = await self._database.read_together(_CALLER, (session_id, user_id), columns=columns)
        return SessionSeen(bool(spent), seen), None if user[0] is None else USERS.decode(tuple(user))


def _holding(text: str) -> str:
    """Return the LIKE pattern for texts that contain this one; its special characters are escaped by `!`."""
    escaped = "".join(f"!{character}" if character in "!%_" else character for character in text)
    return f"%{escaped}%"
