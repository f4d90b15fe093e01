"""`python -m bench.scaling.absences`: for how many seconds somebody may be away and be served from memory alone.

A window gets the events of orders, each with its two steps, as a festival of so many people and stalls tells them. The
number that is told in a second comes from a rate of commands; nothing is waited for. Prints the time of one `add` and
of one replay, the memory of an event, and for each rate how long a person, a stall, a display and an organiser may be
away. Let nothing else run meanwhile.
"""

import argparse
import gc
import random
import time
import tracemalloc
from collections.abc import Iterator
from typing import Final

import msgspec

from festival_push.domain.log import LogRow
from festival_push.domain.topics import ALL, BOARDS, ORGANISERS, board_topic, order_topic, role_topic, stall_topic
from festival_push.domain.topics import user_topic as person_topic
from festival_push.domain.values import Instant, OrderId, Position, Role, Topic, UserId, VendorId
from festival_push.push.hub.entries import entry_of
from festival_push.push.hub.frames import Frame
from festival_push.push.hub.memory import WINDOW_BYTES_MAX
from festival_push.push.hub.window import Window

_RATES: Final = (330, 2_000)  # commands a second
_EVENTS_A_COMMAND: Final = 11 / 3  # an order tells of seven, each of its two steps of two
_CHUNK: Final = 2_000  # events timed together
_CUSTOMERS: Final = role_topic(Role.CUSTOMER)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.absences", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--stalls", type=int, default=60)
    parser.add_argument("--orders", type=int, default=30_000)
    parser.add_argument("--bytes", type=int, default=WINDOW_BYTES_MAX)
    parsed = parser.parse_args()
    rows = list(_festival(parsed.people, parsed.stalls, parsed.orders))
    window = Window(0, bytes_max=parsed.bytes)
    print(f"add     {_fill(window, rows):.2f} us, once the window is full")
    print(f"replay  {_replay_us(window, parsed.people, len(rows)):.1f} us, of what one person missed")
    _absences(window, parsed, len(rows))
    del window
    gc.collect()
    _memory(parsed.bytes, rows)


def _festival(people: int, stalls: int, orders: int) -> Iterator[bytes]:
    """The rows of these orders as they come from another process; their data is as long as a real one's."""
    chance, position = random.Random(1), 0  # noqa: S311 - no secret
    pack = msgspec.msgpack.Encoder().encode
    started: list[tuple[UserId, VendorId, OrderId]] = []

    def tell(kind: str, length: int, *topics: Topic) -> bytes:
        nonlocal position
        position += 1
        data = '{"' + "x" * (length - 6) + '":1}'
        return pack(LogRow(Position(position), topics, kind, data, Instant(1_790_000_000_000 + position)))

    for number in range(orders):
        user = UserId(f"{chance.randrange(people):022d}")
        vendor, order = VendorId(f"{chance.randrange(stalls):022d}"), OrderId(f"{number:022d}")
        person, stall, board = person_topic(user), stall_topic(vendor), board_topic(vendor)
        yield tell("balance-updated", 228, person)
        yield tell("new-notification", 250, person)
        yield tell("new-order", 381, stall)
        yield tell("order-status-changed", 191, person, stall, order_topic(order))
        yield tell("balance-updated", 235, stall)
        yield tell("new-transaction", 240, ORGANISERS)
        yield tell("board-updated", 118, board)
        started.append((user, vendor, order))
        for user, vendor, order in (chance.choice(started[-500:]) for _ in range(2)):
            topics = person_topic(user), stall_topic(vendor), order_topic(order)
            yield tell("order-status-changed", 191, *topics)
            yield tell("board-updated", 118, board_topic(vendor))


def _frames(rows: list[bytes]) -> Iterator[Frame]:
    for row in map(msgspec.msgpack.Decoder(LogRow).decode, rows):
        frame = entry_of("e", row)
        assert isinstance(frame, Frame)
        _ = frame.chunk  # somebody was listening
        yield frame


def _fill(window: Window, rows: list[bytes]) -> float:
    """Add all rows; return the median time of one `add` in the last third, in microseconds."""
    times = []
    gc.disable()
    for start in range(0, len(rows), _CHUNK):
        frames = list(_frames(rows[start : start + _CHUNK]))
        began = time.thread_time()
        for frame in frames:
            window.add(frame)
        times.append((time.thread_time() - began) / len(frames) * 1e6)
    gc.enable()
    full = sorted(times[len(times) * 2 // 3 :])
    return full[len(full) // 2]


def _replay_us(window: Window, people: int, head: int) -> float:
    after = window.covered_from
    asked = [_person(number) for number in range(0, people, 7)]
    began = time.thread_time()
    for topics in asked:
        assert window.replay(topics, after, head) is not None
    return (time.thread_time() - began) / len(asked) * 1e6


def _person(number: int) -> tuple[Topic, ...]:
    return (person_topic(UserId(f"{number:022d}")), _CUSTOMERS, ALL)


def _absences(window: Window, parsed: argparse.Namespace, head: int) -> None:
    vendors = [VendorId(f"{number:022d}") for number in range(parsed.stalls)]
    who: dict[str, list[tuple[Topic, ...]]] = {
        "person": [_person(number) for number in range(parsed.people)],
        "stall": [(stall_topic(vendor), *_person(0)) for vendor in vendors],
        "display": [(board_topic(vendor), BOARDS) for vendor in vendors],
        "organiser": [(ORGANISERS, *_person(0))],
    }
    print(f"{len(window)} events, from {window.covered_from} of {head}; seconds of absence, of the worst off of each:")
    for rate in _RATES:
        away = {name: head - max(_covered_from(window, topics, head) for topics in each) for name, each in who.items()}
        seconds = {name: events / (rate * _EVENTS_A_COMMAND) for name, events in away.items()}
        print(f"  {rate:5} commands/s  " + "  ".join(f"{name} {s:6.1f}" for name, s in seconds.items()))


def _covered_from(window: Window, topics: tuple[Topic, ...], head: int) -> int:
    """The first position from which these topics are covered."""
    low, high = 0, head
    while low < high:
        middle = (low + high) // 2
        if window.covers(topics, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _memory(bytes_max: int, rows: list[bytes]) -> None:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    window = Window(0, bytes_max=bytes_max)
    for frame in _frames(rows):
        window.add(frame)
    used = tracemalloc.get_traced_memory()[0] - before
    print(
        f"memory  {used / len(window):.0f} bytes an event, {used / 2**20:.0f} MiB; counted {window.bytes / 2**20:.0f}"
    )


if __name__ == "__main__":
    main()
