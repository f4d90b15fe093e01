"""A day at the cash desk, from the float to the count."""

from playwright.async_api import Page, expect

from tests.browser.desk.counter import card, code_of, counter, drawer, look, yes
from tests.browser.guest.acts import view
from tests.browser.pages import Pages
from tests.support.ground import Ground, Person

CARDS = 3
QUEUE = 30 - CARDS
OF_BEN = 6


async def test_from_the_float_to_the_count(pages: Pages) -> None:
    ground = pages.ground
    stall, anna, ben = await ground.stall(), await ground.customer("Anna"), await ground.customer("Ben")
    caro, desk = await counter(pages, cash=None)
    await card(desk, "anna", "Anna")
    await expect(desk.locator("#top-up-hint")).to_have_text("Open your drawer before you take cash.")
    await expect(desk.locator("#amounts button").first).to_be_disabled()
    await look(desk, "closed", "#view-guest", 6)
    await desk.locator("#top-up-open").click()
    await look(desk, "open", "#view-drawer", 3)
    await desk.get_by_label("Where").fill("Gate 1")
    await desk.get_by_label("Cash that you begin with").fill("100")
    await desk.get_by_role("button", name="Open the drawer").click()
    await expect(desk.locator("#drawer-cash")).to_have_text("€100.00")
    await expect(desk.locator("#drawer-title")).to_have_text("Gate 1")

    await queue(ground, desk, anna, ben)
    assert await ground.balance(anna) == 1_000 * (QUEUE - OF_BEN) + 500 * CARDS
    assert (await drawer(ground, caro))["otherMethods"] == {"card": 500 * CARDS}

    await a_typo(ground, desk, ben)
    for _ in range(2):
        await ground.placed(anna, stall)
    await two_payouts(ground, desk, anna, ben)
    await a_lost_phone(pages, desk, anna)

    await view(desk, "Gate 1")
    await desk.get_by_role("button", name="Cash from the safe").click()
    await desk.get_by_role("button", name="More change").click()
    await yes(desk, amount="20")
    await expect(desk.locator("#drawer-expected")).to_have_text("€308.00")
    await desk.get_by_role("button", name="Cash to the safe").click()
    await desk.get_by_role("button", name="Collected").click()
    await yes(desk, amount="170")
    await expect(desk.locator("#drawer-expected")).to_have_text("€138.00")
    await expect(desk.locator("#drawer-sums")).to_contain_text("By card, not in the drawer")
    await look(desk, "drawer", "#view-drawer", 3)
    await the_count(desk)
    closed = await drawer(ground, caro)
    assert (closed["expected"], closed["counted"], closed["difference"]) == (13_800, 13_550, -250), closed
    assert closed["reason"] == "Miscounted change"
    office = (await ground.get("/v1/admin/overview", who=await ground.admin())).json()
    assert office["differences"] == -250, office


async def queue(ground: Ground, desk: Page, anna: Person, ben: Person) -> None:
    """Thirty guests: most with cash and a code to scan, some with a card, some whose name is typed."""
    anna_code, ben_code = await code_of(ground, anna), await code_of(ground, ben)
    for turn in range(QUEUE):
        is_anna = turn % 4 != 3
        await desk.locator("#app").focus()
        await desk.keyboard.type(anna_code if is_anna else ben_code)  # a scanner: from anywhere on the page
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#guest-name")).to_have_text("Anna" if is_anna else "Ben")
        await expect(desk.locator("#amount")).to_be_focused()
        await desk.keyboard.type("10")
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#ask-back")).to_be_focused()  # Enter once too often books nothing
        await desk.keyboard.press("Tab")
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#done-words")).to_contain_text("€10.00 booked in cash")
        await expect(desk.locator("#done-next")).to_be_focused()
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#find-text")).to_be_focused()
    for _ in range(CARDS):
        await card(desk, "ann", "Anna")
        await desk.locator("label", has_text="Card").click()
        await desk.get_by_label("Other amount").fill("5")
        await desk.get_by_role("button", name="Top up", exact=True).click()
        await yes(desk)
        await expect(desk.locator("#done-words")).to_have_text("€5.00 booked by card for Anna.")
        await desk.locator("#done-next").click()


async def a_typo(ground: Ground, desk: Page, ben: Person) -> None:
    """A hundred instead of ten: seen on the card, taken back in the list, booked right."""
    before = await ground.balance(ben)
    await card(desk, "ben", "Ben")
    await desk.get_by_role("button", name="€100.00").click()
    await expect(desk.locator("#ask-words")).to_contain_text("go into the wallet of Ben")
    await yes(desk)
    await expect(desk.locator("#guest-balance")).to_have_text(f"€{(before + 10_000) / 100:.2f}")
    await look(desk, "booked", "#view-guest", 8)
    await desk.locator("#done-next").click()
    row = desk.locator("#bookings li", has_text="€100.00").first
    await look(desk, "bookings", "#view-start", 4)
    await row.get_by_role("button", name="Undo").click()
    await look(desk, "undo", "#ask", 6)
    await desk.get_by_role("button", name="Wrong amount").click()
    await yes(desk)
    await expect(row).to_contain_text("Taken back · Ben")
    assert await ground.balance(ben) == before
    await card(desk, "ben", "Ben")
    await desk.get_by_role("button", name="€10.00", exact=True).click()
    await yes(desk)
    await expect(desk.locator("#done-words")).to_contain_text("€10.00 booked")
    assert await ground.balance(ben) == before + 1_000


async def two_payouts(ground: Ground, desk: Page, anna: Person, ben: Person) -> None:
    """One guest gets a part, another one all."""
    await card(desk, "ben", "Ben")
    await desk.get_by_role("button", name="Pay out").click()
    await yes(desk)
    await expect(desk.locator("#done-words")).to_have_text("€70.00 booked. Hand the money to Ben now.")
    await expect(desk.locator("#guest-balance")).to_have_text("€0.00")
    await expect(desk.get_by_role("button", name="Pay out")).to_be_disabled()
    await card(desk, "ann", "Anna")
    await desk.get_by_role("button", name="Pay out").click()
    await yes(desk, amount="22")
    await expect(desk.locator("#done-words")).to_have_text("€22.00 booked. Hand the money to Anna now.")
    assert (await ground.balance(ben), await ground.balance(anna)) == (0, 18_800)


async def a_lost_phone(pages: Pages, desk: Page, anna: Person) -> None:
    """Anna comes with a new phone, and a new wallet on it: the old one moves there."""
    ground = pages.ground
    new = await ground.customer("Anna again")
    await card(desk, "anna", "Anna")
    await expect(desk.locator("#moves")).to_contain_text("Order · Falafel Sun")
    await desk.get_by_role("button", name="Move to another").click()
    await expect(desk.locator("#moving")).to_contain_text("Who gets the wallet of Anna (€188.00)?")
    await desk.locator("#find-text").fill(await code_of(ground, new))
    await look(desk, "moving", "#find", 3)
    await desk.locator("#found button", has_text="Anna again").click()
    await expect(desk.locator("#ask-words")).to_contain_text("€188.00, all of the wallet of Anna")
    await desk.get_by_role("button", name="Phone lost").click()
    await yes(desk)
    await expect(desk.locator("#guest-name")).to_have_text("Anna again")
    await expect(desk.locator("#guest-balance")).to_have_text("€188.00")
    await expect(desk.locator("#moving")).to_be_hidden()
    assert (await ground.get("/v1/me", who=anna)).status_code == 401
    assert await ground.balance(new) == 18_800
    await card(desk, "anna", "Anna")
    await expect(desk.locator("#guest-state")).to_contain_text("This wallet was moved")
    await look(desk, "moved", "#view-guest", 6)
    await desk.get_by_role("button", name="Show the new wallet").click()
    await expect(desk.locator("#guest-name")).to_have_text("Anna again")


async def the_count(desk: Page) -> None:
    """Count it note by note; something is missing, and a reason is wanted."""
    await desk.get_by_role("button", name="Count and close").click()
    await desk.get_by_label("Counted").fill("138")
    await expect(desk.locator("#count-difference")).to_have_text("It is right to the last coin.")
    await expect(desk.locator("#count-reason")).to_be_hidden()
    await desk.get_by_text("Count by notes and coins").click()
    for piece, number in (("€50.00", "2"), ("€20.00", "1"), ("€10.00", "1"), ("€5.00", "1"), ("€0.50", "1")):
        await desk.locator("#pieces").get_by_label(piece, exact=True).fill(number)
    await expect(desk.get_by_label("Counted")).to_have_value("135.50")
    await expect(desk.locator("#count-difference")).to_have_text("€2.50 are missing.")
    await look(desk, "count", "#count", 6)
    await desk.get_by_role("button", name="Miscounted change").click()
    await desk.get_by_role("button", name="Close the drawer", exact=True).click()
    await expect(desk.locator("#closed-words")).to_have_text("Gate 1 is closed. €2.50 are missing.")
    await expect(desk.locator("#drawer-cash")).to_have_text("closed")
    await expect(desk.locator("#drawers li")).to_contain_text("Miscounted change")
    await look(desk, "counted", "#view-drawer", 3)
