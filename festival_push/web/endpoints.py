"""What a route is: method, path, handler, who may call it, what it takes and what it answers.

Each noun's module lists its own `ENDPOINTS`. The published contract is made from them,
and a handler reads nothing else.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from starlette.responses import Response

from festival_push.domain.refusals import Refused
from festival_push.domain.values import Role
from festival_push.web.calls import Call, Key

Handler = Callable[[Call], Awaitable[Response]]


class Access(StrEnum):
    """Who may call a route. Whose thing it is, the handler and the command look at."""

    ANYONE = "anyone"  # nobody is authenticated
    PASSER_BY = "passer-by"  # anyone too, but only where `boards.public` is set
    SIGNED = "signed"  # the handler verifies a signature over the body
    USER = "user"  # every signed-in person
    CUSTOMER = "customer"
    VENDOR = "vendor"
    ADMIN = "admin"
    DISPLAY = "display"


ACCESS_OF_ROLE: Final = {Role.CUSTOMER: Access.CUSTOMER, Role.VENDOR: Access.VENDOR, Role.ADMIN: Access.ADMIN}


Answer = type | str | None
"""A body: JSON of this type, text of this media type, or none at all."""
Refusal = type[Refused] | tuple[int, str]
"""A rule's refusal, or the status and the code of one of the web edge's own."""


class Endpoint(NamedTuple):
    """One method of one path.

    Attributes:
        path: As Starlette writes it: `/v1/orders/{order_id}`; parameters by `Call.path`.
        access: Any one of them suffices.
        stream: A long-lived answer: it also takes a ticket (`?ticket=`), and has no HEAD.
        body: What `Call.body` may read.
        query: What `Call.query` may read. Without it, parameters are not looked at.
        key: How `Call.run_once` sees to the command's `Idempotency-Key`.
        answers: By status, those that are no problem. A page has none: it is not part of the published contract.
        refuses: What it may refuse besides what its access, its body and its path may.
    """

    method: str
    path: str
    handler: Handler
    access: frozenset[Access]
    stream: bool = False
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    key: Key = Key.NONE
    answers: Mapping[int, Answer] = MappingProxyType({})
    refuses: tuple[Refusal, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether it only reads."""
        return self.method == "GET"


ANYONE: Final = frozenset({Access.ANYONE})
USER: Final = frozenset({Access.USER})
CUSTOMER: Final = frozenset({Access.CUSTOMER})
ADMIN: Final = frozenset({Access.ADMIN})
SIGNED: Final = frozenset({Access.SIGNED})
VENDOR_OR_ADMIN: Final = frozenset({Access.VENDOR, Access.ADMIN})
