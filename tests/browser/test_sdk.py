"""The client SDK on somebody else's page, against the real server, in a real browser."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.hosts import FOLDER, live, open_host, serve_host, until_amounts
from tests.browser.pages import LIVE_WITHIN_MS, Pages, launched
from tests.browser.relations.parts import sign_in_of
from tests.support.ground import PIN, Ground, Person
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until
from tests.support.wire.proxy import Proxy

SDK = (FOLDER / "host" / "sdk.js").read_text()


@pytest_asyncio.fixture(loop_scope="session")
async def host(pages: Pages) -> Pages:
    """A browser that finds the host's page."""
    await serve_host(pages.context, SDK)
    return pages


async def streams_of(ground: Ground, person: Person) -> int:
    """How many streams this person has open at the server."""
    answer = await ground.get("/v1/admin/connections", who=await ground.admin())
    found = [item["streams"] for item in answer.json()["items"] if item["userId"] == person.user_id]
    return sum(found)


async def until_streams(ground: Ground, person: Person, count: int) -> None:
    """Wait until the server counts so many streams of this person."""

    async def counted() -> bool:
        return await streams_of(ground, person) == count

    await until(counted, within_s=120, message=f"{count} streams")


async def open_tabs(host: Pages, person: Person, count: int) -> list[Page]:
    """So many tabs of one person, all live; the first leads."""
    tabs = []
    for _ in range(count):
        page = await open_host(host.context, host.ground.url(), person)
        await live(page)
        tabs.append(page)
    return tabs


async def top_up(ground: Ground, person: Person, *sums: int) -> None:
    for amount in sums:
        await ground.top_up(person, amount)


async def check(tabs: Sequence[Page], expected: list[int]) -> None:
    for page in tabs:
        await until_amounts(page, expected)


async def test_tabs_share_one_stream_and_hand_it_on_without_loss_or_repetition(host: Pages) -> None:
    ground = host.ground
    anna = await ground.customer()
    first, second, third = await open_tabs(host, anna, 3)
    await top_up(ground, anna, 1, 2)
    await check([first, second, third], [1, 2])
    await until_streams(ground, anna, 1)

    await first.close()
    await top_up(ground, anna, 3, 4)
    await check([second, third], [1, 2, 3, 4])
    await until_streams(ground, anna, 1)

    late = await open_host(host.context, ground.url(), anna)
    await live(late)
    await top_up(ground, anna, 5)
    await check([second, third], [1, 2, 3, 4, 5])
    await check([late], [5])
    balances = await late.evaluate(
        "window.seen.filter(([type]) => type === 'connected').map(([, d]) => d.snapshot.balance)"
    )
    assert balances == [10]
    await until_streams(ground, anna, 1)


async def test_tabs_of_different_people_never_mix(host: Pages) -> None:
    ground = host.ground
    anna, ben = await ground.customer("Anna"), await ground.customer("Ben")
    (annas,), (bens,) = await open_tabs(host, anna, 1), await open_tabs(host, ben, 1)
    await top_up(ground, anna, 1)
    await top_up(ground, ben, 2)
    await check([annas], [1])
    await check([bens], [2])
    for who in (anna, ben):
        await until_streams(ground, who, 1)


async def test_a_frozen_leader_hands_over_and_comes_back_as_a_follower(host: Pages) -> None:
    ground = host.ground
    anna = await ground.customer()
    first, second = await open_tabs(host, anna, 2)
    devtools = await host.context.new_cdp_session(first)
    await devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    await top_up(ground, anna, 1)
    await check([second], [1])
    await devtools.send("Page.setWebLifecycleState", {"state": "active"})
    await top_up(ground, anna, 2)
    await check([first, second], [1, 2])
    await until_streams(ground, anna, 1)


async def test_a_crashed_leader_is_replaced(host: Pages) -> None:
    ground = host.ground
    anna = await ground.customer()
    first, second = await open_tabs(host, anna, 2)
    devtools = await host.context.new_cdp_session(first)
    async with first.expect_event("crash"):
        crashing = asyncio.create_task(devtools.send("Page.crash"))  # of which nobody is left to answer
    crashing.cancel()
    await top_up(ground, anna, 1)
    await check([second], [1])


async def test_every_tab_catches_up_after_the_server_was_away(host: Pages) -> None:
    ground = host.ground
    (server,) = ground.servers
    anna = await ground.customer()
    tabs = await open_tabs(host, anna, 2)
    await top_up(ground, anna, 1)
    server.kill()
    for page in tabs:
        await page.wait_for_function("window.states.at(-1) === 'reconnecting'")
    server.start()
    await top_up(ground, anna, 2)
    await check(tabs, [1, 2])
    await until_streams(ground, anna, 1)


async def test_a_page_from_the_back_forward_cache_catches_up(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground, launched("chromium") as browser, Pages(ground, browser) as host:
            await serve_host(host.context, SDK)
            anna = await ground.customer()
            (page,) = await open_tabs(host, anna, 1)
            await page.goto(ground.url() + "/host/elsewhere")
            await until_streams(ground, anna, 0)
            await top_up(ground, anna, 1)
            await page.go_back(wait_until="commit")
            await until_amounts(page, [1])
            assert await page.evaluate("window.restored") == 1
            snapshots = await page.evaluate(
                "window.seen.filter(([type, d]) => type === 'connected' && d.snapshot).length"
            )
            assert snapshots == 1
            assert host.complaints == []


async def test_offline_is_told_and_what_was_missed_follows(host: Pages) -> None:
    ground = host.ground
    anna = await ground.customer()
    tabs = await open_tabs(host, anna, 2)
    await host.context.set_offline(offline=True)
    for page in tabs:
        await page.wait_for_function("window.states.at(-1) === 'offline'")
    await top_up(ground, anna, 1)
    await host.context.set_offline(offline=False)
    for page in tabs:
        await live(page)
    await check(tabs, [1])


async def test_a_network_that_swallows_streams_gets_the_long_poll_and_then_the_stream_again(host: Pages) -> None:
    ground = host.ground
    anna = await ground.customer()
    async with Proxy(int(ground.url().rpartition(":")[2])) as proxy:
        proxy.mode = "swallow-streams"
        page = await open_host(host.context, f"http://127.0.0.1:{proxy.port}", anna)
        await live(page)
        await top_up(ground, anna, 1, 2)
        await until_amounts(page, [1, 2])
        asked = "performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname === '/v1/events')"
        await page.wait_for_function(f"{asked}.length >= 2")
        proxy.mode = "pass"
        await host.context.set_offline(offline=True)
        await page.wait_for_function("window.states.at(-1) === 'offline'")
        await host.context.set_offline(offline=False)
        await page.wait_for_function("window.states.slice(2).includes('live')", timeout=LIVE_WITHIN_MS)
        await top_up(ground, anna, 3)
        await until_amounts(page, [1, 2, 3])
        opened = await page.evaluate("window.seen.filter(([type]) => type === 'connected').length")
        assert opened == 2
        await page.close()


async def test_a_connection_that_died_without_a_word_is_noticed(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings={"STREAM__HEARTBEAT_S": "1"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            await serve_host(pages.context, SDK)
            anna = await ground.customer()
            async with Proxy(int(ground.url().rpartition(":")[2])) as proxy:
                page = await open_host(pages.context, f"http://127.0.0.1:{proxy.port}", anna)
                await live(page)
                proxy.mode = "black-hole"
                await top_up(ground, anna, 1)
                await page.wait_for_function("window.states.at(-1) === 'reconnecting'")
                proxy.mode = "pass"
                proxy.cut()  # it has knocked again already; ten seconds later it would give that up by itself
                await until_amounts(page, [1])
                await page.close()


async def test_a_stalls_changes_made_offline_are_sent_once_in_order_also_after_a_reload(host: Pages) -> None:
    ground = host.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    orders = [await ground.placed(anna, stall) for _ in range(2)]
    (page,) = await open_tabs(host, stall, 1)
    await page.evaluate("window.outbox = client.outbox({ userId: 'x' }), 0")
    await host.context.set_offline(offline=True)
    for order_id, status, seen in [
        (orders[0], "ready", "preparing"),
        (orders[1], "ready", "preparing"),
        (orders[0], "completed", "ready"),
    ]:
        await page.evaluate(
            "([orderId, status, from]) => outbox.add({ orderId, status, from }).then(() => 0)", [order_id, status, seen]
        )
    await page.close()  # before the network is back, or it would begin to send
    await host.context.set_offline(offline=False)
    (page,) = await open_tabs(host, stall, 1)
    await ground.step(stall, orders[1], "ready")
    await ground.step(stall, orders[1], "completed")  # by another tablet, meanwhile
    await page.evaluate(
        "window.told = []; window.outbox = client.outbox({ userId: 'x', onSent: (s) => told.push(s.status),"
        " onRefused: (s, p) => told.push(p.code) }), 0"
    )

    async def statuses() -> bool:
        found = [(await ground.get(f"/v1/orders/{order}", who=stall)).json()["status"] for order in orders]
        return found == ["completed", "completed"] and await page.evaluate("outbox.pending().length") == 0

    await until(statuses, within_s=120, message="all sent")
    assert await page.evaluate("told") == ["ready", "invalid-transition", "completed"]


async def test_the_browsers_own_event_source_resumes_after_a_restart(host: Pages) -> None:
    ground = host.ground
    (server,) = ground.servers
    anna = await ground.customer()
    page = await host.context.new_page()
    await page.goto(ground.url() + "/host/elsewhere")
    signed_in = await page.evaluate(
        "([userId, pin]) => fetch('/v1/auth/login', {method: 'POST', headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify({userId, pin})}).then((answer) => answer.status)", [await sign_in_of(ground, anna), PIN]
    )  # fmt: skip
    assert signed_in == 200
    await page.evaluate(
        """() => {
          window.seen = [];
          const source = new EventSource("/v1/stream");
          for (const type of ["connected", "payment-completed"])
            source.addEventListener(type, ({ data }) => seen.push([type, JSON.parse(data)]));
        }"""
    )
    await page.wait_for_function("window.seen.length === 1")
    await top_up(ground, anna, 1)
    await until_amounts(page, [1])
    server.kill()
    server.start()
    await top_up(ground, anna, 2)
    await until_amounts(page, [1, 2])
    resumed = await page.evaluate(
        "window.seen.filter(([type]) => type === 'connected').map(([, data]) => data.resumed)"
    )
    assert resumed == [False, True]


async def test_two_tabs_of_our_own_page_share_a_stream(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer()
    phone, other = await pages.open(anna), await pages.open(anna)
    await top_up(ground, anna, 500)
    for page in (phone, other):
        await expect(page.locator("#balance")).to_have_text("€5.00")
    await until_streams(ground, anna, 1)


SIGN_IN = """async ([url, by, token, ticket]) => {
  const { createClient } = await import(`${url}/static/js/festival-push.js`);
  const ways = { token: { token }, ticket: { ticket }, tickets: { ticket: window.askTicket } };
  window.seen = [];
  window.states = [];
  createClient({ baseUrl: url, ...ways[by] }).follow({
    onEvent: (type, data) => seen.push([type, data]),
    onState: (state) => states.push(state),
  });
}"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Another origin, with an empty page."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"  # of one site with the server: a cookie may travel without TLS
        served.shutdown()
        thread.join()


@pytest.mark.parametrize("by", ["token", "ticket", "tickets"])
async def test_a_page_of_another_allowed_origin_signs_in(
    tmp_path: Path, browser: Browser, elsewhere: str, by: str
) -> None:
    with ServerProcess(tmp_path, settings={"SERVER__ALLOWED_ORIGINS": f'["{elsewhere}"]'}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            ben = await ground.customer()

            async def ask_ticket() -> str:
                asked = await ground.post("/v1/auth/stream-tickets", {}, who=ben)
                return str(asked.json()["ticket"]) if asked.is_success else "none"

            page = await pages.context.new_page()
            await page.expose_function("askTicket", ask_ticket)
            await page.goto(f"{elsewhere}/")
            await page.evaluate(SIGN_IN, [ground.url(), by, ben.token, await ask_ticket()])
            await live(page)
            await top_up(ground, ben, 1)
            await until_amounts(page, [1])
            server.kill()
            server.start()
            await top_up(ground, ben, 2)
            await until_amounts(page, [1, 2])
