"""No text can forge a frame, and no cursor can break the server."""

import json
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import LOGGED
from festival_push.push.hub.frames import (
    HEARTBEAT,
    LINE_BYTES_MAX,
    Cursor,
    check_epoch,
    encode_frame,
    encode_retry,
    encode_unlogged,
    frame_of,
    parse_cursor,
)
from festival_push.push.hub.unlogged import Connected, SessionExpiring, StreamError
from tests.push.fake_log import row
from tests.support.wire.sse import Frame as Seen
from tests.support.wire.sse import SseParser, parse_stream

NASTY = st.text(st.sampled_from('\r\n\0:\u2028\u2029\u0085\ufeff\v\f\x1c a{}"\\iddataevent1é☂\U0001f389'), max_size=40)
ANY_TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


@given(st.lists(st.tuples(st.sampled_from([kind.TYPE for kind in LOGGED]), ANY_TEXT), max_size=5))
def test_a_reader_sees_exactly_the_events_whatever_they_say(events: list[tuple[str, str]]) -> None:
    rows = [
        row(position, type=name, data=msgspec.json.encode({"message": text}).decode())
        for position, (name, text) in enumerate(events, 1)
    ]
    frames = parse_stream(b"".join(encode_frame("e-1", each) for each in rows))
    assert frames == [Seen(f"e-1.{each.position}", each.type, each.data) for each in rows]
    assert [json.loads(frame.data)["message"] for frame in frames] == [text for _, text in events]


@given(ANY_TEXT)
def test_even_text_that_is_no_json_stays_inside_its_frame(text: str) -> None:
    (frame,) = parse_stream(encode_frame("e", row(1, data="x" + text)) + HEARTBEAT)
    assert (frame.id, frame.event) == ("e.1", "new-notification")


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), ANY_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(ANY_TEXT, inner, max_size=6)),
    max_leaves=30,
)


def lines_of(frame: bytes) -> list[bytes]:
    assert frame.endswith(b"\n\n")
    return frame.removesuffix(b"\n\n").split(b"\n")


@given(st.lists(JSON_VALUES, min_size=1, max_size=8), st.integers(1, 60_000), st.booleans())
def test_a_long_text_stands_on_short_lines_and_says_the_same(values: list[Any], bytes_min: int, spaced: bool) -> None:  # noqa: FBT001 # drawn
    copies = 1 + bytes_min // len(json.dumps(values))
    data = json.dumps({"all": values * copies}, ensure_ascii=False, indent=1 if spaced else None)
    frame = encode_frame("e", row(1, data=data))
    assert max(map(len, lines_of(frame))) <= LINE_BYTES_MAX
    (seen,) = parse_stream(frame)
    assert (seen.id, seen.event) == ("e.1", "new-notification")
    assert json.loads(seen.data) == json.loads(data)


def test_an_event_outside_the_log_stands_on_short_lines_too() -> None:
    orders = [{"orderId": f"o{number}", "notes": 'a, "b" \\'} for number in range(3_000)]
    connected = Connected(
        user_id="sun", user_type="vendor", message="Hi", heartbeat=15, resumed=False, snapshot={"orders": orders}
    )
    frame = encode_unlogged(connected, cursor=Cursor("e", 7), retry_ms=5)
    lines = lines_of(frame)
    assert [line.partition(b":")[0] for line in lines[:3]] == [b"retry", b"id", b"event"]
    assert max(map(len, lines)) <= LINE_BYTES_MAX < len(frame)
    (seen,) = parse_stream(frame)
    assert (seen.id, seen.event, json.loads(seen.data)["snapshot"]) == ("e.7", "connected", {"orders": orders})


def test_a_short_text_stays_on_one_line() -> None:
    head = len(encode_frame("e", row(1, data="")))
    for length in (1, LINE_BYTES_MAX - head):
        frame = encode_frame("e", row(1, data="x" * length))
        assert (len(lines_of(frame)), len(frame)) == (3, head + length)


@pytest.mark.parametrize("text", ["x", " ", '"', "\\", '"\\', "[", '","', "é", '{"', ":"])
def test_what_has_no_place_to_break_stays_whole(text: str) -> None:
    """Whatever an event of another version may hold: it stays in its frame, and costs time in proportion."""
    data = text * (200_000 // len(text))
    (seen,) = parse_stream(encode_frame("e", row(1, data=data)) + HEARTBEAT)
    assert seen.data.replace("\n", "") == data


def test_a_long_token_has_a_line_of_its_own() -> None:
    data = json.dumps(["a", "x" * LINE_BYTES_MAX, "b", "c" * 100, 1])
    frame = encode_frame("e", row(1, data=data))
    assert sum(len(line) > LINE_BYTES_MAX for line in lines_of(frame)) == 1
    (seen,) = parse_stream(frame)
    assert json.loads(seen.data) == json.loads(data)


def test_newlines_between_the_tokens_of_json_become_spaces() -> None:
    (frame,) = parse_stream(encode_frame("e", row(1, data='{\r\n"a":\n1}')))
    assert frame.data == '{  "a": 1}'


def test_text_that_is_not_unicode_is_replaced() -> None:
    (frame,) = parse_stream(encode_frame("e", row(1, data='"\ud800"')))
    assert frame.data == '"?"'


@pytest.mark.parametrize("name", ["", "a\nb", "a: b", "A", "1a", "é", "a" * 65, "a\0", "new-order\n"])
def test_what_cannot_be_an_event_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not an event name"):
        encode_frame("e", row(1, type=name))


def test_the_name_of_a_newer_version_is_let_through() -> None:
    assert parse_stream(encode_frame("e", row(7, type="queue-updated"))) == [Seen("e.7", "queue-updated", '{"at":7}')]


def test_a_frame_keeps_its_row() -> None:
    frame = frame_of("e", row(3))
    assert (frame.position, frame.row, frame.data) == (3, row(3), encode_frame("e", row(3)))


@pytest.mark.parametrize("epoch", ["", "a b", "a\n", "a.b", "é", "x" * 65])
def test_what_cannot_be_an_epoch_is_refused(epoch: str) -> None:
    with pytest.raises(ValueError, match="not an epoch"):
        check_epoch(epoch)


@given(ANY_TEXT, st.integers(0, 2**53 - 1), st.integers(0, 10**6))
def test_events_outside_the_log(text: str, position: int, retry_ms: int) -> None:
    connected = Connected(
        user_id=text, user_type="customer", message=text, heartbeat=15, resumed=False, snapshot={"name": text}
    )
    body = encode_unlogged(connected, cursor=Cursor("e", position), retry_ms=retry_ms)
    body += encode_unlogged(StreamError(code="draining", message=text)) + encode_retry(5)
    parser = SseParser()
    first, second = parser.feed(body)
    assert (first.id, first.event, first.retry) == (f"e.{position}", "connected", retry_ms)
    assert json.loads(first.data) == {
        "userId": text, "userType": "customer", "message": text, "heartbeat": 15, "resumed": False,
        "snapshot": {"name": text},
    }  # fmt: skip
    assert (second.id, second.event, json.loads(second.data)) == (None, "error", {"code": "draining", "message": text})
    assert parser.retry_ms == 5


def test_a_session_expiring_frame() -> None:
    (frame,) = parse_stream(encode_unlogged(SessionExpiring(expires_at="2026-07-04T18:30:00.250Z")))
    assert frame == Seen(None, "session-expiring", '{"expiresAt":"2026-07-04T18:30:00.250Z"}')


def test_a_heartbeat_is_a_comment() -> None:
    parser = SseParser()
    assert parser.feed(HEARTBEAT) == []
    assert parser.comments == 1


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.integers(0, 2**53 - 1))
def test_a_cursor_survives_its_trip(epoch: str, position: int) -> None:
    assert parse_cursor(str(Cursor(epoch, position))) == Cursor(epoch, position)


GARBAGE = [
    "", ".", "e", "e.", ".1", "e.-1", "e.+1", "e.1.2", "e.1 ", " e.1", "e.01", "e.1e3", "e.0x1", "e.1\n", "e.\0",
    "e\0.1", "e.1\0", "é.1", "e.\u0661", "e.9007199254740992", "e." + "9" * 100_000, "x" * 65 + ".1", "null",
    "e.1,e.2", "\ufeffe.1",
]  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE)
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert parse_cursor(text) is None


@given(st.text())
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    cursor = parse_cursor(text)
    assert cursor is None or (str(cursor) == text and 0 <= cursor.position < sys.maxsize)
