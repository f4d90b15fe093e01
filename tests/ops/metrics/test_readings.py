"""Several processes' readings become one, and Prometheus' own parser reads what is rendered."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from festival_push.ops.metrics import sharing
from festival_push.ops.metrics.definitions import METRICS, Kind
from festival_push.ops.metrics.readings import Reading, merged, rendered
from festival_push.ops.metrics.sharing import MetricsMemory, Share
from festival_push.store.histogram import Histogram


def reading_of(*, commands: int = 0, streams: int = 0, position: int = 0, batches: tuple[float, ...] = ()) -> Reading:
    reading, histogram = Reading(), Histogram((1.0, 10.0))
    for size in batches:
        histogram.add(size)
    reading.put("commands_total", commands, "PlaceOrder", "done")
    reading.put("streams", streams, "customer")
    reading.put("log_position", position)
    reading.put("log_head", position)
    reading.put_histogram("batch_commands", histogram)
    return reading


def samples_of(text: bytes) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_each_kind_is_put_together_in_its_way() -> None:
    one = reading_of(commands=3, streams=2, position=7, batches=(1, 5))
    two = reading_of(commands=4, streams=1, position=9, batches=(50,))
    found = samples_of(rendered(merged((one, two))))
    assert found["festival_push_commands_total{command=PlaceOrder,outcome=done}"] == 7
    assert found["festival_push_streams{role=customer}"] == 3
    assert found["festival_push_log_position{}"] == 7  # the one that is furthest behind
    assert found["festival_push_log_head{}"] == 9
    buckets = [found[f"festival_push_batch_commands_bucket{{le={bound}}}"] for bound in ("1.0", "10.0", "+Inf")]
    assert buckets == [1, 2, 3]
    assert found["festival_push_batch_commands_count{}"] == 3
    assert found["festival_push_batch_commands_sum{}"] == 56


@pytest.mark.parametrize("hostile", ['a"b', "a\nb", "a\\", "{}", "é", "\u2028"])
def test_no_label_can_forge_a_line(hostile: str) -> None:
    reading = Reading()
    reading.put("problems_total", 1, hostile)
    assert samples_of(rendered(reading))[f"festival_push_problems_total{{code={hostile}}}"] == 1


def test_names_say_their_kind() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric


SLOTS: Final = 2


@contextmanager
def open_memory() -> Iterator[MetricsMemory]:
    memory = MetricsMemory()
    try:
        yield memory
    finally:
        memory.close()


@pytest.fixture
def memory() -> Iterator[MetricsMemory]:
    with open_memory() as opened:
        yield opened


def share_of(memory: MetricsMemory, slot: int) -> Share:
    return Share(memory.name_slot(slot, SLOTS))


def test_a_worker_that_takes_a_dead_ones_slot_goes_on_from_its_counters(memory: MetricsMemory) -> None:
    first = share_of(memory, 0)
    first.keep(reading_of(commands=5, streams=9, position=40, batches=(2,)))
    again = share_of(memory, 0)
    own = again.keep(reading_of(commands=1, streams=1, position=41, batches=(2, 20)))
    assert own == merged([reading_of(commands=6, streams=1, position=41, batches=(2, 2, 20))])


@given(lives=st.lists(st.lists(st.integers(0, 100)), min_size=1, max_size=6))
def test_a_shared_counter_never_goes_back(lives: list[list[int]]) -> None:
    """`lives`: what each worker of one slot counts from one scrape to the next, until it dies."""
    with open_memory() as memory:
        watcher, shown, expected = share_of(memory, 1), 0.0, 0
        for life in lives:
            share, counted = share_of(memory, 0), 0
            for step in life:
                counted += step
                expected += step
                share.keep(reading_of(commands=counted))
                [other] = watcher.others()
                seen = other.values["commands_total"]["PlaceOrder", "done"]
                assert seen == expected >= shown
                shown = seen


@pytest.mark.parametrize("kept", [1, 2, 3])
@pytest.mark.parametrize("written", [1, *range(sharing._HEAD.size, sharing._HEAD.size + 5)])
def test_a_worker_that_is_killed_while_it_writes_leaves_what_it_had_written_before(
    memory: MetricsMemory, monkeypatch: pytest.MonkeyPatch, kept: int, written: int
) -> None:
    first = share_of(memory, 0)
    for commands in range(1, kept + 1):
        first.keep(reading_of(commands=commands, position=commands))
    pwrite = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda file, text, offset: pwrite(file, text[:written], offset))
        with pytest.raises(OSError, match="No space"):
            first.keep(reading_of(commands=99, position=99))
    [seen] = share_of(memory, 1).others()
    assert seen.values["commands_total"]["PlaceOrder", "done"] == kept
    again = share_of(memory, 0)
    for commands in (1, 2):
        again.keep(reading_of(commands=commands))
        [seen] = share_of(memory, 1).others()
        assert seen.values["commands_total"]["PlaceOrder", "done"] == kept + commands


def test_slots_do_not_touch_each_other(memory: MetricsMemory) -> None:
    shares = [share_of(memory, slot) for slot in range(SLOTS)]
    for _ in range(2):  # both halves
        for share, commands in zip(shares, (1, 2), strict=True):
            share.keep(reading_of(commands=commands))
    assert [share.others() for share in shares] == [[reading_of(commands=2)], [reading_of(commands=1)]]


def test_a_reading_that_does_not_fit_is_refused(memory: MetricsMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_HALF_BYTES", 64)
    with pytest.raises(OSError, match="No space"):
        share_of(memory, 0).keep(reading_of(batches=(2,)))
    assert share_of(memory, 1).others() == []


def test_a_silent_worker_lasts_in_what_it_has_counted_only(
    memory: MetricsMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_of(memory, 0).keep(reading_of(commands=5, streams=9, position=40))
    monkeypatch.setattr(sharing, "STALE_S", -1.0)
    [other] = share_of(memory, 1).others()
    assert other.values == {"commands_total": {("PlaceOrder", "done"): 5}}


def test_what_another_version_has_written_is_passed_over(
    memory: MetricsMemory, caplog: pytest.LogCaptureFixture
) -> None:
    share = share_of(memory, 1)
    sharing._write(share._file, 0, 1, b"\xff\x00")
    assert share.others() == []
    assert "can't be read" in caplog.text


def test_a_yes_is_read_back_as_a_number(memory: MetricsMemory) -> None:
    reading = Reading()
    healthy = True
    reading.put("redis_up", healthy)
    share_of(memory, 0).keep(reading)
    assert share_of(memory, 1).others() == [reading]
