"""The ends of a stream's answer: said, hung up, and a client that stopped reading."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from festival_push.web.routing import event_source
from festival_push.web.routing.event_source import EventSource
from tests.support.timing.waiting import until

SCOPE = {"type": "http", "method": "GET", "path": "/v1/stream", "headers": []}


class Frames:
    """An iterator of frames that knows whether it was let go of."""

    def __init__(self, *, endless: bool = False) -> None:
        self.is_closed = False
        self._endless = endless

    async def give(self) -> AsyncIterator[bytes]:
        try:
            yield b"data: 1\n\n"
            yield b"data: 2\n\n"
            if self._endless:
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


async def test_frames_go_out_as_they_are_and_the_answer_is_whole() -> None:
    frames, sent = Frames(), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    await EventSource(frames.give())(SCOPE, _never, send)
    assert [message.get("body") for message in sent[1:]] == [b"data: 1\n\n", b"data: 2\n\n", b""]
    assert not sent[-1]["more_body"]
    assert frames.is_closed


async def test_a_client_that_hangs_up_costs_nothing_more() -> None:
    frames, hung_up = Frames(endless=True), asyncio.Event()
    sent: list[Message] = []

    async def receive() -> Message:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    serving = asyncio.create_task(EventSource(frames.give())(SCOPE, receive, send))
    await until(lambda: len(sent) == 3)
    hung_up.set()
    await asyncio.wait_for(serving, 120)
    assert frames.is_closed


async def test_a_client_that_stopped_reading_is_dropped_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_source, "SEND_TIMEOUT_S", 0.01)
    caplog.set_level(logging.INFO)
    frames, sent = Frames(endless=True), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 2:
            await asyncio.Event().wait()

    await asyncio.wait_for(EventSource(frames.give())(SCOPE, _never, send), 120)
    assert frames.is_closed
    assert sent[-1]["more_body"]  # so the server knows that the answer is not whole, and drops the connection
    assert [(record.levelname, record.exc_info) for record in caplog.records if record.name.startswith("festival")] == [
        ("INFO", None)
    ]


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError
