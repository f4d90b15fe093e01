"""QR codes of menu items, as a camera reads them."""

from tests.support.qr import read_png, read_svg
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
