"""All checks together."""

from collections.abc import Sequence

from tests.support.checker.commands import command_findings
from tests.support.checker.promises import broken_promises, money_told
from tests.support.checker.records import Records
from tests.support.checker.streams import watched_findings
from tests.support.wire.history import Try, Watched


def judge(
    tries: Sequence[Try],
    streams: Sequence[Watched],
    records: Records,
    *,
    before: Records | None = None,
    lost_before: float | None = None,
) -> list[str]:
    """Judge what clients saw by what the database holds afterwards.

    Args:
        tries: Every try of every command after `before`.
        streams: Each has been followed until it had come to `records.head`.
        before: What the database held before the first try; None: it was empty.
        lost_before: A failover without the last commits was over at this moment, by the clock of the tries: what was
            answered earlier may be gone, whole, and streams may have followed an earlier epoch of the log.

    Returns:
        One sentence for each finding; none: all held.
    """
    return [
        *broken_promises(records),
        *money_told(records),
        *command_findings(tries, records, before=before, lost_before=lost_before),
        *watched_findings(streams, tries, records, lost_before=lost_before),
    ]
