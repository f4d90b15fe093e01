"""The composition: what is connected to what, what is at work, and what the end of a core task means."""

import asyncio
import stat
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from festival_push import app
from festival_push.ops.at_work import at_work
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.settings import RedisSettings
from festival_push.store.errors import UnsafeDatabase
from tests.support.timing.waiting import until
from tests.web.world import Following, open_app, open_world, settings_of

CORE = {"committer", "broker", "tail", "sweeper", "watchdog", "metrics", "retention", "presence", "neighbours"}


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    return codes


@pytest.mark.parametrize("with_redis", [False, True])
async def test_everything_is_at_work(tmp_path: Path, redis_url: str, with_redis: bool) -> None:  # noqa: FBT001
    redis = RedisSettings(url=redis_url if with_redis else "")
    async with open_world(replace(settings_of(tmp_path), redis=redis)):
        named = {task.get_name() for task in asyncio.all_tasks()}
    assert named & (CORE | {"limits"}) == CORE | ({"limits"} if with_redis else set())


async def test_a_start_with_another_fee_is_a_deed_of_the_system(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with open_app(settings) as world:
        assert [deed async for deed in world.services.reads.all_deeds()] == []
    dearer = replace(settings, festival=replace(settings.festival, platform_fee_bp=900))
    for _ in range(2):  # the second start changes nothing
        async with open_app(dearer) as world:
            (deed,) = [deed async for deed in world.services.reads.all_deeds()]
            assert (deed.actor, deed.act, deed.after) == ("system", "change-settings", '{"platformFeeBp":900}')


async def test_a_core_task_that_dies_ends_the_process(exits: list[int]) -> None:
    async def work() -> None:
        raise OSError("broken")

    async with at_work("work", work()):
        await until(lambda: exits == [1])


async def test_a_core_task_that_fails_while_it_is_ended_does_not_cut_the_rest_short(exits: list[int]) -> None:
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("broken")

    async with at_work("work", work()):
        await asyncio.sleep(0)  # it begins
    await asyncio.sleep(0)
    assert exits == []


async def test_what_one_process_commits_reaches_the_streams_of_another_through_redis(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reads the log by itself once an hour here: nothing else can have brought it."""
    monkeypatch.setattr(app, "_POLL_S", 3600.0)
    settings = msgspec.structs.replace(settings_of(tmp_path), redis=RedisSettings(url=redis_url))
    async with open_world(settings) as one, open_app(settings) as two:
        here, there = one.services.broker, two.services.broker
        assert isinstance(here, RedisBroker)
        await until(lambda: here.healthy and there.healthy)
        published = here.published
        async with two.follow("/v1/stream", two.bearer("anna")) as phone:
            for orders in range(1, 4):  # one after the other: the first may be read with what was doubted at the start
                await one.place("anna", "sun", ayran=1)
                await paid(phone, orders)
        await until(lambda: here.published >= published + 3)


async def paid(phone: Following, orders: int) -> None:
    """Wait until the phone has been told that so many orders were paid."""
    await until(lambda: phone.events().count("balance-updated") == orders, message=f"{orders} payments are told")


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
async def test_a_database_that_others_could_read_is_closed_to_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ending: str
) -> None:
    settings = settings_of(tmp_path)
    file = settings.database.file
    assert file is not None
    async with app.open_store(settings):
        pass
    path = file.with_name(file.name + ending)
    path.touch()
    path.chmod(0o666)
    async with app.open_store(settings):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"others on this machine could read {path}" in caplog.text


async def test_a_database_that_stays_open_to_others_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    settings = settings_of(tmp_path)
    assert settings.database.file is not None
    settings.database.file.touch(0o666)
    settings.database.file.chmod(0o666)
    monkeypatch.setattr("os.chmod", refused)
    with pytest.raises(UnsafeDatabase, match="can read"):
        async with app.open_store(settings):
            pass
