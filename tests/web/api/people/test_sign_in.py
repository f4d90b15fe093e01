"""The sign-in name over HTTP: shown to its owner, renewed by them, and public only where it was a stall's id before."""

import msgspec
import pytest

from festival_push.domain.values import UserId
from tests.support.festival import Put
from tests.web.world import World, problem_of

PIN = "739146"
RENEW, LOGIN = "/v1/me/sign-in", "/v1/auth/login"


async def registered(world: World) -> dict[str, str]:
    made = await world.post(None, "/v1/auth/register", {"name": "Zoe", "pin": PIN})
    world.http.cookies.clear()
    session: dict[str, str] = made.json()
    return session


async def login(world: World, name: str) -> int:
    answer = await world.post(None, LOGIN, {"signIn": name, "pin": PIN})
    world.http.cookies.clear()
    return answer.status_code


async def test_a_new_person_is_told_a_name_that_is_not_their_id(world: World) -> None:
    zoe = await registered(world)
    me = (await world.get(zoe["userId"], "/v1/me")).json()
    assert me["signIn"] == zoe["signIn"] != zoe["userId"]
    assert [len(group) for group in zoe["signIn"].split("-")] == [4, 4, 4]
    assert "signInPublic" not in me
    assert await login(world, zoe["userId"]) == 401
    for typed in (zoe["signIn"], zoe["signIn"].upper().replace("-", " ")):
        assert await login(world, typed) == 200


async def test_a_name_is_renewed_and_the_old_one_is_forgotten(world: World) -> None:
    zoe, yan = await registered(world), await registered(world)
    renewed = (await world.post(zoe["userId"], RENEW, {})).json()
    assert list(renewed) == ["signIn"]
    assert (await login(world, zoe["signIn"]), await login(world, renewed["signIn"])) == (401, 200)
    chosen = (await world.post(zoe["userId"], RENEW, {"signIn": "Zoe-of-the-Hill"})).json()
    assert chosen == {"signIn": "Zoe-of-the-Hill"}
    assert await login(world, "zoe of the hill") == 200
    for taken in ("ZOEOFTHEHILL", "sun", yan["userId"]):
        problem = problem_of(await world.post(yan["userId"], RENEW, {"signIn": taken}), 409, "sign-in-taken")
        assert set(problem) == {"type", "title", "status", "detail", "code"}, "it does not tell whose"
    assert await login(world, yan["signIn"]) == 200


async def test_a_device_stays_known_by_the_new_name(world: World) -> None:
    answer = await world.post(None, "/v1/auth/register", {"name": "Zoe", "pin": PIN})
    zoe = answer.json()
    renewed = (await world.post(zoe["userId"], RENEW, {})).json()["signIn"]
    device = next(cookie for cookie in world.http.cookies.jar if cookie.name == "fp_device").value
    assert world.services.guessing.devices.known(device, renewed) is not None
    assert zoe["signIn"].replace("-", "") not in str(device)


async def test_nobody_gets_in_by_what_others_see_of_a_stall(world: World) -> None:
    """Every id that a customer or another stall is shown is tried with the very PIN of its owner."""
    hired: list[dict[str, str]] = []
    seen: set[str] = set()
    for number in range(5):
        body = {"role": "vendor", "name": f"Stall {number}", "pin": PIN}
        hired.append((await world.post("admin", "/v1/admin/users", body)).json())
    stalls = (await world.get("anna", "/v1/vendors")).json()["items"]
    seen.update(stall["vendorId"] for stall in stalls)
    seen.update(person["userId"] for person in hired)
    seen.update(person["topUpCode"] for person in hired)
    assert {person["vendorId"] for person in hired} <= seen
    assert {await login(world, name) for name in sorted(seen)} == {401}
    assert {await login(world, person["signIn"]) for person in hired} == {200}


@pytest.mark.parametrize(("sign_in", "told"), [("sun", True), ("Sun", True), ("another", None), (None, None)])
async def test_who_signs_in_with_a_stalls_id_is_told(world: World, sign_in: str | None, told: object) -> None:
    """As keepers of before do, whose id was their stall's."""
    sun = await world.services.reads.person(UserId("sun"))
    assert sun is not None
    key = None if sign_in is None else sign_in.lower()
    named = msgspec.structs.replace(sun.user, sign_in=sign_in, sign_in_key=key)
    await world.services.committer.submit(Put(rows=(named,)))
    me = (await world.get("sun", "/v1/me")).json()
    assert me.get("signInPublic") is told
    assert me.get("signIn") == sign_in
    await world.post("sun", RENEW, {})
    assert "signInPublic" not in (await world.get("sun", "/v1/me")).json()
