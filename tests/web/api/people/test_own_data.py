"""A person's own data over HTTP: the file of all that is kept of them, and their end."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from festival_push.domain.money.funds import CreditFunds, receipt_id
from festival_push.domain.people.identities import LinkIdentity
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.values import Role, TransferId, UserId
from festival_push.ops.audit.audit import audit
from festival_push.store.opening import open_database
from festival_push.web.identity.pins import standard_hasher
from tests.web.world import World, problem_of

NAME: Final = "Zelda Quux"
PIN: Final = "7391468"
GUEST: Final = "guest7"
ERASE: Final = f"/v1/admin/people/{GUEST}/erase"
SAID: Final = "meet me at the tall tree"


@pytest.fixture
async def full(world: World) -> World:
    """Zelda has been here: she paid, ordered, wrote, was paid out, and all of it is settled."""
    await world.services.committer.submit(
        AddUser(
            user_id=UserId(GUEST), role=Role.CUSTOMER, name=NAME, pin_hash=standard_hasher().hash(PIN), pin_digits=7,
            top_up_code="ZELDACODE9", sign_in="zelda-signs-in",
        )
    )  # fmt: skip
    await world.services.committer.submit(
        CreditFunds(
            provider="zeffy", external_id="pay-1", amount=700, user_id=UserId(GUEST), top_up_code=None,
            donor_name="Z. Quux", donor_email="zelda@mail.example", transfer_id=TransferId("funds-1"),
        )
    )  # fmt: skip
    await world.services.committer.submit(
        LinkIdentity(user_id=UserId(GUEST), issuer="https://idp.example", subject="zelda|77")
    )
    person = await world.services.reads.person(UserId(GUEST))
    assert person is not None
    await world.services.issuing.begin(person.user, device="Zeldas phone")
    body = {"vendorId": "sun", "items": [{"itemId": "ayran", "quantity": 1, "notes": "for Quuxi"}]}
    placed = await world.post(GUEST, "/v1/orders", body, key="own-1")
    assert placed.status_code == 201, placed.text
    order = placed.json()["order"]
    message = await world.post(GUEST, f"/v1/orders/{order['orderId']}/messages", {"message": SAID})
    assert message.status_code in {200, 201}, message.text
    for status in ("ready", "completed"):
        changed = await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": status})
        assert changed.status_code == 200, changed.text
    return world


def everything(folder: Path) -> str:
    """All that the database says, as text."""
    with closing(sqlite3.connect(folder / "world.db")) as connection:
        return "\n".join(connection.iterdump())


async def spend(world: World, amount: int = 500) -> None:
    """Pay out what is left."""
    asked = await world.post(GUEST, "/v1/payouts", {"amount": amount, "note": "to Zeldas bank", "pin": PIN})
    assert asked.status_code == 201, asked.text
    problem_of(await world.post(GUEST, "/v1/me/erase", {"pin": PIN}), 409, "wallet-not-empty")
    settled = await world.post("admin", f"/v1/payouts/{asked.json()['payout']['payoutId']}/complete", {})
    assert settled.status_code == 200, settled.text


async def test_the_file_has_all_that_is_kept(full: World) -> None:
    answer = await full.get(GUEST, "/v1/me/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="data-{GUEST}.json"'
    told: dict[str, Any] = answer.json()
    assert told["person"]["name"] == NAME
    assert told["person"]["signIn"] == "zelda-signs-in"
    assert told["person"]["balance"] == 500
    assert [each["device"] for each in told["sessions"]] == ["Zeldas phone"]
    assert [each["subject"] for each in told["identities"]] == ["zelda|77"]
    [order] = told["orders"]
    assert (order["customerName"], order["lines"][0]["notes"]) == (NAME, "for Quuxi")
    assert [each["amount"] for each in told["transactions"]] == [-200, 700]
    assert [(each["donorName"], each["donorEmail"]) for each in told["payments"]] == [("Z. Quux", "zelda@mail.example")]
    assert [each["message"] for each in told["messages"]] == [SAID]
    assert {each["code"] for each in told["notifications"]} >= {"money-arrived"}
    assert [each["act"] for each in told["deeds"]] == ["link-identity"]
    secrets = ("pinHash", "$argon2", "sessionId", "signInKey")
    assert not [secret for secret in secrets if secret in answer.text]


async def test_an_organiser_hands_it_out_and_nobody_else_does(full: World) -> None:
    path = f"/v1/admin/people/{GUEST}/export"
    assert (await full.get("admin", path)).json() == (await full.get(GUEST, "/v1/me/export")).json()
    for who in ("sun", "ben"):
        problem_of(await full.get(who, path), 403, "forbidden")
    problem_of(await full.get("admin", "/v1/admin/people/nobody/export"), 404, "not-found")


async def test_nothing_in_the_database_tells_of_an_erased_guest(full: World, tmp_path: Path) -> None:
    await spend(full)
    secrets = (
        "Zelda", "Quux", "zelda-signs-in", "zelda@mail", "zelda|77", SAID, "ZELDACODE9", "argon2",
    )  # fmt: skip
    before = everything(tmp_path)
    assert [secret for secret in secrets if secret not in before] == []
    answer = await full.post(GUEST, "/v1/me/erase", {"pin": PIN})
    assert answer.status_code == 200, answer.text
    after = everything(tmp_path)
    # What the chain of deeds has said stays, and where money was paid out to, as the bank has it.
    left = "\n".join(line for line in after.splitlines() if "link-identity" not in line).replace("to Zeldas bank", "")
    assert [secret for secret in secrets if secret in left] == []
    database = await open_database(f"sqlite:///{tmp_path}/world.db", read_only=True)
    try:
        assert await audit(database) == []
    finally:
        await database.close()
    problem_of(await full.get("admin", f"/v1/admin/people/{GUEST}"), 404, "not-found")
    orders = (await full.get("sun", "/v1/orders")).json()["items"]
    assert [order["customerName"] for order in orders] == ["Erased guest"]
    [deed] = (await full.get("admin", f"/v1/admin/deeds?subject=user:{GUEST}&act=erase")).json()["items"]
    assert "Zelda" not in json.dumps(deed)


async def test_an_erased_guest_can_do_nothing_and_gets_no_money(full: World) -> None:
    await spend(full)
    token = full.bearer(GUEST)
    await full.post(GUEST, "/v1/me/erase", {"pin": PIN})
    assert (await full.http.get("/v1/me", headers=token)).status_code == 401
    signed = await full.post(None, "/v1/auth/login", {"signIn": "zelda-signs-in", "pin": PIN})
    assert signed.status_code in {401, 403, 404}
    top_up = {"userId": GUEST, "amount": 5, "method": "card"}
    problem_of(await full.post("admin", "/v1/admin/top-ups", top_up), 404, "not-found")
    problem_of(await full.post("admin", ERASE, {"reason": "again"}), 404, "not-found")
    paid = CreditFunds(
        provider="zeffy", external_id="pay-2", amount=9, user_id=UserId(GUEST), top_up_code=None,
        transfer_id=TransferId("funds-2"),
    )  # fmt: skip
    await full.services.committer.submit(paid)
    held = (await full.get("admin", "/v1/admin/funds/held")).json()
    assert receipt_id("zeffy", "pay-2") in json.dumps(held)


async def test_streams_resume_over_events_that_were_rewritten(full: World) -> None:
    await spend(full)
    async with full.follow("/v1/stream", full.bearer("sun")) as stream:
        await stream.first("connected")
        await full.place("ben", "sun", ayran=1)
        await stream.first("new-order")
    assert (await full.post("admin", ERASE, {"reason": "asked by letter"})).status_code == 200
    head = await full.services.log.head()
    async with full.follow("/v1/stream", full.bearer("sun"), f"after={head.epoch}.0") as stream:
        assert (await stream.first("connected"))["resumed"]
        told = await stream.first("new-order")
    assert told["customerName"] == "Erased guest"


async def test_the_reasons_why_somebody_is_not_erased(full: World) -> None:
    left = problem_of(await full.post(GUEST, "/v1/me/erase", {"pin": PIN}), 409, "wallet-not-empty")
    assert (left["balance"], left["payouts"]) == (500, 0)
    problem_of(await full.post(GUEST, "/v1/me/erase", {"pin": "1111111"}), 403, "wrong-pin")
    open_order = await full.place("ben", "sun", ayran=1)
    assert open_order["status"] != "completed"
    refused = problem_of(
        await full.post("admin", "/v1/admin/people/ben/erase", {"reason": "asked"}), 409, "orders-open"
    )
    assert refused["orders"] == 1
    for staff in ("sun", "admin"):
        problem_of(await full.post("admin", f"/v1/admin/people/{staff}/erase", {"reason": "x"}), 409, "still-staff")
    await full.services.committer.submit(MakeCashier(actor_id=UserId("admin"), user_id=UserId(GUEST), cashier=True))
    problem_of(await full.post("admin", ERASE, {"reason": "x"}), 409, "still-staff")
    for who in ("sun", "ben"):
        problem_of(await full.post(who, ERASE, {"reason": "x"}), 403, "forbidden")
    problem_of(await full.post("admin", ERASE, {"reason": " "}), 400, "invalid-request")


async def test_a_crews_allowance_goes_back_to_the_festival(full: World) -> None:
    await spend(full)
    granted = await full.post(
        "admin", f"/v1/admin/people/{GUEST}/allowance", {"amount": 300, "reason": "crew"}, key="grant-1"
    )
    assert granted.status_code in {200, 201}, granted.text
    assert (await full.post("admin", ERASE, {"reason": "asked"})).status_code == 200
    answer = await full.get("admin", f"/v1/admin/people/{GUEST}/export")
    assert [each["amount"] for each in answer.json()["allowanceTransactions"]] == [-300, 300]
    assert answer.json()["person"]["allowance"] == 0
