"""Every kind of `Last-Event-ID` that can't be honoured: told so, with a snapshot; never a 500, never a silent gap."""

import json
from typing import Any, Final

import pytest

from tests.support.checker import read_records
from tests.support.ground import Ground, Person
from tests.support.wire.follower import Connection

_REASONS: Final = {
    "future": ("{epoch}.{beyond}", "beyond-head"),
    "other-epoch": ("other.{head}", "other-epoch"),
    "negative": ("{epoch}.-1", "malformed"),
    "huge": ("{epoch}.99999999999999999999999999999999", "malformed"),
    "beyond 2^53": ("{epoch}.9007199254740993", "malformed"),
    "very long": ("{epoch}." + "1" * 5000, "malformed"),
    "no epoch": ("{head}", "malformed"),
    "no position": ("{epoch}.", "malformed"),
    "fraction": ("{epoch}.1.5", "malformed"),
    "leading zero": ("{epoch}.01", "malformed"),
    "sign": ("{epoch}.+1", "malformed"),
    "underscore": ("{epoch}.1_0", "malformed"),
    "padded inside": ("{epoch}. 1", "malformed"),
    "garbage": ("'; DROP TABLE event_log; --", "malformed"),
    "written NUL": ("{epoch}.1%00", "malformed"),
    "latin-1": ("{epoch}.\xb2", "malformed"),
}

pytestmark = pytest.mark.parametrize("shared_server", ["sqlite"], indirect=True)  # no matter of databases


async def greeting(
    ground: Ground, person: Person, cursor: bytes, *, query: str = ""
) -> tuple[str | None, dict[str, Any]]:
    """The id and the data of the first frame that a client with this cursor gets."""
    headers: dict[str, str | bytes] = {**person.bearer, "Last-Event-ID": cursor}
    with await Connection.open(ground.url(), f"/v1/stream{query}", headers=headers) as stream:
        frames = await stream.read_until()
        assert stream.status == 200
    assert frames[0].event == "connected"
    return frames[0].id, json.loads(frames[0].data)


@pytest.mark.parametrize("case", _REASONS)
async def test_a_cursor_that_cannot_be_honoured_gets_its_reason_and_a_snapshot(ground: Ground, case: str) -> None:
    anna = await ground.customer(funds=700)
    records = await read_records(ground.servers[0].database_url)
    text, reason = _REASONS[case]
    cursor = text.format(epoch=records.epoch, head=records.head, beyond=records.head + 1_000)

    frame_id, data = await greeting(ground, anna, cursor.encode("latin-1"))

    assert (data["resumed"], data["reason"]) == (False, reason)
    assert data["snapshot"]["balance"] == 700
    assert frame_id == f"{records.epoch}.{records.head}"


async def test_an_empty_cursor_is_none(ground: Ground) -> None:
    anna = await ground.customer(funds=700)
    frame_id, data = await greeting(ground, anna, b"")
    assert frame_id is not None
    assert data["resumed"] is False
    assert data["snapshot"]["balance"] == 700


async def test_a_raw_nul_is_refused_as_no_http(ground: Ground) -> None:
    anna = await ground.customer()
    headers: dict[str, str | bytes] = {**anna.bearer, "Last-Event-ID": b"a\0b.1"}
    with await Connection.open(ground.url(), headers=headers) as stream:
        await stream.read_to_end()
        assert stream.status == 400


async def test_the_header_wins_over_the_query(ground: Ground) -> None:
    """EventSource keeps the URL with its old `after`, and sends the newer header when it comes back."""
    anna = await ground.customer(funds=700)
    records = await read_records(ground.servers[0].database_url)
    good = f"{records.epoch}.{records.head}"
    assert (await greeting(ground, anna, good.encode(), query="?after=garbage"))[1]["resumed"] is True
    with await Connection.open(ground.url(), "/v1/stream?after=garbage", headers=anna.bearer) as stream:
        frames = await stream.read_until()
    assert json.loads(frames[0].data)["reason"] == "malformed"
