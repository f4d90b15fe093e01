"""The caller's own page and wallet."""

from festival_push.domain.values import Part
from tests.web.world import World, problem_of


async def test_a_customer_sees_everything_their_page_needs(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    me = (await world.get("anna", "/v1/me")).json()
    assert list(me) == [
        "userId", "userType", "name", "balance", "currency", "currencyDigits", "topUpCode", "orders", "unread",
        "position", "rules", "is", "account", "wallet", "stalls", "secondFactor",
    ]  # fmt: skip
    assert (me["userId"], me["userType"], me["name"]) == ("anna", "customer", "Anna")
    assert (me["balance"], me["currency"], me["currencyDigits"]) == (4350, "EUR", 2)
    assert me["orders"] == [order]
    assert me["unread"] == 2  # the top-up and the payment
    assert me["position"] == (await world.services.log.head()).position
    assert me["rules"] == {"cancelSeconds": 20, "recallMinutes": 10, "lateMinutes": 5, "veryLateMinutes": 10}


async def test_a_stall_keeper_sees_the_stall(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    me = (await world.get("sun", "/v1/me")).json()
    assert (me["userType"], me["balance"], [each["orderId"] for each in me["orders"]]) == (
        "vendor", 650, [order["orderId"]],
    )  # fmt: skip
    assert (me["is"], me["account"], me["vendorId"], me["wallet"]) == (
        ["customer", "keeper"], "till", "sun", {"balance": 0},
    )  # fmt: skip
    assert me["ownOrders"] == []
    assert me["stalls"] == [{"vendorId": "sun", "name": "Sun", "part": "owner", "balance": 650, "open": True}]


async def test_each_side_of_a_person_is_told_apart(world: World) -> None:
    await world.appoint("anna", "moon")
    await world.appoint("anna", "sun", Part.OWNER)
    own = await world.place("anna", "moon", beer=1)
    at_sun = await world.place("ben", "sun", ayran=1)
    at_moon = await world.place("ben", "moon", beer=1)
    me = (await world.get("anna", "/v1/me")).json()
    assert (me["userType"], me["balance"], me["vendorId"], me["wallet"]) == ("vendor", 200, "sun", {"balance": 4550})
    assert [each["orderId"] for each in me["orders"]] == [at_sun["orderId"]]
    assert [each["orderId"] for each in me["ownOrders"]] == [own["orderId"]]
    sun, moon = me["stalls"]  # what she owns comes first
    assert (sun["vendorId"], sun["part"], sun["balance"], "orders" in sun) == ("sun", "owner", 200, False)
    assert (moon["vendorId"], moon["part"], moon["balance"]) == ("moon", "keeper", 900)
    assert [each["orderId"] for each in moon["orders"]] == [at_moon["orderId"], own["orderId"]]
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        snapshot = (await stream.first("connected"))["snapshot"]
    shared = (
        "is",
        "account",
        "vendorId",
        "balance",
        "currency",
        "currencyDigits",
        "orders",
        "ownOrders",
        "unread",
        "wallet",
        "stalls",
    )
    assert {name: snapshot[name] for name in shared} == {name: me[name] for name in shared}


async def test_an_organiser_who_keeps_a_stall_is_shown_their_own_side_first(world: World) -> None:
    await world.appoint("admin", "sun")
    order = await world.place("anna", "sun", ayran=1)
    me = (await world.get("admin", "/v1/me")).json()
    assert (me["userType"], me["is"]) == ("admin", ["customer", "keeper", "admin"])
    assert (me["account"], me["balance"], me["orders"], "vendorId" in me, "ownOrders" in me) == (
        "wallet", 0, [], False, False,
    )  # fmt: skip
    assert [each["orderId"] for each in me["stalls"][0]["orders"]] == [order["orderId"]]


async def test_transactions_are_signed_as_their_owner_sees_them(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await world.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": 100, "method": "cash", "note": "gift"})
    page = (await world.get("anna", "/v1/me/transactions")).json()
    assert [(each["kind"], each["amount"], each["balance"]) for each in page["items"]] == [
        ("top-up", 100, 4450), ("purchase", -650, 4350), ("top-up", 5000, 5000),
    ]  # fmt: skip
    gift, purchase, _ = page["items"]
    assert list(gift) == [
        "transactionId", "account", "userId", "kind", "amount", "balance", "note", "timestamp",
    ]  # fmt: skip
    assert gift["note"] == "gift"
    assert (purchase["orderId"], purchase["vendorName"]) == (order["orderId"], "Sun")
    till = (await world.get("sun", "/v1/me/transactions")).json()["items"]
    assert [(each["kind"], each["amount"], each["balance"]) for each in till] == [("sale", 650, 650)]
    assert (till[0]["account"], till[0]["userId"], till[0]["vendorId"]) == ("till", "sun", "sun")
    assert "vendorName" not in till[0], "it is one's own"
    assert (gift["account"], gift["userId"]) == ("wallet", "anna")


async def test_transactions_are_of_the_side_that_is_asked_for(world: World) -> None:
    await world.appoint("anna", "sun")
    await world.appoint("anna", "moon")
    await world.place("ben", "sun", ayran=1)
    await world.place("anna", "moon", beer=1)

    async def amounts(query: str) -> list[int]:
        return [each["amount"] for each in (await world.get("anna", f"/v1/me/transactions{query}")).json()["items"]]

    assert await amounts("") == await amounts("?account=till") == await amounts("?vendorId=sun") == [200]
    assert await amounts("?account=till&vendorId=moon") == [450]
    assert await amounts("?account=wallet") == [-450, 5000]
    problem_of(await world.get("anna", "/v1/me/transactions?account=wallet&vendorId=sun"), 404, "not-found")
    problem_of(await world.get("anna", "/v1/me/transactions?account=safe"), 400, "invalid-request")
    problem_of(await world.get("ben", "/v1/me/transactions?account=till"), 404, "not-found")
    problem_of(await world.get("ben", "/v1/me/transactions?vendorId=sun"), 403, "forbidden")
    problem_of(await world.get("moon", "/v1/me/transactions?vendorId=sun"), 404, "not-found")


async def test_pages_of_transactions_hold_each_once(world: World) -> None:
    for _ in range(4):
        await world.place("anna", "sun", ayran=1)
    seen: list[str] = []
    path: str | None = "/v1/me/transactions?limit=2"
    pages = 0
    while path:
        page = (await world.get("anna", path)).json()
        pages += 1
        seen += [each["transactionId"] for each in page["items"]]
        path = f"/v1/me/transactions?limit=2&before={page['next']}" if page["next"] else None
    assert (len(seen), len(set(seen)), pages) == (5, 5, 3)


async def test_me_takes_no_parameters(world: World) -> None:
    problem_of(await world.get("anna", "/v1/me?user=ben"), 400, "invalid-request")
