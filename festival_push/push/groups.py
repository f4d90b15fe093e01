"""Groups: who belongs to what, as the subscribers to their topics and the streams to their owners."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Final, Generic, TypeVar

_FEW: Final = 4  # up to so many members, as of one person, stay in a tuple: a quarter of a set's memory

Member = TypeVar("Member", bound=Hashable)


class Groups(Generic[Member]):
    """Name → its members, each once. A name without members takes no memory."""

    def __init__(self) -> None:
        self._members: dict[str, tuple[Member, ...] | set[Member]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member, names: Iterable[str]) -> None:
        """Let the member belong to these as well."""
        for name in names:
            members = self._members.get(name, ())
            if isinstance(members, set):
                members.add(member)
            elif member not in members:
                more = (*members, member)
                self._members[name] = more if len(more) <= _FEW else set(more)

    def discard(self, member: Member, names: Iterable[str]) -> None:
        """Let the member belong to these no longer; it must belong to each of them now."""
        for name in names:
            members = self._members[name]
            if isinstance(members, set):
                members.discard(member)
            else:
                members = self._members[name] = tuple(other for other in members if other is not member)
            if not members:
                del self._members[name]

    def everybody(self) -> set[Member]:
        """Return all members of anything."""
        return set().union(*self._members.values())

    def of(self, names: Sequence[str]) -> list[Member]:
        """Return the members of at least one of these, each once."""
        if len(names) == 1:
            return list(self._members.get(names[0], ()))
        groups = [group for name in names if (group := self._members.get(name))]
        return list(groups[0]) if len(groups) == 1 else list(set().union(*groups))
