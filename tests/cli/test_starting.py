"""A server that can't start: one line that says what, where and what to do, and an exit code that a unit can use.

The table in `docs/operating.md` has these lines as they are said; only paths, ports and names are put in their place.
"""

import re
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from festival_push.cli import main
from festival_push.ops.advice import advised, is_lasting
from festival_push.store.errors import Unavailable
from tests.cli.test_cli import SECRET
from tests.support.layout import ROOT
from tests.support.servers.ports import free_port

FILE: Final = Path("/var/lib/festival-push/festival.db")
OPERATING: Final = (ROOT / "docs/operating.md").read_text("utf-8")
_BEGIN: Final = "| why it does not start | what it says | exit code |\n|---|---|---|\n"


class Start:
    """A festival's database that a server is about to open, and what it has said instead.

    Args:
        folder: Of the database and the settings.
    """

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        request: pytest.FixtureRequest,
    ) -> None:
        self.folder, self.database = folder, folder / "festival.db"
        self._monkeypatch, self._capsys, self.request = monkeypatch, capsys, request
        self._shown = {str(self.database): str(FILE), str(folder): str(FILE.parent)}

    def set(self, **variables: str) -> None:
        for name, text in variables.items():
            self._monkeypatch.setenv(name, text)

    def show(self, text: str, instead: str) -> str:
        """Let the table have another text than this machine."""
        self._shown[text] = instead
        return text

    def refused(self, *arguments: str) -> tuple[str, int]:
        """Start a server, which must say one line; return it as the table has it, and the exit code."""
        code = main(["serve", *arguments])
        printed = self._capsys.readouterr()
        assert not printed.out
        assert printed.err.startswith("festival-push: ")
        assert printed.err.count("\n") == 1
        line = printed.err.removeprefix("festival-push: ").rstrip("\n")
        for text, instead in self._shown.items():
            line = line.replace(text, instead)
        return line, code


@pytest.fixture
def start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Start:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("festival_push.cli.serve.configure_logs", lambda: None)  # it is for a whole process
    started = Start(tmp_path, monkeypatch, capsys, request)
    started.set(
        PORT="0",
        JWT_SECRET=SECRET,
        FESTIVAL_PUSH_SERVER__OPS_LISTEN="",
        DATABASE_URL=f"sqlite:///{tmp_path}/festival.db",
        FESTIVAL_PUSH_CONFIG=str(ROOT / "config.toml"),
    )
    assert main(["migrate"]) == 0
    capsys.readouterr()
    return started


def a_misspelt_setting(start: Start) -> tuple[str, int]:
    start.set(FESTIVAL_PUSH_SERVER_ENVIRONMENT="production")
    return start.refused()


def a_wrong_value(start: Start) -> tuple[str, int]:
    start.set(PORT="80x")
    return start.refused()


def an_unsafe_setting(start: Start) -> tuple[str, int]:
    start.set(FESTIVAL_PUSH_SERVER__ENVIRONMENT="production", JWT_SECRET="too-short")
    start.set(FESTIVAL_PUSH_SERVER__PUBLIC_URL="https://pay.festival.example")
    return start.refused()


def no_settings_file(start: Start) -> tuple[str, int]:
    return start.refused("--config", str(start.folder / "none.toml"))


def somebody_elses_settings_file(start: Start) -> tuple[str, int]:
    (start.folder / "config.toml").write_text('baseURL = "https://festival.example"\n')
    return start.refused("--config", str(start.folder / "config.toml"))


def a_broken_settings_file(start: Start) -> tuple[str, int]:
    (start.folder / "config.toml").write_text("[server\n")
    return start.refused("--config", str(start.folder / "config.toml"))


def no_secret_file(start: Start) -> tuple[str, int]:
    start.request.getfixturevalue("monkeypatch").delenv("JWT_SECRET")
    start.set(JWT_SECRET_FILE=start.show("/etc/none.jwt", "/etc/festival-push.jwt"))
    return start.refused()


def a_taken_port(start: Start) -> tuple[str, int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        start.set(PORT=start.show(str(taken.getsockname()[1]), "8000"))
        return start.refused()


def the_operators_port_taken(start: Start) -> tuple[str, int]:
    start.set(FESTIVAL_PUSH_SERVER__ENVIRONMENT="production")
    start.set(FESTIVAL_PUSH_SERVER__PUBLIC_URL="https://pay.festival.example")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = start.show(str(taken.getsockname()[1]), "9464")
        start.set(FESTIVAL_PUSH_SERVER__OPS_LISTEN=f"127.0.0.1:{port}")
        return start.refused()


def an_address_of_another_machine(start: Start) -> tuple[str, int]:
    start.set(FESTIVAL_PUSH_SERVER__HOST="192.0.2.1", PORT=start.show(str(free_port()), "8000"))
    return start.refused()


def a_folder_for_a_database(start: Start) -> tuple[str, int]:
    start.set(DATABASE_URL=f"sqlite:///{start.folder}")
    return start.refused()


def a_destroyed_header(start: Start) -> tuple[str, int]:
    with start.database.open("r+b") as file:
        file.write(b"no header any more")
    return start.refused()


def overwritten_pages(start: Start) -> tuple[str, int]:
    with start.database.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    return start.refused()


def a_newer_database(start: Start) -> tuple[str, int]:
    with sqlite3.connect(start.database) as connection:
        connection.execute("INSERT INTO schema_migrations (name) VALUES ('9999_future')")
    connection.close()
    return start.refused()


def as_if_said(text: str) -> tuple[str, int]:
    """What this machine can't do to a disk without its owner's rights; the commands print this."""
    error = Unavailable(text)
    return advised(error, FILE), 2 if is_lasting(error) else 3


def a_full_disk(_: Start) -> tuple[str, int]:
    return as_if_said("database or disk is full")


def a_disk_that_fails(_: Start) -> tuple[str, int]:
    return as_if_said("disk I/O error")


def a_file_of_somebody_else(_: Start) -> tuple[str, int]:
    return as_if_said("attempt to write a readonly database")


def postgres_away(start: Start) -> tuple[str, int]:
    start.set(DATABASE_URL=f"postgresql://festival@127.0.0.1:{start.show(str(free_port()), '5432')}/festival")
    return start.refused()


def postgres_silent(start: Start) -> tuple[str, int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        start.set(DATABASE_URL=f"postgresql://festival@127.0.0.1:{listening.getsockname()[1]}/festival")
        return start.refused()


def no_database_in_postgres(start: Start) -> tuple[str, int]:
    url: str = start.request.getfixturevalue("postgres_server").url(start.show("none_here", "festival"))
    start.set(DATABASE_URL=url)
    return start.refused()


ROWS: Final[dict[str, Callable[[Start], tuple[str, int]]]] = {
    "a misspelt setting": a_misspelt_setting,
    "a wrong value": a_wrong_value,
    "an unsafe setting, in production": an_unsafe_setting,
    "no such settings file": no_settings_file,
    "somebody else's settings file": somebody_elses_settings_file,
    "a settings file that can't be read": a_broken_settings_file,
    "a secret's file is missing": no_secret_file,
    "the port is taken": a_taken_port,
    "the operator's port is taken, in production": the_operators_port_taken,
    "an address that is not this machine's": an_address_of_another_machine,
    "a folder in the place of the database": a_folder_for_a_database,
    "a damaged database: its first page": a_destroyed_header,
    "a damaged database: other pages": overwritten_pages,
    "a database of a newer version": a_newer_database,
    "the database belongs to somebody else": a_file_of_somebody_else,
    "the disk is full": a_full_disk,
    "the disk fails": a_disk_that_fails,
    "PostgreSQL is away": postgres_away,
    "PostgreSQL does not answer": postgres_silent,
    "PostgreSQL has no such database": no_database_in_postgres,
}


def documented() -> dict[str, str]:
    """The rows of the table by their first cell."""
    table = OPERATING.partition(_BEGIN)[2].partition("\n\n")[0]
    return {row.split(" | ")[0].removeprefix("| "): row for row in table.splitlines()}


def test_the_table_has_these_rows_in_this_order() -> None:
    assert list(documented()) == list(ROWS)


@pytest.mark.parametrize("why", ROWS)
def test_a_server_that_cannot_start_says_the_line_of_the_table(start: Start, why: str) -> None:
    line, code = ROWS[why](start)
    assert documented().get(why) == f"| {why} | {line} | {code} |"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_away_is_worth_another_try(start: Start, workers: str) -> None:
    start.set(FESTIVAL_PUSH_SERVER__WORKERS=workers)
    line, code = postgres_away(start)
    assert re.search(r"5432.*is PostgreSQL running at that host and port\?$", line)
    assert code == 3
