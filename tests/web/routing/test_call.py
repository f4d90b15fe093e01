"""What handlers ask of a call: queries, amounts, commands that take effect once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.money.funds import TopUp
from festival_push.domain.values import Role, TransferId, UserId
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.endpoint import ADMIN, USER, Call, Endpoint, Key, json_response
from tests.web.edge import Edge, open_edge, problem_of


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    user_id: str
    amount: Annotated[int, Meta(ge=1, le=10**12)]
    note_text: str | None = None


async def top_up(call: Call) -> Response:
    wish = await call.body(Wish)
    command = TopUp(
        actor_id=call.user().user.user_id, user_id=UserId(wish.user_id), amount=call.check_amount(wish.amount),
        method="cash", note=wish.note_text, transfer_id=TransferId(new_id()),
    )  # fmt: skip
    return await call.run_once(
        command, wish, lambda done: {"balance": done.reply.balance, "position": done.position}, status=201
    )


async def page(call: Call) -> Response:
    query = call.query(PageQuery)
    return json_response({"limit": query.limit, "before": query.before})


async def plain(call: Call) -> Response:
    call.query(NoQuery)
    return json_response(call.path("name"))


ENDPOINTS = (
    Endpoint("POST", "/v1/top-ups", top_up, ADMIN, body=Wish, key=Key.REQUIRED),
    Endpoint("GET", "/v1/pages", page, USER, query=PageQuery),
    Endpoint("GET", "/v1/plain/{name}", plain, USER, query=NoQuery),
)


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as opened:
        await opened.add("boss", Role.ADMIN)
        await opened.add("anna")
        opened.client.headers.update(opened.bearer("boss"))
        yield opened


async def post(edge: Edge, wish: dict[str, Any], key: str | None = "k1") -> Any:
    return await edge.client.post("/v1/top-ups", json=wish, headers={} if key is None else {"Idempotency-Key": key})


async def balance(edge: Edge, user_id: str = "anna") -> int:
    profile = await edge.services.reads.profile(UserId(user_id))
    assert profile is not None
    return profile.balance


async def test_fifty_retries_at_once_are_one_command_and_fifty_equal_answers(edge: Edge) -> None:
    answers = await asyncio.gather(*(post(edge, {"userId": "anna", "amount": 500}) for _ in range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sorted(answer.headers.get("idempotent-replayed", "no") for answer in answers) == ["no"] + ["true"] * 49
    assert await balance(edge) == 500


async def test_the_same_wish_written_differently_is_the_same(edge: Edge) -> None:
    await post(edge, {"userId": "anna", "amount": 500})
    again = await post(edge, {"noteText": None, "amount": 500, "userId": "anna"})
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")


async def test_another_wish_under_the_same_key_is_refused(edge: Edge) -> None:
    await post(edge, {"userId": "anna", "amount": 500})
    problem_of(await post(edge, {"userId": "anna", "amount": 501}), 422, "idempotency-key-reused")
    assert await balance(edge) == 500


async def test_a_rules_refusal_is_kept_and_says_the_same_again(edge: Edge) -> None:
    first = await post(edge, {"userId": "nobody", "amount": 500})
    body = problem_of(first, 404, "not-found")
    assert body["what"] == "user"
    await edge.add("nobody")
    again = await post(edge, {"userId": "nobody", "amount": 500})
    problem_of(again, 404, "not-found")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")


async def test_a_mistake_is_not_kept(edge: Edge) -> None:
    problem_of(await post(edge, {"userId": "anna", "amount": 0}), 400, "invalid-request")
    problem_of(await post(edge, {"userId": "anna", "amount": 100_001}), 400, "invalid-request")
    assert (await post(edge, {"userId": "anna", "amount": 100_000})).status_code == 201


async def test_an_amount_above_the_limit_names_its_field(edge: Edge) -> None:
    body = problem_of(await post(edge, {"userId": "anna", "amount": 100_001}), 400, "invalid-request")
    assert body["errors"] == [{"field": "amount", "message": "must be at most 100000, which is 1000.00 EUR"}]


async def test_two_people_may_choose_the_same_key(edge: Edge) -> None:
    await edge.add("chief", Role.ADMIN)
    for name in ("boss", "chief"):
        edge.client.headers.update(edge.bearer(name))
        assert "idempotent-replayed" not in (await post(edge, {"userId": "anna", "amount": 500})).headers
    assert await balance(edge) == 1000


@pytest.mark.parametrize("key", ["", "a b", "k\x7f", "ü", "x" * 256, " "])
async def test_a_key_that_is_none(edge: Edge, key: str) -> None:
    headers = {
        b"Idempotency-Key": key.encode("latin-1"),
        b"Authorization": edge.bearer("boss")["Authorization"].encode(),
    }
    response = await edge.browser().post("/v1/top-ups", json={"userId": "anna", "amount": 1}, headers=headers)
    problem_of(response, 400, "idempotency-key-invalid")


async def test_money_needs_a_key_and_one_alone(edge: Edge) -> None:
    problem_of(await post(edge, {"userId": "anna", "amount": 1}, key=None), 400, "idempotency-key-required")
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b"), *edge.bearer("boss").items()]
    response = await edge.browser().post("/v1/top-ups", json={"userId": "anna", "amount": 1}, headers=twice)
    problem_of(response, 400, "idempotency-key-invalid")
    assert (await post(edge, {"userId": "anna", "amount": 1}, key="!" * 255)).status_code == 201


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit=1.5", "limit"),
        ("before=-1", "before"),
        ("limit=", "limit"),
        ("before=9223372036854775808", "before"),
        ("limit=5&limit=6", "limit"),
        ("offset=1", "offset"),
        ("limit=%00", "limit"),
    ],
)
async def test_a_query_parameter_that_is_wrong_is_named(edge: Edge, query: str, field: str) -> None:
    body = problem_of(await edge.client.get(f"/v1/pages?{query}"), 400, "invalid-request")
    assert [error["field"] for error in body["errors"]] == [field]


async def test_query_parameters_have_defaults_and_edges(edge: Edge) -> None:
    assert (await edge.client.get("/v1/pages")).json() == {"limit": 50, "before": None}
    assert (await edge.client.get("/v1/pages?limit=200&before=7")).json() == {"limit": 200, "before": 7}


async def test_a_parameter_nobody_asked_for_is_wrong(edge: Edge) -> None:
    assert (await edge.client.get("/v1/plain/x%2Fy")).status_code == 404
    assert (await edge.client.get("/v1/plain/x")).json() == "x"
    problem_of(await edge.client.get("/v1/plain/x?debug=1"), 400, "invalid-request")
