"""Sessions over HTTP: seen, renewed and ended by whom they belong to, and every stream of them with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from festival_push.domain.rows import User
from festival_push.domain.signing_in.sessions import SEEN_EVERY_MS
from festival_push.domain.values import UserId
from festival_push.web.api.people.sessions import ENDPOINTS
from festival_push.web.identity.claims import TokenUse
from tests.support.timing.waiting import until
from tests.web.edge import START_MS, Edge, open_edge, problem_of
from tests.web.world import World
from tests.web.world import problem_of as world_problem

SESSIONS, END_ALL, RENEW = "/v1/me/sessions", "/v1/me/sessions/end-all", "/v1/auth/renew"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
TTL_MS = 43_200_000
DAY_MS = 86_400_000


async def signed_in(edge: Edge, user_agent: str = FIREFOX) -> tuple[httpx2.AsyncClient, dict[str, str]]:
    """A browser in which Anna has signed in; and the header that makes other requests hers."""
    browser = edge.browser()
    browser.headers["Origin"] = "http://fest.test"
    answer = await browser.post(
        "/v1/auth/login", json={"userId": "anna", "pin": "1234"}, headers={"User-Agent": user_agent}
    )
    assert answer.status_code == 200, answer.text
    return browser, {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as edge:
        await edge.add("anna", pin="1234")
        await edge.add("ben", pin="1234")
        yield edge


async def test_each_sign_in_is_listed_with_its_device_and_the_one_that_asks_is_marked(edge: Edge) -> None:
    await signed_in(edge, "curl/8.5.0")
    edge.clock.now_ms += 1000
    browser, _ = await signed_in(edge)
    items = (await browser.get(SESSIONS)).json()["items"]
    assert [(item["device"], item["current"], item["external"]) for item in items] == [
        ("Firefox, Android", True, False), ("curl", False, False),
    ]  # fmt: skip
    assert items[0]["expiresAt"] == "2027-01-15T20:00:01.000Z"
    assert (await edge.client.get(SESSIONS, headers=edge.bearer("ben"))).json() == {"items": []}


async def test_a_session_is_ended_from_another_device(edge: Edge) -> None:
    lost, lost_bearer = await signed_in(edge)
    browser, _ = await signed_in(edge)
    [other] = [item for item in (await browser.get(SESSIONS)).json()["items"] if not item["current"]]
    path = f"{SESSIONS}/{other['sessionId']}"
    problem_of(await edge.client.delete(path, headers=edge.bearer("ben")), 404, "not-found")
    assert (await browser.delete(path)).status_code == 204
    problem_of(await browser.delete(path), 404, "not-found")
    problem_of(await lost.get(SESSIONS), 401, "session-ended")
    problem_of(await edge.client.get(SESSIONS, headers=lost_bearer), 401, "session-ended")
    assert len((await browser.get(SESSIONS)).json()["items"]) == 1


async def test_a_browser_that_ends_its_own_session_forgets_it(edge: Edge) -> None:
    browser, _ = await signed_in(edge)
    [own] = (await browser.get(SESSIONS)).json()["items"]
    answer = await browser.delete(f"{SESSIONS}/{own['sessionId']}")
    assert "fp_session=; Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize("keep", [True, False])
async def test_all_sessions_are_ended_at_once(edge: Edge, *, keep: bool) -> None:
    old = edge.bearer("anna")  # of before sessions were kept
    others = [(await signed_in(edge))[0] for _ in range(3)]
    browser, _ = await signed_in(edge)
    answer = await browser.post(END_ALL, json={"keepThis": keep})
    assert answer.json() == {"ended": 3 if keep else 4}
    for other in others:
        problem_of(await other.get(SESSIONS), 401, "session-ended")
    problem_of(await edge.client.get(SESSIONS, headers=old), 401, "session-ended")
    if keep:
        assert len((await browser.get(SESSIONS)).json()["items"]) == 1
        edge.clock.now_ms += TTL_MS - 1000
        assert (await browser.post(RENEW, json={})).status_code == 200
    else:
        assert "fp_session=; Max-Age=0" in answer.headers["set-cookie"]
        problem_of(await edge.client.get(SESSIONS, headers=old), 401, "session-ended")


async def test_a_session_goes_on_while_it_is_used_for_the_days_of_the_festival_and_no_longer(edge: Edge) -> None:
    _, bearer = await signed_in(edge)
    begin_ms, renewals = edge.clock.now_ms, 0
    while True:
        edge.clock.now_ms += TTL_MS // 2
        answer = await edge.client.post(RENEW, json={}, headers=bearer)
        if answer.status_code != 200:
            break
        renewals += 1
        bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert edge.clock.now_ms - begin_ms >= 14 * DAY_MS - TTL_MS
    assert renewals > 20
    assert edge.clock.now_ms < begin_ms + 14 * DAY_MS
    problem_of(answer, 409, "session-not-renewable")
    [own] = (await edge.client.get(SESSIONS, headers=bearer)).json()["items"]  # it ends when its last token does
    assert own["current"]
    edge.clock.now_ms = begin_ms + 14 * DAY_MS
    problem_of(await edge.client.get(SESSIONS, headers=bearer), 401, "token-expired")


async def test_a_renewed_session_is_the_same_one(edge: Edge) -> None:
    _, bearer = await signed_in(edge)
    edge.clock.now_ms += 1000
    token = (await edge.client.post(RENEW, json={}, headers=bearer)).json()["token"]
    renewed = {"Authorization": f"Bearer {token}"}
    [own] = (await edge.client.get(SESSIONS, headers=renewed)).json()["items"]
    assert (await edge.client.post("/v1/auth/logout", headers=bearer)).status_code == 204
    for header in (bearer, renewed):
        problem_of(await edge.client.get(SESSIONS, headers=header), 401, "session-ended")
    assert own["current"]


async def test_a_browser_gets_its_new_cookie_by_the_way_in_the_second_half_of_the_old_ones_life(edge: Edge) -> None:
    browser, _ = await signed_in(edge)
    edge.clock.now_ms += TTL_MS // 2 - 1000
    assert "set-cookie" not in (await browser.get(SESSIONS)).headers
    edge.clock.now_ms += 1000
    assert "set-cookie" not in (await browser.post(END_ALL, json={"keepThis": True})).headers  # no command waits for it
    answer = await browser.get(SESSIONS)
    assert "fp_session=ey" in answer.headers["set-cookie"]
    assert "Max-Age=43200" in answer.headers["set-cookie"]
    assert "set-cookie" not in (await browser.get(SESSIONS)).headers
    edge.clock.now_ms += TTL_MS // 2 + 1000  # the first would be over
    assert len((await browser.get(SESSIONS)).json()["items"]) == 1


async def test_what_cannot_be_renewed_is_served_all_the_same(edge: Edge) -> None:
    old = edge.services.tokens.issue("anna", TokenUse.SESSION, 3600).token  # of before sessions were kept
    edge.clock.now_ms += 3_000_000
    browser = edge.browser()
    browser.headers["Origin"] = "http://fest.test"
    browser.cookies.set("fp_session", old)
    for _ in range(2):
        answer = await browser.get(SESSIONS)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    problem_of(await browser.post(RENEW, json={}), 409, "session-not-renewable")


async def test_a_database_that_takes_no_writes_costs_a_reader_nothing(edge: Edge) -> None:
    browser, _ = await signed_in(edge)
    edge.clock.now_ms += TTL_MS - 1000  # its use would be written down, and its cookie renewed
    await edge.services.committer.close()
    for _ in range(2):
        answer = await browser.get(SESSIONS)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


async def test_the_use_of_a_session_is_written_down_once_an_hour(edge: Edge) -> None:
    _, bearer = await signed_in(edge)

    async def last_seen() -> str:
        [own] = (await edge.client.get(SESSIONS, headers=bearer)).json()["items"]
        return str(own["lastSeenAt"])

    first = await last_seen()
    edge.clock.now_ms += SEEN_EVERY_MS - 1
    await edge.client.get(SESSIONS, headers=bearer)
    commits = edge.services.committer.stats.outcomes["SeeSession", "done"]
    assert (await last_seen(), commits) == (first, 0)
    edge.clock.now_ms += 1
    for _ in range(5):
        await edge.client.get(SESSIONS, headers=bearer)
    await until(lambda: edge.services.committer.stats.outcomes["SeeSession", "done"] == 1)
    assert await last_seen() == "2027-01-15T09:00:00.000Z"
    assert edge.services.committer.stats.outcomes["SeeSession", "done"] == 1


async def user(world: World, user_id: str) -> User:
    """Somebody's row."""
    person = await world.services.reads.person(UserId(user_id))
    assert person is not None
    return person.user


async def test_the_streams_of_an_ended_session_end_and_no_others(world: World) -> None:
    issuing = world.services.issuing
    lost, kept = [await issuing.begin(await user(world, "anna"), device="") for _ in range(2)]
    headers = [{"Authorization": f"Bearer {issued.token}"} for issued in (lost, kept)]
    async with world.follow("/v1/stream", headers[0]) as stolen, world.follow("/v1/stream", headers[1]) as own:
        await until(lambda: "connected" in stolen.events() and "connected" in own.events())
        assert (await world.http.delete(f"{SESSIONS}/{lost.jti}", headers=headers[1])).status_code == 204
        await until(lambda: stolen.is_over)
        assert (await stolen.first("error"))["code"] == "session-ended"
        answer = await world.http.post(END_ALL, json={"keepThis": True}, headers=headers[1])
        assert answer.status_code == 200
        await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
        await until(lambda: "new-notification" in own.events())
        assert not own.is_over
        answer = await world.http.post(END_ALL, json={"keepThis": False}, headers=headers[1])
        assert answer.status_code == 200
        await until(lambda: own.is_over)
    world_problem(await world.http.get(SESSIONS, headers=headers[1]), 401, "session-ended")


assert START_MS == 1_800_000_000_000  # the dates above are counted from it
