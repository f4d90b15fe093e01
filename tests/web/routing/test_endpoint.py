"""What an endpoint declares is what its handler does: the published contract is made from it."""

from typing import Final

import pytest

from festival_push.domain.refusals import (
    AlreadyExists,
    Forbidden,
    InsufficientFunds,
    InvalidVendorCode,
    LastAdmin,
    NotFound,
    Refused,
    Suspended,
    TokenSpent,
)
from festival_push.web.api import pages
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import Endpoint, Key
from tests.support.sources import Source

API: Final = tuple(endpoint for endpoint in ENDPOINTS if endpoint not in pages.ENDPOINTS)

NAMED: Final = {NotFound, Forbidden, Suspended, InsufficientFunds, TokenSpent}
"""Raised by classes that most routes name for something else: whoever only looks at names can't tell."""
NEVER: Final[dict[str, set[type[Refused]]]] = {
    "register": {AlreadyExists},  # the id was made at random a moment ago
    "admit_user": {AlreadyExists, InvalidVendorCode},  # the same; and no code is asked for
    "unsuspend_user": {LastAdmin},  # nobody is lost
}
"""What the source names, but this route can't raise."""


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def test_every_route_says_what_it_answers() -> None:
    assert [name_of(endpoint) for endpoint in API if not endpoint.answers] == []
    assert [name_of(endpoint) for endpoint in pages.ENDPOINTS if endpoint.answers] == []


def test_no_two_routes_share_a_name() -> None:
    names = [endpoint.handler.__name__ for endpoint in API]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("endpoint", API, ids=name_of)
def test_a_handler_reads_what_its_endpoint_says(endpoint: Endpoint) -> None:
    source = Source(endpoint.handler)
    assert source.parsed["body"] == {endpoint.body} - {None}
    assert source.parsed["query"] == {endpoint.query} - {None}
    assert ("run_once" in source.methods) == (endpoint.key is not Key.NONE)


@pytest.mark.parametrize("endpoint", API, ids=name_of)
def test_an_endpoint_says_which_rules_refuse_it(endpoint: Endpoint) -> None:
    can = Source(endpoint.handler).refusals - NEVER.get(endpoint.handler.__name__, set())
    says = {refusal for refusal in endpoint.refuses if isinstance(refusal, type)}
    assert says - can - NAMED == set(), "it can't raise these"
    assert can - says - NAMED == set(), "it can raise these too"
    assert len(set(endpoint.refuses)) == len(endpoint.refuses)
