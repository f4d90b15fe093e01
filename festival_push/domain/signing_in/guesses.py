"""Guesses: how often PINs may be guessed, at one account, from one address, and at all accounts together.

Each try is counted as a failure before the PIN is looked at, so that parallel guesses can't exceed a limit; if the PIN
was right, the try is taken back. Names that nobody has are counted like all others, so that no refusal tells who
exists. Whoever is signed in, and a device that has signed in before, have counts of their own: strangers can't use
those up.
"""

from enum import StrEnum
from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.refusals import TooManyTries
from festival_push.domain.signing_in.rows import Guesses
from festival_push.domain.values import Instant, UserId

FREE: Final = 5
"""How many failures of an account cost no pause; the last of them begins the first one."""
FAILURES_MAX: Final = 100
"""How many failures of an account in a row are taken in `MONTH_MS` (NIST SP 800-63B, 5.2.2)."""
PAUSE_MIN_MS: Final = 1_000
PAUSE_MAX_MS: Final = 3_600_000
MONTH_MS: Final = 30 * 24 * 3_600_000
PERIOD_MS: Final = 3_600_000
"""In which a whole budget of an address, or of all, comes back; it comes back evenly."""


class Shared(StrEnum):
    """Which budget of failures a try takes from besides its account's."""

    ADDRESS = "address"
    PROVEN = "proven"  # of the address, for those who did a proof of work
    EVERYONE = "everyone"


_TIMES: Final = {Shared.ADDRESS: 1, Shared.PROVEN: 10, Shared.EVERYONE: 10}
"""How large a budget is, in `rules.wrong_pins_per_hour`."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the counts that one try goes to: keyed hashes, which name nobody.

    Attributes:
        account: Of the sign-in name; or of a device that has signed in with it before; or of who is signed in.
        shared: By budget; none for a try that has an account's count of its own.
    """

    account: str
    shared: tuple[tuple[Shared, str], ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them."""
        return self.account, *(key for _, key in self.shared)


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a try: it was counted, or a shared budget has nothing left for `wait_s` seconds.

    Attributes:
        user: Who has the sign-in name; None if nobody has, or nothing was counted.
        empty: The budget that has nothing left.
    """

    user: User | None
    wait_s: int = 0
    empty: Shared | None = None


class CountTry(msgspec.Struct, frozen=True, kw_only=True):
    """Count a try of a PIN, and find whose it is, by the same reads and writes for names that nobody has."""

    REFUSES: ClassVar[Refusals] = (TooManyTries,)

    counts: Counts
    names: tuple[str, ...] = ()  # what the sign-in name is looked up by, the closest first
    user_id: UserId | None = None  # who is signed in already, instead of a name

    def needs(self) -> Needs:
        """Name the counts, and the names. People come alone, without their accounts: a known name costs no more."""
        users = () if self.user_id is None else (self.user_id,)
        return Needs(guesses=self.counts.keys, sign_ins=self.names, users=users)

    def decide(self, book: Book, now: Instant) -> Decision[Tried]:
        """Count the try, unless a shared budget is used up. Raises NotFound; TooManyTries while the account rests."""
        rows = [_after_failure(book.guesses.get(self.counts.account), self.counts.account, now)]
        for which, key in self.counts.shared:
            limit = book.rules.wrong_pins_per_hour * _TIMES[which]
            row, wait_ms = _taken(book.guesses.get(key), key, limit, now)
            if wait_ms > 0:
                return Draft(book, now).decision(Tried(user=None, wait_s=-(-wait_ms // 1000), empty=which))
            rows.append(row)
        draft = Draft(book, now)
        draft.put(*rows)
        users = [user for name in self.names if (user := book.sign_ins.get(name)) is not None]
        if self.user_id is not None:
            users = [book.user(self.user_id)]
        return draft.decision(Tried(user=users[0] if users else None))


class PinWasRight(msgspec.Struct, frozen=True, kw_only=True):
    """Take the try back, forget the account's failures, and note how long the PIN is."""

    counts: Counts
    user_id: UserId
    pin_digits: int

    def needs(self) -> Needs:
        return Needs(guesses=self.counts.keys, users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Set the account's count to 0; those of the address and of all lose this one try. Raises NotFound."""
        person, draft = book.person(self.user_id), Draft(book, now)
        draft.put(*forgotten(book, self.counts.account, now))
        for which, key in self.counts.shared:
            if (row := book.guesses.get(key)) is not None:
                cost_ms = PERIOD_MS // (book.rules.wrong_pins_per_hour * _TIMES[which])
                free_at = Instant(row.free_at - cost_ms)
                draft.put(msgspec.structs.replace(row, failures=max(0, row.failures - 1), free_at=free_at))
        if person.user.pin_digits != self.pin_digits:
            user = msgspec.structs.replace(person.user, pin_digits=self.pin_digits)
            draft.put(user)
            person = msgspec.structs.replace(person, user=user)
        return draft.decision(person)


def forgotten(book: Book, key: str, now: Instant) -> tuple[Guesses, ...]:
    """Return the row, if there is one, of an account whose failures no longer count."""
    if key not in book.guesses:
        return ()
    return (Guesses(guesses_key=key, failures=0, since=now, free_at=now, expires_at=now),)


def pause_ms(failures: int) -> int:
    """Return how long an account rests after so many failures in a row, fewer than `FAILURES_MAX`, in milliseconds."""
    if failures < FREE:
        return 0
    return min(PAUSE_MAX_MS, PAUSE_MIN_MS << min(failures - FREE, 20))


def _after_failure(row: Guesses | None, key: str, now: Instant) -> Guesses:
    """Return an account's count after one more failure. Raises TooManyTries during a pause."""
    if row is None or now >= row.expires_at or now < row.since:  # the last: the clock was set back
        row = Guesses(guesses_key=key, failures=0, since=now, free_at=now, expires_at=Instant(now + MONTH_MS))
    if (wait_ms := row.free_at - now) > 0:
        raise TooManyTries(retry_after=-(-wait_ms // 1000))
    failures = row.failures + 1
    free_at = row.expires_at if failures >= FAILURES_MAX else Instant(now + pause_ms(failures))
    return msgspec.structs.replace(row, failures=failures, free_at=free_at)


def _taken(row: Guesses | None, key: str, limit: int, now: Instant) -> tuple[Guesses, int]:
    """Return a budget after one more failure, and how long to wait, in milliseconds, if it had none left.

    GCRA: each failure costs `PERIOD_MS / limit` of time, of which a whole period may be spent ahead.
    """
    ahead_ms = 0 if row is None else row.free_at - now
    if row is None or not 0 < ahead_ms <= PERIOD_MS:  # all is free, or the clock was set back
        ahead_ms, row = 0, Guesses(guesses_key=key, failures=0, since=now, free_at=now, expires_at=now)
    ahead_ms += PERIOD_MS // limit
    paid = Instant(now + ahead_ms)
    return msgspec.structs.replace(row, failures=row.failures + 1, free_at=paid, expires_at=paid), ahead_ms - PERIOD_MS
