"""People, the screens they put up, and the tokens that count no more."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

from festival_push.domain.rows import Display, User
from festival_push.domain.values import DisplayId, UserId
from festival_push.store.database import Database
from festival_push.store.tables import DISPLAYS, USERS

USER_BY_ID: Final = f"SELECT {USERS.columns} FROM users WHERE user_id = $1"
_NEWEST: Final = f"SELECT {USERS.columns} FROM users ORDER BY created_at DESC, user_id DESC LIMIT $1"
_OLDER: Final = f"""
    SELECT {USERS.columns} FROM users
     WHERE (created_at, user_id) < (SELECT created_at, user_id FROM users WHERE user_id = $2)
     ORDER BY created_at DESC, user_id DESC LIMIT $1
"""
_DISPLAY: Final = f"SELECT {DISPLAYS.columns} FROM displays WHERE display_id = $1"
_SPENT: Final = "SELECT 1 FROM spent_tokens WHERE jti = $1"


class PeopleReads:
    """What is read about people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def user(self, user_id: UserId) -> User | None:
        """One person."""
        (found,) = await self._database.read((USER_BY_ID, (user_id,)))
        return USERS.decode(found[0]) if found else None

    async def users(self, *, before: UserId | None = None, limit: int) -> list[User]:
        """Newest first; `before` is the last person of the page before."""
        page = (_NEWEST, (limit,)) if before is None else (_OLDER, (limit, before))
        (found,) = await self._database.read(page)
        return [USERS.decode(row) for row in found]

    async def display(self, display_id: DisplayId) -> Display | None:
        """One kiosk screen, revoked ones too."""
        (found,) = await self._database.read((_DISPLAY, (display_id,)))
        return DISPLAYS.decode(found[0]) if found else None

    async def token_spent(self, jti: str) -> bool:
        """Whether a ticket was used, or a session ended."""
        (found,) = await self._database.read((_SPENT, (jti,)))
        return bool(found)
