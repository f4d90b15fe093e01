"""The endpoint, which declares a route, and the call: one admitted request.

Each noun's module has its own `ENDPOINTS`, each of them declared above its handler: method, path, who may call it, what
it takes and what it answers. The published contract is made from them; a handler reads nothing but its `Call`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypedDict, TypeVar, Unpack

import msgspec
from msgspec import UNSET
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from festival_push.domain.book import Command
from festival_push.domain.money.amounts import amount_text
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Refused, Thing
from festival_push.domain.values import UserId
from festival_push.ops.logs import REQUEST_ID
from festival_push.store.writing.answers import Committed, OncePerKey, StoredAnswer
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.identity.principal import DisplayCaller, Principal
from festival_push.web.parsing.addresses import client_address
from festival_push.web.parsing.bodies import decode_body, invalid, read_body
from festival_push.web.parsing.fields import AmountOrAll, Changes, require_id
from festival_push.web.parsing.keys import idempotency_key
from festival_push.web.parsing.problems import JSON_TYPE, PROBLEM_TYPE, BadRequest, field_error, refusal_answer
from festival_push.web.parsing.queries import single_parameters, stream_parameters
from festival_push.web.routing.services import Services

Handler = Callable[["Call"], Awaitable[Response]]


class Access(StrEnum):
    """Who may call a route. Whose the thing is that the call is about, the handler and the command ask
    `domain.people.relations`, which also says which of these a route is for (`access.who_may`)."""

    ANYONE = "anyone"  # nobody is authenticated
    PASSER_BY = "passer-by"  # anyone too, but only where `boards.public` is set
    SIGNED = "signed"  # the handler verifies a signature over the body
    HOLDER = "holder"  # the handler compares a secret, sent as a bearer token, that opens only what the path names
    USER = "user"  # every signed-in person
    KEEPER = "vendor"  # who keeps a stall, whichever
    CASHIER = "cashier"
    ADMIN = "admin"
    DISPLAY = "display"


class Key(StrEnum):
    """Whether a command takes an `Idempotency-Key`."""

    NONE = "none"
    WELCOME = "welcome"
    REQUIRED = "required"


BodyType = type | str | None
"""A body: JSON of this type, text of this media type, or none at all."""
Answer = BodyType | tuple[BodyType, ...]
"""The body of an answer; several if the caller chooses one, first the one without a choice."""
Refusal = type[Refused] | tuple[int, str]
"""A refusal of the domain's rules, or status and code of a refusal by the web edge itself."""


class Endpoint(NamedTuple):
    """One method of one path.

    Attributes:
        path: As Starlette writes it: `/v1/orders/{orderId}`; `Call.path` and `Call.id` read the parameters.
        access: Who may call it; any one of them suffices.
        stream: A long-lived answer: it also takes a ticket (`?ticket=`), and has no HEAD.
        body: The type that `Call.body` may read.
        query: The type that `Call.query` may read. Without it, query parameters are ignored.
        key: How `Call.run_once` treats the command's `Idempotency-Key`.
        budget: What a request takes from; None: what its path, access and method say (`takes_from`).
        unproven: Also for organisers who lack the second factor that they need here; all else is refused to them.
        answers: The bodies by status, of answers that are no problem. A page has none: the contract leaves it out.
        refuses: The refusals besides those that follow from its access, body and path.
    """

    method: str
    path: str
    handler: Handler
    access: frozenset[Access]
    stream: bool = False
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    key: Key = Key.NONE
    budget: BudgetKind | None = None
    unproven: bool = False
    answers: Mapping[int, Answer] = MappingProxyType({})
    refuses: tuple[Refusal, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether it only reads."""
        return self.method == "GET"

    @property
    def takes_from(self) -> BudgetKind:
        """The budget that a request takes from.

        Pages and probes are cheap and take from none; nor does a signed report of a payment: its signature is checked
        first, and that is cheap too.
        """
        if self.budget is not None:
            return self.budget
        if Access.SIGNED in self.access or not self.path.startswith("/v1/"):
            return BudgetKind.NONE
        if self.access & {Access.ANYONE, Access.HOLDER}:
            return BudgetKind.PUBLIC
        return BudgetKind.READS if self.safe else BudgetKind.COMMANDS


class _Declared(TypedDict, total=False):
    """The fields of an `Endpoint` besides its method, path, handler and access."""

    stream: bool
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    key: Key
    budget: BudgetKind
    unproven: bool
    answers: Mapping[int, Answer]
    refuses: tuple[Refusal, ...]


class Endpoints(list[Endpoint]):
    """The endpoints of one module, each declared above its handler: `@ENDPOINTS.get("/v1/me", USER, …)`."""

    def get(self, path: str, access: frozenset[Access], **declared: Unpack[_Declared]) -> "_Declare":
        """Declare a GET."""
        return self._declare("GET", path, access, declared)

    def post(self, path: str, access: frozenset[Access], **declared: Unpack[_Declared]) -> "_Declare":
        """Declare a POST."""
        return self._declare("POST", path, access, declared)

    def patch(self, path: str, access: frozenset[Access], **declared: Unpack[_Declared]) -> "_Declare":
        """Declare a PATCH."""
        return self._declare("PATCH", path, access, declared)

    def delete(self, path: str, access: frozenset[Access], **declared: Unpack[_Declared]) -> "_Declare":
        """Declare a DELETE."""
        return self._declare("DELETE", path, access, declared)

    def _declare(self, method: str, path: str, access: frozenset[Access], declared: _Declared) -> "_Declare":
        def declare(handler: Handler) -> Handler:
            self.append(Endpoint(method, path, handler, access, **declared))
            return handler

        return declare


_Declare = Callable[[Handler], Handler]

ANYONE: Final = frozenset({Access.ANYONE})
USER: Final = frozenset({Access.USER})
ADMIN: Final = frozenset({Access.ADMIN})
SIGNED: Final = frozenset({Access.SIGNED})
HOLDER: Final = frozenset({Access.HOLDER})

T = TypeVar("T")
R = TypeVar("R")

_Outcome = Committed[Any] | Refused
StatusOf = int | Callable[[Committed[R]], int]
"""The status of an answer, or how it follows from the outcome."""

_NOUNS: Final[Mapping[str, Thing]] = {
    "announcementId": "announcement", "confirmationId": "confirmation", "displayId": "display", "drawerId": "drawer",
    "factorId": "factor", "fundsId": "funds", "giveBackId": "give-back", "itemId": "item", "orderId": "order",
    "pairingId": "pairing", "payoutId": "payout", "requestId": "payment-request", "runId": "payout-run",
    "sessionId": "session", "transactionId": "transfer", "unreadId": "funds", "userId": "user", "vendorId": "vendor",
}  # fmt: skip
"""What each path parameter names, in the word that a 404 uses."""


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request."""

    endpoint: Endpoint
    request: Request
    services: Services
    principal: Principal | DisplayCaller | None  # None: the route is open to anyone
    proven: bool = False  # it came with a proof of work

    def user(self) -> Principal:
        """Return the person who calls, and by which session; the route's access made sure that there is one."""
        assert isinstance(self.principal, Principal), self.request.scope["path"]
        return self.principal

    @property
    def person(self) -> Person:
        """The person who calls."""
        return self.user().person

    @property
    def actor_id(self) -> UserId:
        """The id of the person who calls."""
        return self.user().user.user_id

    async def hash_pin(self, pin: str) -> str:
        """Return the hash of a PIN; give up when the client disconnects. Raises TooBusy, ClientDisconnect."""
        return await self.while_connected(self.services.pins.hash(pin, self._pin_queue))

    async def verify_pin(self, pin_hash: str | None, pin: str) -> bool:
        """Return whether a PIN fits the hash, as `Pins.verify`; give up as `hash_pin` does."""
        return await self.while_connected(self.services.pins.verify(pin_hash, pin, self._pin_queue))

    @property
    def _pin_queue(self) -> str:
        return f"{self.endpoint.takes_from} {client_address(self.request.scope)}"

    def path(self, name: str) -> str:
        """Return a path parameter as sent; use `id` for the id of something."""
        value: str = self.request.path_params[name]
        return value

    def id(self, name: str) -> str:
        """Return a path parameter that is an id. Raises NotFound if it can't be one, without asking the database."""
        return require_id(self.path(name), what=_NOUNS[name])

    async def raw_body(self) -> bytes:
        """Return the body's bytes as sent, all of them, for a signature. Raises what `read_body` raises."""
        return await read_body(self.request, self.services.settings.limits.body_bytes_max)

    async def body(self, kind: type[T]) -> T:
        """Return the body, decoded strictly as the endpoint's type; an empty body counts as `{}`.

        Raises:
            BadRequest: The body is wrong, and each wrong field is named; or it changes nothing; or it is not whole.
            ProblemError: 413, the body is too large.
            ClientDisconnect: The client left before all of it had come.
        """
        assert kind is self.endpoint.body, f"{self.endpoint.path}: its endpoint must say body={kind.__name__}"
        body = decode_body(await self.raw_body() or b"{}", kind)
        if isinstance(body, Changes) and body == type(body)():
            raise BadRequest("Send at least one field to change.")
        return body

    def query(self, kind: type[T]) -> T:
        """Return the query parameters as the endpoint's Struct. Raises BadRequest, for an unknown one too; a stream's
        are taken as they come."""
        assert kind is self.endpoint.query, f"{self.endpoint.path}: its endpoint must say query={kind.__name__}"
        read = stream_parameters if self.endpoint.stream else single_parameters
        given = read(self.request.scope["query_string"])
        try:
            return msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError as error:
            raise invalid(error) from None

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work that only waits, and cancel it when the client disconnects. Raises ClientDisconnect."""
        working, leaving = asyncio.create_task(work), asyncio.create_task(self._hang_up())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise ClientDisconnect
            return working.result()
        finally:
            working.cancel()
            leaving.cancel()
            await asyncio.wait((working, leaving))

    async def _hang_up(self) -> None:
        while (await self.request.receive())["type"] != "http.disconnect":
            pass

    def check_amount(self, amount: int, field: str = "amount") -> int:
        """Return the amount. Raises BadRequest above the configured limit."""
        rules = self.services.rules
        if amount > (limit := rules.amount_max):
            raise field_error(field, f"must be at most {limit}, which is {amount_text(limit, rules.currency)}")
        return amount

    def share(self, body: AmountOrAll, *, of_balance: bool = False) -> int | None:
        """Return the amount of a request; None if it asks for everything. Raises BadRequest unless it says just one.

        Args:
            of_balance: Only what there is bounds the amount: `limits.amount_max` is of sales and top-ups.
        """
        if body.amount is not UNSET and body.all is UNSET:
            return body.amount if of_balance else self.check_amount(body.amount)
        if body.amount is UNSET and body.all is True:
            return None
        if body.all is False:
            raise field_error("all", "must be true, or left out")
        wrong = "is required, or all: true" if body.amount is UNSET else "must not stand beside all"
        raise field_error("amount", wrong)

    async def run(
        self, command: Command[R], view: Callable[[Committed[R]], object], *, status: StatusOf[R] = 200
    ) -> Response:
        """Commit a command and answer with `view`'s JSON; a 204 has no body. Raises what the committer raises."""
        committed = await self.services.committer.submit(command, request_id=REQUEST_ID.get() or None)
        code = status if isinstance(status, int) else status(committed)
        return no_content() if code == 204 else json_response(view(committed), code)

    async def run_once(
        self, command: Command[R], body: msgspec.Struct, view: Callable[[Committed[R]], Any], *,
        status: StatusOf[R] = 200,
    ) -> Response:  # fmt: skip
        """Commit a command at most once per `Idempotency-Key`; a retry gets the first answer, byte for byte.

        Where a key is only welcome, a command without one is committed as `run` does it.

        Args:
            body: The request as parsed; another one under the same key is refused.
            view: Renders the first answer. The answer is stored with the command, so `view` must need nothing else.
            status: The status of the first answer unless it is a refusal; or a function of the outcome, as `view`.

        Raises:
            BadRequest: The key is missing or malformed.
            Refused: Only refusals that are not kept under the key; a kept one is returned as an answer.
        """
        assert self.endpoint.key is not Key.NONE, f"{self.endpoint.path}: its endpoint must say key=…"
        if self.endpoint.key is Key.WELCOME and "idempotency-key" not in self.request.headers:
            return await self.run(command, view, status=status)

        def render(outcome: _Outcome) -> StoredAnswer:
            if isinstance(outcome, Refused):
                return StoredAnswer(*refusal_answer(outcome))
            code = status if isinstance(status, int) else status(outcome)
            return StoredAnswer(code, msgspec.json.encode(view(outcome)))

        scope = f"{self.user().user.user_id} {self.request.method} {self.request.scope['path']}"
        fingerprint = sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
        once = OncePerKey(scope, idempotency_key(self.request.headers), fingerprint, render)
        answer = await self.services.committer.submit_once(command, once, request_id=REQUEST_ID.get() or None)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        media_type = JSON_TYPE if answer.status < 400 else PROBLEM_TYPE
        return Response(answer.body, answer.status, headers=headers, media_type=media_type)


def json_response(value: object, status: int = 200) -> Response:
    """Answer with a value's JSON: Structs, dicts, lists …"""
    return Response(msgspec.json.encode(value), status, media_type=JSON_TYPE)


def no_content() -> Response:
    """Answer 204."""
    return Response(status_code=204)
