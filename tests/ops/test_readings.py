"""Several processes' readings become one, and Prometheus' own parser reads what is rendered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from festival_push.ops import sharing
from festival_push.ops.definitions import METRICS, Kind
from festival_push.ops.readings import Reading, merged, rendered
from festival_push.ops.sharing import Share
from festival_push.tally import Histogram


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


def test_a_worker_that_takes_a_dead_ones_place_goes_on_from_its_counters(tmp_path: Path) -> None:
    first = Share(tmp_path / "worker-0.metrics")
    first.keep(reading_of(commands=5, streams=9, position=40, batches=(2,)))
    again = Share(tmp_path / "worker-0.metrics")
    own = again.keep(reading_of(commands=1, streams=1, position=41, batches=(2, 20)))
    assert own == merged([reading_of(commands=6, streams=1, position=41, batches=(2, 2, 20))])


@given(lives=st.lists(st.lists(st.integers(0, 100)), min_size=1, max_size=6))
def test_a_shared_counter_never_goes_back(tmp_path_factory: pytest.TempPathFactory, lives: list[list[int]]) -> None:
    """`lives`: what each worker of one place counts from one scrape to the next, until it dies."""
    folder = tmp_path_factory.mktemp("share")
    watcher, shown, expected = Share(folder / "worker-1.metrics"), 0.0, 0
    for life in lives:
        share, counted = Share(folder / "worker-0.metrics"), 0
        for step in life:
            counted += step
            expected += step
            share.keep(reading_of(commands=counted))
            [other] = watcher.others()
            seen = other.values["commands_total"]["PlaceOrder", "done"]
            assert seen == expected >= shown
            shown = seen


def test_a_silent_worker_lasts_in_what_it_has_counted_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Share(tmp_path / "worker-0.metrics").keep(reading_of(commands=5, streams=9, position=40))
    monkeypatch.setattr(sharing, "STALE_S", -1.0)
    [other] = Share(tmp_path / "worker-1.metrics").others()
    assert other.values == {"commands_total": {("PlaceOrder", "done"): 5}}


def test_a_file_that_is_none_of_ours_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "worker-0.metrics").write_bytes(b"\xff\x00")
    assert Share(tmp_path / "worker-1.metrics").others() == []
    assert "can't be read" in caplog.text


def test_a_yes_is_read_back_as_a_number(tmp_path: Path) -> None:
    reading = Reading()
    healthy = True
    reading.put("redis_up", healthy)
    Share(tmp_path / "worker-0.metrics").keep(reading)
    assert Share(tmp_path / "worker-1.metrics").others() == [reading]
