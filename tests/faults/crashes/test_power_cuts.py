"""The power is cut at any moment: what was acknowledged is on the disk, in a database that is sound.

A server's writes and syncs are recorded. A disk keeps what was synced before the cut; of what was written since, any
part may be there or not.
"""

import asyncio
import random
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from tests.faults.conftest import Serve
from tests.faults.crashes.tracing import TRACEABLE, traced
from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground

ORDERS: Final = 12
NAMES: Final = ("festival.db", "festival.db-wal")
SECTOR: Final = 512
CUTS: Final = 100
_CALL: Final = re.compile(r"^(\d+\.\d+) (\w+)\(\d+<([^>]*)>(.*)\) += \d+$")
_WRITTEN: Final = re.compile(r', "([^"]*)", \d+, (\d+)')


class Call(NamedTuple):
    """One system call on one file that has ended well. Nothing has two at a time."""

    at_s: float
    name: str
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Disk:
    """What a disk holds for certain, and what was written since, by file."""

    kept: dict[str, bytearray]
    since: dict[str, list[Call]] = field(default_factory=lambda: {name: [] for name in NAMES})

    def take(self, call: Call) -> None:
        if call.name in {"fdatasync", "fsync"}:
            for written in self.since[call.file]:
                _write(self.kept[call.file], written)
            self.since[call.file].clear()
        else:
            self.since[call.file].append(call)

    def after_a_cut(self, folder: Path, dice: random.Random | None) -> Path:
        """Put its files into a folder, with a part of what was not synced if there is chance; the database."""
        for name in NAMES:
            content = bytearray(self.kept[name])
            for call in self.since[name]:
                if dice is not None and dice.random() < 0.5:
                    _write(content, call._replace(data=call.data[: dice.randrange(0, len(call.data) + SECTOR, SECTOR)]))
            (folder / name).write_bytes(content)
        (folder / "festival.db-shm").unlink(missing_ok=True)
        return folder / NAMES[0]


def _write(content: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        del content[call.offset :]
        return
    content.extend(bytes(max(0, call.offset + len(call.data) - len(content))))
    content[call.offset : call.offset + len(call.data)] = call.data


def calls(folder: Path) -> Iterator[Call]:
    """What strace has recorded: a file for each thread; in the order in which it happened."""
    lines = sorted(line for file in folder.glob("calls.*") for line in file.read_text().splitlines())
    for line in lines:
        if (found := _CALL.match(line)) is None:
            continue
        at, name, path, rest = found.groups()
        file = _bytes(path).decode().rpartition("/")[2]
        if file not in NAMES:
            continue
        if name == "pwrite64":
            written = _WRITTEN.fullmatch(rest)
            assert written is not None, line[:200]
            yield Call(float(at), name, file, int(written[2]), _bytes(written[1]))
        elif name == "ftruncate":
            yield Call(float(at), name, file, int(rest.removeprefix(", ")))
        else:
            yield Call(float(at), name, file)


def _bytes(text: str) -> bytes:
    """What strace has written as `\\x..` for each byte."""
    return bytes.fromhex(text.replace("\\x", ""))


def orders_in(database: Path) -> set[str]:
    """The orders of a database that must be sound."""
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = {str(order_id) for (order_id,) in connection.execute("SELECT order_id FROM orders")}
    connection.close()
    return found


async def test_what_was_acknowledged_is_on_the_disk(serve: Serve, tmp_path: Path, dice: random.Random) -> None:
    server = serve()
    await asyncio.to_thread(server.terminate)
    server.spoilt_by = TRACEABLE
    server.start()
    acknowledged: list[tuple[float, str]] = []
    recorded = ("-ff", "-ttt", "-y", "-xx", "-s", "100000", "-o", str(tmp_path / "calls"))
    async with Ground([server]) as ground:
        stall, anna = await ground.stall(prices={"water": 1}), await ground.customer(funds=1_000)
        with traced(server, tmp_path, *recorded, "-e", "trace=pwrite64,ftruncate,fdatasync,fsync"):
            disk = Disk({name: bytearray((server.home / name).read_bytes()) for name in NAMES})
            begin_s = time.time()
            for number in range(ORDERS):
                answer = await ground.order(anna, stall, key=f"thirst-{number}")
                acknowledged.append((time.time(), answer.json()["order"]["orderId"]))
    server.kill()

    after = tmp_path / "after"
    after.mkdir()
    happened = [call for call in calls(tmp_path) if call.at_s > begin_s]
    assert sum("sync" in call.name for call in happened) >= ORDERS
    cuts = {*dice.sample(range(len(happened)), k=min(CUTS, len(happened)))}
    for number, call in enumerate(happened):
        if number not in cuts and "sync" not in call.name:
            disk.take(call)
            continue
        sure = {order_id for at_s, order_id in acknowledged if at_s < call.at_s}
        for chance in (None, dice):
            database = disk.after_a_cut(after, chance)
            assert sure <= orders_in(database), f"cut before call {number}, {call.name} of {call.file}"
            if number % 10 == 0:
                assert broken_promises(await read_records(f"sqlite:///{database}")) == []
        disk.take(call)
    assert orders_in(disk.after_a_cut(after, None)) == {order_id for _, order_id in acknowledged}
