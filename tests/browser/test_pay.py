"""The page behind a QR code, and the stall that shows one: two real browsers' tabs, and a camera between them."""

import re
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.guest.acts import announce
from tests.browser.guest.measures import SIZES, targets
from tests.browser.pages import LAPTOP, PHONE, Pages
from tests.browser.stall.kitchen import section
from tests.browser.test_pages import HOSTILE, register, user_id_of
from tests.support.ground import Person, Stall
from tests.support.qr import read_png
from tests.support.servers.sqlite import opened as opened_file
from tests.support.timing.waiting import until


async def scanned(picture: Locator) -> str:
    """What a phone's camera makes of a code on a screen: the path to open, on the server of the test."""
    url = urlsplit(await text_of(picture))
    return f"{url.path}?{url.query}"


async def text_of(picture: Locator) -> str:
    """What a camera reads from a code on a screen: it looks until it finds one, because a picture is painted later."""
    await expect(picture).to_be_visible()

    async def read() -> str:
        with suppress(ValueError):
            return read_png(await picture.screenshot())
        return ""

    return await until(read, message="a code that can be read")


async def asked(pages: Pages, stall: Stall, amount: int = 250, description: str = "Deposit") -> str:
    """A new payment request; the path that its code leads to."""
    body = {"amount": amount, "description": description}
    made = await pages.ground.post(
        "/v1/payment-requests", body, who=stall, key=f"{amount} {description}".encode().hex()
    )
    assert made.status_code == 201, made.text
    return f"/pay/?request={made.json()['requestId']}"


async def opened(pages: Pages, person: Person, path: str) -> Page:
    """The confirm page, on the phone of somebody who is signed in."""
    page = await pages.tab(path, who=person)
    await pages.live(page)
    return page


async def test_a_stall_shows_a_code_and_a_new_customer_scans_signs_up_tops_up_and_pays(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall()
    tablet = await pages.open(stall, LAPTOP)
    await section(tablet, "Charge")
    await tablet.get_by_label("What for").fill("Cup deposit")
    await tablet.get_by_role("textbox", name="Amount in EUR").fill("2,50")
    await tablet.get_by_role("button", name="Show the code").click()
    dialog = tablet.get_by_role("dialog")
    await expect(dialog).to_contain_text("€2.50")
    await expect(dialog.locator("#qr-countdown")).to_contain_text(re.compile(r"Waiting for the customer · [34]:\d\d"))

    phone = await pages.tab(await scanned(tablet.locator("#qr-image")))
    await register(phone, "Zoë")
    await pages.live(phone)
    await expect(phone.locator("#stall")).to_have_text("Falafel Sun")
    await expect(phone.locator("#lines")).to_contain_text("Cup deposit")
    await expect(phone.locator("#missing")).to_contain_text("€2.50 is missing")
    await ground.top_up(Person(user_id=await user_id_of(phone), token="", role="customer"), 1_000)
    await expect(phone.locator("#balance")).to_have_text("€10.00")
    await expect(phone.locator("#short")).to_be_hidden()
    await phone.get_by_role("button", name="Pay €2.50").click()

    await expect(phone.get_by_role("heading", name="Paid")).to_be_focused()
    await expect(phone.locator("#paid-lead")).to_have_text("Paid at")
    await expect(phone.locator("#paid-number")).to_have_text("€2.50")  # an amount has no number to be called by
    await expect(phone.locator("#paid-balance")).to_have_text("€7.50")
    await expect(dialog.locator("#qr-state")).to_have_text("Paid by Zoë")
    await expect(dialog.locator("#qr-image")).to_be_hidden()
    await dialog.get_by_role("button", name="Close").click()
    await expect(tablet.locator(".ticket")).to_have_count(0)  # it is paid: nothing is to be prepared

    await phone.reload()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    await expect(phone.locator("#paid-number")).to_have_text("€2.50")
    await phone.get_by_role("link", name="Follow my order").click()
    await expect(phone.locator("#orders .order-number")).to_have_text("✓")
    await expect(phone.locator("#orders .order")).to_contain_text("Paid")
    await expect(phone.locator("#orders .order")).not_to_contain_text("Picked up")


async def test_a_stall_charges_for_items_and_hears_of_it_after_a_cut(pages: Pages) -> None:
    ground = pages.ground
    (server,) = ground.servers
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    tablet = await pages.open(stall, LAPTOP)
    await section(tablet, "Charge")
    await tablet.get_by_text("Items of the menu").click()
    await tablet.get_by_label("Charge one wrap more").click()
    await tablet.get_by_label("Charge one ayran more").click()
    await tablet.get_by_label("Charge one ayran more").click()
    await tablet.get_by_role("button", name="Show the code for €13.50").click()
    phone = await opened(pages, anna, await scanned(tablet.locator("#qr-image")))
    await expect(phone.locator("#lines li")).to_have_count(2)

    server.kill()
    server.start()
    await pages.live(phone)
    await phone.get_by_role("button", name="Pay €13.50").click()
    await expect(phone.locator("#paid-number")).to_be_visible()
    await pages.live(tablet)
    await expect(tablet.locator("#qr-state")).to_contain_text("Paid by Anna")
    assert await ground.balance(anna) == 650


async def test_an_items_code_sells_any_number_of_it(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    tablet = await pages.open(stall, LAPTOP)
    await section(tablet, "Menu")
    await tablet.get_by_role("button", name="QR code of ayran").click()
    await expect(tablet.get_by_role("dialog")).to_contain_text("€3.00")
    await expect(tablet.get_by_role("button", name="Print")).to_be_visible()
    phone = await opened(pages, anna, await scanned(tablet.locator("#qr-image")))
    await expect(phone.get_by_label("One less")).to_be_disabled()
    await phone.get_by_label("One more").click()
    await phone.get_by_label("One more").click()
    await phone.get_by_label("One less").click()
    await phone.get_by_role("button", name="Pay €6.00").dblclick()
    await expect(phone.locator("#paid-number")).to_be_visible()
    assert await ground.balance(anna) == 1_400
    await tablet.get_by_role("button", name="Close").click()
    await section(tablet, "Orders")
    await expect(tablet.locator(".ticket")).to_contain_text("2 × ayran")
    await tablet.locator("#preparing").get_by_role("button", name="Ready").click()
    await expect(phone.get_by_role("heading", name="Ready for pickup")).to_be_visible()
    await phone.reload()
    await expect(phone.get_by_role("heading", name="Ready for pickup")).to_be_visible()
    await expect(phone.get_by_role("button", name="Pay")).to_be_hidden()


@pytest.mark.parametrize("kind", ["request", "item"])
async def test_a_payment_whose_answer_was_lost_is_charged_once_also_after_a_reload(pages: Pages, kind: str) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    path = (
        await asked(pages, stall)
        if kind == "request"
        else f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}"
    )
    phone = await opened(pages, anna, path)
    lost = []

    async def lose(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        lost.append(route.request.headers["idempotency-key"])
        await route.fetch()
        return await route.fulfill(status=500, content_type="text/plain", body="gone")

    where = "**/v1/payment-requests/*/pay" if kind == "request" else "**/v1/orders"
    await phone.route(where, lose)
    if kind == "item":
        await phone.get_by_label("One more").click()
    await phone.get_by_role("button", name="Pay €").click()
    await expect(phone.locator("#problem")).to_contain_text("We can't tell yet")
    assert len(lost) == 1
    if kind == "item":  # another price by now, and the same wish all the same
        await expect(phone.get_by_label("One more")).to_be_disabled()
        await ground.http.patch(
            f"{ground.url()}/v1/menu/{stall.items['ayran']}", json={"price": 400}, headers=stall.bearer
        )
    await phone.unroute(where)
    await phone.reload()
    await pages.live(phone)
    if kind == "item":
        await phone.get_by_role("button", name="Pay €6.00").click()
        await expect(phone.locator("#toasts")).to_contain_text("weren't charged twice")
    await expect(phone.locator("#paid-number")).to_be_visible()
    assert await ground.balance(anna) == 2_000 - (250 if kind == "request" else 600)


async def test_whoever_comes_too_late_is_told_so(pages: Pages) -> None:
    ground = pages.ground
    stall, anna, ben = await ground.stall(), await ground.customer(funds=2_000), await ground.customer("Ben", funds=500)
    path = await asked(pages, stall)
    first, second = await opened(pages, anna, path), await opened(pages, ben, path)
    await first.get_by_role("button", name="Pay €2.50").click()
    await expect(first.locator("#paid-number")).to_be_visible()
    await second.get_by_role("button", name="Pay €2.50").click()
    await expect(second.get_by_role("heading", name="Already paid")).to_be_visible()
    assert await ground.balance(ben) == 500

    path = await asked(pages, stall, 100, "Ice")
    phone = await opened(pages, ben, path)
    await expect(phone.locator("#valid")).to_contain_text("Can be paid until")
    reads = (
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/payment-requests/')).length"
    )
    await pages.true(phone, f"{reads} >= 2")  # once more when the stream began: from now on only the button asks
    with opened_file(ground.servers[0].database_url) as file:
        file.execute("UPDATE payment_requests SET created_at = 1, expires_at = 2 WHERE order_id IS NULL")
    await phone.get_by_role("button", name="Pay €1.00").click()
    await expect(phone.get_by_role("heading", name="Too late")).to_be_visible()
    assert await ground.balance(ben) == 500
    for unknown in ("/pay/", "/pay/?request=none", f"/pay/?vendor={stall.vendor_id}&item=none"):
        page = await opened(pages, ben, unknown)
        await expect(page.get_by_role("link", name="Go to my wallet")).to_be_visible()


async def test_what_the_stall_changes_meanwhile_reaches_the_page(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=500)
    phone = await opened(pages, anna, f"/pay/?vendor={stall.vendor_id}&item={stall.items['wrap']}")
    await expect(phone.locator("#missing")).to_contain_text("€2.50 is missing")
    await phone.get_by_role("button", name="Pay €7.50").click()
    await expect(phone.locator("#problem")).to_contain_text("doesn't cover")
    for change, path in (
        ({"price": 400}, f"/v1/menu/{stall.items['wrap']}"),
        ({"open": False}, f"/v1/vendors/{stall.vendor_id}"),
    ):
        changed = await ground.http.patch(ground.url() + path, json=change, headers=stall.bearer)
        assert changed.is_success, changed.text
    await expect(phone.locator("#closed")).to_be_visible()
    await phone.get_by_role("button", name="Pay €4.00").click()
    await expect(phone.locator("#problem")).to_contain_text("closed right now")
    assert await ground.balance(anna) == 500


async def test_targets_are_large_and_apart(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(), await pages.ground.customer(funds=100)
    await announce(pages, "Thunderstorm.", priority="high")
    phone = await opened(pages, anna, f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}")
    await phone.set_viewport_size(SIZES["360x640"])
    await expect(phone.locator("#announcements li")).to_have_count(1)
    await expect(phone.locator("#short")).to_be_visible()
    assert await targets(phone) == []
    await pages.ground.top_up(anna, 1_000)
    await phone.get_by_role("button", name="Pay €3.00").click()
    await expect(phone.get_by_role("button", name="Cancel")).to_be_visible()
    assert await targets(phone) == []


async def test_what_a_stall_writes_is_only_ever_text_and_never_too_wide(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(HOSTILE[:60], {"W" * 60: 300}), await pages.ground.customer(funds=500)
    phone = await opened(pages, anna, await asked(pages, stall, 100, HOSTILE[:80]))
    other = await opened(pages, anna, f"/pay/?vendor={stall.vendor_id}&item={stall.items['W' * 60]}")
    await expect(phone.locator("#lines")).to_contain_text(HOSTILE[:80])
    await expect(phone.locator("#stall")).to_have_text(HOSTILE[:60])
    tablet = await pages.open(stall, PHONE)
    await section(tablet, "Menu")
    await tablet.get_by_role("button", name="QR code of").click()
    await expect(tablet.locator("#qr-image")).to_be_visible()
    for page in (phone, other, tablet):
        assert await page.evaluate("window.harmed") is None
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
