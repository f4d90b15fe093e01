"""A new PIN: whoever has it is let in, and nobody who came in before, but for the session that asked for it."""

import httpx2
import pytest

from festival_push.domain.signing_in.guesses import FREE
from festival_push.domain.values import UserId
from tests.support.timing.waiting import until
from tests.web.world import World, problem_of

OLD, NEW = "739146", "280951"


async def signed_in(world: World, sign_in: str, pin: str) -> str:
    response = await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": pin})
    assert response.status_code == 200, response.text
    world.http.cookies.clear()
    return str(response.json()["token"])


async def registered(world: World) -> tuple[str, str]:
    """Somebody new; their sign-in name and their session's token."""
    response = await world.post(None, "/v1/auth/register", {"name": "Zoe", "pin": OLD})
    world.http.cookies.clear()
    return response.json()["signIn"], response.json()["token"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def me(world: World, token: str) -> int:
    return (await world.http.get("/v1/me", headers=bearer(token))).status_code


async def change(world: World, token: str, pin: str = OLD, new_pin: str = NEW) -> httpx2.Response:
    return await world.http.post("/v1/me/pin", json={"pin": pin, "newPin": new_pin}, headers=bearer(token))


async def test_a_changed_pin_ends_the_other_sessions_and_their_streams(world: World) -> None:
    sign_in, phone = await registered(world)
    tablet = await signed_in(world, sign_in, OLD)
    async with (
        world.follow("/v1/stream", bearer(phone)) as staying,
        world.follow("/v1/stream", bearer(tablet)) as other,
    ):
        await staying.first("connected")
        await other.first("connected")
        changed = await change(world, phone)
        assert (changed.status_code, changed.content) == (204, b"")
        assert (await other.first("error"))["code"] == "session-ended"
        await until(lambda: other.is_over)
        assert (await staying.first("new-notification"))["message"] == "Your PIN was changed."
        assert not staying.is_over
    assert (await me(world, phone), await me(world, tablet)) == (200, 401)
    problem_of(await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": OLD}), 401, "invalid-credentials")
    assert await me(world, await signed_in(world, sign_in, NEW)) == 200
    again = await signed_in(world, sign_in, NEW)
    assert (await change(world, again, NEW, OLD)).status_code == 204
    assert (await me(world, phone), await me(world, again)) == (401, 200)


async def test_tickets_are_of_the_session_that_they_were_made_for(world: World) -> None:
    sign_in, phone = await registered(world)
    tablet = await signed_in(world, sign_in, OLD)
    stale, fresh = [
        (await world.http.post("/v1/auth/stream-tickets", headers=bearer(token))).json()["ticket"]
        for token in (tablet, phone)
    ]
    assert (await change(world, phone)).status_code == 204
    refused = await world.http.get(f"/v1/stream?ticket={stale}")
    problem_of(refused, 401, "session-ended")
    async with world.follow("/v1/stream", {}, f"ticket={fresh}") as stream:
        await stream.first("connected")


async def test_a_wrong_pin_changes_nothing_and_tries_are_limited(world: World) -> None:
    sign_in, token = await registered(world)
    problem_of(await change(world, token, "0000"), 403, "wrong-pin")
    assert await me(world, token) == 200
    await signed_in(world, sign_in, OLD)
    for _ in range(FREE - 1):
        problem_of(await change(world, token, "0000"), 403, "wrong-pin")
    problem_of(await change(world, token), 429, "too-many-tries")
    await signed_in(world, sign_in, OLD)  # which is counted apart


async def test_no_stranger_keeps_somebody_from_changing_their_pin(world: World) -> None:
    sign_in, token = await registered(world)
    for _ in range(FREE):
        await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": "0000"})
    problem_of(await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": OLD}), 429, "too-many-tries")
    assert (await change(world, token)).status_code == 204


async def test_who_has_no_pin_asks_the_organiser(world: World) -> None:
    problem_of(await world.post("anna", "/v1/me/pin", {"pin": OLD, "newPin": NEW}), 403, "wrong-pin")


async def test_the_organiser_gives_a_new_pin_to_who_has_forgotten_theirs(world: World) -> None:
    sign_in, token = await registered(world)
    user_id = (await world.http.get("/v1/me", headers=bearer(token))).json()["userId"]
    for _ in range(FREE):
        await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": "0000"})
    problem_of(await world.post(None, "/v1/auth/login", {"signIn": sign_in, "pin": OLD}), 429, "too-many-tries")
    async with world.follow("/v1/stream", bearer(token)) as stream:
        await stream.first("connected")
        given = await world.post("admin", f"/v1/admin/users/{user_id}/pin", {"pin": NEW})
        assert (given.status_code, given.json()["userId"]) == (200, user_id)
        assert (await stream.first("error"))["code"] == "session-ended"
        await until(lambda: stream.is_over)
    assert await me(world, token) == 401
    fresh = await signed_in(world, sign_in, NEW)  # the tries are forgotten, too
    notifications = (await world.http.get("/v1/me/notifications", headers=bearer(fresh))).json()["items"]
    assert (notifications[0]["type"], "new PIN" in notifications[0]["message"]) == ("warning", True)
    problem_of(await world.post("admin", "/v1/admin/users/nobody/pin", {"pin": NEW}), 404, "not-found")


async def test_the_tries_in_a_stolen_session_are_forgotten_too(world: World) -> None:
    sign_in, token = await registered(world)
    user_id = (await world.http.get("/v1/me", headers=bearer(token))).json()["userId"]
    for _ in range(FREE):
        problem_of(await change(world, token, "0000"), 403, "wrong-pin")
    await world.post("admin", f"/v1/admin/users/{user_id}/pin", {"pin": NEW})
    assert (await change(world, await signed_in(world, sign_in, NEW), NEW, OLD)).status_code == 204


@pytest.mark.parametrize("path", ["/v1/me/pin", "/v1/admin/users/anna/pin"])
async def test_no_pin_is_kept_or_told(world: World, path: str) -> None:
    await world.post("admin", "/v1/admin/users/anna/pin", {"pin": OLD})
    body = {"pin": OLD, "newPin": NEW} if path == "/v1/me/pin" else {"pin": NEW}
    await world.post("admin", path, body)
    rows = await world.services.log.read_range(0, 10_000)
    assert not [row for row in rows if OLD in row.data or NEW in row.data]
    anna = await world.services.reads.person(UserId("anna"))
    assert anna is not None
    assert anna.user.pin_hash is not None
    assert anna.user.pin_hash.startswith("$argon2")


@pytest.mark.parametrize("pin", ["1234", "111111", "2026", "159753"])
async def test_weak_pins_are_refused_wherever_one_is_set(world: World, pin: str) -> None:
    _, token = await registered(world)
    for response, field in (
        (await change(world, token, OLD, pin), "newPin"),
        (await world.post(None, "/v1/auth/register", {"name": "Zoe", "pin": pin}), "pin"),
        (await world.post("admin", "/v1/admin/users", {"role": "customer", "name": "Zoe", "pin": pin}), "pin"),
        (await world.post("admin", "/v1/admin/users/anna/pin", {"pin": pin}), "pin"),
    ):
        assert [error["field"] for error in problem_of(response, 400, "weak-pin")["errors"]] == [field]


async def test_staff_need_six_digits_and_who_becomes_staff_is_told(world: World) -> None:
    vendor = {"role": "vendor", "name": "Stars", "pin": "7391"}
    refused = problem_of(await world.post("admin", "/v1/admin/users", vendor), 422, "pin-too-short")
    assert refused["pinDigitsMin"] == 6
    problem_of(await world.post("admin", "/v1/admin/users/sun/pin", {"pin": "73914"}), 422, "pin-too-short")
    made = (await world.post(None, "/v1/auth/register", {"name": "Zoe", "pin": "7391"})).json()
    world.http.cookies.clear()
    assert "pinTooShort" not in made
    await world.post("admin", f"/v1/admin/users/{made['userId']}/role", {"role": "admin"})
    wish = {"signIn": made["signIn"], "pin": "7391"}
    answer = (await world.post(None, "/v1/auth/login", wish)).json()
    world.http.cookies.clear()
    assert answer["pinTooShort"] is True
    assert (await world.http.get("/v1/me", headers=bearer(answer["token"]))).json()["pinTooShort"] is True
    problem_of(await change(world, answer["token"], "7391", "2806"), 422, "pin-too-short")
    assert (await change(world, answer["token"], "7391", NEW)).status_code == 204
    assert "pinTooShort" not in (await world.http.get("/v1/me", headers=bearer(answer["token"]))).json()
