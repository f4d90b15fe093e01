"""Keepers: who works at a stall and who owns it. Owners and organisers appoint and dismiss; anybody may go."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.endings import end_things, things_of
from festival_push.domain.people.relations import Act, Person, person_of, require
from festival_push.domain.people.standing import changed_standing
from festival_push.domain.refusals import NotFound, OwnsStall, Refusals, TooManyKeepers, TooManyStalls
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Keeper, User, keeper_id
from festival_push.domain.stalls.opening import tell_stall
from festival_push.domain.topics import SYSTEM, own_topics, stall_topic, user_topic
from festival_push.domain.values import Instant, Part, Topic, UserId, VendorId
from festival_push.domain.words.rooms import change_rooms

STALLS_MAX: Final = 20
"""How many stalls one person may keep: a stream follows the topics of all of them, and one replay reads a few dozen."""
KEEPERS_MAX: Final = 200
"""How many people may keep one stall."""


class AppointKeeper(msgspec.Struct, frozen=True, kw_only=True):
    """Let somebody keep a stall, or change which part they have in it."""

    REFUSES: ClassVar[Refusals] = (OwnsStall, TooManyKeepers, TooManyStalls)

    actor_id: UserId
    vendor_id: VendorId
    user_id: UserId
    part: Part

    def needs(self) -> Needs:
        return Needs(
            users=(self.actor_id, self.user_id),
            readers=(self.user_id,),
            vendors=(self.vendor_id,),
            keepers_of=(self.vendor_id,),
            rooms=(self.user_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Appoint them; nothing happens if they have this part already. Reply with the person as they are then.

        Raises Forbidden; NotFound for an unknown person, and for someone else's stall; OwnsStall if the only owner
        would be none any more; TooManyKeepers, TooManyStalls.
        """
        vendor = book.own_stall(self.actor_id, self.vendor_id, Act.APPOINT_KEEPER)
        draft = Draft(book, now, user=self.actor_id)
        before = book.person(self.user_id)
        after = appoint(draft, before, vendor.vendor_id, self.part)
        if after != before:
            was, is_now = changed_standing(before, after)
            leave_rooms(draft, self.user_id, *own_topics(after))
            draft.deed(DeedKind.APPOINT, "user", self.user_id, before=was, after=is_now)
            draft.tell(UserChanged(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        return draft.decision(after)


class DismissKeeper(msgspec.Struct, frozen=True, kw_only=True):
    """End somebody's part in a stall; they may do it themselves."""

    REFUSES: ClassVar[Refusals] = (OwnsStall,)

    actor_id: UserId
    vendor_id: VendorId
    user_id: UserId

    def needs(self) -> Needs:
        return Needs(
            users=(self.actor_id, self.user_id),
            vendors=(self.vendor_id,),
            keepers_of=(self.vendor_id,),
            rooms=(self.user_id,),
            **things_of(self.user_id),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Dismiss them; they leave all their rooms, and what they made for the stall ends.

        Reply with the person as they are then.

        Raises Forbidden; NotFound for someone else's stall, and for somebody who does not keep it; OwnsStall for the
        only owner.
        """
        actor = book.actor(self.actor_id)
        require(actor, Act.DISMISS_KEEPER, user_id=self.user_id, vendor_id=self.vendor_id, what="vendor")
        book.vendor(self.vendor_id)
        if keeper_id(self.vendor_id, self.user_id) not in book.keepers:
            raise NotFound(what="keeper")
        draft = Draft(book, now, user=self.actor_id)
        before = book.person(self.user_id)
        after = dismiss(draft, before, (self.vendor_id,))
        was, is_now = changed_standing(before, after)
        leave_rooms(draft, self.user_id)
        over = end_things(draft, after)
        draft.deed(DeedKind.DISMISS, "user", self.user_id, before=was, after={**is_now, **over})
        draft.tell(UserChanged(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        return draft.decision(after)


def appoint(draft: Draft, person: Person, vendor_id: VendorId, part: Part) -> Person:
    """Give a person a part in a stall whose keepers are loaded, notify both, and return the person with it.

    The caller tells the streams that the person has changed. Raises OwnsStall, TooManyKeepers, TooManyStalls.
    """
    book, key = draft.book, keeper_id(vendor_id, person.user_id)
    known = book.keepers.get(key)
    if known is not None and known.part is part:
        return person
    if known is None and len(person.stalls) >= STALLS_MAX:
        raise TooManyStalls(stalls_max=STALLS_MAX)
    if known is None and len(book.keepers_of(vendor_id)) >= KEEPERS_MAX:
        raise TooManyKeepers(keepers_max=KEEPERS_MAX)
    if known is not None and known.part is Part.OWNER:
        _require_other_owner(book, known)
    keeper = Keeper(
        keeper_id=key,
        vendor_id=vendor_id,
        user_id=person.user_id,
        part=part,
        created_at=draft.now if known is None else known.created_at,
    )
    if known is None:
        draft.new(keeper)
    else:
        draft.put(keeper)
    user = caught_up(book, person.user) if known is None else person.user
    if user != person.user:
        draft.put(user)
    others = [other for other in book.keepers_of(vendor_id) if other.keeper_id != key]
    attend(draft, vendor_id, [*others, keeper])
    stall = book.vendor(vendor_id).name
    owns = part is Part.OWNER
    draft.notify(user_topic(person.user_id), "you-own" if owns else "you-keep", stall=stall)
    draft.notify(stall_topic(vendor_id), "owner-came" if owns else "keeper-came", name=person.name, stall=stall)
    own = [each for each in book.keepers.values() if each.user_id == person.user_id and each.keeper_id != key]
    return person_of(user, [*own, keeper])


def dismiss(draft: Draft, person: Person, vendor_ids: tuple[VendorId, ...]) -> Person:
    """End a person's parts in these stalls, whose keepers are loaded, notify both, and return the person without.

    The caller takes the person out of their rooms and tells the streams that they have changed. Raises OwnsStall.
    """
    book = draft.book
    gone = [book.keepers[keeper_id(vendor_id, person.user_id)] for vendor_id in vendor_ids]
    for keeper in gone:
        if keeper.part is Part.OWNER:
            _require_other_owner(book, keeper)
        draft.drop(keeper)
        attend(draft, keeper.vendor_id, [each for each in book.keepers_of(keeper.vendor_id) if each != keeper])
        stall = book.vendor(keeper.vendor_id).name
        draft.notify(user_topic(person.user_id), "you-left", stall=stall)
        draft.notify(stall_topic(keeper.vendor_id), "keeper-left", name=person.name, stall=stall)
    left = [each for each in book.keepers.values() if each.user_id == person.user_id and each not in gone]
    return person_of(person.user, left)


def attend(
    draft: Draft, vendor_id: VendorId, keepers: list[Keeper], *, suspended: dict[UserId, bool] | None = None
) -> None:
    """Keep `Vendor.attended` right: whether one of these keepers is not suspended.

    Args:
        keepers: All of them, as the draft leaves them.
        suspended: What the draft changes of it, by person.
    """
    states = {user.user_id: user.suspended for user in draft.book.users.values()} | (suspended or {})
    attended = any(not states.get(each.user_id, False) for each in keepers)  # whoever is not there yet is new
    vendor = draft.book.vendor(vendor_id)
    if vendor.attended is not attended:
        vendor = msgspec.structs.replace(vendor, attended=attended)
        draft.put(vendor)
        tell_stall(draft, vendor)


def caught_up(book: Book, user: User) -> User:
    """Return a reader who is about to follow more topics, so that what was told there before is no news to them.

    Only where nothing is unread: else one position could not tell what they have read.
    """
    if book.unread.get(user.user_id):
        return user
    return msgspec.structs.replace(user, read_up_to=max(user.read_up_to, book.position))


def leave_rooms(draft: Draft, user_id: UserId, *topics: Topic) -> None:
    """Take a person, whose rooms are loaded, out of these, which are their own now; without any out of all of them:
    they may no longer be allowed to see them."""
    if (rooms := draft.book.rooms.get(user_id)) is not None:
        kept = tuple(topic for topic in rooms.topics if topics and topic not in topics)
        if kept != rooms.topics:
            change_rooms(draft, user_id, kept)


def _require_other_owner(book: Book, owner: Keeper) -> None:
    """Raise OwnsStall if, without this one, no owner would be left who is not suspended."""
    others = (other for other in book.keepers_of(owner.vendor_id) if other.keeper_id != owner.keeper_id)
    if not any(other.part is Part.OWNER and not book.users[other.user_id].suspended for other in others):
        raise OwnsStall
