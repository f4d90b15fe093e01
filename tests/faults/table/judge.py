"""Judge what clients were told against the database."""

import json
from collections.abc import Iterator, Sequence

from tests.support.checker import Records, broken_promises, stream_findings
from tests.support.wire.history import Try, Watched
from tests.support.wire.sse import Frame


def judge(
    tries: Sequence[Try], streams: Sequence[Watched], records: Records, *, lost_before: float | None = None
) -> list[str]:
    """Return what does not hold; nothing if all does."""
    findings = [*broken_promises(records), *_answers(tries, records, lost_before)]
    for stream in streams:
        findings += [f"{stream.name}: {finding}" for finding in _stream(stream, records)]
    return findings


def _answers(tries: Sequence[Try], records: Records, lost_before: float | None) -> Iterator[str]:
    first: dict[tuple[str, str, str], Try] = {}
    for each in sorted(tries, key=lambda one: one.answered_s):
        if each.status == 500:
            yield f"{each.path} {each.key}: 500"
        if each.outcome not in {"done", "refused"}:
            continue
        known = first.setdefault(each.command, each)
        lost = lost_before is not None and known.answered_s < lost_before
        if not lost and (known.status, known.answer) != (each.status, each.answer):
            yield f"{each.path} {each.key}: {known.answer!r} and {each.answer!r}"
        if each.path == "/v1/orders" and each.status == 201 and not lost:
            order_id = json.loads(each.answer)["order"]["orderId"]
            if order_id not in records.orders:
                yield f"order {order_id} was acknowledged and is not there"
    kept = {(scope.partition(" ")[0], key): status for scope, key, status in records.kept}
    for (who, path, key), each in first.items():
        if lost_before is None and kept.get((who, key)) != each.status:
            yield f"{path} {key} was answered {each.status}, and {kept.get((who, key))} is kept"


def _stream(stream: Watched, records: Records) -> Iterator[str]:
    logged: list[Frame] = []
    start = int((stream.opened[0].cursor or "0").rpartition(".")[2])
    for received in stream.received:
        frame = received.frame
        if frame.event == "connected" and frame.id is not None:
            logged, start = [], int(frame.id.rpartition(".")[2])
            cursor = stream.opened[received.connection].cursor
            if cursor is not None and cursor.startswith(records.epoch + "."):
                yield f"was reset: {frame.data[:200]}"
        elif frame.id is not None:
            logged.append(frame)
    yield from stream_findings(logged, records, stream.topics, after=start)
