"""The festival at a glance, over HTTP."""

from tests.web.world import World


async def test_the_overview_counts_and_adds_up(world: World) -> None:
    await world.place("anna", "sun", falafel=1)
    await world.post("ben", "/v1/payouts", {"amount": 1_000})
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        overview = (await world.get("admin", "/v1/admin/overview")).json()
    head = await world.services.log.head()
    assert overview == {
        "users": {"customer": 2, "vendor": 2, "admin": 1}, "suspended": 0, "vendors": 2, "vendorsOpen": 2,
        "vendorsUnattended": 0,
        "orders": {
            "pending": 0, "confirmed": 0, "preparing": 1, "ready": 0, "completed": 0, "cancelled": 0,
        },
        "currency": "EUR", "cameIn": 10_000, "wallets": 9_000, "held": 0, "fees": 0, "paidOut": 1_000, "losses": 0,
        "payoutsRequested": 1, "streams": 1, "streamsComplete": True, "position": head.position,
    }  # fmt: skip


async def test_connections_are_counted_by_person(world: World) -> None:
    nobody: dict[str, object] = {"items": [], "next": None, "total": 0, "processes": 1, "complete": True}
    assert (await world.get("admin", "/v1/admin/connections")).json() == nobody
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as one,
        world.follow("/v1/stream", world.bearer("anna")) as other,
        world.follow("/v1/boards/sun/stream", world.bearer("sun")) as board,
    ):
        for stream in (one, other, board):
            await stream.first("connected")
        anna = {"userId": "anna", "userType": "customer", "streams": 2}
        sun = {"userId": "sun", "userType": "vendor", "streams": 1}
        found = (await world.get("admin", "/v1/admin/connections")).json()
        assert found == nobody | {"items": [anna, sun], "total": 3}
        first = (await world.get("admin", "/v1/admin/connections?limit=1")).json()
        assert (first["items"], first["next"]) == ([anna], "anna")
        rest = (await world.get("admin", "/v1/admin/connections?limit=1&before=anna")).json()
        assert (rest["items"], rest["next"]) == ([sun], None)
