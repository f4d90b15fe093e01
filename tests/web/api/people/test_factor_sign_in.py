"""Signing in by a second factor: each proof counts once, for one sign-in, for a while; and what is wrong is counted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.signing_in.guesses import FREE
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.values import Role, UserId
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.factors.challenges import CHALLENGE_TTL_S
from tests.support.wire.authenticator import SoftPasskey
from tests.web.edge import PIN_HASHER, Edge, problem_of
from tests.web.factors import FACTORS, ORIGIN, PASSKEY, PIN, STEP, STEP_MS, Person, open_factors


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_factors(tmp_path) as opened:
        yield opened


async def test_the_pin_alone_signs_nobody_in_who_has_an_app(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    response = await anna.login()
    asked = problem_of(response, 401, "second-factor-required")
    assert asked["methods"] == ["totp", "recoveryCode"]
    assert "passkey" not in asked
    assert "set-cookie" not in response.headers
    signed_in = await anna.post(STEP, {"challenge": asked["challenge"], "totp": anna.code()})
    assert (signed_in.status_code, signed_in.json()["userId"]) == (200, "anna")
    assert "fp_session" in signed_in.headers["set-cookie"]
    token = {"Authorization": f"Bearer {signed_in.json()['token']}"}
    assert (await edge.browser().get("/v1/who", headers=token)).status_code == 200


async def test_a_wrong_pin_says_nothing_of_second_factors(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    problem_of(await anna.login("000000"), 401, "invalid-credentials")


async def test_a_challenge_is_no_session_nor_is_a_session_a_challenge(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    challenge = (await anna.challenge())["challenge"]
    assert (await edge.browser().get("/v1/who", headers={"Authorization": f"Bearer {challenge}"})).status_code == 401
    session = edge.token("anna")
    problem_of(await anna.post(STEP, {"challenge": session, "totp": anna.code()}), 401, "unauthorized")
    other = edge.services.tokens.issue("nobody", TokenUse.CHALLENGE, 60).token
    problem_of(await anna.post(STEP, {"challenge": other, "totp": anna.code()}), 401, "unauthorized")
    assert (await anna.post(STEP, {"challenge": challenge, "totp": anna.code()})).status_code == 200


async def test_the_same_code_does_not_count_twice(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    code = anna.code()
    first, second = (await anna.challenge())["challenge"], (await anna.challenge())["challenge"]
    assert (await anna.post(STEP, {"challenge": first, "totp": code})).status_code == 200
    problem_of(await anna.post(STEP, {"challenge": second, "totp": code}), 403, "wrong-factor")
    edge.clock.now_ms += STEP_MS
    assert (await anna.post(STEP, {"challenge": second, "totp": anna.code()})).status_code == 200


async def test_of_parallel_uses_of_a_code_one_counts(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    challenges = [(await anna.challenge())["challenge"] for _ in range(3)]
    code = anna.code()
    answers = await asyncio.gather(*(anna.post(STEP, {"challenge": each, "totp": code}) for each in challenges))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403]


async def test_the_code_that_enrolled_the_app_does_not_sign_in(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    code = anna.code(steps=-1)
    problem_of(
        await anna.post(STEP, {"challenge": (await anna.challenge())["challenge"], "totp": code}), 403, "wrong-factor"
    )


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (0, 200), (1, 200), (2, 403)])
async def test_a_clock_may_be_half_a_minute_off(edge: Edge, steps: int, status: int) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    edge.clock.now_ms += 10 * STEP_MS
    body = {"challenge": (await anna.challenge())["challenge"], "totp": anna.code(steps=steps)}
    assert (await anna.post(STEP, body)).status_code == status


async def test_a_challenge_ends_with_its_first_use_its_time_and_its_pin(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    used, late, old = [(await anna.challenge())["challenge"] for _ in range(3)]
    assert (await anna.post(STEP, {"challenge": used, "totp": anna.code()})).status_code == 200
    edge.clock.now_ms += STEP_MS
    problem_of(await anna.post(STEP, {"challenge": used, "totp": anna.code()}), 401, "token-spent")
    admin = await edge.add("admin", Role.ADMIN)
    reset = ResetPin(actor_id=admin.user_id, user_id=UserId("anna"), pin_hash=PIN_HASHER.hash(PIN), pin_digits=6)
    await edge.services.committer.submit(reset)
    problem_of(await anna.post(STEP, {"challenge": old, "totp": anna.code()}), 401, "token-spent")
    edge.clock.now_ms += CHALLENGE_TTL_S * 1000
    problem_of(await anna.post(STEP, {"challenge": late, "totp": anna.code()}), 401, "token-expired")


async def test_wrong_proofs_are_counted_until_they_have_to_rest(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    challenge = (await anna.challenge())["challenge"]
    wrong = f"{(int(anna.code()) + 1) % 10**6:06}"
    answers = [await anna.post(STEP, {"challenge": challenge, "totp": wrong}) for _ in range(FREE + 1)]
    assert [answer.status_code for answer in answers] == [403] * FREE + [429]
    wait = problem_of(await anna.post(STEP, {"challenge": challenge, "totp": anna.code()}), 429, "too-many-tries")
    edge.clock.now_ms += 1000 * wait["retryAfter"]
    assert (await anna.post(STEP, {"challenge": challenge, "totp": anna.code()})).status_code == 200


async def test_a_right_pin_does_not_forget_them_but_a_right_code_does(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    for status in [403] * FREE + [429]:
        body = {"challenge": (await anna.challenge())["challenge"], "recoveryCode": "wrong"}
        assert (await anna.post(STEP, body)).status_code == status
    for _ in range(2):
        edge.clock.now_ms += STEP_MS
        right = {"challenge": (await anna.challenge())["challenge"], "totp": anna.code()}
        assert (await anna.post(STEP, right)).status_code == 200
        body["challenge"] = (await anna.challenge())["challenge"]
        for status in [403] * (FREE - 1):
            assert (await anna.post(STEP, body)).status_code == status


async def test_a_recovery_code_signs_in_once(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    assert len(set(anna.codes)) == 10
    typed = anna.codes[0].lower().replace("-", " ")
    body = {"challenge": (await anna.challenge())["challenge"], "recoveryCode": typed}
    assert (await anna.post(STEP, body)).status_code == 200
    body["challenge"] = (await anna.challenge())["challenge"]
    problem_of(await anna.post(STEP, body), 403, "wrong-factor")
    assert (await anna.get(FACTORS)).json()["recoveryCodesLeft"] == 9


@pytest.mark.parametrize(
    "proofs", [{}, {"totp": "123456", "recoveryCode": "x"}, {"totp": "12345"}, {"passkey": {}}, {"recoveryCode": ""}]
)
async def test_a_second_step_is_one_proof(edge: Edge, proofs: dict[str, object]) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    response = await anna.post(STEP, {"challenge": (await anna.challenge())["challenge"], **proofs})
    assert problem_of(response, 400, "invalid-request")["errors"]


async def test_a_passkey_is_a_second_step_too(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN, verifies=False)
    assert (await anna.enrol_passkey(passkey)).status_code == 201
    asked = await anna.challenge()
    assert asked["methods"] == ["passkey", "recoveryCode"]
    assert [each["id"] for each in asked["passkey"]["allowCredentials"]] == [passkey.id]
    assert asked["passkey"]["rpId"] == "fest.test"
    body = {"challenge": asked["challenge"], "passkey": passkey.get(asked["passkey"])}
    assert (await anna.post(STEP, body)).status_code == 200
    problem_of(await anna.post(STEP, body), 401, "token-spent")


async def test_what_a_passkey_signed_for_another_sign_in_does_not_count(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    await anna.enrol_passkey(passkey)
    first, second = await anna.challenge(), await anna.challenge()
    answer = passkey.get(first["passkey"])
    problem_of(await anna.post(STEP, {"challenge": second["challenge"], "passkey": answer}), 403, "wrong-factor")


async def test_a_passkey_of_another_person_page_or_past_does_not_count(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    ben, his = await Person.added(edge, "ben"), SoftPasskey(origin=ORIGIN)
    await anna.enrol_passkey(passkey)
    await ben.enrol_passkey(his)
    elsewhere = SoftPasskey(origin="http://evil.test")
    asked = await anna.challenge()
    options = asked["passkey"]
    good = passkey.get(options)
    passkey.origin = "http://evil.test"
    wrong = [
        his.get(options),
        elsewhere.get(options),
        passkey.get(options),
        {**good, "id": his.id},
        {**good, "response": {**good["response"], "signature": "AAAA"}},
        {**good, "response": {**good["response"], "authenticatorData": "AAAA"}},
        {**good, "response": {**good["response"], "clientDataJSON": "!!"}},
    ]
    for each in wrong:
        problem_of(await anna.post(STEP, {"challenge": asked["challenge"], "passkey": each}), 403, "wrong-factor")
        edge.clock.now_ms += 20_000  # the account rests ever longer
    passkey.origin, passkey.counter = ORIGIN, 0  # a copy of the key, from before it was ever used
    problem_of(
        await anna.post(STEP, {"challenge": asked["challenge"], "passkey": passkey.get(options)}), 403, "wrong-factor"
    )


async def test_a_passkey_alone_signs_in(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    await anna.enrol_passkey(passkey)
    stranger = Person(edge, "?")
    asked = (await stranger.post(f"{PASSKEY}/options", {})).json()
    assert (asked["options"]["userVerification"], asked["options"]["allowCredentials"]) == ("required", [])
    body = {"challenge": asked["challenge"], "passkey": passkey.get(asked["options"])}
    signed_in = await stranger.post(PASSKEY, body)
    assert (signed_in.status_code, signed_in.json()["userId"]) == (200, "anna")
    problem_of(await stranger.post(PASSKEY, body), 401, "token-spent")
    assert (await stranger.get("/v1/who")).json() == {"userId": "anna"}


async def test_alone_a_passkey_must_have_seen_its_owner(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    await anna.enrol_passkey(passkey)
    asked = (await anna.post(f"{PASSKEY}/options", {})).json()
    answers = [passkey.get(asked["options"], userHandle="AAAA")]
    passkey.verifies = False
    answers += [passkey.get(asked["options"]), SoftPasskey(origin=ORIGIN).get(asked["options"])]
    for answer in answers:
        body = {"challenge": asked["challenge"], "passkey": answer}
        problem_of(await anna.post(PASSKEY, body), 401, "invalid-credentials")
    step = (await anna.challenge())["challenge"]
    problem_of(await anna.post(PASSKEY, {"challenge": step, "passkey": answers[0]}), 401, "unauthorized")
    edge.clock.now_ms += CHALLENGE_TTL_S * 1000
    passkey.verifies = True
    body = {"challenge": asked["challenge"], "passkey": passkey.get(asked["options"])}
    problem_of(await anna.post(PASSKEY, body), 401, "token-expired")


async def test_who_is_suspended_does_not_sign_in(edge: Edge) -> None:
    anna, passkey = await Person.added(edge), SoftPasskey(origin=ORIGIN)
    await anna.enrol_app()
    await anna.enrol_passkey(passkey)
    challenge = (await anna.challenge())["challenge"]
    admin = await edge.add("admin", Role.ADMIN)
    suspend = SuspendUser(actor_id=admin.user_id, user_id=UserId("anna"), suspended=True)
    await edge.services.committer.submit(suspend)
    problem_of(await anna.login(), 403, "suspended")
    problem_of(await anna.post(STEP, {"challenge": challenge, "totp": anna.code()}), 403, "suspended")
    asked = (await Person(edge, "?").post(f"{PASSKEY}/options", {})).json()
    body = {"challenge": asked["challenge"], "passkey": passkey.get(asked["options"])}
    problem_of(await Person(edge, "?").post(PASSKEY, body), 403, "suspended")


async def test_another_sites_page_signs_nobody_in(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    challenge = (await anna.challenge())["challenge"]
    anna.headers = {"Origin": "http://evil.test"}
    for path, body in ((STEP, {"challenge": challenge, "totp": anna.code()}), (f"{PASSKEY}/options", {})):
        problem_of(await anna.post(path, body), 403, "cross-site")
