"""Server-sent events, cut anywhere."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from festival_push.simulate.http.sse import EventReader

SAMPLE = (
    b": hello\n\nretry: 3000\n\nevent: a\nid: e.1\ndata: one\n\n"
    b"data:two\r\ndata: three\r\n\r\nid: e.2\r\rdata: f\xc3\xbcnf\rid\r\revent: b\ndata: six\n\n"
)
READ = [("a", "one", "e.1"), ("message", "two\nthree", "e.1"), ("message", "fünf", ""), ("b", "six", "")]


def read(*chunks: bytes) -> list[tuple[str, str, str]]:
    taken: list[tuple[str, str, str]] = []
    reader = EventReader(lambda name, data, event_id: taken.append((name, data, event_id)))
    for chunk in chunks:
        reader.feed(chunk)
    return taken


def test_frames_are_read_as_the_standard_says() -> None:
    assert read(SAMPLE) == READ


@given(cuts=st.lists(st.integers(0, len(SAMPLE)), max_size=8))
def test_wherever_the_bytes_are_cut_the_frames_are_the_same(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(SAMPLE)]
    assert read(*(SAMPLE[begin:end] for begin, end in pairwise(places))) == READ


def test_a_frame_that_is_not_complete_is_not_read() -> None:
    assert read(b"data: one\n") == []
