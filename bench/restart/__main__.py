"""`python -m bench.restart [--kind KIND] [--times N] [--shots FOLDER]`: what a restart of a single server shows.

A server on SQLite behind the nginx that we ship, by HTTP/1.1; a guest pays every fifth of a second. Once with systemd's
socket, once without. Prints a table for docs/reliability.md, and fails if anything is lost or comes twice.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench import surroundings
from bench.restart.people import Till, gap_of_page, heard_by_source, photograph, watch_page, watch_source
from bench.restart.service import Service
from tests.browser.pages import Pages, launched
from tests.support.ground import Ground, Person
from tests.support.servers.nginx import Nginx
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until

_SETTLED_S: Final = 2.0
_KINDS: Final = {"socket": "systemd's socket", "plain": "its own listener"}
Seen = dict[str, float]


class _Behind(Ground):
    """People who reach the server by its proxy."""

    front = ""

    def url(self, server: int = 0) -> str:  # noqa: ARG002 - there is one
        return self.front


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="restarts of each kind")
    parser.add_argument("--shots", type=Path, help="keep pictures of what people see, at the size of a phone")
    parser.add_argument("--kind", choices=_KINDS, action="append", help="only this one")
    parsed = parser.parse_args()
    kinds = parsed.kind or list(_KINDS)
    print(f"{surroundings.commit()}, {surroundings.machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    seen = [asyncio.run(_measure(kind, parsed.times, parsed.shots)) for kind in kinds]
    print(
        "| | " + " | ".join(f"{_KINDS[kind]}, median (most)" for kind in kinds) + " |\n|---" + "|---" * len(kinds) + "|"
    )
    for name in seen[0][0]:
        cells = [[each[name] for each in kind] for kind in seen]
        print(f"| {name} | " + " | ".join(f"{statistics.median(each):.1f} ({max(each):.1f})" for each in cells) + " |")


async def _measure(kind: str, times: int, shots: Path | None) -> list[Seen]:
    with tempfile.TemporaryDirectory(prefix="festival-push-restart-") as folder, _listener(kind) as listener:
        home, port = Path(folder), free_port() if listener is None else listener.getsockname()[1]
        (home / "nginx").mkdir()
        nginx = Nginx(home / "nginx", f"127.0.0.1:{port}", tls=False)
        server = Service(home, port, nginx.url, listener)
        with server, nginx:
            behind = _Behind([server])
            behind.front = nginx.url
            async with behind as ground, launched() as browser, Pages(ground, browser) as pages:
                return [await _restart(pages, server, shots and shots / f"{kind}-{turn}") for turn in range(times)]


@contextlib.contextmanager
def _listener(kind: str) -> Iterator[socket.socket | None]:
    if kind != "socket":
        yield None
        return
    with socket.create_server(("127.0.0.1", 0), backlog=8192) as listener:
        yield listener


async def _restart(pages: Pages, server: Service, shots: Path | None) -> Seen:
    """One restart, with new people."""
    ground = pages.ground
    stall, anna, late = (
        await ground.stall(),
        await ground.customer("Anna", funds=100_000),
        await ground.customer("Late"),
    )
    phone, tablet = await pages.open(anna), await pages.open(stall)
    plain = await pages.tab("/healthz")
    ticket = (await ground.post("/v1/auth/stream-tickets", {}, who=anna)).json()["ticket"]
    await watch_source(plain, f"/v1/stream?ticket={ticket}")
    await until(lambda: plain.evaluate("window.heard.length"), within_s=30, message="the EventSource is connected")
    for page in (phone, tablet):
        await watch_page(page)
    till = Till(ground, anna, stall)
    paying = asyncio.create_task(till.run())
    looking = []
    if shots is not None:
        await asyncio.to_thread(shots.mkdir, parents=True, exist_ok=True)
        looking = [
            asyncio.create_task(photograph(page, shots / f"{name}.png"))
            for name, page in (("guest", phone), ("stall", tablet))
        ]
    await asyncio.sleep(_SETTLED_S)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    (ending_s, starting_s), arrival_s = await asyncio.gather(
        asyncio.to_thread(server.restart, lambda: loop.call_soon_threadsafe(ended.set)),
        _arrive(pages, late, ended, shots),
    )
    for page in (phone, tablet):
        await pages.live(page)
    await until(
        lambda: plain.evaluate("window.heard.at(-1)[1] !== 'error'"), within_s=60, message="the EventSource is back"
    )
    await asyncio.gather(*looking)
    await asyncio.sleep(_SETTLED_S)
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    await asyncio.sleep(_SETTLED_S)
    source = await heard_by_source(plain)
    orders = [order for _, order in source["orders"]]
    assert sorted(orders) == sorted(till.answered_ms), "each order once: none lost, none twice"
    balance = await ground.balance(anna)
    shown = await phone.locator("#balance").inner_text()
    assert shown.endswith(f"{balance // 100}.{balance % 100:02}"), (shown, balance)
    late_s = max(at - till.answered_ms[order] for at, order in source["orders"]) / 1000
    seen = {
        "the old server ends, s": ending_s,
        "the new one starts, s": starting_s,
        "a guest's page is not live, s": await gap_of_page(phone),
        "a stall's page is not live, s": await gap_of_page(tablet),
        "a plain EventSource hears nothing, s": source["gap_s"],
        "its latest event after the answer to the order, s": late_s,
        "a guest who pays waits at most, s": till.longest_s,
        "payments that had to be sent again": till.sent_again,
        "a guest who opens the page meanwhile waits, s": arrival_s,
    }
    print(f"<!-- {source['came_back']}, {len(orders)} orders, {seen} -->", flush=True)
    for page in (phone, tablet, plain):
        await page.close()
    return seen


async def _arrive(pages: Pages, late: Person, ended: asyncio.Event, shots: Path | None) -> float:
    """Open the page as soon as the old server has ended; return when it was live, in seconds."""
    await ended.wait()
    begun_s = time.monotonic()
    page = await pages.tab("/customer/", who=late)
    if shots is not None:
        await page.screenshot(path=shots / "arrives.png")
    await pages.live(page)
    await page.close()
    return time.monotonic() - begun_s


if __name__ == "__main__":
    main()
