"""Backups are whole or are none; a restore changes nothing unless everything is as it should be."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from festival_push.domain.money.amounts import currency_of
from festival_push.ops.backups import backup as module
from festival_push.ops.backups.backup import BackupError, Restored, back_up, restore
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.support.servers.sqlite import opened
from tests.web.world import World, open_world, settings_of

EUR: Final = currency_of("EUR")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder of backups."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A running festival."""
    (tmp_path / "live").mkdir()
    async with open_world(settings_of(tmp_path / "live")) as opened:
        await opened.place("anna", "sun", ayran=1)
        yield opened


@pytest.fixture
def live(world: World) -> Path:
    """Its database."""
    file = world.services.settings.database.file
    assert file is not None
    return file


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def select(file: Path, sql: str) -> object:
    with opened(file) as connection:
        return connection.execute(sql).fetchone()[0]


async def test_a_backup_is_one_private_file_as_of_one_moment(world: World, live: Path, kept: Path) -> None:
    backing = asyncio.create_task(back_up(live, kept / "one.db"))
    orders = 1
    while not backing.done():  # the server works on
        await world.place("anna", "sun", ayran=1)
        orders += 1
    head = await backing
    assert names_in(kept) == {"one.db"}
    assert (kept / "one.db").stat().st_mode & 0o777 == 0o600
    assert 1 <= int(str(select(kept / "one.db", "SELECT COUNT(*) FROM orders"))) <= orders
    assert select(kept / "one.db", "SELECT MAX(position) FROM event_log") == head.position


async def test_a_backup_has_the_chain_of_deeds(world: World, live: Path, kept: Path) -> None:
    await back_up(live, kept / "one.db")
    chain = "SELECT group_concat(hash) FROM (SELECT hash FROM deeds ORDER BY seq)"
    assert select(kept / "one.db", chain) == select(live, chain)
    assert select(kept / "one.db", "SELECT deed_seq FROM log_head") == select(live, "SELECT MAX(seq) FROM deeds")


async def test_an_edited_deed_is_no_sound_backup(live: Path, kept: Path, world: World) -> None:
    del world
    with opened(live) as connection:
        connection.execute("DROP TRIGGER deeds_stay")
        connection.execute("UPDATE deeds SET actor = 'user:anna' WHERE seq = 1")
        connection.commit()
    with pytest.raises(BackupError, match="Deed 1 is not what its hash was made of"):
        await back_up(live, kept / "one.db")
    assert names_in(kept) == {"one.db.unsound"}


async def test_an_older_backup_is_not_overwritten(live: Path, kept: Path) -> None:
    (kept / "one.db").write_bytes(b"precious")
    with pytest.raises(BackupError, match="exists already"):
        await back_up(live, kept / "one.db")
    assert (kept / "one.db").read_bytes() == b"precious"


async def test_a_copy_that_breaks_a_promise_is_no_backup(live: Path, kept: Path) -> None:
    with opened(live) as connection:
        connection.execute("UPDATE accounts SET balance = balance + 1 WHERE account_id = 'user:anna'")
    with pytest.raises(BackupError, match=r"every promise: .* kept as .*one\.db\.unsound"):
        await back_up(live, kept / "one.db")
    assert names_in(kept) == {"one.db.unsound"}
    assert (kept / "one.db.unsound").stat().st_mode & 0o777 == 0o600
    assert select(kept / "one.db.unsound", "SELECT COUNT(*) FROM orders") == 1
    with pytest.raises(BackupError, match="exists already"):
        await back_up(live, kept / "one.db")


async def test_a_fact_about_the_past_takes_no_backup_and_no_restore_away(live: Path, kept: Path) -> None:
    with opened(live) as connection:
        connection.execute("DROP TRIGGER transfers_stay")
        connection.execute("UPDATE transfers SET actor = 'user:nobody' WHERE seq = 1")
    await back_up(live, kept / "one.db")
    assert names_in(kept) == {"one.db"}
    target = kept / "festival.db"
    assert isinstance(await restore(kept / "one.db", target, stamp="now", currency=EUR), Restored)


async def test_nothing_can_be_kept_of_nothing(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await back_up(tmp_path / "none.db", kept / "one.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(BackupError, match="empty"):
        await back_up(tmp_path / "empty.db", kept / "one.db")
    (tmp_path / "text.db").write_text("no database, but long enough to be looked at " * 100)
    with pytest.raises(Unavailable, match="not a database"):
        await back_up(tmp_path / "text.db", kept / "one.db")
    assert names_in(kept) == set()


async def test_a_database_of_another_version_is_said_to_be_one(live: Path, kept: Path) -> None:
    with opened(live) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE name = '0008_paces'")
    with pytest.raises(UnsafeDatabase, match="older than this program: it lacks 0008_paces"):
        await back_up(live, kept / "one.db")
    assert names_in(kept) == set()


async def test_a_running_server_is_not_pulled_the_rug(live: Path, kept: Path) -> None:
    await back_up(live, kept / "one.db")
    before = names_in(live.parent)
    with pytest.raises(Unavailable, match="a server uses it"):
        await restore(kept / "one.db", live, stamp="now", currency=EUR)
    assert names_in(live.parent) - {"festival-push"} == before


async def at_rest(folder: Path) -> Path:
    """A festival's database that nobody has open."""
    file = folder / "at_rest.db"
    database = await open_database(f"sqlite:///{file}")
    await migrate(database)
    await database.close()
    return file


async def test_a_restore_renews_the_epoch_and_keeps_what_was_there(live: Path, kept: Path, tmp_path: Path) -> None:
    head = await back_up(live, kept / "one.db")
    file = await at_rest(tmp_path)
    old_epoch = select(file, "SELECT epoch FROM log_head")
    restored = await restore(kept / "one.db", file, stamp="now", currency=EUR)
    assert restored.head.position == head.position
    assert restored.head.epoch not in {head.epoch, old_epoch}
    assert file.stat().st_mode & 0o777 == 0o600
    assert restored.aside is not None
    assert select(restored.aside, "SELECT epoch FROM log_head") == old_epoch
    database = await open_database(f"sqlite:///{file}")
    assert await EventLog(database).head() == restored.head
    await database.close()
    assert select(kept / "one.db", "SELECT epoch FROM log_head") == head.epoch  # the backup is as it was
    assert not [name for name in names_in(tmp_path) if name.startswith(".festival-push")]


async def test_a_restore_needs_no_database_to_replace(live: Path, kept: Path, tmp_path: Path) -> None:
    await back_up(live, kept / "one.db")
    restored = await restore(kept / "one.db", tmp_path / "new.db", stamp="now", currency=EUR)
    assert restored == Restored(restored.head, None)
    assert select(tmp_path / "new.db", "SELECT COUNT(*) FROM orders") == 1


async def test_a_damaged_database_is_kept_with_its_log(live: Path, kept: Path, tmp_path: Path) -> None:
    await back_up(live, kept / "one.db")
    file = tmp_path / "damaged.db"
    file.write_bytes(b"\0" * 8192)
    (tmp_path / "damaged.db-wal").write_bytes(b"the newest commits, perhaps")
    restored = await restore(kept / "one.db", file, stamp="now", currency=EUR)
    assert restored.aside is not None
    assert restored.aside.read_bytes() == b"\0" * 8192
    assert (tmp_path / "damaged.db.before-now-wal").read_bytes() == b"the newest commits, perhaps"
    assert select(file, "SELECT COUNT(*) FROM orders") == 1


async def test_a_log_whose_database_is_gone_is_not_played_into_the_new_one(
    live: Path, kept: Path, tmp_path: Path
) -> None:
    await back_up(live, kept / "one.db")
    file = tmp_path / "gone.db"
    orphan = live.with_name(live.name + "-wal").read_bytes()
    assert orphan
    (tmp_path / "gone.db-wal").write_bytes(orphan)  # the operator has moved the file alone
    restored = await restore(kept / "one.db", file, stamp="now", currency=EUR)
    assert select(file, "SELECT epoch FROM log_head") == restored.head.epoch
    assert (tmp_path / "gone.db.before-now-wal").read_bytes() == orphan


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("text", " is damaged, or no database: restore another one; nothing has changed$"),
        ("torn", " is damaged, or no database: restore another one; nothing has changed$"),
        ("folder", " is a folder, and no backup$"),
        ("other", " is no backup of a festival$"),
        ("money", " does not keep every promise: "),
        ("newer", ": the database is newer than this program: it has 9999_future$"),
        ("currency", ": the money in this database is in JPY with "),
    ],
)
async def test_a_bad_backup_is_named_and_changes_nothing(
    live: Path, kept: Path, tmp_path: Path, harm: str, said: str
) -> None:
    bad = kept / "bad.db"
    await back_up(live, bad)
    if harm == "text":
        bad.write_text("no database, but long enough to be looked at " * 100)
    elif harm == "folder":
        bad.unlink()
        bad.mkdir()
    elif harm == "torn":
        bad.write_bytes(bad.read_bytes()[: bad.stat().st_size // 2])
    else:
        harms = {
            "other": "DROP TABLE schema_migrations",
            "money": "UPDATE accounts SET balance = balance + 1 WHERE account_id = 'user:anna'",
            "newer": "INSERT INTO schema_migrations (name) VALUES ('9999_future')",
            "currency": "UPDATE log_head SET currency = 'JPY', currency_digits = 0",
        }
        with opened(bad) as connection:
            connection.execute(harms[harm])
    file = await at_rest(tmp_path)
    before, names = file.read_bytes(), names_in(tmp_path)
    with pytest.raises(BackupError, match=f"^{bad}{said}"):
        await restore(bad, file, stamp="now", currency=EUR)
    assert file.read_bytes() == before
    assert names_in(tmp_path) == names


async def test_a_restore_that_fails_half_way_leaves_the_old_one(
    live: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(live, kept / "one.db")
    file = await at_rest(tmp_path)
    before = file.read_bytes()
    monkeypatch.setattr(module, "seal_sqlite", _disk_is_full)
    with pytest.raises(OSError, match="No space"):
        await restore(kept / "one.db", file, stamp="now", currency=EUR)
    assert file.read_bytes() == before


async def test_nobody_opens_a_database_while_it_is_restored(
    live: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(live, kept / "one.db")
    file = await at_rest(tmp_path)
    found = []

    def open_meanwhile(copy: Path) -> None:
        del copy
        try:
            asyncio.run(open_database(f"sqlite:///{file}"))
        except Unavailable as error:
            found.append(str(error))

    monkeypatch.setattr(module, "seal_sqlite", open_meanwhile)
    await restore(kept / "one.db", file, stamp="now", currency=EUR)
    assert "it is being restored" in found[0]


async def test_what_is_somebody_elses_is_left_alone(
    live: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(live, kept / "one.db")
    file = await at_rest(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(BackupError, match="another user"):
        await restore(kept / "one.db", file, stamp="now", currency=EUR)


def _disk_is_full(_: Path) -> None:
    raise OSError(28, "No space left on device")
