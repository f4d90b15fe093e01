"""Disk, backups and audits: what the operator's `/metrics` says of them, read from a real server."""

import os
from pathlib import Path
from typing import Final

import httpx2
import pytest

from festival_push.ops.metrics.disk import Check, note_check, put_disk
from festival_push.ops.metrics.readings import Reading
from tests.support.servers.ports import free_port
from tests.support.servers.server import ServerProcess

CHECKS: Final = ("backup_timestamp_seconds", "audit_timestamp_seconds", "audit_held")


def reading_of(database: Path) -> dict[str, float]:
    reading = Reading()
    put_disk(reading, database)
    return {name: by_labels[()] for name, by_labels in reading.values.items()}


def test_what_was_never_done_is_absent_and_not_zero(tmp_path: Path) -> None:
    database = tmp_path / "festival.db"
    database.write_bytes(b"x" * 4096)
    found = reading_of(database)
    assert found["disk_free_bytes"] > 0
    assert found["database_bytes"] == 4096
    assert not found.keys() & {"wal_bytes", *CHECKS}


@pytest.mark.parametrize("held", [True, False])
def test_an_audit_is_told_with_its_result(tmp_path: Path, *, held: bool) -> None:
    database = tmp_path / "festival.db"
    note_check(database, Check.AUDIT, held=not held)
    note_check(database, Check.AUDIT, held=held)
    assert reading_of(database)["audit_held"] == held
    assert [path.name for path in tmp_path.iterdir()] == ["festival.db.last-audit"]


def test_a_note_that_cannot_be_kept_breaks_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note_check(tmp_path / "missing" / "festival.db", Check.BACKUP, held=True)
    assert "can't be noted" in capsys.readouterr().err


@pytest.mark.parametrize("harm", [b"", b"hel", b"\xff\xfe"])
def test_a_note_that_is_cut_short_does_not_say_that_all_is_well(tmp_path: Path, harm: bytes) -> None:
    (tmp_path / "festival.db.last-audit").write_bytes(harm)
    assert reading_of(tmp_path / "festival.db").get("audit_held", 0) == 0


def test_the_server_can_read_a_note_of_somebody_with_a_strict_umask(tmp_path: Path) -> None:
    """Root, as often as not; the folder is closed to all others anyway."""
    before = os.umask(0o077)
    try:
        note_check(tmp_path / "festival.db", Check.AUDIT, held=True)
    finally:
        os.umask(before)
    assert (tmp_path / "festival.db.last-audit").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_running_server_tells_of_backups_and_audits_that_others_made(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    operator = f"127.0.0.1:{free_port()}"
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else None
    of_kind = {"disk_free_bytes", "wal_bytes"} if kind == "sqlite" else {"old_heads"}
    with ServerProcess(tmp_path, database_url=url, settings={"SERVER__OPS_LISTEN": operator}) as server:

        def told() -> set[str]:
            text = httpx2.get(f"http://{operator}/metrics").raise_for_status().text
            return {line.split()[0].removeprefix("festival_push_") for line in text.splitlines() if line[0] != "#"}

        assert {*of_kind, "database_bytes", "open_files_ratio"} <= told()
        assert not told() & set(CHECKS)
        server.command("audit")
        server.command("backup", str(tmp_path / "kept.db"))
        assert set(CHECKS) <= told()
