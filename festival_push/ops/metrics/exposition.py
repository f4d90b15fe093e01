"""Reads the metrics from the other packages' own counters when `/metrics` is requested; between requests it costs
nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from festival_push import __version__
from festival_push.domain.log import LogHead
from festival_push.ops.metrics.disk import put_disk, put_upkeep
from festival_push.ops.metrics.process import read_process
from festival_push.ops.metrics.readings import Reading, merged, rendered
from festival_push.ops.metrics.sharing import KEEP_EVERY_S, Share
from festival_push.ops.metrics.traffic import Traffic
from festival_push.ops.watchdog import Watchdog
from festival_push.push.news.broker import Broker
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.tail import Tail
from festival_push.push.streams.registry import StreamRegistry
from festival_push.store.checks import Upkeep
from festival_push.store.database import ReplicaState
from festival_push.store.errors import Unavailable
from festival_push.store.writing.committer import Committer

DATABASE_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


class CountsGuesses(Protocol):
    """Counts wrong PINs by who tried, and refused tries by what had nothing left."""

    @property
    def wrong(self) -> Mapping[str, int]: ...
    @property
    def refused(self) -> Mapping[str, int]: ...


class ReadsFacts(Protocol):
    """Reads from the database."""

    @property
    def replica(self) -> ReplicaState: ...
    async def held_total(self) -> int: ...  # minor units
    async def upkeep(self) -> Upkeep | None: ...  # None with SQLite


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The objects and functions that a scrape reads."""

    committer: Committer
    streams: StreamRegistry
    tail: Tail
    broker: Broker
    traffic: Traffic
    watchdog: Watchdog
    cut_offs: Mapping[str, int]  # connections cut off, by reason
    guesses: CountsGuesses
    limits_shared: Callable[[], bool | None]  # None if there is no Redis
    read_head: Callable[[], Awaitable[LogHead]]
    reads: ReadsFacts


class Metrics:
    """The metrics of this process, merged with those of the other workers.

    Args:
        database_file: SQLite's; None with PostgreSQL.
    """

    def __init__(self, measured: Measured, database_file: Path | None) -> None:
        self._measured = measured
        self._database_file = database_file
        self._share = Share.of_environment()  # this worker's slot in the shared memory; None if the process is alone

    def count_report(self, provider: str, outcome: str) -> None:
        """Count a proven report of a configured provider."""
        self._measured.traffic.reports[provider, outcome] += 1

    async def text(self) -> bytes:
        """Return the metrics of all processes behind this port, merged, in Prometheus' text format."""
        reading = await self._read()
        if self._share is not None:
            # Kept before it is shown, so that a worker that takes over this slot never begins below what was shown.
            own = self._keep(self._share, reading)
            reading = merged((own, *await asyncio.to_thread(self._share.others)))
        if (file := self._database_file) is not None:
            await asyncio.to_thread(put_disk, reading, file)
        await self._put_database(reading)
        return rendered(reading)

    async def run(self) -> None:
        """Write this process' values to the shared memory every KEEP_EVERY_S, until cancelled."""
        while self._share is not None:
            self._keep(self._share, await self._read())
            await asyncio.sleep(KEEP_EVERY_S)
        await asyncio.Event().wait()  # alone: nothing to do

    def _keep(self, share: Share, reading: Reading) -> Reading:
        try:
            return share.keep(reading)
        except OSError as error:  # the disk is full, perhaps: no reason to stop selling
            _log.warning("metrics can't be kept: %s", error)
            return reading

    async def _read(self) -> Reading:
        use, measured, reading = await asyncio.to_thread(read_process), self._measured, Reading()
        reading.put("workers", 1)
        reading.put("build_info", 1, __version__)
        reading.put("cpu_seconds_total", use.cpu_s)
        reading.put("resident_memory_bytes", use.resident_bytes)
        reading.put("open_files", use.open_files)
        reading.put("open_files_ratio", use.open_files / use.open_files_max)
        reading.put("start_timestamp_seconds", use.started_at_s)
        reading.put("loop_lag_seconds", measured.watchdog.lag_s)
        reading.put("loop_stalls_total", measured.watchdog.stalls)
        reading.put("clock_jumps_total", measured.watchdog.clock.jumps)
        for (method, route, status), histogram in measured.traffic.answers.items():
            reading.put_histogram("http_seconds", histogram, method, route, f"{status}xx")
        for (provider, outcome), count in measured.traffic.reports.items():
            reading.put("reports_total", count, provider, outcome)
        reading.put_each("problems_total", measured.traffic.problems)
        reading.put_each("connections_cut_off_total", measured.cut_offs)
        reading.put_each("wrong_pins_total", measured.guesses.wrong)
        reading.put_each("pin_tries_refused_total", measured.guesses.refused)
        put_streams(reading, measured.streams)
        put_commands(reading, measured.committer)
        put_log(reading, measured.tail)
        put_redis(reading, measured.broker)
        if (shared := measured.limits_shared()) is not None:
            reading.put("rate_limits_shared", shared)
        if (replica := measured.reads.replica) != "off":
            reading.put("replica_up", replica == "ok")
        return reading

    async def _put_database(self, reading: Reading) -> None:
        """Add the metrics that are read from the database; leave them out if it does not answer in time."""
        try:
            async with asyncio.timeout(DATABASE_WITHIN_S):
                head = await self._measured.read_head()
                reading.put("log_head", head.position)
                reading.put("log_trimmed_to", head.trimmed_to)
                reading.put("held_minor_units", await self._measured.reads.held_total())
                if (upkeep := await self._measured.reads.upkeep()) is not None:
                    put_upkeep(reading, upkeep)
        except (Unavailable, TimeoutError):
            _log.warning("metrics without the database's: it does not answer")


def put_streams(reading: Reading, streams: StreamRegistry) -> None:
    """Add the metrics of the streams and their hub."""
    sources, hub = streams.sources, streams.sources.hub
    reading.put_each("streams", streams.by_type)
    reading.put("stream_backlog_bytes", sum(one.backlog.size for one in hub.subscribers if one.backlog is not None))
    reading.put("streams_opened_total", streams.opened)
    reading.put_each("streams_refused_total", streams.refused)
    reading.put("streams_cut_off_total", hub.cut_off)
    reading.put("events_total", hub.events)
    reading.put("events_passed_over_total", hub.memory.passed_over)
    reading.put("deliveries_total", hub.deliveries)
    reading.put("delivered_bytes_total", hub.delivered_bytes)
    reading.put("replay_reads_total", sources.replay_reads)
    reading.put("replay_rows_total", sources.replay_rows)
    reading.put("window_replays_total", sources.window_replays)
    if hub.newest_at:
        reading.put("log_newest_timestamp_seconds", hub.newest_at / 1000)


def put_commands(reading: Reading, committer: Committer) -> None:
    """Add the metrics of the committer."""
    stats = committer.stats
    for (command, outcome), count in stats.outcomes.items():
        reading.put("commands_total", count, command, outcome)
    reading.put("commands_waiting", committer.waiting)
    reading.put("commands_overloaded_total", stats.overloaded)
    reading.put_histogram("batch_commands", stats.sizes)
    reading.put_histogram("batch_seconds", stats.durations)


def put_log(reading: Reading, tail: Tail) -> None:
    """Add the metrics of the tail: how well this process follows the log."""
    reading.put("log_position", tail.position)
    reading.put("log_renewed_total", tail.renewals)
    reading.put("gaps_healed_total", tail.gaps_read)
    reading.put("log_read_failures_total", tail.read_failures)


def put_redis(reading: Reading, broker: Broker) -> None:
    """Add the metrics of the broker, if it is Redis."""
    if not isinstance(broker, RedisBroker):
        return
    reading.put("redis_up", broker.healthy)
    reading.put("redis_batches_published_total", broker.published)
    reading.put("redis_batches_dropped_total", broker.dropped)
    reading.put("redis_letters_total", broker.received)
    reading.put("redis_ignored_total", broker.ignored)
    reading.put("redis_reconnects_total", broker.reconnects)
