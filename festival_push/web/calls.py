"""One request on its way through a handler: who calls, what the body says, and the answer to a command."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from festival_push.domain.book import Command
from festival_push.domain.refusals import Refused
from festival_push.store.committer import Answer, Committed, Once
from festival_push.web.bodies import decode_body, invalid, read_body
from festival_push.web.fields import Changes
from festival_push.web.principal import Principal, Screen
from festival_push.web.problems import JSON_TYPE, PROBLEM_TYPE, BadRequest, field_error, refusal_answer
from festival_push.web.services import Services

if TYPE_CHECKING:  # endpoints are made of handlers, and those of calls
    from festival_push.web.endpoints import Endpoint

T = TypeVar("T")
R = TypeVar("R")

PAGE_LIMIT: Final = 50
PAGE_LIMIT_MAX: Final = 200
_KEY_CHARS_MAX: Final = 255


class Key(StrEnum):
    """Whether a command takes an `Idempotency-Key`."""

    NONE = "none"
    WELCOME = "welcome"
    REQUIRED = "required"


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?limit=&before=`; a handler with more parameters subclasses it."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter at all."""


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request."""

    endpoint: "Endpoint"
    request: Request
    services: Services
    principal: Principal | Screen | None  # None: the route is open to anyone

    def user(self) -> Principal:
        """The person who calls; the route's access made sure that there is one."""
        assert isinstance(self.principal, Principal), self.request.scope["path"]
        return self.principal

    def path(self, name: str) -> str:
        """A parameter of the path as sent; `fields.require_id` makes it an id."""
        value: str = self.request.path_params[name]
        return value

    async def raw_body(self) -> bytes:
        """The body's bytes as sent, for a signature. Raises ProblemError 413."""
        return await read_body(self.request, self.services.settings.limits.body_bytes_max)

    async def body(self, kind: type[T]) -> T:
        """The body as the endpoint's kind, strictly; an empty one is `{}`.

        Raises:
            BadRequest: It names each wrong field; also where nothing is to be changed.
            ProblemError: 413.
        """
        assert kind is self.endpoint.body, f"{self.endpoint.path}: its endpoint must say body={kind.__name__}"
        body = decode_body(await self.raw_body() or b"{}", kind)
        if isinstance(body, Changes) and body == type(body)():
            raise BadRequest("Send at least one field to change.")
        return body

    def query(self, kind: type[T]) -> T:
        """The query parameters as the endpoint's Struct. Raises BadRequest, also for unknown ones."""
        assert kind is self.endpoint.query, f"{self.endpoint.path}: its endpoint must say query={kind.__name__}"
        given: dict[str, str] = {}
        for name, value in self.request.query_params.multi_items():
            if name in given:
                raise field_error(name, "is given twice")
            if value.lower() == "null" and not self.endpoint.stream:  # msgspec would take it for None
                raise field_error(name, "must not be null")
            given[name] = value
        try:
            return msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError as error:
            raise invalid(error) from None

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work that only waits, and no longer than the client does. Raises ClientDisconnect."""
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
        limit = self.services.rules.amount_max
        if amount > limit:
            raise field_error(field, f"must be at most {limit}")
        return amount

    async def run(self, command: Command[R], view: Callable[[Committed[R]], object], *, status: int = 200) -> Response:
        """Do a command and answer with `view`'s JSON; the status 204 has no body. Raises what the committer raises."""
        committed = await self.services.committer.submit(command)
        return no_content() if status == 204 else json_response(view(committed), status)

    async def run_once(
        self, command: Command[R], body: msgspec.Struct, view: Callable[[Committed[R]], object], *, status: int = 200
    ) -> Response:
        """Do a command at most once per `Idempotency-Key`; a retry gets the first answer, byte for byte.

        Where a key is only welcome, a command without one is done as `run` does it.

        Args:
            body: The request as parsed; another one under the same key is refused.
            view: Renders the first answer. It is stored with the command, so it must need nothing else.
            status: Of the first answer when it is no refusal.

        Raises:
            BadRequest: The key is missing or malformed.
            Refused: Those that are not kept; the kept ones come back as an answer.
        """

        assert self.endpoint.key is not Key.NONE, f"{self.endpoint.path}: its endpoint must say key=…"
        if self.endpoint.key is Key.WELCOME and "idempotency-key" not in self.request.headers:
            return await self.run(command, view, status=status)

        def render(outcome: Committed[Any] | Refused) -> Answer:
            if isinstance(outcome, Refused):
                return Answer(*refusal_answer(outcome))
            return Answer(status, msgspec.json.encode(view(outcome)))

        scope = f"{self.user().user.user_id} {self.request.method} {self.request.scope['path']}"
        fingerprint = sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
        once = Once(scope, self._idempotency_key(), fingerprint, render)
        answer = await self.services.committer.submit_once(command, once)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        media_type = JSON_TYPE if answer.status < 400 else PROBLEM_TYPE
        return Response(answer.body, answer.status, headers=headers, media_type=media_type)

    def _idempotency_key(self) -> str:
        keys = self.request.headers.getlist("idempotency-key")
        if not keys:
            raise BadRequest("Send an Idempotency-Key header.", code="idempotency-key-required")
        key = keys[0]
        if len(keys) > 1 or not 1 <= len(key) <= _KEY_CHARS_MAX or not all("!" <= char <= "~" for char in key):
            raise BadRequest(
                f"Idempotency-Key: one, of 1 to {_KEY_CHARS_MAX} visible ASCII characters.",
                code="idempotency-key-invalid",
            )
        return key


def json_response(value: object, status: int = 200) -> Response:
    """Answer with a value's JSON: Structs, dicts, lists …"""
    return Response(msgspec.json.encode(value), status, media_type=JSON_TYPE)


def no_content() -> Response:
    """Answer 204."""
    return Response(status_code=204)
