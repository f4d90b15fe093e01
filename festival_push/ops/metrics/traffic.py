"""Counts answers by method, route and status, how fast they were, and problems by their code."""

from collections import Counter

from festival_push.ops.metrics.definitions import HTTP_SECONDS
from festival_push.store.histogram import Histogram


class Traffic:
    """The answers of this process, by method, route and class of status; each has few values."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str, int], Histogram] = {}
        self.problems: Counter[str] = Counter()  # by code; a closed set too
        self.reports: Counter[tuple[str, str]] = Counter()  # proven ones, by configured provider and outcome

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            method, route: From closed sets, because each pair takes memory for good.
            status: 100..599.
            seconds: Time to the head of the answer.
        """
        key = (method, route, status // 100)
        answers = self.answers.get(key)
        if answers is None:
            answers = self.answers[key] = Histogram(HTTP_SECONDS)
        answers.add(seconds)
