"""Back to a backup: clients that saw what came after it are told, get the truth, and miss nothing from there on."""

import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground, Person, Stall
from tests.support.servers import processes
from tests.support.servers.server import ServerProcess
from tests.support.wire.follower import Follower

DEBIAN_DIRS = "usr/lib/postgresql/*/bin"


class Drill:
    """One customer with an open page, from before the backup to after the restore."""

    def __init__(self, ground: Ground, anna: Person, stall: Stall, page: Follower) -> None:
        self.ground, self.anna, self.stall, self.page = ground, anna, stall, page

    @classmethod
    async def begin(cls, ground: Ground) -> "Drill":
        stall, anna = await ground.stall(), await ground.customer(funds=10_000)
        await ground.placed(anna, stall)
        return cls(ground, anna, stall, await Follower.from_now(ground.url(), anna.token))

    async def order_and_see(self) -> None:
        """Buy something; the page sees it arrive."""
        seen = len(self.page.frames)
        await self.ground.placed(self.anna, self.stall)
        await self.page.follow(self.ground.url(), done=lambda: len(self.page.frames) > seen)

    async def check_after_restore(self, balance: int) -> None:
        """The page comes back with a cursor of the log that is no more."""
        old_cursor, greetings = self.page.cursor, len(self.page.greetings)
        assert old_cursor is not None
        await self.page.follow(self.ground.url(), done=lambda: len(self.page.greetings) > greetings)
        greeting = self.page.greetings[-1]
        assert (greeting["resumed"], greeting["reason"]) == (False, "other-epoch")
        assert greeting["snapshot"]["balance"] == balance == await self.ground.balance(self.anna)
        assert len(greeting["snapshot"]["orders"]) == 1
        assert self.page.position < int(old_cursor.rpartition(".")[2])  # so positions will come again
        await self.order_and_see()
        await self.order_and_see()
        assert self.page.position >= int(old_cursor.rpartition(".")[2])
        positions = [frame.id for frame in self.page.frames]
        assert len(positions) == len(set(positions))


async def test_sqlite_back_to_a_backup(serve: Serve, tmp_path: Path) -> None:
    async with Ground([serve()]) as ground:
        server, backup = ground.servers[0], tmp_path / "kept.db"
        drill = await Drill.begin(ground)
        balance = await ground.balance(drill.anna)
        printed = server.command("backup", str(backup))  # beside the running server
        assert "every promise holds" in printed
        await drill.order_and_see()
        await drill.order_and_see()

        assert "a server uses it" in refused(server, "restore", str(backup))
        assert server.terminate() == 0
        assert "what was there before is" in server.command("restore", str(backup))
        server.start()
        await drill.check_after_restore(balance)
        server.audit()


@pytest.mark.parametrize("tools", ["ours", "its own"])
async def test_postgres_back_to_a_dump(serve: Serve, tmp_path: Path, postgres_url: str, tools: str) -> None:
    dump = tmp_path / "festival.dump"
    async with Ground([serve(database_url=postgres_url)]) as ground:
        server = ground.servers[0]
        drill = await Drill.begin(ground)
        balance = await ground.balance(drill.anna)
        if tools == "ours":
            server.command("backup", str(dump))
        else:
            run("pg_dump", "--format=custom", f"--file={dump}", postgres_url)
        await drill.order_and_see()
        await drill.order_and_see()

        assert "a server uses" in refused(server, "restore", str(dump))
        assert server.terminate() == 0
        if tools == "ours":
            assert "the log's epoch is" in server.command("restore", str(dump))
        else:
            how = ("--clean", "--if-exists", "--exit-on-error", "--no-owner")
            run("pg_restore", *how, f"--dbname={postgres_url}", str(dump))
            assert "the log's epoch is" in server.command("restore", "--renew-epoch")
        server.start()
        await drill.check_after_restore(balance)
        server.audit()


def run(program: str, *arguments: str) -> None:
    path = processes.find_program(program, package="postgresql", debian_dirs=DEBIAN_DIRS)
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def refused(server: ServerProcess, *arguments: str) -> str:
    """What one command complains of."""
    try:
        server.command(*arguments)
    except AssertionError as complaint:
        return str(complaint)
    raise AssertionError(f"{arguments} was done")
