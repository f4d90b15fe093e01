"""Reads of what waits, or waited, for a second organiser."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.values import ConfirmationId, Instant
from festival_push.store.database import Database
from festival_push.store.sql import Param
from festival_push.store.tables import CONFIRMATIONS

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


class ConfirmationReads:
    """Reads of confirmations. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
