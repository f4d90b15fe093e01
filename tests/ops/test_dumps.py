"""A backup of PostgreSQL: whole or none, with no password where others can read it."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.ops.backup import BackupError
from festival_push.ops.dumps import dump_postgres, restore_postgres, without_password
from tests.support.servers.server import ServerProcess


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


def test_a_file_that_is_no_dump_changes_nothing(tmp_path: Path, postgres_url: str) -> None:
    server, wrong = ServerProcess(tmp_path, database_url=postgres_url), tmp_path / "wrong.dump"
    wrong.write_bytes(b"no dump")
    server.command("migrate")
    for file, said in (
        (wrong, "pg_restore failed: .*not appear to be a valid archive"),
        (tmp_path / "none", "no file"),
    ):
        with pytest.raises(BackupError, match=said):
            restore_postgres(postgres_url, file)
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
    url = f"postgresql://festival:{quote(password, safe='')}@db:5432,other:5433/festival?sslmode=require"
    assert without_password(url) == (
        "postgresql://festival@db:5432,other:5433/festival?sslmode=require",
        {"PGPASSWORD": password},
    )
    asked = f"postgresql://festival@/festival?host=/run&password={quote(password, safe='')}"
    assert without_password(asked) == ("postgresql://festival@/festival?host=%2Frun", {"PGPASSWORD": password})


def test_settings_of_the_session_become_options() -> None:
    shown, secrets = without_password("postgresql://db/festival?search_path=a b,public&options=-c jit=off")
    assert secrets == {}
    assert parse_qs(urlsplit(shown).query) == {"options": [r"-c jit=off -c search_path=a\ b,public"]}


def test_a_session_setting_is_understood_by_pg_dump(tmp_path: Path, postgres_url: str) -> None:
    joint = "&" if "?" in postgres_url else "?"
    dump_postgres(f"{postgres_url}{joint}search_path=public&jit=off", tmp_path / "kept.dump")
    assert (tmp_path / "kept.dump").stat().st_size > 0
