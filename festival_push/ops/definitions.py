"""Every metric that `/metrics` gives: its name, its kind, its labels, and how several processes' values become one."""

from enum import Enum
from typing import Final, NamedTuple

PREFIX: Final = "festival_push_"
HTTP_SECONDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Kind(Enum):
    """What a metric is, and with that how the values of several processes are put together."""

    COUNTER = "counter"  # added up, those of processes that have ended included: it never goes back
    HISTOGRAM = "histogram"  # likewise
    SUM = "sum"  # a gauge: added up over the processes that are alive
    MOST = "most"  # a gauge: the largest one
    LEAST = "least"  # a gauge: the smallest one


class Metric(NamedTuple):
    """One metric. `name` is without the prefix, and with the unit; a counter's ends with `_total`."""

    name: str
    kind: Kind
    text: str
    labels: tuple[str, ...] = ()


_C, _H, _S, _MOST, _LEAST = Kind.COUNTER, Kind.HISTOGRAM, Kind.SUM, Kind.MOST, Kind.LEAST

METRICS: Final = (
    # Streams
    Metric("streams", _S, "Open streams and waiting long polls, by who follows", ("role",)),
    Metric("stream_backlog_bytes", _S, "Frames that wait for clients to take them"),
    Metric("streams_opened_total", _C, "Streams and long polls that were let in"),
    Metric("streams_refused_total", _C, "Streams and long polls that were not", ("code",)),
    Metric("streams_cut_off_total", _C, "Streams that were cut off because too much waited for them"),
    Metric("events_total", _C, "Events that the streams' hub has taken from the log, in each process"),
    Metric("deliveries_total", _C, "Frames put before a stream: one for each event and follower"),
    Metric("delivered_bytes_total", _C, "Bytes of those frames"),
    Metric("replay_reads_total", _C, "Pages of the log that replays have read from the database"),
    Metric("replay_rows_total", _C, "Events in those pages"),
    Metric("window_replays_total", _C, "Replays that were served from memory alone"),
    # The log and the news of it
    Metric("log_position", _LEAST, "The last event that has reached the hub, of the process that is furthest behind"),
    Metric("log_head", _MOST, "The last event in the log"),
    Metric("log_trimmed_to", _MOST, "Events up to here have left the log"),
    Metric("log_newest_timestamp_seconds", _MOST, "When the newest event was committed, in Unix time"),
    Metric("gaps_healed_total", _C, "How often the log was read because news of an event was missing"),
    Metric("log_read_failures_total", _C, "How often following the log failed because it could not be read"),
    Metric("redis_up", _LEAST, "Whether news arrives through Redis in every process: 1, or 0. Absent without Redis"),
    Metric("redis_batches_published_total", _C, "Committed batches told through Redis"),
    Metric("redis_batches_dropped_total", _C, "Committed batches not told because the queue was full; the log heals"),
    Metric("redis_letters_total", _C, "Letters received and opened"),
    Metric("redis_ignored_total", _C, "Messages on our channel that nobody of us has written"),
    Metric("redis_reconnects_total", _C, "How often the receiver's connection was lost"),
    Metric("rate_limits_shared", _LEAST, "Whether rate limits are counted in Redis: 1, or 0. Absent without Redis"),
    # Commands
    Metric(
        "commands_total",
        _C,
        "Commands, by kind and what became of them: done, refused, replayed (a retry got the first answer) or failed",
        ("command", "outcome"),
    ),
    Metric("commands_waiting", _S, "Commands that wait for the committer"),
    Metric("commands_overloaded_total", _C, "Commands not accepted, because too many waited"),
    Metric("batch_commands", _H, "Commands that were committed together"),
    Metric("batch_seconds", _H, "Time that a batch took, from reading to after its COMMIT"),
    Metric("held_minor_units", _MOST, "Money that came in without a known owner, and waits to be assigned"),
    # HTTP
    Metric("http_seconds", _H, "Time to the head of an answer", ("method", "route", "status")),
    Metric("problems_total", _C, "Problems answered, rules' refusals included", ("code",)),
    Metric("connections_cut_off_total", _C, "Connections that were cut off below HTTP", ("reason",)),
    # The process
    Metric("workers", _S, "Serving processes that were heard of within the last seconds"),
    Metric("loop_lag_seconds", _MOST, "The longest that an event loop was late in the last 15 to 30 seconds"),
    Metric("loop_stalls_total", _C, "How often an event loop stood still for a second or more; the log has the stacks"),
    Metric("cpu_seconds_total", _C, "User and system CPU time"),
    Metric("resident_memory_bytes", _S, "Resident memory"),
    Metric("open_files", _S, "Open files and sockets"),
    Metric("start_timestamp_seconds", _LEAST, "When the oldest process was started, in Unix time"),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}
