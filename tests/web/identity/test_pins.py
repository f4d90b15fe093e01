"""PINs in their threads."""

import asyncio
import threading
from typing import Literal

import msgspec
import pytest
from argon2 import PasswordHasher

from festival_push.web.identity.pins import Pin, Pins, Turns, standard_hasher
from festival_push.web.parsing.problems import TooBusy
from tests.support.timing.waiting import until

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_a_pin_is_verified_and_another_is_not() -> None:
    pins = Pins(QUICK)
    kept = await pins.hash("1234", "a")
    assert await pins.verify(kept, "1234", "a")
    assert not await pins.verify(kept, "1235", "a")
    assert kept != await pins.hash("1234", "a")  # salted
    pins.close()


async def test_nobody_has_a_pin_but_the_same_work_is_done() -> None:
    counted: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # as in argon2
            counted.append("verify")
            return super().verify(hash, password)

    pins = Pins(Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not await pins.verify(None, "0000", "a")
    assert counted == ["verify"]
    pins.close()


async def settled() -> None:
    """Let every task go as far as it can by itself."""
    for _ in range(5):
        await asyncio.sleep(0)


class Line:
    """People who wait for one place, and who got it, in their order."""

    def __init__(self, *, each_max: int = 3, all_max: int = 100) -> None:
        self.turns = Turns(1, each_max=each_max, all_max=all_max)
        self.served: list[str] = []
        self.refused: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        """Each waits in the queue of its first letter; returns when all of them wait."""
        for name in names:
            self.tasks[name] = asyncio.create_task(self._wait(name))
            await settled()

    async def serve(self, times: int) -> None:
        """Give the place back, and let the next one have it."""
        for _ in range(times):
            self.turns.give_back()
            await settled()

    async def _wait(self, name: str) -> None:
        try:
            await self.turns.wait(name[0])
        except TooBusy:
            self.refused.append(name)
        else:
            self.served.append(name)


async def test_queues_are_served_in_turn() -> None:
    line = Line()
    await line.come("a1", "a2", "a3", "a4", "b1", "c1", "c2")
    await line.serve(6)
    assert line.served == ["a1", "a2", "b1", "c1", "a3", "c2", "a4"]
    await line.serve(1)
    await line.come("d1")
    assert line.served[-1] == "d1"


async def test_a_full_queue_fills_no_other() -> None:
    line = Line(each_max=2)
    await line.come("a1", "a2", "a3", "a4", "a5", "b1", "b2")
    assert line.refused == ["a4", "a5"]
    await line.serve(4)
    assert line.served == ["a1", "a2", "b1", "a3", "b2"]


async def test_when_all_is_full_the_newest_of_the_longest_queue_makes_room() -> None:
    line = Line(each_max=3, all_max=4)
    await line.come("a1", "a2", "a3", "a4", "b1", "c1")
    assert line.refused == ["a4"]
    await line.come("d1")  # the longest queue has two, one of them is enough for d
    assert line.refused == ["a4", "a3"]
    await line.come("e1")
    assert line.refused == ["a4", "a3", "e1"], "nobody has more than one by now"
    await line.serve(4)
    assert line.served == ["a1", "a2", "b1", "c1", "d1"]
    assert line.turns.waiting == 0


async def test_whoever_goes_away_makes_room_at_once() -> None:
    line = Line(each_max=2)
    await line.come("a1", "a2", "a3")
    line.tasks["a2"].cancel()
    await settled()
    await line.come("a4")
    assert (line.refused, line.turns.waiting) == ([], 2)
    line.tasks["a3"].cancel()
    line.turns.give_back()  # before a3 has noticed
    await settled()
    assert line.served == ["a1", "a4"]
    await line.come("b1", "c1")
    line.turns.give_back()
    line.tasks["b1"].cancel()  # with the place in hand
    await settled()
    assert line.served == ["a1", "a4", "c1"]


class Slow(PasswordHasher):
    """Hashes when it may, and tells how many it has begun."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.go.set()
        self.begun: list[str] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.begun.append(str(password))
        self.go.wait(60)
        return super().hash(password, salt=salt)


async def test_beyond_the_queue_it_is_busy_until_a_task_has_ended() -> None:
    hasher = Slow()
    pins = Pins(hasher, threads=1, each_max=1)
    hasher.go.clear()
    waiting = [asyncio.create_task(pins.hash("1234", "a")) for _ in range(2)]
    await until(lambda: pins.turns.waiting == 1)
    with pytest.raises(TooBusy) as caught:
        await pins.hash("1234", "a")
    assert caught.value.status == 503
    assert caught.value.headers["Retry-After"]
    waiting[0].cancel()  # it runs on, so its thread is not free
    await asyncio.gather(waiting[0], return_exceptions=True)
    with pytest.raises(TooBusy):
        await pins.hash("1234", "a")
    hasher.go.set()
    await waiting[1]
    await pins.hash("1234", "a")
    pins.close()


async def test_a_hundred_pins_of_one_address_let_another_in_at_its_turn() -> None:
    hasher = Slow()
    pins = Pins(hasher, threads=1, each_max=64)
    hasher.go.clear()
    flood = [asyncio.create_task(pins.hash("9999", "sign-in 203.0.113.7")) for _ in range(100)]
    await until(lambda: pins.turns.waiting == 64)
    other = asyncio.create_task(pins.hash("1234", "sign-in 203.0.113.8"))
    await until(lambda: pins.turns.waiting == 65)
    hasher.go.set()
    await other
    begun = [pin for pin in hasher.begun if pin in {"9999", "1234"}]
    assert begun.index("1234") == 2, "the one that was hashed already, and the first that waited"
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(outcome, TooBusy) for outcome in outcomes) == 35
    pins.close()


async def test_pins_that_wait_at_the_end_are_called_off() -> None:
    hasher = Slow()
    pins = Pins(hasher, threads=1)
    hasher.go.clear()
    running, waiting = (asyncio.create_task(pins.hash(pin, "a")) for pin in ("1111", "2222"))
    await until(lambda: pins.turns.waiting == 1)
    threading.Timer(0.0, hasher.go.set).start()
    pins.close()
    assert (await asyncio.gather(running, waiting, return_exceptions=True))[0].startswith("$argon2id$")  # type: ignore[union-attr]
    assert waiting.cancelled()
    assert "2222" not in hasher.begun


def test_the_standard_parameters_are_those_of_owasp() -> None:
    assert standard_hasher().hash("1234").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "1234\n", " 1234", "١٢٣٤", ""])
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(pin, Pin)


@pytest.mark.parametrize("pin", ["1234", "0000", "123456789012"])
def test_what_is_a_pin(pin: str) -> None:
    assert msgspec.convert(pin, Pin) == pin
