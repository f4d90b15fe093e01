"""What became of each command: by the answers that clients got, the answers that are kept, and the effects."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from tests.support.checker.records import Kept, Records
from tests.support.wire.history import Try

Command: TypeAlias = tuple[str, str, str]
Effect: TypeAlias = tuple[str, str]  # "order" or "transfer", and its id

# Refusals that decide nothing: the same key may be answered otherwise when the request is right, or later.
_UNDECIDED: Final = frozenset({400, 401, 403, 405, 413, 415, 422, 429})
_WEBHOOKS: Final = "/v1/webhooks/"  # they repeat by the payment's id, and say so by another status


def command_findings(
    tries: Sequence[Try], records: Records, *, before: Records | None = None, lost_before: float | None = None
) -> list[str]:
    """Check all tries of all commands against the database.

    Args:
        before: The database before the first try; what is in it, nobody needs to have asked for.
        lost_before: What was answered before this moment may be gone, whole: a failover has lost the last commits.
    """
    by_command: defaultdict[Command, list[Try]] = defaultdict(list)
    for one in tries:
        by_command[one.command].append(one)
    findings = [f"{_name(one.command)}: status {one.status}" for one in tries if one.status in {500, 501, 502, 504}]
    kept = {(each.scope, each.key): each for each in records.kept}
    for command, its_tries in by_command.items():
        survived = [one for one in its_tries if lost_before is None or one.answered_s >= lost_before]
        findings += _answered_alike(command, survived, its_tries)
        findings += _kept_as_answered(command, survived, kept, all_survived=len(survived) == len(its_tries))
    findings += _effect_findings(by_command, records, before, lost_before)
    findings += _back_in_time(tries, lost_before)
    return findings


def _name(command: Command) -> str:
    who, path, key = command
    return f"{who} POST {path} {key}"


def _decided(tries: Sequence[Try]) -> list[Try]:
    return [
        one for one in tries if one.outcome == "done" or (one.outcome == "refused" and one.status not in _UNDECIDED)
    ]


def _has_key(command: Command) -> bool:
    return bool(command[2]) and not command[1].startswith(_WEBHOOKS)


def _answered_alike(command: Command, tries: Sequence[Try], all_tries: Sequence[Try]) -> list[str]:
    """Every repeat got the first answer, byte for byte, and only one was not a repeat."""
    if not _has_key(command):
        return []
    decided = sorted(_decided(tries), key=lambda one: one.answered_s)
    findings = []
    if len({one.body for one in decided}) > 1:
        findings.append(f"{_name(command)}: taken with different bodies")
    if len({(one.status, one.answer) for one in decided}) > 1:
        said = [(one.status, one.answer[:80]) for one in decided]
        findings.append(f"{_name(command)}: repeats were answered otherwise: {said}")
    if sum(not one.replayed for one in decided) > 1:
        findings.append(f"{_name(command)}: decided more than once")
    first = decided[0] if decided else None
    if first and first.replayed and not any(one is not first and one.asked_s < first.answered_s for one in all_tries):
        findings.append(f"{_name(command)}: said to be a repeat of nothing")
    return findings


def _kept_as_answered(
    command: Command, tries: Sequence[Try], kept: dict[tuple[str, str], Kept], *, all_survived: bool
) -> list[str]:
    """What was acknowledged is there, with the very answer that the client got."""
    who, path, key = command
    decided = _decided(tries)
    if not _has_key(command) or not decided:
        return []
    row = kept.get((f"{who} POST {path}", key))
    if row is None:
        done = any(one.outcome == "done" for one in decided)
        return [f"{_name(command)}: acknowledged, and its answer is not kept"] if done else []
    if all_survived and (decided[0].status, decided[0].answer) != (row.status, row.body.encode()):
        return [f"{_name(command)}: another answer is kept than was given"]
    return []


# Effects


def _effects(answer: dict[str, Any]) -> Iterator[Effect]:
    """What an answer says that it has done."""
    if isinstance(order := answer.get("order"), dict):
        yield ("order", order["orderId"])
    if isinstance(transfer_id := answer.get("transactionId"), str):
        yield ("transfer", transfer_id)


def _places_an_order(path: str) -> bool:
    return path.endswith(("/v1/orders", "/pay"))


def _effect_findings(
    by_command: dict[Command, list[Try]], records: Records, before: Records | None, lost_before: float | None
) -> list[str]:
    """Every effect that was acknowledged is there; each was asked for by one command, and each command has one."""
    findings = []
    claims: defaultdict[Effect, set[Command]] = defaultdict(set)
    transfers = {transfer.transfer_id: transfer for transfer in records.transfers}
    for command, answer, is_certain, asked in _answers(by_command, records, lost_before):
        for kind, name in _effects(answer):
            if kind == "order" and not _places_an_order(command[1]):
                continue
            claims[kind, name].add(command)
            if not is_certain:
                continue
            if kind == "order" and name not in records.orders:
                findings.append(f"{_name(command)}: acknowledged, and order {name} is not there")
            elif kind == "transfer" and name not in transfers:
                findings.append(f"{_name(command)}: acknowledged, and transfer {name} is not there")
            elif kind == "transfer" and "amount" in asked and asked["amount"] != transfers[name].amount:
                findings.append(f"{_name(command)}: asked for {asked['amount']}, moved {transfers[name].amount}")
    findings += [
        f"{kind} {name} is the answer to {len(commands)} commands: {sorted(map(_name, commands))}"
        for (kind, name), commands in claims.items()
        if len(commands) > 1
    ]
    of_command: defaultdict[Command, set[Effect]] = defaultdict(set)
    for effect, commands in claims.items():
        for command in commands:
            if effect[0] != "transfer" or effect[1] in transfers:
                of_command[command].add(effect)
    if lost_before is None:
        findings += [
            f"{_name(command)}: took effect {len(effects)} times: {sorted(effects)}"
            for command, effects in of_command.items()
            if len(effects) > 1
        ]
    return findings + _unasked(records, before, claims) + _purchases(records)


def _answers(
    by_command: dict[Command, list[Try]], records: Records, lost_before: float | None
) -> Iterator[tuple[Command, dict[str, Any], bool, dict[str, Any]]]:
    """Every answer that says that something was done: of which command, if it must hold, and what was asked.

    First what clients were told, then what is kept for those who never got an answer.
    """
    for command, tries in by_command.items():
        for one in tries:
            if one.outcome == "done" and one.answer:
                is_certain = lost_before is None or one.answered_s >= lost_before
                # A provider's amounts are in units of its own.
                asked = {} if command[1].startswith(_WEBHOOKS) else _asked(one)
                yield command, json.loads(one.answer), is_certain, asked
    for kept in records.kept:
        who, _, path = kept.scope.partition(" POST ")
        if (who, path, kept.key) in by_command and kept.status < 300 and kept.body:
            yield (who, path, kept.key), json.loads(kept.body), True, {}


def _asked(one: Try) -> dict[str, Any]:
    asked = json.loads(one.body) if one.body else {}
    return asked if isinstance(asked, dict) else {}


def _unasked(records: Records, before: Records | None, claims: dict[Effect, set[Command]]) -> list[str]:
    """Orders and top-ups that no command of the history has made."""
    known_orders = frozenset(before.orders) if before else frozenset()
    last_seq = before.transfers[-1].seq if before and before.transfers else 0
    orders = (
        f"order {order_id} of {row.customer} is there, and nobody has asked for it"
        for order_id, row in records.orders.items()
        if order_id not in known_orders and ("order", order_id) not in claims
    )
    top_ups = (
        f"transfer {transfer.seq} ({transfer.kind}, {transfer.amount}) is there, and nobody has asked for it"
        for transfer in records.transfers
        if transfer.seq > last_seq and transfer.kind == "top-up" and ("transfer", transfer.transfer_id) not in claims
    )
    return [*orders, *top_ups]


def _purchases(records: Records) -> list[str]:
    """Every order was paid once, by who ordered it."""
    payers: defaultdict[str | None, list[str]] = defaultdict(list)
    for transfer in records.transfers:
        if transfer.kind == "purchase":
            payers[transfer.order_id].append(transfer.debit)
    return [
        f"order {order_id} of {row.customer} was paid by {payers[order_id]}"
        for order_id, row in records.orders.items()
        if payers[order_id] != [f"user:{row.customer}"]
    ]


def _back_in_time(tries: Sequence[Try], lost_before: float | None) -> list[str]:
    """What is decided after something else was acknowledged stands behind it in the log."""
    findings = []
    newest, newest_command = 0, ""
    told: list[tuple[float, bool, Try, int]] = []
    for one in tries:
        survived = lost_before is None or one.asked_s >= lost_before
        position = _position(one) if one.outcome == "done" else None
        if position is not None and _has_key(one.command) and not one.replayed and survived:
            told += [(one.asked_s, False, one, position), (one.answered_s, True, one, position)]
    newest_when_asked: dict[int, tuple[int, str]] = {}
    for _, is_end, one, position in sorted(told, key=lambda each: (each[0], each[1])):
        if not is_end:
            newest_when_asked[id(one)] = (newest, newest_command)
            continue
        bound, earlier = newest_when_asked[id(one)]
        if position <= bound:
            findings.append(f"{_name(one.command)} is at {position}, not behind {bound} of {earlier}")
        if position > newest:
            newest, newest_command = position, _name(one.command)
    return findings


def _position(one: Try) -> int | None:
    position = json.loads(one.answer).get("position") if one.answer else None
    return position if isinstance(position, int) else None


def acknowledged(tries: Sequence[Try]) -> list[tuple[float, int]]:
    """When each new position of the log was first known to some client, rising in both."""
    moments = sorted((one.answered_s, _position(one) or 0) for one in tries if one.outcome == "done")
    rising = []
    newest = 0
    for moment, position in moments:
        if position > newest:
            newest = position
            rising.append((moment, position))
    return rising
