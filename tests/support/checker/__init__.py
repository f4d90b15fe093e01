"""A judge of what servers did, from outside: it shares no code with the product and imports none of it.

It takes what clients wrote down (`tests/support/wire/history.py`: every try of a command with its answer, every frame
of a stream) and what the database holds afterwards, read by its plain driver (`records`). Every check gives findings,
one sentence each; nothing wrong is an empty list. `judge` is all of them together:

- `promises`: log, ledger, orders and idempotency keys against each other, and against what the log tells of the money;
- `commands`: no acknowledged work is missing, no command took effect twice, no repeat was answered otherwise;
- `streams`: every event of a stream's topics came, once, in order and unaltered; snapshots say what the log says.
"""

from tests.support.checker.judging import judge
from tests.support.checker.promises import broken_promises, last_position
from tests.support.checker.records import Kept, LogEntry, OrderRow, Records, Transfer, read_records
from tests.support.checker.streams import stream_findings

__all__ = [
    "Kept", "LogEntry", "OrderRow", "Records", "Transfer", "broken_promises", "judge", "last_position", "read_records",
    "stream_findings",
]  # fmt: skip
