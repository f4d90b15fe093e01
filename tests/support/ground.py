"""A festival on running servers: its people, its money and its menus, brought in as their users would bring them."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpx2

from tests.support.servers.server import JWT_SECRET, WEBHOOK_SECRET, ServerProcess
from tests.support.wire.signature import signed_headers

PIN: Final = "739146"
_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone who is signed in."""

    user_id: str
    token: str
    role: str
    sign_in: str = ""  # what they sign in with, if they have a PIN

    @property
    def bearer(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def topics(self) -> frozenset[str]:
        """What this person's stream follows without asking."""
        return frozenset({f"user:{self.user_id}", "role:customer", f"role:{self.role}", "all"})


@dataclass(frozen=True, kw_only=True)
class Stall(Person):
    """Someone who owns a stall, with its menu."""

    vendor_id: str
    items: Mapping[str, str]  # item ids by name

    @property
    def topics(self) -> frozenset[str]:
        """What their stream follows: the stall's things too."""
        return super().topics | {f"stall:{self.vendor_id}"}


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A display of one stall."""

    display_id: str
    token: str
    vendor_id: str

    @property
    def topics(self) -> frozenset[str]:
        """What its stream follows."""
        return frozenset({f"board:{self.vendor_id}", "boards"})


_ADMINS: Final[WeakKeyDictionary[ServerProcess, Person]] = WeakKeyDictionary()


@dataclass
class Ground:
    """People and commands over one or more servers that share a database; an async context manager.

    Args:
        servers: Already running. Commands go to the first unless they say otherwise.
    """

    servers: Sequence[ServerProcess]
    secrets: set[str] = field(default_factory=lambda: {PIN, WEBHOOK_SECRET, JWT_SECRET})
    """Everything that must never be seen in a log."""

    async def __aenter__(self) -> "Ground":
        limits = httpx2.Limits(max_connections=300, max_keepalive_connections=300)
        # No TLS is spoken here, or by a certificate of a minute ago; to load all authorities takes a tenth of a second.
        self.http = httpx2.AsyncClient(timeout=_TIMEOUT_S, limits=limits, trust_env=False, verify=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    # People

    async def admin(self) -> Person:
        """The organiser, added at the command line, once for each festival: starting a command takes half a second."""
        if self.servers[0] not in _ADMINS:
            user_id = f"admin-{secrets.token_hex(4)}"
            printed = self.servers[0].command("user", "add", "admin", "Organiser", "--id", user_id, "--pin", PIN)
            assert printed == user_id
            _ADMINS[self.servers[0]] = await self._sign_in(user_id)
        admin = _ADMINS[self.servers[0]]
        self.secrets.add(admin.token)
        return admin

    async def stall(self, name: str = "Falafel Sun", prices: Mapping[str, int] | None = None) -> Stall:
        """A new stall and its menu; prices in cents by item name."""
        body: dict[str, object] = {"role": "vendor", "name": name, "pin": PIN}
        hired = await self.post("/v1/admin/users", body, who=await self.admin())
        if hired.status_code == 409:  # no two stalls are called alike, and some tests share a server
            body["name"] = f"{name} {secrets.token_hex(4)}"
            hired = await self.post("/v1/admin/users", body, who=await self.admin())
        assert hired.status_code == 201, hired.text
        keeper, vendor_id = await self._sign_in(hired.json()["signIn"]), hired.json()["vendorId"]
        items = {}
        for item, price in (prices or {"wrap": 750, "ayran": 300}).items():
            body = {"name": item, "description": "", "price": price}
            made = await self.post(f"/v1/vendors/{vendor_id}/menu", body, who=keeper)
            assert made.status_code == 201, made.text
            items[item] = made.json()["itemId"]
        return Stall(
            user_id=keeper.user_id, token=keeper.token, role="vendor", sign_in=keeper.sign_in, vendor_id=vendor_id,
            items=items,
        )  # fmt: skip

    async def customer(self, name: str = "Anna", *, funds: int = 0) -> Person:
        """Someone who has just registered, with this many cents from the cash desk."""
        made = await self.post("/v1/auth/register", {"name": name, "pin": PIN})
        assert made.status_code == 201, made.text
        person = self._known(made.json())
        if funds:
            await self.top_up(person, funds)
        return person

    async def screen(self, stall: Stall) -> Screen:
        """A display of this stall."""
        made = await self.post(f"/v1/vendors/{stall.vendor_id}/displays", {"name": "Screen"}, who=stall)
        assert made.status_code == 201, made.text
        self.secrets.add(made.json()["token"])
        return Screen(display_id=made.json()["displayId"], token=made.json()["token"], vendor_id=stall.vendor_id)

    def token(self, person: Person, *, ttl_s: int) -> str:
        """A token of this person that lives for so many seconds, from the command line."""
        token = self.servers[0].command("token", person.user_id, "--ttl", str(ttl_s))
        self.secrets.add(token)
        return token

    async def _sign_in(self, sign_in: str) -> Person:
        signed_in = await self.post("/v1/auth/login", {"signIn": sign_in, "pin": PIN})
        assert signed_in.status_code == 200, signed_in.text
        return self._known(signed_in.json())

    def _known(self, session: Mapping[str, Any]) -> Person:
        self.secrets.add(session["token"])
        if session["signIn"] != session["userId"]:
            self.secrets.add(session["signIn"])
        self.http.cookies.clear()  # everyone here speaks with a bearer token
        return Person(
            user_id=session["userId"], token=session["token"], role=session["userType"], sign_in=session["signIn"]
        )

    # Commands

    async def post(
        self,
        path: str,
        body: object,
        *,
        who: Person | None = None,
        key: str | None = None,
        server: int = 0,
    ) -> httpx2.Response:
        """POST JSON; the answer whatever its status."""
        headers = {} if who is None else dict(who.bearer)
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.http.post(self.url(server) + path, json=body, headers=headers)

    async def get(self, path: str, *, who: Person | None = None, server: int = 0) -> httpx2.Response:
        """GET; the answer whatever its status."""
        return await self.http.get(self.url(server) + path, headers={} if who is None else who.bearer)

    async def top_up(self, person: Person, amount: int) -> None:
        """Take cash at the desk."""
        done = await self.try_top_up(person, amount, key=secrets.token_hex(8))
        assert done.is_success, done.text

    async def try_top_up(self, person: Person, amount: int, *, key: str, server: int = 0) -> httpx2.Response:
        """Take cash at the desk; the answer whatever its status."""
        body = {"userId": person.user_id, "amount": amount, "method": "cash", "note": "desk"}
        return await self.post("/v1/admin/top-ups", body, who=await self.admin(), key=key, server=server)

    async def fund(
        self, person: Person, amount: str, *, external_id: str, currency: str = "EUR", server: int = 0
    ) -> httpx2.Response:
        """Report a payment as the provider does, signed; `amount` in major units, `12.50`."""
        payment = {
            "id": external_id,
            "amount": amount,
            "currency": currency,
            "status": "succeeded",
            "user_id": person.user_id,
        }
        body = json.dumps(payment).encode()
        headers = signed_headers(external_id, body, WEBHOOK_SECRET) | {"Content-Type": "application/json"}
        return await self.http.post(self.url(server) + "/v1/webhooks/funds/zeffy", content=body, headers=headers)

    async def order(
        self, who: Person, stall: Stall, *, key: str | None = None, quantity: int = 1, server: int = 0
    ) -> httpx2.Response:
        """Order the stall's first item; the answer whatever its status."""
        body = {
            "vendorId": stall.vendor_id,
            "items": [{"itemId": next(iter(stall.items.values())), "quantity": quantity}],
        }
        return await self.post("/v1/orders", body, who=who, key=key or secrets.token_hex(8), server=server)

    async def placed(self, who: Person, stall: Stall) -> str:
        """Order the stall's first item; the id of the order."""
        answer = await self.order(who, stall)
        assert answer.status_code == 201, answer.text
        order_id: str = answer.json()["order"]["orderId"]
        return order_id

    async def step(self, stall: Person, order_id: str, status: str, *, server: int = 0) -> httpx2.Response:
        """Let the stall take an order one step further."""
        return await self.post(f"/v1/orders/{order_id}/status", {"status": status}, who=stall, server=server)

    async def balance(self, person: Person) -> int:
        """The person's balance as the server tells it."""
        answer = await self.get("/v1/me", who=person)
        balance: int = answer.json()["balance"]
        return balance

    def url(self, server: int = 0) -> str:
        """Where one of the servers listens; any number may be given, they are taken in turn."""
        return self.servers[server % len(self.servers)].url
