"""All metrics of `/metrics`: their names, kinds and labels, and how the values of several processes are merged."""

from enum import Enum
from typing import Final, NamedTuple

PREFIX: Final = "festival_push_"
HTTP_SECONDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Kind(Enum):
    """The kind of a metric, which decides how the values of several processes are merged."""

    COUNTER = "counter"  # the sum, processes that have ended included, so that it never goes back
    HISTOGRAM = "histogram"  # as a counter
    SUM = "sum"  # a gauge: the sum over the processes that are alive
    MOST = "most"  # a gauge: the largest value
    LEAST = "least"  # a gauge: the smallest value


class Metric(NamedTuple):
    """One metric. `name` is without PREFIX and with the unit; a counter's ends with `_total`. `text` is its help."""

    name: str
    kind: Kind
    text: str
    labels: tuple[str, ...] = ()


METRICS: Final = (
    # Streams
    Metric("streams", Kind.SUM, "Open streams and waiting long polls, by who follows", ("role",)),
    Metric("stream_backlog_bytes", Kind.SUM, "Frames that wait for clients to take them"),
    Metric("streams_opened_total", Kind.COUNTER, "Streams and long polls that were let in"),
    Metric("streams_refused_total", Kind.COUNTER, "Streams and long polls that were not", ("code",)),
    Metric("streams_cut_off_total", Kind.COUNTER, "Streams that were cut off because too much waited for them"),
    Metric("events_total", Kind.COUNTER, "Events that the streams' hub has taken from the log, in each process"),
    Metric("events_passed_over_total", Kind.COUNTER, "Those of them that nobody at this process followed"),
    Metric("deliveries_total", Kind.COUNTER, "Frames put before a stream: one for each event and follower"),
    Metric("delivered_bytes_total", Kind.COUNTER, "Bytes of those frames"),
    Metric("replay_reads_total", Kind.COUNTER, "Pages of the log that replays have read from the database"),
    Metric("replay_rows_total", Kind.COUNTER, "Events in those pages"),
    Metric("window_replays_total", Kind.COUNTER, "Replays that were served from memory alone"),
    # The log, and how its events reach other processes
    Metric(
        "log_position", Kind.LEAST, "The last event that has reached the hub, of the process that is furthest behind"
    ),
    Metric("log_head", Kind.MOST, "The last event in the log"),
    Metric("log_trimmed_to", Kind.MOST, "Events up to here have left the log"),
    Metric("log_newest_timestamp_seconds", Kind.MOST, "When the newest event has come, in Unix time"),
    Metric("gaps_healed_total", Kind.COUNTER, "How often the log was read because news of an event was missing"),
    Metric("log_read_failures_total", Kind.COUNTER, "How often following the log failed because it could not be read"),
    Metric(
        "redis_up", Kind.LEAST, "Whether news arrives through Redis in every process: 1, or 0. Absent without Redis"
    ),
    Metric("redis_batches_published_total", Kind.COUNTER, "Committed batches told through Redis"),
    Metric(
        "redis_batches_dropped_total",
        Kind.COUNTER,
        "Committed batches not told because the queue was full; the log heals",
    ),
    Metric("redis_letters_total", Kind.COUNTER, "Letters received and opened"),
    Metric("redis_ignored_total", Kind.COUNTER, "Messages on our channel that nobody of us has written"),
    Metric("redis_reconnects_total", Kind.COUNTER, "How often the receiver's connection was lost"),
    Metric("rate_limits_shared", Kind.LEAST, "Whether rate limits are counted in Redis: 1, or 0. Absent without Redis"),
    Metric(
        "replica_up", Kind.LEAST, "Whether the replica keeps up in every process: 1, or 0. Absent without a replica"
    ),
    # Commands
    Metric(
        "commands_total",
        Kind.COUNTER,
        "Commands, by kind and what became of them: done, refused, replayed (a retry got the first answer) or failed",
        ("command", "outcome"),
    ),
    Metric("commands_waiting", Kind.SUM, "Commands that wait for the committer"),
    Metric("commands_overloaded_total", Kind.COUNTER, "Commands not accepted, because too many waited"),
    Metric("log_renewed_total", Kind.COUNTER, "How often the log was another one, and every client got a snapshot"),
    Metric("batch_commands", Kind.HISTOGRAM, "Commands that were committed together"),
    Metric("batch_seconds", Kind.HISTOGRAM, "Time that a batch took, from reading to after its COMMIT"),
    Metric("held_minor_units", Kind.MOST, "Money that came in without a known owner, and waits to be assigned"),
    Metric(
        "reports_total",
        Kind.COUNTER,
        "Proven reports of payment providers, by what became of them: unknown ones are of an event without a meaning",
        ("provider", "outcome"),
    ),
    # The disk beside SQLite, and upkeep
    Metric("disk_free_bytes", Kind.LEAST, "Free space where the database is. Absent with PostgreSQL"),
    Metric("database_bytes", Kind.MOST, "Size of the database"),
    Metric("wal_bytes", Kind.MOST, "Size of the database's write-ahead log. Absent with PostgreSQL"),
    Metric(
        "old_heads", Kind.MOST, "Old versions of the log's head that PostgreSQL can't clean up yet. Absent with SQLite"
    ),
    Metric("backup_timestamp_seconds", Kind.MOST, "When the last good backup was made, in Unix time. Absent before it"),
    Metric("audit_timestamp_seconds", Kind.MOST, "When the last audit has ended, in Unix time. Absent before it"),
    Metric("audit_held", Kind.LEAST, "Whether every promise held in the last audit: 1, or 0. Absent before it"),
    # HTTP
    Metric("http_seconds", Kind.HISTOGRAM, "Time to the head of an answer", ("method", "route", "status")),
    Metric("problems_total", Kind.COUNTER, "Problems answered, rules' refusals included", ("code",)),
    Metric(
        "wrong_pins_total", Kind.COUNTER, "Wrong PINs, and PINs of unknown names, by who tried", ("who",)
    ),  # stranger, device (it has signed in before), session (signed in, and asked again)
    Metric(
        "pin_tries_refused_total",
        Kind.COUNTER,
        "PINs that were not looked at, by what had too many failures: account, address, proven or everyone",
        ("why",),
    ),
    Metric("connections_cut_off_total", Kind.COUNTER, "Connections that were cut off below HTTP", ("reason",)),
    # The process
    Metric("build_info", Kind.MOST, "1, with the version of Festival Push as its label", ("version",)),
    Metric("workers", Kind.SUM, "Serving processes that were heard of within the last seconds"),
    Metric("loop_lag_seconds", Kind.MOST, "The longest that an event loop was late in the last 15 to 30 seconds"),
    Metric(
        "loop_stalls_total",
        Kind.COUNTER,
        "How often an event loop stood still for a second or more; the log has the stacks",
    ),
    Metric("clock_jumps_total", Kind.COUNTER, "How often the machine's clock was set by two seconds or more"),
    Metric("cpu_seconds_total", Kind.COUNTER, "User and system CPU time"),
    Metric("resident_memory_bytes", Kind.SUM, "Resident memory"),
    Metric("open_files", Kind.SUM, "Open files and sockets"),
    Metric("open_files_ratio", Kind.MOST, "Open files of a process, as a part of what it may open"),
    Metric("start_timestamp_seconds", Kind.LEAST, "When the oldest process was started, in Unix time"),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}
