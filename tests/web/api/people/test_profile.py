"""The caller's own page and wallet."""

from tests.web.world import World, problem_of


async def test_a_customer_sees_everything_their_page_needs(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    me = (await world.get("anna", "/v1/me")).json()
    assert list(me) == [
        "userId", "userType", "name", "balance", "currency", "topUpCode", "orders", "unread", "position", "rules",
            "secondFactor",
    ]  # fmt: skip
    assert (me["userId"], me["userType"], me["name"]) == ("anna", "customer", "Anna")
    assert (me["balance"], me["currency"]) == (4350, "EUR")
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


async def test_transactions_are_signed_as_their_owner_sees_them(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await world.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": 100, "method": "cash", "note": "gift"})
    page = (await world.get("anna", "/v1/me/transactions")).json()
    assert [(each["kind"], each["amount"], each["balance"]) for each in page["items"]] == [
        ("top-up", 100, 4450), ("purchase", -650, 4350), ("top-up", 5000, 5000),
    ]  # fmt: skip
    gift, purchase, _ = page["items"]
    assert list(gift) == ["transactionId", "kind", "amount", "balance", "note", "timestamp"]
    assert gift["note"] == "gift"
    assert purchase["orderId"] == order["orderId"]
    till = (await world.get("sun", "/v1/me/transactions")).json()["items"]
    assert [(each["kind"], each["amount"], each["balance"]) for each in till] == [("sale", 650, 650)]


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
