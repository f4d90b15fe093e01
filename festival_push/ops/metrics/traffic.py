"""How many requests were answered, where, how, and how fast."""

from festival_push.ops.metrics.definitions import HTTP_SECONDS
from festival_push.store.histogram import Histogram


class Traffic:
    """The answers of this process, by method, route and class of status; there are few of each."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str, int], Histogram] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            method, route: From closed sets: each pair of them takes memory for ever.
            status: 100..599.
        """
        key = (method, route, status // 100)
        answers = self.answers.get(key)
        if answers is None:
            answers = self.answers[key] = Histogram(HTTP_SECONDS)
        answers.add(seconds)
