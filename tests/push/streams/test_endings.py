"""The last frame of a stream: whole, with a reason, and a time to come back that differs from client to client."""

import json

import pytest

from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.endings import CAPACITY, DRAINING, TOO_MANY, UNAVAILABLE, encode_fault, encode_refusal
from tests.support.wire.sse import SseParser, parse_stream


def test_a_refusal_is_a_whole_body() -> None:
    parser = SseParser()
    (frame,) = parser.feed(encode_refusal(StreamError(code="capacity", message="Later.\n\nevent: x"), retry_ms=1_000))
    assert (frame.event, frame.id, json.loads(frame.data)["message"]) == ("error", None, "Later.\n\nevent: x")


@pytest.mark.parametrize(("refusal", "factor"), [(CAPACITY, 5), (TOO_MANY, 5), (DRAINING, 1), (UNAVAILABLE, 1)])
def test_a_client_for_whom_there_is_no_room_comes_back_later(refusal: StreamError, factor: int) -> None:
    told = {parse_stream(encode_refusal(refusal, retry_ms=1_000))[0].retry or 0 for _ in range(100)}
    assert 500 * factor <= min(told) < max(told) <= 1_500 * factor
    assert len(told) > 50


def test_a_stream_that_ends_for_the_same_reason_says_the_same() -> None:
    ended = parse_stream(encode_fault(UNAVAILABLE, retry_ms=1_000))[0]
    refused = parse_stream(encode_refusal(UNAVAILABLE, retry_ms=1_000))[0]
    assert (ended.event, ended.data) == (refused.event, refused.data)
