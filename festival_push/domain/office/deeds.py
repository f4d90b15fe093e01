"""Deeds: what staff did, each kept for good with a hash over itself and the deed before it.

A command collects its deeds in its draft; the batch numbers and chains them, and commits them with what they tell of.
"""

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final, Literal

import msgspec

from festival_push.domain.values import Actor, Instant

FIRST_PREVIOUS: Final = "0" * 64
"""What the first deed has as the hash of the one before it."""
_TEXT_MAX: Final = 200
"""Characters kept of one text in a deed; longer ones are cut, because a deed stays for ever."""
_NAMES_MAX: Final = 32

State = Mapping[str, str | int | bool | None]
"""What a deed says of its subject: a few plain values, never a secret. Amounts are in minor units."""
SubjectKind = Literal[
    "user", "vendor", "order", "payout", "funds", "item", "display", "pairing", "announcement", "vendor-codes",
    "confirmation", "settings", "transfer", "allowance", "drawer", "payout-run",
    "z-report",
    "import",
]  # fmt: skip


class DeedKind(StrEnum):
    """What was done."""

    TOP_UP = "top-up"
    PAY_OUT = "pay-out"  # in cash, at the desk
    OPEN_DRAWER = "open-drawer"
    MOVE_CASH = "move-cash"  # between a drawer and the safe
    CLOSE_DRAWER = "close-drawer"
    ASSIGN = "assign"
    BOOK_UNREAD = "book-unread"
    DISMISS_UNREAD = "dismiss-unread"
    GIVE_BACK = "give-back"  # held money, to whoever paid it
    REVERSE = "reverse"  # a transfer
    REFUND = "refund"
    GRANT_ALLOWANCE = "grant-allowance"
    TAKE_BACK_ALLOWANCE = "take-back-allowance"
    CANCEL = "cancel"
    ASK_PAYOUT = "ask-payout"  # of a stall's till
    COMPLETE_PAYOUT = "complete-payout"
    REJECT_PAYOUT = "reject-payout"
    WITHDRAW_PAYOUT = "withdraw-payout"  # of a stall's till
    OPEN_RUN = "open-payout-run"
    SEND_RUN = "send-payout-run"
    UNDO_RUN = "undo-payout-run"
    REMOVE_FROM_RUN = "remove-from-payout-run"
    ASK_SECOND = "ask-second"  # a second person has to confirm it
    CONFIRM = "confirm"
    REFUSE = "refuse"
    ADD_USER = "add-user"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    CHANGE_ROLE = "change-role"
    APPOINT = "appoint"
    DISMISS = "dismiss"
    CASHIER = "cashier"
    FREEZE = "freeze"  # a wallet
    UNFREEZE = "unfreeze"
    MOVE_WALLET = "move-wallet"
    OFFER_SIGN_IN = "offer-sign-in"  # a new one, to somebody who has lost theirs
    RESET_PIN = "reset-pin"
    RESET_FACTORS = "reset-factors"
    LINK_IDENTITY = "link-identity"
    UNLINK_IDENTITY = "unlink-identity"
    ISSUE_SESSION = "issue-session"  # a session for somebody who has not signed in, at the command line
    INVITE = "invite"
    ADD_ITEM = "add-item"
    CHANGE_ITEM = "change-item"
    REMOVE_ITEM = "remove-item"
    CHANGE_STALL = "change-stall"
    ADD_DISPLAY = "add-display"
    REVOKE_DISPLAY = "revoke-display"
    OFFER_PAIRING = "offer-pairing"
    CONFIRM_PAIRING = "confirm-pairing"
    REFUSE_PAIRING = "refuse-pairing"
    ANNOUNCE = "announce"
    EDIT_ANNOUNCEMENT = "edit-announcement"
    WITHDRAW_ANNOUNCEMENT = "withdraw-announcement"
    CHANGE_SETTINGS = "change-settings"
    IMPORT = "import"  # of a file, at the command line
    ERASE = "erase"  # what is known of a person
    CLOSE_BOOKS = "close-books"  # of a stall, or of the festival: a Z report


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One deed, as a command tells it."""

    actor: Actor
    act: DeedKind
    subject: str  # `user:anna`: its kind and its id
    before: str  # JSON of what changed, as it was; `{}`: nothing, or nothing that may be told
    after: str


class KeptDeed(msgspec.Struct, frozen=True, kw_only=True):
    """One deed in the chain. It never changes, and is never deleted."""

    seq: int  # 1, 2, 3 … in commit order
    at: Instant
    actor: Actor
    act: DeedKind
    subject: str
    before: str
    after: str
    request_id: str | None  # of the request that did it; None: no request
    previous: str  # the hash of the deed before
    hash: str  # of all of the above


def subject_of(kind: SubjectKind, name: str) -> str:
    """Return a deed's subject."""
    return f"{kind}:{name}"


def state_text(state: State) -> str:
    """Return the JSON of a state, by which it is kept and hashed: names in order, long texts cut."""
    assert len(state) <= _NAMES_MAX, sorted(state)
    cut = {name: _cut(value) if isinstance(value, str) else value for name, value in sorted(state.items())}
    return msgspec.json.encode(cut).decode()


def changes(before: msgspec.Struct, after: msgspec.Struct, *names: str) -> tuple[State, State]:
    """Return those of the named fields that differ between two rows: as they were, and as they are."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    differ = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return {name: pair[0] for name, pair in differ.items()}, {name: pair[1] for name, pair in differ.items()}


def chained(deed: Deed, *, seq: int, at: Instant, request_id: str | None, previous: str) -> KeptDeed:
    """Return a deed as the next of the chain, whose last hash is `previous`."""
    unsealed = KeptDeed(
        seq=seq, at=at, actor=deed.actor, act=deed.act, subject=deed.subject, before=deed.before, after=deed.after,
        request_id=request_id, previous=previous, hash="",
    )  # fmt: skip
    return msgspec.structs.replace(unsealed, hash=deed_hash(unsealed))


def deed_hash(deed: KeptDeed) -> str:
    """Return the hash that a deed must have: SHA-256, in hex, of a JSON list of its other fields in their order.

    The JSON is UTF-8 without spaces; `before` and `after` are in it as the texts that they are.
    """
    fields: list[str | int | None] = [
        deed.seq, deed.at, deed.actor, deed.act.value, deed.subject, deed.before, deed.after, deed.request_id,
        deed.previous,
    ]  # fmt: skip
    return sha256(msgspec.json.encode(fields)).hexdigest()


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else f"{text[: _TEXT_MAX - 1]}…"
