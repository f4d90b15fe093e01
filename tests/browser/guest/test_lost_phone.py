"""A lost phone, from the guest's side: the desk's code lets them in again, and a frozen wallet says so."""

from playwright.async_api import expect

from tests.browser.guest.acts import view
from tests.browser.pages import Pages
from tests.browser.relations.parts import cashier, sign_in_of
from tests.support.ground import PIN
from tests.support.qr import read_svg

NEW_PIN = "280951"


async def test_the_desks_code_is_scanned_and_the_guest_is_in_again(pages: Pages) -> None:
    ground = pages.ground
    anna, caro = await ground.customer("Anna", funds=1_200), await ground.customer("Caro")
    await cashier(pages, caro)
    old_name = await sign_in_of(ground, anna)
    lost = await pages.open(anna)
    offered = await ground.post(f"/v1/admin/people/{anna.user_id}/new-sign-in", {}, who=caro)
    assert offered.status_code == 201, offered.text
    await expect(lost.locator("#gate")).to_be_visible()  # the finder's page ends
    link = read_svg(offered.json()["qr"].encode()).removeprefix(offered.json()["url"].partition("/customer/")[0])
    phone = await pages.tab(link)
    await expect(phone.get_by_role("heading", name="A new sign-in for Anna")).to_be_visible()
    assert "new-sign-in" not in phone.url, "not photographed, bookmarked or shared"
    await phone.get_by_label("PIN").fill("1234")
    send = phone.get_by_role("button", name="Set my PIN and sign in")
    await send.click()
    await expect(phone.get_by_role("alert")).to_contain_text("guessed too easily")
    await phone.get_by_label("PIN").fill(NEW_PIN)
    await send.click()
    await expect(phone.get_by_role("heading", name="Welcome, Anna!")).to_be_visible()
    new_name = str(await phone.locator("#gate .big-code").text_content())
    assert new_name != old_name
    await phone.get_by_role("button", name="I've got it").click()
    await pages.live(phone)
    await expect(phone.locator("#balance")).to_have_text("€12.00")
    again = await pages.tab(link)
    await pages.live(again)
    await expect(again.locator("#toasts")).to_contain_text("used already")
    for name, pin, status in ((new_name, NEW_PIN, 200), (old_name, PIN, 401)):
        assert (await ground.post("/v1/auth/login", {"signIn": name, "pin": pin})).status_code == status
        ground.http.cookies.clear()


async def test_whoever_is_not_meant_stays_who_they_are(pages: Pages) -> None:
    ground = pages.ground
    anna, caro = await ground.customer("Anna", funds=1_200), await ground.customer("Caro")
    await cashier(pages, caro)
    offered = await ground.post(f"/v1/admin/people/{anna.user_id}/new-sign-in", {}, who=caro)
    phone = await pages.tab("/customer/#" + offered.json()["url"].partition("#")[2], who=caro)
    await phone.get_by_role("button", name="That is not me").click()
    await pages.live(phone)
    await expect(phone.locator("#greeting")).to_have_text("Caro's balance")


async def test_the_wallet_shows_the_code_to_the_scanner_and_says_that_it_is_frozen(pages: Pages) -> None:
    ground = pages.ground
    anna, caro = await ground.customer("Anna", funds=1_200), await ground.customer("Caro")
    await cashier(pages, caro)
    phone = await pages.open(anna)
    await view(phone, "Wallet")
    picture = phone.locator("#top-up-qr")
    await expect(picture).to_be_visible()
    source = str(await picture.get_attribute("src"))
    shown = await phone.evaluate("(source) => decodeURIComponent(source.split(',')[1])", source)
    assert read_svg(shown.encode()) == await phone.locator("#top-up-code").text_content()
    for path, body, seen in (("freeze", {"reason": "lost"}, True), ("unfreeze", {}, False)):
        done = await ground.post(f"/v1/admin/people/{anna.user_id}/{path}", body, who=caro)
        assert done.status_code == 200, done.text
        await expect(phone.locator("#wallet-frozen")).to_be_visible(visible=seen)
    await ground.post(f"/v1/admin/people/{anna.user_id}/freeze", {"reason": "lost"}, who=caro)
    await expect(phone.locator("#wallet-frozen")).to_be_visible()
    await phone.reload()
    await pages.live(phone)
    await expect(phone.locator("#wallet-frozen")).to_be_visible()
