"""The random histories reach every command of the domain, and every command is done in some of them."""

from collections import Counter
from typing import Any

import pytest

from festival_push.domain.book import KeyTaken
from festival_push.domain.refusals import Refused
from tests.domain.histories import HISTORY_OPENING, HISTORY_RULES, Historian, all_commands, history
from tests.support.festival import Festival

SEEDS = range(60)


@pytest.mark.parametrize("name", all_commands())
def test_every_command_is_in_the_histories(name: str) -> None:
    kind = all_commands()[name]
    for seed in range(20):
        assert isinstance(Historian(seed).of(kind), kind)


def test_a_seed_makes_one_history() -> None:
    assert history(7, 60) == history(7, 60) != history(8, 60)


def test_every_command_is_done_and_the_money_stays_whole() -> None:
    done: Counter[str] = Counter()
    for seed in SEEDS:
        festival = Festival(HISTORY_RULES)
        for command in HISTORY_OPENING:
            festival.do(command)
        for command in history(seed, 150):
            if _done(festival, command):
                done[type(command).__name__] += 1
        assert sum(account.balance for account in festival.book.accounts.values()) == 0
        assert all(account.balance >= 0 or account.overdraft for account in festival.book.accounts.values())
    assert sorted(set(all_commands()) - set(done)) == []


def _done(festival: Festival, command: Any) -> bool:
    try:
        festival.do(command)
    except Refused:
        return False
    except (KeyTaken, AssertionError):  # what the store makes a failed command of
        return False
    return True
