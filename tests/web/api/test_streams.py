"""What a person follows: one stream with all that concerns them, resumable, and the same as a long poll."""

import asyncio
import json

import pytest

from festival_push.domain.signing_in.sessions import EndSession
from festival_push.domain.values import Instant
from festival_push.web.api.streams import POLL_WAIT_S_MAX
from festival_push.web.identity.claims import TokenUse
from tests.support.timing.waiting import until
from tests.web.world import Following, World, problem_of


def ids_of(following: Following) -> list[str]:
    return [frame.id for frame in following.frames if frame.id is not None]


async def test_a_stream_begins_with_the_whole_state(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        connected = await stream.first("connected")
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store, no-transform"
    assert stream.headers["x-accel-buffering"] == "no"
    assert list(connected) == ["userId", "userType", "message", "heartbeat", "resumed", "snapshot"]
    assert (connected["userId"], connected["userType"], connected["resumed"]) == ("anna", "customer", False)
    assert connected["snapshot"] == {
        "is": ["customer"], "account": "wallet", "balance": 4_350, "currency": "EUR", "orders": [order], "unread": 2,
        "rooms": [], "wallet": {"balance": 4_350}, "stalls": [],
    }  # fmt: skip
    head = await world.services.log.head()
    assert stream.last_event_id == f"{head.epoch}.{head.position}"
    assert 500 <= (stream.frames[0].retry or 0) <= 1_500


async def test_what_happens_afterwards_arrives_in_order(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as customer,
        world.follow("/v1/stream", world.bearer("sun")) as stall,
        world.follow("/v1/stream", world.bearer("ben")) as other,
    ):
        for stream in (customer, stall, other):
            await stream.first("connected")
        order = await world.place("anna", "sun", falafel=1)
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
        await customer.first("order-ready")
        await until(world.is_told)
    assert customer.events() == [
        "connected", "balance-updated", "new-notification", "order-status-changed", "order-status-changed",
        "order-ready", "new-notification",
    ]  # fmt: skip
    assert stall.events() == [
        "connected", "new-order", "order-status-changed", "balance-updated", "order-status-changed",
    ]  # fmt: skip
    assert other.events() == ["connected"]
    positions = [int(each.rpartition(".")[2]) for each in ids_of(customer)]
    assert positions == sorted(set(positions))


async def test_a_stream_resumes_without_loss_or_repetition(world: World) -> None:
    async with world.follow("/v1/stream", world.bearer("anna")) as first:
        await first.first("connected")
        await world.place("anna", "sun", ayran=1)
        await first.first("order-status-changed")
    await world.place("anna", "sun", ayran=1)  # while nobody follows
    headers = world.bearer("anna") | {"Last-Event-ID": first.last_event_id}
    async with world.follow("/v1/stream", headers, "after=nonsense") as second:
        connected = await second.first("connected")
        await until(lambda: second.events().count("order-status-changed") == 1)
    assert (connected["resumed"], "snapshot" in connected, second.frames[0].id) == (True, False, None)
    assert second.events() == ["connected", "balance-updated", "new-notification", "order-status-changed"]
    assert set(ids_of(first)).isdisjoint(ids_of(second))


async def test_the_cursor_may_stand_in_the_address(world: World) -> None:
    head = await world.services.log.head()
    async with world.follow("/v1/stream", world.bearer("anna"), f"after={head.epoch}.{head.position}") as stream:
        assert (await stream.first("connected"))["resumed"]


HARMLESS = (
    "_=1732600000", "utm_source=poster&fbclid=x", "r=0.123&r=0.456", "after=x&after={cursor}", "after={cursor}&after=",
    "lastEventId={cursor}", "last-event-id={cursor}", "lastEventId=x&lastEventId={cursor}", "lastEventId={cursor}&_",
    "after=x&lastEventId={cursor}", "after=x&last-event-id={cursor}", "lastEventId=&after={cursor}",
    "&&=&after={cursor}", "x[]=1&x[]=2&%00=%ff",
)  # fmt: skip
"""What libraries write into the addresses of streams. After a 400 an EventSource never tries again."""


@pytest.mark.parametrize("query", HARMLESS)
@pytest.mark.parametrize(("path", "who"), [("/v1/stream", "anna"), ("/v1/boards/sun/stream", "sun")])
async def test_what_libraries_put_into_the_address_is_no_obstacle(
    world: World, path: str, who: str, query: str
) -> None:
    head = await world.services.log.head()
    text = query.format(cursor=f"{head.epoch}.{head.position}")
    async with world.follow(path, world.bearer(who), text) as stream:
        connected = await stream.first("connected")
    assert (stream.status, connected["resumed"]) == (200, "{cursor}" in query)
    assert "reason" not in connected


async def test_the_header_is_newer_than_what_stands_in_the_address(world: World) -> None:
    head = await world.services.log.head()
    headers = world.bearer("anna") | {"Last-Event-ID": f"{head.epoch}.{head.position}"}
    async with world.follow("/v1/stream", headers, "after=x&lastEventId=y&last-event-id=z") as stream:
        assert (await stream.first("connected"))["resumed"]


async def test_the_long_poll_still_says_what_is_wrong_in_its_address(world: World) -> None:
    for query in ("_=1", "after=a&after=b"):
        problem_of(await world.get("anna", f"/v1/events?{query}"), 400, "invalid-request")


@pytest.mark.parametrize(
    ("cursor", "reason"), [("x", "malformed"), ("other.1", "other-epoch"), ("{epoch}.999999", "beyond-head")]
)
async def test_a_cursor_that_cannot_be_honoured_is_told_so(world: World, cursor: str, reason: str) -> None:
    epoch = (await world.services.log.head()).epoch
    headers = world.bearer("anna") | {"Last-Event-ID": cursor.format(epoch=epoch)}
    async with world.follow("/v1/stream", headers) as stream:
        connected = await stream.first("connected")
    assert (connected["resumed"], connected["reason"], connected["snapshot"]["balance"]) == (False, reason, 5_000)


async def test_who_is_not_signed_in_gets_a_problem(world: World) -> None:
    for headers, query in (
        ({}, ""),
        ({"Authorization": "Bearer x"}, ""),
        ({}, "ticket=x"),
        ({}, f"token={world.services.tokens.issue('anna', TokenUse.SESSION, 60).token}"),
    ):
        async with world.follow("/v1/stream", headers, query) as stream:
            await until(lambda stream=stream: stream.is_over)  # type: ignore[misc]  # bound to this round
        assert stream.status == 401
        assert json.loads(stream.body)["code"] == "unauthorized"


@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "bearer", "jwt"])
async def test_a_token_in_the_address_is_refused(world: World, name: str) -> None:
    async with world.follow("/v1/stream", world.bearer("anna"), f"{name}=abc") as stream:
        await until(lambda: stream.is_over)
    assert (stream.status, json.loads(stream.body)["errors"][0]["field"]) == (400, name)


async def test_a_ticket_opens_one_stream(world: World) -> None:
    ticket = (await world.post("anna", "/v1/auth/stream-tickets", {})).json()["ticket"]
    async with world.follow("/v1/stream", {}, f"ticket={ticket}") as stream:
        assert (await stream.first("connected"))["userId"] == "anna"
        cookie = stream.headers["set-cookie"].partition(";")[0]
    async with world.follow("/v1/stream", {}, f"ticket={ticket}") as again:
        await until(lambda: again.is_over)
    assert again.status == 401
    async with world.follow("/v1/stream", {"Cookie": cookie}, f"ticket={ticket}") as retried:
        assert (await retried.first("connected"))["userId"] == "anna"


async def test_too_many_streams_of_one_person_are_put_off(world: World) -> None:
    most = world.services.settings.limits.streams_per_user
    async with asyncio.TaskGroup() as tasks:
        done = asyncio.Event()
        opened: list[Following] = []

        async def follow() -> None:
            async with world.follow("/v1/stream", world.bearer("anna")) as stream:
                await stream.first("connected")
                opened.append(stream)
                await done.wait()

        for _ in range(most):
            tasks.create_task(follow())
        await until(lambda: len(opened) == most)
        async with world.follow("/v1/stream", world.bearer("anna")) as refused:
            await until(lambda: refused.is_over)
        polled = await world.get("anna", "/v1/events")
        assert not any(stream.is_over for stream in opened)  # nobody is put out for a newcomer
        done.set()
    assert (refused.status, refused.events()) == (200, ["error"])
    assert (await refused.first("error"))["code"] == "too-many-streams"
    assert refused.frames[0].retry is not None
    problem = problem_of(polled, 503, "too-many-streams")
    assert problem["retryAfter"] == int(polled.headers["retry-after"]) > 0


async def test_draining_streams_say_when_to_come_back(world: World) -> None:
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        await world.services.streams.drain(60)
        await until(lambda: stream.is_over)
        async with world.follow("/v1/stream", world.bearer("anna")) as refused:
            await until(lambda: refused.is_over)
    assert (refused.status, (await refused.first("error"))["code"]) == (200, "draining")


async def test_a_stream_ends_when_its_session_does(world: World) -> None:
    issued = world.services.tokens.issue("anna", TokenUse.SESSION, 3600)
    headers = {"Authorization": f"Bearer {issued.token}"}
    async with (
        world.follow("/v1/stream", headers) as stream,
        world.follow("/v1/stream", world.bearer("anna")) as other,
    ):
        await stream.first("connected")
        await other.first("connected")
        await world.services.committer.submit(EndSession(jti=issued.jti, expires_at=issued.expires_at))
        assert (await stream.first("error"))["code"] == "session-ended"
        await until(lambda: stream.is_over)
        assert not other.is_over


async def test_a_stream_ends_when_its_token_expires(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("anna", ttl_s=600)) as stream,
        world.follow("/v1/stream", world.bearer("anna", ttl_s=3_600)) as other,
    ):
        await stream.first("connected")
        await other.first("connected")
        monkeypatch.setattr(world.services.streams, "_now", lambda: Instant(world.services.now() + 600_000))
        assert (await stream.first("error"))["code"] == "token-expired"
        await until(lambda: stream.is_over)
        assert not other.is_over


async def test_a_long_poll_gives_what_the_stream_gives(world: World) -> None:
    first = (await world.get("anna", "/v1/events")).json()
    assert (first["events"], first["resumed"], first["snapshot"]["balance"]) == ([], False, 5_000)
    async with world.follow("/v1/stream", world.bearer("anna"), f"after={first['next']}") as stream:
        await world.place("anna", "sun", falafel=1)
        await stream.first("order-status-changed")
    polled = (await world.get("anna", f"/v1/events?after={first['next']}")).json()
    assert polled["resumed"]
    assert "snapshot" not in polled
    assert [(each["id"], each["event"], each["data"]) for each in polled["events"]] == [
        (frame.id, frame.event, json.loads(frame.data)) for frame in stream.frames if frame.id
    ]
    empty = (await world.get("anna", f"/v1/events?after={polled['next']}&wait=0")).json()
    assert empty == {"userId": "anna", "userType": "customer", "events": [], "next": polled["next"], "resumed": True}


async def test_a_long_poll_answers_as_soon_as_there_is_something(world: World) -> None:
    after = (await world.get("anna", "/v1/events")).json()["next"]
    asking = asyncio.create_task(world.get("anna", f"/v1/events?after={after}&wait={POLL_WAIT_S_MAX}"))
    await until(lambda: len(world.services.streams) == 1)
    await world.place("anna", "sun", falafel=1)
    answer = (await asyncio.wait_for(asking, 120)).json()
    assert answer["events"][0]["event"] == "balance-updated"


async def test_a_long_poll_that_is_given_up_keeps_no_stream(world: World) -> None:
    after = (await world.get("anna", "/v1/events")).json()["next"]
    async with world.hold("/v1/events", world.bearer("anna"), f"after={after}&wait={POLL_WAIT_S_MAX}"):
        await until(lambda: len(world.services.streams) == 1)
    await until(lambda: len(world.services.streams) == 0)


async def test_a_long_poll_is_told_why_it_must_not_go_on(world: World) -> None:
    after = (await world.get("anna", "/v1/events")).json()["next"]
    issued = world.services.tokens.issue("anna", TokenUse.SESSION, 3600)
    headers = {"Authorization": f"Bearer {issued.token}"}
    asking = asyncio.create_task(world.http.get(f"/v1/events?after={after}&wait=25", headers=headers))
    await until(lambda: len(world.services.streams) == 1)
    await world.services.committer.submit(EndSession(jti=issued.jti, expires_at=issued.expires_at))
    problem_of(await asyncio.wait_for(asking, 120), 401, "session-ended")


@pytest.mark.parametrize(("code", "status"), [("unavailable", 503), ("suspended", 403), ("token-expired", 401)])
async def test_a_long_poll_that_is_ended_says_whether_to_try_again(world: World, code: str, status: int) -> None:
    after = (await world.get("anna", "/v1/events")).json()["next"]
    asking = asyncio.create_task(world.get("anna", f"/v1/events?after={after}&wait={POLL_WAIT_S_MAX}"))
    await until(lambda: world.services.streams.end_where(lambda _: True, code, "Ended by the test."))
    answer = await asyncio.wait_for(asking, 120)
    problem_of(answer, status, code)
    assert ("retry-after" in answer.headers) is (status == 503)


@pytest.mark.parametrize("query", ["wait=-1", "wait=26", "wait=1.5", "wait=x", "after=" + "x" * 201, "ticket=x"])
async def test_a_wrong_poll_is_named(world: World, query: str) -> None:
    problem = problem_of(await world.get("anna", f"/v1/events?{query}"), 400, "invalid-request")
    assert problem["errors"][0]["field"] == query.partition("=")[0]
