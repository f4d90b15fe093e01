"""Bodies as relays send them: forms, lists of one, signs in the amount, no currency, zeros too many."""

import json
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings import PRESETS, FundsProvider
from festival_push.web.api.money.funds_reports import BadReport, FundsReport, Meaning, read_report
from festival_push.web.api.money.report_trees import BadTree, find, read_tree
from tests.web.world import ZAPIER_SECRET, World, problem_of

FORM: Final = "application/x-www-form-urlencoded"
ZAPIER: Final = msgspec.structs.replace(PRESETS["zeffy"], only_currency="EUR", amount_sign="€")
BODY: Final[dict[str, Any]] = {"id": "z1", "amount": "€12.50", "user_id": "anna", "donor_name": "Anna & Co"}


def read(body: bytes, mapping: FundsProvider = ZAPIER, *, currency: str = "EUR", form: bool = False) -> FundsReport:
    report = read_report(body, mapping, currency, content_type=FORM if form else "application/json")
    assert isinstance(report, FundsReport)
    return report


@pytest.mark.parametrize("shape", ["object", "list", "form"])
async def test_a_relay_may_send_an_object_a_list_of_one_or_a_form(world: World, shape: str) -> None:
    body = urlencode(BODY) if shape == "form" else json.dumps([BODY] if shape == "list" else BODY)
    headers = {
        "Authorization": f"Bearer {ZAPIER_SECRET}",
        "Content-Type": FORM if shape == "form" else "application/json",
    }
    for status in ("credited", "duplicate"):
        answer = await world.http.post("/v1/webhooks/funds/zapier", content=body, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert await world.balance("anna") == 6_250


async def test_a_form_of_somebody_else_is_refused(world: World) -> None:
    answer = await world.http.post("/v1/webhooks/funds/zapier", data=BODY)
    problem_of(answer, 401, "bad-signature")


@pytest.mark.parametrize("amount", ["12.50", "€12.50", "€ 12.50", "12.50 €", "12.50€"])
def test_the_sign_of_an_amount_is_dropped(amount: str) -> None:
    assert read(json.dumps(BODY | {"amount": amount}).encode()).amount == 1_250


@pytest.mark.parametrize("amount", ["$12.50", "12,50 €", "€", "€12.50€12", "1 250"])
def test_another_sign_is_no_amount(amount: str) -> None:
    with pytest.raises(BadReport) as caught:
        read(json.dumps(BODY | {"amount": amount}).encode())
    assert (caught.value.field, caught.value.external_id) == ("amount", "z1")


def test_a_currency_that_is_said_counts_and_one_that_is_not_is_the_only_one() -> None:
    for said in ({}, {"currency": ""}, {"currency": None}, {"currency": "eur"}):
        assert read(json.dumps(BODY | said).encode()).amount == 1_250
    with pytest.raises(BadReport, match="EUR"):
        read(json.dumps(BODY | {"currency": "USD"}).encode())
    nameless = msgspec.structs.replace(ZAPIER, currency="")
    assert read(json.dumps(BODY | {"currency": "USD"}).encode(), nameless).amount == 1_250


@pytest.mark.parametrize(
    ("currency", "text", "minor"), [("JPY", "1500.00", 1500), ("EUR", "12.50", 1250), ("KWD", "1.50", 1500)]
)
def test_who_always_writes_two_digits_is_read(currency: str, text: str, minor: int) -> None:
    mapping = FundsProvider(status="", amount_digits=2, only_currency=currency)
    assert read(json.dumps({"id": "1", "amount": text}).encode(), mapping, currency=currency).amount == minor


@pytest.mark.parametrize(
    ("currency", "text"), [("JPY", "1500.50"), ("JPY", "1500.000"), ("JPY", "1.500"), ("EUR", "1.500")]
)
def test_what_is_no_zero_is_never_cut(currency: str, text: str) -> None:
    mapping = FundsProvider(status="", amount_digits=2, only_currency=currency)
    with pytest.raises(BadReport):
        read(json.dumps({"id": "1", "amount": text}).encode(), mapping, currency=currency)


@pytest.mark.parametrize(
    "body", [b"id=1&id=2", b"id", b"id=%ff", b"\xff=1", b"&".join(b"a%d=1" % each for each in range(1_001))]
)
def test_a_form_that_says_something_twice_or_nothing_is_no_report(body: bytes) -> None:
    with pytest.raises(BadTree):
        read_tree(body, FORM)


@given(st.binary(max_size=100), st.sampled_from(["", FORM]))
def test_no_bytes_make_the_reader_fail_otherwise(body: bytes, content_type: str) -> None:
    try:
        tree = read_tree(body, content_type)
    except BadTree:
        return
    assert isinstance(tree, dict)


def test_of_several_paths_the_first_that_leads_somewhere_counts() -> None:
    tree = {"a": {"b": ""}, "c": "x", "d.e": "y"}
    assert find(tree, "a.b|c") == ("c", "x")
    assert find(tree, "a.b | d.e") == ("d.e", "y")
    assert find(tree, "a.b|none") == ("a.b", "")


@pytest.mark.parametrize(
    ("event", "meaning", "claim"),
    [
        ("payment.succeeded", Meaning.PAID, "p1"),
        ("payment.refunded", Meaning.REFUNDED, "c1"),
        ("payment.refund_failed", Meaning.REFUND_FAILED, "c1"),
        ("payment.disputed", Meaning.DISPUTED, "c1"),
        ("payment.dispute_won", Meaning.DISPUTE_WON, "c1"),
    ],
)
def test_the_standard_preset_knows_its_events(event: str, meaning: Meaning, claim: str) -> None:
    data = {"payment_id": "p1", "claim_id": "c1", "amount": "1.00", "currency": "EUR"}
    report = read(json.dumps({"type": event, "data": data}).encode(), PRESETS["standard"])
    assert (report.meaning, report.external_id, report.claim_id) == (meaning, "p1", claim)


@pytest.mark.parametrize(
    ("status", "meaning", "claim"),
    [
        ("paid", Meaning.PAID, "p1"),
        ("Refunded", Meaning.REFUNDED, "p1"),
        ("chargeback", Meaning.DISPUTED, "p1#dispute"),
    ],
)
def test_a_provider_without_ids_for_refunds_has_one_of_each(status: str, meaning: Meaning, claim: str) -> None:
    mapping = msgspec.structs.replace(
        FundsProvider(event="status"),
        events=msgspec.convert(
            {"paid": ["paid"], "refunded": ["refunded"], "disputed": ["chargeback"]}, type(FundsProvider().events)
        ),
    )
    body = {"id": "p1", "amount": "1.00", "currency": "EUR", "status": status}
    report = read(json.dumps(body).encode(), mapping)
    assert (report.meaning, report.claim_id) == (meaning, claim)
