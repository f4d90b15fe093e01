"""What an endpoint declares is what its handler does: the published contract is made from it."""

from typing import Any, Final

import msgspec
import pytest
from starlette.responses import Response

from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import LastAdmin, NotFound, ReasonRequired, Refused
from festival_push.web.api import pages
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import ADMIN, Call, Endpoint, Key, no_content
from tests.web.heard import findings

API: Final = tuple(endpoint for endpoint in ENDPOINTS if endpoint not in pages.ENDPOINTS)


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def test_every_route_says_what_it_answers() -> None:
    assert [name_of(endpoint) for endpoint in API if not endpoint.answers] == []
    assert [name_of(endpoint) for endpoint in pages.ENDPOINTS if endpoint.answers] == []


def test_no_two_routes_share_a_name() -> None:
    names = [endpoint.handler.__name__ for endpoint in API]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("endpoint", API, ids=name_of)
def test_an_endpoint_says_each_refusal_once(endpoint: Endpoint) -> None:
    assert len(set(endpoint.refuses)) == len(endpoint.refuses)


class Say(msgspec.Struct):
    """A body, or a query."""


async def handle(call: Call) -> Response:
    """Never called: what it would do is told to `findings`."""
    del call
    return no_content()


def declared(*refuses: type[Refused], **what: Any) -> Endpoint:
    return Endpoint("POST", "/v1/things", handle, ADMIN, refuses=refuses, **what)


@pytest.mark.parametrize(
    ("endpoint", "used", "commands"),
    [
        (declared(), set(), []),
        (declared(body=Say, query=Say, key=Key.WELCOME), {"body", "query", "key"}, []),
        (declared(NotFound), set(), []),  # it may look for itself
        (declared(LastAdmin), set(), [SuspendUser]),
        (declared(LastAdmin, *ChangeOrderStatus.REFUSES), set(), [SuspendUser, ChangeOrderStatus]),
    ],
)
def test_what_is_as_declared_is_not_found(endpoint: Endpoint, used: set[str], commands: list[type[Any]]) -> None:
    assert findings(endpoint, used, commands) == []


@pytest.mark.parametrize(
    ("endpoint", "used", "commands", "finding"),
    [
        (declared(body=Say), set(), [], "body is declared only"),
        (declared(), {"query"}, [], "query is used only"),
        (declared(key=Key.REQUIRED), set(), [], "key is declared only"),
        (declared(), {"key"}, [], "key is used only"),
        (declared(), set(), [SuspendUser], "can refuse LastAdmin too"),
        (declared(LastAdmin, ReasonRequired), set(), [SuspendUser], "can't refuse ReasonRequired"),
    ],
)
def test_what_is_not_as_declared_is_found(
    endpoint: Endpoint, used: set[str], commands: list[type[Any]], finding: str
) -> None:
    assert findings(endpoint, used, commands) == [f"handle: {finding}"]
