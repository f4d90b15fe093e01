"""The sign-in name: what somebody signs in with besides the PIN. Nobody else is shown it."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.signing_in.refusals import SignInTaken
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Instant, UserId, VendorId


def sign_in_key(name: str) -> str:
    """Return what a sign-in name is looked up by: case, blanks and hyphens don't matter. ASCII only."""
    return name.lower().replace("-", "").replace(" ", "") or name.strip()


def sign_in_names(typed: str) -> tuple[str, ...]:
    """Return the keys that somebody who typed this may have: as it is written, which a few people of before need, then
    as `sign_in_key`. Always two, so that every name costs the same."""
    return typed.strip(), sign_in_key(typed)


class RenewSignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Give oneself another sign-in name; the old one is forgotten."""

    REFUSES: ClassVar[Refusals] = (SignInTaken,)

    user_id: UserId
    sign_in: str

    def needs(self) -> Needs:
        """Name the person, the name, and the stalls whose ids it might be."""
        names = sign_in_names(self.sign_in)
        return Needs(users=(self.user_id,), sign_ins=names, vendors=tuple(map(VendorId, dict.fromkeys(names))))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Set it. Raises NotFound, Suspended; SignInTaken if somebody has it, or if others know it as an id."""
        person = book.actor(self.user_id)
        require_free(book, self.user_id, self.sign_in)
        changed = msgspec.structs.replace(person.user, sign_in=self.sign_in, sign_in_key=sign_in_key(self.sign_in))
        draft = Draft(book, now)
        draft.put(changed)
        draft.tell(UserChanged(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        draft.notify(user_topic(self.user_id), "sign-in-changed")
        return draft.decision(msgspec.structs.replace(person, user=changed))


def require_free(book: Book, user_id: UserId, sign_in: str, *, is_id: bool = False) -> None:
    """Raise SignInTaken if somebody else has this sign-in name, or a stall has it as its id.

    Args:
        is_id: The person's own id may be the name, as the command line may make it.
    """
    names = sign_in_names(sign_in)
    others = (user for name in names if (user := book.sign_ins.get(name)) is not None and user.user_id != user_id)
    stalls = any(VendorId(name) in book.vendors for name in names)
    own = not is_id and sign_in_key(sign_in) == sign_in_key(user_id)
    if next(others, None) is not None or stalls or own:
        raise SignInTaken
