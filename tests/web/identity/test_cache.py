"""What is remembered for a moment."""

import asyncio

from festival_push.web.identity.cache import Cache
from tests.support.timing.waiting import until


class Source:
    """Values by name, and how often each was read; a read can be held back."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {"a": 1, "b": 2, "c": 3}
        self.reads: list[str] = []
        self.now_s = 0.0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, key: str) -> int | None:
        self.reads.append(key)
        value = self.values.get(key)
        await self.gate.wait()
        return value

    def cache(self, size_max: int = 10) -> Cache[str, int]:
        return Cache(self.read, ttl_s=5.0, size_max=size_max, clock_s=lambda: self.now_s)


async def test_a_value_is_read_once_until_it_is_too_old() -> None:
    source = Source()
    cache = source.cache()
    assert [await cache.get("a"), await cache.get("a")] == [1, 1]
    assert source.reads == ["a"]
    source.now_s = 5.0
    await cache.get("a")
    assert source.reads == ["a", "a"]


async def test_a_miss_is_not_kept() -> None:
    source = Source()
    cache = source.cache()
    assert await cache.get("x") is None
    source.values["x"] = 9
    assert await cache.get("x") == 9


async def test_what_is_forgotten_is_read_again() -> None:
    source = Source()
    cache = source.cache()
    await cache.get("a")
    source.values["a"] = 7
    cache.forget("a")
    assert await cache.get("a") == 7


async def test_a_read_that_was_overtaken_by_a_change_is_not_kept() -> None:
    source = Source()
    cache = source.cache()
    source.gate.clear()
    reading = asyncio.create_task(cache.get("a"))
    await until(lambda: source.reads)
    source.values["a"] = 7
    cache.forget("a")
    source.gate.set()
    await reading
    assert await cache.get("a") == 7


async def test_the_size_is_bounded() -> None:
    source = Source()
    cache = source.cache(size_max=2)
    for key in ("a", "b", "c", "a"):
        await cache.get(key)
    assert source.reads == ["a", "b", "c", "a"]


async def test_what_is_dropped_is_read_again_and_disturbs_nobody_who_reads() -> None:
    source = Source()
    cache = source.cache()
    await cache.get("a")
    source.gate.clear()
    reading = asyncio.create_task(cache.get("b"))
    await until(lambda: source.reads == ["a", "b"])
    cache.drop("a")
    source.gate.set()
    assert [await reading, await cache.get("b"), await cache.get("a")] == [2, 2, 1]
    assert source.reads == ["a", "b", "a"]


async def test_whatever_is_out_of_date_is_forgotten_and_not_kept_by_a_read_that_had_begun() -> None:
    source = Source()
    cache = source.cache()
    for key in "abc":
        await cache.get(key)
    began = cache.begin()
    cache.forget_where(lambda value: value > 1)
    assert [cache.known(key) for key in "abc"] == [1, None, None]
    cache.keep("b", 2, began)
    assert cache.known("b") is None
