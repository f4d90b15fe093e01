"""One's own second factors: begun with a PIN, enrolled by a first right proof, removed, reset; and who needs one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.domain.signing_in.factors import FACTORS_MAX
from festival_push.domain.values import Role
from festival_push.web.identity.factors.challenges import ENROLMENT_TTL_S
from tests.support.qr import read_svg
from tests.support.wire.authenticator import SoftPasskey
from tests.web.edge import Edge, problem_of
from tests.web.factors import FACTORS, ORIGIN, PASSKEYS, PIN, STEP, STEP_MS, TOTP, Person, open_factors, strict


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_factors(tmp_path) as opened:
        yield opened


@pytest.fixture
async def strict_edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_factors(tmp_path, strict()) as opened:
        yield opened


async def test_an_app_is_enrolled_by_its_first_code(edge: Edge) -> None:
    anna = await Person.added(edge)
    begun = (await anna.post(TOTP, {"pin": PIN})).json()
    assert begun["url"].startswith("otpauth://totp/Festival:Anna?secret=")
    assert begun["secret"] in begun["url"]
    assert read_svg(begun["qr"].encode()) == begun["url"]
    assert (await anna.get(FACTORS)).json() == {"items": [], "recoveryCodesLeft": 0, "required": False}
    anna.secret = begun["secret"]
    confirm = {"enrolment": begun["enrolment"], "totp": anna.code(), "name": " My phone "}
    wrong = {**confirm, "totp": f"{(int(anna.code()) + 1) % 10**6:06}"}
    problem_of(await anna.post(f"{TOTP}/confirm", wrong), 403, "wrong-factor")
    made = await anna.post(f"{TOTP}/confirm", confirm)
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["name"], len(made.json()["recoveryCodes"])) == ("totp", "My phone", 10)
    [item] = (await anna.get(FACTORS)).json()["items"]
    assert item == {
        "factorId": made.json()["factorId"], "kind": "totp", "name": "My phone", "createdAt": item["createdAt"]
    }  # fmt: skip
    problem_of(await anna.post(f"{TOTP}/confirm", confirm), 409, "enrolment-over")


async def test_an_enrolment_is_done_once(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    begun = (await anna.post(TOTP, {"pin": PIN})).json()
    anna.secret = begun["secret"]
    confirm = {"enrolment": begun["enrolment"], "totp": anna.code()}
    assert (await anna.post(f"{TOTP}/confirm", confirm)).status_code == 201
    problem_of(await anna.post(f"{TOTP}/confirm", confirm), 409, "already-exists")


async def test_the_database_holds_no_secret_as_it_is(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    [factor] = await edge.services.reads.factors((await edge.services.reads.users(limit=1))[0].user_id)
    assert factor.secret is not None
    assert anna.secret not in factor.secret
    assert edge.services.sealer.open(factor.secret, "anna") == anna.secret
    [rows] = await edge.services.reads._database.read(("SELECT hashes FROM recovery_codes", ()))
    assert all(code not in rows[0][0] for code in anna.codes)


async def test_the_first_one_signs_all_other_devices_out(edge: Edge) -> None:
    anna, tablet = await Person.added(edge), Person(edge, "anna")
    await tablet.login()
    assert (await tablet.get("/v1/who")).status_code == 200
    await anna.enrol_app()
    problem_of(await tablet.get("/v1/who"), 401, "session-ended")
    assert (await anna.get("/v1/who")).status_code == 200
    second = await anna.enrol_app(name="Tablet")
    assert "recoveryCodes" not in second.json()
    assert (await anna.get("/v1/who")).status_code == 200


async def test_an_enrolment_is_its_owners_for_a_while(edge: Edge) -> None:
    anna, ben = await Person.added(edge), await Person.added(edge, "ben")
    begun = (await anna.post(TOTP, {"pin": PIN})).json()
    anna.secret = begun["secret"]
    stolen = {"enrolment": begun["enrolment"], "totp": anna.code()}
    problem_of(await ben.post(f"{TOTP}/confirm", stolen), 409, "enrolment-over")
    problem_of(await anna.post(f"{TOTP}/confirm", {**stolen, "enrolment": edge.token("anna")}), 409, "enrolment-over")
    passkey = SoftPasskey(origin=ORIGIN).create({"user": {"id": ""}, "rp": {"id": "fest.test"}, "challenge": "x"})
    crossed = {"enrolment": begun["enrolment"], "passkey": passkey}
    problem_of(await anna.post(f"{PASSKEYS}/confirm", crossed), 403, "wrong-factor")
    edge.clock.now_ms += ENROLMENT_TTL_S * 1000
    problem_of(await anna.post(f"{TOTP}/confirm", {**stolen, "totp": anna.code()}), 409, "enrolment-over")
    again = (await anna.post(PASSKEYS, {"pin": PIN})).json()
    problem_of(
        await anna.post(f"{TOTP}/confirm", {"enrolment": again["enrolment"], "totp": "123456"}), 403, "wrong-factor"
    )


async def test_a_session_alone_changes_nothing(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    [item] = (await anna.get(FACTORS)).json()["items"]
    for path in (TOTP, PASSKEYS, f"{FACTORS}/{item['factorId']}/remove", f"{FACTORS}/recovery-codes"):
        problem_of(await anna.post(path, {}), 400, "invalid-request")
        problem_of(await anna.post(path, {"pin": PIN, "totp": anna.code()}), 400, "invalid-request")
        problem_of(await anna.post(path, {"pin": "000000"}), 403, "wrong-pin")
        problem_of(await anna.post(path, {"totp": anna.code(steps=-1)}), 403, "wrong-factor")
    problem_of(await anna.post(TOTP, {"pin": "000000"}), 403, "wrong-pin")
    problem_of(await anna.post(TOTP, {"pin": PIN}), 429, "too-many-tries")


async def test_a_code_of_the_app_stands_for_the_pin_once(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    code = anna.code()
    assert len(anna.codes) == 10
    renewed = await anna.post(f"{FACTORS}/recovery-codes", {"totp": code})
    assert (renewed.status_code, len(renewed.json()["recoveryCodes"])) == (201, 10)
    assert not set(renewed.json()["recoveryCodes"]) & set(anna.codes)
    problem_of(await anna.post(f"{FACTORS}/recovery-codes", {"totp": code}), 403, "wrong-factor")
    body = {"challenge": (await anna.challenge())["challenge"], "recoveryCode": anna.codes[0]}
    problem_of(await anna.post(STEP, body), 403, "wrong-factor")


async def test_recovery_codes_need_something_to_stand_in_for(edge: Edge) -> None:
    anna = await Person.added(edge)
    assert problem_of(await anna.post(f"{FACTORS}/recovery-codes", {"pin": PIN}), 404, "not-found")["what"] == "factor"


async def test_a_passkey_is_made_once_and_known_once(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    made = await anna.enrol_passkey(passkey)
    assert (made.status_code, made.json()["name"]) == (201, "Passkey")
    begun = (await anna.post(PASSKEYS, {"pin": PIN})).json()["options"]
    assert [each["id"] for each in begun["excludeCredentials"]] == [passkey.id]
    assert begun["rp"] == {"name": "Festival", "id": "fest.test"}
    assert begun["attestation"] == "none"
    problem_of(await anna.enrol_passkey(passkey), 409, "already-exists")
    problem_of(await anna.enrol_passkey(SoftPasskey(origin="http://evil.test")), 403, "wrong-factor")


async def test_there_is_a_largest_number(edge: Edge) -> None:
    anna = await Person.added(edge)
    for _ in range(FACTORS_MAX):
        assert (await anna.enrol_passkey(SoftPasskey(origin=ORIGIN))).status_code == 201
    problem = problem_of(await anna.enrol_passkey(SoftPasskey(origin=ORIGIN)), 409, "too-many-factors")
    assert problem["factorsMax"] == FACTORS_MAX


async def test_what_is_removed_counts_no_more_and_may_come_back(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    made = (await anna.enrol_passkey(passkey)).json()
    remove = f"{FACTORS}/{made['factorId']}/remove"
    assert (await anna.post(remove, {"pin": PIN})).status_code == 204
    assert (await anna.login()).status_code == 200
    problem_of(await anna.post(remove, {"pin": PIN}), 404, "not-found")
    assert (await anna.enrol_passkey(passkey)).status_code == 201


async def test_an_organiser_does_nothing_as_one_until_they_have_one(strict_edge: Edge) -> None:
    admin = await Person.added(strict_edge, "admin", Role.ADMIN)
    for path in ("/v1/office", "/v1/who"):
        problem_of(await admin.get(path), 403, "second-factor-missing")
    ben = await Person.added(strict_edge, "ben")
    assert (await ben.get("/v1/who")).status_code == 200, "others need none"
    assert (await admin.get(FACTORS)).json()["required"] is True
    made = await admin.enrol_app()
    assert (await admin.get("/v1/office")).status_code == 200
    remove = f"{FACTORS}/{made.json()['factorId']}/remove"
    problem_of(await admin.post(remove, {"pin": PIN}), 409, "last-factor")
    await admin.enrol_passkey(SoftPasskey(origin=ORIGIN))
    assert (await admin.post(remove, {"pin": PIN})).status_code == 204


async def test_another_organiser_resets_what_is_lost(strict_edge: Edge) -> None:
    edge = strict_edge
    admin, other = [await Person.added(edge, name, Role.ADMIN) for name in ("admin", "other")]
    ben = await Person.added(edge, "ben")
    await other.enrol_app()
    problem_of(await admin.post("/v1/admin/users/other/factors/reset", {}), 403, "second-factor-missing")
    await admin.enrol_app()
    for user_id, status in (("admin", 403), ("nobody", 404), ("other", 204)):
        assert (await admin.post(f"/v1/admin/users/{user_id}/factors/reset", {})).status_code == status
    problem_of(await ben.post("/v1/admin/users/other/factors/reset", {}), 403, "forbidden")
    problem_of(await other.get(FACTORS), 401, "session-ended")
    assert (await other.login()).status_code == 200, "by the PIN alone, to add a new one"
    problem_of(await other.get("/v1/office"), 403, "second-factor-missing")
    edge.clock.now_ms += STEP_MS
    await other.enrol_app()
    assert (await other.get("/v1/office")).status_code == 200
