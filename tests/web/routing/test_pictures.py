"""Pictures: drawn once for all who ask, one stall after the other, and kept while there is room."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from festival_push.domain.values import VendorId
from festival_push.web.parsing.problems import TooBusy
from festival_push.web.routing.pictures import KEPT_BYTES_MAX, Picture, Pictures, draw
from tests.support.timing.waiting import until

SUN, MOON = VendorId("sun"), VendorId("moon")


class Pen:
    """Draws each picture when it may, and notes which."""

    def __init__(self, bytes_each: int = 10) -> None:
        self.may_draw = threading.Event()
        self.drawn: list[str] = []
        self.threads: set[int] = set()
        self._bytes_each = bytes_each

    def draw(self, picture: Picture) -> bytes:
        self.threads.add(threading.get_ident())
        self.drawn.append(picture.url)
        assert self.may_draw.wait(60)
        if picture.url == "broken":
            raise ValueError(picture.url)
        return picture.url.encode().ljust(self._bytes_each)


@contextmanager
def drawing(pen: Pen, *, waiting_max: int = 100, kept_bytes_max: int = 10_000) -> Iterator[Pictures]:
    pictures = Pictures(waiting_max=waiting_max, kept_bytes_max=kept_bytes_max, draw=pen.draw)
    try:
        yield pictures
    finally:
        pen.may_draw.set()
        pictures.close()


def ask(pictures: Pictures, url: str, stall: VendorId = SUN) -> asyncio.Task[bytes]:
    return asyncio.create_task(pictures.get(Picture(url, "svg"), stall=stall))


async def test_while_a_picture_is_drawn_the_loop_goes_on() -> None:
    pen = Pen()
    with drawing(pen) as pictures:
        asked = ask(pictures, "a")
        await until(lambda: pen.drawn)
        assert not asked.done()
        assert pen.threads.isdisjoint({threading.get_ident()})
        pen.may_draw.set()
        assert (await asked).startswith(b"a")


async def test_who_asks_for_the_same_waits_for_one_drawing_even_if_the_first_goes_away() -> None:
    pen = Pen()
    with drawing(pen) as pictures:
        first, *others = [ask(pictures, "a") for _ in range(50)]
        await until(lambda: pen.drawn)
        first.cancel()
        pen.may_draw.set()
        assert len({await each for each in others}) == 1
        await ask(pictures, "a")
        assert pen.drawn == ["a"]
        assert await asyncio.gather(first, return_exceptions=True)


async def test_stalls_are_served_in_turn_and_one_that_fills_its_queue_fills_no_others() -> None:
    pen = Pen()
    with drawing(pen, waiting_max=5) as pictures:
        crowd = [ask(pictures, "first")]
        await until(lambda: pen.drawn)
        crowd += [ask(pictures, f"sun-{number}") for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy) as refused:
            await ask(pictures, "sun-more")
        assert (refused.value.status, refused.value.code) == (503, "busy")
        assert refused.value.headers["Retry-After"]
        crowd += [ask(pictures, "sun-0"), *(ask(pictures, f"moon-{number}", MOON) for number in range(2))]
        await asyncio.sleep(0)
        pen.may_draw.set()
        await asyncio.gather(*crowd)
        assert pen.drawn == ["first", "sun-0", "moon-0", "sun-1", "moon-1", "sun-2", "sun-3", "sun-4"]
        await ask(pictures, "sun-more")


async def test_what_was_asked_for_last_is_kept_and_no_more_bytes_than_allowed() -> None:
    pen = Pen(bytes_each=99)
    pen.may_draw.set()
    with drawing(pen, kept_bytes_max=300) as pictures:  # three pictures, with an address of one byte each
        for url in ("a", "b", "c", "a", "d", "a", "b"):
            await ask(pictures, url)
        assert pen.drawn == ["a", "b", "c", "d", "b"], "the a stayed: somebody had asked for it again"
        assert pictures._kept_bytes == sum(len(url) + len(drawn) for (url, _), drawn in pictures._kept.items()) <= 300
        await pictures.get(Picture("a", "png"), stall=SUN)
        assert pen.drawn[-1] == "a", "the other kind is another picture"


async def test_a_picture_that_fails_fails_for_who_asked_for_it_and_no_other() -> None:
    pen = Pen()
    pen.may_draw.set()
    with drawing(pen) as pictures:
        broken, also_broken, fine = ask(pictures, "broken"), ask(pictures, "broken"), ask(pictures, "fine")
        outcomes = await asyncio.gather(broken, also_broken, fine, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [ValueError, ValueError, bytes]
        with pytest.raises(ValueError, match="broken"):
            await ask(pictures, "broken")


async def test_who_waits_at_the_end_is_not_left_waiting() -> None:
    pen = Pen()
    with drawing(pen) as pictures:
        asked = [ask(pictures, "a"), ask(pictures, "b")]
        await until(lambda: pen.drawn)
        pen.may_draw.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)


def test_a_whole_menu_in_both_kinds_is_kept() -> None:
    url = f"https://pay.festival.example/pay/?vendor={'v' * 12}&item={'i' * 20}"
    both = sum(len(url) + len(draw(Picture(url, kind))) for kind in ("svg", "png"))
    assert 300 * both < KEPT_BYTES_MAX / 5
