"""The judge finds nothing in a sound story, and each kind of bug in a spoilt one."""

import dataclasses
import json
import random
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.checker import judge
from tests.support.checker.made_up import PRICE, Story, story
from tests.support.checker.records import Kept, LogEntry, OrderRow
from tests.support.wire.history import Opened, Received, Try
from tests.support.wire.sse import Frame

COMMANDS: Final = 400


@given(dice=st.randoms(use_true_random=False), commands=st.integers(0, 40))
def test_a_sound_story_has_no_findings(dice: random.Random, commands: int) -> None:
    told = story(dice, commands=commands)
    assert judge(told.tries, told.streams, told.records) == []


def events(told: Story, name: str = "organiser") -> list[int]:
    """Where the events of the log stand in what one client received."""
    received = watched(told, name)
    return [number for number, each in enumerate(received) if each.frame.id and each.frame.event != "connected"]


def watched(told: Story, name: str) -> list[Received]:
    [stream] = [stream for stream in told.streams if stream.name == name]
    return stream.received


def other(received: Received, **changes: Any) -> Received:
    return Received(received.connection, dataclasses.replace(received.frame, **changes))


# What goes wrong on the way to streams


def drops_every_97th_event(told: Story) -> None:
    received = watched(told, "organiser")
    for number in reversed(events(told)[96::97]):
        del received[number]


def drops_one_at_the_end(told: Story) -> None:
    del watched(told, "anna")[-1]


def tells_one_twice(told: Story) -> None:
    received = watched(told, "keeper")
    number = events(told, "keeper")[50]
    received.insert(number, received[number])


def tells_an_old_one_again(told: Story) -> None:
    received = watched(told, "keeper")
    old, *_, last = events(told, "keeper")
    received.insert(last, Received(received[last].connection, received[old].frame))


def swaps_two(told: Story) -> None:
    received = watched(told, "organiser")
    numbers = events(told)
    first = next(n for n in numbers if n + 1 in numbers and received[n].connection == received[n + 1].connection)
    received[first], received[first + 1] = received[first + 1], received[first]


def alters_an_amount(told: Story) -> None:
    received = watched(told, "organiser")
    number = events(told)[40]
    data = json.loads(received[number].frame.data)
    received[number] = other(received[number], data=json.dumps(data | {"amount": data["amount"] + 1}))


def tells_what_is_for_others(told: Story) -> None:
    received = watched(told, "anna")
    entry = next(entry for entry in reversed(told.records.log) if entry.topics == {"user:ben"})
    received.append(Received(received[-1].connection, Frame(f"e1.{entry.position}", entry.type, entry.data)))


def tells_of_another_epoch(told: Story) -> None:
    received = watched(told, "anna")
    received[-1] = other(received[-1], id="e0.7")


def snapshot(told: Story, name: str) -> tuple[list[Received], int]:
    received = watched(told, name)
    return received, next(n for n, each in enumerate(received) if each.frame.event == "connected" and each.frame.id)


def shows_a_snapshot_that_is_too_old(told: Story) -> None:
    """All that follows is right, and it still hides for a moment what was acknowledged."""
    [stream] = [stream for stream in told.streams if stream.name == "organiser"]
    stream.opened[0] = dataclasses.replace(stream.opened[0], opened_s=told.tries[-1].answered_s + 1)


def shows_another_balance(told: Story) -> None:
    received, number = snapshot(told, "ben")
    data = json.loads(received[number].frame.data)
    data["snapshot"]["wallet"]["balance"] += 5
    received[number] = other(received[number], data=json.dumps(data))


def hides_an_open_order(told: Story) -> None:
    received, number = snapshot(told, "keeper")
    data = json.loads(received[number].frame.data)
    data["snapshot"]["orders"] = [each for each in data["snapshot"]["orders"] if each["status"] == "completed"]
    received[number] = other(received[number], data=json.dumps(data))


def shows_an_old_status(told: Story) -> None:
    received, number = snapshot(told, "keeper")
    data = json.loads(received[number].frame.data)
    data["snapshot"]["orders"][0]["status"] = "confirmed"
    received[number] = other(received[number], data=json.dumps(data))


def shows_another_board(told: Story) -> None:
    received, number = snapshot(told, "screen")
    data = json.loads(received[number].frame.data)
    data["snapshot"]["ready"].append(999)
    received[number] = other(received[number], data=json.dumps(data))


def again(told: Story, name: str, *frames: Frame, cursor: str | None = None) -> None:
    """Let a client come back once more."""
    [stream] = [stream for stream in told.streams if stream.name == name]
    last = next(each.frame.id for each in reversed(stream.received) if each.frame.id)
    stream.opened.append(Opened(cursor or last, 0))
    stream.received += [Received(len(stream.opened) - 1, frame) for frame in frames]


def resets_without_need(told: Story) -> None:
    received, number = snapshot(told, "anna")
    data = json.loads(received[number].frame.data)
    frame = Frame(f"e1.{told.records.head}", "connected", json.dumps(data | {"reason": "trimmed"}))
    again(told, "anna", frame)


def resumes_somewhere_else(told: Story) -> None:
    again(told, "anna", Frame("e1.3", "connected", '{"resumed": true}'))


def greets_with_an_event(told: Story) -> None:
    again(told, "anna", Frame(None, "stale", "{}"))


def goes_on_after_the_end(told: Story) -> None:
    resumed = Frame(None, "connected", '{"resumed": true}')
    again(told, "anna", resumed, Frame(None, "error", '{"code": "unavailable"}'), Frame(None, "stale", "{}"))


def never_greets(told: Story) -> None:
    [stream] = [stream for stream in told.streams if stream.name == "ben"]
    stream.received.clear()


STREAM_BUGS: Final[list[tuple[Callable[[Story], None], str]]] = [
    (drops_every_97th_event, "was lost"),
    (drops_one_at_the_end, "never came"),
    (tells_one_twice, "came twice"),
    (tells_an_old_one_again, "came again"),
    (swaps_two, "out of order"),
    (alters_an_amount, "in the log"),
    (tells_what_is_for_others, "not for this stream"),
    (tells_of_another_epoch, "the log's epoch is"),
    (shows_a_snapshot_that_is_too_old, "was acknowledged before"),
    (shows_another_balance, "the log"),
    (hides_an_open_order, "lacks the open orders"),
    (shows_an_old_status, "says that o0 is confirmed"),
    (shows_another_board, "shows"),
    (resets_without_need, "without need"),
    (resumes_somewhere_else, "resumes at e1.3"),
    (greets_with_an_event, "begins with stale"),
    (goes_on_after_the_end, "after the error"),
    (never_greets, "never greeted"),
]


@pytest.mark.parametrize(("spoil", "finding"), STREAM_BUGS)
def test_what_streams_may_do_wrong_is_found(spoil: Callable[[Story], None], finding: str) -> None:
    assert any(finding in each for each in findings(spoil))


def findings(spoil: Callable[[Story], None]) -> list[str]:
    told = story(random.Random(15), commands=COMMANDS)  # noqa: S311 - a plan
    assert judge(told.tries, told.streams, told.records) == []
    spoil(told)
    return judge(told.tries, told.streams, told.records)


# What goes wrong with commands


def a_done(told: Story, path: str) -> Try:
    """A try of a command that was answered at once, and has no repeat."""
    once = [each for each in told.tries if sum(one.command == each.command for one in told.tries) == 1]
    return next(each for each in once if each.path == path and each.status == 201)


def forget_key(told: Story, done: Try) -> None:
    told.records.kept.remove(Kept(f"{done.who} POST {done.path}", done.key, 201, done.answer.decode()))


def second_order(told: Story, who: str, order_id: str) -> None:
    """One more order in the database, paid and told."""
    records = told.records
    last = records.transfers[-1]
    records.orders[order_id] = OrderRow(who, "preparing", PRICE, 0)
    records.transfers.append(
        last._replace(
            seq=last.seq + 1, kind="purchase", transfer_id=f"{order_id}-paid", order_id=order_id, amount=PRICE,
            debit=f"user:{who}", credit="till:bar",
        )
    )  # fmt: skip


def forgets_a_key(told: Story) -> None:
    forget_key(told, a_done(told, "/v1/orders"))


def decides_a_repeat_anew(told: Story) -> None:
    """The key was forgotten: the repeat orders a second time."""
    done = a_done(told, "/v1/orders")
    answer = done.answer.replace(b'"orderId": "o', b'"orderId": "twice-o')
    told.tries.append(dataclasses.replace(done, answer=answer, asked_s=9e9, answered_s=9e9))
    second_order(told, done.who, json.loads(answer)["order"]["orderId"])


def orders_twice_in_silence(told: Story) -> None:
    second_order(told, a_done(told, "/v1/orders").who, "o-silent")


def an_unknown_wish_has_two_effects(told: Story) -> None:
    """Nobody was answered; one effect is kept with its key, and one is not."""
    lost = next(each for each in told.tries if each.path == "/v1/orders" and each.outcome == "unknown")
    second_order(told, lost.who, "o-second-of-the-unknown")


def loses_an_order(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    forget_key(told, done)
    del told.records.orders[json.loads(done.answer)["order"]["orderId"]]


def loses_a_top_up(told: Story) -> None:
    done = a_done(told, "/v1/admin/top-ups")
    name = json.loads(done.answer)["transactionId"]
    told.records.transfers[:] = [each for each in told.records.transfers if each.transfer_id != name]


def tops_up_another_amount(told: Story) -> None:
    done = a_done(told, "/v1/admin/top-ups")
    told.tries[told.tries.index(done)] = dataclasses.replace(done, body=b'{"amount": 1001}')


def repeats_otherwise(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    changed = done.answer.replace(b"300", b"301")
    told.tries.append(dataclasses.replace(done, answer=changed, replayed=True, asked_s=9e9, answered_s=9e9))


def repeats_with_another_status(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    told.tries.append(dataclasses.replace(done, status=409, replayed=True, asked_s=9e9, answered_s=9e9))


def takes_a_key_for_two_bodies(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    told.tries.append(dataclasses.replace(done, body=b"{}", replayed=True, asked_s=9e9, answered_s=9e9))


def answers_two_commands_with_one_order(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    told.tries.append(dataclasses.replace(done, key="another"))
    told.records.kept.append(Kept(f"{done.who} POST {done.path}", "another", 201, done.answer.decode()))


def repeats_what_nobody_has_sent(told: Story) -> None:
    done = a_done(told, "/v1/orders")
    told.tries[told.tries.index(done)] = dataclasses.replace(done, replayed=True)


def fails(told: Story) -> None:
    told.tries.append(dataclasses.replace(told.tries[0], status=500))


def goes_back_in_the_log(told: Story) -> None:
    """Both answers are kept as given, and what was asked later stands before what was acknowledged earlier."""
    early = a_done(told, "/v1/orders")
    told.tries[told.tries.index(early)] = dataclasses.replace(early, asked_s=9e9, answered_s=9e9)


def refuses_and_does_it(told: Story) -> None:
    refused = next(each for each in told.tries if each.status == 409 and not each.replayed)
    second_order(told, refused.who, "o-refused")


# What goes wrong with money


def spends_more_than_there_is(told: Story) -> None:
    told.records.balances["user:anna"] = -1


def makes_money(told: Story) -> None:
    told.records.balances["till:bar"] += 1


def pays_an_order_twice(told: Story) -> None:
    last = told.records.transfers[-1]
    twin = next(each for each in told.records.transfers if each.kind == "purchase")
    told.records.transfers.append(twin._replace(seq=last.seq + 1, transfer_id="twin"))


def logs_another_amount(told: Story) -> None:
    records = told.records
    number = next(n for n, each in enumerate(records.log) if each.type == "new-transaction")
    entry = records.log[number]
    data = json.loads(entry.data)
    records.log[number] = LogEntry(entry.position, entry.topics, entry.type, json.dumps(data | {"amount": 5}))


def logs_another_balance(told: Story) -> None:
    records = told.records
    number = next(n for n, each in enumerate(records.log) if each.type == "balance-updated")
    entry = records.log[number]
    data = json.loads(entry.data)
    data |= {"newBalance": data["newBalance"] + 1, "oldBalance": data["oldBalance"] + 1}
    records.log[number] = LogEntry(entry.position, entry.topics, entry.type, json.dumps(data))


def moves_money_in_silence(told: Story) -> None:
    records = told.records
    records.log[:] = [each for each in records.log if '"t0"' not in each.data or each.type != "new-transaction"]


COMMAND_BUGS: Final[list[tuple[Callable[[Story], None], str]]] = [
    (forgets_a_key, "its answer is not kept"),
    (decides_a_repeat_anew, "decided more than once"),
    (decides_a_repeat_anew, "took effect 2 times"),
    (orders_twice_in_silence, "nobody has asked for it"),
    (an_unknown_wish_has_two_effects, "nobody has asked for it"),
    (loses_an_order, "acknowledged, and order"),
    (loses_a_top_up, "acknowledged, and transfer"),
    (tops_up_another_amount, "asked for 1001"),
    (repeats_otherwise, "answered otherwise"),
    (repeats_with_another_status, "answered otherwise"),
    (takes_a_key_for_two_bodies, "different bodies"),
    (answers_two_commands_with_one_order, "is the answer to 2 commands"),
    (repeats_what_nobody_has_sent, "a repeat of nothing"),
    (fails, "status 500"),
    (goes_back_in_the_log, "not behind"),
    (refuses_and_does_it, "nobody has asked for it"),
    (spends_more_than_there_is, "is negative"),
    (makes_money, "sum up to"),
    (pays_an_order_twice, "was paid by"),
    (logs_another_amount, "tells another transfer"),
    (logs_another_balance, "the ledger has"),
    (moves_money_in_silence, "was told 0 times"),
]


@pytest.mark.parametrize(("spoil", "finding"), COMMAND_BUGS)
def test_what_commands_may_do_wrong_is_found(spoil: Callable[[Story], None], finding: str) -> None:
    found = findings(spoil)
    assert any(finding in each for each in found), found
