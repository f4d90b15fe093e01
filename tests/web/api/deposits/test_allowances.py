"""Allowances over HTTP: granted to one or many, shown to their owner, used before the wallet, taken back."""

from tests.web.world import World, problem_of

GRANT = {"amount": 700, "reason": " crew "}


async def allowance(world: World, who: str) -> object:
    wallet = (await world.get(who, "/v1/me")).json()["wallet"]
    return wallet.get("allowance")


async def test_an_organiser_grants_and_the_person_hears_and_sees_it(world: World) -> None:
    assert await allowance(world, "anna") is None
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        granted = await world.post("admin", "/v1/admin/people/anna/allowance", GRANT)
        told, notice = await stream.first("balance-updated"), await stream.first("new-notification")
    assert granted.status_code == 201, granted.text
    answer = granted.json()
    assert {name: answer[name] for name in ("userId", "allowance", "amount")} == {
        "userId": "anna", "allowance": 700, "amount": 700,
    }  # fmt: skip
    assert (told["account"], told["userId"], told["newBalance"], told["amount"]) == ("allowance", "anna", 700, 700)
    assert (notice["code"], notice["params"]) == ("allowance-granted", {"amount": 700, "reason": "crew"})
    assert await allowance(world, "anna") == 700
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        snapshot = (await stream.first("connected"))["snapshot"]
    assert snapshot["wallet"] == {"balance": 5_000, "allowance": 700}


async def test_an_order_uses_it_first_and_gives_it_back_last(world: World) -> None:
    await world.post("admin", "/v1/admin/people/anna/allowance", {"amount": 500, "reason": "crew"})
    answer = (
        await world.post("anna", "/v1/orders", {"vendorId": "sun", "items": [{"itemId": "falafel", "quantity": 1}]})
    ).json()
    order = answer["order"]
    assert (order["total"], order["allowance"], answer["balance"]) == (650, 500, 4_850)
    assert await allowance(world, "anna") is None
    path = f"/v1/orders/{order['orderId']}"
    part = await world.post("admin", f"{path}/refund", {"amount": 200, "reason": "cold"})
    assert part.json()["order"]["allowanceRefunded"] == 50
    assert (await world.balance("anna"), await allowance(world, "anna")) == (5_000, 50)
    done = (await world.post("sun", f"{path}/cancel", {"reason": "out"})).json()["order"]
    assert (done["allowanceRefunded"], await world.balance("anna")) == (500, 5_000)
    assert await allowance(world, "anna") == 500


async def test_many_are_granted_at_once_or_nobody(world: World) -> None:
    body = {"userIds": ["anna", "ben", "anna"], "amount": 300, "reason": "crew"}
    made = await world.post("admin", "/v1/admin/allowances", body)
    assert made.status_code == 201, made.text
    assert [(each["userId"], each["allowance"]) for each in made.json()["items"]] == [("anna", 300), ("ben", 300)]
    problem_of(await world.post("admin", "/v1/admin/allowances", body | {"userIds": ["ben", "x"]}), 404, "not-found")
    for wrong in ([], ["anna"] * 501):
        problem_of(await world.post("admin", "/v1/admin/allowances", body | {"userIds": wrong}), 400, "invalid-request")
    assert await allowance(world, "ben") == 300


async def test_it_is_taken_back_in_part_and_wholly_and_never_paid_out(world: World) -> None:
    await world.post("admin", "/v1/admin/people/ben/allowance", GRANT)
    path = "/v1/admin/people/ben/allowance/take-back"
    part = await world.post("admin", path, {"amount": 100, "reason": "over"})
    assert (part.status_code, part.json()["allowance"]) == (200, 600)
    problem_of(await world.post("admin", path, {"reason": "over"}), 400, "invalid-request")
    problem_of(await world.post("admin", path, {"amount": 601, "reason": "over"}), 409, "insufficient-funds")
    before = await world.balance("ben")
    refused = await world.post("ben", "/v1/payouts", {"amount": before + 1, "account": "wallet"})
    problem_of(refused, 409, "insufficient-funds")
    assert (await world.post("admin", path, {"all": True, "reason": "over"})).json()["allowance"] == 0
    assert await allowance(world, "ben") is None
    deeds = (await world.get("admin", "/v1/admin/deeds?limit=2")).json()["items"]
    assert [(deed["act"], deed["subject"]) for deed in deeds] == [
        ("take-back-allowance", "user:ben"), ("take-back-allowance", "user:ben"),
    ]  # fmt: skip


async def test_the_office_sees_what_was_granted_and_what_is_out(world: World) -> None:
    before = (await world.get("admin", "/v1/admin/overview")).json()
    assert not {"crew", "allowances", "deposits"} & set(before)
    await world.post("admin", "/v1/admin/people/anna/allowance", {"amount": 900, "reason": "crew"})
    await world.change_item("falafel", deposit=100)
    await world.place("anna", "sun", falafel=1)
    after = (await world.get("admin", "/v1/admin/overview")).json()
    assert (after["crew"], after["allowances"], after["deposits"]) == (900, 150, 100)
    left = sum(after[name] for name in ("wallets", "held", "fees", "paidOut", "deposits", "allowances"))
    assert after["cameIn"] + after["losses"] + after["crew"] == left


async def test_the_same_try_grants_once(world: World) -> None:
    for _ in range(2):
        await world.post("admin", "/v1/admin/people/anna/allowance", GRANT, key="once")
    assert await allowance(world, "anna") == 700
