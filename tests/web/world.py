"""The whole application over a real SQLite file, in the test's own loop: requests go straight into it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
from starlette.types import ASGIApp, Message

from festival_push.app import build_app
from festival_push.domain.desk.second_person import CONFIRM_MS
from festival_push.domain.money.funds import TopUp
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.values import ConfirmationId, Instant, ItemId, Part, Role, TransferId, UserId, VendorId
from festival_push.settings import (
    PRESETS,
    Auth,
    Boards,
    DatabaseSettings,
    FundsProvider,
    Limits,
    PayoutSettings,
    Secret,
    Secrets,
    Server,
    Settings,
    StreamSettings,
)
from festival_push.web.identity.claims import TokenUse
from festival_push.web.parsing.ids import new_id, new_top_up_code
from festival_push.web.routing.services import Services
from tests.support.contract import answer_findings
from tests.support.festival import Put
from tests.support.servers.sqlite import migrated_file
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection
from tests.support.wire.sse import Frame, SseParser
from tests.web.sockets import Served, held

WEBHOOK_SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STRIPE_SECRET: Final = "whsec_4mY0cq7Gd1ZpR9xTf3AbKq8LwN5s"
ZAPIER_SECRET: Final = "zapier-secret-of-enough-characters"
STANDARD_SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
RELAY_SECRET: Final = "relay-secret-of-enough-characters"
BASE_URL: Final = "http://fest.test"
BOARDS: Final = Boards()
PAYOUTS: Final = PayoutSettings()
LIMITS: Final = Limits(
    commands_per_min=100_000,
    vendor_commands_per_min=100_000,
    anonymous_per_min=100_000,
    sign_ins_per_min=100_000,
    registrations_per_min=100_000,
    reads_per_min=100_000,
    open_orders_max=1_000,
)


def settings_of(
    folder: Path,
    *,
    boards: Boards = BOARDS,
    limits: Limits = LIMITS,
    payouts: PayoutSettings = PAYOUTS,
) -> Settings:
    """The settings of these tests; nobody is kept waiting by a rate limit."""
    return Settings(
        database=DatabaseSettings(url=f"sqlite:///{folder}/world.db"),
        auth=Auth(jwt_secret=Secrets(Secret("0123456789abcdef-0123456789abcdef"))),
        server=Server(public_url=BASE_URL, drain_s=0.1),
        boards=boards,
        limits=limits,
        payouts=payouts,
        stream=StreamSettings(retry_ms=1_000),
        funds={
            "zeffy": FundsProvider(secrets=(Secret(WEBHOOK_SECRET),)),
            "relay": FundsProvider(secrets=(Secret(RELAY_SECRET),), auth="bearer"),
            "unset": FundsProvider(),
            "stripe": msgspec.structs.replace(
                PRESETS["stripe"], secrets=(Secret(STRIPE_SECRET), Secret("whsec_the_second_of_two_secrets"))
            ),
            "zapier": msgspec.structs.replace(
                PRESETS["zeffy"], secrets=(Secret(ZAPIER_SECRET),), only_currency="EUR", amount_sign="€"
            ),
            "relay-of-events": msgspec.structs.replace(
                PRESETS["standard"], auth="bearer", secrets=(Secret(RELAY_SECRET),)
            ),
            "standard": msgspec.structs.replace(PRESETS["standard"], secrets=(Secret(STANDARD_SECRET),)),
        },
    )


class World:
    """A running festival."""

    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        self._state = state
        self._inner = app
        self._keys = itertools.count(1)
        self.services: Services = state["services"]
        self.served: Served | None = None  # streams are followed there, if it is somewhere
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app), base_url=BASE_URL, event_hooks={"response": [_judge]}
        )

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, with the state that a server would hand it."""
        await self._inner({**scope, "state": self._state}, receive, send)

    async def add(self, user_id: str, role: Role = Role.CUSTOMER, *, balance: int = 0) -> Person:
        """A new person, with money in the wallet; a stall has the id of the person who opens it here."""
        user = AddUser(
            user_id=UserId(user_id), role=role, name=user_id.title(), pin_hash=None, top_up_code=new_top_up_code()
        )
        added = (await self.services.committer.submit(user)).reply
        if balance:
            await self.top_up(user_id, balance)
        return added

    async def top_up(self, user_id: str, amount: int) -> None:
        """Money for somebody's wallet."""
        command = TopUp(
            actor_id=UserId("admin"), user_id=UserId(user_id), amount=amount, method="cash", note=None,
            transfer_id=TransferId(new_id()),
        )  # fmt: skip
        await self.services.committer.submit(command)

    async def appoint(self, user_id: str, vendor_id: str, part: Part = Part.KEEPER) -> None:
        """Somebody who keeps a stall from now on."""
        command = AppointKeeper(
            actor_id=UserId("admin"), vendor_id=VendorId(vendor_id), user_id=UserId(user_id), part=part
        )
        await self.services.committer.submit(command)

    async def keep_for_second(self, asked_by: str, confirmation_id: str, amount: int = 1) -> str:
        """Something that waits for a second organiser, whatever the limit is; return its id."""
        command = TopUp(
            actor_id=UserId(asked_by), user_id=UserId("anna"), amount=amount, method="card", note=None,
            transfer_id=TransferId(new_id()),
        )  # fmt: skip
        now = self.services.now()
        kept = Confirmation(
            confirmation_id=ConfirmationId(confirmation_id), act=DeedKind.TOP_UP, subject="user:anna", amount=amount,
            command=msgspec.json.encode(command).decode(), asked_by=UserId(asked_by),
            status=ConfirmationStatus.WAITING, settled_by=None, created_at=now, expires_at=Instant(now + CONFIRM_MS),
            settled_at=None,
        )  # fmt: skip
        await self.services.committer.submit(Put(rows=(kept,)))
        return confirmation_id

    async def add_item(self, vendor_id: str, item_id: str, price: int, *, available: bool = True) -> None:
        """Something to buy."""
        item = AddMenuItem(
            actor_id=UserId("admin"), vendor_id=VendorId(vendor_id), item_id=ItemId(item_id), name=item_id.title(),
            description="", price=price, available=available,
        )  # fmt: skip
        await self.services.committer.submit(item)

    async def change_item(self, item_id: str, **fields: Any) -> None:
        """An item that is sold otherwise from now on."""
        command = ChangeMenuItem(actor_id=UserId("admin"), item_id=ItemId(item_id), **fields)
        await self.services.committer.submit(command)

    async def put_deposit(self, item_id: str, deposit: int) -> None:
        """An item that has a deposit from now on."""
        await self.change_item(item_id, deposit=deposit)

    def bearer(self, user_id: str, ttl_s: int = 3600) -> dict[str, str]:
        """The header that makes a request somebody's."""
        return {"Authorization": f"Bearer {self.services.tokens.issue(user_id, TokenUse.SESSION, ttl_s).token}"}

    def screen(self, display_id: str) -> dict[str, str]:
        """The header that makes a request a display's."""
        return {"Authorization": f"Bearer {self.services.tokens.issue(display_id, TokenUse.DISPLAY, 3600).token}"}

    async def get(self, who: str | None, path: str) -> httpx2.Response:
        """Read something."""
        return await self.http.get(path, headers=self.bearer(who) if who else {})

    async def post(self, who: str | None, path: str, body: object, *, key: str | None = None) -> httpx2.Response:
        """Give a command, under a fresh idempotency key if none is given."""
        headers = {"Idempotency-Key": key or f"key-{next(self._keys)}", "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(path, content=content, headers=headers | (self.bearer(who) if who else {}))

    async def place(self, who: str, vendor_id: str, **quantities: int) -> dict[str, Any]:
        """Place an order; returns the order."""
        items = [{"itemId": item_id, "quantity": quantity} for item_id, quantity in quantities.items()]
        response = await self.post(who, "/v1/orders", {"vendorId": vendor_id, "items": items})
        assert response.status_code == 201, response.text
        order: dict[str, Any] = response.json()["order"]
        return order

    async def hand_out(self, order: dict[str, Any]) -> None:
        """An order that was picked up: its money is earned."""
        for status in ("ready", "completed"):
            answer = await self.post("admin", f"/v1/orders/{order['orderId']}/status", {"status": status})
            assert answer.status_code == 200, answer.text

    async def balance(self, who: str) -> int:
        """What somebody has."""
        balance: int = (await self.get(who, "/v1/me")).json()["balance"]
        return balance

    async def is_told(self) -> bool:
        """Whether everything that was committed has reached the streams."""
        return self.services.hub.position == (await self.services.log.head()).position

    @asynccontextmanager
    async def follow(self, path: str, headers: Mapping[str, str], query: str = "") -> AsyncIterator["Following"]:
        """A stream that has begun, or was refused; it is hung up on at the end. Its head comes before its snapshot is
        read: what is done after the head alone may be told by either."""
        async with self.hold(path, headers, query) as following:
            await until(lambda: following.frames or following.is_over, message="the first event of a stream")
            yield following

    @asynccontextmanager
    async def hold(self, path: str, headers: Mapping[str, str], query: str = "") -> AsyncIterator["Following"]:
        """A request that may be waiting for its answer; it is hung up on at the end."""
        following = Following()
        if self.served is not None:
            async with held(self.served, f"{path}?{query}" if query else path, headers, following.take):
                yield following
            return
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("fest.test", 80),
        }  # fmt: skip
        serving = asyncio.create_task(self.app(scope, following.receive, following.send))
        try:
            yield following
        finally:
            following.hung_up.set()
            await asyncio.wait_for(serving, 60)


async def _judge(response: httpx2.Response) -> None:
    """Every answer that any test gets here is what the published contract says."""
    method, body = response.request.method, await response.aread()
    if method != "HEAD":
        content_type = response.headers.get("content-type", "")
        path = response.request.url.path
        wrong = answer_findings(method, path, response.status_code, content_type, body)
        assert not wrong, wrong


@dataclass
class Following:
    """A stream as its client sees it."""

    status: int = 0
    is_over: bool = False

    def __post_init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = b""
        self.frames: list[Frame] = []
        self.hung_up = asyncio.Event()
        self.last_event_id = ""  # what a browser would come back with
        self._parser = SseParser()
        self._asked = False

    async def receive(self) -> Message:
        """The request, then the hang-up."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take what the server sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self.body += message.get("body", b"")
        self._add(self._parser.feed(message.get("body", b"")))
        self.is_over = not message.get("more_body", False)

    def take(self, connection: Connection, frames: list[Frame]) -> None:
        """Take what came over a socket."""
        self.status, self.headers, self.body = connection.status or 0, connection.headers, connection.body
        self._add(frames)
        self.is_over = connection.is_over

    def _add(self, frames: list[Frame]) -> None:
        self.frames += frames
        for frame in frames:
            if frame.id is not None:
                self.last_event_id = frame.id

    async def first(self, event: str) -> dict[str, Any]:
        """The data of the first event of this name, waited for."""
        frame = await until(
            lambda: next((frame for frame in self.frames if frame.event == event), None), message=f"a {event}"
        )
        data: dict[str, Any] = json.loads(frame.data)
        return data

    def events(self) -> list[str]:
        """The names of all events so far."""
        return [frame.event for frame in self.frames]


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[World]:
    """Start the application over whatever its database holds; end it afterwards."""
    app = build_app(settings)
    state: dict[str, Any] = {}
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    living = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    to_app.put_nowait({"type": "lifespan.startup"})
    started = await asyncio.wait_for(from_app.get(), 60)
    assert started["type"] == "lifespan.startup.complete", started
    world = World(app, state)
    try:
        yield world
    finally:
        await world.http.aclose()
        to_app.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait_for(living, 60)


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncIterator[World]:
    """The application with an organiser, two customers, two stalls and their menus, over a new database."""
    migrated_file(Path(settings.database.url.removeprefix("sqlite:///")))
    async with open_app(settings) as world:
        await asyncio.gather(  # a thousand tests start here: the committer writes these side by side
            world.add("admin", Role.ADMIN),
            world.add("anna", balance=5_000),
            world.add("ben", balance=5_000),
            world.add("sun", Role.VENDOR),
            world.add("moon", Role.VENDOR),
        )
        await asyncio.gather(
            world.add_item("sun", "falafel", 650),
            world.add_item("sun", "ayran", 200),
            world.add_item("moon", "beer", 450),
        )
        yield world


def problem_of(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, which must be of this status and code."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body.get("code")) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    return body
