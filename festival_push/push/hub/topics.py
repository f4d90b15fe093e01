"""The subscribers of each topic, inside one process."""

from collections.abc import Iterable, Sequence
from typing import Final

from festival_push.domain.values import Topic
from festival_push.push.hub.backlog import Subscriber

_FEW: Final = 4  # up to so many subscribers, as of one person, stay in a tuple: a quarter of a set's memory


class TopicIndex:
    """Topic → its subscribers, each once."""

    def __init__(self) -> None:
        self._followers: dict[Topic, tuple[Subscriber, ...] | set[Subscriber]] = {}

    def __len__(self) -> int:
        return len(self._followers)

    def add(self, subscriber: Subscriber, topics: Iterable[Topic]) -> None:
        """Let the subscriber follow these topics as well."""
        for topic in topics:
            followers = self._followers.get(topic, ())
            if isinstance(followers, set):
                followers.add(subscriber)
            elif subscriber not in followers:
                more = (*followers, subscriber)
                self._followers[topic] = more if len(more) <= _FEW else set(more)

    def discard(self, subscriber: Subscriber, topics: Iterable[Topic]) -> None:
        """Let the subscriber follow these topics no longer; it must follow each of them now."""
        for topic in topics:
            followers = self._followers[topic]
            if isinstance(followers, set):
                followers.discard(subscriber)
            else:
                followers = self._followers[topic] = tuple(other for other in followers if other is not subscriber)
            if not followers:
                del self._followers[topic]

    def everybody(self) -> set[Subscriber]:
        """Return all subscribers of any topic."""
        return set().union(*self._followers.values())

    def of(self, topics: Sequence[Topic]) -> list[Subscriber]:
        """Return the subscribers of at least one of these topics, each once."""
        groups = [group for topic in topics if (group := self._followers.get(topic))]
        return list(groups[0]) if len(groups) == 1 else list(set().union(*groups))
