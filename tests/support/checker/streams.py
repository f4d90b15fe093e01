"""What streams told, against the log: each event of their topics once, in order, byte for byte."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from tests.support.checker.commands import acknowledged
from tests.support.checker.records import Records
from tests.support.checker.snapshots import Past, account_of, balances_in, snapshot_findings
from tests.support.wire.history import Opened, Try, Watched
from tests.support.wire.sse import Frame


def stream_findings(
    received: Iterable[Frame], records: Records, topics: Collection[str], *, after: int, up_to: int | None = None
) -> list[str]:
    """Compare what one client received, over all its connections, with the log filtered by its topics.

    Args:
        after: The position that the client began after.
        up_to: The last position that it can have seen; None for the head.
    """
    last = records.head if up_to is None else up_to
    expected = [
        entry for entry in records.log if after < entry.position <= last and not entry.topics.isdisjoint(topics)
    ]
    for number, (frame, entry) in enumerate(zip_longest(received, expected)):
        if entry is None:
            return [f"frame {number} ({frame.id} {frame.event}) is beyond the log of {len(expected)} events"]
        if frame is None:
            return [f"{number} of {len(expected)} events came; the next would be {entry.position} {entry.type}"]
        if (frame.id, frame.event, frame.data) != (f"{records.epoch}.{entry.position}", entry.type, entry.data):
            return [f"frame {number} is {frame.id} {frame.event}, the log says {entry.position} {entry.type}"]
    return []


def watched_findings(
    streams: Sequence[Watched], tries: Sequence[Try], records: Records, *, lost_before: float | None = None
) -> list[str]:
    """Check each connection of each stream, and that each stream has come to the end of the log.

    Args:
        tries: Whose answers say how long the log was at least when a stream was opened.
        lost_before: A failover has lost commits: the log of earlier epochs is not there to compare with.
    """
    findings = []
    past = Past(records)
    known = acknowledged([one for one in tries if lost_before is None or one.asked_s >= lost_before])
    for stream in streams:
        judge = _StreamJudge(stream, records, past, other_epochs=lost_before is not None)
        frames: list[list[Frame]] = [[] for _ in stream.opened]
        for received in stream.received:
            frames[received.connection].append(received.frame)
        for opened, its_frames in zip(stream.opened, frames, strict=True):
            earlier = bisect_left(known, opened.opened_s or 0.0, key=lambda each: each[0])
            judge.connection(opened, its_frames, head_at_least=known[earlier - 1][1] if earlier else 0)
        findings += [f"{stream.name}: {finding}" for finding in (*judge.findings, *judge.at_the_end())]
    return findings


@dataclass
class _StreamJudge:
    """One stream, connection after connection.

    Attributes:
        other_epochs: Whether it may have followed the log under an earlier epoch.
        last: The position where it stands in the log of the present epoch; None: it has not been greeted there.
        balance: Of the stream's account, as told; None: not told yet.
        cursor: The last id received, of whatever epoch.
        skipped: What this connection has passed over.
        seen: What this connection has told.
    """

    stream: Watched
    records: Records
    past: Past
    other_epochs: bool
    findings: list[str] = field(default_factory=list)
    last: int | None = None
    balance: int | None = None
    cursor: str | None = None
    skipped: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._expected = {
            entry.position: entry for entry in self.records.log if not entry.topics.isdisjoint(self.stream.topics)
        }
        self._positions = sorted(self._expected)

    def connection(self, opened: Opened, frames: Sequence[Frame], *, head_at_least: int) -> None:
        """Judge what came over one connection. `head_at_least`: the log was so long when it was opened."""
        self.skipped, self.seen = set(), set()
        rest = self._greeting(opened, frames, head_at_least)
        was_ended = False
        for frame in rest:
            if was_ended:
                self.findings.append(f"{frame.event} came after the error that ends a stream")
            was_ended = frame.event == "error"
            if frame.id is not None:
                self._event(frame)
        self.findings += [
            f"event {position} {self._expected[position].type} was lost" for position in sorted(self.skipped)
        ]

    def at_the_end(self) -> list[str]:
        """Judge where the stream stands after its last connection."""
        if self.last is None:
            return ["was never greeted"]
        missing = [position for position in self._positions if position > self.last]
        if missing:
            return [f"{len(missing)} events never came; the first is {missing[0]} {self._expected[missing[0]].type}"]
        balance = self.records.balances.get(self.stream.account, 0)
        if self.balance is not None and self.balance != balance:
            return [f"tells {self.balance} of {self.stream.account} at the end, there are {balance}"]
        return []

    # Greetings

    def _greeting(self, opened: Opened, frames: Sequence[Frame], head_at_least: int) -> Sequence[Frame]:
        """Judge the beginning of a connection; give the frames behind it."""
        if not frames or frames[0].event == "error":
            return frames  # refused for now
        greeting, rest = frames[0], frames[1:]
        if greeting.event != "connected":
            self.findings.append(f"begins with {greeting.event}")
            return frames
        data = json.loads(greeting.data)
        if data["resumed"]:
            self._resume(opened, greeting)
        else:
            self._begin(opened, greeting, data, head_at_least)
        return rest

    def _resume(self, opened: Opened, greeting: Frame) -> None:
        if opened.cursor is None or greeting.id is not None:
            self.findings.append(f"resumes at {greeting.id}, and the client was at {opened.cursor}")
            return
        epoch, position = _parts(opened.cursor)
        if epoch == self.records.epoch:
            self.last = position
        elif not self.other_epochs:
            self.findings.append(f"resumes at {opened.cursor}, the log's epoch is {self.records.epoch}")
        self.cursor = opened.cursor

    def _begin(self, opened: Opened, greeting: Frame, data: dict[str, Any], head_at_least: int) -> None:
        """Judge a snapshot: it may come only when the cursor can't be honoured, and never from the past."""
        epoch, position = _parts(greeting.id)
        cursor_epoch, cursor_position = _parts(opened.cursor)
        if opened.cursor is not None and epoch == cursor_epoch and cursor_position >= self.records.trimmed_to:
            self.findings.append(f"reset at {opened.cursor} without need: {data.get('reason')}")
        seen_epoch, seen_position = _parts(self.cursor)
        if epoch == seen_epoch and position < seen_position:
            self.findings.append(f"a snapshot at {position}, older than {seen_position}, which had come before")
        self.cursor = greeting.id
        if epoch != self.records.epoch:
            if not self.other_epochs:
                self.findings.append(f"a snapshot at {greeting.id}, the log's epoch is {self.records.epoch}")
            return
        if position > self.records.head:
            self.findings.append(f"a snapshot at {position}, the log ends at {self.records.head}")
        if position < head_at_least:
            self.findings.append(f"a snapshot at {position}, and {head_at_least} was acknowledged before")
        self.last = position
        if "snapshot" not in data:
            self.findings.append(f"begins anew at {greeting.id} without a snapshot")
            return
        self.findings += snapshot_findings(data["snapshot"], self.stream.topics, self.past, position)
        self._follow(balances_in(data["snapshot"], self.stream.topics))

    # Events

    def _event(self, frame: Frame) -> None:
        epoch, position = _parts(frame.id)
        if epoch != self.records.epoch:
            seen_epoch, seen_position = _parts(self.cursor)
            if not self.other_epochs:
                self.findings.append(f"event {frame.id}, the log's epoch is {self.records.epoch}")
            elif epoch != seen_epoch or position <= seen_position:
                self.findings.append(f"event {frame.id} came after {self.cursor}")
            self.cursor = frame.id
            return
        if self.last is None:
            self.findings.append(f"event {position} came before any greeting")
            self.last = position - 1
        entry = self._expected.get(position)
        if entry is None:
            self.findings.append(f"event {position} {frame.event} is not for this stream, or not in the log")
            return
        if (frame.event, frame.data) != (entry.type, entry.data):
            self.findings.append(
                f"event {position} is {frame.event} {frame.data}, in the log {entry.type} {entry.data}"
            )
        if position > self.last:
            begin, end = bisect_right(self._positions, self.last), bisect_left(self._positions, position)
            self.skipped.update(self._positions[begin:end])
            self.last, self.cursor = position, frame.id
        elif position in self.skipped:
            self.findings.append(f"event {position} {entry.type} came out of order, after {self.last}")
            self.skipped.remove(position)
        else:
            when = "came twice" if position in self.seen else f"came again, after {self.last}"
            self.findings.append(f"event {position} {entry.type} {when}")
        self.seen.add(position)
        if frame.event == "balance-updated":
            data = json.loads(frame.data)
            self._follow({account_of(data): data["newBalance"]})

    def _follow(self, balances: dict[str | None, int]) -> None:
        self.balance = balances.get(self.stream.account, self.balance)


def _parts(cursor: str | None) -> tuple[str, int]:
    """Epoch and position of a cursor; no epoch, if it is none."""
    epoch, _, position = (cursor or "").rpartition(".")
    return (epoch, int(position)) if epoch and position.isdecimal() else ("", 0)
