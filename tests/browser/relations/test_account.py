"""My account: how somebody signs in, which is nobody else's business."""

from playwright.async_api import expect

from tests.browser.guest.acts import view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import OFFICE, TABLET, page_of, sign_in_of
from tests.browser.stall.kitchen import section


async def test_the_sign_in_name_is_covered_until_somebody_taps(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    sign_in = await sign_in_of(ground, anna)
    phone = await pages.open(anna, PHONE)
    await view(phone, "Wallet")
    assert sign_in not in await phone.content()
    await phone.get_by_role("button", name="Show my sign-in name").click()
    await expect(phone.get_by_label("Your sign-in name")).to_have_text(sign_in)
    assert sign_in not in phone.url
    await phone.get_by_role("button", name="Hide my sign-in name").click()
    assert sign_in not in await phone.content()


async def test_every_page_has_the_account_and_its_way_out(pages: Pages) -> None:
    ground = pages.ground
    stall, organiser = await ground.stall(), await ground.admin()
    tablet, desk = await pages.open(stall, TABLET), await page_of(pages, organiser, "admin", OFFICE)
    await section(tablet, "Stall")
    await view(desk, "My account")
    for page in (tablet, desk):
        await expect(page.locator("#account #pin-change")).to_be_visible()
        await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
