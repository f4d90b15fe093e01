"""The parser of the tests follows the HTML standard's own examples and rules."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.wire.sse import Frame, SseParser, parse_stream


def test_data_lines_are_joined() -> None:
    assert parse_stream(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [Frame(None, "message", "YHOO\n+2\n10")]


def test_comments_ids_and_blocks_without_data() -> None:
    parser = SseParser()
    frames = parser.feed(
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
    )
    assert frames == [
        Frame("1", "message", "first event"),
        Frame("", "message", "second event"),
        Frame(None, "message", " third event"),
    ]
    assert parser.last_event_id == ""
    assert parser.comments == 1


def test_an_empty_data_line_dispatches_and_an_unfinished_block_does_not() -> None:
    assert parse_stream(b"data\n\ndata\ndata\n\ndata:") == [Frame(None, "message", ""), Frame(None, "message", "\n")]


def test_a_nul_in_an_id_and_letters_in_a_retry_are_ignored() -> None:
    parser = SseParser()
    assert parser.feed(b"id: a\0b\nretry: 5s\ndata: x\n\nretry: 70\n\n") == [Frame(None, "message", "x")]
    assert parser.retry_ms == 70


def test_a_byte_order_mark_counts_only_at_the_start() -> None:
    assert parse_stream("\ufeffdata: a\n\n\ufeffdata: b\n\n".encode()) == [Frame(None, "message", "a")]


@given(st.lists(st.integers(0, 80)), st.sampled_from([b"\n", b"\r", b"\r\n"]))
def test_neither_the_cuts_nor_the_kind_of_newline_matter(cuts: list[int], newline: bytes) -> None:
    body = "id: 7\nevent: é\ndata: 1\ndata: ☂\n\n:\n\nretry: 9\ndata: 2\n\n".encode().replace(b"\n", newline)
    parser, frames, start = SseParser(), [], 0
    for cut in [*sorted(cuts), len(body)]:
        frames += parser.feed(body[start:cut])
        start = max(start, cut)
    assert frames == [Frame("7", "é", "1\n☂"), Frame(None, "message", "2", 9)]
