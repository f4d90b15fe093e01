"""The log gets a clock of its own: what was dated by the machine's clock begins to age anew, and nothing is lost."""

import pytest

from festival_push.domain.values import Instant, UserId
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.store.world import PRICE, START, World, assert_lawful, once

ANNA = UserId("anna")
YEAR = 365 * 24 * 3600 * 1000
_BACK = {
    "sqlite": "DROP TRIGGER event_log_stays;",
    "postgres": "DROP TRIGGER event_log_stays ON event_log;",
}
_GUARD = {
    "sqlite": """CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
        BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;""",
    "postgres": """CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
        FOR EACH ROW EXECUTE FUNCTION refuse_change();""",
}


async def run(database: Database, *statements: str) -> None:
    writer = database.writer()
    await writer.begin()
    for statement in statements:
        await writer.run_script(statement)
    await writer.commit()


async def test_what_a_jumped_clock_has_dated_is_neither_deleted_nor_kept_for_ever(
    database_url: str, database: Database
) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=10 * PRICE)
        await world.committer.submit_once(world.order(ANNA), once("k"))
    last = len(world.rows)
    before = [
        _BACK[database.dialect],
        f"UPDATE event_log SET at = at + {YEAR} WHERE position IN (3, {last});",  # noqa: S608
        "DROP TABLE clock_marks;",
        "ALTER TABLE log_head DROP COLUMN clock;",
        "DELETE FROM schema_migrations WHERE name = '0023_clock';",
        _GUARD[database.dialect],
    ]
    await run(database, *before)
    assert await migrate(database) == ["0023_clock"]
    with pytest.raises(WriteFailed):
        await run(database, "UPDATE event_log SET at = 0;")
    again = await open_database(database_url)
    try:
        async with World(again) as world:
            world.time = Instant(START + 1000)
            assert await world.committer.trim(0) == 0
            assert (await world.committer.submit_once(world.order(ANNA), once("k"))).replayed
            world.time = Instant(START + 2000)
            assert await world.committer.trim(0) == last
        await assert_lawful(again)
    finally:
        await again.close()
