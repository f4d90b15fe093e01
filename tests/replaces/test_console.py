"""Trying it from a browser's console, as the old document shows it."""

from tests.browser.pages import Pages, launched
from tests.support.ground import PIN, Ground
from tests.support.timing.waiting import until

SIGN_IN = """([signIn, pin]) => fetch("/v1/auth/login", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({signIn, pin})
}).then((answer) => answer.status)"""
LISTEN = """() => {
    window.heard = [];
    window.source = new EventSource("/v1/stream");
    for (const event of ["connected", "balance-updated"])
        window.source.addEventListener(event, ({ data }) => window.heard.push([event, JSON.parse(data)]));
}"""


async def test_event_source_from_the_console(ground: Ground) -> None:
    anna = await ground.customer()
    async with launched() as browser, Pages(ground, browser) as pages:
        page = await pages.tab("/")
        assert await page.evaluate(SIGN_IN, [anna.sign_in, PIN]) == 200
        await page.evaluate(LISTEN)

        async def names() -> list[str]:
            return [name for name, _ in await page.evaluate("() => window.heard")]

        async def connected() -> bool:
            return "connected" in await names()

        async def told() -> bool:
            return "balance-updated" in await names()

        await until(connected, within_s=120)
        await ground.top_up(anna, 500)
        await until(told, within_s=120)
        heard = await page.evaluate("() => window.heard")
        assert dict(heard)["balance-updated"]["newBalance"] == 500
