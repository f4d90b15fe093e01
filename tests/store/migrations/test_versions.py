"""Upgrades: history is never rewritten, additive steps run beside the version before, and nobody is held up."""

import asyncio
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from festival_push.domain.signing_in.attendance import Attend, Leave
from festival_push.store.database import Database
from festival_push.store.errors import InUse, UnsafeDatabase
from festival_push.store.migrations import runner
from festival_push.store.migrations.runner import migrate, missing_migrations
from festival_push.store.migrations.scripts import read_migrations
from festival_push.store.opening import open_database
from tests.store.world import World
from tests.support.timing.waiting import until

SQL: Final = Path(runner.__file__).with_name("sql")
RELEASED: Final = Path(__file__).with_name("released.sha256")
ADDS: Final = re.compile(
    r"CREATE (UNIQUE )?INDEX|CREATE TABLE|ALTER TABLE \w+ ADD COLUMN (?!.*NOT NULL(?!.*DEFAULT))", re.IGNORECASE
)


def released() -> dict[str, str]:
    return {name: hashed for hashed, name in (line.split() for line in RELEASED.read_text().splitlines())}


def test_a_released_migration_is_never_edited() -> None:
    """To add one, add its line: `sha256sum FILE` in the folder. A line that is there stays as it is."""
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in SQL.glob("*.sql")}
    assert files == released()


def test_what_calls_itself_additive_only_adds() -> None:
    for path in SQL.glob("*.sql"):
        script = path.read_text("utf-8")
        if not script.startswith("-- additive\n"):
            continue
        statements = re.sub(r"--.*", "", script).split(";")
        assert all(ADDS.match(text.strip()) for text in statements if text.strip()), path.name


@pytest.mark.parametrize(
    ("statement", "adds"),
    [
        ("CREATE TABLE visits (at INTEGER)", True),
        ("CREATE INDEX orders_at ON orders (created_at)", True),
        ("ALTER TABLE orders ADD COLUMN table_number INTEGER", True),
        ("ALTER TABLE orders ADD COLUMN seats INTEGER NOT NULL DEFAULT 0", True),
        ("ALTER TABLE orders ADD COLUMN seats INTEGER NOT NULL", False),
        ("ALTER TABLE orders DROP COLUMN total", False),
        ("UPDATE orders SET total = 0", False),
        ("CREATE TRIGGER t BEFORE INSERT ON orders BEGIN SELECT 1; END", False),
    ],
)
def test_what_only_adds(statement: str, *, adds: bool) -> None:
    assert bool(ADDS.match(statement)) is adds


def with_next(script: str, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    """Let this program be the next version, which has one migration more."""
    scripts = {**read_migrations(database.dialect), "9999_next": script}
    monkeypatch.setattr(runner, "read_migrations", lambda _: scripts)


async def test_each_migration_is_noted_with_its_hash(database: Database) -> None:
    [rows] = await database.read(("SELECT name, hash, additive FROM schema_migrations", ()))
    assert {name for name, hashed, _ in rows if len(str(hashed)) == 64} == set(read_migrations(database.dialect))


async def test_an_edited_migration_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = {**read_migrations(database.dialect)}
    edited["0003_rooms"] += "-- and one thing more\n"
    monkeypatch.setattr(runner, "read_migrations", lambda _: edited)
    for look in (migrate, missing_migrations):
        with pytest.raises(UnsafeDatabase, match="0003_rooms is another one here"):
            await look(database)


async def test_the_version_before_goes_on_beside_an_additive_migration(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(database) as world:
        await world.committer.submit(Attend(server_id="one", fingerprints=("a",)))
        with monkeypatch.context() as patch:
            with_next("-- additive\nALTER TABLE orders ADD COLUMN seats INTEGER NOT NULL DEFAULT 0;\n", patch, database)
            assert await migrate(database) == ["9999_next"]
        assert await migrate(database) == [], "the version before starts again"
        assert await missing_migrations(database) == []
        await world.ground()


async def test_any_other_migration_waits_until_every_server_has_ended(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = await open_database(database_url)
    try:
        async with World(database) as world:
            monkeypatch.setattr("time.time_ns", lambda: world.time * 1_000_000)
            await world.committer.submit(Attend(server_id="one", fingerprints=("a",)))
            with_next("ALTER TABLE orders ADD COLUMN seats INTEGER;\n", monkeypatch, database)
            with pytest.raises(InUse, match="stop every server first"):
                await migrate(newer)
            monkeypatch.setattr(runner, "_PAUSE_S", 0.01)
            waiting = asyncio.create_task(migrate(newer, patience_s=60))
            await world.committer.submit(Leave(server_id="one"))
            assert await waiting == ["9999_next"]
    finally:
        await newer.close()


async def test_a_server_of_before_is_no_server_any_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with World(database) as world:
        await world.committer.submit(Attend(server_id="one", fingerprints=("a",)))
        monkeypatch.setattr("time.time_ns", lambda: (world.time + 61_000) * 1_000_000)
        with_next("ALTER TABLE orders ADD COLUMN seats INTEGER;\n", monkeypatch, database)
        assert await migrate(database) == ["9999_next"]


async def test_a_reader_in_psql_is_named_and_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    database = await open_database(postgres_url)
    try:
        await migrate(database)
        reader = await asyncpg.connect(postgres_url, server_settings={"application_name": "report"})
        await reader.execute("BEGIN; SELECT COUNT(*) FROM users")
        with_next("ALTER TABLE users ADD COLUMN hat TEXT;\n", monkeypatch, database)
        monkeypatch.setattr(runner, "_PAUSE_S", 0.01)
        waiting = asyncio.create_task(migrate(database, patience_s=300))
        said = re.compile(rf"somebody else uses .*process {reader.get_server_pid()} \(report, idle in transaction\)")
        await until(lambda: bool(said.search(caplog.text)), within_s=60, message="who is in the way is said")
        assert not waiting.done()
        await reader.close()
        assert await waiting == ["9999_next"]
    finally:
        await database.close()


async def test_a_migration_may_take_its_time(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index over ten million rows takes longer than any command may; nobody waits for a lock for long."""
    database = await open_database(postgres_url)
    try:
        wanted = "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"
        table = "CREATE TABLE bounds (name TEXT, value TEXT);"
        rows = (f"INSERT INTO bounds VALUES ('{name}', current_setting('{name}'));" for name in wanted)  # noqa: S608
        with_next("\n".join((table, *rows)), monkeypatch, database)
        await migrate(database)
        [found] = await database.read(("SELECT name, value FROM bounds", ()))
        assert dict(found) == {wanted[0]: "0", wanted[1]: "2s", wanted[2]: "0"}
        async with World(database) as world:
            await world.ground()  # and afterwards commands have their own bounds again
    finally:
        await database.close()
