"""PINs in their threads."""

import asyncio
import threading
from typing import Literal

import msgspec
import pytest
from argon2 import PasswordHasher

from festival_push.web.identity.pins import Pin, Pins, standard_hasher
from festival_push.web.parsing.problems import TooBusy
from tests.support.timing.waiting import until

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_a_pin_is_verified_and_another_is_not() -> None:
    pins = Pins(QUICK)
    kept = await pins.hash("1234")
    assert await pins.verify(kept, "1234")
    assert not await pins.verify(kept, "1235")
    assert kept != await pins.hash("1234")  # salted
    pins.close()


async def test_nobody_has_a_pin_but_the_same_work_is_done() -> None:
    counted: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # as in argon2
            counted.append("verify")
            return super().verify(hash, password)

    pins = Pins(Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not await pins.verify(None, "0000")
    assert counted == ["verify"]
    pins.close()


async def test_beyond_the_queue_it_is_busy_until_a_task_has_ended() -> None:
    go = threading.Event()

    class Slow(PasswordHasher):
        waits = False

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            if self.waits:
                go.wait(60)
            return super().hash(password, salt=salt)

    hasher = Slow(time_cost=1, memory_cost=8, parallelism=1)
    pins = Pins(hasher, threads=1, waiting_max=2)
    hasher.waits = True
    waiting = [asyncio.create_task(pins.hash("1234")) for _ in range(2)]
    await until(lambda: pins._waiting == 2)
    with pytest.raises(TooBusy) as caught:
        await pins.hash("1234")
    assert caught.value.status == 503
    assert caught.value.headers["Retry-After"]
    waiting[0].cancel()  # it runs on, so it still counts
    await asyncio.gather(waiting[0], return_exceptions=True)
    with pytest.raises(TooBusy):
        await pins.hash("1234")
    go.set()
    await waiting[1]
    await until(lambda: pins._waiting == 0)
    await pins.hash("1234")
    pins.close()


def test_the_standard_parameters_are_those_of_owasp() -> None:
    assert standard_hasher().hash("1234").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "1234\n", " 1234", "١٢٣٤", ""])
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(pin, Pin)


@pytest.mark.parametrize("pin", ["1234", "0000", "123456789012"])
def test_what_is_a_pin(pin: str) -> None:
    assert msgspec.convert(pin, Pin) == pin
