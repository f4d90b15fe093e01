"""What one database promises of itself: its log, its ledger, its orders and its kept answers fit each other."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from tests.support.checker.records import Records
from tests.support.checker.snapshots import account_of


def broken_promises(records: Records) -> list[str]:
    """Check log, ledger, orders and idempotency keys against each other."""
    return [*_log_findings(records), *_ledger_findings(records), *_order_findings(records), *_key_findings(records)]


def last_position(records: Records, topics: Collection[str]) -> int:
    """The position of the newest event that carries one of the topics."""
    return max(entry.position for entry in records.log if not entry.topics.isdisjoint(topics))


def _log_findings(records: Records) -> list[str]:
    findings = []
    positions = [entry.position for entry in records.log]
    if positions != list(range(records.trimmed_to + 1, records.head + 1)):
        findings.append(f"the log is not {records.trimmed_to + 1}..{records.head} without a gap")
    told = {(topic, entry.position) for entry in records.log for topic in entry.topics}
    if told != records.indexed:
        findings.append(f"the topics' index differs from the log: {sorted(told ^ records.indexed)[:5]}")
    return findings


def _ledger_findings(records: Records) -> list[str]:
    findings = []
    balances: Counter[str] = Counter()
    for expected_seq, transfer in enumerate(records.transfers, 1):
        balances[transfer.debit] -= transfer.amount
        balances[transfer.credit] += transfer.amount
        if transfer.seq != expected_seq:
            findings.append(f"transfer {expected_seq} is numbered {transfer.seq}")
        if (balances[transfer.debit], balances[transfer.credit]) != (transfer.debit_balance, transfer.credit_balance):
            findings.append(f"transfer {transfer.seq} notes other balances than the transfers before it give")
        findings += [
            f"{account} went down to {balances[account]} by transfer {transfer.seq}"
            for account in (transfer.debit, transfer.credit)
            if balances[account] < 0 and account.startswith("user:")
        ]
    if sum(records.balances.values()):
        findings.append(f"the balances sum up to {sum(records.balances.values())}")
    for account, balance in records.balances.items():
        if balance != balances[account]:
            findings.append(f"{account} has {balance}, its transfers say {balances[account]}")
    findings += [
        f"{account} is negative"
        for account, balance in records.balances.items()
        if balance < 0 and (account.startswith("user:") or account not in records.may_owe)
    ]
    return findings


def _order_findings(records: Records) -> list[str]:
    findings = []
    told = Counter(json.loads(entry.data)["orderId"] for entry in records.log if entry.type == "new-order")
    for order_id, (_, status, total, refunded) in records.orders.items():
        if not 0 <= refunded <= total:
            findings.append(f"{order_id}: {refunded} of {total} refunded")
        if status == "cancelled" and refunded != total:
            findings.append(f"{order_id} is cancelled, {refunded} of {total} went back")
        if told[order_id] != 1 and not records.trimmed_to:
            findings.append(f"{order_id} was told {told[order_id]} times")
    return findings


def _key_findings(records: Records) -> list[str]:
    counts = Counter((kept.scope, kept.key) for kept in records.kept)
    findings = [
        f"key {key!r} of {scope!r} is kept {count} times" for (scope, key), count in counts.items() if count > 1
    ]
    placed = sum(1 for kept in records.kept if kept.scope.endswith(("/v1/orders", "/pay")) and kept.status == 201)
    if placed != len(records.orders):
        findings.append(f"{len(records.orders)} orders, but {placed} keys that placed one")
    return findings


def money_told(records: Records) -> list[str]:
    """Check what the log tells of money against the transfers: each is told once, with its amount and its balances."""
    findings = []
    transfers = {transfer.transfer_id: transfer for transfer in records.transfers}
    balances_after: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # by account, and transfer or order
    for transfer in records.transfers:
        for name in {transfer.transfer_id, transfer.order_id or transfer.transfer_id}:
            balances_after[transfer.debit, name].add(transfer.debit_balance)
            balances_after[transfer.credit, name].add(transfer.credit_balance)
    told: Counter[str] = Counter()
    for position, kind, data in _money_events(records):
        if kind == "new-transaction":
            told[data["transactionId"]] += 1
            moved = transfers.get(data["transactionId"])
            if moved is None:
                findings.append(f"{position} tells of a transfer that is not there: {data['transactionId']}")
            elif (data["amount"], data["debit"], data["credit"]) != (moved.amount, moved.debit, moved.credit):
                findings.append(f"{position} tells another transfer {moved.seq} than the ledger has")
        elif data["newBalance"] != data["oldBalance"] + data["amount"]:
            findings.append(f"{position}: {data['oldBalance']} and {data['amount']} do not give {data['newBalance']}")
        elif (account := account_of(data)) and "transactionId" in data:
            name = data.get("orderId", data["transactionId"])
            after = balances_after[account, name] | balances_after[account, data["transactionId"]]
            if data["newBalance"] not in after:
                findings.append(f"{position} tells {data['newBalance']} of {account}, the ledger has {sorted(after)}")
    if not records.trimmed_to:
        findings += [
            f"transfer {transfer.seq} was told {told[transfer.transfer_id]} times"
            for transfer in records.transfers
            if told[transfer.transfer_id] != 1
        ]
    return findings


def _money_events(records: Records) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for entry in records.log:
        if entry.type in {"balance-updated", "new-transaction"}:
            yield entry.position, entry.type, json.loads(entry.data)
