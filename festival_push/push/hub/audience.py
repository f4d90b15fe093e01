"""The audience: who of this process follows which topic, and so what it must hear of."""

from collections.abc import Callable, Sequence

from festival_push.domain.topics import user_topic
from festival_push.domain.values import Topic
from festival_push.push.groups import Groups
from festival_push.push.hub.backlog import Subscriber
from festival_push.push.hub.entries import Regrouping
from festival_push.push.hub.interest import Interest


class Audience:
    """The subscribers by topic.

    Attributes:
        interest: The marks of what they follow: an event with none of them is for nobody here.
        of: Returns the followers of at least one of some topics, each once.
    """

    def __init__(self) -> None:
        self.interest = Interest()
        self._groups: Groups[Subscriber] = Groups()
        self.of: Callable[[Sequence[Topic]], list[Subscriber]] = self._groups.of

    def __len__(self) -> int:
        """Return how many topics are followed."""
        return len(self._groups)

    def add(self, subscriber: Subscriber) -> None:
        """Let the subscriber follow its topics."""
        self._groups.add(subscriber, subscriber.topics)
        self.interest.follow(subscriber.topics)

    def discard(self, subscriber: Subscriber) -> None:
        """Let the subscriber follow nothing any more."""
        self._groups.discard(subscriber, subscriber.topics)
        self.interest.leave(subscriber.topics)

    def everybody(self) -> set[Subscriber]:
        """Return all subscribers."""
        return self._groups.everybody()

    def expect(self, change: Regrouping) -> None:
        """Hear the rooms of a change of rooms from here on, though its turn comes later: with `regroup` or `forgo`."""
        self.interest.follow(change.rooms)

    def forgo(self, change: Regrouping) -> None:
        """Drop a change of rooms that was expected."""
        self.interest.leave(change.rooms, lingers=False)

    def regroup(self, change: Regrouping) -> None:
        """Move the person's subscribers to the new rooms."""
        for subscriber in self.of([user_topic(change.user_id)]):
            if subscriber.owner == change.user_id:
                before = subscriber.topics
                subscriber.enter(change.rooms, at=change.position)
                left = set(before).difference(subscriber.topics)
                entered = set(subscriber.topics).difference(before)
                self._groups.discard(subscriber, left)
                self._groups.add(subscriber, entered)
                self.interest.leave(left)
                self.interest.follow(entered)
        self.forgo(change)
