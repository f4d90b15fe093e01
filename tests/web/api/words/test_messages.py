"""Messages over HTTP."""

from tests.web.world import World, problem_of


async def test_both_sides_of_an_order_write_to_each_other(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/messages"
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/stream", world.bearer("sun")) as sun,
        world.follow("/v1/stream", world.bearer("ben")) as ben,
    ):
        for stream in (anna, sun, ben):
            await stream.first("connected")
        sent = await world.post("anna", path, {"message": " No onions, please. "})
        assert sent.status_code == 201
        assert list(sent.json()) == ["orderId", "vendorId", "userId", "message", "timestamp", "position"]
        told = await sun.first("customer-message")
        assert told == {name: value for name, value in sent.json().items() if name != "position"}
        assert told["message"] == "No onions, please."
        notification = await sun.first("new-notification")
        assert notification["title"] == "Anna, order 1"
        assert (notification["type"], notification["orderId"]) == ("message", order["orderId"])
        await world.post("sun", path, {"message": "Sure."})
        assert (await anna.first("vendor-message"))["message"] == "Sure."
        assert (await anna.first("new-notification"))["title"] == "Sun, order 1"
        assert "customer-message" not in anna.events()
        assert ben.events() == ["connected"]
    newest = (await world.get("anna", "/v1/me/notifications?limit=1")).json()["items"][0]
    assert (newest["type"], newest["message"]) == ("message", "Sure.")


async def test_a_conversation_is_read_back_page_by_page(world: World) -> None:
    order_id = (await world.place("anna", "sun", falafel=1))["orderId"]
    path = f"/v1/orders/{order_id}/messages"
    assert (await world.get("anna", path)).json() == {"items": [], "next": None}
    for who, message in (("anna", "No onions."), ("sun", "Sure."), ("admin", "Hurry up.")):
        await world.post(who, path, {"message": message})
    page = (await world.get("anna", f"{path}?limit=2")).json()
    assert [(each["sender"], each["message"]) for each in page["items"]] == [
        ("vendor", "Hurry up."),
        ("vendor", "Sure."),
    ]
    rest = (await world.get("sun", f"{path}?limit=2&before={page['next']}")).json()
    assert rest["next"] is None
    assert list(rest["items"][0].values()) == [
        order_id, "sun", "anna", "customer", "No onions.", rest["items"][0]["timestamp"], rest["items"][0]["position"],
    ]  # fmt: skip
    problem_of(await world.get("ben", path), 404, "not-found")


async def test_a_message_with_a_key_is_said_once(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/messages"
    first, again = [await world.post("anna", path, {"message": "Hi"}, key="k") for _ in range(2)]
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    headers = world.bearer("anna")
    plain = [await world.http.post(path, json={"message": "Hi"}, headers=headers) for _ in range(2)]
    assert plain[0].json()["position"] < plain[1].json()["position"]


async def test_a_message_has_280_characters_at_most(world: World) -> None:
    path = f"/v1/orders/{(await world.place('anna', 'sun', falafel=1))['orderId']}/messages"
    assert (await world.post("anna", path, {"message": "ü" * 280})).status_code == 201
    problem = problem_of(await world.post("anna", path, {"message": "ü" * 281}), 400, "invalid-request")
    assert problem["errors"][0]["field"] == "message"
