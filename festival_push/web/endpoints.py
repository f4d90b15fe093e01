"""What a route is: method, path, handler, and who may call it. Each noun's module lists its own `ENDPOINTS`."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, NamedTuple

from starlette.responses import Response

from festival_push.domain.values import Role
from festival_push.web.calls import Call

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


class Endpoint(NamedTuple):
    """One method of one path.

    Attributes:
        path: As Starlette writes it: `/v1/orders/{order_id}`; parameters by `Call.path`.
        access: Any one of them suffices.
        stream: A long-lived answer: it also takes a ticket (`?ticket=`), and has no HEAD.
    """

    method: str
    path: str
    handler: Handler
    access: frozenset[Access]
    stream: bool = False

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
