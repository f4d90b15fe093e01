"""Reads of second factors: a person's own, and a passkey's."""

# ruff: noqa: S608  # only names of columns are filled in

from typing import Final

import msgspec

from festival_push.domain.signing_in.rows import Factor
from festival_push.domain.values import FactorId, UserId
from festival_push.store.database import Database
from festival_push.store.tables import FACTORS, PRESENT

_OF: Final = f"SELECT {FACTORS.columns} FROM factors WHERE {PRESENT} AND user_id = $1 ORDER BY created_at, factor_id"
_PASSKEY: Final = f"SELECT {FACTORS.columns} FROM factors WHERE credential_id = $1"
_CODES: Final = "SELECT hashes FROM recovery_codes WHERE user_id = $1"
_SEALED: Final = f"""
    SELECT {FACTORS.columns} FROM factors WHERE secret IS NOT NULL AND factor_id > $1 ORDER BY factor_id LIMIT $2
"""


class FactorReads:
    """Reads of second factors. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def factors(self, user_id: UserId) -> list[Factor]:
        """Return a person's second factors that have not ended, the oldest first."""
        (found,) = await self._database.read((_OF, (user_id,)))
        return [FACTORS.decode(row) for row in found]

    async def passkey(self, credential_id: str) -> Factor | None:
        """Return the passkey with this credential id, whoever has it; None if nobody has."""
        (found,) = await self._database.read((_PASSKEY, (credential_id,)))
        return FACTORS.decode(found[0]) if found else None

    async def recovery_codes_left(self, user_id: UserId) -> int:
        """Return how many of a person's recovery codes nobody has used."""
        (found,) = await self._database.read((_CODES, (user_id,)))
        return len(msgspec.json.decode(found[0][0], type=list[str])) if found else 0

    async def sealed_factors(self, *, after: FactorId, limit: int) -> list[Factor]:
        """Return a page of the factors that have a secret, by id; `after` is the last id of the page before."""
        (found,) = await self._database.read((_SEALED, (after, limit)))
        return [FACTORS.decode(row) for row in found]
