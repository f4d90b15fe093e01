"""A byte of the database is another one than was written: it is found, or no amount and no account is another one."""

import asyncio
import random
import sqlite3
from pathlib import Path
from typing import Any, Final

from festival_push.ops.audit.audit import audit
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.migrations.runner import require_current
from festival_push.store.opening import open_database
from tests.faults.conftest import Serve
from tests.support.ground import Ground

FLIPS: Final = 60
MONEY: Final = (
    "SELECT account_id, balance FROM accounts ORDER BY 1",
    "SELECT seq, debit, credit, amount, debit_balance, credit_balance, kind, order_id FROM transfers ORDER BY 1",
    "SELECT order_id, user_id, status, total, refunded FROM orders ORDER BY 1",
)


def money_in(database: Path) -> list[list[Any]]:
    """Whose is what, and how it came to that."""
    with sqlite3.connect(database) as connection:
        found = [connection.execute(query).fetchall() for query in MONEY]
    connection.close()
    return found


def put(database: Path, content: bytes) -> None:
    """Let this be the whole of a database."""
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    database.write_bytes(content)


async def is_found(database: Path) -> bool:
    """Whether opening or auditing it says that something is wrong."""
    try:
        opened = await open_database(f"sqlite:///{database}")
    except (Unavailable, UnsafeDatabase):
        return True
    try:
        await require_current(opened)
        return any(finding.failure for finding in await audit(opened))
    except (Unavailable, UnsafeDatabase):
        return True
    finally:
        await opened.close()


async def test_no_money_changes_hands_unseen(serve: Serve, tmp_path: Path, dice: random.Random) -> None:
    server = serve()
    async with Ground([server]) as ground:
        stall = await ground.stall(prices={"water": 3})
        for name in ("Anna", "Ben"):
            guest = await ground.customer(name, funds=1_000)
            for _ in range(5):
                await ground.placed(guest, stall)
    await asyncio.to_thread(server.terminate)
    whole = (server.home / "festival.db").read_bytes()
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(whole)
    assert not await is_found(damaged)
    money, found = money_in(damaged), 0
    for _ in range(FLIPS):
        at, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        put(damaged, whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        if await is_found(damaged):
            found += 1
        else:
            assert money_in(damaged) == money, f"byte {at}, bit {bit}"
    assert found > 0
