"""Groups: who belongs to what, as the subscribers to their topics and the streams to their owners."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import Final, Generic, TypeVar

_FEW: Final = 4  # up to so many members, as of one person, stay in a tuple: a quarter of a dict's memory

Member = TypeVar("Member", bound=Hashable)


class Groups(Generic[Member]):
    """Name → its members, each once, in the order in which they came; none may be a tuple or a dict. A name without
    members takes no memory, and one with a single member, as most have, no tuple. Many are the keys of a dict, which
    takes half to two thirds of a set's memory."""

    def __init__(self) -> None:
        self._members: dict[str, Member | tuple[Member, ...] | dict[Member, None]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member, names: Iterable[str]) -> None:
        """Let the member belong to these as well."""
        for name in names:
            members = self._members.get(name)
            if members is None:
                self._members[name] = member
            elif isinstance(members, dict):
                members[member] = None
            elif member not in (some := _some(members)):
                more = (*some, member)
                self._members[name] = more if len(more) <= _FEW else dict.fromkeys(more)

    def discard(self, member: Member, names: Iterable[str]) -> None:
        """Let the member belong to these no longer; it must belong to each of them now."""
        for name in names:
            members = self._members[name]
            if isinstance(members, dict):
                del members[member]
                if not members:
                    del self._members[name]
                continue
            left = tuple(other for other in _some(members) if other is not member)
            if left:
                self._members[name] = left if len(left) > 1 else left[0]
            else:
                del self._members[name]

    def everybody(self) -> set[Member]:
        """Return all members of anything."""
        return set().union(*map(_some, self._members.values()))

    def of(self, names: Sequence[str]) -> list[Member]:
        """Return the members of at least one of these, each once."""
        if len(names) == 1:
            members = self._members.get(names[0])
            return [] if members is None else list(members) if isinstance(members, tuple | dict) else [members]
        groups = [_some(group) for name in names if (group := self._members.get(name)) is not None]
        return list(groups[0] if len(groups) == 1 else dict.fromkeys(chain.from_iterable(groups)))


def _some(members: Member | tuple[Member, ...] | dict[Member, None]) -> tuple[Member, ...] | dict[Member, None]:
    return members if isinstance(members, tuple | dict) else (members,)
