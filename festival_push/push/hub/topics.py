"""Who follows which topic, inside one process."""

from collections.abc import Iterable, Sequence
from typing import Final

from festival_push.domain.values import Topic
from festival_push.push.hub.backlog import Subscriber

_FEW: Final = 4  # streams, of a person as a rule: in a tuple, which takes a quarter of a set's memory


class TopicIndex:
    """Topic → its followers, each once."""

    def __init__(self) -> None:
        self._followers: dict[Topic, tuple[Subscriber, ...] | set[Subscriber]] = {}

    def __len__(self) -> int:
        return len(self._followers)

    def add(self, subscriber: Subscriber, topics: Iterable[Topic]) -> None:
        """It follows these as well."""
        for topic in topics:
            followers = self._followers.get(topic, ())
            if isinstance(followers, set):
                followers.add(subscriber)
            elif subscriber not in followers:
                more = (*followers, subscriber)
                self._followers[topic] = more if len(more) <= _FEW else set(more)

    def discard(self, subscriber: Subscriber, topics: Iterable[Topic]) -> None:
        """It follows these no longer."""
        for topic in topics:
            followers = self._followers[topic]
            if isinstance(followers, set):
                followers.discard(subscriber)
            else:
                followers = self._followers[topic] = tuple(other for other in followers if other is not subscriber)
            if not followers:
                del self._followers[topic]

    def everybody(self) -> set[Subscriber]:
        """Whoever follows anything."""
        return set().union(*self._followers.values())

    def of(self, topics: Sequence[Topic]) -> list[Subscriber]:
        """Everybody who follows one of these, each once."""
        groups = [group for topic in topics if (group := self._followers.get(topic))]
        return list(groups[0]) if len(groups) == 1 else list(set().union(*groups))
