"""Notices: whole, sealed, and worth nothing to whoever lacks the secret."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.log import LogRow
from festival_push.push.news.sealed import NOTICE_BYTES_MAX, Notice, Seal
from tests.push.fake_log import ANNA, BEN, row

SECRET = b"s" * 32
SENDER = "me"


def sealer(*, secret: bytes = SECRET, epoch: str = "e1", channel: str = "p:log") -> Seal:
    seal = Seal(secret, epoch=epoch, channel=channel)
    seal.sender = SENDER
    return seal


def test_a_batch_arrives_as_it_was() -> None:
    rows = (row(4, ANNA, BEN), row(5, data='"☂"'))
    assert sealer().open(sealer().batch(rows)) == Notice("e1", 4, 5, rows, SENDER)


def test_a_heartbeat_says_how_far_the_log_goes() -> None:
    assert sealer().open(sealer().heartbeat(9)) == Notice("e1", 10, 9, (), SENDER)
    assert sealer().open(sealer().heartbeat(0)) == Notice("e1", 1, 0, (), SENDER)


def test_a_huge_batch_travels_without_its_rows() -> None:
    for text in ("x" * NOTICE_BYTES_MAX, "☂" * (NOTICE_BYTES_MAX // 3)):
        sealed = sealer().batch([row(4), row(5, data=text)])
        assert len(sealed) < 200
        assert sealer().open(sealed) == Notice("e1", 4, 5, (), SENDER)


def test_a_batch_just_small_enough_travels_whole() -> None:
    rows = (row(1, data="x" * (NOTICE_BYTES_MAX - 200)),)
    assert sealer().open(sealer().batch(rows)) == Notice("e1", 1, 1, rows, SENDER)


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


def sealed(content: object) -> bytes:
    """Sealed with the right key, by a process that went wrong or is newer."""
    body = msgspec.msgpack.encode(content)
    return sealer()._seal(body) + body


def test_a_sealed_notice_that_is_not_sensible_is_not_opened() -> None:
    rows: list[LogRow] = [row(1), row(3)]
    for content in (
        {"other": "kind"}, [], ["e1", 1], ["e1", 1, "2"], ["e1", 1, -1], ["e1", 1, 3, rows], ["e1", 1, 2, [row(1)]],
        ["e1", 2, 3, [row(3), row(2)]], ["e1", 1, 1, [row(1), row(1)]], ["e1", 1, 10**15, rows],
    ):  # fmt: skip
        assert sealer().open(sealed(content)) is None, content


def test_what_is_larger_than_a_notice_may_be_is_not_even_looked_at() -> None:
    body = b"x" * NOTICE_BYTES_MAX
    assert sealer().open(sealer()._seal(body) + body) is None


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
