"""The office: what people may do, a desk for cashiers, and an organiser who is a guest too."""

from playwright.async_api import Response, expect

from tests.browser.guest.acts import open_menu, view
from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, cashier, page_of


async def test_an_organiser_tops_herself_up_and_orders(pages: Pages) -> None:
    ground = pages.ground
    await ground.stall()
    organiser = await ground.admin()
    desk, phone = await pages.open(organiser, OFFICE), await page_of(pages, organiser, "customer")
    await expect(phone.locator("#balance")).to_have_text("€0.00")
    await desk.get_by_label("User id").fill(organiser.user_id)
    await desk.get_by_label("Amount").fill("10")
    await desk.get_by_role("button", name="Top up").click()
    await desk.get_by_role("button", name="Book €10.00").click()
    await expect(desk.locator("#top-up-done")).to_contain_text("New balance: €10.00")
    await expect(phone.locator("#balance")).to_have_text("€10.00")
    await ground.top_up(await ground.customer("Anna"), 4_000)
    await open_menu(phone)
    await phone.get_by_label("Add wrap").click()
    await phone.locator("#order").click()
    await expect(phone.locator("#balance")).to_have_text("€2.50")
    await expect(phone.locator("#orders .order")).to_have_count(1)
    await phone.get_by_role("link", name="Office").click()
    await pages.live(phone)
    await expect(phone.locator("#figures")).to_contain_text("Orders open")


async def test_a_cashier_has_the_desk_and_nothing_else_of_the_office(pages: Pages) -> None:
    ground = pages.ground
    caro, anna = await ground.customer("Caro"), await ground.customer("Anna")
    await cashier(pages, caro)
    refused: list[str] = []

    def hear(response: Response) -> None:
        if response.status == 403:
            refused.append(response.url)

    pages.context.on("response", hear)
    desk = await page_of(pages, caro, "admin", OFFICE)
    assert desk.url == ground.url() + "/desk/"
    tabs = desk.get_by_role("navigation", name="Sections").get_by_role("link")
    await expect(tabs).to_have_text(["Guests", "Drawer closed", "Account"])
    pages_of = desk.get_by_role("navigation", name="My other pages").get_by_role("link")
    await expect(pages_of).to_have_text(["My wallet"])
    await desk.get_by_label("Name, code").fill((await ground.get("/v1/me", who=anna)).json()["topUpCode"])
    await desk.keyboard.press("Enter")
    await desk.locator("label", has_text="Card").click()
    await desk.get_by_label("Other amount").fill("12.50")
    await desk.get_by_role("button", name="Top up", exact=True).click()
    await desk.get_by_role("button", name="Book €12.50").click()
    await expect(desk.locator("#guest-balance")).to_have_text("€12.50")
    await view(desk, "Account")
    await expect(desk.locator("#account")).to_contain_text("Caro")
    assert refused == []


async def test_people_are_appointed_and_dismissed_one_relation_at_a_time(pages: Pages) -> None:
    ground = pages.ground
    await ground.stall()
    anna = await ground.customer("Anna", funds=500)
    desk = await pages.open(await ground.admin(), OFFICE)

    async def is_now(*relations: str) -> None:
        answer = (await ground.get("/v1/me", who=anna)).json()
        assert answer["is"] == list(relations), answer
        assert answer["wallet"] == {"balance": 500}

    await view(desk, "People")
    await desk.get_by_role("button", name="Rights of Anna").click()
    dialog = desk.locator("#person")
    await dialog.get_by_role("button", name="Appoint cashier Anna").click()
    await expect(dialog.get_by_role("button", name="End cashier Anna")).to_be_visible()
    await dialog.get_by_label("Stall").select_option("Falafel Sun")
    await dialog.get_by_role("button", name="Appoint to the stall").click()
    await expect(dialog.get_by_role("button", name="Dismiss Anna from Falafel Sun")).to_be_visible()
    await is_now("customer", "keeper", "cashier")
    await dialog.get_by_role("button", name="End cashier Anna").click()
    await expect(dialog.get_by_role("button", name="Appoint cashier Anna")).to_be_visible()
    await dialog.get_by_role("button", name="Dismiss Anna from Falafel Sun").click()
    await desk.locator("#ask-do").click()
    await expect(dialog.get_by_role("button", name="Dismiss Anna from Falafel Sun")).to_have_count(0)
    await is_now("customer")
    await dialog.get_by_role("button", name="Appoint organiser Anna").click()
    await desk.locator("#ask-do").click()
    await expect(dialog.get_by_role("button", name="End organiser Anna")).to_be_visible()
    await is_now("customer", "admin")
    await desk.locator("#person-close").click()
    await expect(desk.locator("#users li", has_text="Anna")).to_contain_text("organiser")
