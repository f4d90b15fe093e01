"""Handlers do what their endpoints declare: every call that any test here makes is held against its declaration."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import pytest
from starlette.responses import Response

from festival_push.domain.book import Command
from festival_push.domain.desk.second_person import WithSecond
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.refusals import AlreadyExists, LastAdmin, Refused
from festival_push.domain.signing_in.guesses import CountTry
from festival_push.domain.signing_in.refusals import SignInTaken, WrongFactor, WrongPin
from festival_push.store.writing.answers import Committed
from festival_push.web.api.pin_again import PIN_REFUSES
from festival_push.web.routing.admission import Admission
from festival_push.web.routing.endpoint import Call, Endpoint, Key, StatusOf
from tests.support.refusals import COMMON, passed_on_by, refused_by

T = TypeVar("T")
R = TypeVar("R")

NEVER: Final[dict[str, set[type[Refused]]]] = {
    "admit_user": {AlreadyExists, SignInTaken},  # id and name were made at random a moment ago
    "reset_pin": {SignInTaken},
    "cancel_order": {*ChangeOrderStatus.REFUSES} - {*ChangeOrderStatus.CANCEL_REFUSES},  # of other steps
    "unsuspend_user": {LastAdmin},  # nobody is lost
}
"""What a handler's command refuses, but can't on this route."""
_PIN_AGAIN: Final = {refusal for refusal in PIN_REFUSES if isinstance(refusal, type)}
_AGAIN: Final[set[type[Refused]]] = {*refused_by(CountTry), WrongPin, WrongFactor}
BEFORE: Final[dict[str, set[type[Refused]]]] = {
    "change_pin": set(refused_by(CountTry)),
    "remove_factor": _AGAIN,
    "renew_recovery_codes": _AGAIN,
    "complete_payout": _PIN_AGAIN,
    "confirm": _PIN_AGAIN,
    "erase_me": _PIN_AGAIN,
    "erase_person": _PIN_AGAIN,
    "request_payout": _PIN_AGAIN,
    "send_run": _PIN_AGAIN,
}
"""What a handler's other commands refuse, which it submits before."""


@dataclass(frozen=True, slots=True)
class HeardCall(Call):
    """A call that notes what its handler makes of it."""

    used: set[str] = field(default_factory=set)
    commands: list[type[Any]] = field(default_factory=list)

    async def body(self, kind: type[T]) -> T:
        """Read the body."""
        self.used.add("body")
        return await Call.body(self, kind)

    def query(self, kind: type[T]) -> T:
        """Read the query."""
        self.used.add("query")
        return Call.query(self, kind)

    async def run(
        self, command: Command[R], view: Callable[[Committed[R]], object], *, status: StatusOf[R] = 200
    ) -> Response:
        """Commit a command."""
        self.commands.append(type(command))
        return await Call.run(self, command, view, status=status)

    async def run_once(
        self,
        command: Command[R],
        body: msgspec.Struct,
        view: Callable[[Committed[R]], object],
        *,
        status: StatusOf[R] = 200,
    ) -> Response:
        """Commit a command once."""
        self.used.add("key")
        self.commands.append(type(command.command if isinstance(command, WithSecond) else command))
        return await Call.run_once(self, command, body, view, status=status)


def findings(endpoint: Endpoint, used: set[str], commands: Iterable[type[Any]]) -> list[str]:
    """What a handler did that its endpoint does not declare, and the other way round; it has answered well.

    Args:
        used: What it took of the call: `body`, `query`, `key`.
        commands: What it gave to `run` and `run_once`.
    """
    name, found = endpoint.handler.__name__, []
    declared = {"body": endpoint.body, "query": endpoint.query, "key": None if endpoint.key is Key.NONE else True}
    for what, declaration in declared.items():
        if (what in used) != (declaration is not None):
            found.append(f"{name}: {what} is {'used' if what in used else 'declared'} only")
    if commands:
        says = {refusal for refusal in endpoint.refuses if isinstance(refusal, type)}
        can = {
            refusal for command in commands for refusal in (*refused_by(command), *passed_on_by(command))
        } - NEVER.get(name, set())
        found += [f"{name}: can refuse {kind.__name__} too" for kind in can - says - COMMON]
        found += [f"{name}: can't refuse {kind.__name__}" for kind in says - can - BEFORE.get(name, set())]
    return sorted(found)


@contextmanager
def as_declared(endpoints: Iterable[Endpoint]) -> Iterator[None]:
    """Until it is left, a handler of one of these endpoints that answers well must have done what it declares."""
    watched = {endpoint.handler for endpoint in endpoints}
    admit, finish = Admission.call, Admission.finish
    heard: WeakKeyDictionary[Admission, HeardCall] = WeakKeyDictionary()

    async def call(self: Admission) -> Call:
        admitted = await admit(self)
        if admitted.endpoint.handler not in watched:
            return admitted
        heard[self] = HeardCall(*(getattr(admitted, each.name) for each in fields(Call)))
        return heard[self]

    def finished(self: Admission, response: Response) -> Response:
        if (ended := heard.pop(self, None)) is not None and response.status_code < 300:
            wrong = findings(ended.endpoint, ended.used, ended.commands)
            assert not wrong, wrong
        return finish(self, response)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Admission, "call", call)
        patch.setattr(Admission, "finish", finished)
        yield
