"""Stripe as it comes: its own signature, its own events, and each payment, refund and dispute counted once."""

import itertools
from typing import Final

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings import PRESETS
from festival_push.web.api.money.funds_reports import FundsReport, Meaning, read_report
from tests.web.api.money.stripe import CHARGE, DISPUTE, INTENT, REFUND, WALKED, event, signed
from tests.web.world import STRIPE_SECRET, World, problem_of

PATH: Final = "/v1/webhooks/funds/stripe"
STRIPE: Final = PRESETS["stripe"]


async def send(world: World, body: bytes, **how: str | int) -> httpx2.Response:
    return await world.http.post(PATH, content=body, headers=signed(body, **how))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("name", WALKED)
async def test_each_event_means_what_it_should(world: World, name: str) -> None:
    body, status, more = WALKED[name]
    answer = await send(world, body)
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert await world.balance("anna") == 5_000 + more


async def test_paid_once_and_refunded_is_nothing_left_in_every_order(world: World) -> None:
    """What was 37.50 in the wallet: an intent, its charge, the refund, and the charge that tells of it."""
    bodies = (
        event("payment_intent.succeeded", INTENT),
        event("charge.succeeded", CHARGE),
        event("refund.created", REFUND, amount=1250),
        event("charge.refunded", CHARGE, amount_refunded=1250),
    )
    for number, order in enumerate(itertools.permutations(bodies)):
        for body in (*order, order[0]):
            other = body.replace(b"pi_1", b"pi_x%d" % number).replace(b"re_1", b"re_x%d" % number)
            assert (await send(world, other)).status_code == 200
        assert await world.balance("anna") == 5_000
    claims = (await world.get("admin", "/v1/admin/funds/claims?limit=100")).json()["items"]
    assert len(claims) == 48
    assert sum(claim["taken"] for claim in claims) == 24 * 1_250
    assert sum(claim["lost"] for claim in claims) == 0


async def test_a_dispute_takes_what_is_there_and_a_won_one_brings_it_back(world: World) -> None:
    await send(world, event("payment_intent.succeeded", INTENT))
    await world.place("anna", "sun", falafel=9)  # 58.50 of 62.50
    assert (await send(world, event("charge.dispute.created", DISPUTE))).json()["status"] == "taken-back"
    assert (await send(world, event("charge.dispute.funds_withdrawn", DISPUTE))).json()["status"] == "duplicate"
    assert await world.balance("anna") == 0
    (claim,) = (await world.get("admin", "/v1/admin/funds/claims")).json()["items"]
    assert (claim["kind"], claim["taken"], claim["lost"], claim["status"]) == ("dispute", 400, 850, "taken")
    assert (claim["paymentId"], claim["externalId"], claim["userId"]) == ("pi_1", "dp_1", "anna")
    told = (await world.get("anna", "/v1/me/notifications")).json()["items"][0]
    assert (told["type"], "12.50" not in told["message"], "4.00" in told["message"]) == ("warning", True, True)
    won = event("charge.dispute.closed", DISPUTE, status="won")
    assert (await send(world, won)).json()["status"] == "given-back"
    assert await world.balance("anna") == 400
    reinstated = event("charge.dispute.funds_reinstated", DISPUTE, status="won")
    assert (await send(world, reinstated)).json()["status"] == "duplicate"
    assert await world.balance("anna") == 400


async def test_only_stripe_is_believed(world: World) -> None:
    body = event("payment_intent.succeeded", INTENT)
    good = signed(body)
    digest = good["stripe-signature"].partition("v1=")[2]
    for headers, sent in [
        ({}, body),
        (signed(body, secret=STRIPE_SECRET + "x"), body),
        (signed(body, secret=STRIPE_SECRET.removeprefix("whsec_")), body),
        (signed(body, age_s=301), body),
        (signed(body, age_s=-301), body),
        (good, body + b" "),
        (good, body.replace(b"1250", b"9250")),
        (good | {"stripe-signature": f"v1={digest}"}, body),
        (good | {"stripe-signature": good["stripe-signature"] + ",t=1"}, body),
        (good | {"stripe-signature": good["stripe-signature"].replace("v1=", "v0=")}, body),
        (good | {"stripe-signature": good["stripe-signature"].replace("v1=", "v1=zz")}, body),
        (good | {"stripe-signature": "t=,v1="}, body),
        (good | {"stripe-signature": "," * 9_000}, body),
    ]:
        problem_of(await world.http.post(PATH, content=sent, headers=headers), 401, "bad-signature")
    assert await world.balance("anna") == 5_000


async def test_one_of_several_signatures_and_secrets_suffices(world: World) -> None:
    body = event("payment_intent.succeeded", INTENT)
    assert (await send(world, body, more=f"v0=1,v1={'0' * 64},")).json()["status"] == "credited"
    assert (await send(world, body, secret="whsec_the_second_of_two_secrets")).json()["status"] == "duplicate"


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("EUR", 1250, 1250), ("JPY", 500, 500), ("KWD", 1250, 1250), ("ISK", 50000, 500), ("UGX", 50000, 500),
     ("MGA", 500, 50000), ("HUF", 500000, 500000)],
)  # fmt: skip
def test_stripes_own_minor_units_are_known(currency: str, amount: int, minor: int) -> None:
    body = event("payment_intent.succeeded", INTENT, currency=currency.lower(), amount_received=amount)
    report = read_report(body, STRIPE, currency)
    assert isinstance(report, FundsReport)
    assert report.amount == minor


def test_a_charge_without_an_intent_is_a_payment_of_its_own() -> None:
    for kind, thing, claim in (
        ("charge.succeeded", CHARGE, "ch_1"),
        ("refund.created", REFUND, "re_1"),
        ("charge.dispute.created", DISPUTE, "dp_1"),
    ):
        report = read_report(event(kind, thing, payment_intent=None), STRIPE, "EUR")
        assert isinstance(report, FundsReport)
        assert (report.external_id, report.claim_id) == ("ch_1", claim)


@given(st.text(max_size=40))
def test_any_other_type_is_unknown_and_moves_nothing(kind: str) -> None:
    named = {each.lower() for name in STRIPE.events.__struct_fields__ for each in getattr(STRIPE.events, name)}
    if kind and kind.lower() not in named:
        assert read_report(event(kind, INTENT), STRIPE, "EUR") is Meaning.UNKNOWN
