"""A head waits for its body, but for nothing else."""

import asyncio

from festival_push.serving.head_and_body import HeadWithBody


class Wire(asyncio.Transport):
    """Keeps what is sent, one entry a system call."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def answer_on(wire: Wire) -> HeadWithBody:
    return HeadWithBody(wire, asyncio.get_running_loop())


async def test_head_and_body_are_sent_at_once() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    assert wire.sent == []
    answer.write(b"body")
    assert wire.sent == [b"headbody"]
    await asyncio.sleep(0)
    assert wire.sent == [b"headbody"]


async def test_a_head_whose_body_takes_its_time_goes_out_alone() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]
    answer.write(b"one")
    answer.write(b"two")
    assert wire.sent == [b"head", b"one", b"two"]


async def test_closing_sends_the_head_first() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    answer.close()
    assert wire.sent == [b"head"]
    assert wire.closed
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]


async def test_nothing_is_written_on_a_connection_that_is_gone() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.sent == []
    assert answer.is_closing()


async def test_who_takes_the_head_sends_it() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    assert answer.take() == b"head"
    assert answer.take() == b""
    await asyncio.sleep(0)
    assert wire.sent == []


async def test_a_head_that_went_out_is_nobody_elses_to_send() -> None:
    wire = Wire()
    answer = answer_on(wire)
    answer.write(b"head")
    await asyncio.sleep(0)
    assert answer.take() == b""
    assert wire.sent == [b"head"]
