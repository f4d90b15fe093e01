"""Reads for organisers: what staff did, and what waits, or waited, for a second organiser."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import AsyncIterator
from functools import cache
from typing import Final

from festival_push.domain.office.deeds import DeedKind, KeptDeed
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.values import Actor, ConfirmationId, Instant
from festival_push.store.database import Database
from festival_push.store.reads.orders import NEWEST
from festival_push.store.sql import Param
from festival_push.store.tables import CONFIRMATIONS, DEEDS

_PAGE: Final = 500
_FIRST: Final = f"SELECT {DEEDS.columns} FROM deeds WHERE seq > $1 ORDER BY seq LIMIT $2"
_BY_ID: Final = f"SELECT {CONFIRMATIONS.columns} FROM confirmations WHERE confirmation_id = $1"
_NEWEST: Final = f"""
    SELECT {CONFIRMATIONS.columns} FROM confirmations WHERE TRUE{{where}}
     ORDER BY created_at DESC, confirmation_id DESC LIMIT $1
"""
_OLDER: Final = (
    " AND (created_at, confirmation_id) < (SELECT created_at, confirmation_id FROM confirmations"
    " WHERE confirmation_id = $2)"
)
_WAITING: Final = f" AND status = '{ConfirmationStatus.WAITING}' AND expires_at > ${{number}}"


class OfficeReads:
    """Reads of deeds and confirmations. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def deeds(
        self,
        *,
        actor: Actor | None = None,
        subject: str | None = None,
        act: DeedKind | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[KeptDeed]:
        """Return a page of deeds, newest first; `before` is the last `seq` of the page before.

        Args:
            subject: Its kind and id, `user:anna`.
        """
        asked = {"actor": actor, "subject": subject, "act": act and act.value}
        given: dict[str, Param] = {name: value for name, value in asked.items() if value is not None}
        params: list[Param] = [NEWEST if before is None else before, limit, *given.values()]
        (found,) = await self._database.past.read((_some(tuple(given)), params))
        return [DEEDS.decode(row) for row in found]

    async def all_deeds(self) -> AsyncIterator[KeptDeed]:
        """Yield every deed, oldest first, read page by page."""
        seq = 0
        while True:
            (found,) = await self._database.past.read((_FIRST, (seq, _PAGE)))
            for row in found:
                deed = DEEDS.decode(row)
                seq = deed.seq
                yield deed
            if len(found) < _PAGE:
                return

    async def confirmation(self, confirmation_id: ConfirmationId) -> Confirmation | None:
        """Return one confirmation; None if there is none."""
        (found,) = await self._database.read((_BY_ID, (confirmation_id,)))
        return CONFIRMATIONS.decode(found[0]) if found else None

    async def confirmations(
        self, *, waiting_at: Instant | None = None, before: ConfirmationId | None = None, limit: int
    ) -> list[Confirmation]:
        """Return a page of confirmations, newest first.

        Args:
            waiting_at: Return only those that can still be confirmed at this moment.
            before: The last confirmation of the page before.
        """
        params: list[Param] = [limit]
        where = ""
        if before is not None:
            params.append(before)
            where += _OLDER
        if waiting_at is not None:
            params.append(waiting_at)
            where += _WAITING.format(number=len(params))
        (found,) = await self._database.read((_NEWEST.format(where=where), params))
        return [CONFIRMATIONS.decode(row) for row in found]


@cache
def _some(columns: tuple[str, ...]) -> str:
    """Return the SELECT for deeds where each of these columns is what was asked for."""
    where = "".join(f" AND {column} = ${number}" for number, column in enumerate(columns, 3))
    return f"SELECT {DEEDS.columns} FROM deeds WHERE seq < $1{where} ORDER BY seq DESC LIMIT $2"
