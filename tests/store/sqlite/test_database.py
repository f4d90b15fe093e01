"""SQLite: durable settings, one writer among processes, and errors that leave no half transaction."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest

from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.sql import Rows, Statement
from festival_push.store.sqlite import database as sqlite
from festival_push.store.sqlite.connection import SqliteConnection, _make_safe, run_select, split_script
from festival_push.store.sqlite.database import SqliteDatabase
from festival_push.store.sqlite.file_lock import FileLock, UseMark
from festival_push.store.sqlite.writer import SqliteWriter
from tests.store.sqlite.test_file_lock import is_waited_for
from tests.store.world import BOSS, World, assert_lawful
from tests.support.timing.waiting import until

PUT = "INSERT INTO accounts (account_id, balance, overdraft) VALUES ($1, 0, 0)"
WAIT_S: Final = 60.0  # longer than anything takes that comes to an end
SHORT_S: Final = 0.05  # for what does not
HOLD: Final[Statement] = ("SELECT 'held'", ())
ONE: Final[Statement] = ("SELECT 1", ())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "festival ?#%.db"  # a name that must be quoted


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{path}", readers=2, wait_s=WAIT_S)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def impatient(database: Database, path: Path) -> AsyncIterator[Database]:
    """The same file, opened by somebody who soon stops waiting."""
    opened = await open_database(f"sqlite:///{path}", readers=2, wait_s=SHORT_S)
    yield opened
    await opened.close()


class Hold:
    """Keeps the thread of each reader that is asked for `HOLD`, until it is let go."""

    def __init__(self) -> None:
        self.held: list[sqlite3.Connection] = []
        self._go = threading.Event()

    def let_go(self) -> None:
        """Let all of them answer."""
        self._go.set()

    def run_select(self, connection: sqlite3.Connection, statement: Statement) -> Rows:
        """In the place of the real one, which it calls."""
        if statement == HOLD:
            self.held.append(connection)
            self._go.wait()
        return run_select(connection, statement)


@pytest.fixture
def hold(impatient: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    """Readers can be kept busy; at the end, before the databases are closed, they are let go."""
    hold = Hold()
    monkeypatch.setattr(sqlite, "run_select", hold.run_select)
    yield hold
    hold.let_go()


async def accounts(database: Database) -> set[str]:
    """The ids of all accounts."""
    [rows] = await database.read(("SELECT account_id FROM accounts", ()))
    return {row[0] for row in rows}


def link_of(database: Database) -> SqliteConnection:
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


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_sqlite_that_lacks_what_we_need_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, read_only: bool
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    with pytest.raises(UnsafeDatabase, match=r"is too old, 3\.38 or newer is needed"):
        await open_database(f"sqlite:///{tmp_path}/new.db", read_only=read_only)
    assert os.listdir(tmp_path) == []


async def test_a_link_and_the_file_itself_are_one_database(tmp_path: Path) -> None:
    """Else a restore by one name would take the file away from a server that has it open by the other."""
    real, link = tmp_path / "disk/festival.db", tmp_path / "lib/festival.db"
    for file in (real, link):
        file.parent.mkdir()
    link.symlink_to(real)
    with pytest.raises(Unavailable, match=r"is a link to .*disk/festival\.db, which is not there: is its disk mounted"):
        await open_database(f"sqlite:///{link}")
    assert os.listdir(real.parent) == []
    real.touch()
    database = await open_database(f"sqlite:///{link}")
    with pytest.raises(Unavailable, match="a server uses it"):
        UseMark(real, alone=True)
    await database.close()
    assert os.listdir(link.parent) == ["festival.db"]


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


async def test_a_lock_held_by_someone_else_is_waited_for_within_a_bound(impatient: Database, path: Path) -> None:
    async with World(impatient) as world:
        await world.ground()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await world.committer.submit(world.top_up(BOSS, 1))
        other.execute("ROLLBACK")
        other.close()
        assert (await world.committer.submit(world.top_up(BOSS, 1))).reply.balance == 1


async def test_only_one_process_writes_or_closes_at_a_time(database: Database, impatient: Database, path: Path) -> None:
    lock = FileLock(path.with_name(path.name + ".writer"))  # as another process
    lock.acquire(0)
    with pytest.raises(Unavailable, match="another process"):
        await impatient.writer().begin()
    lock.release()
    await database.writer().begin()
    with pytest.raises(Unavailable):
        lock.acquire(0)
    await database.writer().commit((PUT, [("x",)]))
    lock.acquire(0)
    writer = database.writer()
    assert isinstance(writer, SqliteWriter)
    beginning = asyncio.create_task(writer.begin((PUT.replace("$1", "'y'"), ())))
    await until(lambda: is_waited_for(lock, by=writer._lock))
    lock.release()
    await beginning
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
    script = Path(__file__).parents[1] / "io_error.py"
    command = [sys.executable, "-m", "tests.store.io_error", f"sqlite:///{path}"]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=script.parents[2], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    database = await open_database(f"sqlite:///{path}")
    await assert_lawful(database)
    await database.close()


async def test_a_reader_that_was_left_alone_holds_no_transaction(database: Database, path: Path, hold: Hold) -> None:
    calls = [asyncio.create_task(database.read(HOLD, ONE)) for _ in range(2)]
    await until(lambda: len(hold.held) == 2)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    after = asyncio.create_task(database.read(("SELECT 2", ()), ONE))
    await asyncio.sleep(0)  # it has a reader whose thread is in the middle of its transaction
    hold.let_go()
    assert await after == [[(2,)], [(1,)]]


async def test_the_last_to_leave_has_checkpointed(database: Database, path: Path) -> None:
    await database.writer().begin()
    await database.writer().commit((PUT, [("x",)]))
    assert await accounts(database) == {"x"}
    assert list(path.parent.glob("*-wal"))
    await database.close()
    assert not list(path.parent.glob("*-wal"))


async def test_readers_are_waited_for_within_a_bound(impatient: Database, hold: Hold) -> None:
    busy = [asyncio.create_task(impatient.read(HOLD)) for _ in range(2)]
    await until(lambda: len(hold.held) == 2)
    async with asyncio.timeout(WAIT_S):
        with pytest.raises(Unavailable, match=r"busy for 0\.05 s"):
            await impatient.read(ONE)
    hold.let_go()
    await asyncio.gather(*busy)
    assert await impatient.read(ONE) == [[(1,)]]


async def test_readers_are_handed_out_in_turn(path: Path, hold: Hold) -> None:
    database = await open_database(f"sqlite:///{path}", readers=1, wait_s=WAIT_S)
    served: list[str] = []

    async def greedy(name: str) -> None:
        for _ in range(3):
            await database.read(ONE)
            served.append(name)

    holding = asyncio.create_task(database.read(HOLD))
    await until(lambda: hold.held)
    crowd = [asyncio.create_task(greedy(name)) for name in "abc"]
    await asyncio.sleep(0)  # all of them wait
    hold.let_go()
    await asyncio.gather(holding, *crowd)
    assert served == list("abcabcabc"), "whoever asks again at once must not keep others waiting"
    await database.close()


async def test_who_gives_up_waiting_for_a_reader_takes_none_along(database: Database) -> None:
    assert isinstance(database, SqliteDatabase)
    readers = [await database._reader() for _ in range(2)]
    early, late = (asyncio.create_task(database.read(ONE)) for _ in range(2))
    await asyncio.sleep(0)  # both wait
    early.cancel()
    database._give_back(readers[0])
    late.cancel()  # in the very moment that a reader came
    database._give_back(readers[1])
    await asyncio.wait((early, late))
    assert early.cancelled()
    assert late.cancelled()
    assert len(database._free) == 2
    one, other = await asyncio.gather(database.read(ONE), database.read(ONE))
    assert one == other == [[(1,)]]


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
