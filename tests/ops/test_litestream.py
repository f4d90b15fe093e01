"""The disk is lost under load; Litestream's copy, brought back by `restore`, has all but the last moments."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from typing import Final

from tests.support.ground import Ground
from tests.support.layout import ROOT
from tests.support.servers import processes
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until

LITESTREAM: Final = str(Path(sys.executable).with_name("litestream"))
UNIT: Final = ROOT / "deploy/systemd/festival-push-litestream.service"
WITHIN_S: Final = 60.0


def start_copying(home: Path, log: Path) -> subprocess.Popen[bytes]:
    """Run what the shipped unit runs, as systemd fills it in, with the paths of this test."""
    (shipped,) = re.findall(r"^ExecStart=/usr/bin/litestream (.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    text = shipped.replace("/var/lib/festival-push", str(home)).replace(
        "${LITESTREAM_REPLICA_URL}", f"file://{home}/kept"
    )
    with log.open("ab") as file:
        return processes.start([LITESTREAM, *text.split()], log=file, env=dict(os.environ), cwd=home)


def head_of(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT position FROM log_head").fetchone()[0])
    finally:
        connection.close()


def lose(home: Path) -> None:
    """Delete the database and all that lies beside it."""
    for path in [*home.glob("festival.db*"), *home.glob(".festival.db*")]:
        if path.is_dir():
            rmtree(path)
        else:
            path.unlink()


def restored(home: Path, to: Path) -> bool:
    """Whether Litestream could bring back a database; it has none before its first copy."""
    to.unlink(missing_ok=True)
    done = subprocess.run(
        [LITESTREAM, "restore", "-o", str(to), f"file://{home}/kept"], capture_output=True, check=False
    )
    return done.returncode == 0


async def test_what_was_copied_before_the_disk_was_lost_comes_back_with_a_new_epoch(tmp_path: Path) -> None:
    server, look, copy = ServerProcess(tmp_path), tmp_path / "look.db", tmp_path / "copy.db"
    copying = start_copying(tmp_path, tmp_path / "litestream.log")  # before the server, as the units are ordered
    server.start()
    try:
        async with Ground([server]) as ground:
            anna = await ground.customer(funds=1000)
            committed = head_of(tmp_path / "festival.db")
            await until(
                lambda: restored(tmp_path, look) and head_of(look) >= committed, WITHIN_S, "the commit is in the copy"
            )
            for _ in range(20):
                await ground.top_up(anna, 100)  # some of these are lost
            server.kill()
    finally:
        processes.end(copying, signal.SIGKILL)
        server.kill()
    last = head_of(tmp_path / "festival.db")
    lose(tmp_path)
    assert restored(tmp_path, copy)
    assert committed <= head_of(copy) <= last
    assert "the log's epoch is" in server.command("restore", str(copy))
    with server:
        server.audit()
        async with Ground([server]) as ground:
            assert 1000 <= await ground.balance(anna) <= 3000
