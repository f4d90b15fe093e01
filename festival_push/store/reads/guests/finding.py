"""Finding a guest: by the top-up code, the id, a pickup number, or words of the name."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

import msgspec

from festival_push.domain.orders.rows import Order
from festival_push.domain.people.codes import CODE_KEY_SQL, code_key
from festival_push.domain.people.name_words import words_of
from festival_push.domain.people.relations import Person
from festival_push.domain.values import Instant, UserId, user_account
from festival_push.store.database import Database
from festival_push.store.reads.people import PERSON_COLUMNS, people_in
from festival_push.store.sql import Param, Statement
from festival_push.store.tables import OPEN, ORDERS

RECENT_MS: Final = 60 * 60 * 1000
"""How long after it was handed out an order is still found by its number."""
_NEWEST_MAX: Final = 1_000  # finished orders that are looked through; open ones have an index
_WORDS_MAX: Final = 6
_LAST_CHAR: Final = "\U0010ffff"

_BY_CODE: Final = f"SELECT user_id FROM users WHERE {CODE_KEY_SQL} = $1 ORDER BY user_id LIMIT $2"
_BY_ID: Final = "SELECT user_id FROM users WHERE user_id = $1"
# One short look into the index of open numbers for each stall.
_BY_NUMBER: Final = f"""
    SELECT {ORDERS.columns} FROM orders
     WHERE {OPEN} AND number = $1 AND vendor_id IN (SELECT vendor_id FROM vendors) ORDER BY placed DESC LIMIT $2
"""
_BY_OLD_NUMBER: Final = f"""
    SELECT {ORDERS.columns}
      FROM (SELECT {ORDERS.columns} FROM orders ORDER BY placed DESC LIMIT {_NEWEST_MAX}) AS newest
     WHERE number = $1 AND status = 'completed' AND completed_at >= $3 ORDER BY placed DESC LIMIT $2
"""
_PEOPLE: Final = f"""
    SELECT {PERSON_COLUMNS} FROM users LEFT JOIN keepers ON keepers.user_id = users.user_id
     WHERE users.user_id {{in_1}} ORDER BY users.user_id
"""
_BALANCES: Final = "SELECT account_id, balance FROM accounts WHERE account_id {in_1}"


class Found(msgspec.Struct, frozen=True):
    """Somebody who was found, what is in their wallet, and the order whose number it was."""

    person: Person
    balance: int  # minor units
    order: Order | None


class FindingReads:
    """Reads that find guests. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_people(self, text: str, *, now: Instant, limit: int) -> list[Found]:
        """Return the people whom a text may mean, the surest first: whose top-up code or id it is, then those whose
        order has this number, then those of whose names each word that was typed begins a word.

        Args:
            text: Anything that somebody types or scans, not empty.
        """
        number = int(text.removeprefix("#")) if text.removeprefix("#").isdecimal() and len(text) <= 5 else -1
        codes, ids, numbered, handed_out, named = await self._database.read(
            (_BY_CODE, (code_key(text), limit)),
            (_BY_ID, (text,)),
            (_BY_NUMBER, (number, limit)),
            (_BY_OLD_NUMBER, (number, limit, now - RECENT_MS)),
            _by_words(words_of(text).split()[:_WORDS_MAX], limit),
        )
        meant: dict[tuple[str, str | None], Order | None] = {}
        for [user_id] in (*codes, *ids):
            meant[user_id, None] = None
        for order in map(ORDERS.decode, (*numbered, *handed_out)):
            meant[order.user_id, order.order_id] = order
        known = {user_id for user_id, _ in meant}
        meant |= {(user_id, None): None for [user_id] in named if user_id not in known}
        return await self._found(dict(list(meant.items())[:limit]))

    async def _found(self, meant: dict[tuple[str, str | None], Order | None]) -> list[Found]:
        ids = list(dict.fromkeys(user_id for user_id, _ in meant))
        people, balances = await self._database.read(
            (_PEOPLE, (ids,)), (_BALANCES, ([user_account(UserId(user_id)) for user_id in ids],))
        )
        by_id = {person.user_id: person for person in people_in(people) if person.user.erased_at is None}
        held: dict[str, int] = dict(balances)
        return [
            Found(by_id[UserId(user_id)], held.get(user_account(UserId(user_id)), 0), order)
            for (user_id, _), order in meant.items()
            if user_id in by_id
        ]


def _by_words(words: list[str], limit: int) -> Statement:
    """Return the SELECT for those of whose names each of these words begins a word, by the first of those.

    The longest word leads: the fewest names have it.
    """
    leading, *rest = sorted(words, key=len, reverse=True) or [_LAST_CHAR]
    params: list[Param] = [limit, leading, leading + _LAST_CHAR]
    others = ""
    for word in rest:
        others += f"""
           AND EXISTS (SELECT 1 FROM name_words AS other WHERE other.user_id = led.user_id
                          AND other.word >= ${len(params) + 1} AND other.word < ${len(params) + 2})"""
        params += [word, word + _LAST_CHAR]
    return (
        f"""
        SELECT user_id FROM name_words AS led WHERE word >= $2 AND word < $3
           AND NOT EXISTS (SELECT 1 FROM name_words AS first WHERE first.user_id = led.user_id
                              AND first.word >= $2 AND first.word < led.word){others}
         ORDER BY word, user_id LIMIT $1
    """,
        params,
    )
