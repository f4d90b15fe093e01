"""Room for streams: the limit of open files is raised as far as it may be."""

import resource

import pytest

from festival_push.simulate.machine import files
from festival_push.simulate.plan import SimulationError


class Limits:
    """The limits of a process that is not this one."""

    def __init__(self, soft: int, hard: int) -> None:
        self.now = (soft, hard)

    def get(self, _: int) -> tuple[int, int]:
        return self.now

    def set(self, _: int, limits: tuple[int, int]) -> None:
        self.now = limits


def limits_of(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> Limits:
    limits = Limits(soft, hard)
    monkeypatch.setattr(resource, "getrlimit", limits.get)
    monkeypatch.setattr(resource, "setrlimit", limits.set)
    return limits


def test_enough_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = limits_of(monkeypatch, 8_192, 8_192)
    assert files.make_room(5_000) == 8_192
    assert limits.now == (8_192, 8_192)


@pytest.mark.parametrize("hard", [8_192, resource.RLIM_INFINITY])
def test_the_soft_limit_is_raised_to_what_is_needed(monkeypatch: pytest.MonkeyPatch, hard: int) -> None:
    limits = limits_of(monkeypatch, 1_024, hard)
    raised = files.make_room(5_000)
    assert raised > 5_000
    assert limits.now == (raised, hard)


def test_more_than_the_hard_limit_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = limits_of(monkeypatch, 1_024, 4_096)
    with pytest.raises(SimulationError, match=r"5000 streams need \d+ open files, and this process may have 4096"):
        files.make_room(5_000)
    assert limits.now == (1_024, 4_096)
