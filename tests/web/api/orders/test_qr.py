"""QR codes of menu items, as a camera reads them."""

import asyncio
import threading

import pytest

from festival_push.web.routing import pictures
from festival_push.web.routing.pictures import Picture
from tests.support.qr import read_png, read_svg
from tests.support.timing.waiting import until
from tests.web.world import BASE_URL, World, problem_of


async def test_an_items_qr_codes_lead_to_its_page(world: World) -> None:
    png, svg = [await world.get("sun", f"/v1/menu/ayran/qr.{kind}") for kind in ("png", "svg")]
    assert (png.headers["content-type"], svg.headers["content-type"]) == ("image/png", "image/svg+xml")
    assert read_png(png.content) == read_svg(svg.content) == f"{BASE_URL}/pay/?vendor=sun&item=ayran"


async def test_only_an_item_of_a_menu_has_one(world: World) -> None:
    await world.http.delete("/v1/menu/ayran", headers=world.bearer("sun"))
    for path in ("/v1/menu/ayran/qr.svg", "/v1/menu/none/qr.png", "/v1/menu/%00/qr.svg"):
        problem_of(await world.get("sun", path), 404, "not-found")
    problem_of(await world.get("sun", "/v1/menu/falafel/qr.svg?token=x"), 400, "invalid-request")


async def test_while_a_code_is_drawn_everybody_else_is_served_and_a_stall_that_asks_for_too_many_is_put_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, may_draw = list[Picture](), threading.Event()

    def draw(picture: Picture) -> bytes:
        drawn.append(picture)
        assert may_draw.wait(60)
        return b"<svg/>"

    monkeypatch.setattr(world.services.pictures, "_draw", draw)
    monkeypatch.setattr(world.services.pictures, "_waiting_max", 1)
    asking = [asyncio.create_task(world.get("sun", "/v1/menu/ayran/qr.svg"))]
    try:
        await until(lambda: drawn)
        asking.append(asyncio.create_task(world.get("sun", "/v1/menu/ayran/qr.png")))
        await until(lambda: world.services.pictures._queues)
        busy = await world.get("sun", "/v1/menu/falafel/qr.png")
        assert problem_of(busy, 503, "busy")["retryAfter"] == int(busy.headers["retry-after"]) == 2
        asking.append(asyncio.create_task(world.get("moon", "/v1/menu/beer/qr.svg")))
        assert (await world.get("anna", "/v1/me")).status_code == 200
        assert not any(each.done() for each in asking)
    finally:
        may_draw.set()
    assert [(await each).status_code for each in asking] == [200, 200, 200]
    assert len(drawn) == 3
    assert pictures.BUSY == (503, "busy")
