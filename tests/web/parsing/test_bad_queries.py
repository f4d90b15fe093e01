"""Every query parameter of every route that is read, with everything that it must not be: a 400 that names it."""

import re
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import pytest

from festival_push.web.parsing.queries import PageQuery
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import Endpoint
from tests.web.world import World

_NUMBER: Final = ["", " ", "-1", "1.5", "x", "NaN", "٣", str(2**63), "9" * 5_000, "true", "null"]
_DAY: Final = ["", "today", "2026-02-30", "2026-7-006", "20260706", "2026-07-06T00", "2026-07-06\n", "x" * 99, "null"]
_ID: Final = ["", " ", "a b", "a\0", "a\n", "é", "\u202e", "x" * 129, "null"]
_CHOICE: Final = ["", "lost", "OPEN ", "x" * 999, "null"]
_TEXT: Final = ["x" * 1_001, "null"]
BAD: Final = {
    "limit": [*_NUMBER, "0", "201"], "before": _NUMBER, "before-id": _ID, "wait": _NUMBER,
    "from": _DAY, "to": _DAY, "day": _DAY, "vendorId": _ID,
    "account": _CHOICE, "act": _CHOICE, "by": _CHOICE, "format": _CHOICE, "status": _CHOICE,
    "actor": ["", *_TEXT], "subject": ["", *_TEXT], "find": ["", *_TEXT], "search": _TEXT,
}  # fmt: skip
"""By parameter; `before-id`: where pages are told apart by the id of their last row."""
NEEDS: Final = {"/v1/admin/people": {"find": "anna"}}
"""Parameters that a route can't do without."""

_BEFORE: Final = next(field.type for field in msgspec.structs.fields(PageQuery) if field.name == "before")
"""The kind of a `before` that is a number."""
READ: Final = [endpoint for endpoint in ENDPOINTS if endpoint.query is not None and not endpoint.stream]


@pytest.mark.parametrize("endpoint", READ, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_no_parameter_takes_what_it_must_not_be(world: World, endpoint: Endpoint) -> None:
    needs = NEEDS.get(endpoint.path, {})
    asked = [(name, {**needs, name: value}) for name, values in _kinds(endpoint).items() for value in values]
    asked += [(name, {**needs, name: "1"}) for name in ("limit_", "Limit", "__proto__")]
    queries = [(name, urlencode(query)) for name, query in asked]
    queries += [(name, urlencode([(name, "1"), (name, "1")])) for name in _kinds(endpoint)]
    queries += [(name, "") for name in needs]
    wrong = []
    for name, query in queries:
        status, problem = await _ask(world, endpoint, query)
        if status != 400 or [error["field"] for error in problem.get("errors", ())] != [name]:
            wrong.append((name, query[:100], status, problem))
    assert wrong == []


def _kinds(endpoint: Endpoint) -> dict[str, list[str]]:
    assert endpoint.query is not None
    kinds = {}
    for field in msgspec.structs.fields(endpoint.query):
        name = field.encode_name
        if name == "after":  # taken as it comes, as streams take it
            continue
        by_id = name == "before" and not (issubclass(endpoint.query, PageQuery) and field.type == _BEFORE)
        kinds[name] = BAD["before-id" if by_id else name]
    return kinds


async def _ask(world: World, endpoint: Endpoint, query: str) -> tuple[int, dict[str, Any]]:
    known = {"vendorId": "sun", "userId": "anna", "itemId": "ayran", "number": "1"}
    path = re.sub(r"\{(\w+)\}", lambda place: known.get(place[1], "x"), endpoint.path)
    who = "anna"
    if path.startswith(("/v1/admin", "/v1/payouts", "/v1/boards")):
        who = "admin"
    elif path.startswith(("/v1/vendors", "/v1/menu")):
        who = "sun"
    response = await world.get(who, f"{path}?{query}")
    return response.status_code, response.json() if response.content else {}
