"""People over HTTP: taken in, suspended, in another role; their streams end."""

import unicodedata
from urllib.parse import urlencode

import pytest

from tests.support.timing.waiting import until
from tests.web.world import World, problem_of

PIN = "739146"


async def admit(world: World, **body: object) -> dict[str, object]:
    response = await world.post("admin", "/v1/admin/users", body)
    assert response.status_code == 201, response.text
    user: dict[str, object] = response.json()
    return user


async def test_somebody_taken_in_signs_in_with_their_pin(world: World) -> None:
    user = await admit(world, role="customer", name="Zoe", pin=PIN)
    shown = ["userId", "userType", "name", "suspended", "topUpCode", "createdAt", "is", "stalls"]
    assert list(user) == [*shown, "signIn"]
    signed_in = await world.post(None, "/v1/auth/login", {"signIn": user["signIn"], "pin": PIN})
    assert (signed_in.status_code, signed_in.json()["userType"]) == (200, "customer")
    without = await admit(world, role="customer", name="Yan")
    assert "signIn" not in without
    for known in (user["userId"], without["userId"]):
        refused = await world.post(None, "/v1/auth/login", {"signIn": known, "pin": PIN})
        problem_of(refused, 401, "invalid-credentials")


async def test_who_has_forgotten_their_sign_in_name_is_given_another(world: World) -> None:
    user = await admit(world, role="customer", name="Zoe", pin=PIN)
    path = f"/v1/admin/users/{user['userId']}/pin"
    assert "signIn" not in (await world.post("admin", path, {"pin": "280951"})).json(), "the organiser is not told it"
    given = (await world.post("admin", path, {"pin": "280951", "newSignIn": True})).json()["signIn"]
    assert given != user["signIn"]
    for name, status in ((user["signIn"], 401), (given, 200)):
        signed_in = await world.post(None, "/v1/auth/login", {"signIn": name, "pin": "280951"})
        assert signed_in.status_code == status
    listed = (await world.get("admin", "/v1/admin/users")).content
    assert str(given).encode() not in listed
    first = (await world.post("admin", "/v1/admin/users/anna/pin", {"pin": "280951"})).json()["signIn"]
    assert first, "who had no PIN has no name either"


async def test_two_keepers_share_a_stall(world: World) -> None:
    helper = await admit(world, role="vendor", name="Helper", vendorId="sun")
    who = str(helper["userId"])
    me = (await world.get(who, "/v1/me")).json()
    assert (helper["vendorId"], me["vendorId"], me["userType"]) == ("sun", "sun", "vendor")
    assert "vendorId" not in (await world.get("anna", "/v1/me")).json()
    async with world.follow("/v1/stream", world.bearer(who)) as stream:
        await stream.first("connected")
        order = await world.place("anna", "sun", falafel=1)
        assert (await stream.first("new-order"))["orderId"] == order["orderId"]
    step = await world.post(who, f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
    assert step.status_code == 200
    assert await world.balance(who) == await world.balance("sun") == 650
    body = {"role": "customer", "name": "Zoe", "vendorId": "sun"}
    problem = problem_of(await world.post("admin", "/v1/admin/users", body), 400, "invalid-request")
    assert problem["errors"][0]["field"] == "vendorId"
    unknown = {"role": "vendor", "name": "Zoe", "vendorId": "mars"}
    problem_of(await world.post("admin", "/v1/admin/users", unknown), 404, "not-found")


async def test_a_suspension_ends_streams_and_rights_at_once(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/stream", world.bearer("ben")) as ben,
    ):
        await anna.first("connected")
        await ben.first("connected")
        done = await world.post("admin", "/v1/admin/users/anna/suspend", b"")
        assert (done.status_code, done.json()["suspended"]) == (200, True)
        assert (await anna.first("error"))["code"] == "suspended"
        await until(lambda: anna.is_over)
        assert not ben.is_over
    problem_of(await world.get("anna", "/v1/me"), 403, "suspended")
    await world.post("admin", "/v1/admin/users/anna/unsuspend", {})
    assert (await world.get("anna", "/v1/me")).status_code == 200


async def test_another_role_ends_streams_and_is_true_at_once(world: World) -> None:
    async with world.follow("/v1/stream", world.bearer("ben")) as ben:
        await ben.first("connected")
        done = await world.post("admin", "/v1/admin/users/ben/role", {"role": "admin"})
        assert (done.status_code, done.json()["userType"]) == (200, "admin")
        assert (await ben.first("error"))["code"] == "role-changed"
        await until(lambda: ben.is_over)
    assert (await world.get("ben", "/v1/admin/users")).status_code == 200
    await world.post("ben", "/v1/admin/users/admin/role", {"role": "customer"})
    problem_of(await world.get("admin", "/v1/admin/users"), 403, "forbidden")
    problem_of(await world.post("ben", "/v1/admin/users/ben/suspend", {}), 409, "last-admin")
    problem_of(await world.post("ben", "/v1/admin/users/sun/role", {"role": "customer"}), 409, "owns-stall")


async def test_a_keeper_who_moves_hears_the_old_stall_no_more(world: World) -> None:
    helper = str((await admit(world, role="vendor", name="Helper", vendorId="sun"))["userId"])
    async with world.follow("/v1/stream", world.bearer(helper)) as stream:
        await stream.first("connected")
        await world.post("admin", f"/v1/admin/users/{helper}/role", {"role": "vendor", "vendorId": "moon"})
        assert (await stream.first("error"))["code"] == "role-changed"
        await until(lambda: stream.is_over)
    async with world.follow("/v1/stream", world.bearer(helper)) as stream:
        await stream.first("connected")
        await world.place("anna", "sun", falafel=1)
        order = await world.place("anna", "moon", beer=1)
        assert (await stream.first("new-order"))["orderId"] == order["orderId"]


async def test_pages_of_people_hold_each_once(world: World) -> None:
    seen: list[str] = []
    path: str | None = "/v1/admin/users?limit=2"
    while path:
        page = (await world.get("admin", path)).json()
        seen += [each["userId"] for each in page["items"]]
        path = f"/v1/admin/users?limit=2&before={page['next']}" if page["next"] else None
    assert sorted(seen) == ["admin", "anna", "ben", "moon", "sun"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("ann", {"anna"}), ("  SU ", {"sun"}), ("n", {"anna", "ben", "sun", "moon", "admin"}), ("%", set()), ("_", set()),
     ("anna'--", set()), ("!", set())],
)  # fmt: skip
async def test_people_are_found_by_a_part_of_their_name(world: World, search: str, found: set[str]) -> None:
    seen: list[str] = []
    following: str | None = f"/v1/admin/users?{urlencode({'search': search, 'limit': 2})}"
    while following:
        page = (await world.get("admin", following)).json()
        seen += [each["userId"] for each in page["items"]]
        more = {"search": search, "limit": 2, "before": page["next"]}
        following = f"/v1/admin/users?{urlencode(more)}" if page["next"] else None
    assert (len(seen), set(seen)) == (len(found), found)


async def test_a_name_is_found_as_it_is_written_whatever_its_letters(world: World) -> None:
    written = "Änne İpek Ōshiro"
    user_id = (await admit(world, role="customer", name=written))["userId"]
    for search in ("Änne", unicodedata.normalize("NFD", "Änne"), "İpek", "Ōshiro", "ne İP"):
        page = (await world.get("admin", f"/v1/admin/users?{urlencode({'search': search})}")).json()
        assert [each["userId"] for each in page["items"]] == [user_id], search


async def test_a_person_is_found_by_their_top_up_code(world: World) -> None:
    anna = next(
        each for each in (await world.get("admin", "/v1/admin/users")).json()["items"] if each["userId"] == "anna"
    )
    page = (await world.get("admin", f"/v1/admin/users?search={anna['topUpCode'].lower()}")).json()
    assert [each["userId"] for each in page["items"]] == ["anna"]
    problem_of(await world.get("admin", f"/v1/admin/users?search={'x' * 81}"), 400, "invalid-request")
    unseen = (
        await world.get("admin", f"/v1/admin/users?search={anna['topUpCode']}%00")
    ).json()  # PostgreSQL takes no NUL
    assert [each["userId"] for each in unseen["items"]] == ["anna"]


async def test_a_stall_opens_closes_and_is_named(world: World) -> None:
    async with world.follow("/v1/stream", world.bearer("anna")) as anna:
        await anna.first("connected")
        body = {"open": False, "autoAccept": False, "name": " Falafel Sun "}
        changed = await world.http.patch("/v1/vendors/sun", json=body, headers=world.bearer("sun"))
        assert changed.status_code == 200
        assert changed.json() == {
            "vendorId": "sun", "name": "Falafel Sun", "open": False, "autoAccept": False, "attended": True,
        }  # fmt: skip
        told = await anna.first("vendor-updated")
        assert {name: told[name] for name in changed.json()} == changed.json()
    wish = {"vendorId": "sun", "items": [{"itemId": "ayran", "quantity": 1}]}
    problem_of(await world.post("anna", "/v1/orders", wish), 409, "vendor-closed")
    await world.http.patch("/v1/vendors/sun", json={"open": True}, headers=world.bearer("admin"))
    assert (await world.place("anna", "sun", ayran=1))["status"] == "pending"
    board = (await world.get("sun", "/v1/boards/sun")).json()
    assert board["vendorName"] == "Falafel Sun"
    nothing = await world.http.patch("/v1/vendors/sun", json={}, headers=world.bearer("sun"))
    problem_of(nothing, 400, "invalid-request")


async def test_two_stalls_are_not_called_alike(world: World) -> None:
    for body in ({"role": "vendor", "name": "SUN!"}, {"role": "vendor", "name": "S\u057dn"}):
        problem = problem_of(await world.post("admin", "/v1/admin/users", body), 409, "name-taken")
        assert problem["name"] == body["name"]
    renamed = await world.http.patch("/v1/vendors/moon", json={"name": "$un"}, headers=world.bearer("moon"))
    problem_of(renamed, 409, "name-taken")
    codes = (await world.post("admin", "/v1/admin/vendor-codes", {"count": 1})).json()["codes"]
    wish = {"name": "\u24c8un", "pin": PIN, "vendorCode": codes[0]}
    problem_of(await world.post(None, "/v1/auth/register", wish), 409, "name-taken")
    problem_of(await world.post(None, "/v1/auth/register", wish | {"name": "Festival-Office"}), 409, "name-taken")
    assert (await world.post(None, "/v1/auth/register", wish | {"name": "Star"})).status_code == 201  # the code is left
    assert (await world.post(None, "/v1/auth/register", {"name": "Sun", "pin": PIN})).status_code == 201  # a person


async def test_a_stall_without_a_keeper_sells_nothing_and_opens_again_with_one(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    asked = (await world.post("sun", "/v1/payment-requests", {"amount": 1, "description": "x"})).json()["requestId"]
    display = (await world.post("sun", "/v1/vendors/sun/displays", {})).json()
    screen = {"Authorization": f"Bearer {display['token']}"}
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/boards/sun/stream", screen) as board,
    ):
        await anna.first("connected")
        await board.first("connected")
        await world.post("admin", "/v1/admin/users/sun/suspend", {})
        told = await anna.first("vendor-updated")
        assert (told["vendorId"], told["open"], told["attended"]) == ("sun", False, False)
        assert (await board.first("error"))["code"] == "display-revoked"
    problem_of(await world.http.get("/v1/boards/sun", headers=screen), 401, "display-revoked")
    sun = (await world.get("anna", "/v1/vendors")).json()["items"][1]
    assert (sun["vendorId"], sun["open"], sun["attended"]) == ("sun", False, False)
    seen = (await world.get("anna", f"/v1/payment-requests/{asked}")).json()
    assert (seen["status"], seen["vendorOpen"]) == ("expired", False)
    problem_of(await world.post("anna", f"/v1/payment-requests/{asked}/pay", {}), 409, "payment-request-expired")
    wish = {"vendorId": "sun", "items": [{"itemId": "ayran", "quantity": 1}]}
    problem_of(await world.post("anna", "/v1/orders", wish), 409, "vendor-unattended")
    cancelled = await world.post("anna", f"/v1/orders/{order['orderId']}/cancel", {})
    assert cancelled.json()["order"]["status"] == "cancelled"
    await world.post("admin", "/v1/admin/users/sun/unsuspend", {})
    assert (await world.get("anna", "/v1/vendors")).json()["items"][1]["open"]
    await world.place("anna", "sun", ayran=1)
