"""Every error has a status, and its document says what is known."""

import json
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

import pytest
from starlette.exceptions import HTTPException

from festival_push.domain import refusals
from festival_push.domain.refusals import Refused, Thing
from festival_push.domain.signing_in.refusals import TooManyTries
from festival_push.domain.values import OrderStatus, PairingStatus, PayoutStatus
from festival_push.web.parsing.presentation import REFUSALS
from festival_push.web.parsing.problems import refusal_answer, to_problem

SAMPLES: dict[Any, object] = {
    int: 9,
    int | None: 9,
    str: "order",
    Thing: "order",
    OrderStatus: OrderStatus.READY,
    PairingStatus: PairingStatus.CONFIRMED,
    PayoutStatus: PayoutStatus.REJECTED,
}


def sample_of(kind: type[Refused]) -> Refused:
    """A refusal of this kind, with some value in each field."""
    return kind(**{field.name: _some(field.type) for field in fields(kind)})


def _some(hint: Any) -> object:
    """Some value of a field's type."""
    hint = getattr(hint, "__supertype__", hint)
    if hint in SAMPLES:
        return SAMPLES[hint]
    if get_origin(hint) is tuple:
        return (_some(get_args(hint)[0]),)
    assert get_origin(hint) is Literal, hint
    return get_args(hint)[0]


ALL = [sample_of(kind) for kind in Refused.__subclasses__()]


def test_every_refusal_has_a_status() -> None:
    assert set(REFUSALS) == set(Refused.__subclasses__())


@pytest.mark.parametrize("refused", ALL, ids=lambda refused: refused.code)
def test_a_refusal_says_what_it_knows_and_nothing_shadows_the_problem(refused: Refused) -> None:
    status, body = refusal_answer(refused)
    document: dict[str, Any] = json.loads(body)
    assert document["status"] == status == REFUSALS[type(refused)].status
    assert document["type"] == f"/problems/{refused.code}"
    assert document["code"] == refused.code
    assert document["title"] == document["detail"] == refused.title
    assert len(document) >= 5 + len(refused.params())
    assert all("_" not in name for name in document)
    response = to_problem(refused)
    assert (response.status_code, bytes(response.body)) == (status, body)


def test_facts_are_named_as_on_the_wire() -> None:
    assert json.loads(refusal_answer(refusals.PriceChanged(total=450, expected_total=400))[1])["expectedTotal"] == 400
    transition = refusals.InvalidTransition(status=OrderStatus.READY, asked=OrderStatus.CANCELLED)
    document = json.loads(refusal_answer(transition)[1])
    assert (document["orderStatus"], document["asked"], document["status"]) == ("ready", "cancelled", 409)
    assert json.loads(refusal_answer(refusals.ReasonRequired())[1])["errors"][0]["field"] == "reason"


def test_too_many_tries_say_when_to_come_back() -> None:
    response = to_problem(TooManyTries(retry_after=9))
    assert response.headers["retry-after"] == "9"
    assert json.loads(bytes(response.body))["retryAfter"] == 9


def test_a_frameworks_error_is_a_problem_too() -> None:
    response = to_problem(HTTPException(405, headers={"Allow": "GET"}))
    document = json.loads(bytes(response.body))
    assert (document["code"], document["status"], response.headers["allow"]) == ("method-not-allowed", 405, "GET")
    assert response.headers["content-type"] == "application/problem+json"
