"""A reading: the values of all metrics of one process at one moment; merging several, and rendering for Prometheus."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from festival_push.ops.metrics.definitions import BY_NAME, METRICS, PREFIX, Kind, Metric
from festival_push.store.histogram import Histogram

Labels = tuple[str, ...]
_LASTING: Final = frozenset({Kind.COUNTER, Kind.HISTOGRAM})


class Buckets(msgspec.Struct):
    """A histogram's state."""

    bounds: tuple[float, ...]  # upper ones, without +Inf
    counts: list[int]  # of each bucket alone; the last one is that of +Inf
    total: float  # sum of the values


class Reading(msgspec.Struct):
    """Values by metric and labels. A value that was never counted may be missing."""

    values: dict[str, dict[Labels, float]] = {}
    histograms: dict[str, dict[Labels, Buckets]] = {}

    def put(self, name: str, value: float, *labels: str) -> None:
        """Set the value of a metric for these label values, one for each of its labels."""
        assert len(labels) == len(BY_NAME[name].labels), name
        self.values.setdefault(name, {})[labels] = float(value)  # a bool could not be decoded as a float

    def put_each(self, name: str, values: Mapping[str, float]) -> None:
        """Set the values of a metric with one label, by the label's value."""
        for label, value in values.items():
            self.put(name, value, label)

    def put_histogram(self, name: str, histogram: Histogram, *labels: str) -> None:
        """Set a metric to a copy of the histogram's present state."""
        assert len(labels) == len(BY_NAME[name].labels), name
        buckets = Buckets(histogram.bounds, list(histogram.counts), histogram.total)
        self.histograms.setdefault(name, {})[labels] = buckets

    def lasting(self) -> "Reading":
        """Return only the values that outlive their process: counters and histograms."""
        values = {name: dict(by) for name, by in self.values.items() if BY_NAME[name].kind in _LASTING}
        return Reading(values, self.histograms)


def merged(readings: Iterable[Reading]) -> Reading:
    """Merge the readings of several processes into one."""
    whole = Reading()
    for reading in readings:
        for name, by_labels in reading.values.items():
            into = whole.values.setdefault(name, {})
            for labels, value in by_labels.items():
                into[labels] = _joined(BY_NAME[name].kind, into[labels], value) if labels in into else value
        for name, histograms in reading.histograms.items():
            together = whole.histograms.setdefault(name, {})
            for labels, buckets in histograms.items():
                together[labels] = _added(together[labels], buckets) if labels in together else buckets
    return whole


def rendered(reading: Reading) -> bytes:
    """Return the reading in Prometheus' text format."""
    return generate_latest(_Families(reading))


class _Families(Collector):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterable[Family]:
        return [_family(metric, self._reading) for metric in METRICS]


def _family(metric: Metric, reading: Reading) -> Family:
    name, values = PREFIX + metric.name, reading.values.get(metric.name, {})
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(name, metric.text, labels=metric.labels)
        for labels, buckets in sorted(reading.histograms.get(metric.name, {}).items()):
            histogram.add_metric(labels, _cumulated(buckets), buckets.total)
        return histogram
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(name, metric.text, labels=metric.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    return family


def _cumulated(buckets: Buckets) -> list[tuple[str, float]]:
    """Return the buckets as Prometheus wants them: each also counts the values of those below it."""
    found, sum_so_far = [], 0
    for bound, count in zip((*map(str, buckets.bounds), "+Inf"), buckets.counts, strict=True):
        sum_so_far += count
        found.append((bound, float(sum_so_far)))
    return found


def _joined(kind: Kind, one: float, other: float) -> float:
    match kind:
        case Kind.MOST:
            return max(one, other)
        case Kind.LEAST:
            return min(one, other)
        case _:
            return one + other


def _added(one: Buckets, other: Buckets) -> Buckets:
    counts = [left + right for left, right in zip(one.counts, other.counts, strict=True)]
    return Buckets(one.bounds, counts, one.total + other.total)
