"""A guest at the gate while somebody behind the same address uses up its registrations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.browser.pages import Pages
from tests.browser.test_pages import register
from tests.support.ground import PIN, Ground
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until

FREE: Final = 20  # a minute; so one more in each three seconds
NO_HASHES: Final = "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })"
HASHES_THAT_WAIT: Final = """
  const waits = new Promise((resolve) => (window.goOn = resolve));
  SubtleCrypto.prototype.digest = () => waits.then(() => new ArrayBuffer(32));  // nothing but zero bits
"""


@pytest_asyncio.fixture(loop_scope="session")
async def gate(tmp_path: Path, browser: Browser) -> AsyncIterator[Pages]:
    """A server with few free registrations."""
    with ServerProcess(tmp_path, settings={"LIMITS__REGISTRATIONS_PER_MIN": str(FREE)}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as opened:
            yield opened
            assert opened.complaints == []


@asynccontextmanager
async def crowd(pages: Pages) -> AsyncIterator[None]:
    """Somebody takes each registration as soon as it is free. Whoever asks in the browser meanwhile asks when one has
    just been taken: the next is three seconds away, so nobody is lucky."""
    is_taken = asyncio.Event()

    async def take_all() -> None:
        was_full = False
        while True:
            is_full = (await pages.ground.post("/v1/auth/register", {})).status_code == 429
            if was_full and not is_full:
                is_taken.set()
            was_full = is_full

    async def just_behind(route: Route) -> None:
        is_taken.clear()
        await until(lambda: is_taken.is_set() or taking.done(), within_s=60)
        await route.continue_()

    taking = asyncio.create_task(take_all())
    await pages.context.route("**/v1/auth/register", just_behind)
    try:
        yield
    finally:
        taking.cancel()
        await asyncio.wait((taking,))


async def test_a_phone_works_to_get_in(gate: Pages) -> None:
    phone = await gate.tab("/customer/")
    proofs: list[str | None] = []
    phone.on("request", lambda request: proofs.append(request.headers.get("proof-of-work")))
    async with crowd(gate):
        assert await register(phone, "Zoë")
    assert any(proofs)


async def test_a_phone_that_cannot_work_says_so_and_waits_for_its_turn(gate: Pages) -> None:
    await gate.context.add_init_script(NO_HASHES)  # as on plain http
    phone = await gate.tab("/customer/")
    await phone.get_by_label("Your name").fill("Zoë")
    await phone.get_by_label("PIN").fill(PIN)
    async with crowd(gate):
        await phone.get_by_role("button", name="Create my account").click()
        said = phone.locator("#gate form [role=status]")
        await expect(said).to_contain_text("Many people want to get in right now. This page tries again by itself")
        await expect(phone.locator("#gate form [role=alert]")).to_be_empty()
    await expect(phone.locator("#gate .big-code")).to_be_visible()


async def test_nobody_becomes_somebody_by_a_form_that_they_have_left(gate: Pages) -> None:
    await gate.context.add_init_script(HASHES_THAT_WAIT)
    phone = await gate.tab("/customer/")
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    await phone.get_by_label("Your name").fill("Zoë")
    await phone.get_by_label("PIN").fill(PIN)
    async with crowd(gate):
        await phone.get_by_role("button", name="Create my account").click()
        await expect(phone.locator("#gate form [role=status]")).to_contain_text("Your device works to get you in")
        await phone.get_by_role("button", name="I have an account: sign in").click()
        await phone.evaluate("window.goOn()")
        await phone.evaluate("fetch('/healthz').then((answer) => answer.text())")  # what was to be sent is sent by then
    assert asked.count("register") == 1
    await expect(phone.get_by_label("Sign-in name")).to_be_visible()
