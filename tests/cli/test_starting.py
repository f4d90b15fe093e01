"""A server that can't start: one line that says what, where and what to do, and an exit code that a unit can use."""

import sqlite3
from pathlib import Path

import pytest

from festival_push.cli import main
from tests.cli.test_cli import SECRET
from tests.support.servers.ports import free_port


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An empty festival's database, which the environment names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("festival_push.cli.serve.configure_logs", lambda: None)  # it is for a whole process
    for name, text in {
        "PORT": "0",
        "JWT_SECRET": SECRET,
        "FESTIVAL_PUSH_SERVER__OPS_LISTEN": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/festival.db",
        "FESTIVAL_PUSH_CONFIG": "",
    }.items():
        monkeypatch.setenv(name, text)
    assert main(["migrate"]) == 0
    capsys.readouterr()
    return tmp_path / "festival.db"


def refusal(capsys: pytest.CaptureFixture[str], code: int) -> str:
    """Start a server, which must end with this code; return the one line that it says."""
    assert main(["serve"]) == code
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.startswith("festival-push: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_a_destroyed_header(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with database.open("r+b") as file:
        file.write(b"no header any more")
    line = refusal(capsys, 2)
    assert str(database) in line
    assert "restore` the newest backup" in line


def test_overwritten_pages(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with database.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    line = refusal(capsys, 2)
    assert str(database) in line
    assert "restore` the newest backup" in line


def test_a_newer_version(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO schema_migrations (name) VALUES ('9999_future')")
    connection.close()
    assert "it has 9999_future: start that newer version" in refusal(capsys, 2)


def test_a_folder_in_the_place_of_the_file(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database.parent}")
    assert "name a file in it" in refusal(capsys, 2)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_away_is_worth_another_try(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    port = free_port()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{port}/festival")
    monkeypatch.setenv("FESTIVAL_PUSH_SERVER__WORKERS", workers)
    line = refusal(capsys, 3)
    assert str(port) in line
    assert "is PostgreSQL running at that host and port?" in line


def test_a_setting_that_is_none(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FESTIVAL_PUSH_SERVER_ENVIRONMENT", "production")
    assert "did you mean FESTIVAL_PUSH_SERVER__ENVIRONMENT?" in refusal(capsys, 2)
