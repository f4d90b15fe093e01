"""A real server whose settings say another currency than its database's money."""

import sqlite3
from pathlib import Path

import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until_sync


def say(server: ServerProcess, code: str, digits: str = "-1") -> None:
    """Set the currency of the next start."""
    server.environ["FESTIVAL_PUSH_FESTIVAL__CURRENCY"] = code
    server.environ["FESTIVAL_PUSH_FESTIVAL__CURRENCY_DIGITS"] = digits


def refused(server: ServerProcess, *arguments: str) -> str:
    """What a command complains of that can't be done."""
    with pytest.raises(AssertionError) as complaint:
        server.command(*arguments)
    return str(complaint.value)


@pytest.mark.parametrize(("code", "digits"), [("JPY", "-1"), ("EUR", "0")])
async def test_it_does_not_start(serve: Serve, tmp_path: Path, code: str, digits: str) -> None:
    backup = tmp_path / "kept.db"
    async with Ground([serve()]) as ground:
        [server] = ground.servers
        anna = await ground.customer(funds=5_000)
        assert "amounts are in EUR with 2 digits after the point: at most 1000.00 EUR at once" in server.read_log()
        server.command("backup", str(backup))
        assert server.terminate() == 0
        say(server, code, digits)
        server.launch()
        until_sync(lambda: server.exit_code is not None, message="the server has ended")
        assert server.exit_code == 2
        assert "Traceback" not in server.read_log()
        assert "the money in this database is in EUR with 2 digits after the point" in server.read_log()
        assert "the money in this database is in EUR" in refused(server, "restore", str(backup))
        assert "50.00" in server.command("audit", "--report")
        assert anna.user_id in server.command("user", "list")
        server.command("user", "add", "admin", "Boss", "--id", "boss")  # moves no money: it goes by the database
        say(server, "EUR", "2")
        server.start()
        assert await ground.balance(anna) == 5_000


async def test_it_does_not_start_on_postgres(serve: Serve, postgres_url: str) -> None:
    async with Ground([serve(database_url=postgres_url)]) as ground:
        [server] = ground.servers
        anna = await ground.customer(funds=5_000)
        assert server.terminate() == 0
        say(server, "JPY")
        server.launch()
        until_sync(lambda: server.exit_code is not None, message="the server has ended")
        assert server.exit_code == 2
        assert "the money in this database is in EUR" in server.read_log()
        assert "the money in this database is in EUR" in refused(server, "restore", "--renew-epoch")
        say(server, "EUR")
        server.start()
        assert await ground.balance(anna) == 5_000


async def test_before_there_is_money_it_may_change_its_mind(serve: Serve) -> None:
    async with Ground([serve()]) as ground:
        [server] = ground.servers
        await ground.stall()
        assert server.terminate() == 0
        say(server, "KWD")
        server.start()
        anna = await ground.customer(funds=1_250)
        me = (await ground.get("/v1/me", who=anna)).json()
        assert (me["balance"], me["currency"], me["currencyDigits"]) == (1_250, "KWD", 3)
        with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as database:
            assert database.execute("SELECT currency, currency_digits FROM log_head").fetchall() == [("KWD", 3)]
        assert "prices were in EUR" in server.read_log()
