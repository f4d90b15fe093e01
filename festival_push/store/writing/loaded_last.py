"""What a batch loads last, because it depends on rows that are loaded by then: sums of reserves, unread notices."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Sequence
from typing import Final

from festival_push.domain.book import Book
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import own_topics
from festival_push.domain.values import Instant, UserId
from festival_push.store.database import Writer
from festival_push.store.reads.notifications import UNREAD_MAX, newest_notifications
from festival_push.store.reads.orders import NEWEST
from festival_push.store.tables import HELD_OF_ORDER, OPEN

_RESERVES: Final = f"""
    SELECT vendor_id, CAST(SUM({HELD_OF_ORDER}) AS BIGINT) FROM orders
     WHERE vendor_id {{in_1}} AND created_at > $2 AND NOT ({OPEN}) GROUP BY vendor_id
"""


async def load_reserves(writer: Writer, book: Book, needs: Needs, now: Instant) -> None:
    """Load what stalls hold of sales that may still be refunded.

    It comes last, because the stalls of those who ask for a payout are known only now.
    """
    if not book.rules.stall_reserve_ms:
        return
    kept = {keeper.vendor_id for keeper in book.keepers.values() if keeper.user_id in needs.payout_counts}
    stalls = sorted(kept.union(needs.reserves))
    if not stalls:
        return
    book.reserved_since = Instant(now - book.rules.stall_reserve_ms)
    [sums] = await writer.select((_RESERVES, (stalls, book.reserved_since)))
    book.reserves = {**dict.fromkeys(stalls, 0), **dict(sums)}


async def load_unread(writer: Writer, book: Book, readers: Sequence[UserId]) -> None:
    """Load the unread notifications of readers, by one SELECT each.

    It comes last, because a person's topics are known only now. Readers are few: only one command needs them.
    """
    book.unread = {user_id: [] for user_id in readers}
    people = [book.person(user_id) for user_id in readers if user_id in book.users]
    if not people:
        return
    found = await writer.select(
        *(
            newest_notifications(own_topics(person), after=person.user.read_up_to, before=NEWEST, limit=UNREAD_MAX)
            for person in people
        )
    )
    for person, rows in zip(people, found, strict=True):
        book.unread[person.user_id] = [position for (position,) in reversed(rows)]
