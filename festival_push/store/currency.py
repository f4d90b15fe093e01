"""The currency that a database's amounts are counted in: kept at the first start, and the same for ever once there is
money."""

import logging
from typing import Final

import msgspec

from festival_push.domain.money.amounts import Currency
from festival_push.domain.values import Rules
from festival_push.store.database import Database
from festival_push.store.errors import UnsafeDatabase
from festival_push.store.sql import Rows, Statement

_LOG: Final = logging.getLogger(__name__)
_KEPT: Final[Statement] = ("SELECT currency, currency_digits, transfer_seq FROM log_head WHERE id = 1", ())
_KEEP: Final = "UPDATE log_head SET currency = $1, currency_digits = $2 WHERE id = 1"


async def kept_currency(database: Database) -> Currency | None:
    """Return the currency of a database; None before its first start. Raises Unavailable."""
    [rows] = await database.read(_KEPT)
    return to_currency(rows[0][0], rows[0][1])


async def rules_of(database: Database, rules: Rules, *, begins: bool) -> Rules:
    """Return the rules that commands on this database go by.

    Args:
        rules: The settings'.
        begins: Whether a server begins, whose currency is kept; else the database's own is used, if it has one.
    Raises:
        UnsafeDatabase, Unavailable, WriteFailed, CommitUnknown: As `keep_currency`.
    """
    if not begins:
        return msgspec.structs.replace(rules, currency=await kept_currency(database) or rules.currency)
    if (before := await keep_currency(database, rules.currency)) is not None:
        _LOG.warning("prices were in %s, and there is no money yet: now they are read as %s", before, rules.currency)
    return rules


async def require_currency(database: Database, currency: Currency) -> None:
    """Check that a database may be used with these settings, and change nothing.

    Raises:
        UnsafeDatabase: There is money in it, and it is counted in another currency or with other digits.
        Unavailable: It can't be read.
    """
    [rows] = await database.read(_KEPT)
    _require(rows, currency)


async def keep_currency(database: Database, currency: Currency) -> Currency | None:
    """Keep the currency of a server that starts. Processes that start together agree on one.

    Returns:
        The one that was kept before and is given up now, because there is no money yet; None if none is.
    Raises:
        UnsafeDatabase: As `require_currency`.
        Unavailable, WriteFailed, CommitUnknown: As in `Writer`.
    """
    [rows] = await database.read(_KEPT)
    if _require(rows, currency) == currency:
        return None
    writer = database.writer()
    try:
        [rows] = await writer.begin(_KEPT)
        before = _require(rows, currency)
        if before != currency:
            await writer.commit((_KEEP, [(currency.code, currency.digits)]))
    finally:
        await writer.rollback()
    return before if before != currency else None


def to_currency(code: str | None, digits: int | None) -> Currency | None:
    """Return the currency of two columns of log_head."""
    return None if code is None or digits is None else Currency(code=code, digits=digits)


def _require(rows: Rows, currency: Currency) -> Currency | None:
    [(code, digits, transfers)] = rows
    kept = to_currency(code, digits)
    if kept not in {None, currency} and transfers:
        raise UnsafeDatabase(
            f"the money in this database is in {kept}, and the settings say {currency}: set "
            f'festival.currency = "{code}" and festival.currency_digits = {digits}, or use another database'
        )
    return kept
