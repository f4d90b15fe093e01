"""Reads of announcements: those that stand now, and how many people each of them has reached."""

# ruff: noqa: S608  # only our own words are filled in

from collections.abc import Sequence
from typing import Final

import msgspec

from festival_push.domain.rows import Announcement
from festival_push.domain.values import Audience, Instant
from festival_push.store.database import Database
from festival_push.store.reads.orders import NEWEST
from festival_push.store.tables import ANNOUNCEMENTS

# Everybody is a customer.
_OF_AUDIENCE: Final = f"(page.audience <> '{Audience.VENDORS}' OR readers.keeps = 1)"
# People are read once, however many announcements a page has: each is counted under the newest announcement of the page
# that they have read, found by one step into the index of positions. So there are few `readers` to add up.
_REACHED: Final = f"""
    WITH page AS (
        SELECT {ANNOUNCEMENTS.columns} FROM announcements WHERE position < $1 ORDER BY position DESC LIMIT $2
    ), bounds AS (
        SELECT MIN(position) AS oldest, MAX(position) AS newest FROM page
    ), readers AS (
        SELECT keeps, has_read, COUNT(*) AS people FROM (
            SELECT CASE WHEN EXISTS (SELECT 1 FROM keepers WHERE keepers.user_id = users.user_id)
                        THEN 1 ELSE 0 END AS keeps, (
                SELECT a.position FROM announcements AS a
                 WHERE a.position >= bounds.oldest
                   AND a.position <= CASE WHEN users.read_up_to < bounds.newest THEN users.read_up_to
                                          ELSE bounds.newest END
                 ORDER BY a.position DESC LIMIT 1) AS has_read
              FROM bounds CROSS JOIN users WHERE users.suspended = 0) AS person
         GROUP BY keeps, has_read
    ), reach AS (
        SELECT page.position, CAST(COALESCE(SUM(readers.people), 0) AS BIGINT) AS people,
               CAST(COALESCE(SUM(CASE WHEN readers.has_read >= page.position THEN readers.people END), 0) AS BIGINT)
                   AS have_read
          FROM page LEFT JOIN readers ON {_OF_AUDIENCE}
         GROUP BY page.position
    )
    SELECT {", ".join(f"page.{name}" for name in ANNOUNCEMENTS.names)}, reach.people, reach.have_read
      FROM page JOIN reach ON reach.position = page.position
     ORDER BY page.position DESC
"""
_STANDING: Final = f"""
    SELECT {ANNOUNCEMENTS.columns} FROM announcements
     WHERE withdrawn_at IS NULL AND created_at >= $2 AND audience {{in_1}}
     ORDER BY created_at DESC, position DESC LIMIT $3
"""


class Reached(msgspec.Struct, frozen=True):
    """An announcement, how many people its audience has now, and how many of them have read up to it.

    Suspended people don't count.
    """

    announcement: Announcement
    people: int
    have_read: int


class AnnouncementReads:
    """Reads of announcements. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def announcements(self, *, before: int | None = None, limit: int) -> list[Reached]:
        """Return a page of all announcements, newest first, withdrawn ones too.

        It reads everyone in the festival once.

        Args:
            before: Return only those with a lower `position`; for the next page, that of the last one of this page.
        """
        (found,) = await self._database.past.read((_REACHED, (NEWEST if before is None else before, limit)))
        return [Reached(ANNOUNCEMENTS.decode(row[:-2]), *row[-2:]) for row in found]

    async def standing_announcements(
        self, audiences: Sequence[Audience], *, since: Instant, limit: int
    ) -> list[Announcement]:
        """Return the newest announcements for some audiences, made at `since` or later, that were not withdrawn."""
        (found,) = await self._database.read((_STANDING, ([audience.value for audience in audiences], since, limit)))
        return [ANNOUNCEMENTS.decode(row) for row in found]
