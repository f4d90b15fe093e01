"""Payout runs over HTTP: opened, downloaded for the bank, sent, undone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import msgspec
import pytest

from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.values import PayoutId, Role, UserId
from festival_push.settings import Festival, PayoutSettings
from tests.web.api.test_pin_again import PIN, pay_out, with_pin
from tests.web.edge import problem_of
from tests.web.world import LIMITS, World, open_world, settings_of

RUNS: Final = "/v1/admin/payout-runs"
IBAN: Final = "DE89370400440532013000"
DUTCH: Final = "NL91ABNA0417164300"
TURKISH: Final = "TR330006100519786457841326"
PAYER: Final = PayoutSettings(name="Sömmerfest e.V.", iban="DE02 1203 0000 0000 2020 51", bic="BYLADEM1001")
_NS: Final = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
async def paying(tmp_path: Path) -> AsyncIterator[World]:
    """A festival that has said by which account it pays."""
    async with open_world(settings_of(tmp_path, payouts=PAYER)) as world:
        yield world


async def asked(world: World, who: str, amount: int, iban: str | None = IBAN, holder: str = "Anna Muster") -> str:
    bank = {} if iban is None else {"iban": iban, "accountHolder": holder}
    answer = await world.post(who, "/v1/payouts", {"amount": amount, "account": "wallet", **bank})
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["payout"]["payoutId"]
    return name


async def opened(world: World, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await world.post("admin", RUNS, body or {})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()["run"]
    return run


async def test_a_run_gathers_shows_and_settles(paying: World) -> None:
    first, second = await asked(paying, "anna", 100), await asked(paying, "ben", 250, DUTCH, "Ben")
    by_hand = await asked(paying, "anna", 50, None)
    run = await opened(paying, {"executionDate": "2026-07-06"})
    assert run == {
        "runId": run["runId"], "status": "open", "count": 2, "total": 350, "currency": "EUR", "currencyDigits": 2,
        "executionDate": "2026-07-06", "createdBy": "admin", "createdAt": run["createdAt"],
    }  # fmt: skip
    shown = (await paying.get("admin", f"{RUNS}/{run['runId']}")).json()
    assert shown["run"] == run
    assert [(each["payoutId"], each["iban"], each["runId"]) for each in shown["items"]] == [
        (second, DUTCH, run["runId"]), (first, IBAN, run["runId"]),
    ]  # fmt: skip
    newest = (await paying.get("admin", f"{RUNS}/{run['runId']}?limit=1")).json()
    rest = (await paying.get("admin", f"{RUNS}/{run['runId']}?limit=1&before={newest['next']}")).json()
    assert [rest["items"][0]["payoutId"], rest["next"]] == [first, None]
    assert (await paying.get("admin", RUNS)).json() == {"items": [run], "next": None}
    for path, body in (
        (f"/v1/payouts/{first}/complete", {}), (f"/v1/payouts/{first}/reject", {"reason": "x"}),
    ):  # fmt: skip
        assert problem_of(await paying.post("admin", path, body), 409, "payout-in-run")["runId"] == run["runId"]
    problem_of(await paying.post("anna", f"/v1/payouts/{first}/withdraw", {}), 409, "payout-in-run")
    sent = (await paying.post("admin", f"{RUNS}/{run['runId']}/sent", {})).json()["run"]
    assert (sent["status"], sent["settledBy"]) == ("sent", "admin")
    states = {each["payoutId"]: each["status"] for each in (await paying.get("admin", "/v1/payouts")).json()["items"]}
    assert states == {first: "completed", second: "completed", by_hand: "requested"}
    problem_of(await paying.post("admin", f"{RUNS}/{run['runId']}/undo", {}), 409, "run-settled")
    told = (await paying.get("anna", "/v1/me/notifications?limit=1")).json()["items"][0]
    assert told["code"] == "payout-paid"


async def test_nothing_to_pay_is_a_refusal(world: World) -> None:
    problem_of(await world.post("admin", RUNS, {}), 409, "nothing-to-pay")
    await asked(world, "anna", 1)
    problem_of(await world.post("admin", RUNS, {"account": "till"}), 409, "nothing-to-pay")
    assert (await world.post("admin", RUNS, {"account": "wallet"})).json()["run"]["account"] == "wallet"
    problem_of(await world.get("admin", f"{RUNS}/none"), 404, "not-found")


@pytest.mark.parametrize("day", ["2026-02-30", "2026-7-6   ", "tomorrow!!", "20260706xx"])
async def test_a_wrong_day_is_refused_by_its_field(world: World, day: str) -> None:
    problem = problem_of(await world.post("admin", RUNS, {"executionDate": day}), 400, "invalid-request")
    assert problem["errors"][0]["field"] == "executionDate"


async def test_a_payout_leaves_a_run_and_an_undone_run_lets_all_go(world: World) -> None:
    first, second = await asked(world, "anna", 100), await asked(world, "ben", 200)
    run = await opened(world)
    path = f"{RUNS}/{run['runId']}"
    problem_of(await world.post("admin", f"{path}/payouts/{first}/remove", {}), 400, "invalid-request")
    left = (await world.post("admin", f"{path}/payouts/{first}/remove", {"reason": "wrong name"})).json()["run"]
    assert (left["count"], left["total"]) == (1, 200)
    assert (await world.post("anna", f"/v1/payouts/{first}/withdraw", {})).status_code == 200
    assert (await world.post("admin", f"{path}/undo", {})).json()["run"]["status"] == "undone"
    assert (await opened(world))["total"] == 200
    assert (await world.post("admin", f"/v1/payouts/{second}/complete", {})).status_code == 409


async def test_two_runs_at_once_share_no_payout(world: World) -> None:
    for number in range(6):
        await asked(world, ("anna", "ben")[number % 2], 10 + number)
    both = await asyncio.gather(*(world.post("admin", RUNS, {}) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    [run] = [answer.json()["run"] for answer in both if answer.status_code == 201]
    assert (run["count"], run["total"]) == (6, 75)


async def test_a_run_is_opened_once_per_key(world: World) -> None:
    await asked(world, "anna", 10)
    first = await world.post("admin", RUNS, {}, key="k")
    again = await world.post("admin", RUNS, {}, key="k")
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")


async def test_sending_needs_the_pin_again(world: World) -> None:
    await asked(world, "anna", 10)
    run = await opened(world)
    await world.add("olga", Role.ADMIN)
    await with_pin(world, "admin", by="olga")
    path = f"{RUNS}/{run['runId']}/sent"
    problem_of(await pay_out(world, "admin", {}, path=path), 403, "pin-required")
    assert (await pay_out(world, "admin", {"pin": PIN}, path=path)).status_code == 200


async def test_a_big_run_waits_for_a_second_organiser(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, second_person_above=1_000)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        await world.add("olga", Role.ADMIN)
        for who in ("anna", "ben"):
            await asked(world, who, 501)
        run = await opened(world)
        kept = await world.post("admin", f"{RUNS}/{run['runId']}/sent", {})
        assert (kept.status_code, kept.json()["amount"]) == (202, 1_002)
        assert (await world.get("admin", f"{RUNS}/{run['runId']}")).json()["run"]["status"] == "open"
        done = await world.post("olga", f"/v1/admin/confirmations/{kept.json()['confirmationId']}/confirm", {})
        assert done.status_code == 200, done.text
        assert (await world.get("admin", f"{RUNS}/{run['runId']}")).json()["run"]["status"] == "sent"


async def test_the_banks_file_pays_each_account_its_sum(paying: World) -> None:
    first = await asked(paying, "anna", 1_234, IBAN, "Änna O'Müller & Söhne_#1")
    await asked(paying, "ben", 5, DUTCH, "李雷")
    run = await opened(paying, {"executionDate": "2026-07-06"})
    answer = await paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    assert answer.headers["content-disposition"] == 'attachment; filename="Festival-payouts-2026-07-06.xml"'
    assert (await paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml")).content == answer.content, "always the same"
    root = ElementTree.fromstring(answer.content)  # noqa: S314  # our own

    def texts(path: str) -> list[str | None]:
        return [node.text for node in root.findall(".//" + "/".join(f"p:{name}" for name in path.split("/")), _NS)]

    assert (texts("NbOfTxs"), texts("CtrlSum")) == (["2", "2"], ["12.39", "12.39"])
    assert texts("ReqdExctnDt/Dt") == ["2026-07-06"]
    assert texts("Dbtr/Nm") == ["Sommerfest e.V"]
    assert texts("DbtrAcct/Id/IBAN") == ["DE02120300000000202051"]
    assert texts("DbtrAgt/FinInstnId/BICFI") == ["BYLADEM1001"]
    assert texts("CdtrAcct/Id/IBAN") == [IBAN, DUTCH]
    assert texts("Cdtr/Nm") == ["Anna O'Muller Sohne 1", "Li Lei"]
    assert texts("InstdAmt") == ["12.34", "0.05"]
    names = [name or "" for name in texts("EndToEndId")]
    assert len(set(names)) == 2
    assert all(len(name) <= 35 and name.isalnum() for name in (*names, *(each or "" for each in texts("MsgId"))))
    rows = (await paying.get("admin", f"{RUNS}/{run['runId']}.csv")).text.splitlines()
    assert [names[0] in rows[1], first in rows[1], names[1] in rows[2]] == [True, True, True]


@pytest.mark.parametrize(("digits", "paid"), [(0, "70.00"), (1, "7.00"), (2, "0.70"), (3, None)])
async def test_the_banks_file_is_in_cents_whatever_the_festival_counts_in(
    tmp_path: Path, digits: int, paid: str | None
) -> None:
    festival = Festival(currency="EUR", currency_digits=digits)
    settings = msgspec.structs.replace(settings_of(tmp_path, payouts=PAYER), festival=festival)
    async with open_world(settings) as world:
        await asked(world, "anna", 70)
        run = await opened(world)
        answer = await world.get("admin", f"{RUNS}/{run['runId']}/sepa.xml")
        if paid is None:
            assert problem_of(answer, 409, "not-sepa")["why"] == "currency"
            return
        root = ElementTree.fromstring(answer.content)  # noqa: S314  # our own
        assert [node.text for node in root.findall(".//p:InstdAmt", _NS)] == [paid]
        assert [node.text for node in root.findall(".//p:GrpHdr/p:CtrlSum", _NS)] == [paid]


async def test_a_run_of_the_largest_size_makes_a_file_while_others_are_served(paying: World) -> None:
    await paying.top_up("anna", 5_000)
    people = [f"guest{number}" for number in range(60)]
    await asyncio.gather(*(paying.add(who, balance=1_000) for who in people))
    wishes = (
        RequestPayout(
            actor_id=UserId(who), payout_id=PayoutId(f"{who}-{number}"), amount=10 + number, note=None, iban=IBAN,
            account_holder="A",
        )
        for who in people
        for number in range(5)
    )  # fmt: skip
    await asyncio.gather(*(paying.services.committer.submit(wish) for wish in wishes))
    run = await opened(paying)
    assert (run["count"], run["total"]) == (300, 60 * (10 + 11 + 12 + 13 + 14))
    file = asyncio.create_task(paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml"))
    served = 0
    while not file.done():
        assert (await paying.get("anna", "/v1/payouts/terms")).status_code == 200
        served += 1
    assert (await file).content.count(b"<CdtTrfTxInf>") == 300
    assert served > 1


async def test_the_csv_is_for_a_spreadsheet_and_runs_no_formula(paying: World) -> None:
    await asked(paying, "anna", 1_234, IBAN, "=HYPERLINK(1)")
    run = await opened(paying, {"executionDate": "2026-07-06"})
    answer = await paying.get("admin", f"{RUNS}/{run['runId']}.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="Festival-payouts-2026-07-06.csv"'
    head, row = answer.content.decode("utf-8-sig").splitlines()
    assert head.startswith('"payoutId","endToEndId","name","accountHolder","iban","amount","currency"')
    assert f'"\'=HYPERLINK(1)","{IBAN}","12.34","EUR","requested"' in row


async def test_a_file_that_was_sent_or_undone_is_not_made_again(paying: World) -> None:
    await asked(paying, "anna", 10)
    run = await opened(paying)
    await paying.post("admin", f"{RUNS}/{run['runId']}/sent", {})
    problem = problem_of(await paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml"), 409, "run-settled")
    assert problem["runStatus"] == "sent"
    assert (await paying.get("admin", f"{RUNS}/{run['runId']}.csv")).status_code == 200


async def test_an_account_out_of_reach_is_named(paying: World) -> None:
    await asked(paying, "anna", 10)
    outside = await asked(paying, "ben", 10, TURKISH)
    run = await opened(paying)
    problem = problem_of(await paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml"), 409, "not-sepa")
    assert (problem["why"], problem["payoutIds"]) == ("outside", [outside])
    await paying.post("admin", f"{RUNS}/{run['runId']}/payouts/{outside}/remove", {"reason": "abroad"})
    assert (await paying.get("admin", f"{RUNS}/{run['runId']}/sepa.xml")).status_code == 200


@pytest.mark.parametrize(
    ("payouts", "currency", "why"),
    [
        (PayoutSettings(), "EUR", "payer"),
        (PAYER, "CHF", "currency"),
        (PayoutSettings(iban=TURKISH), "EUR", "payer"),
        (PayoutSettings(iban="FR1420041010050500013M02606"), "EUR", None),  # its bank is known
    ],
)
async def test_a_festival_that_can_not_pay_by_sepa_is_told_why(
    tmp_path: Path, payouts: PayoutSettings, currency: str, why: str | None
) -> None:
    settings = msgspec.structs.replace(
        settings_of(tmp_path, payouts=payouts), festival=Festival(currency=currency)
    )  # fmt: skip
    async with open_world(settings) as world:
        await asked(world, "anna", 10)
        run = await opened(world)
        answer = await world.get("admin", f"{RUNS}/{run['runId']}/sepa.xml")
        if why is None:
            assert answer.status_code == 200
        else:
            assert problem_of(answer, 409, "not-sepa")["why"] == why
        assert (await world.get("admin", f"{RUNS}/{run['runId']}.csv")).status_code == 200
