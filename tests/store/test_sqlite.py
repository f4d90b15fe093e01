"""SQLite: durable settings, one writer among processes, and errors that leave no half transaction."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.store.database import Database, Unavailable, UnsafeDatabase, WriteFailed, open_database
from festival_push.store.file_lock import FileLock
from festival_push.store.migrations import migrate
from festival_push.store.sqlite import SqliteDatabase
from festival_push.store.sqlite_link import Link, _make_safe, split_script
from tests.store.world import BOSS, World, assert_lawful

PUT = "INSERT INTO accounts (account_id, balance, overdraft) VALUES ($1, 0, 0)"
WAIT_S = 0.2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "festival ?#%.db"  # a name that must be quoted


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{path}", readers=2, wait_s=WAIT_S)
    await migrate(database)
    yield database
    await database.close()


async def accounts(database: Database) -> set[str]:
    """The ids of all accounts."""
    [rows] = await database.read(("SELECT account_id FROM accounts", ()))
    return {row[0] for row in rows}


def link_of(database: Database) -> Link:
    """The write connection itself."""
    assert isinstance(database, SqliteDatabase)
    link = database._writer._link
    assert link is not None
    return link


async def test_it_is_durable_and_private(database: Database, path: Path) -> None:
    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await link_of(database).run(settings) == ["wal", 2, 1]
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_database_that_can_not_be_made_durable_is_refused() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(UnsafeDatabase, match="journal_mode"):
        _make_safe(connection)
    connection.close()


async def test_what_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, whatever its name says" * 100)
    for url in (f"sqlite:///{tmp_path}/text.db", f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path}/text.db/x.db"):
        with pytest.raises(Unavailable):
            await open_database(url)
    for url in ("sqlite:///", "mysql://x", ""):
        with pytest.raises(ValueError, match="database URL"):
            await open_database(url)


async def test_readers_can_not_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        await database.read((PUT, ("x",)))
    assert await accounts(database) == set()


async def test_a_lock_held_by_someone_else_is_waited_for_within_a_bound(database: Database, path: Path) -> None:
    async with World(database) as world:
        await world.ground()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await world.committer.submit(world.top_up(BOSS, 1))
        other.execute("ROLLBACK")
        other.close()
        assert (await world.committer.submit(world.top_up(BOSS, 1))).reply.balance == 1


async def test_only_one_process_writes_or_closes_at_a_time(database: Database, path: Path) -> None:
    lock = FileLock(path.with_name(path.name + ".writer"))  # as another process
    lock.acquire(0)
    with pytest.raises(Unavailable, match="another process"):
        await database.writer().begin()
    lock.release()
    await database.writer().begin()
    with pytest.raises(Unavailable):
        lock.acquire(0)
    await database.writer().commit((PUT, [("x",)]))
    lock.acquire(0)
    threading.Timer(WAIT_S / 4, lock.release).start()
    await database.writer().begin((PUT.replace("$1", "'y'"), ()))
    await database.writer().rollback()
    lock.acquire(0)
    lock.close()
    assert await accounts(database) == {"x"}


@pytest.mark.parametrize("written", [0, 1])
async def test_a_full_disk_is_unavailable_and_leaves_nothing(database: Database, written: int) -> None:
    """SQLite ends the transaction by itself then; the connection is not used again."""
    broken = link_of(database)
    await broken.run(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    await database.writer().begin()
    with pytest.raises(Unavailable, match="full"):
        await database.writer().commit((PUT, [("small",)] * written), (PUT, [(f"{n}" * 5000,) for n in range(9)]))
    assert await accounts(database) == set()
    await database.writer().begin()
    assert link_of(database) is not broken
    await database.writer().commit((PUT, [("x",)]))
    assert await accounts(database) == {"x"}


async def test_an_io_error_in_mid_transaction_leaves_nothing(path: Path) -> None:
    """A file-size limit makes the kernel fail a write in the middle, in a process of its own."""
    script = Path(__file__).with_name("io_error.py")
    command = [sys.executable, "-m", "tests.store.io_error", f"sqlite:///{path}"]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=script.parents[2], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    database = await open_database(f"sqlite:///{path}")
    await assert_lawful(database)
    await database.close()


async def test_a_reader_that_was_left_alone_holds_no_transaction(database: Database, path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT COUNT(*) FROM n"
    calls = [asyncio.create_task(database.read((many, ()), (many, ()))) for _ in range(2)]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    assert await database.read((many, ()), ("SELECT 1", ())) == [[(300000,)], [(1,)]]
    await database.close()
    assert not list(path.parent.glob("*-wal")), "the last to leave has checkpointed"


async def test_readers_are_waited_for_within_a_bound(database: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT COUNT(*) FROM n"
    busy = [asyncio.create_task(database.read((endless, ()))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="busy"):
        await database.read(("SELECT 1", ()))
    await asyncio.gather(*busy)
    assert await database.read(("SELECT 1", ())) == [[(1,)]]


async def test_readers_are_handed_out_in_turn(database: Database) -> None:
    served = 0

    async def greedy() -> None:
        nonlocal served
        for _ in range(200):
            await database.read(("SELECT 1", ()))
            served += 1

    crowd = [asyncio.create_task(greedy()) for _ in range(2)]  # as many as there are readers
    await asyncio.sleep(0)
    await database.read(("SELECT 1", ()))
    assert served < 10, "whoever asks again at once must not keep others waiting"
    await asyncio.gather(*crowd)


async def test_who_gives_up_waiting_for_a_reader_takes_none_along(database: Database) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT COUNT(*) FROM n"
    for _ in range(5):
        calls = [asyncio.create_task(database.read((slow, ()))) for _ in range(6)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
    await asyncio.gather(*(database.read((slow, ())) for _ in range(2)))
    assert len(database._free) == 2  # type: ignore[attr-defined] # the fixture's is a SqliteDatabase


async def test_a_writer_that_was_cancelled_leaves_no_transaction_to_others(database: Database) -> None:
    writer = database.writer()
    cancelled = asyncio.create_task(writer.begin((PUT, ("ghost",))))
    await asyncio.sleep(0)
    cancelled.cancel()
    await writer.begin()
    await writer.commit((PUT, [("x",)]))
    assert await accounts(database) == {"x"}


async def test_after_an_error_the_rest_of_a_group_does_not_count(database: Database) -> None:
    writer = database.writer()
    await writer.begin((PUT, ("a",)))
    with pytest.raises(WriteFailed):
        await writer.select((PUT, ("b",)), (PUT, ("b",)), (PUT, ("c",)))
    with pytest.raises(Unavailable, match="transaction was lost"):
        await writer.commit((PUT, [("d",)]))
    for value in ("\ud800", 2**70):
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((PUT, [("e",)]), (PUT, [(value,)]))
    assert await accounts(database) == set()


async def test_nothing_is_done_after_the_end(database: Database) -> None:
    await database.close()
    with pytest.raises(Unavailable):
        await database.read(("SELECT 1", ()))


def test_a_script_is_split_at_its_statements_only() -> None:
    script = "-- first;\nCREATE TABLE a (x);\n\nCREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT 1; SELECT ';'; END;\n"
    assert [part.strip()[-6:] for part in split_script(script)] == ["a (x);", "; END;"]


def test_a_killed_process_gives_the_lock_back(path: Path) -> None:
    path.parent.mkdir()
    lock_path = path.with_name("x.writer")
    code = "import sys, pathlib; from festival_push.store.file_lock import FileLock\n"
    code += "lock = FileLock(pathlib.Path(sys.argv[1])); lock.acquire(0); print('held', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        lock = FileLock(lock_path)
        with pytest.raises(Unavailable):
            lock.acquire(0)
        holder.kill()
        holder.wait()
        lock.acquire(5)
        lock.close()
