"""Pairing a screen over HTTP: the stall's code, the screen's request, the stall's answer, and the token."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest

from festival_push.domain.stalls.pairings import PAIRING_MS
from festival_push.domain.values import Instant, rfc3339
from festival_push.settings import Limits, Secret, Secrets
from festival_push.web.api.stalls import pairings
from festival_push.web.parsing.ids import pairing_code_hash, secret_hash
from tests.web.world import World, open_world, problem_of, settings_of

CODES = "/v1/vendors/sun/displays/codes"
PAIRINGS = "/v1/displays/pairings"


async def made_code(world: World, who: str = "sun", vendor_id: str = "sun") -> str:
    response = await world.post(who, f"/v1/vendors/{vendor_id}/displays/codes", {"name": "Left of the door"})
    assert response.status_code == 201, response.text
    code: str = response.json()["code"]
    return code


async def typed(world: World, code: str) -> dict[str, Any]:
    """A screen on which the code was typed: the pairing, with its secret."""
    response = await world.post(None, PAIRINGS, {"code": code})
    assert response.status_code == 202, response.text
    made: dict[str, Any] = response.json()
    return made


async def answered(world: World, pairing: dict[str, Any], *, accept: bool = True, who: str = "sun") -> httpx2.Response:
    path = f"/v1/vendors/sun/displays/pairings/{pairing['pairingId']}"
    return await world.post(who, path, {"accept": accept})


async def shown(world: World, pairing: dict[str, Any], secret: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {secret or pairing['secret']}"}
    return await world.http.get(f"{PAIRINGS}/{pairing['pairingId']}", headers=headers)


async def test_a_screen_is_paired_by_a_code_and_reads_its_board(world: World) -> None:
    order = await world.place("anna", "sun", ayran=1)
    before = world.services.now()
    response = await world.post("sun", CODES, {"name": "Left of the door"})
    after = world.services.now()
    code = response.json()["code"]
    assert rfc3339(Instant(before + PAIRING_MS)) <= response.json()["expiresAt"] <= rfc3339(Instant(after + PAIRING_MS))
    async with world.follow("/v1/stream", world.bearer("sun")) as stream:
        await stream.first("connected")
        pairing = await typed(world, f" {code[:3].lower()}-{code[3:]}")
        assert list(pairing) == ["pairingId", "secret", "vendorId", "vendorName", "expiresAt"]
        assert (pairing["vendorId"], pairing["vendorName"]) == ("sun", "Sun")
        waiting = await stream.first("display-waiting")
    del waiting["timestamp"]
    assert waiting == {"pairingId": pairing["pairingId"], "vendorId": "sun", "name": "Left of the door"}
    assert (await shown(world, pairing)).json() == {"status": "waiting", "vendorId": "sun"}
    assert (await world.get("sun", "/v1/vendors/sun/displays")).json()["items"] == []

    confirmed = await answered(world, pairing)
    assert (confirmed.status_code, confirmed.json()) == (
        200, {"pairingId": pairing["pairingId"], "status": "confirmed"},
    )  # fmt: skip
    (display,) = (await world.get("sun", "/v1/vendors/sun/displays")).json()["items"]
    assert display["name"] == "Left of the door"
    for _ in range(2):  # a screen that lost its first answer asks again
        seen = (await shown(world, pairing)).json()
        assert (seen["status"], seen["vendorId"]) == ("confirmed", "sun")
        url = urlsplit(seen["url"])
        assert (url.path, parse_qs(url.fragment)) == ("/kiosk/", {"vendor": ["sun"], "token": [seen["token"]]})
        board = await world.http.get("/v1/boards/sun", headers={"Authorization": f"Bearer {seen['token']}"})
        assert board.json()["preparing"] == [order["number"]]
    assert len((await world.get("sun", "/v1/vendors/sun/displays")).json()["items"]) == 1


async def test_a_code_tells_which_pairing_it_will_begin(world: World) -> None:
    codes = [(await world.post("sun", CODES, {})).json() for _ in range(2)]  # the second takes the first one's place
    first = await typed(world, codes[1]["code"])
    assert [code["pairingId"] for code in codes] == [first["pairingId"]] * 2
    newer = (await world.post("sun", CODES, {})).json()
    assert newer["pairingId"] != first["pairingId"]
    assert (await typed(world, newer["code"]))["pairingId"] == newer["pairingId"]


async def test_a_refused_screen_gets_no_token(world: World) -> None:
    pairing = await typed(world, await made_code(world))
    assert (await answered(world, pairing, accept=False)).json()["status"] == "refused"
    assert (await shown(world, pairing)).json() == {"status": "refused", "vendorId": "sun"}
    assert (await world.get("sun", "/v1/vendors/sun/displays")).json()["items"] == []
    late = problem_of(await answered(world, pairing), 409, "pairing-settled")
    assert late["pairingStatus"] == "refused"
    assert (await answered(world, pairing, accept=False)).status_code == 200


async def test_a_stall_reads_the_screens_that_wait_for_it_without_their_secrets(world: World) -> None:
    path = "/v1/vendors/sun/displays/pairings"
    asked = [await typed(world, await made_code(world)) for _ in range(2)]
    await typed(world, await made_code(world, "moon", "moon"))
    await made_code(world)  # nobody has typed it
    waiting = [
        {"pairingId": each["pairingId"], "vendorId": "sun", "name": "Left of the door", "expiresAt": each["expiresAt"]}
        for each in sorted(asked, key=lambda made: (made["expiresAt"], made["pairingId"]), reverse=True)
    ]
    for who in ("sun", "admin"):
        assert (await world.get(who, path)).json() == {"items": waiting, "next": None}
    assert problem_of(await world.get("moon", path), 404, "not-found")["what"] == "vendor"
    problem_of(await world.get("sun", f"{path}?limit=1"), 400, "invalid-request")
    for accept in (True, False):
        await answered(world, waiting.pop(), accept=accept)
        assert (await world.get("sun", path)).json()["items"] == waiting


async def test_a_wrong_used_replaced_or_expired_code_is_refused_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, old = await made_code(world), await made_code(world, "moon", "moon")
    await typed(world, used)
    await made_code(world, "admin", "moon")
    for code in ("234567", used, old, "x" * 40, "💡"):
        problem = problem_of(await world.post(None, PAIRINGS, {"code": code}), 404, "invalid-pairing-code")
        assert "make a new one" in problem["title"]
        assert "what" not in problem
    monkeypatch.setattr("festival_push.domain.stalls.pairings.PAIRING_MS", 1)
    expired = await made_code(world)
    await asyncio.sleep(0.005)
    problem_of(await world.post(None, PAIRINGS, {"code": expired}), 404, "invalid-pairing-code")


async def test_only_its_secret_opens_a_pairing_and_unknown_ones_look_the_same(world: World) -> None:
    pairing = await typed(world, await made_code(world))
    other = await typed(world, await made_code(world, "moon", "moon"))
    await answered(world, pairing)
    path = f"{PAIRINGS}/{pairing['pairingId']}"
    wrong = [
        await shown(world, pairing, other["secret"]),
        await shown(world, {"pairingId": "nothing"}, pairing["secret"]),
        await shown(world, {"pairingId": "%00"}, pairing["secret"]),
        await world.http.get(path),
        await world.http.get(path, headers={"Authorization": pairing["secret"]}),
        await world.http.get(path, headers={"Authorization": f"Bearer {pairing['secret']}x"}),
        await world.get("sun", path),
        await world.get("admin", path),
    ]
    for response in wrong:
        assert problem_of(response, 404, "not-found")["what"] == "pairing"
    assert len({response.content for response in wrong}) == 1
    problem_of(await world.get("sun", f"{path}?secret={pairing['secret']}"), 400, "invalid-request")
    assert (await shown(world, pairing)).status_code == 200


async def test_nobody_answers_for_another_stall(world: World) -> None:
    pairing = await typed(world, await made_code(world))
    answers = [
        await answered(world, pairing, who="moon"),
        await world.post("moon", f"/v1/vendors/moon/displays/pairings/{pairing['pairingId']}", {"accept": True}),
        await world.post("moon", "/v1/vendors/moon/displays/pairings/nothing", {"accept": True}),
    ]
    assert [problem_of(answer, 404, "not-found")["what"] for answer in answers] == ["vendor", "pairing", "pairing"]
    assert answers[1].content == answers[2].content
    assert (await shown(world, pairing)).json()["status"] == "waiting"


async def test_a_pairing_that_expires_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pairing = await typed(world, await made_code(world))
    monkeypatch.setattr("festival_push.domain.stalls.pairings.PAIRING_MS", 1)
    late = await typed(world, await made_code_that_lasts(world, monkeypatch))
    await asyncio.sleep(0.005)
    problem_of(await answered(world, late), 404, "not-found")
    problem_of(await shown(world, late), 404, "not-found")
    assert (await shown(world, pairing)).status_code == 200


async def made_code_that_lasts(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A code of ten minutes, for a request that lasts a millisecond."""
    with monkeypatch.context() as patch:
        patch.setattr("festival_push.domain.stalls.pairings.PAIRING_MS", PAIRING_MS)
        return await made_code(world)


async def test_a_code_works_across_a_change_of_the_servers_secret(world: World) -> None:
    code = await made_code(world)
    auth = world.services.settings.auth
    newer = msgspec.structs.replace(auth, jwt_secret=Secrets(Secret("n" * 32), *auth.jwt_secret))
    settings = msgspec.structs.replace(world.services.settings, auth=newer)
    object.__setattr__(world.services, "settings", settings)
    assert (await typed(world, code))["vendorId"] == "sun"


async def test_only_hashes_are_kept(world: World) -> None:
    code = await made_code(world)
    pairing = await typed(world, code)
    kept = await world.services.reads.pairing(pairing["pairingId"])
    assert kept is not None
    assert (kept.code_hash, kept.secret_hash) == (None, secret_hash(pairing["secret"]))
    newer = await made_code(world)
    secret = world.services.settings.auth.jwt_secret.reveal()
    found = await world.services.reads._database.read(
        ("SELECT * FROM pairings", ()), ("SELECT data FROM event_log", ())
    )
    text = repr(found)
    assert pairing_code_hash(newer, secret) in text
    assert not [word for word in (code, newer, pairing["secret"]) if word in text or word.lower() in text]


async def test_codes_can_not_be_guessed_from_one_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairings, "TRIES_PERIOD_S", 60 * pairings.TRIES_PERIOD_S)  # a slow machine gets no try back
    async with open_world(settings_of(tmp_path)) as world:
        code = await made_code(world)
        tries = [await world.post(None, PAIRINGS, {"code": "234567"}) for _ in range(pairings.TRIES_PER_ADDRESS_MAX)]
        assert {response.status_code for response in tries} == {404}
        problem = problem_of(await world.post(None, PAIRINGS, {"code": code}), 429, "rate-limited")
        assert problem["retryable"]
        assert 0 < problem["retryAfter"] <= 60 * 20


async def test_codes_can_not_be_guessed_from_many_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairings, "TRIES_MAX", 5)
    monkeypatch.setattr(pairings, "TRIES_PER_ADDRESS_MAX", 2)
    async with open_world(settings_of(tmp_path)) as world:
        statuses = []
        for number in range(4):
            transport = httpx2.ASGITransport(world.app, client=(f"192.0.2.{number}", 1))
            async with httpx2.AsyncClient(transport=transport, base_url="http://fest.test") as http:
                for _ in range(3):
                    response = await http.post(PAIRINGS, json={"code": "234567"})
                    statuses.append(response.status_code)
        # The third try of an address takes nothing of everybody's five.
        assert statuses == [404, 404, 429, 404, 404, 429, 404, 429, 429, 429, 429, 429]


def test_a_code_is_not_guessed() -> None:
    """The arithmetic of docs/threats.md: the budget may be spent at once while it comes back."""
    tries = 2 * pairings.TRIES_MAX * PAIRING_MS / (1000 * pairings.TRIES_PERIOD_S)
    assert 31**6 / tries > 700_000


async def test_asking_counts_as_what_anyone_may_do(tmp_path: Path) -> None:
    limits = Limits(anonymous_per_min=2)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        statuses = [(await shown(world, {"pairingId": "nothing"}, "x")).status_code for _ in range(3)]
        assert statuses == [404, 404, 429]


async def test_another_sites_page_types_no_code(world: World) -> None:
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "application/json"}
    response = await world.http.post(PAIRINGS, content=b'{"code": "234567"}', headers=headers)
    problem_of(response, 403, "cross-site")
