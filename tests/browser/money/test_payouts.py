"""What is left of a guest's money goes to their bank: asked for on the phone, gathered and sent by the office."""

from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from playwright.async_api import Browser, Page, expect

from tests.browser.guest.acts import view
from tests.browser.money.test_corrections import picture, yes
from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE
from tests.browser.relations.test_room import fits
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess

SETTINGS: Final = {
    "PAYOUTS__MIN": "500", "PAYOUTS__FEE": "150", "PAYOUTS__UNTIL": "2099-08-31T21:59:00Z",
    "PAYOUTS__IBAN": "DE02120300000000202051", "PAYOUTS__NAME": "Sommerfest e.V.",
    "PAYOUTS__DONATIONS_FOR": "the lifeboats",
}  # fmt: skip
NARROW: Final = 320


async def fill(phone: Page, amount: str, iban: str, holder: str = "Anna Muster") -> None:
    await phone.get_by_label("Amount").fill(amount)
    await phone.get_by_label("IBAN of your bank account").fill(iban)
    await phone.get_by_label("Whose bank account is it?").fill(holder)
    await phone.get_by_role("button", name="Ask for a payout").click()


async def test_leftover_money_goes_to_the_bank(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings=SETTINGS) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            anna, ben = await ground.customer("Anna", funds=3_000), await ground.customer("Ben", funds=2_000)
            phone, office = await pages.open(anna), await pages.open(await ground.admin(), OFFICE)
            await asks_and_takes_back(phone)
            await asks_and_donates(phone)
            bank = {"iban": "NL91ABNA0417164300", "accountHolder": "Ben"}
            asked = await ground.post("/v1/payouts", {"amount": 700, **bank}, who=ben, key="ben")
            assert asked.status_code == 201
            await gathers_and_sends(office)
            await expect(phone.locator("#payouts li").first).to_contain_text("Paid out")
            await view(phone, "Messages")
            await expect(phone.locator("#notifications")).to_contain_text("Your payout is on its way")
            assert pages.complaints == []


async def asks_and_takes_back(phone: Page) -> None:
    """A wrong IBAN is stopped on the phone; the question names sum, fee and account; all of it comes back."""
    await view(phone, "Wallet")
    await phone.get_by_text("Get leftover money back").click()
    await expect(phone.locator("#payout-terms")).to_contain_text("At least €5.00 are paid out.")
    await expect(phone.locator("#payout-terms")).to_contain_text("Each payout costs €1.50")
    await expect(phone.locator("#payout-terms")).to_contain_text("You can ask until")
    await fill(phone, "4.99", "")
    await expect(phone.locator("#payout-problem")).to_contain_text("At least €5.00")
    await fill(phone, "29", "")
    await expect(phone.locator("#payout-problem")).to_contain_text("With the fee this takes €30.50")
    await fill(phone, "10", "DE89 3704 0044 0532 0130 01")
    await expect(phone.locator("#payout-problem")).to_contain_text("wrong digit")
    await fill(phone, "10", "DE89 3704 0044 0532 0130 00", "")
    await expect(phone.locator("#payout-problem")).to_contain_text("whose bank account")
    await phone.set_viewport_size({"width": NARROW, "height": 700})
    await fits(phone)
    await picture(phone, "payout-form-320")
    await phone.set_viewport_size({"width": 390, "height": 844})
    await fill(phone, "10", "de89 3704 0044 0532 0130 00")
    await expect(phone.locator("#ask-words")).to_contain_text(
        "to DE89 3704 0044 0532 0130 00. The payout costs €1.50 more."
    )
    await picture(phone, "payout-question")
    await yes(phone)
    await expect(phone.locator("#balance")).to_have_text("€18.50")
    await expect(phone.locator("#payouts li")).to_contain_text("DE…3000 · Anna Muster")
    await phone.get_by_role("button", name="Take back").click()
    await yes(phone)
    await expect(phone.locator("#payouts li")).to_contain_text("Taken back")
    await expect(phone.locator("#balance")).to_have_text("€30.00")


async def asks_and_donates(phone: Page) -> None:
    """Some is given away at once, and the rest with the payout."""
    await phone.get_by_text("Give it to the lifeboats").click()
    await phone.get_by_label("How much?").fill("2")
    await phone.get_by_role("button", name="Give it").click()
    await yes(phone)
    await expect(phone.locator("#balance")).to_have_text("€28.00")
    await phone.get_by_label("Give what is left to the lifeboats").check()
    await picture(phone, "payout-donate")
    await fill(phone, "20", "DE89 3704 0044 0532 0130 00")
    await expect(phone.locator("#ask-words")).to_contain_text("€6.50 are given to the lifeboats.")
    await yes(phone)
    await expect(phone.locator("#balance")).to_have_text("€0.00")
    await expect(phone.locator("#transactions")).to_contain_text("Donation")


async def gathers_and_sends(office: Page) -> None:
    """The office gathers both payouts, looks at them, fetches the bank's file, and says that it was sent."""
    await office.get_by_role("navigation").get_by_role("link", name="Payouts").click()
    await expect(office.locator("#payouts li")).to_have_count(2)
    await expect(office.locator("#payouts li").last).to_contain_text("DE89 3704 0044 0532 0130 00")
    await office.get_by_label("The bank pays on").fill("2026-07-06")
    await office.get_by_role("button", name="Gather a run").click()
    run = office.locator("#runs li")
    await expect(run).to_contain_text("2 payouts")
    await expect(run).to_contain_text("€27.00")
    await expect(office.locator("#payouts li").first).to_contain_text("In a run")
    await run.get_by_role("button", name="Its payouts").click()
    await expect(office.locator("#payouts li")).to_have_count(2)
    await expect(office.get_by_role("button", name="Take out of the run")).to_have_count(2)
    await picture(office, "payout-runs")
    await office.set_viewport_size({"width": NARROW, "height": 700})
    await fits(office)
    await picture(office, "payout-runs-320")
    await office.set_viewport_size(OFFICE)
    async with office.expect_download() as started:
        await run.get_by_role("button", name="Bank file").click()
    content = (await (await started.value).path()).read_bytes()  # small, and in no server's way
    amounts = [node.text for node in ElementTree.fromstring(content).iter() if node.tag.endswith("InstdAmt")]  # noqa: S314
    assert amounts == ["20.00", "7.00"]
    await run.get_by_role("button", name="Sent to the bank").click()
    await yes(office)
    await expect(run).to_contain_text("Sent")
    await expect(run.get_by_role("button", name="Bank file")).to_have_count(0)
