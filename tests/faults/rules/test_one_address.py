"""Four hundred guests behind one address, and one phone among them that does its worst: everybody gets in."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from festival_push.domain.money.funds import TopUp
from festival_push.domain.people.people import AddUser
from festival_push.domain.values import Role, TransferId, UserId
from festival_push.settings import Limits
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.pins import Pins
from festival_push.web.identity.proofs import Proofs
from tests.support.timing.waiting import until
from tests.support.wire.proofs import proof_for
from tests.web.edge import PIN_HASHER, PROOF_BITS
from tests.web.sockets import Served, served
from tests.web.world import World, open_world, settings_of

GUESTS: Final = 400  # all of whom come when nothing is left for their address
FRIENDS: Final = 20  # who have an account already, and sign in
AT_ONCE: Final = 50
FLOODS: Final = 10  # connections of the one phone
STALLS: Final = ("sun", "moon", "mars", "venus")  # a stall has 999 pickup numbers
PIN: Final = "739146"
REGISTER, LOGIN, DOCUMENT = "/v1/auth/register", "/v1/auth/login", "/v1/openapi.json"
_TRIES_MAX: Final = 50


class Wire:
    """One connection that is kept, and as little of HTTP as will do: thousands of requests must cost little."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def to(cls, server: Served) -> AsyncIterator["Wire"]:
        parts = urlsplit(server.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a request; the status and the JSON of its answer."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"Host": "fest.test", "Content-Length": str(len(content)), "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        self._writer.write("\r\n".join(lines).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        return int(head.split()[1]), json.loads(answer) if length < 10_000 else {}

    async def get_in(self, path: str, body: object) -> dict[str, Any] | None:
        """Register or sign in as our pages do: work when work is asked for, come back when it is busy. None if that
        leads nowhere."""
        proof: dict[str, str] = {}
        for _ in range(_TRIES_MAX):
            status, answer = await self.ask("POST", path, body, **proof)
            if status in {200, 201}:
                return answer
            if status == 429 and "proof" in answer:
                proof = {"Proof_Of_Work": proof_for(answer["proof"])}
            elif status != 503:
                return None
        return None


class Phone:
    """Does all that the limits allow, and more, over many connections, until it is told to stop."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._numbers = itertools.count()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.stops = False

    async def flood(self) -> None:
        async with Wire.to(self._server) as wire:
            while not self.stops:
                for method, path, body, headers in self._requests(next(self._numbers)):
                    status, _ = await wire.ask(method, path, body, **headers)
                    self.answers[path, status] += 1

    def _requests(self, number: int) -> Iterator[tuple[str, str, object, dict[str, str]]]:
        yield "GET", DOCUMENT, None, {}
        yield "POST", LOGIN, {"userId": f"nobody-{number}", "pin": "0000"}, {}
        yield "POST", LOGIN, {"userId": f"friend-{number % FRIENDS}", "pin": "0000"}, {"Proof_Of_Work": "made-up.1"}
        yield "POST", REGISTER, {"name": "Mallory", "pin": "7391"}, {}

    def is_at_its_worst(self) -> bool:
        """Whether it has used up all that its address has."""
        return all(self.answers[path, 429] for path in (DOCUMENT, LOGIN, REGISTER))


@asynccontextmanager
async def festival(folder: Path) -> AsyncIterator[tuple[World, Served]]:
    """A festival with the limits as they are shipped, behind a real socket. PINs and proofs are cheap; and no budget is
    ever refilled, so that what one phone takes of it is gone."""
    async with open_world(settings_of(folder, limits=Limits())) as world:
        services = world.services
        pins, limiter = Pins(PIN_HASHER), LocalRateLimiter(clock_s=lambda: 0.0)
        secret = services.settings.auth.jwt_secret.reveal()
        proofs = Proofs(secret, limiter=limiter, now=services.now, bits=PROOF_BITS)
        for name, service in {"pins": pins, "limiter": limiter, "proofs": proofs}.items():
            object.__setattr__(services, name, service)
        for stall in STALLS[2:]:
            await world.add(stall, Role.VENDOR)
        await asyncio.gather(*(world.add_item(stall, f"water-{stall}", 100) for stall in STALLS))
        await asyncio.gather(*(_add_friend(world, number) for number in range(FRIENDS)))
        async with served(world.app) as server:
            yield world, server
        pins.close()


async def _add_friend(world: World, number: int) -> None:
    name, pin_hash = f"friend-{number}", PIN_HASHER.hash(PIN)
    await world.services.committer.submit(
        AddUser(user_id=UserId(name), role=Role.CUSTOMER, name=name, pin_hash=pin_hash, top_up_code=name, sign_in=name)
    )


async def _register_and_order(world: World, server: Served, number: int) -> bool:
    """Come through the gate, pay in at the desk, and buy a bottle of water; whether there is one."""
    async with Wire.to(server) as wire:
        guest = await wire.get_in(REGISTER, {"name": f"Guest {number}", "pin": PIN})
        if guest is None:
            return False
        paid_in = TopUp(
            actor_id=UserId("admin"), user_id=guest["userId"], amount=100, method="cash", note=None,
            transfer_id=TransferId(f"top-up-{number}"),
        )  # fmt: skip
        await world.services.committer.submit(paid_in)
        stall = STALLS[number % len(STALLS)]
        body = {"vendorId": stall, "items": [{"itemId": f"water-{stall}", "quantity": 1}]}
        headers = {"Authorization": f"Bearer {guest['token']}", "Idempotency_Key": "first"}
        status, _ = await wire.ask("POST", "/v1/orders", body, **headers)
        return status == 201


async def _sign_in(server: Served, number: int) -> bool:
    async with Wire.to(server) as wire:
        return await wire.get_in(LOGIN, {"userId": f"friend-{number}", "pin": PIN}) is not None


async def test_one_phone_keeps_nobody_out_who_shares_its_address(tmp_path: Path) -> None:
    async with festival(tmp_path) as (world, server):
        phone = Phone(server)
        floods = [asyncio.create_task(phone.flood()) for _ in range(FLOODS)]
        await until(phone.is_at_its_worst, within_s=120)
        before = Counter(phone.answers)

        gate = asyncio.Semaphore(AT_ONCE)

        async def through(number: int) -> bool:
            async with gate:
                return await _register_and_order(world, server, number)

        in_time = await asyncio.gather(*(through(number) for number in range(GUESTS)))
        signed_in = await asyncio.gather(*(_sign_in(server, number) for number in range(FRIENDS)))
        phone.stops = True
        await asyncio.gather(*floods)

        assert (sum(in_time), sum(signed_in)) == (GUESTS, FRIENDS)
        since = phone.answers - before
        assert all(since[path, 429] for path in (DOCUMENT, LOGIN, REGISTER)), "it went on all the time"
        assert await world.is_told()
