"""Reads of Z reports, and of where the next one begins."""

# ruff: noqa: S608  # only names of columns are filled in

from typing import Final, NamedTuple

from festival_push.domain.reports.rows import ZReport
from festival_push.domain.values import Instant
from festival_push.store.database import Database
from festival_push.store.reads.orders import NEWEST
from festival_push.store.tables import Z_REPORTS

_HEAD: Final = "SELECT transfer_seq FROM log_head"
_PAGE: Final = f"""
    SELECT {Z_REPORTS.columns} FROM z_reports WHERE scope = $1 AND number < $2 ORDER BY number DESC LIMIT $3
"""
_ONE: Final = f"SELECT {Z_REPORTS.columns} FROM z_reports WHERE scope = $1 AND number = $2"

_ALL: Final = f"SELECT {Z_REPORTS.columns} FROM z_reports WHERE z_report_id > $1 ORDER BY z_report_id LIMIT $2"
_OUT_OF_LINE: Final = """
    SELECT z.scope, z.number FROM z_reports AS z
      LEFT JOIN z_reports AS p ON p.scope = z.scope AND p.number = z.number - 1
     WHERE (p.number IS NULL AND (z.number <> 1 OR z.after_seq <> 0 OR z.after_at IS NOT NULL))
        OR (p.number IS NOT NULL AND (p.up_to_seq <> z.after_seq OR p.at <> z.after_at OR z.after_at IS NULL))
     ORDER BY z.scope, z.number LIMIT $1
"""


class OpenBooks(NamedTuple):
    """What the next Z report of a scope will be of, as of now."""

    number: int
    after_seq: int
    up_to_seq: int  # the newest transfer
    after_at: Instant | None  # when the last one was made; None: there is none


class ZReportReads:
    """Reads of Z reports. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_books(self, scope: str) -> OpenBooks:
        """Return where the books of a scope stand."""
        [[newest]], found = await self._database.read((_HEAD, ()), (_PAGE, (scope, NEWEST, 1)))
        last = next(map(Z_REPORTS.decode, found), None)
        if last is None:
            return OpenBooks(1, 0, newest, None)
        return OpenBooks(last.number + 1, last.up_to_seq, newest, last.at)

    async def z_reports(self, scope: str, *, before: int | None = None, limit: int) -> list[ZReport]:
        """Return a page of a scope's Z reports, newest first; `before` is the last number of the page before."""
        (found,) = await self._database.past.read((_PAGE, (scope, NEWEST if before is None else before, limit)))
        return [Z_REPORTS.decode(row) for row in found]

    async def out_of_line(self, limit: int) -> list[tuple[str, int]]:
        """Return scope and number of Z reports that do not go on where the one before ended."""
        (found,) = await self._database.read((_OUT_OF_LINE, (limit,)))
        return [(scope, number) for scope, number in found]

    async def all_z_reports(self, after: str, limit: int) -> list[ZReport]:
        """Return a page of the Z reports of all scopes, by key; `after` is the last key of the page before."""
        (found,) = await self._database.read((_ALL, (after, limit)))
        return [Z_REPORTS.decode(row) for row in found]

    async def z_report(self, scope: str, number: int) -> ZReport | None:
        """Return one Z report; None if there is none."""
        (found,) = await self._database.read((_ONE, (scope, number)))
        return Z_REPORTS.decode(found[0]) if found else None
