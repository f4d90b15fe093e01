"""One JSON of all that is kept of a person, in pieces, so that it needs little memory."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import msgspec

from festival_push.domain.office.deeds import KeptDeed
from festival_push.domain.people.relations import Person
from festival_push.domain.rows import Transfer, User
from festival_push.domain.signing_in.sessions import SESSIONS_MAX
from festival_push.domain.values import AccountId, Instant, UserId, allowance_account, rfc3339, user_account
from festival_push.store.reads.reads import Reads

_SECRETS: Final = frozenset(
    {"pin_hash", "sign_in_key", "kept_session", "session_id", "name_words", "secret", "public_key", "credential_id"}
)
"""What is left out: what others could sign in with, and forms of what is there already."""
_PIECE: Final = 100

_encode: Final = msgspec.json.Encoder().encode


async def person_json(reads: Reads, person: Person) -> AsyncIterator[bytes]:
    """Yield the pieces of the file. Raises Unavailable."""
    user_id = person.user_id
    yield b'{"person":' + _encode(await _profile(reads, person))
    sessions = await reads.sessions(user_id, limit=2 * SESSIONS_MAX)
    yield b',"sessions":' + _encode([exported(session) for session in sessions])
    yield b',"identities":' + _encode([exported(identity) for identity in await reads.identities(user_id)])
    yield b',"secondFactors":' + _encode([exported(factor) for factor in await reads.factors_of(user_id)])
    wallet, allowance = user_account(user_id), allowance_account(user_id)
    sections: Mapping[str, AsyncIterator[dict[str, Any]]] = {
        "orders": _rows(reads.all_orders(user_id)),
        "transactions": _moved(reads, wallet),
        "allowanceTransactions": _moved(reads, allowance),
        "payouts": _rows(reads.all_payouts(user_id)),
        "payments": _rows(reads.all_payments(user_id)),
        "notifications": reads.told(user_id),
        "messages": reads.written(user_id),
        "deeds": _deeds(reads, user_id),
    }
    for name, rows in sections.items():
        yield b',"' + name.encode() + b'":['
        async for piece in _pieces(rows):
            yield piece
        yield b"]"
    yield b"}\n"


async def _pieces(rows: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    waiting: list[bytes] = []
    first = True
    async for row in rows:
        waiting.append(_encode(row))
        if len(waiting) == _PIECE:
            yield (b"" if first else b",") + b",".join(waiting)
            waiting, first = [], False
    if waiting:
        yield (b"" if first else b",") + b",".join(waiting)


async def _profile(reads: Reads, person: Person) -> dict[str, Any]:
    profile = await reads.profile(person.user_id)
    stalls = {str(vendor_id): part.value for vendor_id, part in person.stalls.items()}
    held = {} if profile is None else {"balance": profile.wallet, "allowance": profile.allowance}
    return {**exported(person.user), "stalls": stalls, **held}


async def _rows(rows: AsyncIterator[msgspec.Struct]) -> AsyncIterator[dict[str, Any]]:
    async for row in rows:
        yield exported(row)


async def _moved(reads: Reads, account: AccountId) -> AsyncIterator[dict[str, Any]]:
    async for transfer in reads.all_transfers(account):
        yield _transaction(transfer, account)


def _transaction(transfer: Transfer, account: AccountId) -> dict[str, Any]:
    """Return a transfer as its account sees it: who else was part of it is theirs."""
    credited = transfer.credit == account
    return {
        "transactionId": transfer.transfer_id,
        "kind": transfer.kind.value,
        "amount": transfer.amount if credited else -transfer.amount,
        "balance": transfer.credit_balance if credited else transfer.debit_balance,
        "orderId": transfer.order_id,
        "note": transfer.note,
        "at": rfc3339(transfer.at),
    }


async def _deeds(reads: Reads, user_id: UserId) -> AsyncIterator[dict[str, Any]]:
    async for deed in reads.deeds_about(user_id):
        yield _deed(deed)


def _deed(deed: KeptDeed) -> dict[str, Any]:
    """Return what was done to somebody; who did it is theirs."""
    return {
        "at": rfc3339(deed.at),
        "act": deed.act.value,
        "before": msgspec.json.decode(deed.before),
        "after": msgspec.json.decode(deed.after),
    }


def exported(row: msgspec.Struct) -> dict[str, Any]:
    """Return a row as the file has it: camelCase, instants as the wire has them, no secrets."""
    found: dict[str, Any] = {}
    for name in row.__struct_fields__:
        if name in _SECRETS or (name == "user_id" and not isinstance(row, User)):
            continue
        value = getattr(row, name)
        if name.endswith("_at") and isinstance(value, int):
            value = rfc3339(Instant(value)) if value else None
        found[_camel(name)] = value
    return found


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
