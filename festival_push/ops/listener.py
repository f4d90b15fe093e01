"""Between the committer and those who tell of its commits."""

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Broker
from festival_push.push.news.tail import Tail
from festival_push.store.writing.lineage import Renewed


class Listener:
    """What the committer tells the tail and the broker, once there are any: they need the database that it opens."""

    def __init__(self) -> None:
        self._tail: Tail | None = None
        self._broker: Broker | None = None

    def begin(self, tail: Tail, broker: Broker) -> None:
        """Hand on from now on."""
        self._tail, self._broker = tail, broker

    def told(self) -> int:
        """Return the last position that our streams were told of."""
        return 0 if self._tail is None else self._tail.position

    def on_renewed(self, renewed: Renewed) -> None:
        """Follow the log under its new epoch."""
        if self._tail is not None:
            self._tail.renew(renewed.epoch, renewed.position)

    def on_committed(self, rows: tuple[LogRow, ...]) -> None:
        """Tell our streams, and the other processes."""
        if self._tail is not None and self._broker is not None:
            self._tail.offer(rows)
            self._broker.publish(rows)
