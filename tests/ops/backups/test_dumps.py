"""A backup of PostgreSQL: whole or none, with no password where others can read it."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.ops.backups.backup import BackupError
from festival_push.ops.backups.dumps import dump_postgres, restore_postgres, without_password
from festival_push.store.currency import keep_currency
from festival_push.store.migrations import runner
from festival_push.store.migrations.scripts import read_migrations
from festival_push.store.opening import open_database
from tests.store.world import PRICE, RULES, lawful_world
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.server import ServerProcess
from tests.support.servers.standby import Standby


@pytest.fixture
def followed() -> Iterator[PostgresServer]:
    """A primary that nobody else uses."""
    with PostgresServer() as server:
        yield server


def as_next(patch: pytest.MonkeyPatch, script: str) -> None:
    """Let this program be the next version, which has one migration more."""
    scripts = {**read_migrations("postgres"), "9999_next": script}
    patch.setattr(runner, "read_migrations", lambda _: scripts)


async def brought_up(url: str) -> list[str]:
    """Bring a database to this version. Return the migrations that it took."""
    database = await open_database(url)
    try:
        return await runner.migrate(database)
    finally:
        await database.close()


async def applied(url: str) -> set[str]:
    """The migrations that a database has."""
    database = await open_database(url, read_only=True)
    try:
        return await runner.applied_migrations(database)
    finally:
        await database.close()


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


async def test_a_backup_is_for_its_owner_alone_and_no_restore_pulls_the_books_from_under_a_server(
    tmp_path: Path, postgres_url: str
) -> None:
    kept = tmp_path / "kept.dump"
    with ServerProcess(tmp_path, database_url=postgres_url) as server:
        assert "can read all of it" in server.command("backup", str(kept))
        assert kept.stat().st_mode & 0o777 == 0o600
        with pytest.raises(AssertionError, match="a server uses the database: stop that first"):
            server.command("restore", str(kept))
        server.audit()


async def test_no_restore_waits_for_a_forgotten_session(tmp_path: Path, migrated_postgres_url: str) -> None:
    server, kept = ServerProcess(tmp_path, database_url=migrated_postgres_url), tmp_path / "kept.dump"
    dump_postgres(migrated_postgres_url, kept)
    forgotten = await asyncpg.connect(migrated_postgres_url, server_settings={"application_name": "report"})
    async with forgotten.transaction():
        await forgotten.fetch("SELECT * FROM users")
        said = rf"process {forgotten.get_server_pid()} \(report, idle in transaction\): end that first"
        with pytest.raises(AssertionError, match=said):
            await asyncio.to_thread(server.command, "restore", str(kept))
    await asyncio.to_thread(server.command, "restore", str(kept))
    await forgotten.close()


def test_a_file_that_is_no_dump_changes_nothing(tmp_path: Path, postgres_url: str) -> None:
    server, wrong = ServerProcess(tmp_path, database_url=postgres_url), tmp_path / "wrong.dump"
    wrong.write_bytes(b"no dump")
    server.command("migrate")
    for file, said in (
        (wrong, "pg_restore failed: .*not appear to be a valid archive"),
        (tmp_path / "none", "no file"),
    ):
        with pytest.raises(BackupError, match=said):
            restore_postgres(postgres_url, file, applied=())
    server.audit()


async def test_a_backup_of_before_an_upgrade_goes_into_an_empty_database_alone(
    tmp_path: Path, postgres_server: PostgresServer, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pg_restore` would leave the newer tables where they are, and no program could bring that to any version."""
    kept = tmp_path / "kept.dump"
    dump_postgres(migrated_postgres_url, kept)
    as_next(monkeypatch, "CREATE TABLE tents (name TEXT PRIMARY KEY);")
    assert (await brought_up(migrated_postgres_url))[-1:] == ["9999_next"]
    with pytest.raises(BackupError, match=r"of an older version .* has 9999_next: restore it into an empty database"):
        restore_postgres(migrated_postgres_url, kept, applied=await applied(migrated_postgres_url))
    assert postgres_server.execute("SELECT count(*) FROM tents", database=name_of(migrated_postgres_url)) == "0"
    with postgres_server.database() as empty:
        restore_postgres(empty, kept, applied=await applied(empty))
        assert await brought_up(empty) == ["9999_next"]
        assert await applied(empty) == await applied(migrated_postgres_url)


@pytest.mark.parametrize(("first", "said"), [("", "newer than this program: it has 9999_next"), ("-- additive\n", "")])
async def test_a_backup_of_a_newer_version_is_for_that_one(
    tmp_path: Path, postgres_server: PostgresServer, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch,
    first: str, said: str,
) -> None:  # fmt: skip
    """Unless the version before may run beside it."""
    kept = tmp_path / "kept.dump"
    with monkeypatch.context() as patch, postgres_server.database() as newer:
        as_next(patch, f"{first}CREATE TABLE tents (name TEXT PRIMARY KEY);")
        await brought_up(newer)
        dump_postgres(newer, kept)
    before = await applied(migrated_postgres_url)
    with nullcontext() if not said else pytest.raises(BackupError, match=said):
        restore_postgres(migrated_postgres_url, kept, applied=before)
    assert await applied(migrated_postgres_url) == (before if said else before | {"9999_next"})


def test_a_dump_of_something_else_is_refused(
    tmp_path: Path, postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    kept = tmp_path / "kept.dump"
    with postgres_server.database() as other:
        postgres_server.execute("CREATE TABLE guests (name TEXT)", database=name_of(other))
        dump_postgres(other, kept)
    with pytest.raises(BackupError, match=r"kept\.dump holds no festival"):
        restore_postgres(migrated_postgres_url, kept, applied=())


async def test_a_restore_that_ends_half_way_says_what_is_left_to_do(
    tmp_path: Path, postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    kept = tmp_path / "kept.dump"
    database = await open_database(migrated_postgres_url)
    async with lawful_world(database, money=PRICE):
        await keep_currency(database, RULES.currency)
    await database.close()
    dump_postgres(migrated_postgres_url, kept)
    with postgres_server.database() as empty:
        server = ServerProcess(tmp_path, database_url=empty, settings={"FESTIVAL__CURRENCY": "JPY"})
        with pytest.raises(
            AssertionError, match=r"is in the database, but .* JPY.* `festival-push restore --renew-epoch`"
        ):
            server.command("restore", str(kept))
        server.environ["FESTIVAL_PUSH_FESTIVAL__CURRENCY"] = RULES.currency.code
        assert "the log's epoch is" in server.command("restore", "--renew-epoch")
        server.audit()


def test_what_exists_is_never_written_over(tmp_path: Path, postgres_url: str) -> None:
    kept = tmp_path / "kept.dump"
    kept.write_text("of yesterday")
    with pytest.raises(BackupError, match="exists already"):
        dump_postgres(postgres_url, kept)
    assert kept.read_text() == "of yesterday"
    with pytest.raises(BackupError, match="there is no folder"):
        dump_postgres(postgres_url, tmp_path / "none" / "kept.dump")


def test_a_dump_that_fails_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^pg_dump failed: .*127\.0\.0\.1.*refused"):
        dump_postgres("postgresql://festival:hidden@127.0.0.1:1/festival", tmp_path / "kept.dump")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is missing: install"):
        dump_postgres("postgresql://festival@127.0.0.1:1/festival", tmp_path / "kept.dump")


@given(st.text("ab%:/@ é", min_size=1, max_size=8))
def test_no_password_is_an_argument(password: str) -> None:
    url = f"postgresql://festival:{quote(password, safe='')}@db:5432/festival?sslmode=require"
    assert without_password(url) == ("postgresql://festival@db:5432/festival?sslmode=require", {"PGPASSWORD": password})
    asked = f"postgresql://festival@/festival?host=/run&password={quote(password, safe='')}"
    assert without_password(asked) == ("postgresql://festival@/festival?host=%2Frun", {"PGPASSWORD": password})


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://festival@db:5432,other:5433/festival", "read-write"),
        ("postgresql:///festival?host=db,other&target_session_attrs=any", "read-write"),
        ("postgresql://db,other/festival?target_session_attrs=primary", "primary"),
        ("postgresql://db/festival?target_session_attrs=primary", "primary"),
        ("postgresql://standby/festival", None),
    ],
)
def test_of_several_hosts_the_primary_is_meant(url: str, kind: str | None) -> None:
    asked = parse_qs(urlsplit(without_password(url)[0]).query)
    assert asked.get("target_session_attrs") == (kind and [kind])


def test_a_standby_that_is_named_first_is_neither_dumped_nor_restored_to(
    tmp_path: Path, followed: PostgresServer
) -> None:
    """It lacks the last sales, and takes no writes."""
    url, kept = followed.migrated(), tmp_path / "kept.dump"
    with Standby(followed) as standby:
        standby.catch_up()
        standby.pause()
        followed.execute("UPDATE log_head SET position = 42", database=name_of(url))
        several = url.replace("@", f"@127.0.0.1:{standby.port},")
        dump_postgres(several, kept)
        followed.execute("UPDATE log_head SET position = 43", database=name_of(url))
        restore_postgres(several, kept, applied=())
    assert followed.execute("SELECT position FROM log_head", database=name_of(url)) == "42"


def test_settings_of_the_session_become_options() -> None:
    shown, secrets = without_password("postgresql://db/festival?search_path=a b,public&options=-c jit=off")
    assert secrets == {}
    assert parse_qs(urlsplit(shown).query) == {"options": [r"-c jit=off -c search_path=a\ b,public"]}


@pytest.mark.parametrize("word", ["dbname", "database"])
def test_both_of_the_drivers_names_for_the_database_are_understood(
    tmp_path: Path, postgres_url: str, word: str
) -> None:
    server, _, name = postgres_url.rpartition("/")
    url = f"{server}?{word}={name}"
    assert parse_qs(urlsplit(without_password(url)[0]).query) == {"dbname": [name]}
    dump_postgres(url, tmp_path / "kept.dump")


def test_a_session_setting_is_understood_by_pg_dump(tmp_path: Path, postgres_url: str) -> None:
    joint = "&" if "?" in postgres_url else "?"
    dump_postgres(f"{postgres_url}{joint}search_path=public&jit=off", tmp_path / "kept.dump")
    assert (tmp_path / "kept.dump").stat().st_size > 0
