"""Notices: whole, sealed, and worth nothing to whoever lacks the secret."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.log import LogRow
from festival_push.push.hub import entries
from festival_push.push.hub.entries import unread
from festival_push.push.hub.frames import Frame, frame_of
from festival_push.push.hub.interest import mark_of
from festival_push.push.news.sealed import NOTICE_BYTES_MAX, Notice, Seal, _seal_by
from tests.push.fake_log import ANNA, BEN, row

SECRET = b"s" * 32
SENDER = "me"


def sealer(*, secret: bytes = SECRET, epoch: str = "e1", channel: str = "p:log") -> Seal:
    seal = Seal(secret, epoch=epoch, channel=channel)
    seal.sender = SENDER
    return seal


def test_a_batch_arrives_as_it_was() -> None:
    rows = (row(4, ANNA, BEN), row(5, data='"☂"'))
    assert sealer().open(sealer().batch(rows)) == told(rows)


def test_a_frame_that_our_own_streams_got_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (row(4, ANNA, BEN), row(5))
    wanted = sealer().batch(rows)
    held = {4: frame_of("e1", rows[0])}
    made: list[int] = []

    def making(epoch: str, each: LogRow) -> Frame:
        made.append(each.position)
        return frame_of(epoch, each)

    monkeypatch.setattr(entries, "frame_of", making)
    seal = Seal(SECRET, epoch="e1", channel="p:log", made=held.get)
    seal.sender = SENDER
    assert seal.batch(rows) == wanted
    assert made == [5]


def test_our_own_notices_are_known_when_they_come_back_once_each() -> None:
    ours, theirs = sealer(), sealer()
    lost, heard, last = ours.batch([row(4)]), ours.batch([row(5)]), ours.heartbeat(5)
    assert not ours.comes_back(theirs.batch([row(6)]))
    assert [ours.comes_back(sealed) for sealed in (heard, heard, lost, last)] == [True, False, False, True]
    assert [theirs.comes_back(sealed) for sealed in (heard, b"")] == [False, False]
    for position in range(6, 5_000):  # as Redis is away
        ours.batch([row(position)])
    assert len(ours._underway) < 100


def test_a_heartbeat_says_how_far_the_log_goes() -> None:
    assert sealer().open(sealer().heartbeat(9)) == Notice("e1", SENDER, 10, 9)
    assert sealer().open(sealer().heartbeat(0)) == Notice("e1", SENDER, 1, 0)


def test_a_huge_batch_travels_without_its_frames() -> None:
    """Whoever follows none of its topics needs none of them."""
    for text in ("x" * NOTICE_BYTES_MAX, "☂" * (NOTICE_BYTES_MAX // 3)):
        sealed = sealer().batch([row(4), row(5, BEN, data=text)])
        assert len(sealed) < 200
        without = (((mark_of(ANNA),), None), ((mark_of(BEN),), None))
        assert sealer().open(sealed) == Notice("e1", SENDER, 4, 5, without)


def test_a_batch_of_very_many_events_travels_as_positions() -> None:
    sealed = sealer().batch([row(position, data="") for position in range(1, NOTICE_BYTES_MAX // 5)])
    assert sealer().open(sealed) == Notice("e1", SENDER, 1, NOTICE_BYTES_MAX // 5 - 1)


def test_a_batch_just_small_enough_travels_whole() -> None:
    rows = (row(1, data='"' + "x," * (NOTICE_BYTES_MAX // 2 - 300) + '"'),)
    assert sealer().open(sealer().batch(rows)) == told(rows)


def test_an_event_that_cannot_be_sent_travels_without_its_frame() -> None:
    sealed = sealer().batch([row(4, type="no\nname"), row(5)])
    assert sealer().open(sealed) == Notice("e1", SENDER, 4, 5, (((mark_of(ANNA),), None), unread("e1", row(5))))


def test_another_secret_epoch_or_channel_is_not_opened() -> None:
    sealed = sealer().batch([row(1)])
    assert sealer(secret=b"t" * 32).open(sealed) is None
    assert sealer(epoch="e2").open(sealed) is None
    assert sealer(channel="q:log").open(sealed) is None


@given(st.data())
def test_one_changed_bit_is_enough(data: st.DataObject) -> None:
    sealed = bytearray(sealer().batch([row(1), row(2)]))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert sealer().open(bytes(sealed)) is None


@given(st.binary(min_size=1))
def test_garbage_is_not_opened(garbage: bytes) -> None:
    assert sealer().open(garbage) is None
    assert sealer().open(sealer().heartbeat(1) + garbage) is None
    assert sealer().open(garbage + sealer().heartbeat(1)) is None


def told(rows: tuple[LogRow, ...]) -> Notice:
    return Notice("e1", SENDER, rows[0].position, rows[-1].position, tuple(unread("e1", each) for each in rows))


def sealed(content: object) -> bytes:
    """Sealed with the right key, by a process that went wrong or is newer."""
    body = msgspec.msgpack.encode(content)
    return _seal_by(sealer()._keys[0], body) + body


def test_a_sealed_notice_that_is_not_sensible_is_not_opened() -> None:
    one = [[1, 2], b"packed"]
    for content in (
        {"other": "kind"}, [], ["e1", "me", 1], ["e1", "me", 1, "2"], ["e1", "me", 1, -1], ["e1", 1, 3, [one]],
        ["e1", "me", 1, 2, [one]], ["e1", "me", 1, 1, [one, one]], ["e1", "me", 1, 10**15, [one]],
        ["e1", "me", 0, 0, [one]], ["e1", "me", 1, 1, [[["1"], b""]]], ["e1", "me", 1, 1, [[[1], "text"]]],
    ):  # fmt: skip
        assert sealer().open(sealed(content)) is None, content


def test_what_is_larger_than_a_notice_may_be_is_not_even_looked_at() -> None:
    body = b"x" * NOTICE_BYTES_MAX
    assert sealer().open(_seal_by(sealer()._keys[0], body) + body) is None


def test_what_a_replaced_secret_has_sealed_is_opened_while_it_is_known() -> None:
    old, new = b"o" * 32, b"n" * 32
    both = Seal(new, older=[old], epoch="e1", channel="c")
    alone = {secret: Seal(secret, epoch="e1", channel="c") for secret in (old, new)}
    for seal in (both, *alone.values()):
        seal.sender = SENDER
    assert (
        both.open(alone[old].heartbeat(1)) == both.open(alone[new].heartbeat(1)) == alone[new].open(both.heartbeat(1))
    )
    assert alone[old].open(both.heartbeat(1)) is None
    assert alone[new].open(alone[old].heartbeat(1)) is None
