"""The metrics say what happens, to whom they are meant for."""

from typing import Final

import pytest

from festival_push.ops.metrics.definitions import METRICS, PREFIX
from festival_push.settings import Server
from tests.ops.metrics.test_readings import samples_of
from tests.support.timing.waiting import until
from tests.web.world import World

DIRECTLY: Final = {"Host": "127.0.0.1:8000"}
OPERATOR: Final = f"http://{Server().ops_listen}"
"""Asked for there, a request comes to the operator's listener."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database has time to answer."""
    monkeypatch.setattr("festival_push.ops.metrics.exposition.DATABASE_WITHIN_S", 60.0)


async def scrape(world: World) -> dict[str, float]:
    answer = await world.http.get("/metrics", headers=DIRECTLY)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    return samples_of(answer.content)


async def test_commands_refusals_and_answers_are_counted(world: World) -> None:
    before = await scrape(world)
    await world.place("anna", "sun", ayran=1)
    refused = await world.post("anna", "/v1/orders", {"vendorId": "sun", "items": []})
    assert refused.status_code == 400
    too_much = {"vendorId": "sun", "items": [{"itemId": "ayran", "quantity": 1}], "expectedTotal": 1}
    assert (await world.post("anna", "/v1/orders", too_much)).status_code == 409
    await world.http.get("/v1/nothing/there")
    after = await scrape(world)

    def grown(sample: str) -> float:
        return after[PREFIX + sample] - before.get(PREFIX + sample, 0)

    assert grown("commands_total{command=PlaceOrder,outcome=done}") == 1
    assert grown("commands_total{command=PlaceOrder,outcome=refused}") == 1
    assert grown("batch_commands_count{}") >= 2
    assert grown("batch_seconds_count{}") >= 2
    assert grown("problems_total{code=price-changed}") == 1
    assert grown("problems_total{code=invalid-request}") == 1
    assert grown("http_seconds_count{method=POST,route=/v1/orders,status=2xx}") == 1
    assert grown("http_seconds_count{method=POST,route=/v1/orders,status=4xx}") == 2
    assert grown("http_seconds_count{method=GET,route=none,status=4xx}") == 1
    assert after[PREFIX + "log_head{}"] == after[PREFIX + "log_position{}"] > before[PREFIX + "log_head{}"]
    assert after[PREFIX + "log_newest_timestamp_seconds{}"] > 1.7e9
    assert after[PREFIX + "resident_memory_bytes{}"] > 10**6
    assert after[PREFIX + "open_files{}"] > 3


async def test_streams_are_counted_while_they_are_open(world: World) -> None:
    before = await scrape(world)
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await until(lambda: stream.frames)
        await world.place("anna", "sun", ayran=1)
        await until(lambda: len(stream.frames) > 1)
        during = await scrape(world)
        assert during[PREFIX + "streams{role=customer}"] == 1
        assert during[PREFIX + "deliveries_total{}"] > before[PREFIX + "deliveries_total{}"]
        assert during[PREFIX + "delivered_bytes_total{}"] > before[PREFIX + "delivered_bytes_total{}"] + 50
    await until(lambda: not len(world.services.streams))
    assert (await scrape(world))[PREFIX + "streams{role=customer}"] == 0


async def test_every_metric_is_there_by_name(world: World) -> None:
    text = (await world.http.get("/metrics", headers=DIRECTLY)).text
    for metric in METRICS:
        assert f"\n# TYPE {PREFIX}{metric.name} " in "\n" + text, metric.name


async def test_without_the_database_the_rest_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.services.committer.close()
    monkeypatch.setattr("festival_push.ops.metrics.exposition.DATABASE_WITHIN_S", 0.0)
    found = await scrape(world)
    assert PREFIX + "log_head{}" not in found
    assert PREFIX + "log_position{}" in found


async def test_who_comes_by_the_public_name_finds_nothing(world: World) -> None:
    answer = await world.http.get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_whoever_reaches_the_operators_listener_sees_them(world: World) -> None:
    for headers in ({}, {"X-Forwarded-For": "203.0.113.9"}, {"Host": "pay.festival.example"}):
        assert (await world.http.get(OPERATOR + "/metrics", headers=headers)).status_code == 200


async def test_no_header_makes_a_request_the_operators(world: World) -> None:
    host = Server().ops_listen
    for headers in ({"X-Forwarded-Host": host}, {"Forwarded": f"host={host}"}, {"X-Forwarded-Port": "9464"}):
        assert (await world.http.get("/metrics", headers=headers)).status_code == 404
